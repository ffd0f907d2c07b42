/* client_play.h: plays a conversation with a client's end of a protocol: lines "S: …" are
   given to it, lines "C: …" must be what it says next. Whole, and octet by octet. */
#ifndef TESTS_UNIT_CLIENT_PLAY_H
#define TESTS_UNIT_CLIENT_PLAY_H

#include "tests/unit/sim_check.h"

struct played {
    void *client;
    void (*input)(void *client, slice octets);
    slice (*output)(void *client);
    void (*sent)(void *client, size_t octets);
    bool trickle;
};

static inline void played_give(struct played *played, slice octets)
{
    size_t step = played->trickle ? 1 : octets.len;
    for (; octets.len; octets = slice_from(octets, step))
        played->input(played->client, slice_upto(octets, step));
}

/* "C: text": exactly this line, and it is taken. */
static inline void played_expect(struct played *played, slice line)
{
    slice out = played->output(played->client);
    ck_assert_msg(out.len >= line.len + 2 && slice_equal(slice_upto(out, line.len), line) &&
                      slice_starts(slice_from(out, line.len), "\r\n"),
                  "wanted \"%.*s\", it says \"%.*s\"", SLICE_ARG(line), SLICE_ARG(out));
    played->sent(played->client, line.len + 2);
}

static inline void play(struct played *played, const char *script)
{
    slice rest = slice_of(script);
    struct buf server = BUF_MAX(1u << 20);
    while (rest.len) {
        slice line = take_until(&rest, '\n');
        if (take_prefix(&line, "S: ") || slice_is(line, "S:")) {
            buf_add(&server, slice_is(line, "S:") ? SLICE_EMPTY : line);
            buf_add_text(&server, "\r\n");
            continue;
        }
        played_give(played, buf_slice(&server));
        buf_clear(&server);
        must(take_prefix(&line, "C: "));
        played_expect(played, line);
    }
    played_give(played, buf_slice(&server));
    ck_assert_uint_eq(played->output(played->client).len, 0);
    buf_free(&server);
}

#endif
