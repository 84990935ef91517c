/*
 * Whole streams, from descriptor to descriptor: what stands before the chunks
 * is read or written here, the chunks themselves go through pump.c.
 */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/age/age_internal.h"
#include "keys/base/files.h"

/* What is read ahead to find the header and tell armor from binary. */
#define HEAD_BYTES 65536u
#define PIPE_BYTES (1 << 20)

/* Larger pipes mean fewer switches between us and our neighbours; where the
 * system allows none, the ones there are serve. */
static void
widen(int fd)
{
	(void)fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES);
}

/* A file can be read at several places at once; *at is where it stands. */
static bool
is_file(int fd, uint64_t *at)
{
	struct stat st;
	off_t here;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (here = lseek(fd, 0, SEEK_CUR)) < 0)
		return false;
	(void)posix_fadvise(fd, here, 0, POSIX_FADV_SEQUENTIAL);
	*at = (uint64_t)here;
	return true;
}

/* Header and nonce, armored or not. */
static int
put_head(struct age_pump *p, struct age_armoring *armor,
    const struct bytes *head, struct fault *f)
{
	struct bytes text;
	int rc;

	if (armor == NULL)
		return file_write(p->out, head->at, head->len, f);
	bytes_init(&text, 2 * AGE_HEADER_MAX);
	rc = age_armor_add(armor, &text, head->at, head->len, f);
	if (rc == 0)
		rc = file_write(p->out, text.at, text.len, f);
	bytes_free(&text);
	return rc;
}

static int
put_tail(struct age_pump *p, struct age_armoring *armor, struct fault *f)
{
	struct bytes text;
	int rc;

	bytes_init(&text, 256);
	rc = age_armor_end(armor, &text, f);
	if (rc == 0)
		rc = file_write(p->out, text.at, text.len, f);
	bytes_free(&text);
	return rc;
}

int
age_seal_fd(struct age_pump *p, const struct age_recipient *to, size_t n,
    struct fault *f)
{
	uint8_t nonce[AGE_NONCE_BYTES];
	struct secret file_key = { 0 };
	struct age_armoring armor = { 0 };
	struct age_work w = { .way = AGE_SEAL,
		.file_key = &file_key,
		.nonce = nonce,
		.pump = p,
		.source = { age_fd_pull, &p->in },
		.armor = p->armor ? &armor : NULL };
	struct bytes head;
	int rc = -1;

	p->plain_bytes = 0;
	bytes_init(&head, AGE_HEADER_MAX + AGE_NONCE_BYTES);
	random_fill(nonce, sizeof(nonce));
	widen(p->in);
	widen(p->out);
	w.parallel = is_file(p->in, &w.start);
	if (age_header_new(&head, &file_key, to, n, f) != 0 ||
	    bytes_add(&head, nonce, sizeof(nonce), f) != 0 ||
	    put_head(p, w.armor, &head, f) != 0 || age_work_run(&w, f) != 0)
		goto out;
	rc = p->armor ? put_tail(p, &armor, f) : 0;
out:
	secret_free(&file_key);
	bytes_free(&head);
	return rc;
}

/* An age file being opened: its header, and the source of the rest. */
struct opening {
	struct age_pump *pump;
	struct bytes head;	/* read ahead; for armor what it holds */
	struct bytes raw;	/* armor as read ahead */
	bool whole;		/* nothing comes behind head */
	struct fault broken;	/* because of this, if it is set */
	struct age_source from; /* behind head */
	struct age_unarmor unarmor;
	struct age_chained armored;
	struct age_header header;
};

/*
 * More into head: as much again as there is.  Broken armor is no failure yet:
 * what came before it is looked at first, so that a forged header is told as
 * such, and unarmor says the same again when it is asked for more.
 */
static int
read_ahead(struct opening *o, struct fault *f)
{
	struct bytes *head = &o->head;
	size_t want = head->len > 0 ? head->len : HEAD_BYTES, got;

	want = want < head->cap - head->len ? want : head->cap - head->len;
	if (bytes_reserve(head, want, f) != 0)
		return -1;
	o->whole = o->from.pull(o->from.context, head->at + head->len, want,
		       &got, &o->broken) != 0 ||
		   got < want;
	head->len += got;
	return 0;
}

/* Nothing follows, and something is missing. */
static int
cut_short(const struct opening *o, const char *what, struct fault *f)
{
	if (o->broken.kind == FAULT_NONE)
		return fault_set(f, FAULT_FORGED, "%s: cut short", what);
	*f = o->broken;
	return -1;
}

