/* board_tell.c: a drawn board in sentences: "A, bo: Lunch?, 565 B. Server: here seen." */
#include "sim/language/command.h"
#include "views/board.h"
#include "views/reflow.h"
#include "views/utf8.h"

static slice cell_take(slice row, size_t holder)
{
    slice cells, rest;
    board_row_split(row, &cells, board_column(holder));
    return slice_trim(board_row_split(cells, &rest, BOARD_HOLDER_COLUMNS));
}

/* "here new^ *!": what the signs mean, in words. */
static void cell_tell(struct buf *out, slice cell)
{
    bool changed = false, otherwise = false, flagged = false;
    for (; cell.len; cell.len--) {
        char last = cell.at[cell.len - 1];
        changed |= last == '*';
        otherwise |= last == '!';
        flagged |= last == '^';
        if (last != '*' && last != '!' && last != '^' && last != ' ')
            break;
    }
    buf_format(out, "%.*s%s%s%s", SLICE_ARG(cell), flagged ? ", flagged" : "",
               changed ? ", changed" : "", otherwise ? ", not as the server has it" : "");
}

static void row_tell(struct buf *out, slice row, slice heads)
{
    slice rest, left = slice_trim(board_row_split(row, &rest, BOARD_LEFT_COLUMNS));
    slice name = take_word(&left);
    left = slice_trim(left);
    if (row.at[1] == ' ')
        buf_format(out, "%.*s%s%.*s.", SLICE_ARG(name), left.len ? " " : "", SLICE_ARG(left));
    else
        buf_format(out, "%.*s, %.*s.", SLICE_ARG(name), SLICE_ARG(left));
    for (size_t holder = 0;; holder++) {
        slice head = cell_take(heads, holder), cell = cell_take(row, holder);
        if (!head.len)
            break;
        if (!cell.len || slice_is(cell, "-"))
            continue;
        buf_format(out, " %.*s: ", SLICE_ARG(head));
        cell_tell(out, cell);
        buf_add_char(out, '.');
    }
    buf_add_char(out, '\n');
}

static void devices_tell(struct buf *out, slice heads, slice programs)
{
    for (size_t holder = 0;; holder++) {
        slice head = cell_take(heads, holder), program = cell_take(programs, holder);
        if (!head.len)
            break;
        if (program.len)
            buf_format(out, "%.*s: %.*s. ", SLICE_ARG(head), SLICE_ARG(program));
    }
    buf_add_char(out, '\n');
}

static bool board_tell(struct buf *out, slice answer)
{
    slice rest = answer, title = take_until(&rest, '\n'), heads = SLICE_EMPTY;
    size_t at;
    if (!slice_find_text(title, SLICE(" INBOX, "), &at))
        return false;
    buf_format(out, "%.*s\n", SLICE_ARG(slice_trim(title)));
    while (rest.len) {
        slice row = take_until(&rest, '\n');
        if (slice_starts(row, "    message")) {
            heads = row;
            devices_tell(out, heads, take_until(&rest, '\n'));
        } else if (slice_starts(row, "    * ") || slice_starts(row, "    ! ") ||
                   slice_starts(row, "    ^ ")) {
            continue;
        } else if (heads.len && row.len > BOARD_LEFT_COLUMNS) {
            row_tell(out, row, heads);
        } else {
            buf_format(out, "%.*s\n", SLICE_ARG(slice_trim(row)));
        }
    }
    return true;
}

bool board_sentences(struct buf *out, slice answer)
{
    struct buf told = BUF_MAX(COMMAND_OUTPUT_MAX);
    bool is_board = board_tell(&told, answer);
    reflow_plain(out, buf_slice(&told));
    buf_free(&told);
    return is_board;
}

/* --- diff ------------------------------------------------------------------------------------ */

static slice cell_without_star(slice row, size_t holder)
{
    slice cell = cell_take(row, holder);
    if (cell.len && cell.at[cell.len - 1] == '*')
        cell = slice_trim(slice_upto(cell, cell.len - 1));
    return slice_is(cell, "-") ? SLICE("not there") : cell;
}

/* "phone: start never, now full new.": only what differs. */
static void sides_tell(struct buf *out, slice heads, slice one, slice other)
{
    slice rest;
    for (size_t holder = 0; cell_take(heads, holder).len; holder++) {
        slice head = cell_take(heads, holder), cells[] = { cell_without_star(one, holder),
                                                           cell_without_star(other, holder) };
        if (slice_equal(cells[0], cells[1]))
            continue;
        buf_format(out, " %.*s: ", SLICE_ARG(head));
        for (size_t i = 0; i < 2; i++) {
            slice side = slice_trim(board_row_split(i ? other : one, &rest, BOARD_LEFT_COLUMNS));
            buf_format(out, "%s%.*s ", i ? ", " : "", SLICE_ARG(side));
            cell_tell(out, cells[i]);
        }
        buf_add_char(out, '.');
    }
    buf_add_char(out, '\n');
}

/* One person's board, as far as it goes: a message's line, and below it one for each side. */
static void diff_board_tell(struct buf *out, slice *rest)
{
    slice heads = SLICE_EMPTY;
    while (rest->len && rest->at[0] == ' ') {
        slice row = take_until(rest, '\n');
        if (slice_starts(row, "     ")) {
            heads = row;
            continue;
        }
        buf_format(out, "%.*s.", SLICE_ARG(slice_trim(row)));
        slice one = take_until(rest, '\n'), other = take_until(rest, '\n');
        sides_tell(out, heads, one, other);
    }
}

bool diff_sentences(struct buf *out, slice answer)
{
    struct buf told = BUF_MAX(COMMAND_OUTPUT_MAX);
    bool any = false;
    while (answer.len) {
        slice line = take_until(&answer, '\n');
        bool board = slice_starts(line, "Board of ");
        if (board)
            line = slice_upto(line, line.len - (line.len > 4 ? 4 : 0)); /* " (*)" */
        buf_format(&told, "%.*s%s\n", SLICE_ARG(line), board ? ":" : "");
        if (board)
            diff_board_tell(&told, &answer);
        any |= board;
    }
    if (any)
        reflow_plain(out, buf_slice(&told));
    buf_free(&told);
    return any;
}

bool board_example(slice answer, slice *device, slice *message)
{
    slice heads = SLICE_EMPTY;
    while (answer.len) {
        slice row = take_until(&answer, '\n');
        if (slice_starts(row, "    message")) {
            heads = row;
            take_until(&answer, '\n');
        } else if (heads.len && row.len > BOARD_LEFT_COLUMNS && row.at[1] != ' ') {
            slice second = cell_take(heads, 2);
            *device = second.len ? second : cell_take(heads, 1);
            *message = take_word(&row);
            return device->len && message->len;
        }
    }
    return false;
}
