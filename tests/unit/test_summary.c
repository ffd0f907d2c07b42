/* test_summary.c: ENVELOPE, BODYSTRUCTURE and the table of parts, as RFC 3501 has them. */
#include "servers/mail/summary.h"
#include "servers/store/store.h"
#include "tests/unit/mail_check.h"
#include "tests/unit/structure_check.h"

static void summary_check(struct arena *arena, slice text, struct message *message)
{
    struct error why = { "" };
    ck_assert(summary_make(arena, text, message));
    bool good = structure_check(text, message, &why);
    slice envelope = slice_upto(message->envelope, 400),
          structure = slice_upto(message->structure, 800);
    ck_assert_msg(good, "%s in\n%.*s\n%.*s", why.text, SLICE_ARG(envelope), SLICE_ARG(structure));
}

/* `lines` lines, `octets` octets in all. */
static void add_lines(struct buf *out, size_t lines, size_t octets)
{
    for (size_t i = 1; i < lines; i++)
        buf_add_text(out, "x\r\n");
    for (size_t i = (lines - 1) * 3; i < octets - 2; i++)
        buf_add_char(out, 'y');
    buf_add_text(out, "\r\n");
}

#define GRAY "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\"))"

START_TEST(rfc_3501_section_8)
{
    struct buf text = BUF_MAX(10000);
    buf_add_text(&text, "Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\n"
                        "From: Terry Gray <gray@cac.washington.edu>\r\n"
                        "Subject: IMAP4rev1 WG mtg summary and minutes\r\n"
                        "To: imap@cac.washington.edu\r\n"
                        "cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\n"
                        "Message-Id: <B27397-0100000@cac.washington.edu>\r\n"
                        "MIME-Version: 1.0\r\n"
                        "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n\r\n");
    add_lines(&text, 92, 3028);
    struct arena arena = { 0 };
    struct message message;
    summary_check(&arena, buf_slice(&text), &message);
    ck_assert_uint_eq(message.header_bytes, 342);
    ck_assert_uint_eq(message.path_bytes, 0);
    ck_slice(message.envelope, SLICE("(\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" "
             "\"IMAP4rev1 WG mtg summary and minutes\" " GRAY " " GRAY " " GRAY " "
             "((NIL NIL \"imap\" \"cac.washington.edu\")) "
             "((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")"
             "(\"John Klensin\" NIL \"KLENSIN\" \"MIT.EDU\")) NIL NIL "
             "\"<B27397-0100000@cac.washington.edu>\")"));
    ck_slice(message.body,
             SLICE("(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 3028 92)"));
    ck_slice(message.structure,
             SLICE("(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" "
                   "3028 92 NIL NIL NIL NIL)"));
    arena_free(&arena);
    buf_free(&text);
}
END_TEST

START_TEST(rfc_3501_section_7_4_2)
{
    struct buf text = BUF_MAX(10000);
    buf_add_text(&text, "Content-Type: MULTIPART/MIXED; boundary=x\r\n\r\n--x\r\n"
                        "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n\r\n");
    add_lines(&text, 23, 1152);
    buf_add_text(&text,
                 "\r\n--x\r\nContent-Type: TEXT/PLAIN; CHARSET=US-ASCII; NAME=cc.diff\r\n"
                 "Content-ID: <960723163407.20117h@cac.washington.edu>\r\n"
                 "Content-Description: Compiler diff\r\nContent-Transfer-Encoding: BASE64\r\n\r\n");
    add_lines(&text, 73, 4554);
    buf_add_text(&text, "\r\n--x--\r\n");
    struct arena arena = { 0 };
    struct message message;
    summary_check(&arena, buf_slice(&text), &message);
    ck_slice(message.body,
             SLICE("((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 1152 23)"
                   "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\" \"NAME\" \"cc.diff\") "
                   "\"<960723163407.20117h@cac.washington.edu>\" \"Compiler diff\" \"BASE64\" 4554 "
                   "73) \"MIXED\")"));
    slice mixed = SLICE(" \"MIXED\" (\"boundary\" \"x\") NIL NIL NIL)");
    ck_slice(slice_from(message.structure, message.structure.len - mixed.len), mixed);
    arena_free(&arena);
    buf_free(&text);
}
END_TEST

