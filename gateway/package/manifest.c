/*
 * The manifest: what a batch is, said once and signed elsewhere.
 *
 * An in-toto Statement v1 whose subjects are the shards ("shard-1" ... with the
 * SHA-256 of the object as exported) and whose predicate is
 *
 *   {"batch","created","detect","dictionary","labels","legal","log","owner",
 *    "previous","project","purpose","retention","returns","revision","shards":[{"bytes","index":{"bytes",
 *    "sha256"},"items"} ...],"suppressed"}
 *
 * with shards in the order of the subjects.  labels is {"classes","kind",
 * "unanswered","golden":{"metric","pass_millionths","root"}}; detect,
 * dictionary, labels, legal, golden, suppressed, and previous in the first
 * revision are left out where there is none.  Reader and writer stand here
 * together; the writer reads what it wrote.
 */

#include <stdio.h>
#include <string.h>

#include "gateway/package/package.h"
#include "keys/base/clock.h"
#include "keys/base/doc.h"
#include "keys/base/mem.h"

#define MANIFEST_TEXT_MAX 4096u

/* ---- writing ---------------------------------------------------------------
 */

/* Add value, which becomes object's; false without memory. */
static bool
set(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value) == 0;
}

static json_t *
hex_json(const uint8_t digest[DIGEST_BYTES])
{
	char hex[DIGEST_CHARS + 1];

	hex_write(hex, digest, DIGEST_BYTES);
	return json_string(hex);
}

static json_t *
number_json(uint64_t n)
{
	return n > INT64_MAX ? NULL : json_integer((json_int_t)n);
}

