/* store_heading.c: headings of messages: one row a message, written when it is finished, read with
   the placements of a mailbox. What is in them: mail/heading.h. */
#include "servers/store/store_private.h"

bool store_heading_insert(struct store *store, int64_t message_key, const struct heading *heading)
{
    struct sql sql = sql_open(store, "INSERT INTO heading (message, sent_ms, sent_zone, from_box,"
        " to_box, cc_box, message_id, refs, subject, from_text, to_text, cc_text, bcc_text)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    sql_put(&sql, message_key);
    if (heading->dated)
        sql_put(&sql, heading->sent_ms);
    else
        sql_put_null(&sql);
    sql_put(&sql, heading->sent_zone);
    for (size_t i = 0; i < HEADING_BOXES; i++)
        sql_put_text(&sql, heading->boxes[i]);
    sql_put_text(&sql, heading->message_id);
    sql_put_text(&sql, heading->references);
    for (size_t i = 0; i < HEADING_TEXTS; i++)
        if (heading->texts[i].at)
            sql_put_text(&sql, heading->texts[i]);
        else
            sql_put_null(&sql);
    return sql_run(&sql);
}

static bool heading_read(struct sql *sql, struct heading *heading)
{
    if (sql_get_null(sql))
        return false;
    heading->dated = !sql_get_null(sql);
    if (heading->dated) {
        sql->column--;
        heading->sent_ms = sql_get(sql);
    }
    heading->sent_zone = (int32_t)sql_get(sql);
    for (size_t i = 0; i < HEADING_BOXES; i++)
        heading->boxes[i] = sql_get_text(sql);
    heading->message_id = sql_get_text(sql);
    heading->references = sql_get_text(sql);
    for (size_t i = 0; i < HEADING_TEXTS; i++) {
        heading->texts[i] = (slice){ NULL, 0 };
        if (sql_get_null(sql))
            continue;
        sql->column--;
        heading->texts[i] = sql_get_text(sql);
    }
    return true;
}

bool store_headings(struct store *store, int64_t mailbox, uint32_t first, uint32_t last,
                    bool headings, store_heading_fn *each, void *context)
{
    struct sql sql = !headings
        ? sql_open(store, "SELECT uid, message, flags, date_ms, zone_minutes, modseq, size,"
        " expunged FROM placement WHERE mailbox = ? AND uid BETWEEN ? AND ? ORDER BY uid")
        : sql_open(store, "SELECT uid, placement.message, flags, date_ms, zone_minutes,"
        " modseq, size, expunged, heading.message, sent_ms, sent_zone, from_box, to_box, cc_box,"
        " message_id, refs, subject, from_text, to_text, cc_text, bcc_text"
        " FROM placement LEFT JOIN heading ON heading.message = placement.message"
        " WHERE mailbox = ? AND uid BETWEEN ? AND ? ORDER BY uid");
    struct placement placement;
    sql_put(&sql, mailbox);
    sql_put(&sql, first);
    sql_put(&sql, last);
    while (store_placement_read(&sql, &placement)) {
        struct heading heading = { .dated = false };
        bool has = headings && heading_read(&sql, &heading);
        if (!each(context, &placement, has ? &heading : NULL))
            break;
    }
    return sql_close(&sql);
}