struct sample {
    const char *text, *want;
};

static const struct sample envelopes[] = {
    { "\r\n", "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)" },
    { "", "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)" },
    { "Date:\r\nSubject:\r\nFrom:\r\nTo: \r\nMessage-ID:\r\n\r\n",
      "(\"\" \"\" NIL NIL NIL NIL NIL NIL NIL \"\")" },
    { "From: a@b\r\nSender:\r\nReply-To: \r\n\r\n",
      "(NIL NIL ((NIL NIL \"a\" \"b\")) ((NIL NIL \"a\" \"b\")) ((NIL NIL \"a\" \"b\")) NIL NIL "
      "NIL NIL NIL)" },
    { "From: a@b\r\nSender: c@d\r\nReply-To: e@f\r\n\r\n",
      "(NIL NIL ((NIL NIL \"a\" \"b\")) ((NIL NIL \"c\" \"d\")) ((NIL NIL \"e\" \"f\")) NIL NIL "
      "NIL NIL NIL)" },
    { "To: group: g1@d1.org, g2@d2.org;, group2: g3@d3.org;\r\n\r\n",
      "(NIL NIL NIL NIL NIL ((NIL NIL \"group\" NIL)(NIL NIL \"g1\" \"d1.org\")(NIL NIL \"g2\" "
      "\"d2.org\")"
      "(NIL NIL NIL NIL)(NIL NIL \"group2\" NIL)(NIL NIL \"g3\" \"d3.org\")(NIL NIL NIL NIL)) NIL "
      "NIL NIL NIL)" },
    { "To: Undisclosed recipients:;\r\n\r\n",
      "(NIL NIL NIL NIL NIL ((NIL NIL \"Undisclosed recipients\" NIL)(NIL NIL NIL NIL)) NIL NIL "
      "NIL NIL)" },
    { "To: bo\r\nTo: cem@x\r\n\r\n",
      "(NIL NIL NIL NIL NIL ((NIL NIL \"bo\" \"\")(NIL NIL \"cem\" \"x\")) NIL NIL NIL NIL)" },
    { "Cc: <@r:a@b>\r\nBcc: \"Q \\\"q\\\" \\\\\" <a@b>\r\n\r\n",
      "(NIL NIL NIL NIL NIL NIL ((NIL \"@r\" \"a\" \"b\")) ((\"Q \\\"q\\\" \\\\\" NIL \"a\" "
      "\"b\")) NIL NIL)" },
    { "Subject: a\r\n b \r\nSubject: second\r\nIn-Reply-To: <1@x>\r\n <2@x>\r\n\r\n",
      "(NIL \"a b\" NIL NIL NIL NIL NIL NIL \"<1@x> <2@x>\" NIL)" },
    /* a literal for 8-bit; encoded words stay as they are; nothing begins a line */
    { "Subject: Gr\xc3\xbc\xc3\x9f\r\n\r\n",
      "(NIL {6}\r\nGr\xc3\xbc\xc3\x9f NIL NIL NIL NIL NIL NIL NIL NIL)" },
    { "Subject: =?utf-8?Q?=0D=0A*_9_EXISTS?=\r\n\r\n",
      "(NIL \"=?utf-8?Q?=0D=0A*_9_EXISTS?=\" NIL NIL NIL NIL NIL NIL NIL NIL)" },
    { "Subject: a\r* 9 EXISTS\r\n\r\n", "(NIL \"a * 9 EXISTS\" NIL NIL NIL NIL NIL NIL NIL NIL)" },
    { "Subject: {3}\r\n\r\n", "(NIL \"{3}\" NIL NIL NIL NIL NIL NIL NIL NIL)" },
};

