/* field_guide.c: the table of mail programs as a page of Markdown, for docs/field-guide.md. Reads
   the rows that devices execute; what no device imitates yet is in tests/guide/more.md, which it
   copies. */
#include <stdio.h>
#include <string.h>

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
                                           "\\Deleted" };
    static const char *const purges[] = { "nothing", "EXPUNGE, when it opens a mailbox",
                                          "EXPUNGE, when it leaves a mailbox",
                                          "CLOSE, when it leaves a mailbox" };
    const struct imap_habit *habit = program->imap;
    printf("| %s %s |", program->name, program->version);
    cell(strstr(program->unknown, "how it deletes") ? "unknown" : deletes[habit->deletes]);
    cell(purges[habit->purges]);
    cell(habit->seen_by_fetch ? "the FETCH" : "a STORE");
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
           "needs it. Nobody\npipelines here.\n\n| program | EHLO | login | MAIL "
           "| one of two refused |\n|---|---|---|---|---|\n");
    smtp_print();
    file_print("tests/guide/more.md");
    return 0;
}
