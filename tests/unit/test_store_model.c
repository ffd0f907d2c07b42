/* test_store_model.c: long random sequences of changes, undone commands, failed turns and
   restarts, against a plain model in arrays; fsck after every few. The same sequence in
   memory, with unordered rows reversed, and in a file must end in the same digest. */
#define _DEFAULT_SOURCE /* mkdtemp */

#include <unistd.h>

#include "servers/store/store.h"
#include "tests/unit/store_check.h"

#define BOXES 12
#define MESSAGES 400
#define QUEUE 6
#define VIEWS 5
#define KEYWORDS 3
#define STEPS 1500
#define LARGE_EVERY 23 /* one message in so many has several chunks */

static const char *const names[] = { "INBOX", "a", "a/b", "a/b/c", "b", "b/x", "INBOX/i", "c d/e" };
static const char *const keywords[KEYWORDS] = { "$Todo", "red", "'; --" };

struct model_message {
    uint32_t uid, text;
    uint64_t flags;         /* a keyword is bit 8 + its place in `keywords` */
    uint64_t modseq;
    bool expunged;
};

struct model_box {
    bool used, deleted, selectable;
    char name[40];
    int64_t id;
    uint32_t uidnext, recent_from, uidvalidity;
    uint64_t modseq;
    int keyword[KEYWORDS];  /* by bit: place in `keywords` */
    int keyword_count;
    struct model_message messages[MESSAGES];
    int message_count;
};

struct model_queued {
    int64_t id, next_ms;
    uint32_t text;
};

struct model {
    struct model_box boxes[BOXES];
    struct model_queued queue[QUEUE];
    bool subscribed[COUNT(names)];
};

struct model_view {
    struct view *view;
    int64_t mailbox;
    uint64_t mark;
};

struct walk {
    struct store *store;
    struct test_clock clock, dice;
    const char *path;       /* NULL: memory */
    bool reversed;
    int64_t user;
    uint32_t texts;         /* messages written so far */
    struct model now, command, turn;
    struct model_view views[VIEWS];
    int commits, undone, failed, restarts, kept; /* counted: a walk that skips one is no test */
};

/* --- the model -------------------------------------------------------------------------- */

static uint32_t roll(struct walk *walk, uint32_t sides)
{
    return (uint32_t)(clock_random(&walk->dice) % sides);
}

static struct model_box *box_find(struct model *model, const char *name)
{
    for (size_t i = 0; i < BOXES; i++)
        if (model->boxes[i].used && !model->boxes[i].deleted
            && strcmp(model->boxes[i].name, name) == 0)
            return &model->boxes[i];
    return NULL;
}

static struct model_box *box_free_place(struct model *model)
{
    for (size_t i = 0; i < BOXES; i++)
        if (!model->boxes[i].used)
            return &model->boxes[i];
    return NULL;
}

static size_t boxes_free(const struct model *model)
{
    size_t count = 0;
    for (size_t i = 0; i < BOXES; i++)
        count += !model->boxes[i].used;
    return count;
}

static bool name_is_below(const char *name, const char *parent)
{
    size_t len = strlen(parent);
    return strncmp(name, parent, len) == 0 && name[len] == '/';
}

static struct model_message *message_at(struct model_box *box, uint32_t uid)
{
    for (int i = 0; i < box->message_count; i++)
        if (box->messages[i].uid == uid)
            return &box->messages[i];
    return NULL;
}

static struct model_box *box_any(struct walk *walk)
{
    struct model_box *box = &walk->now.boxes[roll(walk, BOXES)];
    return box->used && !box->deleted ? box : NULL;
}

static struct model_message *message_any(struct walk *walk, struct model_box *box)
{
    if (!box || box->message_count == 0)
        return NULL;
    return &box->messages[roll(walk, (uint32_t)box->message_count)];
}

static uint64_t mask_in(const struct model_box *box, uint64_t flags)
{
    uint64_t mask = flags & FLAG_SYSTEM;
    for (int bit = 0; bit < box->keyword_count; bit++)
        if (flags >> (FLAG_KEYWORD_SHIFT + box->keyword[bit]) & 1)
            mask |= (uint64_t)1 << (FLAG_KEYWORD_SHIFT + bit);
    return mask;
}

static void keyword_learn(struct model_box *box, int keyword)
{
    for (int bit = 0; bit < box->keyword_count; bit++)
        if (box->keyword[bit] == keyword)
            return;
    box->keyword[box->keyword_count++] = keyword;
}

