/* pop3_commands.c: how POP3's client gets in and out: greeting, passwords, capabilities,
   QUIT. The messages are pop3_maildrop.c's; when a command may is pop3_table.c's.
   RFC 1939, 2449, 5034. */
#include <string.h>

#include "servers/login.h"
#include "servers/pop3/pop3.h"

struct pop3 *pop3_of(struct session *session) { return session->own; }

int pop3_read(struct session *session, slice line, slice *args)
{
    *args = line;
    if (line.len && line.at[0] == ' ') /* RFC 1939 3: a keyword begins the line */
        return EV_UNKNOWN;
    slice verb = take_word(args);
    if (args->len)
        *args = slice_from(*args, 1);
    return protocol_verb(session->protocol, verb);
}

/* The status line; then the lines of a short answer, which end with a dot of their own. */
void pop3_status(struct session *session, slice text)
{
    session_write(session, text);
    session_write(session, SLICE("\r\n"));
    session_write(session, buf_slice(&session->data));
}

void pop3_end(struct session *session) { pop3_drop_close(session); }

/* The greeting holds a stamp that is never the same twice: APOP's challenge. */
enum outcome pop3_on_opened(struct session *session, slice args)
{
    struct pop3 *pop3 = pop3_of(session);
    struct buf stamp = BUF_MAX(sizeof pop3->stamp - 1);
    (void)args;
    buf_format(&stamp, "<%llu.%llu@%s>",
               (unsigned long long)session->services->new_id(session->services) % 1000000000000ull,
               (unsigned long long)(session->services->now_ms / 1000),
               session->services->policy->name);
    memcpy(pop3->stamp, buf_text(&stamp), stamp.len + 1);
    buf_free(&stamp);
    session_detail(session, "%s", pop3->stamp);
    return OUT_OK;
}

enum outcome pop3_on_user(struct session *session, slice args)
{
    struct pop3 *pop3 = pop3_of(session);
    slice name = slice_trim(args);
    if (name.len == 0 || name.len >= sizeof pop3->name)
        return OUT_SYNTAX;
    memcpy(pop3->name, name.at, name.len);
    pop3->name[name.len] = '\0';
    session_fact(session, FACT_USER, true);
    return OUT_OK;
}

static enum outcome login_done(struct session *session, const struct user *user)
{
    session->user = user->id;
    return pop3_drop_open(session, user);
}

/* The rest of the line is the password, blanks and all (RFC 1939 7). */
enum outcome pop3_on_pass(struct session *session, slice args)
{
    struct user user;
    if (args.len == 0)
        return OUT_SYNTAX;
    session_fact(session, FACT_USER, false);
    if (!login_check(session, slice_of(pop3_of(session)->name), args, &user))
        return OUT_BAD_LOGIN;
    return login_done(session, &user);
}

enum outcome pop3_on_apop(struct session *session, slice args)
{
    struct user user;
    slice name = take_word(&args), digest = slice_trim(args);
    if (name.len == 0 || digest.len == 0)
        return OUT_SYNTAX;
    if (!login_check_apop(session, name, slice_of(pop3_of(session)->stamp), digest, &user))
        return OUT_BAD_LOGIN;
    return login_done(session, &user);
}

/* AUTH alone lists the mechanisms (RFC 1734's habit, which clients still have). */
enum outcome pop3_on_auth(struct session *session, slice args)
{
    struct pop3 *pop3 = pop3_of(session);
    slice mechanism = take_word(&args), initial = take_word(&args);
    struct user user;
    size_t count = 0;
    const struct sasl_mechanism *mechanisms = sasl_mechanisms(&count);
    if (mechanism.len == 0) {
        for (size_t i = 0; i < count; i++)
            session_data(session, "%s", mechanisms[i].name);
        session_data(session, ".");
        return OUT_NOTHING;
    }
    if (slice_trim(args).len)
        return OUT_SYNTAX;
    if (!pop3->sasl)
        pop3->sasl = sasl_new(&session->arena);
    enum outcome outcome =
        login_sasl(session, pop3->sasl, mechanism, initial.len ? &initial : NULL, &user);
    return outcome == OUT_OK ? login_done(session, &user) : outcome;
}

enum outcome pop3_on_answer(struct session *session, slice args)
{
    struct user user;
    enum outcome outcome = login_sasl_answer(session, pop3_of(session)->sasl, args, &user);
    return outcome == OUT_OK ? login_done(session, &user) : outcome;
}

enum outcome pop3_on_capa(struct session *session, slice args)
{
    const struct protocol *protocol = session->protocol;
    (void)args;
    for (size_t i = 0; i < protocol->capability_count; i++)
        if (session_offers(session, &protocol->capabilities[i], session->state))
            session_data(session, "%s", protocol->capabilities[i].token);
    session_data(session, ".");
    return OUT_OK;
}

/* A name that was given before may be somebody else's: it is forgotten (RFC 2595 4). */
enum outcome pop3_on_stls(struct session *session, slice args)
{
    if (slice_trim(args).len)
        return OUT_SYNTAX;
    if (session->facts & FACT_TLS)
        return OUT_EXISTS;
    pop3_of(session)->name[0] = '\0';
    session_fact(session, FACT_USER, false);
    return OUT_OK;
}

enum outcome pop3_on_noop(struct session *session, slice args)
{
    (void)session;
    (void)args;
    return OUT_OK;
}

enum outcome pop3_on_quit(struct session *session, slice args)
{
    (void)session;
    (void)args;
    return OUT_OK;
}

/* Nothing is removed without QUIT (RFC 1939 3, 6). */
enum outcome pop3_on_ended(struct session *session, slice args)
{
    (void)args;
    pop3_drop_close(session);
    return OUT_OK;
}
