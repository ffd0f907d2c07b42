/* test_store.c: what store.h promises, one promise a test, in memory. Files are
   test_store_file.c's, long random sequences test_store_model.c's. */
#include "servers/store/store.h"
#include "servers/store/store_device.h"
#include "tests/unit/store_check.h"

static struct test_clock now;

static struct store *fresh(void)
{
    now = (struct test_clock){ START_MS, 1 };
    return world_open(NULL, &now);
}

/* --- users ----------------------------------------------------------------------------- */

START_TEST(users_are_found_by_name_and_address)
{
    struct store *store = fresh();
    int64_t ana = user_add(store, "ana@campus.example"), again = 0;
    struct user user;
    ck_assert(!store_user_add(store, SLICE("ANA@campus.example"), SLICE("h"), SLICE("x"), &again));
    ck_assert(!store_failed(store));
    ck_assert(store_user_find(store, SLICE("Mail.Campus.example"), SLICE("ANA"), &user));
    ck_assert_int_eq(user.id, ana);
    ck_assert(store_user_find(store, SLICE("mail.campus.example"), SLICE("Ana@Campus.example"),
                              &user));
    ck_assert_str_eq(user.address, "ana@campus.example");
    ck_assert_str_eq(user.host, "mail.campus.example");
    ck_assert_str_eq(user.password, "tulip");
    ck_assert(!store_user_find(store, SLICE("mx.bakery.example"), SLICE("ana"), &user));
    ck_assert(!store_user_find(store, SLICE("mail.campus.example"), SLICE("an"), &user));
    ck_assert(!store_user_by_address(store, SLICE("ana"), &user));
    ck_assert(!store_user_by_id(store, 99, &user));
    ck_assert(store_user_by_id(store, ana, &user));
    ck_assert(!store_failed(store));
    world_close(store);
}
END_TEST

START_TEST(unfit_users_are_refused)
{
    struct store *store = fresh();
    char huge[400];
    int64_t id = 0;
    memset(huge, 'a', sizeof huge);
    huge[200] = '@';
    const slice host = SLICE("h.example"), good = SLICE("a@b.example"), none = SLICE_EMPTY;
    ck_assert(!store_user_add(store, SLICE("nobody"), host, none, &id));
    ck_assert(!store_user_add(store, SLICE("@x"), host, none, &id));
    ck_assert(!store_user_add(store, none, host, none, &id));
    ck_assert(!store_user_add(store, SLICE("a\0b@c"), host, none, &id));
    ck_assert(!store_user_add(store, (slice){ huge, sizeof huge }, host, none, &id));
    ck_assert(!store_user_add(store, good, none, none, &id));
    ck_assert(!store_user_add(store, good, host, (slice){ huge, 256 }, &id));
    ck_assert(!store_user_add(store, good, host, SLICE("a\0b"), &id));
    ck_assert(!store_failed(store));
    ck_assert(store_user_add(store, good, host, (slice){ huge, 255 }, &id));
    world_close(store);
}
END_TEST

static bool address_collect(void *context, const struct user *user)
{
    struct buf *out = context;
    buf_format(out, "%s ", user->address);
    return true;
}

START_TEST(users_are_listed_by_address)
{
    struct store *store = fresh();
    struct buf out = BUF_MAX(1000);
    user_add(store, "cem@campus.example");
    user_add(store, "ana@campus.example");
    user_add(store, "'; DROP TABLE user; --@campus.example");
    ck_assert(store_users(store, address_collect, &out));
    ck_assert_str_eq(buf_text(&out), "'; DROP TABLE user; --@campus.example ana@campus.example"
                     " cem@campus.example ");
    buf_free(&out);
    world_close(store);
}
END_TEST

/* --- mailboxes ------------------------------------------------------------------------- */

struct listing {
    struct store *store;
    struct buf out;
    size_t stop_after;
};

static bool name_collect(void *context, const struct mailbox *mailbox)
{
    struct listing *listing = context;
    struct mailbox same;
    ck_assert(store_mailbox_by_id(listing->store, mailbox->id, &same)); /* callbacks may ask */
    buf_format(&listing->out, "%s%s ", mailbox->name, mailbox->selectable ? "" : "(-)");
    return --listing->stop_after > 0;
}

static void check_names(struct store *store, int64_t user, const char *expected)
{
    struct listing listing = { store, BUF_MAX(100000), 2000 };
    ck_assert(store_mailboxes(store, user, name_collect, &listing));
    ck_assert_str_eq(buf_text(&listing.out), expected);
    buf_free(&listing.out);
}

START_TEST(mailboxes_make_their_parents)
{
    struct store *store = fresh();
    int64_t ana = user_add(store, "ana@campus.example"), bo = user_add(store, "bo@campus.example");
    int64_t id = 0;
    mailbox_add(store, ana, "Work/2026/May");
    mailbox_add(store, ana, "Archive");
    ck_assert(!store_mailbox_create(store, ana, SLICE("Archive"), &id));
    ck_assert(!store_mailbox_create(store, ana, SLICE("Work/2026"), &id));
    ck_assert(!store_mailbox_create(store, ana, SLICE("inbox"), &id));
    mailbox_add(store, ana, "archive"); /* case counts */
    mailbox_add(store, ana, "iNbOx/Lists");
    check_names(store, ana, "Archive INBOX INBOX/Lists Work Work/2026 Work/2026/May archive ");
    check_names(store, bo, "INBOX ");
    ck_assert(store_mailbox_has_children(store, ana, SLICE("Work")));
    ck_assert(store_mailbox_has_children(store, ana, SLICE("inbox")));
    ck_assert(!store_mailbox_has_children(store, ana, SLICE("Work/2026/May")));
    ck_assert(!store_mailbox_has_children(store, ana, SLICE("Wor")));
    ck_assert(!store_failed(store));
    world_close(store);
}
END_TEST

START_TEST(names_are_only_names)
{
    const slice stored[] = {
        SLICE("'; DROP TABLE mailbox; --"), SLICE("../../etc/passwd"), SLICE("%"), SLICE("*"),
        SLICE("\xff\xfe\x80"), SLICE("a b"), SLICE("\"quoted\\\""), SLICE("&Jjo-"),
    };
    const slice refused[] = {
        SLICE(""), SLICE("/"), SLICE("/a"), SLICE("a/"), SLICE("a//b"), SLICE("a\0b"),
        SLICE("1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21"),
    };
    struct store *store = fresh();
    int64_t ana = user_add(store, "ana@campus.example"), id = 0;
    struct mailbox mailbox;
    char huge[MAILBOX_NAME_MAX + 1];
    for (size_t i = 0; i < COUNT(stored); i++) {
        ck_assert(store_mailbox_create(store, ana, stored[i], &id));
        ck_assert(store_mailbox_find(store, ana, stored[i], &mailbox));
        ck_assert_int_eq(mailbox.id, id);
        ck_assert(slice_equal(slice_of(mailbox.name), stored[i]));
    }
    for (size_t i = 0; i < COUNT(refused); i++) {
        ck_assert_msg(!store_mailbox_create(store, ana, refused[i], &id), "%zu", i);
        ck_assert(!store_mailbox_find(store, ana, refused[i], &mailbox));
        ck_assert(!store_subscribe(store, ana, refused[i], true));
    }
    memset(huge, 'x', sizeof huge);
    ck_assert(!store_mailbox_create(store, ana, (slice){ huge, MAILBOX_NAME_MAX + 1 }, &id));
    ck_assert(store_mailbox_create(store, ana, (slice){ huge, MAILBOX_NAME_MAX }, &id));
    ck_assert(!store_failed(store));
    world_close(store);
}
END_TEST

