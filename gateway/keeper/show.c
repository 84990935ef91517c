/*
 * What a person should know of a home: what is out, what is due, what is wrong.
 *
 * Read from the catalog with nothing unlocked.  Every list holds objects with a
 * "what" out of a closed list, so that the command can put it into words:
 *
 *     out    {"batch","name","vendor","releases","shards","of","offline",
 *            "last","until"?,"delete_by","held","unacknowledged","hindered"?}
 *            shards, and those that its vendor did not say it has, are told
 *            once, however often they were released; hindered: why nothing is
 *            released now, in words
 *     due    approve  ingest  acknowledge  grant-ends  agreement-ends
 *            hindered
 *     wrong  no-recovery  no-backup  old-backup  restored  restored-vendor
 *            erased-again
 *            vendor-not-confirmed  draft  agreement-over  grant-over
 *            suppressed  objects-missing  objects-altered  papers-missing
 *            each {"what","id"?,"name"?,"type"?,"at"?,"why"?}
 *     held   held (what is held, and not destroyed until that ends)
 *
 * It judges nothing that a rule of the catalog does not judge again when
 * somebody acts.
 */

#include <dirent.h>
#include <string.h>

#include "gateway/keeper/erase_internal.h"
#include "gateway/keeper/show_internal.h"
#include "keys/base/clock.h"
#include "keys/base/files.h"

#define BACKUP_DAYS 7
#define AGREEMENT_DAYS 30

/* Objects a list may have, so that an answer stays one that can be sent. */
#define LIST_MAX 1000u

/* ---- One line --------------------------------------------------------------
 */

int
view_text(json_t *o, const char *key, const char *text, struct fault *f)
{
	if (json_object_set_new(o, key, json_string(text)) != 0)
		return fault_memory(f);
	return 0;
}

int
view_time(json_t *o, const char *key, int64_t at, struct fault *f)
{
	char text[CLOCK_CHARS + 1];

	if (at == 0)
		return 0;
	clock_write(text, at);
	return view_text(o, key, text, f);
}

/* Append one, taken over, where there is room. */
int
view_append(struct view *v, json_t *list, json_t *one, struct fault *f)
{
	if (json_array_size(list) >= LIST_MAX) {
		json_decref(one);
		v->more++;
		return 0;
	}
	return json_array_append_new(list, one) == 0 ? 0 : fault_memory(f);
}

int
view_add(struct view *v, json_t *list, const struct line *l, struct fault *f)
{
	json_t *o = json_pack("{s:s}", "what", l->what);

	if (o == NULL)
		return fault_memory(f);
	if ((l->id != NULL && view_text(o, "id", l->id, f) != 0) ||
	    (l->name != NULL && view_text(o, "name", l->name, f) != 0) ||
	    (l->type != NULL && view_text(o, "type", l->type, f) != 0) ||
	    (l->why != NULL && view_text(o, "why", l->why, f) != 0) ||
	    view_time(o, "at", l->at, f) != 0) {
		json_decref(o);
		return -1;
	}
	return view_append(v, list, o, f);
}

/* ---- Vendors and their papers ----------------------------------------------
 */

static int
see_agreement(void *arg, const struct catalog_agreement *a, struct fault *f)
{
	struct view *v = arg;
	struct line l = { .what = "agreement-ends",
		.id = a->id,
		.name = v->vendor->name,
		.type = a->type,
		.at = a->until };
	bool other;

	if (a->ended != 0 || a->until == 0 ||
	    a->until - v->now > AGREEMENT_DAYS * DAY)
		return 0;
	/* Another one that goes on is as good. */
	if (catalog_in_force(v->h->catalog, v->vendor->id, a->type,
		a->until > v->now ? a->until : v->now, &other, f) != 0)
		return -1;
	if (other)
		return 0;
	if (a->until > v->now)
		return view_add(v, v->due, &l, f);
	l.what = "agreement-over";
	return view_add(v, v->wrong, &l, f);
}

static int
see_vendor(void *arg, const struct catalog_vendor *w, struct fault *f)
{
	struct view *v = arg;
	struct line l = { .what = "vendor-not-confirmed",
		.id = w->id,
		.name = w->name,
		.at = w->added };

	if (w->ended != 0)
		return 0;
	v->vendor = w;
	if (w->confirmed == 0 && view_add(v, v->wrong, &l, f) != 0)
		return -1;
	return catalog_each_agreement(
	    v->h->catalog, w->id, see_agreement, v, f);
}

static int
see_papers(struct view *v, struct fault *f)
{
	struct objects_seen was = v->objects;

	if (objects_of_people(v->h, &v->objects, f) != 0)
		return -1;
	if (v->objects.missing == was.missing &&
	    v->objects.altered == was.altered)
		return 0;
	return view_add(
	    v, v->wrong, &(struct line){ .what = "papers-missing" }, f);
}

static int
see_hold(void *arg, const struct catalog_hold *hold, struct fault *f)
{
	struct view *v = arg;
	struct line l = { .what = "held",
		.id = hold->id,
		.name = "a person",
		.type = "subject",
		.at = hold->at };
	struct catalog_batch b;
	struct catalog_vendor w;

	if (hold->ended != 0)
		return 0;
	if (hold->target[0] == 'b') {
		if (catalog_batch(v->h->catalog, hold->target, &b, f) != 0)
			return -1;
		l.name = b.name;
		l.type = "batch";
	} else if (hold->target[0] == 'v') {
		if (catalog_vendor(v->h->catalog, hold->target, &w, f) != 0)
			return -1;
		l.name = w.name;
		l.type = "vendor";
	}
	return view_add(v, v->held, &l, f);
}

