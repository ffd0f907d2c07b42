/* sentence_net.c: the sentences about names and the network: mx, txt, srv, link, set,
   offline, online; and finding what a name means. Hosts themselves are in sentence.c. */
#include <string.h>

#include "base/words.h"
#include "servers/mail/address.h"
#include "servers/services_table.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "sim/devices/device_mail.h"
#include "sim/hosts/host.h"
#include "sim/language/commands.h"
#include "sim/language/script.h"
#include "sim/language/sentence.h"

/* --- names ----------------------------------------------------------------------------------- */

uint32_t place_find(struct world *world, slice name, slice *meant)
{
    struct device *device = device_find(world, name);
    uint32_t number = device ? device->host : net_host(world->net, name);
    *meant = SLICE_EMPTY;
    if (number || name.len == 0)
        return number;
    struct guess guess = guess_begin(name);
    for (device = world->devices; device; device = device->next)
        guess_offer(&guess, slice_of(device->name));
    for (struct host *host = host_next(world, NULL); host; host = host_next(world, host))
        guess_offer(&guess, slice_of(host_policy(host)->name));
    *meant = guess.best;
    return 0;
}

static bool domain_take(struct sentence *sentence, struct dns_record *record)
{
    slice name = word_take(&sentence->rest);
    bool underscores = false; /* _imap._tcp.campus.example: SRV's names are no host names */
    for (size_t i = 0; i < name.len; i++)
        underscores |= name.at[i] == '_';
    if (!underscores && (!domain_valid(name) || name.at[0] == '['))
        return sentence_wrong(sentence, name, "a domain's name belongs here: campus.example");
    if (!text_is_visible(name) || name.len > DOMAIN_MAX)
        return sentence_wrong(sentence, name, "this is no name");
    FIELD_SET(record->name, name);
    for (char *at = record->name; *at; at++)
        *at = to_lower(*at);
    return true;
}

/* A record may point to nothing only on purpose: a name with no host is a slip. */
static bool server_take(struct sentence *sentence, struct dns_record *record)
{
    slice meant, name = word_peek(sentence->rest);
    uint32_t number = 0;
    if (word_take_if(&sentence->rest, ".")) { /* `mx shop.example 0 .`: it takes no mail */
        FIELD_SET(record->value, SLICE("."));
        return true;
    }
    if (!host_find(sentence->world, name) && !place_find(sentence->world, name, &meant) &&
        !meant.len)
        return sentence_wrong(sentence, name, "no host of that name: say `host …` first");
    if (!sentence_place_take(sentence, &number))
        return false;
    FIELD_SET(record->value, slice_of(net_host_name(sentence->world->net, number)));
    return true;
}

static bool record_add(struct sentence *sentence, const struct dns_record *record)
{
    struct error why;
    if (!sentence_ended(sentence))
        return false;
    if (!dns_add(sentence->world->dns, record, &why))
        return sentence_wrong(sentence, sentence->line, "%s", why.text);
    sentence_begins(sentence);
    return sentence_keep(sentence);
}

bool sentence_mx(struct sentence *sentence)
{
    struct dns_record record = { .type = DNS_MX };
    uint64_t preference = 0;
    if (!domain_take(sentence, &record) ||
        !sentence_number_take(sentence, UINT16_MAX, "a preference", &preference) ||
        !server_take(sentence, &record))
        return false;
    record.preference = (uint16_t)preference;
    return record_add(sentence, &record);
}

bool sentence_txt(struct sentence *sentence)
{
    struct dns_record record = { .type = DNS_TXT };
    struct buf text = BUF_MAX(sizeof record.value - 1);
    bool ok = domain_take(sentence, &record);
    slice where = word_peek(sentence->rest);
    if (ok && (!text_take(&sentence->rest, &text) || !text_is_visible(buf_slice(&text))))
        ok = sentence_wrong(sentence, where,
                            "a text in quotes belongs here, 255 characters at most");
    FIELD_SET(record.value, buf_slice(&text));
    buf_free(&text);
    return ok && record_add(sentence, &record);
}