START_TEST(envelope_table)
{
    for (size_t i = 0; i < COUNT(envelopes); i++) {
        struct arena arena = { 0 };
        struct message message;
        summary_check(&arena, slice_of(envelopes[i].text), &message);
        ck_slice(message.envelope, slice_of(envelopes[i].want));
        arena_free(&arena);
    }
}
END_TEST

START_TEST(envelope_nul)
{
    struct arena arena = { 0 };
    struct message message;
    summary_check(&arena, SLICE("Subject: a\0b\"\r\n\r\n"), &message);
    ck_assert(slice_starts(message.envelope, "(NIL {4}\r\na?b\" NIL"));
    arena_free(&arena);
}
END_TEST

static const struct sample structures[] = {
    { "\r\nhello",
      "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 5 1 NIL NIL NIL NIL)" },
    { "", "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 0 0 NIL NIL NIL NIL)" },
    { "Content-Type: text/plain\r\n\r\n",
      "(\"text\" \"plain\" NIL NIL NIL \"7BIT\" 0 0 NIL NIL NIL NIL)" },
    { "Content-Type: image/gif; name=\"a\\\"b\"\r\nContent-Transfer-Encoding: "
      "base64\r\nContent-MD5: x==\r\n"
      "Content-Disposition: attachment; filename=f\r\nContent-Language: en\r\nContent-Location: "
      "l\r\n\r\nxx",
      "(\"image\" \"gif\" (\"name\" \"a\\\"b\") NIL NIL \"base64\" 2 \"x==\" (\"attachment\" "
      "(\"filename\" \"f\")) \"en\" \"l\")" },
    { "Content-Disposition: inline\r\nContent-Language: en, de\r\nContent-ID:\r\n\r\n",
      "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") \"\" NIL \"7BIT\" 0 0 NIL (\"inline\" NIL) "
      "(\"en\" \"de\") NIL)" },
    { "Content-Type: text/plain; name=\"f\xc3\xbcr\"\r\n\r\n",
      "(\"text\" \"plain\" (\"name\" {4}\r\nf\xc3\xbcr) NIL NIL \"7BIT\" 0 0 NIL NIL NIL NIL)" },
    { "Content-Type: message/rfc822\r\n\r\nFrom: a@b\r\nSubject: in\r\n\r\nhi\r\n",
      "(\"message\" \"rfc822\" NIL NIL NIL \"7BIT\" 30 (NIL \"in\" ((NIL NIL \"a\" \"b\")) ((NIL "
      "NIL \"a\" \"b\"))"
      " ((NIL NIL \"a\" \"b\")) NIL NIL NIL NIL NIL) (\"TEXT\" \"PLAIN\" (\"CHARSET\" "
      "\"US-ASCII\") NIL NIL"
      " \"7BIT\" 4 1 NIL NIL NIL NIL) 4 NIL NIL NIL NIL)" },
    { "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: "
      "multipart/alternative; boundary=c\r\n"
      "\r\n--c\r\n\r\n1\r\n--c--\r\n--b--",
      "(((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 1 1 NIL NIL NIL NIL) "
      "\"alternative\""
      " (\"boundary\" \"c\") NIL NIL NIL) \"mixed\" (\"boundary\" \"b\") NIL NIL NIL)" },
};

START_TEST(structure_table)
{
    for (size_t i = 0; i < COUNT(structures); i++) {
        struct arena arena = { 0 };
        struct message message;
        summary_check(&arena, slice_of(structures[i].text), &message);
        ck_slice(message.structure, slice_of(structures[i].want));
        arena_free(&arena);
    }
}
END_TEST

