# National numbers: a third of a million made by templates, of a hundred kinds,
# are found with their check digit where python3-stdnum holds them for valid,
# and nowhere else but where the table in detect_numbers.py says why.
set -eu

for python in python3 /usr/bin/python3; do
	"$python" -c 'import stdnum' 2>/dev/null && break
	python=
done
[ -n "$python" ] || { echo "no python3-stdnum here"; exit 77; }
"$python" "$TOP/tests/interop/detect_numbers.py" "$HANDOFF" 1