START_TEST(a_user_has_so_many_mailboxes_and_no_more)
{
    struct store *store = fresh();
    int64_t ana = user_add(store, "ana@campus.example"), id = 0;
    char name[20];
    for (int i = 1; i < MAILBOXES_PER_USER_MAX; i++) {
        snprintf(name, sizeof name, "m%d", i);
        ck_assert(store_mailbox_create(store, ana, slice_of(name), &id));
    }
    ck_assert(!store_mailbox_create(store, ana, SLICE("one more"), &id));
    ck_assert(store_mailbox_delete(store, mailbox_id(store, ana, "m7")));
    ck_assert(!store_mailbox_create(store, ana, SLICE("m7/with parent"), &id));
    ck_assert(store_mailbox_create(store, ana, SLICE("one more"), &id));
    world_close(store);
}
END_TEST

START_TEST(deleting_keeps_a_parent_as_a_name)
{
    struct store *store = fresh();
    int64_t ana = user_add(store, "ana@campus.example"), id = 0;
    int64_t foo = mailbox_add(store, ana, "foo"), bar = mailbox_add(store, ana, "foo/bar");
    place_text(store, foo, "x", 0);
    struct mailbox before = mailbox_now(store, foo);
    ck_assert(store_mailbox_delete(store, foo));
    check_names(store, ana, "INBOX foo(-) foo/bar ");
    ck_assert(!store_mailbox_delete(store, foo));       /* RFC 3501 6.3.4 */
    ck_assert(!store_mailbox_delete(store, mailbox_id(store, ana, "INBOX")));
    uint32_t uid;
    int64_t message_key = message_add(store, SLICE("y"));
    ck_assert(!store_place(store, foo, message_key, 0, 0, 0, &uid));
    ck_assert(store_mailbox_create(store, ana, SLICE("foo"), &id));
    struct mailbox after = mailbox_now(store, id);
    ck_assert_uint_gt(after.uidvalidity, before.uidvalidity);
    ck_assert_uint_ge(after.uidnext, before.uidnext);
    ck_assert_uint_eq(after.messages, 0);
    ck_assert(store_mailbox_delete(store, bar));
    ck_assert(store_mailbox_delete(store, id));
    check_names(store, ana, "INBOX ");
    ck_assert(!store_mailbox_delete(store, id));
    ck_assert(!store_failed(store));
    world_close(store);
}
END_TEST

START_TEST(uidvalidity_only_rises)
{
    struct store *store = fresh();
    int64_t ana = user_add(store, "ana@campus.example");
    uint32_t last = mailbox_now(store, mailbox_id(store, ana, "INBOX")).uidvalidity;
    ck_assert_uint_eq(last, START_MS / 1000);
    for (int i = 0; i < 20; i++) {
        now.now_ms += i == 10 ? 5000000 : i == 15 ? (uint64_t)-9000000 : 0;
        int64_t id = mailbox_add(store, ana, "again");
        uint32_t uidvalidity = mailbox_now(store, id).uidvalidity;
        ck_assert_uint_gt(uidvalidity, last);
        last = uidvalidity;
        ck_assert(store_mailbox_delete(store, id));
        if (i % 3 == 0)
            ck_assert(store_commit(store));
    }
    world_close(store);
}
END_TEST

START_TEST(renaming_takes_the_children_along)
{
    struct store *store = fresh();
    int64_t ana = user_add(store, "ana@campus.example");
    int64_t old = mailbox_add(store, ana, "a\xc3\xa4");
    int64_t child = mailbox_add(store, ana, "a\xc3\xa4/x/y");
    mailbox_add(store, ana, "a\xc3\xa4" "b");
    uint32_t uid = place_text(store, child, "kept", 0);
    struct mailbox before = mailbox_now(store, child);
    ck_assert(!store_mailbox_rename(store, old, SLICE("INBOX")));
    ck_assert(!store_mailbox_rename(store, old, SLICE("a\xc3\xa4/x")));
    ck_assert(!store_mailbox_rename(store, old, SLICE("bad//name")));
    ck_assert(!store_mailbox_rename(store, 999, SLICE("new")));
    ck_assert(store_mailbox_rename(store, old, SLICE("p/q")));
    check_names(store, ana, "INBOX a\xc3\xa4" "b p p/q p/q/x p/q/x/y ");
    struct mailbox after = mailbox_now(store, child);
    /* Under this name there may have been another mailbox (RFC 3501 2.3.1.1). */
    ck_assert_uint_gt(after.uidvalidity, before.uidvalidity);
    ck_assert_uint_eq(after.uidnext, before.uidnext);
    struct placement placement;
    ck_assert(store_placement(store, child, uid, &placement));
    ck_assert(store_mailbox_rename(store, old, SLICE("p/q/z"))); /* its own name comes back */
    check_names(store, ana, "INBOX a\xc3\xa4" "b p p/q p/q/z p/q/z/x p/q/z/x/y ");
    ck_assert(!store_failed(store));
    world_close(store);
}
END_TEST

START_TEST(renaming_checks_what_the_children_become)
{
    struct store *store = fresh();
    int64_t ana = user_add(store, "ana@campus.example");
    char name[MAILBOX_NAME_MAX + 1];
    memset(name, 'x', sizeof name);
    name[1] = '/';
    name[MAILBOX_NAME_MAX] = '\0';
    mailbox_add(store, ana, name);
    int64_t parent = mailbox_id(store, ana, "x");
    ck_assert(!store_mailbox_rename(store, parent, SLICE("xy")));
    ck_assert(store_mailbox_rename(store, parent, SLICE("y")));
    mailbox_add(store, ana, "d/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20");
    ck_assert(!store_mailbox_rename(store, mailbox_id(store, ana, "d"), SLICE("d1/d2")));
    ck_assert(store_mailbox_rename(store, mailbox_id(store, ana, "d"), SLICE("d1")));
    ck_assert(!store_failed(store));
    world_close(store);
}
END_TEST

START_TEST(renaming_inbox_moves_its_messages)
{
    struct store *store = fresh();
    int64_t ana = user_add(store, "ana@campus.example");
    int64_t inbox = mailbox_id(store, ana, "INBOX");
    uint64_t todo = 0;
    struct placement placement;
    mailbox_add(store, ana, "INBOX/child");
    ck_assert(store_keyword(store, inbox, SLICE("$Todo"), true, &todo));
    place_text(store, inbox, "one", FLAG_SEEN);
    uint32_t gone = place_text(store, inbox, "two", 0);
    place_text(store, inbox, "three", todo);
    ck_assert(store_expunge(store, inbox, gone));
    struct mailbox before = mailbox_now(store, inbox);
    ck_assert(store_mailbox_rename(store, inbox, SLICE("old/mail")));
    check_names(store, ana, "INBOX INBOX/child old old/mail ");
    struct mailbox after = mailbox_now(store, inbox);
    ck_assert_uint_eq(after.messages, 0);
    ck_assert_uint_eq(after.bytes, 0);
    ck_assert_uint_eq(after.uidnext, before.uidnext);
    ck_assert_uint_eq(after.uidvalidity, before.uidvalidity);
    int64_t moved = mailbox_id(store, ana, "old/mail");
    ck_assert_uint_eq(mailbox_now(store, moved).messages, 2);
    ck_assert_uint_eq(mailbox_now(store, moved).unseen, 1);
    ck_assert_uint_gt(mailbox_now(store, moved).uidvalidity, after.uidvalidity);
    ck_assert(store_placement(store, moved, 2, &placement));
    ck_assert_uint_eq(placement.flags, todo);
    ck_assert(store_keyword(store, moved, SLICE("$todo"), false, &todo));
    world_close(store);
}
END_TEST

static bool subscription_collect(void *context, slice name)
{
    buf_add(context, name);
    return buf_add_char(context, ' ');
}

START_TEST(subscriptions_are_names)
{
    struct store *store = fresh();
    int64_t ana = user_add(store, "ana@campus.example");
    struct buf out = BUF_MAX(1000);
    ck_assert(store_subscribe(store, ana, SLICE("no/such"), true));
    ck_assert(store_subscribe(store, ana, SLICE("inbox"), true));
    ck_assert(store_subscribe(store, ana, SLICE("INBOX"), true));
    ck_assert(store_subscribe(store, ana, SLICE("'; --"), true));
    ck_assert(store_subscriptions(store, ana, subscription_collect, &out));
    ck_assert_str_eq(buf_text(&out), "'; -- INBOX no/such ");
    ck_assert(store_subscribe(store, ana, SLICE("Inbox"), false));
    ck_assert(store_subscribe(store, ana, SLICE("never"), false));
    buf_clear(&out);
    ck_assert(store_subscriptions(store, ana, subscription_collect, &out));
    ck_assert_str_eq(buf_text(&out), "'; -- no/such ");
    buf_free(&out);
    world_close(store);
}
END_TEST

