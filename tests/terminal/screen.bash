# screen.bash: a terminal for tests. Starts the program inside tmux, types, and looks at what
# stands on the screen. Sourced by the tests beside it; prints TAP.

program=${PENNYPOST:-./pennypost}
case $program in /*) ;; *) program=$PWD/$program ;; esac
tests=0 failures=0
screens=0 socket=
work=$(mktemp -d "${TMPDIR:-/tmp}/pennypost-screen.XXXXXX") || exit 1
export TMUX_TMPDIR=$work INPUTRC=/dev/null TERM=screen-256color

if ! command -v tmux >/dev/null; then
    echo "1..0 # SKIP tmux is not installed"
    exit 0
fi

mux() { tmux -L "$socket" -f /dev/null "$@"; }

# The program goes first: a leak checker at work in it would not survive the terminal's end.
screen_close() {
    [ -n "$socket" ] || return 0
    kill -KILL "$(cat "$work/pid")" 2>/dev/null
    mux kill-server 2>/dev/null
}
screen_end() { screen_close; rm -rf "$work"; }
trap screen_end EXIT

# screen COLUMNS ROWS [ENVIRONMENT…] -- [ARGUMENT…]: a new screen, with an empty home. The
# program's process is $(cat "$work/pid"). It has begun when "$started" stands there.
screen() {
    local columns=$1 rows=$2 before=
    shift 2
    while [ $# -gt 0 ] && [ "$1" != -- ]; do before="$before $1"; shift; done
    [ $# -eq 0 ] || shift
    screen_close
    screens=$((screens + 1))
    socket=screen-$screens      # its own: the old server may still be on its way out
    rm -rf "$work/home"; mkdir -p "$work/home"
    mux new-session -d -x "$columns" -y "$rows" \
        "cd '$work' && env LC_ALL=C.UTF-8 HOME='$work/home'$before sh -c 'echo \$\$ >pid; exec \"\$@\"' sh '$program' $*; echo left \$?; exec cat"
    mux set-option -g history-limit 20000
    wait_for "${started:-Leave: exit}"
}

shown() { mux capture-pane -p -J -S -3000 2>/dev/null; }

# A process costs more than all else here: so there is one a look, and the shell compares.
mkfifo "$work/never"

# Until the text is there: the program's own pace, no fixed pause.
wait_for() {
    local try=0 all
    while [ $try -lt 400 ]; do
        all=$(shown) || { echo "Bail out! the terminal is gone"; exit 1; }
        [[ $all != *"$1"* ]] || return 0
        [[ $'\n'$all != *$'\nleft '[0-9]* ]] || return 1
        try=$((try + 1))
        read -r -t 0.03 <>"$work/never" 2>/dev/null || true
    done
    return 1
}

# Until the last line is a prompt: what is typed sooner is echoed into the answer before.
wait_for_prompt() {
    local try=0 all
    while [ $try -lt 400 ]; do
        all=$(mux capture-pane -p)          # empty lines at its end are not kept
        [[ ! ${all##*$'\n'} =~ [$\>|?]\ *$ ]] || return 0
        try=$((try + 1))
        read -r -t 0.03 <>"$work/never" 2>/dev/null || true
    done
    return 1
}

type_line() { mux send-keys -l -- "$1" \; send-keys Enter; }
key() { mux send-keys "$@"; }
paste_text() { printf '%s' "$1" >"$work/paste"; mux load-buffer "$work/paste"; mux paste-buffer -p; }

result() { # 0|1 NAME
    tests=$((tests + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $tests - $2"
    else
        echo "not ok $tests - $2"
        shown | tail -n 40 | sed 's/^/# /'
        failures=$((failures + 1))
    fi
}

# sees NAME TEXT: the text comes onto the screen
sees() { wait_for "$2"; result $? "$1: $2"; }
# sees_not NAME TEXT: it is not there (after something else was seen)
sees_not() { [[ $(shown) != *"$2"* ]]; result $? "$1: not $2"; }
# types LINE TEXT: types the line and sees the text
types() { type_line "$1"; sees "$1" "$2"; }
# fits NAME: no line of the program's own is wider than the window, at these columns
fits() {
    local wide
    wide=$(mux capture-pane -p -J | LC_ALL=C.UTF-8 awk -v max="$2" 'length($0) > max && !/^S: /' | head -n 1)
    [ -z "$wide" ]
    result $? "$1 fits $2 columns${wide:+: $wide}"
}

done_testing() {
    echo "1..$tests"
    [ $failures -eq 0 ]
}
