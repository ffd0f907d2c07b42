/* device_walk.c: seeded random walks of devices' mail programs: people read, write, delete,
   mark and move, devices and servers come and go, servers refuse, links lose, and connections
   are cut where it hurts.
     device_walk [SEEDS [FIRST]]      default: 2,000, under sanitizers 200
   After every line: a message that was written is in a folder of the device that wrote it, and
   a message that was handed over is in a mailbox, a queue, a bounce or a device of those it is
   for, unless they deleted it. At the end, with all faults healed: queues and Outboxes are
   empty, IMAP devices equal the server, POP3 devices have had all there is and hold what was
   not deleted there, and the store's invariants hold.
   The cuts are no lines of the language: the seed alone reproduces them. Prints TAP; a
   counter that stays at zero over all seeds fails. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "servers/smtp/smtp_relay.h"
#include "servers/store/store.h"
#include "servers/store/store_device.h"
#include "sim/devices/device.h"
#include "sim/hosts/host.h"
#include "sim/language/build.h"
#include "sim/language/commands.h"
#include "sim/net/net_private.h"
#include "sim/world.h"
#include "tests/transcripts/reread.h"

#define STEPS 20
#define TOKENS_MAX 64
#define SCRIPT_MAX (1u << 20)
#define LOOK_NS (NS_PER_MS / 3)      /* how often an aimed cut looks */

enum aim {
    AIM_TIME, AIM_DOT, AIM_DELE, AIM_SMTP_DOT, AIM_LOST_250, AIM_LITERAL, AIM_STORE, AIM_APPEND,
    AIMS
};
enum counter {
    SYNCS, SENT, QUEUED_UP, BOUNCED, CUTS, CUT_DOT, CUT_DELE, CUT_SMTP_DOT, CUT_LOST_250,
    CUT_LITERAL, CUT_STORE, CUT_APPEND, DUPLICATES, DELETED, MOVED, MARKED, REREAD, COUNTERS
};
static const char *const counter_names[COUNTERS] = {
    "syncs", "messages handed over", "messages that waited in an Outbox", "messages bounced",
    "cuts", "cuts inside POP3's CRLF.CRLF", "cuts between DELE and the answer to QUIT",
    "cuts inside SMTP's CRLF.CRLF", "cuts between the dot and its 250",
    "cuts inside an IMAP literal", "cuts between an IMAP change and its answer",
    "cuts between APPEND's message and its answer", "messages that came twice, after such a cut",
    "messages deleted", "messages moved",
    "messages marked",
    "lines of IMAP read again by the strict parser",
};
static uint64_t counters[COUNTERS];

struct token {
    char text[24];
    char sender[16];                /* the device */
    char recipients[2][40];
    size_t recipient_count;
    bool sent;                      /* it left the Outbox for Sent */
    bool deleted[2];                /* by whom it was for */
    bool bounced[2];                /* the sender was told; the report may be deleted since */
};

struct walk {
    struct world *world;
    struct random random;
    struct buf script;
    struct token tokens[TOKENS_MAX];
    size_t token_count;
    uint64_t cuts_lost_250, cuts;   /* in this walk */
    uint64_t looked;                /* trace records */
    struct error why;
};

static uint64_t draw(struct walk *walk, uint64_t below)
{
    return random_below(&walk->random, below);
}

/* --- cutting ------------------------------------------------------------------------------- */

static struct {
    struct walk *walk;
    enum aim aim;
    uint32_t host;
    uint64_t ticket, seen, at_ns;
    char client_line[200], server_line[200], command[200]; /* IMAP's last, with its tag */
    uint32_t conn;
} aimed;

/* The program's open connection of that device. */
static struct connection *connection_of(uint32_t host)
{
    struct connection *connection = aimed.walk->world->net->connections;
    while (connection && (connection->typed || connection->ends[SIDE_CLIENT].host->number != host ||
                          !connection->recorded_open || connection->recorded_close))
        connection = connection->next;
    return connection;
}

static void lines_read(uint32_t conn)
{
    const struct trace *trace = aimed.walk->world->trace;
    if (aimed.conn != conn)
        aimed.client_line[0] = aimed.server_line[0] = '\0';
    aimed.conn = conn;
    for (; aimed.seen < trace_end(trace); aimed.seen++) {
        const struct trace_record *record = trace_at(trace, aimed.seen);
        if (record->kind != TRACE_LINE || record->conn != conn)
            continue;
        if (record->side == SIDE_CLIENT) {
            FIELD_SET(aimed.client_line, record->text);
            slice rest = record->text;
            if (take_char(&rest, 'a') && rest.len && is_digit((unsigned char)rest.at[0]))
                FIELD_SET(aimed.command, record->text);
            aimed.server_line[0] = '\0';
        } else {
            FIELD_SET(aimed.server_line, record->text);
        }
    }
}

