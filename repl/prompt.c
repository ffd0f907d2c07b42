/* prompt.c: what happens with one typed line, whoever reads it: the prompt before it, what
   came of it after it, and the manners for slips. Lines from a pipe are read here too. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/said.h"
#include "front/files.h"
#include "front/prompt.h"
#include "lessons/sitting.h"
#include "repl/reader.h"
#include "repl/repl.h"
#include "repl/terminal.h"
#include "servers/mail/date.h"
#include "servers/services_table.h"
#include "sim/devices/device.h"
#include "sim/hosts/host.h"
#include "sim/language/script.h"
#include "views/clean.h"
#include "views/since.h"

/* --- one line ----------------------------------------------------------------------------- */

/* What was typed is not on the screen when it came from a pipe or out of a paste. */
void prompt_echo(struct repl *repl, slice line)
{
    struct buf prompt = BUF_MAX(1024), above = BUF_MAX(1024), text = BUF_MAX(SCRIPT_LINE_MAX);
    prompt_text(repl->world, &repl->front.look, &prompt, &above);
    if (above.len) {
        buf_add(&text, buf_slice(&above));
        buf_add_char(&text, '\n');
    }
    buf_add(&text, buf_slice(&prompt));
    clean_add(&text, slice_upto(line, TRACE_LINE_MAX), repl->front.look.utf8);
    buf_add_char(&text, '\n');
    terminal_draw(repl->out, buf_slice(&text));
    buf_free(&prompt);
    buf_free(&above);
    buf_free(&text);
}

/* Who leaves inside a message is told what becomes of it. */
static void unfinished_say(struct repl *repl)
{
    uint64_t left = 0;
    for (const struct device *device = repl->world->devices; device; device = device->next) {
        enum expects expects = device_expects(repl->world, device, &left);
        if (expects != EXPECTS_BODY && expects != EXPECTS_LITERAL)
            continue;
        struct buf line = BUF_MAX(1024);
        buf_format(
            &line,
            expects == EXPECTS_BODY
                ? SAID("The message begun on %s was not ended, so the server throws it away.")
                : SAID("The literal begun on %s was not ended, so the server throws it away."),
            device->name);
        show_wrapped(repl, buf_slice(&line), 3);
        buf_free(&line);
    }
}

static bool result_show(struct repl *repl, enum line_result result, slice line,
                        const struct error *why)
{
    switch (result) {
    case LINE_UNREADABLE:
        if (repl->front.look.plain && !repl->asks) {
            show_text(repl, "> ");
            show_wrapped(repl, slice_upto(line, 200), 0);
        }
        show_wrapped(repl, slice_of(why->text), 3);
        return true;
    case LINE_LEAVE:
        unfinished_say(repl);
        return false;
    case LINE_BROKEN:
        say_error(why);
        return true;
    default:
        return true;
    }
}

static bool line_run(struct repl *repl, slice line)
{
    struct error why = { "" };
    size_t at;
    bool command = script_line_is_command(repl->world, line);
    uint64_t from = trace_end(repl->world->trace);
    if (!repl->asks && !repl->front.look.plain)
        prompt_echo(repl, line);
    struct buf expanded = BUF_MAX(SCRIPT_LINE_MAX + 64);
    enum line_result result = LINE_UNREADABLE;
    serve_prompt_line_begins(repl);
    if (files_line(repl->world, line, opening_file_read, &expanded, &why))
        result = lesson_line(repl, buf_slice(&expanded), &at, &why);
    serve_prompt_line_ended(repl);
    buf_free(&expanded);
    if (!repl->pastes) /* before it is said */
        (void)opening_follow(repl);
    bool alive = show_new(repl, command);
    if (from < trace_end(repl->world->trace))
        prompt_prefill(repl->world, &repl->front, from);
    bool goes_on = result_show(repl, result, line, &why) && alive;
    if (goes_on)
        lesson_after(repl);
    if (goes_on)
        replay_after(repl);
    return goes_on;
}

/* What is typed at `predict ?` is the words of that command. */
static bool prediction_run(struct repl *repl, slice line)
{
    struct buf command = BUF_MAX(SCRIPT_LINE_MAX + 16);
    sitting_predict_line(repl->world->sitting, line, &command);
    bool goes_on = line_run(repl, buf_slice(&command));
    buf_free(&command);
    return goes_on;
}

/* A lone ":" runs what the last note offered. In a message it is text. */
static bool colon_alone(struct repl *repl, slice line, bool *leaves)
{
    struct buf command = BUF_MAX(sizeof repl->front.offered + 1);
    if (!slice_is(slice_trim(line), ":") || prompt_target(repl->world) == TARGET_TEXT)
        return false;
    if (repl->front.offered[0] == '\0') {
        show_wrapped(repl, SLICE(SAID("A colon first reaches Pennypost:  :help  :states  :why")),
                     3);
        return true;
    }
    buf_format(&command, ":%s", repl->front.offered);
    *leaves = !line_run(repl, buf_slice(&command));
    buf_free(&command);
    return true;
}

