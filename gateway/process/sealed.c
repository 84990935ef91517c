/* Memory that one process fills and many read. */

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "gateway/process/process.h"

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

int
sealed_new(int *fd, const char *what, struct fault *f)
{
	*fd = memfd_create(what, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return *fd == -1 ? fault_errno(f, "memory for %s", what) : 0;
}

int
sealed_end(int fd, const char *what, struct fault *f)
{
	if (fcntl(fd, F_ADD_SEALS, SEALS) != 0)
		return fault_errno(f, "memory for %s", what);
	return 0;
}

int
sealed_map(
    const void **at, size_t *len, int fd, const char *what, struct fault *f)
{
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);
	void *map;

	if (seals == -1 || fstat(fd, &st) != 0)
		return fault_errno(f, "memory of %s", what);
	if (st.st_size <= 0 || (seals & SEALS) != SEALS)
		return fault_set(
		    f, FAULT_INPUT, "no sealed memory of %s", what);
	/* private: a kernel before 6.7 lets nobody share what can be written
	 * to by its descriptor's mode, sealed or not; pages that are only read
	 * are the same ones */
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return fault_errno(f, "memory of %s", what);
	*at = map;
	*len = (size_t)st.st_size;
	return 0;
}

void
sealed_unmap(const void *at, size_t len)
{
	union {
		const void *read;
		void *map;
	} p = { at };

	if (at != NULL)
		(void)munmap(p.map, len);
}
