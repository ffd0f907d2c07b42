/* test_commands.c: what the commands answer: facts, names, explanations, all of it within 80
   columns of ASCII. */
#include "servers/services_table.h"
#include "sim/language/script.h"
#include "tests/unit/language.h"

#define DIALOGUE "telnet mail smtp\nEHLO x\nMAIL FROM:<ana@campus.example>\n"

/* --- answers ---------------------------------------------------------------------------- */

static const struct {
    const char *before, *line;
    bool ok;
    const char *answer;
} answered[] = {
    /* telnet */
    { "", "telnet mail smtp", true,
      "Connected to mail.campus.example (192.0.2.1), port 25, SMTP." },
    { "", "telnet mail.campus.example 25", true, "port 25, SMTP" },
    { "", "telnet MAIL.campus.example. 587", true, "port 587, SMTP" },
    { "", "telnet 192.0.2.1 110", true, "mail.campus.example (192.0.2.1), port 110, POP3" },
    { "on till", "telnet mail pop3", true, "Connected to mx.bakery.example" },
    { "", "telnet campus.example 25", false,
      "campus.example has no address. Its mail server is mail.campus.example (`dig "
      "mx\ncampus.example`)." },
    { "", "telnet bakery.example smtp", false, "Its mail server is mx.bakery.example" },
    { "", "telnet nowhere smtp", false,
      "nowhere.campus.example: there is no such name (NXDOMAIN)" },
    { "", "telnet nowhere.example smtp", false, "NXDOMAIN" },
    { "", "telnet mx.bakery.example imap", false,
      "Refused: nothing listens on port 143 of mx.bakery.example." },
    { "", "telnet mail 8080", false, "Refused" },
    { "", "telnet phone 25", false, "Refused: nothing listens on port 25 of phone.campus.example" },
    { "offline mail.campus.example", "telnet mail smtp", false,
      "Timed out: mail.campus.example does not answer." },
    { "offline laptop", "telnet mail smtp", false,
      "Timed out: laptop is offline itself (`online laptop`)." },
    { "telnet mail smtp", ":telnet mail pop3", false, "connected already" },
    { "telnet mail smtp", ":close", true, "Connection closed." },
    { "telnet mail smtp", ":cut", true, "The connection is reset." },
    /* dig */
    { "", "dig mx bakery.example", true,
      "bakery.example  MX  10  mx.bakery.example\nAsked in 40 ms.\n" },
    { "", "dig bakery.example mx", true, "MX  10  mx.bakery.example" },
    { "", "dig MX Bakery.Example.", true, "bakery.example  MX  10  mx.bakery.example" },
    { "", "dig mail", true, "mail.campus.example  A  192.0.2.1" },
    { "", "dig a mail.campus.example", true, "mail.campus.example  A  192.0.2.1" },
    { "", "dig txt campus.example", true, "campus.example  TXT  \"v=spf1 mx -all\"" },
    { "", "dig srv _imap._tcp.campus.example", true, "SRV  0 1 143  mail.campus.example" },
    { "", "dig campus.example", false,
      "campus.example exists and has no A record. Asked in 40 ms.\n"
      "It has a mail server: dig mx campus.example\n" },
    { "", "dig mx mail.campus.example", false, "has no MX record" },
    { "", "dig nowhere.example", false, "nowhere.example: there is no such name (NXDOMAIN)" },
    { "offline laptop", "dig mx bakery.example", false,
      "No answer after 5 s: laptop reaches no name server." },
    { "mx bakery.example 5 mail.campus.example", "dig mx bakery.example", true,
      "MX  5  mail.campus.example\nbakery.example  MX  10  mx.bakery.example" },
    /* wait */
    { "", "wait 2h", true, "It is Mon, 05 Jan 2026 11:00:00 +0000." },
    { "", "wait 0s", true, "09:00:00" },
    /* on */
    { "", "on", true,
      "* laptop    ana    pop3 keep 7d     not connected\n  phone     ana    imap             "
      "not" },
    { "telnet mail smtp\n:on desktop", ":on", true,
      "  laptop    ana    pop3 keep 7d     smtp CONNECTED\n" },
    { "offline phone", "on", true, "not connected, OFFLINE" },
    { "", "on phone", true, "You are now ana, at phone.\n" },
    { "", "on desktop", true, "You are now bo, at desktop.\n" },
    { "", "on laptop", true, "You are still ana, at laptop.\n" },
    { "telnet mail smtp", ":on phone", true,
      "Left open: ana/laptop smtp CONNECTED (`on laptop`)." },
    { "telnet mail smtp\n:on phone", "on laptop", true,
      "You are now ana, at laptop: smtp CONNECTED.\n" },
    /* users, hosts */
    { "", "users", true,
      "ana@campus.example       on mail.campus.example\n  messages in Archive 0, INBOX 4, Sent 0" },
    { "mailbox bo@campus.example \"\xc3\x84rger\"", "users", true,
      "messages in ??rger 0, INBOX 1" },
    { "", "hosts", true,
      "mail.campus.example    192.0.2.1\n  serves smtp 25, submission 587, pop3 110, imap 143\n"
      "  keeps the mail for campus.example\n" },
    { "set mail.campus.example greylist on\nset mail.campus.example refuse rcpt 451 first "
      "2\noffline laptop",
      "hosts", true, "set to greylist on, refuse RCPT 451 (2 left)\n" },
    { "offline laptop", "hosts", true, "laptop.campus.example  192.0.2.3      OFFLINE" },
    /* octets */
    { "", "octets ana", true, "3 octets: {3}. With the CRLF that ends its line 5: {5}." },
    { "", "octets x", true, "1 octet: {1}." },
    { "", "octets two words", true, "9 octets: {9}" },
    { "", "octets \"two words\"", true, "9 octets: {9}" },
    { "", "octets \"a\\nbc\\r\\n\\nd\"", true,
      "4 lines. With CRLF after each line 12 octets: {12}. Without the last CRLF 10:\n{10}." },
    { "", "octets \"a\\r\\n\"", true, "1 octet: {1}" },
    { "", "octets \"\"", true, "0 octets: {0}" },
    { "", "octets \"open", true, "5 octets" },
    { "", "octets \xc3\xa4", true, "2 octets" },
    /* base64 */
    { "", "base64 ana", true, "YW5h\n" },
    { "", "base64 \\0ana\\0tulip", true, "AGFuYQB0dWxpcA==\n" },
    { "", "base64 \"\\0ana\\0tulip\"", true, "AGFuYQB0dWxpcA==\n" },
    { "", "base64 a b", true, "YSBi\n" },
    { "", "base64 \"", true, "Ig==\n" },
    { "", "base64 -d YW5h", true, "ana\n" },
    { "", "base64 -d AGFuYQB0dWxpcA==", true, "\\0ana\\0tulip\n" },
    { "", "base64 -d /wo=", true, "\\xff\\x0a\n" },
    { "", "base64 -d YW5", false, "no base64" },
    { "", "base64 -d", true, "\n" },
    /* sample */
    { "", "sample", false, "connected to nobody" },
    { "telnet mail smtp", ":sample", true, "Typed a small message up to its dot." },
    { DIALOGUE, ":sample", true, "Typed a small message" },
    { DIALOGUE "RCPT TO:<bo@campus.example>\nDATA", ":sample", true, "Typed a small message" },
    { DIALOGUE "RCPT TO:<bo@campus.example>\nDATA\nSubject: x\n", ":sample", true,
      "Typed a small message" },
    { "telnet mail submission", ":sample", false, "The server did not take it: see its reply." },
    { "telnet mail submission\nEHLO x\nAUTH LOGIN", ":sample", false,
      "no sample for this moment (AUTHENTICATING)" },
    { "set mail.campus.example refuse DATA 421\ntelnet mail smtp", ":sample", false,
      "did not take it" },
    { "telnet mail pop3", ":sample", false, "POP3 only fetches mail" },
    { "", "wait 1 day", true, "It is Tue, 06 Jan 2026 09:00:00" },
    { "", "wait 5 minutes", true, "It is Mon, 05 Jan 2026 09:05:00" },
    /* help */
    { "", "help", true,
      "Not connected: your commands go to Pennypost ($).\n Your mail   mail sync  mail list" },
    { "", "help", true, " By hand     telnet mail smtp | pop3 | imap  dig mx bakery.example" },
    { "", "help", true, " and faults  offline phone  online phone  cut  lose phone\n" },
    { "", "help world", true, "  mx DOMAIN PREFERENCE HOST   tells the DNS" },
    { "", "help TIME", true, "  wait 2h                     lets time pass" },
    { "", "help telnet", true, "telnet HOST PORT\n  connects you to a server" },
    { "", "help :telnet", true, "telnet HOST PORT" },
    { "", "help check", true, "check server ADDRESS BOX has N messages" },
    { "", "help check", true, "can read N offline" },
    { "", "help lesson", true, "lesson is planned and not built yet." },
    { "", "help MAIL", true, "MAIL, SMTP: " },
    { "", "help rcpt", true, "  allowed in  MAILED ADDRESSED\n  RFC         5321 4.1.1.3" },
    { "", "help QUIT", true, "QUIT, POP3: " },
    { "", "help READY", true, "READY, a state of SMTP: in it there is no message yet." },
    { "", "help 250", true, "250, a reply of SMTP" },
    { "", "help 599", true, "5: no; repeating" },
    { "", "help +ok", true, "a reply of POP3" },
    { "", "help smtp", true, "SMTP, RFC 5321. Its verbs:" },
    { "", "help RCTP", false, "Did you mean  help RCPT" },
    { "", "help xyzzy", false, "Nothing is known about xyzzy." },
    { "telnet mail smtp\nEHLO x", ":help", true,
      "The SMTP server reads what you type. In READY there is no message yet.\n" },
    { "telnet mail smtp\nEHLO x", ":help", true, " MAIL FROM:<ana@campus.example>       begins" },
    { DIALOGUE "RCPT TO:<bo@campus.example>\nDATA", ":help", true,
      "A line with only a dot ends it." },
};

