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

/* Append the join's line of a file, of a part, of a row in it. */
NEED int record_file(struct bytes *b, const struct package_entry *e,
    const struct mask_source *src, const struct mask_change *c,
    struct fault *f);
NEED int record_part(struct bytes *b, const struct package_entry *e,
    const struct mask_source *src, const struct mask_part *part,
    struct fault *f);
struct record_row {
	const char *item, *group;
	struct slice original;
	uint64_t row, at, len;
};
NEED int record_row(
    struct bytes *b, const struct record_row *r, struct fault *f);

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

struct package_shard {
	struct package_shard_options o;
	struct package_seal *shard, *index, *join;
	struct digest *member; /* of the member in hand */
	struct bytes held;     /* its content, where it fits */
	struct bytes line;     /* of index or join */
	struct persons persons;
	struct bytes sent;  /* SIP_HASH_BYTES an item */
	struct bytes whose; /* PACKAGE_WHOSE_BYTES an item */
	struct package_made made;
};

/* A member: its header (e has name and size), its content, and then its
 * padding, its digest into e, and e's line in the index. */
NEED int shard_begin_member(
    struct package_shard *s, const struct package_entry *e, struct fault *f);
NEED int shard_add_member(
    struct package_shard *s, const void *p, size_t len, struct fault *f);
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