bool sentence_srv(struct sentence *sentence)
{
    struct dns_record record = { .type = DNS_SRV };
    uint64_t priority = 0, weight = 0, port = 0;
    if (!domain_take(sentence, &record) ||
        !sentence_number_take(sentence, UINT16_MAX, "a priority", &priority) ||
        !sentence_number_take(sentence, UINT16_MAX, "a weight", &weight) ||
        !sentence_number_take(sentence, UINT16_MAX, "a port", &port) ||
        !server_take(sentence, &record))
        return false;
    record.preference = (uint16_t)priority;
    record.weight = (uint16_t)weight;
    record.port = (uint16_t)port;
    return record_add(sentence, &record);
}

/* --- link NAME latency 20ms bandwidth 2MB/s segment 1 loss 1/20 ------------------------------ */

static bool bandwidth_take(struct sentence *sentence, struct link *link)
{
    slice word = word_take(&sentence->rest), rest = word;
    uint64_t number = 0, unit = 1;
    bool ok = take_number(&rest, 1000000000, &number) && number > 0;
    if (ok)
        unit = take_char(&rest, 'k')   ? 1000
               : take_char(&rest, 'M') ? 1000000
               : take_char(&rest, 'G') ? 1000000000
                                       : 1;
    if (!ok || !slice_is(rest, "B/s"))
        return sentence_wrong(sentence, word,
                              "a bandwidth belongs here: 500B/s, 64kB/s, 2MB/s, 1GB/s");
    link->bytes_per_second = number * unit;
    return true;
}

static bool loss_take(struct sentence *sentence, struct link *link)
{
    slice word = word_take(&sentence->rest), rest = word;
    uint64_t number = 0;
    if (slice_is(word, "0")) {
        link->loss_one_in = 0;
        return true;
    }
    if (!take_prefix(&rest, "1/") || !word_number(rest, UINT32_MAX, &number) || number == 0)
        return sentence_wrong(sentence, word,
                              "how much is lost: 1/20 is one segment in twenty, 0 is none");
    link->loss_one_in = (uint32_t)number;
    return true;
}

static bool segment_take(struct sentence *sentence, struct link *link)
{
    uint64_t number = 0;
    slice where = word_peek(sentence->rest);
    if (!sentence_number_take(sentence, SEGMENT_BYTES_MAX, "a segment's size", &number))
        return false;
    if (number == 0)
        return sentence_wrong(sentence, where, "a segment carries at least 1 octet");
    link->segment_max = (uint32_t)number;
    return true;
}

static bool latency_take(struct sentence *sentence, struct link *link)
{
    uint64_t ms = 0;
    if (!sentence_duration_take(sentence, &ms))
        return false;
    link->latency_ns = ms * NS_PER_MS;
    return true;
}

static bool link_part_take(struct sentence *sentence, struct link *link)
{
    slice word = word_take(&sentence->rest);
    if (slice_is(word, "latency"))
        return latency_take(sentence, link);
    if (slice_is(word, "bandwidth"))
        return bandwidth_take(sentence, link);
    if (slice_is(word, "segment"))
        return segment_take(sentence, link);
    if (slice_is(word, "loss"))
        return loss_take(sentence, link);
    return sentence_wrong(sentence, word, "a link has latency, bandwidth, segment and loss");
}

bool sentence_link(struct sentence *sentence)
{
    uint32_t host = 0;
    if (!sentence_place_take(sentence, &host))
        return false;
    struct link *link = net_link(sentence->world->net, host), changed = *link;
    do {
        if (!link_part_take(sentence, &changed))
            return false;
    } while (word_peek(sentence->rest).len);
    sentence_begins(sentence);
    *link = changed;
    return sentence_keep(sentence);
}

/* --- set HOST greylist on|off, require tls [off], refuse VERB CODE [first N], refuse VERB off */

static bool switch_take(struct sentence *sentence, bool *on)
{
    slice word = word_take(&sentence->rest);
    *on = slice_is(word, "on");
    return *on || slice_is(word, "off") || sentence_wrong(sentence, word, "on or off?");
}

static bool verb_is_known(slice verb)
{
    const struct protocol *protocol = NULL;
    while ((protocol = protocol_next(protocol)))
        if (protocol_verb(protocol, verb) != EV_UNKNOWN)
            return true;
    return false;
}

