/* test_dns.c: records and their order, what is found and what is not, and asking over the
   network: its time, its trace, and hosts that are offline. */
#include "sim/net/dns.h"
#include "base/limits.h"
#include "tests/unit/sim_check.h"

static struct clock *watch;
static struct trace *trace;
static struct net *net;
static struct dns *dns;
static struct buf said;
static struct error why;

static void add(enum dns_type type, const char *name, uint16_t preference, const char *value)
{
    struct dns_record record = { .type = type, .preference = preference };
    memcpy(record.name, name, strlen(name) + 1);
    memcpy(record.value, value, strlen(value) + 1);
    ck_assert_msg(dns_add(dns, &record, &why), "%s", why.text);
}

static void setup(void)
{
    watch = clock_new();
    trace = trace_new();
    net = net_new(watch, trace, 1);
    dns = dns_new(net, watch, trace);
    said = BUF_MAX(65536);
    net_link(net, net_host_add(net, SLICE("laptop.campus.example")))->latency_ns = 20 * NS_PER_MS;
    net_link(net, net_host_add(net, SLICE("mail.campus.example")))->latency_ns = 5 * NS_PER_MS;
    add(DNS_MX, "campus.example", 20, "backup.campus.example");
    add(DNS_MX, "Campus.Example.", 10, "MAIL.campus.example.");
    add(DNS_MX, "campus.example", 10, "later.campus.example");
    add(DNS_TXT, "campus.example", 0, "v=spf1 MX -all");
    add(DNS_A, "backup.campus.example", 0, "192.0.2.200");
    add(DNS_A, "mail.campus.example", 0, "192.0.2.1");
    struct dns_record service = { .type = DNS_SRV,
                                  .name = "_imap._tcp.campus.example",
                                  .preference = 1,
                                  .weight = 2,
                                  .port = 143,
                                  .value = "mail.campus.example" };
    ck_assert(dns_add(dns, &service, &why));
}

static void teardown(void)
{
    dns_free(dns);
    net_free(net);
    trace_free(trace);
    clock_free(watch);
    buf_free(&said);
}

static void say_answer(enum dns_status status, const struct dns_record *records, size_t count)
{
    static const char *const statuses[] = { "found", "nxdomain", "nodata", "timed out" };
    buf_add_text(&said, statuses[status]);
    for (size_t i = 0; i < count; i++) {
        buf_format(&said, " %s %s", records[i].name, dns_type_name(records[i].type));
        if (records[i].type == DNS_MX)
            buf_format(&said, " %u", (unsigned)records[i].preference);
        if (records[i].type == DNS_SRV)
            buf_format(&said, " %u %u %u", (unsigned)records[i].preference,
                       (unsigned)records[i].weight, (unsigned)records[i].port);
        buf_format(&said, " %s", records[i].value);
    }
}

static const struct {
    const char *name;
    enum dns_type type;
    const char *answer;
} looks[] = {
    { "mail.campus.example", DNS_A,
      "found mail.campus.example A 192.0.2.1 mail.campus.example A 192.0.2.2" },
    { "laptop.campus.example", DNS_A, "found laptop.campus.example A 192.0.2.1" },
    { "LAPTOP.campus.example.", DNS_A, "found laptop.campus.example A 192.0.2.1" },
    { "backup.campus.example", DNS_A, "found backup.campus.example A 192.0.2.200" },
    { "campus.example", DNS_MX,
      "found campus.example MX 10 later.campus.example campus.example MX 10 mail.campus.example"
      " campus.example MX 20 backup.campus.example" },
    { "campus.example", DNS_TXT, "found campus.example TXT v=spf1 MX -all" },
    { "_IMAP._tcp.campus.example", DNS_SRV,
      "found _imap._tcp.campus.example SRV 1 2 143 mail.campus.example" },
    { "campus.example", DNS_A, "nodata" },
    { "campus.example", DNS_SRV, "nodata" },
    { "laptop.campus.example", DNS_MX, "nodata" },
    { "backup.campus.example", DNS_TXT, "nodata" },
    { "campus.exampl", DNS_MX, "nxdomain" },
    { "campus.example2", DNS_MX, "nxdomain" },
    { "a.campus.example", DNS_A, "nxdomain" },
    { "", DNS_A, "nxdomain" },
    { ".", DNS_A, "nxdomain" },
    { "campus.example..", DNS_MX, "nxdomain" },
};

