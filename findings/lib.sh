# lib.sh: what the findings share. A finding sources it, fetches pinned packages, runs them and
# compares what they print with what was seen. 0: the behaviour stands; 1: it changed; 2: no set-up.
set -u
export LC_ALL=C TZ=UTC
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
root=$work/root
export HOME=$work/home
mkdir -m 755 "$root" "$work/debs" "$HOME"
chmod 755 "$work"
started=''
trap 'for pid in $started; do kill "$pid" 2>/dev/null; done; wait; rm -rf "$work"' EXIT

fail() { echo "set-up failed: $*" >&2; exit 2; }

# debs NAME=VERSION…: downloads Debian packages, unpacks them under $root and installs nothing.
debs() {
    (cd "$work/debs" && apt-get download "$@" >apt.log 2>&1) || fail "$(tail -1 "$work/debs/apt.log")"
    for file in "$work"/debs/*.deb; do dpkg -x "$file" "$root"; done
    lib=$root/usr/lib
    export LD_LIBRARY_PATH=$lib:$lib/x86_64-linux-gnu:$lib/dovecot:$root/lib/x86_64-linux-gnu
    export PATH=$root/usr/bin:$root/usr/sbin:$PATH PERL5LIB=$root/usr/share/perl5
    echo "programs: $*"
    missing=$(find "$root" -type f -perm -100 -exec ldd {} + 2>/dev/null | grep 'not found' | sort -u)
    [ -z "$missing" ] || fail "this machine has not:$missing"
}

# npms NAME@VERSION…: installs npm packages under $work and runs none of their scripts.
npms() {
    (cd "$work" && echo '{"private":true}' >package.json &&
        npm install --ignore-scripts --no-audit --no-fund --save-exact "$@" >npm.log 2>&1) ||
        fail "$(tail -1 "$work/npm.log")"
    echo "programs: $* (node $(node --version))"
}

# debian_python ARGUMENT…: the Python that debs unpacked, with no package of this machine.
debian_python() { PYTHONHOME=$root/usr PYTHONNOUSERSITE=1 "$root/usr/bin/python3.11" "$@"; }

# python_debs: the pinned Python that debian_python runs.
python_debs() {
    echo python3.11-minimal=3.11.2-6+deb12u9 libpython3.11-minimal=3.11.2-6+deb12u9 \
        libpython3.11-stdlib=3.11.2-6+deb12u9
}

# dovecot_debs: the pinned Dovecot that dovecot and imap run.
dovecot_debs() {
    echo dovecot-core=1:2.3.19.1+dfsg1-2.1+deb12u7 dovecot-imapd=1:2.3.19.1+dfsg1-2.1+deb12u7
}

# mutt_debs: the pinned mutt.
mutt_debs() {
    echo mutt=2.2.12-0.1~deb12u2 libgsasl18=2.2.0-1+deb12u2 libntlm0=1.6-4 \
        libtokyocabinet9=1.4.48-15 libgpgme11=1.18.0-3+deb12u1
}

# mailutils_debs: the pinned libraries of GNU Mailutils.
mailutils_debs() {
    echo mailutils-common=1:3.15-4 libmailutils9=1:3.15-4 libmariadb3=1:10.11.19-0+deb12u1 \
        libltdl7=2.4.7-7~deb12u1 libgsasl18=2.2.0-1+deb12u2 libntlm0=1.6-4
}

# unprivileged PROGRAM…: as nobody where the caller is root, for servers that refuse root.
unprivileged() {
    if [ "$(id -u)" = 0 ]; then
        chown -R 65534:65534 "$HOME"
        setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
    else
        "$@"
    fi
}

# dovecot LOCATION PROGRAM…: one program of Dovecot on a mail store, without its daemon.
dovecot() {
    location=$1
    shift
    unprivileged env DOVECONF_ENV=1 USER=nobody "MAIL_LOCATION=$location" LOG_PATH="$HOME/log" \
        "MAIL_PLUGIN_DIR=$root/usr/lib/dovecot/modules" FIRST_VALID_UID=0 IMAP_CAPABILITY= \
        "BASE_DIR=$HOME" STATS_WRITER_SOCKET_PATH= "$@"
}

# imap LOCATION: Dovecot's IMAP, logged in, between stdin and stdout; times of answers are left out.
imap() { cat | dovecot "$1" "$root/usr/lib/dovecot/imap" 2>"$HOME/imap.err" | tr -d '\r' | sed 's/ ([0-9.]* + .*secs)\.$//'; }

# lines LINE…: prints them as a client sends them.
lines() { printf '%s\r\n' "$@"; }

# listens PROGRAM ARGUMENT…: starts a helper that prints its port; $port is that port.
listens() {
    "$@" >"$work/port" 2>"$work/listens.err" &
    started="$started $!"
    for _ in $(seq 50); do
        port=$(head -1 "$work/port")
        [ -n "$port" ] && return
        sleep 0.1
    done
    fail "nothing listens: $(tail -1 "$work/listens.err")"
}

# screen PROGRAM…: runs a program of the terminal on a pseudo-terminal, at most 20 s.
screen() { sleep 3 | TERM=vt100 timeout 20 script -qec "$*" /dev/null >"$work/screen" 2>&1; }

# expect WORDS: what a good engineer would expect.
expect() { echo "expected: $*"; }

# verdict SEEN: shows what was seen and compares it with the recorded behaviour on stdin.
verdict() {
    recorded=$(cat)
    echo "seen:"
    printf '%s\n' "$1" | sed 's/^/    /'
    if [ "$1" = "$recorded" ]; then
        echo "The behaviour stands."
    else
        echo "The behaviour changed. Recorded was:"
        printf '%s\n' "$recorded" | sed 's/^/    /'
        exit 1
    fi
}
