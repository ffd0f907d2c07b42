#!/bin/bash
# getmail and Dovecot: one message that is there twice, and not one of the mailbox is fetched.
. "$(dirname "$0")/lib.sh"
debs $(dovecot_debs) dovecot-pop3d=1:2.3.19.1+dfsg1-2.1+deb12u7 $(python_debs) getmail6=6.18.11-2 mpop=1.4.18-1 \
    libgsasl18=2.2.0-1+deb12u2 libntlm0=1.6-4
expect 'all three messages are fetched: RFC 1939 7 lets two equal copies have one unique-id, where it is a hash'

for subject in plan plan other; do
    printf 'From ann@example.com Mon Jan  5 10:00:00 2026\nFrom: ann@example.com\nSubject: %s\n' $subject
    printf 'Message-ID: <%s@example.com>\nDate: Mon, 5 Jan 2026 10:00:00 +0000\n\nhello\n\n' $subject
done >"$HOME/box"
export -f dovecot unprivileged
export root POP3_UIDL_FORMAT=%m
store="mbox:$HOME/mail:INBOX=$HOME/box"
listens python3 "$here/pop3_port.py" bash -c "dovecot $store $root/usr/lib/dovecot/pop3 2>/dev/null"

mkdir "$work/getmail"
: >"$work/getmail/box"
printf '[retriever]\ntype=SimplePOP3Retriever\nserver=127.0.0.1\nport=%s\nusername=bo\npassword=x\n' "$port" >"$work/getmail/rc"
printf '[destination]\ntype=Mboxrd\npath=%s/getmail/box\nuser=%s\n[options]\nread_all=false\n' "$work" "$(id -un)" >>"$work/getmail/rc"
PYTHONPATH=$root/usr/lib/python3/dist-packages debian_python "$root/usr/bin/getmail" \
    "--getmaildir=$work/getmail" "--rcfile=$work/getmail/rc" >"$work/out" 2>&1
mpop --host=127.0.0.1 --port="$port" --user=bo --passwordeval='echo x' --auth=user --keep=on --quiet \
    "--uidls-file=$work/uidls" "--delivery=mbox,$work/mpop" >>"$work/out" 2>&1
seen=$(echo "messages of one unique-id: $({ lines UIDL; sleep 1; lines QUIT; } | dovecot "$store" "$root/usr/lib/dovecot/pop3" 2>/dev/null |
    grep -E '^[0-9]' | tr -d '\r' | awk '{id[$2]++} END {for (i in id) print id[i]}' | sort | xargs)"
    echo "mpop: $(grep -c ^Subject "$work/mpop") fetched"
    echo "getmail: $(grep -c ^Subject "$work/getmail/box") fetched, \"$(grep -o 'does not uniquely identify messages' "$work/out")\"")
verdict "$seen" <<'SEEN'
messages of one unique-id: 1 2
mpop: 3 fetched
getmail: 0 fetched, "does not uniquely identify messages"
SEEN
