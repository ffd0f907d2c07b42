#!/bin/bash
# A message of the leap second of 2016: three libraries, an exception, 1970, and a minute lost.
. "$(dirname "$0")/lib.sh"
debs $(python_debs) $(dovecot_debs) notmuch=0.37-1+b1 libnotmuch5=0.37-1+b1 libgmime-3.0-0=3.2.13+dfsg-2 libxapian30=1.4.22-1 \
    libtalloc2=2.4.0-f2 libsexp1=1.3.1+18~git20210718-1+b2 libgpgme11=1.18.0-3+deb12u1
npms mailparser@3.14.2
expect 'RFC 5322 3.3 allows the second 60: the date is 2016-12-31 23:59:60, or 2017-01-01 00:00:00'

for folder in cur new tmp; do mkdir -p "$HOME/mail/$folder"; done
file=$HOME/mail/cur/1483228800.one.host:2,S
printf 'From: ann@example.com\nSubject: midnight\nMessage-ID: <1@example.com>\nDate: Sat, 31 Dec 2016 23:59:60 +0000\n\nhello\n' >"$file"
cp -r "$HOME/mail" "$work/mail"
printf '[database]\npath=%s/mail\n[user]\nprimary_email=bo@example.org\n' "$work" >"$work/notmuch"
export NOTMUCH_CONFIG=$work/notmuch
notmuch new >"$work/out" 2>&1
found() { lines '1 SELECT INBOX' "2 SEARCH SENTON $1" '3 LOGOUT' | imap "maildir:$HOME/mail" | grep '^\* SEARCH'; }
seen=$(echo "Dovecot: SENTON 31-Dec-2016: $(found 31-Dec-2016), SENTON 1-Jan-2017: $(found 1-Jan-2017)"
    echo "Python: $(debian_python -c "
import email, email.utils
date = email.message_from_file(open('$file'))['Date']
try: print(email.utils.parsedate_to_datetime(date))
except ValueError as error: print('ValueError:', error)")"
    echo "notmuch: $(notmuch search --format=json '*' | sed 's/.*"timestamp": \([0-9]*\).*"date_relative": "\([^"]*\)".*/\1, \2/')"
    cd "$work" && node -e "
require('mailparser').simpleParser(require('fs').readFileSync('$file')).then(m => console.log('mailparser:', m.date.toJSON()))")
verdict "$seen" <<'SEEN'
Dovecot: SENTON 31-Dec-2016: * SEARCH 1, SENTON 1-Jan-2017: * SEARCH
Python: ValueError: second must be in 0..59
notmuch: 0, 1970-01-01
mailparser: 2016-12-31T23:59:00.000Z
SEEN
