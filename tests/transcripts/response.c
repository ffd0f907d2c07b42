/* response.c: cuts what a server says into whole responses, reads each by the grammar, and
   keeps a client's book of the selected mailbox. The words are in response_read.c, status
   responses in response_code.c, FETCH in response_message.c, searches in response_search.c. */
#include "tests/transcripts/response.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "tests/transcripts/response_read.h"

#define RESPONSE_BYTES_MAX (256u << 20)
#define QUOTE_BEFORE 60
#define QUOTE_AFTER 40

struct response {
    struct buf text;
    size_t start;   /* where the response that is being collected begins */
    size_t line;    /* … its present line; a literal may stand before it */
    size_t scanned; /* up to here no line ends */

    bool greeted, said_bye, ended, broken;
    bool condstore; /* it is a capability: a SELECT says HIGHESTMODSEQ */
    bool rev2;      /* ENABLED said so: LIST comes in RECENT's place, ESEARCH in SEARCH's */
    bool qresync;   /* ENABLED said so: VANISHED comes in EXPUNGE's place */
    bool selected; /* EXISTS was told */
    bool shrunk;   /* EXISTS went down since the last tagged response */
    /* … since then */
    bool has_flags, has_exists, has_recent, has_list, has_uidvalidity, has_modseq;
    uint32_t exists, recent;
    uint32_t *uids; /* by sequence number, 0: not told yet */
    size_t cap;
    uint64_t number; /* of responses, for messages */
    char correlated[200]; /* the tag that an ESEARCH named; the next command's end has it */
};

struct response *response_new(void)
{
    struct response *response = calloc(1, sizeof *response);
    must(response != NULL);
    response->text = BUF_MAX(RESPONSE_BYTES_MAX);
    return response;
}

void response_free(struct response *response)
{
    if (!response)
        return;
    buf_free(&response->text);
    free(response->uids);
    free(response);
}

/* --- the book of the selected mailbox ------------------------------------------------------- */

static void book_resize(struct response *response, uint32_t exists)
{
    if (exists > response->cap) {
        response->cap = exists + 64;
        response->uids = realloc(response->uids, response->cap * sizeof *response->uids);
        must(response->uids != NULL);
    }
    for (uint32_t i = response->exists; i < exists; i++)
        response->uids[i] = 0;
    response->exists = exists;
}

static bool book_exists(struct response *response, struct reading *reading, uint32_t exists)
{
    if (exists > 10000000)
        return read_wrong(reading, "nobody has that many messages");
    response->shrunk |= response->selected && exists < response->exists;
    response->selected = response->has_exists = true;
    book_resize(response, exists);
    return true;
}

static bool book_has(struct response *response, struct reading *reading, uint32_t number)
{
    if (!response->selected)
        return read_wrong(reading, "no mailbox is selected: EXISTS was never said");
    return (number > 0 && number <= response->exists) ||
           read_wrong(reading, "this number is not within EXISTS");
}

static bool book_expunge(struct response *response, struct reading *reading, uint32_t number)
{
    if (!book_has(response, reading, number))
        return false;
    memmove(response->uids + number - 1, response->uids + number,
            (response->exists - number) * sizeof *response->uids);
    response->exists--;
    if (response->recent > response->exists)
        response->recent = response->exists;
    return true;
}

/* Where a message of this uid stands: its number; or, if its uid was not told, that of any of
   those between its neighbours whose uids were not told either. 0: it cannot be here. */
static uint32_t book_find(const struct response *response, uint32_t uid)
{
    uint32_t unknown = 0;
    for (uint32_t i = 0; i < response->exists; i++) {
        if (response->uids[i] == uid)
            return i + 1;
        if (response->uids[i] > uid)
            return unknown;
        unknown = response->uids[i] ? 0 : i + 1;
    }
    return unknown;
}

