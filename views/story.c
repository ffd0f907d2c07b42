/* story.c: `story B`: the life of one letter, from the trace: where it was put, which program
   fetched it, who removed it, and whose copy went with that; the turning point is marked.
   `why phone B`: why that device shows it or not, in a few sentences. */
#include <string.h>

#include "base/words.h"
#include "servers/mail/date.h"
#include "servers/mail/encoding.h"
#include "servers/store/store.h"
#include "servers/store/store_device.h"
#include "sim/devices/device.h"
#include "sim/language/commands.h"
#include "views/board.h"
#include "views/conns.h"
#include "views/views.h"
#include "views/wrap.h"

#define WHEN_COLUMN 1
#define WHO_COLUMN 15
#define WHAT_COLUMN 31
#define WHO_BYTES 64

struct telling {
    struct call *call;
    struct world *world;
    uint64_t number;                 /* of the letter */
    char name[16];                   /* B */
    struct conns conns;
    uint64_t turning;                /* the record's number; UINT64_MAX: none */
    size_t told;
};

/* --- which records are about it ------------------------------------------------------------ */

static bool record_is_about(const struct telling *telling, const struct trace_record *record)
{
    uint64_t number = 0;
    if (record->kind == TRACE_DEVICE)
        return record->bytes == telling->number;
    return (record->kind == TRACE_STORED || record->kind == TRACE_REMOVED) &&
           store_letter_of(telling->world->store, record->message, &number) &&
           number == telling->number;
}

/* "ana's INBOX" */
static void box_add(struct buf *out, const struct telling *telling, int64_t id)
{
    struct mailbox mailbox;
    struct user user;
    if (!store_mailbox_by_id(telling->world->store, id, &mailbox) ||
        !store_user_by_id(telling->world->store, mailbox.user, &user)) {
        buf_add_text(out, "a mailbox that is gone");
        return;
    }
    slice rest = slice_of(user.address);
    buf_add(out, take_until(&rest, '@'));
    buf_add_text(out, "'s ");
    if (!mutf7_decode(out, slice_of(mailbox.name)))
        buf_add_text(out, mailbox.name);
}

static bool box_is_inbox(const struct telling *telling, int64_t id)
{
    struct mailbox mailbox;
    return store_mailbox_by_id(telling->world->store, id, &mailbox) &&
           strcmp(mailbox.name, "INBOX") == 0;
}

/* The removal that made the INBOX lose it, the last one. */
static void turning_find(struct telling *telling)
{
    const struct trace *trace = telling->world->trace;
    telling->turning = UINT64_MAX;
    for (uint64_t number = trace_first(trace); number < trace_end(trace); number++) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->kind == TRACE_REMOVED && record_is_about(telling, record) &&
            box_is_inbox(telling, record->mailbox))
            telling->turning = number;
    }
}

/* --- one event ----------------------------------------------------------------------------- */

static void machine_write(struct buf *out, const struct telling *telling, uint32_t host)
{
    const struct device *device = device_at(telling->world, host);
    if (device)
        buf_format(out, "%s/%s", device->person, device->name);
    else
        machine_add_short(out, telling->world, host);
}

static void who_write(struct buf *out, const struct telling *telling,
                      const struct trace_record *record)
{
    const struct conn *conn = conns_find(&telling->conns, record->conn);
    bool removed = record->kind == TRACE_REMOVED && conn;
    machine_write(out, telling, removed ? conn->client : record->host);
}

/* Did the person at that device delete it there before? */
static bool was_deleted_there(const struct telling *telling, uint32_t device, uint64_t before)
{
    const struct trace *trace = telling->world->trace;
    for (uint64_t number = trace_first(trace); number < before; number++) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->kind == TRACE_DEVICE && record->host == device &&
            record->bytes == telling->number && record->fact == DID_DELETE)
            return true;
    }
    return false;
}

