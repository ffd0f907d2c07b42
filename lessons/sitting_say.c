/* sitting_say.c: what a learner reads: the start, the goals, what is new, hints. Everything in
   words; a sign stands beside them where the terminal can draw it. */
#include "base/words.h"
#include "lessons/language.h"
#include "lessons/misconception.h"
#include "lessons/sitting.h"
#include "sim/language/script.h"
#include "views/clean.h"
#include "views/utf8.h"
#include "views/wrap.h"

#define INDENT 3
#define WORDS_MAX (64u << 10)
#define NUMBER_BYTES 24

struct number {
    char text[NUMBER_BYTES];
};

static slice number_said(struct number *number, uint64_t value)
{
    struct buf text = BUF_MAX(NUMBER_BYTES - 1);
    buf_add_number(&text, value);
    FIELD_SET(number->text, buf_slice(&text));
    buf_free(&text);
    return slice_of(number->text);
}

static void words_add(struct buf *out, slice words, size_t indent, const struct look *look)
{
    markdown_write(out, words, indent, look->columns);
}

static void line_add(struct buf *out, const struct look *look, size_t indent, slice words)
{
    for (size_t i = 0; i < indent; i++)
        buf_add_char(out, ' ');
    wrap_add(out, words, indent, indent, look->columns);
}

/* A sentence of the course under its indent. */
static void say_add(struct buf *out, const struct look *look, size_t indent,
                    enum sentence sentence, const slice *filled)
{
    struct buf words = BUF_MAX(WORDS_MAX);
    sentence_add(&words, look->language, sentence, filled);
    line_add(out, look, indent, buf_slice(&words));
    buf_free(&words);
}

static bool signs(const struct look *look) { return look->utf8 && !look->plain; }

/* --- goals --------------------------------------------------------------------------------- */

/* The words of `else`, with what was found; without them the check itself. */
static void unmet_add(struct buf *out, const struct lesson_check *check,
                      const struct check_result *result, const struct look *look)
{
    slice rest = check->unmet;
    size_t at;
    struct buf words = BUF_MAX(WORDS_MAX);
    if (!rest.len) {
        buf_format(&words, "%.*s (now: ", SLICE_ARG(check->text));
        clean_add(&words, slice_of(result->found), look->utf8);
        buf_add_char(&words, ')');
    }
    while (slice_find_text(rest, SLICE("{found}"), &at)) {
        buf_add(&words, slice_upto(rest, at));
        clean_add(&words, slice_of(result->found), look->utf8);
        rest = slice_from(rest, at + sizeof "{found}" - 1);
    }
    buf_add(&words, rest);
    sentence_add(out, look->language, SAY_STILL_OPEN, (slice[]){ buf_slice(&words) });
    buf_free(&words);
}

/* Of "met" and "open", so that goals stand under each other. */
static size_t state_columns(const struct look *look)
{
    size_t met = utf8_width(sentence_text(look->language, SAY_GOAL_MET)),
           open = utf8_width(sentence_text(look->language, SAY_GOAL_OPEN));
    return met > open ? met : open;
}

/* Where the words of a goal begin: " x open  1. ". */
static size_t goal_indent(const struct look *look)
{
    return look->columns < 60 ? 4 : (signs(look) ? 8 : 6) + state_columns(look);
}

static void goal_add(const struct sitting *sitting, struct buf *out, size_t goal,
                     const struct look *look)
{
    struct buf words = BUF_MAX(WORDS_MAX);
    bool met = sitting->goals[goal].met;
    if (signs(look))
        buf_add_text(&words, met ? "\xe2\x9c\x93 " : "\xe2\x9c\x97 ");
    buf_add(&words, sentence_text(look->language, met ? SAY_GOAL_MET : SAY_GOAL_OPEN));
    utf8_pad(&words, state_columns(look) + (signs(look) ? 2 : 0));
    buf_format(&words, "  %zu. %.*s", goal + 1, SLICE_ARG(sitting->lesson->goals[goal].words));
    buf_add_char(out, ' ');
    wrap_add(out, buf_slice(&words), 1, goal_indent(look), look->columns);
    buf_free(&words);
}

static void goal_unmet_add(const struct sitting *sitting, struct buf *out, size_t goal,
                           size_t indent, const struct look *look)
{
    struct buf words = BUF_MAX(WORDS_MAX);
    struct check_result result;
    const struct lesson_check *check = sitting_unmet(sitting, goal, &result);
    if (check)
        unmet_add(&words, check, &result, look);
    if (words.len)
        line_add(out, look, indent, buf_slice(&words));
    buf_free(&words);
}

static size_t goals_met(const struct sitting *sitting)
{
    size_t count = 0;
    for (size_t i = 0; i < sitting->lesson->goal_count; i++)
        count += sitting->goals[i].met;
    return count;
}

