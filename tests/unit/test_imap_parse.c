/* test_imap_parse.c: IMAP's lexical forms, as tables; sets against a model that does
   expand them. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "servers/imap/imap_parse.h"
#include "servers/store/store.h"
#include "sim/net/random.h"

static struct arena arena;

static struct imap_cursor over(const char *text)
{
    return imap_cursor_over(&arena, slice_of(text));
}

#define assert_slice(got, expected) \
    ck_assert_msg(slice_equal(got, slice_of(expected)), "%.*s is not %s", SLICE_ARG(got), expected)

/* --- strings ------------------------------------------------------------------------------ */

static const struct {
    const char *text;
    bool good;
    const char *value, *rest;
} astrings[] = {
    { "INBOX", true, "INBOX", "" },
    { "INBOX next", true, "INBOX", " next" },
    { "a]b rest", true, "a]b", " rest" },
    { "\"\"", true, "", "" },
    { "\"two words\" x", true, "two words", " x" },
    { "\"a \\\"b\\\" \\\\c\"", true, "a \"b\" \\c", "" },
    { "\"gr\303\274n\"", true, "gr\303\274n", "" },
    { "{5}\r\nab\r\nc rest", true, "ab\r\nc", " rest" },
    { "{3+}\r\nabc)", true, "abc", ")" },
    { "{0}\r\n", true, "", "" },
    { "{10}\r\nshort", false, "", "" },
    { "{5}abcde", false, "", "" },
    { "{-1}\r\n", false, "", "" },
    { "{}\r\n", false, "", "" },
    { "{99999999999999999999}\r\n", false, "", "" },
    { "{3", false, "", "" },
    { "\"open", false, "", "" },
    { "\"open\\\"", false, "", "" },
    { "\"bad \\n escape\"", false, "", "" },
    { "\"line\r\nend\"", false, "", "" },
    { "", false, "", "" },
    { " x", false, "", "" },
    { "(x", false, "", "" },
    { "%", false, "", "" },
    { "\303\274", false, "", "" },
};

START_TEST(astrings_are_atoms_quoted_or_literals)
{
    slice value;
    struct imap_cursor cursor = over(astrings[_i].text);
    bool good = imap_parse_astring(&cursor, &value);
    ck_assert_msg(good == astrings[_i].good, "%s", astrings[_i].text);
    if (good) {
        assert_slice(value, astrings[_i].value);
        assert_slice(cursor.rest, astrings[_i].rest);
    } else {
        ck_assert_uint_gt(strlen(cursor.wrong), 0);
    }
}
END_TEST

START_TEST(a_literal_holds_no_nul)
{
    slice value;
    struct imap_cursor cursor = imap_cursor_over(&arena, SLICE("{3}\r\na\0b"));
    ck_assert(!imap_parse_astring(&cursor, &value));
}
END_TEST

START_TEST(every_prefix_of_a_string_is_refused_or_shorter)
{
    static const char *const texts[] = { "\"a \\\"b\\\" \\\\c\"", "{12}\r\nab\r\nc{3}\r\nxy" };
    for (size_t k = 0; k < COUNT(texts); k++)
        for (size_t len = 0; len < strlen(texts[k]); len++) {
            char *copy = malloc(len ? len : 1); /* so that a sanitizer sees a step too far */
            memcpy(copy, texts[k], len);
            slice value;
            struct imap_cursor cursor = imap_cursor_over(&arena, (slice){ copy, len });
            ck_assert(!imap_parse_string(&cursor, &value));
            free(copy);
        }
}
END_TEST

START_TEST(patterns_take_wildcards_and_atoms_do_not)
{
    slice value;
    struct imap_cursor cursor = over("Lists/%* x");
    ck_assert(imap_parse_pattern(&cursor, &value));
    assert_slice(value, "Lists/%*");
    cursor = over("Lists/%");
    ck_assert(imap_parse_atom(&cursor, &value));
    assert_slice(value, "Lists/");
}
END_TEST

