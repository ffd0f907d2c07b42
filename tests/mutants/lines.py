#!/usr/bin/env python3
"""lines.py: which wrong lines do the tests not notice? (make mutants)
    lines.py [N [SEED]]     N lines of servers/, sim/ and lessons/, each changed in one small way
Each mutant is built in a copy of the tree. The tests are tried from the quickest to the slowest
until one fails; with none the mutant lives, and its line is printed. A mutant that cannot be built
is left out. Some who live are no worse than the right line: that a person has to say.
"""
import os, random, re, shutil, subprocess, sys, tempfile

ROOMS = ("servers", "sim", "lessons")
CHANGES = (                 # what is written, and what instead: one place of a line at a time
    (r"(?<![<>=!-])<(?![<=])", "<="), (r"<=", "<"), (r"(?<![->=])>(?![>=])", ">="), (r">=", ">"),
    (r"==", "!="), (r"!=", "=="), (r"&&", "||"), (r"\|\|", "&&"), (r" \+ 1\b", ""), (r" - 1\b", ""),
    (r"\+\+", "--"), (r"\breturn true;", "return false;"), (r"\breturn false;", "return true;"),
    (r" \+ ", " - "), (r"\+= ", "-= "), (r"!(?=[a-z])", ""), (r"\b0;", "1;"),
)
BUILD = "build/release-gcc"


def is_code(line):
    """Of a function: indented, no comment, no text, no table's row."""
    return (line.startswith("    ") and not re.match(r"\s*(/?\*|//|[{}\"\[]|static|const|enum|case)", line)
            and "must(" not in line and '"' not in line)


def places():
    for room in ROOMS:
        for folder, _, names in os.walk(room):
            for name in names:
                path = os.path.join(folder, name)
                if not name.endswith(".c") or name.endswith("_table.c"):
                    continue
                for number, line in enumerate(open(path, encoding="utf-8")):
                    if is_code(line):
                        for wrong, instead in CHANGES:
                            for found in re.finditer(wrong, line.split("/*")[0]):
                                yield path, number, found.start(), found.end(), instead


def tests_of(path):
    """The programs that look at this file first, then those that look at everything."""
    stem = os.path.basename(path)[:-2]
    near = []
    for room in ("unit", "tables"):
        for name in sorted(os.listdir("tests/" + room)):
            core = name[5:-2] if name.startswith("test_") and name.endswith(".c") else None
            if core and core != "mutation" and (stem.startswith(core) or
                                                core.startswith(stem.split("_")[0])):
                near.append(f"{room}/test_{core}")
    return [near, ["transcripts/test_transcripts", "walk/test_digest"],
            ["tests/lessons/stories.sh", "tests/scenarios/run.sh"],
            ["unit/test_store_model", "unit/test_timeline", "walk/walk"],
            ["walk/device_walk", "tests/lessons/lessons.sh"]]


def run(*words, seconds):
    env = dict(os.environ, BUILD=BUILD, PENNYPOST=os.path.abspath(BUILD + "/pennypost"), CI="")
    try:
        return subprocess.run(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return None


def make(*goals):
    done = run("make", "-s", "-j2", "COMPILING=1", BUILD + "/pennypost", *goals, seconds=900)
    return done is not None and done.returncode == 0


def killer(path):
    """What notices it; "" if it cannot be built; None if nothing does."""
    for tests in tests_of(path):
        programs = [f"{BUILD}/tests/{test}" for test in tests if not test.startswith("tests/")]
        tools = [BUILD + "/tests/setup/reread"] if "tests/scenarios/run.sh" in tests else []
        if not make(*programs, *tools):
            return ""
        scripts = [test for test in tests if test.startswith("tests/")]
        if not programs + scripts:
            continue
        done = run("tests/run", *programs, *scripts, seconds=900)
        if done is None:
            return "does not end"
        failed = re.search(r"^# failed:  (.*)$", done.stdout, re.M)
        if done.returncode:
            return failed.group(1) if failed else "tests/run"
    return None


def main():
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    work = tempfile.mkdtemp(prefix="pennypost-mutants.")
    try:
        subprocess.run("git archive HEAD | tar -x -C " + work, shell=True, check=True)
        os.chdir(work)
        rooms = {}
        for place in places():
            rooms.setdefault(place[0].split("/")[0], []).append(place)
        chance, killed, lived = random.Random(seed), 0, []
        while killed + len(lived) < wanted:
            path, number, start, end, instead = chance.choice(rooms[chance.choice(ROOMS)])
            with open(path, encoding="utf-8") as file:
                lines = file.readlines()
            right = lines[number]
            lines[number] = right[:start] + instead + right[end:]
            with open(path, "w", encoding="utf-8") as file:
                file.writelines(lines)
            by = killer(path)
            what = f"{path}:{number + 1}: {lines[number].strip()}"
            lines[number] = right
            with open(path, "w", encoding="utf-8") as file:
                file.writelines(lines)
            if by == "":
                continue
            killed += by is not None
            print(f"killed  {what}  ({by})" if by else f"LIVES   {what}", flush=True)
            if by is None:
                lived.append(what)
        print(f"{wanted} wrong lines, {killed} noticed, {len(lived)} not (seed {seed})")
    finally:
        shutil.rmtree(work, ignore_errors=True)


main()