void sitting_say_goals(const struct sitting *sitting, struct buf *out, const struct look *look)
{
    size_t total = sitting->lesson->goal_count;
    struct number met, all;
    say_add(out, look, 1, SAY_LESSON_GOALS,
            (slice[]){ sitting->lesson->name, number_said(&met, goals_met(sitting)),
                       number_said(&all, total) });
    for (size_t i = 0; i < total; i++) {
        goal_add(sitting, out, i, look);
        if (!sitting->goals[i].met)
            goal_unmet_add(sitting, out, i, goal_indent(look), look);
    }
}

/* --- predictions --------------------------------------------------------------------------- */

static void predict_ask(const struct sitting *sitting, struct buf *out, const struct look *look)
{
    if (sitting->asks < 0)
        return;
    buf_add_char(out, '\n');
    words_add(out, sitting->lesson->predicts[sitting->asks].question, INDENT, look);
    say_add(out, look, INDENT, look->presents ? SAY_ASK_ROOM : SAY_TYPE_PREDICTION, NULL);
}

static const char *const number_words[][2] = {
    { "none", "keine" }, { "one", "eine" },     { "two", "zwei" },   { "three", "drei" },
    { "four", "vier" },  { "five", "f\xc3\xbcnf" }, { "six", "sechs" },  { "seven", "sieben" },
    { "eight", "acht" }, { "nine", "neun" },    { "ten", "zehn" },
};

/* The first number of a text, in digits or as a word: "all four of them". */
static bool number_in(slice text, uint64_t *number)
{
    while (text.len) {
        slice word = take_while(&text, is_alnum);
        if (word.len && word_number(word, UINT32_MAX, number))
            return true;
        for (*number = 0; word.len && *number < COUNT(number_words); ++*number)
            if (slice_is_nocase(word, number_words[*number][0]) ||
                slice_is_nocase(word, number_words[*number][1]))
                return true;
        text = slice_from(text, !word.len);
    }
    return false;
}

enum verdict { WAS_RIGHT, WAS_OTHERWISE, WAS_UNCLEAR };

/* "yes, it does", "no", "ja", "nein" */
static bool is_yes_or_no(slice said, bool *yes)
{
    slice first = take_while(&said, is_alnum);
    *yes = slice_is_nocase(first, "yes") || slice_is_nocase(first, "y") ||
           slice_is_nocase(first, "ja") || slice_is_nocase(first, "j");
    return *yes || slice_is_nocase(first, "no") || slice_is_nocase(first, "n") ||
           slice_is_nocase(first, "nein");
}

/* "yes, it does" is that the check holds; "all four" is right for "4 messages", and "250" for a
   reply that begins so. Words that nobody can compare are given no verdict. */
static enum verdict prediction_verdict(slice said, const struct check_result *result)
{
    slice found = slice_of(result->found);
    uint64_t guessed = 0, is = 0;
    bool yes;
    if (is_yes_or_no(said, &yes))
        return result->ok == yes ? WAS_RIGHT : WAS_OTHERWISE;
    if (found.len && is_digit((unsigned char)found.at[0]) && number_in(said, &guessed) &&
        number_in(found, &is))
        return guessed == is ? WAS_RIGHT : WAS_OTHERWISE;
    bool begins = said.len && slice_equal_nocase(slice_upto(found, said.len), said);
    if (begins && (found.len == said.len || !is_alnum((unsigned char)found.at[said.len])))
        return WAS_RIGHT;
    return slice_starts(said, "+") || slice_starts(said, "-") ? WAS_OTHERWISE : WAS_UNCLEAR;
}

static void predict_tell(struct sitting *sitting, struct buf *out, size_t number,
                         const struct look *look)
{
    const struct lesson_predict *predict = &sitting->lesson->predicts[number];
    slice said = slice_of(sitting->predictions[number]);
    struct check_result result;
    struct buf words = BUF_MAX(WORDS_MAX);
    sitting->predict_told[number] = true;
    if (!said.len || !check_ask(sitting->world, predict->answer.text, sitting->from, &result))
        return;
    static const enum sentence verdicts[] = { [WAS_RIGHT] = SAY_PREDICTED_RIGHT,
                                              [WAS_OTHERWISE] = SAY_PREDICTED_WRONG,
                                              [WAS_UNCLEAR] = SAY_PREDICTED };
    enum verdict verdict = prediction_verdict(said, &result);
    sitting->predictions_right += verdict == WAS_RIGHT;
    bool yes;
    struct buf found = BUF_MAX(WORDS_MAX);
    clean_add(&words, said, look->utf8);
    if (is_yes_or_no(said, &yes))
        buf_add(&found, sentence_text(look->language, result.ok ? SAY_YES : SAY_NO));
    else
        clean_add(&found, slice_of(result.found), look->utf8);
    say_add(out, look, INDENT, verdicts[verdict],
            (slice[]){ buf_slice(&words), buf_slice(&found) });
    buf_free(&found);
    buf_free(&words);
}

