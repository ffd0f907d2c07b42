/* session_read.c: from octets to events. Cuts lines at CRLF and nowhere else, undoes
   dot-stuffing, counts literals. What a line means is the protocol's to say; what is
   answered is the table's. */
#include <string.h>

#include "servers/dialect.h"
#include "servers/literal.h"
#include "servers/session.h"

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
    reader->after_cr = reader->bare = false;
    if (reader->at == READ_LINE_TOO_LONG || reader->at == READ_LINE_DROPPED)
        reader->at = READ_LINE;
}

void session_read_reset(struct session *session)
{
    static const enum reader_at first[] = {
        [READS_COMMAND] = READ_LINE,     [READS_BODY] = READ_BODY_START,
        [READS_OCTETS] = READ_CHUNK,     [READS_ANSWER] = READ_LINE,
        [READS_DONE] = READ_LINE,        [READS_NOTHING] = READ_NOTHING,
    };
    session->reader.at = first[reads(session)];
    session->reader.counted_left = 0;
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
    *octets_left = session->reader.counted_left;
    return session->reader.counted_left ? EXPECTS_LITERAL : by_reads[reads(session)];
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
    session_answer(session, outcome);
}

/* --- counted octets --------------------------------------------------------------------------- */

/* Behind the last of them. */
static void counted_end(struct session *session)
{
    struct session_reader *reader = &session->reader;
    if (reader->at == READ_CHUNK)
        session_dispatch(session, EV_CHUNK, SLICE_EMPTY);
    else
        reader->at = reader->at == READ_LITERAL_DROPPED ? READ_LINE_DROPPED : READ_LINE;
}

static void counted_begin(struct session *session, enum reader_at at, uint64_t octets)
{
    session->reader.at = at;
    session->reader.counted_left = octets;
    if (octets == 0)
        counted_end(session);
}

static size_t read_counted(struct session *session, slice octets)
{
    struct session_reader *reader = &session->reader;
    size_t most = reader->at == READ_CHUNK ? BODY_PIECE_MAX : octets.len;
    slice piece = slice_upto(octets, most);
    if (reader->counted_left < piece.len)
        piece = slice_upto(piece, (size_t)reader->counted_left);
    reader->counted_left -= piece.len;
    if (reader->at == READ_CHUNK)
        session_dispatch(session, EV_LINE, piece);
    else if (reader->at == READ_LITERAL_STREAMED)
        session->protocol->octets(session, piece);
    else if (reader->at == READ_LITERAL)
        buf_add(&reader->line, piece);
    reader->line_start = reader->line.len;
    if (reader->counted_left == 0)
        counted_end(session);
    return piece.len;
}

static void line_began(struct session *session, slice front)
{
    if (session->protocol->began && reads(session) == READS_COMMAND)
        session->protocol->began(session, front);
}

/* --- lines that are whole -------------------------------------------------------------------- */

/* What a line says that octets follow it, which are no lines. */
struct announced {
    enum reader_at at; /* where they are read: READ_LITERAL, READ_CHUNK; READ_LINE: none are */
    uint64_t octets;
    bool waits;        /* the client sends a literal only when it is asked for */
};

/* A server that does not know the verb reads what comes next as commands. */
static bool verb_is_known(const struct session *session, slice line)
{
    return protocol_verb(session->protocol, take_word(&line)) != EV_UNKNOWN;
}

static struct announced line_announces(struct session *session, slice line)
{
    struct announced next = { READ_LINE, 0, false };
    if (reads(session) != READS_COMMAND)
        return next;
    if (session->protocol->literal && literal_announced(line, &next.octets, &next.waits))
        next.at = READ_LITERAL;
    else if (session->protocol->chunk && session->reader.at == READ_LINE &&
             verb_is_known(session, line) && session->protocol->chunk(session, line, &next.octets))
        next.at = READ_CHUNK; /* not by the end of a line that was too long: its verb is gone */
    return next;
}

/* They come though the command was refused: never are they read as commands. */
static void announced_drop(struct session *session, const struct announced *next)
{
    if (session_is_closed(session))
        return;
    if (next->at == READ_LITERAL && !next->waits)
        counted_begin(session, READ_LITERAL_DROPPED, next->octets);
    else if (next->at == READ_CHUNK)
        counted_begin(session, READ_CHUNK_DROPPED, next->octets);
}

/* Asks the protocol whether the command goes on behind the literal. */
static void literal_begin(struct session *session, const struct announced *next)
{
    struct session_reader *reader = &session->reader;
    bool streams = false;
    enum outcome outcome = session->protocol->literal(session, buf_slice(&reader->line),
                                                      next->octets, next->waits, &streams);
    if (outcome == OUT_OK && !streams && reader->literal_count == IMAP_LITERALS_MAX)
        outcome = OUT_TOO_MANY;
    if (outcome == OUT_OK) {
        reader->literal_count += !streams;
        buf_add_text(&reader->line, "\r\n");
        reader->line_start = reader->line.len;
        counted_begin(session, streams ? READ_LITERAL_STREAMED : READ_LITERAL, next->octets);
    } else {
        line_forget(reader);
        announced_drop(session, next);
    }
    session->running = EV_LITERAL;
    if (outcome == OUT_OK && !next->waits)
        outcome = OUT_NOTHING; /* nothing needs to be said */
    session_conclude(session, EV_LITERAL, outcome);
}

