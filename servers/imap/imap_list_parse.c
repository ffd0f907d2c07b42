/* imap_list_parse.c: see imap_list_parse.h. */
#include "servers/imap/imap_list_parse.h"

struct option {
    const char *name;
    enum imap_list_option option;
};

static const struct option selections[] = {
    { "SUBSCRIBED", LIST_SUBSCRIBED },
    { "REMOTE", LIST_REMOTE },
    { "RECURSIVEMATCH", LIST_RECURSIVEMATCH },
    { "SPECIAL-USE", LIST_SPECIAL_USE },
};
static const struct option returns[] = {
    { "SUBSCRIBED", LIST_SUBSCRIBED },
    { "CHILDREN", LIST_CHILDREN },
    { "SPECIAL-USE", LIST_SPECIAL_USE },
    { "STATUS", LIST_STATUS },
};

slice imap_list_pattern(struct arena *arena, slice reference, slice pattern)
{
    struct buf both = BUF_MAX(LIST_PATTERN_MAX);
    buf_add(&both, reference);
    buf_add(&both, pattern);
    slice joined = arena_copy(arena, buf_slice(&both));
    buf_free(&both);
    return joined;
}

/* Longer names first would matter if one began another: none does. */
static bool take_option(struct imap_cursor *cursor, const struct option *known, size_t count,
                        unsigned *options)
{
    for (size_t i = 0; i < count; i++)
        if (imap_take_word(cursor, known[i].name)) {
            *options |= known[i].option;
            return true;
        }
    return false;
}

static bool parse_selections(struct imap_cursor *cursor, struct imap_list_request *request)
{
    if (!imap_parse_char(cursor, '('))
        return false;
    if (take_char(&cursor->rest, ')'))
        return imap_parse_space(cursor);
    do {
        if (!take_option(cursor, selections, COUNT(selections), &request->select))
            return imap_wrong(cursor, "one can select by SUBSCRIBED REMOTE RECURSIVEMATCH "
                                      "SPECIAL-USE");
    } while (take_char(&cursor->rest, ' '));
    if (!imap_parse_char(cursor, ')') || !imap_parse_space(cursor))
        return false;
    return !(request->select & LIST_RECURSIVEMATCH) || (request->select & LIST_SUBSCRIBED) ||
           imap_wrong(cursor, "RECURSIVEMATCH needs SUBSCRIBED beside it");
}

static bool parse_returns(struct imap_cursor *cursor, struct imap_list_request *request)
{
    if (!imap_parse_char(cursor, '('))
        return false;
    if (take_char(&cursor->rest, ')'))
        return true;
    do {
        unsigned before = request->returns;
        if (!take_option(cursor, returns, COUNT(returns), &request->returns))
            return imap_wrong(cursor, "one can be told SUBSCRIBED CHILDREN SPECIAL-USE STATUS");
        bool status = (request->returns & ~before) & LIST_STATUS;
        if (status && (!imap_parse_space(cursor) ||
                       !imap_parse_status_items(cursor, &request->status)))
            return false;
    } while (take_char(&cursor->rest, ' '));
    return imap_parse_char(cursor, ')');
}

static bool parse_pattern(struct imap_cursor *cursor, struct imap_list_request *request,
                          slice reference)
{
    slice pattern;
    if (!imap_parse_pattern(cursor, &pattern))
        return false;
    request->pattern_octets += reference.len + pattern.len;
    if (reference.len + pattern.len > LIST_PATTERN_MAX ||
        request->pattern_octets > LIST_PATTERNS_BYTES_MAX)
        return imap_wrong(cursor, "no name and no pattern needs to be as long as that");
    if (request->extended && pattern.len == 0) /* is ignored: RFC 5258 3 */
        return true;
    if (request->pattern_count == LIST_PATTERNS_MAX)
        return imap_wrong(cursor, "these are more patterns than anybody needs");
    request->patterns[request->pattern_count++] =
        pattern.len ? imap_list_pattern(cursor->arena, reference, pattern) : SLICE_EMPTY;
    return true;
}

static bool parse_patterns(struct imap_cursor *cursor, struct imap_list_request *request,
                           slice reference)
{
    request->patterns = arena_take_array(cursor->arena, LIST_PATTERNS_MAX, sizeof(slice));
    if (!take_char(&cursor->rest, '('))
        return parse_pattern(cursor, request, reference);
    request->extended = true;
    do {
        if (!parse_pattern(cursor, request, reference))
            return false;
    } while (take_char(&cursor->rest, ' '));
    return imap_parse_char(cursor, ')');
}

bool imap_parse_list(struct imap_cursor *cursor, struct imap_list_request *request)
{
    slice reference;
    *request = (struct imap_list_request){ .extended = imap_next_is(cursor, '(') };
    if (request->extended && !parse_selections(cursor, request))
        return false;
    if (!imap_parse_astring(cursor, &reference) || !imap_parse_space(cursor) ||
        !parse_patterns(cursor, request, reference))
        return false;
    if (!take_char(&cursor->rest, ' '))
        return true;
    request->extended = true;
    if (!imap_take_word(cursor, "RETURN"))
        return imap_wrong(cursor, "only RETURN may follow");
    return imap_parse_space(cursor) && parse_returns(cursor, request);
}
