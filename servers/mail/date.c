/* date.c: see date.h. The calendar is counted in years that begin in March, so that the
   leap day is a year's last. */
#include "servers/mail/date.h"
#include "servers/mail/header.h"
#include "base/error.h"

#define DAY_S 86400
#define YEAR_0_S (-62167219200)     /* 0000-01-01 00:00:00 */
#define YEAR_9999_S 253402300799    /* 9999-12-31 23:59:59 */
#define ZONE_MINUTES_MAX 5999       /* "+9959" */

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static const char *const weekdays[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };

static int64_t floor_divide(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

struct civil date_civil(int64_t seconds)
{
    seconds = clamp(seconds, YEAR_0_S, YEAR_9999_S);
    int64_t days = floor_divide(seconds, DAY_S) + 719468; /* since 1 March of year 0 */
    int second = (int)(seconds - floor_divide(seconds, DAY_S) * DAY_S);
    int64_t era = floor_divide(days, 146097); /* 400 years */
    int of_era = (int)(days - era * 146097);
    int year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int of_year = of_era - (365 * year + year / 4 - year / 100);
    int month = (5 * of_year + 2) / 153; /* from March */
    struct civil civil = {
        .year = year + (int)era * 400 + (month >= 10),
        .month = month < 10 ? month + 3 : month - 9,
        .day = of_year - (153 * month + 2) / 5 + 1,
        .hour = second / 3600, .minute = second / 60 % 60, .second = second % 60,
    };
    return civil;
}

static int64_t days_of(int year, int month, int day)
{
    year -= month < 3;
    int64_t era = floor_divide(year, 400);
    int of_era = year - (int)era * 400;
    int of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int64_t date_seconds(struct civil civil)
{
    return days_of(civil.year, civil.month, civil.day) * DAY_S + civil.hour * 3600 +
           civil.minute * 60 + civil.second;
}

int date_weekday(int64_t seconds)
{
    int64_t days = floor_divide(seconds, DAY_S) + 4; /* 1970 began on a Thursday */
    return (int)(days - floor_divide(days, 7) * 7);
}

/* Where the zone's clock stands, in seconds. */
static int64_t local_seconds(int64_t ms, int *zone_minutes)
{
    *zone_minutes = (int)clamp(*zone_minutes, -ZONE_MINUTES_MAX, ZONE_MINUTES_MAX);
    return clamp(floor_divide(ms, 1000) + *zone_minutes * 60, YEAR_0_S, YEAR_9999_S);
}

int64_t date_day(int64_t ms, int zone_minutes)
{
    return floor_divide(local_seconds(ms, &zone_minutes), DAY_S);
}

static void write_zone(struct buf *out, int zone_minutes)
{
    int size = zone_minutes < 0 ? -zone_minutes : zone_minutes;
    buf_format(out, "%c%02d%02d", zone_minutes < 0 ? '-' : '+', size / 60, size % 60);
}

void date_write_5322(struct buf *out, int64_t ms, int zone_minutes)
{
    int64_t local = local_seconds(ms, &zone_minutes);
    struct civil civil = date_civil(local);
    buf_format(out, "%s, %02d %s %04d %02d:%02d:%02d ", weekdays[date_weekday(local)], civil.day,
               months[civil.month - 1], civil.year, civil.hour, civil.minute, civil.second);
    write_zone(out, zone_minutes);
}

void date_write_imap(struct buf *out, int64_t ms, int zone_minutes)
{
    struct civil civil = date_civil(local_seconds(ms, &zone_minutes));
    buf_format(out, "%2d-%s-%04d %02d:%02d:%02d ", civil.day, months[civil.month - 1], civil.year,
               civil.hour, civil.minute, civil.second);
    write_zone(out, zone_minutes);
}

void date_write_short(struct buf *out, int64_t ms)
{
    int zone_minutes = 0;
    int64_t seconds = local_seconds(ms, &zone_minutes);
    struct civil civil = date_civil(seconds);
    buf_format(out, "%s %02d:%02d", weekdays[date_weekday(seconds)], civil.hour, civil.minute);
}

void date_write_day(struct buf *out, int64_t ms)
{
    int zone_minutes = 0;
    int64_t seconds = local_seconds(ms, &zone_minutes);
    struct civil civil = date_civil(seconds);
    buf_format(out, "%s %02d %02d:%02d", weekdays[date_weekday(seconds)], civil.day, civil.hour,
               civil.minute);
}

void date_write_moment(struct buf *out, int64_t ms)
{
    int zone_minutes = 0;
    struct civil civil = date_civil(local_seconds(ms, &zone_minutes));
    buf_format(out, "%d %s %02d:%02d", civil.day, months[civil.month - 1], civil.hour,
               civil.minute);
}

/* --- reading -------------------------------------------------------------------------- */

static int month_days(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

/* A leap second is the next minute's first. */
static bool civil_valid(const struct civil *civil)
{
    return civil->year >= 0 && civil->year <= 9999 && civil->month >= 1 && civil->month <= 12 &&
           civil->day >= 1 && civil->day <= month_days(civil->year, civil->month) &&
           civil->hour <= 23 && civil->minute <= 59 && civil->second <= 60;
}

/* The index of a name that the word begins with. */
static int name_index(slice word, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_starts_nocase(word, names[i]))
            return (int)i;
    return -1;
}

/* Between `least` and `most` digits. */
static bool take_digits(slice *s, size_t least, size_t most, int *value, size_t *count)
{
    slice rest = *s;
    slice digits = take_while(&rest, is_digit);
    uint64_t number;
    if (digits.len < least || digits.len > most)
        return false;
    *count = digits.len;
    if (!take_number(&digits, 99999, &number))
        return false;
    *value = (int)number;
    *s = rest;
    return true;
}

static bool take_two(slice *s, int *value)
{
    size_t count;
    return take_digits(s, 2, 2, value, &count);
}

/* "+0130" */
static bool take_zone(slice *s, int *zone_minutes)
{
    int value;
    size_t count;
    bool west = s->len && s->at[0] == '-';
    if ((!take_char(s, '+') && !take_char(s, '-')) || !take_digits(s, 4, 4, &value, &count))
        return false;
    if (value % 100 > 59)
        return false;
    *zone_minutes = (value / 100 * 60 + value % 100) * (west ? -1 : 1);
    return true;
}

/* Zones of RFC 5322 4.3; what is none of them says nothing about the place: +0000. */
static int zone_named(slice name)
{
    static const struct { const char *name; int hours; } zones[] = {
        { "EDT", -4 }, { "EST", -5 }, { "CDT", -5 }, { "CST", -6 },
        { "MDT", -6 }, { "MST", -7 }, { "PDT", -7 }, { "PST", -8 },
    };
    for (size_t i = 0; i < COUNT(zones); i++)
        if (slice_is_nocase(name, zones[i].name))
            return zones[i].hours * 60;
    return 0;
}

static bool take_date(slice *s, struct civil *civil)
{
    size_t digits;
    slice word = take_while(s, is_alpha);
    if (word.len) {
        if (name_index(word, weekdays, COUNT(weekdays)) < 0)
            return false;
        take_sign(s, ',');
    }
    skip_cfws(s);
    if (!take_digits(s, 1, 2, &civil->day, &digits))
        return false;
    skip_cfws(s);
    civil->month = name_index(take_while(s, is_alpha), months, COUNT(months)) + 1;
    skip_cfws(s);
    if (!take_digits(s, 2, 5, &civil->year, &digits))
        return false;
    if (digits == 2)
        civil->year += civil->year < 50 ? 2000 : 1900;
    else if (digits == 3)
        civil->year += 1900;
    return true;
}

static bool take_time(slice *s, struct civil *civil)
{
    skip_cfws(s);
    size_t digits;
    if (!take_digits(s, 1, 2, &civil->hour, &digits) || !take_sign(s, ':') ||
        !take_two(s, &civil->minute))
        return false;
    civil->second = 0;
    return !take_sign(s, ':') || take_two(s, &civil->second);
}

static int64_t to_ms(const struct civil *civil, int zone_minutes)
{
    return (date_seconds(*civil) - zone_minutes * 60) * 1000;
}

/* Behind the time; what cannot be read is +0000. */
static int zone_read(slice text)
{
    int zone = 0;
    skip_cfws(&text);
    slice name = take_while(&text, is_alpha);
    if (name.len)
        return zone_named(name);
    return take_zone(&text, &zone) ? zone : 0;
}

bool date_read_sent(slice text, int64_t *ms, int *zone_minutes)
{
    struct civil civil = { 0 };
    skip_cfws(&text);
    if (!take_date(&text, &civil) || !civil_valid(&civil))
        return false;
    struct civil day = civil;
    bool timed = take_time(&text, &civil) && civil_valid(&civil);
    if (!timed)
        civil = day;
    if (civil.second == 60) /* a leap second is of the day that it ends */
        civil.second = 59;
    *zone_minutes = timed ? zone_read(text) : 0;
    *ms = to_ms(&civil, *zone_minutes);
    return true;
}

bool date_read_5322(slice text, int64_t *ms, int *zone_minutes)
{
    struct civil civil = { 0 };
    int zone = 0;
    skip_cfws(&text);
    if (!take_date(&text, &civil) || !take_time(&text, &civil) || !civil_valid(&civil))
        return false;
    skip_cfws(&text);
    slice name = take_while(&text, is_alpha);
    if (name.len)
        zone = zone_named(name);
    else if (text.len && !take_zone(&text, &zone))
        return false;
    *ms = to_ms(&civil, zone);
    *zone_minutes = zone;
    return true;
}

/* "-Jan-2026" */
static bool take_month_year(slice *s, struct civil *civil)
{
    size_t digits;
    if (!take_char(s, '-'))
        return false;
    civil->month = name_index(slice_upto(*s, 3), months, COUNT(months)) + 1;
    *s = slice_from(*s, 3);
    return take_char(s, '-') && take_digits(s, 4, 4, &civil->year, &digits);
}

bool date_read_imap(slice text, int64_t *ms, int *zone_minutes)
{
    struct civil civil = { 0 };
    int zone = 0;
    size_t digits;
    size_t width = take_char(&text, ' ') ? 1 : 2; /* the day fills two columns */
    bool good = take_digits(&text, width, width, &civil.day, &digits) &&
                take_month_year(&text, &civil) && take_char(&text, ' ') &&
                take_two(&text, &civil.hour) && take_char(&text, ':') &&
                take_two(&text, &civil.minute) && take_char(&text, ':') &&
                take_two(&text, &civil.second) && take_char(&text, ' ') &&
                take_zone(&text, &zone) && text.len == 0;
    if (!good || !civil_valid(&civil))
        return false;
    *ms = to_ms(&civil, zone);
    *zone_minutes = zone;
    return true;
}

bool date_read_imap_day(slice text, int64_t *day)
{
    struct civil civil = { 0 };
    size_t digits;
    if (!take_digits(&text, 1, 2, &civil.day, &digits) || !take_month_year(&text, &civil) ||
        text.len || !civil_valid(&civil))
        return false;
    *day = days_of(civil.year, civil.month, civil.day);
    return true;
}
