/* board.c: where each message of a person's INBOX is now: on the server
   and on every device of theirs. Read from the server's store and from the devices', as
   nobody in the world could; what has changed is told by the last board, in the trace. */
#include "views/board.h"

#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "servers/mail/address.h"
#include "servers/mail/date.h"
#include "servers/mail/header.h"
#include "servers/mail/identity.h"
#include "servers/pop3/pop3.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "sim/hosts/host.h"
#include "sim/hosts/past.h"
#include "sim/language/commands.h"
#include "views/clean.h"
#include "views/utf8.h"
#include "views/views.h"

bool board_has(const struct board_cell *cell)
{
    return cell->where == BOARD_HERE || cell->where == BOARD_ELSEWHERE ||
           cell->where == BOARD_FULL || cell->where == BOARD_HEAD;
}

/* --- gathering ------------------------------------------------------------------------------ */

static struct board_message *message_row(struct board *board, uint64_t number)
{
    size_t at = board->count;
    while (at > 0 && board->messages[at - 1].number >= number)
        at--;
    if (at < board->count && board->messages[at].number == number)
        return &board->messages[at];
    if (board->count == board->cap) {
        board->cap = board->cap ? board->cap * 2 : 64;
        board->messages = realloc(board->messages, board->cap * sizeof *board->messages);
        must(board->messages != NULL);
    }
    memmove(&board->messages[at + 1], &board->messages[at],
            (board->count - at) * sizeof *board->messages);
    board->messages[at] = (struct board_message){ .number = number };
    board->count++;
    return &board->messages[at];
}

void message_title(char title[MESSAGE_TITLE_MAX], slice block)
{
    struct header_field field;
    struct buf from = BUF_MAX(4 * HEADER_FIELD_MAX), subject = BUF_MAX(4 * HEADER_FIELD_MAX),
               clean = BUF_MAX(MESSAGE_TITLE_MAX - 1);
    if (header_find(block, "From", &field))
        sender_text(&from, field.value, SENDER_LOCAL);
    if (header_find(block, "Subject", &field))
        header_text(&subject, field.value);
    if (!slice_trim(buf_slice(&subject)).len) {
        buf_clear(&subject);
        buf_add_text(&subject, "(no subject)");
    }
    clean_add(&clean, utf8_fit(buf_slice(&from), 12), true);
    if (clean.len)
        buf_add_text(&clean, ": ");
    clean_add(&clean, utf8_fit(buf_slice(&subject), 40), true);
    field_set(title, MESSAGE_TITLE_MAX, buf_slice(&clean));
    buf_free(&from);
    buf_free(&subject);
    buf_free(&clean);
}

static void title_set(struct board_message *message, slice block)
{
    if (!message->title[0])
        message_title(message->title, block);
}

static struct board_message *message_of(struct board *board, slice identity)
{
    uint64_t number = 0;
    if (!store_message_number(board->world->store, identity, &number))
        return NULL;
    return message_row(board, number);
}

/* POP3's mark is the session's, and nobody else sees it: it stands at its device. */
static void marks_gather(const struct board *board, struct board_message *message,
                         const struct placement *row, int64_t mailbox)
{
    for (size_t i = 1; i < board->holders; i++) {
        const struct device *device = board->devices[i];
        const struct session *session =
            device->typed ? host_session(board->world, device->typed_conn) : NULL;
        message->cells[i].marked |= session && pop3_has_marked(session, mailbox, row->uid);
    }
}

static void server_message(struct board *board, const struct placement *row,
                          const struct mailbox *mailbox)
{
    const char *box = mailbox->name;
    struct store *store = board->world->store;
    struct arena arena = { 0 };
    struct buf header = BUF_MAX(HEADER_BYTES_MAX);
    struct message summary;
    if (store_message(store, row->message_key, &arena, &summary) &&
        store_message_read(store, row->message_key, 0, summary.header_bytes, &header)) {
        struct board_message *message =
            message_of(board, message_identity(&arena, buf_slice(&header)));
        bool inbox = strcmp(box, "INBOX") == 0;
        struct board_cell *cell = message ? &message->cells[0] : NULL;
        if (cell)
            cell->copies += inbox;
        if (message && (inbox || cell->where == BOARD_NOWHERE)) {
            cell->where = inbox ? BOARD_HERE : BOARD_ELSEWHERE;
            cell->flags = row->flags;
            message->size = row->size;
            FIELD_SET(cell->box, slice_upto(slice_of(box), sizeof cell->box - 1));
            title_set(message, buf_slice(&header));
        }
        if (message && inbox)
            marks_gather(board, message, row, mailbox->id);
        if (inbox) {
            board->held[0]++;
            board->octets[0] += row->size;
        }
    }
    buf_free(&header);
    arena_free(&arena);
}

