/* language.h: what the tests of sim's language share: a default world, lines run in it, and
   what came of them. */
#ifndef TESTS_UNIT_LANGUAGE_H
#define TESTS_UNIT_LANGUAGE_H

#include <string.h>

#include "servers/store/store.h"
#include "sim/language/build.h"
#include "sim/language/commands.h"
#include "tests/unit/sim_check.h"

static inline struct world *world_with(const struct command *const tables[],
                                       const char *script)
{
    struct error why = { "" };
    struct world *world = world_new(NULL, NULL, tables, slice_of(script), SLICE("test"), &why);
    ck_assert_msg(world != NULL, "%s", why.text);
    return world;
}

static inline struct world *world_of(const char *script) { return world_with(sim_tables, script); }

static inline struct world *world_default(void) { return world_of(default_world); }

static inline void world_end(struct world *world)
{
    struct error why = { "" };
    struct buf report = BUF_MAX(65536);
    ck_assert_msg(world_finish(world, &why), "%s", why.text);
    ck_assert_msg(store_fsck(world->store, &report), "%s", buf_text(&report));
    buf_free(&report);
    world_free(world);
}

/* The last refusal's text and place. */
struct refused {
    struct error why;
    size_t at;
};

static inline enum line_result run_slice(struct world *world, slice line, struct refused *refused)
{
    refused->why.text[0] = '\0';
    enum line_result result = script_line(world, line, &refused->at, &refused->why);
    ck_assert_msg(result != LINE_BROKEN, "%.*s: %s", SLICE_ARG(line), refused->why.text);
    return result;
}

/* Lines that must all run, separated by LF. */
static inline void run(struct world *world, const char *lines)
{
    slice rest = slice_of(lines);
    while (rest.len) {
        struct refused refused;
        slice line = take_until(&rest, '\n');
        enum line_result result = run_slice(world, line, &refused);
        ck_assert_msg(result != LINE_UNREADABLE, "\"%.*s\": %s", SLICE_ARG(line), refused.why.text);
    }
}

static inline void refuses(struct world *world, const char *line, const char *why, size_t at)
{
    struct refused refused;
    enum line_result result = run_slice(world, slice_of(line), &refused);
    ck_assert_msg(result == LINE_UNREADABLE, "\"%s\" ran", line);
    ck_assert_msg(strstr(refused.why.text, why) != NULL, "\"%s\": \"%s\" says nothing of \"%s\"",
                  line, refused.why.text, why);
    ck_assert_msg(refused.at == at, "\"%s\": wrong at %zu, not at %zu", line, refused.at, at);
}

/* The latest record of a kind, or NULL. */
static inline const struct trace_record *last_of(struct world *world, enum trace_kind kind)
{
    for (uint64_t number = trace_end(world->trace); number > trace_first(world->trace); number--)
        if (trace_at(world->trace, number - 1)->kind == kind)
            return trace_at(world->trace, number - 1);
    return NULL;
}

static inline size_t count_of(struct world *world, enum trace_kind kind)
{
    size_t count = 0;
    for (uint64_t number = trace_first(world->trace); number < trace_end(world->trace); number++)
        count += trace_at(world->trace, number)->kind == kind;
    return count;
}

/* The latest line that one side said, on any connection. */
static inline slice last_line(struct world *world, enum side side)
{
    for (uint64_t number = trace_end(world->trace); number > trace_first(world->trace); number--) {
        const struct trace_record *record = trace_at(world->trace, number - 1);
        if (record->kind == TRACE_LINE && record->side == side)
            return record->text;
    }
    return SLICE_EMPTY;
}

static inline bool contains(slice text, const char *part)
{
    size_t at;
    return slice_find_text(text, slice_of(part), &at);
}

/* Runs one line; its answer must hold the text, and be a fact or not. */
static inline void answers(struct world *world, const char *line, bool ok, const char *text)
{
    run(world, line);
    const struct trace_record *answer = last_of(world, TRACE_ANSWER);
    ck_assert_msg(answer && contains(answer->text, text),
                  "\"%s\" answered \"%.*s\", nothing of \"%s\"", line,
                  answer ? (int)answer->text.len : 0, answer ? answer->text.at : "", text);
    ck_assert_msg(answer->ok == ok, "\"%s\": ok is %d", line, answer->ok);
}

/* 80 columns of printable ASCII. */
static inline void check_answer_drawn(slice text, const char *line)
{
    while (text.len) {
        slice row = take_until(&text, '\n');
        ck_assert_msg(row.len <= COMMAND_COLUMNS, "\"%s\": %zu columns: %.*s", line, row.len,
                      SLICE_ARG(row));
        for (size_t i = 0; i < row.len; i++)
            ck_assert_msg(row.at[i] >= ' ' && row.at[i] <= '~', "\"%s\": octet %d", line,
                          row.at[i]);
        ck_assert_msg(row.len == 0 || row.at[row.len - 1] != ' ', "\"%s\": a blank at the end",
                      line);
    }
}

#endif
