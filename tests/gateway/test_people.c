/* Vendors and papers, as an owner's keeper is asked about them. */

#include "tests/gateway/home_story.h"

#define ONE(member) json_pack("{s:s}", "vendor", member)

static json_t *
confirm(const char *vendor, const char *fingerprint)
{
	return json_pack(
	    "{s:s,s:s}", "vendor", vendor, "fingerprint", fingerprint);
}

static json_t *
change(const char *vendor, const char *to)
{
	return json_pack("{s:s,s:s}", "vendor", vendor, "to", to);
}

/* ---- Vendors ---- */

static void
a_vendor_is_confirmed_by_either_spelling(void **state)
{
	struct home_story s;
	struct fingerprint print;
	const char *card;
	json_t *v;

	(void)state;
	home_story_new(&s, ROLE_OWNER);
	card = card_of(ROLE_VENDOR, "acme", 1, &print);
	v = asks(&s, KEEPER_VENDOR_ADD, vendor_of("acme", card, NULL));
	assert_true(json_is_null(json_object_get(v, "confirmed")));
	assert_string_equal(text_of(v, "fingerprint"), print.hex);
	assert_string_equal(text_of(v, "words"), print.words);
	assert_string_equal(text_of(v, "country_name"), "Netherlands");
	json_decref(v);
	v = asks(&s, KEEPER_VENDOR_CONFIRM, confirm("acme", print.words));
	assert_true(json_is_string(json_object_get(v, "confirmed")));
	json_decref(v);
	/* Once is enough, and twice is no mistake. */
	assert_int_equal(entries(&s), 4);
	does(&s, KEEPER_VENDOR_CONFIRM, confirm("acme", print.hex));
	assert_int_equal(entries(&s), 4);
	card = card_of(ROLE_VENDOR, "other", 2, &print);
	v = asks(&s, KEEPER_VENDOR_ADD, vendor_of("other", card, print.hex));
	assert_true(json_is_string(json_object_get(v, "confirmed")));
	json_decref(v);
	home_story_end(&s);
}

static void
a_wrong_fingerprint_records_nothing(void **state)
{
	struct home_story s;
	struct fingerprint other;
	const char *card;

	(void)state;
	home_story_new(&s, ROLE_OWNER);
	(void)card_of(ROLE_VENDOR, "acme", 2, &other);
	card = card_of(ROLE_VENDOR, "acme", 1, NULL);
	refuses(&s, KEEPER_VENDOR_ADD, vendor_of("acme", card, other.hex),
	    FAULT_FORGED, "fingerprint");
	refuses(&s, KEEPER_VENDOR_ADD, vendor_of("acme", card, ""),
	    FAULT_FORGED, "fingerprint");
	assert_int_equal(entries(&s), 2);
	does(&s, KEEPER_VENDOR_ADD, vendor_of("acme", card, NULL));
	refuses(&s, KEEPER_VENDOR_CONFIRM, confirm("acme", other.words),
	    FAULT_FORGED, "fingerprint");
	refuses(
	    &s, KEEPER_VENDOR_CONFIRM, ONE("acme"), FAULT_USAGE, "fingerprint");
	assert_int_equal(entries(&s), 3);
	home_story_end(&s);
}

static void
a_card_is_the_whole_card_of_a_vendor(void **state)
{
	struct home_story s;
	char forged[CARD_BYTES_MAX + 1];
	const char *card = card_of(ROLE_VENDOR, "acme", 1, NULL);

	(void)state;
	home_story_new(&s, ROLE_OWNER);
	(void)snprintf(forged, sizeof(forged), "%s", card);
	/* One character of the signature, which is 64 bytes in base64. */
	char *sig = strstr(forged, "\"sig\":\"");
	assert_non_null(sig);
	sig[10] = sig[10] == 'A' ? 'B' : 'A';
	refuses(&s, KEEPER_VENDOR_ADD, vendor_of("acme", forged, NULL),
	    FAULT_FORGED, "card");
	refuses(&s, KEEPER_VENDOR_ADD, vendor_of("acme", "{}", NULL),
	    FAULT_INPUT, "card");
	refuses(&s, KEEPER_VENDOR_ADD,
	    vendor_of("acme", card_of(ROLE_OWNER, "us", 3, NULL), NULL),
	    FAULT_INPUT, "an owner's, not a vendor's");
	assert_int_equal(entries(&s), 2);
	home_story_end(&s);
}

