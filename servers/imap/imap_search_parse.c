/* imap_search_parse.c: from SEARCH's words to keys in postfix order; parentheses, NOT and
   OR on a stack of our own. */
#include "servers/imap/imap_search.h"
#include "servers/mail/encoding.h"
#include "servers/mail/heading.h"

enum argument {
    TAKES_NOTHING, TAKES_TEXT, TAKES_DATE, TAKES_NUMBER, TAKES_SECONDS, TAKES_KEYWORD, TAKES_UIDS,
    TAKES_FIELD, TAKES_MODSEQ
};

static const struct {
    const char *name;
    enum search_kind kind;
    enum argument argument;
    uint64_t flags;
    const char *field;
} words[] = {
    { "ALL", KEY_ALL, TAKES_NOTHING, 0, NULL },
    { "ANSWERED", KEY_FLAGS, TAKES_NOTHING, FLAG_ANSWERED, NULL },
    { "BCC", KEY_HEADER, TAKES_TEXT, 0, "Bcc" },
    { "BEFORE", KEY_BEFORE, TAKES_DATE, 0, NULL },
    { "BODY", KEY_BODY, TAKES_TEXT, 0, NULL },
    { "CC", KEY_HEADER, TAKES_TEXT, 0, "Cc" },
    { "DELETED", KEY_FLAGS, TAKES_NOTHING, FLAG_DELETED, NULL },
    { "DRAFT", KEY_FLAGS, TAKES_NOTHING, FLAG_DRAFT, NULL },
    { "FLAGGED", KEY_FLAGS, TAKES_NOTHING, FLAG_FLAGGED, NULL },
    { "FROM", KEY_HEADER, TAKES_TEXT, 0, "From" },
    { "HEADER", KEY_HEADER, TAKES_FIELD, 0, NULL },
    { "KEYWORD", KEY_FLAGS, TAKES_KEYWORD, 0, NULL },
    { "LARGER", KEY_LARGER, TAKES_NUMBER, 0, NULL },
    { "MODSEQ", KEY_MODSEQ, TAKES_MODSEQ, 0, NULL },
    { "NEW", KEY_NEW, TAKES_NOTHING, 0, NULL },
    { "OLD", KEY_OLD, TAKES_NOTHING, 0, NULL },
    { "OLDER", KEY_OLDER, TAKES_SECONDS, 0, NULL },
    { "ON", KEY_ON, TAKES_DATE, 0, NULL },
    { "RECENT", KEY_RECENT, TAKES_NOTHING, 0, NULL },
    { "SEEN", KEY_FLAGS, TAKES_NOTHING, FLAG_SEEN, NULL },
    { "SENTBEFORE", KEY_SENTBEFORE, TAKES_DATE, 0, NULL },
    { "SENTON", KEY_SENTON, TAKES_DATE, 0, NULL },
    { "SENTSINCE", KEY_SENTSINCE, TAKES_DATE, 0, NULL },
    { "SINCE", KEY_SINCE, TAKES_DATE, 0, NULL },
    { "SMALLER", KEY_SMALLER, TAKES_NUMBER, 0, NULL },
    { "SUBJECT", KEY_HEADER, TAKES_TEXT, 0, "Subject" },
    { "TEXT", KEY_TEXT, TAKES_TEXT, 0, NULL },
    { "TO", KEY_HEADER, TAKES_TEXT, 0, "To" },
    { "UID", KEY_UIDS, TAKES_UIDS, 0, NULL },
    { "UNANSWERED", KEY_NO_FLAGS, TAKES_NOTHING, FLAG_ANSWERED, NULL },
    { "UNDELETED", KEY_NO_FLAGS, TAKES_NOTHING, FLAG_DELETED, NULL },
    { "UNDRAFT", KEY_NO_FLAGS, TAKES_NOTHING, FLAG_DRAFT, NULL },
    { "UNFLAGGED", KEY_NO_FLAGS, TAKES_NOTHING, FLAG_FLAGGED, NULL },
    { "UNKEYWORD", KEY_NO_FLAGS, TAKES_KEYWORD, 0, NULL },
    { "UNSEEN", KEY_NO_FLAGS, TAKES_NOTHING, FLAG_SEEN, NULL },
    { "YOUNGER", KEY_YOUNGER, TAKES_SECONDS, 0, NULL },
};

