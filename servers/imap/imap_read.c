/* imap_read.c: from a line to an event: tag, UID, verb, arguments; which literals are
   taken; how a status line gets its tag. RFC 3501 2.2, 4.3. */
#include "servers/imap/imap.h"

#include <string.h>

#include "base/words.h"
#include "servers/imap/imap_write.h"

struct words {
    slice tag, verb, args;
    bool uid;
};

static bool is_tag_char(unsigned char c) { return c != '+' && imap_is_astring_char(c); }

/* "a1 UID FETCH 1 FLAGS". False: it has no tag. Without a verb, verb is empty. */
static bool line_split(slice line, struct words *words)
{
    *words = (struct words){ SLICE_EMPTY, SLICE_EMPTY, SLICE_EMPTY, false };
    slice tag = take_while(&line, is_tag_char);
    if (tag.len == 0 || tag.len > IMAP_TAG_MAX || (line.len && line.at[0] != ' '))
        return false;
    words->tag = tag;
    take_char(&line, ' ');
    words->verb = take_while(&line, imap_is_atom_char);
    slice after_uid = line;
    if (slice_is_nocase(words->verb, "UID") && take_char(&after_uid, ' ')) {
        words->uid = true;
        line = after_uid;
        words->verb = take_while(&line, imap_is_atom_char);
    }
    if (line.len && !take_char(&line, ' '))
        words->verb = SLICE_EMPTY;
    words->args = line;
    return true;
}

static int line_unknown(struct session *session, const struct words *words)
{
    struct buf shown = BUF_MAX(256);
    if (words->uid)
        buf_add_text(&shown, "UID ");
    imap_write_shown(&shown, words->verb);
    if (words->verb.len)
        session_detail(session, "Unknown command %s", buf_text(&shown));
    else
        session_detail(session, "After the tag and one space there must be a command");
    buf_free(&shown);
    return EV_UNKNOWN;
}

static void command_begin(struct session *session)
{
    imap_forget_command(session); /* what is there still belongs to an older one */
    imap_of(session)->tells_highest = imap_of(session)->moved = false;
    imap_of(session)->numbers = false;
    imap_of(session)->modseq_said = 0;
    imap_view_command(session, session->last.outcome == OUT_FAILED);
}

int imap_read(struct session *session, slice line, slice *args)
{
    struct imap *imap = imap_of(session);
    struct words words;
    bool tagged = line_split(line, &words);
    FIELD_SET(imap->tag, words.tag);
    size_t at;
    if (!slice_find(line, '\n', &at)) /* after a literal it has begun already */
        command_begin(session);
    if (!tagged) {
        session_detail(session, "A command begins with a tag, a word of your own: a1 NOOP");
        return EV_UNKNOWN;
    }
    int event = protocol_verb(session->protocol, words.verb);
    bool takes_uid = session->protocol->events[event].flags & EVENT_UID;
    if (event == EV_UNKNOWN || (words.uid && !takes_uid))
        return line_unknown(session, &words);
    imap->uid = words.uid;
    imap->args_at = line.len - words.args.len;
    imap->args_spaced = imap->args_at > 0 && line.at[imap->args_at - 1] == ' ';
    *args = words.args;
    return event;
}

/* A refusal of a line that was not read whole is the answer to its tag all the same. */
void imap_began(struct session *session, slice front)
{
    struct words words;
    line_split(front, &words);
    FIELD_SET(imap_of(session)->tag, words.tag);
}

void imap_status(struct session *session, slice text)
{
    const struct imap *imap = imap_of(session);
    if (!slice_starts(text, "* ") && !slice_starts(text, "+ ")) {
        imap_task_leave(session); /* the command has failed, if there is one still */
        session_write(session, imap->tag[0] ? slice_of(imap->tag) : SLICE("*"));
        session_write(session, SLICE(" "));
    }
    session_write(session, text);
    session_write(session, SLICE("\r\n"));
}

/* --- literals ----------------------------------------------------------------------------- */

static enum outcome literal_too_big(struct session *session, const char *code, uint64_t max)
{
    imap_forget_command(session);
    session_code(session, "%s", code);
    session_detail(session, "%llu", (unsigned long long)max);
    return OUT_TOO_BIG;
}

enum outcome imap_literal(struct session *session, slice so_far, uint64_t octets, bool waits,
                          bool *streams)
{
    (void)waits;
    struct imap *imap = imap_of(session);
    struct words words;
    size_t at;
    line_split(so_far, &words);
    FIELD_SET(imap->tag, words.tag);
    if (!slice_find(so_far, '\n', &at))
        command_begin(session);
    uint64_t max = session->user ? IMAP_LITERAL_MAX : IMAP_LITERAL_BEFORE_LOGIN_MAX;
    session_detail(session, "%llu", (unsigned long long)octets);
    uint64_t message_max = 0;
    if (session->user && slice_is_nocase(words.verb, "APPEND") &&
        imap_append_takes(session, words.args, &message_max)) {
        if (octets > message_max)
            return literal_too_big(session, "[TOOBIG]", message_max);
        if (so_far.len + 2 > IMAP_COMMAND_MAX)
            return OUT_TOO_MANY;
        imap_append_begins(session);
        *streams = true;
        return OUT_OK;
    }
    if (octets > max)
        return literal_too_big(session, "[LIMIT]", max);
    if (so_far.len + octets > IMAP_COMMAND_MAX)
        return literal_too_big(session, "[LIMIT]",
                               IMAP_COMMAND_MAX - slice_upto(so_far, IMAP_COMMAND_MAX).len);
    return OUT_OK;
}

/* --- endings ------------------------------------------------------------------------------ */

void imap_forget_command(struct session *session)
{
    struct imap *imap = imap_of(session);
    imap_task_leave(session);
    imap_append_ends(session);
    buf_free(&imap->text);
    buf_free(&imap->work);
    buf_free(&imap->folded);
    arena_free(&imap->message);
    imap->command = NULL;
}

void imap_end(struct session *session)
{
    imap_forget_command(session);
    imap_view_close(session);
}
