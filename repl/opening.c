/* opening.c: which world a program starts with, where it lies, and how it ends. Worlds are
   opened, scripts are read, and nothing that is somebody's is ever written over. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/heap.h"
#include "lessons/course.h"
#include "repl/repl.h"
#include "repl/terminal.h"
#include "servers/store/store.h"
#include "sim/language/build.h"
#include "sim/world.h"

#define SCRIPT_FILE_MAX (256u << 20)
#define COPY_BYTES 65536
#define COPIES_MAX 50            /* tries at a file that somebody writes to */
#define COPY_QUIET_NS 20000000L  /* longer than a file system's clock stands still */
#define OWN_NAME "default.world"

void say_error(const struct error *why) { terminal_error("%s", why->text); }

/* --- files -------------------------------------------------------------------------------- */

bool opening_file_read(const char *path, struct buf *text, struct error *why)
{
    char octets[COPY_BYTES];
    ssize_t count = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_set(why, "%s can't be read: %s", path, strerror(errno));
    while ((count = read(fd, octets, sizeof octets)) > 0 &&
           buf_add(text, (slice){ octets, (size_t)count }))
        continue;
    if (count < 0)
        error_set(why, "%s can't be read: %s", path, strerror(errno));
    else if (count > 0)
        error_set(why, "%s is larger than %zu %s", path,
                  text->max >> (text->max < 1u << 20 ? 10 : 20),
                  text->max < 1u << 20 ? "KiB" : "MiB");
    close(fd);
    return count == 0;
}

static bool octets_copy(int from, int to)
{
    char octets[COPY_BYTES];
    ssize_t count;
    while ((count = read(from, octets, sizeof octets)) > 0)
        for (ssize_t done = 0, now = 0; done < count; done += now)
            if ((now = write(to, octets + done, (size_t)(count - done))) < 0)
                return false;
    return count == 0;
}

static bool file_copy(const char *from, int to, struct error *why)
{
    int fd = open(from, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_set(why, "%s can't be read: %s", from, strerror(errno));
    bool copied = octets_copy(fd, to);
    if (!copied)
        error_set(why, "%s can't be copied: %s", from, strerror(errno));
    close(fd);
    return copied;
}

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* With the log beside it; 0: it is not there. */
static uint64_t file_bytes(const char *path)
{
    char log[PATH_BYTES_MAX];
    struct stat file = { 0 }, beside = { 0 };
    snprintf(log, sizeof log, "%s-wal", path);
    return (stat(path, &file) == 0 ? (uint64_t)file.st_size : 0) +
           (stat(log, &beside) == 0 ? (uint64_t)beside.st_size : 0);
}

/* --- worlds ------------------------------------------------------------------------------- */

void opening_take(struct repl *repl, struct world *world, const char *name)
{
    repl->world = world;
    world->front = &repl->front;
    world->script->hand_over = files_hand_over;
    world->script->told = show_told;
    snprintf(repl->world_name, sizeof repl->world_name, "%s", name);
}

/* In memory, with a time that can be turned, and the file follows; a large one only in the file,
   and so does what many clients write to. NULL: why. */
static struct world *world_read(struct repl *repl, const char *path, const uint64_t *seed,
                                struct error *why)
{
    struct timeline_start start = { seed, repl_tables, slice_of(default_world), SLICE("default"),
                                    path, repl->plays };
    if (repl->serves || !heap_is_possible() || file_bytes(path) > WORLD_TURNED_BYTES_MAX)
        return world_new(path, seed, repl_tables, start.script, start.name, why);
    repl->timeline = timeline_open(&start, why);
    return repl->timeline ? timeline_world(repl->timeline) : NULL;
}

static enum exit_code world_open_file(struct repl *repl, const char *path,
                                      const struct options *options, enum store_file kind)
{
    struct error why = { "" };
    const uint64_t *seed = kind == STORE_ABSENT ? options->seed : NULL;
    mode_t before = umask(077); /* the passwords are in it, and in SQLite's log beside it */
    struct world *world = world_read(repl, path, seed, &why);
    umask(before);
    if (!world) {
        say_error(&why);
        return EXIT_TROUBLE;
    }
    opening_take(repl, world, kind == STORE_ABSENT ? "default" : file_name(path));
    repl->continues = kind != STORE_ABSENT;
    if (kind == STORE_ABSENT && !opening_follow(repl))
        return EXIT_TROUBLE;
    if (!options->seed || world->seed == *options->seed)
        return EXIT_GOOD;
    terminal_error("the seed of %s is %llu, not %llu: a seed belongs to its world", path,
                   (unsigned long long)world->seed, (unsigned long long)*options->seed);
    return EXIT_USAGE;
}

/* In memory, with a time that can be turned, unless real clients come: what they have seen stays,
   and a trace that can be turned back is kept whole. Who steers may let them go. NULL: why. */
static struct world *world_build(struct repl *repl, const struct options *options, slice script,
                                 slice name, struct error *why)
{
    struct timeline_start start = { options->seed, repl_tables, script, name, NULL, repl->plays };
    if (repl->serves && !repl->steered)
        return world_new(NULL, options->seed, repl_tables, script, name, why);
    repl->timeline = timeline_open(&start, why);
    return repl->timeline ? timeline_world(repl->timeline) : NULL;
}

/* "lab.post:3:5: reason": shown with the line and a caret. */
static void say_wrong_script(const struct repl *repl, const char *path, slice script,
                             const struct error *why)
{
    slice reason = slice_of(why->text), name = slice_of(file_name(path)), line = SLICE_EMPTY;
    uint64_t number, column;
    bool placed = slice_starts(reason, file_name(path));
    reason = slice_from(reason, placed ? name.len : 0);
    placed = placed && take_char(&reason, ':') && take_number(&reason, UINT32_MAX, &number) &&
             take_char(&reason, ':') && take_number(&reason, UINT32_MAX, &column) &&
             take_prefix(&reason, ": ");
    if (!placed) {
        say_error(why);
        return;
    }
    for (uint64_t i = 0; i < number; i++)
        line = take_until(&script, '\n');
    show_wrong_line(repl, path, number, line, (size_t)column - 1, reason.at);
}

static enum exit_code world_from_script(struct repl *repl, const char *path,
                                        const struct options *options)
{
    struct error why = { "" };
    struct buf script = BUF_MAX(SCRIPT_FILE_MAX);
    enum exit_code result = EXIT_GOOD;
    if (!opening_file_read(path, &script, &why)) {
        say_error(&why);
        buf_free(&script);
        return EXIT_TROUBLE;
    }
    slice lines = buf_slice(&script);
    take_prefix(&lines, BYTE_ORDER_MARK);
    struct world *world = world_build(repl, options, lines, slice_of(file_name(path)), &why);
    if (world) {
        opening_take(repl, world, file_name(path));
    } else {
        say_wrong_script(repl, path, lines, &why);
        result = EXIT_USAGE;
    }
    buf_free(&script);
    return result;
}

static enum exit_code world_in_memory(struct repl *repl, const struct options *options)
{
    struct error why = { "" };
    struct world *world = world_build(repl, options, slice_of(default_world), SLICE("default"),
                                      &why);
    if (!world) {
        say_error(&why);
        return EXIT_TROUBLE;
    }
    opening_take(repl, world, "default");
    return EXIT_GOOD;
}

/* --- the learner's own world -------------------------------------------------------------- */

static bool directories_make(char *path, struct error *why)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool made = mkdir(path, 0700) == 0 || errno == EEXIST;
        if (!made)
            error_set(why, "%s can't be made: %s", path, strerror(errno));
        *slash = '/';
        if (!made)
            return false;
    }
    return true;
}

