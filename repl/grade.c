/* grade.c: `pennypost grade`: finds hand-ins, has each graded, and writes the report. A hand-in is
   a stranger's: each is run in a process of its own, with limits, and what comes out of that is a
   line of JSON, the same that `grade --json` prints and `grade --merge` reads. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/words.h"
#include "lessons/report.h"
#include "repl/repl.h"
#include "repl/terminal.h"

#define DEPTH_MAX 16
#define CPU_SECONDS_MAX 10           /* an honest one takes some hundredths */
#define MEMORY_BYTES_MAX (1u << 30)   /* an honest one takes 12 MB */
#define APART_MAX 16
#define UNLIMITED 3           /* a child that could not be limited ends so */
#define MERGE_BYTES_MAX (1u << 30)
#define REPORT_BYTES_MAX (1u << 30)

/* One that is being graded. */
struct apart {
    pid_t child;
    int from;                        /* what it says, */
    char *path;                      /* of this file */
};

struct grader {
    const struct options *options;
    const struct grade_options *wanted;
    struct grading grading;
    struct repl front;               /* what the lines run before: it has no window and no files */
    struct entries roster, points;
    struct report report;
    bool trouble;                    /* a file could not be read */
    struct apart apart[APART_MAX];   /* a ring: so many at once, told in their order */
    size_t first, count, at_once;
};

/* --- one hand-in --------------------------------------------------------------------------- */

static void front_enter(void *context, struct world *world)
{
    struct grader *grader = context;
    world->front = &grader->front.front;
    world->script->told = NULL;
    world->script->hand_over = NULL;
}

static void grade_tell(const struct grader *grader, slice file, slice text, int to)
{
    struct buf line = BUF_MAX(GRADE_JSON_MAX * 2);
    struct grade grade;
    grade_handin(&grader->grading, file, text, &grade);
    grade_write(&grade, &line);
    files_octets_write(to, buf_slice(&line));
    buf_free(&line);
}

/* The child of the two. */
static _Noreturn void grade_caged(const struct grader *grader, slice file, slice text, int to)
{
    struct rlimit cpu = { CPU_SECONDS_MAX, CPU_SECONDS_MAX + 1 }, none = { 0, 0 };
    bool limited = setrlimit(RLIMIT_CPU, &cpu) == 0 && setrlimit(RLIMIT_CORE, &none) == 0 &&
                   setrlimit(RLIMIT_FSIZE, &none) == 0;
#ifndef ARENA_MALLOC                 /* sanitizers reserve terabytes */
    struct rlimit memory = { MEMORY_BYTES_MAX, MEMORY_BYTES_MAX };
    limited = limited && setrlimit(RLIMIT_AS, &memory) == 0;
#endif
    if (!limited)
        _exit(UNLIMITED);
    grade_tell(grader, file, text, to);
    _exit(0);
}

static void child_died(slice file, int status, struct buf *line)
{
    struct grade grade = { .file = file, .replay = REPLAY_BROKEN };
    struct buf why = BUF_MAX(sizeof grade.why - 1);
    if (WIFEXITED(status) && WEXITSTATUS(status) == UNLIMITED)
        buf_format(&why, "this machine sets no limits for it, so it was not played");
    else if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL))
        buf_format(&why, "it takes longer than %d seconds", CPU_SECONDS_MAX);
    else
        buf_format(&why, "it stops the program, as more than 1 GiB of memory does");
    FIELD_SET(grade.why, buf_slice(&why));
    buf_clear(line);
    grade_write(&grade, line);
    buf_free(&why);
}

static void pipe_read(int from, struct buf *line)
{
    char octets[4096];
    ssize_t count;
    while ((count = read(from, octets, sizeof octets)) > 0 || (count < 0 && errno == EINTR))
        if (count > 0)
            buf_add(line, (slice){ octets, (size_t)count });
}

static bool line_add(struct grader *grader, slice line, struct error *why)
{
    struct grade grade;
    struct arena arena = { 0 };
    bool ok = grade_read(&grade, line, &arena, why);
    if (ok)
        report_add(&grader->report, &grade);
    arena_free(&arena);
    return ok;
}

