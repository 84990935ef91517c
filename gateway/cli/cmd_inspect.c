/* What anyone can tell of an age file: recipients' kinds, sizes, chunks. */

#include "gateway/cli/cli_commands.h"
#include "gateway/cli/print_internal.h"
#include "gateway/cli/streams_internal.h"
#include "keys/age/age.h"

static int
summary_json(const struct age_summary *s, uint64_t plain, struct fault *f)
{
	json_t *list = json_array(), *o;
	int rc = -1;

	for (size_t i = 0; list != NULL && i < s->header.nstanzas; i++)
		if (json_array_append_new(list,
			json_string(
			    age_kind_name(s->header.stanzas[i].kind))) != 0)
			goto out;
	o = json_pack("{s:s, s:b, s:O, s:I, s:I, s:I, s:I}", "format",
	    "age-encryption.org/v1", "armor", s->armor, "recipients", list,
	    "header_bytes", (json_int_t)s->header.len, "payload_bytes",
	    (json_int_t)s->payload_bytes, "chunks",
	    (json_int_t)age_chunks(plain), "plain_bytes", (json_int_t)plain);
	if (o == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	rc = print_json(o, f);
	json_decref(o);
out:
	json_decref(list);
	return rc;
}

static void
print_summary(const struct age_summary *s, uint64_t plain)
{
	static const enum age_kind kinds[] = { AGE_X25519, AGE_HYBRID,
		AGE_SCRYPT, AGE_OTHER };

	speak("age v1, %s\n", s->armor ? "armor" : "binary");
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		size_t n = 0;

		for (size_t i = 0; i < s->header.nstanzas; i++)
			n += s->header.stanzas[i].kind == kinds[k];
		if (n > 0)
			speak("recipients     %zu %s\n", n,
			    age_kind_name(kinds[k]));
	}
	speak("header bytes   %zu\npayload bytes  %llu\nchunks         %llu\n"
	      "plain bytes    %llu\n",
	    s->header.len, (unsigned long long)s->payload_bytes,
	    (unsigned long long)age_chunks(plain), (unsigned long long)plain);
}

int
cmd_inspect(struct cli *c, struct fault *f)
{
	struct age_summary s;
	uint64_t plain;
	int fd = -1, rc;

	if (input_open(c->words[0], &fd, f) != 0)
		return -1;
	rc = age_inspect_fd(fd, &s, f);
	file_close(&fd);
	if (rc != 0)
		return fault_at(f, "%s", c->words[0]);
	if (!age_plain_bytes(s.payload_bytes, &plain))
		rc = fault_set(
		    f, FAULT_FORGED, "%s: payload: cut short", c->words[0]);
	else if (c->json)
		rc = summary_json(&s, plain, f);
	else
		print_summary(&s, plain);
	age_summary_free(&s);
	return rc;
}
