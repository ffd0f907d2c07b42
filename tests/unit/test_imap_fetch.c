/* test_imap_fetch.c: FETCH's items on messages of many shapes; partials against a naive
   cut; responses that hostile messages cannot break. RFC 3501 6.4.5, 7.4.2. */
#include "servers/imap/imap_write.h"
#include "tests/unit/imap_lab.h"

static struct lab lab;

#define PLAIN "From: Bo <bo@campus.example>\r\nSubject: Lunch?\r\n\r\nnoon\r\n"
#define NESTED                                                                                     \
    "Subject: outer\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\n" \
    "Content-Type: message/rfc822\r\nX-Part: two\r\n\r\nSubject: inner\r\nTo: "                    \
    "ana@campus.example\r\n"                                                                       \
    "Content-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n\r\nplain\r\n--c\r\n"           \
    "Content-Type: text/html\r\n\r\n<p>\r\n--c--\r\n\r\n--b--\r\n"
#define FOLDED "Received: a\r\n b\r\nX-A: 1\r\nx-a: 2\r\nSubject: s\r\n\r\nbody"
#define HOSTILE                                                                                    \
    "Subject: =?utf-8?b?DQoqIDkgRVhJU1RTDQo=?=\r\nFrom: \"a\\\"\\\\b\" <x\"y@z>\r\nMessage-ID: "   \
    "<\303\274>\r\n"                                                                               \
    "Content-Type: text/\"p\"; name=\"\\\"\r\n\r\nx\r\n"

static const char *const messages[] = {
    PLAIN, NESTED, FOLDED, HOSTILE, "\r\n", "no header at all", "Subject: only\r\n",
    "Subject: bare\n\nlf\n", "A: b\r\n\r\n",
};

static void lab_of_messages(void)
{
    lab_open(&lab);
    for (size_t i = 0; i < COUNT(messages); i++)
        lab_message(&lab, lab.inbox, slice_of(messages[i]));
    lab_login(&lab, 0);
    lab_say(&lab, 0, "a EXAMINE INBOX");
}

static void lab_away(void) { lab_close(&lab); }

/* --- items -------------------------------------------------------------------------------- */

