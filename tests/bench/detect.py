"""Recall, precision and F2 of detect on vectors/pii; see detect.sh."""
import collections
import json
import subprocess
import sys

vectors, program = sys.argv[1], sys.argv[2]


def load(name):
    with open("%s/%s.jsonl" % (vectors, name)) as f:
        return [json.loads(line) for line in f]


def detect(texts, *options):
    """The spans of each text; None where the program refuses."""
    lines = "".join(json.dumps({"text": t}) + "\n" for t in texts)
    run = subprocess.run([program, "detect", "--jsonl", "text", *options],
        input=lines.encode(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if run.returncode != 0:
        return None
    return [json.loads(line)["spans"] for line in run.stdout.splitlines()]


def characters(text, spans):
    """The places of all characters that are no white space."""
    return {i for a, b in spans for i in range(a, b) if not text[i].isspace()}


def corpus(name):
    records = load(name)
    hit = wrong = missed = 0
    whole, part = collections.Counter(), collections.Counter()
    for record, got in zip(records, detect([r["text"] for r in records])):
        text = record["text"]
        want = characters(text, [(s["start"], s["end"]) for s in record["spans"]])
        have = characters(text, [(s["start"], s["end"]) for s in got])
        hit += len(want & have)
        wrong += len(have - want)
        missed += len(want - have)
        for s in record["spans"]:
            one = characters(text, [(s["start"], s["end"])])
            whole[s["type"]] += len(one)
            part[s["type"]] += len(one & have)
    print("\n%s, %d texts: recall %.3f, precision %.3f, F2 %.3f" % (name,
        len(records), hit / (hit + missed), hit / (hit + wrong),
        5 * hit / (5 * hit + 4 * missed + wrong)))
    for kind, n in whole.most_common():
        print("    %-34s %.3f of %d characters" % (kind, part[kind] / n, n))


def cases():
    by_entity = collections.defaultdict(list)
    for case in load("presidio_cases.given"):
        # what is configured, and not found
        if case["engine"] != "deny_list":
            by_entity[case["entity"]].append(case)
    count = collections.Counter()
    print("\nrecognisers' cases: found exactly, and silent where nothing is")
    for entity, group in sorted(by_entity.items()):
        one = collections.Counter()
        got = detect([c["text"] for c in group], "--entities",
            entity.replace("|", ","))
        for i, case in enumerate(group):
            have = [] if got is None else [[s["start"], s["end"]] for s in got[i]]
            if case["count"] == 0:
                one["none"] += 1
                one["silent"] += not have
            else:
                one["some"] += 1
                one["found"] += (len(have) == case["count"]
                    if case["spans"] is None
                    else all(w in have for w in case["spans"]))
        count += one
        print("    %-28s %3d of %3d found, %3d of %3d silent" % (entity,
            one["found"], one["some"], one["silent"], one["none"]))
    print("    %-28s recall %.3f, silent %.3f" % ("all",
        count["found"] / count["some"], count["silent"] / count["none"]))


def validators():
    """Single numbers, and what their check digit says: yes, no, or nothing."""
    by_entity = collections.defaultdict(list)
    for case in load("presidio_validate"):
        by_entity[case["entity"]].append(case)
    right = total = 0
    for entity, group in by_entity.items():
        numbers = [str(case["number"]) for case in group]
        got = detect(numbers, "--entities", entity, "--explain")
        for i, case in enumerate(group):
            proven = any(s["checksum"] and s["start"] == 0 and
                s["end"] == len(numbers[i]) for s in got[i])
            good = (not proven if case["expected"] is False
                else proven or case["expected"] is None)
            if not good:
                print("    %s %s: wrong" % (entity, numbers[i]))
            right += good
            total += 1
    print("\nvalidators' cases: %d of %d right" % (right, total))


for name in ("generated_large", "generated_small", "meddocan_dev",
        "meddocan_train"):
    corpus(name)
cases()
validators()
