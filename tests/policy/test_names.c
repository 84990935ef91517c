/* policy/names: what the names of columns say, in ten languages. */

#include "tests/support/test.h"

#include <string.h>

#include "policy/names/names_internal.h"

static void
names_are_understood(void **state)
{
	static const struct {
		const char *name;
		enum name_meaning means;
	} rows[] = {
		{ "email", NAME_EMAIL },
		{ "E-Mail", NAME_EMAIL },
		{ "contactEmail", NAME_EMAIL },
		{ "customer.email_address", NAME_EMAIL },
		{ "correo electr\xc3\xb3nico", NAME_EMAIL },
		{ "customer_id", NAME_PERSON_KEY },
		{ "CustomerID", NAME_PERSON_KEY },
		{ "kundennummer", NAME_PERSON_KEY },
		{ "Kunden-Nr.", NAME_PERSON_KEY },
		{ "patient.id", NAME_PERSON_KEY },
		{ "visits[*].id", NAME_KEY },
		{ "order_id", NAME_KEY },
		{ "id", NAME_KEY },
		{ "visits[*].icd", NAME_HEALTH },
		{ "first_name", NAME_PERSON },
		{ "Nachname", NAME_PERSON },
		{ "pr\xc3\xa9nom", NAME_PERSON },
		{ "nazwisko", NAME_PERSON },
		{ "product_name", NAME_NEUTRAL },
		{ "file_name", NAME_MEDIA },
		{ "phone: home", NAME_PHONE },
		{ "Telefonnummer", NAME_PHONE },
		{ "ip_address", NAME_IP },
		{ "address", NAME_STREET },
		{ "mac_address", NAME_DEVICE },
		{ "Stra\xc3\x9f"
		  "e",
		    NAME_STREET },
		{ "PLZ", NAME_POSTCODE },
		{ "date of birth", NAME_BIRTH },
		{ "Geburtsdatum", NAME_BIRTH },
		{ "date-de-naissance", NAME_BIRTH },
		{ "birth_certificate_number", NAME_LICENCE },
		{ "birth_record_no", NAME_KEY },
		{ "stubborn", NAME_UNKNOWN },
		{ "birthplace", NAME_CITY },
		{ "order_date", NAME_DATE },
		{ "K\xc3\xb6rpergr\xc3\xb6\xc3\x9f"
		  "e",
		    NAME_HEALTH },
		{ "religion", NAME_BELIEF },
		{ "Gewerkschaft", NAME_UNION },
		{ "tax_id", NAME_NATIONAL },
		{ "passport_number", NAME_NATIONAL },
		{ "codice fiscale", NAME_NATIONAL },
		{ "messages[*].content", NAME_TEXT },
		{ "iban", NAME_ACCOUNT },
		{ "password", NAME_SECRET },
		{ "x1", NAME_UNKNOWN },
		{ "salary-class", NAME_INCOME },
		{ "order_status", NAME_NEUTRAL },
		{ "health_status", NAME_HEALTH },
		{ "", NAME_UNKNOWN },
		{ "$", NAME_UNKNOWN },
		{ "[\"e-mail\"]", NAME_EMAIL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (name_says(rows[i].name) != rows[i].means)
			fail_msg("%s: %s", rows[i].name,
			    name_meaning_text(name_says(rows[i].name)));
}

/* A word in two rows would mean what the first says, whatever the second. */
static void
every_word_has_one_meaning(void **state)
{
	char word[64];

	(void)state;
	for (size_t i = 0; i < name_rows_count; i++) {
		const char *p = name_rows[i].words;

		while (*p != '\0') {
			size_t n = strcspn(p, "|");
			enum name_meaning m = name_rows[i].meaning;

			assert_in_range(n, 1, sizeof(word) - 1);
			memcpy(word, p, n);
			word[n] = '\0';
			if (name_says(word) != m)
				fail_msg("%s: %s and %s", word,
				    name_meaning_text(m),
				    name_meaning_text(name_says(word)));
			p += n + (p[n] == '|');
		}
	}
}

static void
a_name_of_any_length_is_read(void **state)
{
	char name[4097];

	(void)state;
	memset(name, 'e', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(name_says(name), NAME_UNKNOWN);
	for (size_t i = 0; i + 1 < sizeof(name); i += 2)
		name[i] = '_';
	assert_int_equal(name_says(name), NAME_UNKNOWN);
	assert_int_equal(name_says("\xff\xfe"
				   "email"),
	    NAME_EMAIL);
}

static void
few_values_are_told_from_many(void **state)
{
	(void)state;
	assert_true(name_has_few_values("Gender"));
	assert_true(name_has_few_values("blood_group"));
	assert_true(name_has_few_values("country_code"));
	assert_true(name_has_few_values("religion"));
	assert_false(name_has_few_values("email"));
	assert_false(name_has_few_values("customer_id"));
	assert_false(name_has_few_values("diagnosis"));
	assert_true(name_identifies(NAME_EMAIL));
	assert_false(name_identifies(NAME_KEY));
	assert_false(name_identifies(NAME_CITY));
	assert_true(name_is_special(NAME_HEALTH));
	assert_true(name_is_special(NAME_CRIME));
	assert_false(name_is_special(NAME_TEXT));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_understood),
		cmocka_unit_test(every_word_has_one_meaning),
		cmocka_unit_test(a_name_of_any_length_is_read),
		cmocka_unit_test(few_values_are_told_from_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
