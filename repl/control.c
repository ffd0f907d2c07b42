/* control.c: `serve --control`: programs steer a world that real clients are connected to. A line
   is one of the language, run between two rounds of the gateway; the answer is what `run --json`
   writes of it, and one object more that says that it has ended. Each connection has a front end of
   its own, and is on a device of its own. The sockets are gateway/control.h's. */
#include "repl/control.h"

#include <stdlib.h>
#include <string.h>

#include "base/heap.h"
#include "base/spare.h"
#include "base/words.h"
#include "gateway/control.h"
#include "repl/terminal.h"
#include "sim/devices/device.h"
#include "sim/hosts/inbound.h"
#include "sim/language/commands.h"
#include "views/json.h"
#include "views/json_write.h"

/* One control connection. */
struct speaker {
    struct repl repl;                /* its front end */
    struct steering *steering;
    struct control_client *client;
    char here[DOMAIN_MAX + 1];       /* the device that it is on; "": there is none */
    uint64_t lines;                  /* so many it has said */
    bool ok;                         /* nothing was answered with no, in this line */
    bool watches;
    uint64_t missed;                 /* records that had no room */
    struct buf awaited;              /* run when it is so, or at the end; empty: nothing */
    uint64_t awaited_end_ms, awaited_seen;
};

struct steering {
    struct repl *repl;
    struct gateway *gateway;
    struct control *control;
    struct conns conns;
    char first[DOMAIN_MAX + 1];      /* the device that each connection begins on */
    uint64_t shown;                  /* of the trace, to whoever watches */
    uint64_t turns;                  /* how often time was turned then */
    struct speaker *speaking;        /* whose line runs; NULL: nobody's */
    bool failed;                     /* the ports could not be opened again; why: */
    struct error why;
};

/* --- what is said ----------------------------------------------------------------------------- */

static void missed_say(struct speaker *speaker)
{
    struct buf line = BUF_MAX(128);
    if (!speaker->missed)
        return;
    json_missed(&line, speaker->missed);
    control_say(speaker->client, buf_slice(&line));
    buf_free(&line);
    speaker->missed = 0;
}

/* What has no room is counted, and told as soon as there is some. */
static void record_say(struct speaker *speaker, slice line, bool watched)
{
    size_t max = watched ? CONTROL_WATCH_MAX : CONTROL_ANSWERS_MAX;
    if (control_unread(speaker->client) + line.len > max) {
        speaker->missed++;
        return;
    }
    missed_say(speaker);
    control_say(speaker->client, line);
}

static void records_say(struct steering *steering, uint64_t end)
{
    struct world *world = steering->repl->world;
    struct buf line = BUF_MAX(JSON_LINE_MAX);
    bool watched = false;
    struct control_client *at = NULL;
    while ((at = control_next(steering->control, at)))
        watched = watched || ((struct speaker *)control_own(at))->watches;
    watched = watched || steering->speaking;
    for (uint64_t number = steering->shown; watched && number < end; number++) {
        const struct trace_record *record = trace_at(world->trace, number);
        buf_clear(&line);
        if (!json_record(&line, world, &steering->conns, record))
            continue;
        while ((at = control_next(steering->control, at))) {
            struct speaker *speaker = control_own(at);
            if (speaker == steering->speaking || speaker->watches)
                record_say(speaker, buf_slice(&line), speaker != steering->speaking);
        }
        if (steering->speaking && !record->ok &&
            (record->kind == TRACE_ANSWER || record->kind == TRACE_CHECK))
            steering->speaking->ok = false;
    }
    buf_free(&line);
    steering->shown = end;
}