/* What is open while keys are read: nested parentheses, NOT and OR. */
enum frame_kind { FRAME_ALL, FRAME_LIST, FRAME_NOT, FRAME_OR };
struct reading {
    struct session *session;
    struct imap_cursor *cursor;
    struct search *search;
    enum search_result result;
    size_t depth;
    struct {
        enum frame_kind kind;
        size_t operands;
    } frames[SEARCH_DEPTH_MAX];
};

static bool wrong(struct reading *reading, const char *why)
{
    return imap_wrong(reading->cursor, why);
}

static bool key_add(struct reading *reading, struct search_key key)
{
    struct search *search = reading->search;
    if (search->count == SEARCH_KEYS_MAX)
        return wrong(reading, "too many keys");
    if (search->count == search->cap) {
        search->cap = search->cap ? search->cap * 4 : 8;
        struct search_key *larger = arena_take_array(reading->cursor->arena, search->cap,
                                                     sizeof *larger);
        for (size_t i = 0; i < search->count; i++)
            larger[i] = search->keys[i];
        search->keys = larger;
    }
    search->keys[search->count++] = key;
    return true;
}

static bool operator_add(struct reading *reading, enum search_kind kind)
{
    struct search_key key = { .kind = kind };
    return key_add(reading, key);
}

static bool frame_push(struct reading *reading, enum frame_kind kind)
{
    if (reading->depth == SEARCH_DEPTH_MAX)
        return wrong(reading, "parentheses, NOT and OR are too deep");
    reading->frames[reading->depth].kind = kind;
    reading->frames[reading->depth++].operands = 0;
    return true;
}

/* --- arguments ---------------------------------------------------------------------------- */

static bool parse_text(struct reading *reading, slice *text)
{
    struct buf folded = BUF_MAX(FIND_TEXT_MAX);
    slice given;
    if (!imap_parse_space(reading->cursor) || !imap_parse_astring(reading->cursor, &given))
        return false;
    if (!utf8_valid(given))
        reading->result = SEARCH_CHARSET;
    else
        utf8_casemap(&folded, given);
    if (folded.full)
        reading->result = SEARCH_TOO_LONG;
    *text = arena_copy(reading->cursor->arena, buf_slice(&folded));
    buf_free(&folded);
    return reading->result == SEARCH_READ;
}

/* A keyword that nobody ever used here is no flag of any message. */
static bool parse_keyword(struct reading *reading, struct search_key *key)
{
    const struct imap *imap = imap_of(reading->session);
    slice name;
    if (!imap_parse_space(reading->cursor) || !imap_parse_atom(reading->cursor, &name))
        return false;
    if (!store_keyword(reading->session->services->store, imap->view.mailbox, name, false,
                       &key->number))
        key->kind = key->kind == KEY_FLAGS ? KEY_NEVER : KEY_ALL;
    return true;
}

static bool parse_uids(struct reading *reading, struct search_key *key)
{
    return imap_parse_space(reading->cursor) &&
           imap_parse_uids(reading->session, reading->cursor, &key->set);
}

static bool parse_field(struct reading *reading, struct search_key *key)
{
    return imap_parse_space(reading->cursor) && imap_parse_astring(reading->cursor, &key->field) &&
           parse_text(reading, &key->text);
}

/* So long ago, by this server's clock. */
static bool parse_seconds(struct reading *reading, struct search_key *key)
{
    int64_t now = (int64_t)(reading->session->services->now_ms / 1000);
    uint32_t seconds = 0;
    if (!imap_parse_space(reading->cursor) || !imap_parse_nz_number(reading->cursor, &seconds))
        return false;
    key->second = now - seconds;
    return true;
}

/* [entry-name SP entry-type SP] number: changes are counted by message, not by flag, so that an
   entry makes no difference (RFC 7162 3.1.5). */
