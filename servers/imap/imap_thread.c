/* imap_thread.c: see imap_thread.h. The steps of REFERENCES have the numbers that RFC 5256 3 gives
   them. All dates are known from the start, so messages are sorted once, by date and then by place
   in the mailbox: whoever is put under a parent in that order stands right among his siblings,
   and steps 4 and 6 have nothing more to do. */
#include "servers/imap/imap_thread.h"

#include "servers/imap/imap_forest.h"

#define IDS_EACH 6   /* message-IDs that one names, about: its own and its references */
#define NODE_STEPS 2 /* to look at a node takes about as long as so many moves of an entry, */
#define LINK_STEPS 8 /* … a link */

struct own {                 /* of a message */
    slice subject;
    bool answers;
    uint32_t place;          /* of its message-ID among `ids`; its references follow */
    uint32_t references;
};

struct threads {
    struct arena *arena;
    enum thread_way way;
    const struct stage *stage;
    bool begun;              /* the stage; */
    size_t at;               /* … what of it is next, */
    size_t extra;            /* … what that took beyond the usual, in steps */
    struct own *messages;     /* from 1 */
    struct thread_node *nodes;
    uint32_t count, message_cap, node_count, node_cap;
    uint32_t expected;

    struct sorting ids, dates, subjects;
    uint32_t place_count;
    uint32_t *node_at;       /* by place: who has this message-ID */
    struct forest forest;
    uint32_t *children;      /* by node: how many it has, where that matters */
    uint32_t *tops, top_count; /* step 2's root has these children, by date */
    uint32_t *seen;          /* by node: is it one of them? */
    uint32_t subject_count;
    uint32_t *subject_of;    /* by node at the top: its subject's number; 0: it has none */
    uint32_t *table;         /* step 5's, by a subject's number */
    uint32_t first, last;    /* at the top */
};

void threads_expect(struct threads *threads, size_t messages)
{
    threads->expected = (uint32_t)messages;
    sort_expect(&threads->dates, messages);
    sort_expect(&threads->subjects, messages);
    sort_expect(&threads->ids, threads->way == THREAD_REFERENCES ? messages * IDS_EACH : 0);
}

/* --- messages and nodes ---------------------------------------------------------------------- */

static uint32_t node_new(struct threads *threads, uint32_t number)
{
    if (threads->node_count + 1 >= threads->node_cap) {
        threads->node_cap = threads->node_cap ? threads->node_cap * 2 : threads->expected + 16;
        struct thread_node *larger = arena_take_bare_array(threads->arena, threads->node_cap,
                                                           sizeof *larger);
        for (uint32_t i = 1; i <= threads->node_count; i++)
            larger[i] = threads->nodes[i];
        threads->nodes = larger;
    }
    threads->nodes[++threads->node_count] = (struct thread_node){ .number = number };
    return threads->node_count;
}

static struct own *own_new(struct threads *threads)
{
    if (threads->count + 1 >= threads->message_cap) {
        threads->message_cap = threads->message_cap ? threads->message_cap * 2
                                                    : threads->expected + 16;
        struct own *larger = arena_take_bare_array(threads->arena, threads->message_cap,
                                                   sizeof *larger);
        for (uint32_t i = 1; i <= threads->count; i++)
            larger[i] = threads->messages[i];
        threads->messages = larger;
    }
    return &threads->messages[++threads->count];
}

void threads_add(struct threads *threads, const struct thread_message *message)
{
    struct own *own = own_new(threads);
    slice references = message->references;
    *own = (struct own){ message->subject, message->answers, threads->place_count, 0 };
    node_new(threads, message->number);
    sort_add_number(threads->arena, &threads->dates, message->sent_ms, threads->count);
    if (threads->way != THREAD_REFERENCES)
        return;
    sort_add(threads->arena, &threads->ids, message->message_id, threads->place_count++);
    for (; references.len; own->references++)
        sort_add(threads->arena, &threads->ids, take_until(&references, '\n'),
                 threads->place_count++);
}

