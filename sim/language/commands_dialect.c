/* commands_dialect.c: `dialect`: which servers a host can answer like, and where each of them
   differs from our own, from their rows (servers/dialects/). */
#include <stddef.h>

#include "base/words.h"
#include "servers/dialects/dialects.h"
#include "sim/language/commands.h"
#include "sim/language/sentence.h"

#define NAME_COLUMNS 13
#define MANNER_COLUMNS 34
#define NAMES_MAX 400

static void dialects_list(struct call *call)
{
    for (size_t i = 1; i < DIALECTS; i++) {
        const struct dialect *dialect = dialect_numbered(i);
        call_pair(call, NAME_COLUMNS, dialect->name, "%s, %s: %zu row%s of its own", dialect->title,
                  dialect->protocol->title, dialect->row_count,
                  dialect->row_count == 1 ? "" : "s");
    }
    call_say(call, "A host takes one with `set HOST answers like NAME`, and `answers like "
                   "pennypost` takes it back; `dialect NAME` tells what differs.");
}

/* --- rows ---------------------------------------------------------------------------------- */

/* "CONNECTED", "CONNECTED +4" */
static void states_add(struct buf *out, const struct dialect *dialect, uint32_t from)
{
    size_t more = 0;
    for (size_t i = 0; i < dialect->protocol->state_count; i++)
        if ((from & IN(i)) && more++ == 0)
            buf_add_text(out, dialect->protocol->states[i].name);
    if (more > 1)
        buf_format(out, " +%zu", more - 1);
}

static int state_first(uint32_t from)
{
    int state = 0;
    while (!(from & IN(state)))
        state++;
    return state;
}

struct difference {
    const struct rule *theirs, *ours; /* ours: NULL if nothing is said */
    slice mine, code;                 /* the codes */
    bool moves;                       /* it leads elsewhere */
};

/* False: only the words differ, or nobody measured it. */
static bool row_differs(const struct dialect *dialect, const struct dialect_row *row,
                        struct difference *out)
{
    const struct rule *rule = &row->rule;
    const struct rule *ours = dialect_base_rule(dialect, rule, state_first(rule->from));
    *out = (struct difference){ rule, ours, reply_code(ours ? ours->reply : NULL),
                                reply_code(rule->reply),
                                rule->next != STAY && (!ours || rule->next != ours->next) };
    if (dialect->manners.no_codes)
        out->mine = take_word(&out->mine); /* that it says none is told once */
    bool differs = !slice_equal(out->mine, out->code) || out->moves || row->note;
    return differs && !dialect_borrows(dialect, rule);
}

static void difference_say(struct call *call, const struct dialect *dialect,
                           const struct difference *found, const char *note)
{
    const struct protocol *base = dialect->protocol;
    const struct rule *rule = found->theirs;
    struct buf states = BUF_MAX(200);
    states_add(&states, dialect, rule->from);
    call_say(call, " %-16s %-8s %-13s %-16.*s %.*s%s%s", buf_text(&states),
             rule->event == EV_ANY ? "(any)" : protocol_event_name(base, rule->event),
             outcome_name((enum outcome)rule->outcome), SLICE_ARG(found->mine),
             SLICE_ARG(found->code), found->moves ? ", to " : "",
             found->moves ? base->states[rule->next].name : "");
    if (note)
        call_say(call, "   %s", note);
    buf_free(&states);
}

static void rows_say(struct call *call, const struct dialect *dialect)
{
    size_t told = 0;
    struct difference found;
    for (size_t i = 0; i < dialect->row_count; i++) {
        if (!row_differs(dialect, &dialect->rows[i], &found))
            continue;
        if (told++ == 0)
            call_say(call, " %-16s %-8s %-13s %-16s %s", "state", "command", "outcome", "ours",
                     "theirs");
        difference_say(call, dialect, &found, dialect->rows[i].note);
    }
    size_t rest = dialect->row_count - told;
    if (rest)
        call_say(call, " %zu%s row%s the code of ours, and other words.", rest,
                 told ? " more" : "", rest == 1 ? " has" : "s have");
}

/* --- manners ------------------------------------------------------------------------------- */

enum unit { COUNTS, TELLS_TRUTH, MILLISECONDS, VOUCHING, SHARING };

