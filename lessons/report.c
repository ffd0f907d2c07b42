/* report.c: grades sorted into rows, with what is known of each. How it is written down is
   report_write.c. */
#include "lessons/report.h"

#include <stdlib.h>

#include "base/sort.h"
#include "base/words.h"

/* --- gathering ----------------------------------------------------------------------------- */

static struct grade *grade_new(struct report *report)
{
    if (report->count == report->cap) {
        report->cap = report->cap ? report->cap * 2 : 64;
        report->grades = realloc(report->grades, report->cap * sizeof(struct grade *));
        must(report->grades != NULL);
    }
    struct grade *grade = arena_take(&report->arena, sizeof *grade);
    report->grades[report->count++] = grade;
    return grade;
}

void report_add(struct report *report, const struct grade *grade)
{
    struct grade *copy = grade_new(report);
    *copy = *grade;
    copy->file = arena_copy(&report->arena, grade->file);
}

void report_free(struct report *report)
{
    free(report->grades);
    free(report->same);
    arena_free(&report->arena);
}

/* --- order --------------------------------------------------------------------------------- */

static int compare_numbers(uint64_t a, uint64_t b) { return a < b ? -1 : a > b; }

static int compare_lessons(const struct report *report, const struct grade *a,
                           const struct grade *b)
{
    size_t first = course_find(report->course, slice_of(a->lesson));
    size_t second = course_find(report->course, slice_of(b->lesson));
    int order = compare_numbers(first, second);
    return order ? order : slice_compare(slice_of(a->lesson), slice_of(b->lesson));
}

/* By student and lesson; of several tries the best first. */
static int by_student(const void *context, const void *first, const void *second)
{
    const struct report *report = context;
    const struct grade *a = *(struct grade *const *)first, *b = *(struct grade *const *)second;
    int order = slice_compare(slice_of(a->student), slice_of(b->student));
    order = order ? order : compare_lessons(report, a, b);
    order = order ? order : compare_numbers(a->replay >= REPLAY_BROKEN ? a->replay : 0,
                                            b->replay >= REPLAY_BROKEN ? b->replay : 0);
    order = order ? order : compare_numbers(grade_met(b), grade_met(a));
    order = order ? order : compare_numbers(a->replay, b->replay);
    order = order ? order : compare_numbers(a->hints + a->solutions, b->hints + b->solutions);
    order = order ? order : slice_compare(a->file, b->file);
    return order;
}

static int by_lines(const void *context, const void *first, const void *second)
{
    const struct report *report = context;
    const struct grade *a = *(struct grade *const *)first, *b = *(struct grade *const *)second;
    int order = compare_lessons(report, a, b);
    order = order ? order : compare_numbers(a->lines, b->lines);
    return order ? order : slice_compare(slice_of(a->student), slice_of(b->student));
}

/* --- what is missing ----------------------------------------------------------------------- */

/* Is the lesson asked of everybody? It is worth points, or without a table somebody handed it
   in. */
static bool is_asked(const struct report *report, slice lesson, size_t handed_in)
{
    if (report->points)
        return entries_find(report->points, lesson) != NULL;
    for (size_t i = 0; i < handed_in; i++)
        if (slice_is(lesson, report->grades[i]->lesson))
            return true;
    return false;
}

/* A grade that is worse than any other: where it is the best, nothing was handed in. */
static void missing_add(struct report *report)
{
    size_t handed_in = report->count;
    for (size_t i = 0; report->roster && i < report->course->count; i++) {
        slice lesson = report->course->lessons[i]->name;
        if (!is_asked(report, lesson, handed_in))
            continue;
        for (size_t j = 0; j < report->roster->count; j++) {
            struct grade *grade = grade_new(report);
            grade->replay = REPLAY_MISSING;
            FIELD_SET(grade->student, report->roster->at[j].key);
            FIELD_SET(grade->lesson, lesson);
        }
    }
}

void report_close(struct report *report)
{
    missing_add(report);
    size_t bytes = (report->count + 1) * sizeof(struct grade *);
    struct grade **spare = malloc(bytes);
    report->same = malloc(bytes);
    must(spare && report->same);
    sort_stable(report->grades, report->count, sizeof *spare, spare, by_student, report);
    for (size_t i = 0; i < report->count; i++)
        if (report->grades[i]->lines && report->grades[i]->replay != REPLAY_BROKEN)
            report->same[report->same_count++] = report->grades[i];
    sort_stable(report->same, report->same_count, sizeof *spare, spare, by_lines, report);
    free(spare);
}

/* --- rows ---------------------------------------------------------------------------------- */

static bool same_row(const struct grade *a, const struct grade *b)
{
    return slice_is(slice_of(a->student), b->student) && slice_is(slice_of(a->lesson), b->lesson);
}

size_t report_row(const struct report *report, size_t from, struct row *row)
{
    const struct grade *best = report->grades[from];
    const struct entry *points = entries_find(report->points, slice_of(best->lesson));
    size_t number = course_find(report->course, slice_of(best->lesson));
    *row = (struct row){ .best = best,
                         .student = entries_find(report->roster, slice_of(best->student)),
                         .goals = best->goals };
    if (!row->goals && number < report->course->count)
        row->goals = report->course->lessons[number]->goal_count;
    uint64_t worth = points ? points->hundredths : report->points ? 0 : row->goals * 100;
    if (row->goals)
        row->hundredths = (2 * worth * grade_met(best) + row->goals) / (2 * row->goals);
    for (; from < report->count && same_row(best, report->grades[from]); from++)
        row->tries += report->grades[from]->replay != REPLAY_MISSING;
    return from;
}

slice report_meant(const struct report *report, slice student)
{
    struct guess guess = guess_begin(student);
    for (size_t i = 0; report->roster && i < report->roster->count; i++)
        guess_offer(&guess, report->roster->at[i].key);
    return guess_found(&guess) ? guess.best : SLICE_EMPTY;
}

/* The first of those with the same lines. */
static size_t twins_from(const struct report *report, const struct grade *grade)
{
    struct grade first = *grade, *wanted = &first;
    size_t low = 0, high = report->same_count;
    first.student[0] = '\0';
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_lines(report, &report->same[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t report_twins(const struct report *report, const struct grade *grade, slice *ids, size_t max)
{
    size_t count = 0;
    slice last = SLICE_EMPTY;
    if (!grade->lines || grade->replay >= REPLAY_BROKEN)
        return 0;
    for (size_t i = twins_from(report, grade); i < report->same_count; i++) {
        const struct grade *other = report->same[i];
        if (other->lines != grade->lines || compare_lessons(report, other, grade) != 0)
            break;
        slice id = slice_of(other->student);
        if (slice_equal(id, last) || slice_is(id, grade->student))
            continue;
        if (count < max)
            ids[count] = id;
        count++;
        last = id;
    }
    return count;
}

slice report_seed_owner(const struct report *report, const struct grade *grade)
{
    slice last = SLICE_EMPTY;
    for (size_t i = 0; i < report->count; i++) {
        slice id = slice_of(report->grades[i]->student);
        if (slice_equal(id, last))
            continue;
        last = id;
        if (id.len && handin_seed(id, slice_of(grade->lesson)) == grade->seed)
            return id;
    }
    return SLICE_EMPTY;
}

bool report_is_good(const struct report *report)
{
    struct row row;
    for (size_t i = 0; i < report->count;) {
        i = report_row(report, i, &row);
        if (row.best->replay != REPLAY_SAME || grade_met(row.best) < row.goals ||
            (report->roster && !row.student))
            return false;
    }
    return true;
}