/* --- keywords -------------------------------------------------------------------------- */

START_TEST(keywords_are_bits_up_to_a_maximum)
{
    struct store *store = fresh();
    int64_t inbox = mailbox_id(store, user_add(store, "ana@campus.example"), "INBOX");
    struct arena arena = { NULL, 0 };
    slice names[KEYWORDS_MAX];
    size_t count = 0;
    char name[KEYWORD_NAME_MAX + 2];
    uint64_t bit = 0, all = 0;
    ck_assert(!store_keyword(store, inbox, SLICE("k0"), false, &bit));
    for (int i = 0; i < KEYWORDS_MAX; i++) {
        snprintf(name, sizeof name, "k%d", i);
        ck_assert(store_keyword(store, inbox, slice_of(name), true, &bit));
        ck_assert_uint_eq(bit, (uint64_t)1 << (FLAG_KEYWORD_SHIFT + i));
        all |= bit;
    }
    ck_assert(!store_keyword(store, inbox, SLICE("more"), true, &bit));
    ck_assert(store_keyword(store, inbox, SLICE("K39"), true, &bit));
    ck_assert_uint_eq(bit, (uint64_t)1 << (FLAG_KEYWORD_SHIFT + 39));
    memset(name, 'k', sizeof name);
    ck_assert(!store_keyword(store, inbox, (slice){ name, KEYWORD_NAME_MAX + 1 }, true, &bit));
    ck_assert(!store_keyword(store, inbox, SLICE(""), true, &bit));
    ck_assert(store_keywords(store, inbox, &arena, names, &count));
    ck_assert_uint_eq(count, KEYWORDS_MAX);
    ck_assert(slice_is(names[0], "k0") && slice_is(names[39], "k39"));
    uint32_t uid = place_text(store, inbox, "x", all | FLAG_SYSTEM);
    struct placement placement;
    ck_assert(store_placement(store, inbox, uid, &placement));
    ck_assert_uint_eq(placement.flags, all | FLAG_SYSTEM);
    ck_assert(!store_failed(store));
    arena_free(&arena);
    world_close(store);
}
END_TEST

START_TEST(copying_carries_keywords_by_name)
{
    struct store *store = fresh();
    int64_t ana = user_add(store, "ana@campus.example");
    int64_t inbox = mailbox_id(store, ana, "INBOX"), other = mailbox_add(store, ana, "Other");
    uint64_t red, blue, other_blue, other_red;
    uint32_t copy = 0;
    struct placement from, to;
    ck_assert(store_keyword(store, inbox, SLICE("red"), true, &red));
    ck_assert(store_keyword(store, inbox, SLICE("blue"), true, &blue));
    ck_assert(store_keyword(store, other, SLICE("BLUE"), true, &other_blue));
    uint32_t uid = place_text(store, inbox, "message", red | blue | FLAG_FLAGGED);
    ck_assert(store_copy(store, inbox, uid, other, &copy));
    ck_assert(store_keyword(store, other, SLICE("red"), false, &other_red));
    ck_assert(store_placement(store, inbox, uid, &from));
    ck_assert(store_placement(store, other, copy, &to));
    ck_assert_uint_eq(to.flags, other_red | other_blue | FLAG_FLAGGED);
    ck_assert_int_eq(to.message_key, from.message_key);
    ck_assert_int_eq(to.date_ms, from.date_ms);
    ck_assert_int_eq(to.zone_minutes, from.zone_minutes);
    ck_assert(store_copy(store, inbox, uid, inbox, &copy));
    ck_assert_uint_eq(copy, uid + 1);
    ck_assert(!store_copy(store, inbox, 77, other, &copy));
    ck_assert(store_expunge(store, inbox, uid));
    ck_assert(!store_copy(store, inbox, uid, other, &copy));
    ck_assert(!store_failed(store));
    world_close(store);
}
END_TEST

/* --- messages --------------------------------------------------------------------------- */

static void text_fill(char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        text[i] = (char)(i * 31 + i / 251 + i / 65536);
}

START_TEST(messages_are_read_from_any_offset)
{
    static char text[3 * MESSAGE_CHUNK_BYTES + 17];
    static const struct { uint64_t offset, len; } cases[] = {
        { 0, 0 }, { 0, 1 }, { 0, sizeof text }, { 0, UINT64_MAX }, { 5, 10 },
        { MESSAGE_CHUNK_BYTES - 1, 1 }, { MESSAGE_CHUNK_BYTES - 1, 2 }, { MESSAGE_CHUNK_BYTES, 1 },
        { 10, 2 * MESSAGE_CHUNK_BYTES }, { sizeof text - 1, 100 }, { sizeof text, 100 },
        { sizeof text + 1000000, 5 }, { UINT64_MAX, UINT64_MAX }, { 1, 3 * MESSAGE_CHUNK_BYTES },
    };
    struct store *store = fresh();
    int64_t inbox = mailbox_id(store, user_add(store, "ana@campus.example"), "INBOX");
    const slice whole_text = { text, sizeof text };
    text_fill(text, sizeof text);
    struct draft *draft = store_draft(store);
    for (size_t at = 0, step = 1; at < sizeof text; at += step, step = step * 2 + 1)
        ck_assert(store_draft_write(draft, slice_upto(slice_from(whole_text, at), step)));
    ck_assert_uint_eq(store_draft_size(draft), sizeof text);
    struct arena arena = { NULL, 0 };
    slice whole = store_draft_text(draft, &arena);
    ck_assert(slice_equal(whole, (slice){ text, sizeof text }));
    struct message message = message_plain();
    int64_t message_key = store_draft_finish(draft, &message);
    ck_assert_uint_eq(message.size, sizeof text);
    uint32_t uid;
    ck_assert(store_place(store, inbox, message_key, 0, 0, 0, &uid));
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out = BUF_MAX(1 << 20);
        uint64_t offset = cases[i].offset < sizeof text ? cases[i].offset : sizeof text;
        slice expected = slice_from((slice){ text, sizeof text }, (size_t)offset);
        expected = slice_upto(expected, (size_t)cases[i].len);
        ck_assert(store_message_read(store, message_key, cases[i].offset, cases[i].len, &out));
        ck_assert_msg(slice_equal(buf_slice(&out), expected), "case %zu", i);
        buf_free(&out);
    }
    arena_free(&arena);
    world_close(store);
}
END_TEST

START_TEST(messages_keep_their_summary)
{
    struct store *store = fresh();
    int64_t inbox = mailbox_id(store, user_add(store, "ana@campus.example"), "INBOX");
    struct arena arena = { NULL, 0 };
    struct message message = message_plain(), found;
    struct draft *draft = store_draft(store);
    uint32_t uid;
    message.size = 999; /* the store knows better */
    message.header_bytes = 4;
    message.path_bytes = 2;
    message.envelope = SLICE("(a\0b)");
    ck_assert(store_draft_write(draft, SLICE("a: b\r\n")));
    int64_t message_key = store_draft_finish(draft, &message);
    ck_assert(store_place(store, inbox, message_key, 0, 0, 0, &uid));
    ck_assert(store_message(store, message_key, &arena, &found));
    ck_assert_uint_eq(found.size, 6);
    ck_assert_uint_eq(found.header_bytes, 4);
    ck_assert_uint_eq(found.path_bytes, 2);
    ck_assert(slice_equal(found.envelope, SLICE("(a\0b)")));
    ck_assert(slice_is(found.structure, "(TEXT)") && slice_is(found.body, "(text)"));
    ck_assert(slice_equal(found.parts, SLICE("\0\1\2")));
    ck_assert(!store_message(store, message_key + 1, &arena, &found));
    ck_assert(!store_failed(store));
    arena_free(&arena);
    world_close(store);
}
END_TEST

