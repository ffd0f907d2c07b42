/* contrast.c: `contrast`: which story, in which worlds, and what comes of it as text or JSON.
   Step by step before people it is stage.c. A person's own world is never touched: each
   setting plays in a world of its own, new or a copy. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/words.h"
#include "lessons/contrast.h"
#include "repl/repl.h"
#include "repl/terminal.h"
#include "sim/shared.h"
#include "views/exchange.h"
#include "views/json.h"
#include "views/reflow.h"

#define TABLE_COLUMNS_MAX 120
#define TRACE_BYTES_MAX (1u << 30)

/* --- worlds -------------------------------------------------------------------------------- */

struct world *stage_worlds_open(const struct repl *repl, enum exit_code *result)
{
    struct repl *own = calloc(1, sizeof *own);
    must(own != NULL);
    own->front.look = repl->front.look;
    own->options = repl->options;
    own->out = repl->out;
    own->asks = repl->asks;
    *result = opening_for_run(own, repl->options);
    if (own->world)
        return own->world;
    free(own);
    return NULL;
}

void stage_worlds_close(struct world *world)
{
    struct repl *own = world ? world->front : NULL;
    if (!own)
        return;
    own->shown = trace_end(world->trace);   /* nobody wants to see how it ends */
    opening_end(own, EXIT_GOOD);
    free(own);
}

static enum exit_code fault_say(const struct repl *repl, const struct contrast *contrast,
                                const struct story_fault *fault)
{
    const char *name = contrast->story->name;
    if (fault->number)
        show_wrong_line(repl, name, fault->number, fault->line, fault->at, fault->why.text);
    else
        terminal_error("%s: %s", name, fault->why.text);
    return fault->broken ? EXIT_TROUBLE : EXIT_USAGE;
}

bool stage_worlds_add(const struct repl *repl, struct contrast *contrast, slice variant,
                   enum exit_code *result)
{
    struct story_fault fault;
    struct world *world = stage_worlds_open(repl, result);
    if (!world)
        return false;
    if (contrast_add(contrast, variant, world, &fault))
        return true;
    *result = fault_say(repl, contrast, &fault);
    return false;
}

/* --- the story ----------------------------------------------------------------------------- */

static void stories_say(void)
{
    terminal_say(stderr, "Stories:");
    for (const struct story_text *story = stories; story->name; story++)
        terminal_say(stderr, " %s", story->name);
    terminal_say(stderr, "; or a file of yours.\n");
}

static struct story *story_open(const char *name, enum exit_code *result)
{
    struct error why = { "" };
    const struct story_text *listed = story_find(slice_of(name ? name : stories[0].name));
    if (listed)
        return story_new(slice_of(listed->name), (slice){ (const char *)listed->at, listed->len });
    struct buf text = BUF_MAX(STORY_BYTES_MAX);
    struct story *story = NULL;
    if (opening_file_read(strcmp(name, "-") == 0 ? "/dev/stdin" : name, &text, &why)) {
        story = story_new(slice_of(name), buf_slice(&text));
    } else {
        say_error(&why);
        stories_say();
        *result = EXIT_TROUBLE;
    }
    buf_free(&text);
    return story;
}

static enum exit_code story_learn(const struct repl *repl, struct story *story)
{
    enum exit_code result = EXIT_GOOD;
    struct story_fault fault;
    struct contrast contrast = { .story = story };
    struct world *world = stage_worlds_open(repl, &result);
    if (world && !story_rehearse(story, world, &fault))
        result = fault_say(repl, &contrast, &fault);
    stage_worlds_close(world);
    return result;
}

static bool settings_choose(struct story *story, slice list)
{
    struct error why;
    if (story_settings(story, list, &why))
        return true;
    terminal_error("%s", why.text);
    return false;
}

/* --- as JSON ------------------------------------------------------------------------------- */

static void json_print(FILE *json, const struct contrast *contrast)
{
    struct buf last = BUF_MAX(JSON_LINE_MAX), trace = BUF_MAX(TRACE_BYTES_MAX);
    for (size_t i = 0; i < contrast->variant_count; i++) {
        struct variant *variant = contrast->variants[i];
        opening_trace_end(variant->world->front, variant->check_failed ? EXIT_CHECK : EXIT_GOOD);
        contrast_trace_json(&trace, variant);
        terminal_octets(json, buf_slice(&trace));
        buf_clear(&trace);
    }
    buf_free(&trace);
    contrast_json(&last, contrast);
    terminal_octets(json, buf_slice(&last));
    buf_free(&last);
}

/* --- from begin to end --------------------------------------------------------------------- */

