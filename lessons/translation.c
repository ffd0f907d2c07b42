/* translation.c: a lesson in another language beside the English one. What a world decides by must
   be the same in both, so that the proof of the English one is the translation's too; what people
   read must have been made from the English text of today. */
#include "lessons/course.h"
#include "lessons/language.h"

/* FNV-1a, as eight hex digits: no secret, only a mark that changes with the text. */
void translation_mark(char mark[TRANSLATION_MARK_BYTES], slice english)
{
    static const char digits[] = "0123456789abcdef";
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < english.len; i++)
        hash = (hash ^ (unsigned char)english.at[i]) * 16777619u;
    for (size_t i = 0; i < TRANSLATION_MARK_BYTES - 1; i++)
        mark[i] = digits[hash >> (28 - 4 * i) & 15];
    mark[TRANSLATION_MARK_BYTES - 1] = '\0';
}

struct comparing {
    const struct lesson *said, *english;
    lesson_fault_fn *tell;
    void *context;
    bool same;
    bool other_answers;          /* an `answer names` has words that the English one has not */
};

static void differs(struct comparing *comparing, uint64_t number, const char *what)
{
    struct lesson_fault fault = { .number = number };
    if (number && number <= comparing->said->file_count)
        fault.line = comparing->said->file[number - 1].text;
    error_set(&fault.why, "%s in the English lesson", what);
    comparing->same = false;
    comparing->tell(comparing->context, &fault);
}

static void lines_compare(struct comparing *comparing, const struct lesson_lines *said,
                          const struct lesson_lines *english, uint64_t number)
{
    if (said->count != english->count) {
        differs(comparing, number, "there are more or fewer lines here than");
        return;
    }
    for (size_t i = 0; i < said->count; i++)
        if (!slice_equal(said->at[i].text, english->at[i].text))
            differs(comparing, said->at[i].number, "this line is another one");
}

/* What a person answers in words may have other words. */
static void check_compare(struct comparing *comparing, const struct lesson_check *said,
                          const struct lesson_check *english)
{
    if (slice_equal(said->text, english->text) && said->negated == english->negated)
        return;
    if (slice_starts(english->text, "answer names"))
        comparing->other_answers = true;
    else
        differs(comparing, said->line.number, "this check is another one");
}

static void checks_compare(struct comparing *comparing, const struct lesson_check *said,
                           size_t said_count, const struct lesson_check *english, size_t count,
                           uint64_t number)
{
    if (said_count != count) {
        differs(comparing, number, "there are more or fewer checks here than");
        return;
    }
    for (size_t i = 0; i < count; i++)
        check_compare(comparing, &said[i], &english[i]);
}

/* The front matter, but for what is read: `vary` chooses values, `forbid` commands. */
static slice front_line(const struct lesson *lesson, size_t *next)
{
    static const char *const read[] = { "title:", "part:", "teaches:", "of:" };
    while (*next < lesson->file_count) {
        slice line = lesson->file[(*next)++].text;
        bool is_read = false;
        for (size_t i = 0; i < COUNT(read); i++)
            is_read |= slice_starts(line, read[i]);
        if (!is_read)
            return line;
    }
    return SLICE_EMPTY;
}

static void front_compare(struct comparing *comparing)
{
    size_t said_next = 1, english_next = 1;
    slice english;
    do {
        english = front_line(comparing->english, &english_next);
        if (!slice_equal(front_line(comparing->said, &said_next), english)) {
            differs(comparing, said_next, "this line is another one");
            return;
        }
    } while (!slice_is(english, "---"));
}

static void goals_compare(struct comparing *comparing)
{
    const struct lesson *said = comparing->said, *english = comparing->english;
    if (said->goal_count != english->goal_count) {
        differs(comparing, 1, "there are more or fewer goals than");
        return;
    }
    for (size_t i = 0; i < said->goal_count; i++) {
        const struct lesson_goal *one = &said->goals[i], *other = &english->goals[i];
        if (one->stays != other->stays)
            differs(comparing, one->number, "this goal is held otherwise");
        checks_compare(comparing, one->checks, one->check_count, other->checks, other->check_count,
                       one->number);
        lines_compare(comparing, &one->solution, &other->solution, one->number);
    }
}

