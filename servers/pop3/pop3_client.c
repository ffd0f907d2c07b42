/* pop3_client.c: see pop3_client.h. What is done to messages, and how answers are read: status
   lines and lists by the line, messages as they come. What comes before the first message is
   pop3_client_opening.c. */
#include "servers/pop3/pop3_client_private.h"

#include <string.h>

#include "base/heap.h"

#define AHEAD_MAX 32 /* commands that are said before the first is answered */

const struct pop3_habit pop3_plain = { .opening = "USER PASS STAT UIDL" };

struct pop3_client *pop3_client_new(const struct pop3_job *job)
{
    struct pop3_client *client = heap_take(sizeof *client);
    client->job = job;
    client->habit = job->habit ? job->habit : &pop3_plain;
    client->opening = slice_of(client->habit->opening);
    client->promised = POP3_MESSAGES_MAX;
    client->in = BUF_MAX(POP3_REPLY_LINE_MAX);
    client->out = BUF_MAX(POP3_REPLY_LINE_MAX);
    client->reply = BUF_MAX(POP3_REPLY_LINE_MAX);
    client->greeting = BUF_MAX(POP3_REPLY_LINE_MAX);
    client->offered = BUF_MAX(POP3_REPLY_LINE_MAX);
    client->uidls = BUF_MAX(POP3_MESSAGES_MAX * POP3_UIDL_MAX);
    return client;
}

void pop3_client_free(struct pop3_client *client)
{
    if (!client)
        return;
    buf_free(&client->in);
    buf_free(&client->out);
    buf_free(&client->reply);
    buf_free(&client->greeting);
    buf_free(&client->offered);
    buf_free(&client->uidls);
    heap_give(client->entries);
    heap_give(client);
}

bool pop3_client_is_over(const struct pop3_client *client) { return client->phase == OVER; }
enum pop3_ending pop3_client_ending(const struct pop3_client *client) { return client->ending; }
slice pop3_client_reply(const struct pop3_client *client) { return buf_slice(&client->reply); }
const struct pop3_counts *pop3_client_counts(const struct pop3_client *client)
{
    return &client->counts;
}

void pop3_stop(struct pop3_client *client, enum pop3_ending ending)
{
    if (client->ending == POP3_RUNNING)
        client->ending = ending;
    client->phase = OVER;
}

void pop3_client_lost(struct pop3_client *client)
{
    if (client->phase != OVER)
        pop3_stop(client, POP3_LOST);
}

/* --- what is said --------------------------------------------------------------------------- */

void pop3_say(struct pop3_client *client, enum phase phase, const char *verb, slice argument)
{
    buf_add_text(&client->out, verb);
    if (argument.len)
        buf_add_char(&client->out, ' ');
    buf_add(&client->out, argument);
    buf_add_text(&client->out, "\r\n");
    client->phase = phase;
}

/* It ended badly, and QUIT keeps the marks of what went well: those messages are kept here. */
void pop3_quit(struct pop3_client *client, enum pop3_ending ending)
{
    client->ending = ending;
    if (client->habit->leaves)
        pop3_stop(client, POP3_DONE);
    else
        pop3_say(client, QUIT, "QUIT", SLICE_EMPTY);
}

/* --- messages, one after the other ----------------------------------------------------------- */

static struct entry *entry_now(struct pop3_client *client, size_t now)
{
    return &client->entries[client->habit->newest_first && client->pass == MESSAGES
                                ? client->count - 1 - now
                                : now];
}

static slice uidl_of(const struct pop3_client *client, const struct entry *entry)
{
    return slice_upto(slice_from(buf_slice(&client->uidls), entry->at), entry->len);
}

/* What is to be done with it in this pass; OVER: nothing. */
static enum phase entry_step(struct pop3_client *client, struct entry *entry)
{
    enum pop3_deletes deletes = client->habit->deletes;
    if ((client->pass == REMOVED_FIRST && deletes != POP3_DELE_FIRST) ||
        (client->pass == REMOVED_LAST && deletes != POP3_DELE_LAST))
        return OVER;
    if (!entry->asked)
        entry->wish = client->job->wish(client->job->context, uidl_of(client, entry));
    entry->asked = true;
    if (client->pass == MESSAGES && entry->wish.fetch)
        return client->habit->lists_each ? SIZE : RETR;
    bool removes = entry->wish.remove && (entry->kept || !entry->wish.fetch);
    bool here = client->pass != MESSAGES || deletes == POP3_DELE_EACH;
    return removes && here ? DELE : OVER;
}

