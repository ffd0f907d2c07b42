/* test_trace.c: records are kept and forgotten, the digest covers every field, and lines
   come out of segments the same, wherever these are cut. */
#include "sim/net/trace.h"
#include "base/limits.h"
#include "tests/unit/sim_check.h"

static struct trace *trace;
static struct trace_wire wire;

static void setup(void)
{
    trace = trace_new();
    wire = (struct trace_wire){ 0 };
}

static void teardown(void)
{
    trace_wire_free(&wire);
    trace_free(trace);
}

static const struct trace_record full = {
    .kind = TRACE_STATE, .side = SIDE_SERVER, .by = BY_CUT, .ok = 1, .typed = 1, .before = 2,
    .event = 3, .outcome = 4, .after = 5, .rule = 600, .port = 2525, .host = 7, .peer = 8,
    .conn = 9, .uid = 10, .mailbox = -11, .message_key = 12, .bytes = 13,
    .name = { "name", 4 }, .text = { "a longer text", 13 },
};

START_TEST(records_are_copied)
{
    char text[] = "250 OK";
    struct trace_record record = {
        .kind = TRACE_ANSWER, .text = slice_of(text), .number = 99, .t_ns = 98
    };
    trace_add(trace, 5, &record);
    trace_add(trace, 6, &full);
    text[0] = 'X';
    ck_assert_uint_eq(trace_first(trace), 0);
    ck_assert_uint_eq(trace_end(trace), 2);
    const struct trace_record *kept = trace_at(trace, 0);
    ck_assert_uint_eq(kept->number, 0);
    ck_assert_uint_eq(kept->t_ns, 5);
    ck_slice(kept->text, SLICE("250 OK"));
    ck_slice(kept->name, SLICE(""));
    kept = trace_at(trace, 1);
    ck_assert_uint_eq(kept->number, 1);
    ck_assert_uint_eq(kept->rule, 600);
    ck_assert_int_eq(kept->mailbox, -11);
    ck_slice(kept->name, SLICE("name"));
}
END_TEST

/* --- the digest ------------------------------------------------------------------- */

static uint64_t digest_of(uint64_t t_ns, struct trace_record record)
{
    struct trace *one = trace_new();
    trace_add(one, t_ns, &record);
    uint64_t digest = trace_digest(one);
    trace_free(one);
    return digest;
}

#define CHANGED(field, value)                                                                      \
    do {                                                                                           \
        struct trace_record other = full;                                                          \
        other.field = value;                                                                       \
        digests[count++] = digest_of(1, other);                                                    \
    } while (0)

START_TEST(every_field_counts)
{
    uint64_t digests[40];
    size_t count = 0;
    digests[count++] = digest_of(1, full);
    digests[count++] = digest_of(2, full);
    digests[count++] = trace_digest(trace);
    CHANGED(kind, TRACE_LINE);
    CHANGED(side, SIDE_CLIENT);
    CHANGED(by, BY_TIMEOUT);
    CHANGED(ok, 0);
    CHANGED(typed, 0);
    CHANGED(before, 3);
    CHANGED(event, 4);
    CHANGED(outcome, 5);
    CHANGED(after, 6);
    CHANGED(rule, 601);
    CHANGED(port, 2526);
    CHANGED(host, 1007);
    CHANGED(peer, 1008);
    CHANGED(conn, 1009);
    CHANGED(uid, 1010);
    CHANGED(mailbox, 11);
    CHANGED(message_key, -12);
    CHANGED(bytes, 1ull << 63);
    CHANGED(name, SLICE("nam"));
    CHANGED(name, SLICE("names"));
    CHANGED(text, SLICE("a longer texT"));
    CHANGED(text, SLICE("A longer text"));
    CHANGED(text, SLICE("a longer text\0"));
    CHANGED(text, SLICE(""));
    for (size_t i = 0; i < count; i++)
        for (size_t n = 0; n < i; n++)
            ck_assert_msg(digests[i] != digests[n], "changes %zu and %zu look the same", n, i);
}
END_TEST

