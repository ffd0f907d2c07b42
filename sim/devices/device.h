/* device.h: what a person sits at, and the one connection that is typed on it. Its mail program
   is device_mail.h; which lines are typed is the language's to decide. */
#ifndef SIM_DEVICES_DEVICE_H
#define SIM_DEVICES_DEVICE_H

#include "base/hash.h"
#include "base/limits.h"
#include "sim/shared.h"

struct mail_program; /* device_mail.c */

/* What a person sits at. Its connection is the one that is typed; programs' are not. */
struct device {
    char name[64];               /* laptop */
    char address[ADDRESS_MAX + 1]; /* ana@campus.example, whose it is */
    char person[LOCAL_PART_MAX + 1]; /* ana */
    char program[128];           /* its mail program, as the sentence said: "pop3 keep 7d" */
    char mail_server[DOMAIN_MAX + 1]; /* what the service names smtp, pop3, imap mean with `mail` */
    char domain[DOMAIN_MAX + 1]; /* search domain: `mail` is mail.campus.example */
    uint32_t host;               /* number in the net, where it is laptop.campus.example */
    struct connection *typed;    /* NULL: connected to nobody */
    uint32_t typed_conn;         /* its number, or the last one's; 0: never */
    bool typed_open;             /* the handshake is done and neither end has closed */
    enum trace_by closed_by;     /* how the last one ended */
    bool typed_opened;           /* the handshake was ever done: refused if not */
    bool finishing;              /* FIN goes out when `pending` has */
    uint64_t closed_input;       /* number of the INPUT record during which it closed */
    uint64_t closed_line;        /* the script's line then, 0: typed by a person */
    char closed_text[64];        /* what was typed then, cut, for people */
    struct buf pending;          /* typed, and the connection's window had no room; */
    size_t pending_sent;         /* of it, so many octets have gone since */
    char password[256];          /* as whoever set the device up has typed it */
    struct mail_program *mail;   /* NULL: it was not used yet */
    struct world *world;
    struct device *next;
    UT_hash_handle hh;           /* by name */
};

/* NULL: no such user, no name for a device, or taken; why. The same once more is the same. */
struct device *device_add(struct world *, slice name, slice address, slice program,
                          struct error *why) MUST_CHECK;
struct device *device_find(struct world *, slice name);          /* NULL: no such device */
void device_free_all(struct world *);
/* Opens the typed connection; facts about how it went are in the trace and in typed_open
   after world_settle. */
void device_telnet(struct world *, struct device *, uint32_t host, uint16_t port);
void device_type(struct world *, struct device *, slice octets); /* as they are */
void device_close(struct world *, struct device *);              /* FIN */
void device_cut(struct world *, struct device *);                /* RST to both ends */

#endif
