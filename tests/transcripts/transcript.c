/* transcript.c: see transcript.h. */
#define _POSIX_C_SOURCE 200809L /* opendir, strdup */

#include "tests/transcripts/transcript.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "servers/auth/throttle.h"
#include "servers/dialects/dialects.h"
#include "servers/smtp/smtp_intake.h"
#include "servers/imap/imap.h"
#include "servers/pop3/pop3.h"
#include "servers/services_table.h"
#include "servers/smtp/smtp.h"
#include "servers/store/store.h"
#include "sim/hosts/host.h"
#include "sim/language/build.h"
#include "tests/transcripts/response.h"

#define SPEAKERS 26
#define VARIABLES 64
#define OUTPUT_PIECE 7 /* a client that takes answers as slowly as it asks */

struct speaker {
    struct session *session;
    struct buf said;           /* by the server, not yet matched */
    struct response *response; /* IMAP: re-reads everything that is said */
    bool closed;
};

struct variable {
    char name[32];
    char value[256];
};

struct stage {
    const struct play *play;
    struct world *world;
    struct policy policy;
    struct intake intake;
    struct services services;
    const struct protocol *protocol;
    uint32_t facts;
    uint64_t ids;
    struct speaker speakers[SPEAKERS];
    struct variable variables[VARIABLES];
    size_t variable_count;
    bool changed;
    struct throttle throttle;
    uint64_t delayed_until[SPEAKERS]; /* 0: no answer is kept back */
    bool sealed; /* TLS began: what is left of this C line came before it */
    size_t fired;       /* so many */
    struct session *stopped; /* whose firing it was at which the play stops */
    struct buf line;    /* what was said last */
    bool by_code;       /* S^: what is left of the answer needs no demand */
    slice pending[64]; /* S* lines not yet matched */
    size_t pending_count, pending_speaker;
};

static const struct command *const no_commands[] = { NULL };

const char *const transcript_protocols[PROTOCOLS] = { "smtp", "pop3", "imap", "lmtp" };

const struct protocol *transcript_named(const char *name)
{
    return protocol_for_name(slice_of(name));
}

/* --- what the engine asks --------------------------------------------------------------------- */

static uint64_t on_new_id(struct services *services)
{
    struct stage *stage = services->context;
    return random_mix(++stage->ids);
}

static void on_fired(struct services *services, struct session *session,
                     const struct firing *firing)
{
    struct stage *stage = services->context;
    struct hits *hits = stage->play->hits;
    stage->fired++;
    if (stage->fired == stage->play->stop_at)
        stage->stopped = session;
    if (stage->play->fired) {
        slice reply = session_output(session), rest = buf_slice(&stage->line);
        while (reply.len > 2 && slice_find(slice_upto(reply, reply.len - 2), '\n', &(size_t){ 0 }))
            take_until(&reply, '\n');
        stage->play->fired(stage->play->context,
                           &(struct fired){ session, firing, stage->fired, take_until(&rest, '\r'),
                                            reply });
    }
    if (!hits)
        return;
    for (size_t i = 0; strcmp(session->protocol->name, transcript_protocols[i]) != 0; i++)
        hits++;
    size_t row = protocol_row_number(session->protocol, firing->rule) & ((1u << ROW_BITS) - 1);
    hits->rule[row] = true;
    hits->states[row] |= IN(firing->before);
    hits->cell[firing->before][firing->event] = true;
}

/* With "set: throttle": until a tick. */
static void on_delay(struct services *services, struct session *session, uint32_t ms)
{
    struct stage *stage = services->context;
    stage->delayed_until[session->id - 1] = services->now_ms + ms;
}

static void resume_due(struct stage *stage)
{
    for (size_t i = 0; i < SPEAKERS; i++)
        if (stage->delayed_until[i] && stage->delayed_until[i] <= stage->services.now_ms) {
            stage->delayed_until[i] = 0;
            session_resume_delayed(stage->speakers[i].session);
        }
}

static void on_queued(struct services *services) { (void)services; }

static void on_changed(struct services *services, int64_t mailbox)
{
    struct stage *stage = services->context;
    (void)mailbox;
    stage->changed = true;
}

static void on_stored(struct services *services, int64_t mailbox, uint32_t uid, int64_t message_key)
{
    (void)services;
    (void)mailbox;
    (void)uid;
    (void)message_key;
}

