/* smtp_intake.c: see smtp_intake.h. The list holds the addresses that are sending just now. */
#include "servers/smtp/smtp_intake.h"

#include <string.h>

#include "base/error.h"
#include "base/heap.h"

static struct intake_client *client_find(struct intake *intake, slice address)
{
    struct intake_client *client = intake->first;
    while (client && !slice_is(address, client->address))
        client = client->next;
    if (client)
        return client;
    client = heap_take(sizeof *client);
    address = slice_upto(address, sizeof client->address - 1);
    memcpy(client->address, address.at, address.len);
    client->next = intake->first;
    return intake->first = client;
}

static bool fits(const struct intake *intake, const struct intake_client *client, uint64_t octets)
{
    return octets <= intake->client_max && client->octets <= intake->client_max - octets &&
           octets <= intake->all_max && intake->octets <= intake->all_max - octets;
}

struct intake_client *intake_begin(struct intake *intake, slice address)
{
    struct intake_client *client = client_find(intake, address);
    client->messages++;
    if (fits(intake, client, 1))
        return client;
    intake_end(intake, client, 0);
    return NULL;
}

bool intake_add(struct intake *intake, struct intake_client *client, uint64_t octets)
{
    if (!fits(intake, client, octets))
        return false;
    client->octets += octets;
    intake->octets += octets;
    return true;
}

void intake_end(struct intake *intake, struct intake_client *client, uint64_t octets)
{
    struct intake_client **at = &intake->first;
    must(client->messages > 0 && client->octets >= octets && intake->octets >= octets);
    client->octets -= octets;
    intake->octets -= octets;
    if (--client->messages)
        return;
    while (*at != client)
        at = &(*at)->next;
    *at = client->next;
    heap_give(client);
}
