/* main.c: the command line. What it starts is in prompt.c, run.c and opening.c. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "repl/repl.h"

static const char usage[] =
    "pennypost: a whole e-mail system in one window, to learn SMTP, POP3 and IMAP by hand\n"
    "\n"
    "  pennypost               the prompt, in your own world\n"
    "  pennypost run FILE|-    play a script, or a recording, without a person\n"
    "  pennypost contrast [STORY|FILE]   one story with POP3 and with IMAP, side by side\n"
    "  pennypost serve         the same servers on loopback ports, for real mail programs\n"
    "  pennypost fsck WORLD    check a world's invariants\n"
    "\n"
    "  --world FILE   another world: a .world file (made if it is not there) or a script\n"
    "                 that builds one; run works on a copy\n"
    "  --seed N       the seed of a new world (1)\n"
    "  --fresh        start over: your old world is kept beside as NAME.old\n"
    "  --plain        no colour and no drawing: for screen readers and pipes\n"
    "  --json         what happens as JSON on standard output, text on standard error\n"
    "  --help, --version\n"
    "\n"
    "  serve --smtp P --submission P --pop3 P --imap P   ports; 0: any that is free;\n"
    "        none named: all four. --host NAME: whose servers. --user NAME:PASSWORD adds\n"
    "        one. --listen ADDRESS: not only this machine (::1 is IPv6). --watch shows\n"
    "        what is said. --record FILE writes all of it down, passwords too, and\n"
    "        `run FILE` plays it again.\n"
    "  serve --tls off|starttls|implicit|both            TLS (off). implicit: these ports\n"
    "        speak TLS at once; both: STARTTLS, and --submissions P --pop3s P --imaps P\n"
    "        besides. --cert FILE --key FILE: yours, in PEM; else one is made and kept.\n"
    "\n"
    "  contrast --variants A,B --auto   pop3-delete, pop3-keep, pop3-keep-7d, imap,\n"
    "        imap-headers, imap-on-demand; --auto shows all steps without a key\n"
    "\n"
    "Exit: 0; 1 a check failed; 2 usage or an unreadable line; 3 the environment.\n";

static int usage_wrong(const char *what, const char *word)
{
    fprintf(stderr, "pennypost: %s%s\nTry  pennypost --help\n", what, word);
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

enum {
    OPTION_WORLD = 256,
    OPTION_SEED,
    OPTION_PLAIN,
    OPTION_JSON,
    OPTION_FRESH,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_SMTP,
    OPTION_SUBMISSION,
    OPTION_POP3,
    OPTION_IMAP,
    OPTION_SUBMISSIONS,
    OPTION_POP3S,
    OPTION_IMAPS,
    OPTION_TLS,
    OPTION_CERT,
    OPTION_KEY,
    OPTION_HOST,
    OPTION_USER,
    OPTION_LISTEN,
    OPTION_WATCH,
    OPTION_RECORD,
    OPTION_VARIANTS,
    OPTION_AUTO
};

static const struct option long_options[] = {
    { "world", required_argument, NULL, OPTION_WORLD },
    { "seed", required_argument, NULL, OPTION_SEED },
    { "plain", no_argument, NULL, OPTION_PLAIN },
    { "json", no_argument, NULL, OPTION_JSON },
    { "fresh", no_argument, NULL, OPTION_FRESH },
    { "help", no_argument, NULL, OPTION_HELP },
    { "version", no_argument, NULL, OPTION_VERSION },
    { "smtp", required_argument, NULL, OPTION_SMTP },
    { "submission", required_argument, NULL, OPTION_SUBMISSION },
    { "pop3", required_argument, NULL, OPTION_POP3 },
    { "imap", required_argument, NULL, OPTION_IMAP },
    { "submissions", required_argument, NULL, OPTION_SUBMISSIONS },
    { "pop3s", required_argument, NULL, OPTION_POP3S },
    { "imaps", required_argument, NULL, OPTION_IMAPS },
    { "tls", required_argument, NULL, OPTION_TLS },
    { "cert", required_argument, NULL, OPTION_CERT },
    { "key", required_argument, NULL, OPTION_KEY },
    { "host", required_argument, NULL, OPTION_HOST },
    { "user", required_argument, NULL, OPTION_USER },
    { "listen", required_argument, NULL, OPTION_LISTEN },
    { "watch", no_argument, NULL, OPTION_WATCH },
    { "record", required_argument, NULL, OPTION_RECORD },
    { "variants", required_argument, NULL, OPTION_VARIANTS },
    { "auto", no_argument, NULL, OPTION_AUTO },
    { NULL, 0, NULL, 0 },
};

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
static int serve_option_read(int letter, struct serve_options *serve)
{
    int service = letter - OPTION_SMTP;
    serve->said = true;
    switch (letter) {
    case OPTION_SMTP:
    case OPTION_SUBMISSION:
    case OPTION_POP3:
    case OPTION_IMAP:
    case OPTION_SUBMISSIONS:
    case OPTION_POP3S:
    case OPTION_IMAPS:
        serve->named[service] = true;
        return port_read(optarg, &serve->ports[service])
                   ? 0
                   : usage_wrong("a port is a number up to 65535, not ", optarg);
    case OPTION_TLS:
        return tls_read_mode(optarg, &serve->tls)
                   ? 0
                   : usage_wrong("--tls is off, starttls, implicit or both, not ", optarg);
    case OPTION_CERT: serve->cert = optarg; return 0;
    case OPTION_KEY: serve->key = optarg; return 0;
    case OPTION_HOST: serve->host = optarg; return 0;
    case OPTION_LISTEN: serve->listen = optarg; return 0;
    case OPTION_WATCH: serve->watch = true; return 0;
    case OPTION_RECORD: serve->record = optarg; return 0;
    case OPTION_USER:
        if (serve->user_count == SERVE_USERS_MAX)
            return usage_wrong("too many users", "");
        serve->users[serve->user_count++] = optarg;
        return 0;
    default: fputs("Try  pennypost --help\n", stderr); return EXIT_USAGE;
    }
}

/* -1: go on; else the exit code. */
static int options_read(int count, char **words, struct options *options,
                        struct serve_options *serve, struct contrast_options *contrast)
{
    int letter, ended;
    while ((letter = getopt_long(count, words, "h", long_options, NULL)) != -1)
        switch (letter) {
        case OPTION_WORLD: options->world = optarg; break;
        case OPTION_SEED:
            if (!seed_read(optarg, options))
                return usage_wrong("a seed is a number, not ", optarg);
            break;
        case OPTION_PLAIN: options->plain = true; break;
        case OPTION_JSON: options->json = true; break;
        case OPTION_FRESH: options->fresh = true; break;
        case OPTION_VARIANTS:
            contrast->variants = optarg;
            contrast->said = true;
            break;
        case OPTION_AUTO: contrast->automatic = contrast->said = true; break;
        case 'h':
        case OPTION_HELP: fputs(usage, stdout); return EXIT_GOOD;
        case OPTION_VERSION: puts("pennypost " PENNYPOST_VERSION); return EXIT_GOOD;
        default:
            ended = serve_option_read(letter, serve);
            if (ended)
                return ended;
        }
    return -1;
}

