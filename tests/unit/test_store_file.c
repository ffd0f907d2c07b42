/* test_store_file.c: worlds in files: what is opened, what is refused and left as it was,
   what is migrated; crashes, full disks; fsck and digest against every kind of damage. */
#define _DEFAULT_SOURCE /* mkdtemp, fork */

#include <dirent.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/heap.h"
#include "servers/store/store.h"
#include "servers/store/store_device.h"
#include "tests/unit/store_check.h"
#include "tests/unit/store_format_0.h"

static struct test_clock now = { START_MS, 1 };
static char directory[200];
static char paths[8][500];

static const char *path_of(const char *name)
{
    static size_t turn;
    char *path = paths[turn++ % COUNT(paths)];
    snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

static void directory_make(void)
{
    const char *base = getenv("TMPDIR");
    snprintf(directory, sizeof directory, "%s/pennypost-store-XXXXXX", base ? base : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(directory));
}

static int files_count(bool delete)
{
    int count = 0;
    char path[500];
    DIR *dir = opendir(directory);
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (entry->d_name[0] != '.') {
            count++;
            snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
            if (delete && remove(path) != 0)
                ck_abort_msg("cannot remove %s", path);
        }
    closedir(dir);
    return count;
}

static void directory_remove(void)
{
    files_count(true);
    ck_assert_int_eq(rmdir(directory), 0);
}

static struct buf file_read(const char *path)
{
    struct buf out = BUF_MAX(64u << 20);
    char piece[65536];
    size_t len;
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s", path);
    while ((len = fread(piece, 1, sizeof piece, file)) > 0)
        ck_assert(buf_add(&out, (slice){ piece, len }));
    fclose(file);
    return out;
}

static void file_write(const char *path, slice octets)
{
    FILE *file = fopen(path, "wb");
    ck_assert_msg(file != NULL, "%s", path);
    ck_assert_uint_eq(fwrite(octets.at, 1, octets.len, file), octets.len);
    ck_assert_int_eq(fclose(file), 0);
}

static void raw_run(sqlite3 *db, const char *sql)
{
    char *message_key = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message_key) != SQLITE_OK)
        ck_abort_msg("%s: %s", sql, message_key);
}

static sqlite3 *raw_open(const char *path)
{
    sqlite3 *db = NULL;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    return db;
}

static void raw_change(const char *path, const char *sql)
{
    sqlite3 *db = raw_open(path);
    raw_run(db, sql);
    sqlite3_close(db);
}

/* What a query answers: columns by "|", rows by ";". */
static struct buf raw_ask(sqlite3 *db, const char *sql)
{
    struct buf out = BUF_MAX(1 << 20);
    sqlite3_stmt *query = NULL;
    ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &query, NULL) == SQLITE_OK, "%s: %s", sql,
                  sqlite3_errmsg(db));
    while (sqlite3_step(query) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(query); i++) {
            const char *text = (const char *)sqlite3_column_text(query, i);
            buf_add_text(&out, i > 0 ? "|" : "");
            buf_add_text(&out, text ? text : "NULL");
        }
        buf_add_char(&out, ';');
    }
    sqlite3_finalize(query);
    return out;
}

static void check_answer(const char *path, const char *sql, const char *expected)
{
    sqlite3 *db = raw_open(path);
    struct buf out = raw_ask(db, sql);
    ck_assert_str_eq(buf_text(&out), expected);
    buf_free(&out);
    sqlite3_close(db);
}

/* Something in every table. */
static void device_fill(struct store *store)
{
    struct device_folder inbox, sent;
    struct device_message message = { .uidl = "1.1", .date_ms = 7, .fetched_ms = 8, .size = 5,
                                    .whole = true, .identity = "<1@x>" };
    struct device_uidl uidl = { .uidl = "1.1", .fetched_ms = 8, .listed = true };
    ck_assert(store_device_folder(store, SLICE("laptop"), SLICE("INBOX"), true, &inbox));
    ck_assert(store_device_folder(store, SLICE("laptop"), SLICE("Sent"), true, &sent));
    message.folder = inbox.id;
    ck_assert(store_device_message_add(store, &message, SLICE("hello")));
    message.uid = 4;
    message.size = 3;
    ck_assert(store_device_message_add(store, &message, SLICE("you")));
    ck_assert(store_device_uidl_set(store, SLICE("laptop"), &uidl));
    ck_assert(store_device_modseq_set(store, inbox.id, 7));
    ck_assert_uint_eq(store_device_modseq(store, inbox.id), 7);
    ck_assert_uint_eq(store_device_modseq(store, sent.id), 0);
    ck_assert(store_message_copied(store, 1, SLICE("<1@x>")));
    ck_assert(store_device_synced_set(store, SLICE("laptop"), 9, SLICE("all is well")));
}

static void world_fill(struct store *store)
{
    static char large[2 * MESSAGE_CHUNK_BYTES + 100];
    int64_t ana = user_add(store, "ana@campus.example"), id = 0;
    int64_t inbox = mailbox_id(store, ana, "INBOX"), box = mailbox_add(store, ana, "Box");
    uint64_t bit = 0;
    uint32_t uid = 0;
    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (char)('A' + i / MESSAGE_CHUNK_BYTES);
    ck_assert(store_keyword(store, inbox, SLICE("$Todo"), true, &bit));
    place_text(store, inbox, "first", FLAG_SEEN | bit);
    place_text(store, inbox, "second", 0);
    place_text(store, inbox, "third", 0);
    ck_assert(store_copy(store, inbox, 1, box, &uid));
    ck_assert(store_expunge(store, inbox, 2));
    struct message message = message_plain();
    struct heading heading = heading_plain();
    struct draft *draft = store_draft(store);
    message.heading = &heading;
    ck_assert(store_draft_write(draft, (slice){ large, sizeof large }));
    int64_t message_key = store_draft_finish(draft, &message);
    ck_assert_int_gt(message_key, 0);
    ck_assert(store_place(store, inbox, message_key, FLAG_FLAGGED, 5, -90, &uid));
    struct queued queued = { .message_key = message_key, .host = "mail.campus.example",
        .sender = "ana@campus.example", .recipient = "dora@bakery.example",
        .domain = "bakery.example", .since_ms = (int64_t)START_MS,
        .next_ms = (int64_t)START_MS + 300000, .attempts = 1, .last_reply = "450 later",
        .dsn = { NOTIFY_DELAY, RETURN_FULL, true, "QQ314159", "rfc822;dora@bakery.example" } };
    ck_assert(store_queue_add(store, &queued, &id));
    ck_assert(store_subscribe(store, ana, SLICE("Box"), true));
    ck_assert(store_mailbox_use(store, box, USE_ARCHIVE));
    ck_assert(store_quota_set(store, ana, 1000000, 100));
    ck_assert(store_greylist(store, SLICE("mx"), SLICE("192.0.2.1"), SLICE("a"), SLICE("b"), 5,
                             &id));
    ck_assert(store_value_set(store, "seed", SLICE("1")));
    ck_assert(store_sentence_add(store, SLICE("host mail.campus.example")));
    ck_assert(store_history_add(store, SLICE("wait 2h")));
    device_fill(store);
    ck_assert(store_commit(store));
}

