/* commands_type.c: what helps a person's fingers: send, sample, octets, base64. */
#include "base/said.h"
#include "base/words.h"
#include "servers/mail/date.h"
#include "servers/mail/encoding.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "sim/hosts/host.h"
#include "sim/language/commands.h"

#define SHOWN_MAX 4096
#define SAMPLE_STEPS_MAX 8

static bool is_connected(const struct call *call)
{
    return call->device && call->device->typed_open;
}

/* --- send ------------------------------------------------------------------------------------ */

bool command_send(struct call *call)
{
    struct buf octets = BUF_MAX(SCRIPT_LINE_MAX);
    slice rest = call->args;
    bool ok = quoted_read(&rest, &octets) && slice_trim(rest).len == 0;
    if (!ok) {
        bool quoted = call->args.len && call->args.at[0] == '"';
        call_refuse(call, call->args,
                    "octets in quotes, with C's escapes: send \"NOOP\\r\\n\" (\\xHH takes two "
                    "digits)%s",
                    quoted ? "" : ". A message: `mail write bo@campus.example subject \"Hello\"`");
    } else if (!is_connected(call)) {
        call_fact(call, SAID("You are connected to nobody."));
    } else {
        call_begins(call);
        device_type(call->world, call->device, buf_slice(&octets));
        call_settle(call);
        call_say(call, "Sent %zu octet%s.", octets.len, octets.len == 1 ? "" : "s");
    }
    buf_free(&octets);
    return ok;
}

/* --- octets ---------------------------------------------------------------------------------- */

/* Lines as they would be typed: each LF ends one, and so does the text's end. */
static void lines_count(slice text, size_t *lines, size_t *octets)
{
    *lines = *octets = 0;
    do {
        slice line = take_until(&text, '\n');
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        *octets += line.len;
        ++*lines;
    } while (text.len);
}

bool command_octets(struct call *call)
{
    struct buf quoted = BUF_MAX(SCRIPT_LINE_MAX);
    slice rest = call->args, text = call->args;
    size_t lines = 0, octets = 0;
    if (!text.len)
        return call_refuse(call, text, "count what? octets ana, or octets \"two\\nlines\"");
    if (quoted_read(&rest, &quoted) && slice_trim(rest).len == 0)
        text = buf_slice(&quoted);
    lines_count(text, &lines, &octets);
    if (lines == 1)
        call_say(call, "%zu octet%s: {%zu}. With the CRLF that ends its line %zu: {%zu}.", octets,
                 octets == 1 ? "" : "s", octets, octets + 2, octets + 2);
    else
        call_say(call,
                 "%zu lines. With CRLF after each line %zu octets: {%zu}. Without the last CRLF "
                 "%zu: {%zu}.",
                 lines, octets + 2 * lines, octets + 2 * lines, octets + 2 * lines - 2,
                 octets + 2 * lines - 2);
    buf_free(&quoted);
    return true;
}

/* --- base64 ---------------------------------------------------------------------------------- */

/* Outside quotes only NUL has an escape: it is what PLAIN needs and no key types. */
static void nul_escapes(slice text, struct buf *octets)
{
    while (text.len) {
        if (take_prefix(&text, "\\0")) {
            buf_add_char(octets, '\0');
            continue;
        }
        buf_add_char(octets, text.at[0]);
        text = slice_from(text, 1);
    }
}

static void octets_say(struct call *call, slice octets)
{
    struct buf shown = BUF_MAX(SHOWN_MAX);
    for (size_t i = 0; i < octets.len; i++) {
        unsigned char octet = (unsigned char)octets.at[i];
        if (octet == 0)
            buf_add_text(&shown, "\\0");
        else if (octet < ' ' || octet > '~')
            buf_format(&shown, "\\x%02x", octet);
        else
            buf_add_char(&shown, octets.at[i]);
    }
    call_say(call, "%s", buf_text(&shown));
    buf_free(&shown);
}

static bool base64_back(struct call *call, slice text)
{
    struct buf octets = BUF_MAX(SHOWN_MAX / 4);
    if (base64_decode(&octets, text))
        octets_say(call, buf_slice(&octets));
    else
        call_fact(call, octets.full ? "That is too long to show." : SAID("That is no base64."));
    buf_free(&octets);
    return true;
}

bool command_base64(struct call *call)
{
    struct buf octets = BUF_MAX(SASL_ANSWER_MAX), encoded = BUF_MAX(2 * SASL_ANSWER_MAX);
    slice rest = call->args, text = call->args;
    if (word_take_if(&text, "-d"))
        return base64_back(call, slice_trim(text));
    if (!text.len)
        return call_refuse(call, text,
                           "of what? base64 ana, base64 \\0ana\\0tulip, base64 -d YW5h");
    if (!quoted_read(&rest, &octets) || slice_trim(rest).len) {
        buf_clear(&octets);
        nul_escapes(call->args, &octets);
    }
    base64_encode(&encoded, buf_slice(&octets));
    bool full = octets.full || encoded.full;
    if (full)
        call_fact(call, "That is longer than any answer may be (%d octets).", SASL_ANSWER_MAX);
    else /* on one line, however long: it is to be sent as one */
        buf_format(call->out, "%s\n", buf_text(&encoded));
    buf_free(&octets);
    buf_free(&encoded);
    return true;
}

/* --- sample ---------------------------------------------------------------------------------- */

/* Somebody else who lives where the person does, or the person. */
struct neighbour {
    slice own;
    char address[ADDRESS_MAX + 1];
};

