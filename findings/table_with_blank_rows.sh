#!/bin/bash
# s-nail: a text file whose lines end with CRLF goes out as 7bit with a CR too many on each line.
. "$(dirname "$0")/lib.sh"
debs s-nail=14.9.24-2 $(mailutils_debs) mailutils=1:3.15-4 $(python_debs)
npms mailparser@3.14.2
expect 'a file comes out as it went in; 7bit knows CR as a part of CRLF alone (RFC 2045 2.7), all else is encoded'

printf 'name,price\r\nrose,4\r\niris,3\r\n' >"$HOME/crlf.csv"
printf 'name,price\nrose,4\niris,3\n' >"$HOME/lf.csv"
listens python3 "$here/smtp_sink.py" "$work/log"
cat >"$work/read.py" <<'PYTHON'
import csv
import email
import re
import sys

sent = open(sys.argv[1], "rb").read()
message = email.message_from_bytes(re.search(rb"DATA\r\n(.*?\r\n)\.\r\n", sent, re.DOTALL)[1])
for part in message.walk():
    if part.get_filename():
        content = part.get_payload(decode=True)
        rows = list(csv.reader(content.decode().splitlines()))
        print("  on the wire: %s, ends of lines %s" % (part["Content-Transfer-Encoding"] or "7bit", re.findall(rb"[\r\n]+", content)[:1]))
        print("  Python: %d rows" % len(rows))
PYTHON
cat >"$work/read.js" <<'NODE'
const sent = require("fs").readFileSync(process.argv[2], "latin1");
const message = /DATA\r\n([^]*?\r\n)\.\r\n/.exec(sent)[1];
require("mailparser").simpleParser(message).then(({ attachments: [{ content }] }) =>
    console.log("  mailparser:", JSON.stringify(content.toString("latin1"))));
NODE
try() { # NAME FILE PROGRAM…
    : >"$work/log"
    echo 'See the table.' | "${@:3}" >"$work/out" 2>&1
    echo "$1, $2: exit code $?"
    debian_python "$work/read.py" "$work/log"
    node "$work/read.js" "$work/log"
}
cd "$HOME" || exit 2
seen=$(for file in lf.csv crlf.csv; do
    try s-nail $file s-nail -n -S v15-compat -S "mta=smtp://127.0.0.1:$port" -S smtp-auth=none -S from=ann@example.com \
        -s table -a $file bo@example.org
    try 'Mailutils mail' $file mail.mailutils --norc -E "set sendmail=smtp://127.0.0.1:$port" -s table -A $file bo@example.org
done)
verdict "$seen" <<'SEEN'
s-nail, lf.csv: exit code 0
  on the wire: 7bit, ends of lines [b'\r\n']
  Python: 3 rows
  mailparser: "name,price\r\nrose,4\r\niris,3\r\n"
Mailutils mail, lf.csv: exit code 0
  on the wire: base64, ends of lines [b'\n']
  Python: 3 rows
  mailparser: "name,price\nrose,4\niris,3\n"
s-nail, crlf.csv: exit code 0
  on the wire: 7bit, ends of lines [b'\r\r\n']
  Python: 6 rows
  mailparser: "name,price\r\r\nrose,4\r\r\niris,3\r\r\n"
Mailutils mail, crlf.csv: exit code 0
  on the wire: base64, ends of lines [b'\r\n']
  Python: 3 rows
  mailparser: "name,price\r\nrose,4\r\niris,3\r\n"
SEEN
