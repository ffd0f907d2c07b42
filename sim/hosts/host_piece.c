/* host_piece.c: long work is done in pieces. In the simulated world the next piece is an event
   behind all others of its instant. While real clients are served it is done when the gateway asks
   for one: one piece of one session a round, whoever works having turns one after another, so that
   nobody waits for more than that however many work. */
#include "servers/session.h"
#include "sim/hosts/host_private.h"
#include "sim/hosts/outside.h"

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
    if (outside_is_on(host->world))
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

bool host_has_pieces(const struct world *world) { return world->pieces != NULL; }

void host_piece(struct world *world)
{
    struct serving *serving = world->pieces;
    if (!serving)
        return;
    piece_forget(serving);
    serving_go_on(serving);
}

void host_pieces_book(struct world *world)
{
    for (struct serving *serving; (serving = world->pieces) != NULL;) {
        piece_forget(serving);
        piece_book(serving->host, serving->conn);
    }
}
