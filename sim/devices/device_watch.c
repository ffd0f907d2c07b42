/* device_watch.c: a mail program that stays connected: it selects the INBOX and waits in IDLE
   (RFC 2177); what the server tells there makes it synchronise, over a line of its own. IDLE tells
   and brings nothing. The line is begun anew before the server would end it, and dialled again,
   less and less often, when it is lost. */
#include "base/heap.h"
#include "servers/services_table.h"
#include "sim/devices/device_imap.h"

enum { WATCH_GREETING, WATCH_LOGIN, WATCH_CAPABILITY, WATCH_SELECT, WATCH_IDLE, WATCH_LOGOUT,
       WATCH_OVER };

struct imap_watch {
    struct mail_program *mail;
    struct imap_owner owner;
    struct imap_client *client;
    struct device_line *line;
    uint8_t step;
    uint64_t ticket;                 /* when IDLE is begun anew, or the server dialled again */
    uint64_t retry_ms;
    bool ends;                       /* nobody wants it any more: it goes with its line */
    struct imap_watch *next;         /* one that ends, while another begins */
};

static void watch_dial(struct imap_watch *);

static void watch_timer(struct imap_watch *watch, uint64_t ms, happening *what)
{
    struct device *device = watch->mail->device;
    struct clock *clock = device->world->clock;
    clock_cancel(clock, watch->ticket);
    watch->ticket =
        clock_at(clock, device->host, clock_ns(clock) + ms * NS_PER_MS, TIMER, what, watch, 0);
}

static void on_retry(void *context, uint64_t argument)
{
    struct imap_watch *watch = context;
    (void)argument;
    watch->ticket = 0;
    watch_dial(watch);
}

/* DONE; the answer to IDLE says it again. */
static void on_again(void *context, uint64_t argument)
{
    struct imap_watch *watch = context;
    (void)argument;
    watch->ticket = 0;
    if (!imap_client_idles(watch->client))
        return;
    imap_say_done(watch->client);
    line_speaks(watch->line);
}

/* --- what follows which answer -------------------------------------------------------------- */

static bool takes_no_login(void *watch, int next)
{
    (void)next;
    return imap_client_facts(((struct imap_watch *)watch)->client)->can & IMAP_CAN_NO_LOGIN;
}

static bool is_not_told(void *watch, int next)
{
    (void)next;
    return !imap_client_facts(((struct imap_watch *)watch)->client)->can_known;
}

static bool can_idle(void *watch, int next)
{
    (void)next;
    return imap_client_facts(((struct imap_watch *)watch)->client)->can & IMAP_CAN_IDLE;
}

static void says_login(void *own)
{
    struct imap_watch *watch = own;
    const struct device *device = watch->mail->device;
    imap_say_login(watch->client, slice_of(device->person), slice_of(device->password));
}

static void says_capability(void *watch)
{
    imap_say(((struct imap_watch *)watch)->client, "CAPABILITY");
}

static void says_select(void *watch)
{
    imap_say_select(((struct imap_watch *)watch)->client, SLICE("INBOX"), false);
}

static void hears_select(void *own, int answer, slice text)
{
    struct imap_watch *watch = own;
    (void)text;
    if (answer == ANSWER_OK)
        mail_sync_wish(watch->mail); /* what came while nobody listened */
}

static void says_idle(void *own)
{
    struct imap_watch *watch = own;
    imap_say_idle(watch->client);
    watch_timer(watch, MAIL_IDLE_MS, on_again);
}

static void hears_idle(void *own, int answer, slice text)
{
    struct imap_watch *watch = own;
    (void)text;
    if (answer == ANSWER_OK)
        watch->retry_ms = MAIL_RETRY_MS;
}

static void says_logout(void *watch) { imap_say_logout(((struct imap_watch *)watch)->client); }

static const struct client_step steps[] = {
    [WATCH_GREETING] = { "GREETING", "waits for the server to speak first", NULL, NULL, NULL, false },
    [WATCH_LOGIN] = { "LOGIN", "logs in", "LOGIN ", says_login, NULL, false },
    [WATCH_CAPABILITY] = { "CAPABILITY", "asks what the server can do", "CAPABILITY", says_capability, NULL, false },
    [WATCH_SELECT] = { "SELECT", "opens the INBOX", "SELECT ", says_select, hears_select, false },
    [WATCH_IDLE] = { "IDLE", "waits to be told of what is new", "IDLE", says_idle, hears_idle, false },
    [WATCH_LOGOUT] = { "LOGOUT", "ends the session", "LOGOUT", says_logout, NULL, true },
    [WATCH_OVER] = { "OVER", "closes the connection", NULL, NULL, NULL, false },
};

static const struct client_when no_login = { "LOGIN is forbidden (LOGINDISABLED)", takes_no_login };
static const struct client_when not_told = { "it was not told what the server can do",
                                             is_not_told };
