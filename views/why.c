/* why.c: Means, Cause, Try and Rule: the code's meaning, the row's own sentence and advice
   (reason.h), and the row that fired. */
#include "views/why.h"

#include "base/said.h"
#include "base/words.h"
#include "servers/dialects/dialects.h"
#include "servers/services_table.h"
#include "sim/devices/device.h"
#include "sim/hosts/host.h"
#include "sim/hosts/inbound.h"
#include "sim/language/script.h"
#include "views/clean.h"
#include "views/conns.h"
#include "views/earlier.h"
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
    buf_add_text(out, !asked->said.len ? ":why" : asked->tables ? ":why   you: " : ":why   it:  ");
    clean_upto(out, asked->said, COLUMNS - SAID_COLUMN - 11);
    buf_add_char(out, '\n');
}

static const char *verb_of(const struct why_case *asked)
{
    return protocol_event_name(asked->protocol, asked->event);
}

static bool is_unread(const struct why_case *asked)
{
    return asked->outcome == OUT_UNKNOWN || asked->outcome == OUT_SYNTAX;
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

/* Some servers say OK to what they do not do. */
static bool is_denied(const struct why_case *asked, slice reply)
{
    slice code = take_word(&reply);
    return !outcome_is_good(asked->outcome) &&
           (slice_is(code, "OK") || slice_is(code, "+OK") || slice_is(code, "250"));
}

static void means_add(struct buf *out, const struct why_case *asked)
{
    struct buf words = BUF_MAX(2048);
    slice reply = asked->reply;
    if (asked->protocol->form == FORM_TAG && !slice_starts(reply, "+"))
        take_word(&reply);
    reply = slice_trim(reply);
    const char *kind = protocol_code_meaning(asked->protocol, slice_upto(reply, 1));
    const char *code = is_denied(asked, reply) ? SAID("It says OK, and did nothing.")
                                               : protocol_code_meaning(asked->protocol, reply);
    if (kind && kind != code)
        buf_format(&words, "%s ", kind);
    buf_add_text(&words, code ? code : "");
    take_word(&reply);
    const char *more = slice_starts(slice_trim(reply), "[") ?
                       protocol_code_meaning(asked->protocol, slice_trim(reply)) : NULL;
    buf_format(&words, "%s%s", more ? " " : "", more ? more : "");
    if (is_unread(asked) && carries_password(asked))
        buf_add_text(&words, SAID(" Your password was never looked at."));
    part_add(out, SAID("Means"), buf_slice(&words));
    buf_free(&words);
}

/* --- Cause and Try ------------------------------------------------------------------------ */

static void cause_add(struct buf *out, const struct why_case *asked)
{
    struct buf words = BUF_MAX(2 * TRACE_LINE_MAX);
    reason_says(&words, asked);
    buf_add_char(&words, ' ');
    reason_more(&words, asked);
    part_add(out, SAID("Cause"), buf_slice(&words));
    buf_free(&words);
}

/* Line after line: "RSET   then   MAIL FROM:<ana@campus.example>". */
static void try_add(struct buf *out, const struct why_case *asked)
{
    struct buf lines = BUF_MAX(8 * TRACE_LINE_MAX), words = BUF_MAX(9 * TRACE_LINE_MAX);
    bool gone = asked->gone && asked->after != asked->protocol->closed;
    if (!gone)
        reason_attempt(&lines, asked);
    else
        reason_again(&words, asked);
    slice rest = buf_slice(&lines);
    while (rest.len) {
        slice line = take_until(&rest, '\n');
        buf_add_text(&words, words.len ? "   " SAID("then") "   " : "");
        buf_add(&words, line.len ? line : SLICE(SAID("(an empty line)")));
    }
    if (gone)
        buf_add_text(&words, "   " SAID("(the connection is closed)"));
    part_add(out, SAID("Try"), buf_slice(&words));
    buf_free(&lines);
    buf_free(&words);
}

/* --- Rule --------------------------------------------------------------------------------- */

static void rule_add(struct buf *out, const struct why_case *asked)
{
    struct buf words = BUF_MAX(1024), shown = BUF_MAX(128);
    const struct protocol *protocol = asked->protocol;
    slice reply = asked->reply;
    if (asked->protocol->form == FORM_TAG && !slice_starts(reply, "+"))
        take_word(&reply);
    slice code = take_word(&reply);
    const char *before = protocol->states[asked->before].name;
    clean_upto(&shown, code, 12);
    if (asked->before == asked->after)
        buf_format(&words, SAID("%s + %s, %s: %s, stay"), before, verb_of(asked),
                   outcome_words(asked->outcome), buf_text(&shown));
    else
        buf_format(&words, SAID("%s + %s, %s: %s, -> %s"), before, verb_of(asked),
                   outcome_words(asked->outcome), buf_text(&shown),
                   protocol->states[asked->after].name);
    buf_format(&words, "   RFC %s", asked->rule->rfc);
    buf_free(&shown);
    part_add(out, SAID("Rule"), buf_slice(&words));
    buf_free(&words);
}

/* --- Others ------------------------------------------------------------------------------- */

/* Real servers that answer otherwise there. */
static void others_add(struct buf *out, const struct why_case *asked)
{
    struct buf words = BUF_MAX(1024), line = BUF_MAX(1100);
    dialects_others(&words, asked->protocol, asked->before, asked->event, asked->outcome);
    if (words.len) { /* one blank parts title and words: together they are one form */
        buf_format(&line, SAID("Others %s."), buf_text(&words));
        buf_add_char(out, ' ');
        wrap_add(out, buf_slice(&line), 1, INDENT, COLUMNS);
    }
    buf_free(&words);
    buf_free(&line);
}

/* --- Whose -------------------------------------------------------------------------------- */

static void whose_add(struct buf *out, const struct why_case *asked)
{
    const struct dialect *dialect = asked->dialect;
    struct buf words = BUF_MAX(1024);
    const struct rule *ours = dialect_base_rule(dialect, asked->rule, asked->before);
    const char *note = dialect_note(dialect, asked->rule);
    slice theirs = reply_code(asked->rule->reply), mine = reply_code(ours ? ours->reply : NULL);
    buf_format(&words, "%s answers %.*s here", dialect->title, SLICE_ARG(theirs));
    if (slice_equal(theirs, mine))
        buf_add_text(&words, ", and so does Pennypost, in other words.");
    else
        buf_format(&words, "; Pennypost %.*s.", SLICE_ARG(mine));
    if (note)
        buf_format(&words, " %s", note);
    part_add(out, SAID("Whose"), buf_slice(&words));
    buf_free(&words);
}

void why_explain(struct buf *out, const struct why_case *asked)
{
    header_add(out, asked);
    means_add(out, asked);
    cause_add(out, asked);
    try_add(out, asked);
    rule_add(out, asked);
    if (!asked->dialect)
        others_add(out, asked);
    else if (dialect_own(asked->dialect, asked->rule))
        whose_add(out, asked);
}

/* --- the command -------------------------------------------------------------------------- */

/* Of an earlier sitting no session and no connection is there to be asked. */
static void case_fill(struct why_case *asked, const struct sight *sight, const struct conn *conn,
                      const struct trace_record *firing)
{
    const struct protocol *protocol = conn->protocol;
    const struct world *world = sight->world;
    uint32_t number = sight->past ? 0 : conn->number;
    const struct session *session = number ? host_session(world, number) : NULL;
    *asked = (struct why_case){
        .protocol = protocol,
        .rule = dialect_rule_at(protocol, firing->rule),
        .dialect = dialect_at(firing->rule),
        .before = firing->before,
        .after = firing->after,
        .event = firing->event,
        .outcome = firing->outcome,
        .said = said_by_client(sight->trace, firing, protocol),
        .reply = said_by_server(sight->trace, firing, protocol, conn->typed),
        .tables = world->script->tables,
        .world = world,
        .conn = number,
        .facts = session ? session->facts : 0,
        .gone = conn->typed && !session,
    };
}

void why_case_of(struct why_case *asked, const struct world *world, const struct conn *conn,
                 const struct trace_record *firing)
{
    const struct sight now = { .world = world, .trace = world->trace };
    case_fill(asked, &now, conn, firing);
}

bool why_about(const struct world *world, const struct trace_record *firing, struct why_case *asked)
{
    struct conns conns = { 0 };
    conns_read(&conns, world->trace);
    const struct conn *conn = firing ? conns_find(&conns, firing->conn) : NULL;
    bool found = conn && conn->protocol;
    if (found)
        why_case_of(asked, world, conn, firing);
    conns_free(&conns);
    return found;
}

bool why_last(const struct world *world, const struct device *device, struct why_case *asked)
{
    const struct trace_record *firing = NULL;
    if (device && device->typed_conn)
        firing = said_last_firing(world->trace, device->typed_conn);
    return why_about(world, firing, asked);
}

/* Of a connection the last refusal, if there was one: who asks does so after it, and a mail program
   goes on at once. */
static const struct trace_record *firing_of(const struct trace *trace, uint32_t conn)
{
    for (uint64_t number = trace_end(trace); number-- > trace_first(trace);) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->kind == TRACE_STATE && record->conn == conn &&
            !outcome_is_good(record->outcome))
            return record;
    }
    return said_last_firing(trace, conn);
}

