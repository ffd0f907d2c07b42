/* fold.c: see fold.h. */
#include "views/fold.h"

#include "servers/mail/header.h"

#define FOLD_LINES_MAX (1u << 20)
#define SQUEEZED_LEAST 120       /* octets: two lines of a window may be read */
#define CAPABILITIES_SHOWN 3
#define CAPABILITIES "[CAPABILITY "

/* "Subject: x": a name without a blank, and a colon. */
static bool is_field(slice line)
{
    size_t colon, blank;
    return slice_find(line, ':', &colon) && colon > 0 &&
           !(slice_find(line, ' ', &blank) && blank < colon);
}

static bool is_for_people(slice line)
{
    static const char *const names[] = { "From:", "To:", "Cc:", "Subject:", "Date:" };
    for (size_t i = 0; i < COUNT(names); i++)
        if (slice_starts_nocase(line, names[i]))
            return true;
    return false;
}

/* Behind POP3's +OK, and behind a literal's announcement, a message may begin. */
static bool announces(slice line)
{
    return slice_starts(line, "+OK") ||
           (slice_starts(line, "* ") && line.at[line.len - 1] == '}');
}

static bool is_squeezed(slice line)
{
    size_t at;
    return line.len > SQUEEZED_LEAST && slice_find_text(line, SLICE(CAPABILITIES), &at);
}

static enum fold_mark mark_in_header(struct fold *fold, slice line)
{
    bool goes_on = line.len && (line.at[0] == ' ' || line.at[0] == '\t');
    if (!line.len || (!goes_on && !is_field(line))) {
        fold->in_header = false;
        return FOLD_SHOWN;
    }
    if (!goes_on)
        fold->hidden = !is_for_people(line);
    return fold->hidden ? FOLD_HEADER : FOLD_SHOWN;
}

void fold_line(struct fold *fold, slice line)
{
    enum fold_mark mark = FOLD_SHOWN;
    if (fold->marks.max == 0)
        fold->marks = BUF_MAX(FOLD_LINES_MAX);
    if (fold->in_header)
        mark = mark_in_header(fold, line);
    else if (is_squeezed(line))
        mark = FOLD_SQUEEZED;
    if (!fold->in_header && announces(line)) {
        fold->in_header = true;
        fold->hidden = false;
    }
    buf_add_char(&fold->marks, (char)mark);
}

void fold_end(struct fold *fold)
{
    size_t shown = 0, at = 0;
    for (size_t i = 0; i < fold->marks.len; i++)
        shown += fold->marks.at[i] != FOLD_HEADER;
    if (shown <= FOLD_HEAD_LINES + FOLD_TAIL_LINES + 1)
        return;
    for (size_t i = 0; i < fold->marks.len; i++) {
        if (fold->marks.at[i] == FOLD_HEADER)
            continue;
        if (at >= FOLD_HEAD_LINES && at < shown - FOLD_TAIL_LINES)
            fold->marks.at[i] = FOLD_LEFT_OUT;
        at++;
    }
}

void fold_free(struct fold *fold) { buf_free(&fold->marks); }

enum fold_mark fold_mark(const struct fold *fold, size_t line)
{
    return line < fold->marks.len ? (enum fold_mark)fold->marks.at[line] : FOLD_SHOWN;
}

size_t fold_run(const struct fold *fold, size_t line)
{
    size_t end = line;
    while (end < fold->marks.len && fold->marks.at[end] == fold->marks.at[line])
        end++;
    return end - line;
}

void fold_squeeze(struct buf *out, slice line, const char *dots)
{
    size_t at = 0, close = 0, more = 0;
    if (!slice_find_text(line, SLICE(CAPABILITIES), &at) ||
        !slice_find(slice_from(line, at), ']', &close)) {
        buf_add(out, line);
        return;
    }
    at += sizeof CAPABILITIES - 1;
    buf_add(out, slice_upto(line, at));
    close -= sizeof CAPABILITIES - 1;
    slice words = slice_upto(slice_from(line, at), close), rest = slice_from(line, at + close);
    for (size_t i = 0; i < CAPABILITIES_SHOWN && words.len; i++) {
        slice word = take_word(&words);
        buf_format(out, "%.*s ", SLICE_ARG(word));
    }
    for (; slice_trim(words).len; more++)
        take_word(&words);
    buf_format(out, "%s %zu more (:more)%.*s", dots, more, SLICE_ARG(rest));
}
