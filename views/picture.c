/* picture.c: the model of a picture: which lifelines, which arrows and marks, in which order and
   where. Nothing is drawn here. */
#include "views/picture.h"

#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "servers/dialects/dialects.h"
#include "servers/store/store.h"
#include "servers/store/store_device.h"
#include "sim/devices/device.h"
#include "sim/net/net.h"
#include "views/clean.h"
#include "views/utf8.h"

#define LEFT 230u                    /* the time, and what stands beside the first lifeline */
#define RIGHT 150u
#define ROW 34u                      /* an arrow, a mark */
#define QUIET_NS (2000 * NS_PER_MS)  /* nothing for so long is compressed and marked */
#define QUIET_ROW 30u
#define STEP_ROW 40u
#define LOOK_BACK 200u               /* marks among which a line's neighbour is looked for */
#define SLANT_MAX 22u                /* how far an arrow may fall on its way */

/* --- lifelines ----------------------------------------------------------------------------- */

static bool line_is_known(const struct picture *picture, uint32_t host)
{
    for (size_t i = 0; i < picture->line_count; i++)
        if (picture->lines[i].host == host)
            return true;
    return false;
}

static void line_note(struct picture *picture, uint32_t host)
{
    if (host == 0 || line_is_known(picture, host) ||
        picture->line_count == PICTURE_LIFELINES_MAX)
        return;
    const struct world *world = picture->of->world;
    picture->lines[picture->line_count++] = (struct lifeline){
        .host = host, .name = machine_name(world, host), .is_device = device_at(world, host) != NULL
    };
}

static bool line_is_hers(const struct picture *picture, const struct lifeline *line)
{
    const struct device *device = device_at(picture->of->world, line->host);
    return device && slice_is(picture->of->person, device->address);
}

/* The devices, those of the person whom it is about first. */
static size_t devices_list(const struct picture *picture, struct lifeline *devices)
{
    size_t count = 0;
    for (int hers = 1; hers >= 0; hers--)
        for (size_t i = 0; i < picture->line_count; i++)
            if (picture->lines[i].is_device && line_is_hers(picture, &picture->lines[i]) == hers)
                devices[count++] = picture->lines[i];
    return count;
}

/* Servers stand in the middle; devices left and right of them in turn, from the inside out. */
static void lines_arrange(struct picture *picture)
{
    struct lifeline order[PICTURE_LIFELINES_MAX], devices[PICTURE_LIFELINES_MAX];
    size_t device_count = devices_list(picture, devices), left = (device_count + 1) / 2;
    size_t count = left;
    for (size_t i = 0; i < left; i++)
        order[left - 1 - i] = devices[2 * i];
    for (size_t i = 0; i < picture->line_count; i++)
        if (!picture->lines[i].is_device)
            order[count++] = picture->lines[i];
    for (size_t i = 1; i < device_count; i += 2)
        order[count++] = devices[i];
    memcpy(picture->lines, order, count * sizeof *order);
}

/* The records that are drawn. */
static uint64_t records_begin(const struct picture *picture)
{
    uint64_t first = trace_first(picture->of->world->trace);
    return picture->of->to && picture->of->from > first ? picture->of->from : first;
}

static uint64_t records_end(const struct picture *picture)
{
    uint64_t end = trace_end(picture->of->world->trace);
    return picture->of->to && picture->of->to < end ? picture->of->to : end;
}

/* Who talks, in the order of their first words; then who is only mentioned. */
static void lines_find(struct picture *picture)
{
    const struct trace *trace = picture->of->world->trace;
    for (int talks = 1; talks >= 0; talks--)
        for (uint64_t number = records_begin(picture); number < records_end(picture); number++) {
            const struct trace_record *record = trace_at(trace, number);
            bool is = talks ? record->kind == TRACE_OPEN
                            : record->kind == TRACE_LOST || record->kind == TRACE_DEVICE ||
                                  record->kind == TRACE_NETWORK;
            if (!is)
                continue;
            line_note(picture, record->host);
            if (record->kind == TRACE_OPEN || record->kind == TRACE_LOST)
                line_note(picture, record->peer);
        }
    lines_arrange(picture);
}

