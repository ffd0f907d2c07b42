#!/usr/bin/env bash
# `pennypost completion SHELL`: each shell reads what is written for it and offers what it should;
# --help and the man page know every command and option that is declared (repl/command_line.c).
program=${PENNYPOST:-./pennypost}
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/pennypost-completion.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
. "$root/tests/tap.bash"
told_more() { cat "$work/told"; }

for shell in bash zsh fish; do
    "$program" completion $shell >"$work/$shell"
    told $? "a script for $shell"
done
"$program" completion csh >"$work/told" 2>&1
[ $? -eq 2 ]; told $? "another shell is refused"

# --- bash
offered() { # WORD…: what bash would offer for the last one
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _pennypost
    echo "${COMPREPLY[*]}" | tee "$work/told"
}
# shellcheck disable=SC1091
. "$work/bash"; told $? "bash reads it"
[ "$(offered pennypost se)" = serve ]; told $? "bash: a command"
[ "$(offered pennypost serve --t)" = "--tls --token" ]; told $? "bash: its options"
[ "$(offered pennypost run --t)" = "" ]; told $? "bash: not those of another"
[ "$(offered pennypost serve --tls st)" = starttls ]; told $? "bash: the words behind an option"
[ "$(offered pennypost serve --tls = i)" = implicit ]; told $? "bash: … and behind a ="
[ "$(offered pennypost --json contrast lost-p)" = lost-phone ]; told $? "bash: a story, behind an option"
[ "$(offered pennypost lesson where)" = where-did-it-go ]; told $? "bash: a lesson"

# --- zsh, fish
if command -v zsh >/dev/null; then
    zsh -n "$work/zsh" 2>"$work/told" && [ ! -s "$work/told" ]; told $? "zsh reads it"
    mkdir "$work/functions" && cp "$work/zsh" "$work/functions/_pennypost"
    zsh -fc "fpath=($work/functions \$fpath); autoload -Uz compinit; compinit -D; print \$_comps[pennypost]" >"$work/told" 2>&1
    [ "$(cat "$work/told")" = _pennypost ]; told $? "zsh takes it for pennypost"
else
    count=$((count + 1)); echo "ok $count - zsh reads it # SKIP zsh is not installed"
fi
if command -v fish >/dev/null; then
    fish --no-execute "$work/fish" 2>"$work/told" && [ ! -s "$work/told" ]; told $? "fish reads it"
    fish -c "source $work/fish; complete -C 'pennypost serve --tok'; complete -C 'pennypost serve --tls i'; complete -C 'pennypost contrast lost-p'" |
        cut -f1 >"$work/told"
    [ "$(paste -sd' ' "$work/told")" = "--token implicit lost-phone" ]; told $? "fish completes an option, a word, a story"
else
    count=$((count + 1)); echo "ok $count - fish reads it # SKIP fish is not installed"
fi

# --- what is told elsewhere
"$program" --help >"$work/help"
sed -n "s/^complete .* -l \([a-z0-9]*\).*/--\1/p; s/^complete .*use_subcommand -f -a \([a-z]*\).*/\1/p" "$work/fish" |
    sort -u >"$work/declared"
: >"$work/told"
while read -r word; do
    grep -q -- "$word\b" "$work/help" || echo "--help does not know $word" >>"$work/told"
    grep -q -- "\(Fl -\|| -\|Cm \|It Cm \)${word#--}\b" "$root/docs/pennypost.1" || echo "the man page does not know $word" >>"$work/told"
done <"$work/declared"
[ "$(wc -l <"$work/declared")" -gt 40 ] && [ ! -s "$work/told" ]; told $? "--help and the man page know all that is declared"
echo "1..$count"
exit "$failed"
