/* lesson_files.c: what the course keeps in the person's data directory: progress.txt, and for each
   lesson the lines that were typed in it, so that a killed program goes on where it was. Nothing
   that can't be read is ever written over: it is set aside, by name. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lessons/course.h"
#include "repl/repl.h"
#include "repl/terminal.h"

#define PROGRESS_FILE "progress.txt"
#define LOG_BYTES_MAX (64u << 20)
#define ASIDE_MAX 100
#define FOLDER_MAX COURSE_LESSONS_MAX

/* To the first of FILE.old-1, FILE.old-2 … that is free. */
static bool set_aside(const char *path, char *aside, size_t size)
{
    for (int i = 1; i < ASIDE_MAX; i++) {
        snprintf(aside, size, "%s.old-%d", path, i);
        if (access(aside, F_OK) != 0)
            return rename(path, aside) == 0;
    }
    return false;
}

/* --- whose --------------------------------------------------------------------------------- */

static char whose[128];              /* "students/98123/", or "" */

void lesson_files_student(const char *id) { snprintf(whose, sizeof whose, "students/%s/", id); }

/* --- progress ------------------------------------------------------------------------------ */

static bool progress_load(const char *path, struct progress *progress)
{
    struct buf text = BUF_MAX(PROGRESS_BYTES_MAX);
    char aside[PATH_BYTES_MAX + 16];
    struct error why = { "" };
    uint64_t line = 0;
    if (access(path, F_OK) != 0)
        return true;
    bool read = opening_file_read(path, &text, &why);
    bool ok = read && progress_read(progress, buf_slice(&text), &line, &why);
    buf_free(&text);
    if (ok)
        return true;
    if (line)
        terminal_error("%s:%llu: %s", path, (unsigned long long)line, why.text);
    else
        say_error(&why);
    if (!set_aside(path, aside, sizeof aside)) {
        terminal_error("it can't be set aside, so no progress is kept");
        return false;
    }
    terminal_error("it is kept as %s; what could be read of it is taken", aside);
    return true;
}

static bool progress_path(char *path, size_t size)
{
    char file[sizeof whose + sizeof PROGRESS_FILE];
    struct error why;
    snprintf(file, sizeof file, "%s" PROGRESS_FILE, whose);
    return opening_own_path(path, size, file, &why);
}

void lesson_progress_read(struct course *course)
{
    char path[PATH_BYTES_MAX];
    if (progress_path(path, sizeof path))
        progress_load(path, &course->progress);
}

static bool progress_store(const char *path, const struct progress *progress)
{
    char fresh[PATH_BYTES_MAX + 8];
    struct buf text = BUF_MAX(PROGRESS_BYTES_MAX * 2);
    snprintf(fresh, sizeof fresh, "%s.new", path);
    progress_write(progress, &text);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool written = fd >= 0 && files_octets_write(fd, buf_slice(&text));
    if (fd >= 0)
        written = close(fd) == 0 && written;
    buf_free(&text);
    return written && rename(fresh, path) == 0;
}

/* Another window may have written meanwhile: only this lesson's entry is replaced. */
void lesson_progress_keep(struct course *course, slice name)
{
    char path[PATH_BYTES_MAX];
    struct progress kept = { .count = 0 };
    const struct progress_lesson *mine = progress_find(&course->progress, name);
    static bool told;
    course->changed = false;
    if (!progress_path(path, sizeof path) || !progress_load(path, &kept))
        return;
    memcpy(kept.path, course->progress.path, sizeof kept.path);
    memcpy(kept.language, course->progress.language, sizeof kept.language);
    memcpy(kept.now, course->progress.now, sizeof kept.now);
    struct progress_lesson *entry = mine ? progress_entry(&kept, name) : NULL;
    if (entry)
        *entry = *mine;
    if (!progress_store(path, &kept) && !told) {
        terminal_error("%s can't be written: progress is not kept", path);
        told = true;
    }
}

/* --- the lines of a lesson ----------------------------------------------------------------- */

static bool log_path(char *path, size_t size, slice name)
{
    char file[sizeof whose + 128];
    struct error why;
    snprintf(file, sizeof file, "%slesson-%.*s.post", whose, SLICE_ARG(name));
    return opening_own_path(path, size, file, &why);
}

static void log_title(struct buf *title, slice name, uint64_t seed)
{
    buf_format(title, "# Pennypost lesson %.*s, seed %llu: what was typed in it, passwords too",
               SLICE_ARG(name), (unsigned long long)seed);
}

void lesson_log_read(slice name, uint64_t seed, struct buf *lines)
{
    char path[PATH_BYTES_MAX];
    struct error why;
    struct buf title = BUF_MAX(256), text = BUF_MAX(LOG_BYTES_MAX);
    log_title(&title, name, seed);
    if (log_path(path, sizeof path, name) && access(path, F_OK) == 0 &&
        opening_file_read(path, &text, &why)) {
        slice rest = buf_slice(&text);
        if (slice_equal(take_until(&rest, '\n'), buf_slice(&title)))
            buf_add(lines, rest);
    }
    buf_free(&title);
    buf_free(&text);
}

/* One window at a time writes it. */
static bool log_lock(int fd)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    return fcntl(fd, F_SETLK, &lock) == 0;
}

int lesson_log_open(slice name, uint64_t seed, bool fresh)
{
    char path[PATH_BYTES_MAX];
    struct buf title = BUF_MAX(256);
    if (!log_path(path, sizeof path, name)) {
        terminal_error("there is no home directory: this lesson is not kept");
        return 0;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
        terminal_error("%s can't be written: this lesson is not kept", path);
        return 0;
    }
    if (!log_lock(fd)) {
        terminal_error("this lesson is open in another window: what you type here is not kept");
        close(fd);
        return 0;
    }
    log_title(&title, name, seed);
    buf_add_char(&title, '\n');
    bool ready = !fresh || (ftruncate(fd, 0) == 0 && files_octets_write(fd, buf_slice(&title)));
    buf_free(&title);
    if (ready)
        return fd;
    close(fd);
    return 0;
}

/* --- files of lessons ---------------------------------------------------------------------- */

bool lesson_file_read(const struct repl *repl, const char *path, struct buf *text)
{
    struct error why;
    (void)repl;
    if (opening_file_read(strcmp(path, "-") == 0 ? "/dev/stdin" : path, text, &why))
        return true;
    say_error(&why);
    return false;
}

static int is_lesson(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return entry->d_name[0] != '.' && dot && strcmp(dot, ".md") == 0;
}

static void file_add(struct repl *repl, struct course *course, const char *path)
{
    struct buf text = BUF_MAX(LESSON_BYTES_MAX);
    struct lesson_teller teller = { repl, path };
    if (lesson_file_read(repl, path, &text))
        course_add(course, arena_copy(&course->arena, buf_slice(&text)), lesson_tell_fault,
                   &teller);
    buf_free(&text);
}

bool lesson_folder_add(struct repl *repl, struct course *course, const char *directory)
{
    struct dirent **entries;
    int count = scandir(directory, &entries, is_lesson, files_by_name);
    if (count < 0) {
        terminal_error("%s can't be read: %s", directory, strerror(errno));
        return false;
    }
    for (int i = 0; i < count; i++) {
        char path[PATH_BYTES_MAX];
        snprintf(path, sizeof path, "%s/%s", directory, entries[i]->d_name);
        file_add(repl, course, path);
        free(entries[i]);
    }
    free(entries);
    return true;
}
