/* Ingest: what is taken in, what is refused and why, and what is left where. */

#include "tests/gateway/ingesting.h"

static bool there(struct world *w, const char *fmt, ...) PRINTF(2, 3);

static bool
there(struct world *w, const char *fmt, ...)
{
	char path[160], whole[300];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	(void)snprintf(whole, sizeof(whole), "%s/%s", w->folder, path);
	return access(whole, F_OK) == 0;
}

static void
file_is(struct world *w, const char *id, const char *name, const char *want)
{
	char path[200];
	struct bytes got;

	(void)snprintf(path, sizeof(path), "%s/%s/%s", w->out, id, name);
	test_read_file(path, &got);
	assert_string_equal((const char *)got.at, want);
	bytes_free(&got);
}

/* The verdict on one return, how it was said, and that it stays or goes. */
static void
judged(struct world *w, const struct sending *s, const char *verdict,
    enum fault_kind status, const char *code)
{
	char id[ID_CHARS + 1];
	json_t *one;

	world_returned(w, s, id);
	assert_ok(ingest(w, id, false, &one));
	assert_string_equal(word(one, "verdict"), verdict);
	assert_int_equal(number(one, "status"), status);
	assert_string_equal(known(w, id).verdict, verdict);
	if (code != NULL)
		assert_non_null(json_object_get(
		    json_object_get(json_object_get(one, "labels"), "found"),
		    code));
	assert_int_equal(there(w, "home/quarantine/%s/1", id), status != 0);
	assert_int_equal(
	    there(w, "home/quarantine/%s/findings.json", id), status != 0);
	assert_int_equal(there(w, "out/%s/labels.jsonl", id), status == 0);
	json_decref(one);
}

static void
labels_come_home_under_the_original_names(void **state)
{
	struct world w;
	char id[ID_CHARS + 1];
	json_t *one;

	(void)state;
	world_start(&w, true);
	world_returned(&w, &(struct sending){ .labels = BOX_A EMPTY_B }, id);
	assert_ok(ingest(&w, NULL, false, &one));
	assert_string_equal(word(one, "verdict"), "partial");
	file_is(&w, id, "labels.jsonl",
	    "{\"item\":\"p/a.jpg\"," SAID ",\"boxes\":[{\"class\":\"cat\","
	    "\"x\":2,\"y\":3,\"w\":10,\"h\":5}]}\n"
	    "{\"item\":\"p/b, c.jpg\"," SAID ",\"state\":\"empty\"}\n");
	file_is(&w, id, "labels.original.jsonl",
	    "{\"item\":\"p/a.jpg\"," SAID ",\"boxes\":[{\"class\":\"cat\","
	    "\"x\":3,\"y\":18,\"w\":5,\"h\":10}]}\n"
	    "{\"item\":\"p/b, c.jpg\"," SAID ",\"state\":\"empty\"}\n");
	file_is(&w, id, "open.csv", "item,group\np/c.jpg,\n");
	assert_true(there(&w, "out/%s/labels.coco.json", id));
	assert_true(there(&w, "out/%s/labels.original.coco.json", id));
	assert_true(there(&w, "out/%s/report.json", id));
	assert_int_equal(known(&w, id).answered, 1);
	assert_int_equal(known(&w, id).score_ppm, 1000000);
	assert_false(there(&w, "home/quarantine/%s", id));
	json_decref(one);
	/* once, and no second time */
	assert_refused(ingest(&w, id, false, &one), FAULT_POLICY);
	assert_ok(ingest(&w, NULL, false, &one));
	assert_null(one);
	world_end(&w);
}

