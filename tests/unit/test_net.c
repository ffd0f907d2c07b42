/* test_net.c: hosts and addresses; segments, windows, bandwidth; loss under many seeds;
   the same again, with and without unrelated hosts. The life of a single connection's
   ends is in test_net_ends.c. */
#include "tests/unit/net_lab.h"

#define CL SIDE_CLIENT
#define SV SIDE_SERVER

/* --- hosts ------------------------------------------------------------------------ */

START_TEST(names_are_unique_and_lower_case)
{
    struct net *names = net_new(NULL, NULL, 1);
    ck_assert_uint_eq(net_host_add(names, SLICE("Mail.Campus.EXAMPLE")), 1);
    ck_assert_uint_eq(net_host_add(names, SLICE("mail")), 2);
    ck_assert_uint_eq(net_host_add(names, SLICE("a.campus.example")), 3);
    ck_assert_uint_eq(net_host_add(names, SLICE("mail.campus.example")), 0);
    ck_assert_uint_eq(net_host_add(names, SLICE("")), 0);
    ck_assert_uint_eq(net_host_add(names, SLICE("a\0b")), 0);
    ck_assert_uint_eq(net_host_count(names), 3);
    ck_assert_str_eq(net_host_name(names, 1), "mail.campus.example");
    ck_assert_uint_eq(net_host(names, SLICE("MAIL.campus.example")), 1);
    ck_assert_uint_eq(net_host(names, SLICE("mail")), 2);
    ck_assert_uint_eq(net_host(names, SLICE("mail.")), 0);
    ck_assert_uint_eq(net_host(names, SLICE("mai")), 0);
    ck_assert_uint_eq(net_host(names, SLICE("mail\0")), 0);
    ck_assert_uint_eq(net_host(names, SLICE("")), 0);
    ck_assert(net_is_online(names, 1));
    net_free(names);
}
END_TEST

START_TEST(addresses_are_of_the_reserved_ranges)
{
    static const struct { uint32_t host; const char *address; } expected[] = {
        { 1, "192.0.2.1" },      { 254, "192.0.2.254" },   { 255, "198.51.100.1" },
        { 508, "198.51.100.254" }, { 509, "203.0.113.1" },  { 762, "203.0.113.254" },
        { 763, "198.18.0.1" },   { 1017, "198.18.1.1" },   { HOSTS_MAX, "198.18.255.3" },
    };
    static const char *const nobody[] = { "",           "192.0.2.0",      "192.0.2.255",
                                          "192.0.2.01", "192.0.2.1 ",     "192.0.2",
                                          "192.0.3.1",  "198.19.255.255", "198.18.255.4",
                                          "1.2.3.4.5" };
    struct net *names = net_new(NULL, NULL, 1);
    struct buf name = BUF_MAX(100);
    struct link *first = NULL;
    for (uint32_t host = 1; host <= HOSTS_MAX; host++) {
        buf_clear(&name);
        buf_format(&name, "h%u.example",
                   (unsigned)(host * 40503u % 65536u)); /* not in order of names */
        ck_assert_uint_eq(net_host_add(names, buf_slice(&name)), host);
        ck_assert_uint_eq(net_host_at(names, slice_of(net_host_address(names, host))), host);
        ck_assert_uint_eq(net_host(names, buf_slice(&name)), host);
        first = first ? first : net_link(names, 1);
    }
    ck_assert_uint_eq(net_host_add(names, SLICE("one.too.many")), 0);
    ck_assert_ptr_eq(net_link(names, 1), first); /* a link stays where it is */
    for (size_t i = 0; i < COUNT(expected); i++)
        ck_assert_str_eq(net_host_address(names, expected[i].host), expected[i].address);
    for (size_t i = 0; i < COUNT(nobody); i++)
        ck_assert_msg(net_host_at(names, slice_of(nobody[i])) == 0, "%s", nobody[i]);
    buf_free(&name);
    net_free(names);
}
END_TEST

