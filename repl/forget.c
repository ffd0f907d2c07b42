/* forget.c: `pennypost forget` removes what the program keeps of a person in their data directory,
   or of one student there: it says what, asks, and touches nothing that is not its own. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/words.h"
#include "lessons/handin.h"
#include "repl/reader.h"
#include "repl/repl.h"
#include "repl/terminal.h"

#define STUDENTS "students"
#define FOLDERS_MAX 10000        /* students who share a machine */

/* What Pennypost writes there. A name that ends in * is the beginning of several. */
static const struct {
    const char *name, *meaning;
} kept[] = {
    { "default.world*", "your own world: its messages and passwords, and all that you typed" },
    { "progress.txt*", "your progress in the course" },
    { "lesson-*", "what you typed in that lesson, passwords too" },
    { "tls-certificate.pem", "the certificate that `serve` has made" },
    { "tls-key.pem", "its key" },
};

struct forgetting {
    const char *directory;       /* ends with a slash */
    struct file {
        char *name;              /* below the directory */
        const char *meaning;     /* NULL: not Pennypost's */
        uint64_t bytes;
    } *files;
    size_t count, cap, ours;
    char *folders[FOLDERS_MAX + 2];         /* of students, to be removed when they are empty */
    size_t folder_count;
};

static const char *meaning_of(const char *name)
{
    for (size_t i = 0; i < COUNT(kept); i++) {
        size_t length = strlen(kept[i].name);
        bool begins = kept[i].name[length - 1] == '*';
        if (begins ? strncmp(name, kept[i].name, length - 1) == 0
                   : strcmp(name, kept[i].name) == 0)
            return kept[i].meaning;
    }
    return NULL;
}

static char *name_copy(const char *name)
{
    char *copy = strdup(name);
    must(copy != NULL);
    return copy;
}

static void file_add(struct forgetting *forgetting, const char *name, const char *base,
                     const struct stat *stat)
{
    if (forgetting->count == forgetting->cap) {
        forgetting->cap = forgetting->cap ? forgetting->cap * 2 : 64;
        forgetting->files = realloc(forgetting->files, forgetting->cap * sizeof(struct file));
        must(forgetting->files != NULL);
    }
    bool plain = S_ISREG(stat->st_mode) || S_ISLNK(stat->st_mode);
    struct file *file = &forgetting->files[forgetting->count++];
    *file = (struct file){ name_copy(name), plain ? meaning_of(base) : NULL,
                           (uint64_t)stat->st_size };
    forgetting->ours += file->meaning != NULL;
}