/* What a box does not know by name cannot be one of its flags. */
static uint64_t flags_any(struct walk *walk, const struct model_box *box)
{
    uint64_t flags = roll(walk, 32);
    for (int bit = 0; bit < box->keyword_count; bit++)
        if (roll(walk, 3) == 0)
            flags |= (uint64_t)1 << (FLAG_KEYWORD_SHIFT + box->keyword[bit]);
    return flags;
}

static void model_place(struct model_box *box, uint32_t text, uint64_t flags)
{
    ck_assert_int_lt(box->message_count, MESSAGES);
    box->messages[box->message_count++] = (struct model_message){
        .uid = box->uidnext++, .text = text, .flags = flags, .modseq = ++box->modseq,
    };
}

static void model_expunge(struct model_box *box, struct model_message *message)
{
    message->expunged = true;
    message->modseq = ++box->modseq;
}

static struct model_box *model_create(struct walk *walk, const char *name)
{
    struct model_box *box = box_free_place(&walk->now);
    struct mailbox made;
    ck_assert(box != NULL);
    ck_assert(store_mailbox_find(walk->store, walk->user, slice_of(name), &made));
    *box = (struct model_box){ .used = true, .selectable = true, .id = made.id, .uidnext = 1,
        .recent_from = 1, .modseq = 1, .uidvalidity = made.uidvalidity };
    snprintf(box->name, sizeof box->name, "%s", name);
    return box;
}

static void model_create_parents(struct walk *walk, const char *name)
{
    char parent[40];
    for (size_t i = 0; name[i]; i++) {
        snprintf(parent, i + 1, "%s", name);
        if (name[i] == '/' && !box_find(&walk->now, parent))
            model_create(walk, parent);
    }
}

/* --- steps --------------------------------------------------------------------------------- */

static size_t text_len(uint32_t text)
{
    return text % LARGE_EVERY == 0 ? 2 * MESSAGE_CHUNK_BYTES + text : text % 90;
}

static char text_octet(uint32_t text, size_t at)
{
    return (char)(text * 7 + at + at / 1000);
}

static int64_t text_write(struct walk *walk, uint32_t text)
{
    char piece[5000];
    struct message message = message_plain();
    struct draft *draft = store_draft(walk->store);
    for (size_t at = 0; at < text_len(text);) {
        size_t len = 0;
        for (; len < sizeof piece && at < text_len(text); len++, at++)
            piece[len] = text_octet(text, at);
        ck_assert(store_draft_write(draft, (slice){ piece, len }));
    }
    int64_t message_key = store_draft_finish(draft, &message);
    ck_assert_int_gt(message_key, 0);
    return message_key;
}

static void step_place(struct walk *walk)
{
    struct model_box *box = box_any(walk);
    uint32_t uid = 0, text = walk->texts;
    if (!box || !box->selectable || box->message_count == MESSAGES)
        return;
    uint64_t flags = flags_any(walk, box);
    int64_t message_key = text_write(walk, ++walk->texts);
    text = walk->texts;
    ck_assert(store_place(walk->store, box->id, message_key, mask_in(box, flags), text, 60, &uid));
    ck_assert_uint_eq(uid, box->uidnext);
    model_place(box, text, flags);
}

static void step_copy(struct walk *walk)
{
    struct model_box *from = box_any(walk), *to = box_any(walk);
    struct model_message *message = message_any(walk, from);
    uint32_t uid = 0;
    if (!message || !to || to->message_count == MESSAGES)
        return;
    bool copied = store_copy(walk->store, from->id, message->uid, to->id, &uid);
    ck_assert(!store_failed(walk->store));
    ck_assert_int_eq(copied, !message->expunged && to->selectable);
    if (!message->expunged)
        for (int bit = 0; bit < from->keyword_count; bit++)
            if (message->flags >> (FLAG_KEYWORD_SHIFT + from->keyword[bit]) & 1)
                keyword_learn(to, from->keyword[bit]);
    if (!copied)
        return;
    ck_assert_uint_eq(uid, to->uidnext);
    model_place(to, message->text, message->flags);
}

