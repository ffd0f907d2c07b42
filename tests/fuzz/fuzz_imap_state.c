/* fuzz_imap_state.c: well-formed commands of all extensions together, from three IMAP sessions
   and a POP3 session on one user's mailboxes. Each octet of the input is a choice: who speaks,
   which command, which words in it; some commands have an octet spoilt. A long command is put
   off as a host puts it off, and the others speak in between. Whatever comes, all that is said
   is what the grammar allows, and at the end each session has the store's own messages. */
#include <string.h>

#include "servers/imap/imap.h"
#include "servers/pop3/pop3.h"
#include "servers/session.h"
#include "servers/store/store.h"
#include "tests/fuzz/session_fuzz.h"
#include "tests/transcripts/response.h"

#define SPEAKERS 4
#define POP3 3          /* who of them speaks POP3 */
#define NESTED_MAX 8
#define SCALE 251       /* of a number that an octet chooses */

struct speaker {
    struct session *session;
    struct response *response;
    bool paused;
};

static struct speaker speakers[SPEAKERS];
static int speaking;
static bool news;       /* a mailbox was changed: others are to be told */

/* --- choices --------------------------------------------------------------------------------- */

static slice choices;

static size_t choose(size_t count)
{
    if (choices.len == 0)
        return 0;
    unsigned char octet = (unsigned char)choices.at[0];
    choices = slice_from(choices, 1);
    return octet % count;
}

/* What a hole may be filled with; holes of its own are filled in turn. */
struct hole {
    char character;
    const char *words[24];
};

static const struct hole holes[] = {
    { 'u', { "", "UID " } },
    { 'm', { "INBOX", "Archive", "Other", "inbox", "Archive/Deep", "\"\xc3\xbc\"", "&APw-" } },
    { 's', { "$", "1:*", "*", "%n", "%n:%n", "%n:*", "1,3:%n", "%n,%n,%n:%n", "4294967295", "$" } },
    { 'e', { "QRESYNC", "CONDSTORE", "CONDSTORE QRESYNC", "X", "IMAP4rev2" } },
    { 'q', { "", " (CONDSTORE)", " (QRESYNC (%v %M))", " (QRESYNC (%v %M %s))",
             " (QRESYNC (%v %M 1:%n (%n,9 %n,9)))", " (QRESYNC (%v %M (1:%n 1:%n)))" } },
    { 'v', { "1767603600", "1767603600", "1", "1767603601" } },
    { 'M', { "%n", "1", "0", "1%n", "9223372036854775807" } },
    { 'i', { "FLAGS", "(UID FLAGS)", "(MODSEQ)", "ALL", "FULL", "BODY[]", "(FLAGS BODY.PEEK[1])",
             "(ENVELOPE BODYSTRUCTURE)", "BODY[HEADER.FIELDS (Subject)]<0.%n>", "RFC822.SIZE",
             "(BINARY[1] BINARY.SIZE[1])", "BINARY.PEEK[]<%n.3>" } },
    { 'c', { "", " (CHANGEDSINCE %M)", " (CHANGEDSINCE %M VANISHED)", " (VANISHED CHANGEDSINCE %M)",
             " (VANISHED)" } },
    { 'o', { "", " (UNCHANGEDSINCE %M)", " (UNCHANGEDSINCE 0)" } },
    { 'f', { "\\Seen", "\\Deleted", "\\Deleted", "\\Flagged \\Answered", "$Work", "$k%n", "" } },
    { 'p', { "", "+", "-" } },
    { '.', { "", ".SILENT" } },
    { 'r', { "", "RETURN (SAVE) ", "RETURN (SAVE ALL) ", "RETURN (MIN MAX) ", "RETURN (COUNT) ",
             "RETURN () ", "RETURN (MIN SAVE) ", "RETURN (ALL COUNT MIN MAX SAVE) " } },
    { 'k', { "ALL", "%s", "UID %s", "DELETED", "UNSEEN", "$", "MODSEQ %M", "KEYWORD $Work",
             "NOT %k", "OR %k %k", "(%k %k)", "%k %k", "SUBJECT one", "BODY part", "TEXT o", "NEW",
             "MODSEQ \"/flags/\\\\Seen\" all %M", "LARGER %n", "SINCE 1-Jan-2026", "YOUNGER %n" } },
    { 'O', { "ARRIVAL", "SUBJECT", "REVERSE DATE", "FROM REVERSE SIZE", "TO CC" } },
    { 'a', { "REFERENCES", "ORDEREDSUBJECT" } },
    { 't', { "MESSAGES UIDNEXT UIDVALIDITY UNSEEN", "HIGHESTMODSEQ", "SIZE DELETED", "RECENT" } },
    { 'C', { "UID FETCH %s %i (CHANGEDSINCE %M VANISHED)", "%uFETCH %s %i%c",
             "%uSTORE %s%o %pFLAGS%. (%f)", "STORE 1:* +FLAGS.SILENT (\\Deleted)", "EXPUNGE",
             "UID EXPUNGE %s", "%uSEARCH %r%k", "%uSORT %r(%O) UTF-8 %k", "%uTHREAD %a UTF-8 %k",
             "%uCOPY %s %m", "%uMOVE %s %m", "APPEND %m (%f) {4+}\r\na: b",
             "APPEND %m {4+}\r\na: b (%f) {1+}\r\nx", "NOOP", "IDLE", "SELECT %m%q", "EXAMINE %m%q",
             "ENABLE %e", "STATUS %m (%t)", "%L" } },
    { 'L', { "CLOSE", "UNSELECT", "CREATE %m", "DELETE %m", "RENAME %m %m", "SUBSCRIBE %m",
             "LIST \"\" * RETURN (SUBSCRIBED CHILDREN STATUS (%t))", "LSUB \"\" *", "CHECK",
             "GETQUOTAROOT %m", "LIST (SUBSCRIBED RECURSIVEMATCH) \"\" (\"*\" \"%n\")" } },
    { 'P', { "STAT", "LIST", "UIDL", "RETR %n", "DELE %n", "DELE 1", "TOP %n %n", "RSET", "NOOP",
             "QUIT", "QUIT" } },
};

