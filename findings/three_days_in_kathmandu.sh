#!/bin/bash
# node-imap and Dovecot: where the program runs decides when the message arrived, by hours or by three days.
. "$(dirname "$0")/lib.sh"
debs $(dovecot_debs)
npms imap@0.8.19 imapflow@2.10.2
expect 'one instant given to APPEND, 15 January 10:00 UTC, is one arrival date anywhere: a zone is +hhmm (RFC 9051 6.3.12, 9)'

for folder in cur new tmp; do mkdir -p "$HOME/mail/$folder"; done
export -f dovecot unprivileged
export root
listens python3 "$here/imap_port.py" "$work/log" bash -c "dovecot maildir:$HOME/mail $root/usr/lib/dovecot/imap 2>/dev/null"
cat >"$work/append.js" <<'NODE'
const Imap = require("imap"), { ImapFlow } = require("imapflow");
const port = Number(process.argv[2]), date = new Date("2026-01-15T10:00:00Z");
const text = (client) => `Subject: ${client} in ${process.env.TZ}\r\n\r\nhello\r\n`;
const append = () => new Promise((resolve, reject) => {
    const client = new Imap({ host: "127.0.0.1", port, user: "bo", password: "x" });
    client.once("error", reject);
    client.once("ready", () => client.append(text("node-imap"), { mailbox: "INBOX", date }, (error) => {
        client.end();
        return error ? reject(error) : resolve();
    }));
    client.connect();
});
(async () => {
    await append();
    const flow = new ImapFlow({ host: "127.0.0.1", port, secure: false, doSTARTTLS: false, auth: { user: "bo", pass: "x" }, logger: false });
    await flow.connect();
    await flow.append("INBOX", text("imapflow"), [], date);
    await flow.logout();
})().catch((error) => console.log(process.env.TZ, error.message));
NODE
for zone in UTC Europe/Berlin America/New_York Asia/Kolkata Asia/Kathmandu; do
    TZ=$zone timeout 20 node "$work/append.js" "$port"
done >"$work/out" 2>&1
seen=$(cat "$work/out"
    lines '1 EXAMINE INBOX' '2 FETCH 1:* (INTERNALDATE BODY.PEEK[HEADER.FIELDS (Subject)])' '3 LOGOUT' | imap "maildir:$HOME/mail" |
        sed -n 's/.*INTERNALDATE "\(.*\) +0000".*/\1/p; s/^Subject: //p' |
        paste -d ' ' - - | sort -k 3
    echo "the zones that node-imap sent: $(grep -a APPEND "$work/log" | grep -o ' [-+][^"]*"' | tr -d '" ' | sed -n 'p;n' | xargs)")
verdict "$seen" <<'SEEN'
15-Jan-2026 10:00:00 imapflow in America/New_York
15-Jan-2026 10:00:00 imapflow in Asia/Kathmandu
15-Jan-2026 10:00:00 imapflow in Asia/Kolkata
15-Jan-2026 10:00:00 imapflow in Europe/Berlin
15-Jan-2026 10:00:00 imapflow in UTC
15-Jan-2026 05:00:00 node-imap in America/New_York
12-Jan-2026 12:00:00 node-imap in Asia/Kathmandu
15-Jan-2026 15:30:00 node-imap in Asia/Kolkata
15-Jan-2026 10:00:00 node-imap in Europe/Berlin
15-Jan-2026 10:00:00 node-imap in UTC
the zones that node-imap sent: +0000 +0100 --500 +.530 +7545
SEEN
