/* test_plain.c: what a mail program shows of a message (servers/mail/plain), and by what two
   copies are the same message (servers/mail/identity). */
#include "servers/mail/plain.h"

#include "base/limits.h"

#include "servers/mail/address.h"
#include "servers/mail/identity.h"
#include "tests/unit/sim_check.h"

#define MIXED "Content-Type: multipart/mixed; boundary=b\r\n\r\n"

static const struct {
    const char *message;
    enum plain_kind kind;
    const char *text;
} texts[] = {
    { "Subject: x\r\n\r\nhello\r\n", PLAIN_TEXT, "hello\r\n" },
    { "", PLAIN_TEXT, "" },
    { "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: "
      "quoted-printable\r\n\r\ncaf=E9=20=\r\nau lait",
      PLAIN_TEXT, "caf\xc3\xa9 au lait" },
    { "Content-Type: text/plain; charset=x-unknown\r\n\r\ncaf\xc3\xa9 \xff", PLAIN_TEXT,
      "(Its character set is not known: x-unknown. As far as it is UTF-8:)\r\n"
      "caf\xc3\xa9 \xef\xbf\xbd" },
    { "Content-Type: text/foo\r\n\r\nbar", PLAIN_TEXT, "bar" }, /* RFC 2046 4.1.4 */
    { MIXED "--b\r\n\r\nfirst\r\n--b\r\n\r\nsecond\r\n--b--", PLAIN_TEXT, "first\r\nsecond" },
    { MIXED "--b\r\nContent-Type: text/html\r\n\r\n<p>x\r\n--b\r\n\r\n-- footer\r\n--b--",
      PLAIN_TEXT, "(In HTML, as it stands:)\r\n<p>x\r\n-- footer" },
    { "Content-Type: message/rfc822\r\n\r\nFrom: Bo <bo@x>\r\nSubject: "
      "=?utf-8?q?=C3=A9?=\r\n\r\nin it",
      PLAIN_TEXT, "--- enclosed message ---\r\nFrom: Bo <bo@x>\r\nSubject: \xc3\xa9\r\n\r\nin it" },
    { "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: "
      "1\r\n\r\none\r\n--b\r\n\r\n"
      "Subject: 2\r\n\r\ntwo\r\n--b--",
      PLAIN_TEXT,
      "--- enclosed message ---\r\nSubject: 1\r\n\r\none\r\n"
      "--- enclosed message ---\r\nSubject: 2\r\n\r\ntwo" },
    /* RFC 3676 */
    { "Content-Type: text/plain; format=flowed\r\n\r\none \r\ntwo\r\n> a \r\n> b\r\n>> c \r\n-- "
      "\r\n  x",
      PLAIN_TEXT, "one two\r\n> a b\r\n>> c \r\n-- \r\n x\r\n" },
    { "Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\n\xe4\xbc\x9a \r\n\xe8\xad\xb0",
      PLAIN_TEXT, "\xe4\xbc\x9a\xe8\xad\xb0\r\n" },
    { "Content-Type: text/html\r\n\r\n<p>x", PLAIN_HTML, "<p>x" },
    { "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n"
      "\r\n"
      "<p>x\r\n--b\r\n\r\nplain\r\n--b--\r\n",
      PLAIN_TEXT, "plain" },
    { "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n"
      "Content-Disposition: attachment\r\n\r\nnot this\r\n--b\r\nContent-Type: multipart/related; "
      "boundary=c\r\n\r\n--c\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n--c--\r\n"
      "--b--",
      PLAIN_TEXT, "hello" },
    { "Content-Type: image/png\r\n\r\nxx", PLAIN_NONE, "" },
};

START_TEST(the_text_is_found_and_decoded)
{
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct buf text = BUF_MAX(10000);
        ck_assert_msg(plain_read(slice_of(texts[i].message), &text) == texts[i].kind, "%zu", i);
        ck_slice(buf_slice(&text), slice_of(texts[i].text));
        buf_free(&text);
    }
}
END_TEST

