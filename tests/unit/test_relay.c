/* test_relay.c: the relay against servers that are busy, rude or gone, in a world that only
   notes what it was asked for. What the simulated network makes of it: tests/scenarios. */
#include "base/limits.h"
#include "servers/smtp/smtp_deliver.h"
#include "servers/smtp/smtp_relay.h"
#include "servers/store/store.h"
#include "tests/unit/store_check.h"

#define HOST "mail.campus.example"

static struct test_clock test_clock;
static struct policy policy = { .name = HOST, .domains = { "campus.example" }, .domain_count = 1 };
static struct services services;
static struct relay *relay;
static struct delivery *delivery; /* the one under way */
static struct buf events;         /* "connect one; delivered b@y; ..." */
static struct buf told;           /* by the relay to servers */
static int64_t wake_ms;
static uint64_t ids;

/* --- the world ------------------------------------------------------------------------------- */

static void world_lookup(void *context, struct delivery *which, slice domain)
{
    (void)context;
    (void)domain;
    delivery = which;
}

static void world_connect(void *context, struct delivery *which, slice host)
{
    (void)context;
    if (!delivery && host.at[0] == '[')
        delivery = which; /* no name was asked for */
    ck_assert_ptr_eq(which, delivery);
    buf_format(&events, "connect %.*s; ", SLICE_ARG(host));
}

static void world_send(void *context, struct delivery *which)
{
    (void)context;
    slice out = relay_output(which);
    buf_add(&told, out);
    relay_sent(which, out.len);
}

static void world_hang_up(void *context, struct delivery *which)
{
    (void)context;
    ck_assert_ptr_eq(which, delivery);
    delivery = NULL;
}

static void world_wake(void *context, int64_t at_ms)
{
    (void)context;
    wake_ms = at_ms;
}

static void world_note(void *context, enum queue_fact fact, const struct queued *entry)
{
    (void)context;
    slice recipient = slice_of(entry->recipient), name = take_until(&recipient, '@');
    buf_format(&events, "%s %.*s; ", queue_fact_name(fact), SLICE_ARG(name));
}

static uint64_t new_id(struct services *asked)
{
    (void)asked;
    return ids = ids * 6364136223846793005u + 1442695040888963407u;
}

static void ignore_stored(struct services *asked, int64_t mailbox, uint32_t uid,
                          int64_t message_key)
{
    (void)asked;
    (void)mailbox;
    (void)uid;
    (void)message_key;
}

static void ignore_changed(struct services *asked, int64_t mailbox)
{
    (void)asked;
    (void)mailbox;
}

static void ignore_queued(struct services *asked) { (void)asked; }

static void setup(void)
{
    test_clock = (struct test_clock){ START_MS, 1 };
    services = (struct services){ .store = world_open(NULL, &test_clock), .policy = &policy,
                                  .now_ms = START_MS, .new_id = new_id, .queued = ignore_queued,
                                  .changed = ignore_changed, .stored = ignore_stored };
    user_add(services.store, "ana@campus.example");
    const struct relay_world world = { NULL, world_lookup, world_connect, world_send,
                                       world_hang_up, world_wake, world_note };
    relay = relay_new(&services, world);
    events = BUF_MAX(65536);
    told = BUF_MAX(1u << 20);
    delivery = NULL;
    ids = 1;
}

static void teardown(void)
{
    relay_free(relay);
    buf_free(&events);
    buf_free(&told);
    world_close(services.store);
}

/* --- messages and servers --------------------------------------------------------------------- */

static void queue_message(const char *const *recipients, size_t count)
{
    int64_t message_key = message_add(services.store, SLICE("Subject: x\r\n\r\nbody\r\n"));
    for (size_t i = 0; i < count; i++)
        ck_assert(smtp_deliver_queue(&services, message_key, SLICE("ana@campus.example"),
                                     slice_of(recipients[i]), NULL));
    ck_assert(store_commit(services.store));
    relay_look(relay);
    ck_assert_ptr_nonnull(delivery);
}

/* Replies with | between them; a last "#" closes the connection. "": closes the connection at
   once. */
static void server_says(const char *replies)
{
    slice rest = slice_of(replies);
    relay_opened(relay, delivery);
    while (rest.len && delivery) {
        slice reply = take_until(&rest, '|');
        if (slice_is(reply, "#"))
            break;
        struct buf line = BUF_MAX(65536);
        buf_format(&line, "%.*s\r\n", SLICE_ARG(reply));
        relay_input(relay, delivery, buf_slice(&line));
        buf_free(&line);
    }
    if (delivery)
        relay_closed(relay, delivery, "4.4.2 the server closed the connection");
}

