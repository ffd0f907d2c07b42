/* test_text.c: what people are shown. No control character of somebody else's reaches a
   terminal, whatever octets a message or a line holds; and the forms of one exchange. */
#include "servers/mail/encoding.h"
#include "sim/language/build.h"
#include "tests/unit/language.h"
#include "views/clean.h"
#include "views/exchange.h"
#include "views/reflow.h"
#include "views/utf8.h"
#include "views/views.h"
#include "views/wrap.h"

static const struct command *const tables[] = { sim_commands, view_commands, NULL };

/* --- cleaning ----------------------------------------------------------------------------- */

static bool point_is_harmless(uint32_t point, bool utf8)
{
    bool control = point < 0x20 || (point >= 0x7f && point <= 0x9f);
    bool turns = (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069) ||
                 point == 0x200e || point == 0x200f || point == 0x061c;
    bool ends = point == 0x2028 || point == 0x2029;
    return !control && !turns && !ends && (utf8 || point < 0x7f);
}

/* What could move a cursor, switch a character set or turn a line round. Check notes down
   every assertion that holds, so there is one only for what does not. */
static void check_safe(slice text, bool utf8)
{
    slice rest = text;
    uint32_t point;
    while (rest.len) {
        if (!utf8_take(&rest, &point))
            ck_abort_msg("no UTF-8 in \"%.*s\"", SLICE_ARG(text));
        if (!point_is_harmless(point, utf8))
            ck_abort_msg("U+%04X came through", point);
    }
}

static void clean_and_check(slice text, bool utf8)
{
    static struct buf out; /* one for all: there are many of these */
    out.max = 1u << 20;
    buf_clear(&out);
    clean_add(&out, text, utf8);
    check_safe(buf_slice(&out), utf8);
    buf_clear(&out);
    clean_add_octets(&out, text, utf8);
    check_safe(buf_slice(&out), utf8);
}

static void format(struct buf *out, bool utf8, const char *text, ...)
{
    va_list list;
    va_start(list, text);
    clean_format_list(out, utf8, text, list);
    va_end(list);
}

START_TEST(a_format_is_trusted_and_its_texts_are_not)
{
    struct buf out = BUF_MAX(1000);
    format(&out, true, "%s:\n%.*s %d%% %u %zu %ld %llu\n", "a\033[1m\nb", 2, "c\rd", -7, 8u,
           (size_t)9, 10L, 11ull);
    ck_assert_str_eq(buf_text(&out), "a\\x1B[1m\\nb:\nc\\r -7% 8 9 10 11\n");
    buf_free(&out);
}
END_TEST

START_TEST(what_was_drawn_keeps_its_lines_and_its_colours)
{
    struct buf out = BUF_MAX(1000);
    slice drawn = SLICE("\033[1mbold\033[0m\n\033[2J\033]0;x\007\033[31\r\x9b");
    clean_add_drawn(&out, drawn, true, true);
    ck_assert_str_eq(buf_text(&out),
                     "\033[1mbold\033[0m\n\\x1B[2J\\x1B]0;x\\x07\\x1B[31\\r\\x9B");
    buf_clear(&out);
    clean_add_drawn(&out, drawn, false, true);
    ck_assert_str_eq(buf_text(&out),
                     "\\x1B[1mbold\\x1B[0m\n\\x1B[2J\\x1B]0;x\\x07\\x1B[31\\r\\x9B");
    buf_free(&out);
}
END_TEST

/* What was typed and what was a control never look alike. */
START_TEST(octets_are_shown_unambiguously)
{
    static const struct {
        const char *octets, *shown;
    } cases[] = {
        { "\\Seen (\\*)", "\\Seen (\\*)" }, { "\n", "\\n" },       { "\\n", "\\\\n" },
        { "\\\n", "\\\\\\n" },              { "\\\\n", "\\\\\\\\n" }, { "\t\\t", "\\t\\\\t" },
        { "\\x41\x1b", "\\\\x41\\x1B" },   { "\\", "\\" },       { "\\\xff", "\\\\\\xFF" },
    };
    struct buf out = BUF_MAX(1000);
    for (size_t i = 0; i < COUNT(cases); i++) {
        buf_clear(&out);
        clean_add_octets(&out, slice_of(cases[i].octets), true);
        ck_assert_str_eq(buf_text(&out), cases[i].shown);
    }
    buf_free(&out);
}
END_TEST

