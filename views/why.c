/* why.c: Means, Cause, Try and Rule, taken from the row that fired, the meanings of code,
   state and event, and the samples on the way to a moment at which it would be right. Only
   what a table cannot know (a forgotten label, what DELE leaves undone) is written here. */
#include "views/why.h"

#include "servers/services_table.h"
#include "sim/devices/device.h"
#include "sim/language/script.h"
#include "views/clean.h"
#include "views/conns.h"
#include "views/guide.h"
#include "views/said.h"
#include "views/utf8.h"
#include "views/views.h"
#include "views/wrap.h"

#define COLUMNS 80
#define INDENT 8
#define SAID_COLUMN 48

/* --- laying out --------------------------------------------------------------------------- */

static void part_add(struct buf *out, const char *title, slice words)
{
    if (slice_trim(words).len == 0)
        return;
    buf_format(out, " %-7s", title);
    wrap_add(out, words, INDENT, INDENT, COLUMNS);
}

static void clean_upto(struct buf *out, slice line, size_t columns)
{
    struct buf clean = BUF_MAX(TRACE_LINE_MAX * 4);
    clean_add_octets(&clean, slice_upto(line, columns * 4), true);
    slice fits = utf8_fit(buf_slice(&clean), columns);
    if (fits.len < clean.len && columns > 2)
        fits = utf8_fit(fits, columns - 2);
    buf_add(out, fits);
    if (fits.len < clean.len)
        buf_add_text(out, "..");
    buf_free(&clean);
}

static void header_add(struct buf *out, const struct why_case *asked)
{
    size_t start = out->len;
    buf_add_text(out, "S: ");
    clean_upto(out, asked->reply, COLUMNS - 3);
    size_t width = utf8_width(slice_from(buf_slice(out), start));
    if (width + 2 > SAID_COLUMN) {
        buf_add_char(out, '\n');
        width = 0;
    }
    for (; width < SAID_COLUMN - 1; width++)
        buf_add_char(out, ' ');
    buf_add_text(out, asked->said.len ? ":why   you: " : ":why");
    clean_upto(out, asked->said, COLUMNS - SAID_COLUMN - 11);
    buf_add_char(out, '\n');
}

/* --- what went wrong: kinds of slips ------------------------------------------------------ */

static const char *verb_of(const struct why_case *asked)
{
    return protocol_event_name(asked->protocol, asked->event);
}

static bool is_protocol(const struct why_case *asked, const char *name)
{
    return slice_is(slice_of(asked->protocol->name), name);
}

static bool is_unread(const struct why_case *asked)
{
    return asked->outcome == OUT_UNKNOWN || asked->outcome == OUT_SYNTAX;
}

/* IMAP without a label: the first word is a verb, so it was taken for the label. In IDLE no
   command is read, with or without one. */
static bool label_is_missing(const struct why_case *asked)
{
    slice rest = asked->said, first = take_word(&rest), second = take_word(&rest);
    return is_protocol(asked, "imap") && is_unread(asked) && asked->event != EV_DONE &&
           protocol_verb(asked->protocol, first) != EV_UNKNOWN &&
           protocol_verb(asked->protocol, second) == EV_UNKNOWN;
}

static bool brackets_are_missing(const struct why_case *asked)
{
    size_t at;
    return is_protocol(asked, "smtp") && asked->outcome == OUT_SYNTAX &&
           slice_find(asked->said, ':', &at) && !slice_find(asked->said, '<', &at) &&
           (slice_starts_nocase(asked->said, "MAIL") || slice_starts_nocase(asked->said, "RCPT"));
}

static bool was_for_prompt(const struct why_case *asked)
{
    slice rest = asked->said;
    slice word = take_word(&rest);
    const struct command *command = asked->tables ? command_find(asked->tables, word) : NULL;
    return is_unread(asked) && command && command->run;
}

/* --- what the rows cannot know ------------------------------------------------------------ */

