/* sentence.c: the lines that build a world, read and carried out: hosts, users, mailboxes,
   devices, and where one is. Names and the network's settings are in sentence_net.c,
   messages in sentence_message.c. The same line may stand in a world's script or be typed. */
#include "sim/language/sentence.h"

#include <stdarg.h>

#include "base/said.h"
#include "base/words.h"
#include "servers/auth/sasl.h"
#include "servers/mail/address.h"
#include "servers/mail/encoding.h"
#include "servers/mail/mailbox_name.h"
#include "servers/services_table.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "sim/hosts/host.h"
#include "sim/language/build.h"
#include "sim/language/commands.h"

#define WORD_MAX 255 /* no name, address or password is longer */

/* --- reading --------------------------------------------------------------------------------- */

bool sentence_wrong(struct sentence *sentence, slice where, const char *format, ...)
{
    struct buf said = BUF_MAX(4 * WORLD_SENTENCE_MAX);
    va_list args;
    va_start(args, format);
    buf_format_list(&said, format, args);
    va_end(args);
    sentence->at = where.len ? (size_t)(where.at - sentence->line.at) : sentence->line.len;
    error_set(sentence->why, "%s", buf_text(&said));
    buf_free(&said);
    return false;
}

bool sentence_expect(struct sentence *sentence, const char *word)
{
    slice found = word_peek(sentence->rest);
    return word_take_if(&sentence->rest, word) ||
           sentence_wrong(sentence, found, "\"%s\" belongs here", word);
}

bool sentence_ended(struct sentence *sentence)
{
    slice left = slice_trim(sentence->rest);
    return left.len == 0 ||
           sentence_wrong(sentence, left, "the line should have ended before this");
}

bool sentence_user_take(struct sentence *sentence, struct user *user)
{
    slice word = word_take(&sentence->rest);
    if (word.len && store_user_by_address(sentence->world->store, word, user))
        return true;
    if (!word.len)
        return sentence_wrong(sentence, word, "a user's address belongs here: ana@campus.example");
    return sentence_wrong(sentence, word, "%.*s is no user of this world (`users` lists them)",
                          SLICE_ARG(slice_upto(word, 80)));
}

static bool box_encode(slice utf8, struct buf *box)
{
    struct buf wire = BUF_MAX(MAILBOX_NAME_MAX);
    bool ok = mutf7_encode(&wire, utf8) && mailbox_name_valid(buf_slice(&wire));
    if (ok)
        mailbox_name_canonical(box, buf_slice(&wire));
    buf_free(&wire);
    return ok;
}

bool sentence_box_take(struct sentence *sentence, struct buf *box)
{
    struct buf name = BUF_MAX(MAILBOX_NAME_MAX);
    slice where = word_peek(sentence->rest);
    bool ok = text_take(&sentence->rest, &name) && box_encode(buf_slice(&name), box);
    buf_free(&name);
    return ok || sentence_wrong(sentence, where,
                                "a mailbox's name belongs here: INBOX, or \"Two words\"");
}

bool sentence_place_take(struct sentence *sentence, uint32_t *host)
{
    slice meant, word = word_take(&sentence->rest);
    *host = place_find(sentence->world, word, &meant);
    if (*host)
        return true;
    if (!word.len)
        return sentence_wrong(sentence, word, "the name of a host or device belongs here");
    if (meant.len)
        return sentence_wrong(sentence, word, "%.*s is nothing in this world; did you mean %.*s ?",
                              SLICE_ARG(slice_upto(word, 80)), SLICE_ARG(meant));
    return sentence_wrong(sentence, word, "%.*s is nothing in this world (`hosts` lists what is)",
                          SLICE_ARG(slice_upto(word, 80)));
}

bool sentence_duration_take(struct sentence *sentence, uint64_t *ms)
{
    take_while(&sentence->rest, is_space);
    slice where = word_peek(sentence->rest);
    return duration_read(&sentence->rest, ms) ||
           sentence_wrong(sentence, where, "a duration belongs here: 20ms, 90s, 2h30m, 7d");
}

