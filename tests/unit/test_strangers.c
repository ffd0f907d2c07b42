/* test_strangers.c: worlds that came from a stranger: a sound one, of which some values were
   replaced, rows taken out or doubled. Such a world is refused, or lived in: boards, devices,
   sessions, days of waiting, fsck. No abort, no endless loop, under sanitizers nothing undefined.
   STRANGERS=1000 tries so many; a failing one's number is its seed (STRANGER=17: only that). */
#define _DEFAULT_SOURCE /* mkdtemp, fork */

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lessons/lessons.h"
#include "sim/net/random.h"
#include "tests/unit/language.h"
#include "views/views.h"

#define STRANGERS 120
#define SECONDS_MAX 20      /* for one: much more than it may take */

static const char *const tables_of_all[] = {
    "user", "mailbox", "placement", "message", "chunk", "keyword", "expunged", "queue", "wish",
    "heading", "special_use", "quota", "subscription", "greylist", "value", "sentence",
    "device_folder", "device_message", "device_octets", "letter_name", "change",
    "unseen", "deleted"
};

static const struct command *const tables[] = { sim_commands, view_commands, lesson_commands,
                                                NULL };

static char directory[200], template[260], path[260];

/* What is done in a world before it is given away, so that all its tables have rows. */
static const char before[] =
    "set bo@campus.example quota 1MB\n"
    "mail sync\nmail read 2\n"
    "on phone\nmail sync\nmail flag 1\nmail sync\n"
    "on laptop\ntelnet mail imap\n"
    "a1 LOGIN ana tulip\na2 SELECT INBOX\na3 STORE 1 +FLAGS ($New)\na4 STORE 2 +FLAGS (\\Deleted)\n"
    "a5 EXPUNGE\na6 COPY 1 Archive\na7 SUBSCRIBE Archive\na8 CREATE Junk (USE (\\Junk))\n:close\n"
    "offline mx.bakery.example\n"
    "telnet mail submission\nEHLO laptop\nAUTH PLAIN AGFuYQB0dWxpcA==\n"
    "MAIL FROM:<ana@campus.example> RET=HDRS ENVID=x\n"
    "RCPT TO:<dora@bakery.example> NOTIFY=SUCCESS,FAILURE\nDATA\n"
    "Subject: waits\n\nHello.\n.\nQUIT\n";

/* What is done in it afterwards. What it comes to is not looked at, only that it ends. */
static const char after[] =
    "board\nusers\nhosts\nboxes\nqueue\nstates\n"
    "on laptop\nmail sync\nmail list\nmail read 1\nmail delete 1\nmail sync\n"
    "on phone\nmail sync\nmail list\nmail read 1\nmail sync\n"
    "on tablet\nmail sync\nmail list\n"
    "on laptop\n:close\ntelnet mail imap\n"
    "a1 LOGIN ana tulip\na2 LIST \"\" * RETURN (SPECIAL-USE SUBSCRIBED STATUS (MESSAGES UNSEEN))\n"
    "a3 ENABLE QRESYNC\na4 SELECT INBOX (QRESYNC (1 1))\n"
    "a5 FETCH 1:* (FLAGS ENVELOPE BODYSTRUCTURE BODY[] MODSEQ)\n"
    "a6 SEARCH OR TEXT a SUBJECT b\na7 SORT (DATE SUBJECT FROM) UTF-8 ALL\n"
    "a8 THREAD REFERENCES UTF-8 ALL\n"
    "a9 STORE 1:* +FLAGS.SILENT (\\Flagged $A $B)\nb1 COPY 1:* Archive\n"
    "b2 APPEND INBOX {6+}\na: b\n\n"
    "\nb3 STORE 1 +FLAGS (\\Deleted)\nb4 EXPUNGE\nb5 GETQUOTAROOT INBOX\n"
    "b6 RENAME Archive Old/er\nb7 MOVE 1 Sent\n"
    "b8 SELECT Old/er\nb9 FETCH 1:* (BODY[] FLAGS)\n"
    "c1 RENAME INBOX Moved\nc2 DELETE Sent\nc3 LOGOUT\n:close\n"
    "telnet mail pop3\nUSER bo\nPASS maple\nLIST\nUIDL\nRETR 1\nDELE 1\nQUIT\n:close\n"
    "telnet mail smtp\nEHLO x\nMAIL FROM:<dora@bakery.example>\nRCPT TO:<bo@campus.example>\n"
    "RCPT TO:<ana@campus.example>\nDATA\nSubject: in\n\nHello.\n.\nQUIT\n:close\n"
    "online mx.bakery.example\n:wait 2h\n:wait 6d\n:board\n:mail sync\n:story A\n";

