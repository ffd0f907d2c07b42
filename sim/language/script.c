/* script.c: one line of the language: whom it is for (the mode), what escapes it has, and
   that it is remembered: in the trace as INPUT, in the store as history. What the commands
   do is in commands*.c, what a typed line does is the server's affair. */
#include "base/heap.h"
#include "base/said.h"
#include "base/words.h"
#include "servers/services_table.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "sim/hosts/host.h"
#include "sim/hosts/inbound.h"
#include "sim/language/script.h"
#include "sim/language/synonyms.h"
#include "sim/language/timeline.h"
#include "sim/world.h"

#define REFUSED_KEPT_MAX 200 /* of a refused line, in the history */
#define QUOTED_MAX 40        /* of somebody's words, in an error's text */

enum reading_kind { READ_EMPTY, READ_COMMAND, READ_TEXT, READ_DOUBTFUL };

/* What a line is, before anything is done. */
struct reading {
    enum reading_kind kind;
    const struct command *command;
    slice word;     /* the command's name, or what stands in its place */
    slice args;
    slice octets;   /* for the server, without CRLF */
};

/* --- what the server expects ------------------------------------------------------------------ */

enum expects device_expects(const struct world *world, const struct device *device,
                            uint64_t *octets_left)
{
    *octets_left = 0;
    const struct session *session = NULL;
    if (device && device->typed_open)
        session = host_session(world, device->typed_conn);
    return session ? session_expects(session, octets_left) : EXPECTS_NOTHING;
}

/* --- reading --------------------------------------------------------------------------------- */

static struct reading reading_command(const struct world *world, slice line,
                                      enum reading_kind other)
{
    struct reading reading = { .kind = other };
    reading.word = word_take(&line);
    reading.args = slice_trim(line);
    reading.command = command_find(world->script->tables, reading.word);
    if (reading.command)
        reading.kind = READ_COMMAND;
    return reading;
}

/* Text is what a body or a literal takes; there a smile is a smile. */
static enum reading_kind colon_is(const struct world *world)
{
    uint64_t left = 0;
    enum expects expects = device_expects(world, world->here, &left);
    return expects == EXPECTS_BODY || expects == EXPECTS_LITERAL ? READ_TEXT : READ_DOUBTFUL;
}

static struct reading read_connected(const struct world *world, slice line)
{
    slice rest = line;
    if (!take_char(&rest, ':'))
        return (struct reading){ .kind = READ_TEXT, .octets = line };
    if (slice_starts(rest, ":"))
        return (struct reading){ .kind = READ_TEXT, .octets = rest };
    if (slice_starts(rest, "#"))
        return (struct reading){ .kind = READ_EMPTY };
    bool spaced = rest.len && is_space((unsigned char)rest.at[0]);
    struct reading reading = reading_command(world, rest, READ_DOUBTFUL);
    if (spaced || !reading.command)
        reading.kind = colon_is(world);
    reading.octets = line;
    return reading;
}

/* A protocol's verbs take any case, so fingers write HELP here too. EHLO and MAIL stay verbs. */
static const struct command *command_in_capitals(const struct world *world, slice word)
{
    char lower[32];
    if (word.len >= sizeof lower || slice_is(word, "MAIL") || slice_is(word, "USER"))
        return NULL;
    for (size_t i = 0; i < word.len; i++)
        lower[i] = to_lower(word.at[i]);
    const struct command *command =
        command_find(world->script->tables, (slice){ lower, word.len });
    return command && command->run ? command : NULL;
}

static struct reading read_prompt(const struct world *world, slice line)
{
    line = slice_trim(line);
    if (line.len == 0 || line.at[0] == '#' || slice_starts(line, ":#"))
        return (struct reading){ .kind = READ_EMPTY };
    take_char(&line, ':');
    struct reading reading = reading_command(world, line, READ_DOUBTFUL);
    if (!reading.command)
        reading.command = command_in_capitals(world, reading.word);
    if (reading.command)
        reading.kind = READ_COMMAND;
    return reading;
}

bool script_is_connected(const struct world *world)
{
    return world->here && world->here->typed_open;
}

static struct reading read_line(const struct world *world, slice line)
{
    return script_is_connected(world) ? read_connected(world, line) : read_prompt(world, line);
}

