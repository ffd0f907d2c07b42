/* store_schema.c: the tables, as SQL, for people to read too: the sqlite3 shell's .schema
   shows them with these comments. How an older world becomes today's. Not here: opening
   files, copies (store_open.c). */
#include "servers/store/store_private.h"

/* Also steps from format 0, as are those below. */
#define SPECIAL_USE_TABLE                                                                          \
    "CREATE TABLE special_use ( -- what a mailbox is for: 1 Archive, 2 Drafts, 4 Junk, 8 Sent, "   \
    "16 Trash\n"                                                                                   \
    "  mailbox INTEGER PRIMARY KEY REFERENCES mailbox (id) ON DELETE CASCADE,\n"                   \
    "  use INTEGER NOT NULL\n"                                                                     \
    ") STRICT;\n"
#define GREYLIST_TABLE \
    "CREATE TABLE greylist ( -- who was asked to come back later\n" \
    "  host TEXT NOT NULL COLLATE NOCASE,\n" \
    "  address TEXT NOT NULL, -- of the client\n" \
    "  sender TEXT NOT NULL,\n" \
    "  recipient TEXT NOT NULL,\n" \
    "  first_ms INTEGER NOT NULL,\n" \
    "  PRIMARY KEY (host, address, sender, recipient)\n" \
    ") STRICT, WITHOUT ROWID;\n"

#define QUOTA_TABLE \
    "CREATE TABLE quota ( -- what a user's mailboxes may hold together\n" \
    "  user INTEGER PRIMARY KEY REFERENCES user (id),\n" \
    "  bytes INTEGER NOT NULL, -- 0: no limit\n" \
    "  messages INTEGER NOT NULL -- 0: no limit\n" \
    ") STRICT;\n"
#define HEADING_TABLE \
    "CREATE TABLE heading ( -- what SORT, THREAD and SEARCH ask of a letter's header, decoded\n" \
    "  message INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,\n" \
    "  sent_ms INTEGER, -- Date:, since 1970; NULL: it has none that can be read\n" \
    "  sent_zone INTEGER NOT NULL, -- minutes east of UTC\n" \
    "  from_box TEXT NOT NULL, -- the first address's part before the @\n" \
    "  to_box TEXT NOT NULL,\n" \
    "  cc_box TEXT NOT NULL,\n" \
    "  message_id TEXT NOT NULL, -- empty: none\n" \
    "  refs TEXT NOT NULL, -- message-IDs of References, or of In-Reply-To, one a line\n" \
    "  subject TEXT, -- all fields of the name, one a line; NULL: there is none\n" \
    "  from_text TEXT,\n" \
    "  to_text TEXT,\n" \
    "  cc_text TEXT,\n" \
    "  bcc_text TEXT\n" \
    ") STRICT;\n"

#define WISH_TABLE \
    "CREATE TABLE wish ( -- what a sender asked for with a letter in a queue\n" \
    "  queue INTEGER PRIMARY KEY REFERENCES queue (id) ON DELETE CASCADE,\n" \
    "  notify INTEGER NOT NULL, -- 1 NEVER, 2 SUCCESS, 4 FAILURE, 8 DELAY; 0: not said\n" \
    "  returns INTEGER NOT NULL, -- 1 RET=FULL, 2 RET=HDRS; 0: not said\n" \
    "  utf8 INTEGER NOT NULL, -- 1: SMTPUTF8\n" \
    "  envid TEXT NOT NULL,\n" \
    "  orcpt TEXT NOT NULL\n" \
    ") STRICT;\n"