/* Joiners and variation selectors shape the character beside them; a soft hyphen, a filler and
   their kin are only there to hide something. */
START_TEST(what_cannot_be_seen_is_named)
{
    static const struct {
        const char *text, *shown;
    } cases[] = {
        { "pay\u00ADpal", "pay\\xADpal" },     { "a\u034Fb", "a\\u034Fb" },
        { "a\u3164b", "a\\u3164b" },           { "a\u115Fb", "a\\u115Fb" },
        { "a\u200Bb", "a\\u200Bb" },           { "a\u2066b", "a\\u2066b" },
        { "a\U000E0041b", "a\\U000E0041b" },   { "a\U000E0100b", "a\\U000E0100b" },
        { "\u0915\u094D\u200D\u0937", "\u0915\u094D\u200D\u0937" },
        { "\u2764\uFE0F", "\u2764\uFE0F" },
    };
    struct buf out = BUF_MAX(1000);
    for (size_t i = 0; i < COUNT(cases); i++) {
        buf_clear(&out);
        clean_add(&out, slice_of(cases[i].text), true);
        ck_assert_str_eq(buf_text(&out), cases[i].shown);
    }
    buf_free(&out);
}
END_TEST

START_TEST(every_octet_is_safe)
{
    char pair[2];
    for (int first = 0; first < 256; first++)
        for (int second = 0; second < 256; second++) {
            pair[0] = (char)first;
            pair[1] = (char)second;
            clean_and_check((slice){ pair, 2 }, true);
            clean_and_check((slice){ pair, 2 }, false);
        }
}
END_TEST

START_TEST(every_character_is_safe)
{
    struct buf one = BUF_MAX(8);
    for (uint32_t point = 0; point < 0x110000; point += point < 0x3000 ? 1 : 13) {
        if (point >= 0xd800 && point < 0xe000)
            continue;
        buf_clear(&one);
        utf8_add(&one, point);
        clean_and_check(buf_slice(&one), true);
    }
    buf_free(&one);
}
END_TEST

START_TEST(random_octets_are_safe)
{
    struct random random = random_stream(7, SLICE("test"), "octets");
    char octets[64];
    for (int round = 0; round < 20000; round++) {
        size_t len = (size_t)random_below(&random, sizeof octets);
        for (size_t i = 0; i < len; i++)
            octets[i] = (char)random_below(&random, 256);
        clean_and_check((slice){ octets, len }, true);
        clean_and_check((slice){ octets, len }, false);
    }
}
END_TEST

static const struct {
    slice text;
    const char *shown;
    bool utf8;
} cleaned[] = {
    { { "plain", 5 }, "plain", true },
    { { "\033[2J", 4 }, "\\x1B[2J", true },
    { { "a\tb", 3 }, "a       b", true },
    { { "1234567\tb", 9 }, "1234567 b", true },
    { { "12345678\tb", 10 }, "12345678        b", true },
    { { "a\r\0b\n", 5 }, "a\\r\\x00b\\n", true },
    { { "caf\xc3\xa9", 5 }, "caf\xc3\xa9", true },
    { { "caf\xc3\xa9", 5 }, "caf\\xE9", false },
    { { "caf\xe9", 4 }, "caf\\xE9", true },
    { { "\xc2\x9b" "31m", 5 }, "\\x9B31m", true },
    { { "\xe2\x80\xae" "gnp.exe", 10 }, "\\u202Egnp.exe", true },
    { { "\xe2\x81\xa6x", 4 }, "\\u2066x", true },
    { { "\xf0\x9f\x98\x80", 4 }, "\xf0\x9f\x98\x80", true },
    { { "\xf0\x9f\x98\x80", 4 }, "\\U0001F600", false },
};

START_TEST(controls_become_visible)
{
    struct buf out = BUF_MAX(1024);
    clean_add(&out, cleaned[_i].text, cleaned[_i].utf8);
    ck_assert_str_eq(buf_text(&out), cleaned[_i].shown);
    buf_free(&out);
}
END_TEST

