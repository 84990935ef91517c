/*
 * Durable appends a second, in the folder where it is run:
 *
 *     bench_append log CALLERS SECONDS    release entries through the catalog,
 *                                         callers waiting for their commit
 *     bench_append row SECONDS            SQLite, one row a commit, same mode
 *     bench_append fdatasync SECONDS      4 KiB and fdatasync
 *     bench_append replay ENTRIES         milliseconds to open such a log
 *
 * Each prints one number.
 */

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "gateway/catalog/catalog.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

#define FACT(member, text)                                        \
	{                                                         \
		member,                                           \
		{                                                 \
			(const uint8_t *)(text), sizeof(text) - 1 \
		}                                                 \
	}
#define FAR "2999-01-01T00:00:00Z"
#define PAST "2001-01-01T00:00:00Z"
#define D(c) c c c c c c c c c c c c c c c c
#define HEX "0123"

static struct sign_key key;
static struct vkey origin;
static struct audit_home home;
static char grant[ID_CHARS + 1];

/* Everything here must work; say what did not. */
static void
ok(int rc, const struct fault *f)
{
	if (rc == 0)
		return;
	fprintf(stderr, "bench_append: %s\n", f->text);
	exit(1);
}

static void
record(struct catalog *c, const char *kind, json_t *body,
    const struct catalog_fact *facts, size_t n)
{
	struct catalog_entry e = {
		.kind = kind, .body = body, .facts = facts, .nfacts = n
	};
	struct fault f = { 0 };
	uint64_t seq;

	ok(catalog_record(c, &e, &seq, &f), &f);
	json_decref(body);
}

/* A home in ./NAME with a batch of 16 shards that can be released. */
static struct catalog *
make_home(const char *name)
{
	static const struct catalog_fact vendor_facts[] = { FACT("card", "c"),
		FACT("country", "NL"), FACT("name", "acme") };
	static const struct catalog_fact batch_facts[] = { FACT("name", "b"),
		FACT("plan", "p"), FACT("policy", "p"), FACT("source", "s") };
	static const struct catalog_fact by[] = { FACT("by", "me") };
	uint8_t seed[SIGN_SEED_BYTES] = { 1 }, public[SIGN_PUBLIC_BYTES];
	char text[NOTE_NAME_MAX + 1] = AUDIT_ORIGIN;
	char vendor[ID_CHARS + 1], batch[ID_CHARS + 1];
	struct fault f = { 0 };
	struct catalog *c;

	id_new(text + strlen(text), 'h');
	id_new(vendor, 'v');
	id_new(batch, 'b');
	id_new(grant, 'g');
	ok(folder_make(AT_FDCWD, name, &f), &f);
	ok(folder_open(AT_FDCWD, name, &home.dir, &f), &f);
	ok(sign_key_from_seed(&key, seed, &f), &f);
	sign_key_public(&key, public);
	ok(vkey_of(&origin, text, public, &f), &f);
	home.log = &origin;
	home.key = &key;
	ok(catalog_create(&c, &home, "owner", &f), &f);
	record(c, "vendor-added",
	    json_pack("{s:s,s:s,s:s,s:s,s:s}", "model", "crowd", "recipient",
		D(HEX), "tls", D(HEX), "vendor", vendor, "verifier", D(HEX)),
	    vendor_facts, 3);
	record(c, "vendor-confirmed", json_pack("{s:s}", "vendor", vendor),
	    NULL, 0);
	record(c, "batch-begun",
	    json_pack("{s:[],s:s,s:s,s:n,s:n,s:b,s:n,s:i,s:s}", "agreements",
		"approve", "self", "batch", batch, "golden", "metric",
		"offline", 0, "pass", "retention", 1, "vendor", vendor),
	    batch_facts, 4);
	for (int i = 0; i < 16; i++)
		record(c, "shard-sealed",
		    json_pack("{s:s,s:i,s:i,s:n,s:s,s:i,s:s,s:i,s:s,s:i}",
			"batch", batch, "bytes", 1, "items", 1, "items_root",
			"object", D(HEX), "shard", i, "index", D(HEX),
			"index_bytes", 1, "join", D(HEX), "join_bytes", 1),
		    NULL, 0);
	record(c, "batch-sealed",
	    json_pack("{s:s,s:i,s:s,s:i,s:i,s:s,s:i}", "batch", batch, "items",
		16, "manifest", D(HEX), "revision", 1, "shards", 16, "object",
		D(HEX), "object_bytes", 1),
	    NULL, 0);
	record(c, "batch-approved",
	    json_pack("{s:s,s:i}", "batch", batch, "n", 1), by, 1);
	record(c, "grant-made",
	    json_pack("{s:s,s:s,s:s,s:s,s:s}", "batch", batch, "from", PAST,
		"grant", grant, "until", FAR, "vendor", vendor),
	    NULL, 0);
	return c;
}

/* A release of one shard, as a request would have it. */
static void
release(struct catalog *c)
{
	static const uint32_t shard[] = { 3 };
	uint8_t request[DIGEST_BYTES];
	struct catalog_release r = { .grant = grant,
		.shards = shard,
		.nshards = 1,
		.request = request };
	struct fault f = { 0 };
	uint64_t seq;

	random_fill(request, sizeof(request));
	ok(catalog_release(c, &r, &seq, &f), &f);
}

/* Callers wait for their turn as peers of the keeper do: what is waiting when
 * a commit begins shares it. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t more, done;
	uint64_t waiting; /* since the last commit began */
	uint64_t asked, answered;
	bool stop;
} desk = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER,
	PTHREAD_COND_INITIALIZER, 0, 0, 0, false };

