/*
 * Where CSV fields and records end; see csv_internal.h.
 *
 * Sixty-four bytes at a time: one bit mask for each character that matters,
 * quoted stretches by the parity of quotes (a prefix xor), and what is left is
 * picked out bit by bit.  The idea is Langdale and Lemire's ("Parsing
 * Gigabytes of JSON per Second", 2019, section 3.1).
 *
 * Parity is only right where every quote opens, closes or is doubled.  The
 * masks show a quote that does none of these; its block is then read by the
 * byte-wise automaton, which knows what such a quote is, and hands its state
 * back.  Both have the same five states, so they can take turns at any block.
 */

#include "gateway/mask/csv_internal.h"

#include <string.h>

#include "gateway/mask/csv_block_internal.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

int
csv_scan_open(struct csv_scan *s, char delimiter, char newline, struct fault *f)
{
	*s = (struct csv_scan){
		.delimiter = delimiter, .newline = newline, .batch = CSV_BATCH
	};
	s->marks = mem_array(CSV_MARKS + BLOCK, sizeof(*s->marks));
	s->ends = mem_array(CSV_MARKS + BLOCK, sizeof(*s->ends));
	csv_scan_reset(s, 0);
	if (s->marks == NULL || s->ends == NULL)
		return fault_memory(f);
	return 0;
}

void
csv_scan_close(struct csv_scan *s)
{
	mem_free(s->marks);
	mem_free(s->ends);
	*s = (struct csv_scan){ 0 };
}

void
csv_scan_reset(struct csv_scan *s, size_t at)
{
	s->state = CSV_START;
	s->at = s->record = s->field = at;
	s->text = SIZE_MAX;
	s->partial = 0;
	s->nmarks = s->nends = 0;
	s->bad = NULL;
}

/* Is it time to use what was found? */
static inline bool
has_enough(const struct csv_scan *s)
{
	return s->nmarks >= s->batch &&
	       (s->nends > 0 || s->nmarks >= CSV_MARKS);
}

static void
mark(struct csv_scan *s, size_t i, bool end)
{
	if (end || !s->count)
		s->marks[s->nmarks++] = (uint32_t)i;
	if (end) {
		s->ends[s->nends++] = (uint32_t)s->nmarks;
		s->record = i + 1;
	}
	s->field = i + 1;
	s->state = CSV_START;
}

/* A quote inside a field that did not begin with one. */
static const char *
plain_quote(struct csv_scan *s, const uint8_t *p, size_t i)
{
	size_t k = s->field;

	if (s->text == s->field)
		return NULL;
	while (k < i && p[k] == ' ')
		k++;
	if (k == i)
		return "spaces before a quote";
	s->text = s->field;
	return NULL;
}

/* One byte outside quotes. */
static const char *
step_plain(struct csv_scan *s, const uint8_t *p, size_t i)
{
	uint8_t c = p[i];

	if (c == (uint8_t)s->delimiter || c == (uint8_t)s->newline) {
		mark(s, i, c == (uint8_t)s->newline);
		return NULL;
	}
	if (c == '\r') {
		s->state = CSV_CR;
		return NULL;
	}
	if (c == '\n')
		return "a bare line feed where lines end in CR";
	if (s->state == CSV_QUOTE)
		return "text behind a closing quote";
	if (c == '"' && s->state == CSV_START) {
		s->state = CSV_QUOTED;
		return NULL;
	}
	s->state = CSV_PLAIN;
	return c == '"' ? plain_quote(s, p, i) : NULL;
}

/* The automaton, byte by byte, over p[s->at, end). */
static void
scan_bytes(struct csv_scan *s, const uint8_t *p, size_t end)
{
	for (; s->at < end && s->bad == NULL; s->at++) {
		uint8_t c = p[s->at];

		if (c == 0)
			s->bad = "a NUL byte (is it UTF-16?)";
		else if (s->state == CSV_CR && c != '\n')
			s->bad = "a bare carriage return";
		else if (s->state == CSV_QUOTED) {
			if (c == '"')
				s->state = CSV_QUOTE;
		} else if (s->state == CSV_QUOTE && c == '"')
			s->state = CSV_QUOTED;
		else
			s->bad = step_plain(s, p, s->at);
		if (s->bad != NULL)
			return;
	}
}

