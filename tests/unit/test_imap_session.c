/* test_imap_session.c: lines, tags and literals, limits, logins, and many sessions on one
   mailbox where order matters. Conversations that are fun to read are transcripts
   (tests/transcripts/imap); here is what needs counting, cutting or size. */
#include "servers/imap/imap_write.h"
#include "servers/session.h"
#include "tests/unit/imap_lab.h"

static struct lab lab;

static void lab_ready(void)
{
    lab_open(&lab);
    lab_message(&lab, lab.inbox, SLICE("Subject: one\r\n\r\nfirst\r\n"));
    lab_message(&lab, lab.inbox, SLICE("Subject: two\r\n\r\nsecond\r\n"));
    lab_message(&lab, lab.inbox, SLICE("Subject: three\r\n\r\nthird\r\n"));
    ck_assert(store_commit(lab.store));
}

static void lab_away(void) { lab_close(&lab); }

#define say(who, line) lab_say(&lab, who, line)
#define expect(who, line, answer) lab_expect(&lab, who, line, answer)
#define hold(who, line, part) lab_hold(&lab, who, line, part)
#define refuse(who, line, begins) \
    do { \
        const char *said_ = lab_say(&lab, who, line); \
        ck_assert_msg(strncmp(said_, begins, strlen(begins)) == 0, "%s\nsaid: %s", line, said_); \
    } while (0)

static void lab_selected(size_t who)
{
    lab_login(&lab, who);
    hold(who, "a SELECT INBOX", "a OK [READ-WRITE] SELECT completed\r\n");
}

static uint32_t inbox_messages(void)
{
    return mailbox_now(lab.store, lab.inbox).messages;
}

/* --- the table ---------------------------------------------------------------------------- */

START_TEST(the_table_is_sound)
{
    struct error why = { "" };
    ck_assert_msg(protocol_lint(&imap_protocol, &why), "%s", why.text);
    ck_assert_uint_lt(imap_protocol.rule_count, 150);
}
END_TEST

/* --- lines and tags ----------------------------------------------------------------------- */

static const struct {
    const char *line, *answer;
} lines[] = {
    { "", "* BAD " },
    { "a1", "a1 BAD " },
    { "a1 ", "a1 BAD " },
    { " a1 NOOP", "* BAD " },
    { "a1  NOOP", "a1 BAD " },
    { "+ NOOP", "* BAD " },
    { "a+b NOOP", "* BAD " },
    { "a(b NOOP", "* BAD " },
    { "* NOOP", "* BAD " },
    { "LOGIN ana tulip", "LOGIN BAD Unknown command ANA\r\n" },
    { "a1 NOOP", "a1 OK NOOP completed\r\n" },
    { "a1 noop", "a1 OK NOOP completed\r\n" },
    { "a] NOOP", "a] OK NOOP completed\r\n" },
    { "a1 NOOP x", "a1 BAD " },
    { "a1 NOOPE", "a1 BAD Unknown command NOOPE\r\n" },
    { "a1 UID NOOP", "a1 BAD Unknown command UID NOOP\r\n" },
    { "a1 UID", "a1 BAD Unknown command UID\r\n" },
    { "a1 UID UID FETCH 1 FLAGS", "a1 BAD " },
    { "a1 NOOP\tx", "a1 BAD " },
    { "a1 FETCH 1 FLAGS", "a1 BAD Log in first" },
    { "a1 \303\274", "a1 BAD " },
    { "a1 LOGIN ana", "a1 BAD " },
    { "a1 LOGIN ana tulip x", "a1 BAD " },
    { "a1 LOGIN ana birch", "a1 NO [AUTHENTICATIONFAILED] " },
    { "a1 LOGIN nobody tulip", "a1 NO [AUTHENTICATIONFAILED] " },
    { "a1 LOGIN \"ana\" \"tulip\"", "a1 OK [CAPABILITY IMAP4rev1 " },
    { "a1 AUTHENTICATE CRAM-MD4", "a1 NO " },
};

START_TEST(lines_get_the_answer_they_deserve)
{
    lab_connect(&lab, 0);
    refuse(0, lines[_i].line, lines[_i].answer);
    refuse(0, "z NOOP", "z OK NOOP completed\r\n");
}
END_TEST

START_TEST(a_tag_too_long_is_no_tag)
{
    char line[IMAP_TAG_MAX + 10];
    memset(line, 'a', sizeof line);
    strcpy(line + IMAP_TAG_MAX + 1, " NOOP");
    lab_connect(&lab, 0);
    refuse(0, line, "* BAD ");
    refuse(0, line + 1, "aaaaaaaa");
}
END_TEST

/* --- literals ----------------------------------------------------------------------------- */

