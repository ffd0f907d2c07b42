/* arrival.c: see arrival.h. */
#include "servers/arrival.h"

#include "base/heap.h"

struct arrival {
    struct draft *draft;
    struct summary_reader *summary;
    struct message message;
    bool ended, failed;
};

struct arrival *arrival_begin(struct store *store)
{
    struct arrival *arrival = heap_take(sizeof *arrival);
    arrival->draft = store_draft(store);
    arrival->summary = summary_begin();
    return arrival;
}

bool arrival_write(struct arrival *arrival, slice octets)
{
    bool kept = store_draft_write(arrival->draft, octets);
    arrival->failed = arrival->failed || !summary_feed(arrival->summary, octets);
    return kept && !arrival->failed; /* what the draft failed at, it tells when it is finished */
}

uint64_t arrival_size(const struct arrival *arrival) { return store_draft_size(arrival->draft); }

static void arrival_end(struct arrival *arrival)
{
    if (!arrival->ended)
        summary_end(arrival->summary, &arrival->message);
    arrival->ended = true;
}

uint32_t arrival_hops(struct arrival *arrival)
{
    arrival_end(arrival);
    return summary_hops(arrival->summary);
}

int64_t arrival_finish(struct arrival *arrival)
{
    if (arrival->failed) {
        arrival_drop(arrival);
        return 0;
    }
    arrival_end(arrival);
    int64_t message_key = store_draft_finish(arrival->draft, &arrival->message);
    arrival->draft = NULL;
    arrival_drop(arrival);
    return message_key;
}

void arrival_drop(struct arrival *arrival)
{
    if (!arrival)
        return;
    if (arrival->draft)
        store_draft_drop(arrival->draft);
    summary_free(arrival->summary);
    heap_give(arrival);
}