static uint64_t world_make(const char *path)
{
    struct store *store = world_open(path, &now);
    world_fill(store);
    uint64_t digest = digest_of(store);
    world_close(store);
    return digest;
}

/* --- opening ---------------------------------------------------------------------------- */

START_TEST(an_absent_file_becomes_a_world)
{
    const char *path = path_of("new.world");
    struct error why = { "" };
    ck_assert_int_eq(store_look(path, &why), STORE_ABSENT);
    uint64_t digest = world_make(path);
    ck_assert_int_eq(store_look(path, &why), STORE_WORLD);
    ck_assert_int_eq(files_count(false), 1); /* no journal is left */
    struct store *store = world_open(path, &now);
    ck_assert_uint_eq(digest_of(store), digest);
    world_close(store);
    check_answer(path, "PRAGMA journal_mode", "wal;");
    ck_assert_ptr_null(store_open(path_of("no/such/directory"), clock_of(&now), &why));
    ck_assert_ptr_nonnull(strstr(why.text, "no/such/directory"));
}
END_TEST

START_TEST(memory_and_file_hold_the_same)
{
    uint64_t digest = world_make(path_of("a.world"));
    struct store *store = world_open(NULL, &now);
    world_fill(store);
    ck_assert_uint_eq(digest_of(store), digest);
    world_close(store);
}
END_TEST

static void check_refused(const char *path, const char *reason)
{
    struct error why = { "" };
    struct buf before = file_read(path);
    int files = files_count(false);
    ck_assert_ptr_null(store_open(path, clock_of(&now), &why));
    ck_assert_msg(strstr(why.text, reason) != NULL, "expected %s: %s", reason, why.text);
    ck_assert_ptr_nonnull(strstr(why.text, path));
    struct buf after = file_read(path);
    ck_assert(slice_equal(buf_slice(&before), buf_slice(&after)));
    ck_assert_int_eq(files_count(false), files);
    buf_free(&before);
    buf_free(&after);
}

START_TEST(what_is_no_world_is_refused_untouched)
{
    struct error why = { "" };
    const char *path = path_of("x");
    file_write(path, SLICE("host mail.campus.example\n"));
    ck_assert_int_eq(store_look(path, &why), STORE_TEXT);
    check_refused(path, "no world");
    file_write(path, SLICE("SQLite format 3\0"));
    ck_assert_int_eq(store_look(path, &why), STORE_DAMAGED);
    check_refused(path, "damaged");
    ck_assert_int_eq(store_look(directory, &why), STORE_UNREADABLE);
    ck_assert_ptr_null(store_open(directory, clock_of(&now), &why));
    remove(path);
    raw_change(path, "CREATE TABLE foreign_one (x); PRAGMA application_id = 77");
    ck_assert_int_eq(store_look(path, &why), STORE_FOREIGN);
    check_refused(path, "another program");
}
END_TEST

START_TEST(an_empty_file_is_as_good_as_none)
{
    const char *path = path_of("empty");
    file_write(path, SLICE_EMPTY);
    ck_assert_int_eq(store_look(path, NULL), STORE_ABSENT);
    world_make(path);
}
END_TEST

START_TEST(a_newer_world_is_refused_untouched)
{
    struct error why = { "" };
    const char *path = path_of("newer.world");
    world_make(path);
    raw_change(path, "PRAGMA user_version = 4");
    ck_assert_int_eq(store_look(path, &why), STORE_NEWER);
    ck_assert_ptr_nonnull(strstr(why.text, "newer"));
    check_refused(path, "newer");
}
END_TEST

START_TEST(a_cut_world_is_refused_untouched)
{
    struct error why = { "" };
    const char *path = path_of("cut.world");
    world_make(path);
    struct buf whole = file_read(path);
    const size_t cuts[] = { 99, 100, 4095, 4096, whole.len / 2, whole.len - 4096, whole.len - 1 };
    for (size_t i = 0; i < COUNT(cuts); i++) {
        file_write(path, slice_upto(buf_slice(&whole), cuts[i]));
        ck_assert_int_eq(store_look(path, &why), STORE_DAMAGED);
        check_refused(path, "damaged");
    }
    buf_free(&whole);
}
END_TEST

/* Wherever 600 octets are overwritten: refused untouched, or opened with all that matters
   whole (free space, or the inside of a message, says nothing about itself). */
START_TEST(a_scribbled_world_is_refused_or_sound)
{
    const char *path = path_of("scribbled.world");
    int refused = 0;
    world_make(path);
    struct buf whole = file_read(path);
    for (size_t at = 100; at + 600 < whole.len; at += 1024) {
        struct error why = { "" };
        file_write(path, buf_slice(&whole));
        FILE *file = fopen(path, "r+b");
        ck_assert_int_eq(fseek(file, (long)at, SEEK_SET), 0);
        for (int i = 0; i < 600; i++)
            fputc((i * 7 + 13) & 0xff, file);
        ck_assert_int_eq(fclose(file), 0);
        struct buf before = file_read(path);
        struct store *store = store_open(path, clock_of(&now), &why);
        if (!store) {
            struct buf after = file_read(path);
            ck_assert(slice_equal(buf_slice(&before), buf_slice(&after)));
            ck_assert_uint_gt(strlen(why.text), 10);
            buf_free(&after);
            refused++;
        } else {
            struct buf report = BUF_MAX(1 << 20);
            store_fsck(store, &report); /* whatever it says, it ends */
            buf_free(&report);
        }
        buf_free(&before);
        store_close(store);
        files_count(true);
    }
    ck_assert_int_gt(refused, 5);
    buf_free(&whole);
}
END_TEST

