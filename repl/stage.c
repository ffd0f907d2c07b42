/* stage.c: a contrast before people: one screen a step, one key to go on or back, a pause to ask
   the room, a way into either world, another setting. The steps were played already; what a
   person does in a world from here is done in a copy, and the story stays as it is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lessons/contrast.h"
#include "repl/keys.h"
#include "repl/repl.h"
#include "repl/stage_style.h"
#include "repl/terminal.h"
#include "sim/shared.h"
#include "views/reflow.h"

#define KEYS "space next  b back  h keys"
#define GUESS_BYTES 64

struct stage {
    struct repl *repl;
    struct contrast *contrast;
    size_t step;
    struct keys keys;
    char guesses[STORY_VARIANTS_MAX][GUESS_BYTES];
    size_t asked_at;                 /* the step at which the room was asked; 0: not yet */
    bool ended;                      /* people have seen the table */
};

/* --- the screen ---------------------------------------------------------------------------- */

static void clear(const struct stage *stage)
{
    if (stage->repl->front.look.plain)
        terminal_say(stage->repl->out, "\n");
    else
        terminal_clear(stage->repl->out);
}

static size_t rows_of(const struct repl *repl)
{
    struct winsize size = { 0 };
    bool known = ioctl(fileno(repl->out), TIOCGWINSZ, &size) == 0 && size.ws_row;
    return known ? size.ws_row : 24;
}

static void text_print(const struct stage *stage, const struct buf *text)
{
    struct buf styled = BUF_MAX(8u << 20), fitted = BUF_MAX(8u << 20);
    reflow_add(&fitted, buf_slice(text), stage->repl->front.look.columns);
    stage_style(&styled, buf_slice(&fitted), stage->repl->front.look.colour);
    terminal_draw_coloured(stage->repl->out, buf_slice(&styled));
    fflush(stage->repl->out);
    buf_free(&styled);
    buf_free(&fitted);
}

/* --- screens ------------------------------------------------------------------------------- */

/* What the room said; behind the next step with what is so. */
static void guesses_draw(const struct stage *stage, struct buf *text)
{
    const struct contrast *contrast = stage->contrast;
    if (!stage->asked_at || stage->step < stage->asked_at || stage->step > stage->asked_at + 1)
        return;
    size_t holder = stage->step > stage->asked_at
                        ? contrast_asked_holder(contrast, stage->asked_at)
                        : contrast->holders;
    buf_add_text(text, " YOU SAID");
    for (size_t i = 0; i < contrast->variant_count; i++)
        if (stage->guesses[i][0]) {
            const struct frame *frame = &contrast->variants[i]->frames[stage->step];
            buf_format(text, "  %s: ", contrast->variants[i]->name);
            stage_votes(text, slice_of(stage->guesses[i]),
                        holder < contrast->holders ? (int64_t)contrast_shows(frame, holder) : -1,
                        stage->repl->front.look.utf8);
        }
    buf_add_char(text, '\n');
}

/* To those who listen, and in a window without room for two boards beside each other. */
static bool is_told(const struct stage *stage)
{
    const struct look *look = &stage->repl->front.look;
    return look->listens || look->columns < CONTRAST_COLUMNS_MIN;
}

static void step_draw(struct stage *stage)
{
    struct buf text = BUF_MAX(4u << 20);
    show_ask_columns(stage->repl);
    struct contrast_look look = { stage->repl->front.look.columns, rows_of(stage->repl), KEYS };
    bool told = is_told(stage);
    if (told)
        contrast_tell(&text, stage->contrast, stage->step);
    else
        contrast_draw(&text, stage->contrast, stage->step, &look);
    guesses_draw(stage, &text);
    if (told && !stage->repl->front.look.listens)
        buf_add_text(&text, KEYS "\n");
    if (!told)
        contrast_wire_draw(&text, stage->contrast, stage->step, &look,
                           stage->repl->front.look.utf8);
    clear(stage);
    text_print(stage, &text);
    buf_free(&text);
}

