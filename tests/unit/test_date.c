/* test_date.c: the calendar, and the dates of RFC 5322 and RFC 3501. */
#include "base/error.h"
#include "servers/mail/date.h"
#include "tests/unit/mail_check.h"

#define EPOCH_MS 1767603600000 /* Monday 2026-01-05 09:00:00 UTC */

START_TEST(every_day)
{
    /* Day by day from year 0 to 9999, counted by hand beside it. */
    static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int year = 0, month = 1, day = 1, weekday = 6; /* 1 January of year 0 was a Saturday */
    int64_t seconds = -62167219200;
    for (; year < 10000; seconds += 86400, weekday = (weekday + 1) % 7) {
        struct civil civil = date_civil(seconds + 86399);
        if (civil.year != year || civil.month != month || civil.day != day ||
            civil.hour * 10000 + civil.minute * 100 + civil.second != 235959 ||
            date_seconds(civil) != seconds + 86399 || date_weekday(seconds) != weekday)
            ck_abort_msg("%04d-%02d-%02d, weekday %d", year, month, day, weekday);
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        if (++day > lengths[month - 1] + (month == 2 && leap)) {
            day = 1;
            if (++month > 12) {
                month = 1;
                year++;
            }
        }
    }
    ck_assert_int_eq(seconds, 253402300800);
}
END_TEST

START_TEST(clamped)
{
    ck_assert_int_eq(date_civil(INT64_MIN).year, 0);
    ck_assert_int_eq(date_civil(INT64_MAX).year, 9999);
    struct buf out = BUF_MAX(200);
    date_write_5322(&out, INT64_MAX, INT32_MAX);
    date_write_imap(&out, INT64_MIN, INT32_MIN);
    ck_slice(buf_slice(&out), SLICE("Fri, 31 Dec 9999 23:59:59 +9959 1-Jan-0000 00:00:00 -9959"));
    buf_free(&out);
}
END_TEST

START_TEST(writing)
{
    struct buf out = BUF_MAX(400);
    date_write_5322(&out, EPOCH_MS, 0);
    buf_add_char(&out, '\n');
    date_write_5322(&out, EPOCH_MS + 999, -570);
    buf_add_char(&out, '\n');
    date_write_imap(&out, EPOCH_MS, 0);
    buf_add_char(&out, '\n');
    date_write_imap(&out, EPOCH_MS, 930);
    buf_add_char(&out, '\n');
    date_write_5322(&out, -1, 0);
    buf_add_char(&out, '\n');
    date_write_short(&out, EPOCH_MS + 20 * 60000);
    ck_slice(buf_slice(&out), SLICE("Mon, 05 Jan 2026 09:00:00 +0000\n"
                                    "Sun, 04 Jan 2026 23:30:00 -0930\n"
                                    " 5-Jan-2026 09:00:00 +0000\n"
                                    " 6-Jan-2026 00:30:00 +1530\n"
                                    "Wed, 31 Dec 1969 23:59:59 +0000\n"
                                    "Mon 09:20"));
    buf_free(&out);
}
END_TEST

struct sample {
    const char *text, *utc; /* as date_write_5322 writes it, or NULL: refused */
    int zone;
};