static bool partial_is_dot(const struct connection *connection, enum side from)
{
    const struct trace_wire *wire = &connection->pipes[from].wire;
    return wire->length >= 1 && wire->length <= 2 && wire->partial.len &&
           wire->partial.at[0] == '.';
}

static bool said(const char *text) { return strstr(aimed.client_line, text) != NULL; }

static bool aim_holds(const struct connection *connection)
{
    bool pop3 = strcmp(connection->protocol, "pop3") == 0;
    bool smtp = strcmp(connection->protocol, "smtp") == 0;
    bool imap = strcmp(connection->protocol, "imap") == 0;
    bool answered = aimed.server_line[0] != '\0';
    switch (aimed.aim) {
    case AIM_TIME: return clock_ns(aimed.walk->world->clock) >= aimed.at_ns;
    case AIM_DOT: return pop3 && said("RETR") && partial_is_dot(connection, SIDE_SERVER);
    case AIM_DELE: return pop3 && (said("DELE") || said("QUIT")) && draw(aimed.walk, 20) == 0;
    case AIM_SMTP_DOT: return smtp && partial_is_dot(connection, SIDE_CLIENT);
    case AIM_LOST_250: return smtp && strcmp(aimed.client_line, ".") == 0 && !answered;
    case AIM_LITERAL:
        return imap && said("FETCH") && strstr(aimed.server_line, "BODY") &&
               connection->pipes[SIDE_SERVER].wire.length > 0;
    case AIM_APPEND:
        return imap && !answered && strstr(aimed.command, "APPEND") && !aimed.client_line[0] &&
               draw(aimed.walk, 10) == 0;
    default:
        return imap && !answered && (said("STORE") || said("EXPUNGE") || said("MOVE")) &&
               draw(aimed.walk, 3) == 0;
    }
}

static void count_cut(const struct connection *connection)
{
    static const enum counter by_aim[AIMS] = { CUTS, CUT_DOT, CUT_DELE, CUT_SMTP_DOT, CUT_LOST_250,
                                               CUT_LITERAL, CUT_STORE, CUT_APPEND };
    aimed.walk->cuts++;
    counters[CUTS]++;
    if (aimed.aim != AIM_TIME)
        counters[by_aim[aimed.aim]]++;
    /* Wherever it was aimed, this is where messages double (RFC 1047). */
    if (strcmp(connection->protocol, "smtp") == 0)
        aimed.walk->cuts_lost_250++;
}

static void look(void *context, uint64_t argument)
{
    struct clock *clock = aimed.walk->world->clock;
    struct connection *connection = connection_of(aimed.host);
    (void)context;
    (void)argument;
    aimed.ticket = 0;
    if (connection) {
        lines_read(connection->id);
        if (aim_holds(connection)) {
            count_cut(connection);
            net_cut(connection);
            return;
        }
    }
    aimed.ticket = clock_at(clock, aimed.host, clock_ns(clock) + LOOK_NS, TIMER, look, NULL, 0);
}

static void aim_begin(struct walk *walk)
{
    uint64_t now_ns = clock_ns(walk->world->clock);
    aimed.walk = walk;
    aimed.aim = (enum aim)draw(walk, AIMS);
    aimed.host = walk->world->here->host;
    aimed.seen = trace_end(walk->world->trace);
    aimed.at_ns = now_ns + draw(walk, 4000) * NS_PER_MS;
    aimed.conn = 0;
    aimed.ticket = clock_at(walk->world->clock, aimed.host,
                            aimed.aim == AIM_TIME ? aimed.at_ns : now_ns + LOOK_NS, TIMER, look,
                            NULL, 0);
}

static void aim_end(struct walk *walk)
{
    clock_cancel(walk->world->clock, aimed.ticket);
    aimed.ticket = 0;
}

/* --- where messages are --------------------------------------------------------------------- */

struct search {
    struct store *store;
    slice text, but_not;            /* a folder that does not count */
    size_t found;
};

static bool text_has(struct buf *text, slice wanted)
{
    size_t at;
    return slice_find_text(buf_slice(text), wanted, &at);
}

static bool box_search(void *context, const struct mailbox *box)
{
    struct search *search = context;
    struct placement rows[64];
    struct buf text = BUF_MAX(1u << 20);
    uint32_t next = 1;
    for (size_t count; (count = store_placements(search->store, box->id, next, UINT32_MAX, 0, false,
                                                 rows, COUNT(rows))) > 0;
         next = rows[count - 1].uid + 1)
        for (size_t i = 0; i < count; i++) {
            buf_clear(&text);
            if (store_message_read(search->store, rows[i].message_key, 0, 1u << 19, &text))
                search->found += text_has(&text, search->text);
        }
    buf_free(&text);
    return true;
}

