/* test_terms.c: the table of terms is in order, is found by every name, and what it tells one to
   look at exists; words from elsewhere lead to commands that there are. */
#include <string.h>
#include <strings.h>

#include "base/words.h"
#include "sim/language/commands.h"
#include "sim/language/synonyms.h"
#include "sim/language/terms.h"
#include "tests/unit/language.h"
#include "views/views.h"

static const struct command *const tables[] = { sim_commands, view_commands, NULL };

START_TEST(terms_are_in_order_and_found)
{
    const struct term *before = NULL;
    for (const struct term *term = term_next(NULL); term; before = term, term = term_next(term)) {
        ck_assert_ptr_eq(term_find(slice_of(term->name)), term);
        ck_assert_msg(!before || strcasecmp(before->name, term->name) < 0, "%s", term->name);
        ck_assert_msg(term->meaning[strlen(term->meaning) - 1] == '.', "%s", term->name);
        slice rest = slice_of(term->also);
        while (rest.len) {
            slice one = slice_trim(take_until(&rest, ','));
            ck_assert_msg(term_find(one) == term, "%.*s", SLICE_ARG(one));
        }
    }
    ck_assert_str_eq(term_find(SLICE("Mailboxes"))->name, "mailbox");
    ck_assert_str_eq(term_find(SLICE("uids"))->name, "UID");
    ck_assert_str_eq(term_find(SLICE("sequence"))->name, "sequence number");
    ck_assert_ptr_null(term_find(SLICE("s")));
    ck_assert_ptr_null(term_find(SLICE("")));
}
END_TEST

START_TEST(pictures_fit_every_window)
{
    size_t count = 0;
    for (const struct term *term = term_next(NULL); term; term = term_next(term)) {
        const char *picture = term_picture(term);
        slice rest = slice_of(picture ? picture : "");
        count += picture != NULL;
        for (size_t lines = 1; rest.len; lines++) {
            slice line = take_until(&rest, '\n');
            ck_assert_msg(line.len <= TERM_PICTURE_COLUMNS && lines <= 8, "%s: %.*s", term->name,
                          SLICE_ARG(line));
            for (size_t i = 0; i < line.len; i++)
                ck_assert_msg(line.at[i] >= ' ' && line.at[i] <= '~', "%s", term->name);
        }
    }
    ck_assert_uint_eq(count, 18); /* none is lost by a term's new name */
}
END_TEST

static bool is_command(slice line)
{
    slice word = word_take(&line);
    const struct command *command = command_find(tables, word);
    return (command && command->run) || slice_is(word, "lesson") || slice_is(word, "exit") ||
           slice_is(word, "save");
}

START_TEST(what_to_look_at_is_a_command)
{
    for (const struct term *term = term_next(NULL); term; term = term_next(term))
        ck_assert_msg(!term->look[0] || is_command(slice_of(term->look)), "%s", term->look);
}
END_TEST

START_TEST(words_from_elsewhere_are_answered)
{
    static const char *const words[] = { "ls", "INBOX", "read", "clear", "cat", "q", "what" };
    for (size_t i = 0; i < COUNT(words); i++) {
        const struct synonym *synonym = synonym_find(slice_of(words[i]));
        ck_assert_ptr_nonnull(synonym);
        ck_assert_ptr_null(command_find(tables, slice_of(words[i])));
        slice rest = slice_of(synonym->instead);
        if (take_char(&rest, '`'))
            ck_assert_msg(is_command(take_until(&rest, '`')), "%s", synonym->instead);
    }
    ck_assert_ptr_null(synonym_find(SLICE("telnet")));
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("terms");
    tcase_add_test(cases, terms_are_in_order_and_found);
    tcase_add_test(cases, pictures_fit_every_window);
    tcase_add_test(cases, what_to_look_at_is_a_command);
    tcase_add_test(cases, words_from_elsewhere_are_answered);
    return run_cases("terms", cases);
}
