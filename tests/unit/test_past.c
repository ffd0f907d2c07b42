/* test_past.c: what a sitting leaves for the next ones: kept, bounded, summed up, turned back,
   broken off, damaged. */
#define _DEFAULT_SOURCE /* mkdtemp */

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "base/heap.h"
#include "base/limits.h"
#include "servers/store/store_event.h"
#include "sim/hosts/inbound.h"
#include "sim/hosts/past.h"
#include "sim/language/timeline.h"
#include "sim/world.h"
#include "tests/unit/language.h"

static char directory[200], path[256];

static void directory_make(void)
{
    const char *base = getenv("TMPDIR");
    snprintf(directory, sizeof directory, "%s/pennypost-past-XXXXXX", base ? base : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/own.world", directory);
}

static void directory_remove(void)
{
    char name[600];
    DIR *dir = opendir(directory);
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        snprintf(name, sizeof name, "%s/%s", directory, entry->d_name);
        if (entry->d_name[0] != '.')
            ck_assert_int_eq(remove(name), 0);
    }
    closedir(dir);
    ck_assert_int_eq(rmdir(directory), 0);
}

static struct world *world_in_file(void)
{
    struct error why = { "" };
    struct world *world = world_new(path, NULL, sim_tables, slice_of(default_world),
                                    SLICE("test"), &why);
    ck_assert_msg(world != NULL, "%s", why.text);
    return world;
}

static void sit(const char *lines)
{
    struct world *world = world_in_file();
    run(world, lines);
    world_end(world);
}

/* fsck names what is damaged, and the world can be left and opened all the same. */
static void damaged_end(struct world *world, const char *found)
{
    struct error why = { "" };
    struct buf report = BUF_MAX(65536);
    size_t at;
    ck_assert_msg(world_finish(world, &why), "%s", why.text);
    ck_assert(!store_fsck(world->store, &report));
    ck_assert_msg(slice_find_text(buf_slice(&report), slice_of(found), &at), "%s",
                  buf_text(&report));
    buf_free(&report);
    world_free(world);
}

static struct past past_of(const struct world *world)
{
    struct past past;
    ck_assert(past_read(&past, world));
    return past;
}

static uint64_t kind_count(const struct past *past, enum trace_kind kind)
{
    uint64_t count = 0;
    for (uint64_t number = 0; number < trace_end(past->trace); number++)
        count += trace_at(past->trace, number)->kind == kind;
    return count;
}

static const struct trace_record *kind_last(const struct past *past, enum trace_kind kind)
{
    for (uint64_t number = trace_end(past->trace); number-- > 0;)
        if (trace_at(past->trace, number)->kind == kind)
            return trace_at(past->trace, number);
    ck_abort_msg("nothing of that kind");
    return NULL;
}

#define REMOVING                                                                               \
    "on tablet\ntelnet mail imap\na1 LOGIN ana tulip\na2 SELECT INBOX\n"                       \
    "a3 STORE 3 +FLAGS (\\Deleted)\na4 EXPUNGE\na5 LOGOUT"

