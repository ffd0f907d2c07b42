/* control.c: see control.h. */
#ifdef __linux__
#define _GNU_SOURCE /* POLLRDHUP */
#endif
#include "gateway/control.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/spare.h"
#include "gateway/chance.h"
#include "gateway/listen.h"

#define READ_BYTES 65536
#define TOKEN_BYTES 16               /* of one that is made; in hex twice as long */
#define ANSWERS_END_MAX 65536        /* how a line ended is told even if its records had no room */

struct control_client {
    struct control *control;
    struct control_client *next;
    int socket;
    struct lines lines;
    struct buf out;
    size_t sent;                     /* of out */
    bool reads, writes;              /* as the gateway knows */
    bool trusted, ended, broken, leaves, held;
    uint64_t came_ms;
    void *own;
};

struct control {
    struct gateway *gateway;
    struct control_user user;
    struct control_client *clients;
    size_t count;
    int listener;
    uint16_t port;
    const char *path;
    struct stat file;                /* what is there: only that is removed */
    char token[CONTROL_TOKEN_MAX + 1];
};

uint16_t control_port(const struct control *control) { return control->port; }
const char *control_token(const struct control *control) { return control->token; }
void *control_own(const struct control_client *client) { return client->own; }
void control_hold(struct control_client *client, bool held) { client->held = held; }
void control_end(struct control_client *client) { client->leaves = true; }

/* --- opening ---------------------------------------------------------------------------------- */

static bool token_make(struct control *control, struct error *why)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char octets[TOKEN_BYTES];
    if (!chance_fill(octets, sizeof octets, why))
        return false;
    for (size_t i = 0; i < sizeof octets; i++) {
        control->token[2 * i] = digits[octets[i] >> 4];
        control->token[2 * i + 1] = digits[octets[i] & 15];
    }
    return true;
}

static bool place_listen(struct control *control, const struct control_place *place,
                         struct error *why)
{
    if (place->path) {
        control->listener = listen_on_path(place->path, why);
        control->path = place->path;
        return control->listener >= 0 && stat(place->path, &control->file) == 0;
    }
    control->port = place->port;
    control->listener = listen_at("127.0.0.1", &control->port, "control", why);
    if (control->listener < 0)
        return false;
    if (!place->token)
        return token_make(control, why);
    slice token = slice_upto(slice_of(place->token), CONTROL_TOKEN_MAX);
    memcpy(control->token, token.at, token.len);
    return true;
}

struct control *control_open(struct gateway *gateway, const struct control_place *place,
                             const struct control_user *user, struct error *why)
{
    struct control *control = calloc(1, sizeof *control);
    must(control != NULL);
    control->gateway = gateway;
    control->user = *user;
    control->listener = -1;
    if (place_listen(control, place, why)) {
        if (gateway_hear(gateway, control->listener))
            return control;
        error_set(why, "no descriptor is left: %s", strerror(errno));
    }
    if (control->listener >= 0)
        close(control->listener);
    free(control);
    return NULL;
}

/* --- one client ------------------------------------------------------------------------------- */

/* False: no memory for one more. */
static bool client_open(struct control *control, int socket)
{
    struct control_client *client = spare_take(sizeof *client);
    if (client && !(client->own = control->user.came(control->user.context, client))) {
        free(client);
        client = NULL;
    }
    if (!client)
        return false;
    client->control = control;
    client->socket = socket;
    client->lines = lines_of(CONTROL_LINE_MAX + 2 * READ_BYTES);
    client->out = BUF_MAX(2 * (CONTROL_ANSWERS_MAX + ANSWERS_END_MAX)); /* and what is sent of it */
    client->reads = true;
    client->trusted = control->path != NULL;
    client->came_ms = gateway_wall_ms();
    client->next = control->clients;
    control->clients = client;
    control->count++;
    return true;
}

static void client_free(struct control_client *client)
{
    struct control *control = client->control;
    control->user.left(control->user.context, client->own);
    gateway_hear_no_more(control->gateway, client->socket);
    close(client->socket);
    lines_free(&client->lines);
    buf_free(&client->out);
    free(client);
    control->count--;
}

/* It has ended its own side: a port cannot tell that from a client that is gone. */
static bool has_ended(const struct control_client *client)
{
#ifdef POLLRDHUP
    struct pollfd end = { .fd = client->socket, .events = POLLRDHUP };
    return poll(&end, 1, 0) > 0 && (end.revents & POLLRDHUP) != 0;
#else
    char octet;
    return recv(client->socket, &octet, 1, MSG_PEEK) == 0;
#endif
}

/* For one more. Who waits on a port and has ended its side may be gone, and no packet would tell
   until something is said to it: the one that came first leaves its place. */
static bool room_make(struct control *control)
{
    struct control_client **link = NULL;
    if (control->count < CONTROL_CLIENTS_MAX)
        return true;
    for (struct control_client **at = &control->clients; *at; at = &(*at)->next)
        if ((*at)->held && (control_is_gone(*at) || (!control->path && has_ended(*at))))
            link = at;
    if (!link)
        return false;
    struct control_client *gone = *link;
    *link = gone->next;
    client_free(gone);
    return true;
}

