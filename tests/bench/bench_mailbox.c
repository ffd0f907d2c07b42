/* bench_mailbox.c: what IMAP does with a large mailbox, engine and store alone, the store in a
   file with a commit a turn: SELECT, FETCH FLAGS, STORE, COPY, EXPUNGE, and coming back by
   QRESYNC. Prints figures; never fails on time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "servers/imap/imap.h"
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

static double seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void fill(struct store *store, int64_t mailbox, uint32_t count)
{
    struct arena arena = { 0 };
    struct message message;
    slice text = SLICE("Subject: hello\r\n\r\nhello\r\n");
    struct draft *draft = store_draft(store);
    uint32_t uid;
    store_draft_write(draft, text);
    summary_make(&arena, text, &message);
    int64_t message_key = store_draft_finish(draft, &message);
    for (uint32_t i = 0; i < count; i++)
        if (!store_place(store, mailbox, message_key, 0, 1767603600000, 0, &uid))
            exit(1);
    store_commit(store);
    arena_free(&arena);
}

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
    double start = seconds(CLOCK_MONOTONIC), worked = seconds(CLOCK_PROCESS_CPUTIME_ID);
    size_t said = say(store, session, line);
    double took = seconds(CLOCK_MONOTONIC) - start;
    worked = seconds(CLOCK_PROCESS_CPUTIME_ID) - worked;
    printf("%-40s %9.2f ms, %9.2f of work, %9.0f messages per s of it, %8zu octets\n", line,
           took * 1e3, worked * 1e3, count / worked, said);
}

static void bench(uint32_t count)
{
    static const char path[] = "bench_mailbox.world";
    uint64_t random = 1;
    struct error why = { "" };
    int64_t user = 0;
    struct mailbox inbox;
    remove(path);
    struct store *store = store_open(path, (struct store_clock){ now_ms, next_random, &random },
                                     &why);
    struct policy policy = { .name = "mail.campus.example" };
    struct services services = { .store = store, .policy = &policy, .now_ms = 1767603600000u,
                                 .context = &random, .new_id = new_id };
    store_user_add(store, SLICE("ana@campus.example"), SLICE("mail.campus.example"),
                   SLICE("tulip"), &user);
    if (!store_mailbox_find(store, user, SLICE("INBOX"), &inbox))
        exit(1);
    fill(store, inbox.id, count);
    struct session *session = session_open(&imap_protocol, &services, 1, 0, SLICE("phone"),
                                           SLICE("192.0.2.10"));
    char ten[60], tenth[60];
    uint32_t part = count / 10;
    say(store, session, "l LOGIN ana tulip");
    say(store, session, "c CREATE Archive");
    printf("%u messages\n", count);
    time_it(store, session, count, "s SELECT INBOX");
    time_it(store, session, count, "s SELECT INBOX");
    time_it(store, session, count, "f FETCH 1:* FLAGS");
    time_it(store, session, count, "f UID FETCH 1:* (FLAGS MODSEQ)");
    time_it(store, session, count, "s STORE 1:* +FLAGS.SILENT (\\Flagged)");
    snprintf(ten, sizeof ten, "c COPY 1:%u Archive", part);
    time_it(store, session, part, ten);
    snprintf(tenth, sizeof tenth, "s STORE 1:%u +FLAGS (\\Deleted)", part);
    time_it(store, session, part, tenth);
    time_it(store, session, part, "e EXPUNGE");
    say(store, session, "e ENABLE QRESYNC");
    time_it(store, session, count, "q SELECT INBOX (QRESYNC (1767603600 2))");
    session_lost(session);
    session_free(session);
    store_close(store);
    remove(path);
    remove("bench_mailbox.world-wal");
    remove("bench_mailbox.world-shm");
}

int main(void)
{
    const char *directory = getenv("TMPDIR");
    if (chdir(directory ? directory : "/tmp") != 0)
        return 1;
    bench(1000);
    bench(10000);
    bench(100000);
    return 0;
}
