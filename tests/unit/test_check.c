/* test_check.c: every form of check, true and false, and what is no check. */
#include "servers/services_table.h"
#include "sim/language/script.h"
#include "tests/unit/language.h"

#define SPOKEN                                                                                     \
    "telnet mail smtp\nEHLO laptop\nMAIL FROM:<ana@campus.example>\n"                              \
    "RCPT TO:<dora@bakery.example>\nRCPT TO:<bo@campus.example>\nDATA\nSubject: "                  \
    "=?utf-8?q?Gr=C3=BCn?=\n"                                                                      \
    " gr\xc3\xbcn\nX-Fold: one\n two\n\nhi\n.\n"

#define POP3 "telnet mail pop3\nUSER ana\nPASS tulip\n"
#define IMAP "telnet mail imap\na1 LOGIN ana tulip\na2 SELECT INBOX\n"

static const struct {
    const char *before, *check;
    bool ok;
    const char *found;
} checks[] = {
    /* has N messages */
    { "", "server ana@campus.example INBOX has 4 messages", true, "4 messages" },
    { "", "server ana@campus.example INBOX has 3 messages", false, "4 messages" },
    { "", "server bo@campus.example INBOX has 1 message", true, "1 message" },
    { "", "server bo@campus.example inbox has 0 message", false, "1 message" },
    { "", "server ana@campus.example Archive has 0 messages", true, "0 messages" },
    { "", "server ana@campus.example \"Archive\" has 0 messages", true, "0 messages" },
    { "", "server ana@campus.example Nowhere has 0 messages", false, "no such mailbox" },
    { "", "server ana@campus.example \"No where\" has 0 messages", false, "no such mailbox" },
    { "mailbox ana@campus.example \"Gr\xc3\xbcn Zeug\"",
      "server ana@campus.example \"Gr\xc3\xbcn Zeug\" has 0 messages", true, "0 messages" },
    { "message bo@campus.example INBOX deleted from ana@campus.example",
      "server bo@campus.example INBOX has 2 messages", true, "2 messages" },
    { SPOKEN, "server bo@campus.example INBOX has 2 messages", true, "2 messages" },
    /* has a message with, has no message with */
    { "", "server ana@campus.example INBOX has a message with Subject: Lunch?", true,
      "there is one" },
    { "", "server ana@campus.example INBOX has a message with subject:   Lunch?  ", true,
      "there is one" },
    { "", "server ana@campus.example INBOX has a message with Subject: Lunch", false,
      "none among 4 messages" },
    { "", "server ana@campus.example INBOX has a message with Subject: lunch?", false,
      "none among 4" },
    { "", "server ana@campus.example INBOX has a message with X-None: Lunch?", false,
      "none among 4" },
    { "", "server bo@campus.example INBOX has no message with Subject: Lunch?", true,
      "none among 1 message" },
    { "", "server ana@campus.example INBOX has no message with Subject: Lunch?", false,
      "there is one" },
    { "", "server ana@campus.example Nowhere has no message with Subject: x", false,
      "no such mailbox" },
    { "", "server ana@campus.example Archive has a message with Subject: x", false,
      "none among 0 messages" },
    { SPOKEN, "server bo@campus.example INBOX has a message with Subject: Gr\xc3\xbcn gr\xc3\xbcn",
      true, "there is one" },
    { SPOKEN, "server bo@campus.example INBOX has a message with X-Fold: one two", true,
      "there is one" },
    { SPOKEN, "server bo@campus.example INBOX has a message with X-Fold: one", false,
      "none among 2" },
    /* that says */
    { "", "server ana@campus.example INBOX has a message that says CANTEEN has soup", true,
      "there is one" },
    { "", "server ana@campus.example INBOX has a message that says soup of the day", false,
      "none among 4" },
    { "", "server ana@campus.example INBOX has no message that says from: bo", false,
      "there is one" },
    { "", "server ana@campus.example Archive has a message that says soup", false,
      "none among 0" },
    /* whose text says */
    { "", "server ana@campus.example INBOX has a message whose text says Canteen", true,
      "there is one" },
    { "", "server ana@campus.example INBOX has a message whose text says Lunch?", false,
      "none among 4" },
    { "", "server ana@campus.example INBOX has no message whose text says Lunch?", true,
      "none among 4" },
    { "telnet mail smtp\nEHLO x\nMAIL FROM:<>\nRCPT TO:<bo@campus.example>\nDATA\nSubject: a\n"
      "Room: 2\n.\n",
      "server bo@campus.example INBOX has a message whose text says Room: 2", false,
      "none among 2" },
    { "", "server ana@campus.example INBOX has had for 3d a message with Subject: Lunch?", true,
      "there is one" },
    { "", "server ana@campus.example INBOX has had for 4d a message with Subject: Lunch?", false,
      "none among 4" },
    /* message K is */
    { "", "server ana@campus.example INBOX message 1 is \\Seen", true, "its flags: \\Seen" },
    { "", "server ana@campus.example INBOX message 1 is \\seen", true, "its flags: \\Seen" },
    { "", "server ana@campus.example INBOX message 2 is \\Seen", false, "its flags:" },
    { "", "server ana@campus.example INBOX message 2 is not \\Seen", true, "its flags:" },
    { "", "server ana@campus.example INBOX message 1 is not \\Seen", false, "its flags: \\Seen" },
    { "", "server ana@campus.example INBOX message 4 is \\Flagged", true, "\\Flagged" },
    { "", "server ana@campus.example INBOX message 4 is $Work", false, "\\Flagged" },
    { "", "server ana@campus.example INBOX message 4 is not $Work", true, "\\Flagged" },
    { "message bo@campus.example INBOX $Work from ana@campus.example",
      "server bo@campus.example INBOX message 2 is $work", true, "$Work" },
    { "", "server ana@campus.example INBOX message 5 is \\Seen", false, "4 messages" },
    { "", "server ana@campus.example INBOX message 5 is not \\Seen", false, "4 messages" },
    { "", "server ana@campus.example Nowhere message 1 is \\Seen", false, "no such mailbox" },
    { "", "server ana@campus.example Nowhere message 1 is not \\Seen", false, "no such mailbox" },
    /* subscribed */
    { "", "server ana@campus.example Archive is subscribed", true, "subscribed" },
    { "", "server ana@campus.example Nowhere is subscribed", false, "not subscribed" },
    { "", "server ana@campus.example Nowhere is not subscribed", true, "not subscribed" },
    { "telnet mail imap\na1 LOGIN ana tulip\na2 UNSUBSCRIBE Archive",
      "server ana@campus.example Archive is not subscribed", true, "not subscribed" },
    /* uses, took */
    { "telnet mail smtp", "session smtp uses port 25", true, "port 25" },
    { "telnet mail 465", "session smtp uses port 25", false, "port 465" },
    { "telnet mail 465", "session smtp took at most 41 octets", true, "41 octets" },
    { "telnet mail smtp", "session smtp took at most 40 octets", false, "41 octets" },
    { "", "session smtp took at most 40 octets", false, "no such session" },
    /* session */
    { "", "session smtp is CONNECTED", false, "no smtp session on laptop" },
    { "telnet mail smtp", "session smtp is CONNECTED", true, "CONNECTED" },
    { "telnet mail submission", "session smtp is CONNECTED", true, "CONNECTED" },
    { "telnet mail smtp\nEHLO x", "session smtp is READY", true, "READY" },
    { "telnet mail smtp\nEHLO x", "session smtp is CONNECTED", false, "READY" },
    { "telnet mail smtp\nEHLO x\nQUIT", "session smtp is CLOSED", true, "CLOSED" },
    { "telnet mail smtp\nEHLO x\n:cut", "session smtp is CLOSED", true, "CLOSED" },
    { "telnet mail smtp\nEHLO x\nQUIT", "session smtp visited READY", true,
      "CONNECTED READY CLOSED" },
    { "telnet mail smtp\nEHLO x\nQUIT", "session smtp visited MAILED", false,
      "CONNECTED READY CLOSED" },
    { "telnet mail smtp\nEHLO x\nQUIT\ntelnet mail smtp", "session smtp visited READY", false,
      "CONNECTED" },
    { "telnet mail smtp\nEHLO x\n:on phone", "session smtp is READY", false,
      "no smtp session on phone" },
    { "telnet mail smtp\nEHLO x\n:on phone", "device laptop session smtp is READY", true, "READY" },
    { "telnet mail smtp\nEHLO x", "device phone session smtp is READY", false, "no smtp session" },
    { "telnet mail smtp\nEHLO x", "device laptop session smtp visited DATA", false,
      "CONNECTED READY" },
    { POP3, "session pop3 is TRANSACTION", true, "TRANSACTION" },
    { POP3, "session pop3 is AUTHORIZATION", false, "TRANSACTION" },
    { POP3, "session smtp is READY", false, "no smtp session" },
    /* marks */
    { POP3 "DELE 1\nDELE 2\nDELE 2", "session pop3 marks 2 messages", true, "2 messages" },
    { POP3 "DELE 1\nRSET", "session pop3 marks 1 message", false, "0 messages" },
    { POP3 "DELE 1\n:cut", "session pop3 marks 1 message", true, "1 message" },
    { POP3 "DELE 1\n:cut\ntelnet mail pop3", "session pop3 marks 1 message", false, "0 messages" },
    { "", "session pop3 marks 0 messages", false, "0 messages" },
    /* account */
    { "", "device laptop account is pop3 keep 168h", true, "pop3 keep 7d" },
    { "", "device laptop account is pop3 keep", false, "pop3 keep 7d" },
    { "mail setup pop3 keep every 1h", "device laptop account is pop3 keep", true, "pop3 keep" },
    { "", "device phone account is imap", true, "imap" },
    { "", "device phone account is imap headers", false, "imap" },
    /* passed */
    { "", "passed 0s", true, "0d 0h 0m" },
    { "users\nwait 1d1h", "passed 1d", true, "1d 1h 0m" },
    { "users\nwait 1d", "passed 25h", false, "1d 0h 0m" },
    /* reply */
    { "", "reply begins 220", false, "no reply yet" },
    { "telnet mail smtp", "reply begins 220", true, "220 mail.campus.example" },
    { "telnet mail smtp", "reply begins 250", false, "220 mail.campus.example" },
    { "telnet mail smtp\nEHLO x", "reply begins 250 ", true, "250 " },
    { "telnet mail smtp\nEHLO x", "reply begins 250-", false, "250 " },
    { "telnet mail smtp\nQUIT", "reply begins 221", true, "221 " },
    { "telnet mail smtp\n:on phone", "reply begins 220", false, "no reply yet" },
    { "telnet mx.bakery.example smtp\nQUIT\ntelnet mail smtp", "reply begins 220 mail.", true,
      "220 mail." },
    { "telnet mail pop3", "reply begins +OK", true, "+OK" },
    { POP3 "RETR 1", "reply begins +OK", true, "+OK" },
    { POP3 "RETR 9", "reply begins +OK", false, "-ERR" },
    { POP3 "RETR 1\nNOPE", "reply begins -ERR", true, "-ERR" },
    { POP3 "LIST\nLIST 1", "reply begins +OK 1 ", true, "+OK 1 " },
    { POP3 ":send \"LIST\\r\\nUIDL\\r\\nSTAT\\r\\n\"", "reply begins +OK 4 ", true, "+OK 4 " },
    { "message ana@campus.example Archive from bo@campus.example text \"-ERR not me\"\n" POP3
      "TOP 1 100",
      "reply begins +OK", true, "+OK" },
    { "message dora@bakery.example INBOX from bo@campus.example text \"-ERR not me\\n+OK nor me\"\n"
      "telnet mx.bakery.example pop3\nUSER dora\nPASS rye\nRETR 1",
      "reply begins -ERR", false, "+OK" },
    /* ended by */
    { POP3 "QUIT", "session pop3 ended by cut", false, "server" },
    { POP3 ":cut", "session pop3 ended by cut", true, "cut" },
    { POP3 ":close", "session pop3 ended by client", true, "client" },
    { POP3, "device laptop session pop3 ended by cut", false, "it is open" },
    { POP3 ":cut\ntelnet mail pop3", "session pop3 ended by cut", false, "it is open" },
    { "", "session pop3 ended by cut", false, "no such session" },
    /* typed, ran, answer */
    { "telnet mail smtp\nehlo x", "typed EHLO", true, "ehlo x" },
    { "telnet mail smtp\nNOOP", "typed EHLO", false, "NOOP" },
    { "", "typed EHLO", false, "nothing yet" },
    { "telnet mail smtp\nNOOP\n:users", "typed :users", false, "NOOP" },
    { "telnet mail smtp\nEHLO x\n:users", "typed EHLO", true, "EHLO x" },
    { "mail sync", "ran mail sync", true, "yes" },
    { "mail list", "ran mail sync", false, "not yet" },
    { "telnet mail smtp\n:users", "ran users", true, "yes" },
    { "mail sync\non phone", "device laptop ran mail sync", true, "yes" },
    { "mail sync\non phone", "device phone ran mail sync", false, "not yet" },
    { "answer it was the Laptop.", "answer names laptop", true, "it was the Laptop." },
    { "answer to <ana@campus.example>.", "answer names ana@campus.example", true, "to <ana" },
    { "answer ana@campus.example", "answer names ana", false, "ana@campus.example" },
    { "answer laptops", "answer names laptop", false, "laptops" },
    { "answer laptop\nanswer phone", "answer names laptop", false, "phone" },
    { "answer the laptop, by DELE", "answer names laptop|notebook DELE|delete", true, "DELE" },
    { "answer the laptop", "answer names laptop|notebook DELE|delete", false, "the laptop" },
    { "", "answer names laptop", false, "no answer yet" },
    { "answer it is <>.", "answer names <>|nobody", true, "it is <>" },
    { "answer it is <ana>", "answer names <>|nobody", false, "it is <ana>" },
    /* in a state, another device's rules */
    { "telnet mail smtp\nMAIL FROM:<a@b.example>", "rule MAIL WRONG_TIME in CONNECTED", true,
      "1 time" },
    { "telnet mail smtp\nMAIL FROM:<a@b.example>", "rule MAIL WRONG_TIME in MAILED|READY", false,
      "never" },
    { "telnet mail smtp\nMAIL FROM:<a@b.example>", "rule MAIL WRONG_TIME in READY|CONNECTED", true,
      "1 time" },
    { "telnet mail smtp\nEHLO x\n:on phone", "rule EHLO OK", false, "never" },
    { "telnet mail smtp\nEHLO x\n:on phone", "device laptop rule EHLO OK", true, "1 time" },
    /* queue */
    { "", "queue mail.campus.example has 0 messages", true, "0 messages" },
    { "", "queue mail.campus.example has 1 message", false, "0 messages" },
    { "offline mx.bakery.example\ntelnet mail submission\nEHLO x\nAUTH PLAIN AGFuYQB0dWxpcA==\n"
      "MAIL FROM:<ana@campus.example>\nRCPT TO:<dora@bakery.example>\nDATA\n\n.\nQUIT",
      "queue mail.campus.example has 1 message", true, "1 message" },
    { "telnet mail submission\nEHLO x\nAUTH PLAIN AGFuYQB0dWxpcA==\n"
      "MAIL FROM:<ana@campus.example>\nRCPT TO:<dora@bakery.example>\nDATA\n\n.\nQUIT",
      "server dora@bakery.example INBOX has 1 message", true, "1 message" },
    /* rule */
    { "", "rule EHLO OK", false, "never" },
    { "telnet mail smtp\nEHLO x", "rule EHLO OK", true, "1 time" },
    { "telnet mail smtp\nEHLO x\nEHLO x\nQUIT", "rule EHLO OK", true, "2 times" },
    { "telnet mail smtp\nEHLO x\nQUIT\ntelnet mail pop3", "rule EHLO OK", true, "1 time" },
    { "telnet mail smtp\nEHLO", "rule EHLO OK", false, "never" },
    { "telnet mail smtp\nEHLO", "rule EHLO SYNTAX", true, "1 time" },
    { "telnet mail smtp\nDATA", "rule DATA WRONG_TIME", true, "1 time" },
    { "telnet mail smtp", "rule OPENED OK", true, "1 time" },
    { "telnet mail smtp\nEHLO x\nEHLO x\nQUIT", "rule EHLO OK in 2 sessions", false,
      "in 1 session" },
    { "telnet mail smtp\nEHLO x\nQUIT\ntelnet mail smtp\nEHLO x", "rule EHLO OK in 2 sessions",
      true, "in 2 sessions" },
    { "telnet mail smtp\nEHLO x\n:on phone", "rule EHLO OK", false, "never" },
};

