/* test_tables.c: the three tables of rules. Lint; the reviewed matrices beside this file;
   every event's sample typed into the engine in every state that allows it; what is
   advertised is handled, and what is handled beyond the base RFC is advertised.
   ACCEPT=1 rewrites the matrices: look at the difference. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "servers/store/store.h"
#include "sim/hosts/host.h"
#include "sim/language/build.h"
#include "tests/transcripts/transcript.h"
#include "tests/unit/mail_check.h"

#define PATH_MAX_STEPS 12
#define NODES_MAX 200

static const char *const *const names = transcript_protocols;

/* --- matrices --------------------------------------------------------------------------------- */

static void cell_add(struct buf *out, const char *text)
{
    size_t len = strlen(text);
    buf_add_char(out, ' ');
    buf_add_text(out, text);
    for (; len < 17; len++)
        buf_add_char(out, ' ');
}

static void line_end(struct buf *out)
{
    while (out->at[out->len - 1] == ' ')
        out->len--;
    buf_add_char(out, '\n');
}

static const char *cell_text(const struct protocol *protocol, int state, int event,
                             enum outcome outcome)
{
    const struct rule *rule = protocol_rule(protocol, state, event, outcome);
    if (event != EV_ANY && !protocol_allows(protocol, state, event))
        return ".";
    return !rule ? "-" : rule->next == STAY ? "(stay)" : protocol->states[rule->next].name;
}

/* Has the event a row with this outcome (OUTCOMES: any), one that moves if that is asked? */
static bool has_row(const struct protocol *protocol, int event, enum outcome outcome, bool moves)
{
    for (size_t i = 0; i < protocol->rule_count; i++) {
        const struct rule *rule = &protocol->rules[i];
        if (rule->event == event && (rule->outcome == outcome || outcome == OUTCOMES) &&
            (!moves || rule->next != STAY))
            return true;
    }
    return false;
}

/* OK, what moves, and everything of an event that is never OK. */
static bool has_line(const struct protocol *protocol, int event, enum outcome outcome)
{
    if (event == EV_ANY)
        return has_row(protocol, event, outcome, true);
    if (outcome == OUT_WRONG_TIME)
        return false;
    return has_row(protocol, event, outcome,
                   outcome != OUT_OK && has_row(protocol, event, OUT_OK, false));
}

static void matrix_line(const struct protocol *protocol, int event, enum outcome outcome,
                        struct buf *out)
{
    cell_add(out, event == EV_ANY ? "(any)" : protocol_event_name(protocol, event));
    cell_add(out, outcome_name(outcome));
    for (int state = 0; state < (int)protocol->state_count; state++)
        if (state != protocol->closed)
            cell_add(out, cell_text(protocol, state, event, outcome));
    line_end(out);
}

static void matrix_write(const struct protocol *protocol, struct buf *out)
{
    buf_format(out, "# %s: the next state, by event and outcome, in each state.\n",
               protocol->title);
    buf_add_text(
        out,
        "# \".\" out of order, \"-\" never this outcome here. A line for OK, and for each other\n"
        "# outcome that moves; all for what is never OK. Rewritten by ACCEPT=1: read the\n"
        "# difference.\n");
    cell_add(out, "");
    cell_add(out, "");
    for (int state = 0; state < (int)protocol->state_count; state++)
        if (state != protocol->closed)
            cell_add(out, protocol->states[state].name);
    line_end(out);
    for (int event = 0; event < (int)protocol->event_count; event++)
        for (int outcome = 0; outcome < OUTCOMES; outcome++)
            if (has_line(protocol, event, (enum outcome)outcome))
                matrix_line(protocol, event, (enum outcome)outcome, out);
}

static void file_read(const char *path, struct buf *text)
{
    char piece[4096];
    size_t got;
    FILE *file = fopen(path, "rb");
    while (file && (got = fread(piece, 1, sizeof piece, file)) > 0)
        buf_add(text, (slice){ piece, got });
    if (file)
        fclose(file);
}

static void file_write(const char *path, slice text)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    fwrite(text.at, 1, text.len, file);
    fclose(file);
}

