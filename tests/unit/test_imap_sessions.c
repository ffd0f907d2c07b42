/* test_imap_sessions.c: several sessions change one mailbox at random, and take what they
   are told as slowly as they like. What each was told must make the same map from numbers
   to messages as the server's, and in the end the same flags; EXPUNGE comes only where it
   may (RFC 3501 7.4.1). A failing seed is printed; SEEDS and SEED choose others. */
#include "servers/imap/imap_write.h"
#include "servers/session.h"
#include "servers/store/store.h"
#include "sim/net/random.h"
#include "tests/unit/imap_client.h"

#define SESSIONS 3
#define STEPS 250

struct crowd {
    struct lab lab;
    struct random random;
    struct client clients[SESSIONS];
    struct buf pending[SESSIONS];     /* sent, and not yet taken by the session */
    bool idling[SESSIONS];
    char silent_how[SESSIONS];        /* a STORE.SILENT runs: what it will do */
    char silent_flags[SESSIONS][80];
    uint32_t silent_first[SESSIONS], silent_last[SESSIONS];
    bool silent[SESSIONS];
    uint32_t tags;
};

/* Failing at zero: the test must have met what it is about. */
static uint32_t seen_expunges, seen_exists, seen_pauses, seen_idle_news, seen_untold_fetches;

static uint32_t below(struct crowd *crowd, uint32_t bound)
{
    return (uint32_t)random_below(&crowd->random, bound);
}

/* --- octets ------------------------------------------------------------------------------- */

static void take_output(struct crowd *crowd, size_t who, size_t max)
{
    struct session *session = crowd->lab.sessions[who];
    struct error why = { "" };
    slice out = slice_upto(session_output(session), max);
    if (out.len == 0)
        return;
    ck_assert_msg(response_feed(crowd->lab.responses[who], out, &why), "%s", why.text);
    client_read(&crowd->clients[who], out);
    session_sent(session, out.len);
    ck_assert(store_commit(crowd->lab.store));
}

static void give_input(struct crowd *crowd, size_t who)
{
    struct buf *pending = &crowd->pending[who];
    size_t piece = below(crowd, 4) ? pending->len : 1 + below(crowd, 9);
    size_t taken = session_input(crowd->lab.sessions[who], slice_upto(buf_slice(pending), piece));
    buf_drop_front(pending, taken);
    ck_assert(store_commit(crowd->lab.store));
}

static void tell_changes(struct crowd *crowd)
{
    if (!crowd->lab.changed)
        return;
    crowd->lab.changed = false;
    for (size_t i = 0; i < SESSIONS; i++) {
        size_t before = session_output(crowd->lab.sessions[i]).len;
        session_changed(crowd->lab.sessions[i]);
        seen_idle_news += session_output(crowd->lab.sessions[i]).len > before;
    }
    ck_assert(store_commit(crowd->lab.store));
}

static bool has_ended(const struct crowd *crowd, size_t who)
{
    return crowd->clients[who].status[0] != '\0';
}

static void apply_silent(struct crowd *crowd, size_t who)
{
    struct client *client = &crowd->clients[who];
    if (!crowd->silent[who])
        return;
    crowd->silent[who] = false;
    for (uint32_t i = crowd->silent_first[who]; i <= crowd->silent_last[who]; i++)
        if (client->messages[i - 1].knows_flags)
            flags_change(&client->messages[i - 1], crowd->silent_how[who],
                         crowd->silent_flags[who]);
}

static void step_io(struct crowd *crowd, size_t who)
{
    give_input(crowd, who);
    tell_changes(crowd);
    seen_pauses += session_is_busy(crowd->lab.sessions[who]);
    take_output(crowd, who, below(crowd, 3) ? SIZE_MAX : 1 + below(crowd, 40000));
    if (has_ended(crowd, who))
        apply_silent(crowd, who);
}

/* --- commands ----------------------------------------------------------------------------- */

