#!/bin/bash
# procmail with mutt or Dovecot: a shop's header field "X-Status: Delivered" deletes the message.
. "$(dirname "$0")/lib.sh"
debs $(dovecot_debs) procmail=3.22-27 $(mutt_debs)
expect 'an X- field of the sender means nothing to the mailbox: both messages stay, no flag is set'

deliver() {
    printf 'From: shop@example.com\nSubject: %s\nMessage-ID: <%s@example.com>\n' "$1" "$1"
    printf 'Date: Mon, 5 Jan 2026 10:00:00 +0000\nX-Status: %s\n\nhello\n' "$2"
}
echo "DEFAULT=$HOME/box" >"$HOME/rc"
deliver order Delivered | procmail -f shop@example.com -m "$HOME/rc"
deliver question 'Awaiting Feedback' | procmail -f shop@example.com -m "$HOME/rc"
cp "$HOME/box" "$HOME/mutt.box"

flags=$(lines '1 SELECT INBOX' '2 FETCH 1:2 (FLAGS)' '3 EXPUNGE' '4 LOGOUT' |
    imap "mbox:$HOME/mail:INBOX=$HOME/box" | grep -E 'FETCH|EXPUNGE$')
echo "set folder=$HOME mbox_type=mbox move=no delete=yes
push <quit>" >"$HOME/muttrc"
screen "$root/usr/bin/mutt -n -F $HOME/muttrc -f $HOME/mutt.box"
seen="Dovecot's IMAP, after EXPUNGE:
$flags
mutt, opened and left:
$(grep ^Subject "$HOME/mutt.box")"
verdict "$seen" <<'SEEN'
Dovecot's IMAP, after EXPUNGE:
* 1 FETCH (FLAGS (\Deleted \Recent))
* 2 FETCH (FLAGS (\Answered \Flagged \Recent))
* 1 EXPUNGE
mutt, opened and left:
Subject: question
SEEN
