/*
 * Entries and tile names.  A leaf that is read is canonical JSON: a JSON parser
 * reads it too, and RFC 8785 output is the same bytes.  Lines of leaves go
 * through the catalog's fold as a log of somebody's: it takes them or says why
 * not, and the rows it makes of a log do not depend on where it was stopped.
 */

#include <string.h>

#include "gateway/catalog/catalog.h"
#include "keys/base/doc.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void
try_leaf(const uint8_t *p, size_t len)
{
	struct fault f = { 0 };
	struct audit_leaf l;
	struct bytes again;
	json_t *v;

	if (audit_leaf_read(&l, p, len, &f) != 0) {
		must(f.kind == FAULT_FORGED && f.text[0] != '\0');
		return;
	}
	bytes_init(&again, AUDIT_LEAF_MAX);
	must(doc_read(&v, p, len, &f) == 0);
	must(json_object_size(v) == l.nmembers);
	must(doc_write(&again, v, &f) == 0);
	must(again.len == len && memcmp(again.at, p, len) == 0);
	json_decref(v);
	bytes_free(&again);
}

static void
try_fold(const uint8_t *p, size_t len)
{
	uint8_t public[SIGN_PUBLIC_BYTES] = { 0 };
	struct catalog_fold *d;
	struct fault f = { 0 };
	struct vkey log;
	uint64_t seq = 0;

	must(vkey_of(&log, AUDIT_ORIGIN "h-aaaaaaaaaaaaaaaaaaaaaaaaaa", public,
		 &f) == 0);
	must(catalog_fold_new(&d, &log, &f) == 0);
	while (len > 0) {
		const uint8_t *nl = memchr(p, '\n', len);
		size_t line = nl == NULL ? len : (size_t)(nl - p);
		struct audit_leaf l;

		f = (struct fault){ 0 };
		if (audit_leaf_read(&l, p, line, &f) == 0) {
			if (catalog_fold_entry(d, seq, &l, &f) != 0) {
				must(f.kind == FAULT_FORGED);
				break;
			}
			seq++;
		}
		line += nl == NULL ? 0 : 1;
		p += line;
		len -= line;
	}
	catalog_fold_free(d);
}

static void
try_name(const uint8_t *p, size_t len)
{
	char text[128], back[AUDIT_PATH_MAX + 1];
	struct audit_tile t;

	if (len >= sizeof(text) || memchr(p, '\0', len) != NULL)
		return;
	memcpy(text, p, len);
	text[len] = '\0';
	if (audit_tile_read(&t, text)) {
		audit_tile_path(back, &t);
		must(strcmp(back, text) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	try_name(p, len);
	try_leaf(p, len);
	if (len > 0 && p[0] == '{')
		try_fold(p, len);
	return 0;
}