/* PICTURE_LIFELINES_MAX: it is not drawn. */
static unsigned line_of(const struct picture *picture, uint32_t host)
{
    unsigned at = 0;
    while (at < picture->line_count && picture->lines[at].host != host)
        at++;
    return at < picture->line_count ? at : PICTURE_LIFELINES_MAX;
}

/* --- items --------------------------------------------------------------------------------- */

static struct picture_item *item_add(struct picture *picture, enum picture_kind kind,
                                     const struct trace_record *record, uint32_t from, uint32_t to)
{
    unsigned left = line_of(picture, from), right = line_of(picture, to);
    if (left == PICTURE_LIFELINES_MAX || right == PICTURE_LIFELINES_MAX)
        return NULL;
    if (picture->count == picture->cap) {
        picture->cap = picture->cap ? picture->cap * 2 : 256;
        picture->items = realloc(picture->items, picture->cap * sizeof *picture->items);
        must(picture->items != NULL);
    }
    struct picture_item *item = &picture->items[picture->count++];
    *item = (struct picture_item){ .kind = kind, .t_ns = record->t_ns, .sent_ns = record->t_ns,
                                   .from = left, .to = right, .conn = record->conn,
                                   .section = picture->sections - 1 };
    return item;
}

static uint64_t latency_ns(const struct picture *picture, uint32_t one, uint32_t other)
{
    struct net *net = picture->of->world->net;
    uint64_t left = net_link(net, one)->latency_ns, right = net_link(net, other)->latency_ns;
    return left > right ? left : right;
}

/* The last arrow of that connection; lines that follow it in the same direction join it. */
static struct picture_item *arrow_last(struct picture *picture, uint32_t conn)
{
    size_t far = picture->count > LOOK_BACK ? picture->count - LOOK_BACK : 0;
    for (size_t i = picture->count; i > far; i--) {
        struct picture_item *item = &picture->items[i - 1];
        if (item->section != picture->sections - 1)
            return NULL;
        if (item->conn == conn && item->kind != PICTURE_STATE)
            return item->kind == PICTURE_ARROW ? item : NULL;
    }
    return NULL;
}

/* A server's line that says no. */
static bool is_refusal(const struct conn *conn, const struct trace_record *record)
{
    slice rest = record->text, first = take_word(&rest), second = take_word(&rest);
    if (record->side != SIDE_SERVER || !conn->protocol || !first.len)
        return false;
    if (conn->protocol->literal) /* IMAP: behind the tag */
        return slice_is(second, "NO") || slice_is(second, "BAD");
    return slice_is(first, "-ERR") ||
           (first.len >= 3 && (first.at[0] == '4' || first.at[0] == '5') &&
            is_digit((unsigned char)first.at[1]) && is_digit((unsigned char)first.at[2]));
}

static void arrow_note(struct picture *picture, const struct trace_record *record)
{
    const struct conn *conn = conns_find(&picture->conns, record->conn);
    if (!conn)
        return;
    bool up = record->side == SIDE_CLIENT;
    uint32_t from = up ? conn->client : conn->server, to = up ? conn->server : conn->client;
    uint64_t bytes = record->bytes > record->text.len ? record->bytes : record->text.len;
    struct picture_item *before = arrow_last(picture, record->conn);
    if (before && before->from == line_of(picture, from)) {
        before->lines++;
        before->bytes += bytes + 2;
        if (is_refusal(conn, record)) {
            before->refused = true;
            before->text = record->text;
        }
        return;
    }
    if (picture->arrows == PICTURE_ARROWS_MAX) {
        picture->left_out++;
        return;
    }
    struct picture_item *item = item_add(picture, PICTURE_ARROW, record, from, to);
    if (!item)
        return;
    uint64_t late_ns = latency_ns(picture, from, to);
    item->sent_ns = record->t_ns > late_ns ? record->t_ns - late_ns : 0;
    item->text = record->text;
    item->bytes = bytes + 2;
    item->lines = 1;
    item->refused = is_refusal(conn, record);
    picture->arrows++;
}

