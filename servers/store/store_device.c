/* store_device.c: what devices keep: see store_device.h. Messages lie in pieces of
   MESSAGE_CHUNK_BYTES, as the servers' do, in a table of their own. */
#include "servers/store/store_device.h"
#include "servers/store/store_private.h"

#include <string.h>

static void put_bool(struct sql *sql, bool value) { sql_put(sql, value ? 1 : 0); }

/* --- folders ------------------------------------------------------------------------------- */

#define FOLDER_COLUMNS "SELECT id, name, uidvalidity, remote FROM device_folder "

static bool folder_read(struct sql *sql, struct device_folder *folder)
{
    if (!sql_row(sql))
        return false;
    folder->id = sql_get(sql);
    sql_get_chars(sql, folder->name, sizeof folder->name);
    folder->uidvalidity = (uint32_t)sql_get(sql);
    folder->remote = sql_get(sql) != 0;
    return true;
}

static bool folder_make(struct store *store, slice device, slice name, struct device_folder *folder)
{
    if (!store_name_fits(name, MAILBOX_NAME_MAX) || !store_change_begin(store))
        return false;
    struct sql sql = sql_open(store, "INSERT INTO device_folder (device, name, uidvalidity, remote)"
                              " VALUES (?, ?, 0, 0) RETURNING id, name, uidvalidity, remote");
    sql_put_text(&sql, device);
    sql_put_text(&sql, name);
    bool made = folder_read(&sql, folder);
    return sql_close(&sql) && made;
}

bool store_device_folder(struct store *store, slice device, slice name, bool make,
                         struct device_folder *folder)
{
    struct sql sql = sql_open(store, FOLDER_COLUMNS "WHERE device = ? AND name = ?");
    sql_put_text(&sql, device);
    sql_put_text(&sql, name);
    bool found = folder_read(&sql, folder);
    if (!sql_close(&sql))
        return false;
    return found || (make && folder_make(store, device, name, folder));
}

bool store_device_folder_by_id(struct store *store, int64_t id, struct device_folder *folder)
{
    struct sql sql = sql_open(store, FOLDER_COLUMNS "WHERE id = ?");
    sql_put(&sql, id);
    bool found = folder_read(&sql, folder);
    return sql_close(&sql) && found;
}

bool store_device_folder_set(struct store *store, const struct device_folder *folder)
{
    if (!store_change_begin(store))
        return false;
    struct sql sql = sql_open(store, "UPDATE device_folder SET uidvalidity = ?, remote = ?"
                              " WHERE id = ?");
    sql_put(&sql, folder->uidvalidity);
    put_bool(&sql, folder->remote);
    sql_put(&sql, folder->id);
    return sql_run(&sql);
}

uint64_t store_device_modseq(struct store *store, int64_t folder)
{
    struct sql sql = sql_open(store, "SELECT modseq FROM device_resync WHERE folder = ?");
    sql_put(&sql, folder);
    uint64_t modseq = sql_row(&sql) ? (uint64_t)sql_get(&sql) : 0;
    return sql_close(&sql) ? modseq : 0;
}

bool store_device_modseq_set(struct store *store, int64_t folder, uint64_t modseq)
{
    if (store_device_modseq(store, folder) == modseq)
        return !store_failed(store);
    if (!store_change_begin(store))
        return false;
    struct sql sql = sql_open(store, "INSERT OR REPLACE INTO device_resync (folder, modseq)"
                              " VALUES (?, ?)");
    sql_put(&sql, folder);
    sql_put(&sql, (int64_t)modseq);
    return sql_run(&sql);
}

bool store_device_folder_remove(struct store *store, int64_t id)
{
    if (!store_change_begin(store))
        return false;
    struct sql sql = sql_open(store, "DELETE FROM device_letter WHERE folder = ?");
    sql_put(&sql, id);
    if (!sql_run(&sql))
        return false;
    sql = sql_open(store, "DELETE FROM device_folder WHERE id = ?");
    sql_put(&sql, id);
    return sql_run(&sql);
}

/* The next after `last`, so that a callback may change what it is shown. */
static bool folder_after(struct store *store, slice device, int64_t last,
                         struct device_folder *folder)
{
    struct sql sql = sql_open(store, FOLDER_COLUMNS "WHERE device = ? AND id > ?"
                              " ORDER BY id LIMIT 1");
    sql_put_text(&sql, device);
    sql_put(&sql, last);
    bool found = folder_read(&sql, folder);
    return sql_close(&sql) && found;
}

