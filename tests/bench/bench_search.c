/* bench_search.c: SEARCH, SORT and THREAD on mailboxes of 1,000 to 100,000 messages of some 6 KiB,
   engine and store alone, the store in a file: plain text, quoted-printable, base64 and
   multiparts, in conversations. Prints figures; never fails on time.
     bench_search [messages [1 for memory]] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "servers/imap/imap.h"
#include "servers/mail/encoding.h"
#include "servers/mail/summary.h"
#include "servers/session.h"
#include "servers/store/store.h"

static uint64_t now_ms(void *context)
{
    (void)context;
    return 1767603600000u;
}

static uint64_t next_random(void *context) { return ++*(uint64_t *)context; }
static uint64_t new_id(struct services *services) { return next_random(services->context); }

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* --- messages ------------------------------------------------------------------------------- */

static uint64_t state = 1;
static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % below;
}

static void add_text(struct buf *out, size_t octets)
{
    static const char *const words[] = { "lorem", "ipsum", "Dolor", "sit", "amet,", "consectetur",
                                         "adipiscing", "elit.", "Sed", "do", "eiusmod", "tempor" };
    size_t line = 0, end = out->len + octets;
    while (out->len < end) {
        const char *word = words[draw(COUNT(words))];
        buf_add_text(out, word);
        line += strlen(word) + 1;
        buf_add_text(out, line > 68 ? "\r\n" : " ");
        line = line > 68 ? 0 : line;
    }
    buf_add_text(out, "\r\n");
}

static void add_base64(struct buf *out, size_t octets)
{
    struct buf text = BUF_MAX(100000), code = BUF_MAX(200000);
    add_text(&text, octets * 3 / 4);
    base64_encode(&code, buf_slice(&text));
    slice rest = buf_slice(&code);
    for (; rest.len; rest = slice_from(rest, 76)) {
        buf_add(out, slice_upto(rest, 76));
        buf_add_text(out, "\r\n");
    }
    buf_free(&text);
    buf_free(&code);
}

static void message_write(struct buf *out, uint32_t i)
{
    uint32_t thread = i - i % 7;
    buf_clear(out);
    buf_format(out, "Received: from a.example by b.example with ESMTP id x%u; Mon, 5 Jan 2026 "
                    "09:00:00 +0000\r\nDate: Mon, %u Jan 2026 %02u:%02u:00 +0000\r\n"
                    "From: Person %u <p%u@campus.example>\r\nTo: ana@campus.example\r\n"
                    "Subject: %snumber %u of the list\r\nMessage-ID: <m%u@campus.example>\r\n",
               i, 1 + draw(28), draw(24), draw(60), i % 997, i % 997, i % 7 ? "Re: " : "", thread,
               i);
    if (i % 7) {
        buf_add_text(out, "References:");
        for (uint32_t n = thread; n < i; n++)
            buf_format(out, " <m%u@campus.example>\r\n", n);
    }
    buf_add_text(out, "MIME-Version: 1.0\r\n");
    if (i % 4 == 0) {
        buf_add_text(out, "Content-Type: text/plain; charset=utf-8\r\n\r\n");
        add_text(out, 5500);
    } else if (i % 4 == 1) {
        buf_add_text(out, "Content-Type: text/plain; charset=iso-8859-1\r\n"
                          "Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=DFe,=\r\n\r\n");
        add_text(out, 5500);
    } else if (i % 4 == 2) {
        buf_add_text(out, "Content-Type: text/plain; charset=utf-8\r\n"
                          "Content-Transfer-Encoding: base64\r\n\r\n");
        add_base64(out, 5400);
    } else {
        buf_add_text(out, "Content-Type: multipart/mixed; boundary=bound\r\n\r\n--bound\r\n"
                          "Content-Type: text/plain\r\n\r\n");
        add_text(out, 1500);
        buf_add_text(out, "--bound\r\nContent-Type: image/png\r\n"
                          "Content-Transfer-Encoding: base64\r\n\r\n");
        add_base64(out, 4000);
        buf_add_text(out, "--bound--\r\n");
    }
}

