/* smtp_relay.c: see smtp_relay.h. The legal lives of a queue entry:
     added -> (attempt) -> accepted by the next server: removed
                        -> refused for good: bounced, removed
                        -> not now: waits; warned once; bounced, removed at the end */
#include "servers/smtp/smtp_relay.h"

#include <string.h>

#include "base/heap.h"
#include "base/words.h"
#include "servers/smtp/smtp_bounce.h"
#include "servers/smtp/smtp_client.h"
#include "servers/store/store.h"

#define DELIVERIES_MAX 20     /* at once, each to another domain */

struct delivery {
    struct delivery *next;
    struct arena arena;
    struct queued *entries;             /* same message, sender and domain */
    size_t entry_count;
    slice *recipients;
    slice hosts[RELAY_MX_MAX];
    size_t host_count, host_at;
    bool is_temporary;                      /* what went wrong so far may go right another time */
    struct smtp_job job;
    struct smtp_client *client;         /* while a connection stands */
    struct relay *relay;
    uint64_t path_bytes;                /* our own Return-Path stays here */
    void *own;
};

#define DUE_PAGE 64

/* Entries of one delivery that an attempt has decided. */
struct settling {
    struct queued *entries[RECIPIENTS_MAX];
    uint8_t fates[RECIPIENTS_MAX];      /* enum fate */
    size_t count;
    bool reports;
};

struct relay {
    struct services *services;
    struct relay_world world;
    struct delivery *deliveries;
    size_t delivery_count;
    int64_t rests_until_ms;             /* what became of an entry could not be kept */
    struct queued due[DUE_PAGE];     /* for relay_look */
};

struct relay *relay_new(struct services *services, struct relay_world world)
{
    struct relay *relay = heap_take(sizeof *relay);
    relay->services = services;
    relay->world = world;
    return relay;
}

static void delivery_free(struct delivery *delivery)
{
    smtp_client_free(delivery->client);
    arena_free(&delivery->arena);
    heap_give(delivery);
}

void relay_free(struct relay *relay)
{
    if (!relay)
        return;
    for (struct delivery *delivery = relay->deliveries, *next; delivery; delivery = next) {
        next = delivery->next;
        delivery_free(delivery);
    }
    heap_give(relay);
}

void *relay_own(struct delivery *delivery) { return delivery->own; }
void relay_set_own(struct delivery *delivery, void *own) { delivery->own = own; }

const char *queue_fact_name(enum queue_fact fact)
{
    static const char *const names[QUEUE_FACTS] = {
        [QUEUE_RETRY] = "retry",     [QUEUE_WARNED] = "warned",   [QUEUE_DELIVERED] = "delivered",
        [QUEUE_BOUNCED] = "bounced", [QUEUE_DROPPED] = "dropped",
    };
    must(fact < QUEUE_FACTS);
    return names[fact];
}

static void note(struct relay *relay, enum queue_fact fact, const struct queued *entry)
{
    relay->world.note(relay->world.context, fact, entry);
}

/* --- what becomes of an entry ---------------------------------------------------------------- */

static int64_t retry_delay(uint32_t attempts)
{
    uint64_t delay = QUEUE_RETRY_FIRST_MS;
    while (attempts-- > 1 && delay < QUEUE_RETRY_LONGEST_MS)
        delay *= 2;
    return (int64_t)(delay < QUEUE_RETRY_LONGEST_MS ? delay : QUEUE_RETRY_LONGEST_MS);
}

/* What became of one entry in one attempt. */
enum fate { FATE_DELIVERED, FATE_FAILED, FATE_WAITS };

static enum fate fate_of(const struct relay *relay, const struct queued *entry,
                         enum smtp_verdict verdict)
{
    int64_t end_ms = entry->since_ms + (int64_t)QUEUE_BOUNCE_MS;
    if (verdict == SMTP_ACCEPTED)
        return FATE_DELIVERED;
    bool over = verdict == SMTP_REFUSED || (int64_t)relay->services->now_ms >= end_ms;
    return over ? FATE_FAILED : FATE_WAITS;
}

static bool is_late(const struct relay *relay, const struct queued *entry)
{
    return !entry->warned &&
           (int64_t)relay->services->now_ms >= entry->since_ms + (int64_t)QUEUE_WARN_MS;
}

