/* keys/sign: Merkle trees and their proofs, against vectors and brute force. */

#include "tests/support/test.h"

#include <jansson.h>
#include <string.h>

#include "keys/base/doc.h"
#include "keys/base/text.h"
#include "keys/sign/sign.h"

#define LEAVES 40

/* MTH as RFC 6962 section 2.1 defines it. */
static void
root_by_definition(
    uint8_t out[DIGEST_BYTES], uint8_t (*leaf)[DIGEST_BYTES], size_t n)
{
	uint8_t left[DIGEST_BYTES], right[DIGEST_BYTES];
	size_t k = 1;

	if (n == 0) {
		merkle_empty(out);
		return;
	}
	if (n == 1) {
		memcpy(out, leaf[0], DIGEST_BYTES);
		return;
	}
	while (k * 2 < n)
		k *= 2;
	root_by_definition(left, leaf, k);
	root_by_definition(right, leaf + k, n - k);
	merkle_node(out, left, right);
}

static void
make_leaves(uint8_t (*leaf)[DIGEST_BYTES])
{
	for (uint8_t i = 0; i < LEAVES; i++)
		merkle_leaf(leaf[i], &i, 1);
}

static int
node_of(void *arg, unsigned level, uint64_t index, uint8_t out[DIGEST_BYTES],
    struct fault *f)
{
	uint8_t(*leaf)[DIGEST_BYTES] = arg;

	(void)f;
	assert_true((index + 1) << level <= LEAVES);
	root_by_definition(out, leaf + (index << level), (size_t)1 << level);
	return 0;
}

static int
no_node(void *arg, unsigned level, uint64_t index, uint8_t out[DIGEST_BYTES],
    struct fault *f)
{
	(void)arg;
	(void)level;
	(void)index;
	(void)out;
	return fault_set(f, FAULT_SYSTEM, "tile: gone");
}

