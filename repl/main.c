/* main.c: the command line. What it starts is in prompt.c, run.c and opening.c. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/story.h"
#include "repl/command_line.h"
#include "repl/repl.h"
#include "repl/terminal.h"
#include "servers/services_table.h"

static const char usage[] =
    "pennypost: a whole e-mail system in one window, to learn SMTP, POP3 and IMAP by hand\n"
    "\n"
    "  pennypost               the prompt, in your own world\n"
    "  pennypost lesson [NAME] the course, in worlds of its own; `lessons` lists it\n"
    "  pennypost run FILE|-    play a script, or a recording, without a person\n"
    "  pennypost contrast [STORY|FILE]   one story with POP3 and with IMAP, side by side\n"
    "  pennypost replay [NAME] a recorded session of a real mail program, line by line; --all,\n"
    "                          --plain, --json: to its end; alone it lists them\n"
    "  pennypost export FILE|STORY --svg|--html|--mermaid|--json -o OUT\n"
    "                          a script, or a story with several settings, as a picture\n"
    "  pennypost serve         the same servers on loopback ports, for real mail programs\n"
    "  pennypost fsck WORLD    check a world's invariants\n"
    "  pennypost grade FILE|DIR...  what students handed in, replayed, and a report\n"
    "  pennypost forget        removes what is kept of you here: it says what, and asks\n"
    "  pennypost lint FILE...  check lessons: line, place and reason of what is wrong\n"
    "  pennypost completion bash|zsh|fish   a script that completes command lines\n"
    "\n"
    "  --world FILE   another world: a .world file (made if it is not there) or a script\n"
    "                 that builds one; run works on a copy\n"
    "  --seed N       the seed of a new world (1)\n"
    "  --fresh        start over: your old world is kept beside as NAME.old\n"
    "  --plain        no colour and no drawing: for screen readers and pipes\n"
    "  --json         what happens as JSON on standard output, text on standard error\n"
    "  --help, --version\n"
    "\n"
    "  serve --smtp P --submission P --pop3 P --imap P --lmtp P  ports, 0: any free;\n"
    "        none named: all it serves. --host NAME: whose servers. --user NAME:PASSWORD\n"
    "        adds one, --users FILE those of its lines, which no list of processes shows.\n"
    "        --listen ADDRESS: not only this machine (::1 is IPv6). --watch shows what is\n"
    "        said, when, and what it changes; --watch=imap,ana,3 only that of these\n"
    "        services, people, connections. --record FILE writes all of it down,\n"
    "        passwords too, and `run FILE` plays it again. --control PATH: programs steer it\n"
    "        through that socket with the prompt's own lines; --control PORT [--token FILE]\n"
    "        through a port of 127.0.0.1 (docs/control.md).\n"
    "  serve --tls off|starttls|implicit|both            TLS (off). implicit: these ports\n"
    "        speak TLS at once; both: STARTTLS, and --submissions P --pop3s P --imaps P\n"
    "        besides. --cert FILE --key FILE: yours, in PEM; else one is made and kept.\n"
    "\n"
    "  contrast --variants A,B --auto   pop3-delete, pop3-keep, pop3-keep-7d, imap,\n"
    "        imap-headers, imap-on-demand, or programs: fetchmail; --auto shows all steps without "
    "a key\n"
    "\n"
    "  lesson NAME --solve, --answer FILE|-   plays the solution, or somebody's lines; 0 if\n"
    "        every goal is met. --preview FILE shows a lesson to its writer. --path lab50,\n"
    "        vanished, school or all; --course DIR adds other people's lessons;\n"
    "        --lang de: the lessons and what is said around them in German, --lang en back;\n"
    "        lint --lang de tells what is missing or stale\n"
    "\n"
    "  lesson NAME --present, run FILE --present   before people: any key types the next line\n"
    "        of the solution, or of the script, into the live world; p is a prompt aside\n"
    "\n"
    "  lesson --student ID    a world of one's own; `handin` and each goal write a file\n"
    "  grade --roster FILE (id,group) --points FILE (lesson,points) --csv or --summary\n"
    "        [--anon]; --json: a line a hand-in, which grade --merge FILE... joins again\n"
    "\n"
    "Exit: 0; 1 a check or a goal failed; 2 usage or an unreadable line; 3 the environment.\n";

static int usage_wrong(const char *what, const char *word)
{
    terminal_error("%s%s\nTry  pennypost --help", what, word);
    return EXIT_USAGE;
}

static bool seed_read(const char *text, struct options *options)
{
    slice rest = slice_of(text);
    if (!take_number(&rest, INT64_MAX, &options->seed_number) || rest.len)
        return false;
    options->seed = &options->seed_number;
    return true;
}

/* As getopt wants them: those with one letter are in its own list. */
static const struct option *long_options(void)
{
    static struct option all[LINE_OPTIONS_MAX + 1];
    const struct line_option *option;
    size_t count = 0;
    for (size_t i = 0; (option = line_option_at(i)); i++)
        if (option->name[1])
            all[count++] = (struct option){
                option->name, option->word == WORD_NONE ? no_argument
                              : option->may_lack        ? optional_argument
                                                        : required_argument,
                NULL, option->number
            };
    return all;
}

