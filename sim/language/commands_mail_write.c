/* commands_mail_write.c: `mail write`: a message of one line of the language, put into the
   Outbox and handed over if there is a network. */
#include <string.h>

#include "base/words.h"
#include "servers/mail/address.h"
#include "servers/mail/header.h"
#include "servers/mail/identity.h"
#include "sim/devices/device.h"
#include "sim/devices/device_mail.h"
#include "sim/language/commands.h"
#include "sim/language/commands_mail.h"
#include "sim/language/script.h"
#include "sim/language/sentence.h"

#define RECIPIENTS_HERE 10
#define WRITTEN_BYTES_MAX (1u << 20)

struct written {
    struct message_draft draft;
    struct buf to, recipients;
    size_t recipient_count;
    struct arena arena;
};

static bool is_clause(slice word)
{
    return slice_is(word, "subject") || slice_is(word, "text") || slice_is(word, "attach");
}

static bool recipients_take(struct sentence *sentence, struct written *written)
{
    for (slice rest = sentence->rest, word = address_take(&rest); word.len && !is_clause(word);
         word = address_take(&rest)) {
        if (!address_valid(word))
            return sentence_wrong(sentence, word,
                                  "a whole address belongs here: bo@campus.example");
        if (written->recipient_count++ == RECIPIENTS_HERE)
            return sentence_wrong(sentence, word, "more than %d recipients", RECIPIENTS_HERE);
        buf_format(&written->to, "%s%.*s", written->to.len ? ", " : "", SLICE_ARG(word));
        buf_format(&written->recipients, "%s%.*s", written->recipients.len ? " " : "",
                   SLICE_ARG(word));
        sentence->rest = rest;
    }
    return written->recipient_count > 0 ||
           sentence_wrong(sentence, word_peek(sentence->rest),
                          "to whom? mail write bo@campus.example subject \"Lunch\" text \"…\"");
}

static bool attachment_take(struct sentence *sentence, struct written *written)
{
    slice where = word_peek(sentence->rest);
    size_t quote;
    if (!sentence_field_take(sentence, &written->arena, &written->draft.attachment_name))
        return false;
    if (slice_find(written->draft.attachment_name, '"', &quote) ||
        slice_find(written->draft.attachment_name, '\\', &quote))
        return sentence_wrong(sentence, where, "a file's name without quotes");
    return sentence_text_take(sentence, &written->arena, WORLD_SENTENCE_MAX,
                              &written->draft.attachment);
}

static bool clauses_take(struct sentence *sentence, struct written *written)
{
    if (!word_peek(sentence->rest).len)
        return sentence_wrong(sentence, sentence->rest,
                              "what does it say? subject \"Lunch\" text \"At noon?\"");
    while (word_peek(sentence->rest).len) {
        slice word = word_take(&sentence->rest);
        bool ok = false;
        if (slice_is(word, "subject"))
            ok = sentence_field_take(sentence, &written->arena, &written->draft.subject);
        else if (slice_is(word, "text"))
            ok = sentence_text_take(sentence, &written->arena, WORLD_SENTENCE_MAX,
                                    &written->draft.text);
        else if (slice_is(word, "attach"))
            ok = attachment_take(sentence, written);
        else
            sentence_wrong(sentence, word, "what belongs here is subject, text or attach");
        if (!ok)
            return false;
    }
    return true;
}

/* Nobody else's name can be the same: the device, the moment, and how many it has written. */
static void outbox_add(struct call *call, struct written *written)
{
    struct store *store = call->world->store;
    struct device_folder outbox;
    struct device_message message = { .flags = DEVICE_SEEN, .whole = true };
    struct buf text = BUF_MAX(WRITTEN_BYTES_MAX);
    message.date_ms = message.fetched_ms = written->draft.date_ms;
    if (!store_device_folder(store, mail_device(call), SLICE("Outbox"), true, &outbox))
        return;
    slice id = arena_format(&written->arena, "%llu.%llu@%s.%s",
                            (unsigned long long)written->draft.date_ms,
                            (unsigned long long)call->world->script->inputs, call->device->name,
                            call->device->domain);
    message_compose(&text, &written->draft, id);
    must(!text.full);
    slice block = slice_upto(buf_slice(&text), header_end(buf_slice(&text)));
    message.folder = outbox.id;
    message.size = text.len;
    FIELD_SET(message.recipients, buf_slice(&written->recipients));
    FIELD_SET(message.identity, message_identity(&written->arena, block));
    store_device_message_add(store, &message, buf_slice(&text));
    mail_kept(call);
    buf_free(&text);
}

static void message_send(struct call *call, struct written *written)
{
    struct mail_program *mail = device_mail(call->device);
    call_begins(call);
    outbox_add(call, written);
    if (mail_is_syncing(mail)) {
        call_say(call, "In the Outbox; the sync that runs sends it, or the next.");
        return;
    }
    mail_send(mail);
    call_settle(call);
    mail_report(call);
}

bool mail_writes(struct call *call, slice rest)
{
    struct written written = { .to = BUF_MAX(2 * DEVICE_RECIPIENTS_BYTES),
                               .recipients = BUF_MAX(DEVICE_RECIPIENTS_BYTES) };
    struct sentence sentence = { .world = call->world, .call = call, .line = call->args,
                                 .rest = rest, .why = call->why };
    struct message_draft *draft = &written.draft;
    draft->from_name = draft->subject = draft->text = SLICE_EMPTY;
    draft->html = draft->attachment_name = draft->attachment = SLICE_EMPTY;
    draft->from = slice_of(call->device->address);
    draft->date_ms = (int64_t)world_now_ms(call->world);
    bool ok = recipients_take(&sentence, &written) && clauses_take(&sentence, &written);
    if (ok) {
        draft->to = buf_slice(&written.to);
        draft->id = call->world->script->inputs + 1;
        message_send(call, &written);
    }
    call->at = ok ? 0 : sentence.at;
    buf_free(&written.to);
    buf_free(&written.recipients);
    arena_free(&written.arena);
    return ok;
}
