/* test_view_json.c: what a front end draws, as JSON: it is JSON whatever the texts hold, it says
   the tables say, and the store's own tables are read as they lie. */
#include "views/json_write.h"

#include "servers/services_table.h"
#include "sim/devices/device.h"
#include "sim/hosts/host.h"
#include "tests/unit/language.h"
#include "views/board.h"
#include "views/states.h"

/* --- a strict reader ------------------------------------------------------------------------ */

static bool value_take(slice *text, int depth);

static bool string_take(slice *text)
{
    if (!take_char(text, '"'))
        return false;
    while (text->len && text->at[0] != '"') {
        bool escape = text->at[0] == '\\';
        if ((unsigned char)text->at[0] < 0x20)
            return false;
        *text = slice_from(*text, escape ? 2 : 1);
    }
    return take_char(text, '"');
}

/* What stands between brackets; with keys or without. */
static bool items_take(slice *text, char end, int depth)
{
    if (take_char(text, end))
        return true;
    do {
        if (end == '}' && !(string_take(text) && take_char(text, ':')))
            return false;
        if (!value_take(text, depth + 1))
            return false;
    } while (take_char(text, ','));
    return take_char(text, end);
}

static bool value_take(slice *text, int depth)
{
    uint64_t number;
    if (depth > 20)
        return false;
    if (take_char(text, '{'))
        return items_take(text, '}', depth);
    if (take_char(text, '['))
        return items_take(text, ']', depth);
    if (slice_starts(*text, "\""))
        return string_take(text);
    if (take_prefix(text, "true") || take_prefix(text, "false") || take_prefix(text, "null"))
        return true;
    take_char(text, '-');
    return take_number(text, UINT64_MAX, &number);
}

static void check_json(slice text)
{
    slice rest = text;
    ck_assert_msg(value_take(&rest, 0) && rest.len == 0, "no JSON from \"%.*s\" on in %.*s",
                  SLICE_ARG(slice_upto(rest, 80)), SLICE_ARG(slice_upto(text, 4000)));
}

static void has(const struct buf *out, const char *part)
{
    size_t at;
    ck_assert_msg(slice_find_text(buf_slice(out), slice_of(part), &at), "no %s in %.*s", part,
                  SLICE_ARG(buf_slice(out)));
}

/* --- pieces ---------------------------------------------------------------------------------- */

START_TEST(commas_come_by_themselves)
{
    struct buf out = BUF_MAX(4096);
    json_begin(&out, NULL, '[');
    json_put_number(&out, NULL, -1);
    json_begin(&out, NULL, '{');
    json_put_text(&out, "a", SLICE("\"{[\n"));
    json_put_name(&out, "b", NULL);
    json_put_truth(&out, "c", true);
    json_begin(&out, "d", '[');
    json_end(&out, ']');
    json_put_null(&out, "e");
    json_end(&out, '}');
    json_end(&out, ']');
    ck_assert_str_eq(buf_text(&out),
                     "[-1,{\"a\":\"\\\"{[\\n\",\"b\":null,\"c\":true,\"d\":[],\"e\":null}]");
    check_json(buf_slice(&out));
    buf_free(&out);
}
END_TEST

/* --- the machine ------------------------------------------------------------------------------ */

START_TEST(every_machine_is_told)
{
    static const char *const names[] = { "smtp", "pop3", "imap" };
    struct world *world = world_default();
    for (size_t i = 0; i < COUNT(names); i++) {
        const struct protocol *protocol = protocol_for_name(slice_of(names[i]));
        struct buf out = BUF_MAX(1u << 20);
        states_json(&out, world, protocol, NULL, 0);
        check_json(buf_slice(&out));
        has(&out, "\"here\":null,\"connected\":false");
        for (size_t k = 0; k < protocol->state_count; k++)
            has(&out, protocol->states[k].name);
        buf_free(&out);
    }
    world_end(world);
}
END_TEST

START_TEST(a_session_is_told)
{
    struct world *world = world_default();
    struct buf out = BUF_MAX(1u << 20);
    run(world, "telnet mail smtp\nEHLO laptop\nRCPT TO:<bo@campus.example>");
    const struct session *session = host_session(world, world->here->typed_conn);
    states_json(&out, world, session->protocol, session, world->here->typed_conn);
    check_json(buf_slice(&out));
    has(&out, "\"here\":\"READY\",\"connected\":true,\"tls\":false,\"user\":null");
    has(&out, "\"made\":{\"from\":\"READY\",\"event\":\"RCPT\",\"outcome\":\"WRONG_TIME\","
              "\"to\":\"READY\"");
    has(&out, "{\"verb\":\"MAIL\"");
    buf_free(&out);
    world_end(world);
}
END_TEST

/* --- boards, devices, tables ------------------------------------------------------------------ */

START_TEST(board_and_devices_are_told)
{
    struct world *world = world_default();
    struct user user;
    struct buf out = BUF_MAX(1u << 20);
    run(world, "mail sync\non phone\nmail sync\noffline phone");
    ck_assert(store_user_by_address(world->store, SLICE("ana@campus.example"), &user));
    board_json(&out, world, &user);
    check_json(buf_slice(&out));
    has(&out, "{\"name\":\"server\",\"program\":null,\"online\":true");
    has(&out, "\"where\":\"full\",\"seen\":");
    buf_clear(&out);
    devices_json(&out, world);
    check_json(buf_slice(&out));
    has(&out, "\"name\":\"phone\"");
    has(&out, "\"online\":false,\"here\":true,\"connected\":null");
    has(&out, "\"subject\":\"");
    buf_free(&out);
    world_end(world);
}
END_TEST

static bool count_up(void *context, const struct table_value *values, size_t columns)
{
    ck_assert(columns > 0 && values[0].column != NULL);
    ++*(uint64_t *)context;
    return true;
}

static bool table_look(void *context, const char *name)
{
    struct world *world = context;
    uint64_t rows = 0, count = store_table_count(world->store, slice_of(name));
    ck_assert(store_table_rows(world->store, slice_of(name), 0, 1000, count_up, &rows));
    ck_assert_uint_eq(rows, count);
    return true;
}

START_TEST(tables_are_read_as_they_lie)
{
    struct world *world = world_default();
    uint64_t rows = 0;
    ck_assert(store_tables(world->store, table_look, world));
    ck_assert_uint_eq(store_table_count(world->store, SLICE("user")), 4);
    ck_assert(store_table_rows(world->store, SLICE("user"), 3, 10, count_up, &rows));
    ck_assert_uint_eq(rows, 1);
    ck_assert(!store_table_rows(world->store, SLICE("user\"; DROP"), 0, 1, count_up, &rows));
    ck_assert(!store_table_rows(world->store, SLICE("sqlite_schema"), 0, 1, count_up, &rows));
    world_end(world);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("view_json");
    tcase_add_test(tests, commas_come_by_themselves);
    tcase_add_test(tests, every_machine_is_told);
    tcase_add_test(tests, a_session_is_told);
    tcase_add_test(tests, board_and_devices_are_told);
    tcase_add_test(tests, tables_are_read_as_they_lie);
    return run_cases("view_json", tests);
}
