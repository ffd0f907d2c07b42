/* misconception.c: the 26 of misconception.h. A row's lesson is the one that corrects it. Which
   firing gives one away stands with the sentences, in views/why_*_table.c. */
#include "lessons/misconception.h"

#include "base/words.h"

const struct misconception misconceptions[MISCONCEPTIONS] = {
    { 1, "POP3 deletes a message when it is fetched",
      "RETR never deletes. A mail program deletes, by DELE and QUIT, if it is set so.",
      "retr-deletes-nothing" },
    { 2, "From: and To: decide where a message goes",
      "MAIL FROM and RCPT TO, the envelope, decide. The header is part of the text.",
      "two-senders" },
    { 3, "DELE deletes at once",
      "DELE only marks. QUIT removes; RSET or a lost connection keeps everything.",
      "dele-waits" },
    { 4, "Deleting in IMAP removes a message, or moves it to the Trash",
      "\\Deleted is a flag. EXPUNGE removes; a Trash mailbox is a habit of mail programs.",
      "deleted-is-a-flag" },
    { 5, "Bcc is a command, or a header field that hides somebody",
      "A Bcc recipient is one more RCPT that no header field names.", "bcc" },
    { 6, "An IMAP command needs no tag",
      "The first word of each line is your tag; the server repeats it with its answer.",
      "labels" },
    { 7, "A sequence number is a message's name",
      "Sequence numbers move up when a message before them is removed. A UID stays.",
      "numbers-shift" },
    { 8, "A server that denies relaying is broken",
      "A server takes mail for its own domains from everybody, for others only from its own "
      "users.",
      "not-my-town" },
    { 9, "A port number is what makes mail safe",
      "A port has a role, relay or submission; TLS begins at once or after STARTTLS.",
      "listening-in" },
    { 10, "SMTP fetches mail too",
      "SMTP only hands messages on. POP3 and IMAP fetch them.", "first-letter" },
    { 11, "A message ends when one stops typing",
      "Only a line that holds nothing but a dot ends it; other lines' first dots are doubled.",
      "the-dot" },
    { 12, "Subject: is an SMTP command, and the text follows it at once",
      "Header fields are the first lines of the data, and an empty line ends them.",
      "empty-line" },
    { 13, "Base64 keeps a password secret",
      "Base64 is a spelling that everybody can read. TLS keeps secrets.", "who-are-you" },
    { 14, "250 after the dot means: delivered",
      "It means: this server answers for it now. If it fails later, a bounce comes back.",
      "accepted" },
    { 15, "4xx and 5xx both mean: failed",
      "4xx: not now, a client tries again. 5xx: no, and repeating will not help.", "try-later" },
    { 16, "Reading changes nothing",
      "FETCH BODY[] sets \\Seen, for every device. BODY.PEEK[] and EXAMINE do not.",
      "look-dont-touch" },
    { 17, "A sent message is in Sent by itself",
      "SMTP keeps no copy. The mail program stores one, by IMAP's APPEND.", "folders" },
    { 18, "Two programs can use POP3 at once",
      "A POP3 session locks the mailbox, and sees it as it was at the start.", "one-at-a-time" },
    { 19, "POP3's message numbers stay the same",
      "They begin at 1 in each session. UIDL tells names that stay.", "numbers-lie" },
    { 20, "The order of SMTP's commands does not matter",
      "EHLO, MAIL, RCPT, DATA, in this order: 503 says that it is the wrong moment.", "not-yet" },
    { 21, "An address can stand without < and >",
      "MAIL FROM:<...> and RCPT TO:<...>: 501 says that the form is wrong.", "not-yet" },
    { 22, "The server sees what one types while one types it",
      "A line is sent when it ends. The greeting comes before anything is typed.", "say-hello" },
    { 23, "A UID means the same for ever",
      "Only while UIDVALIDITY stays. If it changes, all that was kept is void.",
      "same-name-new-box" },
    { 24, "A mailbox that exists is shown",
      "Many programs show only those that are subscribed: LSUB, not LIST.", "folders" },
    { 25, "IDLE brings new mail",
      "It only tells that there is some. DONE, and then FETCH.", "idle" },
    { 26, "A line ends with LF",
      "It ends with CR LF. A bare LF ends nothing, a message least of all.", "the-dot" },
};

const struct misconception *misconception_named(slice name)
{
    uint64_t number = 0;
    if (!word_number(name, MISCONCEPTIONS, &number) || number == 0)
        return NULL;
    return &misconceptions[number - 1];
}

const struct misconception *misconception_of(const struct why_case *asked)
{
    const struct reason *reason = reason_of(asked);
    return reason && reason->belief ? &misconceptions[reason->belief - 1] : NULL;
}
