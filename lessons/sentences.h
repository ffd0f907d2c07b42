/* sentences.h: what the course says besides its lessons, each sentence once. {1} {2} … are filled
   in. A translation has a line for each in lessons/LANGUAGE/words.txt (language.h). */
#ifndef LESSONS_SENTENCES_H
#define LESSONS_SENTENCES_H

#define SENTENCES_EACH(SENTENCE)                                                                   \
    SENTENCE(LESSON_TITLE, "Lesson {1}: {2} ({3} minutes)")                                        \
    SENTENCE(LESSON_GOALS, "Lesson {1}: {2} of {3} goals met.")                                    \
    SENTENCE(GOAL_MET, "met")                                                                      \
    SENTENCE(GOAL_OPEN, "open")                                                                    \
    SENTENCE(STILL_OPEN, "Still open: {1}")                                                        \
    SENTENCE(ALSO, "Also:  goal  hint  undo  exit   (while connected, with a colon:  :hint)")      \
    SENTENCE(TYPE_PREDICTION, "Type what you think and press Enter. Enter alone skips.")           \
    SENTENCE(ASK_ROOM, "What do you think? Any key goes on.")                                      \
    SENTENCE(PREDICTED_RIGHT, "You predicted \"{1}\": right. It is: {2}")                          \
    SENTENCE(PREDICTED_WRONG, "You predicted \"{1}\": it came otherwise. It is: {2}")              \
    SENTENCE(PREDICTED, "You predicted \"{1}\". It is: {2}")                                       \
    SENTENCE(YES, "yes")                                                                           \
    SENTENCE(NO, "no")                                                                             \
    SENTENCE(NOTED, "Noted. Now see what happens.")                                                \
    SENTENCE(NOTED_COMMAND, "That is a command, so it is no guess; it has not run. Type it again " \
                            "now.")                                                                \
    SENTENCE(MANY_THINK, "Many think: \"{1}.\" {2}")                                               \
    SENTENCE(ALL_MET, "All {1} goals are met.")                                                    \
    SENTENCE(NOTHING_TO_DO, "All goals are met: there is nothing left to do.")                     \
    SENTENCE(NOTHING_TO_HINT, "All goals are met: there is nothing left to hint at.")              \
    SENTENCE(NEXT_LINE, "The next line is:  {1}")                                                  \
    SENTENCE(NEXT_LINE_TYPED, "The next line of the solution is in your input. Enter runs it.")    \
    SENTENCE(STUCK, "Stuck?  {1}  helps a little.")                                                \
    SENTENCE(HINT, "Hint {1} of {2} for goal {3}:")                                                \
    SENTENCE(LAST_HINT, "That was the last hint. `{1}` types the next line for you.")              \
    SENTENCE(NEXT_LESSON, "Next:  lesson {1}  ({2} minutes): {3}")                                 \
    SENTENCE(PATH_DONE, "You have done all lessons of this path.  contrast  compares POP3 and "    \
                        "IMAP.")                                                                   \
    SENTENCE(COURSE_DONE, "You have done all lessons of the course.  contrast  compares POP3 and " \
                          "IMAP.")                                                                 \
    SENTENCE(DONE, "done")                                                                         \
    SENTENCE(BEGUN, "begun")                                                                       \
    SENTENCE(LESSONS_DONE, "{1} of {2} lessons done.")                                             \
    SENTENCE(GOALS, "{1} of {2} goals")                                                            \
    SENTENCE(ONE_TRY, "1 try")                                                                     \
    SENTENCE(TRIES, "{1} tries")                                                                   \
    SENTENCE(ONE_HINT, "1 hint")                                                                   \
    SENTENCE(HINTS, "{1} hints")                                                                   \
    SENTENCE(ONE_LINE_SOLVED, "1 line of the solution")                                            \
    SENTENCE(LINES_SOLVED, "{1} lines of the solution")                                            \
    SENTENCE(PREDICTIONS_RIGHT, "{1} of {2} predictions right")                                    \
    SENTENCE(PATH_LISTED, "Path {1}. `lesson --path all` shows every lesson.")                     \
    SENTENCE(LIST_END, "`lesson NAME` begins one, `lesson` goes on where you were.")

enum sentence {
#define SENTENCE(name, english) SAY_##name,
    SENTENCES_EACH(SENTENCE)
#undef SENTENCE
    SENTENCES
};

#endif