static void hints_compare(struct comparing *comparing)
{
    const struct lesson *said = comparing->said, *english = comparing->english;
    if (said->hint_count != english->hint_count || said->predict_count != english->predict_count) {
        differs(comparing, 1, "there are more or fewer hints or predictions than");
        return;
    }
    for (size_t i = 0; i < said->hint_count; i++) {
        const struct lesson_hint *one = &said->hints[i], *other = &english->hints[i];
        if (!slice_equal(one->mistake, other->mistake) || one->goal != other->goal)
            differs(comparing, one->number, "this hint is for something else");
        else
            checks_compare(comparing, one->when, one->when_count, other->when, other->when_count,
                           one->number);
    }
}

static void predicts_compare(struct comparing *comparing)
{
    const struct lesson *said = comparing->said, *english = comparing->english;
    for (size_t i = 0; i < said->predict_count && i < english->predict_count; i++)
        check_compare(comparing, &said->predicts[i].answer, &english->predicts[i].answer);
}

static void cases_compare(struct comparing *comparing, const struct lesson_case *said,
                          size_t said_count, const struct lesson_case *english, size_t count)
{
    if (said_count != count) {
        differs(comparing, 1, "there are more or fewer blocks `near-miss` or `also` than");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (!slice_equal(said[i].mistake, english[i].mistake) || said[i].goal != english[i].goal)
            differs(comparing, said[i].number, "this near miss is another one");
        lines_compare(comparing, &said[i].lines, &english[i].lines, said[i].number);
    }
}

static void lessons_compare(struct comparing *comparing)
{
    const struct lesson *said = comparing->said, *english = comparing->english;
    front_compare(comparing);
    lines_compare(comparing, &said->setup, &english->setup, 1);
    goals_compare(comparing);
    hints_compare(comparing);
    predicts_compare(comparing);
    cases_compare(comparing, said->misses, said->miss_count, english->misses, english->miss_count);
    cases_compare(comparing, said->also, said->also_count, english->also, english->also_count);
}

static bool mark_check(const struct lesson *said, slice english, lesson_fault_fn *tell,
                       void *context)
{
    char mark[TRANSLATION_MARK_BYTES];
    struct lesson_fault fault = { .number = said->of_number };
    translation_mark(mark, english);
    if (slice_is(said->of, mark))
        return true;
    fault.line = said->file[said->of_number - 1].text;
    error_set(&fault.why, "stale: the English lesson has changed. When this says the same again, "
              "write  of: %s", mark);
    tell(context, &fault);
    return false;
}

static slice english_text(slice name)
{
    for (const struct lesson_text *one = lesson_texts; one->name; one++)
        if (slice_is(name, one->name))
            return (slice){ (const char *)one->at, one->len };
    return SLICE_EMPTY;
}

/* Under one seed. */
static void seed_compare(struct comparing *comparing, slice text, slice english_said, uint64_t seed)
{
    struct lesson *said = lesson_read(text, seed, comparing->tell, comparing->context);
    struct lesson *english =
        lesson_read(english_said, seed, comparing->tell, comparing->context);
    comparing->said = said;
    comparing->english = english;
    if (said && english)
        lessons_compare(comparing);
    else
        comparing->same = false;
    lesson_free(said);
    lesson_free(english);
}

enum translation translation_check(slice text, const uint64_t *seeds, size_t seed_count,
                                   lesson_fault_fn *tell, void *context)
{
    struct lesson *said = lesson_read(text, 1, tell, context);
    if (!said || !said->of.len) {
        lesson_free(said);
        return said ? TRANSLATION_NONE : TRANSLATION_WRONG;
    }
    struct comparing comparing = { .said = said, .tell = tell, .context = context };
    slice english = english_text(said->name);
    if (!english.len)
        differs(&comparing, 1, "a lesson of this name is not");
    bool marked = english.len && mark_check(said, english, tell, context);
    lesson_free(said);
    comparing.same = english.len > 0;
    for (size_t i = 0; i < seed_count && comparing.same; i++)
        seed_compare(&comparing, text, english, seeds[i]);
    if (!marked || !comparing.same)
        return TRANSLATION_WRONG;
    return comparing.other_answers ? TRANSLATION_ANSWERS : TRANSLATION_ALIKE;
}
