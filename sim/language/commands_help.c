/* commands_help.c: `help`: what can be done here and now, and what a word means. It reads
   the tables of commands and of rules, so it cannot tell what is not so. */
#include <string.h>

#include "base/said.h"
#include "base/words.h"
#include "servers/dialects/dialects.h"
#include "servers/services_table.h"
#include "sim/devices/device.h"
#include "sim/hosts/host.h"
#include "sim/language/commands.h"
#include "sim/language/groups.h"
#include "sim/language/script.h"
#include "sim/language/terms.h"
#include "sim/language/timeline.h"

#define LIST_MAX 4096
#define SAMPLE_COLUMN 38
#define WORD_COLUMN 14

static bool is_built(const struct world *world, const char *name)
{
    const struct command *command = command_find(world->script->tables, slice_of(name));
    return command && command->run;
}

/* --- bare ------------------------------------------------------------------------------------ */

/* "dig mx bakery.example": is dig a command of this program? */
static bool line_is_built(const struct world *world, const char *line)
{
    char name[32];
    slice rest = slice_of(line);
    FIELD_SET(name, word_take(&rest));
    return is_built(world, name);
}

static void lines_put(struct call *call, size_t column, const char *title, struct buf *out)
{
    if (title)
        call_pair(call, column, title, "%s", buf_text(out));
    else
        call_say(call, " %s", buf_text(out));
    buf_clear(out);
}

/* Those of the lines that are commands here, none broken at the window's end. */
static void lines_say(struct call *call, size_t column, const char *title,
                      const char *const *lines, const char *before)
{
    struct buf out = BUF_MAX(LIST_MAX);
    size_t room = COMMAND_COLUMNS - column;
    for (; *lines; lines++) {
        size_t width = strlen(before) + strlen(*lines);
        if (!line_is_built(call->world, *lines))
            continue;
        if (out.len && out.len + 2 + width > room) {
            lines_put(call, column, title, &out);
            title = title ? "" : NULL;
        }
        buf_format(&out, "%s%s%s", out.len ? "  " : "", before, *lines);
    }
    if (out.len)
        lines_put(call, column, title, &out);
    buf_free(&out);
}

static bool group_is_here(const struct call *call, const struct help_group *group)
{
    bool any = false;
    for (const char *const *line = group->lines; *line; line++)
        any = any || line_is_built(call->world, *line);
    return any && (!group->turns || timeline_of(call->world));
}

static void groups_say(struct call *call)
{
    for (const struct help_group *group = help_groups; group->title; group++) {
        struct buf title = BUF_MAX(32);
        buf_format(&title, " %s", group->title);
        if (!group->apart && group_is_here(call, group))
            lines_say(call, GROUP_TITLE_COLUMN, buf_text(&title), group->lines, "");
        buf_free(&title);
    }
}

static void help_prompt(struct call *call)
{
    call_say(call, SAID("Not connected: your commands go to Pennypost ($)."));
    groups_say(call);
    call_pair(call, GROUP_TITLE_COLUMN, SAID(" More"),
              SAID("help world, course, connected; at a shell "
                   "pennypost --help"));
    call_say(call,
             SAID("Once connected (>) each line goes to the server. A colon first reaches me:"));
    lines_say(call, 1, NULL, help_colon, ":");
}

/* Of a sample with a literal, the line that announces it. */
static void sample_say(struct call *call, const struct event *event)
{
    char left[64];
    struct buf sample = BUF_MAX(sizeof left);
    slice rest = slice_of(event->sample);
    buf_format(&sample, " %.*s", SLICE_ARG(slice_upto(rest, sizeof left - 4)));
    rest = buf_slice(&sample);
    FIELD_SET(left, take_until(&rest, '\r'));
    call_pair(call, SAMPLE_COLUMN, left, "%s", event->meaning);
    buf_free(&sample);
}

/* What it needs beside the state: a login, a port. */
static bool facts_allow(const struct session *session, const struct event *event)
{
    bool applies = (session->facts & event->when) == event->when;
    return !event->needs || !applies || (session->facts & event->needs) == event->needs;
}

