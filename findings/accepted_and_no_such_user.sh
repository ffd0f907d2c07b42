#!/bin/bash
# nullmailer: of two recipients one is refused; the report says of both that there is no such user.
. "$(dirname "$0")/lib.sh"
debs nullmailer=1:2.2-4
expect 'ann, whom the server accepts, gets the message; a report tells of each recipient alone (RFC 3464 2.3)'

listens python3 "$here/smtp_sink.py" "$work/log"
export NULLMAILER_TEST_PREFIX=$work/nullmailer
cd "$work" && mkdir -p nullmailer/conf nullmailer/queue/queue nullmailer/queue/tmp nullmailer/queue/failed
ln -s "$root/usr/bin" "$root/usr/sbin" nullmailer/
ln -s "$root/usr/lib/nullmailer" nullmailer/protocols
chmod u-s "$root/usr/sbin/nullmailer-queue"
mkfifo nullmailer/queue/trigger
echo mx.example.org >nullmailer/mailname
echo "127.0.0.1 smtp --port=$port" >nullmailer/conf/remotes
echo 1 >nullmailer/conf/pausetime
printf 'From: bo@example.org\nTo: ann@example.com, refused@example.com\nSubject: report\n\nhello\n' |
    nullmailer-inject -f bo@example.org || fail 'nullmailer takes no message'
nullmailer-send >"$work/out" 2>&1 &
started="$started $!"
for _ in $(seq 100); do
    grep -q '^\.' "$work/log" 2>/dev/null && break
    sleep 0.1
done
seen=$(tr -d '\r' <"$work/log" | sed '/^\.$/q' | grep -E '^(MAIL|RCPT|DATA|QUIT|Final-|Status|Diagnostic-)')
verdict "$seen" <<'SEEN'
MAIL FROM:<bo@example.org>
RCPT TO:<ann@example.com>
RCPT TO:<refused@example.com>
QUIT
MAIL FROM:<>
RCPT TO:<bo@example.org>
DATA
Final-Recipient: rfc822; ann@example.com
Status: 5.1.1
Diagnostic-Code: SMTP; 550 5.1.1 No such user here
Final-Recipient: rfc822; refused@example.com
Status: 5.1.1
Diagnostic-Code: SMTP; 550 5.1.1 No such user here
SEEN
