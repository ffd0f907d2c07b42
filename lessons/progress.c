/* progress.c: a learner's progress as lines of text: what was done, in words. */
#include <string.h>

#include "lessons/course.h"
#include "base/words.h"

const struct progress_lesson *progress_find(const struct progress *progress, slice name)
{
    for (size_t i = 0; i < progress->count; i++)
        if (slice_is(name, progress->lessons[i].name))
            return &progress->lessons[i];
    return NULL;
}

struct progress_lesson *progress_entry(struct progress *progress, slice name)
{
    for (size_t i = 0; i < progress->count; i++)
        if (slice_is(name, progress->lessons[i].name))
            return &progress->lessons[i];
    if (progress->count == COURSE_LESSONS_MAX || !lesson_name_is_good(name))
        return NULL;
    struct progress_lesson *entry = &progress->lessons[progress->count++];
    *entry = (struct progress_lesson){ .done = false };
    FIELD_SET(entry->name, name);
    return entry;
}

/* --- writing ------------------------------------------------------------------------------- */

void progress_write(const struct progress *progress, struct buf *out)
{
    buf_add_text(out, PROGRESS_TITLE "\n");
    if (progress->path[0])
        buf_format(out, "path %s\n", progress->path);
    if (progress->language[0])
        buf_format(out, "language %s\n", progress->language);
    if (progress->now[0])
        buf_format(out, "now %s\n", progress->now);
    for (size_t i = 0; i < progress->count; i++) {
        const struct progress_lesson *entry = &progress->lessons[i];
        buf_format(out, "lesson %s %s seed %llu goals %u of %u tries %u hints %u solutions %u "
                   "predictions %u of %u\n", entry->name, entry->done ? "done" : "begun",
                   (unsigned long long)entry->seed, entry->met, entry->goals, entry->tries,
                   entry->hints, entry->solutions, entry->right, entry->predicted);
    }
}

/* --- reading ------------------------------------------------------------------------------- */

/* "hints 3" */
static bool count_take(slice *rest, const char *word, unsigned *count)
{
    uint64_t number = 0;
    if (!word_take_if(rest, word) || !word_number(word_take(rest), 1000000, &number))
        return false;
    *count = (unsigned)number;
    return true;
}

static bool entry_read(struct progress *progress, slice rest)
{
    struct progress_lesson read = { .done = false };
    slice name = word_take(&rest), state = word_take(&rest);
    read.done = slice_is(state, "done");
    bool ok = (read.done || slice_is(state, "begun")) && lesson_name_is_good(name) &&
              !progress_find(progress, name) && word_take_if(&rest, "seed") &&
              word_number(word_take(&rest), INT64_MAX, &read.seed) &&
              count_take(&rest, "goals", &read.met) && count_take(&rest, "of", &read.goals) &&
              count_take(&rest, "tries", &read.tries) && count_take(&rest, "hints", &read.hints) &&
              count_take(&rest, "solutions", &read.solutions) &&
              count_take(&rest, "predictions", &read.right) &&
              count_take(&rest, "of", &read.predicted) && !slice_trim(rest).len;
    struct progress_lesson *entry = ok ? progress_entry(progress, name) : NULL;
    if (!entry)
        return false;
    memcpy(read.name, entry->name, sizeof read.name);
    *entry = read;
    return true;
}

bool progress_read(struct progress *progress, slice text, uint64_t *number, struct error *why)
{
    *progress = (struct progress){ .count = 0 };
    *number = 1;
    slice first = take_until(&text, '\n');
    if (!slice_is(first, PROGRESS_TITLE))
        return error_set(why, "it does not begin with \"" PROGRESS_TITLE "\"");
    while (text.len) {
        slice line = take_until(&text, '\n'), rest = line;
        ++*number;
        if (!slice_trim(line).len || slice_starts(line, "#"))
            continue;
        slice word = word_take(&rest);
        if (slice_is(word, "path") && course_path(slice_trim(rest)))
            FIELD_SET(progress->path, slice_trim(rest));
        else if (slice_is(word, "language") && slice_trim(rest).len <= LANGUAGE_NAME_MAX)
            FIELD_SET(progress->language, slice_trim(rest));
        else if (slice_is(word, "now") && lesson_name_is_good(slice_trim(rest)))
            FIELD_SET(progress->now, slice_trim(rest));
        else if (!slice_is(word, "lesson") || !entry_read(progress, rest))
            return error_set(why, "this is no line of progress");
    }
    return true;
}
