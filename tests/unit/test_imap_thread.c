/* test_imap_thread.c: THREAD's two ways against a slow model that does what RFC 5256 3 says word
   by word, on random messages; deep, wide and looping references; sorting; trees that grow and
   are cut. */
#include <stdio.h>

#include "servers/imap/imap_forest.h"
#include "servers/imap/imap_sort.h"
#include "servers/imap/imap_thread.h"
#include "tests/unit/mail_check.h"

static uint64_t state;
static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % below;
}

/* --- the model ------------------------------------------------------------------------------ */

#define MODEL_MAX 400

struct container {
    const struct thread_message *message; /* NULL: a dummy */
    int order;                          /* in the mailbox */
    char id[40];
    struct container *parent, *children[MODEL_MAX];
    int child_count;
};
static struct container containers[MODEL_MAX], root;
static int container_count;

static struct container *container_new(const struct thread_message *message, int order)
{
    struct container *c = &containers[container_count++];
    ck_assert_int_lt(container_count, MODEL_MAX);
    memset(c, 0, sizeof *c);
    c->message = message;
    c->order = order;
    return c;
}

static struct container *container_of(slice id)
{
    for (int i = 0; i < container_count; i++)
        if (containers[i].id[0] && slice_is(id, containers[i].id))
            return &containers[i];
    return NULL;
}

static void container_name(struct container *c, slice id)
{
    memcpy(c->id, id.at, id.len);
    c->id[id.len] = '\0';
}

static void child_drop(struct container *c)
{
    struct container *p = c->parent;
    int i = 0;
    if (!p)
        return;
    while (p->children[i] != c)
        i++;
    memmove(p->children + i, p->children + i + 1,
            (size_t)(p->child_count - i - 1) * sizeof p->children[0]);
    p->child_count--;
    c->parent = NULL;
}

static void child_add(struct container *p, struct container *c)
{
    child_drop(c);
    p->children[p->child_count++] = c;
    c->parent = p;
}

static bool descends(const struct container *from, const struct container *c)
{
    for (; c; c = c->parent)
        if (c == from)
            return true;
    return false;
}

static const struct container *first_message(const struct container *c)
{
    return c->message ? c : c->children[0];
}
static int64_t sent(const struct container *c) { return first_message(c)->message->sent_ms; }
static int order(const struct container *c) { return first_message(c)->order; }

static void children_sort(struct container *c)
{
    for (int i = 1; i < c->child_count; i++)
        for (int n = i; n > 0; n--) {
            struct container **pair = &c->children[n - 1], *swap = pair[0];
            if (sent(pair[0]) < sent(pair[1]) ||
                (sent(pair[0]) == sent(pair[1]) && order(pair[0]) < order(pair[1])))
                break;
            pair[0] = pair[1];
            pair[1] = swap;
        }
}

static void model_link(const struct thread_message *messages, int count) /* 1 */
{
    for (int i = 0; i < count; i++) {
        struct container *c = container_new(&messages[i], i);
        if (messages[i].message_id.len && !container_of(messages[i].message_id))
            container_name(c, messages[i].message_id);
    }
    for (int i = 0; i < count; i++) {
        struct container *last = NULL, *c = &containers[i];
        slice references = messages[i].references;
        while (references.len) {
            slice id = take_until(&references, '\n');
            struct container *next = container_of(id);
            if (!next) {
                next = container_new(NULL, 0);
                container_name(next, id);
            }
            if (last && !next->parent && !descends(next, last))
                child_add(last, next);
            last = next;
        }
        child_drop(c);
        if (last && !descends(c, last))
            child_add(last, c);
    }
}

static void model_prune(struct container *c) /* 3 */
{
    for (int i = 0; i < c->child_count; i++)
        model_prune(c->children[i]);
    for (int i = 0; i < c->child_count;) {
        struct container *child = c->children[i];
        if (child->message || (c == &root && child->child_count > 1)) {
            i++;
            continue;
        }
        while (child->child_count)
            child_add(c, child->children[0]);
        child_drop(child);
    }
}

static slice thread_subject(const struct container *c)
{
    return c->message ? c->message->subject : c->children[0]->message->subject;
}

static struct container *table[MODEL_MAX];
static int table_count;

static struct container **table_find(slice subject, slice subjects[])
{
    for (int i = 0; i < table_count; i++)
        if (slice_equal(subjects[i], subject))
            return &table[i];
    subjects[table_count] = subject;
    table[table_count] = NULL;
    return &table[table_count++];
}

