/* imap_fetch.c: FETCH (RFC 3501 6.4.5, 7.4.2; RFC 7162 3.1.4, 3.2.6). A response is said item
   by item, a message piece by piece: nothing is ever held whole. What a BODY[…] is:
   imap_section.c; a BINARY[…]: imap_binary.c. */
#include "servers/imap/imap_binary.h"
#include "servers/imap/imap_fetch.h"
#include "servers/imap/imap_qresync.h"
#include "servers/imap/imap_write.h"
#include "servers/mail/date.h"

#define MESSAGE_NS 1000 /* what a message costs, about, */
#define SEE_NS 8000     /* … whose \Seen is set */
#define PAGE_MAX 128 /* rows read at a time; a page is forgotten when output has to drain */

/* In scratch. */
struct fetch {
    struct imap_request request;
    struct imap_walk walk;
    bool gone;                        /* a message could not be read */
    bool unknown;                     /* … not be decoded */
    struct imap_vanish vanish;

    struct placement page[PAGE_MAX];  /* rows from the next uid on */
    size_t page_count, page_at, page_size;

    uint32_t sequence;                /* being told; 0: take the next one */
    bool open;                        /* its "(" was said */
    bool told_others;                 /* in this step: others' changes of flags */
    size_t next_item;
    size_t next_unasked;
    bool tells_flags;                 /* \Seen was set just now: say FLAGS, asked or not */
    struct placement row;
    struct message message;
    bool has_message;
    struct imap_binary binary;        /* what BINARY brings; */
    bool measuring;                   /* … its length is not known yet */
    struct imap_source source;
    bool copying;                     /* the octets of `source` are being said */
    bool failed;                      /* the store cannot be read any more */
};

/* --- one item ----------------------------------------------------------------------------- */

static bool summary_fits(const struct message *message)
{
    return message->envelope.len <= SUMMARY_TEXT_MAX &&
           message->structure.len <= SUMMARY_TEXT_MAX && message->body.len <= SUMMARY_TEXT_MAX;
}

static const struct message *fetch_message(struct session *session, struct fetch *fetch)
{
    struct imap *imap = imap_of(session);
    struct message found;
    if (!fetch->has_message) {
        /* If the store fails, or has what nobody here wrote, the response can still be read. */
        fetch->message = (struct message){
            .envelope = SLICE("(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"),
            .structure = SLICE("(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 0 0)"),
            .body = SLICE("(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 0 0)"),
            .parts = SLICE_EMPTY,
        };
        found = fetch->message;
        store_message(session->services->store, fetch->row.message_key, &imap->message, &found);
        if (summary_fits(&found))
            fetch->message = found;
        else
            fetch->failed = true;
        fetch->has_message = true;
    }
    return &fetch->message;
}

/* What stands before the octets of `source`; `sign` marks a literal8 (RFC 3516 7). */
static void say_source(struct fetch *fetch, const char *sign, struct buf *text)
{
    if (fetch->source.nil) {
        buf_add_text(text, "NIL");
    } else if (fetch->source.left == 0) {
        buf_add_text(text, "\"\"");
    } else {
        buf_format(text, "%s{%llu}\r\n", sign, (unsigned long long)fetch->source.left);
        fetch->copying = true;
    }
}

static void say_section(struct session *session, struct fetch *fetch, const struct imap_item *item,
                        struct buf *text)
{
    bool whole = item->section->kind == SECTION_ALL && item->section->depth == 0;
    const struct message *message = whole ? NULL : fetch_message(session, fetch);
    fetch->source = imap_section_find(session, &fetch->row, message, item->section);
    say_source(fetch, "", text);
}

static bool item_decodes(const struct imap_item *item)
{
    return item->kind == ITEM_BINARY || item->kind == ITEM_BINARY_SIZE;
}

