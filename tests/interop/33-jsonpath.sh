#!/bin/sh
# JSON paths select what RFC 9535 says: random documents and paths, against an
# implementation of the RFC that we did not write (npm json-p3).
set -eu

for tool in node npm; do
	command -v $tool >/dev/null || { echo "no $tool here"; exit 77; }
done
npm install --no-audit --no-fund --ignore-scripts --prefix . json-p3@2.3.1 \
	>npm.txt 2>&1 || { echo "npm cannot install json-p3"; exit 77; }

# Of a third of them, sanitizers see what they see of all.
paths=120
[ "${INTEROP_BIG:-1}" = 1 ] || paths=40
# What each selected place becomes; a place inside another goes with it.
cat >cases.js <<'E2'
const { jsonpath } = require("json-p3");
const fs = require("fs");
let seed = 9535;
const draw = (n) => {
	seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
	return (seed >>> 8) % n;
};
const names = ["a", "b", "c", "x.y", "é", "it's"];
const value = (depth) => {
	const kind = draw(depth > 4 ? 3 : 9);
	if (kind === 0) return draw(100);
	if (kind === 1) return "v" + draw(9);
	if (kind === 2) return [true, false, null][draw(3)];
	const n = draw(4);
	if (kind < 6) return Array.from({ length: n }, () => value(depth + 1));
	const o = {};
	for (let i = 0; i < n; i++) o[names[draw(names.length)]] = value(depth + 1);
	return o;
};
const quoted = (name) => "['" + name.replace(/'/g, "\\'") + "']";
const segment = () => {
	const dots = draw(4) === 0 ? ".." : "";
	switch (draw(6)) {
	case 0: return (dots || ".") + "*";
	case 1: return dots + "[*]";
	case 2: return dots + "[" + draw(3) + "]";
	case 3: return dots + "[-" + (1 + draw(2)) + "]";
	case 4: return (dots || ".") + "abc"[draw(3)];
	default: return dots + quoted(names[draw(names.length)]);
	}
};
const replace = (doc, location) => {
	let at = doc;
	for (const key of location.slice(0, -1)) {
		at = at[key];
		if (at === "@") return; /* went with what is around it */
	}
	at[location[location.length - 1]] = "@";
};
const docs = [];
while (docs.length < 150) {
	const doc = {};
	for (const name of names) if (draw(2)) doc[name] = value(1);
	docs.push(doc);
}
/* the same value in any spelling: blanks wherever they may stand */
const spell = (v) => JSON.stringify(v, null, draw(3)).replace(/\n */g, " ");
const lines = docs.map(spell);
fs.writeFileSync("docs.jsonl", lines.join("\n") + "\n");
const paths = [];
const n = Number(process.argv[2]);
while (paths.length < n) {
	let path = "$";
	for (let n = 1 + draw(4); n > 0; n--) path += segment();
	paths.push(path);
}
let selected = 0;
paths.forEach((path, i) => {
	const want = docs.map((doc, k) => {
		const copy = structuredClone(doc);
		const nodes = jsonpath.query(path, doc).nodes
			.map((node) => node.location)
			.sort((x, y) => x.length - y.length);
		selected += nodes.length;
		for (const location of nodes) replace(copy, location);
		return nodes.length === 0 ? lines[k] : JSON.stringify(copy);
	});
	fs.writeFileSync(`want.${i}`, want.join("\n") + "\n");
	fs.writeFileSync(`policy.${i}.yaml`,
		"handoff: 1\nproject: p\npurpose: q\nrecipients: [a]\n" +
		"retention: 1d\nagreements: []\nfiles:\n  - match: docs.jsonl\n" +
		"    type: jsonl\n    missing: allow\n    fields:\n      " +
		JSON.stringify(path) + ": {constant: \"@\"}\n      \"**\": keep\n");
});
fs.writeFileSync("paths", paths.join("\n") + "\n");
if (selected < 40 * n) throw new Error("too few places: " + selected);
E2
cat >compare.js <<'E2'
const { isDeepStrictEqual } = require("util");
const fs = require("fs");
const read = (name) => fs.readFileSync(name, "utf8").split("\n");
const docs = read("docs.jsonl");
read("paths").slice(0, -1).forEach((path, i) => {
	const got = read(`got.${i}`), want = read(`want.${i}`);
	if (got.length !== want.length) throw new Error(path + ": other lines");
	for (let k = 0; k < want.length - 1; k++) {
		/* of what nothing is selected, every byte stays */
		const same = want[k] === docs[k] ? got[k] === want[k]
			: isDeepStrictEqual(JSON.parse(got[k]), JSON.parse(want[k]));
		if (!same)
			throw new Error(`${path} of ${docs[k]}\ngives ${got[k]}\nnot   ${want[k]}`);
	}
});
E2
node cases.js $paths
n=$(wc -l <paths)
i=0
while [ "$i" -lt "$n" ]; do
	"$HANDOFF" sanitise docs.jsonl -o "got.$i" --policy "policy.$i.yaml" >/dev/null ||
		{ sed -n "$((i + 1))p" paths; exit 1; }
	i=$((i + 1))
done
node compare.js
echo "$n paths over $(wc -l <docs.jsonl) documents"
