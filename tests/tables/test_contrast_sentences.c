/* test_contrast_sentences.c: the sentences of a contrast: no two rows of a topic fit the same
   facts, what a sentence leaves open can be filled in wherever it is told, and each is told in a
   story: one that comes with the program, or one that is built here for it. */
#include <stdio.h>
#include <string.h>

#include "base/words.h"
#include "lessons/contrast_outcome.h"
#include "lessons/lessons.h"
#include "tests/unit/language.h"
#include "views/template.h"
#include "views/views.h"

static const struct command *const tables[] = { sim_commands, view_commands, lesson_commands,
                                                NULL };

/* --- the table ------------------------------------------------------------------------------- */

START_TEST(no_two_rows_fit_the_same_facts)
{
    for (size_t i = 0; i < outcome_row_count; i++)
        for (size_t k = i + 1; k < outcome_row_count; k++) {
            const struct outcome_row *a = &outcome_rows[i], *b = &outcome_rows[k];
            if (a->topic == b->topic)
                ck_assert_msg((a->needs & b->excludes) || (b->needs & a->excludes),
                              "both may be told:\n  %s\n  %s", a->says, b->says);
        }
}
END_TEST

struct reading {
    const struct outcome_row *row;
    bool counted, alternates, flags, lists;
};

static void place_check(void *context, struct buf *out, slice name)
{
    struct reading *reading = context;
    uint64_t needs = 0;
    bool counts = false;
    size_t bar;
    (void)out;
    if (slice_find(name, '|', &bar)) {
        reading->alternates = true;
        return;
    }
    ck_assert_msg(outcome_place(name, &needs, &counts), "{%.*s}: %s", SLICE_ARG(name),
                  reading->row->says);
    ck_assert_msg((needs & ~reading->row->needs) == 0, "{%.*s} may have nothing to say: %s",
                  SLICE_ARG(name), reading->row->says);
    reading->flags |= slice_is(name, "flags");
    reading->lists |= needs && needs < FACT(OUTCOME_LISTS);
    reading->counted |= counts;
}

START_TEST(what_is_left_open_can_be_filled_in)
{
    for (size_t i = 0; i < outcome_row_count; i++) {
        const struct outcome_row *row = &outcome_rows[i];
        struct reading reading = { .row = row };
        struct buf rest = BUF_MAX(1000);
        size_t len = strlen(row->says);
        ck_assert_msg((row->needs & row->excludes) == 0, "nothing fits: %s", row->says);
        ck_assert_int_lt(row->topic, OUTCOME_TOPICS);
        ck_assert(len && (row->topic == TOPIC_SUM || strchr(".)", row->says[len - 1])));
        template_fill(&rest, row->says, place_check, &reading);
        ck_assert_msg(!reading.alternates || reading.counted, "nothing counts: %s", row->says);
        ck_assert_msg(!reading.flags || reading.lists, "whose flags? %s", row->says);
        buf_free(&rest);
    }
}
END_TEST

/* --- told in a story ------------------------------------------------------------------------- */

#define BO_WRITES \
    "on desktop\nmail write ana@campus.example subject \"Keys\" text \"The porter has them.\"\n"
#define BOTH_FETCH "step both fetch\non laptop\nmail sync\non phone\nmail sync\n"
#define OF_ANA " of ana@campus.example\n"