/* What is shown of connections belongs to the time that was left. */
static void turns_follow(struct steering *steering)
{
    struct trace *trace = steering->repl->world->trace;
    struct timeline *timeline = timeline_of(steering->repl->world);
    uint64_t turns = timeline ? timeline_turns(timeline) : 0;
    if (turns == steering->turns)
        return;
    steering->turns = turns;
    steering->shown = trace_end(trace);
    conns_free(&steering->conns);
    for (struct control_client *at = NULL; (at = control_next(steering->control, at));) {
        struct speaker *speaker = control_own(at);
        conns_free(&speaker->repl.front.conns);
        speaker->awaited_seen = 0;
    }
}

static void news_say(struct steering *steering)
{
    struct trace *trace = steering->repl->world->trace;
    turns_follow(steering);
    if (steering->shown < trace_first(trace))
        steering->shown = trace_first(trace);
    conns_read(&steering->conns, trace);
    records_say(steering, trace_end(trace));
}

/* What is answered past the trace: by `fork`, `branches`, `watch`. Who watches hears it too: time
   may have been turned. */
static void speaker_told(struct world *world, slice line, const struct command *command, bool ok,
                         slice text, slice data)
{
    struct repl *repl = world->front;
    struct steering *steering = repl->speaker->steering;
    struct told told = told_of(world, line, command, ok, text, data);
    struct buf json = BUF_MAX(JSON_LINE_MAX);
    news_say(steering);
    json_record(&json, world, &steering->conns, &told.input);
    told_answer_json(&json, world, &steering->conns, &told);
    for (struct control_client *at = NULL; (at = control_next(steering->control, at));) {
        struct speaker *speaker = control_own(at);
        if (speaker == steering->speaking || speaker->watches)
            record_say(speaker, buf_slice(&json), speaker != steering->speaking);
    }
    repl->speaker->ok = repl->speaker->ok && ok;
    buf_free(&json);
}

/* How the line ended: always the last of what is said to it. */
static void line_ends(struct speaker *speaker, const char *kind, const size_t *at,
                      const char *reason)
{
    struct buf line = BUF_MAX(8192);
    struct world *world = speaker->steering->repl->world;
    missed_say(speaker);
    json_begin(&line, NULL, '{');
    json_put_count(&line, "t", clock_ns(world->clock) / NS_PER_MS);
    json_put_text(&line, "kind", slice_of(kind));
    json_put_count(&line, "line", speaker->lines);
    if (at)
        json_put_count(&line, "column", *at + 1);
    if (reason)
        json_put_text(&line, "reason", slice_of(reason));
    else
        json_put_truth(&line, "ok", speaker->ok);
    json_end(&line, '}');
    buf_add_char(&line, '\n');
    control_say(speaker->client, buf_slice(&line));
    buf_free(&line);
}

/* --- a line ----------------------------------------------------------------------------------- */

/* Each connection is on a device of its own. Who moves there says so, so that the history does. */
static void here_enter(struct speaker *speaker)
{
    struct steering *steering = speaker->steering;
    struct world *world = steering->repl->world;
    const struct device *here = world->here;
    struct buf line = BUF_MAX(DOMAIN_MAX + 16);
    struct error unheard;
    size_t at;
    if (!device_find(world, slice_of(speaker->here))) /* time was turned: it is gone */
        FIELD_SET(speaker->here, slice_of(steering->first));
    if (!speaker->here[0] || (here && slice_is(slice_of(speaker->here), here->name)))
        return;
    buf_format(&line, ":on %s", speaker->here);
    steering->speaking = NULL; /* it did not say this line */
    may_fail(script_line(world, buf_slice(&line), &at, &unheard) == LINE_RUN);
    news_say(steering);
    steering->speaking = speaker;
    buf_free(&line);
}

static void here_leave(struct speaker *speaker)
{
    const struct device *here = speaker->steering->repl->world->here;
    if (here)
        FIELD_SET(speaker->here, slice_of(here->name));
}

