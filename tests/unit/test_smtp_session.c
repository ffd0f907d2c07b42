/* test_smtp_session.c: whole SMTP sessions that no transcript could spell out: every
   non-standard end of data at every split, connections that close at every octet, thousands
   of recipients. What single commands do: tests/transcripts/smtp. */
#include "base/limits.h"
#include "servers/session.h"
#include "servers/smtp/smtp.h"
#include "servers/smtp/smtp_client.h"
#include "tests/unit/store_check.h"

#define HELLO "HELO laptop\r\n"
#define ENVELOPE "MAIL FROM:<dora@bakery.example>\r\nRCPT TO:<ana@campus.example>\r\n"

static struct test_clock test_clock;
static struct policy policy = { .name = "mail.campus.example", .domains = { "campus.example" },
                                .domain_count = 1 };
static struct services services;
static struct store *store;
static int64_t inbox;

static uint64_t new_id(struct services *asked)
{
    (void)asked;
    return 1; /* replies and messages that can be compared */
}

static void ignore_queued(struct services *asked) { (void)asked; }
static void ignore_changed(struct services *asked, int64_t mailbox)
{
    (void)asked;
    (void)mailbox;
}
static void ignore_stored(struct services *asked, int64_t mailbox, uint32_t uid,
                          int64_t message_key)
{
    (void)asked;
    (void)mailbox;
    (void)uid;
    (void)message_key;
}

static void setup(void)
{
    test_clock = (struct test_clock){ START_MS, 1 };
    store = world_open(NULL, &test_clock);
    services = (struct services){ .store = store, .policy = &policy, .now_ms = START_MS,
                                  .new_id = new_id, .queued = ignore_queued,
                                  .changed = ignore_changed, .stored = ignore_stored };
    inbox = mailbox_id(store, user_add(store, "ana@campus.example"), "INBOX");
}

static void teardown(void) { world_close(store); }

static uint32_t messages(void) { return mailbox_now(store, inbox).messages; }

static struct session *begin(void)
{
    return session_open(&smtp_protocol, &services, 1, 0, SLICE("laptop.campus.example"),
                        SLICE("192.0.2.10"));
}

static void feed(struct session *session, slice octets, struct buf *said)
{
    while (octets.len && !session_is_closed(session)) {
        octets = slice_from(octets, session_input(session, octets));
        buf_add(said, session_output(session));
        session_sent(session, session_output(session).len);
    }
    ck_assert(store_commit(store));
}

/* A whole conversation, cut at one place; what was said after the greeting and HELO. */
static void converse(slice octets, size_t cut, struct buf *said)
{
    struct session *session = begin();
    feed(session, SLICE(HELLO), said);
    buf_clear(said);
    feed(session, slice_upto(octets, cut), said);
    feed(session, slice_from(octets, cut), said);
    session_free(session);
}

/* --- every end of data that is none ---------------------------------------------------------- */

/* The truth, found in the plainest way: where CR LF . CR LF first stands, and whether a CR or
   LF stood alone before it. */
static bool body_ends(slice body, size_t *end, bool *bare)
{
    struct buf text = BUF_MAX(4096);
    buf_add_text(&text, "\r\n"); /* DATA's own line end counts */
    buf_add(&text, body);
    bool found = slice_find_text(buf_slice(&text), SLICE("\r\n.\r\n"), end);
    *bare = false;
    for (size_t i = 0; found && i < *end + 2; i++) {
        bool cr_before = i > 0 && text.at[i - 1] == '\r';
        *bare |= (text.at[i] == '\n') != cr_before;
    }
    buf_free(&text);
    *end += 3;   /* past the dot's line, in the body's own count */
    return found;
}

#define TOKENS_MAX 5

static slice combination(uint32_t number, int tokens, char *text)
{
    static const char *const token[] = { "\r", "\n", "\r\n", "." };
    size_t len = 0;
    for (int i = 0; i < tokens; i++, number /= 4) {
        memcpy(text + len, token[number % 4], strlen(token[number % 4]));
        len += strlen(token[number % 4]);
    }
    return (slice){ text, len };
}

#define SMUGGLED                                                                        \
    "MAIL FROM:<evil@elsewhere.example>\r\nRCPT TO:<ana@campus.example>\r\nDATA\r\n"         \
    "x\r\n.\r\n"

