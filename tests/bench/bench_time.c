/* bench_time.c: what turning time costs: `undo` after 1,000 and after 100,000 inputs (a fortnight
   of a world whose devices synchronise by themselves), beside playing all lines from the start, in
   the same run; and what a step keeps. BENCH_INPUTS=N: fewer. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "repl/repl.h"
#include "sim/language/build.h"
#include "sim/world.h"

#define TURNS 31

static const char *const day[] = {
    "telnet mail smtp", "EHLO x", "MAIL FROM:<ana@campus.example>", "RCPT TO:<bo@campus.example>",
    "RCPT TO:<cem@campus.example>", "DATA", "Subject: soup", "", "Twelve is fine.", ".", "QUIT",
    "wait 5m", "telnet mail pop3", "USER bo", "PASS maple", "STAT", "LIST 1", "RETR 1", "DELE 1",
    "QUIT", "telnet mail imap", "a1 LOGIN cem birch", "a2 SELECT INBOX",
    "a3 UID STORE 1:* +FLAGS (\\Deleted)", "a4 EXPUNGE", "a5 LOGOUT",
};
static const char *const habits[] = {
    "setup phone imap idle", "setup tablet imap headers every 1h", "setup desktop imap every 1h",
    "setup office imap every 1h", "setup laptop pop3 keep 7d every 1h",
};

static double now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void line(struct world *world, uint64_t number)
{
    struct error why;
    size_t at;
    const char *text = number < COUNT(habits) ? habits[number]
                                              : day[(number - COUNT(habits)) % COUNT(day)];
    if (script_line(world, slice_of(text), &at, &why) != LINE_RUN) {
        fprintf(stderr, "bench_time: %s: %s\n", text, why.text);
        exit(1);
    }
}

static int by_size(const void *one, const void *other)
{
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

/* The median of single undos, each after its redo; and the longest. */
static double undo_ms(struct timeline *timeline, double *longest)
{
    struct error why;
    double took[TURNS];
    for (int i = 0; i < TURNS; i++) {
        double from = now_ms();
        if (!timeline_undo(timeline, NULL, &why))
            exit(1);
        took[i] = now_ms() - from;
        if (!timeline_redo(timeline, &why))
            exit(1);
    }
    qsort(took, TURNS, sizeof *took, by_size);
    *longest = took[TURNS - 1];
    return took[TURNS / 2];
}

static double from_start_ms(uint64_t inputs)
{
    struct error why;
    double from = now_ms();
    struct world *world = world_new(NULL, NULL, repl_tables, slice_of(default_world),
                                    SLICE("bench"), &why);
    for (uint64_t i = 0; world && i < inputs; i++)
        line(world, i);
    double took = now_ms() - from;
    world_free(world);
    return took;
}

static void figures(struct timeline *timeline, uint64_t inputs)
{
    struct timeline_figures kept = timeline_figures(timeline);
    double longest = 0, undo = undo_ms(timeline, &longest), start = from_start_ms(inputs);
    double step = (double)kept.image_bytes / (double)kept.moments;
    printf("undo_after_%llu %.2f ms\n", (unsigned long long)inputs, undo);
    printf("undo_after_%llu_longest %.2f ms\n", (unsigned long long)inputs, longest);
    printf("replay_of_%llu %.0f ms\n", (unsigned long long)inputs, start);
    printf("replayed_of_%llu %.0f inputs/s\n", (unsigned long long)inputs,
           (double)inputs / start * 1e3);
    printf("undo_is_faster_%llu %.0f times\n", (unsigned long long)inputs, start / undo);
    printf("world_at_%llu %.1f MB\n", (unsigned long long)inputs, (double)kept.world_bytes / 1e6);
    printf("images_at_%llu %llu of %.1f MB\n", (unsigned long long)inputs,
           (unsigned long long)kept.images, (double)kept.image_bytes / 1e6);
    printf("step_keeps_%llu %.3f %% of the world\n", (unsigned long long)inputs,
           100 * step / (double)kept.world_bytes);
    fflush(stdout);
}

int main(void)
{
    const char *fewer = getenv("BENCH_INPUTS");
    slice text = slice_of(fewer ? fewer : "");
    uint64_t inputs = 100000;
    struct error why;
    take_number(&text, 100000000, &inputs);
    struct timeline_start start = { .tables = repl_tables, .script = slice_of(default_world),
                                    .name = SLICE("bench") };
    struct timeline *timeline = timeline_open(&start, &why);
    double from = now_ms();
    for (uint64_t i = 0; timeline && i < inputs; i++) {
        line(timeline_world(timeline), i);
        if (i + 1 == 1000)
            figures(timeline, i + 1);
        if (i + 1 == 1000)
            from = now_ms();
    }
    printf("typed_with_images %.1f us a line\n",
           1e3 * (now_ms() - from) / (double)(inputs > 1000 ? inputs - 1000 : inputs));
    figures(timeline, inputs);
    timeline_close(timeline);
    return 0;
}
