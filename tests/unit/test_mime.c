/* test_mime.c: the tree of parts. */
#include "base/limits.h"
#include "servers/mail/header.h"
#include "servers/mail/mime.h"
#include "servers/mail/nul_free.h"
#include "tests/unit/mail_check.h"

/* A tree as "type/subtype[at+len,lines]" with children in parentheses. */
static void tree_write(struct buf *out, slice text, const struct mime_part *part)
{
    for (; part; part = part->next) {
        ck_assert(part->body_at >= part->header_at + part->header_len);
        ck_assert(part->body_at + part->body_len <= text.len);
        buf_add(out, part->type);
        buf_add_char(out, '/');
        buf_add(out, part->subtype);
        if (part->kind == MIME_LEAF) {
            buf_add_text(out, part->opaque ? "!" : "");
            buf_format(out, "%u:", part->body_lines);
            buf_add_char(out, '<');
            buf_add(out, slice_upto(slice_from(text, part->body_at), part->body_len));
            buf_add_char(out, '>');
        } else {
            buf_add_char(out, '(');
            tree_write(out, text, part->child);
            buf_add_char(out, ')');
        }
        if (part->next)
            buf_add_char(out, ' ');
    }
}

#define MIXED "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
#define PLAIN "TEXT/PLAIN"

