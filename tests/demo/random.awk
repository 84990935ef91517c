# Numbers that are the same in every awk: srand() and rand() are not.
# S. K. Park and K. W. Miller, "Random number generators: good ones are hard to
# find" (1988): every product stays below 2^53.

function seed(n) { state = n % 2147483646 + 1 }

# A whole number from 0 to n - 1.
function below(n) {
	state = (16807 * state) % 2147483647
	return int(state / 2147483647 * n)
}

function between(low, high) { return low + below(high - low + 1) }

function pick(list,    words, n) {
	n = split(list, words, "|")
	return words[1 + below(n)]
}
