/* states_draw.c: draws a machine in 80 columns. The path from left to right is the usual states;
   every arrow, lane and line below it comes from the rows.
   A move that finds no place in the picture becomes a line of text under it. */
#include "views/states.h"

#include <string.h>

#include "views/guide.h"
#include "views/moves.h"

#define ROWS_MAX 24
#define PATH_MAX_STATES 8
#define ARROW_MIN 6

struct node {
    int state;
    size_t left, width;
};

struct picture {
    const struct protocol *protocol;
    int here;
    struct node nodes[PATH_MAX_STATES];
    size_t node_count;
    size_t arrow_width[PATH_MAX_STATES];   /* after each node */
    struct moves arrows[PATH_MAX_STATES];
    struct groups rest;                    /* not yet drawn; a drawn one has no labels left */
    char rows[ROWS_MAX][STATES_COLUMNS + 1];
    size_t row_count;
};

/* --- canvas ------------------------------------------------------------------------------- */

static void row_needed(struct picture *picture, size_t row)
{
    for (; picture->row_count <= row && picture->row_count < ROWS_MAX; picture->row_count++)
        memset(picture->rows[picture->row_count], ' ', STATES_COLUMNS);
}

static void put(struct picture *picture, size_t row, size_t column, slice text)
{
    row_needed(picture, row);
    for (size_t i = 0; i < text.len && column + i < STATES_COLUMNS && row < ROWS_MAX; i++)
        picture->rows[row][column + i] = text.at[i];
}

static void put_char(struct picture *picture, size_t row, size_t column, char c)
{
    put(picture, row, column, (slice){ &c, 1 });
}

static void rows_add(struct buf *out, const struct picture *picture)
{
    for (size_t row = 0; row < picture->row_count; row++) {
        size_t len = STATES_COLUMNS;
        while (len && picture->rows[row][len - 1] == ' ')
            len--;
        buf_add(out, (slice){ picture->rows[row], len });
        buf_add_char(out, '\n');
    }
}

/* --- the path ----------------------------------------------------------------------------- */

static void path_read(struct picture *picture)
{
    const struct protocol *protocol = picture->protocol;
    for (size_t i = 0; i < protocol->state_count && picture->node_count < PATH_MAX_STATES; i++) {
        if (!protocol->states[i].usual)
            continue;
        struct node *node = &picture->nodes[picture->node_count++];
        node->state = (int)i;
        node->width = strlen(protocol->states[i].name) + ((int)i == picture->here ? 4 : 2);
    }
}

static int node_at(const struct picture *picture, int state)
{
    for (size_t i = 0; i < picture->node_count; i++)
        if (picture->nodes[i].state == state)
            return (int)i;
    return -1;
}

/* Moves from a node to its right neighbour are arrows; the others are grouped. */
static void moves_sort(struct picture *picture)
{
    struct moves all, others = { .count = 0 };
    moves_read(&all, picture->protocol);
    for (size_t i = 0; i < all.count; i++) {
        const struct move *move = &all.at[i];
        int from = node_at(picture, move->from), to = node_at(picture, move->to);
        bool closes = move->label.event == EV_ANY || move->label.event == EV_TIMEOUT ||
                      move->label.event == EV_LOST || move->label.event == EV_SHUTDOWN ||
                      move->label.failed;
        if (from >= 0 && to == from + 1 && !closes) {
            struct moves *arrow = &picture->arrows[from];
            arrow->at[arrow->count++] = *move;
        } else {
            others.at[others.count++] = *move;
        }
    }
    moves_group(&picture->rest, &others);
}

static size_t label_longest(const struct picture *picture, const struct moves *arrow)
{
    size_t longest = 0;
    for (size_t i = 0; i < arrow->count; i++) {
        size_t width = label_width(picture->protocol, arrow->at[i].label);
        longest = width > longest ? width : longest;
    }
    return longest;
}

