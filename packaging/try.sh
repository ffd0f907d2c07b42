#!/bin/sh
# try.sh DEB [SUITE]: installs the package on a bare Debian (mmdebstrap makes it, in a folder), and
# uses it there as a newcomer would, without a network. Wants to be root.
set -eu
deb=$1 suite=${2:-bookworm}
root=$(mktemp -d /tmp/pennypost-bare.XXXXXX)
trap 'rm -rf "$root"' EXIT
echo "a bare $suite, and the package in it"
mmdebstrap --quiet --variant=minbase --mode=root --skip=output/dev --customize-hook="copy-in $deb /tmp" \
    --customize-hook='chroot "$1" sh -c "apt-get install -y --no-install-recommends /tmp/*.deb" >/dev/null' \
    "$suite" "$root"
inside() { unshare -n chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LC_ALL=C.UTF-8 "$@"; }
inside pennypost --version
printf 'telnet mail smtp\nEHLO laptop\n:check session smtp is READY\nQUIT\n' | inside pennypost --plain run -
inside pennypost lesson say-hello --solve >/dev/null && echo "the first lesson is solved"
inside sh -c 'ip=127.0.0.1; pennypost serve --control /tmp/c --smtp 2525 & sleep 2; test -S /tmp/c && kill $! && wait' && echo "it serves"
inside dpkg -L pennypost | grep -c /usr/share/
inside dpkg --purge pennypost >/dev/null && inside sh -c '! test -e /usr/bin/pennypost' && echo "purged, and nothing is left"