static void PRINTF_LIKE(3, 4) begin(struct crowd *crowd, size_t who, const char *format, ...)
{
    struct client *client = &crowd->clients[who];
    char command[4000];
    va_list args;
    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    snprintf(client->tag, sizeof client->tag, "t%u", ++crowd->tags);
    client->status[0] = '\0';
    client->counting = client->no_expunge = client->quiet = false;
    buf_format(&crowd->pending[who], "%s %s\r\n", client->tag, command);
}

static void finish(struct crowd *crowd, size_t who)
{
    for (uint32_t i = 0; !has_ended(crowd, who); i++) {
        ck_assert_msg(i < 2000000, "no end of %s", crowd->clients[who].tag);
        step_io(crowd, who);
    }
}

static void begin_select(struct crowd *crowd, size_t who)
{
    bool writable = below(crowd, 5) > 0;
    begin(crowd, who, "%s INBOX", writable ? "SELECT" : "EXAMINE");
    crowd->clients[who].counting = true;
    finish(crowd, who);
    ck_assert_msg(strstr(crowd->clients[who].status, " OK "), "%s", crowd->clients[who].status);
    crowd->clients[who].counting = false;
    crowd->clients[who].selected = true;
    crowd->clients[who].writable = writable;
}

static const char *draw_flags(struct crowd *crowd)
{
    static const char *const flags[] = {
        "\\Seen", "\\Deleted",         "\\Flagged \\Answered",
        "Work",   "\\Draft Home Work", "\\Deleted Later",
    };
    return flags[below(crowd, COUNT(flags))];
}

static void begin_store(struct crowd *crowd, size_t who, uint32_t first, uint32_t last, bool uid)
{
    static const char *const hows[] = { "+", "-", "" };
    const char *how = hows[below(crowd, 3)], *flags = draw_flags(crowd);
    bool silent = !uid && below(crowd, 2);
    begin(crowd, who, "%sSTORE %u:%u %sFLAGS%s (%s)", uid ? "UID " : "", first, last, how,
          silent ? ".SILENT" : "", flags);
    crowd->clients[who].no_expunge = !uid;
    if (!silent || !crowd->clients[who].writable)
        return;
    crowd->silent[who] = true;
    crowd->silent_how[who] = how[0];
    crowd->silent_first[who] = first;
    crowd->silent_last[who] = last;
    snprintf(crowd->silent_flags[who], sizeof crowd->silent_flags[who], "%s", flags);
}

static void begin_fetch(struct crowd *crowd, size_t who, uint32_t first, uint32_t last)
{
    static const char *const items[] = { "(UID FLAGS)",   "(UID)",
                                         "(UID BODY[])",  "(UID BODY.PEEK[TEXT] FLAGS)",
                                         "(BODY[1] UID)", "FAST" };
    begin(crowd, who, "FETCH %u:%u %s", first, last, items[below(crowd, COUNT(items))]);
    crowd->clients[who].no_expunge = true;
    const struct imap_view *view = &imap_of(crowd->lab.sessions[who])->view;
    struct placement row;
    if (store_placement(crowd->lab.store, crowd->lab.inbox, imap_view_uid(view, first), &row))
        seen_untold_fetches += row.expunged;
}

static void begin_by_uid(struct crowd *crowd, size_t who)
{
    uint32_t first = 1 + below(crowd, 80), last = first + below(crowd, 30);
    switch (below(crowd, 6)) {
    case 0: begin(crowd, who, "UID FETCH %u:%u (FLAGS)", first, last); break;
    case 1: begin(crowd, who, "UID FETCH %u:* (FLAGS)", first); break;
    case 2: begin_store(crowd, who, first, last, true); break;
    case 3: begin(crowd, who, "UID SEARCH OR SEEN KEYWORD Work"); break;
    case 4: begin(crowd, who, "UID COPY %u:%u Archive", first, last); break;
    default:
        if (crowd->clients[who].writable && below(crowd, 2))
            begin(crowd, who, "UID MOVE %u:%u %s", first, first + 3,
                  below(crowd, 2) ? "Archive" : "INBOX");
        else
            begin(crowd, who, "UID EXPUNGE %u:%u", first, last);
    }
}