static const struct {
    const char *command, *answer;   /* of what stands in the parentheses */
} items[] = {
    { "1 RFC822.SIZE", "RFC822.SIZE 55" },
    { "1 (UID)", "UID 1" },
    { "1 (FLAGS UID FLAGS)", "FLAGS (\\Recent) UID 1" },
    { "1 INTERNALDATE", "INTERNALDATE \" 5-Jan-2026 09:00:00 +0000\"" },
    { "1 body[text]", "BODY[TEXT] {6}\r\nnoon\r\n" },
    { "1 BODY.PEEK[TEXT]<1.2>", "BODY[TEXT]<1> {2}\r\noo" },
    { "1 RFC822.TEXT", "RFC822.TEXT {6}\r\nnoon\r\n" },
    { "1 BODY[1]", "BODY[1] {6}\r\nnoon\r\n" },
    { "1 BODY[2]", "BODY[2] NIL" },
    { "1 BODY[1.TEXT]", "BODY[1.TEXT] NIL" },
    { "1 BODY[1.1]", "BODY[1.1] NIL" },
    { "1 BODY[HEADER.FIELDS (subject)]",
      "BODY[HEADER.FIELDS (subject)] {19}\r\nSubject: Lunch?\r\n\r\n" },
    { "1 BODY[HEADER.FIELDS (\"From\" Nope)]",
      "BODY[HEADER.FIELDS (From Nope)] {32}\r\nFrom: Bo <bo@campus.example>\r\n\r\n" },
    { "1 BODY[HEADER.FIELDS.NOT (From)]",
      "BODY[HEADER.FIELDS.NOT (From)] {19}\r\nSubject: Lunch?\r\n\r\n" },
    { "1 BODY[HEADER.FIELDS (Nope)]", "BODY[HEADER.FIELDS (Nope)] {2}\r\n\r\n" },
    { "1 BODY[HEADER.FIELDS (\"a b\")]", "BODY[HEADER.FIELDS (\"a b\")] {2}\r\n\r\n" },
    { "1 BODY[HEADER.FIELDS (Subject)]<3.5>", "BODY[HEADER.FIELDS (Subject)]<3> {5}\r\nject:" },
    { "2 BODY[1]", "BODY[1] {3}\r\none" },
    { "2 BODY[2.MIME]",
      "BODY[2.MIME] {45}\r\nContent-Type: message/rfc822\r\nX-Part: two\r\n\r\n" },
    { "2 BODY[2.HEADER.FIELDS (Subject)]",
      "BODY[2.HEADER.FIELDS (Subject)] {18}\r\nSubject: inner\r\n\r\n" },
    { "2 BODY[2.1]", "BODY[2.1] {5}\r\nplain" },
    { "2 BODY[2.2]", "BODY[2.2] {3}\r\n<p>" },
    { "2 BODY[2.2.MIME]", "BODY[2.2.MIME] {27}\r\nContent-Type: text/html\r\n\r\n" },
    { "2 BODY[2.3]", "BODY[2.3] NIL" },
    { "2 BODY[1.HEADER]", "BODY[1.HEADER] NIL" },
    { "3 BODY[HEADER.FIELDS (X-A)]", "BODY[HEADER.FIELDS (X-A)] {18}\r\nX-A: 1\r\nx-a: 2\r\n\r\n" },
    { "3 BODY[HEADER.FIELDS (received)]",
      "BODY[HEADER.FIELDS (received)] {19}\r\nReceived: a\r\n b\r\n\r\n" },
    { "5 (RFC822.SIZE BODY[] BODY[TEXT] BODY[HEADER])",
      "RFC822.SIZE 2 BODY[] {2}\r\n\r\n BODY[TEXT] \"\" BODY[HEADER] {2}\r\n\r\n" },
    { "7 BODY[TEXT]", "BODY[TEXT] \"\"" },
    /* no body and no blank line: none is included (RFC 3501 6.4.5) */
    { "7 BODY[HEADER.FIELDS (Subject)]", "BODY[HEADER.FIELDS (Subject)] {15}\r\nSubject: only\r\n" },
    { "7 BODY[HEADER.FIELDS.NOT (Subject)]", "BODY[HEADER.FIELDS.NOT (Subject)] \"\"" },
    { "6 BODY[HEADER.FIELDS (Subject)]", "BODY[HEADER.FIELDS (Subject)] {2}\r\n\r\n" },
    { "8 BODY[HEADER.FIELDS (To)]", "BODY[HEADER.FIELDS (To)] {2}\r\n\r\n" },
    { "9 BODY[HEADER.FIELDS.NOT (A)]", "BODY[HEADER.FIELDS.NOT (A)] {2}\r\n\r\n" },
    { "9 FULL",
      "FLAGS (\\Recent) INTERNALDATE \" 5-Jan-2026 09:00:00 +0000\" RFC822.SIZE 8 ENVELOPE "
      "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) BODY (\"TEXT\" \"PLAIN\" (\"CHARSET\" "
      "\"US-ASCII\") NIL NIL \"7BIT\" 0 0)" },
    { "9 fast", "FLAGS (\\Recent) INTERNALDATE \" 5-Jan-2026 09:00:00 +0000\" RFC822.SIZE 8" },
};

START_TEST(items_are_answered)
{
    char command[200], answer[4000];
    snprintf(command, sizeof command, "a FETCH %s", items[_i].command);
    snprintf(answer, sizeof answer, "* %c FETCH (%s)\r\na OK FETCH completed\r\n",
             items[_i].command[0], items[_i].answer);
    lab_expect(&lab, 0, command, answer);
    snprintf(command, sizeof command, "a UID FETCH %s", items[_i].command);
    if (strstr(command, "UID)") || strstr(command, "UID FLAGS"))
        return;
    snprintf(answer, sizeof answer, "* %c FETCH (UID %c %s)\r\na OK FETCH completed\r\n",
             items[_i].command[0], items[_i].command[0], items[_i].answer);
    lab_expect(&lab, 0, command, answer);
}
END_TEST

