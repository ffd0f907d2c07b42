/* commands_lose.c: `lose phone`: the device is gone with all that it held, and a new one of the
   same name and with the same account, empty, lies in its place. */
#include "base/words.h"
#include "servers/store/store_device.h"
#include "sim/devices/device.h"
#include "sim/devices/device_mail.h"
#include "sim/language/commands.h"

struct losing {
    struct device *device;
    int64_t folder;                  /* the first one, 0: none */
    uint64_t messages;
};

static bool message_lost(void *context, const struct device_message *message)
{
    struct losing *losing = context;
    device_note(losing->device, DID_LOSE, slice_of(message->identity));
    losing->messages++;
    return true;
}

static bool folder_first(void *context, const struct device_folder *folder)
{
    struct losing *losing = context;
    losing->folder = folder->id;
    return false;
}

static void device_empty(struct losing *losing)
{
    struct store *store = losing->device->world->store;
    slice name = slice_of(losing->device->name);
    for (;;) {
        losing->folder = 0;
        store_device_folders(store, name, folder_first, losing);
        if (!losing->folder)
            break;
        store_device_messages(store, losing->folder, message_lost, losing);
        if (!store_device_folder_remove(store, losing->folder))
            break;
    }
    store_device_uidls_begin(store, name);
    store_device_uidls_end(store, name);
    store_command_end(store, true);
}

bool command_lose(struct call *call)
{
    slice rest = call->args, word = take_word(&rest);
    struct device *device = word.len ? device_find(call->world, word) : NULL;
    if (!device)
        return call_refuse(call, word, "which device? lose phone");
    if (slice_trim(rest).len)
        return call_refuse(call, slice_trim(rest), "lose takes one device");
    struct losing losing = { .device = device };
    call_begins(call);
    net_reset_all(call->world->net, device->host);
    call_settle(call);
    device_empty(&losing);
    call_say(call, "%s is lost, and %llu message%s with it. A new one of that name, with the same "
             "account and nothing on it, lies there.", device->name,
             (unsigned long long)losing.messages, losing.messages == 1 ? "" : "s");
    return true;
}
