/* response_message.c: what FETCH says of a message: its items, ENVELOPE, BODY and
   BODYSTRUCTURE, and sections (RFC 3501 7.4.2 and 9). */
#include "tests/transcripts/response_read.h"

#define DEPTH_MAX 200 /* bodies inside bodies; more is a runaway server */
#define ENVELOPE_FIELDS 10

/* --- ENVELOPE --------------------------------------------------------------------------------- */

/* "(" name SP adl SP mailbox SP host ")". A host of NIL is group syntax: with a mailbox a
   group begins, without one it ends. */
static bool read_address(struct reading *reading, bool *in_group)
{
    bool nil[4];
    slice text;
    if (!read_char(reading, '(', "an address begins with ("))
        return false;
    for (size_t i = 0; i < COUNT(nil); i++)
        if ((i > 0 && !read_space(reading)) || !read_nstring(reading, &text, &nil[i]))
            return false;
    if (!read_char(reading, ')', "an address has four fields"))
        return false;
    if (!nil[3])
        return !nil[2] || read_wrong(reading, "an address with a host has a mailbox");
    if (nil[2] != *in_group)
        return read_wrong(reading, "a group begins inside a group, or ends outside one");
    *in_group = !*in_group;
    return true;
}

/* "(" 1*address ")" / nil: no spaces between the addresses. */
static bool read_addresses(struct reading *reading, bool *nil)
{
    bool in_group = false;
    *nil = read_word(reading, "NIL");
    if (*nil)
        return true;
    if (!read_char(reading, '(', "a list of addresses is NIL or begins with ("))
        return false;
    do {
        if (!read_address(reading, &in_group))
            return false;
    } while (read_next_is(reading, '('));
    if (in_group)
        return read_wrong(reading, "a group of addresses does not end");
    return read_char(reading, ')', "a list of addresses ends with )");
}

/* Date, subject; from, sender, reply-to, to, cc, bcc; in-reply-to, message-id. */
static bool read_envelope(struct reading *reading)
{
    bool nil[ENVELOPE_FIELDS];
    slice text;
    if (!read_char(reading, '(', "an envelope begins with ("))
        return false;
    for (size_t i = 0; i < ENVELOPE_FIELDS; i++) {
        if (i > 0 && !read_space(reading))
            return false;
        bool good = i >= 2 && i <= 7 ? read_addresses(reading, &nil[i])
                                     : read_nstring(reading, &text, &nil[i]);
        if (!good)
            return false;
    }
    if (!nil[2] && (nil[3] || nil[4]))
        return read_wrong(reading, "sender and reply-to default to from (RFC 3501 7.4.2)");
    return read_char(reading, ')', "an envelope has ten fields");
}

/* --- BODY and BODYSTRUCTURE ------------------------------------------------------------------- */

static bool read_body(struct reading *, bool extended, unsigned depth);

static bool read_parameters(struct reading *reading)
{
    slice text;
    if (read_word(reading, "NIL"))
        return true;
    if (!read_char(reading, '(', "parameters are NIL or begin with ("))
        return false;
    do {
        if (!read_string(reading, &text) || !read_space(reading) || !read_string(reading, &text))
            return false;
    } while (take_char(&reading->rest, ' '));
    return read_char(reading, ')', "parameters end with )");
}

static bool read_disposition(struct reading *reading)
{
    slice text;
    if (read_word(reading, "NIL"))
        return true;
    return read_char(reading, '(', "a disposition is NIL or begins with (") &&
           read_string(reading, &text) && read_space(reading) && read_parameters(reading) &&
           read_char(reading, ')', "a disposition ends with )");
}

static bool read_language(struct reading *reading)
{
    slice text;
    bool nil;
    if (!take_char(&reading->rest, '('))
        return read_nstring(reading, &text, &nil);
    do {
        if (!read_string(reading, &text))
            return false;
    } while (take_char(&reading->rest, ' '));
    return read_char(reading, ')', "languages end with )");
}

/* Disposition, language, location; what comes after them is not defined yet. */
static bool read_extension_tail(struct reading *reading)
{
    slice text;
    bool nil;
    if (!take_char(&reading->rest, ' '))
        return true;
    if (!read_disposition(reading))
        return false;
    if (!take_char(&reading->rest, ' '))
        return true;
    if (!read_language(reading))
        return false;
    return !take_char(&reading->rest, ' ') || read_nstring(reading, &text, &nil);
}

