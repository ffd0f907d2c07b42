/* serve_wire.h: a measuring client's end of a loopback connection: blocking, buffered, as
   little work an octet as can be. What goes wrong ends the program with a word. */
#ifndef TESTS_BENCH_SERVE_WIRE_H
#define TESTS_BENCH_SERVE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define WIRE_BYTES 262144

struct wire {
    int fd;
    size_t at, len;             /* what was read and not yet used */
    uint64_t octets;            /* read in all */
    char in[WIRE_BYTES];
};

_Noreturn void fail(const char *format, ...) PRINTF_LIKE(1, 2);
double now_s(void);
uint64_t random_step(uint64_t *state);

struct wire *wire_open(uint16_t port);                  /* 127.0.0.1; NODELAY */
void wire_close(struct wire *);
void wire_send(struct wire *, const char *octets, size_t len);
void wire_say(struct wire *, const char *format, ...) PRINTF_LIKE(2, 3);
/* One line without its end, valid until the next call; longer than WIRE_BYTES fails. */
char *wire_line(struct wire *, size_t *len);
void wire_skip(struct wire *, uint64_t octets);
bool wire_fill(struct wire *);                          /* reads once more; false: the end */

/* A message of about so many octets, the same for the same number; a multipart if it is
   large enough. Replaces what is in the buf. */
#define MESSAGE_BYTES_MAX 65536
void message_make(struct buf *out, uint64_t number, size_t octets);

#endif
