/* contrast_outcome.c: tells what a step means: of each whom it may be about the sentences that fit,
   in the order of the topics, three at most; and fills in what they leave open:
     {left} {came} …  the messages of a list     {one|many}  by how many the first place counts
     {device}         whom it is about           {flags}     what the messages of the list are now
     {keepers}        who has what left, and     {showers}   who still shows it
     {readable}       messages without network   {others}    what other devices can read
     {queued} {host} {reply}  a queue            {strangers} the names that stand in no row
     {setting} {shown} {places} {lost} {doubled} a setting at the end */
#include <string.h>

#include "base/words.h"
#include "lessons/contrast_outcome.h"
#include "servers/store/store.h"
#include "sim/hosts/host.h"
#include "views/clean.h"
#include "views/template.h"

#define NAMES_SHOWN 4
#define REPLY_COLUMNS 60

/* --- places ---------------------------------------------------------------------------------- */

/* "A, B and 3 more" */
static void names_write(struct buf *out, const struct outcome_case *about, enum outcome_fact list)
{
    const struct frame *frame = about->frame;
    size_t count = outcome_count(about, list), shown = 0;
    size_t most = count == NAMES_SHOWN + 1 ? count : NAMES_SHOWN; /* no "and 1 more" */
    for (size_t i = 0; i < frame->row_count && shown < most; i++) {
        if (!outcome_is_in(about, list, &frame->rows[i]))
            continue;
        buf_add_text(out, shown == 0 ? "" : shown + 1 == count ? " and " : ", ");
        message_name_write(out, frame->rows[i].number);
        shown++;
    }
    if (count > shown)
        buf_format(out, " and %zu more", count - shown);
}

/* What a message has become, by the weightiest of its flags that changed. */
enum become {
    MARKED_DELETED, ANSWERED, FLAGGED, READ, NEW_AGAIN, NOT_FLAGGED, NOT_MARKED, BECOMES
};
static const char *const becomes[BECOMES] = {
    "marked \\Deleted", "answered", "flagged", "read", "new again", "no longer flagged",
    "no longer marked"
};

static enum become become_of(uint64_t now, uint64_t changed)
{
    uint64_t set = changed & now;
    return set & FLAG_DELETED       ? MARKED_DELETED
           : set & FLAG_ANSWERED    ? ANSWERED
           : set & FLAG_FLAGGED     ? FLAGGED
           : set & FLAG_SEEN        ? READ
           : changed & FLAG_SEEN    ? NEW_AGAIN
           : changed & FLAG_FLAGGED ? NOT_FLAGGED
                                    : NOT_MARKED;
}

/* One word for all of the list. */
static void flags_write(struct buf *out, const struct outcome_case *about, enum outcome_fact list)
{
    unsigned any = 0;
    const char *word = NULL;
    for (size_t i = 0; i < about->frame->row_count; i++) {
        const struct frame_row *row = &about->frame->rows[i];
        if (!outcome_is_in(about, list, row))
            continue;
        enum become become = become_of(row->cells[about->holder].flags,
                                       outcome_flags_changed(about, list, row));
        word = !any || any == 1u << become ? becomes[become] : NULL;
        any |= 1u << become;
    }
    bool both = any == (1u << FLAGGED | 1u << READ);
    buf_add_text(out, word ? word : both ? "flagged or read" : "marked otherwise");
}

/* "the laptop and the phone" */
static void keepers_write(struct buf *out, const struct outcome_case *about, bool follow)
{
    const struct variant *variant = about->variant;
    size_t count = 0;
    for (size_t i = 1; i < variant->contrast->holders; i++)
        if (device_follows(variant, i) == follow && outcome_keeps(about, i))
            buf_format(out, "%sthe %s", count++ ? " and " : "",
                       contrast_holder(variant->contrast, i));
}

static void others_write(struct buf *out, const struct outcome_case *about)
{
    const struct contrast *contrast = about->variant->contrast;
    size_t count = 0;
    for (size_t i = 1; i < contrast->holders; i++)
        if (i != about->holder)
            buf_format(out, "%sthe %s can read %llu", count++ ? "; " : "",
                       contrast_holder(contrast, i),
                       (unsigned long long)about->frame->held[i].readable);
}

static slice host_name(const struct outcome_case *about)
{
    return slice_of(net_host_name(about->variant->world->net, host_number(about->host)));
}

static void reply_write(struct buf *out, const struct outcome_case *about)
{
    struct queued entry;
    if (store_queue_due(about->variant->world->store, host_name(about), INT64_MAX, &entry, 1))
        clean_add(out, slice_upto(slice_of(entry.last_reply), REPLY_COLUMNS), true);
}