static bool message_search(void *context, const struct device_message *message)
{
    struct search *search = context;
    struct buf text = BUF_MAX(1u << 20);
    if (!message->gone && store_device_message_read(search->store, message->id, &text))
        search->found += text_has(&text, search->text);
    buf_free(&text);
    return true;
}

static bool folder_search(void *context, const struct device_folder *folder)
{
    struct search *search = context;
    if (!slice_is(search->but_not, folder->name))
        store_device_messages(search->store, folder->id, message_search, search);
    return true;
}

static size_t on_device(struct walk *walk, const char *device, slice text, slice but_not)
{
    struct search search = { walk->world->store, text, but_not, 0 };
    store_device_folders(search.store, slice_of(device), folder_search, &search);
    return search.found;
}

static size_t in_mailboxes(struct walk *walk, const char *address, slice text)
{
    struct search search = { walk->world->store, text, SLICE_EMPTY, 0 };
    struct user user;
    if (store_user_by_address(search.store, slice_of(address), &user))
        store_mailboxes(search.store, user.id, box_search, &search);
    return search.found;
}

static bool on_any_device(struct walk *walk, const char *address, slice text)
{
    for (struct device *device = walk->world->devices; device; device = device->next)
        if (strcmp(device->address, address) == 0 &&
            on_device(walk, device->name, text, SLICE("Sent")))
            return true;
    return false;
}

static bool is_bounced(struct walk *walk, const struct token *token, const char *recipient)
{
    const struct device *device = device_find(walk->world, slice_of(token->sender));
    char line[100];
    snprintf(line, sizeof line, "Final-Recipient: rfc822; %s", recipient);
    return in_mailboxes(walk, device->address, slice_of(line)) ||
           on_any_device(walk, device->address, slice_of(line));
}

/* --- the same after every line: each message is read once ------------------------------------- */

#define PEOPLE 4
#define MACHINES 8
#define BOXES_MAX 64                 /* mailboxes' ids, and uids in one of them */
#define UIDS_MAX 1024
#define MESSAGES_MAX 4096             /* devices' messages' ids */

static const char *const people[PEOPLE] = { "ana@campus.example", "bo@campus.example",
                                            "cem@campus.example", "dora@bakery.example" };

/* What a text holds: bits of tokens, and of people that it reports as not reached. */
struct marks {
    uint64_t tokens;
    unsigned reports;
    bool known;
};
static struct marks placed[BOXES_MAX][UIDS_MAX]; /* a uid never means another message */
static struct {
    struct marks marks;
    bool whole;
    char identity[MESSAGE_IDENTITY_MAX + 1];
} kept[MESSAGES_MAX];

struct whereabouts {
    struct walk *walk;
    struct marks boxes[PEOPLE], queues[PEOPLE];
    struct marks devices[MACHINES], but_sent[MACHINES];
    size_t person, machine;          /* whose is being read */
    bool sent;
};

static size_t person_of(const char *address)
{
    size_t at = 0;
    while (at < PEOPLE && strcmp(people[at], address) != 0)
        at++;
    must(at < PEOPLE);
    return at;
}

static struct marks text_marks(const struct walk *walk, struct buf *text)
{
    struct marks marks = { .known = true };
    char line[100];
    for (size_t i = 0; i < walk->token_count; i++)
        if (text_has(text, slice_of(walk->tokens[i].text)))
            marks.tokens |= UINT64_C(1) << i;
    for (size_t i = 0; i < PEOPLE; i++) {
        snprintf(line, sizeof line, "Final-Recipient: rfc822; %s", people[i]);
        if (text_has(text, slice_of(line)))
            marks.reports |= 1u << i;
    }
    return marks;
}

static void marks_join(struct marks *all, const struct marks *one)
{
    all->tokens |= one->tokens;
    all->reports |= one->reports;
}

static void placement_note(struct whereabouts *all, int64_t box, const struct placement *row)
{
    struct store *store = all->walk->world->store;
    must(box < BOXES_MAX && row->uid < UIDS_MAX);
    struct marks *marks = &placed[box][row->uid];
    struct buf text = BUF_MAX(1u << 20);
    if (!marks->known && store_message_read(store, row->message_key, 0, 1u << 19, &text))
        *marks = text_marks(all->walk, &text);
    marks_join(&all->boxes[all->person], marks);
    buf_free(&text);
}

static bool box_note(void *context, const struct mailbox *box)
{
    struct whereabouts *all = context;
    struct placement rows[64];
    uint32_t next = 1;
    for (size_t count; (count = store_placements(all->walk->world->store, box->id, next, UINT32_MAX,
                                                 0, false, rows, COUNT(rows))) > 0;
         next = rows[count - 1].uid + 1)
        for (size_t i = 0; i < count; i++)
            placement_note(all, box->id, &rows[i]);
    return true;
}

