/* translate.c: see translate.h. A line of the table is a form: its words must be there, and each
   hole takes what stands between them. */
#include "views/translate.h"

#include "sim/language/command.h"
#include "views/utf8.h"
#include "views/wrap.h"

#define HOLES_MAX 9
#define GAP 3                    /* so many blanks part what is said from what is said besides */
#define COLUMN_MAX 40            /* where a second column begins at the latest */
#define SENTENCES_MAX 6          /* so many a line of the table may hold */
#define SAID_BYTES (64u << 10)
#define DEPTH_MAX 4              /* what fills a hole may be said too, and so on */

/* --- the table -------------------------------------------------------------------------------- */

static bool pair_take(slice *rest, struct pair *pair)
{
    pair->english = SLICE_EMPTY;
    while (rest->len) {
        slice line = take_until(rest, '\n');
        if (slice_starts(line, "> ") && pair->english.len) {
            pair->said = slice_from(line, 2);
            return true;
        }
        if (line.len && line.at[0] != '#')
            pair->english = line;
    }
    return false;
}

void translate_read(struct language *language, struct arena *arena, slice words)
{
    struct pair one, *pairs;
    size_t count = 0;
    for (slice rest = words; pair_take(&rest, &one);)
        count++;
    pairs = arena_take_array(arena, count, sizeof *pairs);
    language->pairs = pairs;
    language->pair_count = count;
    while (pair_take(&words, &one))
        *pairs++ = one;
}

slice translate_find(const struct language *language, slice english)
{
    for (size_t i = 0; language && i < language->pair_count; i++)
        if (slice_equal(language->pairs[i].english, english))
            return language->pairs[i].said;
    return SLICE_EMPTY;
}

/* --- forms ------------------------------------------------------------------------------------ */

struct hole {
    slice name, text;
};

bool translate_hole(slice *form, slice *name)
{
    slice rest = *form;
    if (!take_char(&rest, '{'))
        return false;
    *name = take_while(&rest, is_alnum);
    if (!name->len || !take_char(&rest, '}'))
        return false;
    *form = rest;
    return true;
}

slice translate_words(slice *form)
{
    slice start = *form, name, rest = *form;
    while (form->len && !translate_hole(&rest, &name))
        rest = *form = slice_from(*form, 1);
    return slice_upto(start, start.len - form->len);
}

/* Where a sentence ends or a column begins: only a hole at the form's end takes that in. */
static bool is_parted(slice text)
{
    size_t at;
    return slice_find_text(text, SLICE(". "), &at) || slice_find_text(text, SLICE("  "), &at);
}

/* Each hole takes as little as it can, and one octet at least. */
static bool reads_as(slice form, slice text, struct hole holes[HOLES_MAX], size_t *count)
{
    slice words = translate_words(&form);
    *count = 0;
    if (!slice_equal(slice_upto(text, words.len), words))
        return false;
    text = slice_from(text, words.len);
    while (form.len && *count < HOLES_MAX) {
        size_t at = text.len;
        translate_hole(&form, &holes[*count].name);
        words = translate_words(&form);
        if (!form.len)
            at = text.len > words.len &&
                 slice_equal(slice_from(text, text.len - words.len), words) ?
                 text.len - words.len : 0;
        else if (slice_find_text(slice_from(text, 1), words, &at))
            at++;
        else
            at = 0;
        if (!at || ((form.len || words.len) && is_parted(slice_upto(text, at))))
            return false;
        holes[(*count)++].text = slice_upto(text, at);
        text = slice_from(text, at + words.len);
    }
    return !form.len && !text.len;
}

static void text_add(struct buf *out, const struct language *language, slice text, unsigned depth);

static void said_add(struct buf *out, const struct language *language, slice said,
                     const struct hole *holes, size_t count, unsigned depth)
{
    slice name;
    buf_add(out, translate_words(&said));
    while (translate_hole(&said, &name)) {
        for (size_t i = 0; i < count; i++)
            if (slice_equal(name, holes[i].name))
                text_add(out, language, holes[i].text, depth + 1);
        buf_add(out, translate_words(&said));
    }
}

/* As one line of the table, exactly or as a form. */
static bool whole_add(struct buf *out, const struct language *language, slice text, unsigned depth)
{
    struct hole holes[HOLES_MAX];
    size_t count;
    slice said = translate_find(language, text), end = slice_from(text, text.len - (text.len > 0));
    bool ends = slice_is(end, ".") || slice_is(end, ":");
    if (!said.len && ends) { /* what has no end in a table has one in an answer */
        said = translate_find(language, slice_upto(text, text.len - 1));
        buf_add(out, said);
        buf_add(out, said.len ? end : SLICE_EMPTY);
    } else {
        buf_add(out, said);
    }
    if (said.len)
        return true;
    for (size_t i = 0; i < language->pair_count; i++)
        if (reads_as(language->pairs[i].english, text, holes, &count) && count) {
            said_add(out, language, language->pairs[i].said, holes, count, depth);
            return true;
        }
    return false;
}

static size_t blanks_at(slice text)
{
    size_t count = 0;
    while (count < text.len && text.at[count] == ' ')
        count++;
    return count;
}

/* Up to the end of the sentence, or to a gap; the blanks behind it are left. */
static slice sentence_take(slice *rest)
{
    slice start = *rest;
    for (; rest->len; *rest = slice_from(*rest, 1)) {
        char sign = rest->at[0];
        size_t blanks = blanks_at(slice_from(*rest, 1));
        bool ends = (sign == '.' || sign == '?' || sign == '!') && blanks;
        if (!ends && blanks < GAP)
            continue;
        *rest = slice_from(*rest, 1);
        break;
    }
    return slice_upto(start, start.len - rest->len);
}

