/* address_text.c: addresses for people's eyes. They are taken apart before anything is decoded
   (RFC 2047 6.2): what an encoded word holds cannot become an address. */
#include "servers/mail/address.h"

#include "base/limits.h"
#include "servers/mail/header.h"

/* As in a header: quotes around what would read as something else. */
static void name_add(struct buf *utf8, slice name)
{
    struct buf shown = BUF_MAX(4 * HEADER_FIELD_MAX);
    header_text(&shown, name);
    slice rest = buf_slice(&shown);
    bool quotes = false;
    for (size_t i = 0, at; i < rest.len && !quotes; i++)
        quotes = slice_find(SLICE("<>@,;:\"()"), rest.at[i], &at);
    buf_add_text(utf8, quotes ? "\"" : "");
    for (; rest.len; rest = slice_from(rest, 1))
        buf_add_char(utf8, rest.at[0] == '"' ? '\'' : rest.at[0]);
    buf_add_text(utf8, quotes ? "\"" : "");
    buf_free(&shown);
}

static void mailbox_add(struct buf *utf8, const struct address *address)
{
    struct buf mailbox = BUF_MAX(4 * HEADER_FIELD_MAX);
    buf_add(&mailbox, address->local);
    if (address->host.len) {
        buf_add_char(&mailbox, '@');
        buf_add(&mailbox, address->host);
    }
    header_text(utf8, buf_slice(&mailbox));
    buf_free(&mailbox);
}

static void address_add(struct buf *utf8, const struct address *address, bool first)
{
    if (address->kind == ADDRESS_GROUP_END) {
        buf_add_char(utf8, ';');
        return;
    }
    buf_add_text(utf8, first ? "" : ", ");
    if (address->kind == ADDRESS_GROUP) {
        name_add(utf8, address->name);
        buf_add_text(utf8, ":");
    } else if (address->name.len) {
        name_add(utf8, address->name);
        buf_add_text(utf8, " <");
        mailbox_add(utf8, address);
        buf_add_char(utf8, '>');
    } else {
        mailbox_add(utf8, address);
    }
}

void addresses_text(struct buf *utf8, slice value)
{
    struct arena arena = { 0 };
    struct address_reader reader = address_list(&arena, value);
    struct address address;
    bool first = true, any = false;
    while (address_next(&reader, &address)) {
        if (address.kind == ADDRESS_MAILBOX && first && any)
            buf_add_char(utf8, ' '); /* behind a group's colon */
        address_add(utf8, &address, first);
        first = address.kind == ADDRESS_GROUP;
        any = true;
    }
    if (!any)
        header_text(utf8, value);
    arena_free(&arena);
}

void sender_text(struct buf *utf8, slice value, enum sender_part part)
{
    struct arena arena = { 0 };
    struct address_reader reader = address_list(&arena, value);
    struct address address;
    bool found = false;
    while (!found && address_next(&reader, &address))
        found = address.kind == ADDRESS_MAILBOX;
    if (!found)
        header_text(utf8, value);
    else if (part == SENDER_LOCAL)
        header_text(utf8, address.local);
    else if (address.name.len)
        header_text(utf8, address.name);
    else
        mailbox_add(utf8, &address);
    arena_free(&arena);
}