static bool server_box(void *context, const struct mailbox *mailbox)
{
    struct board *board = context;
    struct placement rows[64];
    uint32_t next = 1;
    size_t count;
    while ((count = store_placements(board->world->store, mailbox->id, next, UINT32_MAX, 0, false,
                                     rows, COUNT(rows))) > 0) {
        for (size_t i = 0; i < count; i++)
            server_message(board, &rows[i], mailbox);
        if (rows[count - 1].uid == UINT32_MAX)
            break;
        next = rows[count - 1].uid + 1;
    }
    return true;
}

struct device_reading {
    struct board *board;
    size_t holder;
    const struct device_folder *folder;
};

/* What is in the INBOX counts; what is elsewhere only if it is not in the INBOX too. */
static void device_cell_set(struct board_cell *cell, const struct device_message *kept,
                            const struct device_folder *folder)
{
    bool inbox = strcmp(folder->name, "INBOX") == 0;
    cell->copies += inbox;
    if (!inbox && (cell->where != BOARD_NOWHERE || kept->gone))
        return;
    cell->where = kept->gone ? BOARD_GONE : kept->whole ? BOARD_FULL : BOARD_HEAD;
    if (!inbox)
        cell->where = BOARD_ELSEWHERE;
    FIELD_SET(cell->box, slice_upto(slice_of(folder->name), sizeof cell->box - 1));
    cell->flags = kept->flags;
    cell->header_only = !kept->whole;
}

static bool device_message_add(void *context, const struct device_message *kept)
{
    struct device_reading *reading = context;
    struct board *board = reading->board;
    struct board_message *message = message_of(board, slice_of(kept->identity));
    if (!message)
        return true;
    device_cell_set(&message->cells[reading->holder], kept, reading->folder);
    if (!message->size)
        message->size = kept->size;
    struct buf text = BUF_MAX(MESSAGE_BYTES_MAX);
    if (!message->title[0] && store_device_message_read(board->world->store, kept->id, &text))
        title_set(message, slice_upto(buf_slice(&text), header_end(buf_slice(&text))));
    buf_free(&text);
    return true;
}

static bool device_box(void *context, const struct device_folder *folder)
{
    struct device_reading *reading = context;
    reading->folder = folder;
    if (strcmp(folder->name, "INBOX") != 0)
        store_device_messages(reading->board->world->store, folder->id, device_message_add,
                              reading);
    return true;
}

static void device_gather(struct board *board, size_t holder)
{
    struct device_reading reading = { .board = board, .holder = holder };
    struct device_folder inbox;
    struct device_count count;
    struct store *store = board->world->store;
    slice device = slice_of(board->devices[holder]->name);
    if (!store_device_folder(store, device, SLICE("INBOX"), false, &inbox))
        return;
    reading.folder = &inbox;
    store_device_messages(store, inbox.id, device_message_add, &reading);
    store_device_folders(store, device, device_box, &reading);
    if (store_device_count(store, inbox.id, &count)) {
        board->held[holder] = count.messages;
        board->octets[holder] = count.octets;
        board->readable[holder] = count.whole;
    }
}

/* Was it here once? For what is nowhere now. */
static void past_gather(struct board *board, struct board_message *message)
{
    struct buf identity = BUF_MAX(MESSAGE_IDENTITY_MAX);
    bool was = false;
    store_message_identity(board->world->store, message->number, &identity);
    for (size_t i = 1; i < board->holders; i++) {
        bool held = store_device_held(board->world->store, slice_of(board->devices[i]->name),
                                      buf_slice(&identity));
        was = was || held;
        if (message->cells[i].where == BOARD_NOWHERE)
            message->cells[i].where = held ? BOARD_GONE : BOARD_NEVER;
    }
    if (message->cells[0].where == BOARD_NOWHERE)
        message->cells[0].where = was || message->was_here ? BOARD_GONE : BOARD_NEVER;
    buf_free(&identity);
}

/* Splits a row of a board where the holders begin: columns are characters. */
slice board_row_split(slice row, slice *cells, size_t column)
{
    size_t at = 0;
    uint32_t point;
    *cells = row;
    while (at < column && cells->len && utf8_take(cells, &point))
        at += utf8_columns(point);
    return slice_upto(row, row.len - cells->len);
}

