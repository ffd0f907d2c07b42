/* picture_html.c: a picture as one page: the SVG, what it shows as tables, and the transcript of
   every conversation. No script, nothing from elsewhere. */
#include "views/picture.h"

#include <stdlib.h>

#include "base/words.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "views/board.h"

static const char style[] =
    "<style>:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;"
    "max-width:90em;padding:0 1em}figure{margin:0;overflow-x:auto}table{border-collapse:collapse}"
    "th,td{text-align:left;vertical-align:top;padding:.15em .8em;border-bottom:1px solid #8886}"
    "td.w{font-family:ui-monospace,monospace;overflow-wrap:anywhere}pre{overflow-x:auto;"
    "border-left:3px solid #8886;padding-left:1em}</style>";

static void events_write(struct buf *out, const struct picture *picture)
{
    struct buf words = BUF_MAX(8 * TRACE_LINE_MAX);
    buf_add_text(out, "<table><caption>What happened, in order</caption><thead><tr><th>time</th>"
                 "<th>what</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < picture->count; i++) {
        buf_clear(&words);
        picture_words(&words, picture, &picture->items[i]);
        buf_add_text(out, "<tr><td>");
        time_add_ms(out, picture->of->world, picture->items[i].t_ns);
        buf_add_text(out, "</td><td class=\"w\">");
        buf_add(out, buf_slice(&words));
        buf_add_text(out, "</td></tr>\n");
    }
    buf_add_text(out, "</tbody></table>\n");
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
        xml_add(out, slice_of(board->messages[i].title), 60);
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

static void world_write(struct buf *out, const struct picture_world *of)
{
    struct picture picture;
    picture_gather(&picture, of);
    buf_add_text(out, "<section><h2>");
    xml_add(out, of->name.len ? of->name : SLICE("Everything that happened"), 60);
    buf_add_text(out, "</h2>\n");
    messages_write(out, of);
    events_write(out, &picture);
    buf_add_text(out, "<h2>Transcripts</h2>\n");
    transcripts_write(out, &picture);
    buf_add_text(out, "</section>\n");
    picture_free(&picture);
}

void picture_html(struct buf *out, const struct picture_world *worlds, size_t count,
                  const struct picture_page *page)
{
    buf_add_text(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                 "<meta name=\"viewport\" content=\"width=device-width\"><title>");
    xml_add(out, page->title, 120);
    buf_add_text(out, "</title>");
    buf_add_text(out, style);
    buf_add_text(out, "</head><body><h1>");
    xml_add(out, page->title, 120);
    buf_add_text(out, "</h1>\n<figure>\n");
    picture_svg(out, worlds, count, page);
    buf_add_text(out, "</figure>\n");
    buf_add(out, page->figures);
    for (size_t i = 0; i < count; i++)
        world_write(out, &worlds[i]);
    buf_add_text(out, "</body></html>\n");
}