/* The warning and the end are moments of their own, so that they come when they are said to. */
static void entry_waits(struct relay *relay, struct queued *entry, bool told)
{
    int64_t now = (int64_t)relay->services->now_ms;
    int64_t warn_ms = entry->since_ms + (int64_t)QUEUE_WARN_MS;
    int64_t end_ms = entry->since_ms + (int64_t)QUEUE_BOUNCE_MS;
    if (is_late(relay, entry)) {
        entry->warned = true;
        if (told && smtp_report_wanted(entry, REPORT_DELAYED))
            note(relay, QUEUE_WARNED, entry);
    }
    entry->attempts++;
    entry->next_ms = now + retry_delay(entry->attempts);
    if (!entry->warned && entry->next_ms > warn_ms)
        entry->next_ms = warn_ms;
    if (entry->next_ms > end_ms && now < end_ms)
        entry->next_ms = end_ms;
    store_queue_update(relay->services->store, entry);
    note(relay, QUEUE_RETRY, entry);
}

/* What is told to the sender of these entries, and of which of them. */
static bool entry_is_told(const struct relay *relay, const struct queued *entry, enum fate fate,
                          enum report report, bool reports)
{
    switch (report) {
    case REPORT_FAILED:
        return fate == FATE_FAILED;
    case REPORT_DELAYED:
        return fate == FATE_WAITS && is_late(relay, entry);
    default: /* the server that took it tells her itself */
        return fate == FATE_DELIVERED && !reports;
    }
}

/* One report of a kind for all entries that it is about (RFC 5321 4.4). False: it could not be
   stored. *sent: the sender was told. */
static bool entries_report(struct relay *relay, struct settling *settling, enum report report,
                           bool *sent)
{
    const struct queued *told[RECIPIENTS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < settling->count; i++)
        if (entry_is_told(relay, settling->entries[i], settling->fates[i], report,
                          settling->reports))
            told[count++] = settling->entries[i];
    return smtp_report(relay->services, told, count, report, sent);
}

/* `reports`: the server that took it tells the sender what becomes of it. A report that could
   not be stored leaves its entries where they are, to be tried again. */
static void entries_settle(struct relay *relay, struct settling *settling)
{
    struct store *store = relay->services->store;
    bool returned = false, warned = false, sent = false;
    store_command_end(store, true); /* a report that fails undoes only itself */
    bool failed_well = entries_report(relay, settling, REPORT_FAILED, &returned);
    if (!failed_well) { /* else they would be due again at once */
        store_command_end(store, false);
        relay->rests_until_ms = (int64_t)relay->services->now_ms + (int64_t)QUEUE_RETRY_FIRST_MS;
    }
    entries_report(relay, settling, REPORT_DELAYED, &warned);
    entries_report(relay, settling, REPORT_RELAYED, &sent);
    for (size_t i = 0; i < settling->count; i++) {
        struct queued *entry = settling->entries[i];
        enum fate fate = settling->fates[i];
        if (fate == FATE_WAITS)
            entry_waits(relay, entry, warned);
        if (fate == FATE_WAITS || (fate == FATE_FAILED && !failed_well))
            continue;
        store_queue_remove(store, entry->id);
        bool told = returned && smtp_report_wanted(entry, REPORT_FAILED);
        note(relay, fate == FATE_DELIVERED ? QUEUE_DELIVERED : told ? QUEUE_BOUNCED : QUEUE_DROPPED,
             entry);
    }
}

/* Gathers one. `remote`: who said the reply, or empty. */
static void settling_add(struct relay *relay, struct settling *settling, struct queued *entry,
                         enum smtp_verdict verdict, slice reply, slice remote)
{
    FIELD_SET(entry->last_reply, reply);
    FIELD_SET(entry->remote, remote);
    settling->entries[settling->count] = entry;
    settling->fates[settling->count++] = (uint8_t)fate_of(relay, entry, verdict);
}

/* --- one delivery ----------------------------------------------------------------------------- */

static void delivery_end(struct relay *relay, struct delivery *delivery)
{
    struct delivery **at = &relay->deliveries;
    while (*at != delivery)
        at = &(*at)->next;
    *at = delivery->next;
    relay->delivery_count--;
    relay->world.hang_up(relay->world.context, delivery);
    delivery_free(delivery);
    relay_look(relay);
}