START_TEST(words_end_where_atoms_end)
{
    struct imap_cursor cursor = over("rfc822.size (");
    ck_assert(!imap_take_word(&cursor, "RFC822"));
    ck_assert(imap_take_word(&cursor, "RFC822.SIZE"));
    assert_slice(cursor.rest, " (");
}
END_TEST

/* --- numbers and sets --------------------------------------------------------------------- */

static const struct {
    const char *text;
    uint32_t star;
    const char *resolved; /* NULL: refused */
} sets[] = {
    { "1", 9, "1:1" },
    { "1:3", 9, "1:3" },
    { "3:1", 9, "1:3" },
    { "1,2,3", 9, "1:3" },
    { "1,3", 9, "1:1 3:3" },
    { "5:7,1,6:9", 9, "1:1 5:9" },
    { "*", 9, "9:9" },
    { "*:*", 9, "9:9" },
    { "*:1", 9, "1:9" },
    { "1:*", 9, "1:9" },
    { "12:*", 9, "9:12" },
    { "*,1:2", 3, "1:3" },
    { "1:*", 0, "" },
    { "1,*", 0, "1:1" },
    { "4294967295", 9, "4294967295:4294967295" },
    { "4294967295,4294967294:*", 9, "9:4294967295" },
    { "1:4294967295,4294967295:1", 9, "1:4294967295" },
    { "0", 9, NULL },
    { "0:5", 9, NULL },
    { "5:0", 9, NULL },
    { "4294967296", 9, NULL },
    { "99999999999999999999999", 9, NULL },
    { "-1", 9, NULL },
    { "", 9, NULL },
    { ",1", 9, NULL },
    { "1,", 9, NULL },
    { "1:", 9, NULL },
    { ":1", 9, NULL },
    { "a", 9, NULL },
};

static void set_text(const struct imap_set *set, struct buf *text)
{
    for (size_t i = 0; i < set->count; i++)
        buf_format(text, "%s%u:%u", i ? " " : "", set->ranges[i].first, set->ranges[i].last);
}

START_TEST(sets_are_merged_and_never_expanded)
{
    struct imap_set set;
    struct imap_cursor cursor = over(sets[_i].text);
    bool good = imap_parse_set(&cursor, &set) && imap_parse_end(&cursor);
    ck_assert_msg(good == (sets[_i].resolved != NULL), "%s", sets[_i].text);
    if (!good)
        return;
    struct buf text = BUF_MAX(1000);
    set = imap_set_resolve(&arena, &set, sets[_i].star);
    set_text(&set, &text);
    ck_assert_str_eq(buf_text(&text), sets[_i].resolved);
    buf_free(&text);
}
END_TEST

#define MODEL_MAX 40

static void model_add(bool *model, uint32_t first, uint32_t last)
{
    for (uint32_t n = first < last ? first : last; n <= (first < last ? last : first); n++)
        model[n] = true;
}

static uint32_t random_number(struct random *random, struct buf *text, uint32_t star)
{
    if (random_chance(random, 1, 8)) {
        buf_add_char(text, '*');
        return star;
    }
    uint32_t number = (uint32_t)random_below(random, MODEL_MAX - 1) + 1;
    buf_add_number(text, number);
    return number;
}

START_TEST(sets_hold_what_the_naive_model_holds)
{
    struct random random = { .seed = 7 };
    for (size_t round = 0; round < 3000; round++) {
        bool model[MODEL_MAX] = { false };
        struct buf text = BUF_MAX(4000);
        uint32_t star = (uint32_t)random_below(&random, MODEL_MAX - 1) + 1;
        for (uint64_t i = 0, count = 1 + random_below(&random, 12); i < count; i++) {
            if (i)
                buf_add_char(&text, ',');
            uint32_t first = random_number(&random, &text, star), last = first;
            if (random_chance(&random, 1, 2)) {
                buf_add_char(&text, ':');
                last = random_number(&random, &text, star);
            }
            model_add(model, first, last);
        }
        struct imap_set set;
        struct imap_cursor cursor = imap_cursor_over(&arena, buf_slice(&text));
        ck_assert(imap_parse_set(&cursor, &set));
        set = imap_set_resolve(&arena, &set, star);
        for (uint32_t n = 1; n < MODEL_MAX; n++)
            ck_assert_msg(imap_set_has(&set, n) == model[n], "%u in %s", n, buf_text(&text));
        for (size_t i = 1; i < set.count; i++)
            ck_assert_uint_gt(set.ranges[i].first, set.ranges[i - 1].last + 1);
        buf_free(&text);
        arena_reset(&arena);
    }
}
END_TEST

