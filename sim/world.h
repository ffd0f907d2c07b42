/* world.h: the simulated world in one piece: clock, net, names, trace, store, the hosts
   with their servers, the devices with their people. World = f(version, seed, inputs).
   Where things live: world.c begins and ends one and lets time pass, sentence.c builds it
   from lines, host.c puts servers on ports, device.c holds what a person types on,
   script.c runs the language's lines, commands.c and check.c are its commands. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <uthash.h>

#include "servers/policy.h"
#include "servers/services_table.h"
#include "servers/session.h"
#include "servers/store/store.h"
#include "sim/net/clock.h"
#include "sim/language/command.h"
#include "sim/net/dns.h"
#include "sim/net/net.h"
#include "sim/net/random.h"
#include "sim/net/trace.h"

struct host;     /* a server machine: host.c */
struct serving;  /* one of its sessions */
struct dig;      /* commands_net.c */
struct sitting;  /* lessons/sitting.h */
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

struct world {
    struct clock *clock;
    struct trace *trace;
    struct net *net;
    struct dns *dns;
    struct store *store;
    uint64_t seed;
    struct random ids;           /* new_id draws from here */
    uint64_t chance;             /* from outside, mixed into the hosts' ids; 0: the seed's alone */
    int64_t epoch_ms;            /* since 1970, of virtual time 0 */
    struct host *hosts;          /* in order of building */
    struct serving *servings;    /* by connection number; host.c's own */
    struct serving *pieces;      /* whose turn is next in long work; host_piece.c's own */
    struct device *devices, *last_device; /* in order of building */
    struct device *device_index; /* the same by name; never gone through */
    struct device *here;         /* the one that is `on` */
    const struct command *const *tables; /* NULL-ended; each ends with a nameless command */
    /* a turn's end does not commit: whoever set it does, before anything is said outside */
    bool holds_commits;
    uint32_t plain_only; /* number of a host whose connections can begin no TLS; 0: all can */
    bool failed;                 /* the store failed: what was to be said was not said */
    uint64_t inputs;             /* lines run */
    uint64_t line_number;        /* who reads a script sets it before script_line; 0: typed */
    slice line;                  /* the line that runs now, else empty */
    uint64_t input_number;       /* of the last INPUT record */
    struct error broken;         /* a command's own settling failed: told when it has answered */
    bool check_failed;           /* some check did not hold */
    enum { WORLD_LIVES, WORLD_IS_BUILT, WORLD_IS_REBUILT } phase; /* building is not traced */
    struct random store_random;  /* SQLite's own */
    struct dig *dig;             /* the question that is being asked */
    struct outside *outside;     /* who comes through real sockets: outside.c */
    uint64_t kept_now_ms, kept_ids;  /* as the store has them; */
    struct device *kept_here;
    void *front;                 /* the front end's own, for its commands (repl/) */
    struct sitting *sitting;     /* the lesson that is under way here (lessons/), or NULL */
    /* Octets for a file of the person's, under that name; NULL: there is nobody to take them. */
    void (*hand_over)(struct world *, slice name, slice octets);
};

/* --- world.c ------------------------------------------------------------------------------ */

/* NULL path: memory. A new world is built by `script` (default_world, or a file's text);
   name is for error messages ("default", "lab.post"). Only sentences build a world: other
   lines (telnet …) are refused here, they belong to `run`. In an old world the script is not
   looked at, its time goes on, and another seed than its own (NULL: its own, or 1) is an
   error. `tables` must outlive the world. NULL: why. */
struct world *world_new(const char *path, const uint64_t *seed, const struct command *const *tables,
                        slice script, slice name, struct error *why);
void world_free(struct world *);             /* NULL is allowed */
extern const char default_world[];           /* the text of the default world */
uint64_t world_now_ms(const struct world *); /* since 1970 */
/* Until no work is left. False: a loop without time (why), or the store failed. */
bool world_settle(struct world *, struct error *why);
/* Keeps what the next opening needs (time, seed, who is on) and commits. */
bool world_remember(struct world *, struct error *why);
bool world_wait(struct world *, uint64_t ms, struct error *why);
/* Over trace, pending events and store: what a saved script ends with. */
uint64_t world_digest(struct world *);
/* End of a script: connections close in order of opening, then it runs until quiet. */
bool world_finish(struct world *, struct error *why);