/* The end, as a table; a key comes next. */
static void table_draw(struct stage *stage)
{
    struct buf text = BUF_MAX(1u << 20);
    size_t columns = stage->repl->front.look.columns;
    if (is_told(stage))
        contrast_table_tell(&text, stage->contrast);
    else
        contrast_table_draw(&text, stage->contrast, columns > 120 ? 120 : columns);
    buf_add_text(&text, "\n b back   q leave\n");
    clear(stage);
    text_print(stage, &text);
    buf_free(&text);
}

/* A key that has nothing more to do with what is shown. */
static void key_await(const struct stage *stage)
{
    fflush(stage->repl->out);
    while (key_read(&stage->keys) == KEY_NONE)
        continue;
}

static void keys_say(const struct stage *stage)
{
    terminal_say(
            stage->repl->out,
            "\n space next    b back      a ask the room     l all lines of this step\n"
            " p a prompt in one of the worlds, at this step      + another setting\n"
            " t the table   q leave       a remote's keys: next, back\n"
            " a round trip is one wait for an answer\n");
    key_await(stage);
}

static bool line_ask(struct stage *stage, const char *question, char *line, size_t size)
{
    terminal_say(stage->repl->out, "%s", question);
    return keys_line(stage->repl->out, line, size);
}

static void room_ask(struct stage *stage)
{
    char question[128], guesses[STORY_VARIANTS_MAX][GUESS_BYTES];
    const char *ask = stage->step ? stage->contrast->story->steps[stage->step - 1].ask : "";
    if (!ask[0]) /* else it stands there */
        terminal_say(stage->repl->out, "\n ASK  What comes next?\n");
    terminal_say(stage->repl->out, " An answer, or votes: 0:4 5:18. Enter keeps it, Esc leaves.\n");
    for (size_t i = 0; i < stage->contrast->variant_count; i++) {
        snprintf(question, sizeof question, "  %s: ", stage->contrast->variants[i]->name);
        if (!line_ask(stage, question, guesses[i], sizeof guesses[i]))
            return;
    }
    memcpy(stage->guesses, guesses, sizeof guesses[0] * stage->contrast->variant_count);
    stage->asked_at = stage->step;
}

/* --- the lines of a step ------------------------------------------------------------------- */

/* Page by page: what does not fit on the screen waits for a key. */
static void pages_show(struct stage *stage, slice text)
{
    size_t rows = rows_of(stage->repl) - 1, columns = stage->repl->front.look.columns;
    for (int key = KEY_NEXT; text.len && key != KEY_LEAVE && key != 'q';) {
        clear(stage);
        for (size_t used = 0; text.len;) {
            slice rest = text, line = take_until(&rest, '\n');
            size_t lines = 1 + line.len / (columns ? columns : 80);
            if (used && used + lines > rows)
                break;
            terminal_say(stage->repl->out, "%.*s\n", SLICE_ARG(line));
            used += lines;
            text = rest;
        }
        terminal_say(stage->repl->out, "%s",
                     text.len ? "-- more: space, q" : "-- that was all: space");
        fflush(stage->repl->out);
        while ((key = key_read(&stage->keys)) == KEY_NONE)
            continue;
    }
}

static void lines_show(struct stage *stage)
{
    struct buf text = BUF_MAX(STORY_VARIANTS_MAX * CONTRAST_WIRE_MAX);
    for (size_t i = 0; i < stage->contrast->variant_count; i++) {
        const struct variant *variant = stage->contrast->variants[i];
        buf_format(&text, "--- %s\n", variant->name);
        contrast_wire_write(&text, variant, stage->step, stage->repl->front.look.utf8);
    }
    pages_show(stage, buf_slice(&text));
    buf_free(&text);
}

/* --- into a world, another setting --------------------------------------------------------- */

/* Which of the settings on the stage; the count if none. */
static size_t variant_ask(struct stage *stage)
{
    const struct contrast *contrast = stage->contrast;
    terminal_say(stage->repl->out, "\n In which world?");
    for (size_t i = 0; i < contrast->variant_count; i++)
        terminal_say(stage->repl->out, "  %zu %s", i + 1, contrast->variants[i]->name);
    fflush(stage->repl->out);
    int key;
    while ((key = key_read(&stage->keys)) == KEY_NONE)
        continue;
    terminal_say(stage->repl->out, "\n");
    return key > '0' && key <= '0' + (int)contrast->variant_count ? (size_t)(key - '1')
                                                                  : contrast->variant_count;
}

