/* bench_sim.c: how fast the simulator's core is: bare events, round trips, trace records,
   and how much an idle connection takes. Prints figures, by the processor's time; never
   fails on it. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include "sim/net/clock.h"
#include "sim/net/net.h"
#include "sim/net/trace.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void report(const char *what, double count, double took, const char *unit)
{
    printf("%-52s %10.2f M %s/s\n", what, count / took / 1e6, unit);
}

/* --- bare events ------------------------------------------------------------------ */

struct hold {
    struct clock *clock;
    struct random random;
};

static void hold_on(void *context, uint64_t host)
{
    struct hold *hold = context;
    uint64_t later_ns = clock_ns(hold->clock) + 1 + (random_next(&hold->random) & 0xfffff);
    clock_at(hold->clock, (uint32_t)host, later_ns, TIMER, hold_on, hold, host);
}

static void bench_hold(uint32_t hosts, uint64_t events)
{
    struct hold hold = { clock_new(), random_stream(1, SLICE("bench"), "hold") };
    char what[64];
    for (uint32_t host = 1; host <= hosts; host++)
        clock_at(hold.clock, host, host, TIMER, hold_on, &hold, host);
    double start = seconds();
    for (uint64_t i = 0; i < events; i++)
        clock_step(hold.clock);
    snprintf(what, sizeof what, "bare events, hold model, %u hosts", (unsigned)hosts);
    report(what, (double)events, seconds() - start, "events");
    clock_free(hold.clock);
}

/* --- ping-pong -------------------------------------------------------------------- */

struct arena_of_play {
    struct clock *clock;
    struct trace *trace;
    struct net *net;
    uint64_t rounds, rounds_max;
    slice ball;
};

static void ball_return(struct connection *connection, enum side side, void *own)
{
    struct arena_of_play *play = own;
    slice ball = net_peek(connection, side);
    net_take(connection, side, ball.len);
    if (side == SIDE_CLIENT && ++play->rounds >= play->rounds_max)
        return;
    net_send(connection, side, play->ball);
    if ((play->rounds & 255) == 0)
        trace_forget_before(play->trace, trace_end(play->trace));
}

static void ball_serve(struct connection *connection, enum side side, void *own)
{
    struct arena_of_play *play = own;
    if (side == SIDE_CLIENT)
        net_send(connection, side, play->ball);
}

static bool ball_accept(void *context, struct connection *connection, uint16_t port,
                        struct endpoint *end, void **own)
{
    (void)connection;
    (void)port;
    *end = (struct endpoint){ .readable = ball_return };
    *own = context;
    return true;
}

static void play_begin(struct arena_of_play *play)
{
    *play = (struct arena_of_play){ .clock = clock_new(),
                                    .trace = trace_new(),
                                    .ball = SLICE("NOOP\r\n") };
    play->net = net_new(play->clock, play->trace, 1);
}

static void play_end(struct arena_of_play *play)
{
    net_free(play->net);
    trace_free(play->trace);
    clock_free(play->clock);
}

static void play_connect(struct arena_of_play *play, uint32_t connections,
                         const struct endpoint *end)
{
    uint32_t server = net_host_add(play->net, SLICE("server.example"));
    net_link(play->net, server)->latency_ns = NS_PER_MS;
    net_listen(play->net, server, 7, ball_accept, play);
    for (uint32_t i = 0; i < connections; i++) {
        char name[32];
        snprintf(name, sizeof name, "client%u.example", (unsigned)i);
        uint32_t client = net_host_add(play->net, slice_of(name));
        net_link(play->net, client)->latency_ns = NS_PER_MS + i * 997;
        net_connect(play->net, client, server, 7, *end, play, SLICE(""), false);
    }
}

static void bench_ping_pong(uint32_t connections, uint64_t rounds)
{
    struct arena_of_play play;
    struct error why;
    char what[64];
    play_begin(&play);
    play.rounds_max = rounds;
    play_connect(&play, connections,
                 &(struct endpoint){ .opened = ball_serve, .readable = ball_return });
    double start = seconds();
    uint64_t before = clock_events(play.clock);
    if (!clock_settle(play.clock, &why))
        printf("%s\n", why.text);
    double took = seconds() - start;
    snprintf(what, sizeof what, "ping-pong, %u connections, trace on", (unsigned)connections);
    report(what, (double)play.rounds, took, "round trips");
    report("  its events", (double)(clock_events(play.clock) - before), took, "events");
    report("  its trace records", (double)trace_end(play.trace), took, "records");
    play_end(&play);
}

/* --- the trace alone -------------------------------------------------------------- */

static void bench_trace(uint64_t segments)
{
    struct trace *trace = trace_new();
    struct trace_wire wire = { 0 };
    slice reply = SLICE("250 mail.campus.example at your service\r\n");
    double start = seconds();
    for (uint64_t i = 0; i < segments; i++) {
        trace_octets(trace, i, &wire, 1, SIDE_SERVER, reply);
        if ((i & 255) == 0)
            trace_forget_before(trace, trace_end(trace));
    }
    report("trace records, a segment of 41 octets and its line", (double)trace_end(trace),
           seconds() - start, "records");
    trace_wire_free(&wire);
    trace_free(trace);
}

static void bench_big_segments(uint64_t segments)
{
    static char octets[1460];
    struct trace *trace = trace_new();
    struct trace_wire wire = { 0 };
    for (size_t i = 0; i + 1 < sizeof octets; i += 73) {
        octets[i] = '\r';
        octets[i + 1] = '\n';
    }
    double start = seconds();
    for (uint64_t i = 0; i < segments; i++) {
        trace_octets(trace, i, &wire, 1, SIDE_SERVER, (slice){ octets, sizeof octets });
        trace_forget_before(trace, trace_end(trace));
    }
    double took = seconds() - start;
    report("trace records, 1460 octets in 20 lines", (double)trace_end(trace), took, "records");
    report("  their octets", (double)(segments * sizeof octets), took, "octets");
    trace_wire_free(&wire);
    trace_free(trace);
}

/* --- idle connections ------------------------------------------------------------- */

static void bench_idle(uint32_t connections)
{
    struct arena_of_play play;
    struct error why;
    play_begin(&play);
    play.rounds_max = connections;
    play_connect(&play, 1, &(struct endpoint){ .readable = NULL });
    must(clock_settle(play.clock, &why));
    size_t before = mallinfo2().uordblks;
    for (uint32_t i = 0; i < connections; i++)
        net_connect(play.net, 2, 1, 7, (struct endpoint){ .opened = NULL }, &play, SLICE(""),
                    false);
    must(clock_settle(play.clock, &why));
    trace_forget_before(play.trace, trace_end(play.trace));
    printf("%-52s %10zu octets (with the queue's growth: %zu)\n", "an idle connection, both ends",
           connection_bytes(), (mallinfo2().uordblks - before) / connections);
    play_end(&play);
}

int main(void)
{
    bench_hold(1000, 20000000);
    bench_hold(100000, 5000000);
    bench_ping_pong(1, 2000000);
    bench_ping_pong(1000, 2000000);
    bench_trace(3000000);
    bench_big_segments(200000);
    bench_idle(10000);
    return 0;
}
