/* test_script.c: lines of the language, rule by rule of the design: modes, escapes, what
   is remembered, who closes the connection. */
#include <stdlib.h>

#include "base/words.h"
#include "servers/services_table.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "sim/language/build.h"
#include "sim/world.h"
#include "tests/unit/language.h"

/* --- modes and escapes -------------------------------------------------------------------- */

#define TO_READY "telnet mail smtp\nEHLO laptop\n"
#define TO_DATA TO_READY "MAIL FROM:<ana@campus.example>\nRCPT TO:<bo@campus.example>\nDATA\n"
#define TO_LOGIN "telnet mail submission\nEHLO laptop\nAUTH LOGIN\n"

static const struct {
    const char *before, *line;
    enum line_result result;
    const char *said;          /* what reached the server, NULL: nothing */
    const char *why;           /* part of what a refusal says */
} lines[] = {
    /* c: the prompt */
    { "", "", LINE_EMPTY, NULL, NULL },
    { "", "   \t ", LINE_EMPTY, NULL, NULL },
    { "", "# a word", LINE_EMPTY, NULL, NULL },
    { "", "  # a word", LINE_EMPTY, NULL, NULL },
    { "", ":# a word", LINE_EMPTY, NULL, NULL },
    { "", "wait 1s", LINE_RUN, NULL, NULL },
    { "", ":wait 1s", LINE_RUN, NULL, NULL },
    { "", "  wait  1s ", LINE_RUN, NULL, NULL },
    { "", "\twait\t1s", LINE_RUN, NULL, NULL },
    { "", "WAIT 1s", LINE_RUN, NULL, NULL },
    { "", "ON phone", LINE_RUN, NULL, NULL },
    { "", "Offline phone", LINE_RUN, NULL, NULL },
    { "", "wiat 1s", LINE_UNREADABLE, NULL, "Did you mean  wait" },
    { "", "wait", LINE_UNREADABLE, NULL, "how long" },
    { "", "xyzzy", LINE_UNREADABLE, NULL, "`help`" },
    { "", "device", LINE_UNREADABLE, NULL, "as in  device NAME of ADDRESS PROGRAM" },
    { "", "::wait 1s", LINE_UNREADABLE, NULL, "no command" },
    { "", ":", LINE_UNREADABLE, NULL, "no command" },
    { "", "EHLO laptop", LINE_UNREADABLE, NULL,
      "EHLO is for a mail server, and you are connected to none. Type  telnet mail smtp  and "
      "then" },
    { "", "ehlo laptop", LINE_UNREADABLE, NULL, "telnet mail smtp" },
    { "", "HELP", LINE_RUN, NULL, NULL },
    { "", "Users", LINE_RUN, NULL, NULL },
    { "", "MAIL list", LINE_UNREADABLE, NULL, "MAIL is for a mail server" },
    { "", "a1 LOGIN ana tulip", LINE_UNREADABLE, NULL,
      "LOGIN is for a mail server, and you are connected to none. Type  telnet mail imap" },
    { "", "STAT", LINE_UNREADABLE, NULL, "telnet mail pop3" },
    { "", "QUIT", LINE_UNREADABLE, NULL, "`exit` leaves Pennypost" },
    { "", "lesson", LINE_UNREADABLE, NULL, "lesson is planned and not built yet" },
    { "", ":handin", LINE_UNREADABLE, NULL, "not built yet" },
    { TO_READY "QUIT", "QUIT", LINE_UNREADABLE, NULL, "The connection is closed already. `exit` leaves Pennypost." },
    /* d: connected */
    { "telnet mail smtp", "NOOP", LINE_RUN, "NOOP", NULL },
    { "telnet mail smtp", " NOOP ", LINE_RUN, " NOOP ", NULL },
    { "telnet mail smtp", "wait 1s", LINE_RUN, "wait 1s", NULL },
    { "telnet mail smtp", "", LINE_RUN, "", NULL },
    { "telnet mail smtp", "# a word", LINE_RUN, "# a word", NULL },
    { "telnet mail smtp", "\xc3\xa4\xff\t", LINE_RUN, "\xc3\xa4\xff\t", NULL },
    { "telnet mail smtp", ":wait 1s", LINE_RUN, NULL, NULL },
    { "telnet mail smtp", ":# a word", LINE_EMPTY, NULL, NULL },
    { "telnet mail smtp", ":lesson", LINE_UNREADABLE, NULL, "not built yet" },
    { "telnet mail smtp", "::wait 1s", LINE_RUN, ":wait 1s", NULL },
    { "telnet mail smtp", ":::", LINE_RUN, "::", NULL },
    { "telnet mail smtp", ":wiat 1s", LINE_UNREADABLE, NULL, "Did you mean  :wait" },
    { "telnet mail smtp", ":-)", LINE_UNREADABLE, NULL, "Type two" },
    { "telnet mail smtp", ":", LINE_UNREADABLE, NULL, "Not sent" },
    { "telnet mail smtp", ": wait 1s", LINE_UNREADABLE, NULL, "Not sent" },
    { "telnet mail smtp", " :wait 1s", LINE_RUN, " :wait 1s", NULL },
    { "telnet mail smtp", "QUIT", LINE_RUN, "QUIT", NULL },
    /* d: in a message */
    { TO_DATA, "QUIT", LINE_RUN, "QUIT", NULL },
    { TO_DATA, "", LINE_RUN, "", NULL },
    { TO_DATA, ":-)", LINE_RUN, ":-)", NULL },
    { TO_DATA, ":", LINE_RUN, ":", NULL },
    { TO_DATA, ":wiat", LINE_RUN, ":wiat", NULL },
    { TO_DATA, ": wait 1s", LINE_RUN, ": wait 1s", NULL },
    { TO_DATA, ":help)", LINE_RUN, ":help)", NULL },
    { TO_DATA, "::help", LINE_RUN, ":help", NULL },
    { TO_DATA, ":wait 1s", LINE_RUN, NULL, NULL },
    { TO_DATA, ":help", LINE_RUN, NULL, NULL },
    { TO_DATA, ":hint", LINE_UNREADABLE, NULL, "not built yet" },
    { TO_DATA, ":# a word", LINE_EMPTY, NULL, NULL },
    /* d: while the server waits for an answer in base64 */
    { TO_LOGIN, ":base64 ana", LINE_RUN, NULL, NULL },
    { TO_LOGIN, ":YW5h", LINE_UNREADABLE, NULL, "Not sent" },
    { TO_LOGIN, "YW5h", LINE_RUN, "YW5h", NULL },
};

