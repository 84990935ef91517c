# shellcheck shell=sh
# flip FILE OFFSET: alter one byte, whatever it is: what is written over sealed
# bytes at random is now and then what was there.
flip() {
	flipped=$(($(od -An -tu1 -j "$2" -N 1 "$1") ^ 85))
	# shellcheck disable=SC2059 # the byte is the format
	printf "\\$(printf %03o "$flipped")" |
	    dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