#define IDLE_OVER "BAD: the line was not carried out, and IDLE has ended."
#define ONLY_DONE \
    "In IDLE the server reads no commands: only DONE is read, and ends it. Any other line ends " \
    "it too, with BAD under IDLE's own label."
#define IDLE_AGAIN "your command again, or  a1 IDLE"

static const struct explanation {
    const char *protocol, *verb;
    enum outcome outcome;
    const char *means, *cause, *next;
} explanations[] = {
    { "pop3", "DELE", OUT_OK, "Nothing is gone. DELE puts a mark that only this session sees.",
      "QUIT moves to UPDATE, which removes. RSET or a cut line forgets marks.",
      "QUIT to remove it, RSET to keep it" },
    { "pop3", "QUIT", OUT_OK, NULL,
      "QUIT is the only way to UPDATE: what DELE had marked was removed there, and only there.",
      NULL },
    { "smtp", "DOT", OUT_OK, NULL,
      "The dot ended the message. 250 is a promise, not \"delivered\": a message for elsewhere "
      "waits in this server's queue.",
      NULL },
    { "smtp", "RCPT", OUT_REFUSED, NULL,
      "This server has no mailboxes for that domain, and on port 25 it relays mail for nobody. "
      "Postfix of Debian says 454 here, and the client tries for days.",
      "telnet mail submission   (port 587), which does so after AUTH" },
    { "smtp", "RCPT", OUT_NO_SUCH, NULL, "The domain is right, but it has no user of that name.",
      ":users   and then RCPT with one of them" },
    { "smtp", "RCPT", OUT_TRY_LATER, NULL,
      "Greylisting: whom it does not know it asks to come back. A real server's queue does, "
      "spam seldom.",
      ":wait 10m   and then the same again" },
    { "imap", "DONE", OUT_SYNTAX, IDLE_OVER, ONLY_DONE, IDLE_AGAIN },
    { "imap", "DONE", OUT_UNKNOWN, IDLE_OVER, ONLY_DONE, IDLE_AGAIN },
    { "imap", "SELECT", OUT_NO_SUCH, NULL,
      "There is no such mailbox. A SELECT that fails leaves the one that was open, too.",
      "a1 LIST \"\" *   shows the names there are" },
};

static const struct explanation *explanation_of(const struct why_case *asked)
{
    for (size_t i = 0; i < COUNT(explanations); i++)
        if (is_protocol(asked, explanations[i].protocol) &&
            slice_is(slice_of(verb_of(asked)), explanations[i].verb) &&
            asked->outcome == explanations[i].outcome)
            return &explanations[i];
    return NULL;
}

/* --- Means -------------------------------------------------------------------------------- */

static bool carries_password(const struct why_case *asked)
{
    slice line = asked->said;
    for (slice word = take_word(&line); word.len; word = take_word(&line))
        if (slice_is_nocase(word, "LOGIN") || slice_is_nocase(word, "PASS") ||
            slice_is_nocase(word, "AUTH"))
            return true;
    return false;
}

static void means_add(struct buf *out, const struct why_case *asked)
{
    struct buf words = BUF_MAX(2048);
    const struct explanation *explanation = explanation_of(asked);
    slice reply = asked->reply;
    if (is_protocol(asked, "imap") && !slice_starts(reply, "+"))
        take_word(&reply);
    reply = slice_trim(reply);
    const char *kind = protocol_code_meaning(asked->protocol, slice_upto(reply, 1));
    const char *code = protocol_code_meaning(asked->protocol, reply);
    if (explanation && explanation->means) {
        buf_add_text(&words, explanation->means);
    } else {
        if (kind && kind != code)
            buf_format(&words, "%s ", kind);
        buf_add_text(&words, code ? code : "");
        take_word(&reply);
        const char *more = slice_starts(slice_trim(reply), "[") ?
                           protocol_code_meaning(asked->protocol, slice_trim(reply)) : NULL;
        buf_format(&words, "%s%s", more ? " " : "", more ? more : "");
    }
    if (is_unread(asked) && carries_password(asked))
        buf_add_text(&words, " Your password was never looked at.");
    part_add(out, "Means", buf_slice(&words));
    buf_free(&words);
}

