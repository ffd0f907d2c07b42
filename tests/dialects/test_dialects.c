/* test_dialects.c: does a host that is set to answer like another server answer so? What was
   measured stands beside this, one file a server and protocol: what was said, and the codes that
   came. Each probe is played whole and octet by octet; codes and closings must agree, but for those
   that the dialect tells of as not imitated, which must not. Each row, manner and verb of a dialect
   must be needed by some probe: changed, one fails. Prints TAP. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "servers/dialects/dialects.h"
#include "servers/services_table.h"
#include "tests/transcripts/transcript.h"

#define PROBES_MAX 64
#define ROWS_MAX 128

struct probe {
    slice id;
    slice text; /* its lines */
};

struct measured {
    const struct dialect *dialect;
    char path[200];
    struct buf file;
    slice common;               /* lines that each probe begins with */
    slice offers;               /* the capabilities that were offered */
    struct probe probes[PROBES_MAX];
    size_t count;
    struct hits hits[PROBES_MAX][PROTOCOLS];
};

/* All that were tried at each server, whatever it answered. */
static const struct {
    const char *protocol, *probes;
} tried[] = {
    { "smtp", "S0 S1 S2 S3 S4 S5 S6 S7 S8 S9 S10 S11 S12 S13 S14 S15 S16a S16b S16c S17 S17b S18 "
              "S19 S20 S21 S22 S23" },
    { "pop3", "P0 P1 P2 P3 P4 P5 P6 P9 P10 P11 P12 P13 P14 P15 P15b P16 P17 P18" },
    { "imap", "I0 I1 I2 I3 I4 I5 I6 I7 I8 I9 I10 I11 I11b I12 I12b I13 I14 I15 I16 I17 I18 I19 I20 "
              "I21 I22 I23 I24 I25" },
};

static int number, failed;

static void result(bool good, const char *what, const char *detail)
{
    number++;
    failed += !good;
    printf("%sok %d - %s\n", good ? "" : "not ", number, what);
    if (!good)
        printf("# %s\n", detail);
}

/* --- the file ------------------------------------------------------------------------------- */

/* "== S3 DATA before RCPT" begins one; what stands before the first is for all. */
static bool measured_read(struct measured *measured)
{
    const struct dialect *dialect = measured->dialect;
    snprintf(measured->path, sizeof measured->path, "tests/dialects/%s-%s.txt", dialect->name,
             dialect->protocol->name);
    measured->file = BUF_MAX(1u << 20);
    if (!transcript_file_read(measured->path, &measured->file))
        return false;
    slice rest = buf_slice(&measured->file);
    slice *lines = &measured->common;
    *lines = slice_upto(rest, 0);
    while (rest.len) {
        slice line = take_until(&rest, '\n');
        if (take_prefix(&line, "== ")) {
            must(measured->count < PROBES_MAX);
            struct probe *probe = &measured->probes[measured->count++];
            probe->id = take_word(&line);
            lines = &probe->text;
            *lines = slice_upto(rest, 0);
        } else if (take_prefix(&line, "offers: ")) {
            measured->offers = line;
            lines->at = rest.at;
        } else {
            lines->len = (size_t)(rest.at - lines->at);
        }
    }
    return measured->count > 0;
}

static bool word_in(const char *list, slice word)
{
    slice rest = slice_of(list);
    for (slice each = take_word(&rest); each.len; each = take_word(&rest))
        if (slice_equal(each, word))
            return true;
    return false;
}

static bool is_told(const struct dialect *dialect, slice id)
{
    for (size_t i = 0; i < dialect->told_count; i++)
        if (word_in(dialect->told[i].probes, id))
            return true;
    return false;
}

/* --- playing --------------------------------------------------------------------------------- */

static bool probe_play(struct measured *measured, size_t which, const struct play *play,
                       struct error *why)
{
    const struct probe *probe = &measured->probes[which];
    const struct dialect *dialect = measured->dialect;
    struct buf text = BUF_MAX(1u << 20);
    char name[300];
    snprintf(name, sizeof name, "%s, %.*s", measured->path, SLICE_ARG(probe->id));
    buf_format(&text, "protocol: %s\nset: dialect %s\n", dialect->protocol->name, dialect->name);
    buf_add(&text, measured->common);
    buf_add(&text, probe->text);
    bool good = transcript_play_text(name, buf_slice(&text), play, why);
    buf_free(&text);
    return good;
}

