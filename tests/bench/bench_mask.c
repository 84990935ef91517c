/*
 * How fast rows are masked, on one core, from a file in memory.
 * usage: bench_mask [MIB]
 *
 * Prints one line a measure: what, how much, in which unit.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/mask/mask.h"
#include "keys/base/clock.h"
#include "keys/base/files.h"
#include "keys/pseudonym/pseudonym.h"
#include "policy/rules/rules.h"

static struct fault f;

/* A failed call ends the measuring. */
static void
ok(int rc)
{
	if (rc == 0)
		return;
	fprintf(stderr, "bench_mask: %s\n", f.text);
	exit(1);
}

static const struct token_key *key;

#define COLUMNS 8u
static const char *const names[COLUMNS] = { "born", "customer_id", "email",
	"iban", "name", "note", "phone", "visits" };

static void
make_csv(struct bytes *to, size_t len)
{
	for (unsigned i = 0; i < COLUMNS; i++)
		ok(bytes_addf(
		    to, &f, "%s%s", names[i], i + 1 < COLUMNS ? "," : "\n"));
	for (unsigned n = 0; to->len < len; n++)
		ok(bytes_addf(to, &f,
		    "19%02u-0%u-1%u,c%07u,person%u@mail%u.example,"
		    "DE%02u37040044053201%04u,%s M%u,\"seen, twice\","
		    "+49 30 %07u,%u\n",
		    n % 100, n % 9 + 1, n % 10, n, n * 7919 % 1000003, n % 10,
		    n % 97, n % 10000, n % 5 == 0 ? "J\xc3\xbcrgen" : "Anna",
		    n % 1000, n * 31 % 10000000, n % 13));
}

static void
make_jsonl(struct bytes *to, size_t len)
{
	for (unsigned n = 0; to->len < len; n++)
		ok(bytes_addf(to, &f,
		    "{\"born\": \"19%02u-0%u-1%u\", \"customer_id\": "
		    "\"c%07u\", "
		    "\"email\": \"person%u@mail%u.example\", \"iban\": "
		    "\"DE%02u37040044053201%04u\", \"name\": \"%s M%u\", "
		    "\"note\": \"seen, \\\"twice\\\"\", \"phone\": "
		    "\"+49 30 %07u\", \"visits\": %u}\n",
		    n % 100, n % 9 + 1, n % 10, n, n * 7919 % 1000003, n % 10,
		    n % 97, n % 10000, n % 5 == 0 ? "J\xc3\xbcrgen" : "Anna",
		    n % 1000, n * 31 % 10000000, n % 13));
}

static int
swallow(void *arg, const void *p, size_t len, struct fault *fault)
{
	(void)p;
	(void)fault;
	*(uint64_t *)arg += len;
	return 0;
}

static void
report(const char *what, double seconds, double amount, const char *unit)
{
	printf("%-44s %9.2f %s\n", what, amount / seconds, unit);
}

/* The best of three. */
static double
time_file(const struct mask_source *src)
{
	double best = 1e9;

	for (int i = 0; i < 3; i++) {
		struct mask_change change;
		uint64_t sent = 0;
		double start = clock_monotonic(), took;

		mask_change_init(&change, false);
		change.complete = false; /* count edits, list none */
		ok(mask_file(
		    src, (struct mask_sink){ swallow, &sent }, &change, &f));
		took = clock_monotonic() - start;
		best = took < best ? took : best;
		mask_change_free(&change);
	}
	return best;
}

/* Masked, as a worker does it: item ids, no change record. */
static double
time_rows(const struct mask_source *src, bool mask, uint64_t *records)
{
	double best = 1e9;

	for (int i = 0; i < 3; i++) {
		struct mask_rows *m;
		struct mask_row row;
		struct bytes out;
		double start = clock_monotonic(), took;
		bool end = false;

		bytes_init(&out, 1 << 26);
		ok(mask_rows_open(&m, src, NULL, NULL, &f));
		ok(mask_rows_header(m, &out, &f));
		*records = 0;
		while (!end) {
			ok(mask_rows_next(
			    m, &row, mask ? &out : NULL, &end, &f));
			*records += !end;
			if (out.len > 65536)
				bytes_reset(&out);
		}
		took = clock_monotonic() - start;
		best = took < best ? took : best;
		mask_rows_close(m);
		bytes_free(&out);
	}
	return best;
}

