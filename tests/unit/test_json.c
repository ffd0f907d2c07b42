/* test_json.c: the trace as JSON: kinds, keys and their order, and texts that are no text. */
#include "views/json.h"

#include "sim/devices/device.h"
#include "tests/unit/language.h"

/* Everything that the trace of these lines says. */
static char *json_of(const char *lines)
{
    struct world *world = world_default();
    struct conns conns = { 0 };
    struct buf out = BUF_MAX(1u << 20);
    run(world, lines);
    conns_read(&conns, world->trace);
    for (uint64_t number = trace_first(world->trace); number < trace_end(world->trace); number++)
        json_record(&out, world, &conns, trace_at(world->trace, number));
    char *text = strdup(buf_text(&out));
    buf_free(&out);
    conns_free(&conns);
    world_end(world);
    return text;
}

static void has_line(const char *json, const char *line)
{
    struct buf wanted = BUF_MAX(4096);
    buf_format(&wanted, "%s\n", line);
    const char *found = strstr(json, buf_text(&wanted));
    ck_assert_msg(found && (found == json || found[-1] == '\n'), "no line %s in:\n%s", line, json);
    buf_free(&wanted);
}

START_TEST(keys_stand_in_their_order)
{
    char *json = json_of(
        "telnet mail.campus.example 25\nEHLO laptop.campus.example\nRCPT TO:<x@y>\nQUIT\n"
        ":check server bo@campus.example INBOX has 1 message\n");
    has_line(json, "{\"t\":0,\"kind\":\"input\",\"device\":\"laptop\",\"line\":\"telnet "
                   "mail.campus.example 25\"}");
    ck_assert_ptr_nonnull(
        strstr(json, "\"kind\":\"open\",\"conn\":1,\"protocol\":\"smtp\",\"client\":\"laptop\","
                     "\"server\":\"mail.campus.example\",\"port\":25,\"typed\":true}\n"));
    ck_assert_ptr_nonnull(
        strstr(json, "\"kind\":\"line\",\"conn\":1,\"from\":\"server\",\"text\":\"220 "));
    ck_assert_ptr_nonnull(strstr(json, "\"kind\":\"line\",\"conn\":1,\"from\":\"client\","
                                 "\"text\":\"EHLO laptop.campus.example\"}\n"));
    ck_assert_ptr_nonnull(
        strstr(json, "\"kind\":\"state\",\"conn\":1,\"before\":\"CONNECTED\",\"event\":\"EHLO\","
                     "\"outcome\":\"OK\",\"after\":\"READY\",\"rfc\":\"5321 4.1.1.1\"}\n"));
    ck_assert_ptr_nonnull(
        strstr(json, "\"event\":\"RCPT\",\"outcome\":\"WRONG_TIME\",\"after\":\"READY\""));
    ck_assert_ptr_nonnull(strstr(json, "\"kind\":\"close\",\"conn\":1,\"by\":\"server\"}\n"));
    ck_assert_ptr_nonnull(strstr(
        json, "\"kind\":\"answer\",\"command\":\"telnet\",\"ok\":true,\"text\":\"Connected"));
    ck_assert_ptr_nonnull(
        strstr(json, "\"kind\":\"check\",\"text\":\"server bo@campus.example INBOX has 1 message\","
                     "\"ok\":true,\"found\":\"1 message\"}\n"));
    free(json);
}
END_TEST

START_TEST(other_kinds_have_none)
{
    char *json = json_of("telnet mail smtp\nQUIT\n:dig mx bakery.example\n");
    ck_assert_ptr_null(strstr(json, "segment"));
    for (const char *at = json; *at; at = strchr(at, '\n') + 1) {
        static const char *const kinds[] = { "input", "open",   "line",  "state",
                                             "close", "answer", "check", "end" };
        const char *kind = strstr(at, "\"kind\":\"");
        bool known = false;
        for (size_t i = 0; i < COUNT(kinds); i++)
            known = known || strncmp(kind + 8, kinds[i], strlen(kinds[i])) == 0;
        ck_assert_msg(strncmp(at, "{\"t\":", 5) == 0 && known, "%s", at);
    }
    free(json);
}
END_TEST

