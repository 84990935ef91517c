/*
 * Signed notes and what is made of them, from a stranger: as they come, and as
 * text that a known key has really signed, so that the fuzzer gets behind the
 * signature.  What opens has exactly the text that was signed; keys read are
 * written back the same; a checkpoint read is signed again to the same note.
 */

#include <string.h>

#include "gateway/audit/audit.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

#define NAME "example.com/log"

static struct sign_key key;
static struct vkey known;

static void
start(void)
{
	struct fault f = { 0 };
	uint8_t seed[SIGN_SEED_BYTES], public[SIGN_PUBLIC_BYTES];

	if (key.pair.at != NULL)
		return;
	memset(seed, 7, sizeof(seed));
	must(secret_start(&f) == 0);
	must(sign_key_from_seed(&key, seed, &f) == 0);
	sign_key_public(&key, public);
	must(vkey_of(&known, NAME, public, &f) == 0);
}

static bool
failed_well(const struct fault *f)
{
	return (f->kind == FAULT_INPUT || f->kind == FAULT_FORGED) &&
	       f->text[0] != '\0';
}

static void
try_checkpoint(struct slice note)
{
	struct audit_checkpoint c;
	struct fault f = { 0 };
	struct bytes again;

	if (audit_checkpoint_open(&c, note.at, note.len, &known, &f) != 0) {
		must(failed_well(&f));
		return;
	}
	bytes_init(&again, AUDIT_CHECKPOINT_MAX);
	must(audit_checkpoint_sign(&again, &c, NAME, &key, &f) == 0);
	/* Other lines may follow ours in the note that came. */
	must(again.len <= note.len + 200);
	must(audit_checkpoint_open(&c, again.at, again.len, &known, &f) == 0);
	bytes_free(&again);
}

static void
try_note(struct slice note)
{
	struct fault f = { 0 };
	struct bytes again;
	struct note n;

	if (note_open(&n, note.at, note.len, &known, 1, &f) != 0) {
		must(failed_well(&f));
		return;
	}
	must(n.text.at == note.at && n.text.len < note.len);
	bytes_init(&again, NOTE_BYTES_MAX + 500);
	must(note_sign(&again, n.text, NAME, &key, &f) == 0);
	must(memcmp(again.at, note.at, n.text.len + 1) == 0);
	bytes_free(&again);
}

static void
try_signed(const uint8_t *p, size_t len)
{
	struct fault f = { 0 };
	struct bytes note;
	struct note n;

	bytes_init(&note, 1 << 16);
	if (note_sign(&note, (struct slice){ p, len }, NAME, &key, &f) == 0) {
		must(note_open(&n, note.at, note.len, &known, 1, &f) == 0);
		must(n.text.len == len && memcmp(n.text.at, p, len) == 0);
		try_checkpoint((struct slice){ note.at, note.len });
	}
	bytes_free(&note);
}

static void
try_keys(const uint8_t *p, size_t len)
{
	char text[VKEY_CHARS_MAX + 1];
	struct fault f = { 0 };
	struct secret back;
	struct sign_key k;
	struct vkey v;

	if (vkey_read(&v, (const char *)p, len, &f) == 0) {
		vkey_write(text, &v);
		must(strlen(text) == len && memcmp(text, p, len) == 0);
	} else {
		must(f.kind == FAULT_INPUT);
	}
	f = (struct fault){ 0 };
	if (skey_read(&k, &v, (struct slice){ p, len }, &f) == 0) {
		must(skey_write(&back, &k, v.name, &f) == 0);
		must(back.len == len && memcmp(back.at, p, len) == 0);
		secret_free(&back);
		sign_key_free(&k);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct audit_receipt r;
	struct fault f = { 0 };

	start();
	try_note((struct slice){ p, len });
	try_checkpoint((struct slice){ p, len });
	try_keys(p, len);
	if (len < 4096)
		try_signed(p, len);
	if (audit_receipt_check(&r, p, len, &known, &f) == 0) {
		must(r.index < r.checkpoint.size);
		audit_receipt_free(&r);
	} else {
		must(failed_well(&f));
	}
	return 0;
}
