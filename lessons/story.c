/* story.c: reads a story and rehearses it. Showing it is contrast*.c. */
#include "lessons/story.h"

#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "lessons/lessons.h"
#include "servers/session.h"
#include "sim/devices/device.h"
#include "sim/devices/programs.h"
#include "sim/devices/device_mail.h"
#include "base/words.h"
#include "sim/language/script.h"
#include "views/clean.h"
#include "views/utf8.h"

/* --- reading ------------------------------------------------------------------------------- */

static void lines_split(struct story *story)
{
    slice rest = buf_slice(&story->text);
    size_t count = 0;
    for (size_t i = 0; i < rest.len; i++)
        count += rest.at[i] == '\n';
    story->lines = calloc(count + 1, sizeof *story->lines);
    must(story->lines != NULL);
    for (uint64_t number = 1; rest.len; number++) {
        slice line = take_until(&rest, '\n');
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        story->lines[story->line_count++] = (struct story_line){ line, number };
    }
}

/* A story comes from anywhere: what is shown of it is made safe, and measured, as it is read. */
static void text_set(char *field, size_t size, slice text)
{
    struct buf clean = BUF_MAX(32 * STORY_TITLE_BYTES);
    clean_add(&clean, slice_upto(text, 4 * STORY_TITLE_BYTES), true);
    slice kept = slice_upto(buf_slice(&clean), size - 1);
    field_set(field, size, kept.len < clean.len ? utf8_whole(kept) : kept);
    buf_free(&clean);
}

#define TEXT_SET(field, text) text_set((field), sizeof(field), (text))

struct story *story_new(slice name, slice text)
{
    struct story *story = calloc(1, sizeof *story);
    must(story != NULL);
    story->text = BUF_MAX(STORY_BYTES_MAX);
    TEXT_SET(story->name, name);
    take_prefix(&text, BYTE_ORDER_MARK);
    buf_add(&story->text, text);
    lines_split(story);
    slice first = story->line_count ? story->lines[0].text : SLICE_EMPTY;
    slice second = story->line_count > 1 ? story->lines[1].text : SLICE_EMPTY;
    if (take_char(&first, '#'))
        TEXT_SET(story->title, slice_trim(first));
    if (story->title[0] && take_char(&second, '#'))
        TEXT_SET(story->intro, slice_trim(second));
    return story;
}

void story_free(struct story *story)
{
    if (!story)
        return;
    free(story->lines);
    buf_free(&story->text);
    free(story);
}

/* --- one line ------------------------------------------------------------------------------ */

bool story_line_run(const struct story *story, size_t line, struct world *world, bool *leaves,
                    struct story_fault *fault)
{
    const struct story_line *said = &story->lines[line];
    world->line_number = said->number;
    enum line_result result = script_line(world, said->text, &fault->at, &fault->why);
    *leaves = result == LINE_LEAVE;
    if (result != LINE_UNREADABLE && result != LINE_BROKEN)
        return true;
    fault->number = said->number;
    fault->line = said->text;
    fault->broken = result == LINE_BROKEN;
    return false;
}

/* --- the rehearsal ------------------------------------------------------------------------- */

struct rehearsal {
    struct story *story;
    struct world *world;
    struct story_fault *fault;
    bool has_steps;
    uint64_t read;                   /* trace records */
    bool *acted;                     /* by number of the net's host */
    uint32_t hosts;
    char person[ADDRESS_MAX + 1];    /* `variants … of` named her */
};

/* The command of a line for Pennypost, without its colon: "step", or nothing. */
static slice line_command(struct world *world, slice line, slice *rest)
{
    *rest = line;
    if (!script_line_is_command(world, line))
        return SLICE_EMPTY;
    take_char(rest, ':');
    slice word = take_word(rest);
    *rest = slice_trim(*rest);
    return word;
}

static struct story_step *step_begin(struct rehearsal *rehearsal, slice title, size_t line)
{
    struct story *story = rehearsal->story;
    if (story->step_count == STORY_STEPS_MAX) {
        error_set(&rehearsal->fault->why, "a story has at most %d steps", STORY_STEPS_MAX);
        rehearsal->fault->number = story->lines[line].number;
        rehearsal->fault->line = story->lines[line].text;
        return NULL;
    }
    struct story_step *step = &story->steps[story->step_count++];
    TEXT_SET(step->title, title);
    step->first = line;
    return step;
}

/* Without steps of its own every line that may do something is one. */
static bool line_is_step(slice word, slice line)
{
    static const char *const quiet[] = { "on", "check", "ask", "step", "variants", "board", "story",
                                         "why", "log", "meter", "hosts", "users", "help" };
    if (!slice_trim(line).len || line.at[0] == '#')
        return false;
    for (size_t i = 0; i < COUNT(quiet); i++)
        if (slice_is(word, quiet[i]))
            return false;
    return word.len > 0;
}

static bool is_for_the_stage(slice line)
{
    slice word = take_word(&line);
    for (const struct command *command = lesson_commands; command->name; command++)
        if (slice_is(word, command->name))
            return true;
    return false;
}

