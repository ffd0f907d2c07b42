#!/bin/bash
# curl: the client introduces itself to the mail server by the name of the uploaded file.
. "$(dirname "$0")/lib.sh"
debs curl=7.88.1-10+deb12u15 libcurl4=7.88.1-10+deb12u15
expect 'EHLO carries the name of this machine, whatever the message is called'

listens python3 "$here/smtp_sink.py" "$work/log"
printf 'From: ann@example.com\r\nSubject: offer\r\n\r\nhello\r\n' >"$HOME/notice of leave.eml"
cp "$HOME/notice of leave.eml" "$HOME/m1.eml"
send() { curl -sS --mail-from ann@example.com --mail-rcpt bo@example.org -T "$HOME/$1" "smtp://127.0.0.1:$port"; }
curl --version | head -1
send m1.eml
send 'notice of leave.eml'
seen=$(tr -d '\r' <"$work/log" | grep ^EHLO)
verdict "$seen" <<'SEEN'
EHLO m1.eml
EHLO notice of leave.eml
SEEN
