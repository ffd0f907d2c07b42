#!/bin/bash
# JavaMail: a stored message is sent on, and goes out with another Message-ID; sent by the other call it keeps its own.
. "$(dirname "$0")/lib.sh"
debs libmail-java=1.6.5-2 libactivation-java=1.2.0-2 $(dovecot_debs)
command -v java >"$work/out" || fail "this machine has no Java"
java --version | head -1
expect 'a message that is sent on as it is keeps its Message-ID (RFC 5322 3.6.4), and an answer to it finds its thread'

cat >"$work/message" <<'MESSAGE'
From: ann@example.com
To: bo@example.org
Subject: roses
Message-ID: <roses@example.com>
Date: Mon, 5 Jan 2026 10:00:00 +0000

hello
MESSAGE
cat >"$work/Send.java" <<'JAVA'
import java.io.FileInputStream;
import java.util.Properties;
import javax.mail.Address;
import javax.mail.Session;
import javax.mail.Transport;
import javax.mail.internet.InternetAddress;
import javax.mail.internet.MimeMessage;

public class Send {
    public static void main(String[] words) throws Exception {
        Properties settings = new Properties();
        settings.put("mail.smtp.host", "127.0.0.1");
        settings.put("mail.smtp.port", words[0]);
        settings.put("mail.smtp.localhost", "client.example.org");
        Session session = Session.getInstance(settings);
        Address[] recipients = { new InternetAddress("cy@example.net") };
        MimeMessage message = new MimeMessage(session, new FileInputStream(words[1]));
        Transport transport = session.getTransport("smtp");
        transport.connect();
        transport.sendMessage(message, recipients);
        transport.close();
        Transport.send(message, recipients);
    }
}
JAVA
listens python3 "$here/smtp_sink.py" "$work/log"
jars=$root/usr/share/java
java -XX:TieredStopAtLevel=1 -cp "$jars/javax.mail.jar:$jars/javax.activation.jar" "$work/Send.java" "$port" "$work/message" \
    >"$work/out" 2>&1 || fail "$(head -1 "$work/out")"

mkdir -p "$HOME"/mail/{cur,new,tmp}
tr -d '\r' <"$work/log" | awk -v home="$HOME" '/^DATA$/ {on = 1; file = ++n; next} /^\.$/ {on = 0}
    on {print > (home "/mail/cur/176760000" file ".host:2,")}'
printf 'From: cy@example.net\nSubject: the answer of cy\nIn-Reply-To: %s\nMessage-ID: <answer@example.net>\n\nthanks\n' \
    "$(sed -n 's/^Message-ID: //p' "$HOME/mail/cur/1767600002.host:2,")" >"$HOME/mail/cur/1767600003.host:2,"
cp "$work/message" "$HOME/mail/cur/1767600000.host:2,"
changed() { diff "$work/message" "$HOME/mail/cur/176760000$1.host:2," | sed -n 's/<[0-9].*@.*>/<a new one>/; /^[<>]/s/^/  /p'; }
seen=$(echo 'transport.sendMessage:'; changed 1
    echo 'Transport.send:'; changed 2
    rm "$HOME/mail/cur/1767600001.host:2," "$HOME/mail/cur/1767600002.host:2,"
    echo "the stored message and the answer: $(lines '1 SELECT INBOX' '2 THREAD REFERENCES UTF-8 ALL' '3 LOGOUT' |
        imap "maildir:$HOME/mail" | sed -n 's/^\* THREAD/threads/p')")
verdict "$seen" <<'SEEN'
transport.sendMessage:
Transport.send:
  < Message-ID: <roses@example.com>
  > Message-ID: <a new one>
  > MIME-Version: 1.0
the stored message and the answer: threads (1)(2)
SEEN
