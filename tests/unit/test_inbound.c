/* test_inbound.c: what comes from outside, done and played: the lines that were recorded lead
   another world to the same trace, store and pending events, wherever octets were cut and
   however slowly they were taken. */
#include "base/words.h"
#include "sim/hosts/host.h"
#include "sim/hosts/inbound.h"
#include "sim/language/build.h"
#include "sim/net/random.h"
#include "sim/world.h"
#include "tests/unit/language.h"

#define IMAP_TALK                                                                                  \
    "a1 LOGIN ana tulip\r\na2 SELECT INBOX\r\na3 FETCH 1:* (FLAGS BODY[])\r\n"                     \
    "a4 STORE 1 +FLAGS (\\Deleted)\r\na5 EXPUNGE\r\n"                                              \
    "a6 APPEND INBOX {12+}\r\nA: b\r\n\r\ncd\r\n\r\na7 IDLE\r\n"
#define SMTP_TALK                                                                                  \
    "EHLO lab.example\r\nMAIL FROM:<dora@bakery.example>\r\nRCPT TO:<ana@campus.example>\r\n"      \
    "DATA\r\nSubject: caf\303\251 \\ \"1\"\r\n\r\n..\0012\r\n.\r\nMAIL FROM:<>\r\nQUIT\r\n"
#define POP3_TALK "USER bo\r\nPASS maple\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n"
#define SUBMISSION_TALK                                                                            \
    "EHLO lab.example\r\nAUTH PLAIN AGFuYQB0dWxpcA==\r\nMAIL FROM:<ana@campus.example>\r\n"        \
    "RCPT TO:<dora@bakery.example>\r\nDATA\r\nSubject: bread\r\n\r\nTwo.\r\n.\r\n"
static const char *const talks[] = { IMAP_TALK, SMTP_TALK, POP3_TALK, SUBMISSION_TALK };
static const uint16_t ports[] = { 143, 25, 110, 587 };

struct client {
    struct connection *connection; /* NULL: over, or not begun */
    slice left;
    bool ended;
};

static void on_closed(struct connection *connection, enum side side, void *own, enum trace_by by)
{
    struct client *client = own;
    (void)connection, (void)side, (void)by;
    client->connection = NULL;
}

static void line_keep(void *context, slice line)
{
    ck_assert(buf_add(context, line) && buf_add_char(context, '\n'));
}

static struct client client_new(struct world *world, struct client *at, size_t talk)
{
    struct endpoint end = { .closed = on_closed };
    return (struct client){ inbound_open(world, ports[talk], end, at), slice_of(talks[talk]),
                            false };
}

/* One thing that a client may do now. */
static void client_move(struct world *world, struct client *client, struct random *chance)
{
    if (!client->connection)
        return;
    uint64_t most = 1 + random_below(chance, random_chance(chance, 1, 2) ? 3 : 500);
    size_t there = net_peek(client->connection, SIDE_CLIENT).len;
    if (random_chance(chance, 1, 2) && there) {
        inbound_take(world, client->connection, there < most ? there : most);
    } else if (random_chance(chance, 1, 300)) {
        inbound_break(world, client->connection);
    } else if (client->left.len) {
        slice said = slice_upto(client->left, most);
        said = slice_upto(said, net_room(client->connection, SIDE_CLIENT));
        if (said.len)
            inbound_say(world, client->connection, said);
        client->left = slice_from(client->left, said.len);
    } else if (!client->ended && random_chance(chance, 1, 30)) {
        client->ended = true;
        inbound_end(world, client->connection);
    }
}

