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

/* --- what is said --------------------------------------------------------------------------- */

/* Without a list the numbers are known all the same: from 1 on, as many as STAT says. */
static void messages_begin(struct pop3_client *client)
{
    bool listed = client->count > 0;
    while (!listed && client->count < client->promised)
        if (!entry_add(client, client->count + 1, SLICE_EMPTY))
            break;
    client->counts.listed = client->count;
    pop3_find_message(client);
}

/* "<1896.697170952@dbc.mtview.ca.us>" of the greeting, and the password: RFC 1939 7. */
static bool apop_begin(struct pop3_client *client)
{
    slice greeting = buf_slice(&client->greeting);
    struct buf text = BUF_MAX(POP3_REPLY_LINE_MAX);
    size_t begin = 0, close = 0;
    bool has = slice_find(greeting, '<', &begin) &&
               slice_find(slice_from(greeting, begin), '>', &close);
    if (has) {
        buf_add(&text, slice_upto(slice_from(greeting, begin), close + 1));
        buf_add(&text, client->job->password);
        buf_clear(&client->response);
        buf_format(&client->response, "%.*s ", SLICE_ARG(client->job->name));
        md5_hex(&client->response, buf_slice(&text));
    }
    buf_free(&text);
    return has;
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

static bool auth_begin(struct pop3_client *client, slice mechanism)
{
    const struct pop3_job *job = client->job;
    client->mechanism = mechanism;
    return mechanism_is_offered(client, mechanism) &&
           sasl_client_begin(&client->sasl, mechanism, job->name, job->password, job->nonce);
}

/* The next word of the habit; where it offers no way to log in, what is said in its place; and
   after the last what is to be done with messages. */
static void word_find(struct pop3_client *client)
{
    slice name = word_take(client->otherwise.len ? &client->otherwise : &client->opening);
    slice mechanism = name;
    bool auth = take_prefix(&mechanism, "AUTH:"), apop = slice_is(name, "APOP");
    bool begun = auth ? auth_begin(client, mechanism) : !apop || apop_begin(client);
    if (auth && !begun && client->habit->otherwise) {
        client->otherwise = slice_of(client->habit->otherwise);
        name = word_take(&client->otherwise);
        begun = true;
        auth = false;
    }
    int step = auth ? AUTH : client_step_named(&pop3_client_table, name);
    if (!begun)
        pop3_goodbye(client, POP3_NO_WAY);
    else if (step < 0)
        messages_begin(client);
    else
        client->next = (uint8_t)step;
}

void pop3_says_word(void *own)
{
    struct pop3_client *client = own;
    slice argument = client->step == USER   ? client->job->name
                     : client->step == PASS ? client->job->password
                     : client->step == APOP ? buf_slice(&client->response)
                     : client->step == AUTH ? client->mechanism
                                            : SLICE_EMPTY;
    buf_add_text(&client->out.text, pop3_client_table.steps[client->step].name);
    if (argument.len)
        buf_add_char(&client->out.text, ' ');
    buf_add(&client->out.text, argument);
    buf_add_text(&client->out.text, "\r\n");
}

void pop3_says_response(void *own)
{
    struct pop3_client *client = own;
    buf_format(&client->out.text, "%s\r\n", buf_text(&client->response));
}

bool pop3_has_response(void *client, int next)
{
    (void)next;
    return ((struct pop3_client *)client)->has_response;
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
    if (client->list == UIDL) {
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
        word_find(client);
    else
        pop3_goodbye(client, POP3_RUNNING);
}

bool pop3_list_line(struct pop3_client *client, slice line)
{
    if (client->list != CAPA)
        return heard_entry(client, line);
    buf_format(&client->offered, "%.*s\n", SLICE_ARG(line)); /* one that is too long is none */
    return true;
}

void pop3_hears_end_of_list(void *own, int answer, slice text)
{
    struct pop3_client *client = own;
    (void)answer;
    (void)text;
    if (client->list != CAPA && !client->count)
        heard_empty(client);
    else
        word_find(client);
}

/* --- answers ------------------------------------------------------------------------------- */

static bool code_is(slice text, const char *code) { return slice_starts_nocase(text, code); }

/* CAPA and LAST may be refused; without unique-ids LIST tells which messages there are. */
static void heard_refusal(struct pop3_client *client, slice text)
{
    uint8_t step = client->step;
    bool login = step >= USER && step <= RESPONSE;
    bool busy = code_is(text, "[IN-USE]") || code_is(text, "[LOGIN-DELAY]");
    client->counts.no_uidl = client->counts.no_uidl || step == UIDL;
    if (step == UIDL && !client->count)
        client->next = LIST;
    else if (step == CAPA || step == LAST || step == UIDL)
        word_find(client);
    else
        pop3_goodbye(client, busy ? POP3_BUSY : login ? POP3_NO_LOGIN : POP3_REFUSED);
}

static void heard_stat(struct pop3_client *client, slice text)
{
    if (!take_number(&text, POP3_MESSAGES_MAX, &client->promised))
        pop3_goodbye(client, POP3_RUBBISH);
    else if (client->promised == 0)
        heard_empty(client);
    else
        word_find(client);
}

static void heard_challenge(struct pop3_client *client, slice challenge)
{
    buf_clear(&client->response);
    client->has_response = sasl_client_answer(&client->sasl, challenge, &client->response);
    if (!client->has_response)
        client->ending = POP3_RUBBISH;
}

static void list_begin(struct pop3_client *client)
{
    client->list = client->step;
    client->listed = 0;
    if (client->list == CAPA)
        buf_clear(&client->offered);
    if (client->list == CAPA)
        buf_add_char(&client->offered, '\n');
}

void pop3_hears_word(void *own, int answer, slice text)
{
    struct pop3_client *client = own;
    uint8_t step = client->step;
    if (answer == NO)
        heard_refusal(client, text);
    else if (answer == ASKS)
        heard_challenge(client, text);
    else if (step == CAPA || step == UIDL || step == LIST)
        list_begin(client);
    else if (step == STAT)
        heard_stat(client, text);
    else
        word_find(client);
}