static void fill(struct buf *line, const char *text, int depth);

static void hole_fill(struct buf *line, char character, int depth)
{
    if (character == 'n') {
        buf_add_number(line, choose(SCALE) % 12);
        return;
    }
    for (size_t i = 0; i < COUNT(holes); i++) {
        if (holes[i].character != character)
            continue;
        size_t count = 0;
        while (count < COUNT(holes[i].words) && holes[i].words[count])
            count++;
        fill(line, holes[i].words[depth < NESTED_MAX ? choose(count) : 0], depth + 1);
        return;
    }
    buf_add_char(line, '%');
    buf_add_char(line, character);
}

static void fill(struct buf *line, const char *text, int depth)
{
    for (; *text; text++)
        if (*text == '%' && text[1])
            hole_fill(line, *++text, depth);
        else
            buf_add_char(line, *text);
}

/* --- speaking -------------------------------------------------------------------------------- */

static void look(struct fuzz *fuzz, slice out)
{
    (void)fuzz;
    struct error why = { "" };
    if (speaking == POP3 || response_feed(speakers[speaking].response, out, &why))
        return;
    fprintf(stderr, "session %d: %s\n", speaking, why.text);
    bool the_grammar_knows_the_response = false;
    must(the_grammar_knows_the_response);
}

static void later(struct services *services, struct session *session)
{
    (void)services;
    for (int i = 0; i < SPEAKERS; i++)
        if (speakers[i].session == session)
            speakers[i].paused = true;
}

static void changed(struct services *services, int64_t mailbox)
{
    fuzz_stop_doubling(services, mailbox);
    news = true;
}

static void take_turn(struct fuzz *fuzz, int who)
{
    speaking = who;
    fuzz->session = speakers[who].session;
    fuzz_drain(fuzz, look);
}

static void tell_others(struct fuzz *fuzz)
{
    for (int i = 0; news && i < SPEAKERS; i++) {
        if (!speakers[i].session)
            continue;
        session_changed(speakers[i].session);
        take_turn(fuzz, i);
    }
    news = false;
}

static void go_on(struct fuzz *fuzz, int who)
{
    speakers[who].paused = false;
    session_go_on(speakers[who].session);
    take_turn(fuzz, who);
}

