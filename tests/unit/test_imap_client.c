/* test_imap_client.c: the client's end of IMAP: what it says and understands, whole and octet
   by octet, with RFC 3501's own examples; and servers that talk rubbish without end. */
#include "servers/imap/imap_client.h"
#include "servers/imap/imap_parse.h"

#include <string.h>

#include "tests/unit/client_play.h"

/* An owner who writes everything down, and says the next of its commands when asked. */
static struct buf heard;
static struct imap_client *client;
static const char *const *commands;

static void listed(void *context, const struct imap_listed *what)
{
    (void)context;
    buf_format(&heard, "list %.*s%s; ", SLICE_ARG(what->name), what->selectable ? "" : " no");
}

static void fetched(void *context, const struct imap_fetched *what)
{
    (void)context;
    buf_format(&heard, "fetch %u uid %u", what->number, what->uid);
    if (what->has_flags)
        buf_format(&heard, " flags %llu", (unsigned long long)what->flags);
    if (what->has_size)
        buf_format(&heard, " size %llu", (unsigned long long)what->size);
    if (what->has_date)
        buf_format(&heard, " date %lld", (long long)what->date_ms);
    if (what->has_text)
        buf_format(&heard, " text \"%.*s\"", SLICE_ARG(what->text));
    buf_add_text(&heard, "; ");
}

static void answered(void *context, enum imap_answer answer, slice text)
{
    static const char *const names[] = { "greeted", "ok", "no", "bad" };
    (void)context;
    (void)text;
    buf_format(&heard, "%s; ", names[answer]);
    const char *command = commands ? *commands : NULL;
    if (!command)
        return;
    commands++;
    if (strcmp(command, "LOGIN") == 0)
        imap_say_login(client, SLICE("mrc"), SLICE("sec\"r\\et"));
    else if (strcmp(command, "SELECT") == 0)
        imap_say_select(client, SLICE("inbox"), false);
    else if (strcmp(command, "APPEND") == 0)
        imap_say_append(client, SLICE("saved"), 1, 0, SLICE("A: b\r\n\r\nc"));
    else if (strcmp(command, "RESYNC") == 0)
        imap_say_resync(client, SLICE("INBOX"), 67890007, 20050715194045000);
    else if (strcmp(command, "IDLE") == 0)
        imap_say_idle(client);
    else if (strcmp(command, "LOGOUT") == 0)
        imap_say_logout(client);
    else
        imap_say(client, "%s", command);
}

static void vanished(void *context, const struct imap_set *uids)
{
    (void)context;
    buf_add_text(&heard, "vanished");
    for (size_t i = 0; i < uids->count; i++)
        buf_format(&heard, " %u:%u", uids->ranges[i].first, uids->ranges[i].last);
    buf_add_text(&heard, "; ");
}

static void found(void *context, uint32_t number)
{
    (void)context;
    buf_format(&heard, "found %u; ", number);
}

/* What it was waiting for in IDLE has come. */
static void changed(void *context)
{
    (void)context;
    buf_format(&heard, "exists %u; ", imap_client_facts(client)->exists);
    if (imap_client_idles(client))
        imap_say_done(client);
}

static const struct imap_owner owner = { NULL, listed, fetched, answered, NULL, vanished, found };
static const struct imap_owner watcher = { NULL, listed, fetched, answered, changed, NULL, NULL };

static void input(void *context, slice octets) { imap_client_input(context, octets); }
static slice output(void *context) { return imap_client_output(context); }
static void sent(void *context, size_t octets) { imap_client_sent(context, octets); }

static void begin(const char *const *what)
{
    commands = what;
    heard = BUF_MAX(100000);
    client = imap_client_new(&owner);
}

static void end(void)
{
    imap_client_free(client);
    buf_free(&heard);
}

