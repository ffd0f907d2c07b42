/* test_mutation.c: is the test-suite strong enough? Each row of each table is changed in
   every small way; some hand-written transcript must notice. A change that nobody notices
   is a failure of the transcripts. Prints TAP.

   A removed row may trip must(): it is caught. A changed state may never end, or worse: mutants
   are played in processes of their own; one that takes its process with it is dead, and another
   process plays on.
   `test_mutation imap` looks at one protocol only. */
#define _DEFAULT_SOURCE /* fork, wait, setitimer, MAP_ANONYMOUS */

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/devices/device.h"
#include "tests/transcripts/transcript.h"

#define TRANSCRIPTS_MAX 1000
#define MUTANTS_MAX 20000
#define PLAYERS_MAX 16
#define MUTANT_SECONDS 8 /* of the processor: the dearest takes two */

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

enum change {
    CHANGE_TEXT,   /* a message more */
    CHANGE_CODE,   /* another code */
    CHANGE_NEXT,   /* another next state: `state`, or STAY */
    CHANGE_REMOVE, /* the row is gone */
    CHANGE_NARROW, /* … in one state */
    CHANGE_WIDEN   /* it holds in one state more */
};

struct mutant {
    size_t row;
    enum change change;
    int state;
};

static char *paths[TRANSCRIPTS_MAX];
static struct hits (*hits)[PROTOCOLS]; /* by transcript */
static clock_t costs[TRANSCRIPTS_MAX]; /* of each, played unchanged */
static size_t by_cost[TRANSCRIPTS_MAX]; /* the cheapest first */
static size_t path_count;
static int number, failed;

/* --- making one ------------------------------------------------------------------------------- */

/* "250 …" to "350 …", "+OK" to "-ERR", "NO" to "OK". */
static void code_change(char *text, size_t size, const char *from)
{
    static const struct {
        const char *code, *other;
    } codes[] = {
        { "+OK", "-ERR" }, { "-ERR", "+OK" }, { "* OK", "* NO" }, { "* BYE", "* OK" },
        { "+ ", "* OK " }, { "OK", "NO" },    { "NO", "OK" },     { "BAD", "NO" },
    };
    for (size_t i = 0; i < COUNT(codes); i++)
        if (slice_starts(slice_of(from), codes[i].code)) {
            snprintf(text, size, "%s%s", codes[i].other, from + strlen(codes[i].code));
            return;
        }
    snprintf(text, size, "%c%s", from[0] == '9' ? '8' : from[0] + 1, from + 1);
}

static struct protocol mutate(const struct protocol *protocol, const struct mutant *mutant)
{
    static struct rule rules[RULES_MAX];
    static char reply[600];
    struct protocol copy = *protocol;
    struct rule *rule = &rules[mutant->row];
    memcpy(rules, protocol->rules, protocol->rule_count * sizeof *rules);
    copy.rules = rules;
    snprintf(reply, sizeof reply, "%s%s", rule->reply ? rule->reply : "200 said",
             mutant->change == CHANGE_TEXT ? "x" : "");
    switch (mutant->change) {
    case CHANGE_CODE:
        code_change(reply, sizeof reply, protocol->rules[mutant->row].reply);
        rule->reply = reply;
        break;
    case CHANGE_TEXT: rule->reply = reply; break;
    case CHANGE_NEXT: rule->next = (uint8_t)mutant->state; break;
    case CHANGE_REMOVE: rule->from = 0; break;
    case CHANGE_NARROW: rule->from &= ~IN(mutant->state); break;
    case CHANGE_WIDEN: rule->from |= IN(mutant->state); break;
    }
    return copy;
}

static void mutant_describe(const struct protocol *protocol, const struct mutant *mutant, char *out,
                            size_t size)
{
    static const char *const words[] = {
        "a message more in its text", "another code", "then", "removed", "no more in", "also in"
    };
    const struct rule *rule = &protocol->rules[mutant->row];
    const char *state = mutant->change < CHANGE_NEXT || mutant->change == CHANGE_REMOVE ? ""
                        : mutant->state == STAY                                         ? "STAY"
                                                : protocol->states[mutant->state].name;
    snprintf(out, size, "%s row %zu (%s %s \"%s\") %s %s", protocol->name, mutant->row,
             protocol_event_name(protocol, rule->event), outcome_name((enum outcome)rule->outcome),
             rule->reply ? rule->reply : "", words[mutant->change], state);
}

