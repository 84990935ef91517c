# ingest: from pictures that were rotated to labels in their own pixels, over a
# real batch; returns that are not what they say; kill -9 anywhere.
set -eu

for tool in convert exiftool jq; do
	command -v $tool >/dev/null || { echo "no $tool here"; exit 77; }
done
umask 077
"$HANDOFF" keygen -o owner.key 2>/dev/null
"$HANDOFF" keygen -o vendor.key 2>/dev/null
owner() { "$HANDOFF" "$@" --home owner -i owner.key; }
vendor() { "$HANDOFF" "$@" --home vendor -i vendor.key; }
print() { "$HANDOFF" card --show "$1" --json | sed 's/.*"fingerprint":"\([^"]*\)".*/\1/'; }
"$HANDOFF" keygen -o recovery.key 2>/dev/null
owner init --name demo --recovery "$("$HANDOFF" keygen -y recovery.key)" >/dev/null
"$HANDOFF" card --home owner >owner.card
vendor enroll --owner owner.card --no-recovery \
	--fingerprint "$(print owner.card)" acme >/dev/null
"$HANDOFF" card --home vendor >acme.card
owner vendor add acme acme.card --country NL \
	--fingerprint "$(print acme.card)" >/dev/null
echo paper >nda.txt
owner agreement add acme nda nda.txt --from 2020-01-01 >/dev/null

# Pictures with one red square each, which their Orientation turns; 61 pixels
# wide, so that some cannot be turned without loss and leave with the tag.
mkdir -p data
i=0
for o in 1 2 3 4 5 6 7 8; do
	for size in 80x64 61x47; do
		i=$((i + 1))
		convert -size $size xc:black -fill red \
			-draw 'rectangle 8,16 31,23' -sampling-factor 1x1 \
			-quality 98 "data/p$i.jpg"
		exiftool -q -overwrite_original -n -Orientation=$o "data/p$i.jpg"
	done
done
cat >policy.yaml <<'P'
handoff: 1
project: triage
purpose: train
recipients: [acme]
retention: 90d
agreements: [nda]
files:
  - match: "*.jpg"
    type: jpeg
    metadata: drop
    pixels: keep
labels: {kind: boxes, classes: [square], golden: {metric: mean_iou, pass: 0.8}}
P
# The owner knows two answers, in the stored pixels.
box='{"class":"square","x":8,"y":16,"w":24,"h":8}'
printf '{"item":"%s","boxes":[%s]}\n' p11.jpg "$box" p16.jpg "$box" >golden.jsonl
owner export data --policy policy.yaml --vendor acme --name first \
	--golden golden.jsonl >/dev/null
owner batch approve first --yes >/dev/null

# The agent, for as long as things come and go.
agent=
stop() { [ -z "$agent" ] || { kill "$agent" && wait "$agent"; } || :; agent=; }
trap stop EXIT
"$HANDOFF" agent --home owner --identity owner.key \
	--listen 127.0.0.1:0 >agent.log 2>&1 &
agent=$!
for _ in $(seq 100); do
	at=$(sed -n 's/.*listening on \(127[0-9.:]*\).*/\1/p' agent.log)
	[ -z "$at" ] || break
	sleep 0.1
done
[ -n "$at" ] || { cat agent.log; exit 1; }
vendor inbox --agent "$at" >/dev/null
vendor fetch "https://$at" -o fetched >/dev/null
[ "$(find fetched -name '*.jpg' | wc -l)" = 16 ]

# What a labeller sees: the picture upright, and the smallest box round red.
see() {
	for picture in fetched/*.jpg; do
		item=${picture##*/}
		convert "$picture" -auto-orient +repage -fuzz 40% -fill black +opaque red \
			-trim -format "%w %h %X %Y" info: | tr -d + |
		awk -v item="${item%%.*}" '{ print "{\"item\":\"" item \
			"\",\"annotator\":\"a\",\"at\":\"2026-01-01T00:00:00Z\"," \
			"\"boxes\":[{\"class\":\"square\",\"x\":" $3 ",\"y\":" $4 \
			",\"w\":" $1 ",\"h\":" $2 "}]}" }'
	done
}
see >labels.jsonl
vendor return first labels.jsonl --complete >/dev/null
owner ingest --all -o accepted --json >report.json
one() { jq -r ".returns[0]$1" report.json; }
[ "$(one .verdict)" = accepted ] || { cat report.json; exit 1; }
[ "$(one .score.passed)" = true ]
out=accepted/$(one .return)
[ "$(wc -l <"$out/labels.jsonl")" = 16 ]
jq -r '"\(.item) \(.boxes[0] | "\(.x) \(.y) \(.w) \(.h)")"' \
	"$out/labels.original.jsonl" >boxes
[ "$(wc -l <boxes)" = 16 ]
# JPEG blurs the edges by a pixel or two; a wrong turn is further off.
awk 'function off(v, want) { return v < want - 3 || v > want + 3 }
	off($2, 8) || off($3, 16) || off($4, 24) || off($5, 8) {
		print "in the original: " $0; bad = 1
	}
	END { exit bad }' boxes
# ... as ImageMagick sees it in the stored pixels
convert data/p11.jpg -fuzz 40% -fill black +opaque red -trim \
	-format "%w %h %X %Y\n" info: | tr -d + >seen
[ "$(cat seen)" = "$(awk '$1 == "p11.jpg" { print $4, $5, $2, $3 }' boxes)" ]
jq -e '.images | length == 16' "$out/labels.original.coco.json" >/dev/null
[ "$(wc -l <"$out/open.csv")" = 1 ]
[ -z "$(find owner/quarantine -mindepth 1 ! -name '*.spoken' ! -name '*.golden')" ]
[ "$(one .golden)" = passed ]
# Of a return that is whole the vendor is told; the same command asks.
[ "$(one .told)" = accepted ]
[ "$(vendor return first labels.jsonl --complete --json | jq -r .state)" = accepted ]

# Once is enough, and there is nothing more to do.
rc=0
owner ingest "$(one .return)" -o accepted 2>err || rc=$?
[ $rc = 3 ] && grep -q 'taken in already' err
owner ingest --all -o accepted | grep -q 'no return waits'
rc=0
owner ingest ghost -o accepted 2>err || rc=$?
[ $rc = 6 ] && [ "$(cat err)" = 'handoff: ingest: ghost: no such file' ]
