/* words.h: reading and writing the pieces of a line that people type: words, numbers,
   durations, texts in quotes, the names of messages. Which lines there are is not known here. */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include "base/buf.h"
#include "base/slice.h"

slice word_take(slice *rest);                 /* up to the next blank or tab; may be empty */
slice word_peek(slice rest);                  /* the same, and nothing is taken */
bool word_take_if(slice *rest, const char *word);
bool word_number(slice word, uint64_t max, uint64_t *value); /* all of it is digits */
/* A word, or a text in quotes; false: malformed quotes, or nothing there. */
bool text_take(slice *rest, struct buf *text);
/* "90s", "2h30m", "7d", "20ms", "5 minutes", "1 Day"; leaves *rest as it was on failure. */
bool duration_read(slice *rest, uint64_t *ms);
/* "a\r\n", C's escapes: the octets between the quotes; leaves *rest as it was on failure. */
bool quoted_read(slice *rest, struct buf *octets);
/* The octets as quoted_read reads them, without the quotes. */
void quoted_add(struct buf *, slice octets);
bool text_is_visible(slice);                  /* printable ASCII only, blanks too */
/* The names of messages: 1 is A, 26 Z, 27 AA; read in small letters too. */
void message_name_write(struct buf *, uint64_t number);
bool message_name_read(slice word, uint64_t *number);
/* "612 B", "1.2 kB", "14 MB" */
void size_write(struct buf *, uint64_t octets);
/* How far apart two words are: messages to add, take away, change or swap; beyond 3 it is 4. */
unsigned word_distance(slice a, slice b);

/* The nearest of some words to the one that was typed, if any is near enough to be meant. */
struct guess {
    slice typed, best;
    unsigned distance;
};
struct guess guess_begin(slice typed);
void guess_offer(struct guess *, slice word); /* must live as long as the guess */
bool guess_found(const struct guess *);

/* Copies into a field, cut to fit, with a NUL. */
void field_set(char *to, size_t size, slice from);
#define FIELD_SET(field, from) field_set((field), sizeof(field), (from))

#endif