static bool book_vanished(struct response *response, struct reading *reading, uint32_t first,
                          uint32_t last)
{
    if (last < first || last - first >= response->exists)
        return read_wrong(reading, "more messages vanish than there are");
    for (uint32_t uid = first; uid <= last; uid++) {
        uint32_t number = book_find(response, uid);
        if (number == 0)
            return read_wrong(reading, "no message of this UID is here");
        if (!book_expunge(response, reading, number))
            return false;
        if (uid == last)
            break;
    }
    return true;
}

/* UIDs ascend with the numbers and never change (RFC 3501 2.3.1.1). */
static bool book_uid(struct response *response, struct reading *reading, uint32_t number,
                     uint32_t uid)
{
    uint32_t *known = &response->uids[number - 1];
    if (*known && *known != uid)
        return read_wrong(reading, "this message had another UID before");
    *known = uid;
    for (uint32_t i = number - 1; i > 0; i--)
        if (response->uids[i - 1]) {
            if (response->uids[i - 1] >= uid)
                return read_wrong(reading, "UIDs ascend: the message before has a larger one");
            break;
        }
    for (uint32_t i = number; i < response->exists; i++)
        if (response->uids[i])
            return response->uids[i] > uid ||
                   read_wrong(reading, "UIDs ascend: the next message has a smaller one");
    return true;
}

/* At the end of each command. */
static bool book_settle(struct response *response, struct reading *reading,
                        const struct status *status)
{
    bool selects = status->condition == CONDITION_OK && status->selects;
    if (selects && !(response->has_flags && response->has_exists && response->has_uidvalidity &&
                     (response->rev2 ? response->has_list : response->has_recent)))
        return read_wrong(
            reading, "a SELECT says FLAGS, EXISTS, RECENT and UIDVALIDITY (RFC 3501 6.3.1), in "
                     "IMAP4rev2 LIST for RECENT (RFC 9051 6.3.2)");
    if (selects && response->condstore && !response->has_modseq)
        return read_wrong(reading, "a SELECT says HIGHESTMODSEQ (RFC 7162 3.1.2)");
    if (response->shrunk && !selects)
        return read_wrong(reading, "EXISTS went down without EXPUNGE");
    if (response->selected && response->recent > response->exists)
        return read_wrong(reading, "more RECENT than EXISTS");
    if (selects && response->exists)
        memset(response->uids, 0, response->exists * sizeof *response->uids);
    response->shrunk = response->has_flags = response->has_exists = false;
    response->has_list = false;
    response->has_recent = response->has_uidvalidity = response->has_modseq = false;
    return true;
}

/* --- untagged data -------------------------------------------------------------------------- */

/* DQUOTE QUOTED-CHAR DQUOTE / nil */
static bool read_delimiter(struct reading *reading)
{
    slice text;
    if (read_word(reading, "NIL"))
        return true;
    if (!read_next_is(reading, '"'))
        return read_wrong(reading, "a hierarchy delimiter is quoted, or NIL");
    if (!read_string(reading, &text))
        return false;
    return text.len == 1 || (text.len == 2 && text.at[0] == '\\') ||
           read_wrong(reading, "a hierarchy delimiter is one character");
}

/* \Noselect, \NonExistent, \Marked and \Unmarked exclude each other, and so do RFC 3348's two
   and \Noinferiors; what LIST tells besides (RFC 5258, 6154) stands alone, once. */
static const struct {
    const char *name;
    int group;
    bool list_only;
} list_flags[] = {
    { "\\Noselect", 0, false },    { "\\NonExistent", 0, true },   { "\\Marked", 0, false },
    { "\\Unmarked", 0, false },    { "\\Noinferiors", 1, false },  { "\\HasChildren", 1, true },
    { "\\HasNoChildren", 1, true }, { "\\Subscribed", 2, true },   { "\\Remote", 3, true },
    { "\\All", 4, true },          { "\\Archive", 5, true },       { "\\Drafts", 6, true },
    { "\\Flagged", 7, true },      { "\\Junk", 8, true },          { "\\Sent", 9, true },
    { "\\Trash", 10, true },
};

