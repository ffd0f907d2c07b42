/* json_write.c: see json_write.h. */
#include "views/json_write.h"

#include "views/json.h"

static void key_add(struct buf *out, const char *key)
{
    char last = out->len ? out->at[out->len - 1] : '[';
    if (last != '{' && last != '[' && last != '\n')
        buf_add_char(out, ',');
    if (!key)
        return;
    json_text(out, slice_of(key));
    buf_add_char(out, ':');
}

void json_begin(struct buf *out, const char *key, char bracket)
{
    key_add(out, key);
    buf_add_char(out, bracket);
}

void json_end(struct buf *out, char bracket) { buf_add_char(out, bracket); }

void json_put_text(struct buf *out, const char *key, slice text)
{
    key_add(out, key);
    json_text(out, text);
}

void json_put_number(struct buf *out, const char *key, int64_t number)
{
    key_add(out, key);
    buf_format(out, "%lld", (long long)number);
}

void json_put_count(struct buf *out, const char *key, uint64_t count)
{
    key_add(out, key);
    buf_add_number(out, count);
}

void json_put_truth(struct buf *out, const char *key, bool truth)
{
    key_add(out, key);
    buf_add_text(out, truth ? "true" : "false");
}

void json_put_null(struct buf *out, const char *key)
{
    key_add(out, key);
    buf_add_text(out, "null");
}

void json_put_name(struct buf *out, const char *key, const char *text)
{
    if (text)
        json_put_text(out, key, slice_of(text));
    else
        json_put_null(out, key);
}