/* --- Cause -------------------------------------------------------------------------------- */

static const char *cause_of_outcome(enum outcome outcome)
{
    switch (outcome) {
    case OUT_UNSUPPORTED: return "The word is known, what stands behind it is not offered here.";
    case OUT_TOO_LONG:
        return "A line has a limit, and this one was longer; nothing of it was read.";
    case OUT_TOO_BIG:
        return "There is a limit to the size, and this is above it; nothing was kept.";
    case OUT_TOO_MANY: return "There is a limit to how many, and this was one more.";
    case OUT_NEEDS_LOGIN: return "Here one has to say who one is before that.";
    case OUT_NEEDS_USER: return "A password alone says nothing: the name comes first.";
    case OUT_NEEDS_TLS: return "This host takes no password over a line that others can read.";
    case OUT_READ_ONLY: return "The mailbox was opened by EXAMINE, which only looks.";
    case OUT_BAD_LOGIN:
        return "The name or the password is wrong. It won't say which: that would help a thief.";
    case OUT_CANCELLED: return "You sent *, which gives up.";
    case OUT_IN_USE: return "Another POP3 session holds this maildrop; one at a time. "
                             "Dovecot, Courier, Cyrus and popa3d let a second in.";
    case OUT_BARE_NEWLINE:
        return "Lines end with CR and LF together. One of them stood alone, or a NUL.";
    case OUT_LOOP: return "It has passed so many servers that it must be going in circles.";
    case OUT_TOO_MANY_ERRORS: return "There were too many errors in this session.";
    case OUT_POLICY: return "Somebody set this host to refuse it (`set HOST refuse ...`).";
    case OUT_FAILED: return "The server's own trouble: it is not about your line.";
    case OUT_NO_ROOM: return "The server's disk is full: it is not about your line.";
    default: return NULL;
    }
}

static void cause_general(struct buf *words, const struct why_case *asked)
{
    const struct event *event = &asked->protocol->events[asked->event];
    const struct state *state = &asked->protocol->states[asked->before];
    const char *cause = cause_of_outcome(asked->outcome);
    if (asked->outcome == OUT_WRONG_TIME)
        buf_format(words, "In %s %s; %s %s.", state->name, state->meaning, event->verb,
                   event->meaning);
    else if (outcome_is_good(asked->outcome))
        buf_format(words, "%s %s.", event->verb, event->meaning);
    else if (asked->outcome == OUT_SYNTAX)
        buf_format(words, "%s is known, but the rest has not the form it must have. It %s.",
                   event->verb, event->meaning);
    else if (cause)
        buf_add_text(words, cause);
    else
        buf_format(words, "%s %s: %s.", event->verb, event->meaning, outcome_words(asked->outcome));
}

/* "LOGIN" in POP3: the protocols whose verb it is. */
static bool others_add(struct buf *words, const struct why_case *asked, slice word)
{
    const struct protocol *protocol = NULL;
    size_t found = 0;
    while ((protocol = protocol_next(protocol))) {
        if (protocol == asked->protocol || protocol_verb(protocol, word) == EV_UNKNOWN)
            continue;
        buf_format(words, "%s%s", found++ ? " and " : " It belongs to ", protocol->title);
    }
    if (found)
        buf_add_text(words, ".");
    return found > 0;
}

static void meant_add(struct buf *words, const struct why_case *asked, slice word)
{
    bool smtp = is_protocol(asked, "smtp");
    if (smtp && word.len > 1 && word.at[word.len - 1] == ':')
        buf_add_text(words, " A header field belongs to the message, after DATA.");
    else if (smtp && (slice_is_nocase(word, "HELLO") || slice_is_nocase(word, "HI")))
        buf_add_text(words, " SMTP's greeting is EHLO.");
    else if (others_add(words, asked, word) && is_protocol(asked, "pop3"))
        buf_add_text(words, slice_is_nocase(word, "LOGIN") ? " POP3 says USER and PASS." : "");
}