bool prompt_line(struct repl *repl, slice line)
{
    bool leaves = false;
    if (prompt_predicts(repl->world))
        return prediction_run(repl, line);
    if (replay_takes(repl, line))
        return true;
    if (repl->asks && colon_alone(repl, line, &leaves))
        return !leaves;
    return line_run(repl, line);
}

/* --- pastes and keys ---------------------------------------------------------------------- */

static void size_add(struct buf *out, size_t octets)
{
    if (octets < 1000)
        buf_format(out, "%zu octets", octets);
    else
        buf_format(out, "%zu.%zu kB", octets / 1000, octets % 1000 / 100);
}

static size_t lines_in(slice text)
{
    size_t count = 0;
    for (; text.len; count++)
        take_until(&text, '\n');
    return count;
}

static void paste_say(struct repl *repl, slice text)
{
    struct buf said = BUF_MAX(200);
    buf_format(&said, "   pasted %zu lines, ", lines_in(text));
    size_add(&said, text.len);
    show_text(repl, "%s\n", buf_text(&said));
    buf_free(&said);
}

/* A pasted line is never a command: a colon at its start is sent as one. */
static bool paste_line(struct repl *repl, slice line)
{
    struct buf doubled = BUF_MAX(SCRIPT_LINE_MAX + 1);
    if (slice_starts(line, ":"))
        buf_add_char(&doubled, ':');
    buf_add(&doubled, line);
    if (prompt_target(repl->world) != TARGET_TEXT)
        prompt_echo(repl, line);
    bool goes_on = line_run(repl, buf_slice(&doubled));
    buf_free(&doubled);
    return goes_on;
}

static bool paste_lines(struct repl *repl, slice text)
{
    while (text.len) {
        if (!script_is_connected(repl->world)) {
            show_text(repl,
                      SAID("   %zu of the pasted lines came too late: nobody is connected now.\n"),
                      lines_in(text));
            break;
        }
        slice line = take_until(&text, '\n');
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        if (!paste_line(repl, line))
            return false;
    }
    return true;
}

bool prompt_paste(struct repl *repl, slice text)
{
    if (!script_is_connected(repl->world)) {
        show_text(
            repl,
            "   %zu lines were pasted, and nobody is connected to take them: nothing was done.\n"
            "   Commands are pasted one at a time; many at once are a script, without the prompts\n"
            "   before them:  pennypost run -  plays what is pasted into it.\n",
            lines_in(text));
        return true;
    }
    paste_say(repl, text);
    repl->pastes = true; /* the file follows once, behind the last line */
    bool goes_on = paste_lines(repl, text);
    repl->pastes = false;
    (void)opening_follow(repl);
    return goes_on;
}

bool prompt_end_key(struct repl *repl)
{
    uint64_t left = 0;
    if (!script_is_connected(repl->world)) {
        show_text(repl, "exit\n");
        return false;
    }
    enum expects expects = device_expects(repl->world, repl->world->here, &left);
    if (expects == EXPECTS_BODY) {
        show_text(repl, "   A line with only a dot ends the message.  :close closes the connection "
                        "without sending it.\n");
    } else if (expects == EXPECTS_LITERAL) {
        show_text(repl,
                  "   The server waits for %llu more octets of the literal.  :close closes the "
                  "connection.\n",
                  (unsigned long long)left);
    } else {
        show_text(repl, ":close\n");
        return line_run(repl, SLICE(":close"));
    }
    return true;
}

void prompt_break_key(struct repl *repl)
{
    uint64_t left = 0;
    bool in_message = device_expects(repl->world, repl->world->here, &left) == EXPECTS_BODY;
    show_wrapped(repl,
                 in_message
                     ? SLICE(SAID("The line was dropped; the message goes on. A line with only a "
                                  "dot ends it,  :close  throws it away."))
                 : script_is_connected(repl->world)
                     ? SLICE(SAID("The line was dropped. QUIT (LOGOUT in IMAP) says goodbye to the "
                                  "server,  :close  closes the connection."))
                     : SLICE(SAID("The line was dropped.  exit  leaves Pennypost.")),
                 3);
}

/* --- without readline --------------------------------------------------------------------- */

void prompt_print(struct repl *repl)
{
    struct buf prompt = BUF_MAX(1024), above = BUF_MAX(1024);
    show_ask_columns(repl);
    prompt_text(repl->world, &repl->front.look, &prompt, &above);
    if (above.len)
        terminal_say(repl->out, "%s\n", buf_text(&above));
    terminal_draw(repl->out, buf_slice(&prompt));
    fflush(repl->out);
    buf_free(&prompt);
    buf_free(&above);
}

/* True: go on. */
static bool interrupted(struct repl *repl)
{
    if (signal_leave)
        return false;
    if (signal_break && repl->asks) {
        show_text(repl, "\n");
        prompt_break_key(repl);
    }
    signal_break = 0;
    return true;
}