START_TEST(a_sitting_is_known_to_the_next)
{
    directory_make();
    sit("on phone\nmail sync");
    sit(REMOVING);
    struct world *world = world_in_file();
    struct past past = past_of(world);
    int64_t since_ms;
    ck_assert(!past_since(&past, world, &since_ms));
    ck_assert_uint_eq(past.sitting_count, 2);
    ck_assert(past.sittings[0].first && !past.sittings[1].first && !past.sittings[1].broke_off);
    ck_assert_int_eq(past.sittings[0].began_ms, EPOCH_MS);
    ck_assert_uint_eq(past.damaged, 0);

    const struct trace_record *removed = kind_last(&past, TRACE_REMOVED);
    ck_assert_str_eq(past_name(&past, removed->peer), "tablet.campus.example");
    ck_slice(removed->name, SLICE("imap"));
    ck_assert(removed->typed && !removed->ok);
    ck_assert_uint_le(removed->t_ns / NS_PER_MS, (uint64_t)past.sittings[1].upto_ms);

    const struct trace_record *open = kind_last(&past, TRACE_OPEN);
    ck_assert_uint_eq(past.conns[open->conn - 1].number, 1);
    ck_assert_uint_eq(past.conns[open->conn - 1].sitting, 2);
    ck_assert_str_eq(past_name(&past, open->peer), "mail.campus.example");
    ck_assert_uint_eq(open->port, 143);
    ck_assert_uint_eq(kind_last(&past, TRACE_CLOSE)->conn, open->conn);
    ck_slice(kind_last(&past, TRACE_LINE)->text, SLICE("a5 OK LOGOUT completed"));
    ck_assert_uint_eq(kind_last(&past, TRACE_DEVICE)->fact, DID_FETCH);
    ck_assert_uint_gt(kind_count(&past, TRACE_STATE), 8);
    ck_assert_uint_eq(kind_count(&past, TRACE_SEGMENT) + kind_count(&past, TRACE_INPUT), 0);
    past_free(&past);
    world_end(world);
    directory_remove();
}
END_TEST

START_TEST(no_digest_has_it)
{
    directory_make();
    struct world *file = world_in_file(), *memory = world_default();
    run(file, REMOVING);
    run(memory, REMOVING);
    ck_assert_uint_eq(world_digest(file), world_digest(memory));
    ck_assert_int_eq(store_events_look(file->store), EVENTS_THERE);
    ck_assert_int_eq(store_events_look(memory->store), EVENTS_ABSENT);
    world_end(file);
    world_end(memory);
    directory_remove();
}
END_TEST

START_TEST(opening_writes_nothing)
{
    directory_make();
    sit("");
    struct world *world = world_in_file();
    struct past past = past_of(world);
    int64_t since_ms;
    ck_assert_int_eq(store_events_look(world->store), EVENTS_ABSENT);
    ck_assert(past_since(&past, world, &since_ms)); /* that nothing happened is not known */
    ck_assert_int_eq(since_ms, EPOCH_MS);
    past_free(&past);
    world_end(world);
    directory_remove();
}
END_TEST

/* Nothing is kept of a world in memory: what its trace forgets is unknown from then on. */
START_TEST(memory_knows_since_when)
{
    struct world *world = world_default();
    for (int i = 0; i < 300; i++)
        run(world, "wait 1s");
    struct past past = past_of(world);
    int64_t since_ms;
    ck_assert(!past_since(&past, world, &since_ms));
    ck_assert_uint_eq(past_upto(world), trace_end(world->trace));
    trace_forget_before(world->trace, trace_end(world->trace));
    ck_assert(past_since(&past, world, &since_ms));
    ck_assert_int_gt(since_ms, EPOCH_MS);
    past_free(&past);
    world_end(world);
}
END_TEST

START_TEST(the_newest_connections_stay)
{
    directory_make();
    struct world *world = world_in_file();
    for (int i = 0; i < EVENTS_CLIENT_MAX + 4; i++)
        run(world, "telnet mail smtp\nQUIT");
    world_end(world);
    sit("telnet mail smtp\nNOOP\nQUIT\non tablet\ntelnet mail pop3\nQUIT");
    world = world_in_file();
    struct past past = past_of(world);
    const struct past_older *older = past_older(&past, SLICE("client laptop.campus.example"));
    ck_assert_uint_eq(kind_count(&past, TRACE_OPEN), EVENTS_CLIENT_MAX + 1);
    ck_assert_ptr_nonnull(older);
    ck_assert_uint_eq(older->count, 5);
    ck_assert_uint_eq(past.conns[0].number, 6); /* the fifth went for that of the second sitting */
    ck_assert_int_ge(older->last_ms, EPOCH_MS);
    ck_assert_ptr_null(past_older(&past, SLICE("client tablet.campus.example")));
    past_free(&past);
    world_end(world);
    directory_remove();
}
END_TEST

