/* course.c: see course.h. */
#include "lessons/course.h"

#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "views/json_write.h"
#include "views/utf8.h"
#include "views/wrap.h"

#define FIGURE_BYTES 24

const struct course_path course_paths[] = {
    { "lab50", "one lab of 50 minutes: POP3 by hand",
      { "say-hello", "first-letter", "three-states", "retr-deletes-nothing", "dele-waits", NULL } },
    { "vanished", "why the mail on the phone is gone",
      { "where-did-it-go", "three-states", "retr-deletes-nothing", "dele-waits", "the-habit",
        "two-ways", NULL } },
    { "school", "three times 45 minutes",
      { "where-did-it-go", "say-hello", "first-letter", "two-senders", "empty-line",
        "three-states", "retr-deletes-nothing", "dele-waits", "the-habit", "labels",
        "look-dont-touch", "deleted-is-a-flag", "two-ways", NULL } },
    { NULL, NULL, { NULL } },
};

const struct course_path *course_path(slice name)
{
    for (const struct course_path *path = course_paths; path->name; path++)
        if (slice_is(name, path->name))
            return path;
    return NULL;
}

/* --- lessons ------------------------------------------------------------------------------- */

static size_t by_name(const struct course *course, slice name)
{
    for (size_t i = 0; i < course->count; i++)
        if (slice_equal(course->lessons[i]->name, name))
            return i;
    return course->count;
}

bool course_add(struct course *course, slice text, lesson_fault_fn *tell, void *context)
{
    struct lesson *lesson = lesson_read(text, 1, tell, context);
    if (!lesson)
        return false;
    size_t at = by_name(course, lesson->name);
    if (at == COURSE_LESSONS_MAX) {
        struct lesson_fault fault = { .number = 0 };
        error_set(&fault.why, "a course has at most %d lessons", COURSE_LESSONS_MAX);
        tell(context, &fault);
        lesson_free(lesson);
        return false;
    }
    if (at < course->count)
        lesson_free(course->lessons[at]);
    else
        course->count++;
    course->lessons[at] = lesson;
    course->texts[at] = text;
    return true;
}

struct course *course_new(lesson_fault_fn *tell, void *context)
{
    struct course *course = calloc(1, sizeof *course);
    must(course != NULL);
    course->say = BUF_MAX(1u << 20);
    for (const struct lesson_text *text = lesson_texts; text->name; text++)
        course_add(course, (slice){ (const char *)text->at, text->len }, tell, context);
    return course;
}

bool course_speak(struct course *course, slice name, lesson_fault_fn *tell, void *context)
{
    struct language *language = language_open(&course->arena, name);
    if (!language && !slice_is(name, "en"))
        return false;
    for (const struct lesson_text *text = lesson_texts; course->language && text->name; text++)
        course_add(course, (slice){ (const char *)text->at, text->len }, tell, context);
    for (const struct lesson_text *text = language_texts(language); text && text->name; text++)
        if (strcmp(text->name, "words") != 0)
            course_add(course, (slice){ (const char *)text->at, text->len }, tell, context);
    course->language = language;
    FIELD_SET(course->progress.language, language ? name : SLICE_EMPTY);
    return true;
}

void course_free(struct course *course)
{
    if (!course)
        return;
    for (size_t i = 0; i < course->count; i++)
        lesson_free(course->lessons[i]);
    arena_free(&course->arena);
    buf_free(&course->say);
    free(course);
}

/* --- what comes next ----------------------------------------------------------------------- */

static bool is_done(const struct course *course, slice name)
{
    const struct progress_lesson *entry = progress_find(&course->progress, name);
    return entry && entry->done;
}

/* The lessons of the chosen path that there are, or all. */
static size_t path_lessons(const struct course *course, const struct lesson **lessons)
{
    const struct course_path *path = course_path(slice_of(course->progress.path));
    size_t count = 0;
    for (size_t i = 0; path && path->lessons[i]; i++) {
        size_t at = by_name(course, slice_of(path->lessons[i]));
        if (at < course->count)
            lessons[count++] = course->lessons[at];
    }
    for (size_t i = 0; !path && i < course->count; i++)
        lessons[count++] = course->lessons[i];
    return count;
}

size_t course_find(const struct course *course, slice said)
{
    const struct lesson *lessons[COURSE_LESSONS_MAX];
    size_t count = path_lessons(course, lessons);
    uint64_t number;
    if (word_number(said, count, &number) && number > 0)
        said = lessons[number - 1]->name;
    return by_name(course, said);
}

