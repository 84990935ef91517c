/*
 * A text twice as long costs twice as much, whatever is in it: for each
 * recogniser texts are made that all but match it, over and over.
 *
 * By itself the program looks at what is found; run with the word "scan" it
 * only scans, each text at two lengths, and says in which order, for
 * tests/interop/81-detect-linear.sh, which counts the instructions.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/detect/detect.h"
#include "tests/support/test.h"

#define SHORT_BYTES 1024u
/* Those that are counted at the most. */
#define COUNTED_BYTES 32768u
#define SAMPLE_BYTES 512u

struct sample {
	char at[SAMPLE_BYTES];
	size_t len;
};

static const char *expand(struct sample *out, const char *p);

static void
put(struct sample *out, const char *text, size_t len)
{
	if (out->len + len <= sizeof(out->at)) {
		memcpy(out->at + out->len, text, len);
		out->len += len;
	}
}

/* How many bytes the character at p has. */
static size_t
char_len(const char *p)
{
	size_t n = 1;

	while (((unsigned char)p[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* One character that a class holds, which begins behind "[": its first. */
static const char *
expand_class(struct sample *out, const char *p)
{
	bool not = *p == '^';

	if (not )
		put(out, "~", 1);
	else if (*p == '\\')
		put(out, p[1] == 'd' ? "7" : p[1] == 's' ? " " : "w", 1);
	else
		put(out, p, char_len(p));
	for (p++; *p != ']'; p++)
		if (*p == '\\')
			p++;
	return p + 1;
}

/* The first of the alternatives of a group; p is behind "(". */
static const char *
expand_group(struct sample *out, const char *p)
{
	struct sample other;

	if (strncmp(p, "?:", 2) == 0)
		p += 2;
	p = expand(out, p);
	while (*p == '|') {
		other.len = 0;
		p = expand(&other, p + 1);
	}
	return p + 1;
}

static const char *
expand_atom(struct sample *out, const char *p)
{
	if (*p == '[')
		return expand_class(out, p + 1);
	if (*p == '(')
		return expand_group(out, p + 1);
	if (*p == '\\') {
		if (p[1] == 'b')
			return p + 2;
		if (p[1] == 'x') {
			put(out, "x", 1);
			return p + 4;
		}
		put(out,
		    p[1] == 'd'	  ? "7"
		    : p[1] == 's' ? " "
		    : p[1] == 'w' ? "w"
				  : p + 1,
		    1);
		return p + 2;
	}
	put(out, *p == '.' ? "x" : p, *p == '.' ? 1 : char_len(p));
	return p + (*p == '.' ? 1 : char_len(p));
}

/* How often a quantifier at p repeats at most; eight where it has no end. */
static unsigned
repeats(const char *p)
{
	const char *stop = strchr(p, '}');
	unsigned least, most;

	if (*p == '*' || *p == '+')
		return 8;
	if (*p != '{' || stop == NULL)
		return 1;
	switch (sscanf(p, "{%u,%u", &least, &most)) {
	case 2:
		return most;
	case 1:
		return stop[-1] == ',' ? least + 8 : least;
	default:
		return 1;
	}
}

/* What p matches at its longest, up to | or ). */
static const char *
expand(struct sample *out, const char *p)
{
	while (*p != '\0' && *p != '|' && *p != ')') {
		const char *atom = p;
		unsigned most;

		p = expand_atom(out, atom);
		most = repeats(p);
		if (*p == '{')
			p = strchr(p, '}') + 1;
		else if (*p == '*' || *p == '+' || *p == '?')
			p++;
		for (unsigned i = 1; i < most; i++)
			(void)expand_atom(out, atom);
	}
	return p;
}

/* The sample without its last character, again and again, parted by sep. */
static void
fill(char *text, size_t len, const struct sample *s, const char *sep)
{
	size_t n = s->len > 1 ? s->len - 1 : s->len, parts = strlen(sep);

	for (size_t i = 0; i < len; i++) {
		size_t at = i % (n + parts);

		text[i] = at < n ? s->at[at] : sep[at - n];
	}
}

/* Counted from its first instruction to its last. */
__attribute__((noinline)) size_t scan_counted(struct detect_scan *s,
    const char *text, size_t len, struct detect_spans *spans);

size_t
scan_counted(struct detect_scan *s, const char *text, size_t len,
    struct detect_spans *spans)
{
	struct fault f = { 0 };

	if (detect_text(s, text, len, spans, &f) != 0)
		return SIZE_MAX;
	return spans->n;
}

struct bench {
	struct detector *d;
	struct detect_scan *scan;
	struct detect_spans spans;
	char text[2 * COUNTED_BYTES];
};

static void
bench_new(struct bench *b)
{
	struct detect_options o = { 0 };
	struct fault f;

	assert_ok(detector_new(&b->d, &o, &f));
	assert_ok(detect_scan_new(&b->scan, b->d, &f));
	detect_spans_init(&b->spans);
}

static void
bench_free(struct bench *b)
{
	detect_spans_free(&b->spans);
	detect_scan_free(b->scan);
	detector_free(b->d);
}

static const char *const parts[] = { "", " ", "-7" };
#define NPARTS (sizeof(parts) / sizeof(parts[0]))

/* The text of pattern j of a rule with a kind of parting. */
static void
make(struct bench *b, const char *pattern, size_t kind)
{
	struct sample s = { .len = 0 };

	/* Names and places are found by their words, and have none. */
	if (pattern == NULL)
		pattern = "Dr Anna Smith, Berlin";
	if (strncmp(pattern, "(?-i)", 5) == 0)
		pattern += 5;
	(void)expand(&s, pattern);
	fill(b->text, sizeof(b->text), &s, parts[kind]);
}

static void
twice_the_text_has_twice_the_finds_at_most(void **state)
{
	struct bench b;
	struct detect_rule r;

	(void)state;
	bench_new(&b);
	for (size_t i = 0; detect_rule(i, &r); i++)
		for (size_t kind = 0; kind < NPARTS; kind++) {
			size_t one, two;

			make(&b, r.patterns[0], kind);
			one =
			    scan_counted(b.scan, b.text, SHORT_BYTES, &b.spans);
			two = scan_counted(
			    b.scan, b.text, 2 * SHORT_BYTES, &b.spans);
			if (two > 2 * one + 4)
				fail_msg("%s %zu: %zu, then %zu", r.entity,
				    kind, one, two);
		}
	bench_free(&b);
}

static void
a_pattern_is_spelt_out(void **state)
{
	struct sample s = { .len = 0 };

	(void)state;
	(void)expand(&s, "[A-C]{2}(x|y)?\\d{1,3}[ -]?(?:ab|c){2}\\.z+");
	s.at[s.len] = '\0';
	assert_string_equal(s.at, "AAx777 abab.zzzzzzzz");
}

static bool
is_named(const char *entity, char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], entity) == 0)
			return true;
	return n == 0;
}

/* What is a beginning again and again, or is read as something else. */
static const struct {
	const char *name, *text;
} repeated[] = { { "sites", "http://a/" }, { "sites-xx", "http://xx/" },
	{ "hosts", "a.b." }, { "mail", "a@a.a" }, { "groups", "1:" },
	{ "labels", "NHC: 1/" }, { "blanks", "1\u00a0" },
	{ "unseen", "a\u200b" }, { "nothing", "\u00ad" },
	{ "wide", "\uff11\uff0d" }, { "marks", "e\u0301" } };

static int
scan_both(struct bench *b, const char *name, size_t kind, size_t bytes)
{
	struct fault f = { 0 };

	/* to make the states that it needs */
	if (detect_text(b->scan, b->text, 2 * bytes, &b->spans, &f) != 0)
		return -1;
	printf("%s %zu\n", name, kind);
	(void)scan_counted(b->scan, b->text, bytes, &b->spans);
	(void)scan_counted(b->scan, b->text, 2 * bytes, &b->spans);
	return 0;
}

static int
scan_repeated(struct bench *b, size_t bytes, char *const *names, size_t n)
{
	for (size_t i = 0; i < sizeof(repeated) / sizeof(repeated[0]); i++) {
		size_t len = strlen(repeated[i].text);

		if (!is_named(repeated[i].name, names, n))
			continue;
		for (size_t k = 0; k < sizeof(b->text); k++)
			b->text[k] = repeated[i].text[k % len];
		if (scan_both(b, repeated[i].name, 0, bytes) != 0)
			return -1;
	}
	return 0;
}

/*
 * Texts of so many bytes and of twice as many, of the rows named, or of all.
 * The rows take turns in how samples are parted.
 */
static int
scan_all(size_t bytes, char *const *names, size_t n)
{
	static struct bench b;
	struct detect_rule r;
	int rc = 0;

	if (bytes == 0 || bytes > COUNTED_BYTES)
		return 1;
	bench_new(&b);
	for (size_t i = 0; rc == 0 && detect_rule(i, &r); i++) {
		if (!is_named(r.entity, names, n))
			continue;
		make(&b, r.patterns[0], i % NPARTS);
		rc = scan_both(&b, r.entity, i % NPARTS, bytes);
	}
	if (rc == 0)
		rc = scan_repeated(&b, bytes, names, n);
	bench_free(&b);
	return rc == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pattern_is_spelt_out),
		cmocka_unit_test(twice_the_text_has_twice_the_finds_at_most),
	};

	if (argc >= 3 && strcmp(argv[1], "scan") == 0)
		return scan_all(
		    strtoul(argv[2], NULL, 10), argv + 3, (size_t)argc - 3);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
