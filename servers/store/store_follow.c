/* store_follow.c: a world in memory whose file follows. Memory can be set back, a file can't. So
   the world is read from its file once, and what memory holds is written to it, all pages in one
   transaction, when whoever runs the world says so. The file is a store of its own, opened as any
   other, that lies in no heap. */
#include "servers/store/store_private.h"

#include <string.h>

#include "base/heap.h"

#define WRITE_VERSION 18        /* in SQLite's header: 2 if the file has a log, 1 if not, */
#define READ_VERSION 19         /* and once more */

struct follower {
    struct store *file;
    unsigned char *image;       /* what it holds, as SQLite's pages */
    sqlite3_int64 bytes;
    bool commits, failed, full;
};

struct store *store_follower_file(const struct store *store) { return store->follower->file; }

bool store_follower_commits(const struct store *store)
{
    return store->follower && store->follower->commits;
}

bool store_follower_is_full(const struct store *store) { return store->follower->full; }

void store_follow_commits(struct store *store, bool on)
{
    if (store->follower)
        store->follower->commits = on;
}

/* All pages as they are now, within a turn too; without the mark of a log, which memory has not.
   NULL: why. */
static unsigned char *image_take(sqlite3 *db, sqlite3_int64 *bytes, struct error *why)
{
    unsigned char *image = sqlite3_serialize(db, "main", bytes, 0);
    if (!image)
        error_set(why, "there is no memory for a copy of the world");
    else if (*bytes > READ_VERSION)
        image[WRITE_VERSION] = image[READ_VERSION] = 1;
    return image;
}

/* As a database. The image must live as long. */
static bool image_open(unsigned char *image, sqlite3_int64 bytes, sqlite3 **db)
{
    return sqlite3_open_v2(":memory:", db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK
        && sqlite3_deserialize(*db, "main", image, bytes, bytes, SQLITE_DESERIALIZE_READONLY)
            == SQLITE_OK;
}

/* Into the heap that `to` lies in: whoever is copied from keeps nothing of it, since it is
   closed. */
static bool image_copy(sqlite3 *to, struct heap *heap, unsigned char *image, sqlite3_int64 bytes,
                       struct error *why)
{
    sqlite3 *from = NULL;
    bool copied = image_open(image, bytes, &from) || error_set(why, "%s", sqlite3_errmsg(from));
    struct heap *before = heap_enter(heap);
    copied = copied && sql_copy(to, from, why);
    sqlite3_close(from);
    heap_enter(before);
    return copied;
}

static void follower_free(struct follower *follower)
{
    store_close(follower->file);
    sqlite3_free(follower->image);
    heap_give(follower);
}

static struct follower *follower_new(struct store *file, struct error *why)
{
    struct follower *follower = heap_take(sizeof *follower);
    follower->file = file;
    follower->image = image_take(file->db, &follower->bytes, why);
    if (follower->image)
        return follower;
    follower_free(follower);
    return NULL;
}

struct store *store_open_followed(const char *path, struct store_clock clock, struct error *why)
{
    struct heap *heap = heap_enter(NULL);
    struct store *file = store_open(path, clock, why);
    struct follower *follower = file ? follower_new(file, why) : NULL;
    heap_enter(heap);
    struct store *store = follower ? store_new(NULL, clock, 0, why) : NULL;
    heap_enter(NULL);
    struct error reason = { "" };
    bool copied = store &&
                  image_copy(store->db, heap, follower->image, follower->bytes, &reason);
    if (store && !copied)
        error_set(why, "%s cannot be read: %s", path, reason.text);
    if (follower && !copied)
        follower_free(follower);
    heap_enter(heap);
    if (copied)
        store->follower = follower;
    else
        store_close(store);
    return copied ? store : NULL;
}

/* After a failure what the system has in memory may not be what the disk has. */
static bool file_write(struct follower *follower, unsigned char *image, sqlite3_int64 bytes,
                       struct error *why)
{
    struct store *file = follower->file;
    struct error reason = { "" };
    follower->full = false;
    if (follower->failed && !store_recover(file, why))
        return false;
    if (store_has_moved(file))
        return error_set(why, "%s was removed or replaced while it was open", file->path);
    if (image_copy(file->db, NULL, image, bytes, &reason))
        return true;
    follower->full = (sqlite3_errcode(file->db) & 0xff) == SQLITE_FULL;
    return error_set(why, "%s cannot be written: %s", file->path, reason.text);
}

bool store_follow(struct store *store, struct error *why)
{
    struct follower *follower = store->follower;
    if (!follower)
        return true;
    struct heap *before = heap_enter(NULL);
    sqlite3_int64 bytes = 0;
    unsigned char *image = image_take(store->db, &bytes, why);
    bool same = image && !follower->failed && bytes == follower->bytes &&
                memcmp(image, follower->image, (size_t)bytes) == 0;
    bool written = same || (image && file_write(follower, image, bytes, why));
    follower->failed = !written;
    if (written) {
        sqlite3_free(follower->image);
        follower->image = image;
        follower->bytes = bytes;
    } else {
        sqlite3_free(image);
    }
    heap_enter(before);
    return written;
}

void store_follower_free(struct store *store)
{
    struct follower *follower = store->follower;
    if (!follower)
        return;
    struct heap *before = heap_enter(NULL);
    follower_free(follower);
    heap_enter(before);
}
