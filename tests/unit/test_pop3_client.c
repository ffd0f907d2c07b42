/* test_pop3_client.c: the client's end of POP3 against conversations as RFC 1939 has them,
   whole and octet by octet, and against servers that refuse, break off or talk rubbish. */
#include "servers/pop3/pop3_client.h"

#include <string.h>

#include "tests/unit/client_play.h"

/* An owner who keeps everything in one text: "<uidl>message;". */
struct owner {
    bool fetches, removes, fails;
    const char *known;              /* a unique-id that is not wanted again */
    struct buf message, kept;
};

static struct owner owner;
static struct pop3_client *client;

static struct pop3_wish wish(void *context, slice uidl)
{
    (void)context;
    bool known = owner.known && slice_is(uidl, owner.known);
    return (struct pop3_wish){ owner.fetches && !known, owner.removes };
}

static bool piece(void *context, slice octets)
{
    (void)context;
    return buf_add(&owner.message, octets);
}

static bool fetched(void *context, slice uidl)
{
    (void)context;
    buf_format(&owner.kept, "<%.*s>", SLICE_ARG(uidl));
    buf_add(&owner.kept, buf_slice(&owner.message));
    buf_add_char(&owner.kept, ';');
    buf_clear(&owner.message);
    return !owner.fails;
}

static struct pop3_job job;

static void input(void *context, slice octets) { pop3_client_input(context, octets); }
static slice output(void *context) { return pop3_client_output(context); }
static void sent(void *context, size_t octets) { pop3_client_sent(context, octets); }

static void owner_begin(bool fetches, bool removes)
{
    owner = (struct owner){ .fetches = fetches, .removes = removes, .message = BUF_MAX(1000),
                            .kept = BUF_MAX(100000) };
    job = (struct pop3_job){ .name = SLICE("mrose"), .password = SLICE("secret"), .wish = wish,
                             .piece = piece, .fetched = fetched };
    client = pop3_client_new(&job);
}

static void owner_end(void)
{
    pop3_client_free(client);
    buf_free(&owner.message);
    buf_free(&owner.kept);
}

/* RFC 1939's own messages, more or less. */
#define LOGIN \
    "S: +OK POP3 server ready\nC: USER mrose\nS: +OK\nC: PASS secret\n" \
    "S: +OK mrose's maildrop has 2 messages (320 octets)\nC: STAT\n"
#define TWO LOGIN "S: +OK 2 320\nC: UIDL\nS: +OK\nS: 1 whqtswO00WBw418f9t5JxYwZ\n" \
    "S: 2 QhdPYR:00WBw1Ph7x7\nS: .\n"

