/* picture_html.c: a picture as one page: the SVG, what it shows as tables, and the transcript of
   every conversation. No script, nothing from elsewhere. */
#include "views/picture.h"

#include <stdlib.h>

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

static void world_write(struct buf *out, const struct picture_world *of)
{
    struct picture picture;
    picture_gather(&picture, of);
    buf_add_text(out, "<section><h2>");
    xml_add(out, of->name.len ? of->name : SLICE("Everything that happened"), 60);
    buf_add_text(out, "</h2>\n");
    events_write(out, &picture);
    buf_add_text(out, "<h2>Transcripts</h2>\n");
    transcripts_write(out, &picture);
    buf_add_text(out, "</section>\n");
    picture_free(&picture);
}

void picture_html(struct buf *out, const struct picture_world *worlds, size_t count, slice title)
{
    buf_add_text(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                 "<meta name=\"viewport\" content=\"width=device-width\"><title>");
    xml_add(out, title, 120);
    buf_add_text(out, "</title>");
    buf_add_text(out, style);
    buf_add_text(out, "</head><body><h1>");
    xml_add(out, title, 120);
    buf_add_text(out, "</h1>\n<figure>\n");
    picture_svg(out, worlds, count, title);
    buf_add_text(out, "</figure>\n");
    for (size_t i = 0; i < count; i++)
        world_write(out, &worlds[i]);
    buf_add_text(out, "</body></html>\n");
}
