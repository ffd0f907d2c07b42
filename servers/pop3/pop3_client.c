/* pop3_client.c: see pop3_client.h. What is done to messages, and how answers are read: status
   lines and lists by the line, messages as they come. What comes before the first message is
   pop3_client_opening.c; what follows which answer is pop3_client_table.c. */
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
    client->out.text = BUF_MAX(POP3_REPLY_LINE_MAX);
    client->response = BUF_MAX(POP3_REPLY_LINE_MAX);
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
    buf_free(&client->out.text);
    buf_free(&client->response);
    buf_free(&client->reply);
    buf_free(&client->greeting);
    buf_free(&client->offered);
    buf_free(&client->uidls);
    heap_give(client->entries);
    heap_give(client);
}

bool pop3_client_is_over(const struct pop3_client *client) { return client->step == OVER; }
enum pop3_ending pop3_client_ending(const struct pop3_client *client) { return client->ending; }
slice pop3_client_reply(const struct pop3_client *client) { return buf_slice(&client->reply); }
const struct pop3_counts *pop3_client_counts(const struct pop3_client *client)
{
    return &client->counts;
}

/* Something else than an answer has come, and it ends here. */
static void ends(struct pop3_client *client, enum pop3_ending ending, int what)
{
    if (client->ending == POP3_RUNNING)
        client->ending = ending;
    client_move(&pop3_client_table, client, &client->step, what);
}

void pop3_client_lost(struct pop3_client *client)
{
    if (client->step != OVER)
        ends(client, POP3_LOST, LOST);
}

/* --- what is said --------------------------------------------------------------------------- */

void pop3_says_quit(void *own)
{
    struct pop3_client *client = own;
    buf_add_text(&client->out.text, "QUIT\r\n");
}

/* It may have ended badly: QUIT keeps the marks of what went well, for those are kept here. */
void pop3_goodbye(struct pop3_client *client, enum pop3_ending ending)
{
    bool leaves = client->habit->leaves;
    client->ending = leaves && ending == POP3_RUNNING ? POP3_DONE : ending;
    client->next = leaves ? OVER : QUIT;
}

bool pop3_is_next(void *client, int next) { return ((struct pop3_client *)client)->next == next; }

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
static uint8_t entry_step(struct pop3_client *client, struct entry *entry)
{
    enum pop3_deletes deletes = client->habit->deletes;
    if ((client->pass == REMOVED_FIRST && deletes != POP3_DELE_FIRST) ||
        (client->pass == REMOVED_LAST && deletes != POP3_DELE_LAST))
        return OVER;
    if (!entry->asked)
        entry->wish = client->job->wish(client->job->context, uidl_of(client, entry));
    entry->asked = true;
    if (client->pass == MESSAGES && entry->wish.fetch)
        return client->habit->lists_each ? LIST_1 : RETR;
    bool removes = entry->wish.remove && (entry->kept || !entry->wish.fetch);
    bool here = client->pass != MESSAGES || deletes == POP3_DELE_EACH;
    return removes && here ? DELE : OVER;
}

static void entry_say(struct pop3_client *client, int step, const struct entry *entry)
{
    const char *top = client->habit->top;
    const char *verb = step == LIST_1        ? "LIST"
                       : step == DELE        ? "DELE"
                       : step == TOP || top ? "TOP"
                                             : "RETR";
    buf_format(&client->out.text, "%s %u", verb, entry->number);
    if (step == TOP || (step == RETR && top))
        buf_format(&client->out.text, " %s", step == TOP ? "0" : top);
    buf_add_text(&client->out.text, "\r\n");
}

/* The rest of the pass at once: they are answered in this order. */
static void say_ahead(struct pop3_client *client)
{
    size_t at = 0;
    bool offered = client->habit->pipelines &&
                   slice_find_text(buf_slice(&client->offered), SLICE("\nPIPELINING\n"), &at);
    if (!client->answered || !(offered || client->habit->pipelines_unasked))
        return;
    for (size_t i = client->now + 1; i < client->count && i < client->now + AHEAD_MAX; i++) {
        struct entry *entry = entry_now(client, i);
        uint8_t step = entry_step(client, entry);
        if (step != OVER)
            entry_say(client, step, entry);
        client->ahead = i + 1;
    }
}

void pop3_says_entry(void *own)
{
    struct pop3_client *client = own;
    bool is_said = client->passes && client->now < client->ahead;
    if (!is_said)
        entry_say(client, client->step, entry_now(client, client->now));
    if (client->passes && !is_said)
        say_ahead(client);
    client->answered = client->answered || client->passes;
    client->passes = false;
}

