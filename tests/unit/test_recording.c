/* test_recording.c: recordings of real programs: each is read, played against our servers and
   answered as it was; questions, going back, straying, what differs, what bad files get. */
#include "lessons/replay.h"
#include "repl/repl.h"
#include "sim/net/random.h"
#include "sim/world.h"
#include "tests/unit/language.h"

#define MUTATIONS 1000
#define SAID_MAX (1u << 20)

static const struct look look = { .plain = true, .columns = 80 };

static struct lesson_fault fault;   /* the last one that was told */
static char fault_line[8192];
static unsigned faults;

static void fault_take(void *context, const struct lesson_fault *told)
{
    (void)context;
    fault = *told;
    snprintf(fault_line, sizeof fault_line, "%.*s", (int)(told->line.len < 4000 ? told->line.len
                                                                               : 4000),
             told->line.at);
    faults++;
}

static slice text_of(const struct recording_text *text)
{
    return (slice){ (const char *)text->at, text->len };
}

static struct rerun *replay_of(slice text)
{
    struct recording *recording = recording_read(SLICE("test"), text, fault_take, NULL);
    ck_assert_msg(recording != NULL, "line %llu: %s", (unsigned long long)fault.number,
                  fault.why.text);
    struct rerun *replay = replay_new(recording, repl_tables, fault_take, NULL);
    ck_assert_msg(replay != NULL, "%s", fault.why.text);
    replay_look(replay);
    return replay;
}

/* Plays one step. What is said behind it is added. */
static void step(struct rerun *replay, struct buf *said)
{
    struct buf line = BUF_MAX(REPLAY_LINE_MAX);
    struct refused refused;
    size_t number = replay->step;
    uint64_t from = trace_end(replay->world->trace);
    ck_assert_msg(replay_line(replay, &line), "step %zu can't be played", number);
    ck_assert_msg(run_slice(replay->world, buf_slice(&line), &refused) == LINE_RUN,
                  "step %zu: %s", number, refused.why.text);
    replay_look(replay);
    ck_assert_msg(!replay->strayed && replay->step == number + 1, "step %zu led to %zu", number,
                  replay->step);
    replay_say_after(replay, number, NULL, from, said, &look);
    buf_free(&line);
}

/* --- what comes with the program ----------------------------------------------------------- */

static void questions_are_sound(const struct recording *recording)
{
    for (size_t i = 0; i < recording->step_count; i++) {
        slice answers[RECORDING_GUESSES_MAX + 1];
        size_t right;
        const struct recording_step *asked = &recording->steps[i];
        if (!asked->ask.len)
            continue;
        size_t count = recording_answers(recording, i, answers, &right);
        ck_assert_uint_ge(count, 2);
        ck_assert_uint_lt(right, count);
        ck_assert(asked->fact.len);
        const struct recording_entry *held = &recording->entries[asked->asked];
        ck_assert(asked->asked >= asked->first && asked->asked < asked->end);
        ck_assert(held->kind > ENTRY_CLIENT || contains(held->text, "") );
        if (held->kind == ENTRY_CLIENT || held->kind == ENTRY_SERVER)
            ck_assert(answers[right].at >= held->text.at &&
                      answers[right].at + answers[right].len == held->text.at + held->text.len);
    }
}

START_TEST(test_listed)
{
    const struct recording_text *text = &recording_texts[_i];
    struct buf said = BUF_MAX(SAID_MAX);
    struct rerun *replay = replay_of(text_of(text));
    size_t surprises = 0, count = replay->recording->step_count;
    questions_are_sound(replay->recording);
    for (size_t i = 0; i < count; i++) {
        struct replay_unlike unlike;
        uint64_t from = trace_end(replay->world->trace);
        surprises += replay->recording->steps[i].ask.len > 0;
        step(replay, &said);
        bool differs = replay_differs(replay, i, from, &unlike);
        bool declared = replay->recording->steps[i].differs.len > 0;
        ck_assert_msg(differs == declared, "%s, line %llu: recorded \"%.*s\", ours \"%.*s\", "
                      "states %.*s and %.*s", text->name,
                      (unsigned long long)
                          replay->recording->entries[replay->recording->steps[i].first].number,
                      SLICE_ARG(unlike.recorded), SLICE_ARG(unlike.ours), SLICE_ARG(unlike.state),
                      SLICE_ARG(unlike.our_state));
    }
    ck_assert_uint_eq(replay_unlikes(replay), 0);
    ck_assert_msg(surprises > 0, "%s surprises nobody", text->name);
    buf_free(&said);
    replay_free(replay);
}
END_TEST

