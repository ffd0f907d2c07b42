/* session.c: executes the table of rules. An event comes in; the handler says how it
   went; the row says what is answered and what comes next. The only code that changes
   a session's state. How octets become events is session_read.c. */
#include "servers/session.h"

#include <stdarg.h>
#include <string.h>

#include "base/heap.h"
#include "base/words.h"
#include "servers/auth/throttle.h"
#include "servers/dialect.h"
#include "servers/store/store.h"

#define KEPT_BYTES 1024     /* a buffer larger than this is given back when it is empty */
#define DATA_BYTES_MAX 65536
#define COMMAND_NS 1500       /* what any command costs at least */

/* --- what is said ------------------------------------------------------------------------ */

static bool speaks_early(const struct session *session)
{
    const struct event *running = &session->protocol->events[session->running];
    return session->running && (running->flags & EVENT_BEFORE_COMMIT) &&
           !store_command_has_changed(session->services->store);
}

static void output_add(struct session *session, slice octets)
{
    if (session->services->store && !speaks_early(session))
        session->commit_turn = store_turn(session->services->store);
    if (session->out_sent == session->out.len)
        session->out_sent = session->out.len = 0;
    buf_add(&session->out, octets);
}

void session_write(struct session *session, slice octets) { output_add(session, octets); }

bool session_output_is_high(const struct session *session)
{
    return session->out.len - session->out_sent >= OUTPUT_HIGH_WATER;
}

slice session_output(const struct session *session)
{
    return slice_from(buf_slice(&session->out), session->out_sent);
}

/* {code} and {detail} filled in; an empty {code} takes the space after it along. */
static void reply_expand(struct session *session, const char *reply, struct buf *text)
{
    slice rest = slice_of(reply);
    while (rest.len) {
        size_t next = 0; /* where the next of them may begin, behind the first octet */
        if (take_prefix(&rest, "{detail}")) {
            buf_add(text, session->detail);
        } else if (take_prefix(&rest, "{code}")) {
            buf_add(text, session->code);
            if (session->code.len == 0)
                take_char(&rest, ' ');
        } else {
            if (!slice_find(slice_from(rest, 1), '{', &next))
                next = rest.len - 1;
            buf_add(text, slice_upto(rest, next + 1));
            rest = slice_from(rest, next + 1);
        }
    }
}

/* What came from the client may be quoted in a reply: it must not end the line. */
static void line_clean(struct buf *text)
{
    for (size_t i = 0; i < text->len; i++)
        if (text->at[i] == '\r' || text->at[i] == '\n' || text->at[i] == '\0')
            text->at[i] = '?';
}

static void session_reply(struct session *session, const struct rule *rule)
{
    if (!rule->reply)
        return;
    struct buf text = BUF_MAX(DATA_BYTES_MAX);
    reply_expand(session, rule->reply, &text);
    line_clean(&text);
    session->protocol->status(session, buf_slice(&text));
    buf_clear(&session->data);
    buf_free(&text);
}

void session_detail(struct session *session, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    session->detail = arena_format_list(&session->scratch, format, args);
    va_end(args);
}

void session_code(struct session *session, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    session->code = arena_format_list(&session->scratch, format, args);
    va_end(args);
}

void session_data(struct session *session, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    slice line = arena_format_list(&session->scratch, format, args);
    va_end(args);
    size_t start = session->data.len;
    buf_add(&session->data, line);
    struct buf added = session->data;
    added.at += start;
    added.len -= start;
    line_clean(&added);
    buf_add_text(&session->data, "\r\n");
}

void session_fact(struct session *session, uint32_t fact, bool holds)
{
    session->facts = holds ? session->facts | fact : session->facts & ~fact;
}

/* --- the rules --------------------------------------------------------------------------- */

static bool outcome_is_bad(enum outcome outcome)
{
    return outcome == OUT_SYNTAX || outcome == OUT_UNKNOWN || outcome == OUT_WRONG_TIME ||
           outcome == OUT_TOO_LONG || outcome == OUT_BARE_NEWLINE || outcome == OUT_UNSUPPORTED;
}

const struct manners *session_manners(const struct session *session)
{
    return protocol_manners(session->protocol);
}

/* Counts what went wrong in a row; the one too many closes the connection. */
static enum outcome count_errors(struct session *session, enum outcome outcome)
{
    const struct manners *manners = session_manners(session);
    bool stranger = session->user == 0 && manners->bad_strangers_max;
    uint32_t most = stranger ? manners->bad_strangers_max : manners->bad_commands_max;
    if (outcome == OUT_BAD_LOGIN && ++session->bad_logins >= manners->bad_logins_max)
        return OUT_TOO_MANY_ERRORS;
    if (!outcome_is_bad(outcome))
        session->bad_commands = 0;
    else if (++session->bad_commands >= most)
        return OUT_TOO_MANY_ERRORS;
    return outcome;
}