START_TEST(matrices)
{
    for (size_t i = 0; i < PROTOCOLS; i++) {
        struct buf now = BUF_MAX(1 << 20), kept = BUF_MAX(1 << 20);
        char path[100];
        snprintf(path, sizeof path, "tests/tables/%s.matrix", names[i]);
        matrix_write(transcript_named(names[i]), &now);
        if (getenv("ACCEPT"))
            file_write(path, buf_slice(&now));
        file_read(path, &kept);
        slice a = buf_slice(&now), b = buf_slice(&kept);
        while (a.len || b.len) {
            slice line = take_until(&a, '\n'), reviewed = take_until(&b, '\n');
            ck_assert_msg(slice_equal(line, reviewed), "%s\n    reviewed: %.*s\n    now:      %.*s",
                          path, SLICE_ARG(reviewed), SLICE_ARG(line));
        }
        buf_free(&now);
        buf_free(&kept);
    }
}
END_TEST

START_TEST(lint)
{
    for (size_t i = 0; i < PROTOCOLS; i++) {
        struct error why = { "" };
        ck_assert_msg(protocol_lint(transcript_named(names[i]), &why), "%s", why.text);
    }
}
END_TEST

/* --- capabilities ----------------------------------------------------------------------------- */

static bool capability_brings(const struct capability *capability, int event)
{
    for (size_t i = 0; i < COUNT(capability->events) && capability->events[i]; i++)
        if (capability->events[i] == event)
            return true;
    return false;
}

/* Somewhere it can go well. */
static bool event_is_handled(const struct protocol *protocol, int event)
{
    for (size_t i = 0; i < protocol->rule_count; i++) {
        const struct rule *rule = &protocol->rules[i];
        if (rule->event == event && (rule->outcome == OUT_OK || rule->outcome == OUT_CONTINUE))
            return true;
    }
    return false;
}

START_TEST(advertised_is_handled)
{
    for (size_t i = 0; i < PROTOCOLS; i++) {
        const struct protocol *protocol = transcript_named(names[i]);
        for (size_t k = 0; k < protocol->capability_count; k++)
            for (int event = EV_ANY + 1; event < (int)protocol->event_count; event++)
                if (capability_brings(&protocol->capabilities[k], event))
                    ck_assert_msg(event_is_handled(protocol, event),
                                  "%s says %s, and nothing answers %s", names[i],
                                  protocol->capabilities[k].token,
                                  protocol_event_name(protocol, event));
    }
}
END_TEST

/* Verbs of the RFC that every server of the protocol has, and those that are asked for by
   other means: EXPN's and VRFY's use is theirs who try, CAPA is how one asks. */
static const char *const base[PROTOCOLS][3] = {
    { "smtp", "5321 4.5.1", " EHLO HELO MAIL RCPT DATA RSET NOOP QUIT VRFY EXPN " },
    { "pop3", "1939, 2449 5", " USER PASS APOP STAT LIST RETR DELE NOOP RSET QUIT CAPA " },
    { "imap", "3501 6",
      " CAPABILITY NOOP LOGOUT AUTHENTICATE LOGIN SELECT EXAMINE CREATE DELETE RENAME SUBSCRIBE"
      " UNSUBSCRIBE LIST LSUB STATUS APPEND CHECK CLOSE EXPUNGE SEARCH FETCH STORE COPY " },
    { "lmtp", "2033 4", " LHLO MAIL RCPT DATA RSET NOOP QUIT VRFY " },
};

static bool verb_is_base(size_t which, const char *verb)
{
    char spaced[40];
    snprintf(spaced, sizeof spaced, " %s ", verb);
    return strstr(base[which][2], spaced) != NULL;
}