static bool port_read(const char *text, uint16_t *port)
{
    slice rest = slice_of(text);
    uint64_t number = 0;
    bool read = take_number(&rest, UINT16_MAX, &number) && rest.len == 0;
    *port = (uint16_t)number;
    return read;
}

static bool tls_read_mode(const char *text, int *tls)
{
    static const char *const modes[] = { "off", "starttls", "implicit", "both" };
    for (size_t i = 0; i < COUNT(modes); i++)
        if (strcmp(text, modes[i]) == 0) {
            *tls = (int)i;
            return true;
        }
    return false;
}

/* What only serve takes. 0: it was one; else the exit code. */
static int serve_option_read(int option, struct serve_options *serve)
{
    int service = option - OPTION_SERVICE;
    if (service >= 0 && service < SERVICES) {
        serve->named[service] = true;
        return port_read(optarg, &serve->ports[service])
                   ? 0
                   : usage_wrong("a port is a number up to 65535, not ", optarg);
    }
    switch (option) {
    case OPTION_TLS:
        return tls_read_mode(optarg, &serve->tls)
                   ? 0
                   : usage_wrong("--tls is off, starttls, implicit or both, not ", optarg);
    case OPTION_CERT: serve->cert = optarg; return 0;
    case OPTION_KEY: serve->key = optarg; return 0;
    case OPTION_HOST: serve->host = optarg; return 0;
    case OPTION_LISTEN: serve->listen = optarg; return 0;
    case OPTION_WATCH:
        serve->watch = true;
        serve->watch_only = optarg;
        return 0;
    case OPTION_RECORD: serve->record = optarg; return 0;
    case OPTION_CONTROL: serve->control = optarg; return 0;
    case OPTION_TOKEN: serve->token = optarg; return 0;
    case OPTION_USERS: serve->users_file = optarg; return 0;
    case OPTION_USER:
        if (serve->user_count == SERVE_USERS_MAX)
            return usage_wrong("too many users", "");
        serve->users[serve->user_count++] = optarg;
        return 0;
    default: must(false); return EXIT_USAGE;
    }
}

/* What was asked on the command line. */
struct wanted {
    struct options options;
    struct serve_options serve;
    struct contrast_options contrast;
    struct export_options export;
    struct lesson_options lesson;
    struct grade_options grade;
    bool all;                   /* replay --all */
    uint64_t given;             /* options, by line_option_at's numbers */
};

static void option_note(struct wanted *wanted, int number)
{
    const struct line_option *option;
    for (size_t i = 0; (option = line_option_at(i)); i++)
        if (option->number == number)
            wanted->given |= (uint64_t)1 << i;
}

/* What only contrast and export take. False: it was none of theirs. */
static bool picture_option_read(int option, struct wanted *wanted)
{
    switch (option) {
    case OPTION_VARIANTS: wanted->contrast.variants = optarg; break;
    case OPTION_AUTO: wanted->contrast.automatic = true; break;
    case OPTION_ALL: wanted->all = true; break;
    case OPTION_SVG: wanted->export.format = EXPORT_SVG; break;
    case OPTION_HTML: wanted->export.format = EXPORT_HTML; break;
    case OPTION_MERMAID: wanted->export.format = EXPORT_MERMAID; break;
    case 'o': wanted->export.output = optarg; break;
    default: return false;
    }
    return true;
}