#define GOOD "220 hi|250 hello|250 ok|250 ok|354 go|250 have it|221 bye"

#define AT(name, preference) { { name, sizeof name - 1 }, preference }

static const struct exchanger two[] = { AT("one", 10), AT("two", 20) };

/* --- one recipient --------------------------------------------------------------------------- */

static const struct {
    const char *what, *one, *other, *events;
} cases[] = {
    { "a good server", GOOD, NULL, "delivered eva; " },
    { "busy at the greeting", "421 busy|221 bye|#", GOOD, "connect two; delivered eva; " },
    { "busy, and gone without a QUIT", "421 busy|#", GOOD, "connect two; delivered eva; " },
    { "no service at all", "554 no mail here|#", GOOD, "connect two; delivered eva; " },
    { "the better one was only away", "#", "220 hi|554 no|554 no|221 bye|#",
      "connect two; retry eva; " },
    { "no service at either", "554 no|#", "554 no|#", "connect two; bounced eva; " },
    { "gone before the greeting", "", GOOD, "connect two; delivered eva; " },
    { "gone after the greeting", "220 hi|#", GOOD, "connect two; delivered eva; " },
    { "no answer that is one", "what?", GOOD, "connect two; delivered eva; " },
    { "busy at EHLO", "220 hi|421 busy|#", GOOD, "connect two; delivered eva; " },
    { "only HELO", "220 hi|502 what|250 hello|250 ok|250 ok|354 go|250 ok|221 bye", NULL,
      "delivered eva; " },
    { "a sender that is not wanted", "220 hi|250 hello|550 no|221 bye", NULL, "bounced eva; " },
    { "a sender who is to wait", "220 hi|250 hello|450 wait|221 bye|#", GOOD,
      "connect two; delivered eva; " },
    { "nobody there", "220 hi|250 hello|250 ok|550 5.1.1 who|221 bye", NULL, "bounced eva; " },
    { "no room: 552 is not for ever", "220 hi|250 hello|250 ok|552 full|221 bye|#", GOOD,
      "connect two; delivered eva; " },
    { "no DATA", "220 hi|250 hello|250 ok|250 ok|554 no|221 bye", NULL, "bounced eva; " },
    { "250 to DATA", "220 hi|250 hello|250 ok|250 ok|250 eh|221 bye|#", GOOD,
      "connect two; delivered eva; " },
    { "gone before the answer to the dot", "220 hi|250 hello|250 ok|250 ok|354 go|#", "220 hi|#",
      "connect two; retry eva; " },
    { "no to the dot", "220 hi|250 hello|250 ok|250 ok|354 go|554 spam|221 bye", NULL,
      "bounced eva; " },
    { "gone at QUIT: accepted is accepted", "220 hi|250 hello|250 ok|250 ok|354 go|250 ok|#", NULL,
      "delivered eva; " },
    { "many lines", "220-hi|220-ho|220 hi|250-hello|250-SIZE 1000|250-8BITMIME|250 x|250 ok|250 ok|"
                    "354 go|250 have it|221 bye", NULL, "delivered eva; " },
};

START_TEST(servers_of_all_kinds)
{
    static const char *const recipient[] = { "eva@shop.example" };
    struct buf wanted = BUF_MAX(1024);
    buf_format(&wanted, "connect one; %s", cases[_i].events);
    setup();
    queue_message(recipient, 1);
    relay_names(relay, delivery, NAMES_FOUND, two, 2);
    server_says(cases[_i].one);
    if (delivery && cases[_i].other)
        server_says(cases[_i].other);
    ck_assert_msg(slice_equal(buf_slice(&events), buf_slice(&wanted)), "%s: %s", cases[_i].what,
                  buf_text(&events));
    ck_assert_ptr_null(delivery);
    buf_free(&wanted);
    teardown();
}
END_TEST

