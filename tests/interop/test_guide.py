#!/usr/bin/env python3
# The field guide's rows against the programs themselves. POP3: fetchmail, getmail6 and mpop fetch
# from `pennypost serve`, a proxy between loses the connection where the recording lost it, and what
# they say is compared with tests/guide/pop3.txt. IMAP and SMTP: they read and delete, and hand over,
# and are compared with imap.txt and smtp.txt. (tests/guide/test_*.py compare our devices with the
# same lines.)
from lab import *
from lab.guide import *

for name, situation, sessions in recorded():
    if name not in PROGRAMS or by_chance(name, situation):
        continue
    if not shutil.which(PROGRAMS[name][0]):
        skip("%s, %s" % (name, situation), "%s is not installed" % PROGRAMS[name][0])
        continue
    same(play(name, sessions), [want for _, _, want in sessions], "%s, %s" % (name, situation))


def against(rows, measured, now):
    for row in rows:
        if shutil.which(rows[row][0]):
            same(now(bench, row), measured[row], "%s, %s" % (row, now.__name__.replace("_", " ")))
        elif row != "s-nail imap":      # CI does not install it
            skip(row, "%s is not installed" % rows[row][0])


bench = Bench()
against(READERS, read(), reads)
against(SENDERS, sent(), hand_over)
bench.end()
done()