static const struct {
    const char *script;
    bool fetches, removes;
    const char *known;
    enum pop3_ending ending;
    const char *kept;
    size_t listed, fetched, marked, not_given, not_marked;
} cases[] = {
    { "S: +OK\nC: USER mrose\nS: +OK\nC: PASS secret\nS: +OK\nC: STAT\nS: +OK 0 0\nC: QUIT\n"
      "S: +OK dewey POP3 server signing off (maildrop empty)\n",
      true, true, NULL, POP3_DONE, "", 0, 0, 0, 0, 0 },
    { TWO "C: RETR 1\nS: +OK 120 octets\nS: Subject: a\nS:\nS: hi\nS: .\nC: DELE 1\n"
      "S: +OK message 1 deleted\nC: RETR 2\nS: +OK\nS: x\nS: .\nC: DELE 2\nS: +OK\nC: QUIT\n"
      "S: +OK\n",
      true, true, NULL, POP3_DONE,
      "<whqtswO00WBw418f9t5JxYwZ>Subject: a\r\n\r\nhi\r\n;<QhdPYR:00WBw1Ph7x7>x\r\n;", 2, 2, 2, 0,
      0 },
    /* RETR alone deletes nothing */
    { TWO "C: RETR 1\nS: +OK\nS: a\nS: .\nC: RETR 2\nS: +OK\nS: b\nS: .\nC: QUIT\nS: +OK\n", true,
      false, NULL, POP3_DONE, "<whqtswO00WBw418f9t5JxYwZ>a\r\n;<QhdPYR:00WBw1Ph7x7>b\r\n;", 2, 2, 0,
      0, 0 },
    { TWO "C: RETR 1\nS: +OK\nS: a\nS: .\nC: QUIT\nS: +OK\n", true, false, "QhdPYR:00WBw1Ph7x7",
      POP3_DONE, "<whqtswO00WBw418f9t5JxYwZ>a\r\n;", 2, 1, 0, 0, 0 },
    /* dots: stuffed, alone with text, and a CR that is text */
    { TWO "C: RETR 1\nS: +OK\nS: ..\nS: ...\nS: .x\nS: ..\r\r\nS:\nS: .\nC: QUIT\nS: +OK\n", true,
      false, "QhdPYR:00WBw1Ph7x7", POP3_DONE,
      "<whqtswO00WBw418f9t5JxYwZ>.\r\n..\r\nx\r\n.\r\r\r\n\r\n;", 2, 1, 0, 0, 0 },
    { TWO "C: RETR 1\nS: +OK\nS: .\rz\nS: .\nC: QUIT\nS: +OK\n", true, false,
      "QhdPYR:00WBw1Ph7x7", POP3_DONE, "<whqtswO00WBw418f9t5JxYwZ>\rz\r\n;", 2, 1, 0, 0, 0 },
    /* a message that went meanwhile, a DELE that is refused: the rest goes on */
    { TWO "C: RETR 1\nS: -ERR no such message\nC: RETR 2\nS: +OK\nS: b\nS: .\nC: DELE 2\n"
      "S: -ERR not today\nC: QUIT\nS: +OK\n",
      true, true, NULL, POP3_DONE, "<QhdPYR:00WBw1Ph7x7>b\r\n;", 2, 1, 0, 1, 1 },
    { TWO "C: DELE 1\nS: +OK\nC: DELE 2\nS: +OK\nC: QUIT\nS: -ERR some deleted messages not "
      "removed\n",
      false, true, NULL, POP3_UNSURE, "", 2, 0, 2, 0, 0 },
    /* no unique-ids */
    { LOGIN "S: +OK 1 5\nC: UIDL\nS: -ERR what?\nC: LIST\nS: +OK\nS: 1 5\nS: .\nC: RETR 1\n"
      "S: +OK\n"
      "S: a\nS: .\nC: DELE 1\nS: +OK\nC: QUIT\nS: +OK\n",
      true, true, NULL, POP3_DONE, "<>a\r\n;", 1, 1, 1, 0, 0 },
    /* refusals */
    { "S: -ERR too many connections\nC: QUIT\nS: +OK\n", true, true, NULL, POP3_REFUSED, "", 0, 0,
      0, 0, 0 },
    { "S: +OK\nC: USER mrose\nS: -ERR not in the clear\nC: QUIT\nS: +OK\n", true, true, NULL,
      POP3_NO_LOGIN, "", 0, 0, 0, 0, 0 },
    { "S: +OK\nC: USER mrose\nS: +OK\nC: PASS secret\nS: -ERR [IN-USE] locked\nC: QUIT\nS: +OK\n",
      true, true, NULL, POP3_BUSY, "", 0, 0, 0, 0, 0 },
    { "S: +OK\nC: USER mrose\nS: +OK\nC: PASS secret\nS: -ERR [AUTH] no\nC: QUIT\nS: x\n", true,
      true, NULL, POP3_NO_LOGIN, "", 0, 0, 0, 0, 0 },
    /* rubbish */
    { "S: 220 mail.example ESMTP\n", true, true, NULL, POP3_RUBBISH, "", 0, 0, 0, 0, 0 },
    { LOGIN "S: +OK many\nC: QUIT\nS: +OK\n", true, true, NULL, POP3_RUBBISH, "", 0, 0, 0, 0, 0 },
    { LOGIN "S: +OK 4294967297 1\nC: QUIT\nS: +OK\n", true, true, NULL, POP3_RUBBISH, "", 0, 0, 0,
      0, 0 },
    { LOGIN "S: +OK 1 5\nC: UIDL\nS: +OK\nS: 1 a\n"
      "S: 2 b\n", true, true, NULL, POP3_RUBBISH, "", 0,
      0, 0, 0, 0 },
    { LOGIN "S: +OK 1 5\nC: UIDL\nS: +OK\nS: 1 a\n"
      "S: 1 a\n", true, true, NULL, POP3_RUBBISH, "", 0,
      0, 0, 0, 0 },
    { LOGIN "S: +OK 1 5\nC: UIDL\nS: +OK\n"
      "S: 0 a\n", true, true, NULL, POP3_RUBBISH, "", 0, 0, 0, 0,
      0 },
    { LOGIN "S: +OK 1 5\nC: UIDL\nS: +OK\n"
      "S: 1 a b\n", true, true, NULL, POP3_RUBBISH, "", 0, 0, 0,
      0, 0 },
    { LOGIN "S: +OK 1 5\nC: UIDL\nS: +OK\nS: 1\n", true, true, NULL, POP3_RUBBISH, "", 0, 0, 0, 0,
      0 },
};

