#!/bin/bash
# formail: a message asks for answers to two addresses; the automatic answer goes to one of them.
. "$(dirname "$0")/lib.sh"
debs procmail=3.22-27 maildrop=2.9.3-2.1 libcourier-unicode4=2.1.2-2+b2 libgamin0=0.1.10-6 courier-authlib=0.71.4-1+b2
expect 'Reply-To: is a list of addresses (RFC 5322 3.6.2): the answer goes to all of them'

message() { # REPLY-TO
    printf 'From: ann@example.com\nReply-To: %s\nTo: help@example.net\nSubject: order\n' "$1"
    printf 'Message-ID: <order@example.com>\nDate: Mon, 5 Jan 2026 10:00:00 +0000\n\nhello\n'
}
echo 'We have your order.' >"$HOME/text"
to() { sed -n "s/^To: */  $1: /p"; }
seen=$(for list in 'bo@example.org, cy@example.org' 'Bo <bo@example.org>, Cy <cy@example.org>'; do
    echo "$list"
    message "$list" | formail -rt | to 'formail -rt'
    message "$list" | mailbot -t "$HOME/text" -A 'From: help@example.net' cat | to mailbot
done)
verdict "$seen" <<'SEEN'
bo@example.org, cy@example.org
  formail -rt: bo@example.org
  mailbot: bo@example.org, cy@example.org
Bo <bo@example.org>, Cy <cy@example.org>
  formail -rt: bo@example.org
  mailbot: Bo <bo@example.org>, Cy <cy@example.org>
SEEN
