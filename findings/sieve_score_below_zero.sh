#!/bin/bash
# Pigeonhole: a spam score below zero is above every limit.
. "$(dirname "$0")/lib.sh"
debs $(dovecot_debs) dovecot-sieve=1:2.3.19.1+dfsg1-2.1+deb12u7
expect 'a test "X-Spam-Score is at least 5", compared as numbers, files 12 as spam and -2.3 not'

cat >"$HOME/spam.sieve" <<'SIEVE'
require ["fileinto", "relational", "comparator-i;ascii-numeric"];
if header :value "ge" :comparator "i;ascii-numeric" "X-Spam-Score" "5" { fileinto "Spam"; }
SIEVE
folder() {
    printf 'From: ann@example.com\nTo: bo@example.org\nX-Spam-Score: %s\n\nhello\n' "$1" >"$HOME/message"
    dovecot "maildir:$HOME/mail" sieve-test "$HOME/spam.sieve" "$HOME/message" 2>&1 |
        sed -n 's/.*store message in folder: //p'
}
seen=$(for score in 12 4.9 0.1 -0.1 -2.3 none; do echo "score $score: $(folder "$score")"; done)
verdict "$seen" <<'SEEN'
score 12: Spam
score 4.9: INBOX
score 0.1: INBOX
score -0.1: Spam
score -2.3: Spam
score none: Spam
SEEN
