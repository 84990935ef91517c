/* Some fields of a record, for who measures them before it leaves. */

#include "gateway/mask/mask_internal.h"
#include "keys/base/mem.h"

static int
append(struct bytes *b, bool more, const struct slice *s, struct fault *f)
{
	static const char between = MASK_LOOK_BETWEEN;

	if (more && bytes_add(b, &between, 1, f) != 0)
		return -1;
	return bytes_add(b, s->at, s->len, f);
}

int
look_note(struct mask_rows *m, size_t i, const struct slice *found,
    const struct slice *sent, struct fault *f)
{
	struct looked *l = &m->looked[i];
	bool more = l->any;

	l->any = true;
	if (append(&l->sent, more, sent, f) != 0)
		return -1;
	return m->look->found == NULL ? 0 : append(&l->found, more, found, f);
}

int
look_spelt(struct mask_rows *m, size_t i, const struct slice *raw,
    unsigned form, struct fault *f)
{
	struct looked *l = &m->looked[i];
	bool more = l->spelt;

	l->spelt = true;
	l->form |= form;
	return append(&l->raw, more, raw, f);
}

static int
start(struct mask_rows *m, size_t n, struct fault *f)
{
	if ((m->looked = mem_array(n, sizeof(*m->looked))) == NULL)
		return fault_memory(f);
	for (; m->nlooked < n; m->nlooked++) {
		bytes_init(&m->looked[m->nlooked].found, MASK_RECORD_MAX);
		bytes_init(&m->looked[m->nlooked].sent, 2 * MASK_RECORD_MAX);
		bytes_init(&m->looked[m->nlooked].raw, 8 * MASK_RECORD_MAX);
	}
	return 0;
}

void
look_close(struct mask_rows *m)
{
	for (size_t i = 0; i < m->nlooked; i++) {
		bytes_free(&m->looked[i].found);
		bytes_free(&m->looked[i].sent);
		bytes_free(&m->looked[i].raw);
	}
	mem_free(m->looked);
}

int
mask_rows_look(struct mask_rows *m, struct mask_row *row,
    struct mask_look *look, bool *end, struct fault *f)
{
	int rc;

	if (m->looked == NULL && start(m, look->n, f) != 0)
		return -1;
	must(m->nlooked == look->n);
	for (size_t i = 0; i < look->n; i++) {
		bytes_reset(&m->looked[i].found);
		bytes_reset(&m->looked[i].sent);
		bytes_reset(&m->looked[i].raw);
		m->looked[i].any = m->looked[i].spelt = false;
		m->looked[i].form = 0;
	}
	m->look = look;
	rc = mask_rows_next(m, row, NULL, end, f);
	m->look = NULL;
	for (size_t i = 0; rc == 0 && i < look->n; i++) {
		const struct looked *l = &m->looked[i];

		look->sent[i] = (struct slice){ l->sent.at, l->sent.len };
		if (look->spelt != NULL)
			look->spelt[i] =
			    (struct mask_spelt){ { l->raw.at, l->raw.len },
				    l->form };
		if (look->found != NULL)
			look->found[i] =
			    (struct slice){ l->found.at, l->found.len };
	}
	return rc;
}
