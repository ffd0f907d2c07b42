/* sentence_device.c: the sentences `device NAME of ADDRESS WORDS` and `setup NAME WORDS`: how a
   device's mail program is set. */
#include "base/words.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "sim/devices/device_mail.h"
#include "sim/devices/programs.h"
#include "sim/language/build.h"
#include "sim/language/sentence.h"

#define WHY_MAX 400
#define WRONG_PROGRAM                                                                           \
    "its mail program is `pop3 delete`, `pop3 keep`, `pop3 keep 7d`, `imap`, `imap headers` "   \
    "or `imap on demand`; or another program's: `like fetchmail` (`programs` lists them)"

/* " 7d": in one word, in the largest unit that it is a whole number of, however it was typed:
   "7 days", "168h". */
static bool duration_take(struct sentence *sentence, struct buf *program, uint64_t *ms)
{
    static const struct {
        uint64_t ms;
        const char *name;
    } units[] = { { 86400000, "d" }, { 3600000, "h" }, { 60000, "m" }, { 1000, "s" }, { 1, "ms" } };
    size_t unit = 0;
    if (!sentence_duration_take(sentence, ms))
        return false;
    while (units[unit].ms > 1 && *ms % units[unit].ms)
        unit++;
    buf_format(program, " %llu%s", (unsigned long long)(*ms / units[unit].ms), units[unit].name);
    return true;
}

static bool pop3_take(struct sentence *sentence, struct buf *program)
{
    uint64_t ms = 0;
    slice habit = word_take(&sentence->rest), days = word_peek(sentence->rest);
    if (!slice_is(habit, "delete") && !slice_is(habit, "keep"))
        return sentence_wrong(sentence, habit, "pop3 delete, keep, or keep 7d?");
    buf_format(program, " %.*s", SLICE_ARG(habit));
    if (!slice_is(habit, "keep") || !days.len || !is_digit((unsigned char)days.at[0]))
        return true;
    return duration_take(sentence, program, &ms);
}

static bool imap_take(struct sentence *sentence, struct buf *program)
{
    if (word_take_if(&sentence->rest, "headers"))
        buf_add_text(program, " headers");
    if (!word_take_if(&sentence->rest, "on"))
        return true;
    buf_add_text(program, " on demand");
    return sentence_expect(sentence, "demand");
}

/* When it synchronises by itself: every 15m, or whenever the server tells; else by hand. */
static bool habit_take(struct sentence *sentence, struct buf *program)
{
    uint64_t ms = 0;
    slice word = word_peek(sentence->rest);
    if (word_take_if(&sentence->rest, "idle")) {
        buf_add_text(program, " idle");
        return mail_words_are_imap(buf_slice(program)) ||
               sentence_wrong(sentence, word, "IDLE is IMAP's; POP3 asks: every 15m");
    }
    if (!word_take_if(&sentence->rest, "every"))
        return true;
    slice time = word_peek(sentence->rest);
    buf_add_text(program, " every");
    if (!duration_take(sentence, program, &ms))
        return false;
    if (ms < MAIL_EVERY_MS_MIN)
        return sentence_wrong(sentence, time, "not more often than every %us",
                              MAIL_EVERY_MS_MIN / 1000);
    return true;
}

/* The words up to a habit: "fetchmail" of "fetchmail every 5m". */
static slice name_typed(slice rest)
{
    slice typed = slice_trim(rest), left = typed;
    for (slice word = word_take(&left); word.len; word = word_take(&left))
        if (slice_is(word, "every") || slice_is(word, "idle"))
            return slice_trim(slice_upto(typed, (size_t)(word.at - typed.at)));
    return typed;
}

/* like NAME: a program of the table. */
static bool named_take(struct sentence *sentence, struct buf *words)
{
    slice typed = name_typed(sentence->rest);
    const struct program *program = program_take(&sentence->rest);
    if (program && program_is_named(program))
        return buf_format(words, "like %s", program->name);
    struct buf why = BUF_MAX(WHY_MAX);
    program_unknown(&why, typed);
    sentence_wrong(sentence, typed, "%s", buf_text(&why));
    buf_free(&why);
    return false;
}

static bool setting_take(struct sentence *sentence, struct buf *program)
{
    slice kind = word_take(&sentence->rest);
    if (slice_is(kind, "like"))
        return named_take(sentence, program) && habit_take(sentence, program);
    bool imap = slice_is(kind, "imap");
    if (!imap && !slice_is(kind, "pop3"))
        return sentence_wrong(sentence, kind, WRONG_PROGRAM);
    buf_add(program, kind);
    return (imap ? imap_take(sentence, program) : pop3_take(sentence, program)) &&
           habit_take(sentence, program);
}

static bool device_make_checked(struct sentence *sentence, slice name, slice address, slice program)
{
    struct world *world = sentence->world;
    struct device *old = device_find(world, name);
    struct error why;
    struct device *device = device_add(world, name, address, program, &why);
    if (!device)
        return sentence_wrong(sentence, name, "%s", why.text);
    if (old)
        return true;
    sentence_begins(sentence);
    struct link *link = net_link(world->net, device->host);
    link->latency_ns = DEVICE_LATENCY_MS * NS_PER_MS;
    link->bytes_per_second = LINK_BYTES_PER_SECOND;
    if (world->script->phase == WORLD_LIVES)
        mail_habits_begin(device_mail(device));
    return sentence_keep(sentence);
}

bool sentence_device(struct sentence *sentence)
{
    struct user user;
    struct buf program = BUF_MAX(128);
    slice name = word_take(&sentence->rest);
    bool ok = sentence_expect(sentence, "of") && sentence_user_take(sentence, &user) &&
              setting_take(sentence, &program) && sentence_ended(sentence) &&
              device_make_checked(sentence, name, slice_of(user.address), buf_slice(&program));
    buf_free(&program);
    return ok;
}

/* A world that is opened again has its messages in the store: only the setting is said again. */
bool sentence_setup(struct sentence *sentence)
{
    struct buf program = BUF_MAX(128);
    slice name = word_take(&sentence->rest);
    struct device *device = device_find(sentence->world, name);
    bool lives = sentence->world->script->phase == WORLD_LIVES;
    bool ok = (device ||
               sentence_wrong(sentence, name, "no device of that name (`on` lists them)")) &&
              setting_take(sentence, &program) && sentence_ended(sentence);
    if (ok && mail_is_syncing(device_mail(device)))
        ok = sentence_wrong(sentence, name, "%s is synchronising: later", device->name);
    if (ok) {
        sentence_begins(sentence);
        mail_setup(device_mail(device), buf_slice(&program), lives);
        sentence_keep(sentence);
    }
    buf_free(&program);
    return ok;
}
