/* imap_id.c: ID: which programs speak here. What a client says of itself is read and not
   kept: nothing depends on it. RFC 2971. */
#include "servers/imap/imap_write.h"

#define PAIRS_MAX 30           /* RFC 2971 3.3 */
#define FIELD_BYTES_MAX 30
#define VALUE_BYTES_MAX 1024

/* A field that was named before is an error (3.3). */
static bool parse_field(struct imap_cursor *cursor, slice *fields, size_t *count)
{
    slice field;
    if (*count == PAIRS_MAX)
        return imap_wrong(cursor, "there are at most 30 fields");
    if (!imap_parse_string(cursor, &field))
        return false;
    if (field.len > FIELD_BYTES_MAX)
        return imap_wrong(cursor, "a field's name has at most 30 octets");
    for (size_t i = 0; i < *count; i++)
        if (slice_equal_nocase(fields[i], field))
            return imap_wrong(cursor, "this field was said before");
    fields[(*count)++] = field;
    return true;
}

static bool parse_value(struct imap_cursor *cursor)
{
    slice value;
    if (imap_take_word(cursor, "NIL"))
        return true;
    if (!imap_parse_string(cursor, &value))
        return false;
    return value.len <= VALUE_BYTES_MAX ||
           imap_wrong(cursor, "a field's value has at most 1024 octets");
}

static bool parse_fields(struct imap_cursor *cursor)
{
    slice fields[PAIRS_MAX];
    size_t count = 0;
    if (imap_take_word(cursor, "NIL"))
        return true;
    if (!imap_parse_char(cursor, '('))
        return false;
    if (take_char(&cursor->rest, ')'))
        return true;
    do {
        if (!parse_field(cursor, fields, &count) || !imap_parse_space(cursor) ||
            !parse_value(cursor))
            return false;
    } while (take_char(&cursor->rest, ' '));
    return imap_parse_char(cursor, ')');
}

enum outcome imap_on_id(struct session *session, slice args)
{
    struct imap_cursor cursor = imap_args(session, args);
    if (!parse_fields(&cursor) || !imap_parse_end(&cursor))
        return imap_syntax(session, &cursor);
    imap_say(session, "* ID (\"name\" \"Pennypost\" \"version\" \"" PENNYPOST_VERSION "\")");
    return imap_finish(session, OUT_OK, TELL_ALL);
}
