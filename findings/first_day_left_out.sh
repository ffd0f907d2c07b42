#!/bin/bash
# mairix: a search from one day to another leaves the first day out, and a search for one day finds nothing.
. "$(dirname "$0")/lib.sh"
debs mairix=0.24-2
expect 'd:20260104-20260106 is three days, d:20260104-20260104 one, d:2026 the whole year from 1 January (mairix(1))'

mkdir -p "$HOME"/mail/{cur,new,tmp}
for date in '31 Dec 2025' '1 Jan 2026' '2 Jan 2026' '3 Jan 2026' '4 Jan 2026' '5 Jan 2026' '6 Jan 2026' '7 Jan 2026'; do
    number=$((${number:-0} + 1))
    printf 'From: ann@example.com\nTo: bo@example.org\nSubject: %s\nMessage-ID: <%s@example.com>\nDate: %s 12:00:00 +0000\n\nhello\n' \
        "$date" "$number" "$date" >"$HOME/mail/cur/176760000$number.host:2,S"
done
printf 'base=%s\nmaildir=mail\ndatabase=%s/index\nmfolder=found\n' "$HOME" "$HOME" >"$HOME/mairixrc"
mairix -f "$HOME/mairixrc" >"$work/out" 2>&1 || fail "$(tail -1 "$work/out")"
days() { # QUERY: the days of the messages found
    mairix -f "$HOME/mairixrc" -r "$1" 2>/dev/null | sort | while read -r file; do
        sed -n 's/^Subject: \(.*\) 202.*/\1,/p' "$file"
    done | xargs | sed 's/,$//; s/^$/none/'
}
seen=$(for query in d:20260104-20260106 d:20260104-20260104 d:20260104- d:-20260104 d:2026; do echo "$query: $(days $query)"; done)
verdict "$seen" <<'SEEN'
d:20260104-20260106: 5 Jan, 6 Jan
d:20260104-20260104: none
d:20260104-: 5 Jan, 6 Jan, 7 Jan
d:-20260104: 31 Dec, 1 Jan, 2 Jan, 3 Jan, 4 Jan
d:2026: 2 Jan, 3 Jan, 4 Jan, 5 Jan, 6 Jan, 7 Jan
SEEN