START_TEST(of_a_long_connection_the_end_stays)
{
    directory_make();
    struct world *world = world_in_file();
    run(world, "telnet mail smtp");
    for (int i = 0; i < EVENTS_THREAD_MAX; i++)
        run(world, "NOOP");
    run(world, "EHLO x\nMAIL FROM:<ana@campus.example>\nRCPT TO:<bo@campus.example>\nDATA");
    for (int i = 0; i < 100; i++)
        run(world, "a line of a message");
    run(world, ".\nQUIT");
    world_end(world);
    world = world_in_file();
    struct past past = past_of(world);
    const struct past_older *older = past_older(&past, SLICE("conn 1.1"));
    ck_assert_ptr_nonnull(older);
    ck_assert_uint_eq(trace_at(past.trace, 0)->kind, TRACE_OPEN);
    ck_assert_uint_gt(older->count, EVENTS_THREAD_MAX);
    ck_assert_uint_le(kind_count(&past, TRACE_LINE) + kind_count(&past, TRACE_STATE) + 1,
                      EVENTS_THREAD_MAX);
    past_free(&past);
    world_end(world);
    directory_remove();
}
END_TEST

/* At once, as a real client sends it: head and tail of the run, and how much was between. */
START_TEST(of_a_long_run_of_lines_both_ends_stay)
{
    directory_make();
    struct world *world = world_in_file();
    struct buf line = BUF_MAX(65536);
    buf_add_text(&line, ":send \"EHLO x\\r\\nMAIL FROM:<ana@campus.example>\\r\\n"
                        "RCPT TO:<bo@campus.example>\\r\\nDATA\\r\\n");
    for (int i = 0; i < 200; i++)
        buf_format(&line, "line %03d\\r\\n", i);
    buf_add_text(&line, ".\\r\\n\"");
    run(world, "telnet mail smtp");
    run(world, buf_text(&line));
    world_end(world);
    world = world_in_file();
    struct past past = past_of(world);
    uint64_t octets = 0;
    for (uint64_t number = 0; number < trace_end(past.trace); number++) {
        const struct trace_record *record = trace_at(past.trace, number);
        if (record->kind == TRACE_LINE && record->side == SIDE_CLIENT && record->bytes)
            octets += record->bytes;
    }
    ck_assert_uint_gt(octets, 1500);
    ck_assert_uint_lt(kind_count(&past, TRACE_LINE), 60);
    ck_assert_ptr_null(past_older(&past, SLICE("conn 1.1")));
    past_free(&past);
    world_end(world);
    buf_free(&line);
    directory_remove();
}
END_TEST

START_TEST(what_is_undone_is_not_kept)
{
    if (!heap_is_possible())
        return;
    directory_make();
    struct error why = { "" };
    struct timeline_start start = { .tables = sim_tables, .script = slice_of(default_world),
                                    .name = SLICE("test"), .path = path };
    struct timeline *timeline = timeline_open(&start, &why);
    ck_assert_msg(timeline != NULL, "%s", why.text);
    struct world *world = timeline_world(timeline);
    run(world, "on tablet\nmail sync\non phone\nmail sync");
    ck_assert(timeline_undo(timeline, NULL, &why) && store_follow(world->store, &why));
    ck_assert(world_finish(world, &why) && store_follow(world->store, &why));
    timeline_close(timeline);
    world = world_in_file();
    struct past past = past_of(world);
    ck_assert_uint_gt(kind_count(&past, TRACE_DEVICE), 0);
    for (uint64_t number = 0; number < trace_end(past.trace); number++)
        if (trace_at(past.trace, number)->kind == TRACE_DEVICE)
            ck_assert_str_eq(past_name(&past, trace_at(past.trace, number)->host),
                             "tablet.campus.example");
    ck_assert(!past.sittings[0].broke_off);
    past_free(&past);
    world_end(world);
    directory_remove();
}
END_TEST

