/* serve.c: `pennypost serve`: the world's servers on real sockets. Reads what is asked,
   says where it listens, and stops on SIGINT and SIGTERM. The sockets are gateway/'s. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/heap.h"
#include "base/words.h"
#include "gateway/gateway.h"
#include "repl/control.h"
#include "repl/repl.h"
#include "repl/terminal.h"
#include "servers/services_table.h"
#include "servers/store/store.h"
#include "servers/store/store_event.h"
#include "sim/hosts/host.h"
#include "sim/hosts/past.h"
#include "sim/language/build.h"
#include "sim/world.h"
#include "views/json.h"
#include "views/json_write.h"

#define WATCH_WAITING_MAX 1000 /* records for a terminal that takes nothing; more are missed */

/* What a mail program looks for in an account, by their special uses (RFC 6154). */
static bool mailboxes_add(struct world *world, slice address, struct error *why)
{
    static const char *const boxes[] = { "Drafts for drafts", "Sent for sent", "Trash for trash",
                                         "Junk for junk" };
    struct arena arena = { 0 };
    bool added = true;
    for (size_t i = 0; i < COUNT(boxes) && added; i++) {
        bool known;
        size_t at;
        added = world_sentence(world, arena_format(&arena, "mailbox %.*s %s", SLICE_ARG(address),
                                                   boxes[i]), &known, &at, why);
    }
    arena_free(&arena);
    return added;
}

#define USERS_FILE_MAX (1u << 20)
#define TOKEN_LEAST 16               /* characters: nobody guesses it */

/* "ana:tulip", or "new@campus.example:secret": all behind the first colon is the password. */
static bool user_add(struct world *world, slice host, slice said, struct error *why)
{
    slice password = said, name = take_until(&password, ':');
    slice domain = slice_of(host_policy(host_find(world, host))->domains[0]);
    struct arena arena = { 0 };
    struct user user;
    size_t at = 0;
    if (!name.len || !password.len) /* not shown: it may be a password */
        return error_set(why, "a user is NAME:PASSWORD");
    bool there = store_user_find(world->store, host, name, &user) &&
                 slice_is(password, user.password);
    if (!slice_find(name, '@', &at))
        name = arena_format(&arena, "%.*s@%.*s", SLICE_ARG(name), SLICE_ARG(domain));
    bool added = there || (world_user_add(world, name, password, why) &&
                           mailboxes_add(world, name, why));
    arena_free(&arena);
    return added;
}

/* NAME:PASSWORD, one a line; empty lines and those that begin with # are passed over. So no
   password stands on the command line, where everybody on this machine reads it. */
static bool users_add_file(struct world *world, slice host, const char *path, struct error *why)
{
    struct buf text = BUF_MAX(USERS_FILE_MAX);
    bool added = opening_file_read(path, &text, why);
    slice rest = buf_slice(&text);
    for (int number = 1; added && rest.len; number++) {
        struct error reason = { "" };
        slice line = take_until(&rest, '\n');
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        if (line.len == 0 || line.at[0] == '#' || user_add(world, host, line, &reason))
            continue;
        added = error_set(why, "%s:%d: %s", path, number, reason.text);
    }
    buf_free(&text);
    return added;
}

static bool users_add(struct world *world, slice host, const struct serve_options *serve,
                      struct error *why)
{
    for (size_t i = 0; i < serve->user_count; i++)
        if (!user_add(world, host, slice_of(serve->users[i]), why))
            return false;
    return !serve->users_file || users_add_file(world, host, serve->users_file, why);
}

static bool is_loopback(const char *address)
{
    return slice_starts(slice_of(address), "127.") || strcmp(address, "::1") == 0;
}

/* --- TLS ------------------------------------------------------------------------------------ */

