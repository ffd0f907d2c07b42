/* test_sasl.c: SASL's exchanges, and the digests beside them. */
#include "base/error.h"
#include "servers/auth/sasl_client.h"
#include "servers/auth/scram.h"

#include <stdio.h>
#include "servers/mail/encoding.h"
#include "tests/unit/mail_check.h"

/* What the client sends after the mechanism's name: octets that are encoded here, or,
   with a leading '!', text as it is. NULL in the first place: no initial response. */
struct exchange {
    const char *mechanism;
    const char *answers[4];
    size_t lengths[4]; /* of octets with NULs; 0: strlen */
    enum sasl_result result;
    const char *authzid, *name, *password;
};

#define PLAIN(text)                                                                                \
    { text }, { sizeof(text) - 1 }

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

/* RFC 7677 3's and RFC 2195 2's own conversations need their own nonces and salt. */
static void salt_of(void *context, slice name, uint8_t salt[SCRAM_SALT_BYTES])
{
    struct buf octets = BUF_MAX(SCRAM_SALT_BYTES);
    (void)context;
    (void)name;
    ck_assert(base64_decode(&octets, SLICE("W22ZaJ0SNY7soEsUEjb6gQ==")));
    memcpy(salt, octets.at, SCRAM_SALT_BYTES);
    buf_free(&octets);
}

