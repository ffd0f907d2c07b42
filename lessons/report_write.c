/* report_write.c: a report as CSV, as text, in figures, and what is to be noted. */
#include "base/words.h"
#include "lessons/misconception.h"
#include "lessons/report.h"
#include "views/clean.h"
#include "views/utf8.h"
#include "views/wrap.h"

#define TWINS_NAMED 5
#define SUMMARY_COLUMNS 76           /* what a projector shows */
#define SUMMARY_BELIEFS 5

/* --- cells --------------------------------------------------------------------------------- */

static void points_add(struct buf *out, uint64_t hundredths)
{
    buf_format(out, "%llu", (unsigned long long)(hundredths / 100));
    if (hundredths % 100)
        buf_format(out, ".%02u", (unsigned)(hundredths % 100));
}

static void mistakes_add(struct buf *out, uint32_t mistakes)
{
    size_t count = 0;
    for (unsigned i = 1; i <= MISCONCEPTIONS; i++)
        if (mistakes & 1u << i)
            buf_format(out, "%s%u", count++ ? " " : "", i);
}

static void twins_add(struct buf *out, const struct report *report, const struct grade *grade)
{
    slice ids[TWINS_NAMED];
    size_t count = report_twins(report, grade, ids, TWINS_NAMED);
    for (size_t i = 0; i < count && i < TWINS_NAMED; i++)
        buf_format(out, "%s%.*s", i ? " " : "", SLICE_ARG(ids[i]));
    if (count > TWINS_NAMED)
        buf_format(out, " and %zu more", count - TWINS_NAMED);
}

/* "same"; "unknown student, meant 98123?; same" */
static void replay_add(struct buf *out, const struct report *report, const struct row *row)
{
    slice meant = SLICE_EMPTY;
    if (report->roster && !row->student) {
        meant = report_meant(report, slice_of(row->best->student));
        buf_add_text(out, "unknown student");
        if (meant.len)
            buf_format(out, ", meant %.*s?", SLICE_ARG(meant));
        buf_add_text(out, "; ");
    }
    buf_add_text(out, replay_words[row->best->replay]);
    if (row->best->replay == REPLAY_OTHER_SEED) {
        slice owner = report_seed_owner(report, row->best);
        if (owner.len)
            buf_format(out, " of %.*s", SLICE_ARG(owner));
    }
    if (row->best->replay == REPLAY_DIFFERS &&
        !slice_is(slice_of(row->best->program), PENNYPOST_VERSION))
        buf_add_text(out, ", made by another version");
}

/* --- CSV ----------------------------------------------------------------------------------- */

/* A cell that a spreadsheet would take for a formula is a text. */
static void cell_add(struct buf *out, slice text)
{
    size_t at;
    bool quoted = slice_find(text, ',', &at) || slice_find(text, '"', &at) ||
                  slice_find(text, '\n', &at) || slice_find(text, '\r', &at);
    buf_add_text(out, quoted ? "\"" : "");
    if (text.len && slice_find(SLICE("=+-@"), text.at[0], &at))
        buf_add_char(out, '\'');
    for (size_t i = 0; i < text.len; i++)
        buf_add_text(out, text.at[i] == '"' ? "\"\"" : (char[]){ text.at[i], '\0' });
    buf_add_text(out, quoted ? "\"" : "");
}

static void row_csv(const struct report *report, const struct row *row, struct buf *out)
{
    const struct grade *best = row->best;
    struct buf text = BUF_MAX(1024);
    cell_add(out, slice_of(best->student));
    buf_add_char(out, ',');
    cell_add(out, row->student ? row->student->value : SLICE_EMPTY);
    buf_format(out, ",%s,%llu of %llu,", best->lesson, (unsigned long long)grade_met(best),
               (unsigned long long)row->goals);
    points_add(out, row->hundredths);
    buf_format(out, ",%zu,%llu,%llu,", row->tries,
               (unsigned long long)(best->hints + best->solutions),
               (unsigned long long)best->undos);
    mistakes_add(out, best->mistakes);
    buf_add_char(out, ',');
    replay_add(&text, report, row);
    cell_add(out, buf_slice(&text));
    buf_add_char(out, ',');
    twins_add(out, report, best);
    buf_add_char(out, '\n');
    buf_free(&text);
}

