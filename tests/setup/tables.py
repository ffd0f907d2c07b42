#!/usr/bin/env python3
"""tables.py: writes the tables of characters that the C sources hold, from what Python's own
codecs and unicodedata know. Run by hand; what it writes is committed.
    tests/setup/tables.py charsets > servers/mail/charset_table.c
    tests/setup/tables.py casemap  > servers/mail/casemap_table.c
    tests/setup/tables.py columns  > servers/mail/columns_table.c
"""
import sys
import unicodedata

BLOCK = 64  # CHARSET_BLOCK in charset_table.h


def numbers(values, width=98):
    lines, line = [], "   "
    for value in values:
        word = " %d," % value
        if len(line) + len(word) > width:
            lines.append(line)
            line = "   "
        line += word
    return "\n".join(lines + [line])


def array(kind, name, values):
    return "static const %s %s[] = {\n%s\n};\n" % (kind, name, numbers(values))


# --- character sets --------------------------------------------------------------------------

SINGLE = [("ISO8859_%d" % n, "iso8859_%d" % n) for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16)] + \
    [("WINDOWS_%d" % n, "cp%d" % n) for n in (874, 1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258)] + \
    [("KOI8_R", "koi8_r"), ("KOI8_U", "koi8_u"), ("IBM437", "cp437"), ("IBM850", "cp850"), ("IBM852", "cp852"),
     ("IBM866", "cp866"), ("MACINTOSH", "mac_roman"), ("MAC_CE", "mac_latin2"), ("MAC_CYRILLIC", "mac_cyrillic")]


# What GB 18030 of 2005 has where that of 2000, which Python knows, has private use.
GB_2005 = dict(zip(
    (b"\xa6\xd9", b"\xa6\xda", b"\xa6\xdb", b"\xa6\xdc", b"\xa6\xdd", b"\xa6\xde", b"\xa6\xdf", b"\xa6\xec", b"\xa6\xed",
     b"\xa6\xf3", b"\xa8\xbc", b"\xfe\x59", b"\xfe\x61", b"\xfe\x66", b"\xfe\x67", b"\xfe\x6d", b"\xfe\x7e", b"\xfe\x90", b"\xfe\xa0"),
    (0xFE10, 0xFE12, 0xFE11, 0xFE13, 0xFE14, 0xFE15, 0xFE16, 0xFE17, 0xFE18,
     0xFE19, 0x1E3F, 0x9FB4, 0x9FB5, 0x9FB6, 0x9FB7, 0x9FB8, 0x9FB9, 0x9FBA, 0x9FBB)))


def message(octets, codec):
    """0: the octets are no character of the set, or one for private use."""
    if codec == "gb18030" and octets in GB_2005:
        return GB_2005[octets]
    if codec == "cp949" and octets == b"\xa2\xe8":
        return 0x327E  # KS X 1001 of 2002
    try:
        text = octets.decode(codec)
    except UnicodeDecodeError:
        return 0
    if len(text) != 1 or ord(text) > 0xFFFF or 0xE000 <= ord(text) < 0xF900:
        return 0
    return ord(text)


def grid(codec, leads, trails, before=b""):
    return [message(before + bytes((lead, trail)), codec) for lead in leads for trail in trails]


def packed(cells):
    """The octets, and of each block its place among them and the character before it."""
    octets, starts, last = [], [], 0
    for at, cell in enumerate(cells):
        if at % BLOCK == 0:
            starts.append((len(octets), last))
        step = cell - last
        if cell == 0:
            octets.append(0)
            continue
        if 0 < step < 64:
            octets.append(step)
        elif -24576 <= step < 24575:
            octets += [64 + (step + 24576 >> 8), step + 24576 & 255]
        else:
            octets += [255, 255, cell >> 8, cell & 255]
        last = cell
    return octets, starts


def without(codec, octet):
    try:
        return len(bytes((octet,)).decode(codec)) == 1
    except UnicodeDecodeError:
        return False


