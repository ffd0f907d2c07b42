#!/bin/bash
# smtplib.LMTP: of two recipients the second is refused behind the message; nobody hears of it.
. "$(dirname "$0")/lib.sh"
# shellcheck disable=SC2046
debs $(python_debs) msmtp=1.8.23-1
expect 'LMTP answers for each recipient (RFC 2033 4.2): sendmail tells that "full" did not get the message'

listens python3 "$here/lmtp_port.py"
cat >"$work/send.py" <<'PYTHON'
import smtplib, sys
client = smtplib.LMTP("127.0.0.1", int(sys.argv[1]), "client.example.org", timeout=10)
def send(*names):
    try:
        said = client.sendmail("bo@example.org", [name + "@example.org" for name in names], "Subject: x\r\n\r\nx\r\n")
    except smtplib.SMTPException as error:
        said = "%s %s" % (type(error).__name__, error.args)
    print("smtplib", *names, said)
send("ann", "full")
send("ann")
PYTHON
seen=$(debian_python "$work/send.py" "$port" 2>&1
       printf 'Subject: x\n\nx\n' | msmtp --host=127.0.0.1 --port="$port" --protocol=lmtp --from=bo@example.org \
           ann@example.org full@example.org 2>&1
       echo "msmtp $?")
verdict "$seen" <<'SEEN'
smtplib ann full {}
smtplib ann SMTPSenderRefused (452, b'4.2.2 <full@example.org> Mailbox full', 'bo@example.org')
msmtp: the server refuses to send the mail to full@example.org
msmtp: LMTP server message: 452 4.2.2 <full@example.org> Mailbox full
msmtp: could not send mail to all recipients
msmtp 69
SEEN
