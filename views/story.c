/* story.c: `story B`: the life of one message, from the trace: where it was put, which program
   fetched it, who removed it, and whose copy went with that; the turning point is marked.
   `why phone B`: why that device shows it or not, in a few sentences. */
#include <string.h>

#include "base/words.h"
#include "servers/mail/date.h"
#include "servers/services_table.h"
#include "servers/store/store.h"
#include "servers/store/store_device.h"
#include "sim/devices/device.h"
#include "sim/devices/device_mail.h"
#include "sim/language/commands.h"
#include "views/board.h"
#include "views/conns.h"
#include "views/earlier.h"
#include "views/views.h"
#include "views/wrap.h"

#define WHEN_COLUMN 1
#define WHO_COLUMN 15
#define WHAT_COLUMN 31
#define WHO_BYTES 64

enum when { EARLIER, NOW, WHENS };

/* A removal that made the INBOX lose it: the last one is the turning point. */
struct turning {
    const struct sight *sight;       /* NULL: none */
    uint64_t number;                 /* of the record there */
};

struct narration {
    struct call *call;
    struct world *world;
    uint64_t number;                 /* of the message */
    char name[16];                   /* B */
    struct past past;
    struct sight sights[WHENS];
    struct turning turning;
    uint64_t sitting;                /* whose events are told; 0: none yet */
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

static bool box_is_inbox(const struct narration *narration, int64_t id)
{
    struct mailbox mailbox;
    return store_mailbox_by_id(narration->world->store, id, &mailbox) &&
           strcmp(mailbox.name, "INBOX") == 0;
}

static void turning_find(struct narration *narration)
{
    for (int when = EARLIER; when < WHENS; when++) {
        const struct sight *sight = &narration->sights[when];
        const struct trace *trace = sight->trace;
        for (uint64_t number = trace_first(trace); number < trace_end(trace); number++) {
            const struct trace_record *record = trace_at(trace, number);
            if (record->kind == TRACE_REMOVED && record_is_about(narration, record) &&
                box_is_inbox(narration, record->mailbox))
                narration->turning = (struct turning){ sight, number };
        }
    }
}

static bool is_turning(const struct narration *narration, const struct sight *sight,
                       const struct trace_record *record)
{
    return narration->turning.sight == sight && narration->turning.number == record->number;
}

/* --- one event ----------------------------------------------------------------------------- */

/* "ana/phone", "mx.bakery" */
static void machine_write(struct buf *out, const struct sight *sight, uint32_t host)
{
    uint32_t machine = sight_machine(sight, host);
    const struct device *device = machine ? device_at(sight->world, machine) : NULL;
    if (device)
        buf_format(out, "%s/%s", device->person, device->name);
    else if (machine)
        machine_add_short(out, sight->world, machine);
    else
        buf_add_text(out, sight_name(sight, host));
}

/* Who took it out of a mailbox, and how. */
struct remover {
    uint32_t host;                   /* 0: nobody knows */
    const struct protocol *protocol; /* NULL: likewise */
    bool typed;
};

/* An earlier sitting's removal says it itself. */
static struct remover remover_of(const struct sight *sight, const struct trace_record *record)
{
    if (sight->past)
        return (struct remover){ record->peer, protocol_for_name(record->name), record->typed };
    const struct conn *conn = conns_find(&sight->conns, record->conn);
    return conn ? (struct remover){ conn->client, conn->protocol, conn->typed }
                : (struct remover){ 0, NULL, false };
}

static void who_write(struct buf *out, const struct sight *sight,
                      const struct trace_record *record)
{
    struct remover remover = { 0, NULL, false };
    if (record->kind == TRACE_REMOVED)
        remover = remover_of(sight, record);
    if (!remover.host && record->kind == TRACE_REMOVED && (sight->past || record->conn)) {
        buf_add_text(out, "somebody"); /* whose connection is no longer known */
        return;
    }
    machine_write(out, sight, remover.host ? remover.host : record->host);
}

static bool deletes_there(const struct narration *narration, const struct sight *sight,
                          const struct trace_record *record, uint32_t machine)
{
    return record->kind == TRACE_DEVICE && record->fact == DID_DELETE &&
           record->bytes == narration->number && sight_machine(sight, record->host) == machine;
}

/* Did the person at that device delete it there before? */
static bool was_deleted_there(const struct narration *narration, const struct sight *until,
                              uint32_t machine, uint64_t before)
{
    for (int when = EARLIER; when < WHENS; when++) {
        const struct sight *sight = &narration->sights[when];
        uint64_t end = sight == until ? before : trace_end(sight->trace);
        for (uint64_t number = trace_first(sight->trace); number < end; number++)
            if (deletes_there(narration, sight, trace_at(sight->trace, number), machine))
                return true;
        if (sight == until)
            break;
    }
    return false;
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

static void setting_write(struct buf *out, const struct sight *sight, uint32_t machine,
                          uint64_t number)
{
    const struct device *device = machine ? device_at(sight->world, machine) : NULL;
    slice words = slice_of(device ? device->program : "");
    buf_add_text(out, ", by its setting");
    if (take_prefix(&words, "pop3 ") && !sight->past && !was_set_up_since(sight->trace, number))
        buf_format(out, " \"%.*s\"", SLICE_ARG(words));
}

static bool is_pop3(const struct protocol *protocol)
{
    return protocol && strcmp(protocol->name, "pop3") == 0;
}

/* Whose wish it was: of a mail program's two reasons to say DELE the other is its setting. */
static void reason_write(struct buf *out, const struct narration *narration,
                         const struct sight *sight, const struct remover *remover,
                         const struct trace_record *record)
{
    uint32_t machine = sight_machine(sight, remover->host);
    bool device = machine && device_at(sight->world, machine);
    if (remover->typed)
        buf_add_text(out, ", by hand");
    else if (was_deleted_there(narration, sight, machine, record->number))
        buf_add_text(out, ", as it was deleted there");
    else if (device && is_pop3(remover->protocol))
        setting_write(out, sight, machine, record->number);
}

static void removed_write(struct buf *out, const struct narration *narration,
                          const struct sight *sight, const struct trace_record *record)
{
    struct remover remover = remover_of(sight, record);
    bool known = remover.protocol != NULL;
    bool moved = sight->past ? record->ok : trace_is_move(sight->trace, record);
    if (is_pop3(remover.protocol))
        buf_add_text(out, "POP3 DELE, and QUIT: removed from ");
    else
        buf_format(out, "%s%s ", known ? "IMAP: " : "", moved ? "moved out of" : "removed from");
    mailbox_owned_add(out, narration->world, record->mailbox);
    if (known && !moved)
        reason_write(out, narration, sight, &remover, record);
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
                        const struct sight *sight, const struct trace_record *record)
{
    if (record->kind == TRACE_DEVICE) {
        device_write(out, record);
    } else if (record->kind == TRACE_REMOVED) {
        removed_write(out, narration, sight, record);
    } else {
        buf_add_text(out, "put into ");
        mailbox_owned_add(out, narration->world, record->mailbox);
    }
    if (is_turning(narration, sight, record))
        buf_add_text(out, "  <== here");
}

static void pad_to(struct buf *line, size_t column)
{
    do
        buf_add_char(line, ' ');
    while (line->len < column);
}

/* Of which sitting the next events are, where there are several. */
static void sitting_say(struct narration *narration, const struct sight *sight, uint64_t number)
{
    struct buf *out = narration->call->out, words = BUF_MAX(128);
    uint64_t sitting = sight->past ? past_record_sitting(sight->past, number) : UINT64_MAX;
    if (sitting == narration->sitting || (!sight->past && !narration->sitting))
        return;
    narration->sitting = sitting;
    if (sight->past)
        earlier_add(&words, sight, sitting);
    else
        buf_add_text(&words, "in this sitting");
    slice rest = buf_slice(&words);
    buf_add_char(out, to_upper(rest.at[0]));
    buf_add(out, slice_from(rest, 1));
    buf_add_text(out, ":\n");
    buf_free(&words);
}

static void event_say(struct narration *narration, const struct sight *sight,
                      const struct trace_record *record)
{
    struct buf line = BUF_MAX(1024), what = BUF_MAX(1024), who = BUF_MAX(WHO_BYTES);
    sitting_say(narration, sight, record->number);
    buf_add_char(&line, ' ');
    date_write_day(&line, sight_ms(sight, record->t_ns));
    pad_to(&line, WHO_COLUMN - 2);
    who_write(&who, sight, record);
    buf_add(&line, slice_upto(buf_slice(&who), WHAT_COLUMN - WHO_COLUMN));
    pad_to(&line, WHAT_COLUMN - 2);
    event_write(&what, narration, sight, record);
    buf_add(narration->call->out, buf_slice(&line));
    wrap_add(narration->call->out, buf_slice(&what), line.len, WHAT_COLUMN - 2, COMMAND_COLUMNS);
    narration->told++;
    buf_free(&line);
    buf_free(&what);
    buf_free(&who);
}

/* --- story B ------------------------------------------------------------------------------- */

/* To be ended, whatever it says. */
static bool narration_begin(struct narration *narration, struct call *call, slice word)
{
    struct buf identity = BUF_MAX(MESSAGE_IDENTITY_MAX), name = BUF_MAX(sizeof narration->name - 1);
    *narration = (struct narration){ .call = call, .world = call->world };
    bool known = message_name_read(word, &narration->number) &&
                 store_message_identity(call->world->store, narration->number, &identity);
    if (known) {
        message_name_write(&name, narration->number);
        FIELD_SET(narration->name, buf_slice(&name));
        may_fail(past_read(&narration->past, call->world)); /* what failed dooms the line */
        sight_begin(&narration->sights[EARLIER], call->world, &narration->past);
        sight_begin(&narration->sights[NOW], call->world, NULL);
        turning_find(narration);
    }
    buf_free(&identity);
    buf_free(&name);
    return known || call_refuse(call, word, word.len ? "no message is called that; `board` names "
                                                       "them: A, B"
                                                     : "which message? `board` names them: A, B");
}

static void narration_end(struct narration *narration)
{
    for (int when = EARLIER; when < WHENS; when++)
        sight_end(&narration->sights[when]);
    past_free(&narration->past);
}

/* Of what is not kept nothing is said. */
static bool unknown_say(struct narration *narration)
{
    bool unknown = earlier_unknown(narration->call, &narration->past);
    unknown = earlier_left_out(narration->call, &narration->past, SLICE("mailbox "), "events") ||
              unknown;
    return earlier_left_out(narration->call, &narration->past, SLICE("device "), "events") ||
           unknown;
}

static void nothing_say(struct narration *narration, bool unknown)
{
    if (unknown)
        call_say(narration->call, "What is kept tells nothing of %s; `board` shows where it is "
                                  "now.", narration->name);
    else if (narration->world->goes_on)
        call_say(narration->call, "Nobody has done anything to %s since this world began.",
                 narration->name);
    else
        call_say(narration->call, "%s lies where it lay when this began; nobody has done anything "
                                  "to it.", narration->name);
}

static void sight_tell(struct narration *narration, const struct sight *sight)
{
    const struct trace *trace = sight->trace;
    for (uint64_t number = trace_first(trace); number < trace_end(trace); number++) {
        const struct trace_record *record = trace_at(trace, number);
        if (narration->call->out->len < COMMAND_OUTPUT_MAX - 65536 &&
            record_is_about(narration, record))
            event_say(narration, sight, record);
    }
}

bool story_run(struct call *call)
{
    struct narration narration;
    slice rest = call->args, word = take_word(&rest);
    if (slice_trim(rest).len)
        return call_refuse(call, slice_trim(rest), "story takes one message's name: story B");
    if (!narration_begin(&narration, call, word))
        return false;
    bool unknown = unknown_say(&narration);
    for (int when = EARLIER; when < WHENS; when++)
        sight_tell(&narration, &narration.sights[when]);
    if (!narration.told)
        nothing_say(&narration, unknown);
    narration_end(&narration);
    return true;
}

/* --- why phone B --------------------------------------------------------------------------- */

/* "It was removed from the server by ana/laptop, Mon  5 09:00, in an earlier sitting" */
static void turning_say(struct narration *narration)
{
    struct buf who = BUF_MAX(WHO_BYTES), when = BUF_MAX(64);
    const struct sight *sight = narration->turning.sight;
    if (sight) {
        const struct trace_record *record = trace_at(sight->trace, narration->turning.number);
        who_write(&who, sight, record);
        if (sight->past)
            date_write_moment(&when, sight_ms(sight, record->t_ns));
        else
            date_write_day(&when, sight_ms(sight, record->t_ns));
        call_say(narration->call, "It was removed from the server by %s, %s%s (`story %s`).",
                 buf_text(&who), buf_text(&when), sight->past ? ", in an earlier sitting" : "",
                 narration->name);
    } else if (unknown_say(narration)) {
        call_say(narration->call, "So who removed it is not known.");
    }
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
                           "`why phone B` tells why phone shows message B, or not (`board` names "
                           "both); `why` alone explains the last reply, `why 3` that of connection "
                           "3. `contrast` plays why mail is gone from a phone");
    if (slice_trim(rest).len)
        return call_refuse(call, slice_trim(rest), "why takes a device and a message: why phone B");
    if (!narration_begin(&narration, call, word))
        return false;
    why_say(&narration, device);
    narration_end(&narration);
    return true;
}
