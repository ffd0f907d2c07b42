/* encoding.c: base64, quoted-printable and encoded words. Character sets are in
   charset.c, mailbox names' encoding in mutf7.c. */
#include "servers/mail/encoding.h"
#include "servers/mail/charset.h"
#include "servers/mail/transfer.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Of "+" to "z", what each stands for, plus one; 0: nothing. */
static const unsigned char values['z' - '+' + 1] = {
    63, 0,  0,  0,  64, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 0,  0,  0,  0,  0,
    0,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18,
    19, 20, 21, 22, 23, 24, 25, 26, 0,  0,  0,  0,  0,  0,  27, 28, 29, 30, 31, 32,
    33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52,
};

int base64_value(char c)
{
    unsigned at = (unsigned)(unsigned char)c - '+';
    return at < sizeof values ? values[at] - 1 : -1;
}

void base64_encode(struct buf *out, slice octets)
{
    for (size_t i = 0; i < octets.len; i += 3) {
        size_t n = octets.len - i < 3 ? octets.len - i : 3;
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < n ? (unsigned char)octets.at[i + k] : 0u);
        char four[4];
        for (size_t k = 0; k < 4; k++)
            four[k] = k <= n ? alphabet[bits >> (18 - 6 * k) & 63] : '=';
        buf_add(out, (slice){ four, 4 });
    }
}

/* One group of four with `n` characters that are no padding. */
static void base64_add(struct buf *out, uint32_t bits, size_t n)
{
    char three[3] = { (char)(bits >> 16), (char)(bits >> 8), (char)bits };
    if (n > 1)
        buf_add(out, (slice){ three, n - 1 });
}

static bool base64_check(slice text, size_t *padding)
{
    if (text.len % 4 != 0)
        return false;
    *padding = 0;
    while (*padding < 2 && text.len > *padding && text.at[text.len - 1 - *padding] == '=')
        ++*padding;
    size_t characters = text.len - *padding;
    for (size_t i = 0; i < characters; i++)
        if (base64_value(text.at[i]) < 0)
            return false;
    /* Bits that no octet holds must be zero, else two texts would mean the same. */
    int last = characters ? base64_value(text.at[characters - 1]) : 0;
    return (last & (*padding == 2 ? 15 : *padding == 1 ? 3 : 0)) == 0;
}

bool base64_decode(struct buf *out, slice text)
{
    size_t padding;
    if (!base64_check(text, &padding))
        return false;
    for (size_t i = 0; i < text.len; i += 4) {
        size_t n = i + 4 == text.len ? 4 - padding : 4;
        uint32_t bits = 0;
        for (size_t k = 0; k < 4; k++)
            bits = bits << 6 | (k < n ? (uint32_t)base64_value(text.at[i + k]) : 0u);
        base64_add(out, bits, n);
    }
    return true;
}

int hex_octet(char high, char low)
{
    int first = hex_value(high), second = hex_value(low);
    return first < 0 || second < 0 ? -1 : first * 16 + second;
}

/* "=XX" at the front: its octet. */
static bool take_hex(slice *s, char *octet)
{
    int value = s->len > 2 && s->at[0] == '=' ? hex_octet(s->at[1], s->at[2]) : -1;
    if (value < 0)
        return false;
    *octet = (char)value;
    *s = slice_from(*s, 3);
    return true;
}

static void decode(struct buf *out, enum transfer how, slice body)
{
    struct transfer_reader reader = { .how = how };
    transfer_add(&reader, body, out);
    transfer_end(&reader, out);
}

void base64_decode_body(struct buf *out, slice body) { decode(out, TRANSFER_BASE64, body); }

void quoted_printable_decode(struct buf *out, slice body) { decode(out, TRANSFER_QUOTED, body); }

void transfer_decode(struct buf *out, slice encoding, slice body)
{
    enum transfer how;
    transfer_named(encoding, &how);
    decode(out, how, body);
}

/* --- encoded words -------------------------------------------------------------------- */

struct word {
    slice charset, text;
    bool base64;
};

static bool is_word_text(unsigned char c) { return c > 32 && c < 127 && c != '?'; }

/* RFC 2047 5: white space stands around a word, or in a comment the parenthesis; words in quotes
   and brackets, or one after the other, must not be and are written. */