/* The one door for a state change. */
static void session_enter(struct session *session, int next)
{
    const struct state *states = session->protocol->states;
    if (next == STAY)
        return;
    bool otherwise = states[next].reads != states[session->state].reads;
    session->state = next;
    if (otherwise || next == session->protocol->closed)
        session_read_reset(session);
}

static void command_end(struct session *session, enum outcome outcome)
{
    session->running = 0;
    session->paused = false;
    session->delayed = OUT_OK;
    session->streaming = NULL;
    session->late = false;
    session->detail = session->code = SLICE_EMPTY;
    buf_clear(&session->data);
    if (session->data.cap > KEPT_BYTES)
        buf_free(&session->data);
    arena_reset(&session->scratch);
    if (session->services->store)
        store_command_end(session->services->store,
                          outcome != OUT_FAILED && outcome != OUT_NO_ROOM);
}

static void session_move(struct session *session, int event, enum outcome outcome, bool says)
{
    const struct rule *rule = protocol_rule(session->protocol, session->state, event, outcome);
    must(rule != NULL);
    struct firing firing = {
        .before = session->state, .event = event, .outcome = outcome, .rule = rule
    };
    if (says)
        session_reply(session, rule);
    session_enter(session, rule->next);
    firing.after = session->state;
    session->last = firing;
    if (session->services->fired)
        session->services->fired(session->services, session, &firing);
}

/* The store's trouble, and a reply that could not be said whole, are answered where the table
   has an answer to it. */
static enum outcome outcome_in_trouble(const struct session *session, int event,
                                       enum outcome outcome)
{
    const struct protocol *protocol = session->protocol;
    struct store *store = session->services->store;
    bool trouble = session->out.full || (store && store_failed(store));
    if (!trouble || event == EV_LOST || event == EV_TIMEOUT || event == EV_SHUTDOWN ||
        !protocol_rule(protocol, session->state, event, OUT_FAILED))
        return outcome;
    bool told = store && store_is_full(store) &&
                protocol_rule(protocol, session->state, event, OUT_NO_ROOM);
    return told ? OUT_NO_ROOM : OUT_FAILED;
}

/* What the client said before TLS may be somebody else's: none of it is executed (RFC 3207 5).
   The reader itself holds nothing past the line that is being answered. */
static void session_seal(struct session *session)
{
    session_fact(session, FACT_TLS, true);
    session_fact(session, FACT_REQUIRE_TLS, false);
    session->discards = true;
    must(session->services->seal != NULL);
    session->services->seal(session->services, session);
}

void session_conclude(struct session *session, int event, enum outcome outcome)
{
    int before = session->state;
    bool said = session->streaming && session->protocol->status_first && !session->late;
    outcome = outcome_in_trouble(session, event, outcome);
    outcome = count_errors(session, outcome);
    if (!said)
        session_move(session, event, outcome, true);
    command_end(session, outcome);
    if (session->out.full)  /* a reply that outgrew its bound: nothing after it can be trusted */
        session_enter(session, session->protocol->closed);
    if (outcome == OUT_OK && (session->protocol->events[event].flags & EVENT_SEALS))
        session_seal(session);
    if (session->protocol->states[session->state].raises)
        session_dispatch(session, EV_RAISED, SLICE_EMPTY); /* as deep as it has recipients */
    else if (session->state != before)
        session_changed(session); /* what was new before may be told in this state */
}

/* Who can't log in before TLS is on is sent there, not to a login that will be refused. */
static enum outcome lacking(const struct session *session, int event)
{
    enum outcome outcome = (enum outcome)session->protocol->events[event].lacking;
    bool tls_first = outcome == OUT_NEEDS_LOGIN && (session->facts & FACT_REQUIRE_TLS) &&
                     protocol_rule(session->protocol, session->state, event, OUT_NEEDS_TLS);
    return tls_first ? OUT_NEEDS_TLS : outcome;
}

/* A server of which that is known takes no words behind this verb. */
static bool refuses_words(const struct session *session, int event, slice args)
{
    const struct dialect *dialect = session->protocol->dialect;
    return dialect && (dialect->refuses & VERB(event)) && slice_trim(args).len;
}

static bool ignores_words(const struct session *session, int event)
{
    const struct dialect *dialect = session->protocol->dialect;
    return dialect && (dialect->ignores & VERB(event));
}

