/* tls.c: see tls.h. One connection's TLS, and what all connections share; how a certificate
   is made is tls_certificate.c, what there is without OpenSSL tls_none.c. */
#include "gateway/tls_private.h"

#ifdef HAVE_OPENSSL

#include <stdio.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/spare.h"

#define RECORD_BYTES_MAX 16384   /* RFC 8446 5.1: what one record carries */

struct tls {
    SSL *ssl;
    BIO *heard, *to_send;   /* the SSL owns both */
    size_t sent;            /* of what lies in to_send */
    bool peer_finished, failed, finished;
    bool told;              /* how the handshake ended */
    char words[160];        /* why it failed, or "" */
};

bool tls_is_built_in(void) { return true; }

/* --- what all connections share ------------------------------------------------------------ */

/* The newest thing that OpenSSL complained about, in its own words. */
bool tls_error(struct error *why, const char *what)
{
    char words[200];
    unsigned long code = ERR_peek_last_error();
    ERR_error_string_n(code, words, sizeof words);
    ERR_clear_error();
    return error_set(why, "%s: %s", what, code ? words : "no reason given");
}

/* Nobody is asked for a password in the middle of things: a key that needs one is refused. */
static int no_password(char *to, int size, int writing, void *context)
{
    (void)to;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

/* Tickets would be a memory that outlives the process; a local server needs no resumption.
   Buffers of connections that are silent are given back. */
struct tls_server *tls_server_of(EVP_PKEY *key, X509 *certificate)
{
    struct tls_server *server = calloc(1, sizeof *server);
    must(server != NULL);
    server->context = SSL_CTX_new(TLS_server_method());
    must(server->context != NULL);
    SSL_CTX_set_min_proto_version(server->context, TLS1_2_VERSION);
    SSL_CTX_set_options(server->context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
    SSL_CTX_set_default_passwd_cb(server->context, no_password);
    SSL_CTX_set_num_tickets(server->context, 0);
    SSL_CTX_set_session_cache_mode(server->context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(server->context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                          SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if ((!certificate || SSL_CTX_use_certificate(server->context, certificate) == 1) &&
        (!key || SSL_CTX_use_PrivateKey(server->context, key) == 1))
        return server;
    tls_server_free(server);
    return NULL;
}

struct tls_server *tls_server_new(const char *cert_path, const char *key_path, struct error *why)
{
    char what[600];
    struct tls_server *server = tls_server_of(NULL, NULL);
    must(server != NULL);
    snprintf(what, sizeof what, "the certificate %.500s cannot be used", cert_path);
    if (SSL_CTX_use_certificate_chain_file(server->context, cert_path) == 1) {
        snprintf(what, sizeof what, "the key %.500s cannot be used", key_path);
        if (SSL_CTX_use_PrivateKey_file(server->context, key_path, SSL_FILETYPE_PEM) == 1 &&
            SSL_CTX_check_private_key(server->context) == 1)
            return server;
    }
    tls_error(why, what);
    tls_server_free(server);
    return NULL;
}

void tls_server_free(struct tls_server *server)
{
    if (server)
        SSL_CTX_free(server->context);
    free(server);
}

bool tls_server_fits(const struct tls_server *server, const char *host)
{
    X509 *certificate = SSL_CTX_get0_certificate(server->context);
    return certificate && X509_cmp_current_time(X509_get0_notBefore(certificate)) < 0 &&
           X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0 &&
           X509_check_host(certificate, "localhost", 0, 0, NULL) == 1 &&
           X509_check_host(certificate, host, 0, 0, NULL) == 1;
}

/* --- one connection ------------------------------------------------------------------------ */

/* An alert (RFC 8446 6) says why in the words of the standard, whoever sent it. */
static void tls_noted(const SSL *ssl, int where, int value)
{
    struct tls *tls = SSL_get_app_data(ssl);
    if (!(where & SSL_CB_ALERT) || (value >> 8) != SSL3_AL_FATAL || tls->words[0])
        return;
    snprintf(tls->words, sizeof tls->words, "the %s's alert: %s (%d)",
             where & SSL_CB_READ ? "client" : "server", SSL_alert_desc_string_long(value),
             value & 0xff);
}

struct tls *tls_new(struct tls_server *server)
{
    struct tls *tls = spare_take(sizeof *tls);
    if (!tls)
        return NULL;
    tls->ssl = SSL_new(server->context);
    tls->heard = BIO_new(BIO_s_mem());
    tls->to_send = BIO_new(BIO_s_mem());
    if (!tls->ssl || !tls->heard || !tls->to_send) {
        BIO_free(tls->heard);
        BIO_free(tls->to_send);
        SSL_free(tls->ssl);
        free(tls);
        return NULL;
    }
    BIO_set_mem_eof_return(tls->heard, -1);  /* empty means: later, not: the end */
    SSL_set_bio(tls->ssl, tls->heard, tls->to_send);
    SSL_set_accept_state(tls->ssl);
    SSL_set_app_data(tls->ssl, tls);
    SSL_set_info_callback(tls->ssl, tls_noted);
    return tls;
}

void tls_free(struct tls *tls)
{
    if (!tls)
        return;
    SSL_free(tls->ssl);
    free(tls);
}

size_t tls_bytes(const struct tls *tls)
{
    return BIO_ctrl_pending(tls->heard) + BIO_ctrl_pending(tls->to_send);
}

void tls_heard(struct tls *tls, slice octets)
{
    if (octets.len && BIO_write(tls->heard, octets.at, (int)octets.len) != (int)octets.len)
        tls->failed = true;
}

/* What a call that gave nothing means. */
static void tls_judge(struct tls *tls, int result)
{
    const char *reason;
    switch (SSL_get_error(tls->ssl, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: break;
    case SSL_ERROR_ZERO_RETURN: tls->peer_finished = true; break;
    default:
        tls->failed = true;
        reason = ERR_reason_error_string(ERR_peek_error());
        if (!tls->words[0])
            snprintf(tls->words, sizeof tls->words, "%s", reason ? reason : "no reason given");
    }
    ERR_clear_error();
}

void tls_left(struct tls *tls)
{
    if (tls->words[0] == '\0' && !tls->failed && !SSL_is_init_finished(tls->ssl))
        snprintf(tls->words, sizeof tls->words, "the client left in the middle of the handshake");
}

bool tls_news(struct tls *tls, bool *done, slice *words)
{
    *done = tls_is_ready(tls);
    if (tls->told || (!*done && !tls->words[0]))
        return false;
    tls->told = true;
    if (*done)
        snprintf(tls->words, sizeof tls->words, "%s, %s", SSL_get_version(tls->ssl),
                 SSL_get_cipher_name(tls->ssl));
    *words = slice_of(tls->words);
    return true;
}

size_t tls_read(struct tls *tls, char *to, size_t max)
{
    size_t got = 0;
    if (tls->failed || tls->peer_finished)
        return 0;
    ERR_clear_error();
    int result = SSL_read_ex(tls->ssl, to, max, &got);
    if (result != 1)
        tls_judge(tls, result);
    return result == 1 ? got : 0;
}

size_t tls_write(struct tls *tls, slice octets)
{
    size_t taken = 0;
    if (!tls_is_ready(tls) || tls->finished || octets.len == 0 || tls_to_send(tls).len)
        return 0;
    ERR_clear_error();
    int result = SSL_write_ex(tls->ssl, octets.at,
                              octets.len < RECORD_BYTES_MAX ? octets.len : RECORD_BYTES_MAX,
                              &taken);
    if (result != 1)
        tls_judge(tls, result);
    return result == 1 ? taken : 0;
}

/* In the middle of a handshake there is nothing to notify of. */
void tls_finish(struct tls *tls)
{
    if (tls->finished || !tls_is_ready(tls))
        return;
    tls->finished = true;
    ERR_clear_error();
    if (SSL_shutdown(tls->ssl) < 0)
        tls->failed = true;
    ERR_clear_error();
}

slice tls_to_send(const struct tls *tls)
{
    char *at = NULL;
    long len = BIO_get_mem_data(tls->to_send, &at);
    return len > 0 ? slice_from((slice){ at, (size_t)len }, tls->sent) : SLICE_EMPTY;
}

void tls_sent(struct tls *tls, size_t octets)
{
    tls->sent += octets;
    if (tls_to_send(tls).len)
        return;
    (void)BIO_reset(tls->to_send);
    tls->sent = 0;
}

bool tls_is_ready(const struct tls *tls)
{
    return !tls->failed && SSL_is_init_finished(tls->ssl);
}
bool tls_peer_finished(const struct tls *tls) { return tls->peer_finished; }
bool tls_has_failed(const struct tls *tls) { return tls->failed; }

#endif
