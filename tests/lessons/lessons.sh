#!/usr/bin/env bash
# The course: every lesson proves itself, a broken one is told with line and place, the command line
# says whether goals are met, and what is kept of a learner survives a killed program.
program=${PENNYPOST:-./pennypost}
case $program in /*) ;; *) program=$PWD/$program ;; esac
root=$PWD
work=$(mktemp -d "${TMPDIR:-/tmp}/pennypost-course.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export XDG_DATA_HOME=$work/data
data=$XDG_DATA_HOME/pennypost
mkdir -p "$data"
count=0 failed=0
told() { # 0|1 NAME
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then echo "ok $count - $2"; return; fi
    echo "not ok $count - $2"
    failed=1
    sed 's/^/# out: /' out | tail -n 30; sed 's/^/# err: /' err | tail -n 30
}
exits() { # CODE NAME COMMAND…
    local code=$1 name=$2 rc
    shift 2
    "$@" >out 2>err
    rc=$?
    [ $rc -eq "$code" ]
    told $? "$name (exit $rc)"
}
out_has() { grep -qF -- "$1" out; told $? "output: $1"; }
err_has() { grep -qF -- "$1" err; told $? "error output: $1"; }

# --- every lesson -------------------------------------------------------------------------------
for file in "$root"/lessons/en/*.md "$root"/lessons/de/*.md "$root"/docs/lesson-template.md; do
    exits 0 "lint $(basename "$file")" "$program" lint "$file"
done
for file in "$root"/lessons/en/*.md; do
    name=$(basename "$file" .md | sed 's/^[0-9]*-//')
    exits 0 "$name: solved by its solution" "$program" lesson "$name" --solve
    exits 1 "$name: nothing typed is no solution" "$program" lesson "$name" --answer /dev/null
    exits 0 "$name: it can be shown to its writer" "$program" lesson --preview "$file"
done
# --- in another language: the same lessons, for which the same lines are right ------------------
for file in "$root"/lessons/de/*.md; do
    name=$(basename "$file" .md | sed 's/^[0-9]*-//')
    exits 0 "$name in German: solved by its solution" "$program" lesson "$name" --lang de --solve
    grep -q '^ *erreicht  1\. ' out
    told $? "… in German"
done
exits 0 "what is not translated is told, and is no fault" "$program" lint --lang de
grep -q '^missing: lesson ' out; [ $? -eq 1 ]; told $? "each lesson is there in German"
grep -q stale out; [ $? -eq 1 ]; told $? "nothing is stale"
grep -qE '^missing: (course|command|imap|lmtp|pop3|program|smtp): ' out; [ $? -eq 1 ]
told $? "all that the course, the program and the protocols say is there"
printf '%s\n' gaol 'telnet mail smtp' 'RCPT TO:<bo@campus.example>' ':why' ':help RCPT' ':undo' ':cut' \
    >wrong.post
exits 1 "a lesson in German: wrong turns" "$program" lesson not-yet --lang de <wrong.post
for said in '"gaol" ist kein Befehl. Meintest du  goal ?' \
    'Verbunden mit mail.campus.example' ' Grund  RCPT kommt' 'RCPT, SMTP: ' \
    'Die letzte Zeile ist:' 'Die Verbindung ist abgebrochen.'; do
    out_has "$said"
done
sed 's/^of: .*/of: 00000000/' "$root/lessons/de/03-first-letter.md" >stale.md
exits 1 "lint: a translation of an older text" "$program" lint stale.md
err_has 'stale.md:3: stale: the English lesson has changed. When this says the same again, write  of: '
sed 's/^check device laptop rule UNKNOWN UNKNOWN$/check device laptop rule QUIT OK/' \
    "$root/lessons/de/03-first-letter.md" >other.md
exits 1 "lint: a translation with another check" "$program" lint other.md
err_has 'this check is another one in the English lesson'
for change in 's/^vary: .*/vary: who name device subject = bo Bo desktop Keys/' \
    's/^answer device laptop rule RETR OK$/answer device laptop rule RETR SYNTAX/' \
    '/^```near-miss/,/^```$/s/^RETR 1$/RETR 2/'; do
    sed "$change" "$root/lessons/de/03-first-letter.md" >other.md
    exits 1 "lint: a translation that a world could tell apart" "$program" lint other.md
    err_has 'is another one in the English lesson'
