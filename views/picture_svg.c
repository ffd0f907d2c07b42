/* picture_svg.c: a picture as one self-contained SVG: bars for sessions, coloured and labelled by
   state, arrows that fall as long as they were on their way, tiles for messages. Each mark has a
   title (shown on hover) and a label, which a screen reader reads as rows of a table. Integers
   only. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/words.h"
#include "views/picture_svg.h"
#include "views/utf8.h"

#define HEAD 236u                    /* title, legend, names of worlds and lifelines */
#define HEAD_OF_PART 44u             /* names of lifelines */
#define BAR 12u
#define LANES_MAX 6u
#define BARS_MAX 64
#define QUIET_ABOVE 44u              /* the mark of quiet time above what ends it */
#define FOOT 24u
#define ABOVE_INPUT 14u

/* --- bars of sessions ---------------------------------------------------------------------- */

struct bar {
    uint32_t conn;
    unsigned client, server, lane, y;
    slice name;
};

struct bars {
    struct bar at[BARS_MAX];
    size_t count;
};

static unsigned lane_free(const struct bars *bars, unsigned client, unsigned server)
{
    unsigned lane = 0;
    for (size_t i = 0; i < bars->count && lane + 1 < LANES_MAX; i++)
        if (bars->at[i].lane == lane &&
            (bars->at[i].client == client || bars->at[i].server == server ||
             bars->at[i].client == server || bars->at[i].server == client)) {
            lane++;
            i = (size_t)-1;
        }
    return lane;
}

static unsigned bar_x(const struct drawing *drawing, unsigned line, unsigned lane)
{
    return drawing->picture->lines[line].x - BAR / 2 + lane * (BAR + 1);
}

/* How deep in the session a state is; -1: it is over. The same in three protocols. */
static int depth_of(slice state)
{
    static const struct {
        const char *name;
        int depth;
    } depths[] = {
        { "READY", 1 },      { "AUTHENTICATED", 1 }, { "MAILED", 2 },   { "ADDRESSED", 2 },
        { "CHUNKED", 2 },    { "TRANSACTION", 2 },   { "SELECTED", 2 }, { "DATA", 3 },
        { "CHUNK", 3 },      { "IDLING", 3 },        { "UPDATE", 4 },   { "CLOSED", -1 },
    };
    for (size_t i = 0; i < COUNT(depths); i++)
        if (slice_is(state, depths[i].name))
            return depths[i].depth;
    return 0;
}

static void bar_class_add(struct buf *out, slice state)
{
    int depth = depth_of(state);
    if (depth < 0)
        buf_add_text(out, "closed");
    else
        buf_format(out, "d%d", depth);
}

static void bar_draw(struct drawing *drawing, const struct bar *bar, unsigned y)
{
    const struct picture *picture = drawing->picture;
    unsigned height = y > bar->y ? y - bar->y : 1;
    if (!bar->name.len)
        return;
    for (int end = 0; end < 2; end++) {
        buf_add_text(drawing->out, "<rect class=\"bar ");
        bar_class_add(drawing->out, bar->name);
        buf_format(drawing->out, "\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"><title>",
                   bar_x(drawing, end ? bar->server : bar->client, bar->lane), bar->y, BAR,
                   height);
        buf_format(drawing->out, "%s with %s: %.*s</title></rect>",
                   picture->lines[bar->client].name, picture->lines[bar->server].name,
                   SLICE_ARG(bar->name));
    }
    bool left = picture->lines[bar->client].x < picture->lines[bar->server].x;
    if (y == bar->y)
        return; /* gone through at once: the next one's name stands there */
    buf_format(drawing->out,
               "<text class=\"small halo\" x=\"%u\" y=\"%u\" text-anchor=\"%s\">%.*s</text>\n",
               left ? picture->lines[bar->client].x - 8
                    : picture->lines[bar->client].x + 8 + LANES_MAX,
               bar->y + 4, left ? "end" : "start", SLICE_ARG(bar->name));
}