static void
one_vendor_is_one_card_under_one_name(void **state)
{
	struct home_story s;
	struct fingerprint print;
	const char *card = card_of(ROLE_VENDOR, "acme", 1, &print);
	struct fingerprint other;
	const char *next = card_of(ROLE_VENDOR, "acme", 2, &other);

	(void)state;
	home_story_new(&s, ROLE_OWNER);
	does(&s, KEEPER_VENDOR_ADD, vendor_of("acme", card, NULL));
	refuses(&s, KEEPER_VENDOR_ADD, vendor_of("acme", card, NULL),
	    FAULT_POLICY, "there already, with this card");
	refuses(&s, KEEPER_VENDOR_ADD, vendor_of("acme", next, NULL),
	    FAULT_POLICY, "with another card");
	/* The right fingerprint of the wrong card confirms nobody. */
	refuses(&s, KEEPER_VENDOR_ADD, vendor_of("acme", next, other.hex),
	    FAULT_POLICY, "with another card");
	assert_int_equal(entries(&s), 3);
	refuses(&s, KEEPER_VENDOR_ADD, vendor_of("acme2", card, NULL),
	    FAULT_POLICY, "already, as acme");
	/* The same command again, with the fingerprint, confirms. */
	does(&s, KEEPER_VENDOR_ADD, vendor_of("acme", card, print.words));
	refuses(&s, KEEPER_VENDOR_ADD, vendor_of("acme", card, print.words),
	    FAULT_POLICY, "there already");
	assert_int_equal(entries(&s), 4);
	does(&s, KEEPER_VENDOR_CHANGE, change("acme", "ended"));
	does(&s, KEEPER_VENDOR_ADD, vendor_of("acme", next, NULL));
	does(&s, KEEPER_VENDOR_ADD, vendor_of("again", card, NULL));
	home_story_end(&s);
}

static void
a_vendor_is_suspended_resumed_and_ended(void **state)
{
	struct home_story s;
	json_t *v;

	(void)state;
	home_story_new(&s, ROLE_OWNER);
	does(&s, KEEPER_VENDOR_ADD,
	    vendor_of("acme", card_of(ROLE_VENDOR, "acme", 1, NULL), NULL));
	refuses(&s, KEEPER_VENDOR_CHANGE, change("acme", "resumed"),
	    FAULT_POLICY, "acme: vendor-resumed: the vendor is not suspended");
	v = asks(&s, KEEPER_VENDOR_CHANGE, change("acme", "suspended"));
	assert_true(json_is_string(json_object_get(v, "suspended")));
	json_decref(v);
	refuses(&s, KEEPER_VENDOR_CHANGE, change("acme", "suspended"),
	    FAULT_POLICY, "is suspended");
	v = asks(&s, KEEPER_VENDOR_CHANGE, change("acme", "resumed"));
	assert_true(json_is_null(json_object_get(v, "suspended")));
	json_decref(v);
	refuses(&s, KEEPER_VENDOR_CHANGE, change("acme", "enraged"),
	    FAULT_INPUT, "no such change");
	refuses(&s, KEEPER_VENDOR_CHANGE, change("nobody", "ended"),
	    FAULT_INPUT, "nobody: no such vendor");
	does(&s, KEEPER_VENDOR_CHANGE, change("acme", "ended"));
	refuses(&s, KEEPER_VENDOR_CHANGE, change("acme", "ended"), FAULT_POLICY,
	    "has been ended");
	v = asks(&s, KEEPER_VENDORS, json_object());
	assert_int_equal(json_array_size(json_object_get(v, "vendors")), 1);
	json_decref(v);
	home_story_end(&s);
}

