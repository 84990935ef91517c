#ifndef TESTS_BENCH_MADE_NOTES_H
#define TESTS_BENCH_MADE_NOTES_H

#include <stdio.h>
#include <string.h>

#include "policy/detect/detect.h"

/* Patients and notes about them, made up from a seed (bench_dictionary.c). */

enum language { DE, PL, TR, LT, EN, ES, LANGUAGES };

static const char *const given[LANGUAGES][12] = {
	{ "J\xc3\xbcrgen", "Annegret", "Matthias", "Sabine", "Heinrich",
	    "Katrin", "Wolfgang", "Ulrike", "Stefan", "Monika", "Dieter",
	    "Ingrid" },
	{ "Agnieszka", "Piotr", "Ma\xc5\x82gorzata", "Tomasz", "Zofia",
	    "Krzysztof", "Barbara", "Andrzej", "Joanna",
	    "Stanis\xc5\x82"
	    "aw",
	    "Beata", "Zbigniew" },
	{ "Ay\xc5\x9f"
	  "e",
	    "Mehmet", "Fatma", "Mustafa", "Elif", "H\xc3\xbcseyin", "Zeynep",
	    "\xc4\xb0"
	    "brahim",
	    "Emine", "Ahmet", "Hatice", "Osman" },
	{ "Jonas", "Ona", "Vytautas", "Daiva", "Kazys", "Rasa", "Mindaugas",
	    "Irena", "Algirdas", "Jurgita", "Petras", "Vida" },
	{ "Margaret", "William", "Harriet", "George", "Eleanor", "Oliver",
	    "Charlotte", "Edward", "Beatrice", "Henry", "Frances", "Walter" },
	{ "Mar\xc3\xad"
	  "a",
	    "Jos\xc3\xa9", "Carmen", "Antonio",
	    "Luc\xc3\xad"
	    "a",
	    "Francisco", "Dolores", "Manuel", "Pilar", "Javier", "Rosario",
	    "Miguel" },
};

/* Surnames are a root, a link and an ending: some thousand a language. */
static const char *const roots[LANGUAGES][16] = {
	{ "Holz", "Stein", "Brand", "Rosen", "Lind", "Eichen", "M\xc3\xbchl",
	    "Wald", "Kranz", "Hagen", "Vogel", "Winkel", "Zeller", "Grab",
	    "Schell", "Frei" },
	{ "Kowal", "Zielin", "Wi\xc5\x9bniew", "Majew", "Jab\xc5\x82on",
	    "Dobrow", "Grabow", "Lewand", "Szyman", "Zawad", "Krup", "Sobol",
	    "Wr\xc3\xb3"
	    "bl",
	    "Pietrz", "Olsz", "Brzez" },
	{ "Y\xc4\xb1ld\xc4\xb1r", "Karaca", "Demir",
	    "\xc3\x87"
	    "elik",
	    "Korkmaz", "Aslan", "Kaplan", "Polat", "Tekin", "Bayrak",
	    "G\xc3"
	    "\xbcne\xc5\x9f",
	    "Bulut", "Toprak", "Erdem", "Sezer", "\xc3\x96zt\xc3\xbcrk" },
	{ "Kazl", "Jank", "Petr", "Stank", "Butk", "Urb", "Balt", "Grig", "Zuk",
	    "Navick", "Rama", "Pauli", "Savick", "Mack", "Vasil", "Adom" },
	{ "Ash", "Black", "Hather", "Whit", "Thorn", "Marl", "Wood", "Brad",
	    "Ken", "Stan", "Har", "Win", "Lang", "Chester", "Al", "Mor" },
	{ "Fern", "Rodr", "Cast", "Mart", "Gonz", "Salv", "Velas", "Dom",
	    "Barr", "Cald", "Herr", "Montes", "Quint", "Valde", "Zaba",
	    "Urru" },
};
static const char *const links[16] = { "", "en", "er", "in", "el", "ar", "or",
	"al", "om", "un", "ad", "ol", "av", "eg", "it", "is" };
