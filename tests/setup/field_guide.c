/* field_guide.c: the table of mail programs as a page of Markdown, for docs/field-guide.md. Reads
   the rows that devices execute; what no device imitates yet is in tests/guide/more.md, which it
   copies. */
#include <stdio.h>
#include <string.h>

#include "servers/dialects/dialects.h"
#include "sim/devices/programs.h"

static void cell(const char *text)
{
    printf(" ");
    for (; *text; text++)
        fputs(*text == '|' ? "\\|" : *text == '\\' ? "\\\\" : (const char[]){ *text, 0 }, stdout);
    printf(" |");
}

static void pop3_row(const struct program *program)
{
    static const char *const deletes[] = { "after each", "after all", "before the new ones" };
    static const char *const memories[] = { "DELE without RETR", "left alone", "fetched again" };
    const struct pop3_habit *habit = program->pop3;
    const struct mail_account *account = &program->account;
    printf("| %s %s |", program->name, program->version);
    cell(habit->opening);
    printf(" %s%s%s%s%s |", habit->lists_each ? "LIST n, " : "",
           habit->top ? "TOP n 99999999" : "RETR n",
           habit->header_again ? ", TOP n 0" : "", habit->newest_first ? ", newest first" : "",
           habit->pipelines           ? ", pipelined if offered"
           : habit->pipelines_unasked ? ", pipelined always"
                                      : "");
    if (account->keep_ms)
        printf(" after %llu days%s |", (unsigned long long)(account->keep_ms / 86400000u),
               account->carries_back ? ", or when deleted here" : "");
    else
        cell(account->removes ? deletes[habit->deletes] : "never");
    cell(memories[account->memory]);
    cell(program->does);
    cell(program->unknown[0] ? program->unknown : "-");
    printf("\n");
}

static void imap_row(const struct program *program)
{
    static const char *const deletes[] = { "UID MOVE to Trash",
                                           "UID COPY to Trash, \\Deleted, EXPUNGE",
                                           "UID COPY to Trash, \\Deleted, UID EXPUNGE",
                                           "\\Deleted, EXPUNGE",
                                           "\\Deleted, UID EXPUNGE",
                                           "\\Deleted, CLOSE",
                                           "\\Deleted", "never: it only fetches" };
    static const char *const purges[] = { "nothing", "EXPUNGE, when it opens a mailbox",
                                          "EXPUNGE, when it leaves a mailbox",
                                          "CLOSE, when it leaves a mailbox" };
    const struct imap_habit *habit = program->imap;
    printf("| %s %s |", program->name, program->version);
    cell(strstr(program->unknown, "how it deletes") ? "unknown" : deletes[habit->deletes]);
    cell(purges[habit->purges]);
    printf(" %s%s |",
           habit->seen_by_fetch             ? "the FETCH"
           : habit->deletes == IMAP_FETCHES ? "nothing"
                                            : "a STORE",
           habit->overwrites ? ", and a STORE of all flags" : "");
    printf(" %s%s%s |", habit->makes ? habit->makes : "-",
           habit->subscribes ? ", subscribed" : "", habit->uses ? ", with their uses" : "");
    cell(program->does);
    cell(program->unknown);
    printf("\n");
}

static void smtp_row(const struct program *program)
{
    static const char *const refusals[] = { "unknown", "the others get it",
                                            "nobody gets it; it closes without QUIT",
                                            "nobody gets it; QUIT", "nobody gets it; RSET, QUIT" };
    const struct smtp_habit *habit = program->smtp;
    slice name = slice_of(program->name), first = take_until(&name, ' ');
    printf("| %.*s %s | %s | %s%s |", SLICE_ARG(first), program->version,
           habit->hello, habit->mechanism, habit->initial ? ", first answer at once" : "");
    cell(habit->parameters[0] ? habit->parameters : "none");
    cell(refusals[habit->refused]);
    cell(program->pop3 || program->imap ? "-" : program->does);
    printf("\n");
}

/* Of rows of one program the first. */
static void smtp_print(void)
{
    size_t count = 0;
    const struct program *rows = programs(&count);
    for (size_t i = 0; i < count; i++) {
        bool told = !rows[i].smtp;
        for (size_t j = 0; j < i; j++)
            told = told || (rows[j].smtp == rows[i].smtp &&
                            strcmp(rows[j].version, rows[i].version) == 0);
        if (!told)
            smtp_row(&rows[i]);
    }
}

static void rows_print(bool pop3)
{
    size_t count = 0;
    const struct program *rows = programs(&count);
    for (size_t i = 0; i < count; i++) {
        if (pop3 && rows[i].pop3)
            pop3_row(&rows[i]);
        if (!pop3 && rows[i].imap)
            imap_row(&rows[i]);
    }
}

static size_t rows_count(bool unknown)
{
    size_t count = 0, found = 0;
    const struct program *rows = programs(&count);
    for (size_t i = 0; i < count; i++)
        found += program_is_named(&rows[i]) && (!unknown || rows[i].unknown[0]);
    return found;
}