static void check_said(struct world *world, uint64_t from, size_t i)
{
    slice said = SLICE_EMPTY;
    size_t count = 0;
    for (; from < trace_end(world->trace); from++) {
        const struct trace_record *record = trace_at(world->trace, from);
        if (record->kind == TRACE_LINE && record->side == SIDE_CLIENT) {
            said = record->text;
            count++;
        }
    }
    ck_assert_msg(count == (lines[i].said != NULL), "\"%s\": %zu lines were sent", lines[i].line,
                  count);
    if (lines[i].said)
        ck_slice(said, slice_of(lines[i].said));
}

START_TEST(test_lines)
{
    struct world *world = world_default();
    struct refused refused;
    run(world, lines[_i].before);
    size_t inputs = count_of(world, TRACE_INPUT);
    uint64_t from = trace_end(world->trace);
    bool command = script_line_is_command(world, slice_of(lines[_i].line));
    enum line_result result = run_slice(world, slice_of(lines[_i].line), &refused);
    ck_assert_msg(result == lines[_i].result, "\"%s\": %d, %s", lines[_i].line, result,
                  refused.why.text);
    if (lines[_i].why)
        ck_assert_msg(strstr(refused.why.text, lines[_i].why), "\"%s\": %s", lines[_i].line,
                      refused.why.text);
    check_said(world, from, (size_t)_i);
    /* Only what was run is an input: a replay has no other. */
    ck_assert_uint_eq(count_of(world, TRACE_INPUT), inputs + (result == LINE_RUN));
    if (result == LINE_RUN)
        ck_assert_int_eq(command, lines[_i].said == NULL);
    world_end(world);
}
END_TEST

