/* programs.c: the table of mail programs, and finding one by its name. How a habit is carried out
   is the protocol's client's, in servers/; when a message is fetched or deleted device_pop3.c's. */
#include "sim/devices/programs.h"

#include <string.h>

#include "base/words.h"

#define NEAR_MAX 6
#define BEGUN_MIN 3 /* octets */
#define DAYS_MS(days) ((days) * UINT64_C(86400000))

/* clang-format off */

/* --- POP3 ------------------------------------------------------------------------------------ */

static const struct pop3_habit
    fetchmail         = { .opening = "CAPA AUTH:CRAM-MD5 STAT LAST UIDL", .otherwise = "USER PASS",
                          .lists_each = true, .top = "99999999" },
    fetchmail_keep    = { .opening = "CAPA AUTH:CRAM-MD5 STAT LAST UIDL", .otherwise = "USER PASS",
                          .lists_each = true },
    fetchmail_uidl    = { .opening = "CAPA AUTH:CRAM-MD5 STAT UIDL", .otherwise = "USER PASS",
                          .lists_each = true, .top = "99999999" },
    getmail           = { .opening = "USER PASS UIDL LIST UIDL LIST" },
    mpop              = { .opening = "CAPA AUTH:SCRAM-SHA-256 STAT LIST UIDL",
                          .deletes = POP3_DELE_LAST, .pipelines = true },
    mutt              = { .opening = "CAPA AUTH:SCRAM-SHA-256 CAPA STAT STAT" },
    nmh               = { .opening = "USER PASS STAT" },
    movemail          = { .opening = "CAPA USER PASS STAT", .header_again = true,
                          .deletes = POP3_DELE_LAST },
    fdm               = { .opening = "APOP STAT UIDL", .lists_each = true },
    imget             = { .opening = "APOP STAT" },
    pop3_el           = { .opening = "CAPA USER PASS STAT", .deletes = POP3_DELE_LAST,
                          .pipelines_unasked = true },
    mew               = { .opening = "CAPA APOP LIST UIDL" },
    poplib            = { .opening = "USER PASS LIST", .leaves = true },
    net_pop3          = { .opening = "USER PASS LIST" },
    thunderbird       = { .opening = "CAPA AUTH:CRAM-MD5 STAT LIST UIDL",
                          .deletes = POP3_DELE_FIRST },
    claws             = { .opening = "USER PASS STAT UIDL LIST" },
    evolution         = { .opening = "CAPA USER PASS CAPA LIST UIDL", .newest_first = true,
                          .deletes = POP3_DELE_LAST },
    balsa             = { .opening = "STLS CAPA AUTH:CRAM-MD5 LIST", .deletes = POP3_DELE_LAST };

/* --- IMAP ------------------------------------------------------------------------------------ */

static const struct imap_habit
    thunderbird_imap  = { .deletes = IMAP_MOVES, .seen_by_fetch = true, .makes = "Trash",
                          .subscribes = true },
    claws_imap        = { .deletes = IMAP_COPIES, .makes = "Trash Queue Sent Drafts",
                          .subscribes = true },
    sylpheed_imap     = { .deletes = IMAP_COPIES, .makes = "Trash", .subscribes = true },
    marks_imap        = { .deletes = IMAP_MARKS },
    geary             = { .deletes = IMAP_COPIES_UID, .makes = "Drafts Sent Junk Trash Archive",
                          .uses = true },
    balsa_imap        = { .deletes = IMAP_MARKS, .seen_by_fetch = true },
    kmail             = { .deletes = IMAP_MARKS, .purges = IMAP_PURGES_FIRST },
    mutt_imap         = { .deletes = IMAP_EXPUNGES, .purges = IMAP_PURGES_CLOSE },
    alpine            = { .deletes = IMAP_EXPUNGES, .seen_by_fetch = true },
    expunges          = { .deletes = IMAP_EXPUNGES },
    uid_expunges      = { .deletes = IMAP_UID_EXPUNGES },
    closes            = { .deletes = IMAP_CLOSES },
    gnus              = { .deletes = IMAP_MARKS, .purges = IMAP_PURGES_LAST },
    fetchmail_imap    = { .deletes = IMAP_EXPUNGES, .purges = IMAP_PURGES_FIRST, .takes = true },
    getmail_imap      = { .deletes = IMAP_FETCHES, .purges = IMAP_PURGES_CLOSE, .examines = true },
    curl_imap         = { .deletes = IMAP_FETCHES, .seen_by_fetch = true },
    mailutils         = { .deletes = IMAP_EXPUNGES, .purges = IMAP_PURGES_CLOSE,
                          .seen_by_fetch = true, .overwrites = true },
    mbsync            = { .deletes = IMAP_MARKS, .purges = IMAP_PURGES_CLOSE };