START_TEST(test_answers)
{
    struct world *world = world_default();
    run(world, answered[_i].before);
    answers(world, answered[_i].line, answered[_i].ok, answered[_i].answer);
    const struct trace_record *answer = last_of(world, TRACE_ANSWER);
    check_answer_drawn(answer->text, answered[_i].line);
    slice word = slice_of(answered[_i].line);
    take_char(&word, ':');
    ck_slice(answer->name, take_word(&word));
    world_end(world);
}
END_TEST

/* What is not there is not offered. */
START_TEST(test_help_hides)
{
    struct world *world = world_default();
    static const char *const planned[] = { "board", "story", "lesson", "diff", ":states", ":why" };
    run(world, "help");
    for (size_t i = 0; i < COUNT(planned); i++)
        ck_assert_msg(!contains(last_of(world, TRACE_ANSWER)->text, planned[i]), "%s", planned[i]);
    run(world, "telnet mail smtp\nEHLO x\n:help");
    slice text = last_of(world, TRACE_ANSWER)->text;
    ck_assert(!contains(text, " RCPT TO") && !contains(text, " AUTH "));
    run(world, ":close\ntelnet mail submission\nEHLO x\n:help");
    text = last_of(world, TRACE_ANSWER)->text;
    ck_assert(contains(text, " AUTH ") && !contains(text, " MAIL FROM"));
    world_end(world);
}
END_TEST