bool sentence_number_take(struct sentence *sentence, uint64_t max, const char *what,
                          uint64_t *value)
{
    slice word = word_take(&sentence->rest);
    return word_number(word, max, value) ||
           sentence_wrong(sentence, word, "%s is a number from 0 to %llu", what,
                          (unsigned long long)max);
}

void sentence_begins(struct sentence *sentence)
{
    if (sentence->call)
        call_begins(sentence->call);
}

bool sentence_keep(struct sentence *sentence)
{
    if (sentence->world->script->phase != WORLD_IS_REBUILT)
        store_sentence_add(sentence->world->store, sentence->line);
    return true;
}

/* --- host NAME serves SERVICES for DOMAINS --------------------------------------------------- */

bool sentence_services(struct sentence *sentence, uint32_t *services)
{
    for (;;) {
        slice word = word_peek(sentence->rest);
        if (word.len == 0 || slice_is(word, "for"))
            break;
        const struct service *service = service_for_name(word);
        if (!service || service_is_sealed(service))
            return sentence_wrong(sentence, word, "a host serves %s", service_names().text);
        *services |= service_bit(service);
        word_take(&sentence->rest);
    }
    return *services || sentence_wrong(sentence, word_peek(sentence->rest),
                                       "serves what? %s", service_names().text);
}

struct domains {
    slice names[POLICY_DOMAINS_MAX];
    size_t count;
};

static bool domains_take(struct sentence *sentence, struct domains *domains)
{
    slice word;
    while ((word = word_take(&sentence->rest)).len) {
        if (!domain_valid(word) || word.at[0] == '[')
            return sentence_wrong(sentence, word, "this is no domain's name: campus.example");
        if (domains->count == POLICY_DOMAINS_MAX)
            return sentence_wrong(sentence, word, "more than %d domains", POLICY_DOMAINS_MAX);
        domains->names[domains->count++] = word;
    }
    return domains->count > 0 || sentence_wrong(sentence, word, "for which domain?");
}

static bool host_is(struct host *host, uint32_t services, const struct domains *domains)
{
    const struct policy *policy = host_policy(host);
    if (host_services(host) != services || policy->domain_count != domains->count)
        return false;
    for (size_t i = 0; i < domains->count; i++)
        if (!slice_equal_nocase(domains->names[i], slice_of(policy->domains[i])))
            return false;
    return true;
}

static bool host_make(struct sentence *sentence, slice name, uint32_t services,
                      const struct domains *domains)
{
    struct error why;
    struct host *host = NULL;
    if (net_host(sentence->world->net, name))
        return sentence_wrong(sentence, name, "that name is taken by a device");
    sentence_begins(sentence);
    host = host_add(sentence->world, name, services, &why);
    if (!host) /* more than HOSTS_MAX: nobody builds that by hand */
        return sentence->call ? call_fact(sentence->call, "%s", why.text)
                              : sentence_wrong(sentence, name, "%s", why.text);
    struct policy *policy = host_policy(host);
    for (size_t i = 0; i < domains->count; i++) {
        FIELD_SET(policy->domains[i], domains->names[i]);
        for (char *at = policy->domains[i]; *at; at++)
            *at = to_lower(*at);
    }
    policy->domain_count = domains->count;
    struct link *link = net_link(sentence->world->net, host_number(host));
    link->latency_ns = SERVER_LATENCY_MS * NS_PER_MS;
    link->bytes_per_second = LINK_BYTES_PER_SECOND;
    return sentence_keep(sentence);
}

bool sentence_host(struct sentence *sentence)
{
    struct domains domains = { .count = 0 };
    uint32_t services = 0;
    slice name = word_take(&sentence->rest);
    size_t dot = 0;
    if (!domain_valid(name) || name.at[0] == '[' || !slice_find(name, '.', &dot))
        return sentence_wrong(sentence, name,
                              "a host's whole name belongs here: mail.campus.example");
    if (word_take_if(&sentence->rest, "serves") && !sentence_services(sentence, &services))
        return false;
    if (word_take_if(&sentence->rest, "for") && !domains_take(sentence, &domains))
        return false;
    if (!sentence_ended(sentence))
        return false;
    struct host *host = host_find(sentence->world, name);
    if (!host)
        return host_make(sentence, name, services, &domains);
    return host_is(host, services, &domains) ||
           sentence_wrong(sentence, name,
                          "there is such a host already, and it serves something else");
}

