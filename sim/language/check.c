/* check.c: `check ...` says one thing about the world, and whether it is so. It looks at the
   trace and the store only, and never reads prose. What the lines of a reply are is in
   check_reply.c. */
#include "base/heap.h"
#include "base/words.h"
#include "servers/mail/encoding.h"
#include "servers/mail/header.h"
#include "servers/mail/mailbox_name.h"
#include "servers/services_table.h"
#include "servers/store/store.h"
#include "sim/devices/device.h"
#include "sim/hosts/host.h"
#include "sim/language/check_device.h"
#include "sim/language/check_input.h"
#include "sim/language/check_private.h"
#include "sim/language/check_reply.h"
#include "sim/language/commands.h"
#include "sim/language/script.h"

#define PLACEMENTS_AT_ONCE 64
#define FOUND_MAX 400

const struct check_form check_forms[] = {
    { "server ADDRESS BOX has N messages", "server ana@campus.example INBOX has 4 messages",
      false },
    { "server ADDRESS BOX has a message with FIELD: TEXT",
      "server ana@campus.example INBOX has a message with Subject: Lunch?", false },
    { "server ADDRESS BOX has no message with FIELD: TEXT",
      "server bo@campus.example INBOX has no message with Subject: Lunch?", false },
    { "server ADDRESS BOX has a message that says TEXT",
      "server ana@campus.example INBOX has a message that says the canteen has SOUP", false },
    { "server ADDRESS BOX has no message that says TEXT",
      "server bo@campus.example INBOX has no message that says soup", false },
    { "server ADDRESS BOX has a message whose text says TEXT",
      "server ana@campus.example INBOX has a message whose text says soup", false },
    { "server ADDRESS BOX has had for DURATION a message with FIELD: TEXT",
      "server ana@campus.example INBOX has had for 2d a message with Subject: Lunch?", false },
    { "server ADDRESS BOX message K is [not] FLAG",
      "server ana@campus.example INBOX message 1 is \\Seen", false },
    { "server ADDRESS BOX is [not] subscribed", "server ana@campus.example Archive is subscribed",
      false },
    { "device NAME BOX has N messages", "device laptop INBOX has 4 messages", false },
    { "device NAME BOX has a message with FIELD: TEXT",
      "device laptop INBOX has a message with Subject: Lunch?", false },
    { "device NAME BOX has no message with FIELD: TEXT",
      "device laptop INBOX has no message with Subject: Breakfast", false },
    { "device NAME BOX message K is [not] FLAG", "device laptop INBOX message 1 is not \\Seen",
      false },
    { "device NAME BOX can read N offline", "device laptop INBOX can read 4 offline", false },
    { "device NAME account is WORDS", "device laptop account is pop3 keep 7d", false },
    { "device NAME ran COMMAND [WORD...]", "device laptop ran mail sync", false },
    { "[device NAME] session smtp|pop3|imap is STATE", "session smtp is READY", false },
    { "[device NAME] session smtp|pop3|imap visited STATE",
      "device laptop session smtp visited CONNECTED", false },
    { "[device NAME] session smtp|pop3|imap ended by client|server|cut|timeout",
      "session pop3 ended by cut", false },
    { "[device NAME] session smtp|pop3|imap uses port N", "session smtp uses port 25", false },
    { "[device NAME] session smtp|pop3|imap took at most N octets",
      "session smtp took at most 2000 octets", false },
    { "[device NAME] session pop3 marks N messages", "session pop3 marks 1 message", false },
    { "reply begins TEXT", "reply begins 250", false },
    { "queue HOST has N messages", "queue mail.campus.example has 0 messages", false },
    { "[device NAME] rule EVENT OUTCOME [in STATE[|STATE...]]", "rule EHLO OK", false },
    { "[device NAME] rule EVENT OUTCOME in N sessions", "rule EHLO OK in 2 sessions", false },
    { "passed DURATION", "passed 2d", false },
    { "typed TEXT", "typed EHLO", false },
    { "ran COMMAND [WORD...]", "ran mail sync", false },
    { "answer names WORD[|WORD...]...", "answer names laptop", false },
    { NULL, NULL, false },
};

bool check_wrong(struct check *check, slice where, const char *what)
{
    return call_refuse(check->call, where, "%s", what);
}

