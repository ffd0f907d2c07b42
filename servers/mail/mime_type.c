/* mime_type.c: the fields that describe a part (RFC 2045, 2183, 3282): what stands in
   one header block. Where the parts are is found in mime.c. */
#include "servers/mail/mime_type.h"
#include "base/buf.h"
#include "base/limits.h"
#include "servers/mail/header.h"
#include "servers/mail/mime_continued.h"

static bool is_token(unsigned char c)
{
    size_t at;
    return c > 32 && c < 127 && !slice_find(SLICE("()<>@,;:\\\"/[]?="), (char)c, &at);
}

/* Forgiving: boundaries with "=" and names of files come without the quotes they need. */
static bool is_value(unsigned char c)
{
    return c > 32 && c != 127 && c != ';' && c != '"' && c != '(';
}

static bool is_language(unsigned char c) { return is_alnum(c) || c == '-'; }

/* A quoted string without quotes and folds; one that is not closed ends at the end. */
static slice take_quoted(struct arena *arena, slice *s)
{
    struct buf text = BUF_MAX(HEADER_FIELD_MAX);
    size_t i = 1;
    for (; i < s->len && s->at[i] != '"'; i++) {
        if (s->at[i] == '\\' && i + 1 < s->len)
            i++;
        if (s->at[i] != '\r' && s->at[i] != '\n')
            buf_add_char(&text, s->at[i]);
    }
    *s = slice_from(*s, i + 1);
    slice kept = text.len ? arena_copy(arena, buf_slice(&text)) : SLICE_EMPTY;
    buf_free(&text);
    return kept;
}

/* In the arena; never NULL, which says that there is no field. */
static slice kept(struct arena *arena, slice s)
{
    return s.len ? arena_copy(arena, s) : SLICE_EMPTY;
}

static bool take_parameter(struct arena *arena, slice *s, struct mime_parameter *out)
{
    skip_cfws(s);
    out->name = take_while(s, is_token);
    if (out->name.len == 0 || !take_sign(s, '='))
        return false;
    out->name = kept(arena, out->name);
    out->value = s->len && s->at[0] == '"' ? take_quoted(arena, s)
                                           : kept(arena, take_while(s, is_value));
    return true;
}

/* "; name=value; …". What is malformed is skipped up to the next ";". */
static void take_parameters(struct arena *arena, slice s, struct mime_parameter **parameters,
                            size_t *count)
{
    struct mime_parameter found[MIME_PARAMETERS_MAX];
    *count = 0;
    while (s.len && *count < MIME_PARAMETERS_MAX) {
        if (take_sign(&s, ';') && take_parameter(arena, &s, &found[*count]))
            ++*count;
        size_t next = 0;
        if (!slice_find(s, ';', &next))
            break;
        s = slice_from(s, next);
    }
    parameters_join(arena, found, count);
    *parameters = NULL;
    if (*count == 0)
        return;
    *parameters = arena_take_array(arena, *count, sizeof **parameters);
    for (size_t i = 0; i < *count; i++)
        (*parameters)[i] = found[i];
}

bool mime_type_read(struct arena *arena, slice value, slice *type, slice *subtype,
                    struct mime_parameter **parameters, size_t *count)
{
    slice s = slice_upto(value, HEADER_FIELD_MAX);
    skip_cfws(&s);
    slice first = take_while(&s, is_token);
    if (first.len == 0 || !take_sign(&s, '/'))
        return false;
    slice second = take_while(&s, is_token);
    if (second.len == 0)
        return false;
    *type = kept(arena, first);
    *subtype = kept(arena, second);
    take_parameters(arena, s, parameters, count);
    return true;
}

static slice unfolded(struct arena *arena, slice value)
{
    struct buf text = BUF_MAX(HEADER_FIELD_MAX);
    header_unfold(&text, value);
    slice kept = text.len ? arena_copy(arena, buf_slice(&text)) : SLICE_EMPTY;
    buf_free(&text);
    return kept;
}

static void read_disposition(struct arena *arena, struct mime_part *part, slice value)
{
    slice s = slice_upto(value, HEADER_FIELD_MAX);
    skip_cfws(&s);
    slice word = take_while(&s, is_token);
    if (word.len == 0)
        return;
    part->disposition = kept(arena, word);
    take_parameters(arena, s, &part->disposition_parameters,
                    &part->disposition_parameter_count);
}

static void read_languages(struct arena *arena, struct mime_part *part, slice value)
{
    slice found[MIME_PARAMETERS_MAX], s = slice_upto(value, HEADER_FIELD_MAX);
    size_t count = 0;
    do {
        skip_cfws(&s);
        slice word = take_while(&s, is_language);
        if (word.len == 0)
            break;
        found[count++] = kept(arena, word);
    } while (count < MIME_PARAMETERS_MAX && take_sign(&s, ','));
    if (count == 0)
        return;
    part->languages = arena_take_array(arena, count, sizeof *part->languages);
    part->language_count = count;
    for (size_t i = 0; i < count; i++)
        part->languages[i] = found[i];
}

static void read_encoding(struct arena *arena, struct mime_part *part, slice value)
{
    slice s = slice_upto(value, HEADER_FIELD_MAX);
    skip_cfws(&s);
    slice word = take_while(&s, is_token);
    if (word.len)
        part->encoding = kept(arena, word);
}

static void read_type(struct arena *arena, struct mime_part *part, slice value)
{
    mime_type_read(arena, value, &part->type, &part->subtype, &part->parameters,
                   &part->parameter_count);
}

static void read_id(struct arena *arena, struct mime_part *part, slice value)
{
    part->id = unfolded(arena, value);
}

static void read_description(struct arena *arena, struct mime_part *part, slice value)
{
    part->description = unfolded(arena, value);
}

static void read_md5(struct arena *arena, struct mime_part *part, slice value)
{
    part->md5 = unfolded(arena, value);
}

static void read_location(struct arena *arena, struct mime_part *part, slice value)
{
    part->location = unfolded(arena, value);
}

static const struct {
    const char *name;
    void (*read)(struct arena *, struct mime_part *, slice value);
} fields[] = {
    { "Type", read_type },               { "Transfer-Encoding", read_encoding },
    { "Disposition", read_disposition }, { "ID", read_id },
    { "Description", read_description }, { "Language", read_languages },
    { "Location", read_location },       { "MD5", read_md5 },
};

void mime_fields_read(struct arena *arena, struct mime_part *part, slice header)
{
    struct header_cursor cursor = { slice_upto(header, HEADER_BYTES_MAX) };
    struct header_field field;
    uint32_t seen = 0; /* the first of a name counts */
    while (header_next(&cursor, &field)) {
        if (!take_prefix_nocase(&field.name, "Content-"))
            continue;
        for (size_t i = 0; i < COUNT(fields); i++)
            if (!(seen >> i & 1) && slice_is_nocase(field.name, fields[i].name)) {
                seen |= 1u << i;
                fields[i].read(arena, part, field.value);
            }
    }
}

slice mime_encoding(struct arena *arena, slice header)
{
    struct mime_part part = { .encoding = SLICE_EMPTY };
    struct header_field field;
    if (header_find(slice_upto(header, HEADER_BYTES_MAX), "Content-Transfer-Encoding", &field))
        read_encoding(arena, &part, field.value);
    return part.encoding;
}

const slice *mime_parameter(const struct mime_part *part, const char *name)
{
    for (size_t i = 0; i < part->parameter_count; i++)
        if (slice_is_nocase(part->parameters[i].name, name))
            return &part->parameters[i].value;
    return NULL;
}