/* --- SMTP ------------------------------------------------------------------------------------ */

static const struct smtp_habit
    thunderbird_smtp  = { "ADDRESS", "PLAIN", true, "BODY SIZE", SMTP_DROPS },
    claws_smtp        = { "HOST", "CRAM-MD5", false, "SIZE", SMTP_UNKNOWN },
    sylpheed_smtp     = { "HOST", "CRAM-MD5", false, "", SMTP_DROPS },
    evolution_smtp    = { "ADDRESS", "PLAIN", true, "", SMTP_UNKNOWN },
    geary_smtp        = { "ADDRESS", "PLAIN", false, "", SMTP_UNKNOWN },
    mutt_smtp         = { "HOST", "SCRAM-SHA-256", false, "BODY?", SMTP_DROPS },
    alpine_smtp       = { "DOMAIN", "CRAM-MD5", false, "", SMTP_UNKNOWN },
    aerc_smtp         = { "localhost", "PLAIN", true, "BODY", SMTP_DROPS },
    s_nail_smtp       = { "HOST", "PLAIN", false, "", SMTP_DROPS },
    nmh_smtp          = { "HOST", "SCRAM-SHA-256", true, "BODY?", SMTP_RESETS },
    mailutils_smtp    = { "HOST", "LOGIN", false, "SIZE", SMTP_GOES_ON },
    msmtp             = { "localhost", "SCRAM-SHA-256", false, "", SMTP_DROPS },
    swaks             = { "HOST", "CRAM-MD5", false, "", SMTP_GOES_ON },
    curl_smtp         = { "message.eml", "CRAM-MD5", false, "SIZE", SMTP_QUITS },
    smtplib           = { "ADDRESS", "CRAM-MD5", false, "SIZE", SMTP_GOES_ON },
    nodemailer        = { "ADDRESS", "PLAIN", true, "", SMTP_GOES_ON },
    send_email        = { "HOST", "LOGIN", false, "", SMTP_GOES_ON },
    ssmtp             = { "HOST", "LOGIN", false, "", SMTP_DROPS },
    smtpmail          = { "HOST", "CRAM-MD5", false, "SIZE", SMTP_QUITS };

/* What an IMAP row does not say. */
#define IMAP_OWN "login, lists and headers (they are the device's own); a lost connection"

/* It was only seen to send; what comes is fetched as by a plain IMAP program. */
#define SENDS "fetching (it only sends, and the device fetches as with imap)"

#define WHOLE   .kind = MAIL_IS_IMAP
#define DEMAND  .kind = MAIL_IS_IMAP, .headers_only = true, .on_demand = true
#define KEEPS   .kind = MAIL_IS_POP3
#define REMOVES .kind = MAIL_IS_POP3, .removes = true

