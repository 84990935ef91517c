/*
 * CSV.  A second reader, byte by byte and in memory, must see the same records
 * and the same text in them; with all kept the bytes are the source's; in
 * parts it is the same as in one; and what a mask wrote reads back as as many
 * records of the columns that were left, whatever was in the values.
 *
 * The first four bytes choose delimiter, header, actions and part size.
 */

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/mask/mask.h"
#include "keys/base/mem.h"
#include "keys/base/secret.h"
#include "keys/base/text.h"
#include "policy/rules/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* -- The other reader ---------------------------------------------------- */

/* FNV-1a over one column's texts, and how many there are. */
struct seen {
	uint64_t records, digest;
	size_t columns;
	bool refused;
};

static void
hash(uint64_t *h, uint8_t c)
{
	*h = (*h ^ c) * 0x100000001b3u;
}

/* Read one field at i into h if it is wanted; the index of what ends it. */
static size_t
read_field(const uint8_t *p, size_t i, size_t len, char d, char newline,
    uint64_t *h, bool *refused)
{
	size_t from = i;
	bool blank = true;

	if (i < len && p[i] == '"') {
		for (i++; i < len; i++) {
			if (p[i] == '"' && (i + 1 == len || p[i + 1] != '"'))
				break;
			*refused |= p[i] == 0;
			i += p[i] == '"';
			hash(h, p[i]);
		}
		if (i == len) {
			*refused = true;
			return len;
		}
		i++;
		if (i < len && p[i] != (uint8_t)d && p[i] != '\n' &&
		    p[i] != '\r')
			*refused = true;
	}
	for (; i < len && p[i] != (uint8_t)d && p[i] != '\n' && p[i] != '\r';
	     i++) {
		*refused |= p[i] == 0 || (p[i] == '"' && blank && i > from);
		blank &= p[i] == ' ';
		hash(h, p[i]);
	}
	if (i < len && newline == '\n' && p[i] == '\r' &&
	    (i + 1 == len || p[i + 1] != '\n'))
		*refused = true;
	if (i < len && newline == '\r' && p[i] == '\n')
		*refused = true;
	return i;
}

/* The line end of the first record decides for all. */
static char
find_newline(const uint8_t *p, size_t len, char d)
{
	bool refused = false;
	uint64_t h;
	size_t i = 0;

	while (i < len) {
		i = read_field(p, i, len, d, 0, &h, &refused);
		if (i < len && p[i] != (uint8_t)d)
			break;
		i++;
	}
	if (i < len && p[i] == '\r' && (i + 1 == len || p[i + 1] != '\n'))
		return '\r';
	return '\n';
}

static struct seen
read_all(const uint8_t *p, size_t len, char d, bool header, size_t column)
{
	struct seen s = { .digest = 0xcbf29ce484222325u };
	size_t i = len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	char newline = find_newline(p + i, len - i, d);

	s.refused = !utf8_valid(p, len) || i == len;
	for (bool first = true; i < len && !s.refused; first = false) {
		size_t n = 0, from = i;
		bool more = true;

		for (; more && !s.refused; n++) {
			uint64_t other, h = s.digest;

			i = read_field(p, i, len, d, newline, &h, &s.refused);
			other = s.digest;
			s.digest =
			    n == column && !(first && header) ? h : other;
			more = i < len && p[i] == (uint8_t)d;
			i += more;
		}
		if (!first && n == 1 && i == from && s.columns > 1)
			n = s.columns + 1; /* an empty line */
		else if (!(first && header))
			s.records++;
		if (first)
			s.columns = n;
		if (n == s.columns && column < n && !(first && header))
			hash(&s.digest, '\n');
		if (n != s.columns && n != s.columns + 1)
			s.refused = true;
		if (n == s.columns + 1 && i != from)
			s.refused = true;
		if (i < len && p[i] == '\r' && newline == '\n')
			i++;
		i += i < len;
	}
	return s;
}

/* -- Ours ---------------------------------------------------------------- */

static struct fault f;

static int
collect(void *arg, const void *p, size_t len, struct fault *fault)
{
	return bytes_add(arg, p, len, fault);
}

static bool
make_plan(struct file_plan *plan, const struct mask_source *src, char d,
    bool header, unsigned actions)
{
	struct mask_reading as = { TYPE_CSV, header, d, NULL, false, 0 };
	struct shape s;
	bool made = true;

	*plan = (struct file_plan){ .policy = mem_text("p", 1),
		.type = TYPE_CSV,
		.header = header,
		.delimiter = d,
		.item = PLAN_NO_FIELD,
		.subject = PLAN_NO_FIELD };
	shape_init(&s, TYPE_CSV);
	f = (struct fault){ 0 };
	if (mask_shape(src, &as, &s, &f) != 0) {
		must(f.kind == FAULT_INPUT);
		made = false;
	}
	plan->fields = mem_array(s.nfields, sizeof(*plan->fields));
	for (size_t i = 0; made && i < s.nfields; i++) {
		struct plan_field *to = &plan->fields[plan->nfields++];

		to->name = mem_text(s.fields[i].name, strlen(s.fields[i].name));
		to->how.action = TRANSFORM_KEEP;
		if (i < 8 && (actions >> i & 1) != 0) {
			to->how.action =
			    i % 2 ? TRANSFORM_DROP : TRANSFORM_TRUNCATE;
			to->how.first = 1;
		}
	}
	shape_free(&s);
	return made;
}

