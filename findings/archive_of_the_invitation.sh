#!/bin/bash
# MHonArc: the archive of an invitation shows the lines of its calendar file, and neither its text nor its HTML.
. "$(dirname "$0")/lib.sh"
debs mhonarc=2.6.19-2.2
expect 'a program takes the last form that it can show (RFC 2046 5.1.4): the text or the HTML, and not the calendar file'

part() { printf -- '--b\nContent-Type: %s\n\n%s\n' "$1" "$2"; }
message() { # SUBJECT, then PART…
    printf 'From ann@example.com Mon Jan  5 10:00:00 2026\nFrom: ann@example.com\nTo: bo@example.org\nSubject: %s\n' "$1"
    printf 'Message-ID: <%s@example.com>\nDate: Mon, 5 Jan 2026 10:00:00 +0000\nMIME-Version: 1.0\n' "$1"
    printf 'Content-Type: multipart/alternative; boundary=b\n\n'
    printf '%s\n' "${@:2}"
    printf -- '--b--\n\n'
}
text=$(part text/plain 'We meet on Monday at ten.')
html=$(part text/html '<p>We meet on <b>Monday</b> at ten.</p>')
calendar=$(part 'text/calendar; method=REQUEST; charset=us-ascii' "BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example.com//calendar//EN
METHOD:REQUEST
BEGIN:VEVENT
UID:monday@example.com
DTSTAMP:20260105T100000Z
DTSTART:20260112T100000Z
ORGANIZER:mailto:ann@example.com
ATTENDEE:mailto:bo@example.org
END:VEVENT
END:VCALENDAR")
{
    message message "$text" "$html"
    message invitation "$text" "$html" "$calendar"
} >"$work/box"
perl "-I$root/usr/share/mhonarc" "$root/usr/bin/mhonarc" -rcfile /dev/null -quiet -outdir "$work" "$work/box" >"$work/out" 2>&1 ||
    fail "$(tail -1 "$work/out")"
seen=$(for number in 0 1; do
    sed -n 's/.*X-Subject: \(.*\) -->/\1:/p' "$work/msg0000$number.html"
    sed -n '/X-Body-of-Message-->/,/X-Body-of-Message-End/p' "$work/msg0000$number.html" | sed 's/<[^>]*>//g; /^ *$/d; s/^/  /'
done)
verdict "$seen" <<'SEEN'
message:
  We meet on Monday at ten.
invitation:
  BEGIN:VCALENDAR
  VERSION:2.0
  PRODID:-//example.com//calendar//EN
  METHOD:REQUEST
  BEGIN:VEVENT
  UID:monday@example.com
  DTSTAMP:20260105T100000Z
  DTSTART:20260112T100000Z
  ORGANIZER:mailto:ann@example.com
  ATTENDEE:mailto:bo@example.org
  END:VEVENT
  END:VCALENDAR
SEEN