static void case_play(size_t i, bool trickle)
{
    owner_begin(cases[i].fetches, cases[i].removes);
    owner.known = cases[i].known;
    struct played played = { client, input, output, sent, trickle };
    play(&played, cases[i].script);
    const struct pop3_counts *counts = pop3_client_counts(client);
    ck_assert_msg(pop3_client_is_over(client), "case %zu goes on", i);
    ck_assert_int_eq(pop3_client_ending(client), cases[i].ending);
    ck_slice(buf_slice(&owner.kept), slice_of(cases[i].kept));
    ck_assert_uint_eq(counts->listed, cases[i].listed);
    ck_assert_uint_eq(counts->fetched, cases[i].fetched);
    ck_assert_uint_eq(counts->marked, cases[i].marked);
    ck_assert_uint_eq(counts->not_given, cases[i].not_given);
    ck_assert_uint_eq(counts->not_marked, cases[i].not_marked);
    owner_end();
}

START_TEST(conversations_are_played)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        case_play(i, false);
        case_play(i, true);
    }
}
END_TEST

/* Habits: the opening's words, lists that repeat, logins that are not offered, an empty maildrop,
   and what is said ahead. */
static const struct pop3_habit
    capa_cram = { .opening = "CAPA AUTH:CRAM-MD5 STAT", .otherwise = "USER PASS" },
    capa_scram = { .opening = "CAPA AUTH:SCRAM-SHA-256 LIST UIDL", .deletes = POP3_DELE_LAST },
    by_apop = { .opening = "APOP STAT", .top = "9" },
    lists = { .opening = "USER UIDL LIST UIDL LAST LIST", .lists_each = true },
    ahead = { .opening = "CAPA LIST", .pipelines = true, .deletes = POP3_DELE_LAST },
    down = { .opening = "LIST UIDL", .newest_first = true, .deletes = POP3_DELE_LAST },
    first = { .opening = "LIST UIDL", .deletes = POP3_DELE_FIRST, .leaves = true },
    twice = { .opening = "STAT", .header_again = true, .empty_goes_on = true };

