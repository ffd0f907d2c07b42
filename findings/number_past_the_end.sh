#!/bin/bash
# GNU Mailutils imap4d: to delete a message that is gone deletes the last one.
. "$(dirname "$0")/lib.sh"
debs $(mailutils_debs) mailutils-imap4d=1:3.15-4
expect 'UID STORE of a UID that no message has changes nothing: RFC 3501 6.4.8 has it ignored'

mkdir "$HOME/spool"
for name in one two three; do
    printf 'From ann@example.com Mon Jan  5 10:00:00 2026\nFrom: ann@example.com\nSubject: %s\n\nhello\n\n' $name
done >"$HOME/spool/nobody"
echo "mailbox { mail-spool $HOME/spool; };" >"$HOME/imap4d.conf"
talk() { { lines "$@"; sleep 1; } | unprivileged env USER=nobody imap4d --preauth --inetd \
    "--config-file=$HOME/imap4d.conf" 2>&1 | tr -d '\r'; }
seen=$(talk '1 SELECT INBOX' '2 UID STORE 17 +FLAGS (\Deleted)' '3 EXPUNGE' '4 LOGOUT' |
    grep -E 'EXISTS|FETCH|EXPUNGE|^[23] '
    grep ^Subject "$HOME/spool/nobody")
verdict "$seen" <<'SEEN'
* 3 EXISTS
* 3 FETCH (UID 3 FLAGS (\Deleted \Recent))
2 OK UID STORE Completed
* 3 EXPUNGED
* 2 EXISTS
3 OK EXPUNGE Completed
Subject: one
Subject: two
SEEN
