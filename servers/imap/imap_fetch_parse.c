/* imap_fetch_parse.c: see imap_fetch.h. Messages, items and modifiers of FETCH: RFC 3501 6.4.5,
   RFC 3516 4.2, RFC 7162 3.1.4 and 3.2.6. */
#include "servers/imap/imap_fetch.h"

/* Longer names first where one begins another. */
static const struct {
    const char *name;
    enum imap_item_kind kind;
    enum imap_section_kind section;
    bool sees;
} plain_items[] = {
    { "FLAGS", ITEM_FLAGS, SECTION_ALL, false },
    { "UID", ITEM_UID, SECTION_ALL, false },
    { "MODSEQ", ITEM_MODSEQ, SECTION_ALL, false },
    { "INTERNALDATE", ITEM_INTERNALDATE, SECTION_ALL, false },
    { "ENVELOPE", ITEM_ENVELOPE, SECTION_ALL, false },
    { "BODYSTRUCTURE", ITEM_BODYSTRUCTURE, SECTION_ALL, false },
    { "RFC822.SIZE", ITEM_SIZE, SECTION_ALL, false },
    { "RFC822.HEADER", ITEM_RFC822, SECTION_HEADER, false },
    { "RFC822.TEXT", ITEM_RFC822, SECTION_TEXT, true },
    { "RFC822", ITEM_RFC822, SECTION_ALL, true },
};

static const struct {
    const char *name;
    enum imap_item_kind kinds[6];
    size_t count;
} macros[] = {
    { "ALL", { ITEM_FLAGS, ITEM_INTERNALDATE, ITEM_SIZE, ITEM_ENVELOPE }, 4 },
    { "FAST", { ITEM_FLAGS, ITEM_INTERNALDATE, ITEM_SIZE }, 3 },
    { "FULL", { ITEM_FLAGS, ITEM_INTERNALDATE, ITEM_SIZE, ITEM_ENVELOPE, ITEM_BODY }, 5 },
};

static const char *item_name(enum imap_item_kind kind)
{
    for (size_t i = 0; i < COUNT(plain_items); i++)
        if (plain_items[i].kind == kind)
            return plain_items[i].name;
    return "BODY";
}

bool imap_request_has(const struct imap_request *request, enum imap_item_kind kind)
{
    for (size_t i = 0; i < request->item_count; i++)
        if (request->items[i].kind == kind)
            return true;
    return false;
}

/* Asked twice is answered once. */
static bool item_add(struct imap_cursor *cursor, struct imap_request *request,
                     struct imap_item item)
{
    if (!item.section && imap_request_has(request, item.kind))
        return true;
    if (request->item_count >= FETCH_ITEMS_MAX)
        return imap_wrong(cursor, "too many items");
    request->items[request->item_count++] = item;
    return true;
}

/* BODY, BODY[…] or BODY.PEEK[…]; whatever else begins so is no item. */
static bool parse_body(struct imap_cursor *cursor, struct imap_request *request)
{
    bool peek = take_prefix_nocase(&cursor->rest, "BODY.PEEK");
    if (!peek)
        take_prefix_nocase(&cursor->rest, "BODY");
    if (!imap_next_is(cursor, '[')) {
        if (peek || (cursor->rest.len && imap_is_atom_char((unsigned char)cursor->rest.at[0])))
            return imap_wrong(cursor, "there is no such item");
        return item_add(cursor, request, (struct imap_item){ ITEM_BODY, "BODY", NULL });
    }
    struct imap_section *section = arena_take(cursor->arena, sizeof *section);
    request->sees |= !peek;
    return imap_parse_section(cursor, section) &&
           item_add(cursor, request, (struct imap_item){ ITEM_SECTION, "BODY", section });
}

/* BINARY[…], BINARY.PEEK[…] and BINARY.SIZE[…]: of a part by its number, or of all. */
static bool parse_binary(struct imap_cursor *cursor, struct imap_request *request)
{
    bool size = take_prefix_nocase(&cursor->rest, "BINARY.SIZE");
    bool peek = size || take_prefix_nocase(&cursor->rest, "BINARY.PEEK");
    if (!peek)
        take_prefix_nocase(&cursor->rest, "BINARY");
    if (!imap_next_is(cursor, '['))
        return imap_wrong(cursor, "there is no such item");
    struct imap_section *section = arena_take(cursor->arena, sizeof *section);
    request->sees |= !peek;
    request->decodes = true;
    if (!imap_parse_section(cursor, section))
        return false;
    if (section->kind != SECTION_ALL || (size && section->partial))
        return imap_wrong(cursor, "BINARY takes a part's number, BINARY.SIZE no <partial> either");
    return item_add(cursor, request,
                    size ? (struct imap_item){ ITEM_BINARY_SIZE, "BINARY.SIZE", section }
                         : (struct imap_item){ ITEM_BINARY, "BINARY", section });
}

