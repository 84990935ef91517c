#ifndef GATEWAY_PROCESS_PROCESS_INTERNAL_H
#define GATEWAY_PROCESS_PROCESS_INTERNAL_H

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
extern int sandbox_entered;

#endif