/* --- what went meanwhile ------------------------------------------------------------------- */

static bool row_shows_any(slice cells)
{
    static const char *const there[] = { "here", "full", "head", "marked", "GONE" };
    size_t at;
    for (size_t i = 0; i < COUNT(there); i++)
        if (slice_find_text(cells, slice_of(there[i]), &at))
            return true;
    return false;
}

/* Messages of the last board stay, wherever they are now: what left is what one asks about. */
static void lost_add(struct board *board)
{
    slice rest = board->before;
    while (rest.len) {
        slice row = take_until(&rest, '\n'), cells, word = row;
        uint64_t number = 0;
        bool named = take_char(&word, ' ') && message_name_read(take_word(&word), &number);
        slice left = board_row_split(row, &cells, BOARD_LEFT_COLUMNS);
        if (!named || row.at[1] == ' ' || !row_shows_any(cells))
            continue;
        struct board_message *message = message_row(board, number);
        message->was_here = true;
        if (!message->title[0])
            message->left = left;
    }
}

/* What was removed from that mailbox; 0: the record tells of something else. */
static uint64_t removed_number(const struct board *board, const struct trace_record *record,
                               int64_t mailbox)
{
    uint64_t number = 0;
    bool removed = record->kind == TRACE_REMOVED && record->mailbox == mailbox;
    return removed && store_message_of(board->world->store, record->message_key, &number) ? number
                                                                                          : 0;
}

/* What was removed from the INBOX since this world was opened, on a board before or not. */
static void removed_add(struct board *board, int64_t inbox)
{
    const struct trace *trace = board->world->trace;
    for (uint64_t at = trace_first(trace); at < trace_end(trace); at++) {
        uint64_t number = removed_number(board, trace_at(trace, at), inbox);
        if (number)
            message_row(board, number)->was_here = true;
    }
}

/* What earlier sittings have removed from it: the newest are rows. What is filed away on the server
   is not gone. */
static void removed_earlier_add(struct board *board, int64_t inbox)
{
    struct past past;
    size_t shown = 0;
    (void)past_read(&past, board->world);
    for (uint64_t at = trace_end(past.trace); at-- > trace_first(past.trace);) {
        uint64_t number = removed_number(board, trace_at(past.trace, at), inbox);
        struct board_message *message = number ? message_row(board, number) : NULL;
        if (!message || message->was_here || message->left_earlier || board_has(&message->cells[0]))
            continue;
        message->left_earlier = true;
        message->was_here = shown++ < BOARD_EARLIER_MAX;
    }
    past_free(&past);
}

/* Messages that are in other folders only are no rows, but for the first time. */
static void rows_tidy(struct board *board)
{
    size_t kept = 0;
    for (size_t i = 0; i < board->count; i++) {
        struct board_message *message = &board->messages[i];
        bool row = board->everywhere || message->was_here || message->cells[0].where == BOARD_HERE;
        for (size_t holder = 1; holder < board->holders; holder++)
            row = row || (message->cells[holder].where != BOARD_NOWHERE &&
                          message->cells[holder].where != BOARD_ELSEWHERE);
        board->earlier_left_out += !row && message->left_earlier;
        if (!row)
            continue;
        past_gather(board, message);
        board->messages[kept++] = *message;
    }
    board->count = kept;
    if (board->count > BOARD_MESSAGES_MAX) {
        board->left_out = board->count - BOARD_MESSAGES_MAX;
        memmove(board->messages, board->messages + board->left_out,
                BOARD_MESSAGES_MAX * sizeof *board->messages);
        board->count = BOARD_MESSAGES_MAX;
    }
}

void board_gather(struct board *board, struct world *world, const struct user *user, slice before,
                  bool everywhere)
{
    *board = (struct board){ .world = world, .holders = 1, .before = before,
                             .everywhere = everywhere };
    FIELD_SET(board->address, slice_of(user->address));
    for (struct device *device = world->devices; device; device = device->next)
        if (strcmp(device->address, user->address) == 0 && board->holders < BOARD_HOLDERS_MAX)
            board->devices[board->holders++] = device;
    store_mailboxes(world->store, user->id, server_box, board);
    for (size_t i = 1; i < board->holders; i++)
        device_gather(board, i);
    lost_add(board);
    struct mailbox inbox;
    if (store_mailbox_find(world->store, user->id, SLICE("INBOX"), &inbox)) {
        removed_add(board, inbox.id);
        removed_earlier_add(board, inbox.id);
    }
    rows_tidy(board);
}

void board_free(struct board *board) { free(board->messages); }