static bool read_list_flags(struct reading *reading, bool is_list)
{
    bool had[11] = { false };
    if (!read_char(reading, '(', "a mailbox's attributes begin with ("))
        return false;
    if (take_char(&reading->rest, ')'))
        return true;
    do {
        size_t i = 0;
        while (i < COUNT(list_flags) && ((list_flags[i].list_only && !is_list) ||
                                         !read_word(reading, list_flags[i].name)))
            i++;
        if (i == COUNT(list_flags))
            return read_wrong(reading, "no such attribute of a mailbox");
        if (had[list_flags[i].group])
            return read_wrong(reading, "these attributes exclude each other");
        had[list_flags[i].group] = true;
    } while (take_char(&reading->rest, ' '));
    return read_char(reading, ')', "a mailbox's attributes end with )");
}

/* RFC 5258 6: the one extended item that is offered:
   "(" DQUOTE "CHILDINFO" DQUOTE SP "(" option-quoted *(SP option-quoted) ")" ")" */
static bool read_list_extended(struct reading *reading)
{
    if (!take_char(&reading->rest, ' '))
        return true;
    if (slice_starts(reading->rest, "(\"OLDNAME\"")) /* RFC 9051 9: oldname-extended-item */
        return read_char(reading, '(', "extended items stand in parentheses") &&
               read_word(reading, "\"OLDNAME\"") && read_space(reading) &&
               read_char(reading, '(', "the old name stands in parentheses") &&
               read_mailbox(reading) && read_char(reading, ')', "the old name ends with )") &&
               read_char(reading, ')', "extended items end with )");
    if (!read_char(reading, '(', "extended items stand in parentheses") ||
        !read_word(reading, "\"CHILDINFO\"") || !read_space(reading) ||
        !read_char(reading, '(', "CHILDINFO's options stand in parentheses"))
        return read_wrong(reading, "the one extended item is CHILDINFO");
    do {
        if (!read_word(reading, "\"SUBSCRIBED\"") && !read_word(reading, "\"SPECIAL-USE\""))
            return read_wrong(reading, "no such selection option");
    } while (take_char(&reading->rest, ' '));
    return read_char(reading, ')', "CHILDINFO's options end with )") &&
           read_char(reading, ')', "extended items end with )");
}

static bool on_lsub(struct response *response, struct reading *reading)
{
    (void)response;
    return read_space(reading) && read_list_flags(reading, false) && read_space(reading) &&
           read_delimiter(reading) && read_space(reading) && read_mailbox(reading);
}

static bool on_list(struct response *response, struct reading *reading)
{
    response->has_list = true;
    return read_space(reading) && read_list_flags(reading, true) && read_space(reading) &&
           read_delimiter(reading) && read_space(reading) && read_mailbox(reading) &&
           read_list_extended(reading);
}

static bool on_search(struct response *response, struct reading *reading)
{
    if (response->rev2)
        return read_wrong(reading, "SEARCH after ENABLE IMAP4rev2: it is ESEARCH there");
    return read_found(reading);
}

static bool on_sort(struct response *response, struct reading *reading)
{
    (void)response;
    return read_found(reading);
}

static bool on_esearch(struct response *response, struct reading *reading)
{
    slice tag = SLICE_EMPTY;
    if (!read_esearch(reading, &tag))
        return false;
    tag = slice_upto(tag, sizeof response->correlated - 1);
    memcpy(response->correlated, tag.at, tag.len);
    response->correlated[tag.len] = '\0';
    return true;
}

static bool on_thread(struct response *response, struct reading *reading)
{
    (void)response;
    return read_threads(reading);
}

static bool read_status_item(struct reading *reading)
{
    uint32_t number;
    if (read_word(reading, "UIDNEXT") || read_word(reading, "UIDVALIDITY"))
        return read_space(reading) && read_nz_number(reading, &number);
    if (read_word(reading, "MESSAGES") || read_word(reading, "RECENT") ||
        read_word(reading, "UNSEEN") || read_word(reading, "APPENDLIMIT"))
        return read_space(reading) && read_number(reading, &number);
    if (read_word(reading, "DELETED")) /* RFC 9208 7 */
        return read_space(reading) && read_number(reading, &number);
    if (read_word(reading, "SIZE") || /* RFC 8438 4: number64 */
        read_word(reading, "DELETED-STORAGE"))
        return read_space(reading) && read_number64(reading);
    if (read_word(reading, "HIGHESTMODSEQ"))
        return read_space(reading) && read_modseq(reading);
    return read_wrong(reading, "no such STATUS item");
}