static void fill(struct store *store, int64_t mailbox, uint32_t count)
{
    struct buf text = BUF_MAX(200000);
    struct arena arena = { 0 };
    for (uint32_t i = 0; i < count; i++) {
        struct message message;
        uint32_t uid;
        message_write(&text, i);
        struct draft *draft = store_draft(store);
        store_draft_write(draft, buf_slice(&text));
        summary_make(&arena, buf_slice(&text), &message);
        int64_t message_key = store_draft_finish(draft, &message);
        if (!store_place(store, mailbox, message_key, i % 3 ? FLAG_SEEN : 0,
                         1767000000000 + (int64_t)i * 1000, 0, &uid))
            exit(1);
        arena_reset(&arena);
        if (i % 1000 == 999)
            store_commit(store);
    }
    store_commit(store);
    arena_free(&arena);
    buf_free(&text);
}

/* --- commands ------------------------------------------------------------------------------- */

/* Until the tagged line has come; octets that were said. */
static size_t say(struct store *store, struct session *session, const char *line)
{
    struct buf text = BUF_MAX(1u << 20);
    size_t said = 0;
    buf_format(&text, "%s\r\n", line);
    session_input(session, buf_slice(&text));
    buf_free(&text);
    for (size_t out; store_commit(store) && (out = session_output(session).len) > 0;) {
        said += out;
        session_sent(session, out);
    }
    return said;
}

static void time_it(struct store *store, struct session *session, uint32_t count, const char *line)
{
    double best = 1e9;
    size_t said = 0;
    for (int i = 0; i < 3; i++) {
        double start = seconds();
        said = say(store, session, line);
        double took = seconds() - start;
        best = took < best ? took : best;
    }
    printf("%7u messages: %-44s %9.1f ms %9.0f ns each %9zu octets\n", count, line, best * 1e3,
           best * 1e9 / count, said);
    fflush(stdout);
}

static void bench(uint32_t count, bool memory)
{
    static const char path[] = "bench_search.world";
    static const char *const lines[] = {
        "a SEARCH ALL", "a SEARCH UNSEEN", "a SEARCH RETURN (COUNT) UNSEEN",
        "a SEARCH RETURN (MIN) UNSEEN", "a SEARCH KEYWORD Nobody", "a SEARCH SINCE 5-Jan-2026",
        "a UID SEARCH UID 900:950", "a SEARCH SUBJECT \"number 777\"",
        "a SEARCH FROM \"person 99\"", "a SEARCH SENTON 7-Jan-2026",
        "a SEARCH HEADER Received zzz", "a SEARCH BODY zzzz",
        "a SEARCH TEXT zzzz", "a SEARCH TEXT \"elit lorem\"", "a SORT (DATE) UTF-8 ALL",
        "a SORT (SUBJECT) UTF-8 ALL", "a SORT (REVERSE ARRIVAL) UTF-8 ALL",
        "a SORT (FROM REVERSE DATE) UTF-8 UNSEEN", "a THREAD ORDEREDSUBJECT UTF-8 ALL",
        "a THREAD REFERENCES UTF-8 ALL",
    };
    uint64_t random = 0;
    struct error why;
    unlink(path);
    struct store *store = store_open(memory ? NULL : path,
                                     (struct store_clock){ now_ms, next_random, &random }, &why);
    struct mailbox inbox;
    int64_t user;
    if (!store || !store_user_add(store, SLICE("ana@campus.example"), SLICE("mail.campus.example"),
                                  SLICE("tulip"), &user) ||
        !store_mailbox_find(store, user, SLICE("INBOX"), &inbox)) {
        fprintf(stderr, "bench_search: %s\n", store ? store_error(store) : why.text);
        exit(1);
    }
    double start = seconds();
    fill(store, inbox.id, count);
    printf("%7u messages: stored in %.2f s\n", count, seconds() - start);
    struct policy policy = { .name = "mail.campus.example", .domains = { "campus.example" },
                             .domain_count = 1 };
    struct services services = { .store = store, .policy = &policy, .now_ms = now_ms(NULL),
                                 .context = &random, .new_id = new_id };
    struct session *session = session_open(&imap_protocol, &services, 1, 0, SLICE("phone"),
                                           SLICE("192.0.2.1"));
    say(store, session, "a LOGIN ana tulip");
    say(store, session, "a SELECT INBOX");
    for (size_t i = 0; i < COUNT(lines); i++)
        time_it(store, session, count, lines[i]);
    session_free(session);
    store_close(store);
    unlink(path);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        bench((uint32_t)strtoul(argv[1], NULL, 10), argc > 2);
        return 0;
    }
    bench(1000, false);
    bench(10000, false);
    return 0;
}