bool check_ended(struct check *check)
{
    slice left = slice_trim(check->rest);
    return left.len == 0 || check_wrong(check, left, "the check should have ended before this");
}

static const char *plural(uint64_t count) { return count == 1 ? "" : "s"; }

bool check_count_take(struct check *check, uint64_t *count)
{
    slice word = word_take(&check->rest);
    if (!word_number(word, UINT32_MAX, count))
        return check_wrong(check, word, "a number belongs here: has 4 messages");
    slice unit = word_take(&check->rest);
    if (!slice_is(unit, "messages") && !slice_is(unit, "message"))
        return check_wrong(check, unit, "`messages` belongs here");
    return check_ended(check);
}

void check_count_found(struct check *check, uint64_t wanted, uint64_t count)
{
    check->ok = wanted == count;
    buf_format(&check->found, "%llu message%s", (unsigned long long)count, plural(count));
}

/* --- check server ADDRESS BOX ... ------------------------------------------------------------ */

/* One message's fields of that name. Without a name the text is looked for in all its octets, or
   in those behind the header. */
struct wanted_field {
    slice name, text;
    bool behind_header;
    int64_t came_ms;      /* … by then */
    struct buf block, value;
    size_t messages;
};

static bool field_matches(struct wanted_field *wanted, slice block)
{
    struct header_cursor cursor = { block };
    struct header_field field;
    while (header_next(&cursor, &field)) {
        if (!slice_equal_nocase(field.name, wanted->name))
            continue;
        buf_clear(&wanted->value);
        header_text(&wanted->value, field.value);
        if (slice_equal(slice_trim(buf_slice(&wanted->value)), wanted->text))
            return true;
    }
    return false;
}

/* Anywhere in the octets as they lie there, whatever the case of its characters. */
static bool text_is_in(slice text, slice wanted)
{
    for (; text.len >= wanted.len; text = slice_from(text, 1))
        if (slice_equal_nocase(slice_upto(text, wanted.len), wanted))
            return true;
    return false;
}

static bool message_says(struct world *world, slice text, int64_t message_key, uint64_t from,
                        uint64_t size)
{
    struct buf octets = BUF_MAX(MESSAGE_BYTES_MAX);
    bool says = store_message_read(world->store, message_key, from, size - from, &octets) &&
                text_is_in(buf_slice(&octets), text);
    buf_free(&octets);
    return says;
}

static bool message_matches(struct world *world, struct wanted_field *wanted, int64_t message_key)
{
    struct arena arena = { 0 };
    struct message message;
    bool ok = store_message(world->store, message_key, &arena, &message);
    buf_clear(&wanted->block);
    if (ok && !wanted->name.len)
        ok = message_says(world, wanted->text, message_key,
                         wanted->behind_header ? message.header_bytes : 0, message.size);
    else if (ok)
        ok = store_message_read(world->store, message_key, 0, message.header_bytes,
                                &wanted->block) &&
             field_matches(wanted, buf_slice(&wanted->block));
    arena_free(&arena);
    return ok;
}

static bool mailbox_matches(struct world *world, int64_t mailbox, struct wanted_field *wanted)
{
    struct placement rows[PLACEMENTS_AT_ONCE];
    uint32_t first = 1;
    size_t count;
    while ((count = store_placements(world->store, mailbox, first, UINT32_MAX, 0, false, rows,
                                     COUNT(rows))) > 0) {
        for (size_t i = 0; i < count; i++) {
            wanted->messages++;
            if (rows[i].date_ms <= wanted->came_ms &&
                message_matches(world, wanted, rows[i].message_key))
                return true;
        }
        if (rows[count - 1].uid == UINT32_MAX)
            break;
        first = rows[count - 1].uid + 1;
    }
    return false;
}

/* Where a message is looked through. */
enum look_in { IN_FIELD, IN_ALL, IN_TEXT };