/* How long it is, decoded, must be known before it is said. False: not yet. */
static bool item_is_ready(struct session *session, struct fetch *fetch,
                          const struct imap_item *item)
{
    if (!item_decodes(item))
        return true;
    if (!fetch->measuring)
        imap_binary_find(session, &fetch->row, fetch_message(session, fetch), item->section,
                         &fetch->binary);
    fetch->measuring = !imap_binary_measured(session, &fetch->binary);
    return !fetch->measuring;
}

static void say_value(struct session *session, struct fetch *fetch, const struct imap_item *item,
                      struct buf *text)
{
    const struct placement *row = &fetch->row;
    switch (item->kind) {
    case ITEM_FLAGS:
        imap_write_row_flags(session, text, row);
        break;
    case ITEM_INTERNALDATE:
        buf_add_char(text, '"');
        date_write_imap(text, row->date_ms, row->zone_minutes);
        buf_add_char(text, '"');
        break;
    case ITEM_SIZE: buf_add_number(text, row->size); break;
    case ITEM_UID: buf_add_number(text, row->uid); break;
    case ITEM_MODSEQ: imap_write_modseq(session, text, row->modseq); break;
    case ITEM_ENVELOPE: buf_add(text, fetch_message(session, fetch)->envelope); break;
    case ITEM_BODYSTRUCTURE: buf_add(text, fetch_message(session, fetch)->structure); break;
    case ITEM_BODY: buf_add(text, fetch_message(session, fetch)->body); break;
    case ITEM_RFC822:
    case ITEM_SECTION: say_section(session, fetch, item, text); break;
    case ITEM_BINARY:
        fetch->source = imap_binary_source(&fetch->binary);
        say_source(fetch, fetch->binary.nul ? "~" : "", text);
        break;
    case ITEM_BINARY_SIZE: buf_add_number(text, fetch->binary.total); break;
    }
}

static void say_item(struct session *session, struct fetch *fetch, const struct imap_item *item,
                     bool first)
{
    struct buf *text = imap_begin(session, first ? "" : " ");
    if (item->section && item->kind != ITEM_RFC822)
        imap_write_section(text, item->name, item->section);
    else if (item->kind != ITEM_MODSEQ) /* which writes its name itself */
        buf_add_text(text, item->name);
    if (item->kind != ITEM_MODSEQ)
        buf_add_char(text, ' ');
    say_value(session, fetch, item, text);
    imap_flush(session);
}

/* --- one message -------------------------------------------------------------------------- */

/* Reading a message marks it as seen, before it is told, so that FLAGS tell it. False: the
   output is high. */
static bool message_see(struct session *session, struct fetch *fetch)
{
    struct imap_view *view = &imap_of(session)->view;
    session_spend(session, MESSAGE_NS);
    if (!fetch->request.sees || !view->writable || fetch->row.expunged ||
        (fetch->row.flags & FLAG_SEEN))
        return true;
    if (!fetch->told_others && !imap_view_tell(session, TELL_FLAGS))
        return false;
    fetch->told_others = true;
    session_spend(session, SEE_NS);
    if (!store_flags_page(session->services->store, view->mailbox, &fetch->row, 1, FLAGS_ADD,
                          FLAG_SEEN))
        return true;
    fetch->tells_flags = true;
    imap_view_own_change(session, fetch->row.uid, fetch->row.modseq);
    imap_tell_changed(session, view->mailbox);
    return true;
}

static void message_leave(struct session *session, struct fetch *fetch)
{
    fetch->open = fetch->measuring = false;
    fetch->sequence = 0;
    fetch->has_message = false;
    arena_reset(&imap_of(session)->message);
}

static void message_close(struct session *session, struct fetch *fetch)
{
    message_leave(session, fetch);
    session_write(session, SLICE(")\r\n"));
}

/* Rows from this uid on, up to the end of the range that the walk is in. The first page after a
   pause has one row: who fetches large messages pauses after each. */
