/*
 * Re-identification risk at size:
 *
 *     bench_risk rows ROWS [subjects]   k, l and t of generated rows with six
 *                                       quasi-identifiers and two sensitive
 *                                       columns, from bytes to report
 *     bench_risk adult FOLDER           the exact search on adult.csv with
 *                                       nine quasi-identifiers
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "keys/base/clock.h"
#include "keys/base/files.h"
#include "keys/base/secret.h"
#include "policy/risk/risk.h"

/* Everything here must work; say what did not. */
static void
ok(int rc, const struct fault *f)
{
	if (rc == 0)
		return;
	fprintf(stderr, "bench_risk: %s\n", f->text);
	exit(1);
}

/* The most memory held so far, in MiB. */
static long
peak(void)
{
	struct rusage u;

	must(getrusage(RUSAGE_SELF, &u) == 0);
	return u.ru_maxrss >> 10;
}

static uint64_t
draw(uint64_t below)
{
	static uint64_t s = 88172645463325252u;

	s ^= s << 13;
	s ^= s >> 7;
	s ^= s << 17;
	return (s >> 11) % below;
}

/* sex, age, postcode area, occupation, civil status, country of birth;
 * illness, income. */
static void
generate(char text[8][24], struct slice values[8])
{
	static const unsigned below[8] = { 2, 90, 900, 40, 6, 60, 120, 20000 };

	for (size_t i = 0; i < 8; i++) {
		/* the lower, the more of them */
		uint64_t a = draw(below[i]), b = draw(below[i]);

		(void)snprintf(text[i], 24, i == 7 ? "%u" : "value-%u",
		    (unsigned)(a < b ? a : b));
		values[i] = slice_of_text(text[i]);
	}
}

static void
bench_rows(unsigned rows, bool subjects)
{
	static const struct risk_column c[8] = { { "sex", RISK_QUASI, 0 },
		{ "age", RISK_QUASI, 0 }, { "postcode", RISK_QUASI, 0 },
		{ "occupation", RISK_QUASI, 0 }, { "status", RISK_QUASI, 0 },
		{ "country", RISK_QUASI, 0 },
		{ "illness", RISK_SENSITIVE, RISK_EQUAL },
		{ "income", RISK_SENSITIVE, RISK_ORDERED } };
	const struct risk_thresholds want = { .k = 5,
		.l_distinct = 3,
		.l_entropy = 2,
		.recursive_c = 3,
		.recursive_l = 3,
		.t = 0.3 };
	const uint8_t fine[RISK_QUASI_MAX] = { 0 };
	/* without postcode and country: classes of dozens */
	const uint8_t coarse[RISK_QUASI_MAX] = { 0, 0, 1, 0, 0, 1 };
	double making = 0, start, added, built, measured, again;
	struct risk_table *t;
	struct risk_lattice *x;
	struct risk_report r;
	struct fault f = { 0 };

	ok(risk_table_new(&t, c, 8, subjects, 0, &f), &f);
	start = clock_monotonic();
	for (unsigned done = 0; done < rows;) {
		static char text[1000][8][24];
		static struct slice values[1000][8];
		double before = clock_monotonic();
		uint64_t who[2] = { 0 };
		struct slice subject = { (const uint8_t *)who, sizeof(who) };

		for (size_t i = 0; i < 1000; i++)
			generate(text[i], values[i]);
		making += clock_monotonic() - before;
		for (size_t i = 0; i < 1000 && done < rows; i++, done++) {
			who[0] = draw(rows / 2);
			ok(risk_table_add(t, done + 1, &subject, values[i], &f),
			    &f);
		}
	}
	added = clock_monotonic();
	ok(risk_lattice_new(&x, t, NULL, &f), &f);
	built = clock_monotonic();
	ok(risk_measure(&r, x, fine, &want, &f), &f);
	measured = clock_monotonic();
	again = measured - start - making;
	printf("%u rows%s: %.2f s (%.2f M rows/s): adding %.2f, ranks %.2f, "
	       "k, l and t %.2f of %llu classes; table %zu MiB, peak %ld MiB\n",
	    rows, subjects ? " of subjects" : "", again, rows / again / 1e6,
	    added - start - making, built - added, measured - built,
	    (unsigned long long)r.classes, risk_table_bytes(t) >> 20, peak());
	risk_report_free(&r);
	measured = clock_monotonic();
	ok(risk_measure(&r, x, coarse, &want, &f), &f);
	again = clock_monotonic() - measured;
	printf("    again, of %llu classes: %.2f s (%.2f M rows/s)\n",
	    (unsigned long long)r.classes, again, rows / again / 1e6);
	risk_report_free(&r);
	risk_lattice_free(x);
	risk_table_free(t);
}