static struct bar *bar_find(struct bars *bars, uint32_t conn)
{
    for (size_t i = 0; i < bars->count; i++)
        if (bars->at[i].conn == conn)
            return &bars->at[i];
    return NULL;
}

static void bars_draw(struct drawing *drawing)
{
    const struct picture *picture = drawing->picture;
    struct bars bars = { .count = 0 };
    for (size_t i = 0; i < picture->count; i++) {
        const struct picture_item *item = &picture->items[i];
        struct bar *bar = bar_find(&bars, item->conn);
        if (item->kind == PICTURE_OPEN && bars.count < BARS_MAX) {
            bars.at[bars.count] = (struct bar){ .conn = item->conn, .client = item->from,
                                                .server = item->to, .y = item->y };
            bars.at[bars.count].lane = lane_free(&bars, item->from, item->to);
            bars.count++;
        } else if (bar && item->kind == PICTURE_STATE) {
            bar_draw(drawing, bar, item->y);
            bar->y = item->y;
            bar->name = item->text;
        } else if (bar && (item->kind == PICTURE_CLOSE || item->kind == PICTURE_CUT)) {
            bar_draw(drawing, bar, item->y);
            *bar = bars.at[--bars.count];
        }
    }
    for (size_t i = 0; i < bars.count; i++)
        bar_draw(drawing, &bars.at[i], picture->height);
}

/* --- lifelines ----------------------------------------------------------------------------- */

static void offline_draw(struct drawing *drawing, unsigned line, unsigned from, unsigned to)
{
    buf_format(drawing->out,
               "<rect x=\"%u\" y=\"%u\" width=\"16\" height=\"%u\" fill=\"url(#off)\"><title>%s is "
               "offline</title></rect>\n",
               drawing->picture->lines[line].x - 8, from, to > from ? to - from : 1,
               drawing->picture->lines[line].name);
}

static void offline_find(struct drawing *drawing, unsigned line)
{
    const struct picture *picture = drawing->picture;
    unsigned since = 0;
    for (size_t i = 0; i < picture->count; i++) {
        const struct picture_item *item = &picture->items[i];
        if (item->from != line)
            continue;
        if (item->kind == PICTURE_OFFLINE && !since)
            since = item->y;
        if (item->kind == PICTURE_ONLINE && since) {
            offline_draw(drawing, line, since, item->y);
            since = 0;
        }
    }
    if (since)
        offline_draw(drawing, line, since, picture->height);
}

static void lines_draw(struct drawing *drawing)
{
    const struct picture *picture = drawing->picture;
    for (unsigned i = 0; i < picture->line_count; i++) {
        const struct lifeline *line = &picture->lines[i];
        buf_format(drawing->out, "<text class=\"name\" x=\"%u\" y=\"%u\" text-anchor=\"middle\">",
                   line->x, drawing->head - 14);
        xml_add(drawing->out, slice_of(line->name), 30);
        buf_format(drawing->out,
                   "</text><path class=\"line\" d=\"M%u %uV%u\"/>\n", line->x, drawing->head - 6,
                   picture->height);
        offline_find(drawing, i);
    }
}

/* --- marks --------------------------------------------------------------------------------- */

static void time_write(struct drawing *drawing, const struct picture_item *item)
{
    time_add_ms(drawing->out, drawing->picture->of->world, item->t_ns);
}

/* Opens a mark's group: a row of the table that a screen reader reads. */
static void mark_begin(struct drawing *drawing, const struct picture_item *item)
{
    struct buf words = BUF_MAX(8 * TRACE_LINE_MAX);
    picture_words(&words, drawing->picture, item);
    buf_format(drawing->out, "<g id=\"e%zu\" role=\"row\"><g role=\"cell\" aria-label=\"",
               ++drawing->marks);
    time_write(drawing, item);
    buf_add_char(drawing->out, ' ');
    buf_add(drawing->out, buf_slice(&words));
    buf_add_text(drawing->out, "\"><title>");
    time_write(drawing, item);
    buf_add_char(drawing->out, '\n');
    buf_add(drawing->out, buf_slice(&words));
    buf_add_text(drawing->out, "</title>");
    buf_free(&words);
}

