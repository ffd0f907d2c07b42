/* contrast_table.c: what a contrast came to: the table at its end, for a terminal and for a page;
   for a page what each step meant and cost, too. */
#include "lessons/contrast.h"
#include "base/words.h"
#include "sim/language/command.h"
#include "views/picture.h"
#include "views/table.h"
#include "views/utf8.h"
#include "views/wrap.h"

#define LABEL_COLUMNS 23
#define TABLE_BLOCK_COLUMNS 57     /* of all settings together, in the narrowest window */

struct table {
    struct buf *out;
    const struct contrast *contrast;
    size_t block;                    /* columns of a setting; 0: HTML */
};

static const struct frame *last_of(const struct variant *variant)
{
    return &variant->frames[variant->frame_count - 1];
}

typedef void cell_write(struct buf *, const struct variant *, const struct frame *, size_t holder);

static void row_text(const struct table *table, slice label, cell_write *write, size_t holder)
{
    const struct contrast *contrast = table->contrast;
    struct buf line = BUF_MAX(CONTRAST_TEXT_MAX), cell = BUF_MAX(CONTRAST_TEXT_MAX);
    buf_add_char(&line, ' ');
    buf_add(&line, label);
    for (size_t i = 0; i < contrast->variant_count; i++) {
        bool last = i + 1 == contrast->variant_count;
        utf8_pad(&line, LABEL_COLUMNS + table->block * i);
        buf_clear(&cell);
        write(&cell, contrast->variants[i], last_of(contrast->variants[i]), holder);
        buf_add(&line, slice_upto(buf_slice(&cell), last ? cell.len : table->block - 1));
    }
    buf_add_char(&line, '\n');
    buf_free(&cell);
    buf_add(table->out, buf_slice(&line));
    buf_free(&line);
}

static void row_html(const struct table *table, slice label, cell_write *write, size_t holder)
{
    const struct contrast *contrast = table->contrast;
    struct buf cell = BUF_MAX(CONTRAST_TEXT_MAX);
    buf_add_text(table->out, "<tr><th>");
    xml_add(table->out, label, LABEL_COLUMNS * 2);
    buf_add_text(table->out, "</th>");
    for (size_t i = 0; i < contrast->variant_count; i++) {
        buf_clear(&cell);
        write(&cell, contrast->variants[i], last_of(contrast->variants[i]), holder);
        buf_add_text(table->out, "<td>");
        xml_add(table->out, buf_slice(&cell), 60);
        buf_add_text(table->out, "</td>");
    }
    buf_add_text(table->out, "</tr>\n");
    buf_free(&cell);
}

static void row(const struct table *table, const char *label, const char *of, cell_write *write,
                size_t holder)
{
    struct buf text = BUF_MAX(CONTRAST_TEXT_MAX);
    buf_format(&text, "%s%s", label, of);
    (table->block ? row_text : row_html)(table, buf_slice(&text), write, holder);
    buf_free(&text);
}

static void name_cell(struct buf *out, const struct variant *variant, const struct frame *frame,
                      size_t holder)
{
    const struct contrast *contrast = variant->contrast;
    (void)frame;
    (void)holder;
    size_t columns = TABLE_BLOCK_COLUMNS / (contrast->variant_count ? contrast->variant_count : 1);
    contrast_name_write(out, contrast, variant, columns - 1);
}

static void held_cell(struct buf *out, const struct variant *variant, const struct frame *frame,
                      size_t holder)
{
    (void)variant;
    buf_format(out, "%llu, ", (unsigned long long)frame->held[holder].messages);
    size_write(out, frame->held[holder].bytes);
}

static void readable_cell(struct buf *out, const struct variant *variant,
                          const struct frame *frame, size_t holder)
{
    (void)variant;
    buf_add_number(out, frame->held[holder].readable);
}

static void lost_cell(struct buf *out, const struct variant *variant, const struct frame *frame,
                      size_t holder)
{
    (void)frame;
    const uint64_t counts[] = { variant->lost, variant->duplicated, variant->overwritten };
    buf_add_number(out, counts[holder]);
}

static void in_step_cell(struct buf *out, const struct variant *variant, const struct frame *frame,
                         size_t holder)
{
    (void)frame;
    (void)holder;
    buf_add_text(out, variant->in_step ? "yes" : "no");
}

static void wire_cell(struct buf *out, const struct variant *variant, const struct frame *frame,
                      size_t holder)
{
    (void)variant;
    if (holder == 0)
        size_write(out, frame->cost.octets[SIDE_CLIENT] + frame->cost.octets[SIDE_SERVER]);
    else
        buf_add_number(out, holder == 1 ? frame->cost.round_trips : frame->cost.connections);
}

static void stored_cell(struct buf *out, const struct variant *variant, const struct frame *frame,
                        size_t holder)
{
    uint64_t bytes = 0;
    (void)holder;
    for (size_t i = 0; i < variant->contrast->holders; i++)
        bytes += frame->held[i].bytes;
    size_write(out, bytes);
}

static bool overwrites(const struct contrast *contrast)
{
    for (size_t i = 0; i < contrast->variant_count; i++)
        if (contrast->variants[i]->overwritten)
            return true;
    return false;
}

static void rows(const struct table *table)
{
    const struct contrast *contrast = table->contrast;
    row(table, "AT THE END", "", name_cell, 0);
    for (size_t i = 0; i < contrast->holders; i++)
        row(table, "messages on ", contrast_holder(contrast, i), held_cell, i);
    for (size_t i = 1; i < contrast->holders; i++)
        row(table, "offline on ", contrast_holder(contrast, i), readable_cell, i);
    row(table, "lost", "", lost_cell, 0);
    row(table, "duplicated", "", lost_cell, 1);
    if (overwrites(contrast))
        row(table, "marks overwritten", "", lost_cell, 2);
    row(table, "same flags everywhere", "", in_step_cell, 0);
    row(table, "on the wire", "", wire_cell, 0);
    row(table, "round trips", "", wire_cell, 1);
    row(table, "connections", "", wire_cell, 2);
    row(table, "stored in all", "", stored_cell, 0);
}

void contrast_table_draw(struct buf *out, const struct contrast *contrast, size_t columns)
{
    size_t count = contrast->variant_count ? contrast->variant_count : 1;
    rows(&(struct table){ out, contrast, (columns - LABEL_COLUMNS) / count });
    struct buf summary = BUF_MAX(CONTRAST_TEXT_MAX);
    contrast_sum_write(&summary, contrast);
    buf_add_char(out, '\n');
    for (slice rest = buf_slice(&summary); rest.len;) {
        buf_add_char(out, ' ');
        wrap_add(out, take_until(&rest, '\n'), 1, 3, columns - 1);
    }
    buf_free(&summary);
}

void contrast_table_tell(struct buf *out, const struct contrast *contrast)
{
    struct buf drawn = BUF_MAX(1u << 20);
    contrast_table_draw(&drawn, contrast, COMMAND_COLUMNS);
    table_sentences(out, buf_slice(&drawn));
    buf_free(&drawn);
}

void contrast_table_html(struct buf *out, const struct contrast *contrast)
{
    rows(&(struct table){ out, contrast, 0 });
}
