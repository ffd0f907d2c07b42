#!/usr/bin/env bash
# The command line: options, exit codes, what goes to which output, and where worlds lie.
program=${PENNYPOST:-./pennypost}
case $program in /*) ;; *) program=$PWD/$program ;; esac
work=$(mktemp -d "${TMPDIR:-/tmp}/pennypost-line.XXXXXX") || exit 1
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work" || exit 1
export HOME=$work/home
mkdir -p home
tests=0 failures=0

result() { # 0|1 NAME
    tests=$((tests + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $tests - $2"
    else
        echo "not ok $tests - $2"
        sed 's/^/# out: /' out; sed 's/^/# err: /' err
        failures=$((failures + 1))
    fi
}
# exits CODE ARGUMENT…: runs it with the script in $in as input
exits() {
    local code=$1 rc
    shift
    printf '%b' "${in:-}" | "$program" "$@" >out 2>err
    rc=$?
    [ $rc -eq "$code" ]
    result $? "exit $code (got $rc): $*${in:+ <<< $in}"
}
out_has() { grep -qF -- "$1" out; result $? "output: $1"; }
err_has() { grep -qF -- "$1" err; result $? "error output: $1"; }
out_empty() { [ ! -s out ]; result $? "nothing on the output"; }

# usage is 2, on the error output
for wrong in --bogus nonsense run fsck 'run a b' '--seed x run -' '--seed -1 run -' '--world'; do
    # shellcheck disable=SC2086
    exits 2 $wrong
    out_empty
done
exits 0 --help; out_has 'pennypost run FILE|-'
exits 0 --version; out_has 'pennypost '

# run: 0, 1, 2, 3
in='check server ana@campus.example INBOX has 4 messages\n' exits 0 run -
out_has 'ok check server ana@campus.example INBOX has 4 messages'
in='check server ana@campus.example INBOX has 5 messages\ncheck server bo@campus.example INBOX has 1 message\ncheck server ana@campus.example INBOX has 6 messages\n' exits 1 run -
out_has 'FAILED check server ana@campus.example INBOX has 5 messages: found 4 messages'
out_has 'FAILED check server ana@campus.example INBOX has 6 messages'
in='telnet mail 26\ndig mx nowhere.example\ntelnet mail smtp\nHALLO\n' exits 0 run -
in='users\n   wait banana\nusers\n' exits 2 run -
err_has 'standard input:2: '
err_has '    wait banana'
[ "$(sed -n 3p err | tr -d '\n')" = "            ^" ]; result $? 'the caret stands under the word'
in='telnet mail smtp\nEHLO x\nQUIT\nMAIL FROM:<ana@campus.example>\n' exits 2 run -
err_has 'at line 3: QUIT'
in='users\nexit\nno such thing\n' exits 0 run -
in='on laptop\r\nwait 1h\r\n' exits 0 run -
in='wa\0000it\n' exits 2 run -
err_has 'wa\x00it'
# a byte order mark, as some editors put it, is no part of the first line
in='\0357\0273\0277wait 1h\nwait 1h\n' exits 0 run -; out_has '11:00:00'
printf '\357\273\277# A title\non laptop\nmail sync\n' >marked.story
exits 0 contrast marked.story --auto; out_has 'A title'
printf '\357\273\277host mail.campus.example serves smtp for campus.example\n' >marked.post
in='hosts\n' exits 0 --world marked.post run -; out_has 'mail.campus.example'
exits 3 run nosuch.post
exits 3 run .

# --json: the trace alone on the output
in='telnet mail smtp\nEHLO x\n:check session smtp is READY\nQUIT\n' exits 0 --json run -
[ "$(grep -cv '^{"t":[0-9]*,"kind":"[a-z]*",' out)" -eq 0 ]; result $? 'every line is JSON'
out_has '{"t":0,"kind":"input","device":"laptop","line":"telnet mail smtp"}'
[ "$(tail -n 1 out | sed 's/"digest":"[0-9a-f]*"/D/;s/"t":[0-9]*/T/')" = '{T,"kind":"end",D,"exit":0}' ]
result $? 'it ends with the digest and the exit code'
err_has '[laptop] C: EHLO x'
cp out first
in='telnet mail smtp\nEHLO x\n:check session smtp is READY\nQUIT\n' TZ=Asia/Tokyo exits 0 --json run -
cmp -s out first; result $? 'the same again, to the byte'
in='check queue mail.campus.example has 1 message\n' exits 1 --json run -
out_has '"exit":1}'
in='banana\n' exits 2 --json run -
out_has '"exit":2}'

