/* store_task.c: a command that changes more than fits into one turn without holding the others.
   Its pages fall into several turns; with the first that is committed stands, in the table of
   values, what all of it is, and with each how far it has come. So it is done whole or not at all:
   if whoever began it ends in the middle (a kill, a client that goes), the store does the rest, by
   itself (store_chore) or when the world is opened again; a COPY it takes back. */
#include "servers/store/store_private.h"

#include "base/heap.h"

#define PAGE 200
#define NAME_MAX 48
#define PLAN_BYTES_MAX (TASK_UIDS_MAX + 256)

enum task_state { TASK_RUNNING, TASK_LEFT, TASK_ENDED };

struct task {
    struct store *store;
    enum task_state state;
    int64_t number;
    bool kept;               /* stands in the table, or did in this turn */
    bool doubted;            /* something was undone since: what stands there must be asked */
    uint32_t upto;           /* the last uid that was done */
    struct task_plan plan;   /* of the owner; its uids are in `uids` */
    struct buf uids;
    struct buf placed;       /* COPY: the copies' uids, "1:64,66:70", */
    uint32_t placed_first, placed_last; /* … and the last of these ranges */
    struct task *next;
};

/* --- in the table --------------------------------------------------------------------------- */

static const char *task_name(const struct task *task, const char *part, struct buf *name)
{
    buf_clear(name);
    buf_format(name, "task %lld %s", (long long)task->number, part);
    return buf_text(name);
}

static bool value_forget(struct store *store, const char *name)
{
    struct sql sql = sql_open(store, "DELETE FROM value WHERE name = ?");
    sql_put_text(&sql, slice_of(name));
    return sql_run(&sql);
}

/* placed: the copies so far, or empty; in the arena. */
static bool upto_read(const struct task *task, struct arena *arena, uint32_t *upto, slice *placed)
{
    struct buf name = BUF_MAX(NAME_MAX);
    uint64_t number = 0;
    bool read = store_value(task->store, task_name(task, "upto", &name), arena, placed) &&
                take_number(placed, UINT32_MAX, &number);
    take_char(placed, ' ');
    *upto = (uint32_t)number;
    buf_free(&name);
    return read;
}

static bool upto_write(struct task *task, uint32_t upto, slice placed)
{
    struct buf name = BUF_MAX(NAME_MAX), text = BUF_MAX(PLAN_BYTES_MAX);
    buf_add_number(&text, upto);
    if (placed.len)
        buf_add_char(&text, ' ');
    buf_add(&text, placed);
    bool kept = store_value_set(task->store, task_name(task, "upto", &name), buf_slice(&text));
    buf_free(&name);
    buf_free(&text);
    return kept;
}

static bool plan_write(struct task *task)
{
    const struct task_plan *plan = &task->plan;
    struct buf name = BUF_MAX(NAME_MAX), text = BUF_MAX(PLAN_BYTES_MAX);
    buf_format(&text, "%d %lld %lld %d %llu %lld %d ", (int)plan->kind, (long long)plan->mailbox,
               (long long)plan->to, (int)plan->change, (unsigned long long)plan->flags,
               (long long)(plan->unchanged_since < INT64_MAX ? plan->unchanged_since : INT64_MAX),
               (int)plan->marked);
    buf_add(&text, buf_slice(&task->uids));
    bool kept = store_value_set(task->store, task_name(task, "plan", &name), buf_slice(&text));
    buf_free(&name);
    buf_free(&text);
    return kept;
}

static bool task_forget(struct task *task)
{
    struct buf name = BUF_MAX(NAME_MAX);
    bool forgotten = store_change_begin(task->store) &&
                     value_forget(task->store, task_name(task, "plan", &name)) &&
                     value_forget(task->store, task_name(task, "upto", &name));
    buf_free(&name);
    return forgotten;
}

/* False: it is none, or a damaged one, which is then nothing to be done. */
static bool plan_read(struct task *task, struct arena *arena, struct task_plan *plan)
{
    struct buf name = BUF_MAX(NAME_MAX);
    slice text = SLICE_EMPTY;
    uint64_t number[7] = { 0 };
    bool read = store_value(task->store, task_name(task, "plan", &name), arena, &text);
    buf_free(&name);
    for (size_t i = 0; read && i < COUNT(number); i++)
        read = take_number(&text, INT64_MAX, &number[i]) && take_char(&text, ' ');
    *plan = (struct task_plan){
        .kind = (enum task_kind)number[0], .mailbox = (int64_t)number[1], .to = (int64_t)number[2],
        .change = (enum flag_change)number[3], .flags = number[4], .unchanged_since = number[5],
        .marked = number[6] != 0, .uids = text,
    };
    return read && number[0] <= TASK_EXPUNGE && number[3] <= FLAGS_REMOVE;
}

