/* gateway/labels: COCO files, ours and other people's. */

#include <stdlib.h>

#include "keys/base/mem.h"
#include "tests/support/label_set.h"

#define HEAD                                                   \
	"{\"info\":{\"contributor\":\"ann\"},\"categories\":[" \
	"{\"id\":7,\"name\":\"dog\"},{\"id\":3,\"name\":\"cat\"}],"
#define IMAGE_A                                  \
	"{\"id\":1,\"file_name\":\"data/" ITEM_A \
	".jpg\",\"width\":100,\"height\":50}"
#define IMAGE_B                                                     \
	"{\"id\":2,\"file_name\":\"" ITEM_B ".jpg\",\"width\":100," \
	"\"height\":50}"
#define ANNOTATION(image, category, bbox)                            \
	"{\"id\":1,\"image_id\":" image ",\"category_id\":" category \
	",\"bbox\":" bbox ",\"area\":1,\"iscrowd\":0,\"segmentation\":[]}"

static void
pictures_are_known_by_the_stem_of_their_file_name(void **state)
{
	const struct labels_contract c = contract_of(LABELS_BOXES);
	/* annotations first: order in the file means nothing */
	struct labels *l =
	    set_of(&c, "{\"annotations\":[" ANNOTATION("2", "3",
			   "[1,2,3.25,4]") "],"
					   "\"images\":[" IMAGE_A "," IMAGE_B
					   "],\"categories\":["
					   "{\"id\":3,\"name\":\"cat\"}]}");

	(void)state;
	assert_int_equal(errors(l), 0);
	assert_int_equal(labels_item_state(l, 0), LABELS_OPEN);
	assert_int_equal(labels_item_state(l, 1), LABELS_ANSWERED);
	assert_int_equal(labels_answer(l, 0)->boxes[0].w, 3250000000);
	assert_string_equal(
	    labels_class_name(l, labels_answer(l, 0)->boxes[0].class), "cat");
	assert_int_equal(found(l, "annotator-unknown"), 1);
	assert_int_equal(found(l, "time-unknown"), 1);
	assert_int_equal(labels_verdict(l), LABELS_PARTIAL);
	labels_free(l);
}

static void
a_listed_picture_without_boxes_is_negative_by_contract_alone(void **state)
{
	struct labels_contract c = contract_of(LABELS_BOXES);
	const char *text =
	    HEAD "\"images\":[" IMAGE_A "," IMAGE_B
		 "],\"annotations\":[" ANNOTATION("2", "3", "[1,2,3,4]") "]}";
	struct labels *l = set_of(&c, text);

	(void)state;
	assert_int_equal(labels_item_state(l, 0), LABELS_OPEN);
	labels_free(l);
	c.unanswered_is_negative = true;
	l = set_of(&c, text);
	assert_int_equal(labels_item_state(l, 0), LABELS_EMPTY);
	assert_string_equal(
	    labels_annotator_name(l, labels_answer(l, 0)->annotator), "ann");
	assert_int_equal(labels_item_state(l, 2), LABELS_OPEN); /* unlisted */
	labels_free(l);
}

