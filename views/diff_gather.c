/* diff_gather.c: a world as a list of facts, each in a few words. What is no fact here is not
   told by `diff`: octets on the wire, generators, the trace. */
#include "views/diff.h"

#include <string.h>

#include "base/sort.h"
#include "base/words.h"
#include "servers/imap/imap.h"
#include "servers/mail/date.h"
#include "servers/mail/header.h"
#include "servers/mail/identity.h"
#include "servers/pop3/pop3.h"
#include "sim/devices/device.h"
#include "sim/hosts/host.h"
#include "sim/language/commands.h"
#include "views/conns.h"

#define VALUE_MAX 4096

/* --- facts ---------------------------------------------------------------------------------- */

static struct diff_fact *fact_add(struct diff_side *side, enum diff_where where, slice what,
                                  slice value)
{
    if (side->count == side->cap) {
        struct diff_fact *before = side->facts;
        side->cap = side->cap ? side->cap * 2 : 256;
        side->facts = arena_take_array(&side->arena, side->cap, sizeof *side->facts);
        if (before)
            memcpy(side->facts, before, side->count * sizeof *side->facts);
    }
    struct diff_fact *fact = &side->facts[side->count++];
    *fact = (struct diff_fact){ .where = where, .what = arena_copy(&side->arena, what),
                                .value = arena_copy(&side->arena, value) };
    return fact;
}

static void text_fact(struct diff_side *side, enum diff_where where, slice what, const char *value)
{
    fact_add(side, where, what, slice_of(value));
}

int diff_fact_compare(const struct diff_fact *a, const struct diff_fact *b)
{
    if (a->where != b->where)
        return a->where < b->where ? -1 : 1;
    int order = slice_compare(a->what, b->what);
    if (!order)
        order = slice_compare(a->identity, b->identity);
    return order ? order : a->copy < b->copy ? -1 : a->copy > b->copy;
}

static int by_key(const void *context, const void *a, const void *b)
{
    (void)context;
    return diff_fact_compare(a, b);
}

/* Facts of the same key stay in the world's order, and are told apart by it. */
static void facts_sort(struct diff_side *side)
{
    void *spare = arena_take_array(&side->arena, side->count + 1, sizeof *side->facts);
    sort_stable(side->facts, side->count, sizeof *side->facts, spare, by_key, NULL);
    for (size_t i = 0; i < side->count; i++) {
        struct diff_fact *fact = &side->facts[i], *before = i ? fact - 1 : NULL;
        bool again = before && before->where == fact->where &&
                     slice_equal(before->what, fact->what) &&
                     slice_equal(before->identity, fact->identity);
        fact->copy = again ? before->copy + 1 : 0;
    }
}

/* --- the servers ---------------------------------------------------------------------------- */

struct gathering {
    struct diff_side *side;
    struct world *world;
    const struct user *user;
    const struct mailbox *mailbox;
    struct buf what, value;      /* being made */
    slice keywords[KEYWORDS_MAX];
    size_t keyword_count;
    const struct device *device;
};

/* Of a message: which one it is, in both worlds. */
static void message_fact(struct gathering *gathering, enum diff_where where, slice identity,
                         slice header)
{
    struct diff_side *side = gathering->side;
    char title[MESSAGE_TITLE_MAX];
    struct diff_fact *fact = fact_add(side, where, buf_slice(&gathering->what),
                                      buf_slice(&gathering->value));
    fact->identity = arena_copy(&side->arena, identity);
    store_message_number(gathering->world->store, identity, &fact->number);
    message_title(title, header);
    fact->title = arena_copy(&side->arena, slice_of(title));
}

static void flags_write(struct gathering *gathering, uint64_t flags)
{
    static const struct {
        uint64_t flag;
        const char *word;
    } words[] = { { FLAG_ANSWERED, "answered" }, { FLAG_FLAGGED, "flagged" },
                  { FLAG_DELETED, "marked \\Deleted" }, { FLAG_DRAFT, "draft" } };
    struct buf *out = &gathering->value;
    buf_add_text(out, flags & FLAG_SEEN ? ", seen" : ", new");
    for (size_t i = 0; i < COUNT(words); i++)
        if (flags & words[i].flag)
            buf_format(out, ", %s", words[i].word);
    for (size_t i = 0; i < gathering->keyword_count; i++)
        if (flags >> FLAG_KEYWORD_SHIFT >> i & 1)
            buf_format(out, ", %.*s", SLICE_ARG(gathering->keywords[i]));
}

