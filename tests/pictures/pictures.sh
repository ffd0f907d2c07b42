#!/bin/bash
# pictures.sh: `export` of scripts: each NAME.post as SVG, page and Mermaid, compared with what is
# written beside it; read by an XML and an HTML parser; hostile mail stays text; long sessions say
# what they leave out. ACCEPT=1 writes the expected files anew.
set -u
cd "$(dirname "$0")" || exit 1
pennypost=${PENNYPOST:-$PWD/../../pennypost}
work=$(mktemp -d "${TMPDIR:-/tmp}/pictures.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
export HOME="$work" TMPDIR="$work"
. ../tap.bash

same() { # WHAT EXPECTED FOUND: or, with ACCEPT=1, made so
    if [ "${ACCEPT:-}" = 1 ] && ! cmp -s "$2" "$3"; then
        cp "$3" "$2"
    fi
    diff -u "$2" "$3" >"$work/diff"
    told $? "$1"
    [ -s "$work/diff" ] && head -n 20 "$work/diff" | cut -c1-300 | sed 's/^/# /'
}

# What a reader of XML and one of HTML make of it: ids are unique, nothing is fetched or run.
reads_well() { # FILE
    python3 - "$1" <<'PYTHON'
import html.parser, sys, xml.etree.ElementTree as tree
text = open(sys.argv[1], "rb").read().decode("utf-8")
seen, tags = set(), set()
class Reader(html.parser.HTMLParser):
    def handle_starttag(self, tag, attributes):
        tags.add(tag)
        for key, value in attributes:
            assert not key.startswith("on"), key
            assert key not in ("href", "src"), (key, value)
            if key == "id":
                assert value not in seen, value
                seen.add(value)
Reader().feed(text)
assert not tags & {"script", "iframe", "img", "link", "object", "foreignobject"}, tags
import re
roots = [tree.fromstring(one) for one in re.findall(r"<svg .*?</svg>", text, re.S)]
assert all(root.get("role") != "img" for root in roots)  # whose insides are not read out
rows = [g for root in roots for g in root.iter() if g.get("role") == "row"]
assert rows and all(len(g) and g[0].get("role") == "cell" for g in rows)
rows = [g[0] for g in rows]
assert all(g.get("aria-label") for g in rows)
assert all(g.find("{http://www.w3.org/2000/svg}title") is not None or
           g.get("aria-label") == "messages at the end" for g in rows)
assert not any(ord(c) < 32 and c not in "\n\t" or c in "\x7f\u202e\u2028" for c in text)
PYTHON
}

for file in *.post; do
    name=${file%.post}
    for format in svg html mermaid; do
        "$pennypost" export "$file" --$format -o "$work/$name.$format" </dev/null
        told $? "$name as $format"
        same "$name as $format: what was accepted" "$name.$format" "$work/$name.$format"
        "$pennypost" export "$file" --$format </dev/null | cmp -s - "$work/$name.$format"
        told $? "$name as $format: the same again"
    done
    reads_well "$work/$name.svg"
    told $? "$name: the SVG reads well"
    reads_well "$work/$name.html"
    told $? "$name: the page reads well"
    [ "$(wc -c <"$work/$name.mermaid")" -lt 50000 ] && ! LC_ALL=C grep -q '[[:cntrl:]]' "$work/$name.mermaid"
    told $? "$name: Mermaid is short enough, and plain"
done

# --- a story with three settings ---------------------------------------------------------------
"$pennypost" export lost-phone --html -o "$work/story.html" </dev/null && reads_well "$work/story.html"
told $? "a story as a page"
grep -q '<th>lost</th><td>4</td><td>0</td>' "$work/story.html" && grep -q '<h2>Step by step' "$work/story.html"
told $? "a story's page has the table of its end, and what each step meant"
grep -q '<summary>2 the phone falls into the river' "$work/story.html"
told $? "a story's steps have titles"
awk '/What it came to/ { a = NR } /Where the messages/ && !b { b = NR } /<h2>Step by step/ { c = NR }
     END { exit !(a && a < b && b < c) }' "$work/story.html"
told $? "the answer stands first, then the boards, then the steps"
printf 'telnet mail smtp\nEHLO x\nMAIL FROM:<ana@campus.example>\nRCPT TO:<somebody-with-a-long-name@bakery.example>\n' >"$work/no.post"
"$pennypost" export "$work/no.post" --svg -o "$work/no.svg" && reads_well "$work/no.svg" &&
    tr -d '\n' <"$work/no.svg" | sed 's/<[^>]*losttext[^>]*>\([^<]*\)<.text>/\1/g' |
    grep -q '550 5.7.1 &lt;somebody-with-a-long-name@bakery.example&gt; Relaying denied'
told $? "a refusal is red, and whole"
[ "$(grep -c '^sequenceDiagram' <("$pennypost" export lost-phone --mermaid))" -eq 3 ]
told $? "a story as Mermaid: a diagram for each setting"

# --- an address with what HTML takes for its own -----------------------------------------------
printf 'user a&b@campus.example password p\ndevice d of a&b@campus.example imap\non desktop\nmail write a&b@campus.example subject "x" text "x"\n' >"$work/amp.post"
"$pennypost" export "$work/amp.post" --html -o "$work/amp.html" && reads_well "$work/amp.html" &&
    grep -q 'messages of a&amp;b@campus.example' "$work/amp.html" && ! grep -q 'a&b@' "$work/amp.html"
told $? "an address is escaped on a page"

# --- long ones say what they leave out ---------------------------------------------------------
{
    printf 'telnet mail pop3\nUSER ana\nPASS tulip\n'
    for i in $(seq 700); do echo NOOP; done
    echo QUIT
} >"$work/long.post"
"$pennypost" export "$work/long.post" --svg -o "$work/long.svg"
grep -q 'more lines were said than a picture can show' "$work/long.svg" && reads_well "$work/long.svg"
told $? "a picture of more than 1,000 lines says so"
"$pennypost" export "$work/long.post" --mermaid | grep -q 'and 1104 more lines, left out here'
told $? "a diagram of more than 100 lines says so"

# --- the trace, and mistakes -------------------------------------------------------------------
"$pennypost" export hostile.post --json -o "$work/trace" &&
    "$pennypost" run hostile.post --json 2>/dev/null | cmp -s - "$work/trace"
told $? "as JSON it is what run --json prints"
"$pennypost" export hostile.post >/dev/null 2>"$work/err"
[ $? -eq 2 ] && grep -q 'as what?' "$work/err"
told $? "without a format: which there are"
"$pennypost" export hostile.post --svg -o /nowhere/x.svg 2>"$work/err"
[ $? -eq 3 ] && grep -q "/nowhere/x.svg can't be written" "$work/err"
told $? "where nothing can be written"
printf 'on laptop\nmail sink\n' >"$work/wrong.post"
"$pennypost" export "$work/wrong.post" --svg -o "$work/wrong.svg" 2>"$work/err"
[ $? -eq 2 ] && grep -q 'wrong.post:2: ' "$work/err" && [ ! -e "$work/wrong.svg" ]
told $? "a script with a mistake: line and reason, and no picture"

echo "1..$count"
exit "$failed"