static const struct {
	const char *text, *code;
} files[] = {
	{ HEAD "\"images\":[" IMAGE_A
	       "],\"annotations\":[" ANNOTATION("1", "3", "[0,0,100,50]") "]}",
	    NULL },
	{ HEAD "\"images\":[" IMAGE_A "],\"annotations\":[" ANNOTATION(
	      "1", "3", "[0,0,100.5,50]") "]}",
	    "box-outside" },
	{ HEAD "\"images\":[" IMAGE_A
	       "],\"annotations\":[" ANNOTATION("1", "3", "[0,0,10,0]") "]}",
	    "box-no-area" },
	{ HEAD "\"images\":[" IMAGE_A
	       "],\"annotations\":[" ANNOTATION("1", "3", "[NaN,0,10,10]") "]}",
	    "box-not-finite" },
	{ HEAD "\"images\":[" IMAGE_A
	       "],\"annotations\":[" ANNOTATION("1", "3", "[0,0,10]") "]}",
	    "malformed" },
	{ HEAD "\"images\":[" IMAGE_A "],\"annotations\":[" ANNOTATION(
	      "1", "3", "[0,0,10,10,10]") "]}",
	    "malformed" },
	{ HEAD "\"images\":[" IMAGE_A
	       "],\"annotations\":[" ANNOTATION("1", "3", "[0,0,10,[]]") "]}",
	    "malformed" },
	{ HEAD "\"images\":[" IMAGE_A
	       "],\"annotations\":[" ANNOTATION("1", "3", "\"box\"") "]}",
	    "malformed" },
	{ HEAD "\"images\":[" IMAGE_A
	       "],\"annotations\":[" ANNOTATION("9", "3", "[0,0,10,10]") "]}",
	    "image-unknown" },
	{ HEAD "\"images\":[" IMAGE_A
	       "],\"annotations\":[" ANNOTATION("1", "9", "[0,0,10,10]") "]}",
	    "unknown-class" },
	{ HEAD "\"images\":[" IMAGE_A
	       "],\"annotations\":[" ANNOTATION("1", "-3", "[0,0,10,10]") "]}",
	    "malformed" },
	{ HEAD "\"images\":[" IMAGE_A "],\"annotations\":[{}]}", "malformed" },
	{ HEAD "\"images\":[" IMAGE_A "],\"annotations\":[3]}", "malformed" },
	{ HEAD "\"images\":[" IMAGE_A ",{\"id\":1,\"file_name\":\"" ITEM_B
	       ".jpg\"}],\"annotations\":[]}",
	    "duplicate" },
	{ HEAD "\"images\":[" IMAGE_B ",{\"id\":1,\"file_name\":\"" ITEM_B
	       ".png\"}],\"annotations\":[]}",
	    "duplicate" },
	{ HEAD "\"images\":[{\"id\":1,\"file_name\":\"a.jpg\"}],"
	       "\"annotations\":[]}",
	    "unknown-item" },
	{ HEAD "\"images\":[{\"id\":1}],\"annotations\":[]}", "malformed" },
	{ HEAD "\"images\":[{\"id\":\"1\",\"file_name\":\"" ITEM_A
	       ".jpg\"}],\"annotations\":[]}",
	    "malformed" },
	{ HEAD "\"images\":[{\"id\":1,\"file_name\":\"" ITEM_A
	       ".jpg\",\"width\":50,\"height\":100}],\"annotations\":[]}",
	    "size-differs" },
	{ HEAD "\"images\":[{\"id\":1,\"file_name\":\"" ITEM_A
	       ".jpg\",\"width\":100,\"height\":51}],\"annotations\":[]}",
	    "size-differs" },
	{ HEAD "\"annotations\":[]}", "malformed" },
	{ HEAD "\"images\":{},\"annotations\":[]}", "malformed" },
	{ HEAD "\"images\":[],\"images\":[]}", "malformed" },
	{ HEAD "\"images\":[" IMAGE_A "]", "malformed" },
	{ HEAD "\"images\":[" IMAGE_A "]}}", "malformed" },
	{ "{\"images\":[" IMAGE_A "],\"categories\":[{\"id\":1}]}",
	    "malformed" },
	{ "{\"images\":[" IMAGE_A "],\"categories\":[{\"id\":1,\"name\":"
	  "\"cat\"},{\"id\":1,\"name\":\"dog\"}]}",
	    "duplicate" },
	{ HEAD "\"images\":[" IMAGE_A "],\"mine\":{\"a\":[1,2]}}", "ignored" },
	{ HEAD "\"images\":[{\"id\":1,\"file_name\":\"" ITEM_A
	       ".jpg\",\"answers\":[{\"state\":\"answered\"}]}]}",
	    "malformed" },
	{ HEAD "\"images\":[{\"id\":1,\"file_name\":\"" ITEM_A
	       ".jpg\",\"answers\":[{\"state\":\"skipped\"}]}]}",
	    "reason-missing" },
	{ HEAD "\"images\":[{\"id\":1,\"file_name\":\"" ITEM_A
	       ".jpg\",\"answers\":[{\"status\":\"skipped\"}]}]}",
	    "malformed" },
};

