#ifndef GATEWAY_PROCESS_PROCESS_INTERNAL_H
#define GATEWAY_PROCESS_PROCESS_INTERNAL_H

#include <stdbool.h>

/* Does the process at the other end of a unix socket run as our user? */
bool meet_same_uid(int fd);

/*
 * Where things lie in a child, known to spawn.c and sandbox.c.
 *
 *     0, 1   /dev/null
 *     2      the parent's standard error
 *     3      the channel to the parent
 *     4      last words: a pipe on which a dying child tells why
 *     5 ...  descriptors given at the start
 */
#define PROCESS_CHANNEL 3
#define PROCESS_WORDS 4

/* Last words are one byte that says which, and put_fault()'s bytes or a system
 * call's number, 4 bytes, most significant first. */
#define WORDS_FAULT 'f'
#define WORDS_CALL 'c'

/* Set once the process is confined: what exit() would still do (a sanitizer's
 * leak check) is then forbidden. */
extern bool sandbox_entered;

/* Set in a child that process_begin() runs in a role. */
extern bool process_is_child;

struct sandbox;
struct fault;

/* Landlock's part of sandbox_enter(). */
int landlock_enter(const struct sandbox *s, struct fault *f);

#endif