static void begin_any_time(struct crowd *crowd, size_t who)
{
    switch (below(crowd, 8)) {
    case 0: begin(crowd, who, "CHECK"); break;
    case 1: begin(crowd, who, "EXPUNGE"); break;
    case 2: begin(crowd, who, "STATUS INBOX (MESSAGES UNSEEN RECENT)"); break;
    case 3:
        begin(crowd, who, "APPEND INBOX (%s) {16+}\r\nSubject: Hello\r\n", draw_flags(crowd));
        break;
    case 4:
        begin(crowd, who, "IDLE");
        crowd->idling[who] = true;
        break;
    case 5:
        crowd->clients[who].selected = false;
        begin(crowd, who, "%s", below(crowd, 2) ? "CLOSE" : "UNSELECT");
        break;
    default: begin(crowd, who, "NOOP");
    }
}

static void begin_command(struct crowd *crowd, size_t who)
{
    const struct client *client = &crowd->clients[who];
    if (!client->selected) {
        begin_select(crowd, who);
        return;
    }
    uint32_t kind = below(crowd, 10);
    uint32_t first = client->count ? 1 + below(crowd, client->count) : 0;
    uint32_t last = first ? first + below(crowd, client->count - first + 1) : 0;
    if (kind < 3 && first)
        begin_fetch(crowd, who, first, last);
    else if (kind < 5 && first)
        begin_store(crowd, who, first, last, false);
    else if (kind == 5 && first) {
        begin(crowd, who, "COPY %u:%u %s", first, first + (first < last),
              below(crowd, 3) ? "Archive" : "INBOX");
    } else if (kind == 6 && first) {
        begin(crowd, who, "SEARCH UNSEEN %u:%u", first, last);
        crowd->clients[who].no_expunge = true;
    } else if (kind < 9)
        begin_by_uid(crowd, who);
    else
        begin_any_time(crowd, who);
}

static void end_idle(struct crowd *crowd, size_t who)
{
    if (!crowd->idling[who])
        return;
    buf_add_text(&crowd->pending[who], "DONE\r\n");
    crowd->idling[who] = false;
    finish(crowd, who);
}

/* --- what must hold ----------------------------------------------------------------------- */

static void check_numbers(const struct crowd *crowd, size_t who)
{
    const struct client *client = &crowd->clients[who];
    const struct imap_view *view = &imap_of(crowd->lab.sessions[who])->view;
    if (!client->selected)
        return;
    ck_assert_uint_eq(client->count, imap_view_count(view));
    for (uint32_t i = 1; i <= client->count; i++) {
        uint32_t uid = imap_view_uid(view, i);
        ck_assert_msg(client->messages[i - 1].uid == 0 || client->messages[i - 1].uid == uid,
                      "session %zu: message %u is UID %u, was told %u", who, i, uid,
                      client->messages[i - 1].uid);
    }
}

static void check_flags(const struct crowd *crowd, size_t who, uint32_t number)
{
    const struct believed *message = &crowd->clients[who].messages[number - 1];
    const struct imap_view *view = &imap_of(crowd->lab.sessions[who])->view;
    struct placement row;
    struct buf text = BUF_MAX(1000);
    char *names[64];
    char sorted[CLIENT_FLAGS_MAX];
    ck_assert(
        store_placement(crowd->lab.store, crowd->lab.inbox, imap_view_uid(view, number), &row));
    ck_assert(!row.expunged);
    struct imap_view named = *view;
    slice keywords[KEYWORDS_MAX];
    struct arena arena = { 0 };
    named.keywords = keywords;
    ck_assert(
        store_keywords(crowd->lab.store, crowd->lab.inbox, &arena, keywords, &named.keyword_count));
    imap_write_flags(&text, &named, row.flags, false);
    char *list = (char *)(uintptr_t)buf_text(&text) + 1;
    list[strlen(list) - 1] = '\0';
    flags_write(sorted, names, flags_split(list, names, 64));
    ck_assert_msg(strcmp(sorted, message->flags) == 0,
                  "session %zu: UID %u has flags%s, was told%s", who, row.uid, sorted,
                  message->flags);
    buf_free(&text);
    arena_free(&arena);
}