START_TEST(a_world_with_other_tables_is_refused_untouched)
{
    static const char *const changes[] = {
        "DROP TABLE greylist", "DROP INDEX placement_message", "DROP VIEW letters",
        "ALTER TABLE queue ADD COLUMN more TEXT", "ALTER TABLE history RENAME TO past",
        ("PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '')"
         " WHERE name = 'history'"),
    };
    const char *path = path_of("other.world");
    world_make(path);
    struct buf whole = file_read(path);
    for (size_t i = 0; i < COUNT(changes); i++) {
        file_write(path, buf_slice(&whole));
        raw_change(path, changes[i]);
        check_refused(path, "missing or changed");
    }
    file_write(path, buf_slice(&whole)); /* what a learner adds is no harm; triggers do not run */
    raw_change(path, "CREATE VIEW mine AS SELECT 1; CREATE INDEX quick ON user (password);"
               "CREATE TABLE notes (n); CREATE TRIGGER evil AFTER INSERT ON history BEGIN"
               " DELETE FROM user; END");
    struct store *store = world_open(path, &now);
    struct user user;
    ck_assert(store_history_add(store, SLICE("x")));
    ck_assert(store_user_by_address(store, SLICE("ana@campus.example"), &user));
    world_close(store);
    buf_free(&whole);
}
END_TEST

/* What a child process makes of it; its exit code. */
static int child_run(int (*run)(const char *path), const char *path)
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(run(path));
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int child_opens(const char *path)
{
    struct error why = { "" };
    struct store *store = store_open(path, clock_of(&now), &why);
    return store ? 1 : strstr(why.text, "open in another program") ? 2 : 3;
}

START_TEST(a_second_opener_is_told)
{
    const char *path = path_of("one.world");
    struct error why = { "" };
    world_make(path);
    struct store *store = world_open(path, &now);
    ck_assert_ptr_null(store_open(path, clock_of(&now), &why));
    ck_assert_msg(strstr(why.text, "open in another program"), "%s", why.text);
    ck_assert_int_eq(store_look(path, &why), STORE_WORLD); /* and a look loses no lock */
    ck_assert_int_eq(child_run(child_opens, path), 2);
    ck_assert(store_value_set(store, "still", SLICE("mine")));
    world_close(store);
    ck_assert_int_eq(child_run(child_opens, path), 1);
    sqlite3 *shell = raw_open(path); /* somebody reads in the sqlite3 shell */
    raw_run(shell, "BEGIN; SELECT * FROM user");
    ck_assert_ptr_null(store_open(path, clock_of(&now), &why));
    ck_assert_msg(strstr(why.text, "open in another program"), "%s", why.text);
    sqlite3_close(shell);
    world_close(world_open(path, &now));
}
END_TEST

/* --- a file that follows memory ------------------------------------------------------------- */

static bool value_is(const char *path, const char *wanted)
{
    struct arena arena = { 0 };
    slice value = SLICE_EMPTY;
    struct store *store = world_open(path, &now);
    bool same = store_value(store, "mood", &arena, &value) ? slice_is(value, wanted) : !*wanted;
    world_close(store);
    arena_free(&arena);
    return same;
}

static void value_keep(struct store *store, const char *value)
{
    ck_assert(store_value_set(store, "mood", slice_of(value)));
    ck_assert(store_commit(store));
}

START_TEST(a_file_follows_when_it_is_told)
{
    const char *path = path_of("one.world");
    struct error why = { "" };
    struct heap *heap = heap_new();
    heap_enter(heap);
    struct store *store = store_open_followed(path, clock_of(&now), &why);
    ck_assert_msg(store != NULL, "%s", why.text);
    ck_assert_str_eq(store_path(store), path);
    ck_assert_int_eq(child_run(child_opens, path), 2);
    value_keep(store, "good");
    ck_assert(store_follow(store, &why));
    if (heap)
        delta_free(heap_mark(heap));
    value_keep(store, "better");
    ck_assert(store_follow(store, &why));
    if (heap)
        heap_revert(heap); /* back to "good", and the file is to follow there */
    else
        value_keep(store, "good");
    ck_assert(store_follow(store, &why));
    value_keep(store, "not told");
    world_close(store);
    heap_enter(NULL);
    heap_free(heap);
    ck_assert(value_is(path, "good"));
}
END_TEST

START_TEST(a_commit_fails_with_the_file_that_follows_it)
{
    const char *path = path_of("one.world"), *away = path_of("away.world");
    struct error why = { "" };
    struct store *store = store_open_followed(path, clock_of(&now), &why);
    store_follow_commits(store, true);
    value_keep(store, "good");
    ck_assert_int_eq(rename(path, away), 0);
    ck_assert(store_has_moved(store));
    ck_assert(store_value_set(store, "mood", SLICE("lost")));
    ck_assert(!store_commit(store));
    ck_assert_msg(strstr(store_reason(store), "removed or replaced"), "%s", store_reason(store));
    ck_assert(!store_recover(store, &why));
    ck_assert_int_eq(rename(away, path), 0);
    ck_assert(store_recover(store, &why));
    struct arena arena = { 0 };
    slice value;
    ck_assert(store_value(store, "mood", &arena, &value) && slice_is(value, "good"));
    arena_free(&arena);
    world_close(store);
    ck_assert(value_is(path, "good"));
}
END_TEST

/* --- migration ---------------------------------------------------------------------------- */