static const char *const refused[] = {
    "",
    "1",
    "1 ",
    "1 ()",
    "1 (FLAGS",
    "1 FLAGS)",
    "1 FLAGS UID",
    "1 (FLAGS  UID)",
    "1 (ALL FLAGS)",
    "1 ALL FAST",
    "1 HALLO",
    "1 BODYSTRUCTUREX",
    "1 BODY.PEEK",
    "1 BODY.PEEK[",
    "1 BODY[",
    "1 BODY[MIME]",
    "1 BODY[]<1>",
    "1 BODY[HEADER.FIELDS ()]",
    "1 RFC822.PEEK",
    "0 FLAGS",
    "10 FLAGS",
    "1:10 FLAGS",
    "x FLAGS",
    "1, FLAGS",
    "4294967296 FLAGS",
    "1 \"FLAGS\"",
    "1 {5+}\r\nFLAGS",
};

START_TEST(what_is_no_fetch_is_refused)
{
    char command[200];
    snprintf(command, sizeof command, "a FETCH %s", refused[_i]);
    const char *said = lab_say(&lab, 0, command);
    ck_assert_msg(strncmp(said, "a BAD ", 6) == 0, "%s: %s", command, said);
    lab_expect(&lab, 0, "b NOOP", "b OK NOOP completed\r\n");
}
END_TEST

START_TEST(too_many_items_are_refused)
{
    struct buf text = BUF_MAX(10000);
    buf_add_text(&text, "a FETCH 1 (");
    for (size_t i = 0; i <= FETCH_ITEMS_MAX; i++)
        buf_format(&text, "%sBODY[%zu]", i ? " " : "", i + 1);
    buf_add_text(&text, ")");
    const char *said = lab_say(&lab, 0, buf_text(&text));
    ck_assert_msg(strncmp(said, "a BAD ", 6) == 0, "%s", said);
    buf_free(&text);
}
END_TEST

/* --- sets --------------------------------------------------------------------------------- */

static const struct {
    const char *command;
    int answers; /* -1: BAD */
} sets[] = {
    { "FETCH 1:9 UID", 9 },
    { "FETCH 9:1 UID", 9 },
    { "FETCH * UID", 1 },
    { "FETCH *:8 UID", 2 },
    { "FETCH 1,1,1 UID", 1 },
    { "FETCH 3:5,4:7,1 UID", 6 },
    { "FETCH 10 UID", -1 },
    { "FETCH 10:* UID", -1 },
    { "FETCH 0 UID", -1 },
    { "FETCH 1:4294967295 UID", -1 },
    { "UID FETCH 1:9 FLAGS", 9 },
    { "UID FETCH 100 FLAGS", 0 },
    { "UID FETCH 100:* FLAGS", 1 },
    { "UID FETCH 4294967295:* FLAGS", 1 },
    { "UID FETCH 1:4294967295 FLAGS", 9 },
    { "UID FETCH 0 FLAGS", -1 },
    { "UID FETCH 5,100,7 FLAGS", 2 },
};

START_TEST(sets_mean_numbers_or_uids)
{
    char command[100];
    int answers = 0;
    snprintf(command, sizeof command, "a %s", sets[_i].command);
    const char *said = lab_say(&lab, 0, command);
    for (const char *at = said; (at = strstr(at, " FETCH (")) != NULL; at++)
        answers++;
    if (sets[_i].answers < 0)
        ck_assert_msg(strncmp(said, "a BAD ", 6) == 0, "%s", said);
    else
        ck_assert_msg(answers == sets[_i].answers && strstr(said, "a OK FETCH completed\r\n"), "%s",
                      said);
}
END_TEST

/* --- octets ------------------------------------------------------------------------------- */

START_TEST(sizes_are_the_octets_that_come)
{
    for (size_t i = 0; i < COUNT(messages); i++) {
        char command[100], answer[4000];
        size_t size = strlen(messages[i]);
        snprintf(command, sizeof command, "a FETCH %zu (RFC822.SIZE BODY[])", i + 1);
        snprintf(answer, sizeof answer,
                 "* %zu FETCH (RFC822.SIZE %zu BODY[] {%zu}\r\n%s)\r\na OK FETCH completed\r\n",
                 i + 1, size, size, messages[i]);
        lab_expect(&lab, 0, command, answer);
    }
}
END_TEST

