/* policy/rules: shapes and plans as messages between processes, and the paths
 * that both are made of. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "keys/base/mem.h"
#include "policy/rules/rules.h"
#include "tests/policy/good_policy.h"

static struct fault f;

static void
make_plan(struct file_plan *plan, const char *path, enum file_type type,
    const char *const *names)
{
	struct policy *p;
	struct shape s;

	assert_ok(policy_read(
	    &p, "policy.yaml", good_policy, strlen(good_policy), &f));
	shape_init(&s, type);
	s.delimiter = type == TYPE_CSV ? ';' : 0;
	for (; *names != NULL; names++)
		assert_ok(
		    shape_add(&s, *names, strlen(*names), HOLDS_VALUE, &f));
	assert_ok(policy_decide(
	    p, path, type == TYPE_TEXT ? NULL : &s, plan, NULL, &f));
	shape_free(&s);
	policy_free(p);
}

static const char *const columns[] = { "born", "customer_id", "email", "iban",
	"age", "income", "country", NULL };
static const char *const paths[] = { "visits[*].icd", "id", "patient.id",
	"patient.name", "[\"odd.name\"]", NULL };
static const char *const blocks[] = { "Exif", NULL };
static const char *const nothing[] = { NULL };

static const struct {
	const char *path;
	enum file_type type;
	const char *const *names;
} plans[] = {
	{ "customers.csv", TYPE_CSV, columns },
	{ "a.jsonl", TYPE_JSONL, paths }, { "photos/a.jpg", TYPE_JPEG, blocks },
	{ "notes/a", TYPE_TEXT, nothing }, /* excluded */
};
#define PLANS (sizeof(plans) / sizeof(plans[0]))

static void
put_plan(struct bytes *b, size_t i)
{
	struct file_plan plan;

	make_plan(&plan, plans[i].path, plans[i].type, plans[i].names);
	bytes_init(b, 1 << 20);
	assert_ok(file_plan_put(b, &plan, &f));
	file_plan_free(&plan);
}

static void
a_plan_arrives_as_it_left(void **state)
{
	(void)state;
	for (size_t i = 0; i < PLANS; i++) {
		struct file_plan got;
		struct bytes one, two;
		struct reader r;

		put_plan(&one, i);
		r = reader_of(one.at, one.len);
		assert_ok(file_plan_take(&r, &got, &f));
		assert_ok(take_end(&r, &f));
		bytes_init(&two, 1 << 20);
		assert_ok(file_plan_put(&two, &got, &f));
		assert_int_equal(one.len, two.len);
		assert_memory_equal(one.at, two.at, one.len);
		bytes_free(&one);
		bytes_free(&two);
		file_plan_free(&got);
	}
}

static void
every_member_of_a_plan_travels(void **state)
{
	struct file_plan got;
	struct bytes b;
	struct reader r;

	(void)state;
	put_plan(&b, 0);
	r = reader_of(b.at, b.len);
	assert_ok(file_plan_take(&r, &got, &f));
	assert_string_equal(got.policy, "policy.yaml");
	assert_int_equal(got.line, 13);
	assert_null(got.exclude);
	assert_int_equal(got.type, TYPE_CSV);
	assert_true(got.header);
	assert_int_equal(got.delimiter, ';');
	assert_int_equal(got.item, 1);
	assert_int_equal(got.subject, 1);
	assert_int_equal(got.nfields, 7);
	assert_string_equal(got.fields[2].how.domain, "mail");
	assert_int_equal(got.fields[2].key, 1);
	assert_int_equal(got.keys.n, 2);
	file_plan_free(&got);
	bytes_free(&b);
	put_plan(&b, 3);
	r = reader_of(b.at, b.len);
	assert_ok(file_plan_take(&r, &got, &f));
	assert_string_equal(got.exclude, "free text waits for detection");
	assert_int_equal(got.item, PLAN_NO_FIELD);
	file_plan_free(&got);
	bytes_free(&b);
}

