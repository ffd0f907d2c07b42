#!/bin/sh
# embed.sh: prints the stories as C, as lessons/story.h declares them; the first is the default.
#   embed.sh FILE.post…
set -eu
echo '#include "lessons/story.h"'
number=0
for file; do
    number=$((number + 1))
    echo "static const unsigned char text_$number[] = {"
    od -An -v -tu1 "$file" | sed 's/[0-9][0-9]*/&,/g'
    echo '};'
done
echo 'const struct story_text stories[] = {'
number=0
for file; do
    number=$((number + 1))
    echo "    { \"$(basename "$file" .post | sed 's/^[0-9]*-//')\", text_$number, sizeof text_$number },"
done
echo '    { 0, 0, 0 },'
echo '};'