static bool is_dummy(const struct threads *threads, uint32_t node) { return node > threads->count; }

static uint32_t *numbers_new(const struct threads *threads, size_t count)
{
    return arena_take_array(threads->arena, count, sizeof(uint32_t));
}

/* Entries with the same key stand together. */
static size_t run_end(const struct sorting *sorting, size_t from)
{
    const struct sort_entry *a = &sorting->entries[from];
    size_t to = from + 1;
    for (; to < sorting->count; to++) {
        const struct sort_entry *b = &sorting->entries[to];
        if (a->first != b->first ||
            !slice_equal((slice){ a->key, a->key_len }, (slice){ b->key, b->key_len }))
            break;
    }
    return to;
}

/* --- (1) links ------------------------------------------------------------------------------ */

/* A message-ID belongs to the first message that has it; later ones that have it too are messages
   with an ID of their own. If nobody has it, a dummy does. */
static void join_run(struct threads *threads, size_t from, size_t to)
{
    const struct sort_entry *entries = threads->ids.entries;
    uint32_t owner = 0;
    if (entries[from].key_len == 0)
        return;
    for (size_t i = from; i < to && !owner; i++)
        owner = threads->node_at[entries[i].number];
    if (!owner)
        owner = node_new(threads, 0);
    for (size_t i = from; i < to; i++)
        if (!threads->node_at[entries[i].number])
            threads->node_at[entries[i].number] = owner;
}

static void join_begin(struct threads *threads)
{
    threads->node_at = numbers_new(threads, threads->place_count);
}

static size_t own_id(struct threads *threads, size_t at)
{
    threads->node_at[threads->messages[at + 1].place] = (uint32_t)at + 1;
    return at + 1;
}

static size_t join_ids(struct threads *threads, size_t from)
{
    size_t to = run_end(&threads->ids, from);
    join_run(threads, from, to);
    return to;
}

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
    const uint32_t *references = threads->node_at + own->place + 1;
    for (uint32_t i = 1; i < own->references; i++) /* (A) */
        if (!threads->nodes[references[i]].parent)
            link_to(threads, references[i], references[i - 1]);
    if (threads->nodes[message].parent) { /* (B) */
        forest_cut(&threads->forest, message);
        threads->nodes[message].parent = 0;
    }
    if (own->references)
        link_to(threads, message, references[own->references - 1]);
}

static size_t link_next(struct threads *threads, size_t at)
{
    link_message(threads, (uint32_t)at + 1);
    threads->extra = threads->messages[at + 1].references * LINK_STEPS;
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
    threads->seen = numbers_new(threads, threads->node_count + 1);
    threads->tops = numbers_new(threads, threads->count);
}

/* Whoever is at the top, by date, with the subject of the first message there. */
static size_t find_top(struct threads *threads, size_t at)
{
    uint32_t message = threads->dates.entries[at].number;
    uint32_t parent = threads->nodes[message].parent;
    uint32_t top = is_dummy(threads, parent) ? parent : message;
    if ((parent && top == message) || threads->seen[top]++)
        return at + 1;
    threads->tops[threads->top_count++] = top;
    sort_add(threads->arena, &threads->subjects, threads->messages[message].subject, top);
    return at + 1;
}

static void subjects_begin(struct threads *threads)
{
    threads->subject_of = numbers_new(threads, threads->node_count + 1);
}

/* (5.A) */
static size_t number_subject(struct threads *threads, size_t from)
{
    size_t to = run_end(&threads->subjects, from);
    if (threads->subjects.entries[from].key_len == 0)
        return to;
    threads->subject_count++;
    for (size_t i = from; i < to; i++)
        threads->subject_of[threads->subjects.entries[i].number] = threads->subject_count;
    return to;
}

static void table_begin(struct threads *threads)
{
    threads->table = numbers_new(threads, threads->subject_count + 1);
}

static bool answers(const struct threads *threads, uint32_t node)
{
    return !is_dummy(threads, node) && threads->messages[node].answers;
}

