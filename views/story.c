/* story.c: `story B`: the life of one message, from the trace: where it was put, which program
   fetched it, who removed it, and whose copy went with that; the turning point is marked.
   `why phone B`: why that device shows it or not, in a few sentences. */
#include <string.h>

#include "base/words.h"
#include "servers/mail/date.h"
#include "servers/mail/encoding.h"
#include "servers/store/store.h"
#include "servers/store/store_device.h"
#include "sim/devices/device.h"
#include "sim/devices/device_mail.h"
#include "sim/language/commands.h"
#include "views/board.h"
#include "views/conns.h"
#include "views/views.h"
#include "views/wrap.h"

#define WHEN_COLUMN 1
#define WHO_COLUMN 15
#define WHAT_COLUMN 31
#define WHO_BYTES 64

struct narration {
    struct call *call;
    struct world *world;
    uint64_t number;                 /* of the message */
    char name[16];                   /* B */
    struct conns conns;
    uint64_t turning;                /* the record's number; UINT64_MAX: none */
    size_t told;
};

/* --- which records are about it ------------------------------------------------------------ */

static bool record_is_about(const struct narration *narration, const struct trace_record *record)
{
    uint64_t number = 0;
    if (record->kind == TRACE_DEVICE)
        return record->bytes == narration->number;
    return (record->kind == TRACE_STORED || record->kind == TRACE_REMOVED) &&
           store_message_of(narration->world->store, record->message_key, &number) &&
           number == narration->number;
}

/* "ana's INBOX" */
static void box_add(struct buf *out, const struct narration *narration, int64_t id)
{
    struct mailbox mailbox;
    struct user user;
    if (!store_mailbox_by_id(narration->world->store, id, &mailbox) ||
        !store_user_by_id(narration->world->store, mailbox.user, &user)) {
        buf_add_text(out, "a mailbox that is gone");
        return;
    }
    slice rest = slice_of(user.address);
    buf_add(out, take_until(&rest, '@'));
    buf_add_text(out, "'s ");
    if (!mutf7_decode(out, slice_of(mailbox.name)))
        buf_add_text(out, mailbox.name);
}

static bool box_is_inbox(const struct narration *narration, int64_t id)
{
    struct mailbox mailbox;
    return store_mailbox_by_id(narration->world->store, id, &mailbox) &&
           strcmp(mailbox.name, "INBOX") == 0;
}

/* The removal that made the INBOX lose it, the last one. */
static void turning_find(struct narration *narration)
{
    const struct trace *trace = narration->world->trace;
    narration->turning = UINT64_MAX;
    for (uint64_t number = trace_first(trace); number < trace_end(trace); number++) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->kind == TRACE_REMOVED && record_is_about(narration, record) &&
            box_is_inbox(narration, record->mailbox))
            narration->turning = number;
    }
}

/* --- one event ----------------------------------------------------------------------------- */

static void machine_write(struct buf *out, const struct narration *narration, uint32_t host)
{
    const struct device *device = device_at(narration->world, host);
    if (device)
        buf_format(out, "%s/%s", device->person, device->name);
    else
        machine_add_short(out, narration->world, host);
}

static void who_write(struct buf *out, const struct narration *narration,
                      const struct trace_record *record)
{
    const struct conn *conn = conns_find(&narration->conns, record->conn);
    bool removed = record->kind == TRACE_REMOVED && conn;
    machine_write(out, narration, removed ? conn->client : record->host);
}

/* Did the person at that device delete it there before? */
static bool was_deleted_there(const struct narration *narration, uint32_t device, uint64_t before)
{
    const struct trace *trace = narration->world->trace;
    for (uint64_t number = trace_first(trace); number < before; number++) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->kind == TRACE_DEVICE && record->host == device &&
            record->bytes == narration->number && record->fact == DID_DELETE)
            return true;
    }
    return false;
}

/* A move puts it into the other folder right before it takes it out of this one. */
static bool is_move(const struct narration *narration, const struct trace_record *record)
{
    const struct trace *trace = narration->world->trace;
    if (record->number == trace_first(trace))
        return false;
    const struct trace_record *before = trace_at(trace, record->number - 1);
    return before->kind == TRACE_STORED && before->message_key == record->message_key;
}

