#!/usr/bin/env bash
# packaging/install.sh: what `make install` and `make uninstall` do, in a folder in the system's place.
program=${PENNYPOST:-./pennypost}
case $program in /*) ;; *) program=$PWD/$program ;; esac
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/pennypost-install.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
. "$root/tests/tap.bash"
told_more() { (cd "$work" && find . -type f); }
files() { (cd "$work/to" && find . ! -type d | sed 's/^\.//' | sort); }
packs() { env HOME="$work" DESTDIR="$work/to" "$@"; }

for where in prefix=/usr "prefix=/opt/post mandir=/opt/man"; do
    # shellcheck disable=SC2086
    packs $where sh "$root/packaging/install.sh" install "$program"; told $? "install, $where"
    # shellcheck disable=SC2086
    [ "$(files)" = "$(packs $where sh "$root/packaging/install.sh" list "$program" | sort)" ]
    told $? "... puts what it lists, and nothing else"
    bin=$(find "$work/to" -path '*/bin/pennypost')
    [ "$(cd / && HOME=$work "$bin" --version)" = "$("$program" --version)" ]; told $? "... and it runs there"
    [ "$(find "$work/to" -type f -perm /022 -o -type f ! -perm -444)" = "" ]; told $? "... others read, and do not write"
    # shellcheck disable=SC2086
    packs $where sh "$root/packaging/install.sh" uninstall "$program"
    [ "$(files)" = "" ]; told $? "uninstall takes all of it away"
done
cmp -s "$root/docs/pennypost.1" <(packs prefix=/usr sh "$root/packaging/install.sh" install "$program" >&2; cat "$work/to/usr/share/man/man1/pennypost.1")
told $? "the man page is where man looks"
echo "1..$count"
exit "$failed"
