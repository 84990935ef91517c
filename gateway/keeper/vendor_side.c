/*
 * What the keeper of a vendor's home does: it has one set of keys for each
 * owner, and everything here names whose.
 *
 *     command -- words --> a signed statement
 *     worker  -- header --> the file key of one object
 *     courier -- owner --> the TLS key's seed
 *
 * It signs what the command says, since the command is who asks; it reads
 * nothing that came over the network but age headers.
 */

#include <fcntl.h>
#include <string.h>

#include "gateway/agent/agent.h"
#include "gateway/client/client.h"
#include "gateway/keeper/request_internal.h"
#include "gateway/keeper/vendor_internal.h"
#include "gateway/package/package.h"
#include "keys/base/clock.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

/* Objects of one acknowledgement: those of a release. */
#define RECEIVED_MAX CATALOG_RELEASE_MAX

/* ---- Whose ---- */

static int
take_owner(struct home *h, const struct asked *a, const json_t *in,
    const char **owner, struct fault *f)
{
	if (doc_text(in, "owner", owner, f) != 0)
		return -1;
	if (!id_valid(*owner, 'h'))
		return fault_set(f, FAULT_INPUT, "owner: not a home's id");
	return home_need(h, a, RING_RELEASE, f);
}

/* The owner that a worker or courier was made for. */
static int
peer_owner(
    struct home *h, const struct asked *a, const char **owner, struct fault *f)
{
	const json_t *about = home_peer(a)->about;

	if (about == NULL)
		return fault_set(
		    f, FAULT_POLICY, "a peer that was made for no owner");
	return take_owner(h, a, about, owner, f);
}

static int
no_such_owner(const char *owner, struct fault *f)
{
	(void)fault_at(f, "owner %s", owner);
	return fault_hint(f, "handoff owner add CARD");
}

/* ---- Opening ---- */

int
vendor_file_key(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct ring_name name = { RING_VENDOR, NULL, 0 };
	struct age_header header = { 0 };
	struct age_identity id = { 0 };
	struct secret key = { 0 };
	struct slice text;
	int rc = -1;

	if (take_slice(&a->in, AGE_HEADER_MAX, &text, f) != 0 ||
	    take_end(&a->in, f) != 0 || peer_owner(h, a, &name.id, f) != 0)
		return -1;
	if (ring_get_identity(h->ring, &name, &id, f) != 0) {
		(void)no_such_owner(name.id, f);
		goto out;
	}
	if (age_header_read(&header, text.at, text.len, f) != 0 ||
	    age_header_open(&header, &id, 1, &key, f) != 0)
		goto out;
	rc = bytes_add(&a->answer->body, key.at, key.len, f);
out:
	age_header_free(&header);
	age_identity_free(&id);
	secret_free(&key);
	return rc;
}

int
vendor_open_sealed(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct ring_name name = { RING_VENDOR, NULL, 0 };
	struct age_pump pump = { .in = -1, .out = -1, .threads = 1 };
	struct age_identity id = { 0 };
	json_t *in;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if (take_owner(h, a, in, &name.id, f) != 0 ||
	    message_fd(a->request, 0, &pump.in, f) != 0 ||
	    message_fd(a->request, 1, &pump.out, f) != 0)
		goto out;
	if (ring_get_identity(h->ring, &name, &id, f) != 0) {
		(void)no_such_owner(name.id, f);
		goto out;
	}
	if (age_open_fd(&pump, &id, 1, f) == 0)
		rc = home_out(a, json_object(), f);
out:
	file_close(&pump.in);
	file_close(&pump.out);
	age_identity_free(&id);
	json_decref(in);
	return rc;
}

/* ---- Signing ---- */

static int
sign_key_for(
    struct home *h, const char *owner, struct sign_key *k, struct fault *f)
{
	struct ring_name name = { RING_VENDOR_SIGN, owner, 0 };

	if (ring_get_sign_key(h->ring, &name, k, f) != 0)
		return no_such_owner(owner, f);
	return 0;
}

static int
statement_out(struct asked *a, const struct bytes *b, struct fault *f)
{
	return home_out(a,
	    json_pack("{s:s%}", "statement", (const char *)b->at, b->len), f);
}

/* One that signs: from the words of in, with k, into out. */
typedef int signer(const json_t *in, const struct sign_key *k,
    struct bytes *out, struct fault *f);

static int
sign_words(void *state, struct asked *a, signer *sign, struct fault *f)
{
	struct home *h = state;
	struct sign_key k = { 0 };
	struct bytes out;
	const char *owner;
	json_t *in;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	bytes_init(&out, DSSE_BYTES_MAX);
	if (take_owner(h, a, in, &owner, f) == 0 &&
	    sign_key_for(h, owner, &k, f) == 0 && sign(in, &k, &out, f) == 0)
		rc = statement_out(a, &out, f);
	sign_key_free(&k);
	bytes_free(&out);
	json_decref(in);
	return rc;
}

static int
sign_request(const json_t *in, const struct sign_key *k, struct bytes *out,
    struct fault *f)
{
	struct request r;

	if (doc_text(in, "owner", &r.home, f) != 0 ||
	    doc_text(in, "method", &r.method, f) != 0 ||
	    doc_text(in, "path", &r.path, f) != 0 ||
	    doc_text(in, "nonce", &r.nonce, f) != 0 ||
	    doc_hex(in, "body", r.body, DIGEST_BYTES, f) != 0)
		return -1;
	return request_sign(out, &r, k, f);
}

