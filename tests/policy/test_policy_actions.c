/* policy/rules: what the keyed actions and the ways to generalise need, and
 * each way to get it wrong. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "policy/rules/rules.h"

static struct fault f;

static int
read_action(const char *column, const char *action, struct policy **out)
{
	char text[2048];

	(void)snprintf(text, sizeof(text),
	    "handoff: 1\nproject: p\npurpose: q\nrecipients: [a]\n"
	    "retention: 1d\nagreements: []\nfiles:\n- match: a\n  type: csv\n"
	    "  columns:\n    %s: %s\n",
	    column, action);
	f = (struct fault){ 0 };
	return policy_read(out, "p", text, strlen(text), &f);
}

static void
assert_reads(const char *action)
{
	struct policy *p;

	if (read_action("x", action, &p) != 0)
		fail_msg("%s: %s", action, f.text);
	policy_free(p);
}

static void
assert_slip(const char *action, const char *want)
{
	struct policy *p;
	const char *what;

	if (read_action("x", action, &p) == 0)
		fail_msg("accepted: %s", action);
	assert_int_equal(f.kind, FAULT_INPUT);
	assert_memory_equal(f.text, "p:11:", 5);
	what = strchr(f.text + 5, ' ');
	assert_non_null(what);
	if (strncmp(what + 1, want, strlen(want)) != 0)
		fail_msg("%s\n gives %s\n not   %s", action, f.text, want);
}

static void
an_alphabet_is_a_name_or_quoted_characters(void **state)
{
	(void)state;
	assert_reads("{fpe: {alphabet: digits}}");
	assert_reads("{fpe: {alphabet: lower, separators: \"'\"}}");
	assert_reads("{fpe: {alphabet: upper}}");
	assert_reads("{fpe: {alphabet: alnum}}");
	assert_reads("{fpe: {alphabet: \"01\"}}");
	assert_reads("{fpe: {alphabet: \"\xc3\xa4\xc3\xb6\xc3\xbc\"}}");
	assert_slip("fpe", "fpe needs to know more");
	assert_slip("{fpe: {}}", "fpe needs \"alphabet\"");
	assert_slip("{fpe: {alphabet: digit}}", "unknown \"digit\"");
	assert_non_null(strstr(f.hint, "digits"));
	assert_slip("{fpe: {alphabet: 01}}", "unknown \"01\"");
	assert_slip("{fpe: {alphabet: \"\"}}", "an alphabet has two visible");
	assert_slip("{fpe: {alphabet: \"a\"}}", "an alphabet has two visible");
	assert_slip("{fpe: {alphabet: \"aba\"}}", "an alphabet has two");
	assert_slip("{fpe: {alphabet: \"a b\"}}", "an alphabet has two");
	assert_slip(
	    "{fpe: {alphabet: digits, separators: \"7\"}}", "an alphabet");
	assert_slip(
	    "{fpe: {alphabet: digits, separators: \"\\n\"}}", "an alphabet");
	assert_slip("{fpe: {alphabet: lower, luhn: yes}}",
	    "a check digit (luhn) needs alphabet: digits");
	assert_slip(
	    "{fpe: {alphabet: digits, luhn: true}}", "unknown \"true\"");
	assert_slip("{fpe: {alphabet: digits, keep_last: 65}}",
	    "expected a whole number from 0 to 64");
	assert_slip("{fpe: {alphabet: digits, domain: \"\"}}", "a domain's");
}

static void
domains_and_scopes_of_tokens_are_words(void **state)
{
	(void)state;
	assert_reads("{token: {scope: record}}");
	assert_reads("{token: {domain: d, scope: project}}");
	assert_reads("reversible");
	assert_reads("{reversible: {domain: d}}");
	assert_slip("{token: {scope: file}}", "unknown \"file\"");
	assert_slip("{token: {domain: \"\"}}", "a domain's name has 1 to 64");
	assert_slip("{token: {}}", "token needs a domain or a scope");
	assert_slip("{reversible: {}}", "reversible needs \"domain\"");
	assert_slip("{random: 1}", "random takes nothing");
}

static void
shifts_and_noise_are_bounded(void **state)
{
	(void)state;
	assert_reads("{shift: {days: 3660, by: subject}}");
	assert_slip("shift", "shift needs to know more");
	assert_slip("{shift: {days: 30}}", "shift needs \"by\"");
	assert_slip("{shift: {days: 30, by: row}}", "unknown \"row\"");
	assert_slip("{shift: {days: 0, by: subject}}",
	    "expected a whole number from 1 to 3660");
	assert_slip("{shift: {days: 3661, by: subject}}",
	    "expected a whole number from 1 to 3660");
	assert_reads("{noise: {within: 1000000000}}");
	assert_reads("{noise: {within: 0.5, to: 0.5}}");
	assert_slip("{noise: {within: 1000000001}}", "noise goes at least one");
	assert_slip("{noise: {within: 0.5}}", "noise goes at least one step");
	assert_slip(
	    "{noise: {within: 0}}", "how far noise goes must be over 0");
	assert_slip("{noise: {within: -1}}", "how far noise goes must be over");
	assert_slip(
	    "{noise: {within: 5, to: 0}}", "what is rounded to must be");
	assert_slip("{noise: {to: 5}}", "noise needs \"within\"");
}

static void
ends_fit_the_bins_between_them(void **state)
{
	(void)state;
	assert_reads("{generalise: {top: 90, bottom: 18, width: 6}}");
	assert_reads("{generalise: {round: {to: 5}, bottom: 1}}");
	assert_reads("{generalise: {bottom: 1, top: 2}}");
	assert_slip("{generalise: {width: 10, top: 85}}",
	    "bottom and top must be multiples of the width");
	assert_slip("{generalise: {width: 10, bottom: 5}}",
	    "bottom and top must be multiples of the width");
	assert_slip(
	    "{generalise: {bottom: 2, top: 2}}", "bottom must be below top");
	assert_slip("{generalise: {round: 5}}", "expected round (a map)");
	assert_slip("{generalise: {round: {to: 0}}}", "what is rounded to");
	assert_slip("{generalise: {date: year, top: 1}}",
	    "unknown key \"top\" in generalise");
	assert_slip("{generalise: {bins: [1], bottom: 1}}",
	    "unknown key \"bottom\" in generalise");
}

static void
ages_are_those_of_a_day(void **state)
{
	(void)state;
	assert_reads("{generalise: {age_band: {at: 2026-02-28, width: 1}}}");
	assert_slip(
	    "{generalise: {age_band: {width: 5}}}", "age_band needs \"at\"");
	assert_slip("{generalise: {age_band: {at: today, width: 5}}}",
	    "expected a date as 2026-01-31");
	assert_slip("{generalise: {age_band: {at: 2026-02-30, width: 5}}}",
	    "expected a date as 2026-01-31");
	assert_slip("{generalise: {age_band: {at: 2026-02-28, width: 0}}}",
	    "expected a whole number from 1 to 150");
	assert_slip(
	    "{generalise: {age_band: {at: 2026-02-28, width: 1, over: 0}}}",
	    "expected a whole number from 1 to 150");
}

static void
places_and_addresses_keep_less_than_all(void **state)
{
	(void)state;
	assert_reads("{generalise: {ip: {v4: 0, v6: 127}}}");
	assert_slip("{generalise: {ip: {v4: 24}}}", "ip needs \"v6\"");
	assert_slip("{generalise: {ip: {v4: 32, v6: 48}}}",
	    "expected a whole number from 0 to 31");
	assert_slip("{generalise: {ip: {v4: 24, v6: 128}}}",
	    "expected a whole number from 0 to 127");
	assert_slip("{generalise: {postcode: {keep: 0}}}",
	    "expected a whole number from 1 to 63");
	assert_slip("{generalise: {postcode: 3}}", "expected postcode (a map)");
	assert_slip("{generalise: {grid: {degrees: 91}}}",
	    "a cell of more than 90 degrees");
	assert_slip("{generalise: {grid: {degrees: 0}}}",
	    "a cell's degrees must be over 0");
	assert_slip("{generalise: {email: user}}", "unknown \"user\"");
	assert_slip("{generalise: {emial: domain}}", "unknown \"emial\"");
}

/* Of a way that was meant, not of another. */
static void
slips_within_generalise_hint_at_the_form_that_was_meant(void **state)
{
	static const char *const slips[][2] = {
		{ "{ip: {v4: 32, v6: 48}}", "{ip: {v4: 24, v6: 48}}" },
		{ "{width: 0}", "{width: 10}" },
		{ "{width: 10, top: 85}", "{width: 10, bottom: 20, top: 90}" },
		{ "{round: 5}", "{round: {to: 100}}" },
		{ "{postcode: {keep: 64}}", "{postcode: {keep: 3}}" },
		{ "{age_band: {width: 5}}",
		    "{age_band: {at: 2026-01-01, width: 5}}" },
		{ "{hierarchy: {file: a.csv}}",
		    "{hierarchy: {file: icd10.csv, level: 1" },
		{ "{bins: [3,1]}", "{bins: [0, 18, 40, 65]}" },
		{ "{bottom: 2, top: 2}", "{bottom: 18, top: 90}" },
		{ "{grid: 5}", "{grid: {degrees: 0.1}}" },
	};
	char action[128];
	struct policy *p;

	(void)state;
	for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
		(void)snprintf(
		    action, sizeof(action), "{generalise: %s}", slips[i][0]);
		assert_refused(read_action("x", action, &p), FAULT_INPUT);
		if (strstr(f.hint, slips[i][1]) == NULL)
			fail_msg("%s hints %s", action, f.hint);
	}
	assert_refused(read_action("x", "{generalise: {bins: [0, 0,5]}}", &p),
	    FAULT_INPUT);
	assert_non_null(strstr(f.hint, "with a point"));
}

