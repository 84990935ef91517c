# Label files by hand: check, convert, score and agree do what they say, say
# what is wrong with its line, and end with the status that scripts rely on.
set -eu

A=aaaaaaaaaaaaaaaaaaaaaaaaaa B=bbbbbbbbbbbbbbbbbbbbbbbbbb
WHO='"annotator":"ann","at":"2026-11-01T10:00:00Z"'

refuses() { # STATUS COMMAND...
	want=$1 rc=0
	shift
	"$@" >out 2>err || rc=$?
	[ $rc -eq "$want" ] || { echo "$*: status $rc, not $want"; cat out err; exit 1; }
}
says() { grep -q -e "$2" "$1" || { echo "no '$2' in $1:"; cat "$1"; exit 1; }; }

echo '{"kind":"boxes","classes":["cat","dog"],"formats":["jsonl","coco"]}' >contract
cat >items <<EOT
{"item":"$A","type":"jpeg","width":100,"height":50,"size":3,"digest":"00"}
{"item":"$B","type":"jpeg","width":50,"height":100}
EOT
cat >good.jsonl <<EOT
{"item":"$A",$WHO,"boxes":[{"class":"cat","x":1,"y":2,"w":3.25,"h":4}]}
{"item":"$B",$WHO,"boxes":[]}
EOT
cat >bad.jsonl <<EOT
{"item":"$A",$WHO,"boxes":[{"class":"Cat","x":1,"y":2,"w":3.25,"h":4}]}
{"item":"$B",$WHO,"boxes":[{"class":"cat","x":1,"y":2,"w":50,"h":4}]}
{"item":"zz",$WHO,"boxes":[]}
EOT

# check
"$HANDOFF" labels check -c contract -i items good.jsonl >out
says out '^form accepted: items 2 (answered 1, empty 1,'
"$HANDOFF" labels check -c contract -i items --json good.jsonl >out
[ "$(jq -r .verdict out)" = accepted ]
refuses 6 "$HANDOFF" labels check -c contract -i items bad.jsonl
says out 'unknown-class *bad.jsonl:1: item a.*near: "cat"'
says out 'box-outside *bad.jsonl:2: item b'
says out 'unknown-item *bad.jsonl:3: item zz'
says err 'handoff: labels check: rejected: 3 errors'
refuses 6 "$HANDOFF" labels check -c contract -i items --json bad.jsonl
[ "$(jq '.findings | length' out)" -eq 5 ]	# and two open items
[ "$(jq -c .found out)" = '{"box-outside":1,"open-item":2,"unknown-class":1,"unknown-item":1}' ]
head -n 1 good.jsonl >half.jsonl
"$HANDOFF" labels check -c contract -i items half.jsonl >out
says out '^form partial: .*open 1)'
refuses 6 "$HANDOFF" labels check -c contract -i items good.jsonl half.jsonl
says out 'duplicate *half.jsonl:1'

# silence is a no only where contract and return both say so
echo '{"kind":"boxes","classes":["cat"],"unanswered":"negative"}' >negative
"$HANDOFF" labels check -c negative -i items half.jsonl >out
says out 'open 1)'
"$HANDOFF" labels check -c negative -i items --complete half.jsonl >out
says out 'empty 1, skipped 0, open 0)'

# convert, there and back
"$HANDOFF" labels convert -t coco -i items -o l.json good.jsonl
[ "$(jq -c '.annotations[0].bbox' l.json)" = '[1,2,3.25,4]' ]
[ "$(jq -r '.images[0].file_name' l.json)" = $A.jpg ]
"$HANDOFF" labels convert -t jsonl l.json >back.jsonl
# an empty list of boxes is written as the state that it is
sed 's/"boxes":\[\]/"state":"empty"/' good.jsonl | cmp - back.jsonl
"$HANDOFF" labels check -c contract -i items l.json >out
says out '^form accepted:'
jq '.annotations[0].segmentation = [[1,2,3,4]] | .annotations[0].score = 1' l.json >more.json
"$HANDOFF" labels convert -t jsonl more.json 2>err | cmp - back.jsonl
says err 'lost: member annotations.segmentation'
says err 'lost: member annotations.score'
refuses 6 "$HANDOFF" labels convert -t jsonl -c contract -o none bad.jsonl
[ ! -e none ]
refuses 2 "$HANDOFF" labels convert good.jsonl

# original ids, and the original's own pixels: turned by 90 clockwise
cat >join.map <<EOT
{"item":"$A","original":"photos/1.jpg","orientation":6,"width":50,"height":100}
{"item":"$B","original":"photos/2.jpg"}
EOT
"$HANDOFF" labels convert -t jsonl -i items -j join.map good.jsonl >out
says out '"item":"photos/1.jpg".*"x":2,"y":95.75,"w":4,"h":3.25'
"$HANDOFF" labels convert -t jsonl -i items -j join.map --frame delivered good.jsonl >out
says out '"item":"photos/1.jpg".*"x":1,"y":2,"w":3.25,"h":4'

# score
cat >golden <<EOT
{"item":"photos/1.jpg","boxes":[{"class":"cat","x":2,"y":95.75,"w":4,"h":3.25}]}
{"item":"photos/2.jpg","state":"empty"}
EOT
"$HANDOFF" labels score -i items -j join.map -g golden -p 0.9 good.jsonl >out
says out '^mean_iou 1.0000, 95% interval 0.3424 to 1.0000, of 2 answers'
sed 's/"x":1,/"x":3,/' good.jsonl >worse.jsonl
refuses 3 "$HANDOFF" labels score -i items -j join.map -g golden -p 0.9 worse.jsonl
says err 'below the pass mark'
"$HANDOFF" labels score -i items -j join.map -g golden --json worse.jsonl >out
[ "$(jq '.value > 0.6 and .value < 0.62' out)" = true ]
refuses 6 "$HANDOFF" labels score -g golden -m accuracy good.jsonl

# agree: Krippendorff 2011, two observers, binary data: alpha 0.095
i=0
for pair in 01 11 01 00 00 01 00 00 10 00; do
	i=$((i + 1))
	echo "{\"item\":\"$i\",\"annotator\":\"meg\",\"at\":\"2026-11-01T10:00:00Z\",\"class\":\"${pair%?}\"}"
	echo "{\"item\":\"$i\",\"annotator\":\"owen\",\"at\":\"2026-11-01T10:00:00Z\",\"class\":\"${pair#?}\"}"
done >two.jsonl
"$HANDOFF" labels agree two.jsonl >out
says out '^alpha *0.095238$'
says out '^percent *0.600000$'
"$HANDOFF" labels agree --level interval --json two.jsonl >out
[ "$(jq '.units == 10 and .annotators == 2' out)" = true ]
refuses 2 "$HANDOFF" labels agree --level cardinal two.jsonl
refuses 6 "$HANDOFF" labels agree --level ratio good.jsonl nothing.jsonl
says err 'nothing.jsonl'