/* --- user, mailbox --------------------------------------------------------------------------- */

static struct host *host_for_domain(struct world *world, slice domain)
{
    struct host *host = host_next(world, NULL);
    while (host && !policy_has_domain(host_policy(host), domain))
        host = host_next(world, host);
    return host;
}

static bool user_make(struct sentence *sentence, slice address, slice password)
{
    slice local, domain;
    int64_t id = 0;
    if (!address_valid(address) || !address_split(address, &local, &domain))
        return sentence_wrong(sentence, address,
                              "a whole address belongs here: ana@campus.example");
    struct host *host = host_for_domain(sentence->world, domain);
    if (!host)
        return sentence_wrong(sentence, domain,
                              "no host keeps the mail for %.*s: say `host …  for %.*s` first",
                              SLICE_ARG(slice_upto(domain, 80)), SLICE_ARG(slice_upto(domain, 80)));
    sentence_begins(sentence);
    if (store_user_add(sentence->world->store, address, slice_of(host_policy(host)->name), password,
                       &id))
        store_subscribe(sentence->world->store, id, SLICE("INBOX"), true);
    return true;
}

bool world_user_add(struct world *world, slice address, slice password, struct error *why)
{
    struct sentence sentence = { .world = world, .line = address, .rest = SLICE_EMPTY, .why = why };
    struct user user;
    if (store_user_by_address(world->store, address, &user))
        return slice_is(password, user.password) ||
               error_set(why, "there is a user %s already, with another password", user.address);
    if (password.len == 0 || password.len >= sizeof user.password || !sasl_is_typed(password))
        return error_set(why, "a password has 1 to %zu octets of UTF-8, without control characters",
                         sizeof user.password - 1); /* RFC 4013 2.3: nobody could log in with one */
    return user_make(&sentence, address, password);
}

bool sentence_user(struct sentence *sentence)
{
    struct user user;
    struct buf password = BUF_MAX(WORD_MAX);
    slice address = word_take(&sentence->rest);
    bool ok = sentence_expect(sentence, "password");
    slice where = word_peek(sentence->rest);
    if (ok && !(text_take(&sentence->rest, &password) && text_is_visible(buf_slice(&password))))
        ok = sentence_wrong(sentence, where, "a password is a word, or a text in quotes");
    ok = ok && sentence_ended(sentence);
    if (ok && !store_user_by_address(sentence->world->store, address, &user))
        ok = user_make(sentence, address, buf_slice(&password));
    else if (ok && !slice_is(buf_slice(&password), user.password))
        ok = sentence_wrong(sentence, address,
                            "there is such a user already, with another password");
    buf_free(&password);
    return ok;
}

/* "for sent": IMAP's special uses (RFC 6154), in lower case. */
static bool use_take(struct sentence *sentence, uint32_t *use)
{
    *use = 0;
    if (!word_take_if(&sentence->rest, "for"))
        return true;
    slice word = word_take(&sentence->rest);
    return mailbox_use_named(word, use) ||
           sentence_wrong(sentence, word, "a mailbox is for archive, drafts, junk, sent or trash");
}

static bool mailbox_is_new(struct sentence *sentence, const struct user *user, slice box,
                           uint32_t use, bool *is_new)
{
    struct mailbox there;
    *is_new = !store_mailbox_find(sentence->world->store, user->id, box, &there);
    return *is_new || !use || there.use == use ||
           sentence_wrong(sentence, SLICE_EMPTY, "%.*s is there already, and not for that",
                          SLICE_ARG(box));
}

bool sentence_mailbox(struct sentence *sentence)
{
    struct store *store = sentence->world->store;
    struct user user;
    struct buf box = BUF_MAX(MAILBOX_NAME_MAX);
    int64_t id = 0;
    uint32_t use = 0;
    bool is_new = false;
    bool ok = sentence_user_take(sentence, &user) && sentence_box_take(sentence, &box) &&
              use_take(sentence, &use) &&
              mailbox_is_new(sentence, &user, buf_slice(&box), use, &is_new) &&
              sentence_ended(sentence);
    if (ok) {
        sentence_begins(sentence);
        if (is_new && store_mailbox_create(store, user.id, buf_slice(&box), &id)) {
            store_subscribe(store, user.id, buf_slice(&box), true);
            if (use)
                store_mailbox_use(store, id, use);
        }
    }
    buf_free(&box);
    return ok;
}

