/* test_sasl.c: SASL's exchanges, and the digests beside them. */
#include "base/error.h"
#include "servers/auth/sasl.h"
#include "servers/mail/encoding.h"
#include "tests/unit/mail_check.h"

/* What the client sends after the mechanism's name: octets that are encoded here, or,
   with a leading '!', text as it is. NULL in the first place: no initial response. */
struct exchange {
    const char *mechanism;
    const char *answers[4];
    size_t lengths[4];            /* of octets with NULs; 0: strlen */
    enum sasl_result result;
    const char *authzid, *name, *password;
};

#define PLAIN(text) { text }, { sizeof(text) - 1 }

static const struct exchange exchanges[] = {
    /* RFC 4616 4 */
    { "PLAIN", PLAIN("\0tim\0tanstaaftanstaaf"), SASL_DONE, "", "tim", "tanstaaftanstaaf" },
    { "plain", PLAIN("Ursel\0Kurt\0xipj3plmq"), SASL_DONE, "Ursel", "Kurt", "xipj3plmq" },
    { "PLAIN",
      { NULL, "!AHRpbQB0YW5zdGFhZnRhbnN0YWFm" },
      { 0 },
      SASL_DONE,
      "",
      "tim",
      "tanstaaftanstaaf" },
    { "PLAIN", PLAIN("\0ana\0tu\303\274lip"), SASL_DONE, "", "ana", "tu\303\274lip" },
    { "PLAIN", PLAIN("\0ana"), SASL_BAD, 0, 0, 0 },
    { "PLAIN", PLAIN("ana"), SASL_BAD, 0, 0, 0 },
    { "PLAIN", PLAIN("\0ana\0tulip\0"), SASL_BAD, 0, 0, 0 },
    { "PLAIN", PLAIN("\0ana\0tu\0lip"), SASL_BAD, 0, 0, 0 },
    { "PLAIN", PLAIN("\0\0tulip"), SASL_BAD, 0, 0, 0 },
    { "PLAIN", PLAIN("\0ana\0"), SASL_BAD, 0, 0, 0 },
    { "PLAIN", PLAIN("\0an\r\na\0tulip"), SASL_BAD, 0, 0, 0 },
    { "PLAIN", PLAIN("\0ana\0tu\nlip"), SASL_BAD, 0, 0, 0 },
    { "PLAIN", PLAIN("\0ana\0\xff"), SASL_BAD, 0, 0, 0 },
    { "PLAIN", { "!=" }, { 0 }, SASL_BAD, 0, 0, 0 },
    { "PLAIN", { "!" }, { 0 }, SASL_BAD, 0, 0, 0 },
    { "PLAIN",
      { "!AHRpbQB0"
        "\r" },
      { 0 },
      SASL_BAD,
      0,
      0,
      0 },
    { "PLAIN", { "!not base64" }, { 0 }, SASL_BAD, 0, 0, 0 },
    { "PLAIN", { NULL, "!*" }, { 0 }, SASL_CANCELLED, 0, 0, 0 },
    { "PLAIN", { NULL, "!=" }, { 0 }, SASL_BAD, 0, 0, 0 },
    { "LOGIN", { NULL, "ana", "tulip" }, { 0 }, SASL_DONE, "", "ana", "tulip" },
    { "LOGIN", { "ana", "tulip" }, { 0 }, SASL_DONE, "", "ana", "tulip" },
    { "LOGIN", { NULL, "ana", "!" }, { 0 }, SASL_DONE, "", "ana", "" },
    { "LOGIN", { NULL, "!*" }, { 0 }, SASL_CANCELLED, 0, 0, 0 },
    { "LOGIN", { "ana", "!*" }, { 0 }, SASL_CANCELLED, 0, 0, 0 },
    { "LOGIN", { NULL, "a\na" }, { 0 }, SASL_BAD, 0, 0, 0 },
    { "LOGIN", { NULL, "ana", "!###" }, { 0 }, SASL_BAD, 0, 0, 0 },
    { "CRAM-MD4", { NULL }, { 0 }, SASL_UNKNOWN, 0, 0, 0 },
    { "", { NULL }, { 0 }, SASL_UNKNOWN, 0, 0, 0 },
    { "PLAINX", { NULL }, { 0 }, SASL_UNKNOWN, 0, 0, 0 },
};

static slice answer_text(struct buf *out, const char *answer, size_t len)
{
    if (!len && answer[0] == '!')
        return slice_of(answer + 1);
    buf_clear(out);
    base64_encode(out, (slice){ answer, len ? len : strlen(answer) });
    return buf_slice(out);
}

/* Each line is given in memory that is gone when the answer is looked at. */
static enum sasl_result play(struct sasl *sasl, const struct exchange *exchange)
{
    struct buf text = BUF_MAX(4000);
    slice line = SLICE_EMPTY;
    if (exchange->answers[0])
        line = answer_text(&text, exchange->answers[0], exchange->lengths[0]);
    enum sasl_result result = sasl_start(sasl, slice_of(exchange->mechanism),
                                         exchange->answers[0] ? &line : NULL);
    for (size_t i = 1; i < 4 && exchange->answers[i] && result == SASL_CONTINUE; i++)
        result = sasl_answer(sasl, answer_text(&text, exchange->answers[i], exchange->lengths[i]));
    buf_free(&text);
    return result;
}