/* What is asked for, and does not go together; NULL: all is well. */
static const char *tls_wrong(const struct serve_options *serve)
{
    bool own_ports = false;
    for (int i = 0; i < SERVICES; i++)
        own_ports = own_ports || (serve->named[i] && service_is_sealed(&service_table[i]));
    if (!serve->cert != !serve->key)
        return "--cert and --key go together";
    if (serve->cert && serve->tls == TLS_OFF)
        return "--cert and --key are for --tls starttls, implicit or both";
    if (own_ports && serve->tls == TLS_IMPLICIT)
        return "with --tls implicit --submission, --pop3 and --imap speak TLS themselves";
    if (own_ports && serve->tls != TLS_BOTH)
        return "--submissions, --pop3s and --imaps are for --tls both";
    return NULL;
}

/* The one that was made before, if it still is good; else a new one. */
static struct tls_server *tls_own(struct repl *repl, const struct serve_options *serve,
                                  struct error *why)
{
    char cert[4096], key[4096];
    slice host = slice_of(serve->host);
    if (!opening_own_path(cert, sizeof cert, "tls-certificate.pem", why) ||
        !opening_own_path(key, sizeof key, "tls-key.pem", why)) {
        show_text(repl, "%s: the certificate is made for this time only.\n", why->text);
        return tls_server_new_unkept(host, why);
    }
    struct tls_server *server = tls_server_new(cert, key, why);
    bool fits = server && tls_server_fits(server, serve->host);
    if (!fits) {
        tls_server_free(server);
        if (!tls_files_make(cert, key, host, why)) {
            show_text(repl, "%s: the certificate is made for this time only.\n", why->text);
            return tls_server_new_unkept(host, why);
        }
        server = tls_server_new(cert, key, why);
    }
    show_text(repl, "Certificate%s, signed by nobody but itself: %s\n", fits ? "" : ", made now",
              cert);
    return server;
}

static bool tls_begin(struct repl *repl, const struct serve_options *serve,
                      struct tls_server **server, struct error *why)
{
    *server = NULL;
    if (serve->tls == TLS_OFF)
        return true;
    if (!tls_is_built_in() || serve->cert)
        *server = tls_server_new(serve->cert, serve->key, why);
    else
        *server = tls_own(repl, serve, why);
    return *server != NULL;
}

static void say_tls(struct repl *repl, const struct serve_options *serve)
{
    static const char *const words[] = {
        [TLS_OFF] =
            "Without TLS: passwords can be read on the way, and plaintext logins are allowed.",
        [TLS_STARTTLS] = "STARTTLS (POP3: STLS) is offered; plaintext logins are allowed too.",
        [TLS_IMPLICIT] = "TLS from the first octet; on smtp, which has no such port, STARTTLS.",
        [TLS_BOTH] =
            "STARTTLS, and three ports that speak TLS at once; plaintext logins are allowed.",
    };
    bool required = host_policy(host_find(repl->world, slice_of(serve->host)))->require_tls;
    if (required && serve->tls == TLS_OFF)
        show_text(repl, "%s is set to require TLS, and there is none: nobody can log in.\n",
                  serve->host);
    else if (required && serve->tls != TLS_IMPLICIT)
        show_text(repl, "STARTTLS is offered, and %s is set to require TLS for logins.\n",
                  serve->host);
    else
        show_text(repl, "%s\n", words[serve->tls]);
}

static void service_say(struct repl *repl, const struct gateway *gateway, int service)
{
    struct buf line = BUF_MAX(200);
    buf_format(&line, "  %-11s %u", service_table[service].name,
               (unsigned)gateway_port(gateway, service));
    show_text(repl, "%s\n", buf_text(&line));
    buf_free(&line);
}

static void say_listening_json(FILE *json, const struct gateway *gateway,
                               const struct serve_options *serve, const struct steering *steering)
{
    struct buf line = BUF_MAX(65536);
    json_begin(&line, NULL, '{');
    json_put_text(&line, "kind", SLICE("listening"));
    for (int i = 0; i < SERVICES; i++)
        if (gateway_port(gateway, i))
            json_put_count(&line, service_table[i].name, gateway_port(gateway, i));
    json_put_count(&line, "pid", (uint64_t)getpid());
    if (steering && steering_port(steering))
        json_put_count(&line, "control", steering_port(steering));
    else if (steering)
        json_put_text(&line, "control", slice_of(serve->control));
    if (steering && steering_port(steering) && !serve->token)
        json_put_text(&line, "token", slice_of(steering_token(steering)));
    json_end(&line, '}');
    buf_add_char(&line, '\n');
    (void)terminal_octets(json, buf_slice(&line));
    fflush(json);
    buf_free(&line);
}

