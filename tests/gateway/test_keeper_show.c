/* What a home shows of itself: its state, its entries, its proofs. */

#include "gateway/audit/audit.h"
#include "gateway/keeper/keeper.h"
#include "keys/base/secret.h"
#include "tests/gateway/later.h"
#include "tests/support/home.h"

static struct fault f;

static const struct keeper_home owner = { .role = ROLE_OWNER, .name = "us" };
static const struct keeper_home vendor = { .role = ROLE_VENDOR, .name = "v" };

static json_t *
told(struct keeper *k, uint16_t code, json_t *in)
{
	json_t *out;

	assert_ok(keeper_ask(k, code, in, &out, &f));
	return out;
}

static const char *
text(const json_t *o, const char *key)
{
	const char *value = json_string_value(json_object_get(o, key));

	assert_non_null(value);
	return value;
}

static void
a_fresh_home_says_that_it_cannot_be_recovered(void **state)
{
	struct place p;
	struct keeper *k;
	json_t *o, *wrong;

	(void)state;
	place_new(&p, "x\n");
	assert_ok(keeper_create(&p.o, &owner, &f));
	k = place_open(&p, 0, "");
	o = told(k, KEEPER_STATUS, json_object());
	assert_string_equal(text(o, "role"), "owner");
	assert_false(json_is_true(json_object_get(o, "recovery")));
	wrong = json_object_get(o, "wrong");
	assert_int_equal(json_array_size(wrong), 1);
	assert_string_equal(
	    text(json_array_get(wrong, 0), "what"), "no-recovery");
	assert_int_equal(json_array_size(json_object_get(o, "out")), 0);
	assert_int_equal(json_array_size(json_object_get(o, "due")), 0);
	json_decref(o);
	assert_ok(keeper_close(k, &f));
	place_end(&p);
}

static void
a_home_with_recovery_asks_for_a_backup_every_seven_days(void **state)
{
	struct keeper_home with = owner;
	struct age_identity id;
	struct age_recipient to;
	struct place p;
	struct keeper *k;
	json_t *o, *wrong;
	char digest[65];

	(void)state;
	assert_ok(age_identity_new(&id, &f));
	assert_ok(age_identity_recipient(&to, &id, &f));
	age_identity_free(&id);
	with.recovery = &to;
	place_new(&p, "x\n");
	assert_ok(keeper_create(&p.o, &with, &f));
	k = place_open(&p, RING_RELEASE, "x\n");
	o = told(k, KEEPER_STATUS, json_object());
	wrong = json_array_get(json_object_get(o, "wrong"), 0);
	assert_string_equal(text(wrong, "what"), "no-backup");
	json_decref(o);
	memset(digest, 'a', 64);
	digest[64] = '\0';
	json_decref(told(k, KEEPER_BACKUP_MADE,
	    json_pack(
		"{s:s,s:i,s:i}", "object", digest, "bytes", 1, "entries", 2)));
	o = told(k, KEEPER_STATUS, json_object());
	assert_int_equal(json_array_size(json_object_get(o, "wrong")), 0);
	assert_non_null(json_object_get(o, "backup"));
	json_decref(o);
	/* On the seventh day it is still good, and then no more. */
	later(p.home, "604000");
	o = told(k, KEEPER_STATUS, json_object());
	assert_int_equal(json_array_size(json_object_get(o, "wrong")), 0);
	json_decref(o);
	later(p.home, "605000");
	o = told(k, KEEPER_STATUS, json_object());
	wrong = json_array_get(json_object_get(o, "wrong"), 0);
	assert_string_equal(text(wrong, "what"), "old-backup");
	json_decref(o);
	assert_ok(keeper_close(k, &f));
	place_end(&p);
}

static void
a_vendors_home_lists_owners_and_inbox(void **state)
{
	struct place p;
	struct keeper *k;
	json_t *o, *inbox;
	char path[256];

	(void)state;
	place_new(&p, "x\n");
	assert_ok(keeper_create(&p.o, &vendor, &f));
	(void)snprintf(path, sizeof(path),
	    "%s/inbox/b-aaaaaaaaaaaaaaaaaaaaaaaaaa", p.home);
	assert_ok(folder_make(AT_FDCWD, path, &f));
	(void)snprintf(path, sizeof(path), "%s/inbox/.draft-x", p.home);
	assert_ok(folder_make(AT_FDCWD, path, &f));
	k = place_open(&p, 0, "");
	o = told(k, KEEPER_STATUS, json_object());
	inbox = json_object_get(o, "inbox");
	assert_int_equal(json_array_size(inbox), 1);
	assert_string_equal(json_string_value(json_array_get(inbox, 0)),
	    "b-aaaaaaaaaaaaaaaaaaaaaaaaaa");
	assert_int_equal(json_array_size(json_object_get(o, "owners")), 0);
	json_decref(o);
	assert_ok(keeper_close(k, &f));
	place_end(&p);
}