static const struct { const char *text, *tree;
} samples[] = {
    { "", PLAIN "0:<>" },
    { "Subject: x\r\n\r\nhello\r\n", PLAIN "1:<hello\r\n>" },
    { "hello", PLAIN "1:<hello>" },
    { "Content-Type: text/html\n\na\nb", "text/html2:<a\nb>" },
    { "Content-Type: garbage\r\n\r\nx", PLAIN "1:<x>" },
    { "Content-Type: text\r\n\r\nx", PLAIN "1:<x>" },
    { "Content-Type: text/\r\n\r\nx", PLAIN "1:<x>" },
    { "Content-type: IMAGE / GIF (a (nested) comment)\r\n\r\nx", "IMAGE/GIF1:<x>" },
    /* RFC 2046 5.1.1's example: implicit and explicit plain text, preamble, epilogue */
    { "Content-type: multipart/mixed; boundary=\"simple boundary\"\r\n\r\n"
      "This is the preamble.\r\n\r\n--simple boundary\r\n\r\nThis is implicitly typed plain "
      "US-ASCII text.\r\n"
      "It does NOT end with a linebreak.\r\n--simple boundary\r\n"
      "Content-type: text/plain; charset=us-ascii\r\n\r\nThis is explicitly typed plain US-ASCII "
      "text.\r\n"
      "It DOES end with a linebreak.\r\n\r\n--simple boundary--\r\n\r\nThis is the epilogue.\r\n",
      "multipart/mixed(" PLAIN "2:<This is implicitly typed plain US-ASCII text.\r\n"
      "It does NOT end with a linebreak.> text/plain2:<This is explicitly typed plain US-ASCII "
      "text.\r\n"
      "It DOES end with a linebreak.\r\n>)" },
    { MIXED "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n",
      "multipart/mixed(" PLAIN "1:<one> " PLAIN "1:<two>)" },
    { MIXED "--b\n\none\n--b  \t\n\ntwo\n--b-- \nend",
      "multipart/mixed(" PLAIN "1:<one> " PLAIN "1:<two>)" },
    { MIXED "--b\r\n\r\none\r\n", "multipart/mixed(" PLAIN "1:<one\r\n>)" }, /* never closed */
    /* RFC 2046 5.1.1: it is sufficient that the line begins with the boundary */
    { MIXED "--b\r\n\r\none\r\n --b\r\n-b\r\n--bb\r\n\r\ntwo\r\n--b-\r\n\r\n"
            "three\r\n--b-- x\r\nend",
      "multipart/mixed(" PLAIN "3:<one\r\n --b\r\n-b> " PLAIN "1:<two> " PLAIN "1:<three>)" },
    { MIXED "--b\r\n\r\none\r\n--b--\r\n--b\r\n\r\ntwo",
      "multipart/mixed(" PLAIN "1:<one>)" }, /* after the close */
    /* a boundary that ends in a blank, which the way may have taken */
    { "Content-Type: multipart/mixed; boundary=\"b \"\r\n\r\n--b \r\n\r\none\r\n--b --\r\nend",
      "multipart/mixed(" PLAIN "1:<one>)" },
    { "Content-Type: multipart/mixed; boundary=\"b \"\r\n\r\n--b\r\n\r\none\r\n--b--\r\nend",
      "multipart/mixed(" PLAIN "1:<one>)" },
    /* lines that are no fields: among them, and behind them */
    { "A: 1\r\njunk\r\nContent-Type: text/html\r\n\r\nx", "text/html1:<x>" },
    { "Content-Type: text/html\r\njunk\r\n\r\nx", "text/html3:<junk\r\n\r\nx>" },
    { "Content-Type: message/rfc822\r\njunk\r\nmore\r\n\r\nx",
      "message/rfc822(" PLAIN "4:<junk\r\nmore\r\n\r\nx>)" },
    { MIXED "--b\r\nA: 1\r\njunk\r\n--b\r\njunk\r\n--b--",
      "multipart/mixed(" PLAIN "1:<junk> " PLAIN "1:<junk>)" },
    { MIXED "nothing here\r\n", PLAIN "1:<nothing here\r\n>" },
    { MIXED "--b--\r\n", PLAIN "1:<--b--\r\n>" },
    { "Content-Type: multipart/mixed\r\n\r\n--b\r\n\r\nx\r\n", PLAIN "3:<--b\r\n\r\nx\r\n>" },
    { MIXED "--b\r\n--b\r\n\r\n--b\r\n\r\n\r\n--b--",
      "multipart/mixed(" PLAIN "0:<> " PLAIN "0:<> " PLAIN "0:<>)" },
    { MIXED "--b\r\nContent-Type: text/html\r\n--b\r\nno header\r\n--b--",
      "multipart/mixed(text/html0:<> " PLAIN "1:<no header>)" },
    /* an outer boundary ends inner parts that were never closed */
    { MIXED "--b\r\nContent-Type: multipart/alternative; "
            "boundary=i\r\n\r\n--i\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--",
      "multipart/mixed(multipart/alternative(" PLAIN "1:<one>) " PLAIN "1:<two>)" },
    /* one boundary begins with the other */
    { MIXED "--b\r\nContent-Type: multipart/mixed; "
            "boundary=bb\r\n\r\n--bb\r\n\r\none\r\n--bb--\r\n--b\r\n\r\ntwo\r\n--b--",
      "multipart/mixed(multipart/mixed(" PLAIN "1:<one>) " PLAIN "1:<two>)" },
    { "Content-Type: multipart/mixed; boundary=bb\r\n\r\n--bb\r\n"
      "Content-Type: multipart/mixed; "
      "boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--\r\n--bb\r\n\r\ntwo\r\n--bb--",
      "multipart/mixed(multipart/mixed(" PLAIN "1:<one>) " PLAIN "1:<two>)" },
    { "Content-Type: multipart/mixed; boundary=bb\r\n\r\n--bb\r\n"
      "Content-Type: multipart/mixed; "
      "boundary=b\r\n\r\n--b\r\n\r\none\r\n--bb\r\n\r\ntwo\r\n--bb--",
      "multipart/mixed(multipart/mixed(" PLAIN "1:<one>) " PLAIN "1:<two>)" },
    /* the same boundary twice: the inner one owns it */
    { MIXED "--b\r\nContent-Type: multipart/mixed; "
            "boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--\r\n--b\r\n\r\ntwo\r\n--b--",
      "multipart/mixed(multipart/mixed(" PLAIN "1:<one>) " PLAIN "1:<two>)" },
    { "Content-Type: multipart/mixed; boundary=\"foo\n bar\"\n\n--foo bar\nContent-Type: "
      "text/x-myown\n\nhello\n\n--foo bar--\n",
      "multipart/mixed(text/x-myown1:<hello\n>)" },
    { "Content-Type: multipart/mixed; "
      "boundary=----=_Part_1;x\r\n\r\n------=_Part_1\r\n\r\na\r\n------=_Part_1--",
      "multipart/mixed(" PLAIN "1:<a>)" },
    { "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: "
      "1\r\n\r\none\r\n--b\r\n"
      "Content-Type: text/plain\r\n\r\ntwo\r\n--b--",
      "multipart/digest(MESSAGE/RFC822(" PLAIN "1:<one>) text/plain1:<two>)" },
    { "Content-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nhello\r\n",
      "message/rfc822(" PLAIN "1:<hello\r\n>)" },
    { "Content-Type: message/rfc822\r\n\r\nno header at all",
      "message/rfc822(" PLAIN "1:<no header at all>)" },
    { "Content-Type: message/rfc822\r\n", "message/rfc822(" PLAIN "0:<>)" },
    { "Content-Type: message/rfc822\r\nContent-Type: text/html\r\n\r\nx",
      "message/rfc822(" PLAIN "1:<x>)" },
    { "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDogeA==",
      "APPLICATION/OCTET-STREAM!1:<U3ViamVjdDogeA==>" },
    { MIXED "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n--b\r\n\r\ntwo\r\n--b--",
      "multipart/mixed(message/rfc822(" PLAIN "0:<>) " PLAIN "1:<two>)" },
    { MIXED "--b:\r\n\r\nx\r\n--b", "multipart/mixed(" PLAIN "1:<x> " PLAIN "0:<>)" },
    { "Content-Type: multipart/mixed; boundary=\"a:b\"\r\n--a:b\r\n\r\nx",
      PLAIN "1:<x>" }, /* a field "--a" */
};

