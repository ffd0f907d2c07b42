/* command_line.c: see command_line.h. */
#include "repl/command_line.h"

#include <string.h>

#include "servers/services_table.h"

#define LESSON_BITS (VERB_BIT(VERB_LESSON) | VERB_BIT(VERB_LESSONS) | VERB_BIT(VERB_LINT))
#define SERVE_BIT VERB_BIT(VERB_SERVE)
#define EXPORT_BIT VERB_BIT(VERB_EXPORT)
#define GRADE_BIT VERB_BIT(VERB_GRADE)

const struct line_verb line_verbs[VERBS] = {
    [VERB_PROMPT] = { "", WORD_NONE, NULL, "the prompt, in your own world" },
    [VERB_LESSON] = { "lesson", WORD_LESSON, NULL, "the course, in worlds of its own" },
    [VERB_LESSONS] = { "lessons", WORD_NONE, NULL, "lists the course, and what was done" },
    [VERB_RUN] = { "run", WORD_FILE, NULL, "plays a script or a recording" },
    [VERB_CONTRAST] = { "contrast", WORD_STORY, NULL, "one story with POP3 and with IMAP" },
    [VERB_REPLAY] = { "replay", WORD_RECORDING, NULL, "a recorded session of a real mail program" },
    [VERB_EXPORT] = { "export", WORD_STORY, NULL, "a script or a story as a picture" },
    [VERB_SERVE] = { "serve", WORD_NONE, NULL, "the same servers on ports of this machine" },
    [VERB_FSCK] = { "fsck", WORD_FILE, NULL, "checks the invariants of a world" },
    [VERB_GRADE] = { "grade", WORD_FILE, NULL, "replays what students handed in" },
    [VERB_FORGET] = { "forget", WORD_NONE, NULL, "removes what is kept of you" },
    [VERB_LINT] = { "lint", WORD_FILE, NULL, "checks lessons" },
    [VERB_COMPLETION] = { "completion", WORD_CHOICE, "bash zsh fish",
                          "writes a script that completes command lines" },
};

#define FLAG(name, number, of, meaning) { name, number, of, WORD_NONE, false, NULL, meaning }
#define WITH(name, number, of, word, meaning) { name, number, of, word, false, NULL, meaning }
#define ONE_OF(name, number, of, choice, meaning) \
    { name, number, of, WORD_CHOICE, false, choice, meaning }

