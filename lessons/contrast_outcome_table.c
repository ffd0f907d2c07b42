/* contrast_outcome_table.c: the sentences on what a step means: a row is told where all the facts
   that it needs hold and none that excludes it. In a topic no two rows fit the same facts. */
#include "lessons/contrast_outcome.h"

#include "base/slice.h"

#define F(name) FACT(FACT_##name)
#define L(name) FACT(LIST_##name)
#define NONE 0
#define HEARS (F(HEARS) | F(IMAP) | F(ONLINE))

const struct outcome_row outcome_rows[] = {
    /* the server */
    { TOPIC_LEFT, L(LEFT) | F(KEPT), F(KEPT_BY_MANY) | F(SHOWN) | F(KEPT_PARTLY), "{left} left the server: only {keepers} has {it|them} now." },
    { TOPIC_LEFT, L(LEFT) | F(KEPT) | F(KEPT_PARTLY), F(KEPT_BY_MANY) | F(SHOWN), "{left} left the server: {keepers} has all of them now." },
    { TOPIC_LEFT, L(LEFT) | F(KEPT) | F(SHOWN), F(KEPT_BY_MANY), "{left} left the server: {keepers} has {it|them} now." },
    { TOPIC_LEFT, L(LEFT) | F(KEPT) | F(KEPT_BY_MANY), NONE, "{left} left the server: {keepers} have {it|them} now." },
    { TOPIC_LEFT, L(LEFT) | F(SHOWN), F(KEPT) | F(SHOWN_BY_MANY), "{left} left the server: {showers} still shows {it|them}, until the next sync." },
    { TOPIC_LEFT, L(LEFT) | F(SHOWN) | F(SHOWN_BY_MANY), F(KEPT), "{left} left the server: {showers} still show {it|them}, until the next sync." },
    { TOPIC_LEFT, L(LEFT) | F(KEPT_PARTLY), F(KEPT) | F(SHOWN), "{left} left the server: no device has all of them." },
    { TOPIC_LEFT, L(LEFT), F(KEPT) | F(SHOWN) | F(KEPT_PARTLY), "{left} left the server: no device has {it|them}." },

    /* a device */
    { TOPIC_FETCHED, L(HEADS), NONE, "The {device} has the header{|s} of {heads}; the text{ stays|s stay} on the server." },
    { TOPIC_FETCHED, L(CAME) | L(SERVED), L(HEADS) | L(TAKEN), "The {device} has a copy of {came}; the server still has {it|them}." },
    { TOPIC_FETCHED, L(CAME) | L(SERVED) | L(TAKEN), L(HEADS), "The {device} has a copy of {came}; the server still has {served}." },
    { TOPIC_FETCHED, L(CAME) | F(SILENT), L(HEADS) | L(SERVED), "The {device} has {came}." },

    { TOPIC_UNREADABLE, L(UNREADABLE), NONE, "{unreadable} cannot be read on the {device}: only the header is there." },

    { TOPIC_MOVED, L(MOVED_ALIKE) | F(IMAP), NONE, "The {device} shows {moved_alike} in the same folder as the server." },
    { TOPIC_MOVED, L(MOVED), F(IMAP), "The {device} moved {moved}, for itself alone: POP3 knows no folders." },
    { TOPIC_MOVED_APART, L(MOVED_APART) | F(IMAP), F(HEARS), "The {device} moved {moved_apart}; the server learns of it at the next sync." },
    { TOPIC_MOVED_APART, L(MOVED_APART) | HEARS, NONE, "The {device} shows {moved_apart} in another folder than the server." },

    { TOPIC_GONE, L(ENDED) | F(LOST), NONE, "The {device} is lost, and {ended} with it: nobody has {it|them} now." },
    { TOPIC_GONE, L(LEFT) | L(SAFE) | F(LOST), L(ENDED), "The {device} is lost; the server still has {safe}." },
    { TOPIC_GONE, L(LEFT) | F(LOST), L(ENDED) | L(SAFE), "The {device} is lost; other devices still have what was on it." },
    { TOPIC_GONE, L(LEFT) | HEARS, L(SAFE) | F(LOST) | F(DELETED), "The {device} drops {left}: it follows the server." },
    { TOPIC_GONE, L(LEFT) | L(SAFE) | HEARS, F(LOST) | F(DELETED), "{left} {is|are} gone from the {device}; the server still has {safe}." },
    { TOPIC_GONE, L(LEFT) | L(HIDDEN) | HEARS | F(DELETED), F(LOST), "The {device} shows {hidden} no more; on the server {it is|they are} only marked \\Deleted." },
    { TOPIC_GONE, L(LEFT) | L(SAFE) | HEARS | F(DELETED), L(HIDDEN) | F(LOST) | F(TELLS), "{left} {is|are} gone from the {device}; the server learns nothing of it." },
    { TOPIC_GONE, L(LEFT) | L(SAFE) | HEARS | F(DELETED) | F(TELLS), L(HIDDEN) | F(LOST), "{left} {is|are} gone from the {device}; the server learns nothing of it before the next sync." },
    { TOPIC_GONE, L(LEFT) | HEARS | F(DELETED) | F(SILENT), L(SAFE) | L(HIDDEN) | F(LOST), "{left} {is|are} gone from the {device}." },
    { TOPIC_GONE, L(LEFT) | F(ONLINE), F(LOST) | F(HEARS), "{left} {is|are} gone from the {device}." },
    { TOPIC_GONE, L(LEFT) | L(SAFE) | F(TELLS), F(LOST) | F(ONLINE), "{left} {is|are} gone from the {device}; the server learns nothing of it before the next sync." },
    { TOPIC_GONE, L(LEFT) | L(SAFE), F(LOST) | F(ONLINE) | F(TELLS), "{left} {is|are} gone from the {device}; the server learns nothing of it." },
    { TOPIC_GONE, L(LEFT), L(SAFE) | F(LOST) | F(ONLINE), "{left} {is|are} gone from the {device}; the server had {it|them} no more." },

    { TOPIC_MISSED, L(MISSED) | F(ONLINE), L(CAME), "The {device} finds nothing of {missed}: {it|they} had left the server before." },

    { TOPIC_KNOWN, L(KNOWN), NONE, "The server now knows that {known} {is|are} {flags}." },
    { TOPIC_TOLD, L(TOLD) | HEARS, NONE, "The {device} shows {told} as {flags}: the server has told it." },
    { TOPIC_TOLD, L(TOLD), F(HEARS), "On the {device} {told} {is|are} {flags}, as on the server." },
    { TOPIC_OWN, L(OWN) | F(IMAP), F(HEARS) | F(SHARED), "Only the {device} knows that {own} {is|are} {flags}, until it synchronises." },
    { TOPIC_OWN, L(OWN) | F(IMAP) | F(SHARED), F(HEARS), "The server learns that {own} {is|are} {flags} when the {device} synchronises." },
    { TOPIC_OWN, L(OWN) | HEARS, NONE, "On the {device} {own} {is|are} {flags}, and not yet on the server." },
    { TOPIC_OWN, L(OWN), F(IMAP) | F(SHARED), "Only the {device} knows that {own} {is|are} {flags}." },
    { TOPIC_OWN, L(OWN) | F(SHARED), F(IMAP), "On the {device} {own} {is|are} {flags}; the server is not told: POP3 carries no flags." },
    { TOPIC_ALONE, L(ALONE) | F(ONLINE), L(MARKED) | F(IMAP), "That {alone} {is|are} {flags} stays on the {device}: POP3 carries no flags." },

    /* What can be read without the network, on all devices: else it looks like the protocol's fault that one of them had fetched nothing. */
    { TOPIC_NETWORK, F(OFFLINE), F(EMPTY) | F(OTHERS), "Without the network the {device} can read {readable} message{|s}." },
    { TOPIC_NETWORK, F(OFFLINE) | F(OTHERS), F(EMPTY), "Without the network the {device} can read {readable} message{|s}; {others}." },
    { TOPIC_NETWORK, F(OFFLINE) | F(EMPTY), F(OTHERS), "Without the network the {device} can read {readable} message{|s}, for it has fetched none." },
    { TOPIC_NETWORK, F(OFFLINE) | F(EMPTY) | F(OTHERS), NONE, "Without the network the {device} can read {readable} message{|s}, for it has fetched none; {others}." },

    /* a host's queue */
    { TOPIC_QUEUE, F(QUEUED) | F(REPLIED), NONE, "{queued} message{ waits|s wait} in the queue of {host}: \"{reply}\"." },

    /* the server again */
    { TOPIC_WAITS, L(WAITS), NONE, "{waits} wait{s|} on the server." },
    { TOPIC_STRANGERS, L(WAITS) | F(STRANGERS), F(HERS), "({strangers} {is|are} other people's.)" },
    { TOPIC_STRANGERS, L(WAITS) | F(STRANGERS) | F(HERS), NONE, "({strangers} {is|are} in no INBOX of this person.)" },

    /* What a POP3 device did not learn, though it has just talked with the server. */
    { TOPIC_DELETED, L(KEPT_UNAWARE) | F(ONLINE), F(IMAP), "The {device} still shows {kept_unaware}: POP3 tells nobody that {it was|they were} deleted." },
    { TOPIC_UNREAD, L(UNREAD) | F(ONLINE), F(IMAP), "{unread} {is|are} still new on the {device}: POP3 carries no flags." },
    { TOPIC_FOLDERS, L(SCATTERED) | F(ONLINE), F(IMAP), "Each device has its own place for {scattered}: POP3 has no folders." },

    { TOPIC_TEXTS, L(TEXTS) | F(SILENT), NONE, "The {device} has the text{|s} of {texts} now." },
    { TOPIC_SERVER_FOLDERS, L(MOVED) | F(SILENT), NONE, "The server now has {moved} in another folder." },
    { TOPIC_SERVER_FLAGS, L(MARKED) | F(SILENT), NONE, "The server now knows that {marked} {is|are} {flags}." },
    { TOPIC_NOTHING, F(SILENT), F(CHANGED), "No message moved, and no flag changed." },
    { TOPIC_NOTHING, F(SILENT) | F(CHANGED), NONE, "The board shows what changed." },

    /* a setting, at the end of a story */
    { TOPIC_SUM, F(SAME_COUNT), NONE, "With {setting}: {shown} message{|s} on the server and on each device" },
    { TOPIC_SUM, NONE, F(SAME_COUNT), "With {setting}: {places}" },
    { TOPIC_SUM_END, F(LOSSES), NONE, "; {lost} {is|are} lost for ever." },
    { TOPIC_SUM_END, F(DOUBLED), F(LOSSES), "; nothing is lost, but {doubled} {is|are} there more than once." },
    { TOPIC_SUM_END, F(OVERWRITTEN), F(LOSSES) | F(DOUBLED), "; no message is lost, but a mark is: it was overwritten." },
    { TOPIC_SUM_END, F(MISSING), F(LOSSES) | F(DOUBLED) | F(OVERWRITTEN), "; nothing is lost, but the places differ." },
    { TOPIC_SUM_END, F(FOLDERS_DIFFER) | F(FLAGS_DIFFER), F(LOSSES) | F(DOUBLED) | F(OVERWRITTEN) | F(MISSING), "; nothing is lost, but the places differ." },
    { TOPIC_SUM_END, F(FLAGS_DIFFER), F(LOSSES) | F(DOUBLED) | F(OVERWRITTEN) | F(MISSING) | F(FOLDERS_DIFFER), "; the flags differ." },
    { TOPIC_SUM_END, NONE, F(LOSSES) | F(DOUBLED) | F(OVERWRITTEN) | F(MISSING) | F(FLAGS_DIFFER), "; the flags are the same everywhere." },
};
const size_t outcome_row_count = COUNT(outcome_rows);

const struct outcome_row *outcome_choose(enum outcome_topic topic, uint64_t facts)
{
    for (size_t i = 0; i < COUNT(outcome_rows); i++) {
        const struct outcome_row *row = &outcome_rows[i];
        if (row->topic == topic && (row->needs & ~facts) == 0 && (row->excludes & facts) == 0)
            return row;
    }
    return NULL;
}
