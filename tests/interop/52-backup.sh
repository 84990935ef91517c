#!/bin/sh
# A backup opened by age, tar and sqlite3 alone, with the recipe of
# docs/FORMATS.md, and an archive that GNU tar makes of it restored.
set -eu

for tool in age tar sqlite3 jq; do
	command -v $tool >/dev/null || { echo "no $tool here"; exit 77; }
done

"$HANDOFF" keygen -o key 2>/dev/null
age-keygen -o recovery.key 2>/dev/null
to=$(age-keygen -y recovery.key)
"$HANDOFF" init --home owner --name clinic --recovery "$to" -i key >/dev/null
"$HANDOFF" backup home.age --home owner -i key >/dev/null

awk '!on && index($0, "takes an archive of exactly this form") { on = 1; next }
	on && /^    / { print substr($0, 5); some = 1; next }
	on && some { exit }' "$TOP/docs/FORMATS.md" >recipe
[ -s recipe ]
sh -eu recipe >out
head -n 1 out | grep -q 'catalog.db$' # it comes first
! grep '\.age$\|\.db$\|\.vkey$\|\.json$' out | grep -qv '^-rw-r--r-- 0/0 ' ||
	{ cat out; exit 1; }
grep '^{' out >entries
"$HANDOFF" audit list --home owner --json | head -n "$(wc -l <entries)" |
	jq -cS .entry >ours
jq -cS . entries | cmp - ours
[ "$(wc -l <entries)" -ge 2 ]

# The same files, put together by GNU tar and sealed by age.
mkdir opened
age -d -i recovery.key home.age | tar x -C opened
(cd opened && find . -type f | sed 's,^\./,,' | sort >../names)
tar c -C opened --format=ustar --mtime=@0 --owner=0 --group=0 --numeric-owner \
	--mode=644 -b 1 -T names >again.tar
age -r "$to" -o again.age again.tar
"$HANDOFF" restore again.age --home back -i recovery.key --new-identity key >/dev/null
"$HANDOFF" audit verify --home back >/dev/null