START_TEST(an_empty_message_is_a_message)
{
    struct store *store = fresh();
    int64_t inbox = mailbox_id(store, user_add(store, "ana@campus.example"), "INBOX");
    struct buf out = BUF_MAX(100);
    uint32_t uid = place_text(store, inbox, "", 0);
    struct placement placement;
    ck_assert(store_placement(store, inbox, uid, &placement));
    ck_assert_uint_eq(placement.size, 0);
    ck_assert(store_message_read(store, placement.message_key, 0, 10, &out));
    ck_assert_uint_eq(out.len, 0);
    buf_free(&out);
    world_close(store);
}
END_TEST

START_TEST(too_long_a_message_is_refused_and_gone)
{
    static char text[1 << 20];
    struct store *store = fresh();
    uint64_t before = digest_of(store);
    struct draft *draft = store_draft(store);
    for (size_t i = 0; i < MESSAGE_BYTES_MAX / sizeof text; i++)
        ck_assert(store_draft_write(draft, (slice){ text, sizeof text }));
    ck_assert(store_commit(store));
    ck_assert(!store_draft_write(draft, SLICE("x")));
    struct message message = message_plain();
    ck_assert_int_eq(store_draft_finish(draft, &message), 0);
    ck_assert(!store_failed(store));
    ck_assert(store_commit(store));
    ck_assert(store_tamper(store, "DELETE FROM sqlite_sequence WHERE name = 'message'", NULL));
    ck_assert_uint_eq(digest_of(store), before);
    world_close(store);
}
END_TEST

/* How many messages, chunks and placements there are, through what a digest sees. */
static bool table_is_empty(struct store *store, const char *table)
{
    char sql[200];
    uint64_t before = digest_of(store);
    ck_assert(store_commit(store));
    snprintf(sql, sizeof sql, "PRAGMA foreign_keys = OFF; BEGIN; DELETE FROM %s", table);
    ck_assert(store_tamper(store, sql, NULL));
    bool same = digest_of(store) == before;
    ck_assert(store_tamper(store, "ROLLBACK; PRAGMA foreign_keys = ON", NULL));
    return same;
}

START_TEST(a_message_lives_as_long_as_anything_refers_to_it)
{
    struct store *store = fresh();
    int64_t ana = user_add(store, "ana@campus.example"), bo = user_add(store, "bo@campus.example");
    int64_t first = mailbox_id(store, ana, "INBOX"), second = mailbox_id(store, bo, "INBOX");
    int64_t message_key = message_add(store, SLICE("to both")), queue_id = 0;
    uint32_t uid = 0, other = 0;
    struct queued queued = { .message_key = message_key,
                             .host = "h.example",
                             .recipient = "d@b.example",
                             .domain = "b.example",
                             .since_ms = 1,
                             .next_ms = 1 };
    ck_assert(store_place(store, first, message_key, 0, 0, 0, &uid));
    ck_assert(store_place(store, second, message_key, 0, 0, 0, &other));
    ck_assert(store_queue_add(store, &queued, &queue_id));
    ck_assert(store_commit(store));
    ck_assert(store_expunge(store, first, uid));
    ck_assert(store_expunge(store, second, other));
    ck_assert(store_commit(store));
    ck_assert(table_is_empty(store, "placement"));
    ck_assert(!table_is_empty(store, "message"));
    check_sound(store);
    ck_assert(store_queue_remove(store, queue_id));
    ck_assert(!store_queue_remove(store, queue_id));
    ck_assert(store_commit(store));
    ck_assert(table_is_empty(store, "message"));
    ck_assert(table_is_empty(store, "chunk"));
    world_close(store);
}
END_TEST

START_TEST(unplaced_messages_and_dropped_drafts_are_gone)
{
    static char text[2 * MESSAGE_CHUNK_BYTES + 1];
    struct store *store = fresh();
    user_add(store, "ana@campus.example");
    message_add(store, SLICE("for nobody"));
    ck_assert(store_commit(store));
    ck_assert(table_is_empty(store, "message"));
    struct draft *draft = store_draft(store);
    ck_assert(store_draft_write(draft, (slice){ text, sizeof text }));
    ck_assert(store_commit(store));
    ck_assert(!table_is_empty(store, "chunk"));
    store_draft_drop(draft);
    ck_assert(store_commit(store));
    ck_assert(table_is_empty(store, "message"));
    ck_assert(table_is_empty(store, "chunk"));
    world_close(store);
}
END_TEST

/* --- placements ------------------------------------------------------------------------ */

START_TEST(uids_and_counters_follow_every_change)
{
    struct store *store = fresh();
    int64_t inbox = mailbox_id(store, user_add(store, "ana@campus.example"), "INBOX");
    struct mailbox at = mailbox_now(store, inbox);
    ck_assert_uint_eq(at.uidnext, 1);
    ck_assert_uint_eq(at.highest_modseq, 1);
    ck_assert_uint_eq(store_first_unseen(store, inbox), 0);
    ck_assert_uint_eq(place_text(store, inbox, "one", FLAG_SEEN), 1);
    ck_assert_uint_eq(place_text(store, inbox, "four", 0), 2);
    ck_assert_uint_eq(place_text(store, inbox, "seven", 0), 3);
    at = mailbox_now(store, inbox);
    ck_assert_uint_eq(at.messages, 3);
    ck_assert_uint_eq(at.unseen, 2);
    ck_assert_uint_eq(at.bytes, 12);
    ck_assert_uint_eq(store_first_unseen(store, inbox), 2);
    ck_assert_uint_eq(at.uidnext, 4);
    struct placement placement;
    ck_assert(store_flags(store, inbox, 2, FLAGS_ADD, FLAG_SEEN | FLAG_DELETED, &placement));
    ck_assert_uint_eq(placement.flags, FLAG_SEEN | FLAG_DELETED);
    ck_assert_uint_eq(store_first_unseen(store, inbox), 3);
    ck_assert(store_expunge(store, inbox, 3));
    ck_assert(!store_expunge(store, inbox, 3));
    ck_assert(store_commit(store));
    at = mailbox_now(store, inbox);
    ck_assert_uint_eq(at.messages, 2);
    ck_assert_uint_eq(at.unseen, 0);
    ck_assert_uint_eq(at.bytes, 7);
    ck_assert_uint_eq(at.uidnext, 4);
    ck_assert_uint_eq(place_text(store, inbox, "new", 0), 4); /* uid 3 never comes again */
    ck_assert(!store_place(store, 999, 1, 0, 0, 0, &(uint32_t){ 0 }));
    ck_assert(!store_place(store, inbox, 999, 0, 0, 0, &(uint32_t){ 0 }));
    ck_assert(!store_failed(store));
    world_close(store);
}
END_TEST

START_TEST(flags_change_by_difference)
{
    static const struct {
        enum flag_change change;
        uint64_t flags, after;
        bool changes;
    } steps[] = {
        { FLAGS_ADD, FLAG_SEEN, FLAG_SEEN, true },
        { FLAGS_ADD, FLAG_SEEN, FLAG_SEEN, false },
        { FLAGS_ADD, FLAG_FLAGGED, FLAG_SEEN | FLAG_FLAGGED, true },
        { FLAGS_REMOVE, FLAG_SEEN | FLAG_DRAFT, FLAG_FLAGGED, true },
        { FLAGS_REMOVE, FLAG_SEEN, FLAG_FLAGGED, false },
        { FLAGS_REPLACE, FLAG_ANSWERED, FLAG_ANSWERED, true },
        { FLAGS_REPLACE, FLAG_ANSWERED, FLAG_ANSWERED, false },
        { FLAGS_REPLACE, 0xe0, 0, true }, /* bits that are no flags are no change */
    };
    struct store *store = fresh();
    int64_t inbox = mailbox_id(store, user_add(store, "ana@campus.example"), "INBOX");
    uint32_t uid = place_text(store, inbox, "x", 0);
    for (size_t i = 0; i < COUNT(steps); i++) {
        uint64_t before = mailbox_now(store, inbox).highest_modseq;
        struct placement after;
        ck_assert(store_flags(store, inbox, uid, steps[i].change, steps[i].flags, &after));
        ck_assert_uint_eq(after.flags, steps[i].after);
        ck_assert_uint_eq(mailbox_now(store, inbox).highest_modseq, before + steps[i].changes);
        struct placement stored;
        ck_assert(store_placement(store, inbox, uid, &stored));
        ck_assert_uint_eq(stored.flags, after.flags);
        ck_assert_uint_eq(stored.modseq, after.modseq);
    }
    ck_assert(!store_flags(store, inbox, 9, FLAGS_ADD, 1, NULL));
    ck_assert(!store_failed(store));
    world_close(store);
}
END_TEST

