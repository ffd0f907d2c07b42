/* test_why.c: the command `why`, its diagnosis for known slips, and that it has an answer
   of 80 columns to every row of every table. */
#include "views/why.h"

#include "servers/services_table.h"
#include "sim/language/build.h"
#include "tests/unit/language.h"
#include "views/views.h"

static const struct command *const tables[] = { sim_commands, view_commands, NULL };

static struct world *world_begin(void)
{
    struct error why = { "" };
    struct world *world = world_new(NULL, NULL, tables, slice_of(default_world), SLICE("default"),
                                    &why);
    ck_assert_msg(world != NULL, "%s", why.text);
    return world;
}

static const struct {
    const char *lines;
    const char *answer;
} cases[] = {
    { "telnet mail smtp\nEHLO laptop\nRCPT TO:<bo@campus.example>\n",
      "S: 503 5.5.1 Need MAIL before RCPT             :why   you: RCPT TO:<bo@campus...\n"
      " Means  5: no; repeating the same won't help. 503: a good command at the wrong\n"
      "        moment.\n"
      " Cause  In READY there is no message yet; RCPT adds an address to a message.\n"
      " Try    MAIL FROM:<ana@campus.example>   and then your RCPT again\n"
      " Rule   READY + RCPT, wrong moment: 503, stay   RFC 5321 4.1.4\n" },
    { "telnet mail imap\nLOGIN ana tulip\n",
      "S: LOGIN BAD Unknown command ANA               :why   you: LOGIN ana tulip\n"
      " Means  BAD: the line could not be read, or came at the wrong moment. Nothing\n"
      "        was done. Your password was never looked at.\n"
      " Cause  IMAP's first word is YOUR label for the answer; it took LOGIN for it.\n"
      " Try    a1 LOGIN ana tulip\n"
      " Rule   NOT_AUTHENTICATED + UNKNOWN, no such command: BAD, stay   RFC 3501 2.2.1\n" },
    { "telnet mail pop3\nUSER ana\nPASS tulip\nDELE 1\n",
      "S: +OK message 1 marked                        :why   you: DELE 1\n"
      " Means  Nothing is gone. DELE puts a mark that only this session sees.\n"
      " Cause  QUIT moves to UPDATE, which removes. RSET or a cut line forgets marks.\n"
      " Try    QUIT to remove it, RSET to keep it\n"
      " Rule   TRANSACTION + DELE, accepted: +OK, stay   RFC 1939 5\n" },
};

START_TEST(why_answers)
{
    struct world *world = world_begin();
    run(world, cases[_i].lines);
    run(world, ":why");
    ck_slice(last_of(world, TRACE_ANSWER)->text, slice_of(cases[_i].answer));
    world_end(world);
}
END_TEST

static const struct {
    const char *lines, *part;
} parts[] = {
    { "telnet mail smtp\nRCPT TO:<bo@campus.example>\n",
      " Try    EHLO laptop.campus.example , then  MAIL FROM:<" },
    { "telnet mail smtp\nEHLO x\nMAIL FROM:ana@campus.example\n",
      " Try    MAIL FROM:<ana@campus.example>\n" },
    { "telnet mail smtp\nEHLO x\nMAIL FROM:ana@campus.example\n", "they are missing" },
    { "telnet mail smtp\nEHLO x\nstates\n", " Try    :states\n" },
    { "telnet mail smtp\nEHLO x\nHALLO\n", "\"HALLO\" is no command of SMTP." },
    { "telnet mail imap\na1 HALLO x\n", "\"HALLO\" is no command of IMAP." },
    { "telnet mail imap\nhallo\n", "There is no command in the line." },
    { "telnet mail imap\na1 LOGIN ana tulip\na2 SELECT INBOX\na3 IDLE\nhello\n",
      "only DONE is read" },
    { "telnet mail imap\na1 LOGIN ana tulip\na2 IDLE\nFETCH 1 FLAGS\n",
      " Try    your command again, or  a1 IDLE\n" },
    { "telnet mail imap\na1 LOGIN ana tulip\na2 IDLE\nboard\n", " Try    :board\n" },
    { "telnet mail pop3\nPASS tulip\n", " Try    USER ana   and then your PASS again" },
    { "telnet mail pop3\nUSER ana\nPASS wrong\n", "Cause  The name or the password is wrong." },
    { "telnet mail submission\nEHLO x\nMAIL FROM:<ana@campus.example>\n", " Try    AUTH PLAIN" },
    { "telnet mail imap\na1 SELECT INBOX\n", " Try    a1 LOGIN ana tulip" },
    { "telnet mail smtp\nEHLO x\nMAIL FROM:<ana@campus.example>\nRCPT TO:<dora@bakery.example>\n",
      "telnet mail submission" },
    { "telnet mail smtp\nEHLO x\n", "EHLO says hello" },
    { "telnet mail smtp\n", "OPENED" },
    { "telnet mail smtp\nQUIT\n", "READY" },
};