START_TEST(huge_sets_are_read_or_refused)
{
    struct buf text = BUF_MAX(4u << 20);
    struct imap_set set;
    for (uint32_t n = 1; n <= 200000; n++)
        buf_format(&text, "%s%u", n > 1 ? "," : "", n);
    struct imap_cursor cursor = imap_cursor_over(&arena, buf_slice(&text));
    ck_assert(imap_parse_set(&cursor, &set));
    ck_assert_uint_eq(set.count, 1);
    buf_clear(&text);
    for (uint32_t n = 0; n <= SEQUENCE_RANGES_MAX; n++)
        buf_format(&text, "%s%u", n ? "," : "", 1000000 - 2 * n);
    cursor = imap_cursor_over(&arena, buf_slice(&text));
    ck_assert(!imap_parse_set(&cursor, &set));
    size_t at = 0;
    ck_assert(slice_find_text(buf_slice(&text), SLICE(","), &at));
    cursor = imap_cursor_over(&arena, slice_from(buf_slice(&text), at + 1));
    ck_assert(imap_parse_set(&cursor, &set));
    set = imap_set_resolve(&arena, &set, 9);
    ck_assert_uint_eq(set.count, SEQUENCE_RANGES_MAX);
    ck_assert_uint_eq(imap_set_largest(&set), 999998);
    buf_free(&text);
}
END_TEST

/* --- flags, dates, announcements ---------------------------------------------------------- */

static const struct {
    const char *text;
    bool good;
    uint64_t system;
    const char *keywords;
} flag_lists[] = {
    { "()", true, 0, "" },
    { "(\\Seen)", true, FLAG_SEEN, "" },
    { "(\\seen \\DELETED \\Draft)", true, FLAG_SEEN | FLAG_DELETED | FLAG_DRAFT, "" },
    { "(Work $Forwarded \\Flagged)", true, FLAG_FLAGGED, "Work $Forwarded " },
    { "(\\Recent)", false, 0, "" },
    { "(\\Foo)", false, 0, "" },
    { "(\\)", false, 0, "" },
    { "(\\Seen", false, 0, "" },
    { "(\\Seen )", false, 0, "" },
    { "( \\Seen)", false, 0, "" },
    { "\\Seen", false, 0, "" },
    { "(a\"b)", false, 0, "" },
};

START_TEST(flag_lists_take_five_flags_and_keywords)
{
    struct imap_flags flags = { .system = 0 };
    struct imap_cursor cursor = over(flag_lists[_i].text);
    bool good = imap_parse_flag_list(&cursor, &flags) && imap_parse_end(&cursor);
    ck_assert_msg(good == flag_lists[_i].good, "%s", flag_lists[_i].text);
    if (!good)
        return;
    struct buf names = BUF_MAX(1000);
    for (size_t i = 0; i < flags.keyword_count; i++)
        buf_format(&names, "%.*s ", SLICE_ARG(flags.keywords[i]));
    ck_assert_uint_eq(flags.system, flag_lists[_i].system);
    ck_assert_str_eq(buf_text(&names), flag_lists[_i].keywords);
    buf_free(&names);
}
END_TEST