static enum line_result speaker_run(struct speaker *speaker, slice line, size_t *at,
                                    struct error *why)
{
    struct steering *steering = speaker->steering;
    struct world *world = steering->repl->world;
    const char *trouble = gateway_trouble(steering->gateway);
    if (trouble) {
        *at = 0;
        error_set(why, "changes are refused just now: %s", trouble);
        return LINE_UNREADABLE;
    }
    if (!gateway_catch_up(steering->gateway, why))
        return LINE_BROKEN;
    news_say(steering); /* what happened before the line is not its answer */
    speaker->ok = true;
    steering->speaking = speaker;
    world->front = &speaker->repl;
    here_enter(speaker);
    enum line_result result = script_line(world, line, at, why);
    here_leave(speaker);
    heap_enter(heap_of(world)); /* what comes through the ports moves the world */
    news_say(steering);
    steering->speaking = NULL;
    world->front = steering->repl;
    gateway_anchor(steering->gateway);
    return result;
}

static void speaker_line(struct speaker *speaker, slice line)
{
    struct steering *steering = speaker->steering;
    struct error why = { "" };
    size_t at = 0;
    enum line_result result = speaker_run(speaker, line, &at, &why);
    if (result == LINE_UNREADABLE) {
        line_ends(speaker, "wrong", &at, why.text);
    } else if (result == LINE_BROKEN) {
        line_ends(speaker, "broken", NULL, why.text);
        steering->failed = true;
        steering->why = why;
    } else if (!speaker->awaited.len) {
        line_ends(speaker, "done", NULL, NULL);
    }
    if (result == LINE_LEAVE)
        control_end(speaker->client);
}

/* At most one of each connection, so that real clients have their turn between two. */
static void speaker_hear(struct speaker *speaker)
{
    slice line;
    size_t at = CONTROL_LINE_MAX;
    enum lines_next next = control_take(speaker->client, &line);
    if (next == LINES_NONE)
        return;
    speaker->lines++;
    if (next == LINES_ONE)
        speaker_line(speaker, line);
    else
        line_ends(speaker, "wrong", &at, "The line is too long: a control connection takes 4 MiB.");
}

/* --- waiting ---------------------------------------------------------------------------------- */

static void speaker_waits(struct world *world, slice what, uint64_t ms)
{
    struct repl *repl = world->front;
    struct speaker *speaker = repl->speaker;
    speaker->awaited = BUF_MAX(CONTROL_LINE_MAX);
    buf_add_text(&speaker->awaited, ":check ");
    buf_add(&speaker->awaited, what);
    speaker->awaited_end_ms = gateway_wall_ms() + ms;
    speaker->awaited_seen = 0;
    control_hold(speaker->client, true);
}

/* Looked at again only when something has happened. */
static bool awaited_is_so(struct speaker *speaker)
{
    struct world *world = speaker->steering->repl->world;
    struct device *here = world->here, *own = device_find(world, slice_of(speaker->here));
    struct check_result result;
    slice what = slice_from(buf_slice(&speaker->awaited), sizeof ":check " - 1);
    if (trace_end(world->trace) == speaker->awaited_seen)
        return false;
    speaker->awaited_seen = trace_end(world->trace);
    world->here = own ? own : here;
    bool answered = check_ask(world, what, 0, &result);
    world->here = here;
    return !answered || result.ok; /* what it was about may be gone: check says so */
}

static void speaker_look(struct speaker *speaker)
{
    uint64_t now_ms = gateway_wall_ms();
    if (!speaker->awaited.len)
        return;
    bool gone = control_is_gone(speaker->client);
    if (!gone && !awaited_is_so(speaker) && now_ms < speaker->awaited_end_ms) {
        gateway_hurry(speaker->steering->gateway, speaker->awaited_end_ms - now_ms);
        return;
    }
    struct buf line = speaker->awaited;
    speaker->awaited = (struct buf){ 0 };
    control_hold(speaker->client, false);
    if (gone)
        control_end(speaker->client);
    else
        speaker_line(speaker, buf_slice(&line));
    buf_free(&line);
}

/* --- turning time ----------------------------------------------------------------------------- */