static void page_read(struct session *session, struct fetch *fetch, uint32_t uid, uint32_t last)
{
    fetch->page_size = fetch->page_size ? fetch->page_size * 4 : 1;
    if (fetch->page_size > PAGE_MAX)
        fetch->page_size = PAGE_MAX;
    fetch->page_at = 0;
    fetch->page_count = store_placements(session->services->store, imap_of(session)->view.mailbox,
                                         uid, last, fetch->request.changed_since, true, fetch->page,
                                         fetch->page_size);
}

static void page_forget(struct fetch *fetch)
{
    fetch->page_at = fetch->page_count = fetch->page_size = 0;
}

/* The first row from this uid on; NULL: there is none in the range that the walk is in. */
static const struct placement *page_row(struct session *session, struct fetch *fetch, uint32_t uid)
{
    const struct imap_view *view = &imap_of(session)->view;
    while (fetch->page_at < fetch->page_count && fetch->page[fetch->page_at].uid < uid)
        fetch->page_at++;
    if (fetch->page_at == fetch->page_count)
        page_read(session, fetch, uid,
                  imap_view_uid(view, imap_walk_last(&fetch->walk, fetch->sequence)));
    return fetch->page_at < fetch->page_count ? &fetch->page[fetch->page_at] : NULL;
}

/* Finds the row of the message that the walk has come to. With CHANGEDSINCE the walk goes on
   to the next one that has a row. False: not this message. */
static bool message_find(struct session *session, struct fetch *fetch)
{
    const struct imap_view *view = &imap_of(session)->view;
    uint32_t uid = imap_view_uid(view, fetch->sequence);
    const struct placement *row = page_row(session, fetch, uid);
    if (row && row->uid == uid) {
        fetch->row = *row;
        return true;
    }
    if (!fetch->request.changes_only) {
        fetch->gone = true;
    } else {
        uint32_t last = imap_walk_last(&fetch->walk, fetch->sequence);
        uint32_t before = row ? imap_view_below(view, row->uid) : last;
        imap_walk_skip(&fetch->walk, before < last ? before : last);
    }
    fetch->sequence = 0;
    return false;
}

/* RFC 3516 4.3: a part in an encoding that nobody knows fails the request. Nothing is said of such
   a message, and it is not seen. */
static bool message_decodes(struct session *session, struct fetch *fetch)
{
    for (size_t i = 0; i < fetch->request.item_count && fetch->request.decodes; i++)
        if (item_decodes(&fetch->request.items[i]) &&
            !imap_binary_find(session, &fetch->row, fetch_message(session, fetch),
                              fetch->request.items[i].section, &fetch->binary))
            return false;
    return true;
}

/* False: the output is high. */
static bool message_open(struct session *session, struct fetch *fetch)
{
    fetch->tells_flags = false;
    if (!message_find(session, fetch))
        return true;
    if (!message_decodes(session, fetch)) {
        fetch->unknown = true;
        message_leave(session, fetch);
        return true;
    }
    if (!message_see(session, fetch) || store_failed(session->services->store))
        return false;
    imap_view_announce(session, fetch->row.flags);
    struct buf *text = imap_begin(session, "* ");
    buf_add_number(text, fetch->sequence);
    buf_add_text(text, " FETCH (");
    imap_flush(session);
    fetch->open = true;
    fetch->next_item = fetch->next_unasked = 0;
    return true;
}

/* \Seen was set just now: its FLAGS are told, asked or not; and what RFC 7162 3.2.4 adds. */
static bool message_say_unasked(struct session *session, struct fetch *fetch)
{
    static const struct imap_item unasked[] = {
        { ITEM_FLAGS, "FLAGS", NULL }, { ITEM_UID, "UID", NULL }, { ITEM_MODSEQ, "MODSEQ", NULL },
    };
    size_t count = imap_of(session)->condstore ? COUNT(unasked) : 1;
    if (!fetch->tells_flags || fetch->next_unasked == count)
        return false;
    const struct imap_item *item = &unasked[fetch->next_unasked++];
    if (!imap_request_has(&fetch->request, item->kind))
        say_item(session, fetch, item, false);
    return true;
}

