/* test_states.c: the drawings hold every move that the rows make, at 80 columns; so do the
   sentences. And the guide: what leads on, and the way to where a command is right. */
#include "views/states.h"

#include "servers/services_table.h"
#include "sim/language/build.h"
#include "tests/unit/language.h"
#include "views/guide.h"
#include "views/moves.h"
#include "views/views.h"

static const char *const names[] = { "smtp", "pop3", "imap", "lmtp" };

static const struct protocol *protocol_at(int number)
{
    const struct protocol *protocol = protocol_for_name(slice_of(names[number]));
    ck_assert_ptr_nonnull(protocol);
    return protocol;
}

static char *drawing_of(const struct protocol *protocol, int here)
{
    struct buf out = BUF_MAX(65536);
    states_draw(&out, protocol, here);
    char *drawing = strdup(buf_text(&out));
    buf_free(&out);
    return drawing;
}

START_TEST(drawings_are_80_columns_wide)
{
    const struct protocol *protocol = protocol_at(_i);
    for (int here = -1; here < (int)protocol->state_count; here++) {
        char *drawing = drawing_of(protocol, here);
        check_answer_drawn(slice_of(drawing), names[_i]);
        if (here >= 0) {
            struct buf mark = BUF_MAX(256);
            buf_format(&mark, "[[%s]]", protocol->states[here].name);
            ck_assert_msg(here == protocol->closed || strstr(drawing, buf_text(&mark)),
                          "no %s in\n%s", buf_text(&mark), drawing);
            buf_free(&mark);
        } else {
            ck_assert_ptr_null(strstr(drawing, "[["));
        }
        free(drawing);
    }
}
END_TEST

/* Take one row's move away: if the drawing stays the same, it never stood in it. A failure
   that leads where another failure of the same event leads too is drawn once. */
static bool row_has_twin(const struct protocol *protocol, size_t number)
{
    const struct rule *rule = &protocol->rules[number];
    for (size_t i = 0; i < protocol->rule_count; i++) {
        const struct rule *other = &protocol->rules[i];
        bool same_label = outcome_is_good(other->outcome) || !outcome_is_good(rule->outcome);
        if (i != number && other->event == rule->event && other->event != EV_ANY &&
            other->next == rule->next && (other->from & rule->from) == rule->from && same_label)
            return true;
    }
    return false;
}

START_TEST(every_move_is_drawn)
{
    struct protocol protocol = *protocol_at(_i);
    struct rule rules[512];
    size_t moves = 0;
    ck_assert_uint_lt(protocol.rule_count, COUNT(rules));
    memcpy(rules, protocol.rules, protocol.rule_count * sizeof *rules);
    protocol.rules = rules;
    char *whole = drawing_of(&protocol, -1);
    for (size_t i = 0; i < protocol.rule_count; i++) {
        struct rule kept = rules[i];
        bool only_itself = kept.next != STAY && (kept.from & ~IN(kept.next)) == 0;
        if (kept.next == STAY || only_itself || kept.event == EV_TLS || row_has_twin(&protocol, i))
            continue; /* a ClientHello in the open is a slip, no way through: views/moves.c */
        rules[i].next = STAY;
        char *without = drawing_of(&protocol, -1);
        ck_assert_msg(strcmp(whole, without) != 0, "%s: row %zu (%s, %s) is not in\n%s",
                      protocol.name, i, protocol_event_name(&protocol, kept.event),
                      outcome_name(kept.outcome), whole);
        free(without);
        rules[i] = kept;
        moves++;
    }
    ck_assert_uint_ge(moves, 8);
    free(whole);
}
END_TEST

/* Each OK row that moves is a sentence "From …, X … leads to Y." with both its names. */
START_TEST(every_move_is_a_sentence)
{
    const struct protocol *protocol = protocol_at(_i);
    struct buf out = BUF_MAX(65536);
    states_tell(&out, protocol, protocol->first);
    struct moves moves;
    moves_read(&moves, protocol);
    for (size_t i = 0; i < moves.count; i++) {
        const struct move *move = &moves.at[i];
        struct buf label = BUF_MAX(128), end = BUF_MAX(128);
        label_add(&label, protocol, move->label);
        buf_format(&end, " leads to %s.", protocol->states[move->to].name);
        slice rest = buf_slice(&out);
        bool told = false;
        while (rest.len && !told) {
            slice line = take_until(&rest, '\n');
            told = slice_starts(line, "From ") &&
                   contains(line, protocol->states[move->from].name) &&
                   contains(line, buf_text(&label)) && contains(line, buf_text(&end));
        }
        ck_assert_msg(told, "%s, %s%s is not in\n%s", protocol->states[move->from].name,
                      buf_text(&label), buf_text(&end), buf_text(&out));
        buf_free(&label);
        buf_free(&end);
    }
    buf_free(&out);
}
END_TEST

static const struct command *const tables[] = { sim_commands, view_commands, NULL };

