/* Every command of the program, one row each, grouped by who uses it. */

#include "gateway/cli/cli_commands.h"

const struct command commands[] = {
	/* owner */
	{ "policy check", "owner", "POLICY", "read a policy and judge it", 1, 1,
	    NULL, cmd_policy_check, "handoff policy check policy.yaml" },
	{ "preview", "owner", "FILE", "a file before and after, on a terminal",
	    1, 1, preview_options, cmd_preview,
	    "handoff preview customers.csv --policy policy.yaml" },
	/* officer */
	{ "audit verify", "officer", "DIR", "judge a log from its files alone",
	    1, 1, audit_verify_options, cmd_audit_verify,
	    "handoff audit verify .handoff/log --key VKEY" },
	/* plumbing */
	{ "keygen", "plumbing", "", "make an age identity", 0, 0,
	    keygen_options, cmd_keygen, "handoff keygen -o key.txt" },
	{ "seal", "plumbing", "[FILE]", "seal into an age file", 0, 1,
	    seal_options, cmd_seal, "handoff seal -r age1... < in > out.age" },
	{ "open", "plumbing", "[FILE]", "open an age file", 0, 1, open_options,
	    cmd_open, "handoff open -i key.txt out.age > in" },
	{ "inspect", "plumbing", "FILE", "what an age file tells without a key",
	    1, 1, NULL, cmd_inspect, "handoff inspect out.age" },
	{ "sign", "plumbing", "[FILE]",
	    "sign a note or, with --type, an envelope", 0, 1, sign_options,
	    cmd_sign, "handoff sign -k key.txt < text > note" },
	{ "verify", "plumbing", "[FILE]",
	    "verify a note, an envelope or a receipt", 0, 1, verify_options,
	    cmd_verify, "handoff verify -k VKEY < note" },
	{ "sanitise", "plumbing", "FILE",
	    "mask one file; tells what it changed", 1, 1, sanitise_options,
	    cmd_sanitise, "handoff sanitise photo.jpg -o clean.jpg" },
	{ "labels check", "plumbing", "LABELS...", "judge label files", 1, -1,
	    labels_check_options, cmd_labels_check,
	    "handoff labels check -c contract.json -i items.jsonl l.jsonl" },
	{ "labels convert", "plumbing", "LABELS...",
	    "label files as JSONL or COCO", 1, -1, labels_convert_options,
	    cmd_labels_convert, "handoff labels convert -t coco l.jsonl" },
	{ "labels score", "plumbing", "LABELS...",
	    "labels against golden answers", 1, -1, labels_score_options,
	    cmd_labels_score,
	    "handoff labels score -g golden.jsonl -p 0.8 l.jsonl" },
	{ "labels agree", "plumbing", "LABELS...",
	    "do annotators agree more than by chance", 1, -1,
	    labels_agree_options, cmd_labels_agree,
	    "handoff labels agree -l ordinal l.jsonl" },
	{ NULL, NULL, NULL, NULL, 0, 0, NULL, NULL, NULL },
};