void relay_abandon(struct relay *relay)
{
    while (relay->deliveries) {
        struct delivery *delivery = relay->deliveries;
        relay->deliveries = delivery->next;
        relay->delivery_count--;
        relay->world.hang_up(relay->world.context, delivery);
        delivery_free(delivery);
    }
}

static void connect_next(struct relay *relay, struct delivery *delivery)
{
    relay->world.connect(relay->world.context, delivery, delivery->hosts[delivery->host_at]);
}

/* All entries alike, without a conversation. */
static void delivery_fail(struct relay *relay, struct delivery *delivery, enum smtp_verdict verdict,
                          slice reply)
{
    struct settling settling = { .count = 0 };
    for (size_t i = 0; i < delivery->entry_count; i++)
        settling_add(relay, &settling, &delivery->entries[i], verdict, reply, SLICE_EMPTY);
    entries_settle(relay, &settling);
    delivery_end(relay, delivery);
}

static bool has_another_host(const struct delivery *delivery)
{
    return delivery->host_at + 1 < delivery->host_count;
}

/* What one exchanger won't take now, the next may; and one that does not even greet says
   nothing about the message (RFC 5321 5.1, 3.1). */
static bool tries_next(const struct delivery *delivery, size_t entry)
{
    slice reply = SLICE_EMPTY;
    enum smtp_verdict verdict = smtp_client_verdict(delivery->client, entry, &reply);
    return has_another_host(delivery) &&
           (verdict == SMTP_LATER ||
            (verdict == SMTP_REFUSED && !smtp_client_was_greeted(delivery->client)));
}

static bool any_tries_next(const struct delivery *delivery)
{
    for (size_t i = 0; i < delivery->entry_count; i++)
        if (tries_next(delivery, i))
            return true;
    return false;
}

static bool is_of_server(slice reply)
{
    return reply.len > 2 && is_digit((unsigned char)reply.at[0]) &&
           is_digit((unsigned char)reply.at[1]);
}

/* The last exchanger's no says nothing for good while a better one was only away. */
static enum smtp_verdict last_verdict(const struct delivery *delivery, enum smtp_verdict verdict)
{
    bool greeted = smtp_client_was_greeted(delivery->client);
    return verdict == SMTP_REFUSED && !greeted && delivery->is_temporary ? SMTP_LATER : verdict;
}

/* What the conversation has decided is settled; kept are those for the next exchanger. */
static size_t entries_keep(struct relay *relay, struct delivery *delivery)
{
    struct settling settling = { .reports = smtp_client_offers_dsn(delivery->client) };
    struct queued *over = arena_take_array(&delivery->arena, delivery->entry_count, sizeof *over);
    size_t kept = 0;
    bool is_temporary = false;
    for (size_t i = 0; i < delivery->entry_count; i++) {
        slice reply = SLICE_EMPTY, remote = delivery->hosts[delivery->host_at];
        enum smtp_verdict verdict = smtp_client_verdict(delivery->client, i, &reply);
        if (tries_next(delivery, i)) {
            is_temporary = is_temporary || verdict == SMTP_LATER;
            delivery->entries[kept++] = delivery->entries[i];
            continue;
        }
        over[settling.count] = delivery->entries[i];
        settling_add(relay, &settling, &over[settling.count], last_verdict(delivery, verdict),
                     reply, is_of_server(reply) ? remote : SLICE_EMPTY);
    }
    delivery->is_temporary = delivery->is_temporary || is_temporary;
    entries_settle(relay, &settling);
    return kept;
}

/* After a conversation. */
static void delivery_settle(struct relay *relay, struct delivery *delivery)
{
    size_t kept = entries_keep(relay, delivery);
    smtp_client_free(delivery->client);
    delivery->client = NULL;
    if (kept == 0) {
        delivery_end(relay, delivery);
        return;
    }
    delivery->entry_count = kept;
    for (size_t i = 0; i < kept; i++)
        delivery->recipients[i] = slice_of(delivery->entries[i].recipient);
    delivery->host_at++;
    connect_next(relay, delivery);
}

static bool message_read(void *context, uint64_t offset, uint64_t len, struct buf *out)
{
    struct delivery *delivery = context;
    return store_message_read(delivery->relay->services->store, delivery->entries[0].message_key,
                             offset + delivery->path_bytes, len, out);
}

