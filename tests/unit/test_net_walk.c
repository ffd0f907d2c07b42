/* test_net_walk.c: applications that do anything at any time, inside callbacks too, on
   links that lose and hosts that come and go. What arrives is what was sent, each end
   is told of its end once and of nothing later, and in the end nothing pends. */
#include "base/limits.h"
#include "sim/net/net.h"
#include "tests/unit/sim_check.h"

enum { HOSTS = 4, CONNECTIONS = 12, DEEDS = 150 };

struct talker {                  /* one end */
    bool there, closed, finished;
    uint64_t sent, read;
};

struct talk {
    struct connection *connection;
    struct talker ends[2];
};

static struct clock *watch;
static struct trace *trace;
static struct net *net;
static struct random dice;
static struct talk talks[CONNECTIONS];
static size_t talk_count, deeds_left;
static size_t counts[8];         /* what was seen: see main's checks */
static struct error why;

enum {
    SEEN_CUT,
    SEEN_RESET,
    SEEN_TIMEOUT,
    SEEN_FINISH,
    SEEN_REFUSED,
    SEEN_HALF_OPEN,
    SEEN_BLOCKED,
    SEEN_INSIDE
};

/* The octet that this side of this talk sends at this place. */
static char octet_at(const struct talk *talk, int side, uint64_t place)
{
    return (char)random_mix((uint64_t)(talk - talks) * 2 + (uint64_t)side + place * 64);
}

static void deed(void);

static void maybe_deed(void)
{
    if (deeds_left == 0 || random_below(&dice, 3) > 0)
        return;
    counts[SEEN_INSIDE]++;
    deed();
}

static void talk_opened(struct connection *connection, enum side side, void *own)
{
    struct talk *talk = own;
    ck_assert_ptr_eq(talk->connection, connection);
    ck_assert(talk->ends[side].there);
    ck_assert(!talk->ends[side].closed);
    maybe_deed();
}

static void talk_take(struct talk *talk, enum side side)
{
    struct talker *end = &talk->ends[side];
    slice octets = net_peek(talk->connection, side);
    for (size_t i = 0; i < octets.len; i++)
        if (octets.at[i] !=
            octet_at(talk, !side, end->read + i)) /* an assertion each would take long */
            ck_abort_msg("octet %zu is another", (size_t)end->read + i);
    ck_assert_uint_le(end->read + octets.len, talk->ends[!side].sent);
    size_t taken = (size_t)random_below(&dice, octets.len + 1);
    net_take(talk->connection, side, taken);
    end->read += taken;
}

static void talk_readable(struct connection *connection, enum side side, void *own)
{
    struct talk *talk = own;
    talk_opened(connection, side, own);
    if (talk->ends[side].closed)
        return;
    talk_take(talk, side);
    if (net_peer_finished(connection, side) && random_chance(&dice, 1, 2)) {
        talk->ends[side].finished = true;
        net_finish(connection, side);
    }
    maybe_deed();
}

static void talk_closed(struct connection *connection, enum side side, void *own, enum trace_by by)
{
    struct talk *talk = own;
    ck_assert(talk->ends[side].there);
    ck_assert(!talk->ends[side].closed);
    talk->ends[side].closed = true;
    counts[SEEN_CUT] += by == BY_CUT;
    counts[SEEN_TIMEOUT] += by == BY_TIMEOUT;
    counts[SEEN_REFUSED] += by == BY_SERVER && !connection_was_open(connection);
    if (talk->ends[side].finished && talk->ends[!side].finished && by <= BY_SERVER) {
        counts[SEEN_FINISH]++;
        talk->ends[side].read += net_peek(connection, side).len;
    }
    maybe_deed();
}

static const struct endpoint talk_end = { talk_opened, talk_readable, talk_opened, talk_closed };

static bool talk_accept(void *context, struct connection *connection, uint16_t port,
                        struct endpoint *end, void **own)
{
    struct talk *talk = &talks[connection_id(connection) - 1];
    (void)context;
    (void)port;
    if (random_chance(&dice, 1, 10))
        return false;
    *end = talk_end;
    *own = talk;
    talk->ends[SIDE_SERVER].there = true;
    maybe_deed();
    return true;
}

/* --- what they do ----------------------------------------------------------------- */

static void deed_connect(void)
{
    if (talk_count == CONNECTIONS)
        return;
    struct talk *talk = &talks[talk_count++];
    uint32_t from = 1 + (uint32_t)random_below(&dice, HOSTS),
             to = 1 + (uint32_t)random_below(&dice, HOSTS);
    talk->ends[SIDE_CLIENT].there = true;
    talk->connection = net_connect(net, from, to, random_chance(&dice, 1, 10) ? 8 : 7, talk_end,
                                   talk, SLICE(""), false);
    ck_assert_uint_eq(connection_id(talk->connection), talk_count);
}

