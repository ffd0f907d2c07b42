/* identity.c: see identity.h. */
#include "servers/mail/identity.h"

#include "base/limits.h"
#include "servers/mail/header.h"

static uint64_t hash_of(slice text)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.at[i]) * 0x100000001b3u;
    return hash;
}

static bool identity_fits(slice id)
{
    for (size_t i = 0; i < id.len; i++)
        if ((unsigned char)id.at[i] <= ' ' || (unsigned char)id.at[i] > '~')
            return false;
    return id.len > 0 && id.len <= MESSAGE_IDENTITY_MAX;
}

/* Without what servers put on top, but for the first of them. */
static slice from_first_hop(slice block)
{
    struct header_cursor cursor = { block };
    struct header_field field;
    slice rest = cursor.rest;
    while (header_next(&cursor, &field)) {
        if (slice_is_nocase(field.name, "Received"))
            rest = slice_from(block, (size_t)(field.raw.at - block.at));
        else if (!slice_is_nocase(field.name, "Return-Path"))
            break;
        else
            rest = cursor.rest;
    }
    return rest;
}

slice message_identity(struct arena *arena, slice whole_block)
{
    slice block = slice_upto(whole_block, HEADER_BYTES_MAX);
    struct header_field field;
    struct buf id = BUF_MAX(HEADER_FIELD_MAX);
    if (header_find(block, "Message-ID", &field))
        header_unfold(&id, field.value);
    slice identity = SLICE_EMPTY;
    if (identity_fits(buf_slice(&id)))
        identity = arena_copy(arena, buf_slice(&id));
    else if (id.len)
        identity = arena_format(arena, "#%016llx", (unsigned long long)hash_of(buf_slice(&id)));
    buf_free(&id);
    if (identity.len)
        return identity;
    return arena_format(arena, "#%016llx", (unsigned long long)hash_of(from_first_hop(block)));
}
