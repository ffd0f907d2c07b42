/* response_search.c: what searches answer: SEARCH and SORT, ESEARCH (RFC 4731 4), THREAD
   (RFC 5256 5). */
#include <stdlib.h>

#include "tests/transcripts/response_read.h"

bool read_found(struct reading *reading)
{
    uint32_t number;
    bool found = false;
    while (take_char(&reading->rest, ' ')) {
        if (found && take_char(&reading->rest, '(')) /* RFC 7162 3.1.5 */
            return (read_word(reading, "MODSEQ") || read_wrong(reading, "only MODSEQ here")) &&
                   read_space(reading) && read_modseq(reading) &&
                   read_char(reading, ')', "MODSEQ ends with )");
        if (!read_nz_number(reading, &number))
            return false;
        found = true;
    }
    return true;
}

static bool read_esearch_item(struct reading *reading, unsigned *had)
{
    static const char *const names[] = { "MIN", "MAX", "COUNT", "ALL", "MODSEQ" };
    uint32_t number;
    uint64_t count = 0;
    size_t i = 0;
    while (i < COUNT(names) && !read_word(reading, names[i]))
        i++;
    if (i == COUNT(names))
        return read_wrong(reading, "no such item of ESEARCH");
    if (*had & 1u << i)
        return read_wrong(reading, "the same item of ESEARCH twice");
    *had |= 1u << i;
    if (!read_space(reading))
        return false;
    if (i == 4) /* RFC 4731 3.2 */
        return read_modseq(reading);
    return i == 2 ? read_number(reading, &number)
         : i == 3 ? read_uid_set(reading, &count) : read_nz_number(reading, &number);
}

/* "(" "TAG" SP string ")", "UID", then each item once. */
bool read_esearch(struct reading *reading, slice *tag)
{
    unsigned had = 0;
    if (!read_space(reading))
        return false;
    if (take_char(&reading->rest, '(')) {
        if (!read_word(reading, "TAG") || !read_space(reading))
            return read_wrong(reading, "ESEARCH is correlated by TAG and a string");
        if (!read_string(reading, tag) || !read_char(reading, ')', "the correlator ends with )"))
            return false;
        if (!take_char(&reading->rest, ' '))
            return true;
    }
    if (read_word(reading, "UID") && !take_char(&reading->rest, ' '))
        return true;
    do {
        if (!read_esearch_item(reading, &had))
            return false;
    } while (take_char(&reading->rest, ' '));
    return true;
}

/* The open lists, each with how many lists stand in it. Threads may be deep: no recursion. */
struct lists {
    uint32_t *inside;
    size_t depth, cap;
};

static void list_open(struct lists *lists)
{
    if (lists->depth == lists->cap) {
        lists->cap = lists->cap ? lists->cap * 2 : 64;
        lists->inside = realloc(lists->inside, lists->cap * sizeof *lists->inside);
        must(lists->inside != NULL);
    }
    if (lists->depth)
        lists->inside[lists->depth - 1]++;
    lists->inside[lists->depth++] = 0;
}

/* nz-number *(SP nz-number) [SP thread-nested]; behind a SP that no number follows stands "(". */
static bool read_members(struct reading *reading)
{
    uint32_t number;
    do {
        if (!read_nz_number(reading, &number))
            return false;
        if (!take_char(&reading->rest, ' '))
            return read_next_is(reading, ')') ||
                   read_wrong(reading, "a thread goes on with a space, or ends with )");
    } while (!read_next_is(reading, '('));
    return true;
}

static bool read_list(struct reading *reading, struct lists *lists)
{
    list_open(lists);
    if (!read_next_is(reading, '(') && !read_members(reading))
        return false;
    while (lists->depth && take_char(&reading->rest, ')'))
        if (lists->inside[--lists->depth] == 1)
            return read_wrong(reading, "one thread alone is not nested");
    return true;
}

/* thread-data = "THREAD" [SP 1*thread-list]; thread-nested = 2*thread-list */
bool read_threads(struct reading *reading)
{
    struct lists lists = { NULL, 0, 0 };
    bool good = true;
    if (!take_char(&reading->rest, ' '))
        return true;
    do {
        good = read_char(reading, '(', "a thread begins with (") && read_list(reading, &lists);
    } while (good && (lists.depth || read_next_is(reading, '(')));
    free(lists.inside);
    return good;
}
