/* markdown.c: Markdown for a terminal, by cmark's tree. Only what lessons use has a form of its
   own: paragraphs, headings, lists, quotes, code; HTML is left out, a link is its words. */
#include <cmark.h>
#include <stdlib.h>

#include "lessons/lesson.h"
#include "views/clean.h"
#include "views/utf8.h"

#define TEXT_MAX (256u << 10)
#define INDENT_MAX 60
#define COLUMNS_LEAST 16

/* --- blocks -------------------------------------------------------------------------------- */

static slice line_number(slice text, uint64_t number)
{
    slice line = SLICE_EMPTY;
    for (; number && text.len; number--)
        line = take_until(&text, '\n');
    return number ? SLICE_EMPTY : slice_trim(line);
}

static bool is_fence(slice line) { return slice_starts(line, "```") || slice_starts(line, "~~~"); }

static bool is_block(cmark_node *node, slice text)
{
    return cmark_node_get_type(node) == CMARK_NODE_CODE_BLOCK &&
           is_fence(line_number(text, (uint64_t)cmark_node_get_start_line(node)));
}

size_t markdown_blocks(struct arena *arena, slice text, struct markdown_block **blocks)
{
    cmark_node *document = cmark_parse_document(text.at, text.len, CMARK_OPT_DEFAULT);
    size_t count = 0;
    for (cmark_node *node = cmark_node_first_child(document); node; node = cmark_node_next(node))
        count += is_block(node, text);
    *blocks = arena_take_array(arena, count + 1, sizeof **blocks);
    struct markdown_block *block = *blocks;
    for (cmark_node *node = cmark_node_first_child(document); node; node = cmark_node_next(node)) {
        if (!is_block(node, text))
            continue;
        const char *info = cmark_node_get_fence_info(node);
        block->info = arena_copy(arena, slice_of(info ? info : ""));
        block->fence = (uint64_t)cmark_node_get_start_line(node);
        uint64_t last = (uint64_t)cmark_node_get_end_line(node);
        block->closed = last > block->fence && is_fence(line_number(text, last));
        block->first = block->fence + 1;
        block->end = block->closed ? last : last + 1;
        block++;
    }
    cmark_node_free(document);
    return count;
}

/* --- words --------------------------------------------------------------------------------- */

/* Where one writes: a blank that must not break is \x01, a line's forced end \x02. */
static void inline_add(struct buf *words, cmark_node *node)
{
    const char *literal = cmark_node_get_literal(node);
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_TEXT:
        buf_add_text(words, literal);
        return;
    case CMARK_NODE_CODE:
        buf_add_char(words, '`');
        for (; *literal; literal++)
            buf_add_char(words, *literal == ' ' ? '\x01' : *literal);
        buf_add_char(words, '`');
        return;
    case CMARK_NODE_SOFTBREAK:
        buf_add_char(words, ' ');
        return;
    case CMARK_NODE_LINEBREAK:
        buf_add_char(words, '\x02');
        return;
    default:
        for (cmark_node *child = cmark_node_first_child(node); child;
             child = cmark_node_next(child))
            inline_add(words, child);
    }
}

static void blanks_add(struct buf *out, size_t count)
{
    for (; count; count--)
        buf_add_char(out, ' ');
}

/* Breaks at blanks only; a word that is longer than a line stands on one of its own. */
static void words_wrap(struct buf *out, slice words, const char *first, size_t indent,
                       size_t columns)
{
    size_t column = indent;
    bool begins = true;
    if (*first) {
        buf_add_text(out, first);
        column = utf8_width(slice_of(first));
    } else {
        blanks_add(out, indent);
    }
    while (words.len) {
        size_t end = 0;
        while (end < words.len && words.at[end] != ' ' && words.at[end] != '\x02')
            end++;
        slice word = slice_upto(words, end);
        size_t width = utf8_width(word);
        bool forced = end < words.len && words.at[end] == '\x02';
        if (!begins && column + 1 + width > columns) {
            buf_add_char(out, '\n');
            blanks_add(out, indent);
            column = indent;
            begins = true;
        }
        if (!begins && width)
            buf_add_char(out, ' '), column++;
        for (size_t i = 0; i < word.len; i++)
            buf_add_char(out, word.at[i] == '\x01' ? ' ' : word.at[i]);
        column += width;
        begins = begins && width == 0;
        words = slice_from(words, end + 1);
        if (forced) {
            buf_add_char(out, '\n');
            blanks_add(out, indent);
            column = indent;
            begins = true;
        }
    }
    buf_add_char(out, '\n');
}

