/* error.h: two of the three kinds of error. A programmer's error is must(); the
   environment's is a false return with a struct error filled in. The third kind, a
   protocol's refusal, is no error: it is an outcome (servers/protocol.h). */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

struct error {
    char text[400];  /* what, where and what to do; one line, no newline */
};

#define MUST_CHECK __attribute__((warn_unused_result)) /* on all that take a struct error */
/* Around a call of these whose failure changes nothing: a comment beside it says why. */
static inline void may_fail(bool done) { (void)done; }

#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

/* Fills why (may be NULL) and returns false, so that a function can end with it. */
bool error_set(struct error *why, const char *format, ...) PRINTF_LIKE(2, 3);

/* Always compiled in. Ends the program after the hook (if any) has added what it
   knows: the seed, the last lines of the trace. */
#define must(condition) ((condition) ? (void)0 : must_failed(__FILE__, __LINE__, #condition))
_Noreturn void must_failed(const char *file, int line, const char *condition);
void must_hook(void (*hook)(void *context), void *context);

#endif