static void step_flags(struct walk *walk)
{
    struct model_box *box = box_any(walk);
    struct model_message *message = message_any(walk, box);
    struct placement after;
    if (!message)
        return;
    enum flag_change change = (enum flag_change)roll(walk, 3);
    uint64_t flags = flags_any(walk, box), wanted = flags;
    if (change != FLAGS_REPLACE)
        wanted = change == FLAGS_ADD ? message->flags | flags : message->flags & ~flags;
    if (!store_flags(walk->store, box->id, message->uid, change, mask_in(box, flags), &after)) {
        ck_assert(message->expunged); /* its row may be gone already */
        return;
    }
    if (message->expunged || wanted == message->flags)
        return;
    message->flags = wanted;
    message->modseq = ++box->modseq;
    ck_assert_uint_eq(after.flags, mask_in(box, wanted));
    ck_assert_uint_eq(after.modseq, message->modseq);
}

static void step_expunge(struct walk *walk)
{
    struct model_box *box = box_any(walk);
    struct model_message *message = message_any(walk, box);
    if (!message)
        return;
    ck_assert_int_eq(store_expunge(walk->store, box->id, message->uid), !message->expunged);
    if (!message->expunged)
        model_expunge(box, message);
}

static void step_keyword(struct walk *walk)
{
    struct model_box *box = box_any(walk);
    int keyword = (int)roll(walk, KEYWORDS);
    uint64_t bit = 0;
    if (!box)
        return;
    keyword_learn(box, keyword);
    ck_assert(store_keyword(walk->store, box->id, slice_of(keywords[keyword]), true, &bit));
    ck_assert_uint_eq(bit, mask_in(box, (uint64_t)1 << (FLAG_KEYWORD_SHIFT + keyword)));
}

static void step_create(struct walk *walk)
{
    const char *name = names[roll(walk, COUNT(names))];
    struct model_box *box = box_find(&walk->now, name);
    int64_t id = 0;
    if (boxes_free(&walk->now) < 3)
        return;
    bool made = store_mailbox_create(walk->store, walk->user, slice_of(name), &id);
    ck_assert(!store_failed(walk->store));
    ck_assert_int_eq(made, !box || !box->selectable);
    if (!box) {
        model_create_parents(walk, name);
        model_create(walk, name);
    } else if (made) {
        struct mailbox revived = mailbox_now(walk->store, id);
        ck_assert_uint_gt(revived.uidvalidity, box->uidvalidity);
        box->selectable = true;
        box->uidvalidity = revived.uidvalidity;
        box->recent_from = box->uidnext;
    }
}

static void step_delete(struct walk *walk)
{
    struct model_box *box = box_any(walk);
    if (!box || roll(walk, 3) != 0)
        return;
    bool parent = false, inbox = strcmp(box->name, "INBOX") == 0;
    for (size_t i = 0; i < BOXES; i++)
        if (walk->now.boxes[i].used && !walk->now.boxes[i].deleted
            && name_is_below(walk->now.boxes[i].name, box->name))
            parent = true;
    bool deleted = store_mailbox_delete(walk->store, box->id);
    ck_assert_int_eq(deleted, !inbox && (!parent || box->selectable));
    if (!deleted)
        return;
    for (int i = 0; i < box->message_count; i++)
        if (!box->messages[i].expunged)
            model_expunge(box, &box->messages[i]);
    box->selectable = false;
    box->deleted = !parent;
}

static void model_move_inbox(struct walk *walk, struct model_box *inbox, const char *name)
{
    struct model_box *to = model_create(walk, name);
    memcpy(to->keyword, inbox->keyword, sizeof to->keyword);
    to->keyword_count = inbox->keyword_count;
    for (int i = 0; i < inbox->message_count; i++)
        if (!inbox->messages[i].expunged) {
            model_place(to, inbox->messages[i].text, inbox->messages[i].flags);
            model_expunge(inbox, &inbox->messages[i]);
        }
}

