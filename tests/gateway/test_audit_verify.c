/* gateway/audit: logs judged from their files, tile names, leaves. */

#include "tests/gateway/audit_story.h"

#include <jansson.h>
#include <sys/stat.h>

#include "keys/base/doc.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

static int
verify_folder(const char *path, const char *name, const struct vkey *log,
    bool ours, struct fault *f)
{
	struct audit_copy c = { .ours = ours };
	struct bytes note;
	int dir, rc = -1;

	assert_int_equal(folder_open(AT_FDCWD, path, &dir, f), 0);
	bytes_init(&note, AUDIT_CHECKPOINT_MAX);
	c.from = audit_folder(&dir);
	if (file_read(dir, name, &note, f) == 0 &&
	    audit_checkpoint_open(&c.checkpoint, note.at, note.len, log, f) ==
		0)
		rc = audit_verify(&c, f);
	bytes_free(&note);
	file_close(&dir);
	return rc;
}

static void
foreign_logs_verify_at_every_size(void **state)
{
	char path[512], root[512];
	struct fault f = { 0 };
	struct bytes all;
	size_t count = 0;

	(void)state;
	test_shared(path, sizeof(path), "vectors/tlog/tessera_expect.jsonl");
	test_shared(root, sizeof(root), "vectors/tlog/tessera_log");
	test_read_file(path, &all);
	for (char *line = strtok((char *)all.at, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		const char *name, *vkey, *hash;
		struct audit_checkpoint c;
		struct bytes note;
		char file[600];
		uint8_t want[DIGEST_BYTES];
		struct vkey log;
		size_t len;
		json_t *v;

		assert_ok(doc_read(&v, line, strlen(line), &f));
		assert_ok(doc_text(v, "checkpoint", &name, &f));
		assert_ok(doc_text(v, "vkey", &vkey, &f));
		assert_ok(doc_text(v, "root", &hash, &f));
		assert_ok(vkey_read(&log, vkey, strlen(vkey), &f));
		(void)snprintf(file, sizeof(file), "%.500s/%.60s", root, name);
		test_read_file(file, &note);
		assert_ok(
		    audit_checkpoint_open(&c, note.at, note.len, &log, &f));
		assert_int_equal(
		    c.size, json_integer_value(json_object_get(v, "size")));
		assert_true(base64_read(
		    want, sizeof(want), &len, hash, strlen(hash), true));
		assert_memory_equal(c.root, want, sizeof(want));
		assert_ok(verify_folder(root, name, &log, false, &f));
		/* Its entries are not ours, and nobody says they are. */
		if (c.size > 0)
			assert_refused(
			    verify_folder(root, name, &log, true, &f),
			    FAULT_FORGED);
		log.key[0] ^= 1;
		assert_refused(
		    verify_folder(root, name, &log, false, &f), FAULT_FORGED);
		bytes_free(&note);
		json_decref(v);
		count++;
	}
	print_message("%zu checkpoints\n", count);
	assert_true(count >= 17);
	bytes_free(&all);
}

/* Change byte at of a published file, or cut it there. */
static void
change(const struct home *h, const char *name, off_t at, bool cut)
{
	char path[192];
	uint8_t c;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/log/%s", h->path, name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd != -1);
	if (cut) {
		assert_int_equal(ftruncate(fd, at), 0);
	} else {
		assert_int_equal(pread(fd, &c, 1, at), 1);
		c ^= 1;
		assert_int_equal(pwrite(fd, &c, 1, at), 1);
	}
	file_close(&fd);
}

static void
the_first_bad_entry_is_named(void **state)
{
	static const struct {
		const char *file;
		off_t at;
		bool cut;
		const char *says;
	} cases[] = {
		{ "tile/entries/000", 60, false, "entry 0:" },
		{ "tile/entries/000", 0, false, "entry 0:" },
		{ "tile/entries/000", 0, true, "entry 0: cut short" },
		{ "tile/entries/001.p/44", 60, false, "entry 256:" },
		{ "tile/0/000", 255 * 32, false, "entry 255:" },
		{ "tile/0/000", 7 * 32 + 31, false, "entry 7:" },
		{ "tile/0/000", 100, true, "entry 0: tile/0/000: 100 bytes" },
		{ "tile/0/001.p/44", 43 * 32, false, "entry 299:" },
		{ "tile/1/000.p/1", 3, false, "entries 0 to 255:" },
		{ "tile/1/000.p/1", 31, true, "entry 0: tile/1/000.p/1" },
		{ "checkpoint", 60, false, "signature" },
		{ "checkpoint", 2, false, "signature" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fault f = { 0 };
		char path[128];
		struct home h;

		home_with(&h, 300);
		(void)snprintf(path, sizeof(path), "%s/log", h.path);
		assert_ok(verify_folder(path, "checkpoint", &h.log, true, &f));
		change(&h, cases[i].file, cases[i].at, cases[i].cut);
		assert_refused(
		    verify_folder(path, "checkpoint", &h.log, true, &f),
		    FAULT_FORGED);
		if (strstr(f.text, cases[i].says) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", f.text,
			    cases[i].says);
		home_remove(&h);
	}
}

static void
a_log_that_lost_files_is_cut_short(void **state)
{
	static const char *const files[] = { "tile/entries/000",
		"tile/entries/001.p/44", "tile/0/000", "tile/0/001.p/44",
		"tile/1/000.p/1" };

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct fault f = { 0 };
		char path[192];
		struct home h;

		home_with(&h, 300);
		(void)snprintf(
		    path, sizeof(path), "%s/log/%s", h.path, files[i]);
		assert_int_equal(unlink(path), 0);
		(void)snprintf(path, sizeof(path), "%s/log", h.path);
		assert_refused(
		    verify_folder(path, "checkpoint", &h.log, true, &f),
		    FAULT_FORGED);
		assert_non_null(strstr(f.text, files[i]));
		home_remove(&h);
	}
}

static void
a_full_tile_stands_in_for_a_lost_partial_one(void **state)
{
	struct fault f = { 0 };
	char path[128];
	struct audit *a;
	struct home h;
	uint64_t seq;

	(void)state;
	home_with(&h, 200);
	{
		struct bytes old;

		bytes_init(&old, AUDIT_CHECKPOINT_MAX);
		assert_ok(file_read(h.dir, "log/checkpoint", &old, &f));
		a = reopen(&h);
		add(a, 100, &seq);
		audit_close(a);
		assert_ok(file_put(
		    h.dir, "log/checkpoint.200", old.at, old.len, true, &f));
		bytes_free(&old);
	}
	(void)snprintf(path, sizeof(path), "%s/log", h.path);
	assert_int_equal(faccessat(h.dir, "log/tile/0/000.p/200", F_OK, 0), -1);
	assert_ok(verify_folder(path, "checkpoint.200", &h.log, true, &f));
	home_remove(&h);
}

static void
bytes_behind_the_last_entry_are_noticed(void **state)
{
	struct fault f = { 0 };
	char path[192];
	struct home h;
	int fd;

	(void)state;
	home_with(&h, 3);
	(void)snprintf(
	    path, sizeof(path), "%s/log/tile/entries/000.p/3", h.path);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(write(fd, "\0\0", 2), 2);
	file_close(&fd);
	(void)snprintf(path, sizeof(path), "%s/log", h.path);
	assert_refused(
	    verify_folder(path, "checkpoint", &h.log, true, &f), FAULT_FORGED);
	assert_non_null(strstr(f.text, "entry 2: bytes behind"));
	home_remove(&h);
}

/* ---- names ---- */

static void
tile_names_are_written_and_read_in_one_form(void **state)
{
	static const struct {
		const char *path;
		struct audit_tile t;
	} good[] = {
		{ "tile/0/000", { false, 0, 0, 256 } },
		{ "tile/0/000.p/1", { false, 0, 0, 1 } },
		{ "tile/63/999.p/255", { false, 63, 999, 255 } },
		{ "tile/1/x001/000", { false, 1, 1000, 256 } },
		{ "tile/0/x001/x234/067", { false, 0, 1234067, 256 } },
		{ "tile/5/x123/x456/078.p/2", { false, 5, 123456078, 2 } },
		{ "tile/entries/x003/x057/500", { true, 0, 3057500, 256 } },
		{ "tile/entries/000.p/9", { true, 0, 0, 9 } },
	};
	static const char *const bad[] = { "", "tile", "tile/0", "tile/0/",
		"tile/0/0", "tile/0/00", "tile/0/0000", "tile/00/000",
		"tile/64/000", "tile/-1/000", "tile/+1/000", "tile/0/x000/001",
		"tile/0/x001", "tile/0/001/002", "tile/0/x01/002",
		"tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01",
		"tile/0/000.p/", "tile/0/000.p", "tile/0/000/", "tile/0/000 ",
		"/tile/0/000", "tile//000", "tile/0/../000", "tile/data/000",
		"tile/entries/000.p/5/", "Tile/0/000", "tile/0/000.P/5",
		"tile/0/x999/x999/x999/x999/x999/x999/999" };
	char path[AUDIT_PATH_MAX + 1];
	struct audit_tile t;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		audit_tile_path(path, &good[i].t);
		assert_string_equal(path, good[i].path);
		assert_true(audit_tile_read(&t, path));
		assert_int_equal(t.entries, good[i].t.entries);
		assert_int_equal(t.level, good[i].t.level);
		assert_int_equal(t.n, good[i].t.n);
		assert_int_equal(t.width, good[i].t.width);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (audit_tile_read(&t, bad[i]))
			fail_msg("%s was read", bad[i]);
}

/* The paths of the Go checksum database have a height in front: "tile/8/0/001".
 * Ours, of the fixed height 8, have none, and are otherwise the same. */
static void
foreign_tile_names_are_not_ours(void **state)
{
	struct fault f = { 0 };
	struct bytes all;
	size_t count = 0;
	char path[512];

	(void)state;
	test_shared(path, sizeof(path), "vectors/tlog/tilepaths.jsonl");
	test_read_file(path, &all);
	for (char *line = strtok((char *)all.at, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		char ours[128], back[AUDIT_PATH_MAX + 1];
		const char *theirs, *rest;
		struct audit_tile t;
		bool good;
		json_t *v;

		assert_ok(doc_read(&v, line, strlen(line), &f));
		assert_ok(doc_text(v, "path", &theirs, &f));
		assert_false(audit_tile_read(&t, theirs));
		rest = strchr(theirs + 5, '/');
		assert_non_null(rest);
		(void)snprintf(ours, sizeof(ours), "tile%s", rest);
		good = strstr(ours, "/123/") == NULL &&
		       strstr(ours, "data") == NULL;
		assert_int_equal(audit_tile_read(&t, ours), good);
		if (good) {
			audit_tile_path(back, &t);
			assert_string_equal(back, ours);
		}
		json_decref(v);
		count++;
	}
	assert_true(count >= 8);
	bytes_free(&all);
}

static void
tiles_are_as_wide_as_the_standards_example_says(void **state)
{
	(void)state;
	assert_int_equal(audit_tile_width(70000, 0, 272), 256);
	assert_int_equal(audit_tile_width(70000, 0, 273), 112);
	assert_int_equal(audit_tile_width(70000, 0, 274), 0);
	assert_int_equal(audit_tile_width(70000, 1, 0), 256);
	assert_int_equal(audit_tile_width(70000, 1, 1), 17);
	assert_int_equal(audit_tile_width(70000, 2, 0), 1);
	assert_int_equal(audit_tile_width(70000, 3, 0), 0);
	assert_int_equal(audit_tile_width(256, 0, 0), 256);
	assert_int_equal(audit_tile_width(256, 0, 1), 0);
	assert_int_equal(audit_tile_width(256, 1, 0), 1);
	assert_int_equal(audit_tile_width(0, 0, 0), 0);
	assert_int_equal(audit_tile_width(UINT64_MAX >> 1, 63, 0), 0);
}

/* ---- leaves ---- */

#define SALT "\"salt\":\"00112233445566778899aabbccddeeff\""
#define AT "\"at\":\"2026-11-23T20:15:00Z\""

static void
leaves_have_one_form(void **state)
{
	static const char *const good[] = {
		"{" AT ",\"kind\":\"x\"," SALT "}",
		"{" AT ",\"b\":[\"a\",\"b\"],\"kind\":\"x\",\"l\":[],\"n\":0,"
		"\"o\":null," SALT ",\"t\":true,\"z\":\"~ \"}",
		"{" AT ",\"kind\":\"x\",\"n\":9007199254740991," SALT "}",
	};
	static const char *const bad[] = { "", "{}", "[]", "null",
		"{" AT ",\"kind\":\"x\"}", "{" AT "," SALT "}",
		"{\"kind\":\"x\"," SALT "}", "{" AT ",\"kind\":\"\"," SALT "}",
		"{" AT ",\"kind\":5," SALT "}",
		"{\"at\":\"2026-11-23\",\"kind\":\"x\"," SALT "}",
		"{" AT ",\"kind\":\"x\",\"salt\":\"0011\"}",
		"{" AT ",\"kind\":\"x\"," SALT ",\"sidecar\":\"00\"}",
		"{" AT ",\"kind\":\"x\"," SALT "} ",
		" {" AT ",\"kind\":\"x\"," SALT "}",
		"{" AT ", \"kind\":\"x\"," SALT "}",
		"{\"kind\":\"x\"," AT "," SALT "}",
		"{" AT "," AT ",\"kind\":\"x\"," SALT "}",
		"{" AT ",\"kind\":\"x\",\"n\":01," SALT "}",
		"{" AT ",\"kind\":\"x\",\"n\":-1," SALT "}",
		"{" AT ",\"kind\":\"x\",\"n\":1.5," SALT "}",
		"{" AT ",\"kind\":\"x\",\"n\":9007199254740992," SALT "}",
		"{" AT ",\"kind\":\"x\",\"n\":{}," SALT "}",
		"{" AT ",\"kind\":\"x\",\"n\":[1]," SALT "}",
		"{" AT ",\"kind\":\"x\",\"n\":[\"a\",]," SALT "}",
		"{" AT ",\"kind\":\"x\",\"n\":\"\\u0041\"," SALT "}",
		"{" AT ",\"kind\":\"x\",\"n\":\"\xc3\xa9\"," SALT "}",
		"{" AT ",\"kind\":\"x\",\"n\":tru," SALT "}",
		"{" AT ",\"kind\":\"x\"," SALT ",}",
		"{" AT ",\"kind\":\"x\"," SALT };
	struct audit_leaf l;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct fault f = { 0 };
		struct bytes b;
		json_t *v;

		assert_ok(audit_leaf_read(&l, good[i], strlen(good[i]), &f));
		assert_int_equal(l.at, 1795464900);
		/* And it is what the canonical writer writes. */
		bytes_init(&b, AUDIT_LEAF_MAX);
		assert_ok(doc_read(&v, good[i], strlen(good[i]), &f));
		assert_ok(doc_write(&b, v, &f));
		assert_int_equal(b.len, strlen(good[i]));
		assert_memory_equal(b.at, good[i], b.len);
		json_decref(v);
		bytes_free(&b);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct fault f = { 0 };

		if (audit_leaf_read(&l, bad[i], strlen(bad[i]), &f) == 0)
			fail_msg("%s was read", bad[i]);
		assert_int_equal(f.kind, FAULT_FORGED);
	}
}

static void
a_body_that_is_no_leaf_is_not_written(void **state)
{
	json_t *bodies[] = { json_pack("{s:s}", "at", "x"),
		json_pack("{s:s}", "salt", "x"), json_pack("{s:{}}", "o"),
		json_pack("{s:f}", "n", 0.5), json_pack("{s:s}", "t", "a\"b"),
		json_pack("{s:s}", "t", "\xc3\xa9"), json_array() };
	struct bytes b;

	(void)state;
	bytes_init(&b, AUDIT_LEAF_MAX);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct audit_draft d = { .kind = "x", .body = bodies[i] };
		struct fault f = { 0 };

		assert_int_equal(audit_leaf_write(&b, &d, &f), -1);
		assert_int_equal(f.kind, FAULT_INPUT);
		assert_int_equal(b.len, 0);
		json_decref(bodies[i]);
	}
	bytes_free(&b);
}

