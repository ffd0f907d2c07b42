#!/bin/sh
# sizes.sh: no function over 60 lines, no file over 600.
# Tables (*_table.c) may be longer, as may the tests' tables of cases.
set -u
files=$(find base servers sim views lessons front gateway repl page tests -name '*.[ch]' 2>/dev/null | sort)
# shellcheck disable=SC2086
awk -v function_max=60 -v file_max=600 '
function wrong(line, why) { printf "%s:%d: %s\n", file, line, why; bad = 1 }
function file_end() {
    if (file != "" && file !~ /_table\.c$/ && file !~ /^tests\// && lines > file_max)
        wrong(1, lines " lines in one file, " file_max " is the limit")
}
FNR == 1 { file_end(); file = FILENAME; files++; open = 0; head = "" }
{ lines = FNR }
/^[A-Za-z_].*\(/ && !/;$/ { head = $0 }
/^{/ { open = FNR }
/^}/ {
    if (open && head != "" && FNR - open > function_max)
        wrong(open, (FNR - open - 1) " lines in one function, " function_max " is the limit: " head)
    open = 0; head = ""
}
END {
    file_end()
    if (!bad) printf "sizes: %d files within %d lines a function and %d a file\n", files, function_max, file_max
    exit bad
}' $files