static void refusal_remove(struct policy *policy, slice verb)
{
    size_t kept = 0;
    for (size_t i = 0; i < policy->refusal_count; i++)
        if (!slice_equal_nocase(verb, slice_of(policy->refusals[i].verb)))
            policy->refusals[kept++] = policy->refusals[i];
    policy->refusal_count = kept;
}

static bool refusal_count_take(struct sentence *sentence, struct refusal *refusal)
{
    uint64_t first = 0;
    refusal->left = -1;
    if (word_take_if(&sentence->rest, "first")) {
        if (!sentence_number_take(sentence, 1000000, "how often", &first))
            return false;
        refusal->left = (int64_t)first;
    }
    return true;
}

/* SMTP's codes are three digits, 4 or 5 first; POP3 and IMAP say words. */
static bool refusal_code_take(struct sentence *sentence, struct refusal *refusal)
{
    slice code = word_take(&sentence->rest);
    bool digits = code.len && is_digit((unsigned char)code.at[0]);
    uint64_t number = 0;
    if (digits && (code.len != 3 || !word_number(code, 599, &number) || number < 400))
        return sentence_wrong(sentence, code, "a refusal is 400 to 599 in SMTP");
    if (!code.len || code.len >= sizeof refusal->code || !text_is_visible(code))
        return sentence_wrong(sentence, code, "refuse with which code? 451, -ERR, NO");
    FIELD_SET(refusal->code, slice_is_nocase(code, "ERR") ? SLICE("-ERR") : code);
    return true;
}

static bool set_refuse(struct sentence *sentence, struct policy *policy)
{
    struct refusal refusal = { .left = -1 };
    slice verb = word_take(&sentence->rest);
    if (!verb_is_known(verb) || verb.len >= sizeof refusal.verb)
        return sentence_wrong(sentence, verb, "refuse which verb? RCPT, RETR, FETCH");
    FIELD_SET(refusal.verb, verb);
    for (char *at = refusal.verb; *at; at++)
        *at = to_upper(*at);
    bool off = word_take_if(&sentence->rest, "off");
    if (!off && (!refusal_code_take(sentence, &refusal) || !refusal_count_take(sentence, &refusal)))
        return false;
    if (!sentence_ended(sentence))
        return false;
    if (!off && policy->refusal_count == POLICY_REFUSALS_MAX)
        return sentence_wrong(sentence, verb, "this host refuses %d verbs already",
                              POLICY_REFUSALS_MAX);
    sentence_begins(sentence);
    refusal_remove(policy, verb);
    if (!off)
        policy->refusals[policy->refusal_count++] = refusal;
    return sentence_keep(sentence);
}

static bool set_switch(struct sentence *sentence, bool *setting, bool on)
{
    if (!sentence_ended(sentence))
        return false;
    sentence_begins(sentence);
    *setting = on;
    return sentence_keep(sentence);
}

/* --- set ADDRESS quota 10MB, quota 500 messages, quota off ----------------------------------- */

static bool quota_take(struct sentence *sentence, struct quota *quota)
{
    slice word = word_take(&sentence->rest), rest = word;
    uint64_t number = 0, unit = 1;
    if (slice_is(word, "off")) {
        quota->bytes = quota->messages = 0;
        return true;
    }
    bool ok = take_number(&rest, QUOTA_NUMBER_MAX, &number) && number > 0;
    if (ok && rest.len == 0 && word_take_if(&sentence->rest, "messages")) {
        quota->messages = number;
        return true;
    }
    unit = take_char(&rest, 'k') ? 1000 : take_char(&rest, 'M') ? 1000000
         : take_char(&rest, 'G') ? 1000000000 : 1;
    if (!ok || !slice_is(rest, "B"))
        return sentence_wrong(sentence, word,
                              "a quota is a size, a count, or off: 10MB, 500 messages, off");
    quota->bytes = number * unit;
    return true;
}

/* It stands with the user's mailboxes, so the sentence is not kept. */
static bool sentence_quota(struct sentence *sentence, slice address)
{
    struct store *store = sentence->world->store;
    struct user user;
    struct quota quota;
    if (!store_user_by_address(store, address, &user))
        return sentence_wrong(sentence, address, "nobody has that address (`users` lists them)");
    store_quota(store, user.id, &quota);
    if (!sentence_expect(sentence, "quota") || !quota_take(sentence, &quota) ||
        !sentence_ended(sentence))
        return false;
    sentence_begins(sentence);
    store_quota_set(store, user.id, quota.bytes, quota.messages);
    return true;
}