static void lines_try(struct world *world, const char *lines)
{
    slice rest = slice_of(lines);
    while (rest.len) {
        struct error why = { "" };
        size_t at = 0;
        slice line = take_until(&rest, '\n');
        if (script_line(world, line, &at, &why) == LINE_BROKEN)
            return; /* said to be damaged: that is an answer */
    }
}

static void directory_make(void)
{
    struct error why = { "" };
    const char *base = getenv("TMPDIR");
    snprintf(directory, sizeof directory, "%s/pennypost-strangers-XXXXXX", base ? base : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(template, sizeof template, "%s/template", directory);
    snprintf(path, sizeof path, "%s/world", directory);
    struct world *world = world_new(template, NULL, tables, slice_of(default_world),
                                    SLICE("default"), &why);
    ck_assert_msg(world != NULL, "%s", why.text);
    lines_try(world, before);
    ck_assert(world_finish(world, &why));
    world_free(world);
}

static void world_remove(void)
{
    static const char *const ends[] = { "", "-wal", "-journal" };
    char name[300];
    for (size_t i = 0; i < COUNT(ends); i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

static void directory_remove(void)
{
    world_remove();
    unlink(template);
    rmdir(directory);
}

static void template_copy(void)
{
    char octets[65536];
    world_remove();
    FILE *from = fopen(template, "rb"), *to = fopen(path, "wb");
    ck_assert(from != NULL && to != NULL);
    for (size_t got; (got = fread(octets, 1, sizeof octets, from)) > 0;)
        ck_assert_uint_eq(fwrite(octets, 1, got, to), got);
    fclose(from);
    ck_assert_int_eq(fclose(to), 0);
}

/* --- damage ----------------------------------------------------------------------------------- */

static const char *const values[] = {
    "0", "1", "-1", "2", "255", "2147483647", "2147483648", "4294967294", "4294967295",
    "4294967296", "9223372036854775807", "-9223372036854775808", "9223372036854775806", "NULL",
    "''", "'INBOX'", "'a/b'", "'//'", "CAST(x'00' AS TEXT)", "CAST(x'1b5b324a' AS TEXT)",
    "CAST(x'0d0a2e0d0a' AS TEXT)", "CAST(x'fffe80c3' AS TEXT)", "x'00ff0d0a'", "zeroblob(70000)",
    "CAST(zeroblob(300) AS TEXT)", "replace(hex(zeroblob(150)), '0', 'n')",
    "replace(hex(zeroblob(3000)), '00', '/a')", "replace(hex(zeroblob(50000)), '0', 'x')",
    "'ana@campus.example'", "'x@y@z'", "'pop3 keep 7d'", "'host h.example serves smtp for ('",
    "hex(randomblob(8))", "randomblob(40)"
};

/* A column of a table, by number; false: it has not so many. */
static bool column_name(sqlite3 *db, const char *table, uint64_t number, char name[100])
{
    char sql[200];
    sqlite3_stmt *query = NULL;
    snprintf(sql, sizeof sql, "SELECT name FROM pragma_table_info('%s') LIMIT 1 OFFSET %d", table,
             (int)number);
    bool found = sqlite3_prepare_v2(db, sql, -1, &query, NULL) == SQLITE_OK &&
                 sqlite3_step(query) == SQLITE_ROW;
    if (found)
        snprintf(name, 100, "%s", (const char *)sqlite3_column_text(query, 0));
    sqlite3_finalize(query);
    return found;
}

/* SQLite takes no type that a STRICT column has not: then nothing is changed. */
static int damage_once(sqlite3 *db, struct random *chance, struct buf *told)
{
    char sql[1000], column[100];
    const char *table = tables_of_all[random_below(chance, COUNT(tables_of_all))];
    const char *value = values[random_below(chance, COUNT(values))];
    uint64_t row = random_below(chance, 6);
    if (random_chance(chance, 1, 8))
        snprintf(sql, sizeof sql, "DELETE FROM %s WHERE 1 ORDER BY 1 LIMIT 1", table);
    else if (random_chance(chance, 1, 12))
        snprintf(sql, sizeof sql, "INSERT OR REPLACE INTO %s SELECT * FROM %s", table, table);
    else if (column_name(db, table, random_below(chance, 9), column))
        snprintf(sql, sizeof sql, "UPDATE OR IGNORE %s SET %s = %s WHERE %s = (SELECT %s FROM %s"
                 " LIMIT 1 OFFSET %d)", table, column, value, column, column, table, (int)row);
    else
        return 0;
    buf_add_text(told, sql);
    buf_add_text(told, "; ");
    sqlite3_exec(db, sql, NULL, NULL, NULL);
    return sqlite3_changes(db) > 0;
}

static void damage(uint64_t seed, struct buf *told)
{
    sqlite3 *db = NULL;
    struct random chance = random_stream(seed, SLICE("stranger"), "damage");
    int changes = 0, wanted = 1 + (int)random_below(&chance, 3);
    ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_exec(db, "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON", NULL, NULL,
                 NULL);
    for (int i = 0; i < 200 && changes < wanted; i++)
        changes += damage_once(db, &chance, told);
    sqlite3_close(db);
}

/* --- life ----------------------------------------------------------------------------------- */

enum ending { LIVED_IN = 0, REFUSED = 7 };

static void live(void)
{
    struct error why = { "" };
    struct buf report = BUF_MAX(1u << 20);
    signal(SIGALRM, SIG_DFL); /* not Check's */
    alarm(SECONDS_MAX);
    struct world *world = world_new(path, NULL, tables, SLICE_EMPTY, SLICE("stranger"), &why);
    if (!world) {
        if (!why.text[0])
            abort(); /* refused without a word */
        _exit(REFUSED);
    }
    lines_try(world, after);
    (void)store_fsck(world->store, &report);
    may_fail(world_finish(world, &why)); /* a stranger's world may not be written */
    world_free(world);
    buf_free(&report);
    _exit(LIVED_IN);
}

static enum ending stranger(uint64_t seed)
{
    struct buf told = BUF_MAX(1u << 20);
    int status = 0;
    template_copy();
    damage(seed, &told);
    fflush(stdout);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        live();
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    bool good = WIFEXITED(status) && (WEXITSTATUS(status) == LIVED_IN ||
                                      WEXITSTATUS(status) == REFUSED);
    ck_assert_msg(good, "STRANGER=%llu ended by %s %d after: %s", (unsigned long long)seed,
                  WIFSIGNALED(status) ? "signal" : "code",
                  WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), buf_text(&told));
    buf_free(&told);
    return (enum ending)WEXITSTATUS(status);
}

START_TEST(strangers)
{
    const char *one = getenv("STRANGER"), *many = getenv("STRANGERS");
    uint64_t first = one ? strtoull(one, NULL, 10) : 0;
    uint64_t count = one ? 1 : many ? strtoull(many, NULL, 10) : STRANGERS, refused = 0;
    for (uint64_t seed = first; seed < first + count; seed++)
        refused += stranger(seed) == REFUSED;
    printf("# %llu worlds of strangers, %llu of them refused\n", (unsigned long long)count,
           (unsigned long long)refused);
    ck_assert(one || (refused > 0 && refused < count));
}
END_TEST

/* Ana's INBOX has given its last uid: what comes back to her cannot be kept, today or tomorrow. */
START_TEST(a_bounce_without_a_place)
{
    sqlite3 *db = NULL;
    struct error why = { "" };
    template_copy();
    ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "UPDATE mailbox SET uidnext = 4294967295"
                                  " WHERE name = 'INBOX'", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    struct world *world = world_new(path, NULL, tables, SLICE_EMPTY, SLICE("stranger"), &why);
    ck_assert_msg(world != NULL, "%s", why.text);
    ck_assert_uint_eq(store_queue_count(world->store, SLICE("mail.campus.example")), 1);
    run(world, "offline mx.bakery.example");
    uint64_t events = clock_events(world->clock);
    run(world, "wait 4d\nwait 2d");
    ck_assert_uint_eq(store_queue_count(world->store, SLICE("mail.campus.example")), 1);
    ck_assert_uint_lt(clock_events(world->clock) - events, 50000);
    world_free(world);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("strangers");
    TCase *tcase = tcase_create("strangers");
    tcase_add_checked_fixture(tcase, directory_make, directory_remove);
    tcase_set_timeout(tcase, 3600);
    tcase_add_test(tcase, strangers);
    tcase_add_test(tcase, a_bounce_without_a_place);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
