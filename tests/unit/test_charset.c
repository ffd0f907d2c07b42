/* test_charset.c: character sets. The other opinion is the C library's iconv, over whole tables:
   whatever it can read of one to four octets must be read alike. */
#include "servers/mail/charset.h"
#include "servers/mail/encoding.h"
#include "tests/unit/mail_check.h"

#include <iconv.h>
#include <stdio.h>

#define NO "\xef\xbf\xbd" /* U+FFFD */

/* What iconv makes of it; false: nothing, or not of all of it. */
static bool iconv_reads(iconv_t with, slice octets, char *utf8, size_t *len)
{
    char copy[8], *in = copy, *out = utf8;
    size_t left = octets.len, room = 16;
    memcpy(copy, octets.at, octets.len);
    iconv(with, NULL, NULL, NULL, NULL);
    if (iconv(with, &in, &left, &out, &room) == (size_t)-1 || left)
        return false;
    iconv(with, NULL, NULL, &out, &room);
    *len = 16 - room;
    return true;
}

/* Microsoft's and the standard's names for the same sign of a set. */
static bool is_twin(const char *a, const char *b)
{
    static const char *const twins[][2] = {
        { "~", "‾" },  { "\\", "¥" },  { "～", "〜" }, { "∥", "‖" }, { "－", "−" },
        { "￠", "¢" }, { "￡", "£" },  { "￢", "¬" },  { "―", "—" }, { "＼", "\\" },
        { "￤", "¦" }, { "‧", "·" },   { "·", "・" },  { "•", "·" }, { "￣", "‾" },
        { "~", "～" }, { "—", "―" }, { "∆", "Δ" },  { "€", "¤" },
    };
    for (size_t i = 0; i < COUNT(twins); i++)
        if ((strcmp(a, twins[i][0]) == 0 && strcmp(b, twins[i][1]) == 0))
            return true;
    return false;
}

static unsigned differences;

/* 1: read by both. Private use counts as nothing: there is no letter to show. */
static unsigned compare(iconv_t with, slice name, const char *octets, size_t len)
{
    char theirs[20] = "";
    size_t their_len = 0;
    struct buf ours = BUF_MAX(40);
    if (!iconv_reads(with, (slice){ octets, len }, theirs, &their_len))
        return 0;
    theirs[their_len] = '\0';
    slice rest = { theirs, their_len };
    uint32_t character = utf8_next(&rest);
    bool far = character > 0xFFFF && len == 2;        /* six of GB 18030: the tables have 16 bits */
    bool control = character >= 0x80 && character < 0xA0; /* iconv's Big5 */
    if (rest.len || far || control || (character >= 0xE000 && character < 0xF900) ||
        character >= 0xF0000)
        return 0;
    ck_assert(charset_to_utf8(&ours, name, (slice){ octets, len }));
    buf_add_char(&ours, '\0');
    if (strcmp(ours.at, theirs) != 0 && !is_twin(ours.at, theirs) && ++differences < 40)
        fprintf(stderr, "# %.*s %02x %02x %02x %02x: %s, iconv %s\n", SLICE_ARG(name),
                octets[0] & 255, octets[1] & 255, octets[2] & 255, octets[3] & 255, ours.at,
                theirs);
    buf_free(&ours);
    return 1;
}

/* All of one octet, of two, and where `most` says so of three and four. */
static unsigned compare_all(slice name, const char *theirs, size_t most)
{
    unsigned read = 0;
    iconv_t with = iconv_open("UTF-8", theirs);
    ck_assert_msg(with != (iconv_t)-1, "%s", theirs);
    for (unsigned a = 0; a < 256; a++) {
        char octets[4] = { (char)a, 0, 0, 0 };
        unsigned one = compare(with, name, octets, 1);
        read += one;
        for (unsigned b = 0; !one && most > 1 && b < 256; b++) {
            octets[1] = (char)b;
            octets[2] = octets[3] = 0;
            unsigned two = compare(with, name, octets, 2);
            read += two;
            bool deeper = (most == 3 && a == 0x8f) || (most == 4 && b >= 0x30 && b <= 0x39);
            for (unsigned c = 0; !two && deeper && c < 256; c++) {
                octets[2] = (char)c;
                octets[3] = 0;
                read += most == 3 ? compare(with, name, octets, 3) : 0;
                for (unsigned d = 0x30; most == 4 && c > 0x80 && d < 0x3a; d++) {
                    octets[3] = (char)d;
                    read += compare(with, name, octets, 4);
                }
            }
        }
    }
    iconv_close(with);
    return read;
}