static void format_0_make(const char *path)
{
    sqlite3 *db = raw_open(path);
    for (size_t i = 0; i < COUNT(format_0); i++)
        raw_run(db, format_0[i]);
    raw_run(db, "INSERT INTO user VALUES (1, 'ana@campus.example', 'ana', 'mail', 'tulip', 6);"
            "INSERT INTO mailbox VALUES (1, 1, 'INBOX', 1, 5, 2, 2, 1, 1, 1, 5);"
            "INSERT INTO message VALUES (1, 0, 5, 0, 0, '', '', '', x'');"
            "INSERT INTO chunk VALUES (1, 0, CAST('hello' AS BLOB));"
            "INSERT INTO placement VALUES (1, 1, 1, 0, 0, 0, 2, 5, 0);");
    sqlite3_close(db);
}

START_TEST(an_older_world_is_migrated_with_a_copy)
{
    const char *path = path_of("old.world");
    struct store *fresh = world_open(path_of("fresh.world"), &now);
    world_close(fresh);
    format_0_make(path);
    ck_assert_int_eq(store_look(path, NULL), STORE_WORLD);
    struct store *store = world_open(path, &now);
    int64_t first = 0;
    ck_assert(store_greylist(store, SLICE("m"), SLICE("a"), SLICE("s"), SLICE("r"), 1, &first));
    ck_assert_uint_eq(mailbox_now(store, 1).messages, 1);
    world_close(store);
    check_answer(path_of("old.world.before-v3"), "PRAGMA user_version", "0;");
    check_answer(path_of("old.world.before-v3"), "SELECT count(*), max(text) FROM letters",
                 "1|hello;");
    check_answer(path_of("old.world.before-v3"), "SELECT count(*) FROM sqlite_schema"
                 " WHERE name = 'greylist'", "0;");
    check_answer(path, "PRAGMA user_version", "3;");
    const char *schema = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name";
    sqlite3 *db = raw_open(path_of("fresh.world"));
    struct buf expected = raw_ask(db, schema);
    sqlite3_close(db);
    check_answer(path, schema, buf_text(&expected));
    remove(path); /* the same again: the first copy stays */
    format_0_make(path);
    raw_change(path, "UPDATE user SET password = 'other'");
    world_close(world_open(path, &now));
    check_answer(path_of("old.world.before-v3"), "SELECT password FROM user", "tulip;");
    check_answer(path_of("old.world.before-v3-2"), "SELECT password FROM user", "other;");
    buf_free(&expected);
}
END_TEST

START_TEST(a_world_without_resync_is_migrated)
{
    const char *path = path_of("one.world");
    world_make(path);
    sqlite3 *db = raw_open(path);
    const char *schema = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name";
    struct buf expected = raw_ask(db, schema);
    sqlite3_close(db);
    raw_change(path, "DROP TABLE device_resync; DROP INDEX device_letter_folder;"
                     " DROP INDEX device_letter_waiting; DROP INDEX device_letter_from;"
                     " DROP TABLE change; DROP TABLE unseen; DROP TABLE deleted");
    raw_change(path, "PRAGMA user_version = 1");
    world_close(world_open(path, &now));
    check_answer(path, "PRAGMA user_version", "3;");
    check_answer(path, schema, buf_text(&expected));
    check_answer(path_of("one.world.before-v3"), "PRAGMA user_version", "1;");
    buf_free(&expected);
}
END_TEST

/* Format 2 had indexes where today's has tables. */
START_TEST(a_world_with_indexes_is_migrated)
{
    const char *path = path_of("two.world");
    const char *schema = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name";
    const char *counted = "SELECT * FROM unseen ORDER BY mailbox, stretch";
    world_make(path);
    sqlite3 *db = raw_open(path);
    struct buf expected = raw_ask(db, schema), unseen = raw_ask(db, counted);
    sqlite3_close(db);
    raw_change(path, "DROP TABLE change; DROP TABLE unseen; DROP TABLE deleted;"
               "CREATE UNIQUE INDEX placement_modseq ON placement (mailbox, modseq);"
               "CREATE INDEX placement_unseen ON placement (mailbox, uid)"
               " WHERE expunged = 0 AND (flags & 1) = 0;"
               "CREATE INDEX placement_deleted ON placement (mailbox, size)"
               " WHERE expunged = 0 AND (flags & 8) <> 0; PRAGMA user_version = 2");
    struct store *store = world_open(path, &now);
    ck_assert_uint_ge(unseen.len, 3);
    check_sound(store);
    world_close(store);
    check_answer(path, schema, buf_text(&expected));
    check_answer(path, counted, buf_text(&unseen));
    check_answer(path_of("two.world.before-v3"), "PRAGMA user_version", "2;");
    buf_free(&expected);
    buf_free(&unseen);
}
END_TEST

START_TEST(a_migration_that_fails_leaves_the_world)
{
    struct error why = { "" };
    const char *path = path_of("odd.world");
    format_0_make(path);
    raw_change(path, "DROP INDEX user_login");
    struct buf before = file_read(path);
    ck_assert_ptr_null(store_open(path, clock_of(&now), &why));
    ck_assert_ptr_nonnull(strstr(why.text, "brought up to date"));
    struct buf after = file_read(path);
    ck_assert(slice_equal(buf_slice(&before), buf_slice(&after)));
    buf_free(&before);
    buf_free(&after);
}
END_TEST

/* --- crashes -------------------------------------------------------------------------------- */

static int child_crashes(const char *path)
{
    static char large[3 * MESSAGE_CHUNK_BYTES];
    struct store *store = world_open(path, &now);
    int64_t inbox = mailbox_id(store, 1, "INBOX");
    store_view_open(store, inbox, 1);
    struct draft *draft = store_draft(store);
    place_text(store, inbox, "kept", 0);
    ck_assert(store_expunge(store, inbox, 1)); /* kept for the view, which dies */
    ck_assert(store_draft_write(draft, (slice){ large, sizeof large }));
    ck_assert(store_mailbox_delete(store, mailbox_id(store, 1, "Box")));
    if (!store_commit(store))
        return 1;
    place_text(store, inbox, "never committed", 0);
    return 0;
}

