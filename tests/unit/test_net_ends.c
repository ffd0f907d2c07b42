/* test_net_ends.c: one connection's life, as a table: what is done when, what the two
   ends are told and what the trace says. The path takes 20 ms one way. */
#include "tests/unit/net_lab.h"

enum deed { NOTHING, SEND, FINISH, RESET, CUT, OFFLINE, ONLINE };
enum { GREETS = 1, TALKS = 2, CLOSED_PORT = 4, REFUSES = 8, RESETS = 16, BACK = 32, CUTS = 64 };

struct step {
    uint64_t ms;
    enum deed deed;
    int whom;                /* a side; of OFFLINE and ONLINE a host */
    const char *text;
};

#define CL SIDE_CLIENT
#define SV SIDE_SERVER

static const struct scenario {
    unsigned flags;
    struct step steps[6];
    const char *told;
    const char *traced;
} scenarios[] = {
    /* --- opening --- */
    { GREETS,
      { { 100, SEND, CL, "ho" } },
      "40 C opened; 60 S opened; 80 C reads hi; 120 S reads ho",
      "40 open; 80 S hi; 120 C ho" },
    { TALKS, { { 0 } }, "40 C opened; 60 S opened; 60 S reads ho", "40 open; 60 C ho" },
    { 0,
      { { 0, SEND, CL, "early" }, { 0, FINISH, CL, "" } },
      "40 C opened; 60 S opened; 60 S reads early; 60 S end",
      "40 open; 60 C early" },
    { 0,
      { { 30, SEND, SV, "early" } },
      "40 C opened; 60 S opened; 80 C reads early",
      "40 open; 80 S early" },
    { CLOSED_PORT, { { 0 } }, "40 C closed server", "" },
    { CLOSED_PORT, { { 0, SEND, CL, "lost" } }, "40 C closed server", "" },
    { REFUSES, { { 0 } }, "40 C closed server", "" },
    { RESETS, { { 0 } }, "20 S closed server; 40 C closed server", "" },
    { 0,
      { { 0, OFFLINE, SERVER, "" } },
      "15000 C closed timeout",
      "20 lost C 0; 1020 lost C 0; 3020 lost C 0; 7020 lost C 0" },
    { 0,
      { { 0, OFFLINE, CLIENT, "" } },
      "15000 C closed timeout",
      "20 lost C 0; 1020 lost C 0; 3020 lost C 0; 7020 lost C 0" },
    { GREETS,
      { { 0, OFFLINE, SERVER, "" }, { 2000, ONLINE, SERVER, "" } },
      "3040 C opened; 3060 S opened; 3080 C reads hi",
      "20 lost C 0; 1020 lost C 0; 3040 open; 3080 S hi" },
    { GREETS,
      { { 30, OFFLINE, CLIENT, "" }, { 50, ONLINE, CLIENT, "" } }, /* SYN-ACK */
      "1040 C opened; 1060 S opened; 1080 C reads hi",
      "40 lost S 0; 1040 open; 1080 S hi" },
    { GREETS,
      { { 30, OFFLINE, CLIENT, "" } }, /* every SYN-ACK */
      "15000 C closed timeout; 15000 S closed timeout",
      "40 lost S 0; 1020 lost C 0; 3020 lost C 0; 7020 lost C 0" },
    { GREETS,
      { { 50, OFFLINE, CLIENT, "" }, { 70, ONLINE, CLIENT, "" } }, /* ACK */
      "40 C opened; 1060 S opened; 1080 C reads hi",
      "40 open; 60 lost C 0; 1080 S hi" },
    { GREETS,
      { { 50, OFFLINE, CLIENT, "" }, { 70, ONLINE, CLIENT, "" }, { 100, SEND, CL, "ho" } },
      "40 C opened; 120 S opened; 120 S reads ho; 140 C reads hi",
      "40 open; 60 lost C 0; 120 C ho; 140 S hi" },
    { GREETS,
      { { 50, OFFLINE, CLIENT, "" }, { 70, ONLINE, CLIENT, "" }, { 100, FINISH, CL, "" } },
      "40 C opened; 120 S opened; 120 S end; 140 C reads hi",
      "40 open; 60 lost C 0; 140 S hi" },
    { GREETS,
      { { 50, OFFLINE, CLIENT, "" } }, /* every ACK */
      "40 C opened; 15020 S closed timeout",
      "40 open; 60 lost C 0; 1040 lost S 0; 3040 lost S 0; 7040 lost S 0; 15020 close timeout" },
    { CLOSED_PORT,
      { { 30, OFFLINE, CLIENT, "" }, { 50, ONLINE, CLIENT, "" } }, /* the refusal is lost */
      "1040 C closed server",
      "40 lost S 0" },
    { 0,
      { { 0, OFFLINE, SERVER, "" }, { 500, ONLINE, SERVER, "" }, { 1050, OFFLINE, CLIENT, "" },
        { 1070, ONLINE, CLIENT, "" } }, /* the first SYN, and the ACK: each side counts its own */
      "1040 C opened; 2060 S opened", "20 lost C 0; 1040 open; 1060 lost C 0" },
    /* --- finishing --- */
    { BACK,
      { { 100, FINISH, CL, "" } },
      "40 C opened; 60 S opened; 120 S end; 140 C closed client; 140 S closed client",
      "40 open; 140 close client" },
    { BACK,
      { { 100, SEND, SV, "bye" }, { 100, FINISH, SV, "" } },
      "40 C opened; 60 S opened; 120 C reads bye; 120 C end; 140 C closed server; 140 S closed "
      "server",
      "40 open; 120 S bye; 140 close server" },
    { 0,
      { { 100, FINISH, CL, "" },
        { 110, SEND, CL, "no" },
        { 200, SEND, SV, "more" },
        { 300, FINISH, SV, "" } },
      "40 C opened; 60 S opened; 120 S end; 220 C reads more; 320 C closed client; 320 S closed "
      "client",
      "40 open; 220 S more; 320 close client" },
    { 0,
      { { 100, FINISH, CL, "" }, { 100, FINISH, SV, "" } },
      "40 C opened; 60 S opened; 120 S end; 120 C closed client; 120 S closed client",
      "40 open; 120 close client" },
    { 0, { { 100, FINISH, SV, "" } }, "40 C opened; 60 S opened; 120 C end", "40 open" },
    { BACK,
      { { 90, OFFLINE, CLIENT, "" }, { 100, FINISH, CL, "" }, { 500, ONLINE, CLIENT, "" } },
      "40 C opened; 60 S opened; 1120 S end; 1140 C closed client; 1140 S closed client",
      "40 open; 120 lost C 0; 1140 close client" },
    /* --- reset --- */
    { 0,
      { { 100, RESET, CL, "" } },
      "40 C opened; 60 S opened; 100 C closed client; 120 S closed client",
      "40 open; 120 close client" },
    { 0,
      { { 100, SEND, SV, "421" }, { 100, RESET, SV, "" }, { 100, SEND, SV, "no" } },
      "40 C opened; 60 S opened; 100 S closed server; 120 C reads 421; 120 C closed server",
      "40 open; 120 S 421; 120 close server" },
    { 0,
      { { 100, SEND, SV, "a" }, { 110, RESET, CL, "" } },
      "40 C opened; 60 S opened; 110 C closed client; 130 S closed client",
      "40 open; 130 close client" },
    { 0, { { 10, RESET, CL, "" } }, "10 C closed client", "" },
    { 0, { { 30, RESET, CL, "" } }, "30 C closed client; 50 S closed client", "" },
    { 0,
      { { 50, RESET, CL, "" } },
      "40 C opened; 50 C closed client; 60 S opened; 70 S closed client",
      "40 open; 70 close client" },
    { 0,
      { { 30, RESET, SV, "" } },
      "30 S closed server; 40 C opened; 50 C closed server",
      "40 open; 50 close server" },
    { 0,
      { { 100, RESET, CL, "" },
        { 110, OFFLINE, SERVER, "" },
        { 130, ONLINE, SERVER, "" },
        { 200, SEND, SV, "a" } },
      "40 C opened; 60 S opened; 100 C closed client; 240 S closed client",
      "40 open; 120 lost C 0; 120 close client" },
    { 0,
      { { 100, RESET, CL, "" },
        { 110, OFFLINE, SERVER, "" },
        { 130, ONLINE, SERVER, "" },
        { 200, SEND, SV, "a" },
        { 230, OFFLINE, SERVER, "" },
        { 250, ONLINE, SERVER, "" } },
      "40 C opened; 60 S opened; 100 C closed client; 1260 S closed client", /* sent again at 1220
                                                                              */
      "40 open; 120 lost C 0; 120 close client; 240 lost C 0" },
    { 0,
      { { 30, RESET, CL, "" }, { 40, OFFLINE, SERVER, "" } },
      "30 C closed client; 50 S closed timeout",
      "50 lost C 0" },
    { 0,
      { { 100, SEND, SV, "421" }, { 110, RESET, SV, "" }, { 115, OFFLINE, CLIENT, "" },
        { 125, ONLINE, CLIENT, "" } }, /* its last words are lost, the RST is not */
      "40 C opened; 60 S opened; 110 S closed server; 130 C closed server",
      "40 open; 120 lost S 3; 130 close server" },
    /* --- cut --- */
    { 0,
      { { 90, SEND, CL, "a" },
        { 95, SEND, SV, "b" },
        { 100, CUT, CL, "" },
        { 100, SEND, SV, "c" } },
      "40 C opened; 60 S opened; 100 C closed cut; 100 S closed cut",
      "40 open; 100 close cut" },
    { 0, { { 10, CUT, CL, "" } }, "10 C closed cut", "" },
    { 0, { { 30, CUT, CL, "" } }, "30 C closed cut; 30 S closed cut", "" },
    { CUTS,
      { { 100, SEND, CL, "a" }, { 105, SEND, CL, "b" } },
      "40 C opened; 60 S opened; 120 S reads a; 120 C closed cut; 120 S closed cut",
      "40 open; 120 C a; 120 close cut" },
    /* --- losing, and giving up --- */
    { 0,
      { { 100, OFFLINE, CLIENT, "" },
        { 200, SEND, SV, "a" },
        { 300, SEND, SV, "b" },
        { 5000, ONLINE, CLIENT, "" } },
      "40 C opened; 60 S opened; 7220 C reads ab",
      "40 open; 220 lost S 1; 1220 lost S 2; 3220 lost S 2; 7220 S ab" },
    { 0,
      { { 100, OFFLINE, CLIENT, "" },
        { 200, SEND, SV, "a" },
        { 70000, ONLINE, CLIENT, "" },
        { 71000, SEND, CL, "ho" } },
      "40 C opened; 60 S opened; 63200 S closed timeout; 71040 C closed server",
      "40 open; 220 lost S 1; 1220 lost S 1; 3220 lost S 1; 7220 lost S 1; 15220 lost S 1; 31220 "
      "lost S 1; "
      "63200 close timeout" },
    { 0,
      { { 100, OFFLINE, CLIENT, "" },
        { 200, SEND, SV, "a" },
        { 70000, ONLINE, CLIENT, "" },
        { 71000, FINISH, CL, "" } },
      "40 C opened; 60 S opened; 63200 S closed timeout; 71040 C closed server",
      "40 open; 220 lost S 1; 1220 lost S 1; 3220 lost S 1; 7220 lost S 1; 15220 lost S 1; 31220 "
      "lost S 1; "
      "63200 close timeout" },
    { 0,
      { { 100, FINISH, CL, "" }, { 130, OFFLINE, CLIENT, "" }, { 200, SEND, SV, "a" } },
      "40 C opened; 60 S opened; 120 S end; 63200 C closed timeout; 63200 S closed timeout",
      "40 open; 220 lost S 1; 1220 lost S 1; 3220 lost S 1; 7220 lost S 1; 15220 lost S 1; 31220 "
      "lost S 1; "
      "63200 close timeout" },
};