static void step_rename(struct walk *walk)
{
    struct model_box *box = box_any(walk);
    const char *name = names[roll(walk, COUNT(names))];
    char old[40], rest[40];
    if (!box || boxes_free(&walk->now) < 4 || roll(walk, 3) != 0)
        return;
    for (size_t i = 0; i < BOXES; i++) /* the model's names are short */
        if (walk->now.boxes[i].used && strlen(walk->now.boxes[i].name) > 20)
            return;
    bool renamed = store_mailbox_rename(walk->store, box->id, slice_of(name));
    ck_assert_int_eq(renamed, !box_find(&walk->now, name));
    if (!renamed)
        return;
    snprintf(old, sizeof old, "%s", box->name);
    for (size_t i = 0; strcmp(old, "INBOX") != 0 && i < BOXES; i++) {
        struct model_box *moved = &walk->now.boxes[i];
        if (!moved->used || moved->deleted)
            continue;
        if (strcmp(moved->name, old) != 0 && !name_is_below(moved->name, old))
            continue;
        snprintf(rest, sizeof rest, "%s", moved->name + strlen(old));
        snprintf(moved->name, sizeof moved->name, "%s%.25s", name, rest);
    }
    model_create_parents(walk, name);
    if (strcmp(old, "INBOX") == 0)
        model_move_inbox(walk, box, name);
}

static void step_recent(struct walk *walk)
{
    struct model_box *box = box_any(walk);
    uint32_t first = 0;
    if (!box)
        return;
    ck_assert(store_recent_claim(walk->store, box->id, &first));
    ck_assert_uint_eq(first, box->recent_from);
    box->recent_from = box->uidnext;
}

static void step_subscribe(struct walk *walk)
{
    size_t name = roll(walk, COUNT(names));
    bool on = roll(walk, 2) == 0;
    ck_assert(store_subscribe(walk->store, walk->user, slice_of(names[name]), on));
    walk->now.subscribed[name] = on;
}

static void step_queue(struct walk *walk)
{
    struct model_queued *place = &walk->now.queue[roll(walk, QUEUE)];
    struct queued queued = { .id = place->id, .host = "mail.campus.example", .sender = "s",
                             .recipient = "r@b.example", .domain = "b.example", .since_ms = 1 };
    if (place->id != 0 && roll(walk, 2) == 0) {
        ck_assert(store_queue_remove(walk->store, place->id));
        *place = (struct model_queued){ 0 };
        return;
    }
    if (place->id != 0)
        return;
    queued.next_ms = place->next_ms = 1 + roll(walk, 50);
    place->text = ++walk->texts;
    queued.message_key = text_write(walk, place->text);
    ck_assert(store_queue_add(walk->store, &queued, &place->id));
}

/* --- turns ------------------------------------------------------------------------------------ */

static void step_command_end(struct walk *walk)
{
    bool keep = roll(walk, 3) != 0;
    store_command_end(walk->store, keep);
    if (!keep)
        walk->now = walk->command;
    walk->command = walk->now;
    walk->undone += !keep;
}

static uint64_t seen_by_all(const struct walk *walk, int64_t mailbox)
{
    uint64_t seen = UINT64_MAX;
    for (size_t i = 0; i < VIEWS; i++)
        if (walk->views[i].view && walk->views[i].mailbox == mailbox
            && walk->views[i].mark < seen)
            seen = walk->views[i].mark;
    return seen;
}

/* What a commit removes: messages that every view has seen go, boxes nobody looks at. */
static void model_tidy(struct walk *walk)
{
    for (size_t i = 0; i < BOXES; i++) {
        struct model_box *box = &walk->now.boxes[i];
        uint64_t seen = seen_by_all(walk, box->id);
        int kept = 0;
        for (int n = 0; n < box->message_count; n++)
            if (!box->messages[n].expunged || box->messages[n].modseq > seen) {
                walk->kept += box->messages[n].expunged;
                box->messages[kept++] = box->messages[n];
            }
        box->message_count = kept;
        if (box->deleted && seen == UINT64_MAX)
            box->used = false;
    }
}

static void check_message(struct walk *walk, const struct model_box *box,
                         const struct model_message *message, const struct placement *found)
{
    struct buf out = BUF_MAX(1 << 20);
    ck_assert_uint_eq(found->uid, message->uid);
    ck_assert_uint_eq(found->flags, mask_in(box, message->flags));
    ck_assert_uint_eq(found->modseq, message->modseq);
    ck_assert_int_eq(found->expunged, message->expunged);
    ck_assert_uint_eq(found->size, text_len(message->text));
    ck_assert(store_message_read(walk->store, found->message_key, 0, UINT64_MAX, &out));
    ck_assert_uint_eq(out.len, text_len(message->text));
    for (size_t at = 0; at < out.len; at += 1 + at / 7)
        ck_assert_int_eq(out.at[at], text_octet(message->text, at));
    buf_free(&out);
}