START_TEST(too_many_or_too_long_keywords_are_refused)
{
    struct buf text = BUF_MAX(100000);
    struct imap_flags flags = { .system = 0 };
    buf_add_text(&text, "(");
    for (size_t i = 0; i <= FLAGS_PER_COMMAND_MAX; i++)
        buf_format(&text, "%sk%zu", i ? " " : "", i);
    buf_add_text(&text, ")");
    struct imap_cursor cursor = imap_cursor_over(&arena, buf_slice(&text));
    ck_assert(!imap_parse_flag_list(&cursor, &flags));
    buf_clear(&text);
    for (size_t i = 0; i <= KEYWORD_NAME_MAX; i++)
        buf_add_char(&text, 'k');
    flags.keyword_count = 0;
    cursor = imap_cursor_over(&arena, buf_slice(&text));
    ck_assert(!imap_parse_flag(&cursor, &flags));
    cursor = imap_cursor_over(&arena, slice_from(buf_slice(&text), 1));
    ck_assert(imap_parse_flag(&cursor, &flags));
    buf_free(&text);
}
END_TEST

START_TEST(dates_are_quoted_or_not)
{
    int64_t day = 0, ms = 0;
    int zone = 0;
    struct imap_cursor cursor = over("5-Jan-2026");
    ck_assert(imap_parse_date(&cursor, &day));
    ck_assert_int_eq(day, 20458);
    cursor = over("\"05-jan-2026\" x");
    ck_assert(imap_parse_date(&cursor, &day));
    cursor = over("31-Feb-2026");
    ck_assert(!imap_parse_date(&cursor, &day));
    cursor = over("\" 5-Jan-2026 10:00:00 +0100\" x");
    ck_assert(imap_parse_date_time(&cursor, &ms, &zone));
    ck_assert_int_eq(ms, 1767603600000);
    ck_assert_int_eq(zone, 60);
    cursor = over("\" 5-Jan-2026 10:00:00 -2359\"");
    ck_assert(imap_parse_date_time(&cursor, &ms, &zone));
    ck_assert_int_eq(zone, -1439);
    cursor = over("\" 5-Jan-2026 10:00:00 +2400\"");
    ck_assert(!imap_parse_date_time(&cursor, &ms, &zone));
    cursor = over("5-Jan-2026 10:00:00 +0100");
    ck_assert(!imap_parse_date_time(&cursor, &ms, &zone));
}
END_TEST

START_TEST(announcements_stand_at_a_lines_end)
{
    uint64_t octets = 0;
    bool binary = true;
    struct imap_cursor cursor = over("{310}");
    ck_assert(imap_parse_announcement(&cursor, &octets, &binary) && octets == 310 && !binary);
    cursor = over("~{7+}");
    ck_assert(imap_parse_announcement(&cursor, &octets, &binary) && octets == 7 && binary);
    cursor = over("~~{7}");
    ck_assert(!imap_parse_announcement(&cursor, &octets, &binary));
    cursor = over("{310+}\r\n (");
    ck_assert(imap_parse_announcement(&cursor, &octets, &binary));
    assert_slice(cursor.rest, " (");
    cursor = over("{310}x");
    ck_assert(!imap_parse_announcement(&cursor, &octets, &binary));
    cursor = over("310");
    ck_assert(!imap_parse_announcement(&cursor, &octets, &binary));
}
END_TEST

/* --- sections ----------------------------------------------------------------------------- */