static void step_do(void *context, uint64_t argument)
{
    const struct step *step = (const struct step *)context + argument;
    enum side side = (enum side)step->whom;
    if (step->deed == SEND)
        net_send(conn, side, slice_of(step->text));
    else if (step->deed == FINISH)
        net_finish(conn, side);
    else if (step->deed == RESET)
        net_reset(conn, side);
    else if (step->deed == CUT)
        net_cut(conn);
    else
        net_set_online(net, (uint32_t)step->whom, step->deed == ONLINE);
}

START_TEST(a_life)
{
    struct scenario scenario = scenarios[_i];
    struct buf traced = BUF_MAX(100000);
    lab_begin(1);
    players[SV].greeting = scenario.flags & GREETS ? "hi" : NULL;
    players[CL].greeting = scenario.flags & TALKS ? "ho" : NULL;
    players[SV].refuses = scenario.flags & REFUSES;
    players[SV].resets_at_once = scenario.flags & RESETS;
    players[SV].cuts = scenario.flags & CUTS;
    players[CL].finishes_back = players[SV].finishes_back = scenario.flags & BACK;
    for (uint64_t i = 0; i < COUNT(scenario.steps); i++)
        if (scenario.steps[i].deed != NOTHING)
            clock_at(watch, 0, scenario.steps[i].ms * NS_PER_MS, TIMER, step_do, scenario.steps, i);
    lab_connect(scenario.flags & CLOSED_PORT ? PORT + 1 : PORT);
    ck_assert_uint_eq(connection_id(conn), 1);
    ck_assert(clock_run_until(watch, 100000 * NS_PER_MS, &why));
    ck_assert(!clock_step(watch)); /* nothing pends, whatever is left half open */
    trace_tell(&traced);
    ck_slice(buf_slice(&said), slice_of(scenario.told));
    ck_slice(buf_slice(&traced), slice_of(scenario.traced));
    buf_free(&traced);
    lab_end();
}
END_TEST

