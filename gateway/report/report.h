#ifndef GATEWAY_REPORT_REPORT_H
#define GATEWAY_REPORT_REPORT_H

#include <jansson.h>

#include <stdint.h>

#include "keys/base/bytes.h"
#include "keys/base/fault.h"

/*
 * Pages for people: one self-contained HTML file each, with inline style and
 * SVG, without script, that prints on A4 and fetches nothing.
 *
 * What stands in the data may have been chosen to be read by a browser.  Every
 * text goes through report_text(), there is no other way into a page, and the
 * page forbids itself scripts and everything from elsewhere (Content Security
 * Policy, level 3) in case that is wrong.
 */

/*
 * Append text so that HTML shows it, between tags and inside of quoted
 * attributes alike: & < > " ' as references.  Bytes that are no UTF-8 and
 * control characters are shown as U+FFFD, and what turns the direction of
 * writing (Unicode TR9, the explicit formatting characters) by its number, so
 * that a name reads as what it is.
 */
NEED int report_text(
    struct bytes *out, const void *text, size_t len, struct fault *f);

/*
 * The page of a plan: of what plan_json() of gateway/flow says, with
 *   "vendor"     whom it is for
 *   "made"       when, and "estimate" the seconds that an export may take
 *   decisions[]  "examples": {FIELD: [masked values]} or "example_text"
 *   "refusals"   [{"cause","hints":[...],"count","examples":[...]}]: on top;
 *                then there need be no decisions
 *   "rules"      [{"match","type" or "exclude","rule"}] in their place
 */
NEED int report_plan(struct bytes *out, const json_t *plan, struct fault *f);

/*
 * The page of a sheet: items before and after, with a warning that it holds
 * original data.  Of
 *   "policy","project","vendor"?,"made","items","of","looked_at"
 *   "shown"  [{"path","type","policy","line","why":[texts],"parts":[
 *            {"id","fields":[{"name","pieces":[PIECE]}],"more"} or
 *            {"id","fields":[{"name","action","gone","pieces":[PIECE]}],
 *            "kept":[names],"why","more"}, the attributes of a DICOM file, or
 *            {"id","before"?,"after"?: JPEG in base64,"size"?:[width, height,
 *            and as sent],"why"?,"blocks":[names]}]}]
 * PIECE is ["same" before and after, "cut" before alone, "put" after alone,
 * "gap" so many bytes that are the same, or "left", text], the last with the
 * entity that it was found as and whether that is sure.
 */
NEED int report_sheet(struct bytes *out, const json_t *sheet, struct fault *f);

/*
 * The page of what was found in texts: {"n": finds,"bytes","entities":{ENTITY:
 * {"n","files","examples":[{"text": masked,"file","line","score": percent}]}},
 * "files":[{"file","bytes","n","entities":{ENTITY: n}}],
 * "skipped":[{"file","why"}]}.
 */
#define REPORT_EXAMPLES_MAX 8u /* of an entity: who reviews sees enough */
NEED int report_found(struct bytes *out, const json_t *found, struct fault *f);

/* Keep a page, or what goes beside one, as dir/name: 0600, whole or not at all;
 * dir is made, 0700, where it is not there. */
NEED int report_keep(const char *dir, const char *name,
    const struct bytes *page, struct fault *f);

/* For people, on pages and on terminals: 1234 as "1,234"; 2048 as "2.0 KiB".
 * Both answer with out. */
const char *report_number(char out[32], uint64_t n);
const char *report_size(char out[32], uint64_t bytes);

#endif
