/* fuzz_imap.c: any octets into an IMAP session, while another idles on the same mailbox.
   Whatever comes, both say only what RFC 3501's grammar allows, and the one that idles
   ends with the server's own count of messages. */
#include "servers/imap/imap.h"
#include "servers/session.h"
#include "servers/store/store.h"
#include "tests/fuzz/session_fuzz.h"
#include "tests/transcripts/response.h"

static struct response *response, *other_response;

static void feed(struct response *reader, slice out)
{
    struct error why = { "" };
    if (response_feed(reader, out, &why))
        return;
    fprintf(stderr, "%s\n", why.text);
    bool the_grammar_knows_the_response = false;
    must(the_grammar_knows_the_response);
}

static void look(struct fuzz *fuzz, slice out)
{
    (void)fuzz;
    feed(response, out);
}

static void look_at_other(struct fuzz *fuzz, slice out)
{
    (void)fuzz;
    feed(other_response, out);
}

static struct session *open_session(struct fuzz *fuzz, uint64_t id)
{
    return session_open(&imap_protocol, &fuzz->services, id, FACT_STARTTLS,
                        SLICE("phone.campus.example"), SLICE("192.0.2.10"));
}

/* Two sessions, and one drain that knows of one: it is lent. */
static struct session *other_open(struct fuzz *fuzz)
{
    other_response = response_new();
    fuzz->session = open_session(fuzz, 2);
    fuzz_feed(fuzz, SLICE("o LOGIN ana tulip\r\no SELECT INBOX\r\no IDLE\r\n"), look_at_other);
    return fuzz->session;
}

static void other_close(struct fuzz *fuzz, struct session *other)
{
    const struct imap_view *view = &imap_of(other)->view;
    fuzz->session = other;
    session_changed(other);
    fuzz_drain(fuzz, look_at_other);
    if (!session_is_closed(other)) {
        struct uid_list *list = store_uids(fuzz->store, view->mailbox);
        must(list && list->count == imap_view_count(view));
        uid_list_release(list);
    }
    fuzz_close(fuzz);
    response_free(other_response);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fuzz fuzz;
    if (size < 1)
        return 0;
    slice input = { (const char *)data + 1, size - 1 };
    fuzz_open(&fuzz, input);
    fuzz.services.changed = fuzz_stop_doubling;
    fuzz.policy.refusal_count = 0;
    struct session *other = data[0] & 1 ? other_open(&fuzz) : NULL;
    fuzz.policy.require_tls = (data[0] & 14) == 0 && (data[0] & 16);
    response = response_new();
    struct session *session = fuzz.session = open_session(&fuzz, 1);
    if (data[0] & 14)
        fuzz_feed(&fuzz, SLICE("a LOGIN ana tulip\r\n"), look);
    if (data[0] & 12)
        fuzz_feed(&fuzz, data[0] & 8 ? SLICE("b SELECT INBOX\r\n") : SLICE("b EXAMINE INBOX\r\n"),
                  look);
    fuzz_feed(&fuzz, input, look);
    if (other)
        other_close(&fuzz, other);
    fuzz.session = session;
    fuzz_close(&fuzz);
    response_free(response);
    return 0;
}