static void help_connected(struct call *call, const struct session *session)
{
    const struct protocol *protocol = session->protocol;
    const struct state *state = &protocol->states[session->state];
    call_say(call, SAID("The %s server reads what you type. In %s %s."), protocol->title,
             state->name, protocol_state_meaning(protocol, session->state));
    for (size_t event = EV_VERBS; event < protocol->event_count; event++) {
        const struct event *declared = &protocol->events[event];
        if (declared->verb && protocol_allows(protocol, session->state, (int)event) &&
            facts_allow(session, declared))
            sample_say(call, declared);
    }
    if (state->reads == READS_BODY)
        call_say(call, SAID(" A line with only a dot ends it."));
    call_say(call, SAID("A colon first reaches Pennypost:"));
    lines_say(call, 1, NULL, help_colon, ":");
}

/* --- help WORD ------------------------------------------------------------------------------- */

static void forms_say(struct call *call)
{
    for (const struct check_form *form = check_forms; form->usage; form++)
        call_say(call, "  check %s%s", form->usage,
                 form->planned ? "   (planned, not built yet)" : "");
    call_say(call, "as in");
    for (const struct check_form *form = check_forms; form->usage; form++)
        if (!form->planned)
            call_say(call, "  check %s", form->sample);
}

#define USAGE_COLUMN 30

static void words_say(struct call *call, const struct subcommand *words)
{
    for (; words->name; words++)
        if (words->usage) {
            struct buf left = BUF_MAX(200);
            buf_format(&left, "  %s", words->usage);
            call_pair(call, USAGE_COLUMN, buf_text(&left), "%s", words->meaning);
            buf_free(&left);
        }
}

/* `help mail`, `help mail save`. */
static bool help_command(struct call *call, slice words)
{
    const struct command *command;
    take_char(&words, ':');
    slice word = word_take(&words);
    command = command_find(call->world->script->tables, word);
    if (!command)
        return false;
    if (!command->run) {
        call_say(call, "%s %s", command->name, command_absence(command));
        return true;
    }
    const struct subcommand *table = command_words(command);
    const struct subcommand *one = subcommand_find(table, slice_trim(words));
    if (slice_trim(words).len && !one)
        return false;
    if (one && one->usage) {
        call_say(call, "%s", one->usage);
        call_say(call, "  %s.", one->meaning);
        return true;
    }
    call_say(call, "%s", command->usage);
    call_say(call, "  %s.", command->meaning);
    if (table == check_words)
        forms_say(call);
    else if (table)
        words_say(call, table);
    return true;
}

static void rfcs_add(const struct protocol *protocol, int event, struct buf *out)
{
    for (size_t i = 0; i < protocol->rule_count; i++) {
        const struct rule *rule = &protocol->rules[i];
        bool told = false;
        for (size_t k = 0; k < i; k++)
            told = told || (protocol->rules[k].event == event &&
                            slice_is(slice_of(protocol->rules[k].rfc), rule->rfc));
        if (rule->event == event && !told)
            buf_format(out, "%s%s", out->len ? ", " : "", rule->rfc);
    }
}

static void states_add(const struct protocol *protocol, int event, struct buf *out)
{
    for (size_t i = 0; i < protocol->state_count; i++)
        if (protocol_allows(protocol, (int)i, event))
            buf_format(out, "%s%s", out->len ? " " : "", protocol->states[i].name);
}

/* A sample with a literal is more than one line. */
static void sample_lines_say(struct call *call, const struct event *event)
{
    slice rest = slice_of(event->sample);
    const char *left = SAID("  as in");
    while (rest.len) {
        slice line = take_until(&rest, '\n');
        size_t end = 0;
        if (slice_find(line, '\r', &end))
            line = slice_upto(line, end);
        call_pair(call, WORD_COLUMN, left, "%.*s", SLICE_ARG(line));
        left = "";
    }
}

static void others_pair(struct call *call, const struct buf *states, const struct buf *codes)
{
    if (codes->len)
        call_pair(call, WORD_COLUMN, SAID("  others"), "in %.*s: %.*s",
                  SLICE_ARG(buf_slice(states)), SLICE_ARG(buf_slice(codes)));
}

