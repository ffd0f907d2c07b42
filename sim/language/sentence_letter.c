/* sentence_letter.c: `letter ADDRESS BOX …`: a letter that was delivered before the story
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
static void text_write(struct buf *out, const struct letter_draft *letter)
{
    if (!letter->html.len) {
        compose_text_part(out, "plain", letter->text);
        return;
    }
    unsigned long long id = (unsigned long long)letter->id;
    buf_format(out, "Content-Type: multipart/alternative; boundary=\"alt-%016llx\"\r\n\r\n", id);
    buf_format(out, "--alt-%016llx\r\n", id);
    compose_text_part(out, "plain", letter->text);
    buf_format(out, "--alt-%016llx\r\n", id);
    compose_text_part(out, "html", letter->html);
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

static void content_write(struct buf *out, const struct letter_draft *letter)
{
    if (!letter->attachment_name.len) {
        text_write(out, letter);
        return;
    }
    unsigned long long id = (unsigned long long)letter->id;
    buf_format(out, "Content-Type: multipart/mixed; boundary=\"mix-%016llx\"\r\n\r\n", id);
    buf_format(out, "--mix-%016llx\r\n", id);
    text_write(out, letter);
    buf_format(out, "--mix-%016llx\r\n", id);
    buf_format(out, "Content-Type: %s", attachment_type(letter->attachment_name));
    compose_parameter(out, "name", letter->attachment_name);
    buf_add_text(out, "\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment");
    compose_parameter(out, "filename", letter->attachment_name);
    buf_add_text(out, "\r\n\r\n");
    base64_lines_write(out, letter->attachment);
    buf_format(out, "--mix-%016llx--\r\n", id);
}

void letter_compose(struct buf *out, const struct letter_draft *letter, slice message_id)
{
    buf_add_text(out, "Date: ");
    date_write_5322(out, letter->date_ms, 0);
    buf_add_text(out, "\r\n");
    compose_person_field(out, "From", letter->from_name, letter->from);
    compose_addresses_field(out, "To", letter->to);
    compose_text_field(out, "Subject", letter->subject);
    buf_format(out, "Message-ID: <%.*s>\r\n", SLICE_ARG(message_id));
    buf_add_text(out, "MIME-Version: 1.0\r\n");
    content_write(out, letter);
}

void letter_write(struct buf *out, const struct letter_draft *letter)
{
    slice local, domain;
    struct arena arena = { 0 };
    unsigned long long id = (unsigned long long)letter->id;
    address_split(letter->from, &local, &domain);
    buf_format(out, "Return-Path: <%.*s>\r\n", SLICE_ARG(letter->from));
    buf_format(out, "Received: from %s (%s [%s])\r\n", letter->sender_host, letter->sender_host,
               letter->sender_address);
    buf_format(out, "\tby %s with ESMTP id %013llx\r\n", letter->host, id >> 12);
    buf_format(out, "\tfor <%.*s>;\r\n\t", SLICE_ARG(letter->to));
    date_write_5322(out, letter->date_ms, 0);
    buf_add_text(out, "\r\n");
    letter_compose(out, letter, arena_format(&arena, "%016llx@%.*s", id, SLICE_ARG(domain)));
    arena_free(&arena);
}

/* --- reading --------------------------------------------------------------------------------- */

/* Everything that the line says. */
struct letter_sentence {
    struct user user;
    struct mailbox mailbox;
    uint64_t flags;
    slice keywords[8];
    size_t keyword_count;
    struct letter_draft draft;
    struct arena arena;
};

