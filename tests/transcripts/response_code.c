/* response_code.c: status responses: conditions, response codes, human text, and the
   list of capabilities (RFC 3501 7.1, RFC 4315 3, RFC 5530, RFC 7162). */
#include "tests/transcripts/response_read.h"

#define CAPABILITIES_READ_MAX 64

enum {
    IN_OK = 1 << CONDITION_OK,
    IN_NO = 1 << CONDITION_NO,
    IN_BAD = 1 << CONDITION_BAD,
    IN_BYE = 1 << CONDITION_BYE,
    IN_PREAUTH = 1 << CONDITION_PREAUTH,
    IN_ANY = IN_OK | IN_NO | IN_BAD | IN_BYE | IN_PREAUTH,
    TAGGED = 1 << 8,
    UNTAGGED = 1 << 9,
    EITHER = TAGGED | UNTAGGED
};

typedef bool code_reader(struct reading *);

static bool code_nz_number(struct reading *reading)
{
    uint32_t number;
    return read_space(reading) && read_nz_number(reading, &number);
}

static bool code_flags(struct reading *reading)
{
    return read_space(reading) && read_flags(reading, "\\*");
}

static bool code_charsets(struct reading *reading)
{
    slice name;
    if (!read_next_is(reading, ' '))
        return true;
    if (!read_space(reading) || !read_char(reading, '(', "charsets stand in parentheses"))
        return false;
    do {
        if (!read_astring(reading, &name))
            return false;
    } while (take_char(&reading->rest, ' '));
    return read_char(reading, ')', "charsets end with )");
}

/* APPENDUID 38505 3955; several after an APPEND of several messages (RFC 4315 4, RFC 3502
   6.3.11) */
static bool code_appenduid(struct reading *reading)
{
    uint64_t count = 0;
    return code_nz_number(reading) && read_space(reading) && read_uid_set(reading, &count);
}

/* COPYUID 38505 304,319:320 3956:3958 */
static bool code_copyuid(struct reading *reading)
{
    uint64_t from = 0, to = 0;
    return code_nz_number(reading) && read_space(reading) && read_uid_set(reading, &from) &&
           read_space(reading) && read_uid_set(reading, &to) &&
           (from == to || read_wrong(reading, "COPYUID's two sets have not the same size"));
}

static bool code_modseq(struct reading *reading)
{
    return read_space(reading) && read_modseq(reading);
}

static bool code_modified(struct reading *reading)
{
    uint64_t count = 0;
    return read_space(reading) && read_uid_set(reading, &count);
}

static const struct {
    const char *word;
    unsigned where;
    code_reader *read; /* what follows the word; NULL: nothing */
} codes[] = {
    { "ALERT", IN_ANY | EITHER, NULL },
    { "BADCHARSET", IN_NO | TAGGED, code_charsets },
    { "CAPABILITY", IN_OK | IN_PREAUTH | EITHER, read_capabilities },
    { "NOTSAVED", IN_NO | TAGGED, NULL }, /* RFC 5182 2.5 */
    { "PARSE", IN_ANY | EITHER, NULL },
    { "PERMANENTFLAGS", IN_OK | UNTAGGED, code_flags },
    { "READ-ONLY", IN_OK | IN_NO | EITHER, NULL },
    { "READ-WRITE", IN_OK | EITHER, NULL },
    { "TRYCREATE", IN_NO | TAGGED, NULL },
    { "UNKNOWN-CTE", IN_NO | TAGGED, NULL }, /* RFC 3516 7 */
    { "USEATTR", IN_NO | TAGGED, NULL },
    { "UIDNEXT", IN_OK | UNTAGGED, code_nz_number },
    { "UIDVALIDITY", IN_OK | UNTAGGED, code_nz_number },
    { "UNSEEN", IN_OK | UNTAGGED, code_nz_number },
    /* RFC 4315 3; COPYUID untagged: RFC 6851 4.3 */
    { "APPENDUID", IN_OK | TAGGED, code_appenduid },
    { "COPYUID", IN_OK | EITHER, code_copyuid },
    { "UIDNOTSTICKY", IN_OK | IN_NO | EITHER, NULL },
    /* RFC 7162 3.1.2, 3.1.3, 3.2.7, 3.2.11 */
    { "HIGHESTMODSEQ", IN_OK | EITHER, code_modseq },
    { "NOMODSEQ", IN_OK | UNTAGGED, NULL },
    { "MODIFIED", IN_OK | IN_NO | TAGGED, code_modified },
    { "CLOSED", IN_OK | UNTAGGED, NULL },
    /* RFC 5530 3: the ones a server of this kind has a use for */
    { "UNAVAILABLE", IN_NO | IN_BYE | EITHER, NULL },
    { "AUTHENTICATIONFAILED", IN_NO | TAGGED, NULL },
    { "AUTHORIZATIONFAILED", IN_NO | TAGGED, NULL },
    { "PRIVACYREQUIRED", IN_NO | TAGGED, NULL },
    { "NOPERM", IN_NO | TAGGED, NULL },
    { "INUSE", IN_NO | TAGGED, NULL },
    { "EXPUNGEISSUED", IN_OK | IN_NO | EITHER, NULL },
    { "SERVERBUG", IN_NO | IN_BYE | EITHER, NULL },
    { "CLIENTBUG", IN_OK | IN_BAD | IN_NO | EITHER, NULL },
    { "CANNOT", IN_NO | TAGGED, NULL },
    { "LIMIT", IN_NO | IN_BAD | EITHER, NULL },
    { "OVERQUOTA", IN_NO | EITHER, NULL },
    { "ALREADYEXISTS", IN_NO | TAGGED, NULL },
    { "NONEXISTENT", IN_NO | TAGGED, NULL },
    { "TOOBIG", IN_NO | IN_BAD | IN_BYE | EITHER, NULL }, /* RFC 4469 5 */
};