/* The rule belongs to the client's line that it answered; a change of state is a mark. */
static void state_note(struct picture *picture, const struct trace_record *record)
{
    const struct conn *conn = conns_find(&picture->conns, record->conn);
    if (!conn || !conn->protocol)
        return;
    struct picture_item *arrow = arrow_last(picture, record->conn);
    if (arrow && !arrow->rfc) {
        arrow->rfc = dialect_rule_at(conn->protocol, record->rule)->rfc;
        arrow->event = protocol_event_name(conn->protocol, record->event);
        arrow->outcome = outcome_name(record->outcome);
    }
    bool opened = record->event == EV_OPENED;
    if (record->before == record->after && !opened)
        return;
    struct picture_item *item = item_add(picture, PICTURE_STATE, record, conn->client,
                                         conn->server);
    if (!item)
        return;
    item->text = slice_of(conn->protocol->states[record->after].name);
    item->state = record->after;
    item->rfc = dialect_rule_at(conn->protocol, record->rule)->rfc;
}

static void message_write(struct picture_item *item, char sign, uint64_t number)
{
    struct buf name = BUF_MAX(sizeof item->message - 2);
    buf_add_char(&name, sign);
    message_name_write(&name, number);
    FIELD_SET(item->message, buf_slice(&name));
    buf_free(&name);
}

static void device_note_read(struct picture *picture, const struct trace_record *record)
{
    static const char signs[DEVICE_FACTS] = {
        [DID_FETCH] = '+', [DID_FETCH_HEADER] = '~', [DID_DROP] = '-',
        [DID_DELETE] = '-', [DID_SEND] = '>',           [DID_LOSE] = '-',
        [DID_IMPORT] = '+', [DID_MISS] = '?',
    };
    struct picture_item *item =
        item_add(picture, PICTURE_MESSAGE, record, record->host, record->host);
    if (!item)
        return;
    item->text = record->name;
    message_write(item, signs[record->fact], record->bytes);
}

/* "ana INBOX" */
static void box_note(const struct picture *picture, struct picture_item *item, int64_t id)
{
    struct store *store = picture->of->world->store;
    struct mailbox mailbox;
    struct user user;
    struct buf box = BUF_MAX(sizeof item->box - 1);
    if (store_mailbox_by_id(store, id, &mailbox) && store_user_by_id(store, mailbox.user, &user)) {
        slice rest = slice_of(user.address), name = take_until(&rest, '@');
        clean_add(&box, slice_upto(name, 16), true);
        buf_add_char(&box, ' ');
        clean_add(&box, slice_upto(slice_of(mailbox.name), 16), true);
    }
    FIELD_SET(item->box, buf_slice(&box));
    buf_free(&box);
}

static void stored_note(struct picture *picture, const struct trace_record *record)
{
    uint64_t number = 0;
    if (!store_message_of(picture->of->world->store, record->message_key, &number))
        return;
    struct picture_item *item =
        item_add(picture, PICTURE_MESSAGE, record, record->host, record->host);
    if (!item)
        return;
    item->text = record->kind == TRACE_STORED ? SLICE("put into a mailbox")
                                              : SLICE("removed from a mailbox");
    box_note(picture, item, record->mailbox);
    message_write(item, record->kind == TRACE_STORED ? '+' : '-', number);
}

/* A line for a server is an arrow; what Pennypost was asked stands at the machine. */
static void input_note(struct picture *picture, const struct trace_record *record, uint64_t number)
{
    const struct trace *trace = picture->of->world->trace;
    for (uint64_t next = number + 1; next < trace_end(trace); next++) {
        const struct trace_record *after = trace_at(trace, next);
        if (after->kind == TRACE_INPUT)
            return;
        if (after->kind != TRACE_ANSWER)
            continue;
        bool shows = slice_is(after->name, "mail") || slice_is(after->name, "wait") ||
                     slice_is(after->name, "offline") || slice_is(after->name, "online") ||
                     slice_is(after->name, "lose") || slice_is(after->name, "cut") ||
                     slice_is(after->name, "set");
        struct picture_item *item =
            shows ? item_add(picture, PICTURE_INPUT, record, record->host, record->host) : NULL;
        if (item)
            item->text = record->text;
        return;
    }
}

static void lost_note(struct picture *picture, const struct trace_record *record)
{
    struct picture_item *item = item_add(picture, PICTURE_LOST, record, record->host, record->peer);
    if (!item)
        return;
    item->bytes = record->bytes;
    item->sent_ns = record->t_ns;
}

