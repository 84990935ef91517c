/* gateway/audit: receipts, consistency of checkpoints, sidecars. */

#include "tests/gateway/audit_story.h"

static void
every_entry_has_a_receipt_that_holds_for_it_alone(void **state)
{
	struct audit_receipt r;
	struct fault f = { 0 };
	struct bytes text;
	struct audit *a;
	struct home h;

	(void)state;
	home_with(&h, 300);
	a = reopen(&h);
	bytes_init(&text, AUDIT_RECEIPT_MAX);
	for (uint64_t seq = 0; seq < 300; seq += 23) {
		struct bytes leaf;

		bytes_init(&leaf, AUDIT_LEAF_MAX);
		bytes_reset(&text);
		assert_ok(audit_prove(a, seq, &text, &f));
		assert_ok(audit_entry(a, seq, &leaf, &f));
		assert_ok(
		    audit_receipt_check(&r, text.at, text.len, &h.log, &f));
		assert_int_equal(r.index, seq);
		assert_int_equal(r.checkpoint.size, 300);
		assert_int_equal(r.leaf.len, leaf.len);
		assert_memory_equal(r.leaf.at, leaf.at, leaf.len);
		audit_receipt_free(&r);
		bytes_free(&leaf);
	}
	/* No byte of one may change. */
	for (size_t i = 0; i < text.len; i++) {
		text.at[i] ^= 1;
		f = (struct fault){ 0 };
		if (audit_receipt_check(&r, text.at, text.len, &h.log, &f) == 0)
			fail_msg("byte %zu changed, and it still holds", i);
		assert_true(f.kind == FAULT_FORGED || f.kind == FAULT_INPUT);
		text.at[i] ^= 1;
	}
	for (size_t len = 0; len < text.len; len++) {
		f = (struct fault){ 0 };
		assert_int_equal(
		    audit_receipt_check(&r, text.at, len, &h.log, &f), -1);
	}
	assert_refused(audit_prove(a, 300, &text, &f), FAULT_INPUT);
	bytes_free(&text);
	audit_close(a);
	home_remove(&h);
}

static int
get_stored(
    void *arg, const struct audit_tile *t, struct bytes *out, struct fault *f)
{
	return audit_tile_get(arg, t, out, f);
}

static void
an_older_checkpoint_is_consistent_and_a_fork_is_not(void **state)
{
	struct audit_checkpoint old[3], new;
	struct fault f = { 0 };
	struct audit_tiles from;
	struct audit *a;
	struct home h;
	uint64_t seq;

	(void)state;
	home_with(&h, 3);
	a = reopen(&h);
	for (int i = 0; i < 3; i++) {
		struct slice s = audit_head(a);

		assert_ok(
		    audit_checkpoint_open(&old[i], s.at, s.len, &h.log, &f));
		add(a, 300, &seq);
	}
	assert_ok(audit_checkpoint_open(
	    &new, audit_head(a).at, audit_head(a).len, &h.log, &f));
	from = (struct audit_tiles){ get_stored, a };
	for (int i = 0; i < 3; i++) {
		assert_ok(audit_consistent(&old[i], &new, &from, &f));
		old[i].root[3] ^= 4;
		assert_refused(
		    audit_consistent(&old[i], &new, &from, &f), FAULT_FORGED);
	}
	assert_refused(
	    audit_consistent(&new, &old[0], &from, &f), FAULT_FORGED);
	audit_close(a);
	home_remove(&h);
}

static void
sidecars_come_back_and_only_the_named_ones(void **state)
{
	struct slice sealed = { (const uint8_t *)"sealed bytes", 12 };
	json_t *body = json_object();
	struct audit_draft d = { .kind = "x", .body = body, .sidecar = sealed };
	struct fault f = { 0 };
	struct bytes leaf, got;
	struct audit *a;
	struct home h;
	uint64_t seq;

	(void)state;
	home_with(&h, 1);
	a = reopen(&h);
	bytes_init(&leaf, AUDIT_LEAF_MAX);
	bytes_init(&got, AUDIT_SIDECAR_MAX);
	d.at = audit_now(a);
	assert_ok(audit_leaf_write(&leaf, &d, &f));
	assert_ok(audit_begin(a, &f));
	assert_ok(audit_add(
	    a, (struct slice){ leaf.at, leaf.len }, sealed, &seq, &f));
	assert_ok(audit_commit(a, &f));
	assert_ok(audit_sidecar(a, seq, &got, &f));
	assert_int_equal(got.len, 12);
	assert_memory_equal(got.at, "sealed bytes", 12);
	assert_refused(audit_sidecar(a, 0, &got, &f), FAULT_INPUT);
	audit_close(a);
	edit(&h, "UPDATE sidecar SET sealed=x'00'");
	a = reopen(&h);
	assert_refused(audit_sidecar(a, seq, &got, &f), FAULT_FORGED);
	audit_close(a);
	edit(&h, "DELETE FROM sidecar");
	a = reopen(&h);
	assert_refused(audit_sidecar(a, seq, &got, &f), FAULT_INPUT);
	audit_close(a);
	bytes_free(&leaf);
	bytes_free(&got);
	json_decref(body);
	home_remove(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_entry_has_a_receipt_that_holds_for_it_alone),
		cmocka_unit_test(
		    an_older_checkpoint_is_consistent_and_a_fork_is_not),
		cmocka_unit_test(sidecars_come_back_and_only_the_named_ones),
	};
	struct fault f = { 0 };

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
