/* test_clients.c: the tables of what clients do. Lint, and that lint sees what is missing, what is
   there twice and what is never reached; every row stands in the drawing and in the sentences; and
   in a world, how far a conversation went, with the step that it is at. */
#include "servers/client.h"
#include "sim/devices/programs.h"
#include "tests/unit/language.h"
#include "views/states.h"
#include "views/views.h"

#define ROWS_MAX 128

static const struct client_table *const *const tables = client_tables;
static size_t table_count;

/* A copy of a table, its rows to be changed. */
struct changed {
    struct client_table table;
    struct client_row rows[ROWS_MAX];
};

static void changed_begin(struct changed *changed, const struct client_table *table)
{
    ck_assert_uint_lt(table->row_count + 1, ROWS_MAX);
    changed->table = *table;
    memcpy(changed->rows, table->rows, table->row_count * sizeof *table->rows);
    changed->table.rows = changed->rows;
}

static void row_take(struct changed *changed, size_t number)
{
    changed->table.row_count--;
    memmove(changed->rows + number, changed->rows + number + 1,
            (changed->table.row_count - number) * sizeof *changed->rows);
}

static void ck_lint(const struct client_table *table, bool good, size_t row)
{
    struct error why = { "" };
    bool lints = client_lint(table, &why);
    ck_assert_msg(lints == good, "%s client, row %zu: %s", table->name, row,
                  good ? why.text : "lint sees nothing");
}

START_TEST(tables_are_whole)
{
    ck_assert_uint_gt(table_count, 0);
    for (size_t i = 0; i < table_count; i++)
        ck_lint(tables[i], true, 0);
}
END_TEST

/* Without a row that always holds an answer finds none; behind it a row is never taken. A row for
   one answer may be missing, if the one for every other takes its place. */
START_TEST(lint_sees_rows_that_are_wrong)
{
    size_t missing = 0;
    for (size_t i = 0; i < table_count; i++)
        for (size_t row = 0; row < tables[i]->row_count; row++) {
            struct changed changed;
            const struct client_row *taken = &tables[i]->rows[row];
            changed_begin(&changed, tables[i]);
            changed.rows[changed.table.row_count++] = *taken;
            ck_lint(&changed.table, false, row);
            changed_begin(&changed, tables[i]);
            if (taken->when || taken->answer != ANSWER_ANY)
                continue;
            row_take(&changed, row);
            ck_lint(&changed.table, false, row);
            missing++;
        }
    ck_assert_uint_gt(missing, 5);
}
END_TEST

START_TEST(lint_sees_steps_that_are_wrong)
{
    struct client_table many = *tables[0];
    many.step_count = CLIENT_STEPS_MAX + 1;
    ck_lint(&many, false, 0);
    for (size_t i = 0; i < table_count; i++)
        for (int step = 0; step < (int)tables[i]->step_count; step++) {
            struct changed changed;
            changed_begin(&changed, tables[i]);
            for (size_t row = 0; row < changed.table.row_count; row++)
                if (changed.rows[row].next == step && step != changed.table.first)
                    changed.rows[row].next = changed.table.first;
            if (step != changed.table.first)
                ck_lint(&changed.table, false, (size_t)step);
            changed_begin(&changed, tables[i]);
            for (size_t row = 0; row < changed.table.row_count; row++)
                changed.rows[row].from &= ~IN(step);
            if (step != changed.table.over)
                ck_lint(&changed.table, false, (size_t)step);
        }
}
END_TEST

/* --- drawn and told ------------------------------------------------------------------------ */

static void picture(const struct client_table *table, bool tells, int here, struct buf *out)
{
    buf_clear(out);
    if (tells)
        client_tell(out, table, here);
    else
        client_draw(out, table, here);
}

