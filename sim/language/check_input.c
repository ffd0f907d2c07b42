/* check_input.c: see check_input.h. */
#include "sim/language/check_input.h"

#include "base/limits.h"
#include "base/words.h"
#include "sim/language/script.h"

#define FOUND_WORDS 200

bool check_is_input(slice word)
{
    return slice_is(word, "typed") || slice_is(word, "ran") || slice_is(word, "answer");
}

/* --- typed TEXT ---------------------------------------------------------------------------- */

/* The next line that was no command of Pennypost's: those are answered. False: no other one. */
static bool typed_next(const struct trace *trace, uint64_t *number, slice *line)
{
    bool found = false;
    for (; *number < trace_end(trace); ++*number) {
        const struct trace_record *record = trace_at(trace, *number);
        if (record->kind == TRACE_INPUT && found)
            return true;
        if (record->kind == TRACE_INPUT)
            *line = record->text;
        found = record->kind == TRACE_INPUT || (found && record->kind != TRACE_ANSWER);
    }
    return found;
}

static bool check_typed(const struct input_check *check, bool *ok, struct buf *found)
{
    const struct trace *trace = check->call->world->trace;
    slice text = slice_trim(check->rest), line = SLICE_EMPTY, last = SLICE_EMPTY;
    if (!text.len)
        return call_refuse(check->call, check->rest, "how does the line begin? typed EHLO");
    uint64_t number = check->from > trace_first(trace) ? check->from : trace_first(trace);
    while (!*ok && typed_next(trace, &number, &line)) {
        last = line;
        *ok = slice_equal_nocase(slice_upto(last, text.len), text);
    }
    buf_add(found, *ok || last.len ? slice_upto(last, FOUND_WORDS) : SLICE("nothing yet"));
    return true;
}

/* --- ran COMMAND [WORD...] ----------------------------------------------------------------- */

/* Does the line begin with these words, whatever the case and a colon before them? */
static bool line_has_words(slice line, slice words)
{
    take_char(&line, ':');
    while (slice_trim(words).len)
        if (!slice_equal_nocase(take_word(&line), take_word(&words)))
            return false;
    return true;
}

static bool check_ran(const struct input_check *check, bool *ok, struct buf *found)
{
    const struct trace *trace = check->call->world->trace;
    slice words = slice_trim(check->rest), line = SLICE_EMPTY;
    slice name = word_peek(words);
    if (!name.len || !command_find(check->call->world->script->tables, name))
        return call_refuse(check->call, name, "a command belongs here: ran mail sync");
    uint64_t number = check->from > trace_first(trace) ? check->from : trace_first(trace);
    for (; number < trace_end(trace) && !*ok; number++) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->kind == TRACE_INPUT)
            line = record->text;
        bool here = !check->host || record->host == check->host;
        *ok = record->kind == TRACE_ANSWER && here && record->ok &&
              slice_equal(record->name, name) && line_has_words(line, words);
    }
    buf_add_text(found, *ok ? "yes" : "not yet");
    return true;
}

/* --- answer names WORD|WORD... ------------------------------------------------------------- */

/* Addresses are words too; a full stop at a word's end is not part of it. */
static bool is_word(unsigned char c)
{
    return is_alnum(c) || c == '-' || c == '_' || c == '@' || c == '.' || c >= 128;
}

/* Is `word` one of the words of the text? What has no character of a word, like <>, may stand
   anywhere. */
static bool text_has(slice text, slice word)
{
    slice rest = word;
    size_t at;
    if (!take_while(&rest, is_word).len)
        return word.len <= FIND_TEXT_MAX && slice_find_text(text, word, &at);
    while (text.len) {
        slice taken = take_while(&text, is_word);
        while (taken.len && taken.at[taken.len - 1] == '.')
            taken.len--;
        if (taken.len && slice_equal_nocase(taken, word))
            return true;
        text = slice_from(text, 1);
    }
    return false;
}

/* Every group of alternatives has one that the text names. */
static bool text_names(slice text, slice groups)
{
    while (slice_trim(groups).len) {
        slice group = take_word(&groups);
        bool named = false;
        while (group.len && !named)
            named = text_has(text, take_until(&group, '|'));
        if (!named)
            return false;
    }
    return true;
}

/* The latest answer only: whoever changes their mind is heard. */
static bool check_answer_names(const struct input_check *check, bool *ok, struct buf *found)
{
    const struct trace *trace = check->call->world->trace;
    slice words = check->rest, first = word_peek(words), answer = SLICE_EMPTY, line = SLICE_EMPTY;
    if (!word_take_if(&words, "names") || !slice_trim(words).len)
        return call_refuse(check->call, first,
                           "`names` and words belong here: answer names laptop");
    uint64_t number = check->from > trace_first(trace) ? check->from : trace_first(trace);
    for (; number < trace_end(trace); number++) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->kind == TRACE_INPUT)
            line = record->text;
        if (record->kind == TRACE_ANSWER && record->ok && slice_is(record->name, "answer"))
            answer = line;
    }
    take_char(&answer, ':');
    take_word(&answer);
    answer = slice_trim(answer);
    *ok = answer.len && text_names(answer, words);
    buf_add(found, answer.len ? slice_upto(answer, FOUND_WORDS) : SLICE("no answer yet"));
    return true;
}

bool check_input(const struct input_check *check, bool *ok, struct buf *found)
{
    *ok = false;
    if (slice_is(check->word, "typed"))
        return check_typed(check, ok, found);
    if (slice_is(check->word, "ran"))
        return check_ran(check, ok, found);
    return check_answer_names(check, ok, found);
}
