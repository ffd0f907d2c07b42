/* faulty.c: see faulty.h. A VFS in front of the system's own. */
#include "tests/unit/faulty.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static struct {
    uint64_t count[FAULTY_KINDS], at[FAULTY_KINDS];
    bool failed;
} faults;

void faulty_at(enum faulty kind, uint64_t n)
{
    memset(&faults, 0, sizeof faults);
    faults.at[kind] = n;
}

uint64_t faulty_count(enum faulty kind) { return faults.count[kind]; }
bool faulty_has_failed(void) { return faults.failed; }

static bool fails(enum faulty kind)
{
    bool now = ++faults.count[kind] == faults.at[kind];
    faults.failed = faults.failed || now;
    return now;
}

/* --- files ------------------------------------------------------------------------------------ */

struct faulty_file {
    sqlite3_file base;
    sqlite3_file *real;          /* stands behind this struct */
};

static sqlite3_vfs *real_vfs;

static sqlite3_file *real_of(sqlite3_file *file) { return ((struct faulty_file *)file)->real; }

static int file_close(sqlite3_file *file)
{
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int file_read(sqlite3_file *file, void *to, int len, sqlite3_int64 at)
{
    if (fails(FAULTY_READ))
        return SQLITE_IOERR_READ;
    return real_of(file)->pMethods->xRead(real_of(file), to, len, at);
}

static int file_write(sqlite3_file *file, const void *from, int len, sqlite3_int64 at)
{
    if (fails(FAULTY_WRITE))
        return faults.count[FAULTY_WRITE] % 2 ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    return real_of(file)->pMethods->xWrite(real_of(file), from, len, at);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

/* What was written stays where it is: nobody knows whether the disk has it. */
static int file_sync(sqlite3_file *file, int flags)
{
    if (fails(FAULTY_SYNC))
        return SQLITE_IOERR_FSYNC;
    return real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int file_lock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int file_unlock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int file_reserved(sqlite3_file *file, int *out)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out);
}

static int file_control(sqlite3_file *file, int what, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), what, argument);
}

static int file_sector(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int file_traits(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int file_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    /* Version 1: no shared memory, which a log in exclusive mode does without. */
    static const sqlite3_io_methods methods = {
        1, file_close, file_read, file_write, file_truncate, file_sync, file_size, file_lock,
        file_unlock, file_reserved, file_control, file_sector, file_traits, NULL, NULL, NULL, NULL,
        NULL, NULL
    };
    struct faulty_file *faulty = (struct faulty_file *)file;
    (void)vfs;
    faulty->real = (sqlite3_file *)(faulty + 1);
    int code = real_vfs->xOpen(real_vfs, name, faulty->real, flags, out);
    file->pMethods = faulty->real->pMethods ? &methods : NULL;
    return code;
}

/* --- memory ----------------------------------------------------------------------------------- */

static sqlite3_mem_methods real_memory;

static void *memory_take(int bytes)
{
    return fails(FAULTY_ALLOCATION) ? NULL : real_memory.xMalloc(bytes);
}

static void *memory_again(void *at, int bytes)
{
    return fails(FAULTY_ALLOCATION) ? NULL : real_memory.xRealloc(at, bytes);
}

void faulty_begin(void)
{
    static sqlite3_vfs vfs;
    if (real_vfs)
        return;
    must(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory) == SQLITE_OK);
    sqlite3_mem_methods memory = real_memory;
    memory.xMalloc = memory_take;
    memory.xRealloc = memory_again;
    must(sqlite3_config(SQLITE_CONFIG_MALLOC, &memory) == SQLITE_OK);
    must(sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK);
    must(sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK);
    must(sqlite3_initialize() == SQLITE_OK);
    real_vfs = sqlite3_vfs_find(NULL);
    vfs = *real_vfs;
    vfs.zName = "faulty";
    vfs.pNext = NULL;
    vfs.szOsFile = (int)sizeof(struct faulty_file) + real_vfs->szOsFile;
    vfs.xOpen = file_open;
    must(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK);
}