/* What the devices' own mail programs keep, and the names of messages: see store_device.h. */
#define DEVICE_TABLES \
    "CREATE TABLE letter_name ( -- A, B, C: the letters of the world as they appeared\n" \
    "  number INTEGER PRIMARY KEY,\n" \
    "  identity TEXT NOT NULL UNIQUE -- its Message-ID, or a hash of its header\n" \
    ") STRICT;\n" \
    "CREATE TABLE letter_copy ( -- which letter a message is, or was\n" \
    "  message INTEGER PRIMARY KEY,\n" \
    "  identity TEXT NOT NULL -- as in letter_name, where it stands once somebody asks\n" \
    ") STRICT;\n" \
    "CREATE TABLE device_account ( -- how a device's last sync went\n" \
    "  device TEXT PRIMARY KEY,\n" \
    "  synced_ms INTEGER NOT NULL,\n" \
    "  said TEXT NOT NULL\n" \
    ") STRICT, WITHOUT ROWID;\n" \
    "CREATE TABLE device_folder ( -- of a device's own mail program\n" \
    "  id INTEGER PRIMARY KEY,\n" \
    "  device TEXT NOT NULL,\n" \
    "  name TEXT NOT NULL,\n" \
    "  uidvalidity INTEGER NOT NULL, -- IMAP: of the server's mailbox, 0: not known yet\n" \
    "  remote INTEGER NOT NULL, -- 1: the server has it too\n" \
    "  UNIQUE (device, name)\n" \
    ") STRICT;\n" \
    "CREATE TABLE device_letter ( -- a letter, or its header, on a device\n" \
    "  id INTEGER PRIMARY KEY,\n" \
    "  folder INTEGER NOT NULL REFERENCES device_folder (id),\n" \
    "  uid INTEGER NOT NULL, -- IMAP, 0: the server has given none yet\n" \
    "  uidl TEXT NOT NULL, -- POP3\n" \
    "  flags INTEGER NOT NULL, -- 1 Seen, 2 Answered, 4 Flagged, 8 Deleted, 16 Draft\n" \
    "  told INTEGER NOT NULL, -- the flags as the server last said they are\n" \
    "  date_ms INTEGER NOT NULL, -- when the server had it\n" \
    "  fetched_ms INTEGER NOT NULL,\n" \
    "  size INTEGER NOT NULL, -- of the whole letter\n" \
    "  whole INTEGER NOT NULL, -- 0: only its header is here\n" \
    "  gone INTEGER NOT NULL, -- 1: deleted here, the server is to be told\n" \
    "  from_folder INTEGER NOT NULL, -- moved here, the server is to be told; or 0\n" \
    "  from_uid INTEGER NOT NULL, -- its uid there\n" \
    "  recipients TEXT NOT NULL, -- in the Outbox: to whom\n" \
    "  identity TEXT NOT NULL -- letter_name's\n" \
    ") STRICT;\n" \
    "CREATE INDEX device_letter_uid ON device_letter (folder, uid);\n" \
    "CREATE TABLE device_octets ( -- its text in pieces, numbered from 0\n" \
    "  letter INTEGER NOT NULL REFERENCES device_letter (id) ON DELETE CASCADE,\n" \
    "  number INTEGER NOT NULL,\n" \
    "  octets BLOB NOT NULL,\n" \
    "  PRIMARY KEY (letter, number)\n" \
    ") STRICT;\n" \
    "CREATE TABLE device_held ( -- the letters a device ever had, here still or gone\n" \
    "  device TEXT NOT NULL,\n" \
    "  identity TEXT NOT NULL,\n" \
    "  PRIMARY KEY (device, identity)\n" \
    ") STRICT, WITHOUT ROWID;\n" \
    "CREATE TABLE device_uidl ( -- what a POP3 program has fetched from its server\n" \
    "  device TEXT NOT NULL,\n" \
    "  uidl TEXT NOT NULL,\n" \
    "  fetched_ms INTEGER NOT NULL,\n" \
    "  gone INTEGER NOT NULL, -- 1: deleted here, to be deleted there\n" \
    "  listed INTEGER NOT NULL, -- 1: the server's last list has it\n" \
    "  PRIMARY KEY (device, uidl)\n" \
    ") STRICT, WITHOUT ROWID;\n"