/* IMAP's command is the second word, behind the label. */
static void unknown_add(struct buf *words, const struct why_case *asked)
{
    slice rest = asked->said;
    slice word = take_word(&rest);
    if (is_protocol(asked, "imap"))
        word = take_word(&rest);
    if (word.len == 0) {
        buf_add_text(words, "There is no command in the line.");
        return;
    }
    buf_add_text(words, "\"");
    clean_upto(words, word, 40);
    buf_format(words, "\" is no command of %s.", asked->protocol->title);
    if (is_protocol(asked, "pop3") && slice_is_nocase(word, "LAST"))
        buf_add_text(words, " It was one until RFC 1725 of 1994; fetchmail still says it.");
    meant_add(words, asked, word);
}

void why_cause(struct buf *words, const struct why_case *asked)
{
    const struct explanation *explanation = explanation_of(asked);
    slice rest = asked->said;
    slice word = take_word(&rest);
    if (label_is_missing(asked)) {
        buf_add_text(words, "IMAP's first word is YOUR label for the answer; it took ");
        clean_add_octets(words, word, true);
        buf_add_text(words, " for it.");
    } else if (brackets_are_missing(asked)) {
        buf_add_text(words, "An address stands between < and >, and they are missing.");
    } else if (was_for_prompt(asked)) {
        clean_add_octets(words, word, true);
        buf_add_text(words, " is a command of Pennypost; without a colon it went to the server.");
    } else if (explanation && explanation->cause) {
        buf_add_text(words, explanation->cause);
    } else if (asked->outcome == OUT_UNKNOWN) {
        unknown_add(words, asked);
    } else {
        cause_general(words, asked);
    }
}

static void cause_add(struct buf *out, const struct why_case *asked)
{
    struct buf words = BUF_MAX(2048);
    why_cause(&words, asked);
    part_add(out, "Cause", buf_slice(&words));
    buf_free(&words);
}

/* --- Try ---------------------------------------------------------------------------------- */

static void sample_add(struct buf *words, const struct why_case *asked, int event)
{
    buf_add_text(words, asked->protocol->events[event].sample);
}

/* The samples on the shortest way to where this would be right. */
static void try_path(struct buf *words, const struct why_case *asked)
{
    uint8_t path[STATES_MAX];
    size_t count;
    if (!guide_path(asked->protocol, asked->before, asked->event, path, &count) || count == 0)
        return;
    for (size_t i = 0; i < count; i++) {
        buf_add_text(words, i ? " , then  " : "");
        sample_add(words, asked, path[i]);
    }
    buf_format(words, "   and then your %s again", verb_of(asked));
}

static void try_corrected(struct buf *words, slice line)
{
    size_t colon;
    must(slice_find(line, ':', &colon));
    clean_add_octets(words, slice_upto(line, colon + 1), true);
    buf_add_char(words, '<');
    clean_add_octets(words, slice_trim(slice_from(line, colon + 1)), true);
    buf_add_char(words, '>');
}

static void try_next(struct buf *words, const struct why_case *asked)
{
    struct guide guide;
    if (asked->after == asked->protocol->closed ||
        asked->protocol->states[asked->after].reads != READS_COMMAND)
        return;
    guide_read(&guide, asked->protocol, asked->after, 0);
    if (guide.next_count)
        sample_add(words, asked, guide.next[0]);
}

static void try_verb(struct buf *words, const struct why_case *asked, const char *verb)
{
    int event = protocol_verb(asked->protocol, slice_of(verb));
    if (event == EV_UNKNOWN)
        return;
    sample_add(words, asked, event);
    buf_format(words, "   and then your %s again", verb_of(asked));
}

