/* prove.c: is a lesson what it should be? It is played in each way that it tells of, and in some
   that follow from it: other tags, small letters, a NOOP between. */
#include "base/words.h"
#include "lessons/course.h"
#include "lessons/sitting.h"
#include "sim/devices/device.h"
#include "sim/hosts/host.h"
#include "sim/language/script.h"
#include "views/utf8.h"

#define COLUMNS 80
#define LINE_BYTES_MAX 65536

struct proof {
    slice text;
    uint64_t seed;
    const struct command *const *tables;
    lesson_fault_fn *tell;
    void *context;
    bool ok;
};

static void wrong(struct proof *proof, const struct lesson *lesson, uint64_t number,
                  const struct error *why, size_t at)
{
    struct lesson_fault fault = { .number = number, .at = at, .why = *why };
    if (number && number <= lesson->file_count)
        fault.line = lesson->file[number - 1].text;
    proof->ok = false;
    proof->tell(proof->context, &fault);
}

#define WRONG(proof, lesson, number, ...)                                                          \
    do {                                                                                           \
        struct error why_;                                                                         \
        error_set(&why_, __VA_ARGS__);                                                             \
        wrong(proof, lesson, number, &why_, 0);                                                    \
    } while (0)

/* --- playing ------------------------------------------------------------------------------- */

/* What a line is changed into before it is typed. */
enum manner { AS_WRITTEN, SMALL_LETTERS, WITH_NOOPS };

static bool expects_command(const struct world *world)
{
    uint64_t left;
    return script_is_connected(world) &&
           device_expects(world, world->here, &left) == EXPECTS_COMMAND;
}

static bool speaks_imap(const struct world *world)
{
    const struct session *session = host_session(world, world->here->typed_conn);
    return session && session->protocol->form == FORM_TAG;
}

/* In SMTP and POP3 the verb, in IMAP the verb behind another tag; without a tag it stays so. */
static void line_small(struct buf *out, const struct world *world, slice line)
{
    slice rest = line, word = take_word(&rest);
    const struct session *session = host_session(world, world->here->typed_conn);
    if (speaks_imap(world) && protocol_verb(session->protocol, word) == EV_UNKNOWN) {
        buf_add_text(out, "Q");
        for (size_t i = 0; i < word.len && i < 20; i++)
            if (is_alnum((unsigned char)word.at[i]))
                buf_add_char(out, word.at[i]);
        buf_add_text(out, "x ");
        word = take_word(&rest);
    }
    for (size_t i = 0; i < word.len; i++)
        buf_add_char(out, to_lower(word.at[i]));
    buf_add(out, rest);
}

static void line_say(struct sitting *sitting, struct buf *said)
{
    static const struct look look = { .plain = true, .columns = COLUMNS };
    buf_clear(said);
    sitting_say_news(sitting, said, &look);
    sitting->asks = -1;
}

static slice noop_of(const struct world *world)
{
    return speaks_imap(world) ? SLICE("n0 NOOP") : SLICE("NOOP");
}

static bool line_play(struct proof *proof, struct sitting *sitting, const struct lesson_line *line,
                      enum manner manner)
{
    struct buf typed = BUF_MAX(LINE_BYTES_MAX), said = BUF_MAX(1u << 20);
    struct error why = { "" };
    size_t at = 0;
    bool server = expects_command(sitting->world) &&
                  !script_line_is_command(sitting->world, line->text);
    if (server && manner == WITH_NOOPS)
        may_fail(sitting_line(sitting, noop_of(sitting->world), &at, &why) == LINE_RUN);
    if (server && manner == SMALL_LETTERS)
        line_small(&typed, sitting->world, line->text);
    else
        buf_add(&typed, line->text);
    enum line_result result = sitting_line(sitting, buf_slice(&typed), &at, &why);
    line_say(sitting, &said);
    buf_free(&typed);
    buf_free(&said);
    if (result != LINE_UNREADABLE && result != LINE_BROKEN)
        return true;
    wrong(proof, sitting->lesson, line->number, &why, at);
    return false;
}

static bool lines_play(struct proof *proof, struct sitting *sitting,
                       const struct lesson_lines *lines, enum manner manner, size_t less)
{
    for (size_t i = 0; i + less < lines->count; i++)
        if (!line_play(proof, sitting, &lines->at[i], manner))
            return false;
    return true;
}

