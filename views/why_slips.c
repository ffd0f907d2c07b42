/* why_slips.c: what a line shows beside its outcome: which slip it is that a row's own sentence
   would not name, and what was meant by it. */
#include <string.h>

#include "base/words.h"
#include "servers/dialect.h"
#include "servers/mail/mailbox_name.h"
#include "servers/services_table.h"
#include "servers/store/store.h"
#include "sim/hosts/host.h"
#include "sim/language/commands.h"
#include "sim/language/groups.h"
#include "views/clean.h"
#include "views/conns.h"
#include "views/reason.h"

#define LINE_BYTES 400 /* of a line are looked at */
#define NOBODY_ELSE "bo@campus.example" /* where no world is known */
#define DOMAIN "campus.example"

static bool is_imap(const struct why_case *asked) { return asked->protocol->literal != NULL; }

/* In any protocol, or in any but that one. */
static bool is_verb(slice word, const struct protocol *but)
{
    const struct protocol *protocol = NULL;
    while ((protocol = protocol_next(protocol)))
        if (protocol != but && protocol_verb(protocol, word) != EV_UNKNOWN)
            return true;
    return false;
}

/* IMAP's second word; but in "RETR 1", which has no tag, the first is what somebody meant. */
slice slip_word(const struct why_case *asked)
{
    slice rest = asked->said, first = take_word(&rest), second = take_word(&rest);
    if (!is_imap(asked))
        return first;
    bool untagged = !is_verb(second, NULL) && is_verb(first, asked->protocol) &&
                    protocol_verb(asked->protocol, first) == EV_UNKNOWN;
    return untagged ? first : second;
}

static bool word_is_of(const struct why_case *asked, const char *const *words)
{
    slice word = slip_word(asked);
    take_char(&word, '\\');
    for (; *words; words++)
        if (slice_is_nocase(word, *words))
            return true;
    return false;
}

/* In capitals, so that it can be looked through. */
static slice line_in_capitals(const struct why_case *asked, char line[LINE_BYTES])
{
    size_t len = slice_upto(asked->said, LINE_BYTES).len;
    for (size_t i = 0; i < len; i++)
        line[i] = to_upper(asked->said.at[i]);
    return (slice){ line, len };
}

static bool line_has(const struct why_case *asked, const char *text)
{
    char line[LINE_BYTES];
    size_t at;
    return slice_find_text(line_in_capitals(asked, line), slice_of(text), &at);
}

static bool last_word_is(const struct why_case *asked, const char *text)
{
    slice rest = asked->said, last = SLICE_EMPTY;
    for (slice word = take_word(&rest); word.len; word = take_word(&rest))
        last = word;
    return slice_is_nocase(last, text);
}

/* --- logins ------------------------------------------------------------------------------- */

bool slip_auth_login(const struct why_case *asked) { return last_word_is(asked, "LOGIN"); }
bool slip_auth_plain(const struct why_case *asked) { return last_word_is(asked, "PLAIN"); }

bool slip_asks_password(const struct why_case *asked)
{
    size_t at;
    return slice_find_text(asked->reply, SLICE("UGFzc3dvcmQ6"), &at);
}

/* USER ana tulip */
bool slip_user_had_password(const struct why_case *asked)
{
    const struct trace *trace = asked->world ? asked->world->trace : NULL;
    for (uint64_t at = trace ? trace_end(trace) : 0; trace && at-- > trace_first(trace);) {
        const struct trace_record *record = trace_at(trace, at);
        if (record->kind != TRACE_LINE || record->conn != asked->conn ||
            record->side != SIDE_CLIENT || !slice_starts_nocase(record->text, "USER "))
            continue;
        slice rest = slice_from(record->text, 5);
        take_word(&rest);
        return slice_trim(rest).len > 0;
    }
    return false;
}

/* --- commands that are none --------------------------------------------------------------- */

bool slip_empty(const struct why_case *asked) { return slice_trim(asked->said).len == 0; }
bool slip_no_command(const struct why_case *asked) { return slip_word(asked).len == 0; }

/* The first word is a verb, so it was taken for the tag. */
bool slip_no_tag(const struct why_case *asked)
{
    slice rest = asked->said, first = take_word(&rest), second = take_word(&rest);
    return protocol_verb(asked->protocol, first) != EV_UNKNOWN &&
           protocol_verb(asked->protocol, second) == EV_UNKNOWN;
}

/* … and with one it would be run here. */
bool slip_only_tag(const struct why_case *asked)
{
    slice rest = asked->said;
    return slip_no_tag(asked) &&
           protocol_allows(asked->protocol, asked->after,
                           protocol_verb(asked->protocol, take_word(&rest)));
}