static void strangers_write(struct buf *out, const struct outcome_case *about)
{
    uint64_t first = 0, last = 0;
    outcome_strangers(about, &first, &last);
    message_name_write(out, first);
    if (last > first) {
        buf_add_text(out, last > first + 1 ? " to " : " and ");
        message_name_write(out, last);
    }
}

enum place {
    PLACE_DEVICE, PLACE_FLAGS, PLACE_KEEPERS, PLACE_SHOWERS, PLACE_READABLE, PLACE_OTHERS,
    PLACE_QUEUED, PLACE_HOST, PLACE_REPLY, PLACE_STRANGERS, PLACE_SETTING, PLACE_SHOWN,
    PLACE_PLACES, PLACE_LOST, PLACE_DOUBLED, PLACES
};
static const struct {
    const char *name;
    uint64_t needs; /* to be filled in */
    bool counts;
} places[PLACES] = {
    [PLACE_DEVICE] = { "device", 0, false },
    [PLACE_FLAGS] = { "flags", 0, false },
    [PLACE_KEEPERS] = { "keepers", FACT(FACT_KEPT), false },
    [PLACE_SHOWERS] = { "showers", FACT(FACT_SHOWN), false },
    [PLACE_READABLE] = { "readable", FACT(FACT_OFFLINE), true },
    [PLACE_OTHERS] = { "others", FACT(FACT_OTHERS), false },
    [PLACE_QUEUED] = { "queued", FACT(FACT_QUEUED), true },
    [PLACE_HOST] = { "host", FACT(FACT_QUEUED), false },
    [PLACE_REPLY] = { "reply", FACT(FACT_REPLIED), false },
    [PLACE_STRANGERS] = { "strangers", FACT(FACT_STRANGERS), true },
    [PLACE_SETTING] = { "setting", 0, false },
    [PLACE_SHOWN] = { "shown", FACT(FACT_SAME_COUNT), true },
    [PLACE_PLACES] = { "places", 0, false },
    [PLACE_LOST] = { "lost", FACT(FACT_LOSSES), true },
    [PLACE_DOUBLED] = { "doubled", FACT(FACT_DOUBLED), true },
};

static enum place place_of(slice name)
{
    size_t place = 0;
    while (place < PLACES && !slice_is(name, places[place].name))
        place++;
    return (enum place)place;
}

bool outcome_place(slice name, uint64_t *needs, bool *counts)
{
    enum place place = place_of(name);
    enum outcome_fact list = outcome_list_named(name);
    bool is_list = list < OUTCOME_LISTS;
    if (!is_list && place == PLACES)
        return false;
    *needs = is_list ? FACT(list) : places[place].needs;
    *counts = is_list || places[place].counts;
    return true;
}

/* --- filling in ------------------------------------------------------------------------------ */

struct filling {
    const struct outcome_case *about;
    enum outcome_fact list; /* the sentence's first */
    size_t count;           /* of its first place that counts */
    bool counted;
};

static size_t place_count(const struct outcome_case *about, enum place place)
{
    const struct frame *frame = about->frame;
    uint64_t first = 0, last = 0;
    switch (place) {
    case PLACE_READABLE: return (size_t)frame->held[about->holder].readable;
    case PLACE_QUEUED: return store_queue_count(about->variant->world->store, host_name(about));
    case PLACE_STRANGERS:
        outcome_strangers(about, &first, &last);
        return (size_t)(last + 1 - first);
    case PLACE_SHOWN: return (size_t)contrast_shows(frame, 0);
    case PLACE_LOST: return (size_t)about->variant->lost;
    case PLACE_DOUBLED: return (size_t)about->variant->duplicated;
    default: return 0;
    }
}

static void place_count_first(void *context, struct buf *out, slice name)
{
    struct filling *filling = context;
    enum outcome_fact list = outcome_list_named(name);
    enum place place = place_of(name);
    (void)out;
    if (filling->list == OUTCOME_LISTS)
        filling->list = list;
    if (filling->counted || (list == OUTCOME_LISTS && (place == PLACES || !places[place].counts)))
        return;
    filling->counted = true;
    filling->count = list < OUTCOME_LISTS ? outcome_count(filling->about, list)
                                          : place_count(filling->about, place);
}