bool store_device_folders(struct store *store, slice device, store_device_folder_fn *call,
                          void *context)
{
    struct device_folder folder = { .id = 0 };
    while (folder_after(store, device, folder.id, &folder))
        if (!call(context, &folder))
            break;
    return !store_failed(store);
}

/* --- messages ------------------------------------------------------------------------------- */

#define MESSAGE_COLUMNS \
    "SELECT id, folder, uid, uidl, flags, told, date_ms, fetched_ms, size, whole, gone," \
    " from_folder, from_uid, recipients, identity FROM device_letter "

static bool message_read(struct sql *sql, struct device_message *message)
{
    if (!sql_row(sql))
        return false;
    message->id = sql_get(sql);
    message->folder = sql_get(sql);
    message->uid = (uint32_t)sql_get(sql);
    sql_get_chars(sql, message->uidl, sizeof message->uidl);
    message->flags = (uint64_t)sql_get(sql);
    message->told = (uint64_t)sql_get(sql);
    message->date_ms = sql_get(sql);
    message->fetched_ms = sql_get(sql);
    message->size = (uint64_t)sql_get(sql);
    message->whole = sql_get(sql) != 0;
    message->gone = sql_get(sql) != 0;
    message->from_folder = sql_get(sql);
    message->from_uid = (uint32_t)sql_get(sql);
    sql_get_chars(sql, message->recipients, sizeof message->recipients);
    sql_get_chars(sql, message->identity, sizeof message->identity);
    return true;
}

static void message_put(struct sql *sql, const struct device_message *message)
{
    sql_put(sql, message->folder);
    sql_put(sql, message->uid);
    sql_put_text(sql, slice_of(message->uidl));
    sql_put(sql, (int64_t)message->flags);
    sql_put(sql, (int64_t)message->told);
    sql_put(sql, message->date_ms);
    sql_put(sql, message->fetched_ms);
    sql_put(sql, (int64_t)message->size);
    put_bool(sql, message->whole);
    put_bool(sql, message->gone);
    sql_put(sql, message->from_folder);
    sql_put(sql, message->from_uid);
    sql_put_text(sql, slice_of(message->recipients));
    sql_put_text(sql, slice_of(message->identity));
}

static bool pieces_add(struct store *store, int64_t message, slice octets)
{
    for (int64_t number = 0; octets.len; number++) {
        slice piece = slice_upto(octets, MESSAGE_CHUNK_BYTES);
        struct sql sql = sql_open(store, "INSERT INTO device_octets (letter, number, octets)"
                                  " VALUES (?, ?, ?)");
        sql_put(&sql, message);
        sql_put(&sql, number);
        sql_put_blob(&sql, piece);
        if (!sql_run(&sql))
            return false;
        octets = slice_from(octets, piece.len);
    }
    return true;
}

static bool pieces_remove(struct store *store, int64_t message)
{
    struct sql sql = sql_open(store, "DELETE FROM device_octets WHERE letter = ?");
    sql_put(&sql, message);
    return sql_run(&sql);
}

static bool held_add(struct store *store, const struct device_message *message)
{
    struct sql sql = sql_open(store, "INSERT OR IGNORE INTO device_held (device, identity)"
                              " SELECT device, ?2 FROM device_folder WHERE id = ?1");
    sql_put(&sql, message->folder);
    sql_put_text(&sql, slice_of(message->identity));
    return sql_run(&sql);
}

bool store_device_message_add(struct store *store, struct device_message *message, slice octets)
{
    if (!store_change_begin(store))
        return false;
    struct sql sql = sql_open(store, "INSERT INTO device_letter (folder, uid, uidl, flags, told,"
        " date_ms, fetched_ms, size, whole, gone, from_folder, from_uid, recipients,"
        " identity) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id");
    message_put(&sql, message);
    bool added = sql_row(&sql);
    if (added)
        message->id = sql_get(&sql);
    return sql_close(&sql) && added && pieces_add(store, message->id, octets) &&
           store_message_named(store, slice_of(message->identity)) && held_add(store, message);
}