static void
what_is_typed_of_a_vendor_is_checked(void **state)
{
	static const char *const wrong[][4] = {
		{ "name", "Acme", "name" },
		{ "name", "", "name" },
		{ "country", "nl", "country" },
		{ "country", "XX", "country" },
		{ "country", "Netherlands", "country" },
		{ "model", "machine", "model" },
	};
	struct home_story s;
	const char *card = card_of(ROLE_VENDOR, "acme", 1, NULL);

	(void)state;
	home_story_new(&s, ROLE_OWNER);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		json_t *in = vendor_of("acme", card, NULL);

		assert_int_equal(json_object_set_new(
				     in, wrong[i][0], json_string(wrong[i][1])),
		    0);
		refuses(&s, KEEPER_VENDOR_ADD, in, FAULT_USAGE, wrong[i][2]);
	}
	assert_int_equal(entries(&s), 2);
	home_story_end(&s);
}

static void
people_are_changed_by_who_unlocked_only(void **state)
{
	struct home_story s;
	struct fault f;
	const char *card = card_of(ROLE_VENDOR, "acme", 1, NULL);

	(void)state;
	home_story_new(&s, ROLE_OWNER);
	does(&s, KEEPER_VENDOR_ADD, vendor_of("acme", card, NULL));
	home_open_again(&s, 0);
	refuses(&s, KEEPER_VENDOR_CHANGE, change("acme", "suspended"),
	    FAULT_POLICY, "not unlocked");
	refuses(&s, KEEPER_VENDOR_CONFIRM, confirm("acme", "x"), FAULT_POLICY,
	    "not unlocked");
	refuses(&s, KEEPER_VENDOR_ADD,
	    vendor_of("b", card_of(ROLE_VENDOR, "b", 2, NULL), NULL),
	    FAULT_POLICY, "not unlocked");
	assert_refused(paper_try(&s,
			   json_pack("{s:s,s:s,s:s,s:s}", "vendor", "acme",
			       "type", "nda", "name", "x", "from", PAST),
			   "x", 1, &f),
	    FAULT_POLICY);
	does(&s, KEEPER_VENDORS, json_object());
	does(&s, KEEPER_AGREEMENTS, json_object());
	home_open_again(&s, RING_EXPORT);
	refuses(&s, KEEPER_VENDOR_CHANGE, change("acme", "ended"), FAULT_POLICY,
	    "not unlocked");
	assert_int_equal(entries(&s), 3);
	home_story_end(&s);
}

/* ---- Papers ---- */

static void
a_paper_is_kept_sealed_and_its_digest_told(void **state)
{
	struct home_story s;
	char path[300];
	json_t *answer, *all;
	const json_t *document;
	struct bytes sealed;

	(void)state;
	home_story_new(&s, ROLE_OWNER);
	does(&s, KEEPER_VENDOR_ADD,
	    vendor_of("acme", card_of(ROLE_VENDOR, "acme", 1, NULL), NULL));
	paper(&s, "nda", PAST, NULL);
	paper(&s, "dpa", PAST, FAR);
	paper(&s, "dpa", FAR, NULL);
	answer = asks(&s, KEEPER_AGREEMENTS, ONE("acme"));
	all = json_object_get(answer, "agreements");
	assert_int_equal(json_array_size(all), 3);
	document = json_object_get(json_array_get(all, 0), "document");
	assert_string_equal(
	    text_of(json_array_get(all, 0), "name"), "paper.pdf");
	assert_string_equal(text_of(json_array_get(all, 0), "vendor"), "acme");
	/* printf signed | sha256sum */
	assert_string_equal(text_of(document, "sha256"),
	    "4a3cdfae6f291c8f544daea5b72905cf9e74c1ed427d831ad0d7ca00c73c794d");
	(void)snprintf(path, sizeof(path), "%s/objects/%.2s/%s", s.home,
	    text_of(document, "object"), text_of(document, "object"));
	bytes_init(&sealed, 4096);
	test_read_file(path, &sealed);
	assert_memory_equal(sealed.at, "age-encryption.org/v1", 21);
	assert_null(memmem(sealed.at, sealed.len, "signed", 6));
	bytes_free(&sealed);
	for (size_t i = 0; i < 3; i++) {
		bool begun =
		    strcmp(text_of(json_array_get(all, i), "from"), FAR) != 0;

		assert_int_equal(json_is_true(json_object_get(
				     json_array_get(all, i), "in_force")),
		    begun);
	}
	json_decref(answer);
	home_story_end(&s);
}

