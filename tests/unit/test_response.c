/* test_response.c: the strict reader of IMAP responses. The RFCs' own examples pass; each
   way to be wrong is named for what it is. */
#include "tests/unit/mail_check.h"

#include "tests/transcripts/response.h"

#define HELLO "* OK IMAP4rev1 Service Ready\r\n"
/* A mailbox with 172 messages is selected. */
#define SELECTED                                                                                   \
    HELLO "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n"                            \
          "* 172 EXISTS\r\n* 1 RECENT\r\n* OK [UNSEEN 12] Message 12 is first unseen\r\n"          \
          "* OK [UIDVALIDITY 3857529045] UIDs valid\r\n* OK [UIDNEXT 4392] Predicted next UID\r\n" \
          "* OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] Limited\r\n"                               \
          "A142 OK [READ-WRITE] SELECT completed\r\n"

static bool fed_whole(slice text, struct error *why)
{
    struct response *response = response_new();
    bool good = response_feed(response, text, why) && response_rest(response, why);
    response_free(response);
    return good;
}

static bool fed_in_pieces(slice text, size_t each, struct error *why)
{
    struct response *response = response_new();
    bool good = true;
    for (size_t i = 0; good && i < text.len; i += each) {
        slice piece = slice_upto(slice_from(text, i), each);
        slice copy = cut_new(piece, piece.len);
        good = response_feed(response, copy, why);
        cut_free(copy);
    }
    good = good && response_rest(response, why);
    response_free(response);
    return good;
}

static bool fed_in_two(slice text, size_t first, struct error *why)
{
    struct response *response = response_new();
    slice a = cut_new(text, first), b = cut_new(slice_from(text, first), text.len - first);
    bool good = response_feed(response, a, why) && response_feed(response, b, why) &&
                response_rest(response, why);
    response_free(response);
    cut_free(a);
    cut_free(b);
    return good;
}

/* --- what is right -------------------------------------------------------------------------- */

