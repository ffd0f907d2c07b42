/* tls_private.h: between tls.c and tls_certificate.c only. */
#ifndef GATEWAY_TLS_PRIVATE_H
#define GATEWAY_TLS_PRIVATE_H

#include "gateway/tls.h"

#ifdef HAVE_OPENSSL

#include <openssl/ssl.h>

struct tls_server {
    SSL_CTX *context;
};

bool tls_error(struct error *why, const char *what);   /* with OpenSSL's reason; always false */
/* Takes no ownership. NULL: the two do not fit. Without them: a context that still has none. */
struct tls_server *tls_server_of(EVP_PKEY *key, X509 *certificate);

#endif
#endif