static void on_seal(struct services *services, struct session *session)
{
    struct stage *stage = services->context;
    (void)session;
    stage->sealed = true;
}

/* Transcripts tell SUBSCRIBE's story from its beginning: what a world gives is taken away. */
static bool user_unsubscribe(void *context, const struct user *user)
{
    static const char *const given[] = { "INBOX", "Archive", "Sent" };
    struct store *store = context;
    bool done = true;
    for (size_t i = 0; i < COUNT(given); i++)
        done = store_subscribe(store, user->id, slice_of(given[i]), false) && done;
    return done;
}

/* --- the stage -------------------------------------------------------------------------------- */

static bool stage_open(struct stage *stage, struct error *why)
{
    stage->world = world_new(NULL, NULL, no_commands, slice_of(default_world), SLICE("default"),
                             why);
    if (!stage->world)
        return false;
    stage->line = BUF_MAX(32u << 20);
    must(store_users(stage->world->store, user_unsubscribe, stage->world->store));
    struct host *host = host_find(stage->world, SLICE("mail.campus.example"));
    stage->policy = *host_policy(host);
    stage->services = (struct services){
        .store = stage->world->store,
        .policy = &stage->policy,
        .now_ms = EPOCH_MS,
        .context = stage,
        .new_id = on_new_id,
        .fired = on_fired,
        .queued = on_queued,
        .changed = on_changed,
        .stored = on_stored,
        .seal = on_seal,
    };
    return true;
}

static void stage_close(struct stage *stage)
{
    for (size_t i = 0; i < SPEAKERS; i++) {
        session_free(stage->speakers[i].session);
        response_free(stage->speakers[i].response);
        buf_free(&stage->speakers[i].said);
    }
    world_free(stage->world);
    buf_free(&stage->line);
    free(stage);
}

/* Takes what the sessions say, and tells them of each other's changes as a host does. */
static bool stage_turn(struct stage *stage, struct error *why)
{
    bool moved = true;
    while (moved) {
        moved = false;
        if (!store_commit(stage->world->store))
            return error_set(why, "the store failed: %s", store_error(stage->world->store));
        bool changed = stage->changed;
        stage->changed = false;
        for (size_t i = 0; i < SPEAKERS; i++) {
            struct speaker *speaker = &stage->speakers[i];
            if (!speaker->session)
                continue;
            if (changed)
                session_changed(speaker->session);
            slice out = session_output(speaker->session);
            if (out.len == 0)
                continue;
            if (stage->play->cut == CUT_EVERYWHERE)
                out = slice_upto(out, OUTPUT_PIECE);
            if (speaker->response && !response_feed(speaker->response, out, why))
                return false;
            buf_add(&speaker->said, out);
            session_sent(speaker->session, out.len);
            moved = true;
        }
    }
    return true;
}

static const struct protocol *instead(const struct stage *stage, const struct protocol *protocol)
{
    const struct protocol *other = stage->play->instead;
    return other && strcmp(other->name, protocol->name) == 0 ? other : protocol;
}

static bool speaker_open(struct stage *stage, size_t who, const struct protocol *protocol,
                         uint32_t facts, struct error *why)
{
    struct speaker *speaker = &stage->speakers[who];
    speaker->said = BUF_MAX(64u << 20);
    speaker->session = session_open(instead(stage, protocol), &stage->services, who + 1, facts,
                                    SLICE("laptop.campus.example"), SLICE("192.0.2.10"));
    if (protocol->form == FORM_TAG)
        speaker->response = response_new();
    return stage_turn(stage, why);
}

static bool feed(struct stage *stage, size_t who, slice octets, struct error *why)
{
    struct speaker *speaker = &stage->speakers[who];
    while (octets.len && !stage->sealed) {
        size_t taken = session_input(speaker->session, octets);
        if (!stage_turn(stage, why))
            return false;
        if (taken == 0 && session_is_closed(speaker->session))
            return true;
        if (taken == 0 && session_input(speaker->session, octets) == 0)
            return error_set(why, "the session takes no more input");
        octets = slice_from(octets, taken);
    }
    return true;
}

