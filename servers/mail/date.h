/* date.h: the dates of mail: RFC 5322 3.3, RFC 3501's date-time and date. Integers and
   the proleptic Gregorian calendar only; no clock, no locale, no zone files.
   Times are counted since 1970-01-01 00:00 UTC. Writers clamp to the years 0 to 9999. */
#ifndef SERVERS_MAIL_DATE_H
#define SERVERS_MAIL_DATE_H

#include "base/buf.h"
#include "base/slice.h"

struct civil {
    int year, month, day;      /* month and day from 1 */
    int hour, minute, second;
};

struct civil date_civil(int64_t seconds);
int64_t date_seconds(struct civil);             /* of the UTC time; fields must be in range */
int date_weekday(int64_t seconds);              /* 0 is Sunday */
int64_t date_day(int64_t ms, int zone_minutes); /* days since 1970 where that zone's clock stands */

/* "Mon, 05 Jan 2026 09:00:00 +0000" */
void date_write_5322(struct buf *, int64_t ms, int zone_minutes);
/* Also without weekday or seconds, with comments, years of two or three digits, and the
   zones of RFC 5322 4.3; an unknown zone is +0000. A wrong weekday does not matter.
   False: no such date, and nothing was set. */
bool date_read_5322(slice, int64_t *ms, int *zone_minutes);
/* The same for sorting and searching (RFC 5256 2.2): with a day alone that can be read, a time
   that cannot is 00:00:00, a zone that cannot is +0000. */
bool date_read_sent(slice, int64_t *ms, int *zone_minutes);

/* RFC 3501 date-time without its quotes: " 5-Jan-2026 09:00:00 +0000", 26 octets. */
void date_write_imap(struct buf *, int64_t ms, int zone_minutes);
bool date_read_imap(slice, int64_t *ms, int *zone_minutes);
/* RFC 3501 date, as in SEARCH, quotes taken off: "5-Jan-2026". Days since 1970. */
bool date_read_imap_day(slice, int64_t *day);

/* "Mon 09:20", UTC, for a screen. */
void date_write_short(struct buf *, int64_t ms);
/* "Mon 05 09:20": with the day of the month. */
void date_write_day(struct buf *, int64_t ms);
/* "5 Jan 09:20": what may be long ago. */
void date_write_moment(struct buf *, int64_t ms);

#endif
