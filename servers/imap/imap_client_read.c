/* imap_client_read.c: what responses mean (RFC 3501 7). What is not known is skipped: a
   server may say more than one asks for. Nothing is recursive. */
#include "servers/imap/imap_client_private.h"
#include "servers/imap/imap_parse.h"

/* --- pieces -------------------------------------------------------------------------------- */

static bool space(struct imap_cursor *cursor) { return imap_parse_space(cursor); }

/* An atom as servers write them: up to a blank, a bracket or a parenthesis. */
static bool is_word_char(unsigned char c)
{
    return c > ' ' && c < 127 && c != '(' && c != ')' && c != '[' && c != ']' && c != '{' &&
           c != '"';
}

static slice word(struct imap_cursor *cursor) { return take_while(&cursor->rest, is_word_char); }

static bool flag_list(struct imap_cursor *cursor, uint64_t *flags)
{
    static const char *const names[] = { "\\Seen", "\\Answered", "\\Flagged", "\\Deleted",
                                         "\\Draft" };
    *flags = 0;
    if (!imap_parse_char(cursor, '('))
        return false;
    while (!take_char(&cursor->rest, ')')) {
        slice name = word(cursor);
        if (!name.len)
            return false;
        for (size_t i = 0; i < COUNT(names); i++)
            if (slice_is_nocase(name, names[i]))
                *flags |= (uint64_t)1 << i;
        take_char(&cursor->rest, ' ');
    }
    return true;
}

static bool nstring(struct imap_cursor *cursor, slice *text)
{
    *text = SLICE_EMPTY;
    return imap_take_word(cursor, "NIL") || imap_parse_string(cursor, text);
}

/* One value of any kind: a word, a string, or parentheses with such. */
static bool skip_value(struct imap_cursor *cursor)
{
    size_t depth = 0;
    slice text;
    do {
        if (take_char(&cursor->rest, '('))
            depth++;
        else if (depth && take_char(&cursor->rest, ')'))
            depth--;
        else if (imap_next_is(cursor, '"') || imap_next_is(cursor, '{')) {
            if (!imap_parse_string(cursor, &text))
                return false;
        } else if (!(depth && take_char(&cursor->rest, ' ')) && !word(cursor).len) {
            return false;
        }
    } while (depth);
    return true;
}

/* --- codes and capabilities ---------------------------------------------------------------- */

static void capabilities(struct imap_client *client, slice list)
{
    static const struct {
        const char *name;
        uint32_t bit;
    } known[] = { { "UIDPLUS", IMAP_CAN_UIDPLUS },     { "MOVE", IMAP_CAN_MOVE },
                  { "CONDSTORE", IMAP_CAN_CONDSTORE }, { "QRESYNC", IMAP_CAN_QRESYNC },
                  { "IDLE", IMAP_CAN_IDLE },           { "LOGINDISABLED", IMAP_CAN_NO_LOGIN } };
    client->facts.can = 0;
    client->facts.can_known = true;
    for (slice name = take_word(&list); name.len; name = take_word(&list))
        for (size_t i = 0; i < COUNT(known); i++)
            if (slice_is_nocase(name, known[i].name))
                client->facts.can |= known[i].bit;
}

static uint32_t number_of(slice text)
{
    uint64_t number = 0;
    return take_number(&text, UINT32_MAX, &number) && !text.len ? (uint32_t)number : 0;
}

static uint64_t modseq_of(slice text)
{
    uint64_t number = 0;
    return take_number(&text, INT64_MAX, &number) && !text.len ? number : 0;
}

/* "UIDVALIDITY 17", without its brackets. What is malformed is not believed. */
static void code(struct imap_client *client, slice text)
{
    struct imap_facts *facts = &client->facts;
    slice rest = text, name = take_word(&rest), first = take_word(&rest);
    slice second = take_word(&rest), third = take_word(&rest);
    if (slice_is_nocase(name, "CAPABILITY"))
        capabilities(client, slice_from(text, name.len));
    else if (slice_is_nocase(name, "UIDVALIDITY"))
        facts->uidvalidity = number_of(first);
    else if (slice_is_nocase(name, "UIDNEXT"))
        facts->uidnext = number_of(first);
    else if (slice_is_nocase(name, "HIGHESTMODSEQ"))
        facts->highest_modseq = modseq_of(first);
    else if (slice_is_nocase(name, "READ-ONLY"))
        facts->read_only = true;
    else if (slice_is_nocase(name, "TRYCREATE"))
        facts->try_create = true;
    else if (slice_is_nocase(name, "APPENDUID") || slice_is_nocase(name, "COPYUID")) {
        bool copy = slice_is_nocase(name, "COPYUID");
        facts->new_uidvalidity = number_of(first);
        facts->new_uid = number_of(copy ? third : second);
    }
}