/* While ports are open, until something is typed. */
static void reader_waits(void *context)
{
    struct repl *repl = context;
    bool heard = false;
    while (repl->gateway && !heard && !signal_leave && !signal_break) {
        heard = serve_prompt_round(repl, NULL);
        show_new(repl, false);
    }
}

/* A prompt inside a prompt goes on in the same input: what was read ahead is not lost. */
static void prompt_with_reader(struct repl *repl)
{
    struct reader own = reader_of(STDIN_FILENO), *reader = repl->reader ? repl->reader : &own;
    struct reader before = *reader;
    bool goes_on = true;
    repl->reader = reader;
    reader->wait = reader_waits;
    reader->context = repl;
    while (goes_on && !signal_leave) {
        slice line;
        if (repl->asks)
            prompt_print(repl);
        switch (reader_line(reader, &line)) {
        case READER_LINE: goes_on = prompt_line(repl, line); break;
        case READER_INTERRUPTED: goes_on = interrupted(repl); break;
        case READER_END:
            if (repl->asks)
                show_text(repl, "\n");
            goes_on = repl->asks && prompt_end_key(repl);
            reader->ended = false;
            break;
        case READER_FAILED: goes_on = false; break;
        }
    }
    reader->wait = before.wait;
    reader->context = before.context;
    repl->reader = NULL;
    reader_free(&own);
}

/* --- begin to end ------------------------------------------------------------------------- */

/* A world that was left: since when, and what has happened in it without a person here. */
static void goes_on_show(struct repl *repl)
{
    struct buf line = BUF_MAX(1024), when = BUF_MAX(64);
    date_write_moment(&when, (int64_t)world_now_ms(repl->world));
    buf_format(&line, SAID("This world goes on where it was left, %s."), buf_text(&when));
    buf_free(&when);
    show_wrapped(repl, buf_slice(&line), 0);
    buf_clear(&line);
    since_write(&line, repl->world);
    if (line.len)
        show_wrapped(repl, buf_slice(&line), 0);
    show_text(repl, " " SAID("Look") "    board     log        "
                    SAID("where each message is, what was said") "\n"
                    " " SAID("Anew") "    exit                 " SAID("then") "   "
                    "pennypost --fresh\n");
    buf_free(&line);
}

static void banner(struct repl *repl)
{
    const struct device *device = repl->world->here;
    show_wrapped(
        repl,
        SLICE(
            SAID("Pennypost: a whole e-mail world in this window. Nothing reaches the Internet.")),
        0);
    if (device) {
        struct buf line = BUF_MAX(1024);
        buf_format(&line, SAID("You are %s, at the device %s."), device->person, device->name);
        if (device->mail_server[0])
            buf_format(&line, SAID(" The mail server is %s."), device->mail_server);
        show_wrapped(repl, buf_slice(&line), 0);
        buf_free(&line);
    }
    if (repl->continues)
        goes_on_show(repl);
    bool begun = false;
    const char *lesson = lesson_offered(repl, &begun);
    if (lesson)
        show_text(repl,
                  begun ? " " SAID("Start") "   lesson               "
                          SAID("the course; next is %s") "\n"
                        : " " SAID("Start") "   lesson               "
                          SAID("the course; it begins with %s") "\n", lesson);
    show_text(repl,
              " " SAID("Try") "     telnet mail smtp     " SAID("and then") "   EHLO %s\n"
              " " SAID("Or") "      contrast             "
              SAID("why is the mail gone from my phone?") "\n"
              " " SAID("Lost?") "   help                 " SAID("Leave: exit") "\n",
              device ? device->name : "me");
}

struct repl *prompt_inside(struct repl *repl)
{
    serve_prompt_stop(repl);
    struct repl *own = calloc(1, sizeof *own);
    must(own != NULL);
    own->front.look = repl->front.look;
    own->front.course = repl->front.course;
    own->options = repl->options;
    own->out = repl->out;
    own->json = repl->json;
    own->prompts = repl->prompts;
    own->asks = repl->asks;
    own->reader = repl->reader;
    return own;
}

void prompt_loop(struct repl *repl)
{
#ifdef HAVE_READLINE
    if (repl->asks && isatty(fileno(repl->out))) {
        prompt_with_readline(repl);
        return;
    }
#endif
    prompt_with_reader(repl);
}

enum exit_code prompt_run(const struct options *options)
{
    static struct repl repl;
    bool asks = isatty(STDIN_FILENO) != 0;
    show_begin(&repl, options, asks);
    enum exit_code opened = opening_for_prompt(&repl, options);
    if (opened != EXIT_GOOD)
        return opened;
    signals_begin(asks);
    repl.prompts = repl.front.replays = true;
    repl.front.points = asks;
    if (asks)
        banner(&repl);
    lesson_course_open(&repl, NULL);
    prompt_loop(&repl);
    serve_prompt_stop(&repl);
    return opening_end(&repl, !asks && repl.world->script->check_failed ? EXIT_CHECK : EXIT_GOOD);
}
