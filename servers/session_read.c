/* session_read.c: from octets to events. Cuts lines at CRLF and nowhere else, undoes
   dot-stuffing, counts literals. What a line means is the protocol's to say; what is
   answered is the table's. */
#include <string.h>

#include "servers/session.h"

/* Where a body stands, by the octets just seen (RFC 5321 4.1.1.4). */
enum body_at {
    BODY_START,     /* CRLF, or nothing yet: a dot here is stuffing or the end */
    BODY_DOT,       /* CRLF . */
    BODY_DOT_CR,    /* CRLF . CR */
    BODY_TEXT,      /* anything else */
    BODY_CR         /* text CR */
};

#define LINE_KEPT_BYTES 1024
#define FRONT_BYTES 128 /* of a line that is too long: enough for a tag */
#define TAIL_BYTES 32 /* of a line that is too long: enough for {n+} and CRLF */

static enum reads reads(const struct session *session)
{
    return session->protocol->states[session->state].reads;
}

static void line_forget(struct session_reader *reader)
{
    buf_clear(&reader->line);
    if (reader->line.cap > LINE_KEPT_BYTES)
        buf_free(&reader->line);
    reader->line_start = 0;
    reader->literal_count = 0;
    reader->too_long = reader->after_cr = reader->bare = reader->streams = false;
}

void session_read_reset(struct session *session)
{
    session->reader.body = BODY_START;
    session->reader.dropping = false;
    session->reader.literal_left = 0;
}

bool session_body_is_bare(const struct session *session) { return session->reader.bare; }

enum expects session_expects(const struct session *session, uint64_t *octets_left)
{
    static const enum expects by_reads[] = {
        [READS_COMMAND] = EXPECTS_COMMAND, [READS_BODY] = EXPECTS_BODY,
        [READS_OCTETS] = EXPECTS_LITERAL,
        [READS_ANSWER] = EXPECTS_ANSWER,   [READS_DONE] = EXPECTS_DONE,
        [READS_NOTHING] = EXPECTS_NOTHING,
    };
    *octets_left = session->reader.literal_left;
    return session->reader.literal_left ? EXPECTS_LITERAL : by_reads[reads(session)];
}

/* --- lines -------------------------------------------------------------------------------- */

static bool line_is_bare(slice line)
{
    return (line.len > 0) && (memchr(line.at, '\r', line.len) || memchr(line.at, '\n', line.len) ||
                              memchr(line.at, '\0', line.len));
}

/* The buf behind `line` must stay as it is until the event has been answered. */
static void line_event(struct session *session, slice line)
{
    slice args = SLICE_EMPTY;
    switch (reads(session)) {
    case READS_ANSWER:
        session_dispatch(session, EV_ANSWER, line);
        return;
    case READS_DONE:
        session_dispatch(session, EV_DONE, line);
        return;
    default: {
        int event = session->protocol->read(session, line, &args);
        session_dispatch(session, event, args);
    }
    }
}

/* A line whose form forbids reading it is refused without asking what it means. In IDLE any line
   but DONE means the same. */
static void line_refuse(struct session *session, enum outcome outcome)
{
    if (reads(session) == READS_DONE) {
        session_dispatch(session, EV_DONE, SLICE_EMPTY);
        return;
    }
    int event = reads(session) == READS_ANSWER ? EV_ANSWER : EV_UNKNOWN;
    session->running = event;
    session_conclude(session, event, outcome);
}

/* --- counted octets --------------------------------------------------------------------------- */

static void chunk_end(struct session *session)
{
    session_dispatch(session, EV_CHUNK, SLICE_EMPTY);
}

/* BDAT was answered, well or ill: its octets come whatever was said. */
static void chunk_begin(struct session *session, uint64_t octets)
{
    struct session_reader *reader = &session->reader;
    if (session_is_closed(session))
        return;
    reader->dropping = reads(session) != READS_OCTETS && octets > 0;
    reader->literal_left = octets;
    if (octets == 0 && reads(session) == READS_OCTETS)
        chunk_end(session);
}

