/* recording.c: reads a recording's file; see recording.h. */
#include "lessons/recording.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "servers/mail/date.h"
#include "views/wrap.h"

#define TITLE_LINE "# Pennypost recording, format 1"

/* What stands before a line, until the line comes. */
struct remark {
    slice ask, fact, differs, guesses[RECORDING_GUESSES_MAX];
    size_t guess_count;
    uint64_t number;             /* of its first line; 0: there is none */
};

struct reader {
    struct recording *recording;
    lesson_fault_fn *tell;
    void *context;
    uint64_t number;             /* of the line that is read */
    slice line;
    slice login, service;
    struct remark remark;
    bool open;                   /* a connection is, */
    bool faulty;
    size_t auth;                 /* the entry that began an exchange of challenges, or 0 */
};

static bool wrong(struct reader *reader, slice where, const char *format, ...) PRINTF_LIKE(3, 4);
static bool wrong(struct reader *reader, slice where, const char *format, ...)
{
    struct lesson_fault fault = { .number = reader->number, .line = reader->line };
    struct buf text = BUF_MAX(sizeof fault.why.text);
    va_list args;
    if (reader->line.len && where.at >= reader->line.at &&
        where.at <= reader->line.at + reader->line.len)
        fault.at = (size_t)(where.at - reader->line.at);
    va_start(args, format);
    buf_format_list(&text, format, args);
    va_end(args);
    error_set(&fault.why, "%s", buf_text(&text));
    buf_free(&text);
    reader->faulty = true;
    reader->tell(reader->context, &fault);
    return false;
}

/* --- keys ---------------------------------------------------------------------------------- */

/* A key that stands twice goes on. */
static bool words_add(struct reader *reader, slice *to, slice value)
{
    size_t len = to->len + value.len;
    if (!value.len)
        return wrong(reader, value, "words belong here");
    if (len > RECORDING_WORDS_MAX)
        return wrong(reader, value, "that is longer than %d octets", RECORDING_WORDS_MAX);
    *to = to->len ? arena_format(&reader->recording->arena, "%.*s %.*s", SLICE_ARG(*to),
                                 SLICE_ARG(value))
                  : value;
    return true;
}

static bool guess_add(struct reader *reader, slice value, bool first)
{
    struct remark *remark = &reader->remark;
    if (!remark->ask.len)
        return wrong(reader, reader->line, "a guess answers a question: `ask:` stands before it");
    if (first != (remark->guess_count == 0))
        return wrong(reader, reader->line, first ? "there is a guess already: `or:` is another"
                                                 : "`guess:` comes before `or:`");
    if (remark->guess_count == RECORDING_GUESSES_MAX)
        return wrong(reader, reader->line, "%d wrong answers are enough", RECORDING_GUESSES_MAX);
    return words_add(reader, &remark->guesses[remark->guess_count++], value);
}

static bool setup_add(struct reader *reader, slice value)
{
    struct recording *recording = reader->recording;
    if (recording->setup_count == RECORDING_SETUP_MAX)
        return wrong(reader, value, "at most %d lines of setup", RECORDING_SETUP_MAX);
    recording->setup_numbers[recording->setup_count] = reader->number;
    recording->setup[recording->setup_count++] = value;
    return true;
}

static bool remark_read(struct reader *reader, slice key, slice value, bool *known)
{
    struct remark *remark = &reader->remark;
    slice *to = slice_is(key, "ask")       ? &remark->ask
                : slice_is(key, "fact")    ? &remark->fact
                : slice_is(key, "differs") ? &remark->differs
                                           : NULL;
    bool guess = slice_is(key, "guess");
    *known = to || guess || slice_is(key, "or");
    if (!*known)
        return false;
    if (!reader->recording->entry_count)
        return wrong(reader, key, "there is no session yet: `0 opens` begins it");
    if (!remark->number)
        remark->number = reader->number;
    return to ? words_add(reader, to, value) : guess_add(reader, value, guess);
}

static bool key_read(struct reader *reader, slice key, slice value)
{
    struct recording *recording = reader->recording;
    struct { const char *name; slice *to; } keys[] = {
        { "title", &recording->title },     { "program", &recording->program },
        { "date", &recording->date },       { "service", &reader->service },
        { "server", &recording->server },   { "login", &reader->login },
        { "command", &recording->command }, { "situation", &recording->situation },
    };
    bool known;
    if (remark_read(reader, key, value, &known) || known)
        return !reader->faulty;
    if (recording->entry_count)
        return wrong(reader, key, "behind the first line stand only ask, guess, or, fact, differs");
    if (slice_is(key, "setup"))
        return setup_add(reader, value);
    for (size_t i = 0; i < COUNT(keys); i++)
        if (slice_is(key, keys[i].name))
            return words_add(reader, keys[i].to, value);
    return wrong(reader, key, "no key is called that; a line of the session begins with its time");
}

