/* contrast_said.c: what was said in a step: the verbs of each device's sessions, and how often. */
#include <string.h>

#include "base/words.h"
#include "lessons/contrast.h"
#include "sim/devices/device.h"
#include "views/conns.h"
#include "views/guide.h"
#include "views/said.h"

#define SAID_VERBS_MAX 24

struct verb_count {
    char verb[32];
    unsigned count;
};

struct saying {
    struct verb_count verbs[SAID_VERBS_MAX];
    size_t count;
};

/* Getting in and out, which every session has. */
static bool is_manners(const struct protocol *protocol, const char *verb)
{
    static const char *const manners[] = { "EHLO",   "HELO",       "AUTH",      "STARTTLS",
                                           "STLS",   "CAPA",       "USER",      "PASS",
                                           "APOP",   "CAPABILITY", "LOGIN",     "AUTHENTICATE",
                                           "ENABLE", "ID",         "NAMESPACE", "LOGOUT",
                                           "NOOP" };
    for (size_t i = 0; i < COUNT(manners); i++)
        if (strcmp(verb, manners[i]) == 0)
            return true;
    return strcmp(verb, "LIST") == 0 && strcmp(protocol->name, "imap") == 0;
}

static void verb_note(struct saying *saying, slice verb)
{
    for (size_t i = 0; i < saying->count; i++)
        if (slice_is(verb, saying->verbs[i].verb)) {
            saying->verbs[i].count++;
            return;
        }
    if (saying->count == SAID_VERBS_MAX)
        return;
    struct verb_count *added = &saying->verbs[saying->count++];
    FIELD_SET(added->verb, verb);
    added->count = 1;
}

/* "UID FETCH", as the line has it; "DELE refused". */
static void firing_note(struct saying *saying, const struct trace *trace,
                        const struct trace_record *record, const struct protocol *protocol)
{
    struct buf verb = BUF_MAX(sizeof saying->verbs[0].verb - 1);
    const char *name = protocol_event_name(protocol, record->event);
    if (protocol_verb(protocol, slice_of(name)) != record->event || is_manners(protocol, name))
        return;
    slice line = said_by_client(trace, record, protocol);
    take_word(&line);
    if (protocol->literal && slice_is_nocase(take_word(&line), "UID"))
        buf_add_text(&verb, "UID ");
    buf_add_text(&verb, name);
    if (!outcome_is_good((enum outcome)record->outcome))
        buf_add_text(&verb, " refused");
    verb_note(saying, buf_slice(&verb));
    buf_free(&verb);
}

static void saying_write(struct buf *out, const char *who, const struct saying *saying)
{
    if (saying->count == 0)
        return;
    buf_format(out, "%s%s:", out->len ? "; " : "", who);
    for (size_t i = 0; i < saying->count; i++) {
        buf_format(out, " %s", saying->verbs[i].verb);
        if (saying->verbs[i].count > 1)
            buf_format(out, " x%u", saying->verbs[i].count);
        buf_add_text(out, i + 1 < saying->count ? "," : "");
    }
}

/* Of others only the sending belongs to the story. */
static bool device_acts(const struct variant *variant, const struct device *device)
{
    for (size_t i = 1; i < variant->contrast->holders; i++)
        if (variant->devices[i] == device)
            return true;
    return false;
}

void frame_said(struct variant *variant, struct frame *frame, uint64_t from)
{
    const struct world *world = variant->world;
    struct conns conns = { 0 };
    conns_read(&conns, world->trace);
    for (const struct device *device = world->devices; device; device = device->next) {
        struct saying saying = { .count = 0 };
        bool acts = device_acts(variant, device);
        for (uint64_t number = from; number < frame->trace_end; number++) {
            const struct trace_record *record = trace_at(world->trace, number);
            const struct conn *conn =
                record->kind == TRACE_STATE ? conns_find(&conns, record->conn) : NULL;
            if (conn && conn->client == device->host && conn->protocol &&
                (acts || strcmp(conn->protocol->name, "smtp") == 0))
                firing_note(&saying, world->trace, record, conn->protocol);
        }
        saying_write(&frame->said, device->name, &saying);
    }
    conns_free(&conns);
}
