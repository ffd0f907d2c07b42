/* device.c: what a person sits at: the device itself and the one connection that is typed
   on it. Its mail program is device_mail.c; which lines are typed is script.c's to decide. */
#include "base/heap.h"
#include "sim/devices/device.h"

#include <string.h>

#include "base/words.h"
#include "servers/services_table.h"
#include "servers/store/store.h"
#include "sim/devices/device_mail.h"

#define PENDING_BYTES_MAX (SCRIPT_LINE_MAX + 65536u)
#define PENDING_KEPT_BYTES 4096

/* --- the typed connection -------------------------------------------------------------------- */

static void device_ended(struct device *device, enum trace_by by)
{
    struct world *world = device->world;
    if (!device->typed_open && device->typed_opened)
        return; /* it ended before: this is only the rest of it */
    device->typed_open = false;
    device->closed_by = by;
    device->closed_input = world->input_number;
    device->closed_line = world->line_number;
    FIELD_SET(device->closed_text, world->line);
}

static void on_opened(struct connection *connection, enum side side, void *own)
{
    struct device *device = own;
    (void)side;
    if (connection == device->typed)
        device->typed_open = device->typed_opened = true;
}

/* The screen shows what the trace has; the octets themselves are done with. */
static void on_readable(struct connection *connection, enum side side, void *own)
{
    struct device *device = own;
    net_take(connection, side, net_peek(connection, side).len);
    if (connection != device->typed || !device->typed_open || !net_peer_finished(connection, side))
        return;
    device_ended(device, BY_SERVER);
    buf_free(&device->pending);
    net_finish(connection, side);
}

static void pending_send(struct device *device)
{
    slice left = slice_from(buf_slice(&device->pending), device->pending_sent);
    device->pending_sent += net_send(device->typed, SIDE_CLIENT, left);
    if (device->pending_sent < device->pending.len)
        return;
    buf_clear(&device->pending);
    device->pending_sent = 0;
    if (device->pending.cap > PENDING_KEPT_BYTES)
        buf_free(&device->pending);
    if (device->finishing)
        net_finish(device->typed, SIDE_CLIENT);
    device->finishing = false;
}

static void on_writable(struct connection *connection, enum side side, void *own)
{
    struct device *device = own;
    (void)side;
    if (connection == device->typed && device->pending.len)
        pending_send(device);
}

static void on_closed(struct connection *connection, enum side side, void *own, enum trace_by by)
{
    struct device *device = own;
    (void)side;
    if (connection != device->typed)
        return;
    device_ended(device, by);
    buf_free(&device->pending);
    device->finishing = false;
    device->typed = NULL;
}

void device_telnet(struct world *world, struct device *device, uint32_t host, uint16_t port)
{
    struct endpoint end = { on_opened, on_readable, on_writable, on_closed };
    const struct protocol *protocol = protocol_for_port(port);
    slice name = protocol ? slice_of(protocol->name) : SLICE_EMPTY;
    must(!device->typed_open);
    if (device->finishing) /* the last one never took all of it: no FIN can come any more */
        net_reset(device->typed, SIDE_CLIENT);
    buf_clear(&device->pending);
    device->pending_sent = 0;
    device->finishing = device->typed_opened = false;
    device->typed = NULL;
    device->typed = net_connect(world->net, device->host, host, port, end, device, name, true);
    device->typed_conn = connection_id(device->typed);
}

void device_type(struct world *world, struct device *device, slice octets)
{
    (void)world;
    must(device->typed_open);
    size_t sent = device->pending.len ? 0 : net_send(device->typed, SIDE_CLIENT, octets);
    if (!buf_add(&device->pending, slice_from(octets, sent)))
        net_reset(device->typed, SIDE_CLIENT); /* rather no connection than one with a hole in it */
}

/* What was typed before still goes out, then FIN. */
void device_close(struct world *world, struct device *device)
{
    (void)world;
    must(device->typed_open);
    device_ended(device, BY_CLIENT);
    device->finishing = device->pending.len > 0;
    if (!device->finishing)
        net_finish(device->typed, SIDE_CLIENT);
}

void device_cut(struct world *world, struct device *device)
{
    (void)world;
    must(device->typed_open);
    device_ended(device, BY_CUT);
    if (device->typed)
        net_cut(device->typed);
}

/* --- the device ------------------------------------------------------------------------------ */

struct device *device_find(struct world *world, slice name)
{
    struct device *device = NULL;
    HASH_FIND(hh, world->device_index, name.at, name.len, device);
    return device;
}

static bool name_is_label(slice name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!is_alnum((unsigned char)name.at[i]) && (name.at[i] != '-' || i == 0))
            return false;
    return name.len > 0 && name.len < 64;
}

static bool device_is(const struct device *device, slice address, slice program, struct error *why)
{
    if (slice_equal_nocase(address, slice_of(device->address)) &&
        slice_is(program, device->program))
        return true;
    return error_set(why, "%s is there already: of %s, %s", device->name, device->address,
                     device->program);
}

static struct device *device_make(struct world *world, slice name, const struct user *user,
                                  slice program)
{
    struct device *device = heap_take(sizeof *device);
    slice domain = slice_of(user->address);
    must(device != NULL);
    slice person = take_until(&domain, '@');
    device->world = world;
    device->pending = BUF_MAX(PENDING_BYTES_MAX);
    FIELD_SET(device->name, name);
    FIELD_SET(device->address, slice_of(user->address));
    FIELD_SET(device->person, person);
    FIELD_SET(device->domain, domain);
    FIELD_SET(device->program, program);
    FIELD_SET(device->password, slice_of(user->password));
    FIELD_SET(device->mail_server, slice_of(user->host));
    return device;
}

static void device_append(struct world *world, struct device *device)
{
    if (world->last_device)
        world->last_device->next = device;
    else
        world->devices = device;
    world->last_device = device;
    HASH_ADD_KEYPTR(hh, world->device_index, device->name, strlen(device->name), device);
    if (!world->here)
        world->here = device;
}

struct device *device_add(struct world *world, slice name, slice address, slice program,
                          struct error *why)
{
    struct user user;
    struct device *device = device_find(world, name);
    if (device)
        return device_is(device, address, program, why) ? device : NULL;
    if (!name_is_label(name)) {
        error_set(why, "a device's name is letters and digits, 63 at most: laptop");
        return NULL;
    }
    if (!store_user_by_address(world->store, address, &user)) {
        error_set(why, "%.*s is no user of this world", SLICE_ARG(address));
        return NULL;
    }
    device = device_make(world, name, &user, program);
    struct buf net_name = BUF_MAX(64 + 1 + DOMAIN_MAX);
    buf_format(&net_name, "%s.%s", device->name, device->domain);
    device->host = net_host_add(world->net, buf_slice(&net_name));
    if (!device->host) {
        error_set(why, "%s is taken already, or the world is full", buf_text(&net_name));
        heap_give(device);
        device = NULL;
    } else {
        device_append(world, device);
    }
    buf_free(&net_name);
    return device;
}

void device_free_all(struct world *world)
{
    HASH_CLEAR(hh, world->device_index);
    while (world->devices) {
        struct device *device = world->devices;
        world->devices = device->next;
        buf_free(&device->pending);
        mail_program_free(device->mail);
        heap_give(device);
    }
}
