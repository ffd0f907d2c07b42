/* test_header.c: fields, their folding, and where a header ends. */
#include "base/limits.h"
#include "servers/mail/header.h"
#include "tests/unit/mail_check.h"

#define NO "\xef\xbf\xbd"

/* `fields` as "name=value(unfolded);…"; `end` the header's octets. */
static const struct { const char *text, *fields; size_t end;
} blocks[] = {
    { "From: ana\r\nTo: bo\r\n\r\nbody\r\n", "From=ana;To=bo;", 21 },
    { "From: ana\nTo: bo\n\nbody\n", "From=ana;To=bo;", 18 },
    { "Subject: a\r\n b\r\n\tc\r\n\r\n", "Subject=a b\tc;", 22 },
    { "Subject:\r\n  a\r\n\r\n", "Subject=a;", 17 },
    { "Subject:\r\n\r\n", "Subject=;", 12 },
    { "From : ana\r\n\r\n", "From=ana;", 14 },
    { "A: 1\r\n \r\nB: 2\r\n\r\n", "A=1;B=2;", 17 },
    { "Subject: hi\r\nHello Bo,\r\n\r\nmore", "Subject=hi;", 13 }, /* the empty line forgotten */
    { "Hello Bo,\r\nhow are you?\r\n", "", 0 },
    { " indented\r\nA: 1\r\n\r\n", "", 0 },
    { "\r\nA: 1\r\n", "", 2 },
    { "\n", "", 1 },
    { "", "", 0 },
    { "From ana@x Mon Jan  5 09:00:00 2026\r\nA: 1\r\n\r\n", "A=1;", 45 },
    { ">From ana@x Mon Jan  5\r\nA: 1\r\n\r\n", "A=1;", 32 },
    { "A: 1\r\nFrom ana@x\r\n\r\n", "A=1;", 6 },
    /* a line without a colon among the fields, and behind them */
    { "A: 1\r\njunk\r\nB: 2\r\n\r\nx", "A=1;B=2;", 20 },
    { "A: 1\r\njunk\r\n more\r\nB: 2\r\njunk\r\n more\r\n\r\nx", "A=1;B=2;", 25 },
    { "A: 1\r\none\r\ntwo\r\nB: 2", "A=1;B=2;", 20 },
    { ": no name\r\n\r\n", "", 0 },
    { "N\xc3\xa4me: x\r\n\r\n", "", 0 },
    { "A:1\r\nA: 2", "A=1;A=2;", 9 },
    { "A:1\r\n b", "A=1 b;", 7 },
    { "A:1\r", "A=1;", 4 },
    { "A", "", 0 },
    { "A: x\ry\r\n\r\n", "A=x y;", 10 },
    { "URL: http://x:80/?a:b\r\n\r\n", "URL=http://x:80/?a:b;", 25 },
};

static void block_write(struct buf *out, slice block)
{
    struct header_cursor cursor = { block };
    struct header_field field;
    const char *last = block.at;
    while (header_next(&cursor, &field)) {
        ck_assert(field.raw.at >= last && field.name.at == field.raw.at);
        ck_assert(field.value.at + field.value.len <= field.raw.at + field.raw.len);
        last = field.raw.at + field.raw.len;
        ck_assert(last <= block.at + block.len);
        buf_add(out, field.name);
        buf_add_char(out, '=');
        header_unfold(out, field.value);
        buf_add_char(out, ';');
    }
    ck_assert(!header_next(&cursor, &field));
}

START_TEST(block_table)
{
    for (size_t i = 0; i < COUNT(blocks); i++) {
        slice text = slice_of(blocks[i].text);
        struct buf out = BUF_MAX(1000);
        ck_assert_uint_eq(header_end(text), blocks[i].end);
        block_write(&out, slice_upto(text, blocks[i].end));
        ck_slice(buf_slice(&out), slice_of(blocks[i].fields));
        buf_free(&out);
    }
}
END_TEST

START_TEST(every_truncation)
{
    for (size_t i = 0; i < COUNT(blocks); i++)
        for (size_t len = 0; len <= strlen(blocks[i].text); len++) {
            slice cut = cut_new(slice_of(blocks[i].text), len);
            struct buf out = BUF_MAX(1000);
            ck_assert_uint_le(header_end(cut), len);
            block_write(&out, cut);
            header_text(&out, cut);
            cut_free(cut);
            buf_free(&out);
        }
}
END_TEST

START_TEST(finding)
{
    slice block = SLICE(
        "Received: one\r\nSubject: first\r\nReceived: two\r\n three\r\nSUBJECT: second\r\n\r\n");
    struct header_field field;
    ck_assert(header_find(block, "subject", &field));
    ck_slice(field.value, SLICE(" first"));
    ck_slice(field.raw, SLICE("Subject: first\r\n"));
    ck_assert(!header_find(block, "Subj", &field));
    ck_assert(!header_find(SLICE_EMPTY, "Subject", &field));
    struct header_cursor cursor = { block };
    for (int i = 0; i < 3; i++)
        ck_assert(header_next(&cursor, &field));
    ck_slice(field.raw, SLICE("Received: two\r\n three\r\n"));
    ck_slice(field.value, SLICE(" two\r\n three"));
    ck_assert_int_eq(field.raw.at - block.at, 31);
}
END_TEST

START_TEST(shown_text)
{
    static const struct { const char *from, *to; } cases[] = {
        { " =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n =?utf-8?Q?_an_alle?=", "Grüße an alle" },
        { " a\tb", "a b" },
        { "\x1b[31mred", NO "[31mred" },
        { "=?utf-8?Q?=1B]52;c;x=07?=", NO "]52;c;x" NO },
        { "=?utf-8?Q?=0D=0A*_9_EXISTS?=", NO NO "* 9 EXISTS" },
        { "\xc2\x9b" "31m", NO "31m" },               /* C1's CSI */
        { "a\xe2\x80\xae" "b", "a" NO "b" },          /* right-to-left override */
        { "a\xe2\x80\xa8" "b", "a" NO "b" },
        { "latin \xe4", "latin " NO },
        { "\x7f", NO },
        { "", "" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out = BUF_MAX(400);
        header_text(&out, slice_of(cases[i].from));
        ck_slice(buf_slice(&out), slice_of(cases[i].to));
        buf_free(&out);
    }
}
END_TEST

START_TEST(long_fields)
{
    struct buf text = BUF_MAX(4 << 20), out = BUF_MAX(4 << 20);
    buf_add_text(&text, "Subject:");
    while (buf_add_text(&text, " =?utf-8?Q?=FF?=\r\n"))
        ;
    struct header_field field;
    ck_assert(header_find(buf_slice(&text), "Subject", &field));
    ck_assert_uint_eq(field.raw.len, text.len);
    header_unfold(&out, field.value);
    ck_assert_uint_le(out.len, HEADER_FIELD_MAX);
    header_text(&out, field.value);
    ck_assert(!out.full);
    buf_free(&text);
    buf_free(&out);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { block_table, every_truncation, finding, shown_text,
                                   long_fields };
    return run_tests("header", tests, COUNT(tests));
}
