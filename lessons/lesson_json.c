/* lesson_json.c: a lesson under way as data, for a front end that draws it: words as Markdown,
   goals and what is still open, the question that is asked. Keys are an interface; new ones come
   last. */
#include "lessons/sitting.h"
#include "views/json_write.h"

static void unmet_add(struct buf *out, const struct sitting *sitting, size_t goal)
{
    struct check_result result;
    const struct lesson_check *check = sitting->goals[goal].met ? NULL
                                       : sitting_unmet(sitting, goal, &result);
    if (!check) {
        json_put_null(out, "unmet");
        return;
    }
    json_begin(out, "unmet", '{');
    json_put_text(out, "check", check->text);
    json_put_name(out, "found", result.found);
    json_put_text(out, "words", check->unmet);
    json_end(out, '}');
}

static size_t hints_of(const struct lesson *lesson, size_t goal)
{
    size_t count = 0;
    for (size_t i = 0; i < lesson->hint_count; i++)
        count += lesson->hints[i].goal == goal && !lesson->hints[i].mistake.len;
    return count;
}

static void goals_add(struct buf *out, const struct sitting *sitting)
{
    const struct lesson *lesson = sitting->lesson;
    json_begin(out, "goals", '[');
    for (size_t i = 0; i < lesson->goal_count; i++) {
        size_t hints = hints_of(lesson, i), given = sitting->goals[i].hints;
        json_begin(out, NULL, '{');
        json_put_text(out, "words", lesson->goals[i].words);
        json_put_truth(out, "met", sitting->goals[i].met);
        json_put_text(out, "prose", lesson->goals[i].before);
        json_put_number(out, "hints", (int64_t)given);
        json_put_number(out, "hintsLeft", given < hints ? (int64_t)(hints - given) : 0);
        json_begin(out, "given", '[');
        for (size_t k = 0, n = 0; k < lesson->hint_count && n < given; k++)
            if (lesson->hints[k].goal == i && !lesson->hints[k].mistake.len) {
                json_put_text(out, NULL, lesson->hints[k].words);
                n++;
            }
        json_end(out, ']');
        unmet_add(out, sitting, i);
        json_end(out, '}');
    }
    json_end(out, ']');
}

/* A right answer is told only when its goal is met. */
static void predictions_add(struct buf *out, const struct sitting *sitting)
{
    const struct lesson *lesson = sitting->lesson;
    json_begin(out, "predictions", '[');
    for (size_t i = 0; i < lesson->predict_count; i++) {
        if (!sitting->predict_asked[i])
            continue;
        json_begin(out, NULL, '{');
        json_put_text(out, "question", lesson->predicts[i].question);
        json_put_name(out, "said", sitting->predictions[i]);
        json_put_number(out, "goal", (int64_t)lesson->predicts[i].goal);
        json_put_truth(out, "told", sitting->predict_told[i]);
        json_end(out, '}');
    }
    json_end(out, ']');
}

static void mistakes_add(struct buf *out, const struct sitting *sitting)
{
    const struct lesson *lesson = sitting->lesson;
    json_begin(out, "mistakes", '[');
    for (size_t i = 0; i < lesson->hint_count; i++) {
        if (!sitting->mistake_told[i])
            continue;
        json_begin(out, NULL, '{');
        json_put_text(out, "name", lesson->hints[i].mistake);
        json_put_text(out, "words", lesson->hints[i].words);
        json_put_truth(out, "now", sitting->mistake_now[i]);
        json_end(out, '}');
    }
    json_end(out, ']');
}

void sitting_json(const struct sitting *sitting, struct buf *out)
{
    const struct lesson *lesson = sitting->lesson;
    json_begin(out, NULL, '{');
    json_put_text(out, "name", lesson->name);
    json_put_text(out, "title", lesson->title);
    json_put_text(out, "part", lesson->part);
    json_put_number(out, "minutes", (int64_t)lesson->minutes);
    goals_add(out, sitting);
    json_put_number(out, "next", (int64_t)sitting_next(sitting));
    if (sitting->asks >= 0) {
        json_begin(out, "asks", '{');
        json_put_text(out, "question", lesson->predicts[sitting->asks].question);
        json_end(out, '}');
    } else {
        json_put_null(out, "asks");
    }
    predictions_add(out, sitting);
    mistakes_add(out, sitting);
    if (sitting_is_met(sitting))
        json_put_text(out, "after", lesson->after);
    else
        json_put_null(out, "after");
    json_put_number(out, "hints", sitting->hints);
    json_put_number(out, "solutions", sitting->solutions);
    json_put_truth(out, "finished", sitting->finished);
    json_end(out, '}');
}
