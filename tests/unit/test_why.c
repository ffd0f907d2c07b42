/* test_why.c: the command `why`, the slips that it, the line about the state and `help` name in the
   same words, and that it has an answer of 80 columns to every row of every table. */
#include "views/why.h"

#include <stdio.h>

#include "servers/services_table.h"
#include "sim/language/build.h"
#include "tests/unit/language.h"
#include "views/exchange.h"
#include "views/guide.h"
#include "views/views.h"

static const struct command *const tables[] = { sim_commands, view_commands, NULL };

static struct world *world_begin(void) { return world_with(tables, default_world); }

static const struct {
    const char *lines;
    const char *answer;
} cases[] = {
    { "telnet mail smtp\nEHLO laptop\nRCPT TO:<bo@campus.example>\n",
      "S: 503 5.5.1 Need MAIL before RCPT             :why   you: RCPT TO:<bo@campus...\n"
      " Means  5: no; repeating the same won't help. 503: a good command at the wrong\n"
      "        moment.\n"
      " Cause  There is no message yet: MAIL begins one, then RCPT adds a recipient.\n"
      " Try    MAIL FROM:<ana@campus.example>\n"
      " Rule   READY + RCPT, wrong moment: 503, stay   RFC 5321 4.1.4\n" },
    { "telnet mail imap\nLOGIN ana tulip\n",
      "S: LOGIN BAD Unknown command ANA               :why   you: LOGIN ana tulip\n"
      " Means  BAD: the line could not be read, or came at the wrong moment. Nothing\n"
      "        was done. Your password was never looked at.\n"
      " Cause  There is no tag in front: the first word is yours, and \"LOGIN\" was taken\n"
      "        for it. The answer begins with the tag, so that one knows which command\n"
      "        it answers.\n"
      " Try    a1 LOGIN ana tulip\n"
      " Rule   NOT_AUTHENTICATED + UNKNOWN, no such command: BAD, stay   RFC 3501 2.2.1\n"
      " Others Courier imapd 5.0 NO.\n" },
    { "telnet mail pop3\nUSER ana\nPASS tulip\nDELE 1\n",
      "S: +OK message 1 marked                        :why   you: DELE 1\n"
      " Means  +OK: it worked.\n"
      " Cause  DELE marked the message; nothing is removed yet. QUIT leads to UPDATE,\n"
      "        which removes. RSET, a reset connection or a time-out keep everything.\n"
      " Try    RSET\n"
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

#define DOVECOT "set mail.campus.example answers like dovecot\n"
#define SMTP "telnet mail smtp\nEHLO x\n"
#define TO "MAIL FROM:<ana@campus.example>\n"
#define LMTP "set mail.campus.example serves lmtp\ntelnet mail lmtp\n"
#define POP3 "telnet mail pop3\nUSER ana\nPASS tulip\n"
#define IMAP "telnet mail imap\na1 LOGIN ana tulip\n"
#define INBOX IMAP "a1 SELECT INBOX\n"
#define SUBMIT "telnet mail submission\nEHLO x\n"

/* What is typed last, why it was answered so, and what to try: "" is the way on. */
static const struct {
    const char *lines, *says, *attempt;
} slips[] = {
    /* no tag; a verb of another protocol; only DONE is read; Subject: before DATA … */
    { IMAP "SELECT INBOX\n", "There is no tag in front: the first word is yours, and \"SELECT\" was", "a1 SELECT INBOX" },
    { IMAP "NOOP\n", "There is no tag in front", "a1 NOOP" },
    { "set mail.campus.example answers like sendmail\n" SMTP "BDAT 5\n",
      "\"BDAT\" is a command of SMTP that the server this host answers like does not know", "" },
    { DOVECOT "telnet mail pop3\nUSER ana\nPASS tulip\n",
      "The password is right: the maildrop is open; this server lets others open it too.", "STAT" },
    { DOVECOT "telnet mail pop3\nAUTH PLAIN AGFuYQB0dWxpcA==\n", "this server lets others open it too.", "STAT" },
    { DOVECOT "telnet mail pop3\nAUTH PLAIN\nAGFuYQB0dWxpcA==\n", "this server lets others open it too.", "STAT" },
    { "telnet mail smtp\nbye\n", "\"bye\" is no command of SMTP; QUIT ends the session.", "QUIT" },
    { POP3 "BYE\n", "\"BYE\" is no command of POP3; QUIT ends the session.", "QUIT" },
    { IMAP "bye\n", "IMAP has no QUIT: LOGOUT ends the session", "a1 LOGOUT" },
    { IMAP "RETR 1\n", "\"RETR\" is a command of POP3, not of IMAP.", "" },
    { SMTP "message to bo\n", "\"message\" is no command of SMTP.", "" },
    { SMTP "send this to bo\n", "\"send\" is no command of SMTP.", "" },
    { SMTP "hello\n", "\"hello\" is no command of SMTP. Did you mean HELO?", "" },
    { SMTP "mail sync\n", "for the mail program a colon goes first: :mail sync", ":mail sync" },
    { "telnet mail smtp\nmail list\n", "for the mail program a colon goes first: :mail list", ":mail list" },
    { SMTP "MAIL FROM:<ana@campus.example>\nmail read 1\n", "for the mail program a colon goes first: :mail read 1", ":mail read 1" },
    { IMAP "quit\n", "IMAP has no QUIT: LOGOUT ends the session", "a1 LOGOUT" },
    { IMAP "a1 QUIT\n", "IMAP has no QUIT: LOGOUT ends the session", "a1 LOGOUT" },
    { INBOX "FETCH 1 BODY[]\n", "There is no tag in front", "a1 FETCH 1 BODY[]" },
    { "telnet mail imap\nFETCH 1 BODY[]\n", "There is no tag in front", "a1 LOGIN ana tulip" },
    { "telnet mail pop3\nLOGIN ana tulip\n", "LOGIN is a command of IMAP; POP3 says USER and PASS.", "" },
    { "telnet mail pop3\nSELECT INBOX\n", "\"SELECT\" is a command of IMAP, not of POP3.", "" },
    { LMTP "EHLO laptop\n", "This is LMTP, not SMTP: LHLO stands in \"EHLO\"'s place.", "LHLO " },
    { LMTP "HELLO\n", "\"HELLO\" is no command of LMTP; its greeting is LHLO.", "LHLO " },
    { LMTP "BYE\n", "\"BYE\" is no command of LMTP; QUIT ends the session.", "QUIT" },
    { LMTP "AUTH PLAIN\n", "\"AUTH\" is a command of SMTP; LMTP does without it.", "" },
    { LMTP "RETR 1\n", "\"RETR\" is a command of POP3; LMTP only takes messages in.", "" },
    { LMTP "MIAL\n", "\"MIAL\" is no command of LMTP. Did you mean MAIL?", "" },
    { LMTP "LHLO x\n" TO "RCPT TO:<bo@kampus.example>\n",
      "That domain has no mailboxes here. Did you mean bo@campus.example?",
      "RCPT TO:<bo@campus.example>" },
    { "telnet mail smtp\nLHLO x\n",
      "\"LHLO\" opens LMTP, which is for the last step; SMTP's greeting is EHLO.", "EHLO " },
    { SMTP "RETR 1\n", "\"RETR\" is a command of POP3; SMTP only takes messages in.", "" },
    { SMTP "LIST\n", "\"LIST\" is a command of POP3 and IMAP; SMTP only takes messages in.", "" },
    { IMAP "a2 RETR 1\n", "\"RETR\" is a command of POP3, not of IMAP.", "" },
    { INBOX "a1 IDLE\nNOOP\n", "In IDLE only DONE is read: this line was not carried out", "a1 IDLE" },
    { INBOX "a1 IDLE\nhello\n", "In IDLE only DONE is read: this line was not carried out", "a1 IDLE" },
    { IMAP "a1 IDLE\nFETCH 1 FLAGS\n", "In IDLE only DONE is read", "a1 SELECT INBOX" },
    { IMAP "a1 IDLE\nboard\n", "\"board\" is a command of Pennypost; without a colon", ":board" },
    { SMTP "Subject: hi\n", "\"Subject:\" is a header field: it belongs to the message, after DATA.", "" },
    { SMTP "Bcc: dora@bakery.example\n", "Bcc is no command: a hidden recipient is one more RCPT", "" },
    { SMTP "BCC:<dora@bakery.example>\n", "Bcc is no command: a hidden recipient is one more RCPT", "" },
    { SMTP "Subject:hi\n", "\"Subject:hi\" is a header field: it belongs to the message", "" },
    { SMTP "http://x\n", "\"http://x\" is no command of SMTP.", "" },
    { "telnet mail smtp\nhello\n", "\"hello\" is no command of SMTP; its greeting is EHLO.", "EHLO laptop.campus.example" },
    { SMTP "EHOL x\n", "\"EHOL\" is no command of SMTP. Did you mean EHLO?", "" },
    { SMTP "XYZZY\n", "\"XYZZY\" is no command of SMTP.", "" },
    { "telnet mail imap\na1 XYZZY x\n", "\"XYZZY\" is no command of IMAP.", "" },
    { "telnet mail imap\nxyzzy\n", "There is no command in the line", "a1 NOOP" },
    { SMTP "states\n", "\"states\" is a command of Pennypost; without a colon it went to the", ":states" },
    { SMTP "\n", "The line is empty: there is no command in it.", "" },
    /* marked by DELE, or not there at all */
    { POP3 "DELE 1\nRETR 1\n", "DELE has marked this message in this session, so it cannot be read.", "RSET" },
    { POP3 "DELE 1\nDELE 1\n", "DELE has marked this message already in this session.", "RSET" },
    { POP3 "RETR 99\n", "The maildrop has no message of this number", "LIST" },
    { "telnet mail pop3\nQUIT\n", "there is no UPDATE, nothing is removed.", "telnet mail.campus.example 110" },
    { POP3 "DELE 1\nQUIT\n", "what DELE marked in this session is removed there", "telnet mail.campus.example 110" },
    { "telnet mail pop3\nUSER ana tulip\nPASS x\n", "USER took the whole line for a name", "USER ana" },
    { "telnet mail pop3\nUSER ana\nPASS wrong\n", "The name or the password is wrong", "USER ana" },
    { "telnet mail pop3\nPASS tulip\n", "PASS comes second: USER says whose maildrop it is.", "USER ana" },
    /* addresses */
    { SMTP "MAIL FROM:ana@campus.example\n", "An address stands between < and >", "MAIL FROM:<ana@campus.example>" },
    { SMTP "mail from ana@campus.example\n", "There is no colon: it is MAIL FROM:<address>.", "MAIL FROM:<ana@campus.example>" },
    { SMTP TO "rcpt to:bo\n", "An address stands between < and >", "rcpt to:<bo@campus.example>" },
    { SMTP TO "RCPT TO:<bo>\n", "After RCPT stands TO:<address>", "RCPT TO:<bo@campus.example>" },
    { SMTP TO "RCPT TO:<bo@campus.exmaple>\n", "That domain has no mailboxes here. Did you mean bo@campus.example?", "RCPT TO:<bo@campus.example>" },
    { SMTP TO "RCPT TO:<boo@campus.example>\n", "no user of it has that name. Did you mean bo@campus.example?", "RCPT TO:<bo@campus.example>" },
    { SMTP TO "RCPT TO:<nobody@campus.example>\n", "The domain is right, but no user of it has that name.", "RCPT TO:<bo@campus.example>" },
    { SMTP TO "RCPT TO:<dora@bakery.example>\n", "on port 25 this server relays for nobody.", "QUIT" },
    { SMTP TO TO, "A message has begun already: an earlier MAIL gave its sender.", "RSET" },
    { "telnet mail smtp\nRCPT TO:<bo@campus.example>\n", "RCPT comes third: EHLO, then MAIL, then RCPT.", "" },
    { SUBMIT TO, "Submission (port 587) takes messages only from users who have logged in.", "AUTH PLAIN AGFuYQB0dWxpcA==" },
    { SUBMIT "AUTH LOGIN\nana\n", "The answer is no base64", "AUTH LOGIN" },
    { SUBMIT "AUTH PLAIN ana tulip\n", "must be base64, and this is none.", "AUTH PLAIN AGFuYQB0dWxpcA==" },
    { SMTP TO "RCPT TO bo@campus.example\n", "There is no colon: it is RCPT TO:<address>.", "RCPT TO:<bo@campus.example>" },
    /* AUTH, step by step */
    { SUBMIT "AUTH LOGIN\n", "The server asks for your name; question and answer are in base64.", "YW5h" },
    { SUBMIT "AUTH PLAIN\n", "NUL, name, NUL and password, all in one base64 word.", "AGFuYQB0dWxpcA==" },
    { SUBMIT "AUTH LOGIN\nYW5h\n", "The server asks for the password; the answer is in base64 again.", "dHVsaXA=" },
    { "telnet mail pop3\nAUTH LOGIN\n", "The server asks for your name; question and answer are in base64.", "YW5h" },
    { "telnet mail pop3\nAUTH PLAIN\n", "NUL, name, NUL and password, all in one base64 word.", "AGFuYQB0dWxpcA==" },
    { "telnet mail pop3\nAUTH LOGIN\nYW5h\n", "The server asks for the password; the answer is in base64 again.", "dHVsaXA=" },
    { "telnet mail imap\na1 AUTHENTICATE LOGIN\n", "The server asks for your name; question and answer are in base64.", "YW5h" },
    { "telnet mail imap\na1 AUTHENTICATE PLAIN\n", "NUL, name, NUL and password, all in one base64 word.", "AGFuYQB0dWxpcA==" },
    { "telnet mail imap\na1 AUTHENTICATE LOGIN\nYW5h\n", "The server asks for the password; the answer is in base64 again.", "dHVsaXA=" },
    /* lines that are no command of POP3 or IMAP */
    { POP3 "LAST\n", "LAST was a command of POP3 until RFC 1725 of 1994", "" },
    { POP3 "states\n", "\"states\" is a command of Pennypost; without a colon it went to the", ":states" },
    { POP3 "RTER 1\n", "\"RTER\" is no command of POP3. Did you mean RETR?", "" },
    { POP3 "\n", "The line is empty: there is no command in it.", "" },
    { INBOX "states\n", "\"states\" is a command of Pennypost; without a colon it went to the", ":states" },
    { INBOX "a1 SELCET INBOX\n", "\"SELCET\" is no command of IMAP. Did you mean SELECT?", "" },
    { IMAP "a1 IDLE\nstates\n", "\"states\" is a command of Pennypost; without a colon", ":states" },
    { INBOX "a1 IDLE\nstates\n", "\"states\" is a command of Pennypost; without a colon", ":states" },
    { IMAP "a1 SELECT sent\n", "capitals count, but in INBOX. Did you mean Sent?", "a1 SELECT Sent" },
    { IMAP "a1 EXAMINE sent\n", "capitals count, but in INBOX. Did you mean Sent?", "" },
    { INBOX "a1 EXAMINE sent\n", "capitals count, but in INBOX. Did you mean Sent?", "" },
    { IMAP "a1 DELETE 2\n", "DELETE removes mailboxes, not messages, and no mailbox has this name.", "" },
    { INBOX "a1 STORE 99 FLAGS (\\Seen)\n", "The form is right, but the mailbox has fewer messages than that number.", "" },
    { INBOX "a1 COPY 99 Sent\n", "The form is right, but the mailbox has fewer messages than that number.", "" },
    { INBOX "a1 MOVE 99 Sent\n", "The form is right, but the mailbox has fewer messages than that number.", "" },
    /* IMAP's misconceptions */
    { INBOX "a1 DELETE 2\n", "DELETE removes mailboxes, not messages, and no mailbox has this name.", "a1 STORE 2 +FLAGS (\\Deleted)" },
    { IMAP "a1 DELETE Nix\n", "No mailbox has this name; DELETE removes mailboxes, not messages.", "a1 LIST \"\" *" },
    { INBOX "a1 FETCH 99 FLAGS\n", "The form is right, but the mailbox has fewer messages than that number.", "a1 FETCH * FLAGS" },
    { INBOX "a1 SELECT sent\n", "capitals count, but in INBOX. Did you mean Sent?", "a1 SELECT Sent" },
    { INBOX "a1 LOGIN ana tulip\n", "You are logged in already; a connection is one person's.", "a1 SELECT INBOX" },
    { IMAP "a1 FETCH 1 FLAGS\n", "No mailbox is open to FETCH from: SELECT opens one.", "a1 SELECT INBOX" },
    { "telnet mail imap\na1 SELECT INBOX\n", "and the server does not know who you are yet.", "a1 LOGIN ana tulip" },
    { IMAP "a1 EXAMINE INBOX\na1 STORE 1 +FLAGS (\\Seen)\n", "EXAMINE opened the mailbox for reading only", "a1 SELECT INBOX" },
    /* what went well, and is not what many take it for */
    { POP3 "RETR 1\n", "RETR read the message and left it on the server: only DELE and QUIT", "LIST" },
    { POP3 "DELE 1\n", "DELE marked the message; nothing is removed yet.", "RSET" },
    { INBOX "a1 STORE 1 +FLAGS (\\Deleted)\n", "\\Deleted is a flag: the message stays until EXPUNGE or CLOSE", "a1 NOOP" },
    { INBOX "a1 STORE 1 +FLAGS (Deleted)\n", "Without \\ in front this is a keyword of your own; the flag is \\Deleted.", "a1 STORE 1 +FLAGS (\\Deleted)" },
    { INBOX "a1 STORE 1:2 +FLAGS (\\Deleted)\na1 EXPUNGE\n", "moves the messages behind it up by one.", "a1 NOOP" },
    { INBOX "a1 FETCH 2 BODY[TEXT]\n", "BODY[...] sets \\Seen, for every device", "a1 FETCH 1 (FLAGS BODY.PEEK[HEADER])" },
    { INBOX "a1 FETCH 2 BODY.PEEK[TEXT]\n", "FETCH brought what was asked for", "a1 FETCH * FLAGS" },
    { IMAP "a1 CREATE Trips\n", "a program that shows subscribed ones waits for SUBSCRIBE.", "a1 LSUB \"\" *" },
    { INBOX "a1 IDLE\n", "the server tells at once what is new, but sends no message.", "DONE" },
};

/* Its lines one after the other. */
static void try_what_it_says(struct world *world)
{
    struct why_case asked;
    struct buf lines = BUF_MAX(65536);
    ck_assert(why_last(world, world->here, &asked));
    reason_attempt(&lines, &asked);
    slice rest = buf_slice(&lines);
    while (rest.len) {
        struct refused refused;
        slice line = take_until(&rest, '\n');
        ck_assert_msg(run_slice(world, line, &refused) != LINE_UNREADABLE, "%.*s: %s",
                      SLICE_ARG(line), refused.why.text);
        ck_assert(why_last(world, world->here, &asked));
        ck_assert_msg(slice_starts(line, ":") || slice_starts(line, "telnet ") ||
                      outcome_is_good(asked.outcome), "%.*s", SLICE_ARG(line));
    }
    buf_free(&lines);
}

/* `why`, the line about the state and `help` tell the same, and the advice works. */
START_TEST(every_slip_is_named)
{
    struct world *world = world_begin();
    struct front front = { .look = { .utf8 = true, .columns = 1000 } };
    struct buf shown = BUF_MAX(1u << 20), lines = BUF_MAX(65536);
    struct why_case asked;
    world->front = &front;
    run(world, slips[_i].lines);
    conns_read(&front.conns, world->trace);
    exchange_show(&shown, world, &front, trace_first(world->trace), trace_end(world->trace), false);
    ck_assert(why_last(world, world->here, &asked));
    reason_attempt(&lines, &asked);
    ck_assert_msg(contains(buf_slice(&shown), slips[_i].says) ||
                  asked.outcome == OUT_CONTINUE || /* a note tells the challenge */
                  (outcome_is_good(asked.outcome) && (!reason_of(&asked)->belief)),
                  "%s%s", slips[_i].lines, buf_text(&shown));
    buf_clear(&shown);
    reason_says(&shown, &asked);
    ck_assert_msg(contains(buf_slice(&shown), slips[_i].says), "%s: %s", slips[_i].lines,
                  buf_text(&shown));
    ck_assert_msg(slice_starts(buf_slice(&lines), slips[_i].attempt), "%s: %s", slips[_i].lines,
                  buf_text(&lines));
    answers(world, ":why", true, " Cause  ");
    check_answer_drawn(last_of(world, TRACE_ANSWER)->text, ":why");
    try_what_it_says(world);
    buf_free(&shown);
    buf_free(&lines);
    conns_free(&front.conns);
    world->front = NULL;
    world_end(world);
}
END_TEST

/* Every row that only some lines lead to: the others happen in tests/tables/test_reasons.c. */
/* LMTP answers for each recipient, and its state is told once, with what one can do then. A message
   without a header has no subject, and a board says so. */
START_TEST(many_recipients_one_state)
{
    struct world *world = world_begin();
    struct front front = { .look = { .utf8 = true, .columns = 1000 } };
    struct buf shown = BUF_MAX(1u << 20);
    world->front = &front;
    run(world, LMTP "LHLO x\nMAIL FROM:<ana@campus.example>\nRCPT TO:<bo@campus.example>\n"
                    "RCPT TO:<cem@campus.example>\nDATA\n: party\n.\n");
    conns_read(&front.conns, world->trace);
    exchange_show(&shown, world, &front, trace_first(world->trace), trace_end(world->trace), false);
    ck_assert(contains(buf_slice(&shown), "REPORTING --RECIPIENT--> READY"));
    ck_assert(!contains(buf_slice(&shown), "REPORTING, stays"));
    answers(world, ":board bo", true, "H (no subject) ");
    buf_free(&shown);
    conns_free(&front.conns);
    world->front = NULL;
    world_end(world);
}
END_TEST

START_TEST(every_slip_happens)
{
    static bool met[4][600];
    static const char *const names[] = { "smtp", "pop3", "imap", "lmtp" };
    size_t missing = 0;
    for (size_t i = 0; i < COUNT(slips); i++) {
        struct world *world = world_begin();
        struct why_case asked;
        run(world, slips[i].lines);
        ck_assert(why_last(world, world->here, &asked));
        const struct reason *reason = reason_of(&asked);
        const struct reasons *own = reasons_of(asked.protocol);
        for (size_t k = 0; k < COUNT(names); k++)
            if (strcmp(asked.protocol->name, names[k]) == 0 && reason >= own->rows &&
                reason < own->rows + own->count)
                met[k][reason - own->rows] = true;
        world_end(world);
    }
    for (size_t k = 0; k < COUNT(names); k++) {
        const struct reasons *reasons = reasons_of(protocol_for_name(slice_of(names[k])));
        ck_assert_uint_le(reasons->count, COUNT(met[k]));
        for (size_t i = 0; i < reasons->count; i++)
            if (reasons->rows[i].fits && !met[k][i]) {
                printf("# %s: %s %s: %s\n", names[k], reasons->rows[i].event,
                       outcome_name(reasons->rows[i].outcome), reasons->rows[i].says);
                missing++;
            }
    }
    ck_assert_uint_eq(missing, 0);
}
END_TEST

#define CLIENT                                                                                     \
    "arrive 0 on mail.campus.example at 1767603600000 chance 7\n"                                  \
    "arrive 10 opens 1 port 143\narrive 20 says 1 \"a1 LOGIN ana tulip\\r\\n"                      \
    "a2 FETCH 1 FLAGS\\r\\nboard\\r\\na3 SELECT INBOX\\r\\n\"\narrive 30 happens\n"

/* A real client's connection: its last refusal, though it went on; its lines; where it stands. */
START_TEST(a_real_clients_connection_is_explained)
{
    struct world *world = world_begin();
    run(world, CLIENT);
    answers(world, "why 1", true, ":why   it:  board\n");
    answers(world, "why 1", true, " Cause  There is no command in the line");
    answers(world, "log 1", true, "--- 1  imap:143  localhost -> mail.campus.example");
    answers(world, "log 1", true, "C: a2 FETCH 1 FLAGS\n");
    answers(world, "log 1 commands", true, "C: board\nC: a3 SELECT INBOX\n");
    answers(world, "states 1", true,
            "localhost -> mail.campus.example:143   TLS off, logged in as ana");
    answers(world, "states 1", true, "[[SELECTED]]");
    answers(world, "why 2", false, "Nothing is known of a connection 2");
    answers(world, "log 2", false, "Nothing is known of a connection 2");
    answers(world, "states 2", false, "Nothing is known of a connection 2");
    run(world, "arrive 40 parts\narrive 41 off");
    answers(world, "states 1", true, "connection 1, closed");
    world_end(world);
}
END_TEST

/* After goodbye it still knows; before anything was said it says so. */
START_TEST(why_knows_the_last_connection)
{
    struct world *world = world_begin();
    answers(world, "why", false, "no reply to explain");
    run(world, "telnet mail smtp\n");
    answers(world, ":why", true, "OPENED");
    run(world, "QUIT\n");
    answers(world, "why", true, "CONNECTED + QUIT");
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

static bool sentence_for(const struct protocol *protocol, const struct rule *rule, int before,
                         int event)
{
    struct why_case asked = { .protocol = protocol, .before = before, .event = event,
                              .outcome = (enum outcome)rule->outcome };
    return protocol->events[event].verb && reason_of(&asked);
}

START_TEST(every_row_has_an_answer)
{
    static const char *const names[] = { "smtp", "pop3", "imap" };
    const struct protocol *protocol = protocol_for_name(slice_of(names[_i]));
    size_t meant = 0;
    for (size_t i = 0; i < protocol->rule_count; i++) {
        const struct rule *rule = &protocol->rules[i];
        int event = rule->event, before = 0;
        while (!(rule->from & IN(before)))
            before++;
        while (event == EV_ANY || !sentence_for(protocol, rule, before, event))
            event++;
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

/* Nothing is said of another server that is true of ours alone. */
START_TEST(why_knows_whose_answer_it_is)
{
    struct world *world = world_begin();
    run(world, "set mail.campus.example answers like dovecot\n" IMAP "a1 EXAMINE INBOX\n"
               "a1 STORE 1 +FLAGS (\\Seen)\n");
    answers(world, ":why", true, " Means  It says OK, and did nothing.\n");
    run(world, "a1 EXPUNGE\n");
    answers(world, ":why", true, " Means  It says OK, and did nothing.\n");
    run(world, "a1 NOOP\n");
    answers(world, ":why", true, " Means  OK: it worked.\n");
    run(world, "a1 LOGOUT\nset mail.campus.example answers like courier\n" INBOX
               "a1 FETCH 99 FLAGS\n:why");
    ck_assert(contains(last_of(world, TRACE_ANSWER)->text, " Cause  FETCH wants message numbers"));
    ck_assert(!contains(last_of(world, TRACE_ANSWER)->text, "column"));
    world_end(world);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("why");
    tcase_add_loop_test(tests, why_answers, 0, COUNT(cases));
    tcase_add_test(tests, every_slip_happens);
    tcase_add_test(tests, many_recipients_one_state);
    tcase_add_loop_test(tests, every_slip_is_named, 0, COUNT(slips));
    tcase_add_test(tests, a_real_clients_connection_is_explained);
    tcase_add_test(tests, why_knows_the_last_connection);
    tcase_add_test(tests, why_knows_pipelined_lines);
    tcase_add_loop_test(tests, every_row_has_an_answer, 0, 3);
    tcase_add_test(tests, why_is_safe);
    tcase_add_test(tests, why_knows_whose_answer_it_is);
    return run_cases("why", tests);
}
