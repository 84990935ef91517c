#ifndef GATEWAY_PACKAGE_PACKAGE_INTERNAL_H
#define GATEWAY_PACKAGE_PACKAGE_INTERNAL_H

#include "gateway/package/package.h"

/* ---- record.c: lines of index and join ------------------------------------
 */

/* Edits that a file's line in the join lists; of more only the count is
 * told.  Pictures have a dozen, a text of 40 pages some hundred. */
#define RECORD_EDITS_MAX 1536u

/* Append text as a JSON string (RFC 8785, 3.2.2.2).  FAULT_INPUT when it is
 * not UTF-8. */
NEED int record_text(
    struct bytes *b, const void *text, size_t len, struct fault *f);

/* Append a member's or a row's line to an index.  Read back it is the same
 * entry: record_read_entry(), FAULT_INPUT for anything else. */
NEED int record_entry(
    struct bytes *b, const struct package_entry *e, struct fault *f);
NEED int record_read_entry(
    struct package_entry *e, const char *line, size_t len, struct fault *f);

/* Append the join's line of a file, which is of the item of that original id;
 * of a part. */
NEED int record_file(struct bytes *b, const struct package_entry *e,
    const struct slice *original, const struct mask_source *src,
    const struct mask_change *c, struct fault *f);
NEED int record_part(struct bytes *b, const struct package_entry *e,
    const struct mask_source *src, const struct mask_part *part,
    struct fault *f);

/*
 * The lines of a row, of which there are millions: written where they are to
 * stand, from to on, by who has room for RECORD_ROW_MAX bytes there.
 */
#define RECORD_ESCAPED 6u
#define RECORD_ROW_MAX \
	(RECORD_ESCAPED * PACKAGE_ORIGINAL_MAX + 2 * TOKEN_CHARS + 256u)

/* In the index.  Returns where it ends. */
char *record_row_entry(char *to, const char item[TOKEN_CHARS]);

/* In the join: *to is moved behind it.  FAULT_INPUT for a value that has a NUL
 * or is not UTF-8. */
struct record_row {
	const char *item;   /* TOKEN_CHARS of them */
	const char *group;  /* likewise, or "" */
	struct slice value; /* its original id without PATH#: at most
			     * PACKAGE_ORIGINAL_MAX bytes */
	bool numbered;	    /* that is the record's number */
};
NEED int record_row(char **to, const struct record_row *r, struct fault *f);

/* ---- plain.c: an age payload, opened as it is read -------------------------
 */

/* Plaintext at hand: chunks whose tags were verified. */
struct plain {
	struct package_payload from;
	struct age_stream *stream;
	uint64_t chunk, chunks; /* next to open, and how many there are */
	uint64_t left;		/* sealed bytes not yet read */
	uint8_t *sealed;
	uint8_t *buf;
	size_t at, len; /* buf[at, len) is at hand */
};

/* FAULT_FORGED for a size that no payload has.  Ends with plain_close(), also
 * after a failure. */
NEED int plain_open(
    struct plain *p, const struct package_payload *from, struct fault *f);
void plain_close(struct plain *p);

/* The largest run that plain_take() hands out. */
#define PLAIN_TAKE_MAX (4 * AGE_CHUNK_BYTES)

/* Have want bytes at p->buf + p->at, or as many as there are to the end. */
NEED int plain_fill(struct plain *p, size_t want, struct fault *f);

/* Exactly len bytes, in place until the next call.  FAULT_FORGED where the
 * payload ends. */
NEED int plain_take(
    struct plain *p, size_t len, const uint8_t **out, struct fault *f);

/* What is at hand, at least one byte and at most max; likewise. */
NEED int plain_some(struct plain *p, uint64_t max, const uint8_t **out,
    size_t *len, struct fault *f);

/* The next line without its newline, which every line must have; *end: there
 * was none left.  FAULT_INPUT past max bytes. */