/* What builds worlds and stories is hardly meant by one who talks to a server, nor are octets that
   stand in no quotes: "message to bo", "send this to bo". */
bool line_is_for_prompt(const struct command *const *tables, slice line)
{
    slice first = take_word(&line);
    const struct command *command = tables ? command_find(tables, first) : NULL;
    const struct help_group *group = command ? help_group_of(first) : NULL;
    slice word = slice_of(group && group->word ? group->word : "");
    bool builds = slice_is(word, "world") || slice_is(word, "stories");
    bool sends = slice_is(first, "send") && !slice_starts(slice_trim(line), "\"");
    return command && command->run && !builds && !sends;
}

bool slip_prompt(const struct why_case *asked)
{
    return line_is_for_prompt(asked->tables, asked->said);
}

/* "mail sync": MAIL is a command of SMTP too. */
bool slip_mail_program(const struct why_case *asked)
{
    slice rest = asked->said, first = take_word(&rest);
    return asked->tables && slice_is_nocase(first, "mail") &&
           subcommand_find(mail_words, take_word(&rest)) != NULL;
}

bool slip_login(const struct why_case *asked)
{
    return word_is_of(asked, (const char *const[]){ "LOGIN", NULL });
}

bool slip_last(const struct why_case *asked)
{
    return word_is_of(asked, (const char *const[]){ "LAST", NULL });
}

bool slip_hello(const struct why_case *asked)
{
    return word_is_of(asked, (const char *const[]){ "HELLO", "HI", NULL });
}

bool slip_bye(const struct why_case *asked)
{
    return word_is_of(asked, (const char *const[]){ "BYE", "GOODBYE", "END", "STOP", NULL });
}

/* How a protocol that answers in the same form is begun: SMTP, and LMTP. */
bool slip_kin_hello(const struct why_case *asked)
{
    return word_is_of(asked, (const char *const[]){ "EHLO", "HELO", "LHLO", NULL });
}

/* A verb of such a protocol. */
bool slip_kin_verb(const struct why_case *asked)
{
    const struct protocol *protocol = NULL;
    while ((protocol = protocol_next(protocol)))
        if (protocol->form == asked->protocol->form &&
            protocol_verb(protocol, slip_word(asked)) != EV_UNKNOWN)
            return true;
    return false;
}

/* A command of the protocol, which the server that the host answers like does not have. */
bool slip_lacked(const struct why_case *asked)
{
    bool known = false;
    for (size_t event = EV_VERBS; asked->dialect && event < asked->protocol->event_count; event++)
        known = known || (asked->protocol->events[event].verb &&
                          slice_is_nocase(slip_word(asked), asked->protocol->events[event].verb));
    return known;
}

/* Dovecot, Courier, Cyrus: a second session is let into a maildrop. */
bool slip_shared(const struct why_case *asked)
{
    return asked->dialect && asked->dialect->manners.shares_maildrop;
}

/* QUIT, where LOGOUT ends: with a tag, or in its place. */
bool slip_quit(const struct why_case *asked)
{
    slice rest = asked->said, first = take_word(&rest), second = take_word(&rest);
    slice word = second.len ? second : first;
    return slice_is_nocase(word, "QUIT") || slice_is_nocase(word, "BYE");
}

/* Of "Subject:" and "BCC:<x>" the name; empty: it is no header field. */
static slice field_name(const struct why_case *asked)
{
    slice rest = slip_word(asked), name = take_until(&rest, ':');
    bool colon = name.len < slip_word(asked).len;
    for (size_t i = 0; i < name.len; i++)
        if (!is_alnum((unsigned char)name.at[i]) && name.at[i] != '-')
            return SLICE_EMPTY;
    bool other = slice_starts(rest, "//") || is_verb(name, NULL); /* http://, MAIL:<ana> */
    return colon && name.len > 1 && !other ? name : SLICE_EMPTY;
}

bool slip_bcc(const struct why_case *asked)
{
    return word_is_of(asked, (const char *const[]){ "BCC", NULL }) ||
           slice_is_nocase(field_name(asked), "BCC");
}

bool slip_header_field(const struct why_case *asked) { return field_name(asked).len > 0; }

