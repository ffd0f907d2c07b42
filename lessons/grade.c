/* grade.c: see grade.h. */
#include "lessons/grade.h"

#include "base/words.h"
#include "lessons/misconception.h"
#include "lessons/sitting.h"
#include "sim/net/random.h"

const char *const replay_words[] = { "same", "differs", "foreign seed", "broken", "missing" };

uint64_t grade_met(const struct grade *grade)
{
    uint64_t count = 0;
    for (size_t i = 0; i < grade->goals; i++)
        count += grade->met[i];
    return count;
}

static void broken(struct grade *grade, uint64_t line, const struct error *why)
{
    grade->replay = REPLAY_BROKEN;
    grade->line = line;
    FIELD_SET(grade->why, slice_of(why->text));
}

static void fault_note(void *context, const struct lesson_fault *fault)
{
    broken(context, 0, &fault->why);
}

/* Lengths are part of it, so that no two rows of lines come to the same text. */
static uint64_t lines_hash(const struct handin *handin)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < handin->count; i++)
        hash = random_mix(hash ^ random_hash(handin->lines[i]) ^ handin->lines[i].len);
    return handin->count && !hash ? 1 : hash;
}

/* --- running ------------------------------------------------------------------------------- */

static void result_take(struct grade *grade, const struct handin *handin,
                        const struct sitting *sitting)
{
    const struct lesson *lesson = sitting->lesson;
    uint64_t number = 0;
    grade->goals = lesson->goal_count;
    for (size_t i = 0; i < lesson->goal_count; i++)
        grade->met[i] = sitting->goals[i].met;
    for (size_t i = 0; i < lesson->hint_count; i++)
        if (sitting->mistake_told[i] &&
            word_number(lesson->hints[i].mistake, MISCONCEPTIONS, &number))
            grade->mistakes |= 1u << number;
    grade->hints = sitting->hints;
    grade->solutions = sitting->solutions;
    grade->undos = sitting_undos(sitting);
    bool same = handin->met == grade_met(grade) && handin->goals == grade->goals &&
                handin->hints == grade->hints && handin->solutions == grade->solutions &&
                handin->undos == grade->undos &&
                handin->digest == trace_digest(sitting->world->trace);
    if (grade->replay == REPLAY_SAME && !same)
        grade->replay = REPLAY_DIFFERS;
}

/* The first line of a hand-in's lines is the tenth of its file. */
#define LINES_FROM 10

static void lines_run(struct grade *grade, const struct handin *handin, struct sitting *sitting)
{
    uint64_t events = GRADE_EVENTS_MAX;
    struct error why = { "" };
    enum line_result result = LINE_RUN;
    size_t i = 0;
    clock_allow(&events);
    for (; i < handin->count && result != LINE_BROKEN && events; i++)
        result = sitting_line_again(sitting, handin->lines[i], &why);
    clock_allow(NULL);
    if (!events)
        error_set(&why, "the world has more to do than is allowed (%u events)", GRADE_EVENTS_MAX);
    if (result == LINE_BROKEN || !events)
        broken(grade, LINES_FROM + i - 1, &why);
    else
        result_take(grade, handin, sitting);
}

static void handin_run(const struct grading *grading, struct grade *grade,
                       const struct handin *handin)
{
    struct error why = { "" };
    uint64_t seed = handin_seed(slice_of(grade->student), slice_of(grade->lesson));
    size_t number = course_find(grading->course, slice_of(grade->lesson));
    if (number == grading->course->count) {
        error_set(&why, "no lesson is called %s", grade->lesson);
        broken(grade, 4, &why);
        return;
    }
    grade->replay = seed == handin->seed ? REPLAY_SAME : REPLAY_OTHER_SEED;
    struct sitting *sitting = sitting_new(grading->course->texts[number], seed, grading->tables,
                                          fault_note, grade);
    if (!sitting)
        return;
    if (grading->enter)
        grading->enter(grading->context, sitting->world);
    lines_run(grade, handin, sitting);
    sitting_free(sitting);
}

void grade_handin(const struct grading *grading, slice file, slice text, struct grade *grade)
{
    struct handin handin;
    struct error why = { "" };
    uint64_t line = 0;
    *grade = (struct grade){ .file = file };
    bool read = handin_read(&handin, text, &line, &why);
    FIELD_SET(grade->student, slice_of(handin.student));
    FIELD_SET(grade->lesson, slice_of(handin.lesson));
    FIELD_SET(grade->program, slice_of(handin.program));
    grade->seed = handin.seed;
    if (read) {
        struct buf receipt = BUF_MAX(64);
        handin_receipt(&handin, &receipt);
        FIELD_SET(grade->receipt, buf_slice(&receipt));
        buf_free(&receipt);
        grade->lines = lines_hash(&handin);
        handin_run(grading, grade, &handin);
    } else {
        broken(grade, line, &why);
    }
    handin_free(&handin);
}
