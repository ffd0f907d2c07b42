/* said.h: marks a text that is said to people and can be said in another language. It is written
   where it is used, and nowhere else: a translation (lessons/LANGUAGE/words.txt) has it under the
   same words, with {1} {2} … for its %s. repl/said.awk collects what is marked, for `lint`. */
#ifndef BASE_SAID_H
#define BASE_SAID_H

#define SAID(text) text

#endif