/* Broken before anybody was named: only a note. */
static bool is_nobody(const struct row *row)
{
    return !row->best->student[0] || !row->best->lesson[0];
}

void report_csv(const struct report *report, struct buf *out)
{
    struct row row;
    buf_add_text(out, "id,group,lesson,goals,points,tries,hints,undos,misconceptions,replay,"
                      "same_as\n");
    for (size_t i = 0; i < report->count;) {
        i = report_row(report, i, &row);
        if (!is_nobody(&row))
            row_csv(report, &row, out);
    }
}

/* --- text ---------------------------------------------------------------------------------- */

static void row_text(const struct report *report, const struct row *row, struct buf *out)
{
    const struct grade *best = row->best;
    struct buf line = BUF_MAX(4096);
    buf_add_text(&line, best->student);
    utf8_pad(&line, 12);
    clean_add(&line, row->student ? row->student->value : SLICE_EMPTY, true);
    utf8_pad(&line, 18);
    buf_add_text(&line, best->lesson);
    utf8_pad(&line, 41);
    buf_format(&line, "%llu of %llu", (unsigned long long)grade_met(best),
               (unsigned long long)row->goals);
    utf8_pad(&line, 50);
    points_add(&line, row->hundredths);
    utf8_pad(&line, 57);
    buf_format(&line, "%zu", row->tries);
    utf8_pad(&line, 63);
    buf_format(&line, "%llu", (unsigned long long)(best->hints + best->solutions));
    utf8_pad(&line, 69);
    replay_add(&line, report, row);
    buf_add(out, buf_slice(&line));
    buf_add_char(out, '\n');
    buf_free(&line);
}

void report_text(const struct report *report, struct buf *out)
{
    struct row row;
    buf_add_text(out, "id          group lesson                 goals    points tries hints "
                      "replay\n");
    for (size_t i = 0; i < report->count;) {
        i = report_row(report, i, &row);
        if (!is_nobody(&row))
            row_text(report, &row, out);
    }
}

/* --- notes --------------------------------------------------------------------------------- */

static void PRINTF_LIKE(2, 3) note(struct buf *out, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    buf_format_list(out, format, list);
    va_end(list);
    buf_add_char(out, '\n');
}

static void broken_note(const struct report *report, struct buf *out)
{
    struct buf file = BUF_MAX(8192);
    for (size_t i = 0; i < report->count; i++) {
        const struct grade *grade = report->grades[i];
        if (grade->replay != REPLAY_BROKEN)
            continue;
        buf_clear(&file);
        clean_add(&file, grade->file, true);
        if (grade->line)
            note(out, "broken: %s:%llu: %s", buf_text(&file), (unsigned long long)grade->line,
                 grade->why);
        else
            note(out, "broken: %s: %s", buf_text(&file), grade->why);
    }
    buf_free(&file);
}

static void row_note(const struct report *report, const struct row *row, struct buf *out)
{
    const struct grade *best = row->best;
    struct buf text = BUF_MAX(1024);
    if (report->roster && !row->student)
        note(out, "unknown: %s, %s: no such student%s%.*s", best->student, best->lesson,
             report_meant(report, slice_of(best->student)).len ? "; meant " : "",
             SLICE_ARG(report_meant(report, slice_of(best->student))));
    if (best->replay == REPLAY_MISSING)
        note(out, "missing: %s, %s", best->student, best->lesson);
    if (best->replay == REPLAY_DIFFERS)
        note(out, "differs: %s, %s: the lines do not come to what the file claims", best->student,
             best->lesson);
    if (best->replay == REPLAY_OTHER_SEED) {
        slice owner = report_seed_owner(report, best);
        note(out, "foreign seed: %s, %s: it is %s%.*s", best->student, best->lesson,
             owner.len ? "that of " : "nobody's", SLICE_ARG(owner));
    }
    twins_add(&text, report, best);
    if (text.len)
        note(out, "same lines: %s, %s: as %s", best->student, best->lesson, buf_text(&text));
    buf_free(&text);
}