static void hear(struct fuzz *fuzz, int who, slice octets)
{
    while (octets.len && !session_is_closed(speakers[who].session)) {
        while (speakers[who].paused)
            go_on(fuzz, who);
        size_t taken = session_input(speakers[who].session, octets);
        take_turn(fuzz, who);
        must(taken > 0 || speakers[who].paused || session_is_closed(speakers[who].session));
        octets = slice_from(octets, taken);
    }
}

/* --- sessions -------------------------------------------------------------------------------- */

static void speaker_open(struct fuzz *fuzz, int who)
{
    struct speaker *speaker = &speakers[who];
    speaker->response = response_new();
    speaker->session = session_open(who == POP3 ? &pop3_protocol : &imap_protocol, &fuzz->services,
                                    (uint64_t)who + 1, 0, SLICE("phone.campus.example"),
                                    SLICE("192.0.2.10"));
    take_turn(fuzz, who);
    hear(fuzz, who, who == POP3 ? SLICE("USER ana\r\nPASS tulip\r\n")
                                : SLICE("l LOGIN ana tulip\r\n"));
    if (who == 0)
        hear(fuzz, who, SLICE("e ENABLE QRESYNC\r\n"));
    if (who != POP3)
        hear(fuzz, who, SLICE("s SELECT INBOX\r\n"));
}

static void speaker_close(struct fuzz *fuzz, int who)
{
    struct speaker *speaker = &speakers[who];
    fuzz->session = speaker->session;
    fuzz_close(fuzz);
    response_free(speaker->response);
    *speaker = (struct speaker){ NULL, NULL, false };
}

/* All that there is was told, and it is what the store has. */
static void speaker_check(struct fuzz *fuzz, int who)
{
    struct session *session = speakers[who].session;
    while (speakers[who].paused)
        go_on(fuzz, who);
    hear(fuzz, who, SLICE("DONE\r\n"));
    hear(fuzz, who, SLICE("z NOOP\r\n"));
    const struct imap_view *view = &imap_of(session)->view;
    struct mailbox mailbox;
    if (session_is_closed(session) || !view->mailbox ||
        !store_mailbox_by_id(fuzz->store, view->mailbox, &mailbox))
        return;
    struct uid_list *list = store_uids(fuzz->store, view->mailbox);
    must(list && list->count == imap_view_count(view));
    for (uint32_t i = 0; i < list->count; i++)
        must(list->uids[i] == imap_view_uid(view, i + 1));
    uid_list_release(list);
}

static void step(struct fuzz *fuzz)
{
    struct buf line = BUF_MAX(4096);
    int who = (int)choose(SPEAKERS + 1) % SPEAKERS;
    struct speaker *speaker = &speakers[who];
    if (session_is_closed(speaker->session)) {
        speaker_close(fuzz, who);
        speaker_open(fuzz, who);
    }
    if (speaker->paused) {
        go_on(fuzz, who);
        return;
    }
    bool done = session_expects(speaker->session, &(uint64_t){ 0 }) == EXPECTS_DONE;
    if (who != POP3)
        buf_add_text(&line, done ? "" : "x ");
    fill(&line, who == POP3 ? "%P" : done ? "DONE" : "%C", 0);
    if (line.len && choose(SCALE) < 8)
        line.at[choose(line.len)] = "\"({})*\\ $%\001x9,:"[choose(16)];
    buf_add_text(&line, "\r\n");
    hear(fuzz, who, buf_slice(&line));
    tell_others(fuzz);
    buf_free(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fuzz fuzz;
    choices = (slice){ (const char *)data, size };
    fuzz.runs = 0; /* a store of its own: what is found is found again by itself */
    fuzz_open(&fuzz, choices);
    fuzz.services.changed = changed;
    fuzz.services.later = later;
    fuzz.policy.refusal_count = 0;
    for (int i = 0; i < SPEAKERS; i++)
        speaker_open(&fuzz, i);
    while (choices.len)
        step(&fuzz);
    tell_others(&fuzz);
    for (int i = 0; i < POP3; i++)
        speaker_check(&fuzz, i);
    for (int i = 0; i < SPEAKERS; i++)
        speaker_close(&fuzz, i);
    return 0;
}