static bool read_code(struct reading *reading, struct status *status)
{
    slice start = reading->rest;
    slice word = read_atom(reading);
    unsigned here = 1u << status->condition;
    for (size_t i = 0; i < COUNT(codes); i++) {
        if (!slice_is_nocase(word, codes[i].word))
            continue;
        if (!(codes[i].where & here) || !(codes[i].where & (status->tagged ? TAGGED : UNTAGGED))) {
            reading->rest = start;
            return read_wrong(reading, "this code does not belong into such a response");
        }
        status->selects = slice_starts_nocase(word, "READ-");
        return !codes[i].read || codes[i].read(reading);
    }
    reading->rest = start;
    return read_wrong(reading, "no such response code");
}

enum condition read_condition(struct reading *reading)
{
    static const char *const words[] = { "OK", "NO", "BAD", "BYE", "PREAUTH" };
    for (size_t i = 0; i < COUNT(words); i++)
        if (read_word(reading, words[i]))
            return (enum condition)i;
    return CONDITION_NONE;
}

/* The grammar would let control characters pass; a terminal should not have to. */
static bool read_text(struct reading *reading)
{
    if (reading->rest.len == 0)
        return read_wrong(reading, "a text of at least one character belongs here");
    while (reading->rest.len) {
        unsigned char c = (unsigned char)reading->rest.at[0];
        if (c >= 0x80)
            return read_wrong(reading, "no 8-bit octet in a text");
        if (c < 0x20 || c == 0x7f)
            return read_wrong(reading, "no control character in a text");
        reading->rest = slice_from(reading->rest, 1);
    }
    return true;
}

bool read_resp_text(struct reading *reading, struct status *status)
{
    status->selects = false;
    if (take_char(&reading->rest, '[') &&
        !(read_code(reading, status) && read_char(reading, ']', "a response code ends with ]") &&
          read_space(reading)))
        return false;
    return read_text(reading);
}

bool read_capabilities(struct reading *reading)
{
    slice seen[CAPABILITIES_READ_MAX];
    size_t count = 0;
    bool revision = false;
    while (take_char(&reading->rest, ' ')) {
        slice word = read_atom(reading);
        if (word.len == 0 || count == CAPABILITIES_READ_MAX)
            return read_wrong(reading, "a capability belongs here");
        if (slice_is_nocase(word, "AUTH="))
            return read_wrong(reading, "AUTH= names a mechanism");
        for (size_t i = 0; i < count; i++)
            if (slice_equal_nocase(seen[i], word))
                return read_wrong(reading, "the same capability twice");
        seen[count++] = word;
        reading->condstore |= slice_is_nocase(word, "CONDSTORE");
        revision |= slice_is_nocase(word, "IMAP4rev1");
    }
    return revision || read_wrong(reading, "IMAP4rev1 is among the capabilities");
}
