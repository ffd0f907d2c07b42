#!/bin/bash
# git format-patch and git am: a line of the message that begins with "Index:" ends it, and the rest is lost.
. "$(dirname "$0")/lib.sh"
debs git=1:2.39.5-0+deb12u3
expect 'what format-patch writes as a mail, am of the same program reads: the commit comes out with its whole message'

export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_EXEC_PATH=$root/usr/lib/git-core
export GIT_TEMPLATE_DIR=$root/usr/share/git-core/templates
for who in AUTHOR COMMITTER; do export GIT_${who}_NAME=Ann GIT_${who}_EMAIL=ann@example.com; done
start() { git init -q "$1" && cd "$1" && echo 1 >count && git add count && git commit -qm 'roses: a count'; }
(start "$work/sent") || fail 'git makes no commit'
cp -r "$work/sent" "$work/received"
cd "$work/sent" || exit 2
echo 2 >count
git commit -qa -F - <<'MESSAGE'
roses: count by name

Two roses of one name were one.
Index: it goes by name and bed now.

The file of last year is to be read anew, or its numbers are wrong.
MESSAGE
git format-patch -q -o "$work/mail" HEAD~1
cd "$work/received" || exit 2
git am -q "$work"/mail/*
seen=$(echo "am: exit code $?"
    echo 'sent:'; git -C "$work/sent" log -1 --format=%B | sed '/^$/d; s/^/  /'
    echo 'received:'; git log -1 --format=%B | sed '/^$/d; s/^/  /'
    cmp "$work/sent/count" count && echo 'the file is the same')
verdict "$seen" <<'SEEN'
am: exit code 0
sent:
  roses: count by name
  Two roses of one name were one.
  Index: it goes by name and bed now.
  The file of last year is to be read anew, or its numbers are wrong.
received:
  roses: count by name
  Two roses of one name were one.
the file is the same
SEEN
