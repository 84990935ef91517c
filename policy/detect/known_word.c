/*
 * Which words of the dictionary, or of the record, a token may be.  Most tokens
 * of a text were there before, so that what a token is, is remembered by its
 * bytes; only the record's own words are compared anew.
 */

#include "policy/detect/known_internal.h"

#include <string.h>

#include "keys/base/mem.h"

/* Everyday words in languages that write all nouns with a capital, and words
 * of notes and files everywhere, that are names as well.  Written as keys
 * are; what the lexicon has is not here. */
static const char ordinary[] =
    " abend abt anfang arm arzt auge augen bad bahn band bank baum bauch bein "
    "berg bild blut boden brief bruch bruder brust buch bund busch daumen "
    "decke dorn druck ernst essen fall fass feld ferse fest fett fieber "
    "finger fisch fleck frage frau freitag freund fried fritz frost fuchs fuss "
    "gang gast geist geld gold graf grau gross gut haar haas hahn hals halt "
    "hammer hand hart haupt haus haut heim herbst herr herz hirsch hoch hof "
    "holz horn hund husten jung kaiser kalb kalt kamm karte kasten kern kind "
    "kinn klar klein knie knochen koch kohl konig kopf korb korn kraft krank "
    "kranz kraus kreuz kruger krug kuhn kunst kur kurz lamm land lang lange "
    "laub leben leber licht lieb link linse loch lunge luft mai mann markt "
    "marz maus meister mensch messer metzger milch milz mittag mond monat "
    "montag morgen mund mutter nagel nase neu niere nuss ober ohr ort papst "
    "pfeiffer pfeil plan probe puls rad rand rat rauch recht reich reif ring "
    "ritter rohr rose rot rucken ruhe salz sand schaf schatz schild schlaf "
    "schlag schloss schmerz schnee schritt schulter schwarz schwester seite "
    "sommer sonne sonntag spiegel stark stein stern stich stirn stock stolz "
    "strauss stuhl sturm tag tage teil termin tisch tod ton traum trost ufer "
    "uhr unfall vater vogel volk wache wald wand wasser weber wechsel weg "
    "weiss winkel winter wirt woche wolf wolke wort wunde zahn zange zeh zeit "
    "zelle ziel zimmer zoll zorn zucker zug zunge befund therapie anamnese "
    "diagnose entlassung aufnahme kontrolle klinik station patient patientin "
    "labor rontgen note notes report visit copy file scan image data ";

#define ORDINARY_MAX 10u /* bytes of the longest */

static bool
is_ordinary(const char *word, size_t n)
{
	char with[DICT_KEY_MAX + 2];

	if (n > ORDINARY_MAX)
		return false;
	with[0] = with[n + 1] = ' ';
	memcpy(with + 1, word, n);
	return memmem(ordinary, sizeof(ordinary) - 1, with, n + 2) != NULL;
}

bool
known_common(const struct token *t, const struct candidates *word)
{
	return (t->means & ~(uint32_t)(W_GIVEN | W_SURNAME)) != 0 ||
	       word->ordinary;
}

static void
add(struct candidates *k, uint32_t id, enum how how)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->id[i] == id)
			return;
	if (k->n == KNOWN_KEYS)
		return;
	k->id[k->n] = id;
	k->how[k->n++] = (uint8_t)how;
}

static void
look_up(const struct dictionary *d, const uint8_t *raw, const struct token *t,
    struct candidates *k)
{
	char key[DICT_KEY_MAX];
	uint32_t id, ids[KNOWN_KEYS];
	size_t n;

