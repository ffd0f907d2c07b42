/* lesson_block.c: the fenced blocks of a lesson: what each kind holds. */
#include "lessons/lesson_private.h"
#include "base/words.h"

/* One block while it is read. */
struct block {
    struct lesson_reader *reader;
    const struct markdown_block *where;
    slice args;                   /* the words behind the kind */
    struct lesson_lines lines;
};

static bool wrong(const struct block *block, slice where, const char *what)
{
    return lesson_wrong(block->reader, block->where->fence, where, "%s", what);
}

static slice fence_line(const struct block *block)
{
    return block->reader->lesson->file[block->where->fence - 1].text;
}

/* --- pieces -------------------------------------------------------------------------------- */

/* Lines from..end as one Markdown text. */
static slice text_of(struct lesson *lesson, uint64_t from, uint64_t end)
{
    struct buf text = BUF_MAX(LESSON_BYTES_MAX * 2);
    for (uint64_t number = from; number < end && number <= lesson->file_count; number++) {
        buf_add(&text, lesson->file[number - 1].text);
        buf_add_char(&text, '\n');
    }
    slice copy = arena_copy(&lesson->arena, buf_slice(&text));
    buf_free(&text);
    return copy;
}

static bool is_empty(slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] != '\n' && !is_space((unsigned char)text.at[i]))
            return false;
    return true;
}

/* Lines that begin with `word` from `from` on; the first that does not, is the end. */
static size_t lines_with(const struct lesson_lines *lines, size_t from, const char *word)
{
    size_t end = from;
    while (end < lines->count && slice_starts(lines->at[end].text, word))
        end++;
    return end;
}

static slice lines_text(const struct block *block, size_t from, size_t end)
{
    return text_of(block->reader->lesson, block->where->first + from, block->where->first + end);
}

/* --- goal ---------------------------------------------------------------------------------- */

static bool goal_checks(struct block *block, struct lesson_goal *goal, size_t from)
{
    struct lesson *lesson = block->reader->lesson;
    goal->checks = arena_take_array(&lesson->arena, block->lines.count, sizeof *goal->checks);
    for (size_t i = from; i < block->lines.count; i++) {
        struct lesson_line line = block->lines.at[i];
        slice text = line.text;
        if (!slice_trim(text).len)
            continue;
        if (take_prefix(&text, "else ") && goal->check_count) {
            goal->checks[goal->check_count - 1].unmet = slice_trim(text);
            continue;
        }
        if (!take_prefix(&text, "check "))
            return lesson_wrong(block->reader, line.number, line.text, "`check ...` belongs here, "
                                "or `else` and words behind one");
        goal->checks[goal->check_count++] = (struct lesson_check){ .line = line,
                                                                   .text = slice_trim(text) };
    }
    return goal->check_count || wrong(block, fence_line(block), "a goal has a line of words, and "
                                      "then checks: check server ...");
}

