/* reflow.c: see reflow.h. */
#include "views/reflow.h"

#include "sim/language/command.h"
#include "views/utf8.h"

#define INDENT_MORE 2            /* of what goes on in the next line */
#define PAIR_GAP 3               /* so many blanks set a second column off, … */
#define LABEL_COLUMNS 12         /* … and less behind a label: " Means  it worked" */

/* Takes one character, or a colour; how many columns it has. */
static size_t sign_take(slice *rest)
{
    uint32_t point;
    size_t end;
    if (slice_starts(*rest, "\033[") && slice_find(*rest, 'm', &end)) {
        *rest = slice_from(*rest, end + 1);
        return 0;
    }
    if (!utf8_take(rest, &point)) {
        *rest = slice_from(*rest, 1);
        return 1;
    }
    return utf8_columns(point);
}

static size_t width_of(slice text)
{
    size_t width = 0;
    while (text.len)
        width += sign_take(&text);
    return width;
}

static size_t blanks_at(slice text)
{
    size_t count = 0;
    while (count < text.len && text.at[count] == ' ')
        count++;
    return count;
}

/* Where the first gap of a line is, behind its indent: octets up to it. False: it has none. */
static bool gap_find(slice line, size_t *at, size_t *blanks)
{
    for (size_t i = blanks_at(line); i < line.len; i++) {
        *blanks = blanks_at(slice_from(line, i));
        if (*blanks > 1 && i + *blanks < line.len) {
            *at = i;
            return true;
        }
        i += *blanks;
    }
    return false;
}

/* Under what a line goes on. */
static size_t hang_of(slice line, size_t columns)
{
    size_t at = 0, blanks = 0, other = 0, other_blanks = 0, indent = blanks_at(line);
    slice plain = line;
    if (slice_starts(line, "\033[")) /* a status line is bold */
        sign_take(&plain);
    if (slice_starts(plain, "S: ") || slice_starts(plain, "C: "))
        return 3;
    if (!gap_find(line, &at, &blanks))
        return indent;
    size_t column = width_of(slice_upto(line, at)) + blanks;
    bool only = !gap_find(slice_from(line, at + blanks), &other, &other_blanks);
    if (blanks < PAIR_GAP && (!only || column > LABEL_COLUMNS))
        return indent;
    return column <= columns / 2 ? column : columns;
}

/* As much of the text as fits: up to a gap, else a blank, else all that there is room for. */
static slice piece_take(slice *text, size_t room)
{
    slice rest = *text;
    size_t width = 0, blank = 0, gap = 0;
    while (rest.len) {
        slice before = rest;
        size_t at = text->len - before.len;
        if (before.at[0] == ' ' && at > blanks_at(*text)) {
            if (blanks_at(before) > 1 && width > room / 2)
                gap = at;
            blank = width > room / 3 ? at : blank;
            rest = slice_from(rest, blanks_at(before));
            width += blanks_at(before);
            continue;
        }
        width += sign_take(&rest);
        if (width <= room)
            continue;
        size_t end = gap ? gap : blank ? blank : at ? at : text->len - rest.len;
        slice piece = slice_upto(*text, end);
        *text = slice_from(*text, end);
        *text = slice_from(*text, blanks_at(*text));
        return piece;
    }
    slice piece = *text;
    *text = SLICE_EMPTY;
    return piece;
}

static void indent_add(struct buf *out, size_t indent)
{
    for (; indent; indent--)
        buf_add_char(out, ' ');
}

static void text_add(struct buf *out, slice text, size_t first, size_t hang, size_t columns)
{
    size_t room = columns >= hang + 8 ? columns - hang : columns;
    size_t indent = columns >= hang + 8 ? hang : 0;
    buf_add(out, piece_take(&text, columns - first));
    buf_add_char(out, '\n');
    while (text.len) {
        indent_add(out, indent);
        buf_add(out, piece_take(&text, room));
        buf_add_char(out, '\n');
    }
}

