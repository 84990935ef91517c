/* gateway/package/manifest: written, read, and refused. */

#include "keys/base/doc.h"
#include "tests/support/shard.h"

static char project[] = "triage", purpose[] = "train-triage-model";

static char *classes[] = { (char[]){ "cat" }, (char[]){ "dog \"x\"" } };

static struct manifest_shard shards[] = {
	{ { 1 }, 67108864, 1000, { 2 }, 4096 },
	{ { 3 }, 5, 1, { 4 }, 300 },
};

/* A manifest with everything in it; log and returns are the caller's. */
static struct manifest
example(struct bytes *log, struct bytes *returns)
{
	struct fault f = { 0 };
	struct age_identity id;
	struct age_recipient to;
	struct sign_key key;
	struct vkey v;
	uint8_t public[SIGN_PUBLIC_BYTES];
	char text[VKEY_CHARS_MAX + 1];
	struct manifest m = {
		.revision = 1,
		.project = project,
		.purpose = purpose,
		.created = 1700000000,
		.retention = 90 * 86400,
		.has_labels = true,
		.labels = { .kind = LABEL_BOXES,
		    .classes = classes,
		    .nclasses = 2,
		    .golden = true,
		    .metric = GOLDEN_MEAN_IOU,
		    .pass = 800000,
		    .root = { 9 } },
		.owner = { 5 },
		.shards = shards,
		.nshards = 2,
	};

	assert_ok(secret_start(&f));
	bytes_init(log, 4096);
	bytes_init(returns, 4096);
	assert_ok(sign_key_new(&key, &f));
	sign_key_public(&key, public);
	assert_ok(vkey_of(&v, "example.org/log", public, &f));
	vkey_write(text, &v);
	assert_ok(bytes_add_text(log, text, &f));
	assert_ok(age_identity_new(&id, &f));
	assert_ok(age_identity_recipient(&to, &id, &f));
	assert_ok(age_recipient_write(returns, &to, &f));
	assert_ok(bytes_end_text(log, &f));
	assert_ok(bytes_end_text(returns, &f));
	sign_key_free(&key);
	age_identity_free(&id);
	age_recipient_free(&to);
	id_new(m.batch, 'b');
	m.log = (char *)log->at;
	m.returns = (char *)returns->at;
	return m;
}

static void
a_manifest_reads_back_as_it_was_written(void **state)
{
	struct fault f = { 0 };
	struct bytes log, returns, one, two;
	struct manifest m = example(&log, &returns), back;

	(void)state;
	bytes_init(&one, 65536);
	bytes_init(&two, 65536);
	assert_ok(manifest_write(&one, &m, &f));
	assert_ok(manifest_read(&back, (struct slice){ one.at, one.len }, &f));
	assert_string_equal(back.batch, m.batch);
	assert_string_equal(back.purpose, "train-triage-model");
	assert_int_equal(back.created, 1700000000);
	assert_int_equal(back.nshards, 2);
	assert_memory_equal(back.shards, shards, sizeof(shards));
	assert_int_equal(back.labels.kind, LABEL_BOXES);
	assert_string_equal(back.labels.classes[1], "dog \"x\"");
	assert_true(back.labels.golden);
	assert_int_equal(back.labels.pass, 800000);
	assert_memory_equal(back.labels.root, m.labels.root, DIGEST_BYTES);
	assert_ok(manifest_write(&two, &back, &f));
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.at, two.at, one.len);
	manifest_free(&back);
	bytes_free(&one);
	bytes_free(&two);
	bytes_free(&log);
	bytes_free(&returns);
}

static void
a_later_revision_names_the_one_before(void **state)
{
	struct fault f = { 0 };
	struct bytes log, returns, b;
	struct manifest m = example(&log, &returns), back;

	(void)state;
	m.revision = 2;
	m.previous[0] = 77;
	m.has_labels = false;
	bytes_init(&b, 65536);
	assert_ok(manifest_write(&b, &m, &f));
	assert_ok(manifest_read(&back, (struct slice){ b.at, b.len }, &f));
	assert_int_equal(back.revision, 2);
	assert_int_equal(back.previous[0], 77);
	assert_false(back.has_labels);
	manifest_free(&back);
	bytes_free(&b);
	bytes_free(&log);
	bytes_free(&returns);
}

