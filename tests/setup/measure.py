#!/usr/bin/env python3
"""measure.py PROGRAM…: measures an installed program anew, in the situations of the field guide, and
tells what it says otherwise than the row of sim/devices/programs.c does (which tests/guide/ holds). The
exit code is 1 if something has changed."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../interop"))
from lab.guide import *

PACKAGES = {"getmail": "getmail6"}


def installed(program):
    asked = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", PACKAGES.get(program, program)],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return asked.stdout.decode() or "of an unknown version"


def declared(row):
    """The version that the row was measured with: the first line of `programs ROW` says it."""
    told = subprocess.run([PROGRAM, "run", "--plain", "-"], input=b"programs " + row.encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()
    found = re.search(r"^%s ([^ :]+):" % re.escape(row), told, re.M)
    return found[1] if found else "no version"


def compare(what, recorded_lines, now):
    """Told line by line. False: something has changed."""
    if recorded_lines == now:
        print("  as it was   %s" % what)
        return True
    print("  CHANGED     %s" % what)
    for number, (before, after) in enumerate(zip(recorded_lines, now)):
        if before != after:
            print("    %d was  %s" % (number + 1, before))
            print("      now  %s" % (after or "nothing"))
    return False


def measure(row):
    program = (PROGRAMS.get(row) or SENDERS[row])[0]
    print("%s: the row was measured with %s; installed is %s %s" % (row, declared(row), program, installed(program)))
    same_as_before = True
    for name, situation, sessions in recorded():
        if name == row and by_chance(row, situation):
            print("  chance      %s: it differs from run to run" % situation)
        elif name == row and row in PROGRAMS:
            now = [", ".join(said) for said in play(row, sessions)]
            same_as_before &= compare(situation, [", ".join(want) for _, _, want in sessions], now)
    if row in SENDERS:
        columns = hand_over(row)
        for what, before, now in zip(("sends", "one of two is refused"), sent()[row], columns):
            same_as_before &= compare(what, [before], [now])
    return same_as_before


def main(wanted):
    rows = list(PROGRAMS) + list(SENDERS)
    chosen = [row for row in rows if not wanted or row in wanted or row.split()[0] in wanted or
              (PROGRAMS.get(row) or SENDERS[row])[0] in wanted]
    if not chosen:
        sys.exit("no row of %s can be measured by itself; these can: %s" % (" ".join(wanted), ", ".join(rows)))
    changed = False
    for row in chosen:
        program = (PROGRAMS.get(row) or SENDERS[row])[0]
        if not shutil.which(program):
            print("%s: %s is not installed: nothing is known" % (row, program))
            changed = changed or bool(wanted)
            continue
        changed = not measure(row) or changed
    sys.exit(1 if changed else 0)


main(sys.argv[1:])