START_TEST(looking)
{
    struct dns_record records[DNS_RECORDS_MAX];
    size_t count;
    enum dns_status status =
        dns_look(dns, slice_of(looks[_i].name), looks[_i].type, records, COUNT(records), &count);
    say_answer(status, records, count);
    ck_assert_str_eq(buf_text(&said), looks[_i].answer);
    if (count == 0)
        return;
    ck_assert_int_eq(dns_look(dns, slice_of(looks[_i].name), looks[_i].type, records, 1, &count),
                     DNS_FOUND);
    ck_assert_uint_eq(count, 1);
}
END_TEST

START_TEST(names_that_are_none)
{
    char octets[300];
    struct dns_record record;
    size_t count;
    memset(octets, 'a', sizeof octets);
    ck_assert_int_eq(dns_look(dns, (slice){ octets, sizeof octets }, DNS_A, &record, 1, &count),
                     DNS_NXDOMAIN);
    ck_assert_int_eq(dns_look(dns, SLICE("campus.example\0"), DNS_MX, &record, 1, &count),
                     DNS_NXDOMAIN);
}
END_TEST

START_TEST(refused_records)
{
    static const struct dns_record refused[] = {
        { .type = DNS_A, .name = "", .value = "192.0.2.1" },
        { .type = DNS_A, .name = "a.example", .value = "" },
        { .type = DNS_A, .name = "a.example", .value = "192.0.2" },
        { .type = DNS_A, .name = "a.example", .value = "192.0.2.256" },
        { .type = DNS_A, .name = "a.example", .value = "192.0.2.1 " },
        { .type = DNS_A, .name = "a.example", .value = "mail.example" },
        { .type = DNS_MX, .name = "a.example", .value = "" },
        { .type = DNS_SRV, .name = "a.example", .value = "" },
    };
    for (size_t i = 0; i < COUNT(refused); i++) {
        why.text[0] = '\0';
        ck_assert(!dns_add(dns, &refused[i], &why));
        ck_assert_int_ne(why.text[0], '\0');
    }
}
END_TEST

START_TEST(the_same_twice_changes_nothing)
{
    struct dns_record records[DNS_RECORDS_MAX];
    size_t count;
    add(DNS_MX, "CAMPUS.example", 10, "mail.CAMPUS.example");
    dns_look(dns, SLICE("campus.example"), DNS_MX, records, COUNT(records), &count);
    ck_assert_uint_eq(count, 3);
    add(DNS_A, "laptop.campus.example", 0, "192.0.2.1"); /* what the net says already */
    dns_look(dns, SLICE("laptop.campus.example"), DNS_A, records, COUNT(records), &count);
    ck_assert_uint_eq(count, 1);
}
END_TEST

START_TEST(an_answer_holds_so_many)
{
    struct dns_record record = { .type = DNS_MX, .name = "many.example", .value = "mail.example" };
    struct dns_record records[DNS_RECORDS_MAX];
    size_t count;
    for (uint16_t i = 0; i < DNS_RECORDS_MAX; i++) {
        record.preference = (uint16_t)(i * 37 % 101);
        ck_assert(dns_add(dns, &record, &why));
    }
    dns_look(dns, SLICE("many.example"), DNS_MX, records, COUNT(records), &count);
    ck_assert_uint_eq(count, DNS_RECORDS_MAX);
    for (size_t i = 1; i < count; i++)
        ck_assert_uint_gt(records[i].preference, records[i - 1].preference);
    record.preference = 1000;
    ck_assert(!dns_add(dns, &record, &why));
}
END_TEST

/* --- asking ----------------------------------------------------------------------- */

static void answered(void *context, uint64_t argument, enum dns_status status,
                     const struct dns_record *records, size_t count)
{
    ck_assert_ptr_eq(context, &said);
    buf_format(&said, "%llu/%llu: ", (unsigned long long)(clock_ns(watch) / NS_PER_MS),
               (unsigned long long)argument);
    say_answer(status, records, count);
    buf_add_text(&said, "; ");
}

static void go_offline(void *context, uint64_t host)
{
    (void)context;
    net_set_online(net, (uint32_t)host, false);
}

static void go_online(void *context, uint64_t host)
{
    (void)context;
    net_set_online(net, (uint32_t)host, true);
}