static size_t label_total(const struct picture *picture, const struct moves *arrow)
{
    size_t total = 0;
    for (size_t i = 0; i < arrow->count; i++)
        total += label_width(picture->protocol, arrow->at[i].label) + (i > 0);
    return total;
}

/* Each arrow is as long as its longest word; what room is left goes to whole lines. */
static void widths_set(struct picture *picture)
{
    size_t used = 1;
    for (size_t i = 0; i < picture->node_count; i++) {
        used += picture->nodes[i].width;
        if (i + 1 == picture->node_count)
            break;
        size_t least = label_longest(picture, &picture->arrows[i]) + 2;
        picture->arrow_width[i] = least < ARROW_MIN ? ARROW_MIN : least;
        used += picture->arrow_width[i];
    }
    size_t spare = used < STATES_COLUMNS - 1 ? STATES_COLUMNS - 1 - used : 0;
    for (size_t i = 0; i + 1 < picture->node_count; i++) {
        size_t wanted = label_total(picture, &picture->arrows[i]) + 4;
        size_t more = wanted > picture->arrow_width[i] ? wanted - picture->arrow_width[i] : 0;
        more = more < spare ? more : spare;
        picture->arrow_width[i] += more;
        spare -= more;
    }
    size_t left = 1;
    for (size_t i = 0; i < picture->node_count; i++) {
        picture->nodes[i].left = left;
        left += picture->nodes[i].width + picture->arrow_width[i];
    }
}

/* --- nodes and arrows --------------------------------------------------------------------- */

static void node_name_add(struct buf *out, const struct picture *picture, int state)
{
    bool here = state == picture->here;
    buf_format(out, here ? "[[%s]]" : "(%s)", picture->protocol->states[state].name);
}

/* The words over an arrow, broken into lines; the last line stands right over it. */
static size_t arrow_words(const struct picture *picture, size_t number, struct buf *lines,
                          size_t max)
{
    const struct moves *arrow = &picture->arrows[number];
    size_t count = 0;
    for (size_t i = 0; i < arrow->count; i++) {
        size_t width = label_width(picture->protocol, arrow->at[i].label);
        bool fits = count && lines[count - 1].len + 1 + width + 2 <= picture->arrow_width[number];
        if (fits)
            buf_add_char(&lines[count - 1], ' ');
        else if (count < max)
            lines[count++] = BUF_MAX(STATES_COLUMNS);
        label_add(&lines[count - 1], picture->protocol, arrow->at[i].label);
    }
    return count;
}

static void arrow_put(struct picture *picture, size_t number, size_t row)
{
    struct buf lines[8];
    const struct node *node = &picture->nodes[number];
    size_t left = node->left + node->width, width = picture->arrow_width[number];
    size_t count = arrow_words(picture, number, lines, COUNT(lines));
    for (size_t i = 0; i < count; i++) {
        size_t pad = lines[i].len < width ? (width - lines[i].len) / 2 : 0;
        put(picture, row - count + i, left + pad, buf_slice(&lines[i]));
        buf_free(&lines[i]);
    }
    for (size_t i = 1; i + 2 < width && count; i++)
        put_char(picture, row, left + i, '-');
    if (count)
        put_char(picture, row, left + width - 2, '>');
}

static size_t word_rows(const struct picture *picture)
{
    size_t most = 1;
    for (size_t i = 0; i + 1 < picture->node_count; i++) {
        struct buf lines[8];
        size_t count = arrow_words(picture, i, lines, COUNT(lines));
        for (size_t k = 0; k < count; k++)
            buf_free(&lines[k]);
        most = count > most ? count : most;
    }
    return most;
}

static size_t path_put(struct picture *picture)
{
    size_t row = word_rows(picture);
    for (size_t i = 0; i < picture->node_count; i++) {
        struct buf name = BUF_MAX(STATES_COLUMNS);
        node_name_add(&name, picture, picture->nodes[i].state);
        put(picture, row, picture->nodes[i].left, buf_slice(&name));
        buf_free(&name);
        if (i + 1 < picture->node_count)
            arrow_put(picture, i, row);
    }
    return row;
}

