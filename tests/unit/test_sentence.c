/* test_sentence.c: the lines that build a world: what they make, what is wrong with them and
   where, and that a world opened again is the same. */
#include <stdlib.h>
#include <unistd.h>

#include "servers/mail/header.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "sim/hosts/host.h"
#include "sim/language/build.h"
#include "tests/unit/language.h"

#define BASE                                                                                       \
    "host mail.campus.example serves smtp submission pop3 imap for campus.example\n"               \
    "user ana@campus.example password tulip\nuser bo@campus.example password maple\n"              \
    "device laptop of ana@campus.example pop3 keep 7d\n"

/* --- lines -------------------------------------------------------------------------------- */

static const struct {
    const char *line;
    const char *why;           /* NULL: it is right */
    size_t at;
} lines[] = {
    { "host mail.campus.example serves smtp submission pop3 imap for campus.example", NULL, 0 },
    { "host mail.campus.example serves imap pop3 submission smtp for CAMPUS.example", NULL, 0 },
    { "host MAIL.campus.example serves smtp submission pop3 imap for campus.example", NULL, 0 },
    { "host mail.campus.example serves smtp for campus.example", "serves something else", 5 },
    { "host mail.campus.example", "serves something else", 5 },
    { "host mail.campus.example serves smtp submission pop3 imap for other.example",
      "something else", 5 },
    { "host www.campus.example", NULL, 0 },
    { "host mx.bakery.example serves smtp for bakery.example shop.example", NULL, 0 },
    { "host laptop.campus.example serves smtp for x.example", "taken by a device", 5 },
    { "host", "as in  host NAME", 4 },
    { "host mail", "whole name", 5 },
    { "host [192.0.2.1] serves smtp for x.example", "whole name", 5 },
    { "host a_b.example", "whole name", 5 },
    { "host a.example serves", "serves what", 21 },
    { "host a.example serves http for x.example", "smtp, submission, pop3, imap or lmtp", 22 },
    { "host a.example serves smtp for", "which domain", 30 },
    { "host a.example serves smtp for <x>", "no domain", 31 },
    { "host a.example sells bread", "should have ended", 15 },
    { "mx campus.example 10 mail.campus.example", NULL, 0 },
    { "set mail.campus.example serves pop3 smtp", NULL, 0 },
    { "set mail.campus.example serves lmtp", NULL, 0 },
    { "set mail.campus.example serves imaps", "smtp, submission, pop3", 31 },
    { "set mail.campus.example serves", "serves what", 30 },
    { "set mail.campus.example serves imap for campus.example", "should have ended", 36 },
    { "mx campus.example 10 mail.kampus.example", "did you mean mail.campus.example", 21 },
    { "mx campus.example 10 nowhere", "no host of that name", 21 },
    { "mx campus.example ten mail.campus.example", "a number from 0 to 65535", 18 },
    { "mx campus.example 65536 mail.campus.example", "a number from 0 to 65535", 18 },
    { "mx campus.example 10", "no host", 20 },
    { "mx campus.example 10 mail.campus.example now", "should have ended", 41 },
    { "txt campus.example \"v=spf1 mx -all\"", NULL, 0 },
    { "txt campus.example", "in quotes", 18 },
    { "txt campus.example \"tab\\t\"", "in quotes", 19 },
    { "srv _imap._tcp.campus.example 0 1 143 mail.campus.example", NULL, 0 },
    { "srv _imap._tcp.campus.example 0 1 70000 mail.campus.example", "a port is", 34 },
    { "user cem@campus.example password birch", NULL, 0 },
    { "user cem@campus.example password \"two words\"", NULL, 0 },
    { "user ana@campus.example password tulip", NULL, 0 },
    { "user ANA@campus.example password tulip", NULL, 0 },
    { "user ana@campus.example password rose", "another password", 5 },
    { "user ana@campus.example", "\"password\" belongs here", 23 },
    { "user ana@campus.example password", "a password is a word", 32 },
    { "user cem@campus.example password \"\\n\"", "a password is a word", 33 },
    { "user cem password birch", "whole address", 5 },
    { "user cem@nowhere.example password birch", "no host keeps the mail", 9 },
    { "user cem@campus.example password birch now", "should have ended", 39 },
    { "mailbox ana@campus.example Archive", NULL, 0 },
    { "mailbox ana@campus.example INBOX", NULL, 0 },
    { "mailbox ana@campus.example \"Old \xc3\xa4rger/2025\"", NULL, 0 },
    { "mailbox ana@campus.example a*", "mailbox's name", 27 },
    { "mailbox ana@campus.example \"\"", "mailbox's name", 27 },
    { "mailbox ana@campus.example \xff", "mailbox's name", 27 },
    { "mailbox ana@campus.example", "mailbox's name", 26 },
    { "mailbox eve@campus.example Archive", "no user", 8 },
    { "mailbox", "as in  mailbox ADDRESS", 7 },
    { "device phone of ana@campus.example imap", NULL, 0 },
    { "device phone of ana@campus.example imap headers", NULL, 0 },
    { "device phone of ana@campus.example pop3 delete", NULL, 0 },
    { "device phone of ana@campus.example pop3 keep", NULL, 0 },
    { "device laptop of ana@campus.example pop3 keep 7d", NULL, 0 },
    { "device laptop of ana@campus.example pop3 keep", "there already", 7 },
    { "device laptop of bo@campus.example pop3 keep 7d", "there already", 7 },
    { "device phone of eve@campus.example imap", "no user", 16 },
    { "device phone ana@campus.example imap", "\"of\" belongs here", 13 },
    { "device phone of ana@campus.example", "mail program", 34 },
    { "device phone of ana@campus.example smoke", "mail program", 35 },
    { "device phone of ana@campus.example pop3", "delete, keep", 39 },
    { "device phone of ana@campus.example pop3 keep 7", "a duration", 45 },
    { "device phone of ana@campus.example imap 7d", "should have ended", 40 },
    { "device my.phone of ana@campus.example imap", "letters and digits", 7 },
    { "device mail of ana@campus.example imap", "taken", 7 },
    { "on laptop", NULL, 0 },
    { "on lapotp", "did you mean laptop", 3 },
    { "on mail.campus.example", "no device", 3 },
    { "on ana", "ana is a person; `on laptop` goes to the device", 3 },
    { "on", "no device", 2 },
    { "on laptop now", "should have ended", 10 },
    { "link laptop latency 20ms bandwidth 2MB/s segment 1 loss 1/20", NULL, 0 },
    { "link mail.campus.example loss 0", NULL, 0 },
    { "link laptop", "a link has", 11 },
    { "link laptop colour red", "a link has", 12 },
    { "link laptop latency 20", "a duration", 20 },
    { "link laptop bandwidth 2MB", "a bandwidth", 22 },
    { "link laptop bandwidth 0B/s", "a bandwidth", 22 },
    { "link laptop segment 0", "at least 1", 20 },
    { "link laptop segment 1461", "a number from 0 to 1460", 20 },
    { "link laptop loss 20", "1/20", 17 },
    { "link laptop loss 1/0", "1/20", 17 },
    { "link fridge latency 20ms", "nothing in this world", 5 },
    { "set ana@campus.example quota 10MB", NULL, 0 },
    { "set ana@campus.example quota 500 messages", NULL, 0 },
    { "set ana@campus.example quota 1000B", NULL, 0 },
    { "set ana@campus.example quota off", NULL, 0 },
    { "set ana@campus.example quota", "10MB, 500 messages, off", 28 },
    { "set ana@campus.example quota 10", "10MB, 500 messages, off", 29 },
    { "set ana@campus.example quota 0MB", "10MB, 500 messages, off", 29 },
    { "set ana@campus.example quota 10MB/s", "10MB, 500 messages, off", 29 },
    { "set ana@campus.example quota 10000000000GB", "10MB, 500 messages, off", 29 },
    { "set ana@campus.example quota 10MB now", "should have ended", 34 },
    { "set ana@campus.example greylist on", "\"quota\" belongs here", 23 },
    { "set eve@campus.example quota 10MB", "nobody has that address", 4 },
    { "set mail.campus.example greylist on", NULL, 0 },
    { "set mail.campus.example greylist off", NULL, 0 },
    { "set mail.campus.example greylist", "on or off", 32 },
    { "set mail.campus.example require tls", NULL, 0 },
    { "set mail.campus.example require tls off", NULL, 0 },
    { "set mail.campus.example require ssl", "\"tls\" belongs here", 32 },
    { "set mail.campus.example refuse RCPT 451", NULL, 0 },
    { "set mail.campus.example refuse rcpt 451 first 2", NULL, 0 },
    { "set mail.campus.example refuse RCPT off", NULL, 0 },
    { "set mail.campus.example refuse RETR -ERR", NULL, 0 },
    { "set mail.campus.example refuse RCPT", "which code", 35 },
    { "set mail.campus.example refuse RCPT 250", "400 to 599", 36 },
    { "set mail.campus.example refuse RCPT 4510", "400 to 599", 36 },
    { "set mail.campus.example refuse RCPT 451 first", "how often", 45 },
    { "set mail.campus.example refuse DANCE 451", "which verb", 31 },
    { "set mail.campus.example colour red", "settings are", 24 },
    { "set laptop greylist on", "no host", 4 },
    { "offline laptop", NULL, 0 },
    { "offline laptop.campus.example", NULL, 0 },
    { "online mail.campus.example", NULL, 0 },
    { "offline fridge", "nothing in this world", 8 },
    { "offline", "as in  offline NAME", 7 },
    { "message ana@campus.example INBOX from bo@campus.example", NULL, 0 },
    { "message ana@campus.example INBOX seen $Work from x@y.example subject \"a\" text \"b\" ago "
      "2d",
      NULL, 0 },
    { "message ana@campus.example Drafts from bo@campus.example", "no such mailbox", 27 },
    { "message ana@campus.example INBOX red from bo@campus.example", "`from` belongs here", 33 },
    { "message ana@campus.example INBOX from bo", "whole address", 38 },
    { "message ana@campus.example INBOX from bo@campus.example subject Lunch", "in quotes", 64 },
    { "message ana@campus.example INBOX from bo@campus.example subject \"a\\nb\"", "one line", 64 },
    { "message ana@campus.example INBOX from bo@campus.example text \"a\\0b\"", "in quotes", 61 },
    { "message ana@campus.example INBOX from bo@campus.example attach \"a\\\"b\" \"c\"",
      "without quotes", 63 },
    { "message ana@campus.example INBOX from bo@campus.example soon", "what belongs here", 56 },
    { "message ana@campus.example INBOX", "`from` belongs here", 32 },
};

