/* reader.c: see reader.h. */
#include "repl/reader.h"

#include <errno.h>
#include <unistd.h>

#include "base/limits.h"

#define READ_BYTES 65536
#define KEPT_MAX (SCRIPT_LINE_MAX + 2 * READ_BYTES)

struct reader reader_of(int fd)
{
    return (struct reader){ .fd = fd, .kept = BUF_MAX(KEPT_MAX) };
}

void reader_free(struct reader *reader) { buf_free(&reader->kept); }

static bool line_end(const struct reader *reader, size_t *len)
{
    return slice_find(slice_from(buf_slice(&reader->kept), reader->start), '\n', len);
}

static enum reader_result reader_fill(struct reader *reader)
{
    char octets[READ_BYTES];
    buf_drop_front(&reader->kept, reader->start);
    reader->start = 0;
    if (reader->wait)
        reader->wait(reader->context);
    ssize_t count = read(reader->fd, octets, sizeof octets);
    if (count < 0)
        return errno == EINTR ? READER_INTERRUPTED : READER_FAILED;
    if (count == 0)
        reader->ended = true;
    must(buf_add(&reader->kept, (slice){ octets, (size_t)count }));
    return READER_LINE;
}

/* The first line is without a byte order mark. */
static void mark_drop(struct reader *reader, slice *line)
{
    if (!reader->begun)
        take_prefix(line, BYTE_ORDER_MARK);
    reader->begun = true;
}

static slice line_take(struct reader *reader, size_t len, bool with_end)
{
    slice line = slice_upto(slice_from(buf_slice(&reader->kept), reader->start), len);
    reader->start += len + with_end;
    if (with_end && line.len && line.at[line.len - 1] == '\r')
        line.len--;
    mark_drop(reader, &line);
    return line;
}

/* Drops what belongs to a line that was given out cut. True: its end was found. */
static bool line_skip(struct reader *reader)
{
    size_t len;
    if (!line_end(reader, &len)) {
        reader->start = reader->kept.len;
        return false;
    }
    reader->start += len + 1;
    reader->skipping = false;
    return true;
}

enum reader_result reader_line(struct reader *reader, slice *line)
{
    for (;;) {
        size_t len, there = reader->kept.len - reader->start;
        if (reader->skipping && !line_skip(reader))
            there = 0;
        if (!reader->skipping && line_end(reader, &len)) {
            *line = line_take(reader, len, true);
            return READER_LINE;
        }
        if (!reader->skipping && there > SCRIPT_LINE_MAX) {
            *line = line_take(reader, SCRIPT_LINE_MAX + 1, false);
            reader->skipping = true;
            return READER_LINE;
        }
        if (reader->ended) {
            if (reader->skipping || reader->kept.len == reader->start)
                return READER_END;
            *line = line_take(reader, reader->kept.len - reader->start, false);
            return READER_LINE;
        }
        enum reader_result result = reader_fill(reader);
        if (result != READER_LINE)
            return result;
    }
}
