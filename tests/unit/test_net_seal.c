/* test_net_seal.c: TLS inside the simulated network: what a tap sees of it, what the two
   ends read, and what is thrown away when it begins. */
#include "tests/unit/net_lab.h"

#define CL SIDE_CLIENT
#define SV SIDE_SERVER

/* "C hello; C (5)": what a tap sees, segment by segment. */
static void tap_tell(struct buf *text)
{
    for (uint64_t number = 0; number < trace_end(trace); number++) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->kind != TRACE_SEGMENT)
            continue;
        buf_format(text, "%s%s ", text->len ? "; " : "", record->side == CL ? "C" : "S");
        if (record->text.len)
            buf_add(text, record->text);
        else
            buf_format(text, "(%llu)", (unsigned long long)record->bytes);
    }
}

static void tap_is(const char *wanted)
{
    struct buf text = BUF_MAX(1u << 20);
    tap_tell(&text);
    ck_assert_str_eq(buf_text(&text), wanted);
    buf_free(&text);
}

static void lines_are(const char *wanted)
{
    struct buf text = BUF_MAX(1u << 20);
    for (uint64_t number = 0; number < trace_end(trace); number++) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->kind == TRACE_LINE)
            buf_format(&text, "%s%s %.*s", text.len ? "; " : "", record->side == CL ? "C" : "S",
                       SLICE_ARG(record->text));
    }
    ck_assert_str_eq(buf_text(&text), wanted);
    buf_free(&text);
}

static void lab_silent(void)
{
    lab_begin(1);
    players[CL].silent = players[SV].silent = true;
    lab_connect(PORT);
    lab_settle();
}

static void got_is(enum side side, const char *wanted)
{
    ck_slice(buf_slice(&players[side].got), slice_of(wanted));
}

START_TEST(both_read_and_the_tap_counts)
{
    lab_silent();
    net_send(conn, CL, SLICE("STARTTLS\r\n"));
    lab_settle();
    net_send(conn, SV, SLICE("220 go\r\n"));
    net_seal(conn);
    ck_assert(connection_is_sealed(conn));
    ck_assert_uint_eq(connection_plain(conn), 8);
    lab_settle();
    ck_assert_uint_eq(connection_plain(conn), 0);
    net_send(conn, CL, SLICE("EHLO x\r\nNOOP\r\n"));
    lab_settle();
    net_send(conn, SV, SLICE("250 x\r\n"));
    lab_settle();
    tap_is("C STARTTLS\r\n; S 220 go\r\n; C (14); S (7)");
    lines_are("C STARTTLS; S 220 go; C EHLO x; C NOOP; S 250 x");
    got_is(SV, "STARTTLS\r\nEHLO x\r\nNOOP\r\n");
    got_is(CL, "220 go\r\n250 x\r\n");
    lab_end();
}
END_TEST

/* Arrived and not taken; in flight; sent before the answer is there: all for nothing. */
START_TEST(what_was_sent_before_is_thrown_away)
{
    lab_silent();
    players[SV].lazy = true;
    net_send(conn, CL, SLICE("arrived\r\n"));
    lab_settle();
    net_send(conn, CL, SLICE("in flight\r\n"));
    net_send(conn, SV, SLICE("220 go\r\n"));
    net_seal(conn);
    net_send(conn, CL, SLICE("too early\r\nhalf a "));
    ck_assert_uint_eq(net_peek(conn, SV).len, 0);
    lab_settle();
    ck_assert_uint_eq(net_peek(conn, SV).len, 0);
    net_send(conn, CL, SLICE("in TLS\r\n"));
    lab_settle();
    ck_slice(net_peek(conn, SV), SLICE("in TLS\r\n"));
    tap_is("C arrived\r\n; C in flight\r\n; C too early\r\nhalf a ; S 220 go\r\n; C (8)");
    lines_are("C arrived; C in flight; C too early; S 220 go; C half a ; C in TLS");
    lab_end();
}
END_TEST

/* The window is the sender's again: what was thrown away takes no room for ever. */
START_TEST(what_is_thrown_away_makes_room)
{
    lab_silent();
    struct buf much = BUF_MAX(PIPE_BYTES_MAX);
    while (much.len < PIPE_BYTES_MAX)
        buf_add_char(&much, 'x');
    players[SV].lazy = true;
    ck_assert_uint_eq(net_send(conn, CL, buf_slice(&much)), PIPE_BYTES_MAX);
    net_link(net, CLIENT)->segment_max = 100;
    lab_settle();
    net_seal(conn);
    ck_assert_uint_eq(net_send(conn, CL, buf_slice(&much)), PIPE_BYTES_MAX);
    lab_settle();
    ck_assert_uint_eq(net_peek(conn, SV).len, PIPE_BYTES_MAX); /* nothing plain was on its way */
    buf_free(&much);
    lab_end();
}
END_TEST

/* Octet by octet and with losses: not one of the old octets is read, nor one of the new lost. */
START_TEST(losses_and_single_octets)
{
    for (uint64_t seed = 1; seed <= 60; seed++) {
        lab_begin(seed);
        players[CL].silent = players[SV].silent = true;
        net_link(net, CLIENT)->segment_max = 1;
        net_link(net, CLIENT)->loss_one_in = seed % 2 ? 7 : 0;
        lab_connect(PORT);
        lab_settle();
        net_send(conn, CL, SLICE("STARTTLS\r\nRCPT evil\r\n"));
        ck_assert(clock_run_until(watch, clock_ns(watch) + 20 * NS_PER_MS, &why));
        size_t heard = players[SV].got.len;
        net_send(conn, SV, SLICE("220 go\r\n"));
        net_seal(conn);
        ck_assert(clock_run_until(watch, clock_ns(watch) + seed * NS_PER_MS, &why));
        net_send(conn, CL, connection_plain(conn) ? SLICE("early\r\n") : SLICE(""));
        lab_settle();
        ck_assert_uint_eq(connection_plain(conn), 0);
        ck_assert_uint_eq(players[SV].got.len, heard);
        net_send(conn, CL, SLICE("in TLS\r\n"));
        lab_settle();
        ck_slice(slice_from(buf_slice(&players[SV].got), heard), SLICE("in TLS\r\n"));
        got_is(CL, "220 go\r\n");
        lab_end();
    }
}
END_TEST

static bool accept_sealed(void *context, struct connection *connection, uint16_t port,
                          struct endpoint *end, void **own)
{
    net_seal(connection);
    return player_accept(context, connection, port, end, own);
}

START_TEST(sealed_from_the_first_octet)
{
    lab_begin(1);
    players[CL].silent = players[SV].silent = true;
    players[CL].greeting = "a1 NOOP\r\n"; /* sent before the server's end has opened */
    players[SV].greeting = "* OK hi\r\n";
    net_listen(net, SERVER, PORT, accept_sealed, &players[SV]);
    lab_connect(PORT);
    lab_settle();
    ck_assert_uint_eq(connection_plain(conn), 0);
    tap_is("C (9); S (9)");
    lines_are("C a1 NOOP; S * OK hi");
    got_is(SV, "a1 NOOP\r\n");
    got_is(CL, "* OK hi\r\n");
    lab_end();
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("net_seal");
    tcase_add_test(cases, both_read_and_the_tap_counts);
    tcase_add_test(cases, what_was_sent_before_is_thrown_away);
    tcase_add_test(cases, what_is_thrown_away_makes_room);
    tcase_add_test(cases, losses_and_single_octets);
    tcase_add_test(cases, sealed_from_the_first_octet);
    return run_cases("net_seal", cases);
}
