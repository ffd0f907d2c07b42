#!/bin/sh
# format.sh: the layout that a machine can judge. No tabs, no blanks at the end of a line, 100
# columns (tables may be wider: a row is a line in braces), a newline at the end, a function's
# brace on a line of its own, "if (" and ") {" with their space. Where columns line up is the
# writer's business: .clang-format is there for editors, and differs from the hand in places.
#   format.sh [--write]    --write mends what it can; code that is too long goes to clang-format
set -u
files=$(find base servers sim views lessons front gateway repl page tests -name '*.[ch]' 2>/dev/null | sort)
export LC_ALL=C.UTF-8

# A line that may be as long as it likes.
exempt='FILENAME ~ /_table\.c$|\/limits\.h$/ || /^ *(\[[A-Z_0-9]+\] = )?\{.*\},?( *\/\*.*\*\/)?$/'

# Headings between sections are cut; a comment that does not fit behind its line goes above it.
mend() {
    awk '
    function fits(text) { return length(text) <= 100 }
    { sub(/[ \t\r]+$/, ""); gsub(/\t/, "    ") }
    fits($0) || '"$exempt"' { print; next }
    /^\/\* --- .* -+ \*\/$/ { print substr($0, 1, 97) " */"; next }
    match($0, /^ *\/\*[^*]*\*\/$/) {
        at = 98
        while (at > 1 && substr($0, at, 1) != " ") at--
        match($0, /^ */)
        print substr($0, 1, at - 1)
        printf "%s   %s\n", substr($0, 1, RLENGTH), substr($0, at + 1)
        next
    }
    match($0, /[;,{] *\/\*[^*]*\*\/$/) {
        code = substr($0, 1, RSTART)
        note = substr($0, RSTART + 1); sub(/^ +/, "", note)
        match(code, /^ */); indent = substr(code, 1, RLENGTH)
        if (fits(code " " note)) print code " " note
        else { print indent note; print code }
        next
    }
    { print }' "$1"
}

if [ "${1:-}" = --write ]; then
    for file in $files; do
        mend "$file" >"$file.mended" && { cmp -s "$file" "$file.mended" || cat "$file.mended" >"$file"; }
        rm -f "$file.mended"
        lines=$(awk 'length($0) > 100 && !('"$exempt"') { printf " --lines=%d:%d", FNR, FNR }' "$file")
        # shellcheck disable=SC2086
        [ -z "$lines" ] || clang-format -i $lines "$file"
    done
fi

# shellcheck disable=SC2086
awk '
function wrong(why) { printf "%s:%d: %s\n    %s\n", FILENAME, FNR, why, $0; bad = 1 }
FNR == 1 { files++ }
/\t/ { wrong("a tab") }
/[ \r]$/ { wrong("a blank at the end") }
length($0) > 100 && !('"$exempt"') { wrong(length($0) " columns, 100 is the limit") }
{
    text = $0
    gsub(/\\./, "", text); gsub(/"[^"]*"/, "\"\"", text); gsub(/\/\*.*/, "", text)
}
text ~ /(^|[^A-Za-z0-9_])(if|for|while|switch)\(/ { wrong("no space after the keyword") }
text ~ /^ +(if|for|while|switch) .*\)\{$/ { wrong("no space before the brace") }
text ~ /^[A-Za-z_].*\) *\{$/ && text !~ /=/ && text !~ /^START_TEST/ {
    wrong("a function begins its brace on a line of its own")
}
END { if (!bad) printf "format: %d files\n", files; exit bad }
' $files || exit 1
for file in $files; do
    [ -z "$(tail -c 1 "$file")" ] || { echo "$file: no newline at the end"; exit 1; }
done
