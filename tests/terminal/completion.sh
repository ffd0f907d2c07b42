#!/usr/bin/env bash
# `pennypost completion SHELL`: each shell reads what is written for it and offers what it should;
# --help and the man page know every command and option that is declared (repl/command_line.c).
program=${PENNYPOST:-./pennypost}
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/pennypost-completion.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
tests=0 failures=0

result() { # 0|1 NAME
    tests=$((tests + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $tests - $2"
    else
        echo "not ok $tests - $2"
        sed 's/^/# /' "$work/told"
        failures=$((failures + 1))
    fi
}

for shell in bash zsh fish; do
    "$program" completion $shell >"$work/$shell"
    result $? "a script for $shell"
done
"$program" completion csh >"$work/told" 2>&1
[ $? -eq 2 ]; result $? "another shell is refused"

# --- bash
offered() { # WORD…: what bash would offer for the last one
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _pennypost
    echo "${COMPREPLY[*]}" | tee "$work/told"
}
# shellcheck disable=SC1091
. "$work/bash"; result $? "bash reads it"
[ "$(offered pennypost se)" = serve ]; result $? "bash: a command"
[ "$(offered pennypost serve --t)" = "--tls --token" ]; result $? "bash: its options"
[ "$(offered pennypost run --t)" = "" ]; result $? "bash: not those of another"
[ "$(offered pennypost serve --tls st)" = starttls ]; result $? "bash: the words behind an option"
[ "$(offered pennypost serve --tls = i)" = implicit ]; result $? "bash: … and behind a ="
[ "$(offered pennypost --json contrast lost-p)" = lost-phone ]; result $? "bash: a story, behind an option"
[ "$(offered pennypost lesson where)" = where-did-it-go ]; result $? "bash: a lesson"

# --- zsh, fish
if command -v zsh >/dev/null; then
    zsh -n "$work/zsh" 2>"$work/told" && [ ! -s "$work/told" ]; result $? "zsh reads it"
    mkdir "$work/functions" && cp "$work/zsh" "$work/functions/_pennypost"
    zsh -fc "fpath=($work/functions \$fpath); autoload -Uz compinit; compinit -D; print \$_comps[pennypost]" >"$work/told" 2>&1
    [ "$(cat "$work/told")" = _pennypost ]; result $? "zsh takes it for pennypost"
else
    tests=$((tests + 1)); echo "ok $tests - zsh reads it # SKIP zsh is not installed"
fi
if command -v fish >/dev/null; then
    fish --no-execute "$work/fish" 2>"$work/told" && [ ! -s "$work/told" ]; result $? "fish reads it"
    fish -c "source $work/fish; complete -C 'pennypost serve --tok'; complete -C 'pennypost serve --tls i'; complete -C 'pennypost contrast lost-p'" |
        cut -f1 >"$work/told"
    [ "$(paste -sd' ' "$work/told")" = "--token implicit lost-phone" ]; result $? "fish completes an option, a word, a story"
else
    tests=$((tests + 1)); echo "ok $tests - fish reads it # SKIP fish is not installed"
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
[ "$(wc -l <"$work/declared")" -gt 40 ] && [ ! -s "$work/told" ]; result $? "--help and the man page know all that is declared"
echo "1..$tests"
[ $failures -eq 0 ]
