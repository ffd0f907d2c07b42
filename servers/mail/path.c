/* path.c: SMTP's paths, by the letter of RFC 5321 4.1.2, and comparing addresses.
   Header fields' address lists are in address.c. */
#include "base/limits.h"
#include "servers/mail/address.h"
#include "servers/mail/encoding.h"
#include "servers/mail/idna.h"

/* With octets of UTF-8 (RFC 6531 3.3), whose sense is looked at when the local part is whole. */
static bool is_atext(unsigned char c)
{
    size_t at;
    return is_alnum(c) || c >= 0x80 ||
           (c != 0 && slice_find(SLICE("!#$%&'*+-/=?^_`{|}~"), (char)c, &at));
}

/* U-labels too (RFC 6531 3.3); domain_valid() is for names that the name service has. */
static bool is_name_message(unsigned char c) { return is_alnum(c) || c == '-' || c >= 0x80; }

/* Quoted-string: printable ASCII, and with a backslash '"' and '\' too. */
static bool take_quoted(slice *s)
{
    slice rest = *s;
    if (!take_char(&rest, '"'))
        return false;
    while (rest.len && rest.at[0] != '"') {
        take_char(&rest, '\\');
        if (rest.len == 0 || is_control((unsigned char)rest.at[0]))
            return false;
        rest = slice_from(rest, 1);
    }
    if (!take_char(&rest, '"'))
        return false;
    *s = rest;
    return true;
}

/* Dot-string or Quoted-string. */
static bool take_local(slice *s)
{
    slice rest = *s;
    if (take_quoted(s))
        return true;
    do {
        if (take_while(&rest, is_atext).len == 0)
            return false;
    } while (take_char(&rest, '.'));
    *s = rest;
    return true;
}

static bool take_name(slice *s)
{
    slice rest = *s;
    do {
        slice label = take_while(&rest, is_name_message);
        if (label.len == 0 || label.len > 63 || label.at[0] == '-' ||
            label.at[label.len - 1] == '-')
            return false;
    } while (take_char(&rest, '.'));
    *s = rest;
    return true;
}

static bool ipv4_valid(slice s)
{
    for (int i = 0; i < 4; i++) {
        uint64_t number;
        size_t before = s.len;
        if ((i && !take_char(&s, '.')) || !take_number(&s, 255, &number) || before - s.len > 4)
            return false;
    }
    return s.len == 0;
}

