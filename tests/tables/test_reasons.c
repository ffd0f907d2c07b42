/* test_reasons.c: every row of every table has a sentence of its own in every state where a
   person can meet it; every sentence is for some row; each row is made to happen, by the
   transcripts (those for a slip by tests/unit/test_why.c), and what `why` then advises is typed:
   the table accepts it there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "servers/session.h"
#include "tests/transcripts/transcript.h"
#include "tests/unit/language.h"
#include "views/guide.h"
#include "views/reason.h"

#define TRANSCRIPTS_MAX 1000
#define SAYS_MAX 100 /* columns: more would fill two lines under each refusal */
#define TRIES 12     /* conversations in which an advice may be tried */

static const char *const *const names = transcript_protocols;

/* --- which cells there are ---------------------------------------------------------------- */

/* Can the row of any event answer this one so? */
static bool any_can_be(const struct protocol *protocol, int state, int event, enum outcome outcome)
{
    const struct event *declared = &protocol->events[event];
    bool allowed = protocol_allows(protocol, state, event), verb = event >= EV_VERBS;
    switch (outcome) {
    case OUT_WRONG_TIME: return verb && !allowed;
    case OUT_SYNTAX: return verb && allowed;
    case OUT_TOO_LONG:
    case OUT_BARE_NEWLINE: return event == EV_UNKNOWN;
    case OUT_NEEDS_TLS:
    case OUT_READ_ONLY: return allowed && declared->lacking == outcome;
    case OUT_POLICY: return verb;
    default: return allowed;
    }
}

static bool cell_can_be(const struct protocol *protocol, int state, int event, enum outcome outcome)
{
    const struct rule *rule = protocol_rule(protocol, state, event, outcome);
    return rule && protocol->events[event].verb &&
           (rule->event != EV_ANY || any_can_be(protocol, state, event, outcome));
}

static const struct reason *plain_reason(const struct protocol *protocol, int state, int event,
                                         enum outcome outcome)
{
    for (const struct reasons *from = reasons_of(protocol); from; from = from->then)
        for (size_t i = 0; i < from->count; i++)
            if (!from->rows[i].fits &&
                reason_is_for(&from->rows[i], protocol, state, event, outcome))
                return &from->rows[i];
    return NULL;
}

/* Only of these may one sentence be for many events. */
static bool may_be_shared(enum outcome outcome)
{
    return outcome == OUT_POLICY || outcome == OUT_TOO_MANY_ERRORS || outcome == OUT_FAILED;
}

#define EACH_CELL(protocol, state, event, outcome)                                          \
    for (int state = 0; state < (int)(protocol)->state_count; state++)                       \
        for (int event = EV_ANY + 1; event < (int)(protocol)->event_count; event++)          \
            for (enum outcome outcome = OUT_OK; outcome < OUTCOMES; outcome++)               \
                if (cell_can_be(protocol, state, event, outcome))

START_TEST(every_row_has_a_sentence)
{
    const struct protocol *protocol = transcript_named(names[_i]);
    size_t cells = 0;
    EACH_CELL(protocol, state, event, outcome)
    {
        const struct reason *reason = plain_reason(protocol, state, event, outcome);
        cells++;
        ck_assert_msg(reason != NULL, "%s: no sentence for %s %s %s", names[_i],
                      protocol->states[state].name, protocol_event_name(protocol, event),
                      outcome_name(outcome));
        ck_assert_msg(strcmp(reason->event, "*") != 0 || may_be_shared(outcome),
                      "%s: %s %s needs a sentence of its own event", names[_i],
                      protocol_event_name(protocol, event), outcome_name(outcome));
    }
    ck_assert_uint_gt(cells, 100);
}
END_TEST

static bool is_used(const struct reasons *reasons, size_t number, const struct protocol *protocol)
{
    const struct reason *asked = &reasons->rows[number];
    EACH_CELL(protocol, state, event, outcome)
    {
        if (!reason_is_for(asked, protocol, state, event, outcome))
            continue;
        if (asked->fits || plain_reason(protocol, state, event, outcome) == asked)
            return true;
    }
    return false;
}

START_TEST(every_sentence_is_for_a_row)
{
    const struct protocol *protocol = transcript_named(names[_i]);
    const struct reasons *reasons = reasons_of(protocol);
    for (size_t i = 0; i < reasons->count; i++) {
        const struct reason *reason = &reasons->rows[i];
        slice says = slice_of(reason->says);
        char last = says.len ? says.at[says.len - 1] : ' ';
        ck_assert_msg(is_used(reasons, i, protocol), "%s: nothing is answered so: %s", names[_i],
                      reason->says);
        ck_assert_msg(says.len <= SAYS_MAX && (last == '.' || last == '?'), "%s: %s", names[_i],
                      reason->says);
    }
}
END_TEST

/* --- what happens in the transcripts ------------------------------------------------------ */

static char *paths[TRANSCRIPTS_MAX];
static size_t path_count;

/* Where a sentence was met: up to TRIES places. */
struct meeting {
    size_t path, number;
};
struct met {
    struct meeting at[TRIES];
    size_t count;
    bool tried, good;
    char last[400];
};
static struct met met[PROTOCOLS][600];

struct listening {
    const struct protocol *protocol;
    size_t which, path;
    size_t number;                 /* of the firing whose advice is typed */
    struct why_case asked;
    bool reached, typed, refused;  /* the place was come to; something was typed; and refused */
    char what[200];
};

static struct why_case case_of(const struct fired *fired)
{
    const struct firing *firing = fired->firing;
    return (struct why_case){ .protocol = fired->session->protocol,
                              .rule = firing->rule,
                              .before = firing->before,
                              .after = firing->after,
                              .event = firing->event,
                              .outcome = firing->outcome,
                              .said = fired->said,
                              .reply = fired->reply };
}