static const struct {
    const struct pop3_habit *habit;
    const char *script;
    bool removes;
    const char *known;
    enum pop3_ending ending;
    const char *kept;
} habits[] = {
    /* RFC 2195's challenge is not ours to choose: what is answered is test_sasl's */
    { &capa_cram, "S: +OK\nC: CAPA\nS: -ERR\nC: USER mrose\nS: +OK\nC: PASS secret\nS: +OK\n"
      "C: STAT\n"
      "S: +OK 1 1\nC: RETR 1\nS: +OK\nS: a\nS: .\nC: QUIT\nS: +OK\n",
      false, NULL, POP3_DONE, "<>a\r\n;" },
    { &capa_cram, "S: +OK\nC: CAPA\nS: +OK\nS: SASL PLAIN CRAM-MD5\nS: .\nC: AUTH CRAM-MD5\n"
      "S: + PDFAeD4=\n"
      "C: bXJvc2UgNDQ1M2MzZDBmZDE2ODc5MmQ1NjVjNzI4YjRkZjY3Mzk=\nS: -ERR [AUTH] no\nC: QUIT\n"
      "S: +OK\n",
      false, NULL, POP3_NO_LOGIN, "" },
    { &capa_cram, "S: +OK\nC: CAPA\nS: +OK\nS: SASL CRAM-MD5\nS: .\nC: AUTH CRAM-MD5\n"
      "S: + !\n", false,
      NULL, POP3_RUBBISH, "" },
    { &capa_scram, "S: +OK\nC: CAPA\nS: +OK\nS: SASL PLAIN\nS: .\nC: QUIT\nS: +OK\n", false, NULL,
      POP3_NO_WAY, "" },
    { &by_apop, "S: +OK <1896.697170952@dbc.mtview.ca.us>\n"
      "C: APOP mrose 3f18b52881e44c0cc6067f46e0ced7bc\n"
      "S: +OK\nC: STAT\nS: +OK 2 2\nC: TOP 1 9\nS: -ERR\nC: TOP 2 9\nS: +OK\nS: b\nS: .\n"
      "C: QUIT\nS: +OK\n",
      false, NULL, POP3_DONE, "<>b\r\n;" },
    { &by_apop, "S: +OK no time\nC: QUIT\nS: +OK\n", false, NULL, POP3_NO_WAY, "" },
    { &lists, "S: +OK\nC: USER mrose\nS: +OK\nC: UIDL\nS: +OK\nS: 1 a\nS: .\nC: LIST\n"
      "S: +OK\nS: 1 9\nS: .\n"
      "C: UIDL\nS: +OK\nS: 1 a\nS: .\nC: LAST\nS: -ERR\nC: LIST\nS: +OK\nS: .\nC: LIST 1\n"
      "S: +OK 1 9\n"
      "C: RETR 1\nS: +OK\nS: a\nS: .\nC: QUIT\nS: +OK\n",
      false, NULL, POP3_DONE, "<a>a\r\n;" },
    { &lists, "S: +OK\nC: USER mrose\nS: +OK\nC: UIDL\nS: +OK\nS: 1 a\nS: .\nC: LIST\n"
      "S: +OK\nS: 2 9\n",
      false, NULL, POP3_RUBBISH, "" },
    { &ahead, "S: +OK\nC: CAPA\nS: +OK\nS: PIPELINING\nS: .\nC: LIST\nS: +OK\nS: 1 1\n"
      "S: 2 1\nS: 3 1\nS: .\n"
      "C: RETR 1\nS: +OK\nS: a\nS: .\nC: RETR 2\nC: RETR 3\nS: -ERR\nS: +OK\nS: c\nS: .\n"
      "C: DELE 1\nS: +OK\n"
      "C: DELE 3\nS: +OK\nC: QUIT\nS: +OK\n",
      true, NULL, POP3_DONE, "<>a\r\n;<>c\r\n;" },
    { &ahead, "S: +OK\nC: CAPA\nS: +OK\nS: TOP\nS: .\nC: LIST\nS: +OK\nS: 1 1\nS: 2 1\nS: .\n"
      "C: RETR 1\nS: -ERR\n"
      "C: RETR 2\nS: +OK\nS: b\nS: .\nC: QUIT\nS: +OK\n",
      false, NULL, POP3_DONE, "<>b\r\n;" },
    { &down, "S: +OK\nC: LIST\nS: +OK\nS: 1 1\nS: 2 1\nS: .\nC: UIDL\nS: -ERR\nC: RETR 2\n"
      "S: +OK\nS: b\nS: .\n"
      "C: RETR 1\nS: +OK\nS: a\nS: .\nC: DELE 1\nS: +OK\nC: DELE 2\nS: +OK\nC: QUIT\nS: +OK\n",
      true, NULL, POP3_DONE, "<>b\r\n;<>a\r\n;" },
    { &down, "S: +OK\nC: LIST\nS: +OK\nS: .\nC: QUIT\nS: +OK\n", true, NULL, POP3_DONE, "" },
    { &first, "S: +OK\nC: LIST\nS: +OK\nS: 1 1\nS: 2 1\nS: .\nC: UIDL\nS: +OK\nS: 1 a\n"
      "S: 2 b\nS: .\nC: DELE 2\n"
      "S: +OK\nC: RETR 1\nS: +OK\nS: a\nS: .\n",
      true, "b", POP3_DONE, "<a>a\r\n;" },
    { &twice, "S: +OK\nC: STAT\nS: +OK 1 1\nC: RETR 1\nS: +OK\nS: a\nS: .\nC: TOP 1 0\n"
      "S: +OK\nS: b\nS: .\nC: QUIT\n"
      "S: +OK\n",
      false, NULL, POP3_DONE, "<>a\r\n;" },
    { &twice, "S: +OK\nC: STAT\nS: +OK 0 0\nC: QUIT\nS: +OK\n", false, NULL, POP3_DONE, "" },
};

