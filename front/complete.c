/* complete.c: see complete.h. */
#include "front/complete.h"

#include "lessons/course.h"
#include "lessons/sitting.h"
#include "servers/services_table.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "sim/hosts/host.h"
#include "sim/language/script.h"
#include "sim/language/timeline.h"
#include "views/front.h"
#include "views/guide.h"

/* What is being looked for, while it is looked for. */
struct wanted {
    struct completions *found;
    struct world *world;
    slice begin;        /* of the word, as typed */
    const char *before; /* ":" in front of a command, else "" */
};

static void offer(const struct wanted *wanted, slice word)
{
    struct completions *found = wanted->found;
    if (!slice_starts_nocase(word, "") || word.len < wanted->begin.len ||
        !slice_equal_nocase(slice_upto(word, wanted->begin.len), wanted->begin) ||
        found->count == COMPLETIONS_KEPT)
        return;
    found->words[found->count++] =
        arena_format(&found->arena, "%s%.*s", wanted->before, SLICE_ARG(word)).at;
}

static void offer_text(const struct wanted *wanted, const char *word)
{
    offer(wanted, slice_of(word));
}

/* --- what may stand behind a command ------------------------------------------------------ */

static void offer_commands(const struct wanted *wanted)
{
    size_t from = 0;
    const struct command *command;
    while ((command = command_next(wanted->world->script->tables, true, &from)) != NULL)
        offer_text(wanted, command->name);
}

static void offer_devices(const struct wanted *wanted)
{
    for (const struct device *device = wanted->world->devices; device; device = device->next)
        offer_text(wanted, device->name);
}

/* Also the first word of a host in one's own domain: that is how one says it there. */
static void offer_hosts(const struct wanted *wanted, bool devices)
{
    const struct world *world = wanted->world;
    for (struct host *host = host_next(wanted->world, NULL); host;
         host = host_next(wanted->world, host)) {
        slice name = slice_of(net_host_name(world->net, host_number(host))), rest = name;
        slice first = take_until(&rest, '.');
        if (world->here && slice_is(rest, world->here->domain))
            offer(wanted, first);
        offer(wanted, name);
    }
    if (devices)
        offer_devices(wanted);
}

static void offer_words(const struct wanted *wanted, const char *const *words)
{
    for (; *words; words++)
        offer_text(wanted, *words);
}

static void offer_protocols(const struct wanted *wanted)
{
    const struct protocol *protocol = NULL;
    while ((protocol = protocol_next(protocol)))
        offer_text(wanted, protocol->name);
}

static void offer_services(const struct wanted *wanted)
{
    for (size_t i = 0; i < SERVICES; i++)
        offer_text(wanted, service_table[i].name);
}

static bool offer_user(void *context, const struct user *user)
{
    offer_text(context, user->address);
    return true;
}

static void offer_lessons(const struct wanted *wanted)
{
    const struct front *front = wanted->world->front;
    const struct course *course = front ? front->course : NULL;
    for (size_t i = 0; course && i < course->count; i++)
        offer(wanted, course->lessons[i]->name);
}

static void offer_branches(const struct wanted *wanted)
{
    struct timeline_branch branches[COMPLETIONS_KEPT];
    const struct timeline *timeline = timeline_of(wanted->world);
    size_t count = timeline ? timeline_branches(timeline, branches, COMPLETIONS_KEPT) : 0;
    offer_text(wanted, TIMELINE_START);
    for (size_t i = 0; i < count && i < COMPLETIONS_KEPT; i++)
        offer_text(wanted, branches[i].name);
}

static void offer_argument(struct wanted *wanted, enum completes completes)
{
    switch (completes) {
    case COMPLETES_HOST: offer_hosts(wanted, true); break;
    case COMPLETES_SERVICE_HOST: offer_hosts(wanted, false); break;
    case COMPLETES_DEVICE: offer_devices(wanted); break;
    case COMPLETES_COMMAND: offer_commands(wanted); break;
    case COMPLETES_WORD: must(false); break;
    case COMPLETES_PROTOCOL: offer_protocols(wanted); break;
    case COMPLETES_USER: store_users(wanted->world->store, offer_user, wanted); break;
    case COMPLETES_BRANCH: offer_branches(wanted); break;
    case COMPLETES_FILE: wanted->found->files = true; break;
    case COMPLETES_LESSON: offer_lessons(wanted); break;
    case COMPLETES_NOTHING: break;
    }
}

static void offer_subcommands(const struct wanted *wanted, const struct subcommand *words)
{
    for (; words->name; words++)
        offer_text(wanted, words->name);
}

static void find_command(struct wanted *wanted, slice before)
{
    static const char *const types[] = { "a", "mx", "txt", "srv", NULL };
    slice name = take_word(&before);
    const struct command *command = command_find(wanted->world->script->tables, name);
    before = slice_trim(before);
    if (name.len == 0) {
        offer_commands(wanted);
    } else if (command && command->run && before.len == 0) {
        if (command_words(command))
            offer_subcommands(wanted, command_words(command));
        else
            offer_argument(wanted, command->completes);
        if (slice_is(name, "dig"))
            offer_words(wanted, types);
    } else if (command && command_words(command)) {
        const struct subcommand *word = subcommand_find(command_words(command), take_word(&before));
        if (word && slice_trim(before).len == 0)
            offer_argument(wanted, word->completes);
    } else if (command && slice_is(name, "telnet")) {
        offer_services(wanted);
    } else if (command && slice_is(name, "dig")) {
        offer_hosts(wanted, true);
    }
}

/* --- verbs -------------------------------------------------------------------------------- */

static void offer_verbs(const struct wanted *wanted, const struct session *session, bool only_uid)
{
    const struct protocol *protocol = session->protocol;
    for (int event = EV_VERBS; event < (int)protocol->event_count; event++)
        if (guide_runs(protocol, session->state, session->facts, event) &&
            (!only_uid || (protocol->events[event].flags & EVENT_UID)))
            offer_text(wanted, protocol->events[event].verb);
}

/* IMAP's verbs stand behind the label. */
static void find_verb(const struct wanted *wanted, const struct session *session, slice before)
{
    bool labelled = slice_is(slice_of(session->protocol->name), "imap");
    slice first = take_word(&before), second = take_word(&before);
    if (!labelled && first.len == 0)
        offer_verbs(wanted, session, false);
    else if (labelled && first.len && second.len == 0)
        offer_verbs(wanted, session, false);
    else if (labelled && slice_is_nocase(second, "UID") && slice_trim(before).len == 0)
        offer_verbs(wanted, session, true);
}

void completions_find(struct completions *found, struct world *world, slice line, size_t start)
{
    slice before = slice_upto(line, start);
    struct wanted wanted = { found, world, slice_from(line, start), "" };
    found->count = 0;
    found->files = false;
    arena_reset(&found->arena);
    const struct session *session = script_is_connected(world) ?
                                    host_session(world, world->here->typed_conn) : NULL;
    bool colon = slice_starts(line, ":");
    if (world->sitting && world->sitting->lesson->no_completion)
        return;
    if (session && !colon) {
        uint64_t left;
        if (device_expects(world, world->here, &left) == EXPECTS_COMMAND)
            find_verb(&wanted, session, before);
        return;
    }
    if (colon && start == 0) {
        wanted.before = ":";
        wanted.begin = slice_from(wanted.begin, 1);
    }
    take_char(&before, ':');
    find_command(&wanted, before);
}

void completions_free(struct completions *found)
{
    arena_free(&found->arena);
    found->count = 0;
}