START_TEST(a_crash_keeps_what_was_committed_and_nothing_else)
{
    const char *path = path_of("crash.world");
    world_make(path);
    ck_assert_int_eq(child_run(child_crashes, path), 0);
    ck_assert_int_gt(files_count(false), 1); /* the journal holds what counts */
    struct store *store = world_open(path, &now);
    int64_t inbox = mailbox_id(store, 1, "INBOX");
    struct mailbox mailbox;
    ck_assert_uint_eq(mailbox_now(store, inbox).messages, 3);
    ck_assert_uint_eq(mailbox_now(store, inbox).uidnext, 6);
    ck_assert(!store_mailbox_find(store, 1, SLICE("Box"), &mailbox));
    check_sound(store);
    world_close(store);
    check_answer(path, "SELECT count(*) FROM message WHERE draft = 1 UNION ALL"
                 " SELECT count(*) FROM placement WHERE expunged = 1 UNION ALL"
                 " SELECT count(*) FROM mailbox WHERE name IS NULL", "0;0;0;");
}
END_TEST

static int child_makes_it_newer(const char *path)
{
    struct store *store = world_open(path, &now);
    return store_tamper(store, "PRAGMA user_version = 9", NULL) ? 0 : 1;
}

START_TEST(a_newer_world_in_the_journal_is_refused_untouched)
{
    const char *path = path_of("hot.world"), *journal = path_of("hot.world-wal");
    world_make(path);
    ck_assert_int_eq(child_run(child_makes_it_newer, path), 0);
    struct buf before = file_read(journal);
    check_refused(path, "newer");
    struct buf after = file_read(journal);
    ck_assert_uint_gt(before.len, 0);
    ck_assert(slice_equal(buf_slice(&before), buf_slice(&after)));
    buf_free(&before);
    buf_free(&after);
}
END_TEST

/* --- full disks ----------------------------------------------------------------------------- */

static void pages_max(struct store *store, int pages)
{
    char sql[100];
    snprintf(sql, sizeof sql, "PRAGMA max_page_count = %d", pages); /* never below what is used */
    ck_assert(store_tamper(store, sql, NULL));
}

/* Every kind of change, without looking whether it worked. */
static void everything_changes(struct store *store)
{
    static char large[3 * MESSAGE_CHUNK_BYTES];
    int64_t id = 0, inbox = mailbox_id(store, 1, "INBOX");
    uint64_t bit = 0;
    uint32_t uid = 0;
    struct message message = message_plain();
    struct draft *draft = store_draft(store);
    bool held = store_expunge(store, inbox, 1);
    store_draft_write(draft, (slice){ large, sizeof large });
    held = store_user_add(store, SLICE("bo@campus.example"), SLICE("mail"), SLICE("maple"), &id)
        && held;
    store_command_end(store, true);
    held = store_mailbox_create(store, 1, SLICE("p/q/r"), &id) && held;
    held = store_keyword(store, inbox, SLICE("$New"), true, &bit) && held;
    store_command_end(store, false);
    int64_t message_key = store_draft_finish(draft, &message);
    for (int i = 0; i < 40; i++)
        held = message_key && store_place(store, inbox, message_key, 0, 0, 0, &uid) && held;
    store_command_end(store, true);
    held = store_mailbox_rename(store, inbox, SLICE("Old")) && held;
    held = store_flags(store, inbox, 3, FLAGS_ADD, FLAG_SEEN, NULL) && held;
    (void)held; /* what failed shows in the commit */
}

static void check_full(struct store *store)
{
    int failures = 0;
    uint64_t before = digest_of(store);
    for (int pages = 1;; pages += 4) {
        pages_max(store, pages);
        everything_changes(store);
        if (store_commit(store))
            break;
        failures++;
        ck_assert(!store_failed(store)); /* a new turn */
        ck_assert_uint_gt(strlen(store_error(store)), 0);
        ck_assert_uint_eq(digest_of(store), before);
        pages_max(store, 1000000);
        check_sound(store);
    }
    ck_assert_int_gt(failures, 3);
    ck_assert_uint_ne(digest_of(store), before);
    pages_max(store, 1000000);
    check_sound(store);
}

START_TEST(a_full_disk_undoes_the_turn)
{
    struct store *store = world_open(path_of("full.world"), &now);
    world_fill(store);
    check_full(store);
    world_close(store);
    store = world_open(NULL, &now);
    world_fill(store);
    check_full(store);
    world_close(store);
}
END_TEST

/* One command's full disk is that command's; what others did in the turn stays. */
START_TEST(a_failed_command_is_undone_alone)
{
    static char large[MESSAGE_CHUNK_BYTES / 2];
    struct store *store = world_open(NULL, &now);
    struct message message = message_plain();
    world_fill(store);
    int64_t inbox = mailbox_id(store, 1, "INBOX");
    for (int others = 0; others < 2; others++) { /* alone in its turn, and not */
        uint64_t before = digest_of(store);
        pages_max(store, 1);
        if (others)
            ck_assert(store_flags(store, inbox, 1, FLAGS_ADD, FLAG_FLAGGED, NULL));
        store_command_end(store, true);
        ck_assert(store_flags(store, inbox, 3, FLAGS_ADD, FLAG_FLAGGED, NULL));
        struct draft *draft = store_draft(store);
        ck_assert(store_draft_write(draft, (slice){ large, sizeof large }));
        ck_assert_int_eq(store_draft_finish(draft, &message), 0);
        ck_assert(store_failed(store));
        store_command_end(store, false);
        ck_assert(!store_failed(store));
        ck_assert(store_commit(store));
        ck_assert_int_eq(digest_of(store) == before, !others);
        struct placement placement;
        ck_assert(store_placement(store, inbox, 3, &placement) && placement.flags == 0);
        pages_max(store, 1000000);
        check_sound(store);
    }
    world_close(store);
}
END_TEST

/* A failed command that stays dooms the turn, whatever is undone after it. */
START_TEST(a_kept_failure_dooms_the_turn)
{
    static char large[MESSAGE_CHUNK_BYTES / 2];
    struct store *store = world_open(NULL, &now);
    struct message message = message_plain();
    world_fill(store);
    uint64_t before = digest_of(store);
    pages_max(store, 1);
    struct draft *draft = store_draft(store);
    ck_assert(store_draft_write(draft, (slice){ large, sizeof large }));
    ck_assert_int_eq(store_draft_finish(draft, &message), 0);
    store_command_end(store, true);
    ck_assert(!store_value_set(store, "x", SLICE("y")));
    store_command_end(store, false);
    ck_assert(store_failed(store));
    ck_assert(!store_commit(store));
    ck_assert_uint_eq(digest_of(store), before);
    pages_max(store, 1000000);
    world_close(store);
}
END_TEST