static json_t *
labels_json(const struct manifest_labels *l)
{
	json_t *o = json_object(), *list = json_array(), *golden;
	bool ok = o != NULL && list != NULL;

	for (size_t i = 0; ok && i < l->nclasses; i++)
		ok = json_array_append_new(list, json_string(l->classes[i])) ==
		     0;
	ok = ok && set(o, "kind", json_string(label_kind_name(l->kind))) &&
	     set(o, "unanswered",
		 json_string(l->unanswered_negative ? "negative" : "open"));
	ok = ok && json_object_set(o, "classes", list) == 0;
	if (ok && l->golden) {
		golden = json_object();
		ok = golden != NULL &&
		     set(golden, "metric",
			 json_string(golden_metric_name(l->metric))) &&
		     set(golden, "pass_millionths", json_integer(l->pass)) &&
		     set(golden, "root", hex_json(l->root)) &&
		     json_object_set(o, "golden", golden) == 0;
		json_decref(golden);
	}
	json_decref(list);
	if (ok)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *
shards_json(const struct manifest *m)
{
	json_t *list = json_array();
	bool ok = list != NULL;

	for (size_t i = 0; ok && i < m->nshards; i++) {
		const struct manifest_shard *s = &m->shards[i];
		json_t *one = json_object(), *index = json_object();

		ok = one != NULL && index != NULL &&
		     set(index, "bytes", number_json(s->index_bytes)) &&
		     set(index, "sha256", hex_json(s->index_sha256)) &&
		     json_object_set(one, "index", index) == 0 &&
		     set(one, "bytes", number_json(s->bytes)) &&
		     set(one, "items", number_json(s->items)) &&
		     json_array_append(list, one) == 0;
		json_decref(one);
		json_decref(index);
	}
	if (ok)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *
predicate_json(const struct manifest *m)
{
	char created[CLOCK_CHARS + 1];
	json_t *o = json_object();

	clock_write(created, m->created);
	if (o != NULL && set(o, "batch", json_string(m->batch)) &&
	    set(o, "created", json_string(created)) &&
	    (!m->has_detect || set(o, "detect", hex_json(m->detect))) &&
	    (!m->has_dictionary ||
		set(o, "dictionary", hex_json(m->dictionary))) &&
	    (!m->has_labels || set(o, "labels", labels_json(&m->labels))) &&
	    (m->legal == NULL || set(o, "legal", json_incref(m->legal))) &&
	    set(o, "log", json_string(m->log)) &&
	    set(o, "owner", hex_json(m->owner)) &&
	    (m->revision <= 1 || set(o, "previous", hex_json(m->previous))) &&
	    set(o, "project", json_string(m->project)) &&
	    set(o, "purpose", json_string(m->purpose)) &&
	    set(o, "retention", number_json(m->retention)) &&
	    set(o, "returns", json_string(m->returns)) &&
	    set(o, "revision", number_json(m->revision)) &&
	    set(o, "shards", shards_json(m)) &&
	    (m->suppressed == 0 ||
		set(o, "suppressed", number_json(m->suppressed))))
		return o;
	json_decref(o);
	return NULL;
}

#define SUBJECT_CHARS 16u

static int
statement_of(struct bytes *out, const struct manifest *m, json_t *predicate,
    struct fault *f)
{
	struct statement_draft d = {
		.predicate_type = MANIFEST_TYPE,
		.nsubjects = m->nshards,
		.predicate = predicate,
	};
	struct statement_subject *subjects;
	char(*names)[SUBJECT_CHARS];
	int rc = -1;

	subjects = mem_array(m->nshards, sizeof(*subjects));
	names = mem_array(m->nshards, sizeof(*names));
	if (subjects == NULL || names == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	for (size_t i = 0; i < m->nshards; i++) {
		(void)snprintf(
		    names[i], SUBJECT_CHARS, "shard-%u", (unsigned)i + 1);
		subjects[i].name = names[i];
		memcpy(subjects[i].sha256, m->shards[i].sha256, DIGEST_BYTES);
	}
	d.subjects = subjects;
	rc = statement_write(out, &d, f);
out:
	mem_free(subjects);
	mem_free(names);
	return rc;
}

int
manifest_write(struct bytes *out, const struct manifest *m, struct fault *f)
{
	struct manifest again;
	json_t *predicate;
	size_t before = out->len;
	int rc;

	if (m->nshards == 0 || m->nshards > PACKAGE_SHARDS_MAX)
		return fault_set(f, FAULT_INPUT, "manifest: 1 to %u shards",
		    PACKAGE_SHARDS_MAX);
	/* A text that is not UTF-8 is the only other reason. */
	if ((predicate = predicate_json(m)) == NULL)
		return fault_set(
		    f, FAULT_INPUT, "manifest: a value that JSON has not");
	rc = statement_of(out, m, predicate, f);
	json_decref(predicate);
	if (rc != 0)
		return -1;
	if (manifest_read(&again,
		(struct slice){ out->at + before, out->len - before },
		f) != 0) {
		out->len = before;
		return -1;
	}
	manifest_free(&again);
	return 0;
}

/* ---- reading ---------------------------------------------------------------
 */

/* A text of 1 to MANIFEST_TEXT_MAX bytes, copied. */
static int
own_text(const json_t *o, const char *key, char **out, struct fault *f)
{
	const char *text;

	if (doc_text(o, key, &text, f) != 0)
		return -1;
	if (text[0] == '\0' || strlen(text) > MANIFEST_TEXT_MAX)
		return fault_set(
		    f, FAULT_INPUT, "member \"%s\" out of range", key);
	if ((*out = mem_text(text, strlen(text))) == NULL)
		return fault_memory(f);
	return 0;
}

static int
read_golden(const json_t *o, struct manifest_labels *l, struct fault *f)
{
	const char *metric;
	uint64_t pass;
	json_t *golden;

	if (json_object_get(o, "golden") == NULL)
		return 0;
	if (doc_object(o, "golden", &golden, f) != 0 ||
	    doc_only(golden, "metric pass_millionths root", f) != 0 ||
	    doc_text(golden, "metric", &metric, f) != 0 ||
	    doc_number(golden, "pass_millionths", 1000000, &pass, f) != 0 ||
	    doc_hex(golden, "root", l->root, DIGEST_BYTES, f) != 0)
		return -1;
	l->golden = true;
	l->pass = (uint32_t)pass;
	for (l->metric = GOLDEN_ACCURACY; l->metric <= GOLDEN_MEAN_IOU;
	     l->metric++)
		if (strcmp(metric, golden_metric_name(l->metric)) == 0)
			return 0;
	return fault_set(f, FAULT_INPUT, "a metric that is not known");
}

static int
read_classes(const json_t *o, struct manifest_labels *l, struct fault *f)
{
	json_t *list, *text;
	size_t i;

	if (doc_list(o, "classes", &list, f) != 0)
		return -1;
	if (json_array_size(list) > POLICY_CLASSES_MAX)
		return fault_set(f, FAULT_INPUT, "too many classes");
	l->classes = mem_array(json_array_size(list), sizeof(*l->classes));
	if (l->classes == NULL)
		return fault_memory(f);
	json_array_foreach(list, i, text)
	{
		if (!json_is_string(text) || json_string_length(text) == 0 ||
		    json_string_length(text) > MANIFEST_TEXT_MAX)
			return fault_set(f, FAULT_INPUT, "not a class");
		l->classes[i] =
		    mem_text(json_string_value(text), json_string_length(text));
		if (l->classes[i] == NULL)
			return fault_memory(f);
		l->nclasses++;
	}
	return 0;
}

static int
read_labels(const json_t *predicate, struct manifest *m, struct fault *f)
{
	struct manifest_labels *l = &m->labels;
	const char *kind, *unanswered;
	json_t *o;

	if (json_object_get(predicate, "labels") == NULL)
		return 0;
	if (doc_object(predicate, "labels", &o, f) != 0 ||
	    doc_only(o, "classes golden kind unanswered", f) != 0 ||
	    doc_text(o, "kind", &kind, f) != 0 ||
	    doc_text(o, "unanswered", &unanswered, f) != 0 ||
	    read_classes(o, l, f) != 0 || read_golden(o, l, f) != 0)
		return -1;
	m->has_labels = true;
	l->unanswered_negative = strcmp(unanswered, "negative") == 0;
	if (!l->unanswered_negative && strcmp(unanswered, "open") != 0)
		return fault_set(
		    f, FAULT_INPUT, "unanswered is open or negative");
	for (l->kind = LABEL_CLASS; l->kind <= LABEL_SPANS; l->kind++)
		if (strcmp(kind, label_kind_name(l->kind)) == 0)
			return 0;
	return fault_set(f, FAULT_INPUT, "a kind of labels that is not known");
}

/* Its members are told and not judged: it is the owner's word. */
static int
read_legal(const json_t *predicate, struct manifest *m, struct fault *f)
{
	json_t *o;

	if (json_object_get(predicate, "legal") == NULL)
		return 0;
	if (doc_object(predicate, "legal", &o, f) != 0)
		return -1;
	m->legal = json_incref(o);
	return 0;
}

static int
read_detect(const json_t *predicate, struct manifest *m, struct fault *f)
{
	m->has_detect = json_object_get(predicate, "detect") != NULL;
	m->has_dictionary = json_object_get(predicate, "dictionary") != NULL;
	if (m->has_detect &&
	    doc_hex(predicate, "detect", m->detect, sizeof(m->detect), f) != 0)
		return -1;
	return m->has_dictionary ? doc_hex(predicate, "dictionary",
				       m->dictionary, sizeof(m->dictionary), f)
				 : 0;
}

/* The largest whole number that JSON carries. */
#define NUMBER_MAX (UINT64_MAX >> 11)

static int
read_shard(const json_t *o, struct manifest_shard *s, struct fault *f)
{
	json_t *index;

	if (doc_only(o, "bytes index items", f) != 0 ||
	    doc_number(o, "bytes", NUMBER_MAX, &s->bytes, f) != 0 ||
	    doc_number(o, "items", NUMBER_MAX, &s->items, f) != 0 ||
	    doc_object(o, "index", &index, f) != 0 ||
	    doc_only(index, "bytes sha256", f) != 0 ||
	    doc_number(index, "bytes", NUMBER_MAX, &s->index_bytes, f) != 0)
		return -1;
	return doc_hex(index, "sha256", s->index_sha256, DIGEST_BYTES, f);
}

static int
read_shards(const struct statement *st, struct manifest *m, struct fault *f)
{
	struct statement_subject subject;
	char name[SUBJECT_CHARS];
	json_t *list, *one;
	size_t i;

	if (doc_list(st->predicate, "shards", &list, f) != 0)
		return -1;
	if (st->nsubjects > PACKAGE_SHARDS_MAX ||
	    json_array_size(list) != st->nsubjects)
		return fault_set(f, FAULT_INPUT, "shards and subjects differ");
	m->shards = mem_array(st->nsubjects, sizeof(*m->shards));
	if (m->shards == NULL)
		return fault_memory(f);
	json_array_foreach(list, i, one)
	{
		statement_subject(st, i, &subject);
		(void)snprintf(name, sizeof(name), "shard-%u", (unsigned)i + 1);
		if (strcmp(subject.name, name) != 0)
			return fault_set(
			    f, FAULT_INPUT, "a subject that is no shard");
		memcpy(m->shards[i].sha256, subject.sha256, DIGEST_BYTES);
		if (read_shard(one, &m->shards[i], f) != 0)
			return fault_at(f, "%s", name);
		m->nshards++;
	}
	return 0;
}

static int
read_identity(const json_t *p, struct manifest *m, struct fault *f)
{
	const char *batch;

	if (doc_text(p, "batch", &batch, f) != 0 ||
	    doc_number(p, "revision", UINT32_MAX, &m->revision, f) != 0)
		return -1;
	if (!id_valid(batch, 'b'))
		return fault_set(f, FAULT_INPUT, "not a batch id");
	memcpy(m->batch, batch, sizeof(m->batch));
	if (m->revision == 0 ||
	    (m->revision == 1) != (json_object_get(p, "previous") == NULL))
		return fault_set(
		    f, FAULT_INPUT, "revision and predecessor disagree");
	if (m->revision == 1)
		return 0;
	return doc_hex(p, "previous", m->previous, DIGEST_BYTES, f);
}

/* Texts that have a form of their own. */
static int
check_forms(const struct manifest *m, struct fault *f)
{
	struct age_recipient r = { 0 };
	struct vkey log;
	int rc;

	if (vkey_read(&log, m->log, strlen(m->log), f) != 0)
		return fault_at(f, "log");
	rc = age_recipient_read(&r, m->returns, strlen(m->returns), f);
	age_recipient_free(&r);
	return rc == 0 ? 0 : fault_at(f, "returns");
}

/* How many stayed behind; left out where none did, and so never 0. */
static int
read_suppressed(const json_t *p, struct manifest *m, struct fault *f)
{
	if (json_object_get(p, "suppressed") == NULL)
		return 0;
	if (doc_number(p, "suppressed", NUMBER_MAX, &m->suppressed, f) != 0)
		return -1;
	if (m->suppressed > 0)
		return 0;
	return fault_set(f, FAULT_INPUT, "suppressed: 0 is left out");
}

int
manifest_read(struct manifest *out, struct slice payload, struct fault *f)
{
	struct manifest m = { .revision = 0 };
	struct statement st;
	const json_t *p;

	*out = (struct manifest){ .revision = 0 };
	if (statement_read(&st, payload, MANIFEST_TYPE, f) != 0)
		return fault_at(f, "manifest");
	p = st.predicate;
	if (doc_only(p,
		"batch created detect dictionary labels legal log owner "
		"previous project "
		"purpose retention returns revision shards suppressed",
		f) == 0 &&
	    read_identity(p, &m, f) == 0 &&
	    doc_time(p, "created", &m.created, f) == 0 &&
	    own_text(p, "log", &m.log, f) == 0 &&
	    own_text(p, "project", &m.project, f) == 0 &&
	    own_text(p, "purpose", &m.purpose, f) == 0 &&
	    own_text(p, "returns", &m.returns, f) == 0 &&
	    doc_hex(p, "owner", m.owner, DIGEST_BYTES, f) == 0 &&
	    doc_number(p, "retention", NUMBER_MAX, &m.retention, f) == 0 &&
	    read_suppressed(p, &m, f) == 0 && read_labels(p, &m, f) == 0 &&
	    read_legal(p, &m, f) == 0 && read_detect(p, &m, f) == 0 &&
	    read_shards(&st, &m, f) == 0 && check_forms(&m, f) == 0) {
		*out = m;
		m = (struct manifest){ .revision = 0 };
	}
	manifest_free(&m);
	statement_free(&st);
	return out->revision != 0 ? 0 : fault_at(f, "manifest");
}

void
manifest_free(struct manifest *m)
{
	for (size_t i = 0; i < m->labels.nclasses; i++)
		mem_free(m->labels.classes[i]);
	mem_free(m->labels.classes);
	mem_free(m->project);
	mem_free(m->purpose);
	mem_free(m->log);
	mem_free(m->returns);
	mem_free(m->shards);
	json_decref(m->legal);
	*m = (struct manifest){ .revision = 0 };
}
