/* page_view.c: what there is to be looked at, by name, as JSON. Looking changes nothing: what a
   view has made the store note (names of messages) is undone behind it. docs/page.md lists them. */
#include <string.h>

#include "base/words.h"
#include "lessons/story.h"
#include "page/page.h"
#include "servers/services_table.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "sim/hosts/host.h"
#include "views/board.h"
#include "views/guide.h"
#include "views/json.h"
#include "views/json_write.h"
#include "views/states.h"

typedef bool view_write(struct buf *, slice args);

/* --- the machine --------------------------------------------------------------------------- */

static const struct session *session_here(void)
{
    const struct device *device = desk->world->here;
    return device && device->typed_open ? host_session(desk->world, device->typed_conn) : NULL;
}

static const struct protocol *protocol_of(uint32_t conn)
{
    const struct conn *found = conns_find(&desk->front.conns, conn);
    return found ? found->protocol : NULL;
}

/* This connection's, or the last one's; another one that is named, without anybody in it. */
static bool view_states(struct buf *out, slice args)
{
    const struct session *session = session_here();
    uint32_t conn = desk->world->here ? desk->world->here->typed_conn : 0;
    const struct protocol *protocol = session ? session->protocol : protocol_of(conn);
    slice name = take_word(&args);
    const struct protocol *named = name.len ? protocol_for_name(name) : protocol;
    if (name.len && !named)
        return false;
    if (named && protocol && !protocol_is(protocol, named))
        session = NULL, conn = 0;
    if (named && session)
        named = session->protocol;
    if (named)
        states_json(out, desk->world, named, session, conn);
    else
        json_put_null(out, NULL);
    return true;
}

static bool view_guide(struct buf *out, slice args)
{
    const struct session *session = session_here();
    struct buf line = BUF_MAX(1024);
    (void)args;
    if (session)
        guide_add(&line, session->protocol, session->state, session->facts);
    json_begin(out, NULL, '{');
    json_put_text(out, "line", slice_trim(buf_slice(&line)));
    json_end(out, '}');
    buf_free(&line);
    return true;
}

/* What is legal in a state, for somebody who has just come there. */
static bool view_explain(struct buf *out, slice args)
{
    const struct protocol *protocol = protocol_for_name(take_word(&args));
    int state = protocol ? protocol_state(protocol, take_word(&args)) : -1;
    if (state < 0)
        return false;
    json_begin(out, NULL, '{');
    json_put_name(out, "name", protocol->states[state].name);
    json_put_name(out, "meaning", protocol->states[state].meaning);
    states_legal_json(out, protocol, state, 0);
    json_end(out, '}');
    return true;
}

/* --- the world ----------------------------------------------------------------------------- */

static bool view_board(struct buf *out, slice args)
{
    struct user user;
    const struct world *world = desk->world;
    slice name = take_word(&args);
    if (!name.len && world->here)
        name = slice_of(world->here->address);
    bool found = store_user_by_address(world->store, name, &user);
    for (const struct device *device = world->devices; device && !found; device = device->next)
        if (slice_is(name, device->person) || slice_is(name, device->name))
            found = store_user_by_address(world->store, slice_of(device->address), &user);
    if (found)
        board_json(out, desk->world, &user);
    return found;
}

static bool view_devices(struct buf *out, slice args)
{
    (void)args;
    devices_json(out, desk->world);
    return true;
}

static bool host_opened(const struct conn *conn, const struct session *session)
{
    return session && conn->number;
}

static bool view_connections(struct buf *out, slice args)
{
    const struct world *world = desk->world;
    (void)args;
    json_begin(out, NULL, '[');
    for (size_t i = 0; i < desk->front.conns.count; i++) {
        const struct conn *conn = &desk->front.conns.at[i];
        const struct session *session = conn->number ? host_session(world, conn->number) : NULL;
        struct user user;
        if (!conn->number)
            continue;
        json_begin(out, NULL, '{');
        json_put_number(out, "conn", conn->number);
        json_put_name(out, "protocol", conn->protocol ? conn->protocol->name : NULL);
        json_put_name(out, "client", machine_name(world, conn->client));
        json_put_name(out, "server", machine_name(world, conn->server));
        json_put_number(out, "port", conn->port);
        json_put_truth(out, "typed", conn->typed);
        json_put_truth(out, "open", host_opened(conn, session));
        json_put_number(out, "opened_t", (int64_t)(conn->opened_ns / NS_PER_MS));
        json_put_name(out, "state",
                      session ? session->protocol->states[session->state].name : NULL);
        bool known = session && session->user &&
                     store_user_by_id(world->store, session->user, &user);
        json_put_name(out, "user", known ? user.address : NULL);
        json_end(out, '}');
    }
    json_end(out, ']');
    return true;
}

