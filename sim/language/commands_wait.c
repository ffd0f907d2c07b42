/* commands_wait.c: `wait`: time passes, all of it or until something is so. */
#include "base/said.h"
#include "base/words.h"
#include "servers/mail/date.h"
#include "sim/hosts/inbound.h"
#include "sim/language/commands.h"
#include "sim/world.h"

static void wait_broke(struct world *world, const struct error *why)
{
    if (!world->script->broken.text[0])
        world->script->broken = *why;
}

static bool wait_all(struct call *call, uint64_t ms)
{
    struct error why;
    struct buf now = BUF_MAX(64);
    call_begins(call);
    if (!world_wait(call->world, ms, &why))
        wait_broke(call->world, &why);
    date_write_5322(&now, (int64_t)world_now_ms(call->world), 0);
    call_say(call, SAID("It is %s."), buf_text(&now));
    buf_free(&now);
    return true;
}

/* --- wait DURATION for WHAT ------------------------------------------------------------------- */

/* Up to the next event, or to the end. */
static uint64_t step_ms(const struct world *world, uint64_t left_ms)
{
    uint64_t at_ns = 0, now_ns = clock_ns(world->clock);
    if (!clock_next(world->clock, &at_ns))
        return left_ms;
    uint64_t ms = at_ns > now_ns ? (at_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS : 0;
    return ms < left_ms ? ms : left_ms;
}

/* Nothing changes without a record: only behind a new one is it asked again. */
static void wait_until(struct call *call, slice what, uint64_t left_ms)
{
    struct world *world = call->world;
    struct check_result result;
    struct error why;
    uint64_t seen = 0;
    while (trace_end(world->trace) == seen || (check_ask(world, what, 0, &result) && !result.ok)) {
        seen = trace_end(world->trace);
        uint64_t ms = step_ms(world, left_ms);
        if (!world_wait(world, ms, &why)) {
            wait_broke(world, &why);
            return;
        }
        if (ms == left_ms)
            return;
        left_ms -= ms;
    }
}

/* What came of it is what `check` says. */
static bool wait_answer(struct call *call, slice what)
{
    slice all = call->args;
    call->args = what;
    bool understood = command_check(call);
    call->args = all;
    return understood;
}

static bool wait_for(struct call *call, slice what, uint64_t ms)
{
    struct world *world = call->world;
    struct check_result result;
    if (!subcommand_find(check_words, word_peek(what)))
        return call_refuse(call, what, "that can't be waited for, but what `help check` lists: "
                           "wait 30s for queue mail.campus.example has 0 messages");
    if (!check_ask(world, what, 0, &result))
        return call_refuse(call, slice_from(what, result.at), "%s", result.why.text);
    if (inbound_is_on(world) && world->script->wait_for) {
        call->silent = call->forgets = true;
        world->script->wait_for(world, what, ms);
        return true;
    }
    call_begins(call);
    wait_until(call, what, ms);
    return wait_answer(call, what);
}

bool command_wait(struct call *call)
{
    slice rest = call->args;
    uint64_t ms = 0;
    bool read = duration_read(&rest, &ms);
    if (read && slice_trim(rest).len == 0)
        return wait_all(call, ms);
    if (!read || !word_take_if(&rest, "for"))
        return call_refuse(
            call, call->args,
            SAID("how long? 20ms, 90s, 2h30m, 7d (a year at most); and "
                 "until what: wait 30s for queue mail.campus.example has 0 messages"));
    return wait_for(call, slice_trim(rest), ms);
}
