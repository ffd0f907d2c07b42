/* fuzz_message.c: any octets are a message: its summary is well-formed and true. */
#include "servers/mail/summary.h"
#include "servers/store/store.h"
#include "tests/unit/structure_check.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As it arrives, the same comes of it; the first octets choose how it is cut. */
static void pieces_check(slice text, const struct message *whole)
{
    struct summary_reader *reader = summary_begin();
    struct message message;
    for (size_t i = 0; text.len > i;) {
        size_t len = 1 + (unsigned char)text.at[i % 16] % 40;
        must(summary_feed(reader, slice_upto(slice_from(text, i), len)));
        i += len;
    }
    summary_end(reader, &message);
    must(message.size == whole->size && message.header_bytes == whole->header_bytes);
    must(slice_equal(message.envelope, whole->envelope) && slice_equal(message.body, whole->body));
    must(slice_equal(message.structure, whole->structure));
    must(slice_equal(message.parts, whole->parts) &&
         slice_equal(message.identity, whole->identity));
    summary_free(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice text = size ? (slice){ (const char *)data, size } : SLICE_EMPTY;
    struct arena arena = { 0 };
    struct message message;
    struct error why = { "" };
    must(summary_make(&arena, text, &message));
    if (!structure_check(text, &message, &why)) {
        fprintf(stderr, "%s\n", why.text);
        must(false);
    }
    pieces_check(text, &message);
    arena_free(&arena);
    return 0;
}