static bool say(struct stage *stage, size_t who, slice octets, struct error *why)
{
    if (!stage->speakers[who].session)
        return error_set(why, "nobody speaks on that connection");
    stage->sealed = false;
    buf_clear(&stage->line);
    buf_add(&stage->line, octets);
    switch (stage->play->cut) {
    case CUT_EVERYWHERE:
        for (size_t i = 0; i < octets.len; i++)
            if (!feed(stage, who, slice_upto(slice_from(octets, i), 1), why))
                return false;
        return true;
    case CUT_IN_LINE_ENDS:
        while (octets.len) {
            slice rest = octets;
            slice piece = take_until(&rest, '\r');
            piece.len += piece.len < octets.len;
            if (!feed(stage, who, piece, why))
                return false;
            octets = slice_from(octets, piece.len);
        }
        return true;
    default: return feed(stage, who, octets, why);
    }
}

/* --- what is demanded ------------------------------------------------------------------------- */

static bool said_line(struct speaker *speaker, slice *line)
{
    size_t end = 0;
    if (!slice_find_text(buf_slice(&speaker->said), SLICE("\r\n"), &end))
        return false;
    *line = slice_upto(buf_slice(&speaker->said), end);
    return true;
}

static struct variable *variable_named(struct stage *stage, slice name)
{
    for (size_t i = 0; i < stage->variable_count; i++)
        if (slice_is(name, stage->variables[i].name))
            return &stage->variables[i];
    must(stage->variable_count < VARIABLES && name.len < sizeof stage->variables[0].name);
    struct variable *variable = &stage->variables[stage->variable_count++];
    memcpy(variable->name, name.at, name.len);
    return variable;
}

static bool is_name(unsigned char c) { return is_alnum(c) || c == '_'; }

/* $name takes letters, digits and a few signs; bound before, it must be the same text. */
static bool is_value(unsigned char c) { return is_alnum(c) || (c && strchr("_.@-+<>", c)); }

static bool matches_from(struct stage *stage, slice pattern, slice line)
{
    while (pattern.len) {
        if (slice_is(pattern, "..."))
            return true;
        if (pattern.at[0] == '$' && pattern.len > 1 && is_name((unsigned char)pattern.at[1])) {
            pattern = slice_from(pattern, 1);
            struct variable *variable = variable_named(stage, take_while(&pattern, is_name));
            if (variable->value[0]) {
                if (!take_prefix(&line, variable->value))
                    return false;
                continue;
            }
            slice value = take_while(&line, is_value);
            if (value.len == 0 || value.len >= sizeof variable->value)
                return false;
            memcpy(variable->value, value.at, value.len);
            continue;
        }
        if (!take_char(&line, pattern.at[0]))
            return false;
        pattern = slice_from(pattern, 1);
    }
    return line.len == 0;
}

/* What a line that does not match has bound is forgotten. */
static bool matches(struct stage *stage, slice pattern, slice line)
{
    struct variable before[VARIABLES];
    size_t count = stage->variable_count;
    memcpy(before, stage->variables, sizeof before);
    if (matches_from(stage, pattern, line))
        return true;
    memset(stage->variables, 0, sizeof before);
    memcpy(stage->variables, before, count * sizeof before[0]);
    stage->variable_count = count;
    return false;
}

/* What programs decide by: "250 2.1.0", "-ERR [AUTH]", "a1 NO [TRYCREATE", "* BYE"; of other
   untagged lines all. */
static slice code_of(const struct stage *stage, slice line)
{
    slice rest = line, first = take_word(&rest), front = slice_upto(line, line.len - rest.len);
    if (stage->protocol->form == FORM_TAG && !slice_is(first, "+")) {
        slice status = take_word(&rest);
        if (status.len && is_digit((unsigned char)status.at[0]))
            return line;
        front = slice_upto(line, line.len - rest.len);
    }
    slice code = take_word(&rest), digits = code;
    bool enhanced = take_while(&digits, is_digit).len == 1 && take_char(&digits, '.');
    if (!enhanced && !slice_starts(code, "["))
        return front;
    front = slice_upto(line, (size_t)(code.at + code.len - line.at));
    while (front.len && front.at[front.len - 1] == ']')
        front.len--;
    return front;
}

/* Of the answer some line has this code, and those before it matter no more; in SMTP and POP3 it is
   the status. */
