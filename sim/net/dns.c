/* dns.c: the names of the simulated world: records in order of name, type, preference
   and value, so that answers need no sorting; the addresses of hosts come from the net.
   There is one name server, everywhere: asking costs a round trip of the asker's own
   link. See dns.h. */
#include "sim/net/dns.h"
#include "base/heap.h"
#include "base/buf.h"
#include "base/limits.h"

#include <string.h>

struct query {
    struct dns *dns;
    struct query *next, **link;
    uint64_t ticket, timeout_ns;
    uint32_t host;
    enum dns_type type;
    slice name;                        /* points behind the struct */
    dns_answer *answer;
    void *context;
    uint64_t argument;
    char octets[];
};

struct dns {
    struct net *net;
    struct clock *clock;
    struct trace *trace;
    struct dns_record **records;       /* in order of record_compare */
    size_t count, cap;
    struct query *queries;             /* those that wait */
    struct dns_record found[DNS_RECORDS_MAX]; /* the answer that is being given */
};

static const char *const type_names[] = {
    [DNS_A] = "A", [DNS_MX] = "MX", [DNS_TXT] = "TXT", [DNS_SRV] = "SRV"
};

struct dns *dns_new(struct net *net, struct clock *clock, struct trace *trace)
{
    struct dns *dns = heap_take(sizeof *dns);
    dns->net = net;
    dns->clock = clock;
    dns->trace = trace;
    return dns;
}

static void query_free(struct query *query)
{
    clock_cancel(query->dns->clock, query->ticket);
    *query->link = query->next;
    if (query->next)
        query->next->link = query->link;
    heap_give(query);
}

void dns_free(struct dns *dns)
{
    if (!dns)
        return;
    while (dns->queries)
        query_free(dns->queries);
    for (size_t i = 0; i < dns->count; i++)
        heap_give(dns->records[i]);
    heap_give(dns->records);
    heap_give(dns);
}

bool dns_type_read(slice text, enum dns_type *type)
{
    for (size_t i = 0; i < COUNT(type_names); i++) {
        if (!slice_is_nocase(text, type_names[i]))
            continue;
        *type = (enum dns_type)i;
        return true;
    }
    return false;
}

const char *dns_type_name(enum dns_type type) { return type_names[type]; }

/* --- records ---------------------------------------------------------------------- */

static int number_compare(uint64_t one, uint64_t other)
{
    return (one > other) - (one < other);
}

static int record_compare(const struct dns_record *one, const struct dns_record *other)
{
    int order = strcmp(one->name, other->name);
    if (order == 0)
        order = number_compare(one->type, other->type);
    if (order == 0)
        order = number_compare(one->preference, other->preference);
    if (order == 0)
        order = strcmp(one->value, other->value);
    if (order == 0)
        order = number_compare(one->weight, other->weight);
    return order ? order : number_compare(one->port, other->port);
}