static bool parse_modseq(struct reading *reading, struct search_key *key)
{
    struct imap_cursor *cursor = reading->cursor;
    slice entry;
    reading->search->tells_modseq = true;
    if (!imap_parse_space(cursor))
        return false;
    if (imap_next_is(cursor, '"')) {
        if (!imap_parse_string(cursor, &entry) || !imap_parse_space(cursor))
            return false;
        if (!slice_starts_nocase(entry, "/flags/"))
            return wrong(reading, "an entry is \"/flags/\" and a flag");
        if (!imap_take_word(cursor, "priv") && !imap_take_word(cursor, "shared") &&
            !imap_take_word(cursor, "all"))
            return wrong(reading, "an entry is priv, shared or all");
        if (!imap_parse_space(cursor))
            return false;
    }
    return imap_parse_modseq(cursor, &key->number);
}

static bool parse_argument(struct reading *reading, enum argument argument, struct search_key *key)
{
    struct imap_cursor *cursor = reading->cursor;
    uint32_t number = 0;
    switch (argument) {
    case TAKES_NOTHING: return true;
    case TAKES_TEXT: return parse_text(reading, &key->text);
    case TAKES_DATE: return imap_parse_space(cursor) && imap_parse_date(cursor, &key->day);
    case TAKES_NUMBER:
        if (!imap_parse_space(cursor) || !imap_parse_number(cursor, &number))
            return false;
        key->number = number;
        return true;
    case TAKES_SECONDS: return parse_seconds(reading, key);
    case TAKES_KEYWORD: return parse_keyword(reading, key);
    case TAKES_MODSEQ: return parse_modseq(reading, key);
    case TAKES_UIDS: return parse_uids(reading, key);
    default: return parse_field(reading, key);
    }
}

/* --- keys --------------------------------------------------------------------------------- */

/* A number that no message has is the number of none that could be found: no error, as it is
   where something is to be done to it. */
static struct imap_set sequences_here(struct arena *arena, const struct imap_view *view,
                                      const struct imap_set *written)
{
    uint32_t count = imap_view_count(view);
    struct imap_set set = imap_set_resolve(arena, written, count);
    while (set.count && set.ranges[set.count - 1].first > count)
        set.count--;
    if (set.count && set.ranges[set.count - 1].last > count)
        set.ranges[set.count - 1].last = count;
    return set;
}

/* Sequence numbers, even in UID SEARCH (RFC 3501 6.4.8). */
static bool parse_sequences(struct reading *reading)
{
    struct search_key key = { .kind = KEY_SEQUENCES };
    struct imap *imap = imap_of(reading->session);
    bool uid = imap->uid;
    if (imap_next_is(reading->cursor, '$')) {
        imap->uid = false;
        imap_parse_messages(reading->session, reading->cursor, &key.set);
        imap->uid = uid;
        return key_add(reading, key);
    }
    imap->numbers = true;
    if (!imap_parse_set(reading->cursor, &key.set))
        return false;
    key.set = sequences_here(reading->cursor->arena, &imap->view, &key.set);
    return key_add(reading, key);
}

static bool parse_word(struct reading *reading)
{
    for (size_t i = 0; i < COUNT(words); i++) {
        if (!imap_take_word(reading->cursor, words[i].name))
            continue;
        struct search_key key = { .kind = words[i].kind, .number = words[i].flags,
                                  .field = slice_of(words[i].field) };
        if (!parse_argument(reading, words[i].argument, &key))
            return false;
        key.heading = heading_text_of(key.field);
        if (key.kind == KEY_HEADER && key.heading != HEADING_TEXTS)
            key.kind = KEY_HEADING;
        if ((key.kind == KEY_BODY || key.kind == KEY_TEXT) &&
            ++reading->search->texts > SEARCH_TEXTS_MAX)
            return wrong(reading, "at most 16 keys may be BODY or TEXT");
        return key_add(reading, key);
    }
    return wrong(reading, "there is no such key");
}

/* Opens frames up to the next key that stands for itself, and reads that. */
static bool parse_key(struct reading *reading)
{
    struct imap_cursor *cursor = reading->cursor;
    for (;;) {
        enum frame_kind kind;
        if (take_char(&cursor->rest, '('))
            kind = FRAME_LIST;
        else if (imap_take_word(cursor, "NOT"))
            kind = FRAME_NOT;
        else if (imap_take_word(cursor, "OR"))
            kind = FRAME_OR;
        else
            break;
        if (!frame_push(reading, kind) || (kind != FRAME_LIST && !imap_parse_space(cursor)))
            return false;
    }
    bool set = cursor->rest.len && (is_digit((unsigned char)cursor->rest.at[0]) ||
                                    imap_next_is(cursor, '*') || imap_next_is(cursor, '$'));
    return set ? parse_sequences(reading) : parse_word(reading);
}

