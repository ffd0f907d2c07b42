/* net_lab.h: two hosts and two players on them, who write down what they are told. */
#ifndef TESTS_UNIT_NET_LAB_H
#define TESTS_UNIT_NET_LAB_H

#include "base/limits.h"
#include "sim/net/net.h"
#include "tests/unit/sim_check.h"

enum { CLIENT = 1, SERVER = 2, PORT = 25 };      /* numbers of the hosts */

struct player {
    const char *name;                /* C or S */
    const char *greeting;            /* sent when it is open */
    bool refuses, resets_at_once;    /* when asked to accept */
    bool finishes_back;              /* when the peer has finished */
    bool cuts;                       /* when it reads */
    bool silent;                     /* writes nothing down; keeps what it reads */
    bool lazy;                       /* takes nothing by itself */
    bool several;                    /* plays on several connections */
    struct buf got;
    size_t reads, closed;
    enum trace_by by;
};

static struct clock *watch;
static struct trace *trace;
static struct net *net;
static struct connection *conn;      /* of the client; NULL when it is closed at both ends */
static struct player players[2];
static struct buf said;
static struct error why;

static const char *const by_names[] = { "client", "server", "cut", "timeout" };

static inline uint64_t now_ms(void) { return clock_ns(watch) / NS_PER_MS; }

static void say(const struct player *player, const char *what, slice octets)
{
    if (player->silent)
        return;
    buf_format(&said, "%s%llu %s %s", said.len ? "; " : "", (unsigned long long)now_ms(),
               player->name, what);
    buf_add(&said, octets);
}

static inline void player_opened(struct connection *connection, enum side side, void *own)
{
    struct player *player = own;
    ck_assert(player->several || player->closed == 0);
    say(player, "opened", SLICE(""));
    if (player->greeting)
        net_send(connection, side, slice_of(player->greeting));
}

static inline void player_takes(struct player *player, struct connection *connection,
                                enum side side)
{
    slice octets = net_peek(connection, side);
    if (octets.len == 0)
        return;
    player->reads++;
    if (player->cuts)
        net_cut(connection);
    say(player, "reads ", octets);
    if (player->silent)
        buf_add(&player->got, octets);
    if (!player->cuts)
        net_take(connection, side, octets.len);
}

static inline void player_readable(struct connection *connection, enum side side, void *own)
{
    struct player *player = own;
    ck_assert(player->several || player->closed == 0);
    if (player->lazy)
        return;
    player_takes(player, connection, side);
    if (!net_peer_finished(connection, side))
        return;
    say(player, "end", SLICE(""));
    if (player->finishes_back)
        net_finish(connection, side);
}

static inline void player_closed(struct connection *connection, enum side side, void *own,
                                 enum trace_by by)
{
    struct player *player = own;
    (void)side;
    ck_assert(player->several || player->closed == 0);
    player->closed++;
    player->by = by;
    say(player, "closed ", slice_of(by_names[by]));
    ck_assert(!connection_is_open(connection));
}

static const struct endpoint player_end = {
    .opened = player_opened, .readable = player_readable, .closed = player_closed,
};

static inline bool player_accept(void *context, struct connection *connection, uint16_t port,
                                 struct endpoint *end, void **own)
{
    struct player *player = context;
    ck_assert_uint_eq(port, PORT);
    *end = player_end;
    *own = player;
    if (player->resets_at_once)
        net_reset(connection, SIDE_SERVER);
    return !player->refuses;
}

static inline void lab_begin(uint64_t seed)
{
    watch = clock_new();
    trace = trace_new();
    net = net_new(watch, trace, seed);
    said = BUF_MAX(1u << 20);
    ck_assert_uint_eq(net_host_add(net, SLICE("laptop.example")), CLIENT);
    ck_assert_uint_eq(net_host_add(net, SLICE("mail.example")), SERVER);
    net_link(net, CLIENT)->latency_ns = 20 * NS_PER_MS;
    players[SIDE_CLIENT] = (struct player){ .name = "C", .got = BUF_MAX(1u << 20) };
    players[SIDE_SERVER] = (struct player){ .name = "S", .got = BUF_MAX(1u << 20) };
    net_listen(net, SERVER, PORT, player_accept, &players[SIDE_SERVER]);
}

static inline void lab_end(void)
{
    net_free(net);
    clock_free(watch);
    trace_free(trace);
    buf_free(&said);
    buf_free(&players[SIDE_CLIENT].got);
    buf_free(&players[SIDE_SERVER].got);
}

static inline void lab_connect(uint16_t port)
{
    conn = net_connect(net, CLIENT, SERVER, port, player_end, &players[SIDE_CLIENT], SLICE("smtp"),
                       true);
}

static inline void lab_settle(void) { ck_assert_msg(clock_settle(watch, &why), "%s", why.text); }

/* What the trace says, without the lines: "40 open; 80 S hi; 90 lost S 2; 100 close cut". */
static inline void trace_tell(struct buf *text)
{
    for (uint64_t number = 0; number < trace_end(trace); number++) {
        const struct trace_record *record = trace_at(trace, number);
        const char *side = record->side == SIDE_CLIENT ? "C" : "S";
        if (record->kind == TRACE_LINE)
            continue;
        buf_format(text, "%s%llu ", number ? "; " : "",
                   (unsigned long long)(record->t_ns / NS_PER_MS));
        if (record->kind == TRACE_OPEN)
            buf_add_text(text, "open");
        else if (record->kind == TRACE_SEGMENT)
            buf_format(text, "%s %.*s", side, SLICE_ARG(record->text));
        else if (record->kind == TRACE_LOST)
            buf_format(text, "lost %s %u", side, (unsigned)record->bytes);
        else if (record->kind == TRACE_CLOSE)
            buf_format(text, "close %s", by_names[record->by]);
        else
            ck_abort_msg("kind %d", record->kind);
    }
}

#endif
