/* test_imap_search.c: every key of SEARCH on five messages, and what a search refuses.
   RFC 3501 6.4.4. */
#include "servers/session.h"
#include "servers/store/store.h"
#include "tests/unit/imap_lab.h"

static struct lab lab;

static const char *const messages[] = {
    "From: Bo Maple <bo@campus.example>\r\nTo: ana@campus.example\r\nSubject: Lunch?\r\n"
    "Date: Mon, 5 Jan 2026 09:00:00 +0000\r\nX-Mood: good\r\n\r\nHow about noon, at the oak?\r\n",

    "From: dora@bakery.example\r\nTo: ana@campus.example\r\nCc: cem@campus.example\r\n"
    "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= from the bakery\r\n"
    "Date: Sun, 4 Jan 2026 23:30:00 -0500\r\n"
    "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: "
    "quoted-printable\r\n\r\n"
    "Ein gr=FCner Ta=\r\ng\r\n",

    "From: cem@campus.example\r\nBcc: ana@campus.example\r\nSubject: Minutes\r\n"
    "Date: Tue, 6 Jan 2026 00:30:00 +0100\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\n\r\nplain part\r\n--b\r\n"
    "Content-Type: text/plain; charset=utf-8; name=secret\r\nContent-Transfer-Encoding: "
    "base64\r\n\r\n"
    "U3RyYcOfZQ==\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n"
    "--b\r\nContent-Type: image/png\r\n\r\nnotsearched\r\n--b--\r\n",

    "Subject: empty\r\n\r\n",

    "From: x@y.example\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninside "
    "text\r\n",
};

static const struct {
    const char *keys, *found;
} searches[] = {
    { "ALL", " 1 2 3 4 5" },
    { "SEEN", " 2" },
    { "UNSEEN", " 1 3 4 5" },
    { "FLAGGED UNANSWERED", " 1" },
    { "ANSWERED", " 3" },
    { "DELETED", " 4" },
    { "UNDELETED UNFLAGGED UNDRAFT", " 2 3" },
    { "DRAFT", " 5" },
    { "KEYWORD work", " 1 2" },
    { "UNKEYWORD Work", " 3 4 5" },
    { "KEYWORD Never", "" },
    { "UNKEYWORD Never", " 1 2 3 4 5" },
    { "RECENT", " 1 2 3 4 5" },
    { "NEW", " 1 3 4 5" },
    { "OLD", "" },
    { "2:3", " 2 3" },
    { "*", " 5" },
    { "1,3:4 UNSEEN", " 1 3 4" },
    { "UID 11:12", "" },
    { "UID 2,4:*", " 2 4 5" },
    { "NOT UID 2:*", " 1" },
    { "UID 1000:*", " 5" },
    { "LARGER 200", " 2 3" },
    { "SMALLER 100", " 4 5" },
    { "LARGER 18", " 1 2 3 5" },
    { "SMALLER 18", "" },
    { "FROM bo", " 1" },
    { "FROM MAPLE", " 1" },
    { "FROM campus.example", " 1 3" },
    { "TO ana", " 1 2" },
    { "CC cem", " 2" },
    { "BCC ana", " 3" },
    { "SUBJECT lunch", " 1" },
    { "SUBJECT \"gr\303\274\303\237e FROM\"", " 2" },
    { "CHARSET utf-8 SUBJECT {7}\r\ngr\303\274\303\237e", " 2" },
    { "CHARSET US-ASCII SUBJECT empty", " 4" },
    { "SUBJECT \"\"", " 1 2 3 4" },
    { "HEADER X-Mood \"\"", " 1" },
    { "HEADER x-mood GOOD", " 1" },
    { "HEADER X-Mood bad", "" },
    { "HEADER subject \"\"", " 1 2 3 4" },
    { "HEADER Subject LUNCH", " 1" },
    { "HEADER to ana", " 1 2" },
    { "NOT HEADER cc \"\"", " 1 3 4 5" },
    { "HEADER Content-Type MIXED", " 3" },
    { "HEADER \"X Mood\" \"\"", "" },
    { "OR HEADER X-Mood good SUBJECT minutes", " 1 3" },
    { "HEADER X-Mood good SUBJECT minutes", "" },
    { "SUBJECT {9}\r\nLunch?\r\nM", "" },
    { "BODY noon", " 1" },
    { "BODY lunch", "" },
    { "TEXT lunch", " 1" },
    { "BODY \"gr\303\274ner tag\"", " 2" },
    { "BODY \"STRA\303\237E\"", " 3" },
    { "BODY notsearched", "" },
    { "BODY \"action: failed\"", " 3" },
    { "BODY plain", " 3" },
    { "BODY secret", "" },
    { "TEXT secret", " 3" },
    { "BODY inner", "" },
    { "BODY inside", " 5" },
    { "TEXT inside TEXT inner", " 5" },
    { "BODY \"\"", " 1 2 3 4 5" },
    { "ON 5-Jan-2026", " 1 2 3 4 5" },
    { "BEFORE 5-Jan-2026", "" },
    { "SINCE 5-Jan-2026", " 1 2 3 4 5" },
    { "SENTON 5-Jan-2026", " 1" },
    { "SENTON \"4-Jan-2026\"", " 2" },
    { "SENTON 6-Jan-2026", " 3" },
    { "SENTBEFORE 5-Jan-2026", " 2" },
    { "SENTSINCE 5-Jan-2026", " 1 3" },
    { "NOT SENTSINCE 5-Jan-2026", " 2 4 5" },
    { "OR FROM bo FROM dora", " 1 2" },
    { "OR (FROM bo SEEN) (FROM dora SEEN)", " 2" },
    { "NOT OR 1 2", " 3 4 5" },
    { "NOT (2:4 UNDELETED)", " 1 4 5" },
    { "OR OR 1 2 OR 3 4", " 1 2 3 4" },
    { "((((1))))", " 1" },
    { "(1 2)", "" },
    { "NOT NOT 3", " 3" },
    { "OR BODY noon 5", " 1 5" },
    { "1 NOT BODY noon", "" },
};

