/* test_login.c: who is let in. */
#include "servers/login.h"
#include "servers/mail/encoding.h"
#include "servers/store/store.h"
#include "tests/unit/mail_check.h"
#include "tests/unit/store_check.h"

#define HOST "mail.campus.example"

static struct test_clock test_clock;
static struct policy policy = { .name = HOST };
static uint64_t new_id(struct services *asked)
{
    static uint64_t ids;
    (void)asked;
    return ++ids;
}

static struct services services = { .policy = &policy, .new_id = new_id };
static struct session session = { .services = &services };

static void setup(void)
{
    int64_t id;
    test_clock = (struct test_clock){ START_MS, 1 };
    services.store = world_open(NULL, &test_clock);
    struct store *store = services.store;
    ck_assert(store_user_add(store, SLICE("ana@campus.example"), SLICE(HOST), SLICE("tulip"), &id));
    ck_assert(store_user_add(store, SLICE("bo@campus.example"), SLICE(HOST), SLICE("maple"), &id));
    ck_assert(store_user_add(store, SLICE("dora@bakery.example"), SLICE("mx.bakery.example"),
                             SLICE("rye"), &id));
}

static void teardown(void) { store_close(services.store); }

START_TEST(passwords)
{
    static const struct {
        const char *name, *password;
        bool good;
    } cases[] = {
        { "ana", "tulip", true },
        { "ANA@Campus.Example", "tulip", true },
        { "ana", "Tulip", false },
        { "ana", "maple", false },
        { "ana", "", false },
        { "ana", "tuliptulip", false },
        { "", "tulip", false },
        { "nobody", "nobody's", false },  /* the stand-in's password opens nothing */
        { "dora", "rye", false },         /* another host's user */
        { "dora@bakery.example", "rye", false },
        { "ana' OR '1'='1", "tulip", false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct user user = { 0 };
        bool good = login_check(&session, slice_of(cases[i].name), slice_of(cases[i].password),
                                &user);
        ck_assert_msg(good == cases[i].good, "%s %s", cases[i].name, cases[i].password);
        ck_assert_str_eq(user.address, good ? "ana@campus.example" : "");
    }
    struct user user;
    ck_assert(!login_check(&session, (slice){ "ana\0x", 5 }, SLICE("tulip"), &user));
    ck_assert(!login_check(&session, SLICE("ana"), (slice){ "tulip\0", 6 }, &user));
}
END_TEST

static bool sasl_login(slice octets, struct user *user)
{
    struct arena arena = { 0 };
    struct sasl *sasl = sasl_new(&arena);
    struct buf text = BUF_MAX(1000);
    base64_encode(&text, octets);
    slice line = buf_slice(&text);
    bool good = login_sasl(&session, sasl, SLICE("PLAIN"), &line, user) == OUT_OK;
    ck_assert_uint_eq(sasl->password.len, 0);
    buf_free(&text);
    arena_free(&arena);
    return good;
}

START_TEST(identities)
{
    struct user user;
    ck_assert(sasl_login(SLICE("\0ana\0tulip"), &user));
    ck_assert(sasl_login(SLICE("ana\0ana\0tulip"), &user));
    ck_assert(sasl_login(SLICE("Ana@campus.example\0ana\0tulip"), &user));
    ck_assert(sasl_login(SLICE("ana\0ana@campus.example\0tulip"), &user));
    ck_assert(!sasl_login(SLICE("bo\0ana\0tulip"), &user));
    ck_assert(!sasl_login(SLICE("ana@bakery.example\0ana\0tulip"), &user));
    ck_assert(!sasl_login(SLICE("\0ana\0maple"), &user));
}
END_TEST

START_TEST(digests)
{
    slice timestamp = SLICE("<1@mail.campus.example>");
    struct buf good = BUF_MAX(32), stand_in = BUF_MAX(32);
    struct user user;
    md5_hex(&good, SLICE("<1@mail.campus.example>tulip"));
    md5_hex(&stand_in, SLICE("<1@mail.campus.example>nobody's"));
    ck_assert(login_check_apop(&session, SLICE("ana"), timestamp, buf_slice(&good), &user));
    ck_assert_str_eq(user.address, "ana@campus.example");
    ck_assert(!login_check_apop(&session, SLICE("bo"), timestamp, buf_slice(&good), &user));
    ck_assert(!login_check_apop(&session, SLICE("eve"), timestamp, buf_slice(&stand_in), &user));
    ck_assert(!login_check_apop(&session, SLICE("ana"), SLICE("<2@x>"), buf_slice(&good), &user));
    buf_free(&good);
    buf_free(&stand_in);
}
END_TEST

/* The salt that server-first tells for a name. */
static void salt_told(const char *name, struct buf *salt)
{
    struct arena arena = { 0 };
    struct sasl *sasl = sasl_new(&arena);
    struct user user;
    struct buf first = BUF_MAX(500), text = BUF_MAX(1000), challenge = BUF_MAX(1000);
    buf_format(&first, "n,,n=%s,r=abc", name);
    base64_encode(&text, buf_slice(&first));
    slice line = buf_slice(&text);
    enum outcome outcome = login_sasl(&session, sasl, SLICE("SCRAM-SHA-256"), &line, &user);
    ck_assert_int_eq(outcome, OUT_CONTINUE);
    ck_assert(base64_decode(&challenge, session.detail));
    slice rest = buf_slice(&challenge);
    take_until(&rest, ',');
    buf_add(salt, take_until(&rest, ','));
    buf_free(&first);
    buf_free(&text);
    buf_free(&challenge);
    arena_free(&session.scratch);
    arena_free(&arena);
}

/* Whoever asks twice, or by either of the names, is told the same salt; nobody's too. */
START_TEST(salts_tell_nothing)
{
    static const char *const names[][2] = {
        { "ana", "ana@campus.example" },   { "ana", "ANA" },
        { "eve", "eve@campus.example" },   { "eve", "Eve@mail.campus.example" },
        { "eve@elsewhere.example", "eve@elsewhere.example" },
    };
    snprintf(policy.domains[0], sizeof policy.domains[0], "campus.example");
    policy.domain_count = 1;
    for (size_t i = 0; i < COUNT(names); i++) {
        struct buf one = BUF_MAX(100), other = BUF_MAX(100);
        salt_told(names[i][0], &one);
        salt_told(names[i][1], &other);
        ck_assert_uint_eq(one.len, strlen("s=") + 24);
        ck_slice(buf_slice(&one), buf_slice(&other));
        buf_free(&one);
        buf_free(&other);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("login");
    TCase *tcase = tcase_create("login");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, passwords);
    tcase_add_test(tcase, identities);
    tcase_add_test(tcase, digests);
    tcase_add_test(tcase, salts_tell_nothing);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