START_TEST(test_checks)
{
    struct world *world = world_default();
    struct buf line = BUF_MAX(1024);
    run(world, checks[_i].before);
    ck_assert(!world->script->check_failed);
    buf_format(&line, ":check %s", checks[_i].check);
    size_t answers_before = count_of(world, TRACE_ANSWER);
    run(world, buf_text(&line));
    const struct trace_record *record = last_of(world, TRACE_CHECK);
    ck_assert_ptr_nonnull(record);
    ck_assert_msg(record->ok == checks[_i].ok, "%s: found %.*s", checks[_i].check,
                  SLICE_ARG(record->text));
    ck_assert_msg(slice_starts(record->text, checks[_i].found) ||
                      contains(record->text, checks[_i].found),
                  "%s: found %.*s", checks[_i].check, SLICE_ARG(record->text));
    ck_slice(record->name, slice_trim(slice_of(checks[_i].check)));
    ck_assert_int_eq(world->script->check_failed, !checks[_i].ok);
    ck_assert_uint_eq(count_of(world, TRACE_ANSWER), answers_before);
    buf_free(&line);
    world_end(world);
}
END_TEST

START_TEST(test_a_word_longer_than_any_text)
{
    struct world *world = world_default();
    struct buf line = BUF_MAX(4096);
    run(world, "answer hello");
    buf_add_text(&line, ":check answer names ");
    for (int i = 0; i < 3000; i++)
        buf_add_char(&line, '<');
    run(world, buf_text(&line));
    ck_assert(!last_of(world, TRACE_CHECK)->ok);
    buf_free(&line);
    world_end(world);
}
END_TEST