static uint64_t walk(struct world *world, uint64_t seed, struct buf *lines)
{
    enum { CLIENTS = 8 };
    struct client clients[CLIENTS] = { { 0 } };
    struct random chance = random_stream(seed, SLICE("outside"), "walk");
    struct error why = { "" };
    struct inbound_start start = { .host = SLICE("mail.campus.example"),
                                   .now_ms = EPOCH_MS + 86400000,
                                   .chance = seed % 4 ? seed << 40 | 1 : 0,
                                   .plain = seed % 3 == 0,
                                   .real_link = seed % 2 };
    uint64_t ms = 0;
    int changes = 0;
    arrive_record(world, line_keep, lines);
    ck_assert(inbound_on(world, &start, &why));
    for (int round = 0; round < 400; round++) {
        ms += random_chance(&chance, 1, 150) ? 1900000 : random_below(&chance, 40);
        inbound_at(world, ms);
        for (uint64_t moves = random_below(&chance, 6); moves; moves--) {
            struct client *client = &clients[random_below(&chance, CLIENTS)];
            if (!client->connection && random_chance(&chance, 1, 4))
                *client = client_new(world, client, random_below(&chance, COUNT(talks)));
            client_move(world, client, &chance);
            if (random_chance(&chance, 1, 3)) /* others join the turn */
                changes += inbound_run_due(world);
            if (random_chance(&chance, 1, 3))
                inbound_work(world);
        }
        ck_assert_msg(inbound_commit(world, &why), "%s", why.text);
    }
    ck_assert_int_gt(changes, 0);
    inbound_shutdown(world);
    ck_assert(inbound_off(world, &why) && world_remember(world, &why));
    arrive_record(world, NULL, NULL);
    return world_digest(world);
}

START_TEST(lines_lead_to_the_same_world)
{
    struct buf lines = BUF_MAX(64u << 20);
    struct world *live = world_default(), *played = world_default();
    uint64_t digest = walk(live, (uint64_t)_i, &lines);
    run(played, buf_text(&lines));
    ck_assert_uint_eq(trace_end(played->trace), trace_end(live->trace));
    ck_assert_uint_eq(world_digest(played), digest);
    ck_assert_uint_gt(count_of(live, TRACE_STATE), 50);
    ck_assert(!inbound_is_on(live) && !inbound_is_on(played));
    world_end(live);
    world_end(played);
    buf_free(&lines);
}
END_TEST

START_TEST(the_servers_say_goodbye)
{
    struct world *world = world_default();
    run(world, ":arrive 0 on mail.campus.example keeping link\n:arrive 1 opens 1 port 143\n"
               ":arrive 2 opens 2 port 25\n:arrive 200 keeps\n:arrive 201 parts\n"
               ":arrive 400 keeps");
    ck_slice(last_line(world, SIDE_SERVER),
             SLICE("* BYE Server shutting down")); /* host.c's list: the newest first */
    ck_assert_uint_eq(count_of(world, TRACE_LINE), 4);
    run(world, ":arrive 401 off");
    world_end(world);
}
END_TEST

static void inbound_client_gone(struct connection *connection, enum side side, void *own,
                                enum trace_by by)
{
    (void)connection, (void)side, (void)own, (void)by;
}

START_TEST(what_happens_may_change_something)
{
    static const struct {
        const char *says;
        bool changes;
    } steps[] = {
        { "EHLO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<ana@campus.example>\r\nDATA\r\n", false },
        { "Subject: a\r\n\r\nb\r\n", false },
        { ".\r\n", true },
        { "NOOP\r\n", false },
    };
    struct world *world = world_default();
    struct error why = { "" };
    struct endpoint end = { .closed = inbound_client_gone };
    run(world, "arrive 0 on mail.campus.example");
    ck_assert_msg(inbound_commit(world, &why), "%s", why.text); /* the world is new */
    struct connection *connection = inbound_open(world, 25, end, NULL);
    for (size_t i = 0; i < COUNT(steps); i++) {
        inbound_say(world, connection, slice_of(steps[i].says));
        ck_assert_int_eq(inbound_run_due(world), steps[i].changes);
        ck_assert_msg(inbound_commit(world, &why), "%s", why.text);
        ck_assert(!inbound_run_due(world));
    }
    run(world, "arrive 2 off");
    world_end(world);
}
END_TEST

static size_t told(const struct client *client)
{
    return net_peek(client->connection, SIDE_CLIENT).len;
}