/* Work is over when the line has been answered: no retransmission is waited for in vain. */
START_TEST(settling_ends_with_the_last_octet)
{
    lab_begin(1);
    players[SV].greeting = "220 hi\r\n";
    lab_connect(PORT);
    lab_settle();
    ck_assert_uint_eq(clock_ns(watch), 80 * NS_PER_MS);
    ck_assert(connection_is_open(conn));
    ck_assert(connection_was_open(conn));
    ck_assert_uint_eq(trace_end(trace), 3);
    const struct trace_record *record = trace_at(trace, 0);
    ck_assert_uint_eq(record->kind, TRACE_OPEN);
    ck_assert_uint_eq(record->host, CLIENT);
    ck_assert_uint_eq(record->peer, SERVER);
    ck_assert_uint_eq(record->port, PORT);
    ck_assert_uint_eq(record->typed, 1);
    ck_slice(record->text, SLICE("smtp"));
    ck_slice(trace_at(trace, 2)->text, SLICE("220 hi"));
    ck_assert_uint_eq(trace_at(trace, 2)->t_ns, 80 * NS_PER_MS);
    net_send(conn, CL, SLICE("QUIT"));
    ck_assert_uint_eq(connection_octets(conn, CL), 0);
    lab_settle();
    ck_assert_uint_eq(clock_ns(watch), 100 * NS_PER_MS);
    ck_assert_uint_eq(connection_octets(conn, CL), 4);
    net_finish(conn, CL); /* an unfinished line ends when its sender does */
    lab_settle();
    ck_slice(trace_at(trace, trace_end(trace) - 1)->text, SLICE("QUIT"));
    ck_assert_uint_eq(trace_at(trace, trace_end(trace) - 1)->kind, TRACE_LINE);
    lab_end();
}
END_TEST