/* A refusal is never cut: its label has as many lines as it needs. */
static void refusal_label_draw(struct drawing *drawing, const struct picture_item *item,
                               unsigned middle, size_t columns)
{
    unsigned lines = picture_label_lines(item);
    slice rest = slice_upto(item->text, 200);
    for (unsigned i = 0; i < lines; i++) {
        slice piece = utf8_fit(rest, columns);
        rest = slice_from(rest, piece.len);
        buf_format(drawing->out,
                   "<text class=\"halo losttext\" x=\"%u\" y=\"%u\" text-anchor=\"middle\">",
                   middle, (item->y_from + item->y) / 2 - 6 - (lines - 1 - i) * 18);
        xml_add(drawing->out, piece, 200);
        buf_add_text(drawing->out, i + 1 == lines ? " \xe2\x9c\x97</text>" : "</text>");
    }
}

static void label_draw(struct drawing *drawing, const struct picture_item *item, unsigned middle,
                       size_t columns)
{
    struct buf more = BUF_MAX(64);
    if (item->lines > 1) {
        buf_format(&more, " +%zu lines, ", item->lines - 1);
        size_write(&more, item->bytes);
    }
    buf_format(drawing->out, "<text class=\"halo\" x=\"%u\" y=\"%u\" text-anchor=\"middle\">",
               middle, (item->y_from + item->y) / 2 - 6);
    xml_add(drawing->out, item->text, columns > more.len + 4 ? columns - more.len : 4);
    buf_add(drawing->out, buf_slice(&more));
    buf_add_text(drawing->out, "</text>");
    buf_free(&more);
}

static void arrow_draw(struct drawing *drawing, const struct picture_item *item)
{
    const struct picture *picture = drawing->picture;
    unsigned from = picture->lines[item->from].x, to = picture->lines[item->to].x;
    unsigned width = from < to ? to - from : from - to;
    unsigned middle = from < to ? from + width / 2 : to + width / 2;
    size_t columns = (width - 44) / LABEL_OCTET;
    buf_format(drawing->out,
               "<path class=\"%s\" d=\"M%u %uL%u %u\"%s/>"
               "<path class=\"%s\" d=\"M%u %ul%s8 -5v9z\"/>",
               item->refused ? "no" : "arrow", from < to ? from + 7 : from - 7, item->y_from,
               from < to ? to - 11 : to + 11, item->y,
               item->lines > 1 ? " stroke-width=\"3\"" : "", item->refused ? "notip" : "tip",
               from < to ? to - 7 : to + 7, item->y, from < to ? "-" : "");
    if (item->refused)
        refusal_label_draw(drawing, item, middle, columns);
    else
        label_draw(drawing, item, middle, columns);
}

static void lost_draw(struct drawing *drawing, const struct picture_item *item)
{
    const struct picture *picture = drawing->picture;
    unsigned from = picture->lines[item->from].x, to = picture->lines[item->to].x;
    unsigned end = from < to ? from + (to - from) * 3 / 5 : from - (from - to) * 3 / 5;
    buf_format(drawing->out,
               "<path class=\"lost\" stroke-dasharray=\"5 3\" d=\"M%u %uL%u %u\"/>"
               "<path class=\"lost\" stroke-width=\"2\" d=\"M%u %ul10 10m0 -10l-10 10\"/>"
               "<text class=\"small halo losttext\" x=\"%u\" y=\"%u\">lost</text>",
               from, item->y - 8, end, item->y, end - 5, item->y - 5, end + 9, item->y + 4);
}

static void close_draw(struct drawing *drawing, const struct picture_item *item)
{
    const struct picture *picture = drawing->picture;
    for (int end = 0; end < 2; end++) {
        unsigned x = picture->lines[end ? item->to : item->from].x;
        if (item->kind == PICTURE_CLOSE)
            buf_format(drawing->out, "<path class=\"arrow\" stroke-width=\"2\" d=\"M%u %uh14\"/>",
                       x - 7, item->y);
        else
            buf_format(drawing->out,
                       "<path class=\"lost\" stroke-width=\"2\" d=\"M%u %ul10 10m0 -10l-10 10\"/>"
                       "<text class=\"small halo losttext\" x=\"%u\" y=\"%u\">cut</text>",
                       x - 5, item->y - 5, x + 9, item->y + 4);
    }
}

