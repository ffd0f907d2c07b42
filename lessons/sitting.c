/* sitting.c: what a line has changed in a lesson: goals, mistakes, failures, predictions. */
#include "lessons/sitting.h"

#include <stdlib.h>

#include "base/words.h"
#include "sim/devices/device.h"
#include "sim/language/build.h"
#include "views/guide.h"

/* --- checks -------------------------------------------------------------------------------- */

static bool check_holds(const struct sitting *sitting, const struct lesson_check *check,
                        struct check_result *result)
{
    bool read = check_ask(sitting->world, check->text, sitting->from, result);
    return read && result->ok != check->negated;
}

const struct lesson_check *sitting_unmet(const struct sitting *sitting, size_t goal,
                                         struct check_result *result)
{
    const struct lesson_goal *asked = &sitting->lesson->goals[goal];
    for (size_t i = 0; i < asked->check_count; i++)
        if (!check_holds(sitting, &asked->checks[i], result))
            return &asked->checks[i];
    return NULL;
}

static bool goal_holds(const struct sitting *sitting, size_t goal)
{
    struct check_result result;
    return !sitting_unmet(sitting, goal, &result);
}

static bool hint_applies(const struct sitting *sitting, const struct lesson_hint *hint)
{
    struct check_result result;
    for (size_t i = 0; i < hint->when_count; i++)
        if (!check_holds(sitting, &hint->when[i], &result))
            return false;
    return hint->when_count > 0;
}

size_t sitting_next(const struct sitting *sitting)
{
    for (size_t i = 0; i < sitting->lesson->goal_count; i++)
        if (!sitting->goals[i].met)
            return i;
    return sitting->lesson->goal_count;
}

bool sitting_is_met(const struct sitting *sitting)
{
    return sitting_next(sitting) == sitting->lesson->goal_count;
}

/* --- looking ------------------------------------------------------------------------------- */

/* A goal that was met stays so, but for one that must hold to the end, and for one that an undo
   has taken back: it was met by a line that there is no more. */
static void goals_look(struct sitting *sitting)
{
    for (size_t i = 0; i < sitting->lesson->goal_count; i++) {
        struct goal_progress *goal = &sitting->goals[i];
        bool lasts = goal->met && goal->met_at <= sitting->world->script->inputs &&
                     !sitting->lesson->goals[i].stays;
        if (lasts)
            continue;
        bool was = goal->met;
        goal->met = goal_holds(sitting, i);
        goal->fresh = goal->fresh || (goal->met && !was);
        if (!goal->met)
            goal->fresh = false;
        if (goal->met && !was) {
            goal->met_at = sitting->world->script->inputs;
            sitting->failures = 0;
            sitting->offered = false;
        }
    }
}

static void mistakes_look(struct sitting *sitting)
{
    const struct lesson *lesson = sitting->lesson;
    for (size_t i = 0; i < lesson->hint_count; i++) {
        sitting->mistake_now[i] = lesson->hints[i].when_count &&
                                  !sitting->goals[lesson->hints[i].goal].met &&
                                  hint_applies(sitting, &lesson->hints[i]);
    }
}

static bool is_typed(const struct world *world, uint32_t conn)
{
    for (const struct device *device = world->devices; device; device = device->next)
        if (device->typed_conn == conn)
            return true;
    return false;
}

/* Refusals in a row; anything that a server takes ends the row. And what wants to be an end: a
   message that was taken, an answer. */
static void failures_look(struct sitting *sitting)
{
    const struct trace *trace = sitting->world->trace;
    if (sitting->looked > trace_end(trace))
        sitting->looked = trace_end(trace);
    for (; sitting->looked < trace_end(trace); sitting->looked++) {
        const struct trace_record *record = trace_at(trace, sitting->looked);
        sitting->attempted |= record->kind == TRACE_ANSWER && slice_is(record->name, "answer");
        if (record->kind != TRACE_STATE || !is_typed(sitting->world, record->conn))
            continue;
        sitting->attempted |= record->event == EV_DOT && outcome_is_good(record->outcome);
        if (outcome_is_good(record->outcome) && record->event != EV_OPENED)
            sitting->failures = 0;
        else if (!outcome_is_good(record->outcome))
            sitting->failures++;
    }
}

