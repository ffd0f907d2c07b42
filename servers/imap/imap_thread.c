/* imap_thread.c: see imap_thread.h. The steps of REFERENCES have the numbers that RFC 5256 3 gives
   them. All dates are known from the start, so messages are sorted once, by date and then by place
   in the mailbox: whoever is put under a parent in that order stands right among his siblings,
   and steps 4 and 6 have nothing more to do. */
#include "servers/imap/imap_thread.h"

#include <string.h>

#include "base/sort.h"
#include "servers/imap/imap_forest.h"
#include "servers/imap/imap_numbering.h"

#define IDS_EACH 6      /* message-IDs that one names, about: its own and its references */
#define DATES_AT_ONCE 256 /* moves of the sort */
#define SEEN UINT32_MAX /* no node has so many children */
#define NODE_STEPS 2 /* to look at a node takes about as long as so many moves of an entry, */
#define LINK_STEPS 8 /* … a link */

struct own {                 /* of a message */
    uint32_t number;         /* as in struct thread_message */
    uint32_t subject;        /* its number; 0: none that counts */
    uint32_t place;          /* of its first reference among `references` */
    unsigned reference_count : 31;
    bool answers : 1;
};

struct threads {
    struct arena *arena;
    enum thread_way way;
    const struct stage *stage;
    bool begun;              /* the stage; */
    size_t at;               /* … what of it is next, */
    size_t extra;            /* … what that took beyond the usual, in steps */
    size_t expected;
    size_t left_bytes;       /* of arrays that became too small */

    struct own *messages;    /* from 1 */
    int64_t *sent;           /* by message */
    uint32_t *references;    /* numbers of message-IDs */
    size_t count, message_cap, sent_cap;
    size_t reference_count, reference_cap;
    struct numbering ids, subjects;
    uint32_t *owner;         /* by a message-ID's number: the node that has it; 0: nobody yet */
    size_t owner_cap, owned;

    struct thread_node *nodes;
    uint32_t node_count;
    uint32_t *by_date;       /* messages */
    struct sorting dates;
    struct forest forest;
    uint32_t *children; /* by node: how many it has, where that matters; then whether it was SEEN */
    uint32_t *tops, top_count; /* step 2's root has these children, by date */
    uint32_t *top_subjects;  /* of these: the subject of the first message there */
    uint32_t *table;         /* step 5's, by a subject's number */
    uint32_t first, last;    /* at the top */
};

/* --- messages ------------------------------------------------------------------------------- */

void threads_expect(struct threads *threads, size_t messages)
{
    threads->expected = messages;
    threads->ids.expected = threads->subjects.expected = messages;
}

/* Room for one more; what is new is not zeroed. */
static void *grown(struct threads *threads, void *at, size_t count, size_t *cap, size_t bytes_each)
{
    if (count < *cap)
        return at;
    threads->left_bytes += *cap * bytes_each;
    *cap = *cap ? *cap * 2
                : threads->expected * (bytes_each == sizeof(uint32_t) ? IDS_EACH : 1) + 16;
    void *larger = arena_take_bare_array(threads->arena, *cap, bytes_each);
    return at ? memcpy(larger, at, count * bytes_each) : larger;
}

/* A message-ID's number. Nobody has a new one. */
static uint32_t id_number(struct threads *threads, slice id)
{
    uint32_t before = threads->ids.count;
    uint32_t number = numbering_of(threads->arena, &threads->ids, id);
    if (number > before) {
        threads->owner = grown(threads, threads->owner, number, &threads->owner_cap,
                               sizeof *threads->owner);
        threads->owner[number] = 0;
    }
    return number;
}

static void reference_add(struct threads *threads, slice id)
{
    threads->references = grown(threads, threads->references, threads->reference_count,
                                &threads->reference_cap, sizeof *threads->references);
    threads->references[threads->reference_count++] = id_number(threads, id);
}

/* A message-ID belongs to the first message that has it; later ones that have it too are messages
   with an ID of their own. */
static void own_id(struct threads *threads, uint32_t message, slice id)
{
    if (id.len == 0)
        return;
    uint32_t number = id_number(threads, id);
    if (threads->owner[number])
        return;
    threads->owner[number] = message;
    threads->owned++;
}