START_TEST(a_reply_without_end)
{
    static const char *const recipient[] = { "eva@shop.example" };
    char much[5000];
    memset(much, 'x', sizeof much);
    setup();
    queue_message(recipient, 1);
    relay_names(relay, delivery, NAMES_FOUND, two, 1);
    relay_opened(relay, delivery);
    relay_input(relay, delivery, (slice){ much, sizeof much });
    ck_assert_str_eq(buf_text(&events), "connect one; retry eva; ");
    relay_look(relay);
    ck_assert_ptr_null(delivery);
    services.now_ms = (uint64_t)wake_ms;
    relay_look(relay);
    relay_names(relay, delivery, NAMES_FOUND, two, 1);
    relay_opened(relay, delivery);
    for (int i = 0; i <= RELAY_REPLY_LINES_MAX && delivery; i++)
        relay_input(relay, delivery, SLICE("220-more\r\n"));
    ck_assert_ptr_null(delivery);
    teardown();
}
END_TEST

/* --- several recipients, several hosts ------------------------------------------------------- */

START_TEST(each_recipient_has_a_fate)
{
    static const char *const recipients[] = { "ada@shop.example", "ben@shop.example",
                                              "cat@shop.example" };
    setup();
    queue_message(recipients, 3);
    relay_names(relay, delivery, NAMES_FOUND, two, 2);
    server_says("220 hi|250 hello|250 ok|250 ok|451 wait|550 no|354 go|250 have it|221 bye|#");
    ck_assert_str_eq(buf_text(&events), "connect one; delivered ada; bounced cat; connect two; ");
    server_says(GOOD);
    ck_assert_str_eq(buf_text(&events),
                     "connect one; delivered ada; bounced cat; connect two; delivered ben; ");
    ck_assert_uint_eq(store_queue_count(services.store, SLICE(HOST)), 0);
    teardown();
}
END_TEST

START_TEST(names_without_addresses)
{
    static const char *const recipient[] = { "eva@shop.example" };
    static const struct exchanger one[] = { AT("one", 10) };
    setup();
    queue_message(recipient, 1);
    relay_names(relay, delivery, NAMES_FOUND, two, 2);
    relay_no_address(relay, delivery);
    relay_no_address(relay, delivery);
    ck_assert_str_eq(buf_text(&events), "connect one; connect two; bounced eva; ");
    buf_clear(&events);
    queue_message(recipient, 1);
    relay_names(relay, delivery, NAMES_FOUND, two, 2);
    relay_closed(relay, delivery, "4.4.1 timed out");
    relay_no_address(relay, delivery);
    ck_assert_str_eq(buf_text(&events), "connect one; connect two; retry eva; ");
    buf_clear(&events);
    queue_message(recipient, 1);
    relay_names(relay, delivery, NAMES_NONE, one, 0);
    ck_assert_str_eq(buf_text(&events), "bounced eva; ");
    buf_clear(&events);
    queue_message(recipient, 1);
    relay_names(relay, delivery, NAMES_NO_ANSWER, one, 0);
    ck_assert_str_eq(buf_text(&events), "retry eva; ");
    buf_clear(&events);
    queue_message((const char *const[]){ "eva@mill.example" }, 1);
    relay_names(relay, delivery, NAMES_NO_MX, NULL, 0);
    ck_assert_str_eq(buf_text(&events), "connect mill.example; ");
    teardown();
}
END_TEST

static void hosts_are(const struct exchanger *exchangers, size_t count, const char *wanted)
{
    static const char *const recipient[] = { "eva@shop.example" };
    setup();
    queue_message(recipient, 1);
    relay_names(relay, delivery, NAMES_FOUND, exchangers, count);
    for (size_t i = 0; i < count && delivery; i++)
        relay_closed(relay, delivery, "4.4.1 timed out");
    ck_assert_ptr_null(delivery);
    ck_assert_str_eq(buf_text(&events), wanted);
    teardown();
}

START_TEST(mail_never_goes_back)
{
    static const struct exchanger last[] = { AT("one", 10), AT(HOST, 20), AT("two", 30) };
    static const struct exchanger equal[] = { AT("one", 10), AT("a", 20), AT(HOST, 20),
                                              AT("z", 20) };
    static const struct exchanger first[] = { AT("Mail.CAMPUS.example", 10), AT("two", 30) };
    hosts_are(last, 3, "connect one; retry eva; ");
    hosts_are(equal, 4, "connect one; retry eva; ");
    hosts_are(first, 2, "bounced eva; ");
}
END_TEST

