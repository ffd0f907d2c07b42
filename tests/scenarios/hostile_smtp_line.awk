# A line of 10 MiB without end, in each place where SMTP takes one: a command, an answer to AUTH, a
# message (4 MiB are kept there, 33 are refused). A command that long is refused once (RFC 5321 4.5.3.1.9), a message's line is part of the
# message, and the next command works. Memory is bounded by base/limits.h.
function times(text, power) { while (power--) text = text text; return text }
BEGIN {
    long = times("xxxxxxxxxx", 20)
    less = times("x", 20)
    print "# memory: 256 MiB"
    print "# turned: 1088 MiB"
    print "# Lines of 10 MiB to SMTP (RFC 5321 4.5.3.1.9)."
    print "telnet mail submission"
    print "EHLO laptop"
    print long
    print ":check reply begins 500"
    print "NOOP"
    print ":check reply begins 250"
    print "EHLO " less
    print ":check reply begins 500"
    print "AUTH PLAIN"
    print less
    print ":check reply begins 500"
    print ":check session smtp is READY"
    print "AUTH PLAIN AGFuYQB0dWxpcA=="
    print ":check reply begins 235"
    print "MAIL FROM:<" less "@campus.example>"
    print ":check reply begins 500"
    print "MAIL FROM:<ana@campus.example>"
    print "RCPT TO:<bo@campus.example>"
    print "DATA"
    print "Subject: Long"
    print ""
    print substr(long, 1, 4194304)
    print "."
    print ":check reply begins 250"
    print ":check server bo@campus.example INBOX has 2 messages"
    print "QUIT"
    print "on desktop"
    print "telnet mail pop3"
    print "USER bo"
    print "PASS maple"
    print "RETR 2"
    print ":check reply begins +OK"
    print "QUIT"
    # The last: what is kept of a refused message until then makes the file large.
    print "on laptop"
    print "telnet mail submission"
    print "EHLO laptop"
    print "AUTH PLAIN AGFuYQB0dWxpcA=="
    print "MAIL FROM:<ana@campus.example>"
    print "RCPT TO:<bo@campus.example>"
    print "DATA"
    print "Subject: " less
    print long
    print long
    print long
    print less less
    print "."
    print ":check reply begins 552"
    print ":check server bo@campus.example INBOX has 2 messages"
    print "QUIT"
}
