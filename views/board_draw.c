/* board_draw.c: the command `board`: draws what board.c has gathered, 80 columns wide; and the
   board that is shown by itself after each step. */
#include "views/board.h"

#include <string.h>

#include "base/words.h"
#include "servers/mail/date.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "sim/devices/device_mail.h"
#include "sim/language/commands.h"
#include "views/front.h"
#include "views/utf8.h"
#include "views/views.h"

/* --- cells --------------------------------------------------------------------------------- */

static bool is_imap(const struct device *device)
{
    return mail_words_are_imap(slice_of(device->program));
}

/* An IMAP device is a picture of the server, and it is old. A POP3 device has its own. */
bool board_believes_otherwise(const struct board *board, const struct board_message *message,
                              size_t holder)
{
    const struct board_cell *here = &message->cells[holder], *there = &message->cells[0];
    if (holder == 0 || !is_imap(board->devices[holder]))
        return false;
    bool has = here->where == BOARD_FULL || here->where == BOARD_HEAD;
    bool server_has = there->where == BOARD_HERE;
    if (has != server_has)
        return has || here->where == BOARD_GONE || here->where == BOARD_ELSEWHERE;
    return has && ((here->flags ^ there->flags) & FLAG_SYSTEM) != 0;
}

void board_cell_write(struct buf *out, const struct board_message *message, size_t holder)
{
    static const char *const words[] = {
        [BOARD_NOWHERE] = "", [BOARD_HERE] = "here", [BOARD_ELSEWHERE] = "",
        [BOARD_FULL] = "full", [BOARD_HEAD] = "head", [BOARD_GONE] = "gone",
        [BOARD_NEVER] = "never",
    };
    const struct board_cell *cell = &message->cells[holder];
    bool there = cell->where == BOARD_HERE || cell->where == BOARD_FULL ||
                 cell->where == BOARD_HEAD;
    if (cell->marked) {
        buf_add_text(out, "marked");
        return;
    }
    if (cell->where == BOARD_ELSEWHERE)
        buf_format(out, "/%.*s", BOARD_STATE_COLUMNS - 1, cell->box);
    else if (there && (cell->flags & FLAG_DELETED))
        buf_add_text(out, "marked");
    else if (holder == 0 && cell->where == BOARD_GONE)
        buf_add_text(out, "GONE");
    else
        buf_add_text(out, words[cell->where]);
    if (there && !(cell->flags & FLAG_DELETED))
        buf_format(out, " %s%s", cell->flags & FLAG_SEEN ? "seen" : "new",
                   cell->flags & FLAG_FLAGGED ? "^" : "");
    if (cell->copies > 1)
        buf_format(out, "x%u", cell->copies);
}

/* --- drawing ------------------------------------------------------------------------------- */

static void title_draw(struct buf *out, const struct board *board, struct buf *line)
{
    struct buf right = BUF_MAX(ADDRESS_MAX + 64);
    buf_format(&right, "%s INBOX, ", board->address);
    date_write_short(&right, (int64_t)world_now_ms(board->world));
    utf8_pad(line, right.len < COMMAND_COLUMNS ? COMMAND_COLUMNS - right.len : 0);
    buf_add(line, buf_slice(&right));
    utf8_line_end(line, out);
    buf_free(&right);
}

size_t board_column(size_t n) { return BOARD_LEFT_COLUMNS + BOARD_HOLDER_COLUMNS * n; }

static void head_draw(struct buf *out, const struct board *board, struct buf *line, size_t first,
                      size_t end)
{
    buf_add_text(line, "    message");
    for (size_t i = first; i < end; i++) {
        utf8_pad(line, board_column(i - first));
        bool offline = i > 0 && !net_is_online(board->world->net, board->devices[i]->host);
        buf_format(line, "%.*s", offline ? 8 : 12, i == 0 ? "server" : board->devices[i]->name);
        buf_add_text(line, offline ? " OFF" : "");
    }
    utf8_line_end(line, out);
    for (size_t i = first > 0 ? first : 1; i < end; i++) {
        utf8_pad(line, board_column(i - first));
        buf_format(line, "%.12s", board->devices[i]->program);
    }
    utf8_line_end(line, out);
}