static void
returns_of_a_batch_add_up(void **state)
{
	struct world w;
	char id[ID_CHARS + 1], next[ID_CHARS + 1], path[128];
	json_t *one, *all;

	(void)state;
	world_start(&w, true);
	judged(&w, &(struct sending){ .labels = BOX_A }, "partial", 0, NULL);
	/* without the golden item: by what was said of it before */
	world_returned(&w, &(struct sending){ .labels = EMPTY_B }, id);
	assert_ok(ingest(&w, NULL, false, &one));
	assert_string_equal(word(one, "verdict"), "partial");
	all = json_object_get(one, "over_all_returns");
	assert_int_equal(number(all, "open"), 1);
	assert_int_equal(number(all, "again"), 0);
	file_is(&w, id, "open.csv", "item,group\np/c.jpg,\n");
	assert_string_equal(word(one, "golden"), "passed");
	assert_true(known(&w, id).scored);
	json_decref(one);
	world_returned(&w, &(struct sending){ .labels = SKIP_C BOX_A }, id);
	assert_ok(ingest(&w, id, false, &one));
	all = json_object_get(one, "over_all_returns");
	assert_int_equal(number(all, "open"), 0);
	assert_int_equal(number(all, "again"), 1);
	json_decref(one);
	/* a list that somebody altered, so that items count as open again, or
	 * scores as passed */
	for (size_t i = 0; i < 2; i++) {
		struct bytes was;

		bytes_init(&was, 4096);
		(void)snprintf(path, sizeof(path), "quarantine/%s.%s", id,
		    i == 0 ? "spoken" : "golden");
		assert_ok(file_read(w.dir, path, &was, &f));
		assert_ok(file_put(w.dir, path, "", 0, true, &f));
		world_returned(
		    &w, &(struct sending){ .labels = BOX_A SKIP_C }, next);
		assert_refused(ingest(&w, next, true, &one), FAULT_FORGED);
		assert_non_null(strstr(f.text, strchr(path, '/') + 1));
		assert_ok(file_put(w.dir, path, was.at, was.len, true, &f));
		bytes_free(&was);
	}
	/* a restored home has no lists: told, and no reason to stop */
	(void)snprintf(path, sizeof(path), "quarantine/%s.spoken", id);
	assert_int_equal(unlinkat(w.dir, path, 0), 0);
	world_returned(&w, &(struct sending){ .labels = BOX_A SKIP_C }, id);
	assert_ok(ingest(&w, id, true, &one));
	assert_non_null(strstr(word(one, "table"), "not known any more"));
	json_decref(one);
	world_end(&w);
}

static void
a_return_that_is_not_what_it_says_is_rejected(void **state)
{
	static const uint8_t other[DIGEST_BYTES] = { 9 };
	struct world w;

	(void)state;
	world_start(&w, false);
	judged(&w, &(struct sending){ .labels = BOX_A, .by = &w.stranger },
	    "rejected", FAULT_FORGED, "signature");
	judged(&w,
	    &(struct sending){
		.labels = BOX_A, .batch = "b-zzzzzzzzzzzzzzzzzzzzzzzzzz" },
	    "rejected", FAULT_FORGED, "signature");
	judged(&w,
	    &(struct sending){
		.labels = BOX_A, .id = "r-zzzzzzzzzzzzzzzzzzzzzzzzzz" },
	    "rejected", FAULT_FORGED, "signature");
	judged(&w, &(struct sending){ .labels = BOX_A, .manifest = other },
	    "rejected", FAULT_FORGED, "signature");
	judged(&w,
	    &(struct sending){ .labels = BOX_A, .instead = BOX_A_STORED },
	    "rejected", FAULT_FORGED, "altered");
	world_end(&w);
}

static void
a_return_that_cannot_be_read_is_rejected(void **state)
{
	struct age_identity id;
	struct age_recipient stranger;
	struct world w;

	(void)state;
	world_start(&w, false);
	assert_ok(age_identity_new(&id, &f));
	assert_ok(age_identity_recipient(&stranger, &id, &f));
	judged(&w, &(struct sending){ .labels = BOX_A, .to = &stranger },
	    "rejected", FAULT_INPUT, "unreadable");
	age_recipient_free(&stranger);
	age_identity_free(&id);
	judged(&w,
	    &(struct sending){
		.labels = "{\"item\":\"zzz\"," SAID ",\"boxes\":[]}\n" },
	    "rejected", FAULT_INPUT, "unknown-item");
	judged(&w, &(struct sending){ .labels = EMPTY_B EMPTY_B }, "rejected",
	    FAULT_INPUT, "duplicate");
	world_end(&w);
}

static void
a_score_below_the_mark_is_rejected(void **state)
{
	struct world w;

	(void)state;
	world_start(&w, true);
	judged(&w, &(struct sending){ .labels = BOX_A_STORED EMPTY_B SKIP_C },
	    "rejected", FAULT_POLICY, "golden-failed");
	/* all that there will be, and not one golden answer in it */
	judged(&w, &(struct sending){ .labels = EMPTY_B, .complete = true },
	    "rejected", FAULT_POLICY, "golden-too-few");
	judged(&w, &(struct sending){ .labels = BOX_A EMPTY_B SKIP_C },
	    "accepted", 0, NULL);
	world_end(&w);
}