/* --- which mutants there are ------------------------------------------------------------------ */

/* Could this event be raised in this state at all? What reads lines raises no DOT. */
static bool event_can_come(const struct protocol *protocol, int state, int event)
{
    const struct state *here = &protocol->states[state];
    if (here->reads == READS_NOTHING) /* a state that is only passed through */
        return here->raises && event == EV_RAISED;
    switch (event) {
    case EV_OPENED: return false;
    case EV_RAISED: return here->raises;
    case EV_LINE: return here->reads == READS_BODY || here->reads == READS_OCTETS;
    case EV_DOT: return here->reads == READS_BODY;
    case EV_CHUNK: return here->reads == READS_OCTETS;
    case EV_ANSWER: return here->reads == READS_ANSWER;
    case EV_DONE: return here->reads == READS_DONE;
    case EV_LITERAL: return here->reads == READS_COMMAND && protocol->literal;
    case EV_TIMEOUT:
    case EV_SHUTDOWN:
    case EV_LOST: return true;
    case EV_UNKNOWN: return here->reads == READS_COMMAND;
    default: return here->reads == READS_COMMAND;
    }
}

static bool lint_passes(const struct protocol *protocol, size_t row, uint32_t from)
{
    static struct rule rules[RULES_MAX];
    struct error why;
    struct protocol copy = *protocol;
    memcpy(rules, protocol->rules, protocol->rule_count * sizeof *rules);
    rules[row].from = from;
    copy.rules = rules;
    return protocol_lint(&copy, &why);
}

/* Said and moved alike, in this state? */
static bool rules_agree(const struct rule *rule, const struct rule *other, int state)
{
    int next = rule->next == STAY ? state : rule->next;
    int other_next = other->next == STAY ? state : other->next;
    if (next != other_next || !rule->reply != !other->reply)
        return false;
    return !rule->reply || strcmp(rule->reply, other->reply) == 0;
}

/* Can anybody notice? Not when the row behind it says the same, nor when a cell is given
   an answer to an outcome that it never has. */
static bool cell_differs(const struct protocol *protocol, const struct protocol *mutated, int state,
                         int event, enum outcome outcome)
{
    const struct rule *rule = protocol_rule(protocol, state, event, outcome);
    const struct rule *now = protocol_rule(mutated, state, event, outcome);
    if (!event_can_come(protocol, state, event))
        return false;
    if (protocol_allows(protocol, state, event) != protocol_allows(mutated, state, event))
        return true;
    return rule && (!now || !rules_agree(rule, now, state));
}

static bool mutant_matters(const struct protocol *protocol, struct mutant mutant)
{
    const struct rule *rule = &protocol->rules[mutant.row];
    struct protocol mutated = mutate(protocol, &mutant);
    for (int state = 0; state < (int)protocol->state_count; state++)
        for (int event = EV_OPENED; event < (int)protocol->event_count; event++)
            if ((rule->event == event || rule->event == EV_ANY) &&
                cell_differs(protocol, &mutated, state, event, (enum outcome)rule->outcome))
                return true;
    return false;
}

static size_t mutants_of_next(const struct protocol *protocol, size_t row, struct mutant *out)
{
    const struct rule *rule = &protocol->rules[row];
    size_t count = 0;
    for (size_t i = 0; i < protocol->state_count; i++)
        if (i != rule->next && rule->from != IN(i)) /* to itself is to stay */
            out[count++] = (struct mutant){ row, CHANGE_NEXT, (int)i };
    if (rule->next != STAY && rule->from != IN(rule->next))
        out[count++] = (struct mutant){ row, CHANGE_NEXT, STAY };
    return count;
}

static void mutant_add(const struct protocol *protocol, struct mutant *out, size_t *count,
                       struct mutant mutant)
{
    if (mutant_matters(protocol, mutant))
        out[(*count)++] = mutant;
}

