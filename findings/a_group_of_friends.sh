#!/bin/bash
# esmtp and its neighbours with -t: "To: friends: bo, cy;" becomes recipients that nobody wrote.
. "$(dirname "$0")/lib.sh"
debs $(mailutils_debs) mailutils=1:3.15-4 msmtp=1.8.23-1 libsecret-1-0=0.20.5-3 esmtp=1.2-18+b1 libesmtp6=1.1.0-3.1~deb12u1 \
    ssmtp=2.64-11 s-nail=14.9.24-2
expect 'a group in To: is its members (RFC 5322 3.4): bo and cy get the message, and dee too'

cat >"$work/message" <<'MESSAGE'
From: ann@example.com
To: friends: bo@example.org, cy@example.org;
Cc: dee@example.org
Subject: party
Message-ID: <party@example.com>
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
    echo "$1: exit code $?; $(tr -d '\r' <"$work/log" | grep '^RCPT' | sed 's/.*<//; s/>.*//' | sort | paste -sd " ")" | sed "s# *\$##"
    tr -d '\r' <"$work/log" | grep '^To:' | grep -vF 'To: friends: bo@example.org, cy@example.org;' | sed 's/^/  /'
    grep -i 'group\|address' "$work/out" | sed 's/^/  /'
}
seen=$(try msmtp msmtp --host=127.0.0.1 "--port=$port" --from=ann@example.com -t
    try 'Mailutils mail' mail.mailutils --norc -E "set sendmail=smtp://127.0.0.1:$port" -t
    try s-nail s-nail -n -S v15-compat -S "mta=smtp://127.0.0.1:$port" -S smtp-auth=none -S from=ann@example.com -t
    try esmtp esmtp -C "$HOME/esmtprc" -f ann@example.com -t
    try ssmtp ssmtp "-C$HOME/ssmtp.conf" -fann@example.com -t)
verdict "$seen" <<'SEEN'
msmtp: exit code 0; bo@example.org cy@example.org dee@example.org
Mailutils mail: exit code 0; bo@example.org cy@example.org dee@example.org
  To: <bo@example.org>,<cy@example.org>
s-nail: exit code 4;
  s-nail: Some addressees were classified as "hard error"
esmtp: exit code 0; cy@example.org; dee@example.org friends:bo@example.org
ssmtp: exit code 0; dee@example.org friends: bo@example.org
SEEN