// clang-format off
static const char *const good[] = {
    "",
    HELLO,
    "* PREAUTH IMAP4rev1 server logged in as Smith\r\n",                /* 7.1.4 */
    "* BYE Autologout; idle for too long\r\n",                          /* 7.1.5 */
    "* OK [CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN] ready\r\n",
    /* 8, the sample connection */
    "* OK IMAP4rev1 Service Ready\r\n"
    "a001 OK LOGIN completed\r\n"
    "* 18 EXISTS\r\n"
    "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n"
    "* 2 RECENT\r\n"
    "* OK [UNSEEN 17] Message 17 is the first unseen message\r\n"
    "* OK [UIDVALIDITY 3857529045] UIDs valid\r\n"
    "a002 OK [READ-WRITE] SELECT completed\r\n"
    "* 12 FETCH (FLAGS (\\Seen) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" "
    "RFC822.SIZE 4286 ENVELOPE (\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" "
    "\"IMAP4rev1 WG mtg summary and minutes\" "
    "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
    "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
    "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
    "((NIL NIL \"imap\" \"cac.washington.edu\")) "
    "((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")"
    "(\"John Klensin\" NIL \"KLENSIN\" \"MIT.EDU\")) NIL NIL "
    "\"<B27397-0100000@cac.washington.edu>\") "
    "BODY (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 3028 92))\r\n"
    "a003 OK FETCH completed\r\n"
    "* 12 FETCH (BODY[HEADER] {20}\r\nSubject: minutes\r\n\r\n)\r\n"
    "a004 OK FETCH completed\r\n"
    "* 12 FETCH (FLAGS (\\Seen \\Deleted))\r\n"
    "a005 OK +FLAGS completed\r\n"
    "* BYE IMAP4rev1 server terminating connection\r\n"
    "a006 OK LOGOUT completed\r\n",
    /* 6.1.1 */
    HELLO "* CAPABILITY IMAP4rev1 STARTTLS AUTH=GSSAPI LOGINDISABLED\r\nabcd OK CAPABILITY "
             "completed\r\n",
    HELLO "* CAPABILITY STARTTLS AUTH=GSSAPI IMAP4rev1 LITERAL+\r\nabcd OK done\r\n",
    /* 6.1.2, 5.2 */
    SELECTED "* 22 EXPUNGE\r\n* 173 EXISTS\r\n* 3 RECENT\r\n* 14 FETCH (FLAGS (\\Seen "
             "\\Deleted))\r\n"
             "a047 OK NOOP completed\r\n",
    /* 6.2.2 */
    HELLO "+ \r\n+ "
          "YGgGCSqGSIb3EgECAgIAb1kwV6ADAgEFoQMCAQ+iSzBJoAMCAQGiQgRAtHTEuOP2BXb9sBYFR4SJlDZx"
          "mg39\r\n"
          "+ YDMGCSqGSIb3EgECAgIBAAD/////6jcyG4GE3KkTzBeBiVHeceP2CWY0SR0fAQAgAAQEBAQ=\r\n"
          "A001 OK GSSAPI authentication successful\r\n",
    /* 6.3.1, 6.3.2: the second SELECT makes the count smaller */
    SELECTED "* 17 EXISTS\r\n* 2 RECENT\r\n* OK [UNSEEN 8] Message 8 is first unseen\r\n"
             "* OK [UIDVALIDITY 3857529045] UIDs valid\r\n* OK [UIDNEXT 4392] Predicted next "
             "UID\r\n"
             "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n"
             "* OK [PERMANENTFLAGS ()] No permanent flags permitted\r\n"
             "A932 OK [READ-ONLY] EXAMINE completed\r\n",
    /* 6.3.4 */
    HELLO "* LIST () \"/\" blurdybloop\r\n* LIST (\\Noselect) \"/\" foo\r\n* LIST () \"/\" "
             "foo/bar\r\n"
          "A682 OK LIST completed\r\nA684 NO Name \"foo\" has inferior hierarchical names\r\n",
    HELLO "* LIST () \".\" foo.bar\r\nA86 OK LIST Completed\r\n",
    /* RFC 3348 4 */
    HELLO "* LIST (\\HasChildren \\Noselect) \".\" foo.bar\r\nA86 OK LIST Completed\r\n",
    /* 6.3.8 */
    HELLO "* LIST (\\Noselect) \"/\" \"\"\r\nA101 OK LIST Completed\r\n"
          "* LIST (\\Noselect) \".\" #news.\r\nA102 OK LIST Completed\r\n"
          "* LIST (\\Noselect) \"/\" /\r\nA103 OK LIST Completed\r\n"
          "* LIST (\\Noselect) \"/\" ~/Mail/foo\r\n* LIST () \"/\" ~/Mail/meetings\r\nA202 OK "
                   "LIST completed\r\n",
    HELLO "* LIST (\\Marked \\Noinferiors) NIL {10}\r\nmail boxes\r\n"
          "* LIST () \"\\\\\" \"a\\\\b \\\"c\\\"\"\r\na OK done\r\n",
    HELLO "* LIST () \"/\" \"~peter/mail/&U,BTFw-/&ZeVnLIqe-\"\r\n* LIST () \"/\" a&-b\r\na OK "
             "done\r\n",
    HELLO "* LIST () \"/\" Entw&APw-rfe\r\n* LIST () \"/\" \"&2D3eCQ- x\"\r\na OK done\r\n",
    /* 6.3.9 */
    HELLO "* LSUB () \".\" #news.comp.mail.mime\r\n* LSUB (\\NoSelect) \".\" "
             "#news.comp.mail\r\na OK LSUB completed\r\n",
    /* 6.3.10 */
    HELLO "* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292)\r\nA042 OK STATUS completed\r\n",
    HELLO "* STATUS \"my box\" ()\r\n* STATUS INBOX (RECENT 0 UNSEEN 0 UIDVALIDITY "
             "4294967295)\r\na OK done\r\n",
    /* 6.3.11 */
    HELLO "+ Ready for literal data\r\nA003 OK APPEND completed\r\n",
    HELLO "A003 NO [TRYCREATE] no such mailbox\r\n",
    /* 6.4.3 */
    SELECTED "* 3 EXPUNGE\r\n* 3 EXPUNGE\r\n* 5 EXPUNGE\r\n* 8 EXPUNGE\r\nA202 OK EXPUNGE "
             "completed\r\n"
             "* 168 EXISTS\r\nA203 OK NOOP completed\r\n",
    /* 6.4.4 */
    HELLO "* SORT 2 84 882\r\nA282 OK SORT completed\r\n" /* RFC 5256 3 */
          "* SORT\r\nA284 OK SORT completed\r\n",
    HELLO "* THREAD (2)(3 6 (4 23)(44 7 96))\r\n* THREAD ((3)(5))\r\n* THREAD\r\n" /* 4 */
          "* THREAD (166)(167)(168)(169)(172)((170)(179))(171)(173)((174)(175)(176)(178)(181)(180))"
          "((177)(183)(182)(188 (184)(189))(185 186)(187))(190)(191)(192)(193)((194)(195 196))"
          "(197 198)(199)(200 202)(201)(203)(204)(205 206 207)(208)\r\n", /* 3 */
    /* RFC 4731 3.1 */
    HELLO "* ESEARCH (TAG \"A282\") MIN 2 COUNT 3\r\nA282 OK SEARCH completed\r\n"
          "* ESEARCH (TAG \"A283\") ALL 2,10:11\r\nA283 OK SEARCH completed\r\n"
          "* ESEARCH (TAG \"A285\") UID MIN 7 MAX 3800\r\nA285 OK SEARCH completed\r\n"
          "* ESEARCH (TAG \"A286\") UID\r\nA286 OK SEARCH completed\r\n* ESEARCH COUNT 5\r\n",
    HELLO "* SEARCH 2 84 882\r\nA282 OK SEARCH completed\r\n* SEARCH\r\nA283 OK SEARCH "
             "completed\r\n"
          "A284 NO [BADCHARSET (UTF-8 US-ASCII)] unknown\r\nA285 NO [BADCHARSET] unknown\r\n",
    /* 6.4.5 */
    SELECTED "* 2 FETCH (FLAGS () UID 7)\r\n* 3 FETCH (BODY[4.2.HEADER]<0> {3}\r\na\r\n "
             "BODY[TEXT] \"\" "
             "BODY[HEADER.FIELDS (DATE \"from\" {2}\r\nTO)] NIL BODY[1.MIME] \"x\" BODY[] NIL)\r\n"
             "* 4 FETCH (BODY[HEADER.FIELDS.NOT (Date)]<12> {0}\r\n BODY[1.2.3] "
             "{1}\r\n))\r\nA654 OK done\r\n",
    /* 6.4.6, 6.4.8 */
    SELECTED "* 2 FETCH (FLAGS (\\Deleted \\Seen))\r\n* 3 FETCH (FLAGS (\\Deleted))\r\n"
             "* 4 FETCH (FLAGS (\\Deleted \\Flagged \\Seen $Forwarded \\Recent))\r\nA003 OK "
             "STORE completed\r\n"
             "* 23 FETCH (FLAGS (\\Seen) UID 4827313)\r\n* 24 FETCH (FLAGS (\\Seen) UID "
             "4827943)\r\n"
             "* 25 FETCH (FLAGS (\\Seen) UID 4828442)\r\nA999 OK UID FETCH completed\r\n",
    /* 6.4.7, RFC 4315 3 */
    HELLO "A003 NO [TRYCREATE] No such mailbox\r\nA003 OK [APPENDUID 38505 3955] APPEND "
             "completed\r\n"
          "A004 OK [COPYUID 38505 304,319:320 3956:3958] Done\r\nA004 OK [COPYUID 1 3:1 7,9,8] "
                   "Done\r\n"
          "* OK [COPYUID 432432 42:69 1202:1229] moved\r\n* NO [UIDNOTSTICKY] Non-persistent "
                   "UIDs\r\n",
    /* 7.1 */
    HELLO "* OK [ALERT] System shutdown in 10 minutes\r\n* NO Disk is 98% full, please delete "
             "unnecessary data\r\n"
          "A222 NO COPY failed\r\n* BAD Command line too long\r\n* BAD Empty command "
                   "line\r\nA443 BAD broken\r\n",
    /* 7.2.6, 7.4.2 */
    SELECTED "* FLAGS ()\r\n* FLAGS (\\Seen NonJunk $Label1)\r\n"
             "* 23 FETCH (FLAGS (\\Seen) RFC822.SIZE 44827 INTERNALDATE \" 1-Jan-2026 00:00:60 "
             "+0000\")\r\n"
             "* 24 FETCH (RFC822.HEADER {2}\r\n\r\n RFC822.TEXT NIL)\r\n"
             "* 24 FETCH (RFC822.SIZE 4 RFC822 {4}\r\na\nb\n)\r\n* 24 FETCH (BODY[] "
             "\"a\\\"\\\\b\" RFC822.SIZE 4)\r\nx OK y\r\n",
    /* Bodies: one part, an attached message, multiparts, extension data. */
    SELECTED "* 1 FETCH (BODY ((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" "
             "1152 23)"
             "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\" \"NAME\" \"cc.diff\") "
             "\"<960723163407.20117h@cac.washington.edu>\" "
             "\"Compiler diff\" \"BASE64\" 4554 73) \"MIXED\"))\r\na OK done\r\n",
    SELECTED "* 1 FETCH (BODYSTRUCTURE (\"image\" \"png\" (\"name\" \"a.png\") NIL NIL "
             "\"base64\" 12 NIL "
             "(\"attachment\" (\"filename\" \"a.png\")) (\"en\" \"de\") \"http://x\"))\r\n"
             "* 2 FETCH (BODYSTRUCTURE (\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 500 "
             "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) "
             "(\"text\" \"plain\" NIL NIL NIL \"7bit\" 20 1 \"md5\") 9 NIL (\"inline\" NIL) "
             "\"en\"))\r\n"
             "* 3 FETCH (BODYSTRUCTURE ((\"text\" \"plain\" NIL NIL NIL \"7bit\" 0 0)((\"a\" "
             "\"b\" NIL NIL NIL {4}\r\n7bit 3)"
             " \"alternative\") \"mixed\" (\"boundary\" \"=_x\") NIL NIL NIL))\r\n"
             "* 4 FETCH (BODYSTRUCTURE (\"message\" \"delivery-status\" NIL NIL NIL \"7bit\" "
             "100))\r\na OK done\r\n",
    /* Group syntax: undisclosed, and one with a member. */
    SELECTED "* 1 FETCH (ENVELOPE (NIL \"\" ((NIL NIL \"a\" \"b\")) ((NIL NIL \"a\" \"b\")) "
             "((NIL NIL \"a\" \"b\")) "
             "((NIL NIL \"undisclosed\" NIL)(NIL NIL NIL NIL)) "
             "((NIL NIL \"team\" NIL)({1}\r\n\xff \"@x,@y\" \"c\" \"d\")(NIL NIL NIL NIL)) NIL "
             "NIL NIL))\r\na OK done\r\n",
    /* RFC 2177 */
    SELECTED "+ idling\r\n* 173 EXISTS\r\n* 1 EXPUNGE\r\n* 172 EXISTS\r\nA002 OK IDLE "
             "terminated\r\n",
    /* RFC 2342 5 */
    HELLO "* QUOTAROOT INBOX \"\"\r\n* QUOTA \"\" (STORAGE 10 512 MESSAGE 20 100)\r\n"
          "* QUOTAROOT comp.mail.mime\r\n* QUOTA \"#user/alice\" (MESSAGE 42 "
          "9223372036854775807)\r\n* STATUS INBOX (MESSAGES 12 DELETED 4 DELETED-STORAGE 8)\r\n"
          "a OK [CAPABILITY IMAP4rev1] done\r\n",
    HELLO "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n* NAMESPACE NIL NIL ((\"\" \".\"))\r\n"
          "* NAMESPACE ((\"\" \"/\")(\"#mh/\" NIL)) ((\"~\" \"/\")) ((\"#shared/\" \"/\"))\r\na "
                   "OK done\r\n",
    /* A text is a text, whatever it looks like. */
    HELLO "a NO cannot read {5}\r\n* OK still here {3}\r\nb OK ]\r\n",
    HELLO "A]1 OK a tag\r\n* ok words in any case\r\n",
};
// clang-format on

