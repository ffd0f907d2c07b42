#!/bin/bash
# mlmmj: the footer of a list stands behind a text in base64, and is decoded as if it were a part of it.
. "$(dirname "$0")/lib.sh"
debs mlmmj=1.3.0-4 $(python_debs) mblaze=1.1-1
npms mailparser@3.14.2
expect 'the footer is readable, or the message comes without it; what is declared as base64 is base64 (RFC 2045 6.8)'

list=$HOME/list
mkdir -p "$list"/{incoming,queue/discarded,archive,text,subconf,unsubconf,bounce,control,moderation,requeue} \
    "$list"/{subscribers.d,digesters.d,nomailsubs.d}
cp "$root"/usr/share/mlmmj/text.skel/en/* "$list/text"
listens python3 "$here/smtp_sink.py" "$work/log"
set_to() { echo "$2" >"$list/control/$1"; }
set_to listaddress list@example.com
set_to owner ann@example.com
set_to relayhost 127.0.0.1
set_to smtpport "$port"
echo bo@example.org >"$list/subscribers.d/b"
printf -- '-- \nTo unsubscribe: list+unsubscribe@example.com\n' >"$list/control/footer"
head_of() { printf 'From: bo@example.org\nTo: list@example.com\nSubject: %s\nMessage-ID: <%s@example.org>\n' "$1" "$1"; }
post() {
    { echo 'Delivered-To: list@example.com'; cat; } >"$work/post"
    SENDER=bo@example.org "$root/usr/bin/mlmmj-receive" -F -L "$list" <"$work/post"
    for _ in $(seq 100); do
        grep -q '^QUIT' "$work/log" 2>/dev/null && break
        sleep 0.1
    done
    tr -d '\r' <"$work/log" | awk '/^DATA$/ {on = 1; next} /^\.$/ {on = 0} on' >"$work/received"
    : >"$work/log"
}
cat >"$work/read.py" <<'PYTHON'
import email
import sys
print(ascii(email.message_from_file(open(sys.argv[1])).get_payload(decode=True).decode("utf-8", "replace")))
PYTHON
cat >"$work/read.js" <<'NODE'
require("mailparser").simpleParser(require("fs").readFileSync(process.argv[2])).then(({ text }) => console.log(text));
NODE
describe() { # PROGRAM: what it made of the text
    if grep -q 'To unsubscribe'; then echo "  $1: the footer is readable"; else echo "  $1: no readable footer, $2"; fi
}
rubbish() { if LC_ALL=C grep -q "$(printf '[\200-\377]')\|ufffd" "$work/text"; then echo 'rubbish behind the text'; else echo 'nothing behind the text'; fi; }
try() { # SUBJECT
    echo "$1:"
    post
    debian_python "$work/read.py" "$work/received" >"$work/text"; describe Python "$(rubbish)" <"$work/text"
    node "$work/read.js" "$work/received" >"$work/text"; describe mailparser "$(rubbish)" <"$work/text"
    LC_ALL=C.UTF-8 mshow "$work/received" >"$work/text"; describe mshow "$(rubbish)" <"$work/text"
}
seen=$({ head_of plain; printf '\nHello, all!\n'; } | try plain
    { head_of base64; printf 'MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n'
        echo 'Hello, all!' | base64; } | try base64)
verdict "$seen" <<'SEEN'
plain:
  Python: the footer is readable
  mailparser: the footer is readable
  mshow: the footer is readable
base64:
  Python: no readable footer, rubbish behind the text
  mailparser: no readable footer, rubbish behind the text
  mshow: no readable footer, rubbish behind the text
SEEN
