/* error.c: see error.h. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/format.h"

static void (*hook_run)(void *);
static void *hook_context;

bool error_set(struct error *why, const char *format, ...)
{
    va_list args;
    if (!why)
        return false;
    va_start(args, format);
    format_list(why->text, sizeof why->text, format, args);
    va_end(args);
    return false;
}

void must_hook(void (*hook)(void *), void *context)
{
    hook_run = hook;
    hook_context = context;
}

void must_failed(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: this must hold and does not: %s\n", file, line, condition);
    void (*run)(void *) = hook_run;
    hook_run = NULL; /* a hook that fails must not call itself */
    if (run)
        run(hook_context);
    abort();
}
