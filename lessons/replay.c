/* replay.c: where one stands in a recording, which line plays on, and whether our server answers
   as the recorded one did. */
#include "lessons/replay.h"

#include <stdlib.h>

#include "base/words.h"
#include "servers/auth/sasl_client.h"
#include "servers/mail/encoding.h"
#include "sim/devices/device.h"
#include "sim/language/build.h"
#include "sim/language/script.h"

#define ANSWER_ALIKE 5   /* of an answer's base64 these are the same: "ana" is in 4, "c=b" too */

/* --- begin and end ------------------------------------------------------------------------- */

static bool setup_run(struct rerun *replay, lesson_fault_fn *tell, void *context)
{
    const struct recording *recording = replay->recording;
    for (size_t i = 0; i < recording->setup_count; i++) {
        struct lesson_fault fault = { .number = recording->setup_numbers[i],
                                      .line = recording->setup[i] };
        enum line_result result =
            script_line(replay->world, recording->setup[i], &fault.at, &fault.why);
        if (result != LINE_UNREADABLE && result != LINE_BROKEN && result != LINE_LEAVE)
            continue;
        if (result == LINE_LEAVE)
            error_set(&fault.why, "a setup does not leave");
        tell(context, &fault);
        return false;
    }
    return true;
}

struct rerun *replay_new(struct recording *recording, const struct command *const *tables,
                          lesson_fault_fn *tell, void *context)
{
    struct lesson_fault fault = { .number = 0 };
    uint64_t seed = 1;
    struct rerun *replay = calloc(1, sizeof *replay);
    must(replay != NULL);
    replay->recording = recording;
    replay->timeline = timeline_open(&(struct timeline_start){
        .seed = &seed, .tables = tables, .script = slice_of(default_world),
        .name = SLICE("default") }, &fault.why);
    if (!replay->timeline)
        tell(context, &fault);
    else
        replay->world = timeline_world(replay->timeline);
    if (!replay->world || !setup_run(replay, tell, context)) {
        replay_free(replay);
        return NULL;
    }
    replay->from = trace_end(replay->world->trace);
    timeline_begin_here(replay->timeline);
    replay->turns = timeline_turns(replay->timeline);
    return replay;
}

void replay_free(struct rerun *replay)
{
    if (!replay)
        return;
    timeline_close(replay->timeline);
    recording_free(replay->recording);
    free(replay);
}

/* --- where one stands ---------------------------------------------------------------------- */

/* What the person's end did, as the recording would say it. False: it is nothing of that. */
static bool act_of(const struct rerun *replay, const struct trace_record *record, uint32_t *conn,
                   enum entry_kind *kind)
{
    const struct world *world = replay->world;
    if (record->kind == TRACE_OPEN && record->typed && world->here &&
        record->host == world->here->host) {
        *conn = record->conn;
        *kind = ENTRY_OPENS;
        return true;
    }
    if (record->conn != *conn)
        return false;
    *kind = record->kind == TRACE_LINE ? ENTRY_CLIENT
            : record->by == BY_CUT     ? ENTRY_LOST
                                       : ENTRY_CLOSES;
    return (record->kind == TRACE_LINE && record->side == SIDE_CLIENT) ||
           (record->kind == TRACE_CLOSE && (record->by == BY_CLIENT || record->by == BY_CUT));
}

static bool is_act(const struct recording_entry *entry) { return entry->kind <= ENTRY_LOST; }

/* An answer to another challenge is another one, but it begins with the same name. */
static bool act_is(const struct recording_entry *entry, enum entry_kind kind, slice text)
{
    if (entry->kind != kind)
        return false;
    return kind != ENTRY_CLIENT || slice_equal(entry->text, text) ||
           (entry->auth && entry->text.len >= ANSWER_ALIKE &&
            slice_equal(slice_upto(entry->text, ANSWER_ALIKE), slice_upto(text, ANSWER_ALIKE)));
}

void replay_look(struct rerun *replay)
{
    const struct recording *recording = replay->recording;
    const struct trace *trace = replay->world->trace;
    uint32_t conn = 0;
    size_t next = 0;
    replay->strayed = false;
    replay->turned = replay->turns != timeline_turns(replay->timeline);
    replay->turns = timeline_turns(replay->timeline);
    for (uint64_t number = replay->from; number < trace_end(trace); number++) {
        const struct trace_record *record = trace_at(trace, number);
        enum entry_kind kind;
        if (!act_of(replay, record, &conn, &kind))
            continue;
        while (next < recording->entry_count && !is_act(&recording->entries[next]))
            next++;
        if (next == recording->entry_count ||
            !act_is(&recording->entries[next], kind, record->text)) {
            replay->strayed = true;
            break;
        }
        next++;
    }
    for (replay->step = 0; replay->step < recording->step_count; replay->step++)
        if (recording->steps[replay->step].first >= next)
            break;
    for (size_t i = next; i < recording->entry_count && is_act(&recording->entries[i]); i++)
        replay->strayed = replay->strayed || recording->entries[i].joined; /* half of a step */
    if (!replay->strayed)
        replay->told_strayed = false;
}