static void wanted_for(slice body, struct buf *wanted, uint32_t *kept);

#define REFUSED "500 5.5.2 Bare CR or LF: a line ends with CR LF\r\n"

/* What a message that ended early leaves to be read as commands: lines that are none, and then
   perhaps the honest beginning of the next message. */
static void wanted_for_commands(slice rest, struct buf *wanted, uint32_t *kept)
{
    bool mail = false;
    while (rest.len) {
        size_t end = 0, at = 0;
        ck_assert(slice_find_text(rest, SLICE("\r\n"), &end));
        slice line = slice_upto(rest, end);
        rest = slice_from(rest, end + 2);
        mail |= slice_starts(line, "MAIL FROM");
        if (slice_find(line, '\r', &at) || slice_find(line, '\n', &at)) {
            for (slice part = line; slice_find(part, '\n', &at); part = slice_from(part, at + 1))
                buf_add_text(wanted, REFUSED); /* at once, and what follows up to CR LF too */
            buf_add_text(wanted, REFUSED);
        } else if (slice_starts(line, "MAIL FROM")) {
            buf_add_text(wanted, "250 2.1.0 Ok\r\n");
        } else if (slice_starts(line, "RCPT TO")) {
            buf_add_text(wanted, mail ? "250 2.1.5 Ok\r\n"
                                      : "503 5.5.1 Need MAIL before RCPT\r\n");
        } else if (slice_is(line, "DATA") && mail) {
            buf_add_text(wanted, "354 End data with <CR><LF>.<CR><LF>\r\n");
            wanted_for(rest, wanted, kept);
            return;
        } else {
            buf_add_text(wanted, slice_is(line, "DATA")
                                     ? "503 5.5.1 Need MAIL and RCPT before DATA\r\n"
                                     : "500 5.5.2 Command unrecognized\r\n");
        }
    }
}

/* What must be said to the message's end, and to what follows it. */
static void wanted_for(slice body, struct buf *wanted, uint32_t *kept)
{
    size_t end = 0;
    bool bare = false;
    ck_assert(body_ends(body, &end, &bare));
    buf_add_text(wanted, bare ? "554 5.6.0 Bare CR, bare LF or NUL in the message: not accepted\r\n"
                              : "250 2.0.0 Ok: queued as 0000000000001\r\n");
    *kept += !bare;
    wanted_for_commands(slice_from(body, end), wanted, kept);
}

START_TEST(ends_of_data)
{
    uint32_t plays = 0, refused = 0, ended = 0, kept = 0;
    char text[2 * TOKENS_MAX];
    setup();
    for (int tokens = 1; tokens <= TOKENS_MAX; tokens++)
        for (uint32_t number = 0; number < 1u << (2 * tokens); number++) {
            slice odd = combination(number, tokens, text);
            struct buf body = BUF_MAX(4096), all = BUF_MAX(4096), wanted = BUF_MAX(4096);
            buf_add_text(&body, "Subject: x\r\n\r\ntext");
            size_t start = strlen(ENVELOPE "DATA\r\n") + body.len;
            buf_add(&body, odd);
            buf_add_text(&body, SMUGGLED);
            buf_add_text(&all, ENVELOPE "DATA\r\n");
            buf_add(&all, buf_slice(&body));
            uint32_t one = 0;
            wanted_for_commands(buf_slice(&all), &wanted, &one);
            refused += one == 0;
            ended += one == 2;
            for (size_t cut = start; cut <= start + odd.len; cut++, plays++) {
                struct buf said = BUF_MAX(1u << 20);
                converse(buf_slice(&all), cut, &said);
                ck_assert_msg(slice_equal(buf_slice(&said), buf_slice(&wanted)),
                              "combination %u of %d tokens, cut %zu: %s", number, tokens, cut,
                              buf_text(&said));
                kept += one;
                ck_assert_uint_eq(messages(), kept);
                buf_free(&said);
            }
            buf_free(&body);
            buf_free(&all);
            buf_free(&wanted);
        }
    ck_assert_uint_gt(plays, 5000);
    ck_assert_uint_gt(refused, 500); /* the test would prove nothing if none were, */
    ck_assert_uint_gt(ended, 20);    /* or if none ended in the middle */
    teardown();
}
END_TEST