static const char *const ends[LANGUAGES][8] = {
	{ "berger", "hofer", "mann", "bach", "feld", "meier", "huber",
	    "brecht" },
	{ "owski", "i\xc5\x84ski", "ewicz", "czak", "owiak", "arek", "czyk",
	    "cki" },
	{ "o\xc4\x9flu", "demir", "kaya", "soy", "han", "t\xc3\xbcrk", "can",
	    "er" },
	{ "auskas", "aitis", "onis", "evicius", "ulis",
	    "\xc5\xab"
	    "nas",
	    "ickas", "elis" },
	{ "ington", "worth", "bury", "field", "wood", "shaw", "croft",
	    "thorpe" },
	{ "\xc3\xa1"
	  "ndez",
	    "\xc3\xadguez", "ellanos", "\xc3\xadnez", "illo", "arriaga",
	    "uente", "olea" },
};
static const char *const everyday[] = { "Long", "Will", "Brown", "May", "Young",
	"Klein", "Lang", "Koch" }; /* a surname of every fortieth */

/* Words of notes in no language in particular, and in each. */
static const char *const prose[LANGUAGES][12] = {
	{ "klagt",
	    "\xc3\xbc"
	    "ber",
	    "Schmerzen", "im", "linken", "Knie", "seit", "gestern", "Fieber",
	    "ohne", "Befund", "Kontrolle" },
	{ "zg\xc5\x82"
	  "asza",
	    "b\xc3\xb3l", "w", "lewym", "kolanie", "od", "wczoraj", "bez",
	    "gor\xc4\x85"
	    "czki",
	    "kontrola", "za", "tydzie\xc5\x84" },
	{ "sol", "dizinde", "a\xc4\x9fr\xc4\xb1", "var", "d\xc3\xbcnden",
	    "beri", "ate\xc5\x9f", "yok", "kontrol", "bir", "hafta", "sonra" },
	{ "skund\xc5\xbei"
	  "asi",
	    "kair\xc4\x97s", "kojos", "skausmu", "nuo", "vakar", "be",
	    "kar\xc5\xa1\xc4\x8diavimo", "kontrol\xc4\x97", "po",
	    "savait\xc4"
	    "\x97s",
	    "vaistai" },
	{ "reports", "mild", "pain", "in", "the", "left", "knee", "since",
	    "yesterday", "no", "fever", "review" },
	{ "refiere", "dolor", "en", "la", "rodilla", "izquierda", "desde",
	    "ayer", "sin", "fiebre", "control", "semanal" },
};
static const char *const traps[] = { "it will be long", "a brown stain",
	"since May", "too young", "de la", "lang und klein", "Long term plan",
	"Will review", "CT and MRI", "10 mg", "room 214", "12 weeks" };

#define PICK(list, r) (list)[(r) % (sizeof(list) / sizeof(*(list)))]

/* Steele, Lea, Flood: SplitMix64 */
static uint64_t seed = 20231;

static uint64_t
draw(void)
{
	uint64_t z = seed += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (z ^ z >> 31) >> 8;
}

/* Everything here must work; say what did not. */
static void
ok(int rc, const struct fault *f)
{
	if (rc == 0)
		return;
	fprintf(stderr, "bench_dictionary: %s\n", f->text);
	exit(1);
}

/* ---- Patients ---- */

struct patient {
	enum language language;
	char first[32], last[48], phone[24], id[16], street[64], number[8];
	uint8_t subject[DICTIONARY_SUBJECT_BYTES];
};

static void
make_patient(struct patient *p, uint64_t i)
{
	enum language l = (enum language)(draw() % LANGUAGES);

	memset(p, 0, sizeof(*p));
	p->language = l;
	snprintf(p->first, sizeof(p->first), "%s", PICK(given[l], draw()));
	if (draw() % 40 == 0)
		snprintf(
		    p->last, sizeof(p->last), "%s", PICK(everyday, draw()));
	else
		snprintf(p->last, sizeof(p->last), "%s%s%s",
		    PICK(roots[l], draw()), PICK(links, draw()),
		    PICK(ends[l], draw()));
	snprintf(p->phone, sizeof(p->phone), "0%u %u %05u",
	    (unsigned)(150 + draw() % 40), (unsigned)(100 + draw() % 900),
	    (unsigned)(draw() % 100000));
	snprintf(
	    p->id, sizeof(p->id), "PX-%07u", (unsigned)(i * 7919 % 10000000));
	snprintf(p->street, sizeof(p->street),
	    "%s%sstra\xc3\x9f"
	    "e",
	    PICK(roots[DE], draw()), PICK(links, draw()));
	snprintf(
	    p->number, sizeof(p->number), "%u", (unsigned)(1 + draw() % 120));
	memcpy(p->subject, &i, sizeof(i));
	p->subject[15] = 1;
}