/* Real ports keep in batches: who is killed says until when all is known. */
START_TEST(a_sitting_that_broke_off_says_so)
{
    static const char imap[] = "a1 LOGIN ana tulip\r\na2 SELECT INBOX\r\n"
                               "a3 STORE 1 +FLAGS (\\Deleted)\r\na4 EXPUNGE\r\n";
    directory_make();
    struct error why = { "" };
    struct world *world = world_in_file();
    struct inbound_start start = { .host = SLICE("mail.campus.example") };
    ck_assert(inbound_on(world, &start, &why));
    struct connection *connection = inbound_open(world, 143, (struct endpoint){ 0 }, NULL);
    for (uint64_t ms = 1; ms < 10; ms++) {
        inbound_at(world, ms * 1000);
        if (ms == 2)
            inbound_say(world, connection, SLICE(imap));
        ck_assert(inbound_commit(world, &why));
    }
    world_free(world); /* as a kill would leave it */
    world = world_in_file();
    struct past past = past_of(world);
    ck_assert_uint_eq(past.sitting_count, 1);
    ck_assert(past.sittings[0].broke_off);
    ck_assert_int_le(past.sittings[0].upto_ms, EPOCH_MS + 1000);
    ck_assert_uint_eq(trace_end(past.trace), 0);
    past_free(&past);
    world_end(world);
    directory_remove();
}
END_TEST

START_TEST(a_turn_that_is_lost_keeps_nothing)
{
    directory_make();
    struct error why = { "" };
    struct world *world = world_in_file();
    struct inbound_start start = { .host = SLICE("mail.campus.example") };
    ck_assert(inbound_on(world, &start, &why));
    struct connection *connection = inbound_open(world, 25, (struct endpoint){ 0 }, NULL);
    uint64_t ms = 0;
    while (trace_end(world->trace) < EVENTS_BATCH) {
        inbound_at(world, ++ms * 1000);
        inbound_say(world, connection, SLICE("EHLO x\r\n"));
        inbound_take(world, connection, net_peek(connection, SIDE_CLIENT).len);
        if (trace_end(world->trace) < EVENTS_BATCH)
            ck_assert(inbound_commit(world, &why));
    }
    store_fail_at(world->store, 8);
    ck_assert(inbound_commit(world, &why));
    store_fail_at(world->store, 0);
    ck_assert_uint_eq(past_upto(world), 0);
    ck_assert_ptr_nonnull(inbound_trouble(world));
    ck_assert(inbound_recover(world, &why) && inbound_commit(world, &why));
    ck_assert_uint_gt(past_upto(world), EVENTS_BATCH - 1);
    ck_assert(inbound_off(world, &why));
    world_end(world);
    directory_remove();
}
END_TEST

/* --- a stranger's table ------------------------------------------------------------------- */

#define ROW(thread, kind, rest) \
    "INSERT INTO event VALUES (" thread ", 1, 99999, 0, " kind ", " rest ")"
#define SUM(count) \
    "INSERT INTO event VALUES ('mailbox 1', 0, 0, 0, 'older', 0, '', '', 0, 0, 0, " count ", x'')"
#define STRANGE_VALUES 5 /* of these; the others say what cannot be */
static const char *const strange_rows[] = {
    ROW("'conn 1.1'", "'line'", "-1, '', '', 0, 0, 0, 0, x''"),
    ROW("'mailbox 1'", "'stored'", "0, '', '', -5, 0, 0, 0, x''"),
    ROW("replace(hex(zeroblob(500)), '0', 'x')", "'line'", "0, '', '', 0, 0, 0, 0, x''"),
    ROW("'mailbox 1'", "'stored'", "0, '', '', 0, 0, 0, 0, zeroblob(100000)"),
    "UPDATE event SET t_ms = 9223372036854775807 WHERE kind = 'open'",
    ROW("'conn 1.1'", "'line'", "7, '', '', 0, 0, 0, 0, x'00ff'"),
    ROW("'conn 1.1'", "'nothing'", "0, '', '', 0, 0, 0, 0, x''"),
    ROW("'conn 1.1'", "'state'", "0, '', '', 0, 0, 0, 0, CAST('READY MAIL OK NOWHERE' AS BLOB)"),
    ROW("'conn 1.1'", "'open'", "0, '', '', 0, 0, 0, 99999999, x''"),
    ROW("'conn 1.2'", "'line'", "0, '', '', 0, 0, 0, 0, x''"),
    ROW("'conn 9.1'", "'open'", "0, '', '', 0, 0, 0, 0, x''"),
    ROW("'conn 1.99999999999999'", "'open'", "0, '', '', 0, 0, 0, 0, x''"),
    ROW("'mailbox 1'", "'stored'", "0, CAST(x'6100' AS TEXT), '', 0, 0, 0, 0, x''"),
    ROW("'device x'", "'device'", "0, '', '', 0, 0, 0, 1, x'1b5b'"),
    ROW("'x'", "'line'", "0, '', '', 0, 0, 0, 0, x''"),
    "UPDATE event SET bytes = 9223372036854775807 WHERE kind = 'sitting'",
};

