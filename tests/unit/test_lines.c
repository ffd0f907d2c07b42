/* test_lines.c: what lines.h promises: whole, octet by octet, and at its bounds. */
#include <string.h>

#include "gateway/lines.h"
#include "tests/unit/sim_check.h"

#define MAX 8

/* What comes, and what lines it is: each between brackets, `!` is one that was too long. */
static const struct {
    const char *octets, *lines;
} cases[] = {
    { "", "" },
    { "one", "" },
    { "one\n", "[one]" },
    { "one\r\ntwo\n", "[one][two]" },
    { "\n\r\n", "[][]" },
    { "a\rb\r\r\n", "[a\rb\r]" },
    { "12345678\n", "[12345678]" },
    { "1234567\r\n", "[1234567]" },
    { "123456789\nx\n", "![x]" },
    { "12345678\r\nx\n", "![x]" },
    { "1234567890123456789012345\n\nx\n", "![][x]" },
    { "123456789", "!" },
    { "123456789\n123456789\ny\nz", "!![y]" },
};

static void all_take(struct lines *lines, struct buf *said)
{
    slice line;
    enum lines_next next;
    while (true) {
        bool has = lines_has(lines);
        next = lines_take(lines, MAX, &line);
        ck_assert(has || next != LINES_ONE);
        if (next == LINES_NONE)
            return;
        if (next == LINES_LONG)
            buf_add_char(said, '!');
        else
            buf_format(said, "[%.*s]", SLICE_ARG(line));
    }
}

static void check_pieces(size_t number, size_t piece)
{
    struct lines lines = lines_of(64);
    struct buf said = BUF_MAX(256);
    slice rest = slice_of(cases[number].octets);
    do {
        ck_assert(lines_add(&lines, slice_upto(rest, piece)));
        all_take(&lines, &said);
        rest = slice_from(rest, piece);
    } while (rest.len);
    ck_assert_str_eq(buf_text(&said), cases[number].lines);
    lines_free(&lines);
    buf_free(&said);
}

START_TEST(lines_come_out_however_they_come_in)
{
    for (size_t i = 0; i < COUNT(cases); i++)
        for (size_t piece = 1; piece <= 64; piece++)
            check_pieces(i, piece);
}
END_TEST

START_TEST(what_does_not_fit_is_not_added)
{
    struct lines lines = lines_of(8);
    slice line;
    ck_assert(lines_add(&lines, SLICE("1234567\n")));
    ck_assert(!lines_add(&lines, SLICE("x")));
    ck_assert_int_eq(lines_take(&lines, MAX, &line), LINES_ONE);
    ck_assert(lines_add(&lines, SLICE("x\n")));
    ck_assert_int_eq(lines_take(&lines, MAX, &line), LINES_ONE);
    ck_assert(slice_is(line, "x"));
    lines_free(&lines);
}
END_TEST

int main(void)
{
    TCase *each = tcase_create("lines");
    tcase_add_test(each, lines_come_out_however_they_come_in);
    tcase_add_test(each, what_does_not_fit_is_not_added);
    return run_cases("lines", each);
}
