/* show.c: reads what is new in the trace and puts it on the screen, as text and as JSON. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "repl/repl.h"
#include "sim/devices/device.h"
#include "repl/terminal.h"
#include "sim/shared.h"
#include "views/board.h"
#include "views/clean.h"
#include "views/exchange.h"
#include "views/json.h"
#include "views/reflow.h"
#include "views/translate.h"
#include "views/utf8.h"
#include "views/wrap.h"

#define COLUMNS_DEFAULT 80
#define COLUMNS_LEAST 20
#define CARET_CONTEXT 60

static bool wants_plain(const struct options *options, bool terminal)
{
    const char *kind = getenv("TERM");
    return options->plain || !terminal || !kind || strcmp(kind, "dumb") == 0;
}

/* https://no-color.org: set and not empty, it takes colours away, and nothing else. */
static bool wants_colour(void)
{
    const char *no_colour = getenv("NO_COLOR");
    return !no_colour || !no_colour[0];
}

static void show_columns(struct repl *repl, unsigned columns)
{
    if (columns == 0)
        columns = COLUMNS_DEFAULT;
    if (repl->columns_most && columns > repl->columns_most)
        columns = repl->columns_most;
    repl->front.look.columns = columns < COLUMNS_LEAST ? COLUMNS_LEAST : columns;
}

void show_ask_columns(struct repl *repl)
{
    struct winsize size = { 0 };
    bool known = ioctl(fileno(repl->out), TIOCGWINSZ, &size) == 0;
    show_columns(repl, known ? size.ws_col : 0);
    repl->front.look.rows = known ? size.ws_row : 0;
}

void show_begin(struct repl *repl, const struct options *options, bool asks)
{
    repl->out = options->json ? stderr : stdout;
    repl->json = options->json ? stdout : NULL;
    repl->asks = asks;
    repl->options = options;
    bool terminal = isatty(fileno(repl->out)) != 0;
    struct look *look = &repl->front.look;
    look->plain = wants_plain(options, terminal);
    look->colour = !look->plain && wants_colour();
    look->utf8 = terminal_is_utf8(repl->out);
    look->echo = !asks;
    look->whole = !asks;
    look->listens = look->plain && asks && terminal;
    look->tells = look->listens || options->plain;
    show_ask_columns(repl);
}

static bool json_show(struct repl *repl)
{
    struct world *world = repl->world;
    struct buf line = BUF_MAX(JSON_LINE_MAX);
    for (uint64_t number = repl->shown; number < trace_end(world->trace); number++) {
        buf_clear(&line);
        if (json_record(&line, world, &repl->front.conns, trace_at(world->trace, number)))
            terminal_octets(repl->json, buf_slice(&line));
    }
    buf_free(&line);
    return fflush(repl->json) == 0 && !ferror(repl->json);
}

/* Of what was shown, and remembered of it, only what comes before the present still is. */
void show_turned(struct repl *repl)
{
    struct world *world = repl->world;
    if (!repl->timeline || timeline_turns(repl->timeline) == repl->turns)
        return;
    repl->turns = timeline_turns(repl->timeline);
    repl->shown = trace_end(world->trace);
    conns_free(&repl->front.conns);
    repl->front.message_conn = repl->front.named = 0;
    repl->front.offered[0] = '\0';
    memset(repl->front.watching.mailboxes, 0, sizeof repl->front.watching.mailboxes);
}

/* A person's window breaks lines at blanks; a pipe gets them as they are. */
static void draw_fitting(const struct repl *repl, slice drawn)
{
    struct buf fitted = BUF_MAX(2 * EXCHANGE_OUTPUT_MAX);
    if (!repl->front.look.whole)
        reflow_add(&fitted, drawn, repl->front.look.columns);
    terminal_draw_coloured(repl->out, repl->front.look.whole ? drawn : buf_slice(&fitted));
    buf_free(&fitted);
}

