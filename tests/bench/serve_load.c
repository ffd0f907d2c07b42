/* serve_load.c: the client that measures servers: sends a load over loopback, reads every
   answer, and prints how long it took. What is compared with what is serve.py's.
     serve_load imap|pop3 PORT USER PASSWORD JOB…   a line a job: seconds, octets read, lines
     serve_load smtp|lmtp PORT CONNECTIONS MESSAGES OCTETS RECIPIENT
     serve_load login|idle PORT USER PASSWORD TIMES
     serve_load noop-smtp PORT TIMES
     serve_load echo TIMES                          the client's own floor
   A job is a command, with ? for a random message number. Before it may stand "TIMES*" (one at
   a time) or "TIMES|" (pipelined), or "." (done, not told). In IMAP "TIMES^MAILBOX" appends
   messages of 4 KiB one at a time, "TIMES+MAILBOX" in one command, "TIMES%MAILBOX:FIRST"
   fills a mailbox with messages of 6 KiB, numbered from FIRST, as fast as the server lets one. */
#define _POSIX_C_SOURCE 200809L
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/serve_wire.h"

#define WINDOW 400              /* commands on their way: they fit into a socket's buffer */
#define CONNECTIONS_MAX 64

static uint64_t number_of(const char *text) { return strtoull(text, NULL, 10); }

/* --- IMAP ----------------------------------------------------------------------------------- */

#define APPEND_MESSAGES 50      /* in one command; ours takes IMAP_LITERALS_MAX */
struct client {
    struct wire *wire;
    bool imap;
    uint64_t exists, dice, sent, lines;
    bool multiappend;           /* with LITERAL+ */
};

/* "{123}" or "{123+}" at the end: so many octets follow. */
static bool ends_in_literal(const char *line, size_t len, uint64_t *octets)
{
    if (len < 3 || line[len - 1] != '}')
        return false;
    size_t at = len - 1;
    while (at > 0 && line[at - 1] >= '0' && line[at - 1] <= '9')
        at--;
    if (at == 0 || line[at - 1] != '{')
        return false;
    *octets = strtoull(line + at, NULL, 10);
    return true;
}

/* Reads up to a tagged line, or (plus) the server's "+". False: neither OK nor "+". */
static bool imap_read_on(struct client *client, bool plus)
{
    for (;;) {
        size_t len;
        uint64_t octets;
        const char *line = wire_line(client->wire, &len);
        client->lines++;
        if (len >= 4 && line[0] == 'T' && line[1] == ' ')
            return line[2] == 'O' && line[3] == 'K';
        if (plus && len && line[0] == '+')
            return true;
        while (ends_in_literal(line, len, &octets)) {
            wire_skip(client->wire, octets);
            line = wire_line(client->wire, &len);
        }
        if (len > 9 && memcmp(line, "* ", 2) == 0 && memcmp(line + len - 7, " EXISTS", 7) == 0)
            client->exists = number_of(line + 2);
        if (len > 11 && memcmp(line, "* CAPABILITY", 12) == 0) {
            bool multi = false, plain = false;
            for (size_t i = 0; i + 8 <= len; i++) {
                multi = multi || (i + 11 <= len && memcmp(line + i, "MULTIAPPEND", 11) == 0);
                plain = plain || memcmp(line + i, "LITERAL+", 8) == 0;
            }
            client->multiappend = multi && plain;
        }
    }
}

static void imap_must(struct client *client, const char *what)
{
    if (!imap_read_on(client, false))
        fail("IMAP refused: %s", what);
}

static void imap_login(struct client *client, const char *user, const char *password)
{
    size_t len;
    wire_line(client->wire, &len);
    wire_say(client->wire, "T LOGIN %s %s\r\n", user, password);
    imap_must(client, "LOGIN");
}

/* One message, the literal announced and waited for. */
static void imap_append_one(struct client *client, const char *mailbox, const struct buf *message)
{
    wire_say(client->wire, "T APPEND %s {%zu}\r\n", mailbox, message->len);
    if (!imap_read_on(client, true))
        fail("APPEND refused");
    wire_send(client->wire, message->at, message->len);
    wire_say(client->wire, "\r\n");
    imap_must(client, "APPEND");
}