START_TEST(listening_ends)
{
    lab_begin(1);
    net_listen(net, SERVER, PORT, NULL, NULL);
    lab_connect(PORT);
    lab_settle();
    ck_slice(buf_slice(&said), SLICE("40 C closed server"));
    lab_end();
}
END_TEST

/* --- segments and windows --------------------------------------------------------- */

static void fill(char *octets, size_t length, unsigned start)
{
    for (size_t i = 0; i < length; i++) /* has CR, LF and CRLF.CRLF now and then */
        octets[i] = "\r\n.\r\nabc"[(i * i + start) % 8];
}

START_TEST(segments_have_the_smaller_ends_size)
{
    static const struct { uint32_t client, server; size_t octets, reads;
    } cases[] = {
        { 0, 0, 1460, 1 },  { 0, 0, 1461, 2 },        { 0, 0, 4380, 3 },
        { 1, 0, 100, 100 }, { 0, 1, 100, 100 },       { 3, 5, 10, 4 },
        { 5, 3, 9, 3 },     { 9000, 9000, 20000, 3 }, { 9000, 0, 1461, 2 },
    };
    static char octets[20000];
    fill(octets, sizeof octets, 1);
    lab_begin(1);
    players[CL].silent = players[SV].silent = true;
    net_link(net, CLIENT)->segment_max = cases[_i].client;
    net_link(net, SERVER)->segment_max = cases[_i].server;
    lab_connect(PORT);
    lab_settle();
    ck_assert_uint_eq(net_send(conn, CL, (slice){ octets, cases[_i].octets }), cases[_i].octets);
    ck_assert_uint_eq(net_send(conn, SV, (slice){ octets, cases[_i].octets }), cases[_i].octets);
    lab_settle();
    for (int side = CL; side <= SV; side++) {
        ck_assert_uint_eq(players[side].reads, cases[_i].reads);
        ck_slice(buf_slice(&players[side].got), ((slice){ octets, cases[_i].octets }));
    }
    ck_assert_uint_eq(clock_ns(watch), 80 * NS_PER_MS);
    lab_end();
}
END_TEST

/* The last words of a side that resets: everything that has left arrives first. */
START_TEST(a_reset_does_not_overtake)
{
    lab_begin(1);
    net_link(net, CLIENT)->segment_max = 1;
    lab_connect(PORT);
    lab_settle();
    net_send(conn, SV, SLICE("421"));
    net_reset(conn, SV);
    lab_settle();
    ck_slice(buf_slice(&said),
             SLICE("40 C opened; 60 S opened; 60 S closed server; 80 C reads 4; 80 C reads 2; "
                   "80 C reads 1; 80 C closed server"));
    lab_end();
}
END_TEST

/* A sender that always has more; what it has sent so far is in its player's reads. */
static void sender_sends(struct connection *connection, enum side side, void *own)
{
    static char octets[200000];
    struct player *player = own;
    fill(octets, sizeof octets, 5);
    player->reads += net_send(connection, side,
                              (slice){ octets + player->reads, sizeof octets - player->reads });
    if (player->reads == sizeof octets)
        net_finish(connection, side);
}

static size_t most_unread;

static void reader_wakes(void *context, uint64_t argument)
{
    struct player *player = context;
    slice octets = net_peek(conn, SV);
    if (octets.len > most_unread)
        most_unread = octets.len;
    octets = slice_upto(octets, 1000);
    buf_add(&player->got, octets);
    net_take(conn, SV, octets.len);
    if (octets.len > 0 || !net_peer_finished(conn, SV))
        clock_at(watch, SERVER, clock_ns(watch) + 10 * NS_PER_MS, TIMER, reader_wakes, context,
                 argument);
    else
        net_finish(conn, SV);
}

