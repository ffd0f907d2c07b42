/* fuzz_imap_parse.c: any octets under each reader of imap_parse.h. The first octet says
   which. What comes out lies in what went in, and sets are what their numbers say. */
#include <stdlib.h>
#include <string.h>

#include "servers/imap/imap_parse.h"

static void check_set(struct imap_cursor *cursor)
{
    struct imap_set set;
    if (!imap_parse_set(cursor, &set))
        return;
    struct imap_set resolved = imap_set_resolve(cursor->arena, &set, 1000);
    must(resolved.count <= set.count && resolved.count <= SEQUENCE_RANGES_MAX);
    for (size_t i = 0; i < resolved.count; i++) {
        must(resolved.ranges[i].first >= 1 && resolved.ranges[i].first <= resolved.ranges[i].last);
        must(i == 0 || resolved.ranges[i].first > resolved.ranges[i - 1].last);
        must(imap_set_has(&resolved, resolved.ranges[i].first));
    }
    for (size_t i = 0; i < set.count; i++)
        must(imap_set_has(&resolved, set.ranges[i].first ? set.ranges[i].first : 1000));
}

static void check_section(struct imap_cursor *cursor)
{
    struct imap_section section;
    if (imap_parse_section(cursor, &section))
        must(section.depth <= MIME_DEPTH_MAX && section.field_count <= FETCH_ITEMS_MAX);
}

static void read_one(struct imap_cursor *cursor, unsigned which)
{
    struct imap_flags flags = { .system = 0 };
    slice text;
    uint32_t number;
    uint64_t octets;
    bool binary;
    int64_t ms;
    int zone_minutes;
    switch (which % 10) {
    case 0: imap_parse_astring(cursor, &text); break;
    case 1: imap_parse_pattern(cursor, &text); break;
    case 2: imap_parse_atom(cursor, &text); break;
    case 3: imap_parse_nz_number(cursor, &number); break;
    case 4: check_set(cursor); break;
    case 5: imap_parse_flag_list(cursor, &flags); break;
    case 6: imap_parse_date_time(cursor, &ms, &zone_minutes); break;
    case 7: imap_parse_date(cursor, &ms); break;
    case 8: check_section(cursor); break;
    default: imap_parse_announcement(cursor, &octets, &binary);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct arena arena = { 0 };
    char *copy = malloc(size); /* its own, so that a step too far is seen */
    must(copy != NULL);
    memcpy(copy, data + 1, size - 1);
    struct imap_cursor cursor = imap_cursor_over(&arena, (slice){ copy, size - 1 });
    size_t left = size;
    while (cursor.rest.len && cursor.rest.len < left) {
        left = cursor.rest.len;
        read_one(&cursor, data[0]);
        must(cursor.rest.at >= copy && cursor.rest.at + cursor.rest.len == copy + size - 1);
        imap_parse_space(&cursor);
    }
    free(copy);
    arena_free(&arena);
    return 0;
}
