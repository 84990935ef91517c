/*
 * Forms: a label, a colon, and what it is the label of.
 *
 *     Apellidos: De Miguel Rivera.     Patient name: Jane Roe
 *     NHC: 2569870                     Médico: Estefanía Romero  NºCol: 28 28
 * 20943
 *
 * What the label says is believed, as far as the value can be such a thing.
 */

#include <string.h>

#include "policy/detect/word_internal.h"

#define LABEL_WORDS_MAX 5u
#define LABEL_CHARS_MAX 64u
#define VALUE_TOKENS_MAX 24u
#define ID_TOKENS_MAX 9u /* the groups of four of an IBAN */

/* Labels by their folded words, one blank apart. */
static const struct {
	enum word_rule rule;
	const char *labels; /* '|' between and around */
} kinds[] = {
	{ R_PERSON,
	    "|nombre|nombres|apellido|apellidos|nombre y apellidos|paciente|"
	    "medico|medica|doctor|remitido por|responsable|"
	    "responsable clinico|autor|autores|firmado|titular|"
	    "name|full name|first name|last name|middle name|surname|"
	    "given name|family name|maiden name|patient|patient name|client|"
	    "client name|customer|customer name|attending|physician|provider|"
	    "doctor name|referring physician|cardholder|account holder|"
	    "contact|contact name|emergency contact|next of kin|employee|"
	    "employee name|mother|father|spouse|"
	    "vorname|nachname|familienname|geburtsname|patientin|arzt|"
	    "hausarzt|nom|nom de famille|prenom|prenoms|medecin|cognome|nome|"
	    "nome e cognome|paziente|naam|voornaam|achternaam|imie|nazwisko|"
	    "imie i nazwisko|pacjent|ad|soyad|adi soyadi|fornavn|etternavn|"
	    "fornamn|efternamn|" },
	{ R_ADDRESS,
	    "|domicilio|direccion|calle|residencia|address|street|"
	    "street address|home address|billing address|shipping address|"
	    "mailing address|adresse|anschrift|strasse|wohnanschrift|"
	    "indirizzo|endereco|morada|adres|rue|adresse postale|" },
	{ R_LOCATION,
	    "|localidad|localidad provincia|provincia|ciudad|poblacion|"
	    "municipio|pais|lugar de nacimiento|natural de|procedencia|cp|"
	    "codigo postal|c p|city|town|state|country|county|place of birth|"
	    "birthplace|zip|zip code|postcode|post code|postal code|"
	    "nationality|nacionalidad|geburtsort|ort|wohnort|stadt|land|plz|"
	    "ville|pays|code postal|lieu de naissance|citta|paese|provincia|"
	    "luogo di nascita|cap|cidade|pais|woonplaats|postcode|miasto|" },
	{ R_ID,
	    "|nhc|nass|nss|dni|nif|cipa|cip|historia|no historia|n historia|"
	    "numero de historia|numero de historia clinica|historia clinica|"
	    "ncol|n col|no col|num col|numero de colegiado|colegiado|"
	    "n colegiado|no colegiado|nocol|no de colegiado|episodio|"
	    "n episodio|no episodio|expediente|id|mrn|medical record number|"
	    "medical record no|record number|patient id|patient number|"
	    "member id|case number|case no|account number|policy number|"
	    "license number|licence number|employee id|hospital number|"
	    "nhs number|patientennummer|patienten id|versicherungsnummer|"
	    "fallnummer|aktenzeichen|numero de dossier|dossier|"
	    "numero de securite sociale|codice fiscale|tessera sanitaria|"
	    "driver license|drivers license|" },
	{ R_GENDER,
	    "|sexo|genero|sex|gender|geschlecht|sexe|genre|sesso|plec|" },
	{ R_AGE, "|edad|age|alter|eta|idade|wiek|leeftijd|" },
	{ R_ORGANIZATION,
	    "|hospital|centro|centro de salud|clinica|empresa|institucion|"
	    "company|employer|organization|organisation|facility|clinic|"
	    "institution|firma|arbeitgeber|krankenhaus|etablissement|"
	    "employeur|azienda|" },
};

int
fields_labels(struct words *out, struct fault *f)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const char *at = kinds[i].labels + 1, *end;

		for (; (end = strchr(at, '|')) != NULL; at = end + 1) {
			uint32_t *v = words_put(out, at, (size_t)(end - at), f);

			if (v == NULL)
				return -1;
			*v = kinds[i].rule;
		}
	}
	return 0;
}

/* The label that ends at token i (a colon is behind it): the longest of at most
 * LABEL_WORDS_MAX tokens that is one; how many, 0 for none. */
