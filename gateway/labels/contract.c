/* What vendor and owner agreed on, from and to the JSON of a manifest. */

#include <string.h>

#include "gateway/labels/labels_internal.h"
#include "keys/base/doc.h"
#include "keys/base/mem.h"

static int
read_kind(struct labels_contract *c, const json_t *o, struct fault *f)
{
	const char *text;

	if (doc_text(o, "kind", &text, f) != 0)
		return -1;
	for (int k = LABELS_CLASS; k <= LABELS_SPANS; k++)
		if (strcmp(text, labels_kind_name((enum labels_kind)k)) == 0) {
			c->kind = (enum labels_kind)k;
			return 0;
		}
	return fault_set(
	    f, FAULT_INPUT, "member \"kind\": needs class, boxes or spans");
}

static int
read_classes(struct labels_contract *c, const json_t *o, struct fault *f)
{
	json_t *list, *v;
	size_t i, n;

	if (json_object_get(o, "classes") == NULL)
		return 0;
	if (doc_list(o, "classes", &list, f) != 0)
		return -1;
	n = json_array_size(list);
	if (n == 0 || n > LABELS_CLASSES_MAX)
		return fault_set(f, FAULT_INPUT,
		    "member \"classes\": needs 1 to %u names",
		    LABELS_CLASSES_MAX);
	if ((c->classes = mem_array(n, sizeof(*c->classes))) == NULL)
		return fault_memory(f);
	json_array_foreach(list, i, v)
	{
		const char *name = json_string_value(v);
		size_t len = json_string_length(v);

		if (name == NULL || len == 0 || len > LABELS_NAME_MAX ||
		    strlen(name) != len)
			return fault_set(f, FAULT_INPUT,
			    "member \"classes\": each needs 1 to %u bytes",
			    LABELS_NAME_MAX);
		if ((c->classes[i] = mem_text(name, len)) == NULL)
			return fault_memory(f);
		c->nclasses++;
		for (size_t k = 0; k < i; k++)
			if (strcmp(c->classes[k], name) == 0)
				return fault_set(f, FAULT_INPUT,
				    "member \"classes\": a name comes twice");
	}
	return 0;
}

static int
read_formats(struct labels_contract *c, const json_t *o, struct fault *f)
{
	json_t *list, *v;
	size_t i;

	if (json_object_get(o, "formats") == NULL)
		return 0;
	if (doc_list(o, "formats", &list, f) != 0)
		return -1;
	json_array_foreach(list, i, v)
	{
		const char *name = json_string_value(v);

		if (name != NULL && strcmp(name, "jsonl") == 0)
			c->formats |= LABELS_JSONL;
		else if (name != NULL && strcmp(name, "coco") == 0)
			c->formats |= LABELS_COCO;
		else
			return fault_set(f, FAULT_INPUT,
			    "member \"formats\": needs jsonl or coco");
	}
	return 0;
}

static int
read_unanswered(struct labels_contract *c, const json_t *o, struct fault *f)
{
	const char *text;

	if (json_object_get(o, "unanswered") == NULL)
		return 0;
	if (doc_text(o, "unanswered", &text, f) != 0)
		return -1;
	c->unanswered_is_negative = strcmp(text, "negative") == 0;
	if (!c->unanswered_is_negative && strcmp(text, "open") != 0)
		return fault_set(f, FAULT_INPUT,
		    "member \"unanswered\": needs open or negative");
	return 0;
}

int
labels_contract_read(
    struct labels_contract *out, const json_t *o, struct fault *f)
{
	struct labels_contract c = { 0 };

	if (!json_is_object(o))
		return fault_set(f, FAULT_INPUT, "needs an object");
	if (read_kind(&c, o, f) != 0 || read_classes(&c, o, f) != 0 ||
	    read_formats(&c, o, f) != 0 || read_unanswered(&c, o, f) != 0 ||
	    (json_object_get(o, "overlap") != NULL &&
		doc_bool(o, "overlap", &c.overlap, f) != 0)) {
		labels_contract_free(&c);
		return -1;
	}
	*out = c;
	return 0;
}

int
labels_contract_write(
    const struct labels_contract *c, json_t **out, struct fault *f)
{
	json_t *o, *classes = json_array(), *formats = json_array();
	bool ok = classes != NULL && formats != NULL;

	for (size_t i = 0; ok && i < c->nclasses; i++)
		ok = json_array_append_new(
			 classes, json_string(c->classes[i])) == 0;
	if (ok && (c->formats == 0 || (c->formats & LABELS_JSONL) != 0))
		ok = json_array_append_new(formats, json_string("jsonl")) == 0;
	if (ok && c->kind != LABELS_SPANS &&
	    (c->formats == 0 || (c->formats & LABELS_COCO) != 0))
		ok = json_array_append_new(formats, json_string("coco")) == 0;
	o = !ok ? NULL
		: json_pack("{s:s, s:O, s:s, s:b}", "kind",
		      labels_kind_name(c->kind), "formats", formats,
		      "unanswered",
		      c->unanswered_is_negative ? "negative" : "open",
		      "overlap", (int)c->overlap);
	if (o != NULL && c->nclasses > 0 &&
	    json_object_set(o, "classes", classes) != 0) {
		json_decref(o);
		o = NULL;
	}
	json_decref(classes);
	json_decref(formats);
	if (o == NULL)
		return fault_memory(f);
	*out = o;
	return 0;
}

void
labels_contract_free(struct labels_contract *c)
{
	for (size_t i = 0; i < c->nclasses; i++)
		mem_free(c->classes[i]);
	mem_free(c->classes);
	*c = (struct labels_contract){ 0 };
}