START_TEST(exchange_table)
{
    struct arena arena = { 0 };
    struct sasl *sasl = sasl_new(&arena);
    for (size_t i = 0; i < COUNT(exchanges); i++) {
        enum sasl_result result = play(sasl, &exchanges[i]);
        ck_assert_msg(result == exchanges[i].result, "exchange %zu: %d", i, (int)result);
        if (result == SASL_DONE) {
            ck_slice(sasl->authzid, slice_of(exchanges[i].authzid));
            ck_slice(sasl->name, slice_of(exchanges[i].name));
            ck_slice(sasl->password, slice_of(exchanges[i].password));
        } else {
            ck_assert_uint_eq(sasl->password.len, 0);
        }
    }
    arena_free(&arena);
}
END_TEST

START_TEST(challenges)
{
    struct arena arena = { 0 };
    struct sasl *sasl = sasl_new(&arena);
    struct buf text = BUF_MAX(100);
    ck_assert_int_eq(sasl_start(sasl, SLICE("PLAIN"), NULL), SASL_CONTINUE);
    ck_slice(sasl->challenge, SLICE_EMPTY);
    ck_assert_int_eq(sasl_start(sasl, SLICE("LOGIN"), NULL), SASL_CONTINUE);
    ck_assert(base64_decode(&text, sasl->challenge));
    ck_slice(buf_slice(&text), SLICE("Username:"));
    buf_clear(&text);
    ck_assert_int_eq(sasl_answer(sasl, SLICE("YW5h")), SASL_CONTINUE);
    ck_assert(base64_decode(&text, sasl->challenge));
    ck_slice(buf_slice(&text), SLICE("Password:"));
    size_t count;
    const struct sasl_mechanism *mechanisms = sasl_mechanisms(&count);
    ck_assert_uint_eq(count, 2);
    ck_assert_str_eq(mechanisms[0].name, "PLAIN");
    buf_free(&text);
    arena_free(&arena);
}
END_TEST

START_TEST(lengths)
{
    struct arena arena = { 0 };
    struct sasl *sasl = sasl_new(&arena);
    for (size_t len = 1; len < 3000; len++) {
        struct buf octets = BUF_MAX(8000), text = BUF_MAX(16000);
        buf_add(&octets, (slice){ "\0", 1 });
        for (size_t i = 0; i < len; i++)
            buf_add_char(&octets, 'a');
        buf_add(&octets, (slice){ "\0p", 2 });
        base64_encode(&text, buf_slice(&octets));
        slice line = buf_slice(&text);
        ck_assert_int_eq(sasl_start(sasl, SLICE("PLAIN"), &line),
                         len <= 255 ? SASL_DONE : SASL_BAD);
        buf_free(&octets);
        buf_free(&text);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(forgetting)
{
    struct arena arena = { 0 };
    struct sasl *sasl = sasl_new(&arena);
    ck_assert_int_eq(play(sasl, &exchanges[0]), SASL_DONE);
    sasl_forget(sasl);
    for (size_t i = 0; i < sizeof sasl->kept; i++)
        ck_assert_int_eq(sasl->kept[i], 0);
    arena_free(&arena);
}
END_TEST

START_TEST(secrets)
{
    static const char *const words[] = { "",     "t",      "tulip",      "Tulip",
                                         "tuli", "tulipt", "tuliptulip", "?" };
    for (size_t i = 0; i < COUNT(words); i++)
        for (size_t k = 0; k < COUNT(words); k++)
            ck_assert(secret_equal(slice_of(words[i]), slice_of(words[k])) == (i == k));
}
END_TEST

START_TEST(md5)
{
    static const struct { const char *text, *hex; } cases[] = { /* RFC 1321 A.5 */
        { "", "d41d8cd98f00b204e9800998ecf8427e" },
        { "a", "0cc175b9c0f1b6a831c399e269772661" },
        { "abc", "900150983cd24fb0d6963f7d28e17f72" },
        { "message digest", "f96b697d7cb7938d525a2f31aaf161d0" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out = BUF_MAX(32);
        md5_hex(&out, slice_of(cases[i].text));
        ck_slice(buf_slice(&out), slice_of(cases[i].hex));
        buf_free(&out);
    }
}
END_TEST

START_TEST(apop)
{
    slice timestamp = SLICE("<1896.697170952@dbc.mtview.ca.us>"); /* RFC 1939 7 */
    slice digest = SLICE("c4c9334bac560ecc979e58001b3e22fb");
    ck_assert(apop_verify(timestamp, SLICE("tanstaaf"), digest));
    ck_assert(apop_verify(timestamp, SLICE("tanstaaf"), SLICE("C4C9334BAC560ECC979E58001B3E22FB")));
    ck_assert(!apop_verify(timestamp, SLICE("tanstaaF"), digest));
    ck_assert(!apop_verify(SLICE("<1@x>"), SLICE("tanstaaf"), digest));
    for (size_t len = 0; len < digest.len; len++)
        ck_assert(!apop_verify(timestamp, SLICE("tanstaaf"), slice_upto(digest, len)));
    ck_assert(
        !apop_verify(timestamp, SLICE("tanstaaf"), SLICE("c4c9334bac560ecc979e58001b3e22fb0")));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { exchange_table, challenges, lengths, forgetting,
                                   secrets,        md5,        apop };
    return run_tests("sasl", tests, COUNT(tests));
}