START_TEST(a_slow_reader_holds_the_sender_back)
{
    static char expected[200000];
    struct endpoint end = { .opened = sender_sends,
                            .writable = sender_sends,
                            .closed = player_closed };
    fill(expected, sizeof expected, 5);
    lab_begin(1);
    most_unread = 0;
    players[CL].silent = players[SV].silent = players[SV].lazy = true;
    conn = net_connect(net, CLIENT, SERVER, PORT, end, &players[CL], SLICE(""), false);
    lab_settle();
    ck_assert_uint_eq(players[CL].reads, PIPE_BYTES_MAX); /* a full window, and no work left */
    ck_assert_uint_eq(net_peek(conn, SV).len, PIPE_BYTES_MAX);
    ck_assert_uint_eq(net_send(conn, CL, SLICE("x")), 0);
    clock_at(watch, SERVER, clock_ns(watch), TIMER, reader_wakes, &players[SV], 0);
    ck_assert(clock_run_until(watch, 10000 * NS_PER_MS, &why));
    ck_assert_uint_eq(most_unread, PIPE_BYTES_MAX);
    ck_slice(buf_slice(&players[SV].got), ((slice){ expected, sizeof expected }));
    ck_assert_uint_eq(players[SV].closed, 1);
    ck_assert_uint_eq(players[CL].closed, 1);
    lab_end();
}
END_TEST

static size_t woken;

static void sender_wakes(struct connection *connection, enum side side, void *own)
{
    (void)connection;
    (void)side;
    (void)own;
    woken++;
}

START_TEST(room_is_told_once_and_after_the_way)
{
    static char octets[PIPE_BYTES_MAX + 1];
    struct endpoint end = player_end;
    lab_begin(1);
    woken = 0;
    players[SV].lazy = true;
    end.writable = sender_wakes;
    conn = net_connect(net, CLIENT, SERVER, PORT, end, &players[CL], SLICE(""), false);
    lab_settle();
    ck_assert_uint_eq(net_send(conn, CL, (slice){ octets, PIPE_BYTES_MAX }), PIPE_BYTES_MAX);
    lab_settle();
    net_take(conn, SV, 1); /* all was accepted: nobody waits for room */
    lab_settle();
    ck_assert_uint_eq(woken, 0);
    ck_assert_uint_eq(net_send(conn, CL, (slice){ octets, 2 }), 1);
    lab_settle();
    uint64_t before = now_ms();
    net_take(conn, SV, 10);
    net_take(conn, SV, 10);
    lab_settle();
    ck_assert_uint_eq(woken, 1);
    ck_assert_uint_eq(now_ms() - before, 20);
    ck_assert_uint_eq(net_send(conn, CL, (slice){ octets, 100 }), 20);
    lab_end();
}
END_TEST

/* A sender that waits for room finds out when nobody is left to make it. */
START_TEST(a_vanished_reader_wakes_the_sender)
{
    struct endpoint end = { .opened = sender_sends,
                            .writable = sender_sends,
                            .closed = player_closed };
    lab_begin(1);
    players[CL].name = "C";
    players[SV].lazy = true;
    conn = net_connect(net, CLIENT, SERVER, PORT, end, &players[CL], SLICE(""), false);
    lab_settle();
    net_set_online(net, CLIENT, false);
    net_send(conn, SV, SLICE("x"));
    while (!players[SV].closed)
        ck_assert(clock_step(watch));
    net_set_online(net, CLIENT, true);
    lab_settle();
    ck_slice(buf_slice(&said), SLICE("60 S opened; 63060 S closed timeout; 63120 C closed server"));
    lab_end();
}
END_TEST

/* --- bandwidth -------------------------------------------------------------------- */

START_TEST(bandwidth_is_the_slower_links)
{
    static const struct { uint64_t client, server; size_t octets; uint64_t arrives_ns; } cases[] = {
        { 0, 0, 60000, 20000000 },             /* no limit: the latency */
        { 1000000, 0, 10000, 30000000 },       /* 10 ms and the latency */
        { 0, 1000000, 10000, 30000000 },
        { 2000000, 1000000, 10000, 30000000 },
        { 1000000, 2000000, 10000, 30000000 },
        { 3, 0, 1, 353333334 },                /* a third of a second, rounded up */
        { 1, 0, 2, 2020000000 },
    };
    static char octets[60000];
    lab_begin(1);
    players[SV].silent = true;
    net_link(net, CLIENT)->bytes_per_second = cases[_i].client;
    net_link(net, SERVER)->bytes_per_second = cases[_i].server;
    lab_connect(PORT);
    lab_settle();
    uint64_t start = clock_ns(watch);
    net_send(conn, CL, (slice){ octets, cases[_i].octets });
    lab_settle();
    ck_assert_uint_eq(players[SV].got.len, cases[_i].octets);
    ck_assert_uint_eq(clock_ns(watch) - start, cases[_i].arrives_ns);
    lab_end();
}
END_TEST

