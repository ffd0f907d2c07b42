# Lines of 10 MiB to POP3: refused once each, whatever the state, and the next command works.
function times(text, power) { while (power--) text = text text; return text }
BEGIN {
    long = times("xxxxxxxxxx", 20)
    less = times("x", 20)
    print "# memory: 96 MiB"
    print "# turned: 320 MiB"
    print "# Lines of 10 MiB to POP3 (RFC 2449 4)."
    print "telnet mail pop3"
    print long
    print ":check reply begins -ERR"
    print "USER " less
    print ":check reply begins -ERR"
    print "AUTH PLAIN"
    print less
    print ":check reply begins -ERR"
    print ":check session pop3 is AUTHORIZATION"
    print "USER ana"
    print "PASS tulip"
    print ":check reply begins +OK"
    print "RETR " less
    print ":check reply begins -ERR"
    print "RETR 1"
    print ":check reply begins +OK"
    print "QUIT"
}