/* The answers to all of it, in order. */
static const struct {
    const char *octets, *answer;
} literals[] = {
    { "a LOGIN {3}\r\nana {5}\r\ntulip\r\n",
      "+ Ready for 3 octets\r\n+ Ready for 5 octets\r\na OK " },
    { "a LOGIN {3+}\r\nana {5+}\r\ntulip\r\n", "a OK " },
    { "a LOGIN {0}\r\n tulip\r\n", "+ Ready for 0 octets\r\na NO [AUTHENTICATIONFAILED] " },
    { "a XYZZY {5+}\r\nb NOO\r\n", "a BAD Unknown command XYZZY\r\n" },
    { "a XYZZY {8+}\r\nb NOOP\r\n\r\n", "a BAD Unknown command XYZZY\r\n" },
    { "a NOOP {8+}\r\nb NOOP\r\n\r\n", "a BAD " },
    { "a LOGIN {2000+}\r\n", "a NO [LIMIT] Too big: at most 1024 octets here\r\n" },
    { "a LOGIN {2000}\r\nb NOOP\r\n",
      "a NO [LIMIT] Too big: at most 1024 octets here\r\nb OK NOOP completed\r\n" },
    { "a LOGIN {-1}\r\n", "a BAD " },
    { "a LOGIN {}\r\n", "a BAD " },
    { "a LOGIN {4294967296}\r\n", "a NO [LIMIT] " },
    { "a LOGIN {99999999999999999999999}\r\n", "a BAD " },
    { "a LOGIN {3}x\r\n", "a BAD " },
    { "a LOGIN \"{3}\" x\r\n", "a NO [AUTHENTICATIONFAILED] " },
    { "a APPEND INBOX {5+}\r\nhello\r\n", "a BAD Log in first" },
    { "+bad {8+}\r\nb NOOP\r\n\r\n", "* BAD " },
};

START_TEST(literals_never_lose_the_thread)
{
    for (size_t piece = 0; piece < 4; piece++) {
        lab_connect(&lab, 0);
        const char *said = lab_send(&lab, 0, slice_of(literals[_i].octets), piece);
        ck_assert_msg(strncmp(said, literals[_i].answer, strlen(literals[_i].answer)) == 0,
                      "%s\nsaid: %s", literals[_i].octets, said);
        if (strstr(literals[_i].octets, "2000+")) {
            char body[2001];
            memset(body, '\n', 2000);
            lab_send(&lab, 0, (slice){ body, 2000 }, 0);
            lab_send(&lab, 0, SLICE("\r\n"), 0);
        }
        expect(0, "z NOOP", "z OK NOOP completed\r\n");
        lab_hang_up(&lab, 0);
    }
}
END_TEST

START_TEST(many_literals_in_one_command_are_refused)
{
    struct buf text = BUF_MAX(10000);
    lab_connect(&lab, 0);
    buf_add_text(&text, "a LOGIN");
    for (size_t i = 0; i <= IMAP_LITERALS_MAX; i++)
        buf_add_text(&text, " {1+}\r\nx");
    buf_add_text(&text, "\r\n");
    const char *said = lab_send(&lab, 0, buf_slice(&text), 0);
    ck_assert_str_eq(said, "a BAD Too many literals in one command\r\n");
    expect(0, "z NOOP", "z OK NOOP completed\r\n");
    buf_free(&text);
}
END_TEST

START_TEST(a_command_of_many_big_literals_is_refused)
{
    struct buf text = BUF_MAX(1u << 20);
    lab_login(&lab, 0);
    buf_add_text(&text, "a LIST");
    for (size_t i = 0; i < 5; i++) {
        buf_add_text(&text, " {60000+}\r\n");
        for (size_t k = 0; k < 60000; k++)
            buf_add_char(&text, 'x');
    }
    buf_add_text(&text, "\r\n");
    const char *said = lab_send(&lab, 0, buf_slice(&text), 0);
    ck_assert_msg(strncmp(said, "a NO [LIMIT] Too big: at most ", 30) == 0, "%s", said);
    expect(0, "z NOOP", "z OK NOOP completed\r\n");
    buf_free(&text);
}
END_TEST

START_TEST(long_lines_are_refused_once)
{
    struct buf text = BUF_MAX(4u << 20);
    lab_connect(&lab, 0);
    buf_add_text(&text, "a NOOP ");
    while (text.len < 3u << 20)
        buf_add_text(&text, "xxxxxxxxxxxxxxxx");
    buf_add_text(&text, "\r\n");
    ck_assert_str_eq(lab_send(&lab, 0, buf_slice(&text), 0), "a BAD Line too long\r\n");
    ck_assert_str_eq(lab_send(&lab, 0, buf_slice(&text), 1000), "a BAD Line too long\r\n");
    expect(0, "z NOOP", "z OK NOOP completed\r\n");
    buf_free(&text);
}
END_TEST

