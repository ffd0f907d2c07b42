/* test_heading.c: what is kept of a header for SORT, THREAD and SEARCH; message-IDs; and the
   order that i;unicode-casemap makes. */
#include "servers/mail/encoding.h"
#include "servers/mail/heading.h"
#include "servers/store/store.h"
#include "tests/unit/mail_check.h"

static void ck_ids(const char *value, const char *wanted)
{
    struct buf work = BUF_MAX(100), all = BUF_MAX(10000);
    slice copy = cut_new(slice_of(value), strlen(value)), rest = copy, id;
    while (message_id_next(&rest, &work, &id)) {
        buf_add(&all, id);
        buf_add_char(&all, ' ');
    }
    ck_slice(buf_slice(&all), slice_of(wanted));
    cut_free(copy);
    buf_free(&work);
    buf_free(&all);
}

START_TEST(message_ids)
{
    ck_ids("<a@b>", "a@b ");
    ck_ids("<\"01KF8JCEOCBS0045PS\"@xxx.yyy.com>", "01KF8JCEOCBS0045PS@xxx.yyy.com ");
    ck_ids("<01KF8JCEOCBS0045PS@xxx.yyy.com>", "01KF8JCEOCBS0045PS@xxx.yyy.com ");
    ck_ids("<\"a\\\"b\\\\c\"@d>", "a\"b\\c@d ");
    ck_ids("<\"a b@c\"@d>", "a b@c@d ");
    ck_ids("<a@b> <c@d>\r\n\t<e@f><g@h>", "a@b c@d e@f g@h ");
    ck_ids("Your message of \"Fri\" <a@b>", "a@b ");
    ck_ids("<a@[192.0.2.1]>", "a@[192.0.2.1] ");
    ck_ids("<A@b>", "A@b ");
    ck_ids("", "");
    ck_ids("a@b", "");
    ck_ids("<>", "");
    ck_ids("<a>", "");
    ck_ids("<@b>", "");
    ck_ids("<a@>", "");
    ck_ids("<a@b", "");
    ck_ids("<a @b>", "");
    ck_ids("<a\r\n@b> <c@d>", "c@d ");
    ck_ids("<a<c@d>", "c@d ");
    ck_ids("<\"a@b> <c@d>", "");
    ck_ids("<<<<<<a@b>>>>>>", "a@b ");
    char longer[300] = "<";
    memset(longer + 1, 'x', 120);
    strcat(longer, "@y> <c@d>");
    ck_ids(longer, "c@d ");
}
END_TEST

START_TEST(a_heading)
{
    struct arena arena = { 0 };
    struct heading h;
    heading_make(&arena, SLICE("Subject: Re: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n and more\r\n"
                               "DATE: Sun, 31 Dec 2000 16:01:33 -0800\r\n"
                               "From: \"Maple, Bo\" <bo@campus.example>, x@y\r\n"
                               "To: Friends: cem@z, ana@z;\r\nTo: second@z\r\n"
                               "Cc: <\"an a\"@z>\r\nMessage-ID: <1@a>\r\n"
                               "References: <3@a>\r\n\t<2@a>\r\nIn-Reply-To: <9@a>\r\n\r\n"), &h);
    ck_assert(h.dated && h.sent_zone == -480);
    ck_assert_int_eq(h.sent_ms, 978307293000); /* 1 Jan 2001 00:01:33 UTC: RFC 5256 2.2 */
    ck_slice(h.texts[TEXT_SUBJECT], SLICE("Re: Gr\303\274\303\237e and more"));
    ck_slice(h.texts[TEXT_FROM], SLICE("\"Maple, Bo\" <bo@campus.example>, x@y"));
    ck_slice(h.texts[TEXT_TO], SLICE("Friends: cem@z, ana@z;\nsecond@z"));
    ck_assert(!h.texts[TEXT_BCC].at);
    ck_slice(h.boxes[BOX_FROM], SLICE("bo"));
    ck_slice(h.boxes[BOX_TO], SLICE("Friends"));
    ck_slice(h.boxes[BOX_CC], SLICE("an a"));
    ck_slice(h.message_id, SLICE("1@a"));
    ck_slice(h.references, SLICE("3@a\n2@a\n"));
    arena_free(&arena);
}
END_TEST

