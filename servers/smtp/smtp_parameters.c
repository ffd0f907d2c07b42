/* smtp_parameters.c: see smtp_parameters.h. */
#include "servers/smtp/smtp_parameters.h"

#include <string.h>

#include "base/words.h"
#include "servers/mail/address.h"
#include "servers/mail/encoding.h"
#include "servers/smtp/smtp.h"

typedef enum outcome parameter(struct session *, slice value, struct dsn *);

struct parameter_row {
    const char *name;
    const char *syntax;
    bool has_value;
    bool dsn;              /* RFC 3461: only where DSN is offered, and at most once (4.5) */
    parameter *read;       /* OUT_SYNTAX is told with `syntax` */
};

#define NAME_SHOWN_MAX 40  /* of an unknown parameter, in the refusal */

/* --- values ---------------------------------------------------------------------------------- */

/* Capitals only, says RFC 3461 4. */
static int xtext_value(char c) { return c >= 'a' && c <= 'f' ? -1 : hex_value(c); }

bool smtp_xtext_decode(struct buf *out, slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c < '!' || c > '~' || c == '=')
            return false;
        if (c == '+') {
            int high = i + 2 < text.len ? xtext_value(text.at[i + 1]) : -1;
            int low = high >= 0 ? xtext_value(text.at[i + 2]) : -1;
            bool blank = high * 16 + low == '\t';
            if (low < 0 || (high * 16 + low < ' ' && !blank) || high * 16 + low > '~')
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        buf_add_char(out, c);
    }
    return true;
}

/* "\x{F6}" at the front: its character. */
static bool take_embedded(slice *text, uint32_t *character)
{
    slice rest = *text;
    size_t digits = 0;
    *character = 0;
    if (!take_prefix(&rest, "\\x{"))
        return false;
    for (; rest.len && xtext_value(rest.at[0]) >= 0 && digits < 6; digits++) {
        *character = *character * 16 + (uint32_t)xtext_value(rest.at[0]);
        rest = slice_from(rest, 1);
    }
    bool good = digits > 1 && take_char(&rest, '}') && *character <= 0x10FFFF &&
                (*character < 0xD800 || *character > 0xDFFF);
    if (good)
        *text = rest;
    return good;
}

bool smtp_unitext_decode(struct buf *out, slice text, bool utf8)
{
    bool good = text.len > 0 && utf8_valid(text);
    while (good && text.len) {
        uint32_t character = 0;
        slice before = text;
        bool embedded = text.at[0] == '\\';
        if (embedded) {
            good = take_embedded(&text, &character) && character >= ' ' && character != 127;
        } else {
            character = utf8_next(&text);
            good = character > ' ' && character != 127 && character != '+' && character != '=' &&
                   (character < 0x80 || character > 0x9F);
        }
        if (utf8 || (character > ' ' && character < 127 && character != '\\'))
            utf8_add(out, character);
        else if (embedded)
            buf_add(out, slice_upto(before, before.len - text.len));
        else
            buf_format(out, "\\x{%X}", (unsigned)character);
    }
    return good && !out->full;
}

static bool unitext_valid(slice text, bool utf8)
{
    struct buf decoded = BUF_MAX(ORCPT_MAX * 12);
    bool good = (utf8 || !is_utf8_address(text)) && smtp_unitext_decode(&decoded, text, true);
    buf_free(&decoded);
    return good;
}

static bool xtext_valid(slice text)
{
    struct buf decoded = BUF_MAX(ORCPT_MAX);
    bool good = smtp_xtext_decode(&decoded, text) && !decoded.full;
    buf_free(&decoded);
    return good;
}

/* --- MAIL ------------------------------------------------------------------------------------ */

static enum outcome read_size(struct session *session, slice value, struct dsn *dsn)
{
    slice digits = value;
    uint64_t size = 0;
    (void)dsn;
    if (value.len > 20 || take_while(&digits, is_digit).len == 0 || digits.len)
        return OUT_SYNTAX; /* RFC 1870 4: 1*20DIGIT, and twenty may be more than 64 bits hold */
    if (!take_number(&value, UINT64_MAX / 2, &size))
        size = UINT64_MAX / 2;
    smtp_of(session)->announced = size;
    return size > MESSAGE_BYTES_MAX ? OUT_TOO_BIG : OUT_OK;
}

static enum outcome read_body(struct session *session, slice value, struct dsn *dsn)
{
    (void)session;
    (void)dsn;
    return slice_is_nocase(value, "7BIT") || slice_is_nocase(value, "8BITMIME") ? OUT_OK
                                                                                : OUT_SYNTAX;
}

static enum outcome read_smtputf8(struct session *session, slice value, struct dsn *dsn)
{
    (void)session;
    (void)value;
    dsn->utf8 = true;
    return OUT_OK;
}

static enum outcome read_ret(struct session *session, slice value, struct dsn *dsn)
{
    (void)session;
    dsn->returns = slice_is_nocase(value, "FULL") ? RETURN_FULL
                      : slice_is_nocase(value, "HDRS") ? RETURN_HEADERS : 0;
    return dsn->returns ? OUT_OK : OUT_SYNTAX;
}

static enum outcome read_envid(struct session *session, slice value, struct dsn *dsn)
{
    (void)session;
    if (value.len == 0 || value.len > ENVID_MAX || !xtext_valid(value))
        return OUT_SYNTAX;
    FIELD_SET(dsn->envid, value);
    return OUT_OK;
}