START_TEST(bare_newlines_and_nuls_are_refused)
{
    const slice texts[] = { SLICE("a NO\0OP\r\n"), SLICE("a NOOP\n\r\n"), SLICE("a NO\rOP\r\n") };
    lab_connect(&lab, 0);
    for (size_t i = 0; i < COUNT(texts); i++) {
        const char *said = lab_send(&lab, 0, texts[i], i);
        ck_assert_msg(strncmp(said, "a BAD ", 6) == 0, "%s", said);
        expect(0, "z NOOP", "z OK NOOP completed\r\n");
    }
}
END_TEST

START_TEST(too_many_errors_hang_up)
{
    lab_connect(&lab, 0);
    for (size_t i = 1; i < BAD_COMMANDS_MAX; i++)
        refuse(0, "a XYZZY", "a BAD ");
    refuse(0, "a XYZZY", "* BYE ");
    ck_assert(session_is_closed(lab.sessions[0]));
    lab_hang_up(&lab, 0);
    lab_connect(&lab, 0);
    for (size_t i = 1; i < BAD_LOGINS_MAX; i++)
        refuse(0, "a LOGIN ana birch", "a NO ");
    refuse(0, "a LOGIN ana birch", "* BYE ");
}
END_TEST

/* --- logins ------------------------------------------------------------------------------- */

START_TEST(authenticate_asks_and_believes)
{
    lab_connect(&lab, 0);
    expect(0, "a AUTHENTICATE PLAIN", "+ \r\n");
    hold(0, "AGFuYQB0dWxpcA==", "a OK [CAPABILITY IMAP4rev1 ");
    expect(0, "b LOGIN ana tulip", "b BAD Already authenticated\r\n");
    lab_hang_up(&lab, 0);
    lab_connect(&lab, 0);
    expect(0, "a AUTHENTICATE PLAIN", "+ \r\n");
    expect(0, "*", "a BAD AUTHENTICATE cancelled\r\n");
    expect(0, "a AUTHENTICATE PLAIN", "+ \r\n");
    refuse(0, "AGFuYQBiaXJjaA==", "a NO [AUTHENTICATIONFAILED] ");
    expect(0, "a AUTHENTICATE PLAIN", "+ \r\n");
    refuse(0, "a2 NOOP", "a BAD ");
    expect(0, "a AUTHENTICATE LOGIN", "+ VXNlcm5hbWU6\r\n");
    expect(0, "YW5h", "+ UGFzc3dvcmQ6\r\n");
    hold(0, "dHVsaXA=", "a OK [CAPABILITY ");
}
END_TEST

START_TEST(without_encryption_no_password_if_the_host_says_so)
{
    lab.policy.require_tls = true;
    lab_connect(&lab, 0);
    ck_assert_ptr_nonnull(strstr(buf_text(&lab.said[0]), " LOGINDISABLED "));
    ck_assert_ptr_null(strstr(buf_text(&lab.said[0]), "AUTH="));
    refuse(0, "a LOGIN ana tulip", "a NO [PRIVACYREQUIRED] ");
    refuse(0, "a AUTHENTICATE PLAIN", "a NO [PRIVACYREQUIRED] ");
}
END_TEST

START_TEST(a_host_refuses_what_it_was_told_to)
{
    lab_selected(0);
    lab.policy.refusals[0] = (struct refusal){ .verb = "FETCH", .code = "NO", .left = 1 };
    lab.policy.refusals[1] = (struct refusal){ .verb = "APPEND", .code = "BAD", .left = 1 };
    lab.policy.refusal_count = 2;
    expect(0, "a UID FETCH 1 FLAGS", "a NO Refused: this host was set to\r\n");
    hold(0, "a UID FETCH 1 FLAGS", "a OK ");
    hold(0, "a APPEND INBOX {4+}\r\nA: b", "a BAD Refused");
    hold(0, "b APPEND INBOX {4+}\r\nA: c", "b OK [APPENDUID ");
    ck_assert_uint_eq(inbox_messages(), 4);
}
END_TEST

/* --- states ------------------------------------------------------------------------------- */

START_TEST(a_failed_select_leaves_the_mailbox)
{
    lab_selected(0);
    hold(0, "a SELECT nowhere", "a NO [NONEXISTENT] ");
    expect(0, "a FETCH 1 FLAGS", "a BAD No mailbox selected: SELECT one first\r\n");
    hold(0, "a EXAMINE INBOX", "a OK [READ-ONLY] ");
    refuse(0, "a SELECT", "a BAD ");
    hold(0, "a FETCH 1 FLAGS", "a OK ");
    refuse(0, "a STORE 1 FLAGS ()", "a NO [READ-ONLY] ");
    refuse(0, "a EXPUNGE", "a NO [READ-ONLY] ");
    refuse(0, "a MOVE 1 Archive", "a NO [READ-ONLY] ");
    hold(0, "a FETCH 1 BODY[]", "first");
    hold(0, "a FETCH 1 FLAGS", "FLAGS ()");
}
END_TEST

