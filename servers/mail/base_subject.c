/* base_subject.c: see base_subject.h. The steps are numbered as in RFC 5256 2.1. */
#include "servers/mail/base_subject.h"

/* Only spaces are left of white space after step 1. */
struct trimming {
    slice rest;
    bool answers;
    const char *no_refwd;  /* "[a][b]" up to here is followed by no "re:": seen once is enough */
};

/* (1) Encoded words are decoded already. Tabs become spaces, several one. */
static slice spaces_single(struct buf *work, slice subject)
{
    bool space = false;
    buf_clear(work);
    for (size_t i = 0; i < subject.len; i++) {
        bool is = is_space((unsigned char)subject.at[i]);
        if (!is || !space)
            buf_add_char(work, is ? ' ' : subject.at[i]);
        space = is;
    }
    return buf_slice(work);
}

static void skip_spaces(slice *rest)
{
    while (take_char(rest, ' '))
        ;
}

/* subj-blob = "[" *BLOBCHAR "]" *WSP */
static bool take_blob(slice *rest)
{
    slice inside = *rest;
    if (!take_char(&inside, '['))
        return false;
    for (size_t i = 0; i < inside.len && inside.at[i] != '['; i++)
        if (inside.at[i] == ']') {
            *rest = slice_from(inside, i + 1);
            skip_spaces(rest);
            return true;
        }
    return false;
}

/* subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":" */
static bool take_refwd(slice *rest)
{
    slice after = *rest;
    if (!take_prefix_nocase(&after, "re") && !take_prefix_nocase(&after, "fwd") &&
        !take_prefix_nocase(&after, "fw"))
        return false;
    skip_spaces(&after);
    take_blob(&after);
    if (!take_char(&after, ':'))
        return false;
    *rest = after;
    return true;
}

/* subj-leader = (*subj-blob subj-refwd) / WSP */
static bool take_leader(struct trimming *trimming)
{
    if (take_char(&trimming->rest, ' '))
        return true;
    if (trimming->no_refwd && trimming->rest.at < trimming->no_refwd)
        return false;
    slice after = trimming->rest;
    while (take_blob(&after))
        ;
    if (take_refwd(&after)) {
        trimming->rest = after;
        return trimming->answers = true;
    }
    trimming->no_refwd = after.at;
    return false;
}

/* (2) subj-trailer = "(fwd)" / WSP */
static void drop_trailers(struct trimming *trimming)
{
    slice *rest = &trimming->rest;
    for (;;) {
        size_t len = rest->len;
        if (len && rest->at[len - 1] == ' ') {
            rest->len--;
        } else if (len >= 5 && slice_is_nocase(slice_from(*rest, len - 5), "(fwd)")) {
            rest->len -= 5;
            trimming->answers = true;
        } else {
            return;
        }
    }
}

/* (4) A blob goes if it leaves anything. */
static bool drop_blob(struct trimming *trimming)
{
    slice after = trimming->rest;
    if (!take_blob(&after) || after.len == 0)
        return false;
    trimming->rest = after;
    return true;
}

/* (6) subj-fwd-hdr "[fwd:" and subj-fwd-trl "]" */
static bool drop_forward(struct trimming *trimming)
{
    slice inside = trimming->rest;
    if (!take_prefix_nocase(&inside, "[fwd:") || inside.len == 0 ||
        inside.at[inside.len - 1] != ']')
        return false;
    inside.len--;
    trimming->rest = inside;
    trimming->no_refwd = NULL; /* what is a blob has changed */
    return trimming->answers = true;
}

slice base_subject(struct buf *work, slice subject, bool *answers)
{
    struct trimming trimming = { .rest = spaces_single(work, subject) };
    do {
        drop_trailers(&trimming);
        do { /* (3), (4), (5) */
            while (take_leader(&trimming))
                ;
        } while (drop_blob(&trimming));
    } while (drop_forward(&trimming));
    *answers = trimming.answers;
    return trimming.rest;
}
