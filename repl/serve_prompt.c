/* serve_prompt.c: `serve` at the prompt: real sockets before the world one stands in, while one
   goes on typing. Whatever comes through them is a line of the history (inbound.h); `serve`
   itself is none, so a saved script plays what came and opens nothing. */
#include <string.h>
#include <unistd.h>

#include "base/heap.h"
#include "base/words.h"
#include "gateway/gateway.h"
#include "repl/repl.h"
#include "servers/services_table.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "sim/hosts/inbound.h"
#include "sim/language/arrive.h"
#include "sim/language/commands.h"

static void line_remember(void *context, slice line)
{
    struct world *world = context;
    timeline_history(world, line);
}

/* --- wait for something, by the clock on the wall --------------------------------------------- */

static void prompt_waits(struct world *world, slice what, uint64_t ms)
{
    struct repl *repl = world->front;
    repl->awaited = BUF_MAX(SCRIPT_LINE_MAX);
    buf_add_text(&repl->awaited, ":check ");
    buf_add(&repl->awaited, what);
    repl->awaited_end_ms = gateway_wall_ms() + ms;
}

/* Real clients are served meanwhile, and what is typed waits; Ctrl-C ends it. */
static void awaited_rounds(struct repl *repl)
{
    struct check_result result;
    slice what = slice_from(buf_slice(&repl->awaited), sizeof ":check " - 1);
    while (repl->gateway && !signal_leave && !signal_break) {
        uint64_t now_ms = gateway_wall_ms();
        if (!check_ask(repl->world, what, 0, &result) || result.ok ||
            now_ms >= repl->awaited_end_ms)
            return;
        gateway_hurry(repl->gateway, repl->awaited_end_ms - now_ms);
        serve_prompt_round(repl, NULL);
        show_new(repl, false);
    }
    signal_break = 0;
}

static void awaited_run(struct repl *repl)
{
    struct error why = { "" };
    size_t at;
    gateway_hear_as(repl->gateway, STDIN_FILENO, false, false);
    awaited_rounds(repl);
    if (repl->gateway)
        gateway_hear_as(repl->gateway, STDIN_FILENO, true, false);
    serve_prompt_line_begins(repl);
    if (script_line(repl->world, buf_slice(&repl->awaited), &at, &why) == LINE_BROKEN)
        say_error(&why);
    buf_free(&repl->awaited);
    serve_prompt_line_ended(repl);
}

static void ports_closed(struct repl *repl)
{
    repl->world->script->wait_for = NULL;
    repl->gateway = NULL;
    store_follow_commits(repl->world->store, false);
    arrive_record(repl->world, NULL, NULL);
    timeline_inbound_ended(repl->world);
    heap_enter(NULL);
}

static void say_where(struct repl *repl)
{
    show_text(repl, "   Real mail programs reach this world at 127.0.0.1:\n ");
    for (int i = 0; i < SERVICES; i++)
        if (gateway_port(repl->gateway, i))
            show_text(repl, "  %s %u", service_table[i].name, gateway_port(repl->gateway, i));
    show_text(repl, "\n   %zu connected. Time follows your clock.  serve stop  closes.\n",
              gateway_sessions(repl->gateway));
}

/* "imap 2143 smtp 0 host mx.bakery.example" */
static bool options_read(struct call *call, struct gateway_options *options)
{
    slice rest = call->args, word;
    while ((word = word_take(&rest)).len) {
        uint64_t port = 0;
        const struct service *service = service_for_name(word);
        if (service && service_is_sealed(service))
            service = NULL; /* those of TLS are not for the prompt */
        slice value = word_take(&rest);
        if (slice_is(word, "host") && value.len)
            options->host = value;
        else if (!service)
            return call_refuse(call, word, "serve, serve imap 2143 smtp 0 ..., serve host NAME, "
                               "serve stop");
        else if (!word_number(value, UINT16_MAX, &port))
            return call_refuse(call, value, "a port is a number up to 65535; 0: any that is free");
        if (service) {
            options->named[service - service_table] = true;
            options->ports[service - service_table] = (uint16_t)port;
        }
    }
    return true;
}

static bool serve_prompt_open(struct call *call, struct repl *repl)
{
    struct error why = { "" };
    struct gateway_options options = { .address = "127.0.0.1",
                                       .host = SLICE("mail.campus.example") };
    if (call->device && call->device->mail_server[0])
        options.host = slice_of(call->device->mail_server);
    if (!options_read(call, &options))
        return false;
    if (!gateway_possible(call->world, &options, &why))
        return call_refuse(call, call->args, "%s", why.text);
    arrive_record(call->world, line_remember, call->world);
    repl->gateway = gateway_open(call->world, &options, &why);
    if (repl->gateway && !gateway_hear(repl->gateway, STDIN_FILENO)) {
        error_set(&why, "what you type comes from a file: nobody would hear the sockets");
        gateway_close(repl->gateway);
        repl->gateway = NULL;
    }
    if (!repl->gateway) {
        arrive_record(call->world, NULL, NULL);
        return call_refuse(call, call->args, "%s", why.text);
    }
    call->world->script->wait_for = prompt_waits;
    store_follow_commits(call->world->store, true);
    say_where(repl);
    return true;
}

bool serve_prompt_run(struct call *call)
{
    struct repl *repl = call->world->front;
    if (!repl || !repl->prompts)
        return call_refuse(call, call->args, "serve opens real ports: type it at the prompt, or "
                           "start `pennypost serve`");
    call->silent = call->forgets = true;
    if (!repl->gateway && slice_is(call->args, "stop"))
        return call_refuse(call, call->args, "no port is open: serve  opens them");
    if (!repl->gateway)
        return serve_prompt_open(call, repl);
    if (call->args.len && !slice_is(call->args, "stop"))
        return call_refuse(call, call->args, "the ports are open already:  serve stop  first");
    if (call->args.len)
        repl->serve_prompt_ends = true; /* when the line has ended: this runs inside the world */
    else
        say_where(repl);
    return true;
}

void serve_prompt_stop(struct repl *repl)
{
    struct error why = { "" };
    if (!repl->gateway)
        return;
    repl->serve_prompt_ends = false;
    if (!gateway_part(repl->gateway, NULL, &why))
        say_error(&why);
    gateway_close(repl->gateway);
    ports_closed(repl);
    show_new(repl, false);
    show_text(repl, "   The ports are closed. Time stands until you type.\n");
}

/* The store has failed, or the world loops: nothing more may be said. */
static void serve_prompt_failed(struct repl *repl, const struct error *why)
{
    say_error(why);
    gateway_close(repl->gateway);
    ports_closed(repl);
}

void serve_prompt_line_begins(struct repl *repl)
{
    struct error why = { "" };
    if (repl->gateway && !gateway_catch_up(repl->gateway, &why))
        serve_prompt_failed(repl, &why);
}

void serve_prompt_line_ended(struct repl *repl)
{
    if (!repl->gateway)
        return;
    heap_enter(heap_of(repl->world)); /* what comes through the ports moves the world */
    gateway_anchor(repl->gateway);
    if (repl->awaited.len)
        awaited_run(repl);
    if (repl->serve_prompt_ends)
        serve_prompt_stop(repl);
}

bool serve_prompt_round(struct repl *repl, const sigset_t *open)
{
    struct error why = { "" };
    bool heard = false;
    if (!gateway_round(repl->gateway, open, &heard, &why))
        serve_prompt_failed(repl, &why);
    return heard;
}
