# said.awk: what C files mark with SAID("…"), as a table for lint: each text once, without the blanks
# around it, with {1} {2} … for its conversions.
BEGIN { RS = "\001" }                           # all is one record
{
    print "#include \"repl/language.h\""
    print "const char *const said_in_code[] = {"
    count = split($0, parts, /SAID\([ \n]*"/)
    for (i = 2; i <= count; i++) {
        rest = "\"" substr(parts[i], 1, 4000)   # no text is longer; the next SAID may be far
        said = ""
        while (match(rest, /^[ \n]*"([^"\\]|\\.)*"/)) {
            one = substr(rest, RSTART, RLENGTH)
            sub(/^[ \n]*"/, "", one)
            said = said substr(one, 1, length(one) - 1)
            rest = substr(rest, RSTART + RLENGTH)
        }
        gsub(/^ +|( |\\n)+$/, "", said)
        for (hole = 1; match(said, /%(\.\*)?(ll|z)?[sduzc]/); hole++)
            said = substr(said, 1, RSTART - 1) "{" hole "}" substr(said, RSTART + RLENGTH)
        if (!(said in seen))
            printf "    \"%s\",\n", said
        seen[said] = 1
    }
    print "    0,"
    print "};"
}
