/* The line that says how far a long command is; see cli.h. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/cli/cli.h"
#include "keys/base/clock.h"

/* Silent for so long, then redrawn so often, in seconds. */
#define SILENT 1.0
#define EVERY 0.2

void
progress_start(struct progress *p, const struct cli *c)
{
	const char *term = getenv("TERM");

	*p = (struct progress){ .begun = clock_monotonic() };
	p->on = !c->quiet && !c->json && isatty(STDERR_FILENO) == 1 &&
		(term == NULL || strcmp(term, "dumb") != 0);
}

static void
draw(struct progress *p, uint64_t done, uint64_t all, double since)
{
	double rate = (double)done / since;
	unsigned left = 0;

	speak_to(stderr, "\r%s", p->doing);
	if (done > 0 || all > 0)
		(void)fprintf(stderr, ": %" PRIu64, done);
	else
		(void)fprintf(stderr, " ...");
	if (all > 0)
		(void)fprintf(stderr, " of %" PRIu64, all);
	if (since >= SILENT && done > 0) {
		(void)fprintf(stderr, ", %.0f/s", rate);
		if (all > done)
			left = (unsigned)((double)(all - done) / rate) + 1;
		if (left > 0)
			(void)fprintf(
			    stderr, ", %u:%02u left", left / 60, left % 60);
	}
	(void)fprintf(stderr, "\033[K");
	(void)fflush(stderr);
	p->drawn = true;
}

void
progress_tell(void *arg, const char *doing, uint64_t done, uint64_t all)
{
	struct progress *p = arg;
	double now;

	if (!p->on)
		return;
	now = clock_monotonic();
	if (strncmp(p->doing, doing, sizeof(p->doing) - 1) != 0) {
		bool first = p->doing[0] == '\0';

		(void)snprintf(p->doing, sizeof(p->doing), "%s", doing);
		if (!first && p->drawn) /* another thing: measure it anew */
			p->begun = now;
	}
	if (!p->drawn && now - p->begun < SILENT)
		return;
	if (p->drawn && now - p->shown < EVERY)
		return;
	p->shown = now;
	draw(p, done, all, now - p->begun);
}

void
progress_bytes(void *p, uint64_t bytes)
{
	progress_tell(p, "MiB", bytes >> 20, 0);
}

void
progress_end(struct progress *p)
{
	if (!p->drawn)
		return;
	(void)fprintf(stderr, "\r\033[K");
	(void)fflush(stderr);
	p->drawn = false;
}