static bool neighbour_offer(void *context, const struct user *user)
{
    struct neighbour *neighbour = context;
    slice local = neighbour->own, other = slice_of(user->address), domain, other_domain;
    take_until(&local, '@');
    domain = local;
    other_domain = other;
    take_until(&other_domain, '@');
    if (slice_equal_nocase(other, neighbour->own) || !slice_equal_nocase(domain, other_domain))
        return true;
    FIELD_SET(neighbour->address, other);
    return false;
}

static struct neighbour neighbour_of(struct world *world, const struct device *device)
{
    struct neighbour neighbour = { .own = slice_of(device->address) };
    FIELD_SET(neighbour.address, slice_of(device->address));
    store_users(world->store, neighbour_offer, &neighbour);
    return neighbour;
}

static void sample_message(struct world *world, const struct device *device, struct buf *out)
{
    struct neighbour to = neighbour_of(world, device);
    buf_format(out, "From: %s\r\nTo: %s\r\nSubject: A sample\r\nDate: ", device->address,
               to.address);
    date_write_5322(out, (int64_t)world_now_ms(world), 0);
    buf_add_text(out, "\r\n\r\nThis message was typed by `sample`.\r\n");
}

static const struct session *typed_session(const struct call *call)
{
    return is_connected(call) ? host_session(call->world, call->device->typed_conn) : NULL;
}

/* What SMTP wants to hear next on the way to a whole message; false: it is no such moment. */
static bool sample_line(struct call *call, const struct session *session, struct buf *line)
{
    const char *state = session->protocol->states[session->state].name;
    struct neighbour to = neighbour_of(call->world, call->device);
    slice now = slice_of(state);
    if (slice_is(now, "CONNECTED"))
        return buf_format(line, "%s %s.%s\r\n",
                          protocol_event_name(session->protocol, EV_VERBS), call->device->name,
                          call->device->domain); /* the first of its verbs says hello */
    if (slice_is(now, "READY"))
        return buf_format(line, "MAIL FROM:<%s>\r\n", call->device->address);
    if (slice_is(now, "MAILED"))
        return buf_format(line, "RCPT TO:<%s>\r\n", to.address);
    if (slice_is(now, "ADDRESSED"))
        return buf_add_text(line, "DATA\r\n");
    if (!slice_is(now, "DATA"))
        return false;
    sample_message(call->world, call->device, line);
    return buf_add_text(line, ".\r\n");
}

/* Step by step, as a person would: no step before the last was answered well. */
static bool sample_smtp(struct call *call)
{
    for (int step = 0; step < SAMPLE_STEPS_MAX; step++) {
        const struct session *session = typed_session(call);
        if (!session)
            return call_fact(call, "The server closed the connection.");
        int before = session->state;
        const char *state = session->protocol->states[before].name;
        struct buf line = BUF_MAX(4096);
        bool known = sample_line(call, session, &line);
        if (known && !call->begun)
            call_begins(call);
        if (known)
            device_type(call->world, call->device, buf_slice(&line));
        buf_free(&line);
        if (!known)
            return call_fact(call, SAID("There is no sample for this moment (%s)."), state);
        call_settle(call);
        session = typed_session(call);
        if (slice_is(slice_of(state), "DATA") && session &&
            (session->last.outcome == OUT_OK || session->last.outcome == OUT_NOTHING)) {
            call_say(call, SAID("Typed a small message up to its dot."));
            return true;
        }
        if (session && session->state == before)
            return call_fact(call, "The server did not take it: see its reply.");
    }
    return call_fact(call, "The server never took it all.");
}

/* Exactly as many octets as are left, and the CRLF that ends the command. */
static bool sample_literal(struct call *call, uint64_t octets_left)
{
    struct buf message = BUF_MAX(SCRIPT_LINE_MAX);
    sample_message(call->world, call->device, &message);
    if (octets_left < message.len || octets_left > SCRIPT_LINE_MAX / 2) {
        call_fact(call, "The sample has %zu octets: {%zu} or a little more fits it.", message.len,
                  message.len);
    } else {
        for (size_t column = 1; message.len < octets_left; column++) {
            bool breaks = column % 72 == 0 && message.len + 2 <= octets_left;
            buf_add_text(&message, breaks ? "\r\n" : ".");
        }
        buf_add_text(&message, "\r\n");
        call_begins(call);
        device_type(call->world, call->device, buf_slice(&message));
        call_settle(call);
        call_say(call, SAID("Typed %zu octets and the CRLF that ends the command."),
                 message.len - 2);
    }
    buf_free(&message);
    return true;
}

bool command_sample(struct call *call)
{
    uint64_t left = 0;
    const struct session *session = typed_session(call);
    if (call->args.len)
        return call_refuse(call, call->args, SAID("`sample` takes nothing after it"));
    if (!session)
        return call_fact(call, SAID("You are connected to nobody: telnet mail smtp"));
    if (session_expects(session, &left) == EXPECTS_LITERAL)
        return sample_literal(call, left);
    if (session->protocol->form == FORM_DIGITS)
        return sample_smtp(call);
    struct buf message = BUF_MAX(4096);
    sample_message(call->world, call->device, &message);
    if (session->protocol->form == FORM_TAG)
        call_fact(call, "Announce it first: a1 APPEND INBOX {%zu}  and then :sample", message.len);
    else
        call_fact(call, "%s only fetches mail: there is nothing to type a message into.",
                  session->protocol->title);
    buf_free(&message);
    return true;
}
