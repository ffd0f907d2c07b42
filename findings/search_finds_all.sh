#!/bin/bash
# GNU Mailutils imap4d and Mail::IMAPClient: who deletes what is labelled Junk deletes all messages.
. "$(dirname "$0")/lib.sh"
debs $(dovecot_debs) $(mailutils_debs) mailutils-imap4d=1:3.15-4 libmail-imapclient-perl=3.43-1
expect 'a search finds what fits its key alone (RFC 3501 6.4.4): no message is labelled, and none arrived on 4 January'

mkdir "$HOME/spool"
for name in invoice question greeting; do
    printf 'From list-owner@example.net Mon Jan  5 10:00:00 2026\nFrom: %s@example.com\nSubject: %s\n' $name $name
    printf 'Message-ID: <%s@example.com>\nDate: Mon, 5 Jan 2026 10:00:00 +0000\n\nhello\n\n' $name
done >"$HOME/box"
echo "mailbox { mail-spool $HOME/spool; };" >"$HOME/imap4d.conf"
dovecot_server() { dovecot "mbox:$HOME/mail:INBOX=$HOME/spool/nobody" "$root/usr/lib/dovecot/imap" 2>/dev/null; }
imap4d_server() { unprivileged env USER=nobody imap4d --preauth --inetd "--config-file=$HOME/imap4d.conf" 2>/dev/null; }
export -f dovecot unprivileged dovecot_server imap4d_server
export root
cat >"$HOME/clean.pl" <<'PERL'
use Mail::IMAPClient;
my $client = Mail::IMAPClient->new(Server => "127.0.0.1", Port => $ARGV[0], User => "bo", Password => "x", Timeout => 20);
$client->select("INBOX");
for my $keys (["FROM", "invoice"], ["FROM", "owner"], ["ON", "5-Jan-2026"], ["ON", "4-Jan-2026"], ["KEYWORD", "Junk"]) {
    print "  @$keys: found ", join(" ", $client->search(@$keys)) || "none", "\n";
}
$client->delete_message($client->search("KEYWORD", "Junk"));
$client->expunge;
$client->logout;
PERL
serve() { listens python3 "$here/imap_port.py" "$work/log" bash -c "$1"; }
try() { # NAME, the port
    echo "$1:"
    timeout 60 perl "$HOME/clean.pl" "$2" 2>&1
    echo "  left: $(sed -n 's/^Subject: //p' "$HOME/spool/nobody" | xargs)"
}
cp "$HOME/box" "$HOME/spool/nobody"
serve dovecot_server
seen=$(try Dovecot "$port")
cp "$HOME/box" "$HOME/spool/nobody"
serve imap4d_server
seen="$seen
$(try imap4d "$port")"
verdict "$seen" <<'SEEN'
Dovecot:
  FROM invoice: found 1
  FROM owner: found none
  ON 5-Jan-2026: found 1 2 3
  ON 4-Jan-2026: found none
  KEYWORD Junk: found none
  left: invoice question greeting
imap4d:
  FROM invoice: found 1
  FROM owner: found 1 2 3
  ON 5-Jan-2026: found 1 2 3
  ON 4-Jan-2026: found 1 2 3
  KEYWORD Junk: found 1 2 3
  left: 
SEEN