/* A step from format 1: QRESYNC, and what devices with many messages look for. */
#define RESYNC_TABLE \
    "CREATE TABLE device_resync ( -- up to which change a device knows a server's mailbox\n" \
    "  folder INTEGER PRIMARY KEY REFERENCES device_folder (id) ON DELETE CASCADE,\n" \
    "  modseq INTEGER NOT NULL -- RFC 7162's mod-sequence\n" \
    ") STRICT;\n" \
    "CREATE INDEX device_letter_folder ON device_letter (folder);\n" \
    "CREATE INDEX device_letter_waiting ON device_letter (folder, identity) WHERE uid = 0;\n" \
    "CREATE INDEX device_letter_from ON device_letter (from_folder, from_uid)" \
    " WHERE from_folder <> 0;\n"

/* A step from format 2: what stood in indexes of placements. */
#define CHANGE_TABLES \
    "CREATE TABLE change ( -- a mailbox's changes, in order: to uids that follow each other\n" \
    "  mailbox INTEGER NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,\n" \
    "  modseq INTEGER NOT NULL, -- of the last one\n" \
    "  uid INTEGER NOT NULL, -- of the last one\n" \
    "  count INTEGER NOT NULL, -- so many messages, then\n" \
    "  live INTEGER NOT NULL, -- … that have not changed since\n" \
    "  PRIMARY KEY (mailbox, modseq)\n" \
    ") STRICT, WITHOUT ROWID;\n" \
    "CREATE TABLE unseen ( -- how many are not \\Seen among 64 uids\n" \
    "  mailbox INTEGER NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,\n" \
    "  stretch INTEGER NOT NULL, -- uid / 64\n" \
    "  messages INTEGER NOT NULL, -- never 0\n" \
    "  PRIMARY KEY (mailbox, stretch)\n" \
    ") STRICT, WITHOUT ROWID;\n" \
    "CREATE TABLE deleted ( -- how many of a mailbox are \\Deleted\n" \
    "  mailbox INTEGER PRIMARY KEY REFERENCES mailbox (id) ON DELETE CASCADE,\n" \
    "  messages INTEGER NOT NULL,\n" \
    "  bytes INTEGER NOT NULL\n" \
    ") STRICT;\n"
#define CHANGE_ROWS \
    "DROP INDEX IF EXISTS placement_modseq;\n" \
    "DROP INDEX IF EXISTS placement_unseen;\n" \
    "DROP INDEX IF EXISTS placement_deleted;\n" \
    "INSERT INTO change SELECT mailbox, modseq, uid, 1, 1 FROM placement" \
    " ORDER BY mailbox, modseq;\n" \
    "INSERT INTO unseen SELECT mailbox, uid / 64, count(*) FROM placement" \
    " WHERE expunged = 0 AND (flags & 1) = 0 GROUP BY mailbox, uid / 64;\n" \
    "INSERT INTO deleted SELECT mailbox, count(*), sum(size) FROM placement" \
    " WHERE expunged = 0 AND (flags & 8) <> 0 GROUP BY mailbox;\n"

static const char world_tables[] =
    "CREATE TABLE value ( -- the world's own: seed, time, where one is\n"
    "  name TEXT PRIMARY KEY,\n"
    "  value TEXT NOT NULL\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE sentence ( -- what built the world's hosts, links and settings\n"
    "  number INTEGER PRIMARY KEY,\n"
    "  line TEXT NOT NULL\n"
    ") STRICT;\n"
    "CREATE TABLE history ( -- what was typed\n"
    "  number INTEGER PRIMARY KEY,\n"
    "  line TEXT NOT NULL\n"
    ") STRICT;\n";