START_TEST(header_and_text_make_the_whole)
{
    for (size_t i = 0; i < COUNT(messages); i++) {
        char command[100];
        uint64_t header = 0, text = 0;
        snprintf(command, sizeof command, "a FETCH %zu (BODY[HEADER])", i + 1);
        slice said = slice_of(lab_say(&lab, 0, command));
        take_until(&said, '{');
        if (!take_number(&said, 100000, &header))
            header = 0;
        snprintf(command, sizeof command, "a FETCH %zu (BODY[TEXT])", i + 1);
        said = slice_of(lab_say(&lab, 0, command));
        take_until(&said, '{');
        if (!take_number(&said, 100000, &text))
            text = 0;
        ck_assert_uint_eq(header + text, strlen(messages[i]));
    }
}
END_TEST

static const uint32_t cuts[] = { 0, 1, 2, 3, 7, 54, 55, 56, 1000, 4294967295u };

START_TEST(partials_are_what_a_naive_cut_is)
{
    uint32_t first = cuts[_i];
    for (size_t k = 1; k < COUNT(cuts); k++) {
        char command[100], answer[300];
        size_t size = strlen(PLAIN), from = first < size ? first : size;
        size_t len = size - from < cuts[k] ? size - from : cuts[k];
        snprintf(command, sizeof command, "a FETCH 1 BODY.PEEK[]<%u.%u>", first, cuts[k]);
        if (len)
            snprintf(answer, sizeof answer,
                     "* 1 FETCH (BODY[]<%u> {%zu}\r\n%.*s)\r\na OK FETCH completed\r\n", first, len,
                     (int)len, &PLAIN[from]);
        else
            snprintf(answer, sizeof answer,
                     "* 1 FETCH (BODY[]<%u> \"\")\r\na OK FETCH completed\r\n", first);
        lab_expect(&lab, 0, command, answer);
    }
}
END_TEST

/* The strict reader in the lab is the judge. */
START_TEST(hostile_messages_break_no_response)
{
    static const char *const pieces[] = {
        "\"",       "\\",   "\r\n", "\n",   "\r", "\t",    "{5}",
        "}",        "(",    ")",    "[",    "]",  "<a@b>", "=?utf-8?q?=0D=0A*_9_EXISTS?=",
        "\303\274", "\377", ";",    ":",    ",",  "@",     "a",
        "%",        "*",    "  ",   "\001",
    };
    static const char *const fields[] = {
        "Subject",
        "From",
        "To",
        "Cc",
        "Message-ID",
        "In-Reply-To",
        "Date",
        "Content-Type",
        "Content-Disposition",
        "Content-ID",
        "Content-Description",
        "Content-Transfer-Encoding",
        "Content-Language",
        "Content-Location",
        "Content-MD5",
    };
    struct test_clock dice = { 0, 42 };
    for (size_t round = 0; round < 200; round++) {
        struct buf text = BUF_MAX(100000);
        for (size_t i = 0; i < 6; i++) {
            buf_format(&text, "%s: text/", fields[clock_random(&dice) % COUNT(fields)]);
            for (uint64_t k = clock_random(&dice) % 12; k > 0; k--)
                buf_add_text(&text, pieces[clock_random(&dice) % COUNT(pieces)]);
            buf_add_text(&text, "\r\n");
        }
        buf_add_text(&text, "\r\nbody\r\n");
        lab_message(&lab, lab.inbox, buf_slice(&text));
        buf_free(&text);
    }
    lab_say(&lab, 0, "b NOOP");
    lab_hold(&lab, 0,
             "c FETCH 1:* (ENVELOPE BODY BODYSTRUCTURE BODY[HEADER.FIELDS (Subject)] BODY[1.MIME])",
             "c OK FETCH completed\r\n");
}
END_TEST

/* --- \Seen -------------------------------------------------------------------------------- */