static void
a_birth_date_gets_no_token(void **state)
{
	static const char *const names[] = { "dob", "DOB", "Date of birth",
		"birth_date", "BirthDate", "born", "Geburtsdatum",
		"date-de-naissance", "patient.born" };
	static const char *const refused[] = { "token",
		"{token: {scope: document}}", "reversible",
		"{fpe: {alphabet: digits}}" };
	static const char *const good[] = { "{token: {scope: record}}",
		"random", "drop", "{generalise: {date: year}}" };
	struct policy *p;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (size_t k = 0; k < 4; k++) {
			assert_refused(
			    read_action(names[i], refused[k], &p), FAULT_INPUT);
			assert_non_null(strstr(f.text, "a birth date is too"));
			assert_ok(read_action(names[i], good[k], &p));
			policy_free(p);
		}
	assert_ok(read_action("stubborn", "token", &p));
	policy_free(p);
	assert_ok(read_action("birthplace", "token", &p));
	policy_free(p);
}

static void
count_warning(void *to, const char *text)
{
	struct bytes *all = to;

	assert_ok(bytes_add_text(all, text, &f));
	assert_ok(bytes_add_text(all, "\n", &f));
}

/* A policy that is read, and what it is warned of, or "". */
static void
assert_warned(const char *column, const char *action, const char *want)
{
	struct policy *p;
	struct bytes all;

	assert_ok(read_action(column, action, &p));
	bytes_init(&all, 4096);
	policy_warnings(p, count_warning, &all);
	assert_ok(bytes_end_text(&all, &f));
	if (want[0] == '\0')
		assert_int_equal(all.len, 0);
	else if (strstr((const char *)all.at, want) == NULL)
		fail_msg("%s is not in %s", want, (const char *)all.at);
	bytes_free(&all);
	policy_free(p);
}

