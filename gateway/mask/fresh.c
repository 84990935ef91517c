/* What a process that masks begins with; and keys that nobody else has and
 * that are gone with it. */

#include <openssl/evp.h>

#include "gateway/mask/mask.h"
#include "keys/base/mem.h"
#include "keys/base/secret.h"
#include "keys/pseudonym/pseudonym.h"
#include "policy/rules/rules.h"

int
mask_start(struct fault *f)
{
	EVP_MD_CTX *c;
	int rc = -1;

	if (pseudonym_start(f) != 0)
		return -1;
	if ((c = EVP_MD_CTX_new()) == NULL)
		return fault_memory(f);
	if (EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1)
		rc = 0;
	EVP_MD_CTX_free(c);
	return rc == 0 ? 0 : fault_set(f, FAULT_SYSTEM, "no SHA-256");
}

int
mask_fresh_make(
    struct mask_fresh *out, const struct file_plan *plan, struct fault *f)
{
	const struct names *keys = &plan->keys;
	struct secret key = { 0 };
	int rc = -1;

	*out = (struct mask_fresh){ .made = mem_array(keys->n,
					sizeof(struct transform_key *)) };
	if (out->made == NULL)
		return fault_memory(f);
	for (; out->n < keys->n; out->n++) {
		secret_free(&key);
		if (secret_random(&key, 32, f) != 0 ||
		    transform_key_new(
			&out->made[out->n], keys->at[out->n], &key, f) != 0)
			goto out;
	}
	out->keys.field = (const struct transform_key *const *)out->made;
	out->keys.nfields = keys->n;
	rc = 0;
out:
	secret_free(&key);
	return rc;
}

void
mask_fresh_free(struct mask_fresh *k)
{
	if (k == NULL)
		return;
	for (size_t i = 0; i < k->n; i++)
		transform_key_free(k->made[i]);
	mem_free(k->made);
	*k = (struct mask_fresh){ 0 };
}
