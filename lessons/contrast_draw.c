/* contrast_draw.c: a step of a contrast as text: for each setting a small board, what was said,
   what it means, and the cost so far. The table at the end is contrast_table.c's. */
#include <string.h>

#include "lessons/contrast.h"
#include "base/words.h"
#include "views/utf8.h"
#include "views/wrap.h"

#define LEFT_COLUMNS 14
#define LEFT_COLUMNS_WIDE 26         /* from WIDE_COLUMNS on: with the message's size */
#define WIDE_COLUMNS 110
#define HOLDER_COLUMNS_MIN 6         /* "here *" */
#define HOLDER_COLUMNS_MAX 13
#define FLAGS_COLUMNS 11             /* "full seen *" */
#define SAID_LINES 3
#define SO_LINES 4                   /* if the screen is full; more where there is room */
#define SO_LINES_MAX 16
#define ROWS_BESIDES 11              /* of a step: all but messages and `so`; a line to type on */
#define WIRE_ROWS_MIN 6              /* fewer lines of a conversation tell nothing */

struct drawing {
    struct buf *out;
    const struct contrast *contrast;
    size_t step;
    size_t columns, left, block;     /* block: of a setting, with its bar */
    size_t first, end;               /* the settings of this row of boards */
    size_t messages, so_lines;        /* so many rows at most; 0 messages: all */
    struct buf line;
};

static void line_end(struct drawing *drawing)
{
    utf8_line_end(&drawing->line, drawing->out);
}

static void bar(struct drawing *drawing, size_t variant)
{
    utf8_pad(&drawing->line, drawing->left + drawing->block * (variant - drawing->first));
    buf_add_text(&drawing->line, "| ");
}

static const struct frame *frame_of(const struct drawing *drawing, size_t variant)
{
    return &drawing->contrast->variants[variant]->frames[drawing->step];
}

/* Where a holder's column begins in its setting's block; what is left over goes to the first. */
static size_t holder_at(const struct drawing *drawing, size_t holder)
{
    size_t room = drawing->block - 2, holders = drawing->contrast->holders;
    if (room / holders >= HOLDER_COLUMNS_MAX)
        return holder * HOLDER_COLUMNS_MAX;
    return (holder * room + holders - 1) / holders;
}

static void holder_pad(struct drawing *drawing, size_t variant, size_t holder)
{
    utf8_pad(&drawing->line, drawing->left + drawing->block * (variant - drawing->first) + 2 +
                               holder_at(drawing, holder));
}

static size_t holder_columns(const struct drawing *drawing, size_t holder)
{
    return holder_at(drawing, holder + 1) - holder_at(drawing, holder);
}

/* Wide enough for "full seen *"; else a word, a dot and a star. */
static bool shows_words(const struct drawing *drawing)
{
    return holder_columns(drawing, 0) > FLAGS_COLUMNS;
}

/* --- heads --------------------------------------------------------------------------------- */

static void title_draw(struct drawing *drawing, const char *keys)
{
    const struct story *story = drawing->contrast->story;
    struct buf *line = &drawing->line;
    size_t keys_columns = keys ? strlen(keys) : 0;
    if (drawing->step)
        buf_format(line, "STEP %zu of %zu: ", drawing->step, story->step_count);
    slice title = slice_of(drawing->step ? story->steps[drawing->step - 1].title
                           : story->title[0]     ? story->title
                                                 : story->name);
    size_t room = drawing->columns - utf8_width(buf_slice(line));
    buf_add(line, utf8_fit(title, room));
    if (keys && utf8_width(buf_slice(line)) + 3 + keys_columns > drawing->columns)
        line_end(drawing);
    if (keys)
        utf8_pad(line, drawing->columns - keys_columns);
    buf_add_text(line, keys ? keys : "");
    line_end(drawing);
}

static void heads_draw(struct drawing *drawing)
{
    struct buf title = BUF_MAX(128);
    buf_add_text(&drawing->line, " message");
    for (size_t i = drawing->first; i < drawing->end; i++) {
        buf_clear(&title);
        contrast_name_write(&title, drawing->contrast, drawing->contrast->variants[i],
                            drawing->block - 3);
        bar(drawing, i);
        buf_add(&drawing->line, utf8_fit(buf_slice(&title), drawing->block - 3));
    }
    line_end(drawing);
    if (!shows_words(drawing))
        buf_add_text(&drawing->line, " .new *changed");
    for (size_t i = drawing->first; i < drawing->end; i++) {
        bar(drawing, i);
        for (size_t holder = 0; holder < drawing->contrast->holders; holder++) {
            holder_pad(drawing, i, holder);
            buf_add(&drawing->line, utf8_fit(slice_of(contrast_holder(drawing->contrast, holder)),
                                             holder_columns(drawing, holder) - 1));
        }
    }
    line_end(drawing);
    buf_free(&title);
}

