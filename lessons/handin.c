/* handin.c: see handin.h. */
#include "lessons/handin.h"

#include "base/words.h"
#include "lessons/lesson.h"
#include "lessons/sitting.h"
#include "sim/net/random.h"

#define SEEDS 1000000000u            /* nine digits can be read aloud */
#define COUNT_MAX 1000000u
#define DIGEST_DIGITS 16

bool student_is_good(slice id)
{
    if (!id.len || id.len > STUDENT_MAX || !is_alnum((unsigned char)id.at[0]))
        return false;
    for (size_t i = 0; i < id.len; i++) {
        char c = id.at[i];
        if (!is_alnum((unsigned char)c) && c != '-' && c != '_' && c != '.')
            return false;
    }
    return true;
}

uint64_t handin_seed(slice student, slice lesson)
{
    struct buf text = BUF_MAX(256);
    buf_format(&text, "hand-in 1 %.*s %.*s", SLICE_ARG(slice_upto(student, STUDENT_MAX)),
               SLICE_ARG(slice_upto(lesson, 64)));
    uint64_t seed = random_mix(random_hash(buf_slice(&text))) % SEEDS + 1;
    buf_free(&text);
    return seed;
}

void handin_free(struct handin *handin) { arena_free(&handin->arena); }

void handin_receipt(const struct handin *handin, struct buf *out)
{
    struct buf text = BUF_MAX(512);
    buf_format(&text, "%s %s %llu %llu %016llx", handin->student, handin->lesson,
               (unsigned long long)handin->met, (unsigned long long)handin->goals,
               (unsigned long long)handin->digest);
    uint64_t code = random_mix(random_hash(buf_slice(&text)));
    buf_format(out, "%04X-%04X", (unsigned)(code >> 48), (unsigned)(code >> 32 & 0xffff));
    buf_free(&text);
}

/* --- from a sitting ------------------------------------------------------------------------ */

static bool lines_take(struct handin *handin, slice typed, struct error *why)
{
    handin->lines = arena_take_array(&handin->arena, HANDIN_LINES_MAX, sizeof *handin->lines);
    typed = arena_copy(&handin->arena, typed);
    while (typed.len) {
        slice line = take_until(&typed, '\n');
        if (handin->count == HANDIN_LINES_MAX)
            return error_set(why, "more than %d lines were typed, which is more than can be handed "
                             "in", HANDIN_LINES_MAX);
        if (line.len > HANDIN_LINE_MAX)
            return error_set(why, "line %zu has more than %d octets, which is more than can be "
                             "handed in", handin->count + 1, HANDIN_LINE_MAX);
        handin->lines[handin->count++] = line;
    }
    return true;
}

bool handin_take(struct handin *handin, const struct sitting *sitting, slice student,
                 struct error *why)
{
    *handin = (struct handin){ .seed = sitting->world->seed,
                               .digest = trace_digest(sitting->world->trace),
                               .goals = sitting->lesson->goal_count, .hints = sitting->hints,
                               .solutions = sitting->solutions,
                               .undos = sitting_undos(sitting) };
    FIELD_SET(handin->student, student);
    FIELD_SET(handin->lesson, sitting->lesson->name);
    FIELD_SET(handin->program, SLICE(PENNYPOST_VERSION));
    for (size_t i = 0; i < sitting->lesson->goal_count; i++)
        handin->met += sitting->goals[i].met;
    if (sitting->typed.full)
        return error_set(why, "more was typed than can be handed in");
    return lines_take(handin, buf_slice(&sitting->typed), why);
}

/* --- writing ------------------------------------------------------------------------------- */

/* Whatever a form or a mail program might spoil stands in quotes. */
static void line_write(struct buf *out, slice line)
{
    bool plain = line.len && text_is_visible(line) && line.at[line.len - 1] != ' ';
    buf_add_text(out, plain ? "> " : "\"");
    if (plain)
        buf_add(out, line);
    else
        quoted_add(out, line);
    buf_add_text(out, plain ? "\n" : "\"\n");
}

void handin_write(const struct handin *handin, struct buf *out)
{
    buf_format(out, HANDIN_TITLE "\nprogram %s\nstudent %s\nlesson %s\nseed %llu\n",
               handin->program, handin->student, handin->lesson, (unsigned long long)handin->seed);
    buf_format(out, "goals %llu of %llu\nhints %llu solutions %llu undos %llu\n",
               (unsigned long long)handin->met, (unsigned long long)handin->goals,
               (unsigned long long)handin->hints, (unsigned long long)handin->solutions,
               (unsigned long long)handin->undos);
    buf_format(out, "digest %016llx\nlines %zu\n", (unsigned long long)handin->digest,
               handin->count);
    for (size_t i = 0; i < handin->count; i++)
        line_write(out, handin->lines[i]);
    buf_add_text(out, "end\n");
}

/* --- reading ------------------------------------------------------------------------------- */

struct reading {
    slice rest;
    uint64_t line;
};

static slice next_line(struct reading *reading)
{
    slice line = take_until(&reading->rest, '\n');
    reading->line++;
    while (line.len &&
           (line.at[line.len - 1] == '\r' || is_space((unsigned char)line.at[line.len - 1])))
        line.len--;
    return line;
}