static uint64_t
prefix_xor(uint64_t bits)
{
	bits ^= bits << 1;
	bits ^= bits << 2;
	bits ^= bits << 4;
	bits ^= bits << 8;
	bits ^= bits << 16;
	return bits ^ bits << 32;
}

/* Bits picked out as marks; ends among them. */
static void
pick(struct csv_scan *s, uint64_t bits, uint64_t ends)
{
	uint32_t *to = s->marks + s->nmarks, *end = s->ends + s->nends;

	if (bits == 0)
		return;
	s->field = s->at + BLOCK - (size_t)__builtin_clzll(bits);
	if (ends != 0)
		s->record = s->at + BLOCK - (size_t)__builtin_clzll(ends);
	if (s->count)
		bits = ends;
	for (; bits != 0; bits &= bits - 1) {
		*to++ = (uint32_t)(s->at + (size_t)__builtin_ctzll(bits));
		*end = (uint32_t)(to - s->marks);
		end += (ends & bits & -bits) != 0;
	}
	s->nmarks = (size_t)(to - s->marks);
	s->nends = (size_t)(end - s->ends);
}

/*
 * How much of p[s->at, end) is UTF-8, as an index: end, or the first byte that
 * is not.  Of a character that is not all there, *partial bytes stand before
 * end, to be looked at again with what follows.
 */
static size_t
text_to(const struct csv_scan *s, const uint8_t *p, size_t end, size_t *partial)
{
	size_t i = s->at - s->partial, used;

	*partial = 0;
	if (utf8_valid(p + i, end - i))
		return end;
	for (; i < end; i += used) {
		if (utf8_next(p + i, end - i, &used) >= 0)
			continue;
		if (utf8_partial(p + i, end - i) == end - i) {
			*partial = end - i;
			break;
		}
		return i < s->at ? s->at : i;
	}
	return end;
}

/* The same for a whole block by masks; false, with nothing done, where a
 * character is not what its mask takes it for. */
static bool
scan_block(struct csv_scan *s, const uint8_t *p)
{
	const struct masks m = look(p + s->at, s->delimiter, s->newline);
	uint64_t inside, open, shut, cr, ends, marks, start, behind, bad;
	size_t partial = 0;

	if ((m.high || s->partial > 0) &&
	    text_to(s, p, s->at + BLOCK, &partial) != s->at + BLOCK)
		return false;
	inside = m.quote == 0 ? 0 : prefix_xor(m.quote);
	if (s->state == CSV_QUOTED)
		inside = ~inside;
	open = m.quote & inside;
	shut = m.quote & ~inside;
	cr = m.other & ~inside;
	ends = m.newline & ~inside;
	marks = ends | (m.delimiter & ~inside);
	start = marks << 1 | (s->state == CSV_START);
	behind = shut << 1 | (s->state == CSV_QUOTE);
	bad = (open & ~(start | behind)) | (behind & ~(marks | cr | open));
	if (s->newline == '\n')
		bad |= (cr << 1 | (s->state == CSV_CR)) & ~ends;
	else
		bad |= cr;
	if (bad != 0 || m.nul)
		return false;
	pick(s, marks, ends);
	s->state = inside >> 63 != 0  ? CSV_QUOTED
		   : shut >> 63 != 0  ? CSV_QUOTE
		   : marks >> 63 != 0 ? CSV_START
		   : cr >> 63 != 0    ? CSV_CR
				      : CSV_PLAIN;
	s->partial = partial;
	s->at += BLOCK;
	return true;
}

/* Blocks in which nothing but delimiters and newlines matters, as many as there
 * are in a row and are wanted. */
static void
scan_plain(struct csv_scan *s, const uint8_t *p, size_t len)
{
	uint64_t delimiters, newlines;

	while (len - s->at >= BLOCK && !has_enough(s) &&
	       look_plain(p + s->at, s->delimiter, s->newline, &delimiters,
		   &newlines)) {
		uint64_t marks = delimiters | newlines;

		pick(s, marks, newlines);
		s->state = marks >> 63 != 0 ? CSV_START : CSV_PLAIN;
		s->at += BLOCK;
	}
}

