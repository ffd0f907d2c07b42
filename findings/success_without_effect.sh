#!/bin/bash
# Dovecot and Mail::IMAPClient: after EXAMINE, to mark and to delete succeed, and nothing has changed.
. "$(dirname "$0")/lib.sh"
debs $(dovecot_debs) libmail-imapclient-perl=3.43-1
expect 'in a mailbox opened read-only, a change of flags fails, and the library says so'

for folder in cur new tmp; do mkdir -p "$HOME/mail/$folder"; done
printf 'From: ann@example.com\nSubject: one\n\nhello\n' >"$HOME/mail/cur/1767600000.one.host:2,"
export -f dovecot unprivileged
export root
listens python3 "$here/imap_port.py" "$work/log" bash -c \
    "dovecot maildir:$HOME/mail $root/usr/lib/dovecot/imap 2>/dev/null"
seen=$(perl -MMail::IMAPClient -e '
    my $client = Mail::IMAPClient->new(Server => "127.0.0.1", Port => $ARGV[0], User => "bo", Password => "x");
    print "examine: ", $client->examine("INBOX") ? "done" : "failed", "\n";
    print "set_flag Flagged: ", $client->set_flag("Flagged", 1) ? "done" : "failed", "\n";
    print "delete_message: ", $client->delete_message(1), " deleted\n";
    print "expunge: ", $client->expunge ? "done" : "failed", "\n";
    print "flags on the server: ", join(" ", grep !/Recent/, $client->flags(1)), "\n";
    $client->logout;' "$port" 2>&1
    tr -d '\r' <"$work/log" | sed 's/^[0-9]* /C: /')
verdict "$seen" <<'SEEN'
examine: done
set_flag Flagged: done
delete_message: 1 deleted
expunge: done
flags on the server: 
C: EXAMINE INBOX
C: UID STORE 1 +FLAGS.SILENT (\Flagged)
C: UID STORE 1 +FLAGS.SILENT (\Deleted)
C: EXPUNGE
C: UID FETCH 1 FLAGS
C: LOGOUT
SEEN
