#ifndef GATEWAY_CLI_PADDED_INTERNAL_H
#define GATEWAY_CLI_PADDED_INTERNAL_H

/* Text that somebody chose, as print_plain() prints it, then spaces up to width
 * characters and one more; print.c. */
void print_padded(const char *text, int width);

#endif
