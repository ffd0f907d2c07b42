#!/bin/sh
# sbom.sh PROGRAM [static]: what the program is made of, as SPDX 2.3 in its plain text form, on standard
# output. Of a program that is linked with the system's libraries: which it asks for, and which
# packages of Debian have them here; of the static one: the sources that page/sources.sh pins.
set -eu
program=$1
root=$(cd "$(dirname "$0")/.." && pwd)
version=$("$program" --version | cut -d' ' -f2)
sum=$(sha256sum <"$program" | cut -d' ' -f1)
when=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct)}" +%Y-%m-%dT%H:%M:%SZ)

licence() { # PACKAGE'S SOURCE
    case $1 in
    sqlite3) echo blessing ;;
    nettle) echo "LGPL-3.0-or-later OR GPL-2.0-or-later" ;;
    cmark) echo BSD-2-Clause ;;
    uthash) echo BSD-1-Clause ;;
    openssl) echo Apache-2.0 ;;
    readline) echo GPL-3.0-or-later ;;
    glibc) echo LGPL-2.1-or-later ;;
    musl) echo MIT ;;
    *) echo NOASSERTION ;;
    esac
}
package() { # NAME VERSION RELATION
    cat <<END

PackageName: $1
SPDXID: SPDXRef-$1
PackageVersion: $2
PackageSupplier: NOASSERTION
PackageDownloadLocation: NOASSERTION
FilesAnalyzed: false
PackageLicenseConcluded: $(licence "$1")
PackageLicenseDeclared: $(licence "$1")
PackageCopyrightText: NOASSERTION
ExternalRef: PACKAGE-MANAGER purl pkg:deb/debian/$1@$2?arch=source
Relationship: SPDXRef-pennypost $3 SPDXRef-$1
END
}
of_debian() { # BINARY PACKAGE RELATION: by the source it was made from
    # shellcheck disable=SC2016
    dpkg-query -W -f '${source:Package} ${source:Version}\n' "$1" | head -n 1 | { read -r name is; package "$name" "$is" "$2"; }
}

cat <<END
SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: pennypost-$version
DocumentNamespace: https://pennypost.example/spdx/$version/$sum
Creator: Tool: packaging/sbom.sh
Created: $when

PackageName: pennypost
SPDXID: SPDXRef-pennypost
PackageVersion: $version
PackageSupplier: NOASSERTION
PackageDownloadLocation: NOASSERTION
FilesAnalyzed: false
PackageChecksum: SHA256: $sum
PackageLicenseConcluded: GPL-3.0-or-later
PackageLicenseDeclared: GPL-3.0-or-later
PackageCopyrightText: NOASSERTION
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-pennypost
END
if [ "${2:-}" = static ]; then
    of_debian musl-dev STATIC_LINK
    sed -n 's/^[0-9a-f]\{64\}  \([a-z0-9]*\)_\(.*\)\.debian\.tar\.xz$/\1 \2/p' "$root/page/sources.sh" |
        while read -r name is; do package "$name" "$is" STATIC_LINK; done
else
    readelf -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort | while read -r library; do
        file=$(ldconfig -p | awk -v name="$library" '$1 == name { print $NF; exit }')
        # On a system whose /lib is a link, dpkg may know the file by either name.
        for at in "$file" "/usr$file" "$(readlink -f "$file")"; do
            found=$(dpkg -S "$at" 2>/dev/null | head -n 1 | cut -d: -f1) && [ "$found" ] && break
        done
        [ "$found" ] || { echo "sbom.sh: $library is of no package" >&2; exit 1; }
        echo "$found"
    done | sort -u | while read -r binary; do of_debian "$binary" DYNAMIC_LINK; done
fi
of_debian uthash-dev CONTAINS