void slip_others(const struct why_case *asked, struct buf *out)
{
    const struct protocol *protocol = NULL;
    uint32_t told = 1u << asked->protocol->form; /* of kin one is enough */
    size_t count = 0;
    while ((protocol = protocol_next(protocol))) {
        if ((told & 1u << protocol->form) ||
            protocol_verb(protocol, slip_word(asked)) == EV_UNKNOWN)
            continue;
        told |= 1u << protocol->form;
        buf_format(out, "%s%s", count++ ? " and " : "", protocol->title);
    }
}

bool slip_other_verb(const struct why_case *asked)
{
    struct buf others = BUF_MAX(100);
    slip_others(asked, &others);
    bool found = others.len > 0;
    buf_free(&others);
    return found;
}

static bool near_verb(const struct why_case *asked, struct buf *out)
{
    char word[LINE_BYTES];
    struct why_case only = *asked;
    only.said = slip_word(asked);
    struct guess guess = guess_begin(line_in_capitals(&only, word));
    for (size_t event = EV_VERBS; event < asked->protocol->event_count; event++)
        if (asked->protocol->events[event].verb)
            guess_offer(&guess, slice_of(asked->protocol->events[event].verb));
    buf_add(out, guess.best);
    return guess_found(&guess);
}

/* --- addresses ---------------------------------------------------------------------------- */

bool slip_no_colon(const struct why_case *asked)
{
    size_t at;
    return !slice_find(asked->said, ':', &at);
}

bool slip_no_brackets(const struct why_case *asked)
{
    size_t at;
    return slice_find(asked->said, ':', &at) && !slice_find(asked->said, '<', &at) &&
           slice_trim(slice_from(asked->said, at + 1)).len > 0;
}

static const struct policy *server_policy(const struct why_case *asked)
{
    struct conns conns = { 0 };
    struct host *host = NULL;
    if (!asked->world)
        return NULL;
    conns_read(&conns, asked->world->trace);
    const struct conn *conn = conns_find(&conns, asked->conn);
    while (conn && (host = host_next((struct world *)(uintptr_t)asked->world, host)) &&
           host_number(host) != conn->server)
        ;
    conns_free(&conns);
    return host ? host_policy(host) : NULL;
}

static void local_domain(const struct why_case *asked, struct buf *out)
{
    const struct policy *policy = server_policy(asked);
    buf_add_text(out, policy && policy->domain_count ? policy->domains[0] : DOMAIN);
}

void slip_fixed(const struct why_case *asked, struct buf *out)
{
    size_t at = 0;
    slice_find(asked->said, ':', &at);
    slice rest = slice_from(asked->said, at + 1), address = take_word(&rest);
    clean_add_octets(out, slice_upto(asked->said, at + 1), true);
    buf_add_char(out, '<');
    clean_add_octets(out, address, true);
    if (!slice_find(address, '@', &at)) {
        buf_add_char(out, '@');
        local_domain(asked, out);
    }
    buf_add_char(out, '>');
    clean_add_octets(out, rest, true);
}

/* "bo" and "campus.example" of RCPT TO:<bo@campus.example>. */
static slice address_of(const struct why_case *asked, slice *domain)
{
    size_t at = 0, open = 0;
    slice rest = asked->said;
    if (!slice_find(rest, '<', &open))
        return SLICE_EMPTY;
    rest = slice_from(rest, open + 1);
    slice address = take_until(&rest, '>');
    if (!slice_find(address, '@', &at))
        return SLICE_EMPTY;
    *domain = slice_from(address, at + 1);
    return slice_upto(address, at);
}

/* A walk over the users, for the one whose name is nearest, or for any. */
struct nearest {
    slice name, domain;
    const struct policy *policy;
    unsigned distance;
    char best[ADDRESS_MAX + 1];
    size_t seen;
};

static bool user_offer(void *context, const struct user *user)
{
    struct nearest *nearest = context;
    slice domain = slice_of(user->address), name = take_until(&domain, '@');
    if (nearest->policy) {
        if (policy_has_domain(nearest->policy, domain) && nearest->seen++ < 2)
            FIELD_SET(nearest->best, slice_of(user->address));
        return true;
    }
    unsigned distance = word_distance(nearest->name, name);
    if (slice_equal_nocase(domain, nearest->domain) && distance < nearest->distance) {
        nearest->distance = distance;
        FIELD_SET(nearest->best, slice_of(user->address));
    }
    return true;
}

/* The second by address: the first is likely to be who is asking. */
void slip_user(const struct why_case *asked, struct buf *out)
{
    struct nearest nearest = { .policy = server_policy(asked) };
    if (nearest.policy)
        store_users(asked->world->store, user_offer, &nearest);
    buf_add_text(out, nearest.best[0] ? nearest.best : NOBODY_ELSE);
}

