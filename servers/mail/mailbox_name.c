/* mailbox_name.c: see mailbox_name.h. */
#include "servers/mail/mailbox_name.h"
#include "base/limits.h"
#include "servers/mail/encoding.h"

#include <string.h>

#define INBOX_LEN 5
#define SHOWN_MAX (MAILBOX_NAME_MAX * 2) /* a name as UTF-8: 9 octets for 8 of modified UTF-7 */

static bool starts_inbox(slice name)
{
    return slice_starts_nocase(name, "INBOX") &&
           (name.len == INBOX_LEN || name.at[INBOX_LEN] == '/');
}

/* Messages that would make a name say something else on a screen. */
static bool messages_valid(slice name)
{
    struct buf text = BUF_MAX(MAILBOX_NAME_MAX * 3 + 1);
    bool valid = mutf7_decode(&text, name);
    slice rest = buf_slice(&text);
    while (valid && rest.len) {
        uint32_t character = utf8_next(&rest);
        valid = character >= 32 && !(character >= 127 && character < 160) &&
                !(character >= 0x2028 && character <= 0x202E) &&
                !(character >= 0x2066 && character <= 0x2069);
    }
    buf_free(&text);
    return valid;
}

bool mailbox_name_valid(slice name)
{
    if (name.len == 0 || name.len > MAILBOX_NAME_MAX)
        return false;
    size_t levels = 1;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        if (is_control((unsigned char)c) || c == '%' || c == '*')
            return false;
        if (c != '/')
            continue;
        levels++;
        if (i == 0 || i + 1 == name.len || name.at[i + 1] == '/')
            return false;
    }
    return levels <= MAILBOX_DEPTH_MAX && messages_valid(name);
}

void mailbox_name_canonical(struct buf *out, slice name)
{
    if (starts_inbox(name)) {
        buf_add_text(out, "INBOX");
        name = slice_from(name, INBOX_LEN);
    }
    buf_add(out, name);
}

bool mailbox_name_is_inbox(slice name) { return slice_is_nocase(name, "INBOX"); }

bool mailbox_name_same(slice a, slice b)
{
    bool inbox = starts_inbox(a) && starts_inbox(b);
    return inbox ? slice_equal(slice_from(a, INBOX_LEN), slice_from(b, INBOX_LEN))
                 : slice_equal(a, b);
}

bool mailbox_name_parent(slice name, slice *parent)
{
    for (size_t i = name.len; i > 0; i--)
        if (name.at[i - 1] == '/') {
            *parent = slice_upto(name, i - 1);
            return i > 1;
        }
    return false;
}

/* One step of a pattern: a message, or a run of wildcards, of which '*' is the stronger. */
static char take_step(slice *pattern)
{
    char c = pattern->at[0];
    *pattern = slice_from(*pattern, 1);
    if (c != '*' && c != '%')
        return c;
    while (pattern->len && (pattern->at[0] == '*' || pattern->at[0] == '%')) {
        if (pattern->at[0] == '*')
            c = '*';
        *pattern = slice_from(*pattern, 1);
    }
    return c;
}

/* All beginnings of the name that the pattern so far can match, as a set of lengths: it
   is gone through once a step, and is empty, at the latest, one letter after the name. */
bool mailbox_match(slice pattern, slice name)
{
    bool reached[SHOWN_MAX + 1] = { true };
    if (name.len > SHOWN_MAX)
        return false;
    size_t folded = starts_inbox(name) ? INBOX_LEN : 0;
    bool any = true;
    while (any && pattern.len) {
        char c = take_step(&pattern);
        any = false;
        if (c == '*' || c == '%') {
            for (size_t i = 0; i <= name.len; i++) {
                bool passes = i > 0 && reached[i - 1] && (c == '*' || name.at[i - 1] != '/');
                reached[i] = reached[i] || passes;
                any = any || reached[i];
            }
            continue;
        }
        for (size_t i = name.len + 1; i > 0; i--) {
            size_t len = i - 1;
            bool same = len > 0 && (len <= folded ? to_upper(name.at[len - 1]) == to_upper(c)
                                                  : name.at[len - 1] == c);
            reached[len] = same && reached[len - 1];
            any = any || reached[len];
        }
    }
    return reached[name.len];
}

static const char *const uses[] = { "\\Archive", "\\Drafts", "\\Junk", "\\Sent", "\\Trash" };

bool mailbox_use_named(slice name, uint32_t *use)
{
    for (size_t i = 0; i < COUNT(uses); i++)
        if (slice_is_nocase(name, uses[i] + 1)) {
            *use = (uint32_t)1 << i;
            return true;
        }
    return false;
}

const char *mailbox_use_name(uint32_t use)
{
    size_t i = 0;
    while (i + 1 < COUNT(uses) && !(use >> i & 1))
        i++;
    return uses[i];
}