/* The first place whose record is not before this one. */
static size_t record_place(const struct dns *dns, const struct dns_record *record)
{
    size_t low = 0, high = dns->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (record_compare(dns->records[middle], record) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool record_is(const struct dns *dns, size_t place, const char *name, enum dns_type type)
{
    return place < dns->count && dns->records[place]->type == type &&
           strcmp(dns->records[place]->name, name) == 0;
}

/* Lower case, without the dot of a full name; false: no name. */
static bool name_read(char name[256], slice text)
{
    size_t nul;
    if (text.len > 1 && text.at[text.len - 1] == '.')
        text.len--;
    if (text.len == 0 || text.len > DOMAIN_MAX || slice_find(text, '\0', &nul))
        return false;
    for (size_t i = 0; i < text.len; i++)
        name[i] = to_lower(text.at[i]);
    name[text.len] = '\0';
    return true;
}

static bool address_is(slice text)
{
    uint64_t part;
    for (size_t i = 0; i < 4; i++)
        if ((i > 0 && !take_char(&text, '.')) || !take_number(&text, 255, &part))
            return false;
    return text.len == 0;
}

/* The record as it is kept: unused fields are zero, names are lower case. */
static bool record_read(struct dns_record *record, const struct dns_record *from, struct error *why)
{
    must(from->type <= DNS_SRV);
    must(memchr(from->name, '\0', sizeof from->name) != NULL);
    must(memchr(from->value, '\0', sizeof from->value) != NULL);
    bool is_service = from->type == DNS_SRV;
    *record = (struct dns_record){ .type = from->type };
    if (!name_read(record->name, slice_of(from->name)))
        return error_set(why, "a name has 1 to %d octets: \"%s\"", DOMAIN_MAX, from->name);
    bool no_service = (is_service ||
                       from->type == DNS_MX) && /* RFC 2782, 7505 */
                      slice_is(slice_of(from->value), ".");
    if (from->type == DNS_A && !address_is(slice_of(from->value)))
        return error_set(why, "an address is four numbers, such as 192.0.2.1, not \"%s\"",
                         from->value);
    record->preference = from->type == DNS_MX || is_service ? from->preference : 0;
    record->weight = is_service ? from->weight : 0;
    record->port = is_service ? from->port : 0;
    if (from->type == DNS_A || from->type == DNS_TXT || no_service)
        memcpy(record->value, from->value, strlen(from->value) + 1);
    else if (!name_read(record->value, slice_of(from->value)))
        return error_set(why, "%s %s needs the name of a host", type_names[from->type],
                         record->name);
    return true;
}

/* The first record of that name and type, if there is one: see record_is. */
static size_t records_first(const struct dns *dns, const char *name, enum dns_type type)
{
    struct dns_record least = { .type = type };
    memcpy(least.name, name, strlen(name) + 1);
    return record_place(dns, &least);
}

static size_t records_count(const struct dns *dns, const char *name, enum dns_type type)
{
    size_t first = records_first(dns, name, type), place = first;
    while (record_is(dns, place, name, type))
        place++;
    return place - first + (type == DNS_A && net_host(dns->net, slice_of(name)) ? 1 : 0);
}

bool dns_add(struct dns *dns, const struct dns_record *from, struct error *why)
{
    struct dns_record record;
    if (!record_read(&record, from, why))
        return false;
    size_t place = record_place(dns, &record);
    if (place < dns->count && record_compare(dns->records[place], &record) == 0)
        return true;
    if (records_count(dns, record.name, record.type) >= DNS_RECORDS_MAX)
        return error_set(why, "%s has %d %s records already: an answer holds no more", record.name,
                         DNS_RECORDS_MAX, type_names[record.type]);
    if (dns->count == dns->cap) {
        dns->cap = dns->cap ? dns->cap * 2 : 16;
        dns->records = heap_resize(dns->records, dns->cap * sizeof *dns->records);
    }
    memmove(dns->records + place + 1, dns->records + place,
            (dns->count - place) * sizeof *dns->records);
    dns->records[place] = heap_take(sizeof record);
    *dns->records[place] = record;
    dns->count++;
    return true;
}

/* --- looking ---------------------------------------------------------------------- */

/* The address that every host of the net has, as a record; false: no such host. */
static bool host_record(const struct dns *dns, const char *name, struct dns_record *record)
{
    uint32_t host = net_host(dns->net, slice_of(name));
    if (host == 0)
        return false;
    const char *address = net_host_address(dns->net, host);
    *record = (struct dns_record){ .type = DNS_A };
    memcpy(record->name, name, strlen(name) + 1);
    memcpy(record->value, address, strlen(address) + 1);
    return true;
}

static bool name_exists(const struct dns *dns, const char *name)
{
    size_t place = records_first(dns, name, DNS_A);
    return net_host(dns->net, slice_of(name)) != 0 ||
           (place < dns->count && strcmp(dns->records[place]->name, name) == 0);
}

enum dns_status dns_look(const struct dns *dns, slice text, enum dns_type type,
                         struct dns_record *records, size_t max, size_t *count)
{
    char name[256];
    struct dns_record own;
    *count = 0;
    if (!name_read(name, text))
        return DNS_NXDOMAIN;
    bool own_waits = type == DNS_A && host_record(dns, name, &own);
    size_t place = records_first(dns, name, type);
    while (*count < max) {
        bool more = record_is(dns, place, name, type);
        int order = more && own_waits ? record_compare(&own, dns->records[place]) : 0;
        if (own_waits && (!more || order <= 0)) {
            records[(*count)++] = own;
            own_waits = false;
            if (more && order == 0) /* said once more: still one record */
                place++;
        } else if (more) {
            records[(*count)++] = *dns->records[place++];
        } else {
            break;
        }
    }
    must(max > 0);
    if (*count > 0)
        return DNS_FOUND;
    return name_exists(dns, name) ? DNS_NODATA : DNS_NXDOMAIN;
}

/* --- asking ----------------------------------------------------------------------- */

/* One record, as a zone file would have it after name and type. */
static void record_write(struct buf *text, const struct dns_record *record)
{
    if (record->type == DNS_MX)
        buf_format(text, "%u ", (unsigned)record->preference);
    if (record->type == DNS_SRV)
        buf_format(text, "%u %u %u ", (unsigned)record->preference, (unsigned)record->weight,
                   (unsigned)record->port);
    buf_add_text(text, record->value);
}

static void lookup_record(const struct query *query, enum dns_status status, size_t count)
{
    static const char *const said[] = { [DNS_FOUND] = "",
                                        [DNS_NXDOMAIN] = "NXDOMAIN",
                                        [DNS_NODATA] = "NODATA",
                                        [DNS_TIMED_OUT] = "timed out" };
    struct dns *dns = query->dns;
    struct buf name = BUF_MAX(DOMAIN_MAX + 16),
               text = BUF_MAX(DNS_RECORDS_MAX * sizeof(struct dns_record));
    buf_format(&name, "%s ", type_names[query->type]);
    buf_add(&name, query->name);
    buf_add_text(&text, said[status]);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_add_char(&text, '\n');
        record_write(&text, &dns->found[i]);
    }
    trace_add(dns->trace, clock_ns(dns->clock),
              &(struct trace_record){ .kind = TRACE_LOOKUP,
                                      .host = query->host,
                                      .ok = status == DNS_FOUND,
                                      .name = buf_slice(&name),
                                      .text = buf_slice(&text) });
    buf_free(&name);
    buf_free(&text);
}

static void query_end(struct query *query, enum dns_status status, size_t count)
{
    struct query ended = *query;
    query->ticket = 0;
    lookup_record(query, status, count);
    query_free(query);
    ended.answer(ended.context, ended.argument, status, ended.dns->found, count);
}

static void query_timed_out(void *context, uint64_t argument)
{
    (void)argument;
    query_end(context, DNS_TIMED_OUT, 0);
}

static void query_answered(void *context, uint64_t argument)
{
    struct query *query = context;
    struct dns *dns = query->dns;
    size_t count;
    (void)argument;
    if (!net_is_online(dns->net, query->host)) {
        query->ticket =
            clock_at(dns->clock, query->host, query->timeout_ns, WORK, query_timed_out, query, 0);
        return;
    }
    enum dns_status status =
        dns_look(dns, query->name, query->type, dns->found, DNS_RECORDS_MAX, &count);
    query_end(query, status, count);
}

static struct query *query_new(struct dns *dns, uint32_t host, slice name, enum dns_type type)
{
    name = slice_upto(name, DOMAIN_MAX + 1); /* one too many is enough to be no name */
    struct query *query = heap_take(sizeof *query + name.len);
    if (name.len)
        memcpy(query->octets, name.at, name.len);
    query->dns = dns;
    query->next = dns->queries;
    query->link = &dns->queries;
    if (query->next)
        query->next->link = &query->next;
    dns->queries = query;
    query->host = host;
    query->type = type;
    query->name = (slice){ query->octets, name.len };
    return query;
}

void dns_ask(struct dns *dns, uint32_t host, slice name, enum dns_type type, dns_answer *answer,
             void *context, uint64_t argument)
{
    struct query *query = query_new(dns, host, name, type);
    uint64_t now_ns = clock_ns(dns->clock);
    uint64_t answered_ns = now_ns + 2 * net_link(dns->net, host)->latency_ns;
    query->timeout_ns = now_ns + DNS_TIMEOUT_MS * NS_PER_MS;
    query->answer = answer;
    query->context = context;
    query->argument = argument;
    /* Asked while offline, it is lost even if the host is back when the answer would come. */
    if (!net_is_online(dns->net, host) || answered_ns >= query->timeout_ns)
        query->ticket =
            clock_at(dns->clock, host, query->timeout_ns, WORK, query_timed_out, query, 0);
    else
        query->ticket = clock_at(dns->clock, host, answered_ns, WORK, query_answered, query, 0);
}