static void
add(struct dictionary_builder *b, enum dictionary_kind kind, const char *value,
    const struct patient *p)
{
	struct fault f = { 0 };

	ok(dictionary_add(b, kind, value, strlen(value), p->subject, &f), &f);
}

static void
add_patient(struct dictionary_builder *b, const struct patient *p)
{
	char text[128];

	snprintf(text, sizeof(text), "%s %s", p->first, p->last);
	add(b, DICTIONARY_NAME, text, p);
	add(b, DICTIONARY_PHONE, p->phone, p);
	add(b, DICTIONARY_ID, p->id, p);
	snprintf(text, sizeof(text), "%s %s", p->street, p->number);
	add(b, DICTIONARY_PLACE, text, p);
}

/* ---- Notes ---- */

#define MENTIONS_MAX 8u

struct note {
	char text[1200];
	size_t n;
	struct {
		size_t start, end;
		unsigned form;
	} mentions[MENTIONS_MAX];
	size_t nmentions;
};

static void
say(struct note *n, const char *text)
{
	size_t k = strlen(text);

	must(n->n + k < sizeof(n->text));
	memcpy(n->text + n->n, text, k + 1);
	n->n += k;
}

static const char *
ending_of(enum language l, const char *word, const char **drop)
{
	static const char *const rules[][4] = { { "PL", "a", "a", "y" },
		{ "PL", "i", "", "ego" }, { "PL", "", "", "a" },
		{ "LT", "as", "as", "o" }, { "LT", "is", "is", "io" },
		{ "LT", "us", "us", "aus" }, { "LT", "a", "a", "os" },
		{ "LT", "ys", "ys", "io" }, { "TR", "", "", "'nin" },
		{ "DE", "", "", "s" }, { "EN", "", "", "'s" } };
	static const char *const names[] = { "DE", "PL", "TR", "LT", "EN",
		"ES" };
	size_t n = strlen(word);

	*drop = "";
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		size_t k = strlen(rules[i][1]);

		if (strcmp(rules[i][0], names[l]) != 0 || n < k ||
		    strcmp(word + n - k, rules[i][1]) != 0)
			continue;
		*drop = rules[i][2];
		return rules[i][3];
	}
	return "";
}

/* Say a word in another case; how much of it is the name is told back. */
static size_t
say_inflected(struct note *n, enum language l, const char *word)
{
	const char *drop, *end = ending_of(l, word, &drop);

	say(n, word);
	n->n -= strlen(drop);
	if (*end != '\'') {
		say(n, end);
		return n->n;
	}
	say(n, end);
	return n->n - strlen(end);
}

/* A word with one mistake behind its first letter: left out, doubled, or
 * two changed places.  ASCII letters only. */
static void
say_misspelt(struct note *n, const char *word)
{
	size_t from = n->n, len = strlen(word), at = 1 + draw() % (len - 2);
	char *p;

	say(n, word);
	while (at + 1 < len && (((unsigned char)word[at] & 0x80) != 0 ||
				   ((unsigned char)word[at + 1] & 0x80) != 0))
		at++;
	if (at + 1 >= len)
		return;
	p = n->text + from + at;
	switch (draw() % 3) {
	case 0:
		memmove(p, p + 1, strlen(p));
		n->n--;
		break;
	case 1:
		say(n, "x");
		memmove(p + 1, p, (size_t)(n->text + n->n - p) - 1);
		break;
	default:
		p[0] = word[at + 1];
		p[1] = word[at];
	}
}

enum form {
	FULL,
	TURNED,
	INITIAL,
	TITLED,
	CASES,
	MISSPELT,
	LOWER,
	FILE_NAME,
	ALONE,
	PHONE,
	NUMBER,
	ADDRESS,
	OWN_GIVEN,    /* from here on of its own record only */
	OWN_MISSPELT, /* alone */
	OWN_BEGIN,    /* of a sentence */
	FORMS
};
static const char *const forms[FORMS] = { "in full", "turned round", "initial",
	"behind a title", "inflected", "misspelt", "small letters", "file name",
	"surname alone", "phone", "id", "address", "own given name",
	"own, misspelt, alone", "own, begins a sentence" };