/* As a world's script, and typed: the same answer at the same place. */
START_TEST(test_lines)
{
    struct world *world = world_of(BASE);
    struct error why = { "" };
    size_t at = 0;
    bool known = false;
    bool ok = world_sentence(world, slice_of(lines[_i].line), &known, &at, &why);
    ck_assert(known);
    ck_assert_msg(ok == (lines[_i].why == NULL), "\"%s\": %s", lines[_i].line, why.text);
    if (!ok) {
        ck_assert_msg(strstr(why.text, lines[_i].why), "\"%s\": %s", lines[_i].line, why.text);
        ck_assert_msg(at == lines[_i].at, "\"%s\": %zu: %s", lines[_i].line, at, why.text);
        if (strcmp(lines[_i].line, "on") != 0) { /* alone it lists the devices */
            refuses(world, lines[_i].line, lines[_i].why, lines[_i].at);
            struct buf colon = BUF_MAX(512);
            buf_format(&colon, "  :%s", lines[_i].line);
            refuses(world, buf_text(&colon), lines[_i].why, lines[_i].at + 3);
            buf_free(&colon);
        }
        ck_assert_uint_eq(trace_end(world->trace), 0);
    } else {
        run(world, lines[_i].line); /* said twice, it changes nothing or the same */
    }
    world_end(world);
}
END_TEST