/* For sentences that no story of the program tells. */
static const char *const built[] = {
    /* all on one device, a part on another; on both; a device is lost, and the other has it all */
    "variants pop3-keep-1d imap" OF_ANA "step one\non phone\nmail sync\n"
    "step two\n" BO_WRITES "on laptop\nmail sync\nstep three\nwait 2d\nmail sync\n"
    "step four\nlose phone\n",
    "variants pop3-keep-1d imap" OF_ANA BOTH_FETCH "step later\nwait 2d\non laptop\nmail sync\n",
    /* a copy here, a picture there */
    "variants pop3-delete imap" OF_ANA "step one\nsetup phone imap\non phone\nmail sync\n"
    "step two\non laptop\nmail sync\n",
    /* two pictures; deleted here too, and already gone there */
    "variants imap imap-headers" OF_ANA BOTH_FETCH "step the tablet\non tablet\nmail sync\n"
    "step deletes\nmail delete A\nmail sync\n"
    "step deletes too\non phone\nmail delete A\nmail sync\n",
    /* each device has a part */
    "variants pop3-keep imap" OF_ANA BOTH_FETCH
    "step each\non laptop\nmail delete A\non phone\nmail delete B\nmail sync\n"
    "on laptop\nmail sync\n",
    /* some were deleted on the server, some were not */
    "variants pop3-delete imap" OF_ANA "set mail.campus.example refuse DELE ERR first 2\n"
    "step fetch\non laptop\nmail sync\n",
    /* after the sync: moved, deleted, marked */
    "variants imap imap-headers" OF_ANA BOTH_FETCH
    "step moves\nmail sync\nmail move A Archive\nstep deletes\nmail sync\nmail delete B\n"
    "step marks\nmail sync\nmail flag C\n",
    /* the server hears of nothing; it has nothing any more */
    "variants mpop-keep pop3-delete" OF_ANA BOTH_FETCH "step deletes\non laptop\nmail delete A\n",
    /* it only fetches */
    "variants getmail6-imap imap" OF_ANA BOTH_FETCH
    "step deletes\non laptop\nmail delete A\nmail sync\n",
    /* two devices come to the same mark */
    "variants imap pop3-keep" OF_ANA BOTH_FETCH
    "step laptop\non laptop\nmail read A\nmail sync\nstep phone\non phone\nmail read A\n"
    "step both\nmail flag B\non laptop\nmail flag B\n",
    /* one device, without the network */
    "variants imap pop3-keep" OF_ANA "step one\noffline phone\non phone\nmail sync\n"
    "step two\nonline phone\nmail sync\nstep three\noffline phone\n",
    /* a name that is hers */
    "variants imap pop3-keep" OF_ANA BOTH_FETCH
    "step writes\nmail write bo@campus.example subject \"Soup\" text \"At twelve?\"\n" BO_WRITES,
    /* what only the server, or only the text, shows; what came and went within a step */
    "variants imap imap-on-demand" OF_ANA BOTH_FETCH "step moves and marks\nmail move A Archive\n"
    "mail flag B\nstep tells\nmail sync\nstep reads\nmail read D\nmail unread D\n"
    "step marks\nmail flag C\nstep tells\nmail sync\nstep another\nsetup tablet imap\n"
    "on tablet\nmail sync\nsetup tablet pop3 keep\n",
    /* an account that was changed, and back: all of it goes, and the server has it */
    "variants imap imap-on-demand" OF_ANA BOTH_FETCH
    "step changes\nmail sync\nsetup phone pop3 keep\nsetup phone imap\n",
    /* folders and flags differ at the end; flags alone */
    "variants pop3-keep imap" OF_ANA BOTH_FETCH "step moves\nmail move A Archive\nmail read A\n",
    "variants pop3-keep imap" OF_ANA BOTH_FETCH "step reads\nmail read A\n",
};

static bool told[200];

static void row_met(const struct outcome_row *row)
{
    ck_assert_uint_lt((size_t)(row - outcome_rows), COUNT(told));
    told[row - outcome_rows] = true;
}

/* A sentence with a hole would show as two blanks or a blank before its stop. */
static void words_check(const char *story, const struct buf *so)
{
    static const char *const holes[] = { "  ", " .", " ;", " :", "{", "}", "The has", "(null)" };
    size_t at;
    for (size_t i = 0; i < COUNT(holes); i++)
        ck_assert_msg(!slice_find_text(buf_slice(so), slice_of(holes[i]), &at), "%s: %.*s", story,
                      SLICE_ARG(buf_slice(so)));
}