/* What the last board showed in that place, if it had the same columns. */
static bool cell_changed(const struct board *board, uint64_t number, size_t holder, slice state)
{
    struct buf key = BUF_MAX(32);
    slice rest = board->before;
    bool changed = false;
    buf_add_char(&key, ' ');
    message_name_write(&key, number);
    buf_add_char(&key, ' ');
    size_t block = holder / BOARD_HOLDERS_A_ROW, found = 0;
    while (rest.len) {
        slice row = take_until(&rest, '\n');
        if (!slice_equal(slice_upto(row, key.len), buf_slice(&key)) || found++ != block)
            continue;
        size_t column = board_column(holder % BOARD_HOLDERS_A_ROW);
        slice cell;
        board_row_split(row, &cell, column);
        changed = !slice_equal(slice_trim(slice_upto(cell, BOARD_STATE_COLUMNS)), state);
        buf_free(&key);
        return changed;
    }
    buf_free(&key);
    return board->before.len > 0;
}

static void left_draw(const struct board_message *message, struct buf *line)
{
    struct buf size = BUF_MAX(32);
    if (message->left.len) {
        buf_add(line, message->left);
        return;
    }
    buf_add_char(line, ' ');
    message_name_write(line, message->number);
    buf_add_char(line, ' ');
    bool known = message->size || message->title[0];
    if (known)
        size_write(&size, message->size);
    slice title = slice_of(known ? message->title : "(no copy is left)");
    buf_add(line, utf8_fit(title, BOARD_LEFT_COLUMNS - 3 - size.len - line->len));
    utf8_pad(line, BOARD_LEFT_COLUMNS - 2 - size.len);
    buf_add(line, buf_slice(&size));
    buf_free(&size);
}

static void row_draw(struct buf *out, struct board *board, const struct board_message *message,
                     struct buf *line, size_t first, size_t end)
{
    struct buf state = BUF_MAX(64);
    size_t at;
    left_draw(message, line);
    for (size_t i = first; i < end; i++) {
        buf_clear(&state);
        board_cell_write(&state, message, i);
        utf8_pad(line, board_column(i - first));
        buf_add(line, buf_slice(&state));
        utf8_pad(line, board_column(i - first) + BOARD_STATE_COLUMNS);
        bool changed = cell_changed(board, message->number, i, buf_slice(&state));
        bool otherwise = board_believes_otherwise(board, message, i);
        buf_add_text(line, changed ? "*" : "");
        buf_add_text(line, otherwise ? "!" : "");
        board->any_changed |= changed;
        board->any_flagged |= slice_find(buf_slice(&state), '^', &at);
        board->any_otherwise |= otherwise;
    }
    utf8_line_end(line, out);
    buf_free(&state);
}

static void totals_draw(struct buf *out, const struct board *board, struct buf *line,
                        size_t first, size_t end)
{
    struct buf size = BUF_MAX(32);
    buf_add_text(line, "    held");
    for (size_t i = first; i < end; i++) {
        buf_clear(&size);
        size_write(&size, board->octets[i]);
        utf8_pad(line, board_column(i - first));
        buf_format(line, "%-3llu%s", (unsigned long long)board->held[i], buf_text(&size));
    }
    utf8_line_end(line, out);
    buf_add_text(line, "    readable offline");
    for (size_t i = first; i < end; i++) {
        utf8_pad(line, board_column(i - first));
        if (i == 0)
            buf_add_char(line, '-');
        else
            buf_add_number(line, board->readable[i]);
    }
    utf8_line_end(line, out);
    buf_free(&size);
}

static void board_draw(struct buf *out, struct board *board)
{
    struct buf line = BUF_MAX(4096);
    title_draw(out, board, &line);
    for (size_t first = 0; first < board->holders; first += BOARD_HOLDERS_A_ROW) {
        size_t end = first + BOARD_HOLDERS_A_ROW < board->holders ? first + BOARD_HOLDERS_A_ROW
                                                            : board->holders;
        head_draw(out, board, &line, first, end);
        for (size_t i = 0; i < board->count; i++)
            row_draw(out, board, &board->messages[i], &line, first, end);
        totals_draw(out, board, &line, first, end);
    }
    if (board->count == 0)
        buf_add_text(out, "    No message is in that INBOX or on those devices.\n");
    if (board->left_out)
        buf_format(out, "    and %zu older messages\n", board->left_out);
    if (board->earlier_left_out)
        buf_format(out, "    and %zu more that earlier sittings have removed\n",
                   board->earlier_left_out);
    if (board->any_flagged)
        buf_add_text(out, "    ^ flagged: `mail flag`, or \\Flagged\n");
    if (board->any_changed)
        buf_add_text(out, "    * changed since the last board\n");
    if (board->any_otherwise)
        buf_add_text(out, "    ! believes otherwise than the server\n");
    buf_free(&line);
}

