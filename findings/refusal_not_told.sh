#!/bin/bash
# GNU Mailutils mail: of two recipients one is refused; the exit code is 0 and nothing is printed.
. "$(dirname "$0")/lib.sh"
debs $(mailutils_debs) mailutils=1:3.15-4
expect 'a refused recipient makes an error message and an exit code other than 0, or a bounce'

listens python3 "$here/smtp_sink.py" "$work/log"
send() {
    echo hello | mail.mailutils --norc -E "set sendmail=smtp://127.0.0.1:$port" -s report "$@" >"$work/out" 2>&1
    echo "mail to $*: exit code $?, printed $(wc -l <"$work/out") lines"
}
seen=$(send refused@example.com
    send refused@example.com ann@example.com
    tr -d '\r' <"$work/log" | grep -E '^(RCPT|DATA|To)')
verdict "$seen" <<'SEEN'
mail to refused@example.com: exit code 1, printed 1 lines
mail to refused@example.com ann@example.com: exit code 0, printed 0 lines
RCPT TO:<refused@example.com>
RCPT TO:<refused@example.com>
RCPT TO:<ann@example.com>
DATA
To: <refused@example.com>,<ann@example.com>
SEEN
