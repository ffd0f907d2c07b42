/* charset.c: see charset.h. Sets of one octet a character, and the names of all. */
#include "servers/mail/charset.h"

#include <string.h>

#include "servers/mail/charset_private.h"
#include "servers/mail/encoding.h"

#define HIGH_BITS 0x8080808080808080u

/* --- tables -------------------------------------------------------------------------------- */

/* The cell's character; *last is that of the cells before. */
static uint32_t cell_next(const uint8_t **at, uint32_t *last)
{
    uint32_t step = *(*at)++;
    if (step == 0)
        return 0;
    if (step < 64)
        return *last += step;
    step = (step - 64) << 8 | *(*at)++;
    if (step == ((255u - 64) << 8 | 255)) {
        *last = (uint32_t)(*at)[0] << 8 | (*at)[1];
        *at += 2;
    } else {
        *last = *last + step - 24576;
    }
    return *last;
}

uint32_t charset_cell(enum charset_grid_name name, size_t cell)
{
    const struct charset_grid *grid = &charset_grids[name];
    if (cell >= grid->cells)
        return 0;
    const struct charset_block *block = &grid->blocks[cell / CHARSET_BLOCK];
    const uint8_t *at = grid->octets + block->at;
    uint32_t last = block->last;
    for (size_t i = cell % CHARSET_BLOCK; i > 0; i--)
        cell_next(&at, &last);
    return cell_next(&at, &last);
}

void charset_page(enum charset_page page, uint16_t characters[128])
{
    const struct charset_grid *grid = &charset_grids[GRID_SINGLE];
    size_t cell = (size_t)page * 128;
    must(cell + 128 <= grid->cells);
    const struct charset_block *block = &grid->blocks[cell / CHARSET_BLOCK];
    const uint8_t *at = grid->octets + block->at;
    uint32_t last = block->last;
    for (size_t i = 0; i < 128; i++)
        characters[i] = (uint16_t)cell_next(&at, &last);
}

uint32_t took_pair(struct charset_reader *reader, enum charset_grid_name grid, bool fits,
                   size_t cell)
{
    uint32_t character = fits ? charset_cell(grid, cell) : 0;
    bool both = character || (fits && octet_at(reader->rest, 1) >= 0x80);
    return took(reader, both ? 2 : 1, character ? character : NO_CHARACTER);
}

/* --- names --------------------------------------------------------------------------------- */

static uint32_t next_utf8(struct charset_reader *reader) { return utf8_next(&reader->rest); }

static uint32_t next_latin_1(struct charset_reader *reader)
{
    return took(reader, 1, octet_at(reader->rest, 0));
}

static uint32_t next_ascii(struct charset_reader *reader)
{
    unsigned octet = octet_at(reader->rest, 0);
    return took(reader, 1, octet < 128 ? octet : NO_CHARACTER);
}

static uint32_t next_single(struct charset_reader *reader);

/* `plain`: an octet under 128 that begins a character is ASCII, whatever came before. */
struct charset {
    const char *names;      /* the usual one first; letters and digits only */
    charset_next *next;
    bool plain;
    enum charset_page page;
};