static void
a_plan_cut_short_or_changed_is_sound_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < PLANS; i++) {
		struct file_plan got;
		struct bytes b, again;
		struct reader r;

		put_plan(&b, i);
		for (size_t n = 0; n < b.len; n++) {
			r = reader_of(b.at, n);
			assert_refused(
			    file_plan_take(&r, &got, &f), FAULT_INPUT);
			assert_null(got.fields);
		}
		for (size_t n = 0; n < b.len * 8; n++) {
			b.at[n / 8] ^= (uint8_t)(1u << n % 8);
			r = reader_of(b.at, b.len);
			f = (struct fault){ 0 };
			if (file_plan_take(&r, &got, &f) == 0) {
				bytes_init(&again, 1 << 20);
				assert_ok(file_plan_put(&again, &got, &f));
				bytes_free(&again);
				if (got.item != PLAN_NO_FIELD)
					assert_true(got.item < got.nfields);
				if (got.subject != PLAN_NO_FIELD)
					assert_true(got.subject < got.nfields);
			}
			file_plan_free(&got);
			b.at[n / 8] ^= (uint8_t)(1u << n % 8);
		}
		bytes_free(&b);
	}
}

static void
a_plan_of_paths_out_of_order_is_refused(void **state)
{
	struct file_plan plan, got;
	struct plan_field swap;
	struct bytes b;
	struct reader r;

	(void)state;
	make_plan(&plan, "a.jsonl", TYPE_JSONL, paths);
	plan.item = PLAN_NO_FIELD;
	plan.subject = PLAN_NO_FIELD;
	swap = plan.fields[1];
	plan.fields[1] = plan.fields[2];
	plan.fields[2] = swap;
	bytes_init(&b, 1 << 20);
	assert_ok(file_plan_put(&b, &plan, &f));
	r = reader_of(b.at, b.len);
	assert_refused(file_plan_take(&r, &got, &f), FAULT_INPUT);
	bytes_free(&b);
	file_plan_free(&plan);
}

static void
a_shape_arrives_as_it_left(void **state)
{
	struct shape s, got;
	struct bytes b;
	struct reader r;

	(void)state;
	shape_init(&s, TYPE_CSV);
	s.delimiter = '\t';
	assert_ok(shape_add(&s, "", 0, HOLDS_VALUE, &f));
	assert_ok(shape_add(&s, "a\nb", 3, HOLDS_VALUE | HOLDS_NULL, &f));
	bytes_init(&b, 1000);
	assert_ok(shape_put(&b, &s, &f));
	r = reader_of(b.at, b.len);
	assert_ok(shape_take(&r, &got, &f));
	assert_ok(take_end(&r, &f));
	assert_int_equal(got.type, TYPE_CSV);
	assert_int_equal(got.delimiter, '\t');
	assert_int_equal(got.nfields, 2);
	assert_string_equal(got.fields[0].name, "");
	assert_string_equal(got.fields[1].name, "a\nb");
	assert_int_equal(got.fields[1].holds, HOLDS_VALUE | HOLDS_NULL);
	shape_free(&got);
	for (size_t n = 0; n < b.len; n++) {
		r = reader_of(b.at, n);
		assert_refused(shape_take(&r, &got, &f), FAULT_INPUT);
		assert_null(got.fields);
	}
	shape_free(&s);
	bytes_free(&b);
}

static void
a_shape_refuses_what_cannot_be_a_name(void **state)
{
	static char long_name[SHAPE_NAME_MAX + 1];
	struct shape s;

	(void)state;
	memset(long_name, 'a', sizeof(long_name));
	shape_init(&s, TYPE_CSV);
	assert_refused(shape_add(&s, "a\0b", 3, HOLDS_VALUE, &f), FAULT_INPUT);
	assert_refused(shape_add(&s, "a\xff", 2, HOLDS_VALUE, &f), FAULT_INPUT);
	assert_refused(
	    shape_add(&s, long_name, SHAPE_NAME_MAX + 1, HOLDS_VALUE, &f),
	    FAULT_INPUT);
	assert_ok(shape_add(&s, long_name, SHAPE_NAME_MAX, HOLDS_VALUE, &f));
	for (size_t i = 1; i < SHAPE_FIELDS_MAX; i++)
		assert_ok(shape_add(&s, "x", 1, HOLDS_VALUE, &f));
	assert_refused(shape_add(&s, "x", 1, HOLDS_VALUE, &f), FAULT_INPUT);
	assert_int_equal(s.nfields, SHAPE_FIELDS_MAX);
	shape_free(&s);
}