START_TEST(test_literal)
{
    struct world *world = world_default();
    const struct protocol *imap = protocol_for_name(SLICE("imap"));
    if (protocol_verb(imap, SLICE("LOGIN")) != EV_UNKNOWN) {
        run(world, "telnet mail imap\na1 LOGIN {3}\n:wait 1s\n:-) {5}");
        uint64_t left = 0;
        ck_assert_int_eq(device_expects(world, world->here, &left), EXPECTS_LITERAL);
        ck_assert_uint_eq(left, 5);
        ck_slice(last_line(world, SIDE_CLIENT), SLICE(":-) {5}"));
        refuses(world, ":hint", "not built yet", 1);
        run(world, "::no!!");
        ck_assert_msg(contains(last_line(world, SIDE_SERVER), "a1 NO"), "the login was not tried");
        refuses(world, ":-)", "Not sent", 1);
    }
    world_end(world);
}
END_TEST

/* a. */
START_TEST(test_unreadable)
{
    struct world *world = world_default();
    struct refused refused;
    static char big[SCRIPT_LINE_MAX + 1];
    ck_assert_int_eq(run_slice(world, (slice){ "wait\0 1s", 8 }, &refused), LINE_UNREADABLE);
    ck_assert_uint_eq(refused.at, 4);
    memset(big, ' ', sizeof big);
    ck_assert_int_eq(run_slice(world, (slice){ big, sizeof big }, &refused), LINE_UNREADABLE);
    ck_assert_int_eq(run_slice(world, (slice){ big, sizeof big - 1 }, &refused), LINE_EMPTY);
    run(world, "telnet mail smtp");
    ck_assert_int_eq(run_slice(world, (slice){ "NOOP\0", 5 }, &refused), LINE_UNREADABLE);
    ck_assert_uint_eq(count_of(world, TRACE_INPUT), 1);
    world_end(world);
}
END_TEST

/* A line larger than the window arrives whole, in a message as long as a message may be. */
START_TEST(test_long_line)
{
    struct world *world = world_default();
    struct refused refused;
    static char big[1 << 20];
    memset(big, 'x', sizeof big);
    run(world, TO_DATA);
    ck_assert_int_eq(run_slice(world, (slice){ big, sizeof big }, &refused), LINE_RUN);
    ck_assert_uint_eq(last_of(world, TRACE_LINE)->bytes, sizeof big);
    run(world, ".\n:check reply begins 250\n:check server bo@campus.example INBOX has 2 messages");
    ck_assert(!world->script->check_failed);
    world_end(world);
}
END_TEST

/* Closed while the window was full: what was typed still goes out, then FIN; unless one
   calls somebody else first. */
START_TEST(test_close_with_unsent)
{
    struct world *world = world_default();
    struct device *device = world->here;
    struct error why;
    static char big[1 << 20];
    memset(big, 'x', sizeof big);
    run(world, TO_DATA);
    device_type(world, device, (slice){ big, sizeof big });
    device_close(world, device);
    ck_assert(!script_is_connected(world) && world_settle(world, &why));
    ck_assert_uint_eq(last_of(world, TRACE_LINE)->bytes, sizeof big);
    ck_assert_int_eq(last_of(world, TRACE_CLOSE)->by, BY_CLIENT);
    run(world, TO_DATA);
    device_type(world, device, (slice){ big, sizeof big });
    device_close(world, device);
    run(world, "telnet mail pop3\n:check session pop3 is AUTHORIZATION\n:check session smtp is "
               "CLOSED\nQUIT\n"
               "check server bo@campus.example INBOX has 1 message");
    ck_assert(!world->script->check_failed);
    world_end(world);
}
END_TEST

