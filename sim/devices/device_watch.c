/* device_watch.c: a mail program that stays connected: it selects the INBOX and waits in IDLE
   (RFC 2177); what the server tells there makes it synchronise, over a line of its own. IDLE tells
   and brings nothing. The line is begun anew before the server would end it, and dialled again,
   less and less often, when it is lost. */

#include "base/heap.h"
#include "servers/imap/imap_client.h"
#include "servers/services_table.h"
#include "sim/devices/device.h"
#include "sim/devices/device_private.h"

enum watch_step { WATCH_GREETING, WATCH_LOGIN, WATCH_CAPABILITY, WATCH_SELECT, WATCH_IDLE,
                  WATCH_LOGOUT };

struct imap_watch {
    struct mail_program *mail;
    struct imap_owner owner;
    struct imap_client *client;
    struct device_line *line;
    enum watch_step step;
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

static void watch_leave(struct imap_watch *watch)
{
    watch->step = WATCH_LOGOUT;
    imap_say_logout(watch->client);
}

static void watch_idle(struct imap_watch *watch)
{
    watch->step = WATCH_IDLE;
    imap_say_idle(watch->client);
    watch_timer(watch, MAIL_IDLE_MS, on_again);
}

static void watch_answered(void *context, enum imap_answer answer, slice text)
{
    struct imap_watch *watch = context;
    const struct imap_facts *facts = imap_client_facts(watch->client);
    const struct device *device = watch->mail->device;
    (void)text;
    if (watch->step == WATCH_GREETING && !(facts->can & IMAP_CAN_NO_LOGIN)) {
        watch->step = WATCH_LOGIN;
        imap_say_login(watch->client, slice_of(device->person), slice_of(device->password));
    } else if (watch->step == WATCH_LOGIN && answer == IMAP_OK && !facts->can_known) {
        watch->step = WATCH_CAPABILITY;
        imap_say(watch->client, "CAPABILITY");
    } else if ((watch->step == WATCH_LOGIN || watch->step == WATCH_CAPABILITY) &&
               answer == IMAP_OK && (facts->can & IMAP_CAN_IDLE)) {
        watch->step = WATCH_SELECT;
        imap_say_select(watch->client, SLICE("INBOX"));
    } else if (watch->step == WATCH_SELECT && answer == IMAP_OK) {
        mail_sync_wish(watch->mail); /* what came while nobody listened */
        watch_idle(watch);
    } else if (watch->step == WATCH_IDLE && answer == IMAP_OK) {
        watch->retry_ms = MAIL_RETRY_MS;
        watch_idle(watch);
    } else {
        watch_leave(watch);
    }
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