START_TEST(trees)
{
    for (size_t i = 0; i < COUNT(samples); i++) {
        struct arena arena = { 0 };
        struct buf out = BUF_MAX(4000);
        slice text = slice_of(samples[i].text);
        struct mime_part *message = mime_read(&arena, text);
        tree_write(&out, text, message);
        ck_slice(buf_slice(&out), slice_of(samples[i].tree));
        ck_assert_uint_eq(message->header_len, header_end(text));
        buf_free(&out);
        arena_free(&arena);
    }
}
END_TEST

START_TEST(every_truncation)
{
    for (size_t i = 0; i < COUNT(samples); i++)
        for (size_t len = 0; len <= strlen(samples[i].text); len++) {
            struct arena arena = { 0 };
            struct buf out = BUF_MAX(4000);
            slice cut = cut_new(slice_of(samples[i].text), len);
            struct mime_part *message = mime_read(&arena, cut);
            tree_write(&out, cut, message);
            ck_assert_uint_eq(message->header_len, header_end(cut));
            ck_assert_uint_eq(message->header_len + message->body_len, len);
            buf_free(&out);
            arena_free(&arena);
            cut_free(cut);
        }
}
END_TEST

START_TEST(fields)
{
    slice text = SLICE(
        "Content-Type: text/plain; charset=\"iso-8859-1\" (Latin 1); format=flowed;\r\n"
        " name*0*=utf-8''a%20; bad; =x; empty=; quoted=\"a \\\"b\\\"; c\"\r\n"
        "Content-Transfer-Encoding: Quoted-Printable (really)\r\n"
        "Content-ID: <1@x>\r\nContent-Description: a\r\n folded one\r\n"
        "Content-Disposition: attachment; filename=\"x y.txt\"; size=1\r\n"
        "Content-Language: en, de-CH (Swiss), fr\r\nContent-Location: http://x/\r\n"
        "Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==\r\nContent-ID: <second@x>\r\n\r\n");
    struct arena arena = { 0 };
    struct mime_part *part = mime_read(&arena, text);
    static const char *const parameters[][2] = {
        { "charset", "iso-8859-1" }, { "format", "flowed" }, { "name*", "utf-8''a%20" },
        { "empty", "" },             { "quoted", "a \"b\"; c" },
    };
    ck_assert_uint_eq(part->parameter_count, COUNT(parameters));
    for (size_t i = 0; i < COUNT(parameters); i++) {
        ck_slice(part->parameters[i].name, slice_of(parameters[i][0]));
        ck_slice(part->parameters[i].value, slice_of(parameters[i][1]));
    }
    ck_slice(*mime_parameter(part, "CHARSET"), SLICE("iso-8859-1"));
    ck_assert_ptr_null(mime_parameter(part, "bad"));
    ck_slice(part->encoding, SLICE("Quoted-Printable"));
    ck_slice(part->id, SLICE("<1@x>"));
    ck_slice(part->description, SLICE("a folded one"));
    ck_slice(part->disposition, SLICE("attachment"));
    ck_assert_uint_eq(part->disposition_parameter_count, 2);
    ck_slice(part->disposition_parameters[0].value, SLICE("x y.txt"));
    ck_assert_uint_eq(part->language_count, 3);
    ck_slice(part->languages[1], SLICE("de-CH"));
    ck_slice(part->location, SLICE("http://x/"));
    ck_slice(part->md5, SLICE("Q2hlY2sgSW50ZWdyaXR5IQ=="));
    arena_free(&arena);
}
END_TEST