START_TEST(every_octet_counts)
{
    char text[40] = { 0 };
    uint64_t same = digest_of(1, (struct trace_record){ .text = { text, sizeof text } });
    for (size_t i = 0; i < sizeof text * 8; i++) {
        text[i / 8] ^= (char)(1 << i % 8);
        ck_assert_uint_ne(digest_of(1, (struct trace_record){ .text = { text, sizeof text } }),
                          same);
        text[i / 8] ^= (char)(1 << i % 8);
    }
    ck_assert_uint_eq(digest_of(1, (struct trace_record){ .text = { text, sizeof text } }), same);
    ck_assert_uint_ne(
        digest_of(1, (struct trace_record){ .name = SLICE("ab"), .text = SLICE("c") }),
        digest_of(1, (struct trace_record){ .name = SLICE("a"), .text = SLICE("bc") }));
}
END_TEST

START_TEST(digest_is_for_ever)
{
    trace_add(trace, 1, &full);
    trace_octets(trace, 2, &wire, 1, SIDE_CLIENT, SLICE("EHLO laptop\r\nMAIL FROM:<>"));
    trace_wire_end(trace, 3, &wire, 1, SIDE_CLIENT);
    ck_assert_uint_eq(trace_digest(trace), 0xde04ee62d7f65735ull);
}
END_TEST

/* --- forgetting ------------------------------------------------------------------- */

static slice text_number(struct buf *text, uint64_t number)
{
    buf_clear(text);
    buf_format(text, "text %llu", (unsigned long long)number);
    return buf_slice(text);
}

START_TEST(forgetting_frees_the_old_and_keeps_the_digest)
{
    enum { RECORDS = 20000 };
    struct trace *other = trace_new();
    struct buf text = BUF_MAX(100);
    for (uint64_t i = 0; i < RECORDS; i++) {
        struct trace_record record = { .bytes = i, .text = text_number(&text, i) };
        trace_add(trace, i, &record);
        trace_add(other, i, &record);
        if (i % 777 == 0)
            trace_forget_before(trace, i > 1000 ? i - 1000 : 0);
        for (uint64_t back = 0; back < 1000 && back <= i; back += 333) {
            const struct trace_record *kept = trace_at(trace, i - back);
            ck_assert_uint_eq(kept->number, i - back);
            ck_slice(kept->text, text_number(&text, i - back));
        }
    }
    ck_assert_uint_gt(trace_first(trace), RECORDS - 3000);
    ck_assert_uint_le(trace_first(trace), RECORDS - 1000);
    ck_assert_uint_eq(trace_digest(trace), trace_digest(other));
    trace_forget_before(trace, UINT64_MAX); /* what is filled goes, what grows stays */
    ck_assert_uint_le(trace_first(trace), trace_end(trace));
    trace_add(trace, RECORDS, &full);
    ck_slice(trace_at(trace, RECORDS)->text, full.text);
    trace_free(other);
    buf_free(&text);
}
END_TEST

/* --- lines ------------------------------------------------------------------------ */

static const struct {
    const char *octets;
    const char *lines; /* each in brackets; what is left when it ends in angles */
} wires[] = {
    { "", "" },
    { "a\r\n", "[a]" },
    { "\r\n", "[]" },
    { "\r\n\r\n", "[][]" },
    { "a\r\nb\r\nc", "[a][b]<c>" },
    { "a\nb\r\n", "[a\nb]" },
    { "\n\r\n", "[\n]" },
    { "a\rb\r\n", "[a\rb]" },
    { "a\r\r\n", "[a\r]" },
    { "a\r\r\r\n\n\r\n", "[a\r\r][\n]" },
    { "a\r\n\n\r\n", "[a][\n]" },
    { "abc\r", "<abc\r>" },
    { "\r", "<\r>" },
    { "\n", "<\n>" },
    { "DATA\r\nx\r\n.\r\nQUIT\r\n", "[DATA][x][.][QUIT]" },
};