const struct lesson *course_next(const struct course *course, slice after)
{
    const struct lesson *lessons[COURSE_LESSONS_MAX];
    size_t count = path_lessons(course, lessons), start = 0;
    size_t now = by_name(course, slice_of(course->progress.now));
    if (!after.len && now < course->count && !is_done(course, course->lessons[now]->name))
        return course->lessons[now];
    for (size_t i = 0; i < count; i++)
        if (slice_equal(lessons[i]->name, after))
            start = i + 1;
    for (size_t i = 0; i < count; i++) {
        const struct lesson *lesson = lessons[(start + i) % count];
        if (!slice_equal(lesson->name, after) && !is_done(course, lesson->name))
            return lesson;
    }
    return NULL;
}

void course_say_next(const struct course *course, slice after, struct buf *out, size_t columns)
{
    const struct lesson *next = course_next(course, after);
    struct buf words = BUF_MAX(1024);
    struct buf minutes = BUF_MAX(32);
    if (next) {
        buf_add_number(&minutes, next->minutes);
        sentence_add(&words, course->language, SAY_NEXT_LESSON,
                     (slice[]){ next->name, buf_slice(&minutes), next->title });
    } else {
        sentence_add(&words, course->language,
                     course->progress.path[0] ? SAY_PATH_DONE : SAY_COURSE_DONE, NULL);
    }
    buf_free(&minutes);
    buf_add_char(out, ' ');
    wrap_add(out, buf_slice(&words), 1, 3, columns);
    buf_free(&words);
}

/* --- needs --------------------------------------------------------------------------------- */

/* Depth first; `on` are those on the way, where one met again is a circle. */
static bool needs_are_sound(const struct course *course, size_t at, bool *on, bool *sound,
                            lesson_fault_fn *tell, void *context)
{
    const struct lesson *lesson = course->lessons[at];
    struct lesson_fault fault = { .number = 1 };
    if (sound[at])
        return true;
    if (on[at]) {
        error_set(&fault.why, "lesson %.*s needs itself, round a circle", SLICE_ARG(lesson->name));
        tell(context, &fault);
        return false;
    }
    on[at] = true;
    bool ok = true;
    for (size_t i = 0; i < lesson->need_count; i++) {
        size_t need = by_name(course, lesson->needs[i]);
        if (need < course->count) {
            ok = needs_are_sound(course, need, on, sound, tell, context) && ok;
            continue;
        }
        error_set(&fault.why, "lesson %.*s needs %.*s, and there is no such lesson",
                  SLICE_ARG(lesson->name), SLICE_ARG(lesson->needs[i]));
        tell(context, &fault);
        ok = false;
    }
    on[at] = false;
    sound[at] = true;
    return ok;
}

bool course_needs_check(const struct course *course, lesson_fault_fn *tell, void *context)
{
    bool on[COURSE_LESSONS_MAX] = { false }, sound[COURSE_LESSONS_MAX] = { false }, ok = true;
    for (size_t i = 0; i < course->count; i++)
        ok = needs_are_sound(course, i, on, sound, tell, context) && ok;
    return ok;
}

/* --- lists --------------------------------------------------------------------------------- */

static const char *state_word(const struct course *course, const struct lesson *lesson)
{
    const struct progress_lesson *entry = progress_find(&course->progress, lesson->name);
    return !entry ? "" : entry->done ? "done" : "begun";
}

static slice state_said(const struct course *course, const struct lesson *lesson)
{
    const struct progress_lesson *entry = progress_find(&course->progress, lesson->name);
    return entry ? sentence_text(course->language, entry->done ? SAY_DONE : SAY_BEGUN)
                 : SLICE_EMPTY;
}

static void lesson_list(const struct course *course, struct buf *out, size_t number,
                        const struct lesson *lesson, size_t columns)
{
    struct buf line = BUF_MAX(1024);
    slice state = state_said(course, lesson);
    buf_format(&line, "%2zu ", number);
    if (columns >= 60) {
        buf_add(&line, state);
        utf8_pad(&line, 10);
        buf_format(&line, "%-22.*s  %2llu min  ", SLICE_ARG(lesson->name),
                   (unsigned long long)lesson->minutes);
        size_t column = utf8_width(buf_slice(&line)) + 1;
        buf_add_char(out, ' ');
        buf_add(out, buf_slice(&line));
        wrap_add(out, lesson->title, column, column, columns);
    } else {
        buf_format(&line, "%.*s, %llu min%s%.*s: ", SLICE_ARG(lesson->name),
                   (unsigned long long)lesson->minutes, state.len ? ", " : "", SLICE_ARG(state));
        buf_add(&line, lesson->title);
        buf_add_char(out, ' ');
        wrap_add(out, buf_slice(&line), 1, 4, columns);
    }
    buf_free(&line);
}

static void list_end(const struct course *course, struct buf *out, enum sentence sentence,
                     size_t columns)
{
    struct buf words = BUF_MAX(1024);
    sentence_add(&words, course->language, sentence,
                 (slice[]){ slice_of(course->progress.path) });
    wrap_add(out, buf_slice(&words), 0, 0, columns);
    buf_free(&words);
}