static bool view_log(struct buf *out, slice args)
{
    const struct trace *trace = desk->world->trace;
    uint64_t wanted;
    if (!take_number(&args, UINT32_MAX, &wanted))
        return false;
    json_begin(out, NULL, '[');
    for (uint64_t n = trace_first(trace); n < trace_end(trace) && out->len < out->max / 2; n++) {
        const struct trace_record *record = trace_at(trace, n);
        size_t before = out->len;
        if (record->conn != wanted || record->kind == TRACE_INPUT)
            continue;
        if (out->at[out->len - 1] != '[')
            buf_add_char(out, ',');
        if (json_record(out, desk->world, &desk->front.conns, record))
            out->len -= 2, buf_format(out, ",\"n\":%llu}", (unsigned long long)n);
        else
            out->len = before;
    }
    json_end(out, ']');
    return true;
}

static void host_add_json(struct buf *out, struct host *host)
{
    const struct world *world = desk->world;
    const struct policy *policy = host_policy(host);
    uint32_t number = host_number(host), services = host_services(host);
    json_begin(out, NULL, '{');
    json_put_name(out, "name", policy->name);
    json_put_name(out, "address", net_host_address(world->net, number));
    json_put_truth(out, "online", net_is_online(world->net, number));
    json_begin(out, "services", '[');
    for (size_t i = 0; i < SERVICES; i++)
        if ((services & service_bit(&service_table[i])) && !service_is_sealed(&service_table[i])) {
            json_begin(out, NULL, '{');
            json_put_name(out, "name", service_table[i].name);
            json_put_number(out, "port", service_table[i].port);
            json_end(out, '}');
        }
    json_end(out, ']');
    json_begin(out, "domains", '[');
    for (size_t i = 0; i < policy->domain_count; i++)
        json_put_name(out, NULL, policy->domains[i]);
    json_end(out, ']');
    json_end(out, '}');
}

static bool view_hosts(struct buf *out, slice args)
{
    (void)args;
    json_begin(out, NULL, '[');
    for (struct host *host = host_next(desk->world, NULL); host;
         host = host_next(desk->world, host))
        host_add_json(out, host);
    json_end(out, ']');
    return true;
}

static bool mailbox_add(void *context, const struct mailbox *mailbox)
{
    struct buf *out = context;
    json_begin(out, NULL, '{');
    json_put_name(out, "name", mailbox->name);
    json_put_number(out, "messages", mailbox->messages);
    json_put_number(out, "unseen", mailbox->unseen);
    json_end(out, '}');
    return true;
}

static bool user_add(void *context, const struct user *user)
{
    struct buf *out = context;
    struct quota quota;
    json_begin(out, NULL, '{');
    json_put_name(out, "address", user->address);
    json_put_name(out, "host", user->host);
    json_begin(out, "mailboxes", '[');
    store_mailboxes(desk->world->store, user->id, mailbox_add, out);
    json_end(out, ']');
    if (store_quota(desk->world->store, user->id, &quota) && quota.bytes) {
        json_begin(out, "quota", '{');
        json_put_number(out, "bytes", (int64_t)quota.bytes);
        json_put_number(out, "used", (int64_t)quota.bytes_used);
        json_end(out, '}');
    } else {
        json_put_null(out, "quota");
    }
    json_end(out, '}');
    return true;
}

static bool view_users(struct buf *out, slice args)
{
    (void)args;
    json_begin(out, NULL, '[');
    store_users(desk->world->store, user_add, out);
    json_end(out, ']');
    return true;
}

static bool view_digest(struct buf *out, slice args)
{
    struct buf digest = BUF_MAX(32);
    (void)args;
    digest_add(desk->world, "", &digest);
    json_put_text(out, NULL, buf_slice(&digest));
    buf_free(&digest);
    return true;
}

/* --- time ---------------------------------------------------------------------------------- */