/* --- messages ------------------------------------------------------------------------------- */

/* The next message's number after that one, in any setting; 0: none. */
static uint64_t number_after(const struct drawing *drawing, uint64_t number)
{
    uint64_t next = 0;
    for (size_t i = 0; i < drawing->contrast->variant_count; i++) {
        const struct frame *frame = frame_of(drawing, i);
        for (size_t row = 0; row < frame->row_count; row++)
            if (frame->rows[row].number > number && (!next || frame->rows[row].number < next))
                next = frame->rows[row].number;
    }
    return next;
}

static void message_draw(struct drawing *drawing, uint64_t number)
{
    const struct frame_row *row = NULL;
    struct buf *line = &drawing->line, size = BUF_MAX(32);
    for (size_t i = 0; !row && i < drawing->contrast->variant_count; i++)
        row = frame_row(frame_of(drawing, i), number);
    if (!row)
        return;
    if (drawing->left == LEFT_COLUMNS_WIDE)
        size_write(&size, row->size);
    buf_add_char(line, ' ');
    message_name_write(line, number);
    buf_add_char(line, ' ');
    size_t room = drawing->left - 1 - size.len - line->len - (size.len > 0);
    buf_add(line, utf8_fit(slice_of(row->title), room));
    if (size.len)
        utf8_pad(line, drawing->left - 1 - size.len);
    buf_add(line, buf_slice(&size));
    buf_free(&size);
}

static void cells_draw(struct drawing *drawing, size_t variant, uint64_t number)
{
    const struct frame_row *row = frame_row(frame_of(drawing, variant), number);
    bar(drawing, variant);
    for (size_t holder = 0; holder < drawing->contrast->holders; holder++) {
        struct buf cell = BUF_MAX(64);
        size_t columns = holder_columns(drawing, holder);
        bool changed = row && row->changed[holder];
        if (row)
            contrast_cell_write(&cell, row, holder, shows_words(drawing));
        if (cell.len == 0)
            buf_add_char(&cell, '-');
        holder_pad(drawing, variant, holder);
        buf_add(&drawing->line, utf8_fit(buf_slice(&cell), changed ? columns - 1 : columns));
        if (changed)
            buf_add_text(&drawing->line, cell.len + 3 <= columns ? " *" : "*");
        buf_free(&cell);
    }
}

/* If there is no room for all the newest are shown. */
static void messages_draw(struct drawing *drawing, size_t room)
{
    size_t count = 0, left_out = 0;
    for (uint64_t number = 0; (number = number_after(drawing, number)) != 0;)
        count++;
    if (room && count > room)
        left_out = count - room + 1;
    if (left_out) {
        buf_format(&drawing->line, " and %zu older messages", left_out);
        line_end(drawing);
    }
    for (uint64_t number = 0; (number = number_after(drawing, number)) != 0;) {
        if (left_out && left_out--)
            continue;
        message_draw(drawing, number);
        for (size_t i = drawing->first; i < drawing->end; i++)
            cells_draw(drawing, i, number);
        line_end(drawing);
    }
}

/* --- words --------------------------------------------------------------------------------- */

static slice line_of(slice text, size_t number)
{
    slice line = SLICE_EMPTY;
    for (size_t i = 0; i <= number; i++)
        line = take_until(&text, '\n');
    return line;
}

/* One text a setting, each in its own column. */
static void words_draw(struct drawing *drawing, const char *label, struct buf *texts,
                       size_t lines_max)
{
    struct buf wrapped[STORY_VARIANTS_MAX];
    size_t lines = 1;
    for (size_t i = drawing->first; i < drawing->end; i++) {
        wrapped[i] = BUF_MAX(2 * CONTRAST_TEXT_MAX);
        wrap_add(&wrapped[i], buf_slice(&texts[i]), 0, 0, drawing->block - 3);
        size_t count = 0;
        for (size_t at = 0; at < wrapped[i].len; at++)
            count += wrapped[i].at[at] == '\n';
        lines = count > lines ? count : lines;
    }
    bool cut = lines > lines_max;
    for (size_t number = 0; number < (cut ? lines_max : lines); number++) {
        buf_add_text(&drawing->line, number == 0 ? label : "");
        for (size_t i = drawing->first; i < drawing->end; i++) {
            slice text = line_of(buf_slice(&wrapped[i]), number);
            bool more = cut && number + 1 == lines_max &&
                        line_of(buf_slice(&wrapped[i]), number + 1).len > 0;
            bar(drawing, i);
            buf_add(&drawing->line, utf8_fit(text, drawing->block - (more ? 6 : 3)));
            buf_add_text(&drawing->line, more ? "..." : "");
        }
        line_end(drawing);
    }
    for (size_t i = drawing->first; i < drawing->end; i++)
        buf_free(&wrapped[i]);
}