/* Everybody hears everything; then all beliefs are the server's truth. */
static void checkpoint(struct crowd *crowd)
{
    for (size_t i = 0; i < SESSIONS; i++) {
        end_idle(crowd, i);
        finish(crowd, i);
    }
    struct uid_list *list = store_uids(crowd->lab.store, crowd->lab.inbox);
    for (size_t i = 0; i < SESSIONS; i++) {
        if (!crowd->clients[i].selected)
            continue;
        begin(crowd, i, "NOOP");
        finish(crowd, i);
        check_numbers(crowd, i);
        ck_assert_uint_eq(list->count, crowd->clients[i].count);
        for (uint32_t k = 1; k <= list->count; k++) {
            ck_assert_uint_eq(list->uids[k - 1],
                              imap_view_uid(&imap_of(crowd->lab.sessions[i])->view, k));
            if (crowd->clients[i].messages[k - 1].knows_flags)
                check_flags(crowd, i, k);
        }
    }
    uid_list_release(list);
}

/* --- the walk ----------------------------------------------------------------------------- */

static void crowd_open(struct crowd *crowd, uint64_t seed)
{
    memset(crowd, 0, sizeof *crowd);
    crowd->random = (struct random){ .seed = seed };
    lab_open(&crowd->lab);
    char text[6000];
    memset(text, 'x', sizeof text);
    memcpy(text, "Subject: long\r\n\r\n", 17);
    for (size_t i = 0; i < 40; i++)
        lab_message(&crowd->lab, crowd->lab.inbox, (slice){ text, 17 + below(crowd, 5900) });
    for (size_t i = 0; i < SESSIONS; i++) {
        lab_login(&crowd->lab, i);
        crowd->pending[i] = BUF_MAX(65536);
        strcpy(crowd->clients[i].status, "none");
        begin_select(crowd, i);
    }
}

static void crowd_close(struct crowd *crowd)
{
    for (size_t i = 0; i < SESSIONS; i++) {
        seen_expunges += crowd->clients[i].expunges;
        seen_exists += crowd->clients[i].exists;
        buf_free(&crowd->pending[i]);
        buf_free(&crowd->clients[i].line);
    }
    lab_close(&crowd->lab);
}

static void walk_step(struct crowd *crowd)
{
    size_t who = below(crowd, SESSIONS);
    if (below(crowd, 30) == 0)
        lab_message(&crowd->lab, crowd->lab.inbox, SLICE("Subject: new\r\n\r\nnew\r\n"));
    if (crowd->idling[who] && below(crowd, 3) == 0) {
        end_idle(crowd, who);
    } else if (crowd->idling[who] || !has_ended(crowd, who)) {
        step_io(crowd, who);
    } else {
        check_numbers(crowd, who);
        begin_command(crowd, who);
        if (below(crowd, 2))
            step_io(crowd, who);
    }
}

static void walk(uint64_t seed)
{
    static struct crowd crowd;
    crowd_open(&crowd, seed);
    for (uint32_t i = 1; i <= STEPS * SESSIONS; i++) {
        walk_step(&crowd);
        if (i % 60 == 0)
            checkpoint(&crowd);
    }
    checkpoint(&crowd);
    crowd_close(&crowd);
}

START_TEST(every_session_knows_what_the_server_knows)
{
    const char *one = getenv("SEED"), *many = getenv("SEEDS");
    uint64_t first = one ? strtoull(one, NULL, 10) : 1;
    uint64_t count = many ? strtoull(many, NULL, 10) : one ? 1 : 12;
    for (uint64_t seed = first; seed < first + count; seed++) {
        if (one || many)
            fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
        walk(seed);
    }
    ck_assert_uint_gt(seen_expunges, 100);
    ck_assert_uint_gt(seen_exists, 100);
    if (!one) {
        ck_assert_uint_gt(seen_pauses, 20);
        ck_assert_uint_gt(seen_idle_news, 5);
        ck_assert_uint_gt(seen_untold_fetches, 5);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { every_session_knows_what_the_server_knows };
    int failed;
    run_suite("imap_sessions", tests, COUNT(tests), &failed);
    return failed != 0;
}