done
exits 0 "the choice is kept" "$program" lessons
out_has 'Sag Hallo zu einem Mailserver'
exits 2 "there are two languages" "$program" lessons --lang fr
err_has 'a language is en or de, not fr'
exits 0 "back to English" "$program" lessons --lang en
out_has 'Say hello to a mail server'
grep -q '^language' "$data/progress.txt"; [ $? -eq 1 ]; told $? "and that is kept too"

exits 0 "lessons --json" "$program" lessons --json
[ "$(grep -c '"corrects":\[' out)" -eq "$(ls "$root"/lessons/en/*.md | wc -l)" ]
told $? "a line of JSON for each lesson"

# --- a broken lesson: change one thing in the template, and lint says where -------------------
# broken NAME SED-SCRIPT LINE REASON: the line's number behind @, or what stands in it
broken() {
    sed "$2" "$root/docs/lesson-template.md" >broken.md
    exits 1 "lint: $1" "$program" lint --seed 1 broken.md
    local line
    case $3 in
    @*) line=${3#@} ;;
    *) line=$(grep -nF -- "$3" broken.md | head -n 1 | cut -d: -f1) ;;
    esac
    err_has "broken.md:${line:-0}: $4"
    grep -q '^ *^$' err
    told $? "… and a caret"
}
broken "no front matter" '1d' 'name: lesson-template' 'a lesson begins with a line of three hyphens'
broken "no such key" 's/^title:/titel:/' 'titel:' 'no such key'
broken "a name with blanks" 's/^name: .*/name: Two Words/' 'name: Two' 'a name belongs here'
broken "minutes in words" 's/^minutes: .*/minutes: five/' 'minutes: five' 'how many minutes?'
broken "no such misconception" 's/^corrects: .*/corrects: 27/' 'corrects: 27' "a misconception's number"
broken "a choice with too few words" 's/^vary: .*/vary: who device = bo desktop | cem/' 'vary: who' 'this choice has 1 words for 2 names'
broken "a value that nobody gave" 's/${word}/${wort}/' '${wort}' '"wort" is given no value'
broken "a block that is none" 's/^```goal$/```gaol/' '```gaol' 'no block is called that. Did you mean `goal`?'
broken "a goal without a check" '/^check device laptop session/d;/^else you are not/d' '```goal' 'a goal has a line of words'
broken "a check without its else" '/^else you are not/d' 'check device laptop session smtp' 'behind each check stands what is missing'
broken "a check that is none" 's/^check device laptop session smtp/check device lapdog session smtp/' 'lapdog' 'no device of that name'
broken "a check in a hint that is none" 's/^when device laptop/when devise laptop/' 'when devise' 'did you mean  check device ?'
broken "a prediction without an answer" '/^answer reply/d' '```predict' 'a predict block has a question'
broken "one hint only" '/^```hint$/{N;/Type `telnet/{N;d}}' '```goal' 'goal 1 has 1 graded hints'
broken "no solution" '/^```solution/,/^```/d' '```goal' 'goal 1 has no block `solution`'
broken "no after" '/^```after/,$d' '---' 'a lesson has a block `after`'
broken "a near miss without its hint" 's/near-miss goal 1 mistake 22/near-miss goal 1 mistake 21/' 'mistake 21' 'no hint answers this mistake'
broken "a near miss of no goal" 's/near-miss goal 1/near-miss goal 7/' 'goal 7' 'there is no goal 7'
broken "prose that is never shown" '$a Good bye.' 'Good bye.' 'prose behind the last goal'
broken "a block without an end" '$d' '```after' 'the block has no end'
broken "a setup line that is none" 's/^on laptop$/on lapdog/' 'on lapdog' ''
broken "a goal that is met at the start" 's/^check device laptop rule EHLO OK/check server ana@campus.example INBOX has 4 messages/' '@52' 'goal 2 is met before anything was typed'
broken "a solution that does not solve" 's/^EHLO ${word}$/NOOP/' '@52' 'the solution does not meet goal 2'
broken "a solution with a line too many" 's/^EHLO ${word}$/&\nNOOP/' '@52' "the solution's last line changes nothing"
broken "a line of the solution that can't be" 's/^EHLO ${word}$/:echo/' ':echo' 'Not sent'
broken "a near miss that is right" 's/^telnet mail pop3$/telnet mail smtp/' '```near-miss' 'this near miss meets goal 1'
broken "a near miss that nobody explains" 's/^when device laptop session.*/when ran users/' '```near-miss' 'this near miss does not earn'
broken "a mistake from the start" 's/^when device laptop session.*/when not ran users/' '```hint mistake' 'this mistake is seen before'
broken "a mistake that the solution makes" 's/^telnet mail smtp$/users\n&/;s/^when device laptop session pop3.*/when ran users/' '```hint mistake' 'the solution is told of this mistake'
broken "a correction that nothing shows" 's/^corrects: .*/corrects: 22, 21/' '---' 'it corrects misconception 21'
broken "a line too wide" 's/^Why it is so.*/`this code span is so long that it can not be broken anywhere and so it is wider than the screen`/' '@72' 'a line of this text is wider'
sed 's/^needs:.*/needs: nothing-such/' "$root/docs/lesson-template.md" >broken.md
exits 1 "lint: needs that do not exist" "$program" lint --seed 1 broken.md
err_has 'needs nothing-such, and there is no such lesson'
mkdir -p circle
sed 's/^name:.*/name: one/; s/^needs:.*/needs: two/' "$root/docs/lesson-template.md" >circle/1.md
sed 's/^name:.*/name: two/; s/^needs:.*/needs: one/' "$root/docs/lesson-template.md" >circle/2.md
exits 1 "lint: a circle of needs" "$program" lint --seed 1 circle/1.md circle/2.md
err_has 'round a circle'

