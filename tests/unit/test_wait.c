/* test_wait.c: `wait DURATION for WHAT`: how much time passes, and what is said at its end. */
#include "tests/unit/language.h"

#define WRITES "offline mx.bakery.example\n" \
               "mail write dora@bakery.example subject \"Bread\" text \"x\"\n"

static const struct {
    const char *before, *line;
    bool ok;
    const char *found;
    uint64_t least_ms, most_ms;      /* that pass */
} waits[] = {
    { "", "wait 1h for server bo@campus.example INBOX has 1 message", true, "1 message", 0, 0 },
    { "", "wait 1h for server bo@campus.example INBOX has 2 messages", false, "1 message",
      3600000, 3600000 },
    { "", "wait 0s for server bo@campus.example INBOX has 2 messages", false, "1 message", 0, 0 },
    { "", "wait  20ms  for  reply begins 220", false, "no reply yet", 20, 20 },
    { WRITES "online mx.bakery.example",
      "wait 1d for server dora@bakery.example INBOX has 1 message", true, "1 message", 60000,
      600000 },
    { WRITES, "wait 5d for server ana@campus.example INBOX has 5 messages", true, "5 messages",
      14000000, 20000000 },
    { WRITES, "wait 1h for queue mail.campus.example has 0 messages", false, "1 message", 3600000,
      3700000 },
    { "telnet mail smtp", ":wait 1h for session smtp is CLOSED", true, "CLOSED", 300000, 300100 },
    { "telnet mail smtp", ":wait 1m for session smtp is CLOSED", false, "CONNECTED", 60000, 60000 },
};

START_TEST(test_waits)
{
    struct world *world = world_default();
    run(world, waits[_i].before);
    uint64_t began_ms = clock_ns(world->clock) / NS_PER_MS;
    run(world, waits[_i].line);
    uint64_t passed_ms = clock_ns(world->clock) / NS_PER_MS - began_ms;
    const struct trace_record *check = last_of(world, TRACE_CHECK);
    ck_assert(check->ok == waits[_i].ok && world->script->check_failed == !waits[_i].ok);
    ck_slice(check->text, slice_of(waits[_i].found));
    ck_assert_uint_ge(passed_ms, waits[_i].least_ms);
    ck_assert_uint_le(passed_ms, waits[_i].most_ms);
    world_end(world);
}
END_TEST

static const struct {
    const char *line, *why;
    size_t at;
} wrongs[] = {
    { "wait 1s for", "that can't be waited for", 11 },
    { "wait 1s for rain", "`help check` lists", 12 },
    { "wait 1s for server bo@campus.example INBOX has rain", "a number belongs here", 47 },
    { "wait 1s until noon", "how long?", 5 },
    { "wait for reply begins 220", "how long?", 5 },
};

START_TEST(test_wrongs)
{
    struct world *world = world_default();
    struct refused refused;
    ck_assert_int_eq(run_slice(world, slice_of(wrongs[_i].line), &refused), LINE_UNREADABLE);
    ck_assert_msg(strstr(refused.why.text, wrongs[_i].why) != NULL, "%s", refused.why.text);
    ck_assert_uint_eq(refused.at, wrongs[_i].at);
    ck_assert_uint_eq(trace_end(world->trace), 0);
    world_end(world);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("wait");
    tcase_add_loop_test(cases, test_waits, 0, (int)COUNT(waits));
    tcase_add_loop_test(cases, test_wrongs, 0, (int)COUNT(wrongs));
    return run_cases("wait", cases);
}