START_TEST(examples_pass)
{
    for (size_t i = 0; i < COUNT(good); i++) {
        struct error why = { "" };
        slice text = slice_of(good[i]);
        ck_assert_msg(fed_whole(text, &why), "%zu whole: %s", i, why.text);
        ck_assert_msg(fed_in_pieces(text, 1, &why), "%zu octet by octet: %s", i, why.text);
        ck_assert_msg(fed_in_pieces(text, 7, &why), "%zu in sevens: %s", i, why.text);
        for (size_t cut = 0; cut <= text.len; cut++)
            ck_assert_msg(fed_in_two(text, cut, &why), "%zu cut at %zu: %s", i, cut, why.text);
    }
}
END_TEST

/* --- what is wrong -------------------------------------------------------------------------- */

#define TEXT(text) text, sizeof(text) - 1
// clang-format off
static const struct {
    const char *text;
    size_t len;
    const char *why;         /* stands in the reason */
} bad[] = {
    /* the line */
    { TEXT("* OK hello\n"), "LF without CR" },
    { TEXT("* OK hel\rlo\r\n"), "CR without LF" },
    { TEXT(HELLO "a OK b\n\r\n"), "LF without CR" },
    { TEXT("* OK a\0b\r\n"), "a NUL" },
    { TEXT("* OK hello"), "does not end" },
    { TEXT(SELECTED "* 1 FETCH (BODY[] {10}\r\nabc)\r\n"), "does not end" },
    /* the greeting */
    { TEXT("a OK hello\r\n"), "first response is a greeting" },
    { TEXT("+ hello\r\n"), "first response is a greeting" },
    { TEXT("* NO hello\r\n"), "a greeting is" },
    { TEXT("* CAPABILITY IMAP4rev1\r\n"), "first response is a greeting" },
    { TEXT(HELLO "* PREAUTH again\r\n"), "a greeting only" },
    /* kinds of response */
    { TEXT(HELLO "\r\n"), "begins with" },
    { TEXT(HELLO " a OK b\r\n"), "begins with" },
    { TEXT(HELLO "* \r\n"), "no response is called so" },
    { TEXT(HELLO "*  OK b\r\n"), "no response is called so" },
    { TEXT(HELLO "* HELLO b\r\n"), "no response is called so" },
    { TEXT(HELLO "* FLAGSHIP ()\r\n"), "no response is called so" },
    { TEXT(HELLO "a+b OK c\r\n"), "one space" },
    { TEXT(HELLO "a*b OK c\r\n"), "one space" },
    { TEXT(HELLO "a BYE c\r\n"), "OK, NO or BAD" },
    { TEXT(HELLO "a PREAUTH c\r\n"), "OK, NO or BAD" },
    { TEXT(HELLO "a  OK c\r\n"), "OK, NO or BAD" },
    { TEXT(HELLO "a OKAY c\r\n"), "OK, NO or BAD" },
    { TEXT(HELLO "+\r\n"), "one space" },
    { TEXT(HELLO "+ \x80\r\n"), "8-bit" },
    { TEXT(HELLO "* BYE out\r\na OK b\r\n* OK more\r\n"), "nothing follows BYE" },
    { TEXT(HELLO "* BYE out\r\n+ go on\r\n"), "after BYE" },
    /* texts and codes */
    { TEXT(HELLO "a OK\r\n"), "one space" },
    { TEXT(HELLO "a OK \r\n"), "at least one character" },
    { TEXT(HELLO "a OK [READ-ONLY]\r\n"), "one space" },
    { TEXT(HELLO "a OK [ALERT] \r\n"), "at least one character" },
    { TEXT(HELLO "a OK [ALERT]text\r\n"), "one space" },
    { TEXT(HELLO "a OK [ALERT text\r\n"), "ends with ]" },
    { TEXT(HELLO "a OK [] text\r\n"), "no such response code" },
    { TEXT(HELLO "a OK [FROB] text\r\n"), "no such response code" },
    { TEXT(HELLO "a OK caf\xc3\xa9\r\n"), "8-bit" },
    { TEXT(HELLO "a OK a\tb\r\n"), "control character" },
    { TEXT(HELLO "a OK a\x1b[31mb\r\n"), "control character" },
    { TEXT(HELLO "a OK [TRYCREATE] text\r\n"), "does not belong" },
    { TEXT(HELLO "* NO [TRYCREATE] text\r\n"), "does not belong" },
    { TEXT(HELLO "a OK [UIDVALIDITY 5] text\r\n"), "does not belong" },
    { TEXT(HELLO "a NO [READ-WRITE] text\r\n"), "does not belong" },
    { TEXT(HELLO "* OK [UIDVALIDITY 0] text\r\n"), "nz-number" },
    { TEXT(HELLO "* OK [UIDVALIDITY 01] text\r\n"), "nz-number" },
    { TEXT(HELLO "* OK [UIDVALIDITY 4294967296] text\r\n"), "32 bits" },
    { TEXT(HELLO "* OK [UIDNEXT] text\r\n"), "one space" },
    { TEXT(HELLO "* OK [UIDNEXT x] text\r\n"), "32 bits" },
    { TEXT(HELLO "* OK [PERMANENTFLAGS (\\Recent)] text\r\n"), "no such flag" },
    { TEXT(HELLO "* OK [PERMANENTFLAGS (\\* \\*)] text\r\n"), "twice" },
    { TEXT(HELLO "* OK [PERMANENTFLAGS] text\r\n"), "one space" },
    { TEXT(HELLO "a NO [BADCHARSET UTF-8] text\r\n"), "parentheses" },
    { TEXT(HELLO "a NO [BADCHARSET ()] text\r\n"), "an atom or a string" },
    { TEXT(HELLO "a OK [APPENDUID 1] text\r\n"), "one space" },
    { TEXT(HELLO "a OK [APPENDUID 1 0] text\r\n"), "nz-number" },
    { TEXT(HELLO "a OK [APPENDUID 1 2:] text\r\n"), "a number" },
    { TEXT(HELLO "a OK [APPENDUID 0 1] text\r\n"), "nz-number" },
    { TEXT(HELLO "a OK [COPYUID 1 2:4 3] text\r\n"), "same size" },
    { TEXT(HELLO "a OK [COPYUID 1 2:* 3:*] text\r\n"), "32 bits" },
    { TEXT(HELLO "a OK [COPYUID 1  3] text\r\n"), "32 bits" },
    { TEXT(HELLO "a OK [COPYUID 1 2] text\r\n"), "one space" },
    /* capabilities */
    { TEXT(HELLO "* CAPABILITY\r\n"), "IMAP4rev1 is among" },
    { TEXT(HELLO "* CAPABILITY IDLE\r\n"), "IMAP4rev1 is among" },
    { TEXT(HELLO "* CAPABILITY IMAP4rev1 IDLE IDLE\r\n"), "twice" },
    { TEXT(HELLO "* CAPABILITY IMAP4rev1 \r\n"), "a capability belongs" },
    { TEXT(HELLO "* CAPABILITY IMAP4rev1  IDLE\r\n"), "a capability belongs" },
    { TEXT(HELLO "* CAPABILITY IMAP4rev1 AUTH=\r\n"), "names a mechanism" },
    { TEXT(HELLO "* CAPABILITY IMAP4rev1 \"IDLE\"\r\n"), "a capability belongs" },
    /* flags */
    { TEXT(HELLO "* FLAGS\r\n"), "one space" },
    { TEXT(HELLO "* FLAGS \\Seen\r\n"), "begins with (" },
    { TEXT(HELLO "* FLAGS (\\Seen \\Recent)\r\n"), "no such flag" },
    { TEXT(HELLO "* FLAGS (\\Seen  Work)\r\n"), "a flag belongs" },
    { TEXT(HELLO "* FLAGS (\\Seen )\r\n"), "a flag belongs" },
    { TEXT(HELLO "* FLAGS (\\Seen \\SEEN)\r\n"), "twice" },
    { TEXT(HELLO "* FLAGS (Work work)\r\n"), "twice" },
    { TEXT(HELLO "* FLAGS (\\Frob)\r\n"), "no such flag" },
    { TEXT(HELLO "* FLAGS (\\*)\r\n"), "no such flag" },
    { TEXT(HELLO "* FLAGS (a]b)\r\n"), "ends with )" },
    { TEXT(HELLO "* FLAGS (a\"b)\r\n"), "ends with )" },
    { TEXT(HELLO "* FLAGS () \r\n"), "should end here" },
    /* LIST, LSUB, STATUS, SEARCH, NAMESPACE */
    { TEXT(HELLO "* LIST \"/\" foo\r\n"), "attributes begin with (" },
    { TEXT(HELLO "* LIST () / foo\r\n"), "delimiter is quoted" },
    { TEXT(HELLO "* LIST () \"//\" foo\r\n"), "one character" },
    { TEXT(HELLO "* LIST () \"\" foo\r\n"), "one character" },
    { TEXT(HELLO "* LIST () \"\\\" foo\r\n"), "does not end" },
    { TEXT(HELLO "* LIST () \"/\"\r\n"), "one space" },
    { TEXT(HELLO "* LIST () \"/\" \r\n"), "an atom or a string" },
    { TEXT(HELLO "* LSUB () \"/\" my box\r\n"), "should end here" },
    { TEXT(HELLO "* LIST () \"/\" my box\r\n"), "extended items stand in parentheses" },
    { TEXT(HELLO "* LIST () \"/\" foo (\"CHILDINFO\" ())\r\n"), "no such selection option" },
    { TEXT(HELLO "* LIST () \"/\" foo (\"OTHER\" ())\r\n"), "the one extended item" },
    { TEXT(HELLO "* LIST (\\HasChildren \\HasNoChildren) \"/\" foo\r\n"), "exclude each other" },
    { TEXT(HELLO "* LIST (\\Sent \\Sent) \"/\" foo\r\n"), "exclude each other" },
    { TEXT(HELLO "* LSUB (\\Subscribed) \"/\" foo\r\n"), "no such attribute" },
    { TEXT(HELLO "* STATUS foo (SIZE x)\r\n"), "63 bits" },
    { TEXT(HELLO "* STATUS foo (DELETED-STORAGE)\r\n"), "one space" },
    { TEXT(HELLO "* ID (\"name\")\r\n"), "one space belongs here" },
    { TEXT(HELLO "* QUOTA \"\" ()\r\n"), "a resource is" },
    { TEXT(HELLO "* QUOTA \"\" (STORAGE 1)\r\n"), "one space" },
    { TEXT(HELLO "* QUOTA \"\" (STORAGE 1 -1)\r\n"), "63 bits" },
    { TEXT(HELLO "* QUOTA (STORAGE 1 2)\r\n"), "an atom or a string" },
    { TEXT(HELLO "* QUOTA \"\" (STORAGE 1 2 \r\n"), "a resource is" },
    { TEXT(HELLO "* QUOTAROOT\r\n"), "one space" },
    { TEXT(HELLO "* QUOTAROOT a&b \"\"\r\n"), "modified UTF-7" },
    { TEXT(HELLO "* QUOTAROOT INBOX \r\n"), "an atom or a string" },
    { TEXT(HELLO "* LIST () \"/\" a*\r\n"), "should end here" },
    { TEXT(HELLO "* LIST () \"/\" \"a\\b\"\r\n"), "backslash" },
    { TEXT(HELLO "* LIST () \"/\" \"caf\xc3\xa9\"\r\n"), "8-bit" },
    { TEXT(HELLO "* LIST () \"/\" {5}\r\ncaf\xc3\xa9\r\n"), "modified UTF-7" },
    { TEXT(HELLO "* LIST () \"/\" {4}\r\na\r\nb\r\n"), "modified UTF-7" },
    { TEXT(HELLO "* LIST () \"/\" a&b\r\n"), "modified UTF-7" },
    { TEXT(HELLO "* LIST () \"/\" &Jjo!\r\n"), "modified UTF-7" },
    { TEXT(HELLO "* LIST () \"/\" &U,BTFw-&ZeVnLIqe-\r\n"), "modified UTF-7" },
    { TEXT(HELLO "* LIST () \"/\" &AGE-\r\n"), "modified UTF-7" },
    { TEXT(HELLO "* LIST () \"/\" &2D0-\r\n"), "modified UTF-7" },
    { TEXT(HELLO "* LIST () \"/\" &3gk-\r\n"), "modified UTF-7" },
    { TEXT(HELLO "* LIST () \"/\" &AOR-\r\n"), "modified UTF-7" },
    { TEXT(HELLO "* LIST (\\Noselect \\Marked) \"/\" a\r\n"), "exclude" },
    { TEXT(HELLO "* LIST (\\Noselect \\Noselect) \"/\" a\r\n"), "exclude" },
    { TEXT(HELLO "* LIST (\\Frob) \"/\" a\r\n"), "no such attribute" },
    { TEXT(HELLO "* LIST (\\Noinferiors \\HasChildren) \"/\" a\r\n"), "exclude" },
    { TEXT(HELLO "* LIST () NIL {3}\r\nabcd\r\n"), "should end here" },
    { TEXT(HELLO "* LSUB () \"/\" {03\r\n"), "a literal is" },
    { TEXT(HELLO "* STATUS foo\r\n"), "one space" },
    { TEXT(HELLO "* STATUS foo (MESSAGES 2 )\r\n"), "no such STATUS item" },
    { TEXT(HELLO "* STATUS foo (MESSAGES 2) \r\n"), "should end here" },
    { TEXT(HELLO "* STATUS foo (MESSAGES -1)\r\n"), "32 bits" },
    { TEXT(HELLO "* STATUS foo (MESSAGES)\r\n"), "one space" },
    { TEXT(HELLO "* STATUS foo (UIDNEXT 0)\r\n"), "nz-number" },
    { TEXT(HELLO "* ESEARCH (TAG \"a\") ALL 1:3\r\nb OK done\r\n"), "another command's tag" },
    { TEXT(HELLO "* ESEARCH (TAG \"a\") MIN 0\r\n"), "nz-number" },
    { TEXT(HELLO "* ESEARCH (TAG \"a\") MIN 1 MIN 1\r\n"), "item of ESEARCH twice" },
    { TEXT(HELLO "* ESEARCH (TAG \"a\") MOST 1\r\n"), "no such item of ESEARCH" },
    { TEXT(HELLO "* ESEARCH (TAG \"a\") ALL \r\n"), "32 bits" },
    { TEXT(HELLO "* ESEARCH (TAG \"a\") UID \r\n"), "no such item of ESEARCH" },
    { TEXT(HELLO "* ESEARCH (TAG a) COUNT 1\r\n"), "" },
    { TEXT(HELLO "* ESEARCH (UID) COUNT 1\r\n"), "correlated by TAG" },
    { TEXT(HELLO "* STATUS foo (DELETED -3)\r\n"), "32 bits" },
    { TEXT(HELLO "* STATUS foo (LARGEST 3)\r\n"), "no such STATUS item" },
    { TEXT(HELLO "* SORT 0\r\n"), "nz-number" },
    { TEXT(HELLO "* THREAD \r\n"), "begins with (" },
    { TEXT(HELLO "* THREAD ()\r\n"), "32 bits" },
    { TEXT(HELLO "* THREAD (1 )\r\n"), "32 bits" },
    { TEXT(HELLO "* THREAD (1\r\n"), "goes on with a space" },
    { TEXT(HELLO "* THREAD (1 (2))\r\n"), "not nested" },
    { TEXT(HELLO "* THREAD ((1))\r\n"), "not nested" },
    { TEXT(HELLO "* THREAD (1 (2)(3) 4)\r\n"), "begins with (" },
    { TEXT(HELLO "* THREAD (1 (2) (3))\r\n"), "begins with (" },
    { TEXT(HELLO "* THREAD (1(2)(3))\r\n"), "goes on with a space" },
    { TEXT(HELLO "* THREAD (1) (2)\r\n"), "should end here" },
    { TEXT(HELLO "* THREAD (1))\r\n"), "should end here" },
    { TEXT(HELLO "* SEARCH \r\n"), "32 bits" },
    { TEXT(HELLO "* SEARCH 0\r\n"), "nz-number" },
    { TEXT(HELLO "* SEARCH 1  2\r\n"), "32 bits" },
    { TEXT(HELLO "* SEARCH 1:3\r\n"), "should end here" },
    { TEXT(HELLO "* NAMESPACE ((\"\" \"/\")) NIL\r\n"), "one space" },
    { TEXT(HELLO "* NAMESPACE (\"\" \"/\") NIL NIL\r\n"), "in parentheses" },
    { TEXT(HELLO "* NAMESPACE () NIL NIL\r\n"), "in parentheses" },
    { TEXT(HELLO "* NAMESPACE ((\"\" \"/\") (\"a\" \"/\")) NIL NIL\r\n"), "namespaces end" },
    /* numbers */
    { TEXT(HELLO "* 4294967296 EXISTS\r\n"), "32 bits" },
    { TEXT(HELLO "* 3 EXIST\r\n"), "no response is called so" },
    { TEXT(HELLO "* 3  EXISTS\r\n"), "no response is called so" },
    { TEXT(HELLO "* 3 EXISTS \r\n"), "should end here" },
    { TEXT(SELECTED "* 0 EXPUNGE\r\n"), "nz-number" },
    { TEXT(SELECTED "* 0 FETCH (UID 1)\r\n"), "nz-number" },
    /* the book */
    { TEXT(HELLO "* 1 EXPUNGE\r\n"), "no mailbox is selected" },
    { TEXT(HELLO "* 1 FETCH (UID 1)\r\n"), "no mailbox is selected" },
    { TEXT(SELECTED "* 173 EXPUNGE\r\n"), "not within EXISTS" },
    { TEXT(SELECTED "* 173 FETCH (UID 1)\r\n"), "not within EXISTS" },
    { TEXT(SELECTED "* 1 EXPUNGE\r\n* 172 FETCH (UID 1)\r\n"), "not within EXISTS" },
    { TEXT(SELECTED "* 171 EXISTS\r\na OK NOOP completed\r\n"), "without EXPUNGE" },
    { TEXT(SELECTED "* 171 EXISTS\r\na NO [ALERT] no\r\n"), "without EXPUNGE" },
    { TEXT(SELECTED "* 173 RECENT\r\na OK NOOP completed\r\n"), "more RECENT" },
    { TEXT(HELLO "a OK [READ-WRITE] SELECT completed\r\n"), "a SELECT says" },
    { TEXT(HELLO "* FLAGS ()\r\n* 1 EXISTS\r\n* 1 RECENT\r\na OK [READ-WRITE] x\r\n"), "a SELECT says" },
    { TEXT(SELECTED "* 2 FETCH (UID 7)\r\n* 2 FETCH (UID 8)\r\n"), "another UID before" },
    { TEXT(SELECTED "* 2 FETCH (UID 7)\r\n* 3 FETCH (UID 7)\r\n"), "the message before" },
    { TEXT(SELECTED "* 20 FETCH (UID 7)\r\n* 3 FETCH (UID 8)\r\n"), "the next message" },
    { TEXT(SELECTED "* 2 FETCH (UID 7)\r\n* 3 FETCH (UID 9)\r\n* 2 EXPUNGE\r\n* 2 FETCH (UID 7)\r\n"), "another UID" },
    /* FETCH */
    { TEXT(SELECTED "* 1 FETCH ()\r\n"), "no such FETCH item" },
    { TEXT(SELECTED "* 1 FETCH UID 1\r\n"), "begin with (" },
    { TEXT(SELECTED "* 1 FETCH (UID 1\r\n"), "end with )" },
    { TEXT(SELECTED "* 1 FETCH (UID 1  FLAGS ())\r\n"), "no such FETCH item" },
    { TEXT(SELECTED "* 1 FETCH (UID 0)\r\n"), "nz-number" },
    { TEXT(SELECTED "* 1 FETCH (UIDS 1)\r\n"), "no such FETCH item" },
    { TEXT(SELECTED "* 1 FETCH (FLAGS \\Seen)\r\n"), "begins with (" },
    { TEXT(SELECTED "* 1 FETCH (FLAGS (\\*))\r\n"), "no such flag" },
    { TEXT(SELECTED "* 1 FETCH (FLAGS (\\Recent \\Recent))\r\n"), "twice" },
    { TEXT(SELECTED "* 1 FETCH (BODY.PEEK[] {1}\r\nx)\r\n"), "no such FETCH item" },
    { TEXT(SELECTED "* 1 FETCH (BODY[]<0.5> {1}\r\nx)\r\n"), "origin octet" },
    { TEXT(SELECTED "* 1 FETCH (BODY[MIME] {1}\r\nx)\r\n"), "no such section" },
    { TEXT(SELECTED "* 1 FETCH (BODY[0] {1}\r\nx)\r\n"), "nz-number" },
    { TEXT(SELECTED "* 1 FETCH (BODY[1.] {1}\r\nx)\r\n"), "no such section" },
    { TEXT(SELECTED "* 1 FETCH (BODY[1HEADER] {1}\r\nx)\r\n"), "ends with ]" },
    { TEXT(SELECTED "* 1 FETCH (BODY[HEADER.FIELDS ()] {1}\r\nx)\r\n"), "an atom or a string" },
    { TEXT(SELECTED "* 1 FETCH (BODY[HEADER.FIELDS] {1}\r\nx)\r\n"), "one space" },
    { TEXT(SELECTED "* 1 FETCH (BODY[] x)\r\n"), "a string belongs" },
    { TEXT(SELECTED "* 1 FETCH (BODY[] {3}\r\nab)\r\n"), "end with )" },
    { TEXT(SELECTED "* 1 FETCH (BODY[] {1}\r\nab)\r\n"), "end with )" },
    { TEXT(SELECTED "* 1 FETCH (BODY[] {4294967296}\r\nab)\r\n"), "32 bits" },
    { TEXT(SELECTED "* 1 FETCH (BODY[] {1+}\r\nb)\r\n"), "a literal is" },
    { TEXT(SELECTED "* 1 FETCH (BODY[] {3}\r\na\0b)\r\n"), "no NUL" },
    { TEXT(SELECTED "* 1 FETCH (BODY[] \"a\r\nb\")\r\n"), "does not end" },
    { TEXT(SELECTED "* 1 FETCH (BODY[] \"a\x80\")\r\n"), "8-bit" },
    { TEXT(SELECTED "* 1 FETCH (RFC822.SIZE 4 BODY[] {3}\r\nabc)\r\n"), "not the message's size" },
    { TEXT(SELECTED "* 1 FETCH (RFC822 \"abc\" RFC822.SIZE 4)\r\n"), "not the message's size" },
    { TEXT(SELECTED "* 1 FETCH (RFC822.SIZE -1)\r\n"), "32 bits" },
    { TEXT(SELECTED "* 1 FETCH (INTERNALDATE 17-Jul-1996)\r\n"), "is quoted" },
    { TEXT(SELECTED "* 1 FETCH (INTERNALDATE \"7-Jul-1996 02:44:25 -0700\")\r\n"), "date-time is" },
    { TEXT(SELECTED "* 1 FETCH (INTERNALDATE \"00-Jul-1996 02:44:25 -0700\")\r\n"), "date-time is" },
    { TEXT(SELECTED "* 1 FETCH (INTERNALDATE \"32-Jul-1996 02:44:25 -0700\")\r\n"), "date-time is" },
    { TEXT(SELECTED "* 1 FETCH (INTERNALDATE \"17-Jux-1996 02:44:25 -0700\")\r\n"), "date-time is" },
    { TEXT(SELECTED "* 1 FETCH (INTERNALDATE \"17-Jul-1996 24:44:25 -0700\")\r\n"), "date-time is" },
    { TEXT(SELECTED "* 1 FETCH (INTERNALDATE \"17-Jul-1996 02:44:25 PDT\")\r\n"), "date-time is" },
    { TEXT(SELECTED "* 1 FETCH (INTERNALDATE \"17-Jul-1996 02:44:25 -0700 \")\r\n"), "date-time is" },
    { TEXT(SELECTED "* 1 FETCH (INTERNALDATE NIL)\r\n"), "is quoted" },
    /* envelopes */
    { TEXT(SELECTED "* 1 FETCH (ENVELOPE NIL)\r\n"), "an envelope begins" },
    { TEXT(SELECTED "* 1 FETCH (ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL))\r\n"), "one space" },
    { TEXT(SELECTED "* 1 FETCH (ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL))\r\n"), "ten fields" },
    { TEXT(SELECTED "* 1 FETCH (ENVELOPE (NIL Hello NIL NIL NIL NIL NIL NIL NIL NIL))\r\n"), "a string belongs" },
    { TEXT(SELECTED "* 1 FETCH (ENVELOPE (NIL NIL () NIL NIL NIL NIL NIL NIL NIL))\r\n"), "an address begins" },
    { TEXT(SELECTED "* 1 FETCH (ENVELOPE (NIL NIL NIL NIL NIL ((NIL NIL \"a\")) NIL NIL NIL NIL))\r\n"), "one space" },
    { TEXT(SELECTED "* 1 FETCH (ENVELOPE (NIL NIL NIL NIL NIL ((NIL NIL \"a\" \"b\") (NIL NIL \"c\" \"d\")) NIL NIL NIL NIL))\r\n"), "addresses ends" },
    { TEXT(SELECTED "* 1 FETCH (ENVELOPE (NIL NIL NIL NIL NIL ((NIL NIL NIL \"b\")) NIL NIL NIL NIL))\r\n"), "has a mailbox" },
    { TEXT(SELECTED "* 1 FETCH (ENVELOPE (NIL NIL NIL NIL NIL ((NIL NIL \"g\" NIL)) NIL NIL NIL NIL))\r\n"), "does not end" },
    { TEXT(SELECTED "* 1 FETCH (ENVELOPE (NIL NIL NIL NIL NIL ((NIL NIL NIL NIL)) NIL NIL NIL NIL))\r\n"), "a group begins inside" },
    { TEXT(SELECTED "* 1 FETCH (ENVELOPE (NIL NIL ((NIL NIL \"a\" \"b\")) NIL NIL NIL NIL NIL NIL NIL))\r\n"), "default to from" },
    { TEXT(SELECTED "* 1 FETCH (ENVELOPE (NIL ((NIL NIL \"a\" \"b\")) NIL NIL NIL NIL NIL NIL NIL NIL))\r\n"), "a string belongs" },
    /* bodies */
    { TEXT(SELECTED "* 1 FETCH (BODY NIL)\r\n"), "a body begins" },
    { TEXT(SELECTED "* 1 FETCH (BODY ())\r\n"), "a string belongs" },
    { TEXT(SELECTED "* 1 FETCH (BODY (\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 30))\r\n"), "one space" },
    { TEXT(SELECTED "* 1 FETCH (BODY (\"text\" \"PLAIN\" NIL NIL NIL \"7BIT\" 30 -1))\r\n"), "32 bits" },
    { TEXT(SELECTED "* 1 FETCH (BODY (\"TEXT\" \"PLAIN\" NIL NIL NIL NIL 30 1))\r\n"), "a string belongs" },
    { TEXT(SELECTED "* 1 FETCH (BODY (\"TEXT\" NIL NIL NIL NIL \"7BIT\" 30 1))\r\n"), "a string belongs" },
    { TEXT(SELECTED "* 1 FETCH (BODY (\"\" \"PLAIN\" NIL NIL NIL \"7BIT\" 30 1))\r\n"), "not empty" },
    { TEXT(SELECTED "* 1 FETCH (BODY (\"TEXT\" \"PLAIN\" () NIL NIL \"7BIT\" 30 1))\r\n"), "a string belongs" },
    { TEXT(SELECTED "* 1 FETCH (BODY (\"TEXT\" \"PLAIN\" (\"CHARSET\") NIL NIL \"7BIT\" 30 1))\r\n"), "one space" },
    { TEXT(SELECTED "* 1 FETCH (BODY (\"TEXT\" \"PLAIN\" (\"CHARSET\" NIL) NIL NIL \"7BIT\" 30 1))\r\n"), "a string belongs" },
    { TEXT(SELECTED "* 1 FETCH (BODY (\"IMAGE\" \"PNG\" NIL NIL NIL \"7BIT\" 30 1))\r\n"), "no extension data" },
    { TEXT(SELECTED "* 1 FETCH (BODY (\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 30 1 NIL))\r\n"), "no extension data" },
    { TEXT(SELECTED "* 1 FETCH (BODYSTRUCTURE (\"IMAGE\" \"PNG\" NIL NIL NIL \"7BIT\" 30 1))\r\n"), "a string belongs" },
    { TEXT(SELECTED "* 1 FETCH (BODYSTRUCTURE (\"IMAGE\" \"PNG\" NIL NIL NIL \"7BIT\" 30 NIL \"attachment\"))\r\n"), "disposition is" },
    { TEXT(SELECTED "* 1 FETCH (BODYSTRUCTURE (\"IMAGE\" \"PNG\" NIL NIL NIL \"7BIT\" 30 NIL (\"attachment\")))\r\n"), "one space" },
    { TEXT(SELECTED "* 1 FETCH (BODYSTRUCTURE (\"IMAGE\" \"PNG\" NIL NIL NIL \"7BIT\" 30 NIL NIL ()))\r\n"), "a string belongs" },
    { TEXT(SELECTED "* 1 FETCH (BODYSTRUCTURE (\"IMAGE\" \"PNG\" NIL NIL NIL \"7BIT\" 30 NIL NIL NIL NIL NIL))\r\n"), "a body ends" },
    { TEXT(SELECTED "* 1 FETCH (BODY (\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 30))\r\n"), "one space" },
    { TEXT(SELECTED "* 1 FETCH (BODY (\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 30 NIL (\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1) 3))\r\n"), "an envelope begins" },
    { TEXT(SELECTED "* 1 FETCH (BODY (\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 30 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) (\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1)))\r\n"), "one space" },
    { TEXT(SELECTED "* 1 FETCH (BODY (\"MULTIPART\" \"MIXED\" NIL NIL NIL \"7BIT\" 30))\r\n"), "begins with its parts" },
    { TEXT(SELECTED "* 1 FETCH (BODY ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1)))\r\n"), "one space" },
    { TEXT(SELECTED "* 1 FETCH (BODY ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1) (\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1) \"MIXED\"))\r\n"), "a string belongs" },
    { TEXT(SELECTED "* 1 FETCH (BODY ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1) NIL))\r\n"), "a string belongs" },
    { TEXT(SELECTED "* 1 FETCH (BODY ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1) \"MIXED\" NIL))\r\n"), "no extension data" },
    { TEXT(SELECTED "* 1 FETCH (BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1) \"MIXED\" \"x\"))\r\n"), "parameters are" },
};
// clang-format on

