/* handin.c: a hand-in becomes a file where one stands. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lessons/handin.h"
#include "lessons/sitting.h"
#include "repl/repl.h"
#include "repl/terminal.h"

#define NAME_BYTES_MAX 160

/* What stands there already: a hand-in, and of how many goals; nothing; or something else. */
static bool may_be_replaced(const char *path, const struct handin *handin, bool asked, bool *better)
{
    struct buf text = BUF_MAX(HANDIN_BYTES_MAX);
    struct handin old = { .count = 0 };
    struct error why;
    uint64_t line;
    *better = false;
    if (access(path, F_OK) != 0)
        return true;
    bool is_handin = opening_file_read(path, &text, &why) &&
                     slice_starts(buf_slice(&text), HANDIN_TITLE);
    if (is_handin && handin_read(&old, buf_slice(&text), &line, &why))
        *better = !asked && old.met > handin->met;
    handin_free(&old);
    buf_free(&text);
    return is_handin;
}

/* As a whole or not at all. */
static bool handin_store(const char *path, slice text)
{
    char fresh[NAME_BYTES_MAX + 8];
    snprintf(fresh, sizeof fresh, "%s.new", path);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600); /* passwords */
    bool written = fd >= 0 && files_octets_write(fd, text);
    if (fd >= 0)
        written = close(fd) == 0 && written;
    bool kept = written && rename(fresh, path) == 0;
    int reason = errno;
    if (fd >= 0 && !kept)
        (void)unlink(fresh); /* passwords stand in it */
    errno = reason;
    return kept;
}

static void receipt_show(struct repl *repl, const struct handin *handin, const char *name)
{
    char directory[PATH_BYTES_MAX];
    struct buf receipt = BUF_MAX(64);
    static bool told;
    handin_receipt(handin, &receipt);
    bool known = getcwd(directory, sizeof directory) != NULL;
    show_text(repl, "   Handed in: %s%s%s\n", known ? directory : ".",
              known && strcmp(directory, "/") == 0 ? "" : "/", name);
    show_text(repl, "   Receipt: %s, %s, %llu of %llu goals, %s\n", handin->student,
              handin->lesson, (unsigned long long)handin->met, (unsigned long long)handin->goals,
              buf_text(&receipt));
    if (!told)
        show_text(repl, "   It holds what you typed here, passwords and messages too.\n");
    told = true;
    buf_free(&receipt);
}

static void handin_keep(struct repl *repl, const struct handin *handin, bool asked)
{
    char name[NAME_BYTES_MAX];
    struct buf text = BUF_MAX(SITTING_TYPED_MAX * 4 + 4096);
    bool better;
    handin_write(handin, &text);
    snprintf(name, sizeof name, "handin-%s-%s.txt", handin->student, handin->lesson);
    if (text.full || text.len > HANDIN_BYTES_MAX)
        terminal_error("more was typed than can be handed in: `restart` and leave again, then the "
                       "lesson begins anew");
    else if (!may_be_replaced(name, handin, asked, &better))
        terminal_error("%s is there already and is no hand-in: nothing was written", name);
    else if (better)
        show_text(repl, "   %s has more goals and stays as it is.\n", name);
    else if (!handin_store(name, buf_slice(&text)))
        terminal_error("%s can't be written here: %s", name, strerror(errno));
    else
        receipt_show(repl, handin, name);
    buf_free(&text);
}

void handin_make(struct repl *repl, const struct sitting *sitting, const char *student, bool asked)
{
    struct handin handin;
    struct error why = { "" };
    if (!*student) {
        show_wrapped(repl, SLICE("Whose is it? Leave with  exit  and come back with  "
                                 "pennypost lesson NAME --student ID"), 3);
        return;
    }
    if (handin_take(&handin, sitting, slice_of(student), &why))
        handin_keep(repl, &handin, asked);
    else
        say_error(&why);
    handin_free(&handin);
}
