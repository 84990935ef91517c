/*
 * Golden answers as an export takes them: label lines under original ids, made
 * canonical, found in the plan, and judged by the contract that the vendor's
 * own labels will be judged by.
 */

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/flow/export_golden_internal.h"
#include "gateway/flow/plan_internal.h"
#include "gateway/labels/labels.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

#define GOLDEN_MAX ((size_t)64 << 20)
#define LINES_MAX 1000000u

static int
grow(struct golden_lines *g, struct fault *f)
{
	size_t room = g->room == 0 ? 256 : 2 * g->room;
	char **ids;
	uint32_t *numbers;

	if (g->n < g->room)
		return 0;
	if (g->n >= LINES_MAX)
		return fault_set(f, FAULT_INPUT,
		    "%s: more than %u golden items", g->path, LINES_MAX);
	if ((ids = mem_resize(g->ids, room * sizeof(*ids))) == NULL)
		return fault_memory(f);
	g->ids = ids;
	numbers = mem_resize(g->numbers, room * sizeof(*numbers));
	if (numbers == NULL)
		return fault_memory(f);
	g->numbers = numbers;
	g->room = room;
	return 0;
}

static int
add_line(struct golden_lines *g, const uint8_t *line, size_t len,
    uint32_t number, struct fault *f)
{
	json_t *o = NULL;
	const char *item;
	int rc = -1;

	if (doc_read(&o, line, len, f) != 0 ||
	    doc_text(o, "item", &item, f) != 0 || grow(g, f) != 0)
		goto out;
	if ((g->ids[g->n] = mem_text(item, strlen(item))) == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	g->numbers[g->n++] = number;
	if (doc_write(&g->lines, o, f) == 0)
		rc = bytes_add(&g->lines, "\n", 1, f);
out:
	json_decref(o);
	return rc == 0 ? 0 : fault_at(f, "%s:%u", g->path, (unsigned)number);
}

static int
read_lines(struct golden_lines *g, const struct bytes *text, struct fault *f)
{
	uint32_t number = 0;

	for (size_t at = 0; at < text->len;) {
		const uint8_t *line = text->at + at;
		const uint8_t *end = memchr(line, '\n', text->len - at);
		size_t len =
		    end != NULL ? (size_t)(end - line) : text->len - at;

		at += len + 1;
		number++;
		if (len > 0 && line[len - 1] == '\r')
			len--;
		if (len > 0 && add_line(g, line, len, number, f) != 0)
			return -1;
	}
	if (g->n == 0)
		return fault_set(
		    f, FAULT_INPUT, "%s: no golden items", g->path);
	return 0;
}

int
golden_read(struct golden_lines **out, const char *path, struct fault *f)
{
	struct golden_lines *g = mem_new(sizeof(*g));
	struct bytes text;
	int rc = -1;

	if (g == NULL)
		return fault_memory(f);
	g->path = path;
	bytes_init(&text, GOLDEN_MAX);
	bytes_init(&g->lines, GOLDEN_MAX);
	if (file_read(AT_FDCWD, path, &text, f) != 0 ||
	    read_lines(g, &text, f) != 0)
		goto out;
	if ((g->found = mem_array(g->n, sizeof(*g->found))) == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	digest_of(g->digest, g->lines.at, g->lines.len);
	g->wanted =
	    (struct plan_wanted){ (const char *const *)g->ids, g->n, g->found };
	*out = g;
	g = NULL;
	rc = 0;
out:
	bytes_free(&text);
	golden_free(g);
	return rc;
}

void
golden_free(struct golden_lines *g)
{
	if (g == NULL)
		return;
	for (size_t i = 0; i < g->n; i++)
		mem_free(g->ids[i]);
	mem_free(g->ids);
	mem_free(g->numbers);
	mem_free(g->found);
	bytes_free(&g->lines);
	mem_free(g);
}

const struct plan_wanted *
golden_wanted(const struct golden_lines *g)
{
	return &g->wanted;
}

int
golden_fd(const struct golden_lines *g, int *fd, struct fault *f)
{
	int got = memfd_create("golden", MFD_CLOEXEC);

	if (got == -1)
		return fault_errno(f, "a file in memory");
	if (file_write(got, g->lines.at, g->lines.len, f) != 0) {
		file_close(&got);
		return -1;
	}
	if (lseek(got, 0, SEEK_SET) != 0) {
		(void)fault_errno(f, "a file in memory");
		file_close(&got);
		return -1;
	}
	*fd = got;
	return 0;
}

static enum labels_kind
kind_of(enum label_kind kind)
{
	return kind == LABEL_CLASS   ? LABELS_CLASS
	       : kind == LABEL_BOXES ? LABELS_BOXES
				     : LABELS_SPANS;
}

/* Read as the vendor's labels will be, but for who and when. */
static int
judge(const struct golden_lines *g, const struct label_contract *l,
    struct fault *f)
{
	const struct labels_contract terms = { .kind = kind_of(l->kind),
		.classes = l->classes.at,
		.nclasses = l->classes.n,
		.any_item = true,
		.anonymous = true };
	struct labels *set = NULL;
	int fd = -1, rc = -1;

	if (labels_new(&set, &terms, f) != 0 || golden_fd(g, &fd, f) != 0 ||
	    labels_read(set, fd, g->path, LABELS_JSONL, f) != 0 ||
	    labels_settle(set, f) != 0)
		goto out;
	if (labels_verdict(set) != LABELS_REJECTED)
		rc = 0;
	else
		(void)fault_set(f, FAULT_INPUT, "%s: %s", g->path,
		    labels_finding(set, 0)->message);
out:
	labels_free(set);
	file_close(&fd);
	return rc;
}

int
golden_check(
    const struct golden_lines *g, const struct plan *p, struct fault *f)
{
	const struct label_contract *l = &p->policy->labels;

	if (!l->given || !l->golden) {
		(void)fault_set(f, FAULT_POLICY,
		    "%s: no golden items are agreed on", p->policy->name);
		return fault_hint(
		    f, "under labels:   golden: {metric: accuracy, pass: 0.9}");
	}
	for (size_t i = 0; i < g->n; i++)
		if (!g->found[i])
			return fault_set(f, FAULT_INPUT,
			    "%s:%u: no such item leaves", g->path,
			    (unsigned)g->numbers[i]);
	return judge(g, l, f);
}
