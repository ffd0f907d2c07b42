/* terminal.c: see terminal.h. */
#include "repl/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "views/clean.h"

#define SAID_BYTES_MAX 65536

void terminal_begin(void) { setlocale(LC_CTYPE, ""); }

bool terminal_is_utf8(FILE *out)
{
    return isatty(fileno(out)) == 0 || strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

bool terminal_octets(FILE *out, slice octets)
{
    return octets.len == 0 || fwrite(octets.at, 1, octets.len, out) == octets.len;
}

static void draw(FILE *out, slice drawn, bool colours)
{
    struct buf text = BUF_MAX(SIZE_MAX / 2);
    clean_add_drawn(&text, drawn, colours, terminal_is_utf8(out));
    terminal_octets(out, buf_slice(&text));
    buf_free(&text);
}

void terminal_draw(FILE *out, slice drawn) { draw(out, drawn, false); }

void terminal_draw_coloured(FILE *out, slice drawn) { draw(out, drawn, true); }

void terminal_say_list(FILE *out, const char *format, va_list list)
{
    struct buf text = BUF_MAX(SAID_BYTES_MAX);
    clean_format_list(&text, terminal_is_utf8(out), format, list);
    terminal_octets(out, buf_slice(&text));
    buf_free(&text);
}

void terminal_say(FILE *out, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    terminal_say_list(out, format, list);
    va_end(list);
}

void terminal_error(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    terminal_octets(stderr, SLICE("pennypost: "));
    terminal_say_list(stderr, format, list);
    terminal_octets(stderr, SLICE("\n"));
    va_end(list);
}

void terminal_clear(FILE *out) { terminal_octets(out, SLICE("\033[H\033[2J")); }
