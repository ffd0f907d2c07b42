/* imap_idle.c: IDLE (RFC 2177): what others change is told at once. */
#include "servers/imap/imap.h"

enum outcome imap_on_idle(struct session *session, slice args)
{
    enum outcome outcome = imap_no_args(session, args);
    if (outcome != OUT_OK)
        return outcome;
    session->watches = imap_of(session)->view.mailbox;
    return imap_finish(session, OUT_OK, TELL_ALL);
}

enum outcome imap_on_done(struct session *session, slice args)
{
    (void)args;
    bool selected = imap_of(session)->view.mailbox != 0;
    session->watches = 0;
    return imap_finish(session, selected ? OUT_OK : OUT_NONE, TELL_ALL);
}

/* Outside of IDLE what is new waits for the next command. A client that takes nothing is
   told nothing more; the rest follows with the next change, or with DONE. */
void imap_changed(struct session *session)
{
    if (session->protocol->states[session->state].reads != READS_DONE)
        return;
    imap_view_tell(session, TELL_ALL | TELL_NOW);
    buf_free(&imap_of(session)->text);
    arena_reset(&session->scratch);
}
