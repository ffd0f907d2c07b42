/* sentence_dialect.c: set HOST answers like postfix, and which servers' names there are. */
#include "base/words.h"
#include "servers/dialects/dialects.h"
#include "sim/language/commands.h"
#include "sim/language/sentence.h"

#define NAMES_MAX 400

/* Each name once: the first dialect of a server stands for it. */
static const struct dialect *dialect_server(size_t number)
{
    const struct dialect *dialect = dialect_numbered(number);
    return dialect && dialect_named(slice_of(dialect->name), NULL) == dialect ? dialect : NULL;
}

void dialect_unknown(struct buf *out, slice typed)
{
    size_t count = 0;
    buf_add_text(out, "no server of that name was measured; the nearest first: ");
    for (unsigned distance = 0; distance <= 4; distance++)
        for (size_t i = 1; i < DIALECTS; i++) {
            const struct dialect *dialect = dialect_server(i);
            if (dialect && word_distance(typed, slice_of(dialect->name)) == distance)
                buf_format(out, "%s%s", count++ ? ", " : "", dialect->name);
        }
    buf_add_text(out, "; or pennypost");
}

bool set_answers(struct sentence *sentence, struct policy *policy)
{
    if (!sentence_expect(sentence, "like"))
        return false;
    slice name = word_take(&sentence->rest);
    const struct dialect *dialect = dialect_named(name, NULL);
    if (!dialect && !slice_is_nocase(name, "pennypost")) {
        struct buf why = BUF_MAX(NAMES_MAX);
        dialect_unknown(&why, name);
        sentence_wrong(sentence, name, "%s", buf_text(&why));
        buf_free(&why);
        return false;
    }
    if (!sentence_ended(sentence))
        return false;
    sentence_begins(sentence);
    if (!dialect)
        policy->dialect_count = 0;
    for (; dialect; dialect = dialect_named(name, dialect))
        policy_dialect_set(policy, dialect->protocol, dialect);
    return sentence_keep(sentence);
}