static void say_control(struct repl *repl, const struct serve_options *serve,
                        const struct steering *steering)
{
    if (!steering)
        return;
    if (!steering_port(steering))
        show_text(repl, "Programs may steer it at %s\n", serve->control);
    else if (serve->token)
        show_text(repl, "Programs may steer it at 127.0.0.1:%u; the token is in %s\n",
                  (unsigned)steering_port(steering), serve->token);
    else
        show_text(repl, "Programs may steer it at 127.0.0.1:%u; the first line is  token %s\n",
                  (unsigned)steering_port(steering), steering_token(steering));
}

static void say_listening(struct repl *repl, const struct gateway *gateway,
                          const struct serve_options *serve, const struct steering *steering)
{
    if (repl->json)
        say_listening_json(repl->json, gateway, serve, steering);
    show_text(repl, "Serving %s on %s:\n", serve->host, serve->listen);
    for (int i = 0; i < SERVICES; i++)
        if (gateway_port(gateway, i))
            service_say(repl, gateway, i);
    say_tls(repl, serve);
    say_control(repl, serve, steering);
    if (!is_loopback(serve->listen))
        show_text(repl, "NOT only this machine: everybody who reaches it at %s may log in, with\n"
                  "this world's passwords, and read and send its mail.\n", serve->listen);
    if (serve->record)
        show_text(repl, "Recording to %s: every octet, passwords too. Later: pennypost run %s\n",
                  serve->record, serve->record);
    show_text(repl, "Stop with Ctrl-C.\n");
    fflush(repl->out);
}

/* What whoever runs the server must look at, once each time. */
static void show_trouble(const struct gateway *gateway, bool *troubled)
{
    const char *trouble = gateway_trouble(gateway);
    if (*troubled == (trouble != NULL))
        return;
    *troubled = trouble != NULL;
    if (trouble)
        terminal_error("the world's file cannot be written (%s): changes are refused until it can",
                       trouble);
    else
        terminal_error("the world's file can be written again");
}

/* What nobody took is told when somebody takes again. */
static void show_missed(struct repl *repl)
{
    if (!repl->missed)
        return;
    struct buf line = BUF_MAX(128);
    json_missed(&line, repl->missed);
    if (repl->json)
        (void)terminal_octets(repl->json, buf_slice(&line));
    buf_free(&line);
    terminal_say(repl->out, "   ... %llu lines were not shown: nothing was taken here\n",
                 (unsigned long long)repl->missed);
    repl->missed = 0;
}

static bool let_all(struct repl *repl)
{
    bool out = terminal_let(repl->out, 0), json = !repl->json || terminal_let(repl->json, 0);
    return terminal_let(stderr, 0) && out && json;
}

/* Clients do not wait for a terminal that stands still. The trace holds what it would show, up to
   a bound. */
static void show_round(struct repl *repl, bool watch)
{
    struct trace *trace = repl->world->trace;
    show_turned(repl);
    uint64_t end = trace_end(trace);
    if (let_all(repl) && watch) {
        show_missed(repl);
        show_new(repl, false);
        (void)let_all(repl);
    } else if (!watch || end - repl->shown > WATCH_WAITING_MAX) {
        repl->missed += watch ? end - repl->shown : 0;
        repl->shown = end;
    }
    uint64_t kept = past_upto(repl->world);
    trace_forget_before(trace, repl->shown < kept ? repl->shown : kept);
}