static bool is_hex(unsigned char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* RFC 4291 2.2: eight groups, one run of zeros as "::", the last two as dotted IPv4. */
static bool ipv6_valid(slice s)
{
    int groups = 0;
    bool gap = take_prefix(&s, "::"), ended = s.len == 0;
    while (!ended) {
        slice before = s, group = take_while(&s, is_hex);
        if (s.len && s.at[0] == '.') {
            if (!ipv4_valid(before))
                return false;
            groups += 2;
            break;
        }
        if (group.len == 0 || group.len > 4 || ++groups > 8)
            return false;
        ended = s.len == 0;
        if (!ended && take_prefix(&s, "::")) {
            if (gap)
                return false;
            gap = true;
            ended = s.len == 0;
        } else if (!ended && !take_char(&s, ':')) {
            return false;
        }
    }
    return gap ? groups < 8 : groups == 8;
}

/* "[192.0.2.1]" or "[IPv6:2001:db8::1]" */
static bool take_literal(slice *s)
{
    slice rest = *s;
    size_t end;
    if (!take_char(&rest, '[') || !slice_find(rest, ']', &end))
        return false;
    slice literal = slice_upto(rest, end);
    bool good = take_prefix_nocase(&literal, "IPv6:") ? ipv6_valid(literal) : ipv4_valid(literal);
    if (good)
        *s = slice_from(rest, end + 1);
    return good;
}

static bool take_domain(slice *s) { return take_literal(s) || take_name(s); }

bool domain_valid(slice domain)
{
    size_t len = domain.len;
    return !is_utf8_address(domain) && len <= DOMAIN_MAX && take_domain(&domain) &&
           domain.len == 0;
}

/* "@one,@two:" (RFC 5321 4.1.2: must be accepted, should be ignored). */
static bool take_route(slice *s)
{
    slice rest = *s;
    do {
        slice domain = slice_from(rest, 1);
        if (!take_char(&rest, '@') || !take_domain(&rest) ||
            is_utf8_address(slice_upto(domain, domain.len - rest.len)))
            return false;
    } while (take_char(&rest, ','));
    if (!take_char(&rest, ':'))
        return false;
    *s = rest;
    return true;
}

/* U+0080 to U+009F are controls too: C2 80 to C2 9F. */
static bool utf8_typed(slice s)
{
    for (size_t i = 0; i + 1 < s.len; i++)
        if ((unsigned char)s.at[i] == 0xC2 && (unsigned char)s.at[i + 1] < 0xA0)
            return false;
    return utf8_valid(s);
}

bool is_utf8_address(slice address)
{
    for (size_t i = 0; i < address.len; i++)
        if ((unsigned char)address.at[i] >= 0x80)
            return true;
    return false;
}

static bool utf8_domain_valid(slice domain)
{
    struct buf ascii = BUF_MAX(DOMAIN_MAX);
    bool good = utf8_typed(domain) && domain_ascii(&ascii, domain);
    buf_free(&ascii);
    return good;
}

/* "local@domain" at the front. */
static enum path_result take_mailbox(slice *s, bool bare_postmaster)
{
    slice rest = *s;
    if (!take_local(&rest))
        return PATH_BAD;
    slice local = slice_upto(*s, s->len - rest.len);
    if (!utf8_typed(local))
        return PATH_BAD;
    if (local.len > LOCAL_PART_MAX)
        return PATH_TOO_LONG;
    if (!take_char(&rest, '@')) {
        if (rest.len && rest.at[0] != '>')
            return PATH_BAD;
        *s = rest;
        return bare_postmaster && slice_is_nocase(local, "postmaster") ? PATH_OK : PATH_NO_DOMAIN;
    }
    slice domain = rest;
    if (!take_domain(&rest))
        return PATH_BAD;
    domain.len -= rest.len;
    if (domain.len > DOMAIN_MAX)
        return PATH_TOO_LONG;
    if (is_utf8_address(domain) && !utf8_domain_valid(domain))
        return PATH_BAD;
    *s = rest;
    return PATH_OK;
}

enum path_result path_read(slice *rest, enum path_kind kind, slice *address)
{
    slice s = *rest;
    if (s.len == 0)
        return PATH_BAD;
    if (!take_char(&s, '<')) {
        bool space = take_while(&s, is_space).len > 0;
        return s.len == 0 ? PATH_BAD : space && s.at[0] == '<' ? PATH_SPACE : PATH_NO_BRACKETS;
    }
    slice inside = slice_upto(s, 0);
    if (s.len == 0 || s.at[0] != '>' || kind != PATH_SENDER) {
        take_route(&s);
        slice start = s;
        enum path_result result = take_mailbox(&s, kind == PATH_RECIPIENT);
        bool closed = s.len && s.at[0] == '>';
        if (result != PATH_OK)
            return result == PATH_NO_DOMAIN && !closed ? PATH_BAD : result;
        inside = slice_upto(start, start.len - s.len);
    }
    if (!take_char(&s, '>') || (s.len && s.at[0] != ' '))
        return PATH_BAD;
    *address = inside;
    *rest = s;
    return PATH_OK;
}

bool address_valid(slice address)
{
    return take_mailbox(&address, false) == PATH_OK && address.len == 0;
}

bool address_split(slice address, slice *local, slice *domain)
{
    slice rest = address;
    size_t at = address.len;
    if (take_quoted(&rest) && rest.len && rest.at[0] == '@')
        at = address.len - rest.len;
    else
        for (size_t i = 0; i < address.len; i++)
            if (address.at[i] == '@')
                at = i;
    *local = slice_upto(address, at);
    *domain = slice_from(address, at + 1);
    return local->len > 0 && domain->len > 0;
}

/* Takes off the quotes of a whole quoted local part. */
static bool unquote(slice *local)
{
    slice rest = *local;
    if (!take_quoted(&rest) || rest.len)
        return false;
    *local = slice_upto(slice_from(*local, 1), local->len - 2);
    return true;
}

static bool local_same(slice a, slice b)
{
    bool a_quoted = unquote(&a), b_quoted = unquote(&b);
    while (a.len && b.len) {
        if (a_quoted)
            take_char(&a, '\\');
        if (b_quoted)
            take_char(&b, '\\');
        if (to_lower(a.at[0]) != to_lower(b.at[0]))
            return false;
        a = slice_from(a, 1);
        b = slice_from(b, 1);
    }
    return a.len == 0 && b.len == 0;
}

bool address_same(slice a, slice b)
{
    slice a_local, a_domain, b_local, b_domain;
    address_split(a, &a_local, &a_domain);
    address_split(b, &b_local, &b_domain);
    return local_same(a_local, b_local) && slice_equal_nocase(a_domain, b_domain);
}

slice address_take(slice *rest)
{
    take_while(rest, is_space);
    bool quoted = false;
    size_t len = 0;
    for (; len < rest->len && (quoted || !is_space((unsigned char)rest->at[len])); len++) {
        if (rest->at[len] == '"')
            quoted = !quoted;
        else if (quoted && rest->at[len] == '\\' && len + 1 < rest->len)
            len++;
    }
    slice taken = slice_upto(*rest, len);
    *rest = slice_from(*rest, len);
    return taken;
}