/* Without the row the picture is another one. */
START_TEST(every_row_is_drawn_and_told)
{
    struct buf whole = BUF_MAX(1u << 20), without = BUF_MAX(1u << 20);
    for (size_t i = 0; i < table_count; i++)
        for (int tells = 0; tells < 2; tells++) {
            picture(tables[i], tells, -1, &whole);
            ck_assert_ptr_null(strstr(buf_text(&whole), "[["));
            for (size_t row = 0; row < tables[i]->row_count; row++) {
                struct changed changed;
                changed_begin(&changed, tables[i]);
                row_take(&changed, row);
                picture(&changed.table, tells, -1, &without);
                ck_assert_msg(strcmp(buf_text(&whole), buf_text(&without)) != 0,
                              "%s client: row %zu is not in\n%s", tables[i]->name, row,
                              buf_text(&whole));
            }
        }
    buf_free(&whole);
    buf_free(&without);
}
END_TEST

START_TEST(drawings_are_80_columns_wide)
{
    struct buf out = BUF_MAX(1u << 20), mark = BUF_MAX(100);
    for (size_t i = 0; i < table_count; i++)
        for (int here = -1; here < (int)tables[i]->step_count; here++) {
            picture(tables[i], false, here, &out);
            check_answer_drawn(buf_slice(&out), tables[i]->name);
            buf_clear(&mark);
            buf_format(&mark, "at [[%s]] it %s", here < 0 ? "" : tables[i]->steps[here].name,
                       here < 0 ? "" : tables[i]->steps[here].meaning);
            ck_assert(here < 0 || strstr(buf_text(&out), buf_text(&mark)));
        }
    buf_free(&out);
    buf_free(&mark);
}
END_TEST

/* --- in a world ---------------------------------------------------------------------------- */

static struct world *world_with_views(void)
{
    static const struct command *const tables_here[] = { sim_commands, view_commands, NULL };
    return world_with(tables_here, default_world);
}

/* The first of the last answer's lines, unwrapped, that begins so. */
static void ck_line(struct world *world, const char *begin, const char *words)
{
    slice text = last_of(world, TRACE_ANSWER)->text;
    size_t at = 0;
    ck_assert_msg(slice_find_text(text, slice_of(begin), &at), "no \"%s\" in\n%.*s", begin,
                  SLICE_ARG(text));
    struct buf line = BUF_MAX(1u << 16);
    for (slice rest = slice_from(text, at); rest.len;) {
        slice part = take_until(&rest, '\n');
        for (slice word = take_word(&part); word.len; word = take_word(&part))
            buf_format(&line, "%s%.*s", line.len ? " " : "", SLICE_ARG(word));
    }
    ck_assert_msg(strstr(buf_text(&line), words), "no \"%s\" in\n%s", words, buf_text(&line));
    buf_free(&line);
}

START_TEST(a_conversation_is_walked)
{
    struct world *world = world_with_views();
    run(world, "on laptop\nstates laptop smtp");
    ck_line(world, ":states", "smtp client laptop (no conversation is known)");
    run(world, "mail write dora@bakery.example bo@campus.example subject \"Hi\" text \"QUIT\"\n"
               "states laptop smtp");
    ck_line(world, ":states", "smtp client laptop -> mail.campus.example:587 connection");
    ck_line(world, "it went:", "it went: GREETING EHLO AUTH MAIL RCPT (again) DATA BODY DOT QUIT "
                               "OVER");
    ck_line(world, " at [[", "at [[OVER]] it closes the connection");
    run(world, "states mail.campus.example");
    ck_line(world, ":states", "smtp client mail.campus.example -> mx.bakery.example:25");
    ck_line(world, "it went:", "it went: GREETING EHLO MAIL RCPT DATA BODY DOT QUIT OVER");
    run(world, "on laptop\nmail sync\nstates laptop");
    ck_line(world, ":states", "pop3 client laptop -> mail.campus.example:110");
    ck_line(world, "it went:", "it went: GREETING USER PASS STAT UIDL LINES RETR MESSAGE");
    ck_line(world, "it went:", "MESSAGE QUIT OVER");
    run(world, "on phone\nmail sync\nmail flag 1\nmail delete 2\nmail sync\nstates phone");
    ck_line(world, ":states", "imap client phone -> mail.campus.example:143");
    ck_line(world, "it went:",
            "it went: GREETING LOGIN ENABLE LIST SELECT (again) PUSH DELETE EXPUNGE SELECT LOGOUT "
            "OVER");
    ck_line(world, ":states  imap end", "it went: GREETING READY ASKED READY ASKED READY ASKED");
    ck_line(world, ":states  imap end", "READY LOGOUT OVER");
    run(world, "mail write bo@campus.example subject \"Hi\" text \"+1\"\n"
               "states phone");
    ck_line(world, ":states  imap end", "READY APPEND LITERAL READY");
    refuses(world, "states laptop imap3", "smtp, pop3, imap or lmtp", 14);
    refuses(world, "states lamp", "a device or host", 7);
    world_end(world);
}
END_TEST

