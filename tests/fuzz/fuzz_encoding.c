/* fuzz_encoding.c: what is decoded is bounded and, where it promises so, UTF-8 and the
   exact opposite of encoding. Dates and mailbox names come along: they are as short. */
#include "base/limits.h"
#include "servers/mail/charset.h"
#include "servers/mail/date.h"
#include "servers/mail/encoding.h"
#include "servers/mail/mailbox_name.h"
#include "servers/mail/transfer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef bool decode(struct buf *, slice);
typedef void encode(struct buf *, slice);

static void name_encode(struct buf *out, slice text) { must(mutf7_encode(out, text)); }

/* Two texts never mean the same. */
static void round_trip(slice text, decode *reads, encode *writes)
{
    struct buf there = BUF_MAX(text.len * 4 + 8), back = BUF_MAX(text.len * 4 + 8);
    if (reads(&there, text)) {
        writes(&back, buf_slice(&there));
        must(slice_equal(buf_slice(&back), text));
    } else {
        must(there.len == 0);
    }
    must(!there.full && !back.full);
    buf_free(&there);
    buf_free(&back);
}

static void loose_check(slice text)
{
    struct buf out = BUF_MAX(text.len * 4 + 8);
    encoded_words_decode(&out, text);
    must(!out.full && (!utf8_valid(text) || utf8_valid(buf_slice(&out))));
    buf_clear(&out);
    quoted_printable_decode(&out, text);
    must(out.len <= text.len);
    buf_clear(&out);
    base64_decode_body(&out, text);
    must(out.len <= text.len);
    buf_clear(&out);
    buf_free(&out);
}

/* In pieces, as FETCH BINARY reads, comes what comes at once. */
static void transfer_check(slice text, enum transfer how)
{
    struct transfer_reader once = { .how = how }, often = { .how = how };
    struct buf whole = BUF_MAX(text.len), pieces = whole;
    transfer_add(&once, text, &whole);
    transfer_end(&once, &whole);
    for (size_t n = 1; text.len; n = n % 7 + 1) {
        transfer_add(&often, slice_upto(text, n), &pieces);
        text = slice_from(text, n < text.len ? n : text.len);
    }
    transfer_end(&often, &pieces);
    must(!whole.full && !pieces.full && slice_equal(buf_slice(&whole), buf_slice(&pieces)));
    buf_free(&whole);
    buf_free(&pieces);
}

/* The first octet chooses the set; in pieces, as SEARCH reads, comes what comes at once. */
static void charset_check(slice text)
{
    static const char *const names[] = {
        "utf-8", "us-ascii", "iso-8859-1", "koi8-r", "iso-8859-6", "gb18030", "big5", "euc-kr",
        "shift_jis", "euc-jp", "iso-2022-jp", "iso-2022-kr", "hz-gb-2312", "utf-16", "utf-16le",
        "utf-7",
    };
    struct buf whole = BUF_MAX(text.len * 3 + 8), pieces = whole, map = BUF_MAX(text.len * 33 + 8);
    struct charset_reader reader;
    slice name = slice_of(names[text.len ? (unsigned char)text.at[0] % COUNT(names) : 0]);
    text = slice_from(text, 1);
    must(charset_to_utf8(&whole, name, text) && charset_open(&reader, name, text));
    for (size_t n = 1; reader.rest.len; n = n % 7 + 1)
        charset_read(&reader, &pieces, n);
    must(!whole.full && utf8_valid(buf_slice(&whole)));
    must(slice_equal(buf_slice(&whole), buf_slice(&pieces)));
    utf8_casemap(&map, buf_slice(&whole));
    must(!map.full && utf8_valid(buf_slice(&map)));
    buf_clear(&map);
    utf8_casemap(&map, text);
    must(!map.full);
    must(charset_known(text) || !charset_open(&reader, text, text));
    buf_free(&whole);
    buf_free(&pieces);
    buf_free(&map);
}

static void name_check(slice text)
{
    size_t half = text.len / 2;
    struct buf name = BUF_MAX(text.len + 8), again = BUF_MAX(text.len + 8);
    mailbox_name_canonical(&name, text);
    mailbox_name_canonical(&again, buf_slice(&name));
    must(slice_equal(buf_slice(&name), buf_slice(&again)) &&
         mailbox_name_same(text, buf_slice(&name)));
    bool fits = text.len <= MAILBOX_NAME_MAX;
    must(mailbox_match(text, text) == fits && mailbox_match(SLICE("*"), text) == fits);
    (void)mailbox_match(slice_upto(text, half), slice_from(text, half));
    must(!mailbox_name_valid(text) || mutf7_valid(text));
    buf_free(&name);
    buf_free(&again);
}

static void date_check(slice text)
{
    struct buf out = BUF_MAX(100);
    int64_t ms, day, again;
    int zone, zone_again;
    if (date_read_imap(text, &ms, &zone)) {
        date_write_imap(&out, ms, zone);
        must(date_read_imap(buf_slice(&out), &again, &zone_again) && again == ms);
    }
    buf_clear(&out);
    if (date_read_5322(text, &ms, &zone)) {
        date_write_5322(&out, ms, zone);
        must(date_read_5322(buf_slice(&out), &again, &zone_again));
    }
    (void)date_read_imap_day(text, &day);
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice text = size ? (slice){ (const char *)data, size } : SLICE_EMPTY;
    round_trip(text, base64_decode, base64_encode);
    round_trip(text, mutf7_decode, name_encode);
    transfer_check(text, TRANSFER_BASE64);
    transfer_check(text, TRANSFER_QUOTED);
    loose_check(text);
    charset_check(text);
    name_check(text);
    date_check(text);
    return 0;
}
