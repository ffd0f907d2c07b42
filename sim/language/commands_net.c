/* commands_net.c: telnet, close, cut and dig: what a person does to the network. What it
   answers is a fact (ok false), never a failure of the line. */

#include "base/heap.h"
#include "base/said.h"
#include "base/words.h"
#include "servers/mail/address.h"
#include "servers/services_table.h"
#include "sim/devices/device.h"
#include "sim/language/commands.h"
#include "sim/language/script.h"

#define RECORDS_SHOWN_MAX 16

/* --- names ----------------------------------------------------------------------------------- */

/* As a resolver with a search domain: `mail` is mail.campus.example. */
static void name_search(const struct device *device, slice name, struct buf *full)
{
    size_t dot;
    buf_clear(full);
    buf_add(full, name);
    if (full->len > 1 && full->at[full->len - 1] == '.')
        full->len--;
    else if (!slice_find(name, '.', &dot) && device)
        buf_format(full, ".%s", device->domain);
}

/* Where `telnet NAME` leads: 0 if to nothing. `full` is the name that was looked for. */
static uint32_t host_for_name(struct world *world, const struct device *device, slice name,
                              struct buf *full)
{
    name_search(device, name, full);
    uint32_t host = net_host(world->net, buf_slice(full));
    if (!host)
        host = net_host_at(world->net, name);
    /* Where the mail server is not called so, `mail` is still what the device's settings say. */
    if (!host && slice_is(name, "mail"))
        host = net_host(world->net, slice_of(device->mail_server));
    return host;
}

static bool name_explain(struct call *call, slice name)
{
    struct dns_record record;
    size_t count = 0;
    name = slice_upto(name, DOMAIN_MAX);
    enum dns_status status = dns_look(call->world->dns, name, DNS_MX, &record, 1, &count);
    if (status == DNS_FOUND && count)
        return call_fact(call, SAID("%.*s has no address. Its mail server is %s (`dig mx %.*s`)."),
                         SLICE_ARG(name), record.value, SLICE_ARG(name));
    if (status == DNS_NODATA)
        return call_fact(call, SAID("%.*s has no address."), SLICE_ARG(name));
    return call_fact(call,
                     SAID("%.*s: there is no such name (NXDOMAIN). `hosts` lists what there is."),
                     SLICE_ARG(name));
}

/* --- telnet ---------------------------------------------------------------------------------- */

static bool port_read(slice word, uint16_t *port)
{
    const struct service *service = service_for_name(word);
    uint64_t number = 0;
    if (service)
        *port = service->port;
    else
        *port = word_number(word, UINT16_MAX, &number) ? (uint16_t)number : 0;
    return *port != 0;
}

static bool telnet_report(struct call *call, uint32_t host, uint16_t port)
{
    struct device *device = call->device;
    const char *name = net_host_name(call->world->net, host);
    const struct protocol *protocol = protocol_for_port(port);
    if (device->typed_opened) {
        struct buf service = BUF_MAX(64);
        buf_format(&service, "%u%s%s%s", port, protocol ? ", " : "",
                   protocol ? protocol->title : "", port_is_sealed(port) ? " in TLS" : "");
        call_say(call, SAID("Connected to %s (%s), port %s."), name,
                 net_host_address(call->world->net, host), buf_text(&service));
        buf_free(&service);
        return true;
    }
    if (!net_is_online(call->world->net, device->host))
        return call_fact(call, SAID("Timed out: %s is offline itself (`online %s`)."), device->name,
                         device->name);
    if (device->closed_by == BY_TIMEOUT)
        return call_fact(call, SAID("Timed out: %s does not answer."), name);
    return call_fact(call, SAID("Refused: nothing listens on port %u of %s."), port, name);
}

bool command_telnet(struct call *call)
{
    struct device *device = call->device;
    slice rest = call->args;
    slice name = word_take(&rest), where = word_take(&rest);
    uint16_t port = 0;
    if (!device)
        return call_refuse(call, name, "this world has no device to sit at");
    if (!name.len)
        return call_refuse(call, name, SAID("connect to what? telnet mail smtp"));
    if (!where.len)
        return call_refuse(call, where,
                           SAID("which port? telnet %.*s smtp (or submission, pop3, imap, 25)"),
                           SLICE_ARG(slice_upto(name, 80)));
    if (!port_read(where, &port))
        return call_refuse(call, where, SAID("a port is 1 to 65535, or a service: %s"),
                           service_names().text);
    if (slice_trim(rest).len)
        return call_refuse(call, slice_trim(rest),
                           SAID("a host and a port are all that telnet takes"));
    if (device->typed_open)
        return call_fact(call,
                         SAID("You are connected already. `:close` closes the connection, or go "
                              "to another device with `:on`."));
    struct buf full = BUF_MAX(SCRIPT_LINE_MAX + DOMAIN_MAX + 2);
    uint32_t host = host_for_name(call->world, device, name, &full);
    if (!host) {
        name_explain(call, buf_slice(&full));
    } else {
        call_begins(call);
        device_telnet(call->world, device, host, port);
        call_settle(call);
        telnet_report(call, host, port);
    }
    buf_free(&full);
    return true;
}

static bool takes_nothing(struct call *call)
{
    return call->args.len == 0 ||
           call_refuse(call, call->args, SAID("`%s` takes nothing after it"), call->command->name);
}