static void
readers_build_the_paths_that_policies_mean(void **state)
{
	struct bytes b;
	size_t was;

	(void)state;
	bytes_init(&b, SHAPE_NAME_MAX);
	assert_ok(path_add_name(&b, "visits", 6, &f));
	was = b.len;
	assert_ok(path_add_any(&b, &f));
	assert_ok(path_add_name(&b, "icd-10", 6, &f));
	assert_int_equal(b.len, 16);
	assert_memory_equal(b.at, "visits[*].icd-10", 16);
	b.len = was;
	assert_ok(path_add_name(&b, "a.b\"\\\n", 6, &f));
	assert_ok(path_add_name(&b, "\xc3\xa9", 2, &f));
	assert_ok(bytes_end_text(&b, &f));
	assert_string_equal(
	    (const char *)b.at, "visits[\"a.b\\\"\\\\\\u000a\"].\xc3\xa9");
	bytes_reset(&b);
	assert_ok(path_add_any(&b, &f));
	assert_ok(path_add_name(&b, "", 0, &f));
	assert_ok(bytes_end_text(&b, &f));
	assert_string_equal((const char *)b.at, "[*][\"\"]");
	assert_refused(path_add_name(&b, "\xff", 1, &f), FAULT_INPUT);
	assert_int_equal(b.len, 7);
	bytes_free(&b);
	bytes_init(&b, 5);
	assert_ok(path_add_name(&b, "abc", 3, &f));
	assert_refused(path_add_name(&b, "de", 2, &f), FAULT_INPUT);
	assert_refused(path_add_name(&b, ".", 1, &f), FAULT_INPUT);
	assert_int_equal(b.len, 3);
	bytes_free(&b);
}

/* The names of any member, quoted by a reader, read back by the policy. */
static void
any_name_survives_the_way_through_a_policy(void **state)
{
	uint64_t seed = 3;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		static const char some[] = "ab.[]*\"'\\$ \n\t/-_:#";
		char name[8], text[400];
		struct bytes path, yaml;
		struct policy *p;
		size_t len;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		len = (seed >> 60) % 7;
		for (size_t k = 0; k < len; k++)
			name[k] = some[(seed >> (8 * k)) % (sizeof(some) - 1)];
		bytes_init(&path, 200);
		bytes_init(&yaml, 300);
		assert_ok(path_add_name(&path, name, len, &f));
		assert_ok(bytes_end_text(&path, &f));
		assert_ok(transform_quote(&yaml, (const char *)path.at, &f));
		assert_ok(bytes_end_text(&yaml, &f));
		(void)snprintf(text, sizeof(text),
		    "handoff: 1\nproject: p\npurpose: q\nrecipients: [a]\n"
		    "retention: 1d\nagreements: []\n"
		    "files: [{match: a, type: json, fields: {%s: keep}}]\n",
		    (const char *)yaml.at);
		assert_ok(policy_read(&p, "p", text, strlen(text), &f));
		assert_string_equal(
		    p->files[0].fields[0].name, (const char *)path.at);
		policy_free(p);
		bytes_free(&path);
		bytes_free(&yaml);
	}
}

static void
every_allocation_of_a_reader_may_fail(void **state)
{
	struct bytes b;
	bool done = false;

	(void)state;
	put_plan(&b, 1);
	for (long n = 0; !done; n++) {
		struct file_plan got;
		struct reader r = reader_of(b.at, b.len);

		f = (struct fault){ 0 };
		mem_fail_after(n);
		done = file_plan_take(&r, &got, &f) == 0;
		mem_fail_after(-1);
		if (!done)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		file_plan_free(&got);
	}
	bytes_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plan_arrives_as_it_left),
		cmocka_unit_test(every_member_of_a_plan_travels),
		cmocka_unit_test(
		    a_plan_cut_short_or_changed_is_sound_or_refused),
		cmocka_unit_test(a_plan_of_paths_out_of_order_is_refused),
		cmocka_unit_test(a_shape_arrives_as_it_left),
		cmocka_unit_test(a_shape_refuses_what_cannot_be_a_name),
		cmocka_unit_test(readers_build_the_paths_that_policies_mean),
		cmocka_unit_test(any_name_survives_the_way_through_a_policy),
		cmocka_unit_test(every_allocation_of_a_reader_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