START_TEST(test_long_sentence)
{
    struct world *world = world_of(BASE);
    struct refused refused;
    struct buf line = BUF_MAX(8192);
    buf_add_text(&line, "host a.example serves smtp for x.example");
    while (line.len <= WORLD_SENTENCE_MAX)
        buf_add_char(&line, ' ');
    buf_add_char(&line, 'x');
    ck_assert_int_eq(run_slice(world, buf_slice(&line), &refused), LINE_UNREADABLE);
    ck_assert_msg(strstr(refused.why.text, "longer than"), "%s", refused.why.text);
    buf_free(&line);
    world_end(world);
}
END_TEST

/* --- scripts of worlds ------------------------------------------------------------------------ */

static const struct {
    const char *script, *why;
} scripts[] = {
    { "", NULL },
    { "\n# nothing\r\n  :# nothing\n\t\n", NULL },
    { BASE "on laptop", NULL },
    { ":host a.example\r\n  host b.example\r\n", NULL },
    { "host a.example\ntelnet a.example 25\n", "lab.post:2:1: telnet does something" },
    { "  wait 2h", "lab.post:1:3: wait does something" },
    { "host a.example\n\nbake bread\n", "lab.post:3:1: a world is built with host" },
    { BASE "  :device phone of eve@campus.example imap",
      "lab.post:5:20: eve@campus.example is no user" },
    { "\377\376h", "lab.post:1:1: a world is built with" },
};

