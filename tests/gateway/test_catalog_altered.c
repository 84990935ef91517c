/* gateway/catalog: rows, facts and files that somebody changed by hand are
 * noticed, whatever they are; copies; running out of memory. */

#include "tests/gateway/catalog_story.h"

#include <sys/stat.h>

#include "keys/base/mem.h"

static void
any_row_edited_by_hand_is_named(void **state)
{
	static const struct {
		const char *sql, *says;
	} cases[] = {
		{ "UPDATE home SET role='vendor'", "table home, row 0" },
		{ "UPDATE vendors SET suspended='" PAST "'",
		    "table vendors, row v-" },
		{ "UPDATE vendors SET recipient=verifier",
		    "table vendors, row v-" },
		{ "UPDATE vendors SET ended=NULL, crowd=1",
		    "table vendors, row v-" },
		{ "INSERT INTO vendors SELECT 'v-x', crowd, recipient,"
		  " verifier, 'tls', added, confirmed, NULL, NULL"
		  " FROM vendors",
		    "table vendors, row v-" },
		{ "UPDATE agreements SET until='" FAR "' WHERE type='nda'",
		    "table agreements, row a-" },
		{ "DELETE FROM agreements", "table agreements, row a-" },
		{ "UPDATE batches SET state=1", "table batches, row b-" },
		{ "UPDATE batches SET offline=1", "table batches, row b-" },
		{ "UPDATE batches SET retention=retention+1",
		    "table batches, row b-" },
		{ "UPDATE batches SET agreements='[]'",
		    "table batches, row b-" },
		{ "UPDATE shards SET n=5 WHERE n=1", "table shards, row b-" },
		{ "UPDATE shards SET object=(SELECT object FROM shards"
		  " WHERE n=0)",
		    "table shards, row b-" },
		{ "UPDATE grants SET until='2999-12-31T00:00:00Z'",
		    "table grants, row g-" },
		{ "DELETE FROM releases", "table releases, row 1" },
		{ "UPDATE releases SET acknowledged=NULL",
		    "table releases, row 1" },
		{ "DELETE FROM refusals", "table refusals, row" },
		{ "DELETE FROM acknowledgements",
		    "table acknowledgements, row" },
		{ "UPDATE returns SET verdict='rejected'",
		    "table returns, row r-" },
		{ "UPDATE returns SET score=score+1", "table returns, row r-" },
		{ "DELETE FROM deletions", "table deletions, row" },
		{ "INSERT INTO strangers VALUES('x-1', 'now')",
		    "table strangers, row x-1" },
		{ "UPDATE commitments SET digest='00' WHERE member='card'",
		    "table commitments, row v-" },
		{ "CREATE TRIGGER t AFTER INSERT ON entry BEGIN"
		  " UPDATE grants SET until='x'; END",
		    "definition t" },
		/* Of a name that CREATE TRIGGER does not take. */
		{ "PRAGMA writable_schema=ON; INSERT INTO sqlite_schema VALUES"
		  "('trigger', 'sqlite_t', 'entry', 0, 'CREATE TRIGGER sqlite_t"
		  " AFTER INSERT ON entry BEGIN UPDATE grants SET until=''x'';"
		  " END')",
		    "definition sqlite_t" },
		{ "ANALYZE", "definition sqlite_stat1" },
		{ "CREATE VIEW w AS SELECT * FROM vendors", "definition w" },
		{ "CREATE TABLE mine(a)", "definition mine" },
		{ "DROP TABLE refusals", "definition re" },
		{ "DROP INDEX vendors_tls", "definition vendors_tls" },
		{ "ALTER TABLE vendors ADD COLUMN mine TEXT",
		    "definition vendors" },
		{ "DELETE FROM entry WHERE seq=15", "entry 15 is gone" },
		{ "UPDATE entry SET leaf=CAST(replace(CAST(leaf AS TEXT),"
		  " '2999', '3999') AS BLOB)",
		    "not those that were signed" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct story s;

		story_whole(&s);
		story_edit(&s, cases[i].sql);
		story_refused(&s, cases[i].says);
		story_end(&s);
	}
}

static void
an_edited_fact_is_noticed_where_it_is_used(void **state)
{
	struct catalog_fact_name card = { NULL, "card", 0 };
	struct catalog_vendor v;
	struct fault f = { 0 };
	struct bytes b;
	struct story s;

	(void)state;
	bytes_init(&b, CATALOG_FACT_MAX);
	story_whole(&s);
	card.id = s.vendor;
	assert_ok(catalog_fact(s.c, &card, &b, &f));
	assert_int_equal(b.len, 6);
	assert_memory_equal(b.at, "{card}", 6);
	story_edit(&s, "UPDATE facts SET bytes=CAST('{dra}' AS BLOB)"
		       " WHERE member='card'");
	story_open(&s);
	assert_refused(catalog_fact(s.c, &card, &b, &f), FAULT_FORGED);
	assert_refused(catalog_check(s.c, &f), FAULT_FORGED);
	assert_non_null(strstr(f.text, "table facts, row v-"));
	assert_ok(catalog_vendor(s.c, "acme", &v, &f));
	/* Another vendor's name on this one. */
	story_edit(&s, "UPDATE facts SET bytes=CAST('acne' AS BLOB)"
		       " WHERE member='name' AND id LIKE 'v-%'");
	story_open(&s);
	assert_refused(catalog_vendor(s.c, "acne", &v, &f), FAULT_FORGED);
	assert_refused(catalog_vendor(s.c, "acme", &v, &f), FAULT_INPUT);
	bytes_free(&b);
	story_end(&s);
}

static void
a_fact_that_nothing_commits_to_is_noticed(void **state)
{
	struct catalog_fact_name name = { NULL, "motto", 0 };
	struct fault f = { 0 };
	struct bytes b;
	struct story s;

	(void)state;
	bytes_init(&b, CATALOG_FACT_MAX);
	story_whole(&s);
	name.id = s.vendor;
	assert_refused(catalog_fact(s.c, &name, &b, &f), FAULT_INPUT);
	story_edit(&s, "INSERT INTO facts SELECT id, 'motto', 0, salt, bytes"
		       " FROM facts WHERE member='card'");
	story_open(&s);
	assert_refused(catalog_fact(s.c, &name, &b, &f), FAULT_FORGED);
	assert_refused(catalog_check(s.c, &f), FAULT_FORGED);
	bytes_free(&b);
	story_end(&s);
}

static int
no_shard(void *arg, const struct catalog_shard *s, struct fault *f)
{
	(void)arg;
	(void)s;
	(void)f;
	fail_msg("told of a shard");
	return 0;
}

static int
last_release(void *arg, const struct catalog_released *r, struct fault *f)
{
	*(uint64_t *)arg = r->seq;
	(void)f;
	return 0;
}

static void
an_edited_list_of_released_shards_is_noticed(void **state)
{
	static const char *const edits[] = { "DELETE FROM released WHERE n=1",
		"INSERT INTO released SELECT seq, 9 FROM released LIMIT 1",
		"DELETE FROM released" };
	struct fault f = { 0 };
	uint64_t seq = 0;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct story s;

		story_whole(&s);
		story_edit(&s, edits[i]);
		story_open(&s);
		assert_ok(
		    catalog_each_release(s.c, s.batch, last_release, &seq, &f));
		assert_refused(
		    catalog_release_shards(s.c, seq, no_shard, NULL, &f),
		    FAULT_FORGED);
		assert_refused(catalog_check(s.c, &f), FAULT_FORGED);
		story_end(&s);
	}
}

