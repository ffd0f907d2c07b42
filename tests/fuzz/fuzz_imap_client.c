/* fuzz_imap_client.c: any octets as an IMAP server's responses, to a client that says a
   command after every answer. It must end once the line is lost, and give its owner nothing
   that was not there. */
#include "servers/imap/imap_client.h"
#include "sim/net/random.h"

struct owner {
    struct imap_client *client;
    size_t answers;
};

static void listed(void *context, const struct imap_listed *what)
{
    (void)context;
    must(what->name.len <= IMAP_RESPONSE_MAX);
}

static void fetched(void *context, const struct imap_fetched *what)
{
    (void)context;
    must(what->flags < 32);
    must(what->text.at != NULL);
}

static void answered(void *context, enum imap_answer answer, slice text)
{
    struct owner *owner = context;
    (void)answer;
    (void)text;
    switch (owner->answers++ % 4) {
    case 0: imap_say_login(owner->client, SLICE("a"), SLICE("b\"")); return;
    case 1: imap_say_select(owner->client, SLICE("INBOX"), false); return;
    case 2: imap_say_append(owner->client, SLICE("x"), 31, 0, SLICE("letter")); return;
    default: imap_say(owner->client, "NOOP");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct owner own = { NULL, 0 };
    struct imap_owner owner = { &own, listed, fetched, answered, NULL, NULL, NULL };
    own.client = imap_client_new(&owner);
    slice octets = { (const char *)data, size };
    struct random random = { .seed = random_hash(octets) };
    while (octets.len && !imap_client_is_over(own.client)) {
        slice part = slice_upto(octets, (size_t)random_below(&random, 40) + 1);
        imap_client_input(own.client, part);
        imap_client_sent(own.client, imap_client_output(own.client).len);
        octets = slice_from(octets, part.len);
    }
    imap_client_lost(own.client);
    must(imap_client_ending(own.client) != IMAP_RUNNING);
    imap_client_free(own.client);
    return 0;
}