/* The source ends at len: so does its last record. */
static void
finish(struct csv_scan *s, size_t len)
{
	if (s->partial > 0)
		s->bad = "not UTF-8 text";
	else if (s->state == CSV_QUOTED)
		s->bad = "a quote that is never closed";
	else if (s->state == CSV_CR)
		s->bad = "a bare carriage return";
	else if (s->record < len) {
		mark(s, len, true);
		s->record = len;
	}
}

void
csv_scan(struct csv_scan *s, const uint8_t *p, size_t len, bool final)
{
	while (s->bad == NULL && s->at < len && !has_enough(s)) {
		size_t left, end, text, partial;

		if (s->state <= CSV_PLAIN && s->partial == 0)
			scan_plain(s, p, len);
		if (has_enough(s) || s->at == len)
			break;
		left = len - s->at;
		if (left >= BLOCK && scan_block(s, p))
			continue;
		if (left < BLOCK && !final)
			return;
		end = s->at + (left < BLOCK ? left : BLOCK);
		text = text_to(s, p, end, &partial);
		scan_bytes(s, p, text);
		s->partial = partial;
		if (s->bad == NULL && text < end)
			s->bad = "not UTF-8 text";
	}
	if (final && s->bad == NULL && s->at == len)
		finish(s, len);
}

void
csv_scan_drop(struct csv_scan *s, size_t nmarks, size_t nends, size_t gone)
{
	s->nmarks -= nmarks;
	for (size_t i = 0; i < s->nmarks; i++)
		s->marks[i] = s->marks[nmarks + i] - (uint32_t)gone;
	s->nends -= nends;
	for (size_t i = 0; i < s->nends; i++)
		s->ends[i] = s->ends[nends + i] - (uint32_t)nmarks;
	s->at -= gone;
	s->record = s->record > gone ? s->record - gone : 0;
	s->field = s->field > gone ? s->field - gone : 0;
	s->text = SIZE_MAX;
}

int
csv_value(const uint8_t *p, size_t len, struct bytes *scratch,
    struct slice *out, struct fault *f)
{
	const uint8_t *end, *quote;
	uint8_t *to;

	if (len < 2 || p[0] != '"') {
		*out = (struct slice){ p, len };
		return 0;
	}
	p++;
	len -= 2;
	end = p + len;
	if ((quote = memchr(p, '"', len)) == NULL) {
		*out = (struct slice){ p, len };
		return 0;
	}
	bytes_reset(scratch);
	if (bytes_reserve(scratch, len, f) != 0)
		return -1;
	to = scratch->at;
	while (quote != NULL) {
		size_t n = (size_t)(quote - p) + 1;

		memcpy(to, p, n);
		to += n;
		p += n + 1;
		quote = memchr(p, '"', (size_t)(end - p));
	}
	memcpy(to, p, (size_t)(end - p));
	to += end - p;
	scratch->len = (size_t)(to - scratch->at);
	*out = (struct slice){ scratch->at, scratch->len };
	return 0;
}

/* Would a reader take these bytes for anything but this one value? */
static bool
needs_quotes(const uint8_t *p, size_t len, char delimiter)
{
	if (len == 0)
		return false;
	if (p[0] == ' ' || p[len - 1] == ' ')
		return true;
	for (size_t i = 0; i < len; i++)
		if (p[i] == '"' || p[i] == '\n' || p[i] == '\r' ||
		    p[i] == (uint8_t)delimiter)
			return true;
	return false;
}

int
csv_write(struct bytes *out, const void *p, size_t len, bool quoted,
    char delimiter, struct fault *f)
{
	const uint8_t *from = p;
	uint8_t *to;
	size_t room;

	if (!quoted && !needs_quotes(from, len, delimiter))
		return bytes_add(out, p, len, f);
	if (!size_mul(len, 2, &room) || !size_add(room, 2, &room) ||
	    bytes_reserve(out, room, f) != 0)
		return fault_set(f, FAULT_INPUT, "a value too long");
	to = out->at + out->len;
	*to++ = '"';
	for (size_t i = 0; i < len; i++) {
		*to++ = from[i];
		if (from[i] == '"')
			*to++ = '"';
	}
	*to++ = '"';
	out->len = (size_t)(to - out->at);
	return 0;
}