START_TEST(test_scripts)
{
    struct error why = { "" };
    struct world *world =
        world_new(NULL, NULL, sim_tables, slice_of(scripts[_i].script), SLICE("lab.post"), &why);
    ck_assert_msg((world != NULL) == (scripts[_i].why == NULL), "%s", why.text);
    if (world)
        world_end(world);
    else
        ck_assert_msg(slice_starts(slice_of(why.text), scripts[_i].why), "%s", why.text);
}
END_TEST

START_TEST(test_script_nul)
{
    struct error why = { "" };
    struct world *world = world_new(NULL, NULL, sim_tables, (slice){ "#\n a\0b", 6 }, SLICE("x"),
                                    &why);
    ck_assert_ptr_null(world);
    ck_assert_msg(slice_starts(slice_of(why.text), "x:2:3: "), "%s", why.text);
}
END_TEST

/* --- what they make ----------------------------------------------------------------------- */

static slice message_text(struct world *world, const char *address, const char *box, uint32_t uid,
                         struct buf *text, struct placement *row)
{
    struct user user;
    struct mailbox mailbox;
    ck_assert(store_user_by_address(world->store, slice_of(address), &user));
    ck_assert(store_mailbox_find(world->store, user.id, slice_of(box), &mailbox));
    ck_assert(store_placement(world->store, mailbox.id, uid, row));
    buf_clear(text);
    ck_assert(store_message_read(world->store, row->message_key, 0, MESSAGE_BYTES_MAX, text));
    return buf_slice(text);
}

START_TEST(test_default_world)
{
    static const struct {
        const char *check;
    } checks[] = {
        { "server ana@campus.example INBOX has 4 messages" },
        { "server ana@campus.example Archive has 0 messages" },
        { "server ana@campus.example Sent has 0 messages" },
        { "server bo@campus.example INBOX has 1 message" },
        { "server cem@campus.example INBOX has 2 messages" },
        { "server dora@bakery.example INBOX has 0 messages" },
        { "server ana@campus.example INBOX has a message with Subject: Lunch?" },
        { "server ana@campus.example INBOX has a message with Subject: Invoice" },
        { "server ana@campus.example INBOX has a message with Subject: Minutes" },
        { "server ana@campus.example INBOX has a message with From: Bo <bo@campus.example>" },
        { "queue mail.campus.example has 0 messages" },
    };
    struct world *world = world_default();
    ck_assert_uint_eq(trace_end(world->trace), 0);
    ck_assert_uint_eq(clock_ns(world->clock), 0);
    ck_assert_uint_eq(world_now_ms(world), EPOCH_MS);
    ck_assert_str_eq(world->here->name, "laptop");
    ck_assert_str_eq(world->here->program, "pop3 keep 7d");
    ck_assert_str_eq(world->here->mail_server, "mail.campus.example");
    for (size_t i = 0; i < COUNT(checks); i++) {
        struct buf line = BUF_MAX(256);
        buf_format(&line, "check %s", checks[i].check);
        run(world, buf_text(&line));
        ck_assert_msg(!world->script->check_failed, "%s", checks[i].check);
        buf_free(&line);
    }
    ck_assert_uint_eq(
        net_link(world->net, net_host(world->net, SLICE("laptop.campus.example")))->latency_ns,
        20 * NS_PER_MS);
    ck_assert_uint_eq(
        net_link(world->net, net_host(world->net, SLICE("mail.campus.example")))->latency_ns,
        10 * NS_PER_MS);
    world_end(world);
}
END_TEST