/* --- answers to challenges ----------------------------------------------------------------- */

/* "n,a=ana,n=ana,r=NONCE": the client's own chance and whom it says to act as, so that what it says
   first is what was recorded. The slices are parts of `octets`. */
static void first_read(slice first, struct buf *octets, slice *nonce, slice *authzid)
{
    *nonce = *authzid = SLICE_EMPTY;
    if (!base64_decode(octets, first))
        return;
    for (slice rest = buf_slice(octets); rest.len;) {
        slice part = take_until(&rest, ',');
        if (take_prefix(&part, "a="))
            *authzid = part;
        else if (take_prefix(&part, "r="))
            *nonce = part;
    }
}

/* The server's k-th challenge since the last line that the client said in the open. */
static slice challenge_of(const struct rerun *replay, size_t which)
{
    const struct trace *trace = replay->world->trace;
    uint32_t conn = replay->world->here ? replay->world->here->typed_conn : 0;
    slice found = SLICE_EMPTY;
    size_t behind = 0;
    for (uint64_t number = trace_end(trace); number-- > replay->from;) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->kind != TRACE_LINE || record->conn != conn || record->side != SIDE_SERVER)
            continue;
        if (behind++ < which)
            continue;
        found = record->text;
        if (!take_prefix(&found, "334"))
            take_prefix(&found, "+");
        return slice_trim(found);
    }
    return found;
}

/* Answers so far, and this one: the exchange is made again from its beginning. False: no answer. */
static bool challenge_answer(const struct rerun *replay, size_t entry, struct buf *answer)
{
    const struct recording *recording = replay->recording;
    size_t auth = recording->entries[entry].auth, answers = 0, before = 0;
    slice rest = recording_command(recording, auth), first, nonce, authzid;
    struct buf octets = BUF_MAX(SASL_ANSWER_MAX);
    struct sasl_client client;
    take_word(&rest);
    slice mechanism = take_word(&rest), initial = take_word(&rest);
    for (size_t i = auth + 1; i <= entry; i++)
        answers += recording->entries[i].auth == auth;
    first = initial;
    for (size_t i = auth + 1; !first.len && i <= entry; i++)
        if (recording->entries[i].auth == auth)
            first = recording->entries[i].text;
    first_read(first, &octets, &nonce, &authzid);
    bool done = sasl_client_begin(&client, mechanism, recording->user, recording->password, nonce);
    client.authzid = authzid;
    if (initial.len && done)
        done = sasl_client_answer(&client, SLICE_EMPTY, answer);
    for (; done && before < answers; before++) {
        buf_clear(answer);
        done = sasl_client_answer(&client, challenge_of(replay, answers - before - 1), answer);
    }
    buf_free(&octets);
    return done;
}

/* --- the next line ------------------------------------------------------------------------- */

static void octets_add(const struct rerun *replay, size_t entry, struct buf *octets)
{
    const struct recording_entry *said = &replay->recording->entries[entry];
    struct buf answer = BUF_MAX(2 * SASL_ANSWER_MAX);
    if (said->auth && challenge_answer(replay, entry, &answer))
        buf_add(octets, buf_slice(&answer));
    else
        buf_add(octets, said->text);
    buf_free(&answer);
}

/* One line as it is typed; several, in one segment, by `send`. */
static void client_line(const struct rerun *replay, const struct recording_step *step,
                        struct buf *line)
{
    const struct recording *recording = replay->recording;
    struct buf octets = BUF_MAX(RECORDING_BYTES_MAX);
    size_t lines = 0;
    for (size_t i = step->first; i < step->end; i++) {
        if (recording->entries[i].kind != ENTRY_CLIENT)
            continue;
        if (lines++)
            buf_add_text(&octets, "\r\n");
        octets_add(replay, i, &octets);
    }
    if (lines == 1) {
        if (slice_starts(buf_slice(&octets), ":"))
            buf_add_char(line, ':');
        buf_add(line, buf_slice(&octets));
    } else {
        buf_add_text(&octets, "\r\n");
        buf_add_text(line, ":send \"");
        quoted_add(line, buf_slice(&octets));
        buf_add_char(line, '"');
    }
    buf_free(&octets);
}