START_TEST(handled_is_advertised)
{
    for (size_t i = 0; i < PROTOCOLS; i++) {
        const struct protocol *protocol = transcript_named(names[i]);
        for (int event = EV_VERBS; event < (int)protocol->event_count; event++) {
            bool advertised = verb_is_base(i, protocol->events[event].verb);
            for (size_t k = 0; k < protocol->capability_count && !advertised; k++)
                advertised = capability_brings(&protocol->capabilities[k], event);
            ck_assert_msg(advertised,
                          "%s has %s, which is not in RFC %s, and no capability says so", names[i],
                          protocol->events[event].verb, base[i][1]);
        }
    }
}
END_TEST

/* UIDPLUS is no verb of its own, but a form of one. */
START_TEST(extensions_have_their_word)
{
    static const char *const words[][2] = {
        { "smtp", "AUTH" },       { "smtp", "HELP" },       { "smtp", "SIZE" },
        { "smtp", "8BITMIME" },   { "smtp", "PIPELINING" }, { "smtp", "ENHANCEDSTATUSCODES" },
        { "pop3", "TOP" },        { "pop3", "UIDL" },       { "pop3", "SASL" },
        { "pop3", "RESP-CODES" }, { "imap", "IDLE" },       { "imap", "MOVE" },
        { "imap", "UNSELECT" },   { "imap", "NAMESPACE" },  { "imap", "UIDPLUS" },
        { "imap", "IMAP4rev1" },  { "smtp", "STARTTLS" },   { "pop3", "STLS" },
        { "imap", "STARTTLS" },   { "lmtp", "PIPELINING" }, { "lmtp", "ENHANCEDSTATUSCODES" },
    };
    for (size_t i = 0; i < COUNT(words); i++) {
        const struct protocol *protocol = transcript_named(words[i][0]);
        bool found = false;
        for (size_t k = 0; k < protocol->capability_count; k++) {
            slice rest = slice_of(protocol->capabilities[k].token);
            found |= slice_is(take_word(&rest), words[i][1]);
        }
        ck_assert_msg(found, "%s does not say %s", words[i][0], words[i][1]);
    }
}
END_TEST

/* --- samples, typed --------------------------------------------------------------------------- */

/* A session in a world of its own, and what the table answered. */
struct trial {
    struct world *world;
    struct policy policy;
    struct services services;
    struct session *session;
    uint64_t ids;
    const struct protocol *protocol;
    bool ok[STATES_MAX][EVENTS_MAX]; /* OK, in this state before */
};

static const struct command *const no_commands[] = { NULL };

static uint64_t trial_id(struct services *services)
{
    return ++((struct trial *)services->context)->ids;
}

/* Each answer is the row's, and goes where the row says. */
static void trial_fired(struct services *services, struct session *session,
                        const struct firing *firing)
{
    struct trial *trial = services->context;
    const struct rule *rule = protocol_rule(trial->protocol, firing->before, firing->event,
                                            firing->outcome);
    ck_assert_ptr_eq(rule, firing->rule);
    ck_assert_int_eq(firing->after, rule->next == STAY ? firing->before : rule->next);
    ck_assert_int_eq(session->state, firing->after);
    if (firing->outcome == OUT_OK)
        trial->ok[firing->before][firing->event] = true;
}

static void trial_queued(struct services *services) { (void)services; }

static void trial_changed(struct services *services, int64_t mailbox)
{
    (void)services;
    (void)mailbox;
}

static void trial_stored(struct services *services, int64_t mailbox, uint32_t uid,
                         int64_t message_key)
{
    (void)services;
    (void)mailbox;
    (void)uid;
    (void)message_key;
}

static void trial_seal(struct services *services, struct session *session)
{
    (void)services;
    ck_assert(session->facts & FACT_TLS);
}

/* GETQUOTA's sample asks for a limit: ana has one. */
static void quota_give(struct store *store)
{
    struct user user;
    ck_assert(store_user_by_address(store, SLICE("ana@campus.example"), &user));
    ck_assert(store_quota_set(store, user.id, 1000000, 0));
}

