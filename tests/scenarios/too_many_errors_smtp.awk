# Fifty commands in a row that make no sense: the server says 421 and hangs up. One good one begins the
# count anew.
BEGIN {
    print "# Nonsense, fifty times in a row (RFC 5321 3.8)."
    print "telnet mail smtp"
    for (i = 1; i < 50; i++)
        print "XYZZY " i
    print "NOOP"
    print ":check reply begins 250"
    for (i = 1; i < 50; i++)
        print "XYZZY " i
    print ":check session smtp is CONNECTED"
    print "XYZZY"
    print ":check reply begins 421"
    print ":check session smtp is CLOSED"
}