static const struct {
    const char *const *commands;
    const char *script, *heard;
    enum imap_ending ending;
} cases[] = {
    /* RFC 3501 8, as far as a client has to understand it */
    { (const char *const[]){ "LOGIN", "SELECT", "FETCH 12 FULL", "STORE 12 +FLAGS (\\Deleted)",
                             "LOGOUT", NULL },
      "S: * OK IMAP4rev1 Service Ready\nC: a1 LOGIN \"mrc\" \"sec\\\"r\\\\et\"\n"
      "S: a1 OK LOGIN completed\nC: a2 SELECT \"inbox\"\nS: * 18 EXISTS\n"
      "S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\nS: * 2 RECENT\n"
      "S: * OK [UNSEEN 17] Message 17 is the first unseen message\n"
      "S: * OK [UIDVALIDITY 3857529045] UIDs valid\nS: a2 OK [READ-WRITE] SELECT completed\n"
      "C: a3 FETCH 12 FULL\n"
      "S: * 12 FETCH (FLAGS (\\Seen) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 4286 "
      "ENVELOPE (\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" \"IMAP4rev1 WG mtg summary and minutes\""
      " ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) NIL NIL NIL NIL NIL NIL "
      "\"<B27397-0100000@cac.washington.edu>\") BODY (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\")"
      " NIL NIL \"7BIT\" 3028 92))\nS: a3 OK FETCH completed\n"
      "C: a4 STORE 12 +FLAGS (\\Deleted)\nS: * 12 FETCH (FLAGS (\\Seen \\Deleted))\n"
      "S: a4 OK +FLAGS completed\nC: a5 LOGOUT\nS: * BYE IMAP4rev1 server terminating connection\n"
      "S: a5 OK LOGOUT completed\n",
      "greeted; ok; ok; fetch 12 uid 0 flags 1 size 4286 date 837596665000; ok; "
      "fetch 12 uid 0 flags 9; ok; ",
      IMAP_DONE },
    /* a literal in the middle, with what looks like ends in it; a partial; NIL */
    { (const char *const[]){ "UID FETCH 1:* (BODY.PEEK[])", "LOGOUT", NULL },
      "S: * PREAUTH ready\nC: a1 UID FETCH 1:* (BODY.PEEK[])\n"
      "S: * 1 FETCH (UID 7 BODY[] {17}\nS: a1 OK {3}\nS: )\nS: x\nS:  FLAGS (\\Seen $Work "
      "\\Recent))\nS: * 2 FETCH (UID 8 BODY[HEADER.FIELDS (A B)]<0> \"q\\\"q\" MODSEQ (5))\n"
      "S: * 3 FETCH (UID 9 BODY[] NIL)\nS: a1 OK done\nC: a2 LOGOUT\nS: a2 OK bye\n",
      "greeted; fetch 1 uid 7 flags 1 text \"a1 OK {3}\r\n)\r\nx\r\n\"; fetch 2 uid 8 text "
      "\"q\"q\"; fetch 3 uid 9 text \"\"; ok; ",
      IMAP_DONE },
    { (const char *const[]){ "LIST \"\" \"*\"", "LOGOUT", NULL },
      "S: * OK hi\nC: a1 LIST \"\" \"*\"\nS: * LIST (\\Noselect) \"/\" ~/Mail/foo\n"
      "S: * LIST () NIL \"two words\"\nS: * LIST (\\HasNoChildren \\Sent) \".\" {5}\nS: Sent!\n"
      "S: * SOMETHING new (and) \"strange\"\nS: * 5 EXPUNGE\nS: a1 OK text that ends in {5}\n"
      "C: a2 LOGOUT\nS: a2 OK\n",
      "greeted; list ~/Mail/foo no; list two words; list Sent!; ok; ", IMAP_DONE },
    { (const char *const[]){ "APPEND", "APPEND", "LOGOUT", NULL },
      "S: * OK hi\nC: a1 APPEND \"saved\" (\\Seen) \" 1-Jan-1970 00:00:00 +0000\" {9}\n"
      "S: a1 NO [TRYCREATE] no such mailbox\n"
      "C: a2 APPEND \"saved\" (\\Seen) \" 1-Jan-1970 00:00:00 +0000\" {9}\nS: + go\nC: A: b\nC: \n"
      "C: c\nS: a2 OK [APPENDUID 38505 3955] done\nC: a3 LOGOUT\nS: a3 OK\n",
      "greeted; no; ok; ", IMAP_DONE },
    /* RFC 7162 3.2.5.2 and 3.2.10.1's examples; what goes while one listens is not EARLIER */
    { (const char *const[]){ "ENABLE QRESYNC", "RESYNC", "UID SEARCH ALL", "LOGOUT", NULL },
      "S: * OK hi\nC: a1 ENABLE QRESYNC\nS: * ENABLED CONDSTORE QRESYNC\nS: a1 OK done\n"
      "C: a2 SELECT \"INBOX\" (QRESYNC (67890007 20050715194045000))\nS: * OK [CLOSED]\n"
      "S: * 100 EXISTS\nS: * OK [UIDVALIDITY 67890007] UIDVALIDITY\n"
      "S: * OK [UIDNEXT 600] Predicted next UID\n"
      "S: * OK [HIGHESTMODSEQ 20060115205545359] Highest mailbox mod-sequence\n"
      "S: * OK [UNSEEN 7] There are some unseen messages in the mailbox\n"
      "S: * FLAGS (\\Answered \\Flagged \\Draft \\Deleted \\Seen)\n"
      "S: * VANISHED (EARLIER) 41,43:116,118,120:211\n"
      "S: * 49 FETCH (UID 117 FLAGS (\\Seen \\Answered) MODSEQ (20060115194045001))\n"
      "S: * VANISHED 405,407\nS: a2 OK [READ-WRITE] mailbox selected\nC: a3 UID SEARCH ALL\n"
      "S: * SEARCH 117 119 300\nS: a3 OK done\nC: a4 LOGOUT\nS: a4 OK\n",
      "greeted; ok; vanished 41:41 43:116 118:118 120:211; fetch 49 uid 117 flags 3; ok; found "
      "117; "
      "found 119; found 300; ok; ",
      IMAP_DONE },
    { (const char *const[]){ "NOOP", NULL }, "S: * OK hi\nC: a1 NOOP\nS: * VANISHED (EARLIER) x\n",
      "greeted; ", IMAP_RUBBISH },
    { NULL, "S: * BYE too many\n", "", IMAP_BYE },
    /* rubbish */
    { NULL, "S: 220 mail ESMTP\n", "", IMAP_RUBBISH },
    { NULL, "S: * NO way\n", "", IMAP_RUBBISH },
    { NULL, "S: * 5 EXISTS\n", "", IMAP_RUBBISH },
    { NULL, "S: * OK hi\nS: + what?\n", "greeted; ", IMAP_RUBBISH },
    { NULL, "S: * OK hi\nS: a1 OK nobody asked\n", "greeted; ", IMAP_RUBBISH },
    { (const char *const[]){ "NOOP", NULL }, "S: * OK hi\nC: a1 NOOP\nS: a2 OK\n", "greeted; ",
      IMAP_RUBBISH },
    { (const char *const[]){ "NOOP", NULL }, "S: * OK hi\nC: a1 NOOP\nS: a1 FINE\n", "greeted; ",
      IMAP_RUBBISH },
    { NULL, "S: * OK hi\nS: * 1 FETCH (UID x)\n", "greeted; ", IMAP_RUBBISH },
    { NULL, "S: * OK hi\nS: * 1 FETCH (FLAGS (\\Seen)\n", "greeted; ", IMAP_RUBBISH },
    { NULL, "S: * OK hi\nS: * 1 FETCH (BODY[] {5}\nS: abc\nS:  FLAGS (\\Seen)\n", "greeted; ",
      IMAP_RUBBISH },
    { NULL, "S: * OK hi\nS: * 1 FETCH (ENVELOPE (((((((\n", "greeted; ", IMAP_RUBBISH },
    { NULL, "S: * OK hi\nS: * LIST (\\x \"/\" a\n", "greeted; ", IMAP_RUBBISH },
    { NULL, "S: * OK hi\nS: *\n", "greeted; ", IMAP_RUBBISH },
};