static const char mailbox_tables[] =
    "CREATE TABLE user (\n"
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,\n"
    "  address TEXT NOT NULL UNIQUE COLLATE NOCASE, -- ana@campus.example\n"
    "  name TEXT NOT NULL COLLATE NOCASE, -- ana\n"
    "  host TEXT NOT NULL COLLATE NOCASE, -- the server that keeps the mailboxes\n"
    "  password TEXT NOT NULL,\n"
    "  next_uidvalidity INTEGER NOT NULL\n"
    ") STRICT;\n"
    "CREATE INDEX user_login ON user (host, name, id);\n"
    "CREATE TABLE mailbox (\n"
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,\n"
    "  user INTEGER NOT NULL REFERENCES user (id),\n"
    "  name TEXT, -- NULL: deleted, kept while a session looks at it\n"
    "  selectable INTEGER NOT NULL, -- 0: only a parent's name\n"
    "  uidvalidity INTEGER NOT NULL,\n"
    "  uidnext INTEGER NOT NULL,\n"
    "  highest_modseq INTEGER NOT NULL,\n"
    "  recent_from INTEGER NOT NULL, -- uids from here on are \\Recent to the next session\n"
    "  messages INTEGER NOT NULL,\n"
    "  unseen INTEGER NOT NULL,\n"
    "  bytes INTEGER NOT NULL,\n"
    "  UNIQUE (user, name)\n"
    ") STRICT;\n"
    "CREATE TABLE keyword ( -- a mailbox's own flags: bit 8 + bit of placement.flags\n"
    "  mailbox INTEGER NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,\n"
    "  bit INTEGER NOT NULL,\n"
    "  name TEXT NOT NULL COLLATE NOCASE,\n"
    "  PRIMARY KEY (mailbox, bit),\n"
    "  UNIQUE (mailbox, name)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE subscription ( -- names; the mailbox need not exist\n"
    "  user INTEGER NOT NULL REFERENCES user (id),\n"
    "  name TEXT NOT NULL,\n"
    "  PRIMARY KEY (user, name)\n"
    ") STRICT, WITHOUT ROWID;\n"
    SPECIAL_USE_TABLE;

static const char message_tables[] =
    "CREATE TABLE message ( -- one letter, stored once\n"
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,\n"
    "  draft INTEGER NOT NULL, -- 1: still being written\n"
    "  size INTEGER NOT NULL,\n"
    "  header_bytes INTEGER NOT NULL, -- with the empty line\n"
    "  path_bytes INTEGER NOT NULL, -- the Return-Path line\n"
    "  envelope TEXT NOT NULL, -- as IMAP's FETCH shows it\n"
    "  structure TEXT NOT NULL,\n"
    "  body TEXT NOT NULL,\n"
    "  parts BLOB NOT NULL -- where each MIME part stands\n"
    ") STRICT;\n"
    "CREATE INDEX message_draft ON message (id) WHERE draft = 1;\n"
    HEADING_TABLE
    "CREATE TABLE chunk ( -- a letter's text in pieces, numbered from 0\n"
    "  message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,\n"
    "  number INTEGER NOT NULL,\n"
    "  octets BLOB NOT NULL,\n"
    "  PRIMARY KEY (message, number)\n"
    ") STRICT;\n"
    "CREATE TABLE placement ( -- a letter in a mailbox\n"
    "  mailbox INTEGER NOT NULL REFERENCES mailbox (id),\n"
    "  uid INTEGER NOT NULL,\n"
    "  message INTEGER NOT NULL REFERENCES message (id),\n"
    "  flags INTEGER NOT NULL, -- 1 Seen, 2 Answered, 4 Flagged, 8 Deleted, 16 Draft\n"
    "  date_ms INTEGER NOT NULL, -- when it came, since 1970\n"
    "  zone_minutes INTEGER NOT NULL, -- east of UTC\n"
    "  modseq INTEGER NOT NULL, -- of the last change\n"
    "  size INTEGER NOT NULL,\n"
    "  expunged INTEGER NOT NULL, -- 1: gone, kept while a session still sees it\n"
    "  PRIMARY KEY (mailbox, uid)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE INDEX placement_message ON placement (message);\n"
    "CREATE INDEX placement_expunged ON placement (mailbox, modseq) WHERE expunged = 1;\n"
    "CREATE TABLE expunged ( -- uids that are gone, in the order they went\n"
    "  mailbox INTEGER NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,\n"
    "  modseq INTEGER NOT NULL,\n"
    "  uid INTEGER NOT NULL,\n"
    "  PRIMARY KEY (mailbox, modseq)\n"
    ") STRICT, WITHOUT ROWID;\n";