static bool demand_code(struct stage *stage, size_t who, slice code, struct error *why)
{
    struct speaker *speaker = &stage->speakers[who];
    slice line = SLICE_EMPTY, came = SLICE_EMPTY;
    stage->by_code = true;
    while (said_line(speaker, &line)) {
        bool goes_on = stage->protocol->form == FORM_DIGITS && line.len > 3 && line.at[3] == '-';
        came = code_of(stage, line);
        if (!goes_on && slice_equal(came, code)) {
            buf_drop_front(&speaker->said, line.len + 2);
            return true;
        }
        if (!goes_on && stage->protocol->form != FORM_TAG)
            break;
        buf_drop_front(&speaker->said, line.len + 2);
    }
    return error_set(why, "demanded the code: %.*s\n    came:     %.*s", SLICE_ARG(code),
                     SLICE_ARG(slice_upto(came, 150)));
}

static bool demand(struct stage *stage, size_t who, slice pattern, struct error *why)
{
    struct speaker *speaker = &stage->speakers[who];
    slice line;
    if (!said_line(speaker, &line))
        return error_set(why, "demanded: %.*s\n    came: nothing", SLICE_ARG(pattern));
    if (!matches(stage, pattern, line))
        return error_set(why, "demanded: %.*s\n    came:     %.*s", SLICE_ARG(pattern),
                         SLICE_ARG(slice_upto(line, 150)));
    buf_drop_front(&speaker->said, line.len + 2);
    return true;
}

/* As many lines as there are S* lines, each once, in any order. */
static bool demand_pending(struct stage *stage, struct error *why)
{
    struct speaker *speaker = &stage->speakers[stage->pending_speaker];
    while (stage->pending_count) {
        slice line;
        size_t found = stage->pending_count;
        if (!said_line(speaker, &line))
            return error_set(why, "demanded in any order: %.*s\n    came: nothing",
                             SLICE_ARG(stage->pending[0]));
        for (size_t i = 0; i < stage->pending_count && found == stage->pending_count; i++)
            if (matches(stage, stage->pending[i], line))
                found = i;
        if (found == stage->pending_count)
            return error_set(why, "none of the S* lines is this: %.*s",
                             SLICE_ARG(slice_upto(line, 150)));
        stage->pending[found] = stage->pending[--stage->pending_count];
        buf_drop_front(&speaker->said, line.len + 2);
    }
    return true;
}

static bool demand_quiet(struct stage *stage, struct error *why)
{
    for (size_t i = 0; stage->by_code && i < SPEAKERS; i++)
        buf_clear(&stage->speakers[i].said);
    stage->by_code = false;
    for (size_t i = 0; i < SPEAKERS; i++)
        if (stage->speakers[i].said.len)
            return error_set(why, "not demanded by anything: %.*s",
                             SLICE_ARG(slice_upto(buf_slice(&stage->speakers[i].said), 150)));
    return true;
}

/* --- the = lines ------------------------------------------------------------------------------ */

static bool assert_has(struct stage *stage, slice rest, struct error *why)
{
    struct user user;
    struct mailbox box;
    uint64_t count = 0;
    slice address = take_word(&rest), name = take_word(&rest), number = take_word(&rest);
    if (!take_number(&number, 100000, &count) ||
        !store_user_by_address(stage->world->store, address, &user) ||
        !store_mailbox_find(stage->world->store, user.id, name, &box))
        return error_set(why, "= has ADDRESS BOX N: no such thing");
    return box.messages == count || error_set(why, "the mailbox has %u messages", box.messages);
}

static uint32_t facts_read(slice words)
{
    uint32_t facts = 0;
    for (slice word = take_word(&words); word.len; word = take_word(&words))
        facts |= slice_is(word, "submission") ? FACT_SUBMISSION
                 : slice_is(word, "starttls") ? FACT_STARTTLS
                 : slice_is(word, "tls")      ? FACT_TLS
                                              : 0u;
    return facts;
}

static bool assert_open(struct stage *stage, slice rest, struct error *why)
{
    slice who = take_word(&rest), name = take_word(&rest);
    const struct protocol *protocol = protocol_for_name(name);
    if (who.len != 1 || !protocol)
        return error_set(why, "= open B imap [facts]");
    return speaker_open(stage, (size_t)(who.at[0] - 'A'), protocol, facts_read(rest), why);
}

static bool assert_state(struct speaker *speaker, slice rest, struct error *why)
{
    const char *name = speaker->session->protocol->states[speaker->session->state].name;
    return slice_is(rest, name) || error_set(why, "the state is %s", name);
}