static const struct {
    const char *text;
    size_t columns;
} widths[] = {
    { "", 0 },
    { "abc", 3 },
    { "\xc3\xa9", 1 },
    { "e\xcc\x81", 1 },
    { "\xe6\x97\xa5\xe6\x9c\xac", 4 },
    { "\xf0\x9f\x98\x80", 2 },
    { "\xef\xbd\x81", 2 },
    { "\xff", 1 },
};

START_TEST(columns_are_counted)
{
    slice text = slice_of(widths[_i].text);
    ck_assert_uint_eq(utf8_width(text), widths[_i].columns);
    for (size_t columns = 0; columns <= widths[_i].columns; columns++)
        ck_assert_uint_le(utf8_width(utf8_fit(text, columns)), columns);
    ck_assert_uint_eq(utf8_fit(text, widths[_i].columns).len, text.len);
}
END_TEST

START_TEST(commands_are_not_broken)
{
    struct buf out = BUF_MAX(1024);
    wrap_add(&out, SLICE("connected to none. Type  telnet mail smtp  and then your EHLO again."), 3,
             3, 40);
    ck_assert_str_eq(
        buf_text(&out),
        "connected to none. Type\n   telnet mail smtp  and then your EHLO\n   again.\n");
    buf_free(&out);
}
END_TEST

/* --- exchanges ---------------------------------------------------------------------------- */

struct stage {
    struct world *world;
    struct front front;
    uint64_t shown;
};

static struct stage stage_of(struct look look)
{
    struct error why = { "" };
    struct stage stage = { .front.look = look };
    stage.world = world_new(NULL, NULL, tables, slice_of(default_world), SLICE("default"), &why);
    ck_assert_msg(stage.world != NULL, "%s", why.text);
    return stage;
}

/* Runs the lines; what the last of them showed is left in out. */
static void play(struct stage *stage, const char *lines, struct buf *out)
{
    slice rest = slice_of(lines);
    stage->world->front = &stage->front;
    while (rest.len) {
        slice line = take_until(&rest, '\n');
        struct refused refused;
        bool command = script_line_is_command(stage->world, line);
        run_slice(stage->world, line, &refused);
        conns_read(&stage->front.conns, stage->world->trace);
        buf_clear(out);
        uint64_t end = trace_end(stage->world->trace);
        exchange_show(out, stage->world, &stage->front, stage->shown, end, command);
        stage->shown = end;
    }
}

static void stage_end(struct stage *stage)
{
    conns_free(&stage->front.conns);
    world_end(stage->world);
}

static const struct look fancy = { .utf8 = true, .columns = 80 };
static const struct look plain = {
    .plain = true, .utf8 = true, .echo = true, .whole = true, .columns = 80
};

#define GREETED "telnet mail smtp\nEHLO laptop\n"
#define MESSAGE_BEGUN GREETED "MAIL FROM:<ana@campus.example>\nRCPT TO:<bo@campus.example>\nDATA\n"
#define LOGGED_IN "telnet mail pop3\nUSER ana\nPASS tulip\n"