static void input_draw(struct drawing *drawing, const struct picture_item *item)
{
    const struct picture *picture = drawing->picture;
    unsigned x = picture->lines[item->from].x;
    bool left = item->from * 2 < picture->line_count;
    buf_format(drawing->out,
               "<path d=\"M%u %ul6 -4v8z\" class=\"tip\"/>"
               "<text class=\"halo\" font-style=\"italic\" x=\"%u\" y=\"%u\" text-anchor=\"%s\">",
               left ? x - 14 : x + 8, item->y - 4, left ? x - 18 : x + 18, item->y,
               left ? "end" : "start");
    xml_add(drawing->out, item->text,
            item->from + 1 == picture->line_count ? 14 : 22);
    buf_add_text(drawing->out, "</text>");
}

static void message_draw(struct drawing *drawing, const struct picture_item *item, unsigned nth)
{
    char sign = item->message[0];
    const char *class = sign == '+' ? "came" : sign == '~' ? "head" : sign == '-' ? "gone" : "";
    tile_draw(drawing, drawing->picture->lines[item->from].x + 14 + nth * (TILE + 3), item->y - 10,
              class, slice_of(sign == '~' ? item->message + 1 : item->message));
    if (!item->box[0] || nth)
        return;
    buf_format(drawing->out, "<text class=\"small soft halo\" x=\"%u\" y=\"%u\">",
               drawing->picture->lines[item->from].x + 14 + TILE + 6, item->y + 2);
    xml_add(drawing->out, slice_of(item->box), 16);
    buf_add_text(drawing->out, "</text>");
}

/* "2 d 3 h ": what is nothing is left out. */
static void long_time_add(struct buf *out, uint64_t seconds)
{
    const struct {
        uint64_t count;
        const char *unit;
    } parts[] = { { seconds / 86400, "d" }, { seconds / 3600 % 24, "h" },
                  { seconds / 60 % 60, "min" }, { seconds % 60, "s" } };
    for (size_t i = 0; i < COUNT(parts); i++)
        if (parts[i].count)
            buf_format(out, "%llu %s ", (unsigned long long)parts[i].count, parts[i].unit);
}

static void quiet_draw(struct drawing *drawing, const struct picture_item *item,
                       const struct picture_item *before)
{
    uint64_t seconds = (item->t_ns - before->t_ns) / (1000 * NS_PER_MS);
    const struct picture *picture = drawing->picture;
    unsigned from = picture->lines[0].x - 40, y = item->y - QUIET_ABOVE;
    unsigned to = picture->lines[picture->line_count - 1].x + 40;
    buf_format(drawing->out,
               "<path class=\"rule\" stroke-width=\"7\" d=\"M%u %uH%u\"/>"
               "<text class=\"small soft\" x=\"%u\" y=\"%u\" text-anchor=\"middle\">\xe2\x89\x88 ",
               from, y, to, (from + to) / 2, y + 4);
    long_time_add(drawing->out, seconds);
    buf_add_text(drawing->out, "later \xe2\x89\x88</text>\n");
}

static void item_draw(struct drawing *drawing, const struct picture_item *item, unsigned nth)
{
    if (item->kind == PICTURE_STATE || item->kind == PICTURE_OPEN || item->kind == PICTURE_STEP)
        return;
    mark_begin(drawing, item);
    switch (item->kind) {
    case PICTURE_ARROW: arrow_draw(drawing, item); break;
    case PICTURE_LOST: lost_draw(drawing, item); break;
    case PICTURE_CLOSE:
    case PICTURE_CUT: close_draw(drawing, item); break;
    case PICTURE_INPUT: input_draw(drawing, item); break;
    case PICTURE_MESSAGE: message_draw(drawing, item, nth); break;
    default:
        buf_format(drawing->out, "<text class=\"small halo\" x=\"%u\" y=\"%u\">%s</text>",
                   drawing->picture->lines[item->from].x + 12, item->y + 4,
                   item->kind == PICTURE_OFFLINE ? "offline" : "online");
        break;
    }
    buf_add_text(drawing->out, "</g></g>\n");
}

