#!/bin/bash
# swaks: the file that it is told to send is not the message that it sends.
. "$(dirname "$0")/lib.sh"
debs swaks=20201014.0-2
expect 'swaks --data @FILE sends the octets of FILE, so that what arrives can be compared with it'

printf 'From: ann@example.com\nSubject: code\n\nprintf("hello\\n");\ndate +%%Y%%DATE%%\nfrom %%FROM_ADDRESS%%\n' >"$HOME/message"
listens python3 "$here/smtp_sink.py" "$work/log"
swaks --server "127.0.0.1:$port" --from bo@example.org --to cy@example.net --data "@$HOME/message" >"$work/out" 2>&1
sent=$(tr -d '\r' <"$work/log" | sed '1,/^DATA/d; /^\.$/,$d')
echo "the file:"
sed 's/^/    /' "$HOME/message"
seen=$(echo "$sent" | sed 's/[A-Z][a-z][a-z], .*[0-9]$/(the date of today)/')
verdict "$seen" <<'SEEN'
From: ann@example.com
Subject: code

printf("hello
");
date +%Y(the date of today)
from bo@example.org
SEEN
