/* imap_enable.c: ENABLE (RFC 5161, RFC 9051 6.3.1), and what CONDSTORE (RFC 7162 3.1) adds to many
   commands: the number that counts a mailbox's changes, read, written and kept from running ahead
   of what this session has been told. */
#include "servers/imap/imap_write.h"
#include "servers/policy.h"

/* --- ENABLE ------------------------------------------------------------------------------- */

/* What a client may ENABLE: what changes the answers of commands it knows. */
enum { CAN_CONDSTORE, CAN_QRESYNC, CAN_REV2, CANS = IMAP_ENABLES };

static const char *const names[CANS] = {
    [CAN_CONDSTORE] = "CONDSTORE", [CAN_QRESYNC] = "QRESYNC", [CAN_REV2] = "IMAP4rev2",
};

/* Unknown names are passed over, and so are known ones that need no ENABLE (RFC 5161 3.1), and what
   this host was told to be without. */
static bool parse_names(struct session *session, struct imap_cursor *cursor, bool asked[CANS])
{
    slice name;
    do {
        if (!imap_parse_atom(cursor, &name))
            return false;
        for (size_t i = 0; i < CANS; i++)
            asked[i] |= slice_is_nocase(name, names[i]) &&
                        !policy_is_without(session->services->policy, slice_of(names[i]));
    } while (take_char(&cursor->rest, ' '));
    return imap_parse_end(cursor);
}

/* RFC 5161 3.1 asks clients to say it before SELECT. Who says it later is served too: the
   mailbox that is open is then told from here on in the new way (RFC 7162 3.1). */
enum outcome imap_on_enable(struct session *session, slice args)
{
    struct imap_cursor cursor = imap_args(session, args);
    bool asked[CANS] = { false };
    if (!parse_names(session, &cursor, asked))
        return imap_syntax(session, &cursor);
    struct imap *imap = imap_of(session);
    struct buf *text = imap_begin(session, "* ENABLED");
    for (size_t i = 0; i < CANS; i++)
        if (asked[i] && !imap->enabled[i]) /* what this command has brought about */
            buf_format(text, " %s", names[i]);
    imap_end_line(session);
    for (size_t i = 0; i < CANS; i++)
        imap->enabled[i] |= asked[i];
    if (asked[CAN_CONDSTORE] || asked[CAN_QRESYNC])
        imap_condstore(session);
    imap->qresync |= asked[CAN_QRESYNC];
    imap->rev2 |= asked[CAN_REV2];
    return imap_finish(session, OUT_OK, TELL_ALL);
}

/* --- CONDSTORE ---------------------------------------------------------------------------- */

static void say_highest(struct session *session, const char *words)
{
    imap_say(session, "* OK [HIGHESTMODSEQ %llu] %s",
             (unsigned long long)imap_of(session)->view.expunges_told, words);
}

void imap_condstore(struct session *session)
{
    struct imap *imap = imap_of(session);
    if (imap->condstore)
        return;
    imap->condstore = true;
    if (imap->view.mailbox)
        say_highest(session, "Changes are counted for you from here on");
}

bool imap_parse_modseq(struct imap_cursor *cursor, uint64_t *modseq)
{
    return take_number(&cursor->rest, INT64_MAX, modseq) ||
           imap_wrong(cursor, "a count of changes is a number of 63 bits");
}

void imap_write_modseq(struct session *session, struct buf *text, uint64_t modseq)
{
    buf_add_text(text, "MODSEQ (");
    buf_add_number(text, modseq);
    buf_add_char(text, ')');
    imap_note_modseq(imap_of(session), modseq);
}

void imap_note_modseq(struct imap *imap, uint64_t modseq)
{
    if (modseq > imap->modseq_said)
        imap->modseq_said = modseq;
}

/* A client that resumes from the largest MODSEQ it has seen would never hear of an expunge
   that came before it and could not be told yet: EXPUNGE has to wait (RFC 3501 7.4.1). So it
   is told where to resume instead. */
void imap_say_resume_point(struct session *session)
{
    struct imap *imap = imap_of(session);
    const struct imap_view *view = &imap->view;
    if (imap->condstore && view->expunged && imap->modseq_said > view->expunges_told)
        say_highest(session, "Messages are gone that you were not told of yet");
    if (imap->tells_highest && (imap->qresync || (imap->condstore && imap->moved)))
        session_code(session, "[HIGHESTMODSEQ %llu]", (unsigned long long)view->expunges_told);
}