static void predictions_tell(struct sitting *sitting, struct buf *out, size_t goal,
                             const struct look *look)
{
    for (size_t i = 0; i < sitting->lesson->predict_count; i++)
        if (sitting->lesson->predicts[i].goal == goal && !sitting->predict_told[i])
            predict_tell(sitting, out, i, look);
}

/* --- the start ----------------------------------------------------------------------------- */

/* Prose of the goal that is next; that of later goals comes with them. */
static void prose_add(struct sitting *sitting, struct buf *out, const struct look *look)
{
    size_t goal = sitting_next(sitting);
    sitting->prose_told = goal;
    if (goal < sitting->lesson->goal_count && sitting->lesson->goals[goal].before.len)
        words_add(out, sitting->lesson->goals[goal].before, 1, look);
}

void sitting_say_start(struct sitting *sitting, struct buf *out, const struct look *look)
{
    const struct lesson *lesson = sitting->lesson;
    struct number minutes;
    say_add(out, look, 0, SAY_LESSON_TITLE,
            (slice[]){ lesson->name, lesson->title, number_said(&minutes, lesson->minutes) });
    buf_add_char(out, '\n');
    prose_add(sitting, out, look);
    buf_add_char(out, '\n');
    for (size_t i = 0; i < lesson->goal_count && !look->presents; i++)
        goal_add(sitting, out, i, look);
    if (!look->presents)
        say_add(out, look, 1, SAY_ALSO, NULL);
    predict_ask(sitting, out, look);
}

/* --- news ---------------------------------------------------------------------------------- */

static bool goals_tell(struct sitting *sitting, struct buf *out, const struct look *look)
{
    bool news = false;
    for (size_t i = 0; i < sitting->lesson->goal_count; i++) {
        if (!sitting->goals[i].fresh)
            continue;
        if (!news)
            buf_add_char(out, '\n');
        news = true;
        sitting->goals[i].fresh = false;
        goal_add(sitting, out, i, look);
        predictions_tell(sitting, out, i, look);
    }
    return news;
}

static void mistake_add(struct buf *out, const struct lesson_hint *hint, const struct look *look)
{
    const struct misconception *misconception = misconception_named(hint->mistake);
    words_add(out, hint->words, INDENT, look);
    if (!misconception)
        return;
    say_add(out, look, INDENT, SAY_MANY_THINK,
            (slice[]){ language_text(look->language, slice_of(misconception->belief)),
                       language_text(look->language, slice_of(misconception->truth)) });
}

static bool mistakes_tell(struct sitting *sitting, struct buf *out, const struct look *look)
{
    bool news = false;
    for (size_t i = 0; i < sitting->lesson->hint_count; i++) {
        if (!sitting->mistake_now[i] || sitting->mistake_told[i])
            continue;
        sitting->mistake_told[i] = true;
        sitting->failures = 0;
        buf_add_char(out, '\n');
        mistake_add(out, &sitting->lesson->hints[i], look);
        news = true;
    }
    return news;
}

static void end_tell(struct sitting *sitting, struct buf *out, const struct look *look)
{
    sitting->finished = true;
    buf_add_char(out, '\n');
    struct number count;
    say_add(out, look, 1, SAY_ALL_MET,
            (slice[]){ number_said(&count, sitting->lesson->goal_count) });
    buf_add_char(out, '\n');
    words_add(out, sitting->lesson->after, 1, look);
}

/* The next line of the solution; behind the last it begins again. */
static void solution_tell(struct sitting *sitting, struct buf *out, const struct look *look)
{
    size_t goal = sitting_next(sitting);
    if (goal == sitting->lesson->goal_count) {
        say_add(out, look, INDENT, SAY_NOTHING_TO_DO, NULL);
        return;
    }
    struct goal_progress *progress = &sitting->goals[goal];
    const struct lesson_lines *lines = &sitting->lesson->goals[goal].solution;
    slice line = lines->at[progress->solution_next++ % lines->count].text;
    FIELD_SET(sitting->prefill, line);
    sitting->solutions++;
    if (look->plain || look->echo) {
        buf_add_text(out, "   ");
        sentence_add(out, look->language, SAY_NEXT_LINE, (slice[]){ line });
        buf_add_char(out, '\n');
    } else {
        say_add(out, look, INDENT, SAY_NEXT_LINE_TYPED, NULL);
    }
}