/* A line is no command, and what it announced is none. */
static void line_wrong(struct session *session, slice line, enum outcome outcome,
                       const struct announced *next)
{
    if (outcome == OUT_BARE_NEWLINE)
        line_began(session, line);
    line_refuse(session, outcome);
    line_forget(&session->reader);
    announced_drop(session, next);
}

/* BDAT was answered, well or ill: its octets come whatever was said. */
static void line_right(struct session *session, slice line, const struct announced *next)
{
    line_event(session, line);
    line_forget(&session->reader);
    if (next->at == READ_CHUNK && reads(session) == READS_OCTETS)
        counted_begin(session, READ_CHUNK, next->octets);
    else if (next->at == READ_CHUNK)
        announced_drop(session, next);
}

/* A whole line stands in the buffer, behind what its command had before (or in `line`, outside
   it). */
static void line_complete(struct session *session, slice line, bool buffered)
{
    struct session_reader *reader = &session->reader;
    struct announced next = line_announces(session, line);
    slice whole = buffered ? buf_slice(&reader->line) : line;
    if (reader->at == READ_LINE_DROPPED) {
        line_forget(reader);
        announced_drop(session, &next);
    } else if (reader->at == READ_LINE_TOO_LONG) {
        line_wrong(session, whole, OUT_TOO_LONG, &next);
    } else if (reader->bare || line_is_bare(line)) {
        line_wrong(session, whole, OUT_BARE_NEWLINE, &next);
    } else if (next.at == READ_LITERAL) {
        if (!buffered)
            buf_add(&reader->line, line);
        literal_begin(session, &next);
    } else {
        line_right(session, whole, &next);
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
    if (reader->at != READ_LINE) {
        line_keep_tail(reader, piece);
    } else if (have + piece.len > session->protocol->line_max + 2 ||
               !buf_add(&reader->line, piece)) {
        line_outgrows(session, piece);
        reader->at = READ_LINE_TOO_LONG;
        line_keep_tail(reader, piece);
    }
    reader->after_cr = piece.at[piece.len - 1] == '\r';
    if (!ended)
        return piece.len;
    reader->line.len -= cr_before ? 2 : 1;
    bool bare = !cr_before && !session_manners(session)->takes_lf;
    reader->bare = reader->bare || bare;
    line_complete(session, slice_from(buf_slice(&reader->line), reader->line_start), true);
    reader->bare = bare;
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
    bool fresh = reader->line.len == 0 && reader->at != READ_LINE_TOO_LONG && !reader->after_cr &&
                 !reader->bare;
    if (fresh && slice_find(octets, '\n', &end) && end > 0 && octets.at[end - 1] == '\r' &&
        end - 1 <= session->protocol->line_max) {
        line_complete(session, slice_upto(octets, end - 1), false);
        return end + 1;
    }
    return line_gather(session, octets);
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
    reader->at = READ_BODY_START;
    session_dispatch(session, EV_DOT, SLICE_EMPTY);
    line_forget(reader);
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
    enum reader_at at = reader->at;
    if (at == READ_BODY_START && c == '.') {
        reader->at = READ_BODY_DOT;
        return;
    }
    if (at == READ_BODY_DOT && c == '\r') {
        reader->at = READ_BODY_DOT_CR;
        return;
    }
    if (at == READ_BODY_DOT_CR && c == '\n') {
        body_end(session);
        return;
    }
    if (at == READ_BODY_DOT_CR)  /* the dot was stuffing; the CR is part of the text */
        body_add(session, SLICE("\r"));
    bool cr_before = at == READ_BODY_CR || at == READ_BODY_DOT_CR;
    reader->bare |= c == '\0' || (cr_before && c != '\n') || (!cr_before && c == '\n');
    body_add(session, (slice){ &c, 1 });
    reader->at = c == '\r'                ? READ_BODY_CR
                 : cr_before && c == '\n' ? READ_BODY_START
                                          : READ_BODY_TEXT;
}

static size_t read_body(struct session *session, slice octets)
{
    if (session->reader.at == READ_BODY_TEXT) {
        size_t run = body_run(session, octets);
        if (run)
            return run;
    }
    body_octet(session, octets.at[0]);
    return 1;
}

size_t session_read(struct session *session, slice octets)
{
    switch (session->reader.at) {
    case READ_LINE:
    case READ_LINE_TOO_LONG:
    case READ_LINE_DROPPED:
        return read_line(session, octets);
    case READ_LITERAL:
    case READ_LITERAL_STREAMED:
    case READ_LITERAL_DROPPED:
    case READ_CHUNK:
    case READ_CHUNK_DROPPED:
        return read_counted(session, octets);
    case READ_NOTHING:
        return octets.len;
    default:
        return read_body(session, octets);
    }
}