	k->n = 0;
	k->tried = false;
	k->nkey = (uint8_t)dict_word_key(k->key, raw, t->len, DICTIONARY_NAME);
	k->nplain = (uint8_t)letters_fold(k->plain, DICT_KEY_MAX, raw, t->len);
	if (k->nplain == k->nkey)
		k->nplain = 0;
	k->ordinary = is_ordinary(k->key, k->nkey);
	if ((id = dict_find(d, k->key, k->nkey)) != DICT_NONE &&
	    (d->keys[id].kinds & D_WORD) != 0)
		add(k, id, EXACT);
	n = dict_word_key(key, raw, t->len, DICTIONARY_PLACE);
	if ((n != k->nkey || memcmp(key, k->key, n) != 0) &&
	    (id = dict_find(d, key, n)) != DICT_NONE &&
	    (d->keys[id].kinds & D_PLACE) != 0)
		add(k, id, EXACT);
	if (t->shape != S_CAPITAL && t->shape != S_CAPITALS)
		return;
	n = ending_find(d, k->key, k->nkey, ids, KNOWN_KEYS - k->n);
	for (size_t i = 0; i < n; i++)
		add(k, ids[i], INFLECTED);
}

/* The words that one in capitals may be if it is misspelt. */
static void
look_near(
    const struct dictionary *d, const struct token *t, struct candidates *k)
{
	uint32_t ids[KNOWN_KEYS];
	size_t n;

	k->tried = true;
	if (k->n > 0 || (t->shape != S_CAPITAL && t->shape != S_CAPITALS))
		return;
	n = dict_near(d, k->key, k->nkey, ids, KNOWN_KEYS);
	if (n == 0 && k->nplain > 0)
		n = dict_near(d, k->plain, k->nplain, ids, KNOWN_KEYS);
	for (size_t i = 0; i < n; i++)
		add(k, ids[i], NEAR);
}

void
known_word(struct detect_scan *s, const struct token *t, bool near,
    struct candidates *out)
{
	const uint8_t *raw = s->text + t->start;
	struct known_memo *m;
	bool misspelt;

	if (t->len > DICT_KEY_MAX) {
		look_up(s->d->dictionary, raw, t, out);
		if (near)
			look_near(s->d->dictionary, t, out);
		return;
	}
	m = &s->known->memo[dict_hash(0, (const char *)raw, t->len) &
			    (KNOWN_MEMO - 1)];
	if (m->nraw != t->len || memcmp(m->raw, raw, t->len) != 0) {
		look_up(s->d->dictionary, raw, t, &m->known);
		memcpy(m->raw, raw, t->len);
		m->nraw = (uint8_t)t->len;
	}
	if (near && !m->known.tried)
		look_near(s->d->dictionary, t, &m->known);
	/* Those of a misspelling are for who asks for them. */
	misspelt = m->known.n > 0 && m->known.how[0] == NEAR;
	out->n = misspelt && !near ? 0 : m->known.n;
	memcpy(out->id, m->known.id, m->known.n * sizeof(out->id[0]));
	memcpy(out->how, m->known.how, m->known.n);
	out->ordinary = m->known.ordinary;
	out->nkey = m->known.nkey;
	memcpy(out->key, m->known.key, m->known.nkey);
	out->nplain = m->known.nplain;
	memcpy(out->plain, m->known.plain, m->known.nplain);
}

void
known_meet(struct detect_scan *s, struct met *m, size_t at)
{
	struct token t = { .start = at, .len = m->len, .shape = m->shape };
	struct candidates word;

	known_word(s, &t, false, &word);
	m->is |= MET_SOUGHT | (word.n > 0 ? MET_KNOWN : 0);
}

const struct own_key *
known_own(const struct known_scan *k, const struct candidates *word,
    bool capital, enum how *how)
{
	const struct own_key *best = NULL;
	size_t least = capital ? OWN_NEAR_LETTERS : OWN_SMALL_LETTERS;

	*how = NEAR;
	for (size_t i = 0; i < k->nown; i++) {
		const struct own_key *o = &k->own[i];

		if ((o->kind & D_WORD) == 0)
			continue;
		if (o->n == word->nkey &&
		    memcmp(o->key, word->key, o->n) == 0) {
			*how = EXACT;
			return o;
		}
		if (*how == NEAR && o->key[0] == word->key[0] &&
		    o->kind == D_NAME &&
		    ending_is(word->key, word->nkey, o->key, o->n)) {
			*how = INFLECTED;
			best = o;
		}
		if (best == NULL && o->letters >= least &&
		    (dict_is_near(word->key, word->nkey, o->key, o->n) ||
			dict_is_near(word->plain, word->nplain, o->key, o->n)))
			best = o;
	}
	return best;
}