/* A key has ended: what does that end? Stops where the next key must stand, or, with
   depth 0, at the end of all. */
static bool key_ended(struct reading *reading)
{
    struct imap_cursor *cursor = reading->cursor;
    while (reading->depth) {
        enum frame_kind kind = reading->frames[reading->depth - 1].kind;
        size_t operands = ++reading->frames[reading->depth - 1].operands;
        if (kind == FRAME_OR && operands == 1)
            return imap_parse_space(cursor);
        if (kind == FRAME_NOT || kind == FRAME_OR) {
            if (!operator_add(reading, kind == FRAME_OR ? KEY_OR : KEY_NOT))
                return false;
        } else {
            if (operands > 1 && !operator_add(reading, KEY_AND))
                return false;
            if (take_char(&cursor->rest, ' '))
                return true;
            if (kind == FRAME_LIST ? !imap_parse_char(cursor, ')') : !imap_parse_end(cursor))
                return false;
        }
        reading->depth--;
    }
    return true;
}

static bool parse_give(struct imap_cursor *cursor, unsigned *gives)
{
    static const struct {
        const char *name;
        unsigned bit;
    } words_given[] = {
        { "MIN", GIVE_MIN }, { "MAX", GIVE_MAX }, { "ALL", GIVE_ALL }, { "COUNT", GIVE_COUNT },
        { "SAVE", GIVE_SAVE },
    };
    for (size_t i = 0; i < COUNT(words_given); i++)
        if (imap_take_word(cursor, words_given[i].name)) {
            *gives |= words_given[i].bit;
            return true;
        }
    return imap_wrong(cursor, "it can RETURN MIN, MAX, ALL, COUNT and SAVE");
}

/* Nothing in the parentheses means ALL (RFC 4731 3.1). */
bool imap_search_parse_return(struct imap_cursor *cursor, struct search *search)
{
    if (!imap_take_word(cursor, "RETURN"))
        return true;
    if (!imap_parse_space(cursor) || !imap_parse_char(cursor, '('))
        return false;
    if (imap_next_is(cursor, ')')) {
        search->gives = GIVE_ALL;
    } else {
        do {
            if (!parse_give(cursor, &search->gives))
                return false;
        } while (take_char(&cursor->rest, ' '));
    }
    return imap_parse_char(cursor, ')') && imap_parse_space(cursor);
}

/* Only the two that RFC 3501 and everybody have. */
static bool parse_charset(struct reading *reading)
{
    struct imap_cursor *cursor = reading->cursor;
    slice charset;
    if (!imap_parse_astring(cursor, &charset))
        return false;
    if (!slice_is_nocase(charset, "US-ASCII") && !slice_is_nocase(charset, "UTF-8")) {
        reading->result = SEARCH_CHARSET;
        return false;
    }
    return imap_parse_space(cursor);
}

/* "CHARSET name", or nothing. */
static bool parse_named_charset(struct reading *reading)
{
    return !imap_take_word(reading->cursor, "CHARSET") ||
           (imap_parse_space(reading->cursor) && parse_charset(reading));
}

static enum search_result parse_keys(struct reading *reading, bool read)
{
    read = read && frame_push(reading, FRAME_ALL);
    while (read && reading->depth)
        read = parse_key(reading) && key_ended(reading);
    if (!read && reading->result == SEARCH_READ)
        return SEARCH_SYNTAX;
    return reading->result;
}

enum search_result imap_search_parse(struct session *session, struct imap_cursor *cursor,
                                     struct search *search)
{
    struct reading reading = { .session = session, .cursor = cursor, .search = search };
    return parse_keys(&reading, imap_search_parse_return(cursor, search) &&
                                    parse_named_charset(&reading));
}

enum search_result imap_search_parse_program(struct session *session, struct imap_cursor *cursor,
                                             struct search *search)
{
    struct reading reading = { .session = session, .cursor = cursor, .search = search };
    return parse_keys(&reading, parse_charset(&reading));
}
