/* pop3_client.c: see pop3_client.h. What to say after each answer, and how answers are
   read: status lines and lists by the line, messages as they come. */
#include "servers/pop3/pop3_client.h"

#include <string.h>

#include "base/heap.h"

enum phase { GREETING, USER, PASS, STAT, UIDL, LIST, RETR, MESSAGE, DELE, QUIT, OVER };

/* Where in a message its octets are: RFC 1939 3. Only CRLF ends a line. */
enum place { LINE_START, DOT, DOT_CR, MIDDLE, CR };

struct entry {
    uint32_t number;
    uint32_t at;                    /* of its unique-id in `uidls` */
    uint8_t len;
};

struct pop3_client {
    const struct pop3_job *job;
    enum phase phase;
    enum pop3_ending ending;
    struct buf in, out, reply, uidls;
    size_t out_sent;
    struct entry *entries;
    size_t count, cap, now;         /* now: the entry that is being worked at */
    uint64_t promised;              /* messages, by STAT */
    bool listing;                   /* the lines are a list's, up to its dot */
    bool remove;                    /* delete the message once it is kept */
    enum place place;
    struct pop3_counts counts;
};

struct pop3_client *pop3_client_new(const struct pop3_job *job)
{
    struct pop3_client *client = heap_take(sizeof *client);
    client->job = job;
    client->in = BUF_MAX(POP3_REPLY_LINE_MAX);
    client->out = BUF_MAX(POP3_REPLY_LINE_MAX);
    client->reply = BUF_MAX(POP3_REPLY_LINE_MAX);
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

static void end(struct pop3_client *client, enum pop3_ending ending)
{
    if (client->ending == POP3_RUNNING)
        client->ending = ending;
    client->phase = OVER;
}

void pop3_client_lost(struct pop3_client *client)
{
    if (client->phase != OVER)
        end(client, POP3_LOST);
}

/* --- what is said --------------------------------------------------------------------------- */

static void say(struct pop3_client *client, enum phase phase, const char *verb, slice argument)
{
    buf_add_text(&client->out, verb);
    if (argument.len)
        buf_add_char(&client->out, ' ');
    buf_add(&client->out, argument);
    buf_add_text(&client->out, "\r\n");
    client->phase = phase;
}

static void say_number(struct pop3_client *client, enum phase phase, const char *verb)
{
    buf_format(&client->out, "%s %u\r\n", verb, client->entries[client->now].number);
    client->phase = phase;
}

/* It ended badly, and QUIT keeps the marks of what went well: those messages are kept here. */
static void quit(struct pop3_client *client, enum pop3_ending ending)
{
    client->ending = ending;
    say(client, QUIT, "QUIT", SLICE_EMPTY);
}

static slice uidl_of(const struct pop3_client *client, const struct entry *entry)
{
    return slice_upto(slice_from(buf_slice(&client->uidls), entry->at), entry->len);
}

/* From the entry `now` on: the next that something is to be done with, or QUIT. */
static void say_next(struct pop3_client *client)
{
    for (; client->now < client->count; client->now++) {
        slice uidl = uidl_of(client, &client->entries[client->now]);
        struct pop3_wish wish = client->job->wish(client->job->context, uidl);
        client->remove = wish.remove;
        if (wish.fetch)
            say_number(client, RETR, "RETR");
        else if (wish.remove)
            say_number(client, DELE, "DELE");
        if (wish.fetch || wish.remove)
            return;
    }
    quit(client, POP3_RUNNING);
}

/* --- lists --------------------------------------------------------------------------------- */

static bool entry_add(struct pop3_client *client, uint64_t number, slice uidl)
{
    if (client->count == client->promised || !buf_add(&client->uidls, uidl))
        return false;
    if (client->count == client->cap) {
        client->cap = client->cap ? client->cap * 2 : 64;
        client->entries = heap_resize(client->entries, client->cap * sizeof *client->entries);
    }
    client->entries[client->count++] = (struct entry){
        (uint32_t)number, (uint32_t)(client->uidls.len - uidl.len), (uint8_t)uidl.len
    };
    return true;
}

/* "3 whqtswO00WBw418f9t5JxYwZ"; in LIST what follows the number is a size, and of no use. */
static bool heard_entry(struct pop3_client *client, slice line)
{
    uint64_t number = 0;
    slice uidl = SLICE_EMPTY;
    if (!take_number(&line, client->promised, &number) || number == 0)
        return false;
    if (client->phase == UIDL) {
        uidl = slice_trim(line);
        for (size_t i = 0; i < uidl.len; i++)
            if (uidl.at[i] < '!' || uidl.at[i] > '~')
                return false;
        if (uidl.len == 0 || uidl.len > POP3_UIDL_MAX)
            return false;
    }
    return entry_add(client, number, uidl);
}

static void heard_list(struct pop3_client *client, slice line)
{
    if (slice_is(line, ".")) {
        client->listing = false;
        client->counts.listed = client->count;
        client->now = 0;
        say_next(client);
    } else if (!heard_entry(client, line)) {
        end(client, POP3_RUBBISH);
    }
}

/* --- status lines -------------------------------------------------------------------------- */

static bool code_is(slice text, const char *code) { return slice_starts_nocase(text, code); }

static void heard_no(struct pop3_client *client, slice text)
{
    bool busy = code_is(text, "[IN-USE]") || code_is(text, "[LOGIN-DELAY]");
    bool login = client->phase == USER || client->phase == PASS;
    quit(client, busy ? POP3_BUSY : login ? POP3_NO_LOGIN : POP3_REFUSED);
}

static void heard_stat(struct pop3_client *client, slice text)
{
    if (!take_number(&text, POP3_MESSAGES_MAX, &client->promised))
        quit(client, POP3_RUBBISH);
    else if (client->promised == 0)
        quit(client, POP3_RUNNING);
    else
        say(client, UIDL, "UIDL", SLICE_EMPTY);
}

/* One message is done with, or the server would not have it so: on to the next. */
static void next(struct pop3_client *client)
{
    client->now++;
    say_next(client);
}

static void heard_session(struct pop3_client *client, bool good, slice text)
{
    if (!good) {
        heard_no(client, text);
        return;
    }
    if (client->phase == GREETING)
        say(client, USER, "USER", client->job->name);
    else if (client->phase == USER)
        say(client, PASS, "PASS", client->job->password);
    else if (client->phase == PASS)
        say(client, STAT, "STAT", SLICE_EMPTY);
    else
        heard_stat(client, text);
}

static void heard_message(struct pop3_client *client, bool good)
{
    if (client->phase == RETR && good) {
        client->place = LINE_START;
        client->phase = MESSAGE;
        return;
    }
    if (client->phase == RETR)
        client->counts.not_given++;
    else if (good)
        client->counts.marked++;
    else
        client->counts.not_marked++;
    next(client);
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
    bool good = take_prefix_nocase(&text, "+OK");
    if (!good && !take_prefix_nocase(&text, "-ERR")) {
        end(client, POP3_RUBBISH);
        return;
    }
    if (client->phase != QUIT || client->ending == POP3_RUNNING) {
        buf_clear(&client->reply);
        buf_add(&client->reply, line);
    }
    text = slice_trim(text);
    switch (client->phase) {
    case UIDL: /* the list follows; without unique-ids, by numbers alone */
    case LIST:
        client->listing = good;
        client->counts.no_uidl = client->counts.no_uidl || !good;
        if (!good && client->phase == UIDL)
            say(client, LIST, "LIST", SLICE_EMPTY);
        else if (!good)
            heard_no(client, text);
        return;
    case RETR:
    case DELE:
        heard_message(client, good);
        return;
    case QUIT:
        heard_quit(client, good);
        return;
    default:
        heard_session(client, good, text);
    }
}

/* --- messages ------------------------------------------------------------------------------- */

static void message_add(struct pop3_client *client, slice octets)
{
    if (client->phase == MESSAGE && octets.len &&
        !client->job->piece(client->job->context, octets))
        end(client, POP3_STOPPED); /* who knows whether it ever ends */
}

static void message_end(struct pop3_client *client)
{
    slice uidl = uidl_of(client, &client->entries[client->now]);
    if (!client->job->fetched(client->job->context, uidl)) {
        quit(client, POP3_STOPPED);
        return;
    }
    client->counts.fetched++;
    if (client->remove)
        say_number(client, DELE, "DELE");
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
    while (octets->len && client->phase == MESSAGE) {
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
        end(client, POP3_RUBBISH);
        return;
    }
    if (!ended)
        return;
    slice line = slice_upto(buf_slice(&client->in), client->in.len - 1);
    if (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    if (client->listing)
        heard_list(client, line);
    else
        heard_status(client, line);
    buf_clear(&client->in);
}

void pop3_client_input(struct pop3_client *client, slice octets)
{
    while (octets.len && client->phase != OVER) {
        if (client->phase == MESSAGE)
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
