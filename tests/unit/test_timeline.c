/* test_timeline.c: what a step is, what undo and its kin answer, what bad input gets. That every
   moment is found again is tests/walk/timeline.c's. */
#include "repl/repl.h"
#include "sim/devices/device.h"
#include "sim/language/timeline.h"
#include "sim/world.h"
#include "tests/unit/language.h"

static struct timeline *timeline;
static char answer[8192], answer_data[8192];

static void hear(struct world *world, slice line, const struct command *command, bool ok,
                 slice text, slice data)
{
    (void)world;
    (void)line;
    snprintf(answer_data, sizeof answer_data, "%.*s", SLICE_ARG(data));
    snprintf(answer, sizeof answer, "%s %s: %.*s", command->name, ok ? "ok" : "no",
             SLICE_ARG(text));
}

static struct world *timeline_world_new(void)
{
    struct error why = { "" };
    struct timeline_start start = { .tables = repl_tables, .script = slice_of(default_world),
                                    .name = SLICE("test") };
    timeline = timeline_open(&start, &why);
    ck_assert_msg(timeline != NULL, "%s", why.text);
    timeline_world(timeline)->script->told = hear;
    return timeline_world(timeline);
}

static void end(void) { timeline_close(timeline); }

#define WRITING                                                                      \
    "telnet mail smtp\nEHLO x\nMAIL FROM:<ana@campus.example>\nRCPT TO:<bo@campus.example>\nDATA\n"

static const struct {
    const char *before, *line, *says;
} told_cases[] = {
    { "", "undo", "undo no: There is nothing to undo" },
    { "", "redo", "redo no: There is nothing to redo" },
    { "", "restart", "restart ok: Step 0 of 0 on main." },
    { "wait 1s", "undo", "undo ok: Taken back:  wait 1s\nStep 0 of 1 on main. It is Mon, 05 Jan "
      "2026 09:00:00 +0000.\nNo line has run yet." },
    { "wait 1s\nundo", "redo", "redo ok: Step 1 of 1 on main. It is Mon, 05 Jan 2026 09:00:01" },
    { "wait 1s\nundo\nwait 2s", "redo", "redo no: There is nothing to redo" },
    { "wait 1s\nwait 1s\nwait 1s", "rewind 2", "rewind ok: Step 1 of 3 on main." },
    { "wait 1s\nwait 1s\nwait 1s\nrewind 2", "redo", "redo ok: Step 3 of 3 on main." },
    { "wait 1s\nrestart", "redo", "redo ok: Step 1 of 1 on main." },
    { "wait 1s", "rewind 2", "rewind no: There is one step to go back." },
    { "wait 1s\nwait 1s", "rewind 3", "rewind no: There are 2 steps to go back, not 3." },
    { "wait 1h\nwait 1h\nwait 1h", "rewind 90m", "rewind ok: Step 1 of 3 on main." },
    { "wait 1h\nwait 1h\nwait 1h", "rewind 2h", "rewind ok: Step 1 of 3 on main." },
    { "wait 1h\nwait 1h\nwait 1h", "rewind 11:30", "rewind ok: Step 2 of 3 on main." },
    { "wait 1h", "rewind 2h", "rewind no: That was before the beginning." },
    { "wait 1h", "rewind 08:00", "rewind no: That was before the beginning." },
    { "wait 1s", "fork try", "fork ok: From here on you are on branch try." },
    { "wait 1s\nfork try\nwait 1s", "go main", "go ok: Step 1 of 1 on main." },
    { "wait 1s\nfork try\nwait 1s\ngo main", "go try", "go ok: Step 2 of 2 on try." },
    { "wait 1s\nfork try\nwait 1s", "go start", "go ok: Step 0 of 2 on try." },
    { "wait 1s\nwait 1s\nundo\nwait 5s", "branches", "branches ok: * main          2 steps, ends" },
    { "wait 1s\nwait 1s\nundo\nwait 5s", "go main.1", "go ok: Step 2 of 2 on main.1. It is Mon, 05 "
      "Jan 2026 09:00:02" },
    /* a message is one step when it has ended, line by line while it is written */
    { WRITING "Subject: a\n\ntext", ":undo", "undo ok: Taken back:  text\nStep 7 of 8 on main. It "
      "is Mon, 05 Jan 2026 09:00:00 +0000.\nThe last line is an empty one." },
    { WRITING "Subject: a\n\ntext\n.", ":undo", "undo ok: Taken back: 4 lines, a whole message or "
      "literal.\nStep 5 of 9 on main." },
    { WRITING "Subject: a\n\ntext\n.\n:undo", ":redo", "redo ok: Step 9 of 9 on main." },
    { WRITING "Subject: a\n\ntext\n.\nQUIT", "rewind 2", "rewind ok: Step 5 of 10 on main." },
    { WRITING "Subject: a\n\ntext\n:cut", "undo", "undo ok: Taken back:  :cut\nStep 8 of 9 on main." },
    { "telnet mail imap\na LOGIN ana tulip\nb APPEND INBOX {10}\n12345\n123\n", ":undo",
      "undo ok: Taken back: 2 lines, a whole message or literal.\nStep 3 of 5 on main." },
    { "telnet mail imap\na LOGIN ana tulip\nb SELECT INBOX\nc IDLE", ":undo",
      "undo ok: Taken back:  c IDLE\nStep 3 of 4 on main." },
    { "wait 1s", "diff start now", "diff ok: start       step 0, Mon, 05 Jan 2026 09:00:00 +0000\n"
      "now         step 1, Mon, 05 Jan 2026 09:00:01 +0000; its own way begins with\n"
      "            \"wait 1s\"\nThey share the beginning only.\nNothing but the time differs" },
    { "wait 1s", "diff main", "diff ok: main        step 1, Mon, 05 Jan 2026 09:00:01 +0000\n"
      "now         step 1, Mon, 05 Jan 2026 09:00:01 +0000\nThey share 1 step from the beginning.\n"
      "Nothing differs: not the servers, not the devices, not the sessions.\n" },
    /* refused lines are no steps */
    { "wait 1s\nnonsense\nwait", "undo", "undo ok: Taken back:  wait 1s\nStep 0 of 1 on main." },
    /* looks are steps, and no acts */
    { "wait 1s\nhelp\nhosts", "undo", "undo ok: Taken back:  wait 1s (and the looks after it)\n"
      "Step 0 of 3 on main." },
    { "help\nhosts", "undo", "undo no: There is nothing to undo: since the beginning you have only "
      "looked.\n" },
};