/* --- a small one --------------------------------------------------------------------------- */

#define HEAD                                                                          \
    "# Pennypost recording, format 1\ntitle: T\nprogram: P 1\ndate: 2026-11-30\n"     \
    "service: pop3\nserver: Pennypost\nlogin: ana tulip\ncommand: p\nsituation: S\n"
#define SMALL                                                                         \
    HEAD "0 opens\n1 S: +OK hello\n  = AUTHORIZATION\n"                               \
         "ask: What first?\nguess: USER ana\nor: STAT\nfact: It asks.\n2 C: CAPA\n"   \
         "3 S: +OK\n3 S: TOP\n3 S: .\n4 C: USER ana\n5 S: +OK send PASS\n"            \
         "6 C: PASS tulip\n7 S: +OK\n  = TRANSACTION\n1800 C: NOOP\n1800 C+ STAT\n"   \
         "1801 S: +OK\n1801 S: +OK 4 1\n1900 closes\n1901 opens\n1902 S: +OK\n1903 lost\n"

START_TEST(test_back_and_astray)
{
    struct rerun *replay = replay_of(SLICE(SMALL));
    struct buf said = BUF_MAX(SAID_MAX), line = BUF_MAX(REPLAY_LINE_MAX);
    size_t choice = 9;
    for (size_t i = 0; i < 3; i++)
        step(replay, &said);
    ck_assert(contains(buf_slice(&said), "It asks."));
    ck_assert(!contains(buf_slice(&said), "otherwise"));
    run(replay->world, "NOOP");
    replay_look(replay);
    ck_assert(replay->strayed);
    may_fail(script_line(replay->world, SLICE(":undo"), &choice, &(struct error){ "" }) ==
             LINE_EMPTY);
    replay_look(replay);
    ck_assert(!replay->strayed && replay->step == 3);
    run(replay->world, "PASS tulip");   /* the very line: it goes along */
    replay_look(replay);
    ck_assert(!replay->strayed && replay->step == 4);
    ck_assert(replay_line(replay, &line));
    ck_assert(slice_is(buf_slice(&line), ":send \"NOOP\\r\\nSTAT\\r\\n\""));
    buf_clear(&line);
    replay_say_step(replay, SLICE("NOOP"), &line, &look);
    ck_assert(contains(buf_slice(&line), "(1.7 s pass)"));
    while (replay->step < replay->recording->step_count)
        step(replay, &said);
    ck_assert_uint_eq(replay_unlikes(replay), 0);
    buf_free(&line);
    buf_free(&said);
    replay_free(replay);
}
END_TEST

START_TEST(test_question)
{
    struct rerun *replay = replay_of(SLICE(SMALL));
    struct buf said = BUF_MAX(SAID_MAX);
    slice answers[RECORDING_GUESSES_MAX + 1];
    size_t right, choice;
    step(replay, &said);
    size_t count = recording_answers(replay->recording, 1, answers, &right);
    ck_assert_uint_eq(count, 3);
    ck_assert(slice_is(answers[right], "CAPA"));
    ck_assert(replay_choice(replay, SLICE(" B "), &choice) && choice == 1);
    ck_assert(!replay_choice(replay, SLICE("d"), &choice));
    ck_assert(!replay_choice(replay, SLICE("1"), &choice));
    ck_assert(!replay_choice(replay, SLICE("ab"), &choice));
    buf_clear(&said);
    replay_say_question(replay, &said, &look);
    ck_assert(contains(buf_slice(&said), "What first?") && contains(buf_slice(&said), "c  "));
    choice = right ? 0 : 1;
    replay_say_after(replay, 1, &choice, trace_end(replay->world->trace), &said, &look);
    ck_assert(contains(buf_slice(&said), "It is: CAPA"));
    replay_say_after(replay, 1, &right, trace_end(replay->world->trace), &said, &look);
    ck_assert(contains(buf_slice(&said), "is right: CAPA"));
    ck_assert(replay->asked == 2 && replay->right == 1);
    buf_free(&said);
    replay_free(replay);
}
END_TEST

