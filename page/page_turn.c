/* page_turn.c: a typed line, and all that came of it, as one piece of JSON: what became of the
   line, what the lesson says, the next prompt, where in time one is. The trace and the text are
   outputs of their own. */
#include <string.h>

#include "base/words.h"
#include "front/complete.h"
#include "front/files.h"
#include "front/prompt.h"
#include "page/files.h"
#include "page/page.h"
#include "servers/mail/encoding.h"
#include "sim/devices/device.h"
#include "views/exchange.h"
#include "views/json.h"
#include "views/json_write.h"

#define HANDED_FILES_MAX 8
#define SAID_MAX (1u << 20)

/* What the line has left for the turn. */
static struct {
    struct buf names;            /* of the files, as JSON */
    size_t files;
} turn = { .names = BUF_MAX(65536) };

/* --- while it runs ------------------------------------------------------------------------- */

/* "-": it is not in the trace. */
static void told_events(const struct told *told)
{
    struct buf *out = &outputs[EVENTS_OUT];
    const char *before = showing.numbered ? "- " : "";
    buf_add_text(out, before);
    json_record(out, desk->world, &desk->front.conns, &told->input);
    buf_add_text(out, before);
    told_answer_json(out, desk->world, &desk->front.conns, told);
}

void turn_told(struct world *world, slice line, const struct command *command, bool ok, slice text,
               slice data)
{
    struct told told = told_of(world, line, command, ok, text, data);
    if (showing.text)
        exchange_told(&outputs[TEXT_OUT], world, world->front, &told.input, &told.answer);
    if (showing.events)
        told_events(&told);
}

/* The page offers it to be kept. A script that is played writes no files, here as there. */
void turn_hand_over(struct world *world, slice name, slice octets)
{
    struct buf *out = &outputs[OCTETS_OUT];
    (void)world;
    desk->kept_back = !showing.typed;
    if (!showing.typed || turn.files == HANDED_FILES_MAX)
        return;
    buf_add_text(&turn.names, turn.files++ ? ",{\"name\":" : "{\"name\":");
    json_text(&turn.names, name);
    buf_format(&turn.names, ",\"from\":%zu,\"length\":%zu}", out->len, octets.len);
    buf_add(out, octets);
}

static bool reader(const char *path, struct buf *octets, struct error *why)
{
    slice found = file_octets(path);
    if (!found.at)
        return error_set(why, "%s was not given to the page", path);
    return buf_add(octets, found) || error_set(why, "%s is larger than %zu MiB", path,
                                               octets->max >> 20);
}

/* --- where one is -------------------------------------------------------------------------- */

static const char *mode_word(const struct prompt *prompt)
{
    return prompt->predicts                            ? "predict"
           : !script_is_connected(desk->world)         ? "command"
           : prompt->expects == EXPECTS_BODY           ? "text"
           : prompt->expects == EXPECTS_LITERAL        ? "literal"
           : prompt->expects == EXPECTS_ANSWER         ? "answer"
                                                       : "line";
}

void prompt_json(struct buf *out)
{
    struct buf text = BUF_MAX(1024), above = BUF_MAX(1024);
    struct prompt prompt = prompt_now(desk->world);
    const struct session *session = prompt.session;
    const struct device *device = desk->world->here;
    prompt_text(desk->world, &desk->front.look, &text, &above);
    buf_add_text(out, "{\"text\":");
    json_text(out, buf_slice(&text));
    json_put_name(out, "mode", mode_word(&prompt));
    buf_format(out, ",\"target\":%zu", prompt_target(desk->world));
    json_put_name(out, "device", device ? device->name : NULL);
    json_put_name(out, "person", device ? device->person : NULL);
    json_put_name(out, "protocol", session ? session->protocol->name : NULL);
    json_put_name(out, "state", session ? session->protocol->states[session->state].name : NULL);
    buf_format(out, ",\"left\":%llu,\"secret\":%s}", (unsigned long long)prompt.left,
               session && prompt.expects == EXPECTS_ANSWER ? "true" : "false");
    buf_free(&text);
    buf_free(&above);
}

void where_json(struct buf *out)
{
    const struct timeline *timeline = desk->timeline;
    buf_format(out, "{\"step\":%llu,\"steps\":%llu",
               (unsigned long long)(timeline ? timeline_step(timeline) : 0),
               (unsigned long long)(timeline ? timeline_steps(timeline) : 0));
    json_put_name(out, "branch", timeline ? timeline_name(timeline) : NULL);
    buf_format(out, ",\"ms\":%lld,\"end\":%llu}", (long long)world_now_ms(desk->world),
               (unsigned long long)trace_end(desk->world->trace));
}

static void lesson_json(struct buf *out)
{
    const struct sitting *sitting = desk->sitting;
    if (!sitting) {
        buf_add_text(out, "null");
        return;
    }
    buf_add_text(out, "{\"name\":");
    json_text(out, sitting->lesson->name);
    buf_format(out, ",\"met\":%s,\"asks\":%s,\"finished\":%s,\"goals\":[",
               sitting_is_met(sitting) ? "true" : "false", sitting->asks >= 0 ? "true" : "false",
               sitting->finished ? "true" : "false");
    for (size_t i = 0; i < sitting->lesson->goal_count; i++)
        buf_format(out, "%s%s", i ? "," : "", sitting->goals[i].met ? "true" : "false");
    buf_add_text(out, "]}");
}

EXPORT(page_where) void page_where(void)
{
    struct buf *out = &outputs[ANSWER_OUT];
    buf_add_text(out, "{\"prompt\":");
    prompt_json(out);
    buf_add_text(out, ",\"where\":");
    where_json(out);
    buf_add_text(out, ",\"world\":");
    json_text(out, slice_of(desk->world_name));
    buf_format(out, ",\"seed\":\"%llu\",\"lesson\":", (unsigned long long)desk->world->seed);
    lesson_json(out);
    buf_add_char(out, '}');
}