START_TEST(placements_come_in_pages_by_uid)
{
    struct store *store = fresh();
    int64_t inbox = mailbox_id(store, user_add(store, "ana@campus.example"), "INBOX");
    struct placement page[64];
    for (int i = 0; i < 300; i++)
        place_text(store, inbox, "x", 0);
    uint64_t since = mailbox_now(store, inbox).highest_modseq;
    ck_assert_uint_eq(store_placements(store, inbox, 10, 20, 0, false, page, 64), 11);
    ck_assert_uint_eq(page[0].uid, 10);
    ck_assert_uint_eq(store_placements(store, inbox, 290, UINT32_MAX, 0, false, page, 64), 11);
    ck_assert_uint_eq(store_placements(store, inbox, 301, UINT32_MAX, 0, false, page, 64), 0);
    for (uint32_t uid = 300; uid >= 3; uid -= 3)
        ck_assert(store_flags(store, inbox, uid, FLAGS_ADD, FLAG_SEEN, NULL));
    for (size_t max = 1; max <= 64; max += 21) { /* few changes and many, by size of the page */
        uint32_t expected = 3, first = 1;
        size_t count;
        while ((count = store_placements(store, inbox, first, UINT32_MAX, since, false, page,
                                         max)) > 0)
            for (size_t i = 0; i < count; i++, expected += 3) {
                ck_assert_uint_eq(page[i].uid, expected);
                first = page[i].uid + 1;
            }
        ck_assert_uint_eq(expected, 303);
    }
    ck_assert_uint_eq(store_placements(store, inbox, 1, 9, since + 97, false, page, 64), 3);
    ck_assert_uint_eq(store_placements(store, inbox, 1, 9, UINT64_MAX, false, page, 64), 0);
    world_close(store);
}
END_TEST

START_TEST(changes_come_in_pages_by_modseq)
{
    struct store *store = fresh();
    int64_t inbox = mailbox_id(store, user_add(store, "ana@campus.example"), "INBOX");
    struct placement page[7];
    for (int i = 0; i < 40; i++)
        place_text(store, inbox, "x", 0);
    ck_assert(store_commit(store));
    uint64_t since = mailbox_now(store, inbox).highest_modseq, mark = since;
    struct view *view = store_view_open(store, inbox, since);
    for (uint32_t uid = 40; uid > 10; uid--)
        ck_assert(uid % 5 ? store_flags(store, inbox, uid, FLAGS_ADD, FLAG_SEEN, NULL)
                          : store_expunge(store, inbox, uid));
    ck_assert(store_commit(store));
    uint32_t expected = 40;
    size_t count;
    while ((count = store_changes(store, inbox, mark, page, COUNT(page))) > 0)
        for (size_t i = 0; i < count; i++, expected--) {
            ck_assert_uint_eq(page[i].uid, expected);
            ck_assert_int_eq(page[i].expunged, expected % 5 == 0);
            ck_assert_uint_eq(page[i].modseq, ++mark);
        }
    ck_assert_uint_eq(expected, 10);
    ck_assert_uint_eq(mark, mailbox_now(store, inbox).highest_modseq);
    ck_assert_uint_eq(store_placements(store, inbox, 1, 40, since, true, page, 3), 3);
    ck_assert_uint_eq(page[0].uid, 11);
    ck_assert_uint_eq(store_placements(store, inbox, 15, 15, since, false, page, 3), 0);
    ck_assert_uint_eq(store_placements(store, inbox, 15, 15, since, true, page, 3), 1);
    store_view_close(view);
    ck_assert(store_commit(store));
    ck_assert_uint_eq(store_placements(store, inbox, 15, 15, since, true, page, 3), 0);
    world_close(store);
}
END_TEST

START_TEST(recent_is_claimed_once)
{
    struct store *store = fresh();
    int64_t inbox = mailbox_id(store, user_add(store, "ana@campus.example"), "INBOX");
    uint32_t first = 0;
    place_text(store, inbox, "a", 0);
    place_text(store, inbox, "b", 0);
    uint64_t modseq = mailbox_now(store, inbox).highest_modseq;
    ck_assert(store_recent_claim(store, inbox, &first));
    ck_assert_uint_eq(first, 1);
    ck_assert(store_recent_claim(store, inbox, &first));
    ck_assert_uint_eq(first, 3);
    ck_assert_uint_eq(mailbox_now(store, inbox).recent_from, 3);
    ck_assert_uint_eq(mailbox_now(store, inbox).highest_modseq, modseq);
    place_text(store, inbox, "c", 0);
    ck_assert(store_recent_claim(store, inbox, &first));
    ck_assert_uint_eq(first, 3);
    ck_assert(!store_recent_claim(store, 99, &first));
    world_close(store);
}
END_TEST

/* --- views ----------------------------------------------------------------------------- */

static bool readable(struct store *store, int64_t mailbox, uint32_t uid)
{
    struct placement placement;
    struct buf out = BUF_MAX(100);
    bool found = store_placement(store, mailbox, uid, &placement)
        && store_message_read(store, placement.message_key, 0, 100, &out) && out.len > 0;
    buf_free(&out);
    return found;
}

START_TEST(an_expunged_message_stays_for_those_who_see_it)
{
    struct store *store = fresh();
    int64_t inbox = mailbox_id(store, user_add(store, "ana@campus.example"), "INBOX");
    uint32_t uid = place_text(store, inbox, "still read", 0);
    ck_assert(store_commit(store));
    uint64_t mark = mailbox_now(store, inbox).highest_modseq;
    struct view *first = store_view_open(store, inbox, mark);
    struct view *second = store_view_open(store, inbox, mark);
    ck_assert(store_expunge(store, inbox, uid));
    ck_assert(store_commit(store));
    struct placement placement;
    ck_assert(readable(store, inbox, uid));
    ck_assert(store_placement(store, inbox, uid, &placement) && placement.expunged);
    ck_assert(store_flags(store, inbox, uid, FLAGS_ADD, FLAG_SEEN, &placement));
    ck_assert(placement.expunged && placement.flags == 0);
    check_sound(store);
    store_view_mark(first, placement.modseq);
    ck_assert(store_commit(store));
    ck_assert(readable(store, inbox, uid));
    store_view_mark(second, placement.modseq - 1);
    ck_assert(store_commit(store));
    ck_assert(readable(store, inbox, uid));
    store_view_close(second);
    ck_assert(store_commit(store));
    ck_assert(!readable(store, inbox, uid));
    ck_assert(table_is_empty(store, "message"));
    ck_assert(!table_is_empty(store, "expunged"));
    uint32_t next = place_text(store, inbox, "another", 0);
    ck_assert(store_commit(store));
    ck_assert(store_expunge(store, inbox, next));
    ck_assert(store_commit(store));
    ck_assert(readable(store, inbox, next));
    store_view_mark(first, mailbox_now(store, inbox).highest_modseq);
    ck_assert(store_commit(store));
    ck_assert(!readable(store, inbox, next));
    store_view_close(first);
    world_close(store);
}
END_TEST

