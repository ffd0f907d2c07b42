/* lesson.c: reads a lesson's file; see lesson.h. What it says on the way is for whoever wrote
   the file: the line, the place and what was expected there. Blocks are lesson_block.c. */
#include <stdarg.h>
#include <stdlib.h>

#include "lessons/lesson_private.h"

bool lesson_wrong(struct lesson_reader *reader, uint64_t number, slice where, const char *format,
                  ...)
{
    struct lesson_fault fault = { .number = number };
    va_list args;
    if (reader->faults++ >= LESSON_FAULTS_MAX)
        return false;
    if (number && number <= reader->lesson->file_count)
        fault.line = reader->lesson->file[number - 1].text;
    bool inside = where.at >= fault.line.at && where.at <= fault.line.at + fault.line.len;
    fault.at = inside && fault.line.at ? (size_t)(where.at - fault.line.at) : 0;
    struct buf text = BUF_MAX(sizeof fault.why.text);
    va_start(args, format);
    buf_format_list(&text, format, args);
    va_end(args);
    error_set(&fault.why, "%s", buf_text(&text));
    buf_free(&text);
    reader->tell(reader->context, &fault);
    return false;
}

bool lesson_name_is_good(slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        if (!(c >= 'a' && c <= 'z') && !is_digit((unsigned char)c) && c != '-')
            return false;
    }
    return name.len > 0 && name.len <= 40;
}

/* --- lines --------------------------------------------------------------------------------- */

static void lines_split(struct lesson *lesson, slice text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.len; i++)
        count += text.at[i] == '\n';
    lesson->file = arena_take_array(&lesson->arena, count, sizeof *lesson->file);
    while (text.len) {
        slice line = take_until(&text, '\n');
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        uint64_t number = lesson->file_count + 1;
        lesson->file[lesson->file_count++] = (struct lesson_line){ line, number };
    }
}

/* From here on the lines are as this learner sees them. */
static void lines_fill(struct lesson_reader *reader, const struct lesson_variables *variables,
                       uint64_t from)
{
    struct lesson *lesson = reader->lesson;
    struct buf filled = BUF_MAX(LESSON_BYTES_MAX);
    for (uint64_t number = from; number <= lesson->file_count; number++) {
        struct lesson_line *line = &lesson->file[number - 1];
        struct error why = { "" };
        size_t at = 0;
        buf_clear(&filled);
        if (lesson_fill(&filled, line->text, variables, &at, &why))
            line->text = arena_copy(&lesson->arena, buf_slice(&filled));
        else
            lesson_wrong(reader, number, slice_from(line->text, at), "%s", why.text);
    }
    buf_free(&filled);
}

/* --- front matter -------------------------------------------------------------------------- */

static bool words_read(struct lesson_reader *reader, uint64_t number, slice value, slice *words,
                       size_t *count)
{
    for (slice word = take_word(&value); word.len; word = take_word(&value)) {
        if (word.at[word.len - 1] == ',')
            word.len--;
        if (*count == LESSON_NAMES_MAX)
            return lesson_wrong(reader, number, word, "at most %d of them", LESSON_NAMES_MAX);
        words[(*count)++] = word;
    }
    return true;
}

static bool corrects_read(struct lesson_reader *reader, uint64_t number, slice value)
{
    struct lesson *lesson = reader->lesson;
    slice words[LESSON_NAMES_MAX];
    size_t count = 0;
    if (!words_read(reader, number, value, words, &count))
        return false;
    for (size_t i = 0; i < count; i++) {
        uint64_t misconception = 0;
        slice word = words[i];
        if (!take_number(&word, MISCONCEPTIONS, &misconception) || word.len || !misconception)
            return lesson_wrong(reader, number, words[i], "a misconception's number belongs here, "
                                "1 to %d", MISCONCEPTIONS);
        lesson->corrects[lesson->correct_count++] = (unsigned)misconception;
    }
    return true;
}