static void
each_file_is_found_for_what_is_wrong_with_it_and_no_more(void **state)
{
	struct labels_contract c = contract_of(LABELS_BOXES);

	(void)state;
	c.at = NOW;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct labels *l = set_of(&c, files[i].text);
		size_t other = labels_nfindings(l) - found(l, "open-item");

		if (files[i].code == NULL && other != 0)
			fail_msg("%s: %s", files[i].text,
			    labels_finding(l, 0)->message);
		if (files[i].code != NULL &&
		    (other != 1 || found(l, files[i].code) != 1))
			fail_msg("%s: not (alone) %s but %zu, %s",
			    files[i].text, files[i].code, other,
			    other > 0 ? labels_finding(l, 0)->code : "-");
		labels_free(l);
	}
}

static void
a_bad_annotation_does_not_hide_the_next_one(void **state)
{
	const struct labels_contract c = contract_of(LABELS_BOXES);
	struct labels *l =
	    set_of(&c, HEAD "\"images\":[" IMAGE_A "," IMAGE_B
			    "],\n\"annotations\":[\n" ANNOTATION("1", "3",
				"[{\"a\":[1,{}]}]") ",\n" ANNOTATION("2", "3",
				"[0,0,10,10]") "]}");

	(void)state;
	assert_int_equal(found(l, "malformed"), 1);
	assert_int_equal(labels_finding(l, 0)->line, 3);
	assert_int_equal(labels_item_state(l, 1), LABELS_ANSWERED);
	labels_free(l);
}

static void
categories_without_boxes_are_classes_one_a_picture(void **state)
{
	const struct labels_contract c = contract_of(LABELS_CLASS);
	struct labels *l = set_of(&c,
	    HEAD "\"images\":[" IMAGE_A "," IMAGE_B "],\"annotations\":["
		 "{\"id\":1,\"image_id\":1,\"category_id\":7},"
		 "{\"id\":2,\"image_id\":2,\"category_id\":7},"
		 "{\"id\":3,\"image_id\":2,\"category_id\":3}]}");

	(void)state;
	assert_int_equal(labels_kind(l), LABELS_CLASS);
	assert_int_equal(found(l, "duplicate"), 1);
	assert_int_equal(labels_item_state(l, 0), LABELS_ANSWERED);
	assert_string_equal(
	    labels_class_name(l, labels_answer(l, 0)->class), "dog");
	assert_int_equal(labels_item_state(l, 1), LABELS_OPEN);
	labels_free(l);
}

/* What other people's files are answered with, by name. */
static const struct {
	const char *name;
	enum labels_verdict verdict;
	size_t parts;
	const char *code; /* that must be found, or NULL */
} samples[] = {
	{ "coco/annotations/instances_train.json", LABELS_ACCEPTED, 1, NULL },
	{ "coco/annotations/instances_val.json", LABELS_ACCEPTED, 2,
	    "ignored" },
	{ "coco/annotations/image_info_train.json", LABELS_PARTIAL, 0,
	    "open-item" },
	{ "coco/annotations/labels_train.json", LABELS_ACCEPTED, 0, NULL },
	{ "coco/annotations/labels_val.json", LABELS_REJECTED, 0, "duplicate" },
	{ "coco/annotations/captions_train.json", LABELS_REJECTED, 0,
	    "unknown-class" },
	{ "coco/annotations/panoptic_train.json", LABELS_REJECTED, 0,
	    "malformed" },
	{ "coco/annotations/person_keypoints_val.json", LABELS_ACCEPTED, 2,
	    "ignored" },
	{ "coco/annotations/stuff_train.json", LABELS_ACCEPTED, 1, "ignored" },
	{ "coco_roboflow/val/_annotations.coco.json", LABELS_ACCEPTED, 2,
	    "ignored" },
	{ "mmdet_coco/annotations/instances_val.json", LABELS_ACCEPTED, 2,
	    "ignored" },
};