START_TEST(a_commit_that_fails_undoes_the_turn)
{
    struct store *store = world_open(NULL, &now);
    world_fill(store);
    int64_t inbox = mailbox_id(store, 1, "INBOX");
    uint64_t before = digest_of(store);
    struct uid_list *list;
    place_text(store, inbox, "x", 0);
    list = store_uids(store, inbox);
    ck_assert_uint_eq(list->count, 4);
    uid_list_release(list);
    ck_assert(store_tamper(store, "PRAGMA defer_foreign_keys = ON;"
                           "INSERT INTO subscription VALUES (99, 'x')", NULL));
    ck_assert(!store_commit(store));
    ck_assert_uint_eq(digest_of(store), before);
    list = store_uids(store, inbox);
    ck_assert_uint_eq(list->count, 3);
    uid_list_release(list);
    place_text(store, inbox, "x", 0);
    world_close(store);
}
END_TEST

/* A message whose beginning was lost with a turn never becomes a message. */
START_TEST(a_draft_breaks_with_its_turn)
{
    static char large[2 * MESSAGE_CHUNK_BYTES];
    struct store *store = world_open(NULL, &now);
    world_fill(store);
    for (int begun_before = 0; begun_before < 2; begun_before++) {
        uint64_t before = digest_of(store);
        struct draft *draft = store_draft(store), *small = store_draft(store);
        struct message message = message_plain();
        ck_assert(store_draft_write(small, SLICE("untouched")));
        ck_assert(store_draft_write(draft, (slice){ large, sizeof large }));
        if (begun_before) {
            ck_assert(store_commit(store));
            ck_assert(store_draft_write(draft, (slice){ large, sizeof large }));
        }
        ck_assert(store_tamper(store, "PRAGMA defer_foreign_keys = ON;"
                               "INSERT INTO subscription VALUES (99, 'x')", NULL));
        ck_assert(!store_commit(store));
        ck_assert(!store_draft_write(draft, SLICE("more")));
        ck_assert_int_eq(store_draft_finish(draft, &message), 0);
        ck_assert(store_failed(store));
        store_command_end(store, false);
        int64_t message_key = store_draft_finish(small, &message);
        ck_assert_int_gt(message_key, 0);
        ck_assert(store_commit(store));
        if (!begun_before) /* nobody placed the small one: only a counter has moved */
            ck_assert(store_tamper(store, "UPDATE sqlite_sequence SET seq = seq - 1"
                                   " WHERE name = 'message'", NULL));
        if (!begun_before)
            ck_assert_uint_eq(digest_of(store), before);
        check_sound(store);
    }
    world_close(store);
}
END_TEST

/* --- fsck and digest -------------------------------------------------------------------------- */

