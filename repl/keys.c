/* keys.c: see keys.h. */
#include "repl/keys.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/slice.h"
#include "repl/repl.h"
#include "repl/terminal.h"

#define ESCAPE_MS 20

bool keys_open(struct keys *keys) { return tcgetattr(STDIN_FILENO, &keys->before) == 0; }

void keys_begin(const struct keys *keys)
{
    struct termios raw = keys->before;
    raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

void keys_end(const struct keys *keys) { tcsetattr(STDIN_FILENO, TCSADRAIN, &keys->before); }

/* Behind an ESC: an arrow is [ C or [ D, a presenter's remote sends [ 6 ~ or [ 5 ~. What a key
   sends comes in one piece; an ESC with nothing behind it is the key of that name. */
static int key_of_escape(void)
{
    struct pollfd waits = { .fd = STDIN_FILENO, .events = POLLIN };
    char octets[4] = "";
    size_t count = 0;
    while (count < 3 && poll(&waits, 1, ESCAPE_MS) > 0 &&
           read(STDIN_FILENO, &octets[count], 1) == 1) {
        count++;
        if (count > 1 && !is_digit((unsigned char)octets[count - 1]))
            break;
    }
    switch (octets[1]) {
    case 'C': case 'B': case '6': return KEY_NEXT;
    case 'D': case 'A': case '5': return KEY_BACK;
    default: return count ? 'h' : KEY_LEAVE;
    }
}

int key_read(const struct keys *keys)
{
    unsigned char octet = 0;
    ssize_t count = read(STDIN_FILENO, &octet, 1);
    if (count < 0 && errno == EINTR && !signal_leave && !signal_break) {
        keys_begin(keys); /* a shell may have set the terminal its own way */
        return KEY_NONE;
    }
    if (count <= 0 || signal_leave || signal_break)
        return KEY_LEAVE;
    switch (octet) {
    case 27: return key_of_escape();
    case 4: return KEY_LEAVE;
    case ' ': case '\n': case '\r': return KEY_NEXT;
    case 127: case 8: return KEY_BACK;
    default: return octet;
    }
}

/* A blank belongs to the line, and no other key than these does anything else. */
static int line_key(unsigned char *octet)
{
    ssize_t count = read(STDIN_FILENO, octet, 1);
    if (count < 0 && errno == EINTR && !signal_leave && !signal_break)
        return KEY_NONE;
    if (count < 1)
        return KEY_LEAVE;
    if (*octet == 27)
        return key_of_escape();
    return *octet == '\n' || *octet == '\r' ? KEY_NEXT : *octet;
}

bool keys_line(FILE *out, char *line, size_t size)
{
    size_t len = 0;
    int key;
    do {
        unsigned char octet = 0;
        fflush(out);
        key = line_key(&octet);
        if ((octet == 127 || octet == 8) && len) {
            len--;
            terminal_octets(out, SLICE("\b \b"));
        } else if (key == octet && octet >= ' ' && octet < 127 && len + 1 < size) {
            line[len++] = (char)octet;
            terminal_octets(out, (slice){ &line[len - 1], 1 });
        }
    } while (key > 0 || key == KEY_NONE);
    line[len] = '\0';
    terminal_say(out, "\n");
    signal_break = 0;
    return key == KEY_NEXT;
}
