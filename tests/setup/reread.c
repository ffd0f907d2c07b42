/* reread.c: reads a trace as `--json` prints it, from standard input, and holds what its IMAP
   servers said against the strict parser. Exit 1 and a sentence: a violation.
   Knows no JSON but the program's own: keys in their order, one object a line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "servers/mail/encoding.h"
#include "tests/transcripts/reread.h"
#include "views/utf8.h"

static uint32_t hex4(slice digits)
{
    char text[5] = { 0 };
    memcpy(text, digits.at, digits.len < 4 ? digits.len : 4);
    return (uint32_t)strtoul(text, NULL, 16);
}

/* One character of a string, as octets. */
static void take_unescaped(slice *rest, bool latin1, struct buf *out)
{
    static const char names[] = "btnfr", meant[] = "\b\t\n\f\r";
    uint32_t point = 0;
    if (take_char(rest, '\\')) {
        const char *name = rest->len ? strchr(names, rest->at[0]) : NULL;
        if (take_char(rest, 'u')) {
            point = hex4(*rest);
            *rest = slice_from(*rest, 4);
        } else {
            point = name ? (uint32_t)meant[name - names] : (uint32_t)rest->at[0];
            *rest = slice_from(*rest, 1);
        }
    } else if (!utf8_take(rest, &point)) {
        *rest = SLICE_EMPTY;
        return;
    }
    if (latin1)
        buf_add_char(out, (char)point);
    else
        utf8_add(out, point);
}

/* The text, up to its quote; behind it stand marks. */
static void text_read(slice rest, struct buf *out, bool *cut)
{
    size_t close = 0, at = 0;
    while (close < rest.len && rest.at[close] != '"')
        close += rest.at[close] == '\\' ? 2 : 1;
    slice marks = slice_from(rest, close);
    bool latin1 = slice_find_text(marks, SLICE("\"latin1\":true"), &at);
    *cut = slice_find_text(marks, SLICE("\"bytes\":"), &at);
    rest = slice_upto(rest, close);
    while (rest.len)
        take_unescaped(&rest, latin1, out);
}

static bool after_key(slice line, const char *key, slice *value)
{
    size_t at = 0;
    if (!slice_find_text(line, slice_of(key), &at))
        return false;
    *value = slice_from(line, at + strlen(key));
    return true;
}

static bool line_reread(struct reread *reread, slice line, struct buf *text, struct error *why)
{
    slice value;
    uint64_t conn = 0;
    bool cut = false;
    if (!after_key(line, "\"conn\":", &value) || !take_number(&value, UINT32_MAX, &conn))
        return true;
    if (after_key(line, "\"kind\":\"open\"", &value) &&
        after_key(value, "\"protocol\":\"", &value)) {
        reread_opened(reread, (uint32_t)conn, take_until(&value, '"'));
        return true;
    }
    if (!after_key(line, "\"kind\":\"line\"", &value) ||
        !after_key(value, "\"from\":\"server\",\"text\":\"", &value))
        return true;
    buf_clear(text);
    text_read(value, text, &cut);
    return reread_line(reread, (uint32_t)conn, buf_slice(text), cut, why);
}

int main(void)
{
    struct reread *reread = reread_new();
    struct buf text = BUF_MAX(TRACE_LINE_MAX + 4096);
    struct error why = { "" };
    char *line = NULL;
    size_t cap = 0;
    bool good = true;
    for (ssize_t got; good && (got = getline(&line, &cap, stdin)) > 0;)
        good = line_reread(reread, (slice){ line, (size_t)got - (line[got - 1] == '\n') }, &text,
                           &why);
    if (good)
        printf("%llu lines\n", (unsigned long long)reread_lines(reread));
    else
        printf("%s\n", why.text);
    free(line);
    buf_free(&text);
    reread_free(reread);
    return good ? 0 : 1;
}