/* The table's own samples: each is true somewhere and false somewhere. */
static const struct {
    const char *when_true, *when_false;
} stages[] = {
    { "", "message ana@campus.example INBOX from bo@campus.example" },
    { "", NULL }, /* the default world's messages stay: false is in the table above */
    { "", "message bo@campus.example INBOX from ana@campus.example subject \"Lunch?\"" },
    { "", NULL },
    { "", "message bo@campus.example INBOX from ana@campus.example subject \"Soup\"" },
    { "", NULL },
    { "", NULL },
    { "", NULL },
    { "", "telnet mail imap\na1 LOGIN ana tulip\na2 UNSUBSCRIBE Archive" },
    { "mail sync", "" },
    { "mail sync", "" },
    { "", "message ana@campus.example INBOX from bo@campus.example subject \"Breakfast\"\n"
          "mail sync" },
    { "mail sync", "mail sync\nmail read 1" },
    { "mail sync", "" },
    { "", "mail setup pop3 delete" },
    { "mail sync", "on phone\nmail sync" },
    { "telnet mail smtp\nEHLO x", "telnet mail smtp" },
    { "telnet mail smtp", "" },
    { "telnet mail pop3\n:cut", "telnet mail pop3\nQUIT" },
    { "telnet mail smtp", "telnet mail submission" },
    { "telnet mail smtp", "" },
    { POP3 "DELE 1", POP3 "DELE 1\nRSET" },
    { "telnet mail smtp\nEHLO x", "telnet mail smtp" },
    { "", "offline mx.bakery.example\ntelnet mail submission\nEHLO x\nAUTH PLAIN AGFuYQB0dWxpcA==\n"
          "MAIL FROM:<ana@campus.example>\nRCPT TO:<dora@bakery.example>\nDATA\n\n.\nQUIT" },
    { "telnet mail smtp\nEHLO x", "telnet mail smtp" },
    { "telnet mail smtp\nEHLO x\nQUIT\ntelnet mail smtp\nEHLO x", "telnet mail smtp\nEHLO x" },
    { "users\nwait 2d", "users\nwait 1d" },
    { "telnet mail smtp\nEHLO x", "telnet mail smtp" },
    { "mail sync", "mail list" },
    { "answer the laptop", "answer the phone" },
};