bool script_line_is_command(const struct world *world, slice line)
{
    enum reading_kind kind = read_line(world, line).kind;
    return kind == READ_COMMAND || kind == READ_EMPTY;
}

/* --- what is said of a line that is none ----------------------------------------------------- */

/* For an error's text: cut, and nothing that moves a terminal's cursor. */
struct quoted {
    char text[QUOTED_MAX + 4];
};

static struct quoted quoted_of(slice text)
{
    struct quoted quoted = { "" };
    size_t len = 0;
    for (; len < text.len && len < QUOTED_MAX; len++)
        quoted.text[len] = text.at[len] < ' ' || text.at[len] > '~' ? '?' : text.at[len];
    for (size_t i = 0; text.len > QUOTED_MAX && i < 3; i++)
        quoted.text[len++] = '.';
    return quoted;
}

static slice command_meant(const struct world *world, slice word)
{
    struct guess guess = guess_begin(word);
    char lower[32];
    size_t from = 0;
    const struct command *command;
    if (word.len >= sizeof lower)
        return SLICE_EMPTY;
    for (size_t i = 0; i < word.len; i++)
        lower[i] = to_lower(word.at[i]);
    guess.typed.at = lower;
    while ((command = command_next(world->script->tables, true, &from)) != NULL)
        guess_offer(&guess, slice_of(command->name));
    return guess.best;
}

/* A script that talks on after the server closed the connection wants to know where that was. */
static void add_who_closed(const struct world *world, struct error *why)
{
    const struct device *device = world->here;
    if (!world->line_number || !device || !device->typed_conn || !device->typed_opened)
        return;
    static const char *const how[] = {
        [BY_CLIENT] = "was closed", [BY_SERVER] = "was closed by the server",
        [BY_CUT] = "was cut", [BY_TIMEOUT] = "timed out",
    };
    struct error before = *why;
    struct quoted line = quoted_of(slice_of(device->closed_text));
    error_set(why, "%s (The connection %s at line %llu: %s)", before.text, how[device->closed_by],
              (unsigned long long)device->closed_line, line.text);
}

/* The service that knows this verb, or NULL. */
static const char *service_for_verb(slice verb)
{
    const struct protocol *protocol = NULL;
    while ((protocol = protocol_next(protocol)))
        if (protocol_verb(protocol, verb) != EV_UNKNOWN)
            return protocol->name;
    return NULL;
}

/* "EHLO x", or IMAP's "a1 LOGIN ana tulip" with a label in front. */
static const char *service_for_line(const struct reading *reading, slice *verb)
{
    slice second = word_peek(reading->args);
    const struct protocol *imap = protocol_for_name(SLICE("imap"));
    const char *service = service_for_verb(reading->word);
    *verb = reading->word;
    if (service || !imap || protocol_verb(imap, second) == EV_UNKNOWN)
        return service;
    *verb = second;
    return "imap";
}

static void prompt_refuse(const struct world *world, const struct reading *reading,
                          struct error *why)
{
    slice verb, meant = command_meant(world, reading->word);
    const struct synonym *synonym = synonym_find(reading->word);
    const char *service = service_for_line(reading, &verb);
    struct quoted word = quoted_of(reading->word);
    bool leaves = slice_is_nocase(verb, "QUIT") || slice_is_nocase(verb, "LOGOUT");
    if (service && leaves && world->here && world->here->typed_opened)
        error_set(why, SAID("The connection is closed already. `exit` leaves Pennypost."));
    else if (service && leaves)
        error_set(
            why,
            SAID(
                "%s is for a mail server, and you are connected to none. `exit` leaves Pennypost."),
            quoted_of(verb).text);
    else if (service)
        error_set(why, SAID("%s is for a mail server, and you are connected to none. "
                  "Type  telnet mail %s  and then your %s again."),
                  quoted_of(verb).text, service, quoted_of(verb).text);
    else if (synonym)
        error_set(why, SAID("\"%s\" is no command here: %s."), word.text, synonym->instead);
    else if (meant.len)
        error_set(why, SAID("\"%s\" is no command. Did you mean  %.*s ?"), word.text,
                  SLICE_ARG(meant));
    else
        error_set(why, SAID("\"%s\" is no command. `help` tells what there is."), word.text);
    add_who_closed(world, why);
}

