#!/bin/bash
# node-pop3, poplib and yapople: a line that begins with a dot begins with two.
. "$(dirname "$0")/lib.sh"
debs $(dovecot_debs) dovecot-pop3d=1:2.3.19.1+dfsg1-2.1+deb12u7 $(python_debs)
npms node-pop3@0.11.0 poplib@0.1.7 yapople@0.4.10
expect 'the octet that a server puts before a dot is taken off again (RFC 1939 3): the client hands out the message'

cat >"$HOME/box" <<'MESSAGE'
From ann@example.com Mon Jan  5 10:00:00 2026
From: ann@example.com
Subject: set-up
Message-ID: <set-up@example.com>
Date: Mon, 5 Jan 2026 10:00:00 +0000

Copy the file to
.config/app.conf
and start it with
./run ../data
...

MESSAGE
export -f dovecot unprivileged
export root
store="mbox:$HOME/mail:INBOX=$HOME/box"
listens python3 "$here/pop3_port.py" bash -c "dovecot $store $root/usr/lib/dovecot/pop3 2>/dev/null"

cat >"$work/read.js" <<'NODE'
const port = Number(process.argv[2]);
const show = (name, text) => console.log(`${name}:\n${String(text).match(/^\..*/gm).map((line) => "  " + line.trim()).join("\n")}`);
(async () => {
    const NodePop3 = require("node-pop3");
    const first = new (NodePop3.default || NodePop3)({ host: "127.0.0.1", port, user: "bo", password: "x" });
    show("node-pop3", await first.RETR(1));
    await first.QUIT();

    await new Promise((resolve) => {
        const second = new (require("poplib"))(port, "127.0.0.1", { enabletls: false });
        second.on("connect", () => second.login("bo", "x"));
        second.on("login", () => second.retr(1));
        second.on("retr", (status, number, text) => { show("poplib", text); second.quit(); });
        second.on("quit", resolve);
    });

    const third = new (require("yapople").Client)({ host: "127.0.0.1", port, username: "bo", password: "x", mailparser: false });
    await third.connect();
    show("yapople", await third.retrieve(1));
    await third.quit();
    process.exit();
})();
NODE
cat >"$HOME/read.py" <<'PYTHON'
import poplib
import sys

server = poplib.POP3("127.0.0.1", int(sys.argv[1]))
server.user("bo")
server.pass_("x")
print("Python poplib:")
for line in server.retr(1)[1]:
    if line.startswith(b"."):
        print(" ", line.decode())
server.quit()
PYTHON
seen=$(echo 'in the mailbox:'; grep '^\.' "$HOME/box" | sed 's/^/  /'
    debian_python "$HOME/read.py" "$port"
    cd "$work" && timeout 60 node read.js "$port")
verdict "$seen" <<'SEEN'
in the mailbox:
  .config/app.conf
  ./run ../data
  ...
Python poplib:
  .config/app.conf
  ./run ../data
  ...
node-pop3:
  ..config/app.conf
  ../run ../data
  ....
poplib:
  ..config/app.conf
  ../run ../data
  ....
yapople:
  ..config/app.conf
  ../run ../data
  ....
SEEN
