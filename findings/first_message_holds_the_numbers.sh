#!/bin/bash
# GNU Mailutils imap4d and mutt on one mbox: to delete the first message makes all the others new.
. "$(dirname "$0")/lib.sh"
debs $(dovecot_debs) $(mailutils_debs) mailutils-imap4d=1:3.15-4 $(mutt_debs)
expect 'mutt deletes one of three; UIDVALIDITY and the UIDs of the others stay, as they do in Dovecot'

mkdir "$HOME/spool" "$HOME/dovecot"
for name in one two three; do
    printf 'From ann@example.com Mon Jan  5 10:00:00 2026\nFrom: ann@example.com\nSubject: %s\n' $name
    printf 'Message-ID: <%s@example.com>\nDate: Mon, 5 Jan 2026 10:00:00 +0000\n\nhello\n\n' $name
done | tee "$HOME/spool/nobody" >"$HOME/dovecot/box"
echo "mailbox { mail-spool $HOME/spool; };" >"$HOME/imap4d.conf"
ask() { lines '1 SELECT INBOX' '2 UID FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (Subject)])' '3 LOGOUT'; }
mailutils() { { ask; sleep 1; } | unprivileged env USER=nobody imap4d --preauth --inetd \
    "--config-file=$HOME/imap4d.conf" 2>&1 | tr -d '\r'; }
dovecot_imap() { ask | imap "mbox:$HOME/dovecot/mail:INBOX=$HOME/dovecot/box"; }
numbers() { sed -n 's/.*UIDVALIDITY \([0-9]*\).*/\1/p; s/.*FETCH (UID \([0-9]*\).*/UID \1/p; s/^Subject: //p' | xargs; }
echo "set folder=$HOME mbox_type=mbox move=no delete=yes
push <first-entry><delete-message><quit>" >"$HOME/muttrc"
compare() { # the server's name, its command, the file
    before=$($2 | numbers)
    sleep 2
    screen "$root/usr/bin/mutt -n -F $HOME/muttrc -f $3"
    after=$($2 | numbers)
    echo "$1, before: ${before#* }"
    echo "$1, after:  ${after#* }"
    [ "${before%% *}" = "${after%% *}" ] && echo "$1: UIDVALIDITY stays" || echo "$1: UIDVALIDITY is another"
}
seen=$(compare imap4d mailutils "$HOME/spool/nobody"
    compare Dovecot dovecot_imap "$HOME/dovecot/box")
verdict "$seen" <<'SEEN'
imap4d, before: UID 1 one UID 2 two UID 3 three
imap4d, after:  UID 1 two UID 2 three
imap4d: UIDVALIDITY is another
Dovecot, before: UID 1 one UID 2 two UID 3 three
Dovecot, after:  UID 2 two UID 3 three
Dovecot: UIDVALIDITY stays
SEEN
