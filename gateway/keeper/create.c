/* A new home, from the command's side: what shall unlock it is read, and a
 * keeper fills the folder beside its place. */

#include "gateway/keeper/keeper.h"
#include "gateway/keeper/start_internal.h"
#include "keys/base/files.h"

/* What shall unlock, as descriptors: one, or one for each branch. */
static int
unlock_texts(const struct keeper_options *o, bool split, int fds[RING_BRANCHES],
    struct fault *f)
{
	static const char *const prompts[RING_BRANCHES] = {
		"New passphrase (release): ", "New passphrase (export): ",
		"New passphrase (reveal): "
	};
	size_t n = split ? RING_BRANCHES : 1;

	if (o->identity != NULL && split)
		return fault_set(f, FAULT_USAGE,
		    "one identity for three branches is no split");
	for (size_t i = 0; i < n; i++)
		if (unlock_text(o, split ? prompts[i] : "New passphrase: ",
			true, &fds[i], f) != 0)
			return -1;
	return 0;
}

static json_t *
words_of(const struct keeper_options *o, const struct keeper_home *h,
    struct fault *f)
{
	json_t *in = json_pack("{s:s,s:s,s:b,s:i}", "role", role_name(h->role),
	    "name", h->name, "split", (int)h->split, "means",
	    o->identity == NULL ? RING_PASSPHRASE : RING_IDENTITY);
	struct bytes text;

	if (in == NULL || h->recovery == NULL)
		return in;
	bytes_init(&text, 4096);
	if (age_recipient_write(&text, h->recovery, f) != 0 ||
	    json_object_set_new(in, "recovery",
		json_stringn((const char *)text.at, text.len)) != 0) {
		json_decref(in);
		in = NULL;
	}
	bytes_free(&text);
	return in;
}

/* Fill the folder. */
static int
fill(const struct keeper_options *o, const struct keeper_home *h, int folder,
    struct fault *f)
{
	int texts[RING_BRANCHES] = { -1, -1, -1 }, rc = -1;
	struct keeper_fds fds = { texts, h->split ? RING_BRANCHES : 1, NULL,
		0 };
	struct keeper *k = NULL;

	if (unlock_texts(o, h->split, texts, f) != 0 ||
	    keeper_start(&k, folder, f) != 0)
		goto out;
	rc = keeper_ask_fds(k, KEEPER_CREATE, words_of(o, h, f), &fds, NULL, f);
	if (rc == 0 && h->more != NULL)
		rc = h->more(k, h->arg, f);
out:
	if (keeper_close(k, f) != 0)
		rc = -1;
	for (size_t i = 0; i < RING_BRANCHES; i++)
		file_close(&texts[i]);
	return rc;
}

int
keeper_create(const struct keeper_options *o, const struct keeper_home *h,
    struct fault *f)
{
	struct keeper_place place;
	int rc;

	if (keeper_place_new(&place, o->home, f) != 0)
		return -1;
	rc = fill(o, h, place.folder, f);
	if (rc == 0)
		rc = keeper_place_keep(&place, f);
	keeper_place_drop(&place);
	return rc;
}