/* The oldest of those that are under way. */
static void apart_end(struct grader *grader)
{
    struct apart *apart = &grader->apart[grader->first];
    struct buf line = BUF_MAX(GRADE_JSON_MAX * 2);
    struct error why;
    int status = 0;
    pipe_read(apart->from, &line);
    close(apart->from);
    while (waitpid(apart->child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (status != 0)
        child_died(slice_of(apart->path), status, &line);
    slice rest = buf_slice(&line);
    if (grader->options->json)
        terminal_octets(stdout, rest);
    if (!line_add(grader, take_until(&rest, '\n'), &why)) {
        terminal_error("%s: %s", apart->path, why.text);
        grader->trouble = true;
    }
    free(apart->path);
    buf_free(&line);
    grader->first = (grader->first + 1) % APART_MAX;
    grader->count--;
}

static void handin_grade(struct grader *grader, const char *path, slice text)
{
    struct apart *apart = &grader->apart[(grader->first + grader->count) % APART_MAX];
    int ends[2] = { -1, -1 };
    fflush(NULL);
    bool ready = pipe(ends) == 0;
    pid_t child = ready ? fork() : -1;
    if (child == 0) {
        close(ends[0]);
        grade_caged(grader, slice_of(path), text, ends[1]);
    }
    if (ready)
        close(ends[1]);
    if (child < 0) {
        terminal_error("%s: no process can be begun for it: %s", path, strerror(errno));
        grader->trouble = true;
        if (ready)
            close(ends[0]);
        return;
    }
    *apart = (struct apart){ child, ends[0], strdup(path) };
    must(apart->path != NULL);
    if (++grader->count == grader->at_once)
        apart_end(grader);
}

/* --- files --------------------------------------------------------------------------------- */

static void file_grade(struct grader *grader, const char *path)
{
    struct buf text = BUF_MAX(HANDIN_BYTES_MAX + 1);
    struct error why = { "" };
    if (opening_file_read(path, &text, &why) || text.full) {
        if (text.full) /* its reader says that it is too large */
            while (buf_add_char(&text, '\n'))
                continue;
        handin_grade(grader, path, buf_slice(&text));
    } else {
        say_error(&why);
        grader->trouble = true;
    }
    buf_free(&text);
}

static int is_visible(const struct dirent *entry) { return entry->d_name[0] != '.'; }

static bool ends_in_txt(const char *path)
{
    size_t len = strlen(path);
    return len > 4 && strcmp(path + len - 4, ".txt") == 0;
}

static void place_grade(struct grader *grader, const char *path, int depth);

/* What a learning platform has packed: folders of students, with files of any name. */
static void folder_grade(struct grader *grader, const char *path, int depth)
{
    struct dirent **entries;
    int count = depth < DEPTH_MAX ? scandir(path, &entries, is_visible, files_by_name) : -1;
    if (count < 0) {
        terminal_error("%s can't be read: %s", path,
                       depth < DEPTH_MAX ? strerror(errno) : "too many folders in each other");
        grader->trouble = true;
        return;
    }
    for (int i = 0; i < count; i++) {
        char inside[PATH_BYTES_MAX];
        int length = snprintf(inside, sizeof inside, "%s/%s", path, entries[i]->d_name);
        if (length > 0 && (size_t)length < sizeof inside)
            place_grade(grader, inside, depth + 1);
        free(entries[i]);
    }
    free(entries);
}

/* In a folder only files that end in .txt are looked at, and no links. */
static void place_grade(struct grader *grader, const char *path, int depth)
{
    struct stat about;
    bool there = (depth ? lstat(path, &about) : stat(path, &about)) == 0;
    if (there && S_ISDIR(about.st_mode))
        folder_grade(grader, path, depth);
    else if (!depth || (there && S_ISREG(about.st_mode) && ends_in_txt(path)))
        file_grade(grader, path);
}

static bool lines_merge(struct grader *grader, const char *path)
{
    struct buf text = BUF_MAX(MERGE_BYTES_MAX);
    struct error why = { "" };
    bool read = opening_file_read(strcmp(path, "-") == 0 ? "/dev/stdin" : path, &text, &why),
         ok = read;
    slice rest = buf_slice(&text);
    if (!read) {
        say_error(&why);
        grader->trouble = true;
    }
    for (uint64_t number = 1; ok && rest.len; number++) {
        slice line = take_until(&rest, '\n');
        ok = !line.len || line_add(grader, line, &why);
        if (!ok)
            terminal_error("%s:%llu: %s", path, (unsigned long long)number, why.text);
    }
    buf_free(&text);
    return ok;
}

/* --- tables -------------------------------------------------------------------------------- */

typedef bool table_fn(struct entries *, slice text, uint64_t *line, struct error *);

static enum exit_code table_open(const char *path, table_fn *reads, struct entries *entries)
{
    struct buf text = BUF_MAX(ROSTER_BYTES_MAX);
    struct error why = { "" };
    uint64_t line = 0;
    enum exit_code result = EXIT_GOOD;
    if (!opening_file_read(path, &text, &why)) {
        say_error(&why);
        result = EXIT_TROUBLE;
    } else if (!reads(entries, buf_slice(&text), &line, &why)) {
        if (line)
            terminal_error("%s:%llu: %s", path, (unsigned long long)line, why.text);
        else
            terminal_error("%s: %s", path, why.text);
        result = EXIT_USAGE;
    }
    buf_free(&text);
    return result;
}

static enum exit_code tables_open(struct grader *grader)
{
    const struct grade_options *wanted = grader->wanted;
    enum exit_code result = EXIT_GOOD;
    if (wanted->roster) {
        result = table_open(wanted->roster, roster_read, &grader->roster);
        grader->report.roster = &grader->roster;
    }
    if (result == EXIT_GOOD && wanted->points) {
        result = table_open(wanted->points, points_read, &grader->points);
        grader->report.points = &grader->points;
    }
    return result;
}

/* --- the report ---------------------------------------------------------------------------- */

static enum exit_code report_show(struct grader *grader)
{
    const struct grade_options *wanted = grader->wanted;
    struct report *report = &grader->report;
    struct buf out = BUF_MAX(REPORT_BYTES_MAX), notes = BUF_MAX(REPORT_BYTES_MAX);
    report_close(report);
    bool good = report_is_good(report);
    if (wanted->summary)
        report_summary(report, &out);
    else if (wanted->csv)
        report_csv(report, &out);
    else if (!grader->options->json)
        report_text(report, &out);
    if (!wanted->anon && !grader->options->json)
        report_notes(report, &notes);
    if (wanted->csv)
        terminal_octets(stdout, buf_slice(&out));
    else
        terminal_draw(stdout, buf_slice(&out));
    terminal_draw(wanted->csv ? stderr : stdout, buf_slice(&notes));
    bool whole = fflush(stdout) == 0 && !out.full && !notes.full;
    buf_free(&out);
    buf_free(&notes);
    return !whole || grader->trouble ? EXIT_TROUBLE : good ? EXIT_GOOD : EXIT_CHECK;
}

static enum exit_code all_grade(struct grader *grader, char **files, int count)
{
    enum exit_code result = tables_open(grader);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    grader->at_once = cores < 1 ? 1 : cores < APART_MAX ? (size_t)cores : APART_MAX;
    for (int i = 0; result == EXIT_GOOD && i < count; i++)
        if (!grader->wanted->merge)
            place_grade(grader, files[i], 0);
        else if (!lines_merge(grader, files[i]))
            result = grader->trouble ? EXIT_TROUBLE : EXIT_USAGE;
    while (grader->count)
        apart_end(grader);
    return result == EXIT_GOOD ? report_show(grader) : result;
}

enum exit_code grade_main(const struct options *options, const struct lesson_options *lesson,
                          const struct grade_options *wanted, char **files, int count)
{
    static struct grader grader;
    struct lesson_teller teller = { &grader.front, "the course" };
    show_begin(&grader.front, options, false);
    grader.front.front.look = (struct look){ .plain = true, .columns = 80 };
    grader.options = options;
    grader.wanted = wanted;
    struct course *course = course_new(lesson_tell_fault, &teller);
    if (lesson->course)
        lesson_folder_add(&grader.front, course, lesson->course);
    grader.report.course = course;
    grader.grading = (struct grading){ course, repl_tables, front_enter, &grader };
    enum exit_code result = all_grade(&grader, files, count);
    report_free(&grader.report);
    entries_free(&grader.roster);
    entries_free(&grader.points);
    course_free(course);
    return result;
}
