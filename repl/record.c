/* record.c: a recording: a world file that is a copy of the world as it stood, and in its
   history, behind what was there, every line that came from outside (inbound.h). So one can
   look at it (--world), check it (fsck) and play it (run). It is written while it goes on. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "repl/repl.h"
#include "servers/store/store.h"
#include "sim/hosts/inbound.h"
#include "sim/language/arrive.h"

#define MARK ":# recording, format 1" /* behind this line of the history it begins */

struct record {
    struct store *store;
    struct world *world;
};

static uint64_t clock_stands(void *context)
{
    (void)context;
    return (uint64_t)EPOCH_MS;
}

static bool mark_set(struct store *store)
{
    return store_history_add(store, SLICE(MARK)) && store_commit(store);
}

/* What is written since the last turn is kept with it; a lost end loses no beginning. */
static void line_keep(void *context, slice line)
{
    struct record *record = context;
    store_history_add(record->store, line);
    slice keeps = SLICE(" keeps");
    if (line.len > keeps.len && slice_equal(slice_from(line, line.len - keeps.len), keeps))
        store_commit(record->store);
}

struct record *record_begin(struct world *world, const char *path, struct error *why)
{
    mode_t before = umask(077); /* the passwords are in it */
    bool saved = store_save(world->store, path, why);
    umask(before);
    if (!saved)
        return NULL;
    struct record *record = calloc(1, sizeof *record);
    must(record != NULL);
    record->world = world;
    record->store =
        store_open(path, (struct store_clock){ clock_stands, clock_stands, NULL }, why);
    if (!record->store || !mark_set(record->store)) {
        if (record->store)
            error_set(why, "%s cannot be written: %s", path, store_error(record->store));
        may_fail(record_end(record, NULL)); /* why it was not begun is the reason to tell */
        return NULL;
    }
    store_relax(record->store);
    arrive_record(world, line_keep, record);
    return record;
}

bool record_end(struct record *record, struct error *why)
{
    struct buf line = BUF_MAX(64);
    bool kept = record->store != NULL;
    if (kept) {
        arrive_record(record->world, NULL, NULL);
        digest_add(record->world, ":# digest ", &line);
        store_history_add(record->store, buf_slice(&line));
        kept = store_commit(record->store) ||
               error_set(why, "the recording is not whole: %s", store_error(record->store));
        store_close(record->store);
    }
    buf_free(&line);
    free(record);
    return kept;
}

/* --- playing ------------------------------------------------------------------------------ */

/* What is played is remembered too: only up to the last line of now. */
struct playback {
    int64_t mark, last;          /* 0: none */
    record_line *each;
    void *context;
};

static bool playback_look(void *context, int64_t number, slice line)
{
    struct playback *playback = context;
    if (slice_is(line, MARK))
        playback->mark = number;
    playback->last = number;
    return true;
}

static bool playback_line(void *context, int64_t number, slice line)
{
    const struct playback *playback = context;
    if (number <= playback->mark)
        return true;
    return number <= playback->last && playback->each(playback->context, line);
}

bool record_play(struct world *world, record_line *each, void *context, struct error *why)
{
    struct playback playback = { .each = each, .context = context };
    store_history(world->store, playback_look, &playback);
    if (!playback.mark)
        return error_set(why, "it is a world and no recording: `serve --record F` makes one");
    store_history(world->store, playback_line, &playback);
    return true;
}
