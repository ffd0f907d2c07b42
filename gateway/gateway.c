/* gateway.c: sockets, one loop, and the rounds of the world between them. How one socket
   is joined to a simulated connection is bridge.c. */
#include "gateway/gateway.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "gateway/bridge.h"

#define BACKLOG 1024
#define ACCEPTS_PER_ROUND 64
#define ROUND_MS_MAX 1000           /* the clock is looked at this often at least */

static const struct {
    const char *name;
    uint16_t port, sealed_port;     /* in the simulated world; with implicit TLS, if that exists */
    uint32_t bit;
} services[GATEWAY_SERVICES] = {
    [GATEWAY_SMTP] = { "smtp", 25, 25, SERVES_SMTP },
    [GATEWAY_SUBMISSION] = { "submission", 587, 465, SERVES_SUBMISSION },
    [GATEWAY_POP3] = { "pop3", 110, 995, SERVES_POP3 },
    [GATEWAY_IMAP] = { "imap", 143, 993, SERVES_IMAP },
    [GATEWAY_SUBMISSIONS] = { "submissions", 465, 465, SERVES_SUBMISSION },
    [GATEWAY_POP3S] = { "pop3s", 995, 995, SERVES_POP3 },
    [GATEWAY_IMAPS] = { "imaps", 993, 993, SERVES_IMAP },
};

struct gateway {
    struct world *world;
    int listeners[GATEWAY_SERVICES];           /* -1: not served */
    uint16_t ports[GATEWAY_SERVICES];
    bool implicit;                             /* the sealed ports are meant */
    struct tls_server *tls_server;
    uint32_t outside, host;                    /* numbers in the net */
    struct bridge *bridges;
    size_t bridge_count;
    struct pollfd *polled;
    struct bridge **polled_bridges;
    size_t polled_cap;
    uint64_t said_bytes;                       /* in the round before */
    uint64_t wall_ms, clock_ms;                /* what the clock showed when the wall showed that */
};

const char *gateway_service_name(int service) { return services[service].name; }
uint16_t gateway_port(const struct gateway *gateway, int service)
{
    return gateway->ports[service];
}

static uint64_t wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* --- opening ---------------------------------------------------------------------------------- */

/* Never waits, and is not inherited. */
static bool socket_tame(int fd)
{
    return fcntl(fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

static bool listen_on(struct gateway *gateway, int service, const struct gateway_options *options,
                      struct error *why)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons(options->ports[service]) };
    socklen_t length = sizeof address;
    int yes = 1;
    if (inet_pton(AF_INET, options->address, &address.sin_addr) != 1)
        return error_set(why, "%s is no IPv4 address", options->address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    gateway->listeners[service] = fd;
    if (fd < 0 || !socket_tame(fd))
        return error_set(why, "no socket can be made: %s", strerror(errno));
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, BACKLOG) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) < 0)
        return error_set(why, "port %u for %s: %s; choose another, or 0 for any that is free",
                         options->ports[service], services[service].name, strerror(errno));
    gateway->ports[service] = ntohs(address.sin_port);
    return true;
}

/* The ports of implicit TLS's own come with those that offer STARTTLS. */
static bool is_wanted(const struct gateway_options *options, int service, bool any)
{
    int plain = service - GATEWAY_SUBMISSIONS + GATEWAY_SUBMISSION;
    if (service < GATEWAY_SUBMISSIONS)
        return !any || options->named[service];
    return options->tls == TLS_BOTH && (!any || options->named[service] || options->named[plain]);
}

static bool listen_all(struct gateway *gateway, const struct gateway_options *options,
                       uint32_t serves, struct error *why)
{
    bool any = false;
    for (int i = 0; i < GATEWAY_SERVICES; i++)
        any = any || options->named[i];
    for (int i = 0; i < GATEWAY_SERVICES; i++) {
        if (!is_wanted(options, i, any))
            continue;
        if (!(serves & services[i].bit)) {
            if (options->named[i])
                return error_set(why, "%.*s does not serve %s", SLICE_ARG(options->host),
                                 services[i].name);
            continue;
        }
        if (!listen_on(gateway, i, options, why))
            return false;
    }
    return true;
}

/* Real lines bring their own delay. */
static void link_open(struct net *net, uint32_t host)
{
    struct link *link = net_link(net, host);
    *link = (struct link){ .latency_ns = 0 };
}

static bool world_join(struct gateway *gateway, struct host *host, struct error *why)
{
    struct world *world = gateway->world;
    gateway->host = host_number(host);
    gateway->outside = net_host(world->net, SLICE("localhost"));
    if (!gateway->outside)
        gateway->outside = net_host_add(world->net, SLICE("localhost"));
    if (!gateway->outside)
        return error_set(why, "the world has no room for one more host");
    link_open(world->net, gateway->outside);
    link_open(world->net, gateway->host);
    world->plain_only = gateway->tls_server ? 0 : gateway->outside;
    gateway->wall_ms = wall_ms();
    if (world_now_ms(world) <
        gateway->wall_ms) /* time never goes back, even if the world was ahead */
        world->epoch_ms += (int64_t)(gateway->wall_ms - world_now_ms(world));
    gateway->clock_ms = clock_ns(world->clock) / NS_PER_MS;
    return true;
}

struct gateway *gateway_open(struct world *world, const struct gateway_options *options,
                             struct error *why)
{
    struct host *host = host_find(world, options->host);
    if (!host) {
        error_set(why, "there is no host %.*s in this world", SLICE_ARG(options->host));
        return NULL;
    }
    struct gateway *gateway = calloc(1, sizeof *gateway);
    must(gateway != NULL);
    gateway->world = world;
    gateway->tls_server = options->tls == TLS_OFF ? NULL : options->tls_server;
    gateway->implicit = options->tls == TLS_IMPLICIT;
    for (int i = 0; i < GATEWAY_SERVICES; i++)
        gateway->listeners[i] = -1;
    world->holds_commits = world->follows_wall = true;
    if (listen_all(gateway, options, host_services(host), why) && world_join(gateway, host, why))
        return gateway;
    gateway_close(gateway);
    return NULL;
}

