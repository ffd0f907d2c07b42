#!/bin/bash
# Eight readers of mbox and one valid file of three messages: three answers.
. "$(dirname "$0")/lib.sh"
debs $(dovecot_debs) $(python_debs) $(mailutils_debs) $(mutt_debs) mailutils=1:3.15-4 procmail=3.22-27 \
    s-nail=14.9.24-2 bsd-mailx=8.1.2-0.20220412cvs-1 liblockfile1=1.17-1+b1 mboxgrep=0.7.9-6 libpcre3=2:8.39-15
expect 'all find three: Content-Length: says where each body ends (the form called mboxcl2)'

cat >"$HOME/write.py" <<'PYTHON'
bodies = (
    "hello\n\nFrom here on we walk.\n\nbye\n",
    "as it came:\n\nFrom cy@example.net Sun Jan  4 09:00:00 2026\nFrom: cy@example.net\nSubject: inner\n\nhello\n",
    "hello\n",
)
for number, body in enumerate(bodies, 1):
    print("From ann@example.com Mon Jan  5 10:0%d:00 2026" % number)
    print("From: ann@example.com\nTo: bo@example.org\nSubject: number %d" % number)
    print("Message-ID: <%d@example.com>\nDate: Mon, 5 Jan 2026 10:0%d:00 +0000" % (number, number))
    print("Content-Length: %d\n\n%s" % (len(body), body))
PYTHON
box=$HOME/box
debian_python "$HOME/write.py" >"$box"
echo "set folder=$HOME mbox_type=mbox move=no
push <quit>" >"$HOME/muttrc"
screen "$root/usr/bin/mutt -n -R -F $HOME/muttrc -f $box"
chmod 644 "$box"
seen=$(echo "formail -s: $(formail -s echo x <"$box" | grep -c x)"
    echo "mutt: $(grep -ao 'Msgs:[0-9]*' "$work/screen" | head -1 | cut -d: -f2)"
    echo "Dovecot: $(lines '1 EXAMINE INBOX' '2 LOGOUT' | imap "mbox:$HOME/mail:INBOX=$box" | sed -n 's/^\* \([0-9]*\) EXISTS/\1/p')"
    echo "s-nail: $(echo 'headers' | s-nail -n -R -f "$box" 2>&1 | sed -n 's/.*: \([0-9]*\) messages.*/\1/p')"
    echo "Mailutils messages: $(messages.mailutils "$box" | sed 's/.*: //')"
    echo "bsd-mailx: $(echo x | bsd-mailx -n -f "$box" 2>&1 | sed -n 's/.*: \([0-9]*\) messages.*/\1/p')"
    echo "Python mailbox: $(debian_python -c "import mailbox; print(len(mailbox.mbox('$box')))")"
    echo "mboxgrep: $(mboxgrep -c . "$box")")
verdict "$seen" <<'SEEN'
formail -s: 3
mutt: 3
Dovecot: 3
s-nail: 4
Mailutils messages: 4
bsd-mailx: 5
Python mailbox: 5
mboxgrep: 5
SEEN