static void connected_refuse(const struct world *world, const struct reading *reading,
                             struct error *why)
{
    slice meant = command_meant(world, reading->word);
    struct quoted word = quoted_of(reading->word);
    if (meant.len)
        error_set(why, SAID("Not sent: \":%s\" is no command. Did you mean  :%.*s ?  "
                  "Type two colons to send one to the server."), word.text, SLICE_ARG(meant));
    else
        error_set(why, SAID("Not sent: \":%s\" is no command (`:help` tells what there is). "
                  "Did you mean to send a colon to the server? Type two."), word.text);
}

static bool is_one_of(slice name, const char *const *names)
{
    for (; *names; names++)
        if (slice_is(name, *names))
            return true;
    return false;
}

/* What leaves the world as it is. One who made a slip and then looked at it takes back the slip. */
static bool line_looks(const struct world *world, slice line)
{
    static const char *const looks[] = {
        "base64", "board", "check", "contrast", "dialect", "goal", "help", "hint", "hosts", "log",
        "meter", "more", "octets", "programs", "progress", "states", "story", "tap", "users", "why",
        NULL };
    struct reading reading = read_line(world, line);
    if (reading.kind != READ_COMMAND)
        return false;
    slice name = slice_of(reading.command->name), what = word_peek(reading.args);
    return is_one_of(name, looks) || (slice_is(name, "on") && !what.len) ||
           (slice_is(name, "mail") && (!what.len || slice_is(what, "list")));
}

/* --- remembering ----------------------------------------------------------------------------- */

static void input_add(struct world *world, slice line, bool remembered)
{
    uint32_t host = world->here ? world->here->host : 0;
    world->input_number = trace_end(world->trace);
    trace_add(
        world->trace, clock_ns(world->clock),
        &(struct trace_record){ .kind = TRACE_INPUT, .host = host, .text = line, .ok = true });
    world->script->inputs++;
    if (remembered)
        timeline_history(world, line);
}

void call_begins(struct call *call)
{
    if (call->begun)
        return;
    call->begun = true;
    input_add(call->world, call->line, !call->forgets && !call->leave);
}

/* ":#" is a comment in every mode, so this line can stand anywhere in a saved script. */
static void history_refused(struct world *world, slice line)
{
    struct buf comment = BUF_MAX(REFUSED_KEPT_MAX + 32);
    buf_add_text(&comment, ":# refused: ");
    line = slice_upto(line, REFUSED_KEPT_MAX);
    for (size_t i = 0; i < line.len; i++)
        buf_add_char(&comment, is_control((unsigned char)line.at[i]) ? '?' : line.at[i]);
    timeline_history(world, buf_slice(&comment));
    buf_free(&comment);
}

/* --- running --------------------------------------------------------------------------------- */

static void answer_trace(const struct call *call)
{
    struct world *world = call->world;
    trace_add(world->trace, clock_ns(world->clock), &(struct trace_record){
        .kind = TRACE_ANSWER, .host = call->device ? call->device->host : 0, .ok = call->ok,
        .name = slice_of(call->command->name), .text = buf_slice(call->out) });
}

bool script_is_steered(const struct world *world)
{
    return inbound_is_on(world) && world->script->turns;
}

/* A real client has seen what it has seen. Who steers may let all of them go, and come back to a
   moment that was kept: what they do is no row of lines that could be taken back one by one. */
static bool time_stands(struct world *world, slice name, struct error *why)
{
    static const char *const steps[] = { "undo", "redo", "rewind", "diff", NULL };
    static const char *const moments[] = { "fork", "go", "restart", NULL };
    bool moment = is_one_of(name, moments);
    if (!inbound_is_on(world) || (!moment && !is_one_of(name, steps)))
        return false;
    if (!script_is_steered(world))
        error_set(why, "%.*s would turn back time, and real mail programs are connected that "
                  "cannot go with it:  serve stop  first.", SLICE_ARG(name));
    else if (!moment)
        error_set(why, "%.*s is not for a world that real mail programs are connected to: fork "
                  "NAME keeps the present, and go NAME or restart comes back.", SLICE_ARG(name));
    return !script_is_steered(world) || !moment;
}