/* "In an earlier sitting, 5 Jan 09:00: imap:143  phone -> mail.campus.example" */
static void earlier_say(struct call *call, const struct sight *sight, const struct conn *conn)
{
    struct buf words = BUF_MAX(1024);
    earlier_add(&words, sight, sight->past->conns[conn->number - 1].sitting);
    buf_format(&words, ": %s:%u  ", conn->protocol->name, conn->port);
    buf_format(&words, "%s -> %s", sight_name(sight, conn->client),
               sight_name(sight, conn->server));
    words.at[0] = to_upper(words.at[0]);
    wrap_add(call->out, buf_slice(&words), 0, 0, COLUMNS);
    buf_free(&words);
}

static bool sight_explain(struct call *call, const struct sight *sight, const struct conn *conn,
                          const struct trace_record *firing, bool typed_here)
{
    struct why_case asked;
    if (!conn || !conn->protocol || !firing)
        return false;
    case_fill(&asked, sight, conn, firing);
    if (!typed_here)
        asked.tables = NULL; /* a mail program means no command of ours */
    if (sight->past)
        earlier_say(call, sight, conn);
    why_explain(call->out, &asked);
    return true;
}

static bool connection_explain(struct call *call, uint32_t number)
{
    struct past past;
    struct sight sight;
    may_fail(past_read(&past, call->world)); /* what failed dooms the line */
    const struct conn *conn = sight_conn(&sight, call->world, &past, number);
    bool typed = sight.past ? conn && conn->typed
                            : call->device && call->device->typed_conn == number;
    bool told = sight_explain(call, &sight, conn,
                              conn ? firing_of(sight.trace, conn->number) : NULL, typed);
    sight_end(&sight);
    past_free(&past);
    return told || connection_unknown(call, number);
}