static void cost_write(struct buf *out, const struct meter_count *cost)
{
    size_write(out, cost->octets[SIDE_CLIENT] + cost->octets[SIDE_SERVER]);
    buf_format(out, ", %llu round trips", (unsigned long long)cost->round_trips);
}

static bool fits(const struct drawing *drawing, const struct buf *text, size_t lines_max)
{
    struct buf wrapped = BUF_MAX(2 * CONTRAST_TEXT_MAX);
    size_t lines = 0;
    wrap_add(&wrapped, buf_slice(text), 0, 0, drawing->block - 3);
    for (size_t at = 0; at < wrapped.len; at++)
        lines += wrapped.at[at] == '\n';
    buf_free(&wrapped);
    return lines <= lines_max;
}

/* The text without that verb, and without how often it was said. */
static void without_verb(struct buf *text, const char *verb)
{
    struct buf kept = BUF_MAX(CONTRAST_TEXT_MAX);
    slice rest = buf_slice(text);
    while (rest.len) {
        size_t end = 0;
        while (end < rest.len && rest.at[end] != ',' && rest.at[end] != ';')
            end++;
        slice part = slice_upto(rest, end), words = part;
        char sign = end < rest.len ? rest.at[end] : '\0';
        rest = slice_from(rest, end + (sign != '\0'));
        slice first = take_word(&words);
        bool named = first.len && first.at[first.len - 1] == ':';
        slice said = named ? take_word(&words) : first;
        bool drop = slice_is(said, verb) && sign == ',';
        if (drop && named)
            buf_format(&kept, "%s%.*s", kept.len ? " " : "", SLICE_ARG(first));
        if (!drop)
            buf_format(&kept, "%.*s%.*s", SLICE_ARG(part), sign != '\0', &sign);
    }
    buf_clear(text);
    buf_add(text, buf_slice(&kept));
    buf_free(&kept);
}

/* What was said; where that is too long, first without the verbs that decide nothing. */
static void said_draw(struct drawing *drawing, const struct buf *texts)
{
    static const char *const minor[] = { "STAT", "UIDL", "LIST", "SELECT", "MAIL", "RCPT" };
    struct buf said[STORY_VARIANTS_MAX];
    for (size_t i = drawing->first; i < drawing->end; i++) {
        said[i] = BUF_MAX(CONTRAST_TEXT_MAX);
        buf_add(&said[i], buf_slice(&texts[i]));
        for (size_t k = 0; k < COUNT(minor) && !fits(drawing, &said[i], SAID_LINES); k++)
            without_verb(&said[i], minor[k]);
    }
    words_draw(drawing, " said", said, SAID_LINES);
    for (size_t i = drawing->first; i < drawing->end; i++)
        buf_free(&said[i]);
}

/* How many messages are shown where: what a room is asked for most. */
static void shows_draw(struct drawing *drawing)
{
    struct buf texts[STORY_VARIANTS_MAX];
    for (size_t i = drawing->first; i < drawing->end; i++) {
        texts[i] = BUF_MAX(512);
        contrast_shows_write(&texts[i], drawing->contrast, frame_of(drawing, i));
    }
    words_draw(drawing, " shows", texts, 2);
    for (size_t i = drawing->first; i < drawing->end; i++)
        buf_free(&texts[i]);
}

static void boards_draw(struct drawing *drawing)
{
    struct buf texts[STORY_VARIANTS_MAX];
    heads_draw(drawing);
    messages_draw(drawing, drawing->messages);
    for (size_t i = drawing->first; i < drawing->end; i++)
        texts[i] = frame_of(drawing, i)->said;
    if (drawing->step)
        said_draw(drawing, texts);
    shows_draw(drawing);
    for (size_t i = drawing->first; i < drawing->end; i++)
        texts[i] = frame_of(drawing, i)->so;
    if (drawing->step)
        words_draw(drawing, " so", texts, drawing->so_lines);
    for (size_t i = drawing->first; i < drawing->end; i++) {
        texts[i] = BUF_MAX(128);
        cost_write(&texts[i], &frame_of(drawing, i)->cost);
    }
    words_draw(drawing, " cost so far", texts, 2);
    for (size_t i = drawing->first; i < drawing->end; i++)
        buf_free(&texts[i]);
}

/* As many settings beside each other as have room for their columns. */
static size_t settings_a_row(const struct drawing *drawing)
{
    size_t need = 2 + HOLDER_COLUMNS_MIN * drawing->contrast->holders;
    size_t fit = (drawing->columns - drawing->left) / need;
    size_t count = drawing->contrast->variant_count;
    return fit == 0 ? 1 : fit < count ? fit : count;
}