bool replay_line(const struct rerun *replay, struct buf *line)
{
    const struct recording *recording = replay->recording;
    const struct recording_step *step = &recording->steps[replay->step];
    enum entry_kind kind = recording->entries[step->first].kind;
    if (script_is_connected(replay->world) == (kind == ENTRY_OPENS))
        return false;
    switch (kind) {
    case ENTRY_OPENS: buf_format(line, "telnet mail %s", recording->service->name); break;
    case ENTRY_CLOSES: buf_add_text(line, ":close"); break;
    case ENTRY_LOST: buf_add_text(line, ":cut"); break;
    default: client_line(replay, step, line);
    }
    return !line->full;
}

bool replay_choice(const struct rerun *replay, slice line, size_t *choice)
{
    const struct recording *recording = replay->recording;
    line = slice_trim(line);
    if (replay->strayed || replay->step == recording->step_count || line.len != 1 ||
        !recording->steps[replay->step].ask.len)
        return false;
    *choice = (size_t)(to_lower(line.at[0]) - 'a');
    return to_lower(line.at[0]) >= 'a' &&
           *choice <= recording->steps[replay->step].guess_count;
}

/* --- comparing ----------------------------------------------------------------------------- */

/* The next line with a code, of the recorded ones. */
static bool recorded_next(const struct recording *recording, size_t *entry, size_t end,
                          slice *line, slice *code)
{
    for (; *entry < end; ++*entry) {
        const struct recording_entry *said = &recording->entries[*entry];
        if (said->kind == ENTRY_SERVER &&
            recording_code(recording->service->protocol, said->text, code)) {
            *line = said->text;
            ++*entry;
            return true;
        }
    }
    return false;
}

/* … and of ours. */
static bool ours_next(const struct rerun *replay, uint64_t *number, slice *line, slice *code)
{
    const struct trace *trace = replay->world->trace;
    uint32_t conn = replay->world->here ? replay->world->here->typed_conn : 0;
    while (*number < trace_end(trace)) {
        const struct trace_record *record = trace_at(trace, (*number)++);
        if (record->kind == TRACE_LINE && record->conn == conn && record->side == SIDE_SERVER &&
            recording_code(replay->recording->service->protocol, record->text, code)) {
            *line = record->text;
            return true;
        }
    }
    return false;
}

/* The last that was recorded on this connection up to the step's end. */
static slice recorded_state(const struct recording *recording, const struct recording_step *step)
{
    for (size_t i = step->end; i-- > 0;) {
        if (recording->entries[i].kind == ENTRY_STATE)
            return recording->entries[i].text;
        if (recording->entries[i].kind == ENTRY_OPENS)
            break;
    }
    return SLICE_EMPTY;
}

static slice our_state(const struct rerun *replay)
{
    const struct trace *trace = replay->world->trace;
    uint32_t conn = replay->world->here ? replay->world->here->typed_conn : 0;
    for (uint64_t number = trace_end(trace); number-- > replay->from;) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->kind == TRACE_STATE && record->conn == conn)
            return slice_of(
                replay->recording->service->protocol->states[record->after].name);
    }
    return SLICE_EMPTY;
}

bool replay_differs(const struct rerun *replay, size_t number, uint64_t from,
                    struct replay_unlike *unlike)
{
    const struct recording *recording = replay->recording;
    const struct recording_step *step = &recording->steps[number];
    size_t entry = step->first;
    *unlike = (struct replay_unlike){ .state = SLICE_EMPTY };
    for (;;) {
        slice code, our_code;
        bool theirs = recorded_next(recording, &entry, step->end, &unlike->recorded, &code);
        bool ours = ours_next(replay, &from, &unlike->ours, &our_code);
        if (!theirs)
            unlike->recorded = SLICE_EMPTY;
        if (!ours)
            unlike->ours = SLICE_EMPTY;
        if (theirs != ours || (theirs && !slice_equal(code, our_code)))
            return true;
        if (!theirs)
            break;
    }
    if (recording->entries[step->first].kind != ENTRY_CLIENT)
        return false;
    unlike->state = recorded_state(recording, step);
    unlike->our_state = our_state(replay);
    return unlike->state.len && unlike->our_state.len &&
           !slice_equal(unlike->state, unlike->our_state);
}