/* Every message of it is one that the engines would have made: fields, dates, structure. */
START_TEST(test_messages)
{
    static const char *const fields[] = { "Return-Path", "Received", "Date",      "From",
                                          "To",          "Subject",  "Message-ID" };
    struct world *world = world_default();
    struct buf text = BUF_MAX(MESSAGE_BYTES_MAX);
    struct arena arena = { 0 };
    for (uint32_t uid = 1; uid <= 4; uid++) {
        struct placement row;
        struct message message;
        struct header_field field;
        slice whole = message_text(world, "ana@campus.example", "INBOX", uid, &text, &row);
        for (size_t i = 0; i < COUNT(fields); i++)
            ck_assert_msg(header_find(slice_upto(whole, header_end(whole)), fields[i], &field),
                          "%s", fields[i]);
        ck_assert(store_message(world->store, row.message_key, &arena, &message));
        ck_assert(slice_starts(whole, "Return-Path: <") && message.path_bytes > 0);
        ck_assert_uint_eq(message.header_bytes, header_end(whole));
        ck_assert(row.date_ms < EPOCH_MS);
        ck_assert(contains(slice_from(whole, whole.len - 2), "\r\n"));
        if (uid == 2)
            ck_assert(contains(message.structure, "\"mixed\"") ||
                      contains(message.structure, "\"MIXED\""));
        if (uid == 3)
            ck_assert(contains(message.structure, "\"alternative\"") ||
                      contains(message.structure, "\"ALTERNATIVE\""));
    }
    arena_free(&arena);
    buf_free(&text);
    world_end(world);
}
END_TEST

START_TEST(test_message_parts)
{
    struct world *world = world_of(BASE);
    struct buf text = BUF_MAX(65536);
    struct placement row;
    run(world, "message ana@campus.example INBOX seen flagged $Work from bo@campus.example "
               "named \"Bo, the \\\"best\\\"\" subject \"Gr\xc3\xbc\xc3\x9f"
               "e\" text \"one\\n.two\\r\\nthree\" ago 1h");
    slice whole = message_text(world, "ana@campus.example", "INBOX", 1, &text, &row);
    ck_assert(contains(whole, "From: \"Bo, the \\\"best\\\"\" <bo@campus.example>\r\n"));
    ck_assert(contains(whole, "Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n"));
    ck_assert(contains(whole, "Date: Mon, 05 Jan 2026 08:00:00 +0000\r\n"));
    ck_assert(contains(whole, "\r\n\r\none\r\n.two\r\nthree\r\n"));
    ck_assert_uint_eq(row.flags & FLAG_SYSTEM, FLAG_SEEN | FLAG_FLAGGED);
    run(world,
        "check server ana@campus.example INBOX message 1 is $Work\n"
        "check server ana@campus.example INBOX has a message with Subject: Gr\xc3\xbc\xc3\x9f"
        "e\n"
        "check server ana@campus.example INBOX has a message with From: \"Bo, the \\\"best\\\"\" "
        "<bo@campus.example>");
    ck_assert(!world->script->check_failed);
    /* Placed while somebody watches: it is in the trace. */
    ck_assert_uint_eq(count_of(world, TRACE_STORED), 1);
    run(world, "message ana@campus.example INBOX from eve@else.example text \"x\" html \"<p>x\" "
               "attach \"a.pdf\" \"\\x25PDF\"");
    whole = message_text(world, "ana@campus.example", "INBOX", 2, &text, &row);
    ck_assert(contains(whole, "multipart/mixed") && contains(whole, "multipart/alternative"));
    ck_assert(contains(whole, "application/pdf; name=\"a.pdf\"\r\n"));
    ck_assert(contains(whole, "\r\n\r\nJVBERg==\r\n--mix-"));
    buf_free(&text);
    world_end(world);
}
END_TEST

START_TEST(test_settings_work)
{
    struct world *world = world_default();
    run(world,
        "set mail.campus.example refuse rcpt 451 first 1\ntelnet mail smtp\nEHLO x\n"
        "MAIL FROM:<ana@campus.example>\nRCPT TO:<bo@campus.example>\n:check reply begins 451\n"
        "RCPT TO:<bo@campus.example>\n:check reply begins 250\n:set mail.campus.example refuse "
        "DATA 554\n"
        "DATA\n:check reply begins 554\n:set mail.campus.example refuse DATA off\nDATA\n"
        ":check reply begins 354\n.\nQUIT\noffline mail.campus.example");
    ck_assert(!world->script->check_failed);
    ck_assert_uint_eq(count_of(world, TRACE_NETWORK), 1);
    answers(world, "telnet mail smtp", false, "does not answer");
    run(world, "offline mail.campus.example");
    ck_assert_uint_eq(count_of(world, TRACE_NETWORK), 1); /* it was so before */
    answers(world, "online mail.campus.example\ntelnet mail smtp", true, "Connected");
    run(world, ":link laptop latency 500ms bandwidth 1kB/s segment 1");
    uint64_t before = clock_ns(world->clock);
    run(world, "NOOP");
    ck_assert_uint_ge(clock_ns(world->clock) - before, 1000 * NS_PER_MS);
    world_end(world);
}
END_TEST