/* e. */
START_TEST(test_who_closed)
{
    struct world *world = world_default();
    struct refused refused;
    world->line_number = 7;
    run(world, "telnet mail smtp");
    world->line_number = 9;
    run(world, "QUIT");
    ck_assert(!script_is_connected(world));
    world->line_number = 12;
    run_slice(world, SLICE("NOOP"), &refused);
    ck_assert_msg(strstr(refused.why.text, "was closed by the server at line 9: QUIT"), "%s",
                  refused.why.text);
    world->line_number = 13;
    run(world, "telnet mail smtp\n:cut");
    run_slice(world, SLICE("NOOP"), &refused);
    ck_assert_msg(strstr(refused.why.text, "was cut at line 13: :cut"), "%s", refused.why.text);
    run(world, "telnet mail smtp\n:wait 10m");
    run_slice(world, SLICE("NOOP"), &refused);
    ck_assert_msg(strstr(refused.why.text, "closed by the server at line 13: :wait 10m"), "%s",
                  refused.why.text);
    world->line_number = 0; /* a person has seen it happen */
    run_slice(world, SLICE("NOOP"), &refused);
    ck_assert_msg(!strstr(refused.why.text, "closed"), "%s", refused.why.text);
    world_end(world);
}
END_TEST

/* f. */
START_TEST(test_devices)
{
    struct world *world = world_default();
    run(world, "telnet mail smtp\nEHLO laptop\n:on desktop\ntelnet mail smtp\nNOOP");
    ck_assert_str_eq(world->here->name, "desktop");
    ck_assert_uint_eq(world->here->typed_conn, 2);
    answers(world, ":telnet mail pop3", false, "connected already");
    answers(world, ":on laptop", true, "Left open: bo/desktop smtp CONNECTED");
    run(world, "MAIL FROM:<ana@campus.example>");
    ck_assert_uint_eq(last_of(world, TRACE_STATE)->conn, 1);
    run(world, ":check session smtp is MAILED\n:check device desktop session smtp is CONNECTED");
    ck_assert(!world->script->check_failed);
    run(world, ":offline laptop\n:on desktop\nNOOP\n:on laptop\n:close");
    world_end(world);
}
END_TEST

START_TEST(test_close_and_cut)
{
    struct world *world = world_default();
    answers(world, "close", false, "connected to nobody");
    answers(world, "cut", false, "connected to nobody");
    run(world, "telnet mail smtp\n:close");
    ck_assert_int_eq(last_of(world, TRACE_CLOSE)->by, BY_CLIENT);
    run(world, "telnet mail smtp\n:cut");
    ck_assert_int_eq(last_of(world, TRACE_CLOSE)->by, BY_CUT);
    run(world, "telnet mail smtp\nQUIT");
    ck_assert_int_eq(last_of(world, TRACE_CLOSE)->by, BY_SERVER);
    ck_assert_uint_eq(count_of(world, TRACE_CLOSE), 3);
    world_end(world);
}
END_TEST

START_TEST(test_finish)
{
    struct world *world = world_default();
    struct error why;
    uint32_t closed[3] = { 0 };
    size_t count = 0;
    run(world,
        "on desktop\ntelnet mail smtp\n:on till\ntelnet mail pop3\n:on laptop\ntelnet mail imap");
    ck_assert(world_finish(world, &why));
    for (uint64_t number = 0; number < trace_end(world->trace); number++)
        if (trace_at(world->trace, number)->kind == TRACE_CLOSE && count < 3)
            closed[count++] = trace_at(world->trace, number)->conn;
    ck_assert_uint_eq(count, 3);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_uint_eq(closed[i], i + 1);
    world_end(world);
}
END_TEST

