/* gateway/catalog: kill -9 at random points of a process that appends and
 * publishes; whatever it acknowledged is there, and the published copy is
 * whole again. */

#include "tests/gateway/catalog_story.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#define POINTS 40

struct ack {
	uint64_t seq;
	uint8_t leaf[DIGEST_BYTES];
};

static void
entry_hash(struct catalog *c, uint64_t seq, uint8_t out[DIGEST_BYTES])
{
	struct fault f = { 0 };
	struct bytes b;

	bytes_init(&b, AUDIT_LEAF_MAX);
	must(audit_entry(catalog_audit(c), seq, &b, &f) == 0);
	digest_of(out, b.at, b.len);
	bytes_free(&b);
}

/* Append groups of one to eight until killed; tell each entry once its group
 * is durable. */
static void
append_for_ever(const struct audit_home *home, int told, unsigned seed)
{
	json_t *body =
	    json_pack("{s:n,s:n,s:s}", "batch", "request", "rule", "no-grant");
	struct catalog_entry e = { .kind = "refused", .body = body };
	struct fault f = { 0 };
	struct catalog *c;

	srandom(seed);
	must(catalog_open(&c, home, &f) == 0);
	for (;;) {
		uint64_t seq = 0, first;
		int n = 1 + (int)(random() % 8);

		must(catalog_begin(c, &f) == 0);
		first = audit_next(catalog_audit(c));
		for (int i = 0; i < n; i++)
			must(catalog_add(c, &e, &seq, &f) == 0);
		must(catalog_commit(c, &f) == 0);
		for (; first <= seq; first++) {
			struct ack ack = { .seq = first };

			entry_hash(c, first, ack.leaf);
			must(file_write(told, &ack, sizeof(ack), &f) == 0);
		}
		if (random() % 4 == 0)
			must(audit_publish(catalog_audit(c), &f) == 0);
	}
}

/* Run it for a while, kill it, and count what it told. */
static size_t
run_and_kill(
    const struct audit_home *home, unsigned seed, struct ack *acks, size_t room)
{
	struct timespec wait = { .tv_nsec = 0 };
	struct fault f = { 0 };
	size_t got;
	int pipes[2], status;
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	if ((pid = fork()) == 0) {
		(void)close(pipes[0]);
		append_for_ever(home, pipes[1], seed);
		_exit(0);
	}
	assert_true(pid > 0);
	(void)close(pipes[1]);
	/* From before it has opened to some dozen groups on. */
	wait.tv_nsec = (long)(seed * 2654435761u % 40000000u);
	(void)nanosleep(&wait, NULL);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_ok(
	    file_read_some(pipes[0], acks, room * sizeof(*acks), &got, &f));
	(void)close(pipes[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_true(got < room * sizeof(*acks));
	return got / sizeof(*acks);
}

static void
published_is_whole(struct story *s, uint64_t size)
{
	struct audit_copy copy = { .ours = true };
	struct fault f = { 0 };
	struct bytes note;
	int dir;

	bytes_init(&note, AUDIT_CHECKPOINT_MAX);
	assert_ok(folder_open(s->dir, "log", &dir, &f));
	assert_ok(file_read(dir, "checkpoint", &note, &f));
	assert_ok(audit_checkpoint_open(
	    &copy.checkpoint, note.at, note.len, &s->log, &f));
	assert_int_equal(copy.checkpoint.size, size);
	copy.from = audit_folder(&dir);
	assert_ok(audit_verify(&copy, &f));
	file_close(&dir);
	bytes_free(&note);
}

static void
no_acknowledged_entry_is_lost_by_kill_9(void **state)
{
	size_t room = 4096, told = 0;
	unsigned kills = 0;
	struct ack *acks = calloc(room, sizeof(*acks));
	struct story s;

	(void)state;
	assert_non_null(acks);
	story_home(&s);
	/* On a busy machine more are killed before they told anything. */
	while (kills < POINTS || (told <= POINTS && kills < 20 * POINTS)) {
		size_t n;

		story_close(&s);
		n = run_and_kill(&s.open, ++kills, acks, room);
		story_open(&s);
		for (size_t k = 0; k < n; k++) {
			uint8_t hash[DIGEST_BYTES];

			assert_true(
			    acks[k].seq < audit_size(catalog_audit(s.c)));
			entry_hash(s.c, acks[k].seq, hash);
			assert_memory_equal(hash, acks[k].leaf, sizeof(hash));
		}
		published_is_whole(&s, audit_size(catalog_audit(s.c)));
		told += n;
	}
	print_message("killed %u times over %zu entries\n", kills, told);
	assert_true(told > POINTS);
	free(acks);
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_acknowledged_entry_is_lost_by_kill_9),
	};
	struct fault f = { 0 };

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