static bool server_field(struct check *check, const struct mailbox *mailbox, bool wants,
                         enum look_in where, uint64_t age_ms)
{
    struct wanted_field wanted = { .block = BUF_MAX(HEADER_BYTES_MAX),
                                   .value = BUF_MAX(HEADER_FIELD_MAX * 4),
                                   .behind_header = where == IN_TEXT,
                                   .came_ms = (int64_t)(world_now_ms(check->world) - age_ms) };
    bool says = where != IN_FIELD;
    size_t colon = 0;
    slice rest = slice_trim(check->rest);
    if (says && !rest.len)
        return check_wrong(check, rest, "words belong here: that says soup");
    if (!says && (!slice_find(rest, ':', &colon) || colon == 0))
        return check_wrong(check, rest, "a field and its text belong here: with Subject: Lunch?");
    wanted.name = says ? SLICE_EMPTY : slice_trim(slice_upto(rest, colon));
    wanted.text = says ? rest : slice_trim(slice_from(rest, colon + 1));
    bool has = mailbox->id && mailbox_matches(check->world, mailbox->id, &wanted);
    check->ok = has == wants;
    if (has)
        buf_format(&check->found, "there is one");
    else
        buf_format(&check->found, "none among %zu message%s", wanted.messages,
                   plural(wanted.messages));
    buf_free(&wanted.block);
    buf_free(&wanted.value);
    return true;
}

/* The K-th of the mailbox as a new session would count. */
static bool position_find(struct world *world, const struct mailbox *mailbox, uint64_t position,
                          struct placement *row)
{
    struct uid_list *uids = store_uids(world->store, mailbox->id);
    bool ok = uids && position >= 1 && position <= uids->count &&
              store_placement(world->store, mailbox->id, uids->uids[position - 1], row);
    uid_list_release(uids);
    return ok;
}

static bool flag_bit(struct world *world, const struct mailbox *mailbox, slice flag, uint64_t *bit)
{
    static const struct {
        const char *name;
        uint64_t bit;
    } flags[] = { { "\\Seen", FLAG_SEEN },
                  { "\\Answered", FLAG_ANSWERED },
                  { "\\Flagged", FLAG_FLAGGED },
                  { "\\Deleted", FLAG_DELETED },
                  { "\\Draft", FLAG_DRAFT } };
    for (size_t i = 0; i < COUNT(flags); i++)
        if (slice_is_nocase(flag, flags[i].name)) {
            *bit = flags[i].bit;
            return true;
        }
    *bit = 0;
    if (flag.at[0] != '\\' && mailbox->id)
        store_keyword(world->store, mailbox->id, flag, false, bit);
    return flag.at[0] != '\\';
}

static void flags_found(struct check *check, const struct mailbox *mailbox, uint64_t flags)
{
    static const char *const names[] = { "\\Seen", "\\Answered", "\\Flagged", "\\Deleted",
                                         "\\Draft" };
    struct arena arena = { 0 };
    slice keywords[KEYWORDS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < COUNT(names); i++)
        if (flags >> i & 1)
            buf_format(&check->found, " %s", names[i]);
    if (store_keywords(check->world->store, mailbox->id, &arena, keywords, &count))
        for (size_t i = 0; i < count; i++)
            if (flags >> (FLAG_KEYWORD_SHIFT + i) & 1)
                buf_format(&check->found, " %.*s", SLICE_ARG(keywords[i]));
    arena_free(&arena);
}

static bool server_flag(struct check *check, const struct mailbox *mailbox)
{
    uint64_t position = 0, bit = 0;
    struct placement row;
    slice word = word_take(&check->rest);
    if (!word_number(word, UINT32_MAX, &position) || position == 0)
        return check_wrong(check, word, "a position belongs here: message 1 is \\Seen");
    if (!word_take_if(&check->rest, "is"))
        return check_wrong(check, word_peek(check->rest), "`is` or `is not` belongs here");
    bool wants = !word_take_if(&check->rest, "not");
    slice flag = word_take(&check->rest);
    if (!flag.len || !flag_bit(check->world, mailbox, flag, &bit))
        return check_wrong(
            check, flag,
            "a flag belongs here: \\Seen \\Answered \\Flagged \\Deleted \\Draft, or a keyword");
    if (!check_ended(check))
        return false;
    if (!mailbox->id || !position_find(check->world, mailbox, position, &row)) {
        buf_format(&check->found, "%u message%s", mailbox->messages, plural(mailbox->messages));
        return true;
    }
    check->ok = ((row.flags & bit) != 0) == wants;
    buf_format(&check->found, "its flags:");
    flags_found(check, mailbox, row.flags);
    return true;
}

