/* smtp_parameters.c: see smtp_parameters.h. */
#include "servers/smtp/smtp_parameters.h"

#include <string.h>

#include "servers/smtp/smtp.h"

typedef enum outcome parameter(struct session *, slice value, struct wishes *);

struct parameter_row {
    const char *name;
    const char *syntax;
    bool has_value;
    parameter *read;       /* OUT_SYNTAX is told with `syntax` */
};

#define NAME_SHOWN_MAX 40  /* of an unknown parameter, in the refusal */

/* --- values ---------------------------------------------------------------------------------- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; /* capitals only, says RFC 3461 4 */
}

bool smtp_xtext_decode(struct buf *out, slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c < '!' || c > '~' || c == '=')
            return false;
        if (c == '+') {
            int high = i + 2 < text.len ? hex_value(text.at[i + 1]) : -1;
            int low = high >= 0 ? hex_value(text.at[i + 2]) : -1;
            if (low < 0 || high * 16 + low < ' ' || high * 16 + low > '~')
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        buf_add_char(out, c);
    }
    return text.len > 0;
}

static bool xtext_valid(slice text)
{
    struct buf decoded = BUF_MAX(ORCPT_MAX);
    bool good = smtp_xtext_decode(&decoded, text) && !decoded.full;
    buf_free(&decoded);
    return good;
}

static void text_keep(char *to, slice from)
{
    memcpy(to, from.at, from.len);
    to[from.len] = '\0';
}

/* --- MAIL ------------------------------------------------------------------------------------ */

static enum outcome read_size(struct session *session, slice value, struct wishes *wishes)
{
    uint64_t size = 0;
    (void)wishes;
    if (!take_number(&value, UINT64_MAX / 2, &size) || value.len)
        return OUT_SYNTAX;
    smtp_of(session)->announced = size;
    return size > MESSAGE_BYTES_MAX ? OUT_TOO_BIG : OUT_OK;
}

static enum outcome read_body(struct session *session, slice value, struct wishes *wishes)
{
    (void)session;
    (void)wishes;
    return slice_is_nocase(value, "7BIT") || slice_is_nocase(value, "8BITMIME") ? OUT_OK
                                                                                : OUT_SYNTAX;
}

static enum outcome read_smtputf8(struct session *session, slice value, struct wishes *wishes)
{
    (void)session;
    (void)value;
    wishes->utf8 = true;
    return OUT_OK;
}

static enum outcome read_ret(struct session *session, slice value, struct wishes *wishes)
{
    (void)session;
    wishes->returns = slice_is_nocase(value, "FULL") ? RETURN_FULL
                      : slice_is_nocase(value, "HDRS") ? RETURN_HEADERS : 0;
    return wishes->returns ? OUT_OK : OUT_SYNTAX;
}

static enum outcome read_envid(struct session *session, slice value, struct wishes *wishes)
{
    (void)session;
    if (value.len > ENVID_MAX || !xtext_valid(value))
        return OUT_SYNTAX;
    text_keep(wishes->envid, value);
    return OUT_OK;
}

/* Heard, and not passed on (RFC 4954 5). */
static enum outcome read_auth(struct session *session, slice value, struct wishes *wishes)
{
    (void)wishes;
    if (!(session->facts & FACT_SUBMISSION))
        return OUT_UNSUPPORTED;
    return xtext_valid(value) ? OUT_OK : OUT_SYNTAX;
}

static const struct parameter_row of_mail[] = {
    { "SIZE", "SIZE=octets", true, read_size },
    { "BODY", "BODY=7BIT or BODY=8BITMIME", true, read_body },
    { "SMTPUTF8", "SMTPUTF8, without a value", false, read_smtputf8 },
    { "RET", "RET=FULL or RET=HDRS", true, read_ret },
    { "ENVID", "ENVID=name, at most 100 characters, + and = written as +2B and +3D", true,
      read_envid },
    { "AUTH", "AUTH=<> or AUTH=address", true, read_auth },
};

