#!/bin/bash
# munpack: a sentence that begins "begin 600 metres" turns an ordinary message into a file of rubbish.
. "$(dirname "$0")/lib.sh"
debs mpack=1.6-18+b1 uudeview=0.5.20-14 libuu0=0.5.20-14
expect 'a message without MIME and without an encoded line is text: it is printed or left alone'

cat >"$HOME/message" <<'MESSAGE'
From: ann@example.com
To: bo@example.org
Subject: Sunday

The runners meet at the station. They
begin 600 metres past the bridge
and run until the sign that says
end

Bring water.
MESSAGE
mkdir "$HOME/munpack" "$HOME/uudeview"
cd "$HOME/munpack"
munpack -t ../message >"$work/munpack" 2>&1
cd "$HOME/uudeview"
uudeview -i -t -p . ../message >"$work/uudeview" 2>&1
seen=$(echo "munpack: $(cat "$work/munpack")"
    cd "$HOME/munpack" && wc -c *
    echo "files with the word water: $(grep -l water -- * | wc -l)"
    echo "uudeview: $(grep -o '^Found .*metres[^0-9]*.' "$work/uudeview")"
    cd "$HOME/uudeview" && ls)
verdict "$seen" <<'SEEN'
munpack: metres (application/octet-stream)
0 metres
files with the word water: 0
uudeview: Found 'metres past the bridge' State 1
metres past the bridge
SEEN