/* Behind `has a`, `has no`: "message with Subject: Lunch?" */
static bool server_message(struct check *check, const struct mailbox *mailbox, bool wants)
{
    slice word = word_peek(check->rest);
    if (!word_take_if(&check->rest, "message"))
        return check_wrong(check, word, "`message with` belongs here");
    slice with = word_peek(check->rest);
    if (word_take_if(&check->rest, "that"))
        return word_take_if(&check->rest, "says")
                   ? server_field(check, mailbox, wants, IN_ALL, 0)
                   : check_wrong(check, with, "`that says` belongs here: that says soup");
    if (word_take_if(&check->rest, "whose"))
        return word_take_if(&check->rest, "text") && word_take_if(&check->rest, "says")
                   ? server_field(check, mailbox, wants, IN_TEXT, 0)
                   : check_wrong(check, with, "`whose text says` belongs here");
    if (!word_take_if(&check->rest, "with"))
        return check_wrong(check, with, "`with` belongs here: with Subject: Lunch?");
    return server_field(check, mailbox, wants, IN_FIELD, 0);
}

/* Behind `has had`: "for 2d a message with Subject: Lunch?" */
static bool server_had(struct check *check, const struct mailbox *mailbox)
{
    uint64_t age_ms = 0;
    slice word = word_peek(check->rest);
    if (!word_take_if(&check->rest, "for"))
        return check_wrong(check, word, "`for` and a time belong here: has had for 2d a message");
    word = check->rest = slice_trim(check->rest);
    if (!duration_read(&check->rest, &age_ms))
        return check_wrong(check, word, "a time belongs here: has had for 2d a message");
    word = word_peek(check->rest);
    if (!word_take_if(&check->rest, "a") || !word_take_if(&check->rest, "message") ||
        !word_take_if(&check->rest, "with"))
        return check_wrong(check, word, "`a message with` belongs here");
    return server_field(check, mailbox, true, IN_FIELD, age_ms);
}

static bool server_rest(struct check *check, const struct mailbox *mailbox)
{
    uint64_t count = 0;
    if (word_take_if(&check->rest, "message"))
        return server_flag(check, mailbox);
    slice word = word_take(&check->rest);
    if (!slice_is(word, "has"))
        return check_wrong(check, word, "`has`, `is` or `message` belongs here");
    if (word_take_if(&check->rest, "had"))
        return server_had(check, mailbox);
    slice next = word_peek(check->rest);
    bool none = slice_is(next, "no");
    if (none || slice_is(next, "a")) {
        word_take(&check->rest);
        return server_message(check, mailbox, !none);
    }
    if (!check_count_take(check, &count))
        return false;
    check_count_found(check, count, mailbox->messages);
    return true;
}

/* Among the names that LSUB tells? Such a name needs no mailbox. */
struct subscribed {
    slice name;
    bool is;
};

static bool name_is_subscribed(void *context, slice name)
{
    struct subscribed *asked = context;
    asked->is |= slice_equal(name, asked->name);
    return !asked->is;
}

static bool server_subscribed(struct check *check, int64_t user, slice name)
{
    struct subscribed asked = { .name = name };
    word_take(&check->rest);
    bool wants = !word_take_if(&check->rest, "not");
    slice word = word_peek(check->rest);
    if (!word_take_if(&check->rest, "subscribed"))
        return check_wrong(check, word, "`subscribed` or `not subscribed` belongs here");
    store_subscriptions(check->world->store, user, name_is_subscribed, &asked);
    check->ok = asked.is == wants;
    buf_add_text(&check->found, asked.is ? "subscribed" : "not subscribed");
    return check_ended(check);
}

