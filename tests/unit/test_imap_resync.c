/* test_imap_resync.c: clients that go and come back. Three sessions (a plain one, one with
   CONDSTORE, one with QRESYNC) change one mailbox at random. What each believes comes from what
   it was told alone, by number or by uid. At quiet points that is the store's truth; and whatever
   a client remembered at the end of any command, from there it finds the truth again: by
   QRESYNC, by UID FETCH with VANISHED, and by CONDSTORE with a search for the uids that are left
   (RFC 7162 3.1, 3.2, 6). A failing seed prints the commands that lead there; SEEDS and SEED
   choose others. */
#include "servers/imap/imap_write.h"
#include "servers/store/store.h"
#include "sim/net/random.h"
#include "tests/unit/imap_lab.h"

#define PEOPLE 3
#define STEPS 120
#define MESSAGES_MAX 2048
#define FLAGS_TEXT_MAX 160
#define MEMORIES 8

struct message_known {
    uint32_t uid;                   /* 0: told by EXISTS alone */
    bool knows_flags;
    char flags[FLAGS_TEXT_MAX];     /* as told, without \Recent, sorted */
};

/* A mailbox as a client knows it: what it keeps when it goes. */
struct knowledge {
    uint32_t uidvalidity;
    uint64_t modseq;                /* resume from here */
    uint32_t count;
    struct message_known messages[MESSAGES_MAX];
};

struct person {
    struct knowledge now;
    bool selected, condstore, qresync, idling;
    bool numbers_in_use;            /* FETCH, STORE, SEARCH by number: nothing may go */
    bool replaced;                  /* SELECT runs: numbers begin anew */
    uint32_t exists;                /* … with so many messages */
    bool chooses;                   /* FETCH runs: its items are as asked */
    char silent_how, silent_flag[40]; /* STORE.SILENT runs, on messages whose flags are known */
    uint64_t modseq_seen;           /* by FETCH, in this command */
    uint64_t modseq_named;          /* by HIGHESTMODSEQ, the last one in this command; 0: none */
    char tag[16], status[300];
    struct knowledge memories[MEMORIES];
    uint32_t memory_count;
    uint32_t found[MESSAGES_MAX], found_count;   /* by SEARCH */
};

struct story {
    struct lab lab;
    struct random random;
    struct person people[PEOPLE];
    struct buf script;              /* what was said, to be read by a person */
    uint32_t tags;
    bool failed;
};

/* Failing at zero. */
static uint32_t seen_vanished, seen_earlier, seen_held_back, seen_modified, seen_resumed,
    seen_samples, seen_expunges, seen_idle_news;

static uint32_t below(struct story *story, uint32_t bound)
{
    return (uint32_t)random_below(&story->random, bound);
}

static void PRINTF_LIKE(2, 3) note(struct story *story, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_format_list(&story->script, format, args);
    va_end(args);
}

#define demand(story, holds, ...)                                                                  \
    do {                                                                                           \
        if (!(holds)) {                                                                            \
            fprintf(stderr, "%s\n", buf_text(&(story)->script));                                   \
            ck_abort_msg(__VA_ARGS__);                                                             \
        }                                                                                          \
    } while (0)

/* --- what is told ------------------------------------------------------------------------- */