static size_t read_chunk(struct session *session, slice octets)
{
    struct session_reader *reader = &session->reader;
    slice piece = slice_upto(
        octets, reader->literal_left < octets.len ? (size_t)reader->literal_left : octets.len);
    piece = slice_upto(piece, BODY_PIECE_MAX);
    reader->literal_left -= piece.len;
    session_dispatch(session, EV_LINE, piece);
    if (reader->literal_left == 0)
        chunk_end(session);
    return piece.len;
}

static void line_began(struct session *session, slice front)
{
    if (session->protocol->began && reads(session) == READS_COMMAND)
        session->protocol->began(session, front);
}

/* --- lines that are whole -------------------------------------------------------------------- */

/* {n} or {n+} at the end of a line? (RFC 3501 4.3, RFC 7888) */
static bool literal_announced(slice line, uint64_t *octets, bool *waits)
{
    if (line.len < 3 || line.at[line.len - 1] != '}')
        return false;
    size_t start = line.len - 1;
    while (start > 0 && line.at[start - 1] != '{' && line.len - start < 24)
        start--;
    if (start == 0 || line.at[start - 1] != '{')
        return false;
    slice number = slice_upto(slice_from(line, start), line.len - 1 - start);
    if (!take_number(&number, UINT64_MAX / 2, octets))
        return false;
    *waits = !take_char(&number, '+');
    return number.len == 0;
}

/* Asks the protocol; true: the command goes on after the literal. */
static void literal_begin(struct session *session, uint64_t octets, bool waits)
{
    struct session_reader *reader = &session->reader;
    bool streams = false;
    slice so_far = buf_slice(&reader->line);
    enum outcome outcome = session->protocol->literal(session, so_far, octets, waits, &streams);
    if (outcome == OUT_OK && !streams && reader->literal_count == IMAP_LITERALS_MAX)
        outcome = OUT_TOO_MANY;
    if (outcome == OUT_OK) {
        reader->literal_count += !streams;
        reader->streams = streams;
        reader->literal_left = octets;
        buf_add_text(&reader->line, "\r\n");
        reader->line_start = reader->line.len;
        session->running = EV_LITERAL;
        session_conclude(session, EV_LITERAL, waits ? OUT_OK : OUT_NOTHING);
        return;
    }
    line_forget(reader);
    if (!waits) { /* the octets come whatever we say: swallow them, and the rest of the command */
        reader->dropping = true;
        reader->literal_left = octets;
    }
    session->running = EV_LITERAL;
    session_conclude(session, EV_LITERAL, outcome);
}

/* A whole line stands in the buffer (or in `line`, outside it). */
static void line_complete(struct session *session, slice line, bool buffered)
{
    struct session_reader *reader = &session->reader;
    bool commands = reads(session) == READS_COMMAND;
    bool literals = session->protocol->literal && commands;
    bool refused = reader->too_long || reader->bare || line_is_bare(line), follow = false;
    uint64_t octets = 0;
    bool waits = true;
    if (literals && literal_announced(line, &octets, &waits)) {
        if (reader->dropping) {
            line_forget(reader);
            reader->literal_left = waits ? 0 : octets;
            reader->dropping = !waits;
            return;
        }
        if (!refused) {
            if (!buffered)
                buf_add(&reader->line, line);
            literal_begin(session, octets, waits);
            return;
        }
        follow = !waits; /* they come though the line is refused: never read as commands */
    }
    if (reader->dropping) {
        reader->dropping = false;
    } else if (reader->too_long) {
        line_refuse(session, OUT_TOO_LONG);
    } else if (refused) {
        follow = follow || (commands && session->protocol->chunk &&
                            session->protocol->chunk(session, line, &octets) && octets > 0);
        line_began(session, buffered ? buf_slice(&reader->line) : line);
        line_refuse(session, OUT_BARE_NEWLINE);
    } else {
        slice whole = buffered ? buf_slice(&reader->line) : line;
        bool counted = session->protocol->chunk && commands &&
                       session->protocol->chunk(session, whole, &octets);
        line_event(session, whole);
        line_forget(reader);
        if (counted)
            chunk_begin(session, octets);
        return;
    }
    line_forget(reader);
    if (follow && !session_is_closed(session)) {
        reader->dropping = true;
        reader->literal_left = octets;
    }
}

