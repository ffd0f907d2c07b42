/* walk.c: seeded random walks of typed lines, faults, the queue and time through the
   language itself, so that a failing seed's script is its own reproduction.
     walk [SEEDS [FIRST]]      default: as many as fit make test
   After every line: acknowledged mail is in a mailbox, a queue or a bounce, unless a
   person removed it. At the end of a walk: with all faults healed the queues empty, the
   store's invariants hold, and the same lines give the same digest.
   Prints TAP; a counter that stays at zero over all seeds fails. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "servers/smtp/smtp_relay.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "sim/hosts/host.h"
#include "sim/language/build.h"
#include "sim/language/commands.h"
#include "sim/world.h"
#include "tests/transcripts/reread.h"

#define STEPS 100
#define MESSAGES_MAX 64
#define SCRIPT_MAX (1u << 20)

enum counter {
    ACCEPTED,
    RELAYED,
    BOUNCED,
    RETRIED,
    GREYLISTED,
    CUT_IN_MESSAGE,
    CUT_AT_END,
    CUT_AFTER_DELE,
    LOST_SEGMENTS,
    TIMEOUTS,
    REMOVED,
    REFUSED,
    REREAD,
    COUNTERS
};
static const char *const counter_names[COUNTERS] = {
    "messages accepted",
    "messages relayed",
    "messages bounced",
    "retries",
    "greylisted",
    "cuts inside a message",
    "cuts inside CRLF.CRLF",
    "cuts between DELE and QUIT",
    "segments lost",
    "connections timed out",
    "messages removed by people",
    "commands refused",
    "lines of IMAP read again by the strict parser",
};
static uint64_t counters[COUNTERS];

/* A message that a server has answered with 250. The token is its subject. */
struct walked {
    char token[32];
    char recipients[4][64];
    size_t recipient_count;
    bool removed[4];           /* a person took it away */
};

struct person {
    struct device *device;
    char token[32];
    char recipients[4][64];
    size_t recipient_count;
    int message_line;           /* lines of the message said so far */
    bool deleted;              /* DELE was said and QUIT was not */
};

struct walk {
    struct world *world;
    struct random random;
    struct buf script;
    struct walked messages[MESSAGES_MAX];
    size_t message_count;
    struct person people[16];
    size_t person_count;
    uint64_t seen;             /* of the trace */
    uint64_t tokens;
    struct error why;
};

static uint64_t draw(struct walk *walk, uint64_t below)
{
    return random_below(&walk->random, below);
}

/* --- looking for messages --------------------------------------------------------------------- */

struct search {
    struct store *store;
    slice token;
    bool found;
};

static bool message_names(struct store *store, int64_t message_key, slice token)
{
    struct buf text = BUF_MAX(1u << 20);
    size_t at = 0;
    bool found = store_message_read(store, message_key, 0, 1u << 19, &text) &&
                 slice_find_text(buf_slice(&text), token, &at);
    buf_free(&text);
    return found;
}

static bool box_holds(void *context, const struct mailbox *box)
{
    struct search *search = context;
    struct placement placements[64];
    uint32_t next = 1;
    for (size_t count; !search->found; next = placements[count - 1].uid + 1) {
        count = store_placements(search->store, box->id, next, UINT32_MAX, 0, false, placements,
                                 64);
        for (size_t i = 0; i < count && !search->found; i++)
            search->found = message_names(search->store, placements[i].message_key, search->token);
        if (count == 0)
            break;
    }
    return !search->found;
}

static bool user_holds(struct walk *walk, const char *address, slice token)
{
    struct search search = { walk->world->store, token, false };
    struct user user;
    if (!store_user_by_address(search.store, slice_of(address), &user))
        return false;
    store_mailboxes(search.store, user.id, box_holds, &search);
    return search.found;
}

static bool queue_holds(struct walk *walk, const char *recipient, slice token)
{
    static struct queued entries[64];
    struct store *store = walk->world->store;
    for (struct host *host = host_next(walk->world, NULL); host;
         host = host_next(walk->world, host)) {
        size_t count = store_queue_due(store, slice_of(host_policy(host)->name), INT64_MAX, entries,
                                       64);
        for (size_t i = 0; i < count; i++)
            if (strcmp(entries[i].recipient, recipient) == 0 &&
                message_names(store, entries[i].message_key, token))
                return true;
    }
    return false;
}