static bool model_answers(const struct container *c) { return c->message && c->message->answers; }

static void model_gather(void) /* 5 */
{
    static slice subjects[MODEL_MAX];
    struct container *heads[MODEL_MAX];
    int count = root.child_count;
    table_count = 0;
    memcpy(heads, root.children, sizeof heads);
    for (int i = 0; i < count; i++) {
        struct container **there, *c = heads[i];
        if (thread_subject(c).len == 0)
            continue;
        there = table_find(thread_subject(c), subjects);
        if (!*there || ((*there)->message &&
                        (!c->message || (model_answers(*there) && !model_answers(c)))))
            *there = c;
    }
    for (int i = 0; i < count; i++) {
        struct container **there, *c = heads[i];
        if (thread_subject(c).len == 0)
            continue;
        there = table_find(thread_subject(c), subjects);
        if (*there == c)
            continue;
        if (!c->message && !(*there)->message) {
            while (c->child_count)
                child_add(*there, c->children[0]);
            child_drop(c);
        } else if (!(*there)->message || (model_answers(c) && !model_answers(*there))) {
            child_add(*there, c);
        } else {
            struct container *dummy = container_new(NULL, 0);
            child_add(&root, dummy);
            child_add(dummy, *there);
            child_add(dummy, c);
            *there = dummy;
        }
    }
}

static void model_sort(struct container *c) /* 6 */
{
    for (int i = 0; i < c->child_count; i++)
        model_sort(c->children[i]);
    children_sort(c);
}

static void model_say(struct buf *out, const struct container *c, bool list)
{
    if (list)
        buf_add_char(out, '(');
    if (c->message)
        buf_format(out, "%u", c->message->number);
    if (c->message && c->child_count)
        buf_add_char(out, ' ');
    for (int i = 0; i < c->child_count; i++)
        model_say(out, c->children[i], c->child_count > 1);
    if (list)
        buf_add_char(out, ')');
}

static void model_references(struct buf *out, const struct thread_message *messages, int count)
{
    container_count = 0;
    memset(&root, 0, sizeof root);
    model_link(messages, count);
    for (int i = 0; i < container_count; i++)
        if (!containers[i].parent)
            child_add(&root, &containers[i]);
    model_prune(&root);
    for (int i = 0; i < root.child_count; i++)
        if (!root.children[i]->message)
            children_sort(root.children[i]);
    children_sort(&root);
    model_gather();
    model_sort(&root);
    for (int i = 0; i < root.child_count; i++)
        model_say(out, root.children[i], true);
}

static void model_ordered(struct buf *out, const struct thread_message *messages, int count)
{
    container_count = 0;
    memset(&root, 0, sizeof root);
    for (int i = 0; i < count; i++) {
        int head = -1;
        container_new(&messages[i], i);
        for (int n = 0; n < count; n++)
            if (slice_equal(messages[n].subject, messages[i].subject) &&
                (head < 0 || messages[n].sent_ms < messages[head].sent_ms))
                head = n;
        if (head == i)
            child_add(&root, &containers[i]);
    }
    for (int i = 0; i < count; i++)
        for (int n = 0; n < root.child_count && !containers[i].parent; n++)
            if (slice_equal(root.children[n]->message->subject, messages[i].subject))
                child_add(root.children[n], &containers[i]);
    model_sort(&root);
    for (int i = 0; i < root.child_count; i++)
        model_say(out, root.children[i], true);
}

/* --- ours ----------------------------------------------------------------------------------- */

static void ours_say(struct buf *out, const struct thread_node *nodes, uint32_t first)
{
    for (uint32_t at = first; at; at = nodes[at].next) {
        bool list = at != first || nodes[at].next || nodes[at].parent == 0;
        if (list)
            buf_add_char(out, '(');
        if (nodes[at].number)
            buf_format(out, "%u", nodes[at].number);
        if (nodes[at].number && nodes[at].child)
            buf_add_char(out, ' ');
        ours_say(out, nodes, nodes[at].child);
        if (list)
            buf_add_char(out, ')');
    }
}

static const struct thread_node *ours(struct arena *arena, enum thread_way way,
                                      const struct thread_message *messages, int count,
                                      size_t steps, uint32_t *first)
{
    struct threads *threads = threads_new(arena, way, 7);
    for (int i = 0; i < count; i++)
        threads_add(threads, &messages[i]);
    while (!threads_step(threads, steps))
        ;
    return threads_nodes(threads, first);
}