/* A server that answered otherwise, a state that was another, and one that closed. */
START_TEST(test_differs)
{
    static const struct { const char *session, *says; } cases[] = {
        { "1 C: NOOP\n2 S: +OK nothing\n", "Recorded: +OK nothing" },
        { "1 C: CAPA\n2 S: +OK\n  = TRANSACTION\n", "Here:     AUTHORIZATION" },
        { "1 C: CAPA\n", "Recorded: nothing" },
        { "differs: 2026-12-24 It was asked for.\n1 C: NOOP\n2 S: +OK\n", "Known since 2026-12-24: It" },
    };
    struct buf text = BUF_MAX(4096), said = BUF_MAX(SAID_MAX), line = BUF_MAX(REPLAY_LINE_MAX);
    buf_format(&text, "%s0 opens\n0 S: +OK\n%s", HEAD, cases[_i].session);
    struct rerun *replay = replay_of(buf_slice(&text));
    step(replay, &said);
    step(replay, &said);
    ck_assert_msg(contains(buf_slice(&said), cases[_i].says), "%s", buf_text(&said));
    ck_assert_uint_eq(replay_unlikes(replay), _i < 3);
    replay_free(replay);

    buf_clear(&text);
    buf_format(&text, "%s0 opens\n0 S: +OK\n1 C: QUIT\n2 S: +OK\n3 C: NOOP\n", HEAD);
    replay = replay_of(buf_slice(&text));
    step(replay, &said);
    step(replay, &said);
    ck_assert(!replay_line(replay, &line));
    buf_clear(&said);
    replay_say_stuck(replay, &said, &look);
    ck_assert(contains(buf_slice(&said), "has closed it"));
    replay_free(replay);
    buf_free(&line);
    buf_free(&said);
    buf_free(&text);
}
END_TEST

static void is_clean(slice text)
{
    for (size_t i = 0; i < text.len; i++)
        ck_assert_msg(text.at[i] == '\n' || !is_control((unsigned char)text.at[i]), "octet %d",
                      text.at[i]);
}

START_TEST(test_controls)
{
    static const char text[] =
        "# Pennypost recording, format 1\ntitle: \x1b[2JT\nprogram: P\x07\ndate: 2026-11-30\n"
        "service: pop3\nserver: \x1b]0;x\nlogin: ana tulip\ncommand: \x9b\nsituation: \x7f\n"
        "0 opens\n0 S: +OK\nask: \x1b[A?\nguess: \x1b[B\nfact: \x1b\x08.\n1 C: \x1b[31mX\n2 S: "
        "\x1b\n";
    struct rerun *replay = replay_of(SLICE(text));
    struct buf said = BUF_MAX(SAID_MAX);
    size_t choice = 0;
    replay_say_start(replay, true, &said, &look);
    step(replay, &said);
    replay_say_question(replay, &said, &look);
    replay_say_step(replay, SLICE("\x1b[31mX"), &said, &(struct look){ .columns = 80 });
    uint64_t from = trace_end(replay->world->trace);
    step(replay, &said);
    replay_say_after(replay, 1, &choice, from, &said, &look);
    replay_say_end(replay, &said, &look);
    is_clean(buf_slice(&said));
    ck_assert(contains(buf_slice(&said), "\\x1B[2JT"));
    buf_clear(&said);
    replay_json(replay, &said);
    is_clean(buf_slice(&said));
    buf_free(&said);
    replay_free(replay);
}
END_TEST