/* A step that is typed to a server: in a message it may be text, at a command it is a mistake. */
static bool step_is_said(struct rehearsal *rehearsal, size_t line)
{
    const struct story_line *said = &rehearsal->story->lines[line];
    struct world *world = rehearsal->world;
    uint64_t left;
    if (!is_for_the_stage(said->text) || script_line_is_command(world, said->text) ||
        !world->here || device_expects(world, world->here, &left) != EXPECTS_COMMAND)
        return false;
    rehearsal->fault->number = said->number;
    rehearsal->fault->line = said->text;
    error_set(&rehearsal->fault->why, "this line would go to the server to which %s is connected: "
              "QUIT before it, or put a colon first", world->here->name);
    return true;
}

static bool step_read(struct rehearsal *rehearsal, size_t line)
{
    slice text = rehearsal->story->lines[line].text, rest, title;
    if (step_is_said(rehearsal, line))
        return false;
    slice word = line_command(rehearsal->world, text, &rest);
    if (rehearsal->has_steps ? !slice_is(word, "step") : !line_is_step(word, text))
        return true;
    struct buf named = BUF_MAX(STORY_TITLE_BYTES);
    title = rest;
    if (!rehearsal->has_steps) {
        if (rehearsal->world->here)
            buf_format(&named, "%s: ", rehearsal->world->here->name);
        buf_add(&named, slice_upto(text, STORY_TITLE_BYTES / 2));
        title = buf_slice(&named);
    }
    bool begun = step_begin(rehearsal, title, line) != NULL;
    buf_free(&named);
    return begun;
}

/* What the records of a line tell: who acted, and what the story says of itself. */
static void variants_note(struct rehearsal *rehearsal, slice text)
{
    struct story *story = rehearsal->story;
    while (slice_trim(text).len) {
        slice word = take_word(&text);
        if (slice_is(word, "of"))
            FIELD_SET(rehearsal->person, take_word(&text));
        else if (story->variant_count < STORY_VARIANTS_MAX)
            FIELD_SET(story->variants[story->variant_count++], word);
    }
}

/* An answer is wrapped for the screen. */
static slice answer_line(struct buf *line, slice text)
{
    for (size_t i = 0; i < text.len; i++)
        buf_add_char(line, text.at[i] == '\n' ? ' ' : text.at[i]);
    return slice_trim(buf_slice(line));
}

static void record_note(struct rehearsal *rehearsal, const struct trace_record *record)
{
    struct story *story = rehearsal->story;
    struct buf answer_text = BUF_MAX(4 * STORY_TITLE_BYTES);
    slice answer = answer_line(&answer_text, record->text);
    bool acts = record->kind == TRACE_DEVICE || record->kind == TRACE_NETWORK ||
                (record->kind == TRACE_OPEN && !record->typed);
    if (record->kind == TRACE_ANSWER && slice_is(record->name, "ask") && story->step_count)
        TEXT_SET(story->steps[story->step_count - 1].ask, answer);
    else if (record->kind == TRACE_ANSWER && slice_is(record->name, "variants"))
        variants_note(rehearsal, answer);
    acts = acts || (record->kind == TRACE_ANSWER && slice_is(record->name, "mail"));
    if (acts && record->host < rehearsal->hosts)
        rehearsal->acted[record->host] = true;
    buf_free(&answer_text);
}

static void records_note(struct rehearsal *rehearsal)
{
    const struct trace *trace = rehearsal->world->trace;
    for (; rehearsal->read < trace_end(trace); rehearsal->read++)
        record_note(rehearsal, trace_at(trace, rehearsal->read));
}

/* --- whose story it is --------------------------------------------------------------------- */

static size_t acted_of(const struct rehearsal *rehearsal, const char *address)
{
    size_t count = 0;
    for (const struct device *device = rehearsal->world->devices; device; device = device->next)
        count += strcmp(device->address, address) == 0 && rehearsal->acted[device->host];
    return count;
}

/* Whoever has most devices in it; of several, whose comes first in the world. */
static bool person_find(struct rehearsal *rehearsal)
{
    struct story *story = rehearsal->story;
    const struct device *best = NULL;
    for (const struct device *device = rehearsal->world->devices; device; device = device->next) {
        bool named = slice_is(slice_of(rehearsal->person), device->person) ||
                     slice_is(slice_of(rehearsal->person), device->address);
        if (rehearsal->person[0] ? !named : !rehearsal->acted[device->host])
            continue;
        if (!best || acted_of(rehearsal, device->address) > acted_of(rehearsal, best->address))
            best = device;
    }
    if (!best)
        return error_set(&rehearsal->fault->why,
                         rehearsal->person[0]
                             ? "%s has no device in this world"
                             : "no device's mail program does anything in this story: "
                               "`on laptop`, then `mail sync`%s",
                         rehearsal->person);
    FIELD_SET(story->person, slice_of(best->address));
    return true;
}

static void devices_find(struct rehearsal *rehearsal)
{
    struct story *story = rehearsal->story;
    for (const struct device *device = rehearsal->world->devices; device; device = device->next)
        if (rehearsal->acted[device->host] && strcmp(device->address, story->person) == 0 &&
            story->device_count < STORY_DEVICES_MAX)
            FIELD_SET(story->devices[story->device_count++], slice_of(device->name));
}

