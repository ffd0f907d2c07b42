/* store_vfs.c: where SQLite gets time and randomness from: the store's clock. Each store
   has a VFS of its own, a copy of the default one under a name of its own with three
   functions replaced, so that several stores live in one process. Files are the default
   VFS's business. */
#include "servers/store/store_private.h"

#include <string.h>

#include "base/heap.h"

#define JULIAN_EPOCH_MS 210866760000000 /* from noon, 24 November 4714 BC, to 1970 */
#define RANDOMBLOB_MAX 1000000

struct store_vfs {
    sqlite3_vfs base;               /* first: SQLite hands us a pointer to it */
    struct store_clock clock;
    char name[32];
};

static const struct store_clock *clock_of(sqlite3_vfs *base)
{
    return &((struct store_vfs *)base)->clock;
}

static int vfs_now(sqlite3_vfs *base, sqlite3_int64 *now)
{
    const struct store_clock *clock = clock_of(base);
    *now = (sqlite3_int64)clock->now_ms(clock->context) + JULIAN_EPOCH_MS;
    return SQLITE_OK;
}

/* SQLite's older interface counts days in floating point; nothing of ours does. */
static int vfs_now_days(sqlite3_vfs *base, double *now)
{
    sqlite3_int64 now_ms = 0;
    int code = vfs_now(base, &now_ms);
    *now = (double)now_ms / 86400000.0;
    return code;
}

static void random_fill(const struct store_clock *clock, unsigned char *out, size_t len)
{
    uint64_t octets = 0;
    for (size_t i = 0; i < len; i++) {
        if (i % 8 == 0)
            octets = clock->random(clock->context);
        out[i] = (unsigned char)octets; /* the lowest first, on every machine */
        octets >>= 8;
    }
}

static int vfs_random(sqlite3_vfs *base, int len, char *out)
{
    random_fill(clock_of(base), (unsigned char *)out, (size_t)len);
    return len;
}

struct store_vfs *store_vfs_new(struct store_clock clock)
{
    static uint64_t made; /* only for the name, which nobody sees */
    struct buf name = BUF_MAX(31);
    struct heap *before = heap_enter(NULL); /* SQLite's list of them is no world's */
    struct store_vfs *vfs = heap_take(sizeof *vfs);
    heap_enter(before);
    must(buf_add_text(&name, "pennypost-") && buf_add_number(&name, ++made));
    memcpy(vfs->name, buf_text(&name), name.len + 1);
    buf_free(&name);
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);
    must(real != NULL && real->iVersion >= 2);
    vfs->base = *real;
    vfs->base.pNext = NULL;
    vfs->base.zName = vfs->name;
    vfs->base.xCurrentTime = vfs_now_days;
    vfs->base.xCurrentTimeInt64 = vfs_now;
    vfs->base.xRandomness = vfs_random;
    vfs->clock = clock;
    must(sqlite3_vfs_register(&vfs->base, 0) == SQLITE_OK);
    return vfs;
}

const char *store_vfs_name(const struct store_vfs *vfs) { return vfs->name; }

void store_vfs_free(struct store_vfs *vfs)
{
    if (!vfs)
        return;
    sqlite3_vfs_unregister(&vfs->base);
    heap_give(vfs);
}

static void sql_random(sqlite3_context *context, int count, sqlite3_value **values)
{
    const struct store *store = sqlite3_user_data(context);
    (void)count;
    (void)values;
    sqlite3_result_int64(context, (sqlite3_int64)store->clock.random(store->clock.context));
}

static void sql_randomblob(sqlite3_context *context, int count, sqlite3_value **values)
{
    const struct store *store = sqlite3_user_data(context);
    must(count == 1);
    sqlite3_int64 len = sqlite3_value_int64(values[0]);
    if (len < 1)
        len = 1;
    if (len > RANDOMBLOB_MAX) {
        sqlite3_result_error_toobig(context);
        return;
    }
    unsigned char *octets = heap_take((size_t)len);
    random_fill(&store->clock, octets, (size_t)len);
    sqlite3_result_blob64(context, octets, (sqlite3_uint64)len, heap_give);
}

/* SQLite keeps one generator for the whole process, seeded once: it would mix the
   stores. So the two functions that show it are replaced. */
bool store_vfs_functions(sqlite3 *db, struct store *store)
{
    return sqlite3_create_function(db, "random", 0, SQLITE_UTF8, store, sql_random, NULL, NULL)
            == SQLITE_OK
        && sqlite3_create_function(db, "randomblob", 1, SQLITE_UTF8, store, sql_randomblob, NULL,
                                   NULL) == SQLITE_OK;
}