/* "2026-11-30", and the calendar has that day. */
static bool is_date(slice text)
{
    static const char shape[] = "0000-00-00";
    int parts[] = { 0, 0, 0 }, *part = parts;
    for (size_t i = 0; i < text.len && i < sizeof shape - 1; i++) {
        if (shape[i] == '0' ? !is_digit((unsigned char)text.at[i]) : text.at[i] != shape[i])
            return false;
        if (shape[i] == '0')
            *part = *part * 10 + text.at[i] - '0';
        else
            part++;
    }
    struct civil day = { .year = parts[0], .month = parts[1], .day = parts[2] };
    if (text.len != sizeof shape - 1 || day.month < 1 || day.month > 12 || day.day < 1 ||
        day.day > 31)
        return false;
    struct civil same = date_civil(date_seconds(day));
    return same.month == day.month && same.day == day.day;
}

/* Before the first line of the session all is known that it needs. */
static bool head_check(struct reader *reader)
{
    struct recording *recording = reader->recording;
    const struct { const char *name; slice value; } needed[] = {
        { "title", recording->title },     { "program", recording->program },
        { "date", recording->date },       { "service", reader->service },
        { "server", recording->server },   { "login", reader->login },
        { "command", recording->command }, { "situation", recording->situation },
    };
    slice rest = reader->login;
    for (size_t i = 0; i < COUNT(needed); i++)
        if (!needed[i].value.len)
            return wrong(reader, reader->line, "before the session stands `%s: …`",
                         needed[i].name);
    recording->service = service_for_name(reader->service);
    if (!recording->service || service_is_sealed(recording->service))
        return wrong(reader, reader->line, "a service is %s", service_names().text);
    if (!is_date(recording->date))
        return wrong(reader, reader->line, "a date is written 2026-11-30, and is a day");
    recording->user = take_word(&rest);
    recording->password = take_word(&rest);
    return (recording->password.len && !slice_trim(rest).len) ||
           wrong(reader, reader->line, "`login:` is a user and a password");
}

/* --- the session --------------------------------------------------------------------------- */

static bool is_act(enum entry_kind kind) { return kind <= ENTRY_LOST; }

/* Where the question stands, and the sentence: the step that this line belongs to. */
static bool remark_place(struct reader *reader, size_t entry)
{
    struct recording *recording = reader->recording;
    struct recording_step *step = &recording->steps[recording->step_count - 1];
    struct remark *remark = &reader->remark;
    enum entry_kind kind = recording->entries[entry].kind;
    if (!remark->number)
        return true;
    if (kind == ENTRY_FOLDED || kind == ENTRY_STATE || recording->entries[entry].joined)
        return wrong(reader, reader->line, "a remark stands before a line of C: or S:");
    if (step->ask.len || step->fact.len || step->differs.len)
        return wrong(reader, reader->line, "one remark is enough for one line and its reply");
    if (remark->ask.len && !remark->guess_count)
        return wrong(reader, reader->line, "the question before this line has no `guess:`");
    if (remark->ask.len && !remark->fact.len)
        return wrong(reader, reader->line, "the question before this line has no `fact:`");
    step->ask = remark->ask;
    step->fact = remark->fact;
    step->differs = remark->differs;
    step->guess_count = remark->guess_count;
    memcpy(step->guesses, remark->guesses, sizeof step->guesses);
    step->asked = entry;
    *remark = (struct remark){ .number = 0 };
    slice right = recording_command(recording, entry);
    for (size_t i = 0; i < step->guess_count; i++)
        if (slice_equal_nocase(step->guesses[i], right) ||
            (i && slice_equal_nocase(step->guesses[i], step->guesses[0])))
            return wrong(reader, reader->line, "two answers to the question are the same: %.*s",
                         SLICE_ARG(step->guesses[i]));
    return true;
}

/* "AUTH CRAM-MD5", "a1 AUTHENTICATE SCRAM-SHA-256": what follows is computed anew each time. */
static bool begins_challenges(const struct recording *recording, size_t entry)
{
    slice rest = recording_command(recording, entry), verb = take_word(&rest),
          mechanism = take_word(&rest);
    return (slice_is_nocase(verb, "AUTH") || slice_is_nocase(verb, "AUTHENTICATE")) &&
           (slice_is_nocase(mechanism, "CRAM-MD5") || slice_is_nocase(mechanism, "SCRAM-SHA-256"));
}