static void steps_end(struct story *story)
{
    for (size_t i = 0; i < story->step_count; i++)
        story->steps[i].end =
            i + 1 < story->step_count ? story->steps[i + 1].first : story->line_count;
}

static bool has_steps(const struct story *story)
{
    for (size_t i = 0; i < story->line_count; i++)
        if (slice_starts(story->lines[i].text, "step ") ||
            slice_starts(story->lines[i].text, ":step "))
            return true;
    return false;
}

bool story_rehearse(struct story *story, struct world *world, struct story_fault *fault)
{
    struct rehearsal rehearsal = { .story = story, .world = world, .fault = fault,
                                   .has_steps = has_steps(story),
                                   .hosts = net_host_count(world->net) + 1 };
    bool leaves = false, ok = true;
    *fault = (struct story_fault){ 0 };
    rehearsal.acted = calloc(rehearsal.hosts, sizeof *rehearsal.acted);
    must(rehearsal.acted != NULL);
    for (size_t line = 0; ok && !leaves && line < story->line_count; line++) {
        ok = step_read(&rehearsal, line) &&
             story_line_run(story, line, world, &leaves, fault);
        if (ok)
            records_note(&rehearsal);
    }
    ok = ok && person_find(&rehearsal);
    if (ok) {
        devices_find(&rehearsal);
        steps_end(story);
    }
    if (ok && story->step_count == 0)
        ok = error_set(&fault->why, "nothing happens in this story");
    free(rehearsal.acted);
    return ok;
}

/* --- settings ------------------------------------------------------------------------------ */

/* "pop3-keep-7d" in a device's words: the row, and the time that stands behind its name. */
static const struct program *variant_program(slice name, struct buf *words, slice *behind)
{
    buf_clear(words);
    for (size_t i = 0; i < name.len; i++)
        buf_add_char(words, name.at[i] == '-' ? ' ' : name.at[i]);
    *behind = buf_slice(words);
    const struct program *program = words->full ? NULL : program_take(behind);
    *behind = slice_trim(*behind);
    return program;
}

bool variant_words(slice name, struct buf *words)
{
    uint64_t ms = 0;
    slice behind;
    struct buf plain = BUF_MAX(VARIANT_NAME_BYTES);
    const struct program *program = variant_program(name, &plain, &behind);
    bool keeps = program && slice_is(slice_of(program->name), "pop3 keep");
    bool known = program && (!behind.len || (keeps && duration_read(&behind, &ms) && !behind.len));
    buf_clear(words);
    buf_format(words, "%s%.*s", program && program_is_named(program) ? "like " : "",
               SLICE_ARG(buf_slice(&plain)));
    buf_free(&plain);
    return known && !words->full;
}

bool variant_joins(slice name, const slice *others, size_t count, struct error *why)
{
    struct buf words = BUF_MAX(VARIANT_WORDS_BYTES);
    bool known = variant_words(name, &words);
    buf_free(&words);
    if (!known)
        return error_set(why, "a setting is one of " VARIANT_NAMES ", or a mail program: "
                         "`programs` lists them");
    for (size_t i = 0; i < count; i++)
        if (slice_equal(name, others[i]))
            return error_set(why, "it is there already: each setting is compared once");
    if (count >= STORY_VARIANTS_MAX)
        return error_set(why, "at most %d settings are compared", STORY_VARIANTS_MAX);
    return true;
}

static bool setting_add(struct story *story, slice name, struct error *why)
{
    slice others[STORY_VARIANTS_MAX];
    struct error reason;
    for (size_t i = 0; i < story->variant_count; i++)
        others[i] = slice_of(story->variants[i]);
    if (!variant_joins(name, others, story->variant_count, &reason))
        return error_set(why, "--variants: \"%.*s\": %s", SLICE_ARG(name), reason.text);
    FIELD_SET(story->variants[story->variant_count++], name);
    return true;
}

bool story_settings(struct story *story, slice list, struct error *why)
{
    if (!list.len && story->variant_count < 2)
        list = SLICE("pop3-delete,imap");
    if (list.len)
        story->variant_count = 0;
    while (list.len)
        if (!setting_add(story, slice_trim(take_until(&list, ',')), why))
            return false;
    return story->variant_count >= 2 ||
           error_set(why, "a contrast has two settings or more: --variants pop3-keep,imap");
}

void variant_title(struct buf *out, slice name)
{
    slice behind;
    struct buf plain = BUF_MAX(VARIANT_NAME_BYTES);
    const struct program *program = variant_program(name, &plain, &behind);
    if (program && behind.len)
        buf_format(out, "POP3, keep %.*s", SLICE_ARG(behind));
    else if (program)
        program_title(out, program);
    buf_free(&plain);
}

const struct story_text *story_find(slice name)
{
    for (const struct story_text *story = stories; story->name; story++)
        if (slice_is(name, story->name))
            return story;
    return NULL;
}
