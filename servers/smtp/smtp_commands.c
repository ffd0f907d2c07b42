/* smtp_commands.c: what SMTP's commands do. When they may, what is answered and what
   comes next stands in smtp_table.c; the message's text is smtp_data.c's. RFC 5321. */
#include <string.h>

#include "base/words.h"
#include "servers/dialect.h"
#include "servers/login.h"
#include "servers/mail/address.h"
#include "servers/mail/encoding.h"
#include "servers/smtp/smtp.h"
#include "servers/smtp/smtp_intake.h"
#include "servers/smtp/smtp_owner.h"
#include "servers/smtp/smtp_parameters.h"

struct smtp *smtp_of(struct session *session) { return session->own; }

/* --- lines and replies --------------------------------------------------------------------- */

int smtp_read(struct session *session, slice line, slice *args)
{
    *args = line;
    slice verb = take_word(args);
    if (args->len)
        *args = slice_from(*args, 1);
    return protocol_verb(session->protocol, verb);
}

/* RFC 3463's code at the front of a reply's text, with its blank: "5.1.1 ". Empty: none. */
static slice enhanced_code(slice text)
{
    slice rest = text;
    uint64_t number = 0;
    bool is_one = rest.len > 1 && rest.at[0] >= '2' && rest.at[0] <= '5' && rest.at[1] == '.';
    rest = slice_from(rest, 2);
    is_one = is_one && take_number(&rest, 999, &number) && take_char(&rest, '.') &&
             take_number(&rest, 999, &number) && take_char(&rest, ' ');
    return slice_upto(text, is_one ? text.len - rest.len : 0);
}

/* "250 text", or with data lines "250-text", "250-line" … "250 line". The status code is
   the text's first three octets; an enhanced one stands on each line (RFC 2034 4). Who refuses
   by order (policy.h) names none: then it is the class's most general one. Other servers say
   some replies without, or all. */
void smtp_status(struct session *session, slice text)
{
    const bool ours = !session->protocol->dialect;
    slice data = buf_slice(&session->data);
    slice code = slice_upto(text, 3), line = slice_from(text, 4);
    slice enhanced = enhanced_code(line);
    line = slice_from(line, enhanced.len);
    if (enhanced.len == 0 && ours && (code.at[0] == '4' || code.at[0] == '5'))
        enhanced = code.at[0] == '4' ? SLICE("4.3.0 ") : SLICE("5.3.0 ");
    if (session_manners(session)->no_codes)
        enhanced = SLICE_EMPTY;
    while (true) {
        session_write(session, code);
        session_write(session, data.len ? SLICE("-") : SLICE(" "));
        session_write(session, enhanced);
        session_write(session, line);
        session_write(session, SLICE("\r\n"));
        if (data.len == 0)
            return;
        line = take_until(&data, '\n');
        line.len -= 1; /* its CR */
    }
}

const char *smtp_id_text(uint64_t id, char text[SMTP_ID_BYTES])
{
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    for (size_t i = SMTP_ID_BYTES - 1; i-- > 0; id >>= 5)
        text[i] = digits[id & 31];
    text[SMTP_ID_BYTES - 1] = '\0';
    return text;
}

void smtp_message_drop(struct session *session)
{
    struct smtp *smtp = smtp_of(session);
    struct smtp_transaction *transaction = smtp->transaction;
    if (!transaction)
        return;
    arrival_drop(transaction->arrival);
    if (transaction->intake)
        intake_end(session->services->intake, transaction->intake, transaction->taken);
    buf_free(&transaction->head);
    struct arena arena = transaction->arena; /* the message itself lies in it */
    smtp->transaction = NULL;
    arena_free(&arena);
}

void smtp_end(struct session *session) { smtp_message_drop(session); }

/* --- hello and goodbye ---------------------------------------------------------------------- */

enum outcome smtp_on_opened(struct session *session, slice args)
{
    (void)args;
    session_detail(session, "%s", session->services->policy->name);
    return OUT_OK;
}

/* Names of real clients have underscores; what else RFC 5321 4.1.2 forbids would stand in a
   Received field. An address literal is one by its grammar (4.1.3). */
static bool hello_name_valid(slice name)
{
    size_t found = 0;
    if (name.len && name.at[0] == '[')
        return domain_valid(name);
    for (size_t i = 0; i < name.len; i++)
        if (!is_alnum((unsigned char)name.at[i]) && !slice_find(SLICE("-._"), name.at[i], &found))
            return false;
    return name.len > 0 && name.len <= DOMAIN_MAX;
}

