# Customers, records and notes; see dataset.sh.  Needs data and rows.

# Check digits of an IBAN (ISO 13616): 98 - (BBAN, country, 00) mod 97, letters
# as two digits each: D 13, E 14.
function iban(bank, account,    text, i, rest) {
	text = bank account "131400"
	for (i = 1; i <= length(text); i++)
		rest = (rest * 10 + substr(text, i, 1)) % 97
	return sprintf("DE%02d%s%s", 98 - rest, bank, account)
}

function quoted(s) {
	if (s !~ /[",\n]/) return s
	gsub(/"/, "\"\"", s)
	return "\"" s "\""
}

function json(s) {
	gsub(/\\/, "\\\\", s)
	gsub(/"/, "\\\"", s)
	gsub(/\n/, "\\n", s)
	return "\"" s "\""
}

function date(from, to) {
	return sprintf("%04d-%02d-%02d", between(from, to), between(1, 12),
	    between(1, 28))
}

function complaint(    s) {
	s = pick("The display stays dark|It makes a grinding noise|" \
	    "The door does not close|Water drips from below|" \
	    "The invoice is wrong|Nobody came on the day agreed|" \
	    "The new part is too short|It smells of \"burnt\" rubber")
	s = s pick(".|, again.| since last week.|, and the manual says nothing.")
	if (below(4) == 0)
		s = s pick("\nPlease call back.|\nThis is the third time.")
	return s
}

BEGIN {
	seed(20261123)
	first = "Ada|Bela|Carla|Dario|Edda|Farid|Greta|Hugo|Ines|Jonas|Kira|" \
	    "Leo|Mina|Noor|Olga|Pavel|Quirin|Rosa|Sven|Tara|Uwe|Vera|Wim|Yara"
	last = "Ahlers|Brandt|Czerny|Demir|Eriksen|Fontane|Grube|Haddad|" \
	    "Ivanov|Jansen|Kowalski|Lindner|Moreau|Novak|O'Brien|Peters|" \
	    "Quast|Rossi|Schäfer|Tanaka|Ulrich|Vogel|Weiß|Zimmermann"
	city = "Aarlen|Birkow|Castrup|Dunsee|Elmhagen|Fahrenau|Glinde|Hohenau"

	file = data "/customers.csv"
	print "customer_id,name,email,phone,iban,born,city,postcode," \
	    "complaint" >file
	for (i = 1; i <= rows; i++) {
		id = sprintf("C-%06d", i)
		given = pick(first)
		family = pick(last)
		born = date(1935, 2006)
		name[i] = given " " family
		birth[i] = born
		place = pick(city)
		mail = tolower(given) "." i "@" pick("example.com|" \
		    "example.net|example.org")
		phone = sprintf("+44 7700 900%03d", below(1000))
		account = sprintf("%05d%05d", below(100000), below(100000))
		bank = sprintf("0%07d", below(10000000))
		print id "," quoted(family ", " given) "," mail "," phone \
		    "," iban(bank, account) "," born "," place "," \
		    sprintf("%05d", between(1000, 99999)) "," \
		    quoted(complaint()) >file
	}
	close(file)

	file = data "/records.jsonl"
	for (i = 1; i <= rows / 5; i++) {
		k = between(1, rows)
		text = "{\"id\":\"R-" sprintf("%05d", i) "\",\"customer\":{" \
		    "\"id\":\"" sprintf("C-%06d", k) "\",\"name\":" \
		    json(name[k]) ",\"born\":\"" birth[k] "\"},\"device\":{" \
		    "\"model\":\"" pick("D40|D60|F2|F2 plus") "\",\"serial\":" \
		    between(100000, 999999) ",\"age\":" below(14) "},\"visits\":["
		n = between(0, 3)
		for (v = 1; v <= n; v++)
			text = text (v > 1 ? "," : "") "{\"on\":\"" \
			    date(2024, 2025) "\",\"code\":\"E" between(10, 49) \
			    "\",\"minutes\":" between(5, 180) ",\"note\":" \
			    json(name[k] " said: " complaint()) "}"
		print text "],\"tags\":[\"" pick("warranty|paid|open") \
		    "\"]}" >file
	}
	close(file)

	for (i = 1; i <= rows / 50; i++) {
		file = data "/notes/" sprintf("visit-%04d.txt", i)
		k = between(1, rows)
		print "Visit on " date(2024, 2025) " at " name[k] "'s, " \
		    pick(city) ".\n" complaint() "\n" \
		    "Replaced the seal; " name[k] " signed." >file
		close(file)
	}
}