START_TEST(test_answers)
{
    struct world *world = timeline_world_new();
    struct refused refused;
    slice rest = slice_of(told_cases[_i].before);
    while (rest.len)
        run_slice(world, take_until(&rest, '\n'), &refused);
    answer[0] = '\0';
    uint64_t digest = trace_digest(world->trace), end_before = trace_end(world->trace);
    enum line_result result = run_slice(world, slice_of(told_cases[_i].line), &refused);
    ck_assert_msg(result == LINE_EMPTY, "%s: %s", told_cases[_i].line, refused.why.text);
    ck_assert_msg(slice_starts(slice_of(answer), told_cases[_i].says), "\"%s\": %s",
                  told_cases[_i].line, answer);
    if (strstr(answer, " no:")) { /* nothing has moved, nothing stands in the trace */
        ck_assert_uint_eq(trace_end(world->trace), end_before);
        ck_assert_uint_eq(trace_digest(world->trace), digest);
    }
    end();
}
END_TEST

static const struct {
    const char *line, *why;
    size_t at;
} refusals[] = {
    { "undo 3", "`undo` takes nothing after it", 5 },
    { "restart now", "`restart` takes nothing after it", 8 },
    { "rewind", "how far?", 6 },
    { "rewind 0", "how far?", 7 },
    { "rewind -1", "how far?", 7 },
    { "rewind 25:00", "how far?", 7 },
    { "rewind 99999999999999999999", "how far?", 7 },
    { "go", "There is no branch of that name", 2 },
    { "go nowhere", "There is no branch of that name", 3 },
    { "go \x1b[2J", "There is no branch of that name", 3 },
    { "diff", "which two?", 4 },
    { "diff main now 3", "which two?", 14 },
    { "diff nowhere", "There is no branch of that name", 5 },
    { "diff main 7", "This branch has 0 steps", 5 },
    { "diff \x1b[2J", "There is no branch of that name", 5 },
    { "fork", "A branch's name has 1 to 32 characters", 4 },
    { "fork 12", "is no number", 5 },
    { "fork main", "There is a branch \"main\" already", 5 },
    { "fork start", "is the name of a moment already", 5 },
    { "fork a b", "letters, digits", 5 },
    { "fork \x1b[2J", "letters, digits", 5 },
    { "fork a\xc3\xa4", "letters, digits", 5 },
    { "fork aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "1 to 32 characters", 5 },
};

START_TEST(test_refusals)
{
    refuses(timeline_world_new(), refusals[_i].line, refusals[_i].why, refusals[_i].at);
    end();
}
END_TEST

/* Two branches that differ in each place, and one looks from inside a message: afterwards all is as
   it was, and data says what words say. */
START_TEST(test_diff)
{
    static const char *const says[] = {
        "On the servers\n  ana@campus.example INBOX: A bo: Lunch?\n    one         UID 1, seen, "
        "marked \\Deleted, $Work\n    two         UID 1, seen\n",
        "  mail.campus.example\n    one         online, greylist on\n    two         online\n",
        "  mx.bakery.example\n    one         offline\n    two         online\n",
        "On the devices\n", "  phone INBOX: B dora: Invoice\n    one         not there\n"
        "    two         whole, new\n",
        "In the sessions\n",
        "  laptop, typed\n    one         imap to mail.campus.example: SELECTED, "
        "logged in as\n                ana@campus.example, INBOX is selected\n"
        "    two         not connected\n",
        "  desktop, typed: E ana: Re: Lunch?\n    one         not there\n"
        "    two         marked by DELE\n",
        "Board of bo@campus.example, where it differs (*)\n"
        "                            server       desktop\n"
        " E ana: Re: Lunch?  492 B\n   one                      here new     never\n"
        "   two                      here new     marked *\n",
    };
    struct world *world = timeline_world_new();
    run(world, "fork one\nset mail.campus.example greylist on\noffline mx.bakery.example\n"
        "telnet mail imap\na LOGIN ana tulip\nb SELECT INBOX\nc STORE 1 +FLAGS (\\Deleted $Work)\n"
        ":go main\nfork two\non phone\nmail sync\non desktop\ntelnet mail pop3\nUSER bo\n"
        "PASS maple\nDELE 1\n:fork three\n:on laptop\n" WRITING "Subject: a");
    uint64_t digest = world_digest(world), steps = timeline_step(timeline);
    run(world, ":diff one two");
    for (size_t i = 0; i < COUNT(says); i++)
        ck_assert_msg(strstr(answer, says[i]) != NULL, "not said: %s\nbut: %s", says[i], answer);
    ck_assert_uint_eq(world_digest(world), digest);
    ck_assert_uint_eq(timeline_step(timeline), steps);
    ck_assert_msg(strstr(answer_data, "{\"where\":\"session\",\"what\":\"desktop, typed\","
                         "\"message\":\"E\",\"title\":\"ana: Re: Lunch?\",\"a\":null,"
                         "\"b\":\"marked by DELE\"}")
                  != NULL, "%s", answer_data);
    run(world, "\ntext\n.\n:diff three two");
    ck_assert_msg(strstr(answer, "bo@campus.example INBOX: H a\n    three       UID 2, new\n"
                         "    two         not there\n") != NULL, "%s", answer);
    end();
}
END_TEST

struct gathered {
    struct buf text;
};

static bool gather(void *context, int64_t number, slice line)
{
    struct gathered *gathered = context;
    (void)number;
    return buf_add(&gathered->text, line) && buf_add_char(&gathered->text, '\n');
}

static bool gather_line(void *context, slice line) { return gather(context, 0, line); }

/* All that was typed stays in the history, in its order, wherever one has gone; the tidy lines are
   those that lead here. */
START_TEST(test_history)
{
    struct world *world = timeline_world_new();
    struct gathered all = { BUF_MAX(4096) }, tidy = { BUF_MAX(4096) };
    run(world, "wait 1s\nwait 2s\nundo\nwait 3s\nfork a\nwait 4s\ngo main.1\nwait 5s\nredo");
    store_history(world->store, gather, &all);
    timeline_lines(timeline, gather_line, &tidy);
    ck_assert_str_eq(buf_text(&all.text), "wait 1s\nwait 2s\nundo\nwait 3s\nfork a\nwait 4s\n"
                     "go main.1\nwait 5s\nredo\n");
    ck_assert_str_eq(buf_text(&tidy.text), "wait 1s\nwait 2s\nwait 5s\n");
    buf_free(&all.text);
    buf_free(&tidy.text);
    end();
}
END_TEST

/* Who made a slip and then looked at it takes back the slip. */
START_TEST(test_undo_looks)
{
    struct world *world = timeline_world_new();
    struct error why = { "" };
    struct timeline_undone undone;
    run(world, "help\nhosts");
    ck_assert(!timeline_undo(timeline, &undone, &why));
    ck_assert_uint_eq(timeline_step(timeline), 2);
    run(world, "telnet mail smtp\nRCPT x\n:help RCPT\n:hosts");
    ck_assert(timeline_undo(timeline, &undone, &why));
    ck_assert(slice_is(undone.line, "RCPT x"));
    ck_assert_uint_eq(undone.lines, 1);
    ck_assert_uint_eq(undone.looks, 2);
    ck_assert(slice_is(timeline_last_line(timeline), "telnet mail smtp"));
    run(world, "EHLO a\nMAIL FROM:<ana@campus.example>\nRCPT TO:<bo@campus.example>\nDATA\none\n"
               ":help\n.\n:help");
    ck_assert(timeline_undo(timeline, &undone, &why));
    ck_assert_uint_eq(undone.lines, 3);
    ck_assert_uint_eq(undone.looks, 1);
    ck_assert(slice_is(timeline_last_line(timeline), "DATA"));
    ck_assert(timeline_redo(timeline, &why));
    ck_assert(slice_is(timeline_last_line(timeline), ":help"));
    end();
}
END_TEST

START_TEST(test_begin_here)
{
    struct world *world = timeline_world_new();
    struct error why = { "" };
    run(world, "wait 1s\nfork a\nwait 2s");
    uint64_t digest = world_digest(world);
    timeline_begin_here(timeline);
    ck_assert(!timeline_undo(timeline, NULL, &why));
    run(world, "telnet mail imap\na LOGIN ana tulip");
    ck_assert_uint_eq(timeline_step(timeline), 2);
    ck_assert(timeline_restart(timeline, &why));
    ck_assert_uint_eq(world_digest(world), digest);
    ck_assert_uint_eq(timeline_step(timeline), 0);
    ck_assert(!timeline_go(timeline, SLICE("a"), &why));
    end();
}
END_TEST

/* An index is turned back with what it points to. 64 names meet the others in its buckets, and make
   it grow. */
START_TEST(test_devices_found)
{
    struct world *world = timeline_world_new();
    struct error why = { "" };
    for (int i = 0; i < 64; i++) {
        char line[80];
        snprintf(line, sizeof line, "device d%d of ana@campus.example imap", i);
        run(world, line);
        ck_assert(timeline_undo(timeline, NULL, &why));
        for (struct device *device = world->devices; device; device = device->next)
            ck_assert_msg(device_find(world, slice_of(device->name)) == device,
                          "%s is not found after %s was undone", device->name, line);
        run(world, line);
    }
    end();
}
END_TEST

/* The world stays at its address, and with it whoever listens. */
START_TEST(test_front_stays)
{
    struct world *world = timeline_world_new();
    struct error why = { "" };
    int front = 0;
    world->front = &front;
    run(world, "wait 1s\nwait 1s");
    world->line_number = 7;
    ck_assert(timeline_restart(timeline, &why));
    ck_assert(timeline_world(timeline) == world && world->front == &front);
    ck_assert(world->script->told == hear);
    ck_assert_uint_eq(world->line_number, 7);
    world->front = NULL;
    end();
}
END_TEST

START_TEST(test_no_timeline)
{
    struct world *world = world_default();
    world->script->told = hear;
    run(world, "wait 1s\nundo");
    ck_assert(slice_starts(slice_of(answer), "undo no: The time of this world only moves on"));
    world_end(world);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("timeline");
    tcase_add_loop_test(tests, test_answers, 0, COUNT(told_cases));
    tcase_add_loop_test(tests, test_refusals, 0, COUNT(refusals));
    tcase_add_test(tests, test_diff);
    tcase_add_test(tests, test_history);
    tcase_add_test(tests, test_undo_looks);
    tcase_add_test(tests, test_begin_here);
    tcase_add_test(tests, test_devices_found);
    tcase_add_test(tests, test_front_stays);
    tcase_add_test(tests, test_no_timeline);
    return run_cases("timeline", tests);
}
