/* points.c: after an act, the view that shows what it changed: one line, once each, so that a
   beginner finds the board, and the board the story. In a lesson the lesson points. And, each time,
   that an act which has no answer is done. */
#include <string.h>

#include "base/said.h"
#include "base/words.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "views/board.h"
#include "views/exchange.h"
#include "views/guide.h"
#include "views/wrap.h"

#define STUCK_AFTER 3 /* lines in a row that a server refused */

enum point { POINT_SENT, POINT_SYNCED, POINT_REMOVED, POINT_BOARD, POINT_WHY, POINT_CONTRAST,
             POINT_STUCK };

/* How a command is typed now: behind a colon while connected. */
static const char *colon(const struct exchange *exchange)
{
    const struct device *device = exchange->world->here;
    return device && device->typed_open ? ":" : "";
}

static void point_add(struct exchange *exchange, enum point point, const char *words)
{
    struct front *front = exchange->front;
    if (front->pointed & (1u << point))
        return;
    front->pointed |= 1u << point;
    buf_add_text(exchange->out, "   ");
    wrap_add(exchange->out, slice_of(words), 3, 3, front->look.columns);
}

/* Whose mailbox got a message in this exchange; false: nobody's. */
static bool receiver_find(const struct exchange *exchange, struct user *user)
{
    struct mailbox mailbox;
    for (uint64_t number = exchange->from; number < exchange->to; number++) {
        const struct trace_record *record = trace_at(exchange->world->trace, number);
        if (record->kind == TRACE_STORED &&
            store_mailbox_by_id(exchange->world->store, record->mailbox, &mailbox) &&
            strcmp(mailbox.name, "INBOX") == 0)
            return store_user_by_id(exchange->world->store, mailbox.user, user);
    }
    return false;
}

static const struct device *device_of_address(const struct world *world, const char *address)
{
    const struct device *device = world->devices;
    while (device && strcmp(device->address, address) != 0)
        device = device->next;
    return device;
}

/* A message that one has sent is somewhere now: there it can be looked at. */
static void point_to_receiver(struct exchange *exchange)
{
    struct user user;
    if (!receiver_find(exchange, &user))
        return;
    const struct device *device = device_of_address(exchange->world, user.address);
    struct buf words = BUF_MAX(512);
    if (device) {
        buf_format(&words, "see it there:  %sboard %s  and, as %s:  %son %s", colon(exchange),
                   device->person, device->person, colon(exchange), device->name);
        buf_add_text(&words, "  mail sync  mail list");
        point_add(exchange, POINT_SENT, buf_text(&words));
    }
    buf_free(&words);
}

static void point_to_board(struct exchange *exchange, enum point point)
{
    struct buf words = BUF_MAX(128);
    buf_format(&words, "see it:  %sboard  shows where each message is now", colon(exchange));
    point_add(exchange, point, buf_text(&words));
    buf_free(&words);
}

static void point_to_message(struct exchange *exchange, slice board)
{
    struct buf words = BUF_MAX(256);
    slice device, message;
    if (board_example(board, &device, &message)) {
        buf_format(&words, "one message:  %sstory %.*s  tells its life,  ", colon(exchange),
                   SLICE_ARG(message));
        buf_format(&words, "%swhy %.*s %.*s  why it is there", colon(exchange), SLICE_ARG(device),
                   SLICE_ARG(message));
        point_add(exchange, POINT_BOARD, buf_text(&words));
    }
    buf_free(&words);
}

/* `why phone B`; `why 3` is about no message. */
static void point_to_story(struct exchange *exchange, slice rest)
{
    struct buf words = BUF_MAX(128);
    take_word(&rest);
    slice message = take_word(&rest);
    buf_format(&words, "its whole life:  %sstory %.*s", colon(exchange), SLICE_ARG(message));
    if (message.len)
        point_add(exchange, POINT_WHY, buf_text(&words));
    buf_free(&words);
}