/* RFC 5322 appendix A.1 to A.6 first. */
static const struct sample dates[] = {
    { "Fri, 21 Nov 1997 09:55:06 -0600", "Fri, 21 Nov 1997 15:55:06 +0000", -360 },
    { "Tue, 1 Jul 2003 10:52:37 +0200", "Tue, 01 Jul 2003 08:52:37 +0000", 120 },
    { "Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n               -0330 "
      "(Newfoundland Time)",
      "Fri, 14 Feb 1969 03:02:00 +0000", -210 },
    { "21 Nov 97 09:55:06 GMT", "Fri, 21 Nov 1997 09:55:06 +0000", 0 },
    { "Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", "Fri, 21 Nov 1997 15:55:06 +0000", -360 },
    { "Mon, 05 Jan 2026 09:00:00 +0000", "Mon, 05 Jan 2026 09:00:00 +0000", 0 },
    { "5 jan 2026 09:00 est", "Mon, 05 Jan 2026 14:00:00 +0000", -300 },
    { "5 Jan 2026 09:00:00 EDT", "Mon, 05 Jan 2026 13:00:00 +0000", -240 },
    { "5 Jan 2026 09:00:00 PST", "Mon, 05 Jan 2026 17:00:00 +0000", -480 },
    { "5 Jan 2026 09:00:00 Z", "Mon, 05 Jan 2026 09:00:00 +0000", 0 },
    { "5 Jan 2026 09:00:00 A", "Mon, 05 Jan 2026 09:00:00 +0000", 0 },
    { "5 Jan 2026 09:00:00 CEST", "Mon, 05 Jan 2026 09:00:00 +0000", 0 },
    { "5 Jan 2026 09:00:00", "Mon, 05 Jan 2026 09:00:00 +0000", 0 },
    { "5 Jan 2026 9:00:00 -0000", "Mon, 05 Jan 2026 09:00:00 +0000", 0 },
    { "5 Jan 49 09:00:00 UT", "Tue, 05 Jan 2049 09:00:00 +0000", 0 },
    { "5 Jan 50 09:00:00 UT", "Thu, 05 Jan 1950 09:00:00 +0000", 0 },
    { "5 Jan 126 09:00:00 UT", "Mon, 05 Jan 2026 09:00:00 +0000", 0 },
    { "Wed, 5 Jan 2026 09:00:00 +0000 (a \\) (nested) comment) tail",
      "Mon, 05 Jan 2026 09:00:00 +0000", 0 },
    { " (first) Monday, 5 January 2026 09:00:00 +0000", "Mon, 05 Jan 2026 09:00:00 +0000", 0 },
    { "31 Dec 2016 23:59:60 +0000", "Sun, 01 Jan 2017 00:00:00 +0000", 0 },
    { "29 Feb 2024 00:00:00 +0000", "Thu, 29 Feb 2024 00:00:00 +0000", 0 },
    { "29 Feb 2023 00:00:00 +0000", NULL, 0 },
    { "31 Apr 2023 00:00:00 +0000", NULL, 0 },
    { "0 Apr 2023 00:00:00 +0000", NULL, 0 },
    { "5 Jan 2026 24:00:00 +0000", NULL, 0 },
    { "5 Jan 2026 23:60:00 +0000", NULL, 0 },
    { "5 Jan 2026 23:00:61 +0000", NULL, 0 },
    { "5 Jan 2026 23:00:00 +0060", NULL, 0 },
    { "5 Jan 2026 23:00:00 +000", NULL, 0 },
    { "5 Jan 10000 23:00:00 +0000", NULL, 0 },
    { "5 Jan 2 23:00:00 +0000", NULL, 0 },
    { "5 Foo 2026 23:00:00 +0000", NULL, 0 },
    { "Foo, 5 Jan 2026 23:00:00 +0000", NULL, 0 },
    { "5 Jan 2026 23:00:", NULL, 0 },
    { "5 Jan 2026", NULL, 0 },
    { "99999999999999999999999 Jan 2026 00:00:00 +0000", NULL, 0 },
    { "(never closed 5 Jan 2026 00:00:00 +0000", NULL, 0 },
    { "", NULL, 0 },
};

START_TEST(reading_5322)
{
    for (size_t i = 0; i < COUNT(dates); i++) {
        int64_t ms = 12345;
        int zone = 54321;
        bool good = date_read_5322(slice_of(dates[i].text), &ms, &zone);
        ck_assert_msg(good == (dates[i].utc != NULL), "%s", dates[i].text);
        if (!good) {
            ck_assert_int_eq(ms, 12345);
            ck_assert_int_eq(zone, 54321);
            continue;
        }
        struct buf out = BUF_MAX(100);
        date_write_5322(&out, ms, 0);
        ck_slice(buf_slice(&out), slice_of(dates[i].utc));
        ck_assert_int_eq(zone, dates[i].zone);
        buf_free(&out);
    }
}
END_TEST

START_TEST(every_truncation)
{
    for (size_t i = 0; i < COUNT(dates); i++)
        for (size_t len = 0; len < strlen(dates[i].text); len++) {
            slice cut = cut_new(slice_of(dates[i].text), len);
            int64_t ms;
            int zone;
            (void)date_read_5322(cut, &ms, &zone);
            ck_assert(!date_read_imap(cut, &ms, &zone));
            ck_assert(!date_read_imap_day(cut, &ms));
            cut_free(cut);
        }
    slice whole = SLICE(" 5-Jan-2026 09:00:00 +0000");
    for (size_t len = 0; len < whole.len; len++) {
        slice cut = cut_new(whole, len);
        int64_t ms;
        int zone;
        ck_assert(!date_read_imap(cut, &ms, &zone));
        cut_free(cut);
    }
}
END_TEST

