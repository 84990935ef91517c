#ifndef GATEWAY_REPORT_REPORT_INTERNAL_H
#define GATEWAY_REPORT_REPORT_INTERNAL_H

#include "gateway/report/report.h"

/* A page in the making.  The first failure is kept in f and rc, and nothing is
 * added behind it. */
struct page {
	struct bytes *out;
	struct fault *f;
	int rc;
};

/* Text of the data, or of ours: escaped. */
int html_put(struct page *h, const char *text);

/* Markup of ours: a literal, never anything of the data. */
void html_raw(struct page *h, const char *markup);

/* <element>text</element>; element is a literal, with attributes perhaps. */
void html_element(struct page *h, const char *element, const char *text);

void html_begin(struct page *h, const char *title);
/* One that has pictures in itself, as data: URLs. */
void html_begin_pictures(struct page *h, const char *title);
void html_end(struct page *h);

/* A number in a box, and what it counts. */
void html_tile(struct page *h, const char *value, const char *what);

/* A member of an object, "" or 0 without. */
const char *html_member(const json_t *o, const char *key);
uint64_t html_count(const json_t *o, const char *key);

/* A row of two cells. */
void html_row(struct page *h, const char *what, const char *value);

/* measures.c: members of a plan (report.h) as sections of their own; nothing
 * where there is none. */
void html_risks(struct page *h, const json_t *list);
void html_exposure(struct page *h, const json_t *e);
void html_law(struct page *h, const json_t *decision);

/* Parts of a whole, as a bar to scale and its legend. */
struct bar_part {
	const char *what;
	uint64_t n;
};
void html_bar(struct page *h, const struct bar_part *parts, size_t n);

#endif
