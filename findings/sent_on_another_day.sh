#!/bin/bash
# Courier IMAP: a search by the day of sending goes by the time zone of the server, and takes another year.
. "$(dirname "$0")/lib.sh"
debs $(dovecot_debs) courier-imap=5.0.13+1.0.16-3+b6 courier-authlib=0.71.4-1+b2 libcourier-unicode4=2.1.2-2+b2 libgamin0=0.1.10-6
expect 'SENTON goes by the day that stands in Date:, "disregarding time and timezone" (RFC 3501 6.4.4): one search, one answer'

for folder in cur new tmp; do mkdir -p "$HOME/mail/$folder"; done
send() { # NUMBER, DATE
    printf 'From: ann@example.com\r\nSubject: %s\r\nMessage-ID: <%s@example.com>\r\nDate: %s\r\n\r\nhello\r\n' "$1" "$1" "$2" \
        >"$HOME/mail/cur/176760000$1.$1.host:2,S"
}
send 1 'Wed, 31 Dec 2025 09:00:00 -0800'
send 2 'Wed, 31 Dec 2025 18:00:00 -0800'
send 3 'Thu, 1 Jan 2026 07:00:00 +0900'
send 4 'Thu, 1 Jan 2026 19:00:00 +0900'
cp -r "$HOME/mail" "$HOME/courier"
courier() { unprivileged env TZ="$1" AUTHENTICATED=bo AUTHADDR=bo TCPREMOTEIP=127.0.0.1 IMAP_CAPABILITY=IMAP4rev1 IMAP_ENHANCEDIDLE=0 \
    MAILDIRPATH="$HOME/courier" imapd "$HOME/courier" 2>"$work/courier.err" | tr -d '\r'; }
ask() { # the server: which messages are of the old year, and of its last day
    { lines '1 EXAMINE INBOX' '2 SEARCH SENTON 31-Dec-2025' '3 SEARCH SENTBEFORE 1-Jan-2026' '4 LOGOUT'; sleep 1; } | "$@" |
        sed -n 's/^\* SEARCH */ /p' | paste -d / - - | sed 's/^/  SENTON 31-Dec-2025:/; s#/#; SENTBEFORE 1-Jan-2026:#'
}
seen=$(echo 'Dovecot:'; ask imap "maildir:$HOME/mail"
    for zone in UTC America/Los_Angeles Asia/Tokyo; do echo "Courier, at $zone:"; ask courier $zone; done)
verdict "$seen" <<'SEEN'
Dovecot:
  SENTON 31-Dec-2025: 1 2; SENTBEFORE 1-Jan-2026: 1 2
Courier, at UTC:
  SENTON 31-Dec-2025: 1 3; SENTBEFORE 1-Jan-2026: 1 3
Courier, at America/Los_Angeles:
  SENTON 31-Dec-2025: 1 2 3; SENTBEFORE 1-Jan-2026: 1 2 3
Courier, at Asia/Tokyo:
  SENTON 31-Dec-2025: ; SENTBEFORE 1-Jan-2026: 
SEEN