/* A line that becomes too long loses its front: first what stands there is heard. */
static void line_outgrows(struct session *session, slice piece)
{
    struct buf *line = &session->reader.line;
    size_t len = line->len;
    buf_add(line, slice_upto(piece, FRONT_BYTES));
    line_began(session, buf_slice(line));
    line->len = len;
}

/* Of a line that is too long only the end is kept: it may announce a literal. */
static void line_keep_tail(struct session_reader *reader, slice piece)
{
    size_t have = reader->line.len - reader->line_start;
    piece = slice_from(piece, piece.len > TAIL_BYTES ? piece.len - TAIL_BYTES : 0);
    size_t keep = have < TAIL_BYTES - piece.len ? have : TAIL_BYTES - piece.len;
    if (keep < have && keep > 0)
        memmove(reader->line.at + reader->line_start,
                reader->line.at + reader->line.len - keep, keep);
    reader->line.len = reader->line_start + keep;
    buf_add(&reader->line, piece);
}

/* Up to the first LF, into the buffer; what does not fit is dropped up to its CRLF. A lone LF ends
   no line, and is told so at once: who types without a CR must not wait for ever. Nothing is
   executed up to and with the next CRLF, so that nobody reads a command where another server has
   read none; what the line announced is swallowed. */
static size_t line_gather(struct session *session, slice octets)
{
    struct session_reader *reader = &session->reader;
    size_t end = 0;
    bool ended = slice_find(octets, '\n', &end);
    slice piece = slice_upto(octets, ended ? end + 1 : octets.len);
    size_t have = reader->line.len - reader->line_start;
    bool cr_before = piece.len >= 2 ? piece.at[piece.len - 2] == '\r' : reader->after_cr;
    if (reader->too_long || have + piece.len > session->protocol->line_max + 2 ||
        !buf_add(&reader->line, piece)) {
        if (!reader->too_long && !reader->dropping)
            line_outgrows(session, piece);
        reader->too_long = true;
        line_keep_tail(reader, piece);
    }
    reader->after_cr = piece.at[piece.len - 1] == '\r';
    if (!ended)
        return piece.len;
    reader->line.len -= cr_before ? 2 : 1;
    reader->bare = reader->bare || !cr_before;
    line_complete(session, slice_from(buf_slice(&reader->line), reader->line_start), true);
    reader->bare = !cr_before;
    return piece.len;
}

/* RFC 8446 5.1: a record of type 22, of version 3. Its first octet alone begins no line of ours,
   but another one must follow before that is sure. */
static bool is_client_hello(const struct session *session, slice octets)
{
    const struct buf *line = &session->reader.line;
    char first = line->len ? line->at[0] : octets.at[0];
    char second = line->len ? octets.at[0] : octets.len > 1 ? octets.at[1] : 0;
    return reads(session) == READS_COMMAND && !(session->facts & FACT_TLS) && line->len < 2 &&
           first == 0x16 && second == 0x03;
}