/* Several options may share one dash, and getopt is at the next word only behind the last. */
static int option_unknown(const char *word)
{
    char option[] = { '-', (char)optopt, '\0' };
    return usage_wrong("there is no option ", optopt > 0 && optopt < 256 ? option : word);
}

/* What only the course takes. False: it was none of that. */
static bool lesson_option_read(int option, struct lesson_options *lesson)
{
    switch (option) {
    case OPTION_SOLVE: lesson->solve = true; break;
    case OPTION_ANSWER: lesson->answer = optarg; break;
    case OPTION_PREVIEW: lesson->preview = optarg; break;
    case OPTION_PATH: lesson->path = optarg; break;
    case OPTION_COURSE: lesson->course = optarg; break;
    case OPTION_STUDENT: lesson->student = optarg; break;
    case OPTION_LANGUAGE: lesson->language = optarg; break;
    case OPTION_PRESENT: lesson->present = true; break;
    default: return false;
    }
    return true;
}

/* What only grade takes. False: it was none of that. */
static bool grade_option_read(int option, struct grade_options *grade)
{
    switch (option) {
    case OPTION_ROSTER: grade->roster = optarg; break;
    case OPTION_POINTS: grade->points = optarg; break;
    case OPTION_CSV: grade->csv = true; break;
    case OPTION_SUMMARY: grade->summary = true; break;
    case OPTION_ANON: grade->anon = true; break;
    case OPTION_MERGE: grade->merge = true; break;
    default: return false;
    }
    return true;
}

/* -1: go on; else the exit code. */
static int options_read(int count, char **words, struct wanted *wanted)
{
    struct options *options = &wanted->options;
    int option, ended;
    opterr = 0;
    while ((option = getopt_long(count, words, ":ho:", long_options(), NULL)) != -1) {
        option_note(wanted, option);
        switch (option) {
        case OPTION_WORLD: options->world = optarg; break;
        case OPTION_SEED:
            if (!seed_read(optarg, options))
                return usage_wrong("a seed is a number, not ", optarg);
            break;
        case OPTION_PLAIN: options->plain = true; break;
        case OPTION_JSON: options->json = true; break;
        case OPTION_FRESH: options->fresh = true; break;
        case ':': return usage_wrong("this option needs a word behind it: ", words[optind - 1]);
        case '?': return option_unknown(words[optind - 1]);
        case 'h':
        case OPTION_HELP: terminal_draw(stdout, SLICE(usage)); return EXIT_GOOD;
        case OPTION_VERSION:
            terminal_say(stdout, "pennypost %s\n", PENNYPOST_VERSION);
            return EXIT_GOOD;
        default:
            ended = picture_option_read(option, wanted) ||
                            lesson_option_read(option, &wanted->lesson) ||
                            grade_option_read(option, &wanted->grade)
                        ? 0
                        : serve_option_read(option, &wanted->serve);
            if (ended)
                return ended;
        }
    }
    return -1;
}

/* A listed story, or a file with --variants, is a contrast; another file is a script. */
static int export_main(struct wanted *wanted, char **rest, int left)
{
    if (left != 2)
        return usage_wrong("export takes one file or story", "");
    bool contrast = wanted->contrast.variants || story_find(slice_of(rest[1]));
    if (wanted->options.json && (contrast || wanted->export.format != EXPORT_NONE))
        return usage_wrong(contrast ? "`contrast --json` gives a story's traces"
                                    : "export writes one format at a time", "");
    if (wanted->options.json)
        wanted->export.format = EXPORT_JSON;
    if (wanted->export.format == EXPORT_NONE)
        return usage_wrong("as what? --svg, --html, --mermaid or --json", "");
    wanted->options.json = false;
    if (!wanted->export.output)
        wanted->export.output = "-";
    return (int)(contrast
                     ? contrast_main(&wanted->options, &wanted->contrast, &wanted->export, rest[1])
                     : run_script(&wanted->options, &wanted->export, rest[1]));
}

/* An option of one command that stands with another. NULL: none. */
static const struct line_option *option_misplaced(const struct wanted *wanted, const char *what)
{
    unsigned command = VERB_BIT(line_verb_named(what));
    const struct line_option *option;
    for (size_t i = 0; (option = line_option_at(i)); i++)
        if (wanted->given >> i & 1 && !(option->of & command) && option->of != VERB_ALL)
            return option;
    return NULL;
}

