"""A Postfix of one's own: its configuration and queue in a temporary folder, on a loopback port
that is free. No service of the system is touched. It wants to be started by root."""
import atexit
import os
import pwd
import shutil
import signal
import subprocess
import tempfile

from . import HOST, SECONDS, wait_for
from .dovecot import answers, free_ports

PROGRAM = "/usr/sbin/postfix"

MAIN = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = {home}/log
maillog_file_prefixes = {home}
inet_interfaces = {host}
inet_protocols = ipv4
myhostname = mail.campus.example
mydestination =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_junk_command_limit = 1000000000
in_flow_delay = 0
virtual_mailbox_domains = campus.example
virtual_mailbox_base = {home}/mail
virtual_mailbox_maps = inline:{{ {boxes} }}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_mailbox_limit = 0
alias_maps =
alias_database =
local_recipient_maps =
smtpd_tls_security_level = none
"""

MASTER = """
{port}    inet  n - n - 100 smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
local     unix  - n n - - local
virtual   unix  - n n - - virtual
lmtp      unix  - - n - - lmtp
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


def missing():
    """Why it can't be started; None: it can."""
    if not os.path.exists(PROGRAM):
        return "%s is not installed" % PROGRAM
    return None if os.geteuid() == 0 else "Postfix is started by root only"


class Postfix:
    """.port is where it takes mail for these users at campus.example."""

    def __init__(self, *users):
        self.home = tempfile.mkdtemp(prefix="pennypost-postfix.", dir="/tmp")
        os.chmod(self.home, 0o755)
        nobody, owner = pwd.getpwnam("nobody"), pwd.getpwnam("postfix")
        for name, uid, gid in (("etc", 0, 0), ("queue", 0, 0), ("data", owner.pw_uid, owner.pw_gid),
                               ("mail", nobody.pw_uid, nobody.pw_gid)):
            os.mkdir(os.path.join(self.home, name))
            os.chown(os.path.join(self.home, name), uid, gid)
        self.process = None
        atexit.register(self.stop)
        self.port, = free_ports(1)
        words = dict(home=self.home, host=HOST, port=self.port, uid=nobody.pw_uid, gid=nobody.pw_gid,
                     boxes=", ".join("{ %s@campus.example = %s/ }" % (user, user) for user in users))
        for name, text in (("main.cf", MAIN), ("master.cf", MASTER)):
            with open(os.path.join(self.home, "etc", name), "w", encoding="utf-8") as out:
                out.write(text.format(**words))
        self.process = subprocess.Popen([PROGRAM, "-c", os.path.join(self.home, "etc"), "start-fg"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, start_new_session=True)
        wait_for(lambda: self.process.poll() is not None or answers(self.port), 20)
        if b"220" not in answers(self.port):
            raise RuntimeError("Postfix did not start: " + self.said())

    def said(self):
        try:
            with open(os.path.join(self.home, "log"), encoding="utf-8", errors="replace") as log:
                return log.read()
        except OSError:
            return "nothing"

    def stop(self):
        if self.process and self.process.poll() is None:
            subprocess.run([PROGRAM, "-c", os.path.join(self.home, "etc"), "stop"], stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=SECONDS)
        try:
            if self.process:
                self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)