START_TEST(a_heading_of_nothing)
{
    struct arena arena = { 0 };
    struct heading h;
    heading_make(&arena, SLICE("Subject:\r\nReferences: none\r\nIn-Reply-To: <1@a> <2@a>\r\n"), &h);
    ck_assert(!h.dated && h.texts[TEXT_SUBJECT].at && h.texts[TEXT_SUBJECT].len == 0);
    ck_assert(!h.texts[TEXT_FROM].at);
    ck_slice(h.references, SLICE("1@a\n"));
    ck_slice(h.message_id, SLICE(""));
    heading_make(&arena, SLICE(""), &h);
    ck_slice(h.references, SLICE(""));
    arena_free(&arena);
}
END_TEST

/* RFC 5256 2.2: a bad time is 00:00:00, a bad zone +0000; without a day there is no date. */
START_TEST(odd_dates)
{
    static const struct {
        const char *date;
        int64_t seconds; /* 0: none */
    } dates[] = {
        { "Mon, 05 Jan 2026 09:00:00 +0000", 1767603600 },
        { "5 Jan 26 09:00 GMT", 1767603600 },
        { "Mon, 05 Jan 2026 09:00:00 NOWHERE", 1767603600 },
        { "Mon, 05 Jan 2026 09:00:00 +99", 1767603600 },
        { "Mon, 05 Jan 2026 29:00:00 +0100", 1767571200 },
        { "Mon, 05 Jan 2026", 1767571200 },
        { "Mon, 05 Jan 2026 early", 1767571200 },
        { "Mon, 45 Jan 2026 09:00:00 +0000", 0 },
        { "yesterday", 0 },
        { "", 0 },
    };
    for (size_t i = 0; i < COUNT(dates); i++) {
        struct arena arena = { 0 };
        struct heading h;
        heading_make(&arena, arena_format(&arena, "Date: %s\r\n", dates[i].date), &h);
        ck_assert_msg(h.dated == (dates[i].seconds != 0), "%s", dates[i].date);
        if (h.dated)
            ck_assert_msg(h.sent_ms == dates[i].seconds * 1000, "%s", dates[i].date);
        arena_free(&arena);
    }
}
END_TEST

START_TEST(many_references)
{
    struct arena arena = { 0 };
    struct heading h;
    struct buf header = BUF_MAX(1u << 20);
    buf_add_text(&header, "References:");
    for (int i = 0; i < 1500; i++)
        buf_format(&header, " <%d@a>\r\n", i);
    heading_make(&arena, buf_slice(&header), &h);
    ck_assert(slice_starts(h.references, "500@a\n501@a\n"));
    ck_assert(slice_is(slice_from(h.references, h.references.len - 7), "1499@a\n"));
    buf_free(&header);
    arena_free(&arena);
}
END_TEST

/* Smaller before larger: texts differ in case and signs only if nothing else differs. */
START_TEST(the_order_of_texts)
{
    static const char *const order[] = {
        "", "1", "a", "A1", "Ab", "\303\204" /* Ä */, "\303\244\142", "b", "O", "\303\226l",
        "\305\223" /* œ: no decomposition */, "\316\261\316\262", "\316\221\316\262\316\263",
        "\320\220" /* А */, "\320\261", "\346\227\245",
    };
    struct buf one = BUF_MAX(100), two = BUF_MAX(100);
    for (size_t i = 1; i < COUNT(order); i++) {
        buf_clear(&one);
        buf_clear(&two);
        utf8_casemap(&one, slice_of(order[i - 1]));
        utf8_casemap(&two, slice_of(order[i]));
        ck_assert_msg(slice_compare(buf_slice(&one), buf_slice(&two)) < 0, "%s %s", order[i - 1],
                      order[i]);
    }
    buf_clear(&one);
    utf8_casemap(&one, SLICE("stra\303\237e \303\251\xff\307\206"));
    ck_slice(buf_slice(&one), SLICE("STRA\303\237E E\314\201\xff" "Dz\314\214"));
    buf_free(&one);
    buf_free(&two);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { message_ids, a_heading, a_heading_of_nothing, odd_dates,
                                   many_references, the_order_of_texts };
    return run_tests("heading", tests, COUNT(tests));
}
