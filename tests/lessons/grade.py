#!/usr/bin/env python3
# A class of 120 hands in: the report names what is missing, mistyped, copied, of another's seed,
# edited and broken, and is the same whether one process grades or several, whose lines are merged.
# Then 1,000 mutated hand-ins: none crashes or stops the grading. Prints hand-ins per second.
import concurrent.futures, csv, glob, io, json, os, random, re, shutil, subprocess, sys, tempfile
import time

program = os.path.abspath(os.environ.get("PENNYPOST", "./pennypost"))
root = os.getcwd()
work = tempfile.mkdtemp(prefix="pennypost-grade.")
os.chdir(work)
env = dict(os.environ, XDG_DATA_HOME=work + "/data", LC_ALL="C.UTF-8")
number, failed = 0, False


def told(good, name, more=""):
    global number, failed
    number += 1
    failed = failed or not good
    print(f"{'ok' if good else 'not ok'} {number} - {name}")
    if not good and more:
        print("# " + str(more)[:3000].replace("\n", "\n# "))


def run(*words, text=None, where=None):
    done = subprocess.run([program, *words], input=text, capture_output=True, text=True, env=env,
                          cwd=where, timeout=300)
    return done.returncode, done.stdout, done.stderr


def hand_in(student, lines, where, lesson="where-did-it-go"):
    os.makedirs(where, exist_ok=True)
    code, out, err = run("lesson", lesson, "--student", student, "--plain", where=where,
                         text="".join(line + "\n" for line in lines))
    return f"{where}/handin-{student}-{lesson}.txt"


def changed(path, *pairs):
    with open(path) as file:
        text = file.read()
    for old, new in pairs:
        assert old in text, (path, old)
        text = text.replace(old, new, 1)
    with open(path, "w") as file:
        file.write(text)


# --- the class ----------------------------------------------------------------------------------
ids = [str(98001 + 7 * i) for i in range(120)]
with open("roster.csv", "w") as file:
    file.write("id,group\n" + "".join(f"{one},{'AB'[i % 2]}\n" for i, one in enumerate(ids)))
with open("points.csv", "w") as file:
    file.write("lesson;points\nwhere-did-it-go;2,5\n")
work_to_do = {}
for i, one in enumerate(ids):
    lines = ["mail sync", "", "on phone", "mail sync", "# " + "x" * i, "story B"]
    if i % 3:
        lines += ["hint"]
    if i % 10 != 9:
        lines += ["answer the laptop, by DELE"]
    if i == 3:
        continue                                    # missing
    name = "98132" if one == ids[19] else one       # 98134, mistyped
    work_to_do[i] = (name, lines, f"class/{i:03} Student_{i}_file")
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    files = dict(zip(work_to_do, pool.map(lambda one: hand_in(*one), work_to_do.values())))
changed(files[20], ("student " + ids[20], "student " + ids[21]))    # another's, under one's own ID
changed(files[22], ("goals 4 of 4", "goals 3 of 4"))                # a claim was edited
changed(files[23], ("> story B\n", "> story A\n"))                  # a line was
changed(files[24], ("> mail sync\n", "mail sync\n"))                # broken
same = ["mail sync", "", "on phone", "mail sync", "story B", "answer the laptop, by DELE"]
for i in (30, 31):                                  # the same lines
    shutil.rmtree("data/pennypost/students/" + ids[i])
    os.remove(files[i])
    files[i] = hand_in(ids[i], same, os.path.dirname(files[i]))
shutil.rmtree("data/pennypost/students/" + ids[40])
os.makedirs("class/040 again")
hand_in(ids[40], ["mail sync"], "class/040 again")                  # a worse second try
with open(files[50], "rb") as file:
    windows = b"\xef\xbb\xbf" + file.read().replace(b"\n", b"\r\n")
with open(files[50], "wb") as file:
    file.write(windows)                                             # pasted on Windows

size = os.path.getsize(files[0])
told(100 < size < 4096, f"a hand-in is short plain text ({size} octets)")
begun = time.monotonic()
code, out, err = run("grade", "class", "--roster", "roster.csv", "--points", "points.csv", "--csv")
seconds = time.monotonic() - begun
rows = {row["id"]: row for row in csv.DictReader(io.StringIO(out))}
told(code == 1, "not all is as it should be: exit 1", (code, err))
print(f"# {len(files)} hand-ins in {seconds:.2f} s: {len(files) / seconds:.0f} a second")
told(len(rows) == 121, "a row for each of the roster, and one for who is not in it", len(rows))
first = rows[ids[0]]
told(first["goals"] == "4 of 4" and first["points"] == "2.50" and first["replay"] == "same" and
     first["group"] == "A" and first["tries"] == "1", "all goals", first)
told(rows[ids[1]]["hints"] == "1", "hints are counted", rows[ids[1]])
told(rows[ids[9]]["goals"] == "3 of 4" and rows[ids[9]]["points"] == "1.88", "a goal is open")
told(rows[ids[3]]["replay"] == "missing" and f"missing: {ids[3]}" in err, "missing is named", err)
told(rows[ids[19]]["replay"] == "missing" and
     rows["98132"]["replay"].startswith("unknown student, meant 981"), "a mistyped ID",
     rows["98132"])
