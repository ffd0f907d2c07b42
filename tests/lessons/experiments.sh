#!/usr/bin/env bash
# The ten experiments of docs/experiments.md: each plays, says at least two things about the world
# that hold, plays the same each time, and has its paragraph.
program=${PENNYPOST:-./pennypost}
count=0 failed=0
told() { # 0|1 NAME
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then echo "ok $count - $2"; return; fi
    echo "not ok $count - $2"
    failed=1
}
for script in lessons/experiments/*.post; do
    name=$(basename "$script")
    "$program" run --json "$script" >"$TMPDIR/first" 2>"$TMPDIR/err"
    told $? "$name plays, and its checks hold"
    [ "$(grep -c '"kind":"check"' "$TMPDIR/first")" -ge 2 ]
    told $? "$name says two things at least"
    "$program" run --json "$script" 2>/dev/null | cmp -s - "$TMPDIR/first"
    told $? "$name: the same again"
    grep -qF "(../lessons/experiments/$name)" docs/experiments.md
    told $? "$name has its paragraph"
done
[ "$(ls lessons/experiments/*.post | wc -l)" -eq "$(grep -c '(../lessons/experiments/' docs/experiments.md)" ]
told $? "no paragraph without a script"
echo "1..$count"
exit "$failed"
