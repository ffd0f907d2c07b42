/* pop3_maildrop.c: the messages: the lock and the snapshot, listing, reading, marking,
   and UPDATE, which alone removes. The maildrop is the same INBOX that IMAP shows.
   RFC 1939 5 to 7. */
#include <string.h>

#include "servers/dialect.h"
#include "servers/pop3/pop3.h"

#define PIECE 16384
#define BATCH 256
#define LOOK_NS 500        /* what a message costs, about, that is looked at, */
#define REMOVE_NS 10000    /* … removed */

/* --- open and close -------------------------------------------------------------------------- */

static void say_held(struct session *session)
{
    struct pop3 *pop3 = pop3_of(session);
    uint64_t octets = 0;
    uint32_t messages = 0;
    for (uint32_t i = 0; i < pop3->count; i++)
        if (!pop3->entries[i].deleted) {
            messages++;
            octets += pop3->entries[i].size;
        }
    session_detail(session, "maildrop has %u message%s (%llu octets)", messages,
                   messages == 1 ? "" : "s", (unsigned long long)octets);
}

static enum outcome snapshot_end(struct session *session)
{
    if (store_failed(session->services->store)) {
        pop3_drop_close(session);
        return OUT_BAD_LOGIN; /* so will the turn, and nothing is said */
    }
    say_held(session);
    return OUT_OK;
}

/* What is there now. Others have their turn between two pieces; what they remove is left out. */
static enum outcome snapshot_more(struct session *session)
{
    struct pop3 *pop3 = pop3_of(session);
    struct placement batch[BATCH];
    while (!session_is_spent(session)) {
        uint32_t next = pop3->count ? pop3->entries[pop3->count - 1].uid + 1 : 1;
        size_t count = store_placements(session->services->store, pop3->mailbox, next,
                                        pop3->uid_last, 0, false, batch, BATCH);
        session_spend(session, count * LOOK_NS);
        for (size_t i = 0; i < count && pop3->count < pop3->room; i++)
            pop3->entries[pop3->count++] = (struct pop3_entry){
                .uid = batch[i].uid, .message_key = batch[i].message_key, .size = batch[i].size };
        if (count < BATCH || pop3->count == pop3->room)
            return snapshot_end(session);
    }
    return OUT_MORE;
}

enum outcome pop3_drop_open(struct session *session, const struct user *user)
{
    struct pop3 *pop3 = pop3_of(session);
    struct store *store = session->services->store;
    struct mailbox inbox;
    if (!store_mailbox_find(store, user->id, SLICE("INBOX"), &inbox))
        return OUT_BAD_LOGIN; /* the store failed: so will the turn, and nothing is said */
    pop3->locked = store_maildrop_lock(store, inbox.id);
    if (!pop3->locked && session_manners(session)->shares_maildrop == SHARES_NOT)
        return OUT_IN_USE;
    pop3->mailbox = inbox.id;
    pop3->uidvalidity = inbox.uidvalidity;
    pop3->uid_last = inbox.uidnext - 1;
    pop3->view = store_view_open(store, inbox.id, inbox.highest_modseq);
    pop3->room = inbox.messages;
    pop3->entries = arena_take_bare_array(&pop3->drop_arena, pop3->room, sizeof *pop3->entries);
    session_stream_late(session, snapshot_more);
    return OUT_MORE;
}

void pop3_drop_close(struct session *session)
{
    struct pop3 *pop3 = pop3_of(session);
    if (pop3->locked)
        store_maildrop_unlock(session->services->store, pop3->mailbox);
    if (pop3->view)
        store_view_close(pop3->view);
    store_task_leave(pop3->task);
    pop3->task = NULL;
    pop3->locked = false;
    pop3->view = NULL;
    pop3->count = 0;
    pop3->entries = NULL;
    arena_free(&pop3->drop_arena);
}

/* --- numbers ---------------------------------------------------------------------------------- */

/* Another session, where one is let in, or IMAP has removed it. */
static bool is_gone(struct session *session, uint32_t uid)
{
    struct placement row;
    return session_manners(session)->shares_maildrop == SHARES_GONE &&
           (!store_placement(session->services->store, pop3_of(session)->mailbox, uid, &row) ||
            row.expunged);
}

/* The number of a message that is not marked. *args goes on behind it. */
static enum outcome take_entry(struct session *session, slice *args, uint32_t *index)
{
    struct pop3 *pop3 = pop3_of(session);
    uint64_t number = 0;
    *args = slice_trim(*args);
    if (!take_number(args, UINT64_MAX / 2, &number) || (args->len && args->at[0] != ' '))
        return OUT_SYNTAX;
    *args = slice_trim(*args);
    if (number == 0 || number > pop3->count)
        return OUT_NO_SUCH;
    *index = (uint32_t)number - 1;
    if (!pop3->entries[*index].deleted)
        return is_gone(session, pop3->entries[*index].uid) ? OUT_NO_SUCH : OUT_OK;
    session_detail(session, "%u", *index + 1);
    return OUT_MARKED;
}

