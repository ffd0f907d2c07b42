/* picture_html.c: a picture as one page: the SVG, what it shows as tables, and the transcript of
   every conversation. No script, nothing from elsewhere. */
#include "views/picture.h"

#include <stdlib.h>

#include "base/words.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "views/board.h"
#include "views/picture_svg.h"

/* On paper: the answer, and each step's boards beside each other, whole. What was said is long, and
   is printed of the steps that are open. */
#define PRINT \
    ".screen{color:var(--ink2)}" \
    "@media print{:root{--ink:#000;--ink2:#333;--bg:#fff;--card:#fff;--line:#999;--now:#fff3cc;" \
    "--no:#a92f14}body{padding:0;max-width:none;font-size:10pt;print-color-adjust:exact;" \
    "-webkit-print-color-adjust:exact}h1{font-size:17pt;margin:0 0 6pt}" \
    "h2{font-size:13pt;margin:9pt 0 3pt}h3{font-size:11pt;margin:3pt 0}.so{font-size:10pt}" \
    "p,.soft{margin:3pt 0;font-size:9.5pt}section,details{border:0;padding:0;margin:6pt 0}" \
    "details.step{border-top:1px solid var(--line);padding-top:3pt}" \
    "details.step::details-content{content-visibility:visible;display:block;height:auto;" \
    "font-weight:400}details:not(.step,[open]),details.step:not([open]) figure,.screen{" \
    "display:none}summary{list-style:none;font-size:11pt}" \
    ".worlds{gap:0 6mm}.worlds>section{flex:1 1 80mm}.step[open] .worlds>section{flex:0 0 100%}" \
    "th,td{padding:1pt 4pt 1pt 0;font-size:8.5pt}.worlds td{white-space:nowrap}" \
    ".t{overflow:visible}" \
    "details.step:not([open]),table,tr,h3,figure{break-inside:avoid}" \
    "h1,h2,h3,summary,caption,.so{break-after:avoid}figure svg{min-width:0!important}" \
    "pre{white-space:pre-wrap}}"

static const char style[] =
    ":root{color-scheme:light dark;--ink:#1b1d22;--ink2:#4d535c;--bg:#f3f2ee;--card:#fff;"
    "--line:#d8d5cd;--now:#fff3cc;--no:#a92f14}"
    "@media(prefers-color-scheme:dark){:root{--ink:#eceae5;--ink2:#b2b8c1;--bg:#14171b;"
    "--card:#1d2127;--line:#343a43;--now:#3d3419;--no:#ff9b82}}"
    "body{font:16px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--bg);margin:0 auto;"
    "max-width:100em;padding:1.5rem}h1{font-size:1.75rem}h2{font-size:1.375rem}"
    "h3{font-size:1.0625rem;margin:.5rem 0}"
    "section,details{background:var(--card);border:1px solid var(--line);border-radius:.625rem;"
    "padding:.5rem 1rem;margin:1rem 0}summary{font-weight:600;cursor:pointer;padding:.25rem 0}"
    ".worlds>section{border:0;padding:0;margin:0;flex:1 1 34rem;min-width:0;max-width:100%}"
    ".worlds{display:flex;flex-wrap:wrap;gap:1rem 1.5rem}"
    "figure{margin:.5rem 0;overflow-x:auto}figure svg{width:100%;height:auto;display:block}"
    "table{border-collapse:collapse;margin:.5rem 0}caption{text-align:left;font-weight:600}"
    "th,td{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0;"
    "border-bottom:1px solid var(--line)}td.c{background:var(--now);font-weight:600}"
    ".so{font-size:1.0625rem;font-weight:600}.soft{color:var(--ink2)}"
    "td.w{font-family:ui-monospace,monospace;overflow-wrap:anywhere}.t{overflow-x:auto}"
    "pre{overflow-x:auto;border-left:3px solid var(--line);padding-left:1em}"
    PRINT "@page{size:A4;margin:14mm}";

static void events_write(struct buf *out, const struct picture *picture)
{
    struct buf words = BUF_MAX(8 * TRACE_LINE_MAX);
    buf_add_text(out, "<div class=\"t\"><table><caption>What happened, in order</caption>"
                 "<thead><tr><th>time</th><th>what</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < picture->count; i++) {
        buf_clear(&words);
        picture_words(&words, picture, &picture->items[i]);
        buf_add_text(out, "<tr><td>");
        time_add_ms(out, picture->of->world, picture->items[i].t_ns);
        buf_add_text(out, "</td><td class=\"w\">");
        buf_add(out, buf_slice(&words));
        buf_add_text(out, "</td></tr>\n");
    }
    buf_add_text(out, "</tbody></table></div>\n");
    if (picture->left_out)
        buf_format(out, "<p>%zu more lines were said than the picture and this table show.</p>\n",
                   picture->left_out);
    buf_free(&words);
}

static void transcript_begin(struct buf *out, const struct picture *picture,
                             const struct conn *conn)
{
    buf_format(out, "<h3>%s, %s to %s, ", conn->protocol ? conn->protocol->name : "connection",
               machine_name(picture->of->world, conn->client),
               machine_name(picture->of->world, conn->server));
    time_add(out, picture->of->world, conn->opened_ns);
    buf_add_text(out, "</h3>\n<pre>");
}

