/* files.c: a person's files, for the mail program: what `mail save` hands over is written, and
   never over something; `mail import FILE` is turned into the line that holds the file's octets,
   which is what the history keeps and a saved script needs no file for. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/words.h"
#include "repl/repl.h"
#include "sim/language/script.h"

#define IMPORT_FILE_MAX (4u << 20) /* its octets, escaped, are one line of a script */
#define PATH_BYTES_MAX 4096

bool files_octets_write(int fd, slice octets)
{
    while (octets.len) {
        ssize_t count = write(fd, octets.at, octets.len);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        octets = slice_from(octets, (size_t)count);
    }
    return true;
}

/* What became of it is said when the command has answered. */
static void PRINTF_LIKE(2, 3) handed_say(struct repl *repl, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(repl->handed, sizeof repl->handed, format, list);
    va_end(list);
}

/* Only for somebody at a terminal: a script, played or typed from a pipe, writes no files. */
void files_hand_over(struct world *world, slice name, slice octets)
{
    struct repl *repl = world->front;
    char path[PATH_BYTES_MAX];
    if (!repl)
        return;
    if (!repl->prompts || !repl->asks) {
        handed_say(repl, "Not written: a script writes no files; at the prompt this line does.");
        return;
    }
    if (name.len >= sizeof path) {
        handed_say(repl, "Not written: the name is too long; `mail save ... to FILE` has another.");
        return;
    }
    memcpy(path, name.at, name.len);
    path[name.len] = '\0';
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0 && errno == EEXIST) {
        handed_say(repl, "%s is there already: nothing was written. `mail save ... to FILE` takes "
                   "another name.", path);
        return;
    }
    bool written = fd >= 0 && files_octets_write(fd, octets);
    if (fd >= 0)
        written = close(fd) == 0 && written;
    if (written)
        handed_say(repl, "Written to %s.", path);
    else
        handed_say(repl, "%s can't be written: %s", path, strerror(errno));
}

/* "mail import messages.mbox Archive": is it that line, and which file? */
static bool import_path(const struct world *world, slice line, char *path, slice *rest)
{
    slice words = line;
    if (!script_line_is_command(world, line))
        return false;
    take_char(&words, ':');
    if (!slice_is(take_word(&words), "mail") || !slice_is(take_word(&words), "import"))
        return false;
    slice name = take_word(&words);
    *rest = slice_trim(words);
    if (!name.len || slice_starts(name, "\"") || name.len >= PATH_BYTES_MAX)
        return false;
    memcpy(path, name.at, name.len);
    path[name.len] = '\0';
    return true;
}

bool files_line(const struct world *world, slice line, struct buf *expanded, struct error *why)
{
    char path[PATH_BYTES_MAX];
    struct buf octets = BUF_MAX(IMPORT_FILE_MAX);
    slice rest = SLICE_EMPTY;
    if (!import_path(world, line, path, &rest))
        return buf_add(expanded, line);
    bool ok = opening_file_read(path, &octets, why);
    if (ok) {
        buf_add_text(expanded, slice_starts(line, ":") ? ":mail import \"" : "mail import \"");
        quoted_add(expanded, buf_slice(&octets));
        buf_format(expanded, "\" %.*s", SLICE_ARG(rest));
        ok = !expanded->full || error_set(why, "%s is larger than one line can hold", path);
    }
    buf_free(&octets);
    return ok;
}
