/*
 * Names as languages inflect them: a stem, which both have, an ending of the
 * name as it is in a table, and one of it as it is in a sentence.  Folded; a
 * Turkish suffix behind an apostrophe is a word of its own and not here.
 */

#include <pthread.h>
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
	"- nak nek val vel t at et ot nal nel hoz hez rol ban ben ra re",
	"- tol ert",
	/* Turkish */
	"- nin nun in un ye ya yi yu de da te ta den dan ten tan le yle yla",
	"- ler lar",
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

/* One of them read: from becomes to. */
#define ENDINGS_ALL_MAX 512u
static struct ending {
	const char *from, *to;
	uint8_t nfrom, nto;
} all[ENDINGS_ALL_MAX];

/* Of each last byte of to, where its endings are in all. */
static uint16_t by_last[257];
static pthread_once_t once = PTHREAD_ONCE_INIT;

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

/* The endings whose to ends in a byte, behind the n there are. */
static size_t
read_last(uint8_t last, size_t n)
{
	for (size_t i = 0; i < ROWS; i++) {
		const char *at = endings[i], *from, *to;
		size_t nfrom = next_word(&at, &from), nto;

		if (*from == '-')
			nfrom = 0;
		while ((nto = next_word(&at, &to)) > 0) {
			if ((uint8_t)to[nto - 1] != last)
				continue;
			must(n < ENDINGS_ALL_MAX);
			all[n++] = (struct ending){ from, to, (uint8_t)nfrom,
				(uint8_t)nto };
		}
	}
	return n;
}

static void
read_all(void)
{
	size_t n = 0;

	for (unsigned last = 0; last < 256; last++) {
		by_last[last] = (uint16_t)n;
		n = read_last((uint8_t)last, n);
	}
	by_last[256] = (uint16_t)n;
}

/* The endings that key[0..n) may have: all[return] up to all[*end]. */
static size_t
endings_of(const char *key, size_t n, size_t *end)
{
	unsigned last = n == 0 ? 0 : (uint8_t)key[n - 1];

	must(pthread_once(&once, read_all) == 0);
	*end = by_last[last + 1];
	return by_last[last];
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
	size_t found = 0, end;

	for (size_t i = endings_of(key, n, &end); i < end && found < max; i++) {
		const struct ending *e = &all[i];
		char name[DICT_KEY_MAX + 8];
		size_t stem = n - e->nto;

		if (!ends(key, n, e->to, e->nto))
			continue;
		memcpy(name, key, stem);
		memcpy(name + stem, e->from, e->nfrom);
		add(d, name, stem + e->nfrom, out, &found);
	}
	return found;
}

bool
ending_is(const char *key, size_t n, const char *name, size_t len)
{
	size_t same = 0, end;

	while (same < n && same < len && key[same] == name[same])
		same++;
	if (same < STEM_MIN)
		return false;
	for (size_t i = endings_of(key, n, &end); i < end; i++) {
		const struct ending *e = &all[i];

		if (n - same <= e->nto && ends(key, n, e->to, e->nto) &&
		    ends(name, len, e->from, e->nfrom) &&
		    n - e->nto == len - e->nfrom)
			return true;
	}
	return false;
}
