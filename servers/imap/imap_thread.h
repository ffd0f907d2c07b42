/* imap_thread.h: messages put together to conversations, by the two ways of RFC 5256 3. Knows no
   mailbox and no session. In steps, n log n, without recursion. */
#ifndef SERVERS_IMAP_IMAP_THREAD_H
#define SERVERS_IMAP_IMAP_THREAD_H

#include "base/arena.h"

enum thread_way { THREAD_ORDEREDSUBJECT, THREAD_REFERENCES };

struct thread_message {
    uint32_t number;         /* not 0 */
    int64_t sent_ms;
    slice subject;           /* the base subject, ready to be compared */
    bool answers;            /* base_subject took a "re:" or its kin off */
    slice message_id;        /* as in struct heading */
    slice references;
};

/* Messages are numbered from 1, and so are the dummies behind them; 0 is none. */
struct thread_node {
    uint32_t number;         /* of the message; 0: a dummy, which is at the top only */
    uint32_t parent;
    uint32_t child, last;    /* the first and the last child */
    uint32_t next;           /* sibling */
};

struct threads;
/* In the arena, as all that follows. `secret`: nobody outside can guess it (imap_numbering.h); what
   comes out does not depend on it. */
struct threads *threads_new(struct arena *, enum thread_way, uint64_t secret);
/* Before the first one: about as many will come. What stays empty of their room costs no memory. */
void threads_expect(struct threads *, size_t messages);
/* In the order of the mailbox. The slices are not needed any more. */
void threads_add(struct threads *, const struct thread_message *);
/* What those that were added take until the end, in octets. */
size_t threads_bytes(const struct threads *);
/* Some `steps` of work. True: all is done. Call again until then. */
bool threads_step(struct threads *, size_t steps);
/* Then: the nodes, and the first of those at the top. */
const struct thread_node *threads_nodes(const struct threads *, uint32_t *first);

#endif
