#!/bin/sh
# banned.sh: calls that do not belong here. Text is built with buf_format and arena_format,
# read with base/slice.h; time and chance come from the world.
set -u
bad=0

look() { # look WHY NAMES ROOMS…: each NAME followed by a parenthesis, outside comments and strings
    why=$1 names=$2; shift 2
    files=$(find "$@" -name '*.[ch]' 2>/dev/null | sort)
    [ -n "$files" ] || return 0
    # shellcheck disable=SC2086
    awk -v why="$why" -v names="$names" '
    BEGIN { pattern = "(^|[^A-Za-z0-9_>.])(" names ")[ \t]*\\(" }
    {
        text = $0
        gsub(/\\./, "", text); gsub(/"[^"]*"/, "\"\"", text)
        if (inside) { if (!sub(/^.*\*\//, "", text)) next; inside = 0 }
        gsub(/\/\*[^*]*\*\//, "", text); sub(/\/\/.*/, "", text)
        if (sub(/\/\*.*/, "", text)) inside = 1
    }
    FNR == 1 { inside = 0 }
    text ~ pattern { printf "%s:%d: %s\n    %s\n", FILENAME, FNR, why, $0; bad = 1 }
    END { exit bad }' $files || bad=1
}

look "use buf, arena_format or a slice" \
    "strcpy|strcat|sprintf|vsprintf|strtok|strtok_r|strncpy|strncat|atoi|atol|atoll|atof|gets|alloca" \
    servers sim views lessons front gateway repl
look "the locale must not decide: use base/slice.h" \
    "isalpha|isdigit|isalnum|isspace|isupper|islower|isprint|ispunct|iscntrl|isxdigit|toupper|tolower|strcasecmp|strncasecmp|strcoll|strtol|strtoul|strtoll|strtoull|strtod|sscanf" \
    base servers sim views lessons front gateway
look "equal keys come out in any order: sort by merging, or by a unique key with a reason" \
    "qsort|qsort_r" \
    base servers sim views lessons front
look "the world has its own time and chance" \
    "time|clock|clock_gettime|gettimeofday|localtime|localtime_r|gmtime|gmtime_r|mktime|strftime|rand|srand|random|srandom|rand_r|drand48|arc4random|getrandom|getentropy|usleep|nanosleep|sleep|getenv" \
    base servers sim views lessons front
look "a world's memory comes from its heap, that it can be set back: base/heap.h" \
    "malloc|calloc|realloc|free" \
    $(ls servers/*.c servers/*/*.c sim/*.c sim/*/*.c | grep -v '/timeline\|/trace\.c')
look "stdio belongs to base/ and the front ends" \
    "printf|fprintf|vprintf|vfprintf|snprintf|vsnprintf|puts|fputs|putchar|fopen|fread|fwrite|fclose|perror" \
    servers sim views lessons front
# shellcheck disable=SC2046
if grep -nwE 'CURRENT_TIMESTAMP|CURRENT_TIME|CURRENT_DATE' \
    $(find base servers sim views lessons front -name '*.[ch]' 2>/dev/null) /dev/null; then
    echo "    the world has its own time"
    bad=1
fi
# shellcheck disable=SC2046
if grep -n 'struct error \*why);' $(find base servers sim views lessons front gateway repl -name '*.h') |
    grep -v 'typedef\|bool tls_error('; then
    echo "    what fails for the environment's sake is looked at: MUST_CHECK (base/error.h)"
    bad=1
fi
[ "$bad" -ne 0 ] || echo "banned: no forbidden call"
exit "$bad"
