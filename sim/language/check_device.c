/* check_device.c: see check_device.h. The forms are those of `check server`, and one more. */
#include "sim/language/check_device.h"

#include "base/words.h"
#include "servers/mail/encoding.h"
#include "servers/mail/header.h"
#include "servers/mail/mailbox_name.h"
#include "servers/store/store_device.h"
#include "sim/devices/device.h"

/* One check of a box while it is read and answered. */
struct box_check {
    struct call *call;
    struct store *store;
    slice rest;
    struct device_folder folder;
    bool exists;
    struct device_count count;
    bool *ok;
    struct buf *found;
};

static bool wrong(struct box_check *check, slice where, const char *what)
{
    return call_refuse(check->call, where, "%s", what);
}

static bool ended(struct box_check *check)
{
    slice left = slice_trim(check->rest);
    return left.len == 0 || wrong(check, left, "the check should have ended before this");
}

static bool expect(struct box_check *check, const char *word, const char *what)
{
    slice found = word_peek(check->rest);
    return word_take_if(&check->rest, word) || wrong(check, found, what);
}

static void counted(struct box_check *check, uint64_t wanted, uint64_t count, const char *unit)
{
    *check->ok = wanted == count;
    buf_format(check->found, "%llu%s%s", (unsigned long long)count, unit,
               *unit && count != 1 ? "s" : "");
}

static bool number_take(struct box_check *check, uint64_t *number)
{
    slice word = word_take(&check->rest);
    return word_number(word, UINT32_MAX, number) || wrong(check, word, "a number belongs here");
}

/* --- has a message with FIELD: TEXT -------------------------------------------------------- */

struct wanted {
    struct box_check *check;
    slice name, text;
    struct buf message, value;
    bool found;
};

static bool message_matches(void *context, const struct device_message *message)
{
    struct wanted *wanted = context;
    struct header_field field;
    buf_clear(&wanted->message);
    if (message->gone || !store_device_message_read(wanted->check->store, message->id,
                                                  &wanted->message))
        return true;
    slice text = buf_slice(&wanted->message);
    struct header_cursor cursor = { slice_upto(text, header_end(text)) };
    while (!wanted->found && header_next(&cursor, &field)) {
        buf_clear(&wanted->value);
        header_text(&wanted->value, field.value);
        wanted->found = slice_equal_nocase(field.name, wanted->name) &&
                        slice_equal(slice_trim(buf_slice(&wanted->value)), wanted->text);
    }
    return !wanted->found;
}

static bool check_field(struct box_check *check, bool wants)
{
    struct wanted wanted = { .check = check, .message = BUF_MAX(MESSAGE_BYTES_MAX),
                             .value = BUF_MAX(HEADER_FIELD_MAX * 4) };
    size_t colon = 0;
    if (!expect(check, "message", "`message with` belongs here") ||
        !expect(check, "with", "`with` belongs here: with Subject: Lunch?"))
        return false;
    slice rest = slice_trim(check->rest);
    if (!slice_find(rest, ':', &colon) || colon == 0)
        return wrong(check, rest, "a field and its text belong here: with Subject: Lunch?");
    wanted.name = slice_trim(slice_upto(rest, colon));
    wanted.text = slice_trim(slice_from(rest, colon + 1));
    if (check->exists)
        store_device_messages(check->store, check->folder.id, message_matches, &wanted);
    *check->ok = wanted.found == wants;
    buf_add_text(check->found, wanted.found ? "there is one" : "none");
    buf_free(&wanted.message);
    buf_free(&wanted.value);
    return true;
}

/* --- message K is [not] FLAG --------------------------------------------------------------- */

static bool check_flag(struct box_check *check)
{
    static const struct {
        const char *name;
        uint64_t bit;
    } flags[] = { { "\\Seen", DEVICE_SEEN },       { "\\Answered", DEVICE_ANSWERED },
                  { "\\Flagged", DEVICE_FLAGGED }, { "\\Deleted", DEVICE_DELETED },
                  { "\\Draft", DEVICE_DRAFT } };
    struct device_message message;
    uint64_t position = 0, bit = 0;
    if (!number_take(check, &position) ||
        !expect(check, "is", "`is` or `is not` belongs here"))
        return false;
    bool wants = !word_take_if(&check->rest, "not");
    slice word = word_take(&check->rest);
    for (size_t i = 0; i < COUNT(flags); i++)
        if (slice_is_nocase(word, flags[i].name))
            bit = flags[i].bit;
    if (!bit)
        return wrong(check, word,
                     "a flag belongs here: \\Seen \\Answered \\Flagged \\Deleted \\Draft");
    if (!ended(check))
        return false;
    bool there = check->exists &&
                 store_device_message_at(check->store, check->folder.id, position, &message);
    *check->ok = there && ((message.flags & bit) != 0) == wants;
    for (size_t i = 0; there && i < COUNT(flags); i++)
        if (message.flags & flags[i].bit)
            buf_format(check->found, "%s%s", check->found->len ? " " : "", flags[i].name);
    if (check->found->len == 0)
        buf_add_text(check->found, there ? "no flags" : "no such message");
    return true;
}

/* --- which --------------------------------------------------------------------------------- */

static bool check_has(struct box_check *check)
{
    uint64_t wanted = 0;
    if (word_take_if(&check->rest, "no"))
        return check_field(check, false);
    if (word_take_if(&check->rest, "a"))
        return check_field(check, true);
    if (!number_take(check, &wanted))
        return false;
    slice unit = word_take(&check->rest);
    if (!slice_is(unit, "messages") && !slice_is(unit, "message"))
        return wrong(check, unit, "`messages` belongs here");
    counted(check, wanted, check->count.messages, " message");
    return ended(check);
}

static bool check_can(struct box_check *check)
{
    uint64_t wanted = 0;
    if (!expect(check, "read", "`read` belongs here: can read 4 offline") ||
        !number_take(check, &wanted) || !expect(check, "offline", "`offline` belongs here"))
        return false;
    counted(check, wanted, check->count.whole, "");
    return ended(check);
}

static bool check_what(struct box_check *check)
{
    if (word_take_if(&check->rest, "has"))
        return check_has(check);
    if (word_take_if(&check->rest, "can"))
        return check_can(check);
    if (word_take_if(&check->rest, "message"))
        return check_flag(check);
    return wrong(check, word_peek(check->rest), "`has`, `can read` or `message` belongs here");
}

bool check_device_box(struct call *call, slice rest, const struct device *device, bool *ok,
                      struct buf *found)
{
    struct box_check check = { .call = call, .store = call->world->store, .rest = rest, .ok = ok,
                               .found = found };
    struct buf name = BUF_MAX(MAILBOX_NAME_MAX), wire = BUF_MAX(MAILBOX_NAME_MAX),
               box = BUF_MAX(MAILBOX_NAME_MAX);
    slice where = word_peek(rest);
    bool read = text_take(&check.rest, &name) && mutf7_encode(&wire, buf_slice(&name)) && name.len;
    if (!read)
        wrong(&check, where, "`session` or a folder's name belongs here: INBOX");
    mailbox_name_canonical(&box, buf_slice(&wire));
    check.exists = read && store_device_folder(check.store, slice_of(device->name),
                                               buf_slice(&box), false, &check.folder);
    if (check.exists)
        store_device_count(check.store, check.folder.id, &check.count);
    read = read && check_what(&check);
    if (read && !check.exists && !slice_is(buf_slice(&box), "INBOX")) {
        *ok = false;
        buf_clear(found);
        buf_add_text(found, "no such mailbox");
    }
    buf_free(&name);
    buf_free(&wire);
    buf_free(&box);
    return read;
}
