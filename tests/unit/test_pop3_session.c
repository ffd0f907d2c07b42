/* test_pop3_session.c: whole POP3 sessions that no transcript could spell out: ten thousand
   messages' names, and connections that end at every octet. */
#include "servers/pop3/pop3.h"
#include "servers/session.h"
#include "servers/store/store.h"
#include "tests/unit/store_check.h"

static struct test_clock test_clock;
static struct policy policy = { .name = "mail.campus.example", .domains = { "campus.example" },
                                .domain_count = 1 };
static struct services services;
static struct store *store;
static int64_t inbox;

static uint64_t new_id(struct services *asked)
{
    (void)asked;
    return clock_random(&test_clock);
}

static void ignore_changed(struct services *asked, int64_t mailbox)
{
    (void)asked;
    (void)mailbox;
}

static void setup(void)
{
    test_clock = (struct test_clock){ START_MS, 1 };
    store = world_open(NULL, &test_clock);
    services = (struct services){ .store = store, .policy = &policy, .now_ms = START_MS,
                                  .new_id = new_id, .changed = ignore_changed };
    inbox = mailbox_id(store, user_add(store, "ana@campus.example"), "INBOX");
}

static struct session *begin(void)
{
    return session_open(&pop3_protocol, &services, 1, 0, SLICE("laptop.campus.example"),
                        SLICE("192.0.2.10"));
}

static void feed(struct session *session, slice octets, struct buf *said)
{
    while (octets.len && !session_is_closed(session)) {
        octets = slice_from(octets, session_input(session, octets));
        while (session_output(session).len) {
            buf_add(said, session_output(session));
            session_sent(session, session_output(session).len);
        }
    }
    ck_assert(store_commit(store));
}

/* --- UIDL ---------------------------------------------------------------------------------- */

#define MESSAGES 10000

static void uidl(struct buf *lines)
{
    struct session *session = begin();
    feed(session, SLICE("USER ana\r\nPASS tulip\r\n"), lines);
    buf_clear(lines);
    feed(session, SLICE("UIDL\r\n"), lines);
    struct buf goodbye = BUF_MAX(1000);
    feed(session, SLICE("QUIT\r\n"), &goodbye);
    buf_free(&goodbye);
    session_free(session);
}

/* "validity.uid": printable and short (RFC 1939 7); ascending, so no two are alike. */
static void name_check(slice name, uint64_t *last)
{
    uint64_t validity = 0, uid = 0;
    ck_assert(name.len >= 1 && name.len <= 70);
    ck_assert(take_number(&name, UINT32_MAX, &validity) && take_char(&name, '.') &&
              take_number(&name, UINT32_MAX, &uid) && name.len == 0 && uid > *last);
    *last = uid;
}

static uint32_t names_check(slice lines, uint64_t *last)
{
    uint32_t count = 0;
    take_until(&lines, '\n');
    while (!slice_starts(lines, ".")) {
        slice line = take_until(&lines, '\n'), at = take_word(&line);
        uint64_t number = 0;
        ck_assert(take_number(&at, MESSAGES, &number) && number == ++count);
        line = slice_trim(slice_upto(line, line.len - 1));
        name_check(line, last);
    }
    return count;
}

START_TEST(names_of_messages)
{
    struct buf first = BUF_MAX(4u << 20), again = BUF_MAX(4u << 20);
    uint64_t last = 0, other = 0;
    uint32_t uid = 0;
    setup();
    int64_t message_key = message_add(store, SLICE("Subject: x\r\n\r\n"));
    for (int i = 0; i < MESSAGES; i++)
        ck_assert(store_place(store, inbox, message_key, 0, START_MS, 0, &uid));
    ck_assert(store_commit(store));
    uidl(&first);
    ck_assert_uint_eq(names_check(buf_slice(&first), &last), MESSAGES);
    uidl(&again);
    ck_assert(slice_equal(buf_slice(&first), buf_slice(&again)));
    /* the last one goes and another comes: its name is not given again */
    ck_assert(store_expunge(store, inbox, uid));
    ck_assert(store_place(store, inbox, message_key, 0, START_MS, 0, &uid));
    ck_assert(store_commit(store));
    uidl(&again);
    ck_assert_uint_eq(names_check(buf_slice(&again), &other), MESSAGES);
    ck_assert_uint_gt(other, last);
    buf_free(&first);
    buf_free(&again);
    world_close(store);
}
END_TEST

/* --- nothing goes before UPDATE ------------------------------------------------------------- */

START_TEST(lost_at_every_octet)
{
    static const char text[] = "USER ana\r\nPASS tulip\r\nDELE 1\r\nRETR 2\r\nDELE 2\r\n"
                               "NOOP\r\nQUIT\r\n";
    setup();
    place_text(store, inbox, "first", 0);
    place_text(store, inbox, "second", 0);
    for (size_t cut = 0; cut < sizeof text; cut++) {
        struct buf said = BUF_MAX(65536);
        struct session *session = begin();
        feed(session, (slice){ text, cut }, &said);
        session_lost(session);
        ck_assert(store_commit(store));
        ck_assert_uint_eq(mailbox_now(store, inbox).messages, cut == sizeof text - 1 ? 0 : 2);
        ck_assert(store_maildrop_lock(store, inbox)); /* the lock is free again */
        store_maildrop_unlock(store, inbox);
        session_free(session);
        buf_free(&said);
    }
    world_close(store);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { names_of_messages, lost_at_every_octet };
    int failed = 0;
    run_suite("pop3_session", tests, COUNT(tests), &failed);
    return failed != 0;
}
