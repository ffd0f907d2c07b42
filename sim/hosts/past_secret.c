/* past_secret.c: see past_secret.h. */
#include "sim/hosts/past_secret.h"

#include "base/words.h"
#include "servers/literal.h"

/* Up to behind the verb, if what stands behind it may be a password; else the whole line. */
static size_t command_shown(const struct secret *secret, slice line, slice *verb)
{
    static const char *const secretive[] = { "PASS", "APOP", "AUTH", "LOGIN", "AUTHENTICATE" };
    slice rest = line;
    if (secret->protocol->literal) /* IMAP: a tag stands before it */
        take_word(&rest);
    *verb = take_word(&rest);
    for (size_t i = 0; i < COUNT(secretive); i++)
        if (slice_is_nocase(*verb, secretive[i]))
            return line.len - rest.len;
    return SIZE_MAX;
}

static size_t client_line(struct secret *secret, const struct trace_record *line)
{
    enum reads reads = secret->protocol->states[secret->state].reads;
    uint64_t octets;
    bool within = secret->literal, waits;
    slice verb;
    secret->literal = within || (secret->protocol->literal &&
                                 literal_announced(line->text, &octets, &waits));
    if (within || reads == READS_BODY || reads == READS_OCTETS || reads == READS_ANSWER)
        return 0;
    size_t shown = command_shown(secret, line->text, &verb);
    secret->text = slice_is_nocase(verb, "RETR") || slice_is_nocase(verb, "TOP");
    secret->in_text = false;
    return shown;
}

static size_t server_line(struct secret *secret, const struct trace_record *line)
{
    if (secret->protocol->literal &&
        literal_goes_on(line->text, trace_line_length(line), &secret->octets))
        return 0;
    if (secret->in_text && !slice_is(line->text, "."))
        return 0;
    secret->in_text = secret->text && !secret->in_text && slice_starts(line->text, "+OK");
    secret->text = secret->in_text;
    return SIZE_MAX;
}

size_t secret_take(struct secret *secret, const struct trace_record *record)
{
    switch (record->kind) {
    case TRACE_OPEN:
        secret->known = true;
        secret->state = secret->protocol ? secret->protocol->first : 0;
        return SIZE_MAX;
    case TRACE_STATE:
        secret->known = true;
        secret->state = record->after;
        secret->literal = secret->literal && record->event == EV_LITERAL;
        return SIZE_MAX;
    case TRACE_LINE:
        if (!secret->protocol || !secret->known)
            return 0;
        return record->side == SIDE_CLIENT ? client_line(secret, record)
                                           : server_line(secret, record);
    default: return SIZE_MAX;
    }
}
