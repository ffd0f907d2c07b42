/* test_sweep.c: whole conversations, played again and again with the n-th statement, write, sync,
   read or allocation failing, SQLite's or the program's own. Each time: who was told that something
   is kept finds it after the world was opened anew, who was refused does not, others are served,
   and fsck finds nothing.
   SWEEP=all tries every n; else some of each kind are tried. */
#define _DEFAULT_SOURCE /* mkdtemp */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/spare.h"
#include "servers/store/store.h"
#include "sim/hosts/inbound.h"
#include "sim/language/build.h"
#include "sim/world.h"
#include "tests/unit/faulty.h"
#include "tests/unit/language.h"

enum { STATEMENT = FAULTY_KINDS, MEMORY, KINDS }; /* what fails beside faulty.h's */

#define SAMPLES 40
#define PUT_BY_BYTES (1u << 20)
#define ROUNDS_MAX 60       /* so long an answer may take */
#define TROUBLE_ROUNDS 3    /* then the store is asked whether it can go on */

enum who { SMTP, SUBMISSION, POP3, IMAP, OTHER, CLIENTS };

static const struct {
    uint16_t port;
    const char *hello, *ready;   /* what it says first, and how the last answer begins */
} callers[CLIENTS] = {
    [SMTP] = { 25, "EHLO lab.example\r\n", "250 " },
    [SUBMISSION] = { 587, "EHLO lab.example\r\nAUTH PLAIN AGFuYQB0dWxpcA==\r\n", "235 " },
    [POP3] = { 110, "USER bo\r\nPASS maple\r\n", "+OK" },
    [IMAP] = { 143, "h1 LOGIN ana tulip\r\nh2 SELECT INBOX\r\n", "h2 OK" },
    [OTHER] = { 143, "h1 LOGIN cem birch\r\nh2 SELECT INBOX\r\n", "h2 OK" },
};

#define BO "check server bo@campus.example INBOX "
#define DORA "check server dora@bakery.example INBOX "
#define ANA "check server ana@campus.example "

/* What is said, how the answer begins when it is done, and what must hold after it was, or was
   not. NULL: nothing is claimed. */
static const struct step {
    enum who who;
    const char *says, *done, *refused, *holds, *holds_not;
} steps[] = {
    { IMAP, "a1 CREATE Made\r\n", "a1 OK", "a1 ", ANA "Made has 0 messages", NULL },
    { SMTP, "MAIL FROM:<dora@bakery.example>\r\nRCPT TO:<bo@campus.example>\r\nDATA\r\n", "354", "4", NULL, NULL },
    { SMTP, "Subject: one\r\n\r\nHello.\r\n.\r\n", "250", "4", BO "has a message with Subject: one",
      BO "has no message with Subject: one" },
    { IMAP, "a2 STORE 1 +FLAGS (\\Flagged)\r\n", "a2 OK", "a2 ", NULL, NULL },
    { IMAP, "a3 APPEND Archive (\\Seen $New) {26+}\r\nSubject: appended\r\n\r\nyes\r\n\r\n",
      "a3 OK", "a3 ", ANA "Archive has a message with Subject: appended",
      ANA "Archive has no message with Subject: appended" },
    { OTHER, "a1 FETCH 1 (BODY[])\r\n", "a1 OK", "a1 ", NULL, NULL },
    { SUBMISSION, "MAIL FROM:<ana@campus.example>\r\nRCPT TO:<dora@bakery.example>\r\nDATA\r\n",
      "354", "4", NULL, NULL },
    { SUBMISSION, "Subject: abroad\r\n\r\nHello.\r\n.\r\n", "250", "4",
      DORA "has a message with Subject: abroad", DORA "has no message with Subject: abroad" },
    { SUBMISSION, "MAIL FROM:<ana@campus.example>\r\nRCPT TO:<nobody@bakery.example>\r\nDATA\r\n",
      "354", "4", NULL, NULL },
    { SUBMISSION, "Subject: to nobody\r\n\r\nHello.\r\n.\r\n", "250", "4",
      ANA "INBOX has a message with From: Mail Delivery System <postmaster@mail.campus.example>",
      NULL },
    { IMAP, "a4 COPY 2 Archive\r\n", "a4 OK", "a4 ", NULL, NULL },
    { IMAP, "a5 STORE 3 +FLAGS.SILENT (\\Deleted)\r\n", "a5 OK", "a5 ", NULL, NULL },
    { IMAP, "a6 EXPUNGE\r\n", "a6 OK", "a6 ", NULL, NULL },
    { IMAP, "a7 MOVE 1 Archive\r\n", "a7 OK", "a7 ", NULL, NULL },
    { POP3, "RETR 1\r\n", ".", "-ERR", NULL, NULL },
    { POP3, "DELE 1\r\n", "+OK", "-ERR", NULL, NULL },
    { POP3, "QUIT\r\n", "+OK", "-ERR", BO "has no message with Subject: Re: Lunch?", NULL },
    { IMAP, "a8 RENAME Sent Newer\r\n", "a8 OK", "a8 ", NULL, NULL },
    { OTHER, "a2 SEARCH SUBJECT e\r\n", "a2 OK", "a2 ", NULL, NULL },
    { OTHER, "a3 SORT (SUBJECT) UTF-8 ALL\r\n", "a3 OK", "a3 ", NULL, NULL },
    { OTHER, "a4 THREAD REFERENCES UTF-8 ALL\r\n", "a4 OK", "a4 ", NULL, NULL },
    { OTHER, "a5 NOOP\r\n", "a5 OK", "a5 ", NULL, NULL },
};