static void
read_whole(struct bytes *b, const char *folder, const char *name)
{
	char path[512];
	struct fault f = { 0 };

	(void)snprintf(path, sizeof(path), "%s/%s.csv", folder, name);
	bytes_init(b, (size_t)64 << 20);
	ok(file_read(AT_FDCWD, path, b, &f), &f);
}

static void
add_lines(struct risk_table *t, const struct bytes *b)
{
	const uint8_t *p = b->at, *end = b->at + b->len;
	struct fault f = { 0 };

	for (uint64_t row = 0; p < end; row++) {
		struct slice values[9];

		for (size_t i = 0; i < 9; i++) {
			const uint8_t *stop =
			    memchr(p, i < 8 ? ';' : '\r', (size_t)(end - p));

			must(stop != NULL);
			values[i] = (struct slice){ p, (size_t)(stop - p) };
			p = stop + (i < 8 ? 1 : 2);
		}
		if (row > 0)
			ok(risk_table_add(t, row, NULL, values, &f), &f);
	}
}

static void
bench_adult(const char *folder)
{
	static const char *const names[9] = { "sex", "age", "race",
		"marital-status", "education", "native-country", "workclass",
		"occupation", "salary-class" };
	static const struct {
		const char *what;
		struct risk_goal goal;
	} goals[] = {
		{ "k 5, granularity", { .want = { .k = 5 } } },
		{ "k 5, 5 % out, granularity",
		    { .want = { .k = 5, .suppress_share = 0.05 } } },
		{ "k 5, 5 % out, discernibility",
		    { .want = { .k = 5, .suppress_share = 0.05 },
			.metric = RISK_DISCERNIBILITY } },
		{ "k 5, 5 % out, entropy",
		    { .want = { .k = 5, .suppress_share = 0.05 },
			.metric = RISK_ENTROPY } },
	};
	struct risk_hierarchy *h[9];
	struct risk_column c[9];
	struct risk_table *t;
	struct risk_lattice *x;
	struct fault f = { 0 };
	struct bytes b;

	for (size_t i = 0; i < 9; i++) {
		char name[64];
		struct slice s;

		c[i] = (struct risk_column){ names[i], RISK_QUASI, RISK_EQUAL };
		(void)snprintf(
		    name, sizeof(name), "adult_hierarchy_%s", names[i]);
		read_whole(&b, folder, name);
		s = (struct slice){ b.at, b.len };
		ok(risk_hierarchy_read(&h[i], name, &s, ';', &f), &f);
		bytes_free(&b);
	}
	ok(risk_table_new(&t, c, 9, false, 0, &f), &f);
	read_whole(&b, folder, "adult");
	add_lines(t, &b);
	bytes_free(&b);
	ok(risk_lattice_new(&x, t, (const struct risk_hierarchy *const *)h, &f),
	    &f);
	for (size_t i = 0; i < sizeof(goals) / sizeof(goals[0]); i++) {
		double start = clock_monotonic();
		struct risk_choice got;

		ok(risk_search(&got, x, &goals[i].goal, &f), &f);
		printf("adult, 9 quasi-identifiers, %-29s %.3f s: loss %.4f, "
		       "%llu of %llu nodes, %s\n",
		    goals[i].what, clock_monotonic() - start,
		    got.loss[goals[i].goal.metric],
		    (unsigned long long)got.looked,
		    (unsigned long long)got.nodes,
		    got.exact ? "exact" : "not exact");
	}
	risk_lattice_free(x);
	risk_table_free(t);
	for (size_t i = 0; i < 9; i++)
		risk_hierarchy_free(h[i]);
}

int
main(int argc, char **argv)
{
	struct fault f = { 0 };

	ok(secret_start(&f), &f);
	if ((argc == 3 || argc == 4) && strcmp(argv[1], "rows") == 0)
		bench_rows((unsigned)strtoul(argv[2], NULL, 10), argc == 4);
	else if (argc == 3 && strcmp(argv[1], "adult") == 0)
		bench_adult(argv[2]);
	else
		return 2;
	return 0;
}
