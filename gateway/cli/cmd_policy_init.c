/* policy init: a first policy from data. */

#include <string.h>

#include "gateway/cli/cli_commands.h"
#include "gateway/cli/print_internal.h"
#include "gateway/cli/streams_internal.h"
#include "gateway/flow/flow.h"
#include "gateway/report/report.h"
#include "keys/base/near.h"
#include "keys/base/text.h"
#include "policy/propose/propose.h"

const struct option policy_init_options[] = {
	{ "output", 'o', "FILE", "where the policy goes" },
	{ "profile", 0, "NAME",
	    "gdpr-health, hipaa-safe-harbor, faces or chat-logs" },
	{ "vendor", 0, "NAME", "the vendor that it is for" },
	{ NULL, 0, NULL, NULL },
};

static int
read_options(const struct cli *c, struct policy_init *o, struct fault *f)
{
	static const char set[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	const char *profile = option_text(c, "profile"), *near;
	enum profile p = PROFILE_NONE;

	o->vendor = option_text(c, "vendor");
	if (o->vendor != NULL && !text_only(o->vendor, set, POLICY_NAME_CHARS))
		return fault_set(f, FAULT_USAGE,
		    "a vendor's name is 1 to %u letters a-z, digits or -",
		    POLICY_NAME_CHARS);
	if (profile != NULL && !profile_read(&p, profile)) {
		(void)fault_set(
		    f, FAULT_USAGE, "no profile is called %s", profile);
		near = near_word(profile, profile_words);
		if (near != NULL)
			return fault_hint(f, "--profile %s", near);
		return fault_hint(f,
		    "--profile gdpr-health, hipaa-safe-harbor, "
		    "faces or chat-logs");
	}
	o->profile = p;
	return 0;
}

/* Files that stay behind because nobody has decided otherwise, and how to. */
static void
tell_left(const json_t *told)
{
	long long left = member_number(told, "files_excluded");
	long long texts = member_number(told, "texts_excluded");
	char n[32];

	if (left == 0)
		return;
	speak_to(stderr, "    files that stay behind until you decide: %s\n",
	    report_number(n, (uint64_t)left));
	if (texts > 0)
		speak_to(stderr,
		    "      %s of free text; in place of exclude, masked:\n"
		    "        type: text\n        text: detect\n",
		    report_number(n, (uint64_t)texts));
	if (left > texts)
		speak_to(stderr,
		    "      %s of others: exclude: says why, a comment what "
		    "would do\n",
		    report_number(n, (uint64_t)(left - texts)));
}

static void
tell(const struct cli *c, const json_t *told, const char *to)
{
	const char *vendor = option_text(c, "vendor");
	char files[32], rules[32], fields[32], dropped[32], refused[32];

	speak_to(stderr,
	    "handoff: policy init: files: %s, rules: %s\n"
	    "    columns and paths: %s, of them dropped: %s\n"
	    "    refused until you decide: %s\n",
	    report_number(files, (uint64_t)member_number(told, "files")),
	    report_number(rules, (uint64_t)member_number(told, "rules")),
	    report_number(fields, (uint64_t)member_number(told, "fields")),
	    report_number(dropped, (uint64_t)member_number(told, "dropped")),
	    report_number(refused, (uint64_t)member_number(told, "refused")));
	tell_left(told);
	if (to == NULL)
		return;
	speak_to(stderr,
	    "    read %s, decide, then check and plan:\n"
	    "handoff: hint: handoff plan %s --policy %s --vendor %s\n",
	    to, c->words[0], to, vendor != NULL ? vendor : "vendor");
}

int
cmd_policy_init(struct cli *c, struct fault *f)
{
	const char *to = option_text(c, "output");
	struct progress progress;
	struct policy_init o = { .dataset = c->words[0],
		.progress = { progress_tell, &progress } };
	struct output out = { .fd = -1, .folder = -1 };
	json_t *told = NULL;
	struct bytes text;
	int rc = -1;

	if (c->json && (to == NULL || strcmp(to, "-") == 0)) {
		(void)fault_set(f, FAULT_USAGE,
		    "--json tells of the policy, which goes with -o FILE");
		return fault_hint(f,
		    "handoff policy init %s -o policy.yaml --json",
		    c->words[0]);
	}
	draft_none(&out.draft);
	bytes_init(&text, 16 * (size_t)POLICY_BYTES_MAX);
	if (read_options(c, &o, f) != 0 || output_open(&out, to, f) != 0)
		goto out;
	progress_start(&progress, c);
	rc = flow_policy_init(&text, &told, &o, f);
	progress_end(&progress);
	if (rc == 0)
		rc = file_write(out.fd, text.at, text.len, f);
	if (rc == 0)
		rc = output_keep(&out, false, f);
	if (rc != 0)
		goto out;
	if (c->json)
		rc = print_json(told, f);
	else if (!c->quiet)
		tell(c, told, to);
out:
	output_drop(&out);
	json_decref(told);
	bytes_free(&text);
	return rc;
}
