/* device_real.c: a device's mail program and a real server: in a small world the mail host's
   ports lead to real sockets on this machine. Reads lines of the language from standard input;
   `dump DEVICE` prints what the device's store holds, `pause` says that all before it is done.
     device_real IMAP_PORT POP3_PORT
   For tests/interop/test_devices.py. The world's clock stands still while a server thinks. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "servers/store/store_device.h"
#include "sim/language/build.h"
#include "sim/language/commands.h"

#define THINKS_MS 20 /* so long a server that was asked may think before the clock goes on */
#define RESTS_MS 1               /* … and so long one that was not: there may be more */
#define LOOK_NS (5 * NS_PER_MS)  /* by this */

static const char world_text[] =
    "host mail.campus.example serves smtp submission for campus.example\n"
    "mx campus.example 10 mail.campus.example\n"
    "srv _pop3._tcp.campus.example 10 1 110 mail.campus.example\n"
    "srv _imap._tcp.campus.example 0 1 143 mail.campus.example\n"
    "user ana@campus.example password tulip\n"
    "device laptop of ana@campus.example pop3 keep\n"
    "device till of ana@campus.example pop3 delete\n"
    "device phone of ana@campus.example imap\n"
    "device tablet of ana@campus.example imap headers\n"
    "link laptop latency 1ms\nlink till latency 1ms\nlink phone latency 1ms\nlink tablet latency "
    "1ms\n";

static struct world *world;
static uint16_t real_imap, real_pop3;
static bool silent;              /* a server said nothing for too long */

/* One connection of the world, and the socket behind it. */
struct pump {
    struct connection *connection;
    int fd;
    uint64_t ticket;
    bool over;
    bool expects;                /* the client has asked, and nothing has come yet */
    bool parted;                 /* the client has ended its side in order */
};

static void pump_end(struct pump *pump)
{
    clock_cancel(world->clock, pump->ticket);
    if (pump->fd >= 0)
        close(pump->fd);
    pump->fd = -1;
    pump->over = true;
}

/* What the server has said goes into the world; false: it has closed the connection. */
static bool pump_read(struct pump *pump, int wait_ms)
{
    char octets[65536];
    struct pollfd ready = { pump->fd, POLLIN, 0 };
    size_t room = net_room(pump->connection, SIDE_SERVER);
    if (room == 0 || poll(&ready, 1, wait_ms) <= 0)
        return true;
    ssize_t count = read(pump->fd, octets, room < sizeof octets ? room : sizeof octets);
    if (count <= 0)
        return false;
    net_send(pump->connection, SIDE_SERVER, (slice){ octets, (size_t)count });
    pump->expects = false;
    return true;
}

static void pump_look(void *context, uint64_t argument)
{
    struct pump *pump = context;
    (void)argument;
    pump->ticket = 0;
    if (pump->over)
        return;
    if (!pump_read(pump, pump->expects ? THINKS_MS : RESTS_MS)) {
        net_finish(pump->connection, SIDE_SERVER);
        return;
    }
    pump->ticket = clock_at(world->clock, connection_host(pump->connection, SIDE_SERVER),
                            clock_ns(world->clock) + LOOK_NS, WORK, pump_look, pump, 0);
}

static void on_readable(struct connection *connection, enum side side, void *own)
{
    struct pump *pump = own;
    slice octets = net_peek(connection, side);
    for (slice left = octets; left.len && !pump->over;) {
        ssize_t count = write(pump->fd, left.at, left.len);
        if (count <= 0) {
            net_finish(connection, side);
            break;
        }
        left = slice_from(left, (size_t)count);
    }
    pump->expects = pump->expects || octets.len > 0;
    net_take(connection, side, octets.len);
    pump->parted = pump->parted || net_peer_finished(connection, side);
    if (pump->parted && !pump->over) {
        shutdown(pump->fd, SHUT_WR);
        net_finish(connection, side);
    }
}