/* Messages have as many rows as leave SO_LINES; what they do not need is for the words. */
static void rows_share(struct drawing *drawing, size_t rows)
{
    size_t count = 0, besides = ROWS_BESIDES + SO_LINES;
    for (uint64_t number = 0; (number = number_after(drawing, number)) != 0;)
        count++;
    drawing->so_lines = SO_LINES_MAX;
    if (rows == 0)
        return;
    drawing->messages = rows > besides + 3 ? rows - besides : 3;
    size_t used = ROWS_BESIDES + (count < drawing->messages ? count : drawing->messages);
    drawing->so_lines = rows > used + SO_LINES ? rows - used : SO_LINES;
}

static struct drawing drawing_begin(struct buf *out, const struct contrast *contrast, size_t step,
                                    const struct contrast_look *look)
{
    struct drawing drawing = { .out = out, .contrast = contrast, .step = step,
                               .columns = look->columns, .line = BUF_MAX(CONTRAST_TEXT_MAX) };
    drawing.left = look->columns < WIDE_COLUMNS ? LEFT_COLUMNS : LEFT_COLUMNS_WIDE;
    drawing.end = settings_a_row(&drawing);
    drawing.block = (drawing.columns - drawing.left) / drawing.end;
    return drawing;
}

void contrast_draw(struct buf *out, const struct contrast *contrast, size_t step,
                   const struct contrast_look *look)
{
    struct drawing drawing = drawing_begin(out, contrast, step, look);
    size_t a_row = drawing.end;
    rows_share(&drawing, look->rows);
    title_draw(&drawing, look->keys);
    for (size_t first = 0; first < contrast->variant_count; first += a_row) {
        drawing.first = first;
        drawing.end = first + a_row < contrast->variant_count ? first + a_row
                                                              : contrast->variant_count;
        boards_draw(&drawing);
    }
    if (!step && contrast->story->intro[0]) {
        buf_add_char(out, ' ');
        wrap_add(out, slice_of(contrast->story->intro), 1, 1, look->columns);
    } else if (step && contrast->story->steps[step - 1].ask[0]) {
        buf_add_text(out, " ASK  ");
        wrap_add(out, slice_of(contrast->story->steps[step - 1].ask), 6, 6, look->columns);
    }
    buf_free(&drawing.line);
}

/* --- the lines under it ---------------------------------------------------------------------- */

static size_t lines_in(slice text)
{
    size_t lines = 0;
    for (size_t at = 0; at < text.len; at++)
        lines += text.at[at] == '\n';
    return lines;
}

/* How many rows the longest has. */
static size_t wire_write(const struct drawing *drawing, struct buf *texts, bool commands, bool utf8)
{
    size_t most = 0;
    for (size_t i = 0; i < drawing->end; i++) {
        const struct variant *variant = drawing->contrast->variants[i];
        buf_clear(&texts[i]);
        if (commands)
            contrast_commands_write(&texts[i], variant, drawing->step, utf8);
        else
            contrast_wire_write(&texts[i], variant, drawing->step, utf8);
        size_t lines = lines_in(buf_slice(&texts[i]));
        most = lines > most ? lines : most;
    }
    return most;
}

static void wire_draw(struct drawing *drawing, struct buf *texts, size_t rows)
{
    for (size_t number = 0; number < rows; number++) {
        buf_add_text(&drawing->line, number == 0 ? " wire" : number == 1 ? " l  all" : "");
        for (size_t i = 0; i < drawing->end; i++) {
            size_t lines = lines_in(buf_slice(&texts[i]));
            bar(drawing, i);
            if (number + 1 == rows && lines > rows)
                buf_format(&drawing->line, "  ... %zu more", lines - number);
            else
                buf_add(&drawing->line,
                        utf8_fit(line_of(buf_slice(&texts[i]), number), drawing->block - 3));
        }
        line_end(drawing);
    }
}

void contrast_wire_draw(struct buf *out, const struct contrast *contrast, size_t step,
                        const struct contrast_look *look, bool utf8)
{
    struct drawing drawing = drawing_begin(out, contrast, step, look);
    struct buf texts[STORY_VARIANTS_MAX];
    size_t used = lines_in(buf_slice(out)) + 1;
    if (step && drawing.end == contrast->variant_count && used + WIRE_ROWS_MIN <= look->rows) {
        size_t room = look->rows - used;
        for (size_t i = 0; i < drawing.end; i++)
            texts[i] = BUF_MAX(CONTRAST_WIRE_MAX);
        size_t rows = wire_write(&drawing, texts, false, utf8);
        if (rows > room)
            rows = wire_write(&drawing, texts, true, utf8);
        wire_draw(&drawing, texts, rows < room ? rows : room);
        for (size_t i = 0; i < drawing.end; i++)
            buf_free(&texts[i]);
    }
    buf_free(&drawing.line);
}
