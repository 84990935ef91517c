/*
 * Signatures by hand: notes, DSSE envelopes, receipts.  They need no home, so
 * that scripts and foreign tests can drive keys/sign alone.
 */

#include <string.h>
#include <unistd.h>

#include "gateway/audit/audit.h"
#include "gateway/cli/cli_commands.h"
#include "gateway/cli/streams_internal.h"
#include "gateway/cli/verifier_internal.h"

/* Verifier keys one command takes; a quorum of witnesses is some five. */
#define KEYS_MAX 16u

const struct option sign_options[] = {
	{ "key", 'k', "FILE", "sign with the key in FILE" },
	{ "new", 'n', "NAME", "make a key of that name instead" },
	{ "type", 't', "TYPE", "write a DSSE envelope of that payload type" },
	{ "out", 'o', "OUT", "write there, whole or nothing" },
	{ NULL, 0, NULL, NULL },
};

const struct option verify_options[] = {
	{ "key", 'k', "VKEY", "a key, or a file with it; repeatable" },
	{ "type", 't', "TYPE", "accept only this payload type" },
	{ "out", 'o', "OUT", "write what was signed there" },
	{ NULL, 0, NULL, NULL },
};

/* Make a key, write it, and tell its public half. */
static int
new_key(const struct cli *c, const char *name, struct fault *f)
{
	uint8_t public[SIGN_PUBLIC_BYTES];
	char told[VKEY_CHARS_MAX + 1];
	struct secret text = { 0 };
	struct sign_key k = { 0 };
	struct output out;
	struct vkey v;
	int rc = -1;

	if (output_open(&out, option_text(c, "out"), f) != 0 ||
	    sign_key_new(&k, f) != 0)
		goto out;
	sign_key_public(&k, public);
	if (vkey_of(&v, name, public, f) != 0 ||
	    skey_write(&text, &k, name, f) != 0 ||
	    file_write(out.fd, text.at, text.len, f) != 0 ||
	    file_write(out.fd, "\n", 1, f) != 0 ||
	    output_keep(&out, false, f) != 0)
		goto out;
	vkey_write(told, &v);
	speak_to(stderr, "Verifier key: %s\n", told);
	rc = 0;
out:
	output_drop(&out);
	secret_free(&text);
	sign_key_free(&k);
	return rc;
}

static int
load_key(struct sign_key *k, struct vkey *v, const char *path, struct fault *f)
{
	struct secret text = { 0 };
	struct slice line;
	size_t len;
	int fd = -1, rc = -1;

	if (secret_new(&text, SKEY_CHARS_MAX + 1, f) != 0 ||
	    file_open_read(AT_FDCWD, path, &fd, f) != 0)
		goto out;
	if (file_read_some(fd, text.at, text.len, &len, f) != 0)
		goto out;
	if (len > 0 && text.at[len - 1] == '\n')
		len--;
	line = (struct slice){ text.at, len };
	rc = skey_read(k, v, line, f);
	if (rc != 0)
		(void)fault_at(f, "%s", path);
out:
	file_close(&fd);
	secret_free(&text);
	return rc;
}

/* The operand or standard input, whole. */
static int
read_input(const struct cli *c, struct bytes *in, struct fault *f)
{
	const char *path = c->nwords > 0 ? c->words[0] : NULL;
	int fd, rc;

	if (input_open(path, &fd, f) != 0)
		return -1;
	rc = file_read_fd(fd, in, f);
	file_close(&fd);
	return rc;
}

static int
write_result(const struct cli *c, struct slice result, struct fault *f)
{
	struct output out;
	int rc = -1;

	if (output_open(&out, option_text(c, "out"), f) == 0 &&
	    file_write(out.fd, result.at, result.len, f) == 0)
		rc = output_keep(&out, true, f);
	output_drop(&out);
	return rc;
}