static const struct { const char *damage, *found; } damages[] = {
    { "DELETE FROM mailbox WHERE name = 'INBOX'", "has no INBOX" },
    { "UPDATE mailbox SET selectable = 0 WHERE name = 'INBOX'", "has no INBOX" },
    { "UPDATE user SET name = 'bo'", "is not that of" },
    { "UPDATE mailbox SET name = 'No/Parent' WHERE name = 'Box'", "the name above it" },
    { "UPDATE mailbox SET name = '/Box' WHERE name = 'Box'", "no possible name" },
    { "UPDATE mailbox SET name = 'Box/' WHERE name = 'Box'", "no possible name" },
    { "UPDATE mailbox SET name = CAST(x'420000' AS TEXT) WHERE name = 'Box'", "no possible name" },
    { "UPDATE subscription SET name = CAST(x'00' AS TEXT)", "no possible name" },
    { "UPDATE mailbox SET messages = 2147483648 WHERE name = 'Box'", "fewer messages than it says" },
    { "UPDATE mailbox SET name = NULL WHERE name = 'Box'", "deleted and not empty" },
    { "UPDATE mailbox SET selectable = 0 WHERE name = 'Box'", "holds no messages" },
    { "UPDATE mailbox SET selectable = 2 WHERE name = 'Box'", "selectable is neither" },
    { "UPDATE mailbox SET uidvalidity = 0 WHERE name = 'Box'", "uidvalidity is no" },
    { "UPDATE mailbox SET uidnext = 4294967296 WHERE name = 'Box'", "uidnext is no" },
    { "UPDATE mailbox SET recent_from = 99 WHERE name = 'Box'", "recent_from" },
    { "UPDATE mailbox SET highest_modseq = 0 WHERE name = 'Box'", "below 1" },
    { "UPDATE mailbox SET uidvalidity = 5", "two mailboxes with uidvalidity" },
    { "UPDATE user SET next_uidvalidity = 5", "not below the user's next" },
    { "UPDATE mailbox SET messages = messages + 1 WHERE name = 'Box'", "counted 1 messages" },
    { "UPDATE mailbox SET unseen = unseen + 1 WHERE name = 'Box'", "0 unseen" },
    { "UPDATE mailbox SET bytes = bytes + 1 WHERE name = 'Box'", "5 bytes" },
    { "DELETE FROM placement WHERE uid = 3", "counted 2 messages" },
    { "UPDATE mailbox SET uidnext = 2 WHERE name = 'INBOX'", "is not within 1 to 1" },
    { "UPDATE mailbox SET highest_modseq = 2 WHERE name = 'INBOX'", "modseq 4 is not within" },
    { "UPDATE placement SET modseq = 0 WHERE uid = 3", "modseq 0 is not within" },
    { "UPDATE placement SET message = 99 WHERE uid = 3", "message 99 does not exist" },
    { "UPDATE message SET draft = 1 WHERE id = 3", "message 3 does not exist" },
    { "UPDATE placement SET size = 6 WHERE uid = 3", "is not the message's" },
    { "UPDATE placement SET expunged = 2 WHERE uid = 3", "expunged is neither" },
    { "UPDATE placement SET expunged = 1 WHERE uid = 3", "has no tombstone" },
    { "UPDATE placement SET flags = flags | 512 WHERE uid = 3", "a bit without a name" },
    { "UPDATE placement SET flags = flags | 32 WHERE uid = 3", "a bit without a name" },
    { "DELETE FROM keyword", "a bit without a name" },
    { "UPDATE keyword SET bit = bit + 1", "without gaps" },
    { "UPDATE keyword SET name = ''", "no possible keyword" },
    { "UPDATE expunged SET modseq = 99", "beyond the mailbox" },
    { "UPDATE expunged SET uid = 99", "beyond the mailbox" },
    { "INSERT INTO expunged SELECT mailbox, 1, uid FROM expunged", "two tombstones" },
    { "UPDATE expunged SET uid = 3", "has a tombstone and lives" },
    { "INSERT INTO expunged SELECT mailbox, modseq, uid FROM placement WHERE uid = 3;"
      "UPDATE placement SET expunged = 1 WHERE uid = 3", "kept for nobody" },
    { "DELETE FROM change WHERE uid = 3", "no change leads to modseq" },
    { "UPDATE change SET uid = uid + 1 WHERE uid = 3", "no change leads to modseq" },
    { "UPDATE change SET live = 9 WHERE uid = 3", "leads to 9 messages, counted 1" },
    { "INSERT INTO change VALUES (1, 99, 1, 1, 0)", "leads to 0 messages" },
    { "UPDATE unseen SET messages = messages + 1", "unseen from uid 0 on" },
    { "DELETE FROM unseen", "0 unseen from uid 0 on" },
    { "INSERT INTO deleted VALUES (1, 1, 0) ON CONFLICT DO UPDATE SET messages = messages + 1",
      "\\Deleted of" },
    { "UPDATE message SET size = size + 1 WHERE id = 1", "its chunks have 5" },
    { "DELETE FROM chunk WHERE message = 1", "its chunks have 0" },
    { "DELETE FROM chunk WHERE message = 4 AND number = 1", "chunks are not numbered" },
    { "UPDATE chunk SET number = 7 WHERE message = 4 AND number = 2", "chunks are not numbered" },
    { "UPDATE chunk SET octets = x'' WHERE message = 1", "chunk 0 has 0 octets" },
    { "UPDATE chunk SET number = 9 - number WHERE message = 4;"
      "UPDATE chunk SET number = number - 7 WHERE message = 4", "has 100 octets" },
    { "INSERT INTO message VALUES (77, 0, 0, 0, 0, '', '', '', x'')", "belongs to nobody" },
    { "INSERT INTO message VALUES (77, 2, 0, 0, 0, '', '', '', x'')", "draft is neither" },
    { "UPDATE message SET header_bytes = 6 WHERE id = 1", "header is longer" },
    { "UPDATE message SET path_bytes = 1 WHERE id = 1", "path is longer" },
    { "UPDATE heading SET sent_zone = 6000", "is no zone" },
    { "UPDATE heading SET message = 99", "refers to a row of message" },
    { "UPDATE queue SET message = 99", "queue entry 1: message 99" },
    { "UPDATE queue SET next_ms = 0", "before it came" },
    { "UPDATE queue SET since_ms = -1", "before 1970" },
    { "UPDATE queue SET attempts = -1", "attempts are negative" },
    { "UPDATE queue SET warned = 3", "warned is neither" },
    { "UPDATE queue SET domain = 'Bakery.example'", "capitals" },
    { "UPDATE queue SET recipient = ''", "is empty" },
    { "UPDATE subscription SET user = 9", "user 9 does not exist" },
    { "UPDATE greylist SET first_ms = -1", "before 1970" },
    { "UPDATE quota SET user = 9", "quota of user 9: that user does not exist" },
    { "UPDATE quota SET bytes = -1", "it is no limit" },
    { "UPDATE quota SET bytes = 0, messages = 0", "it is no limit" },
    { "UPDATE history SET number = 2", "the last is number 2" },
    { "UPDATE sentence SET number = 2", "the last is number 2" },
    { "UPDATE sqlite_sequence SET seq = 1 WHERE name = 'mailbox'", "id 2 was not counted" },
    { "UPDATE subscription SET user = 9", "refers to a row of user" },
    { "UPDATE letter_name SET number = 2", "the last is number 2" },
    { "UPDATE device_letter SET identity = 'x' WHERE uid = 4", "has no name" },
    { "UPDATE device_letter SET folder = 9 WHERE uid = 4", "folder does not exist" },
    { "UPDATE device_letter SET uid = -1 WHERE uid = 4", "no 32-bit number" },
    { "UPDATE device_letter SET uid = 4", "has uid 4 twice" },
    { "UPDATE device_letter SET whole = 2 WHERE uid = 4", "whole is neither" },
    { "UPDATE device_letter SET gone = 2 WHERE uid = 4", "gone is neither" },
    { "UPDATE device_letter SET flags = 32 WHERE uid = 4", "a bit without a name" },
    { "UPDATE device_letter SET size = 4 WHERE uid = 4", "not that of its text" },
    { "UPDATE device_octets SET number = 1 WHERE letter = 2", "pieces are not numbered" },
    { "DELETE FROM device_folder WHERE name = 'INBOX'", "refers to a row of device_folder" },
    { "PRAGMA writable_schema = 1; DELETE FROM sqlite_schema WHERE name = 'placement_message';"
      "PRAGMA writable_schema = RESET", "never used" },
};

START_TEST(fsck_finds_every_damage)
{
    for (size_t i = 0; i < COUNT(damages); i++) {
        struct store *store = world_open(NULL, &now);
        struct buf report = BUF_MAX(65536);
        world_fill(store);
        check_sound(store);
        ck_assert(store_tamper(store, "PRAGMA foreign_keys = OFF", NULL));
        ck_assert_msg(store_tamper(store, damages[i].damage, NULL), "%s", damages[i].damage);
        ck_assert_msg(!store_fsck(store, &report), "not found: %s", damages[i].damage);
        ck_assert_msg(strstr(buf_text(&report), damages[i].found), "%s: found %s",
                      damages[i].damage, buf_text(&report));
        buf_free(&report);
        store_close(store);
    }
}
END_TEST