/* ---- The home itself -------------------------------------------------------
 */

static int
see_backup(struct view *v, int64_t *last, struct fault *f)
{
	struct line l = { .what = "no-backup" };

	if (catalog_last_backup(v->h->catalog, last, f) != 0)
		return -1;
	if (ring_recovery(v->h->ring) == NULL) {
		l.what = "no-recovery";
		return view_add(v, v->wrong, &l, f);
	}
	if (*last != 0 && v->now - *last <= BACKUP_DAYS * DAY)
		return 0;
	if (*last != 0)
		l.what = "old-backup";
	l.at = *last;
	return view_add(v, v->wrong, &l, f);
}

/* A restored home lacks what came after its backup; until one is made of it,
 * what is to be done about that is not done. */
static int
see_restored(struct view *v, int64_t backup, json_t *o, struct fault *f)
{
	bool owner = ring_role(v->h->ring) == ROLE_OWNER;
	struct line l = { .what = owner ? "restored" : "restored-vendor" };

	if (catalog_last_restore(v->h->catalog, &l.at, f) != 0 ||
	    view_time(o, "restored", l.at, f) != 0)
		return -1;
	return l.at != 0 && l.at >= backup ? view_add(v, v->wrong, &l, f) : 0;
}

/* Nor was it forgotten here who was erased after the backup, or kept from
 * leaving who was suppressed; no backup makes up for that. */
static int
see_forgotten(struct view *v, struct fault *f)
{
	struct line l = { .what = "erased-again" };
	int64_t repeated;
	bool open;

	if (ring_role(v->h->ring) != ROLE_OWNER)
		return 0;
	if (catalog_last_restore(v->h->catalog, &l.at, f) != 0 ||
	    catalog_last_repeat(v->h->catalog, &repeated, f) != 0)
		return -1;
	open = l.at != 0 && l.at > repeated;
	/* within a second the log itself has to say which was the last */
	if (l.at != 0 && l.at == repeated &&
	    restorations_open(v->h, &open, f) != 0)
		return -1;
	return open ? view_add(v, v->wrong, &l, f) : 0;
}

/* The names in a folder of a vendor's home that are ids. */
static int
list_ids(struct view *v, const char *folder, char letter, json_t *list,
    struct fault *f)
{
	struct dirent *e;
	DIR *dir;
	int fd, rc = 0;

	if (home_folder(v->h, folder, &fd, f) != 0)
		return -1;
	if ((dir = fdopendir(fd)) == NULL) {
		file_close(&fd);
		return fault_errno(f, "list %s", folder);
	}
	while (rc == 0 && (e = readdir(dir)) != NULL)
		if (id_valid(e->d_name, letter))
			rc = view_append(v, list, json_string(e->d_name), f);
	(void)closedir(dir); /* reading: nothing to lose */
	return rc;
}

static int
see_all(struct view *v, json_t *o, struct fault *f)
{
	json_t *owners = json_object_get(o, "owners");
	json_t *inbox = json_object_get(o, "inbox");
	int64_t backup;

	if (see_backup(v, &backup, f) != 0 ||
	    view_time(o, "backup", backup, f) != 0 ||
	    see_restored(v, backup, o, f) != 0)
		return -1;
	if (ring_role(v->h->ring) != ROLE_OWNER)
		return list_ids(v, "owners", 'h', owners, f) != 0 ||
			       list_ids(v, "inbox", 'b', inbox, f) != 0
			   ? -1
			   : 0;
	if (see_forgotten(v, f) != 0 ||
	    catalog_each_vendor(v->h->catalog, see_vendor, v, f) != 0 ||
	    see_papers(v, f) != 0 ||
	    catalog_each_hold(v->h->catalog, see_hold, v, f) != 0 ||
	    view_batches(v, f) != 0)
		return -1;
	if (json_object_set_new(o, "objects",
		json_pack("{s:I,s:I,s:I}", "all", (json_int_t)v->objects.all,
		    "missing", (json_int_t)v->objects.missing, "altered",
		    (json_int_t)v->objects.altered)) != 0)
		return fault_memory(f);
	return 0;
}

int
home_status(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct audit *log = catalog_audit(h->catalog);
	struct view v = { .h = h, .now = audit_now(log) };
	char key[VKEY_CHARS_MAX + 1];
	json_t *in, *o;

	if (home_in(a, &in, f) != 0)
		return -1;
	json_decref(in);
	vkey_write(key, &h->log);
	o = json_pack("{s:s,s:s,s:b,s:b,s:s,s:I,s:[],s:[],s:[],s:[],s:[],s:[]}",
	    "home", ring_home(h->ring), "role", role_name(ring_role(h->ring)),
	    "split", (int)ring_is_split(h->ring), "recovery",
	    ring_recovery(h->ring) != NULL, "log", key, "entries",
	    (json_int_t)audit_size(log), "out", "due", "wrong", "held",
	    "owners", "inbox");
	if (o == NULL)
		return fault_memory(f);
	v.out = json_object_get(o, "out");
	v.due = json_object_get(o, "due");
	v.wrong = json_object_get(o, "wrong");
	v.held = json_object_get(o, "held");
	if (see_all(&v, o, f) != 0) {
		json_decref(o);
		return -1;
	}
	if (json_object_set_new(o, "more", json_integer((json_int_t)v.more)) !=
	    0) {
		json_decref(o);
		return fault_memory(f);
	}
	return home_out(a, o, f);
}