/* RFC 2231 3 and 4.1, with their examples. */
static const struct { const char *given, *joined;
} pieces[] = {
    { "URL*0=\"ftp://\"; URL*1=\"cs.utk.edu/pub\"", "URL=ftp://cs.utk.edu/pub|" },
    { "title*0*=us-ascii'en'This%20is%20even%20more%20; title*1*=%2A%2A%2Afun%2A%2A%2A%20; "
      "title*2=\"isn't it!\"",
      "title*=us-ascii'en'This%20is%20even%20more%20%2A%2A%2Afun%2A%2A%2A%20isn%27t%20it!|" },
    { "a*1=two; x=y; A*0=one", "x=y|A=onetwo|" },
    { "a*0=1; a*2=3", "a=1|a*2=3|" },        /* a piece is missing */
    { "a*1=2", "a*1=2|" },                   /* the first is */
    { "a*0=1%; a*1*=2", "a*=''1%252|" },     /* the first says no charset */
    { "a*=b; a**=c; a*x=d; *0=e; a*00=f; a*0**=g", "a*=b|a**=c|a*x=d|*0=e|a*00=f|a*0**=g|" },
    { "a*0=1; a*0=2; a*1=3", "a=13|a=2|" },
    { "a*999=1; a*1000=2", "a*999=1|a*1000=2|" },
};

START_TEST(pieces_are_joined)
{
    for (size_t i = 0; i < COUNT(pieces); i++) {
        struct arena arena = { 0 };
        struct buf out = BUF_MAX(1000);
        slice text = arena_format(&arena, "Content-Type: text/plain; %s\r\n\r\n", pieces[i].given);
        const struct mime_part *part = mime_read(&arena, text);
        for (size_t k = 0; k < part->parameter_count; k++)
            buf_format(&out, "%.*s=%.*s|", SLICE_ARG(part->parameters[k].name),
                       SLICE_ARG(part->parameters[k].value));
        ck_assert_str_eq(buf_text(&out), pieces[i].joined);
        buf_free(&out);
        arena_free(&arena);
    }
}
END_TEST

static size_t count_parts(const struct mime_part *part, size_t depth, size_t *deepest)
{
    size_t count = 0;
    if (part && depth > *deepest)
        *deepest = depth;
    for (; part; part = part->next)
        count += 1 + count_parts(part->child, depth + 1, deepest);
    return count;
}

