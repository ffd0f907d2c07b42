/* steps.c: every scenario, and every story with each setting, and after each of their lines
   what must always hold:
     the store's invariants;
     what a server has taken (the dot's 250) went into a mailbox or a queue, and what is in no
     queue any more was delivered or came back: the trace and the queues agree;
     mailboxes hold what was put into them less what was removed;
     a typed IMAP client that believes what it is told (EXISTS, EXPUNGE, VANISHED, FETCH FLAGS) has
     the server's picture of the mailbox;
     an IMAP device whose sync went well has the server's INBOX.
     steps [FILE.post…]      default: all of them
   Prints TAP; a counter that stays at zero fails. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "lessons/lessons.h"
#include "lessons/story.h"
#include "servers/imap/imap.h"
#include "servers/smtp/smtp_relay.h"
#include "servers/store/store.h"
#include "servers/store/store_device.h"
#include "sim/devices/device.h"
#include "sim/devices/device_mail.h"
#include "sim/devices/programs.h"
#include "sim/hosts/host.h"
#include "sim/language/build.h"
#include "sim/language/commands.h"
#include "views/conns.h"
#include "views/views.h"

#define FILES_MAX 512
#define CONNS_MAX 512
#define SHOWN_MAX 2000           /* messages of a mailbox in a picture */

enum counter { LINES, TAKEN, QUEUED, PICTURES, FLAGS, SYNCS, COUNTERS };
static const char *const counter_names[COUNTERS] = {
    "lines",          "messages taken", "messages queued", "pictures of a mailbox compared",
    "marks compared", "syncs compared",
};
static uint64_t counters[COUNTERS];
static const struct command *const tables[] = { sim_commands, view_commands, lesson_commands,
                                                NULL };

/* What a client on one connection believes. */
struct picture {
    uint32_t count;
    int64_t flags[SHOWN_MAX];    /* by sequence number; -1: not told */
    uint64_t literal;            /* octets that are no response */
};

struct run {
    struct world *world;
    struct conns conns;
    struct picture *pictures[CONNS_MAX];
    uint64_t read;
    uint64_t stored, removed;
    uint64_t taken, step_stored, ended; /* in this step; ended: of what was in a queue */
    uint64_t waiting;            /* in all queues, before it */
    int64_t in_boxes;            /* at the beginning */
    bool boxes_change;           /* DELETE or RENAME: what was in them is not counted */
    struct error why;
};

/* --- a client's picture --------------------------------------------------------------------- */

static struct picture *picture_of(struct run *run, uint32_t conn)
{
    must(conn < CONNS_MAX);
    if (!run->pictures[conn]) {
        run->pictures[conn] = calloc(1, sizeof *run->pictures[conn]);
        must(run->pictures[conn] != NULL);
    }
    return run->pictures[conn];
}

static void message_gone(struct picture *picture, uint32_t number)
{
    if (number == 0 || number > picture->count)
        return;
    for (uint32_t i = number; i < picture->count && i < SHOWN_MAX; i++)
        picture->flags[i - 1] = picture->flags[i];
    picture->count--;
}

static void exists_heard(struct picture *picture, uint32_t count)
{
    for (uint32_t i = picture->count; i < count && i < SHOWN_MAX; i++)
        picture->flags[i] = -1;
    picture->count = count;
}

static void flags_heard(struct picture *picture, uint32_t number, slice rest)
{
    static const char *const names[] = { "\\Seen", "\\Answered", "\\Flagged", "\\Deleted",
                                         "\\Draft" };
    size_t at, end;
    if (!slice_find_text(rest, SLICE("FLAGS ("), &at) || number == 0 || number > SHOWN_MAX)
        return;
    rest = slice_from(rest, at + 7);
    if (!slice_find(rest, ')', &end))
        return;
    slice flags = slice_upto(rest, end);
    picture->flags[number - 1] = 0;
    for (slice word = take_word(&flags); word.len; word = take_word(&flags))
        for (size_t i = 0; i < COUNT(names); i++)
            if (slice_is_nocase(word, names[i]))
                picture->flags[number - 1] |= (int64_t)1 << i;
}

/* By uid: the session's own list says where it stood. */
static void vanished_heard(struct picture *picture, slice set)
{
    uint64_t first, last;
    if (take_prefix(&set, "(EARLIER) "))
        return;
    while (take_number(&set, UINT32_MAX, &first)) {
        last = first;
        if (take_char(&set, ':') && !take_number(&set, UINT32_MAX, &last))
            break;
        for (uint64_t uid = first; uid <= last && picture->count; uid++)
            picture->count--;
        for (uint32_t i = 0; i < SHOWN_MAX; i++)
            picture->flags[i] = -1; /* which numbers they had is not looked up */
        take_char(&set, ',');
    }
}

