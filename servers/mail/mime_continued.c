/* mime_continued.c: see mime_continued.h. */
#include "servers/mail/mime_continued.h"
#include "base/buf.h"
#include "base/limits.h"

#define PIECE_NUMBER_MAX 999

/* "name*12*": the name, the number, and whether its value is percent-encoded. */
struct piece {
    slice name;
    uint64_t number;
    bool encoded;
};

static bool piece_read(slice parameter, struct piece *piece)
{
    slice rest = parameter;
    piece->name = take_until(&rest, '*');
    bool zeros = rest.len > 1 && rest.at[0] == '0' && is_digit((unsigned char)rest.at[1]);
    if (!piece->name.len || zeros || !take_number(&rest, PIECE_NUMBER_MAX, &piece->number))
        return false;
    piece->encoded = take_char(&rest, '*');
    return rest.len == 0;
}

/* The piece of that name and number; NULL: there is none. */
static struct mime_parameter *piece_find(struct mime_parameter *parameters, size_t count,
                                         slice name, uint64_t number, struct piece *piece)
{
    for (size_t i = 0; i < count; i++)
        if (piece_read(parameters[i].name, piece) && piece->number == number &&
            slice_equal_nocase(piece->name, name))
            return &parameters[i];
    return NULL;
}

/* RFC 2231 7: attribute-char. */
static bool needs_no_code(unsigned char c)
{
    size_t at;
    return c > 32 && c < 127 && !slice_find(SLICE("*'%()<>@,;:\\\"/[]?="), (char)c, &at);
}

static void add_encoded(struct buf *out, slice value)
{
    for (size_t i = 0; i < value.len; i++)
        if (needs_no_code((unsigned char)value.at[i]))
            buf_add_char(out, value.at[i]);
        else
            buf_format(out, "%%%02X", (unsigned)(unsigned char)value.at[i]);
}

static bool any_encoded(struct mime_parameter *parameters, size_t count, slice name)
{
    struct piece piece;
    for (uint64_t n = 0; piece_find(parameters, count, name, n, &piece); n++)
        if (piece.encoded)
            return true;
    return false;
}

/* Takes the pieces' values together; their names become empty. */
static slice values_join(struct arena *arena, struct mime_parameter *parameters, size_t count,
                         slice name, bool encoded)
{
    struct buf out = BUF_MAX(HEADER_FIELD_MAX);
    struct piece piece;
    struct mime_parameter *found;
    for (uint64_t n = 0; (found = piece_find(parameters, count, name, n, &piece)); n++) {
        if (n == 0 && encoded && !piece.encoded)
            buf_add_text(&out, "''"); /* no charset, no language */
        if (encoded && !piece.encoded)
            add_encoded(&out, found->value);
        else
            buf_add(&out, found->value);
        found->name = SLICE_EMPTY;
    }
    slice joined = arena_copy(arena, buf_slice(&out));
    buf_free(&out);
    return joined;
}

void parameters_join(struct arena *arena, struct mime_parameter *parameters, size_t *count)
{
    struct piece first;
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        if (!piece_read(parameters[i].name, &first) || first.number != 0)
            continue;
        bool encoded = any_encoded(parameters, *count, first.name);
        slice value = values_join(arena, parameters, *count, first.name, encoded);
        parameters[i].value = value;
        parameters[i].name = encoded
            ? arena_format(arena, "%.*s*", SLICE_ARG(first.name)) : first.name;
    }
    for (size_t i = 0; i < *count; i++)
        if (parameters[i].name.len)
            parameters[kept++] = parameters[i];
    *count = kept;
}