/* What a command has asked for. */
static void asked_tell(struct sitting *sitting, struct buf *out, const struct look *look)
{
    if (sitting->shows_goals)
        sitting_say_goals(sitting, out, look);
    if (sitting->shows_hint)
        sitting_say_hint(sitting, out, look);
    if (sitting->shows_solution)
        solution_tell(sitting, out, look);
    if (sitting->predicted)
        say_add(out, look, INDENT, sitting->predicted_command ? SAY_NOTED_COMMAND : SAY_NOTED,
                NULL);
    sitting->shows_goals = sitting->shows_hint = sitting->shows_solution = false;
    sitting->predicted = false;
}

void sitting_say_news(struct sitting *sitting, struct buf *out, const struct look *look)
{
    if (sitting->begins_again) {
        sitting->begins_again = false;
        buf_add_char(out, '\n');
        sitting_say_start(sitting, out, look);
    }
    asked_tell(sitting, out, look);
    size_t next = sitting_next(sitting);
    bool met = goals_tell(sitting, out, look);
    bool all = next == sitting->lesson->goal_count;
    bool mistaken = mistakes_tell(sitting, out, look);
    if (all && !sitting->finished) {
        end_tell(sitting, out, look);
    } else if (met && !all) {
        bool told = sitting->prose_told == next; /* it was met out of turn */
        if (sitting->lesson->goals[next].before.len && !told)
            buf_add_char(out, '\n');
        if (!told)
            prose_add(sitting, out, look);
        buf_add_char(out, '\n');
        goal_add(sitting, out, next, look);
    }
    if (!met && !mistaken && !all && sitting->attempted)
        goal_unmet_add(sitting, out, next, INDENT, look);
    sitting->attempted = false;
    if (!met && !mistaken && !all && sitting->failures >= SITTING_FAILURES && !sitting->offered) {
        sitting->offered = true;
        say_add(out, look, INDENT, SAY_STUCK,
                (slice[]){ script_is_connected(sitting->world) ? SLICE(":hint") : SLICE("hint") });
    }
    if (met)
        predict_ask(sitting, out, look);
}

/* --- hints --------------------------------------------------------------------------------- */

static const struct lesson_hint *graded_at(const struct lesson *lesson, size_t goal,
                                           unsigned number, unsigned *total)
{
    const struct lesson_hint *found = NULL;
    *total = 0;
    for (size_t i = 0; i < lesson->hint_count; i++) {
        if (lesson->hints[i].goal != goal || lesson->hints[i].mistake.len)
            continue;
        if (*total <= number)
            found = &lesson->hints[i];
        ++*total;
    }
    return found;
}

void sitting_say_hint(struct sitting *sitting, struct buf *out, const struct look *look)
{
    size_t goal = sitting_next(sitting);
    unsigned total;
    if (goal == sitting->lesson->goal_count) {
        say_add(out, look, 1, SAY_NOTHING_TO_HINT, NULL);
        return;
    }
    struct goal_progress *progress = &sitting->goals[goal];
    const struct lesson_hint *hint = graded_at(sitting->lesson, goal, progress->hints, &total);
    if (!hint)
        return;
    unsigned number = progress->hints < total ? progress->hints + 1 : total;
    struct number one, all, of;
    say_add(out, look, 1, SAY_HINT, (slice[]){ number_said(&one, number), number_said(&all, total),
                                               number_said(&of, goal + 1) });
    words_add(out, hint->words, INDENT, look);
    if (number == total)
        say_add(out, look, INDENT, SAY_LAST_HINT,
                (slice[]){ script_is_connected(sitting->world) ? SLICE(":solution")
                                                               : SLICE("solution") });
    progress->hints = number;
    sitting->hints++;
}

/* --- for whoever writes it ----------------------------------------------------------------- */

static void goal_say_all(struct sitting *sitting, struct buf *out, size_t goal,
                         const struct look *look)
{
    const struct lesson *lesson = sitting->lesson;
    words_add(out, lesson->goals[goal].before, 1, look);
    buf_add_char(out, '\n');
    goal_add(sitting, out, goal, look);
    goal_unmet_add(sitting, out, goal, goal_indent(look), look);
    for (size_t i = 0; i < lesson->hint_count; i++) {
        const struct lesson_hint *hint = &lesson->hints[i];
        if (hint->goal != goal)
            continue;
        buf_format(out, " %s%.*s:\n", hint->mistake.len ? "Mistake " : "Hint",
                   SLICE_ARG(hint->mistake));
        mistake_add(out, hint, look);
    }
    buf_add_text(out, " Solution:\n");
    for (size_t i = 0; i < lesson->goals[goal].solution.count; i++)
        buf_format(out, "     %.*s\n", SLICE_ARG(lesson->goals[goal].solution.at[i].text));
    buf_add_char(out, '\n');
}

void sitting_say_all(struct sitting *sitting, struct buf *out, const struct look *look)
{
    for (size_t i = 0; i < sitting->lesson->goal_count; i++)
        goal_say_all(sitting, out, i, look);
    words_add(out, sitting->lesson->after, 1, look);
}