/* The next question that nobody has asked, when all before its goal is met. */
static void predictions_look(struct sitting *sitting)
{
    const struct lesson *lesson = sitting->lesson;
    for (size_t i = 0; i < lesson->predict_count && sitting->asks < 0; i++) {
        if (sitting->predict_asked[i] || lesson->predicts[i].goal != sitting_next(sitting))
            continue;
        sitting->predict_asked[i] = true;
        sitting->asks = (int)i;
    }
    if (sitting->asks >= 0 && lesson->predicts[sitting->asks].goal < sitting_next(sitting))
        sitting->asks = -1; /* it has happened already */
}

/* Time was turned: lines were played again, and nothing of that was asked for now. */
static void turns_look(struct sitting *sitting)
{
    if (timeline_turns(sitting->timeline) == sitting->turns)
        return;
    sitting->turns = timeline_turns(sitting->timeline);
    sitting->begins_again = timeline_step(sitting->timeline) == 0;
    sitting->shows_goals = sitting->shows_hint = sitting->shows_solution = false;
    sitting->predicted = sitting->attempted = false;
    sitting->asks = -1;
    sitting->failures = 0;
    sitting->looked = trace_end(sitting->world->trace);
    for (size_t i = 0; i < sitting->lesson->goal_count; i++)
        sitting->goals[i].solution_next = 0;
}

static void sitting_look(struct sitting *sitting)
{
    turns_look(sitting);
    failures_look(sitting);
    goals_look(sitting);
    mistakes_look(sitting);
    predictions_look(sitting);
    sitting->finished = sitting->finished && sitting_is_met(sitting);
}

void sitting_turned(struct sitting *sitting)
{
    sitting_look(sitting);
    sitting->begins_again = false;
}

/* --- a line -------------------------------------------------------------------------------- */

static bool is_forbidden(const struct sitting *sitting, slice line, struct error *why)
{
    if (!script_line_is_command(sitting->world, line))
        return false;
    line = slice_trim(line);
    take_char(&line, ':');
    slice word = take_word(&line);
    for (size_t i = 0; i < sitting->lesson->forbid_count; i++)
        if (word.len && slice_equal(word, sitting->lesson->forbids[i])) {
            error_set(why, "This lesson goes without `%.*s`.", SLICE_ARG(word));
            return true;
        }
    return false;
}

enum line_result sitting_line(struct sitting *sitting, slice line, size_t *at, struct error *why)
{
    *at = 0;
    if (buf_add(&sitting->typed, line))
        buf_add_char(&sitting->typed, '\n');
    if (is_forbidden(sitting, line, why))
        return LINE_UNREADABLE;
    enum line_result result = script_line(sitting->world, line, at, why);
    if (result == LINE_UNREADABLE)
        sitting->failures++;
    else if (result == LINE_RUN || timeline_turns(sitting->timeline) != sitting->turns)
        sitting_look(sitting);
    return result;
}

enum line_result sitting_line_again(struct sitting *sitting, slice line, struct error *why)
{
    static const struct look look = { .plain = true, .columns = 80 };
    struct buf said = BUF_MAX(1u << 20);
    size_t at;
    enum line_result result = sitting_line(sitting, line, &at, why);
    sitting_say_news(sitting, &said, &look);
    buf_free(&said);
    sitting->wants = WANTS_NOTHING;
    sitting->prefill[0] = '\0';
    sitting->hands_in = false;
    return result;
}

uint64_t sitting_undos(const struct sitting *sitting)
{
    return timeline_turns(sitting->timeline) - sitting->turns_before;
}

void sitting_predict_line(const struct sitting *sitting, slice line, struct buf *command)
{
    if (slice_starts(line, ":")) {
        buf_add(command, line);
        return;
    }
    buf_format(command, "%spredict", script_is_connected(sitting->world) ? ":" : "");
    line = slice_upto(slice_trim(line), PREDICTION_MAX - 1);
    if (line.len)
        buf_add_char(command, ' ');
    buf_add(command, line);
}