/* --- a world that is opened again ----------------------------------------------------------- */

struct place {
    char directory[64], path[80];
};

static struct place place_make(void)
{
    struct place place = { "/tmp/pennypost-sentence-XXXXXX", "" };
    ck_assert_ptr_nonnull(mkdtemp(place.directory));
    struct buf path = BUF_MAX(sizeof place.path - 1);
    buf_format(&path, "%s/a.world", place.directory);
    memcpy(place.path, buf_text(&path), path.len);
    buf_free(&path);
    return place;
}

static void place_remove(const struct place *place)
{
    unlink(place->path);
    ck_assert_int_eq(rmdir(place->directory), 0);
}

static struct world *place_open(const struct place *place, const uint64_t *seed, struct error *why)
{
    return world_new(place->path, seed, sim_tables, slice_of(default_world), SLICE("default"), why);
}

START_TEST(test_reopen)
{
    struct place place = place_make();
    struct error why = { "" };
    uint64_t seed = 7, other = 8;
    struct world *world = place_open(&place, &seed, &why);
    ck_assert_msg(world != NULL, "%s", why.text);
    run(world, "host mx2.bakery.example serves smtp for bakery.example\nmx bakery.example 20 "
               "mx2.bakery.example\n"
               "user eve@campus.example password ivy\ndevice slate of eve@campus.example imap\n"
               "mailbox eve@campus.example Notes\nlink slate latency 300ms\n"
               "set mail.campus.example greylist on\noffline mx.bakery.example\non slate\n"
               "telnet mail smtp\nEHLO slate\n:wait 1h");
    uint64_t now_ms = world_now_ms(world), ids = world->ids.count;
    world_end(world);

    ck_assert_ptr_null(place_open(&place, &other, &why));
    ck_assert_msg(strstr(why.text, "seed is 7, not 8"), "%s", why.text);
    world = place_open(&place, NULL, &why);
    ck_assert_msg(world != NULL, "%s", why.text);
    ck_assert_uint_eq(world->seed, 7);
    ck_assert_uint_eq(trace_end(world->trace), 0);
    ck_assert_uint_eq(clock_ns(world->clock), 0);
    ck_assert_uint_ge(world_now_ms(world), now_ms);
    ck_assert_uint_eq(world->ids.count, ids);
    ck_assert_str_eq(world->here->name, "slate");
    ck_assert_uint_eq(net_link(world->net, world->here->host)->latency_ns, 300 * NS_PER_MS);
    ck_assert(host_policy(host_find(world, SLICE("mail.campus.example")))->greylist);
    ck_assert(!net_is_online(world->net, net_host(world->net, SLICE("mx.bakery.example"))));
    answers(world, "dig mx bakery.example", true, "20  mx2.bakery.example");
    run(world, "check server ana@campus.example INBOX has 4 messages\ncheck server "
               "eve@campus.example Notes has 0 messages");
    ck_assert(!world->script->check_failed);
    world_end(world);
    place_remove(&place);
}
END_TEST

/* Two histories of the same world, one with a night between: same sentences, once each. */
static bool sentence_count(void *context, int64_t number, slice line)
{
    (void)number;
    *(size_t *)context += slice_starts(line, "host mail.campus.example");
    return true;
}

START_TEST(test_reopen_often)
{
    struct place place = place_make();
    struct error why = { "" };
    for (int i = 0; i < 3; i++) {
        size_t count = 0;
        struct world *world = place_open(&place, NULL, &why);
        ck_assert_msg(world != NULL, "%s", why.text);
        store_sentences(world->store, sentence_count, &count);
        ck_assert_uint_eq(count, 1);
        run(world, "telnet mail smtp\nQUIT");
        world_end(world);
    }
    place_remove(&place);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("sentence");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, test_lines, 0, COUNT(lines));
    tcase_add_test(cases, test_long_sentence);
    tcase_add_loop_test(cases, test_scripts, 0, COUNT(scripts));
    tcase_add_test(cases, test_script_nul);
    tcase_add_test(cases, test_default_world);
    tcase_add_test(cases, test_messages);
    tcase_add_test(cases, test_message_parts);
    tcase_add_test(cases, test_settings_work);
    tcase_add_test(cases, test_reopen);
    tcase_add_test(cases, test_reopen_often);
    return run_cases("sentence", cases);
}