START_TEST(habits_are_played)
{
    for (size_t i = 0; i < 2 * COUNT(habits); i++) {
        owner_begin(true, habits[i / 2].removes);
        owner.known = habits[i / 2].known;
        job.habit = habits[i / 2].habit;
        pop3_client_free(client);
        client = pop3_client_new(&job);
        struct played played = { client, input, output, sent, i % 2 == 1 };
        play(&played, habits[i / 2].script);
        ck_assert_msg(pop3_client_is_over(client), "habit %zu goes on", i / 2);
        ck_assert_int_eq(pop3_client_ending(client), habits[i / 2].ending);
        ck_slice(buf_slice(&owner.kept), slice_of(habits[i / 2].kept));
        owner_end();
    }
}
END_TEST

/* The server's whole side of the second case, cut after every octet: what was fetched whole
   is kept, nothing else is, and no cut reads as done. */
START_TEST(a_cut_anywhere_keeps_what_came_whole)
{
    static const char all[] =
        "+OK\r\n+OK\r\n+OK\r\n+OK 2 9\r\n+OK\r\n1 a\r\n2 b\r\n.\r\n+OK\r\nx\r\n.\r\n+OK\r\n+OK\r\n"
        "..y\r\n.\r\n+OK\r\n+OK bye\r\n";
    for (size_t cut = 0; cut < sizeof all - 1; cut++) {
        owner_begin(true, true);
        for (size_t i = 0; i < cut; i++) {
            pop3_client_input(client, (slice){ all + i, 1 });
            pop3_client_sent(client, pop3_client_output(client).len);
        }
        pop3_client_lost(client);
        ck_assert(pop3_client_is_over(client));
        ck_assert_int_eq(pop3_client_ending(client), POP3_LOST);
        slice kept = buf_slice(&owner.kept);
        ck_assert(kept.len == 0 || slice_is(kept, "<a>x\r\n;") ||
                  slice_is(kept, "<a>x\r\n;<b>.y\r\n;"));
        ck_assert_uint_eq(pop3_client_counts(client)->fetched,
                          kept.len == 0 ? 0 : kept.len < 10 ? 1 : 2);
        owner_end();
    }
}
END_TEST

START_TEST(a_line_or_a_message_without_end_ends_it)
{
    owner_begin(true, true);
    for (size_t i = 0; i < POP3_REPLY_LINE_MAX + 1 && !pop3_client_is_over(client); i++)
        pop3_client_input(client, SLICE("x"));
    ck_assert_int_eq(pop3_client_ending(client), POP3_RUBBISH);
    owner_end();

    owner_begin(true, true);
    struct played played = { client, input, output, sent, false };
    play(&played, TWO "C: RETR 1\nS: +OK\n");
    for (size_t i = 0; i < 1001 && !pop3_client_is_over(client); i++)
        pop3_client_input(client, SLICE("y"));
    ck_assert_int_eq(pop3_client_ending(client), POP3_STOPPED);
    ck_assert_uint_eq(owner.kept.len, 0);
    owner_end();
}
END_TEST

START_TEST(what_cannot_be_kept_is_not_deleted)
{
    owner_begin(true, true);
    owner.fails = true;
    struct played played = { client, input, output, sent, false };
    play(&played, TWO "C: RETR 1\nS: +OK\nS: a\nS: .\nC: QUIT\nS: +OK\n");
    ck_assert_int_eq(pop3_client_ending(client), POP3_STOPPED);
    ck_assert_uint_eq(pop3_client_counts(client)->marked, 0);
    owner_end();
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("pop3_client");
    tcase_add_test(tests, conversations_are_played);
    tcase_add_test(tests, habits_are_played);
    tcase_add_test(tests, a_cut_anywhere_keeps_what_came_whole);
    tcase_add_test(tests, a_line_or_a_message_without_end_ends_it);
    tcase_add_test(tests, what_cannot_be_kept_is_not_deleted);
    return run_cases("pop3_client", tests);
}