/* --- lanes: the ways back, under the path ------------------------------------------------- */

/* The nodes that a way back comes from; false: it is none, or not all on the path. */
static bool lane_reaches(const struct picture *picture, const struct group *group, int *first,
                         int *last)
{
    int to = node_at(picture, group->to);
    *first = PATH_MAX_STATES;
    *last = -1;
    for (int state = 0; state < (int)picture->protocol->state_count; state++) {
        if (!(group->froms & IN(state)))
            continue;
        int node = node_at(picture, state);
        if (to < 0 || node <= to)
            return false;
        *first = node < *first ? node : *first;
        *last = node > *last ? node : *last;
    }
    return *last >= 0;
}

static size_t node_middle(const struct picture *picture, int node)
{
    return picture->nodes[node].left + picture->nodes[node].width / 2;
}

/* Takes as many labels off the group as fit between two columns. */
static void lane_words(const struct picture *picture, struct group *group, size_t room,
                       struct buf *words)
{
    size_t taken = 0;
    for (; taken < group->label_count; taken++) {
        size_t width = label_width(picture->protocol, group->labels[taken]);
        if (words->len + (taken > 0 ? 2 : 0) + width > room)
            break;
        if (taken)
            buf_add_text(words, ", ");
        label_add(words, picture->protocol, group->labels[taken]);
    }
    memmove(group->labels, group->labels + taken,
            (group->label_count - taken) * sizeof *group->labels);
    group->label_count -= taken;
}

static void upright_put(struct picture *picture, size_t column, size_t from, size_t to, char top)
{
    put_char(picture, from, column, top);
    for (size_t row = from + 1; row < to; row++)
        put_char(picture, row, column, '|');
    put_char(picture, to, column, '+');
}

/* One lane: from the target's column to the last source's, words in its first stretch.
   Later lanes lie lower and reach further out, so that no two cross. */
static bool lane_put(struct picture *picture, struct group *group, size_t path_row, size_t number)
{
    int first, last, to = node_at(picture, group->to);
    if (path_row + 2 + number >= ROWS_MAX || !lane_reaches(picture, group, &first, &last))
        return false;
    size_t left = node_middle(picture, to), row = path_row + 2 + number;
    left = left > picture->nodes[to].left + 2 * number ? left - 2 * number
                                                       : picture->nodes[to].left;
    size_t right = node_middle(picture, last) + 2 * number;
    size_t end = picture->nodes[last].left + picture->nodes[last].width - 1;
    right = right > end ? end : right;
    size_t stretch = first == last ? right : node_middle(picture, first) + 2 * number;
    struct buf words = BUF_MAX(STATES_COLUMNS);
    lane_words(picture, group, stretch - left > 6 ? stretch - left - 3 : 0, &words);
    if (words.len == 0)
        return false;
    for (size_t column = left; column <= right; column++)
        put_char(picture, row, column, '-');
    size_t pad = (stretch - left - words.len) / 2;
    put_char(picture, row, left + pad, ' ');
    put(picture, row, left + pad + 1, buf_slice(&words));
    put_char(picture, row, left + pad + 1 + words.len, ' ');
    buf_free(&words);
    upright_put(picture, left, path_row + 1, row, '^');
    for (int node = first; node <= last; node++)
        if (group->froms & IN(picture->nodes[node].state)) {
            size_t column = node == last ? right : node_middle(picture, node) + 2 * number;
            upright_put(picture, column, path_row + 1, row, '|');
        }
    return true;
}