static void
entries_come_in_pages_until_there_are_none(void **state)
{
	struct place p;
	struct keeper *k;
	json_t *o, *one;

	(void)state;
	place_new(&p, "x\n");
	assert_ok(keeper_create(&p.o, &owner, &f));
	k = place_open(&p, 0, "");
	o = told(
	    k, KEEPER_ENTRIES, json_pack("{s:i,s:i}", "from", 0, "count", 1));
	assert_int_equal(json_integer_value(json_object_get(o, "next")), 1);
	one = json_array_get(json_object_get(o, "entries"), 0);
	assert_string_equal(
	    text(json_object_get(one, "entry"), "kind"), "home-created");
	json_decref(o);
	o = told(
	    k, KEEPER_ENTRIES, json_pack("{s:i,s:i}", "from", 1, "count", 100));
	assert_int_equal(json_array_size(json_object_get(o, "entries")), 1);
	assert_int_equal(json_integer_value(json_object_get(o, "next")), 2);
	json_decref(o);
	o = told(
	    k, KEEPER_ENTRIES, json_pack("{s:i,s:i}", "from", 7, "count", 100));
	assert_int_equal(json_array_size(json_object_get(o, "entries")), 0);
	assert_int_equal(json_integer_value(json_object_get(o, "next")), 7);
	json_decref(o);
	assert_refused(
	    keeper_ask(k, KEEPER_ENTRIES,
		json_pack("{s:i,s:i}", "from", 0, "count", 513), &o, &f),
	    FAULT_INPUT);
	assert_ok(keeper_close(k, &f));
	place_end(&p);
}

static void
a_receipt_checks_against_the_logs_key_alone(void **state)
{
	struct audit_receipt r;
	struct place p;
	struct keeper *k;
	struct vkey log;
	json_t *who, *o;
	const char *proof, *key;

	(void)state;
	place_new(&p, "x\n");
	assert_ok(keeper_create(&p.o, &owner, &f));
	k = place_open(&p, 0, "");
	who = told(k, KEEPER_WHO, json_object());
	key = text(who, "log");
	assert_ok(vkey_read(&log, key, strlen(key), &f));
	o = told(k, KEEPER_PROVE, json_pack("{s:i}", "seq", 1));
	proof = text(o, "receipt");
	assert_ok(audit_receipt_check(&r, proof, strlen(proof), &log, &f));
	assert_int_equal(r.index, 1);
	audit_receipt_free(&r);
	json_decref(o);
	json_decref(who);
	assert_refused(
	    keeper_ask(k, KEEPER_PROVE, json_pack("{s:i}", "seq", 2), &o, &f),
	    FAULT_INPUT);
	o = told(k, KEEPER_CHECK, json_object());
	assert_int_equal(json_integer_value(json_object_get(o, "entries")), 2);
	json_decref(o);
	assert_ok(keeper_close(k, &f));
	place_end(&p);
}

static void
a_sidecar_needs_the_branch_that_reveals(void **state)
{
	struct place p;
	struct keeper *k;
	json_t *o;

	(void)state;
	place_new(&p, "x\n");
	assert_ok(keeper_create(&p.o, &owner, &f));
	k = place_open(&p, 0, "");
	assert_refused(
	    keeper_ask(k, KEEPER_SIDECAR, json_pack("{s:i}", "seq", 0), &o, &f),
	    FAULT_POLICY);
	assert_ok(keeper_close(k, &f));
	k = place_open(&p, RING_REVEAL, "x\n");
	/* no entry has one yet */
	assert_refused(
	    keeper_ask(k, KEEPER_SIDECAR, json_pack("{s:i}", "seq", 0), &o, &f),
	    FAULT_INPUT);
	assert_ok(keeper_close(k, &f));
	place_end(&p);
}

static const struct process_role roles[] = {
	{ "keeper", keeper_role },
	{ "passphrase", keeper_passphrase_role },
	{ NULL, NULL },
};

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fresh_home_says_that_it_cannot_be_recovered),
		cmocka_unit_test(
		    a_home_with_recovery_asks_for_a_backup_every_seven_days),
		cmocka_unit_test(a_vendors_home_lists_owners_and_inbox),
		cmocka_unit_test(entries_come_in_pages_until_there_are_none),
		cmocka_unit_test(a_receipt_checks_against_the_logs_key_alone),
		cmocka_unit_test(a_sidecar_needs_the_branch_that_reveals),
	};

	process_begin(argc, argv, roles);
	must(secret_start(&f) == 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