int
cmd_sign(struct cli *c, struct fault *f)
{
	const char *type = option_text(c, "type");
	struct bytes in, result;
	struct sign_key k = { 0 };
	struct vkey v;
	struct slice text;
	int rc = -1;

	if (option_text(c, "new") != NULL)
		return new_key(c, option_text(c, "new"), f);
	if (option_text(c, "key") == NULL) {
		(void)fault_set(f, FAULT_USAGE, "needs --key or --new");
		return fault_hint(f, "handoff sign --new NAME -o key.txt");
	}
	bytes_init(&in, type != NULL ? DSSE_BYTES_MAX / 2 : NOTE_BYTES_MAX);
	bytes_init(&result, DSSE_BYTES_MAX);
	if (load_key(&k, &v, option_text(c, "key"), f) != 0 ||
	    read_input(c, &in, f) != 0)
		goto out;
	text = (struct slice){ in.at, in.len };
	if ((type != NULL ? dsse_sign(&result, type, text, &k, f)
			  : note_sign(&result, text, v.name, &k, f)) == 0)
		rc =
		    write_result(c, (struct slice){ result.at, result.len }, f);
out:
	sign_key_free(&k);
	bytes_free(&in);
	bytes_free(&result);
	return rc;
}

struct keys {
	size_t n;
	struct vkey at[KEYS_MAX];
};

static int
load_verifiers(const struct cli *c, struct keys *k, struct fault *f)
{
	const char *value;

	for (k->n = 0; (value = option_nth(c, "key", k->n)) != NULL; k->n++) {
		if (k->n == KEYS_MAX)
			return fault_set(
			    f, FAULT_USAGE, "over %u keys", KEYS_MAX);
		if (read_verifier(&k->at[k->n], value, f) != 0)
			return -1;
	}
	if (k->n == 0)
		return fault_set(f, FAULT_USAGE, "needs --key VKEY");
	return 0;
}

static int
verify_note(const struct cli *c, const struct bytes *in, const struct keys *k,
    struct fault *f)
{
	struct note n;

	if (note_open(&n, in->at, in->len, k->at, k->n, f) != 0)
		return -1;
	return write_result(c, n.text, f);
}

static int
verify_envelope(const struct cli *c, const struct bytes *in,
    const struct keys *k, struct fault *f)
{
	const char *type = option_text(c, "type");
	struct dsse d;
	int rc = -1;

	if (dsse_read(&d, in->at, in->len, f) != 0)
		return -1;
	for (size_t i = 0; rc != 0 && i < k->n; i++) {
		fault_clear(f);
		rc = dsse_verify(&d, k->at[i].key, f);
	}
	if (rc == 0 && type != NULL && strcmp(type, d.type) != 0)
		rc = fault_set(
		    f, FAULT_INPUT, "envelope: of another payload type");
	if (rc == 0)
		rc = write_result(
		    c, (struct slice){ d.payload.at, d.payload.len }, f);
	dsse_free(&d);
	return rc;
}

static int
verify_receipt(const struct cli *c, const struct bytes *in,
    const struct keys *k, struct fault *f)
{
	struct audit_receipt r = { .index = 0 };
	int rc = -1;

	for (size_t i = 0; rc != 0 && i < k->n; i++) {
		fault_clear(f);
		rc = audit_receipt_check(&r, in->at, in->len, &k->at[i], f);
	}
	if (rc == 0)
		rc =
		    write_result(c, (struct slice){ r.leaf.at, r.leaf.len }, f);
	audit_receipt_free(&r);
	return rc;
}

/* Notes are text of any kind; the other two say what they are. */
int
cmd_verify(struct cli *c, struct fault *f)
{
	static const char proof[] = "c2sp.org/tlog-proof@v1\n";
	struct keys k;
	struct bytes in;
	int rc = -1;

	bytes_init(&in, DSSE_BYTES_MAX);
	if (load_verifiers(c, &k, f) != 0 || read_input(c, &in, f) != 0)
		goto out;
	if (in.len > sizeof(proof) &&
	    memcmp(in.at, proof, sizeof(proof) - 1) == 0)
		rc = verify_receipt(c, &in, &k, f);
	else if (in.len > 0 && in.at[0] == '{')
		rc = verify_envelope(c, &in, &k, f);
	else
		rc = verify_note(c, &in, &k, f);
out:
	bytes_free(&in);
	return rc;
}