/* RFC 3501 6.4.5's example of part numbers. Every text says its own number. */
static const char numbered[] =
    "Subject: whole\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n"
    "--a\r\n\r\n1\r\n"
    "--a\r\nContent-Type: application/octet-stream\r\n\r\n2\r\n"
    "--a\r\nContent-Type: message/rfc822\r\n\r\nSubject: 3\r\nContent-Type: multipart/mixed; "
    "boundary=b\r\n\r\n"
    "--b\r\n\r\n3.1\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\n3.2\r\n--b--\r\n"
    "--a\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
    "--c\r\nContent-Type: image/gif\r\n\r\n4.1\r\n"
    "--c\r\nContent-Type: message/rfc822\r\n\r\nSubject: 4.2\r\nContent-Type: multipart/mixed; "
    "boundary=d\r\n\r\n"
    "--d\r\n\r\n4.2.1\r\n--d\r\nContent-Type: multipart/alternative; boundary=e\r\n\r\n"
    "--e\r\n\r\n4.2.2.1\r\n--e\r\nContent-Type: "
    "text/richtext\r\n\r\n4.2.2.2\r\n--e--\r\n--d--\r\n--c--\r\n--a--\r\n";

static slice span_of(slice text, struct span span)
{
    return slice_upto(slice_from(text, span.at), span.len);
}

static size_t path_of(const char *number, uint32_t *path)
{
    size_t depth = 0;
    slice rest = slice_of(number);
    uint64_t n;
    while (take_number(&rest, UINT32_MAX, &n)) {
        path[depth++] = (uint32_t)n;
        take_char(&rest, '.');
    }
    return depth;
}

START_TEST(rfc_3501_part_numbers)
{
    static const char *const texts[] = { "1",   "2",     "3.1",     "3.2",
                                         "4.1", "4.2.1", "4.2.2.1", "4.2.2.2" };
    static const char *const messages[] = { "3", "4.2" };
    static const char *const absent[] = { "0",       "5",         "1.1",       "2.1",   "3.0",
                                          "3.3",     "3.1.1",     "4.3",       "4.1.1", "4.2.3",
                                          "4.2.2.3", "4.2.2.1.1", "4294967295" };
    struct arena arena = { 0 };
    struct message message;
    slice text = SLICE(numbered);
    struct part_span part;
    uint32_t path[8];
    summary_check(&arena, text, &message);
    for (size_t i = 0; i < COUNT(texts); i++) {
        ck_assert_msg(summary_part(message.parts, path, path_of(texts[i], path), &part), "%s",
                      texts[i]);
        ck_slice(span_of(text, part.whole), slice_of(texts[i]));
        ck_assert(!part.is_message);
    }
    for (size_t i = 0; i < COUNT(messages); i++) {
        ck_assert(summary_part(message.parts, path, path_of(messages[i], path), &part));
        ck_assert(part.is_message);
        slice header = span_of(text, part.header);
        ck_assert(take_prefix(&header, "Subject: ") && slice_starts(header, messages[i]));
        ck_slice(span_of(text, part.mime), SLICE("Content-Type: message/rfc822\r\n\r\n"));
        ck_assert(slice_starts(span_of(text, part.text), i ? "--d\r\n" : "--b\r\n"));
    }
    for (size_t i = 0; i < COUNT(absent); i++)
        ck_assert_msg(!summary_part(message.parts, path, path_of(absent[i], path), &part), "%s",
                      absent[i]);
    ck_assert(summary_part(message.parts, path, path_of("4.1", path), &part));
    ck_slice(span_of(text, part.mime), SLICE("Content-Type: image/gif\r\n\r\n"));
    ck_assert(summary_part(message.parts, path, path_of("4", path), &part));
    ck_assert(slice_starts(span_of(text, part.whole), "--c\r\n") && !part.is_message);
    ck_assert(summary_part(message.parts, path, 0, &part));
    ck_slice(span_of(text, part.whole), text);
    ck_assert_uint_eq(part.header.len, message.header_bytes);
    arena_free(&arena);
}
END_TEST

