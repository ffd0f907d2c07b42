#!/bin/sh
# run_bench.sh: every figure, in one run on one machine: compare by ratio, not with yesterday.
#   run_bench.sh BUILD
# Each program of tests/bench prints rows: name, value, unit. Nothing here fails on time.
set -u
build=$1
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
exit $status