static bool sample_holds(const char *before, const char *sample)
{
    struct world *world = world_default();
    struct buf line = BUF_MAX(1024);
    run(world, before);
    buf_format(&line, ":check %s", sample);
    run(world, buf_text(&line));
    bool ok = last_of(world, TRACE_CHECK)->ok;
    buf_free(&line);
    world_end(world);
    return ok;
}

/* What is dispatched, completed and explained are the same words. */
START_TEST(test_forms_begin_with_the_words)
{
    for (const struct check_form *form = check_forms; form->usage; form++) {
        slice usage = slice_of(form->usage);
        take_prefix(&usage, "[device NAME] ");
        ck_assert_ptr_nonnull(subcommand_find(check_words, take_word(&usage)));
    }
    for (const struct subcommand *word = check_words; word->name; word++) {
        bool found = false;
        for (const struct check_form *form = check_forms; form->usage && !found; form++) {
            slice usage = slice_of(form->usage);
            take_prefix(&usage, "[device NAME] ");
            found = slice_is(take_word(&usage), word->name);
        }
        ck_assert_msg(found, "%s has no form", word->name);
    }
}
END_TEST

START_TEST(test_samples)
{
    size_t count = 0;
    for (const struct check_form *form = check_forms; form->usage; form++, count++) {
        ck_assert_uint_lt(count, COUNT(stages));
        if (form->planned) {
            struct world *world = world_default();
            struct buf line = BUF_MAX(256);
            struct refused refused;
            buf_format(&line, "check %s", form->sample);
            ck_assert_int_eq(run_slice(world, buf_slice(&line), &refused), LINE_UNREADABLE);
            ck_assert_msg(strstr(refused.why.text, "not built yet"), "%s", refused.why.text);
            buf_free(&line);
            world_end(world);
            continue;
        }
        ck_assert_msg(sample_holds(stages[count].when_true, form->sample), "%s", form->sample);
        if (stages[count].when_false)
            ck_assert_msg(!sample_holds(stages[count].when_false, form->sample), "%s",
                          form->sample);
    }
    ck_assert_uint_eq(count, COUNT(stages));
}
END_TEST