START_TEST(close_expunges_and_unselect_does_not)
{
    lab_selected(0);
    say(0, "a STORE 2 +FLAGS (\\Deleted)");
    expect(0, "a UNSELECT", "a OK UNSELECT completed\r\n");
    ck_assert_uint_eq(inbox_messages(), 3);
    say(0, "a EXAMINE INBOX");
    expect(0, "a CLOSE", "a OK CLOSE completed\r\n");
    ck_assert_uint_eq(inbox_messages(), 3);
    say(0, "a SELECT INBOX");
    expect(0, "a CLOSE", "a OK CLOSE completed\r\n");
    ck_assert_uint_eq(inbox_messages(), 2);
}
END_TEST

START_TEST(idle_returns_to_where_it_began)
{
    lab_login(&lab, 0);
    lab_selected(1);
    refuse(0, "a IDLE", "+ ");
    refuse(0, "b NOOP", "a BAD Expected DONE");
    refuse(0, "a IDLE", "+ ");
    expect(0, "done", "a OK IDLE completed\r\n");
    ck_assert_str_eq(imap_protocol.states[lab.sessions[0]->state].name, "AUTHENTICATED");
    refuse(1, "a IDLE", "+ ");
    say(0, "c APPEND INBOX {4+}\r\nA: b");
    ck_assert_str_eq(buf_text(&lab.said[1]),
                     "+ idling\r\n* 4 EXISTS\r\n* 4 RECENT\r\n");
    expect(1, "DONE", "a OK IDLE completed\r\n");
    ck_assert_str_eq(imap_protocol.states[lab.sessions[1]->state].name, "SELECTED");
}
END_TEST

START_TEST(silence_ends_with_bye)
{
    lab_selected(0);
    say(0, "a IDLE");
    buf_clear(&lab.said[0]);
    session_timeout(lab.sessions[0]);
    lab_turn(&lab);
    ck_assert_str_eq(buf_text(&lab.said[0]), "* BYE Autologout: idle for 30 minutes\r\n");
    ck_assert(session_is_closed(lab.sessions[0]));
}
END_TEST

/* --- several sessions --------------------------------------------------------------------- */

START_TEST(recent_belongs_to_one_session)
{
    lab_login(&lab, 1);
    hold(1, "a EXAMINE INBOX", "* 3 RECENT\r\n");
    lab_login(&lab, 0);
    hold(0, "a SELECT INBOX", "* 3 RECENT\r\n");
    hold(0, "a FETCH 1 FLAGS", "(\\Recent)");
    hold(1, "b SELECT INBOX", "* 0 RECENT\r\n");
    hold(0, "b SEARCH RECENT", "* SEARCH 1 2 3\r\n");
    lab_message(&lab, lab.inbox, SLICE("A: b\r\n\r\n"));
    expect(1, "c NOOP", "* 4 EXISTS\r\n* 1 RECENT\r\nc OK NOOP completed\r\n");
    expect(0, "c NOOP", "* 4 EXISTS\r\n* 3 RECENT\r\nc OK NOOP completed\r\n");
    hold(0, "d STATUS INBOX (RECENT)", "(RECENT 0)");
}
END_TEST

START_TEST(expunged_messages_stay_readable_until_told)
{
    lab_selected(0);
    lab_selected(1);
    say(1, "a STORE 1 +FLAGS (\\Deleted)");
    say(1, "a EXPUNGE");
    hold(0, "b FETCH 1 BODY.PEEK[TEXT]", "BODY[TEXT] {7}\r\nfirst\r\n");
    hold(0, "b FETCH 2 UID", "* 2 FETCH (UID 2)\r\n");
    expect(0, "b STORE 1 +FLAGS (\\Seen)", "b OK STORE completed\r\n");
    expect(0, "b STORE 1 +FLAGS.SILENT (\\Seen)", "b OK STORE completed\r\n");
    hold(0, "b SEARCH DELETED", "* SEARCH 1\r\n");
    /* COPY may tell of the EXPUNGE. */
    refuse(0, "b COPY 1:2 Archive", "* 1 EXPUNGE\r\nb NO [EXPUNGEISSUED] ");
    ck_assert_uint_eq(mailbox_now(lab.store, mailbox_id(lab.store, lab.ana, "Archive")).messages,
                      0);
    expect(0, "c NOOP", "c OK NOOP completed\r\n");
    lab_selected(2);
    ck_assert_uint_eq(imap_view_count(&imap_of(lab.sessions[2])->view), 2);
}
END_TEST

