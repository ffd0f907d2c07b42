/* services_table.c: the table of services, and the ways to look into it. */
#include "servers/services_table.h"

#include "base/words.h"
#include "servers/imap/imap.h"
#include "servers/lmtp/lmtp.h"
#include "servers/pop3/pop3.h"
#include "servers/smtp/smtp.h"

const struct service service_table[SERVICES] = {
    [SERVICE_SMTP] = { "smtp", "SMTP", &smtp_protocol, NULL, 0, 25, SERVICE_SMTP },
    [SERVICE_SUBMISSION] = { "submission", "submission", &smtp_protocol, "_submission._tcp", FACT_SUBMISSION, 587,
                             SERVICE_SUBMISSION },
    [SERVICE_POP3] = { "pop3", "POP3", &pop3_protocol, "_pop3._tcp", 0, 110, SERVICE_POP3 },
    [SERVICE_IMAP] = { "imap", "IMAP", &imap_protocol, "_imap._tcp", 0, 143, SERVICE_IMAP },
    [SERVICE_SUBMISSIONS] = { "submissions", "submission", &smtp_protocol, "_submissions._tcp",
                              FACT_SUBMISSION | FACT_TLS, 465, SERVICE_SUBMISSION },
    [SERVICE_POP3S] = { "pop3s", "POP3", &pop3_protocol, "_pop3s._tcp", FACT_TLS, 995, SERVICE_POP3 },
    [SERVICE_IMAPS] = { "imaps", "IMAP", &imap_protocol, "_imaps._tcp", FACT_TLS, 993, SERVICE_IMAP },
    /* Never on port 25 (RFC 2033 5): 24 is IANA's for "any private mail system". */
    [SERVICE_LMTP] = { "lmtp", "LMTP", &lmtp_protocol, NULL, 0, 24, SERVICE_LMTP },
};

uint32_t service_bit(const struct service *service) { return 1u << service->plain; }
bool service_is_sealed(const struct service *service) { return service->facts & FACT_TLS; }

const struct service *service_twin(const struct service *service)
{
    for (size_t i = 0; i < SERVICES; i++)
        if (&service_table[i] != service && &service_table[service_table[i].plain] == service)
            return &service_table[i];
    return NULL;
}

const struct service *service_for_name(slice name)
{
    for (size_t i = 0; i < SERVICES; i++)
        if (slice_is(name, service_table[i].name))
            return &service_table[i];
    return NULL;
}

const struct service *service_for_port(uint16_t port)
{
    for (size_t i = 0; i < SERVICES; i++)
        if (service_table[i].port == port)
            return &service_table[i];
    return NULL;
}

/* --- protocols ------------------------------------------------------------------------------- */

/* The first row of each protocol stands for it. */
static bool is_first(size_t row)
{
    for (size_t i = 0; i < row; i++)
        if (service_table[i].protocol == service_table[row].protocol)
            return false;
    return true;
}

const struct protocol *protocol_next(const struct protocol *after)
{
    bool found = !after;
    for (size_t i = 0; i < SERVICES; i++) {
        if (!is_first(i))
            continue;
        if (found)
            return service_table[i].protocol;
        found = service_table[i].protocol == after;
    }
    return NULL;
}

const struct protocol *protocol_for_port(uint16_t port)
{
    const struct service *service = service_for_port(port);
    return service ? service->protocol : NULL;
}

const struct protocol *protocol_for_name(slice name)
{
    const struct protocol *protocol = NULL;
    while ((protocol = protocol_next(protocol)))
        if (slice_is_nocase(name, protocol->name))
            return protocol;
    return NULL;
}

/* --- in sentences ------------------------------------------------------------------------------ */

static void names_write(struct names *names, const char *const list[], size_t count)
{
    struct buf text = BUF_MAX(sizeof names->text);
    for (size_t i = 0; i < count; i++)
        buf_format(&text, "%s%s", i == 0 ? "" : i + 1 < count ? ", " : " or ", list[i]);
    FIELD_SET(names->text, buf_slice(&text));
    buf_free(&text);
}

struct names service_names(void)
{
    struct names names = { "" };
    const char *list[SERVICES];
    size_t count = 0;
    for (size_t i = 0; i < SERVICES; i++)
        if (!service_is_sealed(&service_table[i]))
            list[count++] = service_table[i].name;
    names_write(&names, list, count);
    return names;
}

struct names protocol_names(void)
{
    struct names names = { "" };
    const char *list[SERVICES];
    size_t count = 0;
    const struct protocol *protocol = NULL;
    while ((protocol = protocol_next(protocol)))
        list[count++] = protocol->name;
    names_write(&names, list, count);
    return names;
}

/* ------------------------------------------------------------------------------------------------ */

bool port_is_sealed(uint16_t port)
{
    const struct service *service = service_for_port(port);
    return service && service_is_sealed(service);
}
