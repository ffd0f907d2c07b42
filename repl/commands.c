/* commands.c: the front end's own commands, and all tables of commands together. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/words.h"
#include "lessons/lessons.h"
#include "repl/repl.h"
#include "servers/store/store.h"
#include "sim/language/commands.h"
#include "sim/shared.h"
#include "views/views.h"

#define PATH_BYTES_MAX 4096
#define SCRIPT_BYTES_MAX (1u << 30)
#define SCRIPT_TITLE "# Pennypost script, format 1\n"

static bool exit_run(struct call *call)
{
    if (call->args.len)
        return call_refuse(call, call->args, "exit stands alone");
    call->leave = true;
    return true;
}

/* --- save --------------------------------------------------------------------------------- */

static bool line_add(void *context, slice line)
{
    struct buf *text = context;
    buf_add(text, line);
    buf_add_char(text, '\n');
    return !text->full;
}

static bool history_add(void *context, int64_t number, slice line)
{
    (void)number;
    return line_add(context, line);
}

/* tidy: only what leads here, without what was taken back. It comes to the same digest. */
static void script_write(struct buf *text, struct call *call, bool tidy)
{
    const struct repl *repl = call->world->front;
    buf_add_text(text, SCRIPT_TITLE);
    buf_format(text, "# version %s\n", PENNYPOST_VERSION);
    buf_format(text, "# seed %llu\n", (unsigned long long)call->world->seed);
    buf_format(text, "# world %s\n", repl ? repl->world_name : "default");
    if (tidy)
        timeline_lines(timeline_of(call->world), line_add, text);
    else
        store_history(call->world->store, history_add, text);
    if (repl && repl->continues) /* the digest is of one sitting, the lines are of all */
        buf_add_text(text, ":# no digest: the world was closed and opened again in between");
    else
        opening_digest_add(call->world, ":# digest ", text);
    buf_add_char(text, '\n');
}

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
    memcpy(path, name.at, name.len);
    path[name.len] = '\0';
    call->silent = call->forgets = true;
    if (!file_may_be_written(path)) {
        show_text(repl, "%s is there already and is no saved script: nothing was written.\n", path);
        return true;
    }
    struct buf text = BUF_MAX(SCRIPT_BYTES_MAX);
    script_write(&text, call, tidy);
    if (text.full || !file_write(path, buf_slice(&text)))
        show_text(repl, "%s can't be written: %s\n", path,
                  text.full ? "too much" : strerror(errno));
    else
        show_text(repl, "Saved. `pennypost run %s` plays it.\n", path);
    buf_free(&text);
    return true;
}

const struct command repl_commands[] = {
    { "exit", "exit", "leaves Pennypost", COMPLETES_NOTHING, exit_run },
    { "save", "save [--tidy] FILE",
      "writes what was typed to a script that `pennypost run` plays; --tidy leaves out what was "
      "undone and other branches",
      COMPLETES_FILE, save_run },
    { "serve", "serve [SERVICE PORT]",
      "opens real ports in front of this world, for mail programs, while you go on; several "
      "services may stand here, port 0 is any that is free; serve stop closes them",
      COMPLETES_NOTHING, serving_run },
    { "contrast", "contrast [STORY]",
      "plays one story with POP3 and with IMAP, in worlds of their own, step by step, and compares "
      "what is where and what it cost; stories: two-devices, train, full-quota, folders, "
      "one-device, "
      "lost-phone",
      COMPLETES_NOTHING, contrast_run },
    { NULL, NULL, NULL, COMPLETES_NOTHING, NULL },
};

const struct command *const repl_tables[] = { sim_commands, lesson_commands, view_commands,
                                              repl_commands, NULL };
