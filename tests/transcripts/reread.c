/* reread.c: see reread.h. */
#include "tests/transcripts/reread.h"

#include <stdlib.h>
#include <uthash.h>

#include "tests/transcripts/response.h"

struct reread_conn {
    uint32_t conn;
    struct response *response;  /* NULL: a line of it was cut */
    UT_hash_handle hh;
};

struct reread {
    struct reread_conn *conns;
    uint64_t lines;
};

struct reread *reread_new(void)
{
    struct reread *reread = calloc(1, sizeof *reread);
    must(reread != NULL);
    return reread;
}

void reread_free(struct reread *reread)
{
    struct reread_conn *conn, *next;
    if (!reread)
        return;
    HASH_ITER(hh, reread->conns, conn, next)
    {
        HASH_DEL(reread->conns, conn);
        response_free(conn->response);
        free(conn);
    }
    free(reread);
}

uint64_t reread_lines(const struct reread *reread) { return reread->lines; }

static struct reread_conn *conn_find(const struct reread *reread, uint32_t conn)
{
    struct reread_conn *found = NULL;
    HASH_FIND(hh, reread->conns, &conn, sizeof conn, found);
    return found;
}

void reread_opened(struct reread *reread, uint32_t number, slice protocol)
{
    if (!slice_is(protocol, "imap") || conn_find(reread, number))
        return;
    struct reread_conn *conn = calloc(1, sizeof *conn);
    must(conn != NULL);
    conn->conn = number;
    conn->response = response_new();
    HASH_ADD(hh, reread->conns, conn, sizeof conn->conn, conn);
}

bool reread_line(struct reread *reread, uint32_t number, slice line, bool cut, struct error *why)
{
    struct reread_conn *conn = conn_find(reread, number);
    if (!conn || !conn->response)
        return true;
    if (cut) {
        response_free(conn->response);
        conn->response = NULL;
        return true;
    }
    reread->lines++;
    return response_feed(conn->response, line, why) &&
           response_feed(conn->response, SLICE("\r\n"), why);
}

/* What a broken connection ends with may be half a line. */
static bool line_is_broken(const struct trace *trace, const struct trace_record *record)
{
    if (record->number + 1 >= trace_end(trace))
        return false;
    const struct trace_record *next = trace_at(trace, record->number + 1);
    if (next->kind == TRACE_LINE && next->conn == record->conn && next->side == SIDE_CLIENT &&
        record->number + 2 < trace_end(trace))
        next = trace_at(trace, record->number + 2); /* the client's half */
    return next->kind == TRACE_CLOSE && next->conn == record->conn &&
           next->by != BY_SERVER;
}

static bool record_reread(struct reread *reread, const struct trace *trace,
                          const struct trace_record *record, struct error *why)
{
    if (record->kind == TRACE_OPEN)
        reread_opened(reread, record->conn, record->text);
    if (record->kind != TRACE_LINE || record->side != SIDE_SERVER)
        return true;
    bool cut = record->bytes > record->text.len || line_is_broken(trace, record);
    return reread_line(reread, record->conn, record->text, cut, why);
}

bool reread_trace(const struct trace *trace, uint64_t *lines, struct error *why)
{
    struct reread *reread = reread_new();
    bool good = true;
    for (uint64_t at = trace_first(trace); good && at < trace_end(trace); at++)
        good = record_reread(reread, trace, trace_at(trace, at), why);
    *lines += reread_lines(reread);
    reread_free(reread);
    return good;
}