static const struct charset charsets[] = {
    { "utf8 unicode11utf8 utf8mb4", next_utf8, true, 0 },
    { "usascii ascii ansix341968 ansix341986 iso646us iso646irv1991 us cp367 ibm367 646", next_ascii, true, 0 },
    { "iso88591 iso885911987 latin1 l1 cp819 ibm819", next_latin_1, true, 0 },
    { "iso88592 iso885921987 latin2 l2", next_single, true, PAGE_ISO8859_2 },
    { "iso88593 iso885931988 latin3 l3", next_single, true, PAGE_ISO8859_3 },
    { "iso88594 iso885941988 latin4 l4", next_single, true, PAGE_ISO8859_4 },
    { "iso88595 iso885951988 cyrillic", next_single, true, PAGE_ISO8859_5 },
    { "iso88596 iso885961987 arabic asmo708 ecma114 iso88596e iso88596i", next_single, true, PAGE_ISO8859_6 },
    { "iso88597 iso885971987 iso885972003 greek greek8 ecma118 elot928 suneugreek", next_single, true, PAGE_ISO8859_7 },
    { "iso88598 iso885981988 hebrew iso88598e iso88598i visual logical", next_single, true, PAGE_ISO8859_8 },
    { "iso88599 iso885991989 latin5 l5", next_single, true, PAGE_ISO8859_9 },
    { "iso885910 iso8859101992 latin6 l6", next_single, true, PAGE_ISO8859_10 },
    { "iso885913 latin7 l7", next_single, true, PAGE_ISO8859_13 },
    { "iso885914 latin8 l8", next_single, true, PAGE_ISO8859_14 },
    { "iso885915 latin9 l9", next_single, true, PAGE_ISO8859_15 },
    { "iso885916 latin10 l10", next_single, true, PAGE_ISO8859_16 },
    { "windows874 tis620 tis6202533 iso885911 cp874 dos874", next_single, true, PAGE_WINDOWS_874 },
    { "windows1250 cp1250 xcp1250", next_single, true, PAGE_WINDOWS_1250 },
    { "windows1251 cp1251 xcp1251", next_single, true, PAGE_WINDOWS_1251 },
    { "windows1252 cp1252 xcp1252 ansi", next_single, true, PAGE_WINDOWS_1252 },
    { "windows1253 cp1253 xcp1253", next_single, true, PAGE_WINDOWS_1253 },
    { "windows1254 cp1254 xcp1254", next_single, true, PAGE_WINDOWS_1254 },
    { "windows1255 cp1255 xcp1255", next_single, true, PAGE_WINDOWS_1255 },
    { "windows1256 cp1256 xcp1256", next_single, true, PAGE_WINDOWS_1256 },
    { "windows1257 cp1257 xcp1257", next_single, true, PAGE_WINDOWS_1257 },
    { "windows1258 cp1258 xcp1258", next_single, true, PAGE_WINDOWS_1258 },
    { "koi8r koi8 koi", next_single, true, PAGE_KOI8_R },
    { "koi8u koi8ru", next_single, true, PAGE_KOI8_U },
    { "ibm437 cp437 437", next_single, true, PAGE_IBM437 },
    { "ibm850 cp850 850", next_single, true, PAGE_IBM850 },
    { "ibm852 cp852 852", next_single, true, PAGE_IBM852 },
    { "ibm866 cp866 866", next_single, true, PAGE_IBM866 },
    { "macintosh mac macroman xmacroman", next_single, true, PAGE_MACINTOSH },
    { "macce xmacce maclatin2 maccentraleurope", next_single, true, PAGE_MAC_CE },
    { "maccyrillic xmaccyrillic xmacukrainian", next_single, true, PAGE_MAC_CYRILLIC },
    { "gb18030 gbk gb2312 gb231280 euccn gb xgbk cp936 windows936 ms936 chinese isoir58", next_gbk, true, 0 },
    { "big5 big5hkscs big5tw bigfive cnbig5 xxbig5 cp950", next_big5, true, 0 },
    { "euckr ksc56011987 ksc56011989 ksc5601 ksx1001 korean isoir149 uhc cp949 windows949 xwindows949 ms949", next_korean, true, 0 },
    { "shiftjis sjis xsjis mskanji windows31j cp932 cp943c ms932 xmscp932", next_shift_jis, true, 0 },
    { "eucjp xeucjp eucjpms ujis extendedunixcodepackedformatforjapanese cp51932", next_euc_jp, true, 0 },
    { "iso2022jp iso2022jp1 iso2022jp2 iso2022jp3 iso2022jpms cp50220 cp50221 jis", next_2022_jp, false, 0 },
    { "iso2022kr", next_2022_kr, false, 0 },
    { "hzgb2312 hz", next_hz, false, 0 },
    { "utf16 utf16be ucs2 iso10646ucs2 ucs2be unicode csunicode", next_utf16, false, 0 },
    { "utf16le ucs2le", next_utf16le, false, 0 },
    { "utf7 unicode11utf7 unicode20utf7", next_utf7, false, 0 },
};

