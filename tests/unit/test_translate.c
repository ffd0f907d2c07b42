/* test_translate.c: what is shown in another language: forms, answers in columns, and that nothing
   else changes. */
#include "tests/unit/language.h"

#include "views/translate.h"

#define TABLE                                                                                      \
    "A dot ends it.\n> Ein Punkt beendet es.\n"                                                    \
    "{1}, stays. Refused: {2}\n> {1}, bleibt. Nein: {2}\n"                                         \
    "wrong\n> falsch\n"                                                                            \
    "1, 2 ... go on. So they do.\n> 1, 2 ... gehen weiter.\n"                                      \
    "Cause\n> Grund\n"                                                                             \
    "{1} has no {2} in it.\n> In {1} ist kein {2}.\n"                                              \
    "One long sentence that is broken at the eightieth column, and goes on there: so it was.\n"    \
    "> Ein langer Satz.\n"

static struct arena arena;
static struct language german;

static void begin(void)
{
    german = (struct language){ .name = "de" };
    translate_read(&german, &arena, SLICE(TABLE));
    ck_assert_uint_eq(german.pair_count, 7);
}

static void end(void) { arena_free(&arena); }

static void says(const char *english, const char *said)
{
    struct buf out = BUF_MAX(4096);
    translate_add(&out, &german, slice_of(english));
    ck_assert_str_eq(buf_text(&out), said);
    buf_free(&out);
}

static void answer_says(const char *english, const char *said)
{
    struct buf out = BUF_MAX(4096);
    translate_answer(&out, &german, slice_of(english));
    ck_assert_str_eq(buf_text(&out), said);
    buf_free(&out);
}

START_TEST(sentences)
{
    says("A dot ends it.", "Ein Punkt beendet es.");
    says("", "");
    says("Nobody knows this. A dot ends it.", "Nobody knows this. Ein Punkt beendet es.");
    says("a has no b c in it.", "In a ist kein b c.");
    says("has no b in it.", "has no b in it.");
    says("a. b has no c in it.", "a. In b ist kein c.");
    says("READY, stays. Refused: wrong", "READY, bleibt. Nein: falsch");
    says("READY, stays. Refused: other", "READY, bleibt. Nein: other");
    says("wrong.", "falsch.");
    says("1, 2 ... go on. So they do.", "1, 2 ... gehen weiter.");
    says("Here: 1. 1, 2 ... go on. So they do. A dot ends it.",
         "Here: 1. 1, 2 ... gehen weiter. Ein Punkt beendet es.");
    says("x    wrong     :why", "x    falsch     :why");
}
END_TEST

START_TEST(english_is_itself)
{
    struct buf out = BUF_MAX(4096);
    translate_add(&out, NULL, SLICE("A dot ends it."));
    translate_answer(&out, NULL, SLICE("\n Cause  wrong\nA dot ends it."));
    ck_assert_str_eq(buf_text(&out), "A dot ends it.\n Cause  wrong\nA dot ends it.");
    buf_free(&out);
}
END_TEST

START_TEST(columns)
{
    answer_says(" Cause  A dot ends it.\n", " Grund  Ein Punkt beendet es.\n");
    answer_says(" Cause  One long sentence that is broken at the eightieth column, and goes on\n"
            "        there: so it was.\n A dot ends it.\n",
            " Grund  Ein langer Satz.\n Ein Punkt beendet es.\n");
    answer_says("S: wrong\nC: wrong\n  | wrong\n\nwrong\n",
            "S: wrong\nC: wrong\n  | wrong\n\nfalsch\n");
    answer_says(" here   nothing  of it   is known\n", " here   nothing  of it   is known\n");
}
END_TEST

int main(void)
{
    TCase *all = tcase_create("all");
    tcase_add_checked_fixture(all, begin, end);
    tcase_add_test(all, sentences);
    tcase_add_test(all, english_is_itself);
    tcase_add_test(all, columns);
    return run_cases("translate", all);
}
