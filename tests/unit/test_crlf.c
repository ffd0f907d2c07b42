/* test_crlf.c: a text's lines end with CRLF, however it comes in pieces. */
#include <string.h>

#include "servers/mail/crlf.h"
#include "tests/unit/sim_check.h"

static const struct {
    const char *text, *wanted;
} cases[] = {
    { "", "" },
    { "a\r\nb\r\n", "a\r\nb\r\n" },
    { "\r\n\r\n", "\r\n\r\n" },
    { "a\nb\rc\r\n", "a\r\nb\r\nc\r\n" },
    { "\n\n", "\r\n\r\n" },
    { "\r\r\n\n\r", "\r\n\r\n\r\n\r\n" },
    { "no end", "no end" },
    { "a\r", "a\r\n" },
    { "a\n\rb", "a\r\n\r\nb" },
};

static void check(const char *text, size_t piece, const char *wanted)
{
    struct buf whole = BUF_MAX(100), out = BUF_MAX(100);
    struct crlf crlf = { .held = false };
    for (slice rest = slice_of(text); rest.len; rest = slice_from(rest, piece))
        buf_add(&whole, crlf_feed(&crlf, slice_upto(rest, piece), &out));
    buf_add(&whole, crlf_end(&crlf));
    ck_assert_msg(slice_is(buf_slice(&whole), wanted), "%s by %zu", wanted, piece);
    buf_free(&whole);
    buf_free(&out);
}

START_TEST(lines_end_with_crlf)
{
    for (size_t piece = 1; piece < 12; piece++)
        check(cases[_i].text, piece, cases[_i].wanted);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("crlf");
    tcase_add_loop_test(tcase, lines_end_with_crlf, 0, (int)COUNT(cases));
    return run_cases("crlf", tcase);
}