void gateway_close(struct gateway *gateway)
{
    struct error why;
    for (int i = 0; i < GATEWAY_SERVICES; i++)
        if (gateway->listeners[i] >= 0)
            close(gateway->listeners[i]);
    while (gateway->bridges)
        bridge_drop(&gateway->bridges, gateway->bridges);
    (void)clock_settle(gateway->world->clock, &why);
    (void)store_commit(gateway->world->store);
    gateway->world->holds_commits = gateway->world->follows_wall = false;
    gateway->world->plain_only = 0;
    free(gateway->polled);
    free(gateway->polled_bridges);
    free(gateway);
}

/* --- a round ---------------------------------------------------------------------------------- */

static void accept_some(struct gateway *gateway, int service)
{
    for (int i = 0; i < ACCEPTS_PER_ROUND; i++) {
        int yes = 1, fd = accept(gateway->listeners[service], NULL, NULL);
        if (fd < 0)
            return;
        if (!socket_tame(fd)) {
            close(fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        bridge_open(&gateway->bridges, fd, gateway->world, gateway->outside, gateway->host,
                    gateway->implicit ? services[service].sealed_port : services[service].port,
                    gateway->tls_server);
        gateway->bridge_count++;
    }
}

static void polled_room(struct gateway *gateway, size_t need)
{
    if (need <= gateway->polled_cap)
        return;
    gateway->polled_cap = need * 2;
    gateway->polled = realloc(gateway->polled, gateway->polled_cap * sizeof *gateway->polled);
    gateway->polled_bridges = realloc(gateway->polled_bridges,
                                      gateway->polled_cap * sizeof(struct bridge *));
    must(gateway->polled != NULL && gateway->polled_bridges != NULL);
}

/* How long nothing is to be done, if nothing comes. */
static int patience_ms(const struct gateway *gateway)
{
    uint64_t at_ns = 0, now_ns = clock_ns(gateway->world->clock);
    if (gateway->said_bytes) /* which made room: the servers may have more to say */
        return 0;
    if (!clock_next_timer(gateway->world->clock, &at_ns) ||
        at_ns > now_ns + ROUND_MS_MAX * NS_PER_MS)
        return ROUND_MS_MAX;
    return at_ns <= now_ns ? 0 : (int)((at_ns - now_ns) / NS_PER_MS) + 1;
}

static size_t wait_for_octets(struct gateway *gateway)
{
    size_t count = 0;
    polled_room(gateway, gateway->bridge_count + GATEWAY_SERVICES);
    for (int i = 0; i < GATEWAY_SERVICES; i++)
        if (gateway->listeners[i] >= 0) {
            gateway->polled[count] = (struct pollfd){ gateway->listeners[i], POLLIN, 0 };
            gateway->polled_bridges[count++] = NULL;
        }
    for (struct bridge *bridge = gateway->bridges; bridge; bridge = bridge_next(bridge)) {
        gateway->polled[count] = (struct pollfd){ bridge_socket(bridge), bridge_wants(bridge), 0 };
        gateway->polled_bridges[count++] = bridge;
    }
    if (poll(gateway->polled, (nfds_t)count, patience_ms(gateway)) < 0)
        return 0;
    return count;
}

static void take_octets(struct gateway *gateway, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (gateway->polled[i].revents == 0)
            continue;
        if (gateway->polled_bridges[i]) {
            if (gateway->polled[i].revents & (POLLIN | POLLHUP | POLLERR))
                bridge_read(gateway->polled_bridges[i]);
            continue;
        }
        for (int service = 0; service < GATEWAY_SERVICES; service++)
            if (gateway->listeners[service] == gateway->polled[i].fd)
                accept_some(gateway, service);
    }
}

static bool world_follow(struct gateway *gateway, struct error *why)
{
    struct clock *clock = gateway->world->clock;
    uint64_t passed_ms = wall_ms() - gateway->wall_ms;
    uint64_t until_ns = (gateway->clock_ms + passed_ms) * NS_PER_MS;
    if (passed_ms > WAIT_MS_MAX || until_ns < clock_ns(clock)) /* the wall clock was set back */
        until_ns = clock_ns(clock);
    return clock_run_until(clock, until_ns, why);
}

/* Nothing of a round is said before it is kept. */
static bool round_keep(struct gateway *gateway, struct error *why)
{
    if (store_commit(gateway->world->store))
        return true;
    return error_set(why, "the world cannot be kept: %s", store_error(gateway->world->store));
}

static void round_say(struct gateway *gateway)
{
    gateway->said_bytes = 0;
    for (struct bridge *bridge = gateway->bridges, *next; bridge; bridge = next) {
        next = bridge_next(bridge);
        if (bridge_write(bridge, &gateway->said_bytes))
            continue;
        bridge_drop(&gateway->bridges, bridge);
        gateway->bridge_count--;
    }
}

bool gateway_run(struct gateway *gateway, volatile sig_atomic_t *stop, void (*seen)(void *),
                 void *context, struct error *why)
{
    struct trace *trace = gateway->world->trace;
    while (!*stop) {
        size_t count = wait_for_octets(gateway);
        take_octets(gateway, count);
        if (!world_follow(gateway, why) || !round_keep(gateway, why))
            return false;
        round_say(gateway);
        if (seen)
            seen(context);
        trace_forget_before(trace, trace_end(trace));
    }
    return true;
}
