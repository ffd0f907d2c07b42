/* test_store_device.c: what devices keep: folders, messages, a POP3 program's memory, and the
   names of messages. */
#include "servers/store/store_device.h"

#include "servers/store/store.h"
#include "tests/unit/store_check.h"

static struct test_clock now = { START_MS, 1 };
static struct store *store;
static struct device_folder inbox;

static void begin(void)
{
    store = world_open(NULL, &now);
    ck_assert(!store_device_folder(store, SLICE("laptop"), SLICE("INBOX"), false, &inbox));
    ck_assert(store_device_folder(store, SLICE("laptop"), SLICE("INBOX"), true, &inbox));
}

static void end(void) { world_close(store); }

static int64_t add(const char *identity, uint32_t uid, const char *text)
{
    struct device_message message = { .folder = inbox.id, .uid = uid, .size = strlen(text),
                                    .whole = true };
    snprintf(message.identity, sizeof message.identity, "%s", identity);
    ck_assert(store_device_message_add(store, &message, slice_of(text)));
    return message.id;
}

static void check_text(int64_t id, slice text)
{
    struct buf read = BUF_MAX(1u << 20);
    ck_assert(store_device_message_read(store, id, &read));
    ck_assert(slice_equal(buf_slice(&read), text));
    buf_free(&read);
}

START_TEST(folders_are_each_devices_own)
{
    struct device_folder other, again;
    ck_assert(store_device_folder(store, SLICE("phone"), SLICE("INBOX"), true, &other));
    ck_assert_int_ne(other.id, inbox.id);
    inbox.uidvalidity = 7;
    inbox.remote = true;
    ck_assert(store_device_folder_set(store, &inbox));
    ck_assert(store_device_folder(store, SLICE("laptop"), SLICE("INBOX"), true, &again));
    ck_assert_uint_eq(again.uidvalidity, 7);
    ck_assert(again.remote);
    ck_assert(store_device_folder_by_id(store, other.id, &again));
    ck_assert(!again.remote);
    add("<1@x>", 1, "text");
    ck_assert(store_device_folder_remove(store, inbox.id));
    ck_assert(!store_device_folder(store, SLICE("laptop"), SLICE("INBOX"), false, &again));
    ck_assert(!store_failed(store));
}
END_TEST

START_TEST(messages_are_kept_whole_or_by_their_header)
{
    static char large[2 * MESSAGE_CHUNK_BYTES + 1];
    struct device_message message = { .folder = inbox.id, .uid = 9, .size = sizeof large,
                                    .identity = "<9@x>" };
    struct device_count count;
    memset(large, 'x', sizeof large);
    ck_assert(store_device_message_add(store, &message, SLICE("Subject: x\r\n\r\n")));
    ck_assert(store_device_count(store, inbox.id, &count));
    ck_assert_uint_eq(count.messages, 1);
    ck_assert_uint_eq(count.whole, 0);
    ck_assert_uint_eq(count.octets, 14);
    ck_assert(store_device_message_fill(store, message.id, (slice){ large, sizeof large }));
    ck_assert(store_device_message_by_uid(store, inbox.id, 9, &message));
    ck_assert(message.whole);
    check_text(message.id, (slice){ large, sizeof large });
    ck_assert(store_device_message_remove(store, message.id));
    ck_assert(!store_device_message(store, message.id, &message));
}
END_TEST

START_TEST(positions_leave_out_what_is_gone)
{
    struct device_message message;
    add("<1@x>", 0, "a");
    int64_t second = add("<2@x>", 0, "b");
    add("<3@x>", 0, "c");
    ck_assert(store_device_message(store, second, &message));
    message.gone = true;
    ck_assert(store_device_message_set(store, &message));
    ck_assert(store_device_message_at(store, inbox.id, 2, &message));
    ck_assert_str_eq(message.identity, "<3@x>");
    ck_assert(!store_device_message_at(store, inbox.id, 3, &message));
    ck_assert(!store_device_message_at(store, inbox.id, 0, &message));
    ck_assert(store_device_message_waiting(store, inbox.id, SLICE("<3@x>"), &message));
    ck_assert(!store_device_message_waiting(store, inbox.id, SLICE("<4@x>"), &message));
}
END_TEST

START_TEST(messages_are_named_once_in_order)
{
    uint64_t number = 0;
    struct buf identity = BUF_MAX(300);
    add("<1@x>", 0, "a");
    ck_assert(store_message_named(store, SLICE("<2@x>")));
    add("<1@x>", 0, "a");
    add("<3@x>", 0, "c");
    ck_assert(store_message_number(store, SLICE("<3@x>"), &number));
    ck_assert_uint_eq(number, 3);
    ck_assert(store_message_identity(store, 2, &identity));
    ck_assert(slice_is(buf_slice(&identity), "<2@x>"));
    ck_assert(!store_message_identity(store, 4, &identity));
    buf_free(&identity);
}
END_TEST

START_TEST(what_is_not_listed_is_forgotten)
{
    struct device_uidl known = { .uidl = "a", .fetched_ms = 5 };
    ck_assert(store_device_uidl_set(store, SLICE("laptop"), &known));
    snprintf(known.uidl, sizeof known.uidl, "b");
    ck_assert(store_device_uidl_set(store, SLICE("laptop"), &known));
    ck_assert(store_device_uidl_set(store, SLICE("phone"), &known));
    ck_assert(store_device_uidls_begin(store, SLICE("laptop")));
    known.listed = true;
    ck_assert(store_device_uidl_set(store, SLICE("laptop"), &known));
    ck_assert(store_device_uidls_end(store, SLICE("laptop")));
    ck_assert(!store_device_uidl(store, SLICE("laptop"), SLICE("a"), &known));
    ck_assert(store_device_uidl(store, SLICE("laptop"), SLICE("b"), &known));
    ck_assert(store_device_uidl(store, SLICE("phone"), SLICE("b"), &known));
    ck_assert_int_eq(known.fetched_ms, 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_device");
    TCase *tests = tcase_create("store_device");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, folders_are_each_devices_own);
    tcase_add_test(tests, messages_are_kept_whole_or_by_their_header);
    tcase_add_test(tests, positions_leave_out_what_is_gone);
    tcase_add_test(tests, messages_are_named_once_in_order);
    tcase_add_test(tests, what_is_not_listed_is_forgotten);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