static void world_visit(struct stage *stage)
{
    enum exit_code result;
    struct story_fault fault;
    size_t which = variant_ask(stage);
    if (which == stage->contrast->variant_count)
        return;
    slice name = slice_of(stage->contrast->variants[which]->name);
    struct world *world = stage_worlds_open(stage->repl, &result);
    if (world && contrast_replay(stage->contrast, name, world, stage->step, &fault)) {
        struct repl *own = world->front;
        keys_end(&stage->keys);
        own->shown = trace_end(world->trace);
        world->line_number = 0;
        own->prompts = own->asks = true;
        show_text(own, "This is %s after step %zu, a copy: the story stays as it is. "
                  "`exit` goes back to it.\n", stage->contrast->variants[which]->name, stage->step);
        prompt_loop(own);
        serve_prompt_stop(own);
        signal_break = 0;
        keys_begin(&stage->keys);
    }
    stage_worlds_close(world);
}

/* False: it is said why not. */
static bool setting_take(struct stage *stage, slice name)
{
    slice others[STORY_VARIANTS_MAX];
    struct error why;
    enum exit_code result;
    for (size_t i = 0; i < stage->contrast->variant_count; i++)
        others[i] = slice_of(stage->contrast->variants[i]->name);
    if (variant_joins(name, others, stage->contrast->variant_count, &why))
        return stage_worlds_add(stage->repl, stage->contrast, name, &result);
    terminal_say(stage->repl->out, " %s.\n", why.text);
    return false;
}

static void setting_add(struct stage *stage)
{
    slice rest = SLICE(VARIANT_NAMES), names[16];
    size_t count = 0;
    terminal_say(stage->repl->out, "\n Which setting? Esc leaves.\n");
    while (rest.len && count < COUNT(names)) {
        names[count++] = slice_trim(take_until(&rest, ','));
        terminal_say(stage->repl->out, "  %zu %.*s", count, SLICE_ARG(names[count - 1]));
    }
    fflush(stage->repl->out);
    int key;
    while ((key = key_read(&stage->keys)) == KEY_NONE)
        continue;
    terminal_say(stage->repl->out, "\n");
    if (key <= '0' || key > '0' + (int)count || setting_take(stage, names[key - '1']))
        return;
    terminal_say(stage->repl->out, " Any key goes on.\n");
    key_await(stage);
}

/* --- the loop ------------------------------------------------------------------------------ */

/* False: it is over. */
static bool table_show(struct stage *stage)
{
    int key;
    do {
        table_draw(stage);
        key = key_read(&stage->keys);
    } while (key == KEY_NONE || key == KEY_NEXT);
    stage->ended = key == KEY_LEAVE || key == 'q';
    return !stage->ended;
}

/* False: it is over. */
static bool key_use(struct stage *stage, int key)
{
    size_t last = stage->contrast->story->step_count;
    switch (key) {
    case KEY_LEAVE:
    case 'q': return false;
    case KEY_NONE: break;
    case KEY_NEXT:
        if (stage->step == last)
            return table_show(stage);
        stage->step++;
        break;
    case 'b':
    case KEY_BACK: stage->step -= stage->step > 0; break;
    case 'a': room_ask(stage); break;
    case 'l': lines_show(stage); break;
    case 'p': world_visit(stage); break;
    case '+': setting_add(stage); break;
    case 't': return table_show(stage);
    default: keys_say(stage); break;
    }
    return true;
}

bool stage_run(struct repl *repl, struct contrast *contrast)
{
    struct stage stage = { .repl = repl, .contrast = contrast };
    if (!keys_open(&stage.keys))
        return true;
    keys_begin(&stage.keys);
    do
        step_draw(&stage);
    while (!signal_leave && key_use(&stage, key_read(&stage.keys)));
    keys_end(&stage.keys);
    signal_break = 0;
    clear(&stage);
    return stage.ended;
}
