/* meter.c: the command `meter`: what it has cost so far, per device and protocol: octets that
   arrived, how many of them were messages, round trips, connections, time on the line; and what
   is stored. Counted by sim/language/meter.c. */
#include "sim/language/meter.h"

#include <string.h>

#include "base/words.h"
#include "servers/services_table.h"
#include "servers/store/store.h"
#include "servers/store/store_device.h"
#include "sim/devices/device.h"
#include "sim/language/commands.h"
#include "views/conns.h"
#include "views/meter.h"
#include "views/utf8.h"
#include "views/views.h"

static void cell_add(struct buf *line, const char *text, size_t end)
{
    size_t width = utf8_width(slice_of(text)), used = utf8_width(buf_slice(line));
    for (; used + width < end; used++)
        buf_add_char(line, ' ');
    buf_add_text(line, text);
}

static void size_cell(struct buf *line, uint64_t octets, size_t end)
{
    struct buf size = BUF_MAX(32);
    size_write(&size, octets);
    cell_add(line, buf_text(&size), end);
    buf_free(&size);
}

static void number_cell(struct buf *line, uint64_t number, size_t end)
{
    struct buf text = BUF_MAX(32);
    buf_add_number(&text, number);
    cell_add(line, buf_text(&text), end);
    buf_free(&text);
}

static void row_add(struct buf *out, const char *who, const char *protocol,
                    const struct meter_count *count)
{
    struct buf line = BUF_MAX(256), seconds = BUF_MAX(32);
    uint64_t tenths = count->open_ns / (NS_PER_MS * 100);
    buf_format(&line, " %.14s", who);
    do
        buf_add_char(&line, ' ');
    while (line.len < 16);
    buf_add_text(&line, protocol);
    number_cell(&line, count->connections, 27);
    number_cell(&line, count->round_trips, 34);
    size_cell(&line, count->octets[SIDE_CLIENT], 43);
    size_cell(&line, count->messages[SIDE_CLIENT], 52);
    size_cell(&line, count->octets[SIDE_SERVER], 61);
    size_cell(&line, count->messages[SIDE_SERVER], 70);
    buf_format(&seconds, "%llu.%llu s", (unsigned long long)(tenths / 10),
               (unsigned long long)(tenths % 10));
    cell_add(&line, buf_text(&seconds), 79);
    buf_add(out, buf_slice(&line));
    buf_add_char(out, '\n');
    buf_free(&line);
    buf_free(&seconds);
}

static void head_add(struct buf *out)
{
    struct buf line = BUF_MAX(256);
    buf_add_text(&line, " who");
    cell_add(&line, "conns", 27);
    cell_add(&line, "trips", 34);
    cell_add(&line, "sent", 43);
    cell_add(&line, "messages", 52);
    cell_add(&line, "received", 61);
    cell_add(&line, "messages", 70);
    cell_add(&line, "open", 79);
    buf_add(out, buf_slice(&line));
    buf_add_char(out, '\n');
    buf_free(&line);
}

static void machine_rows(struct call *call, const struct meter *meter, uint32_t host)
{
    const struct protocol *protocol = NULL;
    struct buf name = BUF_MAX(DOMAIN_MAX + 1);
    machine_add_short(&name, call->world, host);
    while ((protocol = protocol_next(protocol))) {
        struct meter_count count = { 0 };
        meter_sum(meter, host, protocol, &count);
        if (count.connections)
            row_add(call->out, buf_text(&name), protocol->name, &count);
    }
    buf_free(&name);
}

/* --- what is stored ------------------------------------------------------------------------ */

static bool mailbox_sum(void *context, const struct mailbox *mailbox)
{
    *(uint64_t *)context += mailbox->bytes;
    return true;
}

struct device_sum {
    struct store *store;
    uint64_t octets;
};

static bool folder_sum(void *context, const struct device_folder *folder)
{
    struct device_sum *sum = context;
    struct device_count count;
    if (!store_device_count(sum->store, folder->id, &count))
        return false;
    sum->octets += count.octets;
    return true;
}

/* " stored  ana: server 4.0 kB, laptop 4.0 kB, phone 0 B" */
static bool person_stored(void *context, const struct user *user)
{
    struct call *call = context;
    uint64_t octets = 0;
    struct buf line = BUF_MAX(4096);
    store_mailboxes(call->world->store, user->id, mailbox_sum, &octets);
    buf_format(&line, "%s: server ", user->address);
    size_write(&line, octets);
    for (struct device *device = call->world->devices; device; device = device->next) {
        struct device_sum sum = { call->world->store, 0 };
        if (strcmp(device->address, user->address) != 0)
            continue;
        store_device_folders(call->world->store, slice_of(device->name), folder_sum, &sum);
        buf_format(&line, ", %s ", device->name);
        size_write(&line, sum.octets);
    }
    call_pair(call, 9, " stored", "%s", buf_text(&line));
    buf_free(&line);
    return call->out->len < COMMAND_OUTPUT_MAX / 2;
}

/* --- for those who hear it ------------------------------------------------------------------- */

#define METER_COLUMNS 9
static const size_t column_ends[METER_COLUMNS] = { 16, 21, 27, 34, 43, 52, 61, 70, 79 };

static slice column_of(slice row, size_t column)
{
    size_t from = column ? column_ends[column - 1] : 0;
    return slice_trim(slice_from(slice_upto(row, column_ends[column]), from < row.len ? from
                                                                                       : row.len));
}

static void row_tell(struct buf *out, slice row)
{
    static const char *const words[METER_COLUMNS] = {
        "", "", " connections", " trips", " sent", " of it messages", " received",
        " of it messages", " open"
    };
    for (size_t i = 0; i < METER_COLUMNS; i++) {
        slice cell = column_of(row, i);
        if (cell.len)
            buf_format(out, "%s%.*s%s", i == 0 ? "" : i == 1 ? " " : ", ", SLICE_ARG(cell),
                       words[i]);
    }
    buf_add_text(out, ".\n");
}

bool meter_sentences(struct buf *out, slice answer)
{
    if (!slice_starts(answer, " who "))
        return false;
    take_until(&answer, '\n');
    while (answer.len) {
        slice row = take_until(&answer, '\n');
        if (slice_starts(row, " stored"))
            buf_format(out, "%.*s.\n", SLICE_ARG(slice_trim(row)));
        else if (slice_starts(row, "  "))
            buf_format(out, "%.*s\n", SLICE_ARG(slice_trim(row)));
        else
            row_tell(out, row);
    }
    return true;
}

bool meter_run(struct call *call)
{
    struct meter meter = { 0 };
    struct meter_count sum = { 0 };
    slice rest = call->args, word = take_word(&rest), meant = SLICE_EMPTY;
    uint32_t only = word.len ? place_find(call->world, word, &meant) : 0;
    if (slice_trim(rest).len || (word.len && !only))
        return call_refuse(call, word, "meter takes one device or host, or nothing");
    meter_read(&meter, call->world->trace);
    head_add(call->out);
    for (uint32_t host = 1; host <= net_host_count(call->world->net); host++)
        if (!only || host == only)
            machine_rows(call, &meter, host);
    meter_sum(&meter, only, NULL, &sum);
    row_add(call->out, "all", "", &sum);
    if (!only)
        store_users(call->world->store, person_stored, call);
    meter_free(&meter);
    return true;
}
