/* language.c: see language.h. */
#include "lessons/language.h"

#include <string.h>

#include "base/words.h"
#include "lessons/course.h"

static const char *const english[SENTENCES] = {
#define SENTENCE(name, text) [SAY_##name] = text,
    SENTENCES_EACH(SENTENCE)
#undef SENTENCE
};

static const struct {
    const char *name;
    const struct lesson_text *texts;
} known[] = { { "de", lesson_texts_de } };

const struct lesson_text *language_texts(const struct language *language)
{
    for (size_t i = 0; language && i < COUNT(known); i++)
        if (strcmp(known[i].name, language->name) == 0)
            return known[i].texts;
    return NULL;
}

struct language *language_open(struct arena *arena, slice name)
{
    for (size_t i = 0; i < COUNT(known); i++) {
        if (!slice_is(name, known[i].name))
            continue;
        struct language *language = arena_take(arena, sizeof *language);
        language->name = known[i].name;
        for (const struct lesson_text *text = known[i].texts; text->name; text++)
            if (strcmp(text->name, "words") == 0)
                translate_read(language, arena, (slice){ (const char *)text->at, text->len });
        return language;
    }
    return NULL;
}

slice language_text(const struct language *language, slice text)
{
    slice said = translate_find(language, text);
    return said.len ? said : text;
}

slice sentence_text(const struct language *language, enum sentence sentence)
{
    return language_text(language, slice_of(english[sentence]));
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
