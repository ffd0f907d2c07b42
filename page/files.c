/* files.c: see files.h. No locks and no shared memory: there is one program here, and it opens a
   world for itself alone. Time and chance stand still: the store has its own (store_vfs.c). */
#include "page/files.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BYTES 4096
#define SECTOR_BYTES 4096

struct content {
    char name[FILE_NAME_MAX + 1];   /* "": this place is free */
    char *at;
    size_t len, cap;
    unsigned opened;
    bool deleted;                   /* nobody finds it any more; gone when it is closed */
};
static struct content contents[FILES_MAX];

struct handle {
    sqlite3_file base;
    struct content *content;
};

/* --- by name ------------------------------------------------------------------------------- */

static struct content *content_find(const char *name)
{
    for (size_t i = 0; i < FILES_MAX; i++)
        if (contents[i].name[0] && !contents[i].deleted && strcmp(contents[i].name, name) == 0)
            return &contents[i];
    return NULL;
}

/* NULL name: one that nobody finds. */
static struct content *content_new(const char *name)
{
    size_t length = name ? strlen(name) : 1;
    for (size_t i = 0; i < FILES_MAX && length && length <= FILE_NAME_MAX; i++) {
        struct content *content = &contents[i];
        if (content->name[0])
            continue;
        memcpy(content->name, name ? name : "?", length + 1);
        content->deleted = !name;
        return content;
    }
    return NULL;
}

static void content_drop(struct content *content)
{
    free(content->at);
    memset(content, 0, sizeof *content);
}

static void content_delete(struct content *content)
{
    content->deleted = true;
    if (content->opened == 0)
        content_drop(content);
}

/* Up to there it is zeros where nothing was written. */
static bool content_grow(struct content *content, size_t len)
{
    size_t cap = content->cap ? content->cap : FIRST_BYTES;
    while (cap < len)
        cap *= 2;
    if (cap > content->cap) {
        char *more = realloc(content->at, cap);
        if (!more)
            return false;
        memset(more + content->cap, 0, cap - content->cap);
        content->at = more;
        content->cap = cap;
    }
    if (len > content->len)
        content->len = len;
    return true;
}

static void content_cut(struct content *content, size_t len)
{
    if (len >= content->len)
        return;
    memset(content->at + len, 0, content->len - len);
    content->len = len;
}

bool file_put(const char *name, slice octets)
{
    struct content *content = content_find(name);
    if (!content)
        content = content_new(name);
    if (!content)
        return false;
    content_cut(content, 0);
    if (!content_grow(content, octets.len))
        return false;
    if (octets.len)
        memcpy(content->at, octets.at, octets.len);
    return true;
}

slice file_octets(const char *name)
{
    const struct content *content = content_find(name);
    return content && content->len ? (slice){ content->at, content->len } : SLICE_EMPTY;
}

void file_remove(const char *name)
{
    struct content *content = content_find(name);
    if (content)
        content_delete(content);
}

/* --- SQLite's methods of a file ------------------------------------------------------------ */

static struct content *content_of(sqlite3_file *file) { return ((struct handle *)file)->content; }

static int on_close(sqlite3_file *file)
{
    struct content *content = content_of(file);
    if (--content->opened == 0 && content->deleted)
        content_drop(content);
    return SQLITE_OK;
}

static int on_read(sqlite3_file *file, void *to, int bytes, sqlite3_int64 at)
{
    const struct content *content = content_of(file);
    size_t from = (size_t)at, wanted = (size_t)bytes;
    size_t there = from < content->len ? content->len - from : 0;
    size_t count = there < wanted ? there : wanted;
    if (count)
        memcpy(to, content->at + from, count);
    if (count == wanted)
        return SQLITE_OK;
    memset((char *)to + count, 0, wanted - count);
    return SQLITE_IOERR_SHORT_READ;
}

static int on_write(sqlite3_file *file, const void *from, int bytes, sqlite3_int64 at)
{
    struct content *content = content_of(file);
    if (!content_grow(content, (size_t)at + (size_t)bytes))
        return SQLITE_FULL;
    memcpy(content->at + (size_t)at, from, (size_t)bytes);
    return SQLITE_OK;
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 bytes)
{
    content_cut(content_of(file), (size_t)bytes);
    return SQLITE_OK;
}

