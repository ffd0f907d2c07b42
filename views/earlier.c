/* earlier.c: see earlier.h. */
#include "views/earlier.h"

#include "base/words.h"
#include "servers/mail/date.h"
#include "servers/mail/encoding.h"
#include "servers/store/store.h"
#include "sim/language/commands.h"
#include "views/clean.h"

#define LEFT_OUT_SHOWN 3

/* --- whose numbers they are --------------------------------------------------------------- */

void sight_begin(struct sight *sight, const struct world *world, const struct past *past)
{
    *sight = (struct sight){ .world = world, .trace = past ? past->trace : world->trace,
                             .past = past };
    conns_read(&sight->conns, sight->trace);
}

void sight_end(struct sight *sight) { conns_free(&sight->conns); }

const struct conn *sight_conn(struct sight *sight, const struct world *world,
                              const struct past *past, uint32_t number)
{
    sight_begin(sight, world, NULL);
    const struct conn *conn = conns_find(&sight->conns, number);
    if (conn)
        return conn;
    sight_end(sight);
    sight_begin(sight, world, past);
    for (size_t i = past->conn_count; i-- > 0;)
        if (past->conns[i].number == number)
            return conns_find(&sight->conns, (uint32_t)i + 1);
    return NULL;
}

int64_t sight_ms(const struct sight *sight, uint64_t t_ns)
{
    return (sight->past ? 0 : sight->world->epoch_ms) + (int64_t)(t_ns / NS_PER_MS);
}

uint32_t sight_machine(const struct sight *sight, uint32_t host)
{
    if (!sight->past)
        return host;
    return net_host(sight->world->net, slice_of(past_name(sight->past, host)));
}

/* A machine of an earlier sitting may be in the net no more, as real clients' is; what a stranger's
   file calls one is a name or nothing. */
const char *sight_name(const struct sight *sight, uint32_t host)
{
    uint32_t machine = sight_machine(sight, host);
    if (machine)
        return machine_name(sight->world, machine);
    const char *name = sight->past ? past_name(sight->past, host) : "";
    return name[0] && text_is_visible(slice_of(name)) ? name : "somebody";
}

uint32_t sight_number(const struct sight *sight, const struct conn *conn)
{
    return sight->past ? sight->past->conns[conn->number - 1].number : conn->number;
}

/* --- words -------------------------------------------------------------------------------- */

void mailbox_owned_add(struct buf *out, const struct world *world, int64_t id)
{
    struct mailbox mailbox;
    struct user user;
    if (!store_mailbox_by_id(world->store, id, &mailbox) ||
        !store_user_by_id(world->store, mailbox.user, &user)) {
        buf_add_text(out, "a mailbox that is gone");
        return;
    }
    slice rest = slice_of(user.address);
    buf_add(out, take_until(&rest, '@'));
    buf_add_text(out, "'s ");
    if (!mutf7_decode(out, slice_of(mailbox.name)))
        buf_add_text(out, mailbox.name);
}

void earlier_add(struct buf *out, const struct sight *sight, uint64_t number)
{
    const struct past_sitting *sitting = past_sitting(sight->past, number);
    bool now = number == sight->world->past.sitting;
    buf_add_text(out, now ? "earlier in this sitting" : "in an earlier sitting");
    if (now || !sitting)
        return;
    buf_add_text(out, ", ");
    date_write_moment(out, sitting->began_ms);
}

#define BROKE_OFF_SAID 2 /* the last ones; of those before only how many */

static void broke_off_say(struct call *call, const struct past_sitting *sitting)
{
    struct buf began = BUF_MAX(64), upto = BUF_MAX(64);
    date_write_moment(&began, sitting->began_ms);
    date_write_moment(&upto, sitting->upto_ms);
    call_say(call, "Pennypost was stopped in the middle of the sitting of %s: what happened in it "
                   "after %s is not known.",
             buf_text(&began), buf_text(&upto));
    buf_free(&began);
    buf_free(&upto);
}

static bool since_say(struct call *call, const struct past *past)
{
    struct buf when = BUF_MAX(64);
    int64_t since_ms;
    bool unknown = past_since(past, call->world, &since_ms);
    if (unknown) {
        date_write_moment(&when, since_ms);
        call_say(call, "What happened before %s is not kept%s.", buf_text(&when),
                 past->foreign ? ": the table \"event\" of this world is damaged, and left as it is"
                               : "");
    }
    buf_free(&when);
    return unknown;
}

bool earlier_unknown(struct call *call, const struct past *past)
{
    bool unknown = since_say(call, past);
    size_t broken = 0, said = 0;
    for (size_t i = past->sitting_count; i-- > 0;)
        broken += past->sittings[i].broke_off;
    if (broken > BROKE_OFF_SAID)
        call_say(call, "%zu more sittings before were stopped in the middle.",
                 broken - BROKE_OFF_SAID);
    for (size_t i = 0; i < past->sitting_count; i++)
        if (past->sittings[i].broke_off && said++ + BROKE_OFF_SAID >= broken)
            broke_off_say(call, &past->sittings[i]);
    unknown = unknown || broken > 0;
    if (past->damaged)
        call_say(call, "%llu events of earlier sittings can't be read: the table \"event\" of this "
                       "world is damaged.",
                 (unsigned long long)past->damaged);
    return unknown || past->damaged;
}

/* "ana's INBOX", "phone" */
static void thread_add(struct buf *out, const struct world *world, slice thread)
{
    uint64_t id;
    if (take_prefix(&thread, "mailbox ")) {
        mailbox_owned_add(out, world, take_number(&thread, INT64_MAX, &id) ? (int64_t)id : 0);
        return;
    }
    take_word(&thread);
    uint32_t host = net_host(world->net, slice_trim(thread));
    if (host)
        buf_add_text(out, machine_name(world, host));
    else
        clean_add(out, slice_trim(thread), true);
}

bool earlier_left_out(struct call *call, const struct past *past, slice threads, const char *what)
{
    size_t count = 0;
    for (size_t i = 0; i < past->older_count; i++) {
        const struct past_older *older = &past->older[i];
        struct buf who = BUF_MAX(1024), when = BUF_MAX(64);
        bool asked = slice_equal(slice_upto(older->thread, threads.len), threads);
        if (asked && ++count <= LEFT_OUT_SHOWN) {
            thread_add(&who, call->world, older->thread);
            date_write_moment(&when, older->last_ms);
            call_say(call, "%llu older %s of %s, up to %s, are not kept any more.",
                     (unsigned long long)older->count, what, buf_text(&who), buf_text(&when));
        }
        buf_free(&who);
        buf_free(&when);
    }
    if (count > LEFT_OUT_SHOWN)
        call_say(call, "Nor are older ones of %zu more.", count - LEFT_OUT_SHOWN);
    return count > 0;
}