/* The other way, after a refusal; and where it was when the connection was lost. */
START_TEST(the_step_is_lit)
{
    struct world *world = world_with_views();
    run(world, "set mail.campus.example refuse DATA 421\n"
               "on laptop\nmail write bo@campus.example subject \"Hi\" text \"x\"\n"
               "states laptop smtp");
    ck_line(world, "it went:", "MAIL RCPT DATA QUIT");
    run(world, "set mail.campus.example refuse DATA off\nmail sync until UIDL\nstates laptop");
    ck_line(world, " at [[", "at [[STAT]] it asks how many messages there are");
    ck_line(world, "it went:", "it went: GREETING USER PASS STAT");
    run(world, "on phone\nmail setup imap idle\nstates phone");
    ck_line(world, ":states", "imap watch phone -> mail.campus.example:143 connection");
    ck_line(world, " at [[", "at [[IDLE]] it waits to be told of what is new");
    ck_line(world, ":states  imap end", "at [[IDLING]] it says nothing, and is told what is new");
    struct buf told = BUF_MAX(1u << 16);
    ck_assert(states_sentences(&told, last_of(world, TRACE_ANSWER)->text));
    ck_assert(contains(buf_slice(&told), "\nIt is at IDLE: it waits to be told of what is new.\n"));
    ck_assert(contains(buf_slice(&told), "\nIt is at IDLING: it says nothing, and is told what is "
                                         "new.\n"));
    buf_free(&told);
    world_end(world);
}
END_TEST

/* Whatever a program says, its rows lead there. */
START_TEST(rows_lead_to_what_programs_say)
{
    size_t count = 0, walked = 0;
    const struct program *all = programs(&count);
    for (size_t i = 0; i < count; i++) {
        struct world *world = world_with_views();
        struct buf lines = BUF_MAX(1000);
        buf_format(&lines,
                   "on phone\nmail setup %s%s\nmail sync\nmail flag 1\nmail delete 2\n"
                   "mail write bo@campus.example subject \"Hi\" text \"x\"\nmail sync\n"
                   "wait 5m",
                   program_is_named(&all[i]) ? "like " : "", all[i].name);
        run(world, buf_text(&lines));
        for (uint32_t conn = 1; conn < 20; conn++) {
            buf_clear(&lines);
            buf_format(&lines, "states %u client", conn);
            run(world, buf_text(&lines));
            slice text = last_of(world, TRACE_ANSWER)->text;
            ck_assert_msg(!contains(text, "no row leads to"), "%s: %.*s", all[i].name,
                          SLICE_ARG(text));
            walked += contains(text, "it went:");
        }
        buf_free(&lines);
        world_end(world);
    }
    ck_assert_uint_gt(walked, 2 * count);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("clients");
    while (tables[table_count])
        table_count++;
    tcase_add_test(tests, tables_are_whole);
    tcase_add_test(tests, lint_sees_rows_that_are_wrong);
    tcase_add_test(tests, lint_sees_steps_that_are_wrong);
    tcase_add_test(tests, every_row_is_drawn_and_told);
    tcase_add_test(tests, drawings_are_80_columns_wide);
    tcase_add_test(tests, a_conversation_is_walked);
    tcase_add_test(tests, the_step_is_lit);
    tcase_add_test(tests, rows_lead_to_what_programs_say);
    return run_cases("clients", tests);
}