/* What the records from `first` on say; segments must give the octets back, in order. */
static void lines_check(size_t i, uint64_t first, size_t unfinished, const char *how)
{
    struct buf lines = BUF_MAX(1000), octets = BUF_MAX(1000);
    for (uint64_t number = first; number < trace_end(trace); number++) {
        const struct trace_record *record = trace_at(trace, number);
        ck_assert_uint_eq(record->conn, 3);
        ck_assert_uint_eq(record->side, SIDE_SERVER);
        bool is_line = record->kind == TRACE_LINE, is_rest = number >= unfinished;
        if (is_line)
            buf_add_char(&lines, is_rest ? '<' : '[');
        buf_add(is_line ? &lines : &octets, record->text);
        if (is_line)
            buf_add_char(&lines, is_rest ? '>' : ']');
    }
    ck_assert_msg(slice_is(buf_slice(&lines), wires[i].lines), "%zu %s: %s", i, how,
                  buf_text(&lines));
    ck_slice(buf_slice(&octets), slice_of(wires[i].octets));
    buf_free(&lines);
    buf_free(&octets);
}

START_TEST(lines_are_the_same_however_cut)
{
    size_t i = (size_t)_i;
    slice octets = slice_of(wires[i].octets);
    for (size_t first = 0; first <= octets.len; first++)
        for (size_t second = first; second <= octets.len; second++) {
            uint64_t start = trace_end(trace);
            trace_octets(trace, 1, &wire, 3, SIDE_SERVER, slice_upto(octets, first));
            trace_octets(trace, 1, &wire, 3, SIDE_SERVER,
                         slice_upto(slice_from(octets, first), second - first));
            trace_octets(trace, 1, &wire, 3, SIDE_SERVER, slice_from(octets, second));
            uint64_t end = trace_end(trace);
            trace_wire_end(trace, 1, &wire, 3, SIDE_SERVER);
            lines_check(i, start, end, "in three");
        }
    uint64_t start = trace_end(trace);
    for (size_t n = 0; n < octets.len; n++)
        trace_octets(trace, 1, &wire, 3, SIDE_SERVER, slice_upto(slice_from(octets, n), 1));
    uint64_t end = trace_end(trace);
    trace_wire_end(trace, 1, &wire, 3, SIDE_SERVER);
    lines_check(i, start, end, "byte by byte");
    ck_assert_ptr_null(wire.partial.at); /* an idle wire holds no memory */
}
END_TEST

START_TEST(a_whole_line_lives_in_its_segment)
{
    for (int i = 0; i < 300; i++) /* past a chunk's end, where it can't */
        trace_octets(trace, 1, &wire, 1, SIDE_CLIENT, SLICE("one\r\ntwo\r\n"));
    uint64_t shared = 0, copied = 0;
    const struct trace_record *segment = NULL;
    for (uint64_t number = 0; number < trace_end(trace); number++) {
        const struct trace_record *record = trace_at(trace, number);
        if (record->kind == TRACE_SEGMENT) {
            segment = record;
            continue;
        }
        ck_assert(slice_is(record->text, "one") || slice_is(record->text, "two"));
        if (record->text.at >= segment->text.at &&
            record->text.at < segment->text.at + segment->text.len)
            shared++;
        else
            copied++;
    }
    ck_assert_uint_eq(shared + copied, 600);
    ck_assert_uint_gt(copied, 0);
    ck_assert_uint_lt(copied, 10);
    /* A line that is kept outlives a segment that is forgotten. */
    trace_forget_before(trace, trace_end(trace));
    for (uint64_t number = trace_first(trace); number < trace_end(trace); number++)
        ck_assert_uint_gt(trace_at(trace, number)->text.len, 0);
}
END_TEST