static bool is_challenge(slice line)
{
    return slice_starts(line, "+ ") || slice_is(line, "+") || slice_starts(line, "334");
}

static void challenges_follow(struct reader *reader, size_t number)
{
    struct recording_entry *entry = &reader->recording->entries[number];
    if (entry->kind == ENTRY_CLIENT && reader->auth)
        entry->auth = reader->auth;
    else if (entry->kind == ENTRY_CLIENT && begins_challenges(reader->recording, number))
        reader->auth = number;
    else if (entry->kind == ENTRY_SERVER && !is_challenge(entry->text))
        reader->auth = 0;
}

static bool order_check(struct reader *reader, const struct recording_entry *entry)
{
    const struct recording *recording = reader->recording;
    const struct recording_entry *last =
        recording->entry_count ? &recording->entries[recording->entry_count - 1] : NULL;
    if (last && entry->kind != ENTRY_STATE && entry->kind != ENTRY_FOLDED &&
        entry->at_ms < last->at_ms)
        return wrong(reader, reader->line, "time goes back: the line above is at %llu",
                     (unsigned long long)last->at_ms);
    if ((entry->kind == ENTRY_OPENS) == reader->open)
        return wrong(reader, reader->line, reader->open ? "a connection is open already"
                                                        : "no connection is open: `0 opens`");
    if (entry->joined && (!last || last->kind != ENTRY_CLIENT))
        return wrong(reader, reader->line, "C+ goes on where a line of C: stands above it");
    return true;
}

static bool entry_add(struct reader *reader, struct recording_entry entry)
{
    struct recording *recording = reader->recording;
    if (!recording->entry_count && !head_check(reader))
        return false;
    if (!order_check(reader, &entry))
        return false;
    if (recording->entry_count == RECORDING_ENTRIES_MAX)
        return wrong(reader, reader->line, "a recording has at most %d lines",
                     RECORDING_ENTRIES_MAX);
    if (entry.kind == ENTRY_STATE || entry.kind == ENTRY_FOLDED)
        entry.at_ms = recording->entries[recording->entry_count - 1].at_ms;
    bool begins = is_act(entry.kind) && !entry.joined;
    if (begins && recording->step_count == RECORDING_STEPS_MAX)
        return wrong(reader, reader->line, "a recording has at most %d steps", RECORDING_STEPS_MAX);
    entry.number = reader->number;
    size_t at = recording->entry_count++;
    recording->entries[at] = entry;
    if (begins)
        recording->steps[recording->step_count++].first = at;
    recording->steps[recording->step_count - 1].end = at + 1;
    if (entry.kind == ENTRY_OPENS)
        reader->open = true;
    else if (is_act(entry.kind) && entry.kind != ENTRY_CLIENT)
        reader->open = false;
    else if (entry.kind == ENTRY_SERVER_CLOSES)
        reader->open = false;
    challenges_follow(reader, at);
    return remark_place(reader, at);
}

/* Behind the time: "C: CAPA", "opens". */
static bool timed_read(struct reader *reader, slice rest)
{
    static const struct { const char *words; enum entry_kind kind; bool joined; } kinds[] = {
        { "opens", ENTRY_OPENS, false },   { "closes", ENTRY_CLOSES, false },
        { "lost", ENTRY_LOST, false },     { "server closes", ENTRY_SERVER_CLOSES, false },
        { "C:", ENTRY_CLIENT, false },     { "C+", ENTRY_CLIENT, true },
        { "S:", ENTRY_SERVER, false },
    };
    struct recording_entry entry = { .kind = ENTRY_OPENS };
    slice number = take_word(&rest);
    if (!word_number(number, UINT32_MAX, &entry.at_ms))
        return wrong(reader, number, "a time is a number of milliseconds");
    take_char(&rest, ' ');
    for (size_t i = 0; i < COUNT(kinds); i++) {
        bool talk = kinds[i].kind == ENTRY_CLIENT || kinds[i].kind == ENTRY_SERVER;
        slice text = rest;
        if (talk ? !take_prefix(&text, kinds[i].words) : !slice_is(rest, kinds[i].words))
            continue;
        if (talk && text.len && !take_char(&text, ' '))
            return wrong(reader, text, "a blank stands behind C: and S:");
        entry.kind = kinds[i].kind;
        entry.joined = kinds[i].joined;
        entry.text = talk ? text : SLICE_EMPTY;
        return entry_add(reader, entry);
    }
    return wrong(reader, rest, "behind a time stands C: C+ S: opens closes lost or server closes");
}

