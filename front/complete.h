/* complete.h: what TAB offers: only what is legal now. Knows no readline. */
#ifndef FRONT_COMPLETE_H
#define FRONT_COMPLETE_H

#include "base/arena.h"
#include "sim/shared.h"

#define COMPLETIONS_KEPT 400

/* Zeroed at the start; used again and again. */
struct completions {
    struct arena arena;
    const char *words[COMPLETIONS_KEPT]; /* whole words that begin as the typed one does */
    const char *titles[COMPLETIONS_KEPT]; /* of the word's group of commands, or NULL */
    size_t count;
    bool ends;                           /* if there is one word: nothing need stand behind it */
    bool files;                          /* a file's name belongs here: the terminal knows better */
};

/* line: up to the cursor; start: where the word begins that is being typed. */
void completions_find(struct completions *, struct world *, slice line, size_t start);
void completions_free(struct completions *);

#endif
