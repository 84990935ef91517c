/*
 * Suppressions of after a backup, once more in the home that was made of it.
 *
 *     suppression-named: the person's hash, sealed by AES-SIV under a key of
 *     the home, with the suppression's id --> opened --> suppressed again
 *
 * Unlike an erasure, a suppression may be about somebody of whom the home knows
 * nothing else yet, so that its entry has to have the whole hash.  Who has not
 * the home's keys learns nothing of it, not even whether two are of one person.
 */

#include <string.h>

#include "gateway/keeper/erase_internal.h"
#include "gateway/keeper/persons_internal.h"
#include "keys/base/doc.h"

static int
naming_key(struct home *h, struct siv **out, struct fault *f)
{
	struct secret secret = { 0 }, key = { 0 };
	int rc = -1;

	if (persons_key(h, &secret, f) == 0 &&
	    key_derive(&key, &secret, KEY_NAMED, "", "", f) == 0)
		rc = siv_of(out, &key, f);
	secret_free(&secret);
	secret_free(&key);
	return rc;
}

int
suppression_name(struct home *h, const char *id,
    const uint8_t person[CATALOG_SUBJECT_BYTES], struct fault *f)
{
	const struct slice text = { person, CATALOG_SUBJECT_BYTES },
			   with = slice_of_text(id);
	const struct siv_data data = { &with, 1 };
	struct catalog_entry e = { .kind = "suppression-named" };
	char hex[HEX_CHARS(CATALOG_NAMED_BYTES) + 1];
	struct siv *key = NULL;
	struct bytes sealed;
	int rc = -1;

	bytes_init(&sealed, CATALOG_NAMED_BYTES);
	if (naming_key(h, &key, f) != 0 ||
	    siv_seal(key, &data, &text, &sealed, f) != 0)
		goto out;
	must(sealed.len == CATALOG_NAMED_BYTES);
	hex_write(hex, sealed.at, sealed.len);
	e.body = json_pack("{s:s,s:s}", "person", hex, "suppression", id);
	rc = e.body == NULL ? fault_memory(f) : home_add(h, &e, NULL, f);
	json_decref(e.body);
out:
	siv_free(key);
	bytes_free(&sealed);
	return rc;
}

/* ---- Once more ---- */

struct restoring {
	struct home *home;
	struct siv *key;
	struct suppressed_again *done;
};

/* Whom the entry names; *ours is false where this home's key does not open it:
 * the first person of all came after the backup, and the key with it. */
static int
open_name(struct restoring *r, const char *id, const json_t *one,
    uint8_t person[CATALOG_SUBJECT_BYTES], bool *ours, struct fault *f)
{
	const struct slice with = slice_of_text(id);
	const struct siv_data data = { &with, 1 };
	uint8_t sealed[CATALOG_NAMED_BYTES];
	const struct slice text = { sealed, sizeof(sealed) };
	struct fault why = { 0 };
	struct bytes out;
	int rc = 0;

	*ours = false;
	if (json_object_get(one, "person") == NULL)
		return 0; /* by an older program */
	if (doc_hex(one, "person", sealed, sizeof(sealed), f) != 0)
		return -1;
	bytes_init(&out, CATALOG_SUBJECT_BYTES);
	if (siv_open(r->key, &data, &text, &out, &why) == 0) {
		memcpy(person, out.at, CATALOG_SUBJECT_BYTES);
		*ours = true;
	} else if (why.kind != FAULT_FORGED) {
		*f = why;
		rc = -1;
	}
	bytes_free(&out);
	return rc;
}

static int
suppress_once_more(
    struct restoring *r, const char *id, const json_t *one, struct fault *f)
{
	uint8_t person[CATALOG_SUBJECT_BYTES];
	struct catalog_suppression was;
	char again[ID_CHARS + 1];
	const char *reason;
	bool ours;

	if (doc_text(one, "reason", &reason, f) != 0 ||
	    suppression_check(reason, f) != 0 ||
	    open_name(r, id, one, person, &ours, f) != 0)
		return -1;
	if (!ours) {
		r->done->unnamed++;
		return 0;
	}
	if (suppression_of(r->home, person, &was, f) != 0)
		return -1;
	if (was.id[0] != '\0')
		return 0;
	r->done->persons++;
	return suppression_record(r->home, person, reason, again, f);
}

int
suppress_again(struct home *h, const json_t *list, uint64_t from,
    struct suppressed_again *done, struct fault *f)
{
	struct restoring r = { .home = h, .done = done };
	const char *id;
	json_t *one;
	uint64_t n;
	int rc = 0;

	if (json_object_size(list) == 0)
		return 0;
	if (naming_key(h, &r.key, f) != 0)
		return -1;
	json_object_foreach((json_t *)(uintptr_t)list, id, one)
	{
		rc = doc_number(one, "n", CATALOG_NUMBER_MAX, &n, f);
		if (rc == 0 && n >= from)
			rc = suppress_once_more(&r, id, one, f);
		if (rc != 0)
			break;
	}
	siv_free(r.key);
	return rc;
}
