/* gateway/package: files that are masked on their way into a shard, the
 * smallest and the largest. */

#include <stdio.h>
#include <stdlib.h>
#include <turbojpeg.h>

#include "tests/support/shard.h"

static struct batch batch;
static struct token_key *domain;
static struct transform_key *field;
static const struct transform_key *fields[1];

static int
begin(void **state)
{
	struct fault f = { 0 };
	uint8_t key[32] = { 3 };
	struct secret secret = { 0 };
	int rc = -1;

	(void)state;
	batch_start(&batch);
	if (token_key_new(&domain, key, sizeof(key), &f) == 0 &&
	    secret_copy(&secret, key, sizeof(key), &f) == 0 &&
	    transform_key_new(&field, "token:x", &secret, &f) == 0)
		rc = 0;
	secret_free(&secret);
	fields[0] = field;
	batch.keys.mask.field = fields;
	batch.keys.mask.nfields = 1;
	return rc;
}

static int
finish(void **state)
{
	(void)state;
	token_key_free(domain);
	transform_key_free(field);
	batch_end(&batch);
	return 0;
}

/* {"a": [...]}: what becomes of every element. */
static struct plan_field element = { .name = (char[]){ "a[*]" } };
static const struct file_plan json_plan = {
	.policy = (char[]){ "p.yaml" },
	.type = TYPE_JSON,
	.item = PLAN_NO_FIELD,
	.subject = PLAN_NO_FIELD,
	.fields = &element,
	.nfields = 1,
};

static struct plan_field exif = { .name = (char[]){ "APP1:Exif" },
	.how.action = TRANSFORM_DROP };
static const struct file_plan jpeg_plan = {
	.type = TYPE_JPEG,
	.drop_metadata = true,
	.item = PLAN_NO_FIELD,
	.subject = PLAN_NO_FIELD,
	.fields = &exif,
	.nfields = 1,
};

/* One source into a shard of its own: its content as delivered, and its entry
 * in the index. */
static void
deliver(const struct file_plan *plan, const void *p, size_t len,
    struct bytes *content, struct package_entry *e)
{
	struct package_payload payload;
	struct package_index *x = NULL;
	struct secret key = { 0 };
	struct package_made made;
	struct mask_source src;
	struct fault f = { 0 };
	struct making m;
	uint8_t header[TAR_HEADER_MAX], digest[DIGEST_BYTES];
	bool end;

	assert_ok(making_start(&m, &batch, &f));
	source_start(&src, plan, "a/source", p, len);
	assert_ok(package_shard_file(m.shard, &src, NULL, 0, &f));
	source_end(&src);
	assert_ok(package_shard_end(m.shard, &made, &f));
	payload_of(&payload, &key, m.fd[INDEX], &batch);
	assert_ok(package_index_open(&x, &payload, &f));
	assert_ok(package_index_next(x, e, &end, &f));
	package_index_close(x);
	secret_free(&key);
	plain_of(content, m.fd[SHARD], &batch);
	making_end(&m);
	assert_int_equal(content->len,
	    TAR_BLOCK + e->bytes + tar_padding(e->bytes) + TAR_END);
	(void)tar_header(header, e->member, e->bytes);
	assert_memory_equal(content->at, header, TAR_BLOCK);
	memmove(content->at, content->at + TAR_BLOCK, e->bytes);
	content->len = e->bytes;
	digest_of(digest, content->at, content->len);
	assert_memory_equal(digest, e->sha256, DIGEST_BYTES);
}

static void
values_get_the_tokens_of_the_batch_s_keys(void **state)
{
	char token[TOKEN_CHARS + 1], want[100];
	struct package_entry e;
	struct bytes got;

	(void)state;
	element.how = (struct transform){ .action = TRANSFORM_TOKEN };
	deliver(&json_plan, "{\"a\":[\"ann\"]}", 13, &got, &e);
	token_make(domain, "ann", 3, token);
	(void)snprintf(want, sizeof(want), "{\"a\":[\"%s\"]}", token);
	assert_int_equal(got.len, strlen(want));
	assert_memory_equal(got.at, want, got.len);
	assert_string_equal(e.member + TOKEN_CHARS, ".json");
	assert_string_equal(e.type, "json");
	bytes_free(&got);
}

/* n elements "x", each of which becomes size bytes; white space between them
 * makes a source of at least len bytes. */