/* The first bytes tell armor from binary. */
static int
look(struct opening *o, struct fault *f)
{
	o->from = (struct age_source){ age_fd_pull, &o->pump->in };
	if (read_ahead(o, f) != 0)
		return -1;
	o->pump->armor = age_is_armor(o->head.at, o->head.len);
	if (o->pump->armor && o->broken.kind == FAULT_NONE) {
		o->raw = o->head;
		bytes_init(&o->head, o->raw.cap);
		o->armored =
		    (struct age_chained){ { o->raw.at, o->raw.len }, o->from };
		o->unarmor.from =
		    (struct age_source){ age_chained_pull, &o->armored };
		o->from = (struct age_source){ age_unarmor_pull, &o->unarmor };
		if (read_ahead(o, f) != 0)
			return -1;
	}
	if (o->head.len > 0)
		return 0;
	if (o->broken.kind != FAULT_NONE)
		return cut_short(o, "header", f);
	return fault_set(f, FAULT_INPUT, "header: nothing there");
}

/* Read on until the header and the nonce are there. */
static int
read_header(struct opening *o, struct fault *f)
{
	enum age_scan scan;

	if (look(o, f) != 0)
		return -1;
	while ((scan = age_header_scan(&o->header, o->head.at, o->head.len,
		    f)) == AGE_SCAN_SHORT) {
		if (o->whole)
			return cut_short(o, "header", f);
		if (read_ahead(o, f) != 0)
			return -1;
	}
	return scan == AGE_SCAN_WHOLE ? 0 : -1;
}

/* What is behind the header: its nonce, and where the chunks come from. */
static int
open_payload(struct opening *o, const struct secret *file_key, struct fault *f)
{
	struct slice left = { o->head.at + o->header.len,
		o->head.len - o->header.len };
	struct age_chained rest = { left, o->from };
	uint8_t nonce[AGE_NONCE_BYTES];
	struct age_work w = { .way = AGE_OPEN,
		.file_key = file_key,
		.nonce = nonce,
		.pump = o->pump,
		.source = { age_chained_pull, &rest },
		.cut = o->pump->armor ? &o->unarmor.cut : NULL };
	uint64_t here;
	size_t got;

	if (age_chained_pull(&rest, nonce, sizeof(nonce), &got, &o->broken) !=
		0 ||
	    got < sizeof(nonce))
		return cut_short(o, "payload", f);
	w.parallel = !o->pump->armor && is_file(o->pump->in, &here);
	if (w.parallel)
		w.start = here - rest.first.len;
	return age_work_run(&w, f);
}

static int
open_fd(struct age_pump *p, const struct age_identity *ids, size_t n,
    const struct secret *given, struct fault *f)
{
	struct opening o = { .pump = p };
	struct secret unwrapped = { 0 };
	int rc = -1;

	p->plain_bytes = 0;
	bytes_init(&o.head, AGE_HEADER_MAX + HEAD_BYTES);
	bytes_init(&o.raw, 0);
	widen(p->in);
	widen(p->out);
	if (read_header(&o, f) != 0)
		goto out;
	if (given != NULL)
		rc = age_header_check(&o.header, given, f);
	else
		rc = age_header_open(&o.header, ids, n, &unwrapped, f);
	if (rc == 0)
		rc = open_payload(&o, given != NULL ? given : &unwrapped, f);
out:
	secret_free(&unwrapped);
	age_header_free(&o.header);
	bytes_free(&o.head);
	bytes_free(&o.raw);
	return rc;
}

int
age_open_fd(struct age_pump *p, const struct age_identity *ids, size_t n,
    struct fault *f)
{
	return open_fd(p, ids, n, NULL, f);
}

int
age_open_fd_with_key(
    struct age_pump *p, const struct secret *file_key, struct fault *f)
{
	return open_fd(p, NULL, 0, file_key, f);
}

/* The rest of the stream, counted. */
static int
count_rest(struct opening *o, uint64_t *bytes, struct fault *f)
{
	uint8_t some[16384];
	size_t got;

	*bytes = o->head.len - o->header.len;
	do {
		if (o->from.pull(
			o->from.context, some, sizeof(some), &got, f) != 0)
			return -1;
		*bytes += got;
	} while (got > 0);
	return 0;
}

int
age_inspect_fd(int in, struct age_summary *out, struct fault *f)
{
	struct age_pump p = { .in = in, .out = -1 };
	struct opening o = { .pump = &p };
	uint64_t rest;
	int rc;

	*out = (struct age_summary){ 0 };
	bytes_init(&o.head, AGE_HEADER_MAX + HEAD_BYTES);
	bytes_init(&o.raw, 0);
	if ((rc = read_header(&o, f)) == 0 &&
	    (rc = count_rest(&o, &rest, f)) == 0) {
		*out = (struct age_summary){ p.armor, o.header, rest };
		o.header = (struct age_header){ 0 }; /* the caller's now */
	}
	age_header_free(&o.header);
	bytes_free(&o.head);
	bytes_free(&o.raw);
	return rc;
}

void
age_summary_free(struct age_summary *s)
{
	if (s == NULL)
		return;
	age_header_free(&s->header);
	*s = (struct age_summary){ 0 };
}
