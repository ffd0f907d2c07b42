/* address.c: the address lists of header fields (RFC 5322 3.4, 4.4), one address at a
   time. Each octet is looked at once, whatever is malformed. SMTP's paths are in path.c. */
#include "servers/mail/address.h"
#include "base/buf.h"
#include "base/limits.h"

/* What is read of one address, before it is known what it is. */
struct pieces {
    struct buf words;    /* as a phrase: one space where there was white space */
    struct buf local;    /* the same words without any */
    struct buf name;     /* the phrase before a "<" */
    struct buf route, host, comment;
    const char *begin;   /* where it begins */
    bool blank;          /* white space since the last word */
    bool angle, at;      /* "<" and "@" were seen */
};

static bool is_atom(unsigned char c)
{
    switch (c) {
    case '(': case ')': case '<': case '>': case '[': case ']': case ':': case ';': case '@':
    case '\\': case ',': case '.': case '"': case 127:
        return false;
    default:
        return c > 32;
    }
}

struct address_reader address_list(struct arena *arena, slice value)
{
    return (struct address_reader){ arena, slice_upto(value, HEADER_FIELD_MAX), 0, false };
}

/* A comment, without its outer parentheses; one that is not closed ends at the end. */
static void take_comment(slice *s, struct buf *out)
{
    size_t i = 1, depth = 1;
    buf_clear(out);
    for (; i < s->len && depth; i++) {
        char c = s->at[i];
        if (c == '\\' && i + 1 < s->len)
            c = s->at[++i];
        else if (c == '(')
            depth++;
        else if (c == ')' && --depth == 0)
            continue;
        if (c != '\r' && c != '\n')
            buf_add_char(out, c);
    }
    *s = slice_from(*s, i);
}

/* A quoted string without its quotes, or a domain literal with its brackets. */
static void take_enclosed(slice *s, char close, struct buf *out)
{
    size_t i = 1;
    for (; i < s->len && s->at[i] != close; i++) {
        char c = s->at[i];
        if (c == '\\' && i + 1 < s->len)
            c = s->at[++i];
        if (c != '\r' && c != '\n')
            buf_add_char(out, c);
    }
    *s = slice_from(*s, i + 1);
}

/* White space and comments; false: there is something else at the front. */
static bool take_cfws(slice *s, struct pieces *pieces)
{
    if (s->len && s->at[0] == '(') {
        take_comment(s, &pieces->comment);
        pieces->blank = true;
        return true;
    }
    bool blank = take_while(s, is_blank).len > 0;
    pieces->blank = pieces->blank || blank;
    return blank;
}

/* Atom, quoted string or dot, to both readings. */
static bool take_part(slice *s, struct pieces *pieces)
{
    if (s->len == 0)
        return false;
    bool quoted = s->at[0] == '"', dot = s->at[0] == '.';
    if (!quoted && !dot && !is_atom((unsigned char)s->at[0]))
        return false;
    if (pieces->blank && pieces->words.len)
        buf_add_char(&pieces->words, ' ');
    pieces->blank = false;
    size_t before = pieces->words.len;
    if (quoted)
        take_enclosed(s, '"', &pieces->words);
    else if (take_char(s, '.'))
        buf_add_char(&pieces->words, '.');
    else
        buf_add(&pieces->words, take_while(s, is_atom));
    buf_add(&pieces->local, slice_from(buf_slice(&pieces->words), before));
    return true;
}

/* After the "@". A name that follows without a dot is another's. */
static void take_host(slice *s, struct pieces *pieces)
{
    bool dot = true;
    while (s->len) {
        if (take_cfws(s, pieces))
            continue;
        if (take_char(s, '.')) {
            buf_add_char(&pieces->host, '.');
            dot = true;
            continue;
        }
        if (!dot)
            break;
        dot = false;
        if (s->at[0] == '[') {
            buf_add_char(&pieces->host, '[');
            take_enclosed(s, ']', &pieces->host);
            buf_add_char(&pieces->host, ']');
        } else if (is_atom((unsigned char)s->at[0])) {
            buf_add(&pieces->host, take_while(s, is_atom));
        } else {
            break;
        }
    }
}

/* "@one,@two:" after a "<", up to the colon. */
static void take_route(slice *s, struct pieces *pieces)
{
    while (s->len && s->at[0] != ':' && s->at[0] != '>' && s->at[0] != ';') {
        if (take_cfws(s, pieces))
            continue;
        if (s->at[0] == '"' || s->at[0] == '\\') /* no route: what follows is read as junk */
            return;
        buf_add_char(&pieces->route, s->at[0]);
        *s = slice_from(*s, 1);
    }
    take_char(s, ':');
}

/* A name with an "@" that should be quoted, "sales@shop.example via Portal": all of it, up to
   the "<". */
