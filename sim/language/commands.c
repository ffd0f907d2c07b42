/* commands.c: the table of sim's commands, and the small ones. Names that other parts of
   the program have, or will have, are reserved here, so that a message or a script means
   the same in every version. */
#include "sim/language/commands.h"

#include "base/said.h"
#include "base/words.h"
#include "sim/language/script.h"
#include "sim/world.h"

/* What it is worth is for a check to say, and for the lesson that asked. */
static bool command_answer(struct call *call)
{
    if (!call->args.len)
        return call_refuse(call, call->args, SAID("in a few words: answer the laptop"));
    call_say(call, SAID("Your answer: %.*s"), SLICE_ARG(call->args));
    return true;
}

void call_settle(struct call *call)
{
    struct error why;
    must(call->begun);
    if (!world_settle(call->world, &why) && !call->world->script->broken.text[0])
        call->world->script->broken = why;
}

#define PLANNED(name, meaning) { name, name, meaning, COMPLETES_NOTHING, NULL }

const struct command sim_commands[] = {
    { "telnet", "telnet HOST PORT",
      "connects you to a server; the port is a number, or smtp, submission, pop3, imap, lmtp",
      COMPLETES_SERVICE_HOST, command_telnet },
    { "close", "close", "closes the connection (FIN): the server sees the end of what you say",
      COMPLETES_NOTHING, command_close },
    { "cut", "cut",
      "cuts your connection (RST to both ends), as when a cable is pulled; the link stays",
      COMPLETES_NOTHING, command_cut },
    { "dig", "dig [a|mx|txt|srv] NAME",
      "asks the DNS: a is the address, mx the mail server of a domain", COMPLETES_HOST,
      command_dig },
    { "on", "on [DEVICE]", "goes to another device, whoever's it is; alone it lists them",
      COMPLETES_DEVICE, command_on },
    { "users", "users", "lists the people, and what lies in their mailboxes", COMPLETES_NOTHING,
      command_users },
    { "hosts", "hosts", "lists the machines: addresses, what they serve, how they are set",
      COMPLETES_NOTHING, command_hosts },
    { "wait", "wait DURATION [for WHAT]",
      "lets time pass: 20ms, 90s, 2h30m, 7d; with `for` only until that is so, and then it is "
      "checked: wait 5m for server bo@campus.example INBOX has 2 messages",
      COMPLETES_NOTHING, command_wait },
    { "sample", "sample",
      "types for you: in SMTP what is left of a whole small message, up to its dot; in a literal "
      "as many octets as it takes",
      COMPLETES_NOTHING, command_sample },
    { "send", "send \"OCTETS\"",
      "sends exactly these octets, with C's escapes (\\r \\n \\0 \\x41) and no line end",
      COMPLETES_NOTHING, command_send },
    { "octets", "octets TEXT",
      "counts what a literal needs; TEXT in quotes may have several lines (\\n)", COMPLETES_NOTHING,
      command_octets },
    { "base64", "base64 [-d] TEXT",
      "TEXT in base64, or back with -d; \\0 in it is a NUL, as AUTH PLAIN wants", COMPLETES_NOTHING,
      command_base64 },
    { "mail", "mail [WHAT]",
      "drives the device's own mail program; alone it tells the account. It shows what is on the "
      "device, and only a sync talks to the server. N is a number of the list, or a message's "
      "name: B; N in FOLDER is one elsewhere",
      COMPLETES_WORD, command_mail },
    { "programs", "programs [NAME]",
      "lists the mail programs that a device can imitate (mail setup like NAME), or tells how one "
      "of them was measured",
      COMPLETES_NOTHING, command_programs },
    { "dialect", "dialect [NAME]",
      "lists the servers that a host can answer like (set HOST answers like NAME), or tells where "
      "one of them differs from Pennypost",
      COMPLETES_NOTHING, command_dialect },
    { "lose", "lose DEVICE", "the device is gone with what it held; a new, empty one is there",
      COMPLETES_DEVICE, command_lose },
    { "check", "check WHAT", "says one thing about the world, and whether it is so",
      COMPLETES_WORD, command_check },
    { "help", "help [WORD]", "explains a command, a verb of a protocol, a state or a reply code",
      COMPLETES_COMMAND, command_help },
    { "offline", "offline NAME", "takes a host or device off the network", COMPLETES_HOST,
      command_sentence },
    { "online", "online NAME", "puts it back", COMPLETES_HOST, command_sentence },
    { "set", "set HOST greylist on|off",
      "sets a host; also: require tls [off], refuse VERB CODE [first N], refuse "
      "VERB off, without CAPABILITY [off], answers like NAME (dialect lists them), serves "
      "SERVICE; or what a person's mailboxes may hold: set ADDRESS quota 10MB, 500 messages, off",
      COMPLETES_SERVICE_HOST, command_sentence },
    { "link", "link NAME latency 20ms",
      "sets a machine's link; also: bandwidth 2MB/s, segment N, loss 1/N", COMPLETES_HOST,
      command_sentence },
    { "message", "message ADDRESS BOX from ADDRESS subject \"TEXT\" text \"TEXT\"",
      "puts a message into a mailbox as if it had come; also: flags before from (seen flagged "
      "answered $Work), named, "
      "html, attach \"NAME\" \"TEXT\", ago 2h",
      COMPLETES_USER, command_sentence },
    { "mailbox", "mailbox ADDRESS NAME [for USE]", "makes a mailbox", COMPLETES_USER,
      command_sentence },
    { "user", "user ADDRESS password WORD", "adds a person to the world", COMPLETES_NOTHING,
      command_sentence },
    { "device", "device NAME of ADDRESS PROGRAM",
      "adds a device; PROGRAM is pop3 delete, pop3 keep [7d], imap, imap headers or imap on "
      "demand, or like a program that `programs` lists; "
      "then every 15m, or idle (IMAP), if it shall synchronise by itself",
      COMPLETES_NOTHING, command_sentence },
    { "setup", "setup DEVICE PROGRAM", "sets a device's mail program anew: the words of device",
      COMPLETES_DEVICE, command_sentence },
    { "host", "host NAME serves SERVICES for DOMAINS",
      "adds a server; SERVICES are smtp submission pop3 imap lmtp", COMPLETES_NOTHING,
      command_sentence },
    { "mx", "mx DOMAIN PREFERENCE HOST", "tells the DNS which host takes a domain's mail",
      COMPLETES_NOTHING, command_sentence },
    { "txt", "txt NAME \"TEXT\"", "puts a text into the DNS", COMPLETES_NOTHING, command_sentence },
    { "srv", "srv NAME PRIORITY WEIGHT PORT HOST", "tells the DNS where a service is",
      COMPLETES_NOTHING, command_sentence },
    { "undo", "undo",
      "takes back the last line that did something, with all that came of it, or a whole message "
      "if that is what has just ended; a look (board, why, help) is nothing to take back",
      COMPLETES_NOTHING, command_undo },
    { "redo", "redo", "takes back the last undo, rewind or restart", COMPLETES_NOTHING,
      command_redo },
    { "restart", "restart", "goes back to the beginning; redo comes back", COMPLETES_NOTHING,
      command_restart },
    { "rewind", "rewind N|TIME",
      "goes N steps back, or back in time: rewind 2h, rewind 09:30", COMPLETES_NOTHING,
      command_rewind },
    { "fork", "fork NAME",
      "begins a branch here: what you do next is on it, and go brings you back to the other",
      COMPLETES_NOTHING, command_fork },
    { "branches", "branches", "lists what was tried, and where you are", COMPLETES_NOTHING,
      command_branches },
    { "go", "go NAME", "goes to the end of a branch, or to start", COMPLETES_BRANCH, command_go },
    { "arrive", "arrive MOMENT WHAT",
      "what came through a real socket, as `serve` writes it down: you need not type it",
      COMPLETES_NOTHING, command_arrive },
    { "answer", "answer WORDS", "answers the question of a lesson, in a few words",
      COMPLETES_NOTHING, command_answer },
    PLANNED("states", "draws the machine you are in"),
    PLANNED("why", "explains the last reply"),
    PLANNED("log", "what happened"),
    PLANNED("tap", "the bytes on the wire"),
    PLANNED("more", "the rest of a long reply"),
    PLANNED("exit", "leaves Pennypost"),
    PLANNED("save", "writes what was typed to a script"),
    PLANNED("import", "brings a message in"),
    PLANNED("export", "draws what happened to a file"),
    PLANNED("serve", "opens real ports"),
    PLANNED("watch", "shows what real programs say"),
    PLANNED("run", "plays a script"),
    PLANNED("contrast", "the same story with POP3 and with IMAP"),
    PLANNED("diff", "compares two moments of a world"),
    PLANNED("lesson", "the course"),
    PLANNED("lessons", "what there is to learn"),
    PLANNED("goal", "what a lesson wants"),
    PLANNED("hint", "helps a little"),
    PLANNED("handin", "hands work in"),
    PLANNED("grade", "looks at what was handed in"),
    PLANNED("share", "gives a world to somebody"),
    PLANNED("poll", "lets a device fetch its mail by itself"),
    { NULL, NULL, NULL, COMPLETES_NOTHING, NULL },
};

/* --- the word behind a command --------------------------------------------------------------- */

const struct subcommand *command_words(const struct command *command)
{
    if (command->run == command_mail)
        return mail_words;
    return command->run == command_check ? check_words : NULL;
}

const struct subcommand *subcommand_find(const struct subcommand *words, slice name)
{
    for (; words && words->name; words++)
        if (slice_is(name, words->name))
            return words;
    return NULL;
}

bool subcommand_run(struct call *call, const struct subcommand *words, const char *else_say)
{
    slice rest = call->args, word = word_take(&rest);
    struct guess guess = guess_begin(word);
    const struct subcommand *found = subcommand_find(words, word);
    if (found)
        return found->run(call, rest);
    for (; words->name; words++)
        guess_offer(&guess, slice_of(words->name));
    if (guess_found(&guess))
        return call_refuse(call, word, "did you mean  %s %.*s ?", call->command->name,
                           SLICE_ARG(guess.best));
    return call_refuse(call, word, "%s", else_say);
}