static bool pass_find(struct pop3_client *client)
{
    for (; client->now < client->count; client->now++) {
        uint8_t step = entry_step(client, entry_now(client, client->now));
        if (step == OVER)
            continue;
        client->next = step;
        client->passes = true;
        return true;
    }
    return false;
}

void pop3_find_message(struct pop3_client *client)
{
    for (; client->pass < PASSES; client->pass++) {
        if (pass_find(client))
            return;
        client->now = client->ahead = 0;
        client->answered = false;
    }
    pop3_goodbye(client, POP3_RUNNING);
}

/* --- what is heard -------------------------------------------------------------------------- */

/* The message is here. True: something more is done with it. */
static bool message_goes_on(struct pop3_client *client)
{
    struct entry *entry = entry_now(client, client->now);
    if (!client->job->fetched(client->job->context, uidl_of(client, entry))) {
        pop3_goodbye(client, POP3_STOPPED);
        return true;
    }
    entry->kept = true;
    client->counts.fetched++;
    client->next = client->habit->header_again ? TOP : DELE;
    return client->next == TOP ||
           (entry->wish.remove && client->habit->deletes == POP3_DELE_EACH);
}

/* What is done with a message goes on, or it is the next one's turn. */
void pop3_hears_entry(void *own, int answer, slice text)
{
    struct pop3_client *client = own;
    uint8_t step = client->step;
    (void)text;
    if (step == LIST_1 || (step == MESSAGE && message_goes_on(client)))
        return;
    if (answer == GOOD && step != DELE) {
        client->place = LINE_START;
        return;
    }
    client->counts.not_given += step == RETR;
    client->counts.marked += step == DELE && answer == GOOD;
    client->counts.not_marked += step == DELE && answer != GOOD;
    client->now++;
    pop3_find_message(client);
}

void pop3_hears_quit(void *own, int answer, slice text)
{
    struct pop3_client *client = own;
    (void)text;
    if (client->ending == POP3_RUNNING)
        client->ending = answer == GOOD ? POP3_DONE : POP3_UNSURE;
}

int pop3_answer_kind(slice line)
{
    return slice_starts_nocase(line, "+OK")    ? GOOD
           : slice_starts_nocase(line, "-ERR") ? NO
           : slice_starts(line, "+")           ? ASKS
           : slice_is(line, ".")               ? END
                                               : -1;
}

static void heard_status(struct pop3_client *client, slice line)
{
    int kind = pop3_answer_kind(line);
    bool may_ask = client->step == AUTH || client->step == RESPONSE;
    if (kind != GOOD && kind != NO && !(kind == ASKS && may_ask)) {
        ends(client, POP3_RUBBISH, RUBBISH);
        return;
    }
    if (client->step != QUIT || client->ending == POP3_RUNNING) {
        buf_clear(&client->reply);
        buf_add(&client->reply, line);
    }
    if (client->step == GREETING)
        buf_add(&client->greeting, line);
    slice text = slice_from(line, kind == GOOD ? 3 : kind == NO ? 4 : 1);
    client_hear(&pop3_client_table, client, &client->step, kind, slice_trim(text));
}

/* Between the status line and the dot. */
static void heard_list(struct pop3_client *client, slice line)
{
    if (slice_is(line, "."))
        client_hear(&pop3_client_table, client, &client->step, END, SLICE_EMPTY);
    else if (!pop3_list_line(client, line))
        ends(client, POP3_RUBBISH, RUBBISH);
}

/* --- messages ------------------------------------------------------------------------------- */

static void message_add(struct pop3_client *client, slice octets)
{
    if (client->step == MESSAGE && octets.len && !client->job->piece(client->job->context, octets))
        ends(client, POP3_STOPPED, STOP); /* who knows whether it ever ends */
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
        client_hear(&pop3_client_table, client, &client->step, END, SLICE_EMPTY);
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
    while (octets->len && (client->step == MESSAGE || client->step == HEADER)) {
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
        ends(client, POP3_RUBBISH, RUBBISH);
        return;
    }
    if (!ended)
        return;
    slice line = slice_upto(buf_slice(&client->in), client->in.len - 1);
    if (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    if (client->step == LINES)
        heard_list(client, line);
    else
        heard_status(client, line);
    buf_clear(&client->in);
}

void pop3_client_input(struct pop3_client *client, slice octets)
{
    while (octets.len && client->step != OVER) {
        if (client->step == MESSAGE || client->step == HEADER)
            message_take(client, &octets);
        else
            line_take(client, &octets);
    }
}

slice pop3_client_output(struct pop3_client *client) { return client_out_left(&client->out); }

void pop3_client_sent(struct pop3_client *client, size_t octets)
{
    client_out_sent(&client->out, octets);
}