static int is_entry(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* `folder`: below the directory, "" or "students/98123/". A folder of a student is looked into. */
static void folder_read(struct forgetting *forgetting, const char *folder)
{
    char path[PATH_BYTES_MAX], name[PATH_BYTES_MAX];
    struct dirent **entries;
    snprintf(path, sizeof path, "%s%s", forgetting->directory, folder);
    int count = scandir(path, &entries, is_entry, files_by_name);
    bool students = strcmp(folder, STUDENTS "/") == 0;
    for (int i = 0; i < count; i++) {
        struct stat stat;
        const char *base = entries[i]->d_name;
        int length = snprintf(name, sizeof name, "%s%s", folder, base);
        int whole = snprintf(path, sizeof path, "%s%s", forgetting->directory, name);
        bool fits = length >= 0 && (size_t)length + 1 < sizeof name && whole >= 0 &&
                    (size_t)whole < sizeof path && lstat(path, &stat) == 0;
        bool inner = fits && S_ISDIR(stat.st_mode) &&
                     (students ? student_is_good(slice_of(base))
                               : !folder[0] && strcmp(base, STUDENTS) == 0);
        if (inner && forgetting->folder_count < FOLDERS_MAX) {
            memcpy(name + length, "/", sizeof "/");
            folder_read(forgetting, name);
            forgetting->folders[forgetting->folder_count++] = name_copy(name);
        } else if (fits) {
            file_add(forgetting, name, base, &stat);
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

/* Somebody who has it open would write it again, or lose what comes next. */
static bool file_is_open(const struct forgetting *forgetting, const struct file *file)
{
    char path[PATH_BYTES_MAX];
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    snprintf(path, sizeof path, "%s%s", forgetting->directory, file->name);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool locked = fd >= 0 && fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    if (fd >= 0)
        close(fd);
    return locked;
}

static bool any_is_open(const struct forgetting *forgetting)
{
    for (size_t i = 0; i < forgetting->count; i++)
        if (forgetting->files[i].meaning && file_is_open(forgetting, &forgetting->files[i])) {
            terminal_error("%s%s is open in another window: leave Pennypost there first",
                           forgetting->directory, forgetting->files[i].name);
            return true;
        }
    return false;
}

static void files_say(struct repl *repl, const struct forgetting *forgetting)
{
    show_text(repl, "In %s Pennypost keeps:\n", forgetting->directory);
    for (size_t i = 0; i < forgetting->count; i++) {
        const struct file *file = &forgetting->files[i];
        struct buf line = BUF_MAX(PATH_BYTES_MAX + 256);
        if (file->meaning) {
            buf_format(&line, "%s (", file->name);
            size_write(&line, file->bytes);
            buf_format(&line, "): %s", file->meaning);
            show_wrapped(repl, buf_slice(&line), 2);
        }
        buf_free(&line);
    }
    for (size_t i = 0; i < forgetting->count; i++)
        if (!forgetting->files[i].meaning)
            show_text(repl, "%s is not Pennypost's, and stays.\n", forgetting->files[i].name);
    show_text(repl, "Hand-ins (handin-*.txt) and worlds elsewhere lie where you put them, and "
                    "stay.\n");
}

static bool person_agrees(struct repl *repl, const struct forgetting *forgetting)
{
    struct reader reader = reader_of(STDIN_FILENO);
    slice line = SLICE_EMPTY;
    show_text(repl, "Type  yes  to remove %s: ",
              forgetting->ours == 1 ? "this file" : "these files");
    bool agrees = reader_line(&reader, &line) == READER_LINE && slice_is(slice_trim(line), "yes");
    reader_free(&reader);
    if (!agrees)
        show_text(repl, "Nothing was removed.\n");
    return agrees;
}

static enum exit_code files_remove(struct repl *repl, const struct forgetting *forgetting)
{
    char path[PATH_BYTES_MAX];
    size_t removed = 0;
    for (size_t i = 0; i < forgetting->count; i++) {
        if (!forgetting->files[i].meaning)
            continue;
        snprintf(path, sizeof path, "%s%s", forgetting->directory, forgetting->files[i].name);
        if (unlink(path) == 0)
            removed++;
        else
            terminal_error("%s can't be removed: %s", path, strerror(errno));
    }
    show_text(repl, "Removed: %zu of %zu files.\n", removed, forgetting->ours);
    return removed == forgetting->ours ? EXIT_GOOD : EXIT_TROUBLE;
}

/* Where something is left they stay, and nobody minds. */
static void folders_remove(const struct forgetting *forgetting)
{
    char path[PATH_BYTES_MAX];
    for (size_t i = 0; i < forgetting->folder_count; i++) {
        snprintf(path, sizeof path, "%s%s", forgetting->directory, forgetting->folders[i]);
        (void)rmdir(path);
    }
    (void)rmdir(forgetting->directory);
}

static enum exit_code forget(struct repl *repl, struct forgetting *forgetting, const char *folder)
{
    folder_read(forgetting, folder);
    if (folder[0]) {
        forgetting->folders[forgetting->folder_count++] = name_copy(folder);
        forgetting->folders[forgetting->folder_count++] = name_copy(STUDENTS "/");
    }
    enum exit_code result = EXIT_GOOD;
    if (!forgetting->ours)
        show_text(repl, "Pennypost keeps nothing of %s in %s\n", folder[0] ? folder : "you",
                  forgetting->directory);
    else if (any_is_open(forgetting))
        result = EXIT_TROUBLE;
    else {
        files_say(repl, forgetting);
        result = person_agrees(repl, forgetting) ? files_remove(repl, forgetting) : EXIT_CHECK;
    }
    if (result == EXIT_GOOD)
        folders_remove(forgetting);
    for (size_t i = 0; i < forgetting->count; i++)
        free(forgetting->files[i].name);
    for (size_t i = 0; i < forgetting->folder_count; i++)
        free(forgetting->folders[i]);
    free(forgetting->files);
    return result;
}

enum exit_code forget_main(const struct options *options, const char *student)
{
    static struct repl repl;
    static struct forgetting forgetting;
    char directory[PATH_BYTES_MAX], folder[STUDENT_MAX + sizeof STUDENTS + 2] = "";
    struct error why = { "" };
    if (student && !student_is_good(slice_of(student))) {
        terminal_error("%s", STUDENT_RULE);
        return EXIT_USAGE;
    }
    if (student)
        snprintf(folder, sizeof folder, STUDENTS "/%s/", student);
    show_begin(&repl, options, false);
    if (!opening_own_path(directory, sizeof directory, "", &why)) {
        say_error(&why);
        return EXIT_TROUBLE;
    }
    forgetting.directory = directory;
    return forget(&repl, &forgetting, folder);
}