/* Has anybody typed a `setup` since? Then today's words may not be those of then. */
static bool was_set_up_since(const struct trace *trace, uint64_t number)
{
    for (size_t at; number < trace_end(trace); number++) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->kind == TRACE_INPUT && slice_find_text(record->text, SLICE("setup"), &at))
            return true;
    }
    return false;
}

static void setting_write(struct buf *out, const struct narration *narration, uint32_t host,
                          uint64_t number)
{
    const struct device *device = device_at(narration->world, host);
    slice words = slice_of(device ? device->program : "");
    buf_add_text(out, ", by its setting");
    if (take_prefix(&words, "pop3 ") && !was_set_up_since(narration->world->trace, number))
        buf_format(out, " \"%.*s\"", SLICE_ARG(words));
}

static bool is_pop3(const struct conn *conn)
{
    return conn && conn->protocol && strcmp(conn->protocol->name, "pop3") == 0;
}

/* Whose wish it was: of a mail program's two reasons to say DELE the other is its setting. */
static void reason_write(struct buf *out, const struct narration *narration,
                         const struct conn *conn, const struct trace_record *record)
{
    if (conn->typed)
        buf_add_text(out, ", by hand");
    else if (was_deleted_there(narration, conn->client, record->number))
        buf_add_text(out, ", as it was deleted there");
    else if (is_pop3(conn))
        setting_write(out, narration, conn->client, record->number);
}

static void removed_write(struct buf *out, const struct narration *narration,
                          const struct trace_record *record)
{
    const struct conn *conn = conns_find(&narration->conns, record->conn);
    bool known = conn && conn->protocol, moved = is_move(narration, record);
    if (is_pop3(conn))
        buf_add_text(out, "POP3 DELE, and QUIT: removed from ");
    else
        buf_format(out, "%s%s ", known ? "IMAP: " : "", moved ? "moved out of" : "removed from");
    box_add(out, narration, record->mailbox);
    if (known && !moved)
        reason_write(out, narration, conn, record);
}

static void device_write(struct buf *out, const struct trace_record *record)
{
    static const char *const told[DEVICE_FACTS] = {
        [DID_FETCH] = "fetched a copy; the server keeps its own",
        [DID_FETCH_HEADER] = "fetched its header, no more",
        [DID_DROP] = "dropped its copy: the server has it no more",
        [DID_DELETE] = "deleted here; the next sync tells the server",
        [DID_SEND] = "handed over, taken by its server",
        [DID_LOSE] = "lost with the device",
        [DID_IMPORT] = "came from a file",
        [DID_MISS] = "could not be read: only its header is here",
    };
    buf_add_text(out, told[record->fact]);
}

static void event_write(struct buf *out, const struct narration *narration,
                        const struct trace_record *record)
{
    if (record->kind == TRACE_DEVICE) {
        device_write(out, record);
    } else if (record->kind == TRACE_REMOVED) {
        removed_write(out, narration, record);
    } else {
        buf_add_text(out, "put into ");
        box_add(out, narration, record->mailbox);
    }
    if (record->number == narration->turning)
        buf_add_text(out, "  <== here");
}

static void pad_to(struct buf *line, size_t column)
{
    do
        buf_add_char(line, ' ');
    while (line->len < column);
}

static void when_write(struct buf *out, const struct narration *narration,
                       const struct trace_record *record)
{
    date_write_day(out, narration->world->epoch_ms + (int64_t)(record->t_ns / NS_PER_MS));
}

static void event_say(struct narration *narration, const struct trace_record *record)
{
    struct buf line = BUF_MAX(1024), what = BUF_MAX(1024), who = BUF_MAX(WHO_BYTES);
    buf_add_char(&line, ' ');
    when_write(&line, narration, record);
    pad_to(&line, WHO_COLUMN - 2);
    who_write(&who, narration, record);
    buf_add(&line, slice_upto(buf_slice(&who), WHAT_COLUMN - WHO_COLUMN));
    pad_to(&line, WHAT_COLUMN - 2);
    event_write(&what, narration, record);
    buf_add(narration->call->out, buf_slice(&line));
    wrap_add(narration->call->out, buf_slice(&what), line.len, WHAT_COLUMN - 2, COMMAND_COLUMNS);
    narration->told++;
    buf_free(&line);
    buf_free(&what);
    buf_free(&who);
}

