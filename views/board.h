/* board.h: where a person's messages are, on the server and on every device: what `board`
   draws, as data. */
#ifndef VIEWS_BOARD_H
#define VIEWS_BOARD_H

#include "servers/store/store.h"
#include "servers/store/store_device.h"

#define BOARD_HOLDERS_MAX 16         /* the server and so many devices, less one */
#define BOARD_EARLIER_MAX 8          /* rows of what earlier sittings have removed */

enum board_where {
    BOARD_NOWHERE, BOARD_HERE,       /* the server's INBOX */
    BOARD_ELSEWHERE,                 /* in another box, there or on a device */
    BOARD_FULL, BOARD_HEAD,          /* a device's INBOX */
    BOARD_GONE, BOARD_NEVER
};
#define MESSAGE_TITLE_MAX 80
#define BOARD_BOX_BYTES 12           /* of a box's name so much is shown */
struct board_cell {
    enum board_where where;
    uint64_t flags;
    unsigned copies;                 /* in that INBOX; more than one is a duplicate */
    bool header_only;                /* a device, in whatever box */
    bool marked;                     /* a device: by DELE, in the POP3 session typed there */
    char box[BOARD_BOX_BYTES];       /* BOARD_ELSEWHERE: which */
};
/* Is the message in that place, whole or its header alone? */
bool board_has(const struct board_cell *);
struct board_message {
    uint64_t number;                 /* 1 is A */
    uint64_t size;
    char title[MESSAGE_TITLE_MAX];
    struct board_cell cells[BOARD_HOLDERS_MAX];
    bool was_here;                   /* the last board had it somewhere, or it was removed */
    bool left_earlier;               /* an earlier sitting has removed it */
    slice left;                      /* it is nowhere now: how the last board began its row */
};
struct board {
    struct world *world;
    char address[ADDRESS_MAX + 1];
    struct device *devices[BOARD_HOLDERS_MAX]; /* [0], the server, is NULL */
    size_t holders;
    struct board_message *messages;    /* by number */
    size_t count, cap, left_out;
    size_t earlier_left_out;         /* that earlier sittings have removed, and are no rows */
    uint64_t held[BOARD_HOLDERS_MAX], octets[BOARD_HOLDERS_MAX], readable[BOARD_HOLDERS_MAX];
    slice before;                    /* the text of the last board, in the trace */
    bool any_changed, any_otherwise, any_flagged, everywhere;
};
/* `before`: the text of the last board of the same person, or empty. It must live on. Messages
   that are in no INBOX, there or on a device, are rows only if `everywhere`. */
void board_gather(struct board *, struct world *, const struct user *, slice before,
                  bool everywhere);
void board_free(struct board *);
/* "bo: Lunch?": who and what, from a header. */
void message_title(char title[MESSAGE_TITLE_MAX], slice header);
/* "full seen", "here new^", "marked", "GONE", "/Archive": at most BOARD_STATE_COLUMNS wide. */
#define BOARD_STATE_COLUMNS 10
void board_cell_write(struct buf *, const struct board_message *, size_t holder);
#define BOARD_LEFT_COLUMNS 28        /* of a row: name, sender and subject, size */
#define BOARD_HOLDER_COLUMNS 13
#define BOARD_HOLDERS_A_ROW 4        /* 28 + 4 * 13 = 80 */
/* Where the column of the n-th holder of a row begins. */
size_t board_column(size_t n);
/* Splits a row of a drawn board at a column: what is left of it, and the rest. */
slice board_row_split(slice row, slice *rest, size_t column);
bool board_believes_otherwise(const struct board *, const struct board_message *, size_t holder);

/* board_json.c: the board, and all devices with what their mail programs hold, as data. Asking
   may give messages their names, as `board` does: whoever only looks undoes that (store_lose). */
void board_json(struct buf *, struct world *, const struct user *);
void devices_json(struct buf *, struct world *);
void board_cell_json(struct buf *, const struct board_cell *);  /* its pairs */
void message_name_json(struct buf *, const char *key, uint64_t number); /* "B" */

/* What `board` has drawn, a sentence a message, for those who hear it and for narrow windows.
   False: the text is no board. */
bool board_sentences(struct buf *, slice answer);
/* The same of what `diff` has drawn. */
bool diff_sentences(struct buf *, slice answer);
/* A device and a message of what `board` has drawn, to ask for; false: it has none. */
bool board_example(slice answer, slice *device, slice *message);

/* For `board --watch`: adds the board if it has changed since it was last shown. */
struct front;
void board_watch(struct buf *, struct world *, struct front *);

#endif