bool store_device_held(struct store *store, slice device, slice identity)
{
    struct sql sql = sql_open(store, "SELECT 1 FROM device_held WHERE device = ? AND identity = ?");
    sql_put_text(&sql, device);
    sql_put_text(&sql, identity);
    bool found = sql_row(&sql);
    return sql_close(&sql) && found;
}

bool store_device_message_set(struct store *store, const struct device_message *message)
{
    if (!store_change_begin(store))
        return false;
    struct sql sql = sql_open(store, "UPDATE device_letter SET folder = ?, uid = ?, uidl = ?,"
        " flags = ?, told = ?, date_ms = ?, fetched_ms = ?, size = ?, whole = ?, gone = ?,"
        " from_folder = ?, from_uid = ?, recipients = ?, identity = ? WHERE id = ?");
    message_put(&sql, message);
    sql_put(&sql, message->id);
    return sql_run(&sql);
}

bool store_device_message_fill(struct store *store, int64_t id, slice octets)
{
    if (!store_change_begin(store))
        return false;
    struct sql sql = sql_open(store, "UPDATE device_letter SET whole = 1, size = ? WHERE id = ?");
    sql_put(&sql, (int64_t)octets.len);
    sql_put(&sql, id);
    return sql_run(&sql) && pieces_remove(store, id) && pieces_add(store, id, octets);
}

bool store_device_message_remove(struct store *store, int64_t id)
{
    if (!store_change_begin(store))
        return false;
    struct sql sql = sql_open(store, "DELETE FROM device_letter WHERE id = ?");
    sql_put(&sql, id);
    return sql_run(&sql);
}

static bool message_found(struct sql *sql, struct device_message *message)
{
    bool found = message_read(sql, message);
    return sql_close(sql) && found;
}

bool store_device_message(struct store *store, int64_t id, struct device_message *message)
{
    struct sql sql = sql_open(store, MESSAGE_COLUMNS "WHERE id = ?");
    sql_put(&sql, id);
    return message_found(&sql, message);
}

bool store_device_message_at(struct store *store, int64_t folder, uint64_t position,
                            struct device_message *message)
{
    if (position == 0 || position > INT64_MAX)
        return false;
    struct sql sql = sql_open(store, MESSAGE_COLUMNS "WHERE folder = ? AND gone = 0"
                              " ORDER BY id LIMIT 1 OFFSET ?");
    sql_put(&sql, folder);
    sql_put(&sql, (int64_t)position - 1);
    return message_found(&sql, message);
}

bool store_device_message_by_uid(struct store *store, int64_t folder, uint32_t uid,
                                struct device_message *message)
{
    struct sql sql = sql_open(store, MESSAGE_COLUMNS "WHERE folder = ? AND uid = ?"
                              " ORDER BY id LIMIT 1");
    sql_put(&sql, folder);
    sql_put(&sql, uid);
    return message_found(&sql, message);
}

bool store_device_message_waiting(struct store *store, int64_t folder, slice identity,
                                 struct device_message *message)
{
    struct sql sql = sql_open(store, MESSAGE_COLUMNS "WHERE folder = ? AND uid = 0"
                              " AND identity = ? ORDER BY id LIMIT 1");
    sql_put(&sql, folder);
    sql_put_text(&sql, identity);
    return message_found(&sql, message);
}

bool store_device_message_moving(struct store *store, int64_t from_folder, uint32_t uid,
                                struct device_message *message)
{
    struct sql sql = sql_open(store, MESSAGE_COLUMNS "WHERE from_folder = ?1 AND from_folder <> 0"
                              " AND (?2 = 0 OR from_uid = ?2) ORDER BY id LIMIT 1");
    sql_put(&sql, from_folder);
    sql_put(&sql, uid);
    return message_found(&sql, message);
}

static bool message_after(struct store *store, int64_t folder, int64_t last,
                         struct device_message *message)
{
    struct sql sql = sql_open(store, MESSAGE_COLUMNS "WHERE folder = ? AND id > ?"
                              " ORDER BY id LIMIT 1");
    sql_put(&sql, folder);
    sql_put(&sql, last);
    return message_found(&sql, message);
}

bool store_device_messages(struct store *store, int64_t folder, store_device_message_fn *call,
                          void *context)
{
    struct device_message message = { .id = 0 };
    while (message_after(store, folder, message.id, &message))
        if (!call(context, &message))
            break;
    return !store_failed(store);
}