static bool
is_everyday(const struct patient *p)
{
	return strlen(p->last) < 6;
}

static void
say_form(struct note *n, const struct patient *p, enum form form, size_t *end)
{
	static const char *const titles[LANGUAGES] = { "Herr ", "pan ",
		"Say\xc4\xb1n ", "Dr. ", "Mr ", "Sr. " };
	size_t start = n->n, name_end = 0;
	char text[160];

	switch (form) {
	case TURNED:
		snprintf(text, sizeof(text), "%s, %s", p->last, p->first);
		break;
	case INITIAL:
		snprintf(text, sizeof(text), "%.1s. %s", p->first, p->last);
		break;
	case TITLED:
		say(n, titles[p->language]);
		start = n->n;
		snprintf(text, sizeof(text), "%s", p->last);
		break;
	case LOWER:
	case FILE_NAME:
		snprintf(text, sizeof(text), form == LOWER ? "%s %s" : "%s_%s",
		    p->first, p->last);
		for (char *c = text; form == LOWER && *c != '\0'; c++)
			if (*c >= 'A' && *c <= 'Z')
				*c = (char)(*c + 32);
		break;
	case ALONE:
		snprintf(text, sizeof(text), "%s", p->last);
		break;
	case PHONE:
		snprintf(text, sizeof(text), "+49 %s", p->phone + 1);
		break;
	case NUMBER:
		snprintf(text, sizeof(text), "PX %s", p->id + 3);
		break;
	case ADDRESS:
		snprintf(text, sizeof(text), "%.*s. %s",
		    (int)strlen(p->street) - 4, p->street, p->number);
		break;
	case OWN_GIVEN:
		snprintf(text, sizeof(text), "%s", p->first);
		break;
	case OWN_BEGIN:
		n->n = start = start > 0 ? start - 1 : 0;
		say(n, ". ");
		start = n->n;
		snprintf(text, sizeof(text), "%s", p->last);
		break;
	default:
		snprintf(text, sizeof(text), "%s ", p->first);
	}
	if (form == OWN_MISSPELT)
		say_misspelt(n, p->last);
	else
		say(n, text);
	if (form == CASES)
		name_end = say_inflected(n, p->language, p->last);
	else if (form == MISSPELT)
		say_misspelt(n, p->last);
	else if (form == FULL)
		say(n, p->last);
	n->mentions[n->nmentions].start = start;
	n->mentions[n->nmentions].form = form;
	n->mentions[n->nmentions++].end = name_end > 0 ? name_end : n->n;
	*end = n->n;
}

static void
say_prose(struct note *n, enum language l)
{
	for (uint64_t i = 2 + draw() % 8; i > 0; i--) {
		say(n, PICK(prose[l], draw()));
		say(n, " ");
	}
	if (draw() % 3 == 0) {
		say(n, PICK(traps, draw()));
		say(n, " ");
	}
}

/* A name of nobody: alone, one letter from a patient's surname. */
static void
say_other(struct note *n, const struct patient *p)
{
	if (strlen(p->last) < 9)
		return;
	say(n, p->last);
	n->text[n->n - 3] = n->text[n->n - 3] == 'q' ? 'w' : 'q';
	say(n, " ");
}

static void
make_note(struct note *n, const struct patient *patients, size_t count,
    const struct patient *own, bool known)
{
	size_t end;

	n->n = n->nmentions = 0;
	say(n, "Note: ");
	for (size_t i = 1 + draw() % 3; i > 0; i--) {
		const struct patient *p =
		    draw() % 4 == 0 ? &patients[draw() % count] : own;
		enum form form = (enum form)(
		    draw() % (known && p == own ? FORMS : OWN_GIVEN));

		say_prose(n, p->language);
		if ((form == ALONE || form == LOWER || form == INITIAL ||
			form == OWN_MISSPELT || form == MISSPELT) &&
		    is_everyday(p))
			form = TURNED;
		if ((unsigned char)p->first[0] >= 0x80 && form == INITIAL)
			form = FULL;
		say_form(n, p, form, &end);
		say(n, " ");
		if (draw() % 5 == 0) {
			say_prose(n, p->language);
			say_other(n, &patients[draw() % count]);
		}
		say_prose(n, p->language);
	}
}

#endif