static void lab_of_messages(void)
{
    lab_open(&lab);
    for (size_t i = 0; i < COUNT(messages); i++)
        lab_message(&lab, lab.inbox, slice_of(messages[i]));
    lab_login(&lab, 0);
    lab_say(&lab, 0, "a SELECT INBOX");
    lab_say(&lab, 0, "a STORE 1,2 +FLAGS.SILENT (Work)");
    lab_say(&lab, 0, "a STORE 1 +FLAGS.SILENT (\\Flagged)");
    lab_say(&lab, 0, "a STORE 2 +FLAGS.SILENT (\\Seen)");
    lab_say(&lab, 0, "a STORE 3 +FLAGS.SILENT (\\Answered)");
    lab_say(&lab, 0, "a STORE 4 +FLAGS.SILENT (\\Deleted)");
    lab_say(&lab, 0, "a STORE 5 +FLAGS.SILENT (\\Draft)");
}

static void lab_away(void) { lab_close(&lab); }

static const char *search(const char *keys)
{
    static char command[70000];
    snprintf(command, sizeof command, "a SEARCH %s\r\n", keys);
    const char *said = lab_send(&lab, 0, slice_of(command), 0);
    return strncmp(said, "+ ", 2) == 0 ? strchr(said, '\n') + 1 : said;
}

START_TEST(keys_find_what_they_say)
{
    char expected[200];
    snprintf(expected, sizeof expected, "* SEARCH%s\r\na OK SEARCH completed\r\n",
             searches[_i].found);
    ck_assert_str_eq(search(searches[_i].keys), expected);
}
END_TEST