/* --- for who does it ------------------------------------------------------------------------ */

static struct task *task_new(struct store *store, int64_t number, enum task_state state)
{
    struct task *task = heap_take_near(store, sizeof *task);
    task->store = store;
    task->state = state;
    task->number = number;
    task->uids = BUF_MAX(PLAN_BYTES_MAX);
    task->placed = BUF_MAX(TASK_UIDS_MAX);
    task->next = store->tasks;
    store->tasks = task;
    return task;
}

struct task *store_task_new(struct store *store, const struct task_plan *plan)
{
    struct task *task = task_new(store, ++store->task_number, TASK_RUNNING);
    task->plan = *plan;
    buf_add(&task->uids, plan->uids);
    return task;
}

static void range_end(struct task *task)
{
    if (task->placed_first)
        buf_format(&task->placed, "%s%u:%u", task->placed.len ? "," : "", task->placed_first,
                   task->placed_last);
}

void store_task_placed(struct task *task, uint32_t first, uint32_t count)
{
    if (!task->placed_first || task->placed_last + 1 != first) {
        range_end(task);
        task->placed_first = first;
    }
    task->placed_last = first + count - 1;
}

bool store_task_keep(struct task *task, uint32_t upto)
{
    size_t before = task->placed.len;
    bool begun = store_change_begin(task->store) && (task->kept || plan_write(task));
    range_end(task); /* for now: the next page may go on with it */
    bool kept = begun && upto_write(task, upto, buf_slice(&task->placed));
    task->placed.len = before;
    if (!kept)
        return false;
    task->kept = true;
    task->upto = upto;
    return true;
}

bool store_task_holds(struct task *task)
{
    struct arena arena = { 0 };
    slice placed = SLICE_EMPTY;
    uint32_t upto = 0;
    if (task->doubted)
        task->doubted = !upto_read(task, &arena, &upto, &placed) || upto != task->upto;
    arena_free(&arena);
    return !task->doubted || !task->kept;
}

bool store_task_done(struct task *task)
{
    if (!task)
        return true;
    if (task->kept && !task_forget(task))
        return false;
    task->state = TASK_ENDED;
    return true;
}

void store_task_leave(struct task *task)
{
    if (task)
        task->state = task->kept ? TASK_LEFT : TASK_ENDED;
}

/* --- for the store -------------------------------------------------------------------------- */

static void tasks_free(struct store *store, bool all)
{
    struct task **at = &store->tasks, *task;
    while ((task = *at) != NULL) {
        if (!all && task->state != TASK_ENDED) {
            at = &task->next;
            continue;
        }
        *at = task->next;
        buf_free(&task->uids);
        buf_free(&task->placed);
        heap_give(task);
    }
}

void store_tasks_kept(struct store *store) { tasks_free(store, false); }
void store_tasks_free(struct store *store) { tasks_free(store, true); }

/* One that had ended may stand there again. */
void store_tasks_undone(struct store *store)
{
    for (struct task *task = store->tasks; task; task = task->next) {
        task->doubted = true;
        if (task->state == TASK_ENDED && task->kept)
            task->state = TASK_LEFT;
    }
}

bool store_tasks_find(struct store *store)
{
    struct sql sql = sql_open_once(store, "SELECT CAST(substr(name, 6) AS INTEGER) FROM value"
                                   " WHERE name LIKE 'task % plan' ORDER BY 1");
    while (sql_row(&sql))
        task_new(store, sql_get(&sql), TASK_LEFT)->kept = true;
    return sql_close(&sql);
}

bool store_has_left_task(const struct store *store)
{
    for (const struct task *task = store->tasks; task; task = task->next)
        if (task->state == TASK_LEFT)
            return true;
    return false;
}

/* The next uids that are to be looked at: of the ranges, what is behind `upto`. */
static bool range_next(slice uids, uint32_t upto, uint32_t *first, uint32_t *last)
{
    uint64_t low = 0, high = 0;
    while (take_number(&uids, UINT32_MAX, &low)) {
        high = low;
        if (take_char(&uids, ':') && !take_number(&uids, UINT32_MAX, &high))
            return false;
        take_char(&uids, ',');
        if (high <= upto)
            continue;
        *first = low > upto ? (uint32_t)low : upto + 1;
        *last = (uint32_t)high;
        return true;
    }
    return false;
}

