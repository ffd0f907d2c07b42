#!/bin/bash
# Pigeonhole, GNU Mailutils and Exim: one Sieve script files one message in different folders.
. "$(dirname "$0")/lib.sh"
debs $(dovecot_debs) dovecot-sieve=1:2.3.19.1+dfsg1-2.1+deb12u7 $(mailutils_debs) mailutils=1:3.15-4 \
    exim4-base=4.96-15+deb12u11 exim4-daemon-light=4.96-15+deb12u11 libidn12=1.41-1 libnss-wrapper=1.1.12-1
expect 'each test is true: any field of the name may match, blanks at its ends are ignored (RFC 5228 5.7), 0042 is 42'

cat >"$HOME/message" <<'MESSAGE'
Delivered-To: bo@example.org
Delivered-To: bo@example.com
From: ann@example.com
To: bo@example.com
Subject: roses@
X-Ticket: 0042
Message-ID: <roses@example.com>
Date: Mon, 5 Jan 2026 10:00:00 +0000

hello
MESSAGE
sed -i 's/@$/ /' "$HOME/message"
{ echo 'From ann@example.com Mon Jan  5 10:00:00 2026'; cat "$HOME/message"; echo; } >"$HOME/box"
printf 'primary_hostname = mx.example.org\nspool_directory = %s/spool\nlog_file_path = %s/%%slog\n' "$work" "$work" >"$work/exim.conf"
for user in root Debian-exim nobody; do echo "$user:x:$(id -u "$user" 2>/dev/null || echo 199):65534::/:/bin/sh"; done >"$work/passwd"
printf 'root:x:0:\nDebian-exim:x:199:\nnogroup:x:65534:\n' >"$work/group"

exim() {
    LD_PRELOAD=libnss_wrapper.so NSS_WRAPPER_PASSWD=$work/passwd NSS_WRAPPER_GROUP=$work/group \
        exim4 -C "$work/exim.conf" -bf "$HOME/rule.sieve" -bfl bo -bfd example.org <"$HOME/message" 2>&1 |
        sed -n 's/^No implicit keep/Match/p; s/^Implicit keep/INBOX/p'
}
pigeonhole() {
    dovecot "maildir:$HOME/mail" sieve-test "$HOME/rule.sieve" "$HOME/message" 2>&1 |
        sed -n 's/.*store message in folder: //p'
}
mailutils() {
    sieve --no-config -n -v -f "mbox:$HOME/box" "$HOME/rule.sieve" 2>&1 |
        sed -n 's/.*FILEINTO.*/Match/p; s/.*KEEP.*/INBOX/p'
}
try() {
    printf '# Sieve filter\nrequire ["fileinto"%s];\nif %s { fileinto "Match"; }\n' "${2:-}" "$1" >"$HOME/rule.sieve"
    printf '%s\n  Pigeonhole: %s  Mailutils: %s  Exim: %s\n' "$1" "$(pigeonhole)" "$(mailutils)" "$(exim)"
}
seen=$(try 'header :is "From" "ann@example.com"'
    try 'header :is "Delivered-To" "bo@example.com"'
    try 'header :is "Subject" "roses"'
    try 'header :is :comparator "i;ascii-numeric" "X-Ticket" "42"' ', "comparator-i;ascii-numeric"')
verdict "$seen" <<'SEEN'
header :is "From" "ann@example.com"
  Pigeonhole: Match  Mailutils: Match  Exim: Match
header :is "Delivered-To" "bo@example.com"
  Pigeonhole: Match  Mailutils: Match  Exim: INBOX
header :is "Subject" "roses"
  Pigeonhole: Match  Mailutils: INBOX  Exim: Match
header :is :comparator "i;ascii-numeric" "X-Ticket" "42"
  Pigeonhole: Match  Mailutils: Match  Exim: INBOX
SEEN
