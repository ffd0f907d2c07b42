/* device_find.c: where a mail program's server is, by names alone. First the SRV record of
   RFC 6186; then the names people expect, in this order; last the domain's mail server. */
#include "sim/devices/device_private.h"

#include <string.h>

#include "base/heap.h"
#include "base/words.h"
#include "servers/services_table.h"
#include "sim/devices/device.h"

/* What stands before the domain's name where nobody told; NULL-ended. */
static const char *const usual[SERVICES][4] = {
    [SERVICE_POP3] = { "pop3", "pop", "mail" },
    [SERVICE_IMAP] = { "imap", "mail" },
    [SERVICE_SUBMISSION] = { "submission", "smtp", "mail" },
};

enum step { ASK_SRV, ASK_SRV_ADDRESS, ASK_USUAL, ASK_MX, ASK_MX_ADDRESS };

struct finding {
    struct device *device;
    enum service_number service;
    server_found_fn *call;          /* NULL: dropped; it goes when its answer comes */
    void *context;
    enum step step;
    size_t usual;
    struct found_server found;
};

static void ask(struct finding *, const char *name, enum dns_type);

static void tell(struct finding *finding, uint32_t host, bool no_answer)
{
    finding->found.host = host;
    finding->found.no_answer = no_answer;
    if (finding->call)
        finding->call(finding->context, &finding->found);
    heap_give(finding);
}

static void ask_under(struct finding *finding, const char *front, enum dns_type type)
{
    struct buf name = BUF_MAX(2 * DOMAIN_MAX);
    buf_format(&name, "%s%s%s", front, *front ? "." : "", finding->device->domain);
    ask(finding, buf_text(&name), type);
    buf_free(&name);
}

static void ask_usual(struct finding *finding)
{
    const char *front = usual[finding->service][finding->usual];
    finding->step = front ? ASK_USUAL : ASK_MX;
    finding->found.port = service_table[finding->service].port;
    ask_under(finding, front ? front : "", front ? DNS_A : DNS_MX);
}

/* A name was found: what is its address? */
static void ask_address(struct finding *finding, enum step step, slice name)
{
    finding->step = step;
    FIELD_SET(finding->found.name, name);
    ask(finding, finding->found.name, DNS_A);
}

static void heard_address(struct finding *finding, const struct dns_record *record)
{
    uint32_t host = net_host_at(finding->device->world->net, slice_of(record->value));
    if (finding->step == ASK_USUAL)
        FIELD_SET(finding->found.name, slice_of(record->name));
    tell(finding, host, false);
}

/* The first of the most preferred; weights share a load, and here is one person. */
static void heard_srv(struct finding *finding, const struct dns_record *record)
{
    if (slice_is(slice_of(record->value), ".")) { /* RFC 6186 3.4: decidedly no such service */
        tell(finding, 0, false);
        return;
    }
    finding->found.port = record->port;
    ask_address(finding, ASK_SRV_ADDRESS, slice_of(record->value));
}

static void heard_nothing(struct finding *finding)
{
    switch (finding->step) {
    case ASK_SRV:
    case ASK_SRV_ADDRESS:
        ask_usual(finding);
        return;
    case ASK_USUAL:
        finding->usual++;
        ask_usual(finding);
        return;
    default:
        tell(finding, 0, false);
    }
}

static void on_answer(void *context, uint64_t argument, enum dns_status status,
                      const struct dns_record *records, size_t count)
{
    struct finding *finding = context;
    (void)argument;
    if (!finding->call)
        heap_give(finding);
    else if (status == DNS_TIMED_OUT)
        tell(finding, 0, true);
    else if (status != DNS_FOUND || count == 0)
        heard_nothing(finding);
    else if (finding->step == ASK_SRV)
        heard_srv(finding, &records[0]);
    else if (finding->step == ASK_MX)
        ask_address(finding, ASK_MX_ADDRESS, slice_of(records[0].value));
    else
        heard_address(finding, &records[0]);
}

static void ask(struct finding *finding, const char *name, enum dns_type type)
{
    dns_ask(finding->device->world->dns, finding->device->host, slice_of(name), type, on_answer,
            finding, 0);
}

struct finding *server_find(struct device *device, enum service_number service,
                            server_found_fn *call, void *context)
{
    struct finding *finding = heap_take(sizeof *finding);
    finding->device = device;
    finding->service = service;
    finding->call = call;
    finding->context = context;
    ask_under(finding, service_table[service].srv, DNS_SRV);
    return finding;
}

void finding_drop(struct finding *finding) { heap_give(finding); }