static void message_go_on(struct session *session, struct fetch *fetch)
{
    if (fetch->copying) {
        fetch->copying = imap_source_say(session, &fetch->source) && fetch->source.left > 0;
    } else if (fetch->next_item < fetch->request.item_count) {
        const struct imap_item *item = &fetch->request.items[fetch->next_item];
        if (!item_is_ready(session, fetch, item))
            return;
        say_item(session, fetch, item, fetch->next_item == 0);
        fetch->next_item++;
    } else if (!message_say_unasked(session, fetch)) {
        message_close(session, fetch);
    }
}

/* --- all of them -------------------------------------------------------------------------- */

static enum outcome fetch_end(struct session *session, const struct fetch *fetch)
{
    bool uid = imap_of(session)->uid;
    enum outcome outcome = fetch->unknown ? OUT_UNSUPPORTED
                         : fetch->gone && !uid ? OUT_NO_SUCH
                         : OUT_OK;
    imap_forget_command(session);
    return imap_finish(session, outcome,
                       TELL_FLAGS | TELL_ARRIVALS | (uid ? TELL_EXPUNGES : 0u));
}

/* A response that has begun must end in form, or nobody could read the NO behind it: what
   is missing of a literal becomes spaces. */
static enum outcome fetch_give_up(struct session *session, struct fetch *fetch)
{
    while (fetch->open && fetch->source.left && !session_output_is_high(session)) {
        session_write(session, SLICE(" "));
        fetch->source.left--;
    }
    if (fetch->open && fetch->source.left)
        return OUT_MORE;
    if (fetch->open && fetch->next_item == 0)
        say_item(session, fetch, &(struct imap_item){ ITEM_UID, "UID", NULL }, true);
    if (fetch->open)
        message_close(session, fetch);
    return OUT_FAILED;
}

static enum outcome fetch_stream(struct session *session)
{
    struct fetch *fetch = imap_of(session)->command;
    fetch->told_others = false;
    page_forget(fetch);
    if (fetch->request.tells_vanished && !imap_vanish_say(session, &fetch->vanish))
        return OUT_MORE;
    while (!session_output_is_high(session) && !session_is_spent(session)) {
        fetch->failed |= store_failed(session->services->store);
        if (fetch->failed)
            return fetch_give_up(session, fetch);
        if (fetch->open) {
            message_go_on(session, fetch);
            continue;
        }
        if (fetch->sequence == 0)
            fetch->sequence = imap_walk_next(&fetch->walk);
        if (fetch->sequence == 0)
            return fetch_end(session, fetch);
        if (!message_open(session, fetch))
            return OUT_MORE;
    }
    return OUT_MORE;
}

/* Of the uids that were asked for, not of those that are there. "*" is the largest uid in use,
   and what is gone may have been larger: here it has no end. */
static void vanish_prepare(struct session *session, struct fetch *fetch)
{
    fetch->request.asked = imap_set_resolve(&session->scratch, &fetch->request.asked, UINT32_MAX);
    fetch->vanish = (struct imap_vanish){
        .known = &fetch->request.asked, .since = fetch->request.changed_since,
        .upto = imap_of(session)->view.expunges_told,
    };
}

enum outcome imap_on_fetch(struct session *session, slice args)
{
    struct imap *imap = imap_of(session);
    struct imap_cursor cursor = imap_args(session, args);
    struct fetch *fetch = arena_take(&session->scratch, sizeof *fetch);
    if (!imap_parse_fetch(session, &cursor, &fetch->request))
        return imap_syntax(session, &cursor);
    if (imap_request_has(&fetch->request, ITEM_MODSEQ))
        imap_condstore(session);
    if (fetch->request.tells_vanished)
        vanish_prepare(session, fetch);
    fetch->walk.set = &fetch->request.messages;
    imap->command = fetch;
    session_stream(session, fetch_stream);
    return OUT_MORE;
}