/* imaptest's fetch-body-message-rfc822-mime: a message that is itself a message. */
START_TEST(message_of_a_message)
{
    slice text = SLICE(
        "From: user@domain.org\r\nContent-Type: message/rfc822\r\n\r\n"
        "From: sub@domain.org\r\nContent-Type: multipart/digest; boundary=\"foo\"\r\n\r\n"
        "prologue\r\n\r\n--foo \r\n\r\nFrom: m1@example.com\r\nSubject: m1\r\n\r\nm1 body\r\n\r\n"
        "--foo \r\nX-Mime: m2 header\r\n\r\nFrom: m2@example.com\r\nSubject: m2\r\n\r\nm2 "
        "body\r\n\r\n"
        "--foo--\r\n\r\nepilogue\r\n\r\n");
    struct arena arena = { 0 };
    struct message message;
    struct part_span part;
    uint32_t path[8];
    summary_check(&arena, text, &message);
    ck_assert(summary_part(message.parts, path, path_of("1", path), &part));
    ck_slice(
        span_of(text, part.header),
        SLICE("From: sub@domain.org\r\nContent-Type: multipart/digest; boundary=\"foo\"\r\n\r\n"));
    ck_assert(slice_starts(span_of(text, part.text), "prologue\r\n"));
    ck_assert(summary_part(message.parts, path, path_of("1.1", path), &part));
    ck_slice(span_of(text, part.whole),
             SLICE("From: m1@example.com\r\nSubject: m1\r\n\r\nm1 body\r\n"));
    ck_slice(span_of(text, part.mime), SLICE("\r\n"));
    ck_slice(span_of(text, part.header), SLICE("From: m1@example.com\r\nSubject: m1\r\n\r\n"));
    ck_slice(span_of(text, part.text), SLICE("m1 body\r\n"));
    ck_assert(summary_part(message.parts, path, path_of("1.2", path), &part));
    ck_slice(span_of(text, part.mime), SLICE("X-Mime: m2 header\r\n\r\n"));
    ck_assert(summary_part(message.parts, path, path_of("1.2.1", path), &part));
    ck_slice(span_of(text, part.whole), SLICE("m2 body\r\n"));
    ck_assert(!summary_part(message.parts, path, path_of("1.3", path), &part));
    ck_assert(!summary_part(message.parts, path, path_of("2", path), &part));
    ck_assert(!summary_part(message.parts, path, path_of("1.2.1.1", path), &part));
    arena_free(&arena);
}
END_TEST

START_TEST(return_path)
{
    static const struct { const char *text; uint32_t bytes; } cases[] = {
        { "Return-Path: <a@b>\r\nFrom: a@b\r\n\r\n", 20 },
        { "return-path: <>\nFrom: a@b\n\n", 16 },
        { "Return-Path:\r\n <a@b>\r\n\r\n", 22 },
        { "From: a@b\r\nReturn-Path: <a@b>\r\n\r\n", 0 },
        { "Return-Path <a@b>\r\n\r\n", 0 },
        { "", 0 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena arena = { 0 };
        struct message message;
        summary_check(&arena, slice_of(cases[i].text), &message);
        ck_assert_uint_eq(message.path_bytes, cases[i].bytes);
        arena_free(&arena);
    }
}
END_TEST

START_TEST(every_truncation)
{
    for (size_t len = 0; len < sizeof numbered; len++) {
        struct arena arena = { 0 };
        struct message message;
        slice cut = cut_new(slice_of(numbered), len);
        summary_check(&arena, cut, &message);
        arena_free(&arena);
        cut_free(cut);
    }
}
END_TEST

/* In pieces, as a message arrives: whole, octet by octet, cut anywhere. Each piece is gone when
   the next comes. */
static uint64_t state = 88172645463325252u;
static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % below;
}

static void feed_in_pieces(struct summary_reader *reader, slice text, size_t longest)
{
    while (text.len) {
        slice piece = slice_upto(text, 1 + draw((uint32_t)longest));
        slice cut = cut_new(piece, piece.len);
        ck_assert(summary_feed(reader, cut));
        cut_free(cut);
        text = slice_from(text, piece.len);
    }
}

