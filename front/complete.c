/* complete.c: see complete.h. */
#include "front/complete.h"

#include <string.h>

#include "lessons/course.h"
#include "lessons/recording.h"
#include "lessons/sitting.h"
#include "lessons/story.h"
#include "base/words.h"
#include "servers/mail/identity.h"
#include "servers/services_table.h"
#include "servers/store/store.h"
#include "servers/store/store_device.h"
#include "sim/devices/device.h"
#include "sim/hosts/host.h"
#include "sim/language/groups.h"
#include "sim/language/script.h"
#include "sim/language/terms.h"
#include "sim/language/timeline.h"
#include "views/front.h"
#include "views/guide.h"

/* What is being looked for, while it is looked for. */
struct wanted {
    struct completions *found;
    struct world *world;
    slice begin;        /* of the word, as typed */
    const char *before; /* ":" in front of a command, else "" */
    const char *title;  /* of the group that is being offered, or NULL */
};

static void offer(const struct wanted *wanted, slice word)
{
    struct completions *found = wanted->found;
    if (!slice_starts_nocase(word, "") || word.len < wanted->begin.len ||
        !slice_equal_nocase(slice_upto(word, wanted->begin.len), wanted->begin) ||
        found->count == COMPLETIONS_KEPT)
        return;
    const char *whole =
        arena_format(&found->arena, "%s%.*s", wanted->before, SLICE_ARG(word)).at;
    for (size_t i = 0; i < found->count; i++)
        if (strcmp(found->words[i], whole) == 0)
            return;
    found->titles[found->count] = wanted->title;
    found->words[found->count++] = whole;
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

/* The first words of these lines, if they are commands here. */
static void offer_lines(const struct wanted *wanted, const char *const *lines)
{
    for (; *lines; lines++) {
        slice rest = slice_of(*lines), name = take_word(&rest);
        const struct command *command = command_find(wanted->world->script->tables, name);
        if (command && command->run)
            offer(wanted, name);
    }
}

/* Before a key is typed: by groups, without what only builders want. */
static void offer_groups(struct wanted *wanted)
{
    for (const struct help_group *group = help_groups; group->title; group++) {
        if (group->apart || (group->turns && !timeline_of(wanted->world)))
            continue;
        wanted->title = group->title[0] ? group->title : wanted->title;
        offer_lines(wanted, group->lines);
    }
    wanted->title = NULL;
}

static void offer_first_word(struct wanted *wanted)
{
    if (wanted->begin.len)
        offer_commands(wanted);
    else if (wanted->before[0])
        offer_lines(wanted, help_colon);
    else
        offer_groups(wanted);
}

/* What `help` knows: commands, verbs, terms. */
static void offer_help_words(const struct wanted *wanted)
{
    const struct protocol *protocol = NULL;
    offer_commands(wanted);
    for (const struct help_group *group = help_groups; group->title; group++)
        if (group->word)
            offer_text(wanted, group->word);
    while ((protocol = protocol_next(protocol)))
        for (int event = EV_VERBS; event < (int)protocol->event_count; event++)
            if (protocol->events[event].verb)
                offer_text(wanted, protocol->events[event].verb);
    for (const struct term *term = term_next(NULL); term; term = term_next(term))
        offer_text(wanted, term->name);
}

/* The names of all messages that have one. */
static void offer_messages(const struct wanted *wanted)
{
    struct buf identity = BUF_MAX(MESSAGE_IDENTITY_MAX), name = BUF_MAX(16);
    for (uint64_t number = 1; number <= COMPLETIONS_KEPT; number++) {
        buf_clear(&identity);
        buf_clear(&name);
        if (!store_message_identity(wanted->world->store, number, &identity))
            break;
        message_name_write(&name, number);
        offer(wanted, buf_slice(&name));
    }
    buf_free(&identity);
    buf_free(&name);
}

static void offer_stories(const struct wanted *wanted)
{
    for (const struct story_text *story = stories; story->name; story++)
        offer_text(wanted, story->name);
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

static void offer_recordings(const struct wanted *wanted)
{
    for (const struct recording_text *text = recording_texts; text->name; text++)
        offer_text(wanted, text->name);
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
    case COMPLETES_COMMAND: offer_help_words(wanted); break;
    case COMPLETES_WORD: must(false); break;
    case COMPLETES_PROTOCOL: offer_protocols(wanted); break;
    case COMPLETES_STATES:
        offer_protocols(wanted);
        offer_hosts(wanted, true);
        break;
    case COMPLETES_USER: store_users(wanted->world->store, offer_user, wanted); break;
    case COMPLETES_BRANCH: offer_branches(wanted); break;
    case COMPLETES_FILE: wanted->found->files = true; break;
    case COMPLETES_LESSON: offer_lessons(wanted); break;
    case COMPLETES_MESSAGE: offer_messages(wanted); break;
    case COMPLETES_STORY: offer_stories(wanted); break;
    case COMPLETES_RECORDING: offer_recordings(wanted); break;
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
        offer_first_word(wanted);
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
    } else if (command && slice_is(name, "why")) {
        offer_messages(wanted);
    } else if (command && slice_is(name, "states")) {
        offer_protocols(wanted);
    } else if (command && slice_is(name, "telnet")) {
        offer_services(wanted);
    } else if (command && slice_is(name, "dig")) {
        offer_hosts(wanted, true);
    }
}

/* --- verbs -------------------------------------------------------------------------------- */

/* "a1 SELECT INBOX": may words stand behind SELECT? A blank at a line's end is a mistake. */
static bool verb_goes_on(const struct event *event)
{
    size_t at = 0, blank;
    return slice_find_text(slice_of(event->sample), slice_of(event->verb), &at) &&
           slice_find(slice_from(slice_of(event->sample), at), ' ', &blank);
}

static void offer_verbs(const struct wanted *wanted, const struct session *session, bool only_uid)
{
    const struct protocol *protocol = session->protocol;
    for (int event = EV_VERBS; event < (int)protocol->event_count; event++)
        if (guide_runs(protocol, session->state, session->facts, event) &&
            (!only_uid || (protocol->events[event].flags & EVENT_UID))) {
            size_t before = wanted->found->count;
            offer_text(wanted, protocol->events[event].verb);
            if (wanted->found->count > before)
                wanted->found->ends = !verb_goes_on(&protocol->events[event]);
        }
}

/* "a7" behind an "a6": what the client has said on this connection, looked at from the end. */
static void offer_tag(const struct wanted *wanted)
{
    const struct world *world = wanted->world;
    uint64_t number = 0, at = trace_end(world->trace);
    size_t alphas = 0;
    slice tag = SLICE_EMPTY;
    while (!number && at-- > trace_first(world->trace)) {
        const struct trace_record *record = trace_at(world->trace, at);
        if (record->kind != TRACE_LINE || record->side != SIDE_CLIENT ||
            record->conn != world->here->typed_conn)
            continue;
        slice rest = record->text;
        tag = take_word(&rest);
        for (alphas = 0; alphas < tag.len && is_alpha((unsigned char)tag.at[alphas]);)
            alphas++;
        rest = slice_from(tag, alphas);
        if (tag.len > 9 || !take_number(&rest, UINT32_MAX, &number) || rest.len)
            number = 0;
    }
    struct buf next = BUF_MAX(32);
    buf_format(&next, "%.*s%llu", number ? (int)alphas : 1, number ? tag.at : "a",
               (unsigned long long)number + 1);
    offer(wanted, buf_slice(&next));
    buf_free(&next);
}

static bool offer_mailbox(void *context, const struct mailbox *mailbox)
{
    offer_text(context, mailbox->name);
    return true;
}

static bool offer_user_name(void *context, const struct user *user)
{
    slice rest = slice_of(user->address);
    offer(context, take_until(&rest, '@'));
    return true;
}

static bool offer_recipient(void *context, const struct user *user)
{
    struct buf path = BUF_MAX(ADDRESS_MAX + 8);
    buf_format(&path, "TO:<%s>", user->address);
    offer(context, buf_slice(&path));
    buf_free(&path);
    return true;
}

static bool verb_is_one_of(slice verb, const char *const *verbs)
{
    for (; *verbs; verbs++)
        if (slice_is_nocase(verb, *verbs))
            return true;
    return false;
}

/* What stands behind a verb: addresses, names, mailboxes. */
static void offer_verb_argument(struct wanted *wanted, const struct session *session, slice verb)
{
    static const char *const mailboxes[] = { "SELECT", "EXAMINE", "STATUS", "DELETE", "RENAME",
                                             "SUBSCRIBE", "UNSUBSCRIBE", "APPEND", NULL };
    static const char *const names[] = { "USER", "LOGIN", NULL };
    struct store *store = wanted->world->store;
    wanted->found->ends = !slice_is_nocase(verb, "LOGIN");
    if (slice_is_nocase(verb, "MAIL")) {
        struct buf path = BUF_MAX(ADDRESS_MAX + 8);
        buf_format(&path, "FROM:<%s>", wanted->world->here->address);
        offer(wanted, buf_slice(&path));
        buf_free(&path);
    } else if (slice_is_nocase(verb, "RCPT")) {
        store_users(store, offer_recipient, wanted);
    } else if (verb_is_one_of(verb, names)) {
        store_users(store, offer_user_name, wanted);
    } else if (session->user && verb_is_one_of(verb, mailboxes)) {
        store_mailboxes(store, session->user, offer_mailbox, wanted);
    }
}

/* IMAP's verbs stand behind the label. */
static void find_verb(struct wanted *wanted, const struct session *session, slice before)
{
    bool labelled = session->protocol->form == FORM_TAG;
    slice tag = labelled ? take_word(&before) : SLICE_EMPTY, verb = take_word(&before);
    before = slice_trim(before);
    if (labelled && !tag.len)
        offer_tag(wanted);
    else if (!verb.len)
        offer_verbs(wanted, session, false);
    else if (slice_is_nocase(verb, "UID") && !before.len)
        offer_verbs(wanted, session, true);
    else if (!before.len)
        offer_verb_argument(wanted, session, verb);
    else if (session->user && (slice_is_nocase(verb, "COPY") || slice_is_nocase(verb, "MOVE"))) {
        wanted->found->ends = true;
        store_mailboxes(wanted->world->store, session->user, offer_mailbox, wanted);
    }
}

void completions_find(struct completions *found, struct world *world, slice line, size_t start)
{
    slice before = slice_upto(line, start);
    struct wanted wanted = { found, world, slice_from(line, start), "", NULL };
    found->count = 0;
    found->files = found->ends = false;
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
