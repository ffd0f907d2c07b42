#!/bin/bash
# run.sh: plays every scenario and compares what happens with what is written beside it.
#   NAME.post    the script; its first comment says what it shows and where the RFC says so
#   NAME.awk     or a program that prints it: for lines that nobody wants in a repository
#   NAME.jsonl   what `pennypost run --json` prints, without the digest, long lines cut
#   NAME.txt     what `run --plain` prints, if there is one
#   NAME.err     what it says of an unreadable line, if there is one
#   NAME.exit    its exit code, if it is not 0
# Comments at the top of a script may say:
#   # world: FILE        the world is built by that script
#   # goes on from: NAME in the world file that NAME left
#   # seed: N            the world's, if it is not 1
#   # memory: N MiB      so much address space is enough when the world stays in its file,
#   # turned: N MiB      … and when it is held in memory, and the file follows
#   # turns: back        it turns back time
# Each script is also typed into a world file, in another time zone and locale: the same must
# happen, digest included, and the file must be sound. ACCEPT=1 writes the expected files anew.
set -u
cd "$(dirname "$0")" || exit 1
pennypost=${PENNYPOST:-$PWD/../../pennypost}
reread=$PWD/../../${BUILD:-build/release-gcc}/tests/setup/reread
work=$(mktemp -d "${TMPDIR:-/tmp}/scenarios.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work"
count=0 failed=0 elsewhere= bound= reread_lines=0

told() { # RC TEXT: one line of TAP
    count=$((count + 1))
    [ "$1" -eq 0 ] && echo "ok $count - $2" && return
    failed=1
    echo "not ok $count - $2"
}

# What is no IMAP leaves nothing to read again, and is no test.
told_reread() { # RC NAME
    local read
    read=$(cat "$work/reread")
    [ "$1" -eq 0 ] && [ "$read" = "0 lines" ] && return
    [ "$1" -ne 0 ] || reread_lines=$((reread_lines + ${read% lines}))
    told "$1" "$2: IMAP's grammar knows what was said: $read"
}

said() { sed -n "1,12s/^# $1: //p" "$work/$2.post"; } # DIRECTIVE NAME

shortened() {
    awk '{ sub(/"digest":"[0-9a-f]+"/, "\"digest\":\"-\"") }
         length > 3000 { $0 = substr($0, 1, 1000) "{" length - 1200 " more}" substr($0, length - 199) }
         { print }'
}

same() { # WHAT EXPECTED FOUND: or, with ACCEPT=1, made so
    if [ "${ACCEPT:-}" = 1 ] && ! cmp -s "$2" "$3"; then
        cp "$3" "$2"
    fi
    diff -u "$2" "$3" >"$work/diff"
    told $? "$1"
    [ -s "$work/diff" ] && head -n 40 "$work/diff" | sed 's/^/# /'
}

script() { # NAME: into the work directory
    [ -e "$work/$1.post" ] && return
    if [ -e "$1.awk" ]; then
        awk -f "$1.awk" >"$work/$1.post"
    else
        cp "$1.post" "$work/$1.post"
    fi
}

play() { # NAME OUT ERR OPTIONS…: leaves the exit code. $bound: which limit of memory holds
    local name=$1 out=$2 err=$3 limit seed
    shift 3
    limit=
    [ -n "$bound" ] && limit=$(said "$bound" "$name")
    seed=$(said seed "$name")
    (
        # A sanitizer's shadow has no bounds that ulimit could set.
        [ -z "$limit" ] || [ "${MODE:-release}" = san ] || ulimit -v $((${limit% MiB} * 1024))
        exec env $elsewhere "$pennypost" ${seed:+--seed "$seed"} "$@"
    ) >"$work/$out" 2>"$work/$err"
}

file_made() { # NAME: its script typed into a new world file, NAME.world
    local from
    script "$1"
    [ -e "$work/$1.world" ] && return
    from=$(said 'goes on from' "$1")
    if [ -n "$from" ]; then
        file_made "$from"
        cp "$work/$from.world" "$work/$1.world"
    fi
    elsewhere="TZ=Asia/Kathmandu LC_ALL=tr_TR.UTF-8" bound=turned
    play "$1" "$1.file" "$1.file.err" --json --world "$work/$1.world" <"$work/$1.post"
    elsewhere= bound=
}

# A world that is too large to be held in memory stays in its file (docs/time-travel.md).
stays_in_its_file() { # NAME: its bound of memory holds there, and the same happens
    local world="$work/large.world"
    rm -f "$world"*
    "$pennypost" --world "$world" --json </dev/null >"$work/large" 2>&1 &&
        sqlite3 "$world" "CREATE TABLE ballast (octets BLOB);
                          INSERT INTO ballast VALUES (zeroblob(9000000))" || return
    bound=memory
    play "$1" "$1.large" "$1.large.err" --json --world "$world" <"$work/$1.post"
    bound=
    cmp <(sed '$d' "$work/$1.json") <(sed '$d' "$work/$1.large")
}

same_in_file() { # NAME
    # A sanitizer's build turns back no world that has a file (docs/time-travel.md).
    [ "${MODE:-release}" = san ] && [ -n "$(said turns "$1")" ] && return
    cmp "$work/$1.json" "$work/$1.file" >"$work/cmp" 2>&1
    told $? "$1: the same in a file, elsewhere on earth"
    sed 's/^/# /' "$work/cmp"
}

file_is_sound() { # NAME
    "$pennypost" fsck "$work/$1.world" >"$work/fsck" 2>&1
    local rc=$?
    told "$rc" "$1: the world file is sound"
    [ "$rc" -eq 0 ] || sed 's/^/# /' "$work/fsck"
}

scenario() { # NAME
    local name=$1 world wanted=0 rc from
    script "$name"
    [ -e "$name.exit" ] && wanted=$(cat "$name.exit")
    world=$(said world "$name")
    from=$(said 'goes on from' "$name")
    if [ -n "$from" ]; then
        file_made "$name"
        mv "$work/$name.file" "$work/$name.json"
    else
        play "$name" "$name.json" "$name.err" run --json ${world:+--world "$world"} "$work/$name.post"
        rc=$?
        [ "$rc" -eq "$wanted" ]
        told $? "$name: exit $rc (wanted $wanted)"
    fi
    shortened <"$work/$name.json" >"$work/$name.jsonl"
    same "$name: what happens" "$name.jsonl" "$work/$name.jsonl"
    "$reread" <"$work/$name.json" >"$work/reread"
    told_reread $? "$name"
    if [ -e "$name.txt" ]; then
        play "$name" "$name.plain" "$name.plain.err" run --plain ${world:+--world "$world"} "$work/$name.post"
        same "$name: how it is told" "$name.txt" "$work/$name.plain"
    fi
    if [ -e "$name.err" ]; then
        play "$name" "$name.plain" "$name.plain.err" run --plain ${world:+--world "$world"} "$work/$name.post"
        sed "s,$work/,,g" "$work/$name.plain.err" >"$work/$name.said"
        same "$name: what is said of it" "$name.err" "$work/$name.said"
    elif [ -z "$world" ]; then
        if [ -z "$from" ]; then
            file_made "$name"
            same_in_file "$name"
            if [ -z "$(said memory "$name")" ]; then
                :
            elif ! command -v sqlite3 >/dev/null; then
                count=$((count + 1))
                echo "ok $count - $name: the same in a large file # SKIP sqlite3 is not installed"
            else
                stays_in_its_file "$name" >"$work/cmp" 2>&1
                told $? "$name: the same in a large file, which is not held in memory"
                sed 's/^/# /' "$work/cmp"
            fi
        fi
        file_is_sound "$name"
    fi
}

for script in *.post *.awk; do
    [ -e "$script" ] || continue
    scenario "${script%.*}"
    find "$work" -name '*.world' -o -size +1M | grep -v queue_ | xargs -r rm -f
done
[ "$reread_lines" -gt 0 ]
told $? "lines of IMAP read again by the strict parser: $reread_lines"
echo "1..$count"
exit "$failed"
