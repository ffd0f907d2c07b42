/* groups.c: see groups.h. */
#include "sim/language/groups.h"

#include "base/words.h"

#define LINES(...) (const char *const[]) { __VA_ARGS__, NULL }

const struct help_group help_groups[] = {
    { "Your mail", NULL, false, false,
      LINES("mail sync", "mail list", "mail read 1", "mail write", "board", "story A",
            "why phone A", "on phone", "users", "programs") },
    { "By hand", "hand", false, false,
      LINES("telnet mail smtp | pop3 | imap", "dig mx bakery.example", "hosts", "base64 ana",
            "states smtp") },
    { "Time", "time", false, false, LINES("wait 2h") },
    { "", NULL, true, false,
      LINES("undo", "redo", "rewind 2h", "restart", "fork NAME", "branches", "go NAME",
            "diff start") },
    { "and faults", "faults", false, false,
      LINES("offline phone", "online phone", "cut", "lose phone") },
    { "Pictures,", "pictures", false, false,
      LINES("contrast", "replay", "log", "tap", "meter", "board --watch") },
    { "scripts,", "scripts", false, false, LINES("save FILE") },
    { "serving", "serving", false, false, LINES("serve") },
    { "Learn", "learn", false, false,
      LINES("lesson", "lessons", "help MAIL", "help 550", "help relay") },
    { "In a lesson", "course", false, true,
      LINES("progress", "goal", "hint", "solution", "predict WORDS", "answer WORDS", "skip",
            "handin") },
    { "Worlds", "world", false, true,
      LINES("host", "mx", "txt", "srv", "user", "mailbox", "message", "device", "setup", "link",
            "set", "dialect", "arrive", "watch") },
    { "Stories", "stories", false, true, LINES("step", "ask", "variants") },
    { "Connected", "connected", false, true,
      LINES("why", "more", "sample", "octets TEXT", "send \"OCTETS\"", "close", "check WHAT") },
    { "Leave", NULL, false, false, LINES("exit") },
    { NULL, NULL, false, false, NULL },
};

const char *const help_colon[] = { "help", "states", "why", "board", "story A", "log", "more",
                                   "sample", "base64", "octets", "close", NULL };

const struct help_group *help_group_find(slice word)
{
    for (const struct help_group *group = help_groups; group->title; group++)
        if (group->word &&
            (slice_is_nocase(word, group->word) || slice_is_nocase(word, group->title)))
            return group;
    return NULL;
}

const struct help_group *help_group_of(slice command)
{
    for (const struct help_group *group = help_groups; group->title; group++)
        for (const char *const *line = group->lines; *line; line++) {
            slice rest = slice_of(*line);
            if (slice_equal(word_take(&rest), command))
                return group;
        }
    return NULL;
}
