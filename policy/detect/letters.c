/* Characters: where words begin and end, and one spelling for many. */

#include <string.h>

#include "keys/base/text.h"
#include "policy/detect/detect_internal.h"

enum joint { NOT, JOINED, ALONE };

/* U+0080 and over.  What is no letter is listed; the rest is. */
static enum joint
joint_of(int32_t c)
{
	if (c < 0)
		return NOT;
	if (c < 0xc0)
		return c == 0xaa || c == 0xb5 || c == 0xba ? JOINED : NOT;
	if (c == 0xd7 || c == 0xf7)
		return NOT;
	if (c < 0x0e00)
		return JOINED;
	if (c < 0x0f00) /* Thai, Lao */
		return ALONE;
	if (c >= 0x1100 && c < 0x1200) /* Hangul */
		return ALONE;
	if (c < 0x2000)
		return JOINED;
	if (c < 0x2c00) /* punctuation, arrows, signs, boxes */
		return c >= 0x2070 && c < 0x20a0 ? JOINED : NOT;
	if (c < 0x2e80)
		return c >= 0x2e00 ? NOT : JOINED;
	if (c < 0x3040)
		return NOT;
	if (c >= 0xff00 && c < 0xff10)
		return NOT;
	if (c >= 0xfff0 && c <= 0xffff)
		return NOT;
	if (c >= 0x1f000 && c < 0x20000)
		return NOT;
	return c < 0xd7ff || (c >= 0xf900 && c < 0xfb00) || c >= 0x20000
		   ? ALONE
		   : JOINED;
}

const bool letters_ascii[256] = {
#define D(c) [c] = true
	D('0'), D('1'), D('2'), D('3'), D('4'), D('5'), D('6'), D('7'), D('8'),
	D('9'), D('A'), D('B'), D('C'), D('D'), D('E'), D('F'), D('G'), D('H'),
	D('I'), D('J'), D('K'), D('L'), D('M'), D('N'), D('O'), D('P'), D('Q'),
	D('R'), D('S'), D('T'), D('U'), D('V'), D('W'), D('X'), D('Y'), D('Z'),
	D('a'), D('b'), D('c'), D('d'), D('e'), D('f'), D('g'), D('h'), D('i'),
	D('j'), D('k'), D('l'), D('m'), D('n'), D('o'), D('p'), D('q'), D('r'),
	D('s'), D('t'), D('u'), D('v'), D('w'), D('x'), D('y'), D('z')
#undef D
};

static enum joint
joint_at(const uint8_t *p, size_t at, size_t len)
{
	size_t used;

	if (p[at] < 0x80)
		return letters_ascii[p[at]] ? JOINED : NOT;
	return joint_of(utf8_next(p + at, len - at, &used));
}

static enum joint
joint_before(const uint8_t *p, size_t at)
{
	size_t used, from = at - 1;
	enum joint got;

	if (p[from] < 0x80)
		return letters_ascii[p[from]] ? JOINED : NOT;
	for (size_t i = 0; i < 3 && from > 0 && (p[from] & 0xc0) == 0x80; i++)
		from--;
	if (p[from] < 0x80)
		return NOT;
	got = joint_of(utf8_next(p + from, at - from, &used));
	return from + used == at ? got : NOT; /* a stray byte behind it */
}

bool
letters_cut(const uint8_t *p, size_t at, size_t len)
{
	if (at == 0 || at >= len)
		return true;
	if (p[at] < 0x80 && !letters_ascii[p[at]])
		return true;
	return joint_before(p, at) != JOINED || joint_at(p, at, len) != JOINED;
}

bool
letters_beyond(const uint8_t *p, size_t at, size_t len)
{
	return joint_at(p, at, len) != NOT;
}

size_t
letters_run(const uint8_t *p, size_t n, size_t len)
{
	for (size_t used; n < len; n += used) {
		used = 1;
		if (p[n] < 0x80
			? !letters_ascii[p[n]]
			: joint_of(utf8_next(p + n, len - n, &used)) == NOT)
			break;
	}
	return n;
}

bool
letters_joined(const uint8_t *p, size_t len)
{
	for (size_t i = 0, used; i < len; i += used) {
		used = 1;
		if (p[i] >= 0x80 &&
		    joint_of(utf8_next(p + i, len - i, &used)) != JOINED)
			return false;
	}
	return true;
}

/* U+00C0 to U+017F, and U+1E00 to U+1EFF, without their accents; '.' where it
 * is no letter, or two. */
static const char latin[] =
    "aaaaaa.ceeeeiiiidnooooo.ouuuuy..aaaaaa.ceeeeiiiidnooooo.ouuuuy.y"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkkkllllllll"
    "llnnnnnnnnnoooooo..rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static const char latin_more[] =
    "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm"
    "mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv"
    "wwwwwwwwwwxxxxyyzzzzzzhtwy....s.aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
    "eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy......";

/* U+0380 to U+03CF. */
static const uint8_t greek[] = { 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0xb1, 0x87,
	0xb5, 0xb7, 0xb9, 0x8b, 0xbf, 0x8d, 0xc5, 0xc9, 0xb9, 0xb1, 0xb2, 0xb3,
	0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xbb, 0xbc, 0xbd, 0xbe, 0xbf,
	0xc0, 0xc1, 0xa2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xb9, 0xc5,
	0xb1, 0xb5, 0xb7, 0xb9, 0xc5, 0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7,
	0xb8, 0xb9, 0xba, 0xbb, 0xbc, 0xbd, 0xbe, 0xbf, 0xc0, 0xc1, 0xc3, 0xc3,
	0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xb9, 0xc5, 0xbf, 0xc5, 0xc9,
	0xcf };

