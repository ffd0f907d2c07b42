/* listen.c: see listen.h. */
#include "gateway/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 4096                /* the system takes as much of it as it allows */
#define PRIVILEGED_PORT_MAX 1023

bool socket_tame(int fd)
{
    return fcntl(fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

union address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
};

static bool address_read(const char *text, uint16_t port, union address *address, socklen_t *length)
{
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, text, &address->four.sin_addr) == 1) {
        address->four.sin_family = AF_INET;
        address->four.sin_port = htons(port);
        *length = sizeof address->four;
        return true;
    }
    address->six.sin6_family = AF_INET6;
    address->six.sin6_port = htons(port);
    *length = sizeof address->six;
    return inet_pton(AF_INET6, text, &address->six.sin6_addr) == 1;
}

static int listen_failed(int fd, const char *address, uint16_t port, const char *service,
                         struct error *why)
{
    const char *reason = strerror(errno), *advice = "choose another, or 0 for any that is free";
    if (errno == EADDRINUSE)
        reason = "another program has it";
    else if (errno == EACCES && port <= PRIVILEGED_PORT_MAX)
        reason = "ports up to 1023 need the system's rights", advice = "choose one from 1024 on";
    else if (errno == EADDRNOTAVAIL)
        reason = "this machine has no such address", advice = "127.0.0.1 is always there";
    error_set(why, "port %u of %s for %s can't be opened: %s; %s", port, address, service, reason,
              advice);
    if (fd >= 0)
        close(fd);
    return -1;
}

int listen_at(const char *text, uint16_t *port, const char *service, struct error *why)
{
    union address address;
    socklen_t length;
    int yes = 1;
    if (!address_read(text, *port, &address, &length)) {
        error_set(why, "%s is no address of a machine: 127.0.0.1, ::1", text);
        return -1;
    }
    int fd = socket(address.any.sa_family, SOCK_STREAM, 0);
    if (fd < 0 || !socket_tame(fd) ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0 ||
        bind(fd, &address.any, length) < 0 || listen(fd, BACKLOG) < 0 ||
        getsockname(fd, &address.any, &length) < 0)
        return listen_failed(fd, text, *port, service, why);
    *port = ntohs(address.any.sa_family == AF_INET ? address.four.sin_port
                                                   : address.six.sin6_port);
    return fd;
}

/* A socket on which nobody listens any more: its program was killed. */
static void path_clear(const char *path, const struct sockaddr_un *address)
{
    struct stat there;
    if (lstat(path, &there) != 0 || !S_ISSOCK(there.st_mode))
        return;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0)
        return;
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) < 0 &&
        errno == ECONNREFUSED)
        unlink(path);
    close(fd);
}

int listen_on_path(const char *path, struct error *why)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t length = strlen(path);
    if (length >= sizeof address.sun_path) {
        error_set(why, "a socket's path has at most %zu octets: %.100s...",
                  sizeof address.sun_path - 1, path);
        return -1;
    }
    memcpy(address.sun_path, path, length);
    path_clear(path, &address);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    mode_t before = umask(0177);
    bool bound = fd >= 0 && socket_tame(fd) &&
                 bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    umask(before);
    if (bound && listen(fd, BACKLOG) == 0)
        return fd;
    error_set(why, "the socket %s can't be made: %s", path,
              errno == EADDRINUSE ? "something is there already" : strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

unsigned long descriptors_max(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return 256; /* POSIX promises less, every system has it */
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}