/* --- the command --------------------------------------------------------------------------- */

/* The last board of the same person with the same columns; its text lives in the trace. */
static slice board_before(const struct trace *trace, const struct user *user)
{
    struct buf address = BUF_MAX(ADDRESS_MAX + 16);
    slice before = SLICE_EMPTY;
    size_t at;
    buf_format(&address, "%s INBOX, ", user->address);
    for (uint64_t number = trace_end(trace); number > trace_first(trace) && !before.len; number--) {
        const struct trace_record *record = trace_at(trace, number - 1);
        if (record->kind != TRACE_ANSWER || !slice_is(record->name, "board"))
            continue;
        slice rest = record->text, title = take_until(&rest, '\n');
        if (slice_find_text(title, buf_slice(&address), &at))
            before = record->text;
    }
    buf_free(&address);
    return before;
}

static bool board_user(struct call *call, slice word, struct user *user)
{
    struct store *store = call->world->store;
    if (!word.len && !call->device)
        return call_refuse(call, word, "whose? board ana@campus.example");
    if (!word.len)
        word = slice_of(call->device->address);
    if (store_user_by_address(store, word, user))
        return true;
    for (const struct device *device = call->world->devices; device; device = device->next)
        if (slice_is(word, device->person) || slice_is(word, device->name))
            return store_user_by_address(store, slice_of(device->address), user);
    return call_refuse(call, word, "no person of that name (`users` lists them)");
}

static void board_add(struct buf *out, struct world *world, const struct user *user, slice before)
{
    struct board board;
    board_gather(&board, world, user, before, false);
    board_draw(out, &board);
    board_free(&board);
}

/* Whose board is shown from now on, whenever it has changed; off: nobody's. */
static bool board_watches(struct call *call, slice rest)
{
    struct front *front = call->world->front;
    slice word = take_word(&rest);
    struct user user;
    if (slice_trim(rest).len)
        return call_refuse(call, slice_trim(rest), "board --watch takes one person, or off");
    bool off = slice_is(word, "off");
    if (!off && !board_user(call, word, &user))
        return false;
    if (front)
        FIELD_SET(front->watched, off ? SLICE_EMPTY : slice_of(user.address));
    if (front)
        buf_clear(&front->watched_text);
    call_say(call, off ? "The board is shown when you ask for it."
                       : "The board is shown after each step that changes it "
                         "(`board --watch off` ends that).");
    return true;
}

bool board_run(struct call *call)
{
    struct user user;
    slice rest = call->args, word = take_word(&rest);
    if (slice_is(word, "--watch"))
        return board_watches(call, rest);
    if (slice_trim(rest).len)
        return call_refuse(call, slice_trim(rest), "board takes one person");
    if (!board_user(call, word, &user))
        return false;
    board_add(call->out, call->world, &user, board_before(call->world->trace, &user));
    return true;
}

/* The board's rows: all but its title, in which the time goes on. */
static slice board_rows(slice text)
{
    take_until(&text, '\n');
    return text;
}

void board_watch(struct buf *out, struct world *world, struct front *front)
{
    struct user user;
    struct buf text = BUF_MAX(COMMAND_OUTPUT_MAX), plain = BUF_MAX(COMMAND_OUTPUT_MAX);
    if (front->watched[0] && store_user_by_address(world->store, slice_of(front->watched), &user)) {
        board_add(&text, world, &user, buf_slice(&front->watched_text));
        board_add(&plain, world, &user, SLICE_EMPTY);
        if (front->watched_text.max == 0)
            front->watched_text = BUF_MAX(COMMAND_OUTPUT_MAX);
        if (!slice_equal(board_rows(buf_slice(&plain)),
                         board_rows(buf_slice(&front->watched_text)))) {
            buf_add(out, buf_slice(&text));
            buf_clear(&front->watched_text);
            buf_add(&front->watched_text, buf_slice(&plain));
        }
    }
    buf_free(&text);
    buf_free(&plain);
}
