/* bench_devices.c: people with three devices each, whose mail programs synchronise by themselves:
   POP3 every 12 hours, IMAP every 6, IMAP with headers only every 8; each gets one message a day.
     bench_devices [DEVICES DAYS]
   Prints device-days per second and what a device takes in memory, for 10 to 10,000 devices; and
   1,000 people for 30 days. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "sim/language/build.h"
#include "sim/language/commands.h"

#define DEVICES_EACH 3
#define SCRIPT_MAX (64u << 20)

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static long peak_kib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static void world_write(struct buf *script, unsigned people)
{
    buf_add_text(script,
                 "host mail.campus.example serves smtp submission pop3 imap for campus.example\n"
                 "mx campus.example 10 mail.campus.example\n"
                 "srv _pop3._tcp.campus.example 10 1 110 mail.campus.example\n"
                 "srv _imap._tcp.campus.example 0 1 143 mail.campus.example\n");
    for (unsigned i = 0; i < people; i++)
        buf_format(script, "user u%u@campus.example password tulip\n"
                   "device a%u of u%u@campus.example pop3 keep 7d every 12h\n"
                   "device b%u of u%u@campus.example imap every 6h\n"
                   "device c%u of u%u@campus.example imap headers every 8h\n", i, i, i, i, i, i, i);
}

static void say(struct world *world, const char *line)
{
    struct error why = { "" };
    size_t at;
    if (script_line(world, slice_of(line), &at, &why) != LINE_RUN) {
        fprintf(stderr, "%s: %s\n", line, why.text);
        exit(1);
    }
    trace_forget_before(world->trace, trace_end(world->trace));
}

static void day_pass(struct world *world, unsigned people, unsigned day)
{
    char line[300];
    for (unsigned i = 0; i < people; i++) {
        snprintf(line, sizeof line,
                 "message u%u@campus.example INBOX from u%u@campus.example subject "
                 "\"Day %u\" text \"It is day %u, and the soup was good.\\n\"",
                 i, (i + 1) % people, day, day);
        say(world, line);
    }
    for (unsigned hour = 0; hour < 24; hour++)
        say(world, "wait 1h");
}

static void run(unsigned devices, unsigned days)
{
    struct buf script = BUF_MAX(SCRIPT_MAX);
    struct error why = { "" };
    unsigned people = (devices + DEVICES_EACH - 1) / DEVICES_EACH;
    double begun = seconds();
    world_write(&script, people);
    struct world *world = world_new(NULL, NULL, sim_tables, buf_slice(&script), SLICE("bench"),
                                    &why);
    if (!world) {
        fprintf(stderr, "%s\n", why.text);
        exit(1);
    }
    trace_leave_out_octets(world->trace);
    double built = seconds();
    for (unsigned day = 0; day < days; day++)
        day_pass(world, people, day);
    double ended = seconds();
    unsigned made = people * DEVICES_EACH;
    printf("%6u devices, %2u days: built in %6.2f s, %8.0f device-days per s (%.1f us each), peak "
           "%ld MiB\n",
           made, days, built - begun, made * days / (ended - built),
           (ended - built) * 1e6 / (made * days), peak_kib() / 1024);
    fflush(stdout);
    world_free(world);
    buf_free(&script);
}

int main(int count, char **words)
{
    if (count == 3) {
        run((unsigned)strtoul(words[1], NULL, 10), (unsigned)strtoul(words[2], NULL, 10));
        return 0;
    }
    run(10, 30);
    run(100, 30);
    run(1000, 10);
    run(3000, 30);
    run(10000, 4);
    return 0;
}