/* g. */
START_TEST(test_send)
{
    struct world *world = world_default();
    answers(world, "send \"x\"", false, "connected to nobody");
    run(world, "telnet mail smtp\n:send \"NO\"\n:send \"OP\\r\\nVRFY \\x62o\\r\"");
    ck_slice(last_line(world, SIDE_CLIENT), SLICE("NOOP"));
    run(world, ":send \"\\n\"");
    ck_slice(last_line(world, SIDE_CLIENT), SLICE("VRFY bo"));
    answers(world, ":send \"\"", true, "Sent 0 octets");
    refuses(world, ":send NOOP", "in quotes", 6);
    refuses(world, ":send \"a", "in quotes", 6);
    refuses(world, ":send \"\\q\"", "in quotes", 6);
    refuses(world, ":send \"\\x4\"", "in quotes", 6);
    refuses(world, ":send \"a\" b", "in quotes", 6);
    world_end(world);
}
END_TEST

/* i. */
static bool history_gather(void *context, int64_t number, slice line)
{
    (void)number;
    return buf_add(context, line) && buf_add_char(context, '\n');
}

START_TEST(test_history)
{
    struct world *world = world_default();
    struct refused refused;
    struct buf history = BUF_MAX(65536);
    run(world, "# not this\n\nwait 1s\ntelnet mail smtp\nEHLO x\n\n# to the server\n::x");
    run_slice(world, SLICE(":wiat"), &refused);
    run_slice(world, SLICE("a\0b\rc"), &refused);
    run(world, ":# not this\n:on desktop");
    run_slice(world, SLICE("EHLO"), &refused);
    run(world, "on laptop");
    struct error why;
    ck_assert(world_finish(world, &why));
    ck_assert(store_history(world->store, history_gather, &history));
    ck_assert_str_eq(
        buf_text(&history),
        "wait 1s\ntelnet mail smtp\nEHLO x\n\n# to the server\n::x\n"
        ":# refused: :wiat\n:# refused: a?b?c\n:on desktop\n:# refused: EHLO\non laptop\n:close\n");
    /* What is kept can be run: it comes to the same, comments and all. */
    struct world *again = world_default();
    run(again, buf_text(&history));
    ck_assert_uint_eq(again->script->inputs, world->script->inputs + 1); /* the :close */
    buf_free(&history);
    world_end(again);
    world_end(world);
}
END_TEST

/* --- the same twice ------------------------------------------------------------------------ */

static uint64_t digest_after(uint64_t seed, const char *script)
{
    struct error why = { "" };
    struct world *world = world_new(NULL, &seed, sim_tables, slice_of(default_world), SLICE("test"),
                                    &why);
    ck_assert_msg(world != NULL, "%s", why.text);
    run(world, script);
    ck_assert_msg(world_finish(world, &why), "%s", why.text);
    uint64_t digest = world_digest(world);
    world_end(world);
    return digest;
}

START_TEST(test_digest)
{
    static const char script[] = TO_DATA
        "Subject: x\n\nhello\n.\nQUIT\nwait 3d\ndig mx bakery.example";
    static const char other[] = TO_DATA
        "Subject: x\n\nhallo\n.\nQUIT\nwait 3d\ndig mx bakery.example";
    uint64_t digest = digest_after(1, script);
    ck_assert_uint_eq(digest, digest_after(1, script));
    ck_assert_uint_ne(digest, digest_after(2, script));
    ck_assert_uint_ne(digest, digest_after(1, other));
}
END_TEST

/* --- words ----------------------------------------------------------------------------------- */

static const struct {
    const char *text;
    bool ok;
    uint64_t ms;
    size_t left;
} durations[] = {
    { "90s", true, 90000, 0 },     { "2h30m", true, 9000000, 0 }, { "7d", true, 604800000, 0 },
    { "20ms", true, 20, 0 },       { "1d2h3m4s5ms", true, 93784005, 0 },
    { "0s", true, 0, 0 },          { "5m x", true, 300000, 2 },   { "366d", true, 31622400000, 0 },
    { "", false, 0, 0 },           { "5", false, 0, 1 },          { "m", false, 0, 1 },
    { "5x", false, 0, 2 },         { "5m2h", false, 0, 4 },       { "1h1h", false, 0, 4 },
    { "5sx", false, 0, 3 },        { "-5s", false, 0, 3 },        { " 5s", false, 0, 3 },
    { "367d", false, 0, 4 },       { "366d1ms", false, 0, 7 },    { "1 day", true, 86400000, 0 },
    { "5 s", true, 5000, 0 },      { "2 hours 5", true, 7200000, 2 }, { "3 weekends", false, 0, 10 },
    { "99999999999999999999d", false, 0, 21 },
    { "5 Min", true, 300000, 0 },  { "10 sec", true, 10000, 0 },  { "2 Weeks", true, 1209600000, 0 },
};

