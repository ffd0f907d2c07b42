#!/bin/bash
# sendEmail: a line that begins with a dot arrives without it, so ".5 in the morning" is "5 in the morning".
. "$(dirname "$0")/lib.sh"
debs sendemail=1.56-5.1 libio-socket-inet6-perl=2.73-1 libsocket6-perl=0.29-3 swaks=20201014.0-2 $(python_debs)
npms smtp-server@3.21.6
expect 'a client puts one more dot before each line that begins with one, and the server takes it off (RFC 5321 4.5.2)'

cat >"$work/text" <<'TEXT'
.5 in the morning,
1.5 in the evening,
as it stands in
.htaccess
... and no more.
TEXT
{ printf 'From: ann@example.com\nTo: bo@example.org\nSubject: tablets\n\n'; cat "$work/text"; } >"$work/message"
cat >"$HOME/server.py" <<'PYTHON'
import asyncore
import smtpd
import sys

class Server(smtpd.SMTPServer):
    def process_message(self, peer, sender, recipients, data, **options):
        open(sys.argv[1], "wb").write(data + b"\n")

print(Server(("127.0.0.1", 0), None).socket.getsockname()[1], flush=True)
asyncore.loop()
PYTHON
cat >"$work/server.js" <<'NODE'
const { SMTPServer } = require("smtp-server"), fs = require("fs");
const onData = (stream, session, done) => {
    const chunks = [];
    stream.on("data", (chunk) => chunks.push(chunk));
    stream.on("end", () => { fs.writeFileSync(process.argv[2], Buffer.concat(chunks)); done(); });
};
const server = new SMTPServer({ disabledCommands: ["AUTH", "STARTTLS"], onData });
server.listen(0, "127.0.0.1", () => console.log(server.server.address().port));
NODE
export PERL5LIB=$PERL5LIB:$lib/x86_64-linux-gnu/perl5/5.36
try() { # CLIENT, SERVER, PROGRAM…: the lines of the text that arrived
    rm -f "$work/received"
    "${@:3}" >"$work/out" 2>&1
    echo "$1 to $2: exit code $?"
    tr -d '\r' <"$work/received" | grep -E '^\.*(1?.?5 in|as it|htaccess| and)' | sed 's/^/  /'
}
both() { # SERVER, at $port
    try swaks "$1" swaks --server "127.0.0.1:$port" --from ann@example.com --to bo@example.org --data "@$work/message"
    try sendEmail "$1" sendemail -f ann@example.com -t bo@example.org -u tablets -s "127.0.0.1:$port" -o tls=no <"$work/text"
}
listens env PYTHONHOME="$root/usr" "$root/usr/bin/python3.11" -W ignore "$HOME/server.py" "$work/received"
seen=$(both "Python's smtpd")
cd "$work"
listens node server.js "$work/received"
seen="$seen
$(both smtp-server)"
verdict "$seen" <<'SEEN'
swaks to Python's smtpd: exit code 0
  .5 in the morning,
  1.5 in the evening,
  as it stands in
  .htaccess
  ... and no more.
sendEmail to Python's smtpd: exit code 0
  5 in the morning,
  1.5 in the evening,
  as it stands in
  htaccess
  .. and no more.
swaks to smtp-server: exit code 0
  .5 in the morning,
  1.5 in the evening,
  as it stands in
  .htaccess
  ... and no more.
sendEmail to smtp-server: exit code 0
  .5 in the morning,
  1.5 in the evening,
  as it stands in
  .htaccess
  .. and no more.
SEEN