static void deed_send(struct talk *talk, enum side side)
{
    static char octets[70000];
    size_t length = (size_t)random_below(&dice, random_chance(&dice, 1, 4) ? sizeof octets : 20);
    for (size_t i = 0; i < length; i++)
        octets[i] = octet_at(talk, (int)side, talk->ends[side].sent + i);
    size_t accepted = net_send(talk->connection, side, (slice){ octets, length });
    counts[SEEN_BLOCKED] += accepted > 0 && accepted < length;
    talk->ends[side].sent += accepted;
}

static void deed_link(void)
{
    uint32_t host = 1 + (uint32_t)random_below(&dice, HOSTS);
    *net_link(net, host) = (struct link){
        .latency_ns = random_below(&dice, 50) * NS_PER_MS,
        .bytes_per_second = random_chance(&dice, 1, 2) ? 0 : 1000 + random_below(&dice, 1000000),
        .segment_max = random_chance(&dice, 1, 2) ? 0 : 1 + (uint32_t)random_below(&dice, 2000),
        .loss_one_in = random_chance(&dice, 1, 2) ? 0 : 2 + (uint32_t)random_below(&dice, 20),
    };
    net_set_online(net, host, !random_chance(&dice, 1, 4));
}

static void deed_on(struct talk *talk, enum side side)
{
    uint64_t choice = random_below(&dice, 20);
    if (choice < 11) {
        deed_send(talk, side);
    } else if (choice < 16) {
        talk_take(talk, side);
    } else if (choice < 18) {
        talk->ends[side].finished = true;
        net_finish(talk->connection, side);
    } else if (choice < 19) {
        counts[SEEN_RESET]++;
        net_reset(talk->connection, side);
    } else {
        net_cut(talk->connection);
    }
}

static void deed(void)
{
    if (deeds_left == 0)
        return;
    deeds_left--;
    uint64_t choice = random_below(&dice, 10);
    if (choice == 0 || talk_count == 0)
        deed_connect();
    else if (choice == 1)
        deed_link();
    if (choice < 2)
        return;
    struct talk *talk = &talks[random_below(&dice, talk_count)];
    enum side side = (enum side)random_below(&dice, 2);
    if (talk->ends[side].there && !talk->ends[side].closed)
        deed_on(talk, side);
}

static void deed_at_random(void *context, uint64_t argument)
{
    deed();
    if (deeds_left > 0)
        clock_at(watch, 0, clock_ns(watch) + random_below(&dice, 200) * NS_PER_MS, TIMER,
                 deed_at_random, context, argument);
}

/* --- what must hold --------------------------------------------------------------- */

static void check_trace(void)
{
    bool open[CONNECTIONS + 1] = { false }, closed[CONNECTIONS + 1] = { false };
    for (uint64_t number = 0; number < trace_end(trace); number++) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->kind == TRACE_LOST)
            continue;
        if (closed[record->conn] || open[record->conn] != (record->kind != TRACE_OPEN))
            ck_abort_msg("conn %u has kind %d at the wrong time", (unsigned)record->conn,
                         record->kind);
        open[record->conn] = true;
        closed[record->conn] = record->kind == TRACE_CLOSE;
    }
    for (size_t i = 0; i < talk_count; i++) {
        bool ended = !open[i + 1] || closed[i + 1];
        bool told = talks[i].ends[SIDE_CLIENT].closed && (talks[i].ends[SIDE_SERVER].closed ||
                                                          !talks[i].ends[SIDE_SERVER].there);
        ck_assert(!told || ended); /* a half-open one may have its CLOSE already */
        counts[SEEN_HALF_OPEN] += ended && !told;
    }
}

static void walk(uint64_t seed)
{
    watch = clock_new();
    trace = trace_new();
    net = net_new(watch, trace, seed);
    dice = random_stream(seed, SLICE("walk"), "net");
    memset(talks, 0, sizeof talks);
    talk_count = 0;
    deeds_left = DEEDS;
    for (uint32_t host = 1; host <= HOSTS; host++) {
        net_host_add(net, (slice){ &"abcd"[host - 1], 1 });
        net_listen(net, host, 7, talk_accept, NULL);
    }
    clock_at(watch, 0, 0, TIMER, deed_at_random, NULL, 0);
    while (deeds_left > 0 && clock_step(watch))
        ;
    ck_assert_uint_eq(deeds_left, 0);
    ck_assert_msg(clock_settle(watch, &why), "%s", why.text);
    while (clock_step(watch))
        ;
    ck_assert_uint_eq(clock_digest(watch), 0);
    check_trace();
    net_free(net);
    trace_free(trace);
    clock_free(watch);
}

START_TEST(anything_goes)
{
    for (uint64_t seed = 1; seed <= 1000; seed++)
        walk(seed);
    for (size_t i = 0; i < COUNT(counts); i++)
        ck_assert_msg(counts[i] > 20, "%zu was seen %zu times", i, counts[i]);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("net_walk");
    tcase_set_timeout(cases, 300);
    tcase_add_test(cases, anything_goes);
    return run_cases("net_walk", cases);
}