static void
what_could_not_be_read_is_not_written(void **state)
{
	struct fault f = { 0 };
	struct bytes log, returns, b;
	struct manifest good = example(&log, &returns), m;
	char longer[5000];

	(void)state;
	memset(longer, 'a', sizeof(longer));
	longer[4999] = '\0';
	bytes_init(&b, 1 << 20);
	m = good;
	m.nshards = 0;
	assert_refused(manifest_write(&b, &m, &f), FAULT_INPUT);
	m = good;
	m.purpose = longer;
	assert_refused(manifest_write(&b, &m, &f), FAULT_INPUT);
	m = good;
	m.project = (char[]){ "" };
	assert_refused(manifest_write(&b, &m, &f), FAULT_INPUT);
	m = good;
	m.project = (char[]){ "\xff" };
	assert_refused(manifest_write(&b, &m, &f), FAULT_INPUT);
	m = good;
	m.returns = (char[]){ "age1nobody" };
	assert_refused(manifest_write(&b, &m, &f), FAULT_INPUT);
	m = good;
	m.log = (char[]){ "log" };
	assert_refused(manifest_write(&b, &m, &f), FAULT_INPUT);
	m = good;
	m.batch[5] = '1';
	assert_refused(manifest_write(&b, &m, &f), FAULT_INPUT);
	m = good;
	m.revision = 0;
	assert_refused(manifest_write(&b, &m, &f), FAULT_INPUT);
	assert_int_equal(b.len, 0);
	bytes_free(&b);
	bytes_free(&log);
	bytes_free(&returns);
}

/* Read the example after a change to its JSON. */
static int
read_changed(void (*change)(json_t *statement), struct fault *f)
{
	struct bytes log, returns, b;
	struct manifest m = example(&log, &returns), back;
	json_t *doc;
	int rc;

	bytes_init(&b, 65536);
	assert_int_equal(manifest_write(&b, &m, f), 0);
	assert_int_equal(doc_read(&doc, b.at, b.len, f), 0);
	change(doc);
	bytes_reset(&b);
	assert_int_equal(doc_write(&b, doc, f), 0);
	rc = manifest_read(&back, (struct slice){ b.at, b.len }, f);
	if (rc == 0)
		manifest_free(&back);
	else
		assert_null(back.project);
	json_decref(doc);
	bytes_free(&b);
	bytes_free(&log);
	bytes_free(&returns);
	return rc;
}

static json_t *
predicate(json_t *st)
{
	return json_object_get(st, "predicate");
}

static json_t *
first_shard(json_t *st)
{
	return json_array_get(json_object_get(predicate(st), "shards"), 0);
}

static void
nothing(json_t *st)
{
	(void)st;
}

static void
add_member(json_t *st)
{
	json_object_set_new(predicate(st), "more", json_true());
}

static void
add_previous(json_t *st)
{
	char hex[DIGEST_CHARS + 1];
	uint8_t digest[DIGEST_BYTES] = { 0 };

	hex_write(hex, digest, DIGEST_BYTES);
	json_object_set_new(predicate(st), "previous", json_string(hex));
}

static void
drop_shard(json_t *st)
{
	json_array_remove(json_object_get(predicate(st), "shards"), 1);
}

static void
add_shard_member(json_t *st)
{
	json_object_set_new(first_shard(st), "more", json_true());
}

static void
drop_index(json_t *st)
{
	json_object_del(first_shard(st), "index");
}

static void
rename_subject(json_t *st)
{
	json_object_set_new(json_array_get(json_object_get(st, "subject"), 0),
	    "name", json_string("shard-2"));
}

static void
change_type(json_t *st)
{
	json_object_set_new(st, "predicateType",
	    json_string("https://handoff.invalid/return/v1"));
}

static void
unknown_kind(json_t *st)
{
	json_object_set_new(json_object_get(predicate(st), "labels"), "kind",
	    json_string("polygons"));
}

static void
unknown_metric(json_t *st)
{
	json_object_set_new(
	    json_object_get(json_object_get(predicate(st), "labels"), "golden"),
	    "metric", json_string("luck"));
}

static void
high_pass(json_t *st)
{
	json_object_set_new(
	    json_object_get(json_object_get(predicate(st), "labels"), "golden"),
	    "pass_millionths", json_integer(1000001));
}