static const struct {
	uint16_t c;
	char to[3];
} two[] = { { 0xc6, "ae" }, { 0xe6, "ae" }, { 0xde, "th" }, { 0xfe, "th" },
	{ 0xdf, "ss" }, { 0x132, "ij" }, { 0x133, "ij" }, { 0x152, "oe" },
	{ 0x153, "oe" } };

/* Capitals, each step of first to last, and how much higher the small letter
 * is: Unicode, CaseFolding.txt, of Latin, Greek, Cyrillic and Armenian. */
static const struct {
	uint16_t first, last;
	int16_t up;
	uint8_t step;
} cases[] = { { 'A', 'Z', 32, 1 }, { 0xc0, 0xd6, 32, 1 }, { 0xd8, 0xde, 32, 1 },
	{ 0x100, 0x12e, 1, 2 }, { 0x132, 0x136, 1, 2 }, { 0x139, 0x147, 1, 2 },
	{ 0x14a, 0x176, 1, 2 }, { 0x178, 0x178, 0xff - 0x178, 1 },
	{ 0x179, 0x17d, 1, 2 }, { 0x18f, 0x18f, 0x259 - 0x18f, 1 },
	{ 0x1cd, 0x1db, 1, 2 }, { 0x1de, 0x1ee, 1, 2 }, { 0x1f8, 0x21e, 1, 2 },
	{ 0x222, 0x232, 1, 2 }, { 0x386, 0x386, 38, 1 },
	{ 0x388, 0x38a, 37, 1 }, { 0x38c, 0x38c, 64, 1 },
	{ 0x38e, 0x38f, 63, 1 }, { 0x391, 0x3a1, 32, 1 },
	{ 0x3a3, 0x3ab, 32, 1 }, { 0x400, 0x40f, 80, 1 },
	{ 0x410, 0x42f, 32, 1 }, { 0x460, 0x480, 1, 2 }, { 0x48a, 0x4be, 1, 2 },
	{ 0x4c1, 0x4cd, 1, 2 }, { 0x4d0, 0x52e, 1, 2 }, { 0x531, 0x556, 48, 1 },
	{ 0x1e00, 0x1e94, 1, 2 }, { 0x1e9e, 0x1e9e, 0xdf - 0x1e9e, 1 },
	{ 0x1ea0, 0x1efe, 1, 2 } };

uint32_t
letters_other(uint32_t c)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int32_t up = cases[i].up, small = (int32_t)c - up;

		if (c >= cases[i].first && c <= cases[i].last &&
		    (c - cases[i].first) % cases[i].step == 0)
			return (uint32_t)((int32_t)c + up);
		if (small >= cases[i].first && small <= cases[i].last &&
		    (small - cases[i].first) % cases[i].step == 0)
			return (uint32_t)small;
	}
	return c;
}

/* One character folded, into out[4]; 0 for a mark that only goes along. */
static size_t
bare_one(char out[4], int32_t c, const uint8_t *p, size_t used)
{
	char to = '.';

	for (size_t i = 0; i < sizeof(two) / sizeof(two[0]); i++)
		if (two[i].c == c) {
			memcpy(out, two[i].to, 2);
			return 2;
		}
	if (c >= 0x300 && c < 0x370)
		return 0;
	if (c == 0xba || c == 0xaa) { /* no, na */
		out[0] = c == 0xba ? 'o' : 'a';
		return 1;
	}
	if (c >= 0xc0 && c < 0x180)
		to = latin[c - 0xc0];
	else if (c >= 0x1e00 && c < 0x1f00)
		to = latin_more[c - 0x1e00];
	if (to != '.') {
		out[0] = to;
		return 1;
	}
	if (c >= 0x380 && c < 0x3d0)
		c = 0x300 + greek[c - 0x380];
	else if (c >= 0x410 && c < 0x430)
		c += 0x20;
	else if (c >= 0x400 && c < 0x410)
		c += 0x50;
	else {
		memcpy(out, p, used);
		return used;
	}
	out[0] = (char)(0xc0 | c >> 6);
	out[1] = (char)(0x80 | (c & 0x3f));
	return 2;
}

size_t
letters_fold(char *out, size_t room, const void *text, size_t len)
{
	const uint8_t *p = text;
	size_t n = 0;

	for (size_t i = 0; i < len;) {
		char one[4];
		size_t used = 1, k;
		int32_t c;

		if (p[i] < 0x80) {
			if (n == room)
				break;
			out[n++] =
			    (char)(p[i] |
				   (p[i] >= 'A' && p[i] <= 'Z' ? 0x20 : 0));
			i++;
			continue;
		}
		c = utf8_next(p + i, len - i, &used);
		k = bare_one(one, c, p + i, used);
		if (n + k > room)
			break;
		memcpy(out + n, one, k);
		n += k;
		i += used;
	}
	return n;
}

size_t
detect_characters(const void *text, size_t len)
{
	const uint8_t *p = text;
	size_t n = 0;

	for (size_t i = 0; i < len;) {
		size_t used = 1;
		uint64_t eight;

		if (i + 8 <= len) {
			memcpy(&eight, p + i, 8);
			if ((eight & 0x8080808080808080u) == 0) {
				i += 8;
				n += 8;
				continue;
			}
		}
		if (p[i] >= 0x80 && utf8_next(p + i, len - i, &used) < 0)
			used = 1;
		i += used;
		n++;
	}
	return n;
}