START_TEST(attachments_are_named_and_decoded)
{
    slice message = SLICE("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n"
                         "--b\r\n"
                         "Content-Type: text/csv; name=\"old.csv\"\r\nContent-Disposition: "
                         "attachment; filename=\"=?utf-8?q?caf=C3=A9.csv?=\"\r\n"
                         "Content-Transfer-Encoding: base64\r\n\r\nYTti\r\n--b\r\n"
                         "Content-Type: image/png\r\n\r\n12345\r\n--b--\r\n");
    struct arena arena = { 0 };
    struct attachment found;
    struct buf content = BUF_MAX(100);
    ck_assert(plain_attachment(&arena, message, 0, &found, &content));
    ck_slice(found.name, SLICE("caf\xc3\xa9.csv"));
    ck_slice(found.subtype, SLICE("csv"));
    ck_slice(buf_slice(&content), SLICE("a;b"));
    ck_assert(plain_attachment(&arena, message, 1, &found, NULL));
    ck_slice(found.name, SLICE(""));
    ck_assert_uint_eq(found.octets, 5);
    ck_assert(!plain_attachment(&arena, message, 2, &found, NULL));
    buf_free(&content);
    arena_free(&arena);
}
END_TEST

/* Each part holds a word of its own: it is shown, or in something that can be saved. */
START_TEST(each_part_is_shown_or_listed)
{
    static const struct {
        const char *message;
        size_t words;
    } messages[] = {
        { MIXED
          "--b\r\n\r\nword1\r\n--b\r\nContent-Type: text/calendar; name=invite.ics\r\n\r\nword2\r\n"
          "--b\r\nContent-Type: text/csv\r\nContent-Disposition: inline; "
          "filename*=utf-8''a%20b.csv\r\n\r\nword3\r\n"
          "--b\r\nContent-Type: text/x-patch; name=\"fix.patch\"\r\n\r\nword4\r\n--b--",
          4 },
        { MIXED "--b\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment; "
                "filename=f.eml\r\n\r\n"
                "Subject: word1\r\nContent-Type: multipart/mixed; "
                "boundary=c\r\n\r\n--c\r\n\r\nword2\r\n--c\r\n"
                "Content-Type: application/pdf\r\n\r\nword3\r\n--c--\r\n--b\r\n\r\nword4\r\n--b--",
          4 },
        { "Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\nword1\r\n--b\r\n"
          "Content-Type: message/delivery-status\r\n\r\nword2\r\n--b\r\nContent-Type: "
          "text/rfc822-headers\r\n"
          "\r\nSubject: word3\r\n--b--",
          3 },
        { "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nword1\r\n--b\r\n"
          "Content-Type: multipart/related; boundary=c\r\n\r\n--c\r\nContent-Type: "
          "text/html\r\n\r\nthe same\r\n"
          "--c\r\nContent-Type: image/png\r\n\r\nword2\r\n--c--\r\n--b\r\nContent-Type: "
          "text/calendar; name=i\r\n"
          "\r\nword3\r\n--b--",
          3 },
    };
    for (size_t i = 0; i < COUNT(messages); i++) {
        struct arena arena = { 0 };
        struct attachment found;
        struct buf all = BUF_MAX(10000);
        plain_read(slice_of(messages[i].message), &all);
        for (size_t n = 0; plain_attachment(&arena, slice_of(messages[i].message), n, &found, &all);
             n++)
            ;
        for (size_t word = 1; word <= messages[i].words; word++) {
            size_t at;
            slice wanted = arena_format(&arena, "word%zu", word);
            ck_assert_msg(slice_find_text(buf_slice(&all), wanted, &at), "message %zu, %zu", i,
                          word);
        }
        buf_free(&all);
        arena_free(&arena);
    }
}
END_TEST

