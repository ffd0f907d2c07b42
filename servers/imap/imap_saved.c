/* imap_saved.c: "$", the messages that the last SEARCH RETURN (SAVE) has found (RFC 5182). Kept
   as ranges of uids, so that messages which go need no book-keeping: a uid that the view has no
   more is passed over. Messages that come get larger uids than any range has. */
#include <string.h>

#include "base/heap.h"
#include "servers/imap/imap.h"

void imap_saved_clear(struct imap_view *view)
{
    heap_give(view->saved);
    view->saved = NULL;
    view->saved_count = 0;
}

bool imap_saved_keep(struct imap_view *view, const struct imap_set *sequences)
{
    imap_saved_clear(view);
    if (sequences->count > SAVED_RANGES_MAX)
        return false;
    if (sequences->count == 0)
        return true;
    view->saved = heap_take(sequences->count * sizeof *view->saved);
    view->saved_count = sequences->count;
    for (size_t i = 0; i < sequences->count; i++)
        view->saved[i] = (struct imap_range){ imap_view_uid(view, sequences->ranges[i].first),
                                              imap_view_uid(view, sequences->ranges[i].last) };
    return true;
}

bool imap_take_saved(const struct imap_view *view, struct imap_cursor *cursor,
                     struct imap_set *uids)
{
    if (!take_char(&cursor->rest, '$'))
        return false;
    size_t count = view->saved_count;
    *uids = (struct imap_set){ arena_take_array(cursor->arena, count, sizeof *uids->ranges),
                               count };
    if (count)
        memcpy(uids->ranges, view->saved, count * sizeof *uids->ranges);
    return true;
}