static bool is_word_edge(char c)
{
    size_t at;
    return is_space((unsigned char)c) || slice_find(SLICE("\r\n()\"<>,:;[]"), c, &at);
}

/* "=?charset?B?text?=" at the front of `rest`. Each part ends at the next '?', so that a text
   full of false beginnings is still read in linear time. */
static bool take_encoded_word(slice *rest, struct word *word)
{
    slice s = *rest;
    if (!take_prefix(&s, "=?"))
        return false;
    slice charset = take_while(&s, is_word_text);
    word->charset = take_until(&charset, '*'); /* RFC 2231 5: a language may follow */
    if (word->charset.len == 0 || !take_char(&s, '?') || s.len < 2)
        return false;
    char how = to_upper(s.at[0]);
    if ((how != 'B' && how != 'Q') || s.at[1] != '?')
        return false;
    s = slice_from(s, 2);
    word->base64 = how == 'B';
    word->text = take_while(&s, is_word_text);
    if (!take_prefix(&s, "?=") || (s.len && !is_word_edge(s.at[0]) && !slice_starts(s, "=?")))
        return false;
    *rest = s;
    return true;
}

static bool q_decode(struct buf *out, slice text)
{
    while (text.len) {
        char octet;
        if (take_hex(&text, &octet)) {
            buf_add_char(out, octet);
            continue;
        }
        if (text.at[0] == '=')
            return false;
        buf_add_char(out, text.at[0] == '_' ? ' ' : text.at[0]);
        text = slice_from(text, 1);
    }
    return true;
}

/* Padding is often forgotten, and bits that no octet holds are not always zero. */
static bool b_decode(struct buf *out, slice text)
{
    slice characters = text;
    while (characters.len && characters.at[characters.len - 1] == '=')
        characters.len--;
    for (size_t i = 0; i < characters.len; i++)
        if (base64_value(characters.at[i]) < 0)
            return false;
    if (characters.len % 4 == 1)
        return false;
    base64_decode_body(out, characters);
    return true;
}

/* The words of one run in one character set; octets of a character may be split between them. */
struct word_run {
    slice charset;
    struct buf octets;
};

static void run_end(struct buf *out, struct word_run *run)
{
    if (run->charset.len)
        charset_to_utf8(out, run->charset, buf_slice(&run->octets));
    buf_clear(&run->octets);
    run->charset = SLICE_EMPTY;
}

static bool run_add(struct buf *out, struct word_run *run, const struct word *word)
{
    if (!charset_known(word->charset))
        return false;
    if (run->charset.len && !slice_equal_nocase(run->charset, word->charset))
        run_end(out, run);
    size_t before = run->octets.len;
    bool good = word->base64 ? b_decode(&run->octets, word->text)
                             : q_decode(&run->octets, word->text);
    if (!good) {
        run->octets.len = before;
        return false;
    }
    run->charset = word->charset;
    return true;
}

static bool is_fold(unsigned char c) { return is_space(c) || c == '\r' || c == '\n'; }

void encoded_words_decode(struct buf *out, slice header_text)
{
    struct word_run run = { SLICE_EMPTY, BUF_MAX(header_text.len + 1) };
    slice rest = header_text;
    while (rest.len) {
        slice blank = take_while(&rest, is_fold), before = rest;
        struct word word;
        bool in_run = run.charset.len > 0;
        bool begins = in_run || blank.len || rest.at == header_text.at || is_word_edge(rest.at[-1]);
        if (begins && take_encoded_word(&rest, &word)) {
            if (!in_run)
                buf_add(out, blank);
            if (run_add(out, &run, &word))
                continue;
            run_end(out, &run);
            if (in_run)
                buf_add(out, blank);
            buf_add(out, slice_upto(before, before.len - rest.len));
            continue;
        }
        run_end(out, &run);
        buf_add(out, blank);
        size_t plain = rest.len ? 1 : 0;
        while (plain < rest.len && rest.at[plain] != '=' && !is_fold((unsigned char)rest.at[plain]))
            plain++;
        buf_add(out, slice_upto(rest, plain));
        rest = slice_from(rest, plain);
    }
    run_end(out, &run);
    buf_free(&run.octets);
}
