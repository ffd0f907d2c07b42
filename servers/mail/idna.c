/* idna.c: see idna.h. Punycode is RFC 3492's pseudo code, section 6.3. */
#include "servers/mail/idna.h"

#include "base/limits.h"
#include "servers/mail/address.h"
#include "servers/mail/encoding.h"

#define LABEL_MAX 63
enum { BASE = 36, TMIN = 1, TMAX = 26, SKEW = 38, DAMP = 700, INITIAL_BIAS = 72, INITIAL_N = 128 };

static uint32_t bias_adapt(uint32_t delta, uint32_t points, bool first)
{
    uint32_t k = 0;
    delta = first ? delta / DAMP : delta / 2;
    delta += delta / points;
    for (; delta > (BASE - TMIN) * TMAX / 2; k += BASE)
        delta /= BASE - TMIN;
    return k + (BASE - TMIN + 1) * delta / (delta + SKEW);
}

static char digit_of(uint32_t value) { return (char)(value < 26 ? 'a' + value : '0' + value - 26); }

static void number_write(struct buf *out, uint32_t number, uint32_t bias)
{
    for (uint32_t k = BASE;; k += BASE) {
        uint32_t t = k <= bias ? TMIN : k >= bias + TMAX ? TMAX : k - bias;
        if (number < t)
            break;
        buf_add_char(out, digit_of(t + (number - t) % (BASE - t)));
        number = (number - t) / (BASE - t);
    }
    buf_add_char(out, digit_of(number));
}

static uint32_t next_larger(const uint32_t *points, size_t count, uint32_t least)
{
    uint32_t found = UINT32_MAX;
    for (size_t i = 0; i < count; i++)
        if (points[i] >= least && points[i] < found)
            found = points[i];
    return found;
}

/* With at most LABEL_MAX code points below 0x110000 nothing here overflows. */
static void punycode_write(struct buf *out, const uint32_t *points, size_t count)
{
    uint32_t n = INITIAL_N, delta = 0, bias = INITIAL_BIAS, done = 0;
    for (size_t i = 0; i < count; i++)
        if (points[i] < INITIAL_N) {
            buf_add_char(out, to_lower((char)points[i]));
            done++;
        }
    uint32_t basic = done;
    if (basic)
        buf_add_char(out, '-');
    for (; done < count; delta++, n++) {
        uint32_t next = next_larger(points, count, n);
        delta += (next - n) * (done + 1);
        n = next;
        for (size_t i = 0; i < count; i++) {
            delta += points[i] < n;
            if (points[i] != n)
                continue;
            number_write(out, delta, bias);
            bias = bias_adapt(delta, done + 1, done == basic);
            delta = 0;
            done++;
        }
    }
}

static bool label_write(struct buf *out, slice label)
{
    uint32_t points[LABEL_MAX];
    size_t count = 0, start = out->len;
    if (!is_utf8_address(label)) {
        for (size_t i = 0; i < label.len; i++)
            buf_add_char(out, to_lower(label.at[i]));
        return label.len > 0 && label.len <= LABEL_MAX;
    }
    while (label.len && count < LABEL_MAX)
        points[count++] = utf8_next(&label);
    if (label.len)
        return false;
    buf_add_text(out, "xn--");
    punycode_write(out, points, count);
    return !out->full && out->len - start <= LABEL_MAX;
}

bool domain_ascii(struct buf *out, slice domain)
{
    bool good = domain.len > 0 && utf8_valid(domain);
    if (good && domain.at[0] == '[')
        return buf_add(out, domain);
    while (good) {
        size_t before = domain.len;
        slice label = take_until(&domain, '.');
        bool last = label.len == before;
        good = label_write(out, label);
        if (last)
            break;
        good = good && buf_add_char(out, '.');
    }
    return good && !out->full;
}

bool address_ascii(struct buf *out, slice address)
{
    slice local, domain;
    if (!is_utf8_address(address))
        return buf_add(out, address);
    if (!address_split(address, &local, &domain) || is_utf8_address(local))
        return false;
    buf_add(out, local);
    buf_add_char(out, '@');
    return domain_ascii(out, domain);
}
