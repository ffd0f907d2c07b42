# tap.bash: for scripts that print TAP: sourced. They end with  echo "1..$count"; exit "$failed".
count=0 failed=0

told() { # RC TEXT: one line of TAP; after one that failed told_more, if there is one
    count=$((count + 1))
    [ "$1" -eq 0 ] && echo "ok $count - $2" && return
    failed=1
    echo "not ok $count - $2"
    ! declare -F told_more >/dev/null || told_more | sed 's/^/# /'
}