static bool count_take(slice *rest, const char *word, uint64_t max, uint64_t *value)
{
    return word_take_if(rest, word) && word_number(word_take(rest), max, value);
}

static bool digest_take(slice *rest, uint64_t *digest)
{
    slice word = word_take_if(rest, "digest") ? word_take(rest) : SLICE_EMPTY;
    *digest = 0;
    for (size_t i = 0; i < word.len; i++) {
        int value = hex_value(word.at[i]);
        if (value < 0 || word.at[i] != to_lower(word.at[i]))
            return false;
        *digest = *digest << 4 | (uint64_t)value;
    }
    return word.len == DIGEST_DIGITS;
}

static bool program_take(slice *rest, struct handin *handin)
{
    slice word = word_take_if(rest, "program") ? word_take(rest) : SLICE_EMPTY;
    bool good = word.len && word.len < sizeof handin->program && text_is_visible(word);
    if (good) /* else it stays empty: what is told of it must be readable as JSON again */
        FIELD_SET(handin->program, word);
    return good;
}

static bool student_take(slice *rest, struct handin *handin)
{
    slice word = word_take_if(rest, "student") ? word_take(rest) : SLICE_EMPTY;
    if (student_is_good(word))
        FIELD_SET(handin->student, word);
    return handin->student[0] != '\0';
}

static bool lesson_take(slice *rest, struct handin *handin)
{
    slice word = word_take_if(rest, "lesson") ? word_take(rest) : SLICE_EMPTY;
    if (word.len < sizeof handin->lesson && lesson_name_is_good(word))
        FIELD_SET(handin->lesson, word);
    return handin->lesson[0] != '\0';
}

/* One line of the head, by its place. */
static bool head_line(struct handin *handin, slice rest, size_t place, uint64_t *count)
{
    switch (place) {
    case 0: return program_take(&rest, handin) && !rest.len;
    case 1: return student_take(&rest, handin) && !rest.len;
    case 2: return lesson_take(&rest, handin) && !rest.len;
    case 3: return count_take(&rest, "seed", INT64_MAX, &handin->seed) && !rest.len;
    case 4:
        return count_take(&rest, "goals", LESSON_GOALS_MAX, &handin->met) &&
               count_take(&rest, "of", LESSON_GOALS_MAX, &handin->goals) && !rest.len;
    case 5:
        return count_take(&rest, "hints", COUNT_MAX, &handin->hints) &&
               count_take(&rest, "solutions", COUNT_MAX, &handin->solutions) &&
               count_take(&rest, "undos", COUNT_MAX, &handin->undos) && !rest.len;
    case 6: return digest_take(&rest, &handin->digest) && !rest.len;
    default: return count_take(&rest, "lines", HANDIN_LINES_MAX, count) && !rest.len;
    }
}

static bool head_read(struct handin *handin, struct reading *reading, uint64_t *count,
                      struct error *why)
{
    static const char *const wanted[] = { "program VERSION", "student ID", "lesson NAME", "seed N",
                                          "goals N of N", "hints N solutions N undos N",
                                          "digest of 16 hexadecimal digits", "lines N" };
    for (size_t place = 0; place < COUNT(wanted); place++)
        if (!head_line(handin, next_line(reading), place, count))
            return error_set(why, "here belongs \"%s\"", wanted[place]);
    return true;
}

static bool line_read(struct handin *handin, slice line, struct error *why)
{
    struct buf octets = BUF_MAX(HANDIN_LINE_MAX);
    bool ok = true;
    if (take_prefix(&line, "> "))
        buf_add(&octets, line);
    else
        ok = quoted_read(&line, &octets) && !line.len;
    ok = ok && !octets.full &&
         !(octets.len && slice_find(buf_slice(&octets), '\n', &(size_t){ 0 }));
    if (ok)
        handin->lines[handin->count++] = arena_copy(&handin->arena, buf_slice(&octets));
    ok = ok || error_set(why, octets.full ? "this line is longer than %d octets"
                                          : "a typed line stands behind \"> \" or in quotes, and "
                                            "has at most %d octets", HANDIN_LINE_MAX);
    buf_free(&octets);
    return ok;
}

static bool all_read(struct handin *handin, struct reading *reading, struct error *why)
{
    uint64_t count = 0;
    take_prefix(&reading->rest, BYTE_ORDER_MARK);
    if (reading->rest.len > HANDIN_BYTES_MAX)
        return error_set(why, "it is larger than %u kB", HANDIN_BYTES_MAX >> 10);
    if (!slice_is(next_line(reading), HANDIN_TITLE))
        return error_set(why, "it does not begin with \"" HANDIN_TITLE "\"");
    if (!head_read(handin, reading, &count, why))
        return false;
    handin->lines = arena_take_array(&handin->arena, (size_t)count + 1, sizeof *handin->lines);
    while (handin->count < count)
        if (!line_read(handin, next_line(reading), why))
            return false;
    if (!slice_is(next_line(reading), "end"))
        return error_set(why, "behind %llu lines here belongs \"end\"", (unsigned long long)count);
    return true;
}

bool handin_read(struct handin *handin, slice text, uint64_t *line, struct error *why)
{
    struct reading reading = { .rest = text };
    *handin = (struct handin){ .count = 0 };
    bool ok = all_read(handin, &reading, why);
    *line = reading.line;
    return ok;
}
