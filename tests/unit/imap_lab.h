/* imap_lab.h: what the tests of whole IMAP sessions share: ana's mailboxes in a store in
   memory, several sessions on them, a strict reader of all that is said. */
#ifndef TESTS_UNIT_IMAP_LAB_H
#define TESTS_UNIT_IMAP_LAB_H

#include <stdarg.h>

#include "servers/imap/imap.h"
#include "servers/mail/summary.h"
#include "servers/session.h"
#include "servers/store/store.h"
#include "tests/transcripts/response.h"
#include "tests/unit/store_check.h"

#define LAB_SESSIONS 4
#define LAB_SAID_MAX (64u << 20)

struct lab {
    struct test_clock clock;
    struct store *store;
    struct policy policy;
    struct services services;
    struct session *sessions[LAB_SESSIONS];
    struct response *responses[LAB_SESSIONS];
    struct buf said[LAB_SESSIONS];
    bool changed;
    int64_t ana, inbox;
    uint32_t firings;
};

static inline uint64_t lab_new_id(struct services *services)
{
    return clock_random(&((struct lab *)services->context)->clock);
}

static inline void lab_changed(struct services *services, int64_t mailbox)
{
    (void)mailbox;
    ((struct lab *)services->context)->changed = true;
}

static inline void lab_fired(struct services *services, struct session *session,
                             const struct firing *firing)
{
    (void)session;
    (void)firing;
    ((struct lab *)services->context)->firings++;
}

static inline void lab_message(struct lab *lab, int64_t mailbox, slice text)
{
    struct arena arena = { 0 };
    struct message message;
    struct draft *draft = store_draft(lab->store);
    uint32_t uid;
    ck_assert(store_draft_write(draft, text));
    ck_assert(summary_make(&arena, text, &message));
    int64_t message_key = store_draft_finish(draft, &message);
    ck_assert(
        store_place(lab->store, mailbox, message_key, 0, (int64_t)lab->clock.now_ms, 0, &uid));
    arena_free(&arena);
    lab->changed = true;
}

static inline void lab_open(struct lab *lab)
{
    memset(lab, 0, sizeof *lab);
    lab->clock = (struct test_clock){ START_MS, 1 };
    lab->store = world_open(NULL, &lab->clock);
    lab->policy = (struct policy){ .name = "mail.campus.example",
                                   .domains = { "campus.example" },
                                   .domain_count = 1 };
    lab->services = (struct services){
        .store = lab->store, .policy = &lab->policy, .now_ms = START_MS, .context = lab,
        .new_id = lab_new_id, .fired = lab_fired, .changed = lab_changed,
    };
    lab->ana = user_add(lab->store, "ana@campus.example");
    lab->inbox = mailbox_id(lab->store, lab->ana, "INBOX");
    mailbox_add(lab->store, lab->ana, "Archive");
    mailbox_add(lab->store, lab->ana, "Sent");
    ck_assert(store_commit(lab->store));
}

/* One turn after another until all is said and everybody was told. */
static inline void lab_turn(struct lab *lab)
{
    bool moved = true;
    while (moved) {
        ck_assert_msg(store_commit(lab->store), "%s", store_error(lab->store));
        bool changed = lab->changed;
        lab->changed = false;
        moved = changed;
        for (size_t i = 0; i < LAB_SESSIONS; i++) {
            struct error why = { "" };
            if (!lab->sessions[i])
                continue;
            if (changed)
                session_changed(lab->sessions[i]);
            slice out = session_output(lab->sessions[i]);
            if (out.len == 0)
                continue;
            ck_assert_msg(response_feed(lab->responses[i], out, &why), "%s", why.text);
            buf_add(&lab->said[i], out);
            session_sent(lab->sessions[i], out.len);
            moved = true;
        }
    }
}

/* Sends it cut as told (0: whole); what this session was told since the last call. */
static inline const char *lab_send(struct lab *lab, size_t who, slice octets, size_t piece)
{
    buf_clear(&lab->said[who]);
    while (octets.len && !session_is_closed(lab->sessions[who])) {
        size_t taken = session_input(lab->sessions[who],
                                     slice_upto(octets, piece ? piece : octets.len));
        lab_turn(lab);
        octets = slice_from(octets, taken);
    }
    ck_assert(!lab->said[who].full);
    return buf_text(&lab->said[who]);
}

static inline const char *lab_say(struct lab *lab, size_t who, const char *line)
{
    struct buf text = BUF_MAX(1u << 20);
    buf_add_text(&text, line);
    buf_add_text(&text, "\r\n");
    const char *said = lab_send(lab, who, buf_slice(&text), 0);
    buf_free(&text);
    return said;
}

static inline void lab_connect(struct lab *lab, size_t who)
{
    lab->said[who] = BUF_MAX(LAB_SAID_MAX);
    lab->responses[who] = response_new();
    lab->sessions[who] = session_open(&imap_protocol, &lab->services, who + 1, 0,
                                      SLICE("phone.campus.example"), SLICE("192.0.2.10"));
    lab_turn(lab);
}

static inline void lab_login(struct lab *lab, size_t who)
{
    lab_connect(lab, who);
    const char *said = lab_say(lab, who, "a LOGIN ana tulip");
    ck_assert_msg(strstr(said, "a OK [CAPABILITY ") == said, "%s", said);
}

static inline void lab_hang_up(struct lab *lab, size_t who)
{
    if (!lab->sessions[who])
        return;
    session_lost(lab->sessions[who]);
    session_free(lab->sessions[who]);
    response_free(lab->responses[who]);
    buf_free(&lab->said[who]);
    lab->sessions[who] = NULL;
    lab->responses[who] = NULL;
}

static inline void lab_close(struct lab *lab)
{
    for (size_t i = 0; i < LAB_SESSIONS; i++)
        lab_hang_up(lab, i);
    world_close(lab->store);
}

/* The answer is exactly this. */
#define lab_expect(lab, who, line, expected)                                                       \
    do {                                                                                           \
        const char *said_ = lab_say(lab, who, line);                                               \
        ck_assert_msg(strcmp(said_, expected) == 0, "%s\nsaid:\n%s\nexpected:\n%s", line, said_,   \
                      expected);                                                                   \
    } while (0)
/* The answer holds this. */
#define lab_hold(lab, who, line, part)                                                             \
    do {                                                                                           \
        const char *said_ = lab_say(lab, who, line);                                               \
        ck_assert_msg(strstr(said_, part) != NULL, "%s\nsaid:\n%s\nwithout:\n%s", line, said_,     \
                      part);                                                                       \
    } while (0)

#endif