static bool flag_take(struct sentence *sentence, struct letter_sentence *letter)
{
    static const struct {
        const char *name;
        uint64_t flag;
    } flags[] = { { "seen", FLAG_SEEN }, { "answered", FLAG_ANSWERED }, { "flagged", FLAG_FLAGGED },
                  { "deleted", FLAG_DELETED }, { "draft", FLAG_DRAFT } };
    slice word = word_take(&sentence->rest);
    for (size_t i = 0; i < COUNT(flags); i++)
        if (slice_is(word, flags[i].name)) {
            letter->flags |= flags[i].flag;
            return true;
        }
    if (word.len > 1 && word.at[0] == '$' && word.len <= KEYWORD_NAME_MAX &&
        text_is_visible(word) && letter->keyword_count < COUNT(letter->keywords)) {
        letter->keywords[letter->keyword_count++] = word;
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

static bool attachment_take(struct sentence *sentence, struct letter_sentence *letter)
{
    slice where = word_peek(sentence->rest);
    if (!sentence_field_take(sentence, &letter->arena, &letter->draft.attachment_name))
        return false;
    for (size_t i = 0; i < letter->draft.attachment_name.len; i++)
        if (letter->draft.attachment_name.at[i] == '"' ||
            letter->draft.attachment_name.at[i] == '\\')
            return sentence_wrong(sentence, where, "a file's name without quotes");
    return sentence_text_take(sentence, &letter->arena, WORLD_SENTENCE_MAX,
                              &letter->draft.attachment);
}

static bool ago_take(struct sentence *sentence, struct letter_sentence *letter)
{
    uint64_t ms = 0;
    if (!sentence_duration_take(sentence, &ms))
        return false;
    letter->draft.date_ms -= (int64_t)ms;
    return true;
}

static bool part_take(struct sentence *sentence, struct letter_sentence *letter)
{
    slice word = word_take(&sentence->rest);
    struct letter_draft *draft = &letter->draft;
    if (slice_is(word, "named"))
        return sentence_field_take(sentence, &letter->arena, &draft->from_name);
    if (slice_is(word, "subject"))
        return sentence_field_take(sentence, &letter->arena, &draft->subject);
    if (slice_is(word, "text"))
        return sentence_text_take(sentence, &letter->arena, WORLD_SENTENCE_MAX, &draft->text);
    if (slice_is(word, "html"))
        return sentence_text_take(sentence, &letter->arena, WORLD_SENTENCE_MAX, &draft->html);
    if (slice_is(word, "attach"))
        return attachment_take(sentence, letter);
    if (slice_is(word, "ago"))
        return ago_take(sentence, letter);
    return sentence_wrong(sentence, word,
                          "what belongs here is named, subject, text, html, attach or ago");
}

static bool box_take(struct sentence *sentence, struct letter_sentence *letter)
{
    struct buf box = BUF_MAX(MAILBOX_NAME_MAX);
    slice where = word_peek(sentence->rest);
    bool ok = sentence_box_take(sentence, &box);
    if (ok && !store_mailbox_find(sentence->world->store, letter->user.id, buf_slice(&box),
                                  &letter->mailbox))
        ok = sentence_wrong(sentence, where, "%s has no such mailbox", letter->user.address);
    buf_free(&box);
    return ok;
}

static bool letter_take(struct sentence *sentence, struct letter_sentence *letter)
{
    if (!sentence_user_take(sentence, &letter->user) || !box_take(sentence, letter))
        return false;
    while (!word_take_if(&sentence->rest, "from"))
        if (!flag_take(sentence, letter))
            return false;
    slice from = word_take(&sentence->rest);
    if (!address_valid(from))
        return sentence_wrong(sentence, from,
                              "the sender's whole address belongs here: bo@campus.example");
    letter->draft.from = from;
    letter->draft.to = slice_of(letter->user.address);
    while (word_peek(sentence->rest).len)
        if (!part_take(sentence, letter))
            return false;
    return true;
}

/* --- placing --------------------------------------------------------------------------------- */

/* The machine that handed it over: the sender's own mail server if there is one here. */
static void way_set(struct world *world, struct letter_draft *draft, const char *host)
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

static int64_t letter_store(struct world *world, struct letter_sentence *letter)
{
    struct buf text = BUF_MAX(4 * WIRE_BYTES_MAX);
    struct arrival *arrival = arrival_begin(world->store);
    letter_write(&text, &letter->draft);
    must(!text.full);
    arrival_write(arrival, buf_slice(&text));
    int64_t message = arrival_finish(arrival);
    buf_free(&text);
    return message;
}

static void letter_place(struct sentence *sentence, struct letter_sentence *letter)
{
    struct world *world = sentence->world;
    int64_t mailbox = letter->mailbox.id;
    uint32_t uid = 0;
    uint64_t bit = 0;
    letter->draft.id = random_next(&world->ids);
    way_set(world, &letter->draft, letter->user.host);
    int64_t message = letter_store(world, letter);
    for (size_t i = 0; i < letter->keyword_count; i++)
        if (store_keyword(world->store, mailbox, letter->keywords[i], true, &bit))
            letter->flags |= bit;
    if (!message ||
        !store_place(world->store, mailbox, message, letter->flags, letter->draft.date_ms, 0, &uid))
        return;
    if (world->script->phase == WORLD_LIVES)
        host_letter_placed(host_find(world, slice_of(letter->user.host)), mailbox, uid, message);
}

bool sentence_letter(struct sentence *sentence)
{
    struct letter_sentence letter = { .flags = 0 };
    letter.draft.date_ms = (int64_t)world_now_ms(sentence->world);
    letter.draft.from_name = letter.draft.subject = letter.draft.text = SLICE_EMPTY;
    letter.draft.html = letter.draft.attachment_name = letter.draft.attachment = SLICE_EMPTY;
    bool ok = letter_take(sentence, &letter);
    if (ok) {
        sentence_begins(sentence);
        letter_place(sentence, &letter);
    }
    arena_free(&letter.arena);
    return ok;
}
