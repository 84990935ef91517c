/* keys/age: streams from descriptor to descriptor: keys instead of identities,
 * places in a file, full disks, progress, inspection. */

#include "tests/support/test.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "keys/age/age.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

static struct age_identity id;
static struct age_recipient to;
static char folder[64];
static int dir = -1;

/* The file "in" to where, or to "out" in the folder. */
static void
ends_open(struct age_pump *p, const char *where)
{
	p->in = openat(dir, "in", O_RDONLY | O_CLOEXEC);
	p->out = where != NULL ? open(where, O_WRONLY | O_CLOEXEC)
			       : openat(dir, "out", O_RDWR | O_CLOEXEC);
	assert_true(p->in != -1 && p->out != -1);
}

static void
ends_close(struct age_pump *p)
{
	file_close(&p->in);
	file_close(&p->out);
}

static void
sealed_new(struct bytes *sealed, const void *p, size_t len)
{
	struct fault f = { 0 };

	bytes_init(sealed, 64u << 20);
	assert_ok(age_seal_small(sealed, &to, 1, p, len, &f));
}

static void
a_file_key_opens_without_an_identity(void **state)
{
	struct age_pump p = { .threads = 1 };
	struct secret key = { 0 }, wrong = { 0 };
	struct fault f = { 0 };
	struct age_header h;
	struct bytes sealed;
	char back[8] = "";

	(void)state;
	sealed_new(&sealed, "photos", 6);
	assert_ok(file_put(dir, "in", sealed.at, sealed.len, true, &f));
	assert_ok(file_put(dir, "out", "", 0, true, &f));
	assert_ok(age_header_read(&h, sealed.at, sealed.len, &f));
	assert_ok(age_header_open(&h, &id, 1, &key, &f));
	assert_ok(secret_random(&wrong, AGE_FILE_KEY_BYTES, &f));
	ends_open(&p, NULL);
	assert_refused(age_open_fd_with_key(&p, &wrong, &f), FAULT_FORGED);
	assert_int_equal(lseek(p.in, 0, SEEK_SET), 0);
	assert_ok(age_open_fd_with_key(&p, &key, &f));
	assert_int_equal(pread(p.out, back, 8, 0), 6);
	assert_string_equal(back, "photos");
	ends_close(&p);
	secret_free(&key);
	secret_free(&wrong);
	age_header_free(&h);
	bytes_free(&sealed);
}

static void
sealing_a_stream_again_repeats_neither_file_key_nor_nonce(void **state)
{
	uint8_t keys[2][AGE_FILE_KEY_BYTES], nonces[2][AGE_NONCE_BYTES];
	struct fault f = { 0 };

	(void)state;
	assert_ok(file_put(dir, "in", "same", 4, true, &f));
	for (unsigned i = 0; i < 2; i++) {
		struct age_pump p = { .threads = 1 };
		struct secret key;
		struct age_header h;
		struct bytes sealed;

		assert_ok(file_put(dir, "out", "", 0, true, &f));
		ends_open(&p, NULL);
		assert_ok(age_seal_fd(&p, &to, 1, &f));
		ends_close(&p);
		bytes_init(&sealed, 4096);
		assert_ok(file_read(dir, "out", &sealed, &f));
		assert_ok(age_header_read(&h, sealed.at, sealed.len, &f));
		assert_ok(age_header_open(&h, &id, 1, &key, &f));
		memcpy(keys[i], key.at, sizeof(keys[i]));
		memcpy(nonces[i], sealed.at + h.len, sizeof(nonces[i]));
		secret_free(&key);
		age_header_free(&h);
		bytes_free(&sealed);
	}
	assert_memory_not_equal(keys[0], keys[1], sizeof(keys[0]));
	assert_memory_not_equal(nonces[0], nonces[1], sizeof(nonces[0]));
}