static void variant_listen(const char *story, const struct variant *variant)
{
    struct outcome_case end = { .variant = variant,
                                .frame = &variant->frames[variant->frame_count - 1] };
    for (size_t i = 0; i < variant->frame_count; i++) {
        for (size_t k = 0; k < variant->frames[i].told_count; k++)
            row_met(variant->frames[i].told[k]);
        words_check(story, &variant->frames[i].so);
    }
    outcome_look_at_end(&end);
    row_met(outcome_choose(TOPIC_SUM, end.facts));
    row_met(outcome_choose(TOPIC_SUM_END, end.facts));
}

/* What its first setting says at the end goes to `last`, which may be NULL. */
static void story_play(const char *name, slice text, struct buf *last)
{
    struct story *story = story_new(slice_of(name), text);
    struct contrast contrast = { .story = story };
    struct story_fault fault = { 0 };
    struct error why = { "" };
    struct world *world = world_with(tables, default_world);
    ck_assert_msg(story_rehearse(story, world, &fault), "%s: %s", name, fault.why.text);
    world_free(world);
    ck_assert_msg(story_settings(story, SLICE_EMPTY, &why), "%s: %s", name, why.text);
    for (size_t i = 0; i < story->variant_count; i++) {
        ck_assert_msg(contrast_add(&contrast, slice_of(story->variants[i]),
                                   world_with(tables, default_world), &fault),
                      "%s: line %d: %s", name, (int)fault.number, fault.why.text);
        variant_listen(name, contrast.variants[i]);
    }
    const struct variant *first = contrast.variants[0];
    if (last)
        buf_add(last, buf_slice(&first->frames[first->frame_count - 1].so));
    struct buf sums = BUF_MAX(CONTRAST_TEXT_MAX);
    contrast_sum_write(&sums, &contrast);
    words_check(name, &sums);
    buf_free(&sums);
    contrast_end(&contrast, world_free);
    story_free(story);
}

START_TEST(each_is_told)
{
    size_t missing = 0;
    for (const struct story_text *story = stories; story->name; story++)
        story_play(story->name, (slice){ (const char *)story->at, story->len }, NULL);
    for (size_t i = 0; i < COUNT(built); i++) {
        char name[20];
        snprintf(name, sizeof name, "built %zu", i);
        story_play(name, slice_of(built[i]), NULL);
    }
    for (size_t i = 0; i < outcome_row_count; i++) {
        if (!told[i])
            printf("# no story tells it: %s\n", outcome_rows[i].says);
        missing += !told[i];
    }
    ck_assert_uint_eq(missing, 0);
}
END_TEST

/* Where a fact that excludes a sentence, or that it needs, is the only difference. */
static const struct {
    const char *text, *so;
} exact[] = {
    { "variants pop3-keep imap" OF_ANA BOTH_FETCH
      "step deletes\non laptop\nmail delete C\nmail sync\nstep nothing\nwait 1m\n",
      "No message moved, and no flag changed." },
    { "variants pop3-keep imap" OF_ANA BOTH_FETCH
      "step reads\non laptop\nmail read B\nmail sync\nstep nothing\nwait 1m\n",
      "No message moved, and no flag changed." },
    { "variants pop3-keep imap" OF_ANA BOTH_FETCH
      "step reads\non laptop\nmail read B\nmail sync\n",
      "Only the laptop knows that B is read." },
};

START_TEST(no_more_is_told)
{
    struct buf so = BUF_MAX(CONTRAST_TEXT_MAX);
    story_play("exact", slice_of(exact[_i].text), &so);
    ck_slice(buf_slice(&so), slice_of(exact[_i].so));
    buf_free(&so);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("contrast sentences");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, no_two_rows_fit_the_same_facts);
    tcase_add_test(tests, what_is_left_open_can_be_filled_in);
    tcase_add_test(tests, each_is_told);
    tcase_add_loop_test(tests, no_more_is_told, 0, COUNT(exact));
    return run_cases("contrast sentences", tests);
}