bool opening_own_path(char *path, size_t size, const char *name, struct error *why)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    int length;
    if (data && data[0] == '/')
        length = snprintf(path, size, "%s/pennypost/%s", data, name);
    else if (home && home[0] == '/')
        length = snprintf(path, size, "%s/.local/share/pennypost/%s", home, name);
    else
        return error_set(why, "there is no home directory (HOME is not set)");
    if (length < 0 || (size_t)length >= size)
        return error_set(why, "the home directory's name is too long");
    return directories_make(path, why);
}

/* Could a world be written there? Asked only when opening it failed. */
static bool path_is_writable(const char *path)
{
    char directory[PATH_BYTES_MAX];
    snprintf(directory, sizeof directory, "%s", path);
    char *slash = strrchr(directory, '/');
    if (slash)
        *slash = '\0';
    bool there = access(path, F_OK) == 0;
    return access(slash ? directory : ".", W_OK) == 0 && (!there || access(path, W_OK) == 0);
}

static enum exit_code warn_memory(struct repl *repl, const struct options *options,
                                  const struct error *why)
{
    say_error(why);
    terminal_error("this world lives in memory and is gone when you leave");
    return world_in_memory(repl, options);
}

/* The old world stays beside as NAME.old; one that is in use is left alone. */
static bool world_set_aside(const char *path, struct error *why)
{
    char old[PATH_BYTES_MAX + 8];
    if (store_look(path, why) == STORE_WORLD) {
        struct world *world = world_new(path, NULL, repl_tables, SLICE_EMPTY, SLICE("old"), why);
        if (!world)
            return false;
        world_free(world);
    }
    snprintf(old, sizeof old, "%s.old", path);
    if (rename(path, old) != 0 && errno != ENOENT)
        return error_set(why, "%s can't be set aside: %s", path, strerror(errno));
    return true;
}

