/* serve_wire.c: see serve_wire.h. */
#define _POSIX_C_SOURCE 200809L
#include "tests/bench/serve_wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

_Noreturn void fail(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fputs("serve_load: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    exit(1);
}

double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* splitmix64 */
uint64_t random_step(uint64_t *state)
{
    uint64_t mixed = *state += 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return mixed ^ mixed >> 31;
}

struct wire *wire_open(uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    struct timeval longest = { .tv_sec = 300 };
    struct wire *wire = malloc(sizeof *wire);
    int yes = 1;
    if (!wire)
        fail("no memory");
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    wire->fd = socket(AF_INET, SOCK_STREAM, 0);
    wire->at = wire->len = 0;
    wire->octets = 0;
    if (wire->fd < 0 || connect(wire->fd, (struct sockaddr *)&address, sizeof address) < 0)
        fail("port %u: %s", port, strerror(errno));
    setsockopt(wire->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(wire->fd, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
    return wire;
}

void wire_close(struct wire *wire)
{
    close(wire->fd);
    free(wire);
}

void wire_send(struct wire *wire, const char *octets, size_t len)
{
    while (len) {
        ssize_t sent = send(wire->fd, octets, len, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            fail("the server closed the connection: %s", strerror(errno));
        octets += sent;
        len -= (size_t)sent;
    }
}

void wire_say(struct wire *wire, const char *format, ...)
{
    struct buf text = BUF_MAX(4096);
    va_list list;
    va_start(list, format);
    buf_format_list(&text, format, list);
    va_end(list);
    wire_send(wire, text.at, text.len);
    buf_free(&text);
}

bool wire_fill(struct wire *wire)
{
    if (wire->at) {
        memmove(wire->in, wire->in + wire->at, wire->len - wire->at);
        wire->len -= wire->at;
        wire->at = 0;
    }
    if (wire->len == WIRE_BYTES)
        fail("too long a line from the server");
    ssize_t got = recv(wire->fd, wire->in + wire->len, WIRE_BYTES - wire->len, 0);
    if (got < 0 && errno != EINTR)
        fail("%s", errno == EAGAIN ? "no answer for 5 minutes" : strerror(errno));
    if (got > 0) {
        wire->len += (size_t)got;
        wire->octets += (uint64_t)got;
    }
    return got != 0;
}

char *wire_line(struct wire *wire, size_t *len)
{
    size_t looked = 0;
    for (;;) {
        char *start = wire->in + wire->at;
        char *end = memchr(start + looked, '\n', wire->len - wire->at - looked);
        if (end) {
            wire->at = (size_t)(end - wire->in) + 1;
            *len = (size_t)(end - start);
            if (*len && start[*len - 1] == '\r')
                --*len;
            return start;
        }
        looked = wire->len - wire->at;
        if (!wire_fill(wire))
            fail("the server closed the connection");
    }
}

void wire_skip(struct wire *wire, uint64_t octets)
{
    while (octets > wire->len - wire->at) {
        octets -= wire->len - wire->at;
        wire->at = wire->len = 0;
        if (!wire_fill(wire))
            fail("the server closed the connection");
    }
    wire->at += (size_t)octets;
}

/* --- messages --------------------------------------------------------------------------------- */

static const char *const words[] = {
    "lunch",   "minutes", "offer",  "bread",  "report", "garden", "twelve",
    "canteen", "key",     "paper",  "window", "autumn", "train",  "ticket",
    "music",   "message", "number", "river",  "school", "answer",
};

static const char *word_next(uint64_t *dice) { return words[random_step(dice) % COUNT(words)]; }

static void add_text(struct buf *out, uint64_t *dice, size_t until)
{
    size_t column = 0;
    while (out->len < until) {
        slice word = slice_of(word_next(dice));
        if (column)
            buf_add_char(out, ' ');
        buf_add(out, word);
        column += word.len + 1;
        if (column > 66) {
            buf_add_text(out, "\r\n");
            column = 0;
        }
    }
    buf_add_text(out, "\r\n");
}

static void add_header(struct buf *out, uint64_t number, uint64_t *dice)
{
    const char *who = word_next(dice), *to = word_next(dice);
    const char *one = word_next(dice), *two = word_next(dice);
    unsigned hour = (unsigned)(number / 3600 % 24), minute = (unsigned)(number / 60 % 60);
    unsigned long long n = number;
    buf_format(out, "Return-Path: <%s@bakery.example>\r\n", who);
    buf_format(out, "Received: from mx.bakery.example (mx.bakery.example [192.0.2.7])\r\n"
                    "\tby mail.campus.example with ESMTP id %llu;\r\n"
                    "\tMon, 5 Jan 2026 %02u:%02u:00 +0000\r\n", n, hour, minute);
    buf_format(out, "Date: Mon, 5 Jan 2026 %02u:%02u:00 +0000\r\n", hour, minute);
    buf_format(out, "From: %s of the bakery <%s@bakery.example>\r\n", who, who);
    buf_format(out, "To: %s at the campus <%s@campus.example>, ana@campus.example\r\n", to, to);
    buf_format(out, "Subject: Re: %s and %s, number %llu\r\n", one, two, n);
    buf_format(out, "Message-ID: <%llu.bench@bakery.example>\r\n", n);
    buf_format(out, "In-Reply-To: <%llu.bench@bakery.example>\r\n", n ? n - 1 : 0);
    buf_add_text(out, "MIME-Version: 1.0\r\n");
}

void message_make(struct buf *out, uint64_t number, size_t octets)
{
    uint64_t dice = number;
    unsigned long long n = number;
    buf_clear(out);
    add_header(out, number, &dice);
    if (octets < 2000) {
        buf_add_text(out, "Content-Type: text/plain; charset=us-ascii\r\n\r\n");
        add_text(out, &dice, octets);
        return;
    }
    buf_format(out, "Content-Type: multipart/alternative; boundary=\"=_%llu\"\r\n\r\n", n);
    buf_format(out, "--=_%llu\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n", n);
    add_text(out, &dice, out->len + (octets - out->len) / 2);
    buf_format(out, "--=_%llu\r\nContent-Type: text/html; charset=us-ascii\r\n\r\n<p>", n);
    add_text(out, &dice, octets);
    buf_format(out, "--=_%llu--\r\n", n);
}