void course_list(const struct course *course, struct buf *out, size_t columns)
{
    const struct lesson *lessons[COURSE_LESSONS_MAX];
    size_t count = path_lessons(course, lessons);
    slice part = SLICE_EMPTY; /* "2", which is the same in each language */
    for (size_t i = 0; i < count; i++) {
        slice rest = lessons[i]->part, number = take_word(&rest);
        if (!slice_equal(part, number) && !course->progress.path[0])
            buf_format(out, "%s%.*s\n", i ? "\n" : "", SLICE_ARG(lessons[i]->part));
        part = number;
        lesson_list(course, out, i + 1, lessons[i], columns);
    }
    if (course->progress.path[0])
        list_end(course, out, SAY_PATH_LISTED, columns);
    list_end(course, out, SAY_LIST_END, columns);
}

static void counted_add(const struct course *course, struct buf *out, enum sentence one,
                        enum sentence many, size_t count)
{
    struct buf figure = BUF_MAX(FIGURE_BYTES);
    buf_add_number(&figure, count);
    sentence_add(out, course->language, count == 1 ? one : many, (slice[]){ buf_slice(&figure) });
    buf_free(&figure);
}

/* "3 of 5", as the sentence has it. */
static void share_add(const struct course *course, struct buf *out, enum sentence sentence,
                      size_t part, size_t whole)
{
    struct buf some = BUF_MAX(FIGURE_BYTES), all = BUF_MAX(FIGURE_BYTES);
    buf_add_number(&some, part);
    buf_add_number(&all, whole);
    sentence_add(out, course->language, sentence,
                 (slice[]){ buf_slice(&some), buf_slice(&all) });
    buf_free(&some);
    buf_free(&all);
}

static void progress_add(const struct course *course, struct buf *out,
                         const struct progress_lesson *entry)
{
    slice done = sentence_text(course->language, entry->done ? SAY_DONE : SAY_BEGUN);
    buf_format(out, "%s: %.*s, ", entry->name, SLICE_ARG(done));
    share_add(course, out, SAY_GOALS, entry->met, entry->goals);
    buf_add_text(out, ", ");
    counted_add(course, out, SAY_ONE_TRY, SAY_TRIES, entry->tries);
    buf_add_text(out, ", ");
    counted_add(course, out, SAY_ONE_HINT, SAY_HINTS, entry->hints);
    if (entry->solutions) {
        buf_add_text(out, ", ");
        counted_add(course, out, SAY_ONE_LINE_SOLVED, SAY_LINES_SOLVED, entry->solutions);
    }
    if (entry->predicted) {
        buf_add_text(out, ", ");
        share_add(course, out, SAY_PREDICTIONS_RIGHT, entry->right, entry->predicted);
    }
}

void course_progress(const struct course *course, struct buf *out, size_t columns)
{
    const struct progress *progress = &course->progress;
    size_t done = 0;
    for (size_t i = 0; i < progress->count; i++)
        done += progress->lessons[i].done;
    buf_add_char(out, ' ');
    share_add(course, out, SAY_LESSONS_DONE, done, course->count);
    buf_add_char(out, '\n');
    for (size_t i = 0; i < progress->count; i++) {
        struct buf line = BUF_MAX(1024);
        progress_add(course, &line, &progress->lessons[i]);
        buf_add_text(out, "  ");
        wrap_add(out, buf_slice(&line), 2, 4, columns);
        buf_free(&line);
    }
    course_say_next(course, SLICE_EMPTY, out, columns);
}

/* --- JSON ---------------------------------------------------------------------------------- */

static void lesson_json(const struct course *course, struct buf *out, const struct lesson *lesson)
{
    json_begin(out, NULL, '{');
    json_put_text(out, "name", lesson->name);
    json_put_text(out, "part", lesson->part);
    json_put_text(out, "title", lesson->title);
    json_put_count(out, "minutes", lesson->minutes);
    json_begin(out, "needs", '[');
    for (size_t i = 0; i < lesson->need_count; i++)
        json_put_text(out, NULL, lesson->needs[i]);
    json_end(out, ']');
    json_put_text(out, "teaches", lesson->teaches);
    json_begin(out, "corrects", '[');
    for (size_t i = 0; i < lesson->correct_count; i++)
        json_put_count(out, NULL, lesson->corrects[i]);
    json_end(out, ']');
    json_put_count(out, "goals", lesson->goal_count);
    json_put_name(out, "state", state_word(course, lesson));
    json_end(out, '}');
    buf_add_char(out, '\n');
}

void course_json(const struct course *course, struct buf *out)
{
    for (size_t i = 0; i < course->count; i++)
        lesson_json(course, out, course->lessons[i]);
}