static void
a_rejected_return_may_be_judged_again(void **state)
{
	struct world w;
	char id[ID_CHARS + 1];
	json_t *one;

	(void)state;
	world_start(&w, false);
	world_returned(
	    &w, &(struct sending){ .labels = BOX_A, .by = &w.stranger }, id);
	assert_ok(ingest(&w, NULL, false, &one));
	assert_string_equal(word(one, "verdict"), "rejected");
	json_decref(one);
	assert_ok(ingest(&w, NULL, false, &one)); /* does not wait any more */
	assert_null(one);
	assert_ok(ingest(&w, id, false, &one));
	assert_string_equal(word(one, "verdict"), "rejected");
	json_decref(one);
	world_end(&w);
}

static void
a_dry_run_leaves_everything(void **state)
{
	struct world w;
	char id[ID_CHARS + 1];
	json_t *one;

	(void)state;
	world_start(&w, true);
	world_returned(&w, &(struct sending){ .labels = BOX_A }, id);
	assert_ok(ingest(&w, id, true, &one));
	assert_string_equal(word(one, "verdict"), "partial");
	assert_true(strstr(word(one, "table"), "mean_iou") != NULL);
	json_decref(one);
	assert_int_equal(known(&w, id).ingested, 0);
	assert_true(there(&w, "home/quarantine/%s/1", id));
	assert_false(there(&w, "out"));
	world_end(&w);
}

static void
what_was_altered_at_home_is_nobodys_return(void **state)
{
	struct world w;
	uint8_t was;
	char id[ID_CHARS + 1], path[128];
	json_t *one;
	int fd;

	(void)state;
	world_start(&w, false);
	world_returned(&w, &(struct sending){ .labels = BOX_A }, id);
	(void)snprintf(path, sizeof(path), "quarantine/%s/2", id);
	fd = openat(w.dir, path, O_RDWR | O_CLOEXEC);
	assert_int_equal(pread(fd, &was, 1, 50), 1);
	was ^= 1; /* not what stands there, whatever that is */
	assert_int_equal(pwrite(fd, &was, 1, 50), 1);
	file_close(&fd);
	assert_refused(ingest(&w, id, false, &one), FAULT_FORGED);
	assert_int_equal(known(&w, id).ingested, 0);
	/* one of many: told in its place */
	assert_ok(ingest(&w, NULL, false, &one));
	assert_string_equal(word(one, "verdict"), "failed");
	assert_int_equal(number(one, "status"), FAULT_FORGED);
	json_decref(one);
	world_end(&w);
}

/* Anybody can seal to the return recipient; only one object was logged. */
static void
another_join_map_is_noticed(void **state)
{
	struct world w;
	char id[ID_CHARS + 1], other[DIGEST_CHARS + 1], from[128], to[128];
	json_t *one;

	(void)state;
	world_start(&w, false);
	world_returned(&w, &(struct sending){ .labels = BOX_A }, id);
	world_object(&w, world_join(), strlen(world_join()), &w.returns, other);
	(void)snprintf(from, sizeof(from), "objects/%.2s/%s", other, other);
	(void)snprintf(to, sizeof(to), "objects/%.2s/%s", w.join, w.join);
	assert_int_equal(renameat(w.dir, from, w.dir, to), 0);
	assert_refused(ingest(&w, id, false, &one), FAULT_FORGED);
	assert_int_equal(known(&w, id).ingested, 0);
	assert_false(there(&w, "out/%s", id));
	world_end(&w);
}

/* What a crash leaves: a draft of outputs, outputs that the log has not. */
static void
what_a_crash_left_is_done_again(void **state)
{
	struct world w;
	char id[ID_CHARS + 1], path[200];
	json_t *one;

	(void)state;
	world_start(&w, false);
	world_returned(&w, &(struct sending){ .labels = BOX_A EMPTY_B }, id);
	assert_ok(folder_make(AT_FDCWD, w.out, &f));
	(void)snprintf(path, sizeof(path), "%s/.%s.draft", w.out, id);
	assert_ok(folder_make(AT_FDCWD, path, &f));
	(void)snprintf(
	    path, sizeof(path), "%s/.%s.draft/labels.jsonl", w.out, id);
	world_put(path, "half", 4);
	(void)snprintf(path, sizeof(path), "%s/%s", w.out, id);
	assert_ok(folder_make(AT_FDCWD, path, &f));
	(void)snprintf(path, sizeof(path), "%s/%s/labels.jsonl", w.out, id);
	world_put(path, "old", 3);
	(void)snprintf(path, sizeof(path), "quarantine/%s.spoken", id);
	assert_ok(file_put(w.dir, path, "", 0, true, &f));
	assert_ok(ingest(&w, id, false, &one));
	assert_string_equal(word(one, "verdict"), "partial");
	file_is(&w, id, "open.csv", "item,group\np/c.jpg,\n");
	assert_false(there(&w, "out/.%s.draft", id));
	json_decref(one);
	world_end(&w);
}