START_TEST(reading_marks_as_seen_and_looking_does_not)
{
    lab_say(&lab, 0, "a SELECT INBOX");
    lab_expect(&lab, 0, "a FETCH 1 BODY.PEEK[TEXT]",
               "* 1 FETCH (BODY[TEXT] {6}\r\nnoon\r\n)\r\na OK FETCH completed\r\n");
    lab_hold(&lab, 0, "a FETCH 1 RFC822.HEADER", "Lunch?\r\n\r\n)\r\n");
    lab_hold(&lab, 0, "a FETCH 1 FLAGS", "(FLAGS (\\Recent))");
    lab_expect(&lab, 0, "a FETCH 1 BODY[TEXT]",
               "* 1 FETCH (BODY[TEXT] {6}\r\nnoon\r\n FLAGS (\\Seen \\Recent))\r\na OK FETCH "
               "completed\r\n");
    lab_expect(&lab, 0, "a FETCH 1 BODY[TEXT]",
               "* 1 FETCH (BODY[TEXT] {6}\r\nnoon\r\n)\r\na OK FETCH completed\r\n");
    lab_expect(&lab, 0, "a FETCH 9 (FLAGS RFC822)",
               "* 9 FETCH (FLAGS (\\Seen \\Recent) RFC822 {8}\r\nA: b\r\n\r\n)\r\na OK FETCH "
               "completed\r\n");
    lab_expect(&lab, 0, "a NOOP", "a OK NOOP completed\r\n");
}
END_TEST

/* --- what the writer writes --------------------------------------------------------------- */

START_TEST(sets_are_written_in_ranges)
{
    static const uint32_t numbers[] = { 1, 2, 3, 5, 7, 8, 4294967294u, 4294967295u };
    struct buf text = BUF_MAX(100);
    struct imap_set_writer writer = { .buf = &text };
    for (size_t i = 0; i < COUNT(numbers); i++)
        imap_write_set_add(&writer, numbers[i]);
    imap_write_set_end(&writer);
    ck_assert_str_eq(buf_text(&text), "1:3,5,7:8,4294967294:4294967295");
    buf_free(&text);
}
END_TEST

START_TEST(flags_are_written_by_name)
{
    slice keywords[] = { SLICE("Work"), SLICE("Home") };
    struct imap_view view = { .keywords = keywords, .keyword_count = 2 };
    struct buf text = BUF_MAX(1000);
    imap_write_flags(&text, &view, 0, false);
    imap_write_flags(&text, &view, 0, true);
    imap_write_flags(&text, &view, FLAG_SEEN | 2ull << FLAG_KEYWORD_SHIFT, false);
    imap_write_flags(&text, &view, UINT64_MAX, true);
    ck_assert_str_eq(buf_text(&text),
                     "()(\\Recent)(\\Seen Home)"
                     "(\\Answered \\Flagged \\Deleted \\Seen \\Draft \\Recent Work Home)");
    buf_free(&text);
}
END_TEST

START_TEST(shown_words_cannot_leave_their_line)
{
    struct buf text = BUF_MAX(1000);
    imap_write_shown(&text, SLICE("a\r\n* 9 \033[2J\303\274\0x"));
    ck_assert_str_eq(buf_text(&text), "A??*?9??[2J???X");
    buf_clear(&text);
    imap_write_shown(&text,
                     SLICE("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
    ck_assert_uint_lt(text.len, 50);
    buf_free(&text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("imap_fetch");
    TCase *tcase = tcase_create("imap_fetch");
    tcase_add_checked_fixture(tcase, lab_of_messages, lab_away);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, items_are_answered, 0, COUNT(items));
    tcase_add_loop_test(tcase, what_is_no_fetch_is_refused, 0, COUNT(refused));
    tcase_add_test(tcase, too_many_items_are_refused);
    tcase_add_loop_test(tcase, sets_mean_numbers_or_uids, 0, COUNT(sets));
    tcase_add_test(tcase, sizes_are_the_octets_that_come);
    tcase_add_test(tcase, header_and_text_make_the_whole);
    tcase_add_loop_test(tcase, partials_are_what_a_naive_cut_is, 0, COUNT(cuts));
    tcase_add_test(tcase, hostile_messages_break_no_response);
    tcase_add_test(tcase, reading_marks_as_seen_and_looking_does_not);
    tcase_add_test(tcase, sets_are_written_in_ranges);
    tcase_add_test(tcase, flags_are_written_by_name);
    tcase_add_test(tcase, shown_words_cannot_leave_their_line);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
