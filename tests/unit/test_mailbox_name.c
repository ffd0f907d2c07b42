/* test_mailbox_name.c: names of mailboxes and LIST's patterns. */
#include "base/limits.h"
#include "servers/mail/mailbox_name.h"
#include "tests/unit/mail_check.h"

#define A50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A255 A50 A50 A50 A50 A50 "aaaaa"

START_TEST(validity)
{
    static const char *const good[] = {
        "INBOX", "inbox", "Archive", "Archive/2026", "a b", "Entw&APw-rfe", "~peter/mail/&U,BTFw-",
        "..", ".", "../../x", "'; DROP TABLE users; --", "&-", "\"", "\\", "a.b", "(x)", A255,
        "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20",
    };
    static const char *const bad[] = {
        "", "/", "/a", "a/", "a//b", "a%", "*", "a\r\nb", "a\x7f", "a\tb", "Entw\xc3\xbcrfe", "&",
        "&AGE-", "a&b", "&AAA-", "&AAo-", "&AJs-", "&IC4-", A255 "a",
        "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21",
    };
    for (size_t i = 0; i < COUNT(good); i++)
        ck_assert_msg(mailbox_name_valid(slice_of(good[i])), "%s", good[i]);
    for (size_t i = 0; i < COUNT(bad); i++)
        ck_assert_msg(!mailbox_name_valid(slice_of(bad[i])), "%s", bad[i]);
    ck_assert(!mailbox_name_valid((slice){ "a\0b", 3 }));
}
END_TEST

START_TEST(every_truncation)
{
    slice whole = SLICE("inbox/Entw&APw-rfe/&U,BTFw-&-/a*%b");
    for (size_t len = 0; len <= whole.len; len++) {
        slice cut = cut_new(whole, len), parent;
        struct buf out = BUF_MAX(100);
        mailbox_name_canonical(&out, cut);
        ck_assert_uint_eq(out.len, len);
        (void)mailbox_name_valid(cut);
        (void)mailbox_name_parent(cut, &parent);
        ck_assert(mailbox_match(cut, slice_upto(whole, len)));
        ck_assert(mailbox_match(SLICE("*"), cut));
        buf_free(&out);
        cut_free(cut);
    }
}
END_TEST