static void
a_file_carried_by_hand_is_logged_and_taken_in(void **state)
{
	struct world w;
	char id[ID_CHARS + 1], path[128];
	json_t *one;
	int dir;

	(void)state;
	world_start(&w, false);
	assert_ok(folder_open(AT_FDCWD, w.folder, &dir, &f));
	world_sending(
	    &w, &(struct sending){ .labels = BOX_A }, dir, "good.age", id);
	(void)snprintf(path, sizeof(path), "%s/good.age", w.folder);
	assert_ok(ingest(&w, path, false, &one));
	assert_string_equal(word(one, "verdict"), "partial");
	assert_string_equal(word(one, "return"), id);
	assert_true(known(&w, id).at > 0);
	assert_true(there(&w, "out/%s/labels.jsonl", id));
	json_decref(one);
	/* the same again, and one that the vendor did not sign */
	assert_refused(ingest(&w, path, false, &one), FAULT_POLICY);
	world_sending(&w,
	    &(struct sending){ .labels = BOX_A, .by = &w.stranger }, dir,
	    "bad.age", id);
	(void)snprintf(path, sizeof(path), "%s/bad.age", w.folder);
	assert_refused(ingest(&w, path, false, &one), FAULT_FORGED);
	assert_false(there(&w, "home/quarantine/%s", id));
	(void)snprintf(path, sizeof(path), "%s/id", w.folder);
	assert_refused(ingest(&w, path, false, &one), FAULT_INPUT);
	file_close(&dir);
	world_end(&w);
}

/* Whatever cannot be had, nothing is half done. */
static void
running_out_of_memory_is_told_and_leaves_the_return(void **state)
{
	struct keeper_options how = { .branches = RING_RELEASE | RING_REVEAL,
		.passphrase = -1 };
	struct ingest_options o = { .out = NULL };
	struct keeper *k = NULL;
	struct world w;
	char id[ID_CHARS + 1];
	json_t *report = NULL;
	int rc = -1;

	(void)state;
	world_start(&w, true);
	world_returned(&w, &(struct sending){ .labels = BOX_A EMPTY_B }, id);
	how.home = o.home = w.home;
	how.identity = w.identity;
	o.out = w.out;
	for (long n = 0; rc != 0; n += 7) {
		struct fault closing = { 0 };

		assert_true(n < 3000);
		assert_ok(keeper_open(&k, &how, &f));
		f = (struct fault){ 0 };
		mem_fail_after(n);
		rc = flow_ingest(k, &o, id, &report, &f);
		mem_fail_after(-1);
		/* a channel whose message could not be held is broken */
		if (rc != 0 && f.kind != FAULT_SYSTEM && f.kind != FAULT_PEER)
			fail_msg("%ld: kind %d: %s", n, (int)f.kind, f.text);
		(void)keeper_close(k, &closing);
	}
	json_decref(report);
	assert_string_equal(known(&w, id).verdict, "partial");
	assert_true(there(&w, "out/%s/labels.jsonl", id));
	assert_false(there(&w, "out/.%s.draft", id));
	world_end(&w);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_come_home_under_the_original_names),
		cmocka_unit_test(returns_of_a_batch_add_up),
		cmocka_unit_test(a_return_that_is_not_what_it_says_is_rejected),
		cmocka_unit_test(a_return_that_cannot_be_read_is_rejected),
		cmocka_unit_test(a_score_below_the_mark_is_rejected),
		cmocka_unit_test(a_rejected_return_may_be_judged_again),
		cmocka_unit_test(a_dry_run_leaves_everything),
		cmocka_unit_test(what_was_altered_at_home_is_nobodys_return),
		cmocka_unit_test(another_join_map_is_noticed),
		cmocka_unit_test(what_a_crash_left_is_done_again),
		cmocka_unit_test(a_file_carried_by_hand_is_logged_and_taken_in),
		cmocka_unit_test(
		    running_out_of_memory_is_told_and_leaves_the_return),
	};

	process_begin(argc, argv, test_roles);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