/* How a world came to be, and what only leads to what it is. */
static bool table_counts(const char *table)
{
    static const char *const others[] = { "history", "change", "unseen", "deleted" };
    for (size_t i = 0; i < COUNT(others); i++)
        if (strcmp(table, others[i]) == 0)
            return false;
    return true;
}

static void check_flip(struct store *store, const char *table, const char *column, uint64_t before)
{
    char sql[1000];
    snprintf(sql, sizeof sql, "BEGIN; UPDATE \"%s\" SET \"%s\" = CASE typeof(\"%s\")"
             " WHEN 'integer' THEN \"%s\" + 1000 WHEN 'text' THEN \"%s\" || 'x'"
             " ELSE CAST(\"%s\" || 'x' AS BLOB) END"
             " WHERE \"%s\" = (SELECT max(\"%s\") FROM \"%s\")",
             table, column, column, column, column, column, column, column, table);
    ck_assert_msg(store_tamper(store, sql, NULL), "%s", sql);
    ck_assert_msg((digest_of(store) != before) == table_counts(table), "%s.%s", table, column);
    ck_assert(store_tamper(store, "ROLLBACK", NULL));
    ck_assert_uint_eq(digest_of(store), before);
}

START_TEST(flipping_any_value_changes_the_digest)
{
    struct store *store = world_open(NULL, &now);
    int flips = 0;
    world_fill(store);
    uint64_t before = digest_of(store);
    ck_assert(store_tamper(store, "PRAGMA foreign_keys = OFF", NULL));
    world_make(path_of("columns.world"));
    sqlite3 *db = raw_open(path_of("columns.world"));
    sqlite3_stmt *query = NULL;
    ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT s.name, c.name FROM sqlite_schema AS s,"
        " pragma_table_info(s.name) AS c WHERE s.type = 'table' ORDER BY 1, 2", -1, &query, NULL),
        SQLITE_OK);
    for (; sqlite3_step(query) == SQLITE_ROW; flips++)
        check_flip(store, (const char *)sqlite3_column_text(query, 0),
                   (const char *)sqlite3_column_text(query, 1), before);
    sqlite3_finalize(query);
    sqlite3_close(db);
    ck_assert_int_gt(flips, 60);
    static const char *const subtle[] = {
        "UPDATE mailbox SET name = NULL WHERE name = 'Box'",
        "UPDATE queue SET last_reply = ''",
        "UPDATE message SET envelope = structure, structure = envelope",
        "UPDATE value SET value = '1' || char(0)",
        "DELETE FROM subscription",
        "CREATE TABLE more (x)",
    };
    for (size_t i = 0; i < COUNT(subtle); i++) {
        ck_assert(store_tamper(store, "BEGIN", NULL));
        ck_assert(store_tamper(store, subtle[i], NULL));
        ck_assert_msg(digest_of(store) != before, "%s", subtle[i]);
        ck_assert(store_tamper(store, "ROLLBACK", NULL));
    }
    store_close(store);
}
END_TEST

/* --- for people ------------------------------------------------------------------------------- */

START_TEST(people_can_ask_in_the_shell)
{
    const char *path = path_of("shell.world");
    world_make(path);
    check_answer(path, "SELECT mailbox, uid, flags, date, size FROM letters"
                 " WHERE owner = 'ana@campus.example'",
                 "Box|1|\\Seen $Todo|2026-01-05 10:00:00 +0100|5;"
                 "INBOX|1|\\Seen $Todo|2026-01-05 10:00:00 +0100|5;"
                 "INBOX|3||2026-01-05 10:00:00 +0100|5;"
                 "INBOX|4|\\Flagged|1969-12-31 22:30:00 -0130|131172;");
    check_answer(path, "SELECT address, mailbox.name, messages, unseen FROM mailbox"
                 " JOIN user ON user.id = mailbox.user ORDER BY 1, 2",
                 "ana@campus.example|Box|1|0;ana@campus.example|INBOX|3|2;");
    check_answer(path, "SELECT recipient, attempts, datetime(next_ms / 1000, 'unixepoch'),"
                 " last_reply FROM queue ORDER BY next_ms",
                 "dora@bakery.example|1|2026-01-05 09:05:00|450 later;");
    check_answer(path, "SELECT text FROM letters WHERE uid = 3", "third;");
    for (int reversed = 0; reversed < 2; reversed++) {
        sqlite3 *db = raw_open(path);
        raw_run(db, reversed ? "PRAGMA reverse_unordered_selects = ON" : "SELECT 1");
        struct buf out = raw_ask(db, "SELECT length(text), substr(text, 1, 2),"
            " substr(text, 65536, 2), substr(text, 131072, 2) FROM letters WHERE uid = 4");
        ck_assert_str_eq(buf_text(&out), "131172|AA|AB|BC;");
        buf_free(&out);
        sqlite3_close(db);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_absent_file_becomes_a_world, memory_and_file_hold_the_same,
        what_is_no_world_is_refused_untouched, an_empty_file_is_as_good_as_none,
        a_newer_world_is_refused_untouched, a_cut_world_is_refused_untouched,
        a_scribbled_world_is_refused_or_sound, a_world_with_other_tables_is_refused_untouched,
        a_second_opener_is_told, a_file_follows_when_it_is_told,
        a_commit_fails_with_the_file_that_follows_it, an_older_world_is_migrated_with_a_copy,
        a_world_without_resync_is_migrated, a_world_with_indexes_is_migrated,
        a_migration_that_fails_leaves_the_world,
        a_crash_keeps_what_was_committed_and_nothing_else,
        a_newer_world_in_the_journal_is_refused_untouched, a_full_disk_undoes_the_turn,
        a_failed_command_is_undone_alone, a_kept_failure_dooms_the_turn,
        a_commit_that_fails_undoes_the_turn, a_draft_breaks_with_its_turn,
        fsck_finds_every_damage, flipping_any_value_changes_the_digest,
        people_can_ask_in_the_shell,
    };
    Suite *suite = suite_create("store_file");
    TCase *tcase = tcase_create("store_file");
    tcase_add_checked_fixture(tcase, directory_make, directory_remove);
    tcase_set_timeout(tcase, 120);
    for (size_t i = 0; i < COUNT(tests); i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
