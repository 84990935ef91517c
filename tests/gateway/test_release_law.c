/* The law at a release, with the clock set forward: a document that is out of
 * date, an agreement that lapsed and an adequacy decision that ended stop the
 * next one, and nothing but that has changed. */

#include "tests/gateway/asked_story.h"
#include "tests/gateway/later.h"

#define SHA "0101010101010101010101010101010101010101010101010101010101010101"

/* What the batch was begun under: terms as a policy with legal: has them. */
struct grounds {
	struct asked_story *s;
	const char *exception; /* declares data of Art. 9; or NULL */
	const char *until;     /* of the assessment; or NULL */
};

static void
tell_grounds(struct story *story, struct ring *ring, void *arg)
{
	const struct grounds *g = arg;
	struct fault f = { 0 };
	json_t *fact = json_pack(
	    "{s:s,s:s,s:i}", "sha256", SHA, "date", "2020-01-01", "line", 20);
	json_t *dpia = json_copy(fact), *o;
	struct catalog_fact decision = { "decision", { NULL, 0 } };
	char *text;

	(void)ring;
	if (g->until != NULL)
		json_object_set_new(dpia, "until", json_string(g->until));
	o = json_pack("{s:{s:b,s:s,s:i,s:b,s:s,s:s,s:s,s:s*,s:[s],s:[s],s:[s],"
		      "s:{s:o,s:O,s:O}}}",
	    "terms", "given", 1, "policy", "policy.yaml", "line", 14,
	    "special_to_crowd", 0, "controller", "Clinic", "dpo", "dpo@x",
	    "basis", "eu-gdpr:A6-1-e", "exception", g->exception, "purposes",
	    "dpv:ScientificResearch", "data", "pd:Name", "recipients",
	    "dpv:DataProcessor", "facts", "dpia", dpia, "undertaking", fact,
	    "sub-processors", fact);
	assert_non_null(o);
	text = json_dumps(o, JSON_COMPACT);
	decision.bytes = slice_of_text(text);
	memcpy(story->batch, g->s->batch, sizeof(story->batch));
	assert_ok(story_try(story, &f, "legal-decided",
	    json_pack("{s:s,s:s,s:i}", "batch", story->batch, "countries",
		story_hex('c'), "n", 1),
	    &decision, 1));
	free(text);
	json_decref(o);
	json_decref(fact);
}

static void
begin(struct asked_story *s, const char *exception, const char *until)
{
	struct grounds g = { s, exception, until };

	asked_ready(s);
	asked_behind(s, tell_grounds, &g);
}

/* So many days from now, as a date. */
static const char *
in_days(int n)
{
	static char day[CLOCK_DATE_CHARS + 1];

	clock_write_date(day, clock_now() + (int64_t)n * 86400);
	return day;
}

static void
a_document_out_of_date_stops_the_next_release(void **state)
{
	struct asked_story s;

	(void)state;
	begin(&s, "eu-gdpr:A9-2-j", in_days(3));
	paper(&s.home, "dpa", PAST, NULL);
	assert_int_equal(asked_release(&s), 200);
	later(s.home.home, "345600"); /* four days */
	assert_int_equal(asked_release(&s), 403);
	assert_rule(&s, "terms-over");
	/* The vendor is not told which. */
	assert_null(strstr(s.text, "dpia"));
	assert_null(strstr(s.text, "policy.yaml"));
	assert_int_equal(asked_entries(&s, "release", NULL), 1);
	asked_end(&s);
}

static void
an_agreement_that_the_law_adds_stops_it_too(void **state)
{
	char until[CLOCK_CHARS + 1];
	struct asked_story s;

	(void)state;
	begin(&s, "eu-gdpr:A9-2-j", NULL);
	assert_int_equal(asked_release(&s), 403); /* no dpa */
	assert_rule(&s, "agreement-missing");
	clock_write(until, clock_now() + 86400);
	paper(&s.home, "dpa", PAST, until);
	assert_int_equal(asked_release(&s), 200);
	later(s.home.home, "86500");
	assert_int_equal(asked_release(&s), 403);
	assert_rule(&s, "agreement-missing");
	paper(&s.home, "dpa", PAST, NULL);
	assert_int_equal(asked_release(&s), 200);
	asked_end(&s);
}

static void
write_countries(const struct asked_story *s, const char *rows)
{
	struct fault f = { 0 };
	char path[200];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/countries.csv", s->home.home);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)0600);
	assert_true(fd != -1);
	assert_ok(file_write(fd, rows, strlen(rows), &f));
	file_close(&fd);
}

static void
an_adequacy_decision_that_ended_stops_it_and_a_table_changes_the_log(
    void **state)
{
	char rows[256];
	struct asked_story s;
	unsigned before;

	(void)state;
	begin(&s, NULL, NULL);
	before = asked_entries(&s, "legal-decided", NULL);
	assert_int_equal(asked_release(&s), 200);
	/* The first was told by hand; the keeper's own says more. */
	assert_int_equal(asked_entries(&s, "legal-decided", NULL), before + 1);
	assert_int_equal(asked_release(&s), 200);
	assert_int_equal(asked_entries(&s, "legal-decided", NULL), before + 1);
	(void)snprintf(rows, sizeof(rows),
	    "date,2026-01-01\ncountry,status,from,until,scope,reference\n"
	    "NL,adequate,2020-01-01,%s,,Decision X\n",
	    in_days(1));
	write_countries(&s, rows);
	assert_int_equal(asked_release(&s), 200);
	assert_int_equal(asked_entries(&s, "legal-decided", NULL), before + 2);
	later(s.home.home, "172900"); /* two days */
	assert_int_equal(asked_release(&s), 403);
	assert_rule(&s, "no-transfer");
	assert_int_equal(asked_entries(&s, "legal-decided", NULL), before + 2);
	/* A table that cannot be read lets nothing out either. */
	write_countries(&s, "NL,eea,,,,\n");
	assert_int_not_equal(asked_release(&s), 200);
	assert_int_equal(asked_entries(&s, "release", NULL), 3);
	asked_end(&s);
}

static const struct CMUnitTest all[] = {
	cmocka_unit_test(a_document_out_of_date_stops_the_next_release),
	cmocka_unit_test(an_agreement_that_the_law_adds_stops_it_too),
	cmocka_unit_test(
	    an_adequacy_decision_that_ended_stops_it_and_a_table_changes_the_log),
};

HOME_STORY_MAIN(all)
