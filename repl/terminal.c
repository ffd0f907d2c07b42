/* terminal.c: see terminal.h. */
#include "repl/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "views/clean.h"

#define SAID_BYTES_MAX 65536
#define LET_GO_MS 1000         /* the goodbye may wait so long for a terminal */

void terminal_begin(void) { setlocale(LC_CTYPE, ""); }

bool terminal_is_utf8(FILE *out)
{
    return isatty(fileno(out)) == 0 || strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* --- streams that are held -------------------------------------------------------------------- */

#define TERMINAL_HELD_MAX (4u << 20)
#define PIECE 4096

static struct held {
    FILE *out;                 /* NULL: free */
    int fd;                    /* the terminal once more, and this one does not block */
    size_t from;               /* the octets before are out */
    struct buf octets;
} helds[3];

static struct held *held_for(FILE *out)
{
    for (size_t i = 0; i < COUNT(helds); i++)
        if (helds[i].out == out)
            return &helds[i];
    return NULL;
}

/* Whether a terminal blocks is a matter of all that share what was opened, the shell too: one is
   opened that is ours alone. */
void terminal_hold(FILE *out)
{
    struct held *held = held_for(NULL);
    const char *name = ttyname(fileno(out));
    int fd = held && !held_for(out) && name
                 ? open(name, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
                 : -1;
    if (fd < 0)
        return;
    fflush(out);
    *held = (struct held){ out, fd, 0, BUF_MAX(TERMINAL_HELD_MAX) };
}

bool terminal_let(FILE *out, int ms)
{
    struct held *held = held_for(out);
    while (held && held->from < held->octets.len) {
        struct pollfd asked = { .fd = held->fd, .events = POLLOUT };
        if (poll(&asked, 1, ms) < 1)
            return false;
        slice piece = slice_upto(slice_from(buf_slice(&held->octets), held->from), PIECE);
        ssize_t count = write(held->fd, piece.at, piece.len);
        if (count < 0 && (errno == EAGAIN || errno == EINTR))
            return false;
        held->from = count < 0 ? held->octets.len : held->from + (size_t)count;
    }
    if (held) {
        buf_clear(&held->octets);
        held->from = 0;
    }
    return true;
}

void terminal_let_go(FILE *out)
{
    struct held *held = held_for(out);
    if (!held || !terminal_let(out, LET_GO_MS))
        return; /* it stays held: the program's end does not wait either */
    close(held->fd);
    buf_free(&held->octets);
    *held = (struct held){ .out = NULL };
}

bool terminal_octets(FILE *out, slice octets)
{
    struct held *held = held_for(out);
    if (held)
        return buf_add(&held->octets, octets);
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

bool terminal_is_gone(int file)
{
    struct pollfd end = { .fd = file };
    return poll(&end, 1, 0) > 0 && (end.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

void terminal_clear(FILE *out) { terminal_octets(out, SLICE("\033[H\033[2J")); }
