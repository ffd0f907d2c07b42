/* imap_client.c: see imap_client.h: what is said, and how responses are cut out of what
   comes. What a response means is read in imap_client_read.c; when something may be said, and what
   is waited for, is imap_client_table.c. */
#include <stdarg.h>

#include "servers/imap/imap_client_private.h"
#include "base/heap.h"
#include "servers/literal.h"
#include "servers/mail/date.h"

struct imap_client *imap_client_new(const struct imap_owner *owner)
{
    struct imap_client *client = heap_take(sizeof *client);
    client->owner = owner;
    client->in = BUF_MAX(IMAP_RESPONSE_MAX);
    client->out.text = BUF_MAX(MESSAGE_BYTES_MAX + IMAP_CLIENT_LINE_MAX);
    client->text = BUF_MAX(IMAP_CLIENT_LINE_MAX);
    return client;
}

void imap_client_free(struct imap_client *client)
{
    if (!client)
        return;
    buf_free(&client->in);
    buf_free(&client->out.text);
    buf_free(&client->text);
    arena_free(&client->scratch);
    heap_give(client);
}

bool imap_client_is_over(const struct imap_client *client) { return client->step == OVER; }
enum imap_ending imap_client_ending(const struct imap_client *client) { return client->ending; }
slice imap_client_text(const struct imap_client *client) { return buf_slice(&client->text); }
const struct imap_facts *imap_client_facts(const struct imap_client *client)
{
    return &client->facts;
}

void imap_client_stop(struct imap_client *client, enum imap_ending ending)
{
    if (client->ending == IMAP_RUNNING)
        client->ending = ending;
    client_move(&imap_client_table, client, &client->step, STOPPED);
}

void imap_client_lost(struct imap_client *client)
{
    imap_client_stop(client, client->said_bye ? IMAP_BYE : IMAP_LOST);
}

/* --- what is said -------------------------------------------------------------------------- */

static void tag_say(struct imap_client *client, int said)
{
    must(client->step == READY);
    client_move(&imap_client_table, client, &client->step, said);
    client->facts.new_uid = client->facts.new_uidvalidity = 0;
    client->facts.try_create = false;
    buf_format(&client->out.text, "a%u ", ++client->tag);
}

void imap_says_ready(void *own)
{
    const struct imap_client *client = own;
    client->owner->answered(client->owner->context, client->answer, buf_slice(&client->text));
}

void imap_says_literal(void *own)
{
    struct imap_client *client = own;
    buf_add(&client->out.text, client->literal);
    buf_add_text(&client->out.text, "\r\n");
}

void imap_says_done(void *own)
{
    struct imap_client *client = own;
    buf_add_text(&client->out.text, "DONE\r\n");
}

void imap_say(struct imap_client *client, const char *format, ...)
{
    va_list args;
    tag_say(client, SAID);
    va_start(args, format);
    buf_format_list(&client->out.text, format, args);
    va_end(args);
    buf_add_text(&client->out.text, "\r\n");
}

bool imap_can_quote(slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < ' ' || text.at[i] > '~')
            return false;
    return text.len < IMAP_CLIENT_LINE_MAX / 4;
}

/* What a world's tables hold may be anything. */
static void quoted_add(struct imap_client *client, slice text)
{
    if (!imap_can_quote(text)) {
        imap_client_stop(client, IMAP_UNSAYABLE);
        return;
    }
    buf_add_char(&client->out.text, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '"' || text.at[i] == '\\')
            buf_add_char(&client->out.text, '\\');
        buf_add_char(&client->out.text, text.at[i]);
    }
    buf_add_char(&client->out.text, '"');
}

void imap_say_login(struct imap_client *client, slice name, slice password)
{
    tag_say(client, SAID);
    client->facts.can_known = false; /* they may change with it */
    buf_add_text(&client->out.text, "LOGIN ");
    quoted_add(client, name);
    buf_add_char(&client->out.text, ' ');
    quoted_add(client, password);
    buf_add_text(&client->out.text, "\r\n");
}

void imap_say_to(struct imap_client *client, const char *command, slice mailbox)
{
    tag_say(client, SAID);
    buf_format(&client->out.text, "%s ", command);
    quoted_add(client, mailbox);
    buf_add_text(&client->out.text, "\r\n");
}

static void selection_forget(struct imap_client *client)
{
    struct imap_facts *facts = &client->facts;
    facts->exists = facts->uidvalidity = facts->uidnext = 0;
    facts->highest_modseq = 0;
    facts->read_only = false;
}