/* A ClientHello on a port that speaks in the open. */
enum outcome smtp_on_tls(struct session *session, slice args)
{
    (void)args;
    bool submission = session->facts & FACT_SUBMISSION, later = session->facts & FACT_STARTTLS;
    session_detail(session, "%s%s%s", submission ? "TLS is on port 465" : "",
                   submission && later ? ", or " : "",
                   later ? "STARTTLS begins it here" : submission ? "" : "there is no TLS here");
    return OUT_REFUSED;
}

static bool hello_read(struct session *session, slice args)
{
    slice name = slice_trim(args);
    if (!hello_name_valid(name))
        return false;
    struct smtp *smtp = smtp_of(session);
    FIELD_SET(smtp->hello, name);
    smtp_message_drop(session);
    session_detail(session, "%s greets %s", session->services->policy->name, smtp->hello);
    return true;
}

enum outcome smtp_on_ehlo(struct session *session, slice args)
{
    int ready = protocol_state(session->protocol, SLICE("READY"));
    if (!hello_read(session, args))
        return OUT_SYNTAX;
    session_fact(session, FACT_EXTENDED, true);
    for (size_t i = 0; i < session->protocol->capability_count; i++) {
        const struct capability *capability = &session->protocol->capabilities[i];
        if (session_offers(session, capability, ready))
            session_data(session, "%s", capability->token);
    }
    return OUT_OK;
}

enum outcome smtp_on_helo(struct session *session, slice args)
{
    if (!hello_read(session, args))
        return OUT_SYNTAX;
    session_fact(session, FACT_EXTENDED, false);
    return OUT_OK;
}

enum outcome smtp_on_quit(struct session *session, slice args)
{
    if (slice_trim(args).len)
        return OUT_SYNTAX;
    session_detail(session, "%s", session->services->policy->name);
    return OUT_OK;
}

enum outcome smtp_on_timeout(struct session *session, slice args)
{
    (void)args;
    smtp_message_drop(session);
    session_detail(session, "%s", session->services->policy->name);
    return OUT_OK;
}

enum outcome smtp_on_lost(struct session *session, slice args)
{
    (void)args;
    smtp_message_drop(session);
    return OUT_OK;
}

/* --- the envelope ---------------------------------------------------------------------------- */

static slice with_brackets(struct session *session, slice path)
{
    slice rest = path, bare = take_word(&rest);
    if (bare.len == 0 || bare.at[0] == '<')
        return path;
    return arena_format(&session->scratch, "<%.*s>%.*s", SLICE_ARG(bare), SLICE_ARG(rest));
}

/* "FROM:<…>" or "TO:<…>". What is wrong with it goes into {detail}, RFC 3463's code into
   {code}. */
static bool take_path(struct session *session, slice *args, const char *keyword,
                      enum path_kind kind, slice *address)
{
    const char *verb = kind == PATH_SENDER ? "MAIL FROM" : "RCPT TO";
    const char *sample = kind == PATH_SENDER ? "ana@campus.example" : "bo@campus.example";
    session_code(session, "5.5.4");
    if (args->len && is_space((unsigned char)args->at[0])) {
        session_detail(session, "One blank only between the words: %s:<%s>", verb, sample);
        return false;
    }
    session_detail(session, "Syntax: %s:<%s>", verb, sample);
    if (!take_prefix_nocase(args, keyword))
        return false;
    session_code(session, kind == PATH_SENDER ? "5.1.7" : "5.1.3");
    while (take_char(args, ' ')) /* RFC 5321 allows no space here; telnet hands type one */
        ;
    if (session_manners(session)->takes_bare_address)
        *args = with_brackets(session, *args);
    switch (path_read(args, kind, address)) {
    case PATH_OK:
        return true;
    case PATH_NO_BRACKETS:
        session_detail(session, "The address needs < and > around it: %s:<%s>", verb, sample);
        return false;
    case PATH_NO_DOMAIN:
        session_detail(session, "The address needs a domain: %s:<%s>", verb, sample);
        return false;
    case PATH_TOO_LONG:
        session_detail(session, "The address is too long");
        return false;
    default:
        return false;
    }
}

/* Letters of the world before the @ are for messages that were announced so (RFC 6531 3.4). */
static bool utf8_allowed(slice address, bool announced)
{
    return announced || !is_utf8_address(address);
}

static void message_begin(struct session *session, slice sender, const struct dsn *dsn)
{
    struct arena arena = { 0 };
    struct smtp_transaction *transaction = arena_begin(&arena, session, sizeof *transaction);
    transaction->sender = arena_copy(&arena, sender);
    transaction->dsn = *dsn;
    transaction->id = session->services->new_id(session->services);
    transaction->head = BUF_MAX(HEADER_FIELD_MAX);
    transaction->arena = arena;
    smtp_of(session)->transaction = transaction;
}

