#!/bin/sh
# libraries.sh: finds out what is missing to build, test, … and installs it, when it may.
#   libraries.sh [--check] build|test|bench|clang|sanitizers-of-clang|page-check|page|format …
# --check installs nothing. Nothing missing: says nothing and uses no network. Without readline
# or OpenSSL the program is built without it; without tmux or python3 some tests are skipped, by name.
set -u

missing=''      # packages, in the order found
fatal=''        # those without which there is no going on

need() { # need yes|no PACKAGE…: what must be there, and is not
    hard=$1; shift
    missing="$missing $*"
    [ "$hard" = no ] || fatal="$fatal $*"
}

header() { # is <$1> there? A look is enough where headers usually are; else the compiler is asked.
    [ -e "/usr/include/$1" ] && return 0
    printf '#include <stdio.h>\n#include <%s>\n' "$1" | ${CC:-gcc} -E -x c - >/dev/null 2>&1
}

program() { command -v "$1" >/dev/null 2>&1; }

look() { # what the words in $wants need and this machine has not
    missing='' fatal=''
    for want in $wants; do
        case $want in
        build)
            compiler=${CC:-gcc}; program "${compiler%% *}" || need yes gcc # "ccache gcc" is one too
            header stdio.h || need yes libc6-dev
            header sqlite3.h || need yes libsqlite3-dev
            header nettle/hmac.h || need yes nettle-dev
            header uthash.h || need yes uthash-dev
            header cmark.h || need yes libcmark-dev
            [ "${OPENSSL:-}" = no ] || header openssl/ssl.h || need no libssl-dev
            [ "${READLINE:-}" = no ] || header readline/readline.h || need no libreadline-dev ;;
        test)
            header check.h || need yes check
            program gsasl || need no gsasl # the other end of SASL
            for tool in python3 tmux sqlite3; do # what a script needs, and skips without
                grep -qsw "command -v $tool\|^#!/usr/bin/env $tool" tests/*/*.sh tests/*/*.py || continue
                program "$tool" || need no "$tool"
            done ;;
        bench) program sqlite3 || need no sqlite3 ;;
        clang) program clang || need yes clang ;;
        sanitizers-of-clang) # in a package with clang's version in its name: looked for when clang is there
            ! program clang || clang_runtime || need yes "libclang-rt-$(clang_major)-dev" ;;
        page-check)
            program clang || need yes clang
            header_of_wasm || need yes wasi-libc ;;
        page) # clang for WebAssembly, and what unpacks Debian's sources and makes SQLite's one file
            program clang || need yes clang
            program wasm-ld || need yes lld
            header_of_wasm || need yes wasi-libc
            ! program clang || runtime_of_wasm || need yes "libclang-rt-$(clang_major)-dev-wasm32"
            program dpkg-source || need yes dpkg-dev
            program xz || need yes xz-utils
            program tclsh || need yes tcl
            program esbuild || need yes esbuild
            header uthash.h || need yes uthash-dev
            program brotli || need no brotli ;; # for a figure only
        deb)
            program dh || need yes debhelper
            program dpkg-buildpackage || need yes dpkg-dev
            program lintian || need no lintian ;;
        static) # and what unpacks Debian's sources and makes SQLite's one file
            program musl-gcc || need yes musl-tools
            header uthash.h || need yes uthash-dev
            program dpkg-source || need yes dpkg-dev
            program xz || need yes xz-utils
            program tclsh || need yes tcl ;;
        bare-debian) program mmdebstrap || need yes mmdebstrap ;;
        node) program node || need yes nodejs ;; # the module without a browser
        test-page)
            program node || need yes nodejs
            program npm || need yes npm
            program chromium || need yes chromium
            program firefox-esr || need no firefox-esr ;;
        format) program clang-format || need yes clang-format ;;
        *) echo "libraries.sh: \"$want\" is nothing to look for" >&2; exit 2 ;;
        esac
    done
    missing=${missing# }
}

clang_major() { clang -dumpversion | cut -d. -f1; }
header_of_wasm() { [ -e /usr/include/wasm32-wasi/stdlib.h ]; }
runtime_of_wasm() {
    [ -n "$(find "$(clang -print-resource-dir)" -name 'libclang_rt.builtins-wasm32.a' 2>/dev/null)" ]
}
clang_runtime() {
    [ -n "$(find "$(clang -print-resource-dir)" -name 'libclang_rt.fuzzer*' 2>/dev/null)" ]
}

say_command() {
    as=''
    [ "$(id -u)" -eq 0 ] || as='sudo '
    echo "Not on this machine yet: $missing"
    echo "This installs it:"
    echo "  ${as}apt-get update && ${as}apt-get install -y --no-install-recommends $missing"
}

may_install() { # false: no rights, or no yes. Sets $as, what stands before apt-get
    rights=no
    as=''
    [ "$(id -u)" -eq 0 ] && return 0
    as=sudo
    program sudo && [ -t 0 ] && [ -t 1 ] || return 1 # nobody there to be asked for a password
    printf 'Run it now? [y/N] '
    read -r answer || return 1
    case $answer in [yY]*) sudo -v ;; *) rights=unused; return 1 ;; esac
}

install() { # one line of what is done; apt's pages only when it fails
    mkdir -p build
    echo "installing $missing (a minute or two)"
    { $as apt-get update && $as env DEBIAN_FRONTEND=noninteractive apt-get install -y \
        --no-install-recommends $missing; } </dev/null >build/install.log 2>&1 && return 0
    tail -n 20 build/install.log
    echo "That did not work; build/install.log has all of it."
    return 1
}

without_openssl() {
    case " $missing " in *' libssl-dev '*) ;; *) return 0 ;; esac
    echo "Building without OpenSSL: \`pennypost serve\` has no --tls; everything else works."
}

without_readline() {
    without_openssl
    case " $missing " in *' libreadline-dev '*) ;; *) return 0 ;; esac
    if [ "$rights" = no ]; then
        echo "No rights to install readline here: building without it. Arrow keys and Tab"
        echo "will not work; everything else does.  Nothing was changed on this machine."
    else
        echo "Building without readline. Arrow keys and Tab will not work; everything else does."
    fi
}

check=no
[ "${1:-}" = --check ] && check=yes && shift
wants=$*
rights=unused
look
[ -z "$missing" ] && exit 0
if [ "$check" = yes ] && [ -z "$fatal" ]; then # it can be built; `make run` offers to install the rest
    without_readline
    exit 0
fi

if program apt-get; then
    say_command
    while [ "$check" = no ] && [ -n "$missing" ]; do
        may_install && rights=yes && install || break
        before=$missing
        look # again: what clang needs is known when clang is there
        [ "$missing" != "$before" ] || break
    done
else
    echo "Not on this machine yet (these are Debian's names for it): $missing"
fi
if [ -n "$fatal" ]; then
    echo "It cannot be built without${fatal}: install that, then try again."
    exit 1
fi
without_readline