START_TEST(canonical)
{
    static const struct { const char *from, *to; } cases[] = {
        { "inbox", "INBOX" }, { "iNbOx/Sub", "INBOX/Sub" }, { "inboxes", "inboxes" },
        { "Archive/inbox", "Archive/inbox" }, { "INBOX", "INBOX" }, { "inb", "inb" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out = BUF_MAX(100);
        mailbox_name_canonical(&out, slice_of(cases[i].from));
        ck_slice(buf_slice(&out), slice_of(cases[i].to));
        ck_assert(mailbox_name_same(slice_of(cases[i].from), slice_of(cases[i].to)));
        buf_free(&out);
    }
    ck_assert(!mailbox_name_same(SLICE("inbox/a"), SLICE("INBOX/A")));
    ck_assert(!mailbox_name_same(SLICE("archive"), SLICE("Archive")));
    ck_assert(mailbox_name_is_inbox(SLICE("Inbox")) && !mailbox_name_is_inbox(SLICE("Inbox/a")));
}
END_TEST

START_TEST(parents)
{
    slice parent;
    ck_assert(mailbox_name_parent(SLICE("a/b/c"), &parent));
    ck_slice(parent, SLICE("a/b"));
    ck_assert(mailbox_name_parent(SLICE("a/b"), &parent));
    ck_slice(parent, SLICE("a"));
    ck_assert(!mailbox_name_parent(SLICE("a"), &parent));
    ck_assert(!mailbox_name_parent(SLICE("/a"), &parent));
    ck_assert(!mailbox_name_parent(SLICE_EMPTY, &parent));
}
END_TEST

static const struct { const char *pattern, *name; bool match;
} patterns[] = {
    { "*", "INBOX", true },
    { "*", "a/b/c", true },
    { "%", "a", true },
    { "%", "a/b", false },
    { "%/%", "a/b", true },
    { "%/%", "a/b/c", false },
    { "a/%", "a/b", true },
    { "a/%", "a", false },
    { "a/*", "a/b/c", true },
    { "a*", "a/b/c", true },
    { "*c", "a/b/c", true },
    { "%c", "a/b/c", false },
    { "a%c", "abc", true },
    { "a%c", "a/c", false },
    { "a*%c", "a/c", true },
    { "a%*c", "a/c", true },
    { "", "a", false },
    { "", "", true },
    { "%", "", true },
    { "inbox", "INBOX", true },
    { "InBo%", "INBOX", true },
    { "inbox/%", "INBOX/a", true },
    { "inbox/A", "INBOX/a", false },
    { "inboxes", "INBOXES", false },
    { "archive", "Archive", false },
    { "ab", "a", false },
    { "a", "ab", false },
    { "*a*b*c*", "xxaxxbxxcxx", true },
    { "*a*b*c*", "xxaxxcxxbxx", false },
    { "%a%/%b%", "xay/xby", true },
    { "%a%/%b%", "xa/y/xb", false },
    { "~peter/mail/%", "~peter/mail/&U,BTFw-", true },
    { "*.", "a", false },
    { "**", "a/b", true },
    { "%%", "a/b", false },
};

START_TEST(matching)
{
    for (size_t i = 0; i < COUNT(patterns); i++)
        ck_assert_msg(mailbox_match(slice_of(patterns[i].pattern), slice_of(patterns[i].name)) ==
                          patterns[i].match, "%s %s", patterns[i].pattern, patterns[i].name);
}
END_TEST

/* The same question answered by trying everything. */
static bool match_naive(slice pattern, slice name)
{
    if (pattern.len == 0)
        return name.len == 0;
    char c = pattern.at[0];
    if (c != '*' && c != '%')
        return name.len && name.at[0] == c &&
               match_naive(slice_from(pattern, 1), slice_from(name, 1));
    if (match_naive(slice_from(pattern, 1), name))
        return true;
    return name.len && (c == '*' || name.at[0] != '/') && match_naive(pattern, slice_from(name, 1));
}

START_TEST(matching_like_naive)
{
    /* All patterns up to five and all names up to four characters, of a small alphabet. */
    static const char characters[] = "*%a/", name_characters[] = "ab/";
    size_t agreed = 0, matched = 0;
    for (unsigned code = 0; code < 4u * 4 * 4 * 4 * 4; code++)
        for (unsigned name_code = 0; name_code < 3u * 3 * 3 * 3; name_code++) {
            char pattern[5], name[4];
            for (unsigned i = 0, rest = code; i < 5; i++, rest /= 4)
                pattern[i] = characters[rest % 4];
            for (unsigned i = 0, rest = name_code; i < 4; i++, rest /= 3)
                name[i] = name_characters[rest % 3];
            for (size_t len = 0; len <= 5; len += len ? 1 : 2) {
                slice p = { pattern, len }, s = { name, len < 4 ? len : 4 };
                bool match = mailbox_match(p, s);
                matched += match;
                agreed += match == match_naive(p, s);
            }
        }
    ck_assert_uint_eq(agreed, 1024u * 81 * 5);
    ck_assert_uint_gt(matched, 1000);
}
END_TEST

/* A matcher that tries everything never comes back from these; a hundred rounds of a
   linear one are nothing. */
START_TEST(many_wildcards)
{
    struct buf both = BUF_MAX(65536), messages = BUF_MAX(65536), fits = BUF_MAX(65536);
    for (int i = 0; i < 1000; i++) {
        buf_add_text(&both, "*%");
        buf_add_text(&messages, "%a");
        if (i < 250)
            buf_add_text(&fits, i % 2 ? "*a" : "%a");
    }
    size_t matched = 0;
    for (int round = 0; round < 100; round++) {
        matched += mailbox_match(buf_slice(&both), slice_of(A255));
        matched += mailbox_match(buf_slice(&messages), slice_of(A255));
        matched += mailbox_match(buf_slice(&fits), slice_of(A255));
    }
    ck_assert_uint_eq(matched, 200);
    buf_add_text(&fits, "b");
    ck_assert(!mailbox_match(buf_slice(&fits), slice_of(A255)));
    buf_free(&both);
    buf_free(&messages);
    buf_free(&fits);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { validity, every_truncation, canonical, parents, matching,
                                   matching_like_naive, many_wildcards };
    return run_tests("mailbox_name", tests, COUNT(tests));
}
