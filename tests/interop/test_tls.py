#!/usr/bin/env python3
# TLS as real clients do it: each one that can sends, lists, reads, flags and deletes with STARTTLS
# and with implicit TLS, and believes the certificate that was made; looked up by Python's own
# clients in the open.
import glob
import pty
import ssl
from lab import *

serve = Serve("--tls", "both")
CERTIFICATE = os.path.join(serve.home, ".local/share/pennypost/tls-certificate.pem")
CONTEXT = ssl.create_default_context(cafile=CERTIFICATE)
PORT = serve.port
KINDS = ("STARTTLS", "implicit")


def in_tls(service, implicit):
    """The port, and the scheme as curl and mutt write it."""
    if not implicit:
        return PORT[service], {"submission": "smtp"}.get(service, service)
    return PORT[service + "s"], {"submission": "smtps"}.get(service, service + "s")


def begun():
    """How many sessions have begun TLS by a command so far."""
    return sum(record["kind"] == "state" and record["event"] in ("STARTTLS", "STLS") and record["outcome"] == "OK"
               for record in list(serve.trace))


def delivered(subject, user="bo"):
    return wait_for(lambda: subject in subjects(serve, user), 10)


# --- Python ----------------------------------------------------------------------------------------

for kind in KINDS:
    implicit = kind == "implicit"
    name = "python " + kind
    if implicit:
        client = smtplib.SMTP_SSL(HOST, PORT["submissions"], local_hostname="lab.example", timeout=SECONDS, context=CONTEXT)
        client.ehlo()
    else:
        client = smtplib.SMTP(HOST, PORT["submission"], local_hostname="lab.example", timeout=SECONDS)
        client.ehlo()
        ok(client.has_extn("starttls"), "smtplib: STARTTLS is offered")
        client.starttls(context=CONTEXT)
        client.ehlo()
    ok(not client.has_extn("starttls") and client.has_extn("auth"), "smtplib, %s: offered no more in TLS, but AUTH" % kind)
    client.login("ana", "tulip")
    client.sendmail("ana@campus.example", ["bo@campus.example", "ana@campus.example"],
                    eml(name, body=".\r\n..\r\n" + "x" * 900 + "\r\n" * 50000).encode())
    same(client.quit()[0], 221, "… sends, and quits")
    ok(name in subjects(serve, "bo"), "… is delivered")
    if implicit:
        client = imaplib.IMAP4_SSL(HOST, PORT["imaps"], ssl_context=CONTEXT, timeout=SECONDS)
        ok("STARTTLS" not in client.capabilities, "imaplib: no STARTTLS in TLS", client.capabilities)
    else:
        client = imaplib.IMAP4(HOST, PORT["imap"], timeout=SECONDS)
        ok("STARTTLS" in client.capabilities, "imaplib: STARTTLS is offered", client.capabilities)
        client.starttls(CONTEXT)
        ok("STARTTLS" not in client.capabilities, "… and no more in TLS", client.capabilities)
    client.login("ana", "tulip")
    same(len(client.list()[1]), 3, "imaplib, %s: lists" % kind)
    client.select()
    number = client.search(None, "SUBJECT", '"%s"' % name)[1][0]
    ok(len(client.fetch(number, "(RFC822)")[1][0][1]) > 100000, "… reads a long message")
    client.store(number, "+FLAGS", "\\Flagged")
    same(flags(serve, "ana", name), ["\\Flagged", "\\Seen"], "… flags")
    client.store(number, "+FLAGS", "\\Deleted")
    client.expunge()
    client.logout()
    ok(name not in subjects(serve, "ana"), "… deletes")
    if implicit:
        client = poplib.POP3_SSL(HOST, PORT["pop3s"], timeout=SECONDS, context=CONTEXT)
    else:
        client = poplib.POP3(HOST, PORT["pop3"], timeout=SECONDS)
        ok("STLS" in client.capa(), "poplib: STLS is offered")
        client.stls(CONTEXT)
    ok("STLS" not in client.capa(), "poplib, %s: no STLS in TLS" % kind)
    client.user("bo")
    client.pass_("maple")
    count = client.stat()[0]
    ok(b"..\r\n" in b"\r\n".join(client.retr(count)[1]), "… reads")
    client.dele(count)
    client.quit()
    ok(name not in subjects(serve, "bo"), "… deletes")
ok(wait_for(lambda: begun() == 3, 10), "three of the six began TLS themselves")

# --- curl ------------------------------------------------------------------------------------------


def curl(name, *words):
    return serve.runs("curl, " + name, "curl", "-q", "-sS", "--max-time", "50", "--ssl-reqd", "--cacert", CERTIFICATE, *words)