static bool message_is_somewhere(struct walk *walk, const struct walked *message, size_t recipient)
{
    slice token = slice_of(message->token);
    char bounced[100];
    snprintf(bounced, sizeof bounced, "Final-Recipient: rfc822; %s",
             message->recipients[recipient]);
    return user_holds(walk, message->recipients[recipient], token) ||
           queue_holds(walk, message->recipients[recipient], token) ||
           user_holds(walk, "ana@campus.example", slice_of(bounced)); /* all messages are hers */
}

/* --- reading the trace ------------------------------------------------------------------------ */

static struct person *person_of(struct walk *walk, uint32_t conn)
{
    for (size_t i = 0; i < walk->person_count; i++)
        if (walk->people[i].device->typed_conn == conn)
            return &walk->people[i];
    return NULL;
}

static void message_accepted(struct walk *walk, struct person *person)
{
    if (walk->message_count == MESSAGES_MAX)
        return;
    struct walked *message = &walk->messages[walk->message_count++];
    memset(message, 0, sizeof *message);
    memcpy(message->token, person->token, sizeof message->token);
    memcpy(message->recipients, person->recipients, sizeof message->recipients);
    message->recipient_count = person->recipient_count;
    counters[ACCEPTED]++;
}

static void read_state(struct walk *walk, const struct trace_record *record)
{
    struct person *person = person_of(walk, record->conn);
    if (record->outcome == OUT_WRONG_TIME || record->outcome == OUT_REFUSED)
        counters[REFUSED]++;
    counters[GREYLISTED] += record->outcome == OUT_TRY_LATER;
    if (person && record->event == EV_DOT && record->outcome == OUT_OK)
        message_accepted(walk, person);
    if (person && record->event == EV_RAISED)
        counters[REMOVED]++;
}

static void read_trace(struct walk *walk)
{
    for (; walk->seen < trace_end(walk->world->trace); walk->seen++) {
        const struct trace_record *record = trace_at(walk->world->trace, walk->seen);
        if (record->kind == TRACE_STATE)
            read_state(walk, record);
        counters[LOST_SEGMENTS] += record->kind == TRACE_LOST;
        counters[TIMEOUTS] += record->kind == TRACE_CLOSE && record->by == BY_TIMEOUT;
        if (record->kind == TRACE_QUEUE) {
            counters[RELAYED] += record->fact == QUEUE_DELIVERED;
            counters[BOUNCED] += record->fact == QUEUE_BOUNCED;
            counters[RETRIED] += record->fact == QUEUE_RETRY;
        }
    }
}

/* --- saying lines ----------------------------------------------------------------------------- */

static bool conserved(struct walk *walk, bool may_remove)
{
    for (size_t i = 0; i < walk->message_count; i++)
        for (size_t n = 0; n < walk->messages[i].recipient_count; n++) {
            struct walked *message = &walk->messages[i];
            if (message->removed[n] || message_is_somewhere(walk, message, n))
                continue;
            if (!may_remove)
                return error_set(&walk->why, "message %s to %s was acknowledged and is nowhere",
                                 message->token, message->recipients[n]);
            message->removed[n] = true;
        }
    return true;
}

static bool say(struct walk *walk, const char *line)
{
    size_t at = 0;
    slice text = slice_of(line);
    buf_add(&walk->script, text);
    buf_add_char(&walk->script, '\n');
    enum line_result result = script_line(walk->world, text, &at, &walk->why);
    if (result == LINE_UNREADABLE || result == LINE_BROKEN) {
        char because[300];
        snprintf(because, sizeof because, "%.280s", walk->why.text);
        return error_set(&walk->why, "the line «%s» was not taken: %s", line, because);
    }
    read_trace(walk);
    bool removes = slice_starts_nocase(text, "QUIT") || strstr(line, "EXPUNGE") ||
                   strstr(line, "CLOSE") || strstr(line, "MOVE") || strstr(line, "DELETE") ||
                   strstr(line, "RENAME");
    /* A reply that was late on the way may let a QUIT be executed later: time may remove too. */
    return conserved(walk, removes || slice_starts(text, ":wait") ||
                               slice_starts(text, ":online") || slice_starts(text, ":send"));
}

