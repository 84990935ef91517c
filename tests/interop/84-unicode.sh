# Every character that Python's tables call a blank, a hyphen, a digit or a
# format character is read as one: a text with it between the words of what is
# denied, or in a number, has nothing left of it.  What another program's
# newer Unicode has as well is said.
set -eu

command -v python3 >/dev/null || { echo "no python3 here"; exit 77; }

cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: []
detect: {deny: [Project Nightfall, X-17, Nightshade, 0123456789]}
files:
  - match: "*.txt"
    type: text
    text: detect
P

cat >write.py <<'P'
import unicodedata, sys

rows = []
for c in range(0x80, 0x110000):
    kind = unicodedata.category(chr(c))
    wide = unicodedata.normalize("NFKC", chr(c))
    if kind in ("Zs", "Zl", "Zp"):
        rows.append((c, kind, "Project%cNightfall" % c))
    elif kind == "Pd":
        rows.append((c, kind, "X%c17" % c))
    elif kind == "Cf" and not 0xe0020 <= c <= 0xe007e:
        rows.append((c, kind, "Night%cshade" % c))
    elif kind == "Nd" and unicodedata.digit(chr(c)) == 0:
        rows.append((c, kind, "".join(chr(c + i) for i in range(10))))
    elif 0xff01 <= c <= 0xff5e and wide.isalnum():
        name = {"N": "%cightshade", "h": "Nig%ctshade", "0": "%c123456789"}
        if wide in name:
            rows.append((c, "full-width", name[wide] % c))
with open("chars.txt", "w", newline="") as out, open("names.txt", "w") as names:
    for c, kind, text in rows:
        out.write("U %s\n" % text)
        names.write("U+%04X %s\n" % (c, kind))
print("%d characters of Unicode %s" % (len(rows), unicodedata.unidata_version))
P
python3 write.py
"$HANDOFF" sanitise chars.txt --policy policy.yaml -o out.txt >/dev/null
# U+2028 and the like are no ends of lines for paste
paste -d' ' names.txt out.txt | grep -v ' U <[A-Z_]*>$' >left.txt || true
[ "$(wc -l <names.txt)" = "$(wc -l <out.txt)" ]
[ ! -s left.txt ] || { cat left.txt; exit 1; }