static void
weak_choices_are_warned_of(void **state)
{
	(void)state;
	assert_warned("Gender", "token", "p:11: token: \"Gender\" has few");
	assert_warned("gender", "{token: {scope: record}}", "");
	assert_warned("id", "token", "");
	assert_warned("x", "{mask: {keep_first: 6, keep_last: 5}}",
	    "p:11: mask: keeps 11 characters");
	assert_warned("x", "{mask: {keep_first: 6, keep_last: 4}}", "");
	assert_warned("x", "{generalise: {ip: {v4: 25, v6: 48}}}",
	    "p:11: ip: a network this small");
	assert_warned("x", "{generalise: {ip: {v4: 24, v6: 57}}}",
	    "p:11: ip: a network this small");
	assert_warned("x", "{generalise: {ip: {v4: 24, v6: 56}}}", "");
	assert_warned("x", "{shift: {days: 1, by: subject}}",
	    "p:11: shift: needs to know whose");
}

/* By file: what policy check only warns of stops the plan. */
static void
a_shift_without_a_subject_is_decided_against(void **state)
{
	struct file_plan plan;
	struct policy *p;
	struct shape s;

	(void)state;
	assert_ok(read_action("x", "{shift: {days: 1, by: subject}}", &p));
	shape_init(&s, TYPE_CSV);
	s.delimiter = ',';
	assert_ok(shape_add(&s, "x", 1, HOLDS_VALUE, &f));
	assert_refused(
	    policy_decide(p, "a", &s, &plan, NULL, &f), FAULT_POLICY);
	assert_string_equal(f.text,
	    "a: column \"x\" (p:11): whose date it is, no subject says");
	assert_string_equal(f.hint, "at the top of p:   subject: {file: \"a\", "
				    "column: NAME}");
	policy_free(p);
	shape_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_alphabet_is_a_name_or_quoted_characters),
		cmocka_unit_test(domains_and_scopes_of_tokens_are_words),
		cmocka_unit_test(shifts_and_noise_are_bounded),
		cmocka_unit_test(ends_fit_the_bins_between_them),
		cmocka_unit_test(ages_are_those_of_a_day),
		cmocka_unit_test(places_and_addresses_keep_less_than_all),
		cmocka_unit_test(
		    slips_within_generalise_hint_at_the_form_that_was_meant),
		cmocka_unit_test(a_birth_date_gets_no_token),
		cmocka_unit_test(weak_choices_are_warned_of),
		cmocka_unit_test(a_shift_without_a_subject_is_decided_against),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