static void
a_fact_that_is_gone_is_noticed_where_it_is_used(void **state)
{
	static const char *const members[] = { "card", "name", "source", "plan",
		"by" };
	struct catalog_vendor v;
	struct catalog_batch b;
	struct fault f = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		struct catalog_fact_name name = { NULL, members[i], 0 };
		struct bytes text;
		struct story s;
		char sql[80];

		bytes_init(&text, CATALOG_FACT_MAX);
		story_whole(&s);
		name.id = i < 2 ? s.vendor : s.batch;
		name.n = strcmp(members[i], "by") == 0 ? 1 : 0;
		assert_ok(catalog_fact(s.c, &name, &text, &f));
		(void)snprintf(sql, sizeof(sql),
		    "DELETE FROM facts WHERE member='%s'", members[i]);
		story_edit(&s, sql);
		story_open(&s);
		assert_refused(
		    catalog_fact(s.c, &name, &text, &f), FAULT_FORGED);
		assert_non_null(strstr(f.text, "is gone"));
		assert_refused(catalog_check(s.c, &f), FAULT_FORGED);
		assert_non_null(strstr(f.text, members[i]));
		if (strcmp(members[i], "name") == 0) {
			assert_refused(catalog_vendor(s.c, s.vendor, &v, &f),
			    FAULT_FORGED);
			assert_refused(
			    catalog_batch(s.c, s.batch, &b, &f), FAULT_FORGED);
		}
		bytes_free(&text);
		story_end(&s);
	}
}

