/* login.h: is it really she? The one place that compares passwords with the store's. */
#ifndef SERVERS_LOGIN_H
#define SERVERS_LOGIN_H

#include "servers/auth/sasl.h"
#include "servers/session.h"
#include "servers/store/store.h"

/* name is "ana" or "ana@campus.example", among the users of this host. An unknown user
   and a wrong password take the same path and give the same false; so does a failing
   store (store_failed tells). On true *out is filled. Changes no session. */
bool login_check(struct session *, slice name, slice password, struct user *out);
/* SASL's first step and those that follow, in a table's terms: OUT_CONTINUE with the
   challenge in {detail}; OUT_OK with *out filled, after the same check, and nobody may act
   as somebody else; OUT_BAD_LOGIN, OUT_CANCELLED (of an answer only), OUT_UNSUPPORTED (no
   such mechanism), OUT_SYNTAX. Wipes the exchange when it is over. */
enum outcome login_sasl(struct session *, struct sasl *, slice mechanism, const slice *initial,
                        struct user *out);
enum outcome login_sasl_answer(struct session *, struct sasl *, slice line, struct user *out);
/* APOP: the digest instead of the password. */
bool login_check_apop(struct session *, slice name, slice timestamp, slice digest_hex,
                      struct user *out);

#endif