static bool line_read(struct reader *reader, slice line)
{
    slice rest = line, key;
    size_t nul;
    reader->line = line;
    if (line.len > RECORDING_LINE_MAX)
        return wrong(reader, slice_from(line, RECORDING_LINE_MAX),
                     "a line has at most %d octets", RECORDING_LINE_MAX);
    if (slice_find(line, '\0', &nul))
        return wrong(reader, slice_from(line, nul), "a NUL is no text");
    take_while(&rest, is_space);
    if (!rest.len || rest.at[0] == '#')
        return true;
    if (is_digit((unsigned char)rest.at[0]))
        return timed_read(reader, rest);
    if (take_prefix(&rest, "= "))
        return entry_add(reader, (struct recording_entry){ .kind = ENTRY_STATE,
                                                           .text = slice_trim(rest) });
    if (take_prefix(&rest, "... "))
        return entry_add(reader, (struct recording_entry){ .kind = ENTRY_FOLDED,
                                                           .text = slice_trim(rest) });
    size_t colon;
    if (!slice_find(rest, ':', &colon))
        return wrong(reader, rest, "neither `key: words` nor a line of the session");
    key = slice_upto(rest, colon);
    return key_read(reader, key, slice_trim(slice_from(rest, colon + 1)));
}

/* --- the file ------------------------------------------------------------------------------ */

static bool text_read(struct reader *reader, slice text)
{
    slice rest = arena_copy(&reader->recording->arena, text);
    while (rest.len && !reader->faulty) {
        slice line = take_until(&rest, '\n');
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        reader->number++;
        reader->line = line;
        if (reader->number == 1 && !slice_is(line, TITLE_LINE))
            return wrong(reader, line, "a recording begins with  %s", TITLE_LINE);
        if (!line_read(reader, line))
            return false;
    }
    if (reader->remark.number)
        return wrong(reader, reader->line, "no line follows the remark of line %llu",
                     (unsigned long long)reader->remark.number);
    return reader->recording->step_count ||
           wrong(reader, reader->line, "there is no session in it: `0 opens` begins it");
}

struct recording *recording_read(slice name, slice text, lesson_fault_fn *tell, void *context)
{
    struct recording *recording = calloc(1, sizeof *recording);
    must(recording != NULL);
    struct reader reader = { .recording = recording, .tell = tell, .context = context };
    recording->name = arena_copy(&recording->arena, name);
    bool read = text.len <= RECORDING_BYTES_MAX
                    ? text_read(&reader, text)
                    : wrong(&reader, SLICE_EMPTY, "a recording has at most %u octets",
                            RECORDING_BYTES_MAX);
    if (read)
        return recording;
    recording_free(recording);
    return NULL;
}

void recording_free(struct recording *recording)
{
    if (!recording)
        return;
    arena_free(&recording->arena);
    free(recording);
}

/* --- asked of it --------------------------------------------------------------------------- */

static const char *act_words(enum entry_kind kind)
{
    switch (kind) {
    case ENTRY_OPENS: return "opens a connection";
    case ENTRY_CLOSES: return "closes the connection";
    case ENTRY_LOST: return "the connection is lost";
    case ENTRY_SERVER_CLOSES: return "the server closes the connection";
    default: return "";
    }
}

slice recording_command(const struct recording *recording, size_t number)
{
    const struct recording_entry *entry = &recording->entries[number];
    slice rest = entry->text, tag;
    if (entry->kind != ENTRY_CLIENT && entry->kind != ENTRY_SERVER)
        return slice_of(act_words(entry->kind));
    if (entry->kind == ENTRY_SERVER || recording->service->protocol->form != FORM_TAG)
        return rest;
    tag = take_word(&rest);
    rest = slice_trim(rest);
    return tag.len && rest.len ? rest : entry->text; /* DONE, an answer: no tag */
}

size_t recording_answers(const struct recording *recording, size_t number,
                         slice answers[RECORDING_GUESSES_MAX + 1], size_t *right)
{
    const struct recording_step *step = &recording->steps[number];
    size_t count = step->guess_count + 1, sum = step->asked;
    for (size_t i = 0; i < recording->name.len; i++)
        sum += (unsigned char)recording->name.at[i];
    *right = sum % count;
    for (size_t i = 0, guess = 0; i < count; i++)
        answers[i] = i == *right ? recording_command(recording, step->asked)
                                 : step->guesses[guess++];
    return count;
}