static int misplaced_say(const struct line_option *option)
{
    struct buf text = BUF_MAX(1024);
    line_takers_write(&text, option);
    int code = usage_wrong(buf_text(&text), "");
    buf_free(&text);
    return code;
}

static int grade_begin(const struct wanted *wanted, char **files, int count)
{
    const struct grade_options *grade = &wanted->grade;
    if (!count)
        return usage_wrong("grade takes files or folders", "");
    if (grade->anon && !grade->summary)
        return usage_wrong("--anon belongs to --summary", "");
    if (wanted->options.json + grade->csv + grade->summary > 1)
        return usage_wrong("one of --json, --csv and --summary", "");
    if (wanted->options.json && grade->merge)
        return usage_wrong("--merge reads what --json has written", "");
    return (int)grade_main(&wanted->options, &wanted->lesson, grade, files, count);
}

/* lesson, lessons, lint, forget and grade. False: it is none of them. */
static bool course_main(const struct wanted *wanted, char **rest, int left, int *result)
{
    const struct options *options = &wanted->options;
    if (strcmp(rest[0], "lesson") == 0)
        *result = left <= 2 ? (int)lesson_main(options, &wanted->lesson, left == 2 ? rest[1] : NULL)
                            : usage_wrong("lesson takes one name", "");
    else if (strcmp(rest[0], "lessons") == 0)
        *result = left == 1 ? (int)lessons_main(options, &wanted->lesson)
                            : usage_wrong("`lessons` takes nothing after it", "");
    else if (strcmp(rest[0], "lint") == 0)
        *result = left > 1 || wanted->lesson.language
                      ? (int)lint_main(options, &wanted->lesson, rest + 1, left - 1)
                      : usage_wrong("lint takes files", "");
    else if (strcmp(rest[0], "forget") == 0)
        *result = left == 1 ? (int)forget_main(options, wanted->lesson.student)
                            : usage_wrong("`forget` takes nothing after it", "");
    else if (strcmp(rest[0], "grade") == 0)
        *result = grade_begin(wanted, rest + 1, left - 1);
    else
        return false;
    return true;
}

static int completion_main(const char *shell)
{
    struct buf script = BUF_MAX(65536);
    bool known = completion_write(&script, slice_of(shell));
    if (known)
        terminal_octets(stdout, buf_slice(&script));
    buf_free(&script);
    return known ? EXIT_GOOD : usage_wrong("completion for which shell? bash, zsh or fish", "");
}

int main(int count, char **words)
{
    static struct wanted wanted = { .serve = { .listen = "127.0.0.1",
                                               .host = "mail.campus.example" } };
    terminal_begin();
    int ended = options_read(count, words, &wanted);
    if (ended >= 0)
        return ended;
    char **rest = words + optind;
    int left = count - optind;
    const char *what = left ? rest[0] : "";
    const struct line_option *wrong = option_misplaced(&wanted, what);
    if (wrong)
        return misplaced_say(wrong);
    if (left == 0)
        return (int)prompt_run(&wanted.options);
    if (left == 1 && strcmp(what, "serve") == 0)
        return (int)serve_run(&wanted.options, &wanted.serve);
    if (course_main(&wanted, rest, left, &ended))
        return ended;
    if (strcmp(what, "export") == 0)
        return export_main(&wanted, rest, left);
    if (strcmp(what, "contrast") == 0)
        return left <= 2 ? (int)contrast_main(&wanted.options, &wanted.contrast, NULL,
                                              left == 2 ? rest[1] : NULL)
                         : usage_wrong("contrast takes one story", "");
    if (strcmp(what, "run") == 0)
        return left != 2               ? usage_wrong("run takes one file, or -", "")
               : wanted.lesson.present ? (int)run_present(&wanted.options, rest[1])
                                       : (int)run_script(&wanted.options, NULL, rest[1]);
    if (strcmp(what, "replay") == 0)
        return left <= 2 ? (int)replay_main(&wanted.options, left == 2 ? rest[1] : NULL, wanted.all)
                         : usage_wrong("replay takes one name", "");
    if (strcmp(what, "completion") == 0)
        return completion_main(left == 2 ? rest[1] : "");
    if (strcmp(what, "fsck") == 0)
        return left == 2 ? (int)fsck_world(rest[1]) : usage_wrong("fsck takes one world", "");
    return usage_wrong("no such thing to do: ", what);
}
