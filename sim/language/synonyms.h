/* synonyms.h: words that people know from elsewhere, and how Pennypost does the same. */
#ifndef SIM_LANGUAGE_SYNONYMS_H
#define SIM_LANGUAGE_SYNONYMS_H

#include "base/slice.h"

struct synonym {
    const char *word;    /* "ls" */
    const char *instead; /* a sentence without its end: "`mail list` shows the messages here" */
};

extern const struct synonym synonyms[]; /* ends with one without a word */
/* The one of that word, in any case; NULL: it is not in the table. */
const struct synonym *synonym_find(slice word);

#endif