static bool off_read(struct lesson_reader *reader, uint64_t number, slice value, bool *is_off)
{
    *is_off = slice_is(value, "off");
    return *is_off || slice_is(value, "on") ||
           lesson_wrong(reader, number, value, "`on` or `off` belongs here");
}

static bool name_read(struct lesson_reader *reader, uint64_t number, slice value)
{
    reader->lesson->name = arena_copy(&reader->lesson->arena, value); /* with a NUL behind it */
    return lesson_name_is_good(value) ||
           lesson_wrong(reader, number, value, "a name belongs here: small letters, digits, "
                        "hyphens, 40 at most");
}

static bool minutes_read(struct lesson_reader *reader, uint64_t number, slice value)
{
    slice rest = value;
    return (take_number(&rest, 120, &reader->lesson->minutes) && !rest.len &&
            reader->lesson->minutes) ||
           lesson_wrong(reader, number, value, "how many minutes? a number from 1 to 120");
}

static bool key_read(struct lesson_reader *reader, uint64_t number, slice key, slice value)
{
    struct lesson *lesson = reader->lesson;
    if (slice_is(key, "name"))
        return name_read(reader, number, value);
    if (slice_is(key, "of")) {
        lesson->of = value;
        lesson->of_number = number;
        return true;
    }
    if (slice_is(key, "minutes"))
        return minutes_read(reader, number, value);
    if (slice_is(key, "needs"))
        return words_read(reader, number, value, lesson->needs, &lesson->need_count);
    if (slice_is(key, "forbid"))
        return words_read(reader, number, value, lesson->forbids, &lesson->forbid_count);
    if (slice_is(key, "corrects"))
        return corrects_read(reader, number, value);
    if (slice_is(key, "completion"))
        return off_read(reader, number, value, &lesson->no_completion);
    if (slice_is(key, "notes"))
        return off_read(reader, number, value, &lesson->no_notes);
    slice *text = slice_is(key, "title")     ? &lesson->title
                  : slice_is(key, "part")    ? &lesson->part
                  : slice_is(key, "teaches") ? &lesson->teaches
                                             : NULL;
    if (!text)
        return lesson_wrong(reader, number, key, "no such key: there are name, title, minutes, "
                            "part, needs, teaches, corrects, vary, forbid, completion, notes, of");
    *text = value;
    return true;
}

static void front_line(struct lesson_reader *reader, struct lesson_variables *variables,
                       uint64_t number)
{
    slice value = reader->lesson->file[number - 1].text, line = value;
    size_t at = 0;
    struct error why = { "" };
    slice key = slice_trim(take_until(&value, ':'));
    value = slice_trim(value);
    if (!slice_trim(line).len || line.at[0] == '#')
        return;
    if (key.len == line.len)
        lesson_wrong(reader, number, line, "`key: words` belongs here, as in  name: say-hello");
    else if (!slice_is(key, "vary"))
        key_read(reader, number, key, value);
    else if (!lesson_vary(variables, value, reader->seed, reader->lesson->name, &at, &why))
        lesson_wrong(reader, number, slice_from(value, at), "%s", why.text);
}

/* The line behind the front matter; 0: there is none. */
static uint64_t front_read(struct lesson_reader *reader, struct lesson_variables *variables)
{
    const struct lesson *lesson = reader->lesson;
    if (!lesson->file_count || !slice_is(slice_trim(lesson->file[0].text), "---")) {
        lesson_wrong(reader, 1, SLICE_EMPTY, "a lesson begins with a line of three hyphens, and "
                     "what it is: name, title, minutes ...");
        return 0;
    }
    for (uint64_t number = 2; number <= lesson->file_count; number++) {
        if (slice_is(slice_trim(lesson->file[number - 1].text), "---"))
            return number + 1;
        front_line(reader, variables, number);
    }
    lesson_wrong(reader, 1, SLICE_EMPTY, "the front matter has no end: a second line of three "
                 "hyphens");
    return 0;
}

/* --- the whole ----------------------------------------------------------------------------- */