static enum outcome take_only_entry(struct session *session, slice args, uint32_t *index)
{
    enum outcome outcome = take_entry(session, &args, index);
    bool more = args.len && !session_manners(session)->takes_more_words;
    return outcome != OUT_SYNTAX && more ? OUT_SYNTAX : outcome;
}

/* --- lists ------------------------------------------------------------------------------------ */

enum outcome pop3_on_stat(struct session *session, slice args)
{
    struct pop3 *pop3 = pop3_of(session);
    uint64_t octets = 0;
    uint32_t messages = 0;
    (void)args;
    for (uint32_t i = 0; i < pop3->count; i++)
        if (!pop3->entries[i].deleted) {
            messages++;
            octets += pop3->entries[i].size;
        }
    session_detail(session, "%u %llu", messages, (unsigned long long)octets);
    return OUT_OK;
}

static void size_line(const struct pop3 *pop3, uint32_t index, struct buf *line)
{
    buf_format(line, "%u %llu", index + 1, (unsigned long long)pop3->entries[index].size);
}

/* From UIDVALIDITY and UID: never given twice, whatever happens to the mailbox. */
static void uid_line(const struct pop3 *pop3, uint32_t index, struct buf *line)
{
    buf_format(line, "%u %u.%u", index + 1, pop3->uidvalidity, pop3->entries[index].uid);
}

typedef void entry_line(const struct pop3 *, uint32_t index, struct buf *);

static enum outcome list_more(struct session *session, entry_line *line_of)
{
    struct pop3 *pop3 = pop3_of(session);
    struct buf lines = BUF_MAX(PIECE + 128);
    for (; pop3->at < pop3->count && lines.len < PIECE; pop3->at++)
        if (!pop3->entries[pop3->at].deleted) {
            line_of(pop3, pop3->at, &lines);
            buf_add_text(&lines, "\r\n");
        }
    bool more = pop3->at < pop3->count;
    if (!more)
        buf_add_text(&lines, ".\r\n");
    session_write(session, buf_slice(&lines));
    buf_free(&lines);
    return more ? OUT_MORE : OUT_OK;
}

static enum outcome list_more_sizes(struct session *session)
{
    return list_more(session, size_line);
}
static enum outcome list_more_uids(struct session *session) { return list_more(session, uid_line); }

static enum outcome list_one(struct session *session, slice args, entry_line *line_of)
{
    struct buf line = BUF_MAX(128);
    uint32_t index = 0;
    enum outcome outcome = take_only_entry(session, args, &index);
    if (outcome == OUT_OK) {
        line_of(pop3_of(session), index, &line);
        session_detail(session, "%s", buf_text(&line));
    }
    buf_free(&line);
    return outcome;
}

enum outcome pop3_on_list(struct session *session, slice args)
{
    if (slice_trim(args).len)
        return list_one(session, args, size_line);
    pop3_of(session)->at = 0;
    say_held(session);
    session_stream(session, list_more_sizes);
    return OUT_MORE;
}

enum outcome pop3_on_uidl(struct session *session, slice args)
{
    if (slice_trim(args).len)
        return list_one(session, args, uid_line);
    pop3_of(session)->at = 0;
    session_detail(session, "names that stay the same");
    session_stream(session, list_more_uids);
    return OUT_MORE;
}

/* --- messages --------------------------------------------------------------------------------- */

/* The next piece of the message; the status line has gone before it, so that trouble now
   can only be told by closing the connection (the engine drops the line when the turn fails). */
static enum outcome message_more(struct session *session)
{
    struct pop3 *pop3 = pop3_of(session);
    struct buf piece = BUF_MAX(PIECE), out = BUF_MAX(PIECE * 3 + 16);
    bool read = store_message_read(session->services->store,
                                   pop3->entries[pop3->sending].message_key, pop3->offset, PIECE,
                                   &piece);
    size_t used = dots_write(&pop3->dots, buf_slice(&piece), pop3->lines_max, &out);
    bool more = read && piece.len > 0 && used == piece.len;
    pop3->offset += used;
    if (!more)
        dots_end(&pop3->dots, &out);
    session_write(session, buf_slice(&out));
    buf_free(&piece);
    buf_free(&out);
    return more ? OUT_MORE : OUT_OK;
}

static enum outcome message_begin(struct session *session, uint32_t index, uint64_t lines_max)
{
    struct pop3 *pop3 = pop3_of(session);
    pop3->sending = index;
    pop3->offset = 0;
    pop3->lines_max = lines_max;
    pop3->dots = (struct dots){ 0 };
    session_stream(session, message_more);
    return OUT_MORE;
}

enum outcome pop3_on_retr(struct session *session, slice args)
{
    uint32_t index = 0;
    enum outcome outcome = take_only_entry(session, args, &index);
    if (outcome != OUT_OK)
        return outcome;
    session_detail(session, "%llu octets",
                   (unsigned long long)pop3_of(session)->entries[index].size);
    return message_begin(session, index, UINT64_MAX);
}

enum outcome pop3_on_top(struct session *session, slice args)
{
    uint32_t index = 0;
    uint64_t lines = 0;
    enum outcome outcome = take_entry(session, &args, &index);
    uint64_t most = session_manners(session)->top_lines_max;
    if (outcome == OUT_SYNTAX || !take_number(&args, most ? most : UINT64_MAX / 2, &lines) ||
        args.len)
        return OUT_SYNTAX;
    if (outcome != OUT_OK)
        return outcome;
    return message_begin(session, index, lines);
}