/* The next group to become lanes: the one that reaches least far. -1: none is left. */
static int lane_next(const struct picture *picture, uint64_t tried)
{
    int best = -1, best_last = 0;
    for (size_t i = 0; i < picture->rest.count; i++) {
        int first, last;
        const struct group *group = &picture->rest.at[i];
        if ((tried & (1ull << i)) || group->label_count == 0 ||
            !lane_reaches(picture, group, &first, &last))
            continue;
        if (best < 0 || last < best_last) {
            best = (int)i;
            best_last = last;
        }
    }
    return best;
}

static void lanes_put(struct picture *picture, size_t path_row)
{
    uint64_t tried = 0;
    size_t number = 0;
    int next;
    while ((next = lane_next(picture, tried)) >= 0) {
        struct group *group = &picture->rest.at[next];
        while (group->label_count && lane_put(picture, group, path_row, number))
            number++;
        tried |= 1ull << next;
    }
}

/* --- what stands under the picture -------------------------------------------------------- */

/* Words, wrapped with an indent; a word is never broken. */
struct paragraph {
    struct buf *out;
    size_t column, indent;
};

static void paragraph_add(struct paragraph *paragraph, slice word)
{
    if (paragraph->column + 1 + word.len > STATES_COLUMNS) {
        buf_add_char(paragraph->out, '\n');
        for (size_t i = 0; i < paragraph->indent; i++)
            buf_add_char(paragraph->out, ' ');
        paragraph->column = paragraph->indent;
    } else {
        buf_add_char(paragraph->out, ' ');
        paragraph->column++;
    }
    buf_add(paragraph->out, word);
    paragraph->column += word.len;
}

static bool label_is_spoken(const struct protocol *protocol, struct label label)
{
    struct buf word = BUF_MAX(STATES_COLUMNS);
    size_t at;
    label_add(&word, protocol, label);
    bool spoken = slice_find(buf_slice(&word), ' ', &at);
    buf_free(&word);
    return spoken;
}

/* Verbs stand side by side; between words of ours there are commas. */
static void labels_add(struct paragraph *paragraph, const struct protocol *protocol,
                       const struct group *group)
{
    for (size_t i = 0; i < group->label_count; i++) {
        struct buf words = BUF_MAX(STATES_COLUMNS);
        bool more = i + 1 < group->label_count;
        label_add(&words, protocol, group->labels[i]);
        if (more && (label_is_spoken(protocol, group->labels[i]) ||
                     label_is_spoken(protocol, group->labels[i + 1])))
            buf_add_char(&words, ',');
        slice rest = buf_slice(&words), word;
        while ((word = take_word(&rest)).len)
            paragraph_add(paragraph, word);
        buf_free(&words);
    }
}

static bool group_is_aside(const struct picture *picture, const struct group *group)
{
    if (group->to != picture->protocol->closed && node_at(picture, group->to) < 0)
        return true;
    for (int state = 0; state < (int)picture->protocol->state_count; state++)
        if ((group->froms & IN(state)) && node_at(picture, state) < 0 &&
            group->to != picture->protocol->closed)
            return true;
    return false;
}

/* "(READY) --AUTH--> (AUTHENTICATING)" for a state that is not on the path. */
static void aside_add(struct buf *out, const struct picture *picture, const struct group *group)
{
    struct paragraph paragraph = { out, 0, 4 };
    for (int state = 0; state < (int)picture->protocol->state_count; state++)
        if (group->froms & IN(state)) {
            struct buf name = BUF_MAX(STATES_COLUMNS);
            node_name_add(&name, picture, state);
            paragraph_add(&paragraph, buf_slice(&name));
            buf_free(&name);
        }
    for (size_t i = 0; i < group->label_count; i++) {
        struct buf word = BUF_MAX(STATES_COLUMNS);
        buf_add_text(&word, i ? "" : "--");
        label_add(&word, picture->protocol, group->labels[i]);
        buf_add_text(&word, i + 1 < group->label_count ? "," : "-->");
        paragraph_add(&paragraph, buf_slice(&word));
        buf_free(&word);
    }
    struct buf name = BUF_MAX(STATES_COLUMNS);
    node_name_add(&name, picture, group->to);
    paragraph_add(&paragraph, buf_slice(&name));
    buf_free(&name);
    buf_add_char(out, '\n');
}