/* The time stands at the left, where a second begins; above what was typed there. */
static void times_draw(struct drawing *drawing)
{
    const struct picture *picture = drawing->picture;
    uint64_t last = UINT64_MAX;
    for (size_t i = 0; i < picture->count; i++) {
        const struct picture_item *item = &picture->items[i];
        uint64_t second = item->t_ns / (1000 * NS_PER_MS);
        if (item->kind == PICTURE_STATE || item->kind == PICTURE_OPEN || second == last)
            continue;
        last = second;
        buf_format(drawing->out, "<text class=\"small soft\" x=\"%u\" y=\"%u\">",
                   picture->lines[0].x - LINE_LEFT,
                   item->y - (item->kind == PICTURE_INPUT ? ABOVE_INPUT : 0));
        time_add(drawing->out, picture->of->world, item->t_ns);
        buf_add_text(drawing->out, "</text>\n");
    }
}

static void items_draw(struct drawing *drawing)
{
    const struct picture *picture = drawing->picture;
    unsigned nth = 0;
    for (size_t i = 0; i < picture->count; i++) {
        const struct picture_item *item = &picture->items[i], *before = i ? item - 1 : NULL;
        bool beside = before && item->kind == PICTURE_MESSAGE && before->kind == PICTURE_MESSAGE &&
                      before->from == item->from && before->section == item->section &&
                      !item->quiet;
        nth = beside ? nth + 1 : 0;
        if (item->quiet && before)
            quiet_draw(drawing, item, before);
        item_draw(drawing, item, nth);
    }
}

/* --- the whole ----------------------------------------------------------------------------- */

static void steps_draw(struct drawing *drawing, const unsigned *heights)
{
    const struct picture *picture = drawing->picture;
    unsigned y = drawing->head;
    for (size_t i = 0; i + 1 < picture->sections; i++) {
        y += heights[i];
        buf_format(drawing->out,
                   "<path class=\"rule\" stroke-width=\"2\" d=\"M%u %uh%u\"/>"
                   "<text class=\"step\" x=\"%u\" y=\"%u\">%zu  ",
                   picture->lines[0].x - LINE_LEFT, y + 4, picture->width - 8,
                   picture->lines[0].x - LINE_LEFT, y + 20, i + 1);
        xml_add(drawing->out, slice_of(picture->of->titles[i]), 60);
        buf_add_text(drawing->out, "</text>\n");
    }
}

static unsigned world_draw(struct drawing *drawing, const unsigned *heights)
{
    const struct picture *picture = drawing->picture;
    if (picture->line_count == 0) {
        buf_format(drawing->out, "<text x=\"20\" y=\"%u\">Nothing went over the network.</text>",
                   drawing->head);
        return 0;
    }
    if (picture->of->name.len) {
        buf_format(drawing->out, "<text class=\"step\" x=\"%u\" y=\"%u\">",
                   picture->lines[0].x - LINE_LEFT, drawing->head - 52);
        xml_add(drawing->out, picture->of->name, 40);
        buf_add_text(drawing->out, "</text>\n");
    }
    steps_draw(drawing, heights);
    lines_draw(drawing);
    bars_draw(drawing);
    times_draw(drawing);
    items_draw(drawing);
    if (picture->left_out)
        buf_format(drawing->out,
                   "<text class=\"losttext\" x=\"%u\" y=\"%u\">%zu more lines were said "
                   "than a picture can show.</text>\n",
                   picture->lines[0].x, picture->height + 12, picture->left_out);
    return drawing->part ? 0
                         : inventory_draw(drawing, picture->height + (picture->left_out ? 16 : 0));
}