static const struct program rows[] = {
    { "pop3 delete", "POP3, delete after fetch", NULL, { REMOVES, .carries_back = true },
      NULL, NULL, NULL,
      "what is fetched is deleted on the server", "" },
    { "pop3 keep", "POP3, keep on the server", NULL, { KEEPS, .carries_back = true },
      NULL, NULL, NULL,
      "messages stay on the server until you delete them here", "" },
    { "imap", "IMAP, whole messages", NULL, { .kind = MAIL_IS_IMAP }, NULL, NULL, NULL,
      "messages come here and stay on the server", "" },
    { "imap headers", "IMAP, headers only", NULL,
      { .kind = MAIL_IS_IMAP, .headers_only = true }, NULL, NULL, NULL,
      "headers come here, messages stay on the server", "" },
    { "imap on demand", "IMAP, on demand", NULL,
      { .kind = MAIL_IS_IMAP, .headers_only = true, .on_demand = true }, NULL, NULL, NULL,
      "headers come here, a message's text when it is read", "" },

    { "fetchmail", NULL, "6.4.37", { REMOVES, .memory = MEMORY_SKIPS }, &fetchmail, NULL, NULL,
      "says LAST, which left POP3 in 1994, and fetches by TOP; what a lost connection left on the "
      "server it takes for fetched and never deletes",
      "a server without UIDL" },
    { "fetchmail keep", NULL, "6.4.37", { KEEPS, .memory = MEMORY_SKIPS },
      &fetchmail_keep, NULL, NULL, "the same program told to keep says RETR in place of TOP",
      "a server without UIDL" },
    { "fetchmail uidl keep", NULL, "6.4.37", { KEEPS, .memory = MEMORY_SKIPS },
      &fetchmail_uidl, NULL, NULL, "with `uidl` LAST is not said, and TOP is back",
      "a server without UIDL" },
    { "getmail6", NULL, "6.18.11", { KEEPS, .memory = MEMORY_NONE }, &getmail, NULL, NULL,
      "keeps everything and, each time, fetches everything again; each list is asked for twice",
      "a server without UIDL" },
    { "getmail6 delete", NULL, "6.18.11", { REMOVES, .memory = MEMORY_NONE },
      &getmail, NULL, NULL,
      "after a lost connection it fetches again what it has: read_all wins over its "
      "memory of unique-ids",
      "a server without UIDL" },
    { "getmail6 new", NULL, "6.18.11", { KEEPS, .memory = MEMORY_SKIPS },
      &getmail, NULL, NULL, "read_all=false: only what it does not know", "a server without UIDL" },
    { "mpop", NULL, "1.4.18", { REMOVES, .memory = MEMORY_DELETES }, &mpop, NULL, NULL,
      "pipelines; after a lost connection it says DELE without RETR: nothing twice, nothing left",
      "more than 4 messages at once" },
    { "mpop keep", NULL, "1.4.18", { KEEPS, .memory = MEMORY_SKIPS }, &mpop, NULL, NULL,
      "fetches what it does not know, and deletes nothing", "more than 4 messages at once" },
    { "mutt pop3", NULL, "2.2.12", { KEEPS, .memory = MEMORY_NONE }, &mutt, NULL, &mutt_smtp,
      "its key G: asks whether to delete, and no is the default; each time everything again",
      "a lost connection" },
    { "mutt pop3 delete", NULL, "2.2.12", { REMOVES, .memory = MEMORY_NONE },
      &mutt, NULL, &mutt_smtp,
      "its key G answered with yes: after a lost connection everything comes twice", "" },
    { "neomutt pop3", NULL, "20220429", { KEEPS, .memory = MEMORY_NONE }, &mutt, NULL, &mutt_smtp,
      "as mutt's key G", "a lost connection; deleting" },
    { "nmh", NULL, "1.8", { REMOVES, .memory = MEMORY_NONE }, &nmh, NULL, &nmh_smtp,
      "inc: no list and no unique-ids; after a lost connection everything comes twice", "" },
    { "movemail", NULL, "3.15", { REMOVES, .memory = MEMORY_NONE }, &movemail, NULL, NULL,
      "of GNU mailutils: reads each header a second time, and says USER and PASS whatever CAPA "
      "offers",
      "" },
    { "fdm", NULL, "1.9", { REMOVES, .memory = MEMORY_NONE }, &fdm, NULL, NULL,
      "two processes: a DELE may come behind the next RETR, another time before it", "" },
    { "imget", NULL, "153", { REMOVES, .memory = MEMORY_NONE }, &imget, NULL, NULL,
      "APOP, and after a lost connection everything twice", "" },
    { "pop3.el", NULL, "28.2", { REMOVES, .memory = MEMORY_NONE }, &pop3_el, NULL, &smtpmail,
      "of Emacs: pipelines whether the server offers it or not",
      "" },
    { "mew", NULL, "6.8", { REMOVES, .memory = MEMORY_SKIPS }, &mew, NULL, NULL,
      "in an empty maildrop LIST is its last word", "a lost connection" },
    { "poplib", NULL, "3.11.2", { KEEPS, .memory = MEMORY_NONE }, &poplib, NULL, NULL,
      "the example of Python's manual: it closes without QUIT", "a lost connection" },
    { "net pop3", NULL, "5.36.0", { REMOVES, .memory = MEMORY_NONE }, &net_pop3, NULL, NULL,
      "the example of Perl's Net::POP3: the order of messages is a hash's", "a lost connection" },
    { "thunderbird pop3", NULL, "153.8.0",
      { REMOVES, .keep_ms = DAYS_MS(14), .memory = MEMORY_SKIPS, .carries_back = true },
      &thunderbird, NULL, &thunderbird_smtp,
      "keeps for 14 days, and what a person deletes here it deletes there, before it "
      "fetches what is new",
      "a lost connection; DELE after 14 days" },
    { "claws pop3", NULL, "4.1.1",
      { REMOVES, .keep_ms = DAYS_MS(7), .memory = MEMORY_SKIPS }, &claws, NULL, &claws_smtp,
      "keeps for 7 days; asks for no capabilities at all",
      "a lost connection; DELE after 7 days; what is deleted here" },
    { "sylpheed pop3", NULL, "3.8.0", { KEEPS, .memory = MEMORY_SKIPS },
      &claws, NULL, &sylpheed_smtp,
      "says what Claws says", "a second fetch; a lost connection; whether it ever deletes" },
    { "evolution pop3", NULL, "3.46.4", { REMOVES, .memory = MEMORY_NONE },
      &evolution, NULL, &evolution_smtp,
      "fetches the newest first, and leaves nothing on the server", "a lost connection" },
    { "balsa pop3", NULL, "2.6.4", { REMOVES, .memory = MEMORY_NONE }, &balsa, NULL, NULL,
      "TLS first; no unique-ids; leaves nothing on the server", "a lost connection" },

    { "thunderbird imap", NULL, "153.8.0", { DEMAND }, NULL, &thunderbird_imap, &thunderbird_smtp,
      "reads by BODY[], which marks as read; deletes by MOVE into a Trash that it makes",
      IMAP_OWN },
    { "claws imap", NULL, "4.1.1", { DEMAND }, NULL, &claws_imap, &claws_smtp,
      "makes Trash, Queue, Sent and Drafts; EXPUNGE takes what others have marked along",
      IMAP_OWN },
    { "sylpheed imap", NULL, "3.8.0", { DEMAND }, NULL, &sylpheed_imap, &sylpheed_smtp,
      "copies to Trash, marks, and EXPUNGE takes what others have marked along",
      IMAP_OWN },
    { "evolution imap", NULL, "3.46.4", { DEMAND }, NULL, &marks_imap, &evolution_smtp,
      "only marks as \\Deleted: hidden here, and there for all others, until somebody says EXPUNGE",
      IMAP_OWN },
    { "geary", NULL, "43.0", { WHOLE }, NULL, &geary, &geary_smtp,
      "makes five mailboxes and says what they are for; UID EXPUNGE takes its own alone",
      IMAP_OWN "; it speaks on seven connections, the device on one" },
    { "balsa imap", NULL, "2.6.4", { DEMAND }, NULL, &balsa_imap, NULL,
      "reads by RFC822, which marks as read; only marks as \\Deleted", IMAP_OWN },
    { "kmail", NULL, "22.12.3", { WHOLE }, NULL, &kmail, NULL,
      "says EXPUNGE by itself when it first looks: what others have only marked is gone",
      IMAP_OWN "; how it deletes" },
    { "mutt imap", NULL, "2.2.12", { DEMAND }, NULL, &mutt_imap, &mutt_smtp,
      "EXPUNGE at a sync, CLOSE at the end, after a question of which yes is the default",
      IMAP_OWN },
    { "neomutt imap", NULL, "20220429", { DEMAND }, NULL, &mutt_imap, &mutt_smtp, "as mutt", IMAP_OWN },
    { "alpine", NULL, "2.26", { DEMAND }, NULL, &alpine, &alpine_smtp,
      "reads by BODY[1], which marks as read; EXPUNGE takes what others have marked along",
      IMAP_OWN },
    { "aerc", NULL, "0.14.0", { DEMAND }, NULL, &expunges, &aerc_smtp,
      "EXPUNGE takes what others have marked along, at once", IMAP_OWN },
    { "s-nail imap", NULL, "14.9.24", { DEMAND }, NULL, &closes, &s_nail_smtp,
      "marks, and CLOSE removes: what others have marked too", IMAP_OWN },
    { "gnus", NULL, "28.2", { DEMAND }, NULL, &gnus, &smtpmail,
      "EXPUNGE whenever a group is left, also when nothing was deleted", IMAP_OWN },
    { "mailutils imap", NULL, "3.15", { DEMAND }, NULL, &mailutils, &mailutils_smtp,
      "as it quits it says FLAGS, not +FLAGS, with what it saw when it opened the mailbox: what "
      "others set since is lost",
      IMAP_OWN "; it writes every message's flags, the device those that differ" },
    { "fetchmail imap", NULL, "6.4.37", { WHOLE }, NULL, &fetchmail_imap, NULL,
      "says EXPUNGE before it looks, which destroys what others have marked; then it takes what is "
      "not \\Seen, and empties the mailbox as by POP3",
      IMAP_OWN "; it deletes after each message, the device after all" },
    { "getmail6 imap", NULL, "6.18.11", { WHOLE }, NULL, &getmail_imap, NULL,
      "opens by EXAMINE, fetches by PEEK: the server learns nothing of it, and all is new again",
      IMAP_OWN "; a second fetch fetches all again, the device what is new" },
    { "curl", NULL, "7.88.1", { DEMAND }, NULL, &curl_imap, &curl_smtp,
      "fetches by BODY[], which marks as read; says EHLO by the name of the file that it sends",
      IMAP_OWN },
    { "mbsync", NULL, "1.4.4", { WHOLE }, NULL, &mbsync, NULL,
      "with Expunge Both: CLOSE in every mailbox, also when it deletes nothing", IMAP_OWN },
    { "mbsync keep", NULL, "1.4.4", { WHOLE }, NULL, &marks_imap, NULL,
      "without Expunge: marks as \\Deleted and removes nothing", IMAP_OWN },
    { "offlineimap", NULL, "8.0.0", { WHOLE }, NULL, &expunges, NULL,
      "EXPUNGE takes what others have marked along",
      IMAP_OWN },
    { "imapflow", NULL, "2.10.2", { WHOLE }, NULL, &uid_expunges, NULL,
      "messageDelete with {uid: true}: UID EXPUNGE takes its own alone", IMAP_OWN },
    { "imapflow number", NULL, "2.10.2", { WHOLE }, NULL, &expunges, NULL,
      "messageDelete without {uid: true}: EXPUNGE of all that is marked", IMAP_OWN },

    { "msmtp", NULL, "1.8.23", { WHOLE }, NULL, NULL, &msmtp,
      "calls itself localhost; says RCPT and DATA together, and leaves at 354 if one is refused",
      SENDS },
    { "swaks", NULL, "20201014.0", { WHOLE }, NULL, NULL, &swaks,
      "the other gets it, and its exit code is 0", SENDS },
    { "smtplib", NULL, "3.11.2", { WHOLE }, NULL, NULL, &smtplib,
      "of Python: says its words in small letters; who was refused is in what sendmail() returns",
      SENDS },
    { "nodemailer", NULL, "10.6.1", { WHOLE }, NULL, NULL, &nodemailer,
      "says MAIL, RCPT and DATA together, and ends without QUIT", SENDS },
    { "sendemail", NULL, "1.56", { WHOLE }, NULL, NULL, &send_email,
      "the other gets it; it warns, or at 451 not even that", SENDS },
    { "ssmtp", NULL, "2.64", { WHOLE }, NULL, NULL, &ssmtp, "nobody gets it: exit code 1", SENDS },
};