void imap_say_select(struct imap_client *client, slice mailbox, bool to_look)
{
    selection_forget(client);
    imap_say_to(client, to_look ? "EXAMINE" : "SELECT", mailbox);
}

void imap_say_resync(struct imap_client *client, slice mailbox, uint32_t uidvalidity,
                     uint64_t modseq)
{
    selection_forget(client);
    tag_say(client, SAID);
    buf_add_text(&client->out.text, "SELECT ");
    quoted_add(client, mailbox);
    buf_format(&client->out.text, " (QRESYNC (%u %llu))\r\n", uidvalidity,
               (unsigned long long)modseq);
}

void imap_flags_write(struct buf *out, uint64_t flags)
{
    static const char *const names[] = { "\\Seen", "\\Answered", "\\Flagged", "\\Deleted",
                                         "\\Draft" };
    const char *between = "";
    buf_add_char(out, '(');
    for (size_t i = 0; i < COUNT(names); i++) {
        if (!(flags >> i & 1))
            continue;
        buf_format(out, "%s%s", between, names[i]);
        between = " ";
    }
    buf_add_char(out, ')');
}

void imap_say_append(struct imap_client *client, slice mailbox, uint64_t flags, int64_t date_ms,
                     slice message)
{
    tag_say(client, message.len ? SAID_APPEND : SAID);
    buf_add_text(&client->out.text, "APPEND ");
    quoted_add(client, mailbox);
    buf_add_char(&client->out.text, ' ');
    imap_flags_write(&client->out.text, flags);
    buf_add_text(&client->out.text, " \"");
    date_write_imap(&client->out.text, date_ms, 0);
    buf_format(&client->out.text, "\" {%zu}\r\n", message.len);
    client->literal = message;
}

void imap_say_logout(struct imap_client *client)
{
    tag_say(client, SAID_LOGOUT);
    buf_add_text(&client->out.text, "LOGOUT\r\n");
}

void imap_say_idle(struct imap_client *client)
{
    tag_say(client, SAID_IDLE);
    buf_add_text(&client->out.text, "IDLE\r\n");
}

void imap_say_done(struct imap_client *client)
{
    must(client->step == IDLING);
    client_move(&imap_client_table, client, &client->step, SAID_DONE);
}

bool imap_client_idles(const struct imap_client *client) { return client->step == IDLING; }

slice imap_client_output(struct imap_client *client) { return client_out_left(&client->out); }

void imap_client_sent(struct imap_client *client, size_t octets)
{
    client_out_sent(&client->out, octets);
}

/* --- what comes ---------------------------------------------------------------------------- */

/* "* OK …", "a1 NO …": text for people, which may end in anything. */
static bool line_is_status(slice line)
{
    static const char *const words[] = { "OK", "NO", "BAD", "BYE", "PREAUTH" };
    slice second = (take_word(&line), take_word(&line));
    for (size_t i = 0; i < COUNT(words); i++)
        if (slice_is_nocase(second, words[i]))
            return true;
    return false;
}

static void response_ended(struct imap_client *client, slice response)
{
    bool good = imap_response_heard(client, response);
    arena_reset(&client->scratch);
    if (!good || (client->step == OVER && client->ending == IMAP_RUNNING))
        imap_client_stop(client, IMAP_RUBBISH);
}

static void line_ended(struct imap_client *client)
{
    slice line = slice_from(buf_slice(&client->in), client->line_at);
    uint64_t octets = 0;
    line.len--;
    if (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    bool text = client->line_at == 0 && line_is_status(line), waits = false;
    if (!text && literal_announced(line, &octets, &waits) && waits && octets <= UINT32_MAX) {
        client->literal_left = octets;
        client->line_at = client->in.len + (size_t)octets;
        return;
    }
    response_ended(client, slice_upto(buf_slice(&client->in), client->line_at + line.len));
    buf_clear(&client->in);
    if (client->in.cap > IMAP_CLIENT_LINE_MAX)
        buf_free(&client->in);
    client->line_at = 0;
}

void imap_client_input(struct imap_client *client, slice octets)
{
    while (octets.len && client->step != OVER) {
        size_t at = 0;
        bool in_literal = client->literal_left > 0;
        bool ended = !in_literal && slice_find(octets, '\n', &at);
        size_t len = ended ? at + 1 : octets.len;
        if (in_literal && len > client->literal_left)
            len = (size_t)client->literal_left;
        slice piece = slice_upto(octets, len);
        octets = slice_from(octets, len);
        if (!buf_add(&client->in, piece)) {
            imap_client_stop(client, IMAP_RUBBISH);
            return;
        }
        if (in_literal)
            client->literal_left -= len;
        else if (ended)
            line_ended(client);
    }
}
