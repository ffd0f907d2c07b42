/* sitting_say.c: what a learner reads: the start, the goals, what is new, hints. Everything in
   words; a sign stands beside them where the terminal can draw it. */
#include "base/words.h"
#include "lessons/misconception.h"
#include "lessons/sitting.h"
#include "sim/language/script.h"
#include "views/clean.h"
#include "views/utf8.h"
#include "views/wrap.h"

#define INDENT 3
#define WORDS_MAX (64u << 10)

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

static bool signs(const struct look *look) { return look->utf8 && !look->plain; }

/* --- goals --------------------------------------------------------------------------------- */

/* The words of `else`, with what was found; without them the check itself. */
static void unmet_add(struct buf *words, const struct lesson_check *check,
                      const struct check_result *result, const struct look *look)
{
    slice rest = check->unmet;
    size_t at;
    buf_add_text(words, "Still open: ");
    if (!rest.len) {
        buf_format(words, "%.*s (now: ", SLICE_ARG(check->text));
        clean_add(words, slice_of(result->found), look->utf8);
        buf_add_char(words, ')');
        return;
    }
    while (slice_find_text(rest, SLICE("{found}"), &at)) {
        buf_add(words, slice_upto(rest, at));
        clean_add(words, slice_of(result->found), look->utf8);
        rest = slice_from(rest, at + sizeof "{found}" - 1);
    }
    buf_add(words, rest);
}