static void trial_open(struct trial *trial, const struct protocol *protocol, uint32_t facts)
{
    struct error why = { "" };
    trial->protocol = protocol;
    trial->world = world_new(NULL, NULL, no_commands, slice_of(default_world), SLICE("default"),
                             &why);
    ck_assert_msg(trial->world != NULL, "%s", why.text);
    quota_give(trial->world->store);
    trial->policy = *host_policy(host_find(trial->world, SLICE("mail.campus.example")));
    trial->services = (struct services){
        .store = trial->world->store,
        .policy = &trial->policy,
        .now_ms = EPOCH_MS,
        .context = trial,
        .new_id = trial_id,
        .fired = trial_fired,
        .queued = trial_queued,
        .changed = trial_changed,
        .stored = trial_stored,
        .seal = trial_seal,
    };
    trial->session = session_open(protocol, &trial->services, 1, facts,
                                  SLICE("laptop.campus.example"), SLICE("192.0.2.10"));
}

static void trial_close(struct trial *trial)
{
    session_free(trial->session);
    world_free(trial->world);
}

static void trial_say(struct trial *trial, slice octets)
{
    for (int stuck = 0; octets.len && stuck < 2 && !session_is_closed(trial->session);) {
        size_t taken = session_input(trial->session, octets);
        octets = slice_from(octets, taken);
        stuck = taken ? 0 : stuck + 1;
        while (session_output(trial->session).len)
            session_sent(trial->session, session_output(trial->session).len);
    }
}

/* AUTH and AUTHENTICATE have their answer in the sample; without it they ask. */
#define AUTH_THAT_ASKS EVENTS_MAX

/* Types the event's sample. False: it cannot be typed in this state. */
static bool trial_type(struct trial *trial, int event)
{
    struct session *session = trial->session;
    const struct state *state = &trial->protocol->states[session->state];
    bool tagged = trial->protocol->literal != NULL;
    slice sample = event != AUTH_THAT_ASKS ? slice_of(trial->protocol->events[event].sample)
                   : tagged                ? SLICE("a1 AUTHENTICATE PLAIN")
                                           : SLICE("AUTH PLAIN");
    if (slice_is(sample, "BDAT 18 LAST") && slice_is(SLICE("ADDRESSED"), state->name))
        /* the sample ends the message: there is a way past CHUNKED too */
        sample = SLICE("BDAT 18");
    bool line = (event >= EV_VERBS || event == EV_UNKNOWN || event == EV_LITERAL)
                    ? state->reads == READS_COMMAND
                : event == EV_ANSWER ? state->reads == READS_ANSWER
                : event == EV_DONE   ? state->reads == READS_DONE
                                     : event == EV_DOT && state->reads == READS_BODY;
    if ((event == EV_LINE || event == EV_CHUNK) && state->reads == READS_OCTETS) {
        trial_say(trial, SLICE("Subject: Hello\r\n\r\n")); /* as many as BDAT's sample says */
        if (event == EV_CHUNK)
            trial_say(trial, SLICE("BDAT 0 LAST\r\n"));
    } else if (event == EV_LINE && state->reads == READS_BODY) {
        for (size_t i = 0; i < 2 * BODY_PIECE_MAX / 64; i++)
            trial_say(
                trial,
                SLICE("a line of the message a line of the message a line of the message\r\n"));
        trial->ok[session->state][EV_LINE] = session->last.event == EV_LINE &&
                                             session->last.outcome == OUT_OK;
    } else if (event == EV_TLS && state->reads == READS_COMMAND) {
        trial_say(trial, SLICE("\x16\x03\x01"));
    } else if (event == EV_TIMEOUT) {
        session_timeout(session);
    } else if (event == EV_SHUTDOWN) {
        session_shutdown(session);
    } else if (event == EV_LOST) {
        session_lost(session);
    } else if (line) {
        trial_say(trial, sample);
        trial_say(trial, SLICE("\r\n"));
    } else {
        return false;
    }
    while (session_output(session).len)
        session_sent(session, session_output(session).len);
    return store_commit(trial->world->store);
}

/* A way to a state, with facts: events typed one after the other. */
struct node {
    int path[PATH_MAX_STEPS];
    size_t steps;
    int state;
    uint32_t facts;
};