START_TEST(as_iconv_reads_them)
{
    static const struct {
        const char *name, *theirs;
        size_t most;
        unsigned least;   /* so many both must know */
    } sets[] = {
        { "us-ascii", "ASCII", 1, 128 }, { "iso-8859-1", "ISO-8859-1", 1, 224 },
        { "iso-8859-2", "ISO-8859-2", 1, 224 }, { "iso-8859-3", "ISO-8859-3", 1, 217 },
        { "iso-8859-4", "ISO-8859-4", 1, 224 }, { "iso-8859-5", "ISO-8859-5", 1, 224 },
        { "iso-8859-6", "ISO-8859-6", 1, 179 }, { "iso-8859-7", "ISO-8859-7", 1, 221 },
        { "iso-8859-8", "ISO-8859-8", 1, 188 }, { "iso-8859-9", "ISO-8859-9", 1, 224 },
        { "iso-8859-10", "ISO-8859-10", 1, 224 }, { "tis-620", "TIS-620", 1, 183 },
        { "iso-8859-13", "ISO-8859-13", 1, 224 }, { "iso-8859-14", "ISO-8859-14", 1, 224 },
        { "iso-8859-15", "ISO-8859-15", 1, 224 }, { "iso-8859-16", "ISO-8859-16", 1, 224 },
        { "windows-874", "CP874", 1, 193 }, { "windows-1250", "CP1250", 1, 219 },
        { "windows-1251", "CP1251", 1, 223 }, { "windows-1252", "CP1252", 1, 219 },
        { "windows-1253", "CP1253", 1, 207 }, { "windows-1254", "CP1254", 1, 217 },
        { "windows-1255", "CP1255", 1, 201 }, { "windows-1256", "CP1256", 1, 224 },
        { "windows-1257", "CP1257", 1, 212 }, { "windows-1258", "CP1258", 1, 168 },
        { "koi8-r", "KOI8-R", 1, 224 }, { "koi8-u", "KOI8-U", 1, 224 },
        { "ibm437", "IBM437", 1, 224 }, { "ibm850", "IBM850", 1, 224 },
        { "ibm852", "IBM852", 1, 224 }, { "ibm866", "IBM866", 1, 224 },
        { "macintosh", "MACINTOSH", 1, 222 }, { "x-mac-cyrillic", "MAC-CYRILLIC", 1, 218 },
        { "x-mac-ce", "MAC-CENTRALEUROPE", 1, 218 }, { "gb2312", "EUC-CN", 2, 7573 },
        { "gbk", "GBK", 2, 21919 }, { "gb18030", "GB18030", 4, 63000 },
        { "big5", "BIG5", 2, 13600 }, { "euc-kr", "EUC-KR", 2, 8300 },
        { "ks_c_5601-1987", "UHC", 2, 17100 }, { "shift_jis", "SJIS", 2, 7000 },
        { "windows-31j", "CP932", 2, 7900 }, { "euc-jp", "EUC-JP", 3, 13000 },
    };
    for (size_t i = 0; i < COUNT(sets); i++) {
        unsigned read = compare_all(slice_of(sets[i].name), sets[i].theirs, sets[i].most);
        ck_assert_msg(read >= sets[i].least, "%s: %u", sets[i].name, read);
    }
    ck_assert_uint_eq(differences, 0);
}
END_TEST

/* A text of many letters through the sets that shift, there by iconv and back by us. */
START_TEST(sets_that_shift)
{
    static const struct {
        const char *name, *theirs, *text;
    } sets[] = {
        { "iso-2022-jp", "ISO-2022-JP", "会議 (kaigi)\r\nのお知らせ ¥100" },
        { "ISO-2022-JP-2", "ISO-2022-JP-2", "会議 测试 편지 丂\r\nx" },
        { "iso-2022-kr", "ISO-2022-KR", "편지 message\r\n한국어 편지" },
        { "utf-16", "UTF-16", "über 😀 會" },   { "utf-16be", "UTF-16BE", "über 😀 會" },
        { "utf-16le", "UTF-16LE", "über 😀 會" }, { "utf-7", "UTF-7", "Hi Mom -☺-! 1+1=2 日本語 😀." },
    };
    for (size_t i = 0; i < COUNT(sets); i++) {
        struct buf octets = BUF_MAX(400), out = BUF_MAX(400);
        char copy[200], code[400], *in = copy, *to = code;
        size_t left = strlen(sets[i].text), room = sizeof code;
        memcpy(copy, sets[i].text, left);
        iconv_t with = iconv_open(sets[i].theirs, "UTF-8");
        ck_assert_msg(iconv(with, &in, &left, &to, &room) != (size_t)-1, "%s", sets[i].theirs);
        iconv(with, NULL, NULL, &to, &room);
        iconv_close(with);
        buf_add(&octets, (slice){ code, sizeof code - room });
        slice cut = cut_new(buf_slice(&octets), octets.len);
        ck_assert(charset_to_utf8(&out, slice_of(sets[i].name), cut));
        ck_slice(buf_slice(&out), slice_of(sets[i].text));
        cut_free(cut);
        buf_free(&octets);
        buf_free(&out);
    }
}
END_TEST