static void line_heard(struct picture *picture, slice line)
{
    uint64_t number = 0, octets = line.len + 2;
    if (picture->literal) {
        uint64_t inside = octets < picture->literal ? octets : picture->literal;
        picture->literal -= inside;
        if (inside == octets)
            return;
        line = slice_from(line, (size_t)inside);
    }
    size_t open = line.len;
    while (open > 0 && line.at[open - 1] != '{')
        open--;
    slice literal = slice_from(line, open);
    if (open && line.at[line.len - 1] == '}' && take_number(&literal, UINT32_MAX, &number))
        picture->literal = number;
    slice rest = line;
    if (!take_prefix(&rest, "* "))
        return;
    if (take_prefix(&rest, "VANISHED ")) {
        vanished_heard(picture, rest);
        return;
    }
    if (take_prefix(&rest, "OK [CLOSED]"))
        picture->count = 0;
    if (!take_number(&rest, UINT32_MAX, &number))
        return;
    if (slice_is(rest, " EXISTS"))
        exists_heard(picture, (uint32_t)number);
    else if (slice_is(rest, " EXPUNGE"))
        message_gone(picture, (uint32_t)number);
    else if (slice_starts(rest, " FETCH "))
        flags_heard(picture, (uint32_t)number, rest);
}

static bool picture_equals(struct run *run, const struct conn *conn)
{
    const struct session *session = host_session(run->world, conn->number);
    struct picture *picture = run->pictures[conn->number];
    if (!session || !picture || strcmp(session->protocol->name, "imap") != 0)
        return true;
    const struct imap_view *view = &imap_of((struct session *)session)->view;
    if (!view->mailbox || !view->told || picture->literal)
        return true;
    uint32_t count = view->told->count + view->extra_count;
    counters[PICTURES]++;
    if (picture->count != count)
        return error_set(&run->why, "connection %u shows %u messages, the server's session %u",
                         conn->number, picture->count, count);
    struct mailbox mailbox;
    if (!store_mailbox_by_id(run->world->store, view->mailbox, &mailbox) ||
        view->flags_told < mailbox.highest_modseq)
        return true; /* something is not told yet */
    for (uint32_t i = 0; i < count && i < SHOWN_MAX; i++) {
        struct placement row;
        uint32_t uid = imap_view_uid(view, i + 1);
        if (picture->flags[i] < 0 ||
            !store_placement(run->world->store, view->mailbox, uid, &row) || row.expunged)
            continue;
        counters[FLAGS]++;
        if ((uint64_t)picture->flags[i] != (row.flags & FLAG_SYSTEM))
            return error_set(&run->why,
                             "connection %u shows message %u with marks %lld, it has %llu",
                             conn->number, i + 1, (long long)picture->flags[i],
                             (unsigned long long)(row.flags & FLAG_SYSTEM));
    }
    return true;
}

/* --- the trace ------------------------------------------------------------------------------ */

static void state_read(struct run *run, const struct trace_record *record)
{
    const struct conn *conn = conns_find(&run->conns, record->conn);
    if (!conn || !conn->protocol)
        return;
    const char *event = protocol_event_name(conn->protocol, record->event);
    bool ok = record->outcome == OUT_OK;
    if (strcmp(conn->protocol->name, "smtp") == 0 && ok && record->event == EV_DOT)
        run->taken++;
    if (strcmp(conn->protocol->name, "imap") != 0)
        return;
    if (strcmp(event, "SELECT") == 0 || strcmp(event, "EXAMINE") == 0)
        memset(picture_of(run, record->conn)->flags, 0xff, sizeof(int64_t) * SHOWN_MAX);
    if (ok && (strcmp(event, "DELETE") == 0 || strcmp(event, "RENAME") == 0))
        run->boxes_change = true;
}

static void record_read(struct run *run, const struct trace_record *record)
{
    const struct conn *conn = conns_find(&run->conns, record->conn);
    bool imap = conn && conn->protocol && strcmp(conn->protocol->name, "imap") == 0;
    switch (record->kind) {
    case TRACE_STORED:
        run->stored++;
        run->step_stored++;
        break;
    case TRACE_REMOVED: run->removed++; break;
    case TRACE_QUEUE:
        run->ended += record->fact == QUEUE_DELIVERED || record->fact == QUEUE_BOUNCED ||
                      record->fact == QUEUE_DROPPED;
        break;
    case TRACE_LINE:
        if (imap && record->side == SIDE_SERVER)
            line_heard(picture_of(run, record->conn), record->text);
        break;
    case TRACE_STATE: state_read(run, record); break;
    default: break;
    }
}