static void
a_paper_that_cannot_be_is_refused(void **state)
{
	static const char *const wrong[][3] = {
		{ "type", "marriage", "type" },
		{ "until", PAST, "ends before it begins" },
		{ "from", "yesterday", "from" },
		{ "vendor", "nobody", "nobody: no such vendor" },
	};
	static char big[(16 << 20) + 1];
	struct home_story s;
	struct fault f = { 0 };

	(void)state;
	home_story_new(&s, ROLE_OWNER);
	does(&s, KEEPER_VENDOR_ADD,
	    vendor_of("acme", card_of(ROLE_VENDOR, "acme", 1, NULL), NULL));
	for (size_t i = 0; i < 4 + 2; i++) {
		json_t *in = json_pack("{s:s,s:s,s:s,s:s}", "vendor", "acme",
		    "type", "nda", "name", "x", "from", PAST);

		f = (struct fault){ 0 };
		if (i < 4)
			assert_int_equal(json_object_set_new(in, wrong[i][0],
					     json_string(wrong[i][1])),
			    0);
		assert_int_equal(paper_try(&s, in, big,
				     i == 4   ? 0
				     : i == 5 ? sizeof(big)
					      : 1,
				     &f),
		    -1);
		assert_true(f.kind == FAULT_USAGE || f.kind == FAULT_INPUT);
		if (i < 4)
			assert_non_null(strstr(f.text, wrong[i][2]));
	}
	assert_int_equal(entries(&s), 3);
	refuses(&s, KEEPER_AGREEMENT_ADD, json_object(), FAULT_INPUT, "");
	home_story_end(&s);
}

static void
an_agreement_is_ended_once(void **state)
{
	struct home_story s;
	json_t *all;
	char id[ID_CHARS + 1];

	(void)state;
	home_story_new(&s, ROLE_OWNER);
	does(&s, KEEPER_VENDOR_ADD,
	    vendor_of("acme", card_of(ROLE_VENDOR, "acme", 1, NULL), NULL));
	paper(&s, "nda", PAST, NULL);
	all = asks(&s, KEEPER_AGREEMENTS, json_object());
	(void)snprintf(id, sizeof(id), "%s",
	    text_of(
		json_array_get(json_object_get(all, "agreements"), 0), "id"));
	json_decref(all);
	does(&s, KEEPER_AGREEMENT_END, json_pack("{s:s}", "agreement", id));
	refuses(&s, KEEPER_AGREEMENT_END, json_pack("{s:s}", "agreement", id),
	    FAULT_INPUT, "has been ended");
	refuses(&s, KEEPER_AGREEMENT_END,
	    json_pack("{s:s}", "agreement", "nda"), FAULT_USAGE, "id");
	all = asks(&s, KEEPER_AGREEMENTS, json_object());
	assert_false(json_is_true(json_object_get(
	    json_array_get(json_object_get(all, "agreements"), 0),
	    "in_force")));
	json_decref(all);
	home_story_end(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_vendor_is_confirmed_by_either_spelling),
	cmocka_unit_test(a_wrong_fingerprint_records_nothing),
	cmocka_unit_test(a_card_is_the_whole_card_of_a_vendor),
	cmocka_unit_test(one_vendor_is_one_card_under_one_name),
	cmocka_unit_test(a_vendor_is_suspended_resumed_and_ended),
	cmocka_unit_test(what_is_typed_of_a_vendor_is_checked),
	cmocka_unit_test(people_are_changed_by_who_unlocked_only),
	cmocka_unit_test(a_paper_is_kept_sealed_and_its_digest_told),
	cmocka_unit_test(a_paper_that_cannot_be_is_refused),
	cmocka_unit_test(an_agreement_is_ended_once),
};

HOME_STORY_MAIN(tests)
