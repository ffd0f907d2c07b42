#!/bin/bash
# notmuch: a message asks for answers to the secretary; the answer goes to the boss, and not to the secretary.
. "$(dirname "$0")/lib.sh"
debs notmuch=0.37-1+b1 libnotmuch5=0.37-1+b1 libgmime-3.0-0=3.2.13+dfsg-2 libtalloc2=2.4.0-f2 libxapian30=1.4.22-1 \
    libsexp1=1.3.1+18~git20210718-1+b2 procmail=3.22-27 nmh=1.8~RC2-2 liblockfile1=1.17-1+b1
expect 'Reply-To: says where the author wants answers (RFC 5322 3.6.2, 3.6.3); that the address is in Cc: too changes nothing'

mkdir -p "$HOME"/mail/{cur,new,tmp} "$HOME/Mail/inbox"
message() { # NUMBER, CC
    printf 'From: boss@example.com\nTo: bo@example.org\n%sReply-To: secretary@example.com\nSubject: dates %s\n' "$2" "$1"
    printf 'Message-ID: <%s@example.com>\nDate: Mon, 5 Jan 2026 10:00:00 +0000\n\nMy secretary keeps the calendar.\n' "$1"
}
message 1 '' >"$HOME/Mail/inbox/1"
message 2 $'Cc: secretary@example.com\n' >"$HOME/Mail/inbox/2"
for number in 1 2; do cp "$HOME/Mail/inbox/$number" "$HOME/mail/cur/176760000$number.host:2,"; done

export NOTMUCH_CONFIG=$HOME/notmuch.conf
printf '[database]\npath=%s\n[user]\nname=Bo\nprimary_email=bo@example.org\n' "$HOME/mail" >"$NOTMUCH_CONFIG"
notmuch new >"$work/out" 2>&1 || fail "$(tail -1 "$work/out")"
echo "Path: $HOME/Mail" >"$HOME/.mh_profile"
export MHMTSCONF=$root/etc/nmh/mts.conf USER=bo PATH=$root/usr/bin/mh:$PATH
nmh() {
    repl -build -nowhatnowproc -form "$root/etc/nmh/replcomps" "$1" </dev/null &&
        cat "$HOME/Mail/reply"
    rm -f "$HOME/Mail/reply"
}
to() { sed -n "s/^To: /$1: /p"; }
seen=$(for number in 1 2; do
    grep -q ^Cc "$HOME/Mail/inbox/$number" && echo 'the secretary is in Reply-To: and in Cc:' || echo 'the secretary is in Reply-To:'
    formail -rt <"$HOME/Mail/inbox/$number" | to '  formail'
    nmh $number | to '  nmh'
    notmuch reply --reply-to=sender "id:$number@example.com" | to '  notmuch'
done)
verdict "$seen" <<'SEEN'
the secretary is in Reply-To:
  formail: secretary@example.com
  nmh: secretary@example.com, boss@example.com
  notmuch: secretary@example.com
the secretary is in Reply-To: and in Cc:
  formail: secretary@example.com
  nmh: secretary@example.com, boss@example.com
  notmuch: boss@example.com
SEEN