START_TEST(an_uplink_is_shared)
{
    static char octets[10000];
    lab_begin(1);
    players[SV].silent = players[CL].several = players[SV].several = true;
    net_link(net, CLIENT)->bytes_per_second = 1000000;
    lab_connect(PORT);
    struct connection *first = conn;
    lab_connect(PORT);
    lab_settle();
    uint64_t start = clock_ns(watch);
    net_send(first, CL, (slice){ octets, 10000 });
    net_send(conn, CL, (slice){ octets, 5000 });
    while (connection_octets(first, CL) < 10000)
        ck_assert(clock_step(watch));
    ck_assert_uint_eq(clock_ns(watch) - start, 30 * NS_PER_MS);
    lab_settle();
    ck_assert_uint_eq(clock_ns(watch) - start, 35 * NS_PER_MS); /* behind the other's 10 ms */
    ck_assert_uint_eq(connection_octets(conn, CL), 5000);
    /* What a cut took off the uplink, no other waits for. */
    net_send(first, CL, (slice){ octets, 10000 });
    net_cut(first);
    start = clock_ns(watch);
    net_send(conn, CL, (slice){ octets, 1000 });
    lab_settle();
    ck_assert_uint_eq(clock_ns(watch) - start, 21 * NS_PER_MS);
    lab_end();
}
END_TEST

START_TEST(a_slow_peer_holds_up_nobody_else)
{
    static char octets[10000];
    lab_begin(1);
    uint32_t modem = net_host_add(net, SLICE("modem.example"));
    *net_link(net, modem) = (struct link){ .latency_ns = 20 * NS_PER_MS, .bytes_per_second = 1000 };
    net_link(net, SERVER)->bytes_per_second = 1000000;
    players[CL].silent = true;
    lab_connect(PORT);
    struct connection *fast = conn;
    conn = net_connect(net, modem, SERVER, PORT, (struct endpoint){ 0 }, NULL, SLICE(""), false);
    lab_settle();
    uint64_t start = clock_ns(watch);
    net_send(conn, SV, (slice){ octets, 10000 });
    net_send(fast, SV, (slice){ octets, 10000 });
    while (connection_octets(fast, SV) < 10000)
        ck_assert(clock_step(watch));
    ck_assert_uint_eq(clock_ns(watch) - start, 40 * NS_PER_MS);
    lab_settle();
    ck_assert_uint_eq(clock_ns(watch) - start, 10020 * NS_PER_MS);
    lab_end();
}
END_TEST

START_TEST(order_holds_when_a_link_gets_faster)
{
    lab_begin(1);
    lab_connect(PORT);
    lab_settle();
    net_send(conn, CL, SLICE("slow"));
    net_link(net, CLIENT)->latency_ns = NS_PER_MS;
    net_send(conn, CL, SLICE("fast"));
    lab_settle();
    ck_slice(buf_slice(&said), SLICE("40 C opened; 60 S opened; 80 S reads slow; 80 S reads fast"));
    lab_end();
}
END_TEST

/* --- loss ---------------------------------------------------------------------------------------
 */

enum { MESSAGE = 3000 };
static size_t losses, gave_up, half_open, lost_fins;

/* Both send a message and finish; how it went. */
static void lossy_run(uint64_t seed, uint32_t loss_one_in, uint32_t segment, char *message)
{
    lab_begin(seed);
    players[CL].silent = players[SV].silent = true;
    players[SV].greeting = message;
    players[CL].finishes_back = players[SV].finishes_back = true;
    net_link(net, CLIENT)->loss_one_in = loss_one_in;
    net_link(net, CLIENT)->segment_max = segment;
    lab_connect(PORT);
    net_send(conn, CL, slice_of(message));
    net_finish(conn, CL);
    lab_settle();
    for (uint64_t number = 0; number < trace_end(trace); number++) {
        losses += trace_at(trace, number)->kind == TRACE_LOST;
        lost_fins +=
            trace_at(trace, number)->kind == TRACE_LOST && trace_at(trace, number)->bytes == 0;
    }
}