static bool on_status(struct response *response, struct reading *reading)
{
    (void)response;
    if (!read_space(reading) || !read_mailbox(reading) || !read_space(reading) ||
        !read_char(reading, '(', "STATUS items begin with ("))
        return false;
    if (take_char(&reading->rest, ')'))
        return true;
    do {
        if (!read_status_item(reading))
            return false;
    } while (take_char(&reading->rest, ' '));
    return read_char(reading, ')', "STATUS items end with )");
}

static bool on_flags(struct response *response, struct reading *reading)
{
    response->has_flags = true;
    return read_space(reading) && read_flags(reading, NULL);
}

static bool on_capability(struct response *response, struct reading *reading)
{
    (void)response;
    return read_capabilities(reading);
}

/* RFC 5161 4: *(SP capability) */
static bool on_enabled(struct response *response, struct reading *reading)
{
    while (take_char(&reading->rest, ' ')) {
        slice name = read_atom(reading);
        if (name.len == 0)
            return read_wrong(reading, "a capability belongs here");
        response->qresync |= slice_is_nocase(name, "QRESYNC");
        response->rev2 |= slice_is_nocase(name, "IMAP4rev2");
    }
    return true;
}

/* RFC 7162 7: "VANISHED" [SP "(EARLIER)"] SP known-uids */
static bool on_vanished(struct response *response, struct reading *reading)
{
    if (!response->qresync)
        return read_wrong(reading, "VANISHED before ENABLE QRESYNC");
    if (!read_space(reading))
        return false;
    bool earlier = take_prefix(&reading->rest, "(EARLIER) ");
    uint64_t count = 0;
    if (earlier)
        return read_uid_set(reading, &count);
    do {
        uint32_t first = 0, last = 0;
        if (!read_nz_number(reading, &first))
            return false;
        last = first;
        if (take_char(&reading->rest, ':') && !read_nz_number(reading, &last))
            return false;
        if (!book_vanished(response, reading, first, last))
            return false;
    } while (take_char(&reading->rest, ','));
    return true;
}

/* RFC 2342 6: nil / "(" 1*( "(" string SP delimiter ")" ) ")" */
static bool read_namespace(struct reading *reading)
{
    slice prefix;
    if (read_word(reading, "NIL"))
        return true;
    if (!read_char(reading, '(', "a namespace is NIL or begins with ("))
        return false;
    do {
        if (!read_char(reading, '(', "a namespace is a prefix and a delimiter in parentheses") ||
            !read_string(reading, &prefix) || !read_space(reading) || !read_delimiter(reading) ||
            !read_char(reading, ')', "a namespace ends with )"))
            return false;
    } while (read_next_is(reading, '('));
    return read_char(reading, ')', "namespaces end with )");
}

static bool on_namespace(struct response *response, struct reading *reading)
{
    (void)response;
    for (int i = 0; i < 3; i++)
        if (!read_space(reading) || !read_namespace(reading))
            return false;
    return true;
}

/* RFC 2971 4: nil / "(" #(string SP nstring) ")" */
static bool on_id(struct response *response, struct reading *reading)
{
    slice text;
    (void)response;
    if (!read_space(reading))
        return false;
    if (read_word(reading, "NIL"))
        return true;
    if (!read_char(reading, '(', "ID is NIL or begins with ("))
        return false;
    if (take_char(&reading->rest, ')'))
        return true;
    do {
        if (!read_string(reading, &text) || !read_space(reading) ||
            (!read_word(reading, "NIL") && !read_string(reading, &text)))
            return false;
    } while (take_char(&reading->rest, ' '));
    return read_char(reading, ')', "ID ends with )");
}