static const struct {
    const char *lines, *shown;
} texts[] = {
    { GREETED "MAIL FROM:<ana@campus.example>\n",
      "S: 250 2.1.0 Ok\n   READY --MAIL--> MAILED      next RCPT     also RSET QUIT NOOP "
      "(+4 :help)\n" },
    { GREETED "RCPT TO:<bo@campus.example>\n",
      "S: 503 5.5.1 Need MAIL before RCPT\n"
      "   READY, stays. Refused: There is no message yet: MAIL begins one, then RCPT\n"
      "   adds a recipient.\n   next MAIL     :why\n" },
    { GREETED "QUIT\n",
      "S: 221 2.0.0 Bye\n   READY --QUIT--> CLOSED\n"
      "   The server closed the connection. Commands go to Pennypost again ($).\n" },
    { GREETED "MAIL FROM:ana@campus.example\n",
      "S: 501 5.1.7 The address needs < and > around it: MAIL FROM:<ana@campus.example>\n"
      "   READY, stays. Refused: An address stands between < and >, and they are\n   missing.\n"
      "   try  MAIL FROM:<ana@campus.example>     :why\n" },
    { GREETED "states\n",
      "S: 500 5.5.2 Command unrecognized\n"
      "   READY, stays. Refused: \"states\" is a command of Pennypost; without a colon it\n"
      "   went to the server.\n   try  :states     :why\n"
      "   Now just  :  is enough.\n" },
    { MESSAGE_BEGUN "QUIT\n",
      "   You are still writing the message, so \"QUIT\" became a line of it.\n"
      "   A line with only a dot ends the message.\n" },
    { MESSAGE_BEGUN "QUIT\nQUIT\n", "" },
    { MESSAGE_BEGUN ":-)\n", "" },
    { MESSAGE_BEGUN "..two\n", "" },
    { MESSAGE_BEGUN ".one\n",
      "   note: the server takes a dot off the start of a line; type two to keep one.\n" },
    { LOGGED_IN "DELE 1\nQUIT\n",
      "S: +OK goodbye, 1 removed, 3 left\n   TRANSACTION --QUIT--> UPDATE --REMOVED--> CLOSED\n"
      "   The server closed the connection. Commands go to Pennypost again ($).\n" },
    { "telnet mail submission\nEHLO laptop\nAUTH LOGIN\n",
      "S: 334 VXNlcm5hbWU6\n   note: the server asks \"Username:\" (base64)\n   READY --AUTH--> "
      "AUTHENTICATING\n"
      "   now your answer in base64 (:base64 TEXT), or * to give up\n" },
};

START_TEST(text_of_an_exchange)
{
    struct stage stage = stage_of(fancy);
    struct buf out = BUF_MAX(EXCHANGE_OUTPUT_MAX);
    play(&stage, texts[_i].lines, &out);
    ck_assert_str_eq(buf_text(&out), texts[_i].shown);
    stage_end(&stage);
    buf_free(&out);
}
END_TEST

static const struct {
    const char *message, *note;  /* NULL: none */
} messages[] = {
    { "Subject: x\n\ntext\n", NULL },
    { "", "the dot came at once" },
    { "Subject: x\ntext\n", "no empty line ended the header" },
    { "just text\n", "no header and no empty line" },
};

START_TEST(messages_without_an_empty_line)
{
    struct stage stage = stage_of(fancy);
    struct buf out = BUF_MAX(EXCHANGE_OUTPUT_MAX);
    play(&stage, MESSAGE_BEGUN, &out);
    play(&stage, messages[_i].message, &out);
    play(&stage, ".\n", &out);
    if (messages[_i].note)
        ck_assert_ptr_nonnull(strstr(buf_text(&out), messages[_i].note));
    else
        ck_assert_ptr_null(strstr(buf_text(&out), "note:"));
    stage_end(&stage);
    buf_free(&out);
}
END_TEST

START_TEST(early_dot_is_told)
{
    struct stage stage = stage_of(fancy);
    struct buf out = BUF_MAX(EXCHANGE_OUTPUT_MAX);
    play(&stage, MESSAGE_BEGUN "Subject: x\n\na\n.\nb\n", &out);
    ck_assert_ptr_nonnull(strstr(buf_text(&out), "the dot before this line ended the message"));
    play(&stage, "c\n", &out);
    ck_assert_ptr_null(strstr(buf_text(&out), "the dot before"));
    stage_end(&stage);
    buf_free(&out);
}
END_TEST