START_TEST(what_only_the_remover_sees_goes_at_once)
{
    struct store *store = fresh();
    int64_t inbox = mailbox_id(store, user_add(store, "ana@campus.example"), "INBOX");
    uint32_t uid = place_text(store, inbox, "seen by one", 0);
    ck_assert(store_commit(store));
    uint64_t mark = mailbox_now(store, inbox).highest_modseq;
    struct view *own = store_view_open(store, inbox, mark);
    struct view *other = store_view_open(store, inbox, mark);
    struct placement row;
    for (int watched = 1; watched >= 0; watched--) {
        ck_assert(store_placement(store, inbox, uid, &row));
        ck_assert(store_expunge_page(store, inbox, own, &row, 1));
        ck_assert_int_eq(store_placement(store, inbox, uid, &row), watched);
        store_command_end(store, false);
        ck_assert(readable(store, inbox, uid)); /* undone, it is back */
        if (watched)
            store_view_close(other);
    }
    ck_assert(store_placement(store, inbox, uid, &row));
    ck_assert(store_expunge_page(store, inbox, own, &row, 1));
    ck_assert(store_commit(store));
    ck_assert(table_is_empty(store, "message"));
    struct expunged gone;
    ck_assert_uint_eq(store_expunged(store, inbox, mark, UINT64_MAX, &gone, 1), 1);
    ck_assert(gone.uid == uid && gone.modseq == mailbox_now(store, inbox).highest_modseq);
    check_sound(store);
    store_view_close(own);
    world_close(store);
}
END_TEST

START_TEST(a_deleted_mailbox_stays_for_those_who_see_it)
{
    struct store *store = fresh();
    int64_t ana = user_add(store, "ana@campus.example"), box = mailbox_add(store, ana, "Box");
    struct mailbox mailbox;
    uint32_t uid = place_text(store, box, "still read", 0);
    struct view *view = store_view_open(store, box, mailbox_now(store, box).highest_modseq);
    ck_assert(store_mailbox_delete(store, box));
    ck_assert(store_commit(store));
    check_names(store, ana, "INBOX ");
    ck_assert(!store_mailbox_by_id(store, box, &mailbox));
    ck_assert(readable(store, box, uid));
    int64_t again = mailbox_add(store, ana, "Box");
    ck_assert_int_ne(again, box);
    ck_assert(store_commit(store));
    check_sound(store);
    store_view_close(view);
    ck_assert(store_commit(store));
    ck_assert(!readable(store, box, uid));
    ck_assert(table_is_empty(store, "message"));
    ck_assert(table_is_empty(store, "expunged")); /* with the mailbox */
    world_close(store);
}
END_TEST

START_TEST(uid_lists_are_shared_and_stand_still)
{
    struct store *store = fresh();
    int64_t inbox = mailbox_id(store, user_add(store, "ana@campus.example"), "INBOX");
    for (int i = 0; i < 5; i++)
        place_text(store, inbox, "x", 0);
    struct uid_list *first = store_uids(store, inbox), *second = store_uids(store, inbox);
    ck_assert_ptr_eq(first, second);
    ck_assert_uint_eq(first->count, 5);
    ck_assert_uint_eq(first->modseq, mailbox_now(store, inbox).highest_modseq);
    ck_assert(store_flags(store, inbox, 1, FLAGS_ADD, FLAG_SEEN, NULL));
    struct uid_list *third = store_uids(store, inbox);
    ck_assert_ptr_eq(first, third); /* flags are no reason for another */
    ck_assert(store_expunge(store, inbox, 2));
    ck_assert(store_expunge(store, inbox, 5));
    place_text(store, inbox, "x", 0);
    ck_assert(store_expunge(store, inbox, place_text(store, inbox, "x", 0)));
    struct uid_list *fourth = store_uids(store, inbox);
    static const uint32_t expected[] = { 1, 3, 4, 6 };
    ck_assert_uint_eq(fourth->count, 4);
    ck_assert_mem_eq(fourth->uids, expected, sizeof expected);
    ck_assert_uint_eq(first->count, 5);
    ck_assert(store_commit(store));
    check_sound(store);
    uid_list_release(first);
    uid_list_release(second);
    uid_list_release(third);
    uid_list_release(uid_list_hold(fourth));
    uid_list_release(fourth);
    uid_list_release(NULL);
    ck_assert_ptr_null(store_uids(store, 99));
    ck_assert(!store_failed(store));
    world_close(store);
}
END_TEST

START_TEST(a_maildrop_is_locked_once)
{
    struct store *store = fresh();
    int64_t inbox = mailbox_id(store, user_add(store, "ana@campus.example"), "INBOX");
    ck_assert(store_maildrop_lock(store, inbox));
    ck_assert(!store_maildrop_lock(store, inbox));
    place_text(store, inbox, "delivery goes on", 0);
    store_maildrop_unlock(store, inbox);
    ck_assert(store_maildrop_lock(store, inbox));
    store_maildrop_unlock(store, inbox);
    world_close(store);
}
END_TEST

/* --- headings -------------------------------------------------------------------------- */

struct seen_headings {
    char text[500];
    int left;
};

static bool see_heading(void *context, const struct placement *row, const struct heading *heading)
{
    struct seen_headings *seen = context;
    size_t len = strlen(seen->text);
    snprintf(seen->text + len, sizeof seen->text - len, "%u%s:", row->uid,
             row->expunged ? "x" : "");
    len = strlen(seen->text);
    if (!heading) {
        snprintf(seen->text + len, sizeof seen->text - len, "none ");
    } else {
        snprintf(seen->text + len, sizeof seen->text - len, "%d,%lld,%d,%.*s,%.*s,%.*s,%.*s%d ",
                 heading->dated, (long long)heading->sent_ms, heading->sent_zone,
                 SLICE_ARG(heading->boxes[BOX_CC]), SLICE_ARG(heading->message_id),
                 SLICE_ARG(slice_upto(heading->references, 3)),
                 SLICE_ARG(heading->texts[TEXT_SUBJECT].at ? heading->texts[TEXT_SUBJECT]
                                                           : SLICE("-")),
                 heading->texts[TEXT_BCC].at != NULL);
    }
    return --seen->left > 0;
}

static int64_t message_headed(struct store *store, const struct heading *heading)
{
    struct message message = message_plain();
    struct draft *draft = store_draft(store);
    message.heading = heading;
    ck_assert(store_draft_write(draft, SLICE("x")));
    return store_draft_finish(draft, &message);
}

START_TEST(headings_are_read_with_their_placements)
{
    struct store *store = world_open(NULL, &now);
    int64_t ana = user_add(store, "ana@campus.example"), inbox = mailbox_id(store, ana, "INBOX");
    struct heading full = heading_plain(), empty = { .dated = false };
    struct seen_headings seen = { "", 9 };
    uint32_t uid = 0;
    empty.texts[TEXT_SUBJECT] = SLICE("");
    ck_assert(store_place(store, inbox, message_headed(store, &full), 0, 1, 0, &uid));
    place_text(store, inbox, "x", 0);
    ck_assert(store_place(store, inbox, message_headed(store, &empty), 0, 1, 0, &uid));
    struct view *view = store_view_open(store, inbox, 1);
    ck_assert(store_expunge(store, inbox, 3));
    ck_assert(store_commit(store));
    ck_assert(store_headings(store, inbox, 1, 99, true, see_heading, &seen));
    ck_assert_str_eq(seen.text, "1:1,5,-90,cem,1@a,2@a,s1 2:none 3x:0,0,0,,,,0 ");
    seen = (struct seen_headings){ "", 1 };
    ck_assert(store_headings(store, inbox, 2, 99, true, see_heading, &seen));
    ck_assert_str_eq(seen.text, "2:none ");
    seen = (struct seen_headings){ "", 9 };
    ck_assert(store_headings(store, inbox, 1, 99, false, see_heading, &seen));
    ck_assert_str_eq(seen.text, "1:none 2:none 3x:none ");
    store_view_close(view);
    ck_assert(store_commit(store));
    seen = (struct seen_headings){ "", 9 };
    ck_assert(store_headings(store, inbox, 3, 3, true, see_heading, &seen));
    ck_assert_str_eq(seen.text, "");
    world_close(store);
}
END_TEST

/* --- the queue, greylisting, the world ------------------------------------------------- */