static void file_print(const char *path)
{
    char text[4096];
    FILE *file = fopen(path, "r");
    for (size_t len; file && (len = fread(text, 1, sizeof text, file)) > 0;)
        fwrite(text, 1, len, stdout);
    if (file)
        fclose(file);
}

/* --- servers --------------------------------------------------------------------------------- */

static void states_print(const struct protocol *protocol, uint32_t from)
{
    printf("|");
    for (size_t i = 0; i < protocol->state_count; i++)
        if (from & IN(i))
            printf(" %s", protocol->states[i].name);
    printf(" |");
}

static void server_row(const struct dialect *dialect, const struct dialect_row *row)
{
    const struct rule *rule = &row->rule;
    const struct protocol *base = dialect->protocol;
    int state = 0;
    while (!(rule->from & IN(state)))
        state++;
    const struct rule *ours = dialect_base_rule(dialect, rule, state);
    slice mine = reply_code(ours ? ours->reply : NULL), theirs = reply_code(rule->reply);
    if (dialect->manners.no_codes)
        mine = take_word(&mine);
    if (dialect_borrows(dialect, rule) || (slice_equal(mine, theirs) && !row->note))
        return;
    states_print(base, rule->from);
    printf(" %s %s | %.*s | %.*s%s%s |", rule->event ? base->events[rule->event].verb : "(any)",
           outcome_name((enum outcome)rule->outcome), SLICE_ARG(mine), SLICE_ARG(theirs),
           rule->next == STAY ? "" : ", to ",
           rule->next == STAY ? "" : base->states[rule->next].name);
    cell(row->note ? row->note : "");
    printf("\n");
}

static void servers_print(void)
{
    printf("\n## Servers\n\nMade from the rows that a host executes after "
           "`set HOST answers like postfix`\n(`servers/dialects/`); `dialect postfix` tells "
           "limits and verbs too. What was said to each\nserver, and the codes that came, are "
           "in `tests/dialects/`, and a test plays them. Here stand\nthe answers whose code "
           "differs from Pennypost's.\n");
    for (size_t i = 1; i < DIALECTS; i++) {
        const struct dialect *dialect = dialect_numbered(i);
        printf("\n### %s, %s\n\nVersion %s, measured %s.\n\n| state | command, outcome "
               "| Pennypost | it | |\n|---|---|---|---|---|\n",
               dialect->title, dialect->protocol->title, dialect->version, dialect->measured);
        for (size_t k = 0; k < dialect->row_count; k++)
            server_row(dialect, &dialect->rows[k]);
        printf("\nNot imitated:\n\n");
        for (size_t k = 0; k < dialect->told_count; k++)
            printf("- It %s. Here: %s.\n", dialect->told[k].does, dialect->told[k].ours);
    }
    printf("\nA new server: its file in `servers/dialects/`, its number in `dialects.h`, what was "
           "said to it in\n`tests/dialects/NAME-PROTOCOL.txt`; `test_dialects NAME` says what does "
           "not agree, and which row\nno probe needs.\n");
}

int main(void)
{
    printf("# The field guide: what mail programs really do\n\n"
           "Made by `make docs` from the table that devices execute (`sim/devices/programs.c`).\n"
           "Every row was measured on " PROGRAMS_MEASURED ", on Debian 12 or with the newest npm\n"
           "package, in the version named, out of the box, against `pennypost serve`, through a\n"
           "proxy that wrote down what was said and could lose the connection. %zu rows;\n"
           "%zu of them have cells that nobody measured, which the last column names.\n\n"
           "`mail setup like fetchmail` makes a device behave so; `programs mpop` tells one row;\n"
           "`contrast lost-before-quit --variants fetchmail,mpop,nmh` compares. `tests/guide/`\n"
           "has the recorded sessions, and devices play them; where the program is at hand,\n"
           "`tests/interop/test_guide.py` asks the program itself.\n",
           rows_count(false), rows_count(true));
    printf("\n## POP3\n\n| program | says first | each message | DELE | messages that it has "
           "| what surprises | unknown |\n|---|---|---|---|---|---|---|\n");
    rows_print(true);
    printf("\n## IMAP\n\n| program | deletes by | removes unasked | \\Seen is set by | makes "
           "| what surprises | unknown |\n|---|---|---|---|---|---|---|\n");
    rows_print(false);
    printf("\n## Sending\n\nEHLO's argument: HOST is the machine's own name, ADDRESS its address "
           "in brackets,\nDOMAIN the sender's. MAIL's parameters: BODY? only for a message that "
           "needs it. A device\nwaits for each answer.\n\n| program | EHLO | login | MAIL "
           "| one of two refused | what surprises |\n|---|---|---|---|---|---|\n");
    smtp_print();
    file_print("tests/guide/more.md");
    servers_print();
    return 0;
}