START_TEST(long_replies_are_cut)
{
    struct stage stage = stage_of(fancy);
    struct buf out = BUF_MAX(EXCHANGE_OUTPUT_MAX);
    play(&stage, LOGGED_IN "RETR 1\n", &out);
    ck_assert_ptr_nonnull(strstr(buf_text(&out), "\u2026 "));
    ck_assert_ptr_nonnull(strstr(buf_text(&out), "5 header lines (:more)"));
    ck_assert_ptr_nonnull(strstr(buf_text(&out), "S: Subject: Lunch?\n"));
    ck_assert_ptr_nonnull(strstr(buf_text(&out), "the canteen has soup"));
    ck_assert_ptr_nonnull(strstr(buf_text(&out), "S: .\n"));
    play(&stage, ":more\n", &out);
    ck_assert_ptr_nonnull(strstr(buf_text(&out), "S: Message-ID: <"));
    ck_assert_ptr_null(strstr(buf_text(&out), "the canteen has soup"));
    play(&stage, ":more\n", &out);
    ck_assert_str_eq(buf_text(&out), "That was all of it.\n");
    /* The middle of a long text goes too, and in a large window nothing does. */
    play(&stage, "RETR 2\n", &out);
    size_t lines = 0;
    for (const char *at = buf_text(&out); (at = strstr(at, "S: ")) != NULL; at++)
        lines++;
    ck_assert_uint_eq(lines, FOLD_HEAD_LINES + FOLD_TAIL_LINES);
    stage.front.look.rows = 60;
    play(&stage, "RETR 2\n", &out);
    ck_assert_ptr_null(strstr(buf_text(&out), "(:more)"));
    stage_end(&stage);
    buf_free(&out);
}
END_TEST

/* --- windows that are narrower than what was drawn ------------------------------------------ */

static const struct {
    const char *drawn, *fitted;
} narrow[] = {
    { "S: a1 OK LOGIN completed at once\n", "S: a1 OK LOGIN\n   completed at\n   once\n" },
    { "\033[1mS: 250 \033[0m2.0.0 Ok: queued\n", "\033[1mS: 250 \033[0m2.0.0 Ok:\n   queued\n" },
    { "S: abcdefghijklmnopqrstuvw\n", "S: abcdefghijklm\n   nopqrstuvw\n" },
    { " Try    one and two more\n", " Try    one and\n        two more\n" },
    { "a1 NOOP              does nothing\n", "a1 NOOP\n    does nothing\n" },
    { "                  goes on\n", "     goes on\n" },
    { "short\n\nx", "short\n\nx" },
};

START_TEST(lines_break_at_blanks)
{
    struct buf out = BUF_MAX(4096);
    reflow_add(&out, slice_of(narrow[_i].drawn), 16);
    ck_assert_str_eq(buf_text(&out), narrow[_i].fitted);
    buf_free(&out);
}
END_TEST

/* What was broken at 80 columns is one line again: its next word had no room there. Rows of a
   table, paragraphs and octets stay apart. */
static const struct {
    const char *drawn, *joined;
} broken[] = {
    { " Cause  DELE marked the message; nothing is removed yet. QUIT leads to UPDATE,\n"
      "        which removes.\n",
      " Cause  DELE marked the message; nothing is removed yet. QUIT leads to UPDATE, "
      "which removes.\n" },
    { "A sentence that has room for more in its line.\nAnother one.\n",
      "A sentence that has room for more in its line.\nAnother one.\n" },
    { " Mon 05 09:00 ana/phone      IMAP: removed from ana's INBOX, by hand  <== here\n"
      " Mon 05 09:00 ana/laptop     a copy\n",
      " Mon 05 09:00 ana/phone      IMAP: removed from ana's INBOX, by hand  <== here\n"
      " Mon 05 09:00 ana/laptop     a copy\n" },
    { "0123456789012345678901234567890123456789012345678901234567890123456789012345678\n\nx\n",
      "0123456789012345678901234567890123456789012345678901234567890123456789012345678\n\nx\n" },
};

START_TEST(sentences_are_joined)
{
    struct buf out = BUF_MAX(4096);
    reflow_join(&out, slice_of(broken[_i].drawn));
    ck_assert_str_eq(buf_text(&out), broken[_i].joined);
    buf_free(&out);
}
END_TEST

/* A board that does not fit is told in sentences. */
START_TEST(narrow_boards_are_told)
{
    struct stage stage = stage_of(fancy);
    struct buf out = BUF_MAX(EXCHANGE_OUTPUT_MAX);
    stage.front.look.columns = 40;
    play(&stage, "board\n", &out);
    ck_assert_ptr_nonnull(strstr(buf_text(&out), "A, bo: Lunch?, 565 B. server: here seen. "
                                                 "laptop: never."));
    ck_assert_ptr_nonnull(strstr(buf_text(&out), "D, bo: Bicycle found 592 B. server: here new, "
                                                 "flagged."));
    stage_end(&stage);
    buf_free(&out);
}
END_TEST