START_TEST(the_queue_gives_what_is_due_in_order)
{
    struct store *store = fresh();
    int64_t ids[4] = { 0 }, next = 0;
    int64_t message_key = message_add(store, SLICE("x"));
    struct queued queued = { .message_key = message_key,
                             .host = "mail.campus.example",
                             .sender = "",
                             .recipient = "'; DROP TABLE queue@b.example",
                             .domain = "b.example",
                             .since_ms = 5 };
    static const int64_t times[4] = { 30, 10, 20, 10 };
    for (size_t i = 0; i < 4; i++) {
        queued.next_ms = times[i];
        ck_assert(store_queue_add(store, &queued, &ids[i]));
    }
    struct queued due[4];
    ck_assert_uint_eq(store_queue_count(store, SLICE("mail.campus.example")), 4);
    ck_assert_uint_eq(store_queue_count(store, SLICE("other")), 0);
    ck_assert(store_queue_next(store, SLICE("mail.campus.example"), &next));
    ck_assert_int_eq(next, 10);
    ck_assert(!store_queue_next(store, SLICE("other"), &next));
    ck_assert_uint_eq(store_queue_due(store, SLICE("mail.campus.example"), 20, due, 4), 3);
    ck_assert_int_eq(due[0].id, ids[1]);
    ck_assert_int_eq(due[1].id, ids[3]);
    ck_assert_int_eq(due[2].id, ids[2]);
    ck_assert_str_eq(due[0].recipient, "'; DROP TABLE queue@b.example");
    ck_assert_uint_eq(store_queue_due(store, SLICE("mail.campus.example"), 20, due, 1), 1);
    due[0].next_ms = 99;
    due[0].attempts = 3;
    due[0].warned = true;
    memcpy(due[0].last_reply, "450 later", 10);
    ck_assert(store_queue_update(store, &due[0]));
    ck_assert_uint_eq(store_queue_due(store, SLICE("mail.campus.example"), 99, due, 4), 4);
    ck_assert(due[3].id == ids[1] && due[3].attempts == 3 && due[3].warned);
    ck_assert_str_eq(due[3].last_reply, "450 later");
    due[0].id = 1000;
    ck_assert(!store_queue_update(store, &due[0]));
    ck_assert(!store_failed(store));
    world_close(store);
}
END_TEST

START_TEST(greylisting_remembers_the_first_time)
{
    struct store *store = fresh();
    int64_t first = 0;
    const slice host = SLICE("mail"), from = SLICE("192.0.2.1"), none = SLICE_EMPTY;
    ck_assert(store_greylist(store, host, from, none, SLICE("ana"), 100, &first));
    ck_assert_int_eq(first, 100);
    ck_assert(store_commit(store));
    ck_assert(store_greylist(store, host, from, none, SLICE("ana"), 200, &first));
    ck_assert_int_eq(first, 100);
    ck_assert(store_greylist(store, host, from, SLICE("s"), SLICE("ana"), 300, &first));
    ck_assert_int_eq(first, 300);
    world_close(store);
}
END_TEST

static bool line_collect(void *context, int64_t number, slice line)
{
    buf_format(context, "%d:", (int)number);
    buf_add(context, line);
    return buf_add_char(context, ';') && number < 3;
}

START_TEST(values_sentences_and_history_are_kept)
{
    struct store *store = fresh();
    struct arena arena = { NULL, 0 };
    struct buf out = BUF_MAX(1000);
    slice value;
    ck_assert(!store_value(store, "seed", &arena, &value));
    ck_assert(store_value_set(store, "seed", SLICE("1")));
    ck_assert(store_value_set(store, "seed", SLICE("a\0\xff")));
    ck_assert(store_value(store, "seed", &arena, &value));
    ck_assert(slice_equal(value, SLICE("a\0\xff")));
    ck_assert(store_sentence_add(store, SLICE("host a")));
    ck_assert(store_sentence_add(store, SLICE("host b")));
    ck_assert(store_sentences(store, line_collect, &out));
    ck_assert_str_eq(buf_text(&out), "1:host a;2:host b;");
    buf_clear(&out);
    for (int i = 0; i < 5; i++)
        ck_assert(store_history_add(store, SLICE("wait 2h")));
    ck_assert(store_history(store, line_collect, &out));
    ck_assert_str_eq(buf_text(&out), "1:wait 2h;2:wait 2h;3:wait 2h;");
    buf_free(&out);
    arena_free(&arena);
    world_close(store);
}
END_TEST

/* --- turns and commands ---------------------------------------------------------------- */

START_TEST(a_command_is_undone_alone)
{
    struct store *store = fresh();
    int64_t inbox = mailbox_id(store, user_add(store, "ana@campus.example"), "INBOX");
    place_text(store, inbox, "one", 0);
    store_command_end(store, true);
    place_text(store, inbox, "two", 0);
    struct uid_list *both = store_uids(store, inbox);
    ck_assert_uint_eq(both->count, 2);
    store_command_end(store, false);
    struct uid_list *one = store_uids(store, inbox);
    ck_assert_uint_eq(one->count, 1);
    place_text(store, inbox, "three", 0);
    store_command_end(store, true);
    store_command_end(store, false); /* nothing has changed since */
    ck_assert(store_commit(store));
    ck_assert_uint_eq(mailbox_now(store, inbox).messages, 2);
    ck_assert_uint_eq(mailbox_now(store, inbox).uidnext, 3);
    place_text(store, inbox, "first of its turn", 0);
    store_command_end(store, false);
    ck_assert(store_commit(store));
    ck_assert_uint_eq(mailbox_now(store, inbox).messages, 2);
    uid_list_release(both);
    uid_list_release(one);
    world_close(store);
}
END_TEST

START_TEST(an_undone_expunge_leaves_the_message)
{
    struct store *store = fresh();
    int64_t ana = user_add(store, "ana@campus.example"), inbox = mailbox_id(store, ana, "INBOX");
    int64_t box = mailbox_add(store, ana, "Box");
    place_text(store, inbox, "kept", 0);
    place_text(store, box, "kept", 0);
    ck_assert(store_commit(store));
    uint64_t before = digest_of(store);
    ck_assert(store_expunge(store, inbox, 1));
    ck_assert(store_mailbox_delete(store, box));
    store_command_end(store, false);
    ck_assert(store_commit(store));
    ck_assert_uint_eq(digest_of(store), before);
    ck_assert(readable(store, inbox, 1) && readable(store, box, 1));
    world_close(store);
}
END_TEST

/* A message arrives over many turns, while others' commands are undone around it. */
START_TEST(a_draft_outlives_others_commands)
{
    static char text[3 * MESSAGE_CHUNK_BYTES + 5];
    struct store *store = fresh();
    int64_t inbox = mailbox_id(store, user_add(store, "ana@campus.example"), "INBOX");
    const slice whole_text = { text, sizeof text };
    text_fill(text, sizeof text);
    ck_assert(store_commit(store));
    struct draft *draft = store_draft(store);
    for (size_t at = 0; at < sizeof text; at += 50000) {
        ck_assert(store_draft_write(draft, slice_upto(slice_from(whole_text, at), 50000)));
        place_text(store, inbox, "undone", 0);
        store_command_end(store, false);
        if (at % 100000 == 0)
            ck_assert(store_commit(store));
    }
    struct message message = message_plain();
    int64_t message_key = store_draft_finish(draft, &message);
    uint32_t uid;
    ck_assert_int_gt(message_key, 0);
    ck_assert(store_place(store, inbox, message_key, 0, 0, 0, &uid));
    ck_assert(store_commit(store));
    struct buf out = BUF_MAX(1 << 20);
    ck_assert(store_message_read(store, message_key, 0, UINT64_MAX, &out));
    ck_assert(slice_equal(buf_slice(&out), (slice){ text, sizeof text }));
    buf_free(&out);
    world_close(store);
}
END_TEST

