/* lesson_vary.c: what differs from learner to learner: ${name} in a lesson, by the seed. */
#include "lessons/lesson.h"
#include "sim/net/random.h"

static bool is_name(unsigned char c) { return is_alnum(c) || c == '_'; }

static const slice *value_find(const struct lesson_variables *variables, slice name)
{
    for (size_t i = 0; i < variables->count; i++)
        if (slice_equal(variables->at[i].name, name))
            return &variables->at[i].value;
    return NULL;
}

static size_t choices_count(slice choices)
{
    size_t count = 1;
    for (size_t i = 0; i < choices.len; i++)
        count += choices.at[i] == '|';
    return count;
}

static slice choice_at(slice choices, uint64_t number)
{
    slice choice = take_until(&choices, '|');
    for (; number; number--)
        choice = take_until(&choices, '|');
    return slice_trim(choice);
}

/* One name takes the whole choice, several take a word each. */
static bool values_take(struct lesson_variables *variables, slice names, slice choice, size_t *at,
                        slice rule, struct error *why)
{
    slice rest = names, first = take_word(&rest);
    bool one = slice_trim(rest).len == 0;
    for (slice name = first; name.len; name = take_word(&names)) {
        if (name.at == first.at)
            take_word(&names);
        slice value = one ? choice : take_word(&choice);
        *at = (size_t)(name.at - rule.at);
        if (!value.len)
            return error_set(why, "a choice has too few words for %.*s", SLICE_ARG(names));
        if (value_find(variables, name))
            return error_set(why, "this name was given before");
        if (variables->count == COUNT(variables->at))
            return error_set(why, "at most %zu names", COUNT(variables->at));
        variables->at[variables->count++] = (struct lesson_variable){ name, value };
    }
    return true;
}

/* Each choice has as many words as there are names. */
static bool choices_fit(slice names, slice choices, size_t *at, slice rule, struct error *why)
{
    size_t wanted = 0, total = choices_count(choices);
    while (take_word(&names).len)
        wanted++;
    for (size_t i = 0; i < total; i++) {
        slice choice = choice_at(choices, i), rest = choice;
        size_t words = 0;
        while (take_word(&rest).len)
            words++;
        *at = (size_t)(choice.at - rule.at);
        if (words == 0)
            return error_set(why, "a choice is empty: vary: who = bo | cem");
        if (wanted > 1 && words != wanted)
            return error_set(why, "this choice has %zu words for %zu names", words, wanted);
    }
    return true;
}

bool lesson_vary(struct lesson_variables *variables, slice rule, uint64_t seed, slice lesson,
                 size_t *at, struct error *why)
{
    slice choices = rule, names = slice_trim(take_until(&choices, '=')), name = names;
    slice first = take_word(&name), rest = first;
    take_while(&rest, is_name);
    *at = 0;
    if (!first.len || rest.len || !slice_trim(choices).len)
        return error_set(why, "names, = and choices belong here: vary: who device = bo desktop | "
                         "cem office");
    if (!choices_fit(names, choices, at, rule, why))
        return false;
    struct random random = random_stream(seed, lesson, "vary");
    random.stream ^= random_hash(names);
    uint64_t number = random_below(&random, choices_count(choices));
    return values_take(variables, names, choice_at(choices, number), at, rule, why);
}

bool lesson_fill(struct buf *out, slice line, const struct lesson_variables *variables, size_t *at,
                 struct error *why)
{
    slice rest = line;
    while (rest.len) {
        if (!slice_starts(rest, "${")) {
            buf_add(out, slice_upto(rest, 1));
            rest = slice_from(rest, 1);
            continue;
        }
        *at = (size_t)(rest.at - line.at);
        slice name = slice_from(rest, 2);
        rest = name;
        name = take_while(&rest, is_name);
        const slice *value = value_find(variables, name);
        if (!take_char(&rest, '}'))
            return error_set(why, "${ has no }");
        if (!value)
            return error_set(why, "\"%.*s\" is given no value: a line  vary: %.*s = this | that  "
                             "belongs at the top", SLICE_ARG(slice_upto(name, 40)),
                             SLICE_ARG(slice_upto(name, 40)));
        buf_add(out, *value);
    }
    return true;
}
