/* prompt.c: see prompt.h. */
#include "front/prompt.h"

#include <string.h>

#include "base/words.h"
#include "lessons/sitting.h"
#include "servers/services_table.h"
#include "sim/devices/device.h"
#include "sim/hosts/host.h"
#include "sim/language/script.h"
#include "views/clean.h"

#define NARROW_COLUMNS 70
#define PREFILL_COMMAND "base64"

bool prompt_predicts(const struct world *world)
{
    return world->sitting && world->sitting->asks >= 0;
}

struct prompt prompt_now(const struct world *world)
{
    struct prompt prompt = { .expects = EXPECTS_COMMAND, .predicts = prompt_predicts(world) };
    if (!script_is_connected(world))
        return prompt;
    prompt.session = host_session(world, world->here->typed_conn);
    if (prompt.session)
        prompt.expects = device_expects(world, world->here, &prompt.left);
    return prompt;
}

static bool is_text(const struct prompt *prompt)
{
    return prompt->expects == EXPECTS_BODY || prompt->expects == EXPECTS_LITERAL;
}

static void where_add(const struct world *world, const struct prompt *prompt, bool utf8,
                      struct buf *where)
{
    const struct device *device = world->here;
    const struct session *session = prompt->session;
    if (!device)
        return;
    clean_add(where, slice_of(device->person), utf8);
    buf_add_char(where, '/');
    clean_add(where, slice_of(device->name), utf8);
    if (!session)
        return;
    bool literal = prompt->expects == EXPECTS_LITERAL;
    buf_format(where, " %s %s", session->protocol->name,
               literal ? "LITERAL" : session->protocol->states[session->state].name);
    if (literal)
        buf_format(where, " %llu left", (unsigned long long)prompt->left);
}

void prompt_text(const struct world *world, const struct look *look, struct buf *text,
                 struct buf *above)
{
    struct prompt prompt = prompt_now(world);
    struct buf where = BUF_MAX(512);
    if (prompt.predicts) {
        buf_add_text(text, "predict ? ");
        return;
    }
    where_add(world, &prompt, look->utf8, &where);
    bool connected = script_is_connected(world);
    const char *sign = !connected ? "$" : is_text(&prompt) ? "|" : ">";
    bool narrow = connected && look->columns < NARROW_COLUMNS;
    buf_add(narrow ? above : text, buf_slice(&where));
    if (!narrow && where.len)
        buf_add_char(text, ' ');
    buf_format(text, "%s ", sign);
    buf_free(&where);
}

size_t prompt_target(const struct world *world)
{
    struct prompt prompt = prompt_now(world);
    const struct protocol *protocol = NULL;
    if (!prompt.session || prompt.predicts)
        return TARGET_PENNYPOST;
    if (is_text(&prompt))
        return TARGET_TEXT;
    for (size_t number = 1; (protocol = protocol_next(protocol)); number++)
        if (protocol_is(prompt.session->protocol, protocol))
            return number;
    return TARGET_PENNYPOST;
}

bool prompt_is_secret(const struct world *world, slice line)
{
    static const char *const words[] = { "PASS", "LOGIN", "AUTH", "AUTHENTICATE", "APOP" };
    struct prompt prompt = prompt_now(world);
    if (!prompt.session || script_line_is_command(world, line))
        return false;
    if (prompt.expects == EXPECTS_ANSWER)
        return true;
    slice first = take_word(&line), second = take_word(&line);
    for (size_t i = 0; i < COUNT(words); i++)
        if (slice_is_nocase(first, words[i]) || slice_is_nocase(second, words[i]))
            return true;
    return false;
}

/* base64's answer is what one wants to type next. */
void prompt_prefill(const struct world *world, struct front *front, uint64_t from)
{
    front->prefill[0] = '\0';
    for (uint64_t number = from; number < trace_end(world->trace); number++) {
        const struct trace_record *record = trace_at(world->trace, number);
        if (record->kind != TRACE_ANSWER || !record->ok || !slice_is(record->name, PREFILL_COMMAND))
            continue;
        slice rest = trace_at(world->trace, from)->text, answer = record->text;
        take_char(&rest, ':');
        take_word(&rest);
        slice text = take_until(&answer, '\n');
        if (slice_is(take_word(&rest), "-d") || answer.len || text.len >= sizeof front->prefill)
            continue;
        FIELD_SET(front->prefill, text);
    }
}
