#!/bin/bash
# mutt and Dovecot on one Maildir: a filed message's label turns into the other folder's word.
. "$(dirname "$0")/lib.sh"
debs $(dovecot_debs) $(mutt_debs)
expect 'an invoice labelled "paid", which mutt files in another folder, is "paid" there or has no label'

store=maildir:$HOME/mail:LAYOUT=fs:INBOX=$HOME/mail/INBOX
append() {
    text=$(printf 'From: ann@example.com\r\nSubject: %s\r\nMessage-ID: <%s@example.com>\r\n\r\nhello' "$3" "$3")
    lines "a APPEND $1 ($2) {${#text}+}" "$text"
}
labels() { lines "1 SELECT $1" '2 FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (Subject)])' '3 LOGOUT' |
    imap "$store" | sed -n 's/.*FLAGS (\(.*\)) BODY.*/\1/p; /^Subject/p' | sed 's/\\Recent //'; }
{ lines '1 CREATE Archive'; append INBOX paid invoice; append Archive '$Junk' advert; lines '2 LOGOUT'; } |
    imap "$store" >"$HOME/out"
before=$(labels INBOX)
echo "set folder=$HOME/mail mbox_type=Maildir move=no delete=yes confirmappend=no wait_key=no
push <save-message><kill-line>$HOME/mail/Archive<enter><quit>" >"$HOME/muttrc"
screen "$root/usr/bin/mutt -n -F $HOME/muttrc -f $HOME/mail/INBOX"
seen="in INBOX:
$before
in Archive, filed by mutt:
$(labels Archive | grep -B1 invoice)"
verdict "$seen" <<'SEEN'
in INBOX:
paid
Subject: invoice
in Archive, filed by mutt:
$Junk
Subject: invoice
SEEN