void report_notes(const struct report *report, struct buf *out)
{
    struct row row;
    broken_note(report, out);
    for (size_t i = 0; i < report->count;) {
        i = report_row(report, i, &row);
        if (!is_nobody(&row))
            row_note(report, &row, out);
    }
}

/* --- figures ------------------------------------------------------------------------------- */

struct figures {
    size_t students, handed_in, met[LESSON_GOALS_MAX], mistakes[MISCONCEPTIONS + 1];
};

static void figures_count(const struct report *report, slice lesson, struct figures *figures)
{
    struct row row;
    for (size_t i = 0; i < report->count;) {
        i = report_row(report, i, &row);
        if (!slice_is(lesson, row.best->lesson) || !row.best->student[0])
            continue;
        figures->students++;
        figures->handed_in += row.best->replay != REPLAY_MISSING;
        for (size_t goal = 0; goal < row.best->goals; goal++)
            figures->met[goal] += row.best->met[goal];
        for (unsigned number = 1; number <= MISCONCEPTIONS; number++)
            figures->mistakes[number] += (row.best->mistakes & 1u << number) != 0;
    }
}

static void lesson_summary(const struct lesson *lesson, const struct figures *figures,
                           struct buf *out)
{
    buf_format(out, "%.*s: handed in by %zu of %zu\n", SLICE_ARG(lesson->name),
               figures->handed_in, figures->students);
    for (size_t i = 0; i < lesson->goal_count; i++) {
        struct buf line = BUF_MAX(1024);
        buf_format(&line, "%3zu %%  ", (figures->met[i] * 200 + figures->students) /
                                           (2 * figures->students));
        buf_add(&line, lesson->goals[i].words);
        buf_add_text(out, "  ");
        wrap_add(out, buf_slice(&line), 2, 9, SUMMARY_COLUMNS);
        buf_free(&line);
    }
}

/* The most frequent first; of equal ones the lower number. */
static void beliefs_summary(const size_t *mistakes, struct buf *out)
{
    bool told[MISCONCEPTIONS + 1] = { false };
    for (size_t i = 0; i < SUMMARY_BELIEFS; i++) {
        unsigned most = 0;
        for (unsigned number = 1; number <= MISCONCEPTIONS; number++)
            if (!told[number] && mistakes[number] && (!most || mistakes[number] > mistakes[most]))
                most = number;
        if (!most)
            break;
        struct buf line = BUF_MAX(1024);
        told[most] = true;
        buf_format(&line, "%4zu  \"%s\"", mistakes[most], misconceptions[most - 1].belief);
        if (!i)
            buf_add_text(out, "What many thought:\n");
        buf_add_text(out, "  ");
        wrap_add(out, buf_slice(&line), 2, 8, SUMMARY_COLUMNS);
        buf_free(&line);
    }
}

void report_summary(const struct report *report, struct buf *out)
{
    size_t mistakes[MISCONCEPTIONS + 1] = { 0 };
    for (size_t i = 0; i < report->course->count; i++) {
        const struct lesson *lesson = report->course->lessons[i];
        struct figures figures = { 0 };
        figures_count(report, lesson->name, &figures);
        if (figures.students)
            lesson_summary(lesson, &figures, out);
        for (unsigned number = 1; number <= MISCONCEPTIONS; number++)
            mistakes[number] += figures.mistakes[number];
    }
    beliefs_summary(mistakes, out);
}
