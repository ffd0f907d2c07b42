#!/usr/bin/env python3
"""measure.py PROGRAM…: measures an installed program anew, in the situations of the field guide, and
tells what it says otherwise than the row of sim/devices/programs.c does (which tests/guide/ holds). The
exit code is 1 if something has changed."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../interop"))
from lab.guide import *

PACKAGES = {"getmail": "getmail6", "mbsync": "isync"}


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


# What is measured, the lines that hold it, and the names of its columns.
HABITS = ((READERS, read, reads, ("reading", "reads and deletes")),
          (SENDERS, sent, hand_over, ("sends", "one of two is refused")))
ROWS = list(dict.fromkeys(list(PROGRAMS) + list(READERS) + list(SENDERS)))


def program_of(row):
    return (PROGRAMS.get(row) or READERS.get(row) or SENDERS[row])[0]


def measure(row):
    print("%s: the row was measured with %s; installed is %s %s" %
          (row, declared(row), program_of(row), installed(program_of(row))))
    same_as_before = True
    for name, situation, sessions in recorded():
        if name == row and by_chance(row, situation):
            print("  chance      %s: it differs from run to run" % situation)
        elif name == row and row in PROGRAMS:
            now = [", ".join(said) for said in play(row, sessions)]
            same_as_before &= compare(situation, [", ".join(want) for _, _, want in sessions], now)
    for rows_of, before, now, names in HABITS:
        if row in rows_of:
            bench = Bench()
            for what, was, found in zip(names, before()[row], now(bench, row)):
                same_as_before &= compare(what, [was], [found])
            bench.end()
    return same_as_before


def main(wanted):
    chosen = [row for row in ROWS if not wanted or row in wanted or row.split()[0] in wanted or
              program_of(row) in wanted]
    if not chosen:
        sys.exit("no row of %s can be measured by itself; these can: %s" % (" ".join(wanted), ", ".join(ROWS)))
    changed = False
    for row in chosen:
        if not shutil.which(program_of(row)):
            print("%s: %s is not installed: nothing is known" % (row, program_of(row)))
            changed = changed or bool(wanted)
            continue
        changed = not measure(row) or changed
    sys.exit(1 if changed else 0)


main(sys.argv[1:])