static bool near_user(const struct why_case *asked, struct buf *out)
{
    struct nearest nearest = { .seen = 0 };
    nearest.name = address_of(asked, &nearest.domain);
    nearest.distance = nearest.name.len <= 3 ? 2 : 3;
    if (asked->world && nearest.name.len)
        store_users(asked->world->store, user_offer, &nearest);
    buf_add_text(out, nearest.best);
    return nearest.best[0] != '\0';
}

static bool near_domain(const struct why_case *asked, struct buf *out)
{
    const struct policy *policy = server_policy(asked);
    slice domain = SLICE_EMPTY, name = address_of(asked, &domain);
    struct guess guess = guess_begin(domain);
    for (size_t i = 0; policy && i < policy->domain_count; i++)
        guess_offer(&guess, slice_of(policy->domains[i]));
    if (!guess_found(&guess) || guess.distance > 2)
        return false;
    clean_add_octets(out, name, true);
    buf_format(out, "@%.*s", SLICE_ARG(guess.best));
    return true;
}

/* --- mailboxes and flags ------------------------------------------------------------------ */

struct same_name {
    slice typed;
    struct buf *out;
    bool found;
};

static bool mailbox_offer(void *context, const struct mailbox *mailbox)
{
    struct same_name *same = context;
    same->found = slice_equal_nocase(slice_of(mailbox->name), same->typed);
    if (same->found)
        buf_add_text(same->out, mailbox->name);
    return !same->found;
}

static bool near_mailbox(const struct why_case *asked, struct buf *out)
{
    const struct session *session = asked->world ? host_session(asked->world, asked->conn) : NULL;
    struct same_name same = { SLICE_EMPTY, out, false };
    struct buf name = BUF_MAX(MAILBOX_NAME_MAX + 1);
    slice rest = asked->said;
    take_word(&rest), take_word(&rest);
    rest = slice_trim(rest);
    if (session && session->user && text_take(&rest, &name)) {
        same.typed = buf_slice(&name);
        store_mailboxes(asked->world->store, session->user, mailbox_offer, &same);
    }
    buf_free(&name);
    return same.found;
}

static bool near_flag(const struct why_case *asked, struct buf *out)
{
    static const char *const flags[] = { "Deleted", "Seen", "Flagged", "Answered", "Draft" };
    slice rest = asked->said;
    for (slice word = take_word(&rest); word.len; word = take_word(&rest)) {
        take_char(&word, '(');
        for (size_t i = 0; i < COUNT(flags); i++)
            if (slice_is_nocase(slice_upto(word, strlen(flags[i])), flags[i])) {
                buf_format(out, "\\%s", flags[i]);
                return true;
            }
    }
    return false;
}

bool slip_number(const struct why_case *asked)
{
    slice rest = asked->said;
    take_word(&rest), take_word(&rest);
    slice name = take_word(&rest);
    return name.len && is_digit((unsigned char)name.at[0]);
}

bool slip_number_high(const struct why_case *asked)
{
    size_t at;
    return slice_find_text(asked->reply, SLICE("fewer messages"), &at);
}

bool slip_sets_seen(const struct why_case *asked)
{
    return line_has(asked, " BODY[") || line_has(asked, "(BODY[") ||
           line_has(asked, "RFC822.TEXT") || last_word_is(asked, "RFC822");
}

bool slip_stores_deleted(const struct why_case *asked)
{
    return line_has(asked, "\\DELETED") && !line_has(asked, " -FLAGS");
}

/* --- what was meant ----------------------------------------------------------------------- */

bool slip_near(const struct why_case *asked, struct buf *out)
{
    if (asked->outcome == OUT_UNKNOWN)
        return near_verb(asked, out);
    if (asked->outcome == OUT_OK)
        return near_flag(asked, out);
    if (is_imap(asked))
        return near_mailbox(asked, out);
    return asked->outcome == OUT_REFUSED ? near_domain(asked, out) : near_user(asked, out);
}

static bool something_is_near(const struct why_case *asked)
{
    struct buf near = BUF_MAX(1024);
    bool found = slip_near(asked, &near);
    buf_free(&near);
    return found;
}

bool slip_near_verb(const struct why_case *asked) { return something_is_near(asked); }
bool slip_near_user(const struct why_case *asked) { return something_is_near(asked); }
bool slip_near_domain(const struct why_case *asked) { return something_is_near(asked); }
bool slip_case(const struct why_case *asked) { return something_is_near(asked); }
bool slip_stores_word(const struct why_case *asked) { return something_is_near(asked); }