START_TEST(violations_are_named)
{
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct error why = { "" };
        slice text = { bad[i].text, bad[i].len };
        ck_assert_msg(!fed_whole(text, &why), "%zu passes: %s", i, bad[i].text);
        ck_assert_msg(strstr(why.text, bad[i].why) != NULL, "%zu: \"%s\" stands not in: %s", i,
                      bad[i].why, why.text);
        struct error trickled = { "" };
        ck_assert(!fed_in_pieces(text, 1, &trickled));
        size_t same = (size_t)(strstr(trickled.text, ">>>") - trickled.text);
        ck_assert_int_eq(strncmp(trickled.text, why.text, same), 0);
    }
}
END_TEST

/* Nothing is good after the first violation. */
START_TEST(stays_broken)
{
    struct error why;
    struct response *response = response_new();
    ck_assert(!response_feed(response, SLICE("* NO\r\n"), &why));
    ck_assert(!response_feed(response, SLICE(HELLO), &why));
    ck_assert(!response_rest(response, &why));
    response_free(response);
    response_free(NULL);
}
END_TEST

/* Each octet of each good conversation replaced: no crash, and lines stay lines. */
START_TEST(damaged)
{
    static const char damage[] = { '\0', '\r', '\n', '"', '{', '}',   '(',
                                   ')',  ' ',  '\\', '*', '9', '\x80' };
    size_t refused = 0, tried = 0;
    for (size_t i = 0; i < COUNT(good); i++) {
        slice text = slice_of(good[i]);
        for (size_t at = 0; at < text.len; at++)
            for (size_t k = 0; k < COUNT(damage); k++) {
                struct error why;
                slice copy = cut_new(text, text.len);
                ((char *)(uintptr_t)copy.at)[at] = damage[k];
                refused += !fed_whole(copy, &why);
                tried++;
                cut_free(copy);
            }
    }
    ck_assert_uint_gt(refused, tried / 2);
    ck_assert_uint_lt(refused, tried);
}
END_TEST

/* A message of 8 MiB in small pieces, and a million parentheses: linear, no deep stack. */
START_TEST(large)
{
    struct error why = { "" };
    struct response *response = response_new();
    struct buf text = BUF_MAX(16u << 20);
    buf_add_text(&text, SELECTED "* 1 FETCH (BODY[] {8388608}\r\n");
    for (size_t i = 0; i < 8u << 20; i++)
        buf_add_char(&text, i % 64 == 63 ? '\n' : 'x');
    buf_add_text(&text, ")\r\na OK done\r\n* 1 FETCH (BODY ");
    for (size_t i = 0; i < 1000000; i++)
        buf_add_char(&text, '(');
    slice rest = buf_slice(&text);
    while (rest.len) {
        ck_assert_msg(response_feed(response, slice_upto(rest, 1000), &why), "%s", why.text);
        rest = slice_from(rest, 1000);
    }
    ck_assert(!response_feed(response, SLICE("\r\n"), &why));
    ck_assert_ptr_nonnull(strstr(why.text, "too deep"));
    buf_free(&text);
    response_free(response);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { examples_pass, violations_are_named, stays_broken, damaged,
                                   large };
    return run_tests("response", tests, COUNT(tests));
}