START_TEST(nothing_is_missing_under_loss)
{
    static char message[MESSAGE + 1];
    fill(message, MESSAGE, 3);
    losses = lost_fins = 0;
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        lossy_run(seed, 20, seed % 2 ? 100 : 0, message);
        for (int side = CL; side <= SV; side++) {
            ck_assert_msg(slice_is(buf_slice(&players[side].got), message), "seed %d", (int)seed);
            ck_assert_uint_eq(players[side].closed, 1);
            ck_assert_int_eq(players[side].by, BY_CLIENT);
        }
        ck_assert(!clock_step(watch));
        lab_end();
    }
    ck_assert_uint_gt(losses, 2000);
    ck_assert_uint_gt(lost_fins, 100);
}
END_TEST

START_TEST(what_arrives_is_a_prefix_under_heavy_loss)
{
    static char message[MESSAGE + 1];
    fill(message, MESSAGE, 3);
    gave_up = half_open = 0;
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        lossy_run(seed, 2, 200, message);
        for (int side = CL; side <= SV; side++) {
            slice got = buf_slice(&players[side].got);
            ck_assert_msg(slice_equal(got, slice_upto(slice_of(message), got.len)), "seed %d",
                          (int)seed);
            gave_up += players[side].closed && players[side].by == BY_TIMEOUT;
        }
        half_open += !players[CL].closed || !players[SV].closed;
        ck_assert(!clock_step(watch));
        lab_end();
    }
    ck_assert_uint_gt(gave_up, 100);
    ck_assert_uint_gt(half_open, 0); /* some ends stay half open, and nothing pends for them */
}
END_TEST

static void host_switch(void *context, uint64_t host)
{
    (void)context;
    net_set_online(net, (uint32_t)host, !net_is_online(net, (uint32_t)host));
}

/* One segment is tried; one more is in flight with each that was told of. */
START_TEST(after_a_loss_the_sender_feels_its_way)
{
    lab_begin(1);
    players[CL].name = "";
    net_link(net, CLIENT)->segment_max = 1;
    lab_connect(PORT);
    lab_settle();
    buf_clear(&said);
    clock_at(watch, 0, 70 * NS_PER_MS, TIMER, host_switch, NULL, CLIENT);
    clock_at(watch, 0, 90 * NS_PER_MS, TIMER, host_switch, NULL, CLIENT);
    net_send(conn, SV, SLICE("abcdef"));
    net_finish(conn, SV);
    lab_settle();
    ck_slice(buf_slice(&said),
             SLICE("1080  reads a; 1120  reads b; 1120  reads c; 1160  reads d; 1160  reads e; "
                   "1160  reads f; 1160  end"));
    ck_assert_uint_eq(trace_at(trace, 1)->kind, TRACE_LOST);
    ck_assert_uint_eq(trace_at(trace, 2)->kind, TRACE_SEGMENT); /* the burst's rest is no loss */
    lab_end();
}
END_TEST

/* --- the same again --------------------------------------------------------------- */

