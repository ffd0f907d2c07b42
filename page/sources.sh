#!/bin/sh
# sources.sh: fetches the sources of SQLite, nettle and cmark, the versions that the program is built
# with natively, from Debian's archive, and makes of them what the page compiles. Each must have the
# SHA-256 that stands here. apt has a list and a cache of its own below build/: nothing in /etc is
# touched, and nobody must be root.
#   sources.sh DIRECTORY OPTIONS: those that sqlite3.c's grammar depends on
set -eu
mkdir -p "$1"
to=$(cd "$1" && pwd)
work=$to/work
stamp=$to/done.$({ cat "$0" && echo "$2"; } | cksum | cut -d' ' -f1)
[ -e "$stamp" ] && exit 0

pinned() { # SHA-256, file
    cat <<'END'
aaa776260ab4dc976db34aa7891819484c8676b5b2783123ebc6301e2ca5d655  sqlite3_3.40.1.orig.tar.xz
0843bc12e4364076477935ce313a6d0796fd899a989ff18ebb6545540e10e4ca  sqlite3_3.40.1-2+deb12u2.debian.tar.xz
364f3e2b77cd7dcde83fd7c45219c834e54b0c75e428b6f894a23d12dd41cbfe  nettle_3.8.1.orig.tar.gz
8f1eae9c6afffe545de294140f33d53352261478268dafee5ef72d840e1b3d7b  nettle_3.8.1-2.debian.tar.xz
6c7d2bcaea1433d977d8fed0b55b71c9d045a7cdf616e3cd2dce9007da753db3  cmark_0.30.2.orig.tar.gz
3b9706eae5c220e5d913431991e65f7ddd850a44b14ee8a139586c3bb04e3d2e  cmark_0.30.2-6.debian.tar.xz
END
}
# sqlite3.c as it is, and without what the page leaves out (OMITTED in page.mk).
omitted=$2
amalgamation=9103996659b43b18d2fddac6c86ccf74b00afed17ada2275433be2fd01607f4a
[ -z "$omitted" ] || amalgamation=07688f03410ee1f5aaa89387023a86d925266ca123061ba53df00aa1cceaa903

rm -rf "$to"
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
for suite in debian debian-security; do
    echo "deb-src [signed-by=$keyring] http://deb.debian.org/$suite bookworm$([ $suite = debian ] ||
        echo -security) main"
done >"$work/sources.list"
own="-o Dir::Etc::SourceList=$work/sources.list -o Dir::Etc::SourceParts=/dev/null
     -o Dir::State::Lists=$work/lists -o Dir::Cache=$work/cache -o APT::Sandbox::User="

echo "fetching the sources of sqlite3, nettle and cmark (17 MB)"
cd "$work"
# shellcheck disable=SC2086
{ apt-get $own update && apt-get $own source --download-only sqlite3=3.40.1-2+deb12u2 \
    nettle=3.8.1-2 cmark=0.30.2-6; } >log 2>&1 || { tail -n 20 log; exit 1; }
pinned | sha256sum --check --quiet || { echo "these are not the pinned sources"; exit 1; }
for description in *.dsc; do
    dpkg-source --no-check -x "$description" >>log 2>&1
done

echo "making sqlite3.c (15 s)"
(cd sqlite3-3.40.1 && ./configure --disable-tcl && make OPTS="$omitted" sqlite3.c) >>log 2>&1 ||
    { tail -n 20 log; exit 1; }
echo "$amalgamation  sqlite3-3.40.1/sqlite3.c" | sha256sum --check --quiet
cd "$to"
mv work/sqlite3-3.40.1/sqlite3.c work/sqlite3-3.40.1/sqlite3.h .
mv work/nettle-3.8.1 nettle
mv work/cmark-0.30.2/src cmark
: >nettle/config.h
cat >cmark/config.h <<'END'
#define HAVE_STDBOOL_H
#include <stdbool.h>
#define CMARK_ATTRIBUTE(list) __attribute__(list)
#define CMARK_INLINE inline
END
cat >cmark/cmark_export.h <<'END'
#define CMARK_EXPORT
#define CMARK_NO_EXPORT
END
# Of 2,125 named characters of HTML those four that text needs: the lessons write theirs as they are.
sed -i -E '/^\{/{/"(amp|gt|lt|quot)"/!d;}; s/(NUM_ENTITIES) .*/\1 4/' cmark/entities.inc
# Names of link references are found whatever their case: of all alphabets' those of ASCII are enough.
echo 'bufpush(c >= 65 && c <= 90 ? c + 32 : c);' >cmark/case_fold_switch.inc
sed 's/@PROJECT_VERSION_MAJOR@/0/; s/@PROJECT_VERSION_MINOR@/30/; s/@PROJECT_VERSION_PATCH@/2/' \
    cmark/cmark_version.h.in >cmark/cmark_version.h
rm -rf work
: >"$stamp"
