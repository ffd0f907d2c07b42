/* pop3_client_opening.c: what a client says before the first message, as its habit's words have it:
   who it is, and which messages there are. */
#include "servers/pop3/pop3_client_private.h"

#include "base/heap.h"
#include "base/words.h"
#include "servers/auth/digest.h"

static bool entry_add(struct pop3_client *client, uint64_t number, slice uidl)
{
    if (client->count == client->promised || !buf_add(&client->uidls, uidl))
        return false;
    if (client->count == client->cap) {
        client->cap = client->cap ? client->cap * 2 : 64;
        client->entries = heap_resize(client->entries, client->cap * sizeof *client->entries);
    }
    client->entries[client->count++] = (struct entry){ .number = (uint32_t)number,
                                                       .at = (uint32_t)(client->uidls.len -
                                                                        uidl.len),
                                                       .len = (uint8_t)uidl.len };
    return true;
}

/* Without a list the numbers are known all the same: from 1 on, as many as STAT says. */
static void messages_begin(struct pop3_client *client)
{
    bool listed = client->count > 0;
    while (!listed && client->count < client->promised)
        if (!entry_add(client, client->count + 1, SLICE_EMPTY))
            break;
    client->counts.listed = client->count;
    pop3_say_next(client);
}

/* "<1896.697170952@dbc.mtview.ca.us>" of the greeting, and the password: RFC 1939 7. */
static void say_apop(struct pop3_client *client)
{
    slice greeting = buf_slice(&client->greeting);
    struct buf text = BUF_MAX(POP3_REPLY_LINE_MAX), answer = BUF_MAX(POP3_REPLY_LINE_MAX);
    size_t begin = 0, close = 0;
    bool has = slice_find(greeting, '<', &begin) &&
               slice_find(slice_from(greeting, begin), '>', &close);
    if (has) {
        buf_add(&text, slice_upto(slice_from(greeting, begin), close + 1));
        buf_add(&text, client->job->password);
        buf_format(&answer, "%.*s ", SLICE_ARG(client->job->name));
        md5_hex(&answer, buf_slice(&text));
        pop3_say(client, OPENING, "APOP", buf_slice(&answer));
    } else {
        pop3_quit(client, POP3_NO_WAY);
    }
    buf_free(&text);
    buf_free(&answer);
}

/* "\nTOP\nSASL PLAIN LOGIN\n": what CAPA said; false too where it was not asked or answered. */
static bool mechanism_is_offered(const struct pop3_client *client, slice mechanism)
{
    slice rest = buf_slice(&client->offered);
    while (rest.len) {
        slice line = take_until(&rest, '\n');
        if (!slice_is_nocase(word_take(&line), "SASL"))
            continue;
        while (line.len)
            if (slice_equal_nocase(word_take(&line), mechanism))
                return true;
    }
    return false;
}

static void say_auth(struct pop3_client *client, slice mechanism)
{
    const struct pop3_job *job = client->job;
    bool offered = mechanism_is_offered(client, mechanism);
    if (offered &&
        sasl_client_begin(&client->sasl, mechanism, job->name, job->password, job->nonce)) {
        pop3_say(client, OPENING, "AUTH", mechanism);
    } else if (client->habit->otherwise) {
        client->otherwise = slice_of(client->habit->otherwise);
        pop3_say_opening(client);
    } else {
        pop3_quit(client, POP3_NO_WAY);
    }
}

/* One that is said as it is: STAT. */
static void say_word(struct pop3_client *client, slice word)
{
    buf_add(&client->out, word);
    pop3_say(client, OPENING, "", SLICE_EMPTY);
}

void pop3_say_opening(struct pop3_client *client)
{
    slice word = word_take(client->otherwise.len ? &client->otherwise : &client->opening);
    client->word = word;
    if (!word.len)
        messages_begin(client);
    else if (slice_is(word, "USER"))
        pop3_say(client, OPENING, "USER", client->job->name);
    else if (slice_is(word, "PASS"))
        pop3_say(client, OPENING, "PASS", client->job->password);
    else if (slice_is(word, "APOP"))
        say_apop(client);
    else if (take_prefix(&word, "AUTH:"))
        say_auth(client, word);
    else
        say_word(client, word);
}

/* --- lists --------------------------------------------------------------------------------- */

static bool uidl_is_valid(slice uidl)
{
    for (size_t i = 0; i < uidl.len; i++)
        if (uidl.at[i] < '!' || uidl.at[i] > '~')
            return false;
    return uidl.len > 0 && uidl.len <= POP3_UIDL_MAX;
}

