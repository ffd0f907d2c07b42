/* fuzz_lines.c: what comes through a control socket, in pieces as a stranger cuts them: the first
   octet says how long a line may be, the second how long the pieces are. They are the same lines as
   those of the whole, and nothing that is too long is kept. */
#include <stdint.h>

#include "gateway/lines.h"

#define INPUT_BYTES_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each line with its length before it; one that was too long as 'L'. */
static void lines_note(struct lines *lines, size_t max, struct buf *noted)
{
    slice line;
    enum lines_next next;
    while ((next = lines_take(lines, max, &line)) != LINES_NONE) {
        must(next == LINES_LONG || line.len <= max);
        if (next == LINES_ONE)
            buf_format(noted, "%zu:", line.len);
        buf_add(noted, next == LINES_ONE ? line : SLICE("L"));
    }
    must(lines->kept.len - lines->start <= max);
}

static void all_note(slice octets, size_t max, size_t piece, struct buf *noted)
{
    struct lines lines = lines_of(max + (piece < octets.len ? piece : octets.len));
    while (octets.len) {
        must(lines_add(&lines, slice_upto(octets, piece)));
        octets = slice_from(octets, piece);
        lines_note(&lines, max, noted);
    }
    lines_free(&lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole = BUF_MAX(1u << 20), pieces = BUF_MAX(1u << 20);
    if (size < 2)
        return 0;
    slice octets = slice_upto((slice){ (const char *)data + 2, size - 2 }, INPUT_BYTES_MAX);
    all_note(octets, data[0], INPUT_BYTES_MAX, &whole);
    all_note(octets, data[0], (size_t)data[1] + 1, &pieces);
    must(!whole.full && slice_equal(buf_slice(&whole), buf_slice(&pieces)));
    buf_free(&whole);
    buf_free(&pieces);
    return 0;
}