START_TEST(equals_share_the_load)
{
    static const char *const recipient[] = { "eva@shop.example" };
    static const struct exchanger three[] = { AT("a", 5), AT("b", 5), AT("c", 9) };
    int first_a = 0, first_b = 0;
    for (int i = 0; i < 64; i++) {
        setup();
        ids = (uint64_t)i * 0x9e3779b97f4a7c15u;
        queue_message(recipient, 1);
        relay_names(relay, delivery, NAMES_FOUND, three, 3);
        relay_closed(relay, delivery, "4.4.1 timed out");
        relay_closed(relay, delivery, "4.4.1 timed out");
        bool a = slice_is(buf_slice(&events), "connect a; connect b; connect c; ");
        ck_assert(a || slice_is(buf_slice(&events), "connect b; connect a; connect c; "));
        first_a += a;
        first_b += !a;
        teardown();
    }
    ck_assert_int_gt(first_a, 16);
    ck_assert_int_gt(first_b, 16);
}
END_TEST

/* --- what the sender wants (RFC 3461, 6531) -------------------------------------------------- */

static void queue_with(const char *recipient, const struct dsn *dsn)
{
    int64_t message_key = message_add(services.store, SLICE("Subject: x\r\n\r\nbody\r\n"));
    ck_assert(smtp_deliver_queue(&services, message_key, SLICE("ana@campus.example"),
                                 slice_of(recipient), dsn));
    ck_assert(store_commit(services.store));
    relay_look(relay);
    ck_assert_ptr_nonnull(delivery);
}

static bool was_told(const char *text)
{
    size_t at = 0;
    return slice_find_text(buf_slice(&told), slice_of(text), &at);
}

static uint32_t mails_of_ana(void)
{
    struct user user;
    struct mailbox inbox;
    ck_assert(store_user_by_address(services.store, SLICE("ana@campus.example"), &user));
    ck_assert(store_mailbox_find(services.store, user.id, SLICE("INBOX"), &inbox));
    return inbox.messages;
}

#define TAKES(extension) \
    "220 hi|250-hello|250 " extension "|250 ok|250 ok|354 go|250 have it|221 bye"

static const struct {
    const char *what;
    struct dsn dsn;
    const char *server, *mail, *rcpt, *events;
    uint32_t reports;
} wished[] = {
    { "a server that reports itself",
      { NOTIFY_SUCCESS | NOTIFY_DELAY, RETURN_FULL, false, "Q1", "rfc822;eva@x" }, TAKES("DSN"),
      "MAIL FROM:<ana@campus.example> RET=FULL ENVID=Q1\r\n",
      "RCPT TO:<eva@shop.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;eva@x\r\n",
      "delivered eva; ", 0 },
    { "one that does not: we say that it was handed on", { .notify = NOTIFY_SUCCESS },
      TAKES("HELP"), "MAIL FROM:<ana@campus.example>\r\n", "RCPT TO:<eva@shop.example>\r\n",
      "delivered eva; ", 1 },
    { "and nothing to who did not ask", { .notify = NOTIFY_FAILURE }, TAKES("HELP"),
      "MAIL FROM:<ana@campus.example>\r\n", "RCPT TO:<eva@shop.example>\r\n",
      "delivered eva; ", 0 },
    { "SMTPUTF8 is not said of what needs none", { .utf8 = true }, TAKES("SMTPUTF8"),
      "MAIL FROM:<ana@campus.example>\r\n", "RCPT TO:<eva@shop.example>\r\n",
      "delivered eva; ", 0 },
    { "so a server without it takes that too", { .utf8 = true }, TAKES("8BITMIME"),
      "MAIL FROM:<ana@campus.example> BODY=8BITMIME\r\n", "RCPT TO:<eva@shop.example>\r\n",
      "delivered eva; ", 0 },
    { "a bounce that nobody wants", { .notify = NOTIFY_NEVER },
      "220 hi|250 hello|250 ok|550 5.1.1 who|221 bye", "MAIL FROM:<ana@campus.example>\r\n",
      "RCPT TO:<eva@shop.example>\r\n", "dropped eva; ", 0 },
    { "one that is not among those wanted", { .notify = NOTIFY_SUCCESS | NOTIFY_DELAY },
      "220 hi|250 hello|250 ok|550 5.1.1 who|221 bye", "MAIL FROM:<ana@campus.example>\r\n",
      "RCPT TO:<eva@shop.example>\r\n", "dropped eva; ", 0 },
    { "a bounce, wanted whole", { .notify = NOTIFY_FAILURE, .returns = RETURN_FULL },
      "220 hi|250 hello|250 ok|550 5.1.1 who|221 bye", "MAIL FROM:<ana@campus.example>\r\n",
      "RCPT TO:<eva@shop.example>\r\n", "bounced eva; ", 1 },
};