static size_t mutants_of_row(const struct protocol *protocol, size_t row, struct mutant *out)
{
    const struct rule *rule = &protocol->rules[row];
    size_t count = mutants_of_next(protocol, row, out);
    out[count++] = (struct mutant){ row, CHANGE_TEXT, 0 };
    if (rule->reply)
        out[count++] = (struct mutant){ row, CHANGE_CODE, 0 };
    mutant_add(protocol, out, &count, (struct mutant){ row, CHANGE_REMOVE, 0 });
    for (size_t i = 0; i < protocol->state_count; i++) {
        if (rule->from == IN(i) || i == protocol->closed)
            continue;
        if (rule->from & IN(i))
            mutant_add(protocol, out, &count, (struct mutant){ row, CHANGE_NARROW, (int)i });
        else if (lint_passes(protocol, row, rule->from | IN(i)))
            mutant_add(protocol, out, &count, (struct mutant){ row, CHANGE_WIDEN, (int)i });
    }
    return count;
}

/* --- playing it ------------------------------------------------------------------------------- */

/* Does this transcript come where the mutant differs? */
static bool transcript_concerns(const struct protocol *protocol, size_t which,
                                const struct mutant *mutant)
{
    const struct rule *rule = &protocol->rules[mutant->row];
    const struct hits *here = hits[which];
    for (size_t i = 0; strcmp(protocol->name, transcript_protocols[i]) != 0; i++)
        here++;
    switch (mutant->change) {
    case CHANGE_NARROW: return here->states[mutant->row] & IN(mutant->state);
    case CHANGE_WIDEN: return here->cell[mutant->state][rule->event];
    default: return here->rule[mutant->row];
    }
}

static jmp_buf broken;

static void must_broke(void *context)
{
    (void)context;
    longjmp(broken, 1); /* the world it was in is left as it is: nobody looks at it again */
}

/* Does some transcript that comes near fail? */
static bool mutant_dies(const struct protocol *protocol, const struct mutant *mutant)
{
    struct protocol mutated = mutate(protocol, mutant);
    for (size_t i = 0; i < path_count; i++) {
        struct error why = { "" };
        struct play play = { .cut = CUT_NOWHERE, .instead = &mutated };
        if (transcript_concerns(protocol, by_cost[i], mutant) &&
            !transcript_play(paths[by_cost[i]], &play, &why))
            return true;
    }
    return false;
}

/* What became of each mutant: written by the players, read by their parent. */
enum fate { FATE_WAITS, FATE_PLAYS, FATE_DEAD, FATE_LIVES };

static enum fate mutant_fate(const struct protocol *protocol, const struct mutant *mutant)
{
    must_hook(must_broke, NULL); /* it holds once */
    if (setjmp(broken))
        return FATE_DEAD;
    return mutant_dies(protocol, mutant) ? FATE_DEAD : FATE_LIVES;
}

/* A player's part of the mutants is each `step`th. */
struct part {
    const struct protocol *protocol;
    const struct mutant *mutants;
    size_t count, step;
    unsigned char *fates;
};

/* In the player: all that still wait. */
static void part_play(const struct part *part, size_t first)
{
    const struct itimerval longest = { .it_value.tv_sec = MUTANT_SECONDS };
    if (!freopen("/dev/null", "w", stderr)) /* must() speaks, and is expected to */
        return;
    for (size_t i = first; i < part->count; i += part->step) {
        if (part->fates[i] != FATE_WAITS)
            continue;
        part->fates[i] = FATE_PLAYS;
        setitimer(ITIMER_VIRTUAL, &longest, NULL);
        part->fates[i] = (unsigned char)mutant_fate(part->protocol, &part->mutants[i]);
    }
}

static pid_t player_begin(const struct part *part, size_t first)
{
    fflush(stdout);
    pid_t pid = fork();
    must(pid >= 0);
    if (pid)
        return pid;
    part_play(part, first);
    _exit(0);
}

/* A player ended. The mutant that it played has killed it, and so is dead; what waits goes to
   the next player. Is there one? */
