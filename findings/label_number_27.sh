#!/bin/bash
# Dovecot: the 27th label of a Maildir lives in a cache alone and dies with it.
. "$(dirname "$0")/lib.sh"
debs $(dovecot_debs)
expect 'dovecot.index* can be made anew from the mail, as it is after every disk repair, without loss'

names=$(for number in $(seq -w 30); do echo "label$number"; done | xargs)
labels() { lines '1 SELECT INBOX' '2 FETCH 1 FLAGS' '3 LOGOUT' | imap "maildir:$HOME/mail" |
    sed -n 's/.*FLAGS (\(.*\)))$/\1/p' | tr ' ' '\n' | grep ^label; }
text=$(printf 'Subject: much labelled\r\n\r\nhello')
{ lines "1 APPEND INBOX ($names) {${#text}+}" "$text" '2 LOGOUT'; } | imap "maildir:$HOME/mail" >"$HOME/out"
seen=$(echo "before: $(labels | wc -l) labels, $(labels | head -1) to $(labels | tail -1)"
    echo "file name: $(ls "$HOME/mail/cur" "$HOME/mail/new" | sed -n 's/.*:2,/:2,/p')"
    rm -f "$HOME"/mail/dovecot.index*
    echo "after:  $(labels | wc -l) labels, $(labels | head -1) to $(labels | tail -1)")
verdict "$seen" <<'SEEN'
before: 30 labels, label01 to label30
file name: :2,abcdefghijklmnopqrstuvwxyz
after:  26 labels, label01 to label26
SEEN
