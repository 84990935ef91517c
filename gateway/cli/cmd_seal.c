/*
 * age files by hand: keygen, seal, open.  They need no home, so that scripts
 * and foreign tests can drive keys/age alone.
 */

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/cli/cli_commands.h"
#include "gateway/cli/key_files_internal.h"
#include "gateway/cli/streams_internal.h"
#include "keys/age/age.h"
#include "keys/base/clock.h"
#include "keys/base/text.h"

/* What a person may want to read on a terminal. */
#define TERMINAL_MAX (1 << 20)

const struct option keygen_options[] = {
	{ "out", 'o', "FILE", "write the identity there, not over another" },
	{ "hybrid", 0, NULL, "post-quantum, where OpenSSL has ML-KEM-768" },
	{ "recipient", 'y', "FILE",
	    "print the recipients of an identity file" },
	{ NULL, 0, NULL, NULL },
};

const struct option seal_options[] = {
	{ "recipient", 'r', "RECIPIENT", "seal to age1...; may be repeated" },
	{ "recipients-file", 'R', "FILE", "seal to each recipient in FILE" },
	{ "passphrase", 'p', NULL, "seal under a passphrase" },
	{ "passphrase-fd", 0, "N", "read it from descriptor N" },
	{ "armor", 'a', NULL, "write text that mail can carry" },
	{ "out", 'o', "OUT", "write there, whole or nothing" },
	{ NULL, 0, NULL, NULL },
};

const struct option open_options[] = {
	{ "identity", 'i', "FILE", "open with its identities; repeatable" },
	{ "passphrase", 'p', NULL, "open with a passphrase" },
	{ "passphrase-fd", 0, "N", "read it from descriptor N" },
	{ "out", 'o', "OUT", "write there, whole or nothing" },
	{ NULL, 0, NULL, NULL },
};

/* The identity as age-keygen writes it. */
static int
write_identity(int fd, const struct age_identity *id, const char *recipient,
    struct fault *f)
{
	struct secret text = { 0 };
	char now[CLOCK_CHARS + 1];
	struct bytes comment;
	int rc = -1;

	bytes_init(&comment, 8192);
	clock_write(now, clock_now());
	if (bytes_addf(&comment, f, "# created: %s\n# public key: %s\n", now,
		recipient) != 0 ||
	    age_identity_write(&text, id, f) != 0)
		goto out;
	text.at[text.len - 1] = '\n';
	if (file_write(fd, comment.at, comment.len, f) == 0 &&
	    file_write(fd, text.at, text.len, f) == 0)
		rc = 0;
out:
	secret_free(&text);
	bytes_free(&comment);
	return rc;
}

static int
print_recipients(const struct cli *c, const char *path, struct fault *f)
{
	struct age_identities list = { 0 };
	struct age_recipient r;
	struct bytes text;
	int rc;

	bytes_init(&text, 1 << 20);
	rc = load_identities(c, &list, path, f);
	for (size_t i = 0; rc == 0 && i < list.n; i++)
		if (age_identity_recipient(&r, &list.at[i], f) != 0 ||
		    age_recipient_write(&text, &r, f) != 0 ||
		    bytes_add(&text, "\n", 1, f) != 0)
			rc = -1;
	if (rc == 0)
		rc = file_write(STDOUT_FILENO, text.at, text.len, f);
	bytes_free(&text);
	age_identities_free(&list);
	return rc;
}

int
cmd_keygen(struct cli *c, struct fault *f)
{
	struct age_identity id = { 0 };
	struct age_recipient r;
	struct output out;
	struct bytes text;
	int rc = -1;

	if (option_text(c, "recipient") != NULL)
		return print_recipients(c, option_text(c, "recipient"), f);
	bytes_init(&text, 8192);
	if (output_open(&out, option_text(c, "out"), f) != 0 ||
	    (option_set(c, "hybrid") ? age_identity_new_hybrid(&id, f)
				     : age_identity_new(&id, f)) != 0 ||
	    age_identity_recipient(&r, &id, f) != 0 ||
	    age_recipient_write(&text, &r, f) != 0 ||
	    bytes_end_text(&text, f) != 0 ||
	    write_identity(out.fd, &id, (const char *)text.at, f) != 0 ||
	    output_keep(&out, false, f) != 0)
		goto out;
	speak_to(stderr, "Public key: %s\n", (const char *)text.at);
	rc = 0;
out:
	output_drop(&out);
	age_identity_free(&id);
	bytes_free(&text);
	return rc;
}

/* -r, -R and -p into one list. */
static int
collect_recipients(
    const struct cli *c, struct age_recipients *list, struct fault *f)
{
	struct age_recipient r = { 0 };
	struct secret passphrase;
	const char *value;
	int rc;

	for (size_t i = 0; (value = option_nth(c, "recipient", i)) != NULL; i++)
		if (age_recipient_read(&r, value, strlen(value), f) != 0 ||
		    age_recipients_add(list, &r, f) != 0)
			return fault_at(f, "--recipient %zu", i + 1);
	for (size_t i = 0;
	     (value = option_nth(c, "recipients-file", i)) != NULL; i++)
		if (load_recipients(list, value, f) != 0)
			return -1;
	if (!option_set(c, "passphrase") && !option_set(c, "passphrase-fd")) {
		if (list->n > 0)
			return 0;
		(void)fault_set(f, FAULT_USAGE, "no recipient");
		return fault_hint(f, "handoff seal -r age1... < in > out");
	}
	if (list->n > 0)
		return fault_set(f, FAULT_USAGE,
		    "a passphrase and recipients cannot be combined");
	if (read_passphrase(c, &passphrase, "Passphrase: ", true, f) != 0)
		return -1;
	rc = age_recipient_passphrase(&r, passphrase.at, passphrase.len, f);
	if (rc == 0)
		rc = age_recipients_add(list, &r, f);
	age_recipient_free(&r);
	secret_free(&passphrase);
	return rc;
}