told(rows[ids[21]]["tries"] == "2", "two tries under one ID", rows[ids[21]])
told(rows[ids[22]]["replay"] == "differs" and rows[ids[22]]["goals"] == "4 of 4",
     "an edited claim", rows[ids[22]])
told(rows[ids[23]]["replay"] == "differs" and rows[ids[23]]["goals"] == "3 of 4",
     "an edited line", rows[ids[23]])
told(rows[ids[24]]["replay"] == "broken" and "handin-%s-where-did-it-go.txt:10: " % ids[24] in err,
     "a broken one is named with line and reason", err)
told(rows[ids[30]]["same_as"] == ids[31] and rows[ids[31]]["same_as"] == ids[30],
     "the same lines", (rows[ids[30]], rows[ids[31]]))
told(rows[ids[40]]["tries"] == "2" and rows[ids[40]]["goals"] == "4 of 4",
     "the best of several tries", rows[ids[40]])
told(rows[ids[50]]["replay"] == "same", "CRLF and a byte order mark do no harm", rows[ids[50]])
os.remove(files[21])
code, foreign, foreign_err = run("grade", "class", "--roster", "roster.csv", "--csv")
told(f"foreign seed of {ids[20]}" in foreign and f"that of {ids[20]}" in foreign_err,
     "another's seed is named, and whose it is", foreign_err)

# --- in several processes ------------------------------------------------------------------------
code, out, err = run("grade", "class", "--roster", "roster.csv", "--csv")
paths = sorted(os.path.join(at, one) for at, _, names in os.walk("class") for one in names)
for part in range(3):
    code, lines, _ = run("grade", "--json", *paths[part::3])
    with open(f"part{part}.jsonl", "w") as file:
        file.write(lines)
    told(sorted(json.loads(line)["file"] for line in lines.splitlines()) == paths[part::3],
         f"JSON lines, part {part}", lines)
code, merged, merged_err = run("grade", "--merge", "part2.jsonl", "part0.jsonl", "part1.jsonl",
                               "--roster", "roster.csv", "--csv")
told(code == 1 and merged == out and merged_err == err, "merged it is the same, byte for byte",
     merged_err)
shell = (f"find class -name '*.txt' -print0 | xargs -0 -n 20 -P 2 sh -c "
         f"'\"{program}\" grade --json \"$@\" >\"$$.part\"; :' sh; "
         f"\"{program}\" grade --merge *.part --roster roster.csv --csv")
done = subprocess.run(shell, shell=True, capture_output=True, text=True, env=env)
told(done.stdout == out and done.stderr == err, "graded by xargs -P 2 too", done.stderr)
code, _, complaint = run("grade", "--merge", "roster.csv")
told(code == 2 and "roster.csv:1: " in complaint, "what is no line of grade --json", complaint)
code, text, _ = run("grade", "class", "--summary", "--anon", "--roster", "roster.csv")
told(not any(one in text for one in ids) and "handed in by 118 of 121" in text and
     max(map(len, text.splitlines())) <= 76, "figures for a projector, without names", text)
told(run("grade")[0] == 2 and run("grade", "--anon", "class")[0] == 2 and
     run("lessons", "--csv")[0] == 2, "usage: exit 2")
told(run("grade", "nowhere.txt")[0] == 3, "a file that is not there: exit 3")
told(run("grade", files[0])[0] == 0, "one good hand-in: exit 0")

# --- hostile ones ---------------------------------------------------------------------------------
with open(files[0]) as file:
    good = file.read()
head = good.split("lines ")[0]


def wicked(name, lines):
    with open(f"wicked/{name}.txt", "w") as file:
        file.write(head + f"lines {len(lines)}\n" + "".join(f"> {line}\n" for line in lines) + "end\n")


os.mkdir("wicked")
wicked("files", ["save stolen.post", "serve", "mail save 1 to stolen.eml", "mail import /etc/passwd",
                 "lesson bcc", "handin", "export stolen.svg"])
wicked("time", ["wait 365d", "undo"] * 1000)
wicked("polls", ["set phone check every 10s", "mail setup every 10s", "wait 365d"] * 600)
wicked("turns", ["mail sync", "restart"] * 1000)
copies = ["telnet mail imap", "a LOGIN ana tulip", "a SELECT INBOX"]
wicked("copies", copies + ["a COPY 1:* INBOX", "a NOOP"] * 20 + ["a FETCH 1:* BODY[]"] * 20)
begun = time.monotonic()
code, out, err = run("grade", "--json", "wicked")
told(code in (0, 1) and len(out.splitlines()) == 5, "hostile lines end in time", (code, err))
print(f"# in {time.monotonic() - begun:.1f} s; " +
      ", ".join(f"{os.path.basename(one['file'])}: {one['why'] or one['replay']}"
                for one in map(json.loads, out.splitlines())))
told(not any(os.path.exists(one) for one in ("stolen.post", "stolen.eml", "stolen.svg")),
     "… and write no files")

