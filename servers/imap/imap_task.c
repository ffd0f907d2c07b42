/* imap_task.c: commands that change many messages are done in pages, others being served between
   them, and are done whole or not at all: what is to be done stands in the store from the first
   pause on (store_task_new). */
#include "servers/imap/imap.h"

void imap_plan_uids(const struct imap_view *view, const struct imap_set *sequences,
                    struct buf *uids)
{
    for (size_t i = 0; i < sequences->count; i++)
        buf_format(uids, "%s%u:%u", i ? "," : "", imap_view_uid(view, sequences->ranges[i].first),
                   imap_view_uid(view, sequences->ranges[i].last));
}

void imap_task_begin(struct session *session, const struct task_plan *plan,
                     const struct imap_set *sequences)
{
    struct imap *imap = imap_of(session);
    struct buf uids = BUF_MAX(IMAP_COMMAND_MAX);
    struct task_plan whole = *plan;
    if (imap->task)
        return;
    if (sequences)
        imap_plan_uids(&imap->view, sequences, &uids);
    if (sequences)
        whole.uids = buf_slice(&uids);
    imap->task = store_task_new(session->services->store, &whole);
    buf_free(&uids);
}

bool imap_task_pause(struct session *session, const struct task_plan *plan,
                     const struct imap_set *sequences, uint32_t upto)
{
    imap_task_begin(session, plan, sequences);
    return store_task_keep(imap_of(session)->task, upto);
}

bool imap_task_goes_on(struct session *session)
{
    struct imap *imap = imap_of(session);
    return !imap->task || store_task_holds(imap->task);
}

bool imap_task_done(struct session *session)
{
    struct imap *imap = imap_of(session);
    if (!store_task_done(imap->task))
        return false;
    imap->task = NULL;
    return true;
}

void imap_task_leave(struct session *session)
{
    struct imap *imap = imap_of(session);
    store_task_leave(imap->task);
    imap->task = NULL;
}
