"""A Dovecot of one's own: started privately from a configuration in a temporary folder, on
loopback ports that are free, stopped with its test. No service of the system is touched and
none of its files are read. As root its parts run under the accounts that Debian's package
brings; else under one's own."""
import atexit
import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile

from . import HOST, SECONDS, wait_for

PROGRAM = "/usr/sbin/dovecot"
PARTS = "/usr/lib/dovecot"

CONFIG = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = {protocols}
listen = {host}
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_cache_size = 1M
auth_failure_delay = 0
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 1
mail_fsync = {fsync}
mail_max_userip_connections = 0
mail_location = {format}:{mails}/%n
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={mails}/%n allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service stats {{
  chroot =
}}
service anvil {{
  chroot =
  client_limit = 4096
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  client_limit = 4096
}}
service imap {{
  process_limit = 2048
}}
service imap-login {{
  chroot =
  {login_service}
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service pop3-login {{
  chroot =
  {login_service}
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
"""

LMTP = """
service lmtp {{
  process_min_avail = 8
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
"""


def missing(*parts):
    """The first that is not installed, or None."""
    for path in (PROGRAM,) + tuple(os.path.join(PARTS, part) for part in parts):
        if not os.path.exists(path):
            return path
    return None


def free_ports(count):
    """Free a moment ago: who starts on them tries again with others if one was taken."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind((HOST, 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def answers(port):
    try:
        with socket.create_connection((HOST, port), timeout=5) as client:
            client.settimeout(SECONDS)
            return client.recv(4096)
    except OSError:
        return b""


class Dovecot:
    """Ports in .port by name, as with Serve. Any name logs in with the password. Sync: what
    mail_fsync says; `beside` shares another one's mailboxes."""

    def __init__(self, mail="maildir", password="tulip", lmtp=False, fast=False, sync="optimized", beside=None):
        root = os.geteuid() == 0
        # Not below the tests' own folder: other accounts must get in.
        self.home = tempfile.mkdtemp(prefix="pennypost-dovecot.", dir="/tmp" if root else None)
        os.chmod(self.home, 0o755)
        me = pwd.getpwuid(os.geteuid()).pw_name
        owner = pwd.getpwnam("nobody") if root else pwd.getpwuid(os.geteuid())
        self.words = dict(home=self.home, host=HOST, password=password, format=mail, fsync=sync,
                          mails=beside.words["mails"] if beside else os.path.join(self.home, "mail"),
                          uid=owner.pw_uid, gid=owner.pw_gid,
                          protocols="imap pop3 lmtp" if lmtp else "imap pop3",
                          internal="dovecot" if root else me, login="dovenull" if root else me,
                          group="dovecot" if root else grp.getgrgid(os.getegid()).gr_name,
                          login_service="service_count = 0\n  process_min_avail = 2" if fast else "")
        os.mkdir(os.path.join(self.home, "mail"))
        os.chown(os.path.join(self.home, "mail"), owner.pw_uid, owner.pw_gid)
        self.process = None
        atexit.register(self.stop)
        for _ in range(5):
            self.port = dict(zip(("imap", "pop3", "lmtp"), free_ports(3)))
            if self._start(CONFIG + (LMTP if lmtp else "")):
                return
            self.stop(keep=True)
        raise RuntimeError("Dovecot did not start: " + self.said())

    def _start(self, config):
        path = os.path.join(self.home, "dovecot.conf")
        with open(path, "w", encoding="utf-8") as out:
            out.write(config.format(**self.words, **self.port))
        env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": self.home, "TZ": "UTC"}
        self.process = subprocess.Popen([PROGRAM, "-F", "-c", path], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
        return wait_for(lambda: self.process.poll() is not None or answers(self.port["imap"]), 20) and \
            self.process.poll() is None and b"OK" in answers(self.port["pop3"])

    def said(self):
        try:
            with open(os.path.join(self.home, "log"), encoding="utf-8", errors="replace") as log:
                return log.read()
        except OSError:
            return "nothing"

    def stop(self, keep=False):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            if self.process:
                self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if not keep:
            shutil.rmtree(self.home, ignore_errors=True)