static void
the_empty_tree_and_known_leaves_hash_as_rfc_6962_says(void **state)
{
	uint8_t hash[DIGEST_BYTES];
	char hex[DIGEST_CHARS + 1];

	(void)state;
	merkle_empty(hash);
	hex_write(hex, hash, sizeof(hash));
	assert_string_equal(hex,
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	merkle_leaf(hash, "", 0);
	hex_write(hex, hash, sizeof(hash));
	assert_string_equal(hex,
	    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
	merkle_node(hash, (const uint8_t *)"N1......................N1......",
	    (const uint8_t *)"N2......................N2......");
	merkle_leaf(hash, "\0\1", 2);
	assert_int_not_equal(hash[0], 0x6e);
}

static void
a_range_has_the_root_that_the_definition_gives(void **state)
{
	uint8_t leaf[LEAVES][DIGEST_BYTES], want[DIGEST_BYTES],
	    got[DIGEST_BYTES];
	struct merkle_range r;

	(void)state;
	make_leaves(leaf);
	merkle_range_start(&r);
	for (size_t n = 0; n <= LEAVES; n++) {
		root_by_definition(want, leaf, n);
		merkle_range_root(&r, got);
		assert_memory_equal(got, want, DIGEST_BYTES);
		if (n < LEAVES)
			merkle_range_add(&r, leaf[n]);
	}
}

static void
every_inclusion_proof_holds_for_its_leaf_and_no_other(void **state)
{
	uint8_t leaf[LEAVES][DIGEST_BYTES], root[DIGEST_BYTES];
	struct merkle_source from = { node_of, leaf };
	struct fault f = { 0 };
	struct merkle_proof p;

	(void)state;
	make_leaves(leaf);
	for (uint64_t n = 1; n <= LEAVES; n++) {
		struct merkle_span all = { 0, n };

		root_by_definition(root, leaf, n);
		for (uint64_t i = 0; i < n; i++) {
			assert_ok(merkle_prove_inclusion(&p, i, n, &from, &f));
			assert_ok(merkle_check_inclusion(
			    i, all, leaf[i], &p, root, &f));
			assert_refused(
			    merkle_check_inclusion(
				i, all, leaf[(i + 1) % LEAVES], &p, root, &f),
			    FAULT_FORGED);
			p.n++;
			assert_refused(merkle_check_inclusion(
					   i, all, leaf[i], &p, root, &f),
			    FAULT_FORGED);
		}
		assert_refused(
		    merkle_check_inclusion(n, all, leaf[0], &p, root, &f),
		    FAULT_FORGED);
	}
}

static void
every_consistency_proof_holds_for_its_trees_and_no_other(void **state)
{
	uint8_t leaf[LEAVES][DIGEST_BYTES], old[DIGEST_BYTES],
	    new[DIGEST_BYTES];
	struct merkle_source from = { node_of, leaf };
	struct fault f = { 0 };
	struct merkle_proof p;

	(void)state;
	make_leaves(leaf);
	for (uint64_t n = 1; n <= LEAVES; n++) {
		root_by_definition(new, leaf, n);
		for (uint64_t m = 1; m <= n; m++) {
			root_by_definition(old, leaf, m);
			assert_ok(
			    merkle_prove_consistency(&p, m, n, &from, &f));
			assert_ok(
			    merkle_check_consistency(m, n, old, new, &p, &f));
			old[5] ^= 1;
			assert_refused(
			    merkle_check_consistency(m, n, old, new, &p, &f),
			    FAULT_FORGED);
			old[5] ^= 1;
			if (m == n)
				continue;
			new[7] ^= 1;
			assert_refused(
			    merkle_check_consistency(m, n, old, new, &p, &f),
			    FAULT_FORGED);
			new[7] ^= 1;
		}
	}
}

static void
a_hash_that_cannot_be_had_ends_the_proof(void **state)
{
	struct merkle_source from = { no_node, NULL };
	struct fault f = { 0 };
	struct merkle_proof p;

	(void)state;
	assert_refused(
	    merkle_prove_inclusion(&p, 1, 3, &from, &f), FAULT_SYSTEM);
	assert_refused(
	    merkle_prove_consistency(&p, 1, 3, &from, &f), FAULT_SYSTEM);
}

static void
a_tree_of_any_size_that_fits_has_proofs_that_fit(void **state)
{
	static const uint8_t leaf[DIGEST_BYTES];
	struct merkle_span all = { 0, UINT64_MAX >> 1 };
	struct fault f = { 0 };
	struct merkle_proof p = { .n = MERKLE_PROOF_MAX };

	(void)state;
	assert_refused(
	    merkle_check_inclusion(all.end - 1, all, leaf, &p, leaf, &f),
	    FAULT_FORGED);
	all.end++;
	assert_refused(
	    merkle_check_inclusion(0, all, leaf, &p, leaf, &f), FAULT_FORGED);
	assert_refused(
	    merkle_check_consistency(1, UINT64_MAX, leaf, leaf, &p, &f),
	    FAULT_FORGED);
	assert_refused(
	    merkle_check_consistency(0, 0, leaf, leaf, &p, &f), FAULT_FORGED);
}

static void
the_root_of_a_set_does_not_depend_on_its_order(void **state)
{
	uint8_t list[5][DIGEST_BYTES], other[5][DIGEST_BYTES], a[DIGEST_BYTES],
	    b[DIGEST_BYTES];

	(void)state;
	for (uint8_t i = 0; i < 5; i++) {
		digest_of(list[i], &i, 1);
		memcpy(other[4 - i], list[i], DIGEST_BYTES);
	}
	digest_sort(list, 5);
	digest_sort(other, 5);
	for (int i = 0; i < 4; i++)
		assert_true(memcmp(list[i], list[i + 1], DIGEST_BYTES) < 0);
	merkle_root_of(a, (const uint8_t(*)[DIGEST_BYTES])list, 5);
	merkle_root_of(b, (const uint8_t(*)[DIGEST_BYTES])other, 5);
	assert_memory_equal(a, b, DIGEST_BYTES);
	merkle_root_of(b, (const uint8_t(*)[DIGEST_BYTES])other, 4);
	assert_memory_not_equal(a, b, DIGEST_BYTES);
}

/* A base64 member as 32 bytes.  Some vectors hold "don't care" of another
 * size, which no hash of ours can be: equal ones get an equal stand-in. */
static bool
hash_of(const json_t *v, uint8_t out[DIGEST_BYTES])
{
	const char *text = json_is_string(v) ? json_string_value(v) : "";
	uint8_t blob[256];
	size_t len;

	if (!base64_read(blob, sizeof(blob), &len, text, strlen(text), true) ||
	    len == 0)
		return false;
	if (len == DIGEST_BYTES)
		memcpy(out, blob, DIGEST_BYTES);
	else
		merkle_leaf(out, blob, len);
	return true;
}

static bool
proof_of(const json_t *list, struct merkle_proof *p)
{
	p->n = json_array_size(list);
	if (p->n > MERKLE_PROOF_MAX)
		return false;
	for (size_t i = 0; i < p->n; i++)
		if (!hash_of(json_array_get(list, i), p->hash[i]))
			return false;
	return true;
}

static uint64_t
number_of(const json_t *o, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(o, key));
}

/* Does the vector's proof hold? */
static bool
judge(const json_t *v)
{
	const char *kind = json_string_value(json_object_get(v, "kind"));
	struct merkle_span span = { number_of(v, "start"),
		number_of(v, "end") };
	uint8_t a[DIGEST_BYTES], b[DIGEST_BYTES];
	struct fault f = { 0 };
	struct merkle_proof p;
	bool sub = strncmp(kind, "subtree", 7) == 0;

	if (!proof_of(json_object_get(v, "proof"), &p))
		return false;
	if (strstr(kind, "inclusion") != NULL) {
		if (!hash_of(json_object_get(v, "leafHash"), a) ||
		    !hash_of(json_object_get(v, "root"), b))
			return false;
		if (!sub)
			span.end = number_of(v, "treeSize");
		return merkle_check_inclusion(
			   number_of(v, "leafIdx"), span, a, &p, b, &f) == 0;
	}
	if (!hash_of(json_object_get(v, "root1"), a) ||
	    !hash_of(json_object_get(v, "root2"), b))
		return false;
	if (!sub)
		return merkle_check_consistency(number_of(v, "size1"),
			   number_of(v, "size2"), a, b, &p, &f) == 0;
	return merkle_check_subtree(span, number_of(v, "size"), a, b, &p, &f) ==
	       0;
}

static void
all_proof_vectors_give_the_result_they_name(void **state)
{
	char path[512];
	struct bytes all;
	size_t count = 0;

	(void)state;
	test_shared(path, sizeof(path), "vectors/tlog/proofs.jsonl");
	test_read_file(path, &all);
	for (char *line = strtok((char *)all.at, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		struct fault f = { 0 };
		json_t *v;

		/* Sizes of 2^63 and more are no size to us. */
		if (doc_read(&v, line, strlen(line), &f) != 0) {
			assert_non_null(strstr(line, "\"wantErr\": true"));
			count++;
			continue;
		}
		if (judge(v) == json_is_true(json_object_get(v, "wantErr")))
			fail_msg("%s",
			    json_string_value(json_object_get(v, "name")));
		json_decref(v);
		count++;
	}
	print_message("%zu proof vectors\n", count);
	assert_true(count >= 518);
	bytes_free(&all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_empty_tree_and_known_leaves_hash_as_rfc_6962_says),
		cmocka_unit_test(
		    a_range_has_the_root_that_the_definition_gives),
		cmocka_unit_test(
		    every_inclusion_proof_holds_for_its_leaf_and_no_other),
		cmocka_unit_test(
		    every_consistency_proof_holds_for_its_trees_and_no_other),
		cmocka_unit_test(a_hash_that_cannot_be_had_ends_the_proof),
		cmocka_unit_test(
		    a_tree_of_any_size_that_fits_has_proofs_that_fit),
		cmocka_unit_test(
		    the_root_of_a_set_does_not_depend_on_its_order),
		cmocka_unit_test(all_proof_vectors_give_the_result_they_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