def curl_all(kind):
    implicit, name = kind == "implicit", "curl " + kind
    smtp, imap_at, pop = ("%s://%s:%d/" % (in_tls(service, implicit)[1], "localhost", in_tls(service, implicit)[0])
                          for service in ("submission", "imap", "pop3"))
    ana, bo = ("-u", "ana:tulip"), ("-u", "bo:maple")
    curl(kind + ": sends", smtp + "lab.example", *ana, "--mail-from", "ana@campus.example", "--mail-rcpt",
         "ana@campus.example", "--mail-rcpt", "bo@campus.example", "-T", serve.file("message.eml", eml(name)))
    ok(delivered(name), "… is delivered")
    has('"/" Archive', curl(kind + ": lists", imap_at, *ana), "… Archive among them")
    number = len(subjects(serve, "ana"))
    has("Subject: " + name, curl(kind + ": reads", imap_at + "INBOX;MAILINDEX=%d" % number, *ana), "… the message")
    curl(kind + ": flags", imap_at + "INBOX", *ana, "-X", "STORE %d +Flags (\\Flagged \\Deleted)" % number)
    ok("\\Flagged" in flags(serve, "ana", name), "… is flagged")
    curl(kind + ": expunges", imap_at + "INBOX", *ana, "-X", "EXPUNGE")
    ok(name not in subjects(serve, "ana"), "… is gone")
    number = len(curl(kind + ": POP3 lists", pop, *bo).splitlines())
    has("Subject: " + name, curl(kind + ": POP3 reads", pop + str(number), *bo), "… the message")
    curl(kind + ": POP3 deletes", pop + str(number), *bo, "-X", "DELE", "-I")
    ok(name not in subjects(serve, "bo"), "… is gone")


# --- swaks -----------------------------------------------------------------------------------------


def swaks_all(kind):
    implicit, name = kind == "implicit", "swaks " + kind
    printed = serve.runs("swaks, %s: sends" % kind, "swaks", "--server", HOST, "--port", in_tls("submission", implicit)[0],
                         "--tls-on-connect" if implicit else "--tls", "--tls-verify", "--tls-ca-path", CERTIFICATE, "--ehlo", "lab.example",
                         "--from", "ana@campus.example", "--to", "bo@campus.example", "--header", "Subject: " + name,
                         "--auth", "PLAIN", "--auth-user", "ana", "--auth-password", "tulip")
    has("TLS started with cipher TLSv1.3", printed, "… in TLS 1.3")
    ok(delivered(name), "… is delivered")


# --- msmtp -----------------------------------------------------------------------------------------


def msmtp_all(kind):
    implicit, name = kind == "implicit", "msmtp " + kind
    rc = serve.file("msmtprc", "account default\nhost localhost\nport %d\nfrom ana@campus.example\nauth on\nuser ana\n"
                    "password tulip\ntls on\ntls_starttls %s\ntls_trust_file %s\n"
                    % (in_tls("submission", implicit)[0], "off" if implicit else "on", CERTIFICATE))
    serve.runs("msmtp, %s: sends; with `auth on` it demands TLS" % kind, "msmtp", "-C", rc, "bo@campus.example",
               text=eml(name).encode())
    ok(delivered(name), "… is delivered")


# --- mutt ------------------------------------------------------------------------------------------


def mutt(rc, name, keys):
    """Pushes functions into a mutt in a terminal of its own, which leaves by itself."""
    screen, terminal = pty.openpty()
    process = subprocess.Popen(["mutt", "-F", rc, "-e", "push '%s<quit>'" % keys], stdin=terminal, stdout=terminal,
                               stderr=terminal, cwd=serve.home, env=dict(serve.env(), TERM="vt100", LINES="30", COLUMNS="100"),
                               start_new_session=True)
    os.close(terminal)
    shown, end = b"", time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < end:
        if select.select([screen], [], [], 0.1)[0]:
            try:
                shown += os.read(screen, 65536)
            except OSError:
                break
    if time.monotonic() >= end:
        process.kill()
    code = process.wait()
    os.close(screen)
    ok(code == 0, name, "exit code %s\n%s" % (code, shown.decode("utf-8", "replace")[-2000:]))