START_TEST(a_row_that_cannot_be_read_is_counted)
{
    directory_make();
    sit("telnet mail smtp\nQUIT");
    struct error why = { "" };
    struct world *world = world_in_file();
    ck_assert_msg(store_tamper(world->store, strange_rows[_i], &why), "%s", why.text);
    struct past past = past_of(world);
    ck_assert_uint_ge(past.damaged, 1);
    ck_assert(!past.foreign);
    past_free(&past);
    run(world, "telnet mail smtp\nQUIT\nmail sync");
    if (_i >= STRANGE_VALUES)
        world_end(world);
    else
        damaged_end(world, "table event: 1 rows cannot be read");
    directory_remove();
}
END_TEST

START_TEST(sums_of_a_stranger_do_not_overflow)
{
    directory_make();
    sit("telnet mail smtp\nQUIT");
    struct error why = { "" };
    struct world *world = world_in_file();
    ck_assert(store_tamper(world->store, SUM("9223372036854775807"), &why));
    ck_assert(store_tamper(world->store, "INSERT INTO event VALUES ('sitting', 9000000000000000000,"
                           " 0, 0, 'sitting', 0, '', '', 0, 0, 0, 0, x'')", &why));
    ck_assert(store_events_begin(world->store));
    ck_assert(store_events_left_out(world->store, SLICE("mailbox 1"), 0, 5, 1));
    int64_t how;
    ck_assert_uint_eq(store_events_sitting(world->store, &how), 1);
    ck_assert(store_commit(world->store));
    run(world, "mail sync");
    damaged_end(world, "table event: 1 rows cannot be read");
    directory_remove();
}
END_TEST

/* Two of them, each as far below zero as a number goes. */
START_TEST(a_debt_of_a_stranger_does_not_overflow)
{
    directory_make();
    sit("telnet mail smtp\nQUIT");
    struct error why = { "" };
    struct world *world = world_in_file();
    for (int sitting = 2; sitting < 4; sitting++) {
        char sql[300];
        snprintf(sql, sizeof sql, "INSERT INTO event VALUES ('conn 1.1', %d, 0, 1, 'older', 0, '',"
                 " '', 0, 0, 0, -9223372036854775807 - 1, x'')", sitting);
        ck_assert_msg(store_tamper(world->store, sql, &why), "%s", why.text);
    }
    ck_assert(store_events_begin(world->store));
    ck_assert(store_events_bound(world->store, SLICE("conn 1.1"), 9, 1));
    ck_assert(store_commit(world->store));
    struct past past = past_of(world);
    const struct past_older *older = past_older(&past, SLICE("conn 1.1"));
    ck_assert_ptr_nonnull(older);
    ck_assert_uint_gt(older->count, 0);
    ck_assert_uint_lt(older->count, 1000);
    past_free(&past);
    world_end(world);
    directory_remove();
}
END_TEST

START_TEST(a_time_without_a_date_is_refused)
{
    directory_make();
    sit("");
    struct error why = { "" };
    struct world *world = world_in_file();
    ck_assert(store_tamper(world->store, "UPDATE value SET value = '253402300800000'"
                           " WHERE name = 'now_ms'", &why));
    world_free(world);
    ck_assert(!world_new(path, NULL, sim_tables, SLICE_EMPTY, SLICE("test"), &why));
    ck_assert_msg(strstr(why.text, "beyond the year 9999"), "%s", why.text);
    directory_remove();
}
END_TEST

