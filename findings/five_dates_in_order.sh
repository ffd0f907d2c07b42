#!/bin/bash
# nmh, mblaze, notmuch and Dovecot: five valid dates, sorted by each.
. "$(dirname "$0")/lib.sh"
debs $(dovecot_debs) nmh=1.8~RC2-2 liblockfile1=1.17-1+b1 mblaze=1.1-1 notmuch=0.37-1+b1 libnotmuch5=0.37-1+b1 \
    libgmime-3.0-0=3.2.13+dfsg-2 libtalloc2=2.4.0-f2 libxapian30=1.4.22-1 libsexp1=1.3.1+18~git20210718-1+b2
expect '1944, 1969, noon, EST, folded: years begin at 1900 (RFC 5322 3.3), EST is -0500 (4.3), a fold is a blank (2.2.3)'

mkdir -p "$HOME"/mail/{cur,new,tmp} "$HOME/Mail/inbox"
message() { # SUBJECT DATE
    number=$((${number:-0} + 1))
    printf 'From: ann@example.com\nSubject: %s\nMessage-ID: <%s@example.com>\nDate: %s\n\nhello\n' "$1" "$1" "$2" \
        >"$HOME/Mail/inbox/$number"
    touch -d '2020-01-01 10:00 UTC' "$HOME/Mail/inbox/$number"
    cp -p "$HOME/Mail/inbox/$number" "$HOME/mail/cur/176760000$number.host:2,S"
}
message noon 'Mon, 5 Jan 2026 12:00:00 +0000'
message EST 'Mon, 5 Jan 2026 10:00:00 EST'
message folded $'Tue, 6 Jan 2026\n 10:00:00 +0000'
message 1969 'Sun, 1 Jun 1969 10:00:00 +0000'
message 1944 'Sat, 1 Jan 1944 10:00:00 +0000'

subjects() { sed -n 's/^Subject: //p' "$@" | xargs; }
echo "Path: $HOME/Mail" >"$HOME/.mh_profile"
export MHMTSCONF=$root/etc/nmh/mts.conf USER=bo PATH=$PATH:$root/usr/bin/mh
export NOTMUCH_CONFIG=$HOME/notmuch.conf
cp -rp "$HOME/mail" "$work/notmuch"
printf '[database]\npath=%s\n[user]\nname=Bo\nprimary_email=bo@example.org\n' "$work/notmuch" >"$NOTMUCH_CONFIG"
notmuch new >"$work/out" 2>&1 || fail "$(tail -1 "$work/out")"
ask() { # COMMAND: the subjects of the messages in Dovecot's answer
    lines '1 SELECT INBOX' "2 $1" '3 LOGOUT' | imap "maildir:$HOME/mail" | sed -n 's/^\* S[EO][AR][RT][CH ]*//p' | tr ' ' '\n' | grep . |
        while read -r number; do subjects "$HOME/Mail/inbox/$number"; done | xargs
}
seen=$(echo "Dovecot: $(ask 'SORT (DATE) UTF-8 ALL'), before 2000: $(ask 'SEARCH SENTBEFORE 1-Jan-2000' | grep . || echo none)"
    echo "mblaze:  $(for file in "$HOME"/mail/cur/*; do echo "$(mhdr -D -h date "$file") $(subjects "$file")"; done |
        sort -n | sed 's/.* //' | xargs)"
    echo "notmuch: $(notmuch search --output=messages --sort=oldest-first '*' | sed 's/^id://; s/@.*//' | xargs)"
    echo "  dates of 1969 and 1944: $(notmuch search --format=json 'id:1969@example.com or id:1944@example.com' |
        grep -o '"timestamp": [-0-9]*' | sed 's/.* //' | sort -u | xargs)"
    echo "nmh, after 2027: $(pick -after '1 Jan 2027' -list 2>"$work/err" | while read -r n; do subjects "$HOME/Mail/inbox/$n"; done | xargs)"
    sortm 2>&1 | sed 's/^/  /'
    echo "nmh:     $(subjects "$HOME"/Mail/inbox/[1-5]), of the years $(scan -format '%(year{date})' 2>&1 | xargs)")
verdict "$seen" <<'SEEN'
Dovecot: noon EST folded 1944 1969, before 2000: none
mblaze:  1944 1969 EST noon folded
notmuch: 1969 1944 noon EST folded
  dates of 1969 and 1944: 0
nmh, after 2027: folded 1969 1944
  sortm: can't parse date field in message 3, will use file modification time
nmh:     folded noon EST 1944 1969, of the years 0 2026 2026 3844 3869
SEEN