static bool message_note(void *context, const struct device_message *message)
{
    struct whereabouts *all = context;
    struct buf text = BUF_MAX(1u << 20);
    must(message->id < MESSAGES_MAX);
    bool same = kept[message->id].marks.known && kept[message->id].whole == message->whole &&
                strcmp(kept[message->id].identity, message->identity) == 0;
    if (!same && store_device_message_read(all->walk->world->store, message->id, &text)) {
        kept[message->id].marks = text_marks(all->walk, &text);
        kept[message->id].whole = message->whole;
        memcpy(kept[message->id].identity, message->identity, sizeof kept[message->id].identity);
    }
    buf_free(&text);
    if (message->gone)
        return true;
    marks_join(&all->devices[all->machine], &kept[message->id].marks);
    if (!all->sent)
        marks_join(&all->but_sent[all->machine], &kept[message->id].marks);
    return true;
}

static bool folder_note(void *context, const struct device_folder *folder)
{
    struct whereabouts *all = context;
    all->sent = strcmp(folder->name, "Sent") == 0;
    store_device_messages(all->walk->world->store, folder->id, message_note, all);
    return true;
}

static void queue_note(struct whereabouts *all, const struct host *host)
{
    static struct queued entries[64];
    struct store *store = all->walk->world->store;
    slice name = slice_of(net_host_name(all->walk->world->net, host_number(host)));
    size_t count = store_queue_due(store, name, INT64_MAX, entries, COUNT(entries));
    for (size_t i = 0; i < count; i++) {
        struct buf text = BUF_MAX(1u << 20);
        if (store_message_read(store, entries[i].message_key, 0, 1u << 19, &text)) {
            struct marks marks = text_marks(all->walk, &text);
            for (size_t person = 0; person < PEOPLE; person++)
                if (strcmp(people[person], entries[i].recipient) == 0)
                    marks_join(&all->queues[person], &marks);
        }
        buf_free(&text);
    }
}

static void whereabouts_read(struct whereabouts *all)
{
    struct world *world = all->walk->world;
    struct user user;
    for (all->person = 0; all->person < PEOPLE; all->person++)
        if (store_user_by_address(world->store, slice_of(people[all->person]), &user))
            store_mailboxes(world->store, user.id, box_note, all);
    for (struct device *device = world->devices; device; device = device->next, all->machine++) {
        must(all->machine < MACHINES);
        store_device_folders(world->store, slice_of(device->name), folder_note, all);
    }
    for (struct host *host = host_next(world, NULL); host; host = host_next(world, host))
        queue_note(all, host);
}

/* On any device of that person, but in Sent. */
static struct marks devices_of(const struct whereabouts *all, const char *address)
{
    struct marks marks = { 0 };
    size_t machine = 0;
    for (struct device *device = all->walk->world->devices; device;
         device = device->next, machine++)
        if (strcmp(device->address, address) == 0)
            marks_join(&marks, &all->but_sent[machine]);
    return marks;
}

/* --- what must always be so ---------------------------------------------------------------- */

static bool token_is_somewhere(const struct whereabouts *all, struct token *token, uint64_t bit,
                               size_t n, const char *sender)
{
    size_t to = person_of(token->recipients[n]), from = person_of(sender);
    struct marks devices = devices_of(all, people[to]), told = devices_of(all, people[from]);
    if (token->deleted[n] || token->bounced[n] ||
        ((all->boxes[to].tokens | all->queues[to].tokens | devices.tokens) & bit))
        return true;
    token->bounced[n] = ((all->boxes[from].reports | told.reports) & (1u << to)) != 0;
    return token->bounced[n];
}

static bool token_conserved(struct whereabouts *all, size_t i)
{
    struct walk *walk = all->walk;
    struct token *token = &walk->tokens[i];
    const char *sender = NULL;
    uint64_t bit = UINT64_C(1) << i;
    size_t machine = 0;
    for (struct device *device = walk->world->devices; !sender; device = device->next, machine++)
        if (strcmp(device->name, token->sender) == 0)
            sender = device->address;
    machine--;
    if (!((all->devices[machine].tokens | all->boxes[person_of(sender)].tokens) & bit))
        return error_set(&walk->why, "%s wrote %s and does not have it", token->sender,
                         token->text);
    if (!token->sent && !(all->but_sent[machine].tokens & bit)) {
        token->sent = true;
        counters[SENT]++;
    }
    for (size_t n = 0; n < token->recipient_count && token->sent; n++)
        if (!token_is_somewhere(all, token, bit, n, sender))
            return error_set(&walk->why, "%s to %s was handed over and is nowhere", token->text,
                             token->recipients[n]);
    return true;
}

/* Has anything moved since it was last looked at? */
static bool something_happened(struct walk *walk)
{
    const struct trace *trace = walk->world->trace;
    bool happened = false;
    for (; walk->looked < trace_end(trace); walk->looked++) {
        const struct trace_record *record = trace_at(trace, walk->looked);
        happened = happened || (record->kind != TRACE_INPUT && record->kind != TRACE_NETWORK &&
                                (record->kind != TRACE_ANSWER || slice_is(record->name, "mail")));
    }
    return happened;
}

