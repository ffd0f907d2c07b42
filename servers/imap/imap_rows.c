/* imap_rows.c: the messages of a set with their rows, some at a time: for commands that change
   many. */
#include "servers/imap/imap.h"
#include "servers/store/store.h"

#define DENSE 4 /* so many uids to a message at most, and one question reads them all */

static void row_absent(struct placement *row, uint32_t uid)
{
    *row = (struct placement){ .uid = uid, .expunged = true };
}

static void rows_read_all(struct session *session, struct placement *rows, size_t count)
{
    struct placement found[IMAP_PAGE * DENSE];
    int64_t mailbox = imap_of(session)->view.mailbox;
    size_t all = store_placements(session->services->store, mailbox, rows[0].uid,
                                  rows[count - 1].uid, 0, true, found, COUNT(found));
    for (size_t i = 0, at = 0; i < count; i++) {
        while (at < all && found[at].uid < rows[i].uid)
            at++;
        if (at < all && found[at].uid == rows[i].uid)
            rows[i] = found[at];
        else
            row_absent(&rows[i], rows[i].uid);
    }
}

size_t imap_walk_page(struct session *session, struct imap_walk *walk, uint32_t *sequences,
                      struct placement *rows, size_t max)
{
    const struct imap_view *view = &imap_of(session)->view;
    size_t count = 0;
    must(max <= IMAP_PAGE);
    for (uint32_t sequence; count < max && (sequence = imap_walk_next(walk)) != 0; count++) {
        sequences[count] = sequence;
        rows[count].uid = imap_view_uid(view, sequence);
    }
    if (count && rows[count - 1].uid - rows[0].uid < IMAP_PAGE * DENSE) {
        rows_read_all(session, rows, count);
        return count;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t uid = rows[i].uid;
        if (!store_placement(session->services->store, view->mailbox, uid, &rows[i]))
            row_absent(&rows[i], uid);
    }
    return count;
}