/* Why an event is answered without running its handler; OUT_OK if it is to be run. */
static enum outcome before_handler(struct session *session, int event, slice args)
{
    const struct event *declared = &session->protocol->events[event];
    if (event == EV_UNKNOWN)
        return OUT_UNKNOWN;
    if (event >= EV_VERBS) {
        const struct refusal *refusal = policy_refuses(session->services->policy,
                                                       slice_of(declared->verb));
        if (refusal) {
            session_code(session, "%s", refusal->code);
            return OUT_POLICY;
        }
    }
    if (!protocol_allows(session->protocol, session->state, event))
        return OUT_WRONG_TIME;
    bool applies = (session->facts & declared->when) == declared->when;
    if (declared->needs && applies && (session->facts & declared->needs) != declared->needs)
        return lacking(session, event);
    return refuses_words(session, event, args) ? OUT_SYNTAX : OUT_OK;
}

void session_pause(struct session *session)
{
    session->paused = session->services->later != NULL;
    if (session->paused)
        session->services->later(session->services, session);
}

void session_spend(struct session *session, uint64_t ns)
{
    if (session->spent_ns < PIECE_NS)
        session->spent_ns += (uint32_t)(ns < PIECE_NS ? ns : PIECE_NS);
}

bool session_is_spent(const struct session *session)
{
    return session->spent_ns >= PIECE_NS && session->services->later;
}

static void stream_run(struct session *session)
{
    while (session->streaming && !session->paused && !session_output_is_high(session)) {
        enum outcome outcome = session->streaming(session);
        if (outcome == OUT_MORE && session_is_spent(session))
            session_pause(session);
        if (outcome == OUT_MORE)
            continue;
        session_conclude(session, session->running, outcome);
        return;
    }
}

/* True: the answer comes later. */
static bool is_delayed(struct session *session, enum outcome outcome, uint32_t delay_ms)
{
    if (!session->services->delay || delay_ms == 0)
        return false;
    session->delayed = outcome;
    session->services->delay(session->services, session, delay_ms);
    return true;
}

/* Who guesses passwords waits for the answer (throttle.h). */
static bool login_is_delayed(struct session *session)
{
    struct services *services = session->services;
    uint32_t failures = session->bad_logins + 1;
    if (services->throttle) {
        uint32_t from_there = throttle_failed(services->throttle, slice_of(session->peer_address),
                                              services->now_ms);
        if (from_there > failures)
            failures = from_there;
    }
    return is_delayed(session, OUT_BAD_LOGIN, throttle_delay_ms(failures));
}

/* The command that is running is answered, at once or, where a server is slow with it, later. */
void session_answer(struct session *session, enum outcome outcome)
{
    const struct manners *manners = session_manners(session);
    bool slow = outcome_is_bad(outcome) && session->bad_commands >= manners->slow_after;
    if (outcome == OUT_BAD_LOGIN ? login_is_delayed(session)
                                 : is_delayed(session, outcome, slow ? manners->slow_ms : 0))
        return;
    session_conclude(session, session->running, outcome);
}

/* One that works in pieces has changed something in this turn: that stays, whatever becomes of the
   command that begins now. Not sooner: alone in a turn it needs no savepoint. */
static void others_end(const struct session *session)
{
    struct store *store = session->services->store;
    if (store && store_command_has_changed(store) && !store_failed(store))
        store_command_end(store, true);
}

void session_dispatch(struct session *session, int event, slice args)
{
    const struct event *declared = &session->protocol->events[event];
    enum outcome outcome = before_handler(session, event, args);
    others_end(session);
    session->running = event;
    session_spend(session, COMMAND_NS);
    bool stranger = session->user == 0;
    if (outcome == OUT_OK && declared->run)
        outcome = declared->run(session, ignores_words(session, event) ? SLICE_EMPTY : args);
    if (stranger && session->user && session->services->throttle)
        throttle_succeeded(session->services->throttle, slice_of(session->peer_address));
    if (outcome != OUT_MORE) {
        session_answer(session, outcome);
        return;
    }
    must(session->streaming != NULL);
    if (session->protocol->status_first && !session->late)
        session_move(session, event, OUT_OK, true);
    stream_run(session);
}

void session_stream(struct session *session, stream *next) { session->streaming = next; }

void session_stream_late(struct session *session, stream *next)
{
    session->streaming = next;
    session->late = true;
}

/* --- for whoever holds the session -------------------------------------------------------- */