START_TEST(what_a_connection_knows)
{
    lab_begin(1);
    lab_connect(PORT);
    ck_assert(!connection_is_open(conn));
    ck_assert(!connection_was_open(conn));
    ck_assert_uint_eq(connection_port(conn), PORT);
    ck_assert_uint_eq(connection_host(conn, CL), CLIENT);
    ck_assert_uint_eq(connection_host(conn, SV), SERVER);
    ck_assert(!connection_is_sealed(conn));
    net_seal(conn);
    ck_assert(connection_is_sealed(conn));
    lab_settle();
    ck_assert(connection_is_open(conn));
    net_cut(conn);
    ck_assert(!connection_is_open(conn)); /* at once, though closed() is still to come */
    ck_assert_uint_eq(players[CL].closed, 0);
    ck_assert_uint_eq(net_send(conn, CL, SLICE("a")), 0);
    net_cut(conn);
    net_reset(conn, SV);
    net_finish(conn, CL);
    lab_settle();
    ck_assert_uint_eq(players[CL].closed, 1);
    ck_assert_uint_eq(players[SV].closed, 1);
    lab_connect(PORT);
    ck_assert_uint_eq(connection_id(conn), 2);
    lab_end();
}
END_TEST

/* A reader that is slow has what it did not take until closed() has returned. */
static void closed_reads(struct connection *connection, enum side side, void *own, enum trace_by by)
{
    player_takes(own, connection, side);
    player_closed(connection, side, own, by);
}