START_TEST(dsn_are_heard)
{
    setup();
    queue_with("eva@shop.example", &wished[_i].dsn);
    relay_names(relay, delivery, NAMES_FOUND, two, 1);
    buf_clear(&events);
    server_says(wished[_i].server);
    ck_assert_msg(slice_is(buf_slice(&events), wished[_i].events), "%s: %s", wished[_i].what,
                  buf_text(&events));
    ck_assert_msg(was_told(wished[_i].mail), "%s: %s", wished[_i].what, buf_text(&told));
    ck_assert_msg(was_told(wished[_i].rcpt), "%s: %s", wished[_i].what, buf_text(&told));
    ck_assert_msg(mails_of_ana() == wished[_i].reports, "%s", wished[_i].what);
    ck_assert_uint_eq(store_queue_count(services.store, SLICE(HOST)), 0);
    teardown();
}
END_TEST

/* The text of ana's last message. */
static void last_message(struct buf *text)
{
    struct user user;
    struct mailbox inbox;
    struct placement last;
    ck_assert(store_user_by_address(services.store, SLICE("ana@campus.example"), &user));
    ck_assert(store_mailbox_find(services.store, user.id, SLICE("INBOX"), &inbox));
    ck_assert(store_placement(services.store, inbox.id, inbox.uidnext - 1, &last));
    ck_assert(store_message_read(services.store, last.message_key, 0, 1u << 20, text));
}

START_TEST(what_comes_back)
{
    static const struct { struct dsn dsn; const char *server, *has, *lacks;
    } cases_of[] = {
        { { .returns = RETURN_FULL },
          "220 hi|250 hello|250 ok|550 5.1.1 who|221 bye",
          "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nbody\r\n",
          "rfc822-headers" },
        { { .returns = RETURN_HEADERS, .envid = "a+2Bb" },
          "220 hi|250 hello|250 ok|550 5.1.1 who|221 bye",
          "Original-Envelope-Id: a+b\r\nReporting-MTA: dns; mail.campus.example\r\n",
          "body" },
        { { .notify = NOTIFY_SUCCESS, .returns = RETURN_FULL },
          TAKES("HELP"),
          "Action: relayed\r\nStatus: 2.0.0\r\nRemote-MTA: dns; one\r\nDiagnostic-Code: smtp; 250 "
          "have it\r\n",
          "body" },
        { { .returns = RETURN_HEADERS },
          "220 hi|250 hello|250 ok|550-5.1.1 who|550-5.1.1 is|550 that",
          "Status: 5.1.1\r\nRemote-MTA: dns; one\r\n"
          "Diagnostic-Code: smtp; 550 5.1.1 who is that\r\n",
          "body" },
        { { .orcpt = "utf-8;e\xc3\xb6@x" },
          "220 hi|250 hello|550 no|221 bye",
          "message/global-delivery-status\r\nContent-Transfer-Encoding: 8bit\r\n",
          "us-ascii" },
        { { .orcpt = "utf-8;e\\x{F6}@x" },
          "220 hi|250 hello|550 no|221 bye",
          "Content-Type: message/delivery-status\r\n\r\n",
          "\xc3\xb6" },
        { { .orcpt = "rfc822;e+2Bva@x" },
          "220 hi|250 hello|550 no|221 bye",
          "\r\n\r\nOriginal-Recipient: rfc822;e+va@x\r\nFinal-Recipient: rfc822; eva@shop.example",
          "Original-Envelope-Id" },
    };
    for (size_t i = 0; i < COUNT(cases_of); i++) {
        struct buf text = BUF_MAX(1u << 20);
        size_t at = 0;
        setup();
        queue_with("eva@shop.example", &cases_of[i].dsn);
        relay_names(relay, delivery, NAMES_FOUND, two, 1);
        server_says(cases_of[i].server);
        last_message(&text);
        ck_assert_msg(slice_find_text(buf_slice(&text), slice_of(cases_of[i].has), &at), "%zu: %s",
                      i, buf_text(&text));
        ck_assert_msg(!slice_find_text(buf_slice(&text), slice_of(cases_of[i].lacks), &at),
                      "%zu: %s", i, buf_text(&text));
        buf_free(&text);
        teardown();
    }
}
END_TEST

/* --- what a message needs (RFC 6152 3, 6531 3) ------------------------------------------------ */

#define LONG_LINE                                                                                  \
    "01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901" \
    "23456789"
