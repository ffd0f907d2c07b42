/* format.h: printing into memory. One printf wherever the core runs: it knows no locale, needs no
   libc, and says the same on every machine. */
#ifndef BASE_FORMAT_H
#define BASE_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/* As vsnprintf: at most `size` octets with the NUL; returns how long the whole is. Knows
   %s %c %d %i %u %x %X %%, l ll z before a number, the flags - and 0, a width, a precision for %s,
   and * for either. Any other is a programmer's error. */
size_t format_list(char *at, size_t size, const char *format, va_list args);

#endif