/* Is it this name, of letters and digits only? */
static bool name_same(slice given, slice name)
{
    for (; given.len; given = slice_from(given, 1)) {
        char c = to_lower(given.at[0]);
        if (!is_alnum((unsigned char)c))
            continue;
        if (!take_char(&name, c))
            return false;
    }
    return name.len == 0;
}

static const struct charset *charset_find(slice name)
{
    slice same = name;
    if (take_prefix_nocase(&same, "cs") && charset_find(same)) /* as in IANA's cs… aliases */
        return charset_find(same);
    for (size_t i = 0; i < COUNT(charsets); i++)
        for (slice names = slice_of(charsets[i].names); names.len;) {
            slice one = take_until(&names, ' ');
            if (name_same(name, one))
                return &charsets[i];
        }
    return NULL;
}

/* --- reading ------------------------------------------------------------------------------- */

static uint32_t next_single(struct charset_reader *reader)
{
    unsigned octet = octet_at(reader->rest, 0);
    if (octet < 128)
        return took(reader, 1, octet);
    if (!reader->has_page)
        charset_page(reader->set->page, reader->page);
    reader->has_page = true;
    uint32_t character = reader->page[octet - 128];
    return took(reader, 1, character ? character : NO_CHARACTER);
}

/* How much at the front is ASCII. */
static size_t ascii_len(slice text)
{
    size_t len = 0;
    for (uint64_t eight; text.len - len >= sizeof eight; len += sizeof eight) {
        memcpy(&eight, text.at + len, sizeof eight);
        if (eight & HIGH_BITS)
            break;
    }
    while (len < text.len && (unsigned char)text.at[len] < 0x80)
        len++;
    return len;
}

bool charset_known(slice charset) { return charset_find(charset) != NULL; }

static void reader_begin(struct charset_reader *reader, const struct charset *set, slice text)
{
    reader->rest = text;
    reader->set = set;
    reader->has_page = false;
    reader->shift = reader->bits = reader->count = reader->high = 0;
}

bool charset_open(struct charset_reader *reader, slice charset, slice text)
{
    const struct charset *found = charset_find(charset);
    if (found)
        reader_begin(reader, found, text);
    return found != NULL;
}

bool charset_open_body(struct charset_reader *reader, const slice *charset, slice text)
{
    const struct charset *utf8 = &charsets[0];
    const struct charset *found = charset && charset->len ? charset_find(*charset) : utf8;
    bool plain = !found || found->next == next_ascii;
    reader_begin(reader, plain ? utf8 : found, text);
    return found != NULL;
}

void charset_read(struct charset_reader *reader, struct buf *out, size_t octets)
{
    must(reader->rest.len > 0);
    size_t left = reader->rest.len > octets ? reader->rest.len - octets : 0;
    do {
        if (reader->set->plain) {
            size_t same = ascii_len(slice_upto(reader->rest, reader->rest.len - left));
            buf_add(out, slice_upto(reader->rest, same));
            reader->rest = slice_from(reader->rest, same);
            if (reader->rest.len == 0)
                return;
        }
        uint32_t character = reader->set->next(reader);
        if (character != CHARACTER_NONE)
            utf8_add(out, character);
    } while (reader->rest.len > left);
}

bool charset_to_utf8(struct buf *out, slice charset, slice text)
{
    struct charset_reader reader;
    if (!charset_open(&reader, charset, text))
        return false;
    while (reader.rest.len)
        charset_read(&reader, out, reader.rest.len);
    return true;
}
