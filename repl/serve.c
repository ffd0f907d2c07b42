/* serve.c: `pennypost serve`: the world's servers on real sockets. Reads what is asked,
   says where it listens, and stops on SIGINT and SIGTERM. The sockets are gateway/'s. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/gateway.h"
#include "repl/repl.h"

/* "ana:tulip", or "new@campus.example:secret": who is there already gets no second password. */
static bool user_add(struct world *world, slice host, const char *said, struct error *why)
{
    slice password = slice_of(said);
    slice name = take_until(&password, ':');
    slice domain = slice_of(host_policy(host_find(world, host))->domains[0]);
    struct arena arena = { 0 };
    struct user user;
    size_t at = 0;
    bool known = false;
    if (!name.len || !password.len)
        return error_set(why, "--user takes NAME:PASSWORD, not %s", said);
    if (!slice_find(name, '@', &at))
        name = arena_format(&arena, "%.*s@%.*s", SLICE_ARG(name), SLICE_ARG(domain));
    bool there = store_user_find(world->store, host, name, &user) &&
                 slice_is(password, user.password);
    slice line = arena_format(&arena, "user %.*s password %.*s", SLICE_ARG(name),
                              SLICE_ARG(password));
    bool added = there || world_sentence(world, line, &known, &at, why);
    arena_free(&arena);
    return added;
}

static bool is_loopback(const char *address)
{
    return slice_starts(slice_of(address), "127.") || strcmp(address, "::1") == 0;
}

static void say_listening(struct repl *repl, const struct gateway *gateway,
                          const struct serve_options *serve)
{
    if (repl->json) {
        fputs("{\"kind\":\"listening\"", repl->json);
        for (int i = 0; i < GATEWAY_SERVICES; i++)
            if (gateway_port(gateway, i))
                fprintf(repl->json, ",\"%s\":%u", gateway_service_name(i),
                        gateway_port(gateway, i));
        fprintf(repl->json, ",\"pid\":%ld}\n", (long)getpid());
        fflush(repl->json);
    }
    show_text(repl, "Serving %s on %s:\n", serve->host, serve->listen);
    for (int i = 0; i < GATEWAY_SERVICES; i++)
        if (gateway_port(gateway, i))
            show_text(repl, "  %-10s %u\n", gateway_service_name(i), gateway_port(gateway, i));
    show_text(repl,
              "Without TLS: passwords can be read on the way, and plaintext logins are allowed.\n");
    if (!is_loopback(serve->listen))
        show_text(repl, "NOT only this machine: everybody who reaches it at %s may log in, with\n"
                  "this world's passwords, and read and send its mail.\n", serve->listen);
    if (serve->record)
        show_text(repl, "Recording to %s: every octet, passwords too. Later: pennypost run %s\n",
                  serve->record, serve->record);
    show_text(repl, "Stop with Ctrl-C.\n");
    fflush(repl->out);
}

static void show_round(struct repl *repl, bool watch)
{
    struct trace *trace = repl->world->trace;
    if (watch)
        show_new(repl, false);
    repl->shown = trace_end(trace);
    trace_forget_before(trace, repl->shown);
}

/* Until somebody says stop, and a goodbye after it. */
static bool serve_rounds(struct repl *repl, struct gateway *gateway, bool watch, struct error *why)
{
    sigset_t open;
    bool heard, good = true;
    signals_hold(&open);
    while (good && !signal_leave) {
        good = gateway_round(gateway, &open, &heard, why);
        show_round(repl, watch);
    }
    if (good)
        good = gateway_part(gateway, &open, why);
    signals_let(&open);
    return good;
}

static bool serve_listening(struct repl *repl, const struct serve_options *serve,
                            const struct gateway_options *options, struct error *why)
{
    struct gateway *gateway = gateway_open(repl->world, options, why);
    if (!gateway)
        return false;
    say_listening(repl, gateway, serve);
    bool good = serve_rounds(repl, gateway, serve->watch, why);
    gateway_close(gateway);
    show_round(repl, serve->watch);
    if (!serve->watch)
        repl->json = NULL; /* the one line was all */
    return good;
}

static enum exit_code serve_world(struct repl *repl, const struct serve_options *serve)
{
    struct error why = { "" }, unheard;
    struct gateway_options options = { .address = serve->listen, .host = slice_of(serve->host),
                                       .today = true };
    memcpy(options.named, serve->named, sizeof options.named);
    memcpy(options.ports, serve->ports, sizeof options.ports);
    bool possible = gateway_possible(repl->world, &options, &why);
    for (size_t i = 0; possible && i < serve->user_count; i++)
        possible = user_add(repl->world, options.host, serve->users[i], &why);
    if (!possible) {
        say_error(&why);
        return EXIT_USAGE;
    }
    struct record *record = NULL;
    if (!world_remember(repl->world, &why)) {
        say_error(&why);
        return EXIT_TROUBLE;
    }
    if (serve->record && !(record = record_begin(repl->world, serve->record, &why))) {
        say_error(&why);
        return EXIT_TROUBLE;
    }
    bool good = serve_listening(repl, serve, &options, &why);
    if (record && !record_end(record, good ? &why : &unheard))
        good = false;
    if (!good)
        say_error(&why);
    return good ? EXIT_GOOD : EXIT_TROUBLE;
}

enum exit_code serve_run(const struct options *options, const struct serve_options *serve)
{
    struct repl repl = { 0 };
    signals_begin(false);
    show_begin(&repl, options, false);
    /* Without --world nothing is kept: a learner's own world is not for strangers. */
    enum exit_code opened = options->world ? opening_for_prompt(&repl, options)
                                           : opening_for_run(&repl, options);
    if (opened != EXIT_GOOD)
        return opened;
    return opening_end(&repl, serve_world(&repl, serve));
}