/* Until somebody says stop, and a goodbye after it. */
static bool serve_rounds(struct repl *repl, struct gateway *gateway, struct steering *steering,
                         bool watch, struct error *why)
{
    sigset_t open;
    bool heard, good = true, troubled = false;
    signals_hold(&open);
    while (good && !signal_leave) {
        good = gateway_round(gateway, &open, &heard, why) &&
               (!steering || steering_round(steering, heard, why));
        show_trouble(gateway, &troubled);
        show_round(repl, watch);
    }
    if (good)
        good = gateway_part(gateway, &open, why);
    signals_let(&open);
    return good;
}

static void streams_hold(struct repl *repl)
{
    terminal_hold(repl->out);
    terminal_hold(stderr);
    if (repl->json)
        terminal_hold(repl->json);
}

static void streams_let_go(struct repl *repl)
{
    terminal_let_go(repl->out);
    terminal_let_go(stderr);
    if (repl->json)
        terminal_let_go(repl->json);
}

/* What nobody will look at is not noted. */
static void trace_thin(const struct repl *repl, const struct serve_options *serve)
{
    if (serve->watch || serve->record)
        return;
    if (serve->control || store_lasts(repl->world->store))
        trace_shorten(repl->world->trace); /* who watches, and the next sittings, want lines */
    else
        trace_leave_out_octets(repl->world->trace);
}

/* --- control ---------------------------------------------------------------------------------- */

/* All there is in it, without the line's end. */
static bool token_read(const char *path, struct buf *token, struct error *why)
{
    struct stat file;
    if (!opening_file_read(path, token, why))
        return false;
    if (stat(path, &file) != 0 || (file.st_mode & 077) != 0)
        return error_set(why, "others may read %s: a token is a secret (chmod 600)", path);
    while (token->len && is_blank((unsigned char)token->at[token->len - 1]))
        token->len--;
    if (token->len < TOKEN_LEAST || token->len > CONTROL_TOKEN_MAX ||
        !text_is_visible(buf_slice(token)))
        return error_set(why, "%s: a token is one line of %d to %d characters of ASCII", path,
                         TOKEN_LEAST, CONTROL_TOKEN_MAX);
    return true;
}

static bool is_port(const char *text, uint16_t *port)
{
    uint64_t number = 0;
    bool digits = word_number(slice_of(text), UINT16_MAX, &number);
    *port = (uint16_t)number;
    return digits;
}

static struct steering *control_begin(struct repl *repl, struct gateway *gateway,
                                      const struct serve_options *serve, struct error *why)
{
    struct control_place place = { .path = NULL };
    struct buf token = BUF_MAX(65536);
    struct steering *steering = NULL;
    if (!is_port(serve->control, &place.port))
        place.path = serve->control;
    if (!serve->token || token_read(serve->token, &token, why)) {
        place.token = serve->token ? buf_text(&token) : NULL;
        steering = steering_begin(repl, gateway, &place, why);
    }
    buf_free(&token);
    return steering;
}

/* What is asked for, and does not go together; NULL: all is well. */
static const char *control_wrong(const struct serve_options *serve)
{
    uint16_t port;
    if (serve->token && (!serve->control || !is_port(serve->control, &port)))
        return "--token belongs to --control PORT";
    if (serve->control && serve->record)
        return "--control and --record do not go together: a recording is what clients did";
    if (serve->control && !serve->control[0])
        return "--control PATH or --control PORT";
    if (serve->control && is_digit((unsigned char)serve->control[0]) &&
        !strchr(serve->control, '/') && !is_port(serve->control, &port))
        return "--control: a port is 0 to 65535; a path that begins with a digit is written "
               "./2999x";
    return NULL;
}

static bool serve_listening(struct repl *repl, const struct serve_options *serve,
                            const struct gateway_options *options, struct error *why)
{
    struct gateway *gateway = gateway_open(repl->world, options, why);
    if (!gateway)
        return false;
    struct steering *steering = NULL;
    if (serve->control && !(steering = control_begin(repl, gateway, serve, why))) {
        gateway_close(gateway);
        return false;
    }
    say_listening(repl, gateway, serve, steering);
    trace_thin(repl, serve);
    streams_hold(repl);
    bool good = serve_rounds(repl, gateway, steering, serve->watch, why);
    steering_end(steering);
    gateway_close(gateway);
    show_round(repl, serve->watch);
    streams_let_go(repl);
    if (!serve->watch)
        repl->json = NULL; /* the one line was all */
    return good;
}