static const char *shown(const struct thread_message *messages, int count)
{
    static char text[20000];
    size_t len = 0;
    for (int i = 0; i < count; i++) {
        char references[1000];
        snprintf(references, sizeof references, "%.*s", SLICE_ARG(messages[i].references));
        for (char *s = references; *s; s++)
            *s = *s == '\n' ? ',' : *s;
        len += (size_t)snprintf(text + len, sizeof text - len, "%u: <%.*s> of %s at %d, %s%.*s\n",
                                messages[i].number, SLICE_ARG(messages[i].message_id), references,
                                (int)messages[i].sent_ms, messages[i].answers ? "re " : "",
                                SLICE_ARG(messages[i].subject));
    }
    return text;
}

/* --- random messages ------------------------------------------------------------------------- */

static struct thread_message messages[60];
static char texts[60][2][200];

static void message_draw(int i, uint32_t ids, uint32_t subjects, uint32_t dates)
{
    static const char *const names[] = { "", "A", "B", "C", "D", "E" };
    char *id = texts[i][0], *references = texts[i][1];
    id[0] = references[0] = '\0';
    if (draw(10))
        sprintf(id, "%u", draw(10) ? (uint32_t)i : draw(ids));
    for (uint32_t n = draw(4) ? draw(4) : 0; n > 0; n--)
        sprintf(references + strlen(references), "%u\n", draw(ids));
    messages[i] = (struct thread_message){
        (uint32_t)i + 1, (int64_t)draw(dates) - 5, slice_of(names[draw(subjects)]), draw(3) == 0,
        slice_of(id), slice_of(references),
    };
}

START_TEST(random_messages_by_the_model)
{
    struct buf wanted = BUF_MAX(100000), got = BUF_MAX(100000);
    state = (uint64_t)_i;
    for (int round = 0; round < 3000; round++) {
        int count = 1 + (int)draw(round % 10 == 0 ? 60 : 10);
        uint32_t ids = 1 + draw((uint32_t)count + 5), subjects = 1 + draw(6), dates = 1 + draw(40);
        for (int i = 0; i < count; i++)
            message_draw(i, ids, subjects, dates);
        for (int way = 0; way < 2; way++) {
            struct arena arena = { 0 };
            uint32_t first;
            buf_clear(&wanted);
            buf_clear(&got);
            if (way == THREAD_REFERENCES)
                model_references(&wanted, messages, count);
            else
                model_ordered(&wanted, messages, count);
            const struct thread_node *nodes = ours(&arena, (enum thread_way)way, messages, count,
                                                   1 + draw(100), &first);
            ours_say(&got, nodes, first);
            ck_assert_msg(slice_equal(buf_slice(&got), buf_slice(&wanted)), "%s%s\nnot\n%s",
                          shown(messages, count), buf_text(&got), buf_text(&wanted));
            arena_free(&arena);
        }
    }
    buf_free(&wanted);
    buf_free(&got);
}
END_TEST

/* --- many messages --------------------------------------------------------------------------- */

enum shape { CHAIN, BACKWARDS, STAR, LOOPS, SAME_ID, NO_ID, LONG_REFERENCES, RANDOM, SHAPES };

/* Each would take hours if a thread were climbed once for each message, or memory if a call did. */
START_TEST(many_messages_in_every_shape)
{
    enum { MANY = 200000 };
    struct arena arena = { 0 };
    struct threads *threads = threads_new(&arena, THREAD_REFERENCES, 7);
    uint32_t first, seen = 0, tops = 0;
    state = 1;
    for (uint32_t i = 0; i < MANY; i++) {
        struct thread_message message = { .number = i + 1, .sent_ms = i, .subject = SLICE("x"),
                                        .answers = true };
        uint32_t n = _i == BACKWARDS ? MANY - i : i + 1;
        slice id = arena_format(&arena, "%u@x", n), old = SLICE_EMPTY;
        if (_i == CHAIN || _i == BACKWARDS)
            old = n > 1 ? arena_format(&arena, "%u@x\n", n - 1) : old;
        else if (_i == STAR)
            old = SLICE("0@x\n");
        else if (_i == LOOPS)
            old = arena_format(&arena, "%u@x\n%u@x\n", (n + 1) % MANY, n / 2);
        else if (_i == LONG_REFERENCES)
            old = arena_format(&arena, "%u@x\n%u@x\n%u@x\n%u@x\n%u@x\n", n * 7 % MANY, n * 5 % MANY,
                               n * 3 % MANY, n / 3, n / 2);
        else if (_i == RANDOM)
            old = arena_format(&arena, "%u@x\n%u@x\n", draw(MANY), draw(MANY));
        message.message_id = _i == SAME_ID ? SLICE("1@x") : _i == NO_ID ? SLICE_EMPTY : id;
        message.references = old;
        threads_add(threads, &message);
    }
    while (!threads_step(threads, 10000))
        ;
    const struct thread_node *nodes = threads_nodes(threads, &first);
    for (uint32_t at = first, next; at; at = next) { /* each once, without recursion */
        seen += nodes[at].number != 0;
        tops += nodes[at].parent == 0;
        next = nodes[at].child;
        for (uint32_t up = at; !next && up; up = nodes[up].parent)
            next = nodes[up].next;
    }
    ck_assert_uint_eq(seen, MANY);
    if (_i == CHAIN || _i == BACKWARDS || _i == STAR)
        ck_assert_uint_eq(tops, 1);
    arena_free(&arena);
}
END_TEST

