/* sentence_message.c: `message ADDRESS BOX …`: a message that was delivered before the story
   begins, as the servers on its way would have left it. */
#include "base/words.h"
#include "servers/mail/address.h"
#include "servers/mail/compose.h"
#include "servers/mail/date.h"
#include "servers/mail/encoding.h"
#include "servers/arrival.h"
#include "servers/mail/summary.h"
#include "servers/store/store.h"
#include "sim/hosts/host.h"
#include "sim/language/script.h"
#include "sim/language/sentence.h"

#define SUBJECT_BYTES_MAX 8192
#define ENCODED_LINE 76             /* RFC 2045 6.8 */
#define WIRE_BYTES_MAX 65536        /* a sentence is short, and so is what it makes */

/* --- writing --------------------------------------------------------------------------------- */

static void base64_lines_write(struct buf *out, slice octets)
{
    struct buf whole = BUF_MAX(WIRE_BYTES_MAX);
    base64_encode(&whole, octets);
    slice rest = buf_slice(&whole);
    while (rest.len) {
        buf_add(out, slice_upto(rest, ENCODED_LINE));
        buf_add_text(out, "\r\n");
        rest = slice_from(rest, ENCODED_LINE);
    }
    buf_free(&whole);
}

/* The text alone, or with the same in HTML beside it. */
static void text_write(struct buf *out, const struct message_draft *message)
{
    if (!message->html.len) {
        compose_text_part(out, "plain", message->text);
        return;
    }
    unsigned long long id = (unsigned long long)message->id;
    buf_format(out, "Content-Type: multipart/alternative; boundary=\"alt-%016llx\"\r\n\r\n", id);
    buf_format(out, "--alt-%016llx\r\n", id);
    compose_text_part(out, "plain", message->text);
    buf_format(out, "--alt-%016llx\r\n", id);
    compose_text_part(out, "html", message->html);
    buf_format(out, "--alt-%016llx--\r\n", id);
}

static const char *attachment_type(slice name)
{
    static const char *const types[][2] = {
        { ".txt", "text/plain" }, { ".csv", "text/csv" }, { ".html", "text/html" },
        { ".pdf", "application/pdf" }, { ".png", "image/png" }, { ".jpg", "image/jpeg" },
    };
    for (size_t i = 0; i < COUNT(types); i++) {
        slice ending = slice_of(types[i][0]);
        if (name.len > ending.len &&
            slice_equal_nocase(slice_from(name, name.len - ending.len), ending))
            return types[i][1];
    }
    return "application/octet-stream";
}

static void content_write(struct buf *out, const struct message_draft *message)
{
    if (!message->attachment_name.len) {
        text_write(out, message);
        return;
    }
    unsigned long long id = (unsigned long long)message->id;
    buf_format(out, "Content-Type: multipart/mixed; boundary=\"mix-%016llx\"\r\n\r\n", id);
    buf_format(out, "--mix-%016llx\r\n", id);
    text_write(out, message);
    buf_format(out, "--mix-%016llx\r\n", id);
    buf_format(out, "Content-Type: %s", attachment_type(message->attachment_name));
    compose_parameter(out, "name", message->attachment_name);
    buf_add_text(out, "\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment");
    compose_parameter(out, "filename", message->attachment_name);
    buf_add_text(out, "\r\n\r\n");
    base64_lines_write(out, message->attachment);
    buf_format(out, "--mix-%016llx--\r\n", id);
}

void message_compose(struct buf *out, const struct message_draft *message, slice message_id)
{
    buf_add_text(out, "Date: ");
    date_write_5322(out, message->date_ms, 0);
    buf_add_text(out, "\r\n");
    compose_person_field(out, "From", message->from_name, message->from);
    compose_addresses_field(out, "To", message->to);
    compose_text_field(out, "Subject", message->subject);
    buf_format(out, "Message-ID: <%.*s>\r\n", SLICE_ARG(message_id));
    buf_add_text(out, "MIME-Version: 1.0\r\n");
    content_write(out, message);
}