static void on_closed(struct connection *connection, enum side side, void *own, enum trace_by by)
{
    struct pump *pump = own;
    (void)connection;
    (void)side;
    silent = silent || (by == BY_CLIENT && !pump->parted); /* the program lost its patience */
    pump_end(pump);
    free(pump);
}

static void on_opened(struct connection *connection, enum side side, void *own)
{
    struct pump *pump = own;
    (void)connection;
    (void)side;
    pump->ticket = clock_at(world->clock, connection_host(connection, SIDE_SERVER),
                            clock_ns(world->clock), WORK, pump_look, pump, 0);
}

static bool on_accept(void *context, struct connection *connection, uint16_t port,
                      struct endpoint *end, void **own)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    struct pump *pump = calloc(1, sizeof *pump);
    (void)context;
    must(pump != NULL);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port == 143 ? real_imap : real_pop3);
    pump->connection = connection;
    pump->expects = true; /* the greeting */
    pump->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(pump->fd, (struct sockaddr *)&address, sizeof address) != 0) {
        fprintf(stderr, "port %u: %s\n", ntohs(address.sin_port), strerror(errno));
        close(pump->fd);
        free(pump);
        return false;
    }
    *end = (struct endpoint){ on_opened, on_readable, NULL, on_closed };
    *own = pump;
    return true;
}

/* --- what a device holds ------------------------------------------------------------------- */

static uint64_t hash_of(slice octets)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < octets.len; i++)
        hash = (hash ^ (unsigned char)octets.at[i]) * 0x100000001b3u;
    return hash;
}

static bool message_dump(void *context, const struct device_message *message)
{
    struct buf text = BUF_MAX(MESSAGE_BYTES_MAX);
    store_device_message_read(world->store, message->id, &text);
    printf("%s\t%s\tflags %llu\t%s%s\tsize %llu\ttext %016llx\n", (const char *)context,
           message->identity, (unsigned long long)message->flags,
           message->whole ? "whole" : "header", message->gone ? " gone" : "",
           (unsigned long long)message->size, (unsigned long long)hash_of(buf_slice(&text)));
    buf_free(&text);
    return true;
}

static bool folder_dump(void *context, const struct device_folder *folder)
{
    (void)context;
    char name[sizeof folder->name];
    memcpy(name, folder->name, sizeof name);
    store_device_messages(world->store, folder->id, message_dump, name);
    return true;
}

static bool line_run(slice line, struct error *why)
{
    size_t at = 0;
    if (slice_is(line, "pause"))
        return puts("paused") >= 0 && fflush(stdout) == 0;
    if (take_prefix(&line, "dump "))
        return store_device_folders(world->store, line, folder_dump, NULL);
    uint64_t from = trace_end(world->trace);
    enum line_result result = script_line(world, line, &at, why);
    for (; from < trace_end(world->trace); from++) {
        const struct trace_record *record = trace_at(world->trace, from);
        if (record->kind == TRACE_ANSWER)
            fprintf(stderr, "%.*s", SLICE_ARG(record->text));
    }
    return result == LINE_RUN || result == LINE_EMPTY;
}

int main(int count, char **words)
{
    static char text[4096];
    struct error why = { "" };
    if (count != 3)
        return 2;
    real_imap = (uint16_t)strtoul(words[1], NULL, 10);
    real_pop3 = (uint16_t)strtoul(words[2], NULL, 10);
    world = world_new(NULL, NULL, sim_tables, slice_of(world_text), SLICE("real"), &why);
    uint32_t host = world ? net_host(world->net, SLICE("mail.campus.example")) : 0;
    if (host) {
        net_listen(world->net, host, 143, on_accept, NULL);
        net_listen(world->net, host, 110, on_accept, NULL);
    }
    while (host && fgets(text, sizeof text, stdin)) {
        slice rest = slice_of(text);
        if (!line_run(take_until(&rest, '\n'), &why)) {
            fprintf(stderr, "device_real: %s: %s\n", text, why.text);
            return 1;
        }
    }
    fflush(stdout);
    world_free(world);
    if (silent)
        fprintf(stderr, "device_real: a server did not answer\n");
    return !host || silent;
}