NEED int plain_line(struct plain *p, size_t max, const char **line, size_t *len,
    bool *end, struct fault *f);

/* ---- seal.c ----------------------------------------------------------------
 */

/* Bytes that may be written behind what is held, and then be added with
 * seal_wrote(): content that is put together here is not copied once more. */
#define SEAL_ROOM (32u << 10)
_Static_assert(RECORD_ROW_MAX <= SEAL_ROOM, "a row's line fits");
uint8_t *seal_room(struct package_seal *s);
NEED int seal_wrote(struct package_seal *s, size_t len, struct fault *f);

/* What is added from here on is digested by part too, until the next call: with
 * NULL, or with another.  At the call all of it is in the digest. */
void seal_digest(struct package_seal *s, struct digest *part);

/* ---- shard.c, rows.c ------------------------------------------------------
 */

/* ---- persons.c ------------------------------------------------------------
 */

/* Keyed hashes of subjects, each once. */
struct persons {
	uint8_t (*at)[TOKEN_MAC_BYTES]; /* room of them; all zeros: free */
	size_t n, room;
	uint8_t last[TOKEN_MAC_BYTES];
	struct bytes subject; /* of last */
};

/* Persons of one shard: their list, 32 bytes each, is kept in one piece
 * (CATALOG_PERSONS_MAX). */
#define PERSONS_MAX ((size_t)8 << 20)

void persons_init(struct persons *p);
void persons_free(struct persons *p);

/* Add whom an item is about; an empty subject is nobody.  FAULT_INPUT past
 * PERSONS_MAX. */
NEED int persons_add(struct persons *p, const struct token_key *key,
    const struct slice *subject, struct fault *f);

/* Write them to fd, sorted. */
NEED int persons_write(struct persons *p, int fd, struct fault *f);

/* ---- room.c ---------------------------------------------------------------
 */

/* Where a row is held. */
struct room_row {
	uint32_t at, len;
};

struct package_room {
	struct bytes held; /* a member's content, or a part's rows */
	/* of the part in hand, each of nrows; what was there is lost */
	struct room_row *rows, *leaving;
	uint32_t *order;
	uint32_t nrows;
	struct bytes sent;  /* SIP_HASH_BYTES an item of the shard in hand */
	struct bytes whose; /* PACKAGE_WHOSE_BYTES an item, likewise */
};

/* Have room for n rows; and hold nothing, with room for some len bytes. */
NEED int room_rows(struct package_room *r, uint32_t n, struct fault *f);
NEED int room_hold(struct package_room *r, size_t len, struct fault *f);

struct package_shard {
	struct package_shard_options o;
	struct package_seal *shard, *index, *join;
	struct digest *member; /* of the member in hand */
	struct bytes line;     /* of index or join */
	struct persons persons;
	struct package_made made;
};

/* A member: its header (e has name and size), its content, and then its
 * padding, its digest into e, and e's line in the index. */
NEED int shard_begin_member(
    struct package_shard *s, const struct package_entry *e, struct fault *f);
NEED int shard_put(
    struct package_shard *s, const void *p, size_t len, struct fault *f);
/* Content that was written at seal_room(s->shard). */
NEED int shard_wrote(struct package_shard *s, size_t len, struct fault *f);
NEED int shard_end_member(
    struct package_shard *s, struct package_entry *e, struct fault *f);

/* Fill in name and type, from an id, its place in a folder or 0, and what the
 * plan says it is. */
void shard_name_member(struct package_entry *e, const char *id, uint32_t nth,
    const struct file_plan *plan);

/* Remember an item's original id as sent, and whom it is about: nobody, or
 * the person of the last persons_add(). */
NEED int shard_note_sent(struct package_shard *s, const struct slice *original,
    bool about, struct fault *f);

/* Send s->line on its way, and empty it. */
NEED int shard_put_line(
    struct package_shard *s, struct package_seal *to, struct fault *f);

#endif
