/* imap_search_text.c: is this text in that message? Encoded words, transfer encodings and
   character sets are undone, texts compared without case (RFC 3501 6.4.4). A decoded
   part is gone through in pieces; each piece overlaps the one before, so that no match is
   cut in two. */
#include "servers/imap/imap_search.h"
#include "servers/mail/charset.h"
#include "servers/mail/encoding.h"
#include "servers/mail/header.h"
#include "servers/mail/mime.h"

#define PIECE 32768
#define DECODE_COSTS 40       /* an octet to be decoded and folded, in ones to be looked through */
#define LOOKED_PER_NS 8       /* octets */
#define COMPARE_NS 4          /* of two names */
/* Two octets may be a character that becomes 33, in UTF-16 (RFC 5051: U+FDFA is a sentence). */
#define FOLDED_MAX (PIECE * 17 + FIND_TEXT_MAX)

/* --- header fields ------------------------------------------------------------------------ */

bool imap_search_holds(slice shown, slice text, struct buf *folded)
{
    size_t at;
    buf_clear(folded);
    utf8_casemap(folded, shown);
    return slice_find_text(buf_slice(folded), text, &at);
}

static bool field_is_asked(const struct search_key *key, slice name)
{
    return key->kind == KEY_HEADER && !key->found && slice_equal_nocase(key->field, name);
}

/* One field for all keys: decoded once, if anybody asks for more than its being there. */
static size_t field_look(const struct header_field *field, struct search *search,
                         struct buf *folded)
{
    bool decoded = false;
    size_t looked = 0, at;
    for (size_t i = 0; i < search->count; i++) {
        struct search_key *key = &search->keys[i];
        if (!field_is_asked(key, field->name))
            continue;
        if (key->text.len && !decoded) {
            struct buf shown = BUF_MAX(HEADER_BYTES_MAX * 4);
            header_text(&shown, field->value);
            buf_clear(folded);
            utf8_casemap(folded, buf_slice(&shown));
            buf_free(&shown);
            decoded = true;
            looked += folded->len * DECODE_COSTS;
        }
        looked += key->text.len ? folded->len : 0;
        key->found = key->text.len == 0 || slice_find_text(buf_slice(folded), key->text, &at);
    }
    return looked;
}

uint64_t imap_search_headers(slice header, struct search *search, struct buf *folded)
{
    struct header_cursor cursor = { header };
    struct header_field field;
    uint64_t keys = 0, ns = header.len * 2;
    for (size_t i = 0; i < search->count; i++)
        if (search->keys[i].kind == KEY_HEADER) {
            search->keys[i].found = false;
            keys++;
        }
    while (keys && header_next(&cursor, &field))
        ns += keys * COMPARE_NS + field_look(&field, search, folded) / LOOKED_PER_NS;
    return ns;
}

/* --- texts -------------------------------------------------------------------------------- */

struct looking {
    struct search *search;
    bool in_header;             /* of the message, a part, an enclosed one: BODY looks in none */
    struct buf window;          /* folded: the end of the piece before, and this piece */
};

static void look(struct looking *looking)
{
    struct search *search = looking->search;
    size_t at;
    for (size_t i = 0; i < search->count; i++) {
        struct search_key *key = &search->keys[i];
        bool asks = key->kind == KEY_TEXT || (key->kind == KEY_BODY && !looking->in_header);
        if (asks && !key->found)
            key->found = slice_find_text(buf_slice(&looking->window), key->text, &at);
    }
}

static void look_in_piece(struct looking *looking, slice piece)
{
    struct buf *window = &looking->window;
    if (window->len > FIND_TEXT_MAX)
        buf_drop_front(window, window->len - FIND_TEXT_MAX);
    utf8_casemap(window, piece);
    look(looking);
}

static void look_in_text(struct looking *looking, const slice *charset, slice text)
{
    struct charset_reader reader;
    struct buf piece = BUF_MAX(PIECE * 3 + 16);
    charset_open_body(&reader, charset, text);
    buf_clear(&looking->window);
    look(looking); /* the empty text is in every message */
    while (reader.rest.len) {
        buf_clear(&piece);
        charset_read(&reader, &piece, PIECE);
        look_in_piece(looking, buf_slice(&piece));
    }
    buf_free(&piece);
}

static void look_in_header(struct looking *looking, slice header)
{
    struct header_cursor cursor = { header };
    struct header_field field;
    while (header_next(&cursor, &field)) {
        struct buf shown = BUF_MAX(HEADER_BYTES_MAX * 4);
        buf_add(&shown, field.name);
        buf_add_text(&shown, ": ");
        header_text(&shown, field.value);
        look_in_text(looking, NULL, buf_slice(&shown));
        buf_free(&shown);
    }
}

static void look_in_body(struct looking *looking, const struct mime_part *part, slice body)
{
    if (!slice_is_nocase(part->type, "text") && !slice_is_nocase(part->type, "message"))
        return; /* a delivery-status and its kin are text too */
    const slice *charset = mime_parameter(part, "charset");
    bool encoded = slice_is_nocase(part->encoding, "base64") ||
                   slice_is_nocase(part->encoding, "quoted-printable");
    struct buf decoded = BUF_MAX(MESSAGE_BYTES_MAX + 4);
    if (encoded)
        transfer_decode(&decoded, part->encoding, body);
    look_in_text(looking, charset, encoded ? buf_slice(&decoded) : body);
    buf_free(&decoded);
}

void imap_search_text(struct arena *arena, slice message, struct search *search)
{
    struct looking looking = { .search = search, .window = BUF_MAX(FOLDED_MAX) };
    for (size_t i = 0; i < search->count; i++)
        if (imap_search_cost(search->keys[i].kind) == COST_MESSAGE)
            search->keys[i].found = false;
    const struct mime_part *part = mime_read(arena, message);
    for (; part; part = mime_part_after(part)) {
        looking.in_header = true;
        look_in_header(&looking,
                       slice_upto(slice_from(message, part->header_at), part->header_len));
        looking.in_header = false;
        if (part->kind == MIME_LEAF)
            look_in_body(&looking, part,
                         slice_upto(slice_from(message, part->body_at), part->body_len));
    }
    buf_free(&looking.window);
}