struct session *session_open(const struct protocol *protocol, struct services *services,
                             uint64_t id, uint32_t facts, slice peer_name, slice peer_address)
{
    struct session *session = heap_take(sizeof *session);
    const struct dialect *dialect = policy_dialect(services->policy, protocol);
    if (dialect) {
        struct protocol *spoken = arena_take(&session->arena, sizeof *spoken);
        *spoken = dialect_protocol(protocol, dialect);
        protocol = spoken;
    }
    session->protocol = protocol;
    session->services = services;
    session->id = id;
    session->facts = facts;
    session_fact(session, FACT_REQUIRE_TLS, services->policy->require_tls && !(facts & FACT_TLS));
    session->state = protocol->first;
    session->out = BUF_MAX(OUTPUT_MAX);
    session->data = BUF_MAX(DATA_BYTES_MAX);
    session->detail = session->code = SLICE_EMPTY;
    size_t line = protocol->literal ? IMAP_COMMAND_MAX + protocol->line_max : protocol->line_max;
    session->reader.line = BUF_MAX((line < BODY_PIECE_MAX ? BODY_PIECE_MAX : line) + 2);
    FIELD_SET(session->peer_name, peer_name);
    FIELD_SET(session->peer_address, peer_address);
    session->own = arena_take(&session->arena, protocol->own_bytes);
    session_dispatch(session, EV_OPENED, SLICE_EMPTY);
    return session;
}

void session_free(struct session *session)
{
    if (!session)
        return;
    if (session->protocol->end)
        session->protocol->end(session);
    buf_free(&session->out);
    buf_free(&session->data);
    buf_free(&session->reader.line);
    arena_free(&session->scratch);
    arena_free(&session->arena);
    heap_give(session);
}

bool session_awaits_commit(const struct session *session)
{
    const struct store *store = session->services->store;
    return store && session->commit_turn == store_turn(store);
}

bool session_is_closed(const struct session *session)
{
    return session->state == session->protocol->closed;
}

bool session_is_busy(const struct session *session)
{
    return session->running != 0 || session->paused || session_output_is_high(session);
}

size_t session_input(struct session *session, slice octets)
{
    size_t taken = 0;
    if (session->spent_ms != session->services->now_ms)
        session->spent_ns = 0; /* others have had their turn since */
    session->spent_ms = session->services->now_ms;
    const uint32_t most_ns = session->has_turn ? PIECE_NS : INPUT_NS;
    session->has_turn = false;
    while (taken < octets.len && !session_is_busy(session) && !session_is_closed(session)) {
        session->discards = false;
        taken += session_read(session, slice_from(octets, taken));
        if (session->discards)
            return octets.len;
        if (taken < octets.len && session->spent_ns >= most_ns && !session->paused)
            session_pause(session); /* who sends much at once lets others in, too */
    }
    return taken;
}

void session_sent(struct session *session, size_t octets)
{
    session->out_sent += octets;
    must(session->out_sent <= session->out.len);
    if (session->out_sent == session->out.len) {
        bool spoilt = session->out.full; /* heard when the command ends */
        buf_clear(&session->out);
        session->out_sent = 0;
        if (session->out.cap > KEPT_BYTES)
            buf_free(&session->out);
        session->out.full = spoilt;
    } else if (session->out_sent >= OUTPUT_HIGH_WATER) {
        buf_drop_front(&session->out, session->out_sent);
        session->out_sent = 0;
    }
    if (session->streaming)
        stream_run(session);
    else if (session->out.len == 0)
        session_changed(session); /* there may be more than fitted */
}

void session_resume_delayed(struct session *session)
{
    if (session->running && session->delayed) /* else it was lost meanwhile */
        session_conclude(session, session->running, session->delayed);
}

void session_go_on(struct session *session)
{
    session->paused = false;
    session->spent_ns = 0;
    session->has_turn = true;
    if (session->streaming)
        stream_run(session);
}

void session_timeout(struct session *session)
{
    if (!session_is_closed(session) && session->running == 0)
        session_dispatch(session, EV_TIMEOUT, SLICE_EMPTY);
}

void session_shutdown(struct session *session)
{
    if (!session_is_closed(session) && session->running == 0)
        session_dispatch(session, EV_SHUTDOWN, SLICE_EMPTY);
}

void session_lost(struct session *session)
{
    if (session_is_closed(session))
        return;
    if (session->running)
        command_end(session, OUT_OK);
    session_dispatch(session, EV_LOST, SLICE_EMPTY);
}

void session_changed(struct session *session)
{
    if (session->protocol->changed && !session_is_closed(session) && session->running == 0)
        session->protocol->changed(session);
}

bool session_offers(const struct session *session, const struct capability *capability, int state)
{
    slice token = slice_of(capability->token);
    return capability_holds(capability, state, session->facts) &&
           !policy_is_without(session->services->policy, take_word(&token));
}
