/* commands.c: the front end's own commands, and all tables of commands together. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/words.h"
#include "front/commands.h"
#include "lessons/lessons.h"
#include "repl/repl.h"
#include "servers/store/store.h"
#include "sim/language/commands.h"
#include "sim/shared.h"
#include "views/views.h"

/* A file is written over only if it is such a script itself. */
static bool file_may_be_written(const char *path)
{
    char head[sizeof SCRIPT_TITLE] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT;
    ssize_t count = read(fd, head, sizeof SCRIPT_TITLE - 1);
    close(fd);
    return count == 0 || strcmp(head, SCRIPT_TITLE) == 0;
}

static bool file_write(const char *path, slice octets)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600); /* passwords */
    if (fd < 0)
        return false;
    bool written = files_octets_write(fd, octets);
    bool closed = close(fd) == 0;
    return written && closed;
}

/* Leaves nothing in the trace: a second save tells of the same story as if the first had not
   been. So it speaks past it, as `serve` does. */
static bool save_run(struct call *call)
{
    struct repl *repl = call->world->front;
    char path[PATH_BYTES_MAX];
    if (repl && !repl->prompts)
        return call_refuse(call, call->args, "a script writes no files: type save at the prompt");
    slice name = call->args;
    bool tidy = word_take_if(&name, "--tidy");
    name = slice_trim(name);
    if (!repl || name.len == 0 || name.len >= sizeof path)
        return call_refuse(call, name, "to which file? save session.post");
    if (tidy && !timeline_of(call->world))
        return call_refuse(call, call->args, "nothing can be taken back in this world: save FILE");
    FIELD_SET(path, name);
    call->silent = call->forgets = true;
    if (!file_may_be_written(path)) {
        show_text(repl, "%s is there already and is no saved script: nothing was written.\n", path);
        return true;
    }
    struct buf text = BUF_MAX(SCRIPT_BYTES_MAX);
    script_save(&text, call->world, &(struct saved){ repl->world_name, repl->continues, tidy });
    if (text.full || !file_write(path, buf_slice(&text)))
        show_text(repl, "%s can't be written: %s\n", path,
                  text.full ? "too much" : strerror(errno));
    else
        show_text(repl, "Saved. `pennypost run %s` plays it.\n", path);
    buf_free(&text);
    return true;
}

const struct command repl_commands[] = {
    FRONT_COMMANDS(save_run, serve_prompt_run, contrast_run, watch_run),
};

const struct command *const repl_tables[] = { sim_commands, lesson_commands, view_commands,
                                              repl_commands, NULL };
