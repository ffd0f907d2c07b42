#!/bin/bash
# mpack and munpack: what the one splits, the other of the same package does not join; so do nmh and ripmime.
. "$(dirname "$0")/lib.sh"
debs mpack=1.6-18+b1 uudeview=0.5.20-14 libuu0=0.5.20-14 nmh=1.8~RC2-2 liblockfile1=1.17-1+b1 ripmime=1.4.0.10.debian.1-3+b1
expect 'the parts of message/partial are joined (RFC 2046 5.2.2) and the report comes out whole, or an exit code tells of it'

mkdir -p "$work/parts" "$HOME/Mail/inbox"
for number in $(seq 300); do echo "line $number of a report that is too long for one message"; done >"$HOME/report.txt"
cd "$work/parts" && mpack -s report -m 8000 -o part "$HOME/report.txt" || fail 'mpack makes no parts'
for file in part.*; do cp "$file" "$HOME/Mail/inbox/${file#part.0}"; done
echo "Path: $HOME/Mail" >"$HOME/.mh_profile"
export USER=bo TMPDIR=$work/tmp
each() { for file in "$work"/parts/part.*; do "$@" "$file" || return; done; }
rip() { ripmime -d . -i "$1"; }
twice() { uudeview -i -p . "$work"/parts/part.* && uudeview -i -p . 0001.txt; }
try() { # NAME PROGRAM…
    rm -rf "$work/tmp" "$work/files"
    mkdir "$work/tmp" "$work/files"
    cd "$work/files"
    "${@:2}" >"$work/out" 2>&1
    echo "$1: exit code $?, report.txt: $(if [ -f report.txt ]; then wc -l <report.txt; else echo 0; fi) lines," \
        "other files: $(ls | grep -vc '^report.txt$')"
}
seen=$(echo "in the parts: $(wc -l <"$HOME/report.txt") lines in $(ls | wc -l) messages"
    try munpack munpack "$work"/parts/part.*
    grep -o 'Did not find anything to unpack' "$work/out" | sed 's/^/  /'
    try 'mhstore of nmh' "$root/usr/bin/mh/mhstore" -auto +inbox all
    grep -o 'storing message.*' "$work/out" | sed 's/^/  /'
    try ripmime each rip
    try 'uudeview, and once more on what it made' twice)
verdict "$seen" <<'SEEN'
in the parts: 300 lines in 3 messages
munpack: exit code 0, report.txt: 0 lines, other files: 0
  Did not find anything to unpack
  Did not find anything to unpack
mhstore of nmh: exit code 0, report.txt: 0 lines, other files: 0
  storing message 1 to folder inbox as message 4
  storing message 2 to folder inbox as message 5
  storing message 3 to folder inbox as message 6
ripmime: exit code 0, report.txt: 106 lines, other files: 4
uudeview, and once more on what it made: exit code 0, report.txt: 300 lines, other files: 1
SEEN
