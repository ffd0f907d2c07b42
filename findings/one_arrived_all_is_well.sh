#!/bin/bash
# BounceParser: a report on two recipients, one reached and one unknown, is no bounce of anybody.
. "$(dirname "$0")/lib.sh"
debs libmail-deliverystatus-bounceparser-perl=1.543+repacked-1 libmime-tools-perl=5.510-1 libmailtools-perl=2.21-2 \
    libtimedate-perl=2.3300-2 $(python_debs) python3-flufl.bounce=4.0-3 python3-public=2.3-4 python3-zope.interface=5.5.2-1+b1
expect 'a report holds fields for each recipient (RFC 3464 2): cy failed, whatever is said of bo before or after'

report() { # NAME, then for each recipient: person, action, status
    printf 'From: mailer-daemon@mx.example.org\nTo: list-bounces@example.com\nSubject: Delivery report\n'
    printf 'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n'
    printf -- '--b\n\nWhat became of your message.\n--b\nContent-Type: message/delivery-status\n\n'
    printf 'Reporting-MTA: dns; mx.example.org\n'
    while [ $# -gt 0 ]; do
        printf '\nFinal-Recipient: rfc822; %s@example.org\nAction: %s\nStatus: %s\n' "$1" "$2" "$3"
        shift 3
    done
    printf -- '--b\nContent-Type: text/rfc822-headers\n\nFrom: list@example.com\nSubject: roses\n--b--\n'
}
cat >"$HOME/read.pl" <<'PERL'
use Mail::DeliveryStatus::BounceParser;
my $report = Mail::DeliveryStatus::BounceParser->new(\*STDIN);
print "is_bounce ", $report->is_bounce ? 1 : 0, ", addresses: ", join(" ", $report->addresses) || "none", "\n";
PERL
cat >"$HOME/read.py" <<'PYTHON'
import email
import sys
from flufl.bounce import scan_message
print("failed:", *(address.decode() for address in scan_message(email.message_from_file(sys.stdin))))
PYTHON
try() {
    echo "$1:"
    shift
    report "$@" | perl "$HOME/read.pl" 2>&1 | sed 's/^/  BounceParser: /'
    report "$@" | PYTHONPATH=$root/usr/lib/python3/dist-packages debian_python "$HOME/read.py" | sed 's/^/  flufl.bounce: /'
}
bo='bo delivered 2.0.0' cy='cy failed 5.1.1'
seen=$(try 'cy failed' $cy
    try 'bo delivered, cy failed' $bo $cy
    try 'cy failed, bo delivered' $cy $bo
    try 'bo delayed, cy failed' bo delayed 4.4.1 $cy)
verdict "$seen" <<'SEEN'
cy failed:
  BounceParser: is_bounce 1, addresses: cy@example.org
  flufl.bounce: failed: cy@example.org
bo delivered, cy failed:
  BounceParser: is_bounce 0, addresses: none
  flufl.bounce: failed: cy@example.org
cy failed, bo delivered:
  BounceParser: is_bounce 0, addresses: cy@example.org
  flufl.bounce: failed: cy@example.org
bo delayed, cy failed:
  BounceParser: is_bounce 0, addresses: none
  flufl.bounce: failed: cy@example.org
SEEN