static void *
caller(void *arg)
{
	(void)arg;
	(void)pthread_mutex_lock(&desk.lock);
	while (!desk.stop) {
		uint64_t mine = ++desk.asked;

		desk.waiting++;
		(void)pthread_cond_signal(&desk.more);
		while (desk.answered < mine && !desk.stop)
			(void)pthread_cond_wait(&desk.done, &desk.lock);
	}
	(void)pthread_mutex_unlock(&desk.lock);
	return NULL;
}

/* One caller, who is the only one that it waits for. */
static double
lone_rate(double seconds)
{
	struct catalog *c = make_home("home");
	double start = clock_monotonic(), end;
	struct fault f = { 0 };
	uint64_t n = 0;

	do {
		ok(catalog_begin(c, &f), &f);
		release(c);
		ok(catalog_commit(c, &f), &f);
		n++;
	} while ((end = clock_monotonic()) - start < seconds);
	catalog_close(c);
	return (double)n / (end - start);
}

static double
log_rate(unsigned callers, double seconds)
{
	struct catalog *c = make_home("home");
	double start = clock_monotonic(), end;
	struct fault f = { 0 };
	pthread_t threads[256];

	must(callers <= 256);
	for (unsigned i = 0; i < callers; i++)
		must(pthread_create(&threads[i], NULL, caller, NULL) == 0);
	(void)pthread_mutex_lock(&desk.lock);
	do {
		uint64_t group;

		while ((group = desk.waiting) == 0)
			(void)pthread_cond_wait(&desk.more, &desk.lock);
		desk.waiting = 0;
		(void)pthread_mutex_unlock(&desk.lock);
		ok(catalog_begin(c, &f), &f);
		for (uint64_t i = 0; i < group; i++)
			release(c);
		ok(catalog_commit(c, &f), &f);
		(void)pthread_mutex_lock(&desk.lock);
		desk.answered += group;
		(void)pthread_cond_broadcast(&desk.done);
	} while ((end = clock_monotonic()) - start < seconds);
	desk.stop = true;
	(void)pthread_cond_broadcast(&desk.done);
	(void)pthread_mutex_unlock(&desk.lock);
	for (unsigned i = 0; i < callers; i++)
		(void)pthread_join(threads[i], NULL);
	catalog_close(c);
	return (double)desk.answered / (end - start);
}

static double
row_rate(double seconds)
{
	struct fault f = { 0 };
	struct rows *r;
	double start, end;
	uint64_t n = 0;
	int dir;
	uint8_t leaf[400];
	struct slice s = { leaf, sizeof(leaf) };

	random_fill(leaf, sizeof(leaf));
	ok(folder_open(AT_FDCWD, ".", &dir, &f), &f);
	ok(rows_open(&r, dir, "rows.db", true, &f), &f);
	ok(rows_script(r, "CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB)", &f),
	    &f);
	start = clock_monotonic();
	do {
		ok(rows_run(r, NULL, &f, "INSERT INTO t(b) VALUES(?)", "b", &s),
		    &f);
		n++;
	} while ((end = clock_monotonic()) - start < seconds);
	rows_close(r);
	file_close(&dir);
	return (double)n / (end - start);
}

static double
sync_rate(double seconds)
{
	int fd = open("synced", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	double start = clock_monotonic(), end;
	static char page[4096];
	uint64_t n = 0;

	must(fd != -1);
	do {
		/* Over and over the same 4 MiB, as a log that is moved out is.
		 */
		must(pwrite(fd, page, sizeof(page),
			 (off_t)(n % 1024 * sizeof(page))) == sizeof(page));
		must(fdatasync(fd) == 0);
		n++;
	} while ((end = clock_monotonic()) - start < seconds);
	file_close(&fd);
	return (double)n / (end - start);
}

static double
replay_ms(uint64_t entries)
{
	struct catalog *c = make_home("home");
	double best = 1e9;
	struct fault f = { 0 };

	while (audit_size(catalog_audit(c)) < entries) {
		ok(catalog_begin(c, &f), &f);
		for (int i = 0; i < 100; i++)
			release(c);
		ok(catalog_commit(c, &f), &f);
	}
	for (int i = 0; i < 5; i++) {
		double start, ms;

		catalog_close(c);
		start = clock_monotonic();
		ok(catalog_open(&c, &home, &f), &f);
		ms = (clock_monotonic() - start) * 1000;
		best = ms < best ? ms : best;
	}
	catalog_close(c);
	return best;
}

int
main(int argc, char **argv)
{
	struct fault f = { 0 };
	double got;

	ok(secret_start(&f), &f);
	if (argc == 4 && strcmp(argv[1], "log") == 0)
		got = strcmp(argv[2], "1") == 0
			  ? lone_rate(strtod(argv[3], NULL))
			  : log_rate((unsigned)strtoul(argv[2], NULL, 10),
				strtod(argv[3], NULL));
	else if (argc == 3 && strcmp(argv[1], "row") == 0)
		got = row_rate(strtod(argv[2], NULL));
	else if (argc == 3 && strcmp(argv[1], "fdatasync") == 0)
		got = sync_rate(strtod(argv[2], NULL));
	else if (argc == 3 && strcmp(argv[1], "replay") == 0)
		got = replay_ms(strtoull(argv[2], NULL, 10));
	else
		return 2;
	printf("%.0f\n", got);
	return 0;
}