/* Those that it shares with another protocol are numbered behind its own. */
static size_t reason_number(const struct protocol *protocol, const struct reason *reason)
{
    const struct reasons *from = reasons_of(protocol);
    size_t number = 0;
    for (; reason < from->rows || reason >= from->rows + from->count; from = from->then)
        number += from->count;
    return number + (size_t)(reason - from->rows);
}

static const struct reason *reason_numbered(const struct protocol *protocol, size_t number)
{
    const struct reasons *from = reasons_of(protocol);
    for (; from && number >= from->count; from = from->then)
        number -= from->count;
    return from ? &from->rows[number] : NULL;
}

static void listen(void *context, const struct fired *fired)
{
    struct listening *listening = context;
    if (fired->session->protocol != listening->protocol)
        return;
    struct why_case asked = case_of(fired);
    const struct reason *reason = reason_of(&asked);
    ck_assert_ptr_nonnull(reason);
    struct met *here = &met[listening->which][reason_number(listening->protocol, reason)];
    bool same = here->count && here->at[here->count - 1].path == listening->path;
    if (here->count < TRIES && (!same || here->count < TRIES / 2))
        here->at[here->count++] = (struct meeting){ listening->path, fired->number };
}

static void listen_to_try(void *context, const struct fired *fired)
{
    struct listening *listening = context;
    if (listening->what[0]) { /* typing has begun */
        listening->refused |= !outcome_is_good(fired->firing->outcome);
        return;
    }
    if (fired->number == listening->number)
        listening->asked = case_of(fired);
}

static bool is_for_prompt(slice line)
{
    return slice_starts(line, ":") || slice_starts(line, "telnet ");
}

static void try_it(void *context, struct stage *stage, struct session *session)
{
    struct listening *listening = context;
    struct buf lines = BUF_MAX(65536), octets = BUF_MAX(65536);
    listening->reached = true;
    const struct state *after = &session->protocol->states[listening->asked.after];
    if (session->state != listening->asked.after && listening->asked.event != EV_LINE &&
        session->state != session->protocol->closed &&
        !after->raises) { /* more was said in the same breath */
        listening->refused = true;
        snprintf(listening->what, sizeof listening->what, "(the line went on)");
        return;
    }
    listening->asked.facts = session->facts;
    reason_attempt(&lines, &listening->asked);
    slice rest = buf_slice(&lines);
    snprintf(listening->what, sizeof listening->what, "%.*s", SLICE_ARG(slice_upto(rest, 150)));
    while (rest.len && !listening->refused && listening->asked.event != EV_LINE) {
        slice line = take_until(&rest, '\n');
        if (is_for_prompt(line))
            break;
        buf_clear(&octets);
        buf_add(&octets, line);
        buf_add_text(&octets, "\r\n");
        listening->typed = true;
        listening->refused |= !transcript_type(stage, session, buf_slice(&octets));
    }
    buf_free(&lines);
    buf_free(&octets);
}

/* In one of the conversations where it was met every line of it is accepted. */
static void reason_try(struct met *here, const struct protocol *protocol)
{
    for (size_t i = 0; i < here->count && !here->good; i++) {
        struct listening listening = { .protocol = protocol,
                                       .number = here->at[i].number };
        struct play play = { .fired = listen_to_try, .stop_at = here->at[i].number,
                             .stopped = try_it, .context = &listening };
        struct error why = { "" };
        transcript_play(paths[here->at[i].path], &play, &why);
        here->tried |= listening.typed;
        here->good = listening.reached && !listening.refused;
        snprintf(here->last, sizeof here->last, "%s: %s", paths[here->at[i].path], listening.what);
    }
}

START_TEST(every_row_happens_and_its_advice_works)
{
    const struct protocol *protocol = transcript_named(names[_i]);
    const size_t own = reasons_of(protocol)->count;
    const struct reason *reason;
    size_t tried = 0;
    path_count = transcript_list(paths, TRANSCRIPTS_MAX);
    for (size_t i = 0; i < path_count; i++) {
        if (!strstr(paths[i], names[_i]))
            continue;
        struct listening listening = { .protocol = protocol, .which = (size_t)_i, .path = i };
        struct play play = { .fired = listen, .context = &listening };
        struct error why = { "" };
        ck_assert_msg(transcript_play(paths[i], &play, &why), "%s", why.text);
    }
    for (size_t i = 0; (reason = reason_numbered(protocol, i)); i++) {
        ck_assert_uint_lt(i, COUNT(met[0]));
        struct met *here = &met[_i][i];
        reason_try(here, protocol);
        tried += here->tried;
        if (!reason->fits && here->count == 0 && i < own)
            printf("# %s: no transcript makes it happen: %s %s %s\n", names[_i], reason->states,
                   reason->event, outcome_name(reason->outcome));
        if (here->count && !here->good)
            printf("# %s: %s %s %s: what it advises is refused: %s\n", names[_i], reason->states,
                   reason->event, outcome_name(reason->outcome), here->last);
    }
    for (size_t i = 0; (reason = reason_numbered(protocol, i)); i++)
        ck_assert(met[_i][i].count ? met[_i][i].good : reason->fits != NULL || i >= own);
    ck_assert_uint_gt(tried, 60);
    for (size_t i = 0; i < path_count; i++)
        free(paths[i]);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("reasons");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, every_row_has_a_sentence, 0, PROTOCOLS);
    tcase_add_loop_test(tests, every_sentence_is_for_a_row, 0, PROTOCOLS);
    tcase_add_loop_test(tests, every_row_happens_and_its_advice_works, 0, PROTOCOLS);
    return run_cases("reasons", tests);
}
