/* language.c: see language.h. */
#include "repl/language.h"

#include <string.h>

#include "lessons/course.h"
#include "lessons/misconception.h"
#include "repl/repl.h"
#include "servers/services_table.h"
#include "sim/language/command.h"
#include "sim/language/groups.h"
#include "sim/language/synonyms.h"
#include "views/reason.h"

#define TEXTS_MAX 4096

/* All that is said in English, and by whom. */
struct texts {
    const char *at[TEXTS_MAX], *by[TEXTS_MAX];
    size_t count;
};

static bool is_in(const struct texts *texts, slice text)
{
    for (size_t i = 0; i < texts->count; i++)
        if (slice_is(text, texts->at[i]))
            return true;
    return false;
}

static void text_note(struct texts *texts, const char *by, const char *text)
{
    if (!text || !text[0] || is_in(texts, slice_of(text)))
        return;
    must(texts->count < TEXTS_MAX);
    texts->by[texts->count] = by;
    texts->at[texts->count++] = text;
}

static void course_note(struct texts *texts)
{
#define SENTENCE(name, text) text_note(texts, "course", text);
    SENTENCES_EACH(SENTENCE)
#undef SENTENCE
    for (size_t i = 0; i < MISCONCEPTIONS; i++) {
        text_note(texts, "course", misconceptions[i].belief);
        text_note(texts, "course", misconceptions[i].truth);
    }
}

static void protocol_note(struct texts *texts, const struct protocol *protocol)
{
    const struct reasons *reasons = reasons_of(protocol);
    for (size_t i = 0; i < protocol->state_count; i++)
        text_note(texts, protocol->name, protocol->states[i].meaning);
    for (size_t i = EV_VERBS; i < protocol->event_count; i++)
        text_note(texts, protocol->name, protocol->events[i].meaning);
    for (size_t i = 0; i < protocol->code_count; i++)
        text_note(texts, protocol->name, protocol->codes[i].meaning);
    for (size_t i = 0; reasons && i < reasons->count; i++) {
        text_note(texts, protocol->name, reasons->rows[i].says);
        text_note(texts, protocol->name, reasons->rows[i].more);
    }
}

static void commands_note(struct texts *texts)
{
    const struct command *command;
    size_t from = 0;
    while ((command = command_next(repl_tables, true, &from)) != NULL)
        text_note(texts, "command", command->meaning);
    for (const struct help_group *group = help_groups; group->title; group++)
        text_note(texts, "program", group->title);
    for (const struct synonym *synonym = synonyms; synonym->word; synonym++)
        text_note(texts, "program", synonym->instead);
}

static void texts_read(struct texts *texts)
{
    const struct protocol *protocol = NULL;
    course_note(texts);
    for (size_t i = 0; said_in_code[i]; i++)
        text_note(texts, "program", said_in_code[i]);
    for (int i = 0; i < OUTCOMES; i++)
        text_note(texts, "program", outcome_words((enum outcome)i));
    while ((protocol = protocol_next(protocol)) != NULL)
        protocol_note(texts, protocol);
    commands_note(texts);
}

/* --- what a translation has ------------------------------------------------------------------- */

static bool has_hole(slice text, slice wanted)
{
    slice hole;
    translate_words(&text);
    for (; translate_hole(&text, &hole); translate_words(&text))
        if (slice_equal(hole, wanted))
            return true;
    return false;
}

static bool has_holes_of(slice text, slice other)
{
    slice hole;
    translate_words(&other);
    for (; translate_hole(&other, &hole); translate_words(&other))
        if (!has_hole(text, hole))
            return false;
    return true;
}

static size_t pairs_check(const struct language *language, const struct texts *texts,
                          struct buf *report)
{
    size_t faults = 0;
    for (size_t i = 0; i < language->pair_count; i++) {
        const struct pair *pair = &language->pairs[i];
        bool same = has_holes_of(pair->said, pair->english) &&
                    has_holes_of(pair->english, pair->said);
        const char *fault = !is_in(texts, pair->english) ? "nobody says this in English any more"
                            : !same                      ? "other {...} than in English"
                                                         : NULL;
        if (fault)
            buf_format(report, "stale: %s: %.*s\n", fault, SLICE_ARG(pair->english));
        faults += fault != NULL;
    }
    return faults;
}

static bool has_lesson(const struct language *language, const char *name)
{
    const struct lesson_text *text = language_texts(language);
    while (text->name && strcmp(text->name, name) != 0)
        text++;
    return text->name != NULL;
}

size_t language_check(const struct language *language, struct buf *report)
{
    static struct texts texts;
    texts.count = 0;
    texts_read(&texts);
    for (const struct lesson_text *text = lesson_texts; text->name; text++)
        if (!has_lesson(language, text->name))
            buf_format(report, "missing: lesson %s\n", text->name);
    for (size_t i = 0; i < texts.count; i++)
        if (!translate_find(language, slice_of(texts.at[i])).len)
            buf_format(report, "missing: %s: %s\n", texts.by[i], texts.at[i]);
    return pairs_check(language, &texts, report);
}