void message_write(struct buf *out, const struct message_draft *message)
{
    slice local, domain;
    struct arena arena = { 0 };
    unsigned long long id = (unsigned long long)message->id;
    address_split(message->from, &local, &domain);
    buf_format(out, "Return-Path: <%.*s>\r\n", SLICE_ARG(message->from));
    buf_format(out, "Received: from %s (%s [%s])\r\n", message->sender_host, message->sender_host,
               message->sender_address);
    buf_format(out, "\tby %s with ESMTP id %013llx\r\n", message->host, id >> 12);
    buf_format(out, "\tfor <%.*s>;\r\n\t", SLICE_ARG(message->to));
    date_write_5322(out, message->date_ms, 0);
    buf_add_text(out, "\r\n");
    message_compose(out, message, arena_format(&arena, "%016llx@%.*s", id, SLICE_ARG(domain)));
    arena_free(&arena);
}

/* --- reading --------------------------------------------------------------------------------- */

/* Everything that the line says. */
struct message_sentence {
    struct user user;
    struct mailbox mailbox;
    uint64_t flags;
    slice keywords[8];
    size_t keyword_count;
    struct message_draft draft;
    struct arena arena;
};

static bool flag_take(struct sentence *sentence, struct message_sentence *message)
{
    static const struct {
        const char *name;
        uint64_t flag;
    } flags[] = { { "seen", FLAG_SEEN }, { "answered", FLAG_ANSWERED }, { "flagged", FLAG_FLAGGED },
                  { "deleted", FLAG_DELETED }, { "draft", FLAG_DRAFT } };
    slice word = word_take(&sentence->rest);
    for (size_t i = 0; i < COUNT(flags); i++)
        if (slice_is(word, flags[i].name)) {
            message->flags |= flags[i].flag;
            return true;
        }
    if (word.len > 1 && word.at[0] == '$' && word.len <= KEYWORD_NAME_MAX &&
        text_is_visible(word) && message->keyword_count < COUNT(message->keywords)) {
        message->keywords[message->keyword_count++] = word;
        return true;
    }
    return sentence_wrong(sentence, word,
                          "`from` belongs here, or before it flags: seen, answered, flagged, "
                          "deleted, draft, or a keyword such as $Work");
}

/* A text in quotes, copied. */
bool sentence_text_take(struct sentence *sentence, struct arena *arena, size_t max, slice *text)
{
    struct buf read = BUF_MAX(max);
    slice where = word_peek(sentence->rest);
    size_t nul;
    take_while(&sentence->rest, is_space);
    bool ok = quoted_read(&sentence->rest, &read) && !slice_find(buf_slice(&read), '\0', &nul);
    bool full = read.full;
    *text = arena_copy(arena, buf_slice(&read));
    buf_free(&read);
    if (full)
        return sentence_wrong(sentence, where, "that text is too long: %zu octets at most", max);
    return ok || sentence_wrong(sentence, where, "a text in quotes belongs here: \"Lunch?\"");
}

/* What becomes a header field stays on its line. */
bool sentence_field_take(struct sentence *sentence, struct arena *arena, slice *text)
{
    slice where = word_peek(sentence->rest);
    if (!sentence_text_take(sentence, arena, SUBJECT_BYTES_MAX, text))
        return false;
    for (size_t i = 0; i < text->len; i++)
        if (is_control((unsigned char)text->at[i]))
            return sentence_wrong(sentence, where, "a header field is one line of text");
    return true;
}

static bool attachment_take(struct sentence *sentence, struct message_sentence *message)
{
    slice where = word_peek(sentence->rest);
    if (!sentence_field_take(sentence, &message->arena, &message->draft.attachment_name))
        return false;
    for (size_t i = 0; i < message->draft.attachment_name.len; i++)
        if (message->draft.attachment_name.at[i] == '"' ||
            message->draft.attachment_name.at[i] == '\\')
            return sentence_wrong(sentence, where, "a file's name without quotes");
    return sentence_text_take(sentence, &message->arena, WORLD_SENTENCE_MAX,
                              &message->draft.attachment);
}

static bool ago_take(struct sentence *sentence, struct message_sentence *message)
{
    uint64_t ms = 0;
    if (!sentence_duration_take(sentence, &ms))
        return false;
    message->draft.date_ms -= (int64_t)ms;
    return true;
}