/* " [CODE] text": the text is kept. */
static void text_heard(struct imap_client *client, slice text)
{
    size_t end = 0;
    text = slice_trim(text);
    if (slice_starts(text, "[") && slice_find(text, ']', &end))
        code(client, slice_upto(slice_from(text, 1), end - 1));
    buf_clear(&client->text);
    buf_add(&client->text, text);
}

/* --- untagged ------------------------------------------------------------------------------ */

static bool list_heard(struct imap_client *client, struct imap_cursor *cursor)
{
    struct imap_listed listed = { .selectable = true };
    slice delimiter;
    if (!space(cursor) || !imap_parse_char(cursor, '('))
        return false;
    while (!take_char(&cursor->rest, ')')) {
        slice flag = word(cursor);
        if (!flag.len)
            return false;
        if (slice_is_nocase(flag, "\\Noselect") || slice_is_nocase(flag, "\\NonExistent"))
            listed.selectable = false;
        take_char(&cursor->rest, ' ');
    }
    if (!space(cursor) || !nstring(cursor, &delimiter) || !space(cursor) ||
        !imap_parse_astring(cursor, &listed.name))
        return false;
    client->owner->listed(client->owner->context, &listed);
    return true;
}

/* "[…]" and "<0>" after BODY, and the text. */
static bool body_heard(struct imap_cursor *cursor, struct imap_fetched *fetched)
{
    slice section = take_until(&cursor->rest, ']');
    (void)section;
    if (take_char(&cursor->rest, '<'))
        take_until(&cursor->rest, '>');
    fetched->has_text = true;
    return space(cursor) && nstring(cursor, &fetched->text);
}

static bool item_heard(struct imap_cursor *cursor, struct imap_fetched *fetched)
{
    slice name = word(cursor);
    uint32_t size = 0;
    int zone = 0;
    if (!name.len)
        return false;
    if (slice_is_nocase(name, "BODY") && take_char(&cursor->rest, '['))
        return body_heard(cursor, fetched);
    if (!space(cursor))
        return false;
    if (slice_is_nocase(name, "UID"))
        return imap_parse_nz_number(cursor, &fetched->uid);
    if (slice_is_nocase(name, "FLAGS")) {
        fetched->has_flags = true;
        return flag_list(cursor, &fetched->flags);
    }
    if (slice_is_nocase(name, "RFC822.SIZE")) {
        fetched->has_size = imap_parse_number(cursor, &size);
        fetched->size = size;
        return fetched->has_size;
    }
    if (slice_is_nocase(name, "INTERNALDATE")) {
        fetched->has_date = imap_parse_date_time(cursor, &fetched->date_ms, &zone);
        return fetched->has_date;
    }
    return skip_value(cursor);
}

static bool fetch_heard(struct imap_client *client, struct imap_cursor *cursor, uint32_t number)
{
    struct imap_fetched fetched = { .number = number, .text = SLICE_EMPTY };
    if (!space(cursor) || !imap_parse_char(cursor, '('))
        return false;
    do {
        if (!item_heard(cursor, &fetched))
            return false;
    } while (take_char(&cursor->rest, ' '));
    if (!imap_parse_char(cursor, ')'))
        return false;
    client->owner->fetched(client->owner->context, &fetched);
    return true;
}

static bool numbered_heard(struct imap_client *client, struct imap_cursor *cursor)
{
    uint32_t number = 0;
    if (!imap_parse_number(cursor, &number) || !space(cursor))
        return false;
    slice name = word(cursor);
    if (slice_is_nocase(name, "FETCH"))
        return fetch_heard(client, cursor, number);
    if (slice_is_nocase(name, "EXISTS"))
        client->facts.exists = number;
    else if (slice_is_nocase(name, "EXPUNGE") && client->facts.exists)
        client->facts.exists--;
    bool changed = slice_is_nocase(name, "EXISTS") || slice_is_nocase(name, "EXPUNGE");
    if (changed && client->owner->changed)
        client->owner->changed(client->owner->context);
    return name.len > 0;
}

static void move(struct imap_client *client, int response)
{
    client_move(&imap_client_table, client, &client->step, response);
}

/* OK and PREAUTH; NO and BAD are no greeting. */
static bool greeting_heard(struct imap_client *client, slice name)
{
    bool bye = slice_is_nocase(name, "BYE");
    bool good = slice_is_nocase(name, "OK") || slice_is_nocase(name, "PREAUTH");
    if (bye)
        client->ending = IMAP_BYE;
    client->answer = IMAP_GREETED;
    if (bye || good)
        move(client, bye ? BYE : GREETED);
    return bye || good;
}

