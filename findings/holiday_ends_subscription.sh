#!/bin/bash
# mlmmj: a subscriber whose mailbox answers "on holiday", and to whom no message is lost, is unsubscribed.
. "$(dirname "$0")/lib.sh"
debs mlmmj=1.3.0-4 libfaketime=0.9.10-2.1
expect 'a report of failure counts as a bounce; "delivered", "delayed" (RFC 3464 2.3.3) and answers (RFC 3834 4) do not'

list=$HOME/list
mkdir -p "$list"/{incoming,queue/discarded,archive,text,subconf,unsubconf,bounce,control,moderation,requeue} \
    "$list"/{subscribers.d,digesters.d,nomailsubs.d}
cp "$root"/usr/share/mlmmj/text.skel/en/* "$list/text"
listens python3 "$here/smtp_sink.py" "$work/log"
set_to() { echo "$2" >"$list/control/$1"; }
set_to listaddress list@example.com
set_to owner ann@example.com
set_to relayhost 127.0.0.1
set_to smtpport "$port"
echo bo@example.org >"$list/subscribers.d/b"

receive() { # ADDRESS, SENDER: the message of stdin, as the mail server of the list hands it over
    { printf 'Delivered-To: %s\nTo: %s\n' "$1" "$1"; cat; } >"$work/message"
    SENDER=${2:-} "$root/usr/bin/mlmmj-receive" -F -L "$list" <"$work/message"
    sleep 1
}
report() { # ACTION STATUS
    printf 'From: mailer-daemon@mx.example.org\nSubject: %s\nMIME-Version: 1.0\n' "$1"
    printf 'Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nA report.\n'
    printf -- '--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n'
    printf '\nFinal-Recipient: rfc822; bo@example.org\nAction: %s\nStatus: %s\n--b--\n' "$1" "$2"
}
answer() {
    printf 'From: bo@example.org\nSubject: On holiday\nAuto-Submitted: auto-replied\n'
    printf 'Date: Mon, 5 Jan 2026 10:00:00 +0000\n\nI am back on Friday, and read it then.\n'
}
counted() { echo "$1: bounces of message 1: $(grep -c '^1:' "$list/bounce/bo=example.org")"; rm -f "$list"/bounce/*; }
maintain() { # LATER: mlmmj's maintenance, at a time from now on
    LD_PRELOAD=$lib/x86_64-linux-gnu/faketime/libfaketime.so.1 FAKETIME=$1 \
        "$root/usr/bin/mlmmj-maintd" -F -L "$list" >"$work/out" 2>&1
    sleep 1
}
subscribers() { cat "$list"/subscribers.d/* 2>/dev/null | wc -l; }
sent() { tr -d '\r' <"$work/log" | sed -n 's/^MAIL FROM:/  sent by /p'; : >"$work/log"; }
printf 'From: ann@example.com\nSubject: roses\nMessage-ID: <roses@example.com>\n\nhello\n' |
    receive list@example.com ann@example.com
first=list+bounces-1-bo=example.org@example.com
probe=list+bounces-probe-bo=example.org@example.com
seen=$(sent
    report delivered 2.0.0 | receive "$first"
    counted delivered
    report delayed 4.4.1 | receive "$first"
    counted delayed
    answer | receive "$first"
    maintain +0
    echo "after an answer: subscribers: $(subscribers)"
    sent
    answer | receive "$probe"
    maintain +6d
    echo "six days after the second answer: subscribers: $(subscribers)"
    echo "told to the subscriber or the owner: $(sent | wc -l) messages")
verdict "$seen" <<'SEEN'
  sent by <list+bounces-1-bo=example.org@example.com>
delivered: bounces of message 1: 1
delayed: bounces of message 1: 1
after an answer: subscribers: 1
  sent by <list+bounces-probe-bo=example.org@example.com>
six days after the second answer: subscribers: 0
told to the subscriber or the owner: 0 messages
SEEN
