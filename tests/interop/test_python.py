#!/usr/bin/env python3
# Python's smtplib, imaplib and poplib against `pennypost serve`, each looked up by another of them.
from lab import *

serve = Serve()

# smtplib
client = smtplib.SMTP(HOST, serve.port["smtp"], local_hostname="lab.example", timeout=SECONDS)
same(client.ehlo()[0], 250, "smtplib: EHLO")
ok(client.has_extn("pipelining") and client.has_extn("8bitmime") and client.has_extn("size"), "… its extensions")
same(client.verify("bo@campus.example")[0], 252, "VRFY")
same(client.noop()[0], 250, "NOOP")
same(client.sendmail("ana@campus.example", ["bo@campus.example", "cem@campus.example"],
                     eml("smtplib one", body=".\r\n..\r\nmore\r\n").encode()), {}, "sendmail to two")
same(list(client.sendmail("ana@campus.example", ["bo@campus.example", "nobody@campus.example"],
                          eml("smtplib two").encode())), ["nobody@campus.example"], "sendmail says who was refused")
from email.message import EmailMessage
message = EmailMessage()
message["From"], message["To"], message["Subject"] = "ana@campus.example", "bo@campus.example", "Grüße"
message.set_content("Zwölf ist gut.\n")
message.add_attachment(bytes(range(256)) * 400, maintype="application", subtype="octet-stream", filename="löffel.bin")
same(client.send_message(message), {}, "send_message with an attachment and 8 bits")
client.rset()
client.quit()
text = text_by_pop3(serve, "bo", "smtplib one") or b""
ok(text.endswith(b"\r\n\r\n.\r\n..\r\nmore\r\n"), "poplib reads the dots back", text)
ok("smtplib one" in subjects(serve, "cem"), "imaplib finds the other's")

client = smtplib.SMTP(HOST, serve.port["submission"], local_hostname="lab.example", timeout=SECONDS)
try:
    client.login("ana", "rose")
    ok(False, "login with a wrong password is refused")
except smtplib.SMTPAuthenticationError as refused:
    same(refused.smtp_code, 535, "login with a wrong password is refused")
for mechanism in "PLAIN", "LOGIN":
    client.close()
    client = smtplib.SMTP(HOST, serve.port["submission"], local_hostname="lab.example", timeout=SECONDS)
    client.ehlo()
    client.user, client.password = "ana", "tulip"
    same(client.auth(mechanism, getattr(client, "auth_" + mechanism.lower()))[0], 235, "smtplib: AUTH " + mechanism)
same(client.sendmail("ana@campus.example", ["dora@bakery.example"], eml("bread").encode()), {}, "… and abroad")
client.quit()

# poplib
client = pop3(serve, "bo")
same(client.stat()[0], 4, "poplib: STAT")
same(len(client.list()[1]), 4, "LIST")
sizes = [int(line.split()[1]) for line in client.list()[1]]
messages = [b"".join(line + b"\r\n" for line in client.retr(number + 1)[1]) for number in range(4)]
same([len(one) for one in messages], sizes, "the sizes that LIST tells are RETR's")
ids = [line.split()[1] for line in client.uidl()[1]]
same(len(set(ids)), 4, "UIDL is unique")
ok(b"smtplib one" in b"\n".join(client.top(2, 0)[1]), "TOP")
ok(b"PLAIN" not in client.capa().get("SASL", [b"PLAIN"]) and "UIDL" in client.capa(), "CAPA", client.capa())
client.dele(2)
client.rset()
client.dele(3)
client.quit()
client = pop3(serve, "bo")
same([line.split()[1] for line in client.uidl()[1]], ids[:2] + ids[3:], "DELE, RSET, DELE: one is gone, the ids stay")
client.close()
ok("smtplib two" not in subjects(serve, "bo"), "… says imaplib")
client = poplib.POP3(HOST, serve.port["pop3"], timeout=SECONDS)
client.apop("bo", "maple")
same(client.stat()[0], 3, "poplib: APOP")
try:
    pop3(serve, "bo")
    ok(False, "the maildrop is locked for a second session")
