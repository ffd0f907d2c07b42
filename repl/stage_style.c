/* stage_style.c: see stage_style.h. */
#include "repl/stage_style.h"

#include "views/clean.h"

#define BOLD "\033[1m"
#define REVERSED "\033[1;7m"
#define ENDS "\033[0m"

static bool line_is_bold(slice line)
{
    static const char *const begins[] = { "STEP ", " ASK ", " YOU SAID", " shows", " AT THE END",
                                          " With " };
    for (size_t i = 0; i < COUNT(begins); i++)
        if (slice_starts(line, begins[i]))
            return true;
    return false;
}

/* Where the cell begins whose star is there: behind a bar or two blanks. */
static size_t cell_begin(slice line, size_t star)
{
    size_t at = star;
    for (; at > 2; at--)
        if (line.at[at - 1] == ' ' && (line.at[at - 2] == ' ' || line.at[at - 2] == '|'))
            break;
    return at;
}

static void piece_add(struct buf *out, const char *style, slice piece)
{
    buf_add_text(out, style);
    buf_add(out, piece);
    buf_add_text(out, ENDS);
}

/* "GONE *" is reversed, "GONE" bold. */
static void row_add(struct buf *out, slice line)
{
    size_t done = 0, star = 0, gone = 0;
    while (slice_find(slice_from(line, done), '*', &star)) {
        size_t end = done + star + 1, begin = cell_begin(line, done + star);
        buf_add(out, slice_from(slice_upto(line, begin > done ? begin : done), done));
        piece_add(out, REVERSED, slice_from(slice_upto(line, end), begin > done ? begin : done));
        done = end;
    }
    while (slice_find_text(slice_from(line, done), SLICE("GONE"), &gone)) {
        buf_add(out, slice_from(slice_upto(line, done + gone), done));
        piece_add(out, BOLD, SLICE("GONE"));
        done += gone + 4;
    }
    buf_add(out, slice_from(line, done));
}

void stage_style(struct buf *out, slice drawn, bool colour)
{
    while (drawn.len) {
        slice line = take_until(&drawn, '\n');
        bool row = line.len > 2 && line.at[0] == ' ' && line.at[1] >= 'A' && line.at[1] <= 'Z' &&
                   line.at[2] == ' ';
        if (colour && line_is_bold(line))
            piece_add(out, BOLD, line);
        else if (colour && row)
            row_add(out, line);
        else
            buf_add(out, line);
        buf_add_char(out, '\n');
    }
}

/* "5", "five". */
static bool number_read(slice word, uint64_t *number)
{
    static const char *const words[] = { "zero", "one", "two",   "three", "four", "five",
                                         "six",  "seven", "eight", "nine", "ten" };
    slice rest = word;
    if (take_number(&rest, UINT32_MAX, number) && !rest.len)
        return true;
    for (size_t i = 0; i < COUNT(words); i++)
        if (slice_is_nocase(word, words[i])) {
            *number = i;
            return true;
        }
    *number = 0;
    return slice_is_nocase(word, "none") || slice_is_nocase(word, "nothing");
}

static void verdict_add(struct buf *out, bool right, bool utf8)
{
    if (utf8)
        buf_add_text(out, right ? " \u2713" : " \u2717");
    else
        buf_add_text(out, right ? " (right)" : " (wrong)");
}

void stage_votes(struct buf *out, slice said, int64_t truth, bool utf8)
{
    bool first = true;
    uint64_t number = 0, votes = 0;
    while (slice_trim(said).len) {
        slice rest = take_word(&said), answer = take_until(&rest, ':');
        buf_add_text(out, first ? "" : rest.len ? ", " : " ");
        clean_add(out, answer, utf8);
        if (take_number(&rest, UINT32_MAX, &votes))
            buf_format(out, " x%llu", (unsigned long long)votes);
        if (truth >= 0 && number_read(answer, &number))
            verdict_add(out, number == (uint64_t)truth, utf8);
        first = false;
    }
}