struct caller {
    struct connection *connection;   /* NULL: not connected */
    struct buf heard;                /* since it last spoke; only what a commit has let out */
    bool cut;
};

struct play {
    struct world *world;
    struct caller callers[CLIENTS];
    uint64_t ms;
    int troubled;
    bool done[COUNT(steps)], refused[COUNT(steps)];
    int cuts;
};

static void on_closed(struct connection *connection, enum side side, void *own, enum trace_by by)
{
    struct caller *caller = own;
    (void)connection, (void)side, (void)by;
    caller->connection = NULL;
    caller->cut = true;
}

/* What the gateway does: a turn, and only behind it anybody learns of it. */
static void round_run(struct play *play)
{
    struct error why = { "" };
    play->ms += 5;
    if (inbound_trouble(play->world) && ++play->troubled >= TROUBLE_ROUNDS &&
        inbound_recover(play->world, &why))
        play->troubled = 0;
    (void)spare_put_by(PUT_BY_BYTES);
    inbound_at(play->world, play->ms);
    (void)inbound_run_due(play->world);
    inbound_work(play->world);
    ck_assert_msg(inbound_commit(play->world, &why), "%s", why.text);
    for (size_t i = 0; i < CLIENTS; i++) {
        struct caller *caller = &play->callers[i];
        slice said = caller->connection ? net_peek(caller->connection, SIDE_CLIENT) : SLICE_EMPTY;
        if (said.len && buf_add(&caller->heard, said))
            inbound_take(play->world, caller->connection, said.len);
    }
}

static void leave(struct play *play, struct caller *caller)
{
    inbound_break(play->world, caller->connection);
    for (int i = 0; i < ROUNDS_MAX && caller->connection; i++)
        round_run(play);
    ck_assert_ptr_null(caller->connection);
}

static slice last_line_of(const struct buf *heard)
{
    slice rest = buf_slice(heard), last = SLICE_EMPTY;
    while (rest.len) {
        slice line = take_until(&rest, '\n');
        if (rest.len || heard->at[heard->len - 1] == '\n')
            last = line;
    }
    return last;
}

/* Until the last line begins so, or with a refusal. */
static slice say(struct play *play, enum who who, const char *text, const char *done,
                 const char *refused)
{
    struct caller *caller = &play->callers[who];
    buf_clear(&caller->heard);
    if (caller->connection && net_room(caller->connection, SIDE_CLIENT) < strlen(text))
        leave(play, caller); /* the server has closed */
    if (caller->connection)
        inbound_say(play->world, caller->connection, slice_of(text));
    for (int i = 0; i < ROUNDS_MAX && caller->connection; i++) {
        round_run(play);
        slice line = last_line_of(&caller->heard);
        bool status = !slice_starts(line, "* ") && !(line.len > 3 && line.at[3] == '-');
        if (line.len && status && (slice_starts(line, done) || slice_starts(line, refused)))
            return line;
    }
    return SLICE_EMPTY;
}

