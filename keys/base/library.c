/* Loading what is not linked with; see library.h. */

#include "keys/base/library.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

const char *
library_missing(void)
{
	static const char *const all[] = { LIBCURL_FILE, LIBEVENT_FILE,
		LIBEVENT_OPENSSL_FILE, LIBPNG_FILE, LIBSSL_FILE,
		LIBTURBOJPEG_FILE };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		void *library = dlopen(all[i], RTLD_LAZY | RTLD_LOCAL);

		if (library == NULL)
			return all[i];
		(void)dlclose(library);
	}
	return NULL;
}

int
library_load(
    const char *file, const char *const *names, void *table, struct fault *f)
{
	void **to = table, *library;
	size_t n = 0;

	if (to[0] != NULL)
		return 0;
	if ((library = dlopen(file, RTLD_NOW | RTLD_LOCAL)) == NULL)
		return fault_set(f, FAULT_SYSTEM, "%s cannot be loaded", file);
	while (names[n] != NULL)
		n++;
	must(n <= LIBRARY_PAGE / sizeof(*to));
	while (n-- > 0) /* the first one last: it says that all are there */
		if ((to[n] = dlsym(library, names[n])) == NULL)
			return fault_set(
			    f, FAULT_SYSTEM, "%s has no %s", file, names[n]);
	/* as the linker's own table is (RELRO); where pages are larger, others
	 * are on it */
	if (sysconf(_SC_PAGESIZE) == LIBRARY_PAGE)
		must(mprotect(table, LIBRARY_PAGE, PROT_READ) == 0);
	return 0;
}