static const struct {
    const char *what;
    size_t at;
    enum unit unit;
} manner_rows[] = {
    { " Closes at bad command number", offsetof(struct manners, bad_commands_max), COUNTS },
    { " ... before login", offsetof(struct manners, bad_strangers_max), COUNTS },
    { " ... at wrong password number", offsetof(struct manners, bad_logins_max), COUNTS },
    { " Is slow after bad commands", offsetof(struct manners, slow_after), COUNTS },
    { " ... for each", offsetof(struct manners, slow_ms), MILLISECONDS },
    { " Takes LF alone in commands", offsetof(struct manners, takes_lf), TELLS_TRUTH },
    { " Takes addresses without < >", offsetof(struct manners, takes_bare_address), TELLS_TRUTH },
    { " Says no enhanced codes", offsetof(struct manners, no_codes), TELLS_TRUTH },
    { " Takes more words than a number", offsetof(struct manners, takes_more_words), TELLS_TRUTH },
    { " TOP shows at most so many lines", offsetof(struct manners, top_lines_max), COUNTS },
    { " Refuses RENAME INBOX", offsetof(struct manners, keeps_inbox), TELLS_TRUTH },
    { " Lets a second session in", offsetof(struct manners, shares_maildrop), SHARING },
    { " VRFY and EXPN tell", offsetof(struct manners, vouches), VOUCHING },
};

static uint32_t manner_value(const struct manners *manners, size_t row)
{
    return *(const uint32_t *)(const void *)((const char *)manners + manner_rows[row].at);
}

static void manner_add(struct buf *out, uint32_t value, enum unit unit)
{
    static const char *const vouching[] = { "nothing", "who lives there",
                                            "nothing; only <address> is taken" };
    static const char *const sharing[] = { "no", "yes, and what one removes is gone",
                                           "yes, and what one removes can be read on" };
    if (unit == TELLS_TRUTH)
        buf_add_text(out, value ? "yes" : "no");
    else if (unit == VOUCHING)
        buf_add_text(out, vouching[value]);
    else if (unit == SHARING)
        buf_add_text(out, sharing[value]);
    else if (value == NEVER)
        buf_add_text(out, "never");
    else if (value == 0)
        buf_add_text(out, "no number of its own");
    else
        buf_format(out, "%u%s", value, unit == MILLISECONDS ? " ms" : "");
}

static void manners_say(struct call *call, const struct dialect *dialect)
{
    const struct manners *ours = protocol_manners(dialect->protocol);
    for (size_t i = 0; i < COUNT(manner_rows); i++) {
        uint32_t mine = manner_value(ours, i), theirs = manner_value(&dialect->manners, i);
        struct buf words = BUF_MAX(200);
        if (mine == theirs)
            continue;
        manner_add(&words, theirs, manner_rows[i].unit);
        buf_add_text(&words, " (ours: ");
        manner_add(&words, mine, manner_rows[i].unit);
        call_pair(call, MANNER_COLUMNS, manner_rows[i].what, "%s)", buf_text(&words));
        buf_free(&words);
    }
}

static void verbs_say(struct call *call, const struct dialect *dialect, const char *what,
                      uint64_t verbs)
{
    struct buf words = BUF_MAX(400);
    for (size_t i = EV_VERBS; i < dialect->protocol->event_count; i++)
        if (verbs & VERB(i))
            buf_format(&words, "%s%s", words.len ? " " : "", dialect->protocol->events[i].verb);
    if (words.len)
        call_pair(call, MANNER_COLUMNS, what, "%s", buf_text(&words));
    buf_free(&words);
}

static void dialect_say(struct call *call, const struct dialect *dialect)
{
    call_say(call, "%s, %s, measured %s (%s). Where it differs from Pennypost:", dialect->title,
             dialect->protocol->title, dialect->measured, dialect->version);
    rows_say(call, dialect);
    manners_say(call, dialect);
    verbs_say(call, dialect, " Does not know", dialect->lacks);
    verbs_say(call, dialect, " Does not look behind", dialect->ignores);
    verbs_say(call, dialect, " Takes nothing behind", dialect->refuses);
    if (dialect->told_count)
        call_say(call, "What it does, and Pennypost does not imitate:");
    for (size_t i = 0; i < dialect->told_count; i++) {
        call_say(call, " - It %s.", dialect->told[i].does);
        call_say(call, "   Here: %s.", dialect->told[i].ours);
    }
}

bool command_dialect(struct call *call)
{
    slice rest = call->args, name = word_take(&rest);
    const struct dialect *dialect = dialect_named(name, NULL);
    if (!call->args.len) {
        dialects_list(call);
        return true;
    }
    if (dialect && slice_trim(rest).len)
        return call_refuse(call, slice_trim(rest), "dialect takes one name");
    if (dialect) {
        for (; dialect; dialect = dialect_named(name, dialect))
            dialect_say(call, dialect);
        return true;
    }
    struct buf why = BUF_MAX(NAMES_MAX);
    dialect_unknown(&why, name);
    call_refuse(call, call->args, "%s", buf_text(&why));
    buf_free(&why);
    return false;
}