static bool conserved(struct walk *walk)
{
    struct whereabouts all = { .walk = walk };
    if (!something_happened(walk))
        return true;
    whereabouts_read(&all);
    for (size_t i = 0; i < walk->token_count; i++)
        if (!token_conserved(&all, i))
            return false;
    return true;
}

/* Who was refused at once, and the sender told so, is no longer waited for. */
static void refusals_read(struct walk *walk)
{
    const struct trace *trace = walk->world->trace;
    const struct trace_record *record = trace_at(trace, trace_end(trace) - 1);
    for (uint64_t i = trace_end(trace); record->kind != TRACE_ANSWER && i > trace_first(trace); i--)
        record = trace_at(trace, i - 1);
    size_t at;
    if (record->kind != TRACE_ANSWER || !slice_find_text(record->text, SLICE(": refused:"), &at))
        return;
    for (size_t i = 0; i < walk->token_count; i++)
        for (size_t n = 0; n < walk->tokens[i].recipient_count; n++) {
            struct token *token = &walk->tokens[i];
            if (!token->sent && strcmp(token->sender, walk->world->here->name) == 0 &&
                slice_find_text(record->text, slice_of(token->recipients[n]), &at))
                token->deleted[n] = true;
        }
}

static bool say(struct walk *walk, const char *line)
{
    size_t at = 0;
    slice text = slice_of(line);
    buf_add(&walk->script, text);
    buf_add_char(&walk->script, '\n');
    walk->token_count += slice_starts(text, "mail write"); /* write_step has filled it in */
    enum line_result result = script_line(walk->world, text, &at, &walk->why);
    if (result == LINE_UNREADABLE || result == LINE_BROKEN) {
        char because[300];
        snprintf(because, sizeof because, "%.280s", walk->why.text);
        return error_set(&walk->why, "the line «%s» was not taken: %s", line, because);
    }
    refusals_read(walk);
    return conserved(walk);
}

/* --- what people do ------------------------------------------------------------------------ */

/* A line during which the connection is perhaps cut. What is aimed between two octets needs a
   line on which they are apart. */
static bool say_and_cut(struct walk *walk, const char *line)
{
    char slow[100], fast[100];
    const char *device = walk->world->here->name;
    aim_begin(walk);
    bool slows = aimed.aim == AIM_DOT || aimed.aim == AIM_SMTP_DOT || aimed.aim == AIM_LITERAL;
    snprintf(slow, sizeof slow, "link %.40s segment 1 bandwidth 2kB/s", device);
    snprintf(fast, sizeof fast, "link %.40s segment 1460 bandwidth 2MB/s", device);
    bool good = (!slows || say(walk, slow)) && say(walk, line);
    aim_end(walk);
    return good && (!slows || say(walk, fast));
}

static bool sync_step(struct walk *walk)
{
    counters[SYNCS]++;
    return draw(walk, 2) ? say_and_cut(walk, "mail sync") : say(walk, "mail sync");
}

static bool write_step(struct walk *walk)
{
    char line[300];
    if (walk->token_count == TOKENS_MAX)
        return true;
    struct token *token = &walk->tokens[walk->token_count];
    *token = (struct token){ .recipient_count = 1 + (size_t)draw(walk, 2) };
    snprintf(token->text, sizeof token->text, "tok%zux", walk->token_count);
    snprintf(token->sender, sizeof token->sender, "%.15s", walk->world->here->name);
    size_t first = (size_t)draw(walk, COUNT(people));
    for (size_t i = 0; i < token->recipient_count; i++)
        snprintf(token->recipients[i], sizeof token->recipients[i], "%s",
                 people[(first + i) % COUNT(people)]);
    snprintf(line, sizeof line, "mail write %s %s subject \"%s\" text \"..\\nhello\\n.\\n\"",
             token->recipients[0], token->recipient_count > 1 ? token->recipients[1] : "",
             token->text);
    bool good = draw(walk, 3) ? say(walk, line) : say_and_cut(walk, line);
    counters[QUEUED_UP] += !token->sent;
    return good;
}

/* The K-th message of the INBOX of this device, if there is one: its token is deleted then. */
static bool message_here(struct walk *walk, uint64_t position, struct device_message *message)
{
    struct device_folder inbox;
    slice device = slice_of(walk->world->here->name);
    return store_device_folder(walk->world->store, device, SLICE("INBOX"), false, &inbox) &&
           store_device_message_at(walk->world->store, inbox.id, position, message);
}

