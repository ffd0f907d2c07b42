/* device_private.h: between the files of a device's mail program, device_*.c, and nobody
   else. They know the world's clock, net and names, and of the store what store_device.h
   offers: never what a server holds. `make layers` checks it. */
#ifndef SIM_DEVICE_PRIVATE_H
#define SIM_DEVICE_PRIVATE_H

#include "servers/services_table.h"
#include "servers/store/store_device.h"
#include "sim/devices/device_mail.h"


/* --- device_find.c: a service of a domain, by name --------------------------------------- */

struct found_server {
    uint32_t host;                  /* number in the net; 0: none */
    uint16_t port;
    char name[DOMAIN_MAX + 1];
    bool no_answer;                 /* the name service said nothing: offline? */
};
typedef void server_found_fn(void *context, const struct found_server *);
struct finding;
/* RFC 6186's SRV record; then the usual names; then the domain's mail server (MX). */
struct finding *server_find(struct device *, enum service_number, server_found_fn *, void *context);
void finding_drop(struct finding *);         /* nothing will be told; NULL is allowed */

/* --- device_line.c: one conversation with a server ---------------------------------------- */

/* The client's end of a protocol, as servers/ has it. */
struct client_end {
    void (*input)(void *client, slice octets);
    slice (*output)(void *client);
    void (*sent)(void *client, size_t octets);
    void (*lost)(void *client);
    bool (*is_over)(const void *client);
    bool (*rests)(const void *client);   /* no answer is waited for; may be NULL */
};
enum line_end { LINE_TALKED, LINE_NO_NAME, LINE_NO_ANSWER, LINE_NO_REPLY, LINE_REFUSED };
struct device_line;
extern const struct client_end imap_line_end;  /* of a struct imap_client: device_imap.c */
/* Finds the server, connects, talks until the client is over or the line is; then ended is
   called once, from an event of its own, and the line is gone. */
struct device_line *line_dial(struct device *, enum service_number, const struct client_end *,
                              void *client, void (*ended)(void *context, enum line_end),
                              void *context);
/* It is lost before a command that begins with the words is said (*words become ""). */
void line_until(struct device_line *, char *words);
const char *line_server(const struct device_line *);   /* its name; "" before it is found */
void line_speaks(struct device_line *);      /* the client has something to say by itself */
void line_hang_up(struct device_line *);     /* in the middle of it; ended is called, now or soon */
void line_drop(struct device_line *);        /* at the end of the world; NULL is allowed */

/* --- device_mail.c: the program ------------------------------------------------------------- */

struct mail_program {
    struct device *device;
    struct mail_account account;
    struct device_line *line;
    struct pop3_sync *pop3;
    struct sending *sending;
    struct imap_sync *imap;
    int64_t reading;                /* fetch only this message, to be read; 0: no */
    struct buf read;                /* it, */
    bool has_read;                  /* if it came */
    char until[UNTIL_BYTES_MAX];    /* the connection is lost before this command; "": none */
    bool only_sends;                /* a message was written: fetch nothing */
    bool no_network;                /* no use to go on */
    struct buf said;                /* what this sync did, sentences on lines */
    bool said_server;           /* `said` tells already which server it was */
    bool syncing, went_well;
    int step;
    uint64_t ticket;                /* of the next sync by itself; 0: none */
    /* it stays in IDLE, or has just closed the connection; device_watch.c */
    struct imap_watch *watch;
    bool again;                     /* something was told while it was synchronising */
};

slice mail_device_name(const struct mail_program *);
int64_t mail_now_ms(const struct mail_program *);
/* Of this device, at this time: never the same twice. Written into the buf. */
const char *mail_nonce(const struct mail_program *, struct buf *);
void mail_say(struct mail_program *, const char *format, ...) PRINTF_LIKE(2, 3);
/* What was changed is kept before anything is said; false: the store failed. */
bool mail_turn_end(struct device *);
/* Why there was no conversation, in a mail program's words. */
void mail_say_line(struct mail_program *, enum line_end, enum service_number);
/* The step that ran is done: the next. */
void mail_sync_step(struct mail_program *);

/* " A, B, C": the message's name is added. */
void messages_add(struct mail_program *, struct buf *names, slice identity);

/* For the trace: what the program did to a message. */
void mail_note(struct mail_program *, enum device_fact, slice identity);
void imap_sync_begin(struct mail_program *, int64_t reading); /* device_imap.c */
void imap_sync_free(struct imap_sync *);
void watch_begin(struct mail_program *);     /* device_watch.c */
void watch_end(struct mail_program *);       /* closes the connection, if it stays in IDLE */
void watch_free(struct imap_watch *);        /* at the end of the world; NULL is allowed */
void mail_sync_wish(struct mail_program *);  /* by itself: now, or after the one that runs */
void outbox_begin(struct mail_program *);    /* device_send.c */
void sending_free(struct sending *);
void pop3_sync_begin(struct mail_program *); /* device_pop3.c */
void pop3_sync_free(struct pop3_sync *);

#endif
