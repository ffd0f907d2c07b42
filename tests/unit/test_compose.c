/* test_compose.c: what is written here can be sent everywhere, and is read as it was meant. */
#include "base/limits.h"
#include "servers/mail/compose.h"
#include "servers/mail/header.h"
#include "servers/mail/plain.h"
#include "tests/unit/mail_check.h"

static void ck_lines(slice text, size_t max)
{
    for (size_t column = 0, i = 0; i < text.len; i++) {
        column = text.at[i] == '\n' ? 0 : column + (text.at[i] != '\r');
        ck_assert_msg(column <= max, "%.*s", SLICE_ARG(text));
    }
}

static void text_repeat(struct buf *text, const char *word, size_t times)
{
    buf_clear(text);
    while (times-- > 0)
        buf_add_text(text, word);
}

START_TEST(subject_fields)
{
    static const struct {
        const char *word;
        size_t times, line;
    } subjects[] = {
        { "Lunch?", 1, 78 },
        { "", 1, 78 },
        { "many words ", 100, 78 },
        { "w", 990, 76 },
        { "w", 5000, 76 },
        { "Grüße ", 1, 76 },
        { "ü", 700, 76 },
        { "会議😀", 200, 76 },
        { "=?utf-8?q?literal?=", 1, 76 },
        { "a  b   c ", 40, 78 },
        { " x", 1, 76 },
        { "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww "
          "x ",
          3, 100 },
    };
    for (size_t i = 0; i < COUNT(subjects); i++) {
        struct buf text = BUF_MAX(10000), out = BUF_MAX(40000), shown = BUF_MAX(40000);
        struct header_field field;
        text_repeat(&text, subjects[i].word, subjects[i].times);
        if (subjects[i].times > 1 && text.at[text.len - 1] == ' ')
            text.len--;
        compose_text_field(&out, "Subject", buf_slice(&text));
        ck_lines(buf_slice(&out), subjects[i].line);
        ck_assert(compose_is_ascii(buf_slice(&out)));
        ck_assert_uint_eq(header_end(buf_slice(&out)), out.len);
        ck_assert(header_find(buf_slice(&out), "Subject", &field));
        header_text(&shown, field.value);
        ck_slice(buf_slice(&shown), buf_slice(&text));
        buf_free(&text);
        buf_free(&out);
        buf_free(&shown);
    }
}
END_TEST

START_TEST(people)
{
    struct buf out = BUF_MAX(10000);
    compose_person_field(&out, "From", SLICE("Jörg, der Bäcker"), SLICE("bo@x"));
    compose_person_field(&out, "From", SLICE("Bo \"B\" Smith"), SLICE("bo@x"));
    compose_person_field(&out, "From", SLICE_EMPTY, SLICE("bo@x"));
    compose_addresses_field(&out, "To", SLICE("a@x, b@y"));
    ck_slice(buf_slice(&out),
             SLICE("From: =?UTF-8?B?SsO2cmcsIGRlciBCw6Rja2Vy?= <bo@x>\r\n"
                   "From: \"Bo \\\"B\\\" Smith\" <bo@x>\r\nFrom: bo@x\r\nTo: a@x, b@y\r\n"));
    buf_clear(&out);
    compose_addresses_field(&out, "To", SLICE("aaaaaaaaaaaaaaaaaaaaaaaaaaaa@one.example, "
        "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb@two.example, ccccccccccc@three.example"));
    ck_lines(buf_slice(&out), 78);
    buf_free(&out);
}
END_TEST

/* A name that a device writes is the name that a device reads. */
START_TEST(names_of_files)
{
    static const char *const names[] = {
        "a.txt",
        "grüß gott.txt",
        "50% of it.pdf",
        "=?x?q?y?=",
        ("会議会議会議会議会議会議会議会議"
         "会議会議会議会議会議会議会議会議.pdf"),
        "a very long name of a file that does not fit into one line of a header at all.txt"
    };
    for (size_t i = 0; i < COUNT(names); i++) {
        struct arena arena = { 0 };
        struct attachment found;
        struct buf out = BUF_MAX(10000);
        buf_add_text(&out, "Content-Type: application/pdf");
        compose_parameter(&out, "name", slice_of(names[i]));
        buf_add_text(&out, "\r\nContent-Disposition: attachment");
        compose_parameter(&out, "filename", slice_of(names[i]));
        buf_add_text(&out, "\r\n\r\nx");
        ck_assert(compose_is_ascii(buf_slice(&out)));
        ck_lines(buf_slice(&out), 105);
        ck_assert(plain_attachment(&arena, buf_slice(&out), 0, &found, NULL));
        ck_slice(found.name, slice_of(names[i]));
        buf_free(&out);
        arena_free(&arena);
    }
}
END_TEST

START_TEST(long_lines)
{
    static const char *const words[] = { "y", "ü", "= ", "\t", "会" };
    for (size_t i = 0; i < COUNT(words); i++) {
        struct buf text = BUF_MAX(10000), out = BUF_MAX(40000), shown = BUF_MAX(10000);
        text_repeat(&text, words[i], 1500);
        buf_add_text(&text, "\r\nend\r\n");
        compose_text_part(&out, "plain", buf_slice(&text));
        ck_lines(buf_slice(&out), 76);
        ck_assert(plain_read(buf_slice(&out), &shown) == PLAIN_TEXT);
        ck_slice(buf_slice(&shown), buf_slice(&text));
        buf_free(&text);
        buf_free(&out);
        buf_free(&shown);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { subject_fields, people, names_of_files, long_lines };
    return run_tests("compose", tests, COUNT(tests));
}
