/* fuzz_header.c: no octet of a message is lost between header and body, fields stand in
   order, and what is shown of them holds no control character. */
#include "base/limits.h"
#include "servers/mail/encoding.h"
#include "servers/mail/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void shown_check(slice value)
{
    struct buf line = BUF_MAX(HEADER_FIELD_MAX), text = BUF_MAX(HEADER_FIELD_MAX * 4 + 8);
    size_t at;
    header_unfold(&line, value);
    must(!line.full && !slice_find(buf_slice(&line), '\n', &at));
    must(!slice_find(buf_slice(&line), '\r', &at));
    header_text(&text, value);
    must(!text.full && utf8_valid(buf_slice(&text)));
    for (size_t i = 0; i < text.len; i++)
        must(!is_control((unsigned char)text.at[i]));
    buf_free(&line);
    buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice text = size ? (slice){ (const char *)data, size } : SLICE_EMPTY;
    slice block = slice_upto(text, header_end(text));
    struct header_cursor cursor = { block };
    struct header_field field, first;
    const char *last = block.at;
    must(header_end(block) == block.len);
    while (header_next(&cursor, &field)) {
        must(field.raw.at >= last && field.name.at == field.raw.at && field.name.len > 0);
        last = field.raw.at + field.raw.len;
        must(field.value.at + field.value.len <= last && last <= block.at + block.len);
        shown_check(field.value);
    }
    if (header_find(block, "Subject", &first))
        must(slice_is_nocase(first.name, "Subject"));
    return 0;
}