START_TEST(unread_octets_outlive_the_fin_but_no_reset)
{
    struct endpoint end = player_end;
    end.closed = closed_reads;
    for (int resets = 0; resets < 2; resets++) {
        lab_begin(1);
        players[CL].lazy = true;
        conn = net_connect(net, CLIENT, SERVER, PORT, end, &players[CL], SLICE(""), false);
        lab_settle();
        net_send(conn, SV, SLICE("221 bye"));
        lab_settle();
        ck_slice(net_peek(conn, CL), SLICE("221 bye"));
        net_finish(conn, CL);
        lab_settle();
        if (resets)
            net_reset(conn, SV);
        else
            net_finish(conn, SV);
        lab_settle();
        ck_slice(buf_slice(&said), resets ? SLICE("40 C opened; 60 S opened; 100 S end; 100 S "
                                                  "closed server; 120 C closed server")
                                          : SLICE("40 C opened; 60 S opened; 100 S end; 120 C "
                                                  "reads 221 bye; 120 C closed client; "
                                                  "120 S closed client"));
        lab_end();
    }
}
END_TEST

START_TEST(freeing_in_the_middle_tells_nobody)
{
    lab_begin(1);
    for (int events = 0; events < 12; events++) {
        players[SV].greeting = "hi";
        players[SV].finishes_back = true;
        players[SV].closed = players[CL].closed = 0;
        lab_connect(PORT);
        net_send(conn, CL, SLICE("ho"));
        net_finish(conn, CL);
        for (int i = 0; i < events; i++)
            clock_step(watch);
        size_t before = said.len;
        net_free(net);
        ck_assert_uint_eq(clock_digest(watch), 0);
        ck_assert_uint_eq(said.len, before);
        net = net_new(watch, trace, 1);
        net_host_add(net, SLICE("laptop.example"));
        net_host_add(net, SLICE("mail.example"));
        net_listen(net, SERVER, PORT, player_accept, &players[SV]);
    }
    ck_assert_uint_eq(players[SV].closed, 1); /* the last round got that far */
    lab_end();
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("net_ends");
    tcase_add_loop_test(cases, a_life, 0, COUNT(scenarios));
    tcase_add_test(cases, settling_ends_with_the_last_octet);
    tcase_add_test(cases, what_a_connection_knows);
    tcase_add_test(cases, unread_octets_outlive_the_fin_but_no_reset);
    tcase_add_test(cases, freeing_in_the_middle_tells_nobody);
    return run_cases("net_ends", cases);
}