/* Most lines come whole, in one piece, with nothing odd in them: no copy for these. */
static size_t read_line(struct session *session, slice octets)
{
    struct session_reader *reader = &session->reader;
    size_t end = 0;
    if (is_client_hello(session, octets)) {
        session_dispatch(session, EV_TLS, SLICE_EMPTY);
        line_forget(reader);
        return octets.len;
    }
    bool fresh = reader->line.len == 0 && !reader->too_long && !reader->after_cr && !reader->bare;
    if (fresh && slice_find(octets, '\n', &end) && end > 0 && octets.at[end - 1] == '\r' &&
        end - 1 <= session->protocol->line_max) {
        line_complete(session, slice_upto(octets, end - 1), false);
        return end + 1;
    }
    return line_gather(session, octets);
}

/* --- literals ------------------------------------------------------------------------------- */

static size_t read_literal(struct session *session, slice octets)
{
    struct session_reader *reader = &session->reader;
    slice piece = slice_upto(
        octets, reader->literal_left < octets.len ? (size_t)reader->literal_left : octets.len);
    if (reader->dropping)
        ;
    else if (reader->streams)
        session->protocol->octets(session, piece);
    else
        buf_add(&reader->line, piece);
    reader->literal_left -= piece.len;
    reader->line_start = reader->line.len;
    if (reader->literal_left == 0 && session->protocol->chunk)
        reader->dropping = false; /* no command goes on behind a chunk */
    return piece.len;
}

/* --- bodies --------------------------------------------------------------------------------- */

static void body_flush(struct session *session)
{
    struct session_reader *reader = &session->reader;
    if (reader->line.len == 0)
        return;
    session_dispatch(session, EV_LINE, buf_slice(&reader->line));
    buf_clear(&reader->line);
}

static void body_add(struct session *session, slice octets)
{
    if (session->reader.line.len + octets.len > BODY_PIECE_MAX)
        body_flush(session);
    buf_add(&session->reader.line, octets);
}

static void body_end(struct session *session)
{
    struct session_reader *reader = &session->reader;
    body_flush(session);
    session_dispatch(session, EV_DOT, SLICE_EMPTY);
    line_forget(reader);
    reader->body = BODY_START;
}

/* A run of octets that need no thought: no CR, LF or NUL. */
static size_t body_run(struct session *session, slice octets)
{
    size_t end = 0;
    while (end < octets.len && end < BODY_PIECE_MAX / 2 && octets.at[end] != '\r' &&
           octets.at[end] != '\n' && octets.at[end] != '\0')
        end++;
    body_add(session, slice_upto(octets, end));
    return end;
}

/* One octet through the machine. */
static void body_octet(struct session *session, char c)
{
    struct session_reader *reader = &session->reader;
    enum body_at at = (enum body_at)reader->body;
    if (at == BODY_START && c == '.') {
        reader->body = BODY_DOT;
        return;
    }
    if (at == BODY_DOT && c == '\r') {
        reader->body = BODY_DOT_CR;
        return;
    }
    if (at == BODY_DOT_CR && c == '\n') {
        body_end(session);
        return;
    }
    if (at == BODY_DOT_CR)  /* the dot was stuffing; the CR is part of the text */
        body_add(session, SLICE("\r"));
    bool cr_before = at == BODY_CR || at == BODY_DOT_CR;
    reader->bare |= c == '\0' || (cr_before && c != '\n') || (!cr_before && c == '\n');
    body_add(session, (slice){ &c, 1 });
    reader->body = c == '\r' ? BODY_CR : cr_before && c == '\n' ? BODY_START : BODY_TEXT;
}

static size_t read_body(struct session *session, slice octets)
{
    if (session->reader.body == BODY_TEXT) {
        size_t run = body_run(session, octets);
        if (run)
            return run;
    }
    body_octet(session, octets.at[0]);
    return 1;
}

size_t session_read(struct session *session, slice octets)
{
    if (session->reader.literal_left && reads(session) == READS_OCTETS)
        return read_chunk(session, octets);
    if (session->reader.literal_left)
        return read_literal(session, octets);
    switch (reads(session)) {
    case READS_BODY:
        return read_body(session, octets);
    case READS_NOTHING:
        return octets.len;
    default:
        return read_line(session, octets);
    }
}
