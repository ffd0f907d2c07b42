#!/bin/sh
# size.sh: how large the module is, as it lies, and as it travels.
size() { wc -c | tr -d ' '; }
brotli=no
command -v brotli >/dev/null 2>&1 && brotli=$(brotli -q 11 -c "$1" | size)
echo "$1: $(size <"$1") octets, gzip $(gzip -9 -c "$1" | size), brotli $brotli"
