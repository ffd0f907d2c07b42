/* run.c: plays a script without a person: line by line, every check tried. An unreadable
   line stops it, with file, line, caret and reason. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "front/files.h"
#include "repl/present.h"
#include "repl/reader.h"
#include "repl/repl.h"
#include "repl/terminal.h"
#include "servers/store/store.h"
#include "sim/language/script.h"

/* A script that is being played. */
struct playing {
    struct repl *repl;
    const char *file;   /* as people know it */
    uint64_t number;    /* of the line */
};

/* A saved script ends with its digest: told if this run became another. */
static void digest_compare(const struct playing *playing, slice line)
{
    struct buf now = BUF_MAX(32);
    if (!take_prefix(&line, ":# digest "))
        return;
    digest_add(playing->repl->world, "", &now);
    if (!slice_equal(slice_trim(line), buf_slice(&now)))
        terminal_error("%s:%llu: this run is not the one that was saved (its digest is %s)",
                playing->file, (unsigned long long)playing->number, buf_text(&now));
    buf_free(&now);
}

static bool line_play(struct playing *playing, slice line, enum exit_code *result)
{
    struct repl *repl = playing->repl;
    struct error why = { "" };
    size_t at = 0;
    repl->world->line_number = ++playing->number;
    digest_compare(playing, line);
    bool command = script_line_is_command(repl->world, line);
    if (!repl->front.look.plain && !slice_starts(line, ":arrive "))
        prompt_echo(repl, line);
    struct buf expanded = BUF_MAX(SCRIPT_LINE_MAX + 64);
    enum line_result played = LINE_UNREADABLE;
    if (files_line(repl->world, line, opening_file_read, &expanded, &why))
        played = script_line(repl->world, buf_slice(&expanded), &at, &why);
    buf_free(&expanded);
    bool alive = show_new(repl, command);
    if (played == LINE_UNREADABLE) {
        show_wrong_line(repl, playing->file, playing->number, line, at, why.text);
        *result = EXIT_USAGE;
    } else if (played == LINE_BROKEN) {
        show_wrong_line(repl, playing->file, playing->number, line, 0, why.text);
        *result = EXIT_TROUBLE;
    } else if (!alive) {
        *result = EXIT_TROUBLE;
    }
    return *result == EXIT_GOOD && played != LINE_LEAVE;
}

static enum exit_code lines_play(struct playing *playing, struct reader *reader)
{
    enum exit_code result = EXIT_GOOD;
    for (;;) {
        slice line;
        enum reader_result read = reader_line(reader, &line);
        if (read == READER_FAILED) {
            terminal_error("%s can't be read: %s", playing->file, strerror(errno));
            return EXIT_TROUBLE;
        }
        if (signal_leave)
            return EXIT_TROUBLE;
        if (read == READER_END || (read == READER_LINE && !line_play(playing, line, &result)))
            return result;
    }
}

/* --- recordings --------------------------------------------------------------------------- */

struct replaying {
    struct playing playing;
    enum exit_code result;
};

/* As in serve, the trace is forgotten when it was shown. */
static bool recorded_line_play(void *context, slice line)
{
    struct replaying *replaying = context;
    struct repl *repl = replaying->playing.repl;
    bool goes_on = line_play(&replaying->playing, line, &replaying->result) && !signal_leave;
    trace_forget_before(repl->world->trace, repl->shown);
    return goes_on;
}

static enum exit_code recording_run(struct repl *repl, const struct options *options,
                                    const char *file)
{
    struct options copied = *options;
    struct replaying replaying = { { repl, file, 0 }, EXIT_GOOD };
    struct error why = { "" };
    if (options->world || options->seed) {
        terminal_error("%s is a recording: it has its own world", file);
        return EXIT_USAGE;
    }
    copied.world = file;
    repl->serves = true;
    enum exit_code opened = opening_for_run(repl, &copied);
    if (opened != EXIT_GOOD)
        return opened;
    signals_begin(false);
    if (record_play(repl->world, recorded_line_play, &replaying, &why))
        return replaying.result;
    terminal_error("%s: %s", file, why.text);
    return EXIT_USAGE;
}

/* Silently: only what is wrong is told, on stderr. */
static enum exit_code run_ends(struct repl *repl, const struct export_options *export,
                               const char *name, enum exit_code result)
{
    if (!export || (result != EXIT_GOOD && result != EXIT_CHECK))
        return result;
    if (result == EXIT_CHECK)
        terminal_error("a check failed; `pennypost run %s` tells which", name);
    enum exit_code written = export_script(repl, export, name);
    return written == EXIT_GOOD ? result : written;
}

enum exit_code run_present(const struct options *options, const char *file)
{
    static struct repl repl;
    struct buf text = BUF_MAX(SCRIPT_BYTES_MAX);
    struct error why = { "" };
    if (!opening_file_read(file, &text, &why)) {
        say_error(&why);
        return EXIT_TROUBLE;
    }
    show_begin(&repl, options, true);
    enum exit_code result = opening_for_run(&repl, options);
    if (result == EXIT_GOOD) {
        signals_begin(true);
        result = present_text(&repl, buf_slice(&text));
    }
    buf_free(&text);
    return opening_end(&repl, result);
}

enum exit_code run_script(const struct options *options, const struct export_options *export,
                          const char *file)
{
    static struct repl repl;
    struct error why;
    bool from_input = strcmp(file, "-") == 0;
    if (!from_input && store_look(file, &why) == STORE_WORLD) {
        show_begin(&repl, options, false);
        return opening_end(&repl, recording_run(&repl, options, file));
    }
    int fd = from_input ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        terminal_error("%s can't be read: %s", file, strerror(errno));
        return EXIT_TROUBLE;
    }
    show_begin(&repl, options, false);
    if (export && !(repl.out = fopen("/dev/null", "w")))
        return EXIT_TROUBLE;
    enum exit_code result = opening_for_run(&repl, options);
    if (result == EXIT_GOOD) {
        struct playing playing = { &repl, from_input ? "standard input" : file, 0 };
        struct reader reader = reader_of(fd);
        signals_begin(false);
        result = lines_play(&playing, &reader);
        reader_free(&reader);
        if (result == EXIT_GOOD && repl.world->script->check_failed)
            result = EXIT_CHECK;
        result = run_ends(&repl, export, playing.file, result);
    }
    if (!from_input)
        close(fd);
    return opening_end(&repl, result);
}
