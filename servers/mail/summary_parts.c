/* summary_parts.c: the table of parts: one entry a part, each before its children, so
   that an entry's next neighbour is found by skipping its subtree.
   An entry: header_at, header_len, body_at, body_len (32 bits each, lowest octet first),
   the kind (8 bits), the entries of the subtree with this one (16 bits). */
#include "servers/mail/summary_parts.h"
#include "base/limits.h"
#include "servers/mail/summary.h"

#define ENTRY_BYTES 19

_Static_assert(MIME_PARTS_MAX < 65536, "a subtree's size has 16 bits");

static void write_bytes(char *at, uint32_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (char)(value >> (8 * i) & 255);
}

static uint32_t read_bytes(const char *at, size_t bytes)
{
    uint32_t value = 0;
    for (size_t i = bytes; i > 0; i--)
        value = value << 8 | (unsigned char)at[i - 1];
    return value;
}

static size_t part_count(const struct mime_part *message)
{
    size_t count = 0;
    for (const struct mime_part *part = message; part; part = mime_part_after(part))
        count++;
    return count;
}

/* Calls itself at most MIME_DEPTH_MAX deep. Returns the entries of the subtree. */
static size_t write_entries(const struct mime_part *part, char *at)
{
    size_t entries = 1;
    write_bytes(at, part->header_at, 4);
    write_bytes(at + 4, part->header_len, 4);
    write_bytes(at + 8, part->body_at, 4);
    write_bytes(at + 12, part->body_len, 4);
    write_bytes(at + 16, (uint32_t)part->kind, 1);
    for (const struct mime_part *child = part->child; child; child = child->next)
        entries += write_entries(child, at + entries * ENTRY_BYTES);
    write_bytes(at + 17, (uint32_t)entries, 2);
    return entries;
}

slice parts_write(struct arena *arena, const struct mime_part *message)
{
    size_t bytes = part_count(message) * ENTRY_BYTES;
    char *at = arena_take(arena, bytes);
    must(write_entries(message, at) * ENTRY_BYTES == bytes);
    return (slice){ at, bytes };
}

/* --- reading ------------------------------------------------------------------------------ */

struct entry {
    struct span header, body;
    enum mime_kind kind;
    size_t subtree;
};

static bool entry_read(slice parts, size_t index, struct entry *out)
{
    if (index >= parts.len / ENTRY_BYTES)
        return false;
    const char *at = parts.at + index * ENTRY_BYTES;
    out->header = (struct span){ read_bytes(at, 4), read_bytes(at + 4, 4) };
    out->body = (struct span){ read_bytes(at + 8, 4), read_bytes(at + 12, 4) };
    out->kind = (enum mime_kind)read_bytes(at + 16, 1);
    out->subtree = read_bytes(at + 17, 2);
    return out->subtree > 0;
}

/* The n-th child, from 1. */
static bool child_find(slice parts, size_t parent, uint32_t n, size_t *child)
{
    struct entry entry, above;
    if (n == 0 || !entry_read(parts, parent, &above))
        return false;
    size_t end = parent + above.subtree;
    *child = parent + 1;
    for (; *child < end && entry_read(parts, *child, &entry); *child += entry.subtree)
        if (--n == 0)
            return true;
    return false;
}

/* One number further. In a message that is no multipart, 1 is its text. */
static bool step(slice parts, uint32_t n, size_t *index, bool *at_message)
{
    struct entry entry;
    if (!entry_read(parts, *index, &entry))
        return false;
    if (!*at_message && entry.kind == MIME_MESSAGE) {
        ++*index; /* the message in it */
        if (!entry_read(parts, *index, &entry))
            return false;
        *at_message = true;
    }
    if (entry.kind == MIME_MULTIPART) {
        *at_message = false;
        return child_find(parts, *index, n, index);
    }
    bool good = *at_message && n == 1;
    *at_message = false;
    return good;
}

static struct span span_both(struct span first, struct span second)
{
    return (struct span){ first.at, first.len + second.len };
}

bool summary_part(slice parts, const uint32_t *path, size_t depth, struct part_span *out)
{
    size_t index = 0;
    bool at_message = true;
    for (size_t i = 0; i < depth; i++)
        if (!step(parts, path[i], &index, &at_message))
            return false;
    struct entry entry, message;
    if (!entry_read(parts, index, &entry))
        return false;
    *out = (struct part_span){ .whole = entry.body, .mime = entry.header,
                               .is_leaf = depth && entry.kind == MIME_LEAF };
    if (depth == 0) {
        message = entry;
        out->whole = span_both(entry.header, entry.body);
    } else if (entry.kind != MIME_MESSAGE || !entry_read(parts, index + 1, &message)) {
        return true;
    }
    out->is_message = true;
    out->header = message.header;
    out->text = message.body;
    return true;
}
