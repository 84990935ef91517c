/* policy/detect: names, places, addresses, organisations, forms, dates and
 * telephone numbers in sentences. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "policy/detect/detect.h"

/* What is found of an entity, or of all (NULL), '|' between. */
static const char *
found(const char *entity, const char *text)
{
	static char out[1000];
	const char *entities[] = { entity, NULL };
	struct detect_options o = {
		.entities = entity == NULL ? NULL : entities, .min_score = 40
	};
	struct detect_spans got;
	struct detect_scan *s;
	struct detector *d;
	struct fault f;
	size_t n = 0;

	assert_ok(detector_new(&d, &o, &f));
	assert_ok(detect_scan_new(&s, d, &f));
	detect_spans_init(&got);
	assert_ok(detect_text(s, text, strlen(text), &got, &f));
	out[0] = '\0';
	for (size_t i = 0; i < got.n && n < sizeof(out) - 100; i++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%.*s",
		    i == 0 ? "" : "|", (int)(got.at[i].end - got.at[i].start),
		    text + got.at[i].start);
	detect_spans_free(&got);
	detect_scan_free(s);
	detector_free(d);
	return out;
}

static void
people_are_found_by_title_list_and_capital(void **state)
{
	(void)state;
	assert_string_equal(
	    found("PERSON", "Yesterday Dr. Xavier Quux saw Mrs. Plonk."),
	    "Xavier Quux|Plonk");
	assert_string_equal(
	    found("PERSON", "The results of Maria van den Berg are here."),
	    "Maria van den Berg");
	assert_string_equal(
	    found("PERSON", "My name is Zarquon and I called Michael."),
	    "Zarquon|Michael");
	assert_string_equal(
	    found("PERSON", "Der Patient wurde von Frau Müller untersucht."),
	    "Müller");
	assert_string_equal(
	    found("PERSON", "the note was written by michael jackson for us"),
	    "michael jackson");
	assert_string_equal(
	    found("PERSON", "On Monday we may meet in May. The rose is red."),
	    "");
}

static void
forms_say_what_their_values_are(void **state)
{
	static const char form[] =
	    "Nombre: Xuriaq.\nApellidos: De Zzyzx Qwerty.\nNHC: 2569870.\n"
	    "Domicilio: Calle Inventada, 23, 1D.\n"
	    "Localidad/ Provincia: Nowhere.\nCP: 28035.\n"
	    "Edad: 53 años Sexo: H.\n"
	    "Médico: Abc Defghi  NºCol: 28 28 20943.\n"
	    "Informe clínico del paciente: varón sano.\n";

	(void)state;
	assert_string_equal(
	    found("PERSON", form), "Xuriaq|De Zzyzx Qwerty|Abc Defghi");
	assert_string_equal(found("ID_NUMBER", form), "2569870|28 28 20943");
	assert_string_equal(found("LOCATION", form), "Nowhere|28035");
	assert_string_equal(found("ADDRESS", form), "Calle Inventada, 23, 1D");
	assert_string_equal(found("GENDER", form), "H");
	assert_string_equal(found("AGE", form), "53 años");
}

static void
a_labelled_number_is_found_to_its_end(void **state)
{
	(void)state;
	assert_string_equal(
	    found("ID_NUMBER",
		"NHC: 21 60193837 34\nNHC: 077239875/89\nNASS: "
		"14-63504522-08.\nID: 1.234.567.890. MRN: 7 of 9\n"
		"MRN: 12 345 678 901 22 33 44, 5"),
	    "21 60193837 34|077239875/89|14-63504522-08|1.234.567.890|7|"
	    "12 345 678 901 22 33 44");
	/* whatever else a part of it may be */
	assert_string_equal(
	    found(NULL, "NASS: 38 48392847 63.\nNHC: 077239875/89"),
	    "38 48392847 63|077239875/89");
}

static void
what_a_better_find_leaves_of_a_find_is_found(void **state)
{
	(void)state;
	assert_string_equal(found(NULL, "Tfno: 956 203 145 y 956 203 146."),
	    "956|203 145 y 956 203 146");
	/* but not before other finds that are whole */
	assert_string_equal(
	    found(NULL, "born 4 March 1980, IBAN DE89 3704 0044 0532 0130 00."),
	    "4 March 1980|IBAN|DE89 3704 0044 0532 0130 00");
	assert_string_equal(found(NULL, "NHC: 12 DE89370400440532013000 55"),
	    "12|DE89370400440532013000|55");
}

static void
addresses_of_four_languages_are_found(void **state)
{
	(void)state;
	assert_string_equal(found("ADDRESS", "He lives at 12 Mill Street, "
					     "Apt. 5, Springfield."),
	    "12 Mill Street, Apt. 5, Springfield");
	assert_string_equal(
	    found("ADDRESS", "Vive en la calle Mayor 5, 28013 Madrid."),
	    "calle Mayor 5, 28013 Madrid");
	assert_string_equal(
	    found("ADDRESS", "Er wohnt Hauptstraße 17, 10115 Berlin."),
	    "Hauptstraße 17, 10115 Berlin");
	assert_string_equal(
	    found("ADDRESS", "Il habite rue Victor Hugo 8, 75001 Paris."),
	    "rue Victor Hugo 8, 75001 Paris");
	assert_string_equal(
	    found("ADDRESS", "We sold 12 cars and 3 houses in 2004."), "");
}

