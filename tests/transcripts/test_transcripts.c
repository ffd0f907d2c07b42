/* test_transcripts.c: every transcript, cut in every way, and the rows that they hit:
   a row that no hand-written transcript reaches fails. Prints TAP. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/transcripts/transcript.h"

#define TRANSCRIPTS_MAX 1000

static const char *const cuts[CUTS] = { "whole", "octet by octet", "cut between CR and LF" };
static struct hits hits[PROTOCOLS];
static int number, failed;

static void result(bool good, const char *what, const char *detail)
{
    number++;
    failed += !good;
    printf("%sok %d - %s\n", good ? "" : "not ", number, what);
    if (!good)
        printf("# %s\n", detail);
}

static void play_all(const char *path)
{
    for (int cut = 0; cut < CUTS; cut++) {
        struct error why = { "" };
        char what[600];
        struct play play = { .cut = (enum cut)cut, .hits = hits, .check_store = true };
        bool good = transcript_play(path, &play, &why);
        snprintf(what, sizeof what, "%s, %s", path, cuts[cut]);
        result(good, what, why.text);
    }
}

static void check_hits(size_t which)
{
    const struct protocol *protocol = transcript_named(transcript_protocols[which]);
    for (size_t i = 0; i < protocol->rule_count; i++) {
        const struct rule *rule = &protocol->rules[i];
        char what[300];
        snprintf(what, sizeof what, "%s row %zu: %s %s %s", protocol->name, i,
                 protocol_event_name(protocol, rule->event),
                 outcome_name((enum outcome)rule->outcome), rule->reply ? rule->reply : "(silent)");
        if (!hits[which].rule[i])
            result(false, what, "no hand-written transcript reaches this row");
    }
}

/* Named files alone: whoever writes one waits for that one. The rows are then not asked about. */
static int play_named(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        play_all(argv[i]);
    printf("1..%d\n", number);
    return failed != 0;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return play_named(argc, argv);
    static char *paths[TRANSCRIPTS_MAX];
    size_t count = transcript_list(paths, TRANSCRIPTS_MAX);
    for (size_t i = 0; i < count; i++)
        play_all(paths[i]);
    result(count > 0, "there are transcripts", "none found: run from the project's own folder");
    for (size_t i = 0; i < PROTOCOLS; i++)
        check_hits(i);
    for (size_t i = 0; i < count; i++)
        free(paths[i]);
    printf("1..%d\n", number);
    return failed != 0;
}