# worlds: made by the prompt, looked at by others, the seed its own
in='telnet mail smtp\nEHLO x\nMAIL FROM:<ana@campus.example>\nRCPT TO:<bo@campus.example>\nDATA\nSubject: kept\n\nx\n.\nQUIT\n' exits 0 --world lab.world --seed 7
in='check server bo@campus.example INBOX has a message with Subject: kept\n' exits 0 --world lab.world run -
in='telnet mail pop3\nUSER bo\nPASS maple\nDELE 1\nDELE 2\nQUIT\n' exits 0 --world lab.world run -
in='check server bo@campus.example INBOX has 2 messages\n' exits 0 --world lab.world run -
in='' exits 2 --world lab.world --seed 8
in='' exits 0 --world lab.world --seed 7
exits 0 fsck lab.world
in='' exits 3 --world nosuch.world run -
[ -z "$(find . -name 'pennypost.*')" ]; result $? 'no copies stay behind'
printf 'host h.example.org serves imap for example.org\nuser a@example.org password b\ndevice box of a@example.org imap\non box\n' >lab.post
in='telnet h imap\na1 LOGIN a b\n:check session imap is AUTHENTICATED\n' exits 0 --world lab.post run -
printf 'host h.example.org serves imap for example.org\n  hots x\n' >wrong.post
in='' exits 2 --world wrong.post run -
err_has 'wrong.post:2: '
err_has '      hots x'
printf 'SQLite format 3\000garbage' >damaged.world
cp damaged.world before
exits 3 fsck damaged.world
in='' exits 3 --world damaged.world
cmp -s damaged.world before; result $? 'a damaged file is left untouched'

# the learner's own world
in='wait 1d\nexit\n' exits 0
[ -f home/.local/share/pennypost/default.world ]; result $? 'it lies in the data directory'
in='wait 1s\n' exits 0; out_has 'It is Tue, 06 Jan 2026 09:00:01'
in='wait 1s\n' exits 0 --fresh; out_has 'It is Mon, 05 Jan 2026 09:00:01'
[ -f home/.local/share/pennypost/default.world.old ]; result $? 'the old one is kept beside'
XDG_DATA_HOME=$work/data in='' exits 0
[ -f data/pennypost/default.world ]; result $? 'XDG_DATA_HOME is heard'
HOME=/proc/nosuch in='users\n' exits 0; err_has 'lives in memory'

# a session is saved and played again
in='telnet mail smtp\nEHLO x\nRCPT TO:<x>\n:foo\nMAIL FROM:<ana@campus.example>\n:save s.post\n:close\n' exits 0 --world m.world
out_has 'pennypost run s.post'
head -n 1 s.post | grep -q '^# Pennypost script'; result $? 'a saved script says what it is'
tail -n 1 s.post | grep -q '^:# digest '; result $? 'and ends with its digest'
exits 0 run s.post
[ ! -s err ]; result $? 'the digest is that of the session'
sed 's/RCPT TO:<x>/RCPT TO:<y>/' s.post >other.post
exits 0 run other.post; err_has 'is not the one that was saved'
echo mine >mine.txt
# a second save tells the same story as if the first had not been
in='wait 1m\nsave one.post\nwait 1m\nsave two.post\n' exits 0 --fresh
exits 0 run two.post; out_has '09:02:00'
[ ! -s err ]; result $? 'its digest is that of the session too'
in='save mine.txt\n' exits 0; out_has 'nothing was written'
[ "$(cat mine.txt)" = mine ]; result $? 'what is no script is not written over'

# forget: names what it takes, asks, leaves what is not its own
own=$HOME/.local/share/pennypost
rm -rf "$own"
exits 0 forget
out_has 'Pennypost keeps nothing of you in'
[ ! -e "$own" ]; result $? 'and makes nothing'
in='wait 1s\n' exits 0
in='telnet mail smtp\n' exits 1 lesson say-hello
in='telnet mail smtp\n' exits 1 lesson say-hello --student 98123
in='telnet mail smtp\n' exits 1 lesson say-hello --student 98124
echo mine >"$own/notes.txt"
in='no\n' exits 1 forget
out_has 'default.world ('
out_has 'your own world: its messages and passwords'
out_has 'students/98123/lesson-say-hello.post ('
out_has "notes.txt is not Pennypost's, and stays."
out_has 'Hand-ins (handin-*.txt)'
out_has 'Nothing was removed.'
[ -e "$own/default.world" ] && [ -e "$own/progress.txt" ]; result $? 'nothing was removed'
in='' exits 1 forget
exits 2 forget --student ../..
exits 2 forget --path lab50
exits 2 forget me
exits 0 forget --student 99999
in='yes\n' exits 0 forget --student 98123
out_has 'Removed: 2 of 2 files.'
[ ! -e "$own/students/98123" ] && [ -e "$own/students/98124/progress.txt" ]
result $? 'one student only'
mkfifo held
"$program" <held >/dev/null 2>&1 & holder=$!
exec 9>held
until [ -e "$own/default.world-wal" ] || ! kill -0 $holder; do read -r -t 0.05 <>held || true; done
in='yes\n' exits 3 forget
err_has 'is open in another window: leave Pennypost there first'
[ -e "$own/progress.txt" ]; result $? 'and nothing of it was removed'
exec 9>&-
wait $holder
in='yes\n' exits 0 forget
[ "$(ls -A "$own")" = notes.txt ]; result $? 'only what is not its own is left'
rm -rf "$own"

echo "1..$tests"
[ $failures -eq 0 ]