static bool plan_wants(const struct task_plan *plan, const struct placement *row)
{
    if (plan->kind == TASK_FLAGS)
        return row->modseq <= plan->unchanged_since;
    return plan->kind != TASK_EXPUNGE || !plan->marked || (row->flags & FLAG_DELETED);
}

/* False: failed, or the mailbox to copy to is gone, and what was copied there with it. */
static bool plan_apply(struct store *store, const struct task_plan *plan, struct placement *rows,
                       size_t count)
{
    size_t wanted = 0;
    uint32_t uid;
    for (size_t i = 0; i < count; i++)
        if (plan_wants(plan, &rows[i]))
            rows[wanted++] = rows[i];
    switch (plan->kind) {
    case TASK_FLAGS:
        return store_flags_page(store, plan->mailbox, rows, wanted, plan->change, plan->flags);
    case TASK_COPY: /* from a world of before it was known what to take back */
        return store_copy_page(store, plan->mailbox, rows, wanted, plan->to, &uid);
    case TASK_MOVE:
        return store_copy_page(store, plan->mailbox, rows, wanted, plan->to, &uid) &&
               store_expunge_page(store, plan->mailbox, NULL, rows, wanted);
    default: return store_expunge_page(store, plan->mailbox, NULL, rows, wanted);
    }
}

static bool task_page(struct task *task, const struct task_plan *plan, uint32_t upto)
{
    struct store *store = task->store;
    struct placement rows[PAGE];
    uint32_t first = 0, last = 0;
    bool more = range_next(plan->uids, upto, &first, &last);
    size_t count = more ? store_placements(store, plan->mailbox, first, last, 0, false, rows, PAGE)
                        : 0;
    upto = count == PAGE ? rows[count - 1].uid : last;
    more = more && plan_apply(store, plan, rows, count);
    if (store->failed)
        return false;
    if (more)
        return upto_write(task, upto, SLICE_EMPTY);
    task->state = TASK_ENDED;
    return task_forget(task);
}

/* A COPY that was not finished is taken back: RFC 3501 6.4.7 wants the mailbox as it was. */
static bool copies_page(struct task *task, const struct task_plan *plan, uint32_t upto,
                        slice placed)
{
    struct store *store = task->store;
    struct placement rows[PAGE];
    uint32_t first = 0, last = 0;
    if (!range_next(placed, 0, &first, &last)) {
        task->state = TASK_ENDED;
        return task_forget(task);
    }
    size_t count = store_placements(store, plan->to, first, last, 0, false, rows, PAGE);
    if (store->failed || !store_expunge_page(store, plan->to, NULL, rows, count))
        return false;
    take_until(&placed, ',');
    struct buf left = BUF_MAX(TASK_UIDS_MAX);
    if (count == PAGE && rows[count - 1].uid < last)
        buf_format(&left, "%u:%u%s", rows[count - 1].uid + 1, last, placed.len ? "," : "");
    buf_add(&left, placed);
    bool kept = left.len ? upto_write(task, upto, buf_slice(&left)) : task_forget(task);
    if (left.len == 0)
        task->state = TASK_ENDED;
    buf_free(&left);
    return kept;
}

bool store_task_step(struct store *store, int64_t *mailbox, int64_t *to)
{
    struct task *task = store->tasks;
    struct arena arena = { 0 };
    struct task_plan plan;
    slice placed = SLICE_EMPTY;
    uint32_t upto = 0;
    while (task && task->state != TASK_LEFT)
        task = task->next;
    if (!task)
        return true;
    bool good = true;
    if (!upto_read(task, &arena, &upto, &placed)) {
        task->state = store->failed ? TASK_LEFT : TASK_ENDED; /* it was undone as a whole */
    } else if (!plan_read(task, &arena, &plan)) {
        task->state = TASK_ENDED;
        good = task_forget(task);
    } else {
        *mailbox = plan.mailbox;
        *to = plan.to;
        good = plan.kind == TASK_COPY && placed.len ? copies_page(task, &plan, upto, placed)
                                                    : task_page(task, &plan, upto);
    }
    arena_free(&arena);
    return good && !store->failed;
}