static bool player_again(const struct part *part, size_t first)
{
    bool waits = false;
    for (size_t i = first; i < part->count; i += part->step) {
        if (part->fates[i] == FATE_PLAYS)
            part->fates[i] = FATE_DEAD;
        waits = waits || part->fates[i] == FATE_WAITS;
    }
    return waits;
}

static void report(const struct protocol *protocol, const struct mutant *mutant)
{
    char what[800];
    failed++;
    mutant_describe(protocol, mutant, what, sizeof what);
    printf("not ok %d - %s: no hand-written transcript notices\n", ++number, what);
}

static void play_all(const struct protocol *protocol, const struct mutant *mutants, size_t count)
{
    const char *jobs = getenv("JOBS");
    size_t players = jobs ? strtoul(jobs, NULL, 10) : 2, left;
    pid_t pids[PLAYERS_MAX];
    players = players < 1 ? 1 : players > PLAYERS_MAX ? PLAYERS_MAX : players;
    struct part part = { protocol, mutants, count, players, NULL };
    part.fates = mmap(NULL, count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(part.fates != MAP_FAILED);
    for (left = 0; left < players; left++)
        pids[left] = player_begin(&part, left);
    while (left) {
        pid_t ended = wait(NULL);
        for (size_t i = 0; i < players; i++)
            if (pids[i] == ended && player_again(&part, i))
                pids[i] = player_begin(&part, i);
            else if (pids[i] == ended)
                left--;
    }
    for (size_t i = 0; i < count; i++)
        if (part.fates[i] != FATE_DEAD)
            report(protocol, &mutants[i]);
    munmap(part.fates, count);
}

static int cost_compare(const void *a, const void *b)
{
    clock_t one = costs[*(const size_t *)a], other = costs[*(const size_t *)b];
    return one < other ? -1 : one > other;
}

/* Which rows and cells each transcript reaches, played unchanged. */
static void cover(void)
{
    for (size_t i = 0; i < path_count; i++) {
        struct error why = { "" };
        struct play play = { .cut = CUT_NOWHERE, .hits = hits[i] };
        clock_t begun = clock();
        bool good = transcript_play(paths[i], &play, &why);
        by_cost[i] = i;
        costs[i] = clock() - begun;
        if (good)
            continue;
        memset(&hits[i], 0, sizeof hits[i]); /* what fails unchanged notices nothing */
        printf("# fails as it is: %s\n", why.text);
    }
    qsort(by_cost, path_count, sizeof *by_cost, cost_compare);
}

static void mutate_all(const struct protocol *protocol)
{
    static struct mutant mutants[MUTANTS_MAX];
    size_t count = 0;
    int before = failed;
    must(protocol->rule_count <= RULES_MAX && protocol->event_count <= EVENTS_MAX);
    for (size_t row = 0; row < protocol->rule_count; row++) {
        must(count + 4 * STATES_MAX < MUTANTS_MAX);
        count += mutants_of_row(protocol, row, mutants + count);
    }
    play_all(protocol, mutants, count);
    if (failed == before)
        printf("ok %d - %s: each of %zu mutants of %zu rows fails a transcript\n", ++number,
               protocol->name, count, protocol->rule_count);
    else
        printf("# %s: %d of %zu mutants of %zu rows live\n", protocol->name, failed - before, count,
               protocol->rule_count);
}

int main(int argc, char **argv)
{
    if (SANITIZED) {
        printf("1..0 # SKIP mutation: thousands of plays, for builds without sanitizers\n");
        return 0;
    }
    path_count = transcript_list(paths, TRANSCRIPTS_MAX);
    hits = calloc(TRANSCRIPTS_MAX, sizeof *hits);
    must(hits != NULL && path_count > 0);
    cover();
    for (size_t i = 0; i < PROTOCOLS; i++)
        if (argc < 2 || strcmp(argv[1], transcript_protocols[i]) == 0)
            mutate_all(transcript_named(transcript_protocols[i]));
    printf("1..%d\n", number);
    for (size_t i = 0; i < path_count; i++)
        free(paths[i]);
    free(hits);
    return failed != 0;
}