static const char queue_tables[] =
    "CREATE TABLE queue ( -- what a host has still to deliver: one recipient a row\n"
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,\n"
    "  host TEXT NOT NULL COLLATE NOCASE, -- whose queue\n"
    "  message INTEGER NOT NULL REFERENCES message (id),\n"
    "  sender TEXT NOT NULL, -- empty: a bounce\n"
    "  recipient TEXT NOT NULL,\n"
    "  domain TEXT NOT NULL, -- of the recipient\n"
    "  since_ms INTEGER NOT NULL,\n"
    "  next_ms INTEGER NOT NULL, -- the next attempt\n"
    "  attempts INTEGER NOT NULL,\n"
    "  warned INTEGER NOT NULL, -- 1: the sender was told of the delay\n"
    "  last_reply TEXT NOT NULL\n"
    ") STRICT;\n"
    "CREATE INDEX queue_due ON queue (host, next_ms, id);\n"
    "CREATE INDEX queue_message ON queue (message);\n"
    GREYLIST_TABLE
    WISH_TABLE
    QUOTA_TABLE;

static const char device_tables[] = DEVICE_TABLES;
static const char resync_table[] = RESYNC_TABLE;
static const char change_tables[] = CHANGE_TABLES;

/* SQLite promises an order of aggregation only inside a window. */
#define IN_ORDER "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"

static const char message_view[] =
    "CREATE VIEW letters AS -- whole letters, for people\n"
    "SELECT user.address AS owner, mailbox.name AS mailbox, placement.uid AS uid,\n"
    "  trim(iif(flags & 1, '\\Seen ', '') || iif(flags & 2, '\\Answered ', '')\n"
    "    || iif(flags & 4, '\\Flagged ', '') || iif(flags & 8, '\\Deleted ', '')\n"
    "    || iif(flags & 16, '\\Draft ', '')\n"
    "    || coalesce((SELECT group_concat(keyword.name, ' ') OVER (ORDER BY bit\n"
    "        " IN_ORDER ")\n"
    "      FROM keyword WHERE keyword.mailbox = placement.mailbox\n"
    "        AND (placement.flags >> (8 + bit)) & 1 LIMIT 1), '')) AS flags,\n"
    "  strftime('%Y-%m-%d %H:%M:%S ', date_ms / 1000 + zone_minutes * 60, 'unixepoch')\n"
    "    || printf('%s%02d%02d', iif(zone_minutes < 0, '-', '+'), abs(zone_minutes) / 60,\n"
    "      abs(zone_minutes) % 60) AS date,\n"
    "  placement.size AS size,\n"
    "  coalesce((SELECT group_concat(octets, '') OVER (ORDER BY number\n"
    "      " IN_ORDER ")\n"
    "    FROM chunk WHERE chunk.message = placement.message LIMIT 1), '') AS text\n"
    "FROM placement JOIN mailbox ON mailbox.id = placement.mailbox\n"
    "  JOIN user ON user.id = mailbox.user\n"
    "WHERE placement.expunged = 0\n"
    "ORDER BY owner, mailbox, uid;\n";

/* From each format to the next, in steps that a compiler takes as one string each. A copy of
   the file has been made before. */
static const char *const migrations[STORE_FORMAT][2] = {
    { SPECIAL_USE_TABLE GREYLIST_TABLE WISH_TABLE QUOTA_TABLE, HEADING_TABLE DEVICE_TABLES },
    { RESYNC_TABLE, "" },
    { CHANGE_TABLES, CHANGE_ROWS },
};

static bool version_set(sqlite3 *db, struct error *why)
{
    bool fits = false;
    struct buf text = BUF_MAX(100);
    fits = buf_format(&text, "PRAGMA application_id = %d; PRAGMA user_version = %d",
                      STORE_APPLICATION_ID, STORE_FORMAT)
        && sql_exec(db, buf_text(&text), why);
    buf_free(&text);
    return fits;
}

static const char *const schema[] = {
    world_tables, mailbox_tables, message_tables, queue_tables, device_tables, resync_table,
    change_tables, message_view,
};

