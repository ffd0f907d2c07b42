#!/usr/bin/env python3
# The recordings against the programs themselves: where one is installed in the version that was
# recorded, it says to `pennypost serve` line by line what lessons/recordings/ holds, tags, challenges
# and the octets' grouping apart. (tests/unit/test_recording.c plays the recordings.)
from lab import *
sys.path.insert(0, os.path.join(ROOT, "tests/setup"))
from record import FOLDER, RECORDINGS, entry_of, mark, play, version

ACTS = ("C:", "C+", "opens", "lost")


def held(name):
    """(program, its client's lines) of the file"""
    lines = open(os.path.join(FOLDER, name + ".txt")).read().splitlines()
    program = [line[len("program: "):] for line in lines if line.startswith("program: ")][0]
    return program, [entry for entry in map(entry_of, lines) if entry and entry[1] in ACTS]


same(sorted(RECORDINGS), sorted(name[:-len(".txt")] for name in os.listdir(FOLDER)),
     "each recording can be made anew")
for name, wanted in RECORDINGS.items():
    program, lines = held(name)
    if not shutil.which(wanted["program"]) or version(wanted["program"]) != program:
        skip(name, "%s is not installed" % program)
        continue
    tape, _, _ = play(wanted)
    same([mark(entry) for entry in tape if entry[1] in ACTS], [mark(entry) for entry in lines], name)
done()