static void tokens_delete(struct walk *walk, const struct device_message *message)
{
    struct buf text = BUF_MAX(1u << 20);
    store_device_message_read(walk->world->store, message->id, &text);
    for (size_t i = 0; i < walk->token_count; i++)
        for (size_t n = 0; n < walk->tokens[i].recipient_count; n++)
            if (strcmp(walk->tokens[i].recipients[n], walk->world->here->address) == 0 &&
                text_has(&text, slice_of(walk->tokens[i].text)))
                walk->tokens[i].deleted[n] = true;
    buf_free(&text);
}

/* A bounce may be what tells of a message: people keep those. */
static bool is_bounce(struct walk *walk, const struct device_message *message)
{
    struct buf text = BUF_MAX(1u << 20);
    store_device_message_read(walk->world->store, message->id, &text);
    bool bounce = text_has(&text, SLICE("Final-Recipient")) || text_has(&text, SLICE("MAILER"));
    buf_free(&text);
    return bounce;
}

static bool message_step(struct walk *walk)
{
    char line[100];
    struct device_message message;
    uint64_t position = 1 + draw(walk, 3);
    if (!message_here(walk, position, &message) || is_bounce(walk, &message))
        return true;
    const char *what = "read";
    switch (draw(walk, 6)) {
    case 0:
        what = "delete";
        counters[DELETED]++;
        tokens_delete(walk, &message);
        break;
    case 1: what = "flag"; counters[MARKED]++; break;
    case 2: what = "unread"; counters[MARKED]++; break;
    case 3:
        counters[MOVED]++;
        snprintf(line, sizeof line, "mail move %u Archive", (unsigned)position);
        return say(walk, line);
    default: break;
    }
    snprintf(line, sizeof line, "mail %s %u", what, (unsigned)position);
    return say(walk, line);
}

static bool fault_step(struct walk *walk)
{
    static const char *const lines[] = {
        "offline mail.campus.example", "online mail.campus.example", "online mail.campus.example",
        "offline mx.bakery.example", "online mx.bakery.example", "online mx.bakery.example",
        "offline phone", "online phone", "offline laptop", "online laptop", "offline tablet",
        "online tablet", "set mail.campus.example refuse RETR -ERR first 1",
        "set mail.campus.example refuse DELE -ERR first 1",
        "set mail.campus.example refuse STORE NO first 1",
        "set mail.campus.example refuse EXPUNGE NO first 1",
        "set mail.campus.example refuse MOVE NO first 1",
        "set mail.campus.example refuse COPY NO first 1",
        "set mail.campus.example refuse SEARCH NO first 1",
        "set mail.campus.example refuse APPEND NO first 1",
        "set mail.campus.example refuse FETCH NO first 1",
        "set mail.campus.example refuse ENABLE BAD first 3",
        "set mail.campus.example without QRESYNC", "set mail.campus.example without CONDSTORE",
        "set mail.campus.example without MOVE", "set mail.campus.example without UIDPLUS",
        "set mail.campus.example without QRESYNC off", "set mail.campus.example without MOVE off",
        "set mail.campus.example refuse RCPT 451 first 1",
        "set mx.bakery.example refuse RCPT 550 first 1",
        "set mx.bakery.example refuse QUIT -ERR first 1", "link laptop segment 1",
        "link phone segment 3", "link tablet loss 1/9", "link laptop loss 1/9", "wait 3h",
        "wait 2d", "wait 8d", "setup phone imap idle", "setup tablet imap headers every 1h",
        "setup laptop pop3 keep 7d every 2h", "setup desktop imap every 30m", "setup phone imap",
    };
    return say(walk, lines[draw(walk, COUNT(lines))]);
}

static bool walk_step(struct walk *walk)
{
    static const char *const devices[] = { "laptop", "phone", "tablet", "desktop", "till",
                                           "netbook" };
    char line[40];
    if (draw(walk, 3) == 0) {
        snprintf(line, sizeof line, "on %s", devices[draw(walk, COUNT(devices))]);
        if (!say(walk, line))
            return false;
    }
    switch (draw(walk, 6)) {
    case 0:
    case 1: return sync_step(walk);
    case 2: return write_step(walk);
    case 3:
    case 4: return message_step(walk);
    default: return fault_step(walk);
    }
}

/* --- at the end ---------------------------------------------------------------------------- */

static bool equals_server(struct walk *walk, const struct device *device,
                          const struct mailbox *box)
{
    struct store *store = walk->world->store;
    struct device_folder folder;
    struct device_count count;
    struct placement rows[256];
    if (!store_device_folder(store, slice_of(device->name), slice_of(box->name), false, &folder) ||
        !store_device_count(store, folder.id, &count))
        return error_set(&walk->why, "%s has no folder %s", device->name, box->name);
    if (count.messages != box->messages)
        return error_set(&walk->why, "%s has %llu messages in %s, the server %u", device->name,
                         (unsigned long long)count.messages, box->name, box->messages);
    size_t all = store_placements(store, box->id, 1, UINT32_MAX, 0, false, rows, COUNT(rows));
    for (size_t i = 0; i < all; i++) {
        struct device_message message;
        if (!store_device_message_by_uid(store, folder.id, rows[i].uid, &message))
            return error_set(&walk->why, "%s has no uid %u in %s", device->name, rows[i].uid,
                             box->name);
        if (message.flags != (rows[i].flags & FLAG_SYSTEM) || message.gone)
            return error_set(&walk->why, "%s marks uid %u in %s with %llu, the server with %llu",
                             device->name, rows[i].uid, box->name,
                             (unsigned long long)message.flags, (unsigned long long)rows[i].flags);
    }
    return true;
}