static void case_play(size_t i, bool trickle)
{
    begin(cases[i].commands);
    struct played played = { client, input, output, sent, trickle };
    play(&played, cases[i].script);
    ck_slice(buf_slice(&heard), slice_of(cases[i].heard));
    ck_assert_msg(imap_client_ending(client) == cases[i].ending, "case %zu", i);
    end();
}

START_TEST(conversations_are_played)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        case_play(i, false);
        case_play(i, true);
    }
}
END_TEST

START_TEST(facts_are_kept)
{
    static const char *const what[] = { "SELECT", "UID COPY 1 x", "NOOP", NULL };
    begin(what);
    struct played played = { client, input, output, sent, false };
    play(&played, "S: * OK [CAPABILITY IMAP4rev1 UIDPLUS move LOGINDISABLED] hi\n"
                  "C: a1 SELECT \"inbox\"\nS: * 3 EXISTS\nS: * OK [UIDVALIDITY 17] x\n"
                  "S: * OK [UIDNEXT 4] x\nS: * 1 EXPUNGE\nS: a1 OK [READ-ONLY] x\n"
                  "C: a2 UID COPY 1 x\n");
    const struct imap_facts *facts = imap_client_facts(client);
    ck_assert_uint_eq(facts->can, IMAP_CAN_UIDPLUS | IMAP_CAN_MOVE | IMAP_CAN_NO_LOGIN);
    ck_assert_uint_eq(facts->exists, 2);
    ck_assert_uint_eq(facts->uidvalidity, 17);
    ck_assert_uint_eq(facts->uidnext, 4);
    ck_assert(facts->read_only);
    play(&played, "S: * OK [COPYUID 18 1 99] x\nS: a2 OK x\nC: a3 NOOP\n");
    ck_assert_uint_eq(facts->new_uid, 0); /* the next command's, and it has none */
    imap_client_lost(client);
    ck_assert_int_eq(imap_client_ending(client), IMAP_LOST);
    end();
}
END_TEST

