/* store_fsck.c: what must always be true of a world between two turns. Each check is a
   query that finds violations and says them; beside them SQLite's own integrity_check, and
   what memory holds against the tables (store_view.c). */
#include "servers/store/store_event.h"
#include "servers/store/store_private.h"

/* What is read by name, from one to the next, would never end. */
#define NO_NAME "length(CAST(name AS BLOB)) > " DIGITS(MAILBOX_NAME_MAX) " OR instr(name, char(0))"

/* A name as it is may hold anything; quote() makes it one printable line. */
/* What is asked when a world is opened, too, since whoever reads these tables relies on it, and
   they are small: a file may come from a stranger. What the large tables hold is checked where it
   is read. */
static const char *const guards[] = {
    "SELECT printf('user %d (%s): %s', id, quote(address), what) FROM (SELECT id, address, CASE"
    "  WHEN length(CAST(address AS BLOB)) NOT BETWEEN 3 AND " DIGITS(ADDRESS_MAX)
    "   OR instr(address, char(0)) OR address GLOB '*[' || char(1) || '-' || char(31) || ']*'"
    "   THEN 'that is no address'"
    "  WHEN length(CAST(password AS BLOB)) > 255 OR instr(password, char(0))"
    "   OR password GLOB '*[' || char(1) || '-' || char(31) || char(127) || ']*'"
    "   THEN 'a password has no control characters and at most 255 octets'"
    "  WHEN length(CAST(host AS BLOB)) NOT BETWEEN 1 AND " DIGITS(DOMAIN_MAX)
    "   THEN 'that is no host'"
    "  WHEN next_uidvalidity NOT BETWEEN 1 AND 4294967295"
    "   THEN 'its next uidvalidity is no 32-bit number'"
    "  END AS what FROM user) WHERE what IS NOT NULL ORDER BY id",
    "SELECT printf('user %d (%s) has no INBOX', id, quote(address)) FROM user WHERE NOT EXISTS"
    " (SELECT 1 FROM mailbox WHERE user = user.id AND name = 'INBOX' AND selectable = 1)"
    " ORDER BY id",
    "SELECT printf('user %d has %d mailboxes named %s', user, count(*), quote(name)) FROM mailbox"
    " WHERE name IS NOT NULL GROUP BY user, name HAVING count(*) > 1 ORDER BY user, name",
    "SELECT printf('mailbox %d: %s is no possible name', id, quote(name)) FROM mailbox"
    " WHERE name = '' OR name LIKE '/%' OR name LIKE '%/' OR name LIKE '%//%' OR " NO_NAME
    " ORDER BY id",
    "SELECT printf('user %d is subscribed to %s, which is no possible name', user, quote(name))"
    " FROM subscription WHERE name = '' OR " NO_NAME " ORDER BY user, name",
    "SELECT printf('mailbox %d: %s', id, what) FROM (SELECT id, CASE"
    "  WHEN selectable NOT IN (0, 1) THEN 'selectable is neither 0 nor 1'"
    "  WHEN uidvalidity NOT BETWEEN 1 AND 4294967295 THEN 'its uidvalidity is no 32-bit number'"
    "  WHEN uidnext NOT BETWEEN 1 AND 4294967295 THEN 'its uidnext is no 32-bit number'"
    "  WHEN highest_modseq < 1 THEN 'its highest_modseq is below 1'"
    "  WHEN highest_modseq > " DIGITS(MODSEQ_MAX) " THEN 'its highest_modseq is out of range'"
    "  WHEN messages NOT BETWEEN 0 AND 4294967295 OR unseen NOT BETWEEN 0 AND messages"
    "   OR bytes < 0 THEN 'its counters are out of range'"
    /* Room is made for as many as it says. */
    "  WHEN messages > " DIGITS(MAILBOX_MESSAGES_MAX) " AND messages > (SELECT count(*)"
    "   FROM placement WHERE mailbox = mailbox.id) THEN 'it has fewer messages than it says'"
    "  WHEN recent_from NOT BETWEEN 1 AND uidnext THEN 'its recent_from is not within its uids'"
    "  END AS what FROM mailbox) WHERE what IS NOT NULL ORDER BY id",
    "SELECT printf('mailbox %d: %d is no special use', mailbox, use) FROM special_use"
    " WHERE use NOT BETWEEN 1 AND 31 ORDER BY mailbox",
    "SELECT printf('user %d has two mailboxes with uidvalidity %d', user, uidvalidity) FROM mailbox"
    " GROUP BY user, uidvalidity HAVING count(*) > 1 ORDER BY user, uidvalidity",
    "SELECT printf('quota of user %d: %s', user, what) FROM (SELECT user, CASE"
    "  WHEN NOT EXISTS (SELECT 1 FROM user AS owner WHERE owner.id = quota.user)"
    "   THEN 'that user does not exist'"
    "  WHEN bytes < 0 OR messages < 0 OR bytes + messages = 0 THEN 'it is no limit'"
    "  END AS what FROM quota) WHERE what IS NOT NULL ORDER BY user",
    "SELECT printf('mailbox %d: its keywords are not numbered from 0 without gaps', mailbox)"
    " FROM keyword GROUP BY mailbox HAVING min(bit) <> 0 OR max(bit) <> count(*) - 1"
    " OR max(bit) >= " DIGITS(KEYWORDS_MAX) " ORDER BY mailbox",
    "SELECT printf('mailbox %d: %s is no possible keyword', mailbox, quote(name)) FROM keyword"
    " WHERE length(CAST(name AS BLOB)) NOT BETWEEN 1 AND " DIGITS(KEYWORD_NAME_MAX)
    " ORDER BY mailbox, bit",
    "SELECT printf('queue entry %d: %s', id, what) FROM (SELECT id, CASE"
    "  WHEN since_ms < 0 THEN 'it came before 1970'"
    "  WHEN next_ms < since_ms THEN 'its next attempt is before it came'"
    "  WHEN attempts < 0 THEN 'its attempts are negative'"
    "  WHEN warned NOT IN (0, 1) THEN 'warned is neither 0 nor 1'"
    "  WHEN host = '' OR recipient = '' OR domain = '' THEN 'host, recipient or domain is empty'"
    "  WHEN domain <> lower(domain) THEN 'its domain has capitals'"
    "  END AS what FROM queue) WHERE what IS NOT NULL ORDER BY id",
    "SELECT printf('wish of queue entry %d: %s', queue, what) FROM (SELECT queue, CASE"
    "  WHEN NOT EXISTS (SELECT 1 FROM queue AS entry WHERE entry.id = wish.queue)"
    "   THEN 'there is no such entry'"
    "  WHEN notify NOT BETWEEN 0 AND 15 OR (notify & 1 AND notify <> 1)"
    "   THEN 'it wants to hear never and sometimes'"
    "  WHEN returns NOT IN (0, 1, 2) THEN 'returns is none of 0, 1, 2'"
    "  WHEN utf8 NOT IN (0, 1) THEN 'utf8 is neither 0 nor 1'"
    "  END AS what FROM wish) WHERE what IS NOT NULL ORDER BY queue",
};

