/* fuzz_smtp_client.c: any octets as a server's answers to the relay's client. It must end,
   decide about every recipient once the line is lost, and call nobody's message accepted
   that was not answered with 2xx. */
#include "servers/smtp/smtp_client.h"
#include "servers/store/store.h"
#include "sim/net/random.h"

static bool read_message(void *context, uint64_t offset, uint64_t len, struct buf *out)
{
    static const char message[] = "Subject: x\r\n\r\n.dot\n\r\rbare\r\n";
    (void)context;
    slice text = { message, sizeof message - 1 };
    return buf_add(out, slice_upto(slice_from(text, (size_t)offset), (size_t)len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const slice recipients[] = { SLICE("a@b.example"), SLICE("c@b.example") };
    static const struct dsn dsn = { .notify = NOTIFY_SUCCESS | NOTIFY_DELAY, .utf8 = true,
                                          .envid = "a+2Bb", .orcpt = "rfc822;c" };
    static const struct dsn none;
    const struct dsn *const both[] = { size & 1 ? &dsn : &none, &dsn };
    struct smtp_job job = {
        .hello = SLICE("me.example"), .sender = SLICE("x@y.example"), .recipients = recipients,
        .recipient_count = 2, .utf8 = true, .dsn = both, .size = 30, .read = read_message,
        .name = size % 2 ? SLICE("ana") : SLICE_EMPTY, .password = SLICE("tulip")
    };
    struct smtp_client *client = smtp_client_new(&job);
    slice octets = { (const char *)data, size };
    struct random random = { .seed = random_hash(octets) };
    while (octets.len && !smtp_client_is_over(client)) {
        slice piece = slice_upto(octets, (size_t)random_below(&random, 40) + 1);
        smtp_client_input(client, piece);
        for (slice out = smtp_client_output(client); out.len; out = smtp_client_output(client))
            smtp_client_sent(client, out.len);
        octets = slice_from(octets, piece.len);
    }
    smtp_client_lost(client, SLICE("gone"));
    for (size_t i = 0; i < 2; i++) {
        slice reply;
        enum smtp_verdict verdict = smtp_client_verdict(client, i, &reply);
        must(verdict != SMTP_PENDING);
        must(verdict != SMTP_ACCEPTED || reply.at[0] == '2');
    }
    smtp_client_free(client);
    return 0;
}