/* --- story B ------------------------------------------------------------------------------- */

static bool narration_begin(struct narration *narration, struct call *call, slice word)
{
    struct buf identity = BUF_MAX(MESSAGE_IDENTITY_MAX), name = BUF_MAX(sizeof narration->name - 1);
    *narration = (struct narration){ .call = call, .world = call->world };
    bool known = message_name_read(word, &narration->number) &&
                 store_message_identity(call->world->store, narration->number, &identity);
    if (known) {
        message_name_write(&name, narration->number);
        FIELD_SET(narration->name, buf_slice(&name));
        conns_read(&narration->conns, call->world->trace);
        turning_find(narration);
    }
    buf_free(&identity);
    buf_free(&name);
    return known || call_refuse(call, word, word.len ? "no message is called that; `board` names "
                                                       "them: A, B"
                                                     : "which message? `board` names them: A, B");
}

/* Of what is not kept nothing is said. */
static bool unknown_say(struct narration *narration)
{
    struct buf when = BUF_MAX(64);
    bool unknown = unknown_before(&when, narration->world);
    if (unknown)
        call_say(narration->call,
                 "What happened to %s before %s is not kept; `board` shows where it is now.",
                 narration->name, buf_text(&when));
    buf_free(&when);
    return unknown;
}

bool story_run(struct call *call)
{
    struct narration narration;
    slice rest = call->args, word = take_word(&rest);
    if (slice_trim(rest).len)
        return call_refuse(call, slice_trim(rest), "story takes one message's name: story B");
    if (!narration_begin(&narration, call, word))
        return false;
    const struct trace *trace = call->world->trace;
    bool unknown = unknown_say(&narration);
    for (uint64_t number = trace_first(trace); number < trace_end(trace); number++) {
        const struct trace_record *record = trace_at(trace, number);
        if (call->out->len < COMMAND_OUTPUT_MAX - 65536 && record_is_about(&narration, record))
            event_say(&narration, record);
    }
    if (!narration.told)
        call_say(call, unknown ? "Since then nobody has done anything to %s."
                               : "%s lies where it lay when this began; nobody has done anything "
                                 "to it.",
                 narration.name);
    conns_free(&narration.conns);
    return true;
}

/* --- why phone B --------------------------------------------------------------------------- */

/* "ana/laptop removed it there, Mon 09:00" */
static void turning_say(struct narration *narration)
{
    struct buf who = BUF_MAX(WHO_BYTES), when = BUF_MAX(64);
    if (narration->turning == UINT64_MAX) {
        if (unknown_before(&when, narration->world))
            call_say(narration->call, "Who removed it is not known: what happened before %s is not "
                     "kept.", buf_text(&when));
        buf_free(&who);
        buf_free(&when);
        return;
    }
    const struct trace_record *record = trace_at(narration->world->trace, narration->turning);
    who_write(&who, narration, record);
    when_write(&when, narration, record);
    call_say(narration->call, "It was removed from the server by %s, %s (`story %s`).",
             buf_text(&who), buf_text(&when), narration->name);
    buf_free(&who);
    buf_free(&when);
}

static void shown_say(struct narration *narration, const struct board *board,
                      const struct board_message *message, size_t holder)
{
    const char *device = board->devices[holder]->name, *name = narration->name;
    bool imap = mail_words_are_imap(slice_of(board->devices[holder]->program));
    bool on_server = message->cells[0].where == BOARD_HERE;
    if (message->cells[holder].where == BOARD_HEAD)
        call_say(narration->call,
                 "%s shows the header of %s: its setting fetches no more; the text "
                 "stays on the server.",
                 device, name);
    else
        call_say(narration->call, "%s shows %s: it has fetched a copy.", device, name);
    if (on_server && board_believes_otherwise(board, message, holder))
        call_say(narration->call, "The server marks it otherwise now: the next sync tells.");
    else if (on_server)
        call_say(narration->call, "The server has it too.");
    else if (imap)
        call_say(narration->call,
                 "The server has it no more: the next sync takes it from here too.");
    else
        call_say(narration->call, "The server has it no more; a POP3 copy is the device's own and "
                 "stays.");
    if (!on_server)
        turning_say(narration);
}

