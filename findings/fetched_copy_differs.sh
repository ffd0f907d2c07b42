#!/bin/bash
# offlineimap: the fetched copy has another header than the message, and its signature is no longer good.
. "$(dirname "$0")/lib.sh"
debs $(dovecot_debs) $(python_debs) offlineimap3=0.0~git20211018.e64c254+dfsg-2 python3-imaplib2=2.57-5.2 \
    python3-rfc6555=0.0~git20190913.1a181b4-3 python3-distro=1.8.0-1 isync=1.4.4-5
openssl version
expect 'what is fetched is what is on the server: a field without a blank behind its colon stays so (RFC 5322 2.2)'

openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=ann -addext subjectAltName=email:ann@example.com -days 30 \
    -keyout "$work/key" -out "$work/cert" 2>"$work/openssl.err" || fail "$(cat "$work/openssl.err")"
mkdir -p "$HOME/mail/cur" "$HOME/mail/new" "$HOME/mail/tmp" "$work/mbsync"
for field in 'Content-Type: text/plain' 'Content-Type:text/plain'; do
    number=$((${number:-0} + 1))
    printf 'From: ann@example.com\nTo: bo@example.org\nSubject: report %s\nDate: Mon, 5 Jan 2026 10:00:00 +0000\n' "$number"
    printf '%s\n\nhello\n' "$field" | openssl cms -sign -signer "$work/cert" -inkey "$work/key"
done | awk '/^From: /{file = ++n} {print > (home "/mail/cur/176760000" file ".report.host:2,")}' "home=$HOME"

export -f dovecot unprivileged
export root
listens python3 "$here/imap_port.py" "$work/log" bash -c "dovecot maildir:$HOME/mail $root/usr/lib/dovecot/imap 2>/dev/null"
cat >"$work/offlineimaprc" <<CONF
[general]
accounts = bo
metadata = $work/metadata
[Account bo]
localrepository = local
remoterepository = remote
[Repository local]
type = Maildir
localfolders = $work/offlineimap
[Repository remote]
type = IMAP
remotehost = 127.0.0.1
remoteport = $port
remoteuser = bo
remotepass = x
ssl = no
starttls = no
auth_mechanisms = LOGIN
readonly = yes
CONF
cat >"$work/mbsyncrc" <<CONF
IMAPStore remote
Host 127.0.0.1
Port $port
User bo
Pass x
SSLType None
AuthMechs LOGIN

MaildirStore local
Path $work/mbsync/
Inbox $work/mbsync/INBOX

Channel bo
Far :remote:
Near :local:
Sync Pull
Create Near
CONF
status() { timeout 60 "$@" >"$work/out" 2>&1; echo "exit code $?"; }
offline() { PYTHONHOME=$root/usr PYTHONNOUSERSITE=1 PYTHONPATH=$root/usr/lib/python3/dist-packages status \
    "$root/usr/bin/python3.11" "$root/usr/bin/offlineimap" -o -u quiet -c "$work/offlineimaprc"; }
verify() { # FOLDER: what OpenSSL says of each message in it
    grep -rl '^Subject: report' "$1" | while read -r file; do
        openssl cms -verify -CAfile "$work/cert" -in "$file" -out "$work/text" 2>"$work/said"
        code=$?
        echo "  $(grep '^Subject: report' "$file" | tr -d '\r'), $(grep -i '^Content-Type: *text' "$file" | tr -d '\r'):" \
            "exit code $code, $(grep -oiE 'verification successful|digest mismatch|verification failure' "$work/said" | head -1)"
    done | sort
}
seen=$(echo 'on the server:'; verify "$HOME/mail"
    echo "mbsync: $(status mbsync -c "$work/mbsyncrc" -a)"; verify "$work/mbsync"
    echo "offlineimap: $(offline)"; verify "$work/offlineimap")
verdict "$seen" <<'SEEN'
on the server:
  Subject: report 1, Content-Type: text/plain: exit code 0, Verification successful
  Subject: report 2, Content-Type:text/plain: exit code 0, Verification successful
mbsync: exit code 0
  Subject: report 1, Content-Type: text/plain: exit code 0, Verification successful
  Subject: report 2, Content-Type:text/plain: exit code 0, Verification successful
offlineimap: exit code 0
  Subject: report 1, Content-Type: text/plain: exit code 0, Verification successful
  Subject: report 2, Content-Type: text/plain: exit code 4, Verification failure
SEEN