/* Where real servers say another code than ours to it, states of one answer together. */
static void others_say(struct call *call, const struct protocol *protocol, int event)
{
    struct buf states = BUF_MAX(LIST_MAX), codes = BUF_MAX(LIST_MAX), here = BUF_MAX(LIST_MAX);
    for (int state = 0; state < (int)protocol->state_count; state++) {
        bool runs = protocol_allows(protocol, state, event);
        enum outcome good = protocol_rule(protocol, state, event, OUT_OK) ? OUT_OK : OUT_REFUSED;
        buf_clear(&here);
        if (event >= EV_VERBS)
            dialects_others(&here, protocol, state, event, runs ? good : OUT_WRONG_TIME);
        if (here.len == 0)
            continue;
        if (!slice_equal(buf_slice(&here), buf_slice(&codes))) {
            others_pair(call, &states, &codes);
            buf_clear(&states);
            buf_clear(&codes);
            buf_add(&codes, buf_slice(&here));
        }
        buf_format(&states, "%s%s", states.len ? " " : "", protocol->states[state].name);
    }
    others_pair(call, &states, &codes);
    buf_free(&states);
    buf_free(&codes);
    buf_free(&here);
}

static void help_event(struct call *call, const struct protocol *protocol, size_t event)
{
    const struct event *declared = &protocol->events[event];
    struct buf states = BUF_MAX(LIST_MAX), rfcs = BUF_MAX(LIST_MAX);
    states_add(protocol, (int)event, &states);
    rfcs_add(protocol, (int)event, &rfcs);
    call_say(call, SAID("%s, %s: %s."), declared->verb, protocol->title, declared->meaning);
    sample_lines_say(call, declared);
    if (states.len)
        call_pair(call, WORD_COLUMN, SAID("  allowed in"), "%s", buf_text(&states));
    if (rfcs.len)
        call_pair(call, WORD_COLUMN, "  RFC", "%s", buf_text(&rfcs));
    others_say(call, protocol, (int)event);
    buf_free(&states);
    buf_free(&rfcs);
}

static bool is_served(struct world *world, const struct protocol *protocol)
{
    for (struct host *host = host_next(world, NULL); host; host = host_next(world, host))
        for (size_t i = 0; i < SERVICES; i++)
            if (protocol_is(service_table[i].protocol, protocol) &&
                (host_services(host) & service_bit(&service_table[i])))
                return true;
    return false;
}

/* What is found is told of each protocol; of one that no host here serves only if no other knows
   it. */
static const struct protocol *next_told(const struct call *call, const struct protocol *last,
                                        bool found)
{
    do
        last = protocol_next(last);
    while (last && found && !is_served(call->world, last));
    return last;
}

static bool help_events(struct call *call, slice word)
{
    bool found = false;
    const struct protocol *protocol = NULL;
    while ((protocol = next_told(call, protocol, found))) {
        for (size_t event = EV_ANY + 1; event < protocol->event_count; event++) {
            const struct event *declared = &protocol->events[event];
            if (!declared->verb || !slice_is_nocase(word, declared->verb) ||
                (event < EV_VERBS && term_find(word))) /* TLS: nothing that one types */
                continue;
            help_event(call, protocol, event);
            found = true;
        }
    }
    return found;
}

static void help_state(struct call *call, const struct protocol *protocol, int state)
{
    struct buf verbs = BUF_MAX(LIST_MAX);
    for (size_t event = EV_VERBS; event < protocol->event_count; event++)
        if (protocol->events[event].verb && protocol_allows(protocol, state, (int)event))
            buf_format(&verbs, " %s", protocol->events[event].verb);
    call_say(call, SAID("%s, a state of %s: in it %s."), protocol->states[state].name,
             protocol->title, protocol->states[state].meaning);
    if (verbs.len)
        call_pair(call, WORD_COLUMN, SAID("  allowed"), "%s", buf_text(&verbs) + 1);
    buf_free(&verbs);
}

static bool help_states(struct call *call, slice word)
{
    bool found = false;
    const struct protocol *protocol = NULL;
    while ((protocol = next_told(call, protocol, found))) {
        for (size_t state = 0; state < protocol->state_count; state++)
            if (slice_is_nocase(word, protocol->states[state].name)) {
                help_state(call, protocol, (int)state);
                found = true;
            }
    }
    return found;
}