static void check_uids(struct walk *walk, struct model_box *box, uint32_t live)
{
    struct uid_list *list = store_uids(walk->store, box->id);
    ck_assert_ptr_nonnull(list);
    ck_assert_uint_eq(list->count, live);
    for (uint32_t i = 0; i < list->count; i++) {
        struct model_message *message = message_at(box, list->uids[i]);
        ck_assert(message && !message->expunged);
    }
    uid_list_release(list);
}

static void check_box(struct walk *walk, struct model_box *box)
{
    struct placement found[MESSAGES];
    struct mailbox mailbox;
    uint32_t live = 0, unseen = 0, first_unseen = 0;
    uint64_t bytes = 0;
    size_t count = store_placements(walk->store, box->id, 1, UINT32_MAX, 0, true, found, MESSAGES);
    ck_assert_uint_eq(count, (size_t)box->message_count);
    for (size_t i = 0; i < count; i++) {
        const struct model_message *message = &box->messages[i];
        check_message(walk, box, message, &found[i]);
        if (message->expunged)
            continue;
        live++;
        bytes += text_len(message->text);
        if (!(message->flags & FLAG_SEEN) && unseen++ == 0)
            first_unseen = message->uid;
    }
    check_uids(walk, box, live);
    ck_assert_int_eq(store_mailbox_by_id(walk->store, box->id, &mailbox), !box->deleted);
    if (box->deleted)
        return;
    ck_assert_str_eq(mailbox.name, box->name);
    ck_assert_int_eq(mailbox.selectable, box->selectable);
    ck_assert_uint_eq(mailbox.messages, live);
    ck_assert_uint_eq(mailbox.unseen, unseen);
    ck_assert_uint_eq(store_first_unseen(walk->store, box->id), first_unseen);
    ck_assert_uint_eq(mailbox.bytes, bytes);
    ck_assert_uint_eq(mailbox.uidnext, box->uidnext);
    ck_assert_uint_eq(mailbox.recent_from, box->recent_from);
    ck_assert_uint_eq(mailbox.highest_modseq, box->modseq);
    ck_assert_uint_eq(mailbox.uidvalidity, box->uidvalidity);
}

static bool count_mailbox(void *context, const struct mailbox *mailbox)
{
    (void)mailbox;
    return ++*(size_t *)context > 0;
}

static bool check_subscription(void *context, slice name)
{
    struct walk *walk = context;
    for (size_t i = 0; i < COUNT(names); i++)
        if (slice_is(name, names[i]))
            ck_assert(walk->now.subscribed[i]);
    return true;
}

static void check_queue(struct walk *walk)
{
    struct queued due[QUEUE + 1];
    size_t expected = 0;
    for (size_t i = 0; i < QUEUE; i++)
        expected += walk->now.queue[i].id != 0;
    size_t count = store_queue_due(walk->store, SLICE("mail.campus.example"), 1000, due, QUEUE + 1);
    ck_assert_uint_eq(count, expected);
    for (size_t i = 1; i < count; i++)
        ck_assert(due[i - 1].next_ms < due[i].next_ms
                  || (due[i - 1].next_ms == due[i].next_ms && due[i - 1].id < due[i].id));
}

static void check_all(struct walk *walk)
{
    size_t boxes = 0, expected = 0;
    for (size_t i = 0; i < BOXES; i++)
        if (walk->now.boxes[i].used) {
            check_box(walk, &walk->now.boxes[i]);
            expected += !walk->now.boxes[i].deleted;
        }
    ck_assert(store_mailboxes(walk->store, walk->user, count_mailbox, &boxes));
    ck_assert_uint_eq(boxes, expected);
    ck_assert(store_subscriptions(walk->store, walk->user, check_subscription, walk));
    check_queue(walk);
    check_sound(walk->store);
}

static void walk_commit(struct walk *walk)
{
    ck_assert_msg(store_commit(walk->store), "%s", store_error(walk->store));
    model_tidy(walk);
    walk->command = walk->turn = walk->now;
    walk->commits++;
}

static void step_commit(struct walk *walk)
{
    walk_commit(walk);
    if (roll(walk, 4) == 0)
        check_all(walk);
}

