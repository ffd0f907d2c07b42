/* picture_mermaid.c: a picture as Mermaid's sequenceDiagram, to be pasted into Markdown: at most
   MERMAID_ARROWS_MAX arrows, and a note that says what was left out. */
#include "base/limits.h"
#include "views/clean.h"
#include "views/picture.h"
#include "views/utf8.h"

#define TEXT_COLUMNS 60

/* What ends or changes a line of the diagram is written as its number. */
static void mermaid_add(struct buf *out, slice text)
{
    struct buf clean = BUF_MAX(8 * TRACE_LINE_MAX);
    clean_add(&clean, slice_upto(text, 4 * TEXT_COLUMNS), true);
    slice fits = utf8_fit(buf_slice(&clean), TEXT_COLUMNS);
    for (size_t i = 0; i < fits.len; i++) {
        unsigned char octet = (unsigned char)fits.at[i];
        bool plain = octet >= 0x80 || is_alnum(octet) || octet == ' ' || octet == '.' ||
                     octet == '-' || octet == '+' || octet == '*' || octet == '@' || octet == '/' ||
                     octet == ',' || octet == '(' || octet == ')' || octet == '_' || octet == '=' ||
                     octet == '!' || octet == '?';
        if (plain)
            buf_add_char(out, (char)octet);
        else
            buf_format(out, "#%u;", octet);
    }
    if (fits.len < clean.len || text.len > 4 * TEXT_COLUMNS)
        buf_add_text(out, "...");
    else if (fits.len == 0)
        buf_add_text(out, "(an empty line)");
    buf_free(&clean);
}

static void item_write(struct buf *out, const struct picture_item *item)
{
    switch (item->kind) {
    case PICTURE_ARROW:
        buf_format(out, "    L%u->>L%u: ", item->from, item->to);
        mermaid_add(out, item->text);
        if (item->lines > 1)
            buf_format(out, " ...%zu lines", item->lines);
        break;
    case PICTURE_LOST: buf_format(out, "    L%u-xL%u: lost", item->from, item->to); break;
    case PICTURE_STATE:
        buf_format(out, "    Note over L%u: %.*s", item->from, SLICE_ARG(item->text));
        break;
    case PICTURE_CUT: buf_format(out, "    L%u-xL%u: the line is cut", item->from, item->to); break;
    case PICTURE_INPUT:
        buf_format(out, "    Note over L%u: ", item->from);
        mermaid_add(out, item->text);
        break;
    case PICTURE_MESSAGE:
        buf_format(out, "    Note over L%u: ", item->from);
        mermaid_add(out, slice_of(item->message));
        break;
    case PICTURE_OFFLINE:
    case PICTURE_ONLINE:
        buf_format(out, "    Note over L%u: %s", item->from,
                   item->kind == PICTURE_OFFLINE ? "offline" : "online again");
        break;
    default: return;
    }
    buf_add_char(out, '\n');
}

static void world_write(struct buf *out, const struct picture_world *of, slice title)
{
    struct picture picture;
    size_t arrows = 0, section = 0;
    picture_gather(&picture, of);
    buf_add_text(out, "sequenceDiagram\n    %% ");
    mermaid_add(out, title);
    buf_add_text(out, of->name.len ? ", " : "");
    buf_add(out, of->name);
    buf_add_char(out, '\n');
    for (size_t i = 0; i < picture.line_count; i++)
        buf_format(out, "    participant L%zu as %s\n", i, picture.lines[i].name);
    for (size_t i = 0; i < picture.count && arrows <= MERMAID_ARROWS_MAX; i++) {
        const struct picture_item *item = &picture.items[i];
        for (; section < item->section; section++) {
            buf_format(out, "    Note over L0,L%zu: %zu ", picture.line_count - 1, section + 1);
            mermaid_add(out, slice_of(of->titles[section]));
            buf_add_char(out, '\n');
        }
        arrows += item->kind == PICTURE_ARROW;
        if (arrows <= MERMAID_ARROWS_MAX)
            item_write(out, item);
    }
    if (picture.arrows + picture.left_out > MERMAID_ARROWS_MAX)
        buf_format(out, "    Note over L0,L%zu: and %zu more lines, left out here\n",
                   picture.line_count - 1, picture.arrows + picture.left_out - MERMAID_ARROWS_MAX);
    picture_free(&picture);
}

/* One diagram for each world, with an empty line between. */
void picture_mermaid(struct buf *out, const struct picture_world *worlds, size_t count,
                     const struct picture_page *page)
{
    for (size_t i = 0; i < count; i++) {
        buf_add_text(out, i ? "\n" : "");
        world_write(out, &worlds[i], page->title);
    }
}