/* The two samples that need another world to be false in. */
START_TEST(test_samples_false)
{
    struct world *world = world_of("host mail.campus.example serves smtp for campus.example\n"
                                   "user ana@campus.example password tulip\n"
                                   "message ana@campus.example INBOX from bo@campus.example\n");
    run(world, "check server ana@campus.example INBOX has a message with Subject: Lunch?");
    ck_assert(!last_of(world, TRACE_CHECK)->ok);
    run(world, "check server ana@campus.example INBOX message 1 is \\Seen");
    ck_assert(!last_of(world, TRACE_CHECK)->ok);
    world_end(world);
}
END_TEST

static const struct {
    const char *line, *why;
    size_t at;
} wrongs[] = {
    { "check", "check what", 5 },
    { "check it", "check what", 6 },
    { "check server", "no user", 12 },
    { "check server eve@campus.example INBOX has 4 messages", "no user", 13 },
    { "check server ana@campus.example", "mailbox's name", 31 },
    { "check server ana@campus.example \"INBOX has 4 messages", "mailbox's name", 32 },
    { "check server ana@campus.example INBOX", "`has`, `is` or `message`", 37 },
    { "check server ana@campus.example INBOX had 4 messages", "`has`, `is` or `message`", 38 },
    { "check server ana@campus.example INBOX has", "a number", 41 },
    { "check server ana@campus.example INBOX has four messages", "a number", 42 },
    { "check server ana@campus.example INBOX has 4", "`messages`", 43 },
    { "check server ana@campus.example INBOX has 4 letters", "`messages`", 44 },
    { "check server ana@campus.example INBOX has 4 messages now", "should have ended", 53 },
    { "check server ana@campus.example INBOX has -1 messages", "a number", 42 },
    { "check server ana@campus.example INBOX has a letter", "`message with`", 44 },
    { "check server ana@campus.example INBOX has a message", "`with`", 51 },
    { "check server ana@campus.example INBOX has a message with Subject", "a field and its text",
      57 },
    { "check server ana@campus.example INBOX has a message that", "`that says`", 52 },
    { "check server ana@campus.example INBOX has a message that says", "words belong here", 61 },
    { "check server ana@campus.example INBOX message 0 is \\Seen", "a position", 46 },
    { "check server ana@campus.example INBOX message 1 \\Seen", "`is` or `is not`", 48 },
    { "check server ana@campus.example INBOX message 1 is", "a flag", 50 },
    { "check server ana@campus.example INBOX message 1 is \\Red", "a flag", 51 },
    { "check server ana@campus.example INBOX message 1 is \\Seen now", "should have ended", 57 },
    { "check server ana@campus.example Nowhere has four messages", "a number", 44 },
    { "check session", "a protocol", 13 },
    { "check session http is READY", "a protocol", 14 },
    { "check session smtp", "`is`, `visited`, `ended`, `uses`", 18 },
    { "check session smtp marks 1 message", "only POP3 marks", 19 },
    { "check session pop3 marks one message", "a number", 25 },
    { "check server ana@campus.example INBOX has had a message", "`for` and a time", 46 },
    { "check server ana@campus.example INBOX has had for ever", "a time belongs", 50 },
    { "check server ana@campus.example INBOX has had for 2d messages", "`a message with`", 53 },
    { "check server ana@campus.example INBOX has a message whose body says x", "`whose text says`",
      52 },
    { "check device laptop account", "`is` belongs", 27 },
    { "check device laptop account is maildir", "pop3 ... or imap", 31 },
    { "check passed", "a time belongs", 12 },
    { "check passed soon", "a time belongs", 13 },
    { "check passed 2d ago", "should have ended", 16 },
    { "check rule EHLO OK in 2 rooms", "`sessions` belongs", 24 },
    { "check session smtp uses 25", "`port` belongs", 24 },
    { "check session smtp uses port one", "a number", 29 },
    { "check session smtp took 2 octets", "`at most` belongs", 24 },
    { "check session smtp took at most 2 litres", "`octets` belongs", 34 },
    { "check server ana@campus.example INBOX is open", "`subscribed`", 41 },
    { "check session smtp ended", "`by client`", 24 },
    { "check session smtp ended by me", "`by client`", 28 },
    { "check session smtp ended by cut now", "should have ended", 32 },
    { "check typed", "how does the line begin", 11 },
    { "check ran", "a command belongs", 9 },
    { "check ran away", "a command belongs", 10 },
    { "check device laptop ran away", "a command belongs", 24 },
    { "check answer", "`names` and words", 12 },
    { "check answer names", "`names` and words", 13 },
    { "answer", "in a few words", 6 },
    { "check session smtp is", "the states of SMTP are CONNECTED", 21 },
    { "check session smtp is SELECTED", "the states of SMTP are CONNECTED READY", 22 },
    { "check session smtp is READY now", "should have ended", 28 },
    { "check device fridge session smtp is READY", "no device", 13 },
    { "check device laptop", "a folder's name", 19 },
    { "check device laptop INBOX", "`has`, `can read` or `message`", 25 },
    { "check device laptop INBOX has four messages", "a number", 30 },
    { "check device laptop INBOX has 4 letters", "`messages`", 32 },
    { "check device laptop INBOX has 4 messages now", "should have ended", 41 },
    { "check device laptop INBOX has a letter", "`message with`", 32 },
    { "check device laptop INBOX has a message with Subject", "a field and its text", 45 },
    { "check device laptop INBOX can write", "`read` belongs", 30 },
    { "check device laptop INBOX can read 4", "`offline` belongs", 36 },
    { "check device laptop INBOX message 1 \\Seen", "`is` or `is not`", 36 },
    { "check device laptop INBOX message 1 is \\Red", "a flag", 39 },
    { "check reply", "`begins`", 11 },
    { "check reply ends 250", "`begins`", 12 },
    { "check reply begins", "how does it begin", 18 },
    { "check queue fridge has 0 messages", "no host", 12 },
    { "check queue mail.campus.example", "`has`", 31 },
    { "check queue mail.campus.example has no messages", "a number", 36 },
    { "check rule", "no protocol here", 10 },
    { "check rule DANCE OK", "no protocol here", 11 },
    { "check rule EHLO", "an outcome", 15 },
    { "check rule EHLO FINE", "an outcome", 16 },
    { "check rule EHLO OK now", "should have ended", 19 },
    { "check rule EHLO OK in", "a state belongs", 21 },
    { "check rule EHLO OK in READY|HAPPY", "a state belongs", 28 },
    { "check rule EHLO OK in READY now", "should have ended", 28 },
};

