/* tls.h: TLS for one socket, without the socket: octets that came from it are handed in,
   octets for it are handed out (OpenSSL over memory BIOs). TLS 1.2 and 1.3, no session is
   resumed, no renegotiation. bridge.c joins it to a socket; the engines never see it.
   Built without OpenSSL there is none: tls_server_new and tls_files_make say so. */
#ifndef GATEWAY_TLS_H
#define GATEWAY_TLS_H

#include "base/error.h"
#include "base/slice.h"

/* --- the certificate: one for all connections --------------------------------------------- */

struct tls_server;

bool tls_is_built_in(void);
/* From PEM files: the certificate (and its chain), the key. NULL: why. */
struct tls_server *tls_server_new(const char *cert_path, const char *key_path,
                                  struct error *why) MUST_CHECK;
/* With a certificate of its own that is kept nowhere. NULL: why. */
struct tls_server *tls_server_new_unkept(slice host, struct error *why) MUST_CHECK;
void tls_server_free(struct tls_server *);            /* after its connections; NULL is allowed */
/* Is the certificate valid today, and for a host of that name and for localhost? */
bool tls_server_fits(const struct tls_server *, const char *host);
/* Writes a self-signed certificate for localhost, 127.0.0.1, ::1 and the host's name (ECDSA
   on P-256), and its key, which only its owner may read. Either file is whole or not there. */
bool tls_files_make(const char *cert_path, const char *key_path, slice host,
                    struct error *why) MUST_CHECK;

/* --- one connection ----------------------------------------------------------------------- */

struct tls;

struct tls *tls_new(struct tls_server *);             /* NULL: no memory */
void tls_free(struct tls *);                          /* NULL is allowed */
size_t tls_bytes(const struct tls *);                 /* held in its two buffers now */
/* From the socket. Taken whole; call it only after tls_read gave 0. */
void tls_heard(struct tls *, slice octets);
/* What the peer says, at most max octets; 0: nothing more in what was heard. The handshake
   goes on in here too. */
size_t tls_read(struct tls *, char *to, size_t max);
/* How much was taken: a record at most, 0 before the handshake is done, and 0 while
   tls_to_send still has something. */
size_t tls_write(struct tls *, slice octets);
void tls_finish(struct tls *);                        /* close_notify, once */
/* For the socket: valid until the next call. Of it, so many octets were sent. */
slice tls_to_send(const struct tls *);
void tls_sent(struct tls *, size_t octets);
bool tls_is_ready(const struct tls *); /* the handshake is done, and nothing failed */
bool tls_peer_finished(const struct tls *);           /* its close_notify has come */
/* The handshake's end, told once: true, and *done says how. words: "TLSv1.3, CIPHER", or the alert
   or reason; valid as long as tls. A client that leaves in the middle has to be told by
   tls_left. */
bool tls_news(struct tls *, bool *done, slice *words);
void tls_left(struct tls *);                          /* the socket's end came; for tls_news */
bool tls_has_failed(const struct tls *);              /* send what is to be sent, then close */

#endif