/* --- on --------------------------------------------------------------------------------------- */

/* A person was named, or a device that is not there: says which was meant, perhaps. */
static bool device_wrong(struct sentence *sentence, slice word)
{
    struct guess guess = guess_begin(word);
    for (const struct device *device = sentence->world->devices; device; device = device->next) {
        if (slice_is(word, device->person))
            return sentence_wrong(sentence, word, "%s is a person; `on %s` goes to the device",
                                  device->person, device->name);
        guess_offer(&guess, slice_of(device->name));
    }
    if (guess_found(&guess))
        return sentence_wrong(sentence, word, "no device of that name; did you mean %.*s ?",
                              SLICE_ARG(guess.best));
    return sentence_wrong(sentence, word, "no device of that name (`on` lists them)");
}

bool sentence_on(struct sentence *sentence)
{
    struct world *world = sentence->world;
    slice word = word_take(&sentence->rest);
    struct device *device = device_find(world, word);
    if (device && sentence_ended(sentence)) {
        sentence_begins(sentence);
        world->here = device;
        return true;
    }
    return !device && device_wrong(sentence, word);
}

/* --- which sentence -------------------------------------------------------------------------- */

static const struct {
    const char *name;
    sentence_fn *run;
} sentences[] = {
    { "host", sentence_host },     { "mx", sentence_mx },           { "txt", sentence_txt },
    { "srv", sentence_srv },       { "user", sentence_user },       { "mailbox", sentence_mailbox },
    { "message", sentence_message }, { "device", sentence_device }, { "setup", sentence_setup },
    { "link", sentence_link },     { "set", sentence_set },         { "offline", sentence_offline },
    { "online", sentence_online }, { "on", sentence_on },
};

/* The command of that name, if nothing is behind the name and something should be. Its form says
   more than what is missing first. */
static const struct command *form_needed(const struct sentence *sentence, const char *name)
{
    const struct command *const tables[] = { sim_commands, NULL };
    if (slice_trim(sentence->rest).len)
        return NULL;
    const struct command *command = command_find(tables, slice_of(name));
    return command->usage[strlen(name) + 1] == '[' ? NULL : command; /* "on [DEVICE]" */
}

bool sentence_run(struct world *world, slice line, struct call *call, bool *known, size_t *at,
                  struct error *why)
{
    struct sentence sentence = {
        .world = world, .call = call, .line = slice_trim(line), .why = why
    };
    size_t indent = (size_t)(sentence.line.at - line.at);
    sentence.rest = sentence.line;
    slice word = word_take(&sentence.rest);
    *known = false;
    for (size_t i = 0; i < COUNT(sentences); i++) {
        bool typed = call && slice_is_nocase(word, sentences[i].name); /* in any case, as verbs */
        if (!typed && !slice_is(word, sentences[i].name))
            continue;
        *known = true;
        const struct command *command = form_needed(&sentence, sentences[i].name);
        bool ok = sentence.line.len > WORLD_SENTENCE_MAX
                      ? sentence_wrong(&sentence, SLICE_EMPTY, "the line is longer than %d octets",
                                       WORLD_SENTENCE_MAX)
                  : command ? sentence_wrong(&sentence, SLICE_EMPTY, SAID("as in  %s"),
                                             command->usage)
                            : sentences[i].run(&sentence);
        *at = indent + sentence.at;
        return ok;
    }
    return true;
}

bool world_sentence(struct world *world, slice line, bool *known, size_t *at, struct error *why)
{
    *at = 0;
    return sentence_run(world, line, NULL, known, at, why);
}

bool command_sentence(struct call *call)
{
    bool known = false;
    size_t at = 0, name = 0;
    slice line = slice_trim(call->line);
    take_char(&line, ':');
    line = slice_trim(line);
    bool ok = sentence_run(call->world, line, call, &known, &at, call->why);
    name = (size_t)(call->args.at - line.at);
    call->at = at > name ? at - name : 0;
    must(known);
    return ok;
}