static void
grows(unsigned n, size_t size, size_t len)
{
	char *constant = mem_new(size + 1);
	struct package_entry e;
	struct fault f = { 0 };
	struct bytes in, got;
	size_t want;

	memset(constant, 'c', size);
	element.how = (struct transform){ .action = TRANSFORM_CONSTANT,
		.text = constant };
	bytes_init(&in, (size_t)1 << 28);
	assert_ok(bytes_add_text(&in, "{\"a\":[", &f));
	for (unsigned i = 0; i < n; i++)
		assert_ok(bytes_addf(&in, &f, "%s%*s\"x\"", i == 0 ? "" : ",",
		    (int)(len / n), ""));
	assert_ok(bytes_add_text(&in, "]}", &f));
	deliver(&json_plan, in.at, in.len, &got, &e);
	want = in.len + n * (size - 1);
	assert_int_equal(got.len, want);
	bytes_free(&in);
	bytes_free(&got);
	mem_free(constant);
}

static void
a_file_comes_out_the_same_whether_it_was_held_or_not(void **state)
{
	(void)state;
	grows(1000, 1000, 0);		      /* held */
	grows(20000, 1000, 0);		      /* grows past what is held */
	grows(1000, 1000, (size_t)17 << 20);  /* too large from the start */
	grows(20000, 1000, (size_t)17 << 20); /* the same, and grows */
}

static void
make_picture(struct bytes *out, int width, int height)
{
	static const uint8_t block[] = { 0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f',
		0, 0, 'M', 'M', 0, '*', 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0,
		0, 1, 0, 6, 0, 0, 0, 0, 0, 0 };
	uint8_t *grey = mem_new((size_t)width * (size_t)height);
	tjhandle tj = tjInitCompress();
	unsigned char *jpeg = NULL;
	unsigned long len = 0;
	struct fault f = { 0 };

	assert_int_equal(tjCompress2(tj, grey, width, 0, height, TJPF_GRAY,
			     &jpeg, &len, TJSAMP_GRAY, 90, 0),
	    0);
	bytes_init(out, (size_t)1 << 20);
	assert_ok(bytes_add(out, jpeg, 2, &f));
	assert_ok(bytes_add(out, block, sizeof(block), &f));
	assert_ok(bytes_add(out, jpeg + 2, len - 2, &f));
	tjFree(jpeg);
	(void)tjDestroy(tj);
	mem_free(grey);
}

static void
an_index_has_the_size_of_a_picture_as_it_is_shown(void **state)
{
	struct package_entry e;
	struct bytes in, got;

	(void)state;
	/* turned, and (61 lines are no whole blocks) with its orientation */
	for (int height = 64; height >= 61; height -= 3) {
		make_picture(&in, 96, height);
		deliver(&jpeg_plan, in.at, in.len, &got, &e);
		assert_string_equal(e.member + TOKEN_CHARS, ".jpg");
		assert_int_equal(e.width, height);
		assert_int_equal(e.height, 96);
		assert_int_equal(
		    memmem(got.at, got.len, "Exif", 4) == NULL, height == 64);
		bytes_free(&in);
		bytes_free(&got);
	}
}

static void
a_join_has_what_leads_a_label_back_to_the_stored_pixels(void **state)
{
	struct package_payload payload;
	struct package_origin o;
	struct package_join *x = NULL;
	struct secret key = { 0 };
	struct package_made made;
	struct mask_source src;
	struct fault f = { 0 };
	struct bytes in;
	struct making m;
	bool end;

	(void)state;
	make_picture(&in, 96, 61);
	assert_ok(making_start(&m, &batch, &f));
	source_start(&src, &jpeg_plan, "photos/a.jpg", in.at, in.len);
	assert_ok(package_shard_file(m.shard, &src, NULL, 0, &f));
	source_end(&src);
	assert_ok(package_shard_end(m.shard, &made, &f));
	payload_of(&payload, &key, m.fd[JOIN], &batch);
	assert_ok(package_join_open(&x, &payload, &f));
	assert_ok(package_join_next(x, &o, &end, &f));
	assert_string_equal(o.original, "photos/a.jpg");
	assert_int_equal(o.orientation, 6);
	assert_int_equal(o.width, 96);
	assert_int_equal(o.height, 61);
	assert_ok(package_join_next(x, &o, &end, &f));
	assert_true(end);
	package_join_close(x);
	secret_free(&key);
	making_end(&m);
	bytes_free(&in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_get_the_tokens_of_the_batch_s_keys),
		cmocka_unit_test(
		    a_file_comes_out_the_same_whether_it_was_held_or_not),
		cmocka_unit_test(
		    an_index_has_the_size_of_a_picture_as_it_is_shown),
		cmocka_unit_test(
		    a_join_has_what_leads_a_label_back_to_the_stored_pixels),
	};

	return cmocka_run_group_tests(tests, begin, finish);
}