def ranges():
    """GB18030's four octets: where the characters that follow each other begin."""
    found, last = [], None
    for n in range(39420):
        octets = bytes((0x81 + n // 12600, 0x30 + n // 1260 % 10, 0x81 + n // 10 % 126, 0x30 + n % 10))
        try:
            code = ord(octets.decode("gb18030"))
        except UnicodeDecodeError:
            continue
        if code - n != last:
            found.append((n, code))
            last = code - n
    return found


def charsets():
    kanji = [x for x in range(0x40, 0xFD) if x != 0x7F]
    hanzi = [x for x in range(0x40, 0xFF) if x != 0x7F]
    grids = [
        ("SINGLE", [message(bytes((c,)), codec) for _, codec in SINGLE for c in range(128, 256)]),
        ("JIS", grid("cp932", list(range(0x81, 0xA0)) + list(range(0xE0, 0xFD)), kanji)),
        ("JIS_0212", grid("euc_jp", range(0xA1, 0xEE), range(0xA1, 0xFF), b"\x8f")),
        ("GBK", grid("gb18030", range(0x81, 0xFF), hanzi)),
        ("BIG5", grid("cp950", range(0xA1, 0xFA), list(range(0x40, 0x7F)) + list(range(0xA1, 0xFF)))),
        ("KOREAN", grid("cp949", range(0x81, 0xFE), range(0x41, 0xFF))),
    ]
    print("/* charset_table.c: see charset_table.h. Written by tests/setup/tables.py. */")
    print('#include "servers/mail/charset_table.h"\n')
    rows = []
    for name, cells in grids:
        octets, starts = packed(cells)
        assert len(octets) < 65536
        print(array("uint8_t", name.lower() + "_octets", octets))
        print(array("struct charset_block", name.lower() + "_blocks", []).replace(
            "\n   \n", "\n" + "\n".join(blocks(starts)) + "\n"))
        rows.append("    [GRID_%s] = { %s_octets, %s_blocks, %d }," % (name, name.lower(), name.lower(), len(cells)))
    print("const struct charset_grid charset_grids[GRIDS] = {\n%s\n};\n" % "\n".join(rows))
    found = ranges()
    print("const struct charset_range gb18030_ranges[] = {\n%s\n};" % "\n".join(blocks(found)))
    print("const size_t gb18030_range_count = COUNT(gb18030_ranges);")


def blocks(pairs):
    words, line = [], "   "
    for one, two in pairs:
        word = " { %d, %d }," % (one, two)
        if len(line) + len(word) > 98:
            words.append(line)
            line = "   "
        line += word
    return words + [line]


# --- texts without case (RFC 5051) -----------------------------------------------------------

CASEMAP_BLOCK = 16


def apart(text):
    """Decompositions, canonical and for compatibility, until there are none. Hangul is arithmetic."""
    parts = unicodedata.decomposition(text).split()
    if parts and parts[0].startswith("<"):
        parts = parts[1:]
    return "".join(apart(chr(int(part, 16))) for part in parts) if parts else text


def casemap_of(code):
    """A message whose title case is several messages has no simple one: it stays."""
    title = chr(code).title()
    return apart(title if len(title) == 1 else chr(code))


def casemap():
    found = [(code, casemap_of(code).encode()) for code in range(128, 0x110000)
             if not 0xD800 <= code < 0xE000 and casemap_of(code) != chr(code)]
    octets, begins, last = [], [], 0
    for at, (code, text) in enumerate(found):
        if at % CASEMAP_BLOCK == 0:
            begins.append((code, len(octets)))
            last = code
        assert code - last < 256 * 256 and len(text) < 128
        far = code - last > 255
        octets += [len(text) | 128, code - last >> 8, code - last & 255] if far else [len(text), code - last]
        octets += text
        last = code
    print("/* casemap_table.c: see casemap_table.h. Written by tests/setup/tables.py: Unicode %s. */" %
          unicodedata.unidata_version)
    print('#include "servers/mail/casemap_table.h"\n')
    print("const uint8_t casemap_octets[] = {\n%s\n};" % numbers(octets))
    print("const size_t casemap_len = sizeof casemap_octets;\n")
    print("const struct casemap_block casemap_blocks[] = {\n%s\n};" % "\n".join(blocks(begins)))
    print("const size_t casemap_block_count = COUNT(casemap_blocks);")


# --- columns on a screen (Unicode's UAX 11, and what UAX 29 keeps together) -------------------

def columns_of(code):
    """0: stands with the message before it; else how many columns."""
    kind = unicodedata.category(chr(code))
    if kind in ("Mn", "Me") or 0x1160 <= code < 0x1200 or 0x1F3FB <= code <= 0x1F3FF or code == 0x200D:
        return 0
    if kind == "Cf" and code != 0xAD:
        return 0
    return 2 if unicodedata.east_asian_width(chr(code)) in "WF" else 1


def columns():
    runs, last = [], None
    for code in range(0x300, 0x110000):
        width = columns_of(code)
        if width != last:
            runs.append((code, width))
        last = width
    print("/* columns_table.c: see columns.h. Written by tests/setup/tables.py: Unicode %s. */" %
          unicodedata.unidata_version)
    print('#include "servers/mail/columns_table.h"\n')
    print("const struct columns_run columns_runs[] = {\n%s\n};" % "\n".join(blocks(runs)))
    print("const size_t columns_run_count = COUNT(columns_runs);")


if __name__ == "__main__":
    {"charsets": charsets, "casemap": casemap, "columns": columns}[sys.argv[1]]()
