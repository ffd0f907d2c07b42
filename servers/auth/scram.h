/* scram.h: SCRAM-SHA-256 (RFC 5802, 7677), without channel binding: four messages in which
   both ends prove that they know the password, and neither says it. */
#ifndef SERVERS_AUTH_SCRAM_H
#define SERVERS_AUTH_SCRAM_H

#include "servers/auth/sasl.h"

enum sasl_result scram_step(struct sasl *, slice answer);
/* Compares her proof and, whatever comes of it, makes ours: "v=…" */
bool scram_proves(struct sasl *, slice password);
/* The client's: RFC 5802 3, of the three messages so far with commas between them. */
void scram_client_proof(slice password, slice salt, unsigned iterations, slice message,
                        uint8_t proof[SCRAM_HASH_BYTES]);
/* A salt that looks like any other and is the same whenever the name is asked for,
   whether somebody has it or not: nobody learns from it who lives here. */
void scram_salt(uint64_t secret, slice host, slice name, uint8_t salt[SCRAM_SALT_BYTES]);

#endif