/* As many sentences as the table has as one text; else the first, as it was. */
static void sentences_take(struct buf *out, const struct language *language, slice *text,
                           unsigned depth)
{
    slice rests[SENTENCES_MAX];
    size_t count = 0;
    for (slice rest = *text; rest.len && count < SENTENCES_MAX; count++) {
        sentence_take(&rest);
        rests[count] = rest;
        rest = slice_from(rest, blanks_at(rest));
    }
    for (size_t i = count; i--;) {
        slice one = slice_upto(*text, text->len - rests[i].len);
        bool said = whole_add(out, language, one, depth);
        if (!said && i)
            continue;
        buf_add(out, said ? SLICE_EMPTY : one);
        *text = rests[i];
        return;
    }
}

static void text_add(struct buf *out, const struct language *language, slice text, unsigned depth)
{
    if (depth > DEPTH_MAX || whole_add(out, language, text, depth)) {
        buf_add(out, depth > DEPTH_MAX ? text : SLICE_EMPTY);
        return;
    }
    while (text.len) {
        slice blanks = slice_upto(text, blanks_at(text));
        text = slice_from(text, blanks.len);
        buf_add(out, blanks);
        sentences_take(out, language, &text, depth);
    }
}

void translate_add(struct buf *out, const struct language *language, slice text)
{
    if (language && text.len < SAID_BYTES)
        text_add(out, language, text, 0);
    else
        buf_add(out, text);
}

/* --- answers ---------------------------------------------------------------------------------- */

/* Where a second column begins; 0: there is none. */
static size_t column_of(slice line)
{
    for (size_t i = blanks_at(line); i < line.len && i < COLUMN_MAX; i++) {
        size_t blanks = blanks_at(slice_from(line, i));
        if (blanks > 1 && i + blanks < line.len)
            return i + blanks;
    }
    return 0;
}

/* Did the line before have no room for the next one's first word? */
static bool goes_on(slice before, slice line, size_t indent)
{
    slice word = slice_from(line, indent);
    word = take_word(&word);
    return blanks_at(line) == indent && word.len && before.len + 1 + word.len > COMMAND_COLUMNS;
}

static void blanks_add(struct buf *out, size_t count)
{
    for (; count; count--)
        buf_add_char(out, ' ');
}

/* The line and those that go on under `indent`, from there, as one. */
static slice joined_take(slice *answer, size_t indent, struct buf *joined)
{
    slice line = take_until(answer, '\n'), rest = *answer;
    buf_add(joined, slice_from(line, indent));
    while (rest.len) {
        slice next = take_until(&rest, '\n');
        if (!goes_on(line, next, indent))
            break;
        buf_add_char(joined, ' ');
        buf_add(joined, slice_from(next, indent));
        line = next;
        *answer = rest;
    }
    return buf_slice(joined);
}

/* False: it is not in the table as it stands. */
static bool line_said(struct buf *out, const struct language *language, slice *answer)
{
    struct buf joined = BUF_MAX(SAID_BYTES), said = BUF_MAX(SAID_BYTES);
    slice rest = *answer;
    size_t indent = blanks_at(rest);
    bool whole = whole_add(&said, language, joined_take(&rest, indent, &joined), 0);
    if (whole) {
        blanks_add(out, indent);
        wrap_add(out, buf_slice(&said), indent, indent, COMMAND_COLUMNS);
        *answer = rest;
    }
    buf_free(&joined);
    buf_free(&said);
    return whole;
}

/* In two columns, or sentence by sentence; as it was if no word of it is there. */
static void parts_said(struct buf *out, const struct language *language, slice *answer)
{
    struct buf joined = BUF_MAX(SAID_BYTES), first = BUF_MAX(SAID_BYTES),
               second = BUF_MAX(SAID_BYTES);
    slice before = *answer, rest = before, line = take_until(&rest, '\n');
    size_t column = column_of(line), indent = blanks_at(line);
    slice left = slice_trim(slice_upto(line, column));
    slice right = joined_take(answer, column ? column : indent, &joined);
    translate_add(&first, language, left);
    translate_add(&second, language, right);
    if (slice_equal(buf_slice(&first), left) && slice_equal(buf_slice(&second), right)) {
        buf_add(out, slice_upto(before, before.len - answer->len));
    } else {
        size_t width = indent + utf8_width(buf_slice(&first));
        size_t gap = !column ? 0 : width + 1 < column ? column - width : 2;
        blanks_add(out, indent);
        buf_add(out, buf_slice(&first));
        blanks_add(out, gap);
        wrap_add(out, buf_slice(&second), width + gap, column ? column : indent, COMMAND_COLUMNS);
    }
    buf_free(&first);
    buf_free(&second);
    buf_free(&joined);
}

void translate_answer(struct buf *out, const struct language *language, slice answer)
{
    while (answer.len) {
        slice rest = answer, line = take_until(&rest, '\n');
        bool spoken = slice_starts(line, "S: ") || slice_starts(line, "C: ") ||
                      slice_starts(line, "  | ") || !line.len;
        if (!language || spoken || line.len > COMMAND_COLUMNS) {
            buf_add(out, slice_upto(answer, answer.len - rest.len));
            answer = rest;
        } else if (!line_said(out, language, &answer)) {
            parts_said(out, language, &answer);
        }
    }
}
