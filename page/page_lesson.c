/* page_lesson.c: the course in a page: one lesson's world at a time stands above the own one,
   which waits. What was done is text that the page keeps. */
#include "page/page.h"

struct course *course;
static struct desk lesson_desk;

/* A lesson that comes with the program is sound: tests prove it. */
static void fault_told(void *context, const struct lesson_fault *fault)
{
    (void)context;
    buf_format(&outputs[ANSWER_OUT], "%llu: %s\n", (unsigned long long)fault->number,
               fault->why.text);
}

void course_open(slice progress)
{
    struct error why;
    uint64_t line;
    if (!course)
        course = course_new(fault_told, NULL);
    course->progress = (struct progress){ 0 };
    if (progress.len && !progress_read(&course->progress, progress, &line, &why))
        buf_format(&course->say, "The progress that was kept can't be read from line %llu on: %s\n",
                   (unsigned long long)line, why.text);
    desk->front.course = course;
}

EXPORT(page_course) void page_course(const char *progress, size_t len)
{
    course_open((slice){ progress, len });
}

bool lesson_enter(slice name, struct buf *said)
{
    size_t number = course_find(course, name);
    const struct desk *bottom = desk;
    while (bottom->below)
        bottom = bottom->below;
    if (number == course->count)
        return false;
    struct sitting *sitting = sitting_new(course->texts[number], bottom->world->seed, page_tables,
                                          fault_told, NULL);
    if (!sitting)
        return false;
    while (desk->below)
        desk_drop();
    desk_take(&lesson_desk, sitting->world, sitting->timeline, sitting->lesson->name.at);
    desk->sitting = sitting;
    desk->shown = trace_end(sitting->world->trace);
    desk->front.no_notes = sitting->lesson->no_notes;
    lesson_note(course, sitting, true);
    sitting_say_start(sitting, said, &desk->front.look);
    return true;
}

bool desk_leave(struct buf *said)
{
    if (!desk->below)
        return false;
    desk_drop();
    course->wants = false;
    buf_add_text(said, desk->sitting ? "You are back in the lesson.\n"
                                     : "You are back in your own world.\n");
    return true;
}
