#ifndef GATEWAY_KEEPER_VENDOR_INTERNAL_H
#define GATEWAY_KEEPER_VENDOR_INTERNAL_H

#include "gateway/keeper/keeper_internal.h"

/* What a vendor says once it has verified what it got. */
#define RECEIVED_TYPE "https://handoff.invalid/acknowledgement/v1"
#define DELETED_TYPE "https://handoff.invalid/deletion/v1"

/* vendor_side.c: in a vendor's home; KEEPER_FILE_KEY ... of keeper.h, and
 * COURIER_IDENTITY. */
int vendor_file_key(void *state, struct asked *a, struct fault *f);
int vendor_open_sealed(void *state, struct asked *a, struct fault *f);
int vendor_sign_request(void *state, struct asked *a, struct fault *f);
int vendor_sign_return(void *state, struct asked *a, struct fault *f);
int vendor_sign_received(void *state, struct asked *a, struct fault *f);
int vendor_courier(void *state, struct asked *a, struct fault *f);

#endif
