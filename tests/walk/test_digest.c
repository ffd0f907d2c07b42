/* test_digest.c: the same seed and inputs give the same trace, to the byte: the digest of
   one story is written here, and must come out with every compiler, optimisation, time
   zone, locale and order of SQL's rows. And it sees everything: one octet, one
   nanosecond, one value in the store change it. Prints TAP. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "sim/language/build.h"
#include "sim/world.h"


/* When a change of behaviour moves it, look at the trace first, then write the new one here. */
#define STORY_DIGEST 0xfa2b2f199351565aull

static const char *const story[] = {
    "dig mx bakery.example",
    "telnet mail 587",
    "EHLO laptop",
    "AUTH PLAIN AGFuYQB0dWxpcA==",
    "MAIL FROM:<ana@campus.example>",
    "RCPT TO:<dora@bakery.example>",
    "RCPT TO:<bo@campus.example>",
    "RCPT TO:<gone@bakery.example>",
    "DATA",
    "Subject: Gr\xc3\xbc\xc3\x9f dich",
    "",
    "..a dot",
    ".",
    ":offline mx.bakery.example",
    "MAIL FROM:<ana@campus.example>",
    "RCPT TO:<dora@bakery.example>",
    "DATA",
    "Subject: later",
    "",
    ".",
    ":wait 5h",
    ":online mx.bakery.example",
    "wait 9h",
    "link phone latency 40ms loss 1/5 segment 9",
    "on phone",
    "telnet mail imap",
    "a LOGIN ana tulip",
    "b SELECT INBOX",
    "c STORE 1:2 +FLAGS (\\Deleted walked)",
    "d FETCH 1:* (FLAGS ENVELOPE BODY.PEEK[HEADER])",
    "e EXPUNGE",
    "f APPEND Sent {5}",
    "hello",
    "g LOGOUT",
    "on till",
    "telnet mx pop3",
    "USER dora",
    "PASS rye",
    "UIDL",
    "RETR 1",
    "DELE 1",
    ":cut",
    "telnet mx pop3",
    "USER dora",
    "PASS rye",
    "DELE 1",
    "QUIT",
};

static int number, failed;

static void result(bool good, const char *what)
{
    number++;
    failed += !good;
    printf("%sok %d - %s\n", good ? "" : "not ", number, what);
}

static struct world *play(uint64_t seed, bool reversed)
{
    struct error why = { "" };
    size_t at = 0;
    struct world *world = world_new(NULL, &seed, sim_tables, slice_of(default_world),
                                    SLICE("default"), &why);
    must(world != NULL);
    if (reversed)
        store_reverse_unordered(world->store);
    for (size_t i = 0; i < COUNT(story); i++)
        if (script_line(world, slice_of(story[i]), &at, &why) != LINE_RUN) {
            printf("# %s: %s\n", story[i], why.text);
            failed++;
        }
    must(world_finish(world, &why));
    return world;
}

static uint64_t play_digest(uint64_t seed, bool reversed)
{
    struct world *world = play(seed, reversed);
    uint64_t digest = world_digest(world);
    world_free(world);
    return digest;
}

static void test_surroundings(void)
{
    uint64_t digest = play_digest(1, false);
    printf("# the story's digest is 0x%016llxull\n", (unsigned long long)digest);
    result(digest == STORY_DIGEST, "the story has the digest that is written here");
    setenv("TZ", "Pacific/Apia", 1);
    tzset();
    setlocale(LC_ALL, "C.UTF-8");
    result(play_digest(1, false) == digest, "in another time zone and locale the same");
    result(play_digest(1, true) == digest, "with SQL's unordered rows reversed the same");
    result(play_digest(2, false) != digest, "with another seed another one");
}

/* --- one octet, one nanosecond ---------------------------------------------------------------- */

static uint64_t typed_digest(const char *octets, uint64_t latency_ns)
{
    struct error why = { "" };
    struct world *world = world_new(NULL, NULL, sim_tables, slice_of(default_world),
                                    SLICE("default"), &why);
    must(world != NULL);
    net_link(world->net, world->here->host)->latency_ns = latency_ns;
    device_telnet(world, world->here, net_host(world->net, SLICE("mail.campus.example")), 25);
    must(world_settle(world, &why));
    device_type(world, world->here, slice_of(octets));
    must(world_settle(world, &why));
    uint64_t digest = world_digest(world);
    world_free(world);
    return digest;
}

static void test_wire(void)
{
    const char line[] = "EHLO laptop\r\nNOOP\r\n";
    uint64_t digest = typed_digest(line, 20 * NS_PER_MS);
    bool differs = true;
    for (size_t i = 0; i < sizeof line - 1; i++) {
        char changed[sizeof line];
        memcpy(changed, line, sizeof line);
        changed[i] ^= 1;
        differs = differs && typed_digest(changed, 20 * NS_PER_MS) != digest;
    }
    result(differs, "any octet on the wire changes it");
    result(typed_digest(line, 20 * NS_PER_MS + 1) != digest,
           "one nanosecond of latency changes it");
}

static void nothing(void *context, uint64_t argument)
{
    (void)context;
    (void)argument;
}

static void test_timer(void)
{
    struct world *world = play(1, false);
    uint64_t before = world_digest(world);
    uint64_t ticket = clock_at(world->clock, 1, clock_ns(world->clock) + 1000, TIMER, nothing, NULL,
                               0);
    uint64_t with = world_digest(world);
    clock_cancel(world->clock, ticket);
    clock_at(world->clock, 1, clock_ns(world->clock) + 1001, TIMER, nothing, NULL, 0);
    uint64_t other = world_digest(world);
    result(before != with && with != other, "a timer, and its nanosecond, change it");
    world_free(world);
}

/* --- every value in the store ----------------------------------------------------------------- */

static const char *const changes[][2] = {
    { "a password", "UPDATE user SET password = 'tulips' WHERE password = 'tulip'" },
    { "a UIDNEXT", "UPDATE mailbox SET uidnext = uidnext + 1 WHERE id = 1" },
    { "a mailbox's name", "UPDATE mailbox SET name = 'Archives' WHERE name = 'Archive'" },
    { "a flag", "UPDATE placement SET flags = flags + 2 WHERE uid = 4" },
    { "a modseq", "UPDATE placement SET modseq = modseq + 100 WHERE uid = 4" },
    { "an ENVELOPE", "UPDATE message SET envelope = envelope || ' ' WHERE id = 3" },
    { "an octet of a message", "UPDATE chunk SET octets = CAST(octets || 'x' AS BLOB) WHERE message = 3" },
    { "the world's seed", "UPDATE value SET value = '2' WHERE name = 'seed'" },
    { "a sentence", "UPDATE sentence SET line = line || ' ' WHERE rowid = 3" },
    { "a tombstone", "UPDATE expunged SET modseq = modseq + 100" },
};

static void test_rows(void)
{
    for (size_t i = 0; i < COUNT(changes); i++) {
        char what[100];
        struct error why = { "" };
        struct world *world = play(1, false);
        uint64_t before = world_digest(world);
        bool done = store_tamper(world->store, changes[i][1], &why);
        snprintf(what, sizeof what, "%s in the store changes it", changes[i][0]);
        result(done && world_digest(world) != before, what);
        if (!done)
            printf("# %s\n", why.text);
        world_free(world);
    }
}

int main(void)
{
    test_surroundings();
    test_wire();
    test_timer();
    test_rows();
    printf("1..%d\n", number);
    return failed != 0;
}
