/* trouble.c: see trouble.h. */
#include "gateway/trouble.h"

#include "servers/store/store.h"
#include "sim/shared.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

/* SQLite keeps a log beside the file, under the file's name. Where another file has taken that
   name, the log is not its own and would be read into it: it is kept under a name of its own. */
static void log_set_aside(const char *path)
{
    char log[4096], aside[4096];
    struct stat other;
    int length = snprintf(log, sizeof log, "%s-wal", path);
    int full = snprintf(aside, sizeof aside, "%s-wal.of-the-file-that-was-replaced", path);
    if (length > 0 && full > 0 && (size_t)full < sizeof aside && stat(path, &other) == 0 &&
        stat(aside, &other) != 0)
        rename(log, aside);
}

static bool has_room(const char *path)
{
    struct statvfs disk;
    if (!path[0] || statvfs(path, &disk) != 0)
        return true;
    return (uint64_t)disk.f_bavail * disk.f_frsize >= ROOM_BYTES_MIN;
}

void trouble_look(struct trouble *trouble, struct world *world, uint64_t wall_ms)
{
    struct error why;
    const char *path = store_path(world->store);
    if (!path[0] || store_has_changed(world->store)) /* long work's turn may take several rounds */
        return;
    if (!inbound_trouble(world)) {
        trouble->log_is_aside = false;
        if (!has_room(path))
            inbound_refuse(world, "the disk is full", true);
        trouble->again_ms = wall_ms + TROUBLE_AGAIN_MS;
        return;
    }
    if (!trouble->log_is_aside && store_has_moved(world->store)) {
        log_set_aside(path);
        trouble->log_is_aside = true;
    }
    if (wall_ms < trouble->again_ms)
        return;
    trouble->again_ms = wall_ms + TROUBLE_AGAIN_MS;
    if (has_room(path))
        may_fail(inbound_recover(world, &why)); /* it is tried again later */
}