static void
set_actions(struct file_plan *plan, unsigned tokens)
{
	for (unsigned i = 0; i < COLUMNS; i++)
		plan->fields[i].how.action =
		    i >= 1 && i <= tokens ? TRANSFORM_TOKEN : TRANSFORM_KEEP;
}

static void
measure(struct mask_source *src, struct file_plan *plan, struct mask_keys *keys,
    const char *type)
{
	double mb = (double)src->size / 1e6, took, plain;
	struct mask_cuts cuts;
	uint64_t records;
	char what[80];

	took = clock_monotonic();
	ok(mask_rows_cut(src, 16u << 20, &cuts, &f));
	took = clock_monotonic() - took;
	mask_cuts_free(&cuts);
	(void)snprintf(what, sizeof(what), "%s: cut at records", type);
	report(what, took, mb, "MB/s");
	set_actions(plan, 0);
	keys->item = NULL;
	took = time_rows(src, false, &records);
	(void)snprintf(what, sizeof(what), "%s: read", type);
	report(what, took, mb, "MB/s");
	plain = time_rows(src, true, &records);
	(void)snprintf(what, sizeof(what), "%s: all kept", type);
	report(what, plain, mb, "MB/s");
	took = time_file(src);
	(void)snprintf(what, sizeof(what), "%s: all kept, to a sink", type);
	report(what, took, mb, "MB/s");
	set_actions(plan, 5);
	took = time_rows(src, true, &records);
	(void)snprintf(what, sizeof(what), "%s: five fields tokenised", type);
	report(what, took, mb, "MB/s");
	report("    that is", took, (double)records * 5 / 1e6, "M tokens/s");
	keys->item = key;
	took = time_rows(src, true, &records);
	(void)snprintf(what, sizeof(what), "%s: the same with item ids", type);
	report(what, took, mb, "MB/s");
}

int
main(int argc, char **argv)
{
	size_t mib = argc > 1 ? strtoul(argv[1], NULL, 10) : 256;
	const struct transform_key *fields_keys[1];
	struct mask_keys keys = { .field = fields_keys, .nfields = 1 };
	struct plan_field fields[COLUMNS] = { 0 };
	struct file_plan plan = { .policy = (char *)(uintptr_t) "bench",
		.type = TYPE_CSV,
		.header = true,
		.delimiter = ',',
		.item = 1,
		.subject = PLAN_NO_FIELD,
		.fields = fields,
		.nfields = COLUMNS };
	struct mask_source src = {
		.path = "bench.csv", .plan = &plan, .keys = &keys
	};
	struct transform_key *field;
	struct token_key *made;
	struct secret secret;
	struct bytes text;
	double start;

	ok(secret_start(&f));
	ok(pseudonym_start(&f));
	ok(tokens_start(&f));
	ok(token_key_new(&made, "0123456789abcdef0123456789abcdef", 32, &f));
	key = made;
	ok(secret_copy(&secret, "0123456789abcdef0123456789abcdef", 32, &f));
	ok(transform_key_new(&field, "token:x", &secret, &f));
	secret_free(&secret);
	fields_keys[0] = field;
	for (unsigned i = 0; i < COLUMNS; i++)
		fields[i].name = (char *)(uintptr_t)names[i];
	start = clock_monotonic();
	for (unsigned i = 0; i < 4000000; i++) {
		char token[TOKEN_CHARS + 1];

		token_make(key, &i, 4, token);
	}
	report("tokens alone", clock_monotonic() - start, 4, "M tokens/s");
	/* fields are in the order of columns, which is the alphabet's */
	for (int json = 0; json < 2; json++) {
		bytes_init(&text, (mib + 1) << 20);
		plan.type = json ? TYPE_JSONL : TYPE_CSV;
		if (json)
			make_jsonl(&text, mib << 20);
		else
			make_csv(&text, mib << 20);
		src.fd = memfd_create("bench", MFD_CLOEXEC);
		src.size = text.len;
		ok(file_write(src.fd, text.at, text.len, &f));
		bytes_free(&text);
		measure(&src, &plan, &keys, json ? "jsonl" : "csv");
		file_close(&src.fd);
	}
	transform_key_free(field);
	token_key_free(made);
	return 0;
}