static void ids_add(struct threads *threads, uint32_t message, const struct thread_message *from)
{
    slice references = from->references;
    own_id(threads, message, from->message_id);
    while (references.len)
        reference_add(threads, take_until(&references, '\n'));
    threads->messages[message].reference_count =
        (unsigned)(threads->reference_count - threads->messages[message].place) & 0x7FFFFFFF;
}

void threads_add(struct threads *threads, const struct thread_message *message)
{
    uint32_t at = (uint32_t)++threads->count;
    bool by_references = threads->way == THREAD_REFERENCES;
    threads->messages = grown(threads, threads->messages, at, &threads->message_cap,
                              sizeof *threads->messages);
    threads->sent = grown(threads, threads->sent, at, &threads->sent_cap, sizeof *threads->sent);
    threads->sent[at] = message->sent_ms;
    threads->messages[at] = (struct own){ .number = message->number, .answers = message->answers,
                                          .place = (uint32_t)threads->reference_count };
    if (message->subject.len || !by_references)
        threads->messages[at].subject = numbering_of(threads->arena, &threads->subjects,
                                                     message->subject);
    if (by_references)
        ids_add(threads, at, message);
}

/* Their own, and a place in each array that is made of them later. */
#define MESSAGE_BYTES (sizeof(struct own) + sizeof(int64_t) + 5 * sizeof(uint32_t))
#define NODE_BYTES (sizeof(struct thread_node) + sizeof(struct forest_node) + sizeof(uint32_t))

/* Messages, and dummies for message-IDs that nobody has. */
static size_t nodes_linked(const struct threads *threads)
{
    return threads->count + threads->ids.count - threads->owned;
}

/* (5.C) makes one of two messages at least. */
static size_t nodes_merging(const struct threads *threads) { return threads->count / 2; }

size_t threads_bytes(const struct threads *threads)
{
    return threads->count * MESSAGE_BYTES + nodes_linked(threads) * NODE_BYTES +
           nodes_merging(threads) * sizeof(struct thread_node) +
           (threads->reference_count + threads->ids.count) * sizeof(uint32_t) +
           threads->ids.bytes + threads->subjects.bytes + threads->left_bytes;
}

/* --- nodes ---------------------------------------------------------------------------------- */

static uint32_t node_new(struct threads *threads, uint32_t number)
{
    threads->nodes[++threads->node_count] = (struct thread_node){ .number = number };
    return threads->node_count;
}

static bool is_dummy(const struct threads *threads, uint32_t node) { return node > threads->count; }

static uint32_t *numbers_new(const struct threads *threads, size_t count)
{
    return arena_take_array(threads->arena, count, sizeof(uint32_t));
}

static void nodes_begin(struct threads *threads)
{
    size_t count = 1 + nodes_linked(threads) + nodes_merging(threads);
    threads->nodes = arena_take_bare_array(threads->arena, count, sizeof *threads->nodes);
    threads->nodes[0] = (struct thread_node){ .number = 0 };
}

static size_t node_next(struct threads *threads, size_t at)
{
    node_new(threads, threads->messages[at + 1].number);
    return at + 1;
}

static size_t dummy_next(struct threads *threads, size_t at)
{
    if (!threads->owner[at + 1])
        threads->owner[at + 1] = node_new(threads, 0);
    return at + 1;
}

/* By date, then by place in the mailbox. */
static int by_date(const void *context, const void *a, const void *b)
{
    const int64_t *sent = context;
    int64_t one = sent[*(const uint32_t *)a], other = sent[*(const uint32_t *)b];
    return one < other ? -1 : one > other;
}

static void dates_begin(struct threads *threads)
{
    threads->by_date = numbers_new(threads, threads->count);
    for (uint32_t i = 0; i < threads->count; i++)
        threads->by_date[i] = i + 1;
    void *spare = arena_take_bare_array(threads->arena, threads->count, sizeof(uint32_t));
    threads->dates = sorting_new(threads->by_date, threads->count, sizeof(uint32_t), spare, by_date,
                                 threads->sent);
}

static size_t sort_dates(struct threads *threads, size_t at)
{
    bool done = sorting_step(&threads->dates, DATES_AT_ONCE);
    threads->extra = DATES_AT_ONCE;
    threads->by_date = (uint32_t *)(void *)threads->dates.at;
    return done ? SIZE_MAX : at;
}

/* --- (1) links ------------------------------------------------------------------------------ */

static void link_begin(struct threads *threads)
{
    threads->forest = forest_new(threads->arena, threads->node_count);
}