/* Of those that go while one listens the owner hears nothing: what is known counts from before. */
static bool vanished_heard(struct imap_client *client, struct imap_cursor *cursor)
{
    struct imap_set uids = { NULL, 0 };
    bool earlier = take_prefix_nocase(&cursor->rest, " (EARLIER)");
    if (!space(cursor) || !imap_parse_set(cursor, &uids))
        return false;
    uids = imap_set_resolve(cursor->arena, &uids, 0);
    if (earlier && client->owner->vanished)
        client->owner->vanished(client->owner->context, &uids);
    else if (!earlier && client->owner->changed)
        client->owner->changed(client->owner->context);
    return true;
}

static void enabled_heard(struct imap_client *client, slice list)
{
    for (slice name = take_word(&list); name.len; name = take_word(&list))
        client->facts.qresync = client->facts.qresync || slice_is_nocase(name, "QRESYNC");
}

static bool search_heard(struct imap_client *client, struct imap_cursor *cursor)
{
    uint32_t number = 0;
    while (take_char(&cursor->rest, ' ') && imap_parse_nz_number(cursor, &number))
        if (client->owner->found)
            client->owner->found(client->owner->context, number);
    return true;
}

static bool untagged_heard(struct imap_client *client, struct imap_cursor *cursor)
{
    if (cursor->rest.len && is_digit((unsigned char)cursor->rest.at[0]))
        return client->step != GREETING && numbered_heard(client, cursor);
    slice name = word(cursor);
    bool status = slice_is_nocase(name, "OK") || slice_is_nocase(name, "NO") ||
                  slice_is_nocase(name, "BAD") || slice_is_nocase(name, "PREAUTH") ||
                  slice_is_nocase(name, "BYE");
    if (status)
        text_heard(client, cursor->rest);
    if (client->step == GREETING)
        return status && greeting_heard(client, name);
    if (slice_is_nocase(name, "BYE"))
        client->said_bye = true;
    else if (slice_is_nocase(name, "CAPABILITY"))
        capabilities(client, cursor->rest);
    else if (slice_is_nocase(name, "LIST"))
        return list_heard(client, cursor);
    else if (slice_is_nocase(name, "VANISHED"))
        return vanished_heard(client, cursor);
    else if (slice_is_nocase(name, "SEARCH"))
        return search_heard(client, cursor);
    else if (slice_is_nocase(name, "ENABLED"))
        enabled_heard(client, cursor->rest);
    return name.len > 0;
}

/* --- tagged, and "+" ----------------------------------------------------------------------- */

static bool tagged_heard(struct imap_client *client, struct imap_cursor *cursor)
{
    static const char *const words[] = { [IMAP_OK] = "OK", [IMAP_NO] = "NO", [IMAP_BAD] = "BAD" };
    uint64_t tag = 0;
    if (!take_char(&cursor->rest, 'a') || !take_number(&cursor->rest, UINT32_MAX, &tag) ||
        tag != client->tag || !space(cursor))
        return false;
    slice name = word(cursor);
    size_t answer = IMAP_OK;
    while (answer < COUNT(words) && !slice_is_nocase(name, words[answer]))
        answer++;
    text_heard(client, cursor->rest);
    if (answer == COUNT(words))
        return false;
    client->answer = (enum imap_answer)answer;
    if (client->step == LOGOUT)
        client->ending = IMAP_DONE;
    move(client, TAGGED);
    return true;
}

int imap_response_kind(slice line)
{
    slice tag = take_word(&line), name = take_word(&line);
    bool ok = slice_is_nocase(name, "OK");
    bool no = slice_is_nocase(name, "NO") || slice_is_nocase(name, "BAD");
    if (slice_is(tag, "*") && slice_is_nocase(name, "BYE"))
        return BYE;
    if (slice_is(tag, "*") && (ok || slice_is_nocase(name, "PREAUTH")))
        return GREETED;
    if (slice_starts(tag, "+"))
        return PLUS;
    return slice_starts(tag, "a") && (ok || no) ? TAGGED : -1;
}

bool imap_response_heard(struct imap_client *client, slice response)
{
    struct imap_cursor cursor = imap_cursor_over(&client->scratch, response);
    if (take_prefix(&cursor.rest, "* "))
        return untagged_heard(client, &cursor);
    if (slice_starts(response, "+")) {
        move(client, PLUS);
        return true;
    }
    return tagged_heard(client, &cursor);
}