# --- 1,000 mutated -------------------------------------------------------------------------------
# A fifth in their octets: most of these the parser names. The others keep the form, and what was
# typed is another thing: lines of all lessons and scenarios, mixed, cut, doubled and spoilt.
chance = random.Random(20260105)
sources = [open(files[i], "rb").read() for i in (0, 1, 9, 30)]
os.mkdir("mutated")
MUTANTS = int(os.environ.get("MUTANTS", "50" if os.environ.get("MODE") == "san" else "1000"))


def spoilt(text):
    text = bytearray(text)
    for _ in range(chance.randint(1, 6)):
        at, what = chance.randrange(len(text)), chance.randrange(5)
        if what == 0:
            text[at] = chance.randrange(256)
        elif what == 1:
            del text[at:at + chance.randrange(1, 40)]
        elif what == 2:
            text[at:at] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 20)))
        elif what == 3:
            text[at:at] = chance.choice([b"> undo\n", b"> restart\n", b"\"\\377\\000\"\n", b"lines 9",
                                         b"> telnet mail imap\n", b"9" * 30, b"> :wait 9d\n"])
        else:
            other = chance.choice(sources)
            text[at:at + 20] = other[chance.randrange(len(other)):][:60]
        text = text or bytearray(b"x")
    return bytes(text)


def quoted(line):
    return b'"' + b"".join(b"\\%03o" % one for one in line) + b'"'


typed = [b"undo", b":undo", b":redo", b":restart", b":rewind 3", b":fork x", b":go main", b":diff start",
         b":wait 2d", b":cut", b":close", b"hint", b":solution", b"predict 4", b":board", b":sample",
         b"on phone", b"mail sync", b"mail delete 1", b"a FETCH 1:* (FLAGS BODY[])", b"a SEARCH ALL",
         b"a STORE 1:* +FLAGS (\\Deleted)", b"a EXPUNGE", b"BDAT 10", b"a APPEND INBOX {30}", b".", b""]
for name in sorted(glob.glob(root + "/lessons/en/*.md") + glob.glob(root + "/tests/scenarios/*.post")):
    with open(name, "rb") as file:
        text = file.read()
    typed += re.findall(rb"^```(?:solution|near-miss|also)[^\n]*\n(.*?)^```", text, re.M | re.S) or \
        (text.split(b"\n") if name.endswith(".post") else [])
lessons = [re.sub(r"^\d+-|\.md$", "", os.path.basename(name))
           for name in sorted(glob.glob(root + "/lessons/en/*.md"))]


def typed_line():
    line = chance.choice(typed)[:2000].replace(b"${", b"")
    if chance.random() < 0.3 and line:
        line = spoilt(line)
    return [one.replace(b"\n", b"") for one in line.split(b"\n")]


def typed_otherwise():
    lines = [one for _ in range(chance.randint(1, 40)) for one in typed_line()][:400]
    lines = [one for one in lines if not one.startswith(b"#")]
    if chance.random() < 0.5:    # with that student's seed
        head = chance.choice(sources).decode().split("\nlines ")[0]
    else:
        head = (f"Pennypost hand-in, format 1\nprogram 0.1.0\nstudent {chance.choice(ids)}\n"
                f"lesson {chance.choice(lessons)}\nseed {chance.randrange(2**31)}\ngoals 1 of 4\n"
                "hints 0 solutions 0 undos 0\ndigest 0123456789abcdef")
    head += f"\nlines {len(lines)}\n"
    return head.encode() + b"".join(quoted(one) + b"\n" for one in lines) + b"end\n"


for i in range(MUTANTS):
    with open(f"mutated/{i:04}.txt", "wb") as file:
        file.write(spoilt(chance.choice(sources)) if i % 5 == 0 else typed_otherwise())
with open("unreadable.txt", "wb") as file:   # what is told of it can be read as JSON again
    file.write(b"Pennypost hand-in, format 1\nprogram " + b"\xf1" * 31 + b"\n")
code, out, err = run("grade", "--json", "unreadable.txt")
told(code == 1 and json.loads(out)["replay"] == "broken" and not err, "a version that is none: broken", (code, out, err))

begun = time.monotonic()
code, out, err = run("grade", "--json", "mutated")
seconds = time.monotonic() - begun
lines = [json.loads(line) for line in out.splitlines()]
ends = [one for one in lines if "it stops" in one["why"] or "seconds" in one["why"]]
told(code == 1 and len(lines) == len(os.listdir("mutated")) and not ends,
     f"{len(lines)} mutated ones: none crashes, none hangs", (code, ends, err))
run_through = sum(one["replay"] in ("differs", "same") or "foreign" in one["replay"] for one in lines)
told(run_through >= MUTANTS * 0.7, "… and most of them are run", run_through)
print(f"# {len(lines)} mutated in {seconds:.1f} s, {len(lines) / seconds:.0f} a second: " +
      ", ".join(f"{sum(one['replay'] == what for one in lines)} {what}"
                for what in sorted({one["replay"] for one in lines})))

shutil.rmtree(work)
print(f"1..{number}")
sys.exit(failed)
