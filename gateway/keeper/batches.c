/* Who may have a batch, and what is known beside its entry. */

#include <string.h>

#include "gateway/keeper/batches_internal.h"
#include "keys/base/doc.h"
#include "keys/base/mem.h"
#include "policy/legal/legal.h"

#define AGREEMENTS_MAX 4096u /* with one vendor */
#define TYPES_MAX 16u

json_t *
batch_hex(const uint8_t digest[DIGEST_BYTES])
{
	char hex[DIGEST_CHARS + 1];

	hex_write(hex, digest, DIGEST_BYTES);
	return json_string(hex);
}

/* ---- May it be begun? ---- */

struct papers {
	char types[AGREEMENTS_MAX]
		  [sizeof(((struct catalog_agreement *)0)->type)];
	struct legal_fact facts[AGREEMENTS_MAX];
	size_t n;
};

static int
add_paper(void *arg, const struct catalog_agreement *a, struct fault *f)
{
	struct papers *p = arg;

	if (p->n == AGREEMENTS_MAX)
		return fault_set(
		    f, FAULT_INPUT, "more than %u agreements", AGREEMENTS_MAX);
	memcpy(p->types[p->n], a->type, sizeof(a->type));
	p->facts[p->n] =
	    (struct legal_fact){ p->types[p->n], a->from, a->until, a->ended };
	p->n++;
	return 0;
}

static int
check_papers(struct home *h, const struct catalog_vendor *v,
    const json_t *types, struct fault *f)
{
	char *required[TYPES_MAX];
	struct papers *p;
	size_t n = json_array_size(types);
	int rc = -1;

	if (n > TYPES_MAX)
		return fault_set(f, FAULT_INPUT,
		    "more than %u kinds of agreement", TYPES_MAX);
	if ((p = mem_new(sizeof(*p))) == NULL)
		return fault_memory(f);
	memset(required, 0, sizeof(required));
	for (size_t i = 0; i < n; i++) {
		const char *type = json_string_value(json_array_get(types, i));

		if (type == NULL) {
			(void)fault_set(f, FAULT_INPUT, "agreements: no text");
			goto out;
		}
		required[i] = mem_text(type, strlen(type));
		if (required[i] == NULL) {
			(void)fault_memory(f);
			goto out;
		}
	}
	if (catalog_each_agreement(h->catalog, v->id, add_paper, p, f) == 0)
		rc = legal_agreements(required, n, p->facts, p->n,
		    audit_now(catalog_audit(h->catalog)), v->name, f);
out:
	for (size_t i = 0; i < n; i++)
		mem_free(required[i]);
	mem_free(p);
	return rc;
}

int
batch_vendor(struct home *h, const char *name, const json_t *types,
    struct catalog_vendor *out, struct fault *f)
{
	if (catalog_vendor(h->catalog, name, out, f) != 0) {
		if (f->kind == FAULT_INPUT)
			f->kind = FAULT_POLICY;
		return fault_hint(f, "handoff vendor list");
	}
	if (out->ended != 0 || out->suspended != 0)
		return fault_set(f, FAULT_POLICY, "vendor %s: %s", name,
		    out->ended != 0 ? "has ended" : "is suspended");
	return check_papers(h, out, types, f);
}

int
batch_check(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct catalog_vendor v;
	const char *name;
	json_t *in, *types;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if (doc_text(in, "vendor", &name, f) == 0 &&
	    doc_list(in, "agreements", &types, f) == 0 &&
	    batch_vendor(h, name, types, &v, f) == 0)
		rc = home_out(a,
		    json_pack("{s:s,s:b}", "vendor", v.id, "confirmed",
			v.confirmed != 0),
		    f);
	json_decref(in);
	return rc;
}

int
batch_facts(struct home *h, const char *batch, json_t **out, struct fault *f)
{
	const struct catalog_fact_name name = { batch, "plan", 0 };
	struct bytes text;
	int rc = -1;

	bytes_init(&text, CATALOG_FACT_MAX);
	if (catalog_fact(h->catalog, &name, &text, f) == 0)
		rc = doc_read(out, text.at, text.len, f);
	bytes_free(&text);
	return rc;
}