/* Each of them looks at a table that may be large, or at several. */
static const char *const checks[] = {
    "SELECT printf('user %d: the name %s is not that of %s', id, quote(name), quote(address))"
    " FROM user WHERE address <> name || substr(address, length(name) + 1)"
    " OR substr(address, length(name) + 1, 1) <> '@' ORDER BY id",
    "SELECT printf('mailbox %d (%s): the name above it does not exist', id, quote(name))"
    " FROM mailbox WHERE name LIKE '%/%' AND NOT EXISTS (SELECT 1 FROM mailbox AS above"
    " WHERE above.user = mailbox.user AND above.name ="
    "  rtrim(rtrim(mailbox.name, replace(mailbox.name, '/', '')), '/')) ORDER BY id",
    "SELECT printf('mailbox %d is deleted and not empty', id) FROM mailbox"
    " WHERE name IS NULL AND (selectable <> 0 OR messages <> 0) ORDER BY id",
    "SELECT printf('mailbox %d (%s) holds no messages and has some', id, quote(name)) FROM mailbox"
    " WHERE selectable = 0 AND EXISTS"
    " (SELECT 1 FROM placement WHERE mailbox = mailbox.id AND expunged = 0) ORDER BY id",
    "SELECT printf('mailbox %d: its uidvalidity %d is not below the user''s next, %d',"
    " mailbox.id, uidvalidity, next_uidvalidity) FROM mailbox JOIN user ON user.id = mailbox.user"
    " WHERE uidvalidity >= next_uidvalidity ORDER BY mailbox.id",
    "SELECT printf('mailbox %d: counted %d messages, %d unseen, %d bytes, kept %d, %d, %d', id,"
    " count, fresh, octets, messages, unseen, bytes) FROM (SELECT mailbox.id AS id, messages,"
    " unseen, bytes, count(uid) AS count, coalesce(sum((flags & 1) = 0), 0) AS fresh,"
    " coalesce(sum(size), 0) AS octets FROM mailbox"
    " LEFT JOIN placement ON placement.mailbox = mailbox.id AND expunged = 0"
    " GROUP BY mailbox.id) WHERE count <> messages OR fresh <> unseen OR octets <> bytes"
    " ORDER BY id",
    /* placements */
    "SELECT printf('mailbox %d: uid %d is not within 1 to %d', mailbox, uid, uidnext - 1)"
    " FROM placement JOIN mailbox ON mailbox.id = mailbox"
    " WHERE uid < 1 OR uid >= uidnext ORDER BY mailbox, uid",
    "SELECT printf('mailbox %d: uid %d stands twice', mailbox, uid) FROM placement"
    " GROUP BY mailbox, uid HAVING count(*) > 1 ORDER BY mailbox, uid",
    "SELECT printf('mailbox %d, uid %d: modseq %d is not within 1 to %d', mailbox, uid, modseq,"
    " highest_modseq) FROM placement JOIN mailbox ON mailbox.id = mailbox"
    " WHERE modseq < 1 OR modseq > highest_modseq ORDER BY mailbox, uid",
    "SELECT printf('mailbox %d, uid %d: message %d does not exist', mailbox, uid, message)"
    " FROM placement WHERE NOT EXISTS"
    " (SELECT 1 FROM message WHERE id = placement.message AND draft = 0) ORDER BY mailbox, uid",
    "SELECT printf('mailbox %d, uid %d: size %d is not the message''s, %d', mailbox, uid,"
    " placement.size, message.size) FROM placement JOIN message ON message.id = message"
    " WHERE placement.size <> message.size ORDER BY mailbox, uid",
    "SELECT printf('message %d: its heading''s zone %d is no zone', message, sent_zone)"
    " FROM heading WHERE sent_zone NOT BETWEEN -5999 AND 5999 ORDER BY message",
    "SELECT printf('mailbox %d, uid %d: expunged is neither 0 nor 1', mailbox, uid)"
    " FROM placement WHERE expunged NOT IN (0, 1) ORDER BY mailbox, uid",
    "SELECT printf('mailbox %d, uid %d: flags %d have a bit without a name', mailbox, uid, flags)"
    " FROM placement WHERE flags & ~(31 | (SELECT coalesce(sum(1 << (8 + bit)), 0) FROM keyword"
    " WHERE keyword.mailbox = placement.mailbox)) ORDER BY mailbox, uid",
    /* tombstones */
    "SELECT printf('mailbox %d: tombstone of uid %d: modseq %d or the uid is beyond the mailbox',"
    " mailbox, uid, modseq) FROM expunged JOIN mailbox ON mailbox.id = mailbox"
    " WHERE modseq < 1 OR modseq > highest_modseq OR uid < 1 OR uid >= uidnext"
    " ORDER BY mailbox, modseq",
    "SELECT printf('mailbox %d: uid %d has two tombstones', mailbox, uid) FROM expunged"
    " GROUP BY mailbox, uid HAVING count(*) > 1 ORDER BY mailbox, uid",
    "SELECT printf('mailbox %d: uid %d has a tombstone and lives', expunged.mailbox, expunged.uid)"
    " FROM expunged JOIN placement USING (mailbox, uid) WHERE placement.expunged = 0"
    " ORDER BY expunged.mailbox, expunged.uid",
    "SELECT printf('mailbox %d: uid %d is expunged and has no tombstone', mailbox, uid)"
    " FROM placement WHERE expunged = 1 AND NOT EXISTS (SELECT 1 FROM expunged AS grave"
    " WHERE grave.mailbox = placement.mailbox AND grave.modseq = placement.modseq"
    " AND grave.uid = placement.uid) ORDER BY mailbox, uid",
    /* what leads to placements, and what is counted of them */
    "SELECT printf('mailbox %d, uid %d: no change leads to modseq %d', mailbox, uid, modseq)"
    " FROM placement WHERE NOT EXISTS (SELECT 1 FROM (SELECT modseq, uid, count FROM change"
    "  WHERE change.mailbox = placement.mailbox AND change.modseq >= placement.modseq"
    "  ORDER BY modseq LIMIT 1) AS run WHERE run.modseq - run.count < placement.modseq"
    "  AND run.uid - placement.uid = run.modseq - placement.modseq) ORDER BY mailbox, uid",
    "SELECT printf('mailbox %d: change %d leads to %d messages, counted %d', mailbox, modseq, live,"
    " found) FROM (SELECT mailbox, modseq, live, (SELECT count(*) FROM placement"
    "  WHERE placement.mailbox = change.mailbox"
    "  AND placement.uid BETWEEN change.uid + 1 - change.count AND change.uid"
    "  AND placement.modseq = change.modseq - change.uid + placement.uid) AS found FROM change)"
    " WHERE live <> found OR live < 1 ORDER BY mailbox, modseq",
    "SELECT printf('mailbox %d: %d unseen from uid %d on, counted %d', mailbox, sum(kept),"
    " stretch * 64, sum(found)) FROM (SELECT mailbox, stretch, messages AS kept, 0 AS found"
    "  FROM unseen UNION ALL SELECT mailbox, uid / 64, 0, 1 FROM placement"
    "  WHERE expunged = 0 AND (flags & 1) = 0) GROUP BY mailbox, stretch"
    " HAVING sum(kept) <> sum(found) ORDER BY mailbox, stretch",
    "SELECT printf('mailbox %d: %d \\Deleted of %d bytes, counted %d of %d', mailbox, sum(kept),"
    " sum(octets), sum(found), sum(sizes)) FROM (SELECT mailbox, messages AS kept, bytes AS octets,"
    "  0 AS found, 0 AS sizes FROM deleted UNION ALL SELECT mailbox, 0, 0, 1, size FROM placement"
    "  WHERE expunged = 0 AND (flags & 8) <> 0) GROUP BY mailbox"
    " HAVING sum(kept) <> sum(found) OR sum(octets) <> sum(sizes) ORDER BY mailbox",
    /* messages */
    "SELECT printf('message %d: size %d, its chunks have %d', id, size, octets) FROM"
    " (SELECT id, size, (SELECT coalesce(sum(length(octets)), 0) FROM chunk"
    "  WHERE chunk.message = message.id) AS octets FROM message WHERE draft = 0)"
    " WHERE size <> octets ORDER BY id",
    "SELECT printf('message %d: its chunks are not numbered from 0 without gaps', message)"
    " FROM chunk GROUP BY message HAVING min(number) <> 0 OR max(number) <> count(*) - 1"
    " ORDER BY message",
    "SELECT printf('message %d: chunk %d has %d octets', message, number, length(octets))"
    " FROM chunk WHERE length(octets) NOT BETWEEN 1 AND " DIGITS(MESSAGE_CHUNK_BYTES)
    " OR (length(octets) < " DIGITS(MESSAGE_CHUNK_BYTES) " AND"
    "  EXISTS (SELECT 1 FROM chunk AS later WHERE later.message = chunk.message"
    "   AND later.number > chunk.number)) ORDER BY message, number",
    "SELECT printf('message %d belongs to nobody', id) FROM message WHERE draft = 0"
    " AND NOT EXISTS (SELECT 1 FROM placement WHERE message = message.id)"
    " AND NOT EXISTS (SELECT 1 FROM queue WHERE message = message.id) ORDER BY id",
    "SELECT printf('message %d: %s', id, what) FROM (SELECT id, CASE"
    "  WHEN draft NOT IN (0, 1) THEN 'draft is neither 0 nor 1'"
    "  WHEN size < 0 THEN 'its size is negative'"
    "  WHEN header_bytes NOT BETWEEN 0 AND size THEN 'its header is longer than it'"
    "  WHEN path_bytes NOT BETWEEN 0 AND header_bytes THEN 'its path is longer than its header'"
    "  END AS what FROM message WHERE draft <> 1) WHERE what IS NOT NULL ORDER BY id",
    /* the queue, greylisting, the world */
    "SELECT printf('queue entry %d: message %d does not exist', id, message) FROM queue"
    " WHERE NOT EXISTS (SELECT 1 FROM message WHERE id = queue.message AND draft = 0) ORDER BY id",
    "SELECT printf('subscription to %s: user %d does not exist', quote(name), user)"
    " FROM subscription WHERE NOT EXISTS (SELECT 1 FROM user WHERE id = subscription.user)"
    " ORDER BY user, name",
    "SELECT printf('greylist: %s was first seen before 1970', quote(recipient)) FROM greylist"
    " WHERE first_ms < 0 ORDER BY host, address, sender, recipient",
    "SELECT printf('%s: %d lines, the last is number %d', name, count, last) FROM"
    " (SELECT 'history' AS name, count(*) AS count, coalesce(max(number), 0) AS last FROM history"
    "  UNION ALL SELECT 'sentence', count(*), coalesce(max(number), 0) FROM sentence)"
    " WHERE count <> last ORDER BY name",
    /* names and devices */
    "SELECT printf('message names: %d, the last is number %d', count, last) FROM"
    " (SELECT count(*) AS count, coalesce(max(number), 0) AS last FROM letter_name)"
    " WHERE count <> last",
    "SELECT printf('device message %d (%s) has no name', id, quote(identity)) FROM device_letter"
    " WHERE identity NOT IN (SELECT identity FROM letter_name) ORDER BY id",
    "SELECT printf('device message %d: %s', id, what) FROM (SELECT id, CASE"
    "  WHEN folder NOT IN (SELECT id FROM device_folder) THEN 'its folder does not exist'"
    "  WHEN uid NOT BETWEEN 0 AND 4294967295 THEN 'its uid is no 32-bit number'"
    "  WHEN whole NOT IN (0, 1) THEN 'whole is neither 0 nor 1'"
    "  WHEN gone NOT IN (0, 1) THEN 'gone is neither 0 nor 1'"
    "  WHEN flags & ~31 THEN 'its flags have a bit without a name'"
    "  WHEN whole = 1 AND size <> (SELECT coalesce(sum(length(octets)), 0) FROM device_octets"
    "   WHERE letter = device_letter.id) THEN 'its size is not that of its text'"
    "  END AS what FROM device_letter) WHERE what IS NOT NULL ORDER BY id",
    "SELECT printf('device folder %d has uid %d twice', folder, uid) FROM device_letter"
    " WHERE uid > 0 GROUP BY folder, uid HAVING count(*) > 1 ORDER BY folder, uid",
    "SELECT printf('device message %d: its pieces are not numbered from 0 without gaps', letter)"
    " FROM device_octets GROUP BY letter HAVING min(number) <> 0 OR max(number) <> count(*) - 1"
    " ORDER BY letter",
    "SELECT printf('table %s: id %d was not counted', name, id) FROM"
    " (SELECT 'mailbox' AS name, coalesce(max(id), 0) AS id FROM mailbox"
    "  UNION ALL SELECT 'message', coalesce(max(id), 0) FROM message"
    "  UNION ALL SELECT 'queue', coalesce(max(id), 0) FROM queue"
    "  UNION ALL SELECT 'user', coalesce(max(id), 0) FROM user) AS last"
    " WHERE id > coalesce((SELECT seq FROM sqlite_sequence WHERE name = last.name), 0)"
    " ORDER BY name",
};