/* --- the relay's end ------------------------------------------------------------------------- */

static bool read_message(void *context, uint64_t offset, uint64_t len, struct buf *out)
{
    const slice *message = context;
    return buf_add(out, slice_upto(slice_from(*message, (size_t)offset), (size_t)len));
}

/* What the relay writes between 354 and the reply. */
static void relayed(slice message, struct buf *wire)
{
    static const struct dsn none;
    const struct dsn *const dsn[] = { &none };
    const slice to = SLICE("ana@campus.example");
    const struct smtp_job job = { .hello = SLICE("me"), .recipients = &to,
        .recipient_count = 1, .dsn = dsn, .size = message.len, .read = read_message,
        .context = &message };
    struct smtp_client *client = smtp_client_new(&job);
    smtp_client_input(client, SLICE("220 a\r\n250 b\r\n250 c\r\n250 d\r\n"));
    smtp_client_sent(client, smtp_client_output(client).len);
    smtp_client_input(client, SLICE("354 go\r\n"));
    buf_add(wire, smtp_client_output(client));
    smtp_client_free(client);
}

/* The most forgiving reader there is ends a message at a dot between any two line ends. */
static size_t lenient_end(slice wire)
{
    for (size_t i = 1; i + 1 < wire.len; i++)
        if (wire.at[i] == '.' && (wire.at[i - 1] == '\r' || wire.at[i - 1] == '\n') &&
            (wire.at[i + 1] == '\r' || wire.at[i + 1] == '\n'))
            return i;
    return wire.len;
}

START_TEST(nothing_smuggled_on)
{
    char text[2 * TOKENS_MAX];
    uint32_t dots = 0;
    for (int tokens = 1; tokens <= TOKENS_MAX; tokens++)
        for (uint32_t number = 0; number < 1u << (2 * tokens); number++) {
            struct buf message = BUF_MAX(4096), wire = BUF_MAX(65536);
            size_t end = 0;
            bool bare = false;
            buf_add_text(&message, "Subject: x\r\n\r\ntext");
            buf_add(&message, combination(number, tokens, text));
            buf_add_text(&message, SMUGGLED);
            relayed(buf_slice(&message), &wire);
            ck_assert(body_ends(buf_slice(&wire), &end, &bare));
            ck_assert_uint_eq(end, wire.len);
            ck_assert(!bare);
            ck_assert_uint_eq(lenient_end(buf_slice(&wire)), wire.len - 3);
            dots += slice_find_text(buf_slice(&wire), SLICE("\r\n.."), &end);
            buf_free(&message);
            buf_free(&wire);
        }
    ck_assert_uint_gt(dots, 500);
}
END_TEST

/* --- connections that end anywhere ----------------------------------------------------------- */

static void cut_everywhere(slice octets)
{
    for (size_t cut = 0; cut <= octets.len; cut++) {
        struct buf said = BUF_MAX(1u << 20);
        struct session *session = begin();
        uint32_t before = messages();
        feed(session, slice_upto(octets, cut), &said);
        session_lost(session);
        ck_assert(store_commit(store));
        ck_assert_uint_eq(messages() - before, cut == octets.len);
        check_sound(store);
        session_free(session);
        buf_free(&said);
    }
}

START_TEST(lost_at_every_octet)
{
    setup();
    cut_everywhere(SLICE(HELLO ENVELOPE "DATA\r\nSubject: x\r\n\r\ntext\r\n.\r\n"));
    cut_everywhere(SLICE(HELLO ENVELOPE "BDAT 12\r\nSubject: x\r\nBDAT 8 LAST\r\n\r\ntext\r\n"));
    teardown();
}
END_TEST