int main(int count, char **words)
{
    struct options options = { 0 };
    struct serve_options serve = { .listen = "127.0.0.1", .host = "mail.campus.example" };
    struct contrast_options contrast = { 0 };
    words[0] = "pennypost";  /* for what getopt says */
    int ended = options_read(count, words, &options, &serve, &contrast);
    if (ended >= 0)
        return ended;
    char **rest = words + optind;
    int left = count - optind;
    if (left == 1 && strcmp(rest[0], "serve") == 0)
        return (int)serve_run(&options, &serve);
    if (serve.said)
        return usage_wrong("an option that only serve takes", "");
    if (left > 0 && strcmp(rest[0], "contrast") == 0)
        return left <= 2 ? (int)contrast_main(&options, &contrast, left == 2 ? rest[1] : NULL)
                         : usage_wrong("contrast takes one story", "");
    if (contrast.said)
        return usage_wrong("an option that only contrast takes", "");
    if (left == 0)
        return (int)prompt_run(&options);
    if (strcmp(rest[0], "run") == 0)
        return left == 2 ? (int)run_script(&options, rest[1])
                         : usage_wrong("run takes one file, or -", "");
    if (strcmp(rest[0], "fsck") == 0)
        return left == 2 ? (int)fsck_world(rest[1]) : usage_wrong("fsck takes one world", "");
    return usage_wrong("no such thing to do: ", rest[0]);
}