/* A child without a parent is the top of its tree: there is a loop if it is the parent's too. */
static void link_to(struct threads *threads, uint32_t child, uint32_t parent)
{
    if (forest_top(&threads->forest, parent) == child)
        return;
    forest_link(&threads->forest, child, parent);
    threads->nodes[child].parent = parent;
}

static void link_message(struct threads *threads, uint32_t message)
{
    const struct own *own = &threads->messages[message];
    uint32_t last = 0;
    for (uint32_t i = 0; i < own->reference_count; i++) { /* (A) */
        uint32_t node = threads->owner[threads->references[own->place + i]];
        if (last && !threads->nodes[node].parent)
            link_to(threads, node, last);
        last = node;
    }
    if (threads->nodes[message].parent) { /* (B) */
        forest_cut(&threads->forest, message);
        threads->nodes[message].parent = 0;
    }
    if (last)
        link_to(threads, message, last);
}

static size_t link_next(struct threads *threads, size_t at)
{
    link_message(threads, (uint32_t)at + 1);
    threads->extra = threads->messages[at + 1].reference_count * (size_t)LINK_STEPS;
    return at + 1;
}

/* --- (2), (3) dummies ----------------------------------------------------------------------- */

/* The next message above; without one, the dummy at the top, or 0. The dummies on the way are
   given the same parent, so that nobody climbs over them again. */
static uint32_t message_above(struct threads *threads, uint32_t node)
{
    struct thread_node *nodes = threads->nodes;
    uint32_t above = nodes[node].parent, next;
    while (is_dummy(threads, above) && nodes[above].parent)
        above = nodes[above].parent;
    for (uint32_t at = nodes[node].parent; at != above; at = next) {
        next = nodes[at].parent;
        nodes[at].parent = above;
    }
    return above;
}

static void lift_begin(struct threads *threads)
{
    threads->children = numbers_new(threads, threads->node_count + 1);
}

static size_t lift(struct threads *threads, size_t at)
{
    struct thread_node *node = &threads->nodes[at + 1];
    node->parent = message_above(threads, (uint32_t)at + 1);
    threads->children[node->parent]++;
    return at + 1;
}

static size_t prune(struct threads *threads, size_t at)
{
    struct thread_node *node = &threads->nodes[at + 1];
    if (is_dummy(threads, node->parent) && threads->children[node->parent] == 1)
        node->parent = 0;
    return at + 1;
}

/* --- (4), (5) subjects ---------------------------------------------------------------------- */

static void tops_begin(struct threads *threads)
{
    if (!threads->children)
        threads->children = numbers_new(threads, threads->node_count + 1);
    threads->tops = numbers_new(threads, threads->count);
    threads->top_subjects = numbers_new(threads, threads->count);
    threads->table = numbers_new(threads, threads->subjects.count + 1);
}

/* Whoever is at the top, by date, with the subject of the first message there. */
static size_t find_top(struct threads *threads, size_t at)
{
    uint32_t message = threads->by_date[at];
    uint32_t parent = threads->nodes[message].parent;
    uint32_t top = is_dummy(threads, parent) ? parent : message;
    if ((parent && top == message) || threads->children[top] == SEEN)
        return at + 1;
    threads->children[top] = SEEN;
    threads->top_subjects[threads->top_count] = threads->messages[message].subject;
    threads->tops[threads->top_count++] = top;
    return at + 1;
}

static bool answers(const struct threads *threads, uint32_t node)
{
    return !is_dummy(threads, node) && threads->messages[node].answers;
}

/* (5.B) */
static size_t table_add(struct threads *threads, size_t at)
{
    uint32_t top = threads->tops[at];
    uint32_t subject = threads->top_subjects[at], there = threads->table[subject];
    if (subject == 0)
        return at + 1;
    bool better = there == 0 || /* which is nobody */
                  (!is_dummy(threads, there) && (is_dummy(threads, top) ||
                   (answers(threads, there) && !answers(threads, top))));
    if (better)
        threads->table[subject] = top;
    return at + 1;
}

/* (5.C) A dummy whose children go to another's has that one as its parent. */
static size_t merge_next(struct threads *threads, size_t at)
{
    uint32_t top = threads->tops[at];
    uint32_t subject = threads->top_subjects[at], there = threads->table[subject];
    if (subject == 0 || there == top)
        return at + 1;
    if (is_dummy(threads, there) || (answers(threads, top) && !answers(threads, there))) {
        threads->nodes[top].parent = there;
        return at + 1;
    }
    uint32_t dummy = node_new(threads, 0);
    threads->nodes[top].parent = threads->nodes[there].parent = dummy;
    threads->table[subject] = dummy;
    return at + 1;
}