enum outcome smtp_on_mail(struct session *session, slice args)
{
    slice sender = SLICE_EMPTY;
    struct dsn dsn = { .notify = 0 };
    if (!take_path(session, &args, "FROM:", PATH_SENDER, &sender))
        return OUT_SYNTAX;
    smtp_of(session)->announced = 0;
    enum outcome outcome = smtp_mail_parameters(session, args, &dsn);
    if (outcome != OUT_OK)
        return outcome;
    if (!utf8_allowed(sender, dsn.utf8))
        return OUT_NEEDS_UTF8;
    message_begin(session, sender, &dsn);
    return OUT_OK;
}

/* A first try from (client, sender, recipient) is asked to come again (RFC 6647). */
static bool is_greylisted(struct session *session, slice recipient)
{
    struct services *services = session->services;
    int64_t first_ms = 0, now_ms = (int64_t)services->now_ms;
    if (!services->policy->greylist || (session->facts & FACT_LOGIN))
        return false;
    if (!store_greylist(services->store, slice_of(services->policy->name),
                        slice_of(session->peer_address), smtp_of(session)->transaction->sender,
                        recipient, now_ms, &first_ms))
        return false;
    return now_ms - first_ms < GREYLIST_DELAY_MS;
}

/* A message whose size was not announced may be the one that fills the mailbox. */
static bool is_over_quota(struct session *session, int64_t user)
{
    uint64_t size = smtp_of(session)->announced;
    return user && !store_quota_fits(session->services->store, user, size ? size : 1, 1);
}

enum outcome smtp_rcpt_read(struct session *session, slice args, struct smtp_rcpt *rcpt)
{
    const struct smtp_transaction *transaction = smtp_of(session)->transaction;
    rcpt->dsn = transaction->dsn;
    if (!take_path(session, &args, "TO:", PATH_RECIPIENT, &rcpt->address))
        return OUT_SYNTAX;
    enum outcome outcome = smtp_rcpt_parameters(session, args, &rcpt->dsn);
    if (outcome != OUT_OK)
        return outcome;
    if (!utf8_allowed(rcpt->address, rcpt->dsn.utf8))
        return OUT_NEEDS_UTF8;
    session_detail(session, "%.*s", SLICE_ARG(rcpt->address));
    enum owner owner = smtp_owner(session->services, rcpt->address, &rcpt->user);
    if (owner == OWNER_NOBODY)
        return OUT_NO_SUCH;
    if (owner == OWNER_ELSEWHERE && !(session->facts & FACT_LOGIN))
        return OUT_REFUSED;
    return transaction->recipient_count == RECIPIENTS_MAX ? OUT_TOO_MANY : OUT_OK;
}

void smtp_rcpt_add(struct session *session, const struct smtp_rcpt *rcpt)
{
    struct smtp_transaction *transaction = smtp_of(session)->transaction;
    must(transaction->recipient_count < RECIPIENTS_MAX);
    struct smtp_recipient *recipient = &transaction->recipients[transaction->recipient_count++];
    *recipient = (struct smtp_recipient){ arena_copy(&transaction->arena, rcpt->address),
                                          rcpt->user, rcpt->dsn.notify, SLICE_EMPTY };
    if (rcpt->dsn.orcpt[0])
        recipient->orcpt = arena_copy(&transaction->arena, slice_of(rcpt->dsn.orcpt));
}

enum outcome smtp_on_rcpt(struct session *session, slice args)
{
    struct smtp_rcpt rcpt = { .user = 0 };
    enum outcome outcome = smtp_rcpt_read(session, args, &rcpt);
    if (outcome != OUT_OK)
        return outcome;
    if (is_greylisted(session, rcpt.address))
        return OUT_TRY_LATER;
    if (is_over_quota(session, rcpt.user))
        return OUT_OVER_QUOTA;
    smtp_rcpt_add(session, &rcpt);
    return OUT_OK;
}

enum outcome smtp_on_rset(struct session *session, slice args)
{
    if (slice_trim(args).len)
        return OUT_SYNTAX;
    smtp_message_drop(session);
    return OUT_OK;
}

/* --- the rest --------------------------------------------------------------------------------- */

enum outcome smtp_on_noop(struct session *session, slice args)
{
    (void)session;
    (void)args; /* RFC 5321 4.1.1.9: a string may follow and means nothing */
    return OUT_OK;
}

