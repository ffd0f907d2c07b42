#!/usr/bin/env python3
"""misconceptions.py: docs/misconceptions.md, read out of lessons/misconception.c and the lessons.
A misconception without a lesson whose near miss shows it ends the program."""
import glob, os, re, sys

HEAD = """# What people believe, and the lesson in which it meets the world

Twenty-six beliefs about mail that many share and that are not so. Each is corrected in a lesson in
which the learner sees what happens, and each has a *near miss* there: a session that looks right,
follows from the belief, and leaves the goal open; a test plays it. While the goal is open, the
lesson answers that session with the explanation. Made by `make docs` from
`lessons/misconception.c` and `lessons/en/`; a test fails when it is not so any more.

| | belief | what is so | lesson | its near miss |
|---|---|---|---|---|
"""


def rows(text):
    """{ 1, "belief", "truth", "lesson" }, strings may be in pieces"""
    for number, strings in re.findall(r'\{ (\d+), ((?:"(?:[^"\\]|\\.)*"[,\s]*)+)\},', text):
        pieces = re.findall(r'"((?:[^"\\]|\\.)*)"(,?)', strings)
        fields, now = [], ''
        for piece, comma in pieces:
            now += piece
            if comma:
                fields.append(now)
                now = ''
        fields = [re.sub(r'\\(.)', r'\1', field) for field in fields + ([now] if now else [])]
        yield int(number), fields


def lessons():
    """name, file, {number: [(goal, last line of the near miss)]}"""
    for file in sorted(glob.glob('lessons/en/*.md')):
        text = open(file, encoding='utf-8').read()
        misses = {}
        for goal, number, body in re.findall(
                r'^```near-miss goal (\d+) mistake (\d+)\n(.*?)^```', text, re.S | re.M):
            misses.setdefault(int(number), []).append((int(goal), body.strip().split('\n')[-1]))
        yield re.search(r'^name: (\S+)', text, re.M).group(1), file, misses


def main():
    out, taught = HEAD, list(lessons())
    missing = []
    for number, (belief, truth, lesson) in rows(open('lessons/misconception.c').read()):
        where = [(name, file, misses[number]) for name, file, misses in taught if number in misses]
        where.sort(key=lambda row: row[0] != lesson)
        if not where or where[0][0] != lesson:
            missing.append(f'misconception {number} is said to be corrected in {lesson}, '
                           'which has no near miss of it')
            continue
        links = ', '.join(f'[{name}](../{file})' for name, file, _ in where)
        goal, last = where[0][2][0]
        last = last.replace('|', '\\|')
        out += f'| {number} | {belief} | {truth} | {links} | for goal {goal}; it ends `{last}` |\n'
    if missing:
        sys.exit('\n'.join(missing))
    sys.stdout.write(out)


os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..'))
main()
