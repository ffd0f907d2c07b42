# said.awk: what C files mark with SAID("…"), as a table for lint: each text once, without the blanks
# around it, with {1} {2} … for its conversions.
{ text = text $0 "\n" }
END {
    print "#include \"repl/language.h\""
    print "const char *const said_in_code[] = {"
    while (match(text, /SAID\([ \n]*"/)) {
        text = substr(text, RSTART + 5)
        said = ""
        while (match(text, /^[ \n]*"([^"\\]|\\.)*"/)) {
            one = substr(text, RSTART, RLENGTH)
            sub(/^[ \n]*"/, "", one)
            said = said substr(one, 1, length(one) - 1)
            text = substr(text, RSTART + RLENGTH)
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
