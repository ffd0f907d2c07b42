# A message of 300,000 octets over a line of 200 octets a second takes 25 minutes, and POP3 closes
# after 10 minutes of silence. But a client that still takes what it asked for is not silent. At 50
# octets a second the last 64 KiB alone are on their way for longer, the server hears nothing more and
# hangs up behind them; the message still arrives whole.
function times(text, power) { while (power--) text = text text; return text }
BEGIN {
    print "# A long RETR over a slow line is no silence (RFC 1939 3)."
    print "telnet mail smtp"
    print "EHLO laptop"
    print "MAIL FROM:<ana@campus.example>"
    print "RCPT TO:<ana@campus.example>"
    print "DATA"
    print "Subject: Long"
    print ""
    print substr(times("long ", 16), 1, 300000)
    print "."
    print "QUIT"
    print "telnet mail pop3"
    print "USER ana"
    print "PASS tulip"
    print ":link laptop bandwidth 200B/s"
    print "RETR 5"
    print ":check reply begins +OK"
    print ":check session pop3 is TRANSACTION"
    print ":link laptop bandwidth 50B/s"
    print "RETR 5"
    print ":check reply begins +OK 300"
    print ":check session pop3 is CLOSED"
    print ":check rule TIMEOUT OK"
    print "link laptop bandwidth 2MB/s"
    print "telnet mail pop3"
    print "USER ana"
    print "PASS tulip"
    print "DELE 5"
    print "QUIT"
    print ":check server ana@campus.example INBOX has 4 messages"
}