/* --- bad files ----------------------------------------------------------------------------- */

static const struct {
    const char *text;
    uint64_t number;
    size_t at;
    const char *why;
} refusals[] = {
    { "", 0, 0, "there is no session" },
    { "title: T\n", 1, 0, "a recording begins with" },
    { HEAD, 9, 0, "there is no session" },
    { HEAD "hello\n", 10, 0, "neither `key: words`" },
    { HEAD "colour: red\n", 10, 0, "no key is called that" },
    { HEAD "title:\n", 10, 6, "words belong here" },
    { HEAD "0 begins\n", 10, 2, "behind a time stands" },
    { HEAD "99999999999 opens\n", 10, 0, "a time is a number" },
    { HEAD "0 C: CAPA\n", 10, 0, "no connection is open" },
    { HEAD "0 opens\n1 opens\n", 11, 0, "a connection is open already" },
    { HEAD "5 opens\n4 C: CAPA\n", 11, 0, "time goes back" },
    { HEAD "0 opens\n1 C+ CAPA\n", 11, 0, "C+ goes on" },
    { HEAD "0 opens\n1 C:CAPA\n", 11, 4, "a blank stands behind" },
    { HEAD "0 opens\ntitle: late\n", 11, 0, "behind the first line stand only" },
    { HEAD "ask: early?\n0 opens\n", 10, 0, "there is no session yet" },
    { HEAD "0 opens\nguess: x\n", 11, 0, "a guess answers a question" },
    { HEAD "0 opens\nask: x\nor: y\n", 12, 0, "`guess:` comes before" },
    { HEAD "0 opens\nask: x\nguess: y\nguess: z\n", 13, 0, "there is a guess already" },
    { HEAD "0 opens\nask: x\nguess: y\nor: z\nor: a\n", 14, 0, "wrong answers are enough" },
    { HEAD "0 opens\nask: x\nfact: z\n1 C: CAPA\n", 13, 0, "has no `guess:`" },
    { HEAD "0 opens\nask: x\nguess: y\n1 C: CAPA\n", 13, 0, "has no `fact:`" },
    { HEAD "0 opens\nask: x\nguess: capa\nfact: z\n1 C: CAPA\n", 14, 0, "are the same" },
    { HEAD "0 opens\nfact: z\n= X\n", 12, 0, "a remark stands before" },
    { HEAD "0 opens\n1 C: CAPA\nfact: z\n", 12, 0, "no line follows the remark" },
    { HEAD "date: 30\n0 opens\n", 11, 0, "a date is written" },
    { HEAD "date: 2026-13-01\n0 opens\n", 11, 0, "a date is written" },
    { HEAD "date: 2026-12-00\n0 opens\n", 11, 0, "a date is written" },
    { HEAD "date: 2026-02-29\n0 opens\n", 11, 0, "a date is written" },
    { "# Pennypost recording, format 1\n0 opens\n", 2, 0, "before the session stands `title" },
};

START_TEST(test_refusals)
{
    faults = 0;
    fault = (struct lesson_fault){ .number = 99 };
    struct recording *recording =
        recording_read(SLICE("bad"), slice_of(refusals[_i].text), fault_take, NULL);
    ck_assert_msg(!recording, "%s", refusals[_i].text);
    ck_assert_uint_eq(faults, 1);
    ck_assert_msg(strstr(fault.why.text, refusals[_i].why) != NULL, "%s", fault.why.text);
    ck_assert_msg(fault.number == refusals[_i].number && fault.at == refusals[_i].at,
                  "%s: line %llu at %zu", fault.why.text, (unsigned long long)fault.number,
                  fault.at);
}
END_TEST

