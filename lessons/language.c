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

void sentence_add(struct buf *out, const struct language *language, enum sentence sentence,
                  const slice *filled)
{
    slice rest = sentence_text(language, sentence), hole;
    if (!filled) {
        buf_add(out, rest);
        return;
    }
    buf_add(out, translate_words(&rest));
    while (translate_hole(&rest, &hole)) {
        if (hole.len == 1 && hole.at[0] >= '1' && hole.at[0] <= '9')
            buf_add(out, filled[hole.at[0] - '1']);
        buf_add(out, translate_words(&rest));
    }
}