/* --- marks ------------------------------------------------------------------------------------ */

enum outcome pop3_on_dele(struct session *session, slice args)
{
    uint32_t index = 0;
    enum outcome outcome = take_only_entry(session, args, &index);
    if (outcome != OUT_OK)
        return outcome;
    pop3_of(session)->entries[index].deleted = true;
    session_detail(session, "%u", index + 1);
    return OUT_OK;
}

enum outcome pop3_on_rset(struct session *session, slice args)
{
    struct pop3 *pop3 = pop3_of(session);
    (void)args;
    for (uint32_t i = 0; i < pop3->count; i++)
        pop3->entries[i].deleted = false;
    say_held(session);
    return OUT_OK;
}

/* The snapshot is by uid. */
bool pop3_has_marked(const struct session *session, int64_t mailbox, uint32_t uid)
{
    const struct pop3 *pop3 = session->own;
    if (!protocol_is(session->protocol, &pop3_protocol) || pop3->mailbox != mailbox || mailbox == 0)
        return false;
    uint32_t low = 0, high = pop3->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (pop3->entries[middle].uid < uid)
            low = middle + 1;
        else
            high = middle;
    }
    return low < pop3->count && pop3->entries[low].uid == uid && pop3->entries[low].deleted;
}

/* False: IMAP has removed it meanwhile, so it is gone as wished; or the store failed. */
static bool message_remove(struct session *session, uint32_t uid)
{
    struct pop3 *pop3 = pop3_of(session);
    struct services *services = session->services;
    struct placement row;
    if (!store_placement(services->store, pop3->mailbox, uid, &row) || row.expunged)
        return false;
    if (services->removed)
        services->removed(services, session, pop3->mailbox, uid, row.message_key);
    return store_expunge_page(services->store, pop3->mailbox, pop3->view, &row, 1);
}

static void remove_plan(const struct pop3 *pop3, struct buf *uids)
{
    for (uint32_t i = 0; i < pop3->count; i++) {
        uint32_t first = pop3->entries[i].uid;
        if (!pop3->entries[i].deleted)
            continue;
        while (i + 1 < pop3->count && pop3->entries[i + 1].deleted)
            i++;
        buf_format(uids, "%s%u:%u", uids->len ? "," : "", first, pop3->entries[i].uid);
    }
}

/* Others have their turn: what is done so far is told to the store, so that all is removed. */
static bool remove_pause(struct session *session)
{
    struct pop3 *pop3 = pop3_of(session);
    struct buf uids = BUF_MAX(TASK_UIDS_MAX);
    if (!pop3->task) {
        struct task_plan plan = { .kind = TASK_EXPUNGE, .mailbox = pop3->mailbox };
        remove_plan(pop3, &uids);
        plan.uids = buf_slice(&uids);
        pop3->task = store_task_new(session->services->store, &plan);
    }
    buf_free(&uids);
    session->services->changed(session->services, pop3->mailbox);
    return store_task_keep(pop3->task, pop3->entries[pop3->at - 1].uid);
}

static enum outcome remove_end(struct session *session, enum outcome outcome)
{
    struct pop3 *pop3 = pop3_of(session);
    struct services *services = session->services;
    struct mailbox inbox = { .messages = 0 };
    if (outcome == OUT_OK && !store_task_done(pop3->task))
        outcome = OUT_FAILED;
    if (outcome != OUT_OK)
        store_task_leave(pop3->task);
    pop3->task = NULL;
    store_mailbox_by_id(services->store, pop3->mailbox, &inbox);
    if (pop3->removed)
        services->changed(services, pop3->mailbox);
    session_detail(session, "%u removed, %u left", pop3->removed, inbox.messages);
    pop3_drop_close(session);
    return store_failed(services->store) ? OUT_FAILED : outcome;
}

static enum outcome remove_more(struct session *session)
{
    struct pop3 *pop3 = pop3_of(session);
    if (pop3->task && !store_task_holds(pop3->task))
        return remove_end(session, OUT_FAILED);
    while (pop3->at < pop3->count) {
        if (session_is_spent(session) && pop3->removed)
            return remove_pause(session) ? OUT_MORE : remove_end(session, OUT_FAILED);
        if (session_is_spent(session))
            return OUT_MORE;
        const struct pop3_entry *entry = &pop3->entries[pop3->at++];
        session_spend(session, entry->deleted ? REMOVE_NS : 10);
        if (entry->deleted && message_remove(session, entry->uid))
            pop3->removed++;
        if (store_failed(session->services->store))
            return remove_end(session, OUT_FAILED);
    }
    return remove_end(session, OUT_OK);
}

/* UPDATE. */
enum outcome pop3_on_removed(struct session *session, slice args)
{
    struct pop3 *pop3 = pop3_of(session);
    (void)args;
    pop3->at = pop3->removed = 0;
    session_stream_late(session, remove_more);
    return OUT_MORE;
}