static bool view_branches(struct buf *out, slice args)
{
    struct timeline_branch branches[256];
    size_t count = 0;
    (void)args;
    if (desk->timeline)
        count = timeline_branches(desk->timeline, branches, COUNT(branches));
    json_begin(out, NULL, '[');
    for (size_t i = 0; i < count && i < COUNT(branches); i++) {
        json_begin(out, NULL, '{');
        json_put_name(out, "name", branches[i].name);
        json_put_truth(out, "here", branches[i].here);
        json_put_number(out, "steps", (int64_t)branches[i].steps);
        json_put_number(out, "shared", (int64_t)branches[i].shared);
        json_put_text(out, "first", branches[i].first);
        json_put_number(out, "ms",
                        desk->world->epoch_ms + (int64_t)(branches[i].at_ns / NS_PER_MS));
        json_end(out, '}');
    }
    json_end(out, ']');
    return true;
}

struct listing {
    struct buf *out;
    uint64_t count, from;        /* a lesson's setup comes before `from` */
};

static bool line_count(void *context, slice line)
{
    struct listing *listing = context;
    (void)line;
    listing->count++;
    return true;
}

static bool line_add(void *context, slice line)
{
    struct listing *listing = context;
    if (listing->count++ >= listing->from)
        json_put_text(listing->out, NULL, line);
    return !listing->out->full;
}

static bool view_lines(struct buf *out, slice args)
{
    struct listing listing = { .out = out };
    (void)args;
    json_begin(out, NULL, '[');
    if (desk->timeline) {
        timeline_lines(desk->timeline, line_count, &listing);
        listing.from = listing.count - timeline_step(desk->timeline);
        listing.count = 0;
        timeline_lines(desk->timeline, line_add, &listing);
    }
    json_end(out, ']');
    return true;
}

static bool view_memory(struct buf *out, slice args)
{
    struct timeline_figures figures = { 0 };
    (void)args;
    if (desk->timeline)
        figures = timeline_figures(desk->timeline);
    json_begin(out, NULL, '{');
    json_put_number(out, "images", (int64_t)figures.images);
    json_put_number(out, "imageBytes", (int64_t)figures.image_bytes);
    json_put_number(out, "worldBytes", (int64_t)figures.world_bytes);
    json_put_number(out, "moments", (int64_t)figures.moments);
    json_end(out, '}');
    return true;
}

/* --- the course, and what can be typed ----------------------------------------------------- */

static bool view_course(struct buf *out, slice args)
{
    struct buf lines = BUF_MAX(1u << 20);
    (void)args;
    if (course)
        course_json(course, &lines);
    slice rest = buf_slice(&lines);
    json_begin(out, NULL, '[');
    while (rest.len) {
        if (out->at[out->len - 1] != '[')
            buf_add_char(out, ',');
        buf_add(out, take_until(&rest, '\n'));
    }
    json_end(out, ']');
    buf_free(&lines);
    return true;
}

static bool view_lesson(struct buf *out, slice args)
{
    (void)args;
    if (desk->sitting)
        sitting_json(desk->sitting, out);
    else
        json_put_null(out, NULL);
    return true;
}

static bool view_stories(struct buf *out, slice args)
{
    (void)args;
    json_begin(out, NULL, '[');
    for (const struct story_text *listed = stories; listed->name; listed++) {
        struct story *story = story_new(slice_of(listed->name),
                                        (slice){ (const char *)listed->at, listed->len });
        json_begin(out, NULL, '{');
        json_put_name(out, "name", listed->name);
        json_put_name(out, "title", story->title);
        json_put_name(out, "intro", story->intro);
        json_end(out, '}');
        story_free(story);
    }
    json_end(out, ']');
    return true;
}

static bool view_commands(struct buf *out, slice args)
{
    size_t from = 0;
    const struct command *command;
    (void)args;
    json_begin(out, NULL, '[');
    while ((command = command_next(page_tables, true, &from)) != NULL) {
        const struct subcommand *word = command_words(command);
        json_begin(out, NULL, '{');
        json_put_name(out, "name", command->name);
        json_put_name(out, "usage", command->usage);
        json_put_name(out, "meaning", command->meaning);
        json_begin(out, "words", '[');
        for (; word && word->name; word++) {
            json_begin(out, NULL, '{');
            json_put_name(out, "name", word->name);
            json_put_name(out, "usage", word->usage);
            json_put_name(out, "meaning", word->meaning);
            json_end(out, '}');
        }
        json_end(out, ']');
        json_end(out, '}');
    }
    json_end(out, ']');
    return true;
}