/* A list after another names the same messages. */
static bool entry_again(struct pop3_client *client, uint64_t number, slice uidl)
{
    struct entry *entry = &client->entries[client->listed];
    if (entry->number != number)
        return false;
    if (entry->len || !uidl.len)
        return true;
    entry->at = (uint32_t)client->uidls.len;
    entry->len = (uint8_t)uidl.len;
    return buf_add(&client->uidls, uidl);
}

/* "3 whqtswO00WBw418f9t5JxYwZ"; in LIST what follows the number is a size, and of no use. */
static bool heard_entry(struct pop3_client *client, slice line)
{
    uint64_t number = 0;
    slice uidl = SLICE_EMPTY;
    if (!take_number(&line, client->promised, &number) || number == 0)
        return false;
    if (slice_is(client->word, "UIDL")) {
        uidl = slice_trim(line);
        if (!uidl_is_valid(uidl))
            return false;
    }
    bool ok = client->listed < client->count ? entry_again(client, number, uidl)
                                             : entry_add(client, number, uidl);
    client->listed++;
    return ok;
}

/* Nothing is there: most programs look no further. */
static void heard_empty(struct pop3_client *client)
{
    client->listed = client->promised = 0;
    if (client->habit->empty_goes_on)
        pop3_say_opening(client);
    else
        pop3_quit(client, POP3_RUNNING);
}

void pop3_heard_list(struct pop3_client *client, slice line)
{
    bool capa = slice_is(client->word, "CAPA");
    if (slice_is(line, ".")) {
        client->listing = false;
        if (!capa && !client->count)
            heard_empty(client);
        else
            pop3_say_opening(client);
    } else if (capa) {
        buf_format(&client->offered, "%.*s\n", SLICE_ARG(line)); /* one that is too long is none */
    } else if (!heard_entry(client, line)) {
        pop3_stop(client, POP3_RUBBISH);
    }
}

/* --- answers ------------------------------------------------------------------------------- */

static bool code_is(slice text, const char *code) { return slice_starts_nocase(text, code); }

static bool word_logs_in(slice word)
{
    return slice_is(word, "USER") || slice_is(word, "PASS") || slice_is(word, "APOP") ||
           slice_starts(word, "AUTH:");
}

void pop3_heard_no(struct pop3_client *client, slice text)
{
    bool busy = code_is(text, "[IN-USE]") || code_is(text, "[LOGIN-DELAY]");
    bool login = client->phase == OPENING && word_logs_in(client->word);
    pop3_quit(client, busy ? POP3_BUSY : login ? POP3_NO_LOGIN : POP3_REFUSED);
}

static void heard_stat(struct pop3_client *client, slice text)
{
    if (!take_number(&text, POP3_MESSAGES_MAX, &client->promised))
        pop3_quit(client, POP3_RUBBISH);
    else if (client->promised == 0)
        heard_empty(client);
    else
        pop3_say_opening(client);
}

/* CAPA and LAST may be refused; without unique-ids LIST tells which messages there are. */
static void heard_refusal(struct pop3_client *client, slice text)
{
    if (slice_is(client->word, "CAPA") || slice_is(client->word, "LAST")) {
        pop3_say_opening(client);
    } else if (slice_is(client->word, "UIDL")) {
        client->counts.no_uidl = true;
        if (client->count) {
            pop3_say_opening(client);
            return;
        }
        client->word = SLICE("LIST");
        pop3_say(client, OPENING, "LIST", SLICE_EMPTY);
    } else {
        pop3_heard_no(client, text);
    }
}

void pop3_heard_opening(struct pop3_client *client, bool good, slice text)
{
    slice word = client->word;
    if (!good) {
        heard_refusal(client, text);
        return;
    }
    client->listing = slice_is(word, "CAPA") || slice_is(word, "UIDL") || slice_is(word, "LIST");
    client->listed = 0;
    if (slice_is(word, "CAPA"))
        buf_clear(&client->offered);
    if (slice_is(word, "CAPA"))
        buf_add_char(&client->offered, '\n');
    if (slice_is(word, "STAT"))
        heard_stat(client, text);
    else if (!client->listing)
        pop3_say_opening(client);
}

void pop3_heard_challenge(struct pop3_client *client, slice challenge)
{
    struct buf answer = BUF_MAX(POP3_REPLY_LINE_MAX);
    if (sasl_client_answer(&client->sasl, challenge, &answer))
        pop3_say(client, OPENING, buf_text(&answer), SLICE_EMPTY);
    else
        pop3_stop(client, POP3_RUBBISH);
    buf_free(&answer);
}
