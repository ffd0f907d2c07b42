/* inbound_flags.c: for serve --watch: which flags a client's command has changed, though a
   .SILENT one has no line that says so. The store's change feed tells: what has a modseq above the
   one that was shown last. */
#include "base/words.h"
#include "servers/imap/imap.h"
#include "servers/imap/imap_client.h"
#include "servers/imap/imap_write.h"
#include "servers/store/store.h"
#include "sim/hosts/host.h"
#include "views/clean.h"
#include "views/exchange.h"

#define ROWS 32
#define SHOWN_MAX 12 /* of one command */

static struct watched_mailbox *watched_find(struct watching *watching, int64_t mailbox)
{
    for (size_t i = 0; i < COUNT(watching->mailboxes); i++)
        if (watching->mailboxes[i].mailbox == mailbox)
            return &watching->mailboxes[i];
    return NULL;
}

static void watched_begin(struct watching *watching, const struct mailbox *mailbox)
{
    watching->mailboxes[watching->next++ % COUNT(watching->mailboxes)] = (struct watched_mailbox){
        mailbox->id, mailbox->highest_modseq, mailbox->uidnext };
}

/* view: with the names of the mailbox's keywords, or NULL. */
static void row_show(struct exchange *exchange, const struct imap_view *view,
                     const struct placement *row)
{
    struct buf flags = BUF_MAX(8192);
    inbound_message_add(exchange->out, exchange->world, row->message_key, row->uid);
    if (view)
        imap_write_flags(&flags, view, row->flags, false);
    else
        imap_flags_write(&flags, row->flags);
    buf_add_text(exchange->out, " has the flags ");
    clean_add(exchange->out, buf_slice(&flags), exchange->front->look.utf8);
    buf_add_char(exchange->out, '\n');
    buf_free(&flags);
}

static void changes_show(struct exchange *exchange, const struct conn *conn,
                         const struct imap_view *view, struct watched_mailbox *watched)
{
    struct placement rows[ROWS];
    size_t count, shown = 0;
    while ((count = store_changes(exchange->world->store, watched->mailbox, watched->modseq, rows,
                                  COUNT(rows)))) {
        for (size_t i = 0; i < count; i++)
            if (!rows[i].expunged && rows[i].uid < watched->uid_next && shown++ < SHOWN_MAX &&
                inbound_mailbox_begin(exchange, conn, watched->mailbox))
                row_show(exchange, view, &rows[i]);
        watched->modseq = rows[count - 1].modseq;
    }
    if (shown > SHOWN_MAX && inbound_mailbox_begin(exchange, conn, watched->mailbox))
        buf_format(exchange->out, "flags of %zu more messages changed\n", shown - SHOWN_MAX);
}

void inbound_flags_show(struct exchange *exchange, const struct conn *conn)
{
    struct watching *watching = &exchange->front->watching;
    const struct session *session = host_session(exchange->world, conn->number);
    struct mailbox mailbox;
    if (!watching->on || !session || !protocol_is(session->protocol, &imap_protocol))
        return;
    const struct imap_view *view = &((const struct imap *)session->own)->view;
    struct watched_mailbox *watched = view->mailbox ? watched_find(watching, view->mailbox) : NULL;
    if (watched)
        changes_show(exchange, conn, view, watched);
    else if (view->mailbox &&
             store_mailbox_by_id(exchange->world->store, view->mailbox, &mailbox))
        watched_begin(watching, &mailbox);
}

void inbound_flags_arrival(struct exchange *exchange, const struct trace_record *record)
{
    struct watched_mailbox *watched = watched_find(&exchange->front->watching, record->mailbox);
    if (!watched || record->uid < watched->uid_next)
        return;
    changes_show(exchange, conns_find(&exchange->front->conns, record->conn), NULL, watched);
    watched->uid_next = record->uid + 1;
}
