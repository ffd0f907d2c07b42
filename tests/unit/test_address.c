/* test_address.c: SMTP's paths, and the address lists of header fields. */
#include "base/limits.h"
#include "servers/mail/address.h"
#include "servers/mail/idna.h"
#include "tests/unit/mail_check.h"

#define A10 "aaaaaaaaaa"
#define A60 A10 A10 A10 A10 A10 A10
#define A63 A60 "aaa"

struct path {
    const char *text;
    enum path_kind kind;
    enum path_result result;
    const char *address, *rest;
};

static const struct path paths[] = {
    { "<ana@campus.example>", PATH_SENDER, PATH_OK, "ana@campus.example", "" },
    { "<ana@campus.example> SIZE=100 BODY=8BITMIME", PATH_SENDER, PATH_OK, "ana@campus.example",
      " SIZE=100 BODY=8BITMIME" },
    { "<>", PATH_SENDER, PATH_OK, "", "" },
    { "<> SIZE=1", PATH_SENDER, PATH_OK, "", " SIZE=1" },
    { "<>", PATH_RECIPIENT, PATH_BAD, NULL, NULL },
    { "<postmaster>", PATH_RECIPIENT, PATH_OK, "postmaster", "" },
    { "<PostMaster>", PATH_RECIPIENT, PATH_OK, "PostMaster", "" },
    { "<postmaster>", PATH_SENDER, PATH_NO_DOMAIN, NULL, NULL },
    { "<ana>", PATH_RECIPIENT, PATH_NO_DOMAIN, NULL, NULL },
    { "<ana", PATH_RECIPIENT, PATH_BAD, NULL, NULL },
    { "<@a.example,@b.example:ana@campus.example>", PATH_RECIPIENT, PATH_OK, "ana@campus.example",
      "" },
    { "<@a.example:ana@campus.example>", PATH_SENDER, PATH_OK, "ana@campus.example", "" },
    { "<@a.example,ana@campus.example>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<\"Joe \\\\ \\\"B\\\" @ > x\"@example.org>", PATH_SENDER, PATH_OK,
      "\"Joe \\\\ \\\"B\\\" @ > x\"@example.org", "" },
    { "<\"\"@example.org>", PATH_SENDER, PATH_OK, "\"\"@example.org", "" },
    { "<\"joe@example.org>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<joe@[192.0.2.1]>", PATH_SENDER, PATH_OK, "joe@[192.0.2.1]", "" },
    { "<joe@[IPv6:2001:db8::1]>", PATH_SENDER, PATH_OK, "joe@[IPv6:2001:db8::1]", "" },
    { "<joe@[IPv6:::]>", PATH_SENDER, PATH_OK, "joe@[IPv6:::]", "" },
    { "<joe@[IPv6:::ffff:192.0.2.1]>", PATH_SENDER, PATH_OK, "joe@[IPv6:::ffff:192.0.2.1]", "" },
    { "<joe@[IPv6:1:2:3:4:5:6:7:8]>", PATH_SENDER, PATH_OK, "joe@[IPv6:1:2:3:4:5:6:7:8]", "" },
    { "<joe@[IPv6:1:2:3:4:5:6:7:8:9]>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<joe@[IPv6:1:2:3:4:5:6:7]>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<joe@[IPv6:1::2::3]>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<joe@[IPv6:12345::]>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<joe@[IPv6:]>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<joe@[IPv6:1:]>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<joe@[192.0.2.256]>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<joe@[192.0.2]>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<joe@[192.0.2.1>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<joe@[x-tag:abc]>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<a!b%c/d+e{}|~@x-1.example>", PATH_SENDER, PATH_OK, "a!b%c/d+e{}|~@x-1.example", "" },
    { "<a.b.c@example>", PATH_SENDER, PATH_OK, "a.b.c@example", "" },
    { "<.a@example>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<a.@example>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<a..b@example>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<a b@example>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<a@b@example>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<a@>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<@>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<a@-x.example>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<a@x-.example>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<a@x..example>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<a@example.>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<a@ex_ample>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<a@exa mple>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<a@example>x", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<a@example>>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<a\tb@example>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<\"a\rb\"@example>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<\"a\\\nb\"@example>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<\xc3\xa4@example>", PATH_SENDER, PATH_OK, "\xc3\xa4@example", "" }, /* RFC 6531 3.3 */
    { "<\"\xc3\xa4 b\"@example>", PATH_SENDER, PATH_OK, "\"\xc3\xa4 b\"@example", "" },
    { "<\xc3@example>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<\"\xff\"@example>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<a\xc2\x9b@example>", PATH_SENDER, PATH_BAD, NULL, NULL },         /* C1 control: CSI */
    { "<a\xed\xa0\x80@example>", PATH_SENDER, PATH_BAD, NULL, NULL },    /* a surrogate */
    { "<a@\xc3\xa4.example>", PATH_SENDER, PATH_OK, "a@\xc3\xa4.example", "" }, /* a U-label */
    { "<a@\xe4.example>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<a@\xc2\x9b.example>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<@\xc3\xa4.example:a@x.example>", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<;sleep 66;>", PATH_SENDER, PATH_BAD, NULL, NULL },            /* CVE-2020-7247 */
    { "<`id`@example> ", PATH_SENDER, PATH_OK, "`id`@example", " " }, /* only a name to us */
    { "ana@campus.example", PATH_SENDER, PATH_NO_BRACKETS, NULL, NULL },
    { "ana", PATH_RECIPIENT, PATH_NO_BRACKETS, NULL, NULL },
    { " <ana@campus.example>", PATH_SENDER, PATH_SPACE, NULL, NULL },
    { " ana@campus.example", PATH_SENDER, PATH_NO_BRACKETS, NULL, NULL },
    { "", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "  ", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<", PATH_SENDER, PATH_BAD, NULL, NULL },
    { "<" A60 "aaaa@example>", PATH_SENDER, PATH_OK, A60 "aaaa@example", "" },
    { "<" A60 "aaaaa@example>", PATH_SENDER, PATH_TOO_LONG, NULL, NULL },
    { "<a@" A63 "." A63 "." A63 "." A63 ">", PATH_SENDER, PATH_OK, "a@" A63 "." A63 "." A63 "." A63,
      "" },
    { "<a@" A63 "." A63 "." A63 "." A63 ".a>", PATH_SENDER, PATH_TOO_LONG, NULL, NULL },
    { "<a@" A63 "a.example>", PATH_SENDER, PATH_BAD, NULL, NULL },
};

START_TEST(path_table)
{
    for (size_t i = 0; i < COUNT(paths); i++) {
        slice rest = slice_of(paths[i].text), address = SLICE("untouched");
        enum path_result result = path_read(&rest, paths[i].kind, &address);
        ck_assert_msg(result == paths[i].result, "%s: %d", paths[i].text, (int)result);
        ck_slice(rest, slice_of(result == PATH_OK ? paths[i].rest : paths[i].text));
        ck_slice(address, result == PATH_OK ? slice_of(paths[i].address) : SLICE("untouched"));
        bool null_or_bare = address.len == 0 || slice_is_nocase(address, "postmaster");
        if (result == PATH_OK)
            ck_assert(address_valid(address) == !null_or_bare);
    }
}
END_TEST

/* RFC 3492 7.1's examples and RFC 5890's form. */
START_TEST(domains_in_ascii)
{
    static const struct { const char *unicode, *ascii;
    } cases[] = {
        { "Mail.Campus.EXAMPLE", "mail.campus.example" },
        { "b\xc3\xa4"
          "ckerei.example",
          "xn--bckerei-5wa.example" },
        { "b\xc3\xbc"
          "cher.\xc3\xa9.example",
          "xn--bcher-kva.xn--9ca.example" },
        { "\xe4\xbb\x96\xe4\xbb\xac\xe4\xb8\xba\xe4\xbb\x80\xe4\xb9\x88\xe4\xb8\x8d\xe8\xaf\xb4\xe4"
          "\xb8"
          "\xad\xe6\x96\x87",
          "xn--ihqwcrb4cv8a8dqg056pqjye" },
        { "3\xe5\xb9\xb4"
          "B\xe7\xb5\x84\xe9\x87\x91\xe5\x85\xab\xe5\x85\x88\xe7\x94\x9f",
          "xn--3b-ww4c5e180e575a65lsy2b" },
        { "[192.0.2.1]", "[192.0.2.1]" },
        { "a..b", NULL },
        { "", NULL },
        { "\xc3.example", NULL },
        { "\xc3\xa4" A63 ".example", NULL },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out = BUF_MAX(DOMAIN_MAX);
        bool good = domain_ascii(&out, slice_of(cases[i].unicode));
        ck_assert_msg(good == (cases[i].ascii != NULL), "%s", cases[i].unicode);
        if (good)
            ck_assert_str_eq(buf_text(&out), cases[i].ascii);
        buf_free(&out);
    }
}
END_TEST

START_TEST(path_every_octet)
{
    /* Control characters and 8-bit are bad wherever they stand. */
    static const char sample[] = "<@r.example:\"q q\"@[192.0.2.1]> X=1";
    for (size_t at = 0; at < 31; at++)
        for (int octet = 0; octet < 256; octet++) {
            char text[sizeof sample];
            memcpy(text, sample, sizeof text);
            text[at] = (char)octet;
            slice rest = { text, sizeof text - 1 }, address = SLICE_EMPTY;
            bool good = path_read(&rest, PATH_RECIPIENT, &address) == PATH_OK;
            if (good && (octet < 32 || octet > 126))
                ck_abort_msg("octet %d at %zu", octet, at);
        }
}
END_TEST

START_TEST(path_truncated)
{
    for (size_t i = 0; i < COUNT(paths); i++)
        for (size_t len = 0; len <= strlen(paths[i].text); len++) {
            slice cut = cut_new(slice_of(paths[i].text), len), rest = cut, address;
            if (path_read(&rest, paths[i].kind, &address) == PATH_OK)
                ck_assert(address.at > cut.at && rest.at + rest.len == cut.at + cut.len);
            address_split(cut, &rest, &address);
            (void)address_same(cut, slice_of(paths[i].text));
            (void)domain_valid(cut);
            cut_free(cut);
        }
}
END_TEST

START_TEST(splitting)
{
    static const struct { const char *whole, *local, *domain; bool good; } cases[] = {
        { "ana@campus.example", "ana", "campus.example", true },
        { "\"a@b\"@x", "\"a@b\"", "x", true },
        { "a@b@c", "a@b", "c", true },
        { "ana", "ana", "", false },
        { "@x", "", "x", false },
        { "ana@", "ana", "", false },
        { "", "", "", false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        slice local, domain;
        ck_assert(address_split(slice_of(cases[i].whole), &local, &domain) == cases[i].good);
        ck_slice(local, slice_of(cases[i].local));
        ck_slice(domain, slice_of(cases[i].domain));
    }
}
END_TEST

START_TEST(sameness)
{
    static const struct { const char *a, *b; bool same; } cases[] = {
        { "ana@campus.example", "ANA@Campus.Example", true },
        { "\"ana\"@x", "ana@x", true },
        { "\"a\\na\"@x", "Ana@x", true },
        { "\"a b\"@x", "\"a\\ b\"@x", true },
        { "\"a\\\\b\"@x", "\"a\\b\"@x", false },
        { "ana@x", "ana@y", false },
        { "ana@x", "anna@x", false },
        { "ana@x", "an@x", false },
        { "ana", "ana@x", false },
        { "ana", "ANA", true },
        { "", "", true },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        slice a = slice_of(cases[i].a), b = slice_of(cases[i].b);
        ck_assert_msg(address_same(a, b) == cases[i].same, "%s %s", cases[i].a, cases[i].b);
        ck_assert(address_same(b, a) == cases[i].same);
    }
}
END_TEST

/* --- RFC 5322 --------------------------------------------------------------------- */

/* Addresses as "name|route|local|host", groups as "{name" and "}", one after another. */
static void list_write(struct buf *out, slice value)
{
    struct arena arena = { 0 };
    struct address_reader reader = address_list(&arena, value);
    struct address address;
    while (address_next(&reader, &address)) {
        if (out->len)
            buf_add_char(out, '\n');
        if (address.kind == ADDRESS_GROUP_END) {
            buf_add_char(out, '}');
            continue;
        }
        if (address.kind == ADDRESS_GROUP)
            buf_add_char(out, '{');
        buf_add(out, address.name);
        if (address.kind == ADDRESS_GROUP)
            continue;
        const slice more[] = { address.route, address.local, address.host };
        for (size_t i = 0; i < COUNT(more); i++) {
            buf_add_char(out, '|');
            buf_add(out, more[i]);
        }
    }
    ck_assert(!address_next(&reader, &address));
    arena_free(&arena);
}

static const struct { const char *value, *want;
} lists[] = {
    /* RFC 5322 appendix A */
    { " John Doe <jdoe@machine.example>", "John Doe||jdoe|machine.example" },
    { "\"Joe Q. Public\" <john.q.public@example.com>", "Joe Q. Public||john.q.public|example.com" },
    { "Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
      "Mary Smith||mary|x.test\n||jdoe|example.org\nWho?||one|y.test" },
    { "<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>",
      "||boss|nil.test\nGiant; \"Big\" Box||sysservices|example.net" },
    { "A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
      "{A Group\nEd Jones||c|a.test\n||joe|where.test\nJohn||jdoe|one.test\n}" },
    { "Undisclosed recipients:;", "{Undisclosed recipients\n}" },
    { "Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", "Pete||pete|silly.test" },
    { "A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n"
      "         joe@example.org,\r\n  John <jdoe@one.test> (my dear friend); (the end of the "
      "group)",
      "{A Group\nChris Jones||c|public.example\n||joe|example.org\nJohn||jdoe|one.test\n}" },
    { "(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;", "{Hidden recipients\n}" },
    { "Joe Q. Public <john.q.public@example.com>", "Joe Q. Public||john.q.public|example.com" },
    { "Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
      "Mary Smith|@node.test|mary|example.net\n||jdoe|test.example" },
    { "John Doe <jdoe@machine(comment).  example>", "John Doe||jdoe|machine.example" },
    /* old and odd */
    { "user@domain (Real Name)", "Real Name||user|domain" },
    { "group: g1@d1.org, g2@d2.org;, group2: g3@d3.org;",
      "{group\n||g1|d1.org\n||g2|d2.org\n}\n{group2\n||g3|d3.org\n}" },
    { "<@route:user@domain>", "|@route|user|domain" },
    { "<@a,@b:user@domain>", "|@a,@b|user|domain" },
    { "\"a@b\"@c", "||a@b|c" },
    { "joe@[192.0.2.1]", "||joe|[192.0.2.1]" },
    { "=?utf-8?Q?J=C3=BCrg?= <j@x>", "=?utf-8?Q?J=C3=BCrg?=||j|x" },
    { "J\xc3\xbcrg <j@x>", "J\xc3\xbcrg||j|x" },
    { "bo", "||bo|" },
    { "bo and ana", "||bo and ana|" },
    { "<bo>", "||bo|" },
    { "Bo <>", "Bo|||" },
    { "<>", "" },
    { "", "" },
    { ",,,", "" },
    { ";;", "" },
    { ":", "" },
    { "@", "" },
    { "(x)", "" },
    { "@x", "|||x" },
    { "a@x b@y, c@z", "||a|x\n||c|z" },
    { "<a@x, b@y", "||a|x\n||b|y" },
    { "a@x>, b@y", "||a|x\n||b|y" },
    { "<a@x> \"junk, junk\", b@y", "||a|x\n||b|y" },
    { "g: a@x, h: b@y; c@z", "{g\n||a|x\n||b|y\n}\n||c|z" },
    { "g: a@x", "{g\n||a|x\n}" },
    { "g:", "{g\n}" },
    { "a@x; b@y", "||a|x\n||b|y" },
    { "\"never closed <a@x>, b@y", "||never closed <a@x>, b@y|" },
    { "(never closed <a@x>, b@y", "" },
    { "Fold\r\n ed <a@x>", "Fold ed||a|x" },
    { "\"Fold\r\n ed\" <a@x>", "Fold ed||a|x" },
    { "a . b @ c . d", "||a.b|c.d" },
    { "a\\b <c@d>", "ab||c|d" },
    { "<\"x\":y@z>", "||xy|z" },
    /* names with an "@" that should be quoted */
    { "ana@campus.example <ana@campus.example>", "ana@campus.example||ana|campus.example" },
    { "sales@shop.example via Portal <n@x>, b@y", "sales@shop.example via Portal||n|x\n||b|y" },
    { "Help @ Bakery <n@x>", "Help @ Bakery||n|x" },
    { "a@b \"c, <d>\" (e) f <n@x>", "a@b c, <d> f||n|x" },
};

START_TEST(list_table)
{
    for (size_t i = 0; i < COUNT(lists); i++) {
        struct buf out = BUF_MAX(2000);
        list_write(&out, slice_of(lists[i].value));
        ck_slice(buf_slice(&out), slice_of(lists[i].want));
        buf_free(&out);
    }
}
END_TEST

START_TEST(list_truncated)
{
    for (size_t i = 0; i < COUNT(lists); i++)
        for (size_t len = 0; len <= strlen(lists[i].value); len++) {
            slice cut = cut_new(slice_of(lists[i].value), len);
            struct buf out = BUF_MAX(2000);
            list_write(&out, cut);
            size_t opened = 0, closed = 0;
            for (size_t k = 0; k < out.len; k++) {
                bool first = k == 0 || out.at[k - 1] == '\n';
                opened += first && out.at[k] == '{';
                closed += first && out.at[k] == '}';
            }
            ck_assert_uint_eq(opened, closed);
            buf_free(&out);
            cut_free(cut);
        }
}
END_TEST

START_TEST(list_bounded)
{
    static const char *const seeds[] = { "a@b,", "g:a@b;", "(", "((((", "\"",       "<",  "@",
                                         ",",    ":",      "[", "g:",   "a@b c@d ", "<@", "\\" };
    for (size_t i = 0; i < COUNT(seeds); i++) {
        struct buf text = BUF_MAX(1 << 20);
        while (buf_add_text(&text, seeds[i]))
            ;
        struct arena arena = { 0 };
        struct address_reader reader = address_list(&arena, buf_slice(&text));
        struct address address;
        size_t mailboxes = 0, open = 0;
        while (address_next(&reader, &address)) {
            mailboxes += address.kind != ADDRESS_GROUP_END;
            open += address.kind == ADDRESS_GROUP;
            open -= address.kind == ADDRESS_GROUP_END;
        }
        ck_assert_uint_le(mailboxes, HEADER_ADDRESSES_MAX);
        ck_assert_uint_eq(open, 0);
        if (i < 2)
            ck_assert_uint_eq(mailboxes, HEADER_ADDRESSES_MAX);
        arena_free(&arena);
        buf_free(&text);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { path_table,     domains_in_ascii, path_every_octet,
                                   path_truncated, splitting,        sameness,
                                   list_table,     list_truncated,   list_bounded };
    return run_tests("address", tests, COUNT(tests));
}
