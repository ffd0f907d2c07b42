/* net.c: the net's hosts: names, addresses, links, on and off, and what listens. What
   goes on between two hosts is in net_connection.c and net_pipe.c. See net.h. */
#include "sim/net/net_private.h"

#include <string.h>

#include "base/heap.h"

#define HOSTS_PER_BLOCK 254            /* .1 to .254 of a /24 */
#define DOCUMENTATION_BLOCKS 3         /* RFC 5737; after them the /24s of RFC 2544 */

struct net *net_new(struct clock *clock, struct trace *trace, uint64_t seed)
{
    struct net *net = heap_take(sizeof *net);
    net->clock = clock;
    net->trace = trace;
    net->seed = seed;
    return net;
}

void net_free(struct net *net)
{
    if (!net)
        return;
    while (net->connections)
        connection_free(net->connections);
    for (uint32_t i = 0; i < net->host_count; i++) {
        heap_give(net->hosts[i]->name);
        heap_give(net->hosts[i]->listeners);
        heap_give(net->hosts[i]);
    }
    heap_give(net->hosts);
    heap_give(net->by_name);
    heap_give(net);
}

/* --- names and addresses ---------------------------------------------------------- */

static int name_compare(slice name, const char *lower)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char one = (unsigned char)to_lower(name.at[i]);
        unsigned char other = (unsigned char)lower[i];
        if (one != other || other == 0)
            return one < other ? -1 : 1;
    }
    return lower[name.len] == 0 ? 0 : -1;
}

/* Where the name stands in by_name, or would stand. */
static bool name_find(const struct net *net, slice name, uint32_t *place)
{
    uint32_t low = 0, high = net->host_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = name_compare(name, net->hosts[net->by_name[middle] - 1]->name);
        if (order == 0) {
            *place = middle;
            return true;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    *place = low;
    return false;
}

static void address_write(char address[16], uint32_t number)
{
    static const char *const documentation[DOCUMENTATION_BLOCKS] = { "192.0.2.", "198.51.100.",
                                                                     "203.0.113." };
    uint32_t block = (number - 1) / HOSTS_PER_BLOCK;
    struct buf text = BUF_MAX(15);
    if (block < DOCUMENTATION_BLOCKS)
        buf_add_text(&text, documentation[block]);
    else
        buf_format(&text, "198.%u.%u.", 18 + (block - DOCUMENTATION_BLOCKS) / 256,
                   (block - DOCUMENTATION_BLOCKS) % 256);
    buf_add_number(&text, 1 + (number - 1) % HOSTS_PER_BLOCK);
    memcpy(address, buf_text(&text), text.len + 1);
    buf_free(&text);
}

static bool address_read(slice text, uint64_t part[4])
{
    for (size_t i = 0; i < 4; i++)
        if ((i > 0 && !take_char(&text, '.')) || !take_number(&text, 255, &part[i]))
            return false;
    return text.len == 0;
}

uint32_t net_host_at(const struct net *net, slice address)
{
    uint64_t part[4], block;
    if (!address_read(address, part))
        return 0;
    if (part[0] == 192 && part[1] == 0 && part[2] == 2)
        block = 0;
    else if (part[0] == 198 && part[1] == 51 && part[2] == 100)
        block = 1;
    else if (part[0] == 203 && part[1] == 0 && part[2] == 113)
        block = 2;
    else if (part[0] == 198 && (part[1] == 18 || part[1] == 19))
        block = DOCUMENTATION_BLOCKS + (part[1] - 18) * 256 + part[2];
    else
        return 0;
    uint64_t number = block * HOSTS_PER_BLOCK + part[3];
    if (number == 0 || number > net->host_count)
        return 0;
    /* "192.0.2.01" and "192.0.2.255" lead to numbers too, but not to these addresses. */
    return slice_is(address, net->hosts[number - 1]->address) ? (uint32_t)number : 0;
}

/* --- hosts ------------------------------------------------------------------------ */

static struct net_host *host_of(const struct net *net, uint32_t host)
{
    must(host > 0);
    must(host <= net->host_count);
    return net->hosts[host - 1];
}

static void hosts_grow(struct net *net)
{
    if (net->host_count < net->host_cap)
        return;
    net->host_cap = net->host_cap ? net->host_cap * 2 : 16;
    net->hosts = heap_resize(net->hosts, net->host_cap * sizeof *net->hosts);
    net->by_name = heap_resize(net->by_name, net->host_cap * sizeof *net->by_name);
    must(net->by_name != NULL);
}

static struct net_host *host_new(uint32_t number, slice name)
{
    struct net_host *host = heap_take(sizeof *host);
    host->name = heap_take(name.len + 1);
    for (size_t i = 0; i < name.len; i++)
        host->name[i] = to_lower(name.at[i]);
    host->name[name.len] = '\0';
    host->number = number;
    host->online = true;
    address_write(host->address, number);
    return host;
}

uint32_t net_host_add(struct net *net, slice name)
{
    uint32_t place;
    size_t nul;
    if (name.len == 0 || name.len > HOST_NAME_MAX_OCTETS || slice_find(name, '\0', &nul) ||
        net->host_count == HOSTS_MAX || name_find(net, name, &place))
        return 0;
    hosts_grow(net);
    memmove(net->by_name + place + 1, net->by_name + place,
            (net->host_count - place) * sizeof *net->by_name);
    uint32_t number = net->host_count + 1;
    net->by_name[place] = number;
    net->hosts[net->host_count++] = host_new(number, name);
    return number;
}

uint32_t net_host(const struct net *net, slice name)
{
    uint32_t place;
    return name_find(net, name, &place) ? net->by_name[place] : 0;
}

uint32_t net_host_count(const struct net *net) { return net->host_count; }
const char *net_host_name(const struct net *net, uint32_t host) { return host_of(net, host)->name; }
const char *net_host_address(const struct net *net, uint32_t host)
{
    return host_of(net, host)->address;
}
struct link *net_link(struct net *net, uint32_t host) { return &host_of(net, host)->link; }
bool net_is_online(const struct net *net, uint32_t host) { return host_of(net, host)->online; }
void net_set_online(struct net *net, uint32_t host, bool online)
{
    host_of(net, host)->online = online;
}

/* --- what listens ----------------------------------------------------------------- */

const struct listener *host_listener(const struct net_host *host, uint16_t port)
{
    for (size_t i = 0; i < host->listener_count; i++)
        if (host->listeners[i].port == port)
            return host->listeners[i].accept ? &host->listeners[i] : NULL;
    return NULL;
}

void net_listen(struct net *net, uint32_t number, uint16_t port, net_accept *accept, void *context)
{
    struct net_host *host = host_of(net, number);
    size_t i = 0;
    while (i < host->listener_count && host->listeners[i].port != port)
        i++;
    if (i == host->listener_count) {
        host->listeners = heap_resize(host->listeners, (i + 1) * sizeof *host->listeners);
        host->listener_count++;
    }
    host->listeners[i] = (struct listener){ port, accept, context };
}