static bool part_take(struct sentence *sentence, struct message_sentence *message)
{
    slice word = word_take(&sentence->rest);
    struct message_draft *draft = &message->draft;
    if (slice_is(word, "named"))
        return sentence_field_take(sentence, &message->arena, &draft->from_name);
    if (slice_is(word, "subject"))
        return sentence_field_take(sentence, &message->arena, &draft->subject);
    if (slice_is(word, "text"))
        return sentence_text_take(sentence, &message->arena, WORLD_SENTENCE_MAX, &draft->text);
    if (slice_is(word, "html"))
        return sentence_text_take(sentence, &message->arena, WORLD_SENTENCE_MAX, &draft->html);
    if (slice_is(word, "attach"))
        return attachment_take(sentence, message);
    if (slice_is(word, "ago"))
        return ago_take(sentence, message);
    return sentence_wrong(sentence, word,
                          "what belongs here is named, subject, text, html, attach or ago");
}

static bool box_take(struct sentence *sentence, struct message_sentence *message)
{
    struct buf box = BUF_MAX(MAILBOX_NAME_MAX);
    slice where = word_peek(sentence->rest);
    bool ok = sentence_box_take(sentence, &box);
    if (ok && !store_mailbox_find(sentence->world->store, message->user.id, buf_slice(&box),
                                  &message->mailbox))
        ok = sentence_wrong(sentence, where, "%s has no such mailbox", message->user.address);
    buf_free(&box);
    return ok;
}

static bool message_take(struct sentence *sentence, struct message_sentence *message)
{
    if (!sentence_user_take(sentence, &message->user) || !box_take(sentence, message))
        return false;
    while (!word_take_if(&sentence->rest, "from"))
        if (!flag_take(sentence, message))
            return false;
    slice from = word_take(&sentence->rest);
    if (!address_valid(from))
        return sentence_wrong(sentence, from,
                              "the sender's whole address belongs here: bo@campus.example");
    message->draft.from = from;
    message->draft.to = slice_of(message->user.address);
    while (word_peek(sentence->rest).len)
        if (!part_take(sentence, message))
            return false;
    return true;
}

/* --- placing --------------------------------------------------------------------------------- */

/* The machine that handed it over: the sender's own mail server if there is one here. */
static void way_set(struct world *world, struct message_draft *draft, const char *host)
{
    slice local, domain;
    address_split(draft->from, &local, &domain);
    draft->host = draft->sender_host = host;
    for (struct host *other = host_next(world, NULL); other; other = host_next(world, other))
        if (policy_has_domain(host_policy(other), domain)) {
            draft->sender_host = host_policy(other)->name;
            break;
        }
    draft->host_address = net_host_address(world->net, net_host(world->net, slice_of(draft->host)));
    draft->sender_address = net_host_address(world->net,
                                             net_host(world->net, slice_of(draft->sender_host)));
}

static int64_t message_store(struct world *world, struct message_sentence *message)
{
    struct buf text = BUF_MAX(4 * WIRE_BYTES_MAX);
    struct arrival *arrival = arrival_begin(world->store);
    message_write(&text, &message->draft);
    must(!text.full);
    arrival_write(arrival, buf_slice(&text));
    int64_t message_key = arrival_finish(arrival);
    buf_free(&text);
    return message_key;
}

static void message_place(struct sentence *sentence, struct message_sentence *message)
{
    struct world *world = sentence->world;
    int64_t mailbox = message->mailbox.id;
    uint32_t uid = 0;
    uint64_t bit = 0;
    message->draft.id = random_next(&world->ids);
    way_set(world, &message->draft, message->user.host);
    int64_t message_key = message_store(world, message);
    for (size_t i = 0; i < message->keyword_count; i++)
        if (store_keyword(world->store, mailbox, message->keywords[i], true, &bit))
            message->flags |= bit;
    if (!message_key || !store_place(world->store, mailbox, message_key, message->flags,
                                     message->draft.date_ms, 0, &uid))
        return;
    if (world->script->phase == WORLD_LIVES)
        host_message_placed(host_find(world, slice_of(message->user.host)), mailbox, uid,
                            message_key);
}

bool sentence_message(struct sentence *sentence)
{
    struct message_sentence message = { .flags = 0 };
    message.draft.date_ms = (int64_t)world_now_ms(sentence->world);
    message.draft.from_name = message.draft.subject = message.draft.text = SLICE_EMPTY;
    message.draft.html = message.draft.attachment_name = message.draft.attachment = SLICE_EMPTY;
    bool ok = message_take(sentence, &message);
    if (ok) {
        sentence_begins(sentence);
        message_place(sentence, &message);
    }
    arena_free(&message.arena);
    return ok;
}