static size_t
label_before(
    const struct word_scan *w, const uint8_t *p, size_t i, enum word_rule *rule)
{
	char text[LABEL_CHARS_MAX + 2];
	size_t at = sizeof(text), got = 0;
	const uint32_t *v;

	for (size_t n = 1; n <= LABEL_WORDS_MAX && n <= i + 1; n++) {
		const struct token *t = &w->t[i + 1 - n];
		char folded[LABEL_CHARS_MAX];
		size_t k =
		    letters_fold(folded, sizeof(folded), p + t->start, t->len);
		bool inside = i + 1 > n && t->shape == S_LOWER &&
			      w->t[i - n].shape == S_LOWER &&
			      (t->gap & ~(uint16_t)G_BLANK) == 0;

		if (at < k + 2)
			break;
		at -= k;
		memcpy(text + at, folded, k);
		v = inside && !w->lower
			? NULL
			: words_find(w->labels, text + at, sizeof(text) - at);
		if (v != NULL) {
			*rule = (enum word_rule) * v;
			got = n;
		}
		if ((t->gap &
			(G_LINE | G_LINES | G_STOP | G_COLON | G_START)) != 0)
			break;
		text[--at] = ' ';
	}
	return got;
}

/* Is token k in the next label?  One that is known, or one word. */
static bool
is_label(const struct word_scan *w, const uint8_t *p, size_t k)
{
	enum word_rule rule;

	for (size_t i = k + 1; i < w->n && i <= k + LABEL_WORDS_MAX; i++) {
		if ((w->t[i].gap & G_COLON) != 0)
			return w->t[k].shape != S_NUMBER &&
			       (i == k + 1 ||
				   i - label_before(w, p, i - 1, &rule) <= k);
		if ((w->t[i].gap & (G_STOP | G_LINE | G_COMMA)) != 0)
			return false;
	}
	return false;
}

/* ---- Values ---- */

static bool
ends_line(const struct token *t)
{
	return (t->gap & (G_LINE | G_LINES | G_COLON)) != 0;
}

static size_t
name_value(const struct word_scan *w, const uint8_t *p, size_t i)
{
	size_t end = i;

	for (size_t k = i; k < w->n && k - i < 9; k++) {
		const struct token *t = &w->t[k];

		if (k > i &&
		    (ends_line(t) || (t->gap & (G_OTHER | G_SLASH)) != 0))
			break;
		if (k > i && (t->gap & G_STOP) != 0 &&
		    w->t[k - 1].letters > 1 &&
		    (w->t[k - 1].means & W_TITLE) == 0)
			break;
		if (k > i && (t->gap & G_COMMA) != 0 &&
		    (t->means & (W_GIVEN | W_SURNAME)) == 0)
			break;
		if ((t->means & (W_ORG | W_UNIT)) != 0 ||
		    (k > i && (t->means & W_STREET) != 0 && t->letters > 1) ||
		    (t->letters == 1 && k + 1 < w->n &&
			(w->t[k + 1].gap & G_SLASH) != 0) ||
		    (k > i + 1 && token_ends(p, t, "logia")))
			break;
		if (t->shape == S_NUMBER || t->shape == S_MIXED ||
		    (k > i && is_label(w, p, k)))
			break;
		if (t->shape == S_LOWER && (t->means & W_PARTICLE) != 0)
			continue;
		if (t->shape == S_LOWER &&
		    !(w->lower && (t->means & W_COMMON) == 0))
			break;
		end = k + 1;
	}
	return end;
}

/* A full stop inside of a number: 1.234.567 */
static bool
is_grouped(const struct token *t)
{
	return t->gap == G_STOP && t->shape == S_NUMBER &&
	       t[-1].shape == S_NUMBER;
}

/* Groups of digits and a few letters, by blanks, '-', '/' and '.'. */
static size_t
id_value(const struct word_scan *w, size_t i)
{
	size_t end = i;

	for (size_t k = i; k < w->n && k - i < ID_TOKENS_MAX; k++) {
		const struct token *t = &w->t[k];

		if (k > i && (ends_line(t) || (t->gap & G_COMMA) != 0 ||
				 ((t->gap & G_STOP) != 0 && !is_grouped(t))))
			break;
		if (k == i && t->letters <= 4 && k + 1 < w->n &&
		    (w->t[k + 1].gap & (G_HYPHEN | G_SLASH)) != 0 &&
		    w->t[k + 1].shape == S_NUMBER)
			continue; /* nhc-150679 */
		if (t->shape != S_NUMBER && t->shape != S_MIXED &&
		    !(t->shape == S_CAPITALS && t->letters < 4) &&
		    !(t->shape == S_CAPITAL && t->letters == 1))
			break;
		if (t->shape == S_NUMBER || t->shape == S_MIXED)
			end = k + 1;
	}
	return end;
}