/* What a masked table reads as, without its first column. */
static struct seen
read_subject(const struct mask_source *src, size_t column)
{
	struct seen s = { .digest = 0xcbf29ce484222325u };
	struct file_plan plan = *src->plan;
	struct mask_source again = *src;
	struct mask_rows *m;
	struct mask_row row;
	bool end = false;

	again.plan = &plan;
	plan.subject = column;
	must(mask_rows_open(&m, &again, NULL, NULL, &f) == 0);
	while (!end) {
		must(mask_rows_next(m, &row, NULL, &end, &f) == 0);
		for (size_t i = 0; !end && i < row.subject.len; i++)
			hash(&s.digest, row.subject.at[i]);
		if (!end)
			hash(&s.digest, '\n');
		s.records += !end;
	}
	mask_rows_close(m);
	return s;
}

static int
mask_all(const struct mask_source *src, struct bytes *out,
    struct mask_change *change)
{
	struct mask_sink sink = { collect, out };

	f = (struct fault){ 0 };
	mask_change_init(change, true);
	bytes_reset(out);
	return mask_file(src, sink, change, &f);
}

static void
check_parts(const struct mask_source *src, const struct bytes *whole,
    uint64_t target, uint64_t records)
{
	struct mask_cuts cuts;
	struct bytes out;

	bytes_init(&out, 1 << 24);
	must(mask_rows_cut(src, target, &cuts, &f) == 0);
	must(cuts.records == records);
	for (size_t i = 0; i < cuts.nparts || i == 0; i++) {
		struct mask_rows *m;
		struct mask_row row;
		bool end = false;

		must(mask_rows_open(&m, src,
			 i < cuts.nparts ? &cuts.parts[i] : NULL, NULL,
			 &f) == 0);
		if (i == 0)
			must(mask_rows_header(m, &out, &f) == 0);
		while (!end)
			must(mask_rows_next(m, &row, &out, &end, &f) == 0);
		mask_rows_close(m);
	}
	must(out.len == whole->len);
	must(out.len == 0 || memcmp(out.at, whole->at, out.len) == 0);
	mask_cuts_free(&cuts);
	bytes_free(&out);
}

/* All kept: the source without what the record says was cut. */
static void
check_kept(const uint8_t *p, size_t len, const struct bytes *out,
    const struct mask_change *c)
{
	size_t at = 0, sent = 0;

	must(c->put == 0 && c->complete);
	for (size_t i = 0; i <= c->nedits; i++) {
		size_t to = i < c->nedits ? c->edits[i].at : len;

		must(memcmp(out->at + sent, p + at, to - at) == 0);
		sent += to - at;
		at = to + (i < c->nedits ? c->edits[i].cut : 0);
	}
	must(sent == out->len && at == len);
}

/* What was written is a table of the columns left, record for record. */
static void
check_again(const struct bytes *out, const struct file_plan *plan, char d,
    uint64_t records, const struct mask_keys *keys)
{
	struct mask_source src = { .path = "again", .keys = keys };
	struct mask_change change;
	struct file_plan left;
	struct bytes again;
	size_t columns = 0;

	for (size_t i = 0; i < plan->nfields; i++)
		columns += plan->fields[i].how.action != TRANSFORM_DROP;
	if (columns == 0 || out->len == 0)
		return;
	src.fd = memfd_create("again", MFD_CLOEXEC);
	src.size = out->len;
	must(write(src.fd, out->at, out->len) == (ssize_t)out->len);
	must(make_plan(&left, &src, d, plan->header, 0));
	src.plan = &left;
	must(left.nfields == columns);
	bytes_init(&again, 1 << 24);
	must(mask_all(&src, &again, &change) == 0);
	must(change.records == records);
	mask_change_free(&change);
	bytes_free(&again);
	file_plan_free(&left);
	(void)close(src.fd);
}

static void
check(const struct mask_source *src, const uint8_t *p, size_t len,
    const uint8_t *how)
{
	char d = ",;\t|"[how[0] & 3];
	bool header = (how[0] & 4) != 0, good;
	struct file_plan plan;
	struct mask_source with = *src;
	struct mask_change change;
	struct bytes out;
	struct seen want;

	bytes_init(&out, 1 << 24);
	with.plan = &plan;
	good = make_plan(&plan, src, d, header, 0);
	want = read_all(p, len, d, header, how[1] % 4);
	if (good && mask_all(&with, &out, &change) == 0) {
		must(!want.refused);
		must(change.records == want.records);
		must(plan.nfields == want.columns);
		check_kept(p, len, &out, &change);
		if (how[1] % 4 < plan.nfields)
			must(read_subject(&with, how[1] % 4).digest ==
			     want.digest);
		check_parts(&with, &out, how[3] + 1u, change.records);
		mask_change_free(&change);
		file_plan_free(&plan);
		must(make_plan(&plan, src, d, header, how[2]));
		if (mask_all(&with, &out, &change) == 0)
			check_again(&out, &plan, d, change.records, src->keys);
		mask_change_free(&change);
	} else {
		must(f.kind == FAULT_INPUT);
		/* a column of that name, and a file of another format, are
		 * the only other reasons */
		must(want.refused || strstr(f.text, "_item") != NULL ||
		     foreign_by_bytes(p, len) != NULL);
		if (good)
			mask_change_free(&change);
	}
	file_plan_free(&plan);
	bytes_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static const struct mask_keys keys;
	struct mask_source src = { .path = "in.csv", .keys = &keys };
	static bool started;

	if (!started)
		must(secret_start(&f) == 0);
	started = true;
	if (len < 4)
		return 0;
	src.fd = memfd_create("fuzz", MFD_CLOEXEC);
	src.size = len - 4;
	must(write(src.fd, p + 4, len - 4) == (ssize_t)(len - 4));
	check(&src, p + 4, len - 4, p);
	(void)close(src.fd);
	return 0;
}