static bool hang_up(struct call *call, bool cut)
{
    struct device *device = call->device;
    if (!takes_nothing(call))
        return false;
    if (!device || !device->typed_open)
        return call_fact(call, SAID("You are connected to nobody."));
    call_begins(call);
    if (cut)
        device_cut(call->world, device);
    else
        device_close(call->world, device);
    call_settle(call);
    call_say(call, cut ? SAID("The connection is reset.") : SAID("Connection closed."));
    return true;
}

bool command_close(struct call *call) { return hang_up(call, false); }
bool command_cut(struct call *call) { return hang_up(call, true); }

/* --- dig ------------------------------------------------------------------------------------- */

/* One question. The world keeps it while it is being asked: the answer may never come if
   the world stops on the way. */
struct dig {
    bool answered;
    enum dns_status status;
    size_t count;
    struct dns_record records[RECORDS_SHOWN_MAX];
    uint64_t answered_ns;
};

void dig_free(struct dig *dig) { heap_give(dig); }

static void dig_take(void *context, uint64_t argument, enum dns_status status,
                     const struct dns_record *records, size_t count)
{
    struct world *world = context;
    struct dig *dig = world->script->dig;
    (void)argument;
    dig->answered = true;
    dig->answered_ns = clock_ns(world->clock);
    dig->status = status;
    for (; dig->count < count && dig->count < RECORDS_SHOWN_MAX; dig->count++)
        dig->records[dig->count] = records[dig->count];
}

static void record_say(struct call *call, const char *name, const struct dns_record *record)
{
    switch (record->type) {
    case DNS_MX:
        call_say(call, "%s  MX  %u  %s", name, record->preference, record->value);
        break;
    case DNS_SRV:
        call_say(call, "%s  SRV  %u %u %u  %s", name, record->preference, record->weight,
                 record->port, record->value);
        break;
    case DNS_TXT:
        call_say(call, "%s  TXT  \"%s\"", name, record->value);
        break;
    default:
        call_say(call, "%s  A  %s", name, record->value);
    }
}

static bool has_mx(struct world *world, slice name)
{
    struct dns_record record;
    size_t count = 0;
    return dns_look(world->dns, name, DNS_MX, &record, 1, &count) == DNS_FOUND;
}

static void dig_report(struct call *call, const char *name, enum dns_type type, uint64_t asked_ns)
{
    const struct dig *dig = call->world->script->dig;
    unsigned long long ms = (unsigned long long)((dig->answered_ns - asked_ns) / NS_PER_MS);
    if (!dig->answered) {
        call_fact(call, "No answer: the world stopped on the way.");
    } else if (dig->status == DNS_TIMED_OUT) {
        call_fact(call, SAID("No answer after %llu s: %s reaches no name server."), ms / 1000,
                  call->device->name);
    } else if (dig->status == DNS_NXDOMAIN) {
        call_fact(call, SAID("%s: there is no such name (NXDOMAIN). Asked in %llu ms."), name, ms);
    } else if (dig->status == DNS_NODATA) {
        call_fact(call, SAID("%s exists and has no %s record. Asked in %llu ms."), name,
                  dns_type_name(type), ms);
        if (type == DNS_A && has_mx(call->world, slice_of(name)))
            call_say(call, SAID("It has a mail server: dig mx %s"), name);
    } else {
        for (size_t i = 0; i < dig->count; i++)
            record_say(call, name, &dig->records[i]);
        call_say(call, SAID("Asked in %llu ms."), ms);
    }
}

/* "mx NAME", "NAME mx", "NAME" */
static bool dig_read(struct call *call, slice *name, enum dns_type *type)
{
    slice rest = call->args;
    slice first = word_take(&rest), second = word_take(&rest);
    *type = DNS_A;
    *name = first;
    if (second.len && dns_type_read(first, type))
        *name = second;
    else if (second.len && !dns_type_read(second, type))
        return call_refuse(call, first, "dig asks for a, mx, txt or srv: dig mx bakery.example");
    if (!name->len)
        return call_refuse(call, *name, SAID("ask for what? dig mx bakery.example"));
    if (slice_trim(rest).len)
        return call_refuse(call, slice_trim(rest), SAID("dig asks for one name at a time"));
    if (name->len > DOMAIN_MAX || !text_is_visible(*name))
        return call_refuse(call, *name, SAID("this is no name"));
    return true;
}

bool command_dig(struct call *call)
{
    struct world *world = call->world;
    struct buf full = BUF_MAX(2 * DOMAIN_MAX + 2);
    enum dns_type type = DNS_A;
    slice name;
    if (!call->device)
        return call_refuse(call, call->args, "this world has no device to sit at");
    if (!dig_read(call, &name, &type))
        return false;
    name_search(call->device, name, &full);
    for (size_t i = 0; i < full.len; i++)
        full.at[i] = to_lower(full.at[i]);
    call_begins(call);
    dig_free(world->script->dig);
    world->script->dig = heap_take(sizeof *world->script->dig);
    uint64_t asked_ns = clock_ns(world->clock);
    dns_ask(world->dns, call->device->host, buf_slice(&full), type, dig_take, world, 0);
    call_settle(call);
    dig_report(call, buf_text(&full), type, asked_ns);
    buf_free(&full);
    return true;
}