/* Heard, and not passed on (RFC 4954 5). */
static enum outcome read_auth(struct session *session, slice value, struct dsn *dsn)
{
    (void)dsn;
    if (!(session->facts & FACT_SUBMISSION))
        return OUT_UNSUPPORTED;
    return value.len && xtext_valid(value) ? OUT_OK : OUT_SYNTAX;
}

static const struct parameter_row of_mail[] = {
    { "SIZE", "SIZE=octets", true, false, read_size },
    { "BODY", "BODY=7BIT or BODY=8BITMIME", true, false, read_body },
    { "SMTPUTF8", "SMTPUTF8, without a value", false, false, read_smtputf8 },
    { "RET", "RET=FULL or RET=HDRS", true, true, read_ret },
    { "ENVID", "ENVID=name, at most 100 characters, + and = written as +2B and +3D", true,
      true, read_envid },
    { "AUTH", "AUTH=<> or AUTH=address", true, false, read_auth },
};

/* --- RCPT ------------------------------------------------------------------------------------ */

static enum outcome read_notify(struct session *session, slice value, struct dsn *dsn)
{
    static const struct { const char *word; uint8_t bit; } words[] = {
        { "NEVER", NOTIFY_NEVER }, { "SUCCESS", NOTIFY_SUCCESS },
        { "FAILURE", NOTIFY_FAILURE }, { "DELAY", NOTIFY_DELAY },
    };
    bool more = true;
    (void)session;
    while (more) { /* RFC 3461 4.1: 1#list, so an element may be empty, and stand there twice */
        size_t before = value.len;
        slice word = take_until(&value, ',');
        uint8_t bit = 0;
        more = word.len < before;
        for (size_t i = 0; i < COUNT(words); i++)
            if (slice_is_nocase(word, words[i].word))
                bit = words[i].bit;
        if (bit == 0 && word.len)
            return OUT_SYNTAX;
        dsn->notify |= bit;
    }
    if (dsn->notify == 0)
        return OUT_SYNTAX;
    bool alone = dsn->notify == NOTIFY_NEVER || !(dsn->notify & NOTIFY_NEVER);
    return alone ? OUT_OK : OUT_SYNTAX;
}

static bool is_type_letter(unsigned char c) { return is_alnum(c) || c == '-'; }

static enum outcome read_orcpt(struct session *session, slice value, struct dsn *dsn)
{
    slice rest = value, type = take_while(&rest, is_type_letter);
    (void)session;
    if (value.len > ORCPT_MAX || type.len == 0 || !take_char(&rest, ';'))
        return OUT_SYNTAX;
    if (slice_is_nocase(type, "utf-8") ? !unitext_valid(rest, dsn->utf8) : !xtext_valid(rest))
        return OUT_SYNTAX;
    FIELD_SET(dsn->orcpt, value);
    return OUT_OK;
}

static const struct parameter_row of_rcpt[] = {
    { "NOTIFY", "NOTIFY=NEVER, or some of SUCCESS,FAILURE,DELAY", true, true, read_notify },
    { "ORCPT", "ORCPT=rfc822;address, + and = written as +2B and +3D", true, true, read_orcpt },
};

/* --- all of them ----------------------------------------------------------------------------- */

static enum outcome one_parameter(struct session *session, const struct parameter_row *row,
                                  slice word, struct dsn *dsn)
{
    slice value = word;
    slice name = take_until(&value, '=');
    bool has_value = name.len < word.len;
    enum outcome outcome = OUT_SYNTAX;
    if (has_value == row->has_value)
        outcome = row->read(session, value, dsn);
    if (outcome == OUT_SYNTAX)
        session_detail(session, "Syntax: %s", row->syntax);
    return outcome;
}

/* DSN's at most once (RFC 3461 4.5), the others again with the same value: mail programs that were
   told to say SMTPUTF8 and say it by themselves too do so. None after HELO. */
static enum outcome read_all(struct session *session, const struct parameter_row *rows,
                             size_t count, slice args, struct dsn *dsn)
{
    slice seen[8] = { { NULL, 0 } };
    must(count <= COUNT(seen));
    session_code(session, "5.5.4");
    for (slice word = take_word(&args); word.len; word = take_word(&args)) {
        slice rest = word;
        slice name = take_until(&rest, '=');
        size_t i = 0;
        while (i < count && !slice_is_nocase(name, rows[i].name))
            i++;
        session_detail(session, "%.*s", SLICE_ARG(slice_upto(name, NAME_SHOWN_MAX)));
        if (i == count || !(session->facts & FACT_EXTENDED) ||
            (rows[i].dsn && !protocol_has_word(session->protocol, SLICE("DSN"))))
            return OUT_UNSUPPORTED;
        if (seen[i].at && (rows[i].dsn || !slice_equal_nocase(seen[i], word))) {
            session_detail(session, "%s stands there twice", rows[i].name);
            return OUT_SYNTAX;
        }
        seen[i] = word;
        enum outcome outcome = one_parameter(session, &rows[i], word, dsn);
        if (outcome != OUT_OK)
            return outcome;
    }
    return OUT_OK;
}

enum outcome smtp_mail_parameters(struct session *session, slice args, struct dsn *dsn)
{
    return read_all(session, of_mail, COUNT(of_mail), args, dsn);
}

enum outcome smtp_rcpt_parameters(struct session *session, slice args, struct dsn *dsn)
{
    return read_all(session, of_rcpt, COUNT(of_rcpt), args, dsn);
}