static void try_words(struct buf *words, const struct why_case *asked)
{
    const struct explanation *explanation = explanation_of(asked);
    if (label_is_missing(asked)) {
        buf_add_text(words, "a1 ");
        clean_add_octets(words, asked->said, true);
    } else if (brackets_are_missing(asked)) {
        try_corrected(words, asked->said);
    } else if (was_for_prompt(asked)) {
        buf_add_char(words, ':');
        clean_add_octets(words, asked->said, true);
    } else if (explanation && explanation->next) {
        buf_add_text(words, explanation->next);
    } else if (asked->outcome == OUT_WRONG_TIME) {
        try_path(words, asked);
    } else if (asked->outcome == OUT_SYNTAX || asked->outcome == OUT_UNSUPPORTED) {
        sample_add(words, asked, asked->event);
    } else if (asked->outcome == OUT_NEEDS_USER) {
        try_verb(words, asked, "USER");
    } else if (asked->outcome == OUT_NEEDS_LOGIN) {
        try_verb(words, asked, "AUTH");
    } else if (asked->outcome == OUT_BAD_LOGIN) {
        buf_add_text(words, ":users   tells who there is, and the passwords of this toy world");
    } else if (asked->outcome == OUT_UNKNOWN || outcome_is_good(asked->outcome)) {
        try_next(words, asked);
    }
}

/* --- Rule --------------------------------------------------------------------------------- */

static void rule_add(struct buf *out, const struct why_case *asked)
{
    struct buf words = BUF_MAX(1024);
    const struct protocol *protocol = asked->protocol;
    slice reply = asked->reply;
    if (is_protocol(asked, "imap") && !slice_starts(reply, "+"))
        take_word(&reply);
    slice code = take_word(&reply);
    buf_format(&words, "%s + %s, %s: ", protocol->states[asked->before].name, verb_of(asked),
               outcome_words(asked->outcome));
    clean_upto(&words, code, 12);
    if (asked->before == asked->after)
        buf_add_text(&words, ", stay");
    else
        buf_format(&words, ", -> %s", protocol->states[asked->after].name);
    buf_format(&words, "   RFC %s", label_is_missing(asked) ? "3501 2.2.1" : asked->rule->rfc);
    part_add(out, "Rule", buf_slice(&words));
    buf_free(&words);
}

void why_explain(struct buf *out, const struct why_case *asked)
{
    struct buf words = BUF_MAX(TRACE_LINE_MAX * 4);
    header_add(out, asked);
    means_add(out, asked);
    cause_add(out, asked);
    try_words(&words, asked);
    part_add(out, "Try", buf_slice(&words));
    rule_add(out, asked);
    buf_free(&words);
}

/* --- the command -------------------------------------------------------------------------- */

bool why_about(const struct world *world, const struct trace_record *firing, struct why_case *asked)
{
    const struct trace *trace = world->trace;
    struct conns conns = { 0 };
    conns_read(&conns, trace);
    const struct conn *conn = firing ? conns_find(&conns, firing->conn) : NULL;
    const struct protocol *protocol = conn ? conn->protocol : NULL;
    conns_free(&conns);
    if (!protocol)
        return false;
    *asked = (struct why_case){
        .protocol = protocol,
        .rule = &protocol->rules[firing->rule],
        .before = firing->before,
        .after = firing->after,
        .event = firing->event,
        .outcome = firing->outcome,
        .said = said_by_client(trace, firing, protocol),
        .reply = said_by_server(trace, firing, protocol),
        .tables = world->script->tables,
    };
    return true;
}

bool why_last(const struct world *world, const struct device *device, struct why_case *asked)
{
    const struct trace_record *firing = NULL;
    if (device && device->typed_conn)
        firing = said_last_firing(world->trace, device->typed_conn);
    return why_about(world, firing, asked);
}

bool why_run(struct call *call)
{
    struct why_case asked;
    if (call->args.len)
        return why_device_run(call);
    if (!why_last(call->world, call->device, &asked))
        return call_fact(call,
                         "No server has said anything here yet: there is no reply to explain.");
    why_explain(call->out, &asked);
    return true;
}
