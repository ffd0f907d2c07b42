#!/bin/sh
# terminal.sh: the program has one door to a terminal, repl/terminal.c. Whoever else prints could
# print a name, a story or a message raw.
set -u
files=$(find sim views lessons front gateway repl servers -name '*.[ch]' ! -path repl/terminal.c | sort)
[ -n "$files" ] || { echo "terminal: no files"; exit 1; }
# shellcheck disable=SC2086
awk '
BEGIN {
    calls = "(^|[^A-Za-z0-9_>.])(printf|fprintf|vprintf|vfprintf|dprintf|vdprintf|puts|fputs|putc|" \
            "putchar|fputc|fwrite|perror|psignal|fputws|putw)[ \t]*\\("
}
{
    text = $0
    gsub(/\\./, "", text); gsub(/"[^"]*"/, "\"\"", text)
    if (inside) { if (!sub(/^.*\*\//, "", text)) next; inside = 0 }
    gsub(/\/\*[^*]*\*\//, "", text); sub(/\/\/.*/, "", text)
    if (sub(/\/\*.*/, "", text)) inside = 1
}
FNR == 1 { inside = 0; files++ }
text ~ calls { printf "%s:%d: only repl/terminal.c prints\n    %s\n", FILENAME, FNR, $0; bad = 1 }
text ~ /STD(OUT|ERR)_FILENO/ && text !~ /isatty/ {
    printf "%s:%d: a way past repl/terminal.c\n    %s\n", FILENAME, FNR, $0; bad = 1
}
END { if (!bad) printf "terminal: %d files, one door\n", files; exit bad }
' $files
