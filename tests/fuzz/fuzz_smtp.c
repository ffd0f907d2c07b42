/* fuzz_smtp.c: any octets into an SMTP session, or an LMTP one. Every reply line must be one: three
   digits, a blank or a dash, no control characters. */
#include "servers/lmtp/lmtp.h"
#include "servers/session.h"
#include "tests/fuzz/session_fuzz.h"

static void look(struct fuzz *fuzz, slice out)
{
    (void)fuzz;
    while (out.len) {
        slice line = take_until(&out, '\n');
        must(line.len >= 5 && line.at[line.len - 1] == '\r');
        must(is_digit((unsigned char)line.at[0]) && is_digit((unsigned char)line.at[1]) &&
             is_digit((unsigned char)line.at[2]) && (line.at[3] == ' ' || line.at[3] == '-'));
        for (size_t i = 0; i + 1 < line.len; i++)
            must(line.at[i] != '\r' && line.at[i] != '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first octet says what holds: submission, greylisting, required TLS, EHLO said …,
   STARTTLS; LMTP. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fuzz fuzz;
    if (size < 1)
        return 0;
    slice input = { (const char *)data + 1, size - 1 };
    fuzz_open(&fuzz, input);
    fuzz.policy.greylist = data[0] & 2;
    fuzz.policy.require_tls = data[0] & 4;
    fuzz.session = session_open(data[0] & 128 ? &lmtp_protocol : &smtp_protocol, &fuzz.services, 1,
                                (data[0] & 1 ? FACT_SUBMISSION : 0) |
                                    (data[0] & 64 ? FACT_STARTTLS : 0u),
                                SLICE("laptop.campus.example"), SLICE("192.0.2.10"));
    if (data[0] & 8)
        fuzz_feed(&fuzz, data[0] & 128 ? SLICE("LHLO laptop\r\n") : SLICE("EHLO laptop\r\n"), look);
    if (data[0] & 1 && data[0] & 16)
        fuzz_feed(&fuzz, SLICE("AUTH PLAIN AGFuYQB0dWxpcA==\r\n"), look);
    if (data[0] & 32)
        fuzz_feed(&fuzz,
                  SLICE("MAIL FROM:<a@b.example>\r\nRCPT TO:<bo@campus.example>\r\nDATA\r\n"),
                  look);
    fuzz_feed(&fuzz, input, look);
    fuzz_close(&fuzz);
    return 0;
}
