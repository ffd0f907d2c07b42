#!/bin/sh
# embed.sh: prints files as a C table, NAME without its leading number and its ending; the first
# file is the first row.
#   embed.sh HEADER STRUCT TABLE FILE…      e.g. lessons/story.h story_text stories …
set -eu
header=$1 kind=$2 table=$3
shift 3
echo "#include \"$header\""
number=0
for file; do
    number=$((number + 1))
    echo "static const unsigned char text_$number[] = {"
    od -An -v -tu1 "$file" | sed 's/[0-9][0-9]*/&,/g'
    echo '};'
done
echo "const struct $kind ${table}[] = {"
number=0
for file; do
    number=$((number + 1))
    name=$(basename "$file")
    echo "    { \"$(echo "${name%.*}" | sed 's/^[0-9]*-//')\", text_$number, sizeof text_$number },"
done
echo '    { 0, 0, 0 },'
echo '};'