static bool tables_make(sqlite3 *db, struct error *why)
{
    for (size_t i = 0; i < COUNT(schema); i++)
        if (!sql_exec(db, schema[i], why))
            return false;
    return version_set(db, why);
}

static bool transaction_end(sqlite3 *db, bool keep, struct error *why)
{
    if (keep && sql_exec(db, "COMMIT", why))
        return true;
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

bool store_schema_create(sqlite3 *db, struct error *why)
{
    return sql_exec(db, "BEGIN EXCLUSIVE", why) && transaction_end(db, tables_make(db, why), why);
}

/* Parsing the schema takes longer than copying its pages: it is made once and kept. */
static sqlite3 *schema_template(struct error *why)
{
    static sqlite3 *template;
    sqlite3 *made = NULL;
    if (template)
        return template;
    int code = sqlite3_open_v2(":memory:", &made, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (code != SQLITE_OK || !store_schema_create(made, why)) {
        error_set(code == SQLITE_OK ? NULL : why, "SQLite: %s", sqlite3_errstr(code));
        sqlite3_close(made);
        return NULL;
    }
    template = made;
    return template;
}

bool store_schema_copy(sqlite3 *to, struct error *why)
{
    sqlite3 *from = schema_template(why);
    struct error reason = { "" };
    if (!from)
        return false;
    return sql_copy(to, from, &reason) || error_set(why, "SQLite: %s", reason.text);
}

/* "TABLE mailbox", "INDEX user_login": what a CREATE makes, for people. */
static void statement_named(slice statement, struct error *why)
{
    take_word(&statement); /* CREATE */
    slice type = take_word(&statement);
    if (slice_is(type, "UNIQUE"))
        type = take_word(&statement);
    slice name = take_word(&statement);
    error_set(why, "its %s %.*s is missing or changed",
              slice_is(type, "TABLE") ? "table" : slice_is(type, "INDEX") ? "index" : "view",
              SLICE_ARG(name));
}

/* SQLite keeps the text of a CREATE as it was given, without the semicolon. */
static bool statements_are_there(sqlite3_stmt *found, slice statements, struct error *why)
{
    while (statements.len) {
        size_t end = 0;
        if (!slice_find_text(statements, SLICE(";\n"), &end))
            end = statements.len;
        slice statement = slice_upto(statements, end);
        statements = slice_from(statements, end + 2);
        sqlite3_reset(found);
        if (sqlite3_bind_text(found, 1, statement.at, (int)statement.len, SQLITE_STATIC) ==
                SQLITE_OK && sqlite3_step(found) == SQLITE_ROW)
            continue;
        statement_named(statement, why);
        return false;
    }
    return true;
}

/* More than ours may be there: an index or a view that somebody made. Compares texts, since
   parsing the schema to compare with takes half of a start. */
bool store_schema_check(sqlite3 *db, struct error *why)
{
    sqlite3_stmt *found = NULL;
    bool same = sqlite3_prepare_v2(db, "SELECT 1 FROM sqlite_schema WHERE sql = ?", -1, &found,
                                   NULL) == SQLITE_OK ||
                error_set(why, "SQLite: %s", sqlite3_errmsg(db));
    for (size_t i = 0; same && i < COUNT(schema); i++)
        same = statements_are_there(found, slice_of(schema[i]), why);
    sqlite3_finalize(found);
    return same;
}

static bool steps_make(sqlite3 *db, int64_t from, struct error *why)
{
    for (int64_t version = from; version < STORE_FORMAT; version++)
        for (size_t i = 0; i < COUNT(migrations[version]); i++)
            if (!sql_exec(db, migrations[version][i], why))
                return false;
    return version_set(db, why) && store_schema_check(db, why);
}

bool store_schema_migrate(sqlite3 *db, int64_t from, struct error *why)
{
    must(from >= 0 && from < STORE_FORMAT);
    return sql_exec(db, "BEGIN EXCLUSIVE", why)
        && transaction_end(db, steps_make(db, from, why), why);
}
