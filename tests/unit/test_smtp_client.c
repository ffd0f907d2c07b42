/* test_smtp_client.c: the client's end of SMTP as a mail program uses it: it logs in before
   MAIL (RFC 4954 4, the example of RFC 4616 4), and says nothing of the message if it can't.
   The relay's use of it is in test_relay.c. */
#include "servers/smtp/smtp_client.h"

#include "tests/unit/client_play.h"

static bool message_read(void *context, uint64_t offset, uint64_t len, struct buf *out)
{
    (void)context;
    slice text = SLICE("Subject: x\r\n\r\n.dot\r\n");
    return buf_add(out, slice_upto(slice_from(text, (size_t)offset), (size_t)len));
}

static void input(void *client, slice octets) { smtp_client_input(client, octets); }
static slice output(void *client) { return smtp_client_output(client); }
static void sent(void *client, size_t octets) { smtp_client_sent(client, octets); }

#define HELLO "S: 220 mail ESMTP\nC: EHLO laptop\nS: 250-mail\n"
#define LOGIN "C: AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm\n"

static const struct {
    const char *script;
    enum smtp_verdict verdict;
    bool logged_in;
    const char *reply;
} cases[] = {
    { HELLO "S: 250-AUTH DIGEST-MD5 plain\nS: 250 HELP\n" LOGIN "S: 235 2.7.0 ok\n"
      "C: MAIL FROM:<tim@x.example>\nS: 250 ok\nC: RCPT TO:<b@x.example>\nS: 250 ok\nC: DATA\n"
      "S: 354 go\nC: Subject: x\nC: \nC: ..dot\nC: .\nS: 250 2.0.0 taken\nC: QUIT\nS: 221 bye\n",
      SMTP_ACCEPTED, true, "250 2.0.0 taken" },
    { HELLO "S: 250 AUTH PLAIN\n" LOGIN "S: 535 5.7.8 no\nC: QUIT\nS: 221 bye\n", SMTP_REFUSED,
      false, "535 5.7.8 no" },
    { HELLO "S: 250 AUTH PLAIN\n" LOGIN "S: 454 4.7.0 later\nC: QUIT\nS: 221 bye\n", SMTP_LATER,
      false, "454 4.7.0 later" },
    { HELLO "S: 250 AUTH PLAIN\n" LOGIN "S: 334 \nC: QUIT\nS: 221 bye\n", SMTP_LATER, false,
      "334 " },
    { HELLO "S: 250-AUTH LOGIN PLAINER\nS: 250 HELP\nC: QUIT\nS: 221 bye\n", SMTP_LATER, false,
      "4.7.0 the server offers no login with PLAIN" },
    /* HELO gives no extensions, so no way to log in */
    { "S: 220 mail\nC: EHLO laptop\nS: 502 what?\nC: HELO laptop\nS: 250 AUTH PLAIN\nC: QUIT\n"
      "S: 221 bye\n",
      SMTP_LATER, false, "4.7.0 the server offers no login with PLAIN" },
};

static void case_play(size_t i, bool trickle)
{
    const slice recipients[] = { SLICE("b@x.example") };
    const struct smtp_job job = {
        .hello = SLICE("laptop"), .sender = SLICE("tim@x.example"), .recipients = recipients,
        .recipient_count = 1, .size = 20, .read = message_read, .name = SLICE("tim"),
        .password = SLICE("tanstaaftanstaaf"),
    };
    struct smtp_client *client = smtp_client_new(&job);
    struct played played = { client, input, output, sent, trickle };
    slice reply;
    play(&played, cases[i].script);
    ck_assert(smtp_client_is_over(client));
    ck_assert_int_eq(smtp_client_verdict(client, 0, &reply), cases[i].verdict);
    ck_slice(reply, slice_of(cases[i].reply));
    ck_assert_int_eq(smtp_client_logged_in(client), cases[i].logged_in);
    smtp_client_free(client);
}

START_TEST(it_logs_in_before_the_message)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        case_play(i, false);
        case_play(i, true);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("smtp_client");
    tcase_add_test(tests, it_logs_in_before_the_message);
    return run_cases("smtp_client", tests);
}