START_TEST(what_is_malformed)
{
    static const struct {
        const char *name, *octets, *utf8;
    } texts[] = {
        { "utf-8", "\xc3\xa4\xc3", "ä" NO },         { "us-ascii", "a\xe4", "a" NO },
        { "euc-jp", "\xb2\xf1\xb5", "会" NO },        { "gb2312", "\xb2", NO },
        { "big5", "\xa4\n\xa4\xa4", NO "\n中" },      { "gb18030", "\x81\x30\x81", NO "0" NO },
        { "shift_jis", "\x81 a\xff", NO " a" NO },   { "euc-kr", "\xff\xb0\xa1", NO "가" },
        { "iso-2022-jp", "\033$B2q\nabc", "会\nabc" }, { "iso-2022-jp", "\033$B2", NO },
        { "iso-2022-jp", "\033Zx", "\033Zx" },        { "hz-gb-2312", "~{<:Ky2;~}.~~", "己所不.~" },
        { "utf-7", "+ADw-b+AD4", "<b>" },             { "utf-7", "+2D0-x", NO "x" },
        { "utf-16", "\x20", NO },                    { "utf-16be", "\xd8\x3d\x26\x3a", NO "☺" },
        { "koi8-r", "\xd0", "п" },                    { "windows-1253", "\xd2", NO },
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct buf out = BUF_MAX(100);
        slice cut = cut_new(slice_of(texts[i].octets), strlen(texts[i].octets));
        ck_assert(charset_to_utf8(&out, slice_of(texts[i].name), cut));
        ck_slice(buf_slice(&out), slice_of(texts[i].utf8));
        cut_free(cut);
        buf_free(&out);
    }
}
END_TEST

START_TEST(names_of_sets)
{
    static const char *const known[] = {
        "UTF-8", "utf8", "Latin1", "ISO_8859-15", "iso8859-2", "CP1252", "cskoi8r", "x-sjis",
        "KS_C_5601-1987", "csISO2022JP", "GB_2312-80", "ANSI_X3.4-1968", "x-mac-roman",
        "Big5-HKSCS",
    };
    static const char *const unknown[] = { "", "x-martian", "utf", "iso-8859-12", "8859-1", "cs",
                                           "-" };
    struct buf out = BUF_MAX(100);
    for (size_t i = 0; i < COUNT(known); i++)
        ck_assert_msg(charset_known(slice_of(known[i])), "%s", known[i]);
    for (size_t i = 0; i < COUNT(unknown); i++) {
        ck_assert_msg(!charset_known(slice_of(unknown[i])), "%s", unknown[i]);
        ck_assert(!charset_to_utf8(&out, slice_of(unknown[i]), SLICE("a")));
    }
    ck_assert_uint_eq(out.len, 0);
}
END_TEST

/* A body says no set, or a wrong one. */
START_TEST(sets_of_bodies)
{
    struct charset_reader reader;
    slice ascii = SLICE("us-ascii"), martian = SLICE("x-martian"), latin = SLICE("latin1");
    const slice *const names[] = { NULL, &ascii, &martian, &latin };
    for (size_t i = 0; i < COUNT(names); i++) {
        struct buf out = BUF_MAX(100);
        ck_assert_int_eq(charset_open_body(&reader, names[i], SLICE("ä")), names[i] != &martian);
        charset_read(&reader, &out, 100);
        ck_slice(buf_slice(&out), slice_of(names[i] == &latin ? "Ã¤" : "ä"));
        buf_free(&out);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { as_iconv_reads_them, sets_that_shift, what_is_malformed,
                                   names_of_sets, sets_of_bodies };
    return run_tests("charset", tests, COUNT(tests));
}
