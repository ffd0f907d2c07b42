#!/usr/bin/env python3
# The field guide's POP3 rows against the programs themselves: fetchmail, getmail6 and mpop fetch
# from `pennypost serve`, a proxy between loses the connection where the recording lost it, and what
# they say is compared with tests/guide/pop3.txt. (tests/guide/test_pop3.py compares our devices
# with the same lines.)
from lab import *
from lab.guide import *

for name, situation, sessions in recorded():
    if name not in PROGRAMS or by_chance(name, situation):
        continue
    if not shutil.which(PROGRAMS[name][0]):
        skip("%s, %s" % (name, situation), "%s is not installed" % PROGRAMS[name][0])
        continue
    same(play(name, sessions), [want for _, _, want in sessions], "%s, %s" % (name, situation))
done()
