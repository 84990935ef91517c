#ifndef KEYS_BASE_DOC_H
#define KEYS_BASE_DOC_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "keys/base/bytes.h"

/*
 * Small JSON documents: cards, manifests, log entries, requests.  (Datasets
 * stream through gateway/mask instead.)  Values are jansson's; a getter's
 * result is borrowed from its object.  Every refusal is FAULT_INPUT and names
 * the member.
 */

/* Read one whole document.  Duplicate members, bytes behind the document and
 * nesting past 32 are refused.  The caller json_decref()s *out. */
NEED int doc_read(json_t **out, const void *p, size_t len, struct fault *f);

/* Append value in canonical form (RFC 8785).  Integers are exact up to
 * 2^53-1, FAULT_INPUT beyond. */
NEED int doc_write(struct bytes *out, const json_t *value, struct fault *f);

/* Required members of an object. */
NEED int doc_text(
    const json_t *o, const char *key, const char **out, struct fault *f);
NEED int doc_number(const json_t *o, const char *key, uint64_t max,
    uint64_t *out, struct fault *f);
NEED int doc_bool(const json_t *o, const char *key, bool *out, struct fault *f);
NEED int doc_object(
    const json_t *o, const char *key, json_t **out, struct fault *f);
NEED int doc_list(
    const json_t *o, const char *key, json_t **out, struct fault *f);

/* A member of len bytes in lower-case hexadecimal. */
NEED int doc_hex(const json_t *o, const char *key, uint8_t *out, size_t len,
    struct fault *f);

/* A member with a time (clock.h). */
NEED int doc_time(
    const json_t *o, const char *key, int64_t *out, struct fault *f);

/* Does o hold no member but those named in keys, separated by spaces? */
NEED int doc_only(const json_t *o, const char *keys, struct fault *f);

#endif