/* "without QRESYNC", "without QRESYNC off": what a poorer server does not offer. */
static bool set_without(struct sentence *sentence, struct policy *policy)
{
    slice token = word_take(&sentence->rest);
    size_t kept = 0;
    if (!token.len || token.len >= sizeof policy->without[0] || !text_is_visible(token))
        return sentence_wrong(sentence, token, "without which capability? QRESYNC, MOVE, STLS");
    bool off = word_take_if(&sentence->rest, "off");
    if (!sentence_ended(sentence))
        return false;
    if (!off && policy->without_count == POLICY_WITHOUT_MAX)
        return sentence_wrong(sentence, token, "this host is without %d already",
                              POLICY_WITHOUT_MAX);
    sentence_begins(sentence);
    for (size_t i = 0; i < policy->without_count; i++)
        if (!slice_is_nocase(token, policy->without[i]))
            memmove(policy->without[kept++], policy->without[i], sizeof policy->without[0]);
    policy->without_count = kept;
    if (!off)
        FIELD_SET(policy->without[policy->without_count++], token);
    return sentence_keep(sentence);
}

/* "set HOST serves lmtp": beside what it serves already. */
static bool set_serves(struct sentence *sentence, struct host *host)
{
    uint32_t services = 0;
    if (!sentence_services(sentence, &services) || !sentence_ended(sentence))
        return false;
    if (!(services & ~host_services(host)))
        return true;
    sentence_begins(sentence);
    host_serve(host, services);
    return sentence_keep(sentence);
}

bool sentence_set(struct sentence *sentence)
{
    bool on = true;
    size_t at;
    slice name = word_take(&sentence->rest);
    if (slice_find(name, '@', &at))
        return sentence_quota(sentence, name);
    struct host *host = host_find(sentence->world, name);
    if (!host)
        return sentence_wrong(sentence, name, "no host of that name (`hosts` lists them)");
    struct policy *policy = host_policy(host);
    slice what = word_take(&sentence->rest);
    if (slice_is(what, "greylist"))
        return switch_take(sentence, &on) && set_switch(sentence, &policy->greylist, on);
    if (slice_is(what, "require"))
        return sentence_expect(sentence, "tls") &&
               set_switch(sentence, &policy->require_tls, !word_take_if(&sentence->rest, "off"));
    if (slice_is(what, "refuse"))
        return set_refuse(sentence, policy);
    if (slice_is(what, "without"))
        return set_without(sentence, policy);
    if (slice_is(what, "answers"))
        return set_answers(sentence, policy);
    if (slice_is(what, "serves"))
        return set_serves(sentence, host);
    return sentence_wrong(sentence, what,
                          "a host's settings are greylist, require tls, refuse, without, "
                          "answers like and serves");
}

/* --- offline, online ------------------------------------------------------------------------- */

/* A device notices at once that it is in the network again, a server does not. */
static void device_is_back(struct world *world, uint32_t host)
{
    for (struct device *device = world->devices; device; device = device->next)
        if (device->host == host)
            mail_online(device_mail(device));
}

static bool place_switch(struct sentence *sentence, bool online)
{
    struct world *world = sentence->world;
    uint32_t host = 0;
    if (!sentence_place_take(sentence, &host) || !sentence_ended(sentence))
        return false;
    sentence_begins(sentence);
    if (net_is_online(world->net, host) == online)
        return true;
    net_set_online(world->net, host, online);
    if (world->script->phase == WORLD_LIVES)
        trace_add(world->trace, clock_ns(world->clock), &(struct trace_record){
            .kind = TRACE_NETWORK, .host = host, .ok = online,
            .name = online ? SLICE("online") : SLICE("offline") });
    if (world->script->phase == WORLD_LIVES && online)
        device_is_back(world, host);
    if (sentence->call)
        call_say(sentence->call, "%s is %s.", net_host_name(world->net, host),
                 online ? "in the network again" : "off the network");
    return sentence_keep(sentence);
}

bool sentence_offline(struct sentence *sentence) { return place_switch(sentence, false); }
bool sentence_online(struct sentence *sentence) { return place_switch(sentence, true); }
