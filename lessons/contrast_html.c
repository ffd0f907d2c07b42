/* contrast_html.c: a contrast as the inside of a page: the answer first, then each step, folded:
   the boards, what it means, and the picture of what was said. */
#include "base/words.h"
#include "lessons/contrast.h"
#include "views/picture.h"

static void title_add(struct buf *out, const struct variant *variant)
{
    struct buf title = BUF_MAX(128);
    variant_title(&title, slice_of(variant->name));
    xml_add(out, buf_slice(&title), 80);
    buf_free(&title);
}

static void row_add(struct buf *out, const struct contrast *contrast, const struct frame_row *row)
{
    struct buf text = BUF_MAX(64);
    message_name_write(&text, row->number);
    buf_format(out, "<tr><th>%s ", buf_text(&text));
    xml_add(out, slice_of(row->title), 40);
    buf_add_text(out, "</th>");
    for (size_t holder = 0; holder < contrast->holders; holder++) {
        buf_clear(&text);
        contrast_cell_write(&text, row, holder, true);
        buf_add_text(out, row->changed[holder] ? "<td class=\"c\">" : "<td>");
        xml_add(out, buf_slice(&text), 40);
        buf_add_text(out, row->changed[holder] ? " *</td>" : "</td>");
    }
    buf_add_text(out, "</tr>\n");
    buf_free(&text);
}

static void board_add(struct buf *out, const struct contrast *contrast, const struct frame *frame)
{
    buf_add_text(out, "<div class=\"t\"><table><thead><tr><th>message</th>");
    for (size_t holder = 0; holder < contrast->holders; holder++) {
        buf_add_text(out, "<th>");
        xml_add(out, slice_of(contrast_holder(contrast, holder)), 30);
        buf_add_text(out, "</th>");
    }
    buf_add_text(out, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < frame->row_count; i++)
        row_add(out, contrast, &frame->rows[i]);
    buf_add_text(out, "<tr><th>shows</th>");
    for (size_t holder = 0; holder < contrast->holders; holder++)
        buf_format(out, "<td>%llu</td>", (unsigned long long)contrast_shows(frame, holder));
    buf_add_text(out, "</tr></tbody></table></div>\n");
}

static void text_add(struct buf *out, const char *class, const struct buf *text)
{
    if (!text->len)
        return;
    buf_format(out, "<p class=\"%s\">", class);
    xml_add(out, buf_slice(text), CONTRAST_TEXT_MAX);
    buf_add_text(out, "</p>\n");
}

static void world_add(struct buf *out, const struct contrast *contrast, size_t which, size_t step,
                      size_t *marks)
{
    const struct variant *variant = contrast->variants[which];
    const struct frame *frame = &variant->frames[step];
    struct picture_world part = { .world = variant->world,
                                  .person = slice_of(contrast->story->person),
                                  .from = variant->frames[step - 1].trace_end,
                                  .to = frame->trace_end };
    struct buf cost = BUF_MAX(64);
    buf_add_text(out, "<section><h3>");
    title_add(out, variant);
    buf_add_text(out, "</h3>\n");
    text_add(out, "so", &frame->so);
    board_add(out, contrast, frame);
    text_add(out, "soft", &frame->said);
    size_write(&cost, frame->cost.octets[SIDE_CLIENT] + frame->cost.octets[SIDE_SERVER]);
    buf_format(out, "<p class=\"soft\">%s, %llu round trips so far</p>\n<figure>",
               buf_text(&cost), (unsigned long long)frame->cost.round_trips);
    picture_svg_part(out, &part, marks);
    buf_add_text(out, "</figure></section>\n");
    buf_free(&cost);
}

static void step_add(struct buf *out, const struct contrast *contrast, size_t step, size_t *marks)
{
    const struct story_step *told = &contrast->story->steps[step - 1];
    buf_format(out, "<details class=\"step\"><summary>%zu ", step);
    xml_add(out, slice_of(told->title), 120);
    buf_add_text(out, "</summary>\n<div class=\"worlds\">\n");
    for (size_t i = 0; i < contrast->variant_count; i++)
        world_add(out, contrast, i, step, marks);
    buf_add_text(out, "</div>\n");
    if (told->ask[0]) {
        buf_add_text(out, "<p><b>Before the next step:</b> ");
        xml_add(out, slice_of(told->ask), 200);
        buf_add_text(out, "</p>\n");
    }
    buf_add_text(out, "</details>\n");
}

void contrast_answer_html(struct buf *out, const struct contrast *contrast)
{
    struct buf sum = BUF_MAX(CONTRAST_TEXT_MAX);
    contrast_sum_write(&sum, contrast);
    buf_add_text(out, "<section><h2>What it came to</h2>\n");
    for (slice rest = buf_slice(&sum); rest.len;) {
        buf_add_text(out, "<p class=\"so\">");
        xml_add(out, take_until(&rest, '\n'), CONTRAST_TEXT_MAX);
        buf_add_text(out, "</p>\n");
    }
    buf_add_text(out, "<div class=\"t\"><table><tbody>\n");
    contrast_table_html(out, contrast);
    buf_add_text(out, "</tbody></table></div></section>\n");
    buf_free(&sum);
}

void contrast_steps_html(struct buf *out, const struct contrast *contrast)
{
    size_t marks = 0;
    buf_add_text(out, "<h2>Step by step</h2>\n<p class=\"screen\">Each step opens. On paper all "
                 "have their boards; what was said is printed of those that are open.</p>\n");
    picture_legend_html(out);
    for (size_t step = 1; step <= contrast->story->step_count; step++)
        step_add(out, contrast, step, &marks);
}