static const struct {
    const char *text;
    bool good;
    size_t depth;
    enum imap_section_kind kind;
    size_t fields;
    bool partial;
} sections[] = {
    { "[]", true, 0, SECTION_ALL, 0, false },
    { "[TEXT]", true, 0, SECTION_TEXT, 0, false },
    { "[header]", true, 0, SECTION_HEADER, 0, false },
    { "[1]", true, 1, SECTION_ALL, 0, false },
    { "[4.2.1]", true, 3, SECTION_ALL, 0, false },
    { "[4.2.MIME]", true, 2, SECTION_MIME, 0, false },
    { "[4.TEXT]", true, 1, SECTION_TEXT, 0, false },
    { "[HEADER.FIELDS (From)]", true, 0, SECTION_FIELDS, 1, false },
    { "[HEADER.FIELDS.NOT (From \"To\" {2}\r\nCc)]", true, 0, SECTION_FIELDS_NOT, 3, false },
    { "[3.HEADER.FIELDS (A B)]<0.10>", true, 1, SECTION_FIELDS, 2, true },
    { "[]<99614720.65536>", true, 0, SECTION_ALL, 0, true },
    { "[MIME]", false, 0, 0, 0, false },
    { "[0]", false, 0, 0, 0, false },
    { "[1.]", false, 0, 0, 0, false },
    { "[1..2]", false, 0, 0, 0, false },
    { "[1TEXT]", false, 0, 0, 0, false },
    { "[.1]", false, 0, 0, 0, false },
    { "[4294967296]", false, 0, 0, 0, false },
    { "[HEADERS]", false, 0, 0, 0, false },
    { "[HEADER.FIELDS]", false, 0, 0, 0, false },
    { "[HEADER.FIELDS ()]", false, 0, 0, 0, false },
    { "[HEADER.FIELDS (a]", false, 0, 0, 0, false },
    { "[]<0>", false, 0, 0, 0, false },
    { "[]<0.0>", false, 0, 0, 0, false },
    { "[]<-1.5>", false, 0, 0, 0, false },
    { "[]<1.5", false, 0, 0, 0, false },
    { "[", false, 0, 0, 0, false },
};

START_TEST(sections_are_parts_words_and_partials)
{
    struct imap_section section;
    struct imap_cursor cursor = over(sections[_i].text);
    bool good = imap_parse_section(&cursor, &section) && imap_parse_end(&cursor);
    ck_assert_msg(good == sections[_i].good, "%s", sections[_i].text);
    if (!good)
        return;
    ck_assert_uint_eq(section.depth, sections[_i].depth);
    ck_assert_int_eq(section.kind, sections[_i].kind);
    ck_assert_uint_eq(section.field_count, sections[_i].fields);
    ck_assert_int_eq(section.partial, sections[_i].partial);
}
END_TEST

START_TEST(sections_too_deep_are_refused)
{
    struct buf text = BUF_MAX(10000);
    struct imap_section section;
    buf_add_text(&text, "[1");
    for (size_t i = 0; i < MIME_DEPTH_MAX; i++)
        buf_add_text(&text, ".1");
    buf_add_text(&text, "]");
    struct imap_cursor cursor = imap_cursor_over(&arena, buf_slice(&text));
    ck_assert(!imap_parse_section(&cursor, &section));
    buf_free(&text);
}
END_TEST

static void clean(void) { arena_free(&arena); }

int main(void)
{
    Suite *suite = suite_create("imap_parse");
    TCase *tcase = tcase_create("imap_parse");
    tcase_add_checked_fixture(tcase, NULL, clean);
    tcase_add_loop_test(tcase, astrings_are_atoms_quoted_or_literals, 0, COUNT(astrings));
    tcase_add_test(tcase, a_literal_holds_no_nul);
    tcase_add_test(tcase, every_prefix_of_a_string_is_refused_or_shorter);
    tcase_add_test(tcase, patterns_take_wildcards_and_atoms_do_not);
    tcase_add_test(tcase, words_end_where_atoms_end);
    tcase_add_loop_test(tcase, sets_are_merged_and_never_expanded, 0, COUNT(sets));
    tcase_add_test(tcase, sets_hold_what_the_naive_model_holds);
    tcase_add_test(tcase, huge_sets_are_read_or_refused);
    tcase_add_loop_test(tcase, flag_lists_take_five_flags_and_keywords, 0, COUNT(flag_lists));
    tcase_add_test(tcase, too_many_or_too_long_keywords_are_refused);
    tcase_add_test(tcase, dates_are_quoted_or_not);
    tcase_add_test(tcase, announcements_stand_at_a_lines_end);
    tcase_add_loop_test(tcase, sections_are_parts_words_and_partials, 0, COUNT(sections));
    tcase_add_test(tcase, sections_too_deep_are_refused);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