# --- somebody else's folder; a broken file in it leaves the rest ------------------------------
mkdir -p folder
sed 's/^name:.*/name: of-mine/' "$root/docs/lesson-template.md" >folder/1.md
echo nothing >folder/2.md
exits 0 "a folder of lessons" "$program" --course folder lesson of-mine --solve
err_has 'folder/2.md:1: a lesson begins with'
exits 2 "a lesson that is none" "$program" lesson where-did-it-og
err_has 'Did you mean where-did-it-go?'

# --- answers ------------------------------------------------------------------------------------
printf 'mail sync\non phone\nmail sinc\nmail sync\nstory b\n' >answer.post
exits 1 "an answer that stops too early" "$program" lesson where-did-it-go --answer answer.post
out_has '3 of 4 goals met'
out_has 'open  4. You have said who removed B'
echo 'answer It was the LAPTOP: Dele' >>answer.post
exits 0 "an answer in other words, with a slip" "$program" lesson where-did-it-go --answer answer.post
exits 0 "its verdict in JSON" "$program" --json lesson where-did-it-go --answer answer.post
out_has '"lesson":"where-did-it-go","seed":1,"met":true'
exits 1 "an unmet goal in JSON" "$program" --json lesson where-did-it-go --answer /dev/null
out_has '"met":false,"check":"device laptop INBOX has 4 messages","found":"0 messages"'
exits 3 "an answer that is not there" "$program" lesson where-did-it-go --answer nowhere.post
printf 'save stolen.post\nserve\nmail save 1 to stolen.eml\n' >wicked.post
exits 1 "an answer names no files and opens no ports" "$program" lesson where-did-it-go --answer wicked.post
[ ! -e stolen.post ] && [ ! -e stolen.eml ]
told $? "… nothing was written"