static bool connect(struct play *play, enum who who)
{
    struct caller *caller = &play->callers[who];
    for (int tries = 0; tries < 8 && !caller->connection; tries++) {
        struct endpoint end = { .closed = on_closed };
        caller->connection = inbound_open(play->world, callers[who].port, end, caller);
        for (int i = 0; i < 8 && caller->connection && !caller->heard.len; i++)
            round_run(play);
        if (caller->connection)
            say(play, who, callers[who].hello, callers[who].ready, callers[who].ready);
        for (int i = 0; i < TROUBLE_ROUNDS + 2; i++)
            round_run(play);
        if (caller->connection && !slice_starts(last_line_of(&caller->heard), callers[who].ready))
            leave(play, caller);
    }
    return caller->connection != NULL;
}

static void step_play(struct play *play, size_t i)
{
    const struct step *step = &steps[i];
    struct caller *caller = &play->callers[step->who];
    if (!caller->connection && !connect(play, step->who))
        ck_abort_msg("nobody is served any more");
    caller->cut = false;
    slice line = say(play, step->who, step->says, step->done, step->refused);
    play->done[i] = line.len && slice_starts(line, step->done);
    play->refused[i] = line.len && !play->done[i];
    play->cuts += caller->cut;
}

static void checks_run(struct play *play, const char *path, const char *what, uint64_t n)
{
    struct error why = { "" };
    struct buf report = BUF_MAX(65536);
    struct world *world = world_new(path, NULL, sim_tables, SLICE_EMPTY, SLICE("sweep"), &why);
    ck_assert_msg(world != NULL, "%s %llu: %s", what, (unsigned long long)n, why.text);
    ck_assert_msg(store_fsck(world->store, &report), "%s %llu: %s", what, (unsigned long long)n,
                  buf_text(&report));
    ck_assert(world_wait(world, 6 * 3600000, &why)); /* what waits in a queue is delivered */
    for (size_t i = 0; i < COUNT(steps); i++) {
        const char *claim = play->done[i] ? steps[i].holds : play->refused[i] ? steps[i].holds_not
                                                                             : NULL;
        if (!claim)
            continue;
        struct refused refused;
        ck_assert_int_eq(run_slice(world, slice_of(claim), &refused), LINE_RUN);
        ck_assert_msg(!world->script->check_failed, "%s %llu: \"%.30s\" was %s, but: %s", what,
                      (unsigned long long)n, steps[i].says, play->done[i] ? "done" : "refused",
                      claim);
    }
    world_free(world);
    buf_free(&report);
}

/* --- the files ------------------------------------------------------------------------------ */

static char directory[200], template[260], path[260];