int
vendor_sign_request(void *state, struct asked *a, struct fault *f)
{
	return sign_words(state, a, sign_request, f);
}

static int
take_label(json_t *o, struct return_label *l, struct fault *f)
{
	const char *name;

	if (doc_text(o, "name", &name, f) != 0 ||
	    doc_hex(o, "sha256", l->sha256, DIGEST_BYTES, f) != 0)
		return -1;
	if (strlen(name) > RETURN_NAME_CHARS)
		return fault_set(f, FAULT_INPUT, "a label file's name");
	memcpy(l->name, name, strlen(name) + 1);
	return 0;
}

static int
take_id(const json_t *in, const char *key, char letter, char out[ID_CHARS + 1],
    struct fault *f)
{
	const char *id;

	if (doc_text(in, key, &id, f) != 0)
		return -1;
	if (!id_valid(id, letter))
		return fault_set(
		    f, FAULT_INPUT, "member \"%s\": not an id", key);
	memcpy(out, id, ID_CHARS + 1);
	return 0;
}

static int
fill_return(const json_t *in, struct return_statement *s, struct fault *f)
{
	json_t *files;

	s->at = clock_now();
	if (take_id(in, "batch", 'b', s->batch, f) != 0 ||
	    take_id(in, "return", 'r', s->id, f) != 0 ||
	    doc_hex(in, "manifest", s->manifest, DIGEST_BYTES, f) != 0 ||
	    doc_bool(in, "complete", &s->complete, f) != 0 ||
	    doc_list(in, "files", &files, f) != 0)
		return -1;
	s->nlabels = json_array_size(files);
	if (s->nlabels > RETURN_LABELS_MAX)
		return fault_set(
		    f, FAULT_INPUT, "over %u label files", RETURN_LABELS_MAX);
	for (size_t i = 0; i < s->nlabels; i++)
		if (take_label(json_array_get(files, i), &s->labels[i], f) != 0)
			return -1;
	return 0;
}

static int
sign_return(const json_t *in, const struct sign_key *k, struct bytes *out,
    struct fault *f)
{
	struct return_statement *s = mem_new(sizeof(*s));
	int rc = -1;

	if (s == NULL)
		return fault_memory(f);
	if (fill_return(in, s, f) == 0)
		rc = return_statement_sign(out, s, k, f);
	mem_free(s);
	return rc;
}

int
vendor_sign_return(void *state, struct asked *a, struct fault *f)
{
	return sign_words(state, a, sign_return, f);
}

static int
received_predicate(const json_t *in, json_t **out, struct fault *f)
{
	char at[CLOCK_CHARS + 1], batch[ID_CHARS + 1];
	char receipt[DIGEST_CHARS + 1];
	uint8_t digest[DIGEST_BYTES];
	uint64_t release;
	const char *owner;

	if (doc_text(in, "owner", &owner, f) != 0 ||
	    take_id(in, "batch", 'b', batch, f) != 0 ||
	    doc_number(in, "release", CATALOG_NUMBER_MAX, &release, f) != 0 ||
	    doc_hex(in, "receipt", digest, sizeof(digest), f) != 0)
		return -1;
	hex_write(receipt, digest, sizeof(digest));
	clock_write(at, clock_now());
	*out = json_pack("{s:s,s:s,s:s,s:s,s:I}", "at", at, "batch", batch,
	    "home", owner, "receipt", receipt, "release", (json_int_t)release);
	return *out != NULL ? 0 : fault_memory(f);
}

static int
sign_received(const json_t *in, const struct sign_key *k, struct bytes *out,
    struct fault *f)
{
	struct statement_draft d = { .predicate_type = RECEIVED_TYPE };
	struct statement_subject *s = NULL;
	json_t *objects;
	int rc = -1;

	if (doc_list(in, "objects", &objects, f) != 0 ||
	    received_predicate(in, &d.predicate, f) != 0)
		return -1;
	d.nsubjects = json_array_size(objects);
	if (d.nsubjects > RECEIVED_MAX) {
		(void)fault_set(f, FAULT_INPUT, "too many objects");
		goto out;
	}
	if ((s = mem_array(d.nsubjects, sizeof(*s))) == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	for (size_t i = 0; i < d.nsubjects; i++) {
		const json_t *o = json_array_get(objects, i);

		if (doc_text(o, "name", &s[i].name, f) != 0 ||
		    doc_hex(o, "sha256", s[i].sha256, DIGEST_BYTES, f) != 0)
			goto out;
	}
	d.subjects = s;
	rc = statement_sign(out, &d, k, f);
out:
	mem_free(s);
	json_decref(d.predicate);
	return rc;
}

int
vendor_sign_received(void *state, struct asked *a, struct fault *f)
{
	return sign_words(state, a, sign_received, f);
}

/* ---- For the courier ---- */

int
vendor_courier(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct ring_name name = { RING_TLS, NULL, 0 };
	char key[COURIER_KEY_CHARS + 1];
	struct sign_key k = { 0 };
	int rc = -1;

	if (take_text(&a->in, key, sizeof(key), f) != 0 ||
	    take_end(&a->in, f) != 0 || peer_owner(h, a, &name.id, f) != 0)
		return -1;
	if (strcmp(key, name.id) != 0)
		return fault_set(
		    f, FAULT_POLICY, "a courier that was made for another");
	if (ring_get_sign_key(h->ring, &name, &k, f) != 0)
		return no_such_owner(name.id, f);
	rc = bytes_add(&a->answer->body, sign_key_seed(&k), SIGN_SEED_BYTES, f);
	sign_key_free(&k);
	return rc;
}