/* RFC 9208 7: "QUOTA" SP root SP "(" 1#(resource SP number64 SP number64) ")" */
static bool on_quota(struct response *response, struct reading *reading)
{
    slice root;
    (void)response;
    if (!read_space(reading) || !read_astring(reading, &root) || !read_space(reading) ||
        !read_char(reading, '(', "resources begin with ("))
        return false;
    do {
        if (!read_word(reading, "STORAGE") && !read_word(reading, "MESSAGE"))
            return read_wrong(reading, "a resource is STORAGE or MESSAGE here");
        if (!read_space(reading) || !read_number64(reading) || !read_space(reading) ||
            !read_number64(reading))
            return false;
    } while (take_char(&reading->rest, ' '));
    return read_char(reading, ')', "resources end with )");
}

static bool on_quotaroot(struct response *response, struct reading *reading)
{
    slice root;
    (void)response;
    if (!read_space(reading) || !read_mailbox(reading))
        return false;
    while (take_char(&reading->rest, ' '))
        if (!read_astring(reading, &root))
            return false;
    return true;
}

static const struct {
    const char *word;
    bool (*read)(struct response *, struct reading *);
} data[] = {
    { "CAPABILITY", on_capability },
    { "FLAGS", on_flags },
    { "LIST", on_list },
    { "LSUB", on_lsub },
    { "SEARCH", on_search },
    { "SORT", on_sort }, /* RFC 5256 5, RFC 7162 7: the same form */
    { "THREAD", on_thread },
    { "ESEARCH", on_esearch },
    { "STATUS", on_status },
    { "NAMESPACE", on_namespace },
    { "ID", on_id },
    { "ENABLED", on_enabled },
    { "VANISHED", on_vanished },
    { "QUOTA", on_quota },
    { "QUOTAROOT", on_quotaroot },
};

static bool on_fetch(struct response *response, struct reading *reading, uint32_t number)
{
    struct fetched fetched = { false, 0 };
    slice at = reading->rest;
    if (!read_space(reading) || !read_msg_att(reading, &fetched))
        return false;
    slice after = reading->rest;
    reading->rest = at;
    if (!book_has(response, reading, number) ||
        (fetched.has_uid && !book_uid(response, reading, number, fetched.uid)))
        return false;
    reading->rest = after;
    return true;
}

/* "* 23 EXISTS" and its kin. */
static bool on_number(struct response *response, struct reading *reading)
{
    uint32_t number = 0;
    bool zero = read_next_is(reading, '0');
    if (!read_number(reading, &number) || !read_space(reading))
        return false;
    if (read_word(reading, "EXISTS"))
        return book_exists(response, reading, number);
    if (read_word(reading, "RECENT")) {
        if (response->rev2)
            return read_wrong(reading, "RECENT after ENABLE IMAP4rev2");
        response->has_recent = true;
        response->recent = number;
        return true;
    }
    if (zero)
        return read_wrong(reading, "an nz-number begins with 1 to 9");
    if (read_word(reading, "EXPUNGE"))
        return response->qresync ? read_wrong(reading, "EXPUNGE after ENABLE QRESYNC")
                                 : book_expunge(response, reading, number);
    if (read_word(reading, "FETCH"))
        return on_fetch(response, reading, number);
    return read_wrong(reading, "no response is called so");
}

static bool on_untagged_status(struct response *response, struct reading *reading,
                               enum condition condition)
{
    struct status status = { condition, false, false };
    bool greets = !response->greeted;
    response->greeted = true;
    if (greets && condition != CONDITION_OK && condition != CONDITION_BYE &&
        condition != CONDITION_PREAUTH)
        return read_wrong(reading, "a greeting is OK, PREAUTH or BYE");
    if (!greets && condition == CONDITION_PREAUTH)
        return read_wrong(reading, "PREAUTH is a greeting only");
    response->said_bye |= condition == CONDITION_BYE;
    if (!read_space(reading))
        return false;
    response->has_modseq |= slice_starts_nocase(reading->rest, "[HIGHESTMODSEQ ") ||
                            slice_starts_nocase(reading->rest, "[NOMODSEQ]");
    if (slice_starts_nocase(reading->rest, "[UIDVALIDITY ")) { /* said by SELECT alone */
        response->has_uidvalidity = true;
        if (response->exists)
            memset(response->uids, 0, response->exists * sizeof *response->uids);
    }
    if (slice_starts_nocase(reading->rest, "[CLOSED]")) {
        if (!response->selected)
            return read_wrong(reading, "CLOSED, and no mailbox was selected");
        response->selected = false;
        response->exists = response->recent = 0;
    }
    return read_resp_text(reading, &status);
}