/* Every word of every table is explained, and drawn within the window. */
static void explain(struct world *world, const char *word)
{
    struct buf line = BUF_MAX(256);
    buf_format(&line, "help %s", word);
    run(world, buf_text(&line));
    const struct trace_record *answer = last_of(world, TRACE_ANSWER);
    ck_assert_msg(answer->ok, "%s", word);
    check_answer_drawn(answer->text, word);
    buf_free(&line);
}

START_TEST(test_help_all)
{
    static const char *const names[] = { "smtp", "pop3", "imap" };
    struct world *world = world_default();
    for (const struct command *command = sim_commands; command->name; command++)
        explain(world, command->name);
    for (size_t i = 0; i < COUNT(names); i++) {
        const struct protocol *protocol = protocol_for_name(slice_of(names[i]));
        explain(world, names[i]);
        for (size_t event = 1; event < protocol->event_count; event++)
            if (protocol->events[event].verb)
                explain(world, protocol->events[event].verb);
        for (size_t state = 0; state < protocol->state_count; state++)
            explain(world, protocol->states[state].name);
        for (size_t code = 0; code < protocol->code_count; code++)
            if (strlen(protocol->codes[code].text) > 1)
                explain(world, protocol->codes[code].text);
    }
    world_end(world);
}
END_TEST