START_TEST(asking_takes_a_round_trip)
{
    dns_ask(dns, 1, SLICE("backup.campus.example"), DNS_A, answered, &said, 7);
    dns_ask(dns, 2, SLICE("Nowhere.example"), DNS_MX, answered, &said, 8);
    dns_ask(dns, 2, SLICE("campus.example"), DNS_MX, answered, &said, 9);
    ck_assert_str_eq(buf_text(&said), "");
    ck_assert(clock_settle(watch, &why));
    ck_assert_str_eq(
        buf_text(&said),
        "10/8: nxdomain; 10/9: found campus.example MX 10 later.campus.example"
        " campus.example MX 10 mail.campus.example campus.example MX 20 backup.campus.example; "
        "40/7: found backup.campus.example A 192.0.2.200; ");
    ck_assert_uint_eq(trace_end(trace), 3);
    const struct trace_record *record = trace_at(trace, 0);
    ck_assert_uint_eq(record->kind, TRACE_LOOKUP);
    ck_assert_uint_eq(record->host, 2);
    ck_assert_uint_eq(record->ok, 0);
    ck_slice(record->name, SLICE("MX Nowhere.example"));
    ck_slice(record->text, SLICE("NXDOMAIN"));
    record = trace_at(trace, 1);
    ck_assert_uint_eq(record->t_ns, 10 * NS_PER_MS);
    ck_assert_uint_eq(record->ok, 1);
    ck_slice(record->text,
             SLICE("10 later.campus.example\n10 mail.campus.example\n20 backup.campus.example"));
    ck_slice(trace_at(trace, 2)->text, SLICE("192.0.2.200"));
}
END_TEST

START_TEST(offline_hosts_wait_in_vain)
{
    net_set_online(net, 1, false);
    clock_at(watch, 0, 1 * NS_PER_MS, TIMER, go_online, NULL, 1);
    dns_ask(dns, 1, SLICE("backup.campus.example"), DNS_A, answered, &said,
            1); /* the question is lost */
    clock_at(watch, 0, 2 * NS_PER_MS, TIMER, go_offline, NULL, 2);
    dns_ask(dns, 2, SLICE("backup.campus.example"), DNS_A, answered, &said,
            2); /* the answer is lost */
    ck_assert(clock_settle(watch, &why));
    ck_assert_str_eq(buf_text(&said), "5000/1: timed out; 5000/2: timed out; ");
    ck_slice(trace_at(trace, 0)->text, SLICE("timed out"));
    ck_assert_uint_eq(trace_at(trace, 0)->ok, 0);
    ck_assert_uint_eq(clock_ns(watch), DNS_TIMEOUT_MS * NS_PER_MS);
    buf_clear(&said);
    net_link(net, 1)->latency_ns = DNS_TIMEOUT_MS * NS_PER_MS; /* the answer comes too late */
    dns_ask(dns, 1, SLICE("backup.campus.example"), DNS_A, answered, &said, 3);
    ck_assert(clock_settle(watch, &why));
    ck_assert_str_eq(buf_text(&said), "10000/3: timed out; ");
}
END_TEST

static void ask_again(void *context, uint64_t argument, enum dns_status status,
                      const struct dns_record *records, size_t count)
{
    answered(context, argument, status, records, count);
    if (argument > 0)
        dns_ask(dns, 1, slice_of(records[0].value), DNS_A, ask_again, context, argument - 1);
}

START_TEST(an_answer_may_ask)
{
    dns_ask(dns, 1, SLICE("_imap._tcp.campus.example"), DNS_SRV, ask_again, &said, 1);
    ck_assert(clock_settle(watch, &why));
    ck_assert_str_eq(
        buf_text(&said),
        "40/1: found _imap._tcp.campus.example SRV 1 2 143 mail.campus.example; "
        "80/0: found mail.campus.example A 192.0.2.1 mail.campus.example A 192.0.2.2; ");
    dns_ask(dns, 1, SLICE("campus.example"), DNS_MX, answered, &said, 0); /* freed while it waits */
}
END_TEST

START_TEST(types_have_names)
{
    enum dns_type type;
    for (int i = DNS_A; i <= DNS_SRV; i++) {
        ck_assert(dns_type_read(slice_of(dns_type_name((enum dns_type)i)), &type));
        ck_assert_int_eq(type, i);
    }
    ck_assert(dns_type_read(SLICE("mX"), &type));
    ck_assert_int_eq(type, DNS_MX);
    ck_assert(!dns_type_read(SLICE("AAAA"), &type));
    ck_assert(!dns_type_read(SLICE(""), &type));
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("dns");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, looking, 0, COUNT(looks));
    tcase_add_test(cases, names_that_are_none);
    tcase_add_test(cases, refused_records);
    tcase_add_test(cases, the_same_twice_changes_nothing);
    tcase_add_test(cases, an_answer_holds_so_many);
    tcase_add_test(cases, asking_takes_a_round_trip);
    tcase_add_test(cases, offline_hosts_wait_in_vain);
    tcase_add_test(cases, an_answer_may_ask);
    tcase_add_test(cases, types_have_names);
    return run_cases("dns", cases);
}
