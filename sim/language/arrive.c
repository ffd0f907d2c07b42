/* arrive.c: what comes through real sockets as lines of the language: written when it happens,
   read when a recording is played. What it does to the world is hosts/inbound.c's. */
#include "sim/language/arrive.h"

#include "base/words.h"
#include "sim/hosts/host.h"
#include "sim/hosts/inbound.h"
#include "sim/language/commands.h"
#include "sim/language/script.h"
#include "sim/world.h"

#define LINE_BYTES_MAX (PIPE_BYTES_MAX * 4 + 64) /* every octet may be \ooo */

/* By enum arrival_what. */
static const char *const words[] = { "on", "opens", "says", "takes", "secures", "fails", "ends",
                                     "breaks", "happens", "works", "keeps", "loses", "refuses",
                                     "recovers", "parts", "off" };

/* --- written --------------------------------------------------------------------------------- */

static void on_write(struct buf *line, const struct inbound_start *start)
{
    buf_add_char(line, ' ');
    buf_add(line, start->host);
    if (start->now_ms)
        buf_format(line, " at %llu", (unsigned long long)start->now_ms);
    if (start->chance)
        buf_format(line, " chance %llu", (unsigned long long)start->chance);
    buf_add_text(line, start->real_link ? "" : " keeping link");
    buf_add_text(line, start->plain ? " plain" : "");
}

static void arrival_write(struct buf *line, const struct arrival *arrival)
{
    buf_format(line, ":arrive %llu %s", (unsigned long long)arrival->at_ms, words[arrival->what]);
    if (arrival->what == ARRIVES_ON)
        on_write(line, &arrival->start);
    if (arrival->conn)
        buf_format(line, " %llu", (unsigned long long)arrival->conn);
    if (arrival->what == OPENS)
        buf_format(line, " port %llu", (unsigned long long)arrival->number);
    if (arrival->what == TAKES)
        buf_format(line, " %llu", (unsigned long long)arrival->number);
    if (arrival->what == REFUSES && arrival->number)
        buf_add_text(line, " room");
    if (arrival->what == SAYS || arrival->what == SECURES || arrival->what == FAILS) {
        buf_add_text(line, " \"");
        quoted_add(line, arrival->octets);
        buf_add_char(line, '"');
    }
}

static void on_arrival(void *context, const struct arrival *arrival)
{
    const struct script_state *script = context;
    struct buf line = BUF_MAX(LINE_BYTES_MAX);
    arrival_write(&line, arrival);
    must(!line.full);
    script->arrived(script->arrived_context, buf_slice(&line));
    buf_free(&line);
}

void arrive_record(struct world *world, arrive_line *each, void *context)
{
    world->script->arrived = each;
    world->script->arrived_context = context;
    inbound_record(world, each ? on_arrival : NULL, world->script);
}

/* --- read ------------------------------------------------------------------------------------ */

/* A line that was read: nothing has moved yet. */
struct reading {
    struct arrival arrival;
    struct buf octets;
};

static bool read_on(struct call *call, slice *rest, struct reading *reading)
{
    reading->arrival.start = (struct inbound_start){ .host = word_take(rest), .real_link = true };
    if (!host_find(call->world, reading->arrival.start.host))
        return call_refuse(call, reading->arrival.start.host,
                           "there is no such host in this world");
    if (inbound_is_on(call->world))
        return call_refuse(call, call->args, "the doors are open already");
    if (word_take_if(rest, "at") &&
        !word_number(word_take(rest), INT64_MAX / 2, &reading->arrival.start.now_ms))
        return call_refuse(call, *rest, "at which time? milliseconds since 1970");
    if (word_take_if(rest, "chance") &&
        !word_number(word_take(rest), INBOUND_CHANCE_MAX, &reading->arrival.start.chance))
        return call_refuse(call, *rest, "which chance? a number that was drawn once");
    if (word_take_if(rest, "keeping"))
        reading->arrival.start.real_link = !word_take_if(rest, "link");
    reading->arrival.start.plain = word_take_if(rest, "plain");
    return true;
}

static bool read_client(struct call *call, slice *rest, struct reading *reading)
{
    if (!word_number(word_take(rest), UINT32_MAX, &reading->arrival.conn))
        return call_refuse(call, call->args, "which connection? its number comes next");
    take_while(rest, is_space);
    switch (reading->arrival.what) {
    case OPENS:
        return (word_take_if(rest, "port") &&
                word_number(word_take(rest), UINT16_MAX, &reading->arrival.number)) ||
               call_refuse(call, *rest, "at which port? opens 1 port 143");
    case SAYS:
    case SECURES:
    case FAILS:
        return quoted_read(rest, &reading->octets) ||
               call_refuse(call, *rest, "which octets? says 1 \"NOOP\\r\\n\"");
    case TAKES:
        return word_number(word_take(rest), UINT32_MAX, &reading->arrival.number) ||
               call_refuse(call, *rest, "how many octets? takes 1 512");
    default: return true;
    }
}

static bool read_arrival(struct call *call, struct reading *reading)
{
        slice rest = call->args, when = word_take(&rest), what = word_take(&rest);
    size_t i = 0;
    if (!word_number(when, WAIT_MS_MAX * 100, &reading->arrival.at_ms))
        return call_refuse(call, when, "at which moment? milliseconds since the trace began");
    while (i < COUNT(words) && !slice_is(what, words[i]))
        i++;
    if (i == COUNT(words))
        return call_refuse(call, what,
                           "on, opens, says, takes, secures, fails, ends, breaks, happens, "
                           "works, keeps, loses, refuses, recovers, parts or off");
    reading->arrival.what = (enum arrival_what)i;
    if (i != ARRIVES_ON && !inbound_is_on(call->world))
        return call_refuse(call, what, "nobody can come from outside: arrive 0 on HOST");
    reading->arrival.number = i == REFUSES && word_take_if(&rest, "room");
    bool read = i == ARRIVES_ON ? read_on(call, &rest, reading)
                : i >= HAPPENS  ? true
                                : read_client(call, &rest, reading);
    if (read && slice_trim(rest).len)
        return call_refuse(call, rest, "the line goes on after its end");
    return read;
}

bool command_arrive(struct call *call)
{
    struct reading reading = { .octets = BUF_MAX(PIPE_BYTES_MAX) };
    struct world *world = call->world;
    struct error why = { "" };
    if (world->script->arrived || world->script->wait_for) /* somebody holds real sockets */
        return call_refuse(call, call->args, "real ports are open: what comes through them is not "
                           "typed");
    bool read = read_arrival(call, &reading);
    reading.arrival.octets = buf_slice(&reading.octets);
    call->silent = true;
    if (read && !(inbound_play(world, &reading.arrival, &why) &&
                  (reading.arrival.what != ARRIVES_OFF || world_remember(world, &why))) &&
        !world->script->broken.text[0])
        world->script->broken = why;
    buf_free(&reading.octets);
    return read;
}