START_TEST(people_for_eyes)
{
    static const struct {
        const char *field, *name, *all;
    } fields[] = {
        { "=?utf-8?q?Ana_=3Cana=40campus.example=3E?= <evil@x.example>", "Ana <ana@campus.example>",
          "\"Ana <ana@campus.example>\" <evil@x.example>" },
        { "\"Bank <info@bank.example>\" <evil@x.example>", "Bank <info@bank.example>",
          "\"Bank <info@bank.example>\" <evil@x.example>" },
        { "Bo (his (nested) \\) comment) Smith <bo@campus.example>", "Bo Smith", "Bo Smith <bo@campus.example>" },
        { "evil@x.example (Real Name)", "Real Name", "Real Name <evil@x.example>" },
        { "a@x.example, \"B, C\" <b@x.example>", "a@x.example", "a@x.example, \"B, C\" <b@x.example>" },
        { "<@a.example,@b.example:bo@campus.example>", "bo@campus.example", "bo@campus.example" },
        { "undisclosed-recipients:;", "undisclosed-recipients:;", "undisclosed-recipients:;" },
        { "g: a@x, b@y;, c@z", "a@x", "g: a@x, b@y;, c@z" },
        { "", "", "" },
    };
    for (size_t i = 0; i < COUNT(fields); i++) {
        struct buf name = BUF_MAX(1000), all = BUF_MAX(1000);
        sender_text(&name, slice_of(fields[i].field), SENDER_NAME);
        addresses_text(&all, slice_of(fields[i].field));
        ck_slice(buf_slice(&name), slice_of(fields[i].name));
        ck_slice(buf_slice(&all), slice_of(fields[i].all));
        buf_free(&name);
        buf_free(&all);
    }
}
END_TEST

/* Pairs: the same message, or not. */
static const struct {
    const char *one, *other;
    bool same;
} pairs[] = {
    { "Message-ID: <1@x>\r\nSubject: a\r\n\r\n", "Received: b\r\nMessage-Id:\r\n <1@x>\r\n\r\n",
      true },
    { "Message-ID: <1@x>\r\n\r\n", "Message-ID: <2@x>\r\n\r\n", false },
    /* without one: from the first hop on, whatever later hops put on top */
    { "Return-Path: <a@x>\r\nReceived: hop 1\r\nSubject: a\r\n\r\n",
      "Return-Path: <a@x>\r\nReceived: hop 2\r\nReceived: hop 1\r\nSubject: a\r\n\r\n", true },
    { "Received: hop 1\r\nSubject: a\r\n\r\n", "Received: hop 3\r\nSubject: a\r\n\r\n", false },
    { "Received: hop 1\r\nSubject: a\r\n\r\n", "Received: hop 1\r\nSubject: b\r\n\r\n", false },
    { "Return-Path: <a@x>\r\nSubject: a\r\n\r\n", "Subject: a\r\n\r\n", true },
    /* what is no Message-ID to keep is hashed, and tells messages apart all the same */
    { "Message-ID: two words\r\n\r\n", "Message-ID: two  words\r\n\r\n", false },
    { "Message-ID: caf\xc3\xa9\r\nA: b\r\n\r\n", "Message-ID: caf\xc3\xa9\r\nA: c\r\n\r\n", true },
    { "Message-ID:\r\nA: b\r\n\r\n", "A: b\r\n\r\n", false },
};

START_TEST(copies_are_the_same_message)
{
    struct arena arena = { 0 };
    for (size_t i = 0; i < COUNT(pairs); i++) {
        slice one = message_identity(&arena, slice_of(pairs[i].one));
        slice other = message_identity(&arena, slice_of(pairs[i].other));
        ck_assert(one.len > 0 && one.len <= MESSAGE_IDENTITY_MAX);
        ck_assert_msg(slice_equal(one, other) == pairs[i].same, "pair %zu: %.*s, %.*s", i,
                      SLICE_ARG(one), SLICE_ARG(other));
    }
    struct buf longer = BUF_MAX(1000);
    buf_add_text(&longer, "Message-ID: <");
    while (longer.len < 400)
        buf_add_char(&longer, 'x');
    buf_add_text(&longer, ">\r\n\r\n");
    ck_assert_uint_eq(message_identity(&arena, buf_slice(&longer)).len, 17);
    buf_free(&longer);
    arena_free(&arena);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("plain");
    tcase_add_test(tests, the_text_is_found_and_decoded);
    tcase_add_test(tests, attachments_are_named_and_decoded);
    tcase_add_test(tests, each_part_is_shown_or_listed);
    tcase_add_test(tests, people_for_eyes);
    tcase_add_test(tests, copies_are_the_same_message);
    return run_cases("plain", tests);
}