/* --- sentence.c: host, mx, txt, srv, user, mailbox, letter, device, link, set, on --------- */

#define DEVICE_LATENCY_MS 20u               /* of a new device's link, one way */
#define SERVER_LATENCY_MS 10u
#define LINK_BYTES_PER_SECOND 2000000u
/* A line that builds the world. False: unreadable, why says what is wrong and `at` is the
   offset in the line where. *known false: it is no such sentence. */
bool world_sentence(struct world *, slice line, bool *known, size_t *at, struct error *why);
/* What `user ADDRESS password PASSWORD` does, with any octets in the password that a line can
   hold. Who is there with that password is no error. Ends no turn. */
bool world_user_add(struct world *, slice address, slice password, struct error *why);

/* --- host.c -------------------------------------------------------------------------------- */

/* services: service_bit() of each */
struct host *host_add(struct world *, slice name, uint32_t services, struct error *why);
struct host *host_find(struct world *, slice name);
struct host *host_next(struct world *, struct host *after);      /* NULL: the first */
uint32_t host_number(const struct host *);
uint32_t host_services(const struct host *);
struct policy *host_policy(struct host *);
void host_mix_chance(struct world *);        /* world->chance is new: all draw other ids */
void host_wake_queue(struct host *);         /* look at the queue: after opening, after a change */
void host_free_all(struct world *);
/* That turn of the store was not kept: whose sessions did something in it are cut off with what
   they were told, and the relays begin again from what is in the store. */
void hosts_lose(struct world *, uint64_t turn);
/* Its sessions with that client say goodbye, as before the server goes down. */
void host_part(struct host *, uint32_t client);
/* Long work goes on in pieces (session_pause). While outside_is_on somebody has to ask for each:
   one piece of the session whose turn it is. */
bool host_has_pieces(const struct world *);
void host_piece(struct world *);
void host_pieces_book(struct world *);       /* nobody will ask any more: they are events again */
/* A sentence of a living world has placed a letter there: traces it, tells sessions. */
void host_letter_placed(struct host *, int64_t mailbox, uint32_t uid, int64_t message);
/* The server's session at the other end of a connection; NULL if it has ended. */
const struct session *host_session(const struct world *, uint32_t conn);

/* --- outside.c ------------------------------------------------------------------------------ */

void outside_free(struct world *);

/* --- device.c ------------------------------------------------------------------------------- */

struct device *device_add(struct world *, slice name, slice address, slice program,
                          struct error *why);
struct device *device_find(struct world *, slice name);
/* Opens the typed connection; facts about how it went are in the trace and in typed_open
   after world_settle. */
void device_telnet(struct world *, struct device *, uint32_t host, uint16_t port);
void device_type(struct world *, struct device *, slice octets); /* as they are */
void device_close(struct world *, struct device *);              /* FIN */
void device_cut(struct world *, struct device *);                /* RST to both ends */
/* What the server's session expects of the person: EXPECTS_NOTHING if not connected. */
enum expects device_expects(const struct world *, const struct device *, uint64_t *octets_left);

/* --- script.c -------------------------------------------------------------------------------- */

enum line_result {
    LINE_RUN,          /* it was run, whatever came of it */
    LINE_EMPTY,        /* blank, a comment, or something that shows itself later (arrive) */
    LINE_UNREADABLE,   /* refused; why says so, `at` where */
    LINE_LEAVE,        /* exit */
    LINE_BROKEN        /* the environment failed: why */
};
/* Runs one line, without its line end, for the device that one is on: mode, escapes and
   history as the design's section "The language" says; then the world settles. */
enum line_result script_line(struct world *, slice line, size_t *at, struct error *why);
bool script_is_connected(const struct world *);    /* the mode, for a prompt */
/* Would this typed line reach the server, and as which octets? For prompts that explain. */
bool script_line_is_command(const struct world *, slice line);
/* Below: words.c. Both leave *rest as it was on failure. "90s", "2h30m", "7d", "20ms" */
bool duration_read(slice *rest, uint64_t *ms);
/* "a\r\n", C's escapes: the octets between the quotes */
bool quoted_read(slice *rest, struct buf *octets);

#endif