START_TEST(depth_bounded)
{
    struct buf multiparts = BUF_MAX(1 << 20), messages = BUF_MAX(1 << 20);
    for (int i = 0; i < 200; i++) {
        buf_format(&multiparts, "Content-Type: multipart/mixed; boundary=b%03d\r\n\r\n--b%03d\r\n",
                   i, i);
        buf_add_text(&messages, "Content-Type: message/rfc822\r\n\r\n");
    }
    const struct buf *texts[] = { &multiparts, &messages };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct arena arena = { 0 };
        size_t deepest = 0;
        size_t count = count_parts(mime_read(&arena, buf_slice(texts[i])), 0, &deepest);
        ck_assert_uint_eq(deepest, MIME_DEPTH_MAX);
        ck_assert_uint_eq(count, MIME_DEPTH_MAX + 1);
        arena_free(&arena);
    }
    buf_free(&multiparts);
    buf_free(&messages);
}
END_TEST

START_TEST(parts_bounded)
{
    struct buf text = BUF_MAX(1 << 20);
    buf_add_text(&text, MIXED);
    for (int i = 0; i < 20000; i++)
        buf_add_text(&text, "--b\r\n\r\nx\r\n");
    struct arena arena = { 0 };
    size_t deepest = 0;
    struct mime_part *message = mime_read(&arena, buf_slice(&text)), *last = message->child;
    ck_assert_uint_eq(count_parts(message, 0, &deepest), MIME_PARTS_MAX);
    while (last->next)
        last = last->next;
    ck_assert_uint_eq(last->body_at + last->body_len, text.len);
    ck_assert_uint_eq(last->body_lines, 1 + (20000 - (MIME_PARTS_MAX - 1)) * 3u);
    arena_free(&arena);
    buf_free(&text);
}
END_TEST

START_TEST(parameters_bounded)
{
    struct buf text = BUF_MAX(1 << 20);
    buf_add_text(&text, "Content-Type: text/plain");
    for (int i = 0; i < 5000; i++)
        buf_format(&text, ";\r\n a%d=\"%d\"", i, i);
    struct arena arena = { 0 };
    ck_assert_uint_eq(mime_read(&arena, buf_slice(&text))->parameter_count, MIME_PARAMETERS_MAX);
    arena_free(&arena);
    buf_free(&text);
}
END_TEST

/* Nearly a million lines, each almost a boundary of each of fifty multiparts. */
START_TEST(near_boundaries)
{
    struct buf text = BUF_MAX(8 << 20);
    static const char stem[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    for (int i = 0; i < 100; i++)
        buf_format(&text, "Content-Type: multipart/mixed; boundary=%s%02d\r\n\r\n--%s%02d\r\n",
                   stem, i, stem, i);
    while (buf_format(&text, "--%sxx\r\n", stem))
        ;
    struct arena arena = { 0 };
    size_t deepest = 0;
    count_parts(mime_read(&arena, buf_slice(&text)), 0, &deepest);
    ck_assert_uint_eq(deepest, MIME_DEPTH_MAX);
    arena_free(&arena);
    buf_free(&text);
}
END_TEST

/* Without room, and where no encoding can hold it: two reasons, which APPEND tells apart. */
START_TEST(a_nul_needs_room_and_a_place)
{
    static const char binary[] = "Content-Transfer-Encoding: binary\r\n\r\na\0b";
    static const char header[] = "Subject: a\0b\r\n\r\nx";
    struct buf small = BUF_MAX(16), out = BUF_MAX(256);
    ck_assert(nul_free_write((slice){ binary, sizeof binary - 1 }, &out));
    ck_slice(buf_slice(&out), SLICE("Content-Transfer-Encoding: base64\r\n\r\nYQBi"));
    ck_assert(!nul_free_write((slice){ binary, sizeof binary - 1 }, &small) && small.full);
    buf_clear(&out);
    ck_assert(!nul_free_write((slice){ header, sizeof header - 1 }, &out) && !out.full);
    buf_free(&small);
    buf_free(&out);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        trees,         every_truncation,   fields,         pieces_are_joined, depth_bounded,
        parts_bounded, parameters_bounded, near_boundaries,
        a_nul_needs_room_and_a_place
    };
    return run_tests("mime", tests, COUNT(tests));
}