/* A stream may stand in the middle of a file, with something before it. */
static void
a_stream_begins_where_its_descriptor_stands(void **state)
{
	static uint8_t plain[200000];
	struct age_pump p = { .threads = 2 };
	struct fault f = { 0 };
	struct bytes sealed, all;

	(void)state;
	random_fill(plain, sizeof(plain));
	sealed_new(&sealed, plain, sizeof(plain));
	bytes_init(&all, 1u << 20);
	assert_ok(bytes_add(&all, plain, 12345, &f));
	assert_ok(bytes_add(&all, sealed.at, sealed.len, &f));
	assert_ok(file_put(dir, "in", all.at, all.len, true, &f));
	for (int map = 0; map < 2; map++) {
		assert_ok(file_put(dir, "out", "", 0, true, &f));
		p.map = map == 1;
		ends_open(&p, NULL);
		assert_int_equal(lseek(p.in, 12345, SEEK_SET), 12345);
		assert_ok(age_open_fd(&p, &id, 1, &f));
		assert_int_equal(p.plain_bytes, sizeof(plain));
		assert_int_equal(lseek(p.out, 0, SEEK_SET), 0);
		bytes_reset(&all);
		assert_ok(file_read_fd(p.out, &all, &f));
		assert_memory_equal(all.at, plain, sizeof(plain));
		ends_close(&p);
	}
	bytes_free(&all);
	bytes_free(&sealed);
}

static void
a_full_disk_is_a_fault_of_the_system(void **state)
{
	static uint8_t plain[2000000];
	struct age_pump p = { .threads = 3 };
	struct fault f = { 0 };

	(void)state;
	assert_ok(file_put(dir, "in", plain, sizeof(plain), true, &f));
	ends_open(&p, "/dev/full");
	assert_refused(age_seal_fd(&p, &to, 1, &f), FAULT_SYSTEM);
	ends_close(&p);
	p.in = open("/", O_RDONLY | O_DIRECTORY); /* cannot be read */
	p.out = open("/dev/null", O_WRONLY);
	assert_refused(age_seal_fd(&p, &to, 1, &f), FAULT_SYSTEM);
	assert_refused(age_open_fd(&p, &id, 1, &f), FAULT_SYSTEM);
	ends_close(&p);
}

static void
told(void *context, uint64_t plain_bytes)
{
	uint64_t *last = context;

	assert_true(plain_bytes >= *last);
	*last = plain_bytes;
}

static void
progress_is_told_in_order_to_the_end(void **state)
{
	static uint8_t plain[3000000];
	uint64_t last = 0;
	struct age_pump p = {
		.threads = 3, .progress = told, .context = &last
	};
	struct fault f = { 0 };

	(void)state;
	assert_ok(file_put(dir, "in", plain, sizeof(plain), true, &f));
	ends_open(&p, "/dev/null");
	assert_ok(age_seal_fd(&p, &to, 1, &f));
	assert_int_equal(last, sizeof(plain));
	ends_close(&p);
}

static void
inspection_counts_what_is_there(void **state)
{
	static uint8_t plain[200000];
	struct age_summary s;
	struct fault f = { 0 };
	struct bytes sealed, text;
	uint64_t want;
	int fd;

	(void)state;
	sealed_new(&sealed, plain, sizeof(plain));
	bytes_init(&text, 1u << 20);
	assert_ok(age_armor_write(&text, sealed.at, sealed.len, &f));
	assert_true(age_payload_bytes(sizeof(plain), &want));
	for (int armor = 0; armor < 2; armor++) {
		const struct bytes *from = armor == 1 ? &text : &sealed;

		assert_ok(file_put(dir, "in", from->at, from->len, true, &f));
		fd = openat(dir, "in", O_RDONLY);
		assert_ok(age_inspect_fd(fd, &s, &f));
		(void)close(fd);
		assert_int_equal(s.armor, armor);
		assert_int_equal(s.payload_bytes, want);
		assert_int_equal(s.header.nstanzas, 1);
		assert_int_equal(s.header.stanzas[0].kind, AGE_X25519);
		age_summary_free(&s);
	}
	bytes_free(&text);
	bytes_free(&sealed);
}

/* Stanzas addressed to an X25519 identity and wrong: the file is refused, not
 * taken for somebody else's. */