static void
two_leaves_of_the_same_body_differ_by_their_salt(void **state)
{
	json_t *body = json_pack("{s:i}", "n", 1);
	struct audit_draft d = { .kind = "x", .body = body };
	struct fault f = { 0 };
	struct bytes a, b;

	(void)state;
	bytes_init(&a, AUDIT_LEAF_MAX);
	bytes_init(&b, AUDIT_LEAF_MAX);
	assert_ok(audit_leaf_write(&a, &d, &f));
	assert_ok(audit_leaf_write(&b, &d, &f));
	assert_int_equal(a.len, b.len);
	assert_memory_not_equal(a.at, b.at, a.len);
	bytes_free(&a);
	bytes_free(&b);
	json_decref(body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(foreign_logs_verify_at_every_size),
		cmocka_unit_test(the_first_bad_entry_is_named),
		cmocka_unit_test(a_log_that_lost_files_is_cut_short),
		cmocka_unit_test(a_full_tile_stands_in_for_a_lost_partial_one),
		cmocka_unit_test(bytes_behind_the_last_entry_are_noticed),
		cmocka_unit_test(tile_names_are_written_and_read_in_one_form),
		cmocka_unit_test(foreign_tile_names_are_not_ours),
		cmocka_unit_test(
		    tiles_are_as_wide_as_the_standards_example_says),
		cmocka_unit_test(leaves_have_one_form),
		cmocka_unit_test(a_body_that_is_no_leaf_is_not_written),
		cmocka_unit_test(
		    two_leaves_of_the_same_body_differ_by_their_salt),
	};
	struct fault f = { 0 };

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