static void
other_peoples_files_are_read(void **state)
{
	const struct labels_contract c = { .any_item = true };
	char folder[512], path[1024];

	(void)state;
	test_shared(folder, sizeof(folder), "samples/labels/coco_dataset");
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct labels_counts n;
		struct labels *l;
		struct bytes b;

		(void)snprintf(
		    path, sizeof(path), "%s/%s", folder, samples[i].name);
		test_read_file(path, &b);
		l = set_of(&c, (const char *)b.at);
		labels_count(l, &n);
		if (labels_verdict(l) != samples[i].verdict ||
		    n.parts != samples[i].parts ||
		    (samples[i].code != NULL && found(l, samples[i].code) == 0))
			fail_msg("%s: verdict %d, %zu parts", samples[i].name,
			    (int)labels_verdict(l), n.parts);
		labels_free(l);
		bytes_free(&b);
	}
}

static const char lines[] =
    "{\"item\":\"" ITEM_A "\",\"annotator\":\"ann\","
    "\"at\":\"2026-11-01T10:00:00Z\",\"boxes\":["
    "{\"class\":\"dog\",\"x\":0.5,\"y\":1,\"w\":10.25,\"h\":3},"
    "{\"class\":\"cat\",\"x\":1,\"y\":1,\"w\":2,\"h\":2,\"crowd\":true}]}\n"
    "{\"item\":\"" ITEM_A "\",\"annotator\":\"bob\","
    "\"at\":\"2026-11-01T10:00:01Z\",\"state\":\"empty\"}\n"
    "{\"item\":\"" ITEM_B "\",\"state\":\"skipped\","
    "\"reason\":\"blurred \\\"badly\\\"\"}\n";

static void
label_lines_survive_the_way_to_coco_and_back(void **state)
{
	const struct labels_contract c = contract_of(LABELS_BOXES);
	struct labels *l = set_of(&c, lines), *again;
	struct bytes coco = written(l, labels_write_coco), back, twice;

	(void)state;
	again = set_of(&c, (const char *)coco.at);
	assert_int_equal(errors(again), 0);
	back = written(again, labels_write_jsonl);
	assert_string_equal((const char *)back.at, lines);
	twice = written(again, labels_write_coco);
	assert_string_equal((const char *)twice.at, (const char *)coco.at);
	assert_non_null(strstr((const char *)coco.at, "\"area\":30.75,"));
	bytes_free(&twice);
	bytes_free(&back);
	bytes_free(&coco);
	labels_free(again);
	labels_free(l);
}

static void
a_class_survives_the_way_to_coco_and_back(void **state)
{
	const struct labels_contract c = contract_of(LABELS_CLASS);
	const char *text = LINE(ITEM_A, "\"class\":\"dog\"");
	struct labels *l = set_of(&c, text), *again;
	struct bytes coco = written(l, labels_write_coco), back;

	(void)state;
	again = set_of(&c, (const char *)coco.at);
	back = written(again, labels_write_jsonl);
	assert_string_equal((const char *)back.at, text);
	bytes_free(&back);
	bytes_free(&coco);
	labels_free(again);
	labels_free(l);
}

static void
what_is_no_picture_stays_out_of_coco(void **state)
{
	const struct labels_contract c = contract_of(LABELS_CLASS);
	/* the third item is a text */
	struct labels *l = set_of(&c, LINE(ITEM_C, "\"class\":\"cat\"")
					  LINE(ITEM_B, "\"class\":\"dog\""));
	struct bytes coco = written(l, labels_write_coco);
	const char *text = (const char *)coco.at;

	(void)state;
	assert_null(strstr(text, ITEM_C));
	assert_non_null(strstr(text, ITEM_A));
	assert_non_null(strstr(text, "\"image_id\":2,\"category_id\":2"));
	assert_null(strstr(text, "\"image_id\":3"));
	bytes_free(&coco);
	labels_free(l);
}