/* Equals share the load (RFC 5321 5.1): each order of them is as likely. */
static void hosts_shuffle(struct relay *relay, struct delivery *delivery,
                          const struct exchanger *exchangers)
{
    struct services *services = relay->services;
    for (size_t i = 0, first = 0; i < delivery->host_count; i++) {
        if (exchangers[i].preference != exchangers[first].preference)
            first = i;
        if (i == first)
            continue;
        size_t other = first + (size_t)(services->new_id(services) % (i - first + 1));
        slice moved = delivery->hosts[i];
        delivery->hosts[i] = delivery->hosts[other];
        delivery->hosts[other] = moved;
    }
}

/* We ourselves and those that are no better are left out: mail must not go back. */
static void hosts_take(struct relay *relay, struct delivery *delivery,
                       const struct exchanger *exchangers, size_t count)
{
    uint32_t limit = UINT32_MAX;
    for (size_t i = 0; i < count && limit == UINT32_MAX; i++)
        if (slice_is_nocase(exchangers[i].host, relay->services->policy->name))
            limit = exchangers[i].preference;
    for (size_t i = 0; i < count && i < RELAY_MX_MAX && exchangers[i].preference < limit; i++)
        delivery->hosts[delivery->host_count++] = arena_copy(&delivery->arena, exchangers[i].host);
    hosts_shuffle(relay, delivery, exchangers);
}

void relay_names(struct relay *relay, struct delivery *delivery, enum relay_names found,
                 const struct exchanger *exchangers, size_t count)
{
    slice domain = slice_of(delivery->entries[0].domain);
    const struct exchanger itself = { domain, 0 };
    if (found == NAMES_NONE) {
        delivery_fail(relay, delivery, SMTP_REFUSED, SLICE("5.1.2 there is no such domain"));
        return;
    }
    if (found == NAMES_NO_ANSWER) {
        delivery_fail(relay, delivery, SMTP_LATER, SLICE("4.4.3 no answer from the name server"));
        return;
    }
    if (found == NAMES_FOUND && count == 1 && slice_is(exchangers[0].host, ".")) { /* RFC 7505 */
        delivery_fail(relay, delivery, SMTP_REFUSED, SLICE("5.1.10 the domain takes no mail"));
        return;
    }
    if (found == NAMES_NO_MX)  /* RFC 5321 5.1: then the domain itself is the host */
        hosts_take(relay, delivery, &itself, 1);
    else
        hosts_take(relay, delivery, exchangers, count);
    if (delivery->host_count == 0)
        delivery_fail(relay, delivery, SMTP_REFUSED, SLICE("5.4.6 the mail would come back to me"));
    else
        connect_next(relay, delivery);
}

/* By recipient, as the client wants them. */
static const struct dsn **dsn_of(struct delivery *delivery)
{
    const struct dsn **dsn = arena_take_array(&delivery->arena, delivery->entry_count,
                                                    sizeof *dsn);
    for (size_t i = 0; i < delivery->entry_count; i++)
        dsn[i] = &delivery->entries[i].dsn;
    return dsn;
}

void relay_opened(struct relay *relay, struct delivery *delivery)
{
    delivery->job = (struct smtp_job){
        .hello = slice_of(relay->services->policy->name),
        .sender = slice_of(delivery->entries[0].sender),
        .recipients = delivery->recipients, .recipient_count = delivery->entry_count,
        .dsn = dsn_of(delivery),
        .size = delivery->job.size, .read = message_read, .context = delivery,
    };
    delivery->client = smtp_client_new(&delivery->job);
}

void relay_input(struct relay *relay, struct delivery *delivery, slice octets)
{
    smtp_client_input(delivery->client, octets);
    if (!smtp_client_is_over(delivery->client))
        relay->world.send(relay->world.context, delivery);
    else if (
        !any_tries_next(
            delivery)) /* else the next one's turn is when this one has closed the connection */
        delivery_settle(relay, delivery);
}

/* This host can't be spoken to: the next one's turn, or the end. */
static void host_failed(struct relay *relay, struct delivery *delivery, slice text)
{
    if (has_another_host(delivery)) {
        delivery->host_at++;
        connect_next(relay, delivery);
    } else {
        delivery_fail(relay, delivery, delivery->is_temporary ? SMTP_LATER : SMTP_REFUSED, text);
    }
}