/* md5 of one part, parameters of a multipart, then the tail. BODY has none of it. */
static bool read_extension(struct reading *reading, bool extended, bool multipart)
{
    slice text;
    bool nil;
    if (!read_next_is(reading, ' '))
        return true;
    if (!extended)
        return read_wrong(reading, "BODY has no extension data (RFC 3501 7.4.2)");
    if (!read_space(reading))
        return false;
    if (multipart ? !read_parameters(reading) : !read_nstring(reading, &text, &nil))
        return false;
    return read_extension_tail(reading);
}

/* Parameters, id, description, encoding, octets. */
static bool read_body_fields(struct reading *reading)
{
    slice text;
    bool nil;
    uint32_t octets;
    return read_parameters(reading) && read_space(reading) && read_nstring(reading, &text, &nil) &&
           read_space(reading) && read_nstring(reading, &text, &nil) && read_space(reading) &&
           read_string(reading, &text) && read_space(reading) && read_number(reading, &octets);
}

static bool read_lines(struct reading *reading)
{
    uint32_t lines;
    return read_space(reading) && read_number(reading, &lines);
}

static bool read_part(struct reading *reading, bool extended, unsigned depth)
{
    slice type, subtype;
    if (!read_string(reading, &type) || !read_space(reading) || !read_string(reading, &subtype) ||
        !read_space(reading))
        return false;
    if (type.len == 0 || subtype.len == 0)
        return read_wrong(reading, "a type and a subtype are not empty");
    if (slice_is_nocase(type, "MULTIPART"))
        return read_wrong(reading, "a multipart begins with its parts");
    if (!read_body_fields(reading))
        return false;
    bool message = slice_is_nocase(type, "MESSAGE") && slice_is_nocase(subtype, "RFC822");
    if (message && !(read_space(reading) && read_envelope(reading) && read_space(reading) &&
                    read_body(reading, extended, depth + 1)))
        return false;
    if ((message || slice_is_nocase(type, "TEXT")) && !read_lines(reading))
        return false;
    return read_extension(reading, extended, false);
}

static bool read_multipart(struct reading *reading, bool extended, unsigned depth)
{
    slice subtype;
    while (read_next_is(reading, '('))
        if (!read_body(reading, extended, depth + 1))
            return false;
    return read_space(reading) && read_string(reading, &subtype) &&
           (subtype.len > 0 || read_wrong(reading, "a subtype is not empty")) &&
           read_extension(reading, extended, true);
}

static bool read_body(struct reading *reading, bool extended, unsigned depth)
{
    if (depth == DEPTH_MAX)
        return read_wrong(reading, "bodies too deep inside each other");
    if (!read_char(reading, '(', "a body begins with ("))
        return false;
    bool good = read_next_is(reading, '(') ? read_multipart(reading, extended, depth)
                                           : read_part(reading, extended, depth);
    return good && read_char(reading, ')', "a body ends with )");
}

/* --- sections --------------------------------------------------------------------------------- */

static bool read_header_list(struct reading *reading)
{
    slice name;
    if (!read_space(reading) || !read_char(reading, '(', "field names stand in parentheses"))
        return false;
    do {
        if (!read_astring(reading, &name))
            return false;
    } while (take_char(&reading->rest, ' '));
    return read_char(reading, ')', "field names end with )");
}

/* What may stand after "[" or after a part's number and its dot. */
static bool read_section_text(struct reading *reading, bool in_part)
{
    if (read_word(reading, "HEADER.FIELDS.NOT") || read_word(reading, "HEADER.FIELDS"))
        return read_header_list(reading);
    return read_word(reading, "HEADER") || read_word(reading, "TEXT") ||
           (in_part && read_word(reading, "MIME")) || read_wrong(reading, "no such section");
}

/* After "[", up to and with "]". `whole`: nothing stands between them. */
static bool read_section(struct reading *reading, bool *whole)
{
    uint32_t number;
    bool in_part = false, dot = true;
    *whole = take_char(&reading->rest, ']');
    if (*whole)
        return true;
    while (dot && reading->rest.len && is_digit((unsigned char)reading->rest.at[0])) {
        if (!read_nz_number(reading, &number))
            return false;
        in_part = true;
        dot = take_char(&reading->rest, '.');
    }
    if (dot && !read_section_text(reading, in_part))
        return false;
    return read_char(reading, ']', "a section ends with ]");
}

/* --- FETCH ------------------------------------------------------------------------------------ */

struct sizes { /* of one FETCH response, to compare */
    bool has_size, has_whole;
    uint32_t size, decoded;
    size_t whole;
};

/* SP nstring; `octets` is what the string stands for. */
static bool read_text_item(struct reading *reading, size_t *octets, bool *nil)
{
    slice text = SLICE_EMPTY;
    if (!read_space(reading))
        return false;
    bool quoted = read_next_is(reading, '"');
    if (!read_nstring(reading, &text, nil))
        return false;
    *octets = text.len;
    for (size_t i = 0; quoted && i < text.len; i++)
        if (text.at[i] == '\\') {
            i++;
            --*octets;
        }
    return true;
}

