/* buf.c: see buf.h. */
#include "base/buf.h"

#include <stdarg.h>
#include <string.h>

#include "base/format.h"
#include "base/heap.h"

#define FIRST_BYTES 64

/* Room for `more` octets and a NUL that is not counted. */
static bool buf_room(struct buf *buf, size_t more)
{
    must(buf->max > 0);
    if (more > buf->max - buf->len) {
        buf->full = true;
        return false;
    }
    size_t need = buf->len + more + 1;
    if (need <= buf->cap)
        return true;
    size_t cap = buf->cap ? buf->cap : FIRST_BYTES;
    while (cap < need)
        cap *= 2;
    char *at = heap_ask(buf, buf->at, cap);
    if (!at) {
        buf->full = true;
        return false;
    }
    buf->at = at;
    buf->cap = cap;
    return true;
}

bool buf_add(struct buf *buf, slice s)
{
    if (!buf_room(buf, s.len))
        return false;
    if (s.len)
        memcpy(buf->at + buf->len, s.at, s.len);
    buf->len += s.len;
    return true;
}

bool buf_add_text(struct buf *buf, const char *text) { return buf_add(buf, slice_of(text)); }
bool buf_add_char(struct buf *buf, char c)
{
    if (buf->len < buf->max && buf->len + 1 < buf->cap) { /* what is asked most often */
        buf->at[buf->len++] = c;
        return true;
    }
    return buf_add(buf, (slice){ &c, 1 });
}

bool buf_add_number(struct buf *buf, uint64_t number)
{
    char digits[20];
    size_t i = sizeof digits;
    do {
        digits[--i] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    return buf_add(buf, (slice){ digits + i, sizeof digits - i });
}

/* Most of what is written fits into what there is, and is written once. */
bool buf_format_list(struct buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    size_t room = buf->cap - buf->len;
    size_t length = format_list(room ? buf->at + buf->len : NULL, room, format, args);
    bool there = length < room && length <= buf->max - buf->len;
    bool fits = there || buf_room(buf, length);
    if (fits && !there)
        format_list(buf->at + buf->len, length + 1, format, again);
    if (fits)
        buf->len += length;
    va_end(again);
    return fits;
}

bool buf_format(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool fits = buf_format_list(buf, format, args);
    va_end(args);
    return fits;
}

slice buf_slice(const struct buf *buf)
{
    return buf->len ? (slice){ buf->at, buf->len } : SLICE_EMPTY;
}

const char *buf_text(struct buf *buf)
{
    if (!buf->at)
        return "";
    buf->at[buf->len] = '\0'; /* buf_room kept a place for it */
    return buf->at;
}

void buf_drop_front(struct buf *buf, size_t len)
{
    must(len <= buf->len);
    if (len < buf->len)
        memmove(buf->at, buf->at + len, buf->len - len);
    buf->len -= len;
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
    buf->full = false;
}

void buf_free(struct buf *buf)
{
    heap_give(buf->at);
    *buf = BUF_MAX(buf->max);
}