START_TEST(test_limits)
{
    struct buf text = BUF_MAX(2 * RECORDING_BYTES_MAX);
    static const struct { const char *line; size_t count; const char *why; } cases[] = {
        { "1 S: +OK\n", RECORDING_ENTRIES_MAX, "at most 2000 lines" },
        { "1 C: NOOP\n", RECORDING_STEPS_MAX, "at most 400 steps" },
        { "# a comment that says nothing\n", RECORDING_BYTES_MAX / 20, "at most 262144 octets" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        buf_clear(&text);
        buf_add_text(&text, HEAD "0 opens\n");
        for (size_t j = 0; j < cases[i].count; j++)
            buf_add_text(&text, cases[i].line);
        ck_assert(!recording_read(SLICE("big"), buf_slice(&text), fault_take, NULL));
        ck_assert_msg(strstr(fault.why.text, cases[i].why) != NULL, "%s", fault.why.text);
    }
    buf_clear(&text);
    buf_add_text(&text, HEAD "0 opens\n1 C: ");
    for (size_t j = 0; j < RECORDING_LINE_MAX; j++)
        buf_add_char(&text, 'x');
    ck_assert(!recording_read(SLICE("long"), buf_slice(&text), fault_take, NULL));
    ck_assert(strstr(fault.why.text, "at most 2000 octets") && fault.at == RECORDING_LINE_MAX);
    buf_free(&text);
}
END_TEST

/* --- mutated ------------------------------------------------------------------------------- */

static void mutate(struct buf *text, slice from, struct random *random)
{
    static const char odd[] = "\0\n\r:+=.C0 9\x1b\xff";
    size_t at = (size_t)random_below(random, from.len),
           len = (size_t)random_below(random, 40) % (from.len - at);
    buf_clear(text);
    buf_add(text, slice_upto(from, at));
    switch (random_below(random, 4)) {
    case 0: buf_add_char(text, odd[random_below(random, sizeof odd - 1)]); len = 1; break;
    case 1: break;                                               /* some octets are gone, */
    case 2: buf_add(text, slice_upto(slice_from(from, at), len)); len = 0; break; /* twice there, */
    default: len = from.len - at;                                /* or all behind it is gone */
    }
    buf_add(text, slice_from(from, at + len));
}

/* It is read, or refused with line, place and reason. */
START_TEST(test_mutated)
{
    struct random random = random_stream(1, SLICE("recording"), "mutations");
    struct buf text = BUF_MAX(2 * RECORDING_BYTES_MAX), said = BUF_MAX(SAID_MAX);
    size_t count = 0, refused = 0;
    while (recording_texts[count].name)
        count++;
    for (unsigned i = 0; i < MUTATIONS; i++) {
        mutate(&text, text_of(&recording_texts[i % count]), &random);
        faults = 0;
        struct recording *recording =
            recording_read(SLICE("mutated"), buf_slice(&text), fault_take, NULL);
        if (recording) {
            for (size_t j = 0; j < recording->step_count; j++) {
                slice answers[RECORDING_GUESSES_MAX + 1];
                size_t right;
                recording_answers(recording, j, answers, &right);
            }
            recording_free(recording);
            continue;
        }
        refused++;
        ck_assert_uint_eq(faults, 1);
        ck_assert(fault.number > 0 && fault.why.text[0]);
        ck_assert(fault.at <= fault.line.len);
    }
    ck_assert_uint_gt(refused, MUTATIONS / 20);
    ck_assert_uint_lt(refused, MUTATIONS);
    buf_free(&said);
    buf_free(&text);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("recording");
    int count = 0;
    while (recording_texts[count].name)
        count++;
    tcase_add_loop_test(tests, test_listed, 0, count);
    tcase_add_test(tests, test_back_and_astray);
    tcase_add_test(tests, test_question);
    tcase_add_loop_test(tests, test_differs, 0, 4);
    tcase_add_test(tests, test_controls);
    tcase_add_loop_test(tests, test_refusals, 0, COUNT(refusals));
    tcase_add_test(tests, test_limits);
    tcase_add_test(tests, test_mutated);
    return run_cases("recording", tests);
}
