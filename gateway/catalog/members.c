/*
 * The kinds of entries and what each must hold: the closed list that
 * docs/FORMATS.md explains ("Log entries").  An entry is taken only when it has
 * exactly the members of its kind, each of its type, so that no text that
 * somebody typed can find its way into the log.
 */

#include <pthread.h>
#include <string.h>

#include "gateway/catalog/catalog_internal.h"

/* Kinds of agreement, sorted. */
#define TYPE "baa|dpa|dpia|nda|other|scc|sub-processors|tia|undertaking"
#define TYPES "[" TYPE "]"

const struct kind kinds[] = {
	{ "acknowledged", "batch=b- count=n release=n statement=d", "batch",
	    apply_acknowledged },
	{ "agreement-added",
	    "agreement=a- document=c from=t name=c type=" TYPE
	    " until=t? vendor=v-",
	    "agreement", apply_agreement_added },
	{ "agreement-ended", "agreement=a-", "agreement",
	    apply_agreement_ended },
	{ "backup-made", "bytes=n entries=n object=d", NULL,
	    apply_backup_made },
	{ "batch-approved", "batch=b- by=c n=n", "batch",
	    apply_batch_approved },
	{ "batch-begun",
	    "agreements=" TYPES " approve=self|two batch=b- golden=d?"
	    " metric=w? name=c offline=b pass=n? plan=c policy=c"
	    " retention=n source=c? vendor=v-",
	    "batch", apply_batch_begun },
	{ "batch-holds", "batch=b- count=n holds=c n=n", "batch",
	    apply_batch_holds },
	{ "batch-sealed",
	    "batch=b- items=n manifest=d object=d object_bytes=n revision=n"
	    " shards=n",
	    "batch", apply_batch_sealed },
	{ "batch-shredded", "batch=b-", "batch", apply_batch_shredded },
	{ "batch-withdrawn", "batch=b-", "batch", apply_batch_withdrawn },
	{ "card-issued", "card=c n=n", NULL, apply_card_issued },
	{ "deletion-stated", "batch=b- statement=d", "batch",
	    apply_deletion_stated },
	{ "erasures-repeated", "count=n entries=n", NULL,
	    apply_erasures_repeated },
	{ "grant-extended", "grant=g- until=t", "grant", apply_grant_extended },
	{ "grant-made", "batch=b- from=t grant=g- until=t vendor=v-", "grant",
	    apply_grant_made },
	{ "hold-begun", "hold=k- reason=c subject=c? target=bv-?", "hold",
	    apply_hold_begun },
	{ "hold-ended", "hold=k-", "hold", apply_hold_ended },
	{ "home-created", "home=h- role=owner|vendor", NULL,
	    apply_home_created },
	{ "ingested",
	    "answered=n batch=b- empty=n items=n lists=c? return=r- score=n?"
	    " skipped=n told=accepted|refused|rejected? "
	    "verdict=accepted|partial|rejected",
	    "return", apply_ingested },
	{ "legal-decided", "batch=b- countries=d decision=c n=n", "batch",
	    apply_legal_decided },
	{ "owner-confirmed", "card=c n=n owner=h-", "owner",
	    apply_owner_confirmed },
	{ "person-erased", "count=n person=d sent=n", NULL,
	    apply_subject_erased },
	{ "plan-approved", "approver=c n=n plan=c vendor=v-", "vendor",
	    apply_plan_approved },
	{ "refused", "batch=b-? request=d? rule=w", "batch", apply_refused },
	{ "release",
	    "batch=b- count=n grant=g- manifest=d offline=b recipient=d"
	    " request=d? root=d",
	    "batch", apply_release },
	{ "restored", "entries=n", NULL, apply_restored },
	{ "returned", "batch=b- bytes=n object=d return=r-", "return",
	    apply_returned },
	{ "revealed", "count=n n=n query=c vendor=v-", "vendor",
	    apply_revealed },
	{ "risk-measured", "batch=b- report=c suppressed=n", "batch",
	    apply_risk_measured },
	{ "shard-sealed",
	    "batch=b- bytes=n index=d index_bytes=n items=n items_root=d?"
	    " join=d join_bytes=n object=d shard=n",
	    "batch", apply_shard_sealed },
	{ "shard-subjects", "batch=b- count=n n=n shard=n subjects=c", "batch",
	    apply_shard_subjects },
	{ "stopped", "target=bv-", "target", apply_stopped },
	{ "stranger", "stranger=x- tls=c", "stranger", apply_stranger },
	{ "subject-erased", "count=n", NULL, apply_subject_erased },
	{ "suppressed", "count=n vendor=v-?", "vendor", apply_suppressed },
	{ "suppression-added",
	    "reason=objection|restriction|withdrawn subject=c"
	    " suppression=u-",
	    "suppression", apply_suppression_added },
	{ "suppression-ended", "suppression=u-", "suppression",
	    apply_suppression_ended },
	{ "suppression-named", "person=e suppression=u-", "suppression",
	    apply_suppression_named },
	{ "vendor-added",
	    "card=c country=c model=crowd|dedicated name=c recipient=d tls=d"
	    " vendor=v- verifier=d",
	    "vendor", apply_vendor_added },
	{ "vendor-confirmed", "vendor=v-", "vendor", apply_vendor_confirmed },
	{ "vendor-ended", "vendor=v-", "vendor", apply_vendor_ended },
	{ "vendor-resumed", "vendor=v-", "vendor", apply_vendor_resumed },
	{ "vendor-suspended", "vendor=v-", "vendor", apply_vendor_suspended },
	{ NULL, NULL, NULL, NULL },
};