#define LONGER_LINE LONG_LINE LONG_LINE LONG_LINE LONG_LINE LONG_LINE
#define SMALL "|250 ok|250 ok|354 go|250 have it|221 bye"
#define QUOTED_TEXT                                                                                \
    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"

static const struct {
    const char *what, *sender, *recipient, *text, *server, *says, *events;
    bool utf8;
} needing[] = {
    { "8 bits for a server of 8", "ana@campus.example", "eva@shop.example",
      "Subject: x\r\n\r\nGr\xc3\xbc\xc3\x9f"
      "e\r\n",
      TAKES("8BITMIME"),
      "BODY=8BITMIME\r\nRCPT TO:<eva@shop.example>\r\nDATA\r\nSubject: x\r\n\r\nGr\xc3\xbc",
      "delivered eva; ", false },
    { "8 bits for a server of 7", "ana@campus.example", "eva@shop.example",
      "Subject: x\r\n\r\nGr\xc3\xbc\xc3\x9f"
      "e = \r\n.\r\n",
      "220 hi|250 hello" SMALL,
      "Subject: x\r\nMIME-Version: 1.0\r\n" QUOTED_TEXT "\r\nGr=C3=BC=C3=9Fe =3D=20\r\n..\r\n.\r\n",
      "delivered eva; ", false },
    { "and for one that takes HELO only", "ana@campus.example", "eva@shop.example",
      "Subject: x\r\n\r\n\xfc\r\n", "220 hi|502 what|250 hello" SMALL,
      "charset=unknown-8bit\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=FC\r\n",
      "delivered eva; ", false },
    { "part by part", "ana@campus.example", "eva@shop.example",
      "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: "
      "8bit\r\n\r\n--b\r\n\r\n"
      "a\r\n--b\r\nContent-Type: text/html\r\nContent-transfer-encoding: 8bit\r\nX: "
      "y\r\n\r\n\xc3\xbc\r\n"
      "--b--\r\n",
      "220 hi|250 hello" SMALL,
      "boundary=b\r\nContent-Transfer-Encoding: 7bit\r\n\r\n--b\r\n\r\na\r\n--b\r\nContent-Type: "
      "text/html\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\nX: y\r\n\r\n=C3=BC\r\n--b--\r\n.\r\n",
      "delivered eva; ", false },
    { "a signed one can't be", "ana@campus.example", "eva@shop.example",
      "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n\xc3\xbc\r\n--b--\r\n",
      "220 hi|250 hello|221 bye", "EHLO mail.campus.example\r\nQUIT\r\n", "bounced eva; ", false },
    { "nor a header", "ana@campus.example", "eva@shop.example", "Subject: \xc3\xbc\r\n\r\nx\r\n",
      "220 hi|250 hello|221 bye", "EHLO mail.campus.example\r\nQUIT\r\n", "bounced eva; ", false },
    { "a line that is too long for any server", "ana@campus.example", "eva@shop.example",
      "Subject: x\r\n\r\n" LONGER_LINE LONGER_LINE "\r\n", TAKES("8BITMIME"),
      "Content-Transfer-Encoding: quoted-printable\r\n\r\n0123456789", "delivered eva; ", false },
    { "a header that was declared so", "ana@campus.example", "eva@shop.example",
      "Subject: \xc3\xbc\r\n\r\nx\r\n", "220 hi|250-hello|250-8BITMIME|250 SMTPUTF8" SMALL,
      "MAIL FROM:<ana@campus.example> BODY=8BITMIME SMTPUTF8\r\n", "delivered eva; ", true },
    { "and a server that takes none", "ana@campus.example", "eva@shop.example",
      "Subject: \xc3\xbc\r\n\r\nx\r\n", "220 hi|250-hello|250 8BITMIME|221 bye",
      "EHLO mail.campus.example\r\nQUIT\r\n", "bounced eva; ", true },
    { "a domain has a form in ASCII", "ana@campus.example",
      "eva@l\xc3\xa4"
      "den.example",
      "Subject: x\r\n\r\nx\r\n", TAKES("8BITMIME"), "RCPT TO:<eva@xn--lden-loa.example>\r\n",
      "delivered eva; ", true },
    { "a local part has none", "ana@campus.example", "\xc3\xa9va@shop.example",
      "Subject: x\r\n\r\nx\r\n", "220 hi|250-hello|250 8BITMIME|221 bye",
      "EHLO mail.campus.example\r\nQUIT\r\n", "bounced \xc3\xa9va; ", true },
    { "and goes as it is where it may", "ana@campus.example", "\xc3\xa9va@shop.example",
      "Subject: x\r\n\r\nx\r\n", TAKES("SMTPUTF8"),
      "MAIL FROM:<ana@campus.example> SMTPUTF8\r\nRCPT TO:<\xc3\xa9va@shop.example>\r\n",
      "delivered \xc3\xa9va; ", true },
};