static enum line_result run_command(struct world *world, const struct reading *reading, slice line,
                                    size_t *at, struct error *why)
{
    struct buf out = BUF_MAX(COMMAND_OUTPUT_MAX);
    struct call call = { .world = world, .device = world->here, .args = reading->args, .out = &out,
                         .ok = true, .why = why, .line = line, .command = reading->command };
    *at = (size_t)(reading->word.at - line.at);
    if (time_stands(world, slice_of(reading->command->name), why))
        return LINE_UNREADABLE;
    if (!reading->command->run) {
        error_set(why, "%s %s", reading->command->name, command_absence(reading->command));
        return LINE_UNREADABLE;
    }
    world->script->broken.text[0] = '\0';
    bool understood = reading->command->run(&call);
    if (understood && call.silent) {
        if (!call.forgets)
            timeline_history(world, line);
        if (out.len && world->script->told)
            world->script->told(world, line, call.command, call.ok, buf_slice(&out),
                                buf_slice(&call.data));
    } else if (understood) {
        call_begins(&call);
        if (!call.answered)
            answer_trace(&call);
    } else {
        must(!call.begun);
        *at = (size_t)(reading->args.at - line.at) + call.at;
    }
    buf_free(&out);
    buf_free(&call.data);
    if (understood && call.silent)
        return LINE_EMPTY;
    return !understood ? LINE_UNREADABLE : call.leave ? LINE_LEAVE : LINE_RUN;
}

static enum line_result run_text(struct world *world, const struct reading *reading, slice line)
{
    input_add(world, line, true);
    device_type(world, world->here, reading->octets);
    device_type(world, world->here, SLICE("\r\n"));
    return LINE_RUN;
}

static enum line_result run_reading(struct world *world, slice line, size_t *at, struct error *why)
{
    struct reading reading = read_line(world, line);
    switch (reading.kind) {
    case READ_EMPTY:
        return LINE_EMPTY;
    case READ_COMMAND:
        return run_command(world, &reading, line, at, why);
    case READ_TEXT:
        return run_text(world, &reading, line);
    default:
        *at = (size_t)(reading.word.at - line.at);
        if (script_is_connected(world))
            connected_refuse(world, &reading, why);
        else
            prompt_refuse(world, &reading, why);
        return LINE_UNREADABLE;
    }
}

static bool line_is_text(slice line, size_t *at, struct error *why)
{
    if (line.len > SCRIPT_LINE_MAX) {
        *at = SCRIPT_LINE_MAX;
        return error_set(why, "The line is longer than %u MiB.", SCRIPT_LINE_MAX >> 20);
    }
    if (slice_find(line, '\0', at))
        return error_set(why, "The line holds a NUL: that is no text. `:send \"\\0\"` sends one.");
    return true;
}

/* Only the history has grown: time and the rest are remembered with the next line that runs. */
static bool line_kept(struct world *world, struct error *why)
{
    if (store_commit(world->store))
        return true;
    world->failed = true;
    return error_set(why, "the world's store failed: %s", store_error(world->store));
}

static enum line_result line_run(struct world *world, slice line, size_t *at, struct error *why)
{
    *at = 0;
    enum line_result result = LINE_UNREADABLE;
    world->line = line;
    if (line_is_text(line, at, why))
        result = run_reading(world, line, at, why);
    if (result == LINE_UNREADABLE)
        history_refused(world, line);
    /* What was refused and what is empty is no input: nothing moves, not even what is due. */
    bool ran = result == LINE_RUN || result == LINE_LEAVE;
    bool lives = ran ? world_settle(world, why) && world_remember(world, why)
                     : result == LINE_EMPTY || line_kept(world, why);
    world->line = SLICE_EMPTY;
    if (lives && world->script->broken.text[0]) {
        *why = world->script->broken;
        lives = false;
    }
    return lives ? result : LINE_BROKEN;
}

enum line_result script_line(struct world *world, slice line, size_t *at, struct error *why)
{
    struct heap *before = heap_enter(heap_of(world));
    bool typed = script_is_connected(world) && !script_line_is_command(world, line);
    enum step_kind kind = typed ? STEP_TYPED : line_looks(world, line) ? STEP_LOOK : STEP_ACT;
    bool inbound = inbound_is_on(world);
    uint64_t inputs = world->script->inputs;
    enum line_result result = line_run(world, line, at, why);
    if (inbound && !inbound_is_on(world))
        timeline_inbound_ended(world);
    else if (!inbound && (result == LINE_RUN ||
                          (result == LINE_BROKEN && world->script->inputs > inputs)))
        timeline_ran(world, line, kind);
    heap_enter(before);
    return result;
}
