/* check_reply.c: finding the last reply among the lines of a connection, as a client that
   knows the protocol would: data that happens to look like a status line is none. */
#include "sim/language/check_reply.h"

#include "base/words.h"
#include "servers/services_table.h"
#include "sim/devices/device.h"

/* How far the lines of one connection have been read. */
struct reply_reader {
    const struct protocol *protocol;
    slice last;
    bool in_data;             /* POP3: a multi-line answer goes on */
    uint64_t literal_left;    /* IMAP: octets, CRLFs included */
    uint64_t next_command;    /* POP3: number of the record of the next command's line */
    bool greeted;
};

/* --- POP3: a status line each, some with data after it --------------------------------------- */

static bool has_data(slice command)
{
    slice verb = word_take(&command);
    bool bare = word_peek(command).len == 0;
    if (slice_is_nocase(verb, "LIST") || slice_is_nocase(verb, "UIDL") ||
        slice_is_nocase(verb, "AUTH"))
        return bare;
    return slice_is_nocase(verb, "RETR") || slice_is_nocase(verb, "TOP") ||
           slice_is_nocase(verb, "CAPA");
}

/* The line of the client that this status answers: one each, in order. */
static slice command_next_line(const struct world *world, uint32_t conn, uint64_t *number)
{
    for (; *number < trace_end(world->trace); ++*number) {
        const struct trace_record *record = trace_at(world->trace, *number);
        if (record->kind == TRACE_LINE && record->conn == conn && record->side == SIDE_CLIENT) {
            ++*number;
            return record->text;
        }
    }
    return SLICE_EMPTY;
}

static void read_pop3(const struct world *world, struct reply_reader *reader,
                      const struct trace_record *record)
{
    if (reader->in_data) {
        reader->in_data = !slice_is(record->text, ".");
        return;
    }
    slice command = SLICE_EMPTY;
    if (reader->greeted)
        command = command_next_line(world, record->conn, &reader->next_command);
    reader->greeted = true;
    reader->last = record->text;
    reader->in_data = slice_starts(record->text, "+OK") && has_data(command);
}

/* --- IMAP: tagged lines; literals are skipped by their length -------------------------------- */

static uint64_t literal_at_end(slice line)
{
    uint64_t octets = 0;
    size_t start = line.len;
    if (line.len < 3 || line.at[line.len - 1] != '}')
        return 0;
    while (start > 0 && line.at[start - 1] != '{')
        start--;
    slice number = slice_upto(slice_from(line, start), line.len - 1 - start);
    return start > 0 && word_number(number, UINT64_MAX / 2, &octets) ? octets : 0;
}

/* "* OK", "* BYE" and their kin carry text for people, which may end in anything. */
static bool is_status(slice text)
{
    slice word = word_take(&text);
    static const char *const names[] = { "OK", "NO", "BAD", "BYE", "PREAUTH" };
    for (size_t i = 0; i < COUNT(names); i++)
        if (slice_is_nocase(word, names[i]))
            return true;
    return false;
}

static void read_imap_line(struct reply_reader *reader, slice line)
{
    slice rest = line;
    slice tag = word_take(&rest);
    rest = slice_trim(rest);
    bool status = is_status(rest);
    if (slice_is(tag, "*")) {
        if (!reader->greeted)
            reader->last = rest;
        if (!status)
            reader->literal_left = literal_at_end(line);
    } else if (slice_is(tag, "+")) {
        reader->last = line;
    } else if (status) {
        reader->last = rest;
    }
    reader->greeted = true;
}

static void read_imap(struct reply_reader *reader, const struct trace_record *record)
{
    uint64_t bytes = trace_line_length(record);
    if (reader->literal_left == 0) {
        read_imap_line(reader, record->text);
        return;
    }
    if (reader->literal_left >= bytes + 2) {
        reader->literal_left -= bytes + 2;
        return;
    }
    /* It ends inside this line, or in the middle of its CRLF; the response goes on. */
    slice after = slice_from(record->text, (size_t)reader->literal_left);
    reader->literal_left = bytes == record->text.len ? literal_at_end(after) : 0;
}

/* --- any ------------------------------------------------------------------------------------- */

static const struct trace_record *typed_open(const struct world *world, const struct device *device)
{
    for (uint64_t number = trace_end(world->trace); number > trace_first(world->trace); number--) {
        const struct trace_record *record = trace_at(world->trace, number - 1);
        if (record->kind == TRACE_OPEN && record->typed && record->host == device->host)
            return record;
    }
    return NULL;
}

slice reply_last(const struct world *world, const struct device *device)
{
    const struct trace_record *open = typed_open(world, device);
    struct reply_reader reader = { .last = SLICE_EMPTY };
    if (!open)
        return SLICE_EMPTY;
    reader.protocol = protocol_for_name(open->text);
    reader.next_command = open->number;
    for (uint64_t number = open->number; number < trace_end(world->trace); number++) {
        const struct trace_record *record = trace_at(world->trace, number);
        if (record->kind != TRACE_LINE || record->conn != open->conn || record->side != SIDE_SERVER)
            continue;
        if (reader.protocol && reader.protocol->form == FORM_SIGN)
            read_pop3(world, &reader, record);
        else if (reader.protocol && reader.protocol->form == FORM_TAG)
            read_imap(&reader, record);
        else
            reader.last = record->text;
    }
    return reader.last;
}