static void directory_make(void)
{
    struct error why = { "" };
    const char *base = getenv("TMPDIR");
    snprintf(directory, sizeof directory, "%s/pennypost-sweep-XXXXXX", base ? base : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(template, sizeof template, "%s/template", directory);
    snprintf(path, sizeof path, "%s/world", directory);
    struct world *world = world_new(template, NULL, sim_tables, slice_of(default_world),
                                    SLICE("default"), &why);
    ck_assert_msg(world != NULL, "%s", why.text);
    world_free(world);
}

static void directory_remove(void)
{
    static const char *const ends[] = { "", "-wal", "-journal" };
    char name[300];
    for (size_t i = 0; i < COUNT(ends); i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
    unlink(template);
    rmdir(directory);
}

static void template_copy(void)
{
    char octets[65536], name[300];
    snprintf(name, sizeof name, "%s-wal", path);
    unlink(name);
    FILE *from = fopen(template, "rb"), *to = fopen(path, "wb");
    ck_assert(from != NULL && to != NULL);
    for (size_t got; (got = fread(octets, 1, sizeof octets, from)) > 0;)
        ck_assert_uint_eq(fwrite(octets, 1, got, to), got);
    fclose(from);
    ck_assert_int_eq(fclose(to), 0);
}

/* --- a play ------------------------------------------------------------------------------- */

static void failure_order(struct world *world, int kind, uint64_t n)
{
    faulty_at(kind < FAULTY_KINDS ? (enum faulty)kind : FAULTY_READ, kind < FAULTY_KINDS ? n : 0);
    store_fail_at(world->store, kind == STATEMENT ? n : 0);
    spare_fail_at(kind == MEMORY ? n : 0);
}

/* With the n-th of that kind failing; 0: none. How many there were. */
static uint64_t play_once(int kind, uint64_t n, const char *what, int *cuts)
{
    struct error why = { "" };
    struct inbound_start start = { .host = SLICE("mail.campus.example"), .real_link = true };
    struct play play = { .world = NULL };
    template_copy();
    play.world = world_new(path, NULL, sim_tables, SLICE_EMPTY, SLICE("sweep"), &why);
    ck_assert_msg(play.world != NULL, "%s", why.text);
    for (size_t i = 0; i < CLIENTS; i++)
        play.callers[i].heard = BUF_MAX(1u << 20);
    ck_assert_msg(inbound_on(play.world, &start, &why), "%s", why.text);
    if (kind == FAULTY_READ) /* else everything is in the cache */
        ck_assert(store_tamper(play.world->store, "PRAGMA cache_size = 4", &why));
    failure_order(play.world, kind, n);
    for (size_t i = 0; i < COUNT(steps); i++)
        step_play(&play, i);
    uint64_t count = kind < FAULTY_KINDS ? faulty_count((enum faulty)kind)
                     : kind == STATEMENT ? store_statements(play.world->store)
                                         : spare_count();
    failure_order(play.world, STATEMENT, 0);
    for (size_t i = 0; i < CLIENTS; i++)
        buf_free(&play.callers[i].heard);
    may_fail(inbound_off(play.world, &why)); /* that it fails is what is tried */
    world_free(play.world);
    for (size_t i = 0; n == 0 && i < COUNT(steps); i++)
        ck_assert_msg(play.done[i], "without a failure \"%s\" is not done", steps[i].says);
    checks_run(&play, path, what, n);
    *cuts += play.cuts;
    return count;
}

static const char *const kinds[KINDS] = { "read", "write", "sync", "allocation", "statement",
                                          "memory" };

START_TEST(sweep)
{
    const char *wish = getenv("SWEEP");
    bool all = wish && strcmp(wish, "all") == 0;
    int cuts = 0, tried = 0;
    uint64_t count = play_once(_i, 0, kinds[_i], &cuts);
    ck_assert_int_eq(cuts, 0);
    uint64_t step = all || count <= SAMPLES ? 1 : count / SAMPLES;
    for (uint64_t n = 1; n <= count; n += step, tried++)
        play_once(_i, n, kinds[_i], &cuts);
    printf("# %s: %llu in a play, %d of them failed one by one, %d connections cut\n", kinds[_i],
           (unsigned long long)count, tried, cuts);
}
END_TEST

/* The world's own values are no command of anybody: what could not be written is written the next
   time, and the counter of ids never falls back. */
START_TEST(values_are_kept_in_the_end)
{
    struct error why = { "" };
    int failed = 0;
    bool happened = true;
    for (uint64_t n = 1; happened; n++) {
        template_copy();
        struct world *world = world_new(path, NULL, sim_tables, SLICE_EMPTY, SLICE("sweep"), &why);
        ck_assert_msg(world != NULL, "%s", why.text);
        ck_assert(world_wait(world, 60000, &why) && world_remember(world, &why));
        ck_assert(world_wait(world, 60000, &why));
        uint64_t ids = world->ids.count += 7, now_ms = world_now_ms(world);
        store_fail_at(world->store, n);
        bool kept = world_remember(world, &why);
        happened = store_statements(world->store) >= n;
        store_fail_at(world->store, 0);
        failed += !kept; /* by its commit: the turn is lost, and that is said */
        bool again = kept && world_remember(world, &why);
        world_free(world);
        ck_assert_int_eq(kept, again);
        world = world_new(path, NULL, sim_tables, SLICE_EMPTY, SLICE("sweep"), &why);
        ck_assert_msg(world != NULL, "%s", why.text);
        if (kept) {
            ck_assert_uint_eq(world->ids.count, ids);
            ck_assert_uint_eq(world_now_ms(world), now_ms);
        }
        world_free(world);
    }
    ck_assert_int_le(failed, 1);
}
END_TEST

int main(void)
{
    faulty_begin();
    Suite *suite = suite_create("sweep");
    TCase *tcase = tcase_create("sweep");
    tcase_add_checked_fixture(tcase, directory_make, directory_remove);
    tcase_set_timeout(tcase, 3600);
    tcase_add_loop_test(tcase, sweep, 0, KINDS);
    tcase_add_test(tcase, values_are_kept_in_the_end);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
