/* imap_fetch.c: FETCH (RFC 3501 6.4.5, 7.4.2). A response is said item by item, a letter
   piece by piece: nothing is ever held whole. What a BODY[…] is: imap_section.c. */
#include "servers/imap/imap_section.h"
#include "servers/imap/imap_write.h"
#include "servers/mail/date.h"

enum item_kind {
    ITEM_FLAGS,
    ITEM_INTERNALDATE,
    ITEM_SIZE,
    ITEM_ENVELOPE,
    ITEM_BODYSTRUCTURE,
    ITEM_BODY,
    ITEM_UID,
    ITEM_SECTION
};

struct item {
    enum item_kind kind;
    const char *name;                 /* as answered; NULL: by the section */
    const struct imap_section *section;
};

/* In scratch. */
struct fetch {
    struct item items[FETCH_ITEMS_MAX + 2];   /* and UID and FLAGS, unasked */
    size_t item_count;
    bool sees;                        /* an item sets \Seen */
    struct imap_set messages;
    struct imap_walk walk;
    bool gone;                        /* a message could not be read */

    uint32_t sequence;                /* being told; 0: take the next one */
    bool open;                        /* its "(" was said */
    bool told_others;                 /* in this step: others' changes of flags */
    size_t next_item;
    bool tells_flags;                 /* \Seen was set just now: say FLAGS, asked or not */
    struct placement row;
    struct letter letter;
    bool has_letter;
    struct imap_source source;
    bool copying;                     /* the octets of `source` are being said */
    bool failed;                      /* the store cannot be read any more */
};

/* --- reading the command ------------------------------------------------------------------ */

/* Longer names first where one begins another. */
static const struct {
    const char *name;
    enum item_kind kind;
    enum imap_section_kind section;
    bool sees;
} plain_items[] = {
    { "FLAGS", ITEM_FLAGS, SECTION_ALL, false },
    { "UID", ITEM_UID, SECTION_ALL, false },
    { "INTERNALDATE", ITEM_INTERNALDATE, SECTION_ALL, false },
    { "ENVELOPE", ITEM_ENVELOPE, SECTION_ALL, false },
    { "BODYSTRUCTURE", ITEM_BODYSTRUCTURE, SECTION_ALL, false },
    { "RFC822.SIZE", ITEM_SIZE, SECTION_ALL, false },
    { "RFC822.HEADER", ITEM_SECTION, SECTION_HEADER, false },
    { "RFC822.TEXT", ITEM_SECTION, SECTION_TEXT, true },
    { "RFC822", ITEM_SECTION, SECTION_ALL, true },
};

static const struct {
    const char *name;
    enum item_kind kinds[6];
    size_t count;
} macros[] = {
    { "ALL", { ITEM_FLAGS, ITEM_INTERNALDATE, ITEM_SIZE, ITEM_ENVELOPE }, 4 },
    { "FAST", { ITEM_FLAGS, ITEM_INTERNALDATE, ITEM_SIZE }, 3 },
    { "FULL", { ITEM_FLAGS, ITEM_INTERNALDATE, ITEM_SIZE, ITEM_ENVELOPE, ITEM_BODY }, 5 },
};

static const char *item_name(enum item_kind kind)
{
    for (size_t i = 0; i < COUNT(plain_items); i++)
        if (plain_items[i].kind == kind)
            return plain_items[i].name;
    return "BODY";
}

static bool fetch_has(const struct fetch *fetch, enum item_kind kind)
{
    for (size_t i = 0; i < fetch->item_count; i++)
        if (fetch->items[i].kind == kind)
            return true;
    return false;
}

/* Asked twice is answered once. */
static bool item_add(struct imap_cursor *cursor, struct fetch *fetch, struct item item)
{
    if (item.kind != ITEM_SECTION && fetch_has(fetch, item.kind))
        return true;
    if (fetch->item_count >= FETCH_ITEMS_MAX)
        return imap_wrong(cursor, "too many items");
    fetch->items[fetch->item_count++] = item;
    return true;
}

/* BODY, BODY[…] or BODY.PEEK[…]; whatever else begins so is no item. */
static bool parse_body(struct imap_cursor *cursor, struct fetch *fetch)
{
    bool peek = take_prefix_nocase(&cursor->rest, "BODY.PEEK");
    if (!peek)
        take_prefix_nocase(&cursor->rest, "BODY");
    if (!imap_next_is(cursor, '[')) {
        if (peek || (cursor->rest.len && imap_is_atom_char((unsigned char)cursor->rest.at[0])))
            return imap_wrong(cursor, "there is no such item");
        return item_add(cursor, fetch, (struct item){ ITEM_BODY, "BODY", NULL });
    }
    struct imap_section *section = arena_take(cursor->arena, sizeof *section);
    fetch->sees |= !peek;
    return imap_parse_section(cursor, section) &&
           item_add(cursor, fetch, (struct item){ ITEM_SECTION, NULL, section });
}