static unsigned states_in(uint32_t mask)
{
    unsigned count = 0;
    for (; mask; mask &= mask - 1)
        count++;
    return count;
}

static void names_add(struct paragraph *paragraph, const struct protocol *protocol, uint32_t mask)
{
    for (int state = 0; state < (int)protocol->state_count; state++)
        if (mask & IN(state))
            paragraph_add(paragraph, slice_of(protocol->states[state].name));
}

/* "anywhere but DATA: QUIT -> CLOSED" */
static void line_add(struct buf *out, const struct picture *picture, const struct group *group)
{
    const struct protocol *protocol = picture->protocol;
    struct paragraph paragraph = { out, 0, 6 };
    uint32_t all = 0;
    for (size_t i = 0; i < protocol->state_count; i++)
        if (i != protocol->closed && protocol->states[i].reads != READS_NOTHING)
            all |= IN(i);
    uint32_t missing = all & ~group->froms;
    buf_add_char(out, ' ');
    paragraph.column = 1;
    if (states_in(group->froms) >= 3 && states_in(missing) < states_in(group->froms)) {
        paragraph_add(&paragraph, slice_of(missing ? "anywhere but" : "anywhere"));
        names_add(&paragraph, protocol, missing);
    } else if (missing == 0) {
        paragraph_add(&paragraph, SLICE("anywhere"));
    } else {
        paragraph_add(&paragraph, SLICE("from"));
        names_add(&paragraph, protocol, group->froms);
    }
    buf_add_char(out, ':');
    paragraph.column++;
    labels_add(&paragraph, protocol, group);
    paragraph_add(&paragraph, SLICE("->"));
    paragraph_add(&paragraph, slice_of(protocol->states[group->to].name));
    buf_add_char(out, '\n');
}

static void rest_add(struct buf *out, const struct picture *picture)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < picture->rest.count; i++) {
            const struct group *group = &picture->rest.at[i];
            bool aside = group_is_aside(picture, group);
            if (group->label_count == 0 || aside != (pass == 0))
                continue;
            if (aside)
                aside_add(out, picture, group);
            else
                line_add(out, picture, group);
        }
}

static void stays_add(struct buf *out, const struct picture *picture)
{
    const struct protocol *protocol = picture->protocol;
    struct paragraph paragraph = { out, 1, 6 };
    size_t count = 0;
    for (int event = EV_VERBS; picture->here >= 0 && event < (int)protocol->event_count; event++) {
        if (!protocol->events[event].verb ||
            guide_target(protocol, picture->here, event) != picture->here)
            continue;
        if (count++ == 0) {
            buf_add_char(out, ' ');
            paragraph_add(&paragraph, SLICE("stay in"));
            paragraph_add(&paragraph, slice_of(protocol->states[picture->here].name));
            buf_add_char(out, ':');
            paragraph.column++;
        }
        paragraph_add(&paragraph, slice_of(protocol->events[event].verb));
    }
    if (count)
        buf_add_char(out, '\n');
}

static void here_add(struct buf *out, const struct picture *picture)
{
    if (picture->here >= 0 && node_at(picture, picture->here) < 0)
        buf_format(out, "  you are in [[%s]]: %s\n", picture->protocol->states[picture->here].name,
                   protocol_state_meaning(picture->protocol, picture->here));
}

void states_draw(struct buf *out, const struct protocol *protocol, int here)
{
    struct picture picture = { .protocol = protocol, .here = here };
    path_read(&picture);
    moves_sort(&picture);
    widths_set(&picture);
    size_t row = path_put(&picture);
    lanes_put(&picture, row);
    rows_add(out, &picture);
    rest_add(out, &picture);
    stays_add(out, &picture);
    here_add(out, &picture);
}
