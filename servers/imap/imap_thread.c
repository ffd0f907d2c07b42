/* imap_thread.c: see imap_thread.h. The steps of REFERENCES have the numbers that RFC 5256 3 gives
   them. All dates are known from the start, so messages are sorted once, by date and then by place
   in the mailbox: whoever is put under a parent in that order stands right among his siblings,
   and steps 4 and 6 have nothing more to do. */
#include "servers/imap/imap_thread.h"

#include "servers/imap/imap_forest.h"

#define LINK_STEPS 8 /* a link takes about as long as so many moves of an entry */

enum stage { JOINING, LINKING, DATING, GATHERING, PLACING, DONE };

struct own {                 /* of a message */
    slice subject;
    bool answers;
    uint32_t place;          /* of its message-ID among `ids`; its references follow */
    uint32_t references;
};

struct threads {
    struct arena *arena;
    enum thread_way way;
    enum stage stage;
    struct own *messages;     /* from 1 */
    struct thread_node *nodes;
    uint32_t count, message_cap, node_count, node_cap;

    struct sorting ids, dates, subjects;
    uint32_t place_count;
    uint32_t *node_at;       /* by place: who has this message-ID */
    struct forest forest;
    uint32_t next;           /* message to be linked */
    uint32_t *tops, top_count; /* step 2's root has these children, by date */
    uint32_t *subject_of;    /* by node at the top: its subject's number; 0: it has none */
    uint32_t *table;         /* step 5's, by a subject's number */
    uint32_t first, last;    /* at the top */
};

struct threads *threads_new(struct arena *arena, enum thread_way way)
{
    struct threads *threads = arena_take(arena, sizeof *threads);
    threads->arena = arena;
    threads->way = way;
    threads->stage = way == THREAD_REFERENCES ? JOINING : DATING;
    return threads;
}

/* --- messages and nodes ---------------------------------------------------------------------- */