static bool parse_item(struct imap_cursor *cursor, struct fetch *fetch)
{
    for (size_t i = 0; i < COUNT(plain_items); i++) {
        if (!imap_take_word(cursor, plain_items[i].name))
            continue;
        struct imap_section *section = NULL;
        if (plain_items[i].kind == ITEM_SECTION) {
            section = arena_take(cursor->arena, sizeof *section);
            section->kind = plain_items[i].section;
        }
        fetch->sees |= plain_items[i].sees;
        return item_add(cursor, fetch,
                        (struct item){ plain_items[i].kind, plain_items[i].name, section });
    }
    if (slice_starts_nocase(cursor->rest, "BODY"))
        return parse_body(cursor, fetch);
    return imap_wrong(cursor, "the items are FLAGS UID INTERNALDATE RFC822.SIZE ENVELOPE BODY "
                              "BODYSTRUCTURE BODY[section] BODY.PEEK[section] RFC822 RFC822.HEADER "
                              "RFC822.TEXT, or ALL, FAST, FULL alone");
}

static bool parse_items(struct imap_cursor *cursor, struct fetch *fetch)
{
    for (size_t i = 0; i < COUNT(macros); i++) {
        if (!imap_take_word(cursor, macros[i].name))
            continue;
        for (size_t k = 0; k < macros[i].count; k++) {
            enum item_kind kind = macros[i].kinds[k];
            item_add(cursor, fetch, (struct item){ kind, item_name(kind), NULL });
        }
        return true;
    }
    if (!take_char(&cursor->rest, '('))
        return parse_item(cursor, fetch);
    do {
        if (!parse_item(cursor, fetch))
            return false;
    } while (take_char(&cursor->rest, ' '));
    return imap_parse_char(cursor, ')');
}

/* --- one item ----------------------------------------------------------------------------- */

static const struct letter *fetch_letter(struct session *session, struct fetch *fetch)
{
    struct imap *imap = imap_of(session);
    if (!fetch->has_letter) {
        /* If the store fails, the response is still one that can be read. */
        fetch->letter = (struct letter){
            .envelope = SLICE("(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"),
            .structure = SLICE("(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 0 0)"),
            .body = SLICE("(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 0 0)"),
            .parts = SLICE_EMPTY,
        };
        store_letter(session->services->store, fetch->row.message, &imap->letter, &fetch->letter);
        fetch->has_letter = true;
    }
    return &fetch->letter;
}

static void say_section(struct session *session, struct fetch *fetch, const struct item *item,
                        struct buf *text)
{
    bool whole = item->section->kind == SECTION_ALL && item->section->depth == 0;
    const struct letter *letter = whole ? NULL : fetch_letter(session, fetch);
    fetch->source = imap_section_find(session, &fetch->row, letter, item->section);
    if (fetch->source.nil) {
        buf_add_text(text, "NIL");
    } else if (fetch->source.left == 0) {
        buf_add_text(text, "\"\"");
    } else {
        buf_format(text, "{%llu}\r\n", (unsigned long long)fetch->source.left);
        fetch->copying = true;
    }
}

static void say_value(struct session *session, struct fetch *fetch, const struct item *item,
                      struct buf *text)
{
    const struct imap_view *view = &imap_of(session)->view;
    const struct placement *row = &fetch->row;
    switch (item->kind) {
    case ITEM_FLAGS:
        imap_write_flags(text, view, row->flags, imap_view_recent(view, row->uid));
        break;
    case ITEM_INTERNALDATE:
        buf_add_char(text, '"');
        date_write_imap(text, row->date_ms, row->zone_minutes);
        buf_add_char(text, '"');
        break;
    case ITEM_SIZE: buf_add_number(text, row->size); break;
    case ITEM_UID: buf_add_number(text, row->uid); break;
    case ITEM_ENVELOPE: buf_add(text, fetch_letter(session, fetch)->envelope); break;
    case ITEM_BODYSTRUCTURE: buf_add(text, fetch_letter(session, fetch)->structure); break;
    case ITEM_BODY: buf_add(text, fetch_letter(session, fetch)->body); break;
    case ITEM_SECTION: say_section(session, fetch, item, text); break;
    }
}