START_TEST(test_durations)
{
    slice rest = slice_of(durations[_i].text);
    uint64_t ms = 0;
    ck_assert_msg(duration_read(&rest, &ms) == durations[_i].ok, "%s", durations[_i].text);
    ck_assert_uint_eq(ms, durations[_i].ms);
    ck_assert_uint_eq(rest.len, durations[_i].left);
}
END_TEST

static const struct {
    const char *text;
    bool ok;
    const char *octets;
    size_t octets_len;
} quoted[] = {
    { "\"\"", true, "", 0 },
    { "\"ana\"", true, "ana", 3 },
    { "\"a\\r\\n\\t\\\\\\\"\\'\\?\"", true, "a\r\n\t\\\"'?", 8 },
    { "\"\\a\\b\\f\\v\"", true, "\a\b\f\v", 4 },
    { "\"\\x41\\x4a4\\xfF\"", true, "AJ4\xff", 4 },
    { "\"\\0\\0061\\7\\377\"", true, "\0\0061\7\377", 5 },
    { "\"\\0ana\\0tulip\"", true, "\0ana\0tulip", 10 },
    { "ana", false, "", 0 },
    { "\"ana", false, "", 0 },
    { "\"\\\"", false, "", 0 },
    { "\"\\", false, "", 0 },
    { "\"\\x4\"", false, "", 0 },
    { "\"\\xg0\"", false, "", 0 },
    { "\"\\400\"", false, "", 0 },
    { "\"\\8\"", false, "", 0 },
    { "\"\\q\"", false, "", 0 },
    { "", false, "", 0 },
};

START_TEST(test_quoted)
{
    struct buf octets = BUF_MAX(64);
    slice rest = slice_of(quoted[_i].text);
    ck_assert_msg(quoted_read(&rest, &octets) == quoted[_i].ok, "%s", quoted[_i].text);
    if (quoted[_i].ok)
        ck_slice(buf_slice(&octets), ((slice){ quoted[_i].octets, quoted[_i].octets_len }));
    ck_assert_uint_eq(rest.len, quoted[_i].ok ? 0 : strlen(quoted[_i].text));
    buf_free(&octets);
}
END_TEST

/* --- reserved names ----------------------------------------------------------------------- */

START_TEST(test_reserved)
{
    static const char *const names[] = {
        "undo", "redo", "restart", "rewind", "fork", "branches", "go", "diff", "lesson", "goal",
        "hint", "answer", "handin", "states", "why", "log", "tap", "mail", "contrast",
        "serve", "export", "import", "save", "exit",
    };
    for (size_t i = 0; i < COUNT(names); i++)
        ck_assert_msg(command_find(sim_tables, slice_of(names[i])), "%s is not reserved", names[i]);
    for (const struct command *command = sim_commands; command->name; command++) {
        ck_assert_msg(command->usage && command->meaning, "%s explains nothing", command->name);
        for (const struct command *other = sim_commands; other != command; other++)
            ck_assert_str_ne(command->name, other->name);
        for (size_t i = 0; command->name[i]; i++)
            ck_assert((command->name[i] >= 'a' && command->name[i] <= 'z') ||
                      command->name[i] == '6' || command->name[i] == '4');
    }
}
END_TEST