START_TEST(why_finds_the_cause)
{
    struct world *world = world_begin();
    if (strcmp(parts[_i].part, "READY") == 0)  /* after goodbye it still knows */
        answers(world, "why", false, "no reply to explain");
    run(world, parts[_i].lines);
    const char *part = strcmp(parts[_i].part, "READY") == 0 ? "CONNECTED + QUIT" : parts[_i].part;
    answers(world, ":why", true, part);
    check_answer_drawn(last_of(world, TRACE_ANSWER)->text, ":why");
    world_end(world);
}
END_TEST

/* Of pipelined lines it explains the last, and shows that one. */
START_TEST(why_knows_pipelined_lines)
{
    struct world *world = world_begin();
    run(world, "telnet mail smtp\n:send \"EHLO x\\r\\nDATA\\r\\nNOOP\\r\\n\"");
    answers(world, ":why", true, "you: NOOP\n");
    answers(world, ":why", true, "READY + NOOP, accepted: 250, stay");
    world_end(world);
}
END_TEST

START_TEST(every_row_has_an_answer)
{
    static const char *const names[] = { "smtp", "pop3", "imap" };
    const struct protocol *protocol = protocol_for_name(slice_of(names[_i]));
    size_t meant = 0;
    for (size_t i = 0; i < protocol->rule_count; i++) {
        const struct rule *rule = &protocol->rules[i];
        int event = rule->event == EV_ANY ? EV_UNKNOWN : rule->event, before = 0;
        while (!(rule->from & IN(before)))
            before++;
        struct why_case asked = {
            .protocol = protocol,
            .rule = rule,
            .before = before,
            .event = event,
            .outcome = rule->outcome,
            .after = rule->next == STAY ? before : rule->next,
            .said = slice_of(protocol->events[event].sample),
            .tables = tables,
        };
        struct buf out = BUF_MAX(65536), labelled = BUF_MAX(4096);
        buf_format(&labelled, "%s%s", slice_is(slice_of(names[_i]), "imap") ? "a1 " : "",
                   rule->reply ? rule->reply : "");
        asked.reply = buf_slice(&labelled);
        why_explain(&out, &asked);
        check_answer_drawn(buf_slice(&out), names[_i]);
        ck_assert(contains(buf_slice(&out), " Cause  ") && contains(buf_slice(&out), " Rule   "));
        meant += contains(buf_slice(&out), " Means  ");
        buf_free(&labelled);
        buf_free(&out);
    }
    ck_assert_uint_gt(meant * 2, protocol->rule_count);
}
END_TEST

/* What a client sends is quoted, never obeyed. */
START_TEST(why_is_safe)
{
    struct world *world = world_begin();
    run(world, "telnet mail smtp\nEHLO x\n:send \"\\x1b[2Jxx\\x00\\x7f\\xff "
               "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\\r\\n\"\n:why");
    check_answer_drawn(last_of(world, TRACE_ANSWER)->text, ":why");
    ck_assert(contains(last_of(world, TRACE_ANSWER)->text, "\\x1B[2J"));
    world_end(world);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("why");
    tcase_add_loop_test(tests, why_answers, 0, COUNT(cases));
    tcase_add_loop_test(tests, why_finds_the_cause, 0, COUNT(parts));
    tcase_add_test(tests, why_knows_pipelined_lines);
    tcase_add_loop_test(tests, every_row_has_an_answer, 0, 3);
    tcase_add_test(tests, why_is_safe);
    return run_cases("why", tests);
}