/* RSET between chunks, at every number of octets of the first: nothing of it is left. */
START_TEST(rset_between_chunks)
{
    static const char text[] = "Subject: x\r\n\r\ntext\r\n";
    setup();
    for (size_t first = 0; first < sizeof text; first++) {
        struct buf all = BUF_MAX(4096), said = BUF_MAX(1u << 20);
        buf_format(&all, HELLO ENVELOPE "BDAT %zu\r\n%.*sRSET\r\nBDAT %zu LAST\r\n%s", first,
                   (int)first, text, sizeof text - 1 - first, text + first);
        struct session *session = begin();
        feed(session, buf_slice(&all), &said);
        ck_assert_ptr_nonnull(strstr(buf_text(&said), "250 2.0.0 Ok\r\n503 5.5.1"));
        ck_assert_uint_eq(messages(), 0);
        session_free(session);
        buf_free(&all);
        buf_free(&said);
    }
    teardown();
}
END_TEST

/* --- many recipients ------------------------------------------------------------------------- */

static size_t count_of(slice text, const char *what)
{
    size_t count = 0, at = 0;
    for (; slice_find_text(text, slice_of(what), &at); text = slice_from(text, at + 1))
        count++;
    return count;
}

/* 452 past the limit; those before it keep their message, and memory does not grow. */
START_TEST(recipients_past_the_limit)
{
    static const size_t asked[] = { 99, 100, 101, 1001, 5000 };
    setup();
    for (size_t i = 0; i < COUNT(asked); i++) {
        struct buf said = BUF_MAX(4u << 20);
        struct session *session = begin();
        uint32_t before = messages();
        size_t taken = asked[i] < RECIPIENTS_MAX ? asked[i] : RECIPIENTS_MAX;
        feed(session, SLICE(HELLO "MAIL FROM:<dora@bakery.example>\r\n"), &said);
        for (size_t k = 0; k < asked[i]; k++)
            feed(session, SLICE("RCPT TO:<ana@campus.example>\r\n"), &said);
        feed(session, SLICE("DATA\r\nSubject: x\r\n\r\n.\r\n"), &said);
        ck_assert_uint_eq(count_of(buf_slice(&said), "250 2.1.5"), taken);
        ck_assert_uint_eq(count_of(buf_slice(&said), "452 4.5.3 Too many recipients\r\n"),
                          asked[i] - taken);
        ck_assert_uint_eq(count_of(buf_slice(&said), "250 2.0.0 Ok: queued"), 1);
        ck_assert_uint_eq(messages() - before, 1);
        session_free(session);
        buf_free(&said);
    }
    teardown();
}
END_TEST

static void feed_uncommitted(struct session *session, slice octets)
{
    while (octets.len) {
        octets = slice_from(octets, session_input(session, octets));
        session_sent(session, session_output(session).len);
    }
}

/* What may be said before the turn is kept: answers that tell nothing of the store. */
START_TEST(only_what_changes_waits_for_the_store)
{
    setup();
    struct session *first = begin(), *second = begin();
    feed_uncommitted(first, SLICE(HELLO));
    feed_uncommitted(second, SLICE(HELLO ENVELOPE "DATA\r\n"));
    ck_assert(session_awaits_commit(first) && session_awaits_commit(second)); /* the greeting */
    ck_assert(store_commit(store));
    ck_assert(!session_awaits_commit(first) && !session_awaits_commit(second));
    feed_uncommitted(second, SLICE("Subject: x\r\n\r\n.\r\n"));
    ck_assert(session_awaits_commit(second));
    feed_uncommitted(first, SLICE(ENVELOPE "DATA\r\n"));
    ck_assert(!session_awaits_commit(first)); /* others' changes are not its own */
    feed_uncommitted(second, SLICE(ENVELOPE));
    ck_assert(session_awaits_commit(second)); /* behind what is held all waits */
    ck_assert(store_commit(store));
    feed_uncommitted(first, SLICE("Subject: y\r\n\r\n.\r\n"));
    ck_assert(session_awaits_commit(first) && !session_awaits_commit(second));
    ck_assert(store_commit(store));
    policy.greylist = true;
    feed_uncommitted(first, SLICE(ENVELOPE));
    ck_assert(session_awaits_commit(first)); /* who came is written down */
    policy.greylist = false;
    session_free(first);
    session_free(second);
    teardown();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { ends_of_data, nothing_smuggled_on, lost_at_every_octet,
                                   rset_between_chunks, recipients_past_the_limit,
                                   only_what_changes_waits_for_the_store };
    int failed = 0;
    run_suite("smtp_session", tests, COUNT(tests), &failed);
    return failed != 0;
}