static void point_for_answer(struct exchange *exchange, const struct trace_record *record,
                             slice typed)
{
    take_char(&typed, ':');
    take_word(&typed);
    slice rest = slice_trim(typed);
    if (slice_is(record->name, "mail") && slice_is(rest, "sync"))
        point_to_board(exchange, POINT_SYNCED);
    else if (slice_is(record->name, "mail") && slice_starts(rest, "write "))
        point_to_receiver(exchange);
    else if (slice_is(record->name, "board") && !slice_starts(rest, "--"))
        point_to_message(exchange, record->text);
    else if (slice_is(record->name, "why") && rest.len)
        point_to_story(exchange, rest);
    else if (slice_is(record->name, "contrast"))
        point_add(exchange, POINT_CONTRAST, "your turn:  on phone  mail sync  and then  board");
}

/* Where one sees what a sentence of the world's language has done: it has no answer of its own. */
static void done_say(struct exchange *exchange, const struct trace_record *record, slice typed)
{
    static const struct {
        const char *command, *look;
    } looks[] = {
        { "set", "hosts" }, { "host", "hosts" }, { "user", "users" }, { "mailbox", "users" },
        { "message", "users" }, { "device", "on" }, { "setup", "on" }, { "mx", "dig mx" },
        { "txt", "dig txt" }, { "srv", "dig srv" }, { "link", NULL },
    };
    if (record->text.len)
        return;
    take_char(&typed, ':');
    take_word(&typed);
    slice name = word_peek(typed);
    for (size_t i = 0; i < COUNT(looks); i++) {
        if (!slice_is(record->name, looks[i].command))
            continue;
        bool person = slice_is(record->name, "set") && slice_find(name, '@', &(size_t){ 0 });
        const char *look = person ? "users" : looks[i].look;
        bool asks_dns = look && slice_starts(slice_of(look), "dig ");
        buf_add_text(exchange->out, SAID("Done."));
        if (look) {
            buf_add_char(exchange->out, ' ');
            buf_format(exchange->out, SAID("See it:  %s"), colon(exchange));
            buf_format(exchange->out, "%s%s%.*s", look, asks_dns ? " " : "",
                       SLICE_ARG(asks_dns ? name : SLICE_EMPTY));
        }
        buf_add_char(exchange->out, '\n');
        return;
    }
}

/* Who is refused again and again does not know what to say. */
static void refusals_count(struct exchange *exchange, const struct trace_record *record)
{
    struct front *front = exchange->front;
    front->refused = outcome_is_good(record->outcome) ? 0 : front->refused + 1;
    if (front->refused == STUCK_AFTER)
        point_add(exchange, POINT_STUCK, "no way on?  :help  says what is legal here,  :why  "
                                         "what was wrong,  :close  leaves");
}

void points_add(struct exchange *exchange)
{
    const struct world *world = exchange->world;
    slice typed = SLICE_EMPTY;
    if (!exchange->front->points)
        return;
    for (uint64_t number = exchange->from; number < exchange->to; number++) {
        const struct trace_record *record = trace_at(world->trace, number);
        const struct conn *conn = conns_find(&exchange->front->conns, record->conn);
        bool mine = conn && conn->typed && conn->client == exchange->device;
        if (record->kind == TRACE_INPUT)
            typed = record->text;
        if (record->kind == TRACE_ANSWER && record->ok)
            done_say(exchange, record, typed);
        if (world->sitting)
            continue;
        if (record->kind == TRACE_STATE && mine)
            refusals_count(exchange, record);
        if (record->kind == TRACE_STATE && mine && record->event == EV_DOT &&
            record->outcome == OUT_OK)
            point_to_receiver(exchange);
        else if (record->kind == TRACE_REMOVED && mine)
            point_to_board(exchange, POINT_REMOVED);
        else if (record->kind == TRACE_ANSWER && record->ok)
            point_for_answer(exchange, record, typed);
    }
}
