#!/bin/sh
# deb.sh: a Debian package of the tree as it stands (what git knows of it), by Debian's own tools:
# build/deb/pennypost_VERSION_ARCH.deb; lintian looks at it, where it is.
set -eu
cd "$(dirname "$0")/.."
version=$(sed -n 's/^VERSION *= *//p' Makefile)
packaged=$(sed -n '1s/.*(\(.*\)).*/\1/p' packaging/debian/changelog)
[ "$version" = "$packaged" ] || { echo "Makefile says $version, packaging/debian/changelog $packaged"; exit 1; }
rm -rf build/deb
mkdir -p "build/deb/pennypost-$version"
git ls-files -z | tar c --null -T - | tar x -C "build/deb/pennypost-$version"
cd "build/deb/pennypost-$version"
cp -r packaging/debian debian
dpkg-buildpackage -b -us -uc >../build.log 2>&1 || { tail -n 30 ../build.log; exit 1; }
cd ..
ls -l pennypost_*.deb
command -v lintian >/dev/null || { echo "lintian is not here: nobody has looked at it"; exit 0; }
lintian --allow-root --fail-on error,warning pennypost_*.changes
echo "lintian has nothing to say"
