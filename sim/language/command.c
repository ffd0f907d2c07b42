/* command.c: finding commands in tables, and what every command needs to answer. The
   commands themselves are in commands*.c and check.c, for the front end's see there. */
#include "sim/language/command.h"

#include <stdarg.h>


#define SAID_MAX 65536 /* of one line of an answer, before it is wrapped */

const struct command *const sim_tables[] = { sim_commands, NULL };

static const struct command *table_find(const struct command *table, slice name)
{
    for (; table->name; table++)
        if (slice_is(name, table->name))
            return table;
    return NULL;
}

const struct command *command_find(const struct command *const *tables, slice name)
{
    const struct command *reserved = NULL;
    for (; *tables; tables++) {
        const struct command *command = table_find(*tables, name);
        if (command && command->run)
            return command;
        if (command)
            reserved = command;
    }
    return reserved;
}

static const struct command *command_at(const struct command *const *tables, size_t number)
{
    for (; *tables; tables++)
        for (const struct command *command = *tables; command->name; command++)
            if (number-- == 0)
                return command;
    return NULL;
}

const struct command *command_next(const struct command *const *tables, bool built, size_t *from)
{
    const struct command *command;
    while ((command = command_at(tables, *from)) != NULL) {
        ++*from;
        if (command == command_find(tables, slice_of(command->name)) && (command->run || !built))
            return command;
    }
    return NULL;
}

const char *command_absence(const struct command *command)
{
    slice name = slice_of(command->name);
    bool shell = slice_is(name, "run") || slice_is(name, "export") || slice_is(name, "grade");
    return shell ? "is a command for a shell: `pennypost --help` tells."
                 : "is planned and not built yet.";
}

/* --- answers --------------------------------------------------------------------------------- */

static slice text_without_end(slice text)
{
    while (text.len && text.at[text.len - 1] == ' ')
        text.len--;
    return text;
}

/* Into `said`: cut if it is endless, and nothing in it moves a terminal's cursor. */
static slice said_format(struct buf *said, const char *format, va_list args)
{
    buf_format_list(said, format, args);
    for (size_t i = 0; i < said->len; i++)
        if (said->at[i] < ' ' || said->at[i] > '~')
            said->at[i] = '?';
    return text_without_end(buf_slice(said));
}

/* How much of the text goes on this line: up to a blank if there is one to break at. */
static size_t line_fits(slice text, size_t columns)
{
    if (text.len <= columns)
        return text.len;
    for (size_t i = columns; i > columns / 3; i--)
        if (text.at[i] == ' ')
            return i;
    return columns;
}

/* One line, wrapped: what does not fit goes on under column `indent`. */
static void answer_add(struct buf *out, slice text, size_t indent)
{
    size_t columns = COMMAND_COLUMNS;
    for (bool first = true; first || text.len; first = false) {
        size_t len = line_fits(text, columns);
        for (size_t i = 0; !first && i < indent; i++)
            buf_add_char(out, ' ');
        buf_add(out, text_without_end(slice_upto(text, len)));
        buf_add_char(out, '\n');
        text = slice_from(text, len);
        while (text.len && text.at[0] == ' ')
            text = slice_from(text, 1);
        columns = COMMAND_COLUMNS - indent;
    }
}

static size_t indent_of(slice text)
{
    size_t indent = 0;
    while (indent < text.len && indent < COMMAND_COLUMNS / 2 && text.at[indent] == ' ')
        indent++;
    return indent;
}

static void call_say_list(struct call *call, const char *format, va_list args)
{
    struct buf said = BUF_MAX(SAID_MAX);
    slice text = said_format(&said, format, args);
    answer_add(call->out, text, indent_of(text));
    buf_free(&said);
}

void call_say(struct call *call, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    call_say_list(call, format, args);
    va_end(args);
}

void call_pair(struct call *call, size_t column, const char *left, const char *format, ...)
{
    struct buf said = BUF_MAX(SAID_MAX), line = BUF_MAX(2 * SAID_MAX);
    va_list args;
    va_start(args, format);
    slice right = said_format(&said, format, args);
    va_end(args);
    buf_add_text(&line, left);
    if (line.len + 2 > column) {
        call_say(call, "%s", buf_text(&line));
        buf_clear(&line);
    }
    while (line.len < column)
        buf_add_char(&line, ' ');
    buf_add(&line, right);
    answer_add(call->out, buf_slice(&line), column);
    buf_free(&said);
    buf_free(&line);
}

bool call_fact(struct call *call, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    call_say_list(call, format, args);
    va_end(args);
    call->ok = false;
    return true;
}

bool call_refuse(struct call *call, slice where, const char *format, ...)
{
    struct buf said = BUF_MAX(SAID_MAX);
    va_list args;
    va_start(args, format);
    slice text = said_format(&said, format, args);
    error_set(call->why, "%.*s", SLICE_ARG(text));
    va_end(args);
    buf_free(&said);
    /* A word that is missing is missed at the end. */
    bool inside = where.at >= call->args.at && where.at <= call->args.at + call->args.len;
    call->at = inside ? (size_t)(where.at - call->args.at) : call->args.len;
    return false;
}