/* A name may hold a line end: the report's lines are its own. */
static void line_add(struct buf *report, slice line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.at[i] == '\n')
            buf_add_text(report, "\\n");
        else
            buf_add_char(report, line.at[i]);
    buf_add_char(report, '\n');
}

/* The first columns of what a query finds, a line each. */
static bool find_none(struct store *store, const char *literal, const char *sound_answer,
                      struct buf *report)
{
    bool none = true;
    struct sql sql = sql_open_once(store, literal);
    while (sql_row(&sql)) {
        slice line = sql_get_text(&sql);
        if (sound_answer && slice_is(line, sound_answer))
            continue;
        line_add(report, line);
        none = false;
    }
    return sql_close(&sql) && none;
}

static bool find_nothing_failed(struct store *store, struct buf *report)
{
    if (!store->failed)
        return true;
    buf_format(report, "%s\n", store_error(store));
    return false;
}

bool store_guards_hold(struct store *store, struct error *why)
{
    struct buf report = BUF_MAX(65536);
    bool hold = true;
    for (size_t i = 0; hold && i < COUNT(guards); i++)
        hold = find_none(store, guards[i], NULL, &report);
    slice rest = buf_slice(&report), first = take_until(&rest, '\n');
    if (!hold && store->failed)
        error_set(why, "%s", store->reason.text);
    else if (!hold)
        error_set(why, "%.*s", SLICE_ARG(slice_upto(first, 200)));
    buf_free(&report);
    return hold;
}

bool store_fsck(struct store *store, struct buf *report)
{
    if (!store_chores_finish(store))
        return find_nothing_failed(store, report);
    bool sound = find_none(store, "PRAGMA integrity_check", "ok", report);
    if (!find_none(store, "SELECT printf('table %s: row %d refers to a row of %s that does not"
                   " exist', \"table\", rowid, parent) FROM pragma_foreign_key_check"
                   " ORDER BY 1", NULL, report))
        sound = false;
    for (size_t i = 0; i < COUNT(guards); i++)
        sound = find_none(store, guards[i], NULL, report) && sound;
    for (size_t i = 0; i < COUNT(checks); i++)
        sound = find_none(store, checks[i], NULL, report) && sound;
    if (!store_boxes_check(store, report))
        sound = false;
    if (!store_events_check(store, report))
        sound = false;
    return find_nothing_failed(store, report) && sound;
}
