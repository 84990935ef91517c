#ifndef TESTS_SUPPORT_HOME_H
#define TESTS_SUPPORT_HOME_H

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/keeper/keeper.h"
#include "keys/base/files.h"
#include "tests/support/test.h"

/* A place for a home, and a file with lines that unlock it. */
struct place {
	char folder[64];
	char home[128];
	int pass;
	struct keeper_options o;
};

static inline void
place_say(struct place *p, const char *lines)
{
	struct fault f;

	assert_int_equal(ftruncate(p->pass, 0), 0);
	assert_int_equal(lseek(p->pass, 0, SEEK_SET), 0);
	assert_ok(file_write(p->pass, lines, strlen(lines), &f));
	assert_int_equal(lseek(p->pass, 0, SEEK_SET), 0);
}

static inline void
place_new(struct place *p, const char *lines)
{
	test_folder(p->folder);
	(void)snprintf(p->home, sizeof(p->home), "%s/home", p->folder);
	p->pass = open(p->folder, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	assert_true(p->pass != -1);
	p->o =
	    (struct keeper_options){ .home = p->home, .passphrase = p->pass };
	place_say(p, lines);
}

static inline void
place_end(struct place *p)
{
	file_close(&p->pass);
	test_folder_remove(p->folder);
}

/* Open the home, unlocked by lines. */
static inline struct keeper *
place_open(struct place *p, unsigned branches, const char *lines)
{
	struct keeper *k;
	struct fault f;

	place_say(p, lines);
	p->o.branches = branches;
	assert_ok(keeper_open(&k, &p->o, &f));
	return k;
}

#endif