static void name_whole(slice before, struct pieces *pieces)
{
    buf_clear(&pieces->words);
    pieces->blank = false;
    while (before.len) {
        if (take_cfws(&before, pieces) || take_part(&before, pieces))
            continue;
        if (pieces->blank && pieces->words.len)
            buf_add_char(&pieces->words, ' ');
        pieces->blank = false;
        buf_add_char(&pieces->words, before.at[0]);
        before = slice_from(before, 1);
    }
}

/* "<", which is taken: what came before is the display name. */
static void enter_angle(slice *s, struct pieces *pieces)
{
    if (pieces->at)
        name_whole((slice){ pieces->begin, (size_t)(s->at - 1 - pieces->begin) }, pieces);
    buf_add(&pieces->name, buf_slice(&pieces->words));
    buf_clear(&pieces->words);
    buf_clear(&pieces->local);
    buf_clear(&pieces->host);
    pieces->angle = true;
    pieces->at = false;
    while (take_cfws(s, pieces))
        ;
    if (s->len && s->at[0] == '@')
        take_route(s, pieces);
}

enum ended { AT_COMMA, AT_COLON, AT_SEMICOLON, AT_END };

/* Reads up to, and with, what ends an address. */
static enum ended take_address(slice *s, struct pieces *pieces)
{
    bool closed = false;
    pieces->begin = s->at;
    while (s->len) {
        if (take_cfws(s, pieces))
            continue;
        if (!closed && !pieces->at && take_part(s, pieces))
            continue;
        char c = s->at[0];
        if ((closed || pieces->at) && c == '"') { /* junk, but its commas are quoted */
            struct buf junk = BUF_MAX(1);
            take_enclosed(s, '"', &junk);
            buf_free(&junk);
            continue;
        }
        *s = slice_from(*s, 1);
        if (c == ',')
            return AT_COMMA;
        if (c == ';')
            return AT_SEMICOLON;
        if (c == ':' && !pieces->angle && !pieces->at && pieces->words.len)
            return AT_COLON;
        if (c == '<' && !pieces->angle)
            enter_angle(s, pieces);
        else if (c == '>')
            closed = pieces->angle;
        else if (c == '@' && !pieces->at && !closed) {
            pieces->at = true;
            take_host(s, pieces);
        }
    }
    return AT_END;
}

static slice keep(struct address_reader *reader, const struct buf *buf)
{
    return buf->len ? arena_copy(reader->arena, buf_slice(buf)) : SLICE_EMPTY;
}

/* False: there was no address. */
static bool address_fill(struct address_reader *reader, const struct pieces *pieces,
                         struct address *out)
{
    const struct buf *name = pieces->angle && pieces->name.len ? &pieces->name : &pieces->comment;
    bool words_only = !pieces->angle && !pieces->at;
    if (!pieces->words.len && !pieces->host.len && !pieces->name.len)
        return false;
    *out = (struct address){ .kind = ADDRESS_MAILBOX };
    out->name = keep(reader, name);
    out->route = keep(reader, &pieces->route);
    out->local = keep(reader, words_only ? &pieces->words : &pieces->local);
    out->host = keep(reader, &pieces->host);
    return true;
}

static void pieces_free(struct pieces *pieces)
{
    struct buf *all[] = { &pieces->words, &pieces->local, &pieces->name,
                          &pieces->route, &pieces->host, &pieces->comment };
    for (size_t i = 0; i < COUNT(all); i++)
        buf_free(all[i]);
}

static struct pieces pieces_new(void)
{
    const struct buf empty = BUF_MAX(HEADER_FIELD_MAX * 2);
    return (struct pieces){ empty, empty, empty, empty, empty, empty, NULL, false, false, false };
}

static bool group_end(struct address_reader *reader, struct address *out)
{
    reader->in_group = false;
    *out = (struct address){ .kind = ADDRESS_GROUP_END };
    return true;
}

/* One stretch up to a delimiter. `end`: a group's ";" was taken with it. */
static bool next_stretch(struct address_reader *reader, struct address *out, bool *end)
{
    struct pieces pieces = pieces_new();
    enum ended ended = take_address(&reader->rest, &pieces);
    bool found = false;
    if (ended == AT_COLON) {
        found = !reader->in_group;
        reader->in_group = true;
        *out = (struct address){ .kind = ADDRESS_GROUP, .name = keep(reader, &pieces.words) };
    } else {
        found = address_fill(reader, &pieces, out);
    }
    *end = ended == AT_SEMICOLON;
    pieces_free(&pieces);
    return found;
}

bool address_next(struct address_reader *reader, struct address *out)
{
    while (reader->rest.len && reader->count < HEADER_ADDRESSES_MAX) {
        if (reader->in_group && take_char(&reader->rest, ';'))
            return group_end(reader, out);
        bool end;
        bool found = next_stretch(reader, out, &end);
        if (end && found) /* the group's end is told by the next call */
            reader->rest = (slice){ reader->rest.at - 1, reader->rest.len + 1 };
        if (found) {
            reader->count++;
            return true;
        }
        if (end && reader->in_group)
            return group_end(reader, out);
    }
    return reader->in_group && group_end(reader, out);
}