START_TEST(reading_imap)
{
    static const char *const bad[] = {
        "5-Jan-2026 09:00:00 +0000",
        " 15-Jan-2026 09:00:00 +0000",
        " 5-Jan-26 09:00:00 +0000",
        " 5-Jan-2026 09:00:00",
        " 5-Jan-2026 09:00:00 GMT",
        " 5-Jan-2026 9:00:00 +0000",
        " 5 Jan 2026 09:00:00 +0000",
        "31-Feb-2026 09:00:00 +0000",
        " 0-Jan-2026 09:00:00 +0000",
        " 5-Jan-2026 09:00:00 +0000 ",
        "\" 5-Jan-2026 09:00:00 +0000\"",
        " 5-Jan-2026 25:00:00 +0000",
        " 5-Jan-02026 09:00:00 +0000",
        " 5-January-2026 09:00:00 +0000",
        "",
    };
    int64_t ms;
    int zone;
    ck_assert(date_read_imap(SLICE(" 5-Jan-2026 09:00:00 +0000"), &ms, &zone));
    ck_assert_int_eq(ms, EPOCH_MS);
    ck_assert(date_read_imap(SLICE("06-JAN-2026 00:30:00 +1530"), &ms, &zone));
    ck_assert_int_eq(ms, EPOCH_MS);
    ck_assert_int_eq(zone, 930);
    ck_assert(date_read_imap(SLICE("17-Jul-1996 02:44:25 -0700"), &ms, &zone)); /* RFC 3501 */
    ck_assert_int_eq(ms, 837596665000);
    for (size_t i = 0; i < COUNT(bad); i++)
        ck_assert_msg(!date_read_imap(slice_of(bad[i]), &ms, &zone), "%s", bad[i]);
}
END_TEST

START_TEST(reading_day)
{
    static const char *const bad[] = { "", "5", "5-Jan", "5-Jan-26", "005-Jan-2026", "32-Jan-2026",
                                       "5-Jan-2026 ", " 5-Jan-2026", "5-Jnu-2026", "29-Feb-2026" };
    int64_t day;
    ck_assert(date_read_imap_day(SLICE("5-Jan-2026"), &day));
    ck_assert_int_eq(day, EPOCH_MS / 86400000);
    ck_assert(date_read_imap_day(SLICE("05-jan-2026"), &day));
    ck_assert_int_eq(day, EPOCH_MS / 86400000);
    ck_assert(date_read_imap_day(SLICE("1-Feb-1994"), &day));
    ck_assert_int_eq(day, 8797);
    for (size_t i = 0; i < COUNT(bad); i++)
        ck_assert_msg(!date_read_imap_day(slice_of(bad[i]), &day), "%s", bad[i]);
    ck_assert_int_eq(date_day(EPOCH_MS, 0), EPOCH_MS / 86400000);
    ck_assert_int_eq(date_day(EPOCH_MS, -541), EPOCH_MS / 86400000 - 1);
    ck_assert_int_eq(date_day(EPOCH_MS, 900), EPOCH_MS / 86400000 + 1);
    ck_assert_int_eq(date_day(-1, 0), -1);
}
END_TEST

START_TEST(round_trip)
{
    for (int64_t ms = -5000000000000; ms < 9000000000000; ms += 77777777000)
        for (int zone = -720; zone <= 840; zone += 195) {
            struct buf mail = BUF_MAX(100), imap = BUF_MAX(100);
            int64_t got;
            int got_zone;
            date_write_5322(&mail, ms, zone);
            date_write_imap(&imap, ms, zone);
            ck_assert(date_read_5322(buf_slice(&mail), &got, &got_zone));
            ck_assert(got == ms && got_zone == zone);
            ck_assert(date_read_imap(buf_slice(&imap), &got, &got_zone));
            ck_assert(got == ms && got_zone == zone);
            buf_free(&mail);
            buf_free(&imap);
        }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { every_day, clamped, writing, reading_5322, every_truncation,
                                          reading_imap, reading_day, round_trip };
    return run_tests("date", tests, COUNT(tests));
}
