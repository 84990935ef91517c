/* Text into HTML, and the frame that all pages have. */

#include <fcntl.h>
#include <stdarg.h>
#include <string.h>

#include "gateway/report/report_internal.h"
#include "keys/base/files.h"
#include "keys/base/text.h"

/* Bytes of the UTF-8 sequence at p, 0 when it is none; its code point. */
static size_t
take_char(const uint8_t *p, size_t len, uint32_t *c)
{
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

	if (n > len || !utf8_valid((const char *)p, n))
		return 0;
	*c = n == 1 ? p[0] : p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++)
		*c = *c << 6 | (p[i] & 0x3fu);
	return n;
}

static bool
turns(uint32_t c)
{
	return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
	       c == 0x200e || c == 0x200f || c == 0x061c;
}

static const char *
reference(uint32_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

int
report_text(struct bytes *out, const void *text, size_t len, struct fault *f)
{
	static const char unknown[] = "\xef\xbf\xbd";
	const uint8_t *p = text;

	while (len > 0) {
		uint32_t c = 0;
		size_t n = take_char(p, len, &c);
		const char *as = reference(c);
		int rc;

		if (n == 0 || (c < 0x20 && c != '\n' && c != '\t') ||
		    (c >= 0x7f && c < 0xa0))
			rc = bytes_add_text(out, unknown, f);
		else if (turns(c))
			rc = bytes_addf(out, f, "[U+%04X]", (unsigned)c);
		else if (as != NULL)
			rc = bytes_add_text(out, as, f);
		else
			rc = bytes_add(out, p, n, f);
		if (rc != 0)
			return -1;
		p += n == 0 ? 1 : n;
		len -= n == 0 ? 1 : n;
	}
	return 0;
}

int
html_put(struct page *h, const char *text)
{
	if (h->rc == 0)
		h->rc = report_text(h->out, text, strlen(text), h->f);
	return h->rc;
}

void
html_raw(struct page *h, const char *markup)
{
	if (h->rc == 0)
		h->rc = bytes_add_text(h->out, markup, h->f);
}

void
html_element(struct page *h, const char *element, const char *text)
{
	size_t name = strcspn(element, " ");

	if (h->rc == 0)
		h->rc = bytes_addf(h->out, h->f, "<%s>", element);
	(void)html_put(h, text);
	if (h->rc == 0)
		h->rc =
		    bytes_addf(h->out, h->f, "</%.*s>\n", (int)name, element);
}

static const char style[] =
    "@page{size:A4;margin:15mm}"
    "body{font:10pt/1.4 'DejaVu Sans',Helvetica,Arial,sans-serif;"
    "color:#1a1a1a;max-width:180mm;margin:8mm auto;padding:0 4mm}"
    "h1{font-size:17pt;margin:0 0 1mm}h2{font-size:12pt;margin:8mm 0 2mm;"
    "border-bottom:.3mm solid #888}h3{font-size:10.5pt;margin:5mm 0 1mm}"
    "p{margin:1mm 0}.small{color:#555;font-size:8.5pt}"
    "table{border-collapse:collapse;width:100%;margin:1mm 0;"
    "table-layout:fixed}"
    "td,th{border-bottom:.2mm solid #ccc;padding:.8mm 1.5mm;text-align:left;"
    "vertical-align:top;overflow-wrap:anywhere}"
    "th{font-weight:600;color:#444}tr{break-inside:avoid}"
    ".n{text-align:right;font-variant-numeric:tabular-nums}"
    "code,pre{font:8.5pt/1.35 'DejaVu Sans Mono',monospace;"
    "overflow-wrap:anywhere;white-space:pre-wrap}"
    "pre{border-left:.6mm solid #bbb;padding-left:2mm;margin:1mm 0}"
    ".tiles{display:flex;flex-wrap:wrap;gap:3mm;margin:3mm 0}"
    ".tile{border:.3mm solid #999;padding:2mm 3mm;min-width:26mm}"
    ".tile b{display:block;font-size:14pt}svg{width:100%;height:auto}"
    "section{break-inside:auto}h2,h3{break-after:avoid}"
    "del{background:#ffe0dc;color:#7a1a10}ins{background:#d9f2df;"
    "color:#0c4a1e;text-decoration:none}"
    "mark{background:#ffe58a}mark.doubt{background:#fff6d5;"
    "border-bottom:.3mm dashed #a67c00}mark small{color:#6b4e00}"
    ".warn{border:.6mm solid #b3261e;padding:2mm 3mm;margin:3mm 0;"
    "color:#7a1a10;font-weight:600}.gap{color:#777;font-style:italic}"
    "td.v{font:8.5pt/1.4 'DejaVu Sans Mono',monospace;"
    "white-space:pre-wrap}td img{max-width:100%;height:auto}";

static void
begin(struct page *h, const char *title, const char *sources)
{
	html_raw(h,
	    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"");
	html_raw(h, sources);
	html_raw(h, "\">"
		    "<meta name=\"referrer\" content=\"no-referrer\">"
		    "<meta name=\"viewport\" content=\"width=device-width\">");
	html_element(h, "title", title);
	html_raw(h, "<style>");
	html_raw(h, style);
	html_raw(h, "</style></head><body>\n");
	html_element(h, "h1", title);
}

#define NOTHING_ELSE "default-src 'none'; style-src 'unsafe-inline'"

void
html_begin(struct page *h, const char *title)
{
	begin(h, title, NOTHING_ELSE);
}

void
html_begin_pictures(struct page *h, const char *title)
{
	begin(h, title, NOTHING_ELSE "; img-src data:");
}

void
html_end(struct page *h)
{
	html_raw(h, "</body></html>\n");
}

/* -- Members, and what shows them ---------------------------------------- */

const char *
html_member(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text != NULL ? text : "";
}

uint64_t
html_count(const json_t *o, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(o, key));
}

