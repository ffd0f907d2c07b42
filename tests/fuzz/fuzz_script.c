/* fuzz_script.c: lines of the language, any octets, in a small world with the names of the
   default one. Nothing but the environment may break it; answers stay in their window; the
   history, run again in a new world, comes to the same trace and store to the bit. */
#include <stdint.h>

#include "servers/store/store.h"
#include "sim/language/build.h"
#include "sim/language/commands.h"
#include "sim/world.h"

#define LINES_MAX 60            /* a line may build a message or let days pass */
#define INPUT_BYTES_MAX 8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Building the default world would take most of the time. */
static const char small_world[] =
    "host mail.campus.example serves smtp submission pop3 imap for campus.example\n"
    "mx campus.example 10 mail.campus.example\n"
    "host mx.bakery.example serves smtp submission pop3 for bakery.example\n"
    "mx bakery.example 10 mx.bakery.example\n"
    "user ana@campus.example password tulip\nuser bo@campus.example password maple\n"
    "user dora@bakery.example password rye\nmailbox ana@campus.example Archive\n"
    "message ana@campus.example INBOX seen from bo@campus.example subject \"Lunch?\" text \"12?\"\n"
    "device laptop of ana@campus.example pop3 keep 7d\ndevice phone of ana@campus.example imap\n"
    "device till of dora@bakery.example pop3 delete\n";

static struct world *world_fresh(void)
{
    struct error why;
    slice text = slice_of(small_world);
    struct world *world = world_new(NULL, NULL, sim_tables, text, SLICE("small"), &why);
    must(world != NULL);
    return world;
}

static void check_answers(const struct world *world)
{
    for (uint64_t number = trace_first(world->trace); number < trace_end(world->trace); number++) {
        const struct trace_record *record = trace_at(world->trace, number);
        slice text = record->text;
        if (record->kind != TRACE_ANSWER || slice_is(record->name, "base64"))
            continue;
        while (text.len) {
            slice row = take_until(&text, '\n');
            must(row.len <= COMMAND_COLUMNS);
            for (size_t i = 0; i < row.len; i++)
                must(row.at[i] >= ' ' && row.at[i] <= '~');
        }
    }
}

static enum line_result run_line(struct world *world, slice line)
{
    struct error why = { "" };
    size_t at = 0;
    enum line_result result = script_line(world, line, &at, &why);
    must(result != LINE_BROKEN && result != LINE_LEAVE);
    must(at <= line.len);
    must((result == LINE_UNREADABLE) == (why.text[0] != '\0'));
    return result;
}

static bool history_run(void *context, int64_t number, slice line)
{
    (void)number;
    must(run_line(context, line) != LINE_UNREADABLE);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world *world = world_fresh(), *again = world_fresh();
    struct error why;
    slice rest = { (const char *)data, size < INPUT_BYTES_MAX ? size : INPUT_BYTES_MAX };
    for (int i = 0; i < LINES_MAX && rest.len; i++)
        run_line(world, take_until(&rest, '\n'));
    check_answers(world);
    store_history(world->store, history_run, again);
    must(world_digest(world) == world_digest(again));
    must(world_finish(world, &why));
    world_free(world);
    world_free(again);
    return 0;
}