START_TEST(servers_get_what_they_take)
{
    const struct dsn dsn = { .utf8 = needing[_i].utf8 };
    setup();
    int64_t message_key = message_add(services.store, slice_of(needing[_i].text));
    ck_assert(smtp_deliver_queue(&services, message_key, slice_of(needing[_i].sender),
                                 slice_of(needing[_i].recipient), &dsn));
    ck_assert(store_commit(services.store));
    relay_look(relay);
    relay_names(relay, delivery, NAMES_FOUND, two, 1);
    buf_clear(&events);
    server_says(needing[_i].server);
    ck_assert_msg(was_told(needing[_i].says), "%s: %s", needing[_i].what, buf_text(&told));
    ck_assert_msg(slice_is(buf_slice(&events), needing[_i].events), "%s: %s", needing[_i].what,
                  buf_text(&events));
    teardown();
}
END_TEST

/* One recipient's address is in UTF-8: the others need not wait for it. */
START_TEST(each_recipient_needs_its_own)
{
    static const char *const recipients[] = { "ada@shop.example", "b\xc3\xa9n@shop.example" };
    setup();
    queue_message(recipients, 2);
    relay_names(relay, delivery, NAMES_FOUND, two, 1);
    server_says(GOOD);
    ck_assert_str_eq(buf_text(&events), "connect one; delivered ada; bounced b\xc3\xa9n; ");
    teardown();
}
END_TEST

/* Three who are refused in one conversation: one report about three (RFC 5321 4.4). */
START_TEST(one_report_for_all)
{
    static const char *const recipients[] = { "ada@shop.example", "ben@shop.example",
                                              "cat@shop.example" };
    struct buf text = BUF_MAX(1u << 20);
    size_t at = 0;
    setup();
    queue_message(recipients, 3);
    relay_names(relay, delivery, NAMES_FOUND, two, 1);
    server_says("220 hi|250 hello|250 ok|550 5.1.1 a|550 5.1.1 b|550 5.1.1 c|221 bye");
    ck_assert_uint_eq(mails_of_ana(), 1);
    last_message(&text);
    slice rest = buf_slice(&text);
    for (size_t i = 0; i < 3; i++) {
        ck_assert(slice_find_text(rest, SLICE("\r\n\r\nFinal-Recipient: rfc822; "), &at));
        rest = slice_from(rest, at + strlen("\r\n\r\nFinal-Recipient: rfc822; "));
        ck_assert(slice_starts(rest, recipients[i]));
    }
    buf_free(&text);
    teardown();
}
END_TEST

/* A report that can't be delivered, and what had no sender: postmaster, who is ana here, is
   told. */
START_TEST(postmaster_is_told)
{
    static const char *const senders[] = { "", "nobody@campus.example" };
    for (size_t i = 0; i < COUNT(senders); i++) {
        struct buf text = BUF_MAX(1u << 20);
        size_t at = 0;
        setup();
        int64_t message_key = message_add(services.store, SLICE("Subject: x\r\n\r\nbody\r\n"));
        ck_assert(smtp_deliver_queue(&services, message_key, slice_of(senders[i]),
                                     SLICE("eva@shop.example"), NULL));
        ck_assert(store_commit(services.store));
        relay_look(relay);
        relay_names(relay, delivery, NAMES_FOUND, two, 1);
        server_says("220 hi|250 hello|250 ok|550 5.1.1 a|221 bye");
        ck_assert_str_eq(buf_text(&events), "connect one; dropped eva; ");
        ck_assert_uint_eq(mails_of_ana(), 1);
        ck_assert_uint_eq(store_queue_count(services.store, SLICE(HOST)), 0);
        last_message(&text);
        ck_assert(slice_find_text(buf_slice(&text), SLICE("To: <postmaster@" HOST ">\r\n"), &at));
        buf_free(&text);
        teardown();
    }
}
END_TEST