static bool goal_read(struct block *block)
{
    struct lesson *lesson = block->reader->lesson;
    slice word = take_word(&block->args);
    size_t words = 0;
    if (lesson->goal_count == LESSON_GOALS_MAX)
        return wrong(block, fence_line(block), "a lesson has 12 goals at most");
    struct lesson_goal *goal = &lesson->goals[lesson->goal_count];
    goal->number = block->where->fence;
    goal->stays = slice_is(word, "stays");
    if (word.len && !goal->stays)
        return wrong(block, fence_line(block), "behind `goal` stands nothing, or `stays`");
    while (words < block->lines.count && !slice_starts(block->lines.at[words].text, "check "))
        words++;
    slice text = lines_text(block, 0, words);
    if (is_empty(text))
        return wrong(block, fence_line(block), "a goal begins with words: what is to be reached");
    char *one_line = arena_take(&lesson->arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        one_line[i] = text.at[i] == '\n' ? ' ' : text.at[i];
    goal->words = slice_trim((slice){ one_line, text.len });
    lesson->goal_count++;
    return goal_checks(block, goal, words);
}

/* --- hint ---------------------------------------------------------------------------------- */

static bool goal_there(struct block *block)
{
    return block->reader->lesson->goal_count > 0 ||
           wrong(block, fence_line(block), "this block belongs behind a goal");
}

static bool hint_whens(struct block *block, struct lesson_hint *hint, size_t count)
{
    hint->when = arena_take_array(&block->reader->lesson->arena, count + 1, sizeof *hint->when);
    for (size_t i = 0; i < count; i++) {
        slice text = slice_from(block->lines.at[i].text, 5);
        struct lesson_check *check = &hint->when[hint->when_count++];
        check->negated = take_prefix(&text, "not ");
        check->text = slice_trim(text);
        check->line = block->lines.at[i];
    }
    return true;
}

static bool hint_read(struct block *block)
{
    struct lesson *lesson = block->reader->lesson;
    slice word = take_word(&block->args), name = take_word(&block->args);
    bool mistake = slice_is(word, "mistake");
    if (!goal_there(block))
        return false;
    if (lesson->hint_count == LESSON_HINTS_MAX)
        return wrong(block, fence_line(block), "a lesson has 64 hints at most");
    if ((word.len && !mistake) || (mistake && !lesson_name_is_good(name)))
        return wrong(block, fence_line(block), "behind `hint` stands nothing, or `mistake` and a "
                     "name: hint mistake 3");
    size_t whens = lines_with(&block->lines, 0, "when ");
    if (mistake && !whens)
        return wrong(block, fence_line(block), "a hint for a mistake begins with `when` and a "
                     "check: when rule RCPT WRONG_TIME");
    if (!mistake && whens)
        return lesson_wrong(block->reader, block->lines.at[0].number, block->lines.at[0].text,
                            "`when` is for hints that answer a mistake: hint mistake NAME");
    struct lesson_hint *hint = &lesson->hints[lesson->hint_count++];
    *hint = (struct lesson_hint){ .goal = lesson->goal_count - 1, .mistake = name,
                                  .number = block->where->fence,
                                  .words = lines_text(block, whens, block->lines.count) };
    if (is_empty(hint->words))
        return wrong(block, fence_line(block), "the hint is empty");
    return hint_whens(block, hint, whens);
}

/* --- the others ---------------------------------------------------------------------------- */

static bool predict_read(struct block *block)
{
    struct lesson *lesson = block->reader->lesson;
    size_t last = block->lines.count;
    while (last && !slice_trim(block->lines.at[last - 1].text).len)
        last--;
    struct lesson_line line = last ? block->lines.at[last - 1]
                                   : (struct lesson_line){ .number = 0 };
    slice text = line.text;
    if (!last || !take_prefix(&text, "answer ") || is_empty(lines_text(block, 0, last - 1)))
        return wrong(block, fence_line(block), "a predict block has a question, and then "
                     "`answer` with a check that finds it");
    if (lesson->predict_count == LESSON_GOALS_MAX)
        return wrong(block, fence_line(block), "too many predictions");
    lesson->predicts[lesson->predict_count++] = (struct lesson_predict){
        .goal = lesson->goal_count, .question = lines_text(block, 0, last - 1),
        .answer = { .line = line, .text = slice_trim(text) } };
    return true;
}

static bool setup_read(struct block *block)
{
    struct lesson *lesson = block->reader->lesson;
    if (lesson->setup.count || lesson->goal_count)
        return wrong(block, fence_line(block), "one block `setup` stands before all goals");
    lesson->setup = block->lines;
    return true;
}

static bool solution_read(struct block *block)
{
    struct lesson *lesson = block->reader->lesson;
    if (!goal_there(block))
        return false;
    struct lesson_goal *goal = &lesson->goals[lesson->goal_count - 1];
    if (goal->solution.count)
        return wrong(block, fence_line(block), "this goal has a solution already");
    goal->solution = block->lines;
    return goal->solution.count || wrong(block, fence_line(block), "the solution is empty");
}

static bool also_read(struct block *block)
{
    struct lesson *lesson = block->reader->lesson;
    if (lesson->also_count == LESSON_CASES_MAX)
        return wrong(block, fence_line(block), "too many of them");
    lesson->also[lesson->also_count++] = (struct lesson_case){ .number = block->where->fence,
                                                               .lines = block->lines };
    return true;
}

/* "near-miss goal 2 mistake 3" */
static bool miss_read(struct block *block)
{
    struct lesson *lesson = block->reader->lesson;
    uint64_t goal = 0;
    bool form = slice_is(take_word(&block->args), "goal") &&
                word_number(take_word(&block->args), LESSON_GOALS_MAX, &goal) && goal &&
                slice_is(take_word(&block->args), "mistake");
    slice name = take_word(&block->args);
    if (!form || !lesson_name_is_good(name))
        return wrong(block, fence_line(block), "it names the goal that stays unmet and the "
                     "mistake: near-miss goal 2 mistake 3");
    if (lesson->miss_count == LESSON_CASES_MAX)
        return wrong(block, fence_line(block), "too many near misses");
    lesson->misses[lesson->miss_count++] = (struct lesson_case){
        .number = block->where->fence, .goal = (size_t)goal - 1, .mistake = name,
        .lines = block->lines };
    return true;
}

static bool after_read(struct block *block)
{
    struct lesson *lesson = block->reader->lesson;
    if (lesson->after.len)
        return wrong(block, fence_line(block), "there is an `after` already");
    lesson->after = lines_text(block, 0, block->lines.count);
    return true;
}

static const struct {
    const char *kind;
    bool (*read)(struct block *);
} kinds[] = {
    { "setup", setup_read },     { "goal", goal_read },      { "hint", hint_read },
    { "predict", predict_read }, { "solution", solution_read }, { "also", also_read },
    { "near-miss", miss_read },  { "after", after_read },
};

/* --- all of them --------------------------------------------------------------------------- */

/* A block that is only shown, as part of the prose. */
static bool is_shown(slice kind) { return !kind.len || slice_is(kind, "text"); }

static bool block_read(struct lesson_reader *reader, const struct markdown_block *where)
{
    struct lesson *lesson = reader->lesson;
    struct block block = { .reader = reader, .where = where, .args = where->info,
                           .lines = { &lesson->file[where->fence],
                                      (size_t)(where->end - where->first) } };
    slice kind = take_word(&block.args);
    struct guess guess = guess_begin(kind);
    if (!where->closed)
        return wrong(&block, fence_line(&block), "the block has no end: a line of ``` closes it");
    for (size_t i = 0; i < COUNT(kinds); i++) {
        guess_offer(&guess, slice_of(kinds[i].kind));
        if (slice_is(kind, kinds[i].kind))
            return kinds[i].read(&block);
    }
    if (guess_found(&guess))
        return lesson_wrong(reader, where->fence, slice_from(fence_line(&block), 3),
                            "no block is called that. Did you mean `%.*s`?",
                            SLICE_ARG(guess.best));
    return wrong(&block, slice_from(fence_line(&block), 3), "no block is called that: there are "
                 "setup, goal, hint, predict, solution, also, near-miss, after, and text, which "
                 "is only shown");
}

/* Prose belongs to the goal that comes next. */
static void prose_take(struct lesson_reader *reader, uint64_t from, uint64_t end)
{
    struct lesson *lesson = reader->lesson;
    slice text = text_of(lesson, from, end);
    if (is_empty(text) || lesson->goal_count == LESSON_GOALS_MAX)
        return;
    struct lesson_goal *goal = &lesson->goals[lesson->goal_count];
    goal->before = arena_format(&lesson->arena, "%.*s%s%.*s", SLICE_ARG(goal->before),
                                goal->before.len ? "\n" : "", SLICE_ARG(text));
}

void lesson_blocks_read(struct lesson_reader *reader, uint64_t from)
{
    struct lesson *lesson = reader->lesson;
    struct markdown_block *blocks;
    struct buf text = BUF_MAX(LESSON_BYTES_MAX * 2);
    for (uint64_t number = 1; number < from; number++)
        buf_add_char(&text, '\n');
    slice body = text_of(lesson, from, lesson->file_count + 1);
    buf_add(&text, body);
    size_t count = markdown_blocks(&lesson->arena, buf_slice(&text), &blocks);
    for (size_t i = 0; i < count; i++) {
        slice info = blocks[i].info;
        if (is_shown(take_word(&info)) && blocks[i].closed)
            continue;
        prose_take(reader, from, blocks[i].fence);
        block_read(reader, &blocks[i]);
        from = blocks[i].end + 1;
    }
    slice rest = text_of(lesson, from, lesson->file_count + 1);
    bool lost = lesson->goal_count < LESSON_GOALS_MAX &&
                lesson->goals[lesson->goal_count].before.len && lesson->goal_count;
    if ((!is_empty(rest) && count) || lost)
        lesson_wrong(reader, from, SLICE_EMPTY, "prose behind the last goal is never shown: it "
                     "belongs into `after`");
    buf_free(&text);
}