struct comparing {
    struct walk *walk;
    const struct device *device;
    bool good;
};

static bool box_compare(void *context, const struct mailbox *box)
{
    struct comparing *comparing = context;
    comparing->good = equals_server(comparing->walk, comparing->device, box);
    return comparing->good;
}

/* Everything that lies in the INBOX was on the device. */
static bool pop3_had_all(struct walk *walk, const struct device *device, const struct mailbox *box)
{
    struct store *store = walk->world->store;
    struct placement rows[256];
    size_t all = store_placements(store, box->id, 1, UINT32_MAX, 0, false, rows, COUNT(rows));
    for (size_t i = 0; i < all; i++) {
        struct device_uidl known;
        char uidl[40];
        snprintf(uidl, sizeof uidl, "%u.%u", box->uidvalidity, rows[i].uid);
        if (!store_device_uidl(store, slice_of(device->name), slice_of(uidl), &known))
            return error_set(&walk->why, "%s never fetched %s", device->name, uidl);
    }
    return true;
}

static bool device_converged(struct walk *walk, const struct device *device)
{
    struct store *store = walk->world->store;
    struct device_folder outbox;
    struct device_count count = { 0 };
    struct user user;
    struct mailbox inbox;
    struct comparing comparing = { walk, device, true };
    if (store_device_folder(store, slice_of(device->name), SLICE("Outbox"), false, &outbox) &&
        store_device_count(store, outbox.id, &count) && count.messages)
        return error_set(&walk->why, "the Outbox of %s is not empty", device->name);
    if (!store_user_by_address(store, slice_of(device->address), &user) ||
        !store_mailbox_find(store, user.id, SLICE("INBOX"), &inbox))
        return error_set(&walk->why, "no INBOX");
    if (slice_starts(slice_of(device->program), "pop3"))
        return pop3_had_all(walk, device, &inbox);
    store_mailboxes(store, user.id, box_compare, &comparing);
    return comparing.good;
}

/* A message in one mailbox twice: only after a cut that explains it. */
static bool duplicates_are_explained(struct walk *walk)
{
    for (size_t i = 0; i < walk->token_count; i++)
        for (size_t n = 0; n < walk->tokens[i].recipient_count; n++) {
            char subject[60];
            struct token *token = &walk->tokens[i];
            const struct device *device = device_find(walk->world, slice_of(token->sender));
            if (strcmp(device->address, token->recipients[n]) == 0)
                continue; /* it is in Sent too */
            snprintf(subject, sizeof subject, "Subject: %s\r\n", token->text);
            size_t copies = in_mailboxes(walk, token->recipients[n], slice_of(subject));
            if (copies > 1 && !walk->cuts_lost_250)
                return error_set(&walk->why, "%s came %zu times to %s without a cut", token->text,
                                 copies, token->recipients[n]);
            counters[DUPLICATES] += copies > 1;
        }
    return true;
}

/* One copy of what was sent in the sender's folders, whatever was cut while it was filed. */
static bool sent_once(struct walk *walk)
{
    for (size_t i = 0; i < walk->token_count; i++) {
        struct token *token = &walk->tokens[i];
        const struct device *device = device_find(walk->world, slice_of(token->sender));
        char subject[60];
        snprintf(subject, sizeof subject, "Subject: %s\r\n", token->text);
        bool other = false; /* a copy that came, or what came back */
        for (size_t n = 0; n < token->recipient_count; n++)
            other = other || strcmp(device->address, token->recipients[n]) == 0 ||
                    is_bounced(walk, token, token->recipients[n]);
        size_t copies = in_mailboxes(walk, device->address, slice_of(subject));
        if (!other && copies > 1)
            return error_set(&walk->why, "%s was filed %zu times", token->text, copies);
    }
    return true;
}

