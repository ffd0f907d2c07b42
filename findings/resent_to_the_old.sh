#!/bin/bash
# Five programs that send with -t: a resent message goes to its old recipient again, and the new one gets nothing.
. "$(dirname "$0")/lib.sh"
debs $(mailutils_debs) mailutils=1:3.15-4 msmtp=1.8.23-1 libsecret-1-0=0.20.5-3 esmtp=1.2-18+b1 libesmtp6=1.1.0-3.1~deb12u1 \
    ssmtp=2.64-11 s-nail=14.9.24-2
expect 'Resent-To: says who gets it now, To: who got it then (RFC 5322 3.6.6); -t sends to the former'

cat >"$work/message" <<'MESSAGE'
Resent-From: ann@example.com
Resent-To: new@example.org
Resent-Date: Tue, 6 Jan 2026 10:00:00 +0000
Resent-Message-ID: <again@example.com>
From: bo@example.com
To: old@example.org
Subject: roses
Message-ID: <roses@example.com>
Date: Mon, 5 Jan 2026 10:00:00 +0000

hello
MESSAGE
listens python3 "$here/smtp_sink.py" "$work/log"
printf 'mailhub=127.0.0.1:%s\nFromLineOverride=YES\n' "$port" >"$HOME/ssmtp.conf"
printf 'hostname=127.0.0.1:%s\n' "$port" >"$HOME/esmtprc"
chmod 600 "$HOME/esmtprc"
try() { # NAME PROGRAM…
    : >"$work/log"
    "${@:2}" <"$work/message" >"$work/out" 2>&1
    echo "$1: exit code $?, $(tr -d '\r' <"$work/log" | grep '^RCPT' | xargs)"
}
seen=$(try msmtp msmtp --host=127.0.0.1 "--port=$port" --from=ann@example.com -t
    try 'Mailutils mail' mail.mailutils --norc -E "set sendmail=smtp://127.0.0.1:$port" -t
    try s-nail s-nail -n -S v15-compat -S "mta=smtp://127.0.0.1:$port" -S smtp-auth=none -S from=ann@example.com -t
    try esmtp esmtp -C "$HOME/esmtprc" -f ann@example.com -t
    try ssmtp ssmtp "-C$HOME/ssmtp.conf" -fann@example.com -t)
verdict "$seen" <<'SEEN'
msmtp: exit code 0, RCPT TO:<new@example.org>
Mailutils mail: exit code 0, RCPT TO:<old@example.org>
s-nail: exit code 0, RCPT TO:<old@example.org>
esmtp: exit code 0, RCPT TO:<old@example.org>
ssmtp: exit code 0, RCPT TO:<old@example.org>
SEEN