/* A null MX (RFC 7505), and an address literal, for which no name is asked. */
START_TEST(no_names_are_asked_for)
{
    static const char *const nobody[] = { "eva@nomail.example" }, *const there[] = {
        "eva@[192.0.2.9]"
    };
    static const struct exchanger none[] = { AT(".", 0) };
    setup();
    queue_message(nobody, 1);
    relay_names(relay, delivery, NAMES_FOUND, none, 1);
    ck_assert_str_eq(buf_text(&events), "bounced eva; ");
    buf_clear(&events);
    int64_t message_key = message_add(services.store, SLICE("Subject: x\r\n\r\nbody\r\n"));
    ck_assert(smtp_deliver_queue(&services, message_key, SLICE("ana@campus.example"),
                                 slice_of(there[0]), NULL));
    ck_assert(store_commit(services.store));
    relay_look(relay);
    ck_assert_str_eq(buf_text(&events), "connect [192.0.2.9]; ");
    server_says(GOOD);
    ck_assert_str_eq(buf_text(&events), "connect [192.0.2.9]; delivered eva; ");
    teardown();
}
END_TEST

/* The warning after four hours: to who did not say, or asked for DELAY. */
START_TEST(delays_are_told_to_whom_they_interest)
{
    static const struct { uint8_t notify; uint32_t reports; } cases_of[] = {
        { 0, 1 }, { NOTIFY_DELAY, 1 }, { NOTIFY_FAILURE, 0 }, { NOTIFY_NEVER, 0 },
    };
    for (size_t i = 0; i < COUNT(cases_of); i++) {
        setup();
        queue_with("eva@shop.example", &(struct dsn){ .notify = cases_of[i].notify });
        while (services.now_ms < START_MS + QUEUE_WARN_MS + 1) {
            relay_names(relay, delivery, NAMES_NO_ANSWER, NULL, 0);
            services.now_ms = (uint64_t)wake_ms;
            relay_look(relay);
        }
        ck_assert_uint_eq(mails_of_ana(), cases_of[i].reports);
        teardown();
    }
}
END_TEST

/* --- time ------------------------------------------------------------------------------------ */

START_TEST(tries_warns_and_gives_up)
{
    static const char *const recipient[] = { "eva@shop.example" };
    static const int64_t minutes[] = { 5, 15, 35, 75, 155, 240, 480, 720 };
    size_t tries = 0;
    setup();
    queue_message(recipient, 1);
    for (size_t i = 0; delivery; i++) {
        relay_names(relay, delivery, NAMES_NO_ANSWER, NULL, 0);
        tries++;
        if (i < COUNT(minutes))
            ck_assert_int_eq(wake_ms, (int64_t)START_MS + minutes[i] * 60000);
        services.now_ms = (uint64_t)wake_ms;
        relay_look(relay);
    }
    size_t at = 0, bounced = 0;
    slice said = buf_slice(&events);
    ck_assert(slice_find_text(said, SLICE("warned eva; "), &at));
    ck_assert(!slice_find_text(slice_from(said, at + 1), SLICE("warned"), &bounced));
    ck_assert(slice_find_text(said, SLICE("bounced eva; "), &bounced));
    ck_assert_uint_eq(bounced + strlen("bounced eva; "), said.len);
    ck_assert_int_eq((int64_t)services.now_ms, (int64_t)START_MS + (int64_t)QUEUE_BOUNCE_MS);
    ck_assert_uint_gt(tries, 20);
    teardown();
}
END_TEST

int main(void)
{
    int failed = 0;
    Suite *suite = suite_create("relay");
    TCase *tcase = tcase_create("relay");
    tcase_add_loop_test(tcase, servers_of_all_kinds, 0, (int)COUNT(cases));
    tcase_add_test(tcase, a_reply_without_end);
    tcase_add_test(tcase, each_recipient_has_a_fate);
    tcase_add_test(tcase, names_without_addresses);
    tcase_add_test(tcase, mail_never_goes_back);
    tcase_add_test(tcase, equals_share_the_load);
    tcase_add_loop_test(tcase, dsn_are_heard, 0, (int)COUNT(wished));
    tcase_add_test(tcase, what_comes_back);
    tcase_add_loop_test(tcase, servers_get_what_they_take, 0, (int)COUNT(needing));
    tcase_add_test(tcase, each_recipient_needs_its_own);
    tcase_add_test(tcase, one_report_for_all);
    tcase_add_test(tcase, postmaster_is_told);
    tcase_add_test(tcase, no_names_are_asked_for);
    tcase_add_test(tcase, delays_are_told_to_whom_they_interest);
    tcase_add_test(tcase, tries_warns_and_gives_up);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