/* A move puts it into the other folder right before it takes it out of this one. */
static bool is_move(const struct telling *telling, const struct trace_record *record)
{
    const struct trace *trace = telling->world->trace;
    if (record->number == trace_first(trace))
        return false;
    const struct trace_record *before = trace_at(trace, record->number - 1);
    return before->kind == TRACE_STORED && before->message == record->message;
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

static void setting_write(struct buf *out, const struct telling *telling, uint32_t host,
                          uint64_t number)
{
    const struct device *device = device_at(telling->world, host);
    slice words = slice_of(device ? device->program : "");
    buf_add_text(out, ", by its setting");
    if (take_prefix(&words, "pop3 ") && !was_set_up_since(telling->world->trace, number))
        buf_format(out, " \"%.*s\"", SLICE_ARG(words));
}

static bool is_pop3(const struct conn *conn)
{
    return conn && conn->protocol && strcmp(conn->protocol->name, "pop3") == 0;
}

/* Whose wish it was: of a mail program's two reasons to say DELE the other is its setting. */
static void reason_write(struct buf *out, const struct telling *telling, const struct conn *conn,
                         const struct trace_record *record)
{
    if (conn->typed)
        buf_add_text(out, ", by hand");
    else if (was_deleted_there(telling, conn->client, record->number))
        buf_add_text(out, ", as it was deleted there");
    else if (is_pop3(conn))
        setting_write(out, telling, conn->client, record->number);
}

static void removed_write(struct buf *out, const struct telling *telling,
                          const struct trace_record *record)
{
    const struct conn *conn = conns_find(&telling->conns, record->conn);
    bool known = conn && conn->protocol, moved = is_move(telling, record);
    if (is_pop3(conn))
        buf_add_text(out, "POP3 DELE, and QUIT: removed from ");
    else
        buf_format(out, "%s%s ", known ? "IMAP: " : "", moved ? "moved out of" : "removed from");
    box_add(out, telling, record->mailbox);
    if (known && !moved)
        reason_write(out, telling, conn, record);
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

static void event_write(struct buf *out, const struct telling *telling,
                        const struct trace_record *record)
{
    if (record->kind == TRACE_DEVICE) {
        device_write(out, record);
    } else if (record->kind == TRACE_REMOVED) {
        removed_write(out, telling, record);
    } else {
        buf_add_text(out, "put into ");
        box_add(out, telling, record->mailbox);
    }
    if (record->number == telling->turning)
        buf_add_text(out, "  <== here");
}

static void pad_to(struct buf *line, size_t column)
{
    do
        buf_add_char(line, ' ');
    while (line->len < column);
}

static void when_write(struct buf *out, const struct telling *telling,
                       const struct trace_record *record)
{
    date_write_day(out, telling->world->epoch_ms + (int64_t)(record->t_ns / NS_PER_MS));
}

static void event_say(struct telling *telling, const struct trace_record *record)
{
    struct buf line = BUF_MAX(1024), what = BUF_MAX(1024), who = BUF_MAX(WHO_BYTES);
    buf_add_char(&line, ' ');
    when_write(&line, telling, record);
    pad_to(&line, WHO_COLUMN - 2);
    who_write(&who, telling, record);
    buf_add(&line, slice_upto(buf_slice(&who), WHAT_COLUMN - WHO_COLUMN));
    pad_to(&line, WHAT_COLUMN - 2);
    event_write(&what, telling, record);
    buf_add(telling->call->out, buf_slice(&line));
    wrap_add(telling->call->out, buf_slice(&what), line.len, WHAT_COLUMN - 2, COMMAND_COLUMNS);
    telling->told++;
    buf_free(&line);
    buf_free(&what);
    buf_free(&who);
}

/* --- story B ------------------------------------------------------------------------------- */

static bool telling_begin(struct telling *telling, struct call *call, slice word)
{
    struct buf identity = BUF_MAX(LETTER_IDENTITY_MAX), name = BUF_MAX(sizeof telling->name - 1);
    *telling = (struct telling){ .call = call, .world = call->world };
    bool known = letter_name_read(word, &telling->number) &&
                 store_letter_identity(call->world->store, telling->number, &identity);
    if (known) {
        letter_name_write(&name, telling->number);
        FIELD_SET(telling->name, buf_slice(&name));
        conns_read(&telling->conns, call->world->trace);
        turning_find(telling);
    }
    buf_free(&identity);
    buf_free(&name);
    return known || call_refuse(call, word, word.len ? "no letter is called that; `board` names "
                                                       "them: A, B"
                                                     : "which letter? `board` names them: A, B");
}

bool story_run(struct call *call)
{
    struct telling telling;
    slice rest = call->args, word = take_word(&rest);
    if (slice_trim(rest).len)
        return call_refuse(call, slice_trim(rest), "story takes one letter's name: story B");
    if (!telling_begin(&telling, call, word))
        return false;
    const struct trace *trace = call->world->trace;
    for (uint64_t number = trace_first(trace); number < trace_end(trace); number++) {
        const struct trace_record *record = trace_at(trace, number);
        if (call->out->len < COMMAND_OUTPUT_MAX - 65536 && record_is_about(&telling, record))
            event_say(&telling, record);
    }
    if (!telling.told)
        call_say(call, "%s lies where it lay when this began; nobody has done anything to it.",
                 telling.name);
    conns_free(&telling.conns);
    return true;
}

/* --- why phone B --------------------------------------------------------------------------- */

/* "ana/laptop removed it there, Mon 09:00" */
static void turning_say(struct telling *telling)
{
    struct buf who = BUF_MAX(WHO_BYTES), when = BUF_MAX(64);
    if (telling->turning == UINT64_MAX)
        return;
    const struct trace_record *record = trace_at(telling->world->trace, telling->turning);
    who_write(&who, telling, record);
    when_write(&when, telling, record);
    call_say(telling->call, "It was removed from the server by %s, %s (`story %s`).",
             buf_text(&who), buf_text(&when), telling->name);
    buf_free(&who);
    buf_free(&when);
}

static void shown_say(struct telling *telling, const struct board *board,
                      const struct board_letter *letter, size_t holder)
{
    const char *device = board->devices[holder]->name, *name = telling->name;
    bool imap = slice_starts(slice_of(board->devices[holder]->program), "imap");
    bool on_server = letter->cells[0].where == BOARD_HERE;
    if (letter->cells[holder].where == BOARD_HEAD)
        call_say(telling->call, "%s shows the header of %s: its setting fetches no more; the text "
                 "stays on the server.", device, name);
    else
        call_say(telling->call, "%s shows %s: it has fetched a copy.", device, name);
    if (on_server && board_believes_otherwise(board, letter, holder))
        call_say(telling->call, "The server marks it otherwise now: the next sync tells.");
    else if (on_server)
        call_say(telling->call, "The server has it too.");
    else if (imap)
        call_say(telling->call, "The server has it no more: the next sync takes it from here too.");
    else
        call_say(telling->call, "The server has it no more; a POP3 copy is the device's own and "
                 "stays.");
    if (!on_server)
        turning_say(telling);
}

/* A letter that is nowhere now is in no board; the device remembers. */
static bool device_held(const struct telling *telling, const char *device)
{
    struct buf identity = BUF_MAX(LETTER_IDENTITY_MAX);
    bool held = store_letter_identity(telling->world->store, telling->number, &identity) &&
                store_device_held(telling->world->store, slice_of(device), buf_slice(&identity));
    buf_free(&identity);
    return held;
}

/* Where it is on the server now, if not in the INBOX. */
static void elsewhere_say(struct telling *telling, const struct board_letter *letter)
{
    if (letter && letter->cells[0].where == BOARD_ELSEWHERE)
        call_say(telling->call, "On the server it is in the folder %s.", letter->cells[0].box);
    else
        turning_say(telling);
}

static void hidden_say(struct telling *telling, const struct board *board,
                       const struct board_letter *letter, size_t holder)
{
    const char *device = board->devices[holder]->name, *name = telling->name;
    bool imap = slice_starts(slice_of(board->devices[holder]->program), "imap");
    bool on_server = letter && letter->cells[0].where == BOARD_HERE;
    bool had = letter ? letter->cells[holder].where == BOARD_GONE : device_held(telling, device);
    if (letter && letter->cells[holder].where == BOARD_ELSEWHERE)
        call_say(telling->call, "%s has %s in its folder %s, not in the INBOX.", device, name,
                 letter->cells[holder].box);
    else if (had && on_server)
        call_say(telling->call, "%s had %s and shows it no more: it was deleted or moved there, "
                 "and the server is not told yet.", device, name);
    else if (had && imap)
        call_say(telling->call, "%s had %s and shows it no more: an IMAP device is a picture of "
                 "the server, and the server has it no more in that INBOX.", device, name);
    else if (had)
        call_say(telling->call, "%s had %s, and it was deleted there.", device, name);
    else if (on_server)
        call_say(telling->call, "%s never had %s: it is on the server, and this device has not "
                 "synchronised since (`mail sync` there).", device, name);
    else
        call_say(telling->call, "%s never had %s, and it is not in that INBOX on the server.",
                 device, name);
    if (!on_server)
        elsewhere_say(telling, letter);
}

static void why_say(struct telling *telling, const struct device *device)
{
    struct board board;
    struct user user;
    const struct board_letter *letter = NULL;
    size_t holder = 1;
    if (!store_user_by_address(telling->world->store, slice_of(device->address), &user))
        return;
    board_gather(&board, telling->world, &user, SLICE_EMPTY, false);
    while (holder + 1 < board.holders && board.devices[holder] != device)
        holder++;
    for (size_t i = 0; i < board.count; i++)
        if (board.letters[i].number == telling->number)
            letter = &board.letters[i];
    bool shown = letter && (letter->cells[holder].where == BOARD_FULL ||
                            letter->cells[holder].where == BOARD_HEAD);
    if (shown)
        shown_say(telling, &board, letter, holder);
    else
        hidden_say(telling, &board, letter, holder);
    board_free(&board);
}

bool why_device_run(struct call *call)
{
    struct telling telling;
    slice rest = call->args, name = take_word(&rest), word = take_word(&rest);
    const struct device *device = device_find(call->world, name);
    if (!device)
        return call_refuse(call, name, "why alone explains the last reply; `why phone B` a letter: "
                           "no device is called that (`on` lists them)");
    if (slice_trim(rest).len)
        return call_refuse(call, slice_trim(rest), "why takes a device and a letter: why phone B");
    if (!telling_begin(&telling, call, word))
        return false;
    why_say(&telling, device);
    conns_free(&telling.conns);
    return true;
}
