/* test_fast.c: what was made fast against the plainest form of itself, on random octets: finding a
   text, capitals, base64, character sets, header texts. */
#include "base/limits.h"
#include "servers/mail/charset.h"
#include "servers/mail/encoding.h"
#include "servers/mail/header.h"
#include "tests/unit/mail_check.h"

static uint64_t state = 1;
static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % below;
}

/* From few kinds of octets or from all, in memory of exactly that size. */
static slice octets_new(size_t len, const char *kinds)
{
    slice all = cut_new(SLICE_EMPTY, 0);
    char *at = realloc((char *)(uintptr_t)all.at, len ? len : 1);
    for (size_t i = 0; i < len; i++)
        at[i] = kinds ? kinds[draw((uint32_t)strlen(kinds))] : (char)draw(256);
    return (slice){ at, len };
}

static bool find_slowly(slice s, slice text, size_t *at)
{
    for (*at = 0; *at + text.len <= s.len; ++*at)
        if (slice_equal(slice_upto(slice_from(s, *at), text.len), text))
            return true;
    return false;
}

START_TEST(texts_are_found)
{
    static const char *const kinds[] = { "ab", "abcz ", "e", "xyzE=", NULL };
    for (int i = 0; i < 100000; i++) {
        const char *kind = kinds[draw(COUNT(kinds))];
        slice s = octets_new(draw(i % 100 ? 40 : 9000), kind), text = octets_new(draw(7), kind);
        size_t at = 0, wanted = 0;
        bool is = find_slowly(s, text, &wanted);
        ck_assert_int_eq(slice_find_text(s, text, &at), is);
        if (is)
            ck_assert_uint_eq(at, wanted);
        cut_free(s);
        cut_free(text);
    }
}
END_TEST

/* Octets that nearly fit everywhere: the table takes over, or this would run for an hour. */
START_TEST(texts_that_nearly_fit)
{
    enum { LEN = 20000000 };
    char *s = malloc(LEN), text[FIND_TEXT_MAX];
    size_t at;
    memset(s, 'q', LEN);
    memset(text, 'q', sizeof text);
    text[0] = 'p';
    ck_assert(!slice_find_text((slice){ s, LEN }, (slice){ text, sizeof text }, &at));
    text[0] = 'q';
    text[500] = 'z';
    memcpy(s + LEN - sizeof text, text, sizeof text);
    ck_assert(slice_find_text((slice){ s, LEN }, (slice){ text, sizeof text }, &at));
    ck_assert_uint_eq(at, LEN - sizeof text);
    text[500] = 'q';
    text[1023] = 'Q';
    ck_assert(!slice_find_text((slice){ s, LEN }, (slice){ text, sizeof text }, &at));
    free(s);
}
END_TEST

/* One character after another, each by itself, gives the same as all at once. */
typedef void change(struct buf *, slice);
static void latin(struct buf *out, slice s) { charset_to_utf8(out, SLICE("iso-8859-15"), s); }
static void utf8(struct buf *out, slice s) { charset_to_utf8(out, SLICE("utf-8"), s); }

START_TEST(characters_are_changed_alike)
{
    change *const changes[] = { utf8_casemap, latin, utf8 };
    struct buf whole = BUF_MAX(100000), pieces = BUF_MAX(100000);
    for (int i = 0; i < 40000; i++) {
        const char *kinds = i % 3 ? "AZaz@[`{\303\204\342\202\254 09" : NULL;
        slice s = octets_new(draw(i % 100 ? 60 : 5000), kinds);
        change *each = changes[i % 3];
        buf_clear(&whole);
        buf_clear(&pieces);
        each(&whole, s);
        for (slice rest = s; rest.len;) {
            slice before = rest;
            if (each == latin)
                rest = slice_from(rest, 1);
            else
                utf8_next(&rest);
            each(&pieces, slice_upto(before, before.len - rest.len));
        }
        ck_assert(slice_equal(buf_slice(&whole), buf_slice(&pieces)));
        cut_free(s);
    }
    buf_free(&whole);
    buf_free(&pieces);
}
END_TEST

START_TEST(ascii_letters_become_capitals)
{
    char all[128], capital[128];
    struct buf out = BUF_MAX(1000);
    for (size_t shift = 0; shift < 8; shift++) {
        for (size_t i = 0; i < 128; i++) {
            all[i] = (char)((i + shift) % 128);
            capital[i] = (char)(all[i] >= 'a' && all[i] <= 'z' ? all[i] - 32 : all[i]);
        }
        buf_clear(&out);
        utf8_casemap(&out, (slice){ all, 128 });
        ck_assert(slice_equal(buf_slice(&out), (slice){ capital, 128 }));
    }
    buf_free(&out);
}
END_TEST

START_TEST(base64_comes_back)
{
    struct buf code = BUF_MAX(100000), out = BUF_MAX(100000), noisy = BUF_MAX(200000);
    for (int i = 0; i < 20000; i++) {
        slice s = octets_new(draw(i % 100 ? 50 : 3000), NULL);
        buf_clear(&code);
        buf_clear(&noisy);
        buf_clear(&out);
        base64_encode(&code, s);
        for (size_t n = 0; n < code.len; n++) {
            if (draw(5) == 0)
                buf_add_char(&noisy, "\r\n *,:;~\177\377"[draw(10)]);
            buf_add_char(&noisy, code.at[n]);
        }
        base64_decode_body(&out, buf_slice(&noisy));
        ck_assert(slice_equal(buf_slice(&out), s));
        buf_clear(&out);
        ck_assert(base64_decode(&out, buf_slice(&code)));
        ck_assert(slice_equal(buf_slice(&out), s));
        cut_free(s);
    }
    buf_free(&code);
    buf_free(&out);
    buf_free(&noisy);
}
END_TEST

/* Plain text is shown as it stands; what only looks plain is not. */
START_TEST(header_texts)
{
    static const struct {
        const char *value, *shown;
    } texts[] = {
        { " plain text ", "plain text" },
        { "a\r\n b", "a b" },
        { "what? =? why", "what? =? why" },
        { "=?utf-8?q?=41?=", "A" },
        { "x =?utf-8?q?=41?= y", "x A y" },
        { "tab\there", "tab here" },
        { "bell\ahere", "bell\357\277\275here" },
        { "del\177", "del\357\277\275" },
        { "caf\303\251", "caf\303\251" },
        { "caf\351", "caf\357\277\275" },
        { "", "" },
    };
    struct buf out = BUF_MAX(1000);
    for (size_t i = 0; i < COUNT(texts); i++) {
        buf_clear(&out);
        header_text(&out, slice_of(texts[i].value));
        ck_slice(buf_slice(&out), slice_of(texts[i].shown));
    }
    buf_free(&out);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { texts_are_found, texts_that_nearly_fit,
                                   characters_are_changed_alike, ascii_letters_become_capitals,
                                   base64_comes_back, header_texts };
    return run_tests("fast", tests, COUNT(tests));
}