/* One member of a kind, as its text says. */
struct want {
	const char *name;
	size_t name_len;
	const char *type;
	size_t type_len; /* without '?' */
	bool null;
};

static bool
commitment(const struct want *w)
{
	return w->type_len == 1 && w->type[0] == 'c';
}

static bool
next_want(const char **spec, struct want *w)
{
	const char *p = *spec, *end;

	if (*p == '\0')
		return false;
	end = p + strcspn(p, " ");
	w->name = p;
	w->name_len = strcspn(p, "=");
	w->type = p + w->name_len + 1;
	w->null = end[-1] == '?';
	w->type_len = (size_t)(end - w->type) - (w->null ? 1 : 0);
	*spec = *end == ' ' ? end + 1 : end;
	return true;
}

/* The kinds' texts taken apart, once: every entry of a replay asks. */
#define KINDS_MAX (sizeof(kinds) / sizeof(kinds[0]))
#define WANTS_MAX 16u
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct parsed {
	size_t n;
	bool commits;
	struct want at[WANTS_MAX];
} parsed[KINDS_MAX];

static void
parse_kinds(void)
{
	for (size_t i = 0; kinds[i].name != NULL; i++) {
		struct parsed *p = &parsed[i];
		const char *spec = kinds[i].members;

		while (next_want(&spec, &p->at[p->n])) {
			struct want *w = &p->at[p->n++];

			p->commits = p->commits || commitment(w);
			must(p->n < WANTS_MAX);
		}
	}
}

static const struct parsed *
parsed_kind(const struct kind *k)
{
	must(pthread_once(&once, parse_kinds) == 0);
	return &parsed[k - kinds];
}

static bool
same(const struct slice *s, const char *text, size_t len)
{
	return s->len == len && memcmp(s->at, text, len) == 0;
}

/* Is value one of the words between bars? */
static bool
one_of(const struct slice *value, const char *words, size_t len)
{
	while (len > 0) {
		const char *bar = memchr(words, '|', len);
		size_t word = bar == NULL ? len : (size_t)(bar - words);

		if (same(value, words, word))
			return true;
		word += bar == NULL ? 0 : 1;
		words += word;
		len -= word;
	}
	return false;
}

/* A list as the leaf has it, ["a","b"]: each in words, and sorted. */
static bool
list_of(const struct slice *value, const char *words, size_t len)
{
	const uint8_t *p = value->at + 1, *end = value->at + value->len - 1;
	struct slice last = { NULL, 0 };

	while (p < end) {
		const uint8_t *quote = memchr(p + 1, '"', (size_t)(end - p));
		struct slice one;

		must(quote != NULL);
		one = (struct slice){ p + 1, (size_t)(quote - p - 1) };
		if (!one_of(&one, words, len))
			return false;
		if (last.at != NULL &&
		    strncmp((const char *)last.at, (const char *)one.at,
			one.len + 1) >= 0)
			return false;
		last = one;
		p = quote + 2;
	}
	return true;
}

static bool
is_id(const struct slice *v, const char *letters, size_t n)
{
	char text[ID_CHARS + 1];

	if (v->len != ID_CHARS || memchr(letters, v->at[0], n) == NULL)
		return false;
	memcpy(text, v->at, ID_CHARS);
	text[ID_CHARS] = '\0';
	return id_valid(text, text[0]);
}

static bool
is_word(const struct slice *v)
{
	for (size_t i = 0; i < v->len; i++)
		if (!(v->at[i] >= 'a' && v->at[i] <= 'z') &&
		    !(v->at[i] >= '0' && v->at[i] <= '9') && v->at[i] != '-' &&
		    v->at[i] != '_')
			return false;
	return v->len >= 1 && v->len <= 32;
}

static bool
is_hex(const struct slice *v, size_t chars)
{
	if (v->len != chars)
		return false;
	for (size_t i = 0; i < v->len; i++)
		if (!(v->at[i] >= '0' && v->at[i] <= '9') &&
		    !(v->at[i] >= 'a' && v->at[i] <= 'f'))
			return false;
	return true;
}