static void say_entry(struct pop3_client *client, enum phase phase, const struct entry *entry)
{
    const char *top = client->habit->top;
    const char *verb = phase == SIZE            ? "LIST"
                       : phase == DELE          ? "DELE"
                       : phase == HEADER || top ? "TOP"
                                                : "RETR";
    buf_format(&client->out, "%s %u", verb, entry->number);
    if (phase == HEADER || (phase == RETR && top))
        buf_format(&client->out, " %s", phase == HEADER ? "0" : top);
    buf_add_text(&client->out, "\r\n");
    client->phase = phase;
}

/* The rest of the pass at once: they are answered in this order. */
static void say_ahead(struct pop3_client *client)
{
    size_t at = 0;
    bool offered = client->habit->pipelines &&
                   slice_find_text(buf_slice(&client->offered), SLICE("\nPIPELINING\n"), &at);
    enum phase phase = client->phase;
    if (!client->answered || !(offered || client->habit->pipelines_unasked))
        return;
    for (size_t i = client->now + 1; i < client->count && i < client->now + AHEAD_MAX; i++) {
        struct entry *entry = entry_now(client, i);
        enum phase step = entry_step(client, entry);
        if (step != OVER)
            say_entry(client, step, entry);
        client->ahead = i + 1;
    }
    client->phase = phase;
}

static bool say_pass(struct pop3_client *client)
{
    for (; client->now < client->count; client->now++) {
        struct entry *entry = entry_now(client, client->now);
        enum phase step = entry_step(client, entry);
        if (step == OVER)
            continue;
        client->phase = step;
        if (client->now >= client->ahead) {
            say_entry(client, step, entry);
            say_ahead(client);
        }
        client->answered = true;
        return true;
    }
    return false;
}

/* From here on: the next that something is to be done with, or QUIT. */
void pop3_say_next(struct pop3_client *client)
{
    for (; client->pass < PASSES; client->pass++) {
        if (say_pass(client))
            return;
        client->now = client->ahead = 0;
        client->answered = false;
    }
    pop3_quit(client, POP3_RUNNING);
}

/* One message is done with, or the server would not have it so: on to the next. */
static void next(struct pop3_client *client)
{
    client->now++;
    pop3_say_next(client);
}

/* --- status lines -------------------------------------------------------------------------- */

static void heard_message(struct pop3_client *client, bool good)
{
    struct entry *entry = entry_now(client, client->now);
    if (client->phase == SIZE) {
        say_entry(client, RETR, entry);
    } else if (good && (client->phase == RETR || client->phase == HEADER)) {
        client->place = LINE_START;
        client->phase = client->phase == RETR ? MESSAGE : HEADER_TEXT;
    } else {
        if (client->phase == RETR)
            client->counts.not_given++;
        else if (good)
            client->counts.marked++;
        else if (client->phase == DELE)
            client->counts.not_marked++;
        next(client);
    }
}

static void heard_quit(struct pop3_client *client, bool good)
{
    if (client->ending == POP3_RUNNING)
        client->ending = good ? POP3_DONE : POP3_UNSURE;
    client->phase = OVER;
}

static void heard_status(struct pop3_client *client, slice line)
{
    slice text = line;
    bool asks = client->phase == OPENING && slice_starts(client->word, "AUTH:") &&
                !slice_starts_nocase(text, "+OK") && take_prefix(&text, "+");
    bool good = !asks && take_prefix_nocase(&text, "+OK");
    if (!asks && !good && !take_prefix_nocase(&text, "-ERR")) {
        pop3_stop(client, POP3_RUBBISH);
        return;
    }
    if (client->phase != QUIT || client->ending == POP3_RUNNING) {
        buf_clear(&client->reply);
        buf_add(&client->reply, line);
    }
    text = slice_trim(text);
    if (asks) {
        pop3_heard_challenge(client, text);
    } else if (client->phase == GREETING) {
        buf_add(&client->greeting, line);
        if (good)
            pop3_say_opening(client);
        else
            pop3_heard_no(client, text);
    } else if (client->phase == OPENING) {
        pop3_heard_opening(client, good, text);
    } else if (client->phase == QUIT) {
        heard_quit(client, good);
    } else {
        heard_message(client, good);
    }
}

