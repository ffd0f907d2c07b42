/* fuzz_pop3.c: any octets into a POP3 session. Whatever comes, what is said ends in CRLF
   lines, and nothing is removed but by QUIT. */
#include "servers/pop3/pop3.h"
#include "servers/session.h"
#include "servers/store/store.h"
#include "tests/fuzz/session_fuzz.h"

static void look(struct fuzz *fuzz, slice out)
{
    (void)fuzz;
    while (out.len) {
        slice line = take_until(&out, '\n');
        must(line.len >= 1 && line.at[line.len - 1] == '\r');
    }
}

static uint32_t messages(struct fuzz *fuzz)
{
    struct user ana;
    struct mailbox inbox;
    must(store_user_by_address(fuzz->store, SLICE("ana@campus.example"), &ana) &&
         store_mailbox_find(fuzz->store, ana.id, SLICE("INBOX"), &inbox));
    return inbox.messages;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fuzz fuzz;
    if (size < 1)
        return 0;
    slice input = { (const char *)data + 1, size - 1 };
    fuzz_open(&fuzz, input);
    fuzz.policy.require_tls = data[0] & 4;
    fuzz.session = session_open(&pop3_protocol, &fuzz.services, 1,
                                data[0] & 8 ? FACT_STARTTLS : 0, SLICE("laptop.campus.example"),
                                SLICE("192.0.2.10"));
    if (data[0] & 1)
        fuzz_feed(&fuzz, SLICE("USER ana\r\nPASS tulip\r\n"), look);
    fuzz_feed(&fuzz, input, look);
    bool ended = session_is_closed(fuzz.session);
    uint32_t before = messages(&fuzz);
    session_lost(fuzz.session);
    must(ended || messages(&fuzz) == before);
    fuzz_close(&fuzz);
    return 0;
}
