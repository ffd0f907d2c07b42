/* format.c: see format.h. */
#include "base/format.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"

#define DIGITS_MAX 20            /* of 2^64 in tens */

struct out {
    char *at;
    size_t room, len;            /* len counts on when the room is full */
};

/* One "%-*.8lld", read. */
struct directive {
    bool left, zeros;
    size_t width;
    long precision;              /* -1: none */
    unsigned longs;              /* 0 int, 1 long or size_t, 2 long long */
};

static void octets_add(struct out *out, const char *from, size_t count)
{
    size_t left = out->len < out->room ? out->room - out->len : 0;
    size_t fits = count < left ? count : left;
    if (fits)
        memcpy(out->at + out->len, from, fits);
    out->len += count;
}

static void fill_add(struct out *out, char fill, size_t count)
{
    for (size_t i = 0; i < count; i++)
        octets_add(out, &fill, 1);
}

static void field_add(struct out *out, const struct directive *is, const char *sign,
                      const char *text, size_t len)
{
    size_t signs = strlen(sign), fill = is->width > signs + len ? is->width - signs - len : 0;
    if (!is->left && !is->zeros)
        fill_add(out, ' ', fill);
    octets_add(out, sign, signs);
    if (!is->left && is->zeros)
        fill_add(out, '0', fill);
    octets_add(out, text, len);
    if (is->left)
        fill_add(out, ' ', fill);
}

static void number_add(struct out *out, const struct directive *is, uint64_t value,
                       const char *sign, char kind)
{
    const char *digits = kind == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    unsigned base = kind == 'x' || kind == 'X' ? 16 : 10;
    char text[DIGITS_MAX];
    char *first = text + sizeof text;
    must(is->precision < 0);
    do
        *--first = digits[value % base];
    while (value /= base);
    field_add(out, is, sign, first, (size_t)(text + sizeof text - first));
}

static void text_add(struct out *out, const struct directive *is, const char *text)
{
    size_t len;
    if (is->precision < 0) {
        len = strlen(text);
    } else { /* it need not end within the precision */
        const char *end = is->precision ? memchr(text, '\0', (size_t)is->precision) : text;
        len = end ? (size_t)(end - text) : (size_t)is->precision;
    }
    field_add(out, is, "", text, len);
}

static const char *digits_read(const char *format, long *value)
{
    for (*value = 0; *format >= '0' && *format <= '9'; format++)
        *value = *value * 10 + (*format - '0');
    return format;
}

/* A va_list that is handed on must be in a structure: where it is an array, its address decays. */
struct list {
    va_list args;
};

static const char *star_or_digits(const char *format, struct list *list, long *value)
{
    if (*format != '*')
        return digits_read(format, value);
    *value = va_arg(list->args, int);
    return format + 1;
}

static const char *directive_read(const char *format, struct list *list, struct directive *is)
{
    long width;
    *is = (struct directive){ .precision = -1 };
    for (; *format == '-' || *format == '0'; format++)
        *(*format == '-' ? &is->left : &is->zeros) = true;
    format = star_or_digits(format, list, &width);
    is->left = is->left || width < 0;
    is->width = width < 0 ? 0 - (size_t)width : (size_t)width;
    if (*format == '.')
        format = star_or_digits(format + 1, list, &is->precision);
    for (; *format == 'l'; format++)
        is->longs++;
    if (*format == 'z') {
        is->longs = 1; /* as long as a long, here and there */
        format++;
    }
    return format;
}

static int64_t signed_take(struct list *list, const struct directive *is)
{
    return is->longs >= 2 ? va_arg(list->args, long long)
           : is->longs    ? va_arg(list->args, long)
                          : va_arg(list->args, int);
}

static uint64_t unsigned_take(struct list *list, const struct directive *is)
{
    return is->longs >= 2 ? va_arg(list->args, unsigned long long)
           : is->longs    ? va_arg(list->args, unsigned long)
                          : va_arg(list->args, unsigned);
}

static void directive_add(struct out *out, struct directive *is, char kind, struct list *list)
{
    if (kind == 'd' || kind == 'i') {
        int64_t value = signed_take(list, is);
        uint64_t positive = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
        number_add(out, is, positive, value < 0 ? "-" : "", kind);
    } else if (kind == 'u' || kind == 'x' || kind == 'X') {
        number_add(out, is, unsigned_take(list, is), "", kind);
    } else {
        must(kind == 's' || kind == 'c');
        char one = '\0';
        is->zeros = false;
        if (kind == 'c')
            one = (char)va_arg(list->args, int);
        if (kind == 'c')
            field_add(out, is, "", &one, 1);
        else
            text_add(out, is, va_arg(list->args, const char *));
    }
}

size_t format_list(char *at, size_t size, const char *format, va_list args)
{
    struct out out = { at, size ? size - 1 : 0, 0 };
    struct directive is;
    struct list list;
    va_copy(list.args, args);
    while (*format) {
        const char *plain = format;
        while (*format && *format != '%')
            format++;
        octets_add(&out, plain, (size_t)(format - plain));
        if (*format == '\0')
            break;
        format = directive_read(format + 1, &list, &is);
        if (*format == '%')
            octets_add(&out, "%", 1);
        else
            directive_add(&out, &is, *format, &list);
        format++;
    }
    va_end(list.args);
    if (size)
        at[out.len < out.room ? out.len : out.room] = '\0';
    return out.len;
}