/* The steps, unless the stage has shown them, and what it came to. */
static void contrast_print(struct repl *repl, const struct contrast *contrast, bool steps)
{
    struct contrast_look look = { .columns = repl->front.look.columns };
    struct buf text = BUF_MAX(4u << 20);
    bool told = repl->options->plain || (look.columns < CONTRAST_COLUMNS_MIN && repl->asks);
    if (look.columns < CONTRAST_COLUMNS_MIN)
        look.columns = CONTRAST_COLUMNS_MIN;
    for (size_t step = 0; steps && step <= contrast->story->step_count; step++) {
        if (told)
            contrast_tell(&text, contrast, step);
        else
            contrast_draw(&text, contrast, step, &look);
        buf_add_char(&text, '\n');
    }
    if (told)
        contrast_table_tell(&text, contrast);
    else
        contrast_table_draw(&text, contrast, look.columns < TABLE_COLUMNS_MAX ? look.columns
                                                                             : TABLE_COLUMNS_MAX);
    struct buf fitted = BUF_MAX(8u << 20);
    reflow_add(&fitted, buf_slice(&text), repl->front.look.columns);
    terminal_draw(repl->out, told && !repl->front.look.whole ? buf_slice(&fitted)
                                                             : buf_slice(&text));
    fflush(repl->out);
    buf_free(&fitted);
    buf_free(&text);
}

/* What the story says must be so, and is not in this setting. */
static void checks_say(const struct contrast *contrast, const struct variant *variant)
{
    const struct trace *trace = variant->world->trace;
    for (uint64_t number = trace_first(trace); number < trace_end(trace); number++) {
        const struct trace_record *record = trace_at(trace, number);
        struct buf line = BUF_MAX(COMMAND_OUTPUT_MAX);
        if (record->kind != TRACE_CHECK || record->ok)
            continue;
        check_write(&line, record, false);
        terminal_error("%s, %s: FAILED%s", contrast->story->name, variant->name, buf_text(&line));
        buf_free(&line);
    }
}

/* The story is known and its settings are chosen. */
static enum exit_code variants_play(const struct repl *repl, struct contrast *contrast,
                                    const struct story *story)
{
    enum exit_code result = EXIT_GOOD;
    for (size_t i = 0; i < story->variant_count; i++)
        if (!stage_worlds_add(repl, contrast, slice_of(story->variants[i]), &result))
            return result;
    for (size_t i = 0; i < contrast->variant_count; i++)
        if (contrast->variants[i]->check_failed) {
            checks_say(contrast, contrast->variants[i]);
            result = EXIT_CHECK;
        }
    return result;
}

/* export: NULL, or a picture is written in place of the screens. */
enum exit_code contrast_main(const struct options *options, const struct contrast_options *wanted,
                             const struct export_options *export, const char *name)
{
    static struct repl repl;
    enum exit_code result = EXIT_GOOD;
    show_begin(&repl, options, isatty(STDIN_FILENO) != 0);
    struct story *story = story_open(name, &result);
    if (!story)
        return result;
    struct contrast contrast = { .story = story };
    bool stage = !export && !wanted->automatic && !options->json && repl.asks &&
                 isatty(fileno(repl.out));
    signals_begin(stage);
    result = story_learn(&repl, story);
    if (result == EXIT_GOOD &&
        !settings_choose(story, slice_of(wanted->variants ? wanted->variants : "")))
        result = EXIT_USAGE;
    if (result == EXIT_GOOD) {
        result = variants_play(&repl, &contrast, story);
        bool whole = result == EXIT_GOOD || result == EXIT_CHECK;
        if (whole && export && export_contrast(&contrast, export) != EXIT_GOOD)
            result = EXIT_TROUBLE;
        bool ended = !whole || !stage || stage_run(&repl, &contrast);
        if (whole && !export && ended)
            contrast_print(&repl, &contrast, !stage);
        if (whole && repl.json)
            json_print(repl.json, &contrast);
    }
    contrast_end(&contrast, stage_worlds_close);
    story_free(story);
    return result;
}

/* --- the command --------------------------------------------------------------------------- */

static bool story_unknown(struct call *call, slice word)
{
    struct buf names = BUF_MAX(1024);
    for (const struct story_text *story = stories; story->name; story++)
        buf_format(&names, "%s%s", names.len ? ", " : "", story->name);
    call_refuse(call, word, "no story is called that; there are %s; a file of yours: pennypost "
                "contrast FILE", buf_text(&names));
    buf_free(&names);
    return false;
}

/* The answer is the table, whoever asks: a saved script must answer the same. */
bool contrast_run(struct call *call)
{
    struct repl *repl = call->world->front;
    slice rest = call->args, word = take_word(&rest);
    enum exit_code result = EXIT_GOOD;
    char name[128] = "";
    if (slice_trim(rest).len)
        return call_refuse(call, slice_trim(rest), "contrast takes one story");
    if (word.len && !story_find(word))
        return story_unknown(call, word);
    if (!repl)
        return call_fact(call, "There is no stage here.");
    snprintf(name, sizeof name, "%.*s", SLICE_ARG(word));
    struct story *story = story_open(name[0] ? name : NULL, &result);
    struct contrast contrast = { .story = story };
    call_begins(call);
    if (story_learn(repl, story) == EXIT_GOOD && settings_choose(story, SLICE_EMPTY) &&
        variants_play(repl, &contrast, story) != EXIT_USAGE && contrast.variant_count) {
        contrast_table_draw(call->out, &contrast, COMMAND_COLUMNS);
        if (repl->prompts && repl->asks && !timeline_plays(call->world) &&
            isatty(fileno(repl->out)))
            stage_run(repl, &contrast);
    } else {
        call_fact(call, "The story could not be played.");
    }
    contrast_end(&contrast, stage_worlds_close);
    story_free(story);
    return true;
}