static bool check_server(struct check *check)
{
    struct user user;
    struct mailbox mailbox = { .id = 0 };
    struct buf name = BUF_MAX(MAILBOX_NAME_MAX), wire = BUF_MAX(MAILBOX_NAME_MAX),
               box = BUF_MAX(MAILBOX_NAME_MAX);
    slice address = word_take(&check->rest), where = SLICE_EMPTY;
    bool ok = address.len && store_user_by_address(check->world->store, address, &user);
    if (!ok)
        check_wrong(check, address, "no user of that address (`users` lists them)");
    where = word_peek(check->rest);
    if (ok && (!text_take(&check->rest, &name) || !mutf7_encode(&wire, buf_slice(&name))))
        ok = check_wrong(check, where, "a mailbox's name belongs here, in quotes if it has spaces");
    mailbox_name_canonical(&box, buf_slice(&wire));
    bool exists = ok && store_mailbox_find(check->world->store, user.id, buf_slice(&box), &mailbox);
    if (ok && !exists)
        mailbox = (struct mailbox){ .id = 0 };
    bool of_name = ok && slice_is(word_peek(check->rest), "is");
    if (of_name)
        ok = exists = server_subscribed(check, user.id, buf_slice(&box));
    else
        ok = ok && server_rest(check, &mailbox);
    if (ok && !exists) { /* whatever was asked of it */
        check->ok = false;
        buf_clear(&check->found);
        buf_add_text(&check->found, "no such mailbox");
    }
    buf_free(&name);
    buf_free(&wire);
    buf_free(&box);
    return ok;
}

/* --- check device ... ----------------------------------------------------------------------- */

static bool check_device(struct check *check)
{
    slice name = word_take(&check->rest);
    const struct device *device = device_find(check->world, name);
    if (!device)
        return check_wrong(check, name, "no device of that name (`on` lists them)");
    if (word_take_if(&check->rest, "session"))
        return check_session(check, device);
    if (word_take_if(&check->rest, "rule"))
        return check_rule(check, device);
    if (word_take_if(&check->rest, "account"))
        return check_account(check, device);
    if (word_take_if(&check->rest, "ran"))
        return check_input(&(struct input_check){ check->call, SLICE("ran"), check->rest,
                                                  check->from, device->host },
                           &check->ok, &check->found);
    return check_device_box(check->call, check->rest, device, &check->ok, &check->found);
}

/* --- check reply ..., check queue ... -------------------------------------------------------- */

static bool check_reply(struct check *check)
{
    slice word = word_take(&check->rest);
    if (!slice_is(word, "begins"))
        return check_wrong(check, word, "`begins` belongs here: reply begins 250");
    slice text = slice_trim(check->rest);
    if (!text.len)
        return check_wrong(check, text, "how does it begin? 250, +OK, NO");
    if (!check->call->device)
        return check_wrong(check, SLICE_EMPTY, "this world has no device");
    slice reply = reply_last(check->world, check->call->device);
    check->ok = slice_equal(slice_upto(reply, text.len), text);
    if (reply.len)
        buf_add(&check->found, slice_upto(reply, FOUND_MAX / 2));
    else
        buf_add_text(&check->found, "no reply yet");
    return true;
}

static bool check_queue(struct check *check)
{
    uint64_t wanted = 0;
    slice name = word_take(&check->rest), word = word_peek(check->rest);
    struct host *host = host_find(check->world, name);
    if (!host)
        return check_wrong(check, name, "no host of that name (`hosts` lists them)");
    if (!word_take_if(&check->rest, "has"))
        return check_wrong(check, word,
                           "`has` belongs here: queue mail.campus.example has 1 message");
    if (!check_count_take(check, &wanted))
        return false;
    check_count_found(check, wanted,
                      store_queue_count(check->world->store, slice_of(host_policy(host)->name)));
    return true;
}

/* --- check passed DURATION -------------------------------------------------------------------- */

/* Since the record from which on the trace counts. */
static bool check_passed(struct check *check)
{
    const struct trace *trace = check->world->trace;
    uint64_t wanted_ms = 0, now = clock_ns(check->world->clock), then = now;
    slice word = check->rest = slice_trim(check->rest);
    if (!duration_read(&check->rest, &wanted_ms))
        return check_wrong(check, word, "a time belongs here: passed 2d");
    if (!check_ended(check))
        return false;
    uint64_t first = check->from > trace_first(trace) ? check->from : trace_first(trace);
    if (first < trace_end(trace))
        then = trace_at(trace, first)->t_ns;
    uint64_t minutes = (now - then) / NS_PER_MS / 60000;
    check->ok = (now - then) / NS_PER_MS >= wanted_ms;
    buf_format(&check->found, "%llud %lluh %llum", (unsigned long long)(minutes / 1440),
               (unsigned long long)(minutes / 60 % 24), (unsigned long long)(minutes % 60));
    return true;
}

/* --- the command ----------------------------------------------------------------------------- */

