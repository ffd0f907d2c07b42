/* digest.h: secrets and hashes: what is compared, and how nobody learns from the time. */
#ifndef SERVERS_AUTH_DIGEST_H
#define SERVERS_AUTH_DIGEST_H

#include "base/buf.h"
#include "base/slice.h"

/* In a time that depends on b's length only: b is the stranger's, a is ours. */
bool secret_equal(slice a, slice b);
void md5_hex(struct buf *, slice octets);     /* 32 lower-case digits */
/* RFC 1939 APOP: digest_hex is MD5 of timestamp (with its brackets) and password. */
bool apop_verify(slice timestamp, slice password, slice digest_hex);
/* RFC 2195 2: digest_hex is HMAC-MD5 of the challenge, with the password as the key. */
bool cram_verify(slice challenge, slice password, slice digest_hex);
void cram_hex(struct buf *, slice challenge, slice password); /* as the client makes it */

#endif