/* POP3's mark is the session's that has made it. */
static void marks_gather(struct gathering *gathering, uint32_t uid, slice identity, slice header)
{
    for (const struct device *device = gathering->world->devices; device; device = device->next) {
        const struct session *session =
            device->typed ? host_session(gathering->world, device->typed_conn) : NULL;
        if (!session || !pop3_has_marked(session, gathering->mailbox->id, uid))
            continue;
        buf_clear(&gathering->what);
        buf_clear(&gathering->value);
        buf_format(&gathering->what, "%s, typed", device->name);
        buf_add_text(&gathering->value, "marked by DELE");
        message_fact(gathering, DIFF_SESSION, identity, header);
    }
}

static void placement_gather(struct gathering *gathering, const struct placement *row)
{
    struct store *store = gathering->world->store;
    struct arena arena = { 0 };
    struct buf header = BUF_MAX(HEADER_BYTES_MAX);
    struct message summary;
    if (store_message(store, row->message_key, &arena, &summary) &&
        store_message_read(store, row->message_key, 0, summary.header_bytes, &header)) {
        slice identity = message_identity(&arena, buf_slice(&header));
        buf_clear(&gathering->what);
        buf_clear(&gathering->value);
        buf_format(&gathering->what, "%s %s", gathering->user->address, gathering->mailbox->name);
        buf_format(&gathering->value, "UID %u", row->uid);
        flags_write(gathering, row->flags);
        message_fact(gathering, DIFF_SERVER, identity, buf_slice(&header));
        marks_gather(gathering, row->uid, identity, buf_slice(&header));
    }
    buf_free(&header);
    arena_free(&arena);
}

static bool mailbox_gather(void *context, const struct mailbox *mailbox)
{
    struct gathering *gathering = context;
    struct store *store = gathering->world->store;
    struct arena names = { 0 };
    struct placement rows[64];
    uint64_t next = 1;
    size_t count;
    gathering->mailbox = mailbox;
    gathering->keyword_count = 0;
    store_keywords(store, mailbox->id, &names, gathering->keywords, &gathering->keyword_count);
    buf_clear(&gathering->what);
    buf_clear(&gathering->value);
    buf_format(&gathering->what, "%s %s", gathering->user->address, mailbox->name);
    buf_format(&gathering->value, "UIDVALIDITY %u", mailbox->uidvalidity);
    fact_add(gathering->side, DIFF_SERVER, buf_slice(&gathering->what),
             buf_slice(&gathering->value));
    while (next <= UINT32_MAX &&
           (count = store_placements(store, mailbox->id, (uint32_t)next, UINT32_MAX, 0, false,
                                     rows, COUNT(rows))) > 0) {
        for (size_t i = 0; i < count; i++)
            placement_gather(gathering, &rows[i]);
        next = (uint64_t)rows[count - 1].uid + 1;
    }
    arena_free(&names);
    return true;
}

static void quota_gather(struct gathering *gathering)
{
    struct quota quota;
    if (!store_quota(gathering->world->store, gathering->user->id, &quota))
        return;
    buf_clear(&gathering->what);
    buf_clear(&gathering->value);
    buf_format(&gathering->what, "%s quota", gathering->user->address);
    if (quota.bytes)
        buf_format(&gathering->value, "%llu octets ", (unsigned long long)quota.bytes);
    if (quota.messages)
        buf_format(&gathering->value, "%llu messages", (unsigned long long)quota.messages);
    fact_add(gathering->side, DIFF_SERVER, buf_slice(&gathering->what),
             slice_trim(buf_slice(&gathering->value)));
}

