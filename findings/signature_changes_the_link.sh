#!/bin/bash
# Tcllib's mime and smtp: a plain message with a "-- " line goes out as quoted-printable, and is not encoded so.
. "$(dirname "$0")/lib.sh"
debs tcllib=1.21+dfsg-1 tcl8.6=8.6.13+dfsg-2 libtcl8.6=8.6.13+dfsg-2 $(python_debs)
expect 'a message without MIME fields is sent as it is; where quoted-printable is declared, "=" is "=3D" (RFC 2045 6.7)'

cat >"$work/message" <<'MESSAGE'
From: ann@example.com
To: bo@example.org
Subject: order
Message-ID: <order@example.com>
Date: Mon, 5 Jan 2026 10:00:00 +0000

See http://example.com/order?id=31&key=4520.
weight=
12 kg
@SIGN@
Ann
MESSAGE
cat >"$work/send.tcl" <<'TCL'
lappend auto_path [lindex $argv 0]
package require mime
package require smtp
set file [open [lindex $argv 1]]
set message [mime::initialize -string [read $file]]
smtp::sendmessage $message -servers 127.0.0.1 -ports [lindex $argv 2] -originator ann@example.com -recipients bo@example.org
TCL
cat >"$work/read.py" <<'PYTHON'
import email
import sys
message = email.message_from_string(sys.stdin.read())
print("%s:" % message["Content-Transfer-Encoding"])
print(message.get_payload(decode=True).decode(), end="")
PYTHON
try() { # what stands above the name of the sender
    sed "s/@SIGN@/$1/" "$work/message" >"$work/in"
    : >"$work/log"
    TCL_LIBRARY=$root/usr/share/tcltk/tcl8.6 tclsh8.6 "$work/send.tcl" "$root/usr/share/tcltk" "$work/in" "$port" || echo "exit code $?"
    tr -d '\r' <"$work/log" | sed '1,/^DATA/d; /^\.$/,$d' >"$work/out"
    debian_python "$work/read.py" <"$work/out" | cat -A
}
listens python3 "$here/smtp_sink.py" "$work/log"
seen=$(try 'Yours,'
    try '-- ')
verdict "$seen" <<'SEEN'
None:$
See http://example.com/order?id=31&key=4520.$
weight=$
12 kg$
Yours,$
Ann$
quoted-printable:$
See http://example.com/order?id1&keyE20.$
weight12 kg$
-- $
Ann$
SEEN