static const struct {
    slice text;
    const char *json;
    bool latin1;
} texts[] = {
    { { "", 0 }, "\"\"", false },
    { { "a\"b\\c", 5 }, "\"a\\\"b\\\\c\"", false },
    { { "\0\x01\b\t\n\v\f\r\x1f", 9 }, "\"\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f\"", false },
    { { "\x7f\xc2\x80\xc2\x9f\xc2\xa0", 7 }, "\"\\u007f\\u0080\\u009f\xc2\xa0\"", false },
    { { "\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa", 9 }, "\"\\u2028\\u2029\xe2\x80\xaa\"", false },
    { { "\xf0\x9f\x98\x80", 4 }, "\"\xf0\x9f\x98\x80\"", false },
    { { "caf\xe9", 4 }, "\"caf\xc3\xa9\"", true },
    { { "\xff\x80", 2 }, "\"\xc3\xbf\\u0080\"", true },
    { { "\xed\xa0\x80", 3 }, "\"\xc3\xad\xc2\xa0\\u0080\"", true }, /* a surrogate */
    { { "\xc0\xaf", 2 }, "\"\xc3\x80\xc2\xaf\"", true },            /* an overlong slash */
    { { "\xc3\xa9\xe9", 3 },
      "\"\xc3\x83\xc2\xa9\xc3\xa9\"",
      true }, /* all of it, not only the wrong octet */
};

START_TEST(text_is_escaped)
{
    struct buf out = BUF_MAX(1024);
    bool latin1 = json_text(&out, texts[_i].text);
    ck_assert_str_eq(buf_text(&out), texts[_i].json);
    ck_assert_int_eq(latin1, texts[_i].latin1);
    buf_free(&out);
}
END_TEST

static char *json_of_input(slice text)
{
    struct world *world = world_default();
    struct conns conns = { 0 };
    struct buf out = BUF_MAX(1u << 20);
    struct trace_record record = { .kind = TRACE_INPUT, .host = world->here->host, .text = text };
    trace_add(world->trace, 0, &record);
    ck_assert(
        json_record(&out, world, &conns, trace_at(world->trace, trace_end(world->trace) - 1)));
    char *json = strdup(buf_text(&out));
    buf_free(&out);
    world_end(world);
    return json;
}

START_TEST(long_lines_are_cut)
{
    struct buf line = BUF_MAX(200000);
    for (size_t i = 0; i < TRACE_LINE_MAX; i++)
        buf_add_char(&line, 'x');
    char *json = json_of_input(buf_slice(&line));
    ck_assert_ptr_null(strstr(json, "bytes"));
    free(json);
    buf_add_char(&line, 'z');
    json = json_of_input(buf_slice(&line));
    ck_assert_ptr_nonnull(strstr(json, "x\",\"bytes\":65537}\n"));
    ck_assert_ptr_null(strchr(json, 'z'));
    free(json);
    buf_free(&line);
}
END_TEST

/* A cut inside a character leaves it out; the text is UTF-8 still. */
START_TEST(cuts_fall_between_characters)
{
    struct buf line = BUF_MAX(200000);
    buf_add_char(&line, 'x');
    while (line.len < TRACE_LINE_MAX + 10)
        buf_add_text(&line, "\xe2\x82\xac");
    char *json = json_of_input(buf_slice(&line));
    ck_assert_ptr_null(strstr(json, "latin1"));
    ck_assert_ptr_nonnull(strstr(json, "\xe2\x82\xac\",\"bytes\":"));
    free(json);
    buf_free(&line);
}
END_TEST

START_TEST(latin1_is_marked)
{
    char *json = json_of_input(SLICE("caf\xe9"));
    has_line(json, "{\"t\":0,\"kind\":\"input\",\"device\":\"laptop\",\"line\":\"caf\xc3\xa9\","
                   "\"latin1\":true}");
    free(json);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("json");
    tcase_add_test(tests, keys_stand_in_their_order);
    tcase_add_test(tests, other_kinds_have_none);
    tcase_add_loop_test(tests, text_is_escaped, 0, COUNT(texts));
    tcase_add_test(tests, long_lines_are_cut);
    tcase_add_test(tests, cuts_fall_between_characters);
    tcase_add_test(tests, latin1_is_marked);
    return run_cases("json", tests);
}