/* Who has much to be done has turns, one piece a round whoever they are; who comes is answered. */
START_TEST(long_work_takes_turns)
{
    struct world *world = world_default();
    struct inbound_start start = { .host = SLICE("mail.campus.example"), .real_link = true };
    struct endpoint end = { .closed = on_closed };
    struct client clients[3] = { { 0 } };
    struct error why = { "" };
    struct buf lines = BUF_MAX(1u << 20);
    ck_assert(inbound_on(world, &start, &why));
    for (int i = 0; i < 4000; i++)
        buf_add_text(&lines, "x NOOP\r\n");
    for (size_t i = 0; i < COUNT(clients); i++)
        clients[i].connection = inbound_open(world, 143, end, &clients[i]);
    ck_assert(inbound_commit(world, &why));
    for (size_t i = 0; i < 2; i++)
        inbound_say(world, clients[i].connection, buf_slice(&lines));
    ck_assert(inbound_commit(world, &why));
    for (size_t i = 0; i < 2; i++) {
        size_t before[] = { told(&clients[0]), told(&clients[1]), told(&clients[2]) };
        ck_assert(host_has_pieces(world));
        inbound_say(world, clients[2].connection, SLICE("y NOOP\r\n"));
        inbound_work(world);
        ck_assert(inbound_commit(world, &why));
        ck_assert_uint_ne(told(&clients[0]) != before[0], told(&clients[1]) != before[1]);
        ck_assert_uint_gt(told(&clients[2]), before[2]);
    }
    ck_assert_uint_eq(told(&clients[0]), told(&clients[1]));
    ck_assert(inbound_off(world, &why));
    ck_assert(!host_has_pieces(world));
    world_end(world);
    buf_free(&lines);
}
END_TEST

START_TEST(lines_that_cannot_be_read)
{
    struct world *world = world_default();
    refuses(world, "arrive", "which moment", 6);
    refuses(world, "arrive x keeps", "which moment", 7);
    refuses(world, "arrive 0 keeps", "nobody can come", 9);
    refuses(world, "arrive 0 on mail.nowhere.example", "no such host", 12);
    refuses(world, "arrive 0 on mail.campus.example at noon", "at which time", 39);
    refuses(world, "arrive 0 on mail.campus.example keeping link on", "goes on", 44);
    run(world, "arrive 0 on mail.campus.example");
    refuses(world, "arrive 0 on mail.campus.example", "open already", 7);
    refuses(world, "arrive 0 sings 1", "opens, says", 9);
    refuses(world, "arrive 0 opens 1", "which port", 16);
    refuses(world, "arrive 0 opens", "which connection", 7);
    refuses(world, "arrive 0 says 1 NOOP", "which octets", 16);
    refuses(world, "arrive 0 takes 1 all", "how many octets", 20);
    run(world, "arrive 0 off");
    world_end(world);
}
END_TEST

/* A record that is played in another world is told so, and stops. */
START_TEST(lines_of_another_world)
{
    static const struct {
        const char *line, *why;
    } lines[] = {
        { "arrive 9 opens 7 port 25", "connection 7 has another number here" },
        { "arrive 9 says 5 \"a\"", "connection 5 is not open here" },
        { "arrive 9 takes 1 9999", "connection 1 was told less here" },
    };
    for (size_t i = 0; i < COUNT(lines); i++) {
        struct world *world = world_default();
        struct error why = { "" };
        size_t at;
        run(world, "arrive 0 on mail.campus.example\narrive 1 opens 1 port 25\narrive 5 keeps");
        ck_assert_int_eq(script_line(world, slice_of(lines[i].line), &at, &why), LINE_BROKEN);
        ck_assert_msg(strstr(why.text, lines[i].why) != NULL, "%s", why.text);
        world_free(world);
    }
}
END_TEST

START_TEST(octets_survive_their_quotes)
{
    struct buf octets = BUF_MAX(1024), quoted = BUF_MAX(8192), again = BUF_MAX(1024);
    for (int i = 0; i < 512; i++) /* each followed by each digit too */
        buf_add_char(&octets, (char)(i % 2 ? '0' + i % 10 : i / 2));
    buf_add_char(&quoted, '"');
    quoted_add(&quoted, buf_slice(&octets));
    buf_add_char(&quoted, '"');
    for (size_t i = 0; i < quoted.len; i++)
        ck_assert(quoted.at[i] >= ' ' && quoted.at[i] <= '~');
    slice rest = buf_slice(&quoted);
    ck_assert(quoted_read(&rest, &again) && rest.len == 0);
    ck_slice(buf_slice(&again), buf_slice(&octets));
    buf_free(&octets);
    buf_free(&quoted);
    buf_free(&again);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("outside");
    tcase_add_loop_test(cases, lines_lead_to_the_same_world, 0, 20);
    tcase_add_test(cases, the_servers_say_goodbye);
    tcase_add_test(cases, long_work_takes_turns);
    tcase_add_test(cases, what_happens_may_change_something);
    tcase_add_test(cases, lines_that_cannot_be_read);
    tcase_add_test(cases, lines_of_another_world);
    tcase_add_test(cases, octets_survive_their_quotes);
    return run_cases("outside", cases);
}
