/* lesson_private.h: between lesson.c and lesson_block.c: one file while it is being read. */
#ifndef LESSONS_LESSON_PRIVATE_H
#define LESSONS_LESSON_PRIVATE_H

#include "lessons/lesson.h"
#include "lessons/misconception.h"

struct lesson_reader {
    struct lesson *lesson;
    uint64_t seed;
    lesson_fault_fn *tell;
    void *context;
    size_t faults;
};

/* It is wrong in that line, at `where` in it. Returns false. */
bool lesson_wrong(struct lesson_reader *, uint64_t number, slice where, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* What stands behind the front matter, from that line on. */
void lesson_blocks_read(struct lesson_reader *, uint64_t from);

#endif