/* After "BODY[". */
static bool read_body_section(struct reading *reading, struct sizes *sizes)
{
    uint32_t origin;
    size_t octets = 0;
    bool whole = false, nil = false;
    if (!read_section(reading, &whole))
        return false;
    if (take_char(&reading->rest, '<')) {
        whole = false;
        if (!read_number(reading, &origin) ||
            !read_char(reading, '>', "an origin octet is <number>"))
            return false;
    }
    if (!read_text_item(reading, &octets, &nil))
        return false;
    if (whole && !nil) {
        sizes->has_whole = true;
        sizes->whole = octets;
    }
    return true;
}

/* RFC 3516 7: [section-part] "]" */
static bool read_binary_part(struct reading *reading)
{
    uint32_t number;
    if (take_char(&reading->rest, ']'))
        return true;
    do {
        if (!read_nz_number(reading, &number))
            return false;
    } while (take_char(&reading->rest, '.'));
    return read_char(reading, ']', "a part's number ends with ]");
}

/* After "BINARY[": SP (nstring / literal8), which is the latter only to hold a NUL (4.3). */
static bool read_binary(struct reading *reading)
{
    uint32_t origin;
    size_t octets = 0;
    bool nil = false;
    slice text;
    if (!read_binary_part(reading))
        return false;
    if (take_char(&reading->rest, '<') &&
        (!read_number(reading, &origin) || !read_char(reading, '>', "an origin octet is <number>")))
        return false;
    slice literal = slice_from(reading->rest, 1);
    if (!slice_starts(literal, "~{"))
        return read_text_item(reading, &octets, &nil);
    reading->rest = slice_from(literal, 1);
    return read_literal8(reading, &text);
}

static bool read_rfc822(struct reading *reading, struct sizes *sizes)
{
    bool nil = false;
    size_t octets = 0;
    if (!read_text_item(reading, &octets, &nil))
        return false;
    if (!nil) {
        sizes->has_whole = true;
        sizes->whole = octets;
    }
    return true;
}

static bool read_item(struct reading *reading, struct fetched *fetched, struct sizes *sizes)
{
    size_t octets = 0;
    bool nil = false;
    if (take_prefix_nocase(&reading->rest, "BODY["))
        return read_body_section(reading, sizes);
    if (take_prefix_nocase(&reading->rest, "BINARY["))
        return read_binary(reading);
    if (take_prefix_nocase(&reading->rest, "BINARY.SIZE["))
        return read_binary_part(reading) && read_space(reading) &&
               read_number(reading, &sizes->decoded);
    if (read_word(reading, "FLAGS"))
        return read_space(reading) && read_flags(reading, reading->rev2 ? NULL : "\\Recent");
    if (read_word(reading, "UID")) {
        fetched->has_uid = true;
        return read_space(reading) && read_nz_number(reading, &fetched->uid);
    }
    if (read_word(reading, "MODSEQ"))
        return read_space(reading) && read_char(reading, '(', "MODSEQ is (number)") &&
               read_modseq(reading) && read_char(reading, ')', "MODSEQ is (number)");
    if (read_word(reading, "ENVELOPE"))
        return read_space(reading) && read_envelope(reading);
    if (read_word(reading, "INTERNALDATE"))
        return read_space(reading) && read_date_time(reading);
    if (read_word(reading, "RFC822.SIZE")) {
        sizes->has_size = true;
        return read_space(reading) && read_number(reading, &sizes->size);
    }
    if (read_word(reading, "RFC822.HEADER") || read_word(reading, "RFC822.TEXT"))
        return read_text_item(reading, &octets, &nil);
    if (read_word(reading, "RFC822"))
        return read_rfc822(reading, sizes);
    if (read_word(reading, "BODYSTRUCTURE"))
        return read_space(reading) && read_body(reading, true, 0);
    if (read_word(reading, "BODY"))
        return read_space(reading) && read_body(reading, false, 0);
    return read_wrong(reading, "no such FETCH item");
}

bool read_msg_att(struct reading *reading, struct fetched *fetched)
{
    struct sizes sizes = { false, false, 0, 0, 0 };
    if (!read_char(reading, '(', "FETCH's items begin with ("))
        return false;
    do {
        if (!read_item(reading, fetched, &sizes))
            return false;
    } while (take_char(&reading->rest, ' '));
    if (sizes.has_size && sizes.has_whole && sizes.size != sizes.whole)
        return read_wrong(reading, "RFC822.SIZE is not the message's size");
    return read_char(reading, ')', "FETCH's items end with )");
}
