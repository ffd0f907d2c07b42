/* bench_servers.c: what the servers do in the simulated network, with engine, trace and
   store: NOOPs of each protocol, pipelined and one at a time, deliveries, relayed messages,
   and how much an idle session takes. Prints figures; never fails on time. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "servers/store/store.h"
#include "sim/language/build.h"
#include "sim/world.h"


static const struct command *const no_commands[] = { NULL };

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void report(const char *what, double value, const char *unit)
{
    printf("%-52s %12.0f %s\n", what, value, unit);
}

static struct world *new_world(void)
{
    struct error why = { "" };
    struct world *world = world_new(NULL, NULL, no_commands, slice_of(default_world),
                                    SLICE("default"), &why);
    if (!world) {
        fprintf(stderr, "bench_servers: %s\n", why.text);
        exit(1);
    }
    return world;
}

/* A client that says the same thing over and over and counts the lines that come back. */
struct talker {
    struct world *world;
    struct connection *connection;
    slice opening, words;      /* said once; said `times` times */
    uint64_t times, said;      /* of words */
    size_t said_opening, said_part;
    uint64_t lines, lines_each, opening_lines, window;
    bool closed;
};

static void talk(struct talker *talker)
{
    while (talker->said_opening < talker->opening.len) {
        size_t sent = net_send(talker->connection, SIDE_CLIENT,
                               slice_from(talker->opening, talker->said_opening));
        talker->said_opening += sent;
        if (sent == 0)
            return;
    }
    while (talker->said < talker->times && talker->lines >= talker->opening_lines &&
           talker->said <
               (talker->lines - talker->opening_lines) / talker->lines_each + talker->window) {
        size_t sent = net_send(talker->connection, SIDE_CLIENT,
                               slice_from(talker->words, talker->said_part));
        talker->said_part += sent;
        if (sent == 0)
            return;
        if (talker->said_part == talker->words.len) {
            talker->said_part = 0;
            talker->said++;
        }
    }
}

static void on_opened(struct connection *connection, enum side side, void *own)
{
    (void)connection;
    (void)side;
    talk(own);
}

static void on_readable(struct connection *connection, enum side side, void *own)
{
    struct talker *talker = own;
    slice octets = net_peek(connection, side);
    for (size_t i = 0; i < octets.len; i++)
        talker->lines += octets.at[i] == '\n';
    net_take(connection, side, octets.len);
    talk(talker);
}

static void on_writable(struct connection *connection, enum side side, void *own)
{
    (void)connection;
    (void)side;
    talk(own);
}

static void on_closed(struct connection *connection, enum side side, void *own, enum trace_by by)
{
    struct talker *talker = own;
    (void)connection;
    (void)side;
    (void)by;
    talker->closed = true;
}

static void talker_connect(struct talker *talker, uint16_t port)
{
    const struct endpoint end = { on_opened, on_readable, on_writable, on_closed };
    struct net *net = talker->world->net;
    talker->connection = net_connect(net, net_host(net, SLICE("laptop.campus.example")),
                                     net_host(net, SLICE("mail.campus.example")), port, end, talker,
                                     SLICE(""), false);
}

/* The trace is read on and forgotten, as by a front end that has shown it. */
static double talk_through(struct talker *talker, uint16_t port)
{
    struct error why;
    double start = seconds();
    talker_connect(talker, port);
    while (!talker->closed &&
           talker->lines < talker->opening_lines + talker->times * talker->lines_each) {
        uint64_t before = clock_events(talker->world->clock);
        for (int i = 0; i < 4096 && clock_step(talker->world->clock); i++)
            ;
        trace_forget_before(talker->world->trace, trace_end(talker->world->trace));
        if (before == clock_events(talker->world->clock))
            break;
    }
    double took = seconds() - start;
    if (talker->lines < talker->opening_lines + talker->times * talker->lines_each) {
        fprintf(stderr, "bench_servers: only %llu lines came\n", (unsigned long long)talker->lines);
        exit(1);
    }
    if (talker->connection && !talker->closed)
        net_reset(talker->connection, SIDE_CLIENT);
    may_fail(clock_settle(talker->world->clock, &why));
    return took;
}