static enum exit_code open_own(struct repl *repl, const struct options *options)
{
    char path[PATH_BYTES_MAX];
    struct error why = { "" };
    if (!opening_own_path(path, sizeof path, OWN_NAME, &why))
        return warn_memory(repl, options, &why);
    if (options->fresh && !world_set_aside(path, &why)) {
        say_error(&why);
        return EXIT_TROUBLE;
    }
    enum store_file kind = store_look(path, &why);
    if ((kind == STORE_ABSENT || kind == STORE_WORLD) && !path_is_writable(path)) {
        error_set(&why, "%s can't be written", path);
        return warn_memory(repl, options, &why);
    }
    if (kind == STORE_ABSENT || kind == STORE_WORLD) {
        enum exit_code opened = world_open_file(repl, path, options, kind);
        if (opened == EXIT_TROUBLE)
            terminal_error("--world other.world has a world of its own in this window");
        return opened;
    }
    if (kind == STORE_TEXT)
        error_set(&why, "%s is no world", path);
    say_error(&why);
    terminal_error("--fresh sets it aside and begins anew");
    return EXIT_TROUBLE;
}

/* --- for the prompt, for run -------------------------------------------------------------- */

enum exit_code opening_for_prompt(struct repl *repl, const struct options *options)
{
    struct error why = { "" };
    if (!options->world)
        return open_own(repl, options);
    enum store_file kind = store_look(options->world, &why);
    if (options->fresh && kind == STORE_WORLD) {
        if (!world_set_aside(options->world, &why)) {
            say_error(&why);
            return EXIT_TROUBLE;
        }
        kind = STORE_ABSENT;
    }
    if (kind == STORE_TEXT)
        return world_from_script(repl, options->world, options);
    if (kind == STORE_ABSENT || kind == STORE_WORLD)
        return world_open_file(repl, options->world, options, kind);
    say_error(&why);
    return EXIT_TROUBLE;
}

/* SQLite keeps what is not yet in the file beside it, as FILE-wal: the file first, then the log,
   whose torn end SQLite leaves out. */
static bool copy_once(struct repl *repl, const char *path, int fd, struct error *why)
{
    char log_from[PATH_BYTES_MAX], log_to[sizeof repl->copy + 4];
    if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0)
        return error_set(why, "a copy of %s can't be made: %s", path, strerror(errno));
    if (!file_copy(path, fd, why))
        return false;
    snprintf(log_from, sizeof log_from, "%s-wal", path);
    snprintf(log_to, sizeof log_to, "%s-wal", repl->copy);
    unlink(log_to);
    if (access(log_from, F_OK) != 0)
        return true;
    int log = open(log_to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (log < 0)
        return error_set(why, "%s can't be written: %s", log_to, strerror(errno));
    bool copied = file_copy(log_from, log, why);
    close(log);
    return copied;
}

static bool times_equal(struct timespec one, struct timespec other)
{
    return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec;
}

/* Nobody wrote to the file between these two looks, nor so shortly before the first that its time
   could not tell. */
static bool stood_still(const struct stat *before, const struct stat *after, struct timespec began)
{
    int64_t quiet_ns = (int64_t)(began.tv_sec - before->st_mtim.tv_sec) * 1000000000 +
                       (began.tv_nsec - before->st_mtim.tv_nsec);
    return before->st_dev == after->st_dev && before->st_ino == after->st_ino &&
           before->st_size == after->st_size && times_equal(before->st_mtim, after->st_mtim) &&
           (quiet_ns < 0 || quiet_ns > COPY_QUIET_NS);
}

/* Another program may have the world open and write to it, and lets nobody else lock it. What it
   writes to the file it has in its log before: a file that stood still while it and then its log
   were copied is whole with it. */
static bool copy_whole(struct repl *repl, const char *path, int fd, struct error *why)
{
    struct stat before, after;
    struct timespec began, pause = { .tv_nsec = COPY_QUIET_NS };
    for (int i = 0; i < COPIES_MAX; i++) {
        clock_gettime(CLOCK_REALTIME, &began);
        if (stat(path, &before) != 0 || !copy_once(repl, path, fd, why) || stat(path, &after) != 0)
            return false;
        if (stood_still(&before, &after, began))
            return true;
        nanosleep(&pause, NULL);
    }
    return error_set(why, "%s is open in another program, which writes to it all the time: stop "
                          "it, or try again", path);
}

static bool copy_make(struct repl *repl, const char *path, struct error *why)
{
    const char *directory = getenv("TMPDIR");
    snprintf(repl->copy, sizeof repl->copy, "%.400s/pennypost.XXXXXX",
             directory && directory[0] ? directory : "/tmp");
    int fd = mkstemp(repl->copy);
    if (fd < 0) {
        repl->copy[0] = '\0';
        return error_set(why, "a copy of %s can't be made: %s", path, strerror(errno));
    }
    bool copied = copy_whole(repl, path, fd, why);
    close(fd);
    return copied;
}