/* clang-format on */


const struct program *programs(size_t *count)
{
    *count = COUNT(rows);
    return rows;
}

bool program_is_named(const struct program *program) { return program->version != NULL; }

void program_title(struct buf *out, const struct program *program)
{
    if (program_is_named(program))
        buf_format(out, "%s %s", program->name, program->version);
    else
        buf_add_text(out, program->title);
}

const struct program *program_take(slice *rest)
{
    const struct program *best = NULL;
    slice trimmed = slice_trim(*rest);
    size_t longest = 0;
    for (size_t i = 0; i < COUNT(rows); i++) {
        slice behind = trimmed;
        size_t len = strlen(rows[i].name);
        if (len <= longest || !take_prefix_nocase(&behind, rows[i].name) ||
            (behind.len && behind.at[0] != ' ' && behind.at[0] != '\t'))
            continue;
        best = &rows[i];
        longest = len;
    }
    if (best)
        *rest = slice_from(trimmed, longest);
    return best;
}

/* A name may be begun ("thunder"), or its first word meant ("thunderbrid"). */
static unsigned distance_of(slice typed, slice name)
{
    slice first = name;
    if (typed.len >= BEGUN_MIN && slice_equal_nocase(slice_upto(name, typed.len), typed))
        return 0;
    unsigned to_name = word_distance(typed, name);
    unsigned to_first = word_distance(typed, word_take(&first));
    return to_first < to_name ? to_first : to_name;
}

void program_unknown(struct buf *why, slice words)
{
    slice typed = slice_trim(words);
    unsigned far = guess_begin(typed).distance;
    size_t count = 0;
    buf_add_text(why, "no program of that name was measured");
    for (unsigned distance = 0; distance < far; distance++)
        for (size_t i = 0; i < COUNT(rows) && count < NEAR_MAX; i++)
            if (program_is_named(&rows[i]) &&
                distance_of(typed, slice_of(rows[i].name)) == distance)
                buf_format(why, "%s%s", count++ ? ", " : "; the nearest: ", rows[i].name);
    buf_add_text(why, count ? " (`programs` lists all)" : ": `programs` lists those that were");
}
