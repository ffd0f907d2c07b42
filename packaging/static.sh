#!/bin/sh
# static.sh: one file that needs no library of the system that it runs on: build/static/pennypost, and
# what it is made of beside it. The C library is musl; SQLite, nettle and cmark are compiled from
# Debian's sources, as for the page. It has no readline and no TLS.
set -eu
cd "$(dirname "$0")/.."
P=build/static
sqlite='-DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_DQS=0 -DSQLITE_OMIT_DEPRECATED'
version=$(sed -n 's/^VERSION *= *//p' Makefile)
make -s -f page/page.mk P=$P WASM="musl-gcc -ffunction-sections" libraries \
    SQLITE="$sqlite" OMITTED=
make -s COMPILING=1 VERSION="$version" CC=musl-gcc READLINE=no OPENSSL=no LIBS=$P/libraries.a \
    CFLAGS="-isystem $P/include" LDFLAGS='-static -s -Wl,--gc-sections' "-j${JOBS:-2}" build/release-musl-gcc/pennypost
cp build/release-musl-gcc/pennypost $P/pennypost
printf 'telnet mail smtp\nEHLO laptop\n:check session smtp is READY\n' | $P/pennypost --plain run - >$P/tried
if readelf -d $P/pennypost | grep -q NEEDED; then
    echo "$P/pennypost is not static"
    exit 1
fi
sh packaging/sbom.sh $P/pennypost static >$P/pennypost.spdx
ls -l $P/pennypost