static const char *const foreign_tables[] = {
    "CREATE TABLE event (a)",
    "CREATE VIEW event AS SELECT 1 AS thread",
    "DROP TABLE event; CREATE TABLE event (thread TEXT, sitting INTEGER)",
    "ALTER TABLE event ADD COLUMN more INTEGER",
};

START_TEST(a_table_that_is_not_ours_is_left_alone)
{
    directory_make();
    sit(_i < 2 ? "" : "mail sync");
    struct error why = { "" };
    struct world *world = world_in_file();
    ck_assert_msg(store_tamper(world->store, foreign_tables[_i], &why), "%s", why.text);
    run(world, "telnet mail smtp\nQUIT\nmail sync");
    struct past past = past_of(world);
    int64_t since_ms;
    ck_assert(past.foreign && trace_end(past.trace) == 0);
    ck_assert(past_since(&past, world, &since_ms));
    past_free(&past);
    damaged_end(world, "table event: it is not this program's");
    world = world_in_file();
    run(world, "mail sync");
    damaged_end(world, "table event: it is not this program's");
    directory_remove();
}
END_TEST

/* --- bounds of the table ------------------------------------------------------------------ */

START_TEST(all_threads_together_are_bounded)
{
    directory_make();
    struct world *world = world_in_file();
    struct buf thread = BUF_MAX(64);
    ck_assert(store_events_begin(world->store));
    for (uint64_t i = 0; i < 1000; i++) {
        buf_clear(&thread);
        buf_format(&thread, "mailbox %llu", (unsigned long long)i % 10);
        const struct store_event event = { .thread = buf_slice(&thread), .kind = SLICE("stored"),
                                     .sitting = 1, .number = i + 1, .t_ms = (int64_t)i };
        ck_assert(store_event_add(world->store, &event));
    }
    ck_assert(store_events_bound_all(world->store, 2, 1000));
    ck_assert(store_events_bound_all(world->store, 2, 400) && store_commit(world->store));
    struct past past = past_of(world);
    ck_assert_uint_eq(kind_count(&past, TRACE_STORED), 300);
    ck_assert_uint_eq(past.older_count, 10);
    ck_assert_uint_eq(past_older(&past, SLICE("mailbox 3"))->count, 70);
    ck_assert_int_eq(past_older(&past, SLICE("mailbox 3"))->last_ms, 693);
    past_free(&past);
    buf_free(&thread);
    world_end(world);
    directory_remove();
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("past");
    tcase_add_test(cases, a_sitting_is_known_to_the_next);
    tcase_add_test(cases, no_digest_has_it);
    tcase_add_test(cases, opening_writes_nothing);
    tcase_add_test(cases, memory_knows_since_when);
    tcase_add_test(cases, the_newest_connections_stay);
    tcase_add_test(cases, of_a_long_connection_the_end_stays);
    tcase_add_test(cases, of_a_long_run_of_lines_both_ends_stay);
    tcase_add_test(cases, what_is_undone_is_not_kept);
    tcase_add_test(cases, a_sitting_that_broke_off_says_so);
    tcase_add_test(cases, a_turn_that_is_lost_keeps_nothing);
    tcase_add_loop_test(cases, a_row_that_cannot_be_read_is_counted, 0, COUNT(strange_rows));
    tcase_add_test(cases, sums_of_a_stranger_do_not_overflow);
    tcase_add_test(cases, a_debt_of_a_stranger_does_not_overflow);
    tcase_add_test(cases, a_time_without_a_date_is_refused);
    tcase_add_loop_test(cases, a_table_that_is_not_ours_is_left_alone, 0, COUNT(foreign_tables));
    tcase_add_test(cases, all_threads_together_are_bounded);
    return run_cases("past", cases);
}
