/* more.c: the command `more`: the lines that were left out of the last long reply, twenty
   at a time. How far one has read follows from the trace, so that a replay answers alike.
   And the table of this folder's commands. */
#include "sim/devices/device.h"
#include "views/clean.h"
#include "views/conns.h"
#include "views/fold.h"
#include "views/views.h"

#define LINES_AT_ONCE 20

/* A reply: the lines a server said to one device between two inputs. */
struct reply {
    uint64_t from, to;  /* trace records */
    struct fold fold;
    size_t left_out;    /* so many of them are not shown, or not whole, in a small window */
    size_t read;        /* of those, by earlier `more` */
};

static bool is_said(const struct call *call, const struct conns *conns,
                    const struct trace_record *record)
{
    const struct conn *conn = record->kind == TRACE_LINE && record->side == SIDE_SERVER ?
                              conns_find(conns, record->conn) : NULL;
    return conn && conn->typed && conn->client == call->device->host;
}

static bool is_more(const struct call *call, const struct trace_record *record)
{
    return record->kind == TRACE_ANSWER && record->host == call->device->host &&
           slice_is(record->name, "more") && record->ok;
}

static void reply_fold(const struct call *call, const struct conns *conns, struct reply *reply)
{
    fold_free(&reply->fold);
    reply->fold = (struct fold){ .in_header = false };
    for (uint64_t at = reply->from; at < reply->to; at++) {
        const struct trace_record *record = trace_at(call->world->trace, at);
        if (is_said(call, conns, record))
            fold_line(&reply->fold, record->text);
    }
    fold_end(&reply->fold);
    for (size_t i = 0; i < reply->fold.marks.len; i++)
        reply->left_out += fold_mark(&reply->fold, i) != FOLD_SHOWN;
}

static bool reply_find(const struct call *call, const struct conns *conns, struct reply *reply)
{
    const struct trace *trace = call->world->trace;
    size_t mores = 0, lines = 0;
    *reply = (struct reply){ .to = trace_end(trace) };
    for (uint64_t number = trace_end(trace); number-- > trace_first(trace);) {
        const struct trace_record *record = trace_at(trace, number);
        mores += is_more(call, record);
        lines += is_said(call, conns, record);
        if (record->kind != TRACE_INPUT)
            continue;
        reply->from = number;
        if (lines)
            reply_fold(call, conns, reply);
        reply->read = mores * LINES_AT_ONCE;
        if (reply->left_out)
            return true;
        lines = 0;
        reply->to = number;
    }
    return false;
}

static void lines_add(struct call *call, const struct conns *conns, const struct reply *reply,
                      size_t end)
{
    size_t line = 0, number = 0;
    for (uint64_t at = reply->from; at < reply->to; at++) {
        const struct trace_record *record = trace_at(call->world->trace, at);
        if (!is_said(call, conns, record) || fold_mark(&reply->fold, line++) == FOLD_SHOWN)
            continue;
        if (number >= reply->read && number < end) {
            buf_add_text(call->out, "S: ");
            clean_add(call->out, slice_upto(record->text, 2000), true);
            buf_add_char(call->out, '\n');
        }
        number++;
    }
}

bool more_run(struct call *call)
{
    struct conns conns = { 0 };
    struct reply reply;
    bool all = slice_is(call->args, "all");
    if (call->args.len && !all)
        return call_refuse(call, call->args, "more, or more all");
    if (!call->device)
        return call_fact(call, "There is no device to look at.");
    conns_read(&conns, call->world->trace);
    bool found = reply_find(call, &conns, &reply);
    size_t end = reply.left_out;
    if (!found || reply.read >= end) {
        call_fact(call, found ? "That was all of it."
                              : "No reply was cut: you have seen all of it.");
    } else {
        if (!all && end - reply.read > LINES_AT_ONCE)
            end = reply.read + LINES_AT_ONCE;
        lines_add(call, &conns, &reply, end);
        if (reply.left_out > end)
            buf_format(call->out, "   ... %zu lines (:more, or :more all)\n",
                       reply.left_out - end);
    }
    fold_free(&reply.fold);
    conns_free(&conns);
    return true;
}

const struct command view_commands[] = {
    { "board", "board [--watch] [PERSON]",
      "shows where each message of an INBOX is now: on the server and on every device",
      COMPLETES_USER, board_run },
    { "meter", "meter [DEVICE|HOST]",
      "counts what it has cost so far: octets on the wire, messages among them, round trips, time, "
      "and what is stored", COMPLETES_HOST, meter_run },
    { "diff", "diff A [B]",
      "tells two moments apart: what differs on the servers, on each device, in each session; A "
      "and B are branches, steps, start or now (B, if you leave it out)", COMPLETES_BRANCH,
      diff_run },
    { "states", "states [PROTOCOL | CONNECTION [client] | DEVICE|HOST [PROTOCOL]]",
      "draws the protocol's machine, with you are here; `states phone`: what that device's own "
      "program does, and how far its last conversation went (a server's queue's too); "
      "`states 3 client`: the same of one connection",
      COMPLETES_STATES, states_run },
    { "why", "why [CONNECTION | DEVICE MESSAGE]",
      "explains the last reply: what it means, why it came, what to try; `why 3`: the last refusal "
      "on connection 3, a real client's too; `why phone B`: why that device shows that message, or "
      "not",
      COMPLETES_DEVICE, why_run },
    { "story", "story MESSAGE",
      "tells the life of one message: where it came, who fetched it, who removed it; earlier "
      "sittings too",
      COMPLETES_MESSAGE, story_run },
    { "log", "log [DEVICE|HOST|CONNECTION] [commands]",
      "shows what was said on the wire, session by session, in earlier sittings too; commands: "
      "only what the clients said",
      COMPLETES_HOST, log_run },
    { "tap", "tap [on|off|DEVICE|CONNECTION]",
      "shows the octets on the wire, CR and LF made visible; of this sitting",
      COMPLETES_DEVICE, tap_run },
    { "more", "more [all]", "shows what was left out of the last long reply", COMPLETES_NOTHING,
      more_run },
    { NULL, NULL, NULL, COMPLETES_NOTHING, NULL },
};
