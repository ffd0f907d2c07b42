/* synonyms.c: the table of words from elsewhere. A word is told what to type, and is not run: a
   script has one way to say a thing. */
#include "sim/language/synonyms.h"

#define LIST "`mail list` shows the messages on this device"
#define READ "`mail read 1` shows the first message on this device"
#define EXIT "`exit` leaves Pennypost"
#define CONNECT "`telnet mail smtp` connects to a server"
#define CLEAR "Ctrl-L clears the screen"

const struct synonym synonyms[] = {
    { "ls", LIST }, { "dir", LIST }, { "inbox", LIST }, { "list", LIST }, { "show", LIST },
    { "read", READ }, { "cat", READ }, { "open", READ }, { "view", READ },
    { "write", "`mail write bo@campus.example subject \"Hello\" text \"Hello, Bo!\"` sends one" },
    { "compose", "`mail write` sends a message; `help mail write` shows how" },
    { "delete", "`mail delete 1` removes the first message on this device" },
    { "rm", "`mail delete 1` removes the first message on this device" },
    { "sync", "`mail sync` fetches what is new" }, { "fetch", "`mail sync` fetches what is new" },
    { "get", "`mail sync` fetches what is new" }, { "refresh", "`mail sync` fetches what is new" },
    { "quit", EXIT }, { "q", EXIT }, { "bye", EXIT }, { "logout", EXIT },
    { "clear", CLEAR }, { "cls", CLEAR },
    { "connect", CONNECT }, { "nc", CONNECT }, { "netcat", CONNECT }, { "openssl", CONNECT },
    { "ssh", CONNECT }, { "login", CONNECT },
    { "disconnect", "`close` closes the connection" },
    { "hello", "`help` tells what there is" }, { "hi", "`help` tells what there is" },
    { "man", "`help WORD` explains a command or a term" },
    { "what", "`help WORD` explains a command or a term" },
    { "whoami", "`users` lists the people, and the prompt names you" },
    { "who", "`users` lists the people, and the prompt names you" },
    { "nslookup", "`dig mx bakery.example` asks the DNS" },
    { "su", "`on desktop` goes to another person's device" },
    { "cd", "`on phone` goes to another device" },
    { "switch", "`on phone` goes to another device" },
    { "sleep", "`wait 2h` lets time pass" }, { "date", "`board` shows what time it is in this world" },
    { "start", "`restart` starts over, `lesson` begins the course, `telnet mail smtp` connects" },
    { "reset", "`restart` goes back to the beginning, where time can be turned" },
    { "back", "`undo` takes back the last line, where time can be turned" },
    { "tutorial", "`lesson` begins the course" }, { "learn", "`lesson` begins the course" },
    { NULL, NULL },
};

const struct synonym *synonym_find(slice word)
{
    for (const struct synonym *synonym = synonyms; synonym->word; synonym++)
        if (slice_is_nocase(word, synonym->word))
            return synonym;
    return NULL;
}