/* --- what people do --------------------------------------------------------------------------- */

static const char *const addresses[] = { "bo@campus.example",     "cem@campus.example",
                                         "dora@bakery.example",   "nobody@campus.example",
                                         "nobody@bakery.example", "x@nowhere.example" };

static bool speak_data(struct walk *walk, struct person *person)
{
    person->message_line = 0;
    snprintf(person->token, sizeof person->token, "tok%llux", (unsigned long long)++walk->tokens);
    return say(walk, "DATA");
}

static bool speak_smtp(struct walk *walk, struct person *person, const char *state)
{
    char line[200];
    if (strcmp(state, "CONNECTED") == 0)
        return say(walk, draw(walk, 8) ? "EHLO laptop" : "MAIL FROM:<ana@campus.example>");
    if (strcmp(state, "READY") == 0) {
        person->recipient_count = 0;
        if (draw(walk, 3) == 0)
            return say(walk, "AUTH PLAIN AGFuYQB0dWxpcA==");
        return say(walk, draw(walk, 8) ? "MAIL FROM:<ana@campus.example>"
                                       : "RCPT TO:<bo@campus.example>");
    }
    if (strcmp(state, "MAILED") == 0 || (strcmp(state, "ADDRESSED") == 0 && draw(walk, 3) == 0)) {
        const char *to = addresses[draw(walk, COUNT(addresses))];
        if (person->recipient_count == 4)
            return speak_data(walk, person);
        snprintf(line, sizeof line, "RCPT TO:<%s>", to);
        uint64_t before = trace_end(walk->world->trace);
        if (!say(walk, line))
            return false;
        for (uint64_t i = before; i < trace_end(walk->world->trace); i++) {
            const struct trace_record *record = trace_at(walk->world->trace, i);
            if (record->kind == TRACE_STATE && record->conn == person->device->typed_conn &&
                record->outcome == OUT_OK && person->recipient_count < 4)
                snprintf(person->recipients[person->recipient_count++], 64, "%s", to);
        }
        return true;
    }
    return speak_data(walk, person);
}

static bool speak_message(struct walk *walk, struct person *person)
{
    char line[200];
    switch (draw(walk, 24)) {
    case 0:
        counters[CUT_IN_MESSAGE]++;
        return say(walk, ":cut");
    case 1:
        counters[CUT_AT_END]++;
        return say(walk, draw(walk, 2) ? ":send \"\\r\\n.\"" : ":send \"\\r\\n.\\r\"") &&
               (!script_is_connected(walk->world) || say(walk, ":cut"));
    default:
        break;
    }
    if (person->message_line++ == 0) {
        snprintf(line, sizeof line, "Subject: %s", person->token);
        return say(walk, line);
    }
    if (person->message_line == 2)
        return say(walk, "");
    return say(walk, draw(walk, 4) ? "." : "..some text, with a dot in front");
}

static bool speak_pop3(struct walk *walk, struct person *person, const char *state)
{
    static const char *const lines[] = { "STAT",   "LIST",   "UIDL", "RETR 1", "TOP 1 2",
                                         "DELE 1", "DELE 2", "RSET", "NOOP" };
    char line[100];
    if (strcmp(state, "AUTHORIZATION") == 0) {
        snprintf(line, sizeof line, "USER %s", person->device->person);
        const char *password = strcmp(person->device->person, "ana") == 0  ? "PASS tulip"
                               : strcmp(person->device->person, "bo") == 0 ? "PASS maple"
                               : strcmp(person->device->person, "cem") == 0 ? "PASS birch"
                                                                            : "PASS rye";
        const char *said = draw(walk, 6) ? password : "PASS wrong";
        return say(walk, line) && (!script_is_connected(walk->world) || say(walk, said));
    }
    if (person->deleted && draw(walk, 3) == 0) {
        counters[CUT_AFTER_DELE]++;
        person->deleted = false;
        return say(walk, ":cut");
    }
    const char *said = draw(walk, 5) ? lines[draw(walk, COUNT(lines))] : "QUIT";
    person->deleted = slice_starts(slice_of(said), "DELE") ||
                      (person->deleted && strcmp(said, "QUIT") != 0);
    return say(walk, said);
}

