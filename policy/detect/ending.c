/*
 * Names as languages inflect them: a stem, which both have, an ending of the
 * name as it is in a table, and one of it as it is in a sentence.  Folded; a
 * Turkish suffix behind an apostrophe is a word of its own and not here.
 */

#include <string.h>

#include "policy/detect/dictionary_internal.h"

#define STEM_MIN 3u

/* "from to to ...": from, or '-' for nothing, becomes each to. */
static const char *const endings[] = {
	/* English, German, Dutch, Scandinavian */
	"- s es e n en in innen sche schen scher",
	/* Polish, Czech, Slovak, Slovene, Croatian */
	"- a u owi ovi em om e ie iem y i ou ow ov ami ach am",
	"a y i ie e o u ou ej iej om ami",
	"i iego iemu im ich ej imi eho emu",
	"y ego emu ym ych ej eho eho ymi",
	"o a owi ovi em ou i u",
	"e a em ovi ho mu m ete eho emu",
	"ek ka kowi kovi kiem kem ku kom kov",
	"ec ca cowi covi cem cu",
	"el la lem lowi lovi le lu",
	"er ra rem rowi rovi ru",
	"r rze re",
	"t cie te",
	"d dzie de",
	"n niem nie",
	"ka ce",
	"ra rze",
	"ga dze ze",
	"ha se ze",
	"ta cie te",
	"da dzie de",
	"sia si sie sio",
	/* Lithuanian, Latvian */
	"as o ui a u e ai am",
	"is io iui i iu y im a",
	"ys io iui i iu y",
	"us aus ui u umi au um",
	"a os ai oje as",
	"e es ei eje",
	"s a am u m",
	/* Finnish, Estonian */
	"- n lle lla lta sta ssa ta ksi le st ga",
	"nen sen selle sella selta sesta sta",
	/* Hungarian */
	"- nak nek val vel t at et ot nal nel hoz hez rol ban ben ra re tol "
	"ert",
	/* Turkish */
	"- nin nun in un ye ya yi yu de da te ta den dan ten tan le yle yla "
	"ler "
	"lar",
	/* Romanian */
	"- ului lui ul",
	"a ei",
	/* Greek */
	"οσ ου ο ε",
	"ησ η",
	"ασ α",
	"α ασ",
	"η ησ",
	"ισ ι",
	/* Russian, Ukrainian, Bulgarian, Serbian */
	"- а у ом е ы и ов ым ой ем ови",
	"а ы и е у ой ою і ом",
	"й я ю ем е",
	"я и е ю ей і",
	"ь я ю ем е",
	"ий ого ому им ем",
	"ая ой ую",
};
#define ROWS (sizeof(endings) / sizeof(endings[0]))

/* The word at *at, blanks between; *at moves behind it.  0: none left. */
static size_t
next_word(const char **at, const char **word)
{
	size_t n;

	*at += strspn(*at, " ");
	n = strcspn(*at, " ");
	*word = *at;
	*at += n;
	return n;
}

/* The ending that a row is about, and its other ones. */
static const char *
row_of(size_t i, const char **from, size_t *nfrom)
{
	const char *at = endings[i];

	*nfrom = next_word(&at, from);
	if (**from == '-')
		*nfrom = 0;
	return at;
}

static bool
ends(const char *key, size_t n, const char *end, size_t len)
{
	return n >= len + STEM_MIN && memcmp(key + n - len, end, len) == 0;
}

static void
add(const struct dictionary *d, const char *name, size_t n, uint32_t *out,
    size_t *found)
{
	uint32_t which = dict_find(d, name, n);

	if (which == DICT_NONE || (d->keys[which].kinds & D_NAME) == 0)
		return;
	for (size_t i = 0; i < *found; i++)
		if (out[i] == which)
			return;
	out[(*found)++] = which;
}

size_t
ending_find(const struct dictionary *d, const char *key, size_t n,
    uint32_t *out, size_t max)
{
	size_t found = 0, nfrom, nto;

	for (size_t i = 0; i < ROWS; i++) {
		const char *from, *to, *at = row_of(i, &from, &nfrom);

		while (found < max && (nto = next_word(&at, &to)) > 0) {
			char name[DICT_KEY_MAX + 8];

			if (!ends(key, n, to, nto))
				continue;
			memcpy(name, key, n - nto);
			memcpy(name + n - nto, from, nfrom);
			add(d, name, n - nto + nfrom, out, &found);
		}
	}
	return found;
}

bool
ending_is(const char *key, size_t n, const char *name, size_t len)
{
	size_t nfrom, nto, same = 0;

	while (same < n && same < len && key[same] == name[same])
		same++;
	if (same < STEM_MIN)
		return false;
	for (size_t i = 0; i < ROWS; i++) {
		const char *from, *to, *at = row_of(i, &from, &nfrom);

		if (!ends(name, len, from, nfrom) || len - nfrom > same)
			continue;
		while ((nto = next_word(&at, &to)) > 0)
			if (ends(key, n, to, nto) && n - nto == len - nfrom)
				return true;
	}
	return false;
}
