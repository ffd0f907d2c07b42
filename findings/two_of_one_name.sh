#!/bin/bash
# uudeview, mhstore and mshow: of two attachments with one name one is kept, and two are reported.
. "$(dirname "$0")/lib.sh"
debs uudeview=0.5.20-14 libuu0=0.5.20-14 nmh=1.8~RC2-2 mblaze=1.1-1 mpack=1.6-18+b1 liblockfile1=1.17-1+b1 ripmime=1.4.0.10.debian.1-3+b1
expect 'both are kept, the second under another name (RFC 2183 2.3: no file is overwritten), or an error is reported'

part() {
    printf -- '--b\nContent-Type: application/octet-stream; name=report.txt\nContent-Transfer-Encoding: base64\n'
    printf 'Content-Disposition: attachment; filename=report.txt\n\n%s\n' "$(printf '%s\n' "$1" | base64)"
}
{
    printf 'From: ann@example.com\nTo: bo@example.org\nSubject: two reports\nMIME-Version: 1.0\n'
    printf 'Content-Type: multipart/mixed; boundary=b\n\n'
    part first
    part second
    printf -- '--b--\n'
} >"$work/message"
mkdir -p "$HOME/Mail/inbox"
cp "$work/message" "$HOME/Mail/inbox/1"
echo "Path: $HOME/Mail" >"$HOME/.mh_profile"
try() { # NAME PROGRAM…
    rm -rf "$work/files"
    mkdir "$work/files"
    said=$(cd "$work/files" && "${@:2}" <"$work/message" 2>&1)
    echo "$1: exit code $?, kept: $(cat "$work"/files/report* | xargs)"
    grep -E "${said_of:-^$}" <<<"$said" | sed 's/^ */  /'
}
seen=$(try munpack munpack
    try ripmime ripmime -v -i - -d .
    said_of='decoded' try uudeview uudeview -i "$work/message"
    said_of='report' try mhstore "$root/usr/bin/mh/mhstore" -auto +inbox 1
    said_of='report' try 'mshow -x' mshow -x "$work/message")
verdict "$seen" <<'SEEN'
munpack: exit code 0, kept: first second
ripmime: exit code 0, kept: first second
uudeview: exit code 0, kept: second
  2 files decoded from 1 input file, 0 failed
mhstore: exit code 0, kept: second
  storing message 1 part 1 as file report.txt
  storing message 1 part 2 as file report.txt
mshow -x: exit code 0, kept: first
  report.txt
  report.txt
SEEN