bool store_device_message_read(struct store *store, int64_t id, struct buf *out)
{
    struct sql sql = sql_open(store, "SELECT octets FROM device_octets WHERE letter = ?"
                              " ORDER BY number");
    sql_put(&sql, id);
    while (!out->full && sql_row(&sql))
        buf_add(out, sql_get_text(&sql));
    return sql_close(&sql);
}

bool store_device_count(struct store *store, int64_t folder, struct device_count *count)
{
    struct sql sql = sql_open(store, "SELECT count(*), coalesce(sum(flags & 1 = 0), 0),"
        " coalesce(sum(whole), 0), coalesce(sum((SELECT sum(length(octets)) FROM device_octets"
        " WHERE letter = device_letter.id)), 0) FROM device_letter"
        " WHERE folder = ? AND gone = 0");
    sql_put(&sql, folder);
    bool found = sql_row(&sql);
    if (found) {
        count->messages = (uint64_t)sql_get(&sql);
        count->unseen = (uint64_t)sql_get(&sql);
        count->whole = (uint64_t)sql_get(&sql);
        count->octets = (uint64_t)sql_get(&sql);
    }
    return sql_close(&sql) && found;
}

/* --- POP3's memory -------------------------------------------------------------------------- */

bool store_device_uidl(struct store *store, slice device, slice uidl, struct device_uidl *known)
{
    struct sql sql = sql_open(store, "SELECT uidl, fetched_ms, gone, listed FROM device_uidl"
                              " WHERE device = ? AND uidl = ?");
    sql_put_text(&sql, device);
    sql_put_text(&sql, uidl);
    bool found = sql_row(&sql);
    if (found) {
        sql_get_chars(&sql, known->uidl, sizeof known->uidl);
        known->fetched_ms = sql_get(&sql);
        known->gone = sql_get(&sql) != 0;
        known->listed = sql_get(&sql) != 0;
    }
    return sql_close(&sql) && found;
}

bool store_device_uidl_set(struct store *store, slice device, const struct device_uidl *known)
{
    if (!store_change_begin(store))
        return false;
    struct sql sql = sql_open(store, "INSERT OR REPLACE INTO device_uidl"
                              " (device, uidl, fetched_ms, gone, listed) VALUES (?, ?, ?, ?, ?)");
    sql_put_text(&sql, device);
    sql_put_text(&sql, slice_of(known->uidl));
    sql_put(&sql, known->fetched_ms);
    put_bool(&sql, known->gone);
    put_bool(&sql, known->listed);
    return sql_run(&sql);
}

bool store_device_uidls_begin(struct store *store, slice device)
{
    if (!store_change_begin(store))
        return false;
    struct sql sql = sql_open(store, "UPDATE device_uidl SET listed = 0 WHERE device = ?");
    sql_put_text(&sql, device);
    return sql_run(&sql);
}

bool store_device_uidls_end(struct store *store, slice device)
{
    if (!store_change_begin(store))
        return false;
    struct sql sql = sql_open(store, "DELETE FROM device_uidl WHERE device = ? AND listed = 0");
    sql_put_text(&sql, device);
    return sql_run(&sql);
}

/* --- the account ---------------------------------------------------------------------------- */

bool store_device_synced(struct store *store, slice device, int64_t *ms, struct buf *said)
{
    struct sql sql = sql_open(store, "SELECT synced_ms, said FROM device_account WHERE device = ?");
    sql_put_text(&sql, device);
    bool found = sql_row(&sql);
    if (found) {
        *ms = sql_get(&sql);
        buf_add(said, sql_get_text(&sql));
    }
    return sql_close(&sql) && found;
}

bool store_device_synced_set(struct store *store, slice device, int64_t ms, slice said)
{
    if (!store_change_begin(store))
        return false;
    struct sql sql = sql_open(store, "INSERT OR REPLACE INTO device_account"
                              " (device, synced_ms, said) VALUES (?, ?, ?)");
    sql_put_text(&sql, device);
    sql_put(&sql, ms);
    sql_put_text(&sql, said);
    return sql_run(&sql);
}

#define NAMES_PEEKED_MAX 1000   /* each peek reads them all */