static bool speak_imap(struct walk *walk, const char *state)
{
    static const char *const lines[] = {
        "a NOOP",
        "a FETCH 1:* (FLAGS UID)",
        "a STORE 1 +FLAGS (\\Deleted)",
        "a STORE 1:* -FLAGS (\\Seen)",
        "a SEARCH UNSEEN",
        "a UID FETCH 1:* BODY[]",
        "a EXPUNGE",
        "a COPY 1 INBOX",
        "a CHECK",
        "a CLOSE",
        "a SELECT INBOX",
        "a EXAMINE INBOX",
        "a STATUS INBOX (MESSAGES UNSEEN)",
        "a LIST \"\" *",
        "a IDLE",
        "a FETCH 1 (ENVELOPE BODYSTRUCTURE)",
        "a STORE 2 +FLAGS (walker)",
        "a UID EXPUNGE 1:*",
        "a LOGOUT",
        "a CREATE Box",
        "a MOVE 1 Box",
        "a DELETE Box",
    };
    if (strcmp(state, "NOT_AUTHENTICATED") == 0)
        return say(walk, draw(walk, 6) ? "a LOGIN ana tulip" : "a LOGIN ana wrong");
    if (strcmp(state, "IDLING") == 0)
        return say(walk, draw(walk, 4) ? "DONE" : "a NOOP");
    return say(walk, lines[draw(walk, COUNT(lines))]);
}

static bool connect(struct walk *walk)
{
    static const char *const lines[] = { "telnet mail 25",  "telnet mail 587", "telnet mail 587",
                                         "telnet mail 110", "telnet mail 143", "telnet mail smtp",
                                         "telnet mail pop3" };
    return say(walk, lines[draw(walk, COUNT(lines))]);
}

static bool meddle(struct walk *walk)
{
    static const char *const lines[] = {
        ":offline mx.bakery.example",
        ":online mx.bakery.example",
        ":online mx.bakery.example",
        ":wait 90s",
        ":wait 11m",
        ":wait 5h",
        ":wait 7h",
        ":wait 1d",
        ":offline laptop",
        ":online laptop",
        ":online laptop",
        ":cut",
        ":close",
        ":on laptop",
        ":on phone",
        ":on till",
        ":on desktop",
        ":set mail.campus.example greylist on",
        ":set mail.campus.example greylist off",
        ":set mx.bakery.example refuse RCPT 451 first 2",
        ":set mx.bakery.example refuse DATA 554 first 1",
        ":link laptop segment 1",
        ":link laptop segment 7",
        ":link laptop loss 1/6",
        ":link laptop loss 0",
        ":link laptop latency 300ms",
        ":online mail.campus.example",
        ":offline phone",
        ":online phone",
        ":send \"NOOP\\r\\nNOOP\\r\\n\"",
    };
    const char *line = lines[draw(walk, COUNT(lines))];
    bool needs = strcmp(line, ":cut") == 0 || strcmp(line, ":close") == 0 ||
                 strncmp(line, ":send", 5) == 0;
    if (needs && !script_is_connected(walk->world))
        return true;
    return say(walk, line);
}

static struct person *person_here(struct walk *walk)
{
    for (size_t i = 0; i < walk->person_count; i++)
        if (walk->people[i].device == walk->world->here)
            return &walk->people[i];
    must(walk->person_count < COUNT(walk->people));
    struct person *person = &walk->people[walk->person_count++];
    *person = (struct person){ .device = walk->world->here };
    return person;
}

static bool walk_step(struct walk *walk)
{
    struct person *person = person_here(walk);
    const struct session *session = host_session(walk->world, person->device->typed_conn);
    if (draw(walk, 8) == 0)
        return meddle(walk);
    if (!script_is_connected(walk->world))
        return connect(walk);
    if (!session)
        return say(walk, ":cut");
    const char *state = session->protocol->states[session->state].name;
    if (strcmp(session->protocol->name, "pop3") == 0)
        return speak_pop3(walk, person, state);
    if (strcmp(session->protocol->name, "imap") == 0)
        return speak_imap(walk, state);
    if (strcmp(state, "DATA") == 0)
        return speak_message(walk, person);
    if (strcmp(state, "AUTHENTICATING") == 0)
        return say(walk, "*");
    return draw(walk, 15) ? speak_smtp(walk, person, state) : say(walk, "QUIT");
}

