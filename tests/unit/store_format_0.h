/* store_format_0.h: the schema before greylisting, as text: worlds of format 0 must open
   for ever. Never edited to follow store_schema.c: that one needs a migration instead. */
#ifndef TESTS_UNIT_STORE_FORMAT_0_H
#define TESTS_UNIT_STORE_FORMAT_0_H

static const char *const format_0[] = {
    "CREATE TABLE value ( -- the world's own: seed, time, where one is\n"
    "  name TEXT PRIMARY KEY,\n"
    "  value TEXT NOT NULL\n"
    ") STRICT, WITHOUT ROWID;\n",
    "CREATE TABLE sentence ( -- what built the world's hosts, links and settings\n"
    "  number INTEGER PRIMARY KEY,\n"
    "  line TEXT NOT NULL\n"
    ") STRICT;\n",
    "CREATE TABLE history ( -- what was typed\n"
    "  number INTEGER PRIMARY KEY,\n"
    "  line TEXT NOT NULL\n"
    ") STRICT;\n",
    "CREATE TABLE user (\n"
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,\n"
    "  address TEXT NOT NULL UNIQUE COLLATE NOCASE, -- ana@campus.example\n"
    "  name TEXT NOT NULL COLLATE NOCASE, -- ana\n"
    "  host TEXT NOT NULL COLLATE NOCASE, -- the server that keeps the mailboxes\n"
    "  password TEXT NOT NULL,\n"
    "  next_uidvalidity INTEGER NOT NULL\n"
    ") STRICT;\n",
    "CREATE INDEX user_login ON user (host, name, id);\n",
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
    ") STRICT;\n",
    "CREATE TABLE keyword ( -- a mailbox's own flags: bit 8 + bit of placement.flags\n"
    "  mailbox INTEGER NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,\n"
    "  bit INTEGER NOT NULL,\n"
    "  name TEXT NOT NULL COLLATE NOCASE,\n"
    "  PRIMARY KEY (mailbox, bit),\n"
    "  UNIQUE (mailbox, name)\n"
    ") STRICT, WITHOUT ROWID;\n",
    "CREATE TABLE subscription ( -- names; the mailbox need not exist\n"
    "  user INTEGER NOT NULL REFERENCES user (id),\n"
    "  name TEXT NOT NULL,\n"
    "  PRIMARY KEY (user, name)\n"
    ") STRICT, WITHOUT ROWID;\n",
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
    ") STRICT;\n",
    "CREATE INDEX message_draft ON message (id) WHERE draft = 1;\n",
    "CREATE TABLE chunk ( -- a letter's text in pieces, numbered from 0\n"
    "  message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,\n"
    "  number INTEGER NOT NULL,\n"
    "  octets BLOB NOT NULL,\n"
    "  PRIMARY KEY (message, number)\n"
    ") STRICT;\n",
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
    ") STRICT, WITHOUT ROWID;\n",
    "CREATE UNIQUE INDEX placement_modseq ON placement (mailbox, modseq);\n",
    "CREATE INDEX placement_message ON placement (message);\n",
    "CREATE INDEX placement_unseen ON placement (mailbox, uid) WHERE expunged = 0 AND (flags & 1) "
    "= 0;\n",
    "CREATE INDEX placement_expunged ON placement (mailbox, modseq) WHERE expunged = 1;\n",
    "CREATE TABLE expunged ( -- uids that are gone, in the order they went\n"
    "  mailbox INTEGER NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,\n"
    "  modseq INTEGER NOT NULL,\n"
    "  uid INTEGER NOT NULL,\n"
    "  PRIMARY KEY (mailbox, modseq)\n"
    ") STRICT, WITHOUT ROWID;\n",
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
    ") STRICT;\n",
    "CREATE INDEX queue_due ON queue (host, next_ms, id);\n",
    "CREATE INDEX queue_message ON queue (message);\n",
    "CREATE VIEW letters AS -- whole letters, for people\n"
    "SELECT user.address AS owner, mailbox.name AS mailbox, placement.uid AS uid,\n"
    "  trim(iif(flags & 1, '\\Seen ', '') || iif(flags & 2, '\\Answered ', '')\n"
    "    || iif(flags & 4, '\\Flagged ', '') || iif(flags & 8, '\\Deleted ', '')\n"
    "    || iif(flags & 16, '\\Draft ', '')\n"
    "    || coalesce((SELECT group_concat(keyword.name, ' ') OVER (ORDER BY bit\n"
    "        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)\n"
    "      FROM keyword WHERE keyword.mailbox = placement.mailbox\n"
    "        AND (placement.flags >> (8 + bit)) & 1 LIMIT 1), '')) AS flags,\n"
    "  strftime('%Y-%m-%d %H:%M:%S ', date_ms / 1000 + zone_minutes * 60, 'unixepoch')\n"
    "    || printf('%s%02d%02d', iif(zone_minutes < 0, '-', '+'), abs(zone_minutes) / 60,\n"
    "      abs(zone_minutes) % 60) AS date,\n"
    "  placement.size AS size,\n"
    "  coalesce((SELECT group_concat(octets, '') OVER (ORDER BY number\n"
    "      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)\n"
    "    FROM chunk WHERE chunk.message = placement.message LIMIT 1), '') AS text\n"
    "FROM placement JOIN mailbox ON mailbox.id = placement.mailbox\n"
    "  JOIN user ON user.id = mailbox.user\n"
    "WHERE placement.expunged = 0\n"
    "ORDER BY owner, mailbox, uid;\n",
    "PRAGMA application_id = 0x504e5953;\n",
    "PRAGMA user_version = 0;\n",
};

#endif
