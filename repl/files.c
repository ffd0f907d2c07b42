/* files.c: a person's files, for the mail program: what `mail save` hands over is written, and
   never over something. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/words.h"
#include "repl/repl.h"


int files_by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

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
    FIELD_SET(path, name);
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