/* --- a whole walk ----------------------------------------------------------------------------- */


static bool walk_open(struct walk *walk, uint64_t seed)
{
    walk->world = world_new(NULL, &seed, sim_tables, slice_of(default_world), SLICE("default"),
                            &walk->why);
    return walk->world != NULL;
}

/* All faults healed: nothing may stay in a queue, and the invariants hold. */
static bool walk_heal(struct walk *walk)
{
    static const char *const lines[] = { ":online mx.bakery.example",
                                         ":online laptop",
                                         ":online phone",
                                         ":link laptop loss 0",
                                         ":set mail.campus.example greylist off",
                                         ":wait 6d" };
    struct buf report = BUF_MAX(65536);
    for (size_t i = 0; i < COUNT(lines); i++)
        if (!say(walk, lines[i]))
            return false;
    for (struct host *host = host_next(walk->world, NULL); host;
         host = host_next(walk->world, host))
        if (store_queue_count(walk->world->store, slice_of(host_policy(host)->name)))
            return error_set(&walk->why, "the queue of %s is not empty at the end",
                             host_policy(host)->name);
    bool sound = store_fsck(walk->world->store, &report) ||
                 error_set(&walk->why, "fsck: %s", buf_text(&report));
    buf_free(&report);
    return sound;
}

static bool replay(struct walk *walk, uint64_t seed, uint64_t digest)
{
    struct walk again = { .script = BUF_MAX(SCRIPT_MAX) };
    slice rest = buf_slice(&walk->script);
    size_t at = 0;
    bool same = walk_open(&again, seed);
    while (same && rest.len)
        same = script_line(again.world, take_until(&rest, '\n'), &at, &again.why) != LINE_BROKEN;
    same = same && world_finish(again.world, &again.why) && world_digest(again.world) == digest;
    world_free(again.world);
    return same || error_set(&walk->why, "the same lines gave another digest");
}

static bool walk_seed(uint64_t seed, struct walk *walk)
{
    *walk = (struct walk){ .random = random_stream(seed, SLICE("walk"), "lines"),
                           .script = BUF_MAX(SCRIPT_MAX) };
    bool good = walk_open(walk, seed);
    for (int i = 0; good && i < STEPS; i++)
        good = walk_step(walk);
    good = good && walk_heal(walk) && world_finish(walk->world, &walk->why);
    good = good && reread_trace(walk->world->trace, &counters[REREAD], &walk->why);
    return good && replay(walk, seed, world_digest(walk->world));
}

int main(int argc, char **argv)
{
    static struct walk walk;
#ifdef ARENA_MALLOC
    uint64_t seeds = 40, first = 1;
#else
    uint64_t seeds = 500, first = 1;
#endif
    slice text = slice_of(argc > 1 ? argv[1] : "");
    take_number(&text, 1000000000, &seeds);
    text = slice_of(argc > 2 ? argv[2] : "");
    take_number(&text, UINT64_MAX / 2, &first);
    int failed = 0;
    for (uint64_t seed = first; seed < first + seeds && failed < 3; seed++) {
        if (!walk_seed(seed, &walk)) {
            failed++;
            printf("# seed %llu: %s\n# its script, for `pennypost run --seed %llu`:\n%s# end of "
                   "the script\n",
                   (unsigned long long)seed, walk.why.text, (unsigned long long)seed,
                   buf_text(&walk.script));
        }
        world_free(walk.world);
        buf_free(&walk.script);
    }
    printf("%sok 1 - %llu walks of %d steps\n", failed ? "not " : "", (unsigned long long)seeds,
           STEPS);
    for (int i = 0; i < COUNTERS; i++) {
        failed += counters[i] == 0;
        printf("%sok %d - %s: %llu\n", counters[i] ? "" : "not ", i + 2, counter_names[i],
               (unsigned long long)counters[i]);
    }
    printf("1..%d\n", COUNTERS + 1);
    return failed != 0;
}