/* --- a line -------------------------------------------------------------------------------- */

/* A lone ":" runs what the last note offered; in a message it is text. False: nothing was. */
static bool line_expand(slice line, struct buf *run, struct error *why)
{
    struct buf typed = BUF_MAX(SCRIPT_LINE_MAX + 64);
    bool ok = true;
    if (prompt_predicts(desk->world))
        sitting_predict_line(desk->sitting, line, &typed);
    else if (!slice_is(slice_trim(line), ":") || prompt_target(desk->world) == TARGET_TEXT)
        buf_add(&typed, line);
    else if (desk->front.offered[0])
        buf_format(&typed, ":%s", desk->front.offered);
    else
        ok = error_set(why, "A colon first reaches Pennypost:  :help  :states  :why");
    ok = ok && files_line(desk->world, buf_slice(&typed), reader, run, why);
    buf_free(&typed);
    return ok;
}

static enum line_result line_run(slice line, size_t *at, struct error *why)
{
    struct buf run = BUF_MAX(SCRIPT_LINE_MAX + 64);
    enum line_result result = LINE_UNREADABLE;
    if (desk->front.replay && replayer_takes(&desk->replayer, line))
        return LINE_RUN;
    bool ok = line_expand(line, &run, why);
    if (ok && desk->sitting) { /* as it is run: a prediction is a command then */
        buf_add(&desk->lines, buf_slice(&run));
        buf_add_char(&desk->lines, '\n');
        result = sitting_line(desk->sitting, buf_slice(&run), at, why);
    } else if (ok) {
        result = script_line(desk->world, buf_slice(&run), at, why);
    }
    buf_free(&run);
    return result;
}

/* What a lesson or a recording says, and another one begins. *world: another one stands here. */
static void lesson_after(struct buf *news, bool leaves, bool *world, bool *noted)
{
    char wanted[64];
    *world = *noted = false;
    if (course) {
        buf_add(news, buf_slice(&course->say));
        buf_clear(&course->say);
        *noted = course->changed;
        course->changed = false;
    }
    if (desk->sitting) {
        bool more;
        lesson_news(course, desk->sitting, &desk->front, news, &more);
        *noted = *noted || more;
    }
    if (leaves)
        *world = desk_leave(news);
    else if (lesson_takes_wish(course, desk->sitting, wanted) && wanted[0])
        *world = lesson_enter(slice_of(wanted), news);
    replay_follow(news, world);
}

static void turn_begin_json(struct buf *out, enum line_result result, size_t at, const char *why)
{
    static const char *const words[] = { "run", "empty", "unreadable", "leave", "broken" };
    buf_format(out, "{\"result\":\"%s\"", words[result]);
    bool fails = result == LINE_UNREADABLE || result == LINE_BROKEN;
    json_put_name(out, "why", fails ? why : NULL);
    buf_format(out, ",\"at\":%zu", at);
}

static void turn_end_json(struct buf *out, bool turned, bool world, bool noted)
{
    buf_add_text(out, ",\"prompt\":");
    prompt_json(out);
    json_put_name(out, "prefill", desk->front.prefill);
    json_put_name(out, "offered", desk->front.offered);
    buf_format(out, ",\"turned\":%s,\"kept\":%llu,\"where\":", turned ? "true" : "false",
               (unsigned long long)(turned ? timeline_kept(desk->timeline) : desk->shown));
    where_json(out);
    buf_add_text(out, ",\"lesson\":");
    lesson_json(out);
    buf_format(out, ",\"changed\":[%s%s%s%s%s]", desk->sitting ? "\"lesson\"" : "",
               desk->sitting && (world || noted) ? "," : "", world ? "\"world\"" : "",
               world && noted ? "," : "", noted ? "\"course\"" : "");
    buf_add_text(out, ",\"files\":[");
    buf_add(out, buf_slice(&turn.names));
    buf_add_text(out, "]}");
    buf_clear(&turn.names);
    turn.files = 0;
}

EXPORT(page_type) void page_type(const char *text, size_t len)
{
    struct buf news = BUF_MAX(SAID_MAX), *out = &outputs[ANSWER_OUT];
    struct error why = { "" };
    size_t at = 0;
    bool world, noted;
    slice line = { text, len };
    uint64_t from = trace_end(desk->world->trace), turns = desk->turns;
    bool command = script_line_is_command(desk->world, line);
    enum line_result result = line_run(line, &at, &why);
    show_new(command);
    bool turned = desk->timeline && turns != desk->turns;
    if (!turned && from < trace_end(desk->world->trace))
        prompt_prefill(desk->world, &desk->front, from);
    lesson_after(&news, result == LINE_LEAVE, &world, &noted);
    turn_begin_json(out, result, at, why.text);
    buf_add_text(out, ",\"news\":");
    json_text(out, buf_slice(&news));
    turn_end_json(out, turned && !world, world, noted);
    buf_free(&news);
}

/* --- completion ---------------------------------------------------------------------------- */

EXPORT(page_complete) void page_complete(const char *text, size_t len)
{
    static struct completions found;
    struct buf *out = &outputs[ANSWER_OUT];
    slice line = { text, len };
    size_t start = len;
    while (start && line.at[start - 1] != ' ')
        start--;
    completions_find(&found, desk->world, line, start);
    buf_format(out, "{\"from\":%zu,\"words\":[", start);
    for (size_t i = 0; i < found.count; i++) {
        buf_add_text(out, i ? "," : "");
        json_text(out, slice_of(found.words[i]));
    }
    buf_add_text(out, "]}");
}
