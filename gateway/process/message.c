/* Messages: bytes and descriptors that travel together; see process.h. */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "gateway/process/process.h"
#include "keys/base/files.h"

void
message_init(struct message *m, size_t max)
{
	must(max <= MESSAGE_MAX);
	bytes_init(&m->body, max);
	m->nfds = 0;
}

int
message_add_fd(struct message *m, int fd, struct fault *f)
{
	int copy;

	if (m->nfds == MESSAGE_FDS_MAX)
		return fault_set(f, FAULT_INPUT,
		    "more than %u descriptors in a message", MESSAGE_FDS_MAX);
	if ((copy = fcntl(fd, F_DUPFD_CLOEXEC, PROCESS_GIVEN)) == -1)
		return fault_errno(f, "copy a descriptor");
	m->fds[m->nfds++] = copy;
	return 0;
}

int
message_give_fd(struct message *m, int fd, struct fault *f)
{
	if (m->nfds == MESSAGE_FDS_MAX) {
		file_close(&fd);
		return fault_set(f, FAULT_INPUT,
		    "more than %u descriptors in a message", MESSAGE_FDS_MAX);
	}
	m->fds[m->nfds++] = fd;
	return 0;
}

int
message_fd(struct message *m, size_t i, int *fd, struct fault *f)
{
	if (i >= m->nfds || m->fds[i] == -1)
		return fault_set(
		    f, FAULT_PEER, "descriptor %zu of a message is missing", i);
	*fd = m->fds[i];
	m->fds[i] = -1;
	return 0;
}

void
message_reset(struct message *m)
{
	bytes_free(&m->body);
	for (size_t i = 0; i < m->nfds; i++)
		file_close(&m->fds[i]);
	m->nfds = 0;
}

void
message_free(struct message *m)
{
	message_reset(m);
}