static void
odd_unanswered(json_t *st)
{
	json_object_set_new(json_object_get(predicate(st), "labels"),
	    "unanswered", json_string("perhaps"));
}

static void
empty_class(json_t *st)
{
	json_array_append_new(
	    json_object_get(
		json_object_get(predicate(st), "labels"), "classes"),
	    json_string(""));
}

static void
negative_bytes(json_t *st)
{
	json_object_set_new(first_shard(st), "bytes", json_integer(-1));
}

static void
a_statement_that_is_no_manifest_is_refused(void **state)
{
	static void (*const changes[])(json_t *) = { add_member, add_previous,
		drop_shard, add_shard_member, drop_index, rename_subject,
		change_type, unknown_kind, unknown_metric, high_pass,
		odd_unanswered, empty_class, negative_bytes };
	static const char *const members[] = { "batch", "created", "log",
		"owner", "project", "purpose", "retention", "returns",
		"revision", "shards" };
	struct fault f = { 0 };

	(void)state;
	assert_ok(read_changed(nothing, &f));
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		assert_refused(read_changed(changes[i], &f), FAULT_INPUT);
		assert_memory_equal(f.text, "manifest: ", 10);
	}
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		struct bytes log, returns, b;
		struct manifest m = example(&log, &returns), back;
		json_t *doc;

		bytes_init(&b, 65536);
		assert_ok(manifest_write(&b, &m, &f));
		assert_ok(doc_read(&doc, b.at, b.len, &f));
		json_object_del(predicate(doc), members[i]);
		bytes_reset(&b);
		assert_ok(doc_write(&b, doc, &f));
		assert_refused(
		    manifest_read(&back, (struct slice){ b.at, b.len }, &f),
		    FAULT_INPUT);
		json_decref(doc);
		bytes_free(&b);
		bytes_free(&log);
		bytes_free(&returns);
	}
}

static void
the_largest_batch_fits_a_signed_envelope(void **state)
{
	struct fault f = { 0 };
	struct bytes log, returns, b, envelope;
	struct manifest m = example(&log, &returns);
	struct sign_key key;

	(void)state;
	m.nshards = PACKAGE_SHARDS_MAX;
	m.shards = mem_array(m.nshards, sizeof(*m.shards));
	for (size_t i = 0; i < m.nshards; i++)
		m.shards[i] =
		    (struct manifest_shard){ .bytes = UINT64_MAX >> 11,
			    .items = UINT64_MAX >> 11,
			    .index_bytes = UINT64_MAX >> 11 };
	bytes_init(&b, (size_t)64 << 20);
	bytes_init(&envelope, DSSE_BYTES_MAX);
	assert_ok(manifest_write(&b, &m, &f));
	assert_ok(sign_key_new(&key, &f));
	assert_ok(dsse_sign(&envelope, STATEMENT_PAYLOAD,
	    (struct slice){ b.at, b.len }, &key, &f));
	sign_key_free(&key);
	mem_free(m.shards);
	bytes_free(&b);
	bytes_free(&envelope);
	bytes_free(&log);
	bytes_free(&returns);
}

static void
what_stayed_behind_is_told_and_never_as_none(void **state)
{
	struct fault f = { 0 };
	struct bytes log, returns, b;
	struct manifest m = example(&log, &returns), back;

	(void)state;
	m.suppressed = 17;
	bytes_init(&b, 65536);
	assert_ok(manifest_write(&b, &m, &f));
	assert_ok(manifest_read(&back, (struct slice){ b.at, b.len }, &f));
	assert_int_equal(back.suppressed, 17);
	manifest_free(&back);
	m.suppressed = 0;
	bytes_reset(&b);
	assert_ok(manifest_write(&b, &m, &f));
	assert_ok(bytes_end_text(&b, &f));
	assert_null(strstr((const char *)b.at, "suppressed"));
	bytes_free(&b);
	bytes_free(&log);
	bytes_free(&returns);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_manifest_reads_back_as_it_was_written),
		cmocka_unit_test(a_later_revision_names_the_one_before),
		cmocka_unit_test(what_could_not_be_read_is_not_written),
		cmocka_unit_test(a_statement_that_is_no_manifest_is_refused),
		cmocka_unit_test(what_stayed_behind_is_told_and_never_as_none),
		cmocka_unit_test(the_largest_batch_fits_a_signed_envelope),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
