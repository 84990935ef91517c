#ifndef POLICY_RULES_PARSE_INTERNAL_H
#define POLICY_RULES_PARSE_INTERNAL_H

#include "policy/rules/tree_internal.h"

/* A copy of a scalar's text into *out (freed first). */
NEED int parse_copy(char **out, const char *text, struct fault *f);

/* A name of 1 to max characters [a-z0-9-]. */
NEED int parse_name(const struct tree *y, const struct node *n,
    const char *what, size_t max, char **out, struct fault *f);

/* A glob, refused when no path could match it. */
NEED int parse_glob(
    const struct tree *y, const struct node *n, char **out, struct fault *f);

/* missing: refuse or allow. */
NEED int parse_missing(
    const struct tree *y, const struct node *n, bool *allow, struct fault *f);

/* A JSON path, compiled, and in canonical form (freed first). */
NEED int parse_path(const struct tree *y, const struct node *n,
    struct path *path, char **out, struct fault *f);

/* The same where it must be one place of a document. */
NEED int parse_place(const struct tree *y, const struct node *n,
    struct path *path, char **out, struct fault *f);

/* The same of a text that stands in no policy. */
NEED int path_canonical(char **out, const char *text, struct fault *f);

/* One action, without the default of a token's domain. */
NEED int parse_action(const struct tree *y, const struct node *n,
    struct transform *t, struct fault *f);

/* A hierarchy's name, level and digest, into a struct transform. */
#define HIERARCHY_NAME_MAX 255u
NEED int parse_hierarchy(
    const struct tree *y, const struct node *n, void *to, struct fault *f);

/* The attribute whose keyword is nearest to a text that names none, or NULL. */
const char *tag_near(const char *text);

/* What generalise and noise need, and the order of dates, into a struct
 * transform. */
NEED int parse_generalise(
    const struct tree *y, const struct node *n, void *to, struct fault *f);
NEED int parse_noise(
    const struct tree *y, const struct node *n, void *to, struct fault *f);
NEED int parse_order(
    const struct tree *y, const struct node *n, void *to, struct fault *f);
NEED int parse_date(
    const struct tree *y, const struct node *n, void *to, struct fault *f);
NEED int parse_age(
    const struct tree *y, const struct node *n, void *to, struct fault *f);

/* detect, the action, and what it is without a map; detect: at the top, into a
 * struct policy, which compiles its rules once it is read. */
NEED int parse_detect(
    const struct tree *y, const struct node *n, void *to, struct fault *f);
NEED int parse_detect_bare(struct transform *t, struct fault *f);
NEED int parse_detection(
    const struct tree *y, const struct node *n, void *to, struct fault *f);
/* parse_dictionary.c: detect: dictionary, into a struct detection. */
NEED int parse_dictionary(
    const struct tree *y, const struct node *n, void *to, struct fault *f);
void policy_free_dictionary(struct detection *d);
/* parse_test_names.c: dictionary:, into a struct policy_tests. */
NEED int parse_test_names(
    const struct tree *y, const struct node *n, void *to, struct fault *f);
void test_names_free(struct policy_tests *t);

NEED int policy_compile_detection(struct policy *p, struct fault *f);

/* subject:, into a struct policy. */
NEED int parse_subjects(
    const struct tree *y, const struct node *n, void *to, struct fault *f);
void policy_free_subjects(struct policy *p);

/* risk: and exposure:, into a struct policy. */
NEED int parse_risk(
    const struct tree *y, const struct node *n, void *to, struct fault *f);
NEED int parse_exposure(
    const struct tree *y, const struct node *n, void *to, struct fault *f);
void policy_free_risk(struct policy *p);

/* parse_risk_limits.c: thresholds, into a struct risk_rule; a share as 5%, in
 * millionths. */
NEED int parse_risk_k(
    const struct tree *y, const struct node *n, void *to, struct fault *f);
NEED int parse_risk_l(
    const struct tree *y, const struct node *n, void *to, struct fault *f);
NEED int parse_risk_t(
    const struct tree *y, const struct node *n, void *to, struct fault *f);
NEED int parse_risk_max(
    const struct tree *y, const struct node *n, void *to, struct fault *f);
NEED int parse_percent(
    const struct tree *y, const struct node *n, uint32_t *out, struct fault *f);

/* A list of names, each once. */
NEED int parse_names(const struct tree *y, const struct node *n,
    const char *what, struct names *out, struct fault *f);

/* The name of a file in the policy's folder; what: "a hierarchy". */
NEED int parse_beside(const struct tree *y, const struct node *n,
    const char *what, char **out, struct fault *f);

/* population:, into a struct risk_rule. */
NEED int parse_population(
    const struct tree *y, const struct node *n, void *to, struct fault *f);
void policy_free_population(struct risk_population *p);

/* A SHA-256 in hexadecimal. */
NEED int parse_sha256(const struct tree *y, const struct node *n,
    uint8_t out[32], struct fault *f);

/* files:, labels: and legal:, into a struct policy. */
NEED int parse_files(
    const struct tree *y, const struct node *n, void *to, struct fault *f);
NEED int parse_labels(
    const struct tree *y, const struct node *n, void *to, struct fault *f);
NEED int parse_legal(
    const struct tree *y, const struct node *n, void *to, struct fault *f);

/* columns: and fields: of a struct file_rule, and what must hold between the
 * paths of one. */
NEED int parse_columns(
    const struct tree *y, const struct node *n, void *to, struct fault *f);
NEED int parse_fields(
    const struct tree *y, const struct node *n, void *to, struct fault *f);

/* Room for a map of at most max names and actions in a struct file_rule; and
 * the action behind key k, for the field that has its name. */
NEED int parse_room(const struct tree *y, const struct node *n, size_t max,
    struct file_rule *to, struct fault *f);
NEED int parse_field_action(const struct tree *y, const struct node *k,
    struct field_rule *r, struct fault *f);

/* parse_dicom.c: options: and tags: of a struct file_rule. */
NEED int parse_dicom_options(
    const struct tree *y, const struct node *n, void *to, struct fault *f);
NEED int parse_tags(
    const struct tree *y, const struct node *n, void *to, struct fault *f);

/* The keys at the top of a policy, of a rule for files, and of labels:, ended
 * by a NULL name; each needs its sentence in prose.c. */
extern const struct tree_key policy_keys[], rule_keys[], label_keys[];

void policy_free_file_rule(struct file_rule *r);

/* A date, as its first second. */
NEED int parse_day(
    const struct tree *y, const struct node *n, int64_t *out, struct fault *f);

/* parse_test_facts.c: agreements: and vendors: of a file of tests, into a
 * struct policy_tests. */
NEED int parse_test_facts(
    const struct tree *y, const struct node *n, void *to, struct fault *f);
NEED int parse_test_vendors(
    const struct tree *y, const struct node *n, void *to, struct fault *f);

#endif