/* Two approvals by one person are known by the salt that they share. */
static void
one_person_is_not_two_approvers_for_a_lost_salt(void **state)
{
	static const char *const edits[] = {
		"DELETE FROM facts WHERE member='by'",
		"UPDATE facts SET salt=randomblob(32) WHERE member='by'",
		"UPDATE facts SET salt=x'00' WHERE member='by'",
	};
	struct fault f = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		struct story s;

		story_home(&s);
		story_vendor(&s);
		story_shards(&s, "two", 1);
		story_seal(&s, 1);
		assert_ok(story_try_approve(&s, &f, 1, "officer one"));
		assert_refused(
		    story_try_approve(&s, &f, 2, "officer one"), FAULT_POLICY);
		story_edit(&s, edits[i]);
		story_open(&s);
		assert_refused(
		    story_try_approve(&s, &f, 2, "officer one"), FAULT_FORGED);
		story_end(&s);
	}
}

static void
a_database_older_than_the_published_log_is_noticed(void **state)
{
	struct fault f = { 0 };
	struct bytes old;
	struct story s;

	(void)state;
	story_ready(&s, 1);
	story_close(&s);
	bytes_init(&old, 1 << 24);
	assert_ok(file_read(s.dir, "catalog.db", &old, &f));
	story_open(&s);
	assert_ok(story_try_release(&s, &f, 1));
	story_close(&s);
	assert_ok(file_put(s.dir, "catalog.db", old.at, old.len, true, &f));
	story_refused(&s, "an older copy");
	bytes_free(&old);
	story_end(&s);
}

static void
a_log_of_impossible_history_is_noticed_though_signed(void **state)
{
	/* Somebody with the log key, or a bug, signs what cannot be. */
	struct audit_draft d = { .kind = "vendor-confirmed" };
	struct fault f = { 0 };
	struct audit *a;
	struct bytes leaf;
	struct story s;
	uint64_t seq;
	json_t *body =
	    json_pack("{s:s}", "vendor", "v-bbbbbbbbbbbbbbbbbbbbbbbbbb");

	(void)state;
	story_home(&s);
	story_close(&s);
	bytes_init(&leaf, AUDIT_LEAF_MAX);
	assert_ok(audit_open(&a, &s.open, NULL, &f));
	d.at = audit_now(a);
	d.body = body;
	assert_ok(audit_leaf_write(&leaf, &d, &f));
	assert_ok(audit_begin(a, &f));
	assert_ok(audit_add(a, (struct slice){ leaf.at, leaf.len },
	    (struct slice){ NULL, 0 }, &seq, &f));
	assert_ok(audit_commit(a, &f));
	audit_close(a);
	story_refused(&s, "entry 1: vendor-confirmed: no such vendor");
	bytes_free(&leaf);
	json_decref(body);
	story_end(&s);
}

