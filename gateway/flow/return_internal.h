#ifndef GATEWAY_FLOW_RETURN_INTERNAL_H
#define GATEWAY_FLOW_RETURN_INTERNAL_H

#include "gateway/flow/fetch_internal.h"

/* A return in the making. */
struct returning {
	struct keeper *keeper;
	const struct flow_return *o;
	struct owner_known owner;
	struct inbox_state state;
	struct manifest manifest;
	uint8_t manifest_digest[DIGEST_BYTES];
	int dir; /* inbox/<batch> */
	struct pool *pool;
	struct opener_label labels[RETURN_LABELS_MAX];
	size_t nlabels;
	char key[33]; /* names the files of this return: of what is sent */
	char id[ID_CHARS + 1];
	char lost[ID_CHARS + 1]; /* that it stands for, which the owner lost */
	uint8_t object[DIGEST_BYTES];
	uint64_t bytes;
	bool sent;
	int sealed;	/* the file to send */
	json_t *report; /* of the judge, text */
	bool rejected;
	char said[16]; /* how the owner has it */
};

/* return_seal.c: judge, sign and seal; or find what was sealed before. */
NEED int return_judge(struct returning *r, struct fault *f);
NEED int return_seal(struct returning *r, struct fault *f);

/* The same labels as a new return: the owner no longer has what was sent, as
 * after a restoration from an older backup. */
NEED int return_again(struct returning *r, struct fault *f);

/* Keep what is known of it in the inbox. */
NEED int return_keep(const struct returning *r, struct fault *f);

#endif
