/* Loading libevent; see libevent_internal.h. */

#include "gateway/agent/libevent_internal.h"

struct libevent libevent;
struct libevent_openssl libevent_openssl;

int
libevent_load(struct fault *f)
{
	static const char *const core[] = { LIBEVENT(LIBRARY_NAME) NULL };
	static const char *const tls[] = { LIBEVENT_OPENSSL(LIBRARY_NAME)
		    NULL };

	if (library_load(LIBEVENT_FILE, core, &libevent, f) != 0)
		return -1;
	return library_load(LIBEVENT_OPENSSL_FILE, tls, &libevent_openssl, f);
}