static void accept_all(struct control *control)
{
    int socket;
    while ((socket = accept(control->listener, NULL, NULL)) >= 0) {
        bool room = room_make(control);
        if (!room && control->path) /* who has shown no token is told nothing */
            (void)!send(socket, control->user.full.at, control->user.full.len,
                        MSG_NOSIGNAL | MSG_DONTWAIT);
        bool heard = room && socket_tame(socket) && gateway_hear(control->gateway, socket);
        if (heard && client_open(control, socket))
            continue;
        if (heard)
            gateway_hear_no_more(control->gateway, socket);
        close(socket);
    }
}

/* How long it takes says nothing of how much was right. */
static bool token_is(const struct control *control, slice said)
{
    size_t len = strlen(control->token);
    volatile unsigned char differs = said.len != len;
    for (size_t i = 0; i < len; i++)
        differs |= (unsigned char)(control->token[i] ^ (i < said.len ? said.at[i] : 0));
    return !differs;
}

/* One answer to whatever is wrong: the end. */
static void client_trust(struct control_client *client)
{
    slice line = SLICE_EMPTY;
    enum lines_next next = lines_take(&client->lines, CONTROL_TOKEN_MAX + 16, &line);
    if (next == LINES_NONE) {
        uint64_t waited_ms = gateway_wall_ms() - client->came_ms;
        client->broken = client->ended || waited_ms >= CONTROL_TOKEN_MS;
        return;
    }
    client->trusted = next == LINES_ONE && take_prefix(&line, "token ") &&
                      token_is(client->control, line);
    client->broken = !client->trusted;
}

static void client_read(struct control_client *client)
{
    char octets[READ_BYTES];
    if (client->broken || client->ended || !client->reads)
        return;
    ssize_t got = recv(client->socket, octets, sizeof octets, 0);
    if (got == 0)
        client->ended = true;
    else if (got < 0)
        client->broken = errno != EAGAIN && errno != EINTR;
    else
        client->broken = !lines_add(&client->lines, (slice){ octets, (size_t)got });
}

static void client_write(struct control_client *client)
{
    while (!client->broken && client->sent < client->out.len) {
        ssize_t count = send(client->socket, client->out.at + client->sent,
                             client->out.len - client->sent, MSG_NOSIGNAL);
        if (count < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        client->broken = count < 0;
        client->sent += count > 0 ? (size_t)count : 0;
    }
    buf_free(&client->out);
    client->sent = 0;
}

/* It has closed its socket, not only its own side of it. */
bool control_is_gone(const struct control_client *client)
{
    struct pollfd end = { .fd = client->socket };
    return client->broken || (poll(&end, 1, 0) > 0 && (end.revents & (POLLHUP | POLLERR)) != 0);
}

size_t control_unread(const struct control_client *client)
{
    return client->out.len - client->sent;
}

static bool is_asked(const struct control_client *client)
{
    return client->trusted && !client->broken && !client->leaves && !client->held &&
           control_unread(client) < CONTROL_UNREAD_MAX;
}

static bool is_over(const struct control_client *client)
{
    if (client->broken)
        return true;
    bool said_all = client->ended && !client->held && !lines_has(&client->lines);
    return (said_all || client->leaves) && control_unread(client) == 0;
}

static void client_want(struct control_client *client)
{
    bool full = lines_has(&client->lines) && client->lines.kept.len > READ_BYTES;
    bool reads = !client->ended && !full && (is_asked(client) || !client->trusted);
    bool writes = control_unread(client) > 0;
    struct gateway *gateway = client->control->gateway;
    if (reads != client->reads || writes != client->writes)
        gateway_hear_as(gateway, client->socket, reads, writes);
    client->reads = reads;
    client->writes = writes;
    if (!client->trusted || (is_asked(client) && lines_has(&client->lines)))
        gateway_hurry(gateway, client->trusted ? 0 : CONTROL_TOKEN_MS / 10);
}

/* --- all of them ------------------------------------------------------------------------------ */

void control_hear(struct control *control, bool heard)
{
    if (heard)
        accept_all(control);
    for (struct control_client *client = control->clients; client; client = client->next) {
        if (heard)
            client_read(client);
        if (!client->trusted && !client->broken)
            client_trust(client);
    }
}

void control_say_all(struct control *control)
{
    struct control_client **link = &control->clients;
    while (*link) {
        struct control_client *client = *link;
        client_write(client);
        if (is_over(client)) {
            *link = client->next;
            client_free(client);
        } else {
            client_want(client);
            link = &client->next;
        }
    }
}

struct control_client *control_next(const struct control *control,
                                    const struct control_client *client)
{
    return client ? client->next : control->clients;
}

enum lines_next control_take(struct control_client *client, slice *line)
{
    return is_asked(client) ? lines_take(&client->lines, CONTROL_LINE_MAX, line) : LINES_NONE;
}

void control_say(struct control_client *client, slice said)
{
    if (client->sent * 2 > client->out.len) {
        buf_drop_front(&client->out, client->sent);
        client->sent = 0;
    }
    client->broken = client->broken || !buf_add(&client->out, said);
}

void control_close(struct control *control)
{
    struct stat there;
    if (!control)
        return;
    while (control->clients) {
        struct control_client *client = control->clients;
        client_write(client);
        control->clients = client->next;
        client_free(client);
    }
    gateway_hear_no_more(control->gateway, control->listener);
    close(control->listener);
    if (control->path && stat(control->path, &there) == 0 && there.st_dev == control->file.st_dev &&
        there.st_ino == control->file.st_ino)
        unlink(control->path);
    free(control);
}
