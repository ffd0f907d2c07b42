/* imap_login.c: the greeting, who somebody is, and the commands of any time.
   RFC 3501 6.1, 6.2. */
#include "servers/login.h"
#include "servers/auth/sasl.h"
#include "servers/imap/imap_write.h"

static void say_capability_code(struct session *session, bool logged_in)
{
    struct buf tokens = BUF_MAX(1024);
    imap_add_capabilities(session, &tokens, logged_in);
    session_code(session, "[CAPABILITY %s]", buf_text(&tokens));
    buf_free(&tokens);
}

enum outcome imap_on_opened(struct session *session, slice args)
{
    (void)args;
    struct imap *imap = imap_of(session);
    imap->text = BUF_MAX(OUTPUT_MAX);
    imap->work = BUF_MAX(MESSAGE_BYTES_MAX + 2);
    imap->folded = BUF_MAX(HEADER_BYTES_MAX * 8);
    say_capability_code(session, false);
    session_detail(session, "%s", session->services->policy->name);
    return OUT_OK;
}

enum outcome imap_on_capability(struct session *session, slice args)
{
    enum outcome outcome = imap_no_args(session, args);
    if (outcome != OUT_OK)
        return outcome;
    struct buf tokens = BUF_MAX(1024);
    imap_add_capabilities(session, &tokens, session->user != 0);
    imap_say(session, "* CAPABILITY %s", buf_text(&tokens));
    buf_free(&tokens);
    return imap_finish(session, OUT_OK, TELL_ALL);
}

enum outcome imap_on_noop(struct session *session, slice args)
{
    enum outcome outcome = imap_no_args(session, args);
    return outcome == OUT_OK ? imap_finish(session, OUT_OK, TELL_ALL) : outcome;
}

enum outcome imap_on_logout(struct session *session, slice args)
{
    enum outcome outcome = imap_no_args(session, args);
    if (outcome != OUT_OK)
        return outcome;
    imap_view_close(session);
    imap_say(session, "* BYE Logging out");
    return OUT_OK;
}

enum outcome imap_on_lost(struct session *session, slice args)
{
    (void)args;
    imap_end(session);
    return OUT_OK;
}

enum outcome imap_on_starttls(struct session *session, slice args)
{
    enum outcome outcome = imap_no_args(session, args);
    if (outcome != OUT_OK)
        return outcome;
    return session->facts & FACT_TLS ? OUT_EXISTS : OUT_OK;
}

/* --- LOGIN and AUTHENTICATE --------------------------------------------------------------- */

static enum outcome login_begin(struct session *session, bool right, const struct user *user)
{
    if (!right)
        return OUT_BAD_LOGIN;
    session->user = user->id;
    say_capability_code(session, true);
    return OUT_OK;
}

enum outcome imap_on_login(struct session *session, slice args)
{
    struct imap_cursor cursor = imap_args(session, args);
    slice name, password;
    struct user user;
    if (!imap_parse_astring(&cursor, &name) || !imap_parse_space(&cursor) ||
        !imap_parse_astring(&cursor, &password) || !imap_parse_end(&cursor))
        return imap_syntax(session, &cursor);
    bool right = login_check(session, name, password, &user);
    return login_begin(session, right, &user);
}

static enum outcome sasl_outcome(struct session *session, enum outcome outcome,
                                 const struct user *user)
{
    if (outcome == OUT_SYNTAX)
        session_detail(session, "Cannot read this answer: it is no base64 of what was asked");
    return outcome == OUT_OK ? login_begin(session, true, user) : outcome;
}

/* The first answer may come with the command (RFC 4959); "=" is an empty one. */
enum outcome imap_on_authenticate(struct session *session, slice args)
{
    struct imap *imap = imap_of(session);
    struct imap_cursor cursor = imap_args(session, args);
    slice mechanism;
    struct user user;
    if (!imap_parse_atom(&cursor, &mechanism))
        return imap_syntax(session, &cursor);
    bool answers = take_char(&cursor.rest, ' ');
    slice initial = cursor.rest;
    if (!answers && !imap_parse_end(&cursor))
        return imap_syntax(session, &cursor);
    if (!imap->sasl)
        imap->sasl = sasl_new(&session->arena);
    enum outcome outcome = login_sasl(session, imap->sasl, mechanism, answers ? &initial : NULL,
                                      &user);
    return sasl_outcome(session, outcome, &user);
}

enum outcome imap_on_answer(struct session *session, slice args)
{
    struct user user;
    enum outcome outcome = login_sasl_answer(session, imap_of(session)->sasl, args, &user);
    return sasl_outcome(session, outcome, &user);
}