static void record_note(struct picture *picture, const struct trace_record *record)
{
    const struct conn *conn = record->conn ? conns_find(&picture->conns, record->conn) : NULL;
    struct picture_item *item = NULL;
    switch (record->kind) {
    case TRACE_INPUT: input_note(picture, record, record->number); break;
    case TRACE_OPEN:
        item = item_add(picture, PICTURE_OPEN, record, record->host, record->peer);
        break;
    case TRACE_LINE: arrow_note(picture, record); break;
    case TRACE_STATE: state_note(picture, record); break;
    case TRACE_CLOSE:
        if (conn)
            item = item_add(picture, record->by == BY_CUT ? PICTURE_CUT : PICTURE_CLOSE, record,
                            conn->client, conn->server);
        break;
    case TRACE_LOST: lost_note(picture, record); break;
    case TRACE_DEVICE: device_note_read(picture, record); break;
    case TRACE_STORED:
    case TRACE_REMOVED: stored_note(picture, record); break;
    case TRACE_NETWORK:
        item = item_add(picture,
                        record->ok ? PICTURE_ONLINE : PICTURE_OFFLINE,
                        record, record->host, record->host);
        break;
    default: break;
    }
    (void)item;
}

static void quiet_find(struct picture *picture)
{
    for (size_t i = 1; i < picture->count; i++) {
        struct picture_item *item = &picture->items[i];
        uint64_t before = picture->items[i - 1].t_ns;
        item->quiet = item->t_ns > before + QUIET_NS;
    }
}

void picture_gather(struct picture *picture, const struct picture_world *of)
{
    const struct trace *trace = of->world->trace;
    *picture = (struct picture){ .of = of, .sections = 1 };
    conns_read(&picture->conns, trace);
    lines_find(picture);
    size_t step = 0;
    for (uint64_t number = records_begin(picture); number < records_end(picture); number++) {
        while (step < of->step_count && of->steps[step] <= number) {
            step++;
            picture->sections++;
        }
        record_note(picture, trace_at(trace, number));
    }
    picture->sections += of->step_count - step;
    quiet_find(picture);
    picture->heights = calloc(picture->sections, sizeof *picture->heights);
    must(picture->heights != NULL);
}

void picture_free(struct picture *picture)
{
    conns_free(&picture->conns);
    free(picture->items);
    free(picture->heights);
}

/* --- where it stands ----------------------------------------------------------------------- */

unsigned picture_label_lines(const struct picture_item *item)
{
    unsigned lanes = item->from < item->to ? item->to - item->from : item->from - item->to;
    size_t columns = (LIFELINE_GAP * (lanes ? lanes : 1) - 44) / LABEL_OCTET;
    return item->refused ? (unsigned)((slice_upto(item->text, 200).len + columns) / columns) : 1;
}

static unsigned item_rows(const struct picture_item *item, const struct picture_item *before)
{
    unsigned rows = ROW + (picture_label_lines(item) - 1) * 18;
    if (item->kind == PICTURE_STATE)
        rows = 0;
    else if (item->kind == PICTURE_OPEN)
        rows = ROW / 2; /* the bar's label stands under what was asked */
    else if (item->kind == PICTURE_MESSAGE && before && before->kind == PICTURE_MESSAGE &&
             before->from == item->from && before->section == item->section)
        rows = 0; /* beside the one before */
    else if (item->kind == PICTURE_MESSAGE || item->kind == PICTURE_CLOSE)
        rows = ROW - 8;
    return rows + (item->quiet ? QUIET_ROW : 0);
}

void picture_measure(struct picture *picture)
{
    for (size_t i = 0; i < picture->sections; i++)
        picture->heights[i] = i ? STEP_ROW : ROW;
    for (size_t i = 0; i < picture->count; i++)
        picture->heights[picture->items[i].section] +=
            item_rows(&picture->items[i], i ? &picture->items[i - 1] : NULL);
}

