/* why_pop3_table.c: why POP3 answered so: a sentence for each state, event and outcome. RFC 1939,
   2449, 2595 (STLS), 5034 (AUTH). What a row means: reason.h. */
#include "views/reason.h"

#define TALKING "AUTHORIZATION TRANSACTION"
#define LOGIN_ANA "USER ana\nPASS tulip"
#define AUTH_ANA "AUTH PLAIN AGFuYQB0dWxpcA=="
#define AGAIN "telnet {host} {port}"
#define NO_LOGIN_TOLD "The server does not say which: that would help a thief. `:users` tells both."
#define OPENED_DROP "The numbers 1, 2, 3 ... hold for this session only; UIDL tells names that stay."
#define SHARED "the maildrop is open; this server lets others open it too."
#define LOCKED "Another POP3 session has this maildrop open: one at a time."
#define LOCKED_MORE "A session sees the maildrop as it was at its start, so POP3 locks it. IMAP would share it. Dovecot, Courier, Cyrus and popa3d let a second in."
#define TROUBLE "The server has trouble of its own; your line was right."
#define MARK_MORE "Nothing is removed yet: only QUIT removes, and RSET takes every mark off."

static const struct reason rows[] = {
    ROW("AUTHORIZATION", "OPENED", OUT_OK, "The server speaks first: +OK and its name open every POP3 session.", "The part in < > is for APOP: a login that does not send the password.", "USER ana"),

    ROW("AUTHORIZATION", "USER", OUT_OK, "The server noted the name; it says +OK to any, and PASS decides.", NULL, "PASS tulip"),
    ROW("AUTHORIZATION", "USER", OUT_SYNTAX, "USER needs a name after it.", NULL, "USER ana"),
    ROW("AUTHORIZATION", "USER", OUT_NEEDS_TLS, "This host takes no password over a connection that others can read.", NULL, "STLS"),
    SLIP(0, slip_shared, "AUTHORIZATION", "PASS", OUT_OK, "The password is right: " SHARED, OPENED_DROP, "STAT"),
    ROW("AUTHORIZATION", "PASS", OUT_OK, "The password is right: the maildrop is open, and locked for this session.", OPENED_DROP, "STAT"),
    ROW("AUTHORIZATION", "PASS", OUT_NEEDS_USER, "PASS comes second: USER says whose maildrop it is.", NULL, LOGIN_ANA),
    ROW("AUTHORIZATION", "PASS", OUT_SYNTAX, "PASS needs a password after it.", NULL, "PASS tulip"),
    SLIP(0, slip_user_had_password, "AUTHORIZATION", "PASS", OUT_BAD_LOGIN, "USER took the whole line for a name, the password too; PASS gives the password.", NULL, LOGIN_ANA),
    ROW("AUTHORIZATION", "PASS", OUT_BAD_LOGIN, "The name or the password is wrong; both are asked for again.", NO_LOGIN_TOLD, LOGIN_ANA),
    SLIP(18, NULL, "AUTHORIZATION", "PASS", OUT_IN_USE, LOCKED, LOCKED_MORE, "QUIT"),
    ROW("AUTHORIZATION", "PASS", OUT_FAILED, TROUBLE, "[SYS/TEMP] means: the same may work later.", "QUIT"),
    ROW("AUTHORIZATION", "APOP", OUT_OK, "The digest is right: the maildrop is open, and the password was never sent.", OPENED_DROP, "STAT"),
    ROW("AUTHORIZATION", "APOP", OUT_SYNTAX, "APOP needs a name and a digest: MD5 of the greeting's < > part and the password.", NULL, LOGIN_ANA),
    ROW("AUTHORIZATION", "APOP", OUT_BAD_LOGIN, "The name or the digest is wrong; a digest fits one greeting only.", NULL, LOGIN_ANA),
    SLIP(18, NULL, "AUTHORIZATION", "APOP", OUT_IN_USE, LOCKED, LOCKED_MORE, "QUIT"),
    ROW("AUTHORIZATION", "APOP", OUT_FAILED, TROUBLE, "[SYS/TEMP] means: the same may work later.", "QUIT"),
    SLIP(0, slip_shared, "AUTHORIZATION", "AUTH", OUT_OK, "Name and password are right: " SHARED, OPENED_DROP, "STAT"),
    ROW("AUTHORIZATION", "AUTH", OUT_OK, "Name and password are right: the maildrop is open, and locked for this session.", OPENED_DROP, "STAT"),
    ROW("AUTHORIZATION", "AUTH", OUT_NOTHING, "AUTH alone lists the mechanisms that this server knows.", NULL, AUTH_ANA),
    SLIP(13, slip_auth_login, "AUTHORIZATION", "AUTH", OUT_CONTINUE, "The server asks for your name; question and answer are in base64.", "Base64 is a spelling that everybody can read: `:base64 -d VXNlcm5hbWU6`.", "YW5h"),
    SLIP(13, slip_auth_plain, "AUTHORIZATION", "AUTH", OUT_CONTINUE, "The server waits for NUL, name, NUL and password, all in one base64 word.", "`:base64 \\0ana\\0tulip` makes it. Base64 is a spelling that everybody can read.", "AGFuYQB0dWxpcA=="),
    ROW("AUTHORIZATION", "AUTH", OUT_CONTINUE, "The server sent a challenge; a mail program computes the answer from the password.", "So the password itself is never sent. By hand, * gives up.", ""),
    ROW("AUTHORIZATION", "AUTH", OUT_SYNTAX, "What stands behind AUTH's mechanism must be base64, and this is none.", "PLAIN wants NUL, name, NUL and password in one base64 word: `:base64 \\0ana\\0tulip`.", AUTH_ANA),
    ROW("AUTHORIZATION", "AUTH", OUT_UNSUPPORTED, "This server knows no such mechanism; CAPA lists those that it does.", NULL, "CAPA"),
    ROW("AUTHORIZATION", "AUTH", OUT_NEEDS_TLS, "This host takes no password over a connection that others can read.", NULL, "STLS"),
    ROW("AUTHORIZATION", "AUTH", OUT_BAD_LOGIN, "The name or the password is wrong.", NO_LOGIN_TOLD, AUTH_ANA),
    SLIP(18, NULL, "AUTHORIZATION", "AUTH", OUT_IN_USE, LOCKED, LOCKED_MORE, "QUIT"),
    ROW("AUTHORIZATION", "AUTH", OUT_FAILED, TROUBLE, "[SYS/TEMP] means: the same may work later.", "QUIT"),

    SLIP(0, slip_shared, "AUTHENTICATING", "ANSWER", OUT_OK, "Name and password are right: " SHARED, OPENED_DROP, "STAT"),
    ROW("AUTHENTICATING", "ANSWER", OUT_OK, "Name and password are right: the maildrop is open, and locked for this session.", OPENED_DROP, "STAT"),
    SLIP(13, slip_asks_password, "AUTHENTICATING", "ANSWER", OUT_CONTINUE, "The server asks for the password; the answer is in base64 again.", "Base64 is a spelling that everybody can read: `:base64 -d UGFzc3dvcmQ6`.", "dHVsaXA="),
    ROW("AUTHENTICATING", "ANSWER", OUT_CONTINUE, "The server asks on; a mail program computes the answer from the password.", NULL, ""),
    ROW("AUTHENTICATING", "ANSWER", OUT_SYNTAX, "The answer is no base64, or not what was asked for; the login is over.", "`:base64 ana` writes it: YW5h.", "AUTH LOGIN\nYW5h\ndHVsaXA="),
    ROW("AUTHENTICATING", "ANSWER", OUT_UNSUPPORTED, "The client asked to bind the login to its TLS channel; this server cannot.", NULL, LOGIN_ANA),
    ROW("AUTHENTICATING", "ANSWER", OUT_CANCELLED, "You sent *, which gives the login up.", NULL, LOGIN_ANA),
    ROW("AUTHENTICATING", "ANSWER", OUT_TOO_LONG, "The answer is longer than the server reads; the login is over.", NULL, LOGIN_ANA),
    ROW("AUTHENTICATING", "ANSWER", OUT_BARE_NEWLINE, "A CR, an LF or a NUL stood by itself in the answer; the login is over.", NULL, LOGIN_ANA),
    ROW("AUTHENTICATING", "ANSWER", OUT_BAD_LOGIN, "The name or the password is wrong; the login is over.", NO_LOGIN_TOLD, LOGIN_ANA),
    SLIP(18, NULL, "AUTHENTICATING", "ANSWER", OUT_IN_USE, LOCKED, LOCKED_MORE, "QUIT"),
    ROW("AUTHENTICATING", "ANSWER", OUT_FAILED, TROUBLE, "[SYS/TEMP] means: the same may work later.", "QUIT"),

    ROW("AUTHORIZATION", "CAPA", OUT_OK, "CAPA lists what the server can do, before a login and after it.", NULL, "USER ana"),
    ROW("TRANSACTION", "CAPA", OUT_OK, "CAPA lists what the server can do, before a login and after it.", NULL, "STAT"),
    ROW("AUTHORIZATION", "QUIT", OUT_OK, "QUIT before a login only ends the session: there is no UPDATE, nothing is removed.", NULL, AGAIN),
    ROW("TRANSACTION", "QUIT", OUT_OK, "QUIT leads to UPDATE: what DELE marked in this session is removed there, and only there.", NULL, AGAIN),
    ROW("UPDATE", "REMOVED", OUT_OK, "UPDATE removed what DELE had marked, and the server closed the connection.", NULL, AGAIN),
    ROW("UPDATE", "REMOVED", OUT_FAILED, "The server could not remove what was marked: nothing is removed.", NULL, AGAIN),

    ROW("AUTHORIZATION", "STLS", OUT_OK, "From here TLS encrypts the connection; the login is still to come.", "CAPA may list more now.", "CAPA"),
    ROW("AUTHORIZATION", "STLS", OUT_SYNTAX, "STLS takes nothing after it.", NULL, "STLS"),
    ROW("AUTHORIZATION", "STLS", OUT_EXISTS, "TLS is on already: it encrypts this connection.", NULL, "CAPA"),
    ROW("AUTHORIZATION", "STLS", OUT_UNSUPPORTED, "This server offers no TLS here: CAPA does not list STLS.", NULL, "CAPA"),

    ROW("TRANSACTION", "STAT", OUT_OK, "STAT says how many messages there are and how many octets; marked ones do not count.", NULL, "LIST"),
    ROW("TRANSACTION", "LIST", OUT_OK, "LIST says each message's number and size in octets; marked ones are left out.", "The numbers hold for this session only.", "UIDL"),
    ROW("TRANSACTION", "LIST", OUT_SYNTAX, "LIST takes nothing after it, or one message number.", NULL, "LIST"),
    ROW("TRANSACTION", "LIST", OUT_MARKED, "DELE has marked this message in this session; LIST counts only the others.", MARK_MORE, "RSET\nLIST"),
    ROW("TRANSACTION", "LIST", OUT_NO_SUCH, "The maildrop has no message of this number; LIST alone shows those there are.", NULL, "LIST"),
    SLIP(19, NULL, "TRANSACTION", "UIDL", OUT_OK, "UIDL says a name for each message that stays the same in every session.", "The numbers begin at 1 in each session; a mail program knows by UIDL what it has fetched.", "LIST"),
    ROW("TRANSACTION", "UIDL", OUT_SYNTAX, "UIDL takes nothing after it, or one message number.", NULL, "UIDL"),
    ROW("TRANSACTION", "UIDL", OUT_MARKED, "DELE has marked this message in this session; UIDL names only the others.", MARK_MORE, "RSET\nUIDL"),
    ROW("TRANSACTION", "UIDL", OUT_NO_SUCH, "The maildrop has no message of this number; UIDL alone shows those there are.", NULL, "UIDL"),
    SLIP(1, NULL, "TRANSACTION", "RETR", OUT_OK, "RETR read the message and left it on the server: only DELE and QUIT remove.", "Whether a mail program says DELE after RETR is a setting of that program.", "LIST"),
    ROW("TRANSACTION", "RETR", OUT_SYNTAX, "RETR needs one message number after it.", NULL, "LIST"),
    SLIP(3, NULL, "TRANSACTION", "RETR", OUT_MARKED, "DELE has marked this message in this session, so it cannot be read.", MARK_MORE, "RSET\nLIST"),
    ROW("TRANSACTION", "RETR", OUT_NO_SUCH, "The maildrop has no message of this number; LIST shows those there are.", NULL, "LIST"),
    ROW("TRANSACTION", "TOP", OUT_OK, "TOP read the header and the first lines of the text, and changed nothing.", NULL, "LIST"),
    ROW("TRANSACTION", "TOP", OUT_SYNTAX, "TOP needs a message number and how many lines of the text: TOP 1 0.", NULL, "LIST"),
    ROW("TRANSACTION", "TOP", OUT_MARKED, "DELE has marked this message in this session, so it cannot be read.", MARK_MORE, "RSET\nLIST"),
    ROW("TRANSACTION", "TOP", OUT_NO_SUCH, "The maildrop has no message of this number; LIST shows those there are.", NULL, "LIST"),
    SLIP(3, NULL, "TRANSACTION", "DELE", OUT_OK, "DELE marked the message; nothing is removed yet.", "QUIT leads to UPDATE, which removes. RSET, a reset connection or a time-out keep everything.", "RSET"),
    ROW("TRANSACTION", "DELE", OUT_SYNTAX, "DELE needs one message number after it.", NULL, "LIST"),
    ROW("TRANSACTION", "DELE", OUT_MARKED, "DELE has marked this message already in this session.", MARK_MORE, "RSET\nLIST"),
    ROW("TRANSACTION", "DELE", OUT_NO_SUCH, "The maildrop has no message of this number; LIST shows those there are.", NULL, "LIST"),
    ROW("TRANSACTION", "NOOP", OUT_OK, "NOOP does nothing; the answer shows that the server is still there.", "It tells no news either: the session sees the maildrop as it was at the login.", "STAT"),
    ROW("TRANSACTION", "RSET", OUT_OK, "RSET took off every mark of DELE: QUIT will remove nothing now.", NULL, "STAT"),

    ROW("AUTHORIZATION", "STAT", OUT_WRONG_TIME, "STAT counts a maildrop's messages, and none is open: log in first.", NULL, LOGIN_ANA),
    ROW("AUTHORIZATION", "LIST", OUT_WRONG_TIME, "LIST shows a maildrop's messages, and none is open: log in first.", NULL, LOGIN_ANA),
    ROW("AUTHORIZATION", "UIDL", OUT_WRONG_TIME, "UIDL names a maildrop's messages, and none is open: log in first.", NULL, LOGIN_ANA),
    ROW("AUTHORIZATION", "RETR", OUT_WRONG_TIME, "RETR reads a message of a maildrop, and none is open: log in first.", NULL, LOGIN_ANA),
    ROW("AUTHORIZATION", "TOP", OUT_WRONG_TIME, "TOP reads a message of a maildrop, and none is open: log in first.", NULL, LOGIN_ANA),
    ROW("AUTHORIZATION", "DELE", OUT_WRONG_TIME, "DELE marks a message of a maildrop, and none is open: log in first.", NULL, LOGIN_ANA),
    ROW("AUTHORIZATION", "NOOP", OUT_WRONG_TIME, "POP3 knows NOOP only after the login.", NULL, LOGIN_ANA),
    ROW("AUTHORIZATION", "RSET", OUT_WRONG_TIME, "RSET takes marks off, and there are none before the login.", NULL, LOGIN_ANA),
    ROW("TRANSACTION", "USER", OUT_WRONG_TIME, "You are logged in already; one session is for one maildrop.", "QUIT, and a new connection, log somebody else in.", "STAT"),
    ROW("TRANSACTION", "PASS", OUT_WRONG_TIME, "The password was taken already: the maildrop is open.", NULL, "STAT"),
    ROW("TRANSACTION", "APOP", OUT_WRONG_TIME, "You are logged in already: APOP is another way to log in.", NULL, "STAT"),
    ROW("TRANSACTION", "AUTH", OUT_WRONG_TIME, "You are logged in already: AUTH is another way to log in.", NULL, "STAT"),
    ROW("TRANSACTION", "STLS", OUT_WRONG_TIME, "TLS comes too late: STLS is for the time before the login.", NULL, "STAT"),

    ROW(TALKING, "TLS", OUT_OK, "A TLS handshake came where the server speaks in the open.", "STLS begins TLS here; on port 995 it begins at once.", AGAIN),
    SLIP(0, slip_bye, TALKING, "UNKNOWN", OUT_UNKNOWN, "{word} is no command of POP3; QUIT ends the session.", NULL, "QUIT"),
    SLIP(0, slip_login, TALKING, "UNKNOWN", OUT_UNKNOWN, "LOGIN is a command of IMAP; POP3 says USER and PASS.", NULL, NULL),
    SLIP(0, slip_last, TALKING, "UNKNOWN", OUT_UNKNOWN, "LAST was a command of POP3 until RFC 1725 of 1994; fetchmail still says it.", "UIDL tells what is new.", NULL),
    SLIP(0, slip_prompt, TALKING, "UNKNOWN", OUT_UNKNOWN, "{first} is a command of Pennypost; without a colon it went to the server.", NULL, ":{line}"),
    SLIP(0, slip_other_verb, TALKING, "UNKNOWN", OUT_UNKNOWN, "{word} is a command of {others}, not of POP3.", NULL, NULL),
    SLIP(0, slip_near_verb, TALKING, "UNKNOWN", OUT_UNKNOWN, "{word} is no command of POP3. Did you mean {near}?", NULL, NULL),
    SLIP(0, slip_empty, TALKING, "UNKNOWN", OUT_UNKNOWN, "The line is empty: there is no command in it.", NULL, NULL),
    ROW(TALKING, "UNKNOWN", OUT_UNKNOWN, "{word} is no command of POP3.", NULL, NULL),
    ROW(TALKING, "UNKNOWN", OUT_TOO_LONG, "The line is longer than the server reads; nothing of it was carried out.", NULL, NULL),
    SLIP(26, NULL, TALKING, "UNKNOWN", OUT_BARE_NEWLINE, "A CR, an LF or a NUL stands by itself in the line: a line ends with CR LF together.", NULL, NULL),
    ROW("*", "*", OUT_POLICY, "Somebody set this host to refuse {verb}: `set {host} refuse`.", "That is a setting of this host, not the protocol's doing.", "CAPA"),
    ROW("AUTHORIZATION AUTHENTICATING", "*", OUT_TOO_MANY_ERRORS, "Too many lines, or passwords, were wrong in a row: the server closed the connection.", NULL, AGAIN),
    ROW("TRANSACTION", "*", OUT_TOO_MANY_ERRORS, "Too many lines were wrong in a row: the server closed the connection, removing nothing.", NULL, AGAIN),
    ROW("AUTHORIZATION AUTHENTICATING", "TIMEOUT", OUT_OK, "Nothing came for 10 minutes, so the server closed the connection.", NULL, AGAIN),
    ROW("TRANSACTION", "TIMEOUT", OUT_OK, "Nothing came for 10 minutes: the connection is closed, and no marked message is removed.", NULL, AGAIN),
    ROW("AUTHORIZATION AUTHENTICATING", "SHUTDOWN", OUT_OK, "The server goes down and closes the connection.", NULL, AGAIN),
    ROW("TRANSACTION", "SHUTDOWN", OUT_OK, "The server goes down and closes the connection; no marked message is removed.", NULL, AGAIN),
    ROW("AUTHORIZATION AUTHENTICATING", "LOST", OUT_OK, "The connection is gone, and nobody said QUIT.", NULL, AGAIN),
    SLIP(3, NULL, "TRANSACTION", "LOST", OUT_OK, "The connection is gone without QUIT: no UPDATE, so no marked message is removed.", NULL, AGAIN),
};

const struct reasons pop3_reasons = { rows, COUNT(rows), NULL };