static const struct {
    const char *lines, *shown;
} plains[] = {
    { GREETED "NOOP\n",
      "[laptop] C: NOOP\n[laptop] S: 250 2.0.0 Ok\n[laptop] = READY -> READY (NOOP, OK)\n" },
    { GREETED "MAIL FROM:<ana@campus.example>\n",
      "[laptop] C: MAIL FROM:<ana@campus.example>\n[laptop] S: 250 2.1.0 Ok\n"
      "[laptop] = READY -> MAILED (MAIL, OK)\n" },
    { GREETED ":close\n", "> close\n[laptop] = READY -> CLOSED (LOST, OK)\nConnection closed.\n" },
    { "check server bo@campus.example INBOX has 1 message\n",
      "> check server bo@campus.example INBOX has 1 message\n"
      "ok check server bo@campus.example INBOX has 1 message\n" },
    { "check server bo@campus.example INBOX has 7 messages\n",
      "> check server bo@campus.example INBOX has 7 messages\n"
      "FAILED check server bo@campus.example INBOX has 7 messages: found 1 message\n" },
};

START_TEST(plain_echo)
{
    struct stage stage = stage_of(plain);
    struct buf out = BUF_MAX(EXCHANGE_OUTPUT_MAX);
    play(&stage, plains[_i].lines, &out);
    ck_assert_str_eq(buf_text(&out), plains[_i].shown);
    stage_end(&stage);
    buf_free(&out);
}
END_TEST

START_TEST(other_machines_are_told_of)
{
    struct stage stage = stage_of(fancy);
    struct buf out = BUF_MAX(EXCHANGE_OUTPUT_MAX);
    play(&stage, "telnet mail submission\nEHLO laptop\nAUTH PLAIN AGFuYQB0dWxpcA==\n"
                 "MAIL FROM:<ana@campus.example>\nRCPT TO:<dora@bakery.example>\n:sample\n", &out);
    ck_assert_ptr_nonnull(
        strstr(buf_text(&out),
               "meanwhile: mail.campus -> mx.bakery, delivered to dora (:log mx.bakery)\n"));
    play(&stage, ":log mx.bakery\n", &out);
    ck_assert_ptr_nonnull(strstr(buf_text(&out), "C: RCPT TO:<dora@bakery.example>\n"));
    stage_end(&stage);
    buf_free(&out);
}
END_TEST

/* What is told of a queue comes from the record's own fields: an address may look like prose. */
START_TEST(a_sender_in_quotes_is_no_recipient)
{
    struct stage stage = stage_of(fancy);
    struct buf out = BUF_MAX(EXCHANGE_OUTPUT_MAX);
    play(&stage, "offline mx.bakery.example\ntelnet mail submission\nEHLO laptop\n"
                 "AUTH PLAIN AGFuYQB0dWxpcA==\nMAIL FROM:<\"a> to <z\"@campus.example>\n"
                 "RCPT TO:<dora@bakery.example>\n:sample\n", &out);
    ck_assert_ptr_nonnull(strstr(buf_text(&out), "not delivered yet to dora@bakery.example: "));
    ck_assert_ptr_null(strstr(buf_text(&out), "delivered yet to z"));
    stage_end(&stage);
    buf_free(&out);
}
END_TEST

START_TEST(arrivals_are_labelled)
{
    struct stage stage = stage_of(fancy);
    struct buf out = BUF_MAX(EXCHANGE_OUTPUT_MAX);
    play(
        &stage,
        "telnet mail imap\na1 LOGIN ana tulip\na2 SELECT INBOX\na3 IDLE\n:on phone\n" MESSAGE_BEGUN,
        &out);
    play(&stage, "Subject: x\n\ny\n.\n", &out);
    ck_assert_ptr_null(strstr(buf_text(&out), "EXISTS"));  /* it went to bo */
    play(&stage,
         "MAIL FROM:<ana@campus.example>\nRCPT TO:<ana@campus.example>\nDATA\nSubject: x\n\ny\n.\n",
         &out);
    ck_assert_ptr_nonnull(strstr(buf_text(&out), "[ana/laptop imap] S: * 5 EXISTS\n"));
    stage_end(&stage);
    buf_free(&out);
}
END_TEST