static bool stage_dialect(struct stage *stage, slice name)
{
    const struct dialect *dialect = NULL;
    while ((dialect = dialect_named(name, dialect)) != NULL)
        policy_dialect_set(&stage->policy, dialect->protocol, dialect);
    if (stage->play->dialect)
        policy_dialect_set(&stage->policy, stage->play->dialect->protocol, stage->play->dialect);
    return stage->policy.dialect_count > 0;
}

static bool stage_set(struct stage *stage, slice words)
{
    slice word = take_word(&words);
    struct refusal *refusal = &stage->policy.refusals[0];
    uint64_t times = 0;
    if (slice_is(word, "dialect"))
        return stage_dialect(stage, take_word(&words));
    if (slice_is(word, "greylist"))
        stage->policy.greylist = true;
    else if (slice_is(word, "require_tls"))
        stage->policy.require_tls = true;
    else if (slice_is(word, "throttle")) {
        stage->services.throttle = &stage->throttle;
        stage->services.delay = on_delay;
    }
    else if (slice_is(word, "intake")) {
        slice number = take_word(&words);
        if (!take_number(&number, UINT64_MAX, &stage->intake.client_max))
            return false;
        stage->intake.all_max = UINT64_MAX;
        stage->services.intake = &stage->intake;
    }
    else if (slice_is(word, "refuse")) {
        slice verb = take_word(&words), code = take_word(&words), number = take_word(&words);
        memcpy(refusal->verb, verb.at, verb.len);
        memcpy(refusal->code, code.at, code.len);
        refusal->left = take_number(&number, 100, &times) ? (int64_t)times : -1;
        stage->policy.refusal_count = 1;
    } else
        return false;
    return true;
}