static void head_write(struct buf *out, unsigned width, unsigned height, slice title, size_t arrows)
{
    buf_format(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" "
               "viewBox=\"0 0 %u %u\" role=\"group\" aria-labelledby=\"t d\">\n<title id=\"t\">",
               width, height, width, height);
    xml_add(out, title, 120);
    buf_format(out,
               "</title>\n<desc id=\"d\">%zu lines and answers between machines of a simulated "
               "network, from top to bottom in the order of time; bars are sessions, labelled by "
               "their state; tiles with names are messages.</desc>\n",
               arrows);
    buf_format(out, "<style>%s</style>%s", picture_style, picture_defs);
    buf_format(out, "\n<rect class=\"paper\" width=\"%u\" height=\"%u\"/>"
               "<text class=\"title\" x=\"20\" y=\"34\">", width, height);
    xml_add(out, title, 100);
    buf_add_text(out, "</text>\n");
    picture_legend(out, 66);
}

/* All worlds beside each other, step beside step. Returns their width. */
static unsigned worlds_draw(struct drawing *drawing, struct picture *pictures, size_t count,
                            unsigned *height)
{
    size_t sections = 1;
    unsigned x = 0, foot = 0;
    for (size_t i = 0; i < count; i++)
        sections = pictures[i].sections > sections ? pictures[i].sections : sections;
    unsigned *heights = calloc(sections, sizeof *heights);
    must(heights != NULL);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < pictures[i].sections; k++)
            if (pictures[i].heights[k] > heights[k])
                heights[k] = pictures[i].heights[k];
    for (size_t i = 0; i < count; i++) {
        drawing->picture = &pictures[i];
        drawing->world = i;
        picture_place(&pictures[i], x, heights, drawing->head);
        unsigned used = world_draw(drawing, heights);
        foot = used > foot ? used : foot;
        *height = pictures[i].height > *height ? pictures[i].height : *height;
        x += pictures[i].width;
    }
    *height += foot;
    free(heights);
    return x;
}

void picture_svg(struct buf *out, const struct picture_world *worlds, size_t count,
                 const struct picture_page *page)
{
    struct picture pictures[8];
    struct buf body = BUF_MAX(PICTURE_BYTES_MAX);
    struct drawing drawing = { .out = &body, .head = HEAD };
    unsigned height = 0;
    size_t arrows = 0;
    must(count <= 8);
    for (size_t i = 0; i < count; i++) {
        picture_gather(&pictures[i], &worlds[i]);
        picture_measure(&pictures[i]);
        arrows += pictures[i].arrows;
    }
    unsigned x = worlds_draw(&drawing, pictures, count, &height);
    head_write(out, x < 760 ? 760 : x, height + FOOT, page->title, arrows);
    buf_add_text(out, "<g role=\"table\" aria-label=\"what happened, in order\">\n");
    buf_add(out, buf_slice(&body));
    buf_add_text(out, "</g>\n</svg>\n");
    for (size_t i = 0; i < count; i++)
        picture_free(&pictures[i]);
    buf_free(&body);
}

void picture_svg_part(struct buf *out, const struct picture_world *world, size_t *marks)
{
    struct picture picture;
    struct buf body = BUF_MAX(PICTURE_BYTES_MAX);
    struct drawing drawing = { .out = &body, .head = HEAD_OF_PART, .marks = *marks, .part = true };
    unsigned height = 0;
    picture_gather(&picture, world);
    picture_measure(&picture);
    unsigned width = worlds_draw(&drawing, &picture, 1, &height);
    if (picture.line_count)
        buf_format(out,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %u %u\" role=\"table\" "
                   "aria-label=\"what was said\" style=\"max-width:%upx;min-width:%upx\">\n",
                   width, height, width, width * 4 / 5);
    if (picture.line_count) {
        buf_add(out, buf_slice(&body));
        buf_add_text(out, "</svg>\n");
    }
    *marks = drawing.marks;
    picture_free(&picture);
    buf_free(&body);
}