/* Many messages in one command, nothing waited for. */
static void imap_append_many(struct client *client, const char *mailbox, uint64_t first,
                             uint64_t count, size_t octets)
{
    struct buf message = BUF_MAX(MESSAGE_BYTES_MAX);
    wire_say(client->wire, "T APPEND %s", mailbox);
    for (uint64_t i = 0; i < count; i++) {
        message_make(&message, first + i, octets);
        wire_say(client->wire, " {%zu+}\r\n", message.len);
        wire_send(client->wire, message.at, message.len);
    }
    wire_say(client->wire, "\r\n");
    imap_must(client, "APPEND of many");
    buf_free(&message);
}

static void imap_append(struct client *client, char how, uint64_t times, char *mailbox)
{
    const size_t octets = how == '%' ? 6144 : 4096;
    char *colon = strchr(mailbox, ':');
    uint64_t first = colon ? number_of(colon + 1) : 0;
    if (colon)
        *colon = '\0';
    struct buf message = BUF_MAX(MESSAGE_BYTES_MAX);
    if (how != '^') {
        wire_say(client->wire, "T CAPABILITY\r\n");
        imap_must(client, "CAPABILITY");
        if (how == '+' && !client->multiappend)
            fail("no MULTIAPPEND here");
    }
    for (uint64_t done = 0; done < times;) {
        uint64_t count = times - done < APPEND_MESSAGES ? times - done : APPEND_MESSAGES;
        if (how == '^' || !client->multiappend) {
            message_make(&message, first + done, octets);
            imap_append_one(client, mailbox, &message);
            done++;
            continue;
        }
        imap_append_many(client, mailbox, first + done, count, octets);
        done += count;
    }
    buf_free(&message);
}

/* --- POP3 ----------------------------------------------------------------------------------- */

static void pop3_status(struct client *client)
{
    size_t len;
    const char *line = wire_line(client->wire, &len);
    if (len < 3 || memcmp(line, "+OK", 3) != 0)
        fail("POP3 refused: %.*s", (int)len, line);
}

static void pop3_login(struct client *client, const char *user, const char *password)
{
    pop3_status(client);
    wire_say(client->wire, "USER %s\r\n", user);
    pop3_status(client);
    wire_say(client->wire, "PASS %s\r\n", password);
    pop3_status(client);
    wire_say(client->wire, "STAT\r\n");
    size_t len;
    const char *line = wire_line(client->wire, &len);
    if (len > 4)
        client->exists = number_of(line + 4);
}

static bool pop3_has_lines(const char *command)
{
    return strncmp(command, "RETR", 4) == 0 || strncmp(command, "TOP", 3) == 0
        || strcmp(command, "UIDL") == 0 || strcmp(command, "LIST") == 0;
}

static void pop3_read(struct client *client, const char *command)
{
    pop3_status(client);
    for (bool more = pop3_has_lines(command); more;) {
        size_t len;
        const char *line = wire_line(client->wire, &len);
        client->lines++;
        more = len != 1 || line[0] != '.';
    }
}

/* --- jobs ------------------------------------------------------------------------------------- */

static void command_send(struct client *client, struct buf *out, const char *command)
{
    if (client->imap)
        buf_add_text(out, "T ");
    for (; *command; command++)
        if (*command == '?')
            buf_add_number(out,
                           1 + random_step(&client->dice) % (client->exists + !client->exists));
        else if (*command == '#')
            buf_add_number(out, 1 + client->sent % (client->exists + !client->exists));
        else
            buf_add_char(out, *command);
    client->sent++;
    buf_add_text(out, "\r\n");
}

static void answer_read(struct client *client, const char *command)
{
    if (client->imap)
        imap_must(client, command);
    else
        pop3_read(client, command);
}

/* Sends when half of the window has been answered, so that each send carries many. */
static void commands_run(struct client *client, uint64_t times, uint64_t window,
                         const char *command)
{
    struct buf out = BUF_MAX(1 << 20);
    client->sent = 0;
    for (uint64_t read = 0; read < times; read++) {
        if (client->sent - read <= window / 2) {
            while (client->sent < times && client->sent < read + window)
                command_send(client, &out, command);
            wire_send(client->wire, out.at, out.len);
            buf_clear(&out);
        }
        answer_read(client, command);
    }
    buf_free(&out);
}