START_TEST(sentences_follow_the_answer)
{
    struct error why = { "" };
    struct world *world = world_new(NULL, NULL, tables, slice_of(default_world), SLICE("default"),
                                    &why);
    struct buf out = BUF_MAX(65536);
    ck_assert_ptr_nonnull(world);
    answers(world, "states", false, "states smtp, pop3, imap or lmtp");
    answers(world, "states pop3", true, "pop3  (not connected)");
    run(world, "telnet mail smtp\nEHLO laptop\n:states");
    const struct trace_record *answer = last_of(world, TRACE_ANSWER);
    ck_assert(
        contains(answer->text,
                 ":states  smtp  ana/laptop -> mail.campus.example:25   TLS off, not logged in"));
    ck_assert(states_sentences(&out, answer->text));
    ck_assert(contains(buf_slice(&out), "You are in READY: there is no message yet.\n"));
    ck_assert(contains(buf_slice(&out), "From READY, MAIL leads to MAILED.\n"));
    ck_assert(!states_sentences(&out, SLICE("Connection closed.\n")));
    buf_free(&out);
    world_end(world);
}
END_TEST

/* Who lets a second session in does not say that the maildrop is yours alone. */
START_TEST(a_shared_maildrop_is_told)
{
    static const struct {
        const char *server, *meaning;
    } all[] = {
        { "pennypost", "the maildrop is open and yours alone.\n" },
        { "dovecot", "the maildrop is open, and may be open in other sessions too.\n" },
        { "courier", "the maildrop is open, and may be open in other sessions too.\n" },
        { "cyrus", "the maildrop is open, and may be open in other sessions too.\n" },
    };
    for (size_t i = 0; i < COUNT(all); i++) {
        struct world *world = world_with(tables, default_world);
        struct buf out = BUF_MAX(65536), line = BUF_MAX(200);
        buf_format(&line, "set mail.campus.example answers like %s\n", all[i].server);
        run(world, buf_text(&line));
        run(world, "telnet mail pop3\nUSER ana\nPASS tulip\n:states");
        ck_assert(states_sentences(&out, last_of(world, TRACE_ANSWER)->text));
        ck_assert_msg(contains(buf_slice(&out), all[i].meaning), "%s", buf_text(&out));
        buf_free(&out);
        buf_free(&line);
        world_end(world);
    }
}
END_TEST

/* --- the guide ---------------------------------------------------------------------------- */

static const struct {
    const char *protocol, *state;
    uint32_t facts;
    const char *words;
} guides[] = {
    { "smtp", "CONNECTED", 0, "next EHLO HELO" },
    { "smtp", "READY", 0, "next MAIL " },
    { "smtp", "READY", FACT_SUBMISSION, "next AUTH " },
    { "smtp", "READY", FACT_SUBMISSION | FACT_LOGIN, "next MAIL " },
    { "smtp", "MAILED", 0, "next RCPT     also RSET QUIT NOOP (+4 :help)" },
    { "smtp", "ADDRESSED", 0, "next DATA     also RSET QUIT" },
    { "smtp", "DATA", 0, "now the message; a line with only a dot ends it" },
    { "pop3", "AUTHORIZATION", 0, "next USER APOP" },
    { "pop3", "AUTHORIZATION", FACT_USER, "next PASS APOP" },
    { "pop3", "TRANSACTION", 0, "next STAT LIST" },
    { "imap", "NOT_AUTHENTICATED", 0, "next LOGIN" },
    { "imap", "AUTHENTICATED", 0, "next SELECT EXAMINE" },
    { "imap", "IDLING", 0, "news comes by itself; DONE ends it" },
};

START_TEST(guide_tells_what_leads_on)
{
    const struct protocol *protocol = protocol_for_name(slice_of(guides[_i].protocol));
    struct buf out = BUF_MAX(1024);
    guide_add(&out, protocol, protocol_state(protocol, slice_of(guides[_i].state)),
              guides[_i].facts);
    ck_assert_msg(slice_starts(buf_slice(&out), guides[_i].words), "%s %s: %s", guides[_i].protocol,
                  guides[_i].state, buf_text(&out));
    buf_free(&out);
}
END_TEST

/* The way is real: following it arrives where the event runs; and none is shorter than 1. */
START_TEST(paths_arrive)
{
    const struct protocol *protocol = protocol_at(_i);
    size_t paths = 0;
    for (int state = 0; state < (int)protocol->state_count; state++)
        for (int event = EV_VERBS; event < (int)protocol->event_count; event++) {
            uint8_t path[STATES_MAX];
            size_t count;
            if (!protocol->events[event].verb || state == protocol->closed ||
                !guide_path(protocol, state, event, path, &count))
                continue;
            int at = state;
            for (size_t i = 0; i < count; i++) {
                at = guide_target(protocol, at, path[i]);
                ck_assert_int_ge(at, 0);
            }
            ck_assert_int_ge(guide_target(protocol, at, event), 0);
            ck_assert(count > 0 || guide_target(protocol, state, event) >= 0);
            paths += count > 0;
        }
    ck_assert_uint_gt(paths, 5);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("states");
    tcase_add_loop_test(tests, drawings_are_80_columns_wide, 0, COUNT(names));
    tcase_add_loop_test(tests, every_move_is_drawn, 0, COUNT(names));
    tcase_add_loop_test(tests, every_move_is_a_sentence, 0, COUNT(names));
    tcase_add_test(tests, sentences_follow_the_answer);
    tcase_add_test(tests, a_shared_maildrop_is_told);
    tcase_add_loop_test(tests, guide_tells_what_leads_on, 0, COUNT(guides));
    tcase_add_loop_test(tests, paths_arrive, 0, COUNT(names));
    return run_cases("states", tests);
}