static uint32_t node_new(struct threads *threads, uint32_t number)
{
    if (threads->node_count + 1 >= threads->node_cap) {
        threads->node_cap = threads->node_cap ? threads->node_cap * 2 : 64;
        struct thread_node *larger = arena_take_array(threads->arena, threads->node_cap,
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
        threads->message_cap = threads->message_cap ? threads->message_cap * 2 : 64;
        struct own *larger = arena_take_array(threads->arena, threads->message_cap, sizeof *larger);
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

static void join_ids(struct threads *threads)
{
    threads->node_at = numbers_new(threads, threads->place_count);
    for (uint32_t i = 1; i <= threads->count; i++)
        threads->node_at[threads->messages[i].place] = i;
    for (size_t from = 0, to; from < threads->ids.count; from = to) {
        to = run_end(&threads->ids, from);
        join_run(threads, from, to);
    }
    threads->forest = forest_new(threads->arena, threads->node_count);
    threads->next = 1;
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

static bool link_some(struct threads *threads, size_t steps)
{
    for (size_t done = 0; threads->next <= threads->count; threads->next++) {
        if (done >= steps)
            return false;
        done += (threads->messages[threads->next].references + 1) * LINK_STEPS;
        link_message(threads, threads->next);
    }
    return true;
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

static void prune_dummies(struct threads *threads)
{
    struct thread_node *nodes = threads->nodes;
    uint32_t *children = numbers_new(threads, threads->node_count + 1);
    for (uint32_t i = 1; i <= threads->count; i++) {
        nodes[i].parent = message_above(threads, i);
        children[nodes[i].parent]++;
    }
    for (uint32_t i = 1; i <= threads->count; i++)
        if (is_dummy(threads, nodes[i].parent) && children[nodes[i].parent] == 1)
            nodes[i].parent = 0;
}

/* --- (4), (5) subjects ---------------------------------------------------------------------- */

/* Whoever is at the top, by date, with the subject of the first message there. */
static void find_tops(struct threads *threads)
{
    uint32_t *seen = numbers_new(threads, threads->node_count + 1);
    threads->tops = numbers_new(threads, threads->count);
    for (size_t i = 0; i < threads->dates.count; i++) {
        uint32_t message = threads->dates.entries[i].number;
        uint32_t parent = threads->nodes[message].parent;
        uint32_t top = is_dummy(threads, parent) ? parent : message;
        if ((parent && top == message) || seen[top]++)
            continue;
        threads->tops[threads->top_count++] = top;
        sort_add(threads->arena, &threads->subjects, threads->messages[message].subject, top);
    }
}

/* (5.A) */
static void number_subjects(struct threads *threads)
{
    uint32_t subjects = 0;
    threads->subject_of = numbers_new(threads, threads->node_count + 1);
    for (size_t from = 0, to; from < threads->subjects.count; from = to) {
        to = run_end(&threads->subjects, from);
        if (threads->subjects.entries[from].key_len == 0)
            continue;
        subjects++;
        for (size_t i = from; i < to; i++)
            threads->subject_of[threads->subjects.entries[i].number] = subjects;
    }
    threads->table = numbers_new(threads, subjects + 1);
}

static bool answers(const struct threads *threads, uint32_t node)
{
    return !is_dummy(threads, node) && threads->messages[node].answers;
}

/* (5.B) */
static void table_add(struct threads *threads, uint32_t top)
{
    uint32_t subject = threads->subject_of[top], there = threads->table[subject];
    if (subject == 0)
        return;
    bool better = !is_dummy(threads, there) &&
                  (is_dummy(threads, top) || (answers(threads, there) && !answers(threads, top)));
    if (there == 0 || better)
        threads->table[subject] = top;
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

static void gather(struct threads *threads)
{
    number_subjects(threads);
    for (uint32_t i = 0; i < threads->top_count; i++)
        table_add(threads, threads->tops[i]);
    for (uint32_t i = 0; i < threads->top_count; i++)
        merge(threads, threads->tops[i]);
}

/* ORDEREDSUBJECT: the first of a subject is the parent of all others: no grandchildren. */
static void gather_by_subject(struct threads *threads)
{
    const struct sort_entry *entries = threads->subjects.entries;
    for (size_t from = 0, to; from < threads->subjects.count; from = to) {
        to = run_end(&threads->subjects, from);
        for (size_t i = from + 1; i < to; i++)
            threads->nodes[entries[i].number].parent = entries[from].number;
    }
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

static void place(struct threads *threads, uint32_t message)
{
    struct thread_node *nodes = threads->nodes;
    uint32_t parent = nodes[message].parent;
    if (is_dummy(threads, parent) && nodes[parent].parent)
        parent = nodes[message].parent = nodes[parent].parent;
    if (is_dummy(threads, parent) && !nodes[parent].child)
        append(threads, parent, &threads->first, &threads->last);
    if (parent)
        append(threads, message, &nodes[parent].child, &nodes[parent].last);
    else
        append(threads, message, &threads->first, &threads->last);
}

/* --- all of it ------------------------------------------------------------------------------ */

static bool stage_step(struct threads *threads, size_t steps)
{
    switch (threads->stage) {
    case JOINING:
        if (!sort_step(threads->arena, &threads->ids, steps))
            return false;
        join_ids(threads);
        return true;
    case LINKING:
        if (!link_some(threads, steps))
            return false;
        prune_dummies(threads);
        return true;
    case DATING:
        if (!sort_step(threads->arena, &threads->dates, steps))
            return false;
        find_tops(threads);
        return true;
    case GATHERING:
        if (!sort_step(threads->arena, &threads->subjects, steps))
            return false;
        if (threads->way == THREAD_REFERENCES)
            gather(threads);
        else
            gather_by_subject(threads);
        return true;
    default:
        for (size_t i = 0; i < threads->dates.count; i++)
            place(threads, threads->dates.entries[i].number);
        return true;
    }
}

bool threads_step(struct threads *threads, size_t steps)
{
    if (threads->stage != DONE && stage_step(threads, steps))
        threads->stage++;
    return threads->stage == DONE;
}

const struct thread_node *threads_nodes(const struct threads *threads, uint32_t *first)
{
    *first = threads->first;
    return threads->nodes;
}
