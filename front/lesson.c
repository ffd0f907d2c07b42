/* lesson.c: see lesson.h. */
#include "front/lesson.h"

#include <string.h>

#include "base/words.h"

bool lesson_note(struct course *course, const struct sitting *sitting, bool begins)
{
    struct progress_lesson *entry = course ? progress_entry(&course->progress,
                                                            sitting->lesson->name) : NULL;
    if (!entry)
        return false;
    entry->tries += begins;
    FIELD_SET(course->progress.now, sitting->lesson->name);
    entry->seed = sitting->world->seed;
    entry->goals = (unsigned)sitting->lesson->goal_count;
    entry->met = 0;
    for (size_t i = 0; i < sitting->lesson->goal_count; i++)
        entry->met += sitting->goals[i].met;
    entry->done = entry->done || sitting_is_met(sitting);
    entry->hints = sitting->hints;
    entry->solutions = sitting->solutions;
    entry->predicted = sitting->predictions_made;
    entry->right = sitting->predictions_right;
    return true;
}

void lesson_news(struct course *course, struct sitting *sitting, struct front *front,
                 struct buf *said, bool *noted)
{
    bool finished = sitting->finished;
    size_t next = sitting_next(sitting), before = said->len;
    sitting_say_news(sitting, said, &front->look);
    *noted = said->len > before && lesson_note(course, sitting, false);
    if (sitting->finished && !finished && course && next == sitting->lesson->goal_count) {
        buf_add_char(said, '\n');
        course_say_next(course, sitting->lesson->name, said, front->look.columns);
    }
    if (sitting->prefill[0])
        memcpy(front->prefill, sitting->prefill, sizeof front->prefill);
    sitting->prefill[0] = '\0';
}

bool lesson_takes_wish(struct course *course, struct sitting *sitting, char wanted[64])
{
    bool skips = sitting && sitting->wants == WANTS_SKIP;
    if (!course || !(course->wants || (sitting && sitting->wants != WANTS_NOTHING)))
        return false;
    memcpy(wanted, course->wanted, sizeof course->wanted);
    course->wants = false;
    if (sitting)
        sitting->wants = WANTS_NOTHING;
    if (skips) {
        const struct lesson *next = course_next(course, sitting->lesson->name);
        slice name = next ? next->name : SLICE_EMPTY;
        memcpy(wanted, name.at, name.len);
        wanted[name.len] = '\0';
    }
    return true;
}