/* A message of every octet that SMTP takes comes back over three protocols, in every look. */
static void hostile(struct look look, size_t *escapes)
{
    struct stage stage = stage_of(look);
    struct buf out = BUF_MAX(EXCHANGE_OUTPUT_MAX), message = BUF_MAX(65536);
    play(&stage, MESSAGE_BEGUN, &out);
    buf_add_text(&message, ":send \"Subject: \\x1b]0;x\\x07\\xe2\\x80\\xae\\r\\n\\r\\n");
    for (int octet = 1; octet < 256; octet++)
        if (octet != '\r' && octet != '\n')
            buf_format(&message, "\\x%02x", (unsigned)octet);
    buf_add_text(&message, "\\r\\n.\\r\\n\"\n");
    static const char *const reads[] = {
        "QUIT\n",           ":log laptop\n",
        ":tap laptop\n",    "telnet mail pop3\nUSER bo\nPASS maple\n",
        "RETR 2\n",         ":more\n",
        ":tap\n",           ":why\n",
        "QUIT\n",           "telnet mail imap\na LOGIN bo maple\n",
        "b SELECT INBOX\n", "c FETCH 2 (ENVELOPE BODY[])\n",
        "\033[31m\n",       ":why\n",
        "users\n",
    };
    for (size_t i = 0; i <= COUNT(reads); i++) {
        play(&stage, i ? reads[i - 1] : buf_text(&message), &out);
        slice rest = buf_slice(&out);
        for (const char *at = buf_text(&out); (at = strstr(at, "\\x1B")) != NULL; at++)
            ++*escapes;
        while (rest.len)
            check_safe(take_until(&rest, '\n'), look.utf8);
    }
    stage_end(&stage);
    buf_free(&message);
    buf_free(&out);
}

START_TEST(no_message_reaches_the_terminal)
{
    size_t escapes = 0;
    hostile(fancy, &escapes);
    hostile(plain, &escapes);
    hostile((struct look){ .columns = 80, .whole = true }, &escapes);
    ck_assert_uint_gt(escapes, 10);  /* else nothing hostile was ever shown */
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("text");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, every_octet_is_safe);
    tcase_add_test(tests, a_format_is_trusted_and_its_texts_are_not);
    tcase_add_test(tests, what_was_drawn_keeps_its_lines_and_its_colours);
    tcase_add_test(tests, octets_are_shown_unambiguously);
    tcase_add_test(tests, what_cannot_be_seen_is_named);
    tcase_add_test(tests, every_character_is_safe);
    tcase_add_test(tests, random_octets_are_safe);
    tcase_add_loop_test(tests, controls_become_visible, 0, COUNT(cleaned));
    tcase_add_loop_test(tests, columns_are_counted, 0, COUNT(widths));
    tcase_add_test(tests, commands_are_not_broken);
    tcase_add_loop_test(tests, text_of_an_exchange, 0, COUNT(texts));
    tcase_add_loop_test(tests, messages_without_an_empty_line, 0, COUNT(messages));
    tcase_add_test(tests, early_dot_is_told);
    tcase_add_test(tests, long_replies_are_cut);
    tcase_add_loop_test(tests, lines_break_at_blanks, 0, COUNT(narrow));
    tcase_add_loop_test(tests, sentences_are_joined, 0, COUNT(broken));
    tcase_add_test(tests, narrow_boards_are_told);
    tcase_add_loop_test(tests, plain_echo, 0, COUNT(plains));
    tcase_add_test(tests, other_machines_are_told_of);
    tcase_add_test(tests, a_sender_in_quotes_is_no_recipient);
    tcase_add_test(tests, arrivals_are_labelled);
    tcase_add_test(tests, no_message_reaches_the_terminal);
    return run_cases("text", tests);
}