static void ck_same(const struct message *one, const struct message *two)
{
    ck_assert(one->size == two->size && one->header_bytes == two->header_bytes);
    ck_assert_uint_eq(one->path_bytes, two->path_bytes);
    ck_slice(two->envelope, one->envelope);
    ck_slice(two->structure, one->structure);
    ck_slice(two->body, one->body);
    ck_assert(slice_equal(two->parts, one->parts));
    ck_slice(two->identity, one->identity);
    ck_assert_int_eq(one->heading->sent_ms, two->heading->sent_ms);
    ck_slice(two->heading->references, one->heading->references);
    for (size_t i = 0; i < HEADING_TEXTS; i++)
        ck_assert(slice_equal(two->heading->texts[i], one->heading->texts[i]));
    for (size_t i = 0; i < HEADING_BOXES; i++)
        ck_assert(slice_equal(two->heading->boxes[i], one->heading->boxes[i]));
}

static const char *const shreds[] = {
    "Content-Type: multipart/mixed; boundary=b\r\n", "Content-Type: message/rfc822\r\n", "\r\n",
    "Content-Type: multipart/digest; boundary=\"bb \"\r\n", "\n", "--b\r\n", "--b\n", "--b--\r\n",
    "--bb\r\n", "--bb --\n", "--bb", "text\r\n", "text", "\r", "Subject: x\r\n", " more\r\n",
    "From: Ana <a@x>, b@y\r\n", "Content-Type: text/html; charset=x; name=\"q\\\"z\"\n",
    "Content-Transfer-Encoding: base64\r\n", "junk\r\n", "From x\n", "\r\r\n", "References: <a@b>",
    "Content-Disposition: attachment; filename*0*=a; filename*1=b\r\n", "Return-Path: <a@x>\r\n",
    "Date: Mon, 5 Jan 2026 09:00:00 +0000\r\n", "Content-Language: en, de\r\n", ":\r\n",
};