/* Each conversation by itself, all of them read in one pass. */
static void transcripts_write(struct buf *out, const struct picture *picture)
{
    const struct conns *conns = &picture->conns;
    const struct trace *trace = picture->of->world->trace;
    struct buf *texts = calloc(conns->count + 1, sizeof *texts);
    must(texts != NULL);
    for (size_t i = 0; i < conns->count; i++)
        texts[i] = BUF_MAX(PICTURE_BYTES_MAX);
    for (uint64_t number = trace_first(trace); number < trace_end(trace); number++) {
        const struct trace_record *record = trace_at(trace, number);
        const struct conn *conn =
            record->kind == TRACE_LINE ? conns_find(conns, record->conn) : NULL;
        if (!conn)
            continue;
        struct buf *text = &texts[conn - conns->at];
        buf_add_text(text, record->side == SIDE_CLIENT ? "C: " : "S: ");
        xml_add(text, record->text, 1000);
        buf_add_char(text, '\n');
    }
    for (size_t i = 0; i < conns->count; i++) {
        if (texts[i].len) {
            transcript_begin(out, picture, &conns->at[i]);
            buf_add(out, buf_slice(&texts[i]));
            buf_add_text(out, "</pre>\n");
        }
        buf_free(&texts[i]);
    }
    free(texts);
}

/* --- where the messages are at the end -------------------------------------------------------- */

static void messages_table(struct buf *out, const struct board *board)
{
    struct buf text = BUF_MAX(128);
    buf_add_text(out, "<table><caption>Where the messages of ");
    xml_add(out, slice_of(board->address), ADDRESS_MAX);
    buf_add_text(out, " are at the end</caption><thead><tr><th>message</th><th>server</th>");
    for (size_t i = 1; i < board->holders; i++) {
        buf_add_text(out, "<th>");
        xml_add(out, slice_of(board->devices[i]->name), 40);
        buf_add_text(out, "</th>");
    }
    buf_add_text(out, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < board->count; i++) {
        buf_clear(&text);
        message_name_write(&text, board->messages[i].number);
        buf_format(out, "<tr><td>%s ", buf_text(&text));
        const char *title = board->messages[i].title;
        xml_add(out, title[0] ? slice_of(title) : SLICE("(no copy is left)"), 60);
        for (size_t holder = 0; holder < board->holders; holder++) {
            buf_clear(&text);
            board_cell_write(&text, &board->messages[i], holder);
            buf_add_text(out, "</td><td>");
            xml_add(out, buf_slice(&text), 40);
        }
        buf_add_text(out, "</td></tr>\n");
    }
    buf_add_text(out, "</tbody></table>\n");
    buf_free(&text);
}

struct messages {
    struct buf *out;
    const struct picture_world *of;
};

/* Of the story's person; without one, of all who have devices. */
static bool person_write(void *context, const struct user *user)
{
    const struct messages *messages = context;
    struct board board;
    if (messages->of->person.len && !slice_is(messages->of->person, user->address))
        return true;
    board_gather(&board, messages->of->world, user, SLICE_EMPTY, true);
    if (board.holders > 1 && board.count)
        messages_table(messages->out, &board);
    board_free(&board);
    return true;
}

static void messages_write(struct buf *out, const struct picture_world *of)
{
    struct messages messages = { out, of };
    store_users(of->world->store, person_write, &messages);
}

static void name_write(struct buf *out, const struct picture_world *of)
{
    xml_add(out, of->name.len ? of->name : SLICE("everything that happened"), 60);
}

/* All lines of a world, for who wants to check: folded. */
static void world_write(struct buf *out, const struct picture_world *of)
{
    struct picture picture;
    picture_gather(&picture, of);
    buf_add_text(out, "<details><summary>As a table: ");
    name_write(out, of);
    buf_add_text(out, "</summary>\n");
    events_write(out, &picture);
    buf_add_text(out, "</details>\n<details><summary>Transcripts: ");
    name_write(out, of);
    buf_add_text(out, "</summary>\n");
    transcripts_write(out, &picture);
    buf_add_text(out, "</details>\n");
    picture_free(&picture);
}

/* Where everything is at the end stands first: it is what one asks. */
static void boards_write(struct buf *out, const struct picture_world *worlds, size_t count)
{
    buf_add_text(out, "<section><div class=\"worlds\">\n");
    for (size_t i = 0; i < count; i++) {
        buf_add_text(out, "<section>");
        if (worlds[i].name.len) {
            buf_add_text(out, "<h3>");
            name_write(out, &worlds[i]);
            buf_add_text(out, "</h3>\n");
        }
        buf_add_text(out, "<div class=\"t\">");
        messages_write(out, &worlds[i]);
        buf_add_text(out, "</div></section>\n");
    }
    buf_add_text(out, "</div></section>\n");
}

void picture_legend_html(struct buf *out)
{
    buf_add_text(out, "<figure><svg viewBox=\"0 0 760 104\" "
                 "style=\"max-width:760px;min-width:650px\" "
                 "xmlns=\"http://www.w3.org/2000/svg\" role=\"group\" aria-label=\"legend\">");
    buf_add_text(out, picture_defs);
    picture_legend(out, 18);
    buf_add_text(out, "</svg></figure>\n");
}

void picture_html(struct buf *out, const struct picture_world *worlds, size_t count,
                  const struct picture_page *page)
{
    buf_add_text(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                 "<meta name=\"viewport\" content=\"width=device-width\"><title>");
    xml_add(out, page->title, 120);
    buf_format(out, "</title><style>%s%s</style></head><body><h1>", style, picture_style);
    xml_add(out, page->title, 120);
    buf_add_text(out, "</h1>\n");
    buf_add(out, page->answer);
    boards_write(out, worlds, count);
    buf_add(out, page->figures);
    if (!page->figures.len) {
        size_t marks = 0;
        picture_legend_html(out);
        for (size_t i = 0; i < count; i++) {
            buf_add_text(out, "<figure>");
            picture_svg_part(out, &worlds[i], &marks);
            buf_add_text(out, "</figure>\n");
        }
    }
    for (size_t i = 0; i < count; i++)
        world_write(out, &worlds[i]);
    buf_add_text(out, "</body></html>\n");
}
