/* fuzz_pop3_client.c: any octets as a POP3 server's answers. It must end once the line is
   lost, keep no message that did not come whole, and delete none that was not kept. */
#include "servers/pop3/pop3_client.h"
#include "sim/net/random.h"

struct owner {
    size_t octets, kept;
};

static struct pop3_wish wish(void *context, slice uidl)
{
    (void)context;
    must(uidl.len <= POP3_UIDL_MAX);
    return (struct pop3_wish){ uidl.len % 3 != 1, uidl.len % 2 == 0 };
}

static bool piece(void *context, slice octets)
{
    struct owner *owner = context;
    owner->octets += octets.len;
    return owner->octets < 100000;
}

static bool fetched(void *context, slice uidl)
{
    struct owner *owner = context;
    owner->kept++;
    return uidl.len != 6;
}

static const struct pop3_habit habits[] = {
    { .opening = "USER PASS STAT UIDL" },
    { .opening = "CAPA AUTH:SCRAM-SHA-256 STAT LIST UIDL",
      .deletes = POP3_DELE_LAST,
      .pipelines = true },
    { .opening = "APOP LIST UIDL", .lists_each = true, .top = "9", .deletes = POP3_DELE_FIRST },
    { .opening = "CAPA AUTH:CRAM-MD5 STAT",
      .otherwise = "USER PASS",
      .header_again = true,
      .newest_first = true,
      .empty_goes_on = true,
      .leaves = true },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct owner owner = { 0, 0 };
    slice octets = { (const char *)data, size };
    struct random random = { .seed = random_hash(octets) };
    struct pop3_job job = { .habit = &habits[random_below(&random, 4)],
                            .name = SLICE("a"),
                            .password = SLICE("b"),
                            .nonce = SLICE("c"),
                            .context = &owner,
                            .wish = wish,
                            .piece = piece,
                            .fetched = fetched };
    struct pop3_client *client = pop3_client_new(&job);
    while (octets.len && !pop3_client_is_over(client)) {
        slice part = slice_upto(octets, (size_t)random_below(&random, 40) + 1);
        pop3_client_input(client, part);
        pop3_client_sent(client, pop3_client_output(client).len);
        octets = slice_from(octets, part.len);
    }
    pop3_client_lost(client);
    must(pop3_client_ending(client) != POP3_RUNNING);
    must(pop3_client_counts(client)->fetched <= owner.kept);
    pop3_client_free(client);
    return 0;
}
