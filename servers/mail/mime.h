/* mime.h: the tree of a message's parts (RFC 2045, 2046), with where each stands. One
   pass over the text, in time linear in it (times the depth, for lines that look like
   boundaries). What IMAP says of the tree is in summary.h. Nothing is decoded here. */
#ifndef SERVERS_MAIL_MIME_H
#define SERVERS_MAIL_MIME_H

#include "base/arena.h"
#include "base/slice.h"

enum mime_kind {
    MIME_LEAF,
    MIME_MULTIPART,    /* has one child at least */
    MIME_MESSAGE       /* message/rfc822: one child, the message in it */
};

struct mime_parameter {
    slice name, value;                  /* unquoted; RFC 2231's pieces joined, codes left */
};

struct mime_part {
    enum mime_kind kind;
    struct mime_part *parent, *child, *next;
    uint32_t header_at, header_len;     /* the empty line included */
    uint32_t body_at, body_len;         /* without the line end that belongs to a boundary */
    uint32_t body_lines;                /* an unfinished last line counts */
    slice type, subtype;                /* as written; a default if absent or malformed */
    struct mime_parameter *parameters;  /* of Content-Type, at most MIME_PARAMETERS_MAX */
    size_t parameter_count;
    slice id, description, encoding;    /* unfolded; `at` NULL: there is no such field */
    slice md5, location;
    slice disposition;                  /* its type; `at` NULL: none */
    struct mime_parameter *disposition_parameters;
    size_t disposition_parameter_count;
    slice *languages;
    size_t language_count;
    bool opaque;                        /* not looked into: over a limit, or encoded */
    void *note;                         /* mime_header_fn's own */
};

/* The message's own part: its header is the message's, offsets count from the text's start.
   All slices lie in the arena. Text longer than MESSAGE_BYTES_MAX is a programmer's error. A
   multipart in which no boundary is found is text/plain, so that its text is not lost; one beyond
   MIME_DEPTH_MAX, and a message/rfc822 in base64, is opaque: application/octet-stream. After
   MIME_PARTS_MAX parts the rest belongs to the last. Of a header the first HEADER_BYTES_MAX are
   read, of a line as much as can matter. */
struct mime_reader;

/* Called when a part's header has come, before anything of its body; the header lives no longer. */
typedef void mime_header_fn(void *context, struct mime_part *, slice header);

/* As the octets come, in pieces of any size; the pieces need not live on. The reader is in the
   arena, and ends with mime_end or mime_drop. */
struct mime_reader *mime_begin(struct arena *, mime_header_fn *, void *context);
void mime_feed(struct mime_reader *, slice octets);
struct mime_part *mime_end(struct mime_reader *);
void mime_drop(struct mime_reader *);
/* At once. */
struct mime_part *mime_read(struct arena *, slice text);
/* The next one as they stand in the message: children before what follows them. NULL: the last. */
const struct mime_part *mime_part_after(const struct mime_part *);
/* NULL: no such parameter. */
const slice *mime_parameter(const struct mime_part *, const char *name);

/* A part's Content-Transfer-Encoding, by its header; empty: nothing of the kind. */
slice mime_encoding(struct arena *, slice header);
/* "type/subtype; name=value; …" and "value; name=value": cut at the first thing that is
   malformed. False: not even the type. For fields outside of a message's tree. */
bool mime_type_read(struct arena *, slice value, slice *type, slice *subtype,
                    struct mime_parameter **parameters, size_t *count);

#endif