static void scram_nonce(void *context, char nonce[SASL_NONCE_BYTES])
{
    (void)context;
    snprintf(nonce, SASL_NONCE_BYTES, "%s", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");
}

static void cram_nonce(void *context, char nonce[SASL_NONCE_BYTES])
{
    (void)context;
    snprintf(nonce, SASL_NONCE_BYTES, "1896");
}

static const struct sasl_server scram_server = {
    .host = { "mail.campus.example", 19 },
    .nonce = scram_nonce,
    .salt = salt_of,
};
static const struct sasl_server cram_server = {
    .host = { "postoffice.reston.mci.net", 25 },
    .nonce = cram_nonce,
    .now_ms = 697170952000,
    .salt = salt_of,
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
    enum sasl_result result = sasl_start(sasl, &scram_server, slice_of(exchange->mechanism),
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
    ck_assert_int_eq(sasl_start(sasl, &scram_server, SLICE("PLAIN"), NULL), SASL_CONTINUE);
    ck_slice(sasl->challenge, SLICE_EMPTY);
    ck_assert_int_eq(sasl_start(sasl, &scram_server, SLICE("LOGIN"), NULL), SASL_CONTINUE);
    ck_assert(base64_decode(&text, sasl->challenge));
    ck_slice(buf_slice(&text), SLICE("Username:"));
    buf_clear(&text);
    ck_assert_int_eq(sasl_answer(sasl, SLICE("YW5h")), SASL_CONTINUE);
    ck_assert(base64_decode(&text, sasl->challenge));
    ck_slice(buf_slice(&text), SLICE("Password:"));
    size_t count;
    const struct sasl_mechanism *mechanisms = sasl_mechanisms(&count);
    ck_assert_uint_eq(count, 4);
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
        ck_assert_int_eq(sasl_start(sasl, &scram_server, SLICE("PLAIN"), &line),
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
    static const struct {
        const char *text, *hex;
    } cases[] = {
        /* RFC 1321 A.5 */
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

static enum sasl_result say(struct sasl *sasl, const char *octets)
{
    struct buf text = BUF_MAX(4000);
    base64_encode(&text, slice_of(octets));
    enum sasl_result result = sasl_answer(sasl, buf_slice(&text));
    buf_free(&text);
    return result;
}

static void ck_challenge(const struct sasl *sasl, const char *octets)
{
    struct buf text = BUF_MAX(4000);
    ck_assert(base64_decode(&text, sasl->challenge));
    ck_slice(buf_slice(&text), slice_of(octets));
    buf_free(&text);
}

START_TEST(cram_as_in_rfc_2195)
{
    struct arena arena = { 0 };
    struct sasl *sasl = sasl_new(&arena);
    ck_assert_int_eq(sasl_start(sasl, &cram_server, SLICE("CRAM-MD5"), NULL), SASL_CONTINUE);
    ck_slice(sasl->challenge, SLICE("PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+"));
    ck_assert_int_eq(sasl_answer(sasl, SLICE("dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw")),
                     SASL_DONE);
    ck_slice(sasl->name, SLICE("tim"));
    ck_assert(!sasl_proves(sasl, SLICE("tanstaaf")));
    ck_assert(!sasl_proves(sasl, SLICE("")));
    ck_assert(sasl_proves(sasl, SLICE("tanstaaftanstaaf")));
    arena_free(&arena);
}
END_TEST

START_TEST(cram_refused)
{
    static const char *const answers[] = {
        "",
        " ",
        "tim",
        "tim ",
        " b913a602c7eda7a495b4e6e7334d3890",
        "tim b913a602c7eda7a495b4e6e7334d389",
        "tim b913a602c7eda7a495b4e6e7334d38900",
        "t\nim b913a602c7eda7a495b4e6e7334d3890",
        "t\xffm b913a602c7eda7a495b4e6e7334d3890",
    };
    struct arena arena = { 0 };
    struct sasl *sasl = sasl_new(&arena);
    slice early = SLICE("dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw");
    ck_assert_int_eq(sasl_start(sasl, &cram_server, SLICE("CRAM-MD5"), &early), SASL_BAD);
    for (size_t i = 0; i < COUNT(answers); i++) {
        ck_assert_int_eq(sasl_start(sasl, &cram_server, SLICE("CRAM-MD5"), NULL), SASL_CONTINUE);
        ck_assert_msg(say(sasl, answers[i]) == SASL_BAD, "%s", answers[i]);
    }
    arena_free(&arena);
}
END_TEST

#define HERS "rOprNGfwEbeRWgbNEkqO"
#define BOTH HERS "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define PROOF "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="

static enum sasl_result scram_begin(struct sasl *sasl, const char *first)
{
    ck_assert_int_eq(sasl_start(sasl, &scram_server, SLICE("SCRAM-SHA-256"), NULL), SASL_CONTINUE);
    ck_assert_uint_eq(sasl->challenge.len, 0);
    return say(sasl, first);
}

START_TEST(scram_as_in_rfc_7677)
{
    struct arena arena = { 0 };
    struct sasl *sasl = sasl_new(&arena);
    ck_assert_int_eq(scram_begin(sasl, "n,,n=user,r=" HERS), SASL_CONTINUE);
    ck_challenge(sasl, "r=" BOTH ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
    ck_assert_int_eq(say(sasl, "c=biws,r=" BOTH ",p=" PROOF), SASL_PROVE);
    ck_slice(sasl->name, SLICE("user"));
    ck_assert(sasl_proves(sasl, SLICE("pencil")));
    ck_challenge(sasl, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    ck_assert_int_eq(say(sasl, ""), SASL_DONE);
    arena_free(&arena);
}
END_TEST

/* A proof that is well formed and does not hold, for each reason there is. */
START_TEST(scram_proofs)
{
    static const struct {
        const char *final, *password;
        bool holds;
    } cases[] = {
        { "c=biws,r=" BOTH ",p=" PROOF, "pencil", true },
        { "c=biws,r=" BOTH ",p=" PROOF, "pencils", false },
        { "c=biws,r=" BOTH ",p=" PROOF, "", false },
        { "c=biws,r=" BOTH ",x=y,p=" PROOF, "pencil", false }, /* another message */
        { "c=eSws,r=" BOTH ",p=" PROOF, "pencil", false },     /* "y,,": not what she began with */
        { "c=biws,r=" HERS ",p=" PROOF, "pencil", false },
        { "c=biws,r=" BOTH "x,p=" PROOF, "pencil", false },
        { "c=biws,r=" BOTH ",p=AAAAZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "pencil", false },
    };
    struct arena arena = { 0 };
    struct sasl *sasl = sasl_new(&arena);
    for (size_t i = 0; i < COUNT(cases); i++) {
        ck_assert_int_eq(scram_begin(sasl, "n,,n=user,r=" HERS), SASL_CONTINUE);
        ck_assert_int_eq(say(sasl, cases[i].final), SASL_PROVE);
        ck_assert_msg(sasl_proves(sasl, slice_of(cases[i].password)) == cases[i].holds, "%zu", i);
        ck_assert_int_eq(say(sasl, ""), cases[i].holds ? SASL_DONE : SASL_BAD);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(scram_first_messages)
{
    static const struct {
        const char *first, *authzid, *name;
        enum sasl_result result;
    } cases[] = {
        { "n,,n=user,r=abc", "", "user", SASL_CONTINUE },
        { "y,,n=user,r=abc", "", "user", SASL_CONTINUE },
        { "n,a=ana,n=user,r=abc", "ana", "user", SASL_CONTINUE },
        { "n,,n=a=2Cb=3Dc,r=abc,ext=1", "", "a,b=c", SASL_CONTINUE },
        { "n,a=a=2Cb,n=u,r=abc", "a,b", "u", SASL_CONTINUE },
        { "p=tls-unique,,n=user,r=abc", "", "", SASL_UNKNOWN },
        { "p=tls-exporter,,n=user,r=abc", "", "", SASL_UNKNOWN },
        { "", "", "", SASL_BAD },
        { "n", "", "", SASL_BAD },
        { "n,", "", "", SASL_BAD },
        { "n,,", "", "", SASL_BAD },
        { "x,,n=user,r=abc", "", "", SASL_BAD },
        { "n,b=ana,n=user,r=abc", "", "", SASL_BAD },
        { "n,,m=must,n=user,r=abc", "", "", SASL_BAD },
        { "n,,n=user", "", "", SASL_BAD },
        { "n,,n=user,r=", "", "", SASL_BAD },
        { "n,,n=user,r=a b", "", "", SASL_BAD },
        { "n,,n=,r=abc", "", "", SASL_BAD },
        { "n,,n=a=2cb,r=abc", "", "", SASL_BAD },
        { "n,,n=a=,r=abc", "", "", SASL_BAD },
        { "n,,n=\xff,r=abc", "", "", SASL_BAD },
        { "n,,n=a\r\nb,r=abc", "", "", SASL_BAD },
        { "n,,r=abc,n=user", "", "", SASL_BAD },
    };
    struct arena arena = { 0 };
    struct sasl *sasl = sasl_new(&arena);
    for (size_t i = 0; i < COUNT(cases); i++) {
        ck_assert_msg(scram_begin(sasl, cases[i].first) == cases[i].result, "%s", cases[i].first);
        if (cases[i].result == SASL_CONTINUE) {
            ck_slice(sasl->authzid, slice_of(cases[i].authzid));
            ck_slice(sasl->name, slice_of(cases[i].name));
        } else {
            ck_assert_ptr_null(sasl->mechanism);
        }
    }
    arena_free(&arena);
}
END_TEST

START_TEST(scram_final_messages)
{
    static const char *const finals[] = {
        "",
        "c=biws",
        "c=biws,r=" BOTH,
        "c=biws,r=" BOTH ",p=",
        "c=biws,r=" BOTH ",p=AAAA",
        "c=biws,r=" BOTH ",p=" PROOF "x",
        "r=" BOTH ",c=biws,p=" PROOF,
        "c=biws,p=" PROOF,
        "c=biws,r=" BOTH ",x=" PROOF,
        "c=biws,r=" BOTH ",p=not base64 at all",
        ",,,,,,,,",
        "c=biws,r=" BOTH ",p=" PROOF ",x=y",
    };
    struct arena arena = { 0 };
    struct sasl *sasl = sasl_new(&arena);
    for (size_t i = 0; i < COUNT(finals); i++) {
        ck_assert_int_eq(scram_begin(sasl, "n,,n=user,r=" HERS), SASL_CONTINUE);
        ck_assert_msg(say(sasl, finals[i]) == SASL_BAD, "%s", finals[i]);
    }
    ck_assert_int_eq(scram_begin(sasl, "n,,n=user,r=" HERS), SASL_CONTINUE);
    ck_assert_int_eq(say(sasl, "c=biws,r=" BOTH ",p=" PROOF), SASL_PROVE);
    ck_assert(sasl_proves(sasl, SLICE("pencil")));
    ck_assert_int_eq(say(sasl, "something more"), SASL_BAD);
    arena_free(&arena);
}
END_TEST

START_TEST(scram_lengths)
{
    struct arena arena = { 0 };
    struct sasl *sasl = sasl_new(&arena);
    for (size_t len = 1; len < 1000; len++) {
        struct buf name = BUF_MAX(4000), nonce = BUF_MAX(4000);
        buf_add_text(&name, "n,,n=");
        buf_add_text(&nonce, "n,,n=user,r=");
        for (size_t i = 0; i < len; i++) {
            buf_add_char(&name, 'a');
            buf_add_char(&nonce, 'a');
        }
        buf_add_text(&name, ",r=abc");
        ck_assert_int_eq(scram_begin(sasl, buf_text(&name)), len <= 255 ? SASL_CONTINUE : SASL_BAD);
        ck_assert_int_eq(scram_begin(sasl, buf_text(&nonce)),
                         len <= SCRAM_NONCE_MAX ? SASL_CONTINUE : SASL_BAD);
        buf_free(&name);
        buf_free(&nonce);
    }
    arena_free(&arena);
}
END_TEST

/* The client's side: the same examples, answered. */
static void client_says(struct sasl_client *client, const char *challenge, const char *answer)
{
    struct buf out = BUF_MAX(1000);
    ck_assert_int_eq(sasl_client_answer(client, slice_of(challenge), &out), answer != NULL);
    ck_assert_str_eq(buf_text(&out), answer ? answer : "");
    buf_free(&out);
}

START_TEST(client_as_in_the_rfcs)
{
    struct sasl_client client;
    slice name = SLICE("tim"), password = SLICE("tanstaaftanstaaf"), nonce = SLICE("n");
    ck_assert(!sasl_client_begin(&client, SLICE("GSSAPI"), name, password, nonce));
    client_says(&client, "", NULL);
    ck_assert(sasl_client_begin(&client, SLICE("PLAIN"), name, password, nonce)); /* RFC 4616 4 */
    client_says(&client, "", "AHRpbQB0YW5zdGFhZnRhbnN0YWFm");
    client_says(&client, "", NULL);
    ck_assert(sasl_client_begin(&client, SLICE("login"), name, password, nonce));
    client_says(&client, "VXNlcm5hbWU6", "dGlt");
    client_says(&client, "UGFzc3dvcmQ6", "dGFuc3RhYWZ0YW5zdGFhZg==");
    client_says(&client, "UGFzc3dvcmQ6", NULL);
    ck_assert(sasl_client_begin(&client, SLICE("CRAM-MD5"), name, password, nonce));
    client_says(&client, "PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+", /* RFC 2195 */
                "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw");
    ck_assert(sasl_client_begin(&client, SLICE("CRAM-MD5"), name, password, nonce));
    client_says(&client, "no base64", NULL);
}
END_TEST

#define SERVER_NONCE "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"

static void server_first_is(const char *text, const char *answer)
{
    struct sasl_client client;
    struct buf challenge = BUF_MAX(1000), wanted = BUF_MAX(1000);
    sasl_client_begin(&client, SLICE("SCRAM-SHA-256"), SLICE("user"), SLICE("pencil"),
                      SLICE("rOprNGfwEbeRWgbNEkqO"));
    client_says(&client, "", "biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8=");
    base64_encode(&challenge, slice_of(text));
    if (answer)
        base64_encode(&wanted, slice_of(answer));
    client_says(&client, buf_text(&challenge), answer ? buf_text(&wanted) : NULL);
    static const char proof[] = "dj02cnJpVFJCaTIzV3BSUi93dHVwK21NaFVaVW4vZEI1bkxUSlJzamw5NUc0PQ==";
    if (answer) {
        client_says(&client, proof, "");
        client_says(&client, proof, NULL); /* else it would go on as long as the server likes */
    }
    buf_free(&challenge);
    buf_free(&wanted);
}

START_TEST(client_scram)
{
    server_first_is("r=" SERVER_NONCE ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", /* RFC 7677 3 */
                    "c=biws,r=" SERVER_NONCE ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    server_first_is("r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", NULL);
    server_first_is("r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", NULL);
    server_first_is("r=" SERVER_NONCE ",s=,i=4096", NULL);
    server_first_is("r=" SERVER_NONCE ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0", NULL);
    server_first_is("r=" SERVER_NONCE ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=9999999", NULL);
    server_first_is("e=other-error", NULL);
}
END_TEST

START_TEST(salts)
{
    uint8_t one[SCRAM_SALT_BYTES], other[SCRAM_SALT_BYTES];
    slice host = SLICE("mail.campus.example");
    scram_salt(1, host, SLICE("ana"), one);
    scram_salt(1, host, SLICE("ANA"), other);
    ck_assert_mem_eq(one, other, sizeof one);
    scram_salt(1, host, SLICE("bo"), other);
    ck_assert_mem_ne(one, other, sizeof one);
    scram_salt(2, host, SLICE("ana"), other);
    ck_assert_mem_ne(one, other, sizeof one);
    scram_salt(1, SLICE("mx.bakery.example"), SLICE("ana"), other);
    ck_assert_mem_ne(one, other, sizeof one);
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
    const TTest *const tests[] = { exchange_table,
                                   challenges,
                                   lengths,
                                   forgetting,
                                   secrets,
                                   md5,
                                   apop,
                                   cram_as_in_rfc_2195,
                                   cram_refused,
                                   scram_as_in_rfc_7677,
                                   scram_proofs,
                                   scram_first_messages,
                                   scram_final_messages,
                                   scram_lengths,
                                   salts,
                                   client_as_in_the_rfcs,
                                   client_scram };
    return run_tests("sasl", tests, COUNT(tests));
}