static bool on_untagged(struct response *response, struct reading *reading)
{
    enum condition condition = read_condition(reading);
    if (condition != CONDITION_NONE)
        return on_untagged_status(response, reading, condition);
    if (!response->greeted)
        return read_wrong(reading, "the first response is a greeting");
    if (reading->rest.len && is_digit((unsigned char)reading->rest.at[0]))
        return on_number(response, reading);
    for (size_t i = 0; i < COUNT(data); i++)
        if (read_word(reading, data[i].word))
            return data[i].read(response, reading);
    return read_wrong(reading, "no response is called so");
}

/* --- tagged responses, requests to go on ---------------------------------------------------- */

static bool is_tag_char(unsigned char c) { return c != '+' && read_is_astring_char(c); }

static bool on_tagged(struct response *response, struct reading *reading)
{
    struct status status = { CONDITION_NONE, true, false };
    if (!response->greeted)
        return read_wrong(reading, "the first response is a greeting");
    slice tag = take_while(&reading->rest, is_tag_char);
    if (tag.len == 0)
        return read_wrong(reading, "a response begins with *, + or a tag");
    if (response->correlated[0] && !slice_is(tag, response->correlated))
        return read_wrong(reading, "ESEARCH named another command's tag");
    response->correlated[0] = '\0';
    if (!read_space(reading))
        return false;
    status.condition = read_condition(reading);
    if (status.condition > CONDITION_BAD)
        return read_wrong(reading, "a tagged response is OK, NO or BAD");
    response->ended = response->said_bye;
    return read_space(reading) && read_resp_text(reading, &status) &&
           book_settle(response, reading, &status);
}

static bool is_base64(slice text)
{
    size_t signs = 0;
    while (text.len &&
           (is_alnum((unsigned char)text.at[0]) || text.at[0] == '+' || text.at[0] == '/')) {
        text = slice_from(text, 1);
        signs++;
    }
    size_t pads = text.len;
    while (take_char(&text, '='))
        ;
    return text.len == 0 && pads <= 2 && (signs + pads) % 4 == 0;
}

static bool on_continue(struct response *response, struct reading *reading)
{
    struct status status = { CONDITION_OK, false, false };
    if (!response->greeted)
        return read_wrong(reading, "the first response is a greeting");
    if (!read_space(reading))
        return false;
    if (is_base64(reading->rest)) {
        reading->rest = slice_from(reading->rest, reading->rest.len);
        return true;
    }
    return read_resp_text(reading, &status);
}

static bool on_response(struct response *response, struct reading *reading)
{
    if (response->ended)
        return read_wrong(reading, "nothing follows BYE and its command's end");
    if (take_prefix(&reading->rest, "* "))
        return on_untagged(response, reading) && read_end(reading);
    if (response->said_bye && read_next_is(reading, '+'))
        return read_wrong(reading, "nothing is asked for after BYE");
    if (take_char(&reading->rest, '+'))
        return on_continue(response, reading) && read_end(reading);
    return on_tagged(response, reading) && read_end(reading);
}

/* --- from octets to responses --------------------------------------------------------------- */

static void quote_add(struct buf *out, slice octets)
{
    for (size_t i = 0; i < octets.len; i++) {
        unsigned char c = (unsigned char)octets.at[i];
        if (c < 0x20 || c >= 0x7f)
            buf_format(out, "\\x%02x", c);
        else
            buf_add_char(out, (char)c);
    }
}

