#!/bin/sh
# run_fuzz.sh: fuzzes targets one after another, and says how much was tried.
#   run_fuzz.sh BUILD SECONDS TARGET…
# Starts from tests/fuzz/corpus/TARGET, which it does not change; what it finds grows in
# BUILD/corpus/TARGET, what fails is left in BUILD/findings/TARGET-….
set -u
build=$1 seconds=$2; shift 2
status=0
mkdir -p "$build/findings"
for target; do
    program=$build/tests/fuzz/fuzz_$target.fuzzer
    if [ ! -x "$program" ]; then
        echo "There is no fuzz target \"$target\". There are:" $(ls tests/fuzz | sed -n 's/^fuzz_\(.*\)\.c$/\1/p')
        exit 2
    fi
    grown=$build/corpus/$target seeds=tests/fuzz/corpus/$target log=$build/findings/$target.log
    mkdir -p "$grown"
    [ -d "$seeds" ] || seeds=
    dictionary=tests/fuzz/$target.dict
    [ -f "$dictionary" ] && dictionary=-dict=$dictionary || dictionary=
    echo "fuzzing $target for $seconds s"
    if "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 $dictionary \
            -artifact_prefix="$build/findings/$target-" "$grown" $seeds >"$log" 2>&1 </dev/null; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
        echo "$target: clean after $runs executions, $(ls "$grown" | wc -l) inputs kept"
    else
        status=1
        tail -n 40 "$log"
        echo "$target: FAILED, see $log and $build/findings"
    fi
done
exit $status
