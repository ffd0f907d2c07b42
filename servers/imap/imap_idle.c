/* imap_idle.c: IDLE (RFC 2177): what others change is told at once. */
#include "servers/imap/imap.h"

enum outcome imap_on_idle(struct session *session, slice args)
{
    enum outcome outcome = imap_no_args(session, args);
    if (outcome != OUT_OK)
        return outcome;
    session->watches = imap_of(session)->view.mailbox;
    return OUT_OK; /* what is new already is told behind the "+": imap_changed */
}

/* Whatever the line is, IDLE ends: a client that says something else has lost count of its
   commands, and one more answer without a tag would not help it. Two outcomes each, since the
   state that follows is in the key. */
enum outcome imap_on_done(struct session *session, slice args)
{
    bool selected = imap_of(session)->view.mailbox != 0;
    enum outcome done = selected ? OUT_OK : OUT_NOTHING;
    enum outcome not_done = selected ? OUT_SYNTAX : OUT_UNKNOWN;
    session->watches = 0;
    return imap_finish(session, slice_is_nocase(args, "DONE") ? done : not_done, TELL_ALL);
}

/* Outside of IDLE what is new waits for the next command. A client that takes nothing is
   told nothing more until it does. */
void imap_changed(struct session *session)
{
    if (session->protocol->states[session->state].reads != READS_DONE)
        return;
    imap_view_tell(session, TELL_ALL | TELL_NOW);
    buf_free(&imap_of(session)->text);
    arena_reset(&session->scratch);
}
