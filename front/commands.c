/* commands.c: see commands.h. */
#include "front/commands.h"

#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "sim/language/timeline.h"
#include "sim/world.h"
#include "views/json.h"

bool exit_run(struct call *call)
{
    if (call->args.len)
        return call_refuse(call, call->args, "`exit` takes nothing after it");
    call->leave = true;
    return true;
}

struct told told_of(const struct world *world, slice line, const struct command *command, bool ok,
                    slice text, slice data)
{
    struct trace_record record = { .t_ns = clock_ns(world->clock), .ok = true,
                                   .host = world->here ? world->here->host : 0 };
    struct told told = { record, record, data };
    told.input.kind = TRACE_INPUT;
    told.input.text = line;
    told.answer.kind = TRACE_ANSWER;
    told.answer.ok = ok;
    told.answer.name = slice_of(command->name);
    told.answer.text = text;
    return told;
}

void told_answer_json(struct buf *out, const struct world *world, const struct conns *conns,
                      const struct told *told)
{
    json_record(out, world, conns, &told->answer);
    if (!told->data.len)
        return;
    out->len -= sizeof "}\n" - 1;
    buf_add_text(out, ",\"data\":");
    buf_add(out, told->data);
    buf_add_text(out, "}\n");
}

void digest_add(struct world *world, const char *before, struct buf *line)
{
    buf_format(line, "%s%016llx", before, (unsigned long long)world_digest(world));
}

static bool line_add(void *context, slice line)
{
    struct buf *text = context;
    buf_add(text, line);
    buf_add_char(text, '\n');
    return !text->full;
}

struct saving {
    struct buf *text;
    uint64_t upto;               /* this line of the history */
};

static bool history_add(void *context, int64_t number, slice line)
{
    const struct saving *saving = context;
    return (uint64_t)number <= saving->upto && line_add(saving->text, line);
}

/* Tidy or not, it comes to the same digest. */
void script_save(struct buf *text, struct world *world, const struct saved *saved)
{
    buf_add_text(text, SCRIPT_TITLE);
    buf_format(text, "# version %s\n", PENNYPOST_VERSION);
    buf_format(text, "# seed %llu\n", (unsigned long long)world->seed);
    buf_format(text, "# world %s\n", saved->world_name);
    struct saving saving = { text, saved->tidy ? timeline_history_before(timeline_of(world))
                                               : UINT64_MAX };
    store_history(world->store, history_add, &saving);
    if (saved->tidy)
        timeline_lines(timeline_of(world), line_add, text);
    if (saved->continues)
        buf_add_text(text, ":# no digest: the world was closed and opened again in between");
    else
        digest_add(world, ":# digest ", text);
    buf_add_char(text, '\n');
}
