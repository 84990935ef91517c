/* Who may have a batch, and what is known beside its entry. */

#include <string.h>

#include "gateway/keeper/batches_internal.h"
#include "gateway/keeper/persons_internal.h"
#include "keys/base/doc.h"

json_t *
batch_hex(const uint8_t digest[DIGEST_BYTES])
{
	char hex[DIGEST_CHARS + 1];

	hex_write(hex, digest, DIGEST_BYTES);
	return json_string(hex);
}

/* ---- May it be begun? ---- */

int
batch_vendor(struct home *h, const json_t *in, struct catalog_vendor *out,
    struct law *law, struct fault *f)
{
	const char *name;
	json_t *types;

	if (doc_text(in, "vendor", &name, f) != 0 ||
	    doc_list(in, "agreements", &types, f) != 0)
		return -1;
	if (catalog_vendor(h->catalog, name, out, f) != 0)
		return fault_hint(f, "handoff vendor list");
	if (out->ended != 0 || out->suspended != 0)
		return fault_set(f, FAULT_POLICY, "vendor %s: %s", name,
		    out->ended != 0 ? "has ended" : "is suspended");
	return law_for(h, law, out, json_object_get(in, "terms"), types, f);
}

int
batch_check(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct law law = { .has_policy = false };
	struct catalog_vendor v;
	json_t *in, *decision;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if (batch_vendor(h, in, &v, &law, f) == 0 &&
	    exposure_known(h, json_object_get(in, "colluding"), f) == 0 &&
	    law_say(&law, &decision, f) == 0)
		rc = home_out(a,
		    json_pack("{s:s,s:b,s:o}", "vendor", v.id, "confirmed",
			v.confirmed != 0, "decision", decision),
		    f);
	law_free(&law);
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