static void
the_log_of_another_home_is_refused(void **state)
{
	uint8_t public[SIGN_PUBLIC_BYTES];
	struct fault f = { 0 };
	struct story s;

	(void)state;
	story_home(&s);
	story_close(&s);
	sign_key_public(&s.key, public);
	assert_ok(vkey_of(
	    &s.log, AUDIT_ORIGIN "h-bbbbbbbbbbbbbbbbbbbbbbbbbb", public, &f));
	story_refused(&s, "checkpoint");
	assert_ok(vkey_of(&s.log, "example.com/log", public, &f));
	assert_refused(catalog_open(&s.c, &s.open, &f), FAULT_INPUT);
	story_end(&s);
}

static void
a_copy_opens_as_the_home_did(void **state)
{
	struct fault f = { 0 };
	struct story s, copy;
	struct stat st;

	(void)state;
	story_whole(&s);
	copy = s;
	test_folder(copy.path);
	assert_ok(folder_open(AT_FDCWD, copy.path, &copy.dir, &f));
	assert_ok(catalog_copy(s.c, copy.dir, "catalog.db", &f));
	assert_refused(
	    catalog_copy(s.c, copy.dir, "catalog.db", &f), FAULT_SYSTEM);
	assert_int_equal(fstatat(copy.dir, "catalog.db", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	copy.open.dir = copy.dir;
	assert_ok(catalog_open(&copy.c, &copy.open, &f));
	assert_int_equal(
	    audit_size(catalog_audit(copy.c)), audit_size(catalog_audit(s.c)));
	assert_ok(catalog_check(copy.c, &f));
	story_close(&copy);
	file_close(&copy.dir);
	test_folder_remove(copy.path);
	story_end(&s);
}

static void
every_allocation_may_fail_and_nothing_is_lost(void **state)
{
	struct story s;
	uint64_t size;
	bool done = false;

	(void)state;
	story_ready(&s, 2);
	size = audit_size(catalog_audit(s.c));
	for (long n = 0; !done; n++) {
		struct fault f = { 0 };
		int rc;

		story_close(&s);
		mem_fail_after(n);
		rc = catalog_open(&s.c, &s.open, &f);
		if (rc == 0)
			rc = story_try_release(&s, &f, 1);
		mem_fail_after(-1);
		done = rc == 0;
		if (!done) {
			assert_int_equal(f.kind, FAULT_SYSTEM);
			story_open(&s);
			assert_int_equal(audit_size(catalog_audit(s.c)), size);
		}
	}
	story_open(&s);
	assert_int_equal(audit_size(catalog_audit(s.c)), size + 1);
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_row_edited_by_hand_is_named),
		cmocka_unit_test(an_edited_fact_is_noticed_where_it_is_used),
		cmocka_unit_test(a_fact_that_nothing_commits_to_is_noticed),
		cmocka_unit_test(an_edited_list_of_released_shards_is_noticed),
		cmocka_unit_test(
		    a_fact_that_is_gone_is_noticed_where_it_is_used),
		cmocka_unit_test(
		    one_person_is_not_two_approvers_for_a_lost_salt),
		cmocka_unit_test(
		    a_database_older_than_the_published_log_is_noticed),
		cmocka_unit_test(
		    a_log_of_impossible_history_is_noticed_though_signed),
		cmocka_unit_test(the_log_of_another_home_is_refused),
		cmocka_unit_test(a_copy_opens_as_the_home_did),
		cmocka_unit_test(every_allocation_may_fail_and_nothing_is_lost),
	};
	struct fault f = { 0 };

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
