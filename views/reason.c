/* reason.c: finds the sentence for a firing and fills in what it leaves open:
     {word}    the word that should be the command, in quotes     {first}  the line's first word
     {line}    the line                                           {fixed}  … with < and >
     {verb}    the event's name                                   {near}   what was meant
     {others}  the protocols that have the verb                   {user}   a user of the server
     {number}  the first number in the line                       {host} {port}  the server's */
#include "views/reason.h"

#include <string.h>

#include "base/words.h"
#include "servers/dialects/dialects.h"
#include "views/clean.h"
#include "views/conns.h"
#include "views/guide.h"
#include "views/template.h"
#include "views/utf8.h"

#define WORD_COLUMNS 40
#define WORDS_BYTES 4096

const struct reasons *reasons_of(const struct protocol *protocol)
{
    static const struct {
        const char *name;
        const struct reasons *reasons;
    } all[] = { { "smtp", &smtp_reasons }, { "pop3", &pop3_reasons }, { "imap", &imap_reasons },
              { "lmtp", &lmtp_reasons } };
    for (size_t i = 0; i < COUNT(all); i++)
        if (strcmp(all[i].name, protocol->name) == 0)
            return all[i].reasons;
    return NULL;
}

static bool names(const char *list, const char *name)
{
    slice rest = slice_of(list);
    for (slice word = take_word(&rest); word.len; word = take_word(&rest))
        if (slice_is(word, "*") || slice_is(word, name))
            return true;
    return false;
}

bool reason_is_for(const struct reason *reason, const struct protocol *protocol, int state,
                   int event, enum outcome outcome)
{
    return reason->outcome == outcome &&
           names(reason->event, protocol_event_name(protocol, event)) &&
           names(reason->states, protocol->states[state].name);
}

const struct reason *reason_of(const struct why_case *asked)
{
    const struct reasons *reasons = reasons_of(asked->protocol);
    for (; reasons; reasons = reasons->then)
        for (size_t i = 0; i < reasons->count; i++) {
            const struct reason *reason = &reasons->rows[i];
            if (reason_is_for(reason, asked->protocol, asked->before, asked->event,
                              asked->outcome) &&
                (!reason->fits || reason->fits(asked)))
                return reason;
        }
    return NULL;
}

/* --- filling in --------------------------------------------------------------------------- */

static void clean_word(struct buf *out, slice word)
{
    struct buf clean = BUF_MAX(WORDS_BYTES);
    clean_add_octets(&clean, slice_upto(word, WORD_COLUMNS * 4), true);
    slice fits = utf8_fit(buf_slice(&clean), WORD_COLUMNS);
    buf_format(out, "\"%.*s%s\"", SLICE_ARG(fits), fits.len < clean.len ? ".." : "");
    buf_free(&clean);
}

static void number_add(struct buf *out, slice line)
{
    slice number = SLICE_EMPTY;
    take_word(&line); /* the tag */
    while (line.len && number.len == 0) {
        number = take_while(&line, is_digit);
        line = slice_from(line, line.len ? 1 : 0);
    }
    buf_add(out, number.len ? number : SLICE("1"));
}

static void server_add(struct buf *out, const struct why_case *asked, bool port)
{
    struct conns conns = { 0 };
    if (asked->world)
        conns_read(&conns, asked->world->trace);
    const struct conn *conn = conns_find(&conns, asked->conn);
    if (port && conn)
        buf_format(out, "%u", conn->port);
    else if (conn)
        buf_add_text(out, machine_name(asked->world, conn->server));
    else
        buf_add_text(out, port ? asked->protocol->name : "mail");
    conns_free(&conns);
}

static void part_fill(void *context, struct buf *out, slice name)
{
    const struct why_case *asked = context;
    slice rest = asked->said;
    if (slice_is(name, "word"))
        clean_word(out, slip_word(asked));
    else if (slice_is(name, "first"))
        clean_word(out, take_word(&rest));
    else if (slice_is(name, "line"))
        clean_add_octets(out, asked->said, true);
    else if (slice_is(name, "verb"))
        buf_add_text(out, protocol_event_name(asked->protocol, asked->event));
    else if (slice_is(name, "near"))
        slip_near(asked, out);
    else if (slice_is(name, "user"))
        slip_user(asked, out);
    else if (slice_is(name, "fixed"))
        slip_fixed(asked, out);
    else if (slice_is(name, "others"))
        slip_others(asked, out);
    else if (slice_is(name, "number"))
        number_add(out, rest);
    else if (slice_is(name, "host") || slice_is(name, "port"))
        server_add(out, asked, slice_is(name, "port"));
    else /* a literal's {16+} */
        buf_format(out, "{%.*s}", SLICE_ARG(name));
}

static void fill(struct buf *out, const struct why_case *asked, const char *text)
{
    struct why_case filled = *asked;
    template_fill(out, text, part_fill, &filled);
}

void reason_says(struct buf *out, const struct why_case *asked)
{
    const struct reason *reason = reason_of(asked);
    fill(out, asked, reason ? reason->says : "");
    if (!reason && asked->dialect)
        buf_format(out, "%s answers so; Pennypost has no such answer.", asked->dialect->title);
}

void reason_more(struct buf *out, const struct why_case *asked)
{
    const struct reason *reason = reason_of(asked);
    bool own = asked->dialect && dialect_own(asked->dialect, asked->rule);
    if (reason && reason->more && !(own && strcmp(reason->more, NAMES_COLUMN) == 0))
        fill(out, asked, reason->more);
}

/* What the line about the state shows first, where commands are read. */
static void offer(struct buf *out, const struct why_case *asked)
{
    const struct protocol *protocol = asked->protocol;
    struct guide guide;
    if (asked->after == protocol->closed || protocol->states[asked->after].reads != READS_COMMAND)
        return;
    guide_read(&guide, protocol, asked->after, asked->facts);
    if (guide.next_count)
        buf_format(out, "%s\n", protocol->events[guide.next[0]].sample);
}

void reason_attempt(struct buf *out, const struct why_case *asked)
{
    const struct reason *reason = reason_of(asked);
    if (!reason || !reason->attempt) {
        offer(out, asked);
    } else if (reason->attempt[0]) {
        fill(out, asked, reason->attempt);
        buf_add_char(out, '\n');
    }
}

void reason_again(struct buf *out, const struct why_case *asked)
{
    fill(out, asked, "telnet {host} {port}");
}
