/* smtp_deliver.c: see smtp_deliver.h. */
#include "servers/smtp/smtp_deliver.h"

#include <string.h>

#include "base/words.h"
#include "servers/arrival.h"
#include "servers/mail/address.h"
#include "servers/mail/idna.h"

int64_t smtp_message_write(struct services *services, slice text)
{
    struct arrival *arrival = arrival_begin(services->store);
    arrival_write(arrival, text);
    return arrival_finish(arrival);
}

bool smtp_deliver_local(struct services *services, int64_t user, int64_t message_key)
{
    struct mailbox inbox;
    uint32_t uid = 0;
    if (!store_mailbox_find(services->store, user, SLICE("INBOX"), &inbox) ||
        !store_place(services->store, inbox.id, message_key, 0, (int64_t)services->now_ms, 0, &uid))
        return false;
    services->stored(services, inbox.id, uid, message_key);
    services->changed(services, inbox.id);
    return true;
}

bool smtp_queued_make(struct services *services, int64_t message_key, slice sender, slice recipient,
                      const struct dsn *dsn, struct queued *queued)
{
    struct buf ascii = BUF_MAX(DOMAIN_MAX);
    slice local, domain;
    *queued = (struct queued){ .message_key = message_key, .since_ms = (int64_t)services->now_ms,
                               .next_ms = (int64_t)services->now_ms };
    if (!address_split(recipient, &local, &domain))
        domain = slice_of(services->policy->name); /* postmaster, here */
    FIELD_SET(queued->host, slice_of(services->policy->name));
    FIELD_SET(queued->sender, sender);
    FIELD_SET(queued->recipient, recipient);
    bool good = domain_ascii(&ascii, domain); /* the name service has no other messages */
    FIELD_SET(queued->domain, buf_slice(&ascii));
    for (char *at = queued->domain; *at; at++)
        *at = to_lower(*at);
    if (dsn)
        queued->dsn = *dsn;
    buf_free(&ascii);
    return good;
}

bool smtp_deliver_queue(struct services *services, int64_t message_key, slice sender,
                        slice recipient, const struct dsn *dsn)
{
    struct queued queued;
    int64_t id = 0;
    if (!smtp_queued_make(services, message_key, sender, recipient, dsn, &queued) ||
        !store_queue_add(services->store, &queued, &id))
        return false;
    services->queued(services);
    return true;
}