START_TEST(uid_search_answers_uids)
{
    lab_say(&lab, 0, "a EXPUNGE");
    lab_expect(&lab, 0, "b UID SEARCH 4", "* SEARCH 5\r\nb OK SEARCH completed\r\n");
    lab_expect(&lab, 0, "b UID SEARCH UID 4:5", "* SEARCH 5\r\nb OK SEARCH completed\r\n");
}
END_TEST

static const struct {
    const char *keys, *answer;
} refused[] = {
    { "", "a BAD " },
    { "HALLO", "a BAD " },
    { "FROM", "a BAD " },
    { "FROM (bo)", "a BAD " },
    { "(1", "a BAD " },
    { "1)", "a BAD " },
    { "()", "a BAD " },
    { "OR 1", "a BAD " },
    { "NOT", "a BAD " },
    { "6", "* SEARCH\r\na OK " },
    { "0", "a BAD " },
    { "1 ", "a BAD " },
    { "1  2", "a BAD " },
    { "ON 5-Foo-2026", "a BAD " },
    { "LARGER 99999999999", "a BAD " },
    { "LARGER -1", "a BAD " },
    { "CHARSET utf-8", "a BAD " },
    { "CHARSET koi8-r SUBJECT x", "a NO [BADCHARSET (US-ASCII UTF-8)] " },
    { "SUBJECT \"\303\"", "a NO [BADCHARSET " },
    { "KEYWORD \\Seen", "a BAD " },
};

START_TEST(what_is_no_search_is_refused)
{
    const char *said = search(refused[_i].keys);
    ck_assert_msg(strncmp(said, refused[_i].answer, strlen(refused[_i].answer)) == 0, "%s: %s",
                  refused[_i].keys, said);
    lab_expect(&lab, 0, "b NOOP", "b OK NOOP completed\r\n");
}
END_TEST

START_TEST(deep_and_long_searches_are_refused_and_bounded)
{
    char *keys = malloc(70000);
    memset(keys, '(', 60000);
    keys[60000] = '\0';
    ck_assert_msg(strncmp(search(keys), "a BAD ", 6) == 0, "60,000 parentheses");
    keys[0] = '\0';
    for (size_t i = 0; i <= SEARCH_KEYS_MAX; i++)
        strcpy(keys + 4 * i, "ALL ");
    strcpy(keys + 4 * (SEARCH_KEYS_MAX + 1) - 1, "");
    ck_assert_msg(strncmp(search(keys), "a BAD ", 6) == 0, "too many keys");
    size_t len = (size_t)sprintf(keys, "TEXT ");
    memset(keys + len, 'x', FIND_TEXT_MAX + 1);
    keys[len + FIND_TEXT_MAX] = '\0';
    ck_assert_str_eq(search(keys), "* SEARCH\r\na OK SEARCH completed\r\n");
    keys[len + FIND_TEXT_MAX] = 'x';
    keys[len + FIND_TEXT_MAX + 1] = '\0';
    ck_assert_msg(strncmp(search(keys), "a NO [LIMIT] ", 13) == 0, "a long text");
    keys[0] = '\0';
    for (size_t i = 0; i < SEARCH_DEPTH_MAX - 1; i++)
        strcat(keys, "OR 1 ");
    strcat(keys, "2");
    ck_assert_str_eq(search(keys), "* SEARCH 1 2\r\na OK SEARCH completed\r\n");
    free(keys);
}
END_TEST