static void check_answer(struct check *check)
{
    struct call *call = check->call;
    struct world *world = check->world;
    slice found = buf_slice(&check->found);
    call_begins(call);
    call->ok = check->ok;
    call->answered = true;
    world->script->check_failed |= !check->ok;
    trace_add(world->trace, clock_ns(world->clock), &(struct trace_record){
        .kind = TRACE_CHECK, .host = call->device ? call->device->host : 0, .ok = check->ok,
        .name = call->args, .text = found });
    if (check->ok)
        call_say(call, "ok check %.*s", SLICE_ARG(slice_upto(call->args, FOUND_MAX)));
    else
        call_say(call, "FAILED check %.*s: found %.*s",
                 SLICE_ARG(slice_upto(call->args, FOUND_MAX)), SLICE_ARG(found));
}

static bool check_run(struct call *call, slice rest, bool (*run)(struct check *))
{
    struct check check = { .call = call, .world = call->world, .rest = rest,
                           .from = call->asked ? call->asked_from : 0,
                           .found = BUF_MAX(FOUND_MAX * 8) };
    bool ok = run(&check);
    if (ok && call->asked) {
        call->asked->ok = check.ok;
        FIELD_SET(call->asked->found, buf_slice(&check.found));
    } else if (ok) {
        check_answer(&check);
    }
    buf_free(&check.found);
    return ok;
}

static bool check_session_here(struct check *check)
{
    return check_session(check, check->call->device);
}

static bool check_rule_here(struct check *check)
{
    return check_rule(check, check->call->device);
}

static bool input(struct check *check, const char *word)
{
    const struct input_check asked = { check->call, slice_of(word), check->rest, check->from, 0 };
    return check_input(&asked, &check->ok, &check->found);
}
static bool check_typed(struct check *check) { return input(check, "typed"); }
static bool check_ran(struct check *check) { return input(check, "ran"); }
static bool check_answered(struct check *check) { return input(check, "answer"); }

#define RUN(word, check)                                                                           \
    static bool run_##word(struct call *call, slice rest) { return check_run(call, rest, check); }
RUN(server, check_server)
RUN(device, check_device)
RUN(session, check_session_here)
RUN(reply, check_reply)
RUN(queue, check_queue)
RUN(rule, check_rule_here)
RUN(passed, check_passed)
RUN(typed, check_typed)
RUN(ran, check_ran)
RUN(answer, check_answered)

/* Of each the forms are in check_forms. */
const struct subcommand check_words[] = {
    { "server", NULL, NULL, COMPLETES_USER, run_server },
    { "device", NULL, NULL, COMPLETES_DEVICE, run_device },
    { "session", NULL, NULL, COMPLETES_PROTOCOL, run_session },
    { "reply", NULL, NULL, COMPLETES_NOTHING, run_reply },
    { "queue", NULL, NULL, COMPLETES_HOST, run_queue },
    { "rule", NULL, NULL, COMPLETES_NOTHING, run_rule },
    { "passed", NULL, NULL, COMPLETES_NOTHING, run_passed },
    { "typed", NULL, NULL, COMPLETES_NOTHING, run_typed },
    { "ran", NULL, NULL, COMPLETES_COMMAND, run_ran },
    { "answer", NULL, NULL, COMPLETES_NOTHING, run_answer },
    { NULL, NULL, NULL, COMPLETES_NOTHING, NULL },
};

bool command_check(struct call *call)
{
    return subcommand_run(call, check_words, "check what? server, session, device, reply, queue, "
                          "rule, passed, typed, ran or answer (`help check`)");
}

bool check_ask(struct world *world, slice text, uint64_t from, struct check_result *result)
{
    struct buf said = BUF_MAX(COMMAND_OUTPUT_MAX);
    struct call call = { .world = world, .device = world->here, .args = slice_trim(text),
                         .out = &said, .ok = true, .why = &result->why, .asked = result,
                         .asked_from = from,
                         .command = command_find(world->script->tables, SLICE("check")) };
    *result = (struct check_result){ .ok = false };
    struct heap *before = heap_enter(heap_of(world)); /* what the store keeps is the world's */
    bool understood = command_check(&call);
    heap_enter(before);
    result->at = call.at;
    buf_free(&said);
    return understood;
}