static const struct {
    const char *line, *why;
    size_t at;
} wrongs[] = {
    { "telnet", "connect to what", 6 },
    { "telnet mail", "which port", 11 },
    { "telnet mail 0", "a port is", 12 },
    { "telnet mail 65536", "a port is", 12 },
    { "telnet mail gopher", "a port is", 12 },
    { "telnet mail smtp now", "all that telnet takes", 17 },
    { "close now", "`close` takes nothing after it", 6 },
    { "cut now", "`cut` takes nothing after it", 4 },
    { "dig", "ask for what", 3 },
    { "dig mx", "", 4 }, /* a name: it is asked for below */
    { "dig aaaa mail", "a, mx, txt or srv", 4 },
    { "dig mx a.example b.example", "one name", 17 },
    { "dig \x01", "no name", 4 },
    { "wait", "how long", 4 },
    { "wait 5", "how long", 5 },
    { "wait 1s 2s", "how long", 5 },
    { "wait 367d", "how long", 5 },
    { "users now", "takes nothing after it", 6 },
    { "hosts now", "takes nothing after it", 6 },
    { "octets", "count what", 6 },
    { "base64", "of what", 6 },
    { "sample now", "takes nothing after it", 7 },
    { "send", "in quotes", 4 },
    /* the names that are near, a habit behind them apart */
    { "setup laptop like thunderbrid every 5m", "the nearest: thunderbird pop3, thunderbird imap (", 18 },
    { "mail setup like thunderbrid", "the nearest: thunderbird pop3, thunderbird imap (", 16 },
    { "setup laptop like mtt imap", "the nearest: mutt imap", 18 },
    { "programs thunder", "the nearest: thunderbird pop3, thunderbird imap (", 9 },
    { "set mail.campus.example answers like postfx", "the nearest first: postfix", 37 },
    { "set mail.campus.example answers as postfix", "like", 32 },
    { "set mail.campus.example answers like postfix now", "should have ended", 45 },
    { "dialect posfix", "the nearest first: postfix", 8 },
    { "dialect postfix exim", "dialect takes one name", 16 },
    { "programs qwertyuiop", "no program of that name was measured: `programs`", 9 },
};

START_TEST(test_wrongs)
{
    struct world *world = world_default();
    if (wrongs[_i].why[0]) {
        refuses(world, wrongs[_i].line, wrongs[_i].why, wrongs[_i].at);
        ck_assert_uint_eq(trace_end(world->trace), 0);
    } else {
        answers(world, wrongs[_i].line, false, "mx.campus.example");
    }
    world_end(world);
}
END_TEST

/* What the sample types is a whole dialogue, and the message arrives at somebody else. */
START_TEST(test_sample)
{
    struct world *world = world_default();
    run(world, "telnet mail smtp\n:sample\n:check server bo@campus.example INBOX has a message "
               "with Subject: A sample\n"
               ":check session smtp is READY\n:sample\n:check server bo@campus.example INBOX has 3 "
               "messages");
    ck_assert(!world->script->check_failed);
    world_end(world);
}
END_TEST

START_TEST(test_sample_literal)
{
    struct world *world = world_default();
    if (protocol_verb(protocol_for_name(SLICE("imap")), SLICE("APPEND")) != EV_UNKNOWN) {
        answers(world, "telnet mail imap\n:sample", false, "a1 APPEND INBOX {");
        run(world, "a1 LOGIN ana tulip\na2 APPEND Archive {300}");
        answers(world, ":sample", true, "Typed 300 octets");
        ck_assert_msg(contains(last_line(world, SIDE_SERVER), "a2 OK"), "%.*s",
                      SLICE_ARG(last_line(world, SIDE_SERVER)));
        run(world, "a3 APPEND Archive {20}");
        answers(world, ":sample", false, "or a little more fits it");
        run(world, ":check server ana@campus.example Archive has a message with Subject: A sample");
        ck_assert(!world->script->check_failed);
    }
    world_end(world);
}
END_TEST

/* However long the words and the names: within the window, and nothing that moves a cursor. */
START_TEST(test_ugly_words)
{
    struct world *world = world_default();
    struct refused refused;
    char word[3000];
    for (int octet = 1; octet < 256; octet += 3) {
        struct buf line = BUF_MAX(8192);
        memset(word, octet, sizeof word);
        static const char *const commands[] = { "help",   "dig", "telnet", "octets",
                                                "base64", "on",  "check",  "sample" };
        for (size_t i = 0; i < COUNT(commands); i++) {
            buf_clear(&line);
            buf_format(&line, "%s ", commands[i]);
            buf_add(&line, (slice){ word, sizeof word });
            buf_add_text(&line, " smtp");
            run_slice(world, buf_slice(&line), &refused);
            for (size_t k = 0; refused.why.text[k]; k++)
                ck_assert_msg(refused.why.text[k] >= ' ' && refused.why.text[k] <= '~', "%s %d",
                              commands[i], octet);
            const struct trace_record *answer = last_of(world, TRACE_ANSWER);
            if (answer && !slice_is(answer->name, "base64"))
                check_answer_drawn(answer->text, commands[i]);
        }
        buf_free(&line);
    }
    world_end(world);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("commands");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, test_answers, 0, COUNT(answered));
    tcase_add_test(cases, test_help_hides);
    tcase_add_test(cases, test_help_all);
    tcase_add_loop_test(cases, test_wrongs, 0, COUNT(wrongs));
    tcase_add_test(cases, test_sample);
    tcase_add_test(cases, test_sample_literal);
    tcase_add_test(cases, test_ugly_words);
    return run_cases("commands", cases);
}