static struct sitting *sitting_fresh(const struct proof *proof)
{
    return sitting_new(proof->text, proof->seed, proof->tables, proof->tell, proof->context);
}

/* --- what is proved ------------------------------------------------------------------------ */

static void text_fits(struct proof *proof, const struct lesson *lesson, uint64_t number, slice text)
{
    struct buf out = BUF_MAX(LESSON_BYTES_MAX * 2);
    slice rest = text;
    while (rest.len)
        if (slice_starts(slice_trim(take_until(&rest, '\n')), ">"))
            WRONG(proof, lesson, number, "a line that begins with > is a quotation in Markdown");
    markdown_write(&out, text, 3, COLUMNS);
    rest = buf_slice(&out);
    while (rest.len) {
        slice line = take_until(&rest, '\n');
        if (utf8_width(line) > COLUMNS)
            WRONG(proof, lesson, number, "a line of this text is wider than %d columns: %.*s",
                  COLUMNS, SLICE_ARG(slice_upto(line, 60)));
    }
    buf_free(&out);
}

static void texts_fit(struct proof *proof, const struct lesson *lesson)
{
    for (size_t i = 0; i < lesson->goal_count; i++)
        text_fits(proof, lesson, lesson->goals[i].number, lesson->goals[i].before);
    for (size_t i = 0; i < lesson->hint_count; i++)
        text_fits(proof, lesson, lesson->hints[i].number, lesson->hints[i].words);
    for (size_t i = 0; i < lesson->predict_count; i++)
        text_fits(proof, lesson, lesson->predicts[i].answer.line.number,
                  lesson->predicts[i].question);
    text_fits(proof, lesson, lesson->file_count, lesson->after);
}

static void start_is_unsolved(struct proof *proof, const struct sitting *sitting)
{
    for (size_t i = 0; i < sitting->lesson->goal_count; i++)
        if (sitting->goals[i].met)
            WRONG(proof, sitting->lesson, sitting->lesson->goals[i].number,
                  "goal %zu is met before anything was typed", i + 1);
    for (size_t i = 0; i < sitting->lesson->hint_count; i++)
        if (sitting->mistake_now[i])
            WRONG(proof, sitting->lesson, sitting->lesson->hints[i].number,
                  "this mistake is seen before anything was typed");
}

/* Behind the solution of each goal it is met, and none after it. */
static void solution_solves(struct proof *proof, enum manner manner)
{
    static const char *const manners[] = { "", ", in small letters and with other tags",
                                           ", with a NOOP before each line" };
    struct sitting *sitting = sitting_fresh(proof);
    const struct lesson *lesson = sitting->lesson;
    bool goes_on = true;
    for (size_t i = 0; goes_on && i < lesson->goal_count; i++) {
        goes_on = lines_play(proof, sitting, &lesson->goals[i].solution, manner, 0);
        struct check_result result = { .ok = false };
        if (goes_on && !sitting->goals[i].met) {
            sitting_unmet(sitting, i, &result);
            WRONG(proof, lesson, lesson->goals[i].number, "the solution does not meet goal %zu%s "
                  "(found: %s)", i + 1, manners[manner], result.found);
        }
        for (size_t later = i + 1; goes_on && later < lesson->goal_count; later++)
            if (sitting->goals[later].met)
                WRONG(proof, lesson, lesson->goals[later].number,
                      "goal %zu is met already by the solution of goal %zu%s", later + 1, i + 1,
                      manners[manner]);
    }
    if (goes_on && !sitting_is_met(sitting))
        WRONG(proof, lesson, 0, "the solution does not leave all goals met%s", manners[manner]);
    for (size_t i = 0; i < lesson->hint_count; i++)
        if (sitting->mistake_told[i])
            WRONG(proof, lesson, lesson->hints[i].number,
                  "the solution is told of this mistake%s", manners[manner]);
    sitting_free(sitting);
}

static void solution_needs_its_end(struct proof *proof)
{
    struct sitting *sitting = sitting_fresh(proof);
    const struct lesson *lesson = sitting->lesson;
    bool goes_on = true;
    for (size_t i = 0; goes_on && i < lesson->goal_count; i++)
        goes_on = lines_play(proof, sitting, &lesson->goals[i].solution, AS_WRITTEN,
                             i + 1 == lesson->goal_count);
    if (goes_on && sitting_is_met(sitting))
        WRONG(proof, lesson, lesson->goals[lesson->goal_count - 1].number,
              "the solution's last line changes nothing: without it all goals are met too");
    sitting_free(sitting);
}

