/* commands_list.c: who and what there is: users, hosts, and the devices (`on`). */
#include "base/words.h"
#include "servers/dialects/dialects.h"
#include "servers/mail/encoding.h"
#include "servers/services_table.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "sim/hosts/host.h"
#include "sim/language/commands.h"

/* --- users ----------------------------------------------------------------------------------- */

struct listing {
    struct call *call;
    struct buf line;
};

static bool mailbox_list(void *context, const struct mailbox *mailbox)
{
    struct listing *listing = context;
    struct buf name = BUF_MAX(4 * MAILBOX_NAME_MAX);
    if (!mutf7_decode(&name, slice_of(mailbox->name)))
        buf_add_text(&name, mailbox->name);
    buf_format(&listing->line, "%s %s %u", listing->line.len ? "," : "", buf_text(&name),
               mailbox->messages);
    buf_free(&name);
    return !listing->line.full;
}

static void quota_list(struct listing *listing, int64_t user)
{
    struct quota quota;
    if (!store_quota(listing->call->world->store, user, &quota))
        return;
    if (quota.bytes)
        call_say(listing->call, "  %llu of %llu octets", (unsigned long long)quota.bytes_used,
                 (unsigned long long)quota.bytes);
    if (quota.messages)
        call_say(listing->call, "  %llu of %llu messages", (unsigned long long)quota.messages_used,
                 (unsigned long long)quota.messages);
}

static bool user_list(void *context, const struct user *user)
{
    struct listing *listing = context;
    buf_clear(&listing->line);
    store_mailboxes(listing->call->world->store, user->id, mailbox_list, listing);
    call_say(listing->call, "%-24s on %s", user->address, user->host);
    call_say(listing->call, "  messages in%s", buf_text(&listing->line));
    quota_list(listing, user->id);
    return true;
}

bool command_users(struct call *call)
{
    struct listing listing = { call, BUF_MAX(4096) };
    if (call->args.len)
        return call_refuse(call, call->args, "`users` takes nothing after it");
    store_users(call->world->store, user_list, &listing);
    if (!call->out->len)
        call_say(call, "Nobody lives in this world yet.");
    buf_free(&listing.line);
    return true;
}

/* --- hosts ----------------------------------------------------------------------------------- */

static void services_add(struct buf *line, uint32_t services)
{
    for (size_t i = 0; i < SERVICES; i++)
        if ((services & service_bit(&service_table[i])) && !service_is_sealed(&service_table[i]))
            buf_format(line, "%s%s %u", line->len ? ", " : "", service_table[i].name,
                       service_table[i].port);
}

void host_settings_write(struct buf *line, const struct policy *policy)
{
    if (policy->greylist)
        buf_add_text(line, ", greylist on");
    if (policy->require_tls)
        buf_add_text(line, ", require tls");
    for (size_t i = 0; i < policy->refusal_count; i++) {
        const struct refusal *refusal = &policy->refusals[i];
        buf_format(line, ", refuse %s %s", refusal->verb, refusal->code);
        if (refusal->left >= 0)
            buf_format(line, " (%lld left)", (long long)refusal->left);
    }
    for (size_t i = 0; i < policy->without_count; i++)
        buf_format(line, ", without %s", policy->without[i]);
    for (size_t i = 0; i < policy->dialect_count; i++) {
        const struct dialect *dialect = policy->dialects[i];
        buf_format(line, ", %s answers like %s", dialect->protocol->title, dialect->title);
    }
}

static void host_list(struct call *call, struct host *host)
{
    struct net *net = call->world->net;
    const struct policy *policy = host_policy(host);
    uint32_t number = host_number(host);
    struct buf line = BUF_MAX(4096);
    call_say(call, "%-22s %-13s%s", policy->name, net_host_address(net, number),
             net_is_online(net, number) ? "" : "  OFFLINE");
    services_add(&line, host_services(host));
    if (line.len)
        call_say(call, "  serves %s", buf_text(&line));
    buf_clear(&line);
    for (size_t i = 0; i < policy->domain_count; i++)
        buf_format(&line, " %s", policy->domains[i]);
    if (line.len)
        call_say(call, "  keeps the mail for%s", buf_text(&line));
    buf_clear(&line);
    host_settings_write(&line, policy);
    if (line.len)
        call_say(call, "  set to%s", buf_text(&line) + 1);
    buf_free(&line);
}

static void device_address_list(struct call *call, const struct device *device)
{
    struct net *net = call->world->net;
    call_say(call, "%-22s %-13s%s", net_host_name(net, device->host),
             net_host_address(net, device->host),
             net_is_online(net, device->host) ? "" : "  OFFLINE");
}

bool command_hosts(struct call *call)
{
    if (call->args.len)
        return call_refuse(call, call->args, "`hosts` takes nothing after it");
    for (struct host *host = host_next(call->world, NULL); host;
         host = host_next(call->world, host))
        host_list(call, host);
    for (const struct device *device = call->world->devices; device; device = device->next)
        device_address_list(call, device);
    if (!call->out->len)
        call_say(call, "This world has no machine yet.");
    return true;
}

/* --- on -------------------------------------------------------------------------------------- */

struct device_words device_words(const struct world *world, const struct device *device)
{
    struct device_words words = { "" };
    struct buf text = BUF_MAX(sizeof words.text - 1);
    const struct session *session = device->typed_open ? host_session(world, device->typed_conn)
                                                       : NULL;
    if (session)
        buf_format(&text, "%s %s", session->protocol->name,
                   session->protocol->states[session->state].name);
    else
        buf_add_text(&text, device->typed_open ? "connected" : "not connected");
    if (!net_is_online(world->net, device->host))
        buf_add_text(&text, ", OFFLINE");
    FIELD_SET(words.text, buf_slice(&text));
    buf_free(&text);
    return words;
}

static void devices_say(struct call *call)
{
    for (const struct device *device = call->world->devices; device; device = device->next)
        call_say(call, "%s %-9s %-6s %-16s %s", device == call->device ? "*" : " ", device->name,
                 device->person, device->program, device_words(call->world, device).text);
    if (call->device)
        call_say(call, "* You are %s, at %s. Go elsewhere with `on NAME`.", call->device->person,
                 call->device->name);
    else
        call_say(call, "This world has no device yet.");
}

bool command_on(struct call *call)
{
    struct world *world = call->world;
    const struct device *before = call->device;
    if (!call->args.len) {
        devices_say(call);
        return true;
    }
    if (!command_sentence(call))
        return false;
    const struct device *now = world->here;
    call_say(call, "You are %s %s, at %s%s%s.", now == before ? "still" : "now", now->person,
             now->name, now->typed_open ? ": " : "",
             now->typed_open ? device_words(world, now).text : "");
    if (before && before != now && before->typed_open)
        call_say(call, "Left open: %s/%s %s (`on %s`).", before->person, before->name,
                 device_words(world, before).text, before->name);
    return true;
}
