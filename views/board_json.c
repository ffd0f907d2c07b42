/* board_json.c: the board as data, cell by cell, and every device with what its mail program holds.
   Keys are an interface; new ones come last. */
#include "base/words.h"
#include "servers/mail/address.h"
#include "servers/mail/header.h"
#include "sim/devices/device.h"
#include "sim/hosts/host.h"
#include "views/board.h"
#include "views/clean.h"
#include "views/json_write.h"

/* --- the board ----------------------------------------------------------------------------- */

static const char *where_word(enum board_where where)
{
    static const char *const words[] = {
        [BOARD_NOWHERE] = "nowhere", [BOARD_HERE] = "here", [BOARD_ELSEWHERE] = "elsewhere",
        [BOARD_FULL] = "full", [BOARD_HEAD] = "head", [BOARD_GONE] = "gone",
        [BOARD_NEVER] = "never",
    };
    return words[where];
}

void board_cell_json(struct buf *out, const struct board_cell *cell)
{
    json_put_name(out, "where", where_word(cell->where));
    json_put_truth(out, "seen", (cell->flags & FLAG_SEEN) != 0);
    json_put_truth(out, "flagged", (cell->flags & FLAG_FLAGGED) != 0);
    json_put_truth(out, "answered", (cell->flags & FLAG_ANSWERED) != 0);
    json_put_truth(out, "draft", (cell->flags & FLAG_DRAFT) != 0);
    json_put_truth(out, "deleted", (cell->flags & FLAG_DELETED) != 0);
    json_put_truth(out, "marked", cell->marked);
    json_put_number(out, "copies", cell->copies);
    json_put_name(out, "box", cell->box);
}

static void holder_add(struct buf *out, const struct board *board, size_t holder)
{
    const struct device *device = board->devices[holder];
    json_begin(out, NULL, '{');
    json_put_name(out, "name", device ? device->name : "server");
    json_put_name(out, "program", device ? device->program : NULL);
    json_put_truth(out, "online", !device || net_is_online(board->world->net, device->host));
    json_put_number(out, "messages", (int64_t)board->held[holder]);
    json_put_number(out, "octets", (int64_t)board->octets[holder]);
    json_put_number(out, "readable", (int64_t)board->readable[holder]);
    json_end(out, '}');
}

void message_name_json(struct buf *out, const char *key, uint64_t number)
{
    struct buf name = BUF_MAX(32);
    message_name_write(&name, number);
    json_put_text(out, key, buf_slice(&name));
    buf_free(&name);
}

static void row_add(struct buf *out, const struct board *board, const struct board_message *row)
{
    json_begin(out, NULL, '{');
    message_name_json(out, "name", row->number);
    json_put_number(out, "number", (int64_t)row->number);
    json_put_name(out, "title", row->title);
    json_put_number(out, "size", (int64_t)row->size);
    json_begin(out, "cells", '[');
    for (size_t i = 0; i < board->holders; i++) {
        json_begin(out, NULL, '{');
        board_cell_json(out, &row->cells[i]);
        json_put_truth(out, "otherwise", board_believes_otherwise(board, row, i));
        json_end(out, '}');
    }
    json_end(out, ']');
    json_end(out, '}');
}

void board_json(struct buf *out, struct world *world, const struct user *user)
{
    struct board board;
    board_gather(&board, world, user, SLICE_EMPTY, false);
    json_begin(out, NULL, '{');
    json_put_name(out, "address", board.address);
    json_put_number(out, "ms", (int64_t)world_now_ms(world));
    json_begin(out, "holders", '[');
    for (size_t i = 0; i < board.holders; i++)
        holder_add(out, &board, i);
    json_end(out, ']');
    json_begin(out, "messages", '[');
    for (size_t i = 0; i < board.count; i++)
        row_add(out, &board, &board.messages[i]);
    json_end(out, ']');
    json_put_number(out, "left_out", (int64_t)board.left_out);
    json_end(out, '}');
    board_free(&board);
}

/* --- the devices --------------------------------------------------------------------------- */

struct folder_adding {
    struct buf *out;
    struct world *world;
    int64_t position;
};