START_TEST(expunge_waits_while_numbers_are_used)
{
    lab_selected(0);
    lab_selected(1);
    say(1, "a STORE 2 +FLAGS (\\Deleted)");
    say(1, "a EXPUNGE");
    say(1, "a APPEND INBOX {4+}\r\nA: b");
    expect(0, "b FETCH 3 UID",
           "* 3 FETCH (UID 3)\r\n* 4 EXISTS\r\n* 3 RECENT\r\nb OK FETCH completed\r\n");
    expect(0, "b FETCH 4 UID", "* 4 FETCH (UID 4)\r\nb OK FETCH completed\r\n");
    expect(0, "b SEARCH UID 3", "* SEARCH 3\r\nb OK SEARCH completed\r\n");
    expect(0, "b UID SEARCH 3", "* SEARCH 3\r\nb OK SEARCH completed\r\n");
    expect(0, "b UID SEARCH UID 3", "* SEARCH 3\r\n* 2 EXPUNGE\r\nb OK SEARCH completed\r\n");
    expect(0, "b FETCH 3 UID", "* 3 FETCH (UID 4)\r\nb OK FETCH completed\r\n");
}
END_TEST

START_TEST(expunges_are_numbered_as_in_the_rfc)
{
    lab_selected(0);
    for (size_t i = 4; i <= 11; i++)
        lab_message(&lab, lab.inbox, SLICE("A: b\r\n\r\n"));
    say(0, "a NOOP");
    say(0, "a STORE 3,4,7,11 +FLAGS.SILENT (\\Deleted)");
    expect(0, "A202 EXPUNGE",
           "* 3 EXPUNGE\r\n* 3 EXPUNGE\r\n* 5 EXPUNGE\r\n* 8 EXPUNGE\r\nA202 OK EXPUNGE "
           "completed\r\n");
}
END_TEST

START_TEST(uid_expunge_takes_only_those)
{
    lab_selected(0);
    say(0, "a STORE 1:3 +FLAGS.SILENT (\\Deleted)");
    expect(0, "a UID EXPUNGE 2", "* 2 EXPUNGE\r\na OK EXPUNGE completed\r\n");
    expect(0, "a UID EXPUNGE *", "* 2 EXPUNGE\r\na OK EXPUNGE completed\r\n");
    expect(0, "a UID EXPUNGE 100", "a OK EXPUNGE completed\r\n");
    refuse(0, "a UID EXPUNGE", "a BAD ");
    refuse(0, "a EXPUNGE 1", "a BAD ");
}
END_TEST

START_TEST(a_mailbox_deleted_under_a_session_reads_as_empty)
{
    lab_login(&lab, 0);
    lab_login(&lab, 1);
    say(0, "a APPEND Archive {4+}\r\nA: b");
    say(1, "a SELECT Archive");
    expect(0, "a DELETE Archive", "a OK DELETE completed\r\n");
    hold(1, "b FETCH 1 BODY.PEEK[]", "A: b");
    expect(1, "b NOOP", "* 1 EXPUNGE\r\nb OK NOOP completed\r\n");
    refuse(1, "b FETCH 1 FLAGS", "b BAD ");
    expect(1, "b EXPUNGE", "b OK EXPUNGE completed\r\n");
    expect(1, "b CLOSE", "b OK CLOSE completed\r\n");
    say(0, "a CREATE Archive");
    say(0, "a SELECT Archive");
    expect(0, "a DELETE Archive", "a OK DELETE completed\r\n");
    expect(0, "a STATUS Archive (MESSAGES)", "a NO [NONEXISTENT] No such mailbox\r\n");
}
END_TEST

START_TEST(keywords_are_announced_before_they_are_told)
{
    lab_selected(0);
    lab_selected(1);
    say(0, "a STORE 1 +FLAGS (Work)");
    const char *said = say(1, "b NOOP");
    const char *flags = strstr(said,
                               "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft Work)\r\n");
    const char *told = strstr(said, "* 1 FETCH (FLAGS (Work))\r\n");
    ck_assert_msg(flags && told && flags < told, "%s", said);
    say(0, "a STORE 2 +FLAGS.SILENT (Home)");
    hold(1, "b FETCH 2 FLAGS",
         "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft Work Home)\r\n");
    for (int i = 0; i < KEYWORDS_MAX - 2; i++) {
        char line[100];
        snprintf(line, sizeof line, "a STORE 1 +FLAGS.SILENT (K%d)", i);
        hold(0, line, "a OK ");
    }
    refuse(0, "a STORE 1 +FLAGS (OneTooMany)", "a NO [LIMIT] ");
    refuse(0, "a APPEND INBOX (OneTooMany) {4+}\r\nA: b", "a NO [LIMIT] ");
    refuse(0, "a STORE 1 -FLAGS (OneTooMany)", "* 1 FETCH (FLAGS (\\Recent Work");
}
END_TEST