/* What `board` would draw, as far as it is text. */
static void board_gather_text(struct diff_side *side, struct world *world, const struct user *user)
{
    struct board board;
    struct buf cell = BUF_MAX(64);
    board_gather(&board, world, user, SLICE_EMPTY, false);
    struct diff_board *kept = arena_take(&side->arena, sizeof *kept);
    *side->last_board = kept;
    side->last_board = &kept->next;
    *kept = (struct diff_board){ .address = arena_copy(&side->arena, slice_of(user->address)),
                                 .holder_count = board.holders, .row_count = board.count };
    for (size_t i = 0; i < board.holders; i++) {
        const struct device *device = board.devices[i];
        kept->holders[i] = arena_copy(&side->arena, slice_of(device ? device->name : "server"));
    }
    kept->rows = arena_take_array(&side->arena, board.count + 1, sizeof *kept->rows);
    for (size_t i = 0; i < board.count; i++) {
        struct diff_row *row = &kept->rows[i];
        struct buf identity = BUF_MAX(MESSAGE_IDENTITY_MAX);
        store_message_identity(world->store, board.messages[i].number, &identity);
        row->identity = arena_copy(&side->arena, buf_slice(&identity));
        row->title = arena_copy(&side->arena, slice_of(board.messages[i].title));
        row->number = board.messages[i].number;
        row->size = board.messages[i].size;
        for (size_t holder = 0; holder < board.holders; holder++) {
            buf_clear(&cell);
            board_cell_write(&cell, &board.messages[i], holder);
            row->cells[holder] = arena_copy(&side->arena, buf_slice(&cell));
        }
        buf_free(&identity);
    }
    buf_free(&cell);
    board_free(&board);
}

static bool user_gather(void *context, const struct user *user)
{
    struct gathering *gathering = context;
    gathering->user = user;
    text_fact(gathering->side, DIFF_SERVER, slice_of(user->address), user->host);
    quota_gather(gathering);
    store_mailboxes(gathering->world->store, user->id, mailbox_gather, gathering);
    board_gather_text(gathering->side, gathering->world, user);
    return true;
}

static void queue_gather(struct gathering *gathering, slice host)
{
    struct arena arena = { 0 };
    size_t most = store_queue_count(gathering->world->store, host);
    struct queued *entries = arena_take_array(&arena, most, sizeof *entries);
    size_t count = store_queue_due(gathering->world->store, host, INT64_MAX, entries, most);
    for (size_t i = 0; i < count; i++) {
        buf_clear(&gathering->what);
        buf_clear(&gathering->value);
        buf_format(&gathering->what, "%.*s queue, for %s", SLICE_ARG(host), entries[i].recipient);
        buf_format(&gathering->value, "from %s, %u attempt%s",
                   entries[i].sender[0] ? entries[i].sender : "<>", entries[i].attempts,
                   entries[i].attempts == 1 ? "" : "s");
        fact_add(gathering->side, DIFF_SERVER, buf_slice(&gathering->what),
                 buf_slice(&gathering->value));
    }
    arena_free(&arena);
}

static void hosts_gather(struct gathering *gathering)
{
    struct world *world = gathering->world;
    for (struct host *host = host_next(world, NULL); host; host = host_next(world, host)) {
        slice name = slice_of(host_policy(host)->name);
        buf_clear(&gathering->value);
        buf_add_text(&gathering->value,
                     net_is_online(world->net, host_number(host)) ? "online" : "offline");
        host_settings_write(&gathering->value, host_policy(host));
        fact_add(gathering->side, DIFF_SERVER, name, buf_slice(&gathering->value));
        queue_gather(gathering, name);
    }
}

/* --- the devices ---------------------------------------------------------------------------- */

static bool kept_gather(void *context, const struct device_message *kept)
{
    struct gathering *gathering = context;
    struct buf *value = &gathering->value, text = BUF_MAX(MESSAGE_BYTES_MAX);
    buf_clear(value);
    if (kept->gone)
        buf_add_text(value, "deleted, the server is to be told");
    else
        buf_format(value, "%s, %s", kept->whole ? "whole" : "header only",
                   kept->flags & DEVICE_SEEN ? "seen" : "new");
    if (!kept->gone && kept->flags & DEVICE_ANSWERED)
        buf_add_text(value, ", answered");
    if (!kept->gone && kept->flags & DEVICE_FLAGGED)
        buf_add_text(value, ", flagged");
    if (!kept->gone && kept->flags & DEVICE_DELETED)
        buf_add_text(value, ", marked \\Deleted");
    if (!kept->gone && kept->from_folder)
        buf_add_text(value, ", moved here, the server is to be told");
    store_device_message_read(gathering->world->store, kept->id, &text);
    slice header = slice_upto(buf_slice(&text), header_end(buf_slice(&text)));
    message_fact(gathering, DIFF_DEVICE, slice_of(kept->identity), header);
    buf_free(&text);
    return true;
}