/* --- blocks of a text ---------------------------------------------------------------------- */

struct markdown {
    struct buf *out;
    size_t columns;
    bool empty;                 /* nothing was written yet */
    bool tight;                 /* items of a list that have no blank lines between them */
};

static void gap(struct markdown *markdown)
{
    if (!markdown->empty && !markdown->tight)
        buf_add_char(markdown->out, '\n');
    markdown->empty = false;
}

static void paragraph(struct markdown *markdown, cmark_node *node, const char *first,
                      size_t indent)
{
    struct buf words = BUF_MAX(TEXT_MAX);
    inline_add(&words, node);
    words_wrap(markdown->out, buf_slice(&words), first, indent, markdown->columns);
    buf_free(&words);
}

static void code(struct markdown *markdown, cmark_node *node, size_t indent)
{
    slice rest = slice_of(cmark_node_get_literal(node));
    while (rest.len) {
        slice line = take_until(&rest, '\n');
        if (line.len)
            blanks_add(markdown->out, indent + 2);
        clean_add(markdown->out, line, true);
        buf_add_char(markdown->out, '\n');
    }
}

static void block_add(struct markdown *markdown, cmark_node *node, const char *first,
                      size_t indent);

static void children_add(struct markdown *markdown, cmark_node *node, const char *first,
                         size_t indent)
{
    for (cmark_node *child = cmark_node_first_child(node); child; child = cmark_node_next(child)) {
        block_add(markdown, child, first, indent);
        first = "";
    }
}

static void list_add(struct markdown *markdown, cmark_node *node, size_t indent)
{
    bool ordered = cmark_node_get_list_type(node) == CMARK_ORDERED_LIST, was = markdown->tight;
    int number = cmark_node_get_list_start(node);
    for (cmark_node *item = cmark_node_first_child(node); item; item = cmark_node_next(item)) {
        struct buf mark = BUF_MAX(128);
        blanks_add(&mark, indent);
        if (ordered)
            buf_format(&mark, "%d. ", number++);
        else
            buf_add_text(&mark, "- ");
        children_add(markdown, item, buf_text(&mark), mark.len);
        markdown->tight = cmark_node_get_list_tight(node) != 0;
        buf_free(&mark);
    }
    markdown->tight = was;
}

static void block_add(struct markdown *markdown, cmark_node *node, const char *first, size_t indent)
{
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_PARAGRAPH:
    case CMARK_NODE_HEADING:
        gap(markdown);
        paragraph(markdown, node, first, indent);
        break;
    case CMARK_NODE_CODE_BLOCK:
        gap(markdown);
        code(markdown, node, indent);
        break;
    case CMARK_NODE_LIST: list_add(markdown, node, indent); break;
    case CMARK_NODE_BLOCK_QUOTE: children_add(markdown, node, first, indent + 2); break;
    default: break;
    }
}

void markdown_write(struct buf *out, slice text, size_t indent, size_t columns)
{
    cmark_node *document = cmark_parse_document(text.at, text.len, CMARK_OPT_DEFAULT);
    struct markdown markdown = { .out = out, .empty = true, .columns = columns };
    if (indent > INDENT_MAX)
        indent = INDENT_MAX;
    if (markdown.columns < indent + COLUMNS_LEAST)
        markdown.columns = indent + COLUMNS_LEAST;
    children_add(&markdown, document, "", indent);
    cmark_node_free(document);
}