static void header_add(struct buf *out, slice block, const char *key, const char *field)
{
    struct buf text = BUF_MAX(4 * HEADER_FIELD_MAX), clean = BUF_MAX(4 * HEADER_FIELD_MAX);
    struct header_field found;
    if (header_find(block, field, &found)) {
        if (key[0] == 's')
            header_text(&text, found.value);
        else
            addresses_text(&text, found.value);
    }
    clean_add(&clean, buf_slice(&text), true);
    json_put_text(out, key, buf_slice(&clean));
    buf_free(&text);
    buf_free(&clean);
}

static void headers_add(struct folder_adding *adding, const struct device_message *message)
{
    struct buf text = BUF_MAX(MESSAGE_BYTES_MAX);
    store_device_message_read(adding->world->store, message->id, &text);
    slice block = slice_upto(buf_slice(&text), header_end(buf_slice(&text)));
    header_add(adding->out, block, "from", "From");
    header_add(adding->out, block, "to", "To");
    header_add(adding->out, block, "subject", "Subject");
    buf_free(&text);
}

static bool message_add(void *context, const struct device_message *message)
{
    struct folder_adding *adding = context;
    struct buf *out = adding->out;
    uint64_t number;
    if (message->gone)
        return true;
    json_begin(out, NULL, '{');
    json_put_number(out, "position", ++adding->position);
    if (store_message_number(adding->world->store, slice_of(message->identity), &number))
        message_name_json(out, "message", number);
    else
        json_put_null(out, "message");
    headers_add(adding, message);
    json_put_number(out, "date_ms", message->date_ms);
    json_put_number(out, "size", (int64_t)message->size);
    json_put_truth(out, "seen", (message->flags & DEVICE_SEEN) != 0);
    json_put_truth(out, "answered", (message->flags & DEVICE_ANSWERED) != 0);
    json_put_truth(out, "flagged", (message->flags & DEVICE_FLAGGED) != 0);
    json_put_truth(out, "deleted", (message->flags & DEVICE_DELETED) != 0);
    json_put_truth(out, "whole", message->whole);
    json_put_truth(out, "waiting", message->flags != message->told || message->from_folder != 0);
    json_end(out, '}');
    return out->len < out->max / 2;
}

static bool folder_add(void *context, const struct device_folder *folder)
{
    struct folder_adding *adding = context;
    adding->position = 0;
    json_begin(adding->out, NULL, '{');
    json_put_name(adding->out, "name", folder->name);
    json_begin(adding->out, "messages", '[');
    store_device_messages(adding->world->store, folder->id, message_add, adding);
    json_end(adding->out, ']');
    json_end(adding->out, '}');
    return true;
}

static void connected_add(struct buf *out, const struct world *world, const struct device *device)
{
    const struct session *session = device->typed_open ? host_session(world, device->typed_conn)
                                                       : NULL;
    if (!session) {
        json_put_null(out, "connected");
        return;
    }
    json_begin(out, "connected", '{');
    json_put_number(out, "conn", device->typed_conn);
    json_put_name(out, "protocol", session->protocol->name);
    json_put_name(out, "state", session->protocol->states[session->state].name);
    json_put_name(out, "server", session->services->policy->name);
    json_end(out, '}');
}

static void synced_add(struct buf *out, struct world *world, const struct device *device)
{
    struct buf said = BUF_MAX(DEVICE_SAID_MAX);
    int64_t ms;
    if (store_device_synced(world->store, slice_of(device->name), &ms, &said)) {
        json_begin(out, "mail", '{');
        json_put_number(out, "synced_ms", ms);
        json_put_text(out, "said", buf_slice(&said));
        json_end(out, '}');
    } else {
        json_put_null(out, "mail");
    }
    buf_free(&said);
}

void devices_json(struct buf *out, struct world *world)
{
    json_begin(out, NULL, '[');
    for (const struct device *device = world->devices; device; device = device->next) {
        struct folder_adding adding = { out, world, 0 };
        json_begin(out, NULL, '{');
        json_put_name(out, "name", device->name);
        json_put_name(out, "person", device->person);
        json_put_name(out, "address", device->address);
        json_put_name(out, "program", device->program);
        json_put_name(out, "host", net_host_name(world->net, device->host));
        json_put_truth(out, "online", net_is_online(world->net, device->host));
        json_put_truth(out, "here", device == world->here);
        connected_add(out, world, device);
        synced_add(out, world, device);
        json_begin(out, "folders", '[');
        store_device_folders(world->store, slice_of(device->name), folder_add, &adding);
        json_end(out, ']');
        json_end(out, '}');
    }
    json_end(out, ']');
}
