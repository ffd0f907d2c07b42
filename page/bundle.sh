#!/bin/sh
# bundle.sh DIR OUT: makes the one HTML file out of page/index.html, style.css, old.js, ui*.js, client.js
# and worker.js, and of DIR's modules. What may run is named by its hash in the policy; the module
# lies as .lzma, seven bits a character. Needs esbuild, sh, sed, awk, od, xz, base64, sha256sum.
set -eu
dir=$1 out=$2 here=$(dirname "$0")
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT

# The worker is no module in a Blob, for not every browser lets a file's page have one.
esbuild --log-level=warning --charset=utf8 --bundle --minify --format=esm "$here/ui_main.js" >"$tmp/script"
esbuild --log-level=warning --charset=utf8 --bundle --minify --format=iife \
    --define:UNPACK="\"$(base64 -w0 "$dir/unpack.wasm")\"" "$here/worker.js" >"$tmp/worker"
esbuild --log-level=warning --charset=utf8 --minify "$here/style.css" >"$tmp/style"
esbuild --log-level=warning --charset=utf8 --minify --target=es5 "$here/old.js" >"$tmp/old"
# A text in a script element ends at its end tag, wherever that stands.
if grep -il '</script' "$tmp/script" "$tmp/worker" "$tmp/old" || grep -i '</style' "$tmp/style"; then
    echo "bundle.sh: an end tag stands inside" >&2; exit 1
fi
# Seven bits are one octet of UTF-8. The three that HTML changes, or that could end the element, are
# two octets with the next seven bits in them: U+0100 to U+027F. What fills up the last makes it none of
# them, so that nothing is behind the module's own end.
xz --format=lzma --lzma1=preset=9e,pb=0 -c "$dir/pennypost.wasm" | od -An -v -tu1 | LC_ALL=C awk '
    function put(seven) {
        if (first) { code = first + seven; printf "%c%c", 192 + int(code / 64), 128 + code % 64; first = 0 }
        else if (seven == 0) first = 256
        else if (seven == 13) first = 384
        else if (seven == 60) first = 512
        else printf "%c", seven
    }
    { for (i = 1; i <= NF; i++) {
        held = held * 256 + $i; bits += 8
        while (bits >= 7) { bits -= 7; scale = 2 ^ bits; put(int(held / scale)); held %= scale } } }
    END {
        if (bits) { last = held * 2 ^ (7 - bits); put(last + (!first && (last == 0 || last == 60))) }
        if (first) put(0)
    }' >"$tmp/module"

# sha256 in base64, from its hexadecimal
hash() {
    sha256sum <"$1" | awk '{ for (i = 1; i < 65; i += 2) { h = index("0123456789abcdef", substr($1, i, 1)) - 1; l = index("0123456789abcdef", substr($1, i + 1, 1)) - 1; printf "\\%03o", h * 16 + l } }' >"$tmp/octal"
    # shellcheck disable=SC2059
    printf "$(cat "$tmp/octal")" | base64
}
# What stands between the tags is hashed as it stands there, line ends included.
policy="default-src 'none'; script-src 'sha256-$(hash "$tmp/script")' 'sha256-$(hash "$tmp/old")' 'wasm-unsafe-eval'; style-src 'sha256-$(hash "$tmp/style")'; worker-src blob:; img-src data:; base-uri 'none'; form-action 'none'"

{
    sed -e '/^<!-- The panes/,/-->$/d' -e 's/^ *//' "$here/index.html" | while IFS= read -r line; do
        case $line in
        '<!-- csp -->') printf '<meta http-equiv="Content-Security-Policy" content="%s">\n' "$policy" ;;
        '<!-- style -->') printf '<style>'; cat "$tmp/style"; printf '</style>\n' ;;
        '<!-- old -->') printf '<script>'; cat "$tmp/old"; printf '</script>\n' ;;
        '<!-- data -->')
            printf '<script type="text/plain" id="module">'; cat "$tmp/module"
            printf '</script>\n<script type="text/plain" id="worker">\n'; cat "$tmp/worker"; printf '</script>\n' ;;
        '<!-- script -->') printf '<script type="module">'; cat "$tmp/script"; printf '</script>\n' ;;
        *) printf '%s\n' "$line" ;;
        esac
    done
} >"$tmp/page"
mv "$tmp/page" "$out"
echo "$out: $(wc -c <"$out") bytes; module $(wc -c <"$tmp/module"), script $(wc -c <"$tmp/script"), style $(wc -c <"$tmp/style"), worker $(wc -c <"$tmp/worker")"