static const char *code_meaning(const struct protocol *protocol, slice word)
{
    if (word.len == 3 && is_digit((unsigned char)word.at[0]))
        return protocol_code_meaning(protocol, word);
    for (size_t i = 0; i < protocol->code_count; i++)
        if (slice_equal_nocase(word, slice_trim(slice_of(protocol->codes[i].text))))
            return protocol->codes[i].meaning;
    return NULL;
}

static bool help_codes(struct call *call, slice word)
{
    bool found = false;
    const struct protocol *protocol = NULL;
    while ((protocol = next_told(call, protocol, found))) {
        const char *meaning = code_meaning(protocol, word);
        if (!meaning)
            continue;
        call_say(call, SAID("%.*s, a reply of %s"), SLICE_ARG(word), protocol->title);
        call_say(call, "  %s", meaning);
        found = true;
    }
    return found;
}

static bool help_protocols(struct call *call, slice word)
{
    const struct protocol *protocol = protocol_for_name(word);
    if (!protocol)
        return false;
    struct buf verbs = BUF_MAX(LIST_MAX);
    for (size_t event = EV_VERBS; event < protocol->event_count; event++)
        if (protocol->events[event].verb)
            buf_format(&verbs, " %s", protocol->events[event].verb);
    call_say(call, SAID("%s, RFC %s. Its verbs:"), protocol->title, protocol->rfc);
    call_say(call, " %s", buf_text(&verbs));
    struct host *host = host_next(call->world, NULL);
    if (host && !is_served(call->world, protocol))
        call_say(call, SAID("No host here serves it yet:  set %s serves %s"),
                 host_policy(host)->name, protocol->name);
    call_say(call, "Try  telnet mail %s", protocol->name);
    buf_free(&verbs);
    return true;
}

/* With a bar before it, by which those who listen are spared it (reflow.h). */
static void picture_say(struct call *call, const char *picture)
{
    slice rest = slice_of(picture ? picture : "");
    while (rest.len) {
        slice line = take_until(&rest, '\n');
        call_say(call, "  | %.*s", SLICE_ARG(line));
    }
}

static bool help_terms(struct call *call, slice word)
{
    const struct term *term = term_find(word);
    if (!term)
        return false;
    call_say(call, "%s%s%s%s: %s", term->name, term->also[0] ? " (" : "", term->also,
             term->also[0] ? ")" : "", term->meaning);
    picture_say(call, term_picture(term));
    if (term->rfc[0])
        call_pair(call, WORD_COLUMN, "  RFC", "%s", term->rfc);
    if (term->look[0])
        call_pair(call, WORD_COLUMN, "  look at", "%s", term->look);
    return true;
}

/* Is it this RFC? A rule cites "5321 4.1.1.4". */
static bool is_of_rfc(const char *cited, slice number)
{
    slice rest = slice_of(cited);
    return slice_equal(take_until(&rest, ' '), number);
}

static void rfc_verbs_add(const struct protocol *protocol, slice number, struct buf *out)
{
    for (size_t event = EV_VERBS; event < protocol->event_count; event++) {
        bool cited = false;
        for (size_t i = 0; i < protocol->rule_count; i++)
            cited |= protocol->rules[i].event == (int)event &&
                     is_of_rfc(protocol->rules[i].rfc, number);
        if (cited && protocol->events[event].verb)
            buf_format(out, " %s", protocol->events[event].verb);
    }
}

#define RFC_DIGITS 4

