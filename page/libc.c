/* libc.c: the little that the core asks of a C library and that would bring a system's files with
   it: last words, the ends of the program, more memory. malloc, memcpy and their like are
   wasi-libc's, which asks for nothing. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/format.h"
#include "page/page.h"

#define PAGE_BYTES 65536u

/* must() prints why before it aborts: the page shows it behind the trap. */
static char last_words[512];
#undef stderr
FILE *const stderr = NULL;

int fprintf(FILE *restrict file, const char *restrict format, ...)
{
    va_list args;
    (void)file;
    va_start(args, format);
    size_t length = format_list(last_words, sizeof last_words, format, args);
    va_end(args);
    return (int)length;
}

EXPORT(page_last_words) const char *page_last_words(void) { return last_words; }

_Noreturn void abort(void) { __builtin_trap(); }

/* uthash's, and cmark's, when memory is out. */
_Noreturn void exit(int code)
{
    (void)code;
    __builtin_trap();
}

/* The break is a variable, so it lies in the memory that it is the end of: an image that is put
   back ends where it ended. wasi-libc asks for the memory's size, and would never use again what
   lies above an older image. */
void *sbrk(intptr_t more)
{
    static uintptr_t end;
    uintptr_t size = (uintptr_t)__builtin_wasm_memory_size(0) * PAGE_BYTES;
    if (end == 0)
        end = size;
    uintptr_t was = end, wanted = end + (uintptr_t)more;
    if (more < 0 || wanted < end)
        return (void *)-1;
    if (wanted > size &&
        __builtin_wasm_memory_grow(0, (wanted - size + PAGE_BYTES - 1) / PAGE_BYTES) == SIZE_MAX)
        return (void *)-1;
    end = wanted;
    return (void *)was;
}
