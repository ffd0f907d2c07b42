#!/bin/sh
# install.sh: puts the program, its man page, completion for three shells, licence and notes where a
# system looks for them, or takes them away.
#   install.sh install|uninstall|list PROGRAM
# The environment says where: DESTDIR (nothing), prefix (/usr/local), bindir, mandir, datadir, docdir,
# bashcompdir, zshcompdir, fishcompdir.
set -eu
what=$1 program=$2
root=$(cd "$(dirname "$0")/.." && pwd)
: "${DESTDIR:=}" "${prefix:=/usr/local}"
: "${bindir:=$prefix/bin}" "${datadir:=$prefix/share}"
: "${mandir:=$datadir/man}" "${docdir:=$datadir/doc/pennypost}"
: "${bashcompdir:=$datadir/bash-completion/completions}" "${zshcompdir:=$datadir/zsh/site-functions}"
: "${fishcompdir:=$datadir/fish/vendor_completions.d}"

one() { # MODE FILE TO: FILE may be "completion SHELL", which the program writes
    to=$DESTDIR$3
    case $what in
    list) echo "$3" ;;
    uninstall) rm -f "$to" ;;
    install)
        mkdir -p "$(dirname "$to")"
        rm -f "$to"
        case $2 in
        completion\ *) "$program" completion "${2#* }" >"$to" ;;
        *) cp "$2" "$to" ;;
        esac
        chmod "$1" "$to" ;;
    *) echo "install.sh install|uninstall|list PROGRAM" >&2; exit 2 ;;
    esac
}

case $program in /*) ;; *) program=$PWD/$program ;; esac
one 755 "$program" "$bindir/pennypost"
one 644 "$root/docs/pennypost.1" "$mandir/man1/pennypost.1"
one 644 "completion bash" "$bashcompdir/pennypost"
one 644 "completion zsh" "$zshcompdir/_pennypost"
one 644 "completion fish" "$fishcompdir/pennypost.fish"
for file in README.md CHANGELOG.md LICENSE SECURITY.md; do
    one 644 "$root/$file" "$docdir/$file"
done
for file in "$root"/docs/*.md; do # README's links hold
    one 644 "$file" "$docdir/docs/${file##*/}"
done
[ "$what" != uninstall ] || rmdir "$DESTDIR$docdir/docs" "$DESTDIR$docdir" 2>/dev/null || true