bool show_new(struct repl *repl, bool command)
{
    struct world *world = repl->world;
    show_turned(repl);
    struct buf text = BUF_MAX(EXCHANGE_OUTPUT_MAX);
    uint64_t end = trace_end(world->trace);
    conns_read(&repl->front.conns, world->trace);
    exchange_show(&text, world, &repl->front, repl->shown, end, command);
    board_watch(&text, world, &repl->front);
    draw_fitting(repl, buf_slice(&text));
    if (text.full)
        terminal_say(repl->out, "   ... and more than the screen should bear\n");
    buf_free(&text);
    if (repl->handed[0])
        terminal_say(repl->out, "%s\n", repl->handed);
    repl->handed[0] = '\0';
    bool alive = fflush(repl->out) == 0 && !ferror(repl->out);
    if (repl->json)
        alive = json_show(repl) && alive;
    repl->shown = end;
    return alive;
}

void show_told(struct world *world, slice line, const struct command *command, bool ok, slice text,
               slice data)
{
    struct repl *repl = world->front;
    struct told told = told_of(world, line, command, ok, text, data);
    struct buf out = BUF_MAX(EXCHANGE_OUTPUT_MAX), json = BUF_MAX(JSON_LINE_MAX);
    exchange_told(&out, world, world->front, &told.input, &told.answer);
    draw_fitting(repl, buf_slice(&out));
    buf_free(&out);
    if (repl->json) {
        json_record(&json, world, &repl->front.conns, &told.input);
        told_answer_json(&json, world, &repl->front.conns, &told);
        (void)terminal_octets(repl->json, buf_slice(&json)); /* show_new tells of a broken pipe */
    }
    buf_free(&json);
}

void show_text(struct repl *repl, const char *format, ...)
{
    struct buf text = BUF_MAX(EXCHANGE_OUTPUT_MAX), said = BUF_MAX(2 * EXCHANGE_OUTPUT_MAX);
    va_list args;
    va_start(args, format);
    clean_format_list(&text, repl->front.look.utf8, format, args);
    va_end(args);
    translate_answer(&said, repl->front.look.language, buf_slice(&text));
    draw_fitting(repl, buf_slice(&said));
    fflush(repl->out);
    buf_free(&text);
    buf_free(&said);
}

void show_wrapped(struct repl *repl, slice words, size_t indent)
{
    struct buf out = BUF_MAX(65536), clean = BUF_MAX(65536), said = BUF_MAX(65536);
    translate_add(&said, repl->front.look.language, words);
    clean_add(&clean, buf_slice(&said), repl->front.look.utf8);
    for (size_t i = 0; i < indent; i++)
        buf_add_char(&out, ' ');
    wrap_add(&out, buf_slice(&clean), indent, indent, repl->front.look.columns);
    terminal_draw(repl->out, buf_slice(&out));
    fflush(repl->out);
    buf_free(&said);
    buf_free(&clean);
    buf_free(&out);
}

/* Of a long line the part around the place, from `from` on. */
static slice line_around(slice line, size_t *at)
{
    size_t from = *at > CARET_CONTEXT ? *at - CARET_CONTEXT : 0;
    line = slice_upto(slice_from(line, from), 2 * CARET_CONTEXT);
    *at -= from;
    return line;
}

void show_wrong_line(const struct repl *repl, const char *file, uint64_t number, slice line,
                     size_t at, const char *reason)
{
    struct buf out = BUF_MAX(65536), before = BUF_MAX(4096);
    if (at > line.len)
        at = line.len;
    slice shown = line_around(line, &at);
    clean_add(&out, slice_of(file), repl->front.look.utf8);
    buf_format(&out, ":%llu: ", (unsigned long long)number);
    clean_add(&out, slice_of(reason), repl->front.look.utf8);
    buf_add_text(&out, "\n    ");
    clean_add(&out, shown, repl->front.look.utf8);
    buf_add_text(&out, "\n    ");
    clean_add(&before, slice_upto(shown, at), repl->front.look.utf8);
    for (size_t i = utf8_width(buf_slice(&before)); i; i--)
        buf_add_char(&out, ' ');
    buf_add_text(&out, "^\n");
    fflush(repl->out);
    terminal_draw(stderr, buf_slice(&out));
    buf_free(&before);
    buf_free(&out);
}
