/* translation.c: a lesson in another language beside the English one. What a world decides by must
   be the same in both; what people read must have been made from the English text of today. */
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
static void checks_compare(struct comparing *comparing, const struct lesson_check *said,
                           size_t said_count, const struct lesson_check *english, size_t count,
                           uint64_t number)
{
    if (said_count != count) {
        differs(comparing, number, "there are more or fewer checks here than");
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (!slice_starts(english[i].text, "answer names") &&
            (!slice_equal(said[i].text, english[i].text) || said[i].negated != english[i].negated))
            differs(comparing, said[i].line.number, "this check is another one");
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

static void cases_compare(struct comparing *comparing)
{
    const struct lesson *said = comparing->said, *english = comparing->english;
    if (said->miss_count != english->miss_count) {
        differs(comparing, 1, "there are more or fewer near misses than");
        return;
    }
    for (size_t i = 0; i < said->miss_count; i++)
        if (!slice_equal(said->misses[i].mistake, english->misses[i].mistake))
            differs(comparing, said->misses[i].number, "this near miss is another one");
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

bool translation_check(slice text, lesson_fault_fn *tell, void *context)
{
    struct lesson *said = lesson_read(text, 1, tell, context), *english = NULL;
    if (!said || !said->of.len) {
        lesson_free(said);
        return said != NULL;
    }
    struct comparing comparing = { .said = said, .tell = tell, .context = context, .same = true };
    for (const struct lesson_text *one = lesson_texts; one->name && !english; one++) {
        slice text_one = { (const char *)one->at, one->len };
        if (!slice_is(said->name, one->name))
            continue;
        comparing.same = mark_check(said, text_one, tell, context);
        english = lesson_read(text_one, 1, tell, context);
    }
    comparing.english = english;
    if (english) {
        lines_compare(&comparing, &said->setup, &english->setup, 1);
        goals_compare(&comparing);
        hints_compare(&comparing);
        cases_compare(&comparing);
    } else {
        differs(&comparing, 1, "a lesson of this name is not");
    }
    lesson_free(said);
    lesson_free(english);
    return comparing.same;
}
