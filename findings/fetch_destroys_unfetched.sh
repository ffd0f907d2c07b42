#!/bin/bash
# fetchmail over IMAP: the first thing it does is to destroy what another program has marked.
. "$(dirname "$0")/lib.sh"
debs $(dovecot_debs) fetchmail=6.4.37-1
expect 'a fetch removes what it has fetched; a message marked \Deleted elsewhere is fetched or left alone'

for folder in cur new tmp; do mkdir -p "$HOME/mail/$folder"; done
for name in first second; do
    printf 'From: ann@example.com\nSubject: %s\nMessage-ID: <%s@example.com>\nDate: Mon, 5 Jan 2026 10:00:00 +0000\n\nhello\n' \
        $name $name >"$HOME/mail/cur/1767600000.$name.host:2,"
done
mv "$HOME/mail/cur/1767600000.first.host:2," "$HOME/mail/cur/1767600000.first.host:2,T"
export -f dovecot unprivileged
export root
listens python3 "$here/imap_port.py" "$work/log" bash -c \
    "dovecot maildir:$HOME/mail $root/usr/lib/dovecot/imap 2>/dev/null"
echo "poll 127.0.0.1 protocol IMAP port $port auth password user bo password x sslproto '' mda 'grep ^Subject >>$work/mail'" >"$work/rc"
chmod 600 "$work/rc"
FETCHMAILHOME=$work timeout 30 fetchmail -f "$work/rc" --nodetach --silent >"$work/out" 2>&1
seen="the first commands:
$(tr -d '\r' <"$work/log" | sed -n '1,3s/^A[0-9]* //p')
delivered:
$(cat "$work/mail")
left on the server: $(ls "$HOME/mail/cur" "$HOME/mail/new" | grep -c host)"
verdict "$seen" <<'SEEN'
the first commands:
SELECT "INBOX"
EXPUNGE
SEARCH UNSEEN
delivered:
Subject: second
left on the server: 0
SEEN