static void others_solve(struct proof *proof, size_t number)
{
    struct sitting *sitting = sitting_fresh(proof);
    const struct lesson_case *also = &sitting->lesson->also[number];
    if (lines_play(proof, sitting, &also->lines, AS_WRITTEN, 0) && !sitting_is_met(sitting))
        WRONG(proof, sitting->lesson, also->number, "this other solution does not meet goal %zu",
              sitting_next(sitting) + 1);
    sitting_free(sitting);
}

static bool mistake_was_told(const struct sitting *sitting, slice name)
{
    for (size_t i = 0; i < sitting->lesson->hint_count; i++)
        if (sitting->mistake_told[i] && slice_equal(sitting->lesson->hints[i].mistake, name))
            return true;
    return false;
}

static void miss_is_refused(struct proof *proof, size_t number)
{
    struct sitting *sitting = sitting_fresh(proof);
    const struct lesson_case *miss = &sitting->lesson->misses[number];
    if (lines_play(proof, sitting, &miss->lines, AS_WRITTEN, 0)) {
        if (sitting->goals[miss->goal].met)
            WRONG(proof, sitting->lesson, miss->number, "this near miss meets goal %zu",
                  miss->goal + 1);
        if (!mistake_was_told(sitting, miss->mistake))
            WRONG(proof, sitting->lesson, miss->number, "this near miss does not earn the hint of "
                  "mistake %.*s", SLICE_ARG(miss->mistake));
    }
    sitting_free(sitting);
}

/* What a lesson says it corrects, a near miss shows. */
static void corrections_are_shown(struct proof *proof, const struct lesson *lesson)
{
    for (size_t i = 0; i < lesson->correct_count; i++) {
        bool shown = false;
        for (size_t j = 0; j < lesson->miss_count; j++) {
            uint64_t number = 0;
            shown |= word_number(lesson->misses[j].mistake, UINT32_MAX, &number) &&
                     number == lesson->corrects[i];
        }
        if (!shown)
            WRONG(proof, lesson, 1, "it corrects misconception %u, and no near miss shows it:  "
                  "near-miss goal N mistake %u", lesson->corrects[i], lesson->corrects[i]);
    }
}

static void seed_prove(struct proof *proof)
{
    struct sitting *sitting = sitting_fresh(proof);
    if (!sitting) {
        proof->ok = false;
        return;
    }
    start_is_unsolved(proof, sitting);
    texts_fit(proof, sitting->lesson);
    corrections_are_shown(proof, sitting->lesson);
    size_t also = sitting->lesson->also_count, misses = sitting->lesson->miss_count;
    sitting_free(sitting);
    solution_solves(proof, AS_WRITTEN);
    if (!proof->ok)
        return;
    solution_solves(proof, SMALL_LETTERS);
    solution_solves(proof, WITH_NOOPS);
    solution_needs_its_end(proof);
    for (size_t i = 0; i < also; i++)
        others_solve(proof, i);
    for (size_t i = 0; i < misses; i++)
        miss_is_refused(proof, i);
}

bool lesson_prove(slice text, const struct command *const *tables, const uint64_t *seeds,
                  size_t seed_count, lesson_fault_fn *tell, void *context)
{
    struct proof proof = { .text = text, .tables = tables, .tell = tell, .context = context,
                           .ok = true };
    for (size_t i = 0; i < seed_count && proof.ok; i++) {
        proof.seed = seeds[i];
        seed_prove(&proof);
    }
    return proof.ok;
}

bool lesson_texts_prove(slice text, const uint64_t *seeds, size_t seed_count, lesson_fault_fn *tell,
                        void *context)
{
    struct proof proof = { .text = text, .tell = tell, .context = context, .ok = true };
    for (size_t i = 0; i < seed_count && proof.ok; i++) {
        struct lesson *lesson = lesson_read(text, seeds[i], tell, context);
        proof.ok = lesson != NULL;
        if (lesson)
            texts_fit(&proof, lesson);
        lesson_free(lesson);
    }
    return proof.ok;
}