/* The last connection that was typed on this device in an earlier sitting. */
static const struct conn *typed_before(const struct sight *sight, const struct device *device)
{
    for (size_t i = sight->conns.count; device && i-- > 0;) {
        const struct conn *conn = conns_find(&sight->conns, (uint32_t)i);
        if (conn && conn->typed && sight_machine(sight, conn->client) == device->host)
            return conn;
    }
    return NULL;
}

/* Nothing was said in this sitting: the last reply is an earlier one's. */
static bool earlier_explain(struct call *call)
{
    struct past past;
    struct sight sight;
    may_fail(past_read(&past, call->world)); /* what failed dooms the line */
    sight_begin(&sight, call->world, &past);
    const struct conn *conn = typed_before(&sight, call->device);
    const struct trace_record *firing = conn ? said_last_firing(sight.trace, conn->number) : NULL;
    if (!sight_explain(call, &sight, conn, firing, true))
        call_fact(
            call,
            earlier_unknown(call, &past)
                ? SAID("No server has said anything here that is kept: there is no reply to "
                       "explain.")
                : SAID("No server has said anything here yet: there is no reply to explain."));
    sight_end(&sight);
    past_free(&past);
    return true;
}

bool why_run(struct call *call)
{
    struct why_case asked;
    uint64_t number = 0;
    if (word_number(call->args, UINT32_MAX, &number))
        return connection_explain(call, (uint32_t)number);
    if (call->args.len)
        return why_device_run(call);
    if (!why_last(call->world, call->device, &asked))
        return earlier_explain(call);
    why_explain(call->out, &asked);
    return true;
}