static void trace_read(struct run *run)
{
    const struct trace *trace = run->world->trace;
    conns_read(&run->conns, trace);
    run->taken = run->step_stored = run->ended = 0;
    for (; run->read < trace_end(trace); run->read++)
        record_read(run, trace_at(trace, run->read));
}

/* --- sums ----------------------------------------------------------------------------------- */

static bool box_sum(void *context, const struct mailbox *mailbox)
{
    *(int64_t *)context += mailbox->messages;
    return true;
}

struct summing {
    struct store *store;
    int64_t messages;
};

static bool user_sum(void *context, const struct user *user)
{
    struct summing *summing = context;
    store_mailboxes(summing->store, user->id, box_sum, &summing->messages);
    return true;
}

static int64_t messages_now(struct run *run)
{
    struct summing summing = { run->world->store, 0 };
    store_users(run->world->store, user_sum, &summing);
    return summing.messages;
}

static bool sums_hold(struct run *run)
{
    struct world *world = run->world;
    uint64_t waiting = 0;
    for (struct host *host = host_next(world, NULL); host; host = host_next(world, host))
        waiting += store_queue_count(world->store,
                                     slice_of(net_host_name(world->net, host_number(host))));
    uint64_t entered = waiting + run->ended - run->waiting;
    counters[TAKEN] += run->taken;
    counters[QUEUED] += entered;
    if (waiting + run->ended < run->waiting || run->taken > run->step_stored + entered)
        return error_set(&run->why,
                         "%llu messages taken, %llu put into mailboxes; queues had %llu, "
                         "%llu came to an end, %llu are waiting",
                         (unsigned long long)run->taken, (unsigned long long)run->step_stored,
                         (unsigned long long)run->waiting, (unsigned long long)run->ended,
                         (unsigned long long)waiting);
    run->waiting = waiting;
    int64_t now = messages_now(run);
    int64_t due = run->in_boxes + (int64_t)run->stored - (int64_t)run->removed;
    return run->boxes_change || now == due ||
           error_set(&run->why, "%lld messages in mailboxes, %lld were put there and not removed",
                     (long long)now, (long long)due);
}

/* --- devices -------------------------------------------------------------------------------- */

/* A program that only marks what is deleted does not show it any more. */
static uint32_t hidden(struct run *run, const struct device *device, int64_t mailbox)
{
    const struct program *program = mail_account(device->mail)->program;
    struct placement row;
    uint32_t marked = 0, from = 1;
    if (!program->imap || program->imap->deletes != IMAP_MARKS)
        return 0;
    while (store_placements(run->world->store, mailbox, from, UINT32_MAX, 0, false, &row, 1) == 1) {
        marked += (row.flags & FLAG_DELETED) != 0;
        from = row.uid + 1;
    }
    return marked;
}

static bool device_equals(struct run *run, struct device *device)
{
    struct store *store = run->world->store;
    struct device_folder folder;
    struct device_count count;
    struct mailbox inbox;
    struct user user;
    if (!store_user_by_address(store, slice_of(device->address), &user) ||
        !store_mailbox_find(store, user.id, SLICE("INBOX"), &inbox) ||
        !store_device_folder(store, slice_of(device->name), SLICE("INBOX"), false, &folder) ||
        !store_device_count(store, folder.id, &count))
        return true;
    counters[SYNCS]++;
    uint32_t shown = inbox.messages - hidden(run, device, inbox.id);
    return count.messages == shown ||
           error_set(&run->why, "%s synchronised and shows %llu messages of the INBOX's %u, not %u",
                     device->name, (unsigned long long)count.messages, inbox.messages, shown);
}

/* A sync that went well and complained of nothing. */
static bool sync_holds(struct run *run, slice line)
{
    struct device *device = run->world->here;
    size_t at;
    take_char(&line, ':');
    if (!slice_is(slice_trim(line), "mail sync") || !device || !device->mail ||
        mail_account(device->mail)->kind != MAIL_IS_IMAP || !mail_went_well(device->mail) ||
        slice_find_text(mail_said(device->mail), SLICE("would not"), &at) ||
        slice_find_text(mail_said(device->mail), SLICE("not known"), &at))
        return true;
    return device_equals(run, device);
}