static int on_size(sqlite3_file *file, sqlite3_int64 *bytes)
{
    *bytes = (sqlite3_int64)content_of(file)->len;
    return SQLITE_OK;
}

static int nothing_to_do(sqlite3_file *file, int how)
{
    (void)file, (void)how;
    return SQLITE_OK;
}

static int on_reserved(sqlite3_file *file, int *reserved)
{
    (void)file;
    *reserved = 0;
    return SQLITE_OK;
}

static int on_control(sqlite3_file *file, int what, void *argument)
{
    (void)file, (void)what, (void)argument;
    return SQLITE_NOTFOUND;
}

static int on_sector(sqlite3_file *file)
{
    (void)file;
    return SECTOR_BYTES;
}

static int on_traits(sqlite3_file *file)
{
    (void)file;
    return 0;
}

static const sqlite3_io_methods methods = {
    .iVersion = 1, .xClose = on_close, .xRead = on_read, .xWrite = on_write,
    .xTruncate = on_truncate, .xSync = nothing_to_do, .xFileSize = on_size,
    .xLock = nothing_to_do, .xUnlock = nothing_to_do, .xCheckReservedLock = on_reserved,
    .xFileControl = on_control, .xSectorSize = on_sector, .xDeviceCharacteristics = on_traits,
};

/* --- and of a system ----------------------------------------------------------------------- */

static int on_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *got)
{
    struct handle *handle = (struct handle *)file;
    struct content *content = name ? content_find(name) : NULL;
    (void)vfs;
    file->pMethods = NULL;
    if (!content && (!name || (flags & SQLITE_OPEN_CREATE)))
        content = content_new(name);
    if (!content)
        return SQLITE_CANTOPEN;
    content->opened++;
    handle->content = content;
    file->pMethods = &methods;
    if (got)
        *got = flags;
    return SQLITE_OK;
}

static int on_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    struct content *content = content_find(name);
    (void)vfs, (void)sync;
    if (!content)
        return SQLITE_IOERR_DELETE_NOENT;
    content_delete(content);
    return SQLITE_OK;
}

static int on_access(sqlite3_vfs *vfs, const char *name, int flags, int *there)
{
    const struct content *content = content_find(name);
    (void)vfs;
    *there = content && (flags != SQLITE_ACCESS_EXISTS || content->len);
    return SQLITE_OK;
}

static int on_full_name(sqlite3_vfs *vfs, const char *name, int room, char *full)
{
    (void)vfs;
    if (name[0] == '.' && name[1] == '/') /* the store says that it is no option of SQLite's */
        name += 2;
    sqlite3_snprintf(room, full, "%s", name);
    return SQLITE_OK;
}

static int on_random(sqlite3_vfs *vfs, int bytes, char *out)
{
    (void)vfs;
    memset(out, 0, (size_t)bytes);
    return bytes;
}

static int on_sleep(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    return us;
}

static int on_time(sqlite3_vfs *vfs, sqlite3_int64 *ms)
{
    (void)vfs;
    *ms = 210866760000000; /* 1970, as SQLite counts */
    return SQLITE_OK;
}

static int on_error(sqlite3_vfs *vfs, int room, char *text)
{
    (void)vfs;
    if (room > 0)
        text[0] = '\0';
    return 0;
}

static sqlite3_vfs vfs = {
    .iVersion = 2, .szOsFile = sizeof(struct handle), .mxPathname = FILE_NAME_MAX, .zName = "page",
    .xOpen = on_open, .xDelete = on_delete, .xAccess = on_access, .xFullPathname = on_full_name,
    .xRandomness = on_random, .xSleep = on_sleep, .xGetLastError = on_error,
    .xCurrentTimeInt64 = on_time,
};

int sqlite3_os_init(void) { return sqlite3_vfs_register(&vfs, 1); }
int sqlite3_os_end(void) { return SQLITE_OK; }