static void say_item(struct session *session, struct fetch *fetch, const struct item *item,
                     bool first)
{
    struct buf *text = imap_begin(session, first ? "" : " ");
    if (item->name)
        buf_add_text(text, item->name);
    else
        imap_write_section(text, item->section);
    buf_add_char(text, ' ');
    say_value(session, fetch, item, text);
    imap_flush(session);
}

/* --- one message -------------------------------------------------------------------------- */

/* Reading a letter marks it as seen, before it is told, so that FLAGS tell it. False: the
   output is high. */
static bool message_see(struct session *session, struct fetch *fetch)
{
    struct imap_view *view = &imap_of(session)->view;
    if (!fetch->sees || !view->writable || fetch->row.expunged || (fetch->row.flags & FLAG_SEEN))
        return true;
    if (!fetch->told_others && !imap_view_tell(session, TELL_FLAGS))
        return false;
    fetch->told_others = true;
    if (!store_flags(session->services->store, view->mailbox, fetch->row.uid, FLAGS_ADD, FLAG_SEEN,
                     &fetch->row))
        return true;
    imap_view_own_change(session, fetch->row.uid, fetch->row.modseq);
    imap_tell_changed(session, view->mailbox);
    fetch->tells_flags = !fetch_has(fetch, ITEM_FLAGS);
    return true;
}

static void message_close(struct session *session, struct fetch *fetch)
{
    fetch->open = false;
    fetch->sequence = 0;
    fetch->has_letter = false;
    arena_reset(&imap_of(session)->letter);
    session_write(session, SLICE(")\r\n"));
}

/* False: the output is high. */
static bool message_open(struct session *session, struct fetch *fetch)
{
    const struct imap_view *view = &imap_of(session)->view;
    uint32_t uid = imap_view_uid(view, fetch->sequence);
    if (!store_placement(session->services->store, view->mailbox, uid, &fetch->row)) {
        fetch->gone = true;
        fetch->sequence = 0;
        return true;
    }
    fetch->tells_flags = false;
    if (!message_see(session, fetch) || store_failed(session->services->store))
        return false;
    imap_view_announce(session, fetch->row.flags);
    imap_begin(session, "* ");
    buf_format(&imap_of(session)->text, "%u FETCH (", fetch->sequence);
    imap_flush(session);
    fetch->open = true;
    fetch->next_item = 0;
    return true;
}

static void message_go_on(struct session *session, struct fetch *fetch)
{
    static const struct item flags = { ITEM_FLAGS, "FLAGS", NULL };
    if (fetch->copying) {
        fetch->copying = imap_source_say(session, &fetch->source) && fetch->source.left > 0;
    } else if (fetch->next_item < fetch->item_count) {
        say_item(session, fetch, &fetch->items[fetch->next_item], fetch->next_item == 0);
        fetch->next_item++;
    } else {
        if (fetch->tells_flags)
            say_item(session, fetch, &flags, false);
        message_close(session, fetch);
    }
}

/* --- all of them -------------------------------------------------------------------------- */

static enum outcome fetch_end(struct session *session, const struct fetch *fetch)
{
    bool uid = imap_of(session)->uid;
    bool gone = fetch->gone && !uid;
    imap_forget_command(session);
    return imap_finish(session, gone ? OUT_NO_SUCH : OUT_OK,
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
    if (fetch->open)
        message_close(session, fetch);
    return OUT_FAILED;
}

static enum outcome fetch_stream(struct session *session)
{
    struct fetch *fetch = imap_of(session)->command;
    fetch->told_others = false;
    while (!session_output_is_high(session)) {
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

enum outcome imap_on_fetch(struct session *session, slice args)
{
    struct imap *imap = imap_of(session);
    struct imap_cursor cursor = imap_args(session, args);
    struct fetch *fetch = arena_take(&session->scratch, sizeof *fetch);
    if (!imap_parse_messages(session, &cursor, &fetch->messages) || !imap_parse_space(&cursor))
        return imap_syntax(session, &cursor);
    if (imap->uid)
        fetch->items[fetch->item_count++] = (struct item){ ITEM_UID, "UID", NULL };
    if (!parse_items(&cursor, fetch) || !imap_parse_end(&cursor))
        return imap_syntax(session, &cursor);
    fetch->walk.set = &fetch->messages;
    imap->command = fetch;
    session_stream(session, fetch_stream);
    return OUT_MORE;
}