/* --- APPEND, COPY, MOVE ------------------------------------------------------------------- */

START_TEST(append_stays_in_step_whatever_is_wrong)
{
    lab_selected(0);
    refuse(0, "a APPEND Nowhere {4+}\r\nA: b", "a NO [TRYCREATE] ");
    refuse(0, "a APPEND \"a%b\" {4+}\r\nA: b", "a NO [CANNOT] ");
    refuse(0, "a APPEND INBOX (\\Recent) {4+}\r\nA: b", "a BAD ");
    refuse(0, "a APPEND INBOX \"yesterday\" {4+}\r\nA: b", "a BAD ");
    refuse(0, "a APPEND INBOX {4+}\r\nA: b{4+}\r\nC: d", "a BAD ");
    refuse(0, "a APPEND INBOX {0+}\r\n", "a NO [CANNOT] ");
    refuse(0, "a APPEND INBOX \"A: b\"", "a BAD ");
    refuse(0, "a APPEND INBOX", "a BAD ");
    refuse(0, "a APPEND INBOX {33554433}", "a NO [TOOBIG] Too big: at most 33554432 octets here");
    const char *said = lab_send(&lab, 0, SLICE("a APPEND INBOX {4+}\r\nA\0\0b\r\n"), 0);
    ck_assert_msg(strncmp(said, "a NO [CANNOT] A message cannot contain NUL", 35) == 0, "%s", said);
    ck_assert_uint_eq(inbox_messages(), 3);
    said = lab_send(
        &lab, 0,
        SLICE(
            "a APPEND {5+}\r\nINBOX (\\Seen Work) \" 5-Jan-2026 10:00:00 +0100\" {4+}\r\nA: b\r\n"),
        1);
    ck_assert_ptr_nonnull(strstr(
        said, "* 4 EXISTS\r\n* 4 RECENT\r\na OK [APPENDUID 1767603600 4] APPEND completed\r\n"));
    hold(0, "a FETCH 4 (FLAGS INTERNALDATE RFC822.SIZE)",
         "* 4 FETCH (FLAGS (\\Seen \\Recent Work) INTERNALDATE \" 5-Jan-2026 10:00:00 +0100\" "
         "RFC822.SIZE 4)\r\n");
}
END_TEST

START_TEST(a_big_message_comes_and_goes_in_pieces)
{
    struct buf text = BUF_MAX(8u << 20);
    buf_add_text(&text, "Subject: big\r\n\r\n");
    while (text.len < 5000000)
        buf_format(&text, "line at %zu\r\n", text.len);
    struct buf command = BUF_MAX(8u << 20);
    buf_format(&command, "a APPEND INBOX {%zu+}\r\n", text.len);
    buf_add(&command, buf_slice(&text));
    buf_add_text(&command, "\r\n");
    lab_login(&lab, 0);
    const char *said = lab_send(&lab, 0, buf_slice(&command), 5000);
    ck_assert_msg(strncmp(said, "a OK [APPENDUID ", 16) == 0, "%s", said);
    say(0, "a SELECT INBOX");
    buf_clear(&lab.said[0]);
    session_input(lab.sessions[0], SLICE("b FETCH 4 BODY.PEEK[]\r\n"));
    ck_assert(session_is_busy(lab.sessions[0]));
    ck_assert_uint_lt(session_output(lab.sessions[0]).len, OUTPUT_HIGH_WATER + 65536);
    lab_turn(&lab);
    slice out = buf_slice(&lab.said[0]);
    char head[100];
    int len = snprintf(head, sizeof head, "* 4 FETCH (BODY[] {%zu}\r\n", text.len);
    ck_assert(slice_starts(out, head));
    ck_assert(slice_equal(slice_upto(slice_from(out, (size_t)len), text.len), buf_slice(&text)));
    ck_assert(slice_is(slice_from(out, (size_t)len + text.len), ")\r\nb OK FETCH completed\r\n"));
    buf_free(&text);
    buf_free(&command);
}
END_TEST