/* Later arrivals stand lower; how far an arrow falls is how long it was on its way. */
static void items_place(struct picture *picture, const unsigned *heights, unsigned top)
{
    size_t section = 0;
    unsigned begin = top, y = top + ROW;
    for (size_t i = 0; i < picture->count; i++) {
        struct picture_item *item = &picture->items[i];
        while (section < item->section) {
            begin += heights[section++];
            y = begin + STEP_ROW;
        }
        y += item_rows(item, i ? &picture->items[i - 1] : NULL);
        item->y = y;
        uint64_t way_ms = (item->t_ns - item->sent_ns) / NS_PER_MS;
        unsigned fall = 4 + (unsigned)(way_ms < 60 ? way_ms / 4
                                                   : 15 + (way_ms < 500 ? way_ms / 80 : 7));
        item->y_from = y - (item->kind == PICTURE_ARROW && fall < SLANT_MAX ? fall : SLANT_MAX);
    }
}

void picture_place(struct picture *picture, unsigned x, const unsigned *heights, unsigned top)
{
    unsigned height = top;
    for (size_t i = 0; i < picture->line_count; i++)
        picture->lines[i].x = x + LEFT + (unsigned)i * LIFELINE_GAP;
    picture->width = LEFT + RIGHT + LIFELINE_GAP * (unsigned)(picture->line_count
                                                               ? picture->line_count - 1 : 0);
    items_place(picture, heights, top);
    for (size_t i = 0; i < picture->sections; i++)
        height += heights[i];
    picture->height = height + ROW;
}

/* --- words --------------------------------------------------------------------------------- */

void xml_add(struct buf *out, slice text, size_t columns)
{
    struct buf clean = BUF_MAX(8 * TRACE_LINE_MAX);
    clean_add(&clean, slice_upto(text, columns * 4), true);
    slice fits = utf8_fit(buf_slice(&clean), columns);
    bool cut = fits.len < clean.len || text.len > columns * 4;
    if (cut)
        fits = utf8_fit(fits, columns > 3 ? columns - 3 : columns);
    for (size_t i = 0; i < fits.len; i++)
        switch (fits.at[i]) {
        case '&': buf_add_text(out, "&amp;"); break;
        case '<': buf_add_text(out, "&lt;"); break;
        case '>': buf_add_text(out, "&gt;"); break;
        case '"': buf_add_text(out, "&quot;"); break;
        default: buf_add_char(out, fits.at[i]); break;
        }
    buf_add_text(out, cut ? "..." : "");
    buf_free(&clean);
}

static void arrow_words(struct buf *out, const struct picture_item *item)
{
    struct buf size = BUF_MAX(32);
    size_write(&size, item->bytes);
    xml_add(out, item->text, 400);
    if (item->lines > 1)
        buf_format(out, " (and %zu more lines)", item->lines - 1);
    buf_format(out, "; %s", buf_text(&size));
    if (item->rfc && item->event)
        buf_format(out, "; %s, %s; RFC %s", item->event, item->outcome, item->rfc);
    buf_free(&size);
}

void picture_words(struct buf *out, const struct picture *picture, const struct picture_item *item)
{
    const char *from = picture->lines[item->from].name, *to = picture->lines[item->to].name;
    switch (item->kind) {
    case PICTURE_ARROW:
        buf_format(out, "%s to %s: ", from, to);
        arrow_words(out, item);
        break;
    case PICTURE_LOST:
        buf_format(out, "%s to %s: lost on the way, %llu octets", from, to,
                   (unsigned long long)item->bytes);
        break;
    case PICTURE_STATE:
        buf_format(out, "%s with %s: now %.*s; RFC %s", from, to, SLICE_ARG(item->text), item->rfc);
        break;
    case PICTURE_OPEN: buf_format(out, "%s connects to %s", from, to); break;
    case PICTURE_CLOSE: buf_format(out, "%s and %s: closed", from, to); break;
    case PICTURE_CUT: buf_format(out, "%s and %s: the line was cut", from, to); break;
    case PICTURE_INPUT:
        buf_format(out, "at %s: ", from);
        xml_add(out, item->text, 400);
        break;
    case PICTURE_MESSAGE:
        buf_format(out, "%s: message %s %.*s", from, item->message + 1, SLICE_ARG(item->text));
        if (item->box[0]) {
            buf_add_text(out, ", ");
            xml_add(out, slice_of(item->box), 40);
        }
        break;
    case PICTURE_OFFLINE: buf_format(out, "%s is offline", from); break;
    case PICTURE_ONLINE: buf_format(out, "%s is online again", from); break;
    default: break;
    }
}