static void probes_play(struct measured *measured)
{
    for (size_t i = 0; i < measured->count; i++) {
        const struct probe *probe = &measured->probes[i];
        bool told = is_told(measured->dialect, probe->id);
        for (int cut = 0; cut < (told ? 1 : 2); cut++) {
            struct error why = { "it agrees, and need not be told" };
            char what[300];
            struct play play = { .cut = (enum cut)cut, .hits = told ? NULL : measured->hits[i] };
            bool good = probe_play(measured, i, &play, &why);
            snprintf(what, sizeof what, "%s %.*s%s%s", measured->dialect->title,
                     SLICE_ARG(probe->id), cut ? ", octet by octet" : "",
                     told ? ", told and not imitated" : "");
            result(good != told, what, why.text);
        }
    }
}

/* --- is each part needed? -------------------------------------------------------------------- */

static void must_end(void *context)
{
    (void)context;
    _exit(1);
}

/* Some probe that comes where something was changed must fail. row: at it; 0: anywhere. */
static bool some_probe_fails(struct measured *measured, const struct dialect *changed, size_t row)
{
    size_t protocol = 0;
    struct error why;
    while (strcmp(transcript_protocols[protocol], changed->protocol->name) != 0)
        protocol++;
    for (size_t i = 0; i < measured->count; i++) {
        struct play play = { .cut = CUT_NOWHERE, .dialect = changed };
        if (is_told(measured->dialect, measured->probes[i].id) ||
            (row && !measured->hits[i][protocol].rule[row]))
            continue;
        if (!probe_play(measured, i, &play, &why))
            return true;
    }
    return false;
}