/* --- all of them --------------------------------------------------------------------------- */

static const struct {
    const char *name;
    view_write *write;
} views[] = {
    { "states", view_states }, { "guide", view_guide }, { "explain", view_explain },
    { "board", view_board }, { "devices", view_devices }, { "connections", view_connections },
    { "log", view_log }, { "hosts", view_hosts }, { "users", view_users },
    { "digest", view_digest }, { "branches", view_branches }, { "lines", view_lines },
    { "memory", view_memory }, { "course", view_course }, { "lesson", view_lesson },
    { "stories", view_stories }, { "commands", view_commands }, { "tables", view_tables },
    { "table", view_table }, { "events", view_events }, { "why", view_why },
    { "envelope", view_envelope }, { "recordings", view_recordings }, { "replay", view_replay },
    { "settings", view_settings },
};

static bool view_add(struct buf *out, slice line)
{
    slice name = take_word(&line);
    for (size_t i = 0; i < COUNT(views); i++)
        if (slice_is(name, views[i].name))
            return views[i].write(out, slice_trim(line));
    return false;
}

struct looking {
    struct buf *out;
    slice list, wrong;
    uint64_t kept;
    int64_t ms;
};

/* A list of views, one a line, as a list of values. */
static void views_look(void *context, struct world *world)
{
    struct looking *looking = context;
    slice rest = looking->list;
    bool ok = true;
    conns_read(&desk->front.conns, world->trace);
    looking->kept = trace_end(world->trace);
    while (ok && rest.len) {
        looking->wrong = take_until(&rest, '\n');
        ok = view_add(looking->out, looking->wrong);
    }
    if (ok)
        looking->wrong = SLICE_EMPTY;
    if (store_has_changed(world->store))
        store_lose(world->store);
}

static bool looked(const struct looking *looking)
{
    struct buf *out = looking->out;
    if (looking->wrong.len) {
        buf_clear(out);
        buf_format(out, "there is nothing to be seen as \"%.*s\"", SLICE_ARG(looking->wrong));
    } else if (out->full) {
        buf_clear(out);
        buf_add_text(out, "that is more than can be shown at once");
        return false;
    }
    return !looking->wrong.len;
}

EXPORT(page_views) bool page_views(const char *list, size_t len)
{
    struct looking looking = { .out = &outputs[ANSWER_OUT], .list = { list, len } };
    json_begin(looking.out, NULL, '[');
    views_look(&looking, desk->world);
    json_end(looking.out, ']');
    return looked(&looking);
}

static void views_look_there(void *context, struct world *world)
{
    struct looking *looking = context;
    conns_free(&desk->front.conns);
    desk->front.conns = (struct conns){ 0 };
    buf_add_text(looking->out, "{\"values\":[");
    views_look(context, world);
    json_end(looking->out, ']');
    looking->ms = (int64_t)world_now_ms(world);
}

/* The views as they were at that step of this branch; the present stays. */
EXPORT(page_at) bool page_at(const char *step, const char *list, size_t len)
{
    struct error why = { "" };
    struct looking looking = { .out = &outputs[ANSWER_OUT], .list = { list, len } };
    if (!desk->timeline) {
        buf_add_text(looking.out, "the time of this world only moves on: it lies in a file");
        return false;
    }
    bool ok = timeline_visit(desk->timeline, slice_of(step), views_look_there, &looking, &why);
    desk->turns = timeline_turns(desk->timeline);
    conns_free(&desk->front.conns);
    desk->front.conns = (struct conns){ 0 };
    conns_read(&desk->front.conns, desk->world->trace);
    if (!ok) {
        buf_clear(looking.out);
        buf_add_text(looking.out, why.text);
        return false;
    }
    json_put_number(looking.out, "kept", (int64_t)looking.kept);
    json_begin(looking.out, "where", '{');
    buf_format(looking.out, "\"step\":%s", step);
    json_put_number(looking.out, "steps", (int64_t)timeline_steps(desk->timeline));
    json_put_name(looking.out, "branch", timeline_name(desk->timeline));
    json_put_number(looking.out, "ms", looking.ms);
    json_end(looking.out, '}');
    json_end(looking.out, '}');
    return looked(&looking);
}