static int text_order(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* "\Seen \Recent Work)" to " Work \Seen". */
static void flags_read(const char *list, char *out)
{
    char text[FLAGS_TEXT_MAX];
    char *names[64];
    size_t count = 0, len = strcspn(list, ")");
    ck_assert_uint_lt(len, sizeof text);
    memcpy(text, list, len);
    text[len] = '\0';
    for (char *name = strtok(text, " "); name; name = strtok(NULL, " "))
        if (strcmp(name, "\\Recent") != 0)
            names[count++] = name;
    qsort(names, count, sizeof names[0], text_order);
    out[0] = '\0';
    for (size_t i = 0; i < count; i++)
        strcat(strcat(out, " "), names[i]);
}

static void message_remove(struct story *story, struct person *person, uint32_t at)
{
    demand(story, at < person->now.count, "no message %u", at + 1);
    memmove(&person->now.messages[at], &person->now.messages[at + 1],
            (person->now.count - at - 1) * sizeof person->now.messages[0]);
    person->now.count--;
}

static uint32_t message_find(const struct person *person, uint32_t uid)
{
    for (uint32_t i = 0; i < person->now.count; i++)
        if (person->now.messages[i].uid == uid)
            return i;
    return UINT32_MAX;
}

/* Where it stands; or, if nobody told its uid, any of those between its neighbours whose uids
   were not told either. */
static uint32_t message_place(const struct person *person, uint32_t uid)
{
    uint32_t unknown = UINT32_MAX;
    for (uint32_t i = 0; i < person->now.count; i++) {
        if (person->now.messages[i].uid == uid)
            return i;
        if (person->now.messages[i].uid > uid)
            return unknown;
        unknown = person->now.messages[i].uid ? UINT32_MAX : i;
    }
    return unknown;
}

static void on_vanished(struct story *story, struct person *person, const char *set)
{
    bool earlier = strncmp(set, "(EARLIER) ", 10) == 0;
    demand(story, person->qresync, "VANISHED to one who did not ask for it");
    demand(story, earlier || !person->numbers_in_use, "VANISHED while numbers are in use");
    set += earlier ? 10 : 0;
    for (char *end; *set; set = *end ? end + 1 : end) {
        uint32_t first = (uint32_t)strtoul(set, &end, 10), last = first;
        if (*end == ':')
            last = (uint32_t)strtoul(end + 1, &end, 10);
        for (uint32_t uid = first; uid <= last; uid++) {
            uint32_t at = earlier ? message_find(person, uid) : message_place(person, uid);
            demand(story, earlier || at != UINT32_MAX, "VANISHED %u, which is not known", uid);
            demand(story, !earlier || at == UINT32_MAX || person->replaced,
                   "VANISHED (EARLIER) %u, which was here", uid);
            if (at != UINT32_MAX)
                message_remove(story, person, at);
            seen_vanished += !earlier;
            seen_earlier += earlier;
        }
    }
}

/* One flag more or less, or one alone. */
static void flag_change(struct message_known *message, char how, const char *flag)
{
    char text[FLAGS_TEXT_MAX], list[FLAGS_TEXT_MAX + 40] = "";
    snprintf(text, sizeof text, "%s", how ? message->flags : "");
    for (char *name = strtok(text, " "); name; name = strtok(NULL, " "))
        if (strcmp(name, flag) != 0)
            strcat(strcat(list, list[0] ? " " : ""), name);
    if (how != '-')
        strcat(strcat(list, list[0] ? " " : ""), flag);
    strcat(list, ")");
    flags_read(list, message->flags);
}

static void on_fetch(struct story *story, struct person *person, uint32_t number, const char *text)
{
    const char *uid = strstr(text, "UID "), *flags = strstr(text, "FLAGS (");
    const char *modseq = strstr(text, "MODSEQ (");
    demand(story, number >= 1 && (person->replaced || number <= person->now.count),
           "FETCH of %u", number);
    demand(story, !person->replaced || uid, "FETCH in SELECT without UID");
    demand(story, !person->condstore || (modseq && uid) || person->chooses,
           "FETCH without UID or MODSEQ");
    uint32_t at = person->replaced ? message_find(person, (uint32_t)strtoul(uid + 4, NULL, 10))
                                   : number - 1;
    if (at == UINT32_MAX)
        return;                     /* new: asked for when SELECT has ended */
    struct message_known *message = &person->now.messages[at];
    if (uid) {
        uint32_t told = (uint32_t)strtoul(uid + 4, NULL, 10);
        demand(story, message->uid == 0 || message->uid == told, "%u was UID %u, is now %u", number,
               message->uid, told);
        message->uid = told;
    }
    if (flags) {
        flags_read(flags + 7, message->flags);
        message->knows_flags = true;
    }
    if (modseq && !flags && person->silent_flag[0])
        flag_change(message, person->silent_how, person->silent_flag);
    if (modseq) {
        uint64_t told = strtoull(modseq + 8, NULL, 10);
        person->modseq_seen = told > person->modseq_seen ? told : person->modseq_seen;
    }
}

static void on_exists(struct story *story, struct person *person, uint32_t number)
{
    demand(story, number <= MESSAGES_MAX, "too many messages for this test");
    if (person->replaced) {         /* what is known is laid on the numbers when SELECT ends */
        person->exists = number;
        return;
    }
    demand(story, number > person->now.count, "EXISTS %u after %u", number, person->now.count);
    while (person->now.count < number)
        person->now.messages[person->now.count++] = (struct message_known){ .uid = 0 };
}

static void on_search(struct person *person, const char *numbers)
{
    char *end;
    for (person->found_count = 0;; numbers = end) {
        uint32_t number = (uint32_t)strtoul(numbers, &end, 10);
        if (end == numbers)
            return;
        person->found[person->found_count++] = number;
    }
}

static void on_untagged(struct story *story, struct person *person, const char *line)
{
    char *end;
    const char *code = strstr(line, "[HIGHESTMODSEQ "), *validity = strstr(line, "[UIDVALIDITY ");
    uint32_t number = (uint32_t)strtoul(line, &end, 10);
    if (code)
        person->modseq_named = strtoull(code + 15, NULL, 10);
    if (validity)
        person->now.uidvalidity = (uint32_t)strtoul(validity + 13, NULL, 10);
    if (strncmp(line, "VANISHED ", 9) == 0)
        on_vanished(story, person, line + 9);
    if (strncmp(line, "SEARCH", 6) == 0)
        on_search(person, line + 6);
    if (end == line)
        return;
    if (strcmp(end, " EXPUNGE") == 0) {
        demand(story, !person->qresync && !person->numbers_in_use, "EXPUNGE at the wrong moment");
        message_remove(story, person, number - 1);
        seen_expunges++;
    } else if (strcmp(end, " EXISTS") == 0) {
        on_exists(story, person, number);
    } else if (strncmp(end, " FETCH ", 7) == 0) {
        on_fetch(story, person, number, end + 7);
    }
}

/* At the end of a command: the number to resume from. A named one says how far it is safe to
   believe; without, the largest one seen is (RFC 7162 3.2.4). */
static void settle(struct person *person)
{
    uint64_t highest = person->modseq_seen;
    seen_held_back += person->modseq_named && person->modseq_named < person->modseq_seen;
    if (person->modseq_named)
        highest = person->modseq_named;
    if (highest > person->now.modseq)
        person->now.modseq = highest;
    person->modseq_seen = person->modseq_named = 0;
}

/* What it would keep if the line were cut here. */
static void remember(struct story *story, struct person *person)
{
    if (!person->selected || person->replaced || person->now.modseq == 0)
        return;
    uint32_t at = person->memory_count < MEMORIES ? person->memory_count++ : below(story, MEMORIES);
    person->memories[at] = person->now;
}

/* One response, its literals left out. */
static void response_take(slice *rest, char *text, size_t size)
{
    size_t len = 0;
    for (;;) {
        slice line = take_until(rest, '\n');
        ck_assert(line.len > 0 && len + line.len < size);
        memcpy(text + len, line.at, line.len - 1);
        len += line.len - 1;
        text[len] = '\0';
        char *brace = strrchr(text, '{');
        if (!brace || text[len - 1] != '}')
            return;
        *rest = slice_from(*rest, strtoul(brace + 1, NULL, 10));
        len = (size_t)(brace - text);
    }
}

static void read_said(struct story *story, size_t who)
{
    struct person *person = &story->people[who];
    struct buf *said = &story->lab.said[who];
    slice rest = buf_slice(said);
    while (rest.len) {
        static char text[40000];
        response_take(&rest, text, sizeof text);
        if (below(story, 60) == 0)
            remember(story, person);
        note(story, "%zu S: %s\n", who, text);
        if (strncmp(text, "* ", 2) == 0)
            on_untagged(story, person, text + 2);
        else if (text[0] != '+')
            snprintf(person->status, sizeof person->status, "%.290s", text);
    }
    buf_clear(said);
}

/* --- what is said ------------------------------------------------------------------------- */

static void PRINTF_LIKE(3, 4) say(struct story *story, size_t who, const char *format, ...)
{
    struct person *person = &story->people[who];
    static char words[60000], line[60100];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    snprintf(person->tag, sizeof person->tag, "t%u", ++story->tags);
    snprintf(line, sizeof line, "%s %s", person->tag, words);
    note(story, "%zu C: %s\n", who, line);
    person->status[0] = '\0';
    lab_say(&story->lab, who, line);
    for (size_t i = 0; i < LAB_SESSIONS; i++)
        if (i != who && i < PEOPLE && story->lab.said[i].len) {
            seen_idle_news += story->people[i].idling;
            demand(story, story->people[i].idling, "said without being asked");
            read_said(story, i);
        }
    read_said(story, who);
    demand(story, person->status[0] || person->idling || strcmp(words, "IDLE") == 0,
           "no end of %s", words);
    person->numbers_in_use = person->chooses = false;
    person->silent_flag[0] = '\0';
    seen_modified += strstr(person->status, "[MODIFIED ") != NULL;
    const char *code = strstr(person->status, "[HIGHESTMODSEQ ");
    if (code)
        person->modseq_named = strtoull(code + 15, NULL, 10);
    if (person->status[0] && !person->replaced)
        settle(person);
}

/* "1:3,7": the uids that are known. */
static const char *known_set(const struct person *person)
{
    static struct buf text;
    struct imap_set_writer writer = { .buf = &text };
    text.max = 50000;
    buf_clear(&text);
    for (uint32_t i = 0; i < person->now.count; i++)
        if (person->now.messages[i].uid)
            imap_write_set_add(&writer, person->now.messages[i].uid);
    imap_write_set_end(&writer);
    return buf_text(&text);
}

/* " (2,5 4,9)": some numbers and their uids; or nothing. */
static const char *sample(struct story *story, const struct person *person)
{
    static char text[4000];
    char numbers[1800] = "", uids[1800] = "";
    if (below(story, 2))
        return "";
    for (uint32_t i = 0; i < person->now.count && strlen(uids) < 1700; i++)
        if (person->now.messages[i].uid && below(story, 4) == 0) {
            sprintf(numbers + strlen(numbers), "%s%u", numbers[0] ? "," : "", i + 1);
            sprintf(uids + strlen(uids), "%s%u", uids[0] ? "," : "", person->now.messages[i].uid);
        }
    if (!numbers[0])
        return "";
    seen_samples++;
    snprintf(text, sizeof text, " (%s %s)", numbers, uids);
    return text;
}

/* What it could keep: up to the first message whose uid it does not know. */
static void forget_unknown(struct person *person)
{
    uint32_t kept = 0;
    while (kept < person->now.count && person->now.messages[kept].uid)
        kept++;
    person->now.count = kept;
}

/* CLOSE has removed what is \Deleted and named none of it (RFC 7162 3.2.8): who knows all flags
   knows which. */
static void forget_deleted(struct story *story, struct person *person)
{
    for (uint32_t i = 0; i < person->now.count;) {
        const struct message_known *message = &person->now.messages[i];
        if (!message->uid || !message->knows_flags) {
            person->now.count = 0;
            person->now.modseq = 0;
        } else if (strstr(message->flags, "\\Deleted")) {
            message_remove(story, person, i);
        } else {
            i++;
        }
    }
}

/* After SELECT: the rest of EXISTS are new messages. */
static void learn_new(struct story *story, size_t who)
{
    struct person *person = &story->people[who];
    person->replaced = false;
    demand(story, person->now.count <= person->exists, "%u messages are known, there are %u",
           person->now.count, person->exists);
    uint32_t from = person->now.count + 1;
    bool all_known = true;
    while (person->now.count < person->exists)
        person->now.messages[person->now.count++] = (struct message_known){ .uid = 0 };
    for (uint32_t i = 0; i + 1 < from; i++)
        all_known &= person->now.messages[i].knows_flags;
    person->chooses = true;
    if (!all_known)
        say(story, who, "FETCH 1:* (UID FLAGS)");
    else if (from <= person->now.count)
        say(story, who, "FETCH %u:* (UID FLAGS)", from);
    person->chooses = false;
}

static void select_anew(struct story *story, size_t who)
{
    struct person *person = &story->people[who];
    person->now.count = 0;
    person->selected = person->replaced = true;
    say(story, who, "SELECT INBOX%s", person->condstore ? " (CONDSTORE)" : "");
    if (person->status[0])
        person->now.modseq = person->modseq_named;
    person->modseq_seen = person->modseq_named = 0;
    learn_new(story, who);
}

static void select_qresync(struct story *story, size_t who)
{
    struct person *person = &story->people[who];
    bool tells_known = below(story, 2) && known_set(person)[0];
    struct knowledge *now = &person->now;
    person->selected = person->replaced = true;
    static char parameters[56000];
    snprintf(parameters, sizeof parameters, "(%u %llu%s%s%s)", now->uidvalidity,
             (unsigned long long)now->modseq, tells_known ? " " : "",
             tells_known ? known_set(person) : "", sample(story, person));
    forget_unknown(person);
    say(story, who, "SELECT INBOX (QRESYNC %s)", parameters);
    now->modseq = person->modseq_named;
    person->modseq_seen = person->modseq_named = 0;
    learn_new(story, who);
}

/* SELECT, what has changed, and which uids are left (RFC 7162 6, RFC 4549 4). */
static void select_condstore(struct story *story, size_t who)
{
    struct person *person = &story->people[who];
    struct knowledge *now = &person->now;
    uint64_t since = now->modseq;
    person->selected = person->replaced = true;
    forget_unknown(person);
    say(story, who, "SELECT INBOX (CONDSTORE)");
    now->modseq = person->modseq_named;
    person->modseq_seen = person->modseq_named = 0;
    say(story, who, "UID SEARCH ALL");
    for (uint32_t i = 0, k = 0; i < now->count;) {
        while (k < person->found_count && person->found[k] < now->messages[i].uid)
            k++;
        if (k < person->found_count && person->found[k] == now->messages[i].uid)
            i++;
        else
            message_remove(story, person, i);
    }
    if (now->count)
        say(story, who, "UID FETCH 1:%u (FLAGS) (CHANGEDSINCE %llu)",
            now->messages[now->count - 1].uid, (unsigned long long)since);
    person->modseq_seen = person->modseq_named = 0;
    learn_new(story, who);
}

/* --- the truth ---------------------------------------------------------------------------- */

static void flags_of(struct story *story, const struct placement *row, char *out)
{
    struct imap_view named = { .mailbox = 0 };
    slice keywords[KEYWORDS_MAX];
    struct arena arena = { 0 };
    struct buf text = BUF_MAX(1000);
    named.keywords = keywords;
    ck_assert(store_keywords(story->lab.store, story->lab.inbox, &arena, keywords,
                             &named.keyword_count));
    imap_write_flags(&text, &named, row->flags, false);
    flags_read(buf_text(&text) + 1, out);
    buf_free(&text);
    arena_free(&arena);
}

static void check_truth(struct story *story, size_t who)
{
    const struct person *person = &story->people[who];
    struct uid_list *list = store_uids(story->lab.store, story->lab.inbox);
    demand(story, list->count == person->now.count, "%zu believes in %u messages, there are %u",
           who, person->now.count, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        const struct message_known *message = &person->now.messages[i];
        struct placement row;
        char flags[FLAGS_TEXT_MAX];
        demand(story, message->uid == 0 || message->uid == list->uids[i],
               "%zu believes that %u is UID %u; it is %u", who, i + 1, message->uid, list->uids[i]);
        ck_assert(store_placement(story->lab.store, story->lab.inbox, list->uids[i], &row));
        flags_of(story, &row, flags);
        demand(story, !message->knows_flags || strcmp(flags, message->flags) == 0,
               "%zu believes that UID %u has%s; it has%s", who, list->uids[i], message->flags,
               flags);
    }
    uid_list_release(list);
}

/* Somebody comes back with an old memory, on a line of its own. */
static void check_memory(struct story *story, const struct knowledge *kept, bool by_qresync)
{
    static struct person saved;
    static struct knowledge memory;
    memory = *kept;                 /* it stands in what is put aside */
    size_t who = PEOPLE - 1;
    saved = story->people[who];
    struct session *session = story->lab.sessions[who];
    struct response *response = story->lab.responses[who];
    struct buf said = story->lab.said[who];
    story->lab.sessions[who] = NULL;
    note(story, "--- back from %llu\n", (unsigned long long)memory.modseq);
    lab_login(&story->lab, who);
    buf_clear(&story->lab.said[who]);
    story->people[who] = (struct person){ .now = memory, .condstore = true };
    if (by_qresync) {
        story->people[who].qresync = true;
        say(story, who, "ENABLE QRESYNC");
        story->people[who].now = memory;
        select_qresync(story, who);
    } else {
        select_condstore(story, who);
    }
    check_truth(story, who);
    seen_resumed++;
    note(story, "--- gone again\n");
    lab_hang_up(&story->lab, who);
    story->lab.sessions[who] = session;
    story->lab.responses[who] = response;
    story->lab.said[who] = said;
    story->people[who] = saved;
}

static void idle_end(struct story *story, size_t who)
{
    struct person *person = &story->people[who];
    if (!person->idling)
        return;
    note(story, "%zu C: DONE\n", who);
    lab_say(&story->lab, who, "DONE");
    read_said(story, who);
    person->idling = false;
    settle(person);
}

static void check_all(struct story *story)
{
    for (size_t i = 0; i < PEOPLE; i++)
        idle_end(story, i);
    for (size_t i = 0; i < PEOPLE; i++)
        if (story->people[i].selected) {
            say(story, i, "NOOP");
            check_truth(story, i);
        }
    for (size_t i = 1; i < PEOPLE; i++)
        for (uint32_t k = 0; k < story->people[i].memory_count; k++)
            check_memory(story, &story->people[i].memories[k], below(story, 3) > 0);
}

/* --- the walk ----------------------------------------------------------------------------- */

static const char *draw_flag(struct story *story)
{
    static const char *const flags[] = { "\\Seen", "\\Deleted", "\\Deleted", "\\Flagged",
                                         "\\Answered", "Work" };
    return flags[below(story, COUNT(flags))];
}

static void do_store(struct story *story, size_t who)
{
    static const char hows[] = { '+', '+', '-', '\0' };
    struct person *person = &story->people[who];
    uint32_t first = 1 + below(story, person->now.count);
    uint32_t last = first + below(story, person->now.count - first + 1);
    bool uid = below(story, 3) == 0, silent = person->condstore && below(story, 2);
    const char *flag = draw_flag(story);
    char how = hows[below(story, COUNT(hows))], condition[60] = "";
    for (uint32_t i = first; i <= last; i++) {
        silent &= person->now.messages[i - 1].knows_flags;
        uid &= person->now.messages[i - 1].uid != 0;
    }
    if (person->condstore && below(story, 2))
        snprintf(condition, sizeof condition, "(UNCHANGEDSINCE %llu) ",
                 (unsigned long long)(person->now.modseq - below(story, 3)));
    if (silent) {
        person->silent_how = how;
        snprintf(person->silent_flag, sizeof person->silent_flag, "%s", flag);
    }
    person->numbers_in_use = !uid;
    say(story, who, "%sSTORE %u:%u %s%.1sFLAGS%s (%s)", uid ? "UID " : "",
        uid ? person->now.messages[first - 1].uid : first,
        uid ? person->now.messages[last - 1].uid : last, condition, how ? (char[]){ how, 0 } : "",
        silent ? ".SILENT" : "", flag);
}

static void do_by_number(struct story *story, size_t who)
{
    struct person *person = &story->people[who];
    uint32_t first = 1 + below(story, person->now.count);
    uint32_t last = first + below(story, person->now.count - first + 1);
    switch (below(story, 5)) {
    case 0:
        person->numbers_in_use = person->chooses = true;
        say(story, who, "FETCH %u:%u (UID FLAGS)", first, last);
        break;
    case 1:
        person->numbers_in_use = person->chooses = true;
        say(story, who, "FETCH %u:%u (BODY[] UID)", first, last);
        break;
    case 2: say(story, who, "COPY %u %s", first, below(story, 3) ? "INBOX" : "Archive"); break;
    case 3: say(story, who, "MOVE %u %s", first, below(story, 4) ? "Archive" : "INBOX"); break;
    default:
        person->numbers_in_use = true;
        say(story, who, person->condstore ? "SEARCH MODSEQ 3 %u" : "SEARCH SEEN %u", first);
    }
}

static void do_select(struct story *story, size_t who)
{
    struct person *person = &story->people[who];
    if (person->selected && below(story, 2)) {
        bool closes = below(story, 2);
        say(story, who, "%s", closes ? "CLOSE" : "UNSELECT");
        person->selected = false;
        if (closes && person->qresync)
            forget_deleted(story, person);
    } else if (person->qresync && person->now.modseq && below(story, 4)) {
        select_qresync(story, who);
    } else {
        select_anew(story, who);
    }
}

static void do_anything(struct story *story, size_t who)
{
    struct person *person = &story->people[who];
    switch (below(story, 8)) {
    case 0: say(story, who, "EXPUNGE"); break;
    case 1: say(story, who, "UID EXPUNGE %u:*", 1 + below(story, 60)); break;
    case 2: say(story, who, "APPEND INBOX (%s) {9+}\r\na: b\r\n\r\nc", draw_flag(story)); break;
    case 3:
        person->idling = true;
        say(story, who, "IDLE");
        break;
    case 4:
        say(story, who, "STATUS INBOX (MESSAGES%s)", person->condstore ? " HIGHESTMODSEQ" : "");
        break;
    case 5:
        if (person->qresync) {
            person->chooses = true;
            say(story, who, "UID FETCH 1:* (FLAGS) (CHANGEDSINCE %u VANISHED)",
                1 + below(story, 90));
            break;
        } /* fall through */
    default: say(story, who, "NOOP");
    }
}

static void step(struct story *story)
{
    size_t who = below(story, PEOPLE);
    struct person *person = &story->people[who];
    if (person->idling) {
        if (below(story, 3) == 0)
            idle_end(story, who);
        return;
    }
    uint32_t kind = below(story, 12);
    if (!person->selected || kind == 0)
        do_select(story, who);
    else if (kind < 5 && person->now.count)
        do_store(story, who);
    else if (kind < 8 && person->now.count)
        do_by_number(story, who);
    else
        do_anything(story, who);
    if (below(story, 6) == 0)
        remember(story, person);
}

static void walk(uint64_t seed)
{
    static struct story story;
    memset(&story, 0, sizeof story);
    story.random = (struct random){ .seed = seed };
    story.script = BUF_MAX(64u << 20);
    note(&story, "seed %llu\n", (unsigned long long)seed);
    lab_open(&story.lab);
    for (size_t i = 0; i < 12; i++)
        lab_message(&story.lab, story.lab.inbox, SLICE("Subject: x\r\n\r\nx\r\n"));
    for (size_t i = 0; i < PEOPLE; i++) {
        lab_login(&story.lab, i);
        buf_clear(&story.lab.said[i]);
        story.people[i].condstore = i > 0;
        story.people[i].qresync = i == 2;
        if (i > 0)
            say(&story, i, "ENABLE %s", i == 2 ? "QRESYNC" : "CONDSTORE");
        select_anew(&story, i);
    }
    for (uint32_t i = 1; i <= STEPS; i++) {
        step(&story);
        if (i % 40 == 0)
            check_all(&story);
    }
    buf_free(&story.script);
    lab_close(&story.lab);
}

START_TEST(whoever_comes_back_finds_the_truth)
{
    const char *one = getenv("SEED"), *many = getenv("SEEDS");
    uint64_t first = one ? strtoull(one, NULL, 10) : 1;
    uint64_t count = many ? strtoull(many, NULL, 10) : one ? 1 : 40;
    for (uint64_t seed = first; seed < first + count; seed++)
        walk(seed);
    printf("# %llu seeds: %u came back, %u vanished, %u earlier, %u samples, %u held back, "
           "%u modified, %u expunged, %u told while idle\n", (unsigned long long)count,
           seen_resumed, seen_vanished, seen_earlier, seen_samples, seen_held_back, seen_modified,
           seen_expunges, seen_idle_news);
    if (one)
        return;
    ck_assert_uint_gt(seen_resumed, 100);
    ck_assert_uint_gt(seen_vanished, 50);
    ck_assert_uint_gt(seen_earlier, 100);
    ck_assert_uint_gt(seen_samples, 50);
    ck_assert_uint_gt(seen_held_back, 5);
    ck_assert_uint_gt(seen_modified, 20);
    ck_assert_uint_gt(seen_expunges, 50);
    ck_assert_uint_gt(seen_idle_news, 20);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { whoever_comes_back_finds_the_truth };
    int failed;
    run_suite("imap_resync", tests, COUNT(tests), &failed);
    return failed != 0;
}