except poplib.error_proto as refused:
    has("[IN-USE]", refused.args[0], "the maildrop is locked for a second session")
client.quit()

# imaplib
client = imap(serve, "ana")
ok("IMAP4REV1" in client.capabilities and "IDLE" in client.capabilities, "imaplib: capabilities", client.capabilities)
same(client.namespace()[0], "OK", "NAMESPACE")
same(len(client.list()[1]), 3, "LIST")
same(client.create("Kept/2026"), ("OK", [b"CREATE completed"]), "CREATE")
same(client.subscribe("Kept/2026")[0], "OK", "SUBSCRIBE")
same(sorted(name.split(b'"/" ')[1] for name in client.lsub()[1]), [b"Archive", b"INBOX", b"Kept/2026", b"Sent"],
     "LSUB: what a world gives is subscribed")
typ, data = client.select()
same(data, [b"4"], "SELECT tells how many")
same(client.search(None, "ALL")[1], [b"1 2 3 4"], "SEARCH ALL")
same(client.search("UTF-8", "SUBJECT", '"lunch"')[1], [b"1"], "SEARCH CHARSET UTF-8")
same(client.fetch("1", "(RFC822)")[1][0][0].split()[0], b"1", "FETCH RFC822")
same(client.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[HEADER])")[0], "OK", "UID FETCH")
same(len([part for part in client.fetch("1:*", "(UID FLAGS INTERNALDATE ENVELOPE BODYSTRUCTURE RFC822.SIZE)")[1]
          if part]), 4, "FETCH of everything short")
client.store("1", "+FLAGS", "(\\Flagged $Later)")
same(flags(serve, "ana", "Lunch?"), ["$Later", "\\Flagged", "\\Seen"], "STORE, and another session finds it")
import datetime
when = datetime.datetime(2026, 1, 5, 10, 0, tzinfo=datetime.timezone.utc)
client.append("Kept/2026", "\\Draft", imaplib.Time2Internaldate(when), eml("appended").encode())
same(flags(serve, "ana", "appended", "Kept/2026"), ["\\Draft"], "APPEND, and another session finds it")
same(client.copy("1", "Archive")[0], "OK", "COPY")
same(client.uid("MOVE", "2", "Kept/2026")[0], "OK", "UID MOVE")
same(len(subjects(serve, "ana", "Kept/2026")), 2, "… and another session finds it")
client.store("1", "+FLAGS", "\\Deleted")
same(client.expunge()[1], [b"2", b"1"], "MOVE and EXPUNGE told which went")
same(len(subjects(serve, "ana")), 2, "… and another session finds two")
send(serve, "while selected", sender="bo@campus.example", to="ana@campus.example")
client.noop()
same(client.response("EXISTS")[1][-1], b"3", "NOOP tells of new mail")
# IDLE, which imaplib cannot do: its own socket will
client.send(b"i1 IDLE\r\n")
has("+ ", client.readline(), "IDLE")
send(serve, "while idling", sender="bo@campus.example", to="ana@campus.example")
has("* 4 EXISTS", client.readline(), "… tells of new mail by itself")
has("* 4 RECENT", client.readline() or b"", "… and RECENT")
client.send(b"DONE\r\n")
has("i1 OK", client.readline(), "… until DONE")
same(client.close()[0], "OK", "CLOSE")
same(client.rename("Kept/2026", "Kept/Old")[0], "OK", "RENAME")
same(client.delete("Kept/Old")[0], "OK", "DELETE")
same(client.status("Archive", "(MESSAGES UIDNEXT UNSEEN)")[0], "OK", "STATUS")
same(client.logout()[0], "BYE", "LOGOUT")
client = imaplib.IMAP4(HOST, serve.port["imap"], timeout=SECONDS)
same(client.authenticate("PLAIN", lambda _: b"\0ana\0tulip")[0], "OK", "AUTHENTICATE PLAIN")
client.logout()

serve.end(refusals=[("RCPT", "NO_SUCH"), ("AUTH", "BAD_LOGIN"), ("ANSWER", "BAD_LOGIN"), ("PASS", "IN_USE")])
done()