void
html_tile(struct page *h, const char *value, const char *what)
{
	html_raw(h, "<div class=\"tile\">");
	html_element(h, "b", value);
	(void)html_put(h, what);
	html_raw(h, "</div>\n");
}

void
html_row(struct page *h, const char *what, const char *value)
{
	html_raw(h, "<tr><th style=\"width:32%\">");
	(void)html_put(h, what);
	html_raw(h, "</th><td>");
	(void)html_put(h, value);
	html_raw(h, "</td></tr>\n");
}

/* -- Kept ---------------------------------------------------------------- */

int
report_keep(const char *dir, const char *name, const struct bytes *page,
    struct fault *f)
{
	int folder = -1, rc = -1;

	if (folder_make(AT_FDCWD, dir, f) == 0 &&
	    folder_open(AT_FDCWD, dir, &folder, f) == 0)
		rc = file_put(folder, name, page->at, page->len, true, f);
	file_close(&folder);
	return rc;
}

/* -- Numbers ------------------------------------------------------------- */

const char *
report_number(char out[32], uint64_t n)
{
	char digits[24];
	int len =
	    snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
	size_t at = 0;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

const char *
report_size(char out[32], uint64_t bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB",
		"TiB" };
	double n = (double)bytes;
	size_t unit = 0;

	while (n >= 1024 && unit < 4) {
		n /= 1024;
		unit++;
	}
	(void)snprintf(
	    out, 32, unit == 0 ? "%.0f %s" : "%.1f %s", n, units[unit]);
	return out;
}

/* A bar of parts, to scale, each with its colour and a title. */
void
html_bar(struct page *h, const struct bar_part *parts, size_t n)
{
	static const char *const colours[] = { "#2b6cb0", "#a0aec0", "#c05621",
		"#b83280", "#718096", "#2f855a" };
	uint64_t all = 0;
	double at = 0;

	for (size_t i = 0; i < n; i++)
		all += parts[i].n;
	if (all == 0)
		return;
	html_raw(h, "<svg viewBox=\"0 0 1000 40\" role=\"img\">");
	for (size_t i = 0; i < n; i++) {
		double width = 1000.0 * (double)parts[i].n / (double)all;

		if (h->rc == 0 && parts[i].n > 0)
			h->rc = bytes_addf(h->out, h->f,
			    "<rect x=\"%.2f\" y=\"5\" width=\"%.2f\" "
			    "height=\"30\" fill=\"%s\"><title>",
			    at, width, colours[i % 6]);
		if (parts[i].n == 0)
			continue;
		(void)html_put(h, parts[i].what);
		html_raw(h, "</title></rect>");
		at += width;
	}
	html_raw(h, "</svg>\n<p class=\"small\">");
	for (size_t i = 0; i < n; i++) {
		char number[32];

		if (parts[i].n == 0)
			continue;
		if (h->rc == 0)
			h->rc = bytes_addf(h->out, h->f,
			    "<span style=\"color:%s\">&#9632;</span> ",
			    colours[i % 6]);
		(void)html_put(h, report_number(number, parts[i].n));
		html_raw(h, " ");
		(void)html_put(h, parts[i].what);
		html_raw(h, " &nbsp; ");
	}
	html_raw(h, "</p>\n");
}
