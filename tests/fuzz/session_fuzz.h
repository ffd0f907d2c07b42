/* session_fuzz.h: what the fuzz targets of whole sessions share: a small store, a session
   on it, and input that is cut at places which the input decides. */
#ifndef TESTS_FUZZ_SESSION_FUZZ_H
#define TESTS_FUZZ_SESSION_FUZZ_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "servers/session.h"
#include "servers/smtp/smtp_deliver.h"
#include "servers/store/store.h"
#include "sim/net/random.h"

struct fuzz {
    struct store *store;
    struct policy policy;
    struct services services;
    struct random random;
    uint64_t ids, runs;
    struct session *session;
};

static uint64_t fuzz_now(void *context)
{
    struct fuzz *fuzz = context;
    return fuzz->services.now_ms;
}

static uint64_t fuzz_draw(void *context)
{
    struct fuzz *fuzz = context;
    return random_next(&fuzz->random);
}

static uint64_t fuzz_new_id(struct services *services)
{
    struct fuzz *fuzz = services->context;
    return ++fuzz->ids * 7919;
}

static void fuzz_queued(struct services *services) { (void)services; }
static void fuzz_changed(struct services *services, int64_t mailbox)
{
    (void)services;
    (void)mailbox;
}
static void fuzz_stored(struct services *services, int64_t mailbox, uint32_t uid,
                        int64_t message_key)
{
    (void)services;
    (void)mailbox;
    (void)uid;
    (void)message_key;
}

static inline void fuzz_message(struct fuzz *fuzz, int64_t user, slice text)
{
    int64_t message_key = smtp_message_write(&fuzz->services, text);
    must(message_key && smtp_deliver_local(&fuzz->services, user, message_key));
}

static inline void fuzz_store_close(struct fuzz *fuzz, bool check)
{
    struct buf report = BUF_MAX(65536);
    if (check && !store_fsck(fuzz->store, &report))
        fprintf(stderr, "%s\n", buf_text(&report));
    must(report.len == 0 || !check);
    buf_free(&report);
    store_close(fuzz->store);
    fuzz->store = NULL;
}

#define FUZZ_RUNS_PER_STORE 100

static inline void fuzz_seal(struct services *services, struct session *session)
{
    (void)services;
    must(session->facts & FACT_TLS);
}

/* ana/tulip with two messages and a box Archive, bo/maple; relaying for ana. A store takes
   longer to make than most inputs to read: it serves a hundred of them, and is checked at
   the end. A finding that needs what came before is found again from its store's first. */
static inline void fuzz_open(struct fuzz *fuzz, slice seed)
{
    struct error why;
    int64_t ana, bo, box;
    uint64_t runs = fuzz->runs++;
    fuzz->random = (struct random){ .seed = random_hash(seed) };
    fuzz->policy.greylist = fuzz->policy.require_tls = false;
    if (fuzz->store && runs % FUZZ_RUNS_PER_STORE != 0)
        return;
    if (fuzz->store)
        fuzz_store_close(fuzz, true);
    fuzz->services = (struct services){ .policy = &fuzz->policy,
                                        .now_ms = 1767603600000,
                                        .context = fuzz,
                                        .new_id = fuzz_new_id,
                                        .queued = fuzz_queued,
                                        .changed = fuzz_changed,
                                        .stored = fuzz_stored,
                                        .seal = fuzz_seal };
    fuzz->policy = (struct policy){ .name = "mail.campus.example",
                                    .domains = { "campus.example" },
                                    .domain_count = 1 };
    fuzz->store = store_open(NULL, (struct store_clock){ fuzz_now, fuzz_draw, fuzz }, &why);
    must(fuzz->store != NULL);
    fuzz->services.store = fuzz->store;
    slice host = slice_of(fuzz->policy.name);
    must(store_user_add(fuzz->store, SLICE("ana@campus.example"), host, SLICE("tulip"), &ana) &&
         store_user_add(fuzz->store, SLICE("bo@campus.example"), host, SLICE("maple"), &bo) &&
         store_mailbox_create(fuzz->store, ana, SLICE("Archive"), &box));
    fuzz_message(fuzz, ana, SLICE("From: bo\r\nSubject: one\r\n\r\n.dot\r\ntext\r\n"));
    fuzz_message(
        fuzz, ana,
        SLICE("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\npart\r\n--b--\r\n"));
    must(store_commit(fuzz->store));
}

#define FUZZ_CROWDED 500

/* COPY into the same mailbox doubles it: beyond this it is refused, or a few lines of
   input would run for minutes. */
static inline void fuzz_stop_doubling(struct services *services, int64_t changed)
{
    struct fuzz *fuzz = services->context;
    struct mailbox mailbox;
    if (!store_mailbox_by_id(fuzz->store, changed, &mailbox) || mailbox.messages <= FUZZ_CROWDED)
        return;
    fuzz->policy.refusals[0] = (struct refusal){ .verb = "COPY", .code = "NO", .left = -1 };
    fuzz->policy.refusal_count = 1;
    fuzz->runs = 0; /* a fresh store for the next input */
}

/* Takes all output, as a host does; looks at each piece. */
static inline void fuzz_drain(struct fuzz *fuzz, void (*look)(struct fuzz *, slice))
{
    must(store_commit(fuzz->store));
    for (slice out = session_output(fuzz->session); out.len; out = session_output(fuzz->session)) {
        if (look)
            look(fuzz, out);
        session_sent(fuzz->session, out.len);
        must(store_commit(fuzz->store));
    }
}

/* Feeds it in pieces of 1 to 64 octets, or whole. */
static inline void fuzz_feed(struct fuzz *fuzz, slice octets, void (*look)(struct fuzz *, slice))
{
    bool whole = random_chance(&fuzz->random, 1, 2);
    fuzz_drain(fuzz, look);
    while (octets.len && !session_is_closed(fuzz->session)) {
        size_t piece = whole ? octets.len : (size_t)random_below(&fuzz->random, 64) + 1;
        size_t taken = session_input(fuzz->session, slice_upto(octets, piece));
        fuzz_drain(fuzz, look);
        must(taken > 0 || session_is_closed(fuzz->session));
        octets = slice_from(octets, taken);
    }
}

static inline void fuzz_close(struct fuzz *fuzz)
{
    session_lost(fuzz->session);
    must(store_commit(fuzz->store));
    session_free(fuzz->session);
    fuzz->session = NULL;
    must(store_commit(fuzz->store));
}

#endif