static bool walk_heal(struct walk *walk)
{
    static const char *const lines[] = {
        "online mail.campus.example",
        "online mx.bakery.example",
        "online laptop",
        "online phone",
        "online tablet",
        "link laptop loss 0 segment 1460",
        "link tablet loss 0",
        "set mail.campus.example refuse RETR off",
        "set mail.campus.example refuse DELE off",
        "set mail.campus.example refuse STORE off",
        "set mail.campus.example refuse EXPUNGE off",
        "set mail.campus.example refuse MOVE off",
        "set mail.campus.example refuse APPEND off",
        "set mail.campus.example refuse FETCH off",
        "set mail.campus.example refuse ENABLE off",
        "set mail.campus.example refuse COPY off",
        "set mail.campus.example refuse SEARCH off",
        "set mail.campus.example refuse RCPT off",
        "set mx.bakery.example refuse RCPT off",
        "set mx.bakery.example refuse QUIT off",
    };
    char line[60];
    for (size_t i = 0; i < COUNT(lines); i++)
        if (!say(walk, lines[i]))
            return false;
    for (int round = 0; round < 3; round++) {
        for (struct device *device = walk->world->devices; device; device = device->next) {
            snprintf(line, sizeof line, "on %.40s", device->name);
            if (!say(walk, line) || !say(walk, "mail sync"))
                return false;
        }
        if (round == 0 && !say(walk, "wait 1d"))
            return false;
    }
    for (struct device *device = walk->world->devices; device; device = device->next)
        if (!device_converged(walk, device))
            return false;
    return duplicates_are_explained(walk) && sent_once(walk);
}

static void bounces_count(struct walk *walk)
{
    for (uint64_t i = trace_first(walk->world->trace); i < trace_end(walk->world->trace); i++) {
        const struct trace_record *record = trace_at(walk->world->trace, i);
        counters[BOUNCED] += record->kind == TRACE_QUEUE && record->fact == QUEUE_BOUNCED;
    }
}

static bool walk_seed(uint64_t seed, struct walk *walk, uint64_t *digest)
{
    struct buf report = BUF_MAX(65536);
    memset(&aimed, 0, sizeof aimed); /* nothing of the walk before */
    memset(placed, 0, sizeof placed);
    memset(kept, 0, sizeof kept);
    *walk = (struct walk){ .random = random_stream(seed, SLICE("devices"), "lines"),
                           .script = BUF_MAX(SCRIPT_MAX) };
    walk->world = world_new(NULL, &seed, sim_tables, slice_of(default_world), SLICE("default"),
                            &walk->why);
    bool good = walk->world != NULL &&
                say(walk, "device netbook of bo@campus.example pop3 delete") &&
                say(walk, "mailbox bo@campus.example Archive");
    for (int i = 0; good && i < STEPS; i++)
        good = walk_step(walk);
    good = good && walk_heal(walk) && world_finish(walk->world, &walk->why);
    if (good && !store_fsck(walk->world->store, &report))
        good = error_set(&walk->why, "fsck: %s", buf_text(&report));
    good = good && reread_trace(walk->world->trace, &counters[REREAD], &walk->why);
    if (good)
        bounces_count(walk);
    *digest = good ? world_digest(walk->world) : 0;
    buf_free(&report);
    return good;
}

static void walk_end(struct walk *walk)
{
    world_free(walk->world);
    buf_free(&walk->script);
}

/* The same seed, the same world. */
static bool again_is_same(uint64_t seed, uint64_t digest)
{
    static struct walk again;
    uint64_t counted[COUNTERS], other = 0;
    memcpy(counted, counters, sizeof counted);
    bool good = walk_seed(seed, &again, &other) && other == digest;
    memcpy(counters, counted, sizeof counted);
    walk_end(&again);
    return good;
}

int main(int argc, char **argv)
{
    static struct walk walk;
#ifdef ARENA_MALLOC
    uint64_t seeds = 200, first = 1;
#else
    uint64_t seeds = 2000, first = 1;
#endif
    slice text = slice_of(argc > 1 ? argv[1] : "");
    take_number(&text, 1000000000, &seeds);
    text = slice_of(argc > 2 ? argv[2] : "");
    take_number(&text, UINT64_MAX / 2, &first);
    int failed = 0;
    for (uint64_t seed = first; seed < first + seeds && failed < 3; seed++) {
        uint64_t digest = 0;
        bool good = walk_seed(seed, &walk, &digest);
        if (good && seed % 100 == 0 && !again_is_same(seed, digest))
            good = error_set(&walk.why, "the same seed gave another world");
        if (!good) {
            failed++;
            printf("# seed %llu: %s\n# its lines; the cuts are the seed's:\n%s# end\n",
                   (unsigned long long)seed, walk.why.text, buf_text(&walk.script));
        }
        walk_end(&walk);
    }
    printf("%sok 1 - %llu walks of %d steps\n", failed ? "not " : "", (unsigned long long)seeds,
           STEPS);
    for (int i = 0; i < COUNTERS; i++) {
        failed += counters[i] == 0;
        printf("%sok %d - %s: %llu\n", counters[i] ? "" : "not ", i + 2, counter_names[i],
               (unsigned long long)counters[i]);
    }
    printf("1..%d\n", COUNTERS + 1);
    return failed != 0;
}