/* A message that is nowhere now is in no board; the device remembers. */
static bool device_held(const struct narration *narration, const char *device)
{
    struct buf identity = BUF_MAX(MESSAGE_IDENTITY_MAX);
    bool held = store_message_identity(narration->world->store, narration->number, &identity) &&
                store_device_held(narration->world->store, slice_of(device), buf_slice(&identity));
    buf_free(&identity);
    return held;
}

/* Where it is on the server now, if not in the INBOX. */
static void elsewhere_say(struct narration *narration, const struct board_message *message)
{
    if (message && message->cells[0].where == BOARD_ELSEWHERE)
        call_say(narration->call, "On the server it is in the folder %s.", message->cells[0].box);
    else
        turning_say(narration);
}

static void hidden_say(struct narration *narration, const struct board *board,
                       const struct board_message *message, size_t holder)
{
    const char *device = board->devices[holder]->name, *name = narration->name;
    bool imap = mail_words_are_imap(slice_of(board->devices[holder]->program));
    bool on_server = message && message->cells[0].where == BOARD_HERE;
    bool had = message ? message->cells[holder].where == BOARD_GONE
                       : device_held(narration, device);
    if (message && message->cells[holder].where == BOARD_ELSEWHERE)
        call_say(narration->call, "%s has %s in its folder %s, not in the INBOX.", device, name,
                 message->cells[holder].box);
    else if (had && on_server)
        call_say(narration->call, "%s had %s and shows it no more: it was deleted or moved there, "
                 "and the server is not told yet.", device, name);
    else if (had && imap)
        call_say(narration->call, "%s had %s and shows it no more: an IMAP device is a picture of "
                 "the server, and the server has it no more in that INBOX.", device, name);
    else if (had)
        call_say(narration->call, "%s had %s, and it was deleted there.", device, name);
    else if (on_server)
        call_say(narration->call, "%s never had %s: it is on the server, and this device has not "
                 "synchronised since (`mail sync` there).", device, name);
    else
        call_say(narration->call, "%s never had %s, and it is not in that INBOX on the server.",
                 device, name);
    if (!on_server)
        elsewhere_say(narration, message);
}

static void why_say(struct narration *narration, const struct device *device)
{
    struct board board;
    struct user user;
    const struct board_message *message = NULL;
    size_t holder = 1;
    if (!store_user_by_address(narration->world->store, slice_of(device->address), &user))
        return;
    board_gather(&board, narration->world, &user, SLICE_EMPTY, false);
    while (holder + 1 < board.holders && board.devices[holder] != device)
        holder++;
    for (size_t i = 0; i < board.count; i++)
        if (board.messages[i].number == narration->number)
            message = &board.messages[i];
    bool shown = message && (message->cells[holder].where == BOARD_FULL ||
                            message->cells[holder].where == BOARD_HEAD);
    if (shown)
        shown_say(narration, &board, message, holder);
    else
        hidden_say(narration, &board, message, holder);
    board_free(&board);
}

bool why_device_run(struct call *call)
{
    struct narration narration;
    slice rest = call->args, name = take_word(&rest), word = take_word(&rest);
    const struct device *device = device_find(call->world, name);
    if (!device)
        return call_refuse(call, name,
                           "why alone explains the last reply, `why 3` that of connection 3, "
                           "`why phone B` a message: no device is called that (`on` lists them)");
    if (slice_trim(rest).len)
        return call_refuse(call, slice_trim(rest), "why takes a device and a message: why phone B");
    if (!narration_begin(&narration, call, word))
        return false;
    why_say(&narration, device);
    conns_free(&narration.conns);
    return true;
}