static bool step_holds(struct run *run, slice line)
{
    struct buf report = BUF_MAX(65536);
    bool sound = store_fsck(run->world->store, &report);
    if (!sound)
        error_set(&run->why, "fsck: %s", buf_text(&report));
    buf_free(&report);
    trace_read(run);
    if (!sound || !sums_hold(run) || !sync_holds(run, line))
        return false;
    for (size_t i = 0; i < run->conns.count; i++)
        if (run->conns.at[i].number && !picture_equals(run, &run->conns.at[i]))
            return false;
    counters[LINES]++;
    return true;
}

/* --- files ---------------------------------------------------------------------------------- */

static bool run_begin(struct run *run)
{
    *run = (struct run){ .in_boxes = 0 };
    run->world =
        world_new(NULL, NULL, tables, slice_of(default_world), SLICE("default"), &run->why);
    if (run->world)
        run->in_boxes = messages_now(run);
    return run->world != NULL;
}

static void run_end(struct run *run)
{
    for (size_t i = 0; i < CONNS_MAX; i++)
        free(run->pictures[i]);
    conns_free(&run->conns);
    world_free(run->world);
}

/* An unreadable line is what some scenarios are about: it ends them. */
static bool text_play(slice text, const char *name, const char *setting)
{
    static const char *const devices[] = { "laptop", "phone" };
    static struct run run;
    bool good = run_begin(&run);
    for (size_t i = 0; good && setting && i < COUNT(devices); i++) {
        char line[80];
        size_t at;
        snprintf(line, sizeof line, "setup %s %s", devices[i], setting);
        good = script_line(run.world, slice_of(line), &at, &run.why) == LINE_RUN;
    }
    uint64_t number = 0;
    while (good && text.len) {
        slice line = take_until(&text, '\n');
        struct error why;
        size_t at;
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        run.world->line_number = ++number;
        enum line_result result = script_line(run.world, line, &at, &why);
        if (result == LINE_UNREADABLE || result == LINE_LEAVE)
            break;
        good = result != LINE_BROKEN && step_holds(&run, line);
    }
    if (!good)
        printf("# %s:%llu: %s\n", name, (unsigned long long)number, run.why.text);
    run_end(&run);
    return good;
}

static bool file_play(const char *path)
{
    static char octets[STORY_BYTES_MAX];
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    size_t len = fread(octets, 1, sizeof octets, file);
    fclose(file);
    slice text = { octets, len };
    size_t at;
    bool other = slice_find_text(text, SLICE("# world: "), &at) ||
                 slice_find_text(text, SLICE("# goes on from: "), &at);
    if (other) /* those are about other worlds */
        return true;
    static const char *const settings[] = { "pop3 delete", "pop3 keep", "imap", "imap headers",
                                            "imap on demand" };
    bool good = text_play(text, path, NULL);
    for (size_t i = 0; good && strstr(path, "stories") && i < COUNT(settings); i++)
        good = text_play(text, path, settings[i]);
    return good;
}

static int names_order(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t directory_list(const char *directory, char **paths)
{
    char path[600];
    size_t count = 0;
    DIR *open = opendir(directory);
    for (struct dirent *entry; open && count < FILES_MAX && (entry = readdir(open)) != NULL;) {
        size_t len = strlen(entry->d_name);
        if (len < 5 || strcmp(entry->d_name + len - 5, ".post") != 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        paths[count++] = strdup(path);
    }
    if (open)
        closedir(open);
    qsort(paths, count, sizeof *paths, names_order);
    return count;
}

int main(int argc, char **argv)
{
    static char *paths[2 * FILES_MAX];
    size_t count = 0;
    int failed = 0, tests = 0;
    for (int i = 1; i < argc; i++)
        paths[count++] = strdup(argv[i]);
    if (argc == 1) {
        count = directory_list("tests/scenarios", paths);
        count += directory_list("lessons/stories", paths + count);
    }
    for (size_t i = 0; i < count; i++) {
        bool good = file_play(paths[i]);
        failed += !good;
        printf("%sok %d - %s: holds after each line\n", good ? "" : "not ", ++tests, paths[i]);
        free(paths[i]);
    }
    for (int i = 0; argc == 1 && i < COUNTERS; i++) {
        failed += counters[i] == 0;
        printf("%sok %d - %s: %llu\n", counters[i] ? "" : "not ", ++tests, counter_names[i],
               (unsigned long long)counters[i]);
    }
    printf("1..%d\n", tests);
    return failed != 0;
}