static const struct client_when idles = { "the server can IDLE", can_idle };

#define ASKING (IN(WATCH_LOGIN) | IN(WATCH_CAPABILITY) | IN(WATCH_SELECT) | IN(WATCH_IDLE))

static const struct client_row rows[] = {
    /* from                                answer        if         next */
    { IN(WATCH_GREETING),                  ANSWER_ANY,   &no_login, WATCH_LOGOUT },
    { IN(WATCH_GREETING),                  ANSWER_ANY,   NULL,      WATCH_LOGIN },
    { IN(WATCH_LOGIN),                     ANSWER_OK,    &not_told, WATCH_CAPABILITY },
    { IN(WATCH_LOGIN)|IN(WATCH_CAPABILITY), ANSWER_OK,   &idles,    WATCH_SELECT },
    { IN(WATCH_LOGIN)|IN(WATCH_CAPABILITY), ANSWER_OK,   NULL,      WATCH_LOGOUT },
    { IN(WATCH_SELECT)|IN(WATCH_IDLE),     ANSWER_OK,    NULL,      WATCH_IDLE },
    { ASKING,                              ANSWER_NO,    NULL,      WATCH_LOGOUT },
    { IN(WATCH_OVER) - 1,                  ANSWER_ENDED, NULL,      WATCH_OVER },
};

const struct client_table imap_watch_table = {
    .name = "imap", .role = "watch",
    .steps = steps, .step_count = COUNT(steps),
    .answers = imap_answers, .answer_count = ANSWER_ENDED + 1,
    .rows = rows, .row_count = COUNT(rows),
    .first = WATCH_GREETING, .over = WATCH_OVER,
    .kind = imap_answer_kind, .tagged = true,
};

static void watch_answered(void *context, enum imap_answer answer, slice text)
{
    struct imap_watch *watch = context;
    client_hear(&imap_watch_table, watch, &watch->step, imap_answer_of(answer), text);
}

static void watch_told(struct imap_watch *watch)
{
    if (watch->step == WATCH_IDLE && !watch->ends)
        mail_sync_wish(watch->mail);
}

static void watch_changed(void *context) { watch_told(context); }
static void watch_listed(void *context, const struct imap_listed *what)
{
    (void)context;
    (void)what;
}
static void watch_fetched(void *context, const struct imap_fetched *what)
{
    (void)what;
    watch_told(context);
}

/* --- the line ------------------------------------------------------------------------------ */

static void watch_forget(struct imap_watch *watch)
{
    struct imap_watch **at = &watch->mail->watch;
    while (*at != watch)
        at = &(*at)->next;
    *at = watch->next;
    clock_cancel(watch->mail->device->world->clock, watch->ticket);
    heap_give(watch);
}

static void watch_ended(void *context, enum line_end how)
{
    struct imap_watch *watch = context;
    (void)how;
    client_move(&imap_watch_table, watch, &watch->step, ANSWER_ENDED);
    imap_client_free(watch->client);
    watch->client = NULL;
    watch->line = NULL;
    if (watch->ends) {
        watch_forget(watch);
        return;
    }
    watch_timer(watch, watch->retry_ms, on_retry);
    watch->retry_ms *= 2;
    if (watch->retry_ms > MAIL_RETRY_MS_MAX)
        watch->retry_ms = MAIL_RETRY_MS_MAX;
}

static void watch_dial(struct imap_watch *watch)
{
    watch->step = WATCH_GREETING;
    watch->client = imap_client_new(&watch->owner);
    watch->line = line_dial(watch->mail->device, SERVICE_IMAP, &imap_line_end, watch->client,
                            watch_ended, watch);
}

void watch_begin(struct mail_program *mail)
{
    struct imap_watch *watch = heap_take(sizeof *watch);
    watch->mail = mail;
    watch->retry_ms = MAIL_RETRY_MS;
    watch->owner = (struct imap_owner){ watch, watch_listed, watch_fetched, watch_answered,
                                        watch_changed, NULL, NULL };
    watch->next = mail->watch;
    mail->watch = watch;
    watch_dial(watch);
}

/* The newest is first; those behind it are ending already. */
void watch_end(struct mail_program *mail)
{
    struct imap_watch *watch = mail->watch;
    if (!watch || watch->ends)
        return;
    watch->ends = true;
    clock_cancel(mail->device->world->clock, watch->ticket);
    watch->ticket = 0;
    if (watch->line)
        line_hang_up(watch->line);
    else
        watch_forget(watch);
}

void watch_free(struct imap_watch *watch)
{
    while (watch) {
        struct imap_watch *next = watch->next;
        line_drop(watch->line);
        imap_client_free(watch->client);
        heap_give(watch);
        watch = next;
    }
}