static size_t
place_value(const struct word_scan *w, const uint8_t *p, size_t i)
{
	size_t end = i;

	for (size_t k = i; k < w->n && k - i < 8; k++) {
		const struct token *t = &w->t[k];

		if (k > i && (ends_line(t) || (t->gap & G_STOP) != 0 ||
				 is_label(w, p, k)))
			break;
		if (t->shape == S_LOWER && (t->means & W_PARTICLE) == 0 &&
		    !w->lower)
			break;
		if (t->shape != S_LOWER || w->lower)
			end = k + 1;
	}
	return end;
}

/* To the end of the line, or the next label. */
static size_t
line_value(const struct word_scan *w, const uint8_t *p, size_t i, size_t most)
{
	size_t k = i;

	while (k < w->n && k - i < most &&
	       (k == i || (!ends_line(&w->t[k]) && !is_label(w, p, k) &&
			      !((w->t[k].gap & G_STOP) != 0 &&
				  w->t[k - 1].letters > 4 &&
				  w->t[k].shape == S_CAPITAL))))
		k++;
	return k;
}

static size_t
value_end(
    const struct word_scan *w, const uint8_t *p, size_t i, enum word_rule rule)
{
	switch (rule) {
	case R_PERSON:
		return name_value(w, p, i);
	case R_ID:
		return id_value(w, i);
	case R_LOCATION:
		return place_value(w, p, i);
	case R_GENDER:
		return w->t[i].shape == S_NUMBER ? i : i + 1;
	case R_AGE:
		if (w->t[i].shape != S_NUMBER || w->t[i].len > 3)
			return i;
		return i + 1 < w->n && w->t[i + 1].shape == S_LOWER &&
			       (w->t[i + 1].gap & ~(uint16_t)G_BLANK) == 0
			   ? i + 2
			   : i + 1;
	case R_ORGANIZATION:
		return line_value(w, p, i, 10);
	case R_ADDRESS:
		return line_value(w, p, i, VALUE_TOKENS_MAX);
	case WORD_RULES:
	default:
		return i;
	}
}

/* "zip code is 35649": what is said like a form. */
static bool
is_said(
    const struct word_scan *w, const uint8_t *p, size_t i, enum word_rule *rule)
{
	const struct token *t = w->t + i;

	if (i < 2 || (t[-1].means & W_SAY) == 0 ||
	    (t->gap & ~(uint16_t)G_BLANK) != 0 ||
	    (t[-1].gap & ~(uint16_t)G_BLANK) != 0 || t->shape == S_LOWER ||
	    t->shape == S_CAPITAL)
		return false;
	return label_before(w, p, i - 2, rule) > 0 && *rule != R_PERSON &&
	       *rule != R_ADDRESS;
}

static bool
is_labelled(
    const struct word_scan *w, const uint8_t *p, size_t i, enum word_rule *rule)
{
	if (i == 0 || (w->t[i].gap & G_COLON) == 0)
		return is_said(w, p, i, rule);
	if ((w->t[i].gap & G_LINES) != 0 || w->t[i - 1].shape == S_NUMBER ||
	    label_before(w, p, i - 1, rule) == 0)
		return false;
	return (w->t[i].gap & G_LINE) == 0 || *rule == R_ADDRESS;
}

bool
find_field(
    const struct word_scan *w, const uint8_t *p, size_t i, struct find *out)
{
	enum word_rule rule = WORD_RULES;
	struct find address;
	size_t from = i, to;

	if (!is_labelled(w, p, i, &rule))
		return false;
	if (rule == R_PERSON)
		while (from + 1 < w->n && from - i < 3 &&
		       (w->t[from].means & W_TITLE) != 0 &&
		       (w->t[from].means & (W_GIVEN | W_SURNAME)) == 0)
			from++;
	if (rule == R_PERSON && (w->t[from].means & W_ROLE) != 0)
		return false;
	to = value_end(w, p, from, rule);
	if (rule == R_ADDRESS && find_address(w, p, from, &address) &&
	    address.from == from && address.to > to)
		to = address.to;
	if (to <= from)
		return false;
	*out = (struct find){ .from = from,
		.to = to,
		.rule = rule,
		.score = 80,
		.list = "labels of forms" };
	return true;
}