/* A match across the pieces in which a body is gone through. */
START_TEST(long_bodies_are_searched_whole)
{
    struct buf text = BUF_MAX(1u << 20);
    buf_add_text(&text, "Subject: long\r\n\r\n");
    while (text.len < 32768 + 8)
        buf_add_text(&text, "x");
    buf_add_text(&text, "needle");
    while (text.len < 200000)
        buf_add_text(&text, "\303\244");
    buf_add_text(&text, "\303\237eam");
    lab_message(&lab, lab.inbox, buf_slice(&text));
    lab_say(&lab, 0, "b NOOP");
    ck_assert_str_eq(search("BODY needle"), "* SEARCH 6\r\na OK SEARCH completed\r\n");
    ck_assert_str_eq(search("BODY xneedle\303"),
                     "a BAD Cannot read this SEARCH at column 22: "
                         "letters beyond ASCII stand in \"quotes\"\r\n");
    ck_assert_str_eq(search("TEXT \"\303\204\303\237EAM\""),
                     "* SEARCH 6\r\na OK SEARCH completed\r\n");
    buf_free(&text);
}
END_TEST

/* --- long searches ------------------------------------------------------------------------- */

static size_t pauses;
static void count_pause(struct services *services, struct session *session)
{
    (void)services;
    (void)session;
    pauses++;
}

/* 40,000 messages: two more pieces than one. */
static void many_messages(void)
{
    struct arena arena = { 0 };
    struct message message;
    slice text = SLICE("Subject: many\r\nMessage-ID: <m@x>\r\nReferences: <a@x>\r\n\r\nx\r\n");
    uint32_t uid;
    lab_open(&lab);
    struct draft *draft = store_draft(lab.store);
    ck_assert(store_draft_write(draft, text));
    ck_assert(summary_make(&arena, text, &message));
    int64_t message_key = store_draft_finish(draft, &message);
    for (int i = 0; i < 40000; i++)
        ck_assert(store_place(lab.store, lab.inbox, message_key, 0, i, 0, &uid));
    ck_assert(store_commit(lab.store));
    arena_free(&arena);
    lab.services.later = count_pause;
    lab_login(&lab, 0);
    lab_login(&lab, 1);
    lab_say(&lab, 0, "a SELECT INBOX");
    lab_say(&lab, 1, "a SELECT INBOX");
}

static const struct {
    const char *line, *end;
} long_ones[] = {
    { "s SEARCH SUBJECT none", "* SEARCH\r\ns OK SEARCH completed\r\n" },
    { "s SEARCH RETURN (COUNT) ALL",
      "* ESEARCH (TAG \"s\") COUNT 40000\r\ns OK SEARCH completed\r\n" },
    { "s SORT RETURN (MIN MAX) (SUBJECT REVERSE ARRIVAL) UTF-8 ALL",
      "* ESEARCH (TAG \"s\") MIN 40000 MAX 1\r\ns OK SORT completed\r\n" },
    { "s THREAD REFERENCES UTF-8 1:39999", "(39999))\r\ns OK THREAD completed\r\n" },
};

/* It works in pieces; between them others are served, and what was said to this one drains. */
START_TEST(long_searches_let_others_in)
{
    struct session *session = lab.sessions[0];
    size_t steps = 0;
    pauses = 0;
    lab_say(&lab, 0, long_ones[_i].line);
    while (session_is_busy(session)) {
        ck_assert_uint_eq(pauses, ++steps);
        ck_assert(!strstr(buf_text(&lab.said[0]), "s OK"));
        lab_expect(&lab, 1, "b NOOP", "b OK NOOP completed\r\n");
        ck_assert(session_is_busy(session));
        session_go_on(session);
        lab_turn(&lab);
    }
    ck_assert_uint_ge(steps, 2);
    const char *said = buf_text(&lab.said[0]);
    const char *end = long_ones[_i].end;
    ck_assert_msg(strlen(said) >= strlen(end) &&
                      strcmp(said + strlen(said) - strlen(end), end) == 0, "%.200s", said);
    lab_expect(&lab, 0, "c NOOP", "c OK NOOP completed\r\n");
}
END_TEST

