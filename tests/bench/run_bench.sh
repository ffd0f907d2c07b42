#!/bin/sh
# run_bench.sh: every figure, in one run on one machine: compare by ratio, not with yesterday.
#   run_bench.sh BUILD
# Each program of tests/bench prints rows: name, value, unit. Nothing here fails on time.
set -u
build=$1
case $build in /*) pennypost=$build/pennypost ;; *) pennypost=$PWD/$build/pennypost ;; esac
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
status=0

echo "# $(uname -m), $(nproc) processors, $("${CC:-cc}" --version | head -n 1)"
# The learner's own world: made by the first start, which is not counted.
export HOME="$scratch" XDG_DATA_HOME="$scratch/data"
"$build/pennypost" --plain </dev/null >/dev/null 2>&1
if command -v sqlite3 >/dev/null; then
    "$build/tests/bench/spawn" 200 "$build/pennypost" --plain , sqlite3 :memory: 'select 1' || status=1
else
    echo "# sqlite3 is not installed: start-up has nothing to stand beside"
    "$build/tests/bench/spawn" 200 "$build/pennypost" --plain || status=1
fi
for source in tests/bench/*.c; do
    program=$build/${source%.c}
    [ -x "$program" ] && [ "${program##*/}" != spawn ] || continue
    [ "${program##*/}" != serve_load ] || continue # a client, see serve.py
    echo "# ${program##*/}"
    "$program" || { echo "# ${program##*/} FAILED"; status=1; }
done

# A class's hand-ins, each run in a process of its own.
echo "# grade"
(
    cd "$scratch" && mkdir handins || exit 1
    for student in 1 2 3 4 5 6 7 8 9 10; do
        printf 'mail sync\n\non phone\nmail sync\nstory B\nanswer the laptop, by DELE\n' |
            "$pennypost" lesson where-did-it-go --student "$student" >/dev/null 2>&1
        for copy in 1 2 3 4 5 6 7 8 9 10 11 12; do
            cp "handin-$student-where-did-it-go.txt" "handins/$student-$copy.txt" || exit 1
        done
    done
    begun=$(date +%s%N)
    "$pennypost" grade --json handins >grades || exit 1
    awk -v ns=$(($(date +%s%N) - begun)) 'END { printf "graded %.0f hand-ins/s\n", NR / ns * 1e9 }' grades
) || { echo "# grade FAILED"; status=1; }
exit $status