static void goal_add(const struct sitting *sitting, struct buf *out, size_t goal,
                     const struct look *look)
{
    struct buf words = BUF_MAX(WORDS_MAX);
    bool met = sitting->goals[goal].met;
    if (signs(look))
        buf_add_text(&words, met ? "\xe2\x9c\x93 " : "\xe2\x9c\x97 ");
    buf_format(&words, "%s  %zu. %.*s", met ? "met " : "open", goal + 1,
               SLICE_ARG(sitting->lesson->goals[goal].words));
    size_t indent = signs(look) ? 12 : 10;
    buf_add_char(out, ' ');
    wrap_add(out, buf_slice(&words), 1, look->columns < 60 ? 4 : indent, look->columns);
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

/* Under the words of its goal. */
static size_t unmet_indent(const struct look *look)
{
    return look->columns < 60 ? 4 : signs(look) ? 12 : 10;
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
    struct buf title = BUF_MAX(256);
    buf_format(&title, "Lesson %.*s: %zu of %zu goals met.", SLICE_ARG(sitting->lesson->name),
               goals_met(sitting), total);
    line_add(out, look, 1, buf_slice(&title));
    buf_free(&title);
    for (size_t i = 0; i < total; i++) {
        goal_add(sitting, out, i, look);
        if (!sitting->goals[i].met)
            goal_unmet_add(sitting, out, i, unmet_indent(look), look);
    }
}

/* --- predictions --------------------------------------------------------------------------- */

static void predict_ask(const struct sitting *sitting, struct buf *out, const struct look *look)
{
    if (sitting->asks < 0)
        return;
    buf_add_char(out, '\n');
    words_add(out, sitting->lesson->predicts[sitting->asks].question, INDENT, look);
    line_add(out, look, INDENT, look->presents
             ? SLICE("What do you think? Any key goes on.")
             : SLICE("Type what you think and press Enter. Enter alone skips."));
}

static const char *const number_words[] = { "none", "one", "two",   "three", "four", "five",
                                            "six",  "seven", "eight", "nine",  "ten" };

/* The first number of a text, in digits or as a word: "all four of them". */
static bool number_in(slice text, uint64_t *number)
{
    while (text.len) {
        slice word = take_while(&text, is_alnum);
        if (word.len && word_number(word, UINT32_MAX, number))
            return true;
        for (*number = 0; word.len && *number < COUNT(number_words); ++*number)
            if (slice_is_nocase(word, number_words[*number]))
                return true;
        text = slice_from(text, !word.len);
    }
    return false;
}

enum verdict { WAS_RIGHT, WAS_OTHERWISE, WAS_UNCLEAR };

/* "yes, it does", "no" */
static bool is_yes_or_no(slice said, bool *yes)
{
    slice first = take_while(&said, is_alnum);
    *yes = slice_is_nocase(first, "yes") || slice_is_nocase(first, "y");
    return *yes || slice_is_nocase(first, "no") || slice_is_nocase(first, "n");
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
    static const char *const verdicts[] = { [WAS_RIGHT] = "\": right. It is: ",
                                            [WAS_OTHERWISE] = "\": it came otherwise. It is: ",
                                            [WAS_UNCLEAR] = "\". It is: " };
    enum verdict verdict = prediction_verdict(said, &result);
    sitting->predictions_right += verdict == WAS_RIGHT;
    buf_format(&words, "You predicted \"");
    clean_add(&words, said, look->utf8);
    buf_add_text(&words, verdicts[verdict]);
    bool yes;
    clean_add(&words, !is_yes_or_no(said, &yes) ? slice_of(result.found)
                      : result.ok ? SLICE("yes") : SLICE("no"), look->utf8);
    line_add(out, look, INDENT, buf_slice(&words));
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
    struct buf title = BUF_MAX(1024);
    buf_format(&title, "Lesson %.*s: %.*s (%llu minutes)", SLICE_ARG(lesson->name),
               SLICE_ARG(lesson->title), (unsigned long long)lesson->minutes);
    line_add(out, look, 0, buf_slice(&title));
    buf_add_char(out, '\n');
    prose_add(sitting, out, look);
    buf_add_char(out, '\n');
    for (size_t i = 0; i < lesson->goal_count && !look->presents; i++)
        goal_add(sitting, out, i, look);
    if (!look->presents)
        line_add(out, look, 1, SLICE("Also:  goal  hint  undo  exit   (while connected, with a "
                                     "colon:  :hint)"));
    predict_ask(sitting, out, look);
    buf_free(&title);
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
    struct buf words = BUF_MAX(WORDS_MAX);
    buf_format(&words, "Many think: \"%s.\" %s", misconception->belief, misconception->truth);
    line_add(out, look, INDENT, buf_slice(&words));
    buf_free(&words);
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
    buf_format(out, " All %zu goals are met.\n\n", sitting->lesson->goal_count);
    words_add(out, sitting->lesson->after, 1, look);
}

/* The next line of the solution; behind the last it begins again. */
static void solution_tell(struct sitting *sitting, struct buf *out, const struct look *look)
{
    size_t goal = sitting_next(sitting);
    if (goal == sitting->lesson->goal_count) {
        line_add(out, look, INDENT, SLICE("All goals are met: there is nothing left to do."));
        return;
    }
    struct goal_progress *progress = &sitting->goals[goal];
    const struct lesson_lines *lines = &sitting->lesson->goals[goal].solution;
    slice line = lines->at[progress->solution_next++ % lines->count].text;
    FIELD_SET(sitting->prefill, line);
    sitting->solutions++;
    if (look->plain || look->echo)
        buf_format(out, "   The next line is:  %.*s\n", SLICE_ARG(line));
    else
        line_add(out, look, INDENT, SLICE("The next line of the solution is in your input. Enter "
                                          "runs it."));
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
        line_add(out, look, INDENT, sitting->predicted_command
                     ? SLICE("Noted as what you think; no command has run. If it was one, type it "
                             "again now.")
                     : SLICE("Noted. Now see what happens."));
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
        line_add(out, look, INDENT, script_is_connected(sitting->world)
                                        ? SLICE("Stuck?  :hint  helps a little.")
                                        : SLICE("Stuck?  hint  helps a little."));
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
        line_add(out, look, 1, SLICE("All goals are met: there is nothing left to hint at."));
        return;
    }
    struct goal_progress *progress = &sitting->goals[goal];
    const struct lesson_hint *hint = graded_at(sitting->lesson, goal, progress->hints, &total);
    if (!hint)
        return;
    unsigned number = progress->hints < total ? progress->hints + 1 : total;
    buf_format(out, " Hint %u of %u for goal %zu:\n", number, total, goal + 1);
    words_add(out, hint->words, INDENT, look);
    if (number == total)
        line_add(out, look, INDENT, script_is_connected(sitting->world)
                     ? SLICE("That was the last hint. `:solution` types the next line for you.")
                     : SLICE("That was the last hint. `solution` types the next line for you."));
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
    goal_unmet_add(sitting, out, goal, unmet_indent(look), look);
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
