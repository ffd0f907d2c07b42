/* check_account.c: `check device NAME account is WORDS`: how its mail program is set. When it
   synchronises by itself is no part of it. */
#include "base/words.h"
#include "sim/devices/device.h"
#include "sim/devices/device_mail.h"
#include "sim/language/check_private.h"

static bool is_same(const struct mail_account *a, const struct mail_account *b)
{
    return a->program == b->program && a->removes == b->removes && a->keep_ms == b->keep_ms;
}

bool check_account(struct check *check, const struct device *device)
{
    slice is = word_take(&check->rest), words = slice_trim(check->rest);
    slice kind = word_peek(words);
    if (!slice_is(is, "is"))
        return check_wrong(check, is, "`is` belongs here: account is pop3 keep 7d");
    if (!slice_is(kind, "pop3") && !slice_is(kind, "imap") && !slice_is(kind, "like"))
        return check_wrong(check, kind, "pop3 ... or imap ... or like ..., as `help device` says");
    struct mail_account wanted = mail_account_read(words),
                        now = mail_account_read(slice_of(device->program));
    check->ok = is_same(&wanted, &now);
    buf_add_text(&check->found, device->program);
    return true;
}