struct search {
    const struct protocol *protocol;
    struct node nodes[NODES_MAX];
    size_t count;
    bool ok[STATES_MAX][EVENTS_MAX];
};

static void search_see(struct search *search, const struct node *from, int event,
                       const struct session *session)
{
    for (size_t i = 0; i < search->count; i++)
        if (search->nodes[i].state == session->state && search->nodes[i].facts == session->facts)
            return;
    if (session_is_closed(session))
        return;
    ck_assert_uint_lt(search->count, NODES_MAX);
    struct node *node = &search->nodes[search->count++];
    *node = *from;
    ck_assert_uint_lt(node->steps, PATH_MAX_STEPS);
    if (event)
        node->path[node->steps++] = event;
    node->state = session->state;
    node->facts = session->facts;
}

/* From the start along the path, and then one sample more; event 0: none. */
static void search_try(struct search *search, const struct node *node, uint32_t facts, int event)
{
    struct trial trial = { .ids = 0 };
    trial_open(&trial, search->protocol, facts);
    for (size_t i = 0; i < node->steps; i++)
        ck_assert(trial_type(&trial, node->path[i]));
    ck_assert(event == 0 || trial.session->state == node->state);
    if (event == 0 || trial_type(&trial, event))
        search_see(search, node, event, trial.session);
    for (size_t state = 0; state < STATES_MAX; state++)
        for (size_t i = 0; i < EVENTS_MAX; i++)
            search->ok[state][i] |= trial.ok[state][i];
    trial_close(&trial);
}

static bool event_is_typed(const struct protocol *protocol, int event)
{
    return event == AUTH_THAT_ASKS ||
           (event < (int)protocol->event_count && protocol->events[event].verb);
}

/* Breadth first over states and facts, as samples lead there. */
static void search_all(struct search *search, uint32_t facts)
{
    static const struct node start;
    size_t first = search->count;
    search_try(search, &start, facts, 0);
    for (size_t i = first; i < search->count; i++)
        for (int event = EV_OPENED; event <= AUTH_THAT_ASKS; event++)
            if (event_is_typed(search->protocol, event)) {
                struct node node = search->nodes[i];
                search_try(search, &node, facts, event);
            }
}

/* APOP's digest holds for one greeting only: its sample cannot fit. */
static bool sample_cannot_work(const char *name, const char *verb)
{
    return strcmp(name, "pop3") == 0 && strcmp(verb, "APOP") == 0;
}

/* A sample leads to OK in every state where a row says so. */
static void check_samples(const char *name)
{
    static struct search search;
    memset(&search, 0, sizeof search);
    search.protocol = transcript_named(name);
    search_all(&search, FACT_STARTTLS);
    if (strcmp(name, "smtp") == 0)
        search_all(&search, FACT_STARTTLS | FACT_SUBMISSION);
    for (size_t i = 0; i < search.protocol->rule_count; i++) {
        const struct rule *rule = &search.protocol->rules[i];
        if (sample_cannot_work(name, protocol_event_name(search.protocol, rule->event)))
            continue;
        for (int state = 0; state < (int)search.protocol->state_count; state++)
            if (rule->outcome == OUT_OK && rule->event != EV_ANY && (rule->from & IN(state)))
                ck_assert_msg(search.ok[state][rule->event],
                              "%s: the sample of %s does not work in %s", name,
                              protocol_event_name(search.protocol, rule->event),
                              search.protocol->states[state].name);
    }
}

START_TEST(samples_smtp) { check_samples("smtp"); }
END_TEST
START_TEST(samples_pop3) { check_samples("pop3"); }
END_TEST
START_TEST(samples_imap) { check_samples("imap"); }
END_TEST
START_TEST(samples_lmtp) { check_samples("lmtp"); }
END_TEST

int main(void)
{
    const TTest *const tests[] = { lint,
                                   matrices,
                                   advertised_is_handled,
                                   handled_is_advertised,
                                   extensions_have_their_word,
                                   samples_smtp,
                                   samples_pop3,
                                   samples_imap,
                                   samples_lmtp };
    return run_tests("tables", tests, COUNT(tests));
}