/* --- names ------------------------------------------------------------------------------------ */

/* A delivery only notes what it is; the numbers are given when somebody asks, by order of
   messages, so that it does not matter when. What was undone is looked at again. */
static bool names_catch_up(struct store *store)
{
    struct sql sql = sql_open(store, "SELECT coalesce(max(message), 0) FROM letter_copy");
    int64_t last = sql_row(&sql) ? sql_get(&sql) : 0;
    if (!sql_close(&sql) || last <= store->named_upto)
        return !store->failed;
    if (!store_change_begin(store))
        return false;
    sql = sql_open(store, "INSERT INTO letter_name (identity) SELECT identity FROM letter_copy"
                   " WHERE message > ? ORDER BY message ON CONFLICT DO NOTHING");
    sql_put(&sql, store->named_upto);
    if (!sql_run(&sql))
        return false;
    store->named_upto = last;
    return true;
}

static bool number_find(struct store *store, slice identity, uint64_t *number)
{
    struct sql sql = sql_open(store, "SELECT number FROM letter_name WHERE identity = ?");
    sql_put_text(&sql, identity);
    bool found = sql_row(&sql);
    if (found)
        *number = (uint64_t)sql_get(&sql);
    return sql_close(&sql) && found;
}

bool store_message_number(struct store *store, slice identity, uint64_t *number)
{
    return names_catch_up(store) && number_find(store, identity, number);
}

bool store_message_identity(struct store *store, uint64_t number, struct buf *identity)
{
    if (!names_catch_up(store))
        return false;
    struct sql sql = sql_open(store, "SELECT identity FROM letter_name WHERE number = ?");
    sql_put(&sql, (int64_t)number);
    bool found = sql_row(&sql);
    if (found)
        buf_add(identity, sql_get_text(&sql));
    return sql_close(&sql) && found;
}

bool store_message_named(struct store *store, slice identity)
{
    if (identity.len == 0 || !names_catch_up(store) || !store_change_begin(store))
        return !store->failed;
    struct sql sql = sql_open(store, "INSERT INTO letter_name (identity) SELECT ? WHERE true"
                              " ON CONFLICT DO NOTHING");
    sql_put_text(&sql, identity);
    return sql_run(&sql);
}

bool store_message_copied(struct store *store, int64_t message_key, slice identity)
{
    if (identity.len == 0)
        return true;
    struct sql sql = sql_open(store, "INSERT INTO letter_copy (message, identity) SELECT ?, ?");
    sql_put(&sql, message_key);
    sql_put_text(&sql, identity);
    return sql_run(&sql);
}

bool store_message_of(struct store *store, int64_t message_key, uint64_t *number)
{
    if (!names_catch_up(store))
        return false;
    struct sql sql = sql_open(store, "SELECT number FROM letter_copy JOIN letter_name"
                              " USING (identity) WHERE message = ?");
    sql_put(&sql, message_key);
    bool found = sql_row(&sql);
    if (found)
        *number = (uint64_t)sql_get(&sql);
    return sql_close(&sql) && found;
}

bool store_message_peek(struct store *store, int64_t message_key, uint64_t *number)
{
    struct sql sql = sql_open(store, "SELECT coalesce(max(message), 0) FROM letter_copy");
    int64_t last = sql_row(&sql) ? sql_get(&sql) : 0;
    if (!sql_close(&sql) || last - store->named_upto > NAMES_PEEKED_MAX)
        return false;
    sql = sql_open(store, "WITH new (first) AS (SELECT min(message) FROM letter_copy"
                   " WHERE message > ? AND identity NOT IN (SELECT identity FROM letter_name)"
                   " GROUP BY identity)"
                   " SELECT coalesce(number, (SELECT coalesce(max(number), 0) FROM letter_name)"
                   " + (SELECT count(*) FROM new WHERE first <= (SELECT min(message)"
                   " FROM letter_copy AS other WHERE other.identity = letter_copy.identity)))"
                   " FROM letter_copy LEFT JOIN letter_name USING (identity) WHERE message = ?");
    sql_put(&sql, store->named_upto);
    sql_put(&sql, message_key);
    bool found = sql_row(&sql);
    if (found)
        *number = (uint64_t)sql_get(&sql);
    return sql_close(&sql) && found;
}