static void copy_remove(struct repl *repl)
{
    static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
    char path[sizeof repl->copy + 16];
    for (size_t i = 0; repl->copy[0] && i < COUNT(ends); i++) {
        snprintf(path, sizeof path, "%s%s", repl->copy, ends[i]);
        unlink(path);
    }
    repl->copy[0] = '\0';
}

static enum exit_code open_copy(struct repl *repl, const struct options *options)
{
    struct error why = { "" };
    if (!copy_make(repl, options->world, &why)) {
        say_error(&why);
        copy_remove(repl);
        return EXIT_TROUBLE;
    }
    enum exit_code result = world_open_file(repl, repl->copy, options, STORE_WORLD);
    snprintf(repl->world_name, sizeof repl->world_name, "%s", file_name(options->world));
    if (result != EXIT_GOOD && !repl->world)
        copy_remove(repl);
    return result;
}

enum exit_code opening_for_run(struct repl *repl, const struct options *options)
{
    struct error why = { "" };
    repl->plays = true;
    if (!options->world)
        return world_in_memory(repl, options);
    enum store_file kind = store_look(options->world, &why);
    if (kind == STORE_TEXT)
        return world_from_script(repl, options->world, options);
    if (kind == STORE_WORLD)
        return open_copy(repl, options);
    if (kind == STORE_ABSENT)
        error_set(&why, "%s is not there", options->world);
    say_error(&why);
    return EXIT_TROUBLE;
}

bool opening_follow(struct repl *repl)
{
    struct error why = { "" };
    bool kept = store_follow(repl->world->store, &why);
    if (!kept && !repl->behind)
        terminal_error("%s; what you do is in memory only until it can be written", why.text);
    if (kept && repl->behind)
        terminal_error("%s is written again, and nothing is missing in it",
                       store_path(repl->world->store));
    repl->behind = !kept;
    return kept;
}

/* --- the end ------------------------------------------------------------------------------ */

void opening_trace_end(struct repl *repl, enum exit_code result)
{
    struct buf digest = BUF_MAX(32);
    struct world *world = repl->world;
    digest_add(world, "", &digest);
    trace_add(
        world->trace, clock_ns(world->clock),
        &(struct trace_record){ .kind = TRACE_END, .text = buf_slice(&digest), .bytes = result });
    buf_free(&digest);
}

enum exit_code opening_end(struct repl *repl, enum exit_code result)
{
    struct error why = { "" };
    if (repl->world) {
        if (!world_finish(repl->world, &why) && result != EXIT_USAGE) {
            say_error(&why);
            result = EXIT_TROUBLE;
        }
        if (!opening_follow(repl)) {
            terminal_error("what was done since it was last written is lost");
            result = EXIT_TROUBLE;
        }
        show_new(repl, true);
        if (repl->json) {
            opening_trace_end(repl, result);
            show_new(repl, true);
        }
        if (repl->timeline)
            timeline_close(repl->timeline);
        else
            world_free(repl->world);
        repl->timeline = NULL;
        repl->world = NULL;
    }
    conns_free(&repl->front.conns);
    buf_free(&repl->front.watched_text);
    copy_remove(repl);
    return result;
}

/* --- fsck --------------------------------------------------------------------------------- */

static uint64_t clock_stands(void *context)
{
    (void)context;
    return (uint64_t)EPOCH_MS;
}

/* Who may only read a world checks a copy: opening one writes to it. */
static struct store *fsck_open(struct repl *repl, const char *path, struct error *why)
{
    const struct store_clock clock = { clock_stands, clock_stands, NULL };
    bool copies = access(path, W_OK) != 0;
    if (copies && !copy_make(repl, path, why))
        return NULL;
    return store_open_for_fsck(copies ? repl->copy : path, clock, why);
}

enum exit_code fsck_world(const char *path)
{
    static struct repl repl; /* for its copy */
    struct error why = { "" };
    enum store_file kind = store_look(path, &why);
    struct store *store = NULL;
    if (kind == STORE_ABSENT)
        error_set(&why, "%s is not there", path);
    else if (kind == STORE_TEXT)
        error_set(&why, "%s is no world but a text (`pennypost run` plays scripts)", path);
    else if (kind == STORE_WORLD)
        store = fsck_open(&repl, path, &why);
    if (!store) {
        copy_remove(&repl);
        say_error(&why);
        return EXIT_TROUBLE;
    }
    struct buf report = BUF_MAX(16u << 20);
    bool sound = store_fsck(store, &report);
    store_close(store);
    copy_remove(&repl);
    terminal_draw(stdout, buf_slice(&report));
    terminal_say(stdout, "%s: %s\n", path, sound ? "sound" : "NOT sound");
    buf_free(&report);
    return sound ? EXIT_GOOD : EXIT_CHECK;
}