static void step_fail(struct walk *walk)
{
    if (roll(walk, 4) != 0)
        return;
    step_keyword(walk); /* so that there is a transaction to spoil */
    if (memcmp(&walk->now, &walk->turn, sizeof walk->now) == 0)
        return;
    step_subscribe(walk);
    ck_assert(store_tamper(walk->store, "PRAGMA defer_foreign_keys = ON;"
                           "INSERT INTO subscription VALUES (99, 'x')", NULL));
    ck_assert(!store_commit(walk->store));
    walk->now = walk->command = walk->turn;
    walk->failed++;
}

/* --- views and restarts ---------------------------------------------------------------------- */

static void view_close(struct model_view *view)
{
    store_view_close(view->view);
    *view = (struct model_view){ NULL, 0, 0 };
}

static void step_view(struct walk *walk)
{
    struct model_view *view = &walk->views[roll(walk, VIEWS)];
    walk_commit(walk); /* a session looks at what is committed */
    struct model_box *box = box_any(walk);
    if (view->view && roll(walk, 2) == 0) {
        view_close(view);
    } else if (view->view) {
        view->mark += roll(walk, 5);
        store_view_mark(view->view, view->mark);
    } else if (box) {
        *view = (struct model_view){ NULL, box->id, box->modseq };
        view->view = store_view_open(walk->store, box->id, box->modseq);
    }
}

static void walk_open(struct walk *walk)
{
    walk->store = world_open(walk->path, &walk->clock);
    if (walk->reversed)
        store_reverse_unordered(walk->store);
}

static void step_restart(struct walk *walk)
{
    if (roll(walk, 8) != 0)
        return;
    for (size_t i = 0; i < VIEWS; i++)
        view_close(&walk->views[i]);
    walk_commit(walk);
    if (walk->path) {
        store_close(walk->store);
        walk_open(walk);
    }
    walk->restarts++;
}

static void (*const steps[])(struct walk *) = {
    step_place, step_place, step_place, step_place, step_copy, step_copy, step_flags, step_flags,
    step_flags, step_expunge, step_expunge, step_keyword, step_create, step_create, step_delete,
    step_rename, step_recent, step_subscribe, step_queue, step_queue, step_command_end,
    step_command_end, step_command_end, step_commit, step_commit, step_fail, step_view, step_view,
    step_view, step_restart,
};

static uint64_t walk_run(uint64_t seed, const char *path, bool reversed)
{
    static struct walk walk; /* too large for a stack */
    memset(&walk, 0, sizeof walk);
    walk.clock = (struct test_clock){ START_MS, seed };
    walk.dice.random = seed * 1000;
    walk.path = path;
    walk.reversed = reversed;
    walk_open(&walk);
    walk.user = user_add(walk.store, "ana@campus.example");
    model_create(&walk, "INBOX");
    walk_commit(&walk);
    for (int i = 0; i < STEPS; i++) {
        walk.clock.now_ms += 100;
        steps[roll(&walk, COUNT(steps))](&walk);
        ck_assert(!store_failed(walk.store));
    }
    walk_commit(&walk);
    check_all(&walk);
    ck_assert(walk.commits > 0 && walk.undone > 0 && walk.failed > 0 && walk.restarts > 0
              && walk.kept > 0);
    for (size_t i = 0; i < VIEWS; i++)
        view_close(&walk.views[i]);
    walk_commit(&walk);
    uint64_t digest = digest_of(walk.store);
    world_close(walk.store);
    return digest;
}

START_TEST(a_random_walk_agrees_with_the_model)
{
    uint64_t seed = (uint64_t)_i + 1;
    char directory[300], path[320];
    const char *base = getenv("TMPDIR");
    uint64_t digest = walk_run(seed, NULL, false);
    ck_assert_uint_eq(walk_run(seed, NULL, true), digest);
    if (_i % 4 != 0) /* a file waits for the disk at each commit: not every time */
        return;
    snprintf(directory, sizeof directory, "%s/pennypost-model-XXXXXX", base ? base : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/w", directory);
    ck_assert_uint_eq(walk_run(seed, path, false), digest);
    ck_assert_int_eq(remove(path), 0);
    ck_assert_int_eq(rmdir(directory), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_model");
    TCase *tcase = tcase_create("store_model");
    const char *more = getenv("STORE_SEEDS"); /* for longer walks by hand */
    slice given = slice_of(more ? more : "4");
    uint64_t seeds = 4;
    take_number(&given, 1000000, &seeds);
    tcase_set_timeout(tcase, 3600);
    tcase_add_loop_test(tcase, a_random_walk_agrees_with_the_model, 0, (int)seeds);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
