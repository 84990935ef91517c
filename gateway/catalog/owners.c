/* What an owner did that concerns no batch yet: plans that were approved, and
 * pseudonyms that were looked behind.  Numbered by vendor, from 1. */

#include "gateway/catalog/catalog_internal.h"

static int
count_of(struct rows *rows, const char *sql, const struct slice *vendor,
    int64_t *n, struct fault *f)
{
	sqlite3_stmt *row;

	if (rows_run(rows, &row, f, sql, "s", vendor) != 0)
		return -1;
	must(row != NULL);
	*n = sqlite3_column_int64(row, 0);
	rows_done(row);
	return 0;
}

#define COUNT_PLANS "SELECT COUNT(*) FROM plans WHERE vendor=?"
#define COUNT_REVEALS "SELECT COUNT(*) FROM reveals WHERE vendor=?"

/* A vendor that is suspended or ended is no reason not to look. */
static int
next_number(const struct step *s, const char *sql, struct fault *f)
{
	const struct slice *vendor = value_text(s, "vendor");
	sqlite3_stmt *row;
	int64_t n;

	if (rows_run(s->fold->rows, &row, f, "SELECT 1 FROM vendors WHERE id=?",
		"s", vendor) != 0)
		return -1;
	if (row == NULL)
		return fold_refuse(
		    s->fold, f, "unknown-vendor", "no such vendor");
	rows_done(row);
	if (count_of(s->fold->rows, sql, vendor, &n, f) != 0)
		return -1;
	if (value_number(s, "n") == n + 1)
		return 0;
	return fold_refuse(
	    s->fold, f, "out-of-order", "its number is not the next");
}

int
apply_plan_approved(const struct step *s, struct fault *f)
{
	if (next_number(s, COUNT_PLANS, f) != 0)
		return -1;
	return rows_run(s->fold->rows, NULL, f,
	    "INSERT INTO plans VALUES(?, ?, ?)", "sis", value_text(s, "vendor"),
	    value_number(s, "n"), value_text(s, "at"));
}

int
apply_revealed(const struct step *s, struct fault *f)
{
	if (next_number(s, COUNT_REVEALS, f) != 0)
		return -1;
	return rows_run(s->fold->rows, NULL, f,
	    "INSERT INTO reveals VALUES(?, ?, ?, ?)", "sisi",
	    value_text(s, "vendor"), value_number(s, "n"), value_text(s, "at"),
	    value_number(s, "count"));
}

static int
count_text(struct catalog *c, const char *sql, const char *vendor, uint64_t *n,
    struct fault *f)
{
	struct slice id = slice_of_text(vendor);
	int64_t count;

	if (count_of(c->rows, sql, &id, &count, f) != 0)
		return -1;
	*n = (uint64_t)count;
	return 0;
}

int
catalog_plans(
    struct catalog *c, const char *vendor, uint64_t *n, struct fault *f)
{
	return count_text(c, COUNT_PLANS, vendor, n, f);
}

int
catalog_reveals(
    struct catalog *c, const char *vendor, uint64_t *n, struct fault *f)
{
	return count_text(c, COUNT_REVEALS, vendor, n, f);
}