/* --- begin and end ------------------------------------------------------------------------- */

/* A fault in one line of the file, told by who reads lines. */
static bool line_fault(const struct lesson_line *line, size_t at, const struct error *why,
                       lesson_fault_fn *tell, void *context)
{
    struct lesson_fault fault = { .number = line->number, .line = line->text, .at = at,
                                  .why = *why };
    tell(context, &fault);
    return false;
}

static bool setup_run(struct sitting *sitting, lesson_fault_fn *tell, void *context)
{
    const struct lesson_lines *setup = &sitting->lesson->setup;
    for (size_t i = 0; i < setup->count; i++) {
        struct error why = { "" };
        size_t at = 0;
        enum line_result result = script_line(sitting->world, setup->at[i].text, &at, &why);
        if (result == LINE_UNREADABLE || result == LINE_BROKEN)
            return line_fault(&setup->at[i], at, &why, tell, context);
    }
    return true;
}

static bool check_read(const struct sitting *sitting, const struct lesson_check *check,
                       lesson_fault_fn *tell, void *context)
{
    struct check_result result;
    if (check_ask(sitting->world, check->text, sitting->from, &result))
        return true;
    size_t before = (size_t)(check->text.at - check->line.text.at);
    return line_fault(&check->line, before + result.at, &result.why, tell, context);
}

/* Every check is one, whatever comes of it. */
static bool checks_read(const struct sitting *sitting, lesson_fault_fn *tell, void *context)
{
    const struct lesson *lesson = sitting->lesson;
    bool ok = true;
    for (size_t i = 0; i < lesson->goal_count; i++)
        for (size_t j = 0; j < lesson->goals[i].check_count; j++)
            ok &= check_read(sitting, &lesson->goals[i].checks[j], tell, context);
    for (size_t i = 0; i < lesson->hint_count; i++)
        for (size_t j = 0; j < lesson->hints[i].when_count; j++)
            ok &= check_read(sitting, &lesson->hints[i].when[j], tell, context);
    for (size_t i = 0; i < lesson->predict_count; i++)
        ok &= check_read(sitting, &lesson->predicts[i].answer, tell, context);
    return ok;
}

struct sitting *sitting_new(slice text, uint64_t seed, const struct command *const *tables,
                            lesson_fault_fn *tell, void *context)
{
    struct lesson_fault fault = { .number = 0 };
    struct lesson *lesson = lesson_read(text, seed, tell, context);
    if (!lesson)
        return NULL;
    struct sitting *sitting = calloc(1, sizeof *sitting);
    must(sitting != NULL);
    sitting->lesson = lesson;
    sitting->typed = BUF_MAX(SITTING_TYPED_MAX);
    sitting->asks = -1;
    sitting->timeline = timeline_open(&(struct timeline_start){
        .seed = &seed, .tables = tables, .script = slice_of(default_world),
        .name = SLICE("default") }, &fault.why);
    if (!sitting->timeline) {
        tell(context, &fault);
        sitting_free(sitting);
        return NULL;
    }
    sitting->world = timeline_world(sitting->timeline);
    if (!setup_run(sitting, tell, context)) {
        sitting_free(sitting);
        return NULL;
    }
    sitting->world->sitting = sitting;
    sitting->world->script->check_failed = false;
    sitting->from = sitting->looked = trace_end(sitting->world->trace);
    timeline_begin_here(sitting->timeline);
    sitting->turns = sitting->turns_before = timeline_turns(sitting->timeline);
    if (!checks_read(sitting, tell, context)) {
        sitting_free(sitting);
        return NULL;
    }
    sitting_look(sitting);
    return sitting;
}

void sitting_free(struct sitting *sitting)
{
    if (!sitting)
        return;
    timeline_close(sitting->timeline);
    buf_free(&sitting->typed);
    lesson_free(sitting->lesson);
    free(sitting);
}