static void job_run(struct client *client, char *job)
{
    bool told = job[0] != '.';
    job += !told;
    char *rest;
    uint64_t times = strtoull(job, &rest, 10), octets = client->wire->octets;
    client->lines = 0;
    double start = now_s();
    if (rest == job)
        commands_run(client, 1, 1, job);
    else if (*rest == '*')
        commands_run(client, times, 1, rest + 1);
    else if (*rest == '|')
        commands_run(client, times, WINDOW, rest + 1);
    else if (*rest == '^' || *rest == '+' || *rest == '%')
        imap_append(client, *rest, times, rest + 1);
    else
        fail("what is \"%s\"?", job);
    if (told)
        printf("%.6f %llu %llu\n", now_s() - start,
               (unsigned long long)(client->wire->octets - octets),
               (unsigned long long)client->lines);
    fflush(stdout);
}

static struct client client_open(bool imap, char **argv)
{
    struct client client = { .wire = wire_open((uint16_t)number_of(argv[0])), .imap = imap };
    if (imap)
        imap_login(&client, argv[1], argv[2]);
    else
        pop3_login(&client, argv[1], argv[2]);
    return client;
}

static void login_run(char **argv, uint64_t times)
{
    double start = now_s();
    for (uint64_t i = 0; i < times; i++) {
        struct client client = client_open(true, argv);
        wire_say(client.wire, "T LOGOUT\r\n");
        imap_must(&client, "LOGOUT");
        wire_close(client.wire);
    }
    printf("%.6f\n", now_s() - start);
}

/* Sessions that have selected INBOX and are silent until standard input ends. */
static void idle_run(char **argv, uint64_t times)
{
    for (uint64_t i = 0; i < times; i++) {
        struct client client = client_open(true, argv);
        wire_say(client.wire, "T SELECT INBOX\r\n");
        imap_must(&client, "SELECT");
    }
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF)
        ;
}

/* --- SMTP and LMTP ---------------------------------------------------------------------------- */

enum step { STEP_GREETING, STEP_HELLO, STEP_OPENED, STEP_BODY };

struct sender {
    struct wire *wire;
    enum step step;
    unsigned lines;             /* replies to come before the next thing is said */
    bool done;
};

struct sending {
    struct buf opening, body;
    bool lmtp;
    uint64_t messages, sent, kept;
};

static void sender_open(struct sending *sending, struct sender *sender)
{
    if (sending->sent == sending->messages) {
        sender->done = true;
        return;
    }
    sending->sent++;
    wire_send(sender->wire, sending->opening.at, sending->opening.len);
    sender->step = STEP_OPENED;
    sender->lines = 3;
}

static void reply_taken(struct sending *sending, struct sender *sender)
{
    switch (sender->step) {
    case STEP_GREETING:
        wire_say(sender->wire, "%s bench.example\r\n", sending->lmtp ? "LHLO" : "EHLO");
        sender->step = STEP_HELLO;
        sender->lines = 1;
        break;
    case STEP_OPENED:
        wire_send(sender->wire, sending->body.at, sending->body.len);
        sender->step = STEP_BODY;
        sender->lines = 1;
        break;
    case STEP_BODY: sending->kept++; sender_open(sending, sender); break;
    case STEP_HELLO: sender_open(sending, sender); break;
    }
}

/* All whole lines that have come. */
static void sender_read(struct sending *sending, struct sender *sender)
{
    struct wire *wire = sender->wire;
    if (!wire_fill(wire))
        fail("the server closed the connection");
    while (memchr(wire->in + wire->at, '\n', wire->len - wire->at)) {
        size_t len;
        const char *line = wire_line(wire, &len);
        if (len < 3 || (line[0] != '2' && line[0] != '3'))
            fail("refused: %.*s", (int)len, line);
        if (len > 3 && line[3] == '-')
            continue;
        if (--sender->lines == 0)
            reply_taken(sending, sender);
    }
}

static void senders_run(struct sending *sending, struct sender *senders, size_t count)
{
    struct pollfd polled[CONNECTIONS_MAX];
    for (;;) {
        size_t live = 0;
        for (size_t i = 0; i < count; i++) {
            polled[i] = (struct pollfd){ senders[i].done ? -1 : senders[i].wire->fd, POLLIN, 0 };
            live += !senders[i].done;
        }
        if (!live)
            return;
        if (poll(polled, (nfds_t)count, 300000) <= 0)
            fail("no answer for 5 minutes");
        for (size_t i = 0; i < count; i++)
            if (polled[i].revents)
                sender_read(sending, &senders[i]);
    }
}

