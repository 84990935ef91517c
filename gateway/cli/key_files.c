/* Passphrases and files of keys, as commands are given them. */

#include <fcntl.h>
#include <string.h>

#include "gateway/cli/key_files_internal.h"
#include "gateway/cli/streams_internal.h"

/* Far more than people keep in one file of keys. */
#define KEY_FILE_MAX (256u * 1024u)

int
read_passphrase(const struct cli *c, struct secret *out, const char *prompt,
    bool twice, struct fault *f)
{
	unsigned long long n = 0;
	struct secret again = { 0 };
	int tty, rc = -1;

	*out = (struct secret){ 0 };
	if (option_set(c, "passphrase-fd")) {
		if (option_number(c, "passphrase-fd", 1023, &n, f) != 0)
			return -1;
		return secret_read_passphrase(out, (int)n, prompt, f);
	}
	if ((tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) == -1) {
		(void)fault_set(
		    f, FAULT_USAGE, "no terminal to ask for a passphrase on");
		return fault_hint(
		    f, "handoff %s --passphrase-fd 3 ...", c->command->name);
	}
	if (secret_read_passphrase(out, tty, prompt, f) != 0)
		goto out;
	if (twice &&
	    secret_read_passphrase(&again, tty, "The same again: ", f) != 0)
		goto out;
	if (twice && (again.len != out->len ||
			 !secret_same(again.at, out->at, out->len)))
		(void)fault_set(f, FAULT_USAGE, "the passphrases differ");
	else
		rc = 0;
out:
	if (rc != 0)
		secret_free(out);
	secret_free(&again);
	file_close(&tty);
	return rc;
}

int
load_identities(const struct cli *c, struct age_identities *list,
    const char *path, struct fault *f)
{
	struct secret text = { 0 }, opened = { 0 }, passphrase = { 0 };
	struct age_identity id = { 0 };
	size_t got;
	int fd = -1, rc = -1;

	if (input_open(path, &fd, f) != 0 ||
	    secret_new(&text, KEY_FILE_MAX + 1, f) != 0 ||
	    file_read_some(fd, text.at, text.len, &got, f) != 0)
		goto out;
	if (got > KEY_FILE_MAX) {
		(void)fault_set(f, FAULT_INPUT, "over %u bytes", KEY_FILE_MAX);
		goto out;
	}
	if (age_is_armor(text.at, got) ||
	    (got > 4 && memcmp(text.at, "age-", 4) == 0)) {
		if (read_passphrase(c, &passphrase,
			"Passphrase of the identity file: ", false, f) != 0 ||
		    age_identity_passphrase(
			&id, passphrase.at, passphrase.len, f) != 0 ||
		    age_open_small(&opened, text.at, got, &id, 1, f) != 0)
			goto out;
		rc = age_identities_read(
		    list, (const char *)opened.at, opened.len, f);
	} else {
		rc = age_identities_read(list, (const char *)text.at, got, f);
	}
out:
	if (rc != 0)
		(void)fault_at(f, "identity file %s", path);
	age_identity_free(&id);
	secret_free(&passphrase);
	secret_free(&opened);
	secret_free(&text);
	file_close(&fd);
	return rc;
}

int
load_recipients(struct age_recipients *list, const char *path, struct fault *f)
{
	struct bytes text;
	int fd = -1, rc = -1;

	bytes_init(&text, KEY_FILE_MAX);
	if (input_open(path, &fd, f) == 0 && file_read_fd(fd, &text, f) == 0)
		rc = age_recipients_read(
		    list, (const char *)text.at, text.len, f);
	if (rc != 0)
		(void)fault_at(f, "recipients file %s", path);
	bytes_free(&text);
	file_close(&fd);
	return rc;
}