static bool mistake_is_answered(const struct lesson *lesson, slice mistake)
{
    for (size_t i = 0; i < lesson->hint_count; i++)
        if (slice_equal(lesson->hints[i].mistake, mistake))
            return true;
    return false;
}

static void misses_check(struct lesson_reader *reader)
{
    const struct lesson *lesson = reader->lesson;
    for (size_t i = 0; i < lesson->miss_count; i++) {
        const struct lesson_case *miss = &lesson->misses[i];
        if (miss->goal >= lesson->goal_count)
            lesson_wrong(reader, miss->number, SLICE_EMPTY, "there is no goal %zu",
                         miss->goal + 1);
        if (!mistake_is_answered(lesson, miss->mistake))
            lesson_wrong(reader, miss->number, SLICE_EMPTY, "no hint answers this mistake:  hint "
                         "mistake %.*s", SLICE_ARG(miss->mistake));
    }
}

static void whole_check(struct lesson_reader *reader)
{
    const struct lesson *lesson = reader->lesson;
    static const char *const keys[] = { "name", "title", "part", "teaches" };
    const slice values[] = { lesson->name, lesson->title, lesson->part, lesson->teaches };
    for (size_t i = 0; i < COUNT(keys); i++)
        if (!values[i].len)
            lesson_wrong(reader, 1, SLICE_EMPTY, "the front matter has no  %s: ...", keys[i]);
    if (!lesson->minutes)
        lesson_wrong(reader, 1, SLICE_EMPTY, "the front matter has no  minutes: ...");
    if (!lesson->goal_count)
        lesson_wrong(reader, 1, SLICE_EMPTY, "a lesson has a block `goal`");
    for (size_t i = 0; i < lesson->goal_count; i++) {
        const struct lesson_goal *goal = &lesson->goals[i];
        size_t hints = 0;
        for (size_t j = 0; j < lesson->hint_count; j++)
            hints += lesson->hints[j].goal == i && !lesson->hints[j].mistake.len;
        if (hints < LESSON_HINTS_LEAST)
            lesson_wrong(reader, goal->number, SLICE_EMPTY, "goal %zu has %zu graded hints: at "
                         "least %d belong behind it", i + 1, hints, LESSON_HINTS_LEAST);
        for (size_t j = 0; j < goal->check_count; j++)
            if (!goal->checks[j].unmet.len)
                lesson_wrong(reader, goal->checks[j].line.number, goal->checks[j].line.text,
                             "behind each check stands what is missing while it does not hold: "
                             "else Bo has no message yet.");
        if (!goal->solution.count)
            lesson_wrong(reader, goal->number, SLICE_EMPTY, "goal %zu has no block `solution` "
                         "behind it", i + 1);
    }
    if (!slice_trim(lesson->after).len)
        lesson_wrong(reader, 1, SLICE_EMPTY, "a lesson has a block `after`: why it is so");
    misses_check(reader);
}

struct lesson *lesson_read(slice text, uint64_t seed, lesson_fault_fn *tell, void *context)
{
    struct lesson *lesson = calloc(1, sizeof *lesson);
    must(lesson != NULL);
    struct lesson_reader reader = { .lesson = lesson, .seed = seed, .tell = tell,
                                    .context = context };
    struct lesson_variables variables = { .count = 0 };
    if (text.len > LESSON_BYTES_MAX) {
        lesson_wrong(&reader, 0, SLICE_EMPTY, "a lesson has %u KiB at most",
                     LESSON_BYTES_MAX >> 10);
    } else {
        lines_split(lesson, arena_copy(&lesson->arena, text));
        uint64_t body = front_read(&reader, &variables);
        if (body) {
            lines_fill(&reader, &variables, body);
            lesson_blocks_read(&reader, body);
            whole_check(&reader);
        }
    }
    if (!reader.faults)
        return lesson;
    lesson_free(lesson);
    return NULL;
}

void lesson_free(struct lesson *lesson)
{
    if (!lesson)
        return;
    arena_free(&lesson->arena);
    free(lesson);
}