START_TEST(pieces_of_any_size)
{
    struct arena arena = { 0 };
    for (size_t i = 0; i < 3000; i++) {
        struct buf text = BUF_MAX(1u << 21);
        struct message whole, pieces;
        for (uint32_t n = 1 + draw(40); n > 0; n--)
            buf_add_text(&text, shreds[draw(COUNT(shreds))]);
        if (i % 500 == 0) /* a line longer than what is looked at of one */
            for (size_t k = 0; k < 200000; k++)
                buf_add_char(&text, "x-: "[i / 500 % 4]);
        buf_add_text(&text, i % 3 ? "" : "\r\nend");
        ck_assert(summary_make(&arena, buf_slice(&text), &whole));
        struct summary_reader *reader = summary_begin();
        feed_in_pieces(reader, buf_slice(&text), i % 2 ? 1 : 300);
        summary_end(reader, &pieces);
        ck_same(&whole, &pieces);
        summary_free(reader);
        buf_free(&text);
        arena_reset(&arena);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(hops_are_counted)
{
    struct summary_reader *reader = summary_begin();
    struct message message;
    summary_feed(reader, SLICE("Received: a\r\nReceived: b\r\nSubject: Received:\r\n\r\n"
                               "Received: c"));
    summary_end(reader, &message);
    ck_assert_uint_eq(summary_hops(reader), 2);
    summary_free(reader);
    reader = summary_begin(); /* that one breaks off */
    summary_feed(reader, SLICE("Subject: x"));
    summary_free(reader);
}
END_TEST

START_TEST(damaged_table)
{
    struct arena arena = { 0 };
    struct message message;
    struct part_span part;
    uint32_t path[8] = { 4, 2, 2, 1 };
    summary_check(&arena, SLICE(numbered), &message);
    for (size_t len = 0; len < message.parts.len; len++) {
        slice cut = cut_new(message.parts, len);
        (void)summary_part(cut, path, 4, &part);
        cut_free(cut);
    }
    for (size_t at = 0; at < message.parts.len; at++) {
        slice copy = cut_new(message.parts, message.parts.len);
        ((char *)(uintptr_t)copy.at)[at] ^= 0x55;
        (void)summary_part(copy, path, 4, &part);
        cut_free(copy);
    }
    ck_assert(!summary_part(SLICE_EMPTY, path, 0, &part));
    arena_free(&arena);
}
END_TEST

/* Messages that would need endless descriptions get short ones that are still true. */
START_TEST(bombs)
{
    static const struct { const char *head, *repeated, *tail;
    } cases[] = {
        { "To: ", "a@b,", "\r\n\r\n" },
        { "", "To: \"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\" <a@b>, g: c@d;\r\n", "\r\n" },
        { "Subject: ", "\"", "\r\n\r\n" },
        { "Subject:", " \xff\r\n", "\r\n" },
        { "", "A: b\r\n", "\r\n" },
        { "Content-Type: text/plain", ";a=\"\\\"\\\"\\\"\\\"\"", "\r\n\r\n" },
        { "Content-Type: multipart/mixed; boundary=b\r\n\r\n",
          "--b\r\nContent-Type: text/plain; "
          "a=\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"
          " aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          "aaaa\"\r\n\r\nx\r\n",
          "--b--\r\n" },
        { "", "Content-Type: message/rfc822\r\nTo: a@b, c@d, e@f\r\n\r\n", "" },
        { "Content-Type: multipart/digest; boundary=b\r\n",
          "\r\n--b\r\n\r\nTo: ((((a@b, c@d, e@f\r\n", "" },
        { "", "(", "" },
        { "", "\r\n", "" },
        { "", "\n", "" },
        { "", "--", "" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf text = BUF_MAX(1 << 20);
        struct arena arena = { 0 };
        struct message message;
        buf_add_text(&text, cases[i].head);
        while (buf_add_text(&text, cases[i].repeated))
            ;
        text.max += 100;
        buf_add_text(&text, cases[i].tail);
        summary_check(&arena, buf_slice(&text), &message);
        ck_assert_uint_le(message.envelope.len, SUMMARY_TEXT_MAX);
        ck_assert_uint_le(message.structure.len, SUMMARY_TEXT_MAX);
        arena_free(&arena);
        buf_free(&text);
    }
}
END_TEST

START_TEST(quoting)
{
    static const struct { const char *from, *string, *astring; } cases[] = {
        { "", "\"\"", "\"\"" },
        { "INBOX", "\"INBOX\"", "INBOX" },
        { "a b", "\"a b\"", "\"a b\"" },
        { "a\"b\\", "\"a\\\"b\\\\\"", "\"a\\\"b\\\\\"" },
        { "a]b", "\"a]b\"", "a]b" },
        { "nil", "\"nil\"", "\"nil\"" },
        { "a*", "\"a*\"", "\"a*\"" },
        { "{5}", "\"{5}\"", "\"{5}\"" },
        { "a\r\nb", "{4}\r\na\r\nb", "{4}\r\na\r\nb" },
        { "\xc3\xa4", "{2}\r\n\xc3\xa4", "{2}\r\n\xc3\xa4" },
        { "\t", "\"\t\"", "\"\t\"" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out = BUF_MAX(100), atom = BUF_MAX(100);
        quote_nstring(&out, slice_of(cases[i].from));
        quote_astring(&atom, slice_of(cases[i].from));
        ck_slice(buf_slice(&out), slice_of(cases[i].string));
        ck_slice(buf_slice(&atom), slice_of(cases[i].astring));
        buf_free(&out);
        buf_free(&atom);
    }
    struct buf out = BUF_MAX(100);
    quote_nstring(&out, (slice){ NULL, 0 });
    ck_slice(buf_slice(&out), SLICE("NIL"));
    buf_free(&out);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        rfc_3501_section_8, rfc_3501_section_7_4_2, envelope_table, envelope_nul, structure_table,
        rfc_3501_part_numbers, message_of_a_message, return_path, every_truncation, damaged_table,
        bombs, quoting, pieces_of_any_size, hops_are_counted,
    };
    return run_tests("summary", tests, COUNT(tests));
}