/* A second column that begins too far to the right gets lines of its own. */
static void line_add(struct buf *out, slice line, size_t columns)
{
    size_t hang = hang_of(line, columns), at = 0, blanks = 0;
    size_t indent = blanks_at(line);
    if (hang < columns) {
        text_add(out, line, 0, hang == indent && indent < 3 ? indent + INDENT_MORE : hang,
                 columns);
        return;
    }
    gap_find(line, &at, &blanks);
    text_add(out, slice_upto(line, at), 0, indent + INDENT_MORE, columns);
    indent_add(out, indent + 2 * INDENT_MORE);
    text_add(out, slice_from(line, at + blanks), indent + 2 * INDENT_MORE,
             indent + 2 * INDENT_MORE, columns);
}

void reflow_add(struct buf *out, slice drawn, size_t columns)
{
    while (drawn.len) {
        bool ended = false;
        size_t end = 0;
        ended = slice_find(drawn, '\n', &end);
        slice line = take_until(&drawn, '\n');
        size_t indent = blanks_at(line);
        /* What went on at 80 columns under a far second column. */
        if (columns < COMMAND_COLUMNS && indent > columns / 2 && indent < line.len) {
            line = slice_from(line, indent);
            indent_add(out, 2 * INDENT_MORE + 1);
            text_add(out, line, 2 * INDENT_MORE + 1, 2 * INDENT_MORE + 1, columns);
        } else if (width_of(line) > columns) {
            line_add(out, line, columns);
        } else {
            buf_add(out, line);
            if (ended)
                buf_add_char(out, '\n');
        }
    }
}

/* "Step 14" behind "... you are on it", "fetchmail-imap:" behind "... 2026-11-30)": an item of a
   list rather than the rest of one. */
static bool begins_anew(slice last, slice word)
{
    char end = last.at[last.len - 1];
    bool ended = end == '.' || end == ')' || end == ':' || end == '!' || end == '?';
    bool name = word.len > 1 && word.at[0] >= 'A' && word.at[0] <= 'Z' && word.at[1] >= 'a' &&
                word.at[1] <= 'z';
    return ended || name;
}

/* Is what follows the rest of a line that was broken at COMMAND_COLUMNS? Its first word had no room
   there. A line without a blank is broken within a word, and is no prose; a gap is a table's. */
static bool goes_on(slice last, slice text, const size_t *hang)
{
    slice next = take_until(&text, '\n'), words = next;
    size_t indent = blanks_at(next), width = width_of(last), at = 0, blanks = 0;
    slice word = take_word(&words), prose = slice_from(last, blanks_at(last));
    if (!word.len || !slice_find(prose, ' ', &at) || width > COMMAND_COLUMNS ||
        width + 1 + width_of(word) <= COMMAND_COLUMNS || gap_find(next, &at, &blanks))
        return false;
    if (hang)
        return indent == *hang;
    return indent > blanks_at(last) || (indent == blanks_at(last) && !begins_anew(last, word));
}

void reflow_join(struct buf *out, slice answer)
{
    while (answer.len) {
        slice last = take_until(&answer, '\n');
        size_t hang = 0;
        buf_add(out, last);
        for (bool more = false; goes_on(last, answer, more ? &hang : NULL); more = true) {
            last = take_until(&answer, '\n');
            hang = blanks_at(last);
            buf_add_char(out, ' ');
            buf_add(out, slice_from(last, hang));
        }
        buf_add_char(out, '\n');
    }
}

void reflow_plain(struct buf *out, slice drawn)
{
    while (drawn.len) {
        slice whole = take_until(&drawn, '\n'), line = slice_trim(whole);
        if (!line.len || slice_starts(whole, "  | "))
            continue;
        while (line.len) {
            size_t blanks = blanks_at(line);
            bool stopped = out->len && (out->at[out->len - 1] == ',' ||
                                        out->at[out->len - 1] == ':' ||
                                        out->at[out->len - 1] == '.');
            if (blanks > 1)
                buf_add_text(out, stopped ? " " : ", ");
            else if (blanks)
                buf_add_char(out, ' ');
            line = slice_from(line, blanks);
            size_t word = 0;
            while (word < line.len && line.at[word] != ' ')
                word++;
            buf_add(out, slice_upto(line, word));
            line = slice_from(line, word);
        }
        buf_add_char(out, '\n');
    }
}