static void place_write(struct buf *out, const struct filling *filling, enum place place)
{
    const struct outcome_case *about = filling->about;
    const struct contrast *contrast = about->variant->contrast;
    switch (place) {
    case PLACE_DEVICE: buf_add_text(out, contrast_holder(contrast, about->holder)); break;
    case PLACE_FLAGS: flags_write(out, about, filling->list); break;
    case PLACE_KEEPERS: keepers_write(out, about, false); break;
    case PLACE_SHOWERS: keepers_write(out, about, true); break;
    case PLACE_OTHERS: others_write(out, about); break;
    case PLACE_HOST: buf_add(out, host_name(about)); break;
    case PLACE_REPLY: reply_write(out, about); break;
    case PLACE_STRANGERS: strangers_write(out, about); break;
    case PLACE_SETTING: variant_title(out, slice_of(about->variant->name)); break;
    case PLACE_PLACES: contrast_shows_write(out, contrast, about->frame); break;
    default: buf_add_number(out, place_count(about, place));
    }
}

static void place_fill(void *context, struct buf *out, slice name)
{
    const struct filling *filling = context;
    enum outcome_fact list = outcome_list_named(name);
    size_t bar;
    if (slice_find(name, '|', &bar))
        buf_add(out, filling->count == 1 ? slice_upto(name, bar) : slice_from(name, bar + 1));
    else if (list < OUTCOME_LISTS)
        names_write(out, filling->about, list);
    else
        place_write(out, filling, place_of(name));
}

void outcome_fill(struct buf *out, const struct outcome_case *about, const char *says)
{
    struct filling filling = { .about = about, .list = OUTCOME_LISTS };
    struct buf counted = BUF_MAX(CONTRAST_TEXT_MAX);
    template_fill(&counted, says, place_count_first, &filling);
    buf_free(&counted);
    template_fill(out, says, place_fill, &filling);
}

/* --- telling --------------------------------------------------------------------------------- */

struct narration {
    struct variant *variant;
    struct frame *frame;
    struct outcome_case holders[CONTRAST_HOLDERS_MAX];
};

/* Two devices may have the same to say of the server: once is enough. */
static bool tell(struct narration *narration, const struct outcome_case *about,
                 enum outcome_topic topic)
{
    struct frame *frame = narration->frame;
    uint64_t silent = frame->told_count ? 0 : FACT(FACT_SILENT);
    const struct outcome_row *row = outcome_choose(topic, about->facts | silent);
    struct buf says = BUF_MAX(CONTRAST_TEXT_MAX);
    size_t at;
    if (!row || frame->told_count == FRAME_SENTENCES_MAX)
        return false;
    outcome_fill(&says, about, row->says);
    if (!slice_find_text(buf_slice(&frame->so), buf_slice(&says), &at)) {
        buf_add_text(&frame->so, frame->told_count ? " " : "");
        buf_add(&frame->so, buf_slice(&says));
        frame->told[frame->told_count++] = row;
    }
    buf_free(&says);
    return true;
}

static void tell_of_device(struct narration *narration, size_t device, enum outcome_topic first,
                           enum outcome_topic last)
{
    for (size_t topic = first; topic <= last; topic++)
        tell(narration, &narration->holders[device], (enum outcome_topic)topic);
}

static void tell_of_queues(struct narration *narration)
{
    struct world *world = narration->variant->world;
    struct outcome_case about = narration->holders[0];
    while ((about.host = host_next(world, about.host))) {
        outcome_look_at_queue(&about);
        tell(narration, &about, TOPIC_QUEUE);
    }
}

void frame_outcome(struct variant *variant, struct frame *frame, const struct frame *before)
{
    struct narration narration = { .variant = variant, .frame = frame };
    size_t holders = variant->contrast->holders, device = 1;
    for (size_t i = 0; i < holders; i++) {
        narration.holders[i] = (struct outcome_case){ variant, frame, before, i, NULL, 0 };
        outcome_look(&narration.holders[i]);
    }
    tell(&narration, &narration.holders[0], TOPIC_LEFT);
    for (size_t i = 1; i < holders; i++)
        tell(&narration, &narration.holders[i], TOPIC_FETCHED);
    for (size_t i = 1; i < holders; i++)
        tell_of_device(&narration, i, TOPIC_UNREADABLE, TOPIC_ALONE);
    while (device < holders && !tell(&narration, &narration.holders[device], TOPIC_NETWORK))
        device++;
    tell_of_queues(&narration);
    tell(&narration, &narration.holders[0], TOPIC_WAITS);
    tell(&narration, &narration.holders[0], TOPIC_STRANGERS);
    for (size_t i = 1; i < holders && !frame->told_count; i++)
        tell_of_device(&narration, i, TOPIC_DELETED, TOPIC_FOLDERS);
    for (size_t i = 1; i < holders; i++)
        tell(&narration, &narration.holders[i], TOPIC_TEXTS);
    for (size_t topic = TOPIC_SERVER_FOLDERS; topic <= TOPIC_NOTHING; topic++)
        tell(&narration, &narration.holders[0], (enum outcome_topic)topic);
}