/* --- trees, against climbing ---------------------------------------------------------------- */

START_TEST(trees_that_grow_and_are_cut)
{
    enum { NODES = 40 };
    struct arena arena = { 0 };
    struct forest forest = forest_new(&arena, NODES);
    uint32_t parent[NODES + 1] = { 0 };
    state = 7;
    for (int i = 0; i < 200000; i++) {
        uint32_t a = 1 + draw(NODES), b = 1 + draw(NODES), top = b;
        while (parent[top])
            top = parent[top];
        ck_assert_uint_eq(forest_top(&forest, b), top);
        if (parent[a] && draw(3) == 0) {
            forest_cut(&forest, a);
            parent[a] = 0;
        } else if (!parent[a] && top != a) {
            forest_link(&forest, a, b);
            parent[a] = b;
        }
    }
    arena_free(&arena);
}
END_TEST

START_TEST(sorting_is_stable_and_right)
{
    struct arena arena = { 0 };
    for (size_t count = 0; count < 300; count++) {
        struct sort_list sorting = { .count = 0 };
        char keys[300][12];
        for (size_t i = 0; i < count; i++) {
            sprintf(keys[i], "%s%u", draw(2) ? "long key" : "", draw(20));
            sort_add(&arena, &sorting, slice_of(keys[i]), (uint32_t)i);
        }
        while (!sort_step(&arena, &sorting, 1 + draw(50)))
            ;
        for (size_t i = 1; i < count; i++) {
            uint32_t a = sorting.entries[i - 1].number, b = sorting.entries[i].number;
            int order = strcmp(keys[a], keys[b]);
            ck_assert(order < 0 || (order == 0 && a < b));
        }
        arena_reset(&arena);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(parts_of_keys_are_in_order)
{
    static const int64_t numbers[] = { INT64_MIN, -256, -1, 0, 1, 255, 256, INT64_MAX };
    static const char *const words[] = { "", "A", "AA", "AB", "B", "\377" };
    struct buf one = BUF_MAX(100), two = BUF_MAX(100);
    for (int reverse = 0; reverse < 2; reverse++)
        for (size_t i = 0; i < 13; i++) {
            bool word = i >= COUNT(numbers);
            size_t n = word ? i - COUNT(numbers) : i;
            if (n == 0)
                continue;
            buf_clear(&one);
            buf_clear(&two);
            if (word) {
                sort_key_text(&one, slice_of(words[n - 1]), reverse);
                sort_key_text(&two, slice_of(words[n]), reverse);
            } else {
                sort_key_number(&one, numbers[n - 1], reverse);
                sort_key_number(&two, numbers[n], reverse);
            }
            buf_add_text(&one, reverse ? "a" : "z"); /* what follows does not matter */
            buf_add_text(&two, reverse ? "z" : "a");
            int order = slice_compare(buf_slice(&one), buf_slice(&two));
            ck_assert_msg(reverse ? order > 0 : order < 0, "%d %zu", reverse, i);
        }
    buf_free(&one);
    buf_free(&two);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("imap_thread");
    TCase *tcase = tcase_create("imap_thread");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, random_messages_by_the_model, 0, 5);
    tcase_add_loop_test(tcase, many_messages_in_every_shape, 0, SHAPES);
    tcase_add_test(tcase, trees_that_grow_and_are_cut);
    tcase_add_test(tcase, sorting_is_stable_and_right);
    tcase_add_test(tcase, parts_of_keys_are_in_order);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
