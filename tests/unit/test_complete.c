/* test_complete.c: TAB offers what is legal now, and nothing else. */
#include "front/complete.h"

#include "repl/repl.h"
#include "sim/language/build.h"
#include "sim/language/groups.h"
#include "tests/unit/language.h"

static const struct {
    const char *before;   /* lines run first */
    const char *line;     /* up to the cursor */
    const char *offered;  /* one after the other; "*" stands for a file's name */
} cases[] = {
    { "", "", "mail board story why on users programs telnet dig hosts base64 states wait "
              "offline online cut lose contrast replay log tap meter save serve "
              "lesson lessons help exit" },
    { "", "story ", "A B C D E F G" },
    { "", "why phone ", "A B C D E F G" },
    { "", "mail read ", "A B C D E F G" },
    { "", "contrast t", "two-devices train" },
    { "", "replay ms", "msmtp-refused" },
    { "", "help env", "envelope" },
    { "", "help UIDV", "UIDVALIDITY" },
    { "telnet mail smtp", ":", ":help :states :why :board :story :log :more :sample :base64 "
                               ":octets :close" },
    { "telnet mail smtp\nEHLO x", "MAIL ", "FROM:<ana@campus.example>" },
    { "telnet mail smtp\nEHLO x", "RCPT to:<b", "TO:<bo@campus.example>" },
    { "telnet mail pop3", "USER a", "ana" },
    { "telnet mail imap", "", "a1" },
    { "telnet mail imap\nx7 NOOP", "", "x8" },
    { "telnet mail imap\na1 LOGIN ana tulip", "a2 SELECT ", "Archive INBOX Sent" },
    { "telnet mail imap\na1 LOGIN ana tulip\na2 SELECT INBOX", "a3 COPY 1 A", "Archive" },
    { "", "tel", "telnet" },
    { "", "wh", "why" },
    { "", ":wh", ":why" },
    { "", "und", "undo" },
    { "", "go st", "start" },
    { "", "telnet m", "mail mail.campus.example mx.bakery.example" },
    { "", "telnet mail ", "smtp submission pop3 imap submissions pop3s imaps lmtp" },
    { "", "telnet mail p", "pop3 pop3s" },
    { "", "on p", "phone" },
    { "", "on t", "tablet till" },
    { "", "states ", "smtp pop3 imap lmtp mail mail.campus.example mx.bakery.example laptop phone tablet desktop office till" },
    { "", "dig m", "mail mail.campus.example mx.bakery.example mx" },
    { "", "save x", "*" },
    { "", "mail s", "sync search setup save" },
    { "", "mail im", "import" },
    { "", "mail import x", "*" },
    { "", "mail write d", "dora@bakery.example" },
    { "", "check ", "server device session reply queue rule passed typed ran answer" },
    { "", "check device p", "phone" },
    { "", "check session ", "smtp pop3 imap lmtp" },
    { "telnet mail smtp", "", "EHLO HELO RSET NOOP QUIT VRFY HELP" },
    { "telnet mail smtp", "MA", "" },
    { "telnet mail smtp\nEHLO x", "ma", "MAIL" },
    { "telnet mail smtp\nEHLO x", "AU", "" },
    { "telnet mail submission\nEHLO x", "AU", "AUTH" },
    { "telnet mail submission\nEHLO x", "MA", "" },
    { "telnet mail smtp\nEHLO x", ":sta", ":states" },
    { "telnet mail smtp\nEHLO x", ":on p", "phone" },
    { "telnet mail smtp\nEHLO x", "NOOP F", "" },
    { "telnet mail smtp\nEHLO x\nMAIL FROM:<ana@campus.example>\nRCPT TO:<bo@campus.example>\nDATA",
      "Q", "" },
    { "telnet mail pop3\nUSER ana\nPASS tulip", "R", "RETR RSET" },
    { "telnet mail imap", "LO", "" },
    { "telnet mail imap", "a1 LOGI", "LOGIN" },
    { "telnet mail imap", "a1 SEL", "" },
    { "telnet mail imap\na1 LOGIN ana tulip", "a2 SEL", "SELECT" },
    { "telnet mail imap\na1 LOGIN ana tulip\na2 SELECT INBOX", "a3 UID FE", "FETCH" },
    { "telnet mail imap\na1 LOGIN ana tulip\na2 SELECT INBOX", "a3 UID NO", "" },
};

START_TEST(offers_what_is_legal)
{
    struct error why = { "" };
    struct world *world = world_new(NULL, NULL, repl_tables, slice_of(default_world),
                                    SLICE("default"), &why);
    struct completions found = { .count = 0 };
    struct buf offered = BUF_MAX(65536);
    run(world, cases[_i].before);
    slice line = slice_of(cases[_i].line);
    size_t start = line.len;
    while (start && line.at[start - 1] != ' ')
        start--;
    completions_find(&found, world, line, start);
    for (size_t i = 0; i < found.count; i++)
        buf_format(&offered, "%s%s", i ? " " : "", found.words[i]);
    if (found.files)
        buf_add_text(&offered, "*");
    ck_assert_str_eq(buf_text(&offered), cases[_i].offered);
    completions_free(&found);
    buf_free(&offered);
    world_end(world);
}
END_TEST

/* No command is where nobody looks for it. */
START_TEST(each_command_has_a_group)
{
    size_t from = 0;
    const struct command *command;
    while ((command = command_next(repl_tables, true, &from)) != NULL)
        ck_assert_msg(help_group_of(slice_of(command->name)) != NULL, "%s", command->name);
    for (const struct help_group *group = help_groups; group->title; group++)
        for (const char *const *line = group->lines; *line; line++) {
            slice rest = slice_of(*line);
            command = command_find(repl_tables, take_word(&rest));
            ck_assert_msg(command && command->run, "%s", *line);
        }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("complete");
    tcase_add_loop_test(tests, offers_what_is_legal, 0, COUNT(cases));
    tcase_add_test(tests, each_command_has_a_group);
    return run_cases("complete", tests);
}
