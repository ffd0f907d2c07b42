/* host_piece.c: long work is done in pieces. In the simulated world the next piece is an event
   behind all others of its instant. While real clients are served it is done when the gateway asks
   for one: one piece of one session a round, whoever works having turns one after another, so that
   nobody waits for more than that however many work. */
#include "servers/session.h"
#include "servers/store/store.h"
#include "sim/hosts/host_private.h"
#include "sim/hosts/inbound.h"

#define CHORE_AGAIN_MS 1000 /* after the store could not */

static void piece_due(void *context, uint64_t argument)
{
    struct host *host = context;
    struct serving *serving = serving_find(host->world, (uint32_t)argument);
    if (serving)
        serving_go_on(serving);
}

static void piece_book(struct host *host, uint32_t conn)
{
    struct clock *clock = host->world->clock;
    clock_at(clock, host->number, clock_ns(clock), WORK, piece_due, host, conn);
}

static void piece_queue(struct serving *serving)
{
    struct serving **end = &serving->host->world->pieces;
    if (serving->queued)
        return;
    while (*end)
        end = &(*end)->next_piece;
    *end = serving;
    serving->queued = true;
    serving->next_piece = NULL;
}

void host_later(struct services *asked, struct session *session)
{
    struct host *host = asked->context;
    if (inbound_is_on(host->world))
        piece_queue(serving_find(host->world, (uint32_t)session->id));
    else
        piece_book(host, (uint32_t)session->id);
}

void piece_forget(struct serving *serving)
{
    struct serving **at = &serving->host->world->pieces;
    if (!serving->queued)
        return;
    while (*at != serving)
        at = &(*at)->next_piece;
    *at = serving->next_piece;
    serving->queued = false;
}

/* --- what the store has left to do ------------------------------------------------------------ */

/* Whose host's the mailbox is nobody has to know: sessions of the others do not look at it. */
static void chore(struct world *world)
{
    int64_t changed[2] = { 0 };
    if (!store_chore(world->store, &changed[0], &changed[1]))
        world->chores_ns = clock_ns(world->clock) + CHORE_AGAIN_MS * NS_PER_MS;
    for (struct host *host = world->hosts; host; host = host->next) {
        host_turn_begin(host);
        for (size_t i = 0; i < COUNT(changed); i++)
            if (changed[i])
                host->services.changed(&host->services, changed[i]);
        host_turn_end(host);
    }
}

static void chore_due(void *context, uint64_t argument)
{
    struct host *host = context;
    (void)argument;
    host->world->chore_is_booked = false;
    if (!inbound_is_on(host->world) && store_has_chores(host->world->store))
        chore(host->world);
}

void host_chores_book(struct host *host)
{
    struct world *world = host->world;
    uint64_t now_ns = clock_ns(world->clock);
    bool waits = world->chores_ns > now_ns;
    if (world->chore_is_booked || inbound_is_on(world) || !store_has_chores(world->store))
        return;
    world->chore_is_booked = true;
    clock_at(world->clock, host->number, waits ? world->chores_ns : now_ns, waits ? TIMER : WORK,
             chore_due, host, 0);
}

/* --- while real clients are served ------------------------------------------------------------ */

bool host_has_pieces(const struct world *world)
{
    return world->pieces || (store_has_chores(world->store) &&
                             clock_ns(world->clock) >= world->chores_ns);
}

void host_piece(struct world *world)
{
    struct serving *serving = world->pieces;
    if (!serving) {
        chore(world);
        return;
    }
    piece_forget(serving);
    serving_go_on(serving);
}

void host_pieces_book(struct world *world)
{
    if (world->hosts)
        host_chores_book(world->hosts);
    for (struct serving *serving; (serving = world->pieces) != NULL;) {
        piece_forget(serving);
        piece_book(serving->host, serving->conn);
    }
}