int
cmd_seal(struct cli *c, struct fault *f)
{
	const char *to = option_text(c, "out");
	struct age_recipients list = { 0 };
	struct progress progress;
	struct output out;
	struct age_pump p = { .in = -1,
		.armor = option_set(c, "armor"),
		.map = true,
		.progress = progress_bytes,
		.context = &progress };
	int rc = -1;

	if (!p.armor && to == NULL && isatty(STDOUT_FILENO)) {
		(void)fault_set(
		    f, FAULT_USAGE, "binary output does not go to a terminal");
		return fault_hint(f, "handoff seal -a, or -o FILE");
	}
	progress_start(&progress, c);
	input_may_be_mapped();
	if (collect_recipients(c, &list, f) != 0)
		goto out_keys;
	if (output_open(&out, to, f) != 0 ||
	    input_open(c->nwords > 0 ? c->words[0] : NULL, &p.in, f) != 0 ||
	    output_apart(&out, p.in, f) != 0)
		goto out;
	p.out = out.fd;
	if (age_seal_fd(&p, list.at, list.n, f) == 0)
		rc = output_keep(&out, true, f);
	progress_end(&progress);
out:
	output_drop(&out);
	file_close(&p.in);
out_keys:
	age_recipients_free(&list);
	return rc;
}

/* -i and -p into one list. */
static int
collect_identities(
    const struct cli *c, struct age_identities *list, struct fault *f)
{
	struct age_identity id = { 0 };
	struct secret passphrase;
	const char *path;
	int rc;

	for (size_t i = 0; (path = option_nth(c, "identity", i)) != NULL; i++)
		if (load_identities(c, list, path, f) != 0)
			return -1;
	if (!option_set(c, "passphrase") &&
	    (list->n > 0 || !option_set(c, "passphrase-fd"))) {
		if (list->n > 0)
			return 0;
		(void)fault_set(f, FAULT_USAGE, "no identity");
		return fault_hint(f, "handoff open -i FILE, or -p");
	}
	if (read_passphrase(c, &passphrase, "Passphrase: ", false, f) != 0)
		return -1;
	rc = age_identity_passphrase(&id, passphrase.at, passphrase.len, f);
	if (rc == 0)
		rc = age_identities_add(list, &id, f);
	age_identity_free(&id);
	secret_free(&passphrase);
	return rc;
}

/* A terminal gets text, and only when all of it is there and genuine. */
static int
open_to_terminal(
    struct age_pump *p, const struct age_identities *list, struct fault *f)
{
	char *at = MAP_FAILED;
	int rc = -1;

	p->out = memfd_create("text", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (p->out == -1 || ftruncate(p->out, TERMINAL_MAX) != 0 ||
	    fcntl(p->out, F_ADD_SEALS, F_SEAL_GROW) != 0)
		return fault_errno(f, "hold the text");
	if (age_open_fd(p, list->at, list->n, f) != 0) {
		if (f->kind != FAULT_SYSTEM)
			goto out;
		fault_clear(f);
		(void)fault_set(f, FAULT_USAGE,
		    "over a mebibyte does not go to a terminal");
		(void)fault_hint(f, "handoff open -o FILE");
		goto out;
	}
	at = mmap(NULL, TERMINAL_MAX, PROT_READ, MAP_SHARED, p->out, 0);
	if (at == MAP_FAILED) {
		(void)fault_errno(f, "hold the text");
		goto out;
	}
	if (!utf8_valid(at, p->plain_bytes) ||
	    memchr(at, 0, p->plain_bytes) != NULL ||
	    memchr(at, 033, p->plain_bytes) != NULL) {
		(void)fault_set(
		    f, FAULT_USAGE, "binary output does not go to a terminal");
		(void)fault_hint(f, "handoff open -o FILE");
		goto out;
	}
	rc = file_write(STDOUT_FILENO, at, p->plain_bytes, f);
out:
	if (at != MAP_FAILED)
		(void)munmap(at, TERMINAL_MAX);
	file_close(&p->out);
	return rc;
}

int
cmd_open(struct cli *c, struct fault *f)
{
	const char *to = option_text(c, "out");
	struct age_identities list = { 0 };
	struct progress progress;
	struct output out;
	struct age_pump p = { .in = -1,
		.map = true,
		.progress = progress_bytes,
		.context = &progress };
	int rc = -1;

	progress_start(&progress, c);
	input_may_be_mapped();
	if (collect_identities(c, &list, f) != 0)
		goto out_keys;
	if (output_open(&out, to, f) != 0 ||
	    input_open(c->nwords > 0 ? c->words[0] : NULL, &p.in, f) != 0 ||
	    output_apart(&out, p.in, f) != 0)
		goto out;
	p.out = out.fd;
	if (to == NULL && isatty(STDOUT_FILENO))
		rc = open_to_terminal(&p, &list, f);
	else if (age_open_fd(&p, list.at, list.n, f) == 0)
		rc = output_keep(&out, true, f);
	progress_end(&progress);
out:
	output_drop(&out);
	file_close(&p.in);
out_keys:
	age_identities_free(&list);
	return rc;
}
