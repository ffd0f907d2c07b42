/* dialects.c: see dialects.h. */
#include "servers/dialects/dialects.h"

#include "base/words.h"

static const struct dialect *const dialects[DIALECTS] = {
    [DIALECT_POSTFIX] = &dialect_postfix,
    [DIALECT_EXIM] = &dialect_exim,
    [DIALECT_OPENSMTPD] = &dialect_opensmtpd,
    [DIALECT_SENDMAIL] = &dialect_sendmail,
    [DIALECT_DOVECOT_POP3] = &dialect_dovecot_pop3,
    [DIALECT_COURIER_POP3] = &dialect_courier_pop3,
    [DIALECT_CYRUS_POP3] = &dialect_cyrus_pop3,
    [DIALECT_DOVECOT_IMAP] = &dialect_dovecot_imap,
    [DIALECT_CYRUS_IMAP] = &dialect_cyrus_imap,
    [DIALECT_COURIER_IMAP] = &dialect_courier_imap,
    [DIALECT_AIOSMTPD] = &dialect_aiosmtpd,
    [DIALECT_SMTP_SERVER] = &dialect_smtp_server,
    [DIALECT_HARAKA] = &dialect_haraka,
    [DIALECT_POPA3D] = &dialect_popa3d,
    [DIALECT_MAILUTILS_POP3] = &dialect_mailutils_pop3,
};
_Static_assert(DIALECTS <= 1 << (16 - ROW_BITS), "a row's number in the trace has 16 bits");

const struct dialect *dialect_numbered(size_t number)
{
    return number < DIALECTS ? dialects[number] : NULL;
}

const struct dialect *dialect_named(slice name, const struct dialect *after)
{
    for (size_t i = after ? after->number + 1u : 1; i < DIALECTS; i++)
        if (slice_is_nocase(name, dialects[i]->name))
            return dialects[i];
    return NULL;
}

const struct dialect *dialect_at(uint16_t number) { return dialect_numbered(number >> ROW_BITS); }

bool dialect_answered(const struct protocol *base, uint16_t number)
{
    return (number & ((1u << ROW_BITS) - 1)) >= base->rule_count;
}

const struct rule *dialect_rule_at(const struct protocol *base, uint16_t number)
{
    struct protocol spoken = *base;
    spoken.dialect = dialect_at(number);
    return protocol_row(&spoken, number & ((1u << ROW_BITS) - 1));
}

const struct rule *dialect_base_rule(const struct dialect *dialect, const struct rule *theirs,
                                     int state)
{
    const struct protocol *base = dialect->protocol;
    const struct rule *rule = protocol_rule(base, state, theirs->event,
                                            (enum outcome)theirs->outcome);
    bool allows = theirs->event == EV_ANY || protocol_allows(base, state, theirs->event);
    if (rule && (rule->event == theirs->event || theirs->outcome != OUT_WRONG_TIME || !allows))
        return rule;
    return protocol_rule(base, state, theirs->event, allows ? OUT_OK : OUT_WRONG_TIME);
}

static const struct dialect_row *row_of(const struct dialect *dialect, const struct rule *rule)
{
    for (size_t i = 0; i < dialect->row_count; i++)
        if (&dialect->rows[i].rule == rule)
            return &dialect->rows[i];
    return NULL;
}

bool dialect_own(const struct dialect *dialect, const struct rule *rule)
{
    return row_of(dialect, rule) != NULL;
}

bool dialect_borrows(const struct dialect *dialect, const struct rule *rule)
{
    for (size_t i = 0; i < dialect->protocol->rule_count; i++) {
        const struct rule *other = &dialect->protocol->rules[i];
        if (other->event == rule->event && other->outcome == rule->outcome && other->reply &&
            rule->outcome != OUT_OK && slice_is(slice_of(other->reply), rule->reply))
            return true;
    }
    return false;
}

const char *dialect_note(const struct dialect *dialect, const struct rule *rule)
{
    const struct dialect_row *row = row_of(dialect, rule);
    return row ? row->note : NULL;
}

slice reply_code(const char *reply)
{
    slice whole = slice_of(reply ? reply : "-"), rest = whole, first = take_word(&rest);
    if (slice_is(first, "*"))
        take_word(&rest);
    slice code = slice_upto(whole, whole.len - rest.len), more = take_word(&rest);
    bool enhanced = more.len > 2 && is_digit((unsigned char)more.at[0]) && more.at[1] == '.';
    return enhanced || slice_starts(more, "[") ? slice_upto(whole, whole.len - rest.len) : code;
}

/* --- elsewhere ------------------------------------------------------------------------------- */

/* What that server makes of an event of which ours has made this. */
static enum outcome outcome_there(const struct protocol *spoken, int state, int event,
                                  enum outcome outcome)
{
    const struct dialect *dialect = spoken->dialect;
    bool allows = protocol_allows(spoken, state, event);
    if (event < EV_VERBS)
        return outcome;
    if (outcome == OUT_SYNTAX && (dialect->ignores & VERB(event)))
        return OUT_OK;
    if (outcome == OUT_WRONG_TIME && allows)
        return OUT_OK;
    return allows ? outcome : OUT_WRONG_TIME;
}

static const struct rule *rule_there(const struct protocol *spoken, int state, int event,
                                     enum outcome outcome)
{
    if (event >= EV_VERBS && (spoken->dialect->lacks & VERB(event)))
        return protocol_rule(spoken, state, EV_UNKNOWN, OUT_UNKNOWN);
    return protocol_rule(spoken, state, event, outcome_there(spoken, state, event, outcome));
}

static slice status_of(const struct rule *rule)
{
    slice code = reply_code(rule ? rule->reply : NULL);
    return take_word(&code);
}

static void takers_add(struct buf *out, const struct protocol *base)
{
    size_t count = 0;
    for (size_t i = 1; i < DIALECTS; i++)
        if (protocol_is(base, dialects[i]->protocol) && dialects[i]->manners.takes_lf)
            buf_format(out, "%s%s", count++ ? ", " : "", dialects[i]->title);
    if (count)
        buf_add_text(out, count > 1 ? " take LF alone" : " takes LF alone");
}

void dialects_others(struct buf *out, const struct protocol *base, int state, int event,
                        enum outcome outcome)
{
    const struct rule *ours = protocol_rule(base, state, event, outcome);
    slice mine = status_of(ours);
    size_t count = 0;
    if (outcome == OUT_BARE_NEWLINE && event == EV_UNKNOWN) {
        takers_add(out, base);
        return;
    }
    for (size_t i = 1; i < DIALECTS; i++) {
        struct protocol spoken = dialect_protocol(base, dialects[i]);
        if (!ours || !ours->reply || !protocol_is(base, dialects[i]->protocol))
            continue;
        const struct rule *theirs = rule_there(&spoken, state, event, outcome);
        if (theirs && theirs->reply && !slice_equal(mine, status_of(theirs)))
            buf_format(out, "%s%s %.*s", count++ ? ", " : "", dialects[i]->title,
                       SLICE_ARG(status_of(theirs)));
    }
}