static void bench_noop(const char *name, uint16_t port, slice words, uint64_t times,
                       uint64_t window)
{
    struct talker talker = { .world = new_world(), .words = words, .times = times, .lines_each = 1,
                             .opening_lines = 1, .opening = SLICE_EMPTY, .window = window };
    char what[80];
    if (port == 110) {
        talker.opening = SLICE("USER ana\r\nPASS tulip\r\n");
        talker.opening_lines = 3;
    }
    double took = talk_through(&talker, port);
    snprintf(what, sizeof what, "%s NOOP, %s", name, window > 1 ? "pipelined" : "one at a time");
    report(what, (double)times / took, "per s");
    world_free(talker.world);
}

static void bench_delivery(uint64_t times, bool relayed)
{
    static char message[2048];
    struct talker talker = { .world = new_world(), .times = times, .lines_each = 4, .window = 4 };
    memset(message, 'x', 1000);
    for (size_t i = 70; i < 1000; i += 72)
        memcpy(message + i, "\r\n", 2);
    char *words = malloc(4096);
    int len = snprintf(words, 4096,
                       "MAIL FROM:<ana@campus.example>\r\nRCPT TO:<%s>\r\nDATA\r\nSubject: "
                       "bench\r\n\r\n%.1000s\r\n.\r\n",
                       relayed ? "dora@bakery.example" : "bo@campus.example", message);
    talker.words = (slice){ words, (size_t)len };
    talker.opening = relayed ? SLICE("EHLO laptop\r\nAUTH PLAIN AGFuYQB0dWxpcA==\r\n")
                             : SLICE("HELO laptop\r\n");
    talker.opening_lines = relayed ? 9 : 2;
    double start = seconds();
    double took = talk_through(&talker, relayed ? 587 : 25);
    if (relayed) {
        struct error why;
        if (!world_settle(talker.world, &why))
            fprintf(stderr, "%s\n", why.text);
        if (store_queue_count(talker.world->store, SLICE("mail.campus.example")))
            fprintf(stderr, "bench_servers: the queue is not empty\n");
        took = seconds() - start;
    }
    report(relayed ? "messages of 1 KiB, submitted, relayed, delivered"
                   : "deliveries of 1 KiB, in memory",
           (double)times / took, "per s");
    world_free(talker.world);
    free(words);
}

static void bench_idle(uint16_t port, const char *name, slice opening, uint64_t lines)
{
    enum { SESSIONS = 2000 };
    static struct talker talkers[SESSIONS];
    struct world *world = new_world();
    char what[80];
    struct error why;
    if (!world_settle(world, &why))
        exit(1);
    size_t before = mallinfo2().uordblks;
    for (size_t i = 0; i < SESSIONS; i++) {
        talkers[i] = (struct talker){
            .world = world, .opening = opening, .opening_lines = lines, .lines_each = 1
        };
        talker_connect(&talkers[i], port);
        if (!world_settle(world, &why))
            exit(1);
        trace_forget_before(world->trace, trace_end(world->trace));
    }
    size_t after = mallinfo2().uordblks;
    for (size_t i = 0; i < SESSIONS; i++)
        if (talkers[i].lines < lines)
            fprintf(stderr, "bench_servers: session %zu has %llu lines\n", i,
                    (unsigned long long)talkers[i].lines);
    snprintf(what, sizeof what, "an idle %s session, both ends, with its connection", name);
    report(what, (double)(after - before) / SESSIONS, "octets");
    world_free(world);
}

int main(void)
{
    bench_noop("SMTP", 25, SLICE("NOOP\r\n"), 1000000, 1000);
    bench_noop("POP3", 110, SLICE("NOOP\r\n"), 1000000, 1000);
    bench_noop("IMAP", 143, SLICE("a NOOP\r\n"), 1000000, 1000);
    bench_noop("SMTP", 25, SLICE("NOOP\r\n"), 300000, 1);
    bench_noop("POP3", 110, SLICE("NOOP\r\n"), 300000, 1);
    bench_noop("IMAP", 143, SLICE("a NOOP\r\n"), 300000, 1);
    bench_delivery(20000, false);
    bench_delivery(5000, true);
    bench_idle(25, "SMTP", SLICE("HELO laptop\r\n"), 2);
    bench_idle(143, "IMAP", SLICE("a LOGIN ana tulip\r\nb SELECT INBOX\r\n"), 2);
    return 0;
}