START_TEST(test_wrongs)
{
    struct world *world = world_default();
    refuses(world, wrongs[_i].line, wrongs[_i].why, wrongs[_i].at);
    ck_assert_uint_eq(trace_end(world->trace), 0);
    ck_assert(!world->script->check_failed);
    world_end(world);
}
END_TEST

/* IMAP's replies: the tag is cut, data and literals are none. */
static const struct {
    const char *before, *reply;
} imap_replies[] = {
    { "telnet mail imap", "OK " },
    { "telnet mail imap\na1 LOGIN ana rose", "NO " },
    { "telnet mail imap\na1 LOGIN ana {5}", "+ " },
    { IMAP, "OK [READ-WRITE]" },
    { IMAP "a3 FETCH 1 BODY.PEEK[]", "OK " },
    { IMAP "a3 FETCH 1:4 (BODY.PEEK[] ENVELOPE)\na4 NOPE", "BAD " },
    { "message ana@campus.example INBOX from bo@campus.example text \"a3 NO\\na3 BAD "
      "{9}\\n{3}\"\n" IMAP "a3 FETCH 5 (BODY.PEEK[TEXT] FLAGS)",
      "OK " },
    { "message ana@campus.example INBOX from bo@campus.example text \"a3 NO not I\"\n" IMAP
      "a3 FETCH 5 (BODY.PEEK[TEXT]<0.8> FLAGS)",
      "OK " },
    { IMAP "a3 LOGOUT", "OK " },
};

START_TEST(test_imap_replies)
{
    struct world *world = world_default();
    if (protocol_verb(protocol_for_name(SLICE("imap")), SLICE("FETCH")) != EV_UNKNOWN) {
        struct buf line = BUF_MAX(128);
        run(world, imap_replies[_i].before);
        buf_format(&line, ":check reply begins %s", imap_replies[_i].reply);
        run(world, buf_text(&line));
        const struct trace_record *record = last_of(world, TRACE_CHECK);
        ck_assert_msg(record->ok, "%s: found %.*s", imap_replies[_i].before,
                      SLICE_ARG(record->text));
        buf_free(&line);
    }
    world_end(world);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("check");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, test_checks, 0, COUNT(checks));
    tcase_add_test(cases, test_a_word_longer_than_any_text);
    tcase_add_test(cases, test_forms_begin_with_the_words);
    tcase_add_test(cases, test_samples);
    tcase_add_test(cases, test_samples_false);
    tcase_add_loop_test(cases, test_wrongs, 0, COUNT(wrongs));
    tcase_add_loop_test(cases, test_imap_replies, 0, COUNT(imap_replies));
    return run_cases("check", cases);
}