/* What a key costs counts, not how many messages were asked. */
START_TEST(many_keys_make_many_pieces)
{
    struct buf line = BUF_MAX(8192);
    buf_add_text(&line, "s SEARCH");
    for (int i = 0; i < 300; i++)
        buf_add_text(&line, " HEADER X-None z");
    pauses = 0;
    lab_say(&lab, 0, buf_text(&line));
    while (session_is_busy(lab.sessions[0])) {
        lab_expect(&lab, 1, "b NOOP", "b OK NOOP completed\r\n");
        session_go_on(lab.sessions[0]);
        lab_turn(&lab);
    }
    ck_assert_uint_gt(pauses, 30);
    ck_assert_str_eq(buf_text(&lab.said[0]), "* SEARCH\r\ns OK SEARCH completed\r\n");
    buf_free(&line);
}
END_TEST

START_TEST(long_searches_can_be_cut_off)
{
    lab_say(&lab, 0, long_ones[_i].line);
    ck_assert(session_is_busy(lab.sessions[0]));
    session_lost(lab.sessions[0]);
    session_go_on(lab.sessions[0]); /* it had been asked for */
    ck_assert(session_is_closed(lab.sessions[0]));
    lab_expect(&lab, 1, "b NOOP", "b OK NOOP completed\r\n");
}
END_TEST

/* Who expunges between two pieces: the numbers stay as they were told. */
START_TEST(messages_go_during_a_long_search)
{
    lab_say(&lab, 0, "s SEARCH RETURN (COUNT MAX) ALL");
    lab_say(&lab, 1, "a STORE 1,40000 +FLAGS.SILENT (\\Deleted)");
    lab_say(&lab, 1, "a EXPUNGE");
    while (session_is_busy(lab.sessions[1])) { /* which has turns, too */
        session_go_on(lab.sessions[1]);
        lab_turn(&lab);
    }
    while (session_is_busy(lab.sessions[0])) {
        session_go_on(lab.sessions[0]);
        lab_turn(&lab);
    }
    const char *said = buf_text(&lab.said[0]);
    const char *wanted = "* ESEARCH (TAG \"s\") MAX 40000 COUNT 40000\r\n";
    ck_assert_msg(strstr(said, wanted) == said, "%s", said);
    lab_hold(&lab, 0, "c NOOP", "* 1 EXPUNGE\r\n* 39999 EXPUNGE\r\n");
}
END_TEST

START_TEST(an_empty_mailbox_finds_nothing)
{
    lab_say(&lab, 0, "a SELECT Archive");
    ck_assert_str_eq(search("ALL"), "* SEARCH\r\na OK SEARCH completed\r\n");
    ck_assert_str_eq(search("UID 1:*"), "* SEARCH\r\na OK SEARCH completed\r\n");
    ck_assert_str_eq(search("1"), "* SEARCH\r\na OK SEARCH completed\r\n");
    ck_assert_str_eq(search("1:*"), "* SEARCH\r\na OK SEARCH completed\r\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("imap_search");
    TCase *tcase = tcase_create("imap_search");
    tcase_add_checked_fixture(tcase, lab_of_messages, lab_away);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, keys_find_what_they_say, 0, COUNT(searches));
    tcase_add_test(tcase, uid_search_answers_uids);
    tcase_add_loop_test(tcase, what_is_no_search_is_refused, 0, COUNT(refused));
    tcase_add_test(tcase, deep_and_long_searches_are_refused_and_bounded);
    tcase_add_test(tcase, long_bodies_are_searched_whole);
    tcase_add_test(tcase, an_empty_mailbox_finds_nothing);
    suite_add_tcase(suite, tcase);
    TCase *many = tcase_create("many");
    tcase_add_checked_fixture(many, many_messages, lab_away);
    tcase_set_timeout(many, 60);
    tcase_add_loop_test(many, long_searches_let_others_in, 0, COUNT(long_ones));
    tcase_add_loop_test(many, long_searches_can_be_cut_off, 0, COUNT(long_ones));
    tcase_add_test(many, many_keys_make_many_pieces);
    tcase_add_test(many, messages_go_during_a_long_search);
    suite_add_tcase(suite, many);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
