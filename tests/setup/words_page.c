/* words_page.c: the table of terms as a table of Markdown, for docs/words.md. */
#include <stdio.h>

#include "sim/language/terms.h"

static void cell(const char *text)
{
    putchar(' ');
    for (; *text; text++)
        fputs(*text == '|' ? "\\|" : *text == '\\' ? "\\\\" : (const char[]){ *text, 0 }, stdout);
    printf(" |");
}

int main(void)
{
    printf("| term | also | meaning | RFC |\n|---|---|---|---|\n");
    for (const struct term *term = term_next(NULL); term; term = term_next(term)) {
        putchar('|');
        cell(term->name);
        cell(term->also);
        cell(term->meaning);
        cell(term->rfc);
        putchar('\n');
    }
    return 0;
}
