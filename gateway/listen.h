/* listen.h: sockets that listen, and what can be wrong with them. */
#ifndef GATEWAY_LISTEN_H
#define GATEWAY_LISTEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Never waits, and is not inherited. */
bool socket_tame(int fd);
/* *port: 0 is any that is free; which it became. -1: why names the service and the port, and
   says what to do. */
int listen_at(const char *address, uint16_t *port, const char *service,
              struct error *why) MUST_CHECK;
/* On a path, for this user alone (0600). What is left of one that nobody listens on is removed. */
int listen_on_path(const char *path, struct error *why) MUST_CHECK;
/* As many descriptors as this process may have: it may have more after this. */
unsigned long descriptors_max(void);

#endif