def mutt_all(kind):
    implicit, name = kind == "implicit", "mutt " + kind
    (imap_port, imap_scheme), (smtp_port, smtp_scheme) = in_tls("imap", implicit), in_tls("submission", implicit)
    rc = serve.file("muttrc", """
set ssl_starttls=yes ssl_force_tls=yes certificate_file=%s
set imap_user=ana imap_pass=tulip folder=%s://localhost:%d/ spoolfile=+INBOX record="" postponed=+Drafts
set smtp_url=%s://ana@localhost:%d/ smtp_pass=tulip smtp_authenticators=plain
set from=ana@campus.example hostname=lab.example realname=Ana header_cache="" sleep_time=0 delete=yes move=no
set wait_key=no quit=yes beep=no mail_check=0 signature="" editor=true mark_old=no
""" % (CERTIFICATE, imap_scheme, imap_port, smtp_scheme, smtp_port))
    serve.runs("mutt, %s: sends" % kind, "mutt", "-F", rc, "-s", name, "bo@campus.example", "-c", "ana@campus.example", text=b"hello\n")
    ok(delivered(name), "… is delivered")
    mutt(rc, "mutt, %s: reads and flags" % kind, "<last-entry><display-message><exit><flag-message><sync-mailbox>")
    same(flags(serve, "ana", name), ["\\Flagged", "\\Seen"], "… is seen and flagged")
    mutt(rc, "mutt, %s: deletes" % kind, "<last-entry><delete-message><sync-mailbox>")
    ok(name not in subjects(serve, "ana"), "… is gone")


# --- fetchmail -------------------------------------------------------------------------------------


def fetchmail_all(kind):
    implicit = kind == "implicit"
    for protocol, service in (("POP3", "pop3"), ("IMAP", "imap")):
        name = "fetchmail %s %s" % (protocol, kind)
        box = os.path.join(serve.home, "box")
        mda = serve.file("mda", "#!/bin/sh\ncat >>'%s'\n" % box, 0o700)
        send(serve, name, to="cem@campus.example")
        rc = serve.file("fetchmailrc", "poll localhost protocol %s port %d\n  user \"cem\" password \"birch\"\n"
                        "  %s sslcertck sslcertfile '%s'\n  fetchall nokeep\n  mda \"%s\"\n"
                        % (protocol, in_tls(service, implicit)[0], "ssl" if implicit else "sslproto 'tls1.2+'", CERTIFICATE, mda))
        serve.runs(name + ": fetches and deletes", "fetchmail", "-f", rc, "--nodetach", "-v", "--nosyslog", "--pidfile",
                   os.path.join(serve.home, "pid"), "-i", os.path.join(serve.home, "ids"))
        ok(os.path.exists(box) and name in open(box, encoding="utf-8").read(), "… has it")
        same(subjects(serve, "cem"), [], "… and it is gone here")


# --- mbsync ----------------------------------------------------------------------------------------


def mbsync_all(kind):
    implicit, name = kind == "implicit", "mbsync " + kind
    mail = os.path.join(serve.home, "mail-" + kind)
    os.makedirs(mail)
    rc = serve.file("mbsyncrc", """
IMAPAccount ana
Host localhost
Port %d
User ana
Pass tulip
SSLType %s
CertificateFile %s
AuthMechs LOGIN

IMAPStore far
Account ana

MaildirStore near
Path %s/
Inbox %s/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
SyncState *
""" % (in_tls("imap", implicit)[0], "IMAPS" if implicit else "STARTTLS", CERTIFICATE, mail, mail))
    send(serve, name, sender="bo@campus.example", to="ana@campus.example")
    serve.runs("mbsync, %s: pulls" % kind, "mbsync", "-c", rc, "all")
    files = [path for path in glob.glob(os.path.join(mail, "INBOX", "[cn]*", "*"))
             if "Subject: " + name in open(path, encoding="utf-8", errors="replace").read()]
    same(len(files), 1, "… has the message")
    if files:
        os.rename(files[0], files[0].split(":")[0].replace("/new/", "/cur/") + ":2,FS")
    serve.runs("mbsync, %s: pushes a flag" % kind, "mbsync", "-c", rc, "all")
    same(flags(serve, "ana", name), ["\\Flagged", "\\Seen"], "… which is there")
    for path in glob.glob(os.path.join(mail, "INBOX", "cur", "*:2,FS")):
        os.rename(path, path + "T")
    serve.runs("mbsync, %s: pushes a deletion" % kind, "mbsync", "-c", rc, "all")
    ok(name not in subjects(serve, "ana"), "… is gone")


for program, play, starts in (("curl", curl_all, 8), ("swaks", swaks_all, 1), ("msmtp", msmtp_all, 1), ("mutt", mutt_all, 3),
                              ("fetchmail", fetchmail_all, 2), ("mbsync", mbsync_all, 3)):
    if not shutil.which(program):
        skip(program, "it is not installed")
        continue
    if program == "swaks" and "*** TLS not available" in serve.run("swaks", "--support")[1]:
        skip(program, "its TLS is not: libnet-ssleay-perl")
        continue
    before = begun()
    play("STARTTLS")
    ok(wait_for(lambda: begun() >= before + starts, 10), "%s began TLS itself, %d times" % (program, begun() - before))
    before = begun()
    play("implicit")
    same(begun(), before, "%s found TLS begun" % program)

serve.end(refusals=[("STATUS", "NO_SUCH")] if shutil.which("mutt") else [])
done()
