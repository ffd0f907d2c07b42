/* fuzz_message.c: any octets are a letter: its summary is well-formed and true. */
#include "servers/mail/summary.h"
#include "tests/unit/structure_check.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice text = size ? (slice){ (const char *)data, size } : SLICE_EMPTY;
    struct arena arena = { 0 };
    struct letter letter;
    struct error why = { "" };
    must(summary_make(&arena, text, &letter));
    if (!structure_check(text, &letter, &why)) {
        fprintf(stderr, "%s\n", why.text);
        must(false);
    }
    arena_free(&arena);
    return 0;
}
