/* test_seal.c: what stands behind STARTTLS in the open never reaches an engine's commands,
   however it comes, and TLS is asked of the world exactly once, behind the reply. */
#include "servers/imap/imap.h"
#include "servers/pop3/pop3.h"
#include "servers/smtp/smtp.h"
#include "sim/hosts/host.h"
#include "sim/language/build.h"
#include "tests/unit/sim_check.h"

static const struct sealing {
    const struct protocol *protocol;
    const char *before;     /* said before, each answered */
    const char *begin;      /* the line that begins TLS, and its answer */
    const char *answer;
    const char *injected;   /* behind it */
    const char *after;      /* said in TLS, and its answer */
    const char *then;
} sealings[] = {
    { &smtp_protocol, "HELO laptop\r\n", "STARTTLS\r\n", "220 2.0.0 Ready to start TLS\r\n",
      "NOOP\r\nEHLO thief\r\nMAIL FROM:<>\r\nRCPT", "VRFY bo\r\n",
      "252 2.0.0 Cannot VRFY user, RCPT will tell\r\n" },
    { &pop3_protocol, "USER cem\r\n", "STLS\r\n", "+OK Begin TLS negotiation\r\n",
      "NOOP\r\nUSER cem\r\nPASS birch\r\nST", "PASS birch\r\n", "-ERR send USER first\r\n" },
    { &imap_protocol, "a0 NOOP\r\n", "a1 STARTTLS\r\n", "a1 OK Begin TLS negotiation now\r\n",
      "x1 NOOP\r\nx2 LOGIN cem birch\r\nx3 LOGIN cem {5}\r\nbi", "a2 NOOP\r\n",
      "a2 OK NOOP completed\r\n" },
};

struct stage {
    struct world *world;
    struct policy policy;
    struct services services;
    struct session *session;
    size_t seals;
    bool answered;          /* when it was asked to seal, the reply had been said */
};

static const struct command *const no_commands[] = { NULL };

static uint64_t on_new_id(struct services *services)
{
    (void)services;
    return 7;
}

static void on_seal(struct services *services, struct session *session)
{
    struct stage *stage = services->context;
    stage->seals++;
    stage->answered = session_output(session).len > 0;
}

static void stage_open(struct stage *stage, const struct sealing *sealing)
{
    struct error why = { "" };
    *stage = (struct stage){ 0 };
    stage->world = world_new(NULL, NULL, no_commands, slice_of(default_world), SLICE("default"),
                             &why);
    ck_assert_msg(stage->world != NULL, "%s", why.text);
    stage->policy = *host_policy(host_find(stage->world, SLICE("mail.campus.example")));
    stage->services = (struct services){ .store = stage->world->store,
                                         .policy = &stage->policy,
                                         .now_ms = 1767603600000,
                                         .context = stage,
                                         .new_id = on_new_id,
                                         .seal = on_seal };
    stage->session = session_open(sealing->protocol, &stage->services, 1, FACT_STARTTLS,
                                  SLICE("laptop.campus.example"), SLICE("192.0.2.10"));
}

static void stage_close(struct stage *stage)
{
    session_free(stage->session);
    world_free(stage->world);
}

static void drain(struct stage *stage)
{
    while (session_output(stage->session).len)
        session_sent(stage->session, session_output(stage->session).len);
}

static void answer_is(struct stage *stage, const char *wanted)
{
    ck_slice(session_output(stage->session), slice_of(wanted));
    drain(stage);
}

/* One segment, cut at `cut`, as a host would hand it in: what came before the answer in one
   call, and in TLS only what comes after. */
static void seal_at(const struct sealing *sealing, size_t cut)
{
    struct stage stage;
    struct buf segment = BUF_MAX(4096);
    stage_open(&stage, sealing);
    drain(&stage);
    session_input(stage.session, slice_of(sealing->before));
    drain(&stage);
    buf_add_text(&segment, sealing->begin);
    buf_add_text(&segment, sealing->injected);
    size_t taken = session_input(stage.session, slice_upto(buf_slice(&segment), cut));
    ck_assert_uint_eq(taken, cut); /* thrown away is taken: nobody offers it again */
    ck_assert_uint_eq(stage.seals, cut >= slice_of(sealing->begin).len);
    if (!stage.seals) {
        slice rest = slice_from(buf_slice(&segment), cut);
        ck_assert_uint_eq(session_input(stage.session, rest), rest.len);
    }
    ck_assert_uint_eq(stage.seals, 1);
    ck_assert(stage.answered);
    ck_assert(stage.session->facts & FACT_TLS);
    answer_is(&stage, sealing->answer);
    session_input(stage.session, slice_of(sealing->after));
    answer_is(&stage, sealing->then);
    buf_free(&segment);
    stage_close(&stage);
}

START_TEST(injected_is_thrown_away)
{
    const struct sealing *sealing = &sealings[_i];
    size_t whole = slice_of(sealing->begin).len + slice_of(sealing->injected).len;
    for (size_t cut = 0; cut <= whole; cut++)
        seal_at(sealing, cut);
}
END_TEST

/* A line that is gathered from pieces ends where it ends, too. */
START_TEST(gathered_line_by_line)
{
    const struct sealing *sealing = &sealings[_i];
    struct stage stage;
    stage_open(&stage, sealing);
    session_input(stage.session, slice_of(sealing->before));
    drain(&stage);
    slice begin = slice_of(sealing->begin);
    for (size_t i = 0; i < begin.len; i++)
        ck_assert_uint_eq(session_input(stage.session, slice_upto(slice_from(begin, i), 1)), 1);
    answer_is(&stage, sealing->answer);
    ck_assert_uint_eq(stage.seals, 1);
    session_input(stage.session, slice_of(sealing->after));
    answer_is(&stage, sealing->then);
    stage_close(&stage);
}
END_TEST

/* TLS that is on needs no beginning, and one that is refused throws nothing away. */
START_TEST(refused_is_no_seal)
{
    const struct sealing *sealing = &sealings[_i];
    struct stage stage;
    struct buf segment = BUF_MAX(4096);
    stage_open(&stage, sealing);
    session_input(stage.session, slice_of(sealing->before));
    drain(&stage);
    stage.session->facts |= FACT_TLS;
    buf_add_text(&segment, sealing->begin);
    buf_add_text(&segment, sealing->after);
    ck_assert_uint_eq(session_input(stage.session, buf_slice(&segment)), segment.len);
    ck_assert_uint_eq(stage.seals, 0);
    size_t end = 0;
    slice said = session_output(stage.session);
    ck_assert(slice_find(said, '\n', &end) && end + 1 < said.len);
    buf_free(&segment);
    stage_close(&stage);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("seal");
    tcase_add_loop_test(cases, injected_is_thrown_away, 0, COUNT(sealings));
    tcase_add_loop_test(cases, gathered_line_by_line, 0, COUNT(sealings));
    tcase_add_loop_test(cases, refused_is_no_seal, 0, COUNT(sealings));
    return run_cases("seal", cases);
}
