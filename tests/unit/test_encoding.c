/* test_encoding.c: base64, quoted-printable, encoded words, character sets, modified UTF-7. */
#include "servers/mail/encoding.h"
#include "servers/mail/transfer.h"
#include "tests/unit/mail_check.h"

#define NO "\xef\xbf\xbd" /* U+FFFD */

struct pair {
    const char *from, *to;
};

/* RFC 4648 10 */
static const struct pair base64_pairs[] = {
    { "", "" },           { "f", "Zg==" },         { "fo", "Zm8=" },         { "foo", "Zm9v" },
    { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
};

START_TEST(base64_both_ways)
{
    for (size_t i = 0; i < COUNT(base64_pairs); i++) {
        struct buf there = BUF_MAX(100), back = BUF_MAX(100);
        base64_encode(&there, slice_of(base64_pairs[i].from));
        ck_slice(buf_slice(&there), slice_of(base64_pairs[i].to));
        ck_assert(base64_decode(&back, buf_slice(&there)));
        ck_slice(buf_slice(&back), slice_of(base64_pairs[i].from));
        buf_free(&there);
        buf_free(&back);
    }
}
END_TEST

START_TEST(base64_every_octet)
{
    char octets[256];
    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (char)i;
    for (size_t len = 0; len <= sizeof octets; len++) {
        struct buf there = BUF_MAX(400), back = BUF_MAX(400);
        base64_encode(&there, (slice){ octets, len });
        slice cut = cut_new(buf_slice(&there), there.len);
        ck_assert(base64_decode(&back, cut));
        ck_slice(buf_slice(&back), ((slice){ octets, len }));
        cut_free(cut);
        buf_free(&there);
        buf_free(&back);
    }
}
END_TEST

START_TEST(base64_strict)
{
    static const char *const bad[] = {
        "Z", "Zg", "Zg=", "Zg===", "Zg==Zg==", "Zh==", "Zm9=", "Zm9v\r\n", " Zm9v", "Zm 9v",
        "=", "==", "====", "Z===", "Zm9v====", "Zm9\x80", "Zm-_", "*", "AAA=BBB=",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct buf out = BUF_MAX(100);
        ck_assert_msg(!base64_decode(&out, slice_of(bad[i])), "%s", bad[i]);
        ck_assert_uint_eq(out.len, 0);
        buf_free(&out);
    }
}
END_TEST

START_TEST(base64_body)
{
    static const struct pair pairs[] = {
        { "Zm9v\r\nYmFy\r\n", "foobar" }, { "Zg", "f" }, { "Zg==trailing", "f" },
        { "Zm 9v!YmE", "fooba" },         { "", "" },   { "=", "" }, { "Z", "" },
    };
    for (size_t i = 0; i < COUNT(pairs); i++) {
        struct buf out = BUF_MAX(100);
        base64_decode_body(&out, slice_of(pairs[i].from));
        ck_slice(buf_slice(&out), slice_of(pairs[i].to));
        buf_free(&out);
    }
}
END_TEST

/* RFC 2045 6.7 */
static const struct pair printable_pairs[] = {
    { "Now's the time =\r\nfor all folk to come=\r\n to the aid of their country.",
      "Now's the time for all folk to come to the aid of their country." },
    { "a=3Db", "a=b" },
    { "=E4=e4", "\xe4\xe4" },
    { "blanks  \t\r\nnext", "blanks\r\nnext" },
    { "soft= \t\r\nnext", "softnext" },
    { "=", "" },
    { "a=", "a" },
    { "=4", "=4" },
    { "=4G=\n", "=4G" },
    { "a\nb\n", "a\nb\n" },
    { "", "" },
    { "=\r\n", "" },
    { "=0D=0A", "\r\n" },
    { "a\rb", "a\rb" },
    { "==41", "=A" },
};

START_TEST(quoted_printable)
{
    for (size_t i = 0; i < COUNT(printable_pairs); i++) {
        struct buf out = BUF_MAX(200);
        quoted_printable_decode(&out, slice_of(printable_pairs[i].from));
        ck_slice(buf_slice(&out), slice_of(printable_pairs[i].to));
        buf_free(&out);
    }
}
END_TEST

static void pieces_check(enum transfer how, slice text, size_t n)
{
    struct transfer_reader once = { .how = how }, often = { .how = how };
    struct buf whole = BUF_MAX(4000), pieces = whole;
    transfer_add(&once, text, &whole);
    transfer_end(&once, &whole);
    for (; text.len; text = slice_from(text, n < text.len ? n : text.len))
        transfer_add(&often, slice_upto(text, n), &pieces);
    transfer_end(&often, &pieces);
    ck_slice(buf_slice(&pieces), buf_slice(&whole));
    buf_free(&whole);
    buf_free(&pieces);
}

/* FETCH BINARY reads a part in pieces: where they end is of no meaning. */
START_TEST(transfer_in_pieces)
{
    static const char *const more[] = {
        "a  ", "a \t =41 \r\n= \t\r\nb", "a =4\r\n =4 x", "=\r=\r\n=\rx", "a  \r b",
        "Zm9vYmE=Zm9v", "Zm9vYm", "= a", "=4=41", " \n \r\n a",
    };
    struct buf blanks = BUF_MAX(3000);
    for (size_t n = 1; n < 40; n++) {
        for (size_t i = 0; i < COUNT(printable_pairs); i++)
            pieces_check(TRANSFER_QUOTED, slice_of(printable_pairs[i].from), n);
        for (size_t i = 0; i < COUNT(more); i++)
            for (enum transfer how = TRANSFER_IDENTITY; how <= TRANSFER_QUOTED; how++)
                pieces_check(how, slice_of(more[i]), n);
        buf_format(&blanks, "x%*s=%*s\r\n", (int)n * 20, "", 301 - (int)n, "");
        pieces_check(TRANSFER_QUOTED, buf_slice(&blanks), n);
        buf_clear(&blanks);
    }
    buf_free(&blanks);
}
END_TEST

START_TEST(transfer)
{
    struct buf out = BUF_MAX(200);
    transfer_decode(&out, SLICE("BASE64"), SLICE("Zm9v"));
    transfer_decode(&out, SLICE("Quoted-Printable"), SLICE("=41"));
    transfer_decode(&out, SLICE("8bit"), SLICE("=41"));
    transfer_decode(&out, SLICE_EMPTY, SLICE("x"));
    ck_slice(buf_slice(&out), SLICE("fooA=41x"));
    buf_free(&out);
}
END_TEST

/* The first seven are RFC 2047 8; the rest its rules, and what is found in the wild. */
static const struct pair words[] = {
    { "(=?ISO-8859-1?Q?a?=)", "(a)" },
    { "(=?ISO-8859-1?Q?a?= b)", "(a b)" },
    { "(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)" },
    { "(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)", "(ab)" },
    { "(=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=)", "(ab)" },
    { "(=?ISO-8859-1?Q?a_b?=)", "(a b)" },
    { "(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a b)" },
    { "=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>", "Keith Moore <moore@cs.utk.edu>" },
    { "=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?= <keld@dkuug.dk>",
      "Keld J\xc3\xb8rn Simonsen <keld@dkuug.dk>" },
    { "=?ISO-8859-1?Q?Andr=E9?= Pirard", "Andr\xc3\xa9 Pirard" },
    { "=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n "
      "=?ISO-8859-1?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
      "If you can read this you understand the example." },
    { "=?utf-8?q?J=c3?= =?UTF-8?Q?=BCrg?=", "J\xc3\xbcrg" }, /* a message split in two */
    { "=?utf-8?b?w7w=?= =?iso-8859-1?q?=FC?=", "\xc3\xbc\xc3\xbc" },
    { "=?utf-8*en?Q?hi?=", "hi" },
    { "=?windows-1252?Q?=80_=93x=94?=", "\xe2\x82\xac \xe2\x80\x9cx\xe2\x80\x9d" },
    { "=?iso-8859-15?Q?=A4?=", "\xe2\x82\xac" },
    { "=?utf-8?Q?=FF?=", NO },
    { "=?us-ascii?Q?=E4?=", NO },
    { "=?x-martian?Q?=C1?= x", "=?x-martian?Q?=C1?= x" }, /* unknown set */
    { "=?koi8-r?Q?=C1?= x", "а x" },
    { "=?iso-2022-jp?B?GyRCMnFENBsoQg==?=", "会調" },
    { "=?utf-16?B?/v8A/A==?= =?utf-16?B?AGI=?=", "üb" },
    /* without padding; with bits that no octet holds */
    { "=?utf-8?B?w6l0w6k?=", "été" }, { "=?utf-8?B?w6l0w6k?= =?utf-8?B?IQ?=", "été!" },
    { "=?utf-8?B?w6l0w6l?=", "été" }, { "=?utf-8?B?w6l=w6k?=", "=?utf-8?B?w6l=w6k?=" },
    /* RFC 2047 5: what stands next to a word */
    { "a=?utf-8?q?b?=", "a=?utf-8?q?b?=" }, { "=?utf-8?q?b?=y", "=?utf-8?q?b?=y" },
    { "=?utf-8?q?b?==?utf-8?q?c?=", "bc" }, { "\"=?utf-8?q?b_c?=\" <a@x>", "\"b c\" <a@x>" },
    { "=?utf-8?X?a?=", "=?utf-8?X?a?=" },
    { "=?utf-8?B?Z?=", "=?utf-8?B?Z?=" },
    { "=?utf-8?Q?=G?=", "=?utf-8?Q?=G?=" },
    { "=?utf-8?Q?a b?=", "=?utf-8?Q?a b?=" },
    { "=?utf-8?Q?a?", "=?utf-8?Q?a?" },
    { "=?utf-8?Q?", "=?utf-8?Q?" },
    { "=?=?=?=?utf-8?Q?a?=", "=?=?=?=?utf-8?Q?a?=" },
    { "=? =? =?utf-8?Q?a?=", "=? =? a" },
    { "=??Q?a?=", "=??Q?a?=" },
    { "=?utf-8?Q?\?=", "" },
    { "a  b\tc", "a  b\tc" },
    { " =?utf-8?Q?a?= ", " a " },
    { "=?utf-8?Q?a?= =?bad", "a =?bad" },
    { "=?utf-8?Q?=0D=0A?= * 9 EXISTS", "\r\n * 9 EXISTS" },
    { "", "" },
};

START_TEST(encoded_words)
{
    for (size_t i = 0; i < COUNT(words); i++) {
        struct buf out = BUF_MAX(400);
        encoded_words_decode(&out, slice_of(words[i].from));
        ck_slice(buf_slice(&out), slice_of(words[i].to));
        buf_free(&out);
    }
}
END_TEST

START_TEST(every_truncation)
{
    for (size_t i = 0; i < COUNT(words); i++)
        for (size_t len = 0; len <= strlen(words[i].from); len++) {
            slice cut = cut_new(slice_of(words[i].from), len);
            struct buf out = BUF_MAX(1000);
            encoded_words_decode(&out, cut);
            quoted_printable_decode(&out, cut);
            base64_decode_body(&out, cut);
            base64_decode(&out, cut);
            utf8_casemap(&out, cut);
            mutf7_decode(&out, cut);
            mutf7_encode(&out, cut);
            ck_assert(!out.full);
            cut_free(cut);
            buf_free(&out);
        }
}
END_TEST

START_TEST(utf8_forms)
{
    static const char *const good[] = { "", "a", "\xc2\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                                        "\xf4\x8f\xbf\xbf", "\xe2\x82\xac" };
    static const char *const bad[] = {
        "\x80",         "\xc0\x80",     "\xc1\xbf",         "\xe0\x9f\xbf",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
        "\xf5",         "\xff",         "\xe2\x82",         "a\xc3",
        "\xc3("
    };
    for (size_t i = 0; i < COUNT(good); i++)
        ck_assert_msg(utf8_valid(slice_of(good[i])), "good %zu", i);
    for (size_t i = 0; i < COUNT(bad); i++)
        ck_assert_msg(!utf8_valid(slice_of(bad[i])), "bad %zu", i);
    ck_assert(utf8_valid((slice){ "a\0b", 3 }));
}
END_TEST

START_TEST(utf8_every_message)
{
    uint32_t wrong = 0;
    struct buf out = BUF_MAX(8);
    for (uint32_t character = 0; character <= 0x110000; character++) {
        buf_clear(&out);
        utf8_add(&out, character);
        bool surrogate = character >= 0xD800 && character < 0xE000;
        slice rest = buf_slice(&out);
        wrong += !utf8_valid(rest);
        wrong += utf8_next(&rest) != (surrogate || character > 0x10FFFF ? 0xFFFD : character);
        wrong += rest.len != 0;
    }
    ck_assert_uint_eq(wrong, 0);
    buf_free(&out);
}
END_TEST

/* RFC 5051: the title case, then taken apart. */
START_TEST(without_case)
{
    static const struct pair pairs[] = {
        { "ABC xyz 09", "ABC XYZ 09" },
        { "Àé×ß÷ÿ", "A\u0300E\u0301×ß÷Y\u0308" },
        { "Größe", "GRO\u0308ßE" },        { "Gro\u0308ße", "GRO\u0308ßE" },
        { "Ⅳ ⅳ", "IV IV" },                { "İx ıx", "I\u0307X IX" },
        { "ΆςΣσ", "Α\u0301ΣΣΣ" },          { "ѐԮ", "Е\u0300Ԯ" },
        { "日本 ﬁ Ａａ", "日本 fi AA" },     { "ǆ", "Dz\u030c" },
        { "각", "\u1100\u1161\u11a8" },     { "𐐨", "𐐀" },
        { "ⓐ \ufdfa", "A صلى الله عليه وسلم" },
        { "a\xff" "b\xc3", "A\xff" "B\xc3" },
    };
    for (size_t i = 0; i < COUNT(pairs); i++) {
        struct buf out = BUF_MAX(200);
        utf8_casemap(&out, slice_of(pairs[i].from));
        ck_slice(buf_slice(&out), slice_of(pairs[i].to));
        buf_free(&out);
    }
}
END_TEST

/* RFC 3501 5.1.3, and more: modified UTF-7, UTF-8. */
static const struct pair names[] = {
    { "~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語" },
    { "&Jjo-!", "☺!" },       { "&Jjo-&-", "☺&" },    { "Entw&APw-rfe", "Entwürfe" },
    { "&-", "&" },             { "a&-b", "a&b" },       { "&-&-", "&&" },
    { "&2D3eCQ-", "😉" },      { "", "" },              { "&AAA-", "" },
    { "&AH8-", "\x7f" },       { "&AOQ-a&AOQ-", "äaä" },
};

START_TEST(mutf7_both_ways)
{
    for (size_t i = 0; i < COUNT(names); i++) {
        slice utf8 = slice_of(names[i].to);
        if (strcmp(names[i].from, "&AAA-") == 0)
            utf8 = (slice){ "\0", 1 };
        struct buf there = BUF_MAX(100), back = BUF_MAX(100);
        ck_assert(mutf7_encode(&there, utf8));
        ck_slice(buf_slice(&there), slice_of(names[i].from));
        ck_assert(mutf7_valid(buf_slice(&there)));
        ck_assert(mutf7_decode(&back, buf_slice(&there)));
        ck_slice(buf_slice(&back), utf8);
        buf_free(&there);
        buf_free(&back);
    }
}
END_TEST

START_TEST(mutf7_refused)
{
    static const char *const bad[] = {
        "&Jjo!",            /* RFC 3501: no shift back */
        "&U,BTFw-&ZeVnLIqe-", /* RFC 3501: a superfluous shift */
        "&", "a&", "&a", "&AGE-", "&AC8-",      /* base64 for "a", for "/" */
        "&AOR-", "&AOQA-", "&AOQ=-", "&AOQ", "&AO/-", "& -", "&A-", "&AA-",
        "&2D0-", "&3gk-", "&3gnYPQ-", "&2D0AYQ-",  /* surrogates alone, turned, torn */
        "\xc3\xa4", "a\x80", "\x7f", "\t", "&ACY-",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct buf out = BUF_MAX(100);
        ck_assert_msg(!mutf7_valid(slice_of(bad[i])), "%s", bad[i]);
        ck_assert(!mutf7_decode(&out, slice_of(bad[i])));
        ck_assert_uint_eq(out.len, 0);
        buf_free(&out);
    }
    struct buf out = BUF_MAX(100);
    ck_assert(!mutf7_encode(&out, SLICE("\xff")));
    buf_free(&out);
}
END_TEST

/* A million false beginnings: this ends at once or it is not linear. */
START_TEST(linear_time)
{
    static const char *const seeds[] = { "=?", "=?utf-8?Q?a", "&", "=", "=?a?b?=", "(" };
    for (size_t i = 0; i < COUNT(seeds); i++) {
        struct buf text = BUF_MAX(1 << 20), out = BUF_MAX(8 << 20);
        while (buf_add_text(&text, seeds[i]))
            ;
        encoded_words_decode(&out, buf_slice(&text));
        quoted_printable_decode(&out, buf_slice(&text));
        mutf7_valid(buf_slice(&text));
        ck_assert(!out.full);
        buf_free(&text);
        buf_free(&out);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        base64_both_ways,   base64_every_octet, base64_strict,   base64_body,      quoted_printable,
        transfer_in_pieces, transfer,           encoded_words,   every_truncation, utf8_forms,
        utf8_every_message, without_case,       mutf7_both_ways, mutf7_refused,    linear_time,
    };
    return run_tests("encoding", tests, COUNT(tests));
}