# --- at the prompt, from a pipe ------------------------------------------------------------------
printf 'exit\n' | "$program" >out 2>err
cp "$data/default.world" before.world
printf 'lesson where-did-it-go\nmail sync\n4\non phone\ngoal\nlessons\nprogress\nexit\nusers\n' | "$program" --plain >out 2>err
out_has ' met   1. The laptop has fetched'
out_has 'Noted. Now see what happens.'
out_has '1 of 4 goals met.'
out_has 'You are back in your own world.'
out_has 'where-did-it-go: begun, 1 of 4 goals'
printf 'users\n' | "$program" --world before.world --plain >expected 2>err
tail -n 4 out | sed 's/ *$//' >got; tail -n 4 expected | sed 's/ *$//' | cmp -s - got
told $? "the learner's own world is as it was"
grep -q '^lesson where-did-it-go begun seed 1 goals 1 of 4' "$data/progress.txt"
told $? "progress can be read"
printf 'goal\nmail sync\nstory B\nhint\nanswer the laptop, by DELE\nlesson\n' | "$program" lesson >out 2>err
out_has 'You were here before: your 2 lines were run again.'
out_has 'You predicted "4": it came otherwise. It is: 0 messages'
out_has 'All 4 goals are met.'
grep -q '^lesson where-did-it-go done seed 1 goals 4 of 4 tries 1 hints 1 solutions 0 predictions 0 of 1' "$data/progress.txt"
told $? "… and says how it went"
rm -f "$data/lesson-where-did-it-go.post"
printf 'mail sync\nNone at all\non phone\nmail sync\n' | "$program" lesson where-did-it-go >out 2>err
out_has 'You predicted "None at all": right. It is: 0 messages'
rm -f "$data/lesson-where-did-it-go.post"
printf 'mail sync\nstory B\non phone\nmail sync\n' | "$program" lesson where-did-it-go >out 2>err
out_has 'That is a command, so it is no guess; it has not run.'
grep -q 'You predicted' out
[ $? -ne 0 ]
told $? "a command typed at the question is no guess"
rm -f "$data/lesson-where-did-it-go.post"
printf 'exit\n' | "$program" lesson bcc >out 2>err
printf 'exit\n' | "$program" lesson >out 2>err
out_has 'Lesson bcc: '
printf 'mail snc\nmail snc\nmail snc\nmail snc\n' | "$program" lesson where-did-it-go >out 2>err
[ "$(grep -c 'Stuck?  hint  helps a little.' out)" -eq 1 ]
told $? "after three failures in a row one offer of a hint"
printf 'solution\nmail sync\n\nrestart\ngoal\nmail sync\n' | "$program" lesson where-did-it-go >out 2>err
out_has 'The next line is:  mail sync'
[ "$(grep -c '^ Ana reads her mail' out)" -eq 2 ]; told $? "restart: the lesson's start is shown again"
out_has 'Lesson where-did-it-go: 0 of 4 goals met.'
[ "$(grep -c '^ met   1' out)" -eq 2 ]; told $? "restart: a goal can be met again"
rm -f "$data/lesson-where-did-it-go.post"
printf 'mail sync\n\ngoal\nhint\nundo\ngoal\nredo\ngoal\n' | "$program" lesson where-did-it-go >out 2>err
[ "$(grep -o '[0-9] of 4 goals met' out | cut -c1 | tr -d '\n')" = 101 ]
told $? "undo takes a goal back, past goal and hint; redo brings it again"
rm -f "$data/lesson-where-did-it-go.post"

# A killed program: what was typed is there.
rm -f "$data/lesson-where-did-it-go.post" "$data/progress.txt"
mkfifo pipe
"$program" lesson where-did-it-go <pipe >out 2>err &
pid=$!
exec 9>pipe
printf 'mail sync\n' >&9
for _ in $(seq 500); do grep -q 'met   1' out && break; read -rt 0.02 <>/dev/zero -N 0 || :; done
kill -9 $pid; wait $pid 2>/dev/null
exec 9>&-
printf 'goal\n' | "$program" lesson where-did-it-go >out 2>err
out_has 'You were here before: your 1 line was run again.'
out_has ' met   1. The laptop'

# A file that can't be read is named, kept, and what was readable of it is taken.
printf '%s\n' '# Pennypost progress, format 1' 'lesson where-did-it-go done seed 1 goals 4 of 4 tries 1 hints 0 solutions 0 predictions 0 of 0' 'lesson of mine' >"$data/progress.txt"
cp "$data/progress.txt" was
printf 'progress\nexit\n' | "$program" --plain >out 2>err
err_has 'progress.txt:3: this is no line of progress'
cmp -s was "$data/progress.txt.old-1"; told $? "a corrupt progress is kept as it was"
out_has 'where-did-it-go: done, 4 of 4 goals'

# --- why, in a lesson ----------------------------------------------------------------------------
rm -f "$data/lesson-where-did-it-go.post"
printf 'telnet mail pop3\nUSER ana\nPASS tulip\nRETR 1\n:why\n' | "$program" lesson where-did-it-go >out 2>err
out_has '"POP3 deletes a message when it is fetched": many think so.'

echo "1..$count"
exit "$failed"