static void
spans_do_not_go_into_coco(void **state)
{
	const struct labels_contract c = contract_of(LABELS_SPANS);
	struct labels *l =
	    set_of(&c, LINE(ITEM_C, "\"spans\":[{\"class\":\"cat\",\"start\":0,"
				    "\"end\":4}]"));
	struct fault f;

	(void)state;
	assert_refused(labels_write_coco(l, -1, &f), FAULT_INPUT);
	labels_free(l);
}

static void
a_byte_changed_anywhere_is_refused_or_read_as_what_it_says(void **state)
{
	static const char change[] = "\"{}[]:,x0-\n";
	const struct labels_contract c = contract_of(LABELS_BOXES);
	struct labels *good = set_of(&c, lines);
	struct bytes coco = written(good, labels_write_coco);
	size_t refused = 0;

	(void)state;
	for (size_t i = 0; i < coco.len; i++) {
		uint8_t was = coco.at[i];
		struct labels *l, *again;
		struct bytes b, twice;

		coco.at[i] = (uint8_t)change[i % (sizeof(change) - 1)];
		l = set_of(&c, (const char *)coco.at);
		coco.at[i] = was;
		if (labels_verdict(l) == LABELS_REJECTED) {
			refused++;
			labels_free(l);
			continue;
		}
		b = written(l, labels_write_coco);
		again = set_of(&c, (const char *)b.at);
		twice = written(again, labels_write_coco);
		assert_int_equal(errors(again), 0);
		assert_string_equal((const char *)twice.at, (const char *)b.at);
		bytes_free(&twice);
		bytes_free(&b);
		labels_free(again);
		labels_free(l);
	}
	assert_true(refused > coco.len / 2);
	bytes_free(&coco);
	labels_free(good);
}

static void
every_allocation_may_fail(void **state)
{
	struct labels_contract c = contract_of(LABELS_BOXES);
	struct labels *good = set_of(&c, lines);
	struct bytes coco = written(good, labels_write_coco);
	int fd = text_fd(coco.at, coco.len), null = memfd_create("x", 0);
	bool done = false;

	(void)state;
	c.any_item = true;
	for (long n = 0; !done; n++) {
		struct fault f = { 0 };
		struct labels *l = NULL;

		assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
		mem_fail_after(n);
		done = labels_new(&l, &c, &f) == 0 &&
		       labels_read(l, fd, "good", LABELS_AUTO, &f) == 0 &&
		       labels_settle(l, &f) == 0 &&
		       labels_write_coco(l, null, &f) == 0;
		mem_fail_after(-1);
		if (!done)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		else
			assert_int_equal(errors(l), 0);
		labels_free(l);
	}
	file_close(&fd);
	file_close(&null);
	bytes_free(&coco);
	labels_free(good);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    pictures_are_known_by_the_stem_of_their_file_name),
		cmocka_unit_test(
		    a_listed_picture_without_boxes_is_negative_by_contract_alone),
		cmocka_unit_test(
		    each_file_is_found_for_what_is_wrong_with_it_and_no_more),
		cmocka_unit_test(a_bad_annotation_does_not_hide_the_next_one),
		cmocka_unit_test(
		    categories_without_boxes_are_classes_one_a_picture),
		cmocka_unit_test(other_peoples_files_are_read),
		cmocka_unit_test(label_lines_survive_the_way_to_coco_and_back),
		cmocka_unit_test(a_class_survives_the_way_to_coco_and_back),
		cmocka_unit_test(what_is_no_picture_stays_out_of_coco),
		cmocka_unit_test(spans_do_not_go_into_coco),
		cmocka_unit_test(
		    a_byte_changed_anywhere_is_refused_or_read_as_what_it_says),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