static enum exit_code serve_recorded(struct repl *repl, const struct serve_options *serve,
                                     const struct gateway_options *options)
{
    struct error why = { "" }, unheard;
    struct record *record = NULL;
    if (!world_remember(repl->world, &why)) {
        say_error(&why);
        return EXIT_TROUBLE;
    }
    if (serve->record && !(record = record_begin(repl->world, serve->record, &why))) {
        say_error(&why);
        return EXIT_TROUBLE;
    }
    bool good = serve_listening(repl, serve, options, &why);
    if (record && !record_end(record, good ? &why : &unheard))
        good = false;
    if (!good)
        say_error(&why);
    return good ? EXIT_GOOD : EXIT_TROUBLE;
}

/* A word of --watch=… that names nothing would show nothing, and nobody would know why. */
static bool watch_is_known(struct world *world, const char *only, struct error *why)
{
    struct user user;
    slice words = slice_of(only ? only : "");
    while (words.len) {
        slice word = slice_trim(take_until(&words, ',')), digits = word;
        uint64_t number;
        bool conn = take_number(&digits, UINT32_MAX, &number) && !digits.len;
        bool found = conn || service_for_name(word) || protocol_for_name(word);
        for (struct host *host = NULL; !found && (host = host_next(world, host)) != NULL;)
            found = store_user_find(world->store, slice_of(host_policy(host)->name), word, &user);
        if (!found)
            return error_set(why, "--watch=%.*s: a service, a person or a connection's number, as "
                             "in --watch=imap,ana,3", SLICE_ARG(slice_upto(word, 60)));
    }
    return true;
}

static enum exit_code serve_world(struct repl *repl, const struct serve_options *serve)
{
    struct error why = { "" };
    struct gateway_options options = { .address = serve->listen, .host = slice_of(serve->host),
                                       .tls = (enum gateway_tls)serve->tls, .today = true };
    memcpy(options.named, serve->named, sizeof options.named);
    memcpy(options.ports, serve->ports, sizeof options.ports);
    bool possible = gateway_possible(repl->world, &options, &why);
    possible = possible && users_add(repl->world, options.host, serve, &why);
    possible = possible && watch_is_known(repl->world, serve->watch_only, &why);
    if (!possible) {
        say_error(&why);
        return EXIT_USAGE;
    }
    if (!tls_begin(repl, serve, &options.tls_server, &why)) {
        say_error(&why);
        return EXIT_TROUBLE;
    }
    heap_enter(heap_of(repl->world)); /* what comes through the ports moves the world */
    enum exit_code code = serve_recorded(repl, serve, &options);
    heap_enter(NULL);
    tls_server_free(options.tls_server);
    return code;
}

enum exit_code serve_run(const struct options *options, const struct serve_options *serve)
{
    struct repl repl = { 0 };
    const char *wrong = tls_wrong(serve);
    if (!wrong)
        wrong = control_wrong(serve);
    if (wrong) {
        terminal_error("%s\nTry  pennypost --help", wrong);
        return EXIT_USAGE;
    }
    signals_begin(false);
    show_begin(&repl, options, false);
    repl.front.watching = (struct watching){ .on = serve->watch,
                                                .only = serve->watch_only };
    /* Without --world nothing is kept: a learner's own world is not for strangers. */
    repl.serves = true;
    repl.steered = serve->control != NULL;
    enum exit_code opened = options->world ? opening_for_prompt(&repl, options)
                                           : opening_for_run(&repl, options);
    if (opened != EXIT_GOOD)
        return opened;
    return opening_end(&repl, serve_world(&repl, serve));
}
