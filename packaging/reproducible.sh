#!/bin/sh
# reproducible.sh: the Debian package, made twice in two folders: both are the same, octet by octet.
# Its changelog's date stands for the time (SOURCE_DATE_EPOCH), and no path of the builder is in it.
set -eu
cd "$(dirname "$0")/.."
other=$(mktemp -d /tmp/pennypost-again.XXXXXX)
trap 'rm -rf "$other"' EXIT
mkdir "$other/elsewhere"
git ls-files -z | tar c --null -T - | tar x -C "$other/elsewhere"
sh packaging/deb.sh
(cd "$other/elsewhere" && git init -q . && git add -A && sh packaging/deb.sh) >/dev/null
for deb in build/deb/pennypost_*.deb; do
    cmp "$deb" "$other/elsewhere/$deb"
    sha256sum "$deb"
done
echo "made twice, and the same"