static bool folder_gather(void *context, const struct device_folder *folder)
{
    struct gathering *gathering = context;
    buf_clear(&gathering->what);
    buf_format(&gathering->what, "%s %s", gathering->device->name, folder->name);
    store_device_messages(gathering->world->store, folder->id, kept_gather, gathering);
    return true;
}

static void devices_gather(struct gathering *gathering)
{
    struct world *world = gathering->world;
    for (const struct device *device = world->devices; device; device = device->next) {
        buf_clear(&gathering->value);
        buf_format(&gathering->value, "%s, %s%s", device->program,
                   net_is_online(world->net, device->host) ? "online" : "offline",
                   device == world->here ? ", you are there" : "");
        fact_add(gathering->side, DIFF_DEVICE, slice_of(device->name),
                 buf_slice(&gathering->value));
        gathering->device = device;
        store_device_folders(world->store, slice_of(device->name), folder_gather, gathering);
    }
}

/* --- the sessions --------------------------------------------------------------------------- */

static void session_words(struct buf *out, struct world *world, const struct session *session)
{
    struct user user;
    struct mailbox mailbox;
    uint64_t left;
    bool imap = protocol_is(session->protocol, &imap_protocol);
    const struct imap_view *view = imap && session->own ? &((struct imap *)session->own)->view
                                                        : NULL;
    buf_format(out, "%s", session->protocol->states[session->state].name);
    if (session_expects(session, &left) == EXPECTS_LITERAL)
        buf_format(out, ", a literal of which %llu octets are to come", (unsigned long long)left);
    if (session->facts & FACT_TLS)
        buf_add_text(out, ", TLS");
    if (session->user && store_user_by_id(world->store, session->user, &user))
        buf_format(out, ", logged in as %s", user.address);
    if (view && view->mailbox && store_mailbox_by_id(world->store, view->mailbox, &mailbox))
        buf_format(out, ", %s is selected", mailbox.name);
}

static void sessions_gather(struct gathering *gathering)
{
    struct world *world = gathering->world;
    struct conns conns = { 0 };
    conns_read(&conns, world->trace);
    for (uint32_t number = 1; number < conns.count; number++) {
        const struct conn *conn = conns_find(&conns, number);
        const struct session *session = conn ? host_session(world, number) : NULL;
        if (!session)
            continue;
        buf_clear(&gathering->what);
        buf_clear(&gathering->value);
        buf_format(&gathering->what, "%s, %s", machine_name(world, conn->client),
                   conn->typed ? "typed" : "its own program");
        buf_format(&gathering->value, "%s to %s: ", session->protocol->name,
                   machine_name(world, conn->server));
        session_words(&gathering->value, world, session);
        fact_add(gathering->side, DIFF_SESSION, buf_slice(&gathering->what),
                 buf_slice(&gathering->value));
    }
    conns_free(&conns);
}

/* --- all of it ------------------------------------------------------------------------------ */

void diff_gather(struct diff_side *side, struct world *world)
{
    struct gathering *gathering = arena_take(&side->arena, sizeof *gathering);
    gathering->side = side;
    gathering->world = world;
    gathering->what = gathering->value = BUF_MAX(VALUE_MAX);
    side->last_board = &side->boards;
    side->ms = (int64_t)world_now_ms(world);
    date_write_5322(&gathering->value, side->ms, 0);
    fact_add(side, DIFF_TIME, SLICE("time"), buf_slice(&gathering->value));
    store_users(world->store, user_gather, gathering);
    hosts_gather(gathering);
    devices_gather(gathering);
    sessions_gather(gathering);
    facts_sort(side);
    buf_free(&gathering->what);
    buf_free(&gathering->value);
}

void diff_side_free(struct diff_side *side)
{
    arena_free(&side->arena);
    *side = (struct diff_side){ 0 };
}
