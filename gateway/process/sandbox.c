/* Confining a role; see process.h. */

#include "gateway/process/process_internal.h"

int sandbox_entered;