/* --- messages ------------------------------------------------------------------------------- */

static void message_add(struct pop3_client *client, slice octets)
{
    if (client->phase == MESSAGE && octets.len && !client->job->piece(client->job->context, octets))
        pop3_stop(client, POP3_STOPPED); /* who knows whether it ever ends */
}

static void message_end(struct pop3_client *client)
{
    struct entry *entry = entry_now(client, client->now);
    if (client->phase == HEADER_TEXT) {
        next(client);
        return;
    }
    if (!client->job->fetched(client->job->context, uidl_of(client, entry))) {
        pop3_quit(client, POP3_STOPPED);
        return;
    }
    entry->kept = true;
    client->counts.fetched++;
    if (client->habit->header_again)
        say_entry(client, HEADER, entry);
    else if (entry->wish.remove && client->habit->deletes == POP3_DELE_EACH)
        say_entry(client, DELE, entry);
    else
        next(client);
}

/* One octet where it matters; false: it is text, of the line's middle. */
static bool place_step(struct pop3_client *client, char c)
{
    enum place place = client->place;
    client->place = MIDDLE;
    if (place == LINE_START && c == '.') {
        client->place = DOT;
        return true;
    }
    if (place == DOT && c == '\r') {
        client->place = DOT_CR;
        return true;
    }
    if (place == DOT_CR && c == '\n') {
        client->place = LINE_START;
        message_end(client);
        return true;
    }
    if (place == DOT_CR) /* a line that is a dot and a CR and more: the CR was text */
        message_add(client, SLICE("\r"));
    if (c != '\r' && !(place == CR && c == '\n'))
        return false;
    message_add(client, c == '\r' ? SLICE("\r") : SLICE("\n"));
    client->place = c == '\r' ? CR : LINE_START;
    return true;
}

/* Takes octets of a message from the front. */
static void message_take(struct pop3_client *client, slice *octets)
{
    while (octets->len && (client->phase == MESSAGE || client->phase == HEADER_TEXT)) {
        if (client->place != MIDDLE && place_step(client, octets->at[0])) {
            *octets = slice_from(*octets, 1);
            continue;
        }
        const char *cr = memchr(octets->at, '\r', octets->len);
        slice run = slice_upto(*octets, cr ? (size_t)(cr - octets->at) : octets->len);
        message_add(client, run);
        *octets = slice_from(*octets, run.len);
        client->place = MIDDLE;
        if (cr) {
            message_add(client, SLICE("\r"));
            *octets = slice_from(*octets, 1);
            client->place = CR;
        }
    }
}

/* --- octets -------------------------------------------------------------------------------- */

/* A whole line, or what there is of one. */
static void line_take(struct pop3_client *client, slice *octets)
{
    size_t at = 0;
    bool ended = slice_find(*octets, '\n', &at);
    slice piece = slice_upto(*octets, ended ? at + 1 : octets->len);
    *octets = slice_from(*octets, piece.len);
    if (!buf_add(&client->in, piece)) {
        pop3_stop(client, POP3_RUBBISH);
        return;
    }
    if (!ended)
        return;
    slice line = slice_upto(buf_slice(&client->in), client->in.len - 1);
    if (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    if (client->listing)
        pop3_heard_list(client, line);
    else
        heard_status(client, line);
    buf_clear(&client->in);
}

void pop3_client_input(struct pop3_client *client, slice octets)
{
    while (octets.len && client->phase != OVER) {
        if (client->phase == MESSAGE || client->phase == HEADER_TEXT)
            message_take(client, &octets);
        else
            line_take(client, &octets);
    }
}

slice pop3_client_output(struct pop3_client *client)
{
    return slice_from(buf_slice(&client->out), client->out_sent);
}

void pop3_client_sent(struct pop3_client *client, size_t octets)
{
    client->out_sent += octets;
    must(client->out_sent <= client->out.len);
    if (client->out_sent == client->out.len) {
        buf_clear(&client->out);
        client->out_sent = 0;
    }
}