static bool parse_item(struct imap_cursor *cursor, struct imap_request *request)
{
    for (size_t i = 0; i < COUNT(plain_items); i++) {
        if (!imap_take_word(cursor, plain_items[i].name))
            continue;
        struct imap_section *section = NULL;
        if (plain_items[i].kind == ITEM_RFC822) {
            section = arena_take(cursor->arena, sizeof *section);
            section->kind = plain_items[i].section;
        }
        request->sees |= plain_items[i].sees;
        return item_add(cursor, request,
                        (struct imap_item){ plain_items[i].kind, plain_items[i].name, section });
    }
    if (slice_starts_nocase(cursor->rest, "BODY"))
        return parse_body(cursor, request);
    if (slice_starts_nocase(cursor->rest, "BINARY"))
        return parse_binary(cursor, request);
    return imap_wrong(cursor,
                      "the items are FLAGS UID INTERNALDATE RFC822.SIZE ENVELOPE BODY "
                      "BODYSTRUCTURE BODY[section] BODY.PEEK[section] BINARY[part] "
                      "BINARY.PEEK[part] BINARY.SIZE[part] RFC822 RFC822.HEADER RFC822.TEXT "
                      "MODSEQ, or ALL, FAST, FULL alone");
}

static bool parse_items(struct imap_cursor *cursor, struct imap_request *request)
{
    for (size_t i = 0; i < COUNT(macros); i++) {
        if (!imap_take_word(cursor, macros[i].name))
            continue;
        for (size_t k = 0; k < macros[i].count; k++) {
            enum imap_item_kind kind = macros[i].kinds[k];
            item_add(cursor, request, (struct imap_item){ kind, item_name(kind), NULL });
        }
        return true;
    }
    if (!take_char(&cursor->rest, '('))
        return parse_item(cursor, request);
    do {
        if (!parse_item(cursor, request))
            return false;
    } while (take_char(&cursor->rest, ' '));
    return imap_parse_char(cursor, ')');
}

static bool parse_modifier(struct imap_cursor *cursor, struct imap_request *request)
{
    if (imap_take_word(cursor, "VANISHED")) {
        request->tells_vanished = true;
        return true;
    }
    if (!imap_take_word(cursor, "CHANGEDSINCE"))
        return imap_wrong(cursor, "the modifiers are CHANGEDSINCE and a number, and VANISHED");
    request->changes_only = true;
    return imap_parse_space(cursor) && imap_parse_modseq(cursor, &request->changed_since);
}

/* The set is read once. VANISHED asks for it as it was written, FETCH for what of it is here;
   "$" holds nothing that has gone (RFC 5182 2.1), so that nothing of it can have vanished. */
static bool parse_asked(struct session *session, struct imap_cursor *cursor,
                        struct imap_request *request)
{
    const struct imap *imap = imap_of(session);
    bool saved = imap_next_is(cursor, '$');
    if (!imap->uid)
        return imap_parse_messages(session, cursor, &request->messages);
    if (!imap_parse_uid_set(session, cursor, &request->asked))
        return false;
    request->messages = imap_uids_resolve(cursor->arena, &imap->view, &request->asked);
    imap_uids_to_sequences(&imap->view, &request->messages);
    if (saved)
        request->asked.count = 0;
    return true;
}

/* SP "(CHANGEDSINCE n VANISHED)", or nothing. */
static bool parse_modifiers(struct session *session, struct imap_cursor *cursor,
                            struct imap_request *request)
{
    const struct imap *imap = imap_of(session);
    if (!take_char(&cursor->rest, ' '))
        return imap_parse_end(cursor);
    if (!take_char(&cursor->rest, '('))
        return imap_wrong(cursor, "modifiers stand in parentheses");
    do {
        if (!parse_modifier(cursor, request))
            return false;
    } while (take_char(&cursor->rest, ' '));
    if (request->tells_vanished && !(imap->uid && imap->qresync && request->changes_only))
        return imap_wrong(cursor, "VANISHED belongs to UID FETCH with CHANGEDSINCE, after "
                                  "ENABLE QRESYNC");
    return imap_parse_char(cursor, ')') && imap_parse_end(cursor);
}

bool imap_parse_fetch(struct session *session, struct imap_cursor *cursor,
                      struct imap_request *request)
{
    if (!parse_asked(session, cursor, request) || !imap_parse_space(cursor))
        return false;
    if (imap_of(session)->uid)
        request->items[request->item_count++] = (struct imap_item){ ITEM_UID, "UID", NULL };
    if (!parse_items(cursor, request) || !parse_modifiers(session, cursor, request))
        return false;
    if (request->changes_only && !imap_request_has(request, ITEM_MODSEQ))
        request->items[request->item_count++] =
            (struct imap_item){ ITEM_MODSEQ, "MODSEQ", NULL };
    return true;
}