/* In a process of its own: a change may trip must(), and that is noticed too. */
static bool is_noticed(struct measured *measured, const struct dialect *changed, size_t row)
{
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    must(child >= 0);
    if (child == 0) {
        must_hook(must_end, NULL);
        if (!freopen("/dev/null", "w", stderr))
            _exit(0);
        _exit(some_probe_fails(measured, changed, row));
    }
    must(waitpid(child, &status, 0) == child);
    return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

/* "250 …" to "350 …", "+OK" to "-ERR", "BAD" to "CAD". */
static void code_change(char *reply, size_t size, const char *from)
{
    bool plus = from[0] == '+' && from[1] == 'O', untagged = from[0] == '*';
    snprintf(reply, size, "%s", from);
    if (plus)
        snprintf(reply, size, "-ERR%s", from + 3);
    else if (from[0] == '-')
        snprintf(reply, size, "+OK%s", from + 4);
    else
        reply[untagged ? 2 : 0] = (char)(reply[untagged ? 2 : 0] + 1);
}

static void row_change(struct measured *measured, size_t row)
{
    static struct dialect_row rows[ROWS_MAX];
    struct dialect changed = *measured->dialect;
    struct rule *rule = &rows[row].rule;
    char what[600], reply[300];
    must(changed.row_count <= ROWS_MAX);
    memcpy(rows, changed.rows, changed.row_count * sizeof *rows);
    changed.rows = rows;
    if (dialect_borrows(measured->dialect, rule))
        return; /* nobody measured it, and something has to be said */
    snprintf(what, sizeof what, "%s needs row %zu: %s %s", changed.title, row,
             rule->event ? protocol_event_name(changed.protocol, rule->event) : "any",
             outcome_name((enum outcome)rule->outcome));
    if (rule->reply) {
        code_change(reply, sizeof reply, rule->reply);
        rule->reply = reply;
    } else {
        rule->reply = "200 said";
    }
    result(is_noticed(measured, &changed, changed.protocol->rule_count + row), what,
           "another code, and no probe fails");
    rows[row] = measured->dialect->rows[row];
    int state = 0;
    while (!(rule->from & IN(state)))
        state++;
    const struct rule *ours = dialect_base_rule(measured->dialect, rule, state);
    if (rule->next == STAY || (ours && ours->next == rule->next))
        return; /* nothing of its own */
    rule->next = STAY;
    result(is_noticed(measured, &changed, changed.protocol->rule_count + row), what,
           "it leads nowhere, and no probe fails");
}

/* What our own offer brings and theirs does not, they need not have been asked. */
static bool is_offered(const struct protocol *protocol, size_t event)
{
    for (size_t i = 0; i < protocol->capability_count; i++)
        for (size_t k = 0; k < COUNT(protocol->capabilities[i].events); k++)
            if (protocol->capabilities[i].events[k] == event)
                return true;
    return false;
}

static void verbs_change(struct measured *measured, uint64_t verbs, size_t offset)
{
    const struct protocol spoken = dialect_protocol(measured->dialect->protocol,
                                                    measured->dialect);
    for (size_t i = 0; i < spoken.event_count; i++) {
        struct dialect changed = *measured->dialect;
        char what[600];
        bool unasked = offset == offsetof(struct dialect, lacks) &&
                       is_offered(changed.protocol, i) && !is_offered(&spoken, i);
        if (!(verbs & VERB(i)) || unasked)
            continue;
        *(uint64_t *)(void *)((char *)&changed + offset) &= ~VERB(i);
        snprintf(what, sizeof what, "%s needs what it does with %s", changed.title,
                 protocol_event_name(changed.protocol, (int)i));
        result(is_noticed(measured, &changed, 0), what, "as ours, and no probe fails");
    }
}

/* How late an answer is and how long a line may be is not in the codes; nor is it here. */
static void manners_change(struct measured *measured)
{
    const uint32_t *ours = (const void *)protocol_manners(measured->dialect->protocol);
    const uint32_t *theirs = (const void *)&measured->dialect->manners;
    const size_t slow = offsetof(struct manners, slow_after) / sizeof *ours;
    for (size_t i = 0; i < sizeof(struct manners) / sizeof *ours; i++) {
        struct dialect changed = *measured->dialect;
        char what[600];
        if (ours[i] == theirs[i] || i == slow || i == slow + 1)
            continue;
        ((uint32_t *)(void *)&changed.manners)[i] = ours[i];
        snprintf(what, sizeof what, "%s needs manner %zu", changed.title, i);
        result(is_noticed(measured, &changed, 0), what, "as ours, and no probe fails");
    }
}

static void parts_change(struct measured *measured)
{
    const struct dialect *dialect = measured->dialect;
    for (size_t i = 0; i < dialect->row_count; i++)
        row_change(measured, i);
    verbs_change(measured, dialect->lacks, offsetof(struct dialect, lacks));
    verbs_change(measured, dialect->ignores, offsetof(struct dialect, ignores));
    verbs_change(measured, dialect->refuses, offsetof(struct dialect, refuses));
    manners_change(measured);
}

/* --- all of them ------------------------------------------------------------------------------ */

static void completeness(const struct measured *measured)
{
    char what[600], missing[400] = "missing:";
    bool whole = false;
    for (size_t i = 0; i < COUNT(tried); i++) {
        slice rest = slice_of(tried[i].probes);
        if (strcmp(tried[i].protocol, measured->dialect->protocol->name) != 0)
            continue;
        whole = true;
        for (slice id = take_word(&rest); id.len; id = take_word(&rest)) {
            size_t at = 0;
            while (at < measured->count && !slice_equal(measured->probes[at].id, id))
                at++;
            if (at < measured->count)
                continue;
            whole = false;
            snprintf(missing + strlen(missing), sizeof missing - strlen(missing), " %.*s",
                     SLICE_ARG(id));
        }
    }
    snprintf(what, sizeof what, "%s: all that was tried stands in %s", measured->dialect->title,
             measured->path);
    result(whole, what, missing);
}

static bool offers(const struct measured *measured, slice token)
{
    slice rest = measured->offers;
    for (slice each = take_word(&rest); each.len; each = take_word(&rest))
        if (slice_equal_nocase(each, token))
            return true;
    return false;
}

/* Nothing that the server did not offer; but for a login and TLS, which a host is set to. */
static void offers_compare(const struct measured *measured)
{
    const struct dialect *dialect = measured->dialect;
    char what[600];
    for (size_t i = 0; i < dialect->capability_count; i++) {
        slice rest = slice_of(dialect->capabilities[i].token), token = take_word(&rest);
        snprintf(what, sizeof what, "%s offers %.*s", dialect->title, SLICE_ARG(token));
        if (!slice_is(token, "AUTH") && !slice_is(token, "SASL") && !slice_is(token, "STARTTLS") &&
            !slice_is(token, "STLS"))
            result(offers(measured, token), what, "it was not measured to");
    }
}

static void dialect_test(const struct dialect *dialect)
{
    struct measured *measured = calloc(1, sizeof *measured);
    const char *mode = getenv("MODE");
    struct error why = { "" };
    char what[600];
    must(measured != NULL);
    measured->dialect = dialect;
    snprintf(what, sizeof what, "%s: its rows are sound", dialect->title);
    result(dialect_lint(dialect, &why), what, why.text);
    result(measured_read(measured), dialect->title, "what was measured cannot be read");
    completeness(measured);
    offers_compare(measured);
    probes_play(measured);
    if (!mode || strcmp(mode, "san") != 0)
        parts_change(measured);
    else
        printf("ok %d - %s: each part changed # SKIP hundreds of plays\n", ++number,
               dialect->title);
    buf_free(&measured->file);
    free(measured);
}

/* Named servers alone, or all. */
int main(int argc, char **argv)
{
    for (size_t i = 1; i < DIALECTS; i++) {
        const struct dialect *dialect = dialect_numbered(i);
        if (argc < 2 || strcmp(argv[1], dialect->name) == 0)
            dialect_test(dialect);
    }
    printf("1..%d\n", number);
    return failed != 0;
}