static const struct line_option options[] = {
    WITH("world", OPTION_WORLD, VERB_ALL, WORD_FILE, "another world, or a script that builds one"),
    WITH("seed", OPTION_SEED, VERB_ALL, WORD_TEXT, "the seed of a new world"),
    FLAG("plain", OPTION_PLAIN, VERB_ALL, "no colour and no drawing"),
    FLAG("json", OPTION_JSON, VERB_ALL, "what happens as JSON"),
    FLAG("fresh", OPTION_FRESH, VERB_ALL, "start over, the old world stays beside"),
    FLAG("help", OPTION_HELP, VERB_ALL, "says what there is"),
    FLAG("h", OPTION_HELP, VERB_ALL, "says what there is"),
    FLAG("version", OPTION_VERSION, VERB_ALL, "says the version"),
    ONE_OF("tls", OPTION_TLS, SERVE_BIT, "off starttls implicit both", "how TLS begins"),
    WITH("cert", OPTION_CERT, SERVE_BIT, WORD_FILE, "a certificate in PEM"),
    WITH("key", OPTION_KEY, SERVE_BIT, WORD_FILE, "its key in PEM"),
    WITH("host", OPTION_HOST, SERVE_BIT, WORD_TEXT, "whose servers"),
    WITH("user", OPTION_USER, SERVE_BIT, WORD_TEXT, "adds somebody, as in NAME:PASSWORD"),
    WITH("users", OPTION_USERS, SERVE_BIT, WORD_FILE, "the same, a line each"),
    WITH("listen", OPTION_LISTEN, SERVE_BIT, WORD_TEXT, "the address to listen on"),
    { "watch", OPTION_WATCH, SERVE_BIT, WORD_TEXT, true, NULL, "shows what is said" },
    WITH("record", OPTION_RECORD, SERVE_BIT, WORD_FILE, "writes down all that comes"),
    WITH("control", OPTION_CONTROL, SERVE_BIT, WORD_FILE, "a socket or a port to steer it through"),
    WITH("token", OPTION_TOKEN, SERVE_BIT, WORD_FILE, "the secret that is said at that port"),
    WITH("variants", OPTION_VARIANTS, VERB_BIT(VERB_CONTRAST) | EXPORT_BIT, WORD_TEXT,
         "the settings that are compared"),
    FLAG("auto", OPTION_AUTO, VERB_BIT(VERB_CONTRAST), "all steps without a key"),
    FLAG("all", OPTION_ALL, VERB_BIT(VERB_REPLAY), "to its end"),
    FLAG("svg", OPTION_SVG, EXPORT_BIT, "a picture"),
    FLAG("html", OPTION_HTML, EXPORT_BIT, "a page"),
    FLAG("mermaid", OPTION_MERMAID, EXPORT_BIT, "a diagram to paste into Markdown"),
    WITH("o", 'o', EXPORT_BIT, WORD_FILE, "where it is written"),
    FLAG("solve", OPTION_SOLVE, LESSON_BITS, "plays the solution"),
    WITH("answer", OPTION_ANSWER, LESSON_BITS, WORD_FILE, "plays the lines of somebody"),
    WITH("preview", OPTION_PREVIEW, LESSON_BITS, WORD_FILE, "shows a lesson to its writer"),
    ONE_OF("path", OPTION_PATH, LESSON_BITS, "lab50 vanished school all", "lessons in an order"),
    ONE_OF("lang", OPTION_LANGUAGE, LESSON_BITS, "en de", "the language of the course"),
    WITH("course", OPTION_COURSE, LESSON_BITS | GRADE_BIT, WORD_FOLDER, "adds the lessons there"),
    WITH("student", OPTION_STUDENT, LESSON_BITS | VERB_BIT(VERB_FORGET), WORD_TEXT,
         "a world of their own"),
    FLAG("present", OPTION_PRESENT, VERB_BIT(VERB_LESSON) | VERB_BIT(VERB_RUN),
         "before people, key by key"),
    WITH("roster", OPTION_ROSTER, GRADE_BIT, WORD_FILE, "lines of id,group"),
    WITH("points", OPTION_POINTS, GRADE_BIT, WORD_FILE, "lines of lesson,points"),
    FLAG("csv", OPTION_CSV, GRADE_BIT, "for a spreadsheet"),
    FLAG("summary", OPTION_SUMMARY, GRADE_BIT, "for the class as a whole"),
    FLAG("anon", OPTION_ANON, GRADE_BIT, "without what names somebody"),
    FLAG("merge", OPTION_MERGE, GRADE_BIT, "joins what --json has written"),
};

_Static_assert(COUNT(options) + SERVICES <= LINE_OPTIONS_MAX, "as many bits as options");

const struct line_option *line_option_at(size_t number)
{
    static struct line_option ports[SERVICES];
    if (number < COUNT(options))
        return &options[number];
    number -= COUNT(options);
    if (number >= SERVICES)
        return NULL;
    ports[number] = (struct line_option)WITH(service_table[number].name,
                                             OPTION_SERVICE + (int)number, SERVE_BIT, WORD_TEXT,
                                             "its port, 0 is any that is free");
    return &ports[number];
}

enum line_number line_verb_named(const char *name)
{
    int command = 0;
    while (command < VERBS && strcmp(line_verbs[command].name, name) != 0)
        command++;
    return (enum line_number)command;
}

void line_takers_write(struct buf *out, const struct line_option *option)
{
    size_t left = 0;
    for (int command = 0; command < VERBS; command++)
        left += option->of >> command & 1;
    const char *end = left == 1 ? " takes" : " take";
    buf_add_text(out, "an option that only ");
    for (int command = 0; command < VERBS; command++)
        if (option->of >> command & 1) {
            left--;
            buf_format(out, "%s%s", line_verbs[command].name,
                       left > 1 ? ", " : left == 1 ? " and " : end);
        }
}
