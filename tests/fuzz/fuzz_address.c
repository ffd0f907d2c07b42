/* fuzz_address.c: paths keep their promises, address lists end and close their groups. */
#include "base/limits.h"
#include "servers/mail/address.h"
#include "servers/mail/encoding.h"
#include "servers/mail/idna.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void path_check(slice text, enum path_kind kind)
{
    slice rest = text, address = SLICE_EMPTY, local, domain;
    if (path_read(&rest, kind, &address) != PATH_OK) {
        must(rest.at == text.at && rest.len == text.len);
        return;
    }
    must(rest.at + rest.len == text.at + text.len && (rest.len == 0 || rest.at[0] == ' '));
    must(address.len <= ADDRESS_MAX && address_same(address, address));
    for (size_t i = 0; i < address.len; i++)
        must(!is_control((unsigned char)address.at[i]));
    if (address.len == 0 || slice_is_nocase(address, "postmaster"))
        return;
    must(address_valid(address) && address_split(address, &local, &domain));
    must(local.len <= LOCAL_PART_MAX && domain.len <= DOMAIN_MAX && utf8_valid(address));
    struct buf ascii = BUF_MAX(DOMAIN_MAX);
    must(domain_ascii(&ascii, domain) && domain_valid(buf_slice(&ascii)));
    buf_free(&ascii);
}

static void list_check(slice text)
{
    struct arena arena = { 0 };
    struct address_reader reader = address_list(&arena, text);
    struct address address;
    size_t count = 0, octets = 0;
    bool group = false;
    while (address_next(&reader, &address)) {
        must(address.kind == ADDRESS_MAILBOX || group == (address.kind == ADDRESS_GROUP_END));
        group = address.kind == ADDRESS_MAILBOX ? group : address.kind == ADDRESS_GROUP;
        count += address.kind != ADDRESS_GROUP_END;
        octets += address.name.len + address.route.len + address.local.len + address.host.len;
    }
    must(!group && count <= HEADER_ADDRESSES_MAX && octets <= 2 * text.len + 2 * count);
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice text = size ? (slice){ (const char *)data, size } : SLICE_EMPTY, local, domain;
    path_check(text, PATH_SENDER);
    path_check(text, PATH_RECIPIENT);
    address_split(text, &local, &domain);
    list_check(text);
    return 0;
}
