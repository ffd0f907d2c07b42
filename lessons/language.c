/* language.c: see language.h. */
#include "lessons/language.h"

#include <string.h>

#include "base/words.h"
#include "lessons/course.h"
#include "lessons/misconception.h"

static const char *const english[SENTENCES] = {
#define SENTENCE(name, text) [SAY_##name] = text,
    SENTENCES_EACH(SENTENCE)
#undef SENTENCE
};

static const struct {
    const char *name;
    const struct lesson_text *texts;
} known[] = { { "de", lesson_texts_de } };

/* --- pairs: a line of English, and behind it a line that begins with > ------------------------ */

static bool pair_take(slice *rest, slice *text, slice *said)
{
    *text = SLICE_EMPTY;
    while (rest->len) {
        slice line = take_until(rest, '\n');
        if (slice_starts(line, "> ") && text->len) {
            *said = slice_from(line, 2);
            return true;
        }
        if (line.len && line.at[0] != '#')
            *text = line;
    }
    return false;
}

slice language_text(const struct language *language, slice text)
{
    slice rest = language ? language->words : SLICE_EMPTY, one, said;
    while (pair_take(&rest, &one, &said))
        if (slice_equal(one, text))
            return said;
    return text;
}

struct language *language_open(struct arena *arena, slice name)
{
    for (size_t i = 0; i < COUNT(known); i++) {
        if (!slice_is(name, known[i].name))
            continue;
        struct language *language = arena_take(arena, sizeof *language);
        language->name = known[i].name;
        language->texts = known[i].texts;
        for (const struct lesson_text *text = language->texts; text->name; text++)
            if (strcmp(text->name, "words") == 0)
                language->words = (slice){ (const char *)text->at, text->len };
        for (size_t j = 0; j < SENTENCES; j++)
            language->said[j] = language_text(language, slice_of(english[j]));
        return language;
    }
    return NULL;
}

slice sentence_text(const struct language *language, enum sentence sentence)
{
    return language ? language->said[sentence] : slice_of(english[sentence]);
}

/* "{2}" in front of the text: 2; else 0. */
static size_t hole_number(slice text)
{
    return text.len >= 3 && text.at[0] == '{' && text.at[1] >= '1' && text.at[1] <= '9' &&
           text.at[2] == '}' ? (size_t)(text.at[1] - '0') : 0;
}

void sentence_add(struct buf *out, const struct language *language, enum sentence sentence,
                  const slice *filled)
{
    slice rest = sentence_text(language, sentence);
    while (rest.len) {
        size_t hole = filled ? hole_number(rest) : 0;
        if (hole)
            buf_add(out, filled[hole - 1]);
        else
            buf_add_char(out, rest.at[0]);
        rest = slice_from(rest, hole ? 3 : 1);
    }
}

/* --- is a translation whole? ------------------------------------------------------------------ */

static unsigned holes_of(slice text)
{
    unsigned holes = 0;
    for (; text.len; text = slice_from(text, 1))
        holes |= 1u << hole_number(text);
    return holes;
}

static bool is_said_in_english(slice text)
{
    for (size_t i = 0; i < SENTENCES; i++)
        if (slice_is(text, english[i]))
            return true;
    for (size_t i = 0; i < MISCONCEPTIONS; i++)
        if (slice_is(text, misconceptions[i].belief) || slice_is(text, misconceptions[i].truth))
            return true;
    return false;
}

static void missing_tell(const struct language *language, struct buf *report, const char *text)
{
    slice rest = language->words, one, said;
    while (pair_take(&rest, &one, &said))
        if (slice_is(one, text))
            return;
    buf_format(report, "missing: %s\n", text);
}

static size_t pairs_check(const struct language *language, struct buf *report)
{
    slice rest = language->words, one, said;
    size_t faults = 0;
    while (pair_take(&rest, &one, &said)) {
        const char *fault = !is_said_in_english(one)        ? "nobody says this in English any more"
                            : holes_of(one) != holes_of(said) ? "other {…} than in English"
                                                              : NULL;
        if (fault)
            buf_format(report, "stale: %s: %.*s\n", fault, SLICE_ARG(one));
        faults += fault != NULL;
    }
    return faults;
}

size_t language_check(const struct language *language, struct buf *report)
{
    for (const struct lesson_text *text = lesson_texts; text->name; text++) {
        const struct lesson_text *other = language->texts;
        while (other->name && strcmp(other->name, text->name) != 0)
            other++;
        if (!other->name)
            buf_format(report, "missing: lesson %s\n", text->name);
    }
    for (size_t i = 0; i < SENTENCES; i++)
        missing_tell(language, report, english[i]);
    for (size_t i = 0; i < MISCONCEPTIONS; i++) {
        missing_tell(language, report, misconceptions[i].belief);
        missing_tell(language, report, misconceptions[i].truth);
    }
    return pairs_check(language, report);
}