/* (5.B) */
static size_t table_add(struct threads *threads, size_t at)
{
    uint32_t top = threads->tops[at];
    uint32_t subject = threads->subject_of[top], there = threads->table[subject];
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
static void merge(struct threads *threads, uint32_t top)
{
    uint32_t subject = threads->subject_of[top], there = threads->table[subject];
    if (subject == 0 || there == top)
        return;
    if (is_dummy(threads, there) || (answers(threads, top) && !answers(threads, there))) {
        threads->nodes[top].parent = there;
        return;
    }
    uint32_t dummy = node_new(threads, 0);
    threads->nodes[top].parent = threads->nodes[there].parent = dummy;
    threads->table[subject] = dummy;
}

static size_t merge_next(struct threads *threads, size_t at)
{
    merge(threads, threads->tops[at]);
    return at + 1;
}

/* ORDEREDSUBJECT: the first of a subject is the parent of all others: no grandchildren. */
static size_t gather_by_subject(struct threads *threads, size_t from)
{
    const struct sort_entry *entries = threads->subjects.entries;
    size_t to = run_end(&threads->subjects, from);
    for (size_t i = from + 1; i < to; i++)
        threads->nodes[entries[i].number].parent = entries[from].number;
    return to;
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
    uint32_t message = threads->dates.entries[at].number;
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
static size_t each_subject(const struct threads *threads) { return threads->subjects.count; }

static struct sorting *ids(struct threads *threads) { return &threads->ids; }
static struct sorting *dates(struct threads *threads) { return &threads->dates; }
static struct sorting *subjects(struct threads *threads) { return &threads->subjects; }

/* A stage sorts, or does something with each of so many; a run of equal ones is done at once. */
struct stage {
    struct sorting *(*sorts)(struct threads *);
    void (*begin)(struct threads *);
    size_t (*each)(const struct threads *);
    size_t (*work)(struct threads *, size_t at); /* returns the next one */
    size_t steps;
};

static const struct stage by_references[] = {
    { .sorts = ids },
    { NULL, join_begin, each_message, own_id, NODE_STEPS },
    { NULL, NULL, each_id, join_ids, NODE_STEPS },
    { NULL, link_begin, each_message, link_next, LINK_STEPS },
    { NULL, lift_begin, each_message, lift, NODE_STEPS },
    { NULL, NULL, each_message, prune, NODE_STEPS },
    { .sorts = dates },
    { NULL, tops_begin, each_message, find_top, NODE_STEPS },
    { .sorts = subjects },
    { NULL, subjects_begin, each_subject, number_subject, NODE_STEPS },
    { NULL, table_begin, each_top, table_add, NODE_STEPS },
    { NULL, NULL, each_top, merge_next, NODE_STEPS },
    { NULL, NULL, each_message, place, NODE_STEPS },
    { 0 },
};

static const struct stage by_subject[] = {
    { .sorts = dates },
    { NULL, tops_begin, each_message, find_top, NODE_STEPS },
    { .sorts = subjects },
    { NULL, NULL, each_subject, gather_by_subject, NODE_STEPS },
    { NULL, NULL, each_message, place, NODE_STEPS },
    { 0 },
};

struct threads *threads_new(struct arena *arena, enum thread_way way)
{
    struct threads *threads = arena_take(arena, sizeof *threads);
    threads->arena = arena;
    threads->way = way;
    threads->stage = way == THREAD_REFERENCES ? by_references : by_subject;
    return threads;
}

static bool stage_step(struct threads *threads, size_t steps)
{
    const struct stage *stage = threads->stage;
    if (stage->sorts)
        return sort_step(threads->arena, stage->sorts(threads), steps);
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
    if ((threads->stage->sorts || threads->stage->each) && stage_step(threads, steps)) {
        threads->stage++;
        threads->begun = false;
        threads->at = 0;
    }
    return !threads->stage->sorts && !threads->stage->each;
}

const struct thread_node *threads_nodes(const struct threads *threads, uint32_t *first)
{
    *first = threads->first;
    return threads->nodes;
}