void relay_closed(struct relay *relay, struct delivery *delivery, const char *how)
{
    slice rest = slice_of(how), host = delivery->hosts[delivery->host_at];
    slice code = take_word(&rest);
    slice text = arena_format(&delivery->arena, "%.*s %.*s:%.*s", SLICE_ARG(code), SLICE_ARG(host),
                              SLICE_ARG(rest));
    if (delivery->client) {
        smtp_client_lost(delivery->client, text);
        delivery_settle(relay, delivery);
    } else {
        delivery->is_temporary = true;
        host_failed(relay, delivery, text);
    }
}

/* Waiting makes no address: only another host's trouble is worth it (RFC 5321 5.1). */
void relay_no_address(struct relay *relay, struct delivery *delivery)
{
    slice host = delivery->hosts[delivery->host_at];
    slice text = arena_format(&delivery->arena, "%s %.*s: the name has no address",
                              delivery->is_temporary ? "4.4.4" : "5.4.4", SLICE_ARG(host));
    host_failed(relay, delivery, text);
}

slice relay_output(struct delivery *delivery)
{
    return delivery->client ? smtp_client_output(delivery->client) : SLICE_EMPTY;
}

void relay_sent(struct delivery *delivery, size_t octets)
{
    smtp_client_sent(delivery->client, octets);
}

/* --- the queue -------------------------------------------------------------------------------- */

static bool domain_is_busy(const struct relay *relay, const char *domain)
{
    for (const struct delivery *delivery = relay->deliveries; delivery; delivery = delivery->next)
        if (strcmp(delivery->entries[0].domain, domain) == 0)
            return true;
    return false;
}

static bool joins(const struct queued *first, const struct queued *other)
{
    return first->message_key == other->message_key && strcmp(first->domain, other->domain) == 0 &&
           strcmp(first->sender, other->sender) == 0 &&
           first->dsn.utf8 == other->dsn.utf8;
}

static void delivery_begin(struct relay *relay, const struct queued *due, size_t first,
                           size_t count)
{
    struct delivery *delivery = heap_take(sizeof *delivery);
    struct message message = { 0 };
    delivery->relay = relay;
    delivery->entries = arena_take_array(&delivery->arena, count - first, sizeof *due);
    delivery->recipients = arena_take_array(&delivery->arena, count - first, sizeof(slice));
    for (size_t i = first; i < count && delivery->entry_count < RECIPIENTS_MAX; i++) {
        if (!joins(&due[first], &due[i]))
            continue;
        struct queued *entry = &delivery->entries[delivery->entry_count];
        *entry = due[i];
        delivery->recipients[delivery->entry_count++] = slice_of(entry->recipient);
    }
    if (store_message(relay->services->store, due[first].message_key, &delivery->arena, &message)) {
        delivery->path_bytes = message.path_bytes;
        delivery->job.size = message.size - message.path_bytes;
    }
    delivery->next = relay->deliveries;
    relay->deliveries = delivery;
    relay->delivery_count++;
    slice domain = slice_of(delivery->entries[0].domain);
    if (domain.len && domain.at[0] == '[') { /* the host itself: no name is asked for (5321 5.1) */
        delivery->hosts[delivery->host_count++] = domain;
        connect_next(relay, delivery);
    } else {
        relay->world.lookup(relay->world.context, delivery, domain);
    }
}

void relay_look(struct relay *relay)
{
    struct services *services = relay->services;
    slice name = slice_of(services->policy->name);
    int64_t now_ms = (int64_t)services->now_ms, next_ms = 0;
    int64_t rest_ms = store_refuses(services->store) ? now_ms + (int64_t)QUEUE_RETRY_FIRST_MS
                                                     : relay->rests_until_ms;
    if (rest_ms > now_ms) { /* what would become of an entry could not be kept */
        relay->world.wake(relay->world.context, rest_ms);
        return;
    }
    size_t count = store_queue_due(services->store, name, now_ms, relay->due, DUE_PAGE);
    for (size_t i = 0; i < count && relay->delivery_count < DELIVERIES_MAX; i++)
        if (!domain_is_busy(relay, relay->due[i].domain))
            delivery_begin(relay, relay->due, i, count);
    /* What is due and busy is looked at again when its delivery ends. */
    if (store_queue_next(services->store, name, &next_ms) &&
        (relay->delivery_count == 0 || next_ms > now_ms))
        relay->world.wake(relay->world.context, next_ms);
}