/* `help RFC 5321`, `help rfc5321`, `help 5321`: the verbs and terms that cite it. */
static bool help_rfc(struct call *call, slice word)
{
    bool found = false;
    bool named = slice_equal_nocase(slice_upto(word, 3), SLICE("rfc"));
    slice number = named ? slice_trim(slice_from(word, 3)) : word;
    if (!named && number.len < RFC_DIGITS) /* 550 is a reply */
        return false;
    const struct protocol *protocol = NULL;
    while ((protocol = next_told(call, protocol, found))) {
        struct buf verbs = BUF_MAX(LIST_MAX);
        rfc_verbs_add(protocol, number, &verbs);
        if (verbs.len)
            call_say(call, "RFC %.*s, %s:%s", SLICE_ARG(number), protocol->title, buf_text(&verbs));
        found |= verbs.len > 0;
        buf_free(&verbs);
    }
    for (const struct term *term = term_next(NULL); term; term = term_next(term)) {
        if (!is_of_rfc(term->rfc, number))
            continue;
        call_say(call, "RFC %s: %s (help %s)", term->rfc, term->name, term->name);
        found = true;
    }
    return found;
}

/* `help world`, `help time`: what each of a group's commands does. */
static void group_line_say(struct call *call, const struct help_group *group, const char *line)
{
    slice rest = slice_of(line);
    const struct command *command = command_find(call->world->script->tables, word_take(&rest));
    struct buf left = BUF_MAX(200);
    buf_format(&left, "  %s", group->apart && command ? command->usage : line);
    if (command && command->run)
        call_pair(call, USAGE_COLUMN, buf_text(&left), "%s", command->meaning);
    buf_free(&left);
}

static bool help_group(struct call *call, slice word)
{
    const struct help_group *group = help_group_find(word);
    if (!group)
        return false;
    call_say(call, "%s:", group->title);
    const char *title = group->title;
    for (; group->title && (group->title == title || !group->title[0]); group++)
        for (const char *const *line = group->lines; *line && group_is_here(call, group); line++)
            group_line_say(call, group, *line);
    return true;
}

static void guess_events(struct guess *guess)
{
    const struct protocol *protocol = NULL;
    while ((protocol = protocol_next(protocol))) {
        for (size_t event = EV_VERBS; event < protocol->event_count; event++)
            if (protocol->events[event].verb)
                guess_offer(guess, slice_of(protocol->events[event].verb));
    }
}

static bool help_nothing(struct call *call, slice word)
{
    struct guess guess = guess_begin(word);
    size_t from = 0;
    const struct command *command;
    while ((command = command_next(call->world->script->tables, true, &from)) != NULL)
        guess_offer(&guess, slice_of(command->name));
    guess_events(&guess);
    for (const struct term *term = term_next(NULL); term; term = term_next(term))
        guess_offer(&guess, slice_of(term->name));
    word = slice_upto(word, 40);
    if (guess_found(&guess))
        return call_fact(call, SAID("Nothing is known about %.*s. Did you mean  help %.*s ?"),
                         SLICE_ARG(word), SLICE_ARG(guess.best));
    return call_fact(call, SAID("Nothing is known about %.*s. `help` alone tells what there is."),
                     SLICE_ARG(word));
}

/* What is of this world and not of the field. */
static bool help_places(struct call *call, slice word)
{
    bool found = false;
    for (const struct device *device = call->world->devices; device; device = device->next) {
        if (slice_is_nocase(word, device->name))
            call_say(call, "%s: a device of %s, %s. `on %s` goes there.", device->name,
                     device->person, device->program, device->name);
        else if (slice_is_nocase(word, device->person) && !found)
            call_say(call, "%s: a person, %s. `users` lists all, `on %s` goes to a device of "
                     "theirs.", device->person, device->address, device->name);
        else
            continue;
        found = true;
    }
    return found;
}

static bool help_word(struct call *call, slice word)
{
    bool found = help_command(call, word);
    found |= help_terms(call, word);
    found |= help_events(call, word);
    found |= help_states(call, word);
    found |= help_codes(call, word);
    found |= help_protocols(call, word);
    found |= help_rfc(call, word);
    found |= help_group(call, word);
    found |= help_places(call, word);
    return found || help_nothing(call, word);
}

bool command_help(struct call *call)
{
    const struct device *device = call->device;
    const struct session *session = NULL;
    if (call->args.len && !slice_is_nocase(call->args, "commands"))
        return help_word(call, call->args);
    if (device && device->typed_open)
        session = host_session(call->world, device->typed_conn);
    if (session)
        help_connected(call, session);
    else
        help_prompt(call);
    return true;
}