static void
a_malformed_x25519_stanza_is_not_passed_over(void **state)
{
	static const char *const stanzas[] = {
		/* a share of low order: the shared secret would be zero */
		"-> X25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
		"hjabGXwSLQ9c3S6Lw2i+S2Tu2fiwQHHslbBN6B41FLE\n",
		"-> X25519\nhjabGXwSLQ9c3S6Lw2i+S2Tu2fiwQHHslbBN6B41FLE\n",
		"-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc more\n"
		"hjabGXwSLQ9c3S6Lw2i+S2Tu2fiwQHHslbBN6B41FLE\n",
		"-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOA\n"
		"hjabGXwSLQ9c3S6Lw2i+S2Tu2fiwQHHslbBN6B41FLE\n",
		"-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCd\n"
		"hjabGXwSLQ9c3S6Lw2i+S2Tu2fiwQHHslbBN6B41FLE\n",
		"-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc\n"
		"hjabGXwSLQ9c3S6Lw2i+S2Tu2fiwQHHslbBN6B41FA\n",
		/* a passphrase beside another recipient */
		"-> x\n\n-> scrypt rF0/NwblUHHTpgQgRpe5CQ 10\n"
		"gUjEymFKMVXQEKdMMHL24oYexjE3TIC0O0zGSqJ2aUY\n",
	};
	struct fault f = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(stanzas) / sizeof(stanzas[0]); i++) {
		struct bytes text;
		struct secret out;

		bytes_init(&text, 4096);
		assert_ok(bytes_addf(&text, &f,
		    "age-encryption.org/v1\n%s--- %s\n", stanzas[i],
		    "WyJp9F/9FOZh7gJdheq2WIJcwHgYc8NIVh3ddwhrcNg"));
		assert_refused(
		    age_open_small(&out, text.at, text.len, &id, 1, &f),
		    FAULT_INPUT);
		assert_memory_equal(f.text, "header: ", 8);
		bytes_free(&text);
	}
}

static void
every_allocation_may_fail(void **state)
{
	static uint8_t plain[600000];
	struct bytes sealed;
	struct fault f = { 0 };
	int done = 0;

	(void)state;
	sealed_new(&sealed, plain, sizeof(plain));
	assert_ok(file_put(dir, "in", sealed.at, sealed.len, true, &f));
	for (long n = 0; !done; n++) {
		struct age_pump p = { .threads = 2 };
		int rc;

		ends_open(&p, "/dev/null");
		f = (struct fault){ 0 };
		mem_fail_after(n);
		rc = age_open_fd(&p, &id, 1, &f);
		mem_fail_after(-1);
		if (rc != 0)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		else
			done = 1;
		ends_close(&p);
		assert_true(n < 1000);
	}
	bytes_free(&sealed);
}

static int
set_up(void **state)
{
	struct fault f = { 0 };

	(void)state;
	test_folder(folder);
	if (folder_open(AT_FDCWD, folder, &dir, &f) != 0 ||
	    age_identity_new(&id, &f) != 0 ||
	    age_identity_recipient(&to, &id, &f) != 0)
		return -1;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	age_identity_free(&id);
	file_close(&dir);
	test_folder_remove(folder);
	return 0;
}

int
main(void)
{
	struct fault f = { 0 };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_key_opens_without_an_identity),
		cmocka_unit_test(
		    sealing_a_stream_again_repeats_neither_file_key_nor_nonce),
		cmocka_unit_test(a_stream_begins_where_its_descriptor_stands),
		cmocka_unit_test(a_full_disk_is_a_fault_of_the_system),
		cmocka_unit_test(progress_is_told_in_order_to_the_end),
		cmocka_unit_test(inspection_counts_what_is_there),
		cmocka_unit_test(a_malformed_x25519_stanza_is_not_passed_over),
		cmocka_unit_test(every_allocation_may_fail),
	};

	must(secret_start(&f) == 0);
	return cmocka_run_group_tests_name(
	    "age descriptors", tests, set_up, tear_down);
}