/* Lines of x, so many octets in all. */
static bool flood(struct stage *stage, size_t who, uint64_t octets, struct error *why)
{
    static const char line[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n";
    for (uint64_t sent = 0; sent < octets; sent += sizeof line - 1)
        if (!feed(stage, who, (slice){ line, sizeof line - 1 }, why))
            return false;
    return true;
}

static bool assert_larger(struct stage *stage, slice rest, struct error *why)
{
    uint64_t values[2] = { 0, 0 };
    for (size_t i = 0; i < COUNT(values); i++) {
        slice name = take_word(&rest);
        take_char(&name, '$');
        slice value = slice_of(variable_named(stage, name)->value);
        if (!take_number(&value, UINT64_MAX, &values[i]))
            return error_set(why, "= larger $name $name: no number");
    }
    return values[0] > values[1] ||
           error_set(why, "%llu is not larger than %llu", (unsigned long long)values[0],
                     (unsigned long long)values[1]);
}

/* Changes the store behind everybody's back. */
static bool tamper(struct stage *stage, slice sql, struct error *why)
{
    struct buf text = BUF_MAX(4096);
    buf_add(&text, sql);
    bool done = store_tamper(stage->world->store, buf_text(&text), why);
    buf_free(&text);
    return done;
}

/* The last C line once more, so many times, with that code each time. */
static bool again(struct stage *stage, size_t who, uint64_t times, slice code, struct error *why)
{
    struct buf line = BUF_MAX(1u << 20);
    bool good = true;
    buf_add(&line, buf_slice(&stage->line));
    while (good && times--)
        good = demand_quiet(stage, why) && say(stage, who, buf_slice(&line), why) &&
               demand_code(stage, who, code, why);
    buf_free(&line);
    return good;
}

static bool stage_assert(struct stage *stage, size_t who, slice rest, struct error *why)
{
    struct speaker *speaker = &stage->speakers[who];
    slice word = take_word(&rest);
    uint64_t ms = 0;
    rest = slice_trim(rest);
    if (slice_is(word, "open"))
        return assert_open(stage, rest, why);
    if (slice_is(word, "state"))
        return assert_state(speaker, rest, why);
    if (slice_is(word, "has"))
        return assert_has(stage, rest, why);
    if (slice_is(word, "quiet"))
        return demand_quiet(stage, why);
    if (slice_is(word, "closed"))
        return session_is_closed(speaker->session) || error_set(why, "it is open");
    if (slice_is(word, "stays"))
        return !session_is_closed(speaker->session) || error_set(why, "it is closed");
    if (slice_is(word, "queue"))
        return (take_number(&rest, 1000, &ms) &&
                ms == store_queue_count(stage->world->store, slice_of(stage->policy.name))) ||
               error_set(why, "the queue has another number of messages");
    if (slice_is(word, "set"))
        return stage_set(stage, rest) || error_set(why, "= set greylist|require_tls|refuse");
    if (slice_is(word, "flood") && take_number(&rest, 1u << 30, &ms))
        return flood(stage, who, ms, why);
    if (slice_is(word, "again") && take_number(&rest, 1000, &ms))
        return again(stage, who, ms, slice_trim(rest), why);
    if (slice_is(word, "larger"))
        return assert_larger(stage, rest, why);
    if (slice_is(word, "sql"))
        return tamper(stage, rest, why);
    if (slice_is(word, "break"))
        return store_tamper(stage->world->store, "PRAGMA query_only = 1", why);
    if (slice_is(word, "fill")) {
        store_refuse(stage->world->store, "the disk is full", true);
        return true;
    }
    if (slice_is(word, "mend"))
        return store_tamper(stage->world->store, "PRAGMA query_only = 0", why) &&
               store_recover(stage->world->store, why);
    if (slice_is(word, "tick") && duration_read(&rest, &ms)) {
        stage->services.now_ms += ms;
        resume_due(stage);
    } else if (slice_is(word, "shutdown"))
        session_shutdown(speaker->session);
    else if (slice_is(word, "timeout"))
        session_timeout(speaker->session);
    else if (slice_is(word, "lost"))
        session_lost(speaker->session);
    else
        return error_set(why, "no such demand: %.*s", SLICE_ARG(word));
    return stage_turn(stage, why);
}

/* --- lines of the file ------------------------------------------------------------------------ */

/* "a1 SEARCH " "("*60000 "\r\n" */
static bool octets_read(slice line, struct buf *octets)
{
    while (line.len) {
        struct buf piece = BUF_MAX(1u << 20);
        uint64_t times = 1;
        bool good = quoted_read(&line, &piece) &&
                    (!take_char(&line, '*') || take_number(&line, 1u << 24, &times));
        for (uint64_t i = 0; good && i < times; i++)
            good = buf_add(octets, buf_slice(&piece));
        buf_free(&piece);
        if (!good)
            return false;
        take_char(&line, ' ');
    }
    return true;
}

/* S< "caf\xc3\xa9": exactly this line. */
static bool demand_octets(struct stage *stage, size_t who, slice quoted, struct error *why)
{
    struct buf octets = BUF_MAX(1u << 20);
    slice line;
    bool good = octets_read(quoted, &octets) && said_line(&stage->speakers[who], &line) &&
                slice_equal(line, buf_slice(&octets));
    if (good)
        buf_drop_front(&stage->speakers[who].said, line.len + 2);
    buf_free(&octets);
    return good || error_set(why, "the server did not say this line: %.*s", SLICE_ARG(quoted));
}

static bool line_speak(struct stage *stage, size_t who, slice line, struct error *why)
{
    struct buf octets = BUF_MAX(16u << 20);
    bool done = true;
    if (!demand_quiet(stage, why))
        return false;
    if (take_prefix(&line, "C< ")) {
        if (!octets_read(line, &octets))
            done = error_set(why, "C< wants \"octets\", \"again and again\"*3");
    } else {
        take_prefix(&line, "C:");
        take_char(&line, ' ');
        buf_add(&octets, line);
        buf_add_text(&octets, "\r\n");
    }
    done = done && say(stage, who, buf_slice(&octets), why);
    buf_free(&octets);
    return done;
}

static bool line_header(struct stage *stage, slice line, bool *known, struct error *why)
{
    *known = true;
    if (take_prefix(&line, "protocol:")) {
        stage->protocol = protocol_for_name(slice_trim(line));
        return stage->protocol || error_set(why, "no such protocol");
    }
    if (take_prefix(&line, "facts:"))
        stage->facts = facts_read(line);
    else if (take_prefix(&line, "set:"))
        return stage_set(stage, line) || error_set(why, "set: greylist|require_tls|refuse");
    else
        *known = false;
    return true;
}

static bool line_play(struct stage *stage, slice line, struct error *why)
{
    size_t who = 0;
    bool known = false;
    if (line.len == 0 || line.at[0] == '#')
        return true;
    if (!line_header(stage, line, &known, why) || known)
        return known && (why->text[0] == '\0');
    if (!stage->speakers[0].session && stage->protocol &&
        !speaker_open(stage, 0, stage->protocol, stage->facts, why))
        return false;
    if (line.len > 2 && line.at[0] >= 'A' && line.at[0] <= 'Z' && line.at[1] == ' ') {
        who = (size_t)(line.at[0] - 'A');
        line = slice_from(line, 2);
    }
    if (take_prefix(&line, "S* ")) {
        must(stage->pending_count < COUNT(stage->pending));
        stage->pending_speaker = who;
        stage->pending[stage->pending_count++] = line;
        return true;
    }
    if (!demand_pending(stage, why))
        return false;
    if (take_prefix(&line, "S< "))
        return demand_octets(stage, who, line, why);
    if (take_prefix(&line, "S^ "))
        return demand_code(stage, who, line, why);
    if (take_prefix(&line, "S:")) {
        take_char(&line, ' ');
        return demand(stage, who, line, why);
    }
    if (take_prefix(&line, "= "))
        return stage_assert(stage, who, line, why);
    if (slice_starts(line, "C:") || slice_starts(line, "C< "))
        return line_speak(stage, who, line, why);
    return error_set(why, "not a line of a transcript: %.*s", SLICE_ARG(line));
}

bool transcript_file_read(const char *path, struct buf *text)
{
    char piece[4096];
    size_t got;
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    while ((got = fread(piece, 1, sizeof piece, file)) > 0)
        buf_add(text, (slice){ piece, got });
    fclose(file);
    return true;
}

static bool stage_end(struct stage *stage, struct error *why)
{
    struct buf report = BUF_MAX(65536);
    bool good = demand_pending(stage, why) && demand_quiet(stage, why);
    for (size_t i = 0; good && i < SPEAKERS; i++)
        if (stage->speakers[i].response)
            good = response_rest(stage->speakers[i].response, why);
    if (good && stage->play->check_store && !store_fsck(stage->world->store, &report))
        good = error_set(why, "the store's invariants: %s", buf_text(&report));
    buf_free(&report);
    return good;
}

static struct stage *stage_new(struct error *why)
{
    struct stage *stage = calloc(1, sizeof *stage);
    must(stage != NULL);
    if (stage_open(stage, why))
        return stage;
    free(stage);
    return NULL;
}

bool transcript_play_text(const char *name, slice text, const struct play *play,
                          struct error *why)
{
    struct error inner = { "" };
    size_t number = 0;
    struct stage *stage = stage_new(&inner);
    bool good = stage != NULL;
    if (stage)
        stage->play = play;
    while (good && text.len && !stage->stopped) {
        number++;
        good = line_play(stage, take_until(&text, '\n'), &inner);
    }
    if (stage && stage->stopped)
        play->stopped(play->context, stage, stage->stopped);
    else
        good = good && stage_end(stage, &inner);
    if (!good)
        error_set(why, "%s:%zu: %s", name, number, inner.text);
    if (stage)
        stage_close(stage);
    return good;
}

bool transcript_play(const char *path, const struct play *play, struct error *why)
{
    struct buf text = BUF_MAX(4u << 20);
    bool good = transcript_file_read(path, &text) || error_set(why, "%s: cannot be read", path);
    good = good && transcript_play_text(path, buf_slice(&text), play, why);
    buf_free(&text);
    return good;
}

bool transcript_type(struct stage *stage, const struct session *session, slice octets)
{
    struct error why = { "" };
    return say(stage, (size_t)session->id - 1, octets, &why);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

size_t transcript_list(char *paths[], size_t max)
{
    size_t count = 0;
    for (size_t i = 0; i < PROTOCOLS; i++) {
        char room[64], path[512];
        snprintf(room, sizeof room, "tests/transcripts/%s", transcript_protocols[i]);
        DIR *dir = opendir(room);
        for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
            size_t len = strlen(entry->d_name);
            if (len < 5 || strcmp(entry->d_name + len - 4, ".txt") != 0 || count == max)
                continue;
            snprintf(path, sizeof path, "%s/%s", room, entry->d_name);
            paths[count++] = strdup(path);
        }
        if (dir)
            closedir(dir);
    }
    qsort(paths, count, sizeof *paths, by_name);
    return count;
}
