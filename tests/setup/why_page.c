/* why_page.c: every sentence that says why a server answered as it did, as a page of Markdown, for
   docs/why.md. Reads views/why_*_table.c, and adds nothing of its own. */
#include <stdio.h>
#include <string.h>

#include "servers/services_table.h"
#include "views/reason.h"

/* In a table's cell: a bar would end it, < > would be taken for a tag. */
static void cell(const char *text)
{
    for (; *text; text++)
        if (*text == '|')
            fputs("\\|", stdout);
        else if (*text == '<')
            fputs("&lt;", stdout);
        else if (*text == '\n')
            fputs(text[1] ? "`, then `" : "", stdout);
        else
            putchar(*text);
}

static void attempt(const char *text)
{
    if (!text) {
        printf("what the line about the state offers first");
        return;
    }
    if (!*text) {
        printf("nothing that a hand could type");
        return;
    }
    printf("`");
    for (; *text; text++)
        fputs(*text == '|'    ? "\\|"
              : *text == '\n' ? "`, then `"
                              : (const char[]){ *text, 0 },
              stdout);
    printf("`");
}

static void row(const struct reason *reason)
{
    printf("| %s | %s | %s | ", strcmp(reason->states, "*") == 0 ? "(any)" : reason->states,
           strcmp(reason->event, "*") == 0 ? "(any)" : reason->event,
           outcome_name(reason->outcome));
    cell(reason->says);
    if (reason->more) {
        printf(" *");
        cell(reason->more);
        printf("*");
    }
    printf(" | ");
    attempt(reason->attempt);
    if (reason->belief)
        printf(" | [%u](misconceptions.md) |\n", reason->belief);
    else
        printf(" | |\n");
}

int main(void)
{
    const struct protocol *protocol = NULL;
    printf(
        "# Why a server answers so\n\n"
        "A sentence for each row of the tables of rules, by state, event and outcome. The line\n"
        "about the state says it when a command is refused, `why` says it for every answer, with\n"
        "what stands here *in italics* and one thing to try. Rows of the same state, event and\n"
        "outcome are told apart by what was typed; the last is for all else. Words in { } are\n"
        "filled in. Tests make each row happen, and type what it says to try.\n"
        "Made by `make docs` from `views/why_*_table.c`.\n");
    while ((protocol = protocol_next(protocol))) {
        const struct reasons *reasons = reasons_of(protocol);
        printf(
            "\n## %s\n\n| in | event | outcome | why | try | belief |\n|---|---|---|---|---|---|\n",
            protocol->title);
        for (size_t i = 0; i < reasons->count; i++)
            row(&reasons->rows[i]);
    }
    return 0;
}