/* --- RCPT ------------------------------------------------------------------------------------ */

static enum outcome read_notify(struct session *session, slice value, struct wishes *wishes)
{
    static const struct { const char *word; uint8_t bit; } words[] = {
        { "NEVER", NOTIFY_NEVER }, { "SUCCESS", NOTIFY_SUCCESS },
        { "FAILURE", NOTIFY_FAILURE }, { "DELAY", NOTIFY_DELAY },
    };
    bool more = true;
    (void)session;
    while (more) {
        size_t before = value.len;
        slice word = take_until(&value, ',');
        uint8_t bit = 0;
        more = word.len < before;
        for (size_t i = 0; i < COUNT(words); i++)
            if (slice_is_nocase(word, words[i].word))
                bit = words[i].bit;
        if (bit == 0 || (wishes->notify & bit))
            return OUT_SYNTAX;
        wishes->notify |= bit;
    }
    bool alone = wishes->notify == NOTIFY_NEVER || !(wishes->notify & NOTIFY_NEVER);
    return alone ? OUT_OK : OUT_SYNTAX;
}

static bool is_type_letter(unsigned char c) { return is_alnum(c) || c == '-'; }

static enum outcome read_orcpt(struct session *session, slice value, struct wishes *wishes)
{
    slice rest = value;
    (void)session;
    if (value.len > ORCPT_MAX || take_while(&rest, is_type_letter).len == 0 ||
        !take_char(&rest, ';') || !xtext_valid(rest))
        return OUT_SYNTAX;
    text_keep(wishes->orcpt, value);
    return OUT_OK;
}

static const struct parameter_row of_rcpt[] = {
    { "NOTIFY", "NOTIFY=NEVER, or some of SUCCESS,FAILURE,DELAY", true, read_notify },
    { "ORCPT", "ORCPT=rfc822;address, + and = written as +2B and +3D", true, read_orcpt },
};

/* --- all of them ----------------------------------------------------------------------------- */

static enum outcome one_parameter(struct session *session, const struct parameter_row *row,
                                  slice word, struct wishes *wishes)
{
    slice value = word;
    slice name = take_until(&value, '=');
    bool has_value = name.len < word.len;
    enum outcome outcome = OUT_SYNTAX;
    if (has_value == row->has_value)
        outcome = row->read(session, value, wishes);
    if (outcome == OUT_SYNTAX)
        session_detail(session, "Syntax: %s", row->syntax);
    return outcome;
}

/* Each at most once (RFC 5321 4.1.1.11), and none after HELO. */
static enum outcome read_all(struct session *session, const struct parameter_row *rows,
                             size_t count, slice args, struct wishes *wishes)
{
    uint32_t seen = 0;
    for (slice word = take_word(&args); word.len; word = take_word(&args)) {
        slice rest = word;
        slice name = take_until(&rest, '=');
        size_t i = 0;
        while (i < count && !slice_is_nocase(name, rows[i].name))
            i++;
        session_detail(session, "%.*s", SLICE_ARG(slice_upto(name, NAME_SHOWN_MAX)));
        if (i == count || !(session->facts & FACT_EXTENDED))
            return OUT_UNSUPPORTED;
        if (seen & (1u << i)) {
            session_detail(session, "%s stands there twice", rows[i].name);
            return OUT_SYNTAX;
        }
        seen |= 1u << i;
        enum outcome outcome = one_parameter(session, &rows[i], word, wishes);
        if (outcome != OUT_OK)
            return outcome;
    }
    return OUT_OK;
}

enum outcome smtp_mail_parameters(struct session *session, slice args, struct wishes *wishes)
{
    return read_all(session, of_mail, COUNT(of_mail), args, wishes);
}

enum outcome smtp_rcpt_parameters(struct session *session, slice args, struct wishes *wishes)
{
    return read_all(session, of_rcpt, COUNT(of_rcpt), args, wishes);
}