START_TEST(what_has_no_end_ends)
{
    static char many[65536];
    memset(many, 'x', sizeof many);
    begin(NULL);
    imap_client_input(client, SLICE("* OK "));
    for (size_t i = 0; i < 1000 && !imap_client_is_over(client); i++)
        imap_client_input(client, (slice){ many, sizeof many });
    ck_assert_int_eq(imap_client_ending(client), IMAP_RUBBISH);
    end();

    begin(NULL);
    imap_client_input(client, SLICE("* OK hi\r\n* 1 FETCH (BODY[] {4294967295}\r\n"));
    for (size_t i = 0; i < 1000 && !imap_client_is_over(client); i++)
        imap_client_input(client, (slice){ many, sizeof many });
    ck_assert_int_eq(imap_client_ending(client), IMAP_RUBBISH);
    end();
}
END_TEST

/* What stands in a world's tables need not be what LOGIN can say. */
START_TEST(what_cannot_be_quoted_is_not_said)
{
    static const char *const texts[] = { "tu\001ip", "tu\r\na2 DELETE x", "\xff", "" };
    for (size_t i = 0; i < COUNT(texts); i++) {
        begin(NULL);
        imap_client_input(client, SLICE("* OK hi\r\n"));
        imap_say_login(client, SLICE("ana"), slice_of(texts[i]));
        ck_assert_int_eq(imap_client_ending(client), *texts[i] ? IMAP_UNSAYABLE : IMAP_RUNNING);
        end();
    }
}
END_TEST

/* RFC 2177 3's example; what changes before the server agrees is heard, and DONE waits for it. */
START_TEST(idle_is_ended_when_something_changes)
{
    static const char *const idling[] = { "SELECT", "IDLE", "FETCH 4 ALL", "IDLE", "LOGOUT", NULL };
    static const char script[] =
        "S: * OK ready\nC: a1 SELECT \"inbox\"\nS: * FLAGS (Deleted Seen)\nS: * 3 EXISTS\n"
        "S: * 0 RECENT\nS: a1 OK [READ-WRITE] SELECT completed\nC: a2 IDLE\nS: + idling\n"
        "S: * 4 EXISTS\nC: DONE\nS: a2 OK IDLE terminated\nC: a3 FETCH 4 ALL\n"
        "S: * 4 FETCH (FLAGS ())\nS: a3 OK FETCH completed\nC: a4 IDLE\nS: * 2 EXPUNGE\n"
        "S: * 3 EXISTS\nS: + idling\nS: * 4 EXISTS\nC: DONE\nS: a4 OK IDLE terminated\n"
        "C: a5 LOGOUT\nS: * BYE\nS: a5 OK bye\n";
    begin(idling);
    imap_client_free(client);
    client = imap_client_new(&watcher);
    struct played played = { client, input, output, sent, _i == 1 };
    play(&played, script);
    ck_assert_str_eq(buf_text(&heard),
                     "greeted; exists 3; ok; exists 4; ok; fetch 4 uid 0 flags 0; ok; exists 3; "
                     "exists 3; exists 4; ok; ");
    ck_assert_int_eq(imap_client_ending(client), IMAP_DONE);
    end();
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("imap_client");
    tcase_add_loop_test(tests, idle_is_ended_when_something_changes, 0, 2);
    tcase_add_test(tests, conversations_are_played);
    tcase_add_test(tests, facts_are_kept);
    tcase_add_test(tests, what_has_no_end_ends);
    tcase_add_test(tests, what_cannot_be_quoted_is_not_said);
    return run_cases("imap_client", tests);
}