START_TEST(an_undone_finish_leaves_nothing)
{
    static char text[MESSAGE_CHUNK_BYTES + 5];
    struct store *store = fresh();
    int64_t inbox = mailbox_id(store, user_add(store, "ana@campus.example"), "INBOX");
    struct message message = message_plain();
    uint32_t uid;
    ck_assert(store_commit(store));
    for (int i = 0; i < 2; i++) { /* begun in an earlier turn, and in the same */
        struct draft *draft = store_draft(store);
        ck_assert(store_draft_write(draft, (slice){ text, sizeof text }));
        if (i == 0)
            ck_assert(store_commit(store));
        int64_t message_key = store_draft_finish(draft, &message);
        ck_assert(store_place(store, inbox, message_key, 0, 0, 0, &uid));
        store_command_end(store, false);
        ck_assert(store_commit(store));
        ck_assert(table_is_empty(store, "message"));
    }
    world_close(store);
}
END_TEST

START_TEST(two_worlds_have_two_clocks)
{
    struct test_clock here = { START_MS, 7 }, there = { START_MS + 86400000, 7 };
    struct store *first = world_open(NULL, &here), *second = world_open(NULL, &there);
    struct arena arena = { NULL, 0 };
    slice values[3];
    static const char sql[] = "INSERT INTO value VALUES ('now', datetime('now')),"
                              " ('random', random()), ('blob', hex(randomblob(9)))";
    static const char *const names[] = { "now", "random", "blob" };
    ck_assert(store_tamper(first, sql, NULL));
    ck_assert(store_tamper(second, sql, NULL));
    for (size_t i = 0; i < 3; i++)
        ck_assert(store_value(first, names[i], &arena, &values[i]));
    ck_assert(slice_is(values[0], "2026-01-05 09:00:00"));
    ck_assert(store_value(second, "now", &arena, &values[0]));
    ck_assert(slice_is(values[0], "2026-01-06 09:00:00"));
    slice same;
    ck_assert(store_value(second, "random", &arena, &same));
    ck_assert(slice_equal(same, values[1])); /* the same seed, drawn from each alone */
    ck_assert(store_value(second, "blob", &arena, &same));
    ck_assert(slice_equal(same, values[2]) && same.len == 18);
    arena_free(&arena);
    world_close(first);
    world_close(second);
}
END_TEST

START_TEST(without_a_savepoint_nothing_is_changed)
{
    struct store *store = fresh();
    int64_t ana = user_add(store, "ana@campus.example");
    ck_assert(store_commit(store));
    ck_assert(store_subscribe(store, ana, SLICE("One"), true));
    store_command_end(store, true);
    store_fail_at(store, 1);
    ck_assert(!store_subscribe(store, ana, SLICE("Two"), true));
    ck_assert_uint_eq(store_statements(store), 1); /* the savepoint itself */
    store_command_end(store, false);
    ck_assert(store_subscribe(store, ana, SLICE("Three"), true));
    ck_assert(store_commit(store));
    struct buf names = BUF_MAX(200);
    ck_assert(store_subscriptions(store, ana, subscription_collect, &names));
    ck_assert_str_eq(buf_text(&names), "One Three ");
    buf_free(&names);
    world_close(store);
}
END_TEST

/* --- lists: told to stop, they have not failed --------------------------------------------- */

static int heard;

static bool stop(void) { return ++heard, false; }
static bool stop_line(void *own, int64_t number, slice line)
{
    return (void)own, (void)number, (void)line, stop();
}
static bool stop_user(void *own, const struct user *user) { return (void)own, (void)user, stop(); }
static bool stop_mailbox(void *own, const struct mailbox *mailbox)
{
    return (void)own, (void)mailbox, stop();
}
static bool stop_name(void *own, slice name) { return (void)own, (void)name, stop(); }
static bool stop_folder(void *own, const struct device_folder *folder)
{
    return (void)own, (void)folder, stop();
}
static bool stop_kept(void *own, const struct device_message *message)
{
    return (void)own, (void)message, stop();
}
static bool stop_heading(void *own, const struct placement *placement,
                         const struct heading *heading)
{
    return (void)own, (void)placement, (void)heading, stop();
}

static bool list_run(struct store *store, int which, int64_t user, int64_t folder)
{
    switch (which) {
    case 0: return store_sentences(store, stop_line, NULL);
    case 1: return store_history(store, stop_line, NULL);
    case 2: return store_users(store, stop_user, NULL);
    case 3: return store_mailboxes(store, user, stop_mailbox, NULL);
    case 4: return store_subscriptions(store, user, stop_name, NULL);
    case 5:
        return store_headings(store, mailbox_id(store, user, "INBOX"), 1, 9, true, stop_heading,
                              NULL);
    case 6: return store_device_folders(store, SLICE("phone"), stop_folder, NULL);
    default: return store_device_messages(store, folder, stop_kept, NULL);
    }
}

START_TEST(a_list_that_is_stopped_has_not_failed)
{
    struct store *store = fresh();
    struct device_folder folder;
    int64_t ana = user_add(store, "ana@campus.example");
    user_add(store, "bo@campus.example");
    mailbox_add(store, ana, "Other");
    for (int i = 0; i < 2; i++) {
        ck_assert(store_sentence_add(store, SLICE("x")) && store_history_add(store, SLICE("x")));
        ck_assert(store_subscribe(store, ana, i ? SLICE("One") : SLICE("Two"), true));
        place_text(store, mailbox_id(store, ana, "INBOX"), "x", 0);
        ck_assert(store_device_folder(store, SLICE("phone"), i ? SLICE("Sent") : SLICE("INBOX"),
                                      true, &folder));
    }
    for (uint32_t uid = 1; uid < 3; uid++) {
        struct device_message message = { .folder = folder.id, .uid = uid, .size = 1, .whole = true,
                                        .identity = { 'a', (char)('0' + uid) } };
        ck_assert(store_device_message_add(store, &message, SLICE("x")));
    }
    ck_assert(store_commit(store));
    for (int which = 0; which < 8; which++) {
        heard = 0;
        ck_assert_msg(list_run(store, which, ana, folder.id), "list %d: stopped", which);
        ck_assert_int_eq(heard, 1);
        store_fail_at(store, which == 5 ? 2 : 1); /* its mailbox is looked up first */
        ck_assert_msg(!list_run(store, which, ana, folder.id), "list %d: failed", which);
        ck_assert_int_eq(heard, 1);
        store_command_end(store, false);
        store_lose(store);
    }
    world_close(store);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        users_are_found_by_name_and_address, unfit_users_are_refused, users_are_listed_by_address,
        mailboxes_make_their_parents, names_are_only_names,
        a_user_has_so_many_mailboxes_and_no_more, deleting_keeps_a_parent_as_a_name,
        uidvalidity_only_rises, renaming_takes_the_children_along,
        renaming_checks_what_the_children_become, renaming_inbox_moves_its_messages,
        subscriptions_are_names, keywords_are_bits_up_to_a_maximum,
        copying_carries_keywords_by_name, messages_are_read_from_any_offset,
        messages_keep_their_summary, an_empty_message_is_a_message,
        too_long_a_message_is_refused_and_gone, a_message_lives_as_long_as_anything_refers_to_it,
        unplaced_messages_and_dropped_drafts_are_gone, uids_and_counters_follow_every_change,
        flags_change_by_difference, placements_come_in_pages_by_uid,
        changes_come_in_pages_by_modseq, recent_is_claimed_once,
        an_expunged_message_stays_for_those_who_see_it,
        what_only_the_remover_sees_goes_at_once,
        a_deleted_mailbox_stays_for_those_who_see_it, uid_lists_are_shared_and_stand_still,
        a_maildrop_is_locked_once, the_queue_gives_what_is_due_in_order,
        headings_are_read_with_their_placements,
        greylisting_remembers_the_first_time, values_sentences_and_history_are_kept,
        a_command_is_undone_alone, an_undone_expunge_leaves_the_message,
        a_draft_outlives_others_commands, an_undone_finish_leaves_nothing,
        two_worlds_have_two_clocks, without_a_savepoint_nothing_is_changed,
        a_list_that_is_stopped_has_not_failed,
    };
    int failed = 0;
    run_suite("store", tests, COUNT(tests), &failed);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
