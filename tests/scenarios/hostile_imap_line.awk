# Lines of 10 MiB to IMAP, 60,000 parentheses, sequence sets without end: refused with BAD, and the
# next command works.
function times(text, power) { while (power--) text = text text; return text }
BEGIN {
    long = times("xxxxxxxxxx", 20)
    less = times("x", 20)
    print "# memory: 128 MiB"
    print "# turned: 448 MiB"
    print "# Lines of 10 MiB, parentheses and sequence sets to IMAP (RFC 3501 9, RFC 7162 4)."
    print "on phone"
    print "telnet mail imap"
    print long
    print "a1 " less
    print ":check session imap is NOT_AUTHENTICATED"
    print "a2 LOGIN ana tulip"
    print ":check reply begins OK"
    print "a3 SELECT " less
    print "a4 SELECT INBOX"
    print ":check reply begins OK"
    print "a5 SEARCH " substr(times("(", 16), 1, 60000)
    print ":check reply begins BAD"
    print "a6 SEARCH " substr(times("(", 16), 1, 30000) "ALL" substr(times(")", 16), 1, 30000)
    print ":check reply begins BAD"
    print "a7 FETCH 1 (" substr(times("(", 16), 1, 60000)
    print ":check reply begins BAD"
    print "a8 SEARCH " times("NOT ", 13) "ALL"
    print ":check reply begins BAD"
    print "a9 FETCH 4294967296 FLAGS"
    print ":check reply begins BAD"
    print "b1 FETCH 0 FLAGS"
    print ":check reply begins BAD"
    print "b2 FETCH 99999999999999999999999999 FLAGS"
    print ":check reply begins BAD"
    print "b3 UID FETCH 4294967295 FLAGS"
    print ":check reply begins OK"
    print "b4 UID FETCH 1:4294967295 FLAGS"
    print ":check reply begins OK"
    print "b5 UID FETCH " times("1,", 14) "2 FLAGS"
    print ":check reply begins OK"
    set = "1"
    for (i = 3; i < 24000; i += 2)
        set = set "," i
    print "b6 UID FETCH " substr(set, 1, 60000) "1 FLAGS"
    print "b7 SELECT {99999999999999999999}"
    print ":check reply begins BAD"
    print "b8 SELECT {4000000000}"
    print "b9 NOOP"
    print ":check reply begins OK"
    print "c1 APPEND INBOX {4000000000}"
    print "c2 NOOP"
    print ":check reply begins OK"
    print "c3 SELECT {10485760+}"
    print long
    print "c4 NOOP"
    print ":check reply begins OK"
    print "c5 LOGOUT"
}