/* What a server that tells it knows of a name: a user of its own domain, if it has none. */
static enum outcome vouch(struct session *session, slice name)
{
    const struct policy *policy = session->services->policy;
    slice address = name;
    size_t at = 0;
    int64_t user = 0;
    if (!slice_find(name, '@', &at) && policy->domain_count)
        address = arena_format(&session->scratch, "%.*s@%s", SLICE_ARG(name), policy->domains[0]);
    bool known = smtp_owner(session->services, address, &user) != OWNER_NOBODY;
    session_detail(session, "%.*s", SLICE_ARG(known ? address : name)); /* RFC 5321 3.5.2 */
    return known ? OUT_OK : OUT_NO_SUCH;
}

/* The same for all names: strangers shall not learn who lives here. A name may be UTF-8 without
   SMTPUTF8 behind it: that word is about the answer, and ours is ASCII (RFC 6531 3.7.4.2). */
enum outcome smtp_on_vrfy(struct session *session, slice args)
{
    slice rest = slice_trim(args), address = SLICE_EMPTY;
    slice whole = rest, name = take_word(&rest);
    uint32_t vouches = session_manners(session)->vouches;
    if (name.len == 0 || !utf8_valid(whole))
        return OUT_SYNTAX;
    if (name.at[0] == '<' && path_read(&whole, PATH_RECIPIENT, &address) != PATH_OK)
        return OUT_SYNTAX;
    if (vouches == VOUCHES)
        return vouch(session, address.len ? address : name);
    session_detail(session, "%.*s", SLICE_ARG(name));
    return vouches == VOUCHES_BRACKETS && !address.len ? OUT_SYNTAX : OUT_OK;
}

enum outcome smtp_on_expn(struct session *session, slice args)
{
    slice name = take_word(&args);
    if (session_manners(session)->vouches == VOUCHES && name.len)
        return vouch(session, name);
    return OUT_REFUSED;
}

/* AUTH is nothing on port 25, STARTTLS nothing where TLS is on or can't begin. */
static bool is_of_use(const struct session *session, const struct event *event)
{
    bool lacks = !event->when && (session->facts & event->needs) != event->needs;
    return !lacks && !((event->flags & EVENT_SEALS) && (session->facts & FACT_TLS));
}

enum outcome smtp_on_help(struct session *session, slice args)
{
    (void)args;
    for (size_t i = EV_VERBS; i < session->protocol->event_count; i++)
        if (is_of_use(session, &session->protocol->events[i]))
            session_data(session, "%s: %s", session->protocol->events[i].verb,
                         session->protocol->events[i].meaning);
    return OUT_OK;
}

static enum outcome auth_result(struct session *session, enum outcome outcome,
                                const struct user *user)
{
    if (outcome != OUT_OK)
        return outcome;
    session->user = user->id;
    session_fact(session, FACT_LOGIN, true);
    session_detail(session, "%s", user->address);
    return OUT_OK;
}

enum outcome smtp_on_auth(struct session *session, slice args)
{
    struct smtp *smtp = smtp_of(session);
    slice mechanism = take_word(&args);
    slice initial = take_word(&args);
    struct user user;
    if (session->facts & FACT_LOGIN)
        return OUT_EXISTS;
    if ((session->facts & FACT_REQUIRE_TLS) && !(session->facts & FACT_TLS))
        return OUT_NEEDS_TLS;
    if (slice_trim(args).len)
        return OUT_SYNTAX;
    if (!smtp->sasl)
        smtp->sasl = sasl_new(&session->arena);
    enum outcome outcome =
        login_sasl(session, smtp->sasl, mechanism, initial.len ? &initial : NULL, &user);
    return auth_result(session, outcome, &user);
}

enum outcome smtp_on_answer(struct session *session, slice args)
{
    struct user user;
    enum outcome outcome = login_sasl_answer(session, smtp_of(session)->sasl, args, &user);
    return auth_result(session, outcome, &user);
}

/* --- TLS -------------------------------------------------------------------------------------- */

/* What was learned before is forgotten, the client's name too (RFC 3207 4.2). */
enum outcome smtp_on_starttls(struct session *session, slice args)
{
    if (slice_trim(args).len)
        return OUT_SYNTAX;
    if (session->facts & FACT_TLS)
        return OUT_EXISTS;
    if (session->facts & FACT_LOGIN)
        return OUT_REFUSED;
    smtp_message_drop(session);
    smtp_of(session)->hello[0] = '\0';
    session_fact(session, FACT_EXTENDED, false);
    return OUT_OK;
}