START_TEST(copy_and_move_tell_the_new_uids)
{
    lab_selected(0);
    hold(0, "a COPY 1,3 Archive", "a OK [COPYUID 1767603601 1,3 1:2] COPY completed\r\n");
    expect(0, "a UID COPY 77 Archive", "a OK COPY completed\r\n");
    expect(0, "a UID MOVE 77 Archive", "a OK MOVE completed\r\n");
    expect(0, "a MOVE 1:2 Archive",
           "* OK [COPYUID 1767603601 1:2 3:4] Moved\r\n* 1 EXPUNGE\r\n* 1 EXPUNGE\r\na OK MOVE "
           "completed\r\n");
    expect(0, "a MOVE 1 inbox",
           "* OK [COPYUID 1767603600 3 4] Moved\r\n* 1 EXPUNGE\r\n* 1 EXISTS\r\n* 1 RECENT\r\na OK "
           "MOVE completed\r\n");
    refuse(0, "a COPY 2 Archive", "a BAD ");
    refuse(0, "a COPY 1 Nowhere", "a NO [TRYCREATE] ");
    refuse(0, "a MOVE 1 Nowhere", "a NO [TRYCREATE] ");
}
END_TEST

/* --- names -------------------------------------------------------------------------------- */

START_TEST(names_are_only_names)
{
    static const char *const good[] = {
        "../../x",
        "\"'; DROP TABLE mailbox; --\"",
        "\"a \\\"b\\\" \\\\c\"",
        "\"two words\"",
        "&AOQ-",
        "a/b/c",
    };
    lab_login(&lab, 0);
    for (size_t i = 0; i < COUNT(good); i++) {
        char line[300];
        snprintf(line, sizeof line, "a CREATE %s", good[i]);
        const char *said = say(0, line);
        bool made = strncmp(said, "a OK", 4) == 0;
        ck_assert_msg(made || strncmp(said, "a NO [CANNOT]", 13) == 0, "%s: %s", line, said);
        snprintf(line, sizeof line, "a STATUS %s (MESSAGES)", good[i]);
        hold(0, line, made ? "(MESSAGES 0)" : "a NO ");
    }
    refuse(0, "a CREATE \"\"", "a NO [CANNOT] ");
    refuse(0, "a CREATE a//b", "a NO [CANNOT] ");
    refuse(0, "a CREATE \"a*b\"", "a NO [CANNOT] ");
    refuse(0, "a CREATE \"&bad\"", "a NO [CANNOT] ");
    refuse(0, "a CREATE inbox", "a NO [ALREADYEXISTS] ");
    const char *said = lab_send(&lab, 0, SLICE("a CREATE {9+}\r\nx\r\n* 9 EX\r\n"), 0);
    ck_assert_msg(strncmp(said, "a NO [CANNOT] ", 14) == 0, "%s", said);
}
END_TEST

START_TEST(lists_match_levels)
{
    lab_login(&lab, 0);
    say(0, "a CREATE Trips/2026/Rome");
    expect(0, "a LIST \"\" %",
           "* LIST (\\HasNoChildren) \"/\" Archive\r\n* LIST (\\HasNoChildren) \"/\" INBOX\r\n* "
           "LIST (\\HasNoChildren) \"/\" Sent\r\n"
           "* LIST (\\HasChildren) \"/\" Trips\r\na OK LIST completed\r\n");
    expect(0, "a LIST Trips/ %",
           "* LIST (\\HasChildren) \"/\" Trips/2026\r\na OK LIST completed\r\n");
    expect(0, "a LIST \"\" Trips/*",
           "* LIST (\\HasChildren) \"/\" Trips/2026\r\n* LIST (\\HasNoChildren) \"/\" "
           "Trips/2026/Rome\r\na OK LIST completed\r\n");
    expect(0, "a LIST \"\" inbox",
           "* LIST (\\HasNoChildren) \"/\" INBOX\r\na OK LIST completed\r\n");
    expect(0, "a LIST \"\" \"\"", "* LIST (\\Noselect) \"/\" \"\"\r\na OK LIST completed\r\n");
    say(0, "a DELETE Trips/2026");
    expect(0, "a LIST \"\" Trips/%",
           "* LIST (\\Noselect \\HasChildren) \"/\" Trips/2026\r\na OK LIST completed\r\n");
    refuse(0, "a DELETE Trips/2026", "a NO [CANNOT] ");
    refuse(0, "a SELECT Trips/2026", "a NO [CANNOT] ");
    say(0, "a SUBSCRIBE Trips/2026/Rome");
    expect(0, "a LSUB \"\" *", "* LSUB () \"/\" Trips/2026/Rome\r\na OK LSUB completed\r\n");
    expect(0, "a LSUB \"\" %", "* LSUB (\\Noselect) \"/\" Trips\r\na OK LSUB completed\r\n");
    expect(0, "a LSUB \"\" Trips/%",
           "* LSUB (\\Noselect) \"/\" Trips/2026\r\na OK LSUB completed\r\n");
    say(0, "a DELETE Trips/2026/Rome");
    expect(0, "a LSUB \"\" *",
           "* LSUB (\\Noselect) \"/\" Trips/2026/Rome\r\na OK LSUB completed\r\n");
    say(0, "a UNSUBSCRIBE Trips/2026/Rome");
    expect(0, "a LSUB \"\" *", "a OK LSUB completed\r\n");
}
END_TEST