/* A small town: clients of all kinds talk to two servers, with loss and shared uplinks. */
static void town_build(bool with_others)
{
    static const char *const names[] = { "phone.example", "desk.example", "other.example",
                                         "third.example" };
    players[CL].silent = players[SV].silent = players[CL].several = players[SV].several = true;
    players[SV].finishes_back = true;
    players[CL].greeting =
        "EHLO laptop\r\nMAIL FROM:<ana@campus.example>\r\nRCPT TO:<bo@campus.example>\r\n";
    players[SV].greeting = "220 mail.example ESMTP\r\n250-mail.example\r\n250 SIZE 1000000\r\n";
    *net_link(net, CLIENT) = (struct link){ 20 * NS_PER_MS, 100000, 7, 10 };
    *net_link(net, SERVER) = (struct link){ 20 * NS_PER_MS, 1000000, 0, 0 };
    for (uint32_t i = 0; i < COUNT(names); i++) {
        uint32_t host = net_host_add(net, slice_of(names[i]));
        *net_link(net, host) = (struct link){ (10 + i) * NS_PER_MS, i * 1000, i * 5, i * 6 };
    }
    net_listen(net, 5, PORT, player_accept, &players[SV]);
    for (uint32_t round = 0; round < 5; round++) {
        net_connect(net, CLIENT, SERVER, PORT, player_end, &players[CL], SLICE("smtp"), true);
        if (!with_others)
            continue;
        net_connect(net, 6, 5, PORT, player_end, &players[CL], SLICE("imap"), false);
        net_finish(net_connect(net, 6, 5, PORT, player_end, &players[CL], SLICE("pop3"), false),
                   CL);
    }
}

static void town_run(uint64_t seed, bool with_others)
{
    lab_begin(seed);
    town_build(with_others);
    while (clock_step(watch))
        ;
}

START_TEST(two_runs_are_the_same)
{
    uint64_t digests[3];
    for (uint64_t i = 0; i < 3; i++) {
        town_run(i == 2 ? 2 : 1, true);
        digests[i] = trace_digest(trace);
        ck_assert_uint_gt(trace_end(trace), 200);
        lab_end();
    }
    ck_assert_uint_eq(digests[0], digests[1]);
    ck_assert_uint_ne(digests[0], digests[2]);
    ck_assert_uint_eq(digests[0], 0x83bd7f4544dea771ull); /* with every compiler, at every level */
}
END_TEST

/* Of the connections that the laptop opened: when, what; but for their numbers. */
static uint64_t laptop_digest(void)
{
    bool is_laptops[100] = { false };
    struct trace *part = trace_new();
    for (uint64_t number = 0; number < trace_end(trace); number++) {
        struct trace_record record = *trace_at(trace, number);
        if (record.host == CLIENT || record.peer == CLIENT)
            is_laptops[record.conn] = true;
        if (!is_laptops[record.conn])
            continue;
        record.conn = 0;
        trace_add(part, record.t_ns, &record);
    }
    ck_assert_uint_gt(trace_end(part), 100);
    uint64_t digest = trace_digest(part);
    trace_free(part);
    return digest;
}

START_TEST(unrelated_hosts_change_nothing)
{
    for (uint64_t seed = 1; seed <= 50; seed++) {
        town_run(seed, true);
        uint64_t with = laptop_digest(), all = trace_digest(trace);
        lab_end();
        town_run(seed, false);
        ck_assert_uint_eq(laptop_digest(), with);
        ck_assert_uint_ne(trace_digest(trace), all);
        lab_end();
    }
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("net");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, names_are_unique_and_lower_case);
    tcase_add_test(cases, addresses_are_of_the_reserved_ranges);
    tcase_add_test(cases, listening_ends);
    tcase_add_loop_test(cases, segments_have_the_smaller_ends_size, 0, 9);
    tcase_add_test(cases, a_reset_does_not_overtake);
    tcase_add_test(cases, a_slow_reader_holds_the_sender_back);
    tcase_add_test(cases, room_is_told_once_and_after_the_way);
    tcase_add_test(cases, a_vanished_reader_wakes_the_sender);
    tcase_add_loop_test(cases, bandwidth_is_the_slower_links, 0, 7);
    tcase_add_test(cases, an_uplink_is_shared);
    tcase_add_test(cases, a_slow_peer_holds_up_nobody_else);
    tcase_add_test(cases, order_holds_when_a_link_gets_faster);
    tcase_add_test(cases, nothing_is_missing_under_loss);
    tcase_add_test(cases, what_arrives_is_a_prefix_under_heavy_loss);
    tcase_add_test(cases, after_a_loss_the_sender_feels_its_way);
    tcase_add_test(cases, two_runs_are_the_same);
    tcase_add_test(cases, unrelated_hosts_change_nothing);
    return run_cases("net", cases);
}