/* "why: …before >>> after…" */
static bool violation(struct response *response, struct error *why, const char *what, slice whole,
                      size_t at)
{
    struct buf quote = BUF_MAX(1000);
    size_t from = at > QUOTE_BEFORE ? at - QUOTE_BEFORE : 0;
    quote_add(&quote, slice_upto(slice_from(whole, from), at - from));
    buf_add_text(&quote, " >>>");
    quote_add(&quote, slice_upto(slice_from(whole, at), QUOTE_AFTER));
    error_set(why, "response %llu: %s: %s", (unsigned long long)response->number, what,
              buf_text(&quote));
    buf_free(&quote);
    response->broken = true;
    return false;
}

static bool response_check(struct response *response, slice whole, struct error *why)
{
    struct reading reading = { .whole = whole, .rest = whole };
    reading.rev2 = response->rev2;
    response->number++;
    bool good = on_response(response, &reading);
    response->condstore |= reading.condstore;
    if (good)
        return true;
    return violation(response, why, reading.wrong ? reading.wrong : "wrong", whole,
                     whole.len - reading.rest.len);
}

/* Untagged data may hold literals; the texts of status responses only look so. */
static bool may_hold_literals(slice whole)
{
    struct reading reading = { .whole = whole, .rest = whole };
    return take_prefix(&reading.rest, "* ") && read_condition(&reading) == CONDITION_NONE;
}

static bool ends_in_literal(slice line, uint64_t *octets)
{
    if (line.len < 3 || line.at[line.len - 1] != '}')
        return false;
    size_t open = line.len - 2;
    while (open > 0 && is_digit((unsigned char)line.at[open]))
        open--;
    slice number = slice_upto(slice_from(line, open + 1), line.len - open - 2);
    return line.at[open] == '{' && take_number(&number, UINT32_MAX, octets) && number.len == 0;
}

/* The next CRLF from `scanned` on. 1: found; 0: not there yet; -1: a violation. */
static int line_end(struct response *response, size_t *end, const char **what)
{
    slice text = buf_slice(&response->text);
    for (size_t i = response->scanned; i < text.len; i++) {
        response->scanned = i;
        *what = text.at[i] == '\n'   ? "a LF without CR"
                : text.at[i] == '\0' ? "a NUL"
                                     : "a CR without LF";
        *end = i;
        if (text.at[i] == '\n' || text.at[i] == '\0')
            return -1;
        if (text.at[i] != '\r')
            continue;
        if (i + 1 == text.len)
            return 0;
        return text.at[i + 1] == '\n' ? 1 : -1;
    }
    response->scanned = text.len;
    return 0;
}

/* A line has ended at `end`: is the response whole, or does a literal follow? */
static bool line_ended(struct response *response, size_t end, struct error *why)
{
    slice text = slice_upto(buf_slice(&response->text), end);
    slice whole = slice_from(text, response->start);
    uint64_t octets = 0;
    if (may_hold_literals(whole) && ends_in_literal(slice_from(text, response->line), &octets)) {
        response->line = response->scanned = end + 2 + octets;
        return true;
    }
    response->start = response->line = response->scanned = end + 2;
    return response_check(response, whole, why);
}

bool response_feed(struct response *response, slice octets, struct error *why)
{
    size_t end = 0;
    int found = 0;
    const char *what = NULL;
    if (response->broken)
        return error_set(why, "an earlier response was wrong");
    if (!buf_add(&response->text, octets))
        return error_set(why, "a response of more than %u octets", RESPONSE_BYTES_MAX);
    while (response->scanned < response->text.len && (found = line_end(response, &end, &what)) > 0)
        if (!line_ended(response, end, why))
            return false;
    if (found < 0)
        return violation(response, why, what,
                         slice_from(buf_slice(&response->text), response->start),
                         end - response->start);
    buf_drop_front(&response->text, response->start);
    response->line -= response->start;
    response->scanned -= response->start;
    response->start = 0;
    return true;
}

bool response_rest(struct response *response, struct error *why)
{
    slice rest = buf_slice(&response->text);
    if (response->broken)
        return error_set(why, "an earlier response was wrong");
    return rest.len == 0 || violation(response, why, "a response does not end", rest, rest.len);
}