static void world_turns(struct world *world, bool before)
{
    struct repl *repl = world->front;
    struct steering *steering = repl->speaker->steering;
    if (before)
        gateway_let_go(steering->gateway);
    else if (!gateway_come_again(steering->gateway, &steering->why))
        steering->failed = true;
}

/* --- watch ------------------------------------------------------------------------------------ */

bool watch_run(struct call *call)
{
    struct repl *repl = call->world->front;
    bool off = slice_is(call->args, "off");
    if (call->args.len && !off && !slice_is(call->args, "on"))
        return call_refuse(call, call->args, "watch on, or watch off");
    if (!repl || (!repl->speaker && !repl->gateway))
        return call_refuse(call, call->args, "watch shows what real mail programs say, and no port "
                           "is open:  serve  opens them");
    call->silent = call->forgets = true;
    if (repl->speaker)
        repl->speaker->watches = !off;
    else
        repl->front.watching.on = !off;
    call_say(call, off ? "What happens is not shown here any more."
                       : "What happens is shown here from now on.");
    return true;
}

/* --- begin to end ----------------------------------------------------------------------------- */

static void *speaker_came(void *context, struct control_client *client)
{
    struct speaker *speaker = spare_take(sizeof *speaker);
    if (!speaker)
        return NULL;
    speaker->steering = context;
    speaker->client = client;
    FIELD_SET(speaker->here, slice_of(speaker->steering->first));
    struct repl *repl = &speaker->repl, *server = speaker->steering->repl;
    repl->options = server->options;
    repl->world = server->world;
    repl->timeline = server->timeline;
    repl->out = server->out;
    repl->speaker = speaker;
    repl->front.look = (struct look){ .plain = true, .whole = true, .utf8 = true,
                                      .columns = COMMAND_COLUMNS };
    return speaker;
}

static void speaker_left(void *context, void *own)
{
    struct speaker *speaker = own;
    (void)context;
    conns_free(&speaker->repl.front.conns);
    buf_free(&speaker->repl.front.watched_text);
    buf_free(&speaker->awaited);
    free(speaker);
}

struct steering *steering_begin(struct repl *repl, struct gateway *gateway,
                                const struct control_place *place, struct error *why)
{
    static const char full[] = "{\"kind\":\"full\",\"reason\":\"as many control connections are "
                               "open as there may be\"}\n";
    struct steering *steering = calloc(1, sizeof *steering);
    must(steering != NULL);
    const struct control_user user = { steering, speaker_came, speaker_left, slice_of(full) };
    steering->repl = repl;
    steering->gateway = gateway;
    steering->control = control_open(gateway, place, &user, why);
    if (!steering->control) {
        free(steering);
        return NULL;
    }
    steering->shown = trace_end(repl->world->trace);
    if (repl->world->here)
        FIELD_SET(steering->first, slice_of(repl->world->here->name));
    repl->world->script->told = speaker_told;
    repl->world->script->wait_for = speaker_waits;
    repl->world->script->turns = world_turns;
    return steering;
}

bool steering_round(struct steering *steering, bool heard, struct error *why)
{
    struct control_client *at = NULL;
    news_say(steering);
    control_hear(steering->control, heard);
    while ((at = control_next(steering->control, at)) && !steering->failed) {
        speaker_look(control_own(at));
        speaker_hear(control_own(at));
    }
    control_say_all(steering->control);
    if (steering->failed)
        *why = steering->why;
    return !steering->failed;
}

uint16_t steering_port(const struct steering *steering) { return control_port(steering->control); }
const char *steering_token(const struct steering *steering)
{
    return control_token(steering->control);
}

void steering_end(struct steering *steering)
{
    if (!steering)
        return;
    struct script_state *script = steering->repl->world->script;
    script->told = show_told;
    script->wait_for = NULL;
    script->turns = NULL;
    control_close(steering->control);
    conns_free(&steering->conns);
    free(steering);
}
