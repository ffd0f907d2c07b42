#!/usr/bin/env python3
"""docs/control.md: what stands there is what is tried here, as it stands there."""
import re
from lab import *

with open(os.path.join(ROOT, "docs/control.md"), encoding="utf-8") as file:
    PAGE = file.read()


def block(name):
    """The code between the page's two marks of that name."""
    return re.search(r"<!-- %s -->\n```\w+\n(.*?)```\n<!-- end of %s -->" % (re.escape(name), re.escape(name)), PAGE, re.S).group(1)


with open(os.path.join(ROOT, "tests/interop/lab/control.py"), encoding="utf-8") as file:
    same(block("control.py"), file.read(), "the class on the page is the tests' own")
home = tempfile.mkdtemp(prefix="pennypost-page.")
for name in ("control.py", "conftest.py", "test_post.py", "control.sh"):
    with open(os.path.join(home, name), "w", encoding="utf-8") as file:
        file.write(block(name))
env = {name: os.environ[name] for name in ("PATH", "TMPDIR", "ASAN_OPTIONS") if name in os.environ}
env.update(HOME=home, LC_ALL="C.UTF-8", PENNYPOST=PROGRAM, PYTHONDONTWRITEBYTECODE="1")


def run(*words):
    ran = subprocess.run(words, cwd=home, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, timeout=SECONDS)
    return ran.returncode, ran.stdout.decode("utf-8", "replace")


pythons = [python for python in (sys.executable, "/usr/bin/python3")
           if subprocess.run([python, "-c", "import pytest"], stderr=subprocess.DEVNULL).returncode == 0]
if pythons:
    code, told = run(pythons[0], "-m", "pytest", "-q", "-p", "no:cacheprovider")
    ok(code == 0 and "3 passed" in told, "pytest", told)
else:
    skip("pytest", "pytest is not installed")
if "-U" in subprocess.run("nc -h 2>&1", shell=True, stdout=subprocess.PIPE).stdout.decode():
    code, told = run("sh", "control.sh")
    ok(code == 0 and '"found":"there is one"' in told, "the shell's example", told)
else:
    skip("the shell's example", "no nc with -U is installed")
shutil.rmtree(home, ignore_errors=True)
done()
