/* device_line.c: one conversation of a mail program with a server: find it, connect, carry
   octets between the net and the client's end of a protocol, and be patient for a while.
   What is said is the protocol's, in servers/. */
#include "sim/devices/device_private.h"

#include "base/heap.h"
#include "base/words.h"
#include "servers/services_table.h"
#include "sim/devices/device.h"

struct device_line {
    struct device *device;
    enum service_number service;
    const struct client_end *end;
    void *client;
    void (*ended)(void *context, enum line_end);
    void *context;
    struct finding *finding;
    struct connection *connection;
    uint64_t ticket; /* until when the server may be silent */
    char server[DOMAIN_MAX + 1];
    char *until; /* "QUIT": it is lost before that; NULL: nothing is */
    bool silent; /* it was silent for too long */
};

const char *line_server(const struct device_line *line) { return line->server; }
void line_until(struct device_line *line, char *words) { line->until = words[0] ? words : NULL; }

static void line_end(struct device_line *line, enum line_end how)
{
    clock_cancel(line->device->world->clock, line->ticket);
    line->ended(line->context, how);
    heap_give(line);
}

void line_hang_up(struct device_line *line)
{
    if (line->connection) {
        net_reset(line->connection, SIDE_CLIENT);
    } else {
        finding_drop(line->finding);
        line->end->lost(line->client);
        line_end(line, LINE_NO_ANSWER);
    }
}

void line_drop(struct device_line *line)
{
    if (line)
        finding_drop(line->finding);
    heap_give(line);
}

static void on_silence(void *context, uint64_t argument)
{
    struct device_line *line = context;
    (void)argument;
    line->ticket = 0;
    line->silent = true;
    net_reset(line->connection, SIDE_CLIENT);
}

/* Somebody waits for the answer: that is work, not a timer. */
static void wait_for_reply(struct device_line *line)
{
    struct world *world = line->device->world;
    clock_cancel(world->clock, line->ticket);
    line->ticket = clock_at(world->clock, line->device->host,
                            clock_ns(world->clock) + MAIL_REPLY_MS * NS_PER_MS, WORK, on_silence,
                            line, 0);
}

/* "RETR 3" is said, IMAP's behind a tag; "RETR 31" is not it. */
static bool says_until(const struct device_line *line, slice out)
{
    while (out.len) {
        slice said = take_until(&out, '\n');
        if (line->service == SERVICE_IMAP)
            word_take(&said);
        said = slice_trim(said);
        if (take_prefix_nocase(&said, line->until) &&
            (!said.len || said.at[0] == ' ' || said.at[0] == '\r'))
            return true;
    }
    return false;
}

/* As when a cable is pulled: the octets that are about to go are lost with the connection. */
static void line_lose(struct device_line *line, slice out)
{
    struct buf lost = BUF_MAX(400);
    while (out.len) {
        slice said = take_until(&out, '\n');
        if (said.len && said.at[said.len - 1] == '\r')
            said.len--;
        buf_format(&lost, "%s%.*s", lost.len ? ", " : "", SLICE_ARG(said));
    }
    mail_say(line->device->mail, "The connection was lost as this went out: %s.", buf_text(&lost));
    buf_free(&lost);
    line->until[0] = '\0';
    line->until = NULL;
    net_cut(line->connection);
}

/* What was changed is kept first; then out with what there is to say. */
static void line_pump(struct device_line *line)
{
    if (!mail_turn_end(line->device)) {
        net_reset(line->connection, SIDE_CLIENT);
        return;
    }
    for (;;) {
        slice out = line->end->output(line->client);
        if (line->until && says_until(line, out)) {
            line_lose(line, out);
            return;
        }
        size_t sent = out.len ? net_send(line->connection, SIDE_CLIENT, out) : 0;
        if (sent == 0)
            break;
        line->end->sent(line->client, sent);
    }
    if (line->end->is_over(line->client))
        net_finish(line->connection, SIDE_CLIENT);
    if (line->end->rests && line->end->rests(line->client)) {
        clock_cancel(line->device->world->clock, line->ticket);
        line->ticket = 0;
    }
}

void line_speaks(struct device_line *line)
{
    wait_for_reply(line);
    line_pump(line);
}

static void on_opened(struct connection *connection, enum side side, void *own)
{
    struct device_line *line = own;
    (void)connection;
    (void)side;
    wait_for_reply(line);
}

static void on_readable(struct connection *connection, enum side side, void *own)
{
    struct device_line *line = own;
    slice octets = net_peek(connection, side);
    if (octets.len && !line->end->is_over(line->client)) {
        wait_for_reply(line);
        line->end->input(line->client, octets);
    }
    net_take(connection, side, octets.len);
    line_pump(line);
    if (net_peer_finished(connection, side))
        net_finish(connection, side); /* closed() follows */
}

static void on_writable(struct connection *connection, enum side side, void *own)
{
    (void)connection;
    (void)side;
    wait_for_reply(own); /* a long message on a slow line is no silence */
    line_pump(own);
}

static void on_closed(struct connection *connection, enum side side, void *own, enum trace_by by)
{
    struct device_line *line = own;
    bool over = line->end->is_over(line->client), silent = line->silent && !over;
    (void)side;
    line->connection = NULL;
    line->end->lost(line->client);
    if (over || connection_was_open(connection))
        line_end(line, silent ? LINE_NO_REPLY : LINE_TALKED);
    else
        line_end(line, by == BY_SERVER ? LINE_REFUSED : LINE_NO_REPLY);
}

static void on_found(void *context, const struct found_server *found)
{
    const struct endpoint end = { on_opened, on_readable, on_writable, on_closed };
    struct device_line *line = context;
    line->finding = NULL;
    FIELD_SET(line->server, slice_of(found->name));
    if (!found->host) {
        line->end->lost(line->client);
        line_end(line, found->no_answer ? LINE_NO_ANSWER : LINE_NO_NAME);
        return;
    }
    line->connection = net_connect(line->device->world->net, line->device->host, found->host,
                                   found->port, end, line,
                                   slice_of(service_table[line->service].protocol->name), false);
}

struct device_line *line_dial(struct device *device, enum service_number service,
                              const struct client_end *end, void *client,
                              void (*ended)(void *context, enum line_end), void *context)
{
    struct device_line *line = heap_take(sizeof *line);
    line->device = device;
    line->service = service;
    line->end = end;
    line->client = client;
    line->ended = ended;
    line->context = context;
    line->finding = server_find(device, service, on_found, line);
    return line;
}