static void smtp_run(bool lmtp, char **argv)
{
    struct sending sending = {
        BUF_MAX(4096), BUF_MAX(MESSAGE_BYTES_MAX), lmtp, number_of(argv[2]), 0, 0
    };
    struct sender senders[CONNECTIONS_MAX] = { 0 };
    size_t count = (size_t)number_of(argv[1]);
    if (count < 1 || count > CONNECTIONS_MAX)
        fail("how many connections?");
    buf_format(&sending.opening, "MAIL FROM:<bench@bakery.example>\r\nRCPT TO:<%s>\r\nDATA\r\n",
               argv[4]);
    message_make(&sending.body, 1, (size_t)number_of(argv[3]));
    buf_add_text(&sending.body, ".\r\n");
    double start = now_s();
    for (size_t i = 0; i < count; i++)
        senders[i] = (struct sender){ wire_open((uint16_t)number_of(argv[0])), STEP_GREETING, 1,
                                      false };
    senders_run(&sending, senders, count);
    if (sending.kept != sending.messages)
        fail("%llu messages were kept", (unsigned long long)sending.kept);
    printf("%.6f\n", now_s() - start);
}

static void smtp_noop_run(uint16_t port, uint64_t times)
{
    struct wire *wire = wire_open(port);
    struct buf out = BUF_MAX(1 << 20);
    size_t len;
    wire_line(wire, &len);
    wire_say(wire, "HELO bench.example\r\n");
    wire_line(wire, &len);
    double start = now_s();
    for (uint64_t read = 0, sent = 0; read < times; read++) {
        if (sent - read <= WINDOW / 2) {
            for (; sent < times && sent < read + WINDOW; sent++)
                buf_add_text(&out, "NOOP\r\n");
            wire_send(wire, out.at, out.len);
            buf_clear(&out);
        }
        wire_line(wire, &len);
    }
    printf("%.6f\n", now_s() - start);
    buf_free(&out);
    wire_close(wire);
}

/* --- the floor -------------------------------------------------------------------------------- */

static void echo_serve(int listening)
{
    static char octets[65536];
    int fd = accept(listening, NULL, NULL);
    ssize_t got;
    send(fd, "* hello\r\nT OK\r\n", 15, MSG_NOSIGNAL);
    while ((got = recv(fd, octets, sizeof octets, 0)) > 0)
        if (send(fd, octets, (size_t)got, MSG_NOSIGNAL) != got)
            break;
    _exit(0);
}

/* Lines of NOOP's length that come back as they went, through the same reader. */
static void echo_run(uint64_t times)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t length = sizeof address;
    int listening = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listening, (struct sockaddr *)&address, sizeof address) < 0 || listen(listening, 8) < 0
        || getsockname(listening, (struct sockaddr *)&address, &length) < 0)
        fail("no port for the echo");
    if (fork() == 0)
        echo_serve(listening);
    struct client client = { .wire = wire_open(ntohs(address.sin_port)), .imap = true };
    imap_must(&client, "echo");
    double start = now_s();
    commands_run(&client, times, WINDOW, "OK NOOP");
    printf("%.6f\n", now_s() - start);
    wire_close(client.wire);
    wait(NULL);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    bool imap = strcmp(what, "imap") == 0, lmtp = strcmp(what, "lmtp") == 0;
    if ((imap || strcmp(what, "pop3") == 0) && argc > 5) {
        struct client client = client_open(imap, argv + 2);
        for (int i = 5; i < argc; i++)
            job_run(&client, argv[i]);
    } else if ((lmtp || strcmp(what, "smtp") == 0) && argc == 7) {
        smtp_run(lmtp, argv + 2);
    } else if (strcmp(what, "login") == 0 && argc == 6) {
        login_run(argv + 2, number_of(argv[5]));
    } else if (strcmp(what, "idle") == 0 && argc == 6) {
        idle_run(argv + 2, number_of(argv[5]));
    } else if (strcmp(what, "noop-smtp") == 0 && argc == 4) {
        smtp_noop_run((uint16_t)number_of(argv[2]), number_of(argv[3]));
    } else if (strcmp(what, "echo") == 0 && argc == 3) {
        echo_run(number_of(argv[2]));
    } else {
        fail("imap|pop3|smtp|lmtp|login|idle|noop-smtp|echo, see the head of serve_load.c");
    }
    return 0;
}