/* --- codes --------------------------------------------------------------------------------- */

static slice upto_rest(slice line, slice rest)
{
    return slice_trim(slice_upto(line, (size_t)(rest.at - line.at)));
}

/* "250 2.1.5"; of several lines the last one tells. */
static bool smtp_code(slice line, slice *code)
{
    slice rest = line, digits = take_while(&rest, is_digit);
    if (digits.len != 3 || slice_starts(rest, "-"))
        return false;
    slice behind = rest, enhanced = take_word(&behind);
    bool dotted = enhanced.len >= 5 && is_digit((unsigned char)enhanced.at[0]) &&
                  enhanced.at[1] == '.';
    *code = dotted ? upto_rest(line, behind) : digits;
    return true;
}

/* "[TRYCREATE]" behind the word, without what stands behind its name. */
static slice with_bracket(slice line, slice rest)
{
    slice behind = rest;
    take_while(&behind, is_space);
    if (!take_char(&behind, '['))
        return upto_rest(line, rest);
    while (behind.len && behind.at[0] != ' ' && behind.at[0] != ']')
        behind = slice_from(behind, 1);
    return upto_rest(line, behind);
}

static bool pop3_code(slice line, slice *code)
{
    slice rest = line, word = take_word(&rest);
    if (slice_is(word, "+")) {
        *code = word;
        return true;
    }
    *code = with_bracket(line, rest);
    return slice_is(word, "+OK") || slice_is(word, "-ERR");
}

static bool imap_code(slice line, slice *code)
{
    static const char *const untagged[] = { "BYE", "EXISTS", "EXPUNGE", "VANISHED", "PREAUTH" };
    slice rest = line, tag = take_word(&rest), from = slice_trim(rest), word = take_word(&rest);
    if (slice_is(tag, "+")) {
        *code = tag;
        return true;
    }
    if (!slice_is(tag, "*")) {
        *code = with_bracket(from, rest);
        return slice_is(word, "OK") || slice_is(word, "NO") || slice_is(word, "BAD");
    }
    if (word.len && is_digit((unsigned char)word.at[0]))
        word = take_word(&rest);
    *code = upto_rest(from, rest);
    for (size_t i = 0; i < COUNT(untagged); i++)
        if (slice_is(word, untagged[i]))
            return true;
    return false;
}

bool recording_code(const struct protocol *protocol, slice line, slice *code)
{
    return protocol->form == FORM_DIGITS ? smtp_code(line, code)
           : protocol->form == FORM_SIGN ? pop3_code(line, code)
                                         : imap_code(line, code);
}

/* --- which there are ----------------------------------------------------------------------- */

const struct recording_text *recording_find(slice name)
{
    for (const struct recording_text *text = recording_texts; text->name; text++)
        if (slice_is(name, text->name))
            return text;
    return NULL;
}

/* Those that begin with it, else the nearest. */
bool recording_meant(struct buf *out, slice name)
{
    struct guess guess = guess_begin(name);
    size_t count = 0;
    for (const struct recording_text *text = recording_texts; text->name; text++) {
        guess_offer(&guess, slice_of(text->name));
        if (name.len && slice_equal_nocase(slice_upto(slice_of(text->name), name.len), name))
            buf_format(out, "%s%s", count++ ? ", " : "", text->name);
    }
    if (!count && guess_found(&guess))
        buf_add(out, guess.best);
    return out->len > 0;
}

/* One that is broken is not listed: whoever names it is told. */
static void fault_passed(void *context, const struct lesson_fault *fault)
{
    (void)context;
    (void)fault;
}

void recordings_list(struct buf *out, size_t columns)
{
    struct buf words = BUF_MAX(4 * RECORDING_WORDS_MAX);
    for (const struct recording_text *text = recording_texts; text->name; text++) {
        struct recording *recording =
            recording_read(slice_of(text->name), (slice){ (const char *)text->at, text->len },
                           fault_passed, NULL);
        if (!recording)
            continue;
        buf_clear(&words);
        buf_format(&words, "%.*s: %.*s (%.*s, %.*s)", SLICE_ARG(recording->name),
                   SLICE_ARG(recording->title), SLICE_ARG(recording->program),
                   SLICE_ARG(recording->date));
        wrap_add(out, buf_slice(&words), 0, 3, columns);
        recording_free(recording);
    }
    buf_free(&words);
}