START_TEST(wild_patterns_take_no_time)
{
    char line[IMAP_LINE_MAX];
    lab_login(&lab, 0);
    strcpy(line, "a LIST \"\" ");
    for (size_t i = 0; i < LIST_PATTERN_MAX / 2; i++)
        strcat(line, "*%");
    hold(0, line, "a OK LIST completed\r\n");
    strcat(line, "%");
    refuse(0, line, "a BAD ");
}
END_TEST

START_TEST(renaming_keeps_what_rfc_3501_keeps)
{
    lab_selected(0);
    refuse(0, "a RENAME Archive Sent", "a NO [ALREADYEXISTS] ");
    refuse(0, "a RENAME Nowhere x", "a NO [NONEXISTENT] ");
    refuse(0, "a RENAME Archive Archive/x", "a NO [CANNOT] ");
    refuse(0, "a RENAME Archive a//b", "a NO [CANNOT] ");
    expect(0, "a RENAME INBOX Old",
           "* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n* 1 EXPUNGE\r\na OK RENAME completed\r\n");
    hold(0, "a STATUS Old (MESSAGES)", "(MESSAGES 3)");
    hold(0, "a STATUS INBOX (MESSAGES)", "(MESSAGES 0)");
}
END_TEST

/* --- memory ------------------------------------------------------------------------------- */

#ifdef __GLIBC__
#include <malloc.h>

START_TEST(many_selects_keep_their_size)
{
    struct mallinfo2 before = { 0 };
    lab_selected(0);
    for (size_t i = 0; i < 5000; i++) {
        say(0, "a SELECT INBOX");
        say(0, "a FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (Subject)])");
        if (i == 100)
            before = mallinfo2();
    }
    struct mallinfo2 after = mallinfo2();
    ck_assert_uint_le(after.uordblks, before.uordblks + 4096);
}
END_TEST
#endif

int main(void)
{
    Suite *suite = suite_create("imap_session");
    TCase *tcase = tcase_create("imap_session");
    tcase_add_checked_fixture(tcase, lab_ready, lab_away);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, the_table_is_sound);
    tcase_add_loop_test(tcase, lines_get_the_answer_they_deserve, 0, COUNT(lines));
    tcase_add_test(tcase, a_tag_too_long_is_no_tag);
    tcase_add_loop_test(tcase, literals_never_lose_the_thread, 0, COUNT(literals));
    tcase_add_test(tcase, many_literals_in_one_command_are_refused);
    tcase_add_test(tcase, a_command_of_many_big_literals_is_refused);
    tcase_add_test(tcase, long_lines_are_refused_once);
    tcase_add_test(tcase, bare_newlines_and_nuls_are_refused);
    tcase_add_test(tcase, too_many_errors_hang_up);
    tcase_add_test(tcase, authenticate_asks_and_believes);
    tcase_add_test(tcase, without_encryption_no_password_if_the_host_says_so);
    tcase_add_test(tcase, a_host_refuses_what_it_was_told_to);
    tcase_add_test(tcase, a_failed_select_leaves_the_mailbox);
    tcase_add_test(tcase, close_expunges_and_unselect_does_not);
    tcase_add_test(tcase, idle_returns_to_where_it_began);
    tcase_add_test(tcase, silence_ends_with_bye);
    tcase_add_test(tcase, recent_belongs_to_one_session);
    tcase_add_test(tcase, expunged_messages_stay_readable_until_told);
    tcase_add_test(tcase, expunge_waits_while_numbers_are_used);
    tcase_add_test(tcase, expunges_are_numbered_as_in_the_rfc);
    tcase_add_test(tcase, uid_expunge_takes_only_those);
    tcase_add_test(tcase, a_mailbox_deleted_under_a_session_reads_as_empty);
    tcase_add_test(tcase, keywords_are_announced_before_they_are_told);
    tcase_add_test(tcase, append_stays_in_step_whatever_is_wrong);
    tcase_add_test(tcase, a_big_message_comes_and_goes_in_pieces);
    tcase_add_test(tcase, copy_and_move_tell_the_new_uids);
    tcase_add_test(tcase, names_are_only_names);
    tcase_add_test(tcase, lists_match_levels);
    tcase_add_test(tcase, wild_patterns_take_no_time);
    tcase_add_test(tcase, renaming_keeps_what_rfc_3501_keeps);
#ifdef __GLIBC__
    tcase_add_test(tcase, many_selects_keep_their_size);
#endif
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
