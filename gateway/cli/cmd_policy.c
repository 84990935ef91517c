/* policy check: an owner's policy, judged before any data is looked at. */

#include <fcntl.h>
#include <inttypes.h>

#include "gateway/cli/cli.h"
#include "gateway/cli/cli_commands.h"
#include "gateway/flow/flow.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/text.h"
#include "policy/rules/rules.h"

/* Warnings as they come: to standard error, or into a list for --json. */
static void
print_warning(void *to, const char *text)
{
	(void)to;
	speak_to(stderr, "handoff: policy check: warning: %s\n", text);
}

struct listing {
	json_t *list;
	bool failed;
};

static void
list_warning(void *to, const char *text)
{
	struct listing *l = to;

	if (json_array_append_new(l->list, json_string(text)) != 0)
		l->failed = true;
}

static int
print_json(const struct policy *p, struct fault *f)
{
	struct listing l = { json_array(), false };
	char digest[HEX_CHARS(sizeof(p->digest)) + 1];
	json_t *o = NULL;
	struct bytes out;
	int rc = -1;

	bytes_init(&out, 16 * POLICY_BYTES_MAX);
	hex_write(digest, p->digest, sizeof(p->digest));
	if (l.list != NULL)
		policy_warnings(p, list_warning, &l);
	if (l.list == NULL || l.failed ||
	    (o = json_pack("{s:s, s:s, s:I, s:O}", "policy", p->name, "digest",
		 digest, "rules", (json_int_t)p->nfiles, "warnings", l.list)) ==
		NULL) {
		(void)fault_memory(f);
		goto out;
	}
	if (doc_write(&out, o, f) != 0 || bytes_add(&out, "\n", 1, f) != 0)
		goto out;
	(void)fwrite(out.at, 1, out.len, stdout); /* main() asks ferror() */
	rc = 0;
out:
	json_decref(o);
	json_decref(l.list);
	bytes_free(&out);
	return rc;
}

int
cmd_policy_check(struct cli *c, struct fault *f)
{
	struct policy *p = NULL;
	struct bytes text;
	int rc = -1;

	bytes_init(&text, POLICY_BYTES_MAX);
	if (policy_load(&p, c->words[0], &text, f) != 0)
		goto out;
	if (c->json) {
		rc = print_json(p, f);
		goto out;
	}
	policy_warnings(p, print_warning, NULL);
	speak("%s: ok, %zu %s\n", p->name, p->nfiles,
	    p->nfiles == 1 ? "rule" : "rules");
	rc = 0;
out:
	policy_free(p);
	bytes_free(&text);
	return rc;
}