static void
a_title_before_a_name_is_no_street(void **state)
{
	(void)state;
	assert_string_equal(
	    found("ADDRESS", "Dear Dr Who, Rose Dr. Miller and St Mary's."),
	    "");
	assert_string_equal(
	    found("PERSON", "Dear Dr Who, we have met."), "Who");
	assert_string_equal(
	    found("ADDRESS", "They live in Ocean Dr, or at 12 Ocean Dr "
			     "Miami."),
	    "Ocean Dr|12 Ocean Dr Miami");
}

static void
organisations_have_a_form_or_a_house(void **state)
{
	(void)state;
	assert_string_equal(
	    found("ORGANIZATION", "It was sold by Acme Widgets Ltd. to us."),
	    "Acme Widgets Ltd");
	assert_string_equal(
	    found("ORGANIZATION",
		"Ingresó en el Hospital Universitario de Zzyzx ayer."),
	    "Hospital Universitario de Zzyzx");
	assert_string_equal(
	    found("ORGANIZATION", "Hospital Dr. Carlos J. Finlay. "
				  "Clinic B. The ward of Hospital Dr. Peset "
				  "Av. Gaspar Aguilar, 90. 46017 Valencia."),
	    "Hospital Dr. Carlos J. Finlay|Clinic B|Hospital Dr. Peset");
	assert_string_equal(
	    found("ADDRESS", "Hospital Dr. Peset Av. Gaspar Aguilar, 90."),
	    "Av. Gaspar Aguilar, 90");
}

static void
dates_are_found_in_numbers_and_words(void **state)
{
	(void)state;
	assert_string_equal(
	    found("DATE_TIME", "2024-06-05T09:15:30.500-07:00, 4.3.1980, "
			       "31/12/99, 99/99/1999, 5 de mayo de 2003"),
	    "2024-06-05T09:15:30.500-07:00|4.3.1980|31/12/99|"
	    "5 de mayo de 2003");
	assert_string_equal(
	    found("DATE_TIME", "on March 3rd, 2020 he may march 3 miles"),
	    "March 3rd, 2020");
	assert_string_equal(
	    found("DATE_OF_BIRTH", "born 4 March 1980, and 2020-01-01"),
	    "4 March 1980|2020-01-01");
}

static void
telephone_numbers_need_a_plan_a_form_or_a_word(void **state)
{
	(void)state;
	assert_string_equal(found("PHONE_NUMBER",
				"+49 30 1234567 (415) 555-0132 +999 12 34 56"),
	    "+49 30 1234567|(415) 555-0132");
	assert_string_equal(
	    found("PHONE_NUMBER", "tel. 948 255 400"), "948 255 400");
	assert_string_equal(found("PHONE_NUMBER", "948 255 400 units"), "");
}

static void
secrets_and_papers_are_found(void **state)
{
	(void)state;
	assert_string_equal(
	    found("MRZ", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"),
	    "L898902C36UTO7408122F1204159ZE184226B<<<<<10");
	assert_string_equal(
	    found("MRZ", "L898902C37UTO7408122F1204159ZE184226B<<<<<10"), "");
	assert_string_equal(
	    found("VIN", "vin 1M8GDM9AXKP042788"), "1M8GDM9AXKP042788");
	assert_string_equal(
	    found("IT_FISCAL_CODE", "the cat 85t10 a562s, rss mra 85t10 a562s, "
				    "Rss Mra 85T10 A562S, FOX LEA 50A01 H501E"),
	    "rss mra 85t10 a562s|Rss Mra 85T10 A562S");
	assert_string_equal(found("API_KEY", "key AKIAIOSFODNN7EXAMPLE."),
	    "AKIAIOSFODNN7EXAMPLE");
	assert_string_equal(
	    found("COORDINATES", "at 52.5200, 13.4050 we"), "52.5200, 13.4050");
}

/* A passport's eight signs have a digit among them, and the fifth and sixth of
 * a BIC, in capitals, are a country. */
static void
a_word_of_letters_is_no_code(void **state)
{
	(void)state;
	assert_string_equal(
	    found("LU_PASSPORT", "passeport: ABCDEFGH, JCU9J4T2, ABCDEFG7"),
	    "JCU9J4T2|ABCDEFG7");
	assert_string_equal(
	    found("FR_ID_CARD", "cni: zoologist, d2h6862m2, abcdefgh7"),
	    "d2h6862m2|abcdefgh7");
	assert_string_equal(
	    found("BIC_CODE", "swift: DEUTDEFF, PRESSURE, UNCRITMM, "
			      "uncritmm, SEBLXKPR500, DEUTZZFF"),
	    "DEUTDEFF|UNCRITMM|SEBLXKPR500");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(people_are_found_by_title_list_and_capital),
		cmocka_unit_test(forms_say_what_their_values_are),
		cmocka_unit_test(a_labelled_number_is_found_to_its_end),
		cmocka_unit_test(what_a_better_find_leaves_of_a_find_is_found),
		cmocka_unit_test(addresses_of_four_languages_are_found),
		cmocka_unit_test(a_title_before_a_name_is_no_street),
		cmocka_unit_test(organisations_have_a_form_or_a_house),
		cmocka_unit_test(dates_are_found_in_numbers_and_words),
		cmocka_unit_test(
		    telephone_numbers_need_a_plan_a_form_or_a_word),
		cmocka_unit_test(secrets_and_papers_are_found),
		cmocka_unit_test(a_word_of_letters_is_no_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