/* A command is heard in any case, whatever its run makes of the line. */
START_TEST(test_capitals)
{
    for (const struct command *command = sim_commands; command->name; command++) {
        char line[64] = "";
        size_t len = 0;
        struct refused refused;
        struct world *world = world_default();
        for (const char *at = command->name; *at; at++)
            line[len++] = (char)(*at >= 'a' && *at <= 'z' ? *at - 32 : *at);
        bool verb = strcmp(line, "MAIL") == 0 || strcmp(line, "USER") == 0;
        if (run_slice(world, (slice){ line, len }, &refused) == LINE_UNREADABLE && command->run &&
            !verb) /* it may want more words, but it is known */
            ck_assert_msg(!strstr(refused.why.text, "no command") &&
                          !strstr(refused.why.text, "mean"), "%s: %s", line, refused.why.text);
        line[len++] = ' ';
        line[len++] = 'x';
        run_slice(world, (slice){ line, len }, &refused);
        world_end(world);
    }
}
END_TEST

/* What is built in another table wins over the reserved name, wherever it stands. */
static bool leave(struct call *call)
{
    call->leave = true;
    return call->args.len == 0 || call_refuse(call, call->args, "no");
}

START_TEST(test_tables)
{
    static const struct command front[] = {
        { "exit", "exit", "leaves", COMPLETES_NOTHING, leave },
        { NULL, NULL, NULL, COMPLETES_NOTHING, NULL },
    };
    static const struct command *const tables[] = { sim_commands, front, NULL };
    struct error why;
    struct refused refused;
    struct world *world = world_new(NULL, NULL, tables, slice_of(default_world), SLICE("test"),
                                    &why);
    ck_assert_ptr_eq(command_find(tables, SLICE("exit")), &front[0]);
    ck_assert_int_eq(run_slice(world, SLICE("exit now"), &refused), LINE_UNREADABLE);
    ck_assert_uint_eq(refused.at, 5);
    ck_assert_int_eq(run_slice(world, SLICE("exit"), &refused), LINE_LEAVE);
    run(world, "telnet mail smtp");
    ck_assert_int_eq(run_slice(world, SLICE("exit"), &refused), LINE_RUN);
    ck_assert_int_eq(run_slice(world, SLICE(":exit"), &refused), LINE_LEAVE);
    world_end(world);
}
END_TEST

/* A world without anybody in it. */
START_TEST(test_empty_world)
{
    struct world *world = world_of("");
    ck_assert_ptr_null(world->here);
    refuses(world, "telnet mail smtp", "no device", 7);
    refuses(world, "dig mx campus.example", "no device", 4);
    answers(world, "users", true, "Nobody");
    answers(world, "hosts", true, "no machine");
    answers(world, "on", true, "no device");
    answers(world, "help", true, "help");
    answers(world, "sample", false, "connected to nobody");
    refuses(world, "check reply begins 2", "no device", 20);
    run(world, "host m.example.org serves smtp for example.org\nuser a@example.org password b\n"
               "device box of a@example.org imap\ntelnet m smtp\nEHLO x\nQUIT");
    ck_assert_str_eq(world->here->name, "box");
    world_end(world);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("script");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, test_lines, 0, COUNT(lines));
    tcase_add_test(cases, test_literal);
    tcase_add_test(cases, test_unreadable);
    tcase_add_test(cases, test_long_line);
    tcase_add_test(cases, test_close_with_unsent);
    tcase_add_test(cases, test_who_closed);
    tcase_add_test(cases, test_devices);
    tcase_add_test(cases, test_close_and_cut);
    tcase_add_test(cases, test_finish);
    tcase_add_test(cases, test_send);
    tcase_add_test(cases, test_history);
    tcase_add_test(cases, test_digest);
    tcase_add_loop_test(cases, test_durations, 0, COUNT(durations));
    tcase_add_loop_test(cases, test_quoted, 0, COUNT(quoted));
    tcase_add_test(cases, test_reserved);
    tcase_add_test(cases, test_capitals);
    tcase_add_test(cases, test_tables);
    tcase_add_test(cases, test_empty_world);
    return run_cases("script", cases);
}