/* ORDEREDSUBJECT: the first of a subject is the parent of all others: no grandchildren. */
static size_t gather_by_subject(struct threads *threads, size_t at)
{
    uint32_t *first = &threads->table[threads->top_subjects[at]];
    if (*first)
        threads->nodes[threads->tops[at]].parent = *first;
    else
        *first = threads->tops[at];
    return at + 1;
}

/* --- (6) the end ---------------------------------------------------------------------------- */

static void append(struct threads *threads, uint32_t node, uint32_t *first, uint32_t *last)
{
    if (*last)
        threads->nodes[*last].next = node;
    else
        *first = node;
    *last = node;
}

static size_t place(struct threads *threads, size_t at)
{
    struct thread_node *nodes = threads->nodes;
    uint32_t message = threads->by_date[at];
    uint32_t parent = nodes[message].parent;
    if (is_dummy(threads, parent) && nodes[parent].parent)
        parent = nodes[message].parent = nodes[parent].parent;
    if (is_dummy(threads, parent) && !nodes[parent].child)
        append(threads, parent, &threads->first, &threads->last);
    if (parent)
        append(threads, message, &nodes[parent].child, &nodes[parent].last);
    else
        append(threads, message, &threads->first, &threads->last);
    return at + 1;
}

/* --- all of it ------------------------------------------------------------------------------ */

static size_t each_message(const struct threads *threads) { return threads->count; }
static size_t each_top(const struct threads *threads) { return threads->top_count; }
static size_t each_id(const struct threads *threads) { return threads->ids.count; }
static size_t until_done(const struct threads *threads) { (void)threads; return SIZE_MAX; }

/* A stage does something with each of so many. */
struct stage {
    void (*begin)(struct threads *);
    size_t (*each)(const struct threads *);
    size_t (*work)(struct threads *, size_t at); /* returns the next one */
    size_t steps;
};

static const struct stage by_references[] = {
    { nodes_begin, each_message, node_next, NODE_STEPS },
    { NULL, each_id, dummy_next, NODE_STEPS },
    { link_begin, each_message, link_next, LINK_STEPS },
    { lift_begin, each_message, lift, NODE_STEPS },
    { NULL, each_message, prune, NODE_STEPS },
    { dates_begin, until_done, sort_dates, 1 },
    { tops_begin, each_message, find_top, NODE_STEPS },
    { NULL, each_top, table_add, NODE_STEPS },
    { NULL, each_top, merge_next, NODE_STEPS },
    { NULL, each_message, place, NODE_STEPS },
    { 0 },
};

static const struct stage by_subject[] = {
    { nodes_begin, each_message, node_next, NODE_STEPS },
    { dates_begin, until_done, sort_dates, 1 },
    { tops_begin, each_message, find_top, NODE_STEPS },
    { NULL, each_top, gather_by_subject, NODE_STEPS },
    { NULL, each_message, place, NODE_STEPS },
    { 0 },
};

struct threads *threads_new(struct arena *arena, enum thread_way way, uint64_t secret)
{
    struct threads *threads = arena_take(arena, sizeof *threads);
    threads->arena = arena;
    threads->way = way;
    threads->ids.secret = threads->subjects.secret = secret;
    threads->stage = way == THREAD_REFERENCES ? by_references : by_subject;
    return threads;
}

static bool stage_step(struct threads *threads, size_t steps)
{
    const struct stage *stage = threads->stage;
    if (!threads->begun && stage->begin)
        stage->begin(threads);
    threads->begun = true;
    size_t count = stage->each(threads);
    for (size_t done = 0; threads->at < count && done < steps;) {
        size_t from = threads->at;
        threads->extra = 0;
        threads->at = stage->work(threads, from);
        done += (threads->at - from) * stage->steps + threads->extra;
    }
    return threads->at >= count;
}

bool threads_step(struct threads *threads, size_t steps)
{
    if (threads->stage->each && stage_step(threads, steps)) {
        threads->stage++;
        threads->begun = false;
        threads->at = 0;
    }
    return !threads->stage->each;
}

const struct thread_node *threads_nodes(const struct threads *threads, uint32_t *first)
{
    *first = threads->first;
    return threads->nodes;
}
