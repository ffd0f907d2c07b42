/* build.h: a world from lines: the sentences that build one, a script of them, and the world that
   one begins with. */
#ifndef SIM_LANGUAGE_BUILD_H
#define SIM_LANGUAGE_BUILD_H

#include "base/heap.h"
#include "sim/language/script.h"

#define DEVICE_LATENCY_MS 20u               /* of a new device's link, one way */
#define SERVER_LATENCY_MS 10u
#define LINK_BYTES_PER_SECOND 2000000u

/* NULL path: memory. A new world is built by `script` (default_world, or a file's text);
   name is for error messages ("default", "lab.post"). Only sentences build a world: other
   lines (telnet ...) are refused here, they belong to `run`. In an old world the script is not
   looked at, its time goes on, and another seed than its own (NULL: its own, or 1) is an
   error. `tables` must outlive the world. NULL: why. */
struct world *world_new(const char *path, const uint64_t *seed, const struct command *const *tables,
                        slice script, slice name, struct error *why) MUST_CHECK;
/* The same in a heap that can be set back (base/heap.h), a world in a file too: its file follows
   (store_follow). world_new's worlds are in none, whoever calls it. */
struct world *world_new_in(struct heap *, const char *path, const uint64_t *seed,
                           const struct command *const *tables, slice script, slice name,
                           struct error *why) MUST_CHECK;
void world_free(struct world *);             /* NULL is allowed */
/* The same world in memory from its beginning, at the same address; its front, its sitting and its
   timeline stay. False: why, and it can only be freed. */
bool world_anew(struct world *, const uint64_t *seed, slice script, slice name,
                struct error *why) MUST_CHECK;
extern const char default_world[];           /* the text of the default world */

/* End of a script: connections close in order of opening, then it runs until quiet. */
bool world_finish(struct world *, struct error *why) MUST_CHECK;

/* A line that builds the world. False: unreadable, why says what is wrong and `at` is the
   offset in the line where. *known false: it is no such sentence. */
bool world_sentence(struct world *, slice line, bool *known, size_t *at,
                    struct error *why) MUST_CHECK;

/* What `user ADDRESS password PASSWORD` does, with any octets in the password that a line can
   hold. Who is there with that password is no error. Ends no turn. */
bool world_user_add(struct world *, slice address, slice password, struct error *why) MUST_CHECK;

#endif