static bool
fits(const struct audit_member *m, const struct want *w)
{
	const struct slice *v = &m->value;
	int64_t at;

	if (m->type == AUDIT_WORD && same(v, "null", 4))
		return w->null;
	if (w->type_len > 1 && w->type[w->type_len - 1] == '-')
		return m->type == AUDIT_TEXT &&
		       is_id(v, w->type, w->type_len - 1);
	if (w->type[0] == '[')
		return m->type == AUDIT_TEXTS &&
		       list_of(v, w->type + 1, w->type_len - 2);
	if (w->type_len > 1)
		return m->type == AUDIT_TEXT && one_of(v, w->type, w->type_len);
	switch (w->type[0]) {
	case 'c':
	case 'd':
		return m->type == AUDIT_TEXT && is_hex(v, DIGEST_CHARS);
	case 'e':
		return m->type == AUDIT_TEXT &&
		       is_hex(v, HEX_CHARS(CATALOG_NAMED_BYTES));
	case 't':
		return m->type == AUDIT_TEXT && v->len == CLOCK_CHARS &&
		       clock_read(&at, (const char *)v->at, v->len);
	case 'n':
		return m->type == AUDIT_NUMBER;
	case 'b':
		return m->type == AUDIT_WORD;
	case 'w':
		return m->type == AUDIT_TEXT && is_word(v);
	default:
		must(!"a type that kinds[] may have");
		return false;
	}
}

static bool
is_frame(const struct slice *name)
{
	return same(name, "at", 2) || same(name, "kind", 4) ||
	       same(name, "salt", 4) || same(name, "sidecar", 7);
}

int
members_check(const struct kind *k, const struct audit_leaf *l, struct fault *f)
{
	const struct parsed *p = parsed_kind(k);
	size_t i = 0;

	for (size_t j = 0; j < p->n; j++) {
		const struct want *w = &p->at[j];

		while (i < l->nmembers && is_frame(&l->members[i].name))
			i++;
		if (i == l->nmembers ||
		    !same(&l->members[i].name, w->name, w->name_len))
			return fault_set(f, FAULT_INPUT,
			    "%s: member \"%.*s\" is missing, or another is "
			    "in front of it",
			    k->name, (int)w->name_len, w->name);
		if (!fits(&l->members[i], w))
			return fault_set(f, FAULT_INPUT,
			    "%s: member \"%.*s\" is not of its type", k->name,
			    (int)w->name_len, w->name);
		i++;
	}
	while (i < l->nmembers && is_frame(&l->members[i].name))
		i++;
	if (i < l->nmembers)
		return fault_set(f, FAULT_INPUT, "%s: unknown member \"%.*s\"",
		    k->name, (int)l->members[i].name.len,
		    (const char *)l->members[i].name.at);
	return 0;
}

bool
members_commits(const struct kind *k, const char *member, size_t len)
{
	const struct parsed *p = parsed_kind(k);

	for (size_t j = 0; p->commits && j < p->n; j++)
		if (p->at[j].name_len == len &&
		    memcmp(p->at[j].name, member, len) == 0)
			return commitment(&p->at[j]);
	return false;
}

const struct kind *
kind_of(const struct audit_leaf *l)
{
	for (const struct kind *k = kinds; k->name != NULL; k++)
		if (same(&l->kind, k->name, strlen(k->name)))
			return k;
	return NULL;
}

const struct kind *
kind_named(const char *name)
{
	for (const struct kind *k = kinds; k->name != NULL; k++)
		if (strcmp(k->name, name) == 0)
			return k;
	return NULL;
}

const char *
catalog_kind(size_t i)
{
	return i < KINDS_MAX ? kinds[i].name : NULL;
}

const struct slice *
value_text(const struct step *s, const char *name)
{
	const struct audit_member *m = audit_leaf_member(s->leaf, name);

	must(m != NULL);
	return m->type == AUDIT_WORD ? NULL : &m->value;
}

int64_t
value_number(const struct step *s, const char *name)
{
	const struct slice *v = value_text(s, name);
	uint64_t n;

	must(v != NULL &&
	     u64_read(&n, (const char *)v->at, v->len, CATALOG_NUMBER_MAX));
	return (int64_t)n;
}

bool
value_true(const struct step *s, const char *name)
{
	const struct audit_member *m = audit_leaf_member(s->leaf, name);

	must(m != NULL && m->type == AUDIT_WORD);
	return same(&m->value, "true", 4);
}

bool
value_is(const struct step *s, const char *name, const char *word)
{
	const struct slice *v = value_text(s, name);

	return v != NULL && same(v, word, strlen(word));
}
