/* gateway/audit: time in a log goes forward only. */

#include "tests/gateway/audit_story.h"

static void
the_clock_never_precedes_the_last_entry(void **state)
{
	json_t *body = json_object();
	struct audit_draft d = { .kind = "x", .body = body };
	struct fault f = { 0 };
	struct bytes leaf;
	struct slice s;
	struct audit *a;
	struct home h;
	uint64_t seq;

	(void)state;
	home_with(&h, 1);
	a = reopen(&h);
	bytes_init(&leaf, AUDIT_LEAF_MAX);
	d.at = clock_now() + 5000;
	assert_ok(audit_leaf_write(&leaf, &d, &f));
	s = (struct slice){ leaf.at, leaf.len };
	assert_ok(audit_begin(a, &f));
	assert_ok(audit_add(a, s, (struct slice){ NULL, 0 }, &seq, &f));
	assert_ok(audit_commit(a, &f));
	assert_int_equal(audit_now(a), d.at);
	audit_close(a);
	a = reopen(&h);
	assert_int_equal(audit_now(a), d.at);
	bytes_reset(&leaf);
	d.at -= 1;
	assert_ok(audit_leaf_write(&leaf, &d, &f));
	s = (struct slice){ leaf.at, leaf.len };
	assert_ok(audit_begin(a, &f));
	assert_refused(
	    audit_add(a, s, (struct slice){ NULL, 0 }, &seq, &f), FAULT_FORGED);
	audit_close(a);
	bytes_free(&leaf);
	json_decref(body);
	home_remove(&h);
}

static void
a_group_that_is_undone_takes_its_time_back(void **state)
{
	json_t *body = json_object();
	struct audit_draft d = { .kind = "x", .body = body };
	struct fault f = { 0 };
	struct bytes leaf;
	struct audit *a;
	struct home h;
	uint64_t seq;

	(void)state;
	home_with(&h, 1);
	a = reopen(&h);
	bytes_init(&leaf, AUDIT_LEAF_MAX);
	d.at = clock_now() + 5000;
	assert_ok(audit_leaf_write(&leaf, &d, &f));
	assert_ok(audit_begin(a, &f));
	assert_ok(audit_add(a, (struct slice){ leaf.at, leaf.len },
	    (struct slice){ NULL, 0 }, &seq, &f));
	assert_int_equal(audit_now(a), d.at);
	audit_rollback(a);
	assert_true(audit_now(a) < d.at);
	audit_close(a);
	bytes_free(&leaf);
	json_decref(body);
	home_remove(&h);
}

/* A log whose second entry is older than its first, truly signed. */
static void
time_that_runs_backwards_is_noticed_though_signed(void **state)
{
	json_t *body = json_object();
	struct audit_checkpoint c = { .size = 2 };
	struct merkle_range r;
	uint8_t hashes[2][DIGEST_BYTES];
	struct fault f = { 0 };
	struct bytes leaf[2], note, bundle;
	struct rows *rows;
	struct slice s, e;
	struct home h;

	(void)state;
	home_with(&h, 0);
	assert_int_equal(unlinkat(h.dir, "log/checkpoint", 0), 0);
	merkle_range_start(&r);
	bytes_init(&note, AUDIT_CHECKPOINT_MAX);
	bytes_init(&bundle, 4096);
	assert_ok(rows_open(&rows, h.dir, "catalog.db", false, &f));
	for (int i = 0; i < 2; i++) {
		struct audit_draft d = {
			.kind = "x", .at = 1000 - i, .body = body
		};

		bytes_init(&leaf[i], AUDIT_LEAF_MAX);
		assert_ok(audit_leaf_write(&leaf[i], &d, &f));
		s = (struct slice){ leaf[i].at, leaf[i].len };
		assert_ok(rows_run(rows, NULL, &f,
		    "INSERT INTO entry VALUES(?, ?)", "ib", (int64_t)i, &s));
		merkle_leaf(hashes[i], s.at, s.len);
		merkle_range_add(&r, hashes[i]);
		assert_ok(put_u16(&bundle, (uint16_t)s.len, &f));
		assert_ok(bytes_add(&bundle, s.at, s.len, &f));
	}
	merkle_range_root(&r, c.root);
	assert_ok(audit_checkpoint_sign(&note, &c, ORIGIN, &h.key, &f));
	s = (struct slice){ note.at, note.len };
	e = (struct slice){ r.edge[1], DIGEST_BYTES };
	assert_ok(rows_run(rows, NULL, &f,
	    "UPDATE tree SET size=2, edge=?, checkpoint=?", "bb", &e, &s));
	rows_close(rows);
	refused(&h, "entry 1: before the one in front");
	assert_ok(
	    file_put(h.dir, "log/checkpoint", note.at, note.len, true, &f));
	assert_ok(folder_make(h.dir, "log/tile", &f));
	assert_ok(folder_make(h.dir, "log/tile/0", &f));
	assert_ok(folder_make(h.dir, "log/tile/0/000.p", &f));
	assert_ok(folder_make(h.dir, "log/tile/entries", &f));
	assert_ok(folder_make(h.dir, "log/tile/entries/000.p", &f));
	assert_ok(file_put(
	    h.dir, "log/tile/0/000.p/2", hashes, sizeof(hashes), true, &f));
	assert_ok(file_put(h.dir, "log/tile/entries/000.p/2", bundle.at,
	    bundle.len, true, &f));
	{
		struct audit_copy copy = { .checkpoint = c, .ours = true };
		int dir;

		assert_ok(folder_open(h.dir, "log", &dir, &f));
		copy.from = audit_folder(&dir);
		assert_refused(audit_verify(&copy, &f), FAULT_FORGED);
		assert_non_null(strstr(f.text, "entry 1: before"));
		copy.ours = false;
		assert_ok(audit_verify(&copy, &f));
		file_close(&dir);
	}
	bytes_free(&leaf[0]);
	bytes_free(&leaf[1]);
	bytes_free(&note);
	bytes_free(&bundle);
	json_decref(body);
	home_remove(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_clock_never_precedes_the_last_entry),
		cmocka_unit_test(a_group_that_is_undone_takes_its_time_back),
		cmocka_unit_test(
		    time_that_runs_backwards_is_noticed_though_signed),
	};
	struct fault f = { 0 };

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
