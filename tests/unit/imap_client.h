/* imap_client.h: what a client may believe of the selected mailbox, from untagged
   responses alone (RFC 3501 7): which message has which number, and which flags. Fails
   the test when the server says what it must not say. */
#ifndef TESTS_UNIT_IMAP_CLIENT_H
#define TESTS_UNIT_IMAP_CLIENT_H

#include "tests/unit/imap_lab.h"

#define CLIENT_MESSAGES_MAX 4096
#define CLIENT_FLAGS_MAX 200

struct believed {
    uint32_t uid;                     /* 0: not known yet */
    bool knows_flags;
    char flags[CLIENT_FLAGS_MAX];     /* sorted, each with a space before it; without \Recent */
};

struct client {
    struct believed messages[CLIENT_MESSAGES_MAX];
    uint32_t count;
    bool selected, writable;
    bool counting;                    /* SELECT runs: EXISTS may be anything */
    bool no_expunge;                  /* FETCH, STORE or SEARCH by number runs */
    bool quiet;                       /* no command runs, not even IDLE: nothing may be said */
    char tag[16];
    char status[400];                 /* the tagged line, when it has come */
    struct buf line;                  /* unfinished */
    size_t literal_left, line_start;
    uint32_t expunges, fetches, exists;
};

/* --- flags as sorted text ----------------------------------------------------------------- */

static inline int flag_order(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static inline void flags_write(char *out, char *names[], size_t count)
{
    out[0] = '\0';
    qsort(names, count, sizeof names[0], flag_order);
    for (size_t i = 0; i < count; i++) {
        if (i && strcmp(names[i], names[i - 1]) == 0)
            continue;
        ck_assert_uint_lt(strlen(out) + strlen(names[i]) + 2, CLIENT_FLAGS_MAX);
        strcat(strcat(out, " "), names[i]);
    }
}

static inline size_t flags_split(char *text, char *names[], size_t max)
{
    size_t count = 0;
    for (char *name = strtok(text, " "); name; name = strtok(NULL, " "))
        if (strcmp(name, "\\Recent") != 0 && count < max)
            names[count++] = name;
    return count;
}

/* "+", "-" or "" with these flags, to what is believed. */
static inline void flags_change(struct believed *message, char how, const char *flags)
{
    char old[CLIENT_FLAGS_MAX], given[CLIENT_FLAGS_MAX];
    char *names[64], *changes[32], *kept[96];
    size_t kept_count = 0;
    strcpy(old, message->flags);
    strcpy(given, flags);
    size_t count = flags_split(old, names, 64), change_count = flags_split(given, changes, 32);
    for (size_t i = 0; i < count && how; i++) {
        bool named = false;
        for (size_t k = 0; k < change_count; k++)
            named |= strcmp(names[i], changes[k]) == 0;
        if (how == '+' || !named)
            kept[kept_count++] = names[i];
    }
    for (size_t k = 0; k < change_count && how != '-'; k++)
        kept[kept_count++] = changes[k];
    flags_write(message->flags, kept, kept_count);
}

/* --- responses ---------------------------------------------------------------------------- */

static inline void client_expunge(struct client *client, uint32_t number)
{
    ck_assert_msg(!client->no_expunge, "EXPUNGE while numbers are in use");
    ck_assert_msg(number >= 1 && number <= client->count, "EXPUNGE of %u, there are %u", number,
                  client->count);
    memmove(&client->messages[number - 1], &client->messages[number],
            (client->count - number) * sizeof client->messages[0]);
    client->count--;
    client->expunges++;
}

static inline void client_exists(struct client *client, uint32_t number)
{
    if (client->counting)
        client->count = 0;
    ck_assert_msg(number >= client->count, "EXISTS fell to %u from %u", number, client->count);
    ck_assert_msg(client->counting || number > client->count, "EXISTS %u says nothing new", number);
    ck_assert_uint_le(number, CLIENT_MESSAGES_MAX);
    for (; client->count < number; client->count++)
        client->messages[client->count] = (struct believed){ .uid = 0 };
    client->exists++;
}

/* "FETCH (UID 3 FLAGS (\Seen))", literals taken out. */
static inline void client_fetch(struct client *client, uint32_t number, const char *text)
{
    ck_assert_msg(number >= 1 && number <= client->count, "FETCH of %u, there are %u", number,
                  client->count);
    struct believed *message = &client->messages[number - 1];
    const char *uid = strstr(text, "UID "), *flags = strstr(text, "FLAGS (");
    if (uid) {
        uint32_t told = (uint32_t)strtoul(uid + 4, NULL, 10);
        ck_assert_msg(message->uid == 0 || message->uid == told,
                      "message %u was UID %u, is now %u", number, message->uid, told);
        message->uid = told;
    }
    if (flags) {
        char list[CLIENT_FLAGS_MAX];
        char *names[64];
        size_t len = strcspn(flags + 7, ")");
        ck_assert_uint_lt(len, sizeof list);
        memcpy(list, flags + 7, len);
        list[len] = '\0';
        flags_write(message->flags, names, flags_split(list, names, 64));
        message->knows_flags = true;
    }
    client->fetches++;
}

static inline void client_line(struct client *client, const char *line)
{
    char *end;
    if (line[0] == '+')
        return;
    if (line[0] != '*') {
        ck_assert_msg(strncmp(line, client->tag, strlen(client->tag)) == 0, "not our tag: %s",
                      line);
        snprintf(client->status, sizeof client->status, "%s", line);
        client->quiet = true;
        return;
    }
    uint32_t number = (uint32_t)strtoul(line + 2, &end, 10);
    if (end == line + 2)
        return;
    ck_assert_msg(!client->quiet, "said while no command ran: %s", line);
    if (strcmp(end, " EXPUNGE") == 0)
        client_expunge(client, number);
    else if (strcmp(end, " EXISTS") == 0)
        client_exists(client, number);
    else if (strncmp(end, " FETCH ", 7) == 0)
        client_fetch(client, number, end + 7);
}

/* Octets as they come. */
static inline void client_read(struct client *client, slice octets)
{
    if (client->line.max == 0)
        client->line = BUF_MAX(1u << 20);
    while (octets.len) {
        if (client->literal_left) {
            size_t skip = client->literal_left < octets.len ? client->literal_left : octets.len;
            client->literal_left -= skip;
            octets = slice_from(octets, skip);
            continue;
        }
        buf_add_char(&client->line, octets.at[0]);
        octets = slice_from(octets, 1);
        char *text = (char *)(uintptr_t)buf_text(&client->line);
        size_t len = client->line.len;
        if (len < 2 || text[len - 1] != '\n')
            continue;
        text[len -= 2] = '\0';
        char *brace = strrchr(text + client->line_start, '{');
        if (len && text[len - 1] == '}' && brace) {
            client->literal_left = strtoul(brace + 1, NULL, 10);
            client->line.len = client->line_start = (size_t)(brace - text);
            continue;
        }
        client_line(client, text);
        buf_clear(&client->line);
        client->line_start = 0;
    }
}

#endif