/* A line of so many octets, in pieces of so many: what is kept of it, and its count. */
static void long_line_check(size_t length, size_t piece)
{
    char *octets = malloc(length + 2);
    ck_assert_ptr_nonnull(octets);
    for (size_t i = 0; i < length; i++)
        octets[i] = (char)('a' + i % 23);
    memcpy(octets + length, "\r\n", 2);
    uint64_t start = trace_end(trace);
    for (size_t i = 0; i < length + 2; i += piece)
        trace_octets(trace, 1, &wire, 3, SIDE_CLIENT,
                     slice_upto((slice){ octets + i, length + 2 - i }, piece));
    const struct trace_record *line = trace_at(trace, trace_end(trace) - 1);
    ck_assert_uint_eq(line->kind, TRACE_LINE);
    ck_assert_uint_eq(line->bytes, length > TRACE_LINE_MAX ? length : 0);
    ck_slice(line->text, slice_upto((slice){ octets, length }, TRACE_LINE_MAX));
    ck_assert_uint_ge(trace_end(trace) - start, 2);
    free(octets);
}

START_TEST(long_lines_are_cut_and_counted)
{
    static const size_t lengths[] = { TRACE_LINE_MAX - 1, TRACE_LINE_MAX, TRACE_LINE_MAX + 1,
                                      3 * TRACE_LINE_MAX };
    static const size_t pieces[] = { 1, 1460, TRACE_LINE_MAX, TRACE_LINE_MAX + 1,
                                     4 * TRACE_LINE_MAX };
    for (size_t i = 0; i < COUNT(lengths); i++)
        for (size_t n = 0; n < COUNT(pieces); n++)
            long_line_check(lengths[i], pieces[n]);
}
END_TEST

/* Nothing but lines, of a bulk its ends, and every octet is in a line or counted. */
START_TEST(what_is_long_is_shortened)
{
    struct buf text = BUF_MAX(65536);
    uint64_t octets = 0, lines = 0;
    buf_add_text(&text, "DATA\r\n");
    trace_shorten(trace);
    trace_octets(trace, 1, &wire, 1, SIDE_CLIENT, buf_slice(&text));
    buf_clear(&text);
    for (int i = 0; i < 1000; i++)
        buf_format(&text, "line %03d\r\n", i);
    for (slice rest = buf_slice(&text); rest.len; rest = slice_from(rest, 1460))
        trace_octets(trace, 2, &wire, 1, SIDE_CLIENT, slice_upto(rest, 1460));
    trace_octets(trace, 3, &wire, 1, SIDE_CLIENT, SLICE(".\r\n"));
    trace_wire_end(trace, 4, &wire, 1, SIDE_CLIENT);
    for (uint64_t number = 0; number < trace_end(trace); number++, lines++) {
        const struct trace_record *record = trace_at(trace, number);
        ck_assert_int_eq(record->kind, TRACE_LINE);
        octets += record->text.len ? record->text.len + 2 : record->bytes;
    }
    ck_slice(trace_at(trace, 1)->text, SLICE("line 000"));
    ck_slice(trace_at(trace, lines - 1)->text, SLICE("."));
    ck_slice(trace_at(trace, lines - 2)->text, SLICE("line 999"));
    ck_assert_uint_lt(lines, 300);
    ck_assert_uint_ge(octets, text.len + 9);
    ck_assert_uint_le(octets, text.len + 9 + 2); /* a line that broke off has no CRLF */
    buf_free(&text);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("trace");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, records_are_copied);
    tcase_add_test(cases, every_field_counts);
    tcase_add_test(cases, every_octet_counts);
    tcase_add_test(cases, digest_is_for_ever);
    tcase_add_test(cases, forgetting_frees_the_old_and_keeps_the_digest);
    tcase_add_loop_test(cases, lines_are_the_same_however_cut, 0, COUNT(wires));
    tcase_add_test(cases, a_whole_line_lives_in_its_segment);
    tcase_add_test(cases, long_lines_are_cut_and_counted);
    tcase_add_test(cases, what_is_long_is_shortened);
    return run_cases("trace", cases);
}
